/* Roles that change, and roles that only a newer program knows: they give no right here and take none away, they are
 * told, and a build that knows them asks for what they may read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/replica/replica_inner.h"
#include "client/replica/replica_sync.h"
#include "help_folder.h"
#include "kinds/refusal.h"

#include <string.h>

#define NOW 1795400000000
#define HOME 3

static struct folder folder;
static struct replica *r;
static struct arena arena;
static const struct kind *member;

static int setup(void **state)
{
    (void)state;
    folder_make(&folder);
    arena_init(&arena, LIMIT_ARENA);
    member = kind_by_name("member");
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

static void seat_with(const char *roles)
{
    struct replica_seat s = {.number = 7,
                             .person = "林晓岚",
                             .roles = roles,
                             .home = HOME,
                             .home_code = "QH001",
                             .home_name = "青禾区小苗圃幼儿园工会",
                             .home_level = "branch",
                             .district = "青禾区教育工会",
                             .server = "127.0.0.1:7443"};
    assert_int_equal(replica_create(folder.path, &s, NOW), ERR_OK);
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    /* Where its log stands, as after a first round. */
    assert_int_equal(
        sql_run(r->db,
                "INSERT INTO position VALUES(3, 5, zeroblob(32), 5, zeroblob(32), 0, 0, 0, 0, 0, x'', 0, x'', 0)", ""),
        ERR_OK);
}

static enum err add(struct replica_outcome *o)
{
    ProtobufCMessage *patch = record_new(member->descriptor, &arena);
    record_put_name(patch, "name", cell_text("李梅"), &arena);
    struct replica_change c = {.op = OP_CREATE, .kind = member->number, .patch = patch};
    return replica_change(r, &c, NOW, &arena, o);
}

static void welcome(const char *roles)
{
    Wire__Welcome w = WIRE__WELCOME__INIT;
    w.has_protocol = w.has_seat = 1;
    w.protocol = 1;
    w.seat = 7;
    w.roles = (char *)roles;
    assert_int_equal(replica_welcome(r, &w, NOW), ERR_OK);
}

static bool wants_rows(void)
{
    int64_t snap;
    assert_int_equal(sql_integer(r->db, -1, &snap, "SELECT snap FROM position WHERE org = 3", ""), ERR_OK);
    assert_int_equal(sql_run(r->db, "UPDATE position SET snap = 0", ""), ERR_OK); /* they came */
    return snap == 1;
}

static int64_t members(void)
{
    int64_t count;
    assert_int_equal(sql_integer(r->db, -1, &count, "SELECT count(*) FROM member", ""), ERR_OK);
    return count;
}

static void an_unknown_role_beside_a_known_one(void **state)
{
    (void)state;
    struct replica_facts f;
    struct replica_outcome o;
    seat_with("union_chair,archivist");
    assert_int_equal(replica_facts(r, &f), ERR_OK);
    assert_int_equal(f.roles, ROLES(union_chair));
    assert_string_equal(f.roles_unknown, "archivist");
    assert_string_equal(f.roles_text, "union_chair,archivist");
    assert_int_equal(add(&o), ERR_OK);
    welcome("union_chair,archivist");
    assert_false(wants_rows());
    assert_int_equal(replica_facts(r, &f), ERR_OK);
    assert_string_equal(f.roles_text, "union_chair,archivist"); /* kept, for the build that knows it */
    welcome("union_chair");
    assert_int_equal(replica_facts(r, &f), ERR_OK);
    assert_string_equal(f.roles_unknown, "");
}

static void an_unknown_role_alone_gives_no_right(void **state)
{
    (void)state;
    struct replica_facts f;
    struct replica_outcome o;
    seat_with("archivist");
    assert_int_equal(replica_facts(r, &f), ERR_OK);
    assert_int_equal(f.roles, 0);
    assert_string_equal(f.roles_unknown, "archivist");
    assert_int_equal(add(&o), ERR_REFUSED);
    assert_string_equal(o.code, REFUSAL_RIGHT);
}

/* Rule 31 holds for a change to a role that is not known: what the known ones may no longer read goes. */
static void rights_that_are_lost_beside_an_unknown_role(void **state)
{
    (void)state;
    struct replica_outcome o;
    struct replica_status s;
    seat_with("union_chair");
    assert_int_equal(add(&o), ERR_OK);
    assert_int_equal(members(), 1);
    welcome("group_leader,archivist");
    assert_int_equal(members(), 0);
    assert_true(wants_rows());
    assert_int_equal(replica_status(r, &s), ERR_OK);
    assert_int_equal(s.queued, 1); /* what waits to be sent stays */
    welcome("group_leader,archivist");
    assert_false(wants_rows());
}

/* The build before did not know accountant, say: of the rows it took only what a group leader reads. */
static void a_build_that_knows_it_asks_for_what_it_may_read(void **state)
{
    (void)state;
    seat_with("group_leader,accountant");
    assert_int_equal(replica_meta_put(r, "roles_taken", slice_text("group_leader,")), ERR_OK);
    welcome("group_leader,accountant");
    assert_true(wants_rows());
    welcome("group_leader,accountant");
    assert_false(wants_rows());
    assert_int_equal(replica_meta_put(r, "roles_taken", slice_text(",")), ERR_OK); /* it knew neither */
    welcome("group_leader,accountant");
    assert_true(wants_rows());
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_unknown_role_beside_a_known_one),
        T(an_unknown_role_alone_gives_no_right),
        T(rights_that_are_lost_beside_an_unknown_role),
        T(a_build_that_knows_it_asks_for_what_it_may_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
