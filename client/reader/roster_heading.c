#include "client/reader/roster_heading.h"
#include <stdlib.h>
#include <string.h>

/* ---- words ---- */

static bool is_left_out(uint32_t c)
{
    return c <= ' ' || c == 0xa0 || c == 0x3000 || c == '*' || c == U'★' || c == U'※' || c == ':' || c == U'：' ||
           c == '_';
}

void roster_heading_fold(struct slice heading, struct buf *out)
{
    size_t at = 0;
    int depth = 0;
    for (uint32_t c = text_next(heading, &at); c != 0; c = text_next(heading, &at)) {
        if (c >= 0xff01 && c <= 0xff5e)
            c -= 0xfee0;
        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        depth += c == '(' || c == '[' || c == U'【';
        if (depth == 0 && !is_left_out(c))
            text_put(out, c);
        depth -= depth > 0 && (c == ')' || c == ']' || c == U'】');
    }
}

static bool fits(struct slice folded, const char *word, size_t size)
{
    struct buf other = BUF_INIT;
    roster_heading_fold(slice_of(word, size), &other);
    bool same = other.size > 0 && slice_equal(folded, buf_slice(&other));
    buf_finish(&other);
    return same;
}

static unsigned fit_folded(const struct field_rule *f, struct slice heading)
{
    const char *const first[] = {f->name, f->label.zh, f->label.en};
    unsigned rank = 1;
    for (size_t i = 0; i < 3; i++, rank++)
        if (first[i] != NULL && fits(heading, first[i], strlen(first[i])))
            return rank;
    for (const char *at = f->columns; at != NULL && *at != '\0'; rank++) {
        size_t size = strcspn(at, "|");
        if (fits(heading, at, size))
            return rank;
        at += size + (at[size] == '|');
    }
    return ROSTER_FITS_NOT;
}

unsigned roster_fit(const struct field_rule *f, const char *heading)
{
    struct buf folded = BUF_INIT;
    roster_heading_fold(slice_text(heading), &folded);
    unsigned rank = folded.size == 0 ? ROSTER_FITS_NOT : fit_folded(f, buf_slice(&folded));
    buf_finish(&folded);
    return rank;
}

bool roster_is_serial(const char *heading)
{
    static const char *const words[] = {"序号", "序", "行号", "编号", "No", "No.", "#", NULL};
    struct buf folded = BUF_INIT;
    bool found = false;
    roster_heading_fold(slice_text(heading), &folded);
    for (const char *const *w = words; *w != NULL && !found; w++)
        found = fits(buf_slice(&folded), *w, strlen(*w));
    buf_finish(&folded);
    return found;
}

/* By the name or a label of something that is computed of such records. */
static bool is_computed(const struct kind *k, const char *heading)
{
    struct buf folded = BUF_INIT;
    bool found = false;
    roster_heading_fold(slice_text(heading), &folded);
    for (size_t i = 0; i < k->derived_count && !found; i++) {
        const char *const words[] = {k->derived[i].name, k->derived[i].label.zh, k->derived[i].label.en};
        for (size_t w = 0; w < 3; w++)
            found = found || fits(buf_slice(&folded), words[w], strlen(words[w]));
    }
    buf_finish(&folded);
    return found;
}

/* ---- one row as a header ---- */

struct header {
    const struct kind *kind;
    struct roster_column *columns;
    unsigned *ranks; /* by column */
    size_t count;
};

static bool is_empty(const char *heading)
{
    struct buf folded = BUF_INIT;
    text_fold(slice_text(heading), &folded);
    bool empty = folded.size == 0;
    buf_finish(&folded);
    return empty;
}

static void take_field(struct header *h, size_t column, const struct field_rule *f, unsigned rank)
{
    h->columns[column].field = f;
    h->columns[column].use = f->flags & FIELD_SERVER ? ROSTER_NUMBERED : ROSTER_FIELD;
    h->ranks[column] = rank;
}

static void read_heading(struct header *h, size_t column)
{
    struct roster_column *c = &h->columns[column];
    unsigned best = ROSTER_FITS_NOT;
    for (size_t i = 0; i < h->kind->field_count; i++) {
        unsigned rank = roster_fit(&h->kind->fields[i], c->heading);
        if (rank != ROSTER_FITS_NOT && (best == ROSTER_FITS_NOT || rank < best)) {
            best = rank;
            take_field(h, column, &h->kind->fields[i], rank);
        }
    }
    if (best != ROSTER_FITS_NOT)
        return;
    struct slice id = slice_text("id");
    c->use = is_empty(c->heading)                       ? ROSTER_NAMELESS
             : fits(id, c->heading, strlen(c->heading)) ? ROSTER_ID
             : roster_is_serial(c->heading)             ? ROSTER_SERIAL
             : is_computed(h->kind, c->heading)         ? ROSTER_COMPUTED
                                                        : ROSTER_UNKNOWN;
}

/* Of two columns for a field the better one counts; of equal ones the first. */
static void settle_second(struct header *h)
{
    for (size_t a = 0; a < h->count; a++) {
        for (size_t b = a + 1; b < h->count && h->columns[a].use <= ROSTER_NUMBERED; b++) {
            if (h->columns[b].use > ROSTER_NUMBERED || h->columns[b].field != h->columns[a].field)
                continue;
            size_t loser = h->ranks[b] < h->ranks[a] ? a : b;
            h->columns[loser].use = ROSTER_SECOND;
        }
    }
}

static size_t fields_in(const struct header *h)
{
    size_t n = 0;
    for (size_t i = 0; i < h->count; i++)
        n += h->columns[i].use <= ROSTER_NUMBERED;
    return n;
}

/* ---- FIELD=COLUMN ---- */

static const struct field_rule *field_named(const struct kind *kind, const char *word)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        unsigned rank = roster_fit(&kind->fields[i], word);
        if (rank >= 1 && rank <= 3) /* its name or a label */
            return &kind->fields[i];
    }
    return NULL;
}

/* By heading, else by number. SIZE_MAX: none. */
static size_t column_named(const struct header *h, const char *word)
{
    struct buf folded = BUF_INIT;
    size_t found = SIZE_MAX;
    roster_heading_fold(slice_text(word), &folded);
    for (size_t i = 0; i < h->count && found == SIZE_MAX; i++)
        if (fits(buf_slice(&folded), h->columns[i].heading, strlen(h->columns[i].heading)))
            found = i;
    buf_finish(&folded);
    char *end;
    unsigned long number = strtoul(word, &end, 10);
    if (found == SIZE_MAX && *word >= '0' && *word <= '9' && *end == '\0' && number >= 1 && number <= h->count)
        found = number - 1;
    return found;
}

#define RANK_MAPPED 0u /* better than any word: the person has said so */

static enum err apply_one(struct header *h, const struct roster_map *m, struct roster_fault *fault)
{
    const struct field_rule *f = field_named(h->kind, m->field);
    size_t column = column_named(h, m->column);
    if (f == NULL || column == SIZE_MAX) {
        *fault = (struct roster_fault){.field = f == NULL ? m->field : NULL, .column = f == NULL ? NULL : m->column};
        return ERR_NOT_FOUND;
    }
    bool mapped = h->columns[column].use <= ROSTER_NUMBERED && h->ranks[column] == RANK_MAPPED;
    for (size_t i = 0; i < h->count; i++)
        mapped =
            mapped || (h->columns[i].use <= ROSTER_NUMBERED && h->columns[i].field == f && h->ranks[i] == RANK_MAPPED);
    if (mapped) {
        *fault = (struct roster_fault){m->field, m->column};
        return ERR_AMBIGUOUS;
    }
    take_field(h, column, f, RANK_MAPPED);
    return ERR_OK;
}

/* ---- the header ---- */

static enum err read_header(struct header *h, const struct csv_row *row, const struct roster_map *map, size_t map_count,
                            struct roster_fault *fault)
{
    h->count = row->count;
    for (size_t i = 0; i < h->count; i++) {
        h->columns[i] = (struct roster_column){.heading = row->cells[i]};
        read_heading(h, i);
    }
    for (size_t i = 0; i < map_count; i++) {
        enum err e = apply_one(h, &map[i], fault);
        if (e != ERR_OK)
            return e;
    }
    settle_second(h);
    return ERR_OK;
}

/* The row with most fields among the first; the first of those that have as many. Overrides help to find it, if all
 * fit. */
static size_t best_row(struct header *h, const struct csv_table *table, const struct roster_map *map, size_t map_count)
{
    size_t best = SIZE_MAX, most = 0;
    for (size_t i = 0; i < table->count && i < ROSTER_HEADER_ROWS; i++) {
        struct roster_fault ignored;
        if (read_header(h, &table->rows[i], map, map_count, &ignored) != ERR_OK &&
            read_header(h, &table->rows[i], NULL, 0, &ignored) != ERR_OK)
            continue;
        if (fields_in(h) > most) {
            most = fields_in(h);
            best = i;
        }
    }
    return best;
}

enum err roster_header_find(const struct kind *kind, const struct csv_table *table, const struct roster_map *map,
                            size_t map_count, struct arena *arena, size_t *row, struct roster_column **columns,
                            struct roster_fault *fault)
{
    struct header h = {.kind = kind};
    h.columns = arena_alloc(arena, CSV_COLUMNS_MAX * sizeof *h.columns);
    h.ranks = arena_alloc(arena, CSV_COLUMNS_MAX * sizeof *h.ranks);
    if (h.columns == NULL || h.ranks == NULL)
        return ERR_MEMORY;
    *fault = (struct roster_fault){NULL, NULL};
    for (size_t i = 0; i < map_count; i++) {
        if (field_named(kind, map[i].field) == NULL) {
            fault->field = map[i].field;
            return ERR_NOT_FOUND;
        }
    }
    size_t best = best_row(&h, table, map, map_count);
    if (best == SIZE_MAX)
        return ERR_NOT_FOUND;
    enum err e = read_header(&h, &table->rows[best], map, map_count, fault);
    if (e != ERR_OK)
        return e;
    *row = best;
    *columns = h.columns;
    return ERR_OK;
}
