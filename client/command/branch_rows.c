/* See branch_rows.h. */
#include "client/command/branch_rows.h"
#include "base/limits.h"
#include "wire/wire.h"

#include <string.h>

#define ASK_MS 20000 /* for the server's answer, connecting included */

struct branch_rows {
    const struct branch_rows *next;
    uint32_t kind;
    struct slice ids;
    int64_t age_ms;
};

static bool is_own(struct seat *s, const char *code)
{
    struct replica_org org;
    return replica_org_by_code(s->replica, code, &s->arena, &org) == ERR_OK && org.held;
}

void branch_rows_look(struct seat *s, const char *code)
{
    s->branch = code && !is_own(s, code) ? code : NULL;
}

bool branch_rows_apply(const struct seat *s, const struct kind *k)
{
    return s->branch && k->owner != OWNER_ABOVE;
}

static const struct branch_rows *asked(const struct seat *s, const struct kind *k)
{
    const struct branch_rows *b = s->branch_rows;
    while (b && b->kind != k->number)
        b = b->next;
    return b;
}

struct slice branch_rows_asked(const struct seat *s, const struct kind *k)
{
    const struct branch_rows *b = asked(s, k);
    return b ? b->ids : slice_of(NULL, 0);
}

void branch_rows_each(struct seat *s, const struct kind *k, replica_each *each, void *to)
{
    struct slice ids = branch_rows_asked(s, k);
    struct arena arena;
    bool more = true;
    arena_init(&arena, LIMIT_ARENA);
    for (size_t at = 0; more && at + ID_SIZE <= ids.size; at += ID_SIZE) {
        struct replica_row row;
        if (replica_load(s->replica, k->number, id_from(slice_of(ids.data + at, ID_SIZE)), s->now_ms, &arena, &row) == ERR_OK)
            more = each(to, &row);
        arena_reset(&arena);
    }
    arena_finish(&arena);
}

/* ---- asking ---- */

struct fetched {
    struct seat *seat;
    struct buf ids;
    enum err failed;
};

static void on_rows(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    struct fetched *f = to;
    if (type != FRAME_ROWS || f->failed != ERR_OK)
        return;
    const Wire__Rows *rows = (const Wire__Rows *)message;
    f->failed = replica_see(f->seat->replica, rows, f->seat->now_ms);
    for (size_t i = 0; i < rows->n_row; i++)
        if (rows->row[i]->id.len == ID_SIZE)
            buf_append(&f->ids, rows->row[i]->id.data, ID_SIZE);
}

/* A server that has just not answered this command is not called again: each call may take all of its patience. */
static void ask_rows(struct seat *s, const struct kind *k, const struct id *id, struct fetched *f, struct agent_result *result)
{
    struct agent_options options = {.deadline_ms = ASK_MS};
    Wire__RowsAsk ask = WIRE__ROWS_ASK__INIT;
    struct id one = id ? *id : (struct id){{0}};
    ask.org_code = (char *)s->branch;
    ask.has_kind = 1;
    ask.kind = k->number;
    if (id) {
        ask.has_id = ask.has_id_bits = 1;
        ask.id = (ProtobufCBinaryData){ID_SIZE, one.bytes};
        ask.id_bits = ID_SIZE * 8;
    }
    *f = (struct fetched){.seat = s};
    if (s->branch_away)
        result->why = ERR_OFFLINE;
    else
        agent_ask(s->replica, FRAME_ROWS_ASK, &ask.base, &options, on_rows, f, result);
    s->branch_away = result->why != ERR_OK && err_class(result->why) == ERR_CLASS_LATER;
}

static void remember(struct seat *s, const struct kind *k, struct slice ids, int64_t age_ms)
{
    struct branch_rows *b = arena_alloc(&s->arena, sizeof *b);
    CHECK(b); /* the command's own arena is large enough for the ids of a branch */
    *b = (struct branch_rows){.next = s->branch_rows, .kind = k->number, .ids = ids, .age_ms = age_ms};
    s->branch_rows = b;
}

/* The whole answer, in the seat's arena; also what was answered last, where the server cannot be reached. */
static enum err take_answer(struct seat *s, const struct kind *k, const struct fetched *f, enum err why)
{
    struct buf key = BUF_INIT;
    struct slice ids;
    int64_t at;
    enum err e = why != ERR_OK ? why : f->failed;
    buf_format(&key, "list %s %s", k->name, s->branch);
    if (e == ERR_OK)
        e = replica_put_answer(s->replica, buf_c_string(&key), buf_slice(&f->ids), s->now_ms);
    if (e == ERR_OK)
        remember(s, k, arena_copy(&s->arena, buf_slice(&f->ids)), -1);
    else if (err_class(why) == ERR_CLASS_LATER &&
             (e = replica_get_answer(s->replica, buf_c_string(&key), s->now_ms, &s->arena, &ids, &at)) == ERR_OK)
        remember(s, k, ids, s->now_ms - at);
    buf_finish(&key);
    return e;
}

/* Offline it is not the server that is missed, but what was never looked at while it was there. */
static void say_never_seen(const struct seat *s, const struct kind *k)
{
    struct buf said = BUF_INIT, next = BUF_INIT;
    buf_format(&said, _("%s of %s have not been looked at on this device, and the server cannot be reached"), label_in(k->label, command_language()),
               s->branch);
    buf_format(&next, _("once there is a network: banyan list %s --branch %s; what was listed can be worked on without one"), k->name, s->branch);
    (void)command_say(buf_c_string(&said), buf_c_string(&next)); /* the caller's status */
    buf_finish(&said);
    buf_finish(&next);
}

bool branch_rows_ask(struct seat *s, const struct kind *k, struct slice *ids, int64_t *age_ms, int *status)
{
    struct agent_result result = {0};
    struct fetched f;
    enum err e = ERR_OK;
    if (!asked(s, k)) {
        ask_rows(s, k, NULL, &f, &result);
        e = take_answer(s, k, &f, result.why);
        buf_finish(&f.ids);
    }
    if (e != ERR_OK && err_class(result.why) == ERR_CLASS_LATER)
        say_never_seen(s, k);
    else if (result.why != ERR_OK && e != ERR_OK)
        (void)command_contact(&result); /* said; its status 3 is sync's alone */
    else if (e != ERR_OK)
        (void)command_failed(s, e, k->name); /* said */
    agent_result_finish(&result);
    if (e != ERR_OK) {
        *status = EXIT_FAILED;
        return false;
    }
    *ids = asked(s, k)->ids;
    *age_ms = asked(s, k)->age_ms;
    return true;
}

static bool is_column(const struct kind *k, const char *field)
{
    for (size_t i = 0; k->columns && k->columns[i]; i++)
        if (strcmp(k->columns[i], field) == 0)
            return true;
    return false;
}

void branch_rows_ask_named(struct seat *s, const struct kind *k)
{
    for (size_t i = 0; i < k->field_count; i++) {
        const struct field_rule *f = &k->fields[i];
        const struct kind *named = f->type == FIELD_REFERENCE && is_column(k, f->name) ? kind_by_number(f->reference) : NULL;
        struct agent_result result = {0};
        struct fetched fetched;
        if (!named || named == k || asked(s, named) || named->owner == OWNER_ABOVE || kind_access(named, NULL, s->facts.roles) < ACCESS_OPEN)
            continue;
        ask_rows(s, named, NULL, &fetched, &result);
        (void)take_answer(s, named, &fetched, result.why); /* names are not what was asked for */
        buf_finish(&fetched.ids);
        agent_result_finish(&result);
    }
}

bool branch_rows_ask_one(struct seat *s, const struct kind *k, struct id id, int *status)
{
    struct agent_result result = {0};
    struct fetched f;
    ask_rows(s, k, &id, &f, &result);
    buf_finish(&f.ids);
    bool good = result.why == ERR_OK || err_class(result.why) == ERR_CLASS_LATER;
    if (result.why != ERR_OK && good)
        command_warn(_("the server cannot be reached; this is what it answered last"));
    if (good) {
        agent_result_finish(&result);
        return true;
    }
    (void)command_contact(&result); /* said; its status 3 is sync's alone */
    *status = EXIT_FAILED;
    return false;
}
