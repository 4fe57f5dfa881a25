/* FIELD=VALUE words and lists over a real replica, without the network: fields by name or label, values, references by
 * what people call them, conditions. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/command/branch_rows.h"
#include "client/command/field_words.h"
#include "client/command/row_list.h"
#include "help_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW INT64_C(1795400000000)

static struct folder dir;
static struct seat seat;
static const struct kind *member, *group;
static int errors = -1;

/* What commands say to people goes to a file meanwhile. */
static void quiet(void)
{
    fflush(stderr);
    errors = dup(2);
    int file = open(folder_file(&dir, "said"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(file, 2);
    close(file);
}

static const char *said(void)
{
    static char text[2000];
    fflush(stderr);
    dup2(errors, 2);
    close(errors);
    FILE *f = fopen(folder_file(&dir, "said"), "r");
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    return text;
}

static int setup(void **state)
{
    (void)state;
    struct replica_seat who = {.number = 5,
                               .person = "李四",
                               .roles = "union_chair",
                               .home = 2,
                               .home_code = "qh-01",
                               .home_name = "青禾第一幼儿园工会",
                               .home_level = "branch",
                               .district = "青禾区教育工会",
                               .server = "127.0.0.1:1"};
    setenv("BANYAN_LANG", "en", 1);
    tr_init();
    folder_make(&dir);
    memset(&seat, 0, sizeof seat);
    arena_init(&seat.arena, 8u << 20);
    seat.now_ms = NOW;
    assert_int_equal(replica_create(dir.path, &who, NOW), ERR_OK);
    assert_int_equal(replica_open(dir.path, NOW, &seat.replica), ERR_OK);
    assert_int_equal(replica_facts(seat.replica, &seat.facts), ERR_OK);
    member = kind_by_name("member");
    group = kind_by_name("union_group");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    replica_close(seat.replica);
    arena_finish(&seat.arena);
    folder_remove(&dir);
    return 0;
}

static bool parse(const struct kind *k, enum field_words_mode mode, struct field_words *out, int *status,
                  const char *line)
{
    char *words[16], *rest = NULL, *copy = arena_text(&seat.arena, slice_text(line));
    int count = 0;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    *status = -1;
    return field_words_parse(&seat, k, words, count, mode, out, status);
}

static struct field_words parsed(const struct kind *k, enum field_words_mode mode, const char *line)
{
    struct field_words w;
    int status;
    assert_true(parse(k, mode, &w, &status, line));
    assert_int_equal(status, -1);
    return w;
}

static const char *refused(const struct kind *k, enum field_words_mode mode, const char *line, int wanted)
{
    struct field_words w;
    int status;
    quiet();
    bool good = parse(k, mode, &w, &status, line);
    const char *text = said();
    assert_false(good);
    assert_int_equal(status, wanted);
    return text;
}

static const char *text_of(const struct field_words *w, const char *field)
{
    struct cell c = record_get_name(w->patch, field);
    return c.type == CELL_TEXT ? (const char *)c.bytes.data : NULL;
}

static struct id add(const struct kind *k, const char *line)
{
    struct field_words w = parsed(k, FIELD_WORDS_ADD, line);
    struct replica_change change = {.op = OP_CREATE, .kind = k->number, .patch = w.patch};
    struct replica_outcome out;
    assert_int_equal(replica_change(seat.replica, &change, NOW, &seat.arena, &out), ERR_OK);
    return out.id;
}

/* ---- words ---- */

static void values_as_people_write_them(void **state)
{
    (void)state;
    struct field_words w = parsed(member, FIELD_WORDS_ADD,
                                  "name=李四 性别=女 birth_date=1990年3月7日 id_number=110101199003070038 note=a=b");
    assert_string_equal(text_of(&w, "name"), "李四");
    assert_string_equal(text_of(&w, "sex"), "2");
    assert_string_equal(text_of(&w, "birth_date"), "1990-03-07");
    assert_string_equal(text_of(&w, "id_number"), "110101199003070038");
    assert_string_equal(text_of(&w, "note"), "a=b");
    assert_int_equal(w.cleared_count, 0);
    w = parsed(member, FIELD_WORDS_ADD, "");
    assert_true(record_is_empty(w.patch));
}

static void emptied(void **state)
{
    (void)state;
    struct field_words w = parsed(member, FIELD_WORDS_SET, "note= sex= mobile= sex= group_id=");
    assert_true(record_is_empty(w.patch));
    assert_int_equal(w.cleared_count, 4); /* each once, by tag */
    for (size_t i = 1; i < 4; i++)
        assert_true(w.cleared[i - 1] < w.cleared[i]);
    w = parsed(member, FIELD_WORDS_ADD, "name=Li note= group_id=");
    assert_int_equal(w.cleared_count, 0); /* nothing was there */
    assert_null(text_of(&w, "note"));
}

static void of_two_words_the_later_counts(void **state)
{
    (void)state;
    struct field_words w = parsed(member, FIELD_WORDS_SET, "note=x campus= note= campus=East name=A name=B");
    assert_null(text_of(&w, "note"));
    assert_string_equal(text_of(&w, "campus"), "East");
    assert_string_equal(text_of(&w, "name"), "B");
    assert_int_equal(w.cleared_count, 1);
    assert_int_equal(w.cleared[0], record_field(member->descriptor, "note")->id);
    w = parsed(member, FIELD_WORDS_ADD, "note=x note=");
    assert_null(text_of(&w, "note"));
}

static void what_is_no_word(void **state)
{
    (void)state;
    assert_non_null(
        strstr(refused(member, FIELD_WORDS_ADD, "name", EXIT_USAGE), "name is not of the form FIELD=VALUE"));
    assert_non_null(strstr(refused(member, FIELD_WORDS_ADD, "nmae=Li", EXIT_USAGE), "did you mean name?"));
    assert_non_null(
        strstr(refused(member, FIELD_WORDS_ADD, "whatever_it_is=Li", EXIT_USAGE), "see: banyan describe member"));
    assert_non_null(strstr(refused(member, FIELD_WORDS_ADD, "=Li", EXIT_USAGE), "has no field"));
    (void)refused(member, FIELD_WORDS_ADD, "birth_date=yesterday", EXIT_FAILED);
    (void)refused(member, FIELD_WORDS_ADD, "sex=maybe", EXIT_FAILED);
    (void)refused(member, FIELD_WORDS_ADD, "name=\xff\xfe", EXIT_FAILED);
    struct buf word = BUF_INIT; /* a field's name that is cut for the sentence is cut between characters */
    for (int i = 0; i < 60; i++)
        buf_text(&word, "榕");
    buf_text(&word, "=1");
    const char *text = refused(member, FIELD_WORDS_ADD, buf_c_string(&word), EXIT_USAGE);
    assert_true(strstr(text, "榕") != NULL);
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, "榕")); at += 3)
        count++;
    assert_int_equal(count, 42); /* 126 of 127 bytes */
    buf_finish(&word);
}

/* ---- references ---- */

static void references_by_what_people_say(void **state)
{
    (void)state;
    char text[200], id_word[ID_TEXT_SIZE];
    struct id li = add(member, "name=Li id_number=110101199003070038"), wang = add(member, "name=Wang"),
              twin = add(member, "name=Zhao");
    (void)add(member, "name=Zhao");
    const struct {
        const char *word;
        struct id is;
    } cases[] = {{"Li", li}, {"110101199003070038", li}, {"Wang", wang}};
    for (size_t i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "name=G leader_member_id=%s", cases[i].word);
        struct field_words w = parsed(group, FIELD_WORDS_ADD, text);
        assert_memory_equal(record_get_name(w.patch, "leader_member_id").bytes.data, cases[i].is.bytes, ID_SIZE);
    }
    id_text(twin, id_word);
    snprintf(text, sizeof text, "name=G leader_member_id=%s", id_word);
    struct field_words w = parsed(group, FIELD_WORDS_ADD, text);
    assert_memory_equal(record_get_name(w.patch, "leader_member_id").bytes.data, twin.bytes, ID_SIZE);
    assert_non_null(strstr(refused(group, FIELD_WORDS_ADD, "leader_member_id=Zhao", EXIT_FAILED),
                           "more than one record fits Zhao"));
    assert_non_null(
        strstr(refused(group, FIELD_WORDS_ADD, "leader_member_id=Nobody", EXIT_FAILED), "see: banyan list member"));
}

/* ---- lists ---- */

struct seen {
    size_t count;
    char names[400];
};

static void note_row(void *to, const struct show_record *row)
{
    struct seen *s = to;
    struct cell name = record_get_name(row->message, "name");
    s->count++;
    strncat(s->names, (const char *)name.bytes.data, sizeof s->names - strlen(s->names) - 2);
    strcat(s->names, " ");
    assert_string_equal(row->sync, "queued");
    assert_int_equal(row->access, ACCESS_FULL);
}

static const char *list(struct row_wish wish, int *status)
{
    static struct seen seen;
    int64_t age;
    seen = (struct seen){0};
    *status = 0;
    wish.kind = member;
    bool good = row_list(&seat, &wish, note_row, &seen, &age, status);
    assert_int_equal(age, -1);
    assert_int_equal(good, *status == 0);
    return seen.names;
}

static void conditions(void **state)
{
    (void)state;
    int status;
    char *female[] = {"sex=女"}, *both[] = {"sex=2", "campus=East"}, *none[] = {"campus="}, *bad[] = {"sex=maybe"},
         *unknown[] = {"colour=red"}, *formless[] = {"sex"}, *many[20];
    (void)add(member, "name=Li sex=2 campus=East");
    (void)add(member, "name=Wang sex=2 campus=West state=active");
    (void)add(member, "name=Zhao sex=1 state=active");
    assert_string_equal(list((struct row_wish){0}, &status), "Li Wang Zhao ");
    assert_string_equal(list((struct row_wish){.state = "active"}, &status), "Wang Zhao ");
    assert_string_equal(list((struct row_wish){.state = "在籍"}, &status), "Wang Zhao ");
    assert_string_equal(list((struct row_wish){.filters = female, .filter_count = 1}, &status), "Li Wang ");
    assert_string_equal(list((struct row_wish){.filters = both, .filter_count = 2}, &status), "Li ");
    assert_string_equal(list((struct row_wish){.filters = none, .filter_count = 1}, &status),
                        "Zhao "); /* where it is empty */
    assert_string_equal(list((struct row_wish){.filters = both, .filter_count = 2, .state = "active"}, &status), "");
    branch_rows_look(&seat, "qh-01"); /* the own branch asks nobody */
    assert_null(seat.branch);
    assert_string_equal(list((struct row_wish){0}, &status), "Li Wang Zhao ");
    quiet();
    (void)list((struct row_wish){.state = "aktive"}, &status);
    assert_int_equal(status, EXIT_USAGE);
    (void)list((struct row_wish){.filters = bad, .filter_count = 1}, &status);
    assert_int_equal(status, EXIT_FAILED);
    (void)list((struct row_wish){.filters = unknown, .filter_count = 1}, &status);
    assert_int_equal(status, EXIT_USAGE);
    (void)list((struct row_wish){.filters = formless, .filter_count = 1}, &status);
    assert_int_equal(status, EXIT_USAGE);
    for (size_t i = 0; i < 20; i++)
        many[i] = female[0];
    (void)list((struct row_wish){.filters = many, .filter_count = 17}, &status);
    assert_int_equal(status, EXIT_USAGE);
    const char *text = said();
    assert_non_null(strstr(text, "did you mean active?"));
    assert_non_null(strstr(text, "“maybe”"));
    assert_non_null(strstr(text, "sex: unknown, male, female")); /* what there is instead */
    assert_non_null(strstr(text, "sex is not of the form FIELD=VALUE"));
    assert_non_null(strstr(text, "too many conditions"));
    assert_string_equal(list((struct row_wish){.filters = many, .filter_count = 16}, &status), "Li Wang ");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(values_as_people_write_them),   T(emptied),    T(of_two_words_the_later_counts), T(what_is_no_word),
        T(references_by_what_people_say), T(conditions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
