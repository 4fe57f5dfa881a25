/* A table as a spreadsheet may have written it. What is read is written by us and read again as the same cells. */
#include "tests/fuzz/fuzz.h"
#include "csv/csv_reader.h"
#include "csv/csv_writer.h"
#include <stdlib.h>
#include <string.h>

static void write_table(const struct csv_table *table, enum csv_use use, struct buf *out)
{
    struct csv_writer w = csv_begin(out, use);
    for (size_t i = 0; i < table->count; i++) {
        for (size_t j = 0; j < table->rows[i].count; j++)
            csv_write_text(&w, slice_text(table->rows[i].cells[j]));
        csv_end_row(&w);
    }
}

static bool has_cells(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (*row->cells[i])
            return true;
    return false;
}

/* Rows of empty cells alone may be taken for blank lines, and one column for another's separator. */
static bool is_plain(const struct csv_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->rows[i].count < 2 || !has_cells(&table->rows[i]))
            return false;
    return table->separator == ',' && !table->open_quote;
}

static void look_again(const struct csv_table *table, enum csv_use use)
{
    struct buf out = BUF_INIT;
    struct arena arena;
    struct csv_table again;
    arena_init(&arena, CSV_READ_ARENA);
    write_table(table, use, &out);
    if (csv_read(buf_slice(&out), &arena, &again) == ERR_OK && again.separator == ',') {
        CHECK(again.count == table->count);
        for (size_t i = 0; i < table->count; i++) {
            CHECK(again.rows[i].count == table->rows[i].count);
            for (size_t j = 0; j < table->rows[i].count; j++)
                CHECK(strcmp(again.rows[i].cells[j], table->rows[i].cells[j]) == 0);
        }
    }
    arena_finish(&arena);
    buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct csv_table table;
    uint8_t *exact = exact_copy(slice_of(data, size));
    arena_init(&arena, CSV_READ_ARENA);
    enum err e = csv_read(slice_of(exact, size), &arena, &table);
    CHECK(e == ERR_OK || e == ERR_TEXT || e == ERR_TOO_LONG);
    if (e == ERR_OK && is_plain(&table)) {
        look_again(&table, CSV_FOR_PROGRAMS);
        look_again(&table, CSV_FOR_SPREADSHEETS);
    }
    arena_finish(&arena);
    free(exact);
    return 0;
}
