/* The local database by itself: what is saved is there after kill -9, what is refused is not; batches, bases, prefixes, lease,
 * a damaged file, a kind that an older build did not know. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/replica/attention.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_sync.h"
#include "help_folder.h"
#include "kinds/refusal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW 1795400000000 /* 2026-11-22 */
#define DAY 86400000ll

static struct folder folder;
static struct replica *r;
static struct arena arena;
static const struct kind *member;

static void create(const char *roles)
{
    struct replica_seat s = {.number = 7, .person = "林晓岚", .roles = roles, .home = 3, .home_code = "QH001", .home_name = "第一幼儿园工会",
                             .home_level = "branch", .district = "青禾区教育工会", .server = "127.0.0.1:7443"};
    assert_int_equal(replica_create(folder.path, &s, NOW), ERR_OK);
}

static void reopen(void)
{
    replica_close(r);
    r = NULL;
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
}

static int setup(void **state)
{
    (void)state;
    folder_make(&folder);
    arena_init(&arena, LIMIT_ARENA);
    member = kind_by_name("member");
    create("union_chair");
    r = NULL;
    reopen();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    replica_close(r);
    r = NULL;
    arena_finish(&arena);
    folder_remove(&folder);
    return 0;
}

static enum err change(enum op op, struct id id, const char *field, const char *value, const char *action, struct replica_outcome *o)
{
    ProtobufCMessage *patch = record_new(member->descriptor, &arena);
    if (field)
        record_put_name(patch, field, cell_text(value), &arena);
    struct replica_change c = {.op = op, .kind = member->number, .id = id, .patch = patch, .action = action};
    return replica_change(r, &c, NOW, &arena, o);
}

static struct id add(const char *name)
{
    struct replica_outcome o;
    assert_int_equal(change(OP_CREATE, (struct id){{0}}, "name", name, NULL, &o), ERR_OK);
    assert_true(o.changed);
    return o.id;
}

static uint64_t waiting(void)
{
    struct replica_status s;
    assert_int_equal(replica_status(r, &s), ERR_OK);
    return s.queued;
}

static void what_is_saved_is_there(void **state)
{
    (void)state;
    struct replica_row row;
    struct replica_outcome o;
    struct id id = add("李梅");
    assert_int_equal(change(OP_SET, id, "note", "一", NULL, &o), ERR_OK);
    assert_int_equal(o.n, 2);
    reopen();
    assert_int_equal(replica_load(r, member->number, id, NOW, &arena, &row), ERR_OK);
    assert_true(cell_equal(record_get_name(row.message, "note"), cell_text("一")));
    assert_string_equal(kind_state_of(member, row.message), "applied");
    assert_int_equal(row.seq, 0);
    assert_int_equal(row.sync, REPLICA_QUEUED);
    assert_int_equal(row.org, 3);
    assert_int_equal(waiting(), 2);
    assert_int_equal(folder_mode(&folder, "banyan.db"), 0600);
}

static void a_refused_change_writes_nothing(void **state)
{
    (void)state;
    struct replica_outcome o;
    struct id id = add("李梅");
    assert_int_equal(change(OP_SET, id, "state", "active", NULL, &o), ERR_REFUSED);
    assert_string_equal(o.code, REFUSAL_STATE_FIELD);
    assert_int_equal(change(OP_ACT, id, NULL, NULL, "retained", &o), ERR_REFUSED);
    assert_string_equal(o.code, REFUSAL_STATE_MOVED);
    assert_int_equal(change(OP_CREATE, (struct id){{0}}, "note", "x", NULL, &o), ERR_REFUSED);
    assert_string_equal(o.code, REFUSAL_REQUIRED);
    assert_string_equal(o.field, "name");
    assert_int_equal(change(OP_SET, (struct id){{1}}, "note", "x", NULL, &o), ERR_NOT_FOUND);
    assert_true(strlen(replica_detail(r)) > 0);
    assert_int_equal(waiting(), 1);
    /* The next one takes the next n: a refused one took none. */
    assert_int_equal(change(OP_SET, id, "note", "x", NULL, &o), ERR_OK);
    assert_int_equal(o.n, 2);
}

static void setting_what_stands_is_no_change(void **state)
{
    (void)state;
    struct replica_outcome o;
    struct id id = add("李梅");
    assert_int_equal(change(OP_SET, id, "name", "李梅", NULL, &o), ERR_OK);
    assert_false(o.changed);
    assert_int_equal(waiting(), 1);
}

static void a_batch_is_all_or_nothing(void **state)
{
    (void)state;
    uint64_t count;
    struct replica_outcome o;
    assert_int_equal(replica_batch_begin(r), ERR_OK);
    struct id id = add("甲");
    assert_int_equal(change(OP_SET, id, "note", "x", NULL, &o), ERR_OK); /* sees what came before */
    assert_int_equal(change(OP_CREATE, (struct id){{0}}, "note", "x", NULL, &o), ERR_REFUSED);
    replica_batch_rollback(r);
    assert_int_equal(waiting(), 0);
    assert_int_equal(replica_count(r, member->number, &count), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(replica_batch_begin(r), ERR_OK);
    add("甲");
    assert_int_equal(change(OP_CREATE, (struct id){{0}}, "note", "x", NULL, &o), ERR_REFUSED);
    add("乙");
    assert_int_equal(replica_batch_commit(r), ERR_OK);
    reopen();
    assert_int_equal(waiting(), 2);
}

static void records_by_prefix_and_value(void **state)
{
    (void)state;
    struct id a = add("甲"), out;
    uint32_t kind;
    char text[ID_TEXT_SIZE];
    size_t count;
    id_text(a, text);
    assert_int_equal(replica_find(r, member->number, text, &out, NULL), ERR_OK);
    assert_true(id_equal(a, out));
    assert_int_equal(replica_find(r, 0, text, &out, &kind), ERR_OK);
    assert_int_equal(kind, member->number);
    add("乙");
    text[8] = 0; /* the time alone */
    assert_int_equal(replica_find(r, member->number, text, &out, NULL), ERR_AMBIGUOUS);
    assert_int_equal(replica_find(r, member->number, "ffff", &out, NULL), ERR_NOT_FOUND);
    assert_int_equal(replica_find(r, member->number, "x", &out, NULL), ERR_VALUE);
    assert_int_equal(replica_find_value(r, member->number, "name", cell_text("甲"), NOW, &out, 1, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_true(id_equal(a, out));
}

static void the_lease_hides_but_keeps(void **state)
{
    (void)state;
    struct replica_lease lease;
    struct replica_row row;
    struct replica_outcome o;
    struct id id = add("李梅");
    assert_int_equal(replica_lease(r, NOW + 59 * DAY, &lease), ERR_OK);
    assert_false(lease.warn);
    assert_int_equal(lease.days_left, 61);
    assert_int_equal(replica_lease(r, NOW + 60 * DAY, &lease), ERR_OK);
    assert_true(lease.warn);
    assert_false(lease.hidden);
    assert_int_equal(replica_lease(r, NOW + 120 * DAY, &lease), ERR_OK);
    assert_true(lease.hidden);
    assert_int_equal(replica_load(r, member->number, id, NOW + 119 * DAY, &arena, &row), ERR_OK);
    assert_int_equal(replica_load(r, member->number, id, NOW + 120 * DAY, &arena, &row), ERR_LEASE);
    struct replica_change c = {.op = OP_REMOVE, .kind = member->number, .id = id};
    assert_int_equal(replica_change(r, &c, NOW + 121 * DAY, &arena, &o), ERR_LEASE);
    assert_int_equal(waiting(), 1);
    /* A clock that was set back gives no more time than there is. */
    assert_int_equal(replica_lease(r, NOW - 400 * DAY, &lease), ERR_OK);
    assert_int_equal(lease.days_left, 120);
}

static void one_agent_a_folder(void **state)
{
    (void)state;
    struct replica *other;
    assert_int_equal(replica_open(folder.path, NOW, &other), ERR_OK);
    assert_int_equal(replica_lock_agent(r), ERR_OK);
    assert_int_equal(replica_lock_agent(other), ERR_LOCKED);
    assert_true(replica_agent_runs(other));
    assert_false(replica_agent_runs(r));
    replica_unlock_agent(r);
    assert_false(replica_agent_runs(other));
    assert_int_equal(replica_lock_agent(other), ERR_OK);
    replica_close(other);
}

static void another_process_is_noticed(void **state)
{
    (void)state;
    struct replica *other;
    struct replica_row row;
    int64_t before = replica_data_version(r);
    assert_int_equal(replica_open(folder.path, NOW, &other), ERR_OK);
    before = replica_data_version(r);
    assert_int_equal(replica_data_version(r), before);
    struct replica *mine = r;
    r = other;
    struct id id = add("李梅");
    r = mine;
    assert_true(replica_data_version(r) != before);
    assert_int_equal(replica_load(r, member->number, id, NOW, &arena, &row), ERR_OK);
    replica_close(other);
}

static void no_seat_no_replica(void **state)
{
    (void)state;
    struct replica *none;
    struct buf said = BUF_INIT;
    struct replica_seat s = {.number = 7, .person = "x", .roles = "union_chair", .home = 3};
    assert_int_equal(replica_open("/tmp/does-not-exist-banyan", NOW, &none), ERR_NOT_FOUND);
    replica_explain(ERR_NOT_FOUND, "/tmp/x", &said);
    assert_non_null(strstr(buf_c_string(&said), "/tmp/x"));
    buf_finish(&said);
    assert_int_equal(replica_create(folder.path, &s, NOW), ERR_EXISTS);
}

/* ---- kill -9 ---- */

static void add_for_ever(int to)
{
    for (;;) {
        struct replica_outcome o;
        arena_reset(&arena);
        if (change(OP_CREATE, (struct id){{0}}, "name", "李梅", NULL, &o) != ERR_OK || write(to, o.id.bytes, ID_SIZE) != ID_SIZE)
            _exit(1);
    }
}

static void what_was_printed_survives_kill(void **state)
{
    (void)state;
    size_t total = 0;
    for (int round = 0; round < 3; round++) {
        int line[2];
        struct id ids[400];
        size_t count = 0;
        assert_int_equal(pipe(line), 0);
        replica_close(r);
        r = NULL;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            if (replica_open(folder.path, NOW, &r) != ERR_OK)
                _exit(2);
            add_for_ever(line[1]);
        }
        close(line[1]);
        size_t wanted = 20 + (size_t)round * 37;
        while (count < wanted && read(line[0], &ids[count], ID_SIZE) == ID_SIZE)
            count++;
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        while (count < 400 && read(line[0], &ids[count], ID_SIZE) == ID_SIZE)
            count++;
        close(line[0]);
        assert_true(count >= wanted);
        assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
        for (size_t i = 0; i < count; i++) {
            struct replica_row row;
            arena_reset(&arena);
            assert_int_equal(replica_load(r, member->number, ids[i], NOW, &arena, &row), ERR_OK);
            assert_int_equal(row.sync, REPLICA_QUEUED);
        }
        total += count;
        /* At most the one that was under way is there beyond what was printed. */
        assert_in_range(waiting(), total, total + (size_t)round + 1);
    }
}

/* ---- a damaged file ---- */

static void damage(const char *name, long from, long size)
{
    const char *path = folder_file(&folder, name);
    int fd = open(path, O_WRONLY);
    uint8_t junk[4096];
    memset(junk, 0xa5, sizeof junk);
    assert_true(fd >= 0);
    for (long at = from; at < from + size; at += (long)sizeof junk)
        assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
    close(fd);
}

static void a_damaged_file_is_set_aside(void **state)
{
    (void)state;
    struct replica_facts f;
    struct replica_row row;
    struct id id = add("李梅");
    for (int i = 0; i < 50; i++)
        add("王芳");
    /* A table is made unreadable: its first page becomes junk. */
    int64_t page = 0;
    assert_int_equal(sql_integer(r->db, 0, &page, "SELECT rootpage FROM sqlite_schema WHERE name = 'member'", ""), ERR_OK);
    assert_true(page > 1);
    replica_close(r);
    r = NULL;
    damage("banyan.db", (page - 1) * 4096, 4096);
    /* Met by who opens it or, later, by who reads the rows: then the next to open sets it right. */
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    if (replica_load(r, member->number, id, NOW, &arena, &row) == ERR_CORRUPT) {
        replica_close(r);
        r = NULL;
        assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    }
    assert_true(folder_has(&folder, "banyan.db.damaged-1"));
    assert_int_equal(waiting(), 51);
    assert_int_equal(replica_facts(r, &f), ERR_OK);
    assert_int_equal(f.seat, 7);
    assert_string_equal(f.person, "林晓岚");
    assert_int_equal(replica_load(r, member->number, id, NOW, &arena, &row), ERR_OK);
    assert_true(cell_equal(record_get_name(row.message, "name"), cell_text("李梅")));
    struct replica_outcome o;
    assert_int_equal(change(OP_SET, id, "note", "x", NULL, &o), ERR_OK);
    assert_int_equal(o.n, 52);
}

static void a_damaged_head_is_set_aside_or_left(void **state)
{
    (void)state;
    add("李梅");
    replica_close(r);
    r = NULL;
    damage("banyan.db", 0, 4096);
    enum err e = replica_open(folder.path, NOW, &r);
    assert_true(e == ERR_CORRUPT || e == ERR_FOREIGN); /* nothing can be read: it is left as it is */
    assert_true(folder_has(&folder, "banyan.db"));
}

/* ---- a kind that the build before did not know ---- */

static void new_kinds_are_asked_for(void **state)
{
    (void)state;
    int64_t count;
    assert_int_equal(sql_run(r->db, "UPDATE meta SET value = CAST('1,2,100' AS BLOB) WHERE key = 'kinds'", ""), ERR_OK);
    assert_int_equal(sql_run(r->db, "INSERT INTO position VALUES(3, 5, zeroblob(32), 5, zeroblob(32), 0, 0, 0, 0, 0, x'', 0, x'', 0)", ""), ERR_OK);
    reopen();
    assert_int_equal(sql_integer(r->db, -1, &count, "SELECT count(*) FROM repair WHERE org = 3 AND kind IN (1, 2, 100)", ""), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(sql_integer(r->db, -1, &count, "SELECT count(*) FROM repair WHERE org = 3", ""), ERR_OK);
    assert_int_equal(count, (int64_t)r->spec_count - 3);
}

/* ---- push batches ---- */

static void pushes_are_windows_of_n(void **state)
{
    (void)state;
    Wire__Push push;
    int64_t last = 0, next = 0;
    for (int i = 0; i < 7; i++)
        add("李梅");
    assert_int_equal(replica_next_push(r, INT64_MIN, 5, LIMIT_PUSH_SIZE, &arena, &push, &last), ERR_OK);
    assert_int_equal(push.n_sent, 5);
    assert_int_equal(replica_next_push(r, last, 5, LIMIT_PUSH_SIZE, &arena, &push, &next), ERR_OK);
    assert_int_equal(push.n_sent, 2);
    assert_int_equal(replica_next_push(r, next, 5, LIMIT_PUSH_SIZE, &arena, &push, &last), ERR_OK);
    assert_int_equal(push.n_sent, 0);
    /* A hole ends a push: the third was acknowledged. */
    assert_int_equal(sql_run(r->db, "UPDATE outbox SET state = 1, seq = 9 WHERE n = 3", ""), ERR_OK);
    assert_int_equal(replica_next_push(r, INT64_MIN, 5, LIMIT_PUSH_SIZE, &arena, &push, &last), ERR_OK);
    assert_int_equal(push.n_sent, 2);
    assert_int_equal(replica_next_push(r, last, 5, LIMIT_PUSH_SIZE, &arena, &push, &last), ERR_OK);
    assert_int_equal(push.n_sent, 4);
}

static void groups_travel_whole(void **state)
{
    (void)state;
    Wire__Push push;
    struct replica_outcome o;
    int64_t last = 0;
    struct id a = add("甲"), b = add("乙");
    ProtobufCMessage *patch = record_new(member->descriptor, &arena);
    record_put_name(patch, "note", cell_text("x"), &arena);
    struct replica_change group[2] = {{.op = OP_SET, .kind = member->number, .id = a, .patch = patch},
                                      {.op = OP_SET, .kind = member->number, .id = b, .patch = patch}};
    assert_int_equal(replica_change_group(r, group, 2, NOW, &arena, &o), ERR_OK);
    assert_int_equal(o.n, 3);
    assert_int_equal(replica_next_push(r, INT64_MIN, 3, LIMIT_PUSH_SIZE, &arena, &push, &last), ERR_OK);
    assert_int_equal(push.n_sent, 2); /* not half of the group */
    assert_int_equal(replica_next_push(r, last, 1, LIMIT_PUSH_SIZE, &arena, &push, &last), ERR_OK);
    assert_int_equal(push.n_sent, 2); /* more than asked, since it cannot be less */
    /* One that cannot be done takes the others with it. */
    group[1].id = (struct id){{9}};
    assert_int_equal(replica_change_group(r, group, 2, NOW, &arena, &o), ERR_REFUSED);
    assert_int_equal(waiting(), 4);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(what_is_saved_is_there), T(a_refused_change_writes_nothing), T(setting_what_stands_is_no_change),
        T(a_batch_is_all_or_nothing), T(records_by_prefix_and_value), T(the_lease_hides_but_keeps), T(one_agent_a_folder),
        T(another_process_is_noticed), T(no_seat_no_replica), T(what_was_printed_survives_kill), T(a_damaged_file_is_set_aside),
        T(a_damaged_head_is_set_aside_or_left), T(new_kinds_are_asked_for), T(pushes_are_windows_of_n), T(groups_travel_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
