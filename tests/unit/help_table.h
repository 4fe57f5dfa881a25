#pragma once
/* A database with the table of one invented kind, seen by an older or a newer build, and of another. */
#include "base/arena.h"
#include "db/db.h"
#include "help_folder.h"
#include "table/table.h"
#include "table_sample.pb-c.h"

#define SAMPLE 201u
#define OTHER 202u

extern const struct table_spec sample_old, sample_new, sample_other;

struct sample {
    struct folder dir;
    struct db *db;
    struct table_set *set;
    struct table_spec specs[2]; /* as given, and other */
    struct arena arena;
};

void sample_make(struct sample *s, const struct table_spec *spec);
void sample_reopen(struct sample *s, const struct table_spec *spec); /* the same file by another build */
void sample_remove(struct sample *s);
struct id sample_id(unsigned n); /* ascending with n */
int64_t sample_number(struct sample *s, const char *sql);
