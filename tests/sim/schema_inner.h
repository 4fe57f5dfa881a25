#pragma once
/* Shared by schema.c (what is installed and runs), schema_renew.c (how it is renewed) and schema_rule.c (what a newer rule leaves). */
#include "schema.h"

void schema_install(int machine, enum version v);

/* ---- a rule that was added later (schema_rule.c) ---- */
void schema_rule_comes(struct district *d); /* before the server that knows it begins */
void schema_rule_expect(struct district *d);
void schema_rule_end(void);
