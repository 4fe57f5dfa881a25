#pragma once
/* Months and quarters as people write them, to their numbers, the rest as it is: 9月, 09月份, 九月, 十一月份, 元月;
 * 第三季度, 三季度, 3季度, Q3. A year in front is not dropped: it would be lost. */
#include "base/slice.h"

void month_normalise(struct slice written, struct buf *out);
void quarter_normalise(struct slice written, struct buf *out);
