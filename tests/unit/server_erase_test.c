/* Erasing by law (rule 29) on the server: nothing of it stays in any file, the chain holds, and it comes back by no
 * way: not late, not by what clients hand back, not by a restore. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_recovery.h"

#include "base/clock.h"
#include "server/recovery/erase.h"
#include "server/recovery/verify.h"
#include "server/store/store_twins.h"
#include "membership.pb-c.h"
#include "tests/versions/versions.h"
#include "sync/derived_id.h"
#include "wire/wire.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "Rosalind"

static int setup(void **state)
{
    (void)version_kinds(VERSION_AHEAD);
    return server_setup(state);
}

static int teardown(void **state)
{
    int failed = server_teardown(state);
    kind_use(NULL);
    return failed;
}

/* How many files of the folder hold the word; backups (named B...) and what a restore set aside are left out. */
static int files_with(struct help_server *s, const char *word)
{
    int count = 0;
    DIR *d = opendir(s->folder.path);
    assert_non_null(d);
    for (struct dirent *f; (f = readdir(d));) {
        if (f->d_name[0] == '.' || f->d_name[0] == 'B' || strstr(f->d_name, ".before-"))
            continue;
        FILE *file = fopen(server_file(s, f->d_name), "rb");
        if (!file)
            continue;
        static char bytes[8 << 20];
        size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        if (memmem(bytes, size, word, strlen(word))) {
            print_message("%s holds %s\n", f->d_name, word);
            count++;
        }
    }
    closedir(d);
    return count;
}

static void fresh(struct help_server *s)
{
    server_close(s);
    server_open(s);
}

static void carry_out(struct help_server *s, struct erase_plan *plan, const char *reason)
{
    carry_out_erasure(s->store, s->control, plan, s->now_ms, reason);
    fresh(s);
}

static size_t erase(struct help_server *s, int record, const char *reason)
{
    struct erase_plan plan;
    assert_int_equal(erase_plan_make(s->store, member_id(record), &plan), ERR_OK);
    size_t records = plan.count;
    carry_out(s, &plan, reason);
    erase_plan_finish(&plan);
    return records;
}

static const char *row_of(struct help_server *s, uint32_t kind, struct id id)
{
    struct row row;
    assert_int_equal(store_read_row(s->store, kind, id, &s->arena, &row), ERR_OK);
    struct slice packed = wire_pack_arena(row.message, &s->arena);
    return arena_text(&s->arena, packed);
}

/* Of everything a little: a row, a refused change, a conflict, an assessment with a reason, a removed member. */
static void write_life(struct pen *p, struct pen *q)
{
    assert_string_equal(
        push_one(p,
                 pen_create(p, 1, "name=" NAME " id_number=110101199003070038 mobile=13812345678 note=" NAME "s_note")),
        "1 APPLIED");
    assert_string_equal(push_one(p, pen_create(p, 2, "name=Other note=stays")), "2 APPLIED");
    assert_string_equal(push_one(q, pen_set(q, 1, S(1), "mobile=13899999999")), "1 APPLIED");
    assert_non_null(strstr(push_one(p, pen_set(p, 1, S(1), "mobile=13800000007")), "CONFLICT"));
    assert_non_null(strstr(push_one(p, pen_set(p, 1, S(4), "id_number=11010119900307003" NAME)), "REFUSED"));
    assert_string_equal(push_one(p, pen_set(p, 1, S(5), "campus=" NAME "court joined_on=2020-01-02")), "5 APPLIED");
}

static void test_gone(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *before, *after;
    write_life(&p, &q);
    size_t count = server_entries(s, s->branch, &before);
    assert_int_equal(count, 6);
    assert_true(files_with(s, NAME) > 0);

    assert_int_equal(erase(s, 1, "2026-18"), 2); /* the member, and its conflict */
    assert_int_equal(files_with(s, NAME), 0);
    assert_int_equal(files_with(s, "110101199003070038"), 0);
    assert_int_equal(files_with(s, "13812345678"), 0);
    assert_int_equal(files_with(s, "13800000007"), 0);
    assert_int_equal(files_with(s, "13899999999"), 0);
    assert_string_equal(row_words(s, 1), "joined_on=2020-01-02 state=applied");
    assert_string_equal(row_words(s, 2), "name=Other state=applied note=stays");
    assert_int_equal(server_entries(s, s->branch, &after), count);
    for (size_t i = 0; i < count; i++) {
        assert_memory_equal(after[i].chain, before[i].chain, CHAIN_SIZE);
        assert_memory_equal(after[i].entry_hash, before[i].entry_hash, 32);
        assert_memory_equal(after[i].identity.hash, before[i].identity.hash, HASH_SIZE);
        assert_int_equal(after[i].stripped, i != 1); /* the other member's is whole */
        assert_int_equal(after[i].salt.size, i == 1 ? SALT_SIZE : 0);
    }
    server_verify(s);
    assert_int_equal(store_begin(s->store), ERR_OK);
    assert_int_equal(db_exec(store_db(s->store), "UPDATE history SET entry_hash=zeroblob(32) WHERE seq=(1<<40)+4"),
                     ERR_OK);
    struct verify_report report;
    assert_int_equal(store_commit(s->store), ERR_OK);
    assert_int_equal(verify_run(s->store, s->control, &report), ERR_OK); /* a true break is found as ever */
    assert_int_equal(report.count, 1);
    assert_string_equal(report.list[0].what, "chain");
    verify_report_finish(&report);
    assert_int_equal(store_begin(s->store), ERR_OK);
    struct db_statement *fix;
    assert_int_equal(db_prepare(store_db(s->store), "UPDATE history SET entry_hash=$1 WHERE seq=(1<<40)+4", &fix),
                     ERR_OK);
    db_bind_blob(fix, 1, slice_of(before[3].entry_hash, 32));
    assert_int_equal(db_run(fix), ERR_OK);
    assert_int_equal(store_commit(s->store), ERR_OK);
}

/* Who has not heard: what it sends of these fields is dropped, the rest goes in; what is nothing but that is refused.
 */
static void test_late(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    write_life(&p, &q);
    struct change *known = pen_set(&p, 2, S(2), "note=again");
    assert_string_equal(push_one(&p, known), "6 APPLIED");
    erase(s, 1, "2026-18");

    assert_string_equal(push_one(&q, pen_set(&q, 1, S(1), "name=" NAME "B note=x" NAME)), "2 REFUSED ERASED name");
    struct change *part = pen_set(&q, 1, S(1), "name=" NAME "B joined_on=2021-01-02");
    assert_string_equal(push_one(&q, part), "3 CONFLICT"); /* the day clashes as ever */
    assert_string_equal(push_one(&q, part), "3 CONFLICT"); /* known by the hash that it was made with */
    struct change *day = pen_set(&q, 1, S(9), "note=" NAME "C state_effective_on=2021-01-02");
    assert_string_equal(push_one(&q, day), "4 APPLIED");
    assert_string_equal(push_one(&q, pen_create(&q, 1, "name=" NAME "D")),
                        "5 APPLIED"); /* it is there; nothing of this is said any more */
    assert_string_equal(row_words(s, 1), "joined_on=2020-01-02 state=applied state_effective_on=2021-01-02");
    assert_string_equal(push_one(&p, known), "6 APPLIED");
    server_close(s);
    server_open(s);
    assert_int_equal(files_with(s, NAME), 0);
}

static struct change *written_by(enum version v, struct pen *p, const char *words)
{
    kind_use(version_kinds(v));
    struct change *c = pen_set(p, 1, S(1), words);
    kind_use(NULL);
    return c;
}

/* A newer program's fields, which this one does not know, written before the erasure and sent after it. */
static void test_late_of_a_newer_program(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    write_life(&p, &q);
    erase(s, 1, "2026-18");
    assert_string_equal(push_one(&q, written_by(VERSION_AHEAD, &q, AHEAD_FIELD "=" NAME "N")), "2 REFUSED ERASED");
    assert_string_equal(push_one(&q, written_by(VERSION_AHEAD, &q, AHEAD_SENSITIVE "=" NAME "P note=x")), "3 REFUSED ERASED note");
    assert_string_equal(push_one(&q, written_by(VERSION_AHEAD, &q, AHEAD_FIELD "=" NAME "Q state_effective_on=2021-01-02")), "4 MERGED");
    assert_string_equal(row_words(s, 1), "joined_on=2020-01-02 state=applied state_effective_on=2021-01-02");
    fresh(s);
    assert_int_equal(files_with(s, NAME), 0);
    server_close(s);
    kind_use(version_kinds(VERSION_AHEAD));
    server_open(s);
    assert_string_equal(push_one(&q, pen_set(&q, 1, S(1), AHEAD_FIELD "=" NAME "R")), "5 REFUSED ERASED " AHEAD_FIELD);
    server_close(s);
    assert_int_equal(files_with(s, NAME), 0);
    server_open(s);
}

/* What waits to be sent with its values taken out bears the hash that it was made with: sent and sent again it is one
 * change. */
static void test_less_with_its_hash(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    write_life(&p, &q);
    struct change *made = pen_set(&q, 1, S(6), "name=" NAME "B state_effective_on=2021-01-02"),
                  *less = arena_alloc(&s->arena, sizeof *less);
    assert_string_equal(push_one(&q, made), "2 APPLIED");
    erase(s, 1, "2026-18");
    *less = *made;
    struct erasures known = control_erasures(s->control);
    assert_true(erase_change(&known, less, NULL, &s->arena));
    assert_memory_equal(less->hash, made->hash, HASH_SIZE);
    struct job *job = push_job(&q, &less, 1, NULL);
    ProtobufCMessage *m;
    assert_int_equal(wire_open(&wire__push__descriptor, buf_slice(&job->request), &s->arena, &m), ERR_OK);
    ((Wire__Push *)m)->sent[0]->has_hash = 1;
    ((Wire__Push *)m)->sent[0]->hash = (ProtobufCBinaryData){HASH_SIZE, made->hash};
    buf_finish(&job->request);
    wire_pack(m, &job->request);
    server_run(s, job);
    assert_string_equal(job_text(s, job), "2 APPLIED");
    job_free_one(job);
}

/* A backup from before it: blanked before anybody is served; and what a device hands back that has not heard is taken
 * without it. */
static void test_restore(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept;
    assert_string_equal(push_one(&p, pen_create(&p, 2, "name=Other note=stays")), "1 APPLIED");
    server_backup(s, "B0");
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=" NAME " id_number=110101199003070038")), "2 APPLIED");
    server_backup(s, "B1");
    assert_string_equal(push_one(&q, pen_set(&q, 1, S(2), "note=" NAME "2 joined_on=2020-01-02")), "1 APPLIED");
    assert_string_equal(push_one(&p, pen_set(&p, 2, S(1), "note=more")), "3 APPLIED");
    size_t count = server_entries(s, s->branch, &kept); /* whole: of a device that hears later */
    erase(s, 1, "2026-18");

    server_restore(s, "B1");
    assert_int_equal(files_with(s, NAME), 0);
    assert_string_equal(row_words(s, 1), "state=applied");
    assert_int_equal(hand_back(s, s->second, s->branch, &kept[2], count - 2, true), S(4));
    assert_string_equal(row_words(s, 1), "joined_on=2020-01-02 state=applied");
    server_verify(s);
    fresh(s);
    assert_int_equal(files_with(s, NAME), 0);

    server_restore(s, "B0"); /* nothing is known of the person then */
    assert_string_equal(row_words(s, 1), "unknown");
    assert_int_equal(hand_back(s, s->second, s->branch, &kept[1], count - 1, true), S(4));
    assert_string_equal(row_words(s, 1), "joined_on=2020-01-02 state=applied");
    server_verify(s);
    struct entry *after;
    server_entries(s, s->branch, &after);
    assert_memory_equal(after[3].chain, kept[3].chain, CHAIN_SIZE);
    fresh(s);
    assert_int_equal(files_with(s, NAME), 0);
    assert_int_equal(files_with(s, "110101199003070038"), 0);
}

/* The journal has it, the tables not yet: whoever comes to the folder next goes on. */
static void test_died_over_it(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct erase_plan plan;
    struct slice *list;
    size_t count;
    write_life(&p, &q);
    assert_int_equal(erase_plan_make(s->store, member_id(1), &plan), ERR_OK);
    assert_int_equal(erase_plan_pack(&plan, s->now_ms, "2026-18", help_random, &list, &count), ERR_OK);
    assert_int_equal(control_add_erasure(s->control, list[0], 0), ERR_OK);
    assert_int_equal(control_add_erasure(s->control, list[0], 0), ERR_OK); /* known */
    assert_null(control_erasure_at(s->control, 1));
    erase_plan_finish(&plan);
    fresh(s);
    assert_true(files_with(s, NAME) > 0);
    assert_non_null(strstr(push_one(&p, pen_create(&p, 3, "name=New")), "APPLIED"));
    fresh(s);
    assert_int_equal(files_with(s, NAME), 0);
    assert_string_equal(row_words(s, 1), "joined_on=2020-01-02 state=applied");
}

/* Who was removed, or never accepted, stands in the log all the same. */
static void test_removed(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=" NAME " note=x")), "1 APPLIED");
    assert_string_equal(push_one(&p, pen_write(&p, OP_REMOVE, s->member, member_id(1), S(1), "")), "2 APPLIED");
    assert_non_null(
        strstr(push_one(&p, pen_set(&p, 1, S(1), "note=" NAME "late")), "CONFLICT")); /* keeps the row as it was */
    erase(s, 1, "2026-18");
    assert_int_equal(files_with(s, NAME), 0);
}

static int64_t measure(struct help_server *s, const char *name)
{
    struct org_state *state;
    assert_int_equal(store_load_org(s->store, s->branch, 1, &state), ERR_OK);
    int64_t value = org_state_measure(state, name);
    org_state_destroy(state);
    return value;
}

static struct change *assessment(struct help_server *s, struct pen *p, int member, const char *period)
{
    const struct kind *k = kind_by_name("dues_assessment");
    struct id of = member_id(member), id;
    ProtobufCMessage *m = record_new(k->descriptor, &s->arena);
    record_put_name(m, "member_id", cell_bytes(arena_copy(&s->arena, id_slice(&of))), &s->arena);
    record_put_name(m, "period", cell_text(period), &s->arena);
    record_put_name(m, "amount_due_fen", cell_integer(2000), &s->arena);
    assert_true(derived_id(k, s->branch, m, &id));
    struct change *c = pen_write(p, OP_CREATE, k->number, id, 0, "");
    c->patch = m;
    assert_int_equal(change_pack(c, &s->arena), ERR_OK);
    return c;
}

/* Who is erased is counted among members no more and owes nothing; what was assessed stays in the period's books. After a
 * restore, and by verify (teardown), from the rows alone, it comes to the same. */
static void test_counted_no_more(void **state)
{
    struct help_server *s = *state;
    uint32_t accountant = server_add_seat(s, s->branch, "accountant");
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, accountant, s->branch, 2);
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=" NAME " state=active joined_on=2026-01-01")), "1 APPLIED");
    assert_string_equal(push_one(&p, pen_create(&p, 2, "name=Other state=active joined_on=2026-01-01")), "2 APPLIED");
    server_backup(s, "B0");
    assert_string_equal(push_one(&q, assessment(s, &q, 1, "2026-09")), "1 APPLIED");
    assert_string_equal(push_one(&q, assessment(s, &q, 1, "2026-10")), "2 APPLIED");
    assert_string_equal(push_one(&q, assessment(s, &q, 2, "2026-10")), "3 APPLIED");
    assert_int_equal(measure(s, "dues_assessment.owing.2026-10-31"), 2);
    struct entry *kept;
    size_t count = server_entries(s, s->branch, &kept);
    erase(s, 1, "2026-18");
    for (int after = 0; after < 2; after++) {
        assert_int_equal(measure(s, "member.total"), 1);
        assert_int_equal(measure(s, "member.state.active"), 1);
        assert_int_equal(measure(s, "member.erased"), 1);
        assert_int_equal(measure(s, "member.joined.2026-01"), 2);
        assert_int_equal(measure(s, "dues_assessment.owing.2026-09-30"), 0);
        assert_int_equal(measure(s, "dues_assessment.owing.2026-10-31"), 1);
        assert_int_equal(measure(s, "dues_assessment.owing_fen.2026-10-31"), 2000);
        assert_int_equal(measure(s, "dues_assessment.assessed_fen.2026-10"), 4000);
        server_verify(s);
        if (after == 0) {
            server_restore(s, "B0");
            assert_int_equal(hand_back(s, accountant, s->branch, &kept[2], count - 2, true), S(5));
        }
    }
}

#define OWING "dues_assessment.owing.2026-10-31"

/* What somebody owes is nobody's debt once the register has nobody any more, however that came and in whichever order. The same
 * after a restore and, by verify (teardown), from the rows alone. */
static void test_removed_owes_nothing(void **state)
{
    struct help_server *s = *state;
    uint32_t accountant = server_add_seat(s, s->branch, "accountant");
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, accountant, s->branch, 2);
    for (int member = 1; member <= 2; member++)
        assert_non_null(
            strstr(push_one(&p, pen_create(&p, member, "name=" NAME " state=active joined_on=2026-01-01")), "APPLIED"));
    for (int member = 1; member <= 2; member++)
        assert_non_null(strstr(push_one(&q, assessment(s, &q, member, "2026-10")), "APPLIED"));
    assert_int_equal(measure(s, OWING), 2);
    erase(s, 1, "2026-18");
    assert_int_equal(measure(s, OWING), 1);
    assert_string_equal(push_one(&p, pen_write(&p, OP_REMOVE, s->member, member_id(1), S(4), "")),
                        "3 APPLIED"); /* erased, then removed */
    assert_int_equal(measure(s, OWING), 1);
    server_backup(s, "B0");
    assert_string_equal(push_one(&p, pen_write(&p, OP_REMOVE, s->member, member_id(2), S(5), "")), "4 APPLIED");
    assert_int_equal(measure(s, OWING), 0);
    assert_int_equal(measure(s, "dues_assessment.owing_fen.2026-10-31"), 0);
    assert_int_equal(measure(s, "dues_assessment.assessed_fen.2026-10"), 4000);
    erase(s, 2, "2026-19"); /* removed, then erased */
    assert_int_equal(measure(s, OWING), 0);
    server_restore(s, "B0");
    assert_int_equal(measure(s, OWING), 0); /* what was removed is back, but erased */
    server_verify(s);
}

/* Erased by a program of before `from`, and once more now: all that is new is `from`, and who does not know that wants a tag. */
static void test_from_is_never_alone(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct erase_plan plan;
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=" NAME " state=active joined_on=2026-01-01")), "1 APPLIED");
    assert_int_equal(erase_plan_make(s->store, member_id(1), &plan), ERR_OK);
    for (size_t i = 0; i < plan.count; i++)
        plan.list[i].fields.from = 0;
    carry_out(s, &plan, "2026-18");
    erase_plan_finish(&plan);
    assert_int_equal(erase_plan_make(s->store, member_id(1), &plan), ERR_OK);
    assert_int_equal(erase_plan_leave_known(&plan, s->control), 0);
    assert_int_equal(plan.count, 1);
    assert_true(plan.list[0].fields.from > 0);
    assert_int_equal(plan.list[0].fields.count, 1);
    assert_true(plan.list[0].fields.tags[0] < plan.list[0].fields.from);
    erase_plan_finish(&plan);
}

static struct change *take_over(struct help_server *s, struct pen *pen, struct id from, const char *words)
{
    Record__Member like = RECORD__MEMBER__INIT;
    struct id id;
    like.has_from_member = 1;
    like.from_member = (ProtobufCBinaryData){ID_SIZE, from.bytes};
    assert_true(derived_id(kind_by_number(s->member), s->other, &like.base, &id));
    struct change *c = pen_write(pen, OP_CREATE, s->member, id, 0, words);
    record_put_name((ProtobufCMessage *)c->patch, "from_member", cell_bytes(arena_copy(&s->arena, id_slice(&from))),
                    &s->arena);
    assert_int_equal(change_pack(c, &s->arena), ERR_OK);
    return c;
}

/* Who was taken over has a record in each branch. One that nobody knew of when the person was erased follows when it
 * comes back; one that comes to be afterwards is refused. */
static void test_same_person(void **state)
{
    struct help_server *s = *state;
    uint32_t seat = server_add_seat(s, s->other, "union_chair");
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, seat, s->other, 3);
    struct entry *kept;
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=" NAME " state=active")), "1 APPLIED");
    assert_string_equal(push_one(&p, pen_write(&p, OP_ACT, s->member, member_id(1), S(1),
                                               "!transferred_out to_branch=qh-02 state_effective_on=2026-10-31")),
                        "2 APPLIED");
    server_backup(s, "B0");
    struct change *taken = take_over(s, &q, member_id(1), "name=" NAME " state=active from_branch=qh-01");
    assert_string_equal(push_one(&q, taken), "1 APPLIED");
    assert_string_equal(push_one(&q, pen_write(&q, OP_SET, s->member, taken->id, S(1), "note=" NAME "there")),
                        "2 APPLIED");
    size_t count = server_entries(s, s->other, &kept);
    assert_int_equal(count, 2);
    server_restore(s, "B0");
    assert_int_equal(erase(s, 1, "2026-18"), 1); /* the other one is lost just now */
    assert_int_equal(hand_back(s, seat, s->other, kept, 2, true), S(2));
    struct job *look = job_make(s, JOB_END_RECOVERY, 0);
    server_run(s, look);
    job_free_one(look);
    fresh(s);
    assert_int_equal(files_with(s, NAME), 0);
    assert_non_null(control_erasure_at(s->control, 1));
    assert_int_equal(control_erasure_at(s->control, 1)->org, s->other);
    server_verify(s);
}

static void test_taken_over_after_it(void **state)
{
    struct help_server *s = *state;
    uint32_t seat = server_add_seat(s, s->other, "union_chair");
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, seat, s->other, 3);
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=" NAME " state=active")), "1 APPLIED");
    assert_string_equal(push_one(&p, pen_write(&p, OP_ACT, s->member, member_id(1), S(1),
                                               "!transferred_out to_branch=qh-02 state_effective_on=2026-10-31")),
                        "2 APPLIED");
    erase(s, 1, "2026-18");
    assert_string_equal(push_one(&q, take_over(s, &q, member_id(1), "name=" NAME " state=active from_branch=qh-01")),
                        "1 REFUSED ERASED name");
    fresh(s);
    assert_int_equal(files_with(s, NAME), 0);
}

/* ---- what other records say of the person ---- */

static struct change *about(struct help_server *s, struct change *c, int record, int64_t fen)
{
    struct id member = member_id(record);
    ProtobufCMessage *m = record_copy(c->patch, &s->arena);
    record_put_name(m, "member_id", cell_bytes(arena_copy(&s->arena, id_slice(&member))), &s->arena);
    record_put_name(m, "amount_fen", cell_integer(fen), &s->arena);
    c->patch = m;
    assert_int_equal(change_pack(c, &s->arena), ERR_OK);
    return c;
}

static struct change *payment(struct pen *pen, int number, int record, const char *words)
{
    return about(pen->s, pen_write(pen, OP_CREATE, kind_by_name("dues_payment")->number, member_id(number), 0, words), record, 2000);
}

static const char *reason_of(struct help_server *s, uint32_t kind, int number, const char *field)
{
    struct row row;
    assert_int_equal(store_read_row(s->store, kind, member_id(number), &s->arena, &row), ERR_OK);
    assert_non_null(row.message);
    struct cell c = record_get_name(row.message, field);
    return c.type == CELL_TEXT ? (const char *)c.bytes.data : "none";
}

#define PAID "period=2026-10 paid_on=2026-10-15 method=cash "

/* Who had not heard sends a payment: the money stands, the words do not; also where a rule asks for the words. Of others they stay. */
static void test_said_elsewhere_afterwards(void **state)
{
    struct help_server *s = *state;
    uint32_t seat = server_add_seat(s, s->branch, "accountant"), pay = kind_by_name("dues_payment")->number;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, seat, s->branch, 3);
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=" NAME " state=active joined_on=2026-01-01")), "1 APPLIED");
    assert_string_equal(push_one(&p, pen_create(&p, 2, "name=Wang state=active joined_on=2026-01-01")), "2 APPLIED");
    erase(s, 1, "2026-18");
    assert_string_equal(push_one(&q, payment(&q, 21, 1, PAID "reason=" NAME "-was-ill")), "1 APPLIED");
    assert_string_equal(reason_of(s, pay, 21, "reason"), "none");
    struct change *back = payment(&q, 22, 1, PAID "reason=" NAME "-again");
    ProtobufCMessage *m = record_copy(back->patch, &s->arena);
    struct id first = member_id(21);
    record_put_name(m, "reverses_id", cell_bytes(id_slice(&first)), &s->arena);
    back->patch = m;
    assert_string_equal(push_one(&q, about(s, back, 1, -2000)), "2 APPLIED"); /* a reversal has to say why */
    assert_string_equal(reason_of(s, pay, 22, "reason"), "none");
    assert_string_equal(push_one(&q, payment(&q, 23, 2, PAID "reason=Wang-was-ill")), "3 APPLIED");
    assert_string_equal(reason_of(s, pay, 23, "reason"), "Wang-was-ill");
    fresh(s);
    assert_int_equal(files_with(s, NAME), 0);
    server_verify(s);
}

/* What is said of such a record later does not name the person: its row does. */
static void test_said_elsewhere_later_on(void **state)
{
    struct help_server *s = *state;
    uint32_t seat = server_add_seat(s, s->branch, "accountant"), standard = kind_by_name("dues_standard")->number;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, seat, s->branch, 3);
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=" NAME " state=active joined_on=2026-01-01")), "1 APPLIED");
    erase(s, 1, "2026-18");
    struct change *c = pen_write(&q, OP_CREATE, standard, member_id(31), 0, "mode=flat effective_from=2026-02-01");
    assert_string_equal(push_one(&q, about(s, c, 1, 2000)), "1 APPLIED");
    assert_string_equal(push_one(&q, pen_write(&q, OP_SET, standard, member_id(31), S(2), "effective_from=2026-03-01 basis=" NAME "-asked")), "2 APPLIED");
    assert_string_equal(reason_of(s, standard, 31, "basis"), "none");
    assert_string_equal(reason_of(s, standard, 31, "effective_from"), "2026-03-01");
    assert_string_equal(push_one(&q, pen_write(&q, OP_SET, standard, member_id(31), S(3), "basis=" NAME)), "3 REFUSED ERASED basis");
    fresh(s);
    assert_int_equal(files_with(s, NAME), 0);
    server_verify(s);
}

/* Lost by a restore while the person was erased: it comes back without, and every holder is told. */
static void test_said_elsewhere_and_lost(void **state)
{
    struct help_server *s = *state;
    struct entry *kept;
    uint32_t seat = server_add_seat(s, s->branch, "accountant"), pay = kind_by_name("dues_payment")->number;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, seat, s->branch, 3);
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=" NAME " state=active joined_on=2026-01-01")), "1 APPLIED");
    server_backup(s, "B0");
    assert_string_equal(push_one(&q, payment(&q, 21, 1, PAID "reason=" NAME "-was-ill")), "1 APPLIED");
    size_t count = server_entries(s, s->branch, &kept);
    server_restore(s, "B0");
    assert_int_equal(erase(s, 1, "2026-18"), 1);
    assert_int_equal(hand_back(s, seat, s->branch, &kept[1], count - 1, true), S(2));
    struct job *look = job_make(s, JOB_END_RECOVERY, 0);
    server_run(s, look);
    job_free_one(look);
    fresh(s);
    assert_string_equal(reason_of(s, pay, 21, "reason"), "none");
    assert_int_equal(files_with(s, NAME), 0);
    assert_non_null(control_erasure_at(s->control, 1)); /* who pulled it then holds it still */
    server_verify(s);
}

static void test_names(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    const struct kind *handover = kind_by_name("handover");
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=王敏")), "1 APPLIED");
    assert_string_equal(push_one(&p, pen_write(&p, OP_CREATE, handover->number, member_id(50), 0,
                                               "role=accountant from_name=王敏老师 to_name=王敏芳")),
                        "2 APPLIED");
    assert_int_equal(erase(s, 1, "2026-18"), 2);
    assert_non_null(strstr(row_of(s, handover->number, member_id(50)), "王敏芳")); /* another person */
    assert_int_equal(files_with(s, "王敏老师"), 0);
}

/* An unproven hand-back of an entry that the server has (another path's, or made up) must not write an erasure:
 * any seat could so blank any record for good. */
static void test_made_up_person(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct effects effects = {.count = 1};
    struct entry made = {.seq = S(2), .verdict = VERDICT_APPLIED, .identity = {.seat = s->second, .n = 9}};
    Record__Member patch = RECORD__MEMBER__INIT;
    struct id victim = member_id(2), erased = member_id(1);
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=" NAME)), "1 APPLIED");
    assert_string_equal(push_one(&p, pen_create(&p, 2, "name=Innocent note=stays")), "2 APPLIED");
    erase(s, 1, "2026-18");
    server_backup(s, "B0");
    server_restore(s, "B0"); /* now the branch recovers */
    patch.has_from_member = 1;
    patch.from_member = (ProtobufCBinaryData){ID_SIZE, erased.bytes};
    effects.list[0] = (struct effect){.kind_number = s->member, .kind = kind_by_number(s->member), .id = victim,
                                      .patch = &patch.base, .patch_bytes = wire_pack_arena(&patch.base, &s->arena)};
    made.effects = effects_pack(&effects, &s->arena);
    made.salt = arena_copy(&s->arena, slice_of("0123456789abcdef", SALT_SIZE));
    uint8_t nothing[CHAIN_SIZE] = {0};
    entry_seal(&made, nothing); /* follows nothing that the server has */
    struct job *job = job_make(s, JOB_HAND_BACK, s->second);
    Wire__HandBack m = WIRE__HAND_BACK__INIT;
    Wire__Entry *list[] = {entry_wire(&made, &s->arena)};
    m.has_org = 1;
    m.org = s->branch;
    m.entry = list;
    m.n_entry = 1;
    job->proven = false; /* no mac: the server never gave it */
    wire_pack(&m.base, &job->request);
    server_run(s, job);
    job_free_one(job);
    struct job *look = job_make(s, JOB_END_RECOVERY, 0);
    server_run(s, look);
    job_free_one(look);
    fresh(s);
    assert_null(control_erasure_at(s->control, 1));
    assert_string_equal(row_words(s, 2), "name=Innocent state=applied note=stays");
}

/* Sent.hash is for changes from which something was erased. Nothing was here: the seat's own bytes are its identity. */
static void test_made_up_hash(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *c = pen_create(&p, 1, "name=Li note=x");
    struct job *job = push_job(&p, &c, 1, NULL);
    ProtobufCMessage *m;
    uint8_t other[HASH_SIZE] = "not its hash 16";
    assert_int_equal(wire_open(&wire__push__descriptor, buf_slice(&job->request), &s->arena, &m), ERR_OK);
    ((Wire__Push *)m)->sent[0]->has_hash = 1;
    ((Wire__Push *)m)->sent[0]->hash = (ProtobufCBinaryData){HASH_SIZE, other};
    buf_finish(&job->request);
    wire_pack(m, &job->request);
    server_run(s, job);
    assert_int_equal(job->failed, ERR_PROTOCOL);
    job_free_one(job);
    assert_int_equal(server_seq(s, s->branch), 0); /* it would make verify cry for ever */
}

/* The record that stands in the branch which took the person over was removed there; erased by that record's id
 * the one before, in the branch that the person came from, is the same person's. */
static void test_same_person_removed(void **state)
{
    struct help_server *s = *state;
    uint32_t seat = server_add_seat(s, s->other, "union_chair");
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, seat, s->other, 3);
    struct erase_plan plan;
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=" NAME " state=active")), "1 APPLIED");
    assert_string_equal(push_one(&p, pen_write(&p, OP_ACT, s->member, member_id(1), S(1),
                                               "!transferred_out to_branch=qh-02 state_effective_on=2026-10-31")),
                        "2 APPLIED");
    struct change *taken = take_over(s, &q, member_id(1), "name=" NAME " state=active from_branch=qh-01");
    assert_string_equal(push_one(&q, taken), "1 APPLIED");
    assert_string_equal(push_one(&q, pen_write(&q, OP_REMOVE, s->member, taken->id, S(1), "")), "2 APPLIED");
    assert_int_equal(erase_plan_make(s->store, taken->id, &plan), ERR_OK);
    bool before = false;
    for (size_t i = 0; i < plan.count; i++)
        before |= id_equal(plan.list[i].id, member_id(1));
    erase_plan_finish(&plan);
    assert_true(before);
}

/* A name that is not looked for would stay in words: said, nothing left out in silence. */
static void test_more_names_than_are_looked_for(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct erase_plan plan;
    enum { NAMES = 64 };
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=Name1")), "1 APPLIED");
    for (int i = 2; i <= NAMES + 1; i++) {
        if (i == NAMES + 1) {
            assert_int_equal(erase_plan_make(s->store, member_id(1), &plan), ERR_OK);
            assert_int_equal(plan.name_count, NAMES);
            erase_plan_finish(&plan);
        }
        assert_non_null(strstr(
            push_one(&p, pen_set(&p, 1, S((uint64_t)i - 1), arena_format(&s->arena, "name=Name%d", i))), "APPLIED"));
    }
    assert_int_equal(erase_plan_make(s->store, member_id(1), &plan), ERR_FULL);
}

static bool scrub_is_due(struct help_server *s)
{
    bool due = false;
    assert_int_equal(erase_scrub_is_due(s->store, &due), ERR_OK);
    return due;
}

static void erase_unscrubbed(struct help_server *s, struct store *store, struct control *control, int record)
{
    struct erase_plan plan;
    assert_int_equal(erase_plan_make(store, member_id(record), &plan), ERR_OK);
    write_erasure(store, control, &plan, s->now_ms, "2026-18");
    erase_plan_finish(&plan);
}

/* An erasure that comes while the file is wiped for one before it: what that walk has passed is gone through again. */
static void test_each_is_wiped(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct erase_scrub turns = {0};
    bool more = false;
    write_life(&p, &q);
    assert_false(scrub_is_due(s));
    erase_unscrubbed(s, s->store, s->control, 1);
    assert_true(scrub_is_due(s));
    assert_int_equal(erase_scrub_turn(s->store, &turns, 1, &more), ERR_OK);
    assert_true(more);
    erase_unscrubbed(s, s->store, s->control, 2);
    enum err e = ERR_OK;
    while (e == ERR_OK && more)
        e = erase_scrub_turn(s->store, &turns, 10, &more);
    assert_int_equal(e, ERR_BUSY);
    assert_true(scrub_is_due(s));
    for (more = true; more;)
        assert_int_equal(erase_scrub_turn(s->store, &turns, 10, &more), ERR_OK);
    assert_false(scrub_is_due(s));
    assert_int_equal(files_with(s, NAME) + files_with(s, "stays"), 0);
}

/* Another process erased, and could not wipe: the one writer does, at its next look. */
static void test_the_writer_wipes(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct store *other;
    struct control *control;
    write_life(&p, &q);
    server_run(s, NULL);
    assert_int_equal(store_open(s->folder.path, STORE_WRITE, &other), ERR_OK);
    assert_int_equal(control_open(store_db(other), s->journal, &control), ERR_OK);
    erase_unscrubbed(s, other, control, 1);
    control_close(control);
    store_close(other);
    assert_true(scrub_is_due(s));
    server_run(s, NULL);
    assert_false(scrub_is_due(s));
    assert_int_equal(files_with(s, NAME), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_gone),    T(test_late), T(test_late_of_a_newer_program),         T(test_less_with_its_hash),
                                       T(test_restore), T(test_died_over_it), T(test_removed), T(test_counted_no_more), T(test_removed_owes_nothing), T(test_from_is_never_alone),
                                       T(test_names),   T(test_said_elsewhere_afterwards), T(test_said_elsewhere_later_on),
                                       T(test_said_elsewhere_and_lost), T(test_same_person),  T(test_taken_over_after_it),
                                       T(test_made_up_person), T(test_made_up_hash), T(test_same_person_removed),
                                       T(test_more_names_than_are_looked_for), T(test_each_is_wiped), T(test_the_writer_wipes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
