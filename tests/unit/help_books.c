#include "help_books.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

void books_make(struct books *w)
{
    *w = (struct books){.today = {2026, 11, 22}, .seat = 1, .roles = ROLES(union_chair)};
    arena_init(&w->arena, 4u << 20);
}

void books_finish(struct books *w)
{
    arena_finish(&w->arena);
}

const char *books_ref(struct books *w, unsigned n)
{
    return arena_format(&w->arena, "0192f0c1-2345-7abc-8def-%012x", n);
}

static struct id books_id(struct books *w, unsigned n)
{
    struct id id;
    assert_int_equal(id_parse(books_ref(w, n), &id), ERR_OK);
    return id;
}

static struct books_row *find(struct books *w, uint32_t kind, struct id id)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->rows[i].kind->number == kind && id_equal(w->rows[i].id, id))
            return &w->rows[i];
    return NULL;
}

static const ProtobufCMessage *related(const void *to, uint32_t kind, struct id id)
{
    struct books_row *row = find(*(struct books *const *)to, kind, id);
    return row ? row->message : NULL;
}

static void children(const void *to, uint32_t kind, const char *field, struct cell value, kind_each *each, void *each_to)
{
    struct books *w = *(struct books *const *)to;
    const struct field_rule *f = kind_field(kind_by_number(kind), field);
    assert_true(f && (f->flags & FIELD_LOOKUP));
    for (size_t i = 0; i < w->count; i++) {
        struct books_row *row = &w->rows[i];
        if (row->kind->number == kind && cell_equal(record_get_name(row->message, field), value) &&
            !each(each_to, row->id, row->message))
            return;
    }
}

static ProtobufCMessage *changed(struct books *w, const struct kind *k, const ProtobufCMessage *before, const char *action,
                                 const char *const *change)
{
    ProtobufCMessage *after = before ? record_copy(before, &w->arena) : record_new(k->descriptor, &w->arena);
    for (const char *const *at = change; *at; at += 2) {
        struct cell empty = {.type = CELL_ABSENT};
        ProtobufCMessage *one = *at[1] ? help_record(k, &w->arena, F(at[0], at[1])) : NULL;
        record_put_name(after, at[0], one ? record_get_name(one, at[0]) : empty, &w->arena);
    }
    const struct action_rule *a = action ? kind_action(k, action) : NULL;
    if (a)
        record_put_name(after, "state", cell_text(action), &w->arena);
    if (a && a->gives)
        record_put_name(after, a->gives, cell_text(action), &w->arena);
    return after;
}

static struct check_context context(struct books *w, struct books *const *self, const struct kind *k, unsigned n)
{
    return (struct check_context){.kind = k,
                                  .id = books_id(w, n),
                                  .related = w->blind ? NULL : related,
                                  .children = w->blind ? NULL : children,
                                  .related_to = self,
                                  .seat = w->seat,
                                  .for_seat = w->for_seat,
                                  .late = w->late,
                                  .roles = w->roles,
                                  .today = w->today,
                                  .arena = &w->arena};
}

static const char *told(struct books *w, const struct findings *list)
{
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < list->count; i++)
        buf_format(&out, "%s %s %s;", list->list[i].severity == SEVERITY_BLOCK ? "BLOCK" : "WARN", list->list[i].code,
                   list->list[i].field ? list->list[i].field : "-");
    const char *text = out.size ? arena_text(&w->arena, buf_slice(&out)) : "";
    buf_finish(&out);
    return text;
}

static const char *attempt(struct books *w, const char *kind, unsigned n, const char *action, const char *const *change, bool keep)
{
    const struct kind *k = kind_by_name(kind);
    struct books_row *row = find(w, k->number, books_id(w, n));
    struct findings list = {.count = 0};
    struct check_context c = context(w, &w, k, n);
    if (action && !kind_action(k, action))
        fail_msg("%s has no action %s", kind, action);
    c.before = row ? row->message : NULL;
    c.after = changed(w, k, c.before, action, change);
    c.action = action;
    kind_check_result(&c, &list);
    if (keep && !row) {
        assert_true(w->count < BOOKS_ROWS);
        row = &w->rows[w->count++];
        *row = (struct books_row){.kind = k, .id = c.id};
    }
    if (keep)
        row->message = (ProtobufCMessage *)c.after;
    return told(w, &list);
}

const char *books_try(struct books *w, const char *kind, unsigned n, const char *action, const char *const *change)
{
    return attempt(w, kind, n, action, change, false);
}

const char *books_do(struct books *w, const char *kind, unsigned n, const char *action, const char *const *change)
{
    return attempt(w, kind, n, action, change, true);
}

void books_put(struct books *w, const char *kind, unsigned n, const char *const *values)
{
    (void)attempt(w, kind, n, NULL, values, true);
}

ProtobufCMessage *books_row(struct books *w, const char *kind, unsigned n)
{
    struct books_row *row = find(w, kind_by_name(kind)->number, books_id(w, n));
    return row ? row->message : NULL;
}

struct check_context books_context(struct books *w, const char *kind, unsigned n)
{
    struct books **self = arena_alloc(&w->arena, sizeof *self); /* outlives this call, as the context does */
    assert_non_null(self);
    *self = w;
    struct check_context c = context(w, self, kind_by_name(kind), n);
    c.after = books_row(w, kind, n);
    return c;
}

/* ---- derived ---- */

static void on_derived(void *to, const char *name, struct cell value)
{
    struct buf *out = to;
    buf_format(out, "%s=", name);
    if (value.type == CELL_TEXT)
        buf_append_slice(out, value.bytes);
    else if (value.type == CELL_BOOL)
        buf_text(out, value.integer ? "yes" : "no");
    else
        buf_format(out, "%lld", (long long)value.integer);
    buf_text(out, ";");
}

const char *books_derived(struct books *w, const char *kind, unsigned n)
{
    struct check_context c = books_context(w, kind, n);
    struct buf out = BUF_INIT;
    assert_non_null(c.after);
    c.kind->derive(&c, on_derived, &out);
    const char *text = out.size ? arena_text(&w->arena, buf_slice(&out)) : "";
    buf_finish(&out);
    return text;
}

/* ---- measures ---- */

struct sum {
    char name[96];
    int64_t value;
};
struct sum_list {
    struct sum list[128];
    size_t count;
    const char *front; /* put before each name */
};

static void on_measure(void *to, const char *name, int64_t delta)
{
    struct sum_list *s = to;
    char full[96];
    size_t i = 0;
    snprintf(full, sizeof full, "%s%s", s->front, name);
    while (i < s->count && strcmp(s->list[i].name, full) != 0)
        i++;
    if (i == s->count) {
        assert_true(s->count < sizeof s->list / sizeof s->list[0]);
        s->list[s->count++] = (struct sum){.value = 0};
        memcpy(s->list[i].name, full, sizeof full);
    }
    s->list[i].value += delta;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct sum *)a)->name, ((const struct sum *)b)->name);
}

static bool is_of(const struct account *a, const struct kind *k)
{
    for (size_t i = 0; a->kinds[i]; i++)
        if (a->kinds[i] == k->number)
            return true;
    return false;
}

static const ProtobufCMessage *whole_of(struct books *w, const struct account *a, const ProtobufCMessage *part)
{
    struct cell by = record_get_name(part, a->by);
    for (size_t i = 0; i < w->count; i++)
        if (w->rows[i].kind->number == a->whole && cell_equal(by, cell_bytes(id_slice(&w->rows[i].id))))
            return w->rows[i].message;
    return NULL;
}

static void add_parts(struct books *w, const struct account *a, struct sum_list *sums)
{
    for (size_t i = 0; i < w->count; i++) {
        if (!is_of(a, w->rows[i].kind) || w->rows[i].kind->number == a->whole)
            continue;
        const ProtobufCMessage *list[] = {w->rows[i].message, whole_of(w, a, w->rows[i].message)};
        a->measure(&(struct account_rows){.list = list, .count = list[1] ? 2 : 1}, 1, on_measure, sums);
    }
}

/* Every account once: at the first of its rows. */
static void add_accounts(struct books *w, const struct account *a, struct sum_list *sums)
{
    for (size_t i = 0; i < w->count; i++) {
        const ProtobufCMessage *list[BOOKS_ROWS];
        struct account_rows rows = {.list = list};
        bool first = true;
        for (size_t j = 0; is_of(a, w->rows[i].kind) && j < w->count; j++) {
            const ProtobufCMessage *one = w->rows[i].message, *other = w->rows[j].message;
            if (!is_of(a, w->rows[j].kind) || !cell_equal(record_get_name(one, a->by), record_get_name(other, a->by)) ||
                !cell_equal(record_get_name(one, a->key), record_get_name(other, a->key)))
                continue;
            first = first && j >= i;
            list[rows.count++] = other;
        }
        for (size_t j = 0; rows.count && a->about && j < w->count; j++)
            rows.gone = rows.gone || (w->rows[j].kind->number == a->about && w->rows[j].kind->gone(w->rows[j].message) &&
                                      cell_equal(record_get_name(w->rows[i].message, a->by), cell_bytes(id_slice(&w->rows[j].id))));
        if (rows.count && first)
            a->measure(&rows, 1, on_measure, sums);
    }
}

const char *books_measures(struct books *w, const char *kind)
{
    const struct kind *k = kind_by_name(kind);
    struct sum_list sums = {.front = ""};
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < w->count; i++)
        if (w->rows[i].kind == k)
            k->measure(k, w->rows[i].message, 1, on_measure, &sums);
    if (k->account && k->account->whole)
        add_parts(w, k->account, &sums);
    else if (k->account)
        add_accounts(w, k->account, &sums);
    qsort(sums.list, sums.count, sizeof sums.list[0], by_name);
    for (size_t i = 0; i < sums.count; i++)
        if (sums.list[i].value)
            buf_format(&out, "%s=%lld;", sums.list[i].name, (long long)sums.list[i].value);
    const char *text = out.size ? arena_text(&w->arena, buf_slice(&out)) : "";
    buf_finish(&out);
    return text;
}
