/* See stock.h. As in life a third of the records are members; each month of each of them is assessed and paid in turn. */
#include "tests/sim/stock.h"

#include "base/clock.h"
#include "base/limits.h"
#include "server/writer/writer.h"
#include "sync/derived_id.h"
#include "tests/sim/world.h"
#include "wire/record.h"
#include "wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A_PUSH 250u

struct stock {
    struct store *store;
    struct journal *journal;
    struct writer *writer;
    struct arena arena;
    struct dice dice;
    uint32_t org, seat;
    struct incarnation incarnation;
    uint64_t n;
    unsigned members, made; /* members: how many there will be */
    struct id *ids;         /* of the members so far */
};

/* ---- records ---- */

static struct id new_id(struct stock *s)
{
    uint8_t random[10];
    dice_fill(&s->dice, random, sizeof random);
    return id_make(BEGIN_MS - DAY_MS + (int64_t)s->n, random);
}

static void put_member(struct stock *s, ProtobufCMessage *m)
{
    record_put_name(m, "name", cell_text(arena_format(&s->arena, "q%03u-s%u", s->org, s->made)), &s->arena);
    record_put_name(m, "state", cell_text("active"), &s->arena);
    record_put_name(m, "joined_on", cell_text("2020-09-01"), &s->arena);
}

/* The at-th of dues: assessed and paid in turn, member by member, then the month before. */
static const struct kind *put_dues(struct stock *s, unsigned at, ProtobufCMessage **m)
{
    bool payment = at % 2;
    const struct kind *k = kind_by_name(payment ? "dues_payment" : "dues_assessment");
    unsigned member = at / 2 % s->members, month = at / 2 / s->members;
    const char *period = arena_format(&s->arena, "%04u-%02u", 2025 - month / 12, 12 - month % 12);
    *m = record_new(k->descriptor, &s->arena);
    record_put_name(*m, "member_id", cell_bytes(slice_of(s->ids[member].bytes, ID_SIZE)), &s->arena);
    record_put_name(*m, "period", cell_text(period), &s->arena);
    record_put_name(*m, payment ? "amount_fen" : "amount_due_fen", cell_integer(500 + 100 * (member % 4)), &s->arena);
    if (payment)
        record_put_name(*m, "paid_on", cell_text(arena_format(&s->arena, "%s-20", period)), &s->arena);
    return k;
}

static struct change *next_change(struct stock *s)
{
    struct change *c = arena_alloc(&s->arena, sizeof *c);
    ProtobufCMessage *m;
    CHECK(c);
    *c = (struct change){.n = ++s->n, .org = s->org, .op = OP_CREATE, .made_ms = BEGIN_MS - DAY_MS};
    if (s->made < s->members) {
        c->kind = kind_by_name("member");
        m = record_new(c->kind->descriptor, &s->arena);
        put_member(s, m);
    } else {
        c->kind = put_dues(s, s->made - s->members, &m);
    }
    c->kind_number = c->kind->number;
    c->patch = m;
    if (!derived_id(c->kind, s->org, m, &c->id))
        c->id = new_id(s);
    if (s->made < s->members)
        s->ids[s->made] = c->id;
    s->made++;
    CHECK(change_pack(c, &s->arena) == ERR_OK);
    return c;
}

/* ---- pushes ---- */

static void pack_push(struct stock *s, unsigned count, struct job *job)
{
    Wire__Push m = WIRE__PUSH__INIT;
    Wire__Sent sent[A_PUSH], *list[A_PUSH];
    for (unsigned i = 0; i < count; i++) {
        const struct change *c = next_change(s);
        wire__sent__init(&sent[i]);
        sent[i].has_change = 1;
        sent[i].change = (ProtobufCBinaryData){c->bytes.size, (uint8_t *)c->bytes.data};
        list[i] = &sent[i];
    }
    m.has_incarnation = 1;
    m.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, s->incarnation.bytes};
    m.n_sent = count;
    m.sent = list;
    wire_pack(&m.base, &job->request);
}

static void push(struct stock *s, unsigned count)
{
    struct writer_news news[8];
    size_t told;
    struct job job = {.type = JOB_PUSH, .seat = s->seat};
    arena_reset(&s->arena);
    arena_init(&job.arena, LIMIT_ARENA);
    pack_push(s, count, &job);
    writer_run(s->writer, &job, BEGIN_MS - DAY_MS, random_fill, news, sizeof news / sizeof *news, &told);
    if (job.failed != ERR_OK)
        world_fail("org %u: its records of before: %s", s->org, err_name(job.failed));
    buf_finish(&job.request);
    buf_finish(&job.answer);
    arena_finish(&job.arena);
}

static void expect_all(struct stock *s, unsigned records)
{
    struct db_statement *q;
    bool row;
    CHECK(db_prepare(store_db(s->store), "SELECT count(*) FROM history WHERE org=?1 AND seat=?2 AND verdict<4", &q) == ERR_OK);
    db_bind_integer(q, 1, s->org);
    db_bind_integer(q, 2, s->seat);
    CHECK(db_step(q, &row) == ERR_OK && row);
    if (db_integer(q, 0) != records)
        world_fail("org %u: of %u records of before %lld were accepted", s->org, records, (long long)db_integer(q, 0));
    db_reset(q);
}

static void close_files(struct stock *s)
{
    int64_t frames, left;
    CHECK(db_checkpoint(store_db(s->store), &frames, &left) == ERR_OK);
    writer_destroy(s->writer);
    journal_close(s->journal);
    store_close(s->store);
    arena_finish(&s->arena);
    free(s->ids);
}

void stock_org(struct server *server, uint32_t org, uint32_t seat, unsigned records)
{
    const char *dir = disk_path(server_machine(server));
    struct stock s = {.org = org, .seat = seat, .dice = dice_make(world_seed(), "stock", org), .members = records / 3 + 1};
    int before = disk_enter(disk_process(server_machine(server), dice_make(world_seed(), "stock process", org)));
    dice_fill(&s.dice, s.incarnation.bytes, INCARNATION_SIZE);
    arena_init(&s.arena, 4 * LIMIT_ARENA);
    s.ids = calloc(s.members, sizeof *s.ids);
    CHECK(s.ids);
    CHECK(store_open(dir, STORE_WRITE, &s.store) == ERR_OK && journal_open(dir, JOURNAL_OPEN, &s.journal) == ERR_OK);
    CHECK(writer_create(s.store, s.journal, &s.writer) == ERR_OK);
    for (unsigned left = records; left; left -= left < A_PUSH ? left : A_PUSH)
        push(&s, left < A_PUSH ? left : A_PUSH);
    expect_all(&s, records);
    close_files(&s);
    disk_enter(before);
}
