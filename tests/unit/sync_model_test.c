/* The ladder against a second telling of rules 8 to 16: a small model with numbers for values, written from sync.md and
 * sync_model, that shares no code with common/sync. Seeded; a step that differs prints its seed. */
#include "tests/unit/help_sync.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void tally_add(const char *verdict);

/* ---- the model ---- */
enum { F_NAME, F_SEX, F_POST, F_WORK, F_CAMPUS, F_JOINED, F_STATE, F_NOTE, FIELDS }; /* by tag */
static const char *const names[FIELDS] = {"name",   "sex",       "post",  "work_start_on",
                                          "campus", "joined_on", "state", "note"};
static const char *const states[] = {"", "draft", "submitted", "approved"};
#define RECORDS 3
#define CONFLICTS 400

struct by {
    uint64_t seq;
    int seat, incarnation;
    uint64_t n;
}; /* seq 0: nobody */
struct m_row {
    bool known, dead;
    int number;
    int value[FIELDS];
    struct by by[FIELDS];
    struct by made_by /* its number */, removed_by;
    int before[FIELDS];
};
struct m_conflict {
    int record, field, incarnation; /* field -1: removed */
    uint64_t base, theirs_at;
    bool open;
    int mine[FIELDS], theirs[FIELDS]; /* -1: not named, 0: empty */
    struct by by;
    int theirs_seat;
    int before[FIELDS], before_number;
};
struct m_change {
    int seat, incarnation;
    uint64_t n, base;
    int record;
    enum op op;
    int value[FIELDS]; /* -1: not named */
    int to;
};
static struct {
    struct m_row rows[RECORDS];
    struct m_conflict conflicts[CONFLICTS];
    int conflict_count, numbers;
    int parent[64];
    uint64_t fork_n[64];
    uint64_t seq;
} m;

static bool m_own(const struct m_change *c, struct by s)
{
    int mine = c->incarnation;
    if (s.seat != c->seat)
        return false;
    while (mine != s.incarnation) {
        if (m.parent[mine] < 0)
            return false;
        if (m.parent[mine] == s.incarnation)
            return s.n < m.fork_n[mine];
        mine = m.parent[mine];
    }
    return true;
}
static bool m_new(const struct m_change *c, uint64_t base, struct by s)
{
    return s.seq > base && !m_own(c, s);
}
static bool m_later(const struct m_change *c, uint64_t base, struct by s)
{
    return s.seq > base && s.seat == c->seat && s.incarnation == c->incarnation && s.n > c->n;
}
static bool together(int a, int b)
{
    return a == b || ((a == F_POST || a == F_WORK) && (b == F_POST || b == F_WORK));
}
static struct by m_me(const struct m_change *c)
{
    return (struct by){m.seq, c->seat, c->incarnation, c->n};
}

static struct m_conflict *m_conflict_new(const struct m_change *c, int field)
{
    struct m_conflict *x = &m.conflicts[m.conflict_count++];
    assert_true(m.conflict_count <= CONFLICTS);
    *x = (struct m_conflict){
        .record = c->record, .field = field, .incarnation = c->incarnation, .base = c->base, .open = true};
    for (int f = 0; f < FIELDS; f++)
        x->mine[f] = x->theirs[f] = x->before[f] = -1;
    return x;
}

static void m_fill(struct m_conflict *x, const struct m_change *c, const bool *of)
{
    const struct m_row *r = &m.rows[c->record];
    x->by = m_me(c);
    for (int f = 0; f < FIELDS; f++)
        if (of[f])
            x->mine[f] = c->value[f];
    for (int f = 0; f < FIELDS && !r->dead; f++)
        x->theirs[f] = x->mine[f] >= 0 ? r->value[f] : -1;
}

/* A clash of field f (of its pair): into the open conflict of the same device and base, unless what stands there is
 * later. */
static void m_clash(const struct m_change *c, int f, const bool *foreign)
{
    struct m_row *r = &m.rows[c->record];
    struct m_conflict *x = NULL;
    int name = f == F_WORK ? F_POST : f;
    bool of[FIELDS] = {false};
    for (int i = 0; i < m.conflict_count && !x; i++) {
        struct m_conflict *y = &m.conflicts[i];
        if (y->open && y->record == c->record && y->field == name && y->incarnation == c->incarnation &&
            y->base == c->base && y->by.n < c->n)
            x = y;
    }
    if (x)
        tally_add("replaced");
    else
        x = m_conflict_new(c, name);
    for (int g = 0; g < FIELDS; g++)
        of[g] = together(f, g) && c->value[g] >= 0;
    m_fill(x, c, of);
    x->theirs_at = 0;
    for (int g = 0; g < FIELDS; g++)
        if (together(f, g) && foreign[g]) {
            x->theirs[g] = r->value[g];
            if (r->by[g].seq > x->theirs_at) {
                x->theirs_at = r->by[g].seq;
                x->theirs_seat = r->by[g].seat;
            }
        }
}

static const char *m_set_dead(const struct m_change *c)
{
    struct m_row *r = &m.rows[c->record];
    struct m_conflict *x = NULL;
    bool of[FIELDS], any = false;
    for (int f = 0; f < FIELDS; f++)
        any |= of[f] = c->value[f] >= 0;
    if (!any)
        return "APPLIED without effect";
    for (int i = 0; i < m.conflict_count && !x; i++) {
        struct m_conflict *y = &m.conflicts[i];
        bool holds = false;
        for (int f = 0; f < FIELDS; f++)
            holds |= of[f] && y->mine[f] >= 0;
        if (y->open && y->record == c->record && y->field == -1 && y->incarnation == c->incarnation && !holds)
            x = y;
    }
    if (x) {
        tally_add("collected");
    } else {
        x = m_conflict_new(c, -1);
        memcpy(x->before, r->before, sizeof x->before);
        x->before_number = r->number;
    }
    m_fill(x, c, of);
    x->theirs_seat = r->removed_by.seat;
    return "CONFLICT";
}

static const char *m_set(const struct m_change *c, uint64_t base, bool in_group)
{
    struct m_row *r = &m.rows[c->record];
    bool foreign[FIELDS], later[FIELDS], told[FIELDS] = {false};
    int applies = 0, clashes = 0, left = 0, fate[FIELDS] = {0}; /* 1 applies 2 left 3 clashes */
    bool merged = m_new(c, base, r->made_by) && r->made_by.seat != c->seat;
    if (r->dead)
        return m_set_dead(c);
    for (int f = 0; f < FIELDS; f++) {
        foreign[f] = m_new(c, base, r->by[f]);
        later[f] = m_later(c, base, r->by[f]);
    }
    for (int f = 0; f < FIELDS; f++) {
        bool any_foreign = false, any_later = false;
        if (c->value[f] < 0 || c->value[f] == r->value[f])
            continue;
        for (int g = 0; g < FIELDS; g++) {
            any_foreign |= together(f, g) && foreign[g];
            any_later |= together(f, g) && later[g];
        }
        fate[f] = any_foreign ? 3 : any_later ? 2 : 1;
        applies += fate[f] == 1;
        left += fate[f] == 2;
        if (fate[f] == 2)
            tally_add("left");
        clashes += fate[f] == 3;
    }
    if (in_group && left)
        return "REFUSED CHANGED_SINCE";
    if (!applies && !clashes)
        return "APPLIED without effect";
    if (r->value[F_STATE] == 3)
        return "REFUSED NOT_EDITABLE approved";
    if (fate[F_NAME] == 1 && c->value[F_NAME] == 0)
        return "REFUSED REQUIRED name";
    for (int f = 0; f < FIELDS; f++)
        merged |= c->value[f] < 0 && foreign[f] && r->by[f].seat != c->seat;
    for (int f = 0; f < FIELDS; f++)
        if (fate[f] == 1) {
            r->value[f] = c->value[f];
            r->by[f] = m_me(c);
        }
    for (int f = 0; f < FIELDS; f++)
        if (fate[f] == 3 && !told[f]) {
            m_clash(c, f, foreign);
            for (int g = 0; g < FIELDS; g++)
                told[g] |= together(f, g);
        }
    return clashes ? "CONFLICT" : merged ? "MERGED" : "APPLIED";
}

static const char *m_create(const struct m_change *c)
{
    struct m_row *r = &m.rows[c->record];
    bool same = true;
    if (r->dead)
        return "REFUSED DELETED";
    for (int f = 0; f < FIELDS && r->known; f++)
        same &= c->value[f] < 0 || c->value[f] == r->value[f];
    if (r->known)
        return same ? "APPLIED without effect" : m_set(c, 0, false);
    *r = (struct m_row){.known = true, .number = ++m.numbers, .made_by = m_me(c)};
    for (int f = 0; f < FIELDS; f++)
        if (c->value[f] > 0 || f == F_STATE) {
            r->value[f] = f == F_STATE ? 1 : c->value[f];
            r->by[f] = m_me(c);
        }
    return "APPLIED";
}

static const char *m_act(const struct m_change *c)
{
    static const int from[4][4] = {{0}, {0, 0, 1, 1}, {0, 1, 0, 0}, {0, 0, 1, 0}}; /* from[to][state] */
    struct m_row *r = &m.rows[c->record];
    bool equal = true;
    if (r->dead)
        return "REFUSED STATE_MOVED state removed";
    for (int f = 0; f < FIELDS; f++)
        equal &= c->value[f] < 0 || c->value[f] == r->value[f];
    if (r->value[F_STATE] == c->to && equal)
        return "APPLIED without effect";
    if (!from[c->to][r->value[F_STATE]])
        return "REFUSED STATE_MOVED state";
    for (int f = 0; f < FIELDS; f++)
        if (c->value[f] >= 0 && c->value[f] != r->value[f] && m_new(c, c->base, r->by[f]))
            return "REFUSED CHANGED_SINCE";
    for (int f = 0; f < FIELDS; f++)
        if (c->value[f] >= 0 || f == F_STATE) {
            r->value[f] = f == F_STATE ? c->to : c->value[f];
            r->by[f] = m_me(c);
        }
    return "APPLIED";
}

static const char *m_remove(const struct m_change *c)
{
    struct m_row *r = &m.rows[c->record];
    if (r->dead)
        return "APPLIED without effect";
    if (m_new(c, c->base, r->made_by) || m_later(c, c->base, r->made_by))
        return "REFUSED CHANGED_SINCE";
    for (int f = 0; f < FIELDS; f++)
        if (m_new(c, c->base, r->by[f]) || m_later(c, c->base, r->by[f]))
            return "REFUSED CHANGED_SINCE";
    if (r->value[F_STATE] == 3)
        return "REFUSED NOT_EDITABLE approved";
    r->dead = true;
    r->removed_by = m_me(c);
    memcpy(r->before, r->value, sizeof r->before);
    memset(r->value, 0, sizeof r->value);
    memset(r->by, 0, sizeof r->by);
    return "APPLIED";
}

static const char *m_decide(const struct m_change *c)
{
    if (c->op != OP_CREATE && !m.rows[c->record].known)
        return "REFUSED UNKNOWN_RECORD";
    switch (c->op) {
    case OP_CREATE:
        return m_create(c);
    case OP_SET:
        return m_set(c, c->base, false);
    case OP_ACT:
        return m_act(c);
    default:
        return m_remove(c);
    }
}

/* A set (NULL: none) and the end of conflict x, with the seq at which the person looked at x. */
static const char *m_resolve(const struct m_change *set, const struct m_change *end, struct m_conflict *x,
                             uint64_t first)
{
    struct m_row saved = set ? m.rows[set->record] : m.rows[0];
    int conflict_count = m.conflict_count;
    const char *verdict = "APPLIED";
    uint64_t seen = end->base > first ? end->base : first;
    if (set) {
        struct m_row *r = &m.rows[set->record];
        if (r->dead && x->open && x->field == -1 && x->record == set->record) {
            if (set->value[F_NAME] <= 0)
                return "REFUSED GROUP 1 REQUIRED name";
            tally_add("restored");
            *r = (struct m_row){.known = true, .number = saved.number, .made_by = m_me(set)};
            for (int f = 0; f < FIELDS; f++)
                if (set->value[f] > 0 || f == F_STATE) {
                    r->value[f] = f == F_STATE ? 1 : set->value[f];
                    r->by[f] = m_me(set);
                }
        } else {
            static struct m_conflict kept[CONFLICTS];
            memcpy(kept, m.conflicts, sizeof kept);
            verdict = m_set(set, set->base, true);
            if (strcmp(verdict, "CONFLICT") == 0 || strncmp(verdict, "REFUSED", 7) == 0) {
                memcpy(m.conflicts, kept, sizeof kept);
                m.conflict_count = conflict_count;
                m.rows[set->record] = saved;
                return "REFUSED GROUP 1";
            }
        }
    }
    if (!x->open || (x->by.seq > seen && !m_own(end, x->by))) {
        if (set)
            m.rows[set->record] = saved;
        return "REFUSED GROUP";
    }
    x->open = false;
    tally_add("ended");
    return verdict;
}

/* ---- how often each verdict came up: a test that never gets somewhere tests nothing there ---- */
static struct {
    const char *verdict;
    unsigned count;
} tally[] = {
    {"APPLIED", 0},
    {"APPLIED without effect", 0},
    {"MERGED", 0},
    {"CONFLICT", 0},
    {"REFUSED CHANGED_SINCE", 0},
    {"REFUSED DELETED", 0},
    {"REFUSED STATE_MOVED state", 0},
    {"REFUSED STATE_MOVED state removed", 0},
    {"REFUSED NOT_EDITABLE approved", 0},
    {"REFUSED GROUP", 0},
    {"REFUSED GROUP 1", 0},
    {"REFUSED GROUP 1 REQUIRED name", 0},
    {"REFUSED UNKNOWN_RECORD", 0},
    {"REFUSED REQUIRED name", 0},
    {"ended", 0},
    {"restored", 0},
    {"left", 0},
    {"replaced", 0},
    {"collected", 0},
};

static void tally_add(const char *verdict)
{
    for (size_t i = 0; i < sizeof tally / sizeof tally[0]; i++)
        tally[i].count += strcmp(tally[i].verdict, verdict) == 0;
}

/* ---- what both say ---- */
static uint64_t seed_now;
static int step_now;

/* whole false: of the real one what stands behind that much does not count. */
static void assert_same(const char *real, const char *model, bool whole)
{
    if (strncmp(real, model, strlen(model) + whole) != 0) {
        print_error("seed %llu step %d\n", (unsigned long long)seed_now, step_now);
        assert_string_equal(real, model);
    }
}

static void put_values(struct buf *b, const int *value)
{
    const char *gap = "";
    for (int f = 0; f < FIELDS; f++) {
        if (value[f] <= 0)
            continue;
        buf_format(b, "%s%s=", gap, names[f]);
        if (f == F_STATE)
            buf_text(b, states[value[f]]);
        else
            buf_format(b, "%d", value[f]);
        gap = " ";
    }
}

static void assert_row(struct world *w, int record)
{
    struct buf b = BUF_INIT;
    const struct m_row *r = &m.rows[record];
    if (!r->known)
        buf_text(&b, "unknown");
    else if (r->dead)
        buf_text(&b, "removed");
    else {
        buf_format(&b, "member_no=%04d ", r->number);
        put_values(&b, r->value);
    }
    assert_same(sheet_row(w, record), buf_c_string(&b), true);
    buf_finish(&b);
}

static void put_m_conflict(struct buf *b, const struct m_conflict *x)
{
    const char *gap = " -";
    buf_format(b, "%s %s: mine ", x->open ? "open" : "resolved", x->field < 0 ? "*" : names[x->field]);
    put_values(b, x->mine);
    for (int f = 0; f < FIELDS; f++)
        if (x->mine[f] == 0) {
            buf_format(b, "%s%s", gap, names[f]);
            gap = ",";
        }
    buf_format(b, " by %d, theirs ", x->by.seat);
    put_values(b, x->theirs);
    buf_format(b, " by %d", x->theirs_seat);
    if (x->field < 0) {
        buf_format(b, ", was member_no=%04d ", x->before_number);
        put_values(b, x->before);
    }
}

/* Names of emptied fields stand in the order in which they came: compared as sets, by sorting them. */
static void sort_emptied(char *text)
{
    for (char *at = strstr(text, " -"); at; at = strstr(at + 1, " -")) {
        char *list = at + 2, *end = strchr(list, ' '), sorted[200] = "";
        if (!end)
            continue;
        for (int f = 0; f < FIELDS; f++)
            for (char *p = list; p < end; p += strcspn(p, ", ") + 1)
                if (strncmp(p, names[f], strlen(names[f])) == 0 && strcspn(p, ", ") == strlen(names[f])) {
                    if (sorted[0])
                        strcat(sorted, ",");
                    strcat(sorted, names[f]);
                }
        memcpy(list, sorted, strlen(sorted));
    }
}

static void assert_conflicts(struct world *w, int record)
{
    struct buf b = BUF_INIT;
    char real[20000];
    for (int i = 0; i < m.conflict_count; i++)
        if (m.conflicts[i].record == record) {
            buf_text(&b, b.size ? " | " : "");
            put_m_conflict(&b, &m.conflicts[i]);
        }
    if (b.size == 0)
        buf_text(&b, "none");
    const char *text = sheet_conflicts(w, record);
    assert_true(strlen(text) < sizeof real);
    strcpy(real, text);
    sort_emptied(real);
    char *model = (char *)buf_c_string(&b);
    sort_emptied(model);
    assert_same(real, model, true);
    buf_finish(&b);
}

/* ---- schedules ---- */
static uint64_t random_state;
static unsigned roll(unsigned sides)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % sides;
}

static uint64_t hole[4]; /* an n that a seat left out; 0: none */
static int incarnation[4], incarnations;

static uint64_t next_n(struct world *w, int seat)
{
    uint64_t n = w->seats[seat].n + 1;
    if (hole[seat] && roll(4) == 0) {
        n = hole[seat];
        hole[seat] = 0;
    } else if (!hole[seat] && roll(12) == 0) {
        hole[seat] = n++;
        w->seats[seat].n = n;
    } else {
        w->seats[seat].n = n;
    }
    return n;
}

/* Sets n aside for one change: the world counts by itself. */
static struct change *make_real(struct world *w, const struct m_change *c, uint32_t kind, struct id id,
                                const char *words)
{
    uint64_t kept = w->seats[c->seat - 1].n;
    w->seats[c->seat - 1].n = c->n - 1;
    struct change *out = make_change_id(w, c->seat - 1, kind, c->op, id, c->base, words);
    w->seats[c->seat - 1].n = kept;
    return out;
}

static uint64_t random_base(const struct world *w)
{
    uint64_t now = seq_counter(seq_now(w));
    unsigned back = roll(3) == 0 ? roll(12) : roll(3);
    return now > back && now > 0 ? seq_make(1, now - back) : 0;
}

static void words_of(const struct m_change *c, char *out, size_t size)
{
    size_t at = 0;
    out[0] = 0;
    if (c->op == OP_ACT)
        at += (size_t)snprintf(out, size, "!%s ", states[c->to]);
    for (int f = 0; f < FIELDS; f++)
        if (c->value[f] == 0)
            at += (size_t)snprintf(out + at, size - at, "-%s ", names[f]);
        else if (c->value[f] > 0)
            at += (size_t)snprintf(out + at, size - at, "%s=%d ", names[f], c->value[f]);
}

static void random_values(struct m_change *c, bool empties)
{
    static const int settable[] = {F_SEX, F_POST, F_WORK, F_CAMPUS, F_NOTE, F_NOTE};
    for (unsigned i = 1 + roll(2); i > 0; i--)
        c->value[settable[roll(6)]] = empties && roll(5) == 0 ? 0 : 1 + (int)roll(3);
}

static struct m_change random_m_change(struct world *w)
{
    struct m_change c = {.seat = 1 + (int)roll(2), .record = 0, .base = random_base(w)};
    unsigned what = roll(20);
    for (int f = 0; f < FIELDS; f++)
        c.value[f] = -1;
    c.record = (int)roll(RECORDS);
    c.op = what < 3 ? OP_CREATE : what < 15 ? OP_SET : what < 19 ? OP_ACT : OP_REMOVE;
    c.n = next_n(w, c.seat - 1);
    c.incarnation = incarnation[c.seat - 1];
    if (c.op == OP_CREATE) {
        c.value[F_NAME] = 1;
        c.base = 0;
    }
    if (c.op == OP_CREATE || c.op == OP_SET)
        random_values(&c, c.op == OP_SET);
    if (c.op == OP_SET && roll(25) == 0)
        c.value[F_NAME] = (int)roll(3);
    if (c.op == OP_ACT)
        c.to = 1 + (int)roll(3);
    if (c.op == OP_ACT && c.to == 2) {
        c.value[F_JOINED] = 1 + (int)roll(2);
        if (roll(3) == 0)
            c.value[F_NOTE] = 1 + (int)roll(3);
    }
    return c;
}

/* A seat's database is copied, and this copy goes on as a fork of it (rule 5). */
static void fork_seat(struct world *w, int seat)
{
    struct world_seat *s = &w->seats[seat];
    uint64_t at = s->n > 2 ? s->n - roll(3) : s->n + 1;
    if (incarnations == 60 || s->ancestor_count == 4)
        return;
    struct incarnation old = s->incarnation;
    memset(s->incarnation.bytes, ++incarnations, INCARNATION_SIZE);
    s->ancestors[s->ancestor_count++] =
        (struct ancestor){.incarnation = s->incarnation, .fork_n = at, .parent = old, .has_parent = true};
    m.parent[incarnations] = incarnation[seat];
    m.fork_n[incarnations] = at;
    incarnation[seat] = incarnations;
    s->n = at - 1;
    hole[seat] = 0;
}

static void assert_verdict(const char *real, const char *model)
{
    bool refused = strncmp(model, "REFUSED", 7) == 0; /* who and when are told behind it */
    tally_add(model);
    assert_same(real, model, !refused);
}

static void step_change(struct world *w)
{
    struct m_change c = random_m_change(w);
    char words[200];
    words_of(&c, words, sizeof words);
    struct change *real = make_real(w, &c, SHEET, rid(c.record), words);
    m.seq = org_state_next(w->state);
    const char *model = m_decide(&c);
    assert_verdict(take_change(w, c.seat - 1, real), model);
}

static void step_resolve(struct world *w)
{
    if (m.conflict_count == 0)
        return;
    int pick = (int)roll((unsigned)m.conflict_count), index = 0;
    struct m_conflict *x = &m.conflicts[pick];
    for (int i = 0; i < pick; i++)
        index += m.conflicts[i].record == x->record;
    struct scratch_row *row = conflict_at(w, x->record, (size_t)index);
    struct m_change set = {.seat = 1 + (int)roll(2), .record = x->record, .op = OP_SET, .base = random_base(w)}, end;
    set.incarnation = incarnation[set.seat - 1];
    memcpy(set.value, x->mine, sizeof set.value);
    if (x->field == -1 && roll(4))
        set.value[F_NAME] = 1;
    struct change *members[2];
    char words[200];
    size_t count = 0;
    bool with_set = roll(3) > 0;
    words_of(&set, words, sizeof words);
    if (with_set) {
        set.n = ++w->seats[set.seat - 1].n;
        members[count++] = make_real(w, &set, SHEET, rid(set.record), words);
    }
    end = set;
    end.op = OP_ACT;
    end.n = ++w->seats[set.seat - 1].n;
    end.base = roll(2) ? row->seq : random_base(w);
    members[count++] = make_real(w, &end, KIND_CONFLICT, row->id, "!resolved");
    make_group(w, members, count);
    m.seq = org_state_next(w->state);
    const char *model = m_resolve(with_set ? &set : NULL, &end, x, row->stamps.first);
    assert_verdict(take_group(w, set.seat - 1, members, count), model);
}

static void run_seed(uint64_t seed, int steps)
{
    struct world w;
    seed_now = seed;
    world_init(&w);
    memset(&m, 0, sizeof m);
    memset(hole, 0, sizeof hole);
    random_state = seed;
    for (int i = 0; i < 64; i++)
        m.parent[i] = -1;
    incarnations = 4;
    for (int i = 0; i < 4; i++) {
        incarnation[i] = i;
        memset(w.seats[i].incarnation.bytes, 100 + i, INCARNATION_SIZE);
    }
    for (int i = 0; i < steps; i++) {
        unsigned what = roll(30);
        step_now = i;
        if (what == 0)
            fork_seat(&w, (int)roll(2));
        else if (what < 4)
            step_resolve(&w);
        else
            step_change(&w);
        for (int record = 0; record < RECORDS; record++) {
            assert_row(&w, record);
            assert_conflicts(&w, record);
        }
    }
    assert_log_makes_rows(&w);
    world_finish(&w);
}

static void the_ladder_and_the_model_agree(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++)
        run_seed(seed, 80);
    for (size_t i = 0; i < sizeof tally / sizeof tally[0]; i++) {
        if (tally[i].count < 10)
            print_error("%s came up %u times\n", tally[i].verdict, tally[i].count);
        assert_true(tally[i].count >= 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_ladder_and_the_model_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
