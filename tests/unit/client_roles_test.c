/* Roles that change, and roles that only a newer program knows: they give no right here and take none away, they are
 * told, and a build that knows them asks for what they may read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/replica/kept.h"
#include "client/replica/replica_inner.h"
#include "client/replica/replica_sync.h"
#include "help_folder.h"
#include "kinds/refusal.h"
#include "tls/tls.h"
#include "wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- what may be read anew is changed only when it is here ---- */

static enum err set_member(struct id id, struct replica_outcome *o)
{
    ProtobufCMessage *patch = record_new(member->descriptor, &arena);
    record_put_name(patch, "note", cell_text("调到分园"), &arena);
    struct replica_change c = {.op = OP_SET, .kind = member->number, .id = id, .patch = patch};
    return replica_change(r, &c, NOW, &arena, o);
}

/* The last page of a snapshot that brings one row. */
static void page(struct id id)
{
    struct replica_cursor c;
    uint8_t chain[CHAIN_SIZE] = {0};
    ProtobufCMessage *row = record_new(member->descriptor, &arena);
    record_put_name(row, "name", cell_text("李梅"), &arena);
    record_put_name(row, "mobile", cell_text("13912345678"), &arena);
    struct slice packed = wire_pack_arena(row, &arena);
    Wire__SnapshotRow one = WIRE__SNAPSHOT_ROW__INIT, *list[] = {&one};
    Wire__SnapshotPage p = WIRE__SNAPSHOT_PAGE__INIT;
    one.has_kind = one.has_id = one.has_seq = one.has_row = 1;
    one.kind = member->number;
    one.id = (ProtobufCBinaryData){ID_SIZE, id.bytes};
    one.seq = 4;
    one.row = (ProtobufCBinaryData){packed.size, (uint8_t *)packed.data};
    p.has_org = p.has_seq = p.has_chain = p.has_done = 1;
    p.org = HOME;
    p.seq = 5;
    p.chain = (ProtobufCBinaryData){CHAIN_SIZE, chain};
    p.done = 1;
    p.n_row = 1;
    p.row = list;
    assert_int_equal(replica_cursor(r, HOME, &c), ERR_OK);
    assert_true(c.snapshot);
    assert_int_equal(replica_take_page(r, &c, &p, NOW), ERR_OK);
}

static const struct id SOMEBODY = {{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};

static void a_member_as_a_group_leader_reads_it(void)
{
    ProtobufCMessage *row = record_new(member->descriptor, &arena);
    record_put_name(row, "name", cell_text("李梅"), &arena);
    struct confirmed c = {.org = HOME, .seq = 4, .message = row};
    assert_int_equal(rows_write(r, member, SOMEBODY, &c, &arena), ERR_OK);
}

static void what_is_read_anew_is_changed_when_it_has_come(void **state)
{
    (void)state;
    struct replica_outcome o;
    seat_with("group_leader");
    welcome("group_leader");
    a_member_as_a_group_leader_reads_it();
    welcome("committee_member");
    assert_int_equal(members(), 1); /* what it read already stays to be looked at */
    assert_int_equal(set_member(SOMEBODY, &o), ERR_BUSY);
    assert_non_null(strstr(replica_detail(r), "banyan sync"));
    assert_int_equal(add(&o), ERR_OK); /* a record of its own is no change of what is there */
    page(SOMEBODY);
    assert_int_equal(set_member(SOMEBODY, &o), ERR_OK);
    assert_true(o.changed);
}

/* Rights that only go leave nothing to wait for. */
static void what_could_be_read_before_can_be_changed_at_once(void **state)
{
    (void)state;
    struct replica_outcome o;
    seat_with("union_chair,accountant");
    welcome("union_chair,accountant");
    a_member_as_a_group_leader_reads_it();
    welcome("union_chair");
    assert_int_equal(set_member(SOMEBODY, &o), ERR_OK);
}

/* ---- what may no longer be read is in no byte of the file ---- */

static bool file_holds(const char *name, const char *text)
{
    char path[512], *bytes = calloc(1, 1 << 22);
    snprintf(path, sizeof path, "%s", folder_file(&folder, name));
    FILE *f = fopen(path, "rb");
    size_t size = f ? fread(bytes, 1, 1 << 22, f) : 0;
    assert_true(size < 1 << 22);
    bool found = size > 0 && memmem(bytes, size, text, strlen(text));
    if (f)
        fclose(f);
    free(bytes);
    return found;
}

static void fill_with_mobiles(void)
{
    for (uint8_t i = 0; i < 200; i++) {
        struct id id = SOMEBODY;
        ProtobufCMessage *row = record_new(member->descriptor, &arena);
        id.bytes[15] = i;
        record_put_name(row, "name", cell_text("李梅"), &arena);
        record_put_name(row, "mobile", cell_text("13912345678"), &arena);
        struct confirmed c = {.org = HOME, .seq = 4, .message = row};
        assert_int_equal(rows_write(r, member, id, &c, &arena), ERR_OK);
    }
}

static void what_is_lost_is_in_no_page_and_no_wal(void **state)
{
    (void)state;
    seat_with("committee_member");
    welcome("committee_member");
    fill_with_mobiles();
    assert_true(file_holds("banyan.db", "13912345678") || file_holds("banyan.db-wal", "13912345678"));
    welcome("group_leader");
    assert_false(file_holds("banyan.db", "13912345678"));
    assert_false(file_holds("banyan.db-wal", "13912345678"));
}

/* Somebody reads meanwhile: it is done when the file is opened next. */
static void what_a_reader_hinders_is_made_good(void **state)
{
    (void)state;
    struct db *other;
    seat_with("committee_member");
    welcome("committee_member");
    fill_with_mobiles();
    assert_int_equal(db_open(folder_file(&folder, "banyan.db"), DB_CLIENT, DB_READ, REPLICA_VERSION, &other), ERR_OK);
    assert_int_equal(db_begin_read(other), ERR_OK);
    int64_t seen;
    assert_int_equal(sql_integer(other, 0, &seen, "SELECT count(*) FROM member", ""), ERR_OK);
    assert_int_equal(seen, 200);
    welcome("group_leader");
    assert_int_equal(members(), 0);
    db_rollback(other);
    db_close(other);
    replica_close(r);
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    assert_false(file_holds("banyan.db", "13912345678"));
    assert_false(file_holds("banyan.db-wal", "13912345678"));
    assert_int_equal(replica_meta_integer(r, "scrub", 0), 0);
}

static void set_aside(const char *name, const char *text)
{
    FILE *f = fopen(folder_file(&folder, name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) > 0);
    assert_int_equal(fclose(f), 0);
}

/* What a salvage set aside holds what the database held then. What cannot be deleted (here: no file) is not forgotten. */
static void what_was_set_aside_goes(void **state)
{
    (void)state;
    seat_with("committee_member");
    welcome("committee_member");
    set_aside("banyan.db.damaged-1", "13912345678");
    set_aside("banyan.db.damaged-1-wal", "13912345678");
    assert_int_equal(mkdir(folder_file(&folder, "banyan.db.damaged-2"), 0700), 0);
    welcome("committee_member"); /* nothing is lost by that */
    assert_true(file_holds("banyan.db.damaged-1", "13912345678"));
    welcome("group_leader");
    assert_false(folder_has(&folder, "banyan.db.damaged-1"));
    assert_false(folder_has(&folder, "banyan.db.damaged-1-wal"));
    assert_int_equal(replica_meta_integer(r, "scrub", 0), 1);
    assert_int_equal(rmdir(folder_file(&folder, "banyan.db.damaged-2")), 0);
    replica_close(r);
    set_aside("banyan.db.damaged-3", "13912345678"); /* by a salvage before the file is opened again */
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    assert_false(folder_has(&folder, "banyan.db.damaged-3"));
    assert_int_equal(replica_meta_integer(r, "scrub", 0), 0);
}

/* ---- the log that is kept ---- */

static struct slice keep_an_entry(uint64_t seq)
{
    static uint8_t chain[CHAIN_SIZE], mac[HEAD_MAC_SIZE] = {7, 7, 7};
    Wire__Entry m = WIRE__ENTRY__INIT;
    uint8_t hash[32] = {1};
    m.has_seq = m.has_chain = m.has_entry_hash = m.has_head_mac = 1;
    m.seq = seq;
    m.chain = (ProtobufCBinaryData){sizeof chain, chain};
    m.entry_hash = (ProtobufCBinaryData){sizeof hash, hash};
    m.head_mac = (ProtobufCBinaryData){sizeof mac, mac};
    struct entry e;
    assert_int_equal(entry_open(&m, &arena, &e), ERR_OK);
    assert_int_equal(kept_put(r, HOME, &m, &e), ERR_OK);
    return slice_of(mac, sizeof mac);
}

/* Without it the server would not believe what is handed back after a restore. */
static void kept_entries_keep_their_macs(void **state)
{
    (void)state;
    Wire__Entry **list;
    size_t count;
    bool more;
    seat_with("committee_member");
    welcome("committee_member");
    struct slice mac = keep_an_entry(5);
    welcome("group_leader");
    assert_int_equal(kept_read(r, HOME, 4, 1 << 16, &arena, &list, &count, &more), ERR_OK);
    assert_int_equal(count, 1);
    assert_true(slice_equal(slice_of(list[0]->head_mac.data, list[0]->head_mac.len), mac));
}

/* ---- what waited to be sent ---- */

/* The verdict was lost, and the entry tells no more than its code to who reads the kind no longer: the person still sees what was
 * refused, and why. */
static void a_hidden_refusal_comes_to_attention(void **state)
{
    (void)state;
    struct replica_outcome o;
    struct replica_status s;
    Wire__Push push;
    int64_t last;
    seat_with("accountant");
    ProtobufCMessage *patch = record_new(kind_by_name("dues_year")->descriptor, &arena);
    record_put_name(patch, "year", cell_text("2026"), &arena);
    struct replica_change c = {.op = OP_CREATE, .kind = kind_by_name("dues_year")->number, .patch = patch};
    assert_int_equal(replica_change(r, &c, NOW, &arena, &o), ERR_OK);
    welcome("delegate");
    assert_int_equal(replica_status(r, &s), ERR_OK);
    assert_int_equal(s.queued, 1);
    assert_int_equal(replica_next_push(r, INT64_MIN, 10, LIMIT_PUSH_SIZE, &arena, &push, &last), ERR_OK);
    assert_int_equal(push.n_sent, 1);
    uint8_t hash[32], chain[CHAIN_SIZE] = {0}, entry_hash[32] = {1};
    tls_sha256(slice_of(push.sent[0]->change.data, push.sent[0]->change.len), hash);
    Wire__Refusal refusal = WIRE__REFUSAL__INIT;
    refusal.code = (char *)REFUSAL_RIGHT;
    Wire__Entry m = WIRE__ENTRY__INIT, *list[] = {&m};
    m.has_seq = m.has_seat = m.has_incarnation = m.has_n = m.has_hash = m.has_verdict = m.has_received_ms = m.has_chain = m.has_entry_hash = 1;
    m.seq = 6;
    m.seat = 7;
    m.incarnation = push.incarnation;
    m.n = 1;
    m.hash = (ProtobufCBinaryData){HASH_SIZE, hash};
    m.verdict = (Wire__VerdictType)VERDICT_REFUSED;
    m.refusal = &refusal;
    m.chain = (ProtobufCBinaryData){CHAIN_SIZE, chain};
    m.entry_hash = (ProtobufCBinaryData){sizeof entry_hash, entry_hash};
    Wire__Entries entries = WIRE__ENTRIES__INIT;
    entries.has_org = entries.has_head = 1;
    entries.org = HOME;
    entries.head = 6;
    entries.n_entry = 1;
    entries.entry = list;
    /* The chain that it follows is not known here, so that any does. */
    assert_int_equal(sql_run(r->db, "UPDATE position SET snap = 0, log_chain = x''", ""), ERR_OK);
    assert_int_equal(replica_take_entries(r, &entries, NOW), ERR_OK);
    assert_int_equal(replica_status(r, &s), ERR_OK);
    assert_int_equal(s.queued, 0);
    assert_int_equal(s.refused, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_unknown_role_beside_a_known_one),
        T(an_unknown_role_alone_gives_no_right),
        T(rights_that_are_lost_beside_an_unknown_role),
        T(a_build_that_knows_it_asks_for_what_it_may_read),
        T(what_is_read_anew_is_changed_when_it_has_come),
        T(what_could_be_read_before_can_be_changed_at_once),
        T(what_is_lost_is_in_no_page_and_no_wal),
        T(what_a_reader_hinders_is_made_good),
        T(what_was_set_aside_goes),
        T(kept_entries_keep_their_macs),
        T(a_hidden_refusal_comes_to_attention),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
