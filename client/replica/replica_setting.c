/* The settings that hold for the seat's own org, as far as this device has them (kinds/setting.c says which counts). */
#include "base/limits.h"
#include "base/tr.h"
#include "client/replica/replica_look.h"

struct asking {
    struct replica *r;
    struct scratch *scratch;
    enum err failed;
};

static enum lookup_need load_now(void *to, const struct scratch_key *key)
{
    struct asking *a = to;
    a->failed = look_load(a->r, a->scratch, key);
    return a->failed == ERR_OK ? LOOKUP_HERE : LOOKUP_LATER;
}

enum err replica_setting(struct replica *r, const char *rule_code, struct date on, int64_t fallback, int64_t *out)
{
    struct replica_facts facts;
    struct arena arena;
    struct asking a = {.r = r};
    struct lookup l = {.need = load_now, .to = &a};
    arena_init(&arena, LIMIT_ARENA);
    enum err e = replica_facts(r, &facts);
    if (e == ERR_OK)
        e = look_above(r, facts.home, facts.home, &arena, &l.above, &l.above_count);
    if (e == ERR_OK)
        e = look_held(r, &arena, &l.held, &l.held_count);
    if (e == ERR_OK) {
        struct check_context c = {.today = on, .arena = &arena};
        a.scratch = l.scratch = scratch_create(LOOKED_UP_MAX);
        l.org = facts.home;
        l.leaf = !facts.above;
        l.roles = facts.roles;
        lookup_into(&l, &c);
        int64_t value = setting_integer(&c, rule_code, on, fallback);
        scratch_destroy(a.scratch);
        e = a.failed;
        if (e == ERR_OK && l.blind) /* what is shipped may not be what holds here */
            e = inner_fail(r, ERR_BUSY, _("The district's settings have not all arrived on this device yet. Next: banyan sync"));
        if (e == ERR_OK)
            *out = value;
    }
    arena_finish(&arena);
    return e;
}
