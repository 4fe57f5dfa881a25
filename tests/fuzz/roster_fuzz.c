/* A roster of any kind, or a sheet of wages: `u8 which`, then the file. Rows and findings are where they are said to
 * be, every value has its field's form, and every finding has its sentence. */
#include "tests/fuzz/fuzz.h"
#include "client/reader/wages.h"
#include <stdlib.h>
#include <string.h>

static const struct kind *kind_at(size_t which)
{
    size_t count;
    const struct kind *const *kinds = kind_all(&count);
    which %= count + 1;
    return which < count ? kinds[which] : &wages_sheet;
}

static void look_at_row(const struct roster *r, const struct roster_row *row)
{
    struct wages_row wages;
    CHECK(row->first_finding + row->finding_count <= r->finding_count);
    CHECK(!row->wrong || r->wrong);
    for (size_t i = 0; i < row->cell_count; i++) {
        const struct roster_cell *c = &row->cells[i];
        CHECK(c->field && *c->written);
        CHECK(!c->wrong || c->value.type == CELL_ABSENT);
    }
    if (!row->wrong)
        (void)wages_row_read(row, &wages); /* of another kind: nobody */
}

static void look_at(const struct kind *kind, const struct roster *r)
{
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < r->row_count; i++)
        look_at_row(r, &r->rows[i]);
    for (size_t i = 0; i < r->finding_count; i++) {
        roster_finding_text(kind, &r->findings[i], i % 2 ? LANGUAGE_ZH : LANGUAGE_EN, &text);
        CHECK(text.size > 0);
        text.size = 0;
    }
    buf_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct kind *kind = kind_at(data[0]);
    struct arena arena;
    struct csv_table table;
    struct roster roster;
    struct roster_fault fault;
    arena_init(&arena, ROSTER_ARENA);
    if (csv_read(slice_of(data + 1, size - 1), &arena, &table) == ERR_OK) {
        enum err e = roster_read(kind, &table, NULL, 0, &arena, &roster, &fault);
        CHECK(e == ERR_OK || e == ERR_NOT_FOUND);
        if (e == ERR_OK)
            look_at(kind, &roster);
    }
    arena_finish(&arena);
    return 0;
}
