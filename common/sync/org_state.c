/* An org's log in numbers, in memory: small sorted lists, found by halving. Invariant: a sum that comes to nothing is
 * dropped, so that two states are equal exactly if they say the same (verify), whatever the order of what made them. */
#include "sync/org_state.h"
#include "sync/org_state_parts.h"
#include <stdlib.h>
#include <string.h>

#define NUMBER_SKIP 1000 /* rule 26: what the lost path may have given */

uint64_t seq_make(uint32_t epoch, uint64_t counter)
{
    return (uint64_t)epoch << SEQ_EPOCH_SHIFT | counter;
}

uint32_t seq_epoch(uint64_t seq)
{
    return (uint32_t)(seq >> SEQ_EPOCH_SHIFT);
}

uint64_t seq_counter(uint64_t seq)
{
    return seq & ((UINT64_C(1) << SEQ_EPOCH_SHIFT) - 1);
}

struct org_state *org_state_create(uint32_t org, uint32_t epoch)
{
    struct org_state *s = calloc(1, sizeof *s);
    CHECK(s);
    s->org = org;
    s->epoch = epoch;
    return s;
}

void org_state_destroy(struct org_state *s)
{
    if (!s)
        return;
    named_finish(&s->measures);
    named_finish(&s->numbers);
    free(s->digests);
    free(s);
}

uint32_t org_state_org(const struct org_state *s)
{
    return s->org;
}

uint64_t org_state_seq(const struct org_state *s)
{
    return s->seq;
}

const uint8_t *org_state_chain(const struct org_state *s)
{
    return s->chain;
}

uint64_t org_state_next(const struct org_state *s)
{
    return seq_epoch(s->seq) == s->epoch ? s->seq + 1 : seq_make(s->epoch, 1);
}

void org_state_advance(struct org_state *s, uint64_t seq, const uint8_t chain[CHAIN_SIZE])
{
    CHECK(seq > s->seq);
    if (seq_epoch(seq) > s->epoch)
        org_state_begin_epoch(s, seq_epoch(seq));
    s->seq = seq;
    memcpy(s->chain, chain, CHAIN_SIZE);
    s->entries++;
}

void org_state_begin_epoch(struct org_state *s, uint32_t epoch)
{
    CHECK(epoch > s->epoch);
    for (size_t i = 0; i < s->numbers.count; i++)
        s->numbers.list[i].value += (int64_t)(epoch - s->epoch) * NUMBER_SKIP;
    s->epoch = epoch;
}

uint64_t org_state_entries(const struct org_state *s)
{
    return s->entries;
}

uint64_t org_state_rows(const struct org_state *s)
{
    return s->rows;
}

/* ---- digests ---- */
static bool digest_find(const struct org_state *s, uint32_t scope, enum field_class class, size_t *at)
{
    size_t low = 0, high = s->digest_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct digest_entry *d = &s->digests[middle];
        if (d->scope < scope || (d->scope == scope && d->class < class))
            low = middle + 1;
        else
            high = middle;
    }
    *at = low;
    return low < s->digest_count && s->digests[low].scope == scope && s->digests[low].class == class;
}

struct digest_sum *org_state_digest_slot(struct org_state *s, uint32_t scope, enum field_class class)
{
    size_t at;
    if (digest_find(s, scope, class, &at))
        return &s->digests[at].sum;
    struct digest_entry *grown = realloc(s->digests, (s->digest_count + 1) * sizeof *grown);
    CHECK(grown);
    s->digests = grown;
    memmove(grown + at + 1, grown + at, (s->digest_count - at) * sizeof *grown);
    grown[at] = (struct digest_entry){.scope = scope, .class = class};
    s->digest_count++;
    return &grown[at].sum;
}

static void digest_drop_empty(struct org_state *s, uint32_t scope, enum field_class class)
{
    size_t at;
    if (!digest_find(s, scope, class, &at) || !digest_equal(s->digests[at].sum, (struct digest_sum){{0, 0}}))
        return;
    memmove(s->digests + at, s->digests + at + 1, (s->digest_count - at - 1) * sizeof *s->digests);
    s->digest_count--;
}

struct digest_sum org_state_digest(const struct org_state *s, uint32_t scope, enum field_class class)
{
    size_t at;
    return digest_find(s, scope, class, &at) ? s->digests[at].sum : (struct digest_sum){{0, 0}};
}

bool org_state_digest_at(const struct org_state *s, size_t index, uint32_t *scope, enum field_class *class,
                         struct digest_sum *sum)
{
    if (index >= s->digest_count)
        return false;
    *scope = s->digests[index].scope;
    *class = s->digests[index].class;
    *sum = s->digests[index].sum;
    return true;
}

static void digest_side(struct org_state *s, const struct kind *k, struct id id, const struct row_side *side,
                        enum field_class class, bool add)
{
    const ProtobufCMessage *row = side->dead ? NULL : side->message;
    if (!side->exists)
        return;
    struct digest_sum share = digest_row(k, id, side->seq, row, class);
    if (digest_equal(share, (struct digest_sum){{0, 0}}))
        return;
    uint32_t scope = digest_scope(k, row);
    struct digest_sum *sum = org_state_digest_slot(s, scope, class);
    if (add)
        digest_add(sum, share);
    else
        digest_subtract(sum, share);
    if (!add)
        digest_drop_empty(s, scope, class);
}

/* ---- measures ---- */
/* What a row's two sides add and take away, netted: most changes leave most measures as they are. */
#define NET_MAX 32
struct net {
    struct org_state *state; /* it goes there; NULL: it is only counted */
    const struct org_state *counted;
    size_t measures; /* that there would be in counted */
    const struct kind *kind;
    size_t count;
    struct {
        char name[160];
        int64_t delta;
    } list[NET_MAX];
};

static void net_count(struct net *n, const char *name, int64_t delta)
{
    int64_t value = named_get(&n->counted->measures, name);
    if (value == 0)
        n->measures++;
    else if (value == -delta)
        n->measures--;
}

static void net_flush(struct net *n)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->list[i].delta != 0 && n->state)
            named_add(&n->state->measures, n->list[i].name, n->list[i].delta);
        else if (n->list[i].delta != 0)
            net_count(n, n->list[i].name, n->list[i].delta);
    n->count = 0;
}

static void net_put(struct net *n, const char *whole, size_t size, int64_t delta)
{
    for (size_t i = 0; i < n->count; i++)
        if (strcmp(n->list[i].name, whole) == 0) {
            n->list[i].delta += delta;
            return;
        }
    if (n->count == NET_MAX)
        net_flush(n);
    memcpy(n->list[n->count].name, whole, size + 1);
    n->list[n->count++].delta = delta;
}

static void net_emit(void *to, const char *name, int64_t delta)
{
    struct net *n = to;
    char whole[sizeof n->list[0].name];
    size_t before = strlen(n->kind->name), behind = strlen(name), size = before + 1 + behind;
    if (size >= sizeof whole)
        return; /* a name made from a value that no check has passed: counted by nobody */
    memcpy(whole, n->kind->name, before);
    whole[before] = '.';
    memcpy(whole + before + 1, name, behind + 1);
    net_put(n, whole, size, delta);
}

/* Of an account: a whole name. */
static void net_emit_whole(void *to, const char *name, int64_t delta)
{
    struct net *n = to;
    size_t size = strlen(name);
    if (size < sizeof n->list[0].name)
        net_put(n, name, size, delta);
}

static void measure_sides(struct net *n, const struct row_side *before, const struct row_side *after)
{
    const struct kind *k = n->kind;
    if (!k->measure)
        return;
    if (before->exists && !before->dead && before->message)
        k->measure(k, before->message, -1, net_emit, n);
    if (after->exists && !after->dead && after->message)
        k->measure(k, after->message, 1, net_emit, n);
    net_flush(n);
}

size_t org_state_measures(const struct org_state *s)
{
    return s->measures.count;
}

size_t org_state_measures_with(const struct org_state *s, const struct kind *k, struct row_side before,
                               struct row_side after)
{
    struct net n;
    n.state = NULL;
    n.counted = s;
    n.measures = s->measures.count;
    n.kind = k;
    n.count = 0;
    measure_sides(&n, &before, &after);
    return n.measures;
}

void org_state_row(struct org_state *s, const struct kind *k, struct id id, struct row_side before,
                   struct row_side after)
{
    for (int class = CLASS_OPEN; class <= CLASS_SENSITIVE; class ++) {
        digest_side(s, k, id, &after, (enum field_class) class, true);
        digest_side(s, k, id, &before, (enum field_class) class, false);
    }
    struct net n;
    n.state = s;
    n.kind = k;
    n.count = 0;
    measure_sides(&n, &before, &after);
    s->rows += after.exists;
    s->rows -= before.exists;
}

static void measure_account(struct net *n, const struct account *a, const struct account_rows *before, const struct account_rows *after)
{
    if (before->count > 0)
        a->measure(before, -1, net_emit_whole, n);
    if (after->count > 0)
        a->measure(after, 1, net_emit_whole, n);
    net_flush(n);
}

void org_state_account(struct org_state *s, const struct account *a, const struct account_rows *before, const struct account_rows *after)
{
    struct net n;
    n.state = s;
    n.count = 0;
    measure_account(&n, a, before, after);
}

size_t org_state_account_with(const struct org_state *s, const struct account *a, const struct account_rows *before,
                              const struct account_rows *after)
{
    struct net n;
    n.state = NULL;
    n.counted = s;
    n.measures = s->measures.count;
    n.count = 0;
    measure_account(&n, a, before, after);
    return n.measures;
}

bool org_state_measure_at(const struct org_state *s, size_t index, const char **name, int64_t *value)
{
    if (index >= s->measures.count)
        return false;
    *name = s->measures.list[index].name;
    *value = s->measures.list[index].value;
    return true;
}

bool org_state_number_at(const struct org_state *s, size_t index, const char **name, int64_t *value)
{
    if (index >= s->numbers.count)
        return false;
    *name = s->numbers.list[index].name;
    *value = s->numbers.list[index].value;
    return true;
}

int64_t org_state_measure(const struct org_state *s, const char *name)
{
    return named_get(&s->measures, name);
}

/* A counter that was never used starts behind what a lost path may have given. */
int64_t org_state_number(struct org_state *s, const char *counter)
{
    int64_t last = named_get(&s->numbers, counter), floor = s->epoch > 1 ? (int64_t)(s->epoch - 1) * NUMBER_SKIP : 0;
    named_add(&s->numbers, counter, last ? 1 : floor + 1);
    return named_get(&s->numbers, counter);
}

void org_state_number_seen(struct org_state *s, const char *counter, int64_t number)
{
    int64_t last = named_get(&s->numbers, counter);
    if (number > last)
        named_add(&s->numbers, counter, number - last);
}
