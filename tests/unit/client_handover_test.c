/* The file of a handover, hostile ones too, and what a successor's device makes of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/handover/handover_file.h"
#include "client/replica/replica_sync.h"
#include "help_folder.h"
#include "help_tls.h"
#include "wire/wire.h"

#include <string.h>

#define NOW 1795400000000
#define HOME 3

struct device {
    struct folder folder;
    struct replica *r;
};
static struct device old, successor; /* seats HELP_SEAT and 8 of the same org */
static struct help_district ours;
static struct arena arena;

static void device_make(struct device *d, uint32_t seat, const char *person)
{
    struct replica_seat s = {.number = seat, .person = person, .roles = "union_chair", .home = HOME, .home_code = "QH001",
                             .home_name = "第一幼儿园工会", .home_level = "branch", .district = "青禾区教育工会", .server = "127.0.0.1:7443"};
    folder_make(&d->folder);
    assert_int_equal(replica_create(d->folder.path, &s, NOW), ERR_OK);
    assert_int_equal(replica_open(d->folder.path, NOW, &d->r), ERR_OK);
}

static void device_remove(struct device *d)
{
    replica_close(d->r);
    folder_remove(&d->folder);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64u << 20);
    help_district_make(&ours, "青禾区教育工会");
    device_make(&old, HELP_SEAT, "陈晨");
    device_make(&successor, 8, "赵蓉");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    device_remove(&old);
    device_remove(&successor);
    help_district_finish(&ours);
    arena_finish(&arena);
    return 0;
}

static struct id add(struct device *d, const char *name)
{
    struct replica_outcome o;
    const struct kind *member = kind_by_name("member");
    ProtobufCMessage *m = record_new(member->descriptor, &arena);
    record_put_name(m, "name", cell_text(name), &arena);
    struct replica_change c = {.op = OP_CREATE, .kind = member->number, .patch = m};
    assert_int_equal(replica_change(d->r, &c, NOW, &arena, &o), ERR_OK);
    return o.id;
}

static struct handover_keys keys(const struct help_district *d)
{
    return (struct handover_keys){buf_slice(&d->ca_cert), buf_slice(&d->seat_cert), buf_slice(&d->seat_key)};
}

static struct slice written(struct device *d)
{
    struct handover_change *list;
    size_t count, found;
    Wire__HandoverHead head = WIRE__HANDOVER_HEAD__INIT;
    Wire__Org org = WIRE__ORG__INIT;
    ProtobufCBinaryData *others, all[4];
    struct buf der = BUF_INIT, out = BUF_INIT;
    struct handover_keys k = keys(&ours);
    assert_int_equal(handover_unsent(d->r, &arena, &list, &count), ERR_OK);
    assert_int_equal(handover_certificates(d->r, list, count, &arena, &others, &found), ERR_OK);
    assert_int_equal(tls_cert_to_der(k.cert, &der), ERR_OK);
    all[0] = (ProtobufCBinaryData){der.size, der.data};
    memcpy(all + 1, others, found * sizeof *all);
    org.has_number = 1, org.number = HOME;
    head.org = &org, head.has_seat = 1, head.seat = HELP_SEAT, head.person = "陈晨", head.certificate = all, head.n_certificate = found + 1;
    assert_int_equal(handover_file_write(&k, &head, list, count, &out), ERR_OK);
    struct slice kept = arena_copy(&arena, buf_slice(&out));
    buf_finish(&out);
    buf_finish(&der);
    return kept;
}

static enum handover_fault fault_of(struct slice bytes, struct slice ca)
{
    struct handover_file file;
    struct arena own;
    enum handover_fault fault;
    arena_init(&own, 16u << 20);
    enum err e = handover_file_read(bytes, ca, &own, &file, &fault);
    assert_true((e == ERR_OK) == (fault == HANDOVER_GOOD) && (e == ERR_OK || e == ERR_REFUSED));
    arena_finish(&own);
    return fault;
}

static struct handover_file opened(struct slice bytes)
{
    struct handover_file file;
    enum handover_fault fault;
    assert_int_equal(handover_file_read(bytes, buf_slice(&ours.ca_cert), &arena, &file, &fault), ERR_OK);
    return file;
}

static void a_file_as_it_was_written(void **state)
{
    (void)state;
    add(&old, "李梅");
    add(&old, "周文");
    struct handover_file file = opened(written(&old));
    assert_true(file.head->seat == HELP_SEAT && file.head->org->number == HOME && file.count == 2);
    assert_string_equal(file.head->person, "陈晨");
    assert_true(file.list[0].n == 1 && file.list[1].n == 2 && file.list[0].seat == HELP_SEAT);
}

static void cut_anywhere_or_with_something_behind(void **state)
{
    (void)state;
    add(&old, "李梅");
    struct slice bytes = written(&old), ca = buf_slice(&ours.ca_cert);
    assert_int_equal(fault_of(bytes, ca), HANDOVER_GOOD);
    assert_int_equal(fault_of((struct slice){0}, ca), HANDOVER_NOT_ONE);
    for (size_t size = 1; size < bytes.size; size++)
        assert_int_equal(fault_of(slice_of(bytes.data, size), ca), HANDOVER_CUT);
    struct buf longer = BUF_INIT;
    buf_append_slice(&longer, bytes);
    buf_byte(&longer, 0);
    assert_int_equal(fault_of(buf_slice(&longer), ca), HANDOVER_CHANGED);
    buf_finish(&longer);
}

static void no_byte_can_be_changed(void **state)
{
    (void)state;
    add(&old, "李梅");
    struct slice bytes = written(&old), ca = buf_slice(&ours.ca_cert);
    struct buf changed = BUF_INIT;
    buf_append_slice(&changed, bytes);
    for (size_t at = 0; at < bytes.size; at++) {
        changed.data[at] ^= 0x01;
        assert_int_not_equal(fault_of(buf_slice(&changed), ca), HANDOVER_GOOD);
        changed.data[at] ^= 0x81;
        assert_int_not_equal(fault_of(buf_slice(&changed), ca), HANDOVER_GOOD);
        changed.data[at] ^= 0x80;
    }
    assert_int_equal(fault_of(buf_slice(&changed), ca), HANDOVER_GOOD);
    buf_finish(&changed);
}

static void sizes_that_are_a_lie(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        enum handover_fault fault;
    } cases[] = {{"BANYAN HANDOVER\n\xff\xff\xff\xff", 20, HANDOVER_CHANGED}, {"BANYAN HANDOVER\n\0\1\0\0", 20, HANDOVER_CUT},
                 {"BANYAN HANDOVER\n\0\0\0\0", 20, HANDOVER_CHANGED},        {"BANYAN HANDOVER\n\0\0\0\2\x08\x02", 22, HANDOVER_NEWER},
                 {"BANYAN HANDOVER\n\0\0\0\2\x08\x01", 22, HANDOVER_CHANGED}, {"PK\3\4............", 16, HANDOVER_NOT_ONE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(fault_of(slice_of(cases[i].bytes, cases[i].size), buf_slice(&ours.ca_cert)), cases[i].fault);
}

static void of_another_district(void **state)
{
    (void)state;
    struct help_district other;
    help_district_make(&other, "别的区");
    add(&old, "李梅");
    assert_int_equal(fault_of(written(&old), buf_slice(&other.ca_cert)), HANDOVER_DISTRICT);
    help_district_finish(&other);
}

/* Somebody of the district with a certificate of another seat's: it is not that seat's file. */
static void signed_by_another_seat(void **state)
{
    (void)state;
    struct buf cert = BUF_INIT;
    add(&old, "李梅");
    help_issue(&ours, buf_slice(&ours.seat_key), TLS_USAGE_SEAT, 9, NOW, 30, &cert);
    struct buf mine = ours.seat_cert;
    ours.seat_cert = cert;
    assert_int_equal(fault_of(written(&old), buf_slice(&ours.ca_cert)), HANDOVER_CHANGED);
    buf_finish(&ours.seat_cert);
    ours.seat_cert = mine;
}

/* ---- taken in ---- */

static struct handover_taken taken(struct device *d, struct slice bytes)
{
    struct handover_file file = opened(bytes);
    struct handover_taken out;
    assert_int_equal(handover_take(d->r, file.head->seat, file.list, file.count, NOW, &arena, &out), ERR_OK);
    return out;
}

static void into_the_outbox_under_both_names_and_once(void **state)
{
    (void)state;
    struct id one = add(&old, "李梅");
    struct slice first = written(&old);
    add(&successor, "孙丽芳"); /* n 1 there */
    struct handover_taken t = taken(&successor, first);
    assert_true(t.taken == 1 && t.known == 0);
    add(&old, "周文");
    t = taken(&successor, written(&old)); /* with the first one again */
    assert_true(t.taken == 1 && t.known == 1);
    t = taken(&successor, first);
    assert_true(t.taken == 0 && t.known == 1);
    struct replica_row row;
    assert_int_equal(replica_load(successor.r, 1, one, NOW, &arena, &row), ERR_OK); /* shown at once */
    assert_int_equal(row.sync, REPLICA_QUEUED);

    Wire__Push push;
    int64_t last;
    assert_int_equal(replica_next_push(successor.r, 0, 100, LIMIT_PUSH_SIZE, &arena, &push, &last), ERR_OK);
    assert_int_equal(push.n_sent, 3);
    assert_int_equal(push.n_certificate, 1);
    struct tls_seat_keys *keys = tls_seat_keys_open(buf_slice(&ours.ca_cert));
    struct slice der;
    tls_seat_keys_add(keys, slice_of(push.certificate[0].data, push.certificate[0].len));
    assert_true(tls_seat_keys_find(keys, HELP_SEAT, &der));
    tls_seat_keys_close(keys);
    for (size_t i = 0; i < 3; i++) {
        struct change c;
        assert_int_equal(change_open(slice_of(push.sent[i]->change.data, push.sent[i]->change.len), &arena, &c), ERR_OK);
        assert_true(c.n == i + 1 && c.origin.given == (i > 0) && c.for_seat == (i > 0 ? HELP_SEAT : 0) && (i == 0 || c.origin.n == i));
    }
}

/* What the successor had taken in and not sent goes on with its first maker's name and signature. */
static void handed_on_by_the_successor(void **state)
{
    (void)state;
    add(&old, "李梅");
    taken(&successor, written(&old));
    struct handover_change *list;
    ProtobufCBinaryData *others;
    size_t count, found;
    assert_int_equal(handover_unsent(successor.r, &arena, &list, &count), ERR_OK);
    assert_true(count == 1 && list[0].has_origin);
    assert_int_equal(handover_certificates(successor.r, list, count, &arena, &others, &found), ERR_OK);
    assert_int_equal(found, 1);
}

/* ---- more than one push or file bears ---- */

/* As if each change of the old device had been made by a seat of its own. */
static void take_of_many(size_t seats)
{
    struct handover_file file = opened(written(&old));
    struct handover_taken t;
    assert_true(file.count >= seats);
    for (size_t i = 0; i < seats; i++) {
        file.list[i].seat = 100 + (uint32_t)i;
        assert_int_equal(handover_take(successor.r, 100 + (uint32_t)i, &file.list[i], 1, NOW, &arena, &t), ERR_OK);
        assert_int_equal(t.taken, 1);
    }
}

static void expect_push(int64_t after, size_t sent, size_t certificates, int64_t *last)
{
    Wire__Push push;
    assert_int_equal(replica_next_push(successor.r, after, 500, LIMIT_PUSH_SIZE, &arena, &push, last), ERR_OK);
    assert_int_equal(push.n_sent, sent);
    assert_int_equal(push.n_certificate, certificates);
}

static void a_push_ends_before_its_seventeenth_maker(void **state)
{
    (void)state;
    int64_t last;
    for (int i = 0; i < 18; i++)
        add(&old, "李梅");
    add(&successor, "孙丽芳");
    take_of_many(18);
    add(&successor, "周文");
    expect_push(INT64_MIN, 17, 16, &last);
    expect_push(last, 3, 2, &last);
}

/* Its writer's own and fifteen: what a reader would not believe is not written. */
static void a_file_of_fifteen_other_makers_and_no_more(void **state)
{
    (void)state;
    struct handover_change *list;
    ProtobufCBinaryData *others;
    size_t count, found = 0;
    for (int i = 0; i < 16; i++)
        add(&old, "李梅");
    take_of_many(16);
    assert_int_equal(handover_unsent(successor.r, &arena, &list, &count), ERR_OK);
    assert_int_equal(count, 16);
    assert_int_equal(handover_certificates(successor.r, list, 16, &arena, &others, &found), ERR_FULL);
    assert_int_equal(found, 0);
    assert_int_equal(handover_certificates(successor.r, list, 15, &arena, &others, &found), ERR_OK);
    assert_int_equal(found, 15);
}

static void a_push_holds_a_hundred_of_others(void **state)
{
    (void)state;
    int64_t last;
    for (int i = 0; i < 103; i++)
        add(&old, "李梅");
    taken(&successor, written(&old));
    expect_push(INT64_MIN, 100, 1, &last);
    expect_push(last, 3, 1, &last);
}

/* ---- too large to bear an origin ---- */

/* A change of the old device whose packed form has exactly that size; position 0: in no group. */
static struct handover_given given_of(size_t size, uint64_t n, uint32_t position, uint32_t group_size)
{
    Wire__Change m = WIRE__CHANGE__INIT;
    struct id id = {{(uint8_t)n, 1}}, group = {{7, 7}};
    uint8_t *patch = arena_alloc(&arena, LIMIT_RECORD);
    struct handover_given g = {.seat = HELP_SEAT, .n = n, .incarnation = {{3}}, .signature = {arena_alloc(&arena, 70), 70}, .certificate = slice_text("der")};
    m.has_n = m.has_org = m.has_kind = m.has_id = m.has_op = 1;
    m.n = n, m.org = HOME, m.kind = 999, m.op = WIRE__OP__SET; /* of a newer build: its patch is not read */
    m.id = (ProtobufCBinaryData){ID_SIZE, id.bytes};
    m.has_group = m.has_group_position = m.has_group_size = position > 0;
    m.group = (ProtobufCBinaryData){ID_SIZE, group.bytes};
    m.group_position = position, m.group_size = group_size;
    m.has_patch = 1;
    m.patch = (ProtobufCBinaryData){16384, patch}; /* its size takes three bytes from here on */
    m.patch.len += size - protobuf_c_message_get_packed_size(&m.base);
    g.bytes = wire_pack_arena(&m.base, &arena);
    assert_int_equal(g.bytes.size, size);
    change_hash(g.bytes, g.hash);
    return g;
}

static void the_others_are_taken_all_the_same(void **state)
{
    (void)state;
    struct handover_given list[] = {given_of(20000, 1, 0, 0), given_of(LIMIT_RECORD - 20, 2, 0, 0), given_of(20000, 3, 1, 2),
                                    given_of(LIMIT_RECORD, 4, 2, 2), given_of(LIMIT_RECORD - 200, 5, 0, 0)};
    struct handover_taken t;
    assert_int_equal(handover_take(successor.r, HELP_SEAT, list, 5, NOW, &arena, &t), ERR_OK);
    assert_true(t.taken == 2 && t.known == 0 && t.too_large == 3); /* 1 and 5; of the group none */
    assert_true(t.kind == 999 && t.id.bytes[0] == 2);
    assert_int_equal(handover_take(successor.r, HELP_SEAT, list, 5, NOW, &arena, &t), ERR_OK);
    assert_true(t.taken == 0 && t.known == 2 && t.too_large == 3);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_file_as_it_was_written),
        T(cut_anywhere_or_with_something_behind),
        T(no_byte_can_be_changed),
        T(sizes_that_are_a_lie),
        T(of_another_district),
        T(signed_by_another_seat),
        T(into_the_outbox_under_both_names_and_once),
        T(handed_on_by_the_successor),
        T(a_push_ends_before_its_seventeenth_maker),
        T(a_file_of_fifteen_other_makers_and_no_more),
        T(a_push_holds_a_hundred_of_others),
        T(the_others_are_taken_all_the_same),
    };
    return cmocka_run_group_tests_name("client_handover", tests, NULL, NULL);
}
