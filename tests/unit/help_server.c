#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"

#include "server/recovery/verify.h"
#include "wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the district ---- */

void help_random(void *out, size_t size)
{
    static uint64_t count;
    memset(out, 0, size);
    count++;
    memcpy(out, &count, size < sizeof count ? size : sizeof count);
}

void server_open(struct help_server *s)
{
    assert_int_equal(store_open(s->folder.path, STORE_WRITE, &s->store), ERR_OK);
    assert_int_equal(journal_open(s->folder.path, JOURNAL_OPEN, &s->journal), ERR_OK);
    assert_int_equal(control_open(store_db(s->store), s->journal, &s->control), ERR_OK);
    assert_int_equal(writer_create(s->store, s->journal, &s->writer), ERR_OK);
}

void server_close(struct help_server *s)
{
    writer_destroy(s->writer);
    control_close(s->control);
    journal_close(s->journal);
    store_close(s->store);
}

static void fresh_writer(struct help_server *s)
{
    writer_destroy(s->writer); /* control data changed on its own connection, which data_version does not tell */
    assert_int_equal(writer_create(s->store, s->journal, &s->writer), ERR_OK);
}

uint32_t server_add_branch(struct help_server *s, const char *code)
{
    uint32_t number = 0;
    assert_int_equal(control_add_org(s->control, code, "青禾幼儿园工会", "branch", NULL, &number), ERR_OK);
    fresh_writer(s);
    return number;
}

uint32_t server_add_seat(struct help_server *s, uint32_t org, const char *roles)
{
    static uint8_t secret[16];
    uint8_t key[32] = {1}, serial[16] = {2};
    uint32_t seat = 0;
    role_set set;
    const char *bad;
    struct control_invitation invitation;
    secret[0]++;
    memcpy(secret + 4, &s->now_ms, 8);
    assert_int_equal(role_set_parse(roles, &set, &bad), ERR_OK);
    assert_int_equal(control_add_invitation(s->control, org, "张三", set, secret, s->now_ms + 1000, 0), ERR_OK);
    assert_int_equal(control_find_invitation(s->control, secret, &invitation), ERR_OK);
    assert_int_equal(control_add_seat(s->control, invitation.number, key, serial, s->now_ms, &seat), ERR_OK);
    fresh_writer(s);
    return seat;
}

void server_make(struct help_server *s)
{
    struct journal *journal;
    struct store *store;
    *s = (struct help_server){.now_ms = NOW_MS};
    arena_init(&s->arena, 1u << 30);
    folder_make(&s->folder);
    assert_int_equal(store_create(s->folder.path), ERR_OK);
    assert_int_equal(store_open(s->folder.path, STORE_WRITE, &store), ERR_OK);
    assert_int_equal(journal_open(s->folder.path, JOURNAL_CREATE, &journal), ERR_OK);
    assert_int_equal(control_init(store_db(store), journal, "青禾区教育工会", "qinghe", "district"), ERR_OK);
    journal_close(journal);
    store_close(store);
    server_open(s);
    s->branch = server_add_branch(s, "qh-01");
    s->other = server_add_branch(s, "qh-02");
    s->chair = server_add_seat(s, s->branch, "union_chair");
    s->second = server_add_seat(s, s->branch, "union_chair");
    s->member = kind_by_name("member")->number;
    s->policy = kind_by_name("policy_limit")->number;
}

void server_remove(struct help_server *s)
{
    server_close(s);
    folder_remove(&s->folder);
    arena_finish(&s->arena);
}

int server_setup(void **state)
{
    static struct help_server s;
    server_make(&s);
    *state = &s;
    return 0;
}

int server_teardown(void **state)
{
    server_verify(*state);
    server_remove(*state);
    return 0;
}

const char *server_file(struct help_server *s, const char *name)
{
    return arena_format(&s->arena, "%s/%s", s->folder.path, name);
}

/* ---- changes ---- */

struct pen pen_of(struct help_server *s, uint32_t seat, uint32_t org, int number)
{
    struct pen p = {.s = s, .seat = seat, .org = org};
    memset(p.incarnation.bytes, 0x40 + number, INCARNATION_SIZE);
    return p;
}

struct id member_id(int i)
{
    uint8_t random[10] = {(uint8_t)(i >> 8), (uint8_t)i};
    return id_make(NOW_MS - 100000000 + i, random);
}

static void put_word(struct change *c, ProtobufCMessage *patch, const char *word, struct arena *arena, uint32_t *cleared)
{
    char *copy = arena_text(arena, slice_text(word)), *value = strchr(copy, '=');
    if (copy[0] == '!') {
        c->action = copy + 1;
    } else if (copy[0] == '-') {
        cleared[c->cleared_count++] = record_field(c->kind->descriptor, copy + 1)->id;
    } else if (value) {
        *value++ = 0;
        record_put_name(patch, copy, cell_text(value), arena);
    }
}

struct change *pen_write(struct pen *p, enum op op, uint32_t kind, struct id id, uint64_t base, const char *words)
{
    struct arena *arena = &p->s->arena;
    struct change *c = arena_alloc(arena, sizeof *c);
    uint32_t *cleared = arena_alloc(arena, 16 * sizeof *cleared);
    char *copy = arena_text(arena, slice_text(words)), *rest = NULL;
    *c = (struct change){.n = ++p->n, .org = p->org, .kind_number = kind, .id = id, .base = base, .op = op, .made_ms = p->s->now_ms};
    c->kind = kind_by_number(kind);
    assert_non_null(c->kind);
    ProtobufCMessage *patch = record_new(c->kind->descriptor, arena);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        put_word(c, patch, word, arena, cleared);
    c->patch = patch;
    c->cleared = cleared;
    assert_int_equal(change_pack(c, arena), ERR_OK);
    return c;
}

struct change *pen_create(struct pen *p, int record, const char *words)
{
    return pen_write(p, OP_CREATE, p->s->member, member_id(record), 0, words);
}

struct change *pen_set(struct pen *p, int record, uint64_t base, const char *words)
{
    return pen_write(p, OP_SET, p->s->member, member_id(record), base, words);
}

void pen_group(struct change **list, size_t count)
{
    static struct arena arena; /* lives as long as the program: bytes are read until the test ends */
    if (!arena.cap)
        arena_init(&arena, 1u << 24);
    for (size_t i = 0; i < count; i++) {
        list[i]->grouped = true;
        list[i]->group = member_id(7000 + (int)list[0]->n);
        list[i]->group_position = (uint32_t)i + 1;
        list[i]->group_size = (uint32_t)count;
        assert_int_equal(change_pack(list[i], &arena), ERR_OK);
    }
}

/* ---- jobs ---- */

struct job *job_make(struct help_server *s, enum job_type type, uint32_t seat)
{
    (void)s;
    struct job *job = calloc(1, sizeof *job);
    assert_non_null(job);
    job->type = type;
    job->seat = seat;
    arena_init(&job->arena, 8u << 20);
    return job;
}

void job_free_one(struct job *job)
{
    buf_finish(&job->request);
    buf_finish(&job->answer);
    arena_finish(&job->arena);
    free(job);
}

struct job *push_job(struct pen *p, struct change **list, size_t count, const char *mark)
{
    struct job *job = job_make(p->s, JOB_PUSH, p->seat);
    Wire__Push m = WIRE__PUSH__INIT;
    Wire__Refusal refused = WIRE__REFUSAL__INIT;
    Wire__Sent *sent = calloc(count + 1, sizeof *sent), **sents = calloc(count + 1, sizeof *sents);
    refused.code = (char *)mark;
    for (size_t i = 0; i < count; i++) {
        wire__sent__init(&sent[i]);
        sent[i].has_change = 1;
        sent[i].change = (ProtobufCBinaryData){list[i]->bytes.size, (uint8_t *)list[i]->bytes.data};
        sent[i].refused = mark ? &refused : NULL;
        sents[i] = &sent[i];
    }
    m.has_incarnation = 1;
    m.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, p->incarnation.bytes};
    m.n_sent = count;
    m.sent = sents;
    m.has_parent = m.has_fork_n = p->forked;
    m.parent = (ProtobufCBinaryData){INCARNATION_SIZE, p->parent.bytes};
    m.fork_n = p->fork_n;
    m.has_trimmed_to = p->trimmed_to > 0;
    m.trimmed_to = p->trimmed_to;
    m.has_made_to = p->made_to > 0;
    m.made_to = p->made_to;
    wire_pack(&m.base, &job->request);
    free(sent);
    free(sents);
    return job;
}

void server_run(struct help_server *s, struct job *jobs)
{
    writer_run(s->writer, jobs, s->now_ms, help_random, s->news, 64, &s->news_count);
}

/* It outlives the job. */
static ProtobufCMessage *answer_of(struct help_server *s, const struct job *job, enum frame_type type)
{
    struct frame frame;
    size_t used;
    ProtobufCMessage *m;
    assert_int_equal(job->failed, ERR_OK);
    assert_int_equal(frame_take(buf_slice(&job->answer), 1u << 20, &frame, &used), ERR_OK);
    assert_int_equal(frame.type, type);
    assert_int_equal(used, job->answer.size);
    assert_int_equal(wire_open(frame_descriptor(type), arena_copy(&s->arena, frame.payload), &s->arena, &m), ERR_OK);
    return m;
}

const Wire__Verdicts *job_verdicts(struct help_server *s, const struct job *job)
{
    return (const Wire__Verdicts *)answer_of(s, job, FRAME_VERDICTS);
}

const char *job_text(struct help_server *s, const struct job *job)
{
    static const char *const types[] = {"?", "APPLIED", "MERGED", "CONFLICT", "REFUSED", "SAME"};
    static const char *const stops[] = {"?", "FORKED", "GAP", "LATER"};
    struct buf b = BUF_INIT;
    if (job->failed != ERR_OK)
        return err_name(job->failed);
    const Wire__Verdicts *v = job_verdicts(s, job);
    for (size_t i = 0; i < v->n_verdict; i++) {
        const Wire__Verdict *one = v->verdict[i];
        buf_format(&b, "%s%llu %s", i ? " | " : "", (unsigned long long)one->n, types[one->type]);
        if (one->refusal)
            buf_format(&b, " %s%s%s", one->refusal->code, one->refusal->field ? " " : "", one->refusal->field ? one->refusal->field : "");
    }
    if (v->has_stop)
        buf_format(&b, "%s%s %llu", b.size ? " | " : "", stops[v->stop], (unsigned long long)v->stop_n);
    if (v->has_stop_last)
        buf_format(&b, " to %llu", (unsigned long long)v->stop_last);
    const char *text = arena_text(&s->arena, buf_slice(&b));
    buf_finish(&b);
    return text;
}

static const char *run_push(struct pen *p, struct change **list, size_t count, const char *mark)
{
    struct job *job = push_job(p, list, count, mark);
    server_run(p->s, job);
    const char *text = job_text(p->s, job);
    job_free_one(job);
    return text;
}

const char *push(struct pen *p, struct change **list, size_t count)
{
    return run_push(p, list, count, NULL);
}

const char *push_one(struct pen *p, struct change *c)
{
    return run_push(p, &c, 1, NULL);
}

const char *push_marked(struct pen *p, struct change *c, const char *mark)
{
    return run_push(p, &c, 1, mark);
}

/* ---- what stands ---- */

const char *row_words(struct help_server *s, int record)
{
    struct row row;
    struct buf b = BUF_INIT;
    enum err e = store_read_row(s->store, s->member, member_id(record), &s->arena, &row);
    if (e == ERR_NOT_FOUND)
        return "unknown";
    assert_int_equal(e, ERR_OK);
    if (!row.message)
        return "removed";
    const ProtobufCMessageDescriptor *d = row.message->descriptor;
    for (unsigned i = 0; i < d->n_fields; i++) {
        struct cell c = record_get(row.message, &d->fields[i]);
        if (c.type == CELL_TEXT && strcmp(d->fields[i].name, "member_no") != 0)
            buf_format(&b, "%s%s=%.*s", b.size ? " " : "", d->fields[i].name, (int)c.bytes.size, (const char *)c.bytes.data);
    }
    const char *text = arena_text(&s->arena, buf_slice(&b));
    buf_finish(&b);
    return text;
}

uint64_t server_seq(struct help_server *s, uint32_t org)
{
    struct org_state *state;
    assert_int_equal(store_load_org(s->store, org, 1, &state), ERR_OK);
    uint64_t seq = org_state_seq(state);
    org_state_destroy(state);
    return seq;
}

size_t server_entries(struct help_server *s, uint32_t org, struct entry **out)
{
    size_t count;
    bool more;
    assert_int_equal(store_read_entries(s->store, org, 0, SIZE_MAX, &s->arena, out, &count, &more), ERR_OK);
    assert_false(more);
    return count;
}

void server_verify(struct help_server *s)
{
    struct verify_report report;
    assert_int_equal(verify_run(s->store, s->control, &report), ERR_OK);
    for (size_t i = 0; i < report.count; i++)
        print_error("org %u %s: %s\n", report.list[i].org, report.list[i].what, report.list[i].text);
    assert_int_equal(report.count, 0);
    verify_report_finish(&report);
}

const Wire__Taken *hand_back_with(struct help_server *s, uint32_t seat, bool proven, Wire__HandBack *m, const struct entry *list,
                                  size_t count)
{
    struct job *job = job_make(s, JOB_HAND_BACK, seat);
    Wire__Entry **entries = arena_alloc(&s->arena, (count + 1) * sizeof *entries);
    for (size_t i = 0; i < count; i++)
        entries[i] = entry_wire(&list[i], &s->arena);
    m->n_entry = count;
    m->entry = entries;
    job->proven = proven;
    wire_pack(&m->base, &job->request);
    server_run(s, job);
    const Wire__Taken *taken = (const Wire__Taken *)answer_of(s, job, FRAME_TAKEN);
    job_free_one(job);
    return taken;
}

uint64_t hand_back(struct help_server *s, uint32_t seat, uint32_t org, const struct entry *list, size_t count, bool done)
{
    Wire__HandBack m = WIRE__HAND_BACK__INIT;
    m.has_org = m.has_done = 1;
    m.org = org;
    m.done = done;
    return hand_back_with(s, seat, true, &m, list, count)->seq;
}
