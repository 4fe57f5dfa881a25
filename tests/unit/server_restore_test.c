/* Backup, restore, recovery: rules 24 to 26, 33, 35 with clients that kept their entries. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_recovery.h"

#include "server/recovery/backup.h"
#include "wire/wire.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_members(struct pen *p, int from, int to)
{
    for (int i = from; i < to; i++)
        assert_non_null(strstr(push_one(p, pen_create(p, i, "name=Li id_number=110101199003070038 note=x")), "APPLIED"));
}

/* What stands in the branch, all of it, as one text. */
static const char *all_rows(struct help_server *s, int count)
{
    struct buf b = BUF_INIT;
    for (int i = 0; i < count; i++) {
        struct row row;
        const char *words = row_words(s, i);
        buf_format(&b, "%d %s", i, words);
        if (strcmp(words, "unknown") != 0 && store_read_row(s->store, s->member, member_id(i), &s->arena, &row) == ERR_OK)
            buf_format(&b, " %llx %.*s", (unsigned long long)row.seq, row.message ? 8 : 0,
                       row.message ? (const char *)record_get_name(row.message, "member_no").bytes.data : "");
        buf_byte(&b, '\n');
    }
    const char *text = arena_text(&s->arena, buf_slice(&b));
    buf_finish(&b);
    return text;
}

/* The whole way: what a client kept comes back as it was; what it acknowledged and kept in its outbox is known. */
static void test_round(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *kept;
    write_members(&p, 0, 5);
    server_backup(s, "b1");
    write_members(&p, 5, 9);
    struct change *last = pen_set(&p, 2, S(5), "note=y");
    assert_string_equal(push_one(&p, last), "10 APPLIED");
    size_t count = server_entries(s, s->branch, &kept);
    const char *before = all_rows(s, 10);
    assert_int_equal(count, 10);

    struct restore_facts facts = server_restore(s, "b1");
    assert_int_equal(facts.orgs, 3);
    assert_int_equal(facts.cut, 0);
    assert_true(facts.journal_kept);
    assert_int_equal(server_seq(s, s->branch), S(5));
    assert_true(store_recovering(s->store, s->branch));
    assert_int_equal(store_recovery_from(s->store, s->branch), S(5));
    assert_string_equal(push_one(&p, last), "LATER 10"); /* not GAP: what is missing may come back */

    assert_int_equal(hand_back(s, s->second, s->branch, &kept[5], 2, false), S(7));
    assert_int_equal(hand_back(s, s->second, s->branch, &kept[6], 4, false), S(10)); /* again, and on */
    assert_string_equal(all_rows(s, 10), before);
    server_end_recovery(s);
    assert_string_equal(push_one(&p, last), "10 APPLIED"); /* n is processed: nothing is decided twice */
    assert_int_equal(server_seq(s, s->branch), S(10));
    p.n = 10;
    assert_string_equal(push_one(&p, pen_create(&p, 9, "name=Wu")), "11 APPLIED");
    assert_int_equal(server_seq(s, s->branch), seq_make(2, 1)); /* a new epoch */
    struct row row;
    assert_int_equal(store_read_row(s->store, s->member, member_id(9), &s->arena, &row), ERR_OK);
    assert_memory_equal(record_get_name(row.message, "member_no").bytes.data, "1010", 4); /* rule 26: numbers skip 1,000 */
}

/* Nobody kept it: what was lost is simply new again (rule 28), in its new epoch, with an old base. */
static void test_lost(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    write_members(&p, 0, 2);
    server_backup(s, "b1");
    struct change *c[] = {pen_create(&p, 2, "name=Wang"), pen_set(&p, 2, 0, "note=x")};
    assert_string_equal(push(&p, c, 2), "3 APPLIED | 4 APPLIED");
    struct change *on_lost = pen_set(&p, 2, S(4), "campus=east");
    server_restore(s, "b1");
    server_end_recovery(s);
    struct change *again[] = {c[0], c[1], on_lost};
    assert_string_equal(push(&p, again, 3), "3 APPLIED | 4 APPLIED | 5 APPLIED");
    assert_int_equal(server_seq(s, s->branch), seq_make(2, 3));
    assert_string_equal(row_words(s, 2), "name=Wang campus=east state=applied note=x");
    assert_int_equal(control_epoch_last(s->control, 2, s->branch), S(2));
}

static void test_what_does_not_fit(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *kept;
    write_members(&p, 0, 2);
    server_backup(s, "b1");
    write_members(&p, 2, 6);
    server_entries(s, s->branch, &kept);
    assert_int_equal(hand_back(s, s->second, s->branch, &kept[2], 2, false), S(6)); /* out of recovery: nothing */
    server_restore(s, "b1");
    assert_int_equal(hand_back(s, s->second, s->branch, &kept[3], 3, false), S(2)); /* a hole before it */
    struct entry forged = kept[2];
    forged.effects = kept[3].effects;
    assert_int_equal(hand_back(s, s->second, s->branch, &forged, 1, false), S(2));
    forged = kept[2];
    forged.seq = S(9);
    assert_int_equal(hand_back(s, s->second, s->branch, &forged, 1, false), S(2));
    assert_int_equal(hand_back(s, s->second, s->branch, &kept[2], 4, false), S(6));
    forged = kept[5]; /* sound by its hashes, and larger than a frame could bring it to those who pull */
    forged.seq = S(7);
    forged.identity.n = 7;
    forged.salt = slice_of(arena_alloc(&s->arena, 900000), 900000);
    entry_seal(&forged, kept[5].chain);
    struct job *large = job_make(s, JOB_HAND_BACK, s->second);
    Wire__HandBack one = WIRE__HAND_BACK__INIT;
    Wire__Entry *entry = entry_wire(&forged, &s->arena);
    one.has_org = 1;
    one.org = s->branch;
    one.n_entry = 1;
    one.entry = &entry;
    wire_pack(&one.base, &large->request);
    server_run(s, large);
    assert_int_equal(large->failed, ERR_WIRE);
    job_free_one(large);

    /* A seat hands back what it keeps: its own org's, and those above. */
    uint32_t stranger = server_add_seat(s, s->other, "union_chair");
    struct job *job = job_make(s, JOB_HAND_BACK, stranger);
    Wire__HandBack m = WIRE__HAND_BACK__INIT;
    m.has_org = 1;
    m.org = s->branch;
    job->request.size = 0;
    uint8_t packed[32];
    buf_append(&job->request, packed, wire__hand_back__pack(&m, packed));
    server_run(s, job);
    assert_int_equal(job->failed, ERR_PROTOCOL);
    job_free_one(job);
    server_end_recovery(s);
}

/* An abandoned path: entries of it are not taken verbatim, and a backup that ends on it is cut back first (rule 25). */
static void test_abandoned_path(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *old, *now;
    write_members(&p, 0, 2);
    server_backup(s, "b1");
    write_members(&p, 2, 4);
    assert_non_null(strstr(push_one(&p, pen_set(&p, 0, S(4), "note=old-path")), "APPLIED"));
    server_backup(s, "b2");
    server_entries(s, s->branch, &old);
    server_restore(s, "b1");
    assert_int_equal(hand_back(s, s->second, s->branch, &old[2], 1, false), S(3));
    server_end_recovery(s); /* epoch 2 begins at 1:3; 1:4 and 1:5 are given up */
    struct pen q = pen_of(s, s->second, s->branch, 2);
    assert_string_equal(push_one(&q, pen_set(&q, 0, S(3), "note=new-path")), "1 APPLIED");
    const char *rows = all_rows(s, 5);
    size_t count = server_entries(s, s->branch, &now);
    assert_int_equal(count, 4);

    struct restore_facts facts = server_restore(s, "b2"); /* holds 1:1 .. 1:5 */
    assert_int_equal(facts.cut, 2);
    assert_int_equal(server_seq(s, s->branch), S(3));
    assert_string_equal(row_words(s, 3), "unknown");
    server_verify(s);
    assert_int_equal(hand_back(s, s->second, s->branch, &old[3], 2, false), S(3));            /* off the lineage */
    assert_int_equal(hand_back(s, s->second, s->branch, &now[3], 1, false), seq_make(2, 1)); /* along it */
    assert_string_equal(all_rows(s, 5), rows);
    server_end_recovery(s);
    assert_string_equal(push_one(&q, pen_create(&q, 9, "name=Wu")), "2 APPLIED");
    assert_int_equal(server_seq(s, s->branch), seq_make(3, 3)); /* behind the two that had been cut back (rule 27) */
}

static void strip(struct help_server *s, struct entry *e, const char *role)
{
    role_set roles;
    const char *bad;
    assert_int_equal(role_set_parse(role, &roles, &bad), ERR_OK);
    entry_strip(e, roles, &s->arena);
    assert_true(e->stripped);
}

/* Entries that came stripped fill what they can; the fullest copy wins, in whatever order copies come (rule 25). */
static void run_stripped(struct help_server *s, bool fuller_first)
{
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *whole, stripped[4];
    write_members(&p, 0, 1);
    server_backup(s, "b1");
    struct change *c[] = {pen_create(&p, 1, "name=Wang id_number=110101199003070038 note=a"),
                          pen_set(&p, 1, 0, "id_number=11010119900307109X note=b"), pen_set(&p, 1, 0, "campus=east"),
                          pen_set(&p, 0, S(1), "id_number=11010119900307109X")};
    assert_string_equal(push(&p, c, 4), "2 APPLIED | 3 APPLIED | 4 APPLIED | 5 APPLIED");
    const char *rows = all_rows(s, 2);
    server_entries(s, s->branch, &whole);
    for (int i = 0; i < 4; i++) {
        stripped[i] = whole[i + 1];
        if (i != 2)
            strip(s, &stripped[i], "group_leader");
    }
    server_restore(s, "b1");
    if (fuller_first)
        assert_int_equal(hand_back(s, s->second, s->branch, &whole[1], 2, false), S(3));
    assert_int_equal(hand_back(s, s->second, s->branch, stripped, 4, false), S(5));
    if (!fuller_first) {
        assert_string_equal(row_words(s, 1), "name=Wang campus=east state=applied note=b"); /* what could be seen */
        server_verify(s);
        assert_int_equal(hand_back(s, s->second, s->branch, &whole[2], 1, false), S(5)); /* the newer one first */
        assert_non_null(strstr(row_words(s, 1), "id_number=11010119900307109X"));
    }
    assert_int_equal(hand_back(s, s->chair, s->branch, &whole[1], 4, true), S(5));
    assert_string_equal(all_rows(s, 2), rows);
    server_verify(s);
    struct entry *after;
    assert_int_equal(server_entries(s, s->branch, &after), 5);
    for (int i = 0; i < 5; i++) {
        assert_false(after[i].stripped);
        assert_true(slice_equal(after[i].change, whole[i].change));
    }
    server_end_recovery(s);
    assert_string_equal(push(&p, c, 4), "2 APPLIED | 3 APPLIED | 4 APPLIED | 5 APPLIED");
    assert_int_equal(server_seq(s, s->branch), S(5));
}

static void test_stripped_then_whole(void **state)
{
    run_stripped(*state, false);
}

static void test_whole_then_stripped(void **state)
{
    run_stripped(*state, true);
}

/* An entry that nobody could see at all: its place in the chain is kept, its author fills it in. */
static void test_hidden(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *whole, hidden[2];
    server_backup(s, "b1");
    struct change *c[] = {pen_create(&p, 1, "name=Wang"), pen_set(&p, 1, 0, "note=b")};
    assert_string_equal(push(&p, c, 2), "1 APPLIED | 2 APPLIED");
    const char *rows = all_rows(s, 2);
    server_entries(s, s->branch, &whole);
    for (int i = 0; i < 2; i++) {
        hidden[i] = (struct entry){.seq = whole[i].seq, .stripped = true};
        memcpy(hidden[i].chain, whole[i].chain, CHAIN_SIZE);
        memcpy(hidden[i].entry_hash, whole[i].entry_hash, 32);
    }
    server_restore(s, "b1");
    assert_int_equal(hand_back(s, s->second, s->branch, hidden, 2, false), S(2));
    assert_string_equal(row_words(s, 1), "unknown");
    server_verify(s);
    assert_int_equal(hand_back(s, s->chair, s->branch, whole, 2, false), S(2));
    assert_string_equal(all_rows(s, 2), rows);
    server_verify(s);
    server_end_recovery(s);
    assert_string_equal(push(&p, c, 2), "1 APPLIED | 2 APPLIED");
    assert_int_equal(server_seq(s, s->branch), S(2));
}

/* Of a stripped entry nothing can be checked: its effects are taken only where the sender's roles see just that. */
static void test_effects_that_the_sender_cannot_have_seen(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    uint32_t leader = server_add_seat(s, s->branch, "group_leader");
    struct entry *whole, honest, made_up;
    char sql[100];
    server_backup(s, "b1");
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=Wang id_number=110101199003070038 note=a")), "1 APPLIED");
    server_entries(s, s->branch, &whole);
    honest = made_up = whole[0];
    strip(s, &honest, "group_leader");
    made_up.stripped = true; /* with the ID number in it, which no group leader is shown */
    made_up.change = made_up.salt = (struct slice){0};

    server_restore(s, "b1");
    assert_int_equal(hand_back(s, leader, s->branch, &made_up, 1, false), S(1)); /* keeps its place */
    assert_string_equal(row_words(s, 1), "unknown");
    assert_int_equal(hand_back(s, leader, s->branch, &made_up, 1, false), S(1)); /* nor does it fill */
    assert_string_equal(row_words(s, 1), "unknown");
    server_verify(s);
    assert_int_equal(hand_back(s, leader, s->branch, &honest, 1, false), S(1));
    assert_string_equal(row_words(s, 1), "name=Wang state=applied note=a");
    server_verify(s);

    server_restore(s, "b1");
    snprintf(sql, sizeof sql, "UPDATE seat SET roles='from_a_later_year' WHERE number=%u", leader);
    assert_int_equal(db_exec(store_db(s->store), sql), ERR_OK);
    server_close(s);
    server_open(s);
    assert_int_equal(control_seat(writer_control(s->writer), leader)->roles, 0);
    assert_int_equal(hand_back(s, leader, s->branch, &honest, 1, false), S(1)); /* may see nothing, not even the name */
    assert_string_equal(row_words(s, 1), "unknown");
    assert_int_equal(hand_back(s, s->chair, s->branch, whole, 1, false), S(1));
    assert_non_null(strstr(row_words(s, 1), "id_number=110101199003070038"));
}

/* One client could not see the record at all, another handed back its later entries alone: whatever comes when, all of it fills. */
static void test_pieces(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *whole, hidden;
    server_backup(s, "b1");
    struct change *c[] = {pen_create(&p, 1, "name=Wang campus=east note=a"), pen_set(&p, 1, 0, "note=b sex=1"), pen_set(&p, 1, 0, "-campus")};
    assert_string_equal(push(&p, c, 3), "1 APPLIED | 2 APPLIED | 3 APPLIED");
    const char *rows = all_rows(s, 2);
    server_entries(s, s->branch, &whole);
    hidden = (struct entry){.seq = whole[0].seq, .stripped = true};
    memcpy(hidden.chain, whole[0].chain, CHAIN_SIZE);
    memcpy(hidden.entry_hash, whole[0].entry_hash, 32);
    server_restore(s, "b1");
    assert_int_equal(hand_back(s, s->second, s->branch, &hidden, 1, false), S(1));
    assert_int_equal(hand_back(s, s->second, s->branch, &whole[1], 1, false), S(2));
    assert_string_equal(row_words(s, 1), "sex=1 note=b");
    assert_int_equal(hand_back(s, s->chair, s->branch, whole, 3, false), S(3));
    assert_string_equal(all_rows(s, 2), rows);
    server_end_recovery(s);
}

static int64_t settings_of(struct help_server *s, const char *value)
{
    struct db_statement *q;
    bool row;
    assert_int_equal(db_prepare(store_db(s->store), "SELECT count(*) FROM policy_limit WHERE value=$1", &q), ERR_OK);
    db_bind_text(q, 1, slice_text(value));
    assert_true(db_step(q, &row) == ERR_OK && row);
    int64_t count = db_integer(q, 0);
    db_reset(q);
    return count;
}

/* The district's settings are read whole by everybody: who hands back a part of one made it up, though its place in the chain is right. */
static void test_a_branch_makes_up_a_setting(void **state)
{
    struct help_server *s = *state;
    uint32_t officer = server_add_seat(s, 1, "district_officer");
    struct pen p = pen_of(s, officer, 1, 1);
    struct entry *whole, made_up;
    server_backup(s, "b1");
    assert_string_equal(push_one(&p, pen_write(&p, OP_CREATE, s->policy, member_id(1), 0,
                                               "rule_code=dues.rate_permille value=5555 effective_from=2026-09-01")),
                        "1 APPLIED");
    server_entries(s, 1, &whole);
    made_up = whole[0];
    made_up.stripped = true;
    made_up.change = made_up.salt = (struct slice){0};
    made_up.effects = arena_copy(&s->arena, made_up.effects);
    uint8_t *value = memmem(made_up.effects.data, made_up.effects.size, "5555", 4);
    assert_non_null(value);
    memcpy(value, "9999", 4);
    server_restore(s, "b1");
    assert_int_equal(hand_back(s, s->chair, 1, &made_up, 1, false), S(1)); /* keeps its place */
    assert_int_equal(settings_of(s, "9999"), 0);
    assert_int_equal(hand_back(s, s->second, 1, whole, 1, false), S(1)); /* any branch has it whole */
    assert_int_equal(settings_of(s, "5555"), 1);
    server_verify(s);
}

/* Rule 26: an org waits for the seats that were active in the 7 days before the backup, no longer than a day. */
static void test_end_of_recovery(void **state)
{
    struct help_server *s = *state;
    struct entry *kept;
    int64_t day = 86400000;
    server_contact(s, s->chair, false);
    uint32_t idle = server_add_seat(s, s->branch, "accountant");
    s->now_ms = NOW_MS - 8 * day;
    server_contact(s, idle, false); /* its last word was long ago */
    s->now_ms = NOW_MS;
    server_contact(s, s->second, false);
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    write_members(&p, 0, 1);
    server_backup(s, "b1");
    write_members(&p, 1, 2);
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_contact(s, s->second, true); /* holds nothing more */
    assert_true(store_recovering(s->store, s->branch));
    assert_false(store_recovering(s->store, s->other)); /* nobody to wait for */
    assert_true(store_recovering(s->store, 1));         /* the branch's seats keep the district's log, too */
    server_contact(s, s->chair, false); /* said hello, was asked for entries */
    assert_true(store_recovering(s->store, s->branch));
    assert_int_equal(hand_back(s, s->chair, s->branch, &kept[1], 1, true), S(2));
    assert_false(store_recovering(s->store, s->branch));
    assert_true(store_recovering(s->store, 1));
    server_contact(s, s->chair, true);
    assert_false(store_recovering(s->store, 1));
    /* One epoch for all of them, with each org's last seq. */
    server_close(s);
    server_open(s);
    assert_int_equal(control_epoch_at(s->control, 1)->epoch, 2);
    assert_null(control_epoch_at(s->control, 2));
    assert_int_equal(control_epoch_last(s->control, 2, s->branch), S(2));
    assert_int_equal(control_epoch_last(s->control, 2, s->other), 0);
    p.n = 2;
    assert_string_equal(push_one(&p, pen_create(&p, 2, "name=Wu")), "3 APPLIED");
    assert_int_equal(server_seq(s, s->branch), seq_make(2, 1));
}

/* A row changed by hand before the backup: history is whole, and says what stood there. */
static void test_rows_that_history_contradicts(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    write_members(&p, 0, 3);
    struct entry *before, *after;
    size_t count = server_entries(s, s->branch, &before);
    assert_int_equal(db_exec(store_db(s->store), "UPDATE member SET name='other', note='made up' WHERE id=(SELECT min(id) FROM member)"), ERR_OK);
    assert_int_equal(db_exec(store_db(s->store), "DELETE FROM member WHERE id=(SELECT max(id) FROM member)"), ERR_OK);
    server_backup(s, "b1");
    assert_int_equal(server_restore(s, "b1").mended, 1);
    server_verify(s);
    assert_int_equal(server_entries(s, s->branch, &after), count);
    assert_memory_equal(after[count - 1].chain, before[count - 1].chain, CHAIN_SIZE);
    server_backup(s, "b2");
    assert_int_equal(server_restore(s, "b2").mended, 0);
}

/* The journal is written first: where the commit behind it failed the seat is known, and its branch waits for what it holds all the same. */
static void test_adopted_and_not_committed(void **state)
{
    struct help_server *s = *state;
    struct control_stranger x = {.seat = 50, .org = s->other, .certificate_ends_ms = NOW_MS * 2, .last_ms = NOW_MS};
    role_set roles;
    const char *bad;
    assert_int_equal(role_set_parse("union_chair", &roles, &bad), ERR_OK);
    assert_int_equal(store_begin(s->store), ERR_OK);
    assert_int_equal(control_adopt_seat(s->control, &x, s->other, "赵蓉", roles), ERR_OK);
    store_rollback(s->store); /* the disk was full */
    server_close(s);
    server_open(s);
    assert_non_null(control_seat(s->control, 50));
    server_contact(s, s->chair, false); /* the writer's next commit, whoever calls */
    assert_true(store_recovering(s->store, s->other));
    assert_false(store_recovering(s->store, s->branch));
    server_contact(s, 50, true);
    server_contact(s, s->chair, false); /* once */
    assert_false(store_recovering(s->store, s->other));
}

/* It waits for active seats: whom somebody revokes or suspends while it recovers, it waits for no more; who is resumed is waited for again. */
static void test_revoked_while_it_is_awaited(void **state)
{
    struct help_server *s = *state;
    uint32_t third = server_add_seat(s, s->branch, "accountant"), *seats;
    size_t count;
    server_contact(s, s->chair, false);
    server_contact(s, third, false);
    server_backup(s, "b1");
    server_restore(s, "b1");
    assert_int_equal(control_set_seat_state(s->control, third, SEAT_SUSPENDED, 0), ERR_OK);
    server_contact(s, s->second, true);
    assert_true(store_recovering(s->store, s->branch));
    assert_int_equal(store_recovery_awaited(s->store, s->branch, &s->arena, &seats, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_int_equal(seats[0], s->chair);
    assert_int_equal(control_set_seat_state(s->control, third, SEAT_ACTIVE, 0), ERR_OK);
    assert_int_equal(control_set_seat_state(s->control, s->chair, SEAT_REVOKED, 0), ERR_OK);
    server_contact(s, s->second, true);
    assert_true(store_recovering(s->store, s->branch));
    server_contact(s, third, true);
    assert_false(store_recovering(s->store, s->branch));
}

/* An ending reached the journal and no further; then more came back. The lineage must tell the later end. */
static void test_ending_that_failed(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *kept;
    Wire__Position last = WIRE__POSITION__INIT;
    const Wire__Position *lasts[] = {&last};
    server_contact(s, s->chair, false);
    write_members(&p, 0, 1);
    server_backup(s, "b1");
    write_members(&p, 1, 3);
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    last.org = s->branch;
    last.seq = S(1);
    assert_int_equal(store_begin(s->store), ERR_OK);
    assert_int_equal(control_add_epoch(s->control, 2, 1, lasts, 1), ERR_OK);
    store_rollback(s->store);

    assert_int_equal(hand_back(s, s->chair, s->branch, &kept[1], 2, false), S(3));
    server_end_recovery(s);
    assert_int_equal(control_epoch_last(s->control, 2, s->branch), S(3));
    struct lineage lineage = control_lineage(s->control, s->branch, &s->arena);
    assert_true(lineage_holds(&lineage, S(3)));
}

/* Another org's recovery has ended in a new epoch. An entry of it can't be this org's, whatever its chain says: taken, the org's
 * own ending would find its epoch begun. */
static void test_entry_of_the_epoch_to_come(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *kept;
    server_contact(s, s->chair, false);
    write_members(&p, 0, 2);
    server_backup(s, "b1");
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_contact(s, s->second, true);
    assert_false(store_recovering(s->store, s->other));
    assert_true(store_recovering(s->store, s->branch));
    struct entry forged = kept[1];
    forged.seq = seq_make(2, 1);
    forged.identity.n = 3;
    entry_seal(&forged, kept[1].chain);
    assert_int_equal(hand_back(s, s->chair, s->branch, &forged, 1, true), S(2));
    server_contact(s, s->chair, true);
    assert_false(store_recovering(s->store, s->branch));
    p.n = 2;
    assert_string_equal(push_one(&p, pen_create(&p, 2, "name=Wu")), "3 APPLIED");
    assert_int_equal(server_seq(s, s->branch), seq_make(2, 1));
}

static void test_recovery_ends_after_a_day(void **state)
{
    struct help_server *s = *state;
    server_contact(s, s->chair, false);
    server_backup(s, "b1");
    server_restore(s, "b1");
    server_contact(s, s->second, false);
    assert_true(store_recovering(s->store, s->branch));
    s->now_ms += 86400000 - 1;
    struct job *job = job_make(s, JOB_END_RECOVERY, 0);
    server_run(s, job);
    assert_true(store_recovering(s->store, s->branch));
    s->now_ms += 1;
    server_run(s, job);
    assert_false(store_recovering(s->store, s->branch));
    job_free_one(job);
}

/* Rule 35: the file was rolled back without `restore`. */
static void test_rolled_back(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *kept;
    struct change *c = pen_create(&p, 0, "name=Li");
    assert_string_equal(push_one(&p, c), "1 APPLIED");
    server_entries(s, s->branch, &kept);
    struct job *begin = job_make(s, JOB_BEGIN_RECOVERY, s->chair), *later;
    struct change *next = pen_create(&p, 1, "name=Wu");
    later = push_job(&p, &next, 1, NULL);
    begin->next = later;
    server_run(s, begin);
    assert_int_equal(begin->failed, ERR_OK);
    assert_string_equal(job_text(s, later), "LATER 2"); /* in the same run already */
    job_free_one(begin);
    job_free_one(later);
    server_end_recovery(s);
    assert_string_equal(push_one(&p, next), "2 APPLIED");
}

/* Rule 24: the seq that the two newest verified backups and the living database all hold. */
static void test_promise(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    write_members(&p, 0, 2);
    assert_int_equal(store_promise(s->store, s->branch), 0);
    server_backup(s, "b1");
    assert_int_equal(store_promise(s->store, s->branch), 0); /* one is not enough */
    write_members(&p, 2, 4);
    server_backup(s, "b2");
    assert_int_equal(store_promise(s->store, s->branch), S(2));
    write_members(&p, 4, 6);
    server_backup(s, "b3");
    assert_int_equal(store_promise(s->store, s->branch), S(4));
    assert_int_equal(store_promise(s->store, s->other), 0);
    server_restore(s, "b1");
    assert_int_equal(store_promise(s->store, s->branch), 0); /* the two newest are past what lives */
    server_end_recovery(s);
}

static void test_backup_files(void **state)
{
    struct help_server *s = *state;
    struct buf detail = BUF_INIT;
    assert_int_equal(backup_run(s->folder.path, server_file(s, "b1"), s->now_ms, &detail), ERR_OK);
    assert_int_equal(folder_mode(&s->folder, "b1"), 0600);
    assert_false(folder_has(&s->folder, "b1-wal"));
    assert_int_equal(backup_run(s->folder.path, server_file(s, "b1"), s->now_ms, &detail), ERR_EXISTS);
    assert_true(folder_has(&s->folder, "b1")); /* the old one stays */
    assert_int_equal(backup_run(s->folder.path, server_file(s, "nowhere/b1"), s->now_ms, &detail), ERR_NOT_FOUND);
    assert_int_equal(backup_run(server_file(s, "nowhere"), server_file(s, "b2"), s->now_ms, &detail), ERR_NOT_FOUND);
    assert_false(folder_has(&s->folder, "b2"));
    buf_finish(&detail);
}

/* A machine was lost: everything comes from the backup's file. */
static void test_into_an_empty_folder(void **state)
{
    struct help_server *s = *state;
    struct folder fresh;
    struct restore_facts facts;
    struct buf detail = BUF_INIT;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    FILE *key = fopen(server_file(s, "ca.key"), "w");
    fputs("a key", key);
    fclose(key);
    write_members(&p, 0, 2);
    server_backup(s, "b1");
    uint32_t given = server_add_seat(s, s->branch, "accountant") - 1; /* after it */
    folder_make(&fresh);
    struct help_server copy = *s;
    copy.folder = fresh;
    assert_int_equal(restore_run(fresh.path, server_file(s, "b1"), s->now_ms, &facts, &detail), ERR_OK);
    assert_false(facts.journal_kept);
    assert_int_equal(folder_mode(&fresh, "ca.key"), 0600);
    assert_false(folder_has(&fresh, "restoring"));
    server_open(&copy);
    assert_string_equal(row_words(&copy, 1), row_words(s, 1));
    assert_int_equal(control_seat(copy.control, copy.chair)->org, copy.branch);
    server_verify(&copy);
    assert_int_equal(facts.jump.seat_above, given);
    assert_int_equal(server_add_seat(&copy, copy.branch, "accountant"), facts.jump.seat_from); /* not one that is lost with the journal */
    assert_int_equal(facts.jump.seat_from % 1000, 1);
    assert_true(facts.jump.seat_from > given + 1);
    assert_int_equal(server_add_branch(&copy, "late"), facts.jump.org_from);
    assert_int_equal(facts.jump.org_from % 100, 1);
    server_verify(&copy);
    server_close(&copy);

    /* Into a folder that is served: refused; with another district's journal: refused; neither touches anything. */
    struct db_lock *lock;
    char path[300];
    snprintf(path, sizeof path, "%s/serve.lock", fresh.path);
    assert_int_equal(db_lock_open(path, &lock), ERR_OK);
    assert_int_equal(restore_run(fresh.path, server_file(s, "b1"), s->now_ms, &facts, &detail), ERR_LOCKED);
    db_lock_close(lock);
    struct help_server foreign;
    server_make(&foreign);
    server_add_branch(&foreign, "elsewhere");
    server_close(&foreign);
    assert_int_equal(restore_run(foreign.folder.path, server_file(s, "b1"), s->now_ms, &facts, &detail), ERR_FOREIGN);
    assert_int_equal(restore_run(foreign.folder.path, server_file(s, "none"), s->now_ms, &facts, &detail), ERR_NOT_FOUND);
    server_open(&foreign);
    assert_non_null(control_org_by_code(foreign.control, "elsewhere"));
    server_remove(&foreign);
    folder_remove(&fresh);
    buf_finish(&detail);
}

static void copy_file(struct help_server *s, const char *from, const char *to)
{
    char bytes[4096];
    size_t size;
    FILE *in = fopen(server_file(s, from), "rb"), *out = fopen(server_file(s, to), "wb");
    assert_true(in && out);
    while ((size = fread(bytes, 1, sizeof bytes, in)) > 0)
        assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* As a server leaves them that was killed: two members, acknowledged, the second in the WAL alone. "b1" is of before. */
static void leave_with_wal(struct help_server *s)
{
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    write_members(&p, 0, 1);
    server_backup(s, "b1");
    server_close(s); /* all in the one file */
    server_open(s);
    write_members(&p, 1, 2);
    copy_file(s, STORE_FILE, "kept");
    copy_file(s, STORE_FILE "-wal", "kept-wal");
    server_close(s);
    assert_int_equal(rename(server_file(s, "kept"), server_file(s, STORE_FILE)), 0);
    assert_int_equal(rename(server_file(s, "kept-wal"), server_file(s, STORE_FILE "-wal")), 0);
}

/* Where the database can't be moved its WAL stays with it: no acknowledged commit is gone. */
static void test_a_swap_that_fails_takes_no_commit(void **state)
{
    struct help_server *s = *state;
    struct buf detail = BUF_INIT;
    struct restore_facts facts;
    leave_with_wal(s);
    s->now_ms++;
    const char *taken = arena_format(&s->arena, "%s.before-%lld", server_file(s, STORE_FILE), (long long)s->now_ms);
    assert_int_equal(mkdir(taken, 0700), 0);
    assert_int_equal(restore_run(s->folder.path, server_file(s, "b1"), s->now_ms, &facts, &detail), ERR_IO);
    assert_int_equal(rmdir(taken), 0);
    server_open(s);
    assert_int_equal(server_seq(s, s->branch), S(2));
    buf_finish(&detail);
}

/* Died between database and WAL: the next run brings the WAL to where its database is. */
static void test_a_swap_that_died(void **state)
{
    struct help_server *s = *state;
    leave_with_wal(s);
    assert_int_equal(rename(server_file(s, STORE_FILE), server_file(s, STORE_FILE ".before-5")), 0);
    struct restore_facts facts;
    struct buf detail = BUF_INIT;
    assert_int_equal(restore_run(s->folder.path, server_file(s, "b1"), s->now_ms, &facts, &detail), ERR_OK);
    server_open(s);
    assert_int_equal(server_seq(s, s->branch), S(1)); /* the backup's, untouched by the other's WAL */

    /* What was set aside is whole. */
    server_close(s);
    copy_file(s, STORE_FILE ".before-5", STORE_FILE);
    copy_file(s, STORE_FILE ".before-5-wal", STORE_FILE "-wal");
    server_open(s);
    assert_int_equal(server_seq(s, s->branch), S(2));
    buf_finish(&detail);
}

/* Rule 33: what control data said after the backup holds after the restore. */
static void test_revoked_stays_revoked(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    server_backup(s, "b1");
    assert_int_equal(control_set_seat_state(s->control, s->chair, SEAT_REVOKED, 0), ERR_OK);
    uint32_t third = server_add_seat(s, s->branch, "accountant");
    server_restore(s, "b1");
    assert_int_equal(control_seat(s->control, s->chair)->state, SEAT_REVOKED);
    assert_int_equal(control_seat(s->control, third)->org, s->branch);
    server_end_recovery(s);
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=Li")), "1 REFUSED SEAT_REVOKED");
}

/* What the author's incarnation was forked from comes with its next push (entries don't bear it). */
static void test_fork_after_restore(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), fork;
    struct entry *kept;
    write_members(&p, 0, 1);
    server_backup(s, "b1");
    fork = p;
    struct change *own = pen_set(&fork, 0, S(1), "note=fork");
    write_members(&p, 1, 2);
    fork.forked = true;
    fork.parent = p.incarnation;
    fork.fork_n = 2;
    fork.incarnation = change_fork(p.incarnation, 2, own->hash);
    assert_string_equal(push_one(&fork, own), "2 APPLIED");
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    assert_int_equal(hand_back(s, s->second, s->branch, &kept[1], 2, false), S(3));
    server_end_recovery(s);
    struct pen liar = fork;
    liar.parent.bytes[0] ^= 1;
    struct change *next = pen_set(&fork, 0, S(1), "name=Wu"); /* written by its ancestor at n = 1: its own */
    assert_string_equal(push_one(&liar, next), "PROTOCOL");
    assert_string_equal(push_one(&fork, next), "3 APPLIED");
}

/* An org that is in a later epoch than any that the journal knows (a database whose journal was set back by hand): recovery goes on
 * from there, and never back. */
static void an_epoch_is_never_given_twice(void **state)
{
    struct help_server *s = *state;
    struct org_state *branch;
    assert_int_equal(store_load_org(s->store, s->branch, 1, &branch), ERR_OK);
    org_state_begin_epoch(branch, 5);
    assert_int_equal(store_begin(s->store), ERR_OK);
    assert_int_equal(store_put_org(s->store, branch), ERR_OK);
    assert_int_equal(store_commit(s->store), ERR_OK);
    org_state_destroy(branch);
    assert_int_equal(control_newest_epoch(s->control), 1);
    assert_int_equal(store_set_recovering(s->store, true), ERR_OK);
    server_end_recovery(s);
    assert_int_equal(control_newest_epoch(s->control), 6);
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=李梅")), "1 APPLIED");
    assert_true(server_seq(s, s->branch) == seq_make(6, 1));
    /* And after an ending that wrote its epoch down and died before the tables were: the next takes a later one. */
    assert_int_equal(store_set_recovering(s->store, true), ERR_OK);
    assert_int_equal(store_begin(s->store), ERR_OK);
    assert_int_equal(control_add_epoch(s->control, 7, 6, NULL, 0), ERR_OK);
    assert_int_equal(store_commit(s->store), ERR_OK);
    server_end_recovery(s);
    assert_string_equal(push_one(&p, pen_create(&p, 2, "name=王芳")), "2 APPLIED");
    assert_true(server_seq(s, s->branch) == seq_make(8, 1));
}

/* A plan comes back with its items: the rows that a sum is made of are looked up by the plan's id, entry by entry. */
static void test_a_plan_and_its_items(void **state)
{
    struct help_server *s = *state;
    const uint32_t plan_kind = kind_by_name("work_plan")->number, item_kind = kind_by_name("plan_item")->number;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct id plan = member_id(500), item = member_id(501);
    struct entry *kept;
    server_backup(s, "b1");
    assert_string_equal(push_one(&p, pen_write(&p, OP_CREATE, plan_kind, plan, 0, "title=x period=2026-1")), "1 APPLIED");
    struct change *c = pen_write(&p, OP_CREATE, item_kind, item, 0, "title=a due_on=2026-10-31");
    record_put_name((ProtobufCMessage *)c->patch, "plan_id", cell_bytes(id_slice(&plan)), &s->arena);
    assert_int_equal(change_pack(c, &s->arena), ERR_OK);
    assert_string_equal(push_one(&p, c), "2 APPLIED");
    assert_string_equal(push_one(&p, pen_write(&p, OP_ACT, plan_kind, plan, S(1), "!discussed")), "3 APPLIED");
    size_t count = server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    assert_int_equal(hand_back(s, s->second, s->branch, kept, count, false), S(3));
    struct row row;
    assert_int_equal(store_read_row(s->store, item_kind, item, &s->arena, &row), ERR_OK);
    assert_int_equal(row.seq, S(2));
    server_end_recovery(s);
}

/* A spoilt backup in which the district stands below its own branch: an answer comes. Found by fuzzing. */
static void test_orgs_in_a_ring(void **state)
{
    struct help_server *s = *state;
    struct buf detail = BUF_INIT;
    struct restore_facts facts;
    sqlite3 *db;
    server_backup(s, "b1");
    assert_int_equal(sqlite3_open(server_file(s, "b1"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE org SET parent=2 WHERE number=1", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_changes(db), 1);
    sqlite3_close(db);
    assert_int_equal(restore_run(server_file(s, "elsewhere"), server_file(s, "b1"), s->now_ms, &facts, &detail), ERR_OK);
    buf_finish(&detail);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, server_setup, server_teardown)
    const struct CMUnitTest tests[] = {
        T(test_round), T(test_lost), T(test_what_does_not_fit), T(test_abandoned_path), T(test_stripped_then_whole),
        T(test_whole_then_stripped), T(test_hidden), T(test_effects_that_the_sender_cannot_have_seen),
        T(test_a_branch_makes_up_a_setting),
        T(test_pieces), T(test_end_of_recovery), T(test_adopted_and_not_committed), T(test_rows_that_history_contradicts), T(test_revoked_while_it_is_awaited), T(test_ending_that_failed),
        T(test_entry_of_the_epoch_to_come), T(test_recovery_ends_after_a_day), T(test_rolled_back),
        T(test_promise), T(test_backup_files), T(test_into_an_empty_folder),
        T(test_a_swap_that_fails_takes_no_commit), T(test_a_swap_that_died), T(test_revoked_stays_revoked), T(test_fork_after_restore),
        T(an_epoch_is_never_given_twice), T(test_a_plan_and_its_items), T(test_orgs_in_a_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
