/* See orgs_file.h. Every row is looked at before the first is written; a row's parent may stand in an earlier row. */
#include "server/command/orgs_file.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "base/tr.h"
#include "csv/csv_reader.h"

#include <stdlib.h>
#include <string.h>

enum column { COLUMN_CODE, COLUMN_NAME, COLUMN_PARENT, COLUMN_LEVEL, COLUMNS };
static const char *const headings[COLUMNS][4] = {
    {"code", "编码", "代码", "编号"}, {"name", "名称", "工会名称", "单位名称"}, {"parent", "上级", "上级编码", "parent_code"}, {"level", "级别", "层级", NULL}};
static const char *const levels[] = {"branch", "district", "city", "province", NULL};

struct file {
    const struct csv_table *table;
    int at[COLUMNS]; /* index of the column; -1: not in the file */
};

static bool is_heading(enum column c, const char *word)
{
    for (size_t i = 0; i < 4 && headings[c][i]; i++)
        if (strcasecmp(headings[c][i], word) == 0)
            return true;
    return false;
}

static bool find_columns(struct file *f)
{
    for (int c = 0; c < COLUMNS; c++) {
        f->at[c] = -1;
        for (size_t i = 0; f->table->count && i < f->table->rows[0].count; i++)
            if (is_heading((enum column)c, f->table->rows[0].cells[i]))
                f->at[c] = (int)i;
    }
    return f->at[COLUMN_CODE] >= 0 && f->at[COLUMN_NAME] >= 0;
}

static const char *cell(const struct file *f, const struct csv_row *row, enum column c)
{
    return f->at[c] >= 0 && (size_t)f->at[c] < row->count && *row->cells[f->at[c]] ? row->cells[f->at[c]] : NULL;
}

static bool stands_before(const struct file *f, size_t row, const char *code)
{
    for (size_t i = 1; i < row; i++) {
        const char *other = cell(f, &f->table->rows[i], COLUMN_CODE);
        if (other && strcmp(other, code) == 0)
            return true;
    }
    return false;
}

static const char *problem_of(struct control *c, const struct file *f, size_t i)
{
    const struct csv_row *row = &f->table->rows[i];
    const char *code = cell(f, row, COLUMN_CODE), *name = cell(f, row, COLUMN_NAME);
    const char *parent = cell(f, row, COLUMN_PARENT), *level = cell(f, row, COLUMN_LEVEL);
    bool known = !level;
    for (size_t l = 0; level && levels[l]; l++)
        known = known || strcmp(levels[l], level) == 0;
    if (!code || !name)
        return _("a code and a name are needed");
    if (strlen(code) > 64 || strlen(name) > LIMIT_TEXT_SHORT)
        return _("the code or the name is too long");
    if (!known)
        return _("the level is branch, district, city or province");
    if (stands_before(f, i, code))
        return _("the same code stands twice in the file");
    if (parent && !control_org_by_code(c, parent) && !stands_before(f, i, parent))
        return _("the org above it is not known; put its row before this one");
    return NULL;
}

static bool check(struct control *c, const struct file *f, struct buf *problems)
{
    size_t before = problems->size;
    for (size_t i = 1; i < f->table->count; i++) {
        const char *problem = problem_of(c, f, i);
        if (problem)
            buf_format(problems, _("line %u: %s\n"), f->table->rows[i].line, problem);
    }
    return problems->size == before;
}

static enum err add_all(struct control *c, const struct file *f, size_t *added)
{
    for (size_t i = 1; i < f->table->count; i++) {
        const struct csv_row *row = &f->table->rows[i];
        const char *level = cell(f, row, COLUMN_LEVEL);
        uint32_t number;
        if (control_org_by_code(c, cell(f, row, COLUMN_CODE)))
            continue; /* known: the same file may be taken again after it grew */
        enum err e = control_add_org(c, cell(f, row, COLUMN_CODE), cell(f, row, COLUMN_NAME), level ? level : "branch", cell(f, row, COLUMN_PARENT), &number);
        if (e != ERR_OK)
            return e;
        ++*added;
    }
    return ERR_OK;
}

enum err orgs_file_import(struct control *c, const char *path, size_t *added, struct buf *problems)
{
    struct buf bytes = BUF_INIT;
    struct arena arena;
    struct csv_table table;
    struct file f = {.table = &table};
    *added = 0;
    arena_init(&arena, CSV_READ_ARENA);
    enum err e = key_file_read(path[0] == '/' ? "" : ".", path, &bytes);
    if (e == ERR_OK)
        e = csv_read(buf_slice(&bytes), &arena, &table);
    if (e == ERR_OK && !find_columns(&f)) {
        buf_format(problems, "%s\n", _("the first line must name the columns code and name (also: parent, level)"));
        e = ERR_VALUE;
    }
    if (e == ERR_OK && !check(c, &f, problems))
        e = ERR_VALUE;
    if (e == ERR_OK)
        e = add_all(c, &f, added);
    buf_finish(&bytes);
    arena_finish(&arena);
    return e;
}
