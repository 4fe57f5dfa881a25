#pragma once
/* Sums as papers about money write them: in figures, and in the capital numerals that nobody can turn into others. */
#include "base/slice.h"

/* "1,010.10", "-20.00" */
void amount_figures(int64_t fen, struct buf *out);
/* "壹仟零壹拾元壹角". By the rules for filling in bills (支付结算办法, annex 1): 整 after whole yuan, none after jiao or fen; one 零
 * for zeros in between; 零 between yuan and fen where there are no jiao. Where the rules leave a 零 free (a zero at the end of
 * the yuan or of the ten thousands) none is written. A negative sum begins with 负. */
void amount_capitals(int64_t fen, struct buf *out);
