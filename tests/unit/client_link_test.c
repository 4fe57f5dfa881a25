/* Devices and a server's core in one process: what sync.md promises, one scenario each. Restores: client_restore_test.c; everything at
 * random: client_schedule_test.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/replica/attention.h"
#include "client/replica/outbox.h"
#include "help_district.h"
#include "kinds/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct district d;

static int setup(void **state)
{
    (void)state;
    district_make(&d);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    district_remove(&d);
    return 0;
}

/* ---- scenarios ---- */

static void one_change_there_and_back(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id id = device_add(a, "name=李梅 note=一");
    assert_int_equal(device_status(a).queued, 1);
    assert_string_equal(device_words(a, id), "name=李梅 note=一");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_status(a).queued, 0);
    assert_int_equal(device_status(a).cursor, S(1));
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_string_equal(device_words(b, id), "name=李梅 note=一");
    device_expect_level(a);
    device_expect_level(b);
}

static void disjoint_fields_merge(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id id = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    assert_int_equal(device_set(a, id, "note=甲"), ERR_OK);
    assert_int_equal(device_set(b, id, "campus=东"), ERR_OK);
    assert_string_equal(device_words(a, id), "name=李梅 note=甲");
    assert_string_equal(device_words(b, id), "name=李梅 campus=东");
    device_sync(a, -1);
    device_sync(b, -1);
    device_sync(a, -1);
    assert_string_equal(device_words(a, id), "name=李梅 campus=东 note=甲");
    assert_string_equal(device_words(b, id), "name=李梅 campus=东 note=甲");
    assert_int_equal(device_status(b).conflicts, 0);
    device_expect_level(a);
    device_expect_level(b);
}

static bool take_first(void *to, const struct attention_entry *e)
{
    *(struct attention_entry *)to = *e;
    return false;
}

static void same_field_conflicts_and_is_resolved(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct arena arena;
    struct attention_entry e = {0};
    struct replica_outcome o;
    struct id id = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    assert_int_equal(device_set(a, id, "note=甲"), ERR_OK);
    assert_int_equal(device_set(b, id, "note=乙"), ERR_OK);
    device_sync(a, -1);
    device_sync(b, -1);
    device_sync(a, -1);
    assert_string_equal(device_words(b, id), "name=李梅 note=甲"); /* the server's value stays */
    assert_int_equal(device_status(a).conflicts, 1);
    assert_int_equal(device_status(b).conflicts, 1);
    arena_init(&arena, LIMIT_ARENA);
    assert_int_equal(attention_each(b->r, d.now_ms, take_first, &e), ERR_OK);
    assert_int_equal(e.type, ATTENTION_CONFLICT);
    assert_int_equal(attention_get(b->r, e.id, &arena, &e), ERR_OK);
    assert_int_equal(e.field_count, 1);
    assert_string_equal(e.fields[0].field->name, "note");
    assert_true(cell_equal(e.fields[0].mine, cell_text("乙")));
    assert_true(cell_equal(e.fields[0].theirs, cell_text("甲")));
    assert_int_equal(attention_resolve(b->r, e.id, ATTENTION_MINE, NULL, NULL, 0, d.now_ms, &arena, &o), ERR_OK);
    assert_int_equal(device_status(b).conflicts, 0);
    assert_string_equal(device_words(b, id), "name=李梅 note=乙");
    /* Of two that resolve at once the second is refused, and told so. */
    assert_int_equal(attention_resolve(a->r, e.id, ATTENTION_THEIRS, NULL, NULL, 0, d.now_ms, &arena, &o), ERR_OK);
    device_sync(b, -1);
    device_sync(a, -1);
    assert_string_equal(device_words(a, id), "name=李梅 note=乙");
    assert_int_equal(device_status(a).refused, 1);
    assert_int_equal(attention_each(a->r, d.now_ms, take_first, &e), ERR_OK);
    assert_int_equal(attention_discard(a->r, e.id), ERR_OK);
    assert_int_equal(device_status(a).refused, 0);
    device_sync(a, -1);
    device_sync(b, -1);
    assert_int_equal(device_status(a).refused, 0);
    device_expect_level(a);
    device_expect_level(b);
    arena_finish(&arena);
}

/* A refused change never blocks the next, stays to be seen, and is sent again as a new one. */
static void refusal_waits_and_is_sent_again(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct arena arena;
    struct attention_entry e = {0};
    struct replica_outcome o;
    struct id id = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    assert_int_equal(device_act(a, id, "!deceased"), ERR_OK);
    assert_int_equal(device_act(b, id, "!active"), ERR_OK);
    assert_string_equal(device_state(b, id), "active");
    struct id other = device_add(b, "name=王芳");
    device_sync(a, -1);
    device_sync(b, -1);
    assert_string_equal(device_state(b, id), "deceased"); /* out of the replay */
    assert_string_equal(device_words(b, other), "name=王芳");
    assert_int_equal(device_status(b).refused, 1);
    assert_int_equal(device_status(b).queued, 0);
    assert_int_equal(attention_each(b->r, d.now_ms, take_first, &e), ERR_OK);
    assert_int_equal(e.type, ATTENTION_REFUSAL);
    arena_init(&arena, LIMIT_ARENA);
    assert_int_equal(attention_get(b->r, e.id, &arena, &e), ERR_OK);
    assert_string_equal(e.code, "STATE_MOVED");
    /* It would be refused again: said at once, and the old one stays. */
    assert_int_equal(attention_retry(b->r, e.id, NULL, NULL, 0, d.now_ms, &arena, &o), ERR_REFUSED);
    assert_int_equal(device_status(b).refused, 1);
    assert_int_equal(attention_discard(b->r, e.id), ERR_OK);
    device_sync(b, -1);
    assert_int_equal(device_status(b).refused, 0);
    device_expect_level(b);
    arena_finish(&arena);
}

/* Who insists after seeing what changed is heard: a new n, the old entry ends. */
static void a_retry_goes_as_a_new_change(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct arena arena;
    struct attention_entry e = {.id = {{0}}};
    struct replica_outcome o;
    struct id id = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    assert_int_equal(device_set(a, id, "note=甲"), ERR_OK);
    assert_int_equal(device_remove(b, id), ERR_OK);
    device_sync(a, -1);
    device_sync(b, -1);
    assert_string_equal(device_words(b, id), "name=李梅 note=甲");
    assert_int_equal(attention_each(b->r, d.now_ms, take_first, &e), ERR_OK);
    arena_init(&arena, LIMIT_ARENA);
    assert_int_equal(attention_get(b->r, e.id, &arena, &e), ERR_OK);
    assert_string_equal(e.code, REFUSAL_CHANGED_SINCE);
    assert_int_equal(attention_retry(b->r, e.id, NULL, NULL, 0, d.now_ms, &arena, &o), ERR_OK);
    assert_int_equal(o.n, 2);
    assert_int_equal(device_status(b).refused, 0);
    assert_int_equal(device_status(b).queued, 1);
    device_sync(b, -1);
    device_sync(a, -1);
    assert_string_equal(device_words(a, id), "none");
    assert_int_equal(device_status(b).refused, 0);
    device_expect_level(a);
    device_expect_level(b);
    arena_finish(&arena);
}

/* Rule 13: a value for a record that another removed restores it, or is dropped, as a person decides. */
static void removed_and_restored(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct arena arena;
    struct attention_entry e = {0};
    struct replica_outcome o;
    struct id id = device_add(a, "name=李梅 note=一"), other = device_add(a, "name=王芳");
    arena_init(&arena, LIMIT_ARENA);
    device_sync(a, -1);
    device_sync(b, -1);
    assert_int_equal(device_remove(a, id), ERR_OK);
    assert_int_equal(device_remove(a, other), ERR_OK);
    assert_string_equal(device_words(a, id), "none");
    assert_int_equal(device_set(b, id, "note=二"), ERR_OK);
    assert_int_equal(device_set(b, other, "note=三"), ERR_OK);
    device_sync(a, -1);
    device_sync(b, -1);
    device_sync(a, -1);
    assert_string_equal(device_words(b, id), "none");
    assert_int_equal(device_status(b).conflicts, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(attention_each(b->r, d.now_ms, take_first, &e), ERR_OK);
        assert_string_equal(e.code, "DELETED");
        enum attention_choice choice = id_equal(e.record, id) ? ATTENTION_MINE : ATTENTION_THEIRS;
        enum err done = attention_resolve(b->r, e.id, choice, NULL, NULL, 0, d.now_ms, &arena, &o);
        if (done != ERR_OK)
            print_error("%s\n", replica_detail(b->r));
        assert_int_equal(done, ERR_OK);
    }
    device_sync(b, -1);
    device_sync(a, -1);
    assert_string_equal(device_words(a, id), "name=李梅 note=二");
    assert_string_equal(device_words(b, id), "name=李梅 note=二");
    assert_string_equal(device_words(a, other), "none");
    assert_int_equal(device_status(a).conflicts, 0);
    assert_int_equal(device_status(b).refused, 0);
    device_expect_level(a);
    device_expect_level(b);
    arena_finish(&arena);
}

/* The answer to a push is lost: the change is not made twice. */
static void a_lost_answer_changes_nothing(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    struct id id = device_add(a, "name=李梅");
    for (int frames = 0; frames < 12; frames++)
        device_sync(a, frames);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(server_seq(&d.server, d.server.branch), S(1));
    assert_string_equal(device_words(a, id), "name=李梅");
    device_expect_level(a);
}

/* Rule 5: two copies of one database go on apart and meet again. */
static void a_clone_heals(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    struct id one = device_add(a, "name=李梅");
    struct device *b = device_clone(a);
    struct id two = device_add(a, "name=甲"), three = device_add(b, "name=乙");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    struct device *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        assert_string_equal(device_words(both[i], one), "name=李梅");
        assert_string_equal(device_words(both[i], two), "name=甲");
        assert_string_equal(device_words(both[i], three), "name=乙");
        assert_int_equal(device_rows(both[i], d.server.member), 3);
        device_expect_level(both[i]);
    }
}

/* An old copy put back gives numbers again that were given before. */
static void an_old_copy_heals(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    struct folder old;
    device_add(a, "name=李梅");
    device_sync(a, -1);
    device_copy(a, &old);
    device_add(a, "name=甲");
    device_add(a, "name=乙");
    device_sync(a, -1);
    device_put_back(a, &old);
    struct id again = device_add(a, "name=丙");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_rows(a, d.server.member), 4);
    assert_string_equal(device_words(a, again), "name=丙");
    device_expect_level(a);
    folder_remove(&old);
}

/* A new seat gets the rows, then the entries behind them: it holds the log from the promise on. */
static void first_sync_by_rows(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    struct id last = {{0}};
    for (int i = 0; i < 450; i++)
        last = device_add(a, "name=李梅 note=一");
    for (int i = 0; i < 300; i++)
        assert_int_equal(device_set(a, last, i % 2 ? "note=二" : "note=三"), ERR_OK);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    struct device *b = device_second(&d);
    for (int frames = 4; frames < 12; frames++)
        device_sync(b, frames); /* cut again and again: it goes on where it was */
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_rows(b, d.server.member), 450);
    assert_string_equal(device_words(b, last), "name=李梅 note=二");
    assert_int_equal(device_status(b).kept, 750);
    assert_int_equal(device_status(b).cursor, S(750));
    device_expect_level(b);
    /* And as one who was away: the log is longer than the rows by far. */
    for (int i = 0; i < 700; i++)
        assert_int_equal(device_set(a, last, i % 2 ? "note=二" : "note=三"), ERR_OK);
    struct id mine = device_add(b, "name=王芳");
    device_sync(a, -1);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_status(b).kept, 1451);
    assert_string_equal(device_words(b, mine), "name=王芳");
    device_expect_level(b);
}

/* Rule 30: what differs is found and fetched again. */
static void a_wrong_row_is_repaired(void **state)
{
    (void)state;
    struct replica_facts f;
    struct device *a = device_chair(&d);
    struct id one = device_add(a, "name=李梅 note=一"), two = device_add(a, "name=王芳");
    device_sync(a, -1);
    assert_int_equal(sql_run(a->r->db, "UPDATE member SET note = 'x' WHERE id = ?1", "d", &one), ERR_OK);
    assert_int_equal(sql_run(a->r->db, "DELETE FROM member WHERE id = ?1", "d", &two), ERR_OK);
    assert_int_equal(sql_run(a->r->db, "INSERT INTO member(id, _org, _seq, name) SELECT randomblob(16), _org, 1, 'y' FROM member", ""), ERR_OK);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_string_equal(device_words(a, one), "name=李梅 note=一");
    assert_string_equal(device_words(a, two), "name=王芳");
    assert_int_equal(device_rows(a, d.server.member), 2);
    assert_int_equal(replica_facts(a->r, &f), ERR_OK);
    assert_int_equal(f.repairs, 1);
    device_expect_level(a);
}

/* Others' changes come by news; one's own go as they are made. */
static void watching(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    device_begin(a, LINK_WATCH, -1, NULL, NULL);
    device_begin(b, LINK_WATCH, -1, NULL, NULL);
    district_pump(&d);
    assert_int_equal(link_progress(a->l), LINK_LEVEL);
    assert_int_equal(link_progress(b->l), LINK_LEVEL);
    struct id id = device_add(a, "name=李梅");
    assert_int_equal(link_local_changed(a->l, d.now_ms), ERR_OK);
    district_pump(&d);
    assert_string_equal(device_words(b, id), "name=李梅");
    assert_int_equal(link_progress(a->l), LINK_LEVEL);
    assert_true(link_due(a->l) < INT64_MAX);
    d.now_ms += 60000;
    assert_int_equal(link_tick(a->l, d.now_ms), ERR_OK); /* a ping */
    assert_true(link_out(a->l)->size > 0);
    district_pump(&d);
    assert_int_equal(link_progress(a->l), LINK_LEVEL);
    device_end(a);
    device_end(b);
    device_expect_level(a);
    device_expect_level(b);
}

static void a_silent_server_times_out(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    device_begin(a, LINK_ROUND, 0, NULL, NULL);
    district_pump(&d);
    assert_int_equal(link_progress(a->l), LINK_WORKING);
    assert_int_equal(link_due(a->l), d.now_ms + 60000);
    assert_int_equal(link_tick(a->l, d.now_ms + 60000), ERR_OK);
    assert_int_equal(link_progress(a->l), LINK_FAILED);
    assert_int_equal(link_failure(a->l), ERR_TIMEOUT);
    device_end(a);
}

/* Rules 16, 31: a conflict is seen by who may see the record that it is about. */
static void a_conflict_about_what_may_not_be_seen(void **state)
{
    (void)state;
    uint32_t branch = d.server.branch;
    struct device *a = device_join(&d, branch, "accountant"), *b = device_join(&d, branch, "accountant");
    struct device *reader = device_join(&d, branch, "handler");
    struct device *all[] = {a, b, a, reader, a, reader, b};
    struct attention_entry e = {0};
    struct arena arena;
    struct replica_outcome o;
    struct id year;
    assert_int_equal(device_change(a, "dues_year", OP_CREATE, (struct id){{0}}, "year=2026", &year), ERR_OK);
    device_sync(a, -1);
    device_sync(b, -1);
    device_sync(reader, -1);
    assert_int_equal(device_change(a, "dues_year", OP_SET, year, "note=甲", NULL), ERR_OK);
    assert_int_equal(device_change(b, "dues_year", OP_SET, year, "note=乙", NULL), ERR_OK);
    for (size_t i = 0; i < 4; i++)
        device_sync(all[i], -1);
    assert_int_equal(device_rows(a, KIND_CONFLICT), 1);
    assert_int_equal(device_rows(reader, KIND_CONFLICT), 0);
    arena_init(&arena, LIMIT_ARENA);
    assert_int_equal(attention_each(a->r, d.now_ms, take_first, &e), ERR_OK);
    assert_int_equal(attention_get(a->r, e.id, &arena, &e), ERR_OK);
    assert_int_equal(attention_resolve(a->r, e.id, ATTENTION_MINE, NULL, NULL, 0, d.now_ms, &arena, &o), ERR_OK);
    arena_finish(&arena);
    for (size_t i = 4; i < 7; i++)
        device_sync(all[i], -1);
    assert_int_equal(device_rows(reader, KIND_CONFLICT), 0);
    device_expect_level(a);
    device_expect_level(b);
    device_expect_level(reader);
}

/* What only the district may do is refused before it is written. */
static void rights_are_said_at_once(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *c = device_join(&d, d.server.branch, "accountant");
    struct id id = device_add(a, "name=李梅 mobile=13800000000");
    device_sync(a, -1);
    assert_int_equal(device_sync(c, -1), LINK_DONE);
    assert_string_equal(device_words(c, id), "name=李梅"); /* mobile is sensitive */
    assert_int_equal(device_set(c, id, "note=x"), ERR_REFUSED);
    assert_int_equal(device_status(c).queued, 0);
    device_expect_level(a);
}

static bool keep_note(void *to, uint32_t org, const struct entry *entry, const struct change *pending)
{
    struct buf *b = to;
    (void)org;
    buf_format(b, "%s", entry ? "e" : pending ? "p" : "?");
    return true;
}

static void history_of_a_record(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    struct buf seen = BUF_INIT;
    bool complete = false;
    struct id id = device_add(a, "name=李梅");
    device_sync(a, -1);
    assert_int_equal(device_set(a, id, "note=x"), ERR_OK);
    assert_int_equal(replica_history(a->r, d.server.member, id, d.now_ms, keep_note, &seen, &complete), ERR_OK);
    assert_string_equal(buf_c_string(&seen), "ep");
    assert_true(complete);
    buf_finish(&seen);
}

static void on_rows(void *to, enum frame_type type, const ProtobufCMessage *m)
{
    struct device *v = to;
    assert_int_equal(type, FRAME_ROWS);
    assert_int_equal(replica_see(v->r, (const Wire__Rows *)m, d.now_ms), ERR_OK);
}

/* A district seat sees a branch's plan and acts on it offline. */
static void the_district_acts_on_what_it_saw(void **state)
{
    (void)state;
    struct arena arena;
    struct replica_outcome o;
    struct replica_row row;
    const struct kind *k = kind_by_name("work_plan");
    struct device *a = device_chair(&d), *officer = device_join(&d, 1, "district_officer");
    arena_init(&arena, LIMIT_ARENA);
    ProtobufCMessage *plan = record_new(k->descriptor, &arena);
    record_put_name(plan, "title", cell_text("工作计划"), &arena);
    record_put_name(plan, "period_kind", cell_text("term"), &arena);
    record_put_name(plan, "period", cell_text("2026-1"), &arena);
    struct replica_change c = {.op = OP_CREATE, .kind = k->number, .patch = plan};
    assert_int_equal(replica_change(a->r, &c, d.now_ms, &arena, &o), ERR_OK);
    struct id id = o.id;
    static const char *const steps[] = {"discussed", "adopted", "submitted"};
    for (int i = 0; i < 3; i++) {
        ProtobufCMessage *side = record_new(k->descriptor, &arena);
        if (i == 1) {
            record_put_name(side, "adopted_on", cell_text("2026-09-01"), &arena);
            record_put_name(side, "adopted_by", cell_text("教代会"), &arena);
        } else if (i == 2) {
            record_put_name(side, "submitted_on", cell_text("2026-09-02"), &arena);
        }
        struct replica_change step = {.op = OP_ACT, .kind = k->number, .id = id, .patch = side, .action = steps[i]};
        enum err e = replica_change(a->r, &step, d.now_ms, &arena, &o);
        if (e != ERR_OK)
            print_error("%s: %s\n", steps[i], replica_detail(a->r));
        assert_int_equal(e, ERR_OK);
    }
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(officer, -1), LINK_DONE);
    device_begin(officer, LINK_ASK, -1, on_rows, officer);
    Wire__RowsAsk ask = WIRE__ROWS_ASK__INIT;
    ask.org_code = "qh-01";
    ask.has_kind = 1;
    ask.kind = k->number;
    assert_int_equal(link_ask(officer->l, FRAME_ROWS_ASK, &ask.base), ERR_OK);
    district_pump(&d);
    assert_int_equal(link_progress(officer->l), LINK_DONE);
    device_end(officer);
    assert_int_equal(replica_load(officer->r, k->number, id, d.now_ms, &arena, &row), ERR_OK);
    assert_string_equal(kind_state_of(k, row.message), "submitted");
    assert_int_equal(row.org, d.server.branch);
    struct replica_change ack = {.op = OP_ACT, .kind = k->number, .id = id, .action = "acknowledged"};
    enum err e = replica_change(officer->r, &ack, d.now_ms, &arena, &o);
    if (e != ERR_OK)
        print_error("%s\n", replica_detail(officer->r));
    assert_int_equal(e, ERR_OK);
    assert_int_equal(replica_load(officer->r, k->number, id, d.now_ms, &arena, &row), ERR_OK);
    assert_string_equal(kind_state_of(k, row.message), "acknowledged");
    assert_int_equal(row.sync, REPLICA_QUEUED);
    assert_int_equal(device_sync(officer, -1), LINK_DONE);
    assert_int_equal(device_status(officer).queued, 0);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(replica_load(a->r, k->number, id, d.now_ms, &arena, &row), ERR_OK);
    assert_string_equal(kind_state_of(k, row.message), "acknowledged");
    assert_int_equal(device_rows(officer, k->number), 0); /* no replica of branches */
    device_expect_level(a);
    arena_finish(&arena);
}

static void a_suspended_seat_keeps_everything(void **state)
{
    (void)state;
    struct replica_facts f;
    struct device *a = device_chair(&d);
    struct id id = device_add(a, "name=李梅");
    assert_int_equal(control_set_seat_state(d.server.control, a->seat, SEAT_SUSPENDED, 0), ERR_OK);
    district_refresh(&d);
    assert_int_equal(device_sync(a, -1), LINK_FAILED);
    assert_string_equal(device_words(a, id), "name=李梅");
    assert_int_equal(device_status(a).queued, 1);
    assert_int_equal(replica_facts(a->r, &f), ERR_OK);
    assert_int_equal(f.suspended, 1);
    assert_int_equal(control_set_seat_state(d.server.control, a->seat, SEAT_ACTIVE, 0), ERR_OK);
    writer_destroy(d.server.writer);
    assert_int_equal(writer_create(d.server.store, d.server.journal, &d.server.writer), ERR_OK);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(replica_facts(a->r, &f), ERR_OK);
    assert_int_equal(f.suspended, 0);
    device_expect_level(a);
}

/* What no device can mend by itself the person at it is told, and whom to ask for what. */
static void a_device_that_is_taken_no_more_says_so(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    struct id id = device_add(a, "name=李梅");
    char sql[256];
    snprintf(sql, sizeof sql, "WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM k WHERE i<1000)"
                              " INSERT INTO incarnation(seat, incarnation) SELECT %u, randomblob(16) FROM k", a->seat);
    assert_int_equal(db_exec(store_db(d.server.store), sql), ERR_OK);
    district_close_server(&d);
    district_open_server(&d);
    device_begin(a, LINK_ROUND, -1, NULL, NULL);
    district_pump(&d);
    assert_int_equal(link_progress(a->l), LINK_FAILED);
    assert_non_null(strstr(link_text(a->l), "banyan handover write"));
    device_end(a);
    assert_string_equal(device_words(a, id), "name=李梅");
    assert_int_equal(device_status(a).queued, 1);
    assert_int_equal(db_exec(store_db(d.server.store), "DELETE FROM incarnation"), ERR_OK);
}

/* Rule 31: roles are fixed with the seat today; what a server says of them is obeyed all the same. */
static void fewer_roles_see_less(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    struct id id = device_add(a, "name=李梅 mobile=13800000000");
    device_sync(a, -1);
    assert_string_equal(device_words(a, id), "name=李梅 mobile=13800000000");
    Wire__Welcome w = WIRE__WELCOME__INIT;
    w.seat = a->seat;
    w.roles = (char *)"group_leader";
    w.home = d.server.branch;
    assert_int_equal(replica_welcome(a->r, &w, d.now_ms), ERR_OK);
    assert_string_equal(device_words(a, id), "none"); /* until the rows come again, without what may not be read */
    struct buf raw = BUF_INIT;
    struct db_statement *s;
    bool row;
    assert_int_equal(sql_ask(a->r->db, &s, "SELECT entry FROM kept", ""), ERR_OK);
    while (db_step(s, &row) == ERR_OK && row)
        buf_append_slice(&raw, db_blob(s, 0));
    assert_true(raw.size > 0);
    assert_null(memmem(raw.data, raw.size, "13800000000", 11));
    buf_finish(&raw);
}

static void lose_changes(struct device *v, int64_t from, int64_t to)
{
    assert_int_equal(sql_run(v->r->db, "DELETE FROM outbox WHERE n BETWEEN ?1 AND ?2", "ii", from, to), ERR_OK);
}

static int64_t broken_of(struct device *v)
{
    struct replica_facts f;
    assert_int_equal(replica_facts(v->r, &f), ERR_OK);
    return f.broken;
}

/* Rule 6: both sides know what is lost, nothing else is held up, and the numbers go on in the same incarnation. frames: cut there. */
static void lose_two_of_four(int frames)
{
    struct device *a = device_chair(&d), *b = device_second(&d);
    device_add(a, "name=李梅");
    device_sync(a, -1);
    device_add(a, "name=甲");
    device_add(a, "name=乙");
    struct id kept = device_add(a, "name=丙");
    device_sync(b, -1);
    lose_changes(a, 2, 3);
    device_sync(a, frames);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(broken_of(a), 2);
    assert_int_equal(broken_of(b), 0);
    district_refresh(&d);
    assert_int_equal(control_seat(d.control, a->seat)->broken, 2);
    assert_int_equal(control_seat(d.control, b->seat)->broken, 0);
    device_add(a, "name=丁");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_string_equal(device_words(b, kept), "name=丙");
    struct entry *entries;
    assert_int_equal(server_entries(&d.server, d.server.branch, &entries), 3);
    assert_int_equal(entries[1].identity.n, 4);
    assert_int_equal(entries[2].identity.n, 5);
    assert_true(incarnation_equal(entries[2].identity.incarnation, entries[0].identity.incarnation));
    assert_int_equal(device_status(a).queued, 0);
    assert_int_equal(broken_of(a), 2);
    server_verify(&d.server);
}

static void what_is_held_no_longer_is_said(void **state)
{
    for (int frames = -1; frames < 12; frames++) {
        if (frames >= 0) {
            assert_int_equal(teardown(state), 0);
            assert_int_equal(setup(state), 0);
        }
        lose_two_of_four(frames);
    }
}

/* Entries that come while pushes are put off: the change that has the number of a copy's gives it up, or there would be no room for
 * the other one, should it have to be put back. */
static void a_number_that_a_copy_used_is_given_up(void **state)
{
    (void)state;
    struct entry *entries;
    struct arena arena;
    int64_t left;
    struct device *a = device_chair(&d);
    device_add(a, "name=李梅");
    device_sync(a, -1);
    struct device *b = device_clone(a);
    device_add(a, "name=王芳");
    device_sync(a, -1);
    device_add(b, "name=周文");
    size_t count = server_entries(&d.server, d.server.branch, &entries);
    assert_int_equal(count, 2);
    arena_init(&arena, LIMIT_ARENA);
    Wire__Entries m = WIRE__ENTRIES__INIT;
    Wire__Entry *list[] = {entry_wire(&entries[1], &arena)};
    m.has_org = m.has_head = 1;
    m.org = d.server.branch;
    m.head = entries[1].seq;
    m.n_entry = 1;
    m.entry = list;
    assert_int_equal(replica_take_entries(b->r, &m, d.now_ms), ERR_OK);
    assert_int_equal(sql_integer(b->r->db, -1, &left, "SELECT count(*) FROM outbox WHERE incarnation = ?1", "b",
                                 slice_of(entries[1].identity.incarnation.bytes, INCARNATION_SIZE)), ERR_OK);
    assert_int_equal(left, 0);
    assert_int_equal(device_status(b).queued, 1);
    device_sync(b, -1);
    device_expect_level(b);
    assert_int_equal(server_entries(&d.server, d.server.branch, &entries), 3);
    arena_finish(&arena);
}

/* Rule 32: a revoked seat hands over what it has; its changes are refused and kept for the district; then it is told to wipe. */
static void a_revoked_seat_hands_over(void **state)
{
    (void)state;
    struct entry *entries;
    struct device *a = device_chair(&d);
    device_add(a, "name=李梅");
    device_sync(a, -1);
    device_add(a, "name=甲");
    assert_int_equal(control_set_seat_state(d.server.control, a->seat, SEAT_REVOKED, 0), ERR_OK);
    district_refresh(&d);
    writer_destroy(d.server.writer);
    assert_int_equal(writer_create(d.server.store, d.server.journal, &d.server.writer), ERR_OK);
    assert_int_equal(device_sync(a, -1), LINK_WIPE);
    size_t count = server_entries(&d.server, d.server.branch, &entries);
    assert_int_equal(count, 2);
    assert_int_equal(entries[1].verdict, VERDICT_REFUSED);
    assert_string_equal(entries[1].code, REFUSAL_SEAT_REVOKED);
    assert_true(entries[1].change.size > 0);
    bool begun = false;
    assert_int_equal(replica_wipe(a->r, &begun), ERR_OK);
    assert_true(begun);
    assert_false(folder_has(&a->folder, "banyan.db"));
}

int main(void)
{
#define SCENARIO(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        SCENARIO(one_change_there_and_back),
        SCENARIO(disjoint_fields_merge),
        SCENARIO(same_field_conflicts_and_is_resolved),
        SCENARIO(refusal_waits_and_is_sent_again),
        SCENARIO(a_retry_goes_as_a_new_change),
        SCENARIO(removed_and_restored),
        SCENARIO(a_lost_answer_changes_nothing),
        SCENARIO(a_clone_heals),
        SCENARIO(an_old_copy_heals),
        SCENARIO(first_sync_by_rows),
        SCENARIO(a_wrong_row_is_repaired),
        SCENARIO(watching),
        SCENARIO(a_silent_server_times_out),
        SCENARIO(rights_are_said_at_once),
        SCENARIO(a_conflict_about_what_may_not_be_seen),
        SCENARIO(history_of_a_record),
        SCENARIO(the_district_acts_on_what_it_saw),
        SCENARIO(a_suspended_seat_keeps_everything),
        SCENARIO(a_device_that_is_taken_no_more_says_so),
        SCENARIO(fewer_roles_see_less),
        SCENARIO(what_is_held_no_longer_is_said),
        SCENARIO(a_number_that_a_copy_used_is_given_up),
        SCENARIO(a_revoked_seat_hands_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
