#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "help_table.h"

static const char *const by_name[] = {"name", NULL};

const struct table_spec sample_old = {"sample", SAMPLE, &table_sample__old__descriptor, NULL, NULL};
const struct table_spec sample_new = {"sample", SAMPLE, &table_sample__new__descriptor, NULL, NULL};
const struct table_spec sample_other = {"other", OTHER, &table_sample__other__descriptor, by_name, NULL};

static void open_set(struct sample *s, enum db_mode mode, const struct table_spec *spec)
{
    s->specs[0] = *spec;
    s->specs[1] = sample_other;
    assert_int_equal(db_open(folder_file(&s->dir, "a.db"), DB_CLIENT, mode, 1, &s->db), ERR_OK);
    assert_int_equal(table_set_open(s->db, s->specs, 2, &s->set), ERR_OK);
}

void sample_make(struct sample *s, const struct table_spec *spec)
{
    *s = (struct sample){0};
    folder_make(&s->dir);
    arena_init(&s->arena, 8u << 20);
    open_set(s, DB_CREATE, spec);
}

void sample_reopen(struct sample *s, const struct table_spec *spec)
{
    table_set_close(s->set);
    db_close(s->db);
    open_set(s, DB_OPEN, spec);
}

void sample_remove(struct sample *s)
{
    table_set_close(s->set);
    db_close(s->db);
    arena_finish(&s->arena);
    folder_remove(&s->dir);
}

struct id sample_id(unsigned n)
{
    struct id id = {{0x01, 0x92, 0, 0, 0, 0, 0x70, 0, 0x80}};
    id.bytes[14] = (uint8_t)(n >> 8);
    id.bytes[15] = (uint8_t)n;
    return id;
}

int64_t sample_number(struct sample *s, const char *sql)
{
    struct db_statement *statement;
    bool row = false;
    assert_int_equal(db_prepare(s->db, sql, &statement), ERR_OK);
    assert_int_equal(db_step(statement, &row), ERR_OK);
    assert_true(row);
    int64_t n = db_integer(statement, 0);
    db_reset(statement);
    return n;
}
