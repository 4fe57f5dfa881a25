#pragma once
/* Sentences for people, by gettext (domain "banyan", msgids English). The rules' own labels and sentences stand beside the
 * rules in both languages (kinds/kind.h); everything that a program says goes through _(). */
enum tr_language { TR_ZH, TR_EN };

/* BANYAN_LANG (zh, zh_CN, en), else the locale (LC_ALL, LC_MESSAGES, LANG), else Chinese. Call once, first thing in main. */
void tr_init(void);
enum tr_language tr_language(void);
const char *tr(const char *msgid) __attribute__((format_arg(1)));
#define _(msgid) tr(msgid)
/* Marks a msgid in a table, where it is translated later, by _(). tests/sentences.sh finds both. */
#define N_(msgid) msgid
