/* See stranger.h. Devices that have joined by themselves, and branches that were founded in mid-run, alone: what the others are stands in
 * every backup. */
#include "tests/sim/stranger.h"

#include "tests/sim/district.h"
#include "tests/sim/roles.h"
#include "tests/sim/seat_inner.h"

#include "server/control/authority.h"
#include "tls/tls.h"

#include <string.h>

#define LOOK_MS (20 * MINUTE_MS) /* the operator looks into the list so often where it heals */
#define LOOKS_OF_ONE 12          /* ... and else now and then */
#define LIST_MAX 64
#define WRITES_OF_ADOPTING 40

/* ---- who is whom ---- */

static bool bears_key(const struct seat *s, const uint8_t key_hash[32])
{
    struct tls_cert_facts facts;
    return s->cert.size && tls_cert_facts(buf_slice(&s->cert), &facts) == ERR_OK && memcmp(facts.key_hash, key_hash, sizeof facts.key_hash) == 0;
}

static struct seat *find_device(const struct district *d, const struct control_stranger *x)
{
    for (unsigned i = 0; i < d->device_count; i++) {
        struct seat *s = d->devices[i];
        if (!s->gone && s->options.number == x->seat && bears_key(s, x->key_hash))
            return s;
    }
    return NULL;
}

static const struct control_seat *known_as(const struct district *d, const struct seat *s)
{
    return control_seat(server_control(d->server), s->options.number);
}

static bool is_known(const struct district *d, const struct seat *s)
{
    const struct control_seat *known = known_as(d, s);
    return known && bears_key(s, known->key_hash);
}

bool stranger_all_known(const struct district *d)
{
    for (unsigned i = 0; i < d->device_count; i++)
        if (d->devices[i]->cert.size && !d->devices[i]->gone && !is_known(d, d->devices[i]))
            return false;
    return true;
}

/* ---- the operator ---- */

static bool is_branch_of_others(const struct district *d, uint32_t org, const char *code)
{
    for (unsigned i = 0; i < d->scale.branches; i++)
        if (d->branches[i] == org)
            return strcmp(d->codes[i], code) != 0;
    return false;
}

static uint64_t draw_death(const struct district *d, struct dice *dice)
{
    return d->scale.trouble && !d->quiet && dice_below(dice, 3) == 0 ? 1 + dice_below(dice, WRITES_OF_ADOPTING) : 0;
}

/* Is it known by now? By a command that died, or since an older state that held it was put back. */
void stranger_note_branches(struct district *d)
{
    for (unsigned i = d->lost_count; server_is_up(d->server) && i-- > 0;) {
        struct branch b = d->lost[i];
        if (!control_org(server_control(d->server), b.org) || is_branch_of_others(d, b.org, b.code))
            continue;
        d->lost[i] = d->lost[--d->lost_count];
        district_know(d, b);
    }
}

static const struct branch *find_lost(const struct district *d, uint32_t org)
{
    for (unsigned i = 0; i < d->lost_count; i++)
        if (d->lost[i].org == org)
            return &d->lost[i];
    return NULL;
}

/* False: the branch of the device is not there yet. */
static bool make_branch(struct district *d, const struct seat *s, struct dice *dice)
{
    const struct branch *b = find_lost(d, s->options.org);
    if (!b)
        return true;
    bool made = server_add_branch_again(d->server, b->code, b->org, draw_death(d, dice));
    if (made)
        district_know(d, *b);
    if (made)
        d->lost[b - d->lost] = d->lost[--d->lost_count];
    return made;
}

/* The person says who they are; of four one is given another office on this occasion. */
static void take_in(struct district *d, struct seat *s, const struct control_stranger *x, struct dice *dice)
{
    char key[TLS_KEY_TEXT_SIZE];
    uint64_t kill_at = draw_death(d, dice);
    bool same = kill_at || dice_below(dice, 4); /* of a command that died nobody knows whether it was done */
    const char *office = same ? s->options.roles : roles_other(s, dice_draw(dice));
    struct adoption a = {.seat = x->seat, .org = s->options.org, .person = "张三", .key = key, .roles = roles_parse(office)};
    tls_key_text(x->key_hash, key);
    if (server_adopt(d->server, &a, kill_at) && office != s->options.roles)
        roles_taken_in(d, s, office);
}

/* Its number, or its branch's, is somebody else's by now (the machine was put back behind the server's back, and nobody had called yet):
 * whoever works there is invited anew, and what is on the device alone is not sent by it any more. */
static void part_from_others(struct district *d)
{
    for (unsigned i = 0; i < d->device_count; i++) {
        struct seat *s = d->devices[i];
        bool unknown = s->cert.size && !s->gone && !is_known(d, s);
        if (!unknown || (!known_as(d, s) && !is_branch_of_others(d, s->options.org, s->options.org_code)))
            continue;
        if (!d->rolled_back) /* after a restore numbers of the lost past are given to nobody */
            world_fail("device %u is seat %u of org %u, and such a number was given to others", s->index, s->options.number, s->options.org);
        world_tell("device %u has a number that is somebody else's now", s->index);
        seat_lose(s);
        district_device_lost(d);
    }
}

static void look(struct district *d, struct dice *dice)
{
    struct control_stranger list[LIST_MAX];
    stranger_note_branches(d);
    part_from_others(d);
    size_t found = server_strangers(d->server, list, LIST_MAX);
    for (size_t i = 0; i < found; i++) {
        struct seat *s = find_device(d, &list[i]);
        if (s && make_branch(d, s, dice)) /* no device: it called, and was lost */
            take_in(d, s, &list[i], dice);
    }
}

static void on_look(void *to, uint64_t count)
{
    struct district *d = to;
    struct dice dice = dice_make(world_seed(), "stranger", count);
    if (server_is_up(d->server) && (d->quiet || dice_below(&dice, LOOKS_OF_ONE) == 0))
        look(d, &dice);
    world_after(LOOK_MS, on_look, d, count + 1);
}

void stranger_journal_lost(struct district *d)
{
    for (unsigned i = d->scale.branches; i-- > 0;)
        if (!server_has_org(d->server, d->branches[i]))
            district_forget(d, i);
    stranger_note_branches(d);
    if (!d->looks_for_strangers)
        world_after(LOOK_MS, on_look, d, 0);
    d->looks_for_strangers = true;
}
