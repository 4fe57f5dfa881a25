/* What a district seat, or a command that needs the server, asks beside rows: one record's history, the board.
 * PROTOCOL.md "Questions". Invariant: an org outside the asker's part of the union does not exist for it. */
#include "server/session/session_frames.h"
#include "base/limits.h"
#include "server/overview.h"

/* ---- who may ask about what ---- */

bool session_reaches(struct session *s, uint32_t org, enum reach reach)
{
    return control_in_subtree(s->serving->control, session_who(s)->org, org) ||
           (reach == REACH_KEPT && session_keeps(s, org));
}

const struct control_org *session_asked_org(struct session *s, uint32_t request, uint32_t number, const char *code,
                                            enum reach reach)
{
    struct control *control = s->serving->control;
    const struct control_org *org =
        code ? control_org_by_code(control, code) : control_org(control, number ? number : session_who(s)->org);
    if (org && session_reaches(s, org->number, reach))
        return org;
    session_answer_error(s, request, "ASK_ORG", "no such branch in this seat's part of the union", "branch");
    return NULL;
}

bool session_id_is_whole(struct session *s, protobuf_c_boolean given, ProtobufCBinaryData id)
{
    if (!given || id.len == ID_SIZE)
        return true;
    session_refuse(s, err_name(ERR_PROTOCOL), "an id that has not 16 bytes", ERR_PROTOCOL);
    return false;
}

/* ---- history ---- */

#define HISTORY_MAX 1000
#define HISTORY_SIZE_MAX (3u * LIMIT_PAGE_SIZE) /* leaves room for the authors' names */

/* Where the newest begin that fit into one answer: a plan's text may have been rewritten often. */
static size_t first_that_fits(const struct entry *entries, size_t count)
{
    size_t size = 0;
    while (count > 0) {
        const struct entry *e = &entries[count - 1];
        size += 256 + e->change.size + e->effects.size;
        if (size > HISTORY_SIZE_MAX)
            break;
        count--;
    }
    return count;
}

static enum err fill_history(struct session *s, const struct strip_record *record, struct entry *entries, size_t count, bool cut,
                             Wire__History *answer)
{
    role_set roles = session_who(s)->roles;
    size_t first = first_that_fits(entries, count);
    answer->entry = session_make(s, (count + 1) * sizeof *answer->entry);
    answer->author = session_make(s, (2 * count + 1) * sizeof *answer->author);
    if (!answer->entry || !answer->author)
        return ERR_MEMORY;
    answer->has_cut = 1;
    answer->cut = cut || first > 0;
    for (size_t i = first; i < count; i++) {
        entry_strip_of(&entries[i], roles, record, session_arena(s));
        session_add_authors(s, answer->author, &answer->n_author, &entries[i]);
        answer->entry[answer->n_entry++] = entry_wire(&entries[i], session_arena(s));
    }
    return ERR_OK;
}

/* How much of the record this seat may read, as it is now; of a removed one what the rights say. */
static enum err record_access(struct session *s, const struct kind *k, struct id id, enum access *out)
{
    struct row row = {.message = NULL};
    enum err e = k->row_access ? store_read_row(s->serving->store, k->number, id, session_arena(s), &row) : ERR_OK;
    if (e != ERR_OK && e != ERR_NOT_FOUND)
        return e;
    const ProtobufCMessage *message = row.message;
    if (!message && k->row_access && !(message = record_new(k->descriptor, session_arena(s))))
        return ERR_MEMORY;
    *out = kind_access(k, message, session_who(s)->roles);
    return ERR_OK;
}

void session_take_history(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__HistoryAsk *ask = (const Wire__HistoryAsk *)m;
    struct entry *entries;
    size_t count;
    bool cut;
    Wire__History answer = WIRE__HISTORY__INIT;
    const struct kind *k = kind_by_number(ask->kind);
    (void)payload;
    if (!session_id_is_whole(s, true, ask->id))
        return;
    const struct control_org *org = session_asked_org(s, ask->number, ask->org, NULL, REACH_KEPT);
    if (!org)
        return;
    struct strip_record record = {.kind = ask->kind, .id = id_from(slice_of(ask->id.data, ask->id.len))};
    enum err e = k ? record_access(s, k, record.id, &record.access) : ERR_OK;
    if (e == ERR_OK && (!k || record.access < ACCESS_OPEN)) {
        session_answer_error(s, ask->number, "RIGHT", "this seat's roles may not read these records", NULL);
        return;
    }
    answer.has_number = 1;
    answer.number = ask->number;
    if (e == ERR_OK)
        e = store_read_record_history(s->serving->store, org->number, ask->kind, record.id, HISTORY_MAX, HISTORY_SIZE_MAX,
                                      session_arena(s), &entries, &count, &cut);
    bool by_row = k && k->row_access; /* else by each entry's own rights, as a pull */
    if (e == ERR_OK)
        e = fill_history(s, by_row ? &record : NULL, entries, count, cut, &answer);
    if (e != ERR_OK)
        session_fail(s, "history", e);
    else
        session_answer(s, ask->number, FRAME_HISTORY, &answer.base);
}

/* ---- the board ---- */

void session_take_overview(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__OverviewAsk *ask = (const Wire__OverviewAsk *)m;
    Wire__Overview answer = WIRE__OVERVIEW__INIT;
    (void)payload;
    const struct control_org *org = session_asked_org(s, ask->number, 0, ask->org_code, REACH_SUBTREE);
    if (!org)
        return;
    role_set roles = session_who(s)->roles;
    if (!roles) { /* none that this version knows. To the board that would be the server itself, which sees all */
        session_answer_error(s, ask->number, "RIGHT", "this seat's roles may not read these records", NULL);
        return;
    }
    struct overview_ask page = {.org = org->number,
                                .roles = roles,
                                .now_ms = s->serving->now_ms(),
                                .after_total = ask->after_total,
                                .after_branch = ask->after_branch,
                                .size_max = LIMIT_PAGE_SIZE};
    page.today = date_of_ms(page.now_ms, DATE_CHINA_MINUTES);
    answer.has_number = 1;
    answer.number = ask->number;
    enum err e = overview_make(s->serving->store, s->serving->control, &page, session_arena(s), &answer);
    if (e != ERR_OK)
        session_fail(s, "overview", e);
    else
        session_answer(s, ask->number, FRAME_OVERVIEW, &answer.base);
}
