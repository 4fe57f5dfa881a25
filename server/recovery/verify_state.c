/* An org's packed row against what its log makes: counters, chain head, digests, measures, and the numbers that it
 * gave. */
#include "server/recovery/verify_parts.h"

#include "base/tr.h"

#include <stdio.h>
#include <string.h>

static void write_hex(const uint8_t bytes[16], char out[33])
{
    for (int i = 0; i < 16; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static void compare_digest(struct verify *v, const struct org_state *made, const struct org_state *kept, uint32_t scope,
                           enum field_class class)
{
    uint8_t bytes[2][16];
    char text[2][33];
    const struct org_state *of[] = {kept, made};
    if (digest_equal(org_state_digest(made, scope, class), org_state_digest(kept, scope, class)))
        return;
    for (int s = 0; s < 2; s++) {
        digest_bytes(org_state_digest(of[s], scope, class), bytes[s]);
        write_hex(bytes[s], text[s]);
    }
    uint32_t kind = scope >> 16 ? scope & 0xffff : scope;
    const char *name = verify_kind(kind);
    verify_find(v, "state", &(struct verify_about){.name = name, .stored = text[0], .expected = text[1]},
                class == CLASS_OPEN ? _("the digest of %s (open fields) is %s, the records make %s")
                                    : _("the digest of %s (sensitive fields) is %s, the records make %s"),
                verify_kind_words(kind), text[0], text[1]);
}

/* Everything that either side names. */
static void compare_digests(struct verify *v, const struct org_state *made, const struct org_state *kept)
{
    uint32_t scope;
    enum field_class class;
    struct digest_sum sum;
    static const struct digest_sum none = {{0, 0}};
    for (size_t i = 0; org_state_digest_at(made, i, &scope, &class, &sum); i++)
        compare_digest(v, made, kept, scope, class);
    for (size_t i = 0; org_state_digest_at(kept, i, &scope, &class, &sum); i++)
        if (digest_equal(org_state_digest(made, scope, class), none))
            compare_digest(v, made, kept, scope, class);
}

static void tell_measure(struct verify *v, const char *what, const char *name, int64_t kept, int64_t made)
{
    char text[2][24];
    bool measure = strcmp(what, "measure") == 0;
    snprintf(text[0], sizeof text[0], "%lld", (long long)kept);
    snprintf(text[1], sizeof text[1], "%lld", (long long)made);
    verify_find(v, what, &(struct verify_about){.name = name, .stored = text[0], .expected = text[1]},
                measure ? _("the measure %s is %s, the records make %s")
                        : _("the last number of %s is %s, history gave %s"),
                measure ? verify_measure_words(name, &v->arena) : verify_number_words(name), text[0], text[1]);
}

static void compare_measures(struct verify *v, const struct org_state *made, const struct org_state *kept)
{
    const char *name;
    int64_t value;
    for (size_t i = 0; org_state_measure_at(made, i, &name, &value); i++)
        if (org_state_measure(kept, name) != value)
            tell_measure(v, "measure", name, org_state_measure(kept, name), value);
    for (size_t i = 0; org_state_measure_at(kept, i, &name, &value); i++)
        if (org_state_measure(made, name) == 0)
            tell_measure(v, "measure", name, value, 0);
}

static int64_t number_of(const struct org_state *s, const char *counter)
{
    const char *name;
    int64_t value;
    for (size_t i = 0; org_state_number_at(s, i, &name, &value); i++)
        if (strcmp(name, counter) == 0)
            return value;
    return 0;
}

/* Where entries came back without content, numbers in them are not known: the counter may stand higher. */
static void compare_numbers(struct verify *v, const struct org_state *made, const struct org_state *kept)
{
    const char *name;
    int64_t value;
    for (size_t i = 0; org_state_number_at(made, i, &name, &value); i++)
        if (number_of(kept, name) < value)
            tell_measure(v, "state", name, number_of(kept, name), value);
    for (size_t i = 0; !v->org_stripped && org_state_number_at(kept, i, &name, &value); i++)
        if (number_of(made, name) < value)
            tell_measure(v, "state", name, value, number_of(made, name));
}

static void compare_counts(struct verify *v, const struct org_state *made, const struct org_state *kept)
{
    if (org_state_seq(kept) != org_state_seq(made))
        verify_find(v, "state", &(struct verify_about){.seq = org_state_seq(made),
                                              .history_lost = org_state_seq(kept) > org_state_seq(made)},
                    _("the last entry is said to be %llu, history ends at %llu"),
                    (unsigned long long)org_state_seq(kept), (unsigned long long)org_state_seq(made));
    else if (memcmp(org_state_chain(kept), org_state_chain(made), CHAIN_SIZE) != 0)
        verify_find(v, "chain", &(struct verify_about){.seq = org_state_seq(made)},
                    _("the chain hash kept is not that of the last entry, %llu"),
                    (unsigned long long)org_state_seq(made));
    if (org_state_rows(kept) != org_state_rows(made))
        verify_find(v, "state", NULL, _("%llu rows counted, history makes %llu"),
                    (unsigned long long)org_state_rows(kept), (unsigned long long)org_state_rows(made));
    if (org_state_entries(kept) != org_state_entries(made))
        verify_find(v, "state", NULL, _("%llu entries counted, history has %llu"),
                    (unsigned long long)org_state_entries(kept), (unsigned long long)org_state_entries(made));
}

enum err verify_state(struct verify *v, const struct fold *fold)
{
    struct org_state *kept;
    enum err e = store_load_org(v->store, v->org, 1, &kept);
    if (e == ERR_CORRUPT) {
        verify_find(v, "state", NULL, _("its counts, sums and head can't be read"));
        return ERR_OK;
    }
    if (e != ERR_OK)
        return e;
    if (seq_epoch(org_state_next(kept)) > seq_epoch(org_state_next(fold->state)))
        org_state_begin_epoch(
            fold->state, seq_epoch(org_state_next(kept))); /* it has no entry of it yet; numbers skip all the same */
    compare_counts(v, fold->state, kept);
    compare_digests(v, fold->state, kept);
    compare_measures(v, fold->state, kept);
    compare_numbers(v, fold->state, kept);
    org_state_destroy(kept);
    return ERR_OK;
}
