#pragma once
/* Shared by schema.c (what is installed and runs) and schema_renew.c (how it is renewed). */
#include "schema.h"

void schema_install(int machine, enum version v);
