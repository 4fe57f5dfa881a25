#pragma once
/* Lists the kinds SHEET and SLIP until kind_register_extra(NULL). */
void register_test_kinds(void);
