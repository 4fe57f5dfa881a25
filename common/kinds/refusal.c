/* Sentences of refusals and warnings: what is wrong, and what the person can do next. Short, kind, in the words of the people
 * who read them. Marks in them: sentence.h. */
#include "kinds/refusal.h"
#include "kinds/rules.h"
#include "kinds/sentence.h"
#include <string.h>

#define X(name) const char REFUSAL_##name[] = #name;
REFUSAL_LIST(X)
#undef X

static const char *const codes[] = {
#define X(name) REFUSAL_##name,
    REFUSAL_LIST(X)
#undef X
        NULL,
};

const char *const *refusal_codes(void)
{
    return codes;
}

static const struct rule_text generic[] = {
    {REFUSAL_RIGHT, L("您的角色不能这样处理[%k][（%a）]。[可以办的：%m。]", "Your role may not do this[ (%a)][ to a %k].[ Who may: %m.]"),
     L("请让有这项权限的同事来办。", "Let a colleague do it who may."), "rights.md"},
    {REFUSAL_SEAT_REVOKED, L("这个席位已经停用，它的改动不再接收。", "This seat has been revoked; its changes are no longer taken."),
     L("请联系工会主席或区教育工会，需要时重新领取加入码。", "Ask the chair or the district for a new join code."), "sync 32"},
    {REFUSAL_SEAT_SUSPENDED, L("这个席位暂时停用。", "This seat is suspended."),
     L("席位恢复后，请在待办里重新发送这条改动。", "Send the change again once the seat is resumed."), "sync 31"},
    {REFUSAL_ORG, L("这条记录不归您的单位管，不能在这里改。", "This record belongs to another organisation."),
     L("请联系记录所属的单位来处理。", "Ask the organisation that owns it."), "rights.md"},
    {REFUSAL_UNKNOWN_KIND, L("没有[“%1”]这一类记录。", "There is no such kind of record[: “%1”]."),
     L("[您要的是不是“%2”？]可用 banyan kinds 查看；如果刚升级过，请区里也升级服务器。",
       "[Did you mean “%2”? ]banyan kinds lists them; after an upgrade here the server may need one too."), "sync 7"},
    {REFUSAL_UNKNOWN_RECORD, L("找不到这条[%k]记录，它可能没有送达。", "This [%k ]record is not known; it may never have arrived."),
     L("请先同步，再看看它是否还在；需要时重新添加。", "Synchronise, look again, and add it anew if need be."), "sync 14"},
    {REFUSAL_UNKNOWN_FIELD, L("[%k]没有[“%1”]这一项。", "There is no such field[: “%1”]."),
     L("[您要的是不是“%2”？]可用 banyan describe [%n ]查看有哪些项。", "[Did you mean “%2”? ]See banyan describe[ %n]."), "sync 7"},
    {REFUSAL_UNKNOWN_ACTION, L("[%k]没有[“%1”]这一步。", "There is no such step[: “%1”]."),
     L("[您要的是不是“%2”？]可用 banyan describe [%n ]查看有哪些步骤。", "[Did you mean “%2”? ]See banyan describe[ %n]."), "sync 7"},
    {REFUSAL_FORM, L("这条改动的格式不对，读不出来。", "This change is malformed and cannot be read."),
     L("请升级程序后再试；还不行，请联系区教育工会。", "Upgrade and try again, or tell the district."), "sync 7"},
    {REFUSAL_TOO_LONG, L("[“%f”|这一项]写得太长了[，最多约 %1 个字]。", "[“%f”|This] is too long[: at most about %1 Chinese characters]."),
     L("请精简一些再保存。", "Shorten it and save again."), "limits"},
    {REFUSAL_VALUE, L("[“%f”|这一项]的写法不对[：%1][（要求：%r）]。", "The form[ of “%f”] is wrong[: %1][ (wanted: %r)]."),
     L("请改成要求的写法再保存。", "Write it as wanted and save again."), "describe"},
    {REFUSAL_CODE, L("[“%f”|这一项]里没有[“%1”]这个选项。", "There is no such choice[ in “%f”][: “%1”]."),
     L("请从选项里选一个；可用 banyan describe [%n ]查看全部选项。", "Choose one of those that banyan describe[ %n] lists."), "rules.md 9"},
    {REFUSAL_REQUIRED, L("[“%f”（%i）|“%f”|有一项]还没有填[（%r）]。", "[“%f” (%i)|“%f”|A field] is missing[ (%r)]."),
     L("请补上再保存。", "Fill it in and save again."), "describe"},
    {REFUSAL_IMMUTABLE_FIELD, L("[“%f”|这一项]填好以后不能再改。", "[“%f”|This field] cannot be changed once it is set."),
     L("如果填错了，请删掉这条记录，再重新添加。", "If it is wrong, remove the record and add it anew."), "describe"},
    {REFUSAL_SERVER_FIELD, L("[“%f”|这一项]由服务器统一编号，不用填写。", "[“%f”|This field] is given by the server."),
     L("请去掉这一项再保存。", "Leave it out and save again."), "sync 18"},
    {REFUSAL_STATE_FIELD, L("状态不能直接改，要一步一步地办。", "The state is not set; it is moved by a step."),
     L("请用 banyan act [%n ]办理相应的步骤。", "Use banyan act[ %n]."), "cli"},
    {REFUSAL_SIDE_FIELD, L("[“%f”|这一项]要在办理步骤时填写，不能单独改[（步骤：%p）]。", "[“%f”|This field] is given with a step, not by itself[ (step: %p)]."),
     L("请在办理步骤时一并填写：banyan act [%n ]编号 步骤 栏目=值。", "Give it with its step: banyan act [%n ]ID STEP FIELD=VALUE."), "describe"},
    {REFUSAL_REFERENCE, L("[“%f”|这一项]所指的[%g]记录找不到，可能已经删除。", "The [%g ]record that[ “%f”] points to is not there."),
     L("请先同步，再重新选一次。", "Synchronise and choose again."), "sync 7"},
    {REFUSAL_NOT_EDITABLE, L("这条记录[现在是“%s”，]内容不能改，也不能删除。", "This record cannot be changed or removed now[: it is “%s”]."),
     L("确实要改时，请先办理退回等步骤，或联系经办人。", "Take it a step back first, or ask who handles it."), "describe"},
    {REFUSAL_STATE_MOVED, L("这一步办不了：记录[现在是“%s”|已经换了状态][，由%w2 办理][，时间 %t3]。",
                            "This step is not open: the record[ is “%s” now| has moved][, by %w2][, on %t3]."),
     L("请看看现在的状态，再决定下一步。", "Look at it as it is now and decide anew."), "sync 10"},
    {REFUSAL_CHANGED_SINCE, L("您看过以后，这条记录又有改动[（%w1）][，时间 %t2]，所以没有照办。",
                              "It was changed after you saw it[, by %w1][, on %t2]; nothing was done."),
     L("请先看看新的内容；仍要这样办，就再办一次。", "Look at it as it is now; do it again if you still want to."), "sync 13"},
    {REFUSAL_EXISTS, L("这条记录已经有了，不能再加。", "This record is there already."),
     L("请核对已有的那条；要更正，请新增一条更正记录。", "Look at that one; a correction is a new record."), "sync 11"},
    {REFUSAL_FOR_SEAT, L("不能以那个席位的名义处理：它不是您单位的席位。", "This cannot be handed in for that seat: it is not one of your organisation."),
     L("请由那个席位所在单位的同事代为提交。", "A colleague of that seat's organisation may hand it in."), "sync 7"},
    {REFUSAL_ORIGIN, L("这条改动说是从一个席位的移交文件里来的，但没有那个席位的签名可以证明。",
                       "This change is said to come from a seat's handover file, but bears no signature of that seat."),
     L("请重新接收那份移交文件；还不行，请联系区教育工会。", "Take that file in again, or tell the district."), "sync 7"},
    {REFUSAL_IDENTITY, L("[“%k”]这类记录的编号由内容决定，这条的编号与内容不符。", "The id of[ a %k|such a record] follows from what it is about; this one's does not."),
     L("要改的是另一件事，就请新增一条；程序较旧时请先升级。", "For another matter add a record of its own; upgrade an older program first."), "sync 11"},
    {REFUSAL_IMMUTABLE, L("[“%k”]这类记录只能新增，不能修改或删除。", "[A %k is|Such records are] only added, never changed or removed."),
     L("要更正，请新增一条更正记录。", "Add a correcting record."), "sync 12"},
    {REFUSAL_DELETED, L("这条记录已经被删除[（%w1）][，时间 %t2]，您的改动没有写上。", "The record was removed[ by %w1][ on %t2]; your change is not in it."),
     L("请决定是恢复这条记录，还是放弃您的改动。", "Decide: bring the record back, or drop your change."), "sync 13"},
    {REFUSAL_GROUP, L("这几项改动要一起成功[，第 %1 项没有通过]，所以都没有保存。", "These changes go together[; number %1 was refused], so none was saved."),
     L("请改好没有通过的那一项，再一起提交。", "Put that one right and send them together again."), "sync 15"},
    {REFUSAL_CONFLICTS, L("这条记录已有太多冲突在等人处理[（最多 %1 个）]，新的冲突没有再记。",
                           "Too many conflicts of this record wait for a person[ (at most %1)]; no more are kept."),
     L("请先在待办里处理完这条记录的一些冲突，再重新发送这条改动。",
       "End some of this record's conflicts first (banyan attention), then send this change again."), "sync 9"},
    {REFUSAL_MEASURES, L("本单位要分别统计的日期和时期太多了[（最多 %1 个）]，不能再增加新的。",
                          "This union has too many different dates and periods to count[ (at most %1)]; no new one is taken."),
     L("请检查日期和时期有没有填错，改正或办结旧的以后再重新发送；确有需要请联系区教育工会。",
       "Look for wrong dates and periods, put them right or finish old items, then send it again; or ask the district."), "sync 7"},
    {REFUSAL_CHILDREN, L("[“%f”|同一栏]相同的记录太多[（最多 %1 条）]，不能再加。",
                          "Too many records have the same[ “%f”][ (at most %1)]; no more are taken."),
     L("请先删除其中多余的，再重新发送这条改动。", "Remove those that are not needed, then send this change again."), "sync 7"},
    {REFUSAL_PARTS, L("这条[%k]记录下面还有[%g]，不能单独删除。", "There are [%g ]records that belong to this[ %k]; it cannot go without them."),
     L("请先看看它们；确实都不要了，先逐条删除它们，再删除这一条；不能删除的（如缴费），这一条也要留着，可以改为办一步（如退会）。",
       "Look at them first; if none is needed any more, remove them, then this one. What cannot be removed (payments) keeps it: let it take a step instead."),
     "sync 13"},
    {REFUSAL_ERASED, L("[“%f”|这一项]里的个人信息已经依法删除，不能再写回。", "The personal data[ in “%f”] have been erased and stay so."),
     L("不用再做什么；放弃这条改动即可。", "Nothing to do: discard the change."), "sync 29"},
    {REFUSAL_FUTURE, L("[“%f”|这个日期]填的是还没有到的日子。", "The date[ of “%f”] lies in the future."),
     L("可以先保存；请核对日期，写错了就改过来。", "It may be saved so; see whether the date is right."), "describe"},
    {REFUSAL_SCHEMA, L("两边的程序版本不同，这条改动对方还不认识。", "The other side's version does not know this change yet."),
     L("请升级程序，再发送一次。", "Upgrade and send it again."), "sync 7"},
};

/* Said in place of REFUSAL_VALUE: the form is right, and nobody finds what is wrong by looking at it. */
static const struct rule_text no_such_day = {REFUSAL_VALUE, L("[“%f”：]没有 %1 这一天，请看看月份和日子[（要求：%r）]。",
                                                              "There is no day %1[, “%f”]: look at month and day[ (wanted: %r)]."),
                                             L("请改成要求的写法再保存。", "Write it as wanted and save again."), "describe"};

static bool is_no_such_day(const struct kind *k, const char *code, const char *field, const char *written)
{
    const struct field_rule *f = k && field ? kind_field(k, field) : NULL;
    struct date day;
    return f && f->type == FIELD_DATE && written && strcmp(code, REFUSAL_VALUE) == 0 && date_is_written(written) &&
           date_parse(written, &day) != ERR_OK;
}

static const struct rule_text *text_find(const struct kind *k, const char *code)
{
    /* A kind's own way out of what is refused of all kinds goes first. */
    for (size_t i = 0; k && i < k->text_count; i++)
        if (strcmp(k->texts[i].code, code) == 0)
            return &k->texts[i];
    for (size_t i = 0; i < COUNT(generic); i++)
        if (strcmp(generic[i].code, code) == 0)
            return &generic[i];
    return NULL;
}

bool refusal_is_known(const struct kind *k, const char *code)
{
    return text_find(k, code) != NULL;
}

void refusal_text(const struct kind *k, const char *code, const char *field, const char *const *arguments, size_t argument_count,
                  const char *fallback, enum language language, struct buf *out)
{
    bool no_day = is_no_such_day(k, code, field, argument_count > 0 ? arguments[0] : NULL);
    const struct rule_text *t = no_day ? &no_such_day : text_find(k, code);
    if (!t) {
        buf_text(out, fallback ? fallback : code);
        return;
    }
    struct sentence_words words = {k, field, arguments, argument_count, language};
    sentence_write(label_in(t->text, language), &words, out);
    /* Of a group, why the one was refused: its own sentence, as far as it is told without its arguments. */
    const char *why = strcmp(code, REFUSAL_GROUP) == 0 && argument_count > 1 ? arguments[1] : NULL;
    if (why && strcmp(why, REFUSAL_GROUP) != 0 && text_find(k, why)) {
        buf_text(out, language == LANGUAGE_ZH ? "" : " ");
        refusal_text(k, why, field, NULL, 0, NULL, language, out);
    }
}

void refusal_step(const struct kind *k, const char *action, const char *state, enum language language, struct buf *out)
{
    const struct action_rule *step = k && action ? kind_action(k, action) : NULL;
    size_t open = 0;
    if (!step)
        return;
    buf_format(out, language == LANGUAGE_ZH ? "“%s”这一步在这些状态时办：" : "The step “%s” is taken from:", label_in(step->label, language));
    for (size_t i = 0; i < ACTION_STATES && step->from[i]; i++) {
        const struct state_rule *from = kind_state(k, step->from[i]);
        buf_format(out, language == LANGUAGE_ZH ? "%s%s" : "%s %s", i ? language == LANGUAGE_ZH ? "、" : "," : "",
                   from ? label_in(from->label, language) : step->from[i]);
    }
    buf_text(out, language == LANGUAGE_ZH ? "。" : ".");
    for (size_t i = 0; i < k->action_count; i++) {
        if (!kind_step_leads_from(&k->actions[i], state))
            continue;
        buf_text(out, open++ ? language == LANGUAGE_ZH ? "、" : ", " : language == LANGUAGE_ZH ? "现在可以办的步骤：" : " Steps from here: ");
        buf_format(out, language == LANGUAGE_ZH ? "%s（%s）" : "%s (%s)", label_in(k->actions[i].label, language), k->actions[i].name);
    }
    if (open)
        buf_text(out, language == LANGUAGE_ZH ? "。" : ".");
}

enum refusal_way refusal_way(const char *code)
{
    static const char *const never[] = {REFUSAL_SEAT_REVOKED, REFUSAL_ORG, REFUSAL_FOR_SEAT, REFUSAL_ORIGIN, REFUSAL_FORM, REFUSAL_UNKNOWN_FIELD,
                                        REFUSAL_UNKNOWN_ACTION, REFUSAL_UNKNOWN_RECORD, REFUSAL_IMMUTABLE_FIELD, REFUSAL_SERVER_FIELD,
                                        REFUSAL_STATE_FIELD, REFUSAL_SIDE_FIELD, REFUSAL_EXISTS, REFUSAL_IMMUTABLE, REFUSAL_DELETED, REFUSAL_ERASED};
    static const char *const as_it_is[] = {REFUSAL_SEAT_SUSPENDED, REFUSAL_UNKNOWN_KIND, REFUSAL_NOT_EDITABLE, REFUSAL_CHANGED_SINCE,
                                           REFUSAL_GROUP, REFUSAL_SCHEMA, REFUSAL_CONFLICTS, REFUSAL_MEASURES, REFUSAL_PARTS};
    for (size_t i = 0; i < COUNT(never); i++)
        if (strcmp(never[i], code) == 0)
            return REFUSAL_WAY_NONE;
    for (size_t i = 0; i < COUNT(as_it_is); i++)
        if (strcmp(as_it_is[i], code) == 0)
            return REFUSAL_WAY_AGAIN;
    return strcmp(code, REFUSAL_RIGHT) == 0 ? REFUSAL_WAY_RIGHT : strcmp(code, REFUSAL_STATE_MOVED) == 0 ? REFUSAL_WAY_STATE : REFUSAL_WAY_VALUES;
}

void refusal_next(const struct kind *k, const char *code, enum language language, struct buf *out)
{
    static const struct label unknown = L("请升级程序，再看一次原因。", "Upgrade and look at the reason again.");
    const struct rule_text *t = text_find(k, code);
    struct sentence_words words = {k, NULL, NULL, 0, language};
    sentence_write(label_in(t ? t->next : unknown, language), &words, out);
}
