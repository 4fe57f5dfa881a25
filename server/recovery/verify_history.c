/* An org's log line by line: does each entry follow the one before it, and do the columns beside it say what it says.
 * The first broken link ends the walk: what comes behind it can't be told. Which of a line's parts is another one is
 * told as far as the line after it, or the org's own head, still knows. */
#include "server/recovery/verify_parts.h"

#include "base/tr.h"

#include <stdlib.h>
#include <string.h>

struct walk {
    struct verify *v;
    uint64_t seq;              /* of the last line that followed */
    uint8_t chain[CHAIN_SIZE]; /* there */
    uint8_t head[CHAIN_SIZE];  /* of the org, as kept; zeros: not known */
    uint32_t epoch;            /* that the org is in */
    bool recovering;
};

/* "1099511627781 (the 5th of epoch 1, received 2026-10-12T01:02:03Z by seat 3)"; in the arena. */
static const char *entry_words(struct walk *w, const struct entry *e)
{
    char at[TIME_TEXT_SIZE] = "?";
    if (e->identity.n)
        time_text(e->received_ms, at);
    const char *words = arena_format(&w->v->arena, _("entry %llu (number %llu of epoch %u, received %s, seat %u)"),
                                     (unsigned long long)e->seq, (unsigned long long)seq_counter(e->seq),
                                     seq_epoch(e->seq), at, e->identity.seat);
    CHECK(words);
    return words;
}

static uint64_t missing_before(const struct walk *w, uint64_t seq)
{
    uint64_t first = seq_epoch(seq) == seq_epoch(w->seq) ? seq_counter(w->seq) + 1 : 1;
    return seq_counter(seq) > first ? seq_counter(seq) - first : 0;
}

/* Does what comes after the line go on from that chain hash? False if nothing comes. */
static enum err goes_on(struct walk *w, uint64_t seq, const uint8_t chain[CHAIN_SIZE], bool *out)
{
    struct store_line next;
    uint64_t at;
    enum err e = store_read_line(w->v->store, w->v->org, seq, &w->v->arena, &at, &next);
    *out =
        e == ERR_OK ? entry_follows(&next.entry, chain) : e == ERR_NOT_FOUND && memcmp(w->head, chain, CHAIN_SIZE) == 0;
    return e == ERR_NOT_FOUND || e == ERR_CORRUPT ? ERR_OK : e;
}

static bool bears_its_hash(const struct entry *e)
{
    uint8_t hash[HASH_SIZE];
    change_hash(e->change, hash);
    return memcmp(hash, e->identity.hash, HASH_SIZE) == 0;
}

/* Which part of a line that does not follow is another one than it was. */
static enum err tell_broken(struct walk *w, const struct entry *e)
{
    struct verify_about about = {.seq = e->seq};
    const char *words = entry_words(w, e);
    uint64_t missing = missing_before(w, e->seq);
    struct entry sealed = *e;
    bool stored = false, worked_out = false;
    if (missing) {
        verify_find(w->v, "chain", &about,
                    _("%s does not follow the one before it: %llu entries after entry %llu are missing"), words,
                    (unsigned long long)missing, (unsigned long long)w->seq);
        return ERR_OK;
    }
    enum err failed = goes_on(w, e->seq, e->chain, &stored);
    if (failed == ERR_OK && !e->stripped) {
        entry_seal(&sealed, w->chain);
        failed = goes_on(w, e->seq, sealed.chain, &worked_out);
    }
    if (failed != ERR_OK)
        return failed;
    if (worked_out)
        verify_find(w->v, "chain", &about,
                    _("%s does not follow the one before it: its chain hash is not the one that the log goes on from"),
                    words);
    else if (!e->stripped && !bears_its_hash(e))
        verify_find(w->v, "chain", &about,
                    _("%s does not follow the one before it: the change in it, or the change's hash, is another one"),
                    words);
    else if (stored)
        verify_find(w->v, "chain", &about,
                    _("%s does not follow the one before it: its content (effects, salt, author, verdict or time) is "
                      "another one, the log goes on from its chain hash"),
                    words);
    else
        verify_find(w->v, "chain", &about,
                    _("%s does not follow the one before it, and the log does not go on from it"), words);
    return ERR_OK;
}

/* ---- a line that follows ---- */

/* What the entry is about, as the columns have it: the change's record; of one that came stripped what its first effect
 * names. */
static bool names_record(const struct entry *e, struct arena *arena, uint32_t *kind, struct id *record)
{
    struct change change;
    struct effects effects;
    *kind = 0;
    *record = (struct id){{0}};
    if (e->change.size && change_open(e->change, arena, &change) == ERR_OK) {
        *kind = change.kind_number;
        *record = change.id;
    } else if (e->effects.size && effects_open(e->effects, arena, &effects) == ERR_OK && effects.count) {
        *kind = effects.list[0].kind_number;
        *record = effects.list[0].id;
    } else if (e->effects.size) {
        return false; /* can't be opened: the fold says so */
    }
    return true;
}

/* Does an erasure name the record, or one that it points to (whose person it is about), or another one of the same person. */
static bool is_erased(const struct erasures *known, const struct kind *k, struct id id, const ProtobufCMessage *patch, struct arena *arena)
{
    struct erased_fields fields;
    if (!k)
        return false;
    if (k->number == KIND_CONFLICT || known->find(known->to, k->number, id, &fields))
        return true;
    if (patch && erase_follows(known, k, patch, arena, &fields))
        return true;
    for (size_t i = 0; patch && i < k->field_count; i++) {
        struct cell value = record_get_name(patch, k->fields[i].name);
        if (k->fields[i].type == FIELD_REFERENCE && value.type == CELL_BYTES && value.bytes.size == ID_SIZE &&
            known->find(known->to, k->fields[i].reference, id_from(value.bytes), &fields))
            return true;
    }
    return false;
}

static bool erased_by_law(struct verify *v, const struct entry *e)
{
    struct erasures known = control_erasures(v->control);
    struct change change;
    struct effects effects;
    bool erased = false;
    if (!control_erases_anything(v->control))
        return false;
    if (e->change.size && change_open(e->change, &v->arena, &change) == ERR_OK)
        erased = is_erased(&known, change.kind, change.id, change.patch, &v->arena);
    if (effects_open(e->effects, &v->arena, &effects) != ERR_OK)
        return erased;
    for (size_t i = 0; i < effects.count; i++)
        erased |= is_erased(&known, effects.list[i].kind, effects.list[i].id, effects.list[i].patch, &v->arena);
    return erased;
}

/* A whole entry is what the server wrote. One without its content lost it by law, or came back so after a loss: then its epoch has
 * ended since. */
static void check_stripped(struct walk *w, const struct entry *e, bool erased)
{
    if (!e->stripped)
        return;
    w->v->org_stripped++;
    if (!w->recovering && seq_epoch(e->seq) >= w->epoch && !erased)
        verify_find(w->v, "entry", &(struct verify_about){.seq = e->seq},
                    _("%s has no content of its own that its hash vouches for, though nothing was restored or erased since"),
                    entry_words(w, e));
}

#define STRIPPED 0u /* in place of the seat of a key */

static enum err keep_taken(struct verify *v, struct store_taken key, uint64_t seq)
{
    key.org = v->org;
    key.seq = seq;
    struct store_taken *list = arena_grow(&v->kept, v->taken, v->taken_count, &v->taken_capacity, sizeof *list);
    if (!list)
        return ERR_MEMORY;
    v->taken = list;
    v->taken[v->taken_count++] = key;
    return ERR_OK;
}

/* Of what was erased from a change the hash that it had can't be told: any line may be right that leads to such an entry. */
static enum err note_taken(struct verify *v, const struct entry *e, bool erased)
{
    struct store_taken key = {.seat = STRIPPED};
    if (e->stripped || erased)
        return keep_taken(v, key, e->seq);
    enum err failed = store_taken_key(e, &v->arena, &key);
    if (failed != ERR_OK)
        return failed == ERR_NOT_FOUND ? ERR_OK : failed;
    return keep_taken(v, key, e->seq);
}

static enum err check_line(struct walk *w, const struct store_line *line)
{
    const struct entry *e = &line->entry;
    struct verify_about about = {.seq = e->seq};
    uint32_t kind;
    struct id record;
    bool erased = erased_by_law(w->v, e);
    check_stripped(w, e, erased);
    if (!e->stripped && !erased && !bears_its_hash(e)) /* what came after it was erased keeps its hash, too */
        verify_find(w->v, "entry", &about, _("%s: the hash of the change is not that of the change in it"),
                    entry_words(w, e));
    if (names_record(e, &w->v->arena, &kind, &record) && (kind != line->kind || !id_equal(record, line->record)))
        verify_find(w->v, "entry", &about, _("%s is filed under another record than it is about"), entry_words(w, e));
    if (e->identity.n && line->incarnation_seat != e->identity.seat)
        verify_find(w->v, "entry", &about, _("%s: the device that it came from is said to be seat %u's"),
                    entry_words(w, e), line->incarnation_seat);
    return note_taken(w->v, e, erased);
}

static enum err begin(struct walk *w)
{
    struct org_state *kept;
    enum err e = store_load_org(w->v->store, w->v->org, 1, &kept);
    w->recovering = store_recovering(w->v->store, w->v->org);
    if (e != ERR_OK)
        return e == ERR_CORRUPT ? ERR_OK : e; /* verify_state says so */
    memcpy(w->head, org_state_chain(kept), CHAIN_SIZE);
    w->epoch = seq_epoch(org_state_next(kept));
    org_state_destroy(kept);
    return ERR_OK;
}

enum err verify_history(struct verify *v, bool *whole)
{
    struct walk w = {.v = v};
    enum err e = begin(&w);
    v->org_stripped = 0;
    *whole = true;
    while (e == ERR_OK && *whole) {
        struct store_line line;
        uint64_t seq;
        arena_reset(&v->arena);
        e = store_read_line(v->store, v->org, w.seq, &v->arena, &seq, &line);
        if (e == ERR_CORRUPT) {
            verify_find(v, "chain", &(struct verify_about){.seq = seq}, _("entry %llu can't be read"),
                        (unsigned long long)seq);
            *whole = false;
            e = ERR_OK;
        } else if (e == ERR_OK && (missing_before(&w, seq) || !entry_follows(&line.entry, w.chain))) {
            e = tell_broken(&w, &line.entry);
            *whole = false;
        } else if (e == ERR_OK) {
            e = check_line(&w, &line);
            memcpy(w.chain, line.entry.chain, CHAIN_SIZE);
            w.seq = seq;
        }
    }
    v->report->stripped += v->org_stripped;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* ---- changes taken in ---- */

static int compare_keys(const struct store_taken *a, const struct store_taken *b)
{
    int hash = memcmp(a->hash, b->hash, HASH_SIZE);
    if (a->seat != b->seat)
        return a->seat < b->seat ? -1 : 1;
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    return hash;
}

static int compare_taken(const void *x, const void *y)
{
    const struct store_taken *a = x, *b = y;
    int keys = compare_keys(a, b);
    if (keys != 0 || (a->org == b->org && a->seq == b->seq))
        return keys;
    return a->org != b->org ? (a->org < b->org ? -1 : 1) : a->seq < b->seq ? -1 : 1;
}

static bool says(const struct store_taken *list, size_t count, const struct store_taken *key)
{
    for (size_t low = 0, high = count; low < high;) {
        size_t middle = (low + high) / 2;
        int order = compare_taken(&list[middle], key);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Of the entries with one key the log's first is noted (store_taken.h). */
enum err verify_taken(struct verify *v)
{
    struct store_taken *kept;
    size_t count;
    arena_reset(&v->arena);
    enum err e = store_read_taken(v->store, &v->arena, &kept, &count);
    if (e != ERR_OK)
        return e;
    if (v->taken_count)
        qsort(v->taken, v->taken_count, sizeof *v->taken, compare_taken);
    if (count)
        qsort(kept, count, sizeof *kept, compare_taken);
    for (size_t i = 0; i < v->taken_count; i++) {
        const struct store_taken *t = &v->taken[i];
        bool first = i == 0 || compare_keys(t, t - 1) != 0;
        v->org = t->org;
        if (first && t->seat != STRIPPED && !says(kept, count, t))
            verify_find(
                v, "taken", &(struct verify_about){.seq = t->seq},
                _("change %llu of seat %u was taken in by entry %llu, and nothing says so: it could count twice"),
                (unsigned long long)t->n, t->seat, (unsigned long long)t->seq);
    }
    for (size_t i = 0; i < count; i++) {
        struct store_taken stripped = {.org = kept[i].org, .seq = kept[i].seq};
        v->org = kept[i].org;
        if (!says(v->taken, v->taken_count, &stripped) && !says(v->taken, v->taken_count, &kept[i]))
            verify_find(v, "taken", &(struct verify_about){.seq = kept[i].seq},
                        _("change %llu of seat %u is said to be taken in by entry %llu, which does not take it in"),
                        (unsigned long long)kept[i].n, kept[i].seat, (unsigned long long)kept[i].seq);
    }
    v->org = 0;
    return ERR_OK;
}
