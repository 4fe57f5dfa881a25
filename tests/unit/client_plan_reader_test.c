/* plan_reader against documents whose content was counted by hand (tests/data/plans), and against itself: every line of
 * every document is found again in exactly the place that is claimed for it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/limits.h"
#include "client/reader/plan_number.h"
#include "client/reader/plan_reader.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct buf text;
    struct arena arena;
    struct plan_document document;
};

static void load(const char *name, struct buf *out)
{
    char path[512];
    uint8_t chunk[4096];
    size_t n;
    snprintf(path, sizeof path, TEST_DATA "/plans/%s", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s is missing", path);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        buf_append(out, chunk, n);
    fclose(file);
}

static void read_text(struct reading *r)
{
    arena_init(&r->arena, PLAN_READ_ARENA);
    assert_int_equal(plan_read(buf_slice(&r->text), &r->arena, &r->document), ERR_OK);
}

static void read_file(struct reading *r, const char *name)
{
    *r = (struct reading){.text = BUF_INIT};
    load(name, &r->text);
    read_text(r);
}

static void read_words(struct reading *r, const char *words)
{
    *r = (struct reading){.text = BUF_INIT};
    buf_text(&r->text, words);
    read_text(r);
}

static void done(struct reading *r)
{
    arena_finish(&r->arena);
    buf_finish(&r->text);
}

/* ---- the line "item\t9\t18\ttitle\tdue" of what was read, as NAME.expect writes it ---- */

static const char *const reason_names[] = {
#define X(name, text) #name,
    PLAN_REASON_LIST(X)
#undef X
};
static const char *const note_names[] = {
#define X(name, text) #name,
    PLAN_NOTE_LIST(X)
#undef X
};

static void when_text(const struct plan_item *item, char out[32])
{
    const struct plan_when *w = &item->when;
    char day[8] = "";
    if (w->day != 0)
        snprintf(day, sizeof day, "@%d", w->day);
    if (item->month_lost)
        snprintf(out, 32, "?");
    else if (w->quarter != 0)
        snprintf(out, 32, "Q%d", w->quarter);
    else if (w->month_to != 0)
        snprintf(out, 32, "%d-%d%s", w->month, w->month_to, day);
    else if (w->month != 0)
        snprintf(out, 32, "%d%s", w->month, day);
    else
        snprintf(out, 32, "-");
}

static void tell_part(const struct reading *r, const struct plan_part *p, struct buf *out)
{
    char period[PERIOD_TEXT_SIZE] = "-", when[32], due[DATE_TEXT_SIZE];
    if (p->has_period)
        plan_period_text(p->period, period);
    buf_format(out, "part\t%s\t%s\t%s\t%s\n", p->kind == PLAN_PART_PLAN ? "plan" : "other", reason_names[p->reason],
               period, p->title[0] ? p->title : "-");
    for (size_t i = 0; i < p->item_count; i++) {
        const struct plan_item *item = &p->items[i];
        struct date date;
        bool has_due = p->has_period && plan_item_due(p->period, &item->when, &date);
        if (has_due)
            date_text(date, due);
        when_text(item, when);
        assert_int_equal(item->position, i + 1);
        buf_format(out, "item\t%s\t%u\t%s\t%s\n", when, item->source_line, item->title, has_due ? due : "-");
    }
    for (size_t i = 0; i < r->document.note_count; i++)
        if (r->document.notes[i].part == p->number)
            buf_format(out, "note\t%s\t%u\n", note_names[r->document.notes[i].code], r->document.notes[i].line);
}

static void tell(const struct reading *r, struct buf *out)
{
    for (size_t i = 0; i < r->document.part_count; i++)
        tell_part(r, &r->document.parts[i], out);
    for (size_t i = 0; i < r->document.leftover_count; i++)
        buf_format(out, "left\t%s\t%u\n", reason_names[r->document.leftovers[i].reason],
                   r->document.leftovers[i].first_line);
}

static const char *text_named(const struct plan_part *p, const char *name)
{
    return strcmp(name, "guiding") == 0    ? p->guiding_text
           : strcmp(name, "goals") == 0    ? p->goals_text
           : strcmp(name, "measures") == 0 ? p->measures_text
                                           : p->other_text;
}

/* Notes are listed last in a part by tell(), wherever the file has them: items, notes and leftovers are compared as
 * lists of their own. */
static void pick(char *lines, const char *prefix, struct buf *out)
{
    char *copy = strdup(lines), *rest = copy;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n"))
        if (strncmp(line, prefix, strlen(prefix)) == 0)
            buf_format(out, "%s\n", line);
    free(copy);
}

static void compare(struct buf *expected, struct buf *found, const char *prefix)
{
    struct buf e = BUF_INIT, f = BUF_INIT;
    pick((char *)buf_c_string(expected), prefix, &e);
    pick((char *)buf_c_string(found), prefix, &f);
    assert_string_equal(buf_c_string(&f), buf_c_string(&e));
    buf_finish(&e);
    buf_finish(&f);
}

static void check_texts(const struct reading *r, struct buf *expected)
{
    size_t part = 0;
    char *copy = strdup(buf_c_string(expected)), *rest = copy;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        char *word = strsep(&line, "\t");
        part += strcmp(word, "part") == 0;
        if (strcmp(word, "text") != 0)
            continue;
        char *name = strsep(&line, "\t");
        assert_true(part >= 1 && part <= r->document.part_count);
        if (strstr(text_named(&r->document.parts[part - 1], name), line) == NULL)
            fail_msg("part %zu: its %s lacks “%s”", part, name, line);
    }
    free(copy);
}

/* ---- nothing is dropped ---- */

static void space_tabs(struct buf *text)
{
    for (size_t i = 0; i < text->size; i++)
        if (text->data[i] == '\t')
            text->data[i] = ' ';
}

/* The end of the piece, without its stop, stands in the title: its beginning may be a number and a month. */
static bool title_ends_or_holds(const char *title, struct slice piece)
{
    struct buf end = BUF_INIT;
    struct slice kept = piece;
    struct plan_number number;
    struct plan_when when;
    (void)(plan_when_read(piece, &when, &kept) ||
           (plan_number_read(piece, &number, &kept) && plan_when_read(kept, &when, &kept)));
    kept = glyph_trim_end(kept, ";。.,、:");
    size_t size = 0, from = kept.size;
    while (from > 0 && size < 8) {
        from--;
        size += (kept.data[from] & 0xc0) != 0x80;
    }
    buf_append(&end, kept.data + from, kept.size - from);
    space_tabs(&end); /* as titles have it */
    bool found = strstr(title, buf_c_string(&end)) != NULL || strstr(buf_c_string(&end), title) != NULL;
    buf_finish(&end);
    return found;
}

static bool part_holds(const struct reading *r, const struct plan_place_of *at, const char *words)
{
    const struct plan_part *p = at->part > 0 ? &r->document.parts[at->part - 1] : NULL;
    switch (at->place) {
    case PLAN_PLACE_HEADING:
        return strstr(p->heading, words) != NULL;
    case PLAN_PLACE_GUIDING:
        return strstr(p->guiding_text, words) != NULL;
    case PLAN_PLACE_GOALS:
        return strstr(p->goals_text, words) != NULL;
    case PLAN_PLACE_MEASURES:
        return strstr(p->measures_text, words) != NULL;
    case PLAN_PLACE_OTHER:
    case PLAN_PLACE_ITEM_AND_OTHER:
        return strstr(p->other_text, words) != NULL;
    case PLAN_PLACE_ITEM:
    case PLAN_PLACE_ITEM_MORE:
        for (size_t i = 0; i < p->item_count; i++)
            if (p->items[i].source_line <= at->line && title_ends_or_holds(p->items[i].title, at->text))
                return true;
        return false;
    case PLAN_PLACE_MONTH: /* the items under it carry it */
        for (size_t i = 0; i < p->item_count; i++)
            if (p->items[i].source_line >= at->line && p->items[i].when.month + p->items[i].when.quarter > 0)
                return true;
        return false;
    case PLAN_PLACE_LEFTOVER:
        for (size_t i = 0; i < r->document.leftover_count; i++)
            if (r->document.leftovers[i].first_line == at->line && strcmp(r->document.leftovers[i].text, words) == 0)
                return true;
        return false;
    }
    return false;
}

/* What a line says without white space: pieces of it joined must give it again. */
static void squeeze(struct slice s, struct buf *out)
{
    for (size_t at = 0; at < s.size;) {
        uint32_t c = text_next(s, &at);
        if (c > ' ' && c != 0xa0 && c != 0x3000 && c != '|' && c != 0xfeff)
            text_put(out, c);
    }
}

static void check_places(const struct reading *r)
{
    struct buf pieces = BUF_INIT, whole = BUF_INIT;
    uint32_t line = 0;
    for (size_t i = 0; i < r->document.place_count; i++) {
        const struct plan_place_of *at = &r->document.places[i];
        struct buf words = BUF_INIT;
        buf_append_slice(&words, at->text);
        if (at->place == PLAN_PLACE_LEFTOVER)
            space_tabs(&words);
        if (!part_holds(r, at, buf_c_string(&words)))
            fail_msg("line %u is not where it is said to be (%d): %s", at->line, at->place, buf_c_string(&words));
        buf_finish(&words);
        assert_true(at->line >= line);
        line = at->line;
        squeeze(at->text, &pieces);
    }
    squeeze(buf_slice(&r->text), &whole);
    assert_string_equal(buf_c_string(&pieces), buf_c_string(&whole));
    buf_finish(&pieces);
    buf_finish(&whole);
}

static void check_fixture(const char *name)
{
    struct reading r;
    struct buf expected = BUF_INIT, found = BUF_INIT;
    char file[128];
    snprintf(file, sizeof file, "%s.txt", name);
    read_file(&r, file);
    snprintf(file, sizeof file, "%s.expect", name);
    load(file, &expected);
    tell(&r, &found);
    compare(&expected, &found, "part\t");
    compare(&expected, &found, "item\t");
    compare(&expected, &found, "note\t");
    compare(&expected, &found, "left\t");
    check_texts(&r, &expected);
    check_places(&r);
    buf_finish(&expected);
    buf_finish(&found);
    done(&r);
}

static void invented_documents(void **state)
{
    (void)state;
    DIR *folder = opendir(TEST_DATA "/plans");
    size_t count = 0;
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char *end = strstr(entry->d_name, ".expect");
        if (end == NULL)
            continue;
        *end = '\0';
        check_fixture(entry->d_name);
        count++;
    }
    closedir(folder);
    assert_true(count >= 18);
}

/* ---- the two documents from which the project grew: the counts of plans/README.md ---- */

struct part_count {
    enum plan_part_kind kind;
    enum plan_reason reason;
    uint32_t first_line, last_line;
    size_t items, lost;
};

static void check_counts(const struct reading *r, const struct part_count *expected, size_t count)
{
    assert_int_equal(r->document.part_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct plan_part *p = &r->document.parts[i];
        assert_int_equal(p->number, i + 1);
        assert_int_equal(p->kind, expected[i].kind);
        assert_int_equal(p->reason, expected[i].reason);
        assert_int_equal(p->first_line, expected[i].first_line);
        assert_int_equal(p->last_line, expected[i].last_line);
        assert_int_equal(p->item_count, expected[i].items);
        assert_int_equal(p->lost_count, expected[i].lost);
        assert_false(p->has_period);
    }
}

static size_t in_month(const struct plan_part *p, int month)
{
    size_t n = 0;
    for (size_t i = 0; i < p->item_count; i++)
        n += p->items[i].when.month == month && p->items[i].when.month_to == 0 && p->items[i].when.quarter == 0;
    return n;
}

static size_t in_quarter(const struct plan_part *p, int quarter)
{
    size_t n = 0;
    for (size_t i = 0; i < p->item_count; i++)
        n += p->items[i].when.quarter == quarter && p->items[i].when.month == 0;
    return n;
}

static bool noted(const struct reading *r, uint32_t part, enum plan_note_code code, uint32_t line)
{
    for (size_t i = 0; i < r->document.note_count; i++)
        if (r->document.notes[i].part == part && r->document.notes[i].code == code && r->document.notes[i].line == line)
            return true;
    return false;
}

static void work_plans_as_published(void **state)
{
    (void)state;
    static const struct part_count expected[] = {
        {PLAN_PART_PLAN, PLAN_REASON_NONE, 1, 97, 13, 0},   {PLAN_PART_PLAN, PLAN_REASON_NONE, 98, 182, 12, 0},
        {PLAN_PART_PLAN, PLAN_REASON_NONE, 184, 226, 0, 0}, {PLAN_PART_PLAN, PLAN_REASON_NONE, 227, 243, 0, 0},
        {PLAN_PART_PLAN, PLAN_REASON_NONE, 244, 286, 0, 0}, {PLAN_PART_PLAN, PLAN_REASON_NONE, 288, 324, 0, 0},
    };
    struct reading r;
    read_file(&r, "s0.txt");
    check_counts(&r, expected, 6);
    check_places(&r);
    assert_int_equal(r.document.leftover_count, 0);
    const struct plan_part *p = r.document.parts;
    assert_string_equal(p[0].title, "幼儿园工会工作计划");
    assert_string_equal(p[1].title, "");
    assert_int_equal(in_month(&p[0], 9), 3);
    assert_int_equal(in_month(&p[0], 10), 3);
    assert_int_equal(in_month(&p[0], 11), 2);
    assert_int_equal(in_month(&p[0], 12), 2);
    assert_int_equal(in_month(&p[0], 1), 3);
    for (int quarter = 1; quarter <= 4; quarter++)
        assert_int_equal(in_quarter(&p[1], quarter), 3);
    assert_string_equal(p[0].items[0].title, "工会委员例会，商议制定本学期工会工作计划");
    assert_int_equal(p[0].items[0].source_line, 65);
    assert_string_equal(p[0].items[12].title, "总结工会工作、做好经审工作");
    assert_string_equal(p[1].items[11].title, "筹备和举办教职工年终联欢活动，增强团队凝聚力");
    done(&r);
}

static void texts_of_work_plans(void **state)
{
    (void)state;
    struct reading r;
    read_file(&r, "s0.txt");
    const struct plan_part *p = r.document.parts;
    assert_memory_equal(p[0].guiding_text, "一、指导思想\n继续贯彻落实", strlen("一、指导思想\n继续贯彻落实"));
    assert_non_null(strstr(p[0].goals_text, "4.以创建教工之家为契机"));
    assert_non_null(strstr(p[0].measures_text, "(五)加强学习、深入调研"));
    assert_string_equal(p[0].other_text, "四、月工作安排");
    assert_non_null(strstr(p[1].measures_text, "保障措施\n1.加强工会自身建设"));
    assert_non_null(strstr(p[1].measures_text, "\n4.加强与上级工会和幼儿园管理层的沟通"));
    assert_non_null(strstr(p[1].other_text, "一、引言\n幼儿园工会是教职工自愿结合的群众组织"));
    assert_non_null(strstr(p[1].other_text, "结语\n幼儿园工会将在新学期里"));
    assert_non_null(strstr(p[3].measures_text, "工会干部队伍。\n/7、关心广大教职工身心健康"));
    assert_non_null(strstr(p[4].measures_text, "拟在六月份召开二届二次教代会。"));
    assert_non_null(strstr(p[5].measures_text, "信得过教师。\n5、要充分发挥"));
    assert_non_null(strstr(p[5].other_text, "我园积极发挥工会组织的基本职能"));
    assert_true(noted(&r, 1, PLAN_NOTE_PERIOD_MISSING, 1));
    assert_true(noted(&r, 3, PLAN_NOTE_PERIOD_REGIONAL, 186));
    done(&r);
}

static void summaries_as_published(void **state)
{
    (void)state;
    static const struct part_count expected[] = {
        {PLAN_PART_PLAN, PLAN_REASON_NONE, 13, 69, 7, 5},
        {PLAN_PART_OTHER, PLAN_REASON_SUMMARY, 71, 103, 0, 0},
        {PLAN_PART_PLAN, PLAN_REASON_NONE, 105, 151, 5, 0},
        {PLAN_PART_OTHER, PLAN_REASON_SUMMARY, 153, 179, 0, 0},
        {PLAN_PART_OTHER, PLAN_REASON_NO_UNION_MATTER, 181, 197, 0, 0},
    };
    static const uint32_t lost_lines[] = {55, 57, 59, 61, 63};
    struct reading r;
    read_file(&r, "s1.txt");
    check_counts(&r, expected, 5);
    check_places(&r);
    const struct plan_part *p = r.document.parts;
    for (size_t i = 0; i < 5; i++) {
        assert_true(p[0].items[i].month_lost);
        assert_int_equal(p[0].items[i].source_line, lost_lines[i]);
        assert_int_equal(p[0].items[i].when.month, 0);
        assert_int_equal(p[2].items[i].when.month, 3 + (int)i);
        assert_int_equal(p[2].items[i].source_line, 143 + 2 * i);
    }
    assert_int_equal(in_month(&p[0], 11), 2);
    assert_string_equal(p[2].items[1].title, "举行全园庆祝“五一”国际劳动节大型趣味运动会");
    assert_non_null(strstr(p[0].measures_text, "2.今年为“关爱职工年”"));
    assert_true(noted(&r, 1, PLAN_NOTE_MONTH_LOST, 55));
    assert_true(noted(&r, 1, PLAN_NOTE_HEADING_SAYS_SUMMARY, 13));
    assert_true(noted(&r, 3, PLAN_NOTE_PERIOD_BLANKED, 107));
    done(&r);
}

static void leftover_lines_of_a_site(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, last, part;
        enum plan_reason reason;
    } expected[] = {
        {1, 1, 0, PLAN_REASON_ADVERTISEMENT},   {3, 3, 0, PLAN_REASON_NAVIGATION},
        {5, 5, 0, PLAN_REASON_TITLE_LINE},      {7, 7, 0, PLAN_REASON_DATE_LINE},
        {9, 9, 0, PLAN_REASON_TITLE_LINE},      {11, 11, 0, PLAN_REASON_ADVERTISEMENT},
        {17, 17, 0, PLAN_REASON_ADVERTISEMENT}, {71, 103, 2, PLAN_REASON_SUMMARY},
        {153, 179, 4, PLAN_REASON_SUMMARY},     {181, 197, 5, PLAN_REASON_NO_UNION_MATTER},
    };
    struct reading r;
    read_file(&r, "s1.txt");
    assert_int_equal(r.document.leftover_count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < r.document.leftover_count; i++) {
        const struct plan_leftover *l = &r.document.leftovers[i];
        assert_int_equal(l->first_line, expected[i].first);
        assert_int_equal(l->last_line, expected[i].last);
        assert_int_equal(l->part, expected[i].part);
        assert_int_equal(l->reason, expected[i].reason);
    }
    assert_string_equal(r.document.leftovers[6].text, "WWw.nnS88.cOm");
    assert_null(strstr(r.document.parts[0].measures_text, "WWw"));
    done(&r);
}

/* ---- limits and odd input ---- */

static void the_same_with_other_line_ends(void **state)
{
    (void)state;
    struct reading unix_ends, other = {.text = BUF_INIT};
    struct buf a = BUF_INIT, b = BUF_INIT;
    read_file(&unix_ends, "s0.txt");
    for (size_t i = 0; i < unix_ends.text.size; i++) {
        if (unix_ends.text.data[i] == '\n')
            buf_byte(&other.text, '\r');
        buf_byte(&other.text, unix_ends.text.data[i]);
    }
    read_text(&other);
    tell(&unix_ends, &a);
    tell(&other, &b);
    assert_string_equal(buf_c_string(&a), buf_c_string(&b));
    buf_finish(&a);
    buf_finish(&b);
    done(&unix_ends);
    done(&other);
}

static void nothing_in_nothing(void **state)
{
    (void)state;
    static const char *const empty[] = {"", "\n", " \r\n\t\n　\n", "\n\n\n"};
    for (size_t i = 0; i < 4; i++) {
        struct reading r;
        read_words(&r, empty[i]);
        assert_int_equal(r.document.part_count, 0);
        assert_int_equal(r.document.place_count, 0);
        done(&r);
    }
}

static void input_over_the_limits(void **state)
{
    (void)state;
    struct arena arena;
    struct plan_document d;
    struct buf text = BUF_INIT;
    arena_init(&arena, PLAN_READ_ARENA);
    assert_int_equal(plan_read(slice_of("\xff\xfe", 2), &arena, &d), ERR_TEXT);
    assert_int_equal(plan_read(slice_of("a\0b", 3), &arena, &d), ERR_TEXT);
    for (size_t i = 0; i < LIMIT_IMPORT_ROWS; i++)
        buf_text(&text, "1\n");
    assert_int_equal(plan_read(buf_slice(&text), &arena, &d), ERR_OK);
    arena_reset(&arena);
    buf_text(&text, "1\n");
    assert_int_equal(plan_read(buf_slice(&text), &arena, &d), ERR_TOO_LONG);
    while (text.size <= LIMIT_IMPORT_FILE)
        buf_text(&text, "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n");
    assert_int_equal(plan_read(buf_slice(&text), &arena, &d), ERR_TOO_LONG);
    arena_finish(&arena);
    arena_init(&arena, 2048);
    buf_finish(&text);
    buf_text(&text, "工会工作计划\n九月\n1.收缴工会费\n十月\n1.筹备教代会\n");
    assert_int_equal(plan_read(buf_slice(&text), &arena, &d), ERR_MEMORY);
    arena_finish(&arena);
    buf_finish(&text);
}

/* A chapter, and a line of the schedule, longer than their fields: cut at a line's end, nothing lost. */
static void words_too_long_for_their_field(void **state)
{
    (void)state;
    struct reading r = {.text = BUF_INIT};
    buf_text(&r.text, "工会工作计划\n一、指导思想\n");
    size_t lines = LIMIT_TEXT_LONG / strlen("服务教职工。\n") + 1;
    for (size_t i = 0; i < lines; i++)
        buf_text(&r.text, "服务教职工。\n");
    buf_text(&r.text, "二、工作安排\n九月\n1.");
    for (size_t i = 0; i <= LIMIT_TEXT_LONG / strlen("收缴工会费，"); i++)
        buf_text(&r.text, "收缴工会费，");
    buf_text(&r.text, "完\n");
    read_text(&r);
    const struct plan_part *p = r.document.parts;
    assert_true(strlen(p->guiding_text) <= LIMIT_TEXT_LONG);
    assert_true(strlen(p->guiding_text) > LIMIT_TEXT_LONG - 40);
    assert_true(noted(&r, 1, PLAN_NOTE_TEXT_TOO_LONG, 1));
    assert_int_equal(p->item_count, 1);
    assert_true(strlen(p->items[0].title) <= LIMIT_TEXT_LONG);
    assert_true(noted(&r, 1, PLAN_NOTE_TITLE_TOO_LONG, (uint32_t)lines + 5));
    assert_true(noted(&r, 1, PLAN_NOTE_TEXT_OVERFLOW, 1));
    assert_non_null(strstr(p->other_text, "收缴工会费，完"));
    size_t kept = 0;
    for (const char *at = strstr(p->other_text, "服务教职工。"); at != NULL; at = strstr(at + 1, "服务教职工。"))
        kept++;
    assert_int_equal(kept + strlen(strchr(p->guiding_text, '\n')) / strlen("服务教职工。\n"), lines);
    done(&r);
}

/* Any stretch of a document is read without a fault and without losing a line. */
static void every_beginning_and_end(void **state)
{
    (void)state;
    struct buf whole = BUF_INIT;
    load("chapters.txt", &whole);
    load("lost.txt", &whole);
    load("nested.txt", &whole);
    for (size_t from = 0; from < whole.size; from++) {
        struct reading r = {.text = BUF_INIT};
        if ((whole.data[from] & 0xc0) == 0x80)
            continue;
        buf_append(&r.text, whole.data + from, whole.size - from);
        read_text(&r);
        check_places(&r);
        done(&r);
        if (from == 0)
            continue;
        buf_append(&r.text, whole.data, from);
        read_text(&r);
        check_places(&r);
        done(&r);
    }
    buf_finish(&whole);
}

/* Documents with lines moved, doubled, joined and lost: read without a fault, every line in its place. */
static void shuffled_documents(void **state)
{
    (void)state;
    static const char *const names[] = {"s0.txt",       "s1.txt",     "single.txt", "forms.txt",     "spans.txt",
                                        "table.txt",    "lost.txt",   "nested.txt", "two_plans.txt", "unnumbered.txt",
                                        "chapters.txt", "inline.txt", "site.txt",   "marks.txt"};
    struct buf all = BUF_INIT;
    struct slice lines[2048];
    size_t count = 0;
    uint32_t random = 20260901;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        load(names[i], &all);
    for (size_t at = 0, end; at < all.size && count < 2048; at = end + 1) {
        for (end = at; end < all.size && all.data[end] != '\n'; end++)
            ;
        if (end - at < 600) /* long paragraphs only cost time */
            lines[count++] = slice_of(all.data + at, end - at);
    }
    for (int round = 0; round < 1500; round++) {
        struct reading r = {.text = BUF_INIT};
        for (int n = 0; n < 20; n++) {
            random = random * 1664525u + 1013904223u;
            buf_append_slice(&r.text, lines[(random >> 8) % count]);
            if (random % 16 != 0)
                buf_byte(&r.text, '\n');
        }
        read_text(&r);
        check_places(&r);
        done(&r);
    }
    buf_finish(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_plans_as_published),
        cmocka_unit_test(texts_of_work_plans),
        cmocka_unit_test(summaries_as_published),
        cmocka_unit_test(leftover_lines_of_a_site),
        cmocka_unit_test(invented_documents),
        cmocka_unit_test(the_same_with_other_line_ends),
        cmocka_unit_test(nothing_in_nothing),
        cmocka_unit_test(input_over_the_limits),
        cmocka_unit_test(words_too_long_for_their_field),
        cmocka_unit_test(every_beginning_and_end),
        cmocka_unit_test(shuffled_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
