/* People of a branch and of the district at random, on devices that are cut off after any frame, cloned, set back to old copies, lost,
 * revoked, and a server that is backed up, restored (again and again, with the control journal or without it), rolled back behind its
 * own back, and called recovered too early. In the end all are level, verify finds nothing, and the ledger is even.
 * BANYAN_SEED=7 or 100-199: these seeds. BANYAN_TRACE=1: each step as it is done. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/replica/attention.h"
#include "client/replica/outbox.h"
#include "help_ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define STEPS 80
#define SEEDS 16
#define HOUR_MS INT64_C(3600000)

static uint64_t random_state;

static unsigned draw(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % below;
}

/* In place of the system's: a seed makes the same ids and incarnations again. */
ssize_t getrandom(void *out, size_t size, unsigned flags)
{
    static uint64_t of_ids = 88172645463325252u;
    uint8_t *at = out;
    (void)flags;
    for (size_t i = 0; i < size; i++) {
        of_ids = of_ids * 6364136223846793005u + random_state + 1442695040888963407u;
        at[i] = (uint8_t)(of_ids >> 56);
    }
    return (ssize_t)size;
}

/* ---- the crowd ---- */

struct backup {
    char name[16];
    uint64_t journal; /* backups that its control journal knows, as bits */
};

#define BACKUPS_MAX 60
static struct crowd {
    struct district d;
    struct ledger ledger;
    struct folder old[DEVICES_MAX];
    bool has_old[DEVICES_MAX];
    unsigned heard; /* devices that had a whole round since the last disaster of the server, as bits */
    bool recovering, journal_lost; /* lost: with the restore that it recovers from */
    bool twins;     /* a lost journal or a rolled back file may give numbers twice: a base may mean either history */
    bool rows_anew; /* for that, or since recovery ended while the server had a stripped copy alone (rule 25), rows may be taken anew */
    struct backup backups[BACKUPS_MAX];
    unsigned backup_count;
    uint64_t journal; /* as of a backup: what the folder's control journal knows */
    bool snapshot;
    uint64_t journal_of_snapshot;
    unsigned token, disasters;
    bool trace;
} c;

enum { CHAIR, SECOND, MEMBER, OFFICER, READER };

static void trace(const char *what, const struct device *v, const char *more)
{
    if (c.trace)
        print_message("  %s %d %s\n", what, v ? (int)(v - c.d.devices) : -1, more);
}

static void crowd_make(uint64_t seed)
{
    random_state = seed * 0x9e3779b97f4a7c15u + 1;
    c = (struct crowd){.trace = getenv("BANYAN_TRACE") != NULL};
    district_make(&c.d);
    uint32_t branch = c.d.server.branch, member = server_add_seat(&c.d.server, branch, "committee_member"),
             officer = server_add_seat(&c.d.server, 1, "district_officer"), reader = server_add_seat(&c.d.server, branch, "accountant");
    district_refresh(&c.d);
    device_chair(&c.d);
    device_second(&c.d);
    device_make(&c.d, member, branch, "qh-01", "branch", "committee_member");
    device_make(&c.d, officer, 1, "qinghe", "district", "district_officer");
    device_make(&c.d, reader, branch, "qh-01", "branch", "accountant"); /* its copies of members are stripped */
}

static void crowd_remove(void)
{
    for (size_t i = 0; i < DEVICES_MAX; i++)
        if (c.has_old[i])
            folder_remove(&c.old[i]);
    ledger_finish(&c.ledger);
    district_remove(&c.d);
}

static unsigned bit_of(const struct device *v)
{
    return 1u << (v - c.d.devices);
}

static bool is_officer(const struct device *v)
{
    return v->seat == c.d.devices[OFFICER].seat;
}

static void look_at_recovery(void)
{
    bool now = store_recovering(c.d.reader, c.d.server.branch) || store_recovering(c.d.reader, 1);
    if (c.recovering && !now) /* entries that only others hold do not come back from now on (rule 27 hands over one's own) */
        ledger_strike(&c.ledger, &c.d, c.journal_lost ? 0 : c.heard);
    if (c.recovering && !now) {
        int64_t stripped = 0;
        assert_int_equal(sql_integer(store_db(c.d.reader), 0, &stripped, "SELECT count(*) FROM history WHERE entry_hash IS NOT NULL", ""), ERR_OK);
        c.rows_anew = c.rows_anew || stripped;
    }
    c.recovering = now;
}

/* ---- what a person does ---- */

static bool pick(void *to, const struct replica_row *row)
{
    struct { struct id id; unsigned left; bool found; } *p = to;
    p->id = row->id;
    p->found = true;
    return p->left-- > 0;
}

static bool any_record(struct device *v, const char *kind, struct id *out)
{
    struct { struct id id; unsigned left; bool found; } p = {.left = draw(6)};
    assert_int_equal(replica_scan(v->r, kind_by_name(kind)->number, c.d.now_ms, pick, &p), ERR_OK);
    *out = p.id;
    return p.found;
}

/* What the person has before the eyes: the field's text, or all of the record's (NULL). */
static void look(struct device *v, uint32_t kind, struct id id, const char *field)
{
    struct arena arena;
    struct replica_row row;
    arena_init(&arena, LIMIT_ARENA);
    if (replica_load(v->r, kind, id, c.d.now_ms, &arena, &row) == ERR_OK)
        for (unsigned i = 0; i < row.message->descriptor->n_fields; i++) {
            const ProtobufCFieldDescriptor *f = &row.message->descriptor->fields[i];
            struct cell cell = record_get(row.message, f);
            if (cell.type == CELL_TEXT && (!field || strcmp(field, f->name) == 0))
                ledger_before(&c.ledger, cell.bytes);
        }
    arena_finish(&arena);
}

static void change(struct device *v, const char *kind, enum op op, struct id id, const char *words)
{
    enum err e = device_change(v, kind, op, id, words, NULL);
    trace(words, v, err_name(e));
    if (e != ERR_OK && e != ERR_REFUSED)
        print_error("%s %s: %s %s\n", kind, words, err_name(e), replica_detail(v->r));
    assert_true(e == ERR_OK || e == ERR_REFUSED);
}

static void add(struct device *v)
{
    char words[96];
    if (is_officer(v)) {
        snprintf(words, sizeof words, "rule_code=dues.r%u value=5 effective_from=2026-01-01", ++c.token);
        change(v, "policy_limit", OP_CREATE, (struct id){{0}}, words);
    } else if (draw(4)) {
        snprintf(words, sizeof words, "name=n%u", ++c.token);
        change(v, "member", OP_CREATE, (struct id){{0}}, words);
    } else {
        snprintf(words, sizeof words, "title=t%u period_kind=term period=2026-1", ++c.token);
        change(v, "work_plan", OP_CREATE, (struct id){{0}}, words);
    }
}

static void set(struct device *v)
{
    char words[64];
    struct id id;
    const char *kind = is_officer(v) ? "policy_limit" : draw(5) ? "member" : "work_plan";
    const char *field = is_officer(v) ? "basis" : strcmp(kind, "member") != 0 ? "other_text" : draw(2) ? "note" : "campus";
    snprintf(words, sizeof words, "%s=t%05u", field, ++c.token);
    if (strcmp(kind, "member") == 0 && draw(4) == 0)
        snprintf(words, sizeof words, "mobile=138%08u", c.token);
    if (any_record(v, kind, &id)) {
        look(v, kind_by_name(kind)->number, id, field);
        change(v, kind, OP_SET, id, words);
    }
}

static void act(struct device *v)
{
    static const char *const of_member[] = {"!active", "!retained retained_reason=study", "!withdrawn", "!deceased"};
    static const char *const of_plan[] = {"!discussed", "!adopted adopted_on=2026-09-01 adopted_by=大会", "!submitted submitted_on=2026-09-02"};
    struct id id;
    const char *kind = is_officer(v) ? "policy_limit" : draw(2) ? "member" : "work_plan";
    if (any_record(v, kind, &id))
        change(v, kind, OP_ACT, id, is_officer(v) ? "!in_force" : strcmp(kind, "member") == 0 ? of_member[draw(4)] : of_plan[draw(3)]);
}

static void remove_one(struct device *v)
{
    struct id id;
    if (!is_officer(v) && any_record(v, "member", &id)) {
        look(v, kind_by_name("member")->number, id, NULL);
        change(v, "member", OP_REMOVE, id, "");
    }
}

static bool take_first(void *to, const struct attention_entry *e)
{
    *(struct attention_entry *)to = *e;
    return false;
}

static void attend(struct device *v)
{
    struct attention_entry e = {.id = {{0}}};
    struct arena arena;
    struct replica_outcome o;
    if (attention_each(v->r, c.d.now_ms, take_first, &e) != ERR_OK || id_is_zero(e.id))
        return;
    arena_init(&arena, LIMIT_ARENA);
    assert_int_equal(attention_get(v->r, e.id, &arena, &e), ERR_OK);
    look(v, e.kind_number, e.record, NULL);
    for (size_t i = 0; i < e.field_count; i++) {
        if (e.fields[i].mine.type == CELL_TEXT)
            ledger_before(&c.ledger, e.fields[i].mine.bytes);
        if (e.fields[i].theirs.type == CELL_TEXT)
            ledger_before(&c.ledger, e.fields[i].theirs.bytes);
    }
    enum err done = e.type == ATTENTION_REFUSAL
                        ? (draw(2) ? attention_discard(v->r, e.id) : attention_retry(v->r, e.id, NULL, NULL, 0, c.d.now_ms, &arena, &o))
                        : attention_resolve(v->r, e.id, draw(2) ? ATTENTION_MINE : ATTENTION_THEIRS, NULL, NULL, 0, c.d.now_ms, &arena, &o);
    trace("attend", v, err_name(done));
    if (done != ERR_OK && done != ERR_REFUSED && done != ERR_NOT_FOUND)
        print_error("attention: %s %s\n", err_name(done), replica_detail(v->r));
    assert_true(done == ERR_OK || done == ERR_REFUSED || done == ERR_NOT_FOUND);
    arena_finish(&arena);
}

static void on_rows(void *to, enum frame_type type, const ProtobufCMessage *m)
{
    struct device *v = to;
    if (type == FRAME_ROWS)
        assert_int_equal(replica_see(v->r, (const Wire__Rows *)m, c.d.now_ms), ERR_OK);
}

static bool pick_submitted(void *to, const ProtobufCMessage *row)
{
    (void)to;
    return strcmp(kind_state_of(kind_by_name("work_plan"), row), "submitted") == 0;
}

struct asking { struct device *v; struct id id; bool found; };

static void on_plans(void *to, enum frame_type type, const ProtobufCMessage *m)
{
    struct asking *a = to;
    on_rows(a->v, type, m);
    const Wire__Rows *rows = (const Wire__Rows *)m;
    for (size_t i = 0; type == FRAME_ROWS && i < rows->n_row; i++) {
        struct arena arena;
        struct replica_row row;
        struct id id = id_from(slice_of(rows->row[i]->id.data, ID_SIZE));
        arena_init(&arena, LIMIT_ARENA);
        if (replica_load(a->v->r, kind_by_name("work_plan")->number, id, c.d.now_ms, &arena, &row) == ERR_OK && pick_submitted(NULL, row.message)) {
            a->id = id;
            a->found = true;
        }
        arena_finish(&arena);
    }
}

/* An officer looks at the branch's plans and answers one. */
static void look_at_plans(struct device *v)
{
    struct asking a = {.v = v};
    Wire__RowsAsk ask = WIRE__ROWS_ASK__INIT;
    if (!is_officer(v))
        return;
    ask.org_code = "qh-01";
    ask.has_kind = 1;
    ask.kind = kind_by_name("work_plan")->number;
    device_begin(v, LINK_ASK, -1, on_plans, &a);
    assert_int_equal(link_ask(v->l, FRAME_ROWS_ASK, &ask.base), ERR_OK);
    district_pump(&c.d);
    device_end(v);
    district_pump(&c.d);
    if (a.found)
        change(v, "work_plan", OP_ACT, a.id, draw(2) ? "!acknowledged" : "!returned return_reason=改");
}

/* ---- rounds ---- */

/* Of a disk that is gone. What others hold of it counts only while the server takes it back. */
static void strike(void)
{
    ledger_strike(&c.ledger, &c.d, c.recovering ? ~0u : 0);
}

static void lose_device(struct device *v)
{
    v->gone = true;
    strike();
}

static void ended(struct device *v, enum link_progress p)
{
    if (p == LINK_DONE || p == LINK_PUT_OFF)
        c.heard |= bit_of(v);
    if (p == LINK_WIPE)
        lose_device(v); /* what it had is handed over: strike takes nothing that was only there */
    look_at_recovery();
}

static const char *progress_name(enum link_progress p)
{
    static const char *const names[] = {"working", "level", "done", "put off", "wipe", "failed"};
    return (size_t)p < sizeof names / sizeof *names ? names[p] : "?";
}

/* Where the device stands in the branch's log, what of it it holds, what it has in its outbox. */
static void trace_device(struct device *v)
{
    struct db_statement *s;
    bool row;
    if (!c.trace)
        return;
    assert_int_equal(sql_ask(v->r->db, &s, "SELECT p.seq >> 40, p.seq & 0xffffff, p.log_seq >> 40, p.log_seq & 0xffffff, p.promise >> 40,"
                                           " p.promise & 0xffffff, p.snap, (SELECT count(*) FROM kept k WHERE k.org = p.org),"
                                           " (SELECT min(seq) & 0xffffff FROM kept k WHERE k.org = p.org) FROM position p WHERE org = ?1", "i",
                             (int64_t)c.d.server.branch),
                     ERR_OK);
    while (db_step(s, &row) == ERR_OK && row)
        print_message("    at %d.%d log %d.%d promise %d.%d snap %d kept %d from %d", (int)db_integer(s, 0), (int)db_integer(s, 1),
                      (int)db_integer(s, 2), (int)db_integer(s, 3), (int)db_integer(s, 4), (int)db_integer(s, 5), (int)db_integer(s, 6),
                      (int)db_integer(s, 7), (int)db_integer(s, 8));
    assert_int_equal(sql_ask(v->r->db, &s, "SELECT hex(substr(incarnation, 1, 2)), n, state, seq >> 40, seq & 0xffffff FROM outbox ORDER BY local", ""), ERR_OK);
    while (db_step(s, &row) == ERR_OK && row)
        print_message(" %.*s/%d:%d@%d.%d", (int)db_text(s, 0).size, (const char *)db_text(s, 0).data, (int)db_integer(s, 1), (int)db_integer(s, 2),
                      (int)db_integer(s, 3), (int)db_integer(s, 4));
    print_message(" | server at %d.%d\n", (int)(server_seq(&c.d.server, c.d.server.branch) >> 40), (int)(server_seq(&c.d.server, c.d.server.branch) & 0xffffff));
}

static enum link_progress sync_one(struct device *v, int frames)
{
    enum link_progress p = device_sync(v, frames);
    trace(frames < 0 ? "sync" : "sync cut", v, progress_name(p));
    trace_device(v);
    ended(v, p);
    return p;
}

/* ---- devices ---- */

static void copy(struct device *v)
{
    size_t i = (size_t)(v - c.d.devices);
    if (c.has_old[i])
        folder_remove(&c.old[i]);
    device_copy(v, &c.old[i]);
    c.has_old[i] = true;
    trace("copy", v, "");
}

static void put_old_back(struct device *v)
{
    size_t i = (size_t)(v - c.d.devices);
    if (!c.has_old[i])
        return;
    device_put_back(v, &c.old[i]);
    trace("old copy back", v, "");
    c.heard &= ~bit_of(v);
    strike();
}

/* For ever: a disk that failed, a bag that was stolen. */
static void lose(struct device *v)
{
    size_t left = 0;
    for (size_t i = 0; i < c.d.count; i++)
        left += !c.d.devices[i].gone;
    if (left < 4 || is_officer(v) || draw(3))
        return;
    trace("lost", v, "");
    lose_device(v);
}

static void clone(struct device *v)
{
    if (is_officer(v) || c.d.count == DEVICES_MAX - 2)
        return;
    struct device *other = device_clone(v);
    trace("clone to", other, "");
}

/* ---- the server ---- */

static void backup(void)
{
    struct backup *b = &c.backups[c.backup_count];
    if (c.backup_count == BACKUPS_MAX)
        return;
    snprintf(b->name, sizeof b->name, "b%u", c.backup_count);
    district_backup(&c.d, b->name);
    c.journal |= UINT64_C(1) << c.backup_count++;
    b->journal = c.journal;
    trace("backup", NULL, b->name);
}

static void after_disaster(void)
{
    c.heard = 0;
    c.disasters++;
    c.recovering = true;
    ledger_strike(&c.ledger, &c.d, ~0u);
}

/* The newest backup or the one before: the promise is kept for these (rule 24). */
static void restore(void)
{
    if (c.backup_count == 0)
        return;
    unsigned at = c.backup_count - 1 - (c.backup_count > 1 ? draw(2) : 0);
    const struct backup *b = &c.backups[at];
    bool lost = draw(3) == 0 || !(c.journal >> at & 1); /* another way: it would be refused */
    trace(lost ? "restore without journal" : "restore", NULL, b->name);
    if (lost) {
        district_restore_without_journal(&c.d, b->name);
        c.journal = b->journal;
        c.twins = c.rows_anew = true;
    } else {
        district_restore(&c.d, b->name);
    }
    c.journal_lost = c.recovering ? c.journal_lost || lost : lost;
    after_disaster();
}

static void recovered(void)
{
    if (!c.recovering)
        return;
    trace("recovered", NULL, "");
    district_end_recovery(&c.d);
    look_at_recovery();
}

/* A machine's snapshot put back by somebody who knows nothing of `restore`: found out by the first hello from beyond it (rule 35). Until
 * then others may write where lost entries stood, so that only their authors bring them back. */
static void roll_back(void)
{
    if (!c.snapshot || draw(2)) {
        district_snapshot(&c.d, "snapshot");
        c.snapshot = true;
        c.journal_of_snapshot = c.journal;
        trace("snapshot", NULL, "");
        return;
    }
    trace("roll back", NULL, "");
    district_roll_back(&c.d, "snapshot");
    c.journal = c.journal_of_snapshot;
    c.heard = 0;
    c.disasters++;
    c.twins = c.rows_anew = c.journal_lost = true;
    c.recovering = false;
    ledger_strike(&c.ledger, &c.d, 0);
    look_at_recovery();
}

static void hours_pass(void)
{
    c.d.now_ms += HOUR_MS * (1 + draw(10));
    trace("hours pass", NULL, "");
}

static void set_seat(uint32_t seat, enum seat_state state)
{
    trace(state == SEAT_REVOKED ? "revoke" : state == SEAT_SUSPENDED ? "suspend" : "let in", NULL, "");
    district_set_seat(&c.d, seat, state);
}

static void revoke_member(void)
{
    if (draw(3) == 0)
        set_seat(c.d.devices[MEMBER].seat, SEAT_REVOKED);
}

static void suspend(void)
{
    const struct control_seat *seat = control_seat(c.d.control, c.d.devices[SECOND].seat);
    set_seat(seat->number, seat->state == SEAT_SUSPENDED ? SEAT_ACTIVE : SEAT_SUSPENDED);
}

/* ---- a schedule ---- */

static struct device *any_device(void)
{
    struct device *v = &c.d.devices[draw((unsigned)c.d.count)];
    return v->gone ? NULL : v;
}

static void of_person(struct device *v, unsigned what)
{
    static void (*const does[])(struct device *) = {add, add, set, set, set, set, set, act, act, remove_one, attend, attend, look_at_plans};
    does[what % (sizeof does / sizeof *does)](v);
    ledger_note(&c.ledger, v);
}

/* What may happen while sessions are up. */
static void meanwhile(void)
{
    struct device *v = &c.d.devices[draw((unsigned)c.d.count)];
    unsigned what = draw(8);
    if (what == 0 && c.recovering) {
        trace("recovered beside", NULL, "");
        district_end_recovery_beside(&c.d);
    } else if (what == 1) {
        suspend();
    } else if (what == 2) {
        revoke_member();
    } else if (what < 6 && !v->gone) {
        of_person(v, draw(11));
    }
}

/* Several at once, their frames in turn. */
static void together(void)
{
    enum link_progress p[DEVICES_MAX];
    for (size_t i = 0; i < c.d.count; i++)
        if (!c.d.devices[i].gone && draw(3))
            device_begin(&c.d.devices[i], LINK_ROUND, draw(2) ? -1 : (int)draw(20), NULL, NULL);
    trace("together", NULL, "");
    while (district_turn(&c.d))
        if (draw(4) == 0)
            meanwhile();
    for (size_t i = 0; i < c.d.count; i++)
        p[i] = c.d.devices[i].l ? link_progress(c.d.devices[i].l) : LINK_WORKING;
    for (size_t i = 0; i < c.d.count; i++)
        device_end(&c.d.devices[i]);
    district_pump(&c.d);
    for (size_t i = 0; i < c.d.count; i++)
        if (!c.d.devices[i].gone)
            ended(&c.d.devices[i], p[i]);
}

static void step(void)
{
    static void (*const of_server[])(void) = {backup, backup, restore, roll_back, recovered, recovered, hours_pass, together, together, revoke_member, suspend};
    struct device *v = any_device();
    c.d.now_ms += 1000;
    unsigned what = draw(40);
    if (what >= 34)
        of_server[draw(sizeof of_server / sizeof *of_server)]();
    else if (!v)
        return;
    else if (what < 18)
        of_person(v, draw(13));
    else if (what < 24)
        sync_one(v, -1);
    else if (what < 30)
        sync_one(v, (int)draw(16));
    else if (what < 31)
        clone(v);
    else if (what < 32)
        copy(v);
    else if (what < 33)
        put_old_back(v);
    else
        lose(v);
}

static void heal(void)
{
    struct device *v = c.d.devices;
    if (control_seat(c.d.control, v[SECOND].seat)->state == SEAT_SUSPENDED)
        set_seat(v[SECOND].seat, SEAT_ACTIVE);
    trace("heal", NULL, "");
    for (int round = 0; round < 6; round++) {
        for (size_t i = 0; i < c.d.count; i++)
            if (!v[i].gone)
                (void)sync_one(&v[i], -1);
        c.d.now_ms += 13 * HOUR_MS;
    }
    for (size_t i = 0; i < c.d.count; i++)
        if (!v[i].gone)
            assert_int_equal(sync_one(&v[i], -1), LINK_DONE);
}

/* The district's own device keeps its changes to branches until the promise has passed them. */
static void expect_drained(struct device *v)
{
    int64_t left;
    struct replica_facts f;
    if (is_officer(v))
        assert_int_equal(sql_run(v->r->db, "DELETE FROM outbox WHERE state > 0 AND org > 1", ""), ERR_OK);
    assert_int_equal(sql_integer(v->r->db, -1, &left, "SELECT count(*) FROM shadow", ""), ERR_OK);
    device_expect_level(v);
    assert_int_equal(replica_facts(v->r, &f), ERR_OK);
    if (!c.rows_anew)
        assert_int_equal(f.repairs, 0);
    if (c.ledger.lost == 0)
        assert_int_equal(f.broken, 0);
}

/* What all begin with; with every other seed a backup has it. */
static void begin(uint64_t seed)
{
    struct device *chair = &c.d.devices[CHAIR];
    for (int i = 0; i < 4; i++)
        add(chair);
    add(&c.d.devices[OFFICER]);
    ledger_note(&c.ledger, chair);
    ledger_note(&c.ledger, &c.d.devices[OFFICER]);
    for (size_t i = 0; i < c.d.count; i++)
        sync_one(&c.d.devices[i], -1);
    if (seed & 1)
        backup();
}

static void run_schedule(uint64_t seed)
{
    crowd_make(seed);
    begin(seed);
    for (int i = 0; i < STEPS; i++)
        step();
    heal();
    ledger_expect(&c.ledger, &c.d);
    if (!c.twins)
        ledger_expect_seen(&c.ledger, &c.d);
    for (size_t i = 0; i < c.d.count; i++)
        if (!c.d.devices[i].gone)
            expect_drained(&c.d.devices[i]);
    server_verify(&c.d.server);
    print_message("seed %llu: %zu changes, %zu lost by disasters, %u disasters\n", (unsigned long long)seed,
                  c.ledger.saved.size / 32, c.ledger.lost, c.disasters);
    crowd_remove();
}

static void random_schedules(void **state)
{
    (void)state;
    const char *given = getenv("BANYAN_SEED");
    const char *dash = given ? strchr(given, '-') : NULL;
    uint64_t from = given ? strtoull(given, NULL, 10) : 1, to = dash ? strtoull(dash + 1, NULL, 10) : given ? from : SEEDS;
    for (uint64_t seed = from; seed <= to; seed++) {
        print_message("seed %llu\n", (unsigned long long)seed);
        run_schedule(seed);
    }
}

int main(void)
{
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0); /* every step writes whole databases and syncs them */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_schedules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
