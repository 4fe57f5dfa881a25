/* An entry that is handed back and believed (writer_hand_back.c) goes into log, rows and runs as it was (rule 25), or fills what the copy that is
 * here lacks. Nothing is decided; what it brings of an erased person is erased (rule 29). */
#include "server/writer/writer_hand_back.h"

#include "base/log.h"
#include "server/store/store_control.h"
#include "sync/accept.h"
#include "sync/chain.h"
#include "sync/derived_id.h"
#include "wire/wire.h"

#include <string.h>

#define FOLLOWED_MAX 64u /* erasures that one HAND_BACK may bring: each reads control data anew */

/* The record that the line stands for: the change's; of a stripped entry what its first effect names. */
static void name_record(const struct entry *e, struct arena *arena, struct store_entry *line)
{
    struct change change;
    struct effects effects;
    if (e->change.size && change_open(e->change, arena, &change) == ERR_OK) {
        line->kind = change.kind_number;
        line->record = change.id;
    } else if (e->effects.size && effects_open(e->effects, arena, &effects) == ERR_OK && effects.count) {
        line->kind = effects.list[0].kind_number;
        line->record = effects.list[0].id;
    }
}

/* The author's incarnation, where the entry tells; its parent comes with its next push. */
enum err hand_back_author(struct step *st, const struct entry *e, struct known_incarnation **out)
{
    struct known_seat *seat;
    *out = NULL;
    if (e->identity.n == 0)
        return ERR_OK;
    enum err failed = cache_seat(st->cache, e->identity.seat, &seat);
    if (failed != ERR_OK)
        return failed;
    *out = cache_incarnation(seat, e->identity.incarnation);
    if (!*out) /* its first entry here */
        failed = control_explain_seat(st->control, e->identity.seat, st->now_ms);
    if (failed != ERR_OK)
        return failed;
    struct store_incarnation about = {.seat = e->identity.seat, .incarnation = e->identity.incarnation};
    return *out ? ERR_OK : cache_put_incarnation(st->cache, seat, &about, out);
}

static enum err load_rows(struct step *st, uint32_t org, const struct entry *e)
{
    struct scratch_keys missing = {.count = 0};
    for (;;) {
        accept_keys(e, org, st->scratch, &st->arena, &missing);
        if (missing.count == 0)
            return ERR_OK;
        enum err failed = step_load(st, &missing);
        if (failed != ERR_OK)
            return failed;
    }
}

/* By what it was: what was erased from a change is of its identity still. */
static enum err note_taken(struct hand_back *h, struct store_entry line)
{
    line.entry.change = h->made;
    return cache_note_taken(h->st->cache, &line);
}

/* Of a stripped entry the chain does not cover what it says: it is believed where the record's id says the same. */
static bool is_sure(const struct hand_back *h, const struct effect *e)
{
    struct id made;
    return h->whole || (derived_id(e->kind, h->org, e->patch, &made) && id_equal(made, e->id));
}

static bool is_of_this_org(const struct hand_back *h, const struct effect *e)
{
    const struct scratch_row *row = scratch_look(h->st->scratch, e->kind_number, e->id);
    return row && (row->seq == 0 || row->org == h->org);
}

/* Of a proven entry alone, its rows loaded: an erasure is for good. ERR_FULL: this hand-back has brought as many as may be. */
static enum err follow_persons(struct hand_back *h, const struct entry *e)
{
    struct effects effects;
    struct erased_fields all, before;
    struct erasures known = control_erasures(h->st->control);
    enum err failed = control_erases_anything(h->st->control) ? effects_open(e->effects, &h->st->arena, &effects) : ERR_NOT_FOUND;
    for (size_t i = 0; failed == ERR_OK && i < effects.count; i++) {
        const struct effect *x = &effects.list[i];
        if (!x->kind || !erase_follows(&known, x->kind, x->patch, &h->st->arena, &all) || known.find(known.to, x->kind_number, x->id, &before))
            continue;
        if (!h->less && !erase_is_same(&known, x->kind, x->patch))
            continue; /* it is about the person, and says nothing that has to go */
        if (!is_sure(h, x) || !is_of_this_org(h, x))
            continue;
        struct followed record = {.org = h->org, .kind = x->kind_number, .id = x->id, .fields = all};
        failed = h->followed++ < FOLLOWED_MAX ? follow_now(h->st, &record) : ERR_FULL;
    }
    return failed == ERR_NOT_FOUND ? ERR_OK : failed;
}

enum err hand_back_append(struct hand_back *h, const struct entry *e, struct known_incarnation *author)
{
    struct step *st = h->st;
    struct store_entry line = {.org = h->org, .entry = *e, .incarnation_row = author ? author->about.row : 0};
    enum err failed = load_rows(st, h->org, e);
    if (failed == ERR_OK)
        failed = follow_persons(h, e);
    if (failed == ERR_OK)
        failed = accept_verbatim(e, h->org, st->scratch, h->log->state, &st->arena);
    if (failed != ERR_OK)
        return failed == ERR_WIRE || failed == ERR_CHAIN ? ERR_BUG : failed; /* looked at before */
    name_record(e, &st->arena, &line);
    cache_touch(st->cache, h->log);
    failed = store_put_entry(st->store, &line);
    if (failed == ERR_OK)
        failed = note_taken(h, line);
    if (failed == ERR_OK && author)
        cache_processed(author, e->identity.n);
    st->changes++;
    return failed;
}

static bool is_fuller(const struct entry *mine, const struct entry *theirs)
{
    if (!mine->stripped)
        return false;
    return !theirs->stripped || theirs->effects.size > mine->effects.size || (mine->identity.n == 0 && theirs->identity.n > 0);
}

void hand_back_count(struct hand_back *h, const struct entry *e)
{
    bool of_other = e->identity.n == 0 || e->identity.seat != h->seat;
    h->of_others += of_other;
    h->stripped += of_other && e->stripped;
}

/* An entry that the server has: a fuller copy fills what a stripped one left out. */
enum err hand_back_fill(struct hand_back *h, const struct entry *e)
{
    struct entry mine;
    struct known_incarnation *author;
    uint8_t before[CHAIN_SIZE];
    struct step *st = h->st;
    enum err failed = store_read_entry(st->store, h->org, e->seq, &st->arena, &mine);
    if (failed == ERR_NOT_FOUND || (failed == ERR_OK && !is_fuller(&mine, e)))
        return ERR_OK;
    if (failed == ERR_OK)
        failed = store_read_chain_before(st->store, h->org, e->seq, before);
    if (failed != ERR_OK)
        return failed;
    if (memcmp(mine.chain, e->chain, CHAIN_SIZE) != 0 || !entry_follows(e, before))
        return ERR_OK; /* of another path */
    failed = hand_back_author(st, e, &author);
    if (failed != ERR_OK)
        return failed;
    struct store_entry line = {.org = h->org, .entry = *e, .incarnation_row = author ? author->about.row : 0};
    hand_back_count(h, e);
    name_record(e, &st->arena, &line);
    failed = load_rows(st, h->org, e);
    if (failed == ERR_OK)
        failed = follow_persons(h, e);
    if (failed == ERR_FULL)
        return ERR_OK; /* it stays as it is */
    if (failed == ERR_OK)
        failed = fill_rows_from(st, e, h->org, h->log->state);
    if (failed == ERR_OK)
        failed = store_fill_entry(st->store, &line);
    if (failed == ERR_OK)
        failed = note_taken(h, line);
    if (failed == ERR_OK && author)
        cache_processed(author, e->identity.n);
    cache_touch(st->cache, h->log);
    st->changes++;
    return failed;
}
