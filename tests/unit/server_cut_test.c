/* Rules 25 and 27 on the server: what restores cut back off a given up path is kept, and decided when recovery has ended. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_late.h"

#include "server/store/store_control.h"
#include "server/store/store_late.h"
#include "wire/wire.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Rule 25: a backup that ends on a given up path is cut back; what was cut is decided when recovery ends, before anything else. */
static void test_what_was_cut_back(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    struct change *lost = pen_create(&q, 1, "name=Wang");
    push_one(&q, lost);
    server_backup(s, "b2");
    server_restore(s, "b1");
    server_end_recovery(s); /* epoch 2 */
    push_one(&p, pen_set(&p, 0, S(1), "note=new"));
    server_restore(s, "b2"); /* 1:2 is cut back */
    assert_string_equal(row_words(s, 1), "unknown");
    server_end_recovery(s);
    assert_string_equal(push_one(&q, pen_set(&q, 1, S(2), "note=on-it")), "2 APPLIED");
    assert_string_equal(row_words(s, 1), "name=Wang state=applied note=on-it");
    assert_string_equal(late_log(s, seq_make(3, 1)), "second 1 APPLIED | second 2 APPLIED");
    assert_string_equal(push_one(&q, lost), "1 APPLIED");
    assert_true(server_seq(s, s->branch) == seq_make(3, 2));
}

#define LONG 24000 /* bytes of a note: an entry has it twice, 4 MiB of them are a page (writer_cut.c) */
#define MANY 120

static unsigned draws;

/* Salts are drawn 64 at a time: the third time is in the second page. */
static void die_in_the_second_page(void *out, size_t size)
{
    help_random(out, size);
    if (++draws == 3)
        _exit(0);
}

static void serve_and_die(struct help_server *s)
{
    int status;
    server_close(s);
    pid_t child = fork();
    if (child == 0) {
        server_open(s);
        writer_run(s->writer, NULL, s->now_ms, die_in_the_second_page, s->news, 64, &s->news_count);
        _exit(1); /* it went on */
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    server_open(s);
}

/* Page by page, each a commit of its own: who dies between two begins anew, loses nothing and decides nothing twice. */
static void test_a_death_between_pages(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    char *words = arena_alloc(&s->arena, LONG + 16);
    struct change *first = NULL;
    memcpy(words, "name=Li note=", 13);
    memset(words + 13, 'a', LONG);
    words[13 + LONG] = '\0';
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    for (int i = 1; i <= MANY; i++) {
        struct change *c = pen_create(&q, i, words);
        first = first ? first : c;
        push_one(&q, c);
    }
    server_backup(s, "b2");
    server_restore(s, "b1");
    server_end_recovery(s); /* epoch 2 */
    push_one(&p, pen_set(&p, 0, S(1), "note=new"));
    server_restore(s, "b2");
    assert_int_equal(late_cut_rows(s), MANY);
    server_end_recovery(s); /* epoch 3 */
    serve_and_die(s);
    uint64_t done = server_seq(s, s->branch);
    assert_true(done > seq_make(3, 64) && done < seq_make(3, MANY)); /* a page is on the disk, and no more */
    assert_int_equal(late_cut_rows(s), MANY);
    server_run(s, NULL);
    assert_int_equal(late_cut_rows(s), 0);
    assert_true(server_seq(s, s->branch) == seq_make(3, MANY));
    assert_string_equal(push_one(&q, first), "1 APPLIED");
    assert_string_equal(push_one(&q, pen_set(&q, MANY, S(MANY + 1), "note=b")), "121 APPLIED"); /* its base is known, too (rule 8) */
    assert_true(server_seq(s, s->branch) == seq_make(3, MANY + 1));
}

static int64_t cut_left(struct help_server *s)
{
    int64_t left;
    assert_int_equal(store_meta_get(store_db(s->store), STORE_CUT_LEFT, &left), ERR_OK);
    return left;
}

/* As a restore would, whose path had that seq. */
static void put_cut(struct help_server *s, int64_t path, struct entry e, uint64_t seq)
{
    struct db_statement *q;
    e.seq = seq;
    assert_int_equal(db_prepare(store_db(s->store), "INSERT INTO cut(org, path, seq, chain, entry) VALUES($1, $2, $3, $4, $5)", &q), ERR_OK);
    db_bind_integer(q, 1, s->branch);
    db_bind_integer(q, 2, path);
    db_bind_integer(q, 3, (int64_t)seq);
    db_bind_blob(q, 4, slice_of(e.chain, CHAIN_SIZE));
    db_bind_blob(q, 5, wire_pack_arena(&entry_wire(&e, &s->arena)->base, &s->arena));
    assert_int_equal(db_run(q), ERR_OK);
}

/* One row that can't be read is one org's trouble. */
static void test_one_bad_row(void **state)
{
    struct help_server *s = *state;
    uint32_t other = server_add_seat(s, s->other, "union_chair");
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2), o = pen_of(s, other, s->other, 3);
    struct entry *kept;
    push_one(&p, pen_create(&p, 0, "name=Li"));
    push_one(&o, pen_create(&o, 10, "name=Qian"));
    server_backup(s, "b1");
    push_one(&q, pen_create(&q, 1, "name=Wang"));
    push_one(&o, pen_create(&o, 11, "name=Zhou"));
    server_entries(s, s->branch, &kept);
    server_backup(s, "b2");
    server_restore(s, "b1");
    server_end_recovery(s);
    push_one(&p, pen_set(&p, 0, S(1), "note=new"));
    server_restore(s, "b2");
    assert_int_equal(late_cut_rows(s), 2);
    assert_true(s->branch < s->other);
    assert_int_equal(db_exec(store_db(s->store), arena_format(&s->arena, "UPDATE cut SET entry=x'ff' WHERE org=%u", s->branch)), ERR_OK);
    server_end_recovery(s);
    server_run(s, NULL);
    assert_string_equal(row_words(s, 11), "name=Zhou state=applied");
    assert_true(late_cut_rows(s) == 1 && cut_left(s) == 1); /* it is kept, and told */
    assert_int_equal(db_exec(store_db(s->store), "DELETE FROM cut"), ERR_OK);
    put_cut(s, 1, kept[1], S(2)); /* as a program that reads it finds it */
    server_run(s, NULL);
    assert_int_equal(late_cut_rows(s), 1);
    s->now_ms += 3600000; /* an hour */
    server_run(s, NULL);
    assert_string_equal(row_words(s, 1), "name=Wang state=applied");
    assert_true(late_cut_rows(s) == 0 && cut_left(s) == 0);
}

/* A commit that fails took nothing: all of it is kept, and told as what it is. */
static void test_a_commit_that_fails(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    for (int i = 1; i <= 3; i++)
        push_one(&q, pen_create(&q, i, "name=Wang"));
    server_backup(s, "b2");
    server_restore(s, "b1");
    server_end_recovery(s);
    push_one(&p, pen_set(&p, 0, S(1), "note=new"));
    server_restore(s, "b2");
    server_end_recovery(s);
    assert_int_equal(db_exec(store_db(s->store), "CREATE TEMP TRIGGER refuse BEFORE INSERT ON history WHEN new.n=3 BEGIN SELECT RAISE(ABORT, 'no'); END"), ERR_OK);
    server_run(s, NULL);
    assert_string_equal(row_words(s, 1), "unknown");
    assert_true(late_cut_rows(s) == 3 && cut_left(s) == 3);
    assert_int_equal(db_exec(store_db(s->store), "DROP TRIGGER refuse"), ERR_OK);
    s->now_ms += 3600000; /* an hour */
    server_run(s, NULL);
    assert_string_equal(row_words(s, 3), "name=Wang state=applied");
    assert_true(late_cut_rows(s) == 0 && cut_left(s) == 0);
}

/* What is erased may stand in a row that nobody can read: it goes, and erasing goes on. */
static void test_an_erasure_over_a_bad_row(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept;
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    push_one(&q, pen_set(&q, 0, S(1), "note=private"));
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    assert_int_equal(db_exec(store_db(s->store), arena_format(&s->arena, "INSERT INTO cut VALUES(%u, 1, 5, x'01', x'ff')", s->branch)), ERR_OK);
    put_cut(s, 2, kept[1], S(2));
    late_erase(s, 0);
    assert_int_equal(late_cut_rows(s), 1);
    server_end_recovery(s);
    server_run(s, NULL);
    assert_int_equal(server_entries(s, s->branch, &kept), 2);
    assert_null(memmem(kept[1].change.data, kept[1].change.size, "private", 7));
    assert_null(strstr(row_words(s, 0), "private"));
}

/* Numbers of seqs are given twice where a control journal was lost: each past by itself, groups whole, and each keeps its place. */
static void test_one_seq_of_two_pasts(void **state)
{
    struct help_server *s = *state;
    struct pen pens[2] = {pen_of(s, s->chair, s->branch, 1), pen_of(s, s->second, s->branch, 2)};
    struct entry *kept[2];
    server_backup(s, "b1");
    for (int i = 0; i < 2; i++) {
        struct change *c[] = {pen_create(&pens[i], 2 * i, "name=Li"), pen_create(&pens[i], 2 * i + 1, "name=Wang")};
        pen_group(c, 2);
        assert_string_equal(push(&pens[i], c, 2), "1 APPLIED | 2 APPLIED");
        server_entries(s, s->branch, &kept[i]);
        server_restore(s, "b1");
        if (i == 0)
            server_end_recovery(s);
    }
    for (int i = 0; i < 4; i++)
        put_cut(s, 1 + i / 2, kept[i / 2][i % 2], S(1 + i % 2));
    server_end_recovery(s);
    server_run(s, NULL);
    for (int i = 0; i < 4; i++)
        assert_string_equal(row_words(s, i), i % 2 ? "name=Wang state=applied" : "name=Li state=applied");
    assert_int_equal(late_cut_rows(s), 0);
    assert_int_equal(late_count(s, "SELECT count(*) FROM late WHERE seq=(1<<40)+1"), 2);
}

/* Two changes that stand or fall together, and whose entries no page holds both of: they are not cut in two. */
static void test_a_group_over_a_page(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    enum { LARGE = 5 << 20 };
    char *words = arena_alloc(&s->arena, LARGE);
    struct entry *kept;
    server_backup(s, "b1");
    struct change *c[] = {pen_create(&p, 0, "name=Li"), pen_create(&p, 1, "name=Wang")};
    pen_group(c, 2);
    assert_string_equal(push(&p, c, 2), "1 APPLIED | 2 APPLIED");
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    memset(words, 'a', LARGE);
    for (size_t i = 0; i < 2; i++) {
        kept[i].effects = slice_of((const uint8_t *)words, LARGE); /* whatever makes an entry as large as that */
        put_cut(s, 1, kept[i], S(1 + i));
    }
    server_end_recovery(s);
    server_run(s, NULL);
    assert_string_equal(row_words(s, 0), "name=Li state=applied");
    assert_string_equal(row_words(s, 1), "name=Wang state=applied");
    assert_true(late_cut_rows(s) == 0 && cut_left(s) == 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, server_setup, server_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_what_was_cut_back),
        T(test_a_death_between_pages),
        T(test_one_bad_row),
        T(test_a_commit_that_fails),
        T(test_an_erasure_over_a_bad_row),
        T(test_one_seq_of_two_pasts),
        T(test_a_group_over_a_page),
    };
    return cmocka_run_group_tests_name("server_cut", tests, NULL, NULL);
}
