/* Erasing by law on devices (rule 29): whatever they hold, however old it is, whatever they had not sent, and where the
 * server lost it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "client/replica/replica_inner.h"
#include "help_district.h"
#include "help_recovery.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "Rosalind"
#define NUMBER "990101198506120024"

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

/* As `banyand erase` does, in a process of its own beside the one that serves. */
static void erase(struct id member)
{
    struct store *store;
    struct journal *journal;
    struct control *control;
    struct erase_plan plan;
    const char *dir = d.server.folder.path;
    assert_int_equal(store_open(dir, STORE_WRITE, &store), ERR_OK);
    assert_int_equal(journal_open(dir, JOURNAL_OPEN, &journal), ERR_OK);
    assert_int_equal(control_open(store_db(store), journal, &control), ERR_OK);
    assert_int_equal(erase_plan_make(store, member, &plan), ERR_OK);
    carry_out_erasure(store, control, &plan, d.now_ms, "2026-18");
    erase_plan_finish(&plan);
    control_close(control);
    journal_close(journal);
    store_close(store);
}

/* How often the word stands in files of the folder whose names begin so. */
static size_t found(const char *folder, const char *prefix, const char *word)
{
    static char bytes[16 << 20];
    size_t count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *f; (f = readdir(dir));) {
        char path[512];
        if (strncmp(f->d_name, prefix, strlen(prefix)) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
        FILE *file = fopen(path, "rb");
        size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
        if (file)
            fclose(file);
        for (char *at = bytes; (at = memmem(at, size - (size_t)(at - bytes), word, strlen(word))); at++)
            count++;
    }
    closedir(dir);
    return count;
}

static void expect_gone(struct device *v)
{
    assert_int_equal(found(v->folder.path, "banyan.db", NAME), 0);
    assert_int_equal(found(v->folder.path, "banyan.db", NUMBER), 0);
}

static void expect_unrepaired(struct device *v)
{
    struct replica_facts f;
    device_expect_level(v);
    assert_int_equal(replica_facts(v->r, &f), ERR_OK);
    assert_int_equal(f.repairs, 0);
}

/* All hold the same, and the server's own files nothing of it, with what stands in the WAL while it serves. */
static void expect_level_and_gone(struct device *a, struct device *b)
{
    device_expect_level(a);
    device_expect_level(b);
    server_verify(&d.server);
    district_close_server(&d);
    assert_int_equal(found(d.server.folder.path, "banyan.db", NAME), 0);
    district_open_server(&d);
}

static int64_t count(struct device *v, const char *sql)
{
    int64_t n = -1;
    assert_int_equal(sql_integer(v->r->db, 0, &n, sql, ""), ERR_OK);
    return n;
}

/* A row with a shadow, a conflict, a change that is refused, one that waits, and the kept log. */
static void what_a_device_holds_goes(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(a, "name=" NAME " id_number=" NUMBER " note=" NAME "1"),
              two = device_add(a, "name=Other note=stays");
    device_sync(a, -1);
    device_sync(b, -1);
    assert_int_equal(device_set(a, one, "note=" NAME "2"), ERR_OK);
    assert_int_equal(device_set(b, one, "note=" NAME "3"), ERR_OK);
    device_sync(a, -1);
    device_sync(b, -1); /* a conflict */
    device_sync(a, -1);
    assert_int_equal(device_remove(a, two), ERR_OK);
    assert_int_equal(device_set(b, one, "campus=" NAME "4 joined_on=2020-01-02"), ERR_OK); /* waits */
    assert_int_equal(device_set(b, one, "campus=" NAME "5"), ERR_OK);
    struct folder copy;
    device_copy(b, &copy);
    assert_true(found(b->folder.path, "banyan.db", NAME) > 0);
    erase(one);
    assert_int_equal(found(d.server.folder.path, "banyan.db", NAME), 0);

    device_sync(a, -1);
    device_sync(b, -1);
    device_sync(a, -1);
    struct device *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        expect_gone(both[i]);
        expect_unrepaired(both[i]);
        assert_string_equal(device_words(both[i], one), "joined_on=2020-01-02"); /* the rest of what waited went in */
    }
    assert_int_equal(count(b, "SELECT count(*) FROM outbox"), 0);
    assert_int_equal(count(b, "SELECT count(*) FROM attention"), 0); /* what nothing is left of wants nothing */
    assert_int_equal(device_set(a, one, "name=" NAME), ERR_REFUSED);
    assert_int_equal(device_set(a, one, "name=" NAME " joined_on=2020-01-03"), ERR_REFUSED); /* a person is told */
    assert_int_equal(device_set(a, one, "joined_on=2020-01-03"), ERR_OK); /* though the name is wanted of others */
    uint32_t member = kind_by_name("member")->number;
    assert_true(replica_is_erased(a->r, member, one, 2) && replica_is_erased(a->r, member, one, 500)); /* a newer program's */
    assert_false(replica_is_erased(a->r, member, one, 17) || replica_is_erased(a->r, member, two, 500));
    device_sync(a, -1);
    expect_unrepaired(a);

    device_put_back(b, &copy); /* as it was before */
    assert_true(found(b->folder.path, "banyan.db", NAME) > 0);
    device_sync(b, -1);
    device_sync(b, -1);
    expect_gone(b);
    expect_unrepaired(b);
    server_verify(&d.server);
    folder_remove(&copy);
}

/* It was sent, the answer was lost; then it is less, under the hash that it had: known, not decided again. */
static void what_was_sent_is_known(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    struct id one = device_add(a, "name=" NAME);
    device_sync(a, -1);
    assert_int_equal(device_set(a, one, "campus=" NAME "4 joined_on=2020-01-02"), ERR_OK);
    for (int frames = 1; server_seq(&d.server, d.server.branch) == S(1); frames++)
        device_sync(a, frames); /* until the server has it, and no further */
    assert_int_equal(server_seq(&d.server, d.server.branch), S(2));
    erase(one);
    device_sync(a, -1);
    assert_int_equal(server_seq(&d.server, d.server.branch), S(2));
    expect_gone(a);
    expect_unrepaired(a);
    assert_int_equal(count(a, "SELECT count(*) FROM incarnation WHERE parent IS NOT NULL"), 0);
    server_verify(&d.server);
}

/* More erasures than one call gives are told by the next one. */
static void told_in_portions(void **state)
{
    (void)state;
    struct replica_erasure list[ERASED_MAX];
    struct id ids[ERASED_MAX + 4];
    size_t told, all = 0;
    struct device *a = device_chair(&d);
    for (size_t i = 0; i < ERASED_MAX + 4; i++)
        ids[i] = device_add(a, "name=" NAME);
    device_sync(a, -1);
    for (size_t i = 0; i < ERASED_MAX + 4; i++)
        erase(ids[i]);
    device_sync(a, -1);
    do {
        assert_int_equal(replica_take_erased(a->r, &d.server.arena, list, &told), ERR_OK);
        all += told;
    } while (told);
    assert_int_equal(all, ERASED_MAX + 4);
}

/* Where the book of erasures can't be read nothing is kept of what it might have taken. */
static void what_cannot_be_read_is_not_passed_over(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    struct id one = device_add(a, "name=" NAME), two = device_add(a, "name=Other");
    device_sync(a, -1);
    erase(one);
    device_sync(a, -1);
    assert_int_equal(sql_run(a->r->db, "ALTER TABLE erased RENAME COLUMN tags TO lost", ""), ERR_OK);
    assert_int_not_equal(device_set(a, two, "campus=East"), ERR_OK);
    assert_int_equal(sql_run(a->r->db, "ALTER TABLE erased RENAME COLUMN lost TO tags", ""), ERR_OK);
    assert_int_equal(count(a, "SELECT count(*) FROM outbox"), 0);
}

/* What a salvage set aside goes, too. What cannot be deleted (here: no file) is not forgotten: each round tries again. */
static void what_was_set_aside_goes(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    struct id one = device_add(a, "name=" NAME);
    char file[512], stays[512];
    snprintf(file, sizeof file, "%s/" REPLICA_FILE ".damaged-1", a->r->dir);
    snprintf(stays, sizeof stays, "%s/" REPLICA_FILE ".damaged-2", a->r->dir);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fclose(f);
    assert_int_equal(mkdir(stays, 0700), 0);
    device_sync(a, -1);
    erase(one);
    device_sync(a, -1);
    assert_int_not_equal(access(file, F_OK), 0);
    assert_int_equal(replica_meta_integer(a->r, "erase_rewrite", 0), 1);
    assert_int_equal(rmdir(stays), 0);
    device_sync(a, -1);
    assert_int_equal(replica_meta_integer(a->r, "erase_rewrite", 0), 0);
}

/* Who comes new gets rows and log without it, and has nothing to be told. */
static void a_new_device_is_told_nothing(void **state)
{
    (void)state;
    struct replica_erasure list[ERASED_MAX];
    size_t told;
    struct device *a = device_chair(&d);
    struct id one = device_add(a, "name=" NAME);
    device_sync(a, -1);
    erase(one);
    device_sync(a, -1);
    assert_int_equal(replica_take_erased(a->r, &d.server.arena, list, &told), ERR_OK);
    assert_int_equal(told, 1);
    assert_string_equal(list[0].reason, "2026-18");
    assert_int_equal(list[0].org, d.server.branch);
    assert_int_equal(replica_take_erased(a->r, &d.server.arena, list, &told), ERR_OK);
    assert_int_equal(told, 0);
    struct device *b = device_second(&d);
    device_sync(b, -1);
    expect_unrepaired(b);
    assert_int_equal(replica_take_erased(b->r, &d.server.arena, list, &told), ERR_OK);
    assert_int_equal(told, 0);
}

/* A backup of before: the server is blanked before it serves; a device that has not heard hands back what it kept,
 * whole. */
static void a_restore_brings_nothing_back(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(a, "name=" NAME);
    device_sync(a, -1);
    district_backup(&d, "one");
    assert_int_equal(device_set(a, one, "note=" NAME "2 joined_on=2020-01-02"), ERR_OK);
    device_sync(a, -1);
    device_sync(b, -1);
    erase(one);
    device_sync(a, -1);
    district_restore(&d, "one");
    assert_int_equal(found(d.server.folder.path, "banyan.db", NAME), 0);
    device_sync(b, -1); /* hands back */
    device_sync(a, -1);
    district_end_recovery(&d);
    for (int i = 0; i < 2; i++) {
        device_sync(a, -1);
        device_sync(b, -1);
    }
    assert_string_equal(device_words(a, one), "joined_on=2020-01-02");
    assert_string_equal(device_words(b, one), "joined_on=2020-01-02");
    expect_gone(a);
    expect_gone(b);
    expect_level_and_gone(a, b);
}

/* The journal is lost, too: the server knows of nothing, until a device that heard brings it back. */
static void a_lost_journal_is_made_good(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(a, "name=" NAME " id_number=" NUMBER);
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "one");
    erase(one);
    device_sync(a, -1);
    expect_gone(a);
    district_restore_without_journal(&d, "one");
    assert_true(found(d.server.folder.path, "banyan.db", NAME) > 0);
    device_sync(b, -1); /* has not heard */
    assert_true(found(b->folder.path, "banyan.db", NAME) > 0);
    device_sync(a, -1);
    expect_gone(a); /* took nothing of what the server has */
    device_sync(b, -1);
    expect_gone(b);
    district_end_recovery(&d);
    device_sync(a, -1);
    device_sync(b, -1);
    expect_gone(a);
    expect_level_and_gone(a, b);
}

/* Cut after any frame: the next session goes on. */
static void cut_anywhere(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(a, "name=" NAME);
    device_sync(a, -1);
    device_sync(b, -1);
    assert_int_equal(device_set(b, one, "note=" NAME "2 joined_on=2020-01-02"), ERR_OK);
    erase(one);
    for (int frames = 1; frames < 12; frames++)
        device_sync(b, frames);
    device_sync(b, -1);
    device_sync(a, -1);
    expect_gone(b);
    expect_unrepaired(b);
    expect_unrepaired(a);
    assert_string_equal(device_words(b, one), "joined_on=2020-01-02");
}

/* One entry set aside that can't be read (which is passed over where it would be handed over): erasing goes on all the same. */
static void an_unreadable_entry_stops_no_erasure(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    struct replica_late_told told;
    struct id one = device_add(a, "name=" NAME);
    device_sync(a, -1);
    assert_int_equal(db_exec(a->r->db, "INSERT INTO late_entry(path, seq, org, entry, dealt) SELECT 1, 1, value, x'ff', 1 FROM meta WHERE key = 'home'"), ERR_OK);
    assert_int_equal(db_exec(a->r->db, "INSERT INTO late_entry(path, seq, org, entry, dealt) SELECT 2, 1, value, x'ff', 0 FROM meta WHERE key = 'home'"), ERR_OK);
    assert_int_equal(db_exec(a->r->db, "INSERT INTO late_entry(path, seq, org, entry, dealt) SELECT 2, 0, value, x'ff', -1 FROM meta WHERE key = 'home'"), ERR_OK);
    erase(one);
    device_sync(a, -1);
    assert_int_equal(count(a, "SELECT count(*) FROM erasure"), 1);
    assert_int_equal(count(a, "SELECT count(*) FROM late_entry"), 0);
    assert_int_equal(replica_take_late_told(a->r, &told), ERR_OK);
    assert_int_equal(told.left, 1); /* the one that waited */
    expect_gone(a);
}

/* Nor one of the kept log: that and what follows it are fetched again, and what was made here behind it brings nothing back. */
static void an_unreadable_line_is_fetched_again(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(a, "name=" NAME), two = device_add(a, "name=Other");
    device_sync(a, -1);
    device_sync(b, -1);
    assert_int_equal(device_set(b, two, "note=second"), ERR_OK);
    device_sync(b, -1);
    assert_int_equal(device_set(a, one, "note=" NAME), ERR_OK);
    assert_int_equal(device_set(a, two, "campus=East"), ERR_OK);
    device_sync(a, -1);
    int64_t kept = count(a, "SELECT count(*) FROM kept");
    assert_int_equal(kept, 5);
    assert_int_equal(db_exec(a->r->db, "UPDATE kept SET entry = x'ff' WHERE seq IN (SELECT seq FROM kept ORDER BY seq LIMIT 2 OFFSET 1)"), ERR_OK);
    erase(one);
    device_sync(a, -1);
    assert_int_equal(count(a, "SELECT count(*) FROM erasure"), 1);
    expect_gone(a);
    device_sync(a, -1);
    device_sync(a, -1);
    device_sync(b, -1);
    assert_int_equal(count(a, "SELECT count(*) FROM kept"), kept);
    assert_int_equal(count(a, "SELECT count(*) FROM kept WHERE entry = x'ff'"), 0);
    assert_int_equal(count(a, "SELECT count(*) FROM outbox"), 0);
    assert_int_equal(count(a, "SELECT count(*) FROM late_entry"), 0);
    assert_string_equal(device_words(a, two), "name=Other campus=East note=second");
    expect_level_and_gone(a, b);
    expect_gone(a);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(an_unreadable_entry_stops_no_erasure), T(an_unreadable_line_is_fetched_again),
                                       T(what_a_device_holds_goes),     T(what_was_sent_is_known),
                                       T(a_new_device_is_told_nothing), T(a_restore_brings_nothing_back),
                                       T(a_lost_journal_is_made_good),  T(cut_anywhere), T(told_in_portions),
                                       T(what_cannot_be_read_is_not_passed_over), T(what_was_set_aside_goes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
