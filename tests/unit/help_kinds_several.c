#include "help_kinds_several.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ALL_ROLES ((1u << ROLE_COUNT) - 1)

struct walk {
    const struct kind *kind;
    struct buf *problems;
};

static void __attribute__((format(printf, 2, 3))) problem(const struct walk *w, const char *format, ...)
{
    char line[512];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    buf_format(w->problems, "%s: %s\n", w->kind->name, line);
}

static bool is_text(const struct field_rule *f)
{
    return f->type == FIELD_TEXT || f->type == FIELD_CODE || f->type == FIELD_DATE;
}

/* -- fields -- */

static void walk_field(const struct walk *w, const struct field_rule *f)
{
    const struct kind *k = w->kind;
    if ((f->flags & FIELD_LOOKUP) && !is_text(f) && f->type != FIELD_REFERENCE && f->type != FIELD_INTEGER)
        problem(w, "records are not found by a field like %s", f->name);
    if ((f->flags & FIELD_AUTHOR) &&
        (f->type != FIELD_INTEGER || (f->flags & (FIELD_SERVER | FIELD_SIDE)) || kind_author_field(k) != f))
        problem(w, "field %s cannot hold who entered the record", f->name);
    if (f->given_at && (!(f->flags & FIELD_SERVER) || !kind_action(k, f->given_at)))
        problem(w, "the number %s is given at %s, which cannot be", f->name, f->given_at);
    if ((f->flags & FIELD_ALWAYS) && k->state_count == 0)
        problem(w, "field %s may be set in any state, but there are none", f->name);
}

/* -- rights -- */

static void walk_own_right(const struct walk *w, const struct right_rule *r)
{
    const struct kind *k = w->kind;
    if (r->roles == 0 || (r->roles & ~ALL_ROLES) || (r->may & RIGHT_ADD) || (!r->may && !r->actions))
        problem(w, "an own right of no role, or to nothing, or to add");
    for (int role = 0; role < ROLE_COUNT; role++)
        if ((r->roles & (1u << role)) && kind_access(k, NULL, 1u << role) != ACCESS_FULL)
            problem(w, "%s may write its own, but not read it", role_name((enum role)role));
    for (const char *const *a = r->actions; a && *a; a++)
        if (strcmp(*a, "*") != 0 && !kind_action(k, *a))
            problem(w, "an own right names %s, which is no action", *a);
}

static role_set who_keep_copies(const struct kind *k)
{
    return k->owner == OWNER_BRANCH ? ROLES_BRANCH : ALL_ROLES;
}

static void walk_row_access(const struct walk *w, struct arena *arena)
{
    const struct kind *k = w->kind;
    struct kind by_table = *k;
    by_table.row_access = NULL;
    const ProtobufCMessage *row = record_new(k->descriptor, arena);
    for (int role = 0; role < ROLE_COUNT; role++) {
        role_set one = 1u << role;
        enum access table = kind_access(&by_table, NULL, one);
        bool same = kind_access(k, NULL, one) == table && kind_access(k, row, one) == table;
        if ((who_keep_copies(k) & one) && !same)
            problem(w, "%s keeps a copy of the owner's records, and reads some of them only",
                    role_name((enum role)role));
    }
}

/* -- accounts, derived fields -- */

static void walk_account_kind(const struct walk *w, uint32_t number)
{
    const struct account *a = w->kind->account;
    const struct kind *k = kind_by_number(number);
    if (k && a->whole == k->number)
        return; /* found by its own id */
    const struct field_rule *by = k ? kind_field(k, a->by) : NULL, *key = k && a->key ? kind_field(k, a->key) : NULL;
    if (!k || k->account != a)
        problem(w, "account %s counts kind %u, which does not say so", a->name, (unsigned)number);
    else if (!by || by->type != FIELD_REFERENCE || !(by->flags & FIELD_LOOKUP) || (a->key && (!key || !is_text(key))))
        problem(w, "account %s: %s has no %s and %s that it could be kept by", a->name, k->name, a->by, a->key ? a->key : "whole");
    else if (!a->whole != !!a->key || (a->whole && by->reference != a->whole))
        problem(w, "account %s: %s is kept neither by a key nor by its whole", a->name, k->name);
}

static void walk_account(const struct walk *w)
{
    const struct account *a = w->kind->account;
    bool counts = false;
    for (const uint32_t *number = a->kinds; *number; number++) {
        walk_account_kind(w, *number);
        counts = counts || *number == w->kind->number;
    }
    if (!counts || !a->measure)
        problem(w, "account %s does not count its own kind", a->name);
}

static void walk_derived(const struct walk *w)
{
    const struct kind *k = w->kind;
    if (!k->derive != !k->derived_count)
        problem(w, "fields derived that are not declared, or declared that are not derived");
    for (size_t i = 0; i < k->derived_count; i++) {
        const struct derived_rule *d = &k->derived[i];
        if (!d->name || !d->label.zh || !d->label.en || (d->type == FIELD_CODE && !d->codes))
            problem(w, "derived field %s lacks its name, labels or codes", d->name ? d->name : "?");
        for (size_t j = 0; j < i; j++)
            if (strcmp(k->derived[j].name, d->name) == 0)
                problem(w, "two derived fields %s", d->name);
    }
}

void help_kinds_walk_several(const struct kind *k, struct buf *problems)
{
    struct walk w = {k, problems};
    struct arena arena;
    arena_init(&arena, 1u << 20);
    for (size_t i = 0; i < k->field_count; i++)
        walk_field(&w, &k->fields[i]);
    for (size_t i = 0; i < k->own_right_count; i++)
        walk_own_right(&w, &k->own_rights[i]);
    if (k->own_right_count && !kind_author_field(k))
        problem(&w, "own rights, but nothing says who entered a record");
    if (k->row_access)
        walk_row_access(&w, &arena);
    if (k->account)
        walk_account(&w);
    walk_derived(&w);
    if (k->similar && (!kind_field(k, k->similar) || kind_field(k, k->similar)->type != FIELD_TEXT))
        problem(&w, "%s is no text that others could resemble", k->similar);
    arena_finish(&arena);
}
