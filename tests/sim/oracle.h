#pragma once
/* What must hold: meanwhile, and when people rest, the faults are over and everything had time to heal. */
#include "district.h"

/* From now on it looks each evening. */
void oracle_begin(struct district *d);
/* After the faults: everybody is online, seats that were suspended are let in; runs until all is level or the time is over. */
void oracle_heal(struct district *d);
/* In the end. */
void oracle_expect(struct district *d);
