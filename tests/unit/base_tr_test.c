#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/tr.h"
#include "base/slice.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A catalogue of its own, written as the GNU gettext manual, "The Format of GNU MO Files", says. */
static const struct {
    const char *id, *sentence;
} entries[] = {{"", "Content-Type: text/plain; charset=UTF-8\n"}, {"the disk is full", "磁盘已满"}};
#define ENTRIES (sizeof entries / sizeof entries[0])

static char folder[64];

static void put_le(uint8_t *at, size_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

static void write_catalogue(const char *path)
{
    uint8_t bytes[1024] = {0};
    size_t at = 28 + 16 * ENTRIES, head[] = {0x950412de, 0, ENTRIES, 28, 28 + 8 * ENTRIES, 0, at};
    for (size_t i = 0; i < 7; i++)
        put_le(bytes + 4 * i, head[i]);
    for (size_t i = 0; i < 2 * ENTRIES; i++) {
        const char *text = i < ENTRIES ? entries[i].id : entries[i - ENTRIES].sentence;
        put_le(bytes + 28 + 8 * i, strlen(text));
        put_le(bytes + 32 + 8 * i, at);
        strcpy((char *)bytes + at, text);
        at += strlen(text) + 1;
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, at, file), at);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/banyan_tr_XXXXXX");
    assert_non_null(mkdtemp(folder));
    char path[128];
    snprintf(path, sizeof path, "%s/zh_CN", folder);
    mkdir(path, 0700);
    strcat(path, "/LC_MESSAGES");
    mkdir(path, 0700);
    strcat(path, "/banyan.mo");
    write_catalogue(path);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const parts[] = {"/zh_CN/LC_MESSAGES/banyan.mo", "/zh_CN/LC_MESSAGES", "/zh_CN", ""};
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", folder, parts[i]);
        assert_int_equal(remove(path), 0);
    }
    return 0;
}

struct setting {
    const char *banyan_lang, *lc_all, *lc_messages, *lang;
};

static void put(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

/* In a child: tr_init is called once in a process. 0 if it spoke the language and numbers stay in C form. */
static int speaks(struct setting s, enum tr_language expected)
{
    put("BANYAN_LANG", s.banyan_lang);
    put("LC_ALL", s.lc_all);
    put("LC_MESSAGES", s.lc_messages);
    put("LANG", s.lang);
    put("LANGUAGE", "fr:de");
    put("BANYAN_LOCALE", folder);
    tr_init();
    if (tr_language() != expected)
        return 1;
    if (strcmp(_("the disk is full"), expected == TR_ZH ? "磁盘已满" : "the disk is full") != 0)
        return 2;
    if (strcmp(_("no such sentence"), "no such sentence") != 0 || strcmp(_(""), "") != 0)
        return 3;
    char number[16];
    snprintf(number, sizeof number, "%.1f", 1.5);
    return strcmp(number, "1.5") == 0 ? 0 : 4;
}

static void assert_speaks(struct setting s, enum tr_language expected)
{
    pid_t child = fork();
    if (child == 0)
        _exit(speaks(s, expected));
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void chinese_unless_english_is_asked_for(void **state)
{
    (void)state;
    assert_speaks((struct setting){0}, TR_ZH);
    assert_speaks((struct setting){.lang = "C"}, TR_ZH);
    assert_speaks((struct setting){.lang = "POSIX"}, TR_ZH);
    assert_speaks((struct setting){.lang = "C.UTF-8"}, TR_ZH);
    assert_speaks((struct setting){.lang = "fr_FR"}, TR_ZH);
    assert_speaks((struct setting){.lang = "zh_CN.UTF-8"}, TR_ZH);
    assert_speaks((struct setting){.lang = "zh_CN.GB18030"}, TR_ZH); /* yet the sentences are UTF-8 */
    assert_speaks((struct setting){.lang = "en_US.UTF-8"}, TR_EN);
    assert_speaks((struct setting){.lang = "en"}, TR_EN);
}

static void the_first_variable_that_is_set_decides(void **state)
{
    (void)state;
    assert_speaks((struct setting){.lc_all = "C", .lang = "en_US.UTF-8"}, TR_ZH);
    assert_speaks((struct setting){.lc_all = "", .lang = "en_US.UTF-8"}, TR_EN);
    assert_speaks((struct setting){.lc_messages = "en_GB", .lang = "zh_CN.UTF-8"}, TR_EN);
    assert_speaks((struct setting){.lc_all = "zh_CN.UTF-8", .lc_messages = "en_GB"}, TR_ZH);
    assert_speaks((struct setting){.banyan_lang = "en", .lc_all = "zh_CN.UTF-8"}, TR_EN);
    assert_speaks((struct setting){.banyan_lang = "zh", .lc_all = "en_US.UTF-8"}, TR_ZH);
    assert_speaks((struct setting){.banyan_lang = "zh_CN", .lc_all = "en_US.UTF-8"}, TR_ZH);
    assert_speaks((struct setting){.banyan_lang = "tlh", .lc_all = "en_US.UTF-8"}, TR_EN);
    assert_speaks((struct setting){.banyan_lang = "", .lc_all = "C.UTF-8"}, TR_ZH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chinese_unless_english_is_asked_for),
        cmocka_unit_test(the_first_variable_that_is_set_decides),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
