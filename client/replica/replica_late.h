#pragma once
/* Inside of the table late_entry, shared by replica_late.c and replica_late_portion.c: what `dealt` says where it is no seq. */
#define LATE_WAITS "0"
#define LATE_ANCHOR "-1"
