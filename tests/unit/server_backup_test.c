/* A backup is one file: carried alone into an empty folder it is enough. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"

#include "base/limits.h"
#include "server/recovery/backup.h"
#include "server/recovery/restore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY "-----A KEY OF THE DISTRICT-----" /* restored as it was, whatever it is */

struct carried {
    struct help_server server;
    struct folder stick, fresh;
    struct buf detail;
};

static int setup(void **state)
{
    static struct carried c;
    server_make(&c.server);
    folder_make(&c.stick);
    folder_make(&c.fresh);
    *state = &c;
    return 0;
}

static int teardown(void **state)
{
    struct carried *c = *state;
    server_remove(&c->server);
    folder_remove(&c->stick);
    folder_remove(&c->fresh);
    buf_finish(&c->detail);
    return 0;
}

static void put_file(const struct folder *f, const char *name, const char *text)
{
    FILE *file = fopen(folder_file(f, name), "w");
    fputs(text, file);
    fclose(file);
}

static void read_file(const struct folder *f, const char *name, struct buf *out)
{
    uint8_t block[4096];
    FILE *file = fopen(folder_file(f, name), "r");
    assert_non_null(file);
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        buf_append(out, block, got);
    fclose(file);
}

static bool file_says(const struct folder *f, const char *name, const char *text)
{
    struct buf bytes = BUF_INIT;
    read_file(f, name, &bytes);
    bool found = memmem(bytes.data, bytes.size, text, strlen(text)) != NULL;
    buf_finish(&bytes);
    return found;
}

static void backup(struct carried *c)
{
    assert_int_equal(backup_run(c->server.folder.path, folder_file(&c->stick, "b1"), c->server.now_ms, &c->detail), ERR_OK);
    assert_int_equal(folder_count(&c->stick), 1);
}

static enum err restore(struct carried *c, struct restore_facts *facts)
{
    enum err e = restore_run(c->fresh.path, folder_file(&c->stick, "b1"), c->server.now_ms, facts, &c->detail);
    assert_int_equal(folder_count(&c->stick), 1); /* nothing beside it, not it alone gone */
    return e;
}

static void change_backup(struct carried *c, const char *sql)
{
    struct db *db;
    assert_int_equal(db_open(folder_file(&c->stick, "b1"), DB_SERVER, DB_OPEN, STORE_VERSION, &db), ERR_OK);
    assert_int_equal(db_exec(db, sql), ERR_OK);
    assert_true(db_changes(db) > 0);
    db_close(db);
}

static void write_members(struct help_server *s, int count)
{
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    for (int i = 0; i < count; i++)
        assert_non_null(strstr(push_one(&p, pen_create(&p, i, "name=Li id_number=110101199003070038")), "APPLIED"));
}

static void test_carried_alone(void **state)
{
    struct carried *c = *state;
    struct restore_facts facts;
    struct db *db;
    put_file(&c->server.folder, "ca.key", KEY);
    write_members(&c->server, 2);
    backup(c);
    assert_int_equal(folder_mode(&c->stick, "b1"), 0600);
    assert_true(file_says(&c->stick, "b1", KEY));
    const char *row = row_words(&c->server, 1);
    server_close(&c->server);
    struct folder lost = c->server.folder; /* the machine is gone, folder and all */
    folder_remove(&lost);

    assert_int_equal(restore(c, &facts), ERR_OK);
    assert_false(facts.journal_kept);
    assert_int_equal(folder_count(&c->fresh), 5); /* banyan.db, control.journal, ca.key, person.key, serve.lock */
    assert_int_equal(folder_mode(&c->fresh, "ca.key"), 0600);
    assert_int_equal(folder_mode(&c->fresh, "control.journal"), 0600);
    assert_true(file_says(&c->fresh, "ca.key", KEY));
    assert_false(file_says(&c->fresh, "banyan.db", KEY)); /* nor in pages that are free now */
    assert_int_equal(db_open(folder_file(&c->fresh, "banyan.db"), DB_SERVER, DB_READ, STORE_VERSION, &db), ERR_OK);
    assert_int_not_equal(db_exec(db, "SELECT * FROM backup_part"), ERR_OK);
    db_close(db);

    c->server.folder = c->fresh;
    folder_make(&c->fresh);
    server_open(&c->server);
    assert_string_equal(row_words(&c->server, 1), row);
    assert_int_equal(control_seat(c->server.control, c->server.chair)->org, c->server.branch);
    assert_true(store_recovering(c->server.store, c->server.branch));
    server_verify(&c->server);
}

/* The journal goes in and comes out in blocks. */
static void test_long_journal(void **state)
{
    struct carried *c = *state;
    struct restore_facts facts;
    struct buf before = BUF_INIT, after = BUF_INIT;
    size_t count = 50000;
    struct control_position *at = arena_alloc(&c->server.arena, count * sizeof *at);
    for (size_t i = 0; i < count; i++) {
        at[i] = (struct control_position){.org = (uint32_t)i + 1, .seq = S(i)};
        memset(at[i].chain, (int)i, CHAIN_SIZE);
    }
    assert_int_equal(control_add_backup(c->server.control, "/long", NOW_MS, at, count), ERR_OK);
    read_file(&c->server.folder, "control.journal", &before);
    assert_true(before.size > 2 * LIMIT_BACKUP_BLOCK);
    backup(c);
    assert_int_equal(restore(c, &facts), ERR_OK);
    read_file(&c->fresh, "control.journal", &after);
    assert_true(after.size > before.size); /* and the numbers that the restore left out */
    after.size = before.size;
    assert_true(slice_equal(buf_slice(&before), buf_slice(&after)));
    buf_finish(&before);
    buf_finish(&after);
}

static void refused(struct carried *c, enum err expected)
{
    struct restore_facts facts;
    assert_int_equal(restore(c, &facts), expected);
    assert_false(folder_has(&c->fresh, "banyan.db"));
    assert_false(folder_has(&c->fresh, "control.journal"));
    assert_false(folder_has(&c->fresh, "ca.key"));
    assert_false(folder_has(&c->fresh, "restoring"));
}

static void test_damaged_journal(void **state)
{
    struct carried *c = *state;
    backup(c);
    change_backup(c, "UPDATE backup_part SET bytes=substr(bytes, 1, 20)||x'00'||substr(bytes, 22) WHERE name='control.journal'");
    refused(c, ERR_CORRUPT);
}

static void test_damaged_keys(void **state)
{
    struct carried *c = *state;
    put_file(&c->server.folder, "ca.key", KEY);
    backup(c);
    change_backup(c, "UPDATE backup_part SET bytes=substr(bytes, 1, 20) WHERE name='keys'");
    refused(c, ERR_CORRUPT);
}

static void test_keys_of_no_name(void **state)
{
    struct carried *c = *state;
    backup(c);
    change_backup(c, "UPDATE backup_part SET bytes=x'0a0a0a052e2e2f65761201ff' WHERE name='keys'"); /* "../ev" */
    refused(c, ERR_CORRUPT);
    assert_false(folder_has(&c->fresh, "../ev"));
}

/* What the folder has is its own: its keys, its longer journal. A copy made by hand, without parts, will do there, and nowhere else. */
static void test_what_the_folder_has(void **state)
{
    struct carried *c = *state;
    struct restore_facts facts;
    put_file(&c->server.folder, "ca.key", KEY);
    backup(c);
    put_file(&c->server.folder, "ca.key", "another");
    uint32_t late = server_add_branch(&c->server, "late");
    server_close(&c->server);
    assert_int_equal(restore_run(c->server.folder.path, folder_file(&c->stick, "b1"), NOW_MS, &facts, &c->detail), ERR_OK);
    assert_true(facts.journal_kept);
    assert_true(file_says(&c->server.folder, "ca.key", "another"));

    change_backup(c, "DELETE FROM backup_part");
    assert_int_equal(restore_run(c->server.folder.path, folder_file(&c->stick, "b1"), NOW_MS + 1, &facts, &c->detail), ERR_OK);
    assert_true(facts.journal_kept);
    refused(c, ERR_NOT_FOUND);
    server_open(&c->server);
    assert_int_equal(control_org_by_code(c->server.control, "late")->number, late);
}

static void test_no_folder_for_no_backup(void **state)
{
    struct carried *c = *state;
    struct restore_facts facts;
    char dir[200];
    snprintf(dir, sizeof dir, "%s/new", c->fresh.path);
    put_file(&c->stick, "b1", "no backup at all");
    assert_int_equal(restore_run(dir, folder_file(&c->stick, "b1"), NOW_MS, &facts, &c->detail), ERR_FOREIGN);
    assert_int_equal(restore_run(dir, folder_file(&c->stick, "b2"), NOW_MS, &facts, &c->detail), ERR_NOT_FOUND);
    assert_int_equal(folder_count(&c->fresh), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_carried_alone), T(test_long_journal), T(test_damaged_journal), T(test_damaged_keys),
        T(test_keys_of_no_name), T(test_what_the_folder_has), T(test_no_folder_for_no_backup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
