/* See erase.h. */
#include "tests/sim/erase.h"

#include "base/limits.h"
#include "client/replica/replica_inner.h"
#include "server/control/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

#define MEMBER 1u
#define ERASED_MAX_OF_RUN 256
#define TEXT_SIZE 32 /* "q007-t12-345", "13907000012" */

/* ---- what was written of whom ---- */

struct written {
    char text[TEXT_SIZE];
    struct id of;
    bool shared; /* with another record, which says it for itself */
    UT_hash_handle hh;
};

struct erased_people {
    struct written *written;
    struct id list[ERASED_MAX_OF_RUN];
    unsigned count;
};

static struct erased_people *erased_of(struct district *d)
{
    if (!d->erased)
        d->erased = calloc(1, sizeof *d->erased);
    CHECK(d->erased);
    return d->erased;
}

static void note(struct erased_people *all, const char *text, size_t size, bool of_member, struct id of)
{
    struct written *w;
    char key[TEXT_SIZE] = {0};
    if (size >= TEXT_SIZE)
        return;
    memcpy(key, text, size);
    HASH_FIND_STR(all->written, key, w);
    if (w) {
        w->shared = w->shared || !of_member || !id_equal(w->of, of);
        return;
    }
    w = calloc(1, sizeof *w);
    CHECK(w);
    memcpy(w->text, key, sizeof key);
    w->of = of;
    w->shared = !of_member;
    HASH_ADD_STR(all->written, text, w);
}

void erase_note(struct district *d, uint32_t kind, struct id id, const char *words)
{
    for (const char *at = words; (at = strchr(at, '='));) {
        size_t size = strcspn(++at, " ");
        if (at[0] == 'q' || strncmp(at, "139", 3) == 0)
            note(erased_of(d), at, size, kind == MEMBER, id);
    }
}

void erase_finish(struct district *d)
{
    struct written *w, *next;
    if (!d->erased)
        return;
    HASH_ITER(hh, d->erased->written, w, next)
    {
        HASH_DEL(d->erased->written, w);
        free(w);
    }
    free(d->erased);
    d->erased = NULL;
}

/* ---- erasing ---- */

static bool is_erased(const struct erased_people *all, struct id id)
{
    for (unsigned i = 0; i < all->count; i++)
        if (id_equal(all->list[i], id))
            return true;
    return false;
}

struct choosing {
    struct id ids[64];
    size_t count;
};

static void choose(struct district *d, uint32_t org, struct choosing *c)
{
    struct arena arena;
    struct row *rows;
    size_t found;
    bool more;
    arena_init(&arena, 64u << 20);
    if (store_read_rows(server_store(d->server), org, 0, NULL, MEMBER, LIMIT_PAGE_SIZE, &arena, &rows, &found, &more) ==
        ERR_OK)
        for (size_t i = 0; i < found && c->count < 64; i++)
            if (!is_erased(erased_of(d), rows[i].id))
                c->ids[c->count++] = rows[i].id;
    arena_finish(&arena);
}

void erase_happens(struct district *d, uint64_t number)
{
    struct choosing c = {.count = 0};
    struct erased_people *all = erased_of(d);
    uint32_t org = d->branches[number % d->scale.branches];
    if (!server_is_up(d->server) || all->count == ERASED_MAX_OF_RUN)
        return;
    choose(d, org, &c);
    if (c.count == 0)
        return;
    struct id id = c.ids[number / 7 % c.count];
    if (!server_erase(d->server, id))
        return; /* its disk fails, or the command died */
    all->list[all->count++] = id;
}

bool erase_took(struct district *d, uint32_t kind, struct id id)
{
    struct erased_fields f;
    struct erasures known = control_erasures(server_control(d->server));
    return known.find(known.to, kind, id, &f);
}

/* ---- looking for it ---- */

static bool goes_on(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
}

/* Behind a text another value may begin, whose first digits look like its own: of what may be several texts it is held that it is one
 * that may stand there. */
static const struct written *text_at(const struct erased_people *all, const uint8_t *at, size_t left)
{
    char key[TEXT_SIZE] = {0};
    const struct written *found = NULL;
    for (size_t size = 0; size < left && size < TEXT_SIZE - 1 && goes_on(at[size]); size++) {
        struct written *w;
        key[size] = (char)at[size];
        HASH_FIND_STR(all->written, key, w);
        if (w && (w->shared || !is_erased(all, w->of)))
            return NULL;
        found = w ? w : found;
    }
    return found;
}

static void look_through(const struct erased_people *all, const char *whose, const uint8_t *bytes, size_t size)
{
    for (const uint8_t *at = bytes, *end = bytes + size; at < end; at++) {
        if (*at != 'q' && *at != '1')
            continue;
        const struct written *w = text_at(all, at, (size_t)(end - at));
        if (w)
            world_fail("%s holds %s, which was erased by law", whose, w->text);
    }
}

static void look_at_file(const struct erased_people *all, const char *whose, int machine, const char *name)
{
    char path[256], told[96];
    struct stat st;
    snprintf(path, sizeof path, "%.120s/%s", disk_path(machine), name);
    snprintf(told, sizeof told, "%s: %s", whose, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_size > 0) {
        uint8_t *bytes = malloc((size_t)st.st_size);
        CHECK(bytes);
        ssize_t got = read(fd, bytes, (size_t)st.st_size);
        look_through(all, told, bytes, got > 0 ? (size_t)got : 0);
        free(bytes);
    }
    close(fd);
}

static int64_t known_to(struct seat *s, struct id id)
{
    int64_t known = 0;
    struct replica *r = seat_look(s);
    if (!r)
        return 0;
    CHECK(sql_integer(r->db, 0, &known, "SELECT count(*) FROM erased WHERE kind = 1 AND id = ?1", "d", &id) == ERR_OK);
    seat_look_end(s);
    return known;
}

/* Where the journal went, and every device that had heard with it, the erasure is lost like any record. */
static void expect_known(struct district *d, struct erased_people *all)
{
    for (unsigned i = 0; i < all->count;) {
        if (erase_took(d, MEMBER, all->list[i])) {
            i++;
            continue;
        }
        if (!d->rows_anew)
            world_fail("the server has forgotten whom it erased, though its journal was never lost");
        for (unsigned k = 0; k < d->device_count; k++)
            if (known_to(d->devices[k], all->list[i]))
                world_fail("device %u knows an erasure that it has not brought back", k);
        all->list[i] = all->list[--all->count];
    }
}

void erase_expect(struct district *d)
{
    static const char *const files[] = {"banyan.db", "banyan.db-wal", JOURNAL_NAME};
    char whose[32];
    struct erased_people *all = erased_of(d);
    expect_known(d, all);
    if (all->count == 0)
        return;
    int before = disk_enter(DISK_NOBODY);
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        look_at_file(all, "the server", server_machine(d->server), files[f]);
        for (unsigned i = 0; f < 2 && i < d->device_count; i++) {
            snprintf(whose, sizeof whose, "device %u", i);
            if (!seat_is_gone(d->devices[i]))
                look_at_file(all, whose, seat_machine(d->devices[i]), files[f]);
        }
    }
    disk_enter(before);
    world_tell("%u persons are erased everywhere", all->count);
}
