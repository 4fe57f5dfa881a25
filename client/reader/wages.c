/* See wages.h. The headings are those that members' rosters have, and what accountants call the base of dues. */
#include "client/reader/wages.h"

#include <string.h>

static const struct field_rule fields[] = {
    {.name = "member_no", .label = {"会员编号", "member number"}, .type = FIELD_TEXT, .columns = "会员编号|会员号|会员编码"},
    {.name = "id_number", .label = {"证件号码", "ID number"}, .type = FIELD_TEXT, .flags = FIELD_SENSITIVE,
     .columns = "身份证号|身份证号码|公民身份号码|证件号码|证件号|身份证"},
    {.name = "name", .label = {"姓名", "name"}, .type = FIELD_TEXT, .columns = "姓名|名字|会员姓名|教职工姓名|教工姓名|职工姓名"},
    {.name = "wage", .label = {"计费工资", "wage"}, .type = FIELD_FEN, .flags = FIELD_REQUIRED | FIELD_SENSITIVE,
     .columns = "计费工资|工资|基本工资|岗位工资|月工资|工资基数|计费基数|会费基数|应发工资|缴费基数|基数"},
};

static const char *const none[] = {NULL};

/* Without a descriptor: nobody makes a message of it. */
const struct kind wages_sheet = {
    .name = "wages", .label = {"工资表", "sheet of wages"}, .fields = fields, .field_count = sizeof fields / sizeof *fields, .naming = none,
    .columns = none, .identity = none,
};

bool wages_row_read(const struct roster_row *row, struct wages_row *out)
{
    struct wages_row r = {.line = row->line, .wage_fen = -1};
    for (size_t i = 0; i < row->cell_count; i++) {
        const struct roster_cell *c = &row->cells[i];
        if (strcmp(c->field->name, "member_no") == 0)
            r.member_no = c->written;
        else if (strcmp(c->field->name, "id_number") == 0)
            r.id_number = c->written;
        else if (strcmp(c->field->name, "name") == 0)
            r.name = c->written;
        else if (c->value.type == CELL_INTEGER)
            r.wage_fen = c->value.integer;
    }
    if (r.wage_fen < 0 || (!r.member_no && !r.id_number && !r.name))
        return false;
    *out = r;
    return true;
}
