#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_district.h"

#include "client/replica/outbox.h"
#include "server/control/authority.h"
#include "server/recovery/backup.h"
#include "server/recovery/recovery.h"
#include "server/recovery/restore.h"
#include "wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the server ---- */

static struct district *current; /* serving.now_ms takes no argument */

static int64_t now_of_server(void)
{
    return current->now_ms;
}

static enum err put_job(void *to, struct job *job)
{
    struct district *d = to;
    job->next = NULL;
    *d->jobs_end = job;
    d->jobs_end = &job->next;
    return ERR_OK;
}

void district_open_server(struct district *d)
{
    current = d;
    assert_int_equal(store_open(d->server.folder.path, STORE_READ, &d->reader), ERR_OK);
    assert_int_equal(journal_open(d->server.folder.path, JOURNAL_READ, &d->journal), ERR_OK);
    assert_int_equal(control_open(store_db(d->reader), NULL, &d->control), ERR_OK);
    d->hub = hub_create();
    d->jobs = NULL;
    d->jobs_end = &d->jobs;
    d->serving = (struct serving){.store = d->reader, .control = d->control, .hub = d->hub, .now_ms = now_of_server,
                                  .put_job = put_job, .put_to = d, .authority = d->authority};
    arena_init(&d->serving.arena, LIMIT_ARENA);
}

void district_close_server(struct district *d)
{
    for (size_t i = 0; i < d->count; i++)
        device_end(&d->devices[i]);
    district_pump(d);
    hub_destroy(d->hub);
    control_close(d->control);
    journal_close(d->journal);
    store_close(d->reader);
    arena_finish(&d->serving.arena);
}

void district_make(struct district *d)
{
    *d = (struct district){.now_ms = NOW_MS};
    server_make(&d->server);
    assert_int_equal(authority_init(d->server.folder.path, "青禾区教育工会", d->now_ms), ERR_OK);
    assert_int_equal(authority_open(d->server.folder.path, &d->authority), ERR_OK);
    district_open_server(d);
}

void district_remove(struct district *d)
{
    district_close_server(d);
    for (size_t i = 0; i < d->count; i++) {
        replica_close(d->devices[i].r);
        folder_remove(&d->devices[i].folder);
    }
    authority_close(d->authority);
    server_remove(&d->server);
}

void district_refresh(struct district *d)
{
    assert_int_equal(control_refresh(d->control, NULL), ERR_OK);
}

void district_backup(struct district *d, const char *name)
{
    struct buf detail = BUF_INIT;
    assert_int_equal(backup_run(d->server.folder.path, server_file(&d->server, name), d->now_ms, &detail), ERR_OK);
    buf_finish(&detail);
}

static void close_files(struct district *d)
{
    district_close_server(d);
    server_close(&d->server);
}

static void open_files(struct district *d)
{
    server_open(&d->server);
    district_open_server(d);
}

enum err district_try_restore(struct district *d, const char *name)
{
    struct buf detail = BUF_INIT;
    struct restore_facts facts;
    close_files(d);
    d->now_ms++; /* names of databases set aside */
    enum err e = restore_run(d->server.folder.path, server_file(&d->server, name), d->now_ms, &facts, &detail);
    buf_finish(&detail);
    open_files(d);
    return e;
}

void district_restore(struct district *d, const char *name)
{
    assert_int_equal(district_try_restore(d, name), ERR_OK);
}

void district_restore_without_journal(struct district *d, const char *name)
{
    struct buf detail = BUF_INIT;
    struct restore_facts facts;
    close_files(d);
    d->now_ms++;
    assert_int_equal(unlink(server_file(&d->server, JOURNAL_NAME)), 0);
    assert_int_equal(restore_run(d->server.folder.path, server_file(&d->server, name), d->now_ms, &facts, &detail), ERR_OK);
    buf_finish(&detail);
    open_files(d);
}

static void copy_server(const char *from, const char *to)
{
    char command[1024];
    snprintf(command, sizeof command, "mkdir -p '%s' && rm -f '%s'/banyan.db* && cp '%s'/banyan.db '%s'/control.journal '%s'/", to, to, from, from,
             to);
    assert_int_equal(system(command), 0);
}

void district_snapshot(struct district *d, const char *name)
{
    close_files(d); /* the last connection takes the WAL into the file */
    copy_server(d->server.folder.path, server_file(&d->server, name));
    open_files(d);
}

void district_roll_back(struct district *d, const char *name)
{
    close_files(d);
    copy_server(server_file(&d->server, name), d->server.folder.path);
    open_files(d);
}

/* Control data changed on its own connection, which data_version does not tell. */
static void fresh_writer(struct district *d)
{
    writer_destroy(d->server.writer);
    assert_int_equal(writer_create(d->server.store, d->server.journal, &d->server.writer), ERR_OK);
}

void district_set_seat(struct district *d, uint32_t seat, enum seat_state state)
{
    assert_int_equal(control_set_seat_state(d->server.control, seat, state, 0), ERR_OK);
    district_refresh(d);
    fresh_writer(d);
}

void district_end_recovery(struct district *d)
{
    size_t ended;
    assert_int_equal(recovery_end_all(d->server.store, d->server.control, &ended), ERR_OK);
    district_close_server(d);
    server_close(&d->server);
    server_open(&d->server);
    district_open_server(d);
}

void district_end_recovery_beside(struct district *d)
{
    size_t ended;
    assert_int_equal(recovery_end_all(d->server.store, d->server.control, &ended), ERR_OK);
    fresh_writer(d);
    district_refresh(d);
}

static void run_jobs(struct district *d)
{
    struct job *list = d->jobs;
    d->jobs = NULL;
    d->jobs_end = &d->jobs;
    d->server.news_count = 0;
    writer_run(d->server.writer, list, d->now_ms, help_random, d->server.news, 64, &d->server.news_count);
    while (list) {
        struct job *job = list;
        list = job->next;
        struct session *s = hub_find(d->hub, job->session);
        if (s) {
            session_job_done(s, job);
        } else {
            buf_finish(&job->request);
            buf_finish(&job->answer);
            arena_finish(&job->arena);
            free(job);
        }
    }
    for (size_t i = 0; i < d->server.news_count; i++)
        hub_news(d->hub, d->server.news[i].org, d->server.news[i].seq);
}

/* ---- the line ---- */

static bool spend_frame(struct device *v)
{
    if (v->cut || v->frames_left == 0) {
        v->cut = true;
        return false;
    }
    if (v->frames_left > 0)
        v->frames_left--;
    return true;
}

static enum err out_send(void *to, enum frame_type type, const ProtobufCMessage *m)
{
    struct device *v = to;
    return v->cut ? ERR_CUT : frame_put(&v->in, type, m);
}

static enum err out_send_packed(void *to, struct slice frames)
{
    struct device *v = to;
    buf_append_slice(&v->in, frames);
    return ERR_OK;
}

static void out_refuse(void *to, const char *code, const char *text, enum err why)
{
    struct device *v = to;
    Wire__Error error = WIRE__ERROR__INIT;
    (void)why;
    error.code = (char *)code;
    error.text = (char *)text;
    error.has_fatal = error.fatal = 1;
    v->refusals++;
    assert_int_equal(frame_put(&v->in, FRAME_ERROR, &error.base), ERR_OK);
}

static void out_limit(void *to, size_t size_max)
{
    (void)to;
    (void)size_max;
}

static void out_deadline(void *to, uint64_t in_ms)
{
    (void)to;
    (void)in_ms;
}

/* The link ends a session by itself once it has what it came for. */
static void out_close(void *to)
{
    (void)to;
}

static const struct session_out out = {out_send, out_send_packed, out_refuse, out_limit, out_deadline, out_close, NULL, NULL};

/* Frames of the link to the session; true if any went. */
static bool carry_up(struct device *v)
{
    struct buf *b = link_out(v->l);
    size_t at = 0;
    while (at < b->size && !v->cut) {
        struct frame f;
        size_t used;
        assert_int_equal(frame_take(slice_of(b->data + at, b->size - at), LIMIT_FRAME, &f, &used), ERR_OK);
        assert_true(used > 0);
        if (spend_frame(v))
            session_take(v->s, f.type, f.payload);
        at += used;
    }
    b->size = 0;
    return at > 0;
}

static bool carry_down(struct device *v)
{
    bool any = false;
    while (v->in_at < v->in.size && !v->cut && v->failure == ERR_OK) {
        struct frame f;
        size_t used;
        assert_int_equal(frame_take(slice_of(v->in.data + v->in_at, v->in.size - v->in_at), LIMIT_FRAME, &f, &used), ERR_OK);
        assert_true(used > 0);
        v->in_at += used;
        if (spend_frame(v))
            v->failure = link_take(v->l, f.type, f.payload, v->d->now_ms);
        any = true;
    }
    if (v->in_at == v->in.size)
        v->in.size = v->in_at = 0;
    return any;
}

bool district_turn(struct district *d)
{
    bool moved = false;
    for (size_t i = 0; i < d->count; i++)
        if (d->devices[i].l)
            moved = carry_up(&d->devices[i]) || moved;
    if (d->jobs) {
        run_jobs(d);
        moved = true;
    }
    for (size_t i = 0; i < d->count; i++)
        if (d->devices[i].l)
            moved = carry_down(&d->devices[i]) || moved;
    return moved;
}

void district_pump(struct district *d)
{
    int turns = 0;
    while (district_turn(d))
        assert_true(++turns < 100000); /* a livelock is a failure */
}

void device_begin(struct device *v, enum link_mode mode, int frames, link_on_answer *on_answer, void *to)
{
    struct link_options options = {.mode = mode, .version = "test", .on_answer = on_answer, .to = to};
    assert_null(v->l);
    v->frames_left = frames;
    v->cut = false;
    v->failure = ERR_OK;
    v->in.size = v->in_at = 0;
    v->l = link_create(v->r, &options);
    v->s = session_open(&v->d->serving, ++v->d->sessions, TLS_PEER_PSK, v->seat, &out, v);
    assert_int_equal(link_start(v->l, v->d->now_ms), ERR_OK);
}

void device_end(struct device *v)
{
    if (!v->l)
        return;
    session_close(v->s);
    link_destroy(v->l);
    buf_finish(&v->in);
    v->l = NULL;
    v->s = NULL;
}

enum link_progress device_sync(struct device *v, int frames)
{
    device_begin(v, LINK_ROUND, frames, NULL, NULL);
    district_pump(v->d);
    enum link_progress p = link_progress(v->l);
    assert_true(p != LINK_WORKING || v->cut || v->failure != ERR_OK); /* rule 34: never idle with work to do */
    device_end(v);
    district_pump(v->d);
    return p;
}

/* ---- devices ---- */

struct device *device_make(struct district *d, uint32_t seat, uint32_t org, const char *org_code, const char *level, const char *roles)
{
    assert_true(d->count < DEVICES_MAX);
    struct device *v = &d->devices[d->count++];
    *v = (struct device){.d = d, .seat = seat};
    folder_make(&v->folder);
    struct replica_seat s = {.number = seat, .person = "张三", .roles = roles, .home = org, .home_code = org_code, .home_name = "青禾幼儿园工会",
                             .home_level = level, .district = "青禾区教育工会", .server = "127.0.0.1:1"};
    assert_int_equal(replica_create(v->folder.path, &s, d->now_ms), ERR_OK);
    assert_int_equal(replica_open(v->folder.path, d->now_ms, &v->r), ERR_OK);
    return v;
}

struct device *device_join(struct district *d, uint32_t org, const char *roles)
{
    uint32_t seat = server_add_seat(&d->server, org, roles);
    district_refresh(d);
    const struct control_org *o = control_org(d->control, org);
    return device_make(d, seat, org, o->code, o->level, roles);
}

struct device *device_chair(struct district *d)
{
    return device_make(d, d->server.chair, d->server.branch, "qh-01", "branch", "union_chair");
}

struct device *device_second(struct district *d)
{
    return device_make(d, d->server.second, d->server.branch, "qh-01", "branch", "union_chair");
}

static void copy_files(const char *from, const char *to)
{
    char command[512];
    snprintf(command, sizeof command, "rm -f '%s'/banyan.db* && cp '%s'/banyan.db* '%s'/", to, from, to);
    assert_int_equal(system(command), 0);
}

void device_copy(struct device *of, struct folder *to)
{
    replica_close(of->r);
    folder_make(to);
    copy_files(of->folder.path, to->path);
    assert_int_equal(replica_open(of->folder.path, of->d->now_ms, &of->r), ERR_OK);
}

void device_put_back(struct device *to, const struct folder *from)
{
    replica_close(to->r);
    copy_files(from->path, to->folder.path);
    assert_int_equal(replica_open(to->folder.path, to->d->now_ms, &to->r), ERR_OK);
}

struct device *device_clone(struct device *of)
{
    assert_true(of->d->count < DEVICES_MAX);
    struct device *v = &of->d->devices[of->d->count++];
    *v = (struct device){.d = of->d, .seat = of->seat};
    device_copy(of, &v->folder);
    assert_int_equal(replica_open(v->folder.path, of->d->now_ms, &v->r), ERR_OK);
    return v;
}

/* ---- what a person does ---- */

static void fill(ProtobufCMessage *patch, const char *words, uint32_t *cleared, size_t *count, const char **action, struct arena *a)
{
    char *copy = arena_text(a, slice_text(words)), *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        if (word[0] == '!')
            *action = word + 1;
        else if (word[0] == '-')
            cleared[(*count)++] = record_field(patch->descriptor, word + 1)->id;
        else if (value) {
            *value++ = 0;
            record_put_name(patch, word, cell_text(value), a);
        }
    }
}

static enum err change(struct device *v, const char *kind, enum op op, struct id id, const char *words, struct replica_outcome *outcome,
                       struct arena *a)
{
    const struct kind *k = kind_by_name(kind);
    uint32_t cleared[16];
    struct replica_change c = {.op = op, .kind = k->number, .id = id, .cleared = cleared};
    ProtobufCMessage *patch = record_new(k->descriptor, a);
    fill(patch, words, cleared, &c.cleared_count, &c.action, a);
    c.patch = patch;
    return replica_change(v->r, &c, v->d->now_ms, a, outcome);
}

enum err device_change(struct device *v, const char *kind, enum op op, struct id id, const char *words, struct id *made)
{
    struct arena a;
    struct replica_outcome o = {0};
    arena_init(&a, LIMIT_ARENA);
    enum err e = change(v, kind, op, id, words, &o, &a);
    arena_finish(&a);
    if (e == ERR_OK && made)
        *made = o.id;
    return e;
}

struct id device_add(struct device *v, const char *words)
{
    struct arena a;
    struct replica_outcome o = {0};
    arena_init(&a, LIMIT_ARENA);
    enum err e = change(v, "member", OP_CREATE, (struct id){{0}}, words, &o, &a);
    if (e != ERR_OK)
        print_error("add %s: %s %s\n", words, err_name(e), replica_detail(v->r));
    assert_int_equal(e, ERR_OK);
    arena_finish(&a);
    return o.id;
}

enum err device_set(struct device *v, struct id id, const char *words)
{
    struct arena a;
    struct replica_outcome o = {0};
    arena_init(&a, LIMIT_ARENA);
    enum err e = change(v, "member", OP_SET, id, words, &o, &a);
    arena_finish(&a);
    return e;
}

enum err device_act(struct device *v, struct id id, const char *words)
{
    struct arena a;
    struct replica_outcome o = {0};
    arena_init(&a, LIMIT_ARENA);
    enum err e = change(v, "member", OP_ACT, id, words, &o, &a);
    arena_finish(&a);
    return e;
}

enum err device_remove(struct device *v, struct id id)
{
    struct arena a;
    struct replica_outcome o = {0};
    arena_init(&a, LIMIT_ARENA);
    enum err e = change(v, "member", OP_REMOVE, id, "", &o, &a);
    arena_finish(&a);
    return e;
}

const char *device_words(struct device *v, struct id id)
{
    static char text[4][256];
    static unsigned turn;
    struct arena a;
    struct replica_row row;
    char *to = text[turn++ % 4];
    arena_init(&a, LIMIT_ARENA);
    strcpy(to, "none");
    if (replica_load(v->r, kind_by_name("member")->number, id, v->d->now_ms, &a, &row) == ERR_OK) {
        struct buf b = BUF_INIT;
        for (unsigned i = 0; i < row.message->descriptor->n_fields; i++) {
            const ProtobufCFieldDescriptor *f = &row.message->descriptor->fields[i];
            struct cell c = record_get(row.message, f);
            if (c.type == CELL_TEXT && strcmp(f->name, "state") != 0 && strcmp(f->name, "member_no") != 0)
                buf_format(&b, "%s%s=%.*s", b.size ? " " : "", f->name, (int)c.bytes.size, (const char *)c.bytes.data);
        }
        snprintf(to, 256, "%s", buf_c_string(&b));
        buf_finish(&b);
    }
    arena_finish(&a);
    return to;
}

const char *device_state(struct device *v, struct id id)
{
    static char text[32];
    struct arena a;
    struct replica_row row;
    arena_init(&a, LIMIT_ARENA);
    enum err e = replica_load(v->r, kind_by_name("member")->number, id, v->d->now_ms, &a, &row);
    const char *state = e == ERR_OK ? kind_state_of(kind_by_name("member"), row.message) : "none";
    snprintf(text, sizeof text, "%s", state ? state : "");
    arena_finish(&a);
    return text;
}

struct replica_status device_status(struct device *v)
{
    struct replica_status s;
    assert_int_equal(replica_status(v->r, &s), ERR_OK);
    return s;
}

static void expect_digests(struct device *v, uint32_t org)
{
    struct org_state *state;
    uint32_t scope;
    enum field_class class;
    struct digest_sum sum;
    Wire__Digest list[64], *pointers[64];
    uint8_t sums[64][16];
    Wire__Digests d = WIRE__DIGESTS__INIT;
    bool level;
    unsigned repairs;
    assert_int_equal(store_load_org(v->d->reader, org, 1, &state), ERR_OK);
    d.org = org;
    d.seq = org_state_seq(state);
    d.digest = pointers;
    for (size_t i = 0; org_state_digest_at(state, i, &scope, &class, &sum); i++) {
        assert_true(d.n_digest < 64);
        wire__digest__init(&list[d.n_digest]);
        digest_bytes(sum, sums[d.n_digest]);
        list[d.n_digest].scope = scope;
        list[d.n_digest].class_ = class;
        list[d.n_digest].sum = (ProtobufCBinaryData){16, sums[d.n_digest]};
        pointers[d.n_digest] = &list[d.n_digest];
        d.n_digest++;
    }
    org_state_destroy(state);
    assert_int_equal(replica_compare(v->r, &d, &level, &repairs), ERR_OK);
    assert_true(level);
    assert_int_equal(repairs, 0);
}

void device_expect_level(struct device *v)
{
    int64_t left = -1;
    struct replica_facts f;
    assert_int_equal(sql_integer(v->r->db, -1, &left, "SELECT count(*) FROM outbox", ""), ERR_OK);
    assert_int_equal(left, 0);
    assert_int_equal(sql_integer(v->r->db, -1, &left, "SELECT count(*) FROM shadow", ""), ERR_OK);
    assert_int_equal(left, 0);
    assert_int_equal(replica_facts(v->r, &f), ERR_OK);
    expect_digests(v, f.home);
    if (f.home != 1)
        expect_digests(v, 1);
}

static bool count_one(void *to, const struct replica_row *row)
{
    (void)row;
    ++*(size_t *)to;
    return true;
}

size_t device_rows(struct device *v, uint32_t kind)
{
    size_t count = 0;
    assert_int_equal(replica_scan(v->r, kind, v->d->now_ms, count_one, &count), ERR_OK);
    return count;
}
