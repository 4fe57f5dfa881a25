/* The file of a seat that goes, as somebody else may have written it: `u8 how`, then parts as pieces (0: bytes as they
 * are). Whatever it holds, a device takes in all of it or nothing, changes that wait there stay, and what was not
 * signed by a seat of the district is not believed. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/shelf.h"
#include "tests/unit/help_folder.h"
#include "tests/unit/help_tls.h"
#include "base/limits.h"
#include "base/log.h"
#include "client/handover/handover_file.h"
#include "client/replica/replica_sync.h"
#include "wire/wire.h"
#include <stdlib.h>
#include <string.h>

enum how {
    HOW_SIGNED = 1,  /* district, certificates and signatures are right, whatever the parts say */
    HOW_COUNTED = 2, /* so is the number of entries */
    HOW_OTHERS = 4,  /* signed by a seat of another district */
    HOW_TWICE = 8    /* taken in again */
};
enum part { PART_BYTES, PART_HEAD, PART_ENTRY, PART_SEAL, PART_COUNT };

#define NOW 1795400000000
#define HOME 3u
#define SUCCESSOR 8u

static struct help_district ours, theirs;
static struct folder folder;
static struct shelf *shelf;
static struct replica *replica;
static struct arena arena;

static const ProtobufCMessageDescriptor *descriptor(uint8_t type)
{
    static const ProtobufCMessageDescriptor *const all[] = {
        [PART_HEAD] = &wire__handover_head__descriptor,
        [PART_ENTRY] = &wire__handover_entry__descriptor,
        [PART_SEAL] = &wire__handover_seal__descriptor,
    };
    return type < PART_COUNT ? all[type] : NULL;
}

/* ---- the successor's device ---- */

static void remove_at_exit(void)
{
    folder_remove(&folder);
}

static void open_replica(void)
{
    CHECK(replica_open(folder.path, NOW, &replica) == ERR_OK);
}

static void make(void)
{
    struct replica_seat s = {.number = SUCCESSOR,
                             .person = "赵蓉",
                             .roles = "union_chair",
                             .home = HOME,
                             .home_code = "QH001",
                             .home_name = "青禾区小苗圃幼儿园工会",
                             .home_level = "branch",
                             .district = "青禾区教育工会",
                             .server = "127.0.0.1:1"};
    setenv("CMOCKA_TEST_ABORT", "1", 1);
    log_set_level(LOG_ERROR + 1);
    help_district_make(&ours, "青禾区教育工会");
    help_district_make(&theirs, "云溪区教育工会");
    folder_make(&folder);
    (void)atexit(remove_at_exit);
    CHECK(replica_create(folder.path, &s, NOW) == ERR_OK);
    shelf = shelf_take(&folder);
    open_replica();
    arena_init(&arena, 64u << 20);
}

static size_t waiting(void)
{
    struct handover_change *list;
    size_t count = 0;
    CHECK(handover_unsent(replica, &arena, &list, &count) == ERR_OK);
    return count;
}

/* ---- the file ---- */

struct writing {
    const struct help_district *by;
    unsigned how;
    struct buf file;
    uint8_t district[DISTRICT_SIZE];
    struct buf certificate;
    size_t entries;
};

static void put_part(struct buf *out, struct slice part)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_byte(out, (uint8_t)(part.size >> shift));
    buf_append_slice(out, part);
}

static ProtobufCBinaryData signed_by(const struct help_district *d, struct slice text)
{
    struct buf signature = BUF_INIT;
    CHECK(tls_sign(buf_slice(&d->seat_key), text, &signature) == ERR_OK);
    struct slice kept = arena_copy(&arena, buf_slice(&signature));
    buf_finish(&signature);
    return (ProtobufCBinaryData){kept.size, (uint8_t *)kept.data};
}

static void sign_head(struct writing *w, Wire__HandoverHead *m)
{
    ProtobufCBinaryData *one = arena_alloc(&arena, sizeof *one);
    CHECK(one);
    *one = (ProtobufCBinaryData){w->certificate.size, w->certificate.data};
    m->has_district = m->has_seat = 1;
    m->district = (ProtobufCBinaryData){DISTRICT_SIZE, w->district};
    m->seat = HELP_SEAT;
    m->certificate = one;
    m->n_certificate = 1;
    if (w->how & HOW_COUNTED) {
        m->has_entries = 1;
        m->entries = (uint32_t)w->entries;
    }
}

static void sign_entry(struct writing *w, Wire__HandoverEntry *m)
{
    struct buf text = BUF_INIT;
    struct change c;
    struct incarnation i;
    if (m->incarnation.len != INCARNATION_SIZE ||
        change_open(slice_of(m->change.data, m->change.len), &arena, &c) != ERR_OK)
        return;
    memcpy(i.bytes, m->incarnation.data, sizeof i.bytes);
    origin_text(w->district, HELP_SEAT, i, c.n, c.hash, &text);
    m->has_signature = 1;
    m->signature = signed_by(w->by, buf_slice(&text));
    buf_finish(&text);
}

static void write_part(struct writing *w, uint8_t type, struct slice bytes)
{
    ProtobufCMessage *m;
    struct buf packed = BUF_INIT;
    if (!descriptor(type) || !(w->how & HOW_SIGNED) || wire_open(descriptor(type), bytes, &arena, &m) != ERR_OK) {
        if (descriptor(type))
            put_part(&w->file, bytes);
        else
            buf_append_slice(&w->file, bytes);
        return;
    }
    if (type == PART_HEAD)
        sign_head(w, (Wire__HandoverHead *)m);
    if (type == PART_ENTRY)
        sign_entry(w, (Wire__HandoverEntry *)m);
    if (type == PART_SEAL) {
        ((Wire__HandoverSeal *)m)->has_signature = 1;
        ((Wire__HandoverSeal *)m)->signature = signed_by(w->by, buf_slice(&w->file));
    }
    wire_pack(m, &packed);
    put_part(&w->file, buf_slice(&packed));
    buf_finish(&packed);
}

static size_t entries_in(struct feed f)
{
    size_t count = 0;
    while (feed_more(&f)) {
        uint8_t type = feed_byte(&f);
        uint16_t size = feed_u16(&f);
        (void)feed_bytes(&f, size);
        count += type == PART_ENTRY;
    }
    return count;
}

static void write_file(struct writing *w, struct feed *f)
{
    w->by = w->how & HOW_OTHERS ? &theirs : &ours;
    w->entries = entries_in(*f);
    CHECK(handover_district(buf_slice(&ours.ca_cert), w->district) == ERR_OK);
    CHECK(tls_cert_to_der(buf_slice(&w->by->seat_cert), &w->certificate) == ERR_OK);
    buf_text(&w->file, "BANYAN HANDOVER\n");
    while (feed_more(f)) {
        uint8_t type = feed_byte(f);
        uint16_t size = feed_u16(f);
        write_part(w, type, feed_bytes(f, size));
    }
}

/* ---- taking it in ---- */

static void take(const struct handover_file *file, bool twice)
{
    struct handover_taken taken;
    struct arena told;
    size_t before = waiting();
    arena_init(&told, LIMIT_ARENA);
    enum err e = handover_take(replica, file->head->seat, file->list, file->count, 0, &told, &taken);
    CHECK(e == ERR_OK || err_class(e) != ERR_CLASS_SELF);
    CHECK(waiting() == before + (e == ERR_OK ? taken.taken : 0));
    if (e == ERR_OK && twice)
        CHECK(handover_take(replica, file->head->seat, file->list, file->count, 0, &told, &taken) == ERR_OK && taken.taken == 0);
    arena_finish(&told);
    replica_close(replica);
    shelf_put_back(shelf, &folder);
    open_replica();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!shelf)
        make();
    struct feed f = feed_of(data, size);
    struct writing w = {.how = feed_byte(&f)};
    struct handover_file file;
    enum handover_fault fault;
    write_file(&w, &f);
    uint8_t *exact = exact_copy(buf_slice(&w.file));
    enum err e = handover_file_read(slice_of(exact, w.file.size), buf_slice(&ours.ca_cert), &arena, &file, &fault);
    CHECK((e == ERR_OK) == (fault == HANDOVER_GOOD) && (e == ERR_OK || e == ERR_REFUSED || e == ERR_MEMORY));
    CHECK(e != ERR_OK || ((w.how & HOW_SIGNED) && !(w.how & HOW_OTHERS)));
    if (e == ERR_OK)
        take(&file, w.how & HOW_TWICE);
    free(exact);
    buf_finish(&w.file);
    buf_finish(&w.certificate);
    arena_reset(&arena);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed)
{
    return mutate_pieces(data, size, size_max, seed, 1, descriptor);
}
