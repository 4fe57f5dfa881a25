/* What a seat keeps a copy of, through a session: log, snapshot, digests, each with the rights of its roles (rules 22,
 * 23, 30, 31). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_session.h"
#include "help_sync_kinds.h"

#include "base/limits.h"
#include "membership.pb-c.h"
#include "wire/wire.h"

#include <stdio.h>
#include <string.h>

#define SHEET                                                                                                          \
    900u /* of help_sync_kinds.c: hidden from audit_member and handler, open to group_leader, whole for chairs */
#define ID_NUMBER "110101199003070038"

static int setup(void **state)
{
    static struct help_serving h;
    register_test_kinds();
    serving_make(&h);
    *state = &h;
    return 0;
}

static int teardown(void **state)
{
    serving_remove(*state);
    kind_register_extra(NULL);
    return 0;
}

static const Wire__Entries *say_pull(struct peer *p, uint32_t org, uint64_t after, uint32_t size_max)
{
    Wire__Pull pull = WIRE__PULL__INIT;
    pull.has_org = pull.has_after = 1;
    pull.org = org;
    pull.after = after;
    pull.has_size_max = size_max != 0;
    pull.size_max = size_max;
    peer_say(p, FRAME_PULL, &pull.base);
    return (const Wire__Entries *)peer_expect(p, FRAME_ENTRIES);
}

static const Wire__SnapshotPage *say_snapshot(struct peer *p, uint32_t org, const Wire__SnapshotRow *after,
                                              uint32_t only, uint32_t size_max)
{
    Wire__SnapshotAsk ask = WIRE__SNAPSHOT_ASK__INIT;
    ask.has_org = 1;
    ask.org = org;
    ask.has_after_kind = ask.has_after_id = after != NULL;
    if (after) {
        ask.after_kind = after->kind;
        ask.after_id = after->id;
    }
    ask.has_only_kind = only != 0;
    ask.only_kind = only;
    ask.has_size_max = size_max != 0;
    ask.size_max = size_max;
    peer_say(p, FRAME_SNAPSHOT_ASK, &ask.base);
    return (const Wire__SnapshotPage *)peer_expect(p, FRAME_SNAPSHOT_PAGE);
}

static const Wire__Digests *say_digest(struct peer *p, uint32_t org)
{
    Wire__DigestAsk ask = WIRE__DIGEST_ASK__INIT;
    ask.has_org = 1;
    ask.org = org;
    peer_say(p, FRAME_DIGEST_ASK, &ask.base);
    return (const Wire__Digests *)peer_expect(p, FRAME_DIGESTS);
}

/* A snapshot to its end: rows counted by what they are. */
struct snapshot {
    size_t pages, living, dead, of_kind[4];
    size_t page_most;
    bool ascending;
    Wire__SnapshotRow last;
};

static const uint32_t counted[] = {1, SHEET, KIND_CONFLICT, 0};

static struct snapshot take_all(struct peer *p, uint32_t org, uint32_t only, uint32_t size_max)
{
    struct snapshot all = {.ascending = true};
    const Wire__SnapshotPage *page;
    const Wire__SnapshotRow *last = NULL;
    do {
        page = say_snapshot(p, org, last, only, size_max);
        all.pages++;
        all.page_most = page->n_row > all.page_most ? page->n_row : all.page_most;
        assert_true(page->n_row > 0 || page->done); /* else nothing to go on from */
        for (size_t i = 0; i < page->n_row; i++) {
            const Wire__SnapshotRow *row = page->row[i];
            if (last && (row->kind < last->kind ||
                         (row->kind == last->kind && memcmp(row->id.data, last->id.data, ID_SIZE) <= 0)))
                all.ascending = false;
            all.living += row->has_row;
            all.dead += !row->has_row;
            for (size_t k = 0; counted[k]; k++)
                all.of_kind[k] += row->kind == counted[k];
            last = row;
        }
        assert_true(all.pages < 10000);
    } while (!page->done);
    return all;
}

static uint32_t sheet_seat(struct help_serving *h, const char *role)
{
    return server_add_seat(&h->server, h->server.branch, role);
}

static struct change *sheet(struct pen *pen, int i, const char *words)
{
    return pen_write(pen, OP_CREATE, SHEET, member_id(i), 0, words);
}

static void write_sheets(struct pen *pen, int from, int to)
{
    struct change *list[100];
    for (int at = from; at < to;) {
        size_t count = 0;
        while (at < to && count < 100)
            list[count++] = sheet(pen, at++, "name=Li id_number=110101199003070038 note=n");
        assert_non_null(strstr(push(pen, list, count), "APPLIED"));
        assert_null(strstr(push(pen, list, count), "REFUSED"));
    }
}

static void remove_sheets(struct pen *pen, int from, int to)
{
    struct change *list[100];
    for (int at = from; at < to;) {
        size_t count = 0;
        for (; at < to && count < 100; at++)
            list[count++] = pen_write(pen, OP_REMOVE, SHEET, member_id(at), server_seq(pen->s, pen->org), "");
        assert_null(strstr(push(pen, list, count), "REFUSED"));
    }
}

/* ---- the log ---- */

static void pull_in_pages(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    struct entry *all;
    uint64_t after = 0;
    size_t got = 0, pages = 0;
    write_sheets(&pen, 0, 30);
    assert_int_equal(server_entries(&h->server, h->server.branch, &all), 30);
    peer_enter(h, &p, h->server.chair);
    for (;;) {
        const Wire__Entries *e = say_pull(&p, h->server.branch, after, 2000);
        assert_int_equal(e->head, S(30));
        assert_int_equal(e->promise, 0);
        if (e->n_entry == 0)
            break;
        pages++;
        for (size_t i = 0; i < e->n_entry; i++, got++) {
            assert_int_equal(e->entry[i]->seq, S(got + 1));
            assert_int_equal(e->entry[i]->change.len, all[got].change.size);
            assert_memory_equal(e->entry[i]->chain.data, all[got].chain, CHAIN_SIZE);
        }
        assert_int_equal(e->n_author, 1);
        assert_int_equal(e->author[0]->seat, h->server.chair);
        assert_string_equal(e->author[0]->person, "张三");
        after = e->entry[e->n_entry - 1]->seq;
    }
    assert_int_equal(got, 30);
    assert_true(pages >= 4); /* of 2,000 bytes; an entry has some 400 */
    peer_finish(&p);
}

static const Wire__Entry *first_entry(struct help_serving *h, const char *role)
{
    struct peer p;
    peer_enter(h, &p, sheet_seat(h, role));
    const Wire__Entries *e = say_pull(&p, h->server.branch, 0, 0);
    assert_int_equal(e->n_entry, 1);
    peer_finish(&p);
    return e->entry[0];
}

static void pull_is_stripped_by_role(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct entry *all;
    write_sheets(&pen, 0, 1);
    server_entries(&h->server, h->server.branch, &all);

    const Wire__Entry *whole = first_entry(h, "accountant"); /* R */
    assert_int_equal(whole->change.len, all[0].change.size);
    assert_int_equal(whole->salt.len, SALT_SIZE);
    assert_false(whole->has_entry_hash);

    const Wire__Entry *open = first_entry(h, "group_leader"); /* r */
    assert_false(open->has_change);
    assert_false(open->has_salt);
    assert_true(open->has_effects);
    assert_true(open->has_entry_hash);
    assert_null(memmem(open->effects.data, open->effects.len, ID_NUMBER, strlen(ID_NUMBER)));
    assert_non_null(memmem(open->effects.data, open->effects.len, "Li", 2));
    assert_int_equal(open->seat, h->server.chair);

    static const char *const hidden[] = {"audit_member" /* sums */, "handler" /* nothing */};
    for (size_t i = 0; i < 2; i++) {
        const Wire__Entry *none = first_entry(h, hidden[i]);
        assert_false(none->has_change || none->has_effects || none->has_salt);
        assert_int_equal(none->seat, 0); /* not even whose it is */
        assert_int_equal(none->seq, S(1));
        assert_memory_equal(none->chain.data, all[0].chain, CHAIN_SIZE); /* the chain goes on all the same */
        assert_memory_equal(none->entry_hash.data, all[0].entry_hash, 32);
    }
}

static void a_hidden_entry_names_no_author(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    write_sheets(&pen, 0, 1);
    peer_enter(h, &p, sheet_seat(h, "handler"));
    assert_int_equal(say_pull(&p, h->server.branch, 0, 0)->n_author, 0);
    peer_finish(&p);
}

static void what_one_does_not_keep(void **state)
{
    struct help_serving *h = *state;
    static const enum frame_type types[] = {FRAME_PULL, FRAME_SNAPSHOT_ASK, FRAME_DIGEST_ASK};
    for (size_t i = 0; i < 3; i++)
        for (int org = 0; org < 3; org++) {
            struct peer p;
            Wire__Pull pull = WIRE__PULL__INIT; /* org is field 1 of all three */
            pull.has_org = org > 0;
            pull.org = org == 1 ? h->server.other : 999;
            peer_enter(h, &p, h->server.chair);
            peer_say(&p, types[i], &pull.base);
            peer_expect_refused(&p, "ORG");
            peer_finish(&p);
        }
}

/* ---- rows ---- */

static void a_snapshot_in_pages(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    for (int i = 500; i < 510;
         i++) /* ids behind those of the kind that follows: a page that goes on must not carry them over */
        assert_non_null(strstr(push_one(&pen, pen_create(&pen, i, "name=Wang")), "APPLIED"));
    write_sheets(&pen, 100, 130);
    remove_sheets(&pen, 105, 115);
    peer_enter(h, &p, h->server.chair);
    const Wire__SnapshotPage *page = say_snapshot(&p, h->server.branch, NULL, 0, 0);
    assert_int_equal(page->seq, S(50)); /* 10 + 30 + 10 entries */
    assert_int_equal(page->total, 40);
    assert_true(page->done);
    assert_int_equal(page->chain.len, CHAIN_SIZE);
    static const uint32_t sizes[] = {1, 200, 1000, 5000, 0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct snapshot all = take_all(&p, h->server.branch, 0, sizes[i]);
        assert_true(all.ascending);
        assert_int_equal(all.living, 30);
        assert_int_equal(all.dead, 10);
        assert_int_equal(all.of_kind[0], 10);
        assert_int_equal(all.of_kind[1], 30);
        if (sizes[i] == 1)
            assert_true(all.pages >= 40);
        if (sizes[i] == 0)
            assert_int_equal(all.pages, 1);
    }
    peer_finish(&p);
}

static void one_kind_again(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    for (int i = 0; i < 10; i++)
        assert_non_null(strstr(push_one(&pen, pen_create(&pen, i, "name=Wang")), "APPLIED"));
    write_sheets(&pen, 100, 105);
    peer_enter(h, &p, h->server.chair);
    struct snapshot all = take_all(&p, h->server.branch, 1, 300);
    assert_int_equal(all.of_kind[0], 10);
    assert_int_equal(all.of_kind[1], 0);
    all = take_all(&p, h->server.branch, SHEET, 0);
    assert_int_equal(all.of_kind[1], 5);
    all = take_all(&p, h->server.branch, 4711, 0); /* a kind that this build does not know: none */
    assert_int_equal(all.living + all.dead, 0);
    peer_finish(&p);
    peer_enter(h, &p, sheet_seat(h, "handler")); /* one that it may not read: none */
    all = take_all(&p, h->server.branch, SHEET, 0);
    assert_int_equal(all.living + all.dead, 0);
    peer_finish(&p);
}

static void rows_by_role(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    static const struct {
        const char *role;
        size_t rows, sensitive;
    } cases[] = {{"accountant", 1, 1}, {"group_leader", 1, 0}, {"audit_member", 0, 0}, {"handler", 0, 0}};
    write_sheets(&pen, 0, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct peer p;
        peer_enter(h, &p, sheet_seat(h, cases[i].role));
        const Wire__SnapshotPage *page = say_snapshot(&p, h->server.branch, NULL, 0, 0);
        assert_int_equal(page->n_row, cases[i].rows);
        if (page->n_row) {
            struct slice row = slice_of(page->row[0]->row.data, page->row[0]->row.len);
            assert_int_equal(memmem(row.data, row.size, ID_NUMBER, strlen(ID_NUMBER)) != NULL, cases[i].sensitive);
            assert_non_null(memmem(row.data, row.size, "Li", 2));
        }
        peer_finish(&p);
    }
}

/* Hidden rows stand before and behind what one may see, in larger numbers than a page or an arena holds. */
static void hidden_rows_cost_nothing(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    write_sheets(&pen, 0, 1500);
    for (int i = 0; i < 3; i++)
        assert_non_null(strstr(push_one(&pen, pen_create(&pen, 2000 + i, "name=Wang")), "APPLIED"));
    peer_enter(h, &p, sheet_seat(h, "handler"));
    struct snapshot all = take_all(&p, h->server.branch, 0, 500);
    assert_int_equal(all.of_kind[0], 3);
    assert_int_equal(all.of_kind[1], 0);
    assert_true(all.ascending);
    assert_true(all.pages <= 2);
    peer_finish(&p);
}

/* Tombstones are small: they reach what a message may repeat long before the size of a page. */
static void many_tombstones(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    struct db *db = store_db(h->server.store);
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    write_sheets(&pen, 0, 2);
    assert_int_equal(store_begin(h->server.store), ERR_OK);
    char sql[400];
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 9000)"
             " INSERT INTO tombstone(id, kind, \"_org\", \"_seq\") SELECT randomblob(16), 900, %u, 1 FROM i",
             h->server.branch);
    enum err e = db_exec(db, sql);
    if (e != ERR_OK)
        print_error("%s\n", db_detail(db));
    assert_int_equal(e, ERR_OK);
    assert_int_equal(store_commit(h->server.store), ERR_OK);
    peer_enter(h, &p, h->server.chair);
    struct snapshot all = take_all(&p, h->server.branch, 0, 0);
    assert_int_equal(all.dead, 9000);
    assert_int_equal(all.living, 2);
    assert_int_equal(all.page_most, LIMIT_REPEATED);
    assert_int_equal(all.pages, 3);
    assert_true(all.ascending);
    peer_finish(&p);
}

static void an_id_that_is_none(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    Wire__SnapshotAsk ask = WIRE__SNAPSHOT_ASK__INIT;
    ask.has_org = ask.has_after_kind = ask.has_after_id = 1;
    ask.org = h->server.branch;
    ask.after_kind = 1;
    ask.after_id = (ProtobufCBinaryData){5, (uint8_t *)"short"};
    peer_enter(h, &p, h->server.chair);
    peer_say(&p, FRAME_SNAPSHOT_ASK, &ask.base);
    peer_expect_refused(&p, "PROTOCOL");
    peer_finish(&p);
}

/* ---- digests ---- */

static const Wire__Digest *digest_of(const Wire__Digests *d, uint32_t scope, uint32_t class)
{
    for (size_t i = 0; i < d->n_digest; i++)
        if (d->digest[i]->scope == scope && d->digest[i]->class_ == class)
            return d->digest[i];
    return NULL;
}

static void digests_of_what_one_reads(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    static const struct {
        const char *role;
        bool open, sensitive;
    } cases[] = {{"accountant", true, true},
                 {"group_leader", true, false},
                 {"audit_member", false, false},
                 {"handler", false, false}};
    struct row row;
    uint8_t sum[16];
    write_sheets(&pen, 0, 1);
    assert_int_equal(store_read_row(h->server.store, SHEET, member_id(0), &h->server.arena, &row), ERR_OK);
    digest_bytes(digest_row(kind_by_number(SHEET), row.id, row.seq, row.message, CLASS_OPEN), sum);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct peer p;
        peer_enter(h, &p, sheet_seat(h, cases[i].role));
        const Wire__Digests *d = say_digest(&p, h->server.branch);
        assert_int_equal(d->seq, S(1));
        assert_int_equal(digest_of(d, SHEET, CLASS_OPEN) != NULL, cases[i].open);
        assert_int_equal(digest_of(d, SHEET, CLASS_SENSITIVE) != NULL, cases[i].sensitive);
        if (cases[i].open)
            assert_memory_equal(digest_of(d, SHEET, CLASS_OPEN)->sum.data, sum, sizeof sum); /* of the only row */
        peer_finish(&p);
    }
}

/* Conflict records have a scope for each kind that they are about, with that kind's rights. */
static void digests_of_conflicts_follow_their_kind(void **state)
{
    struct help_serving *h = *state;
    struct pen a = pen_of(&h->server, h->server.chair, h->server.branch, 1),
               b = pen_of(&h->server, h->server.second, h->server.branch, 2);
    struct peer p;
    uint32_t scope = KIND_CONFLICT << 16 | SHEET;
    write_sheets(&a, 0, 1);
    assert_non_null(strstr(push_one(&a, pen_write(&a, OP_SET, SHEET, member_id(0), S(1), "note=a")), "APPLIED"));
    assert_non_null(strstr(push_one(&b, pen_write(&b, OP_SET, SHEET, member_id(0), S(1), "note=b")), "CONFLICT"));
    peer_enter(h, &p, h->server.chair);
    assert_non_null(digest_of(say_digest(&p, h->server.branch), scope, CLASS_OPEN));
    assert_int_equal(take_all(&p, h->server.branch, 0, 0).of_kind[2], 1);
    peer_finish(&p);
    peer_enter(h, &p, sheet_seat(h, "handler"));
    assert_null(digest_of(say_digest(&p, h->server.branch), scope, CLASS_OPEN));
    assert_int_equal(take_all(&p, h->server.branch, 0, 0).of_kind[2], 0);
    peer_finish(&p);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(pull_in_pages),          T(pull_is_stripped_by_role),  T(a_hidden_entry_names_no_author),
        T(what_one_does_not_keep), T(a_snapshot_in_pages),       T(one_kind_again),
        T(rows_by_role),           T(hidden_rows_cost_nothing),  T(many_tombstones),
        T(an_id_that_is_none),     T(digests_of_what_one_reads), T(digests_of_conflicts_follow_their_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
