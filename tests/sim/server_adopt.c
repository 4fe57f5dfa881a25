/* What a restore lost together with the control journal, taken in again: command_adopt.c and command_branch.c, each time a command that may die at any write. */
#include "tests/sim/server_inner.h"

#include "base/limits.h"

size_t server_strangers(struct server *s, struct control_stranger *list, size_t max)
{
    struct desk d;
    struct arena arena;
    struct control_stranger *all;
    size_t count = 0, called = 0;
    if (s->faulty)
        return 0; /* the operator waits until the disk is well */
    arena_init(&arena, LIMIT_ARENA);
    enum err e = desk_open(&d, s);
    if (e == ERR_OK)
        e = control_strangers(d.control, &arena, &all, &count);
    for (size_t i = 0; e == ERR_OK && i < count && called < max; i++)
        if (all[i].last_ms)
            list[called++] = all[i];
    desk_close(&d, e);
    arena_finish(&arena);
    return called;
}

bool server_has_org(struct server *s, uint32_t org)
{
    struct desk d;
    struct disk_health health = disk_health(s->machine);
    server_set_disk(s, false, 0); /* whoever looks finds the disk well */
    enum err e = desk_open(&d, s);
    bool is = e == ERR_OK && control_org(d.control, org);
    desk_close(&d, e);
    server_set_disk(s, health.full, health.faulty);
    return is;
}

bool server_add_branch_again(struct server *s, const char *code, uint32_t org, uint64_t kill_at)
{
    struct desk d;
    if (s->faulty)
        return false;
    enum err e = desk_open(&d, s);
    if (e == ERR_OK && kill_at)
        disk_kill_at(d.process, kill_at);
    if (e == ERR_OK)
        e = control_add_org_again(d.control, code, "青禾幼儿园工会", "branch", NULL, org);
    if (e == ERR_EXISTS)
        e = ERR_OK; /* a command that died had journalled it */
    if (e == ERR_REFUSED)
        world_fail("branch %s cannot be org %u again: %s", code, org, control_detail(d.control));
    disk_kill_at(d.process, 0);
    world_tell("branch %s is made again: org %u: %s", code, org, err_name(e));
    bool done = e == ERR_OK && !disk_is_dead(d.process);
    desk_close(&d, e);
    return done;
}

static enum err adopt(struct desk *d, const struct adoption *a)
{
    const char *refusal = NULL;
    enum err e = store_begin(d->store);
    if (e != ERR_OK)
        return e;
    e = authority_adopt(d->control, a, &refusal);
    if (e == ERR_REFUSED)
        world_fail("seat %u of org %u cannot be taken in again: %s", a->seat, a->org, refusal);
    if (e == ERR_OK)
        e = store_recover_seat(d->store, a->seat);
    if (e == ERR_OK)
        return store_commit(d->store);
    store_rollback(d->store);
    return e;
}

bool server_adopt(struct server *s, const struct adoption *a, uint64_t kill_at)
{
    struct desk d;
    if (s->faulty)
        return false;
    enum err e = desk_open(&d, s);
    if (e == ERR_OK && kill_at)
        disk_kill_at(d.process, kill_at);
    if (e == ERR_OK)
        e = adopt(&d, a);
    bool done = e == ERR_OK && !disk_is_dead(d.process);
    disk_kill_at(d.process, 0);
    world_tell("seat %u of org %u is taken in again: %s", a->seat, a->org, done ? "done" : err_name(e));
    desk_close(&d, e);
    return done;
}
