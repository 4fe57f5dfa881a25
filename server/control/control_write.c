/* How control data changes: under the database's write lock the tables are brought level with the journal, the change is judged
 * against them, appended to the journal and synced, laid over the tables, committed. The journal is the truth: a record whose
 * commit failed (disk full, power) stands, and is laid over when the tables are opened or written next. */
#include "server/control/control_inner.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/tr.h"
#include "journal.pb-c.h"
#include "tls/tls.h"
#include "wire/wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const LEVELS[] = {"nation", "province", "city", "district", "branch"};
#define LEVEL_COUNT (sizeof LEVELS / sizeof *LEVELS)
#define CODE_SIZE_MAX 64u

/* A refusal with its sentence for people. */
__attribute__((format(printf, 3, 4))) static enum err refuse(struct control *c, enum err e, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    c->detail.size = 0;
    buf_text(&c->detail, text);
    buf_byte(&c->detail, 0);
    return e;
}

enum err control_begin(struct control *c, struct change_of_control *out)
{
    CHECK(c->journal);
    c->detail.size = 0;
    bool joined = db_in_transaction(c->db);
    enum err e = joined ? ERR_OK : db_begin(c->db);
    if (e != ERR_OK)
        return e;
    e = control_replay_here(c->db, c->journal);
    if (e == ERR_OK)
        e = control_reload(c);
    if (e != ERR_OK) {
        if (!joined)
            db_rollback(c->db);
        return e;
    }
    *out = (struct change_of_control){c, joined};
    return ERR_OK;
}

enum err control_give_up(struct change_of_control *change, enum err e)
{
    if (!change->joined)
        db_rollback(change->c->db);
    return e;
}

enum err control_finish(struct change_of_control *change, uint8_t type, const ProtobufCMessage *record)
{
    struct control *c = change->c;
    struct buf body = BUF_INIT;
    uint64_t number;
    wire_pack(record, &body);
    enum err e = body.size <= LIMIT_JOURNAL_RECORD ? journal_append(c->journal, type, buf_slice(&body), &number) : ERR_TOO_LONG;
    if (e == ERR_OK)
        e = store_control_apply(c->db, number, type, buf_slice(&body));
    buf_finish(&body);
    if (e != ERR_OK)
        return control_give_up(change, e);
    c->data_version = -1; /* our own commits don't change it: the next refresh looks in any case */
    if (!change->joined)
        e = db_commit(c->db);
    return e == ERR_OK ? control_reload(c) : e;
}

enum err control_explain_full(struct control *c, enum err e)
{
    return e == ERR_FULL ? refuse(c, e, _("there is no number left: each is given only once, and the highest that there can be was given")) : e;
}

enum err control_next_number(struct control *c, const char *table, uint32_t *out)
{
    return control_explain_full(c, store_control_next(c->db, table, out));
}

/* ---- orgs ---- */

static size_t level_of(const char *name)
{
    size_t i = 0;
    while (i < LEVEL_COUNT && strcmp(LEVELS[i], name) != 0)
        i++;
    return i;
}

static enum err check_words(struct control *c, const char *code, const char *name, const char *level)
{
    size_t size = strlen(code);
    if (size == 0 || size > CODE_SIZE_MAX || !text_is_clean(slice_text(code)) || strcspn(code, " \t\r\n,;\"'") != size)
        return refuse(c, ERR_VALUE, _("code: 1 to %u characters without spaces and commas, not \"%s\""), CODE_SIZE_MAX, code);
    if (!*name || strlen(name) > LIMIT_TEXT_SHORT || !text_is_clean(slice_text(name)))
        return refuse(c, ERR_VALUE, _("name: text of at most %u bytes, not empty"), LIMIT_TEXT_SHORT);
    if (level_of(level) == LEVEL_COUNT)
        return refuse(c, ERR_VALUE, _("level: one of nation, province, city, district, branch, not \"%s\""), level);
    return ERR_OK;
}

static enum err check_place(struct control *c, const char *code, const char *level, const char *parent_code, uint32_t *parent)
{
    if (control_org_by_code(c, code))
        return refuse(c, ERR_EXISTS, _("the code \"%s\" is taken already"), code);
    const struct control_org *above = parent_code && *parent_code ? control_org_by_code(c, parent_code) : control_org_at(c, 0);
    if (!above)
        return refuse(c, ERR_NOT_FOUND, _("there is no organisation with the code \"%s\" to hang it under"), parent_code ? parent_code : "");
    if (level_of(level) <= level_of(above->level))
        return refuse(c, ERR_REFUSED, _("%s can't hang under %s (%s)"), level, above->code, above->level);
    *parent = above->number;
    return ERR_OK;
}

static void fill_org(Journal__Org *m, uint32_t number, const char *code, const char *name, const char *level, uint32_t parent)
{
    m->has_number = m->has_parent = 1;
    m->number = number;
    m->parent = parent;
    m->code = (char *)code;
    m->name = (char *)name;
    m->level = (char *)level;
    m->state = "active";
}

/* Whoever was lost has a number below the next: those from there on were never given to anybody. Not each one below was: numbers jump. */
static enum err check_lost(struct control *c, uint32_t number, uint32_t next, uint32_t parent)
{
    if (control_org(c, number))
        return refuse(c, ERR_REFUSED, _("the number %u is that of %s"), number, control_org(c, number)->code);
    if (number == 0 || number >= next)
        return refuse(c, ERR_REFUSED, _("no branch was ever given the number %u; without --number it gets a new one"), number);
    if (parent > number)
        return refuse(c, ERR_REFUSED, _("what it hangs under has a higher number, %u: make that again under its own number first"), parent);
    return ERR_OK;
}

/* again NULL: a new number, that *number is set to. */
static enum err add_org(struct control *c, const char *code, const char *name, const char *level, const char *parent_code,
                        const uint32_t *again, uint32_t *number)
{
    struct change_of_control change;
    Journal__Org m = JOURNAL__ORG__INIT;
    uint32_t parent = 0, fresh = 0;
    enum err e = check_words(c, code, name, level);
    if (e == ERR_OK)
        e = control_begin(c, &change);
    if (e != ERR_OK)
        return e;
    e = check_place(c, code, level, parent_code, &parent);
    if (e == ERR_OK)
        e = control_next_number(c, "org", &fresh);
    if (e == ERR_OK && again)
        e = check_lost(c, *again, fresh, parent);
    if (e != ERR_OK)
        return control_give_up(&change, e);
    fresh = again ? *again : fresh;
    fill_org(&m, fresh, code, name, level, parent);
    e = control_finish(&change, CONTROL_ORG, &m.base);
    if (e == ERR_OK)
        *number = fresh;
    return e;
}

enum err control_next_org(struct control *c, uint32_t *out)
{
    return control_next_number(c, "org", out);
}

enum err control_add_org(struct control *c, const char *code, const char *name, const char *level, const char *parent_code, uint32_t *number)
{
    return add_org(c, code, name, level, parent_code, NULL, number);
}

enum err control_add_org_again(struct control *c, const char *code, const char *name, const char *level, const char *parent_code, uint32_t number)
{
    uint32_t given;
    return add_org(c, code, name, level, parent_code, &number, &given);
}

/* ---- invitations and seats ---- */

enum err control_add_invitation(struct control *c, uint32_t org, const char *person, role_set roles, const uint8_t secret[16], int64_t ends_ms, uint32_t by_seat)
{
    struct change_of_control change;
    Journal__Invitation m = JOURNAL__INVITATION__INIT;
    struct buf words = BUF_INIT;
    uint8_t hash[32];
    if (!*person || strlen(person) > LIMIT_TEXT_SHORT || !text_is_clean(slice_text(person)))
        return refuse(c, ERR_VALUE, _("name: text of at most %u bytes, not empty"), LIMIT_TEXT_SHORT);
    enum err e = control_begin(c, &change);
    if (e != ERR_OK)
        return e;
    e = control_org(c, org) ? control_next_number(c, "invitation", &m.number) : refuse(c, ERR_NOT_FOUND, _("there is no such organisation"));
    if (e != ERR_OK)
        return control_give_up(&change, e);
    tls_sha256(slice_of(secret, 16), hash);
    role_set_text(roles, &words);
    m.has_number = m.has_org = m.has_secret_hash = m.has_ends_ms = m.has_by_seat = 1;
    m.org = org;
    m.person = (char *)person;
    m.roles = (char *)buf_c_string(&words);
    m.secret_hash = (ProtobufCBinaryData){sizeof hash, hash};
    m.ends_ms = ends_ms;
    m.by_seat = by_seat;
    e = control_finish(&change, CONTROL_INVITATION, &m.base);
    buf_finish(&words);
    return e;
}

static enum err check_unused(struct control *c, uint32_t invitation)
{
    struct control_invitation found;
    arena_reset(&c->answers);
    enum err e = store_control_invitation(c->db, invitation, &c->answers, &found);
    if (e == ERR_NOT_FOUND)
        return refuse(c, e, _("there is no such invitation"));
    if (e == ERR_OK && found.seat)
        return refuse(c, ERR_EXISTS, _("the invitation was used already"));
    return e;
}

enum err control_add_seat(struct control *c, uint32_t invitation, const uint8_t key_hash[32], const uint8_t serial[16], int64_t certificate_ends_ms, uint32_t *seat)
{
    struct change_of_control change;
    Journal__Seat m = JOURNAL__SEAT__INIT;
    enum err e = control_begin(c, &change);
    if (e != ERR_OK)
        return e;
    e = check_unused(c, invitation);
    if (e == ERR_OK)
        e = control_next_number(c, "seat", &m.number);
    if (e != ERR_OK)
        return control_give_up(&change, e);
    m.has_number = m.has_invitation = m.has_key_hash = m.has_serial = m.has_certificate_ends_ms = 1;
    m.invitation = invitation;
    m.key_hash = (ProtobufCBinaryData){32, (uint8_t *)key_hash};
    m.serial = (ProtobufCBinaryData){16, (uint8_t *)serial};
    m.certificate_ends_ms = certificate_ends_ms;
    e = control_finish(&change, CONTROL_SEAT, &m.base);
    if (e == ERR_OK)
        *seat = m.number;
    return e;
}

enum err control_renew_seat(struct control *c, uint32_t seat, const uint8_t key_hash[32], const uint8_t serial[16], int64_t certificate_ends_ms)
{
    struct change_of_control change;
    Journal__Renewal m = JOURNAL__RENEWAL__INIT;
    enum err e = control_begin(c, &change);
    if (e != ERR_OK)
        return e;
    const struct control_seat *known = control_seat(c, seat);
    if (!known)
        return control_give_up(&change, refuse(c, ERR_NOT_FOUND, _("there is no seat %u"), seat));
    if (known->state == SEAT_REVOKED)
        return control_give_up(&change, refuse(c, ERR_REFUSED, _("seat %u is revoked"), seat));
    m.has_seat = m.has_key_hash = m.has_serial = m.has_certificate_ends_ms = 1;
    m.seat = seat;
    m.key_hash = (ProtobufCBinaryData){32, (uint8_t *)key_hash};
    m.serial = (ProtobufCBinaryData){16, (uint8_t *)serial};
    m.certificate_ends_ms = certificate_ends_ms;
    return control_finish(&change, CONTROL_RENEWAL, &m.base);
}

/* Revoked is for ever: its copies were told to destroy themselves. */
enum err control_set_seat_state(struct control *c, uint32_t seat, enum seat_state state, uint32_t by_seat)
{
    struct change_of_control change;
    Journal__SeatState m = JOURNAL__SEAT_STATE__INIT;
    enum err e = control_begin(c, &change);
    if (e != ERR_OK)
        return e;
    const struct control_seat *known = control_seat(c, seat);
    if (!known)
        return control_give_up(&change, refuse(c, ERR_NOT_FOUND, _("there is no seat %u"), seat));
    if (known->state == state)
        return control_give_up(&change, ERR_OK); /* asked twice */
    if (known->state == SEAT_REVOKED)
        return control_give_up(&change, refuse(c, ERR_REFUSED, _("seat %u is revoked; invite the person anew"), seat));
    m.has_seat = m.has_state = m.has_by_seat = 1;
    m.seat = seat;
    m.state = state;
    m.by_seat = by_seat;
    return control_finish(&change, CONTROL_SEAT_STATE, &m.base);
}

enum err control_set_seat_roles(struct control *c, uint32_t seat, role_set roles, uint32_t by_seat, int64_t at_ms)
{
    struct change_of_control change;
    Journal__SeatRoles m = JOURNAL__SEAT_ROLES__INIT;
    struct buf words = BUF_INIT;
    enum err e = control_begin(c, &change);
    if (e != ERR_OK)
        return e;
    const struct control_seat *known = control_seat(c, seat);
    if (!known)
        return control_give_up(&change, refuse(c, ERR_NOT_FOUND, _("there is no seat %u"), seat));
    if (known->state == SEAT_REVOKED)
        return control_give_up(&change, refuse(c, ERR_REFUSED, _("seat %u is revoked; invite the person anew"), seat));
    if (known->roles == roles)
        return control_give_up(&change, ERR_OK); /* asked twice */
    role_set_text(roles, &words);
    m.has_seat = m.has_by_seat = m.has_at_ms = 1;
    m.seat = seat;
    m.roles = (char *)buf_c_string(&words);
    m.by_seat = by_seat;
    m.at_ms = at_ms;
    e = control_finish(&change, CONTROL_SEAT_ROLES, &m.base);
    buf_finish(&words);
    return e;
}

/* ---- epochs and backups ---- */

enum err control_add_epoch(struct control *c, uint32_t epoch, uint32_t parent, const Wire__Position *const *last, size_t count)
{
    struct change_of_control change;
    Journal__Epoch m = JOURNAL__EPOCH__INIT;
    struct arena arena;
    enum err e = control_begin(c, &change);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, LIMIT_JOURNAL_RECORD * 4u);
    m.has_epoch = m.has_parent = 1;
    m.epoch = epoch;
    m.parent = parent;
    m.last = arena_alloc(&arena, (count + 1) * sizeof *m.last);
    for (; m.last && m.n_last < count; m.n_last++) {
        Journal__Last *l = m.last[m.n_last] = arena_alloc(&arena, sizeof *l);
        if (!l)
            break;
        journal__last__init(l);
        l->has_org = l->has_seq = 1;
        l->org = last[m.n_last]->org;
        l->seq = last[m.n_last]->seq;
    }
    e = m.n_last == count ? control_finish(&change, CONTROL_EPOCH, &m.base) : control_give_up(&change, ERR_MEMORY);
    arena_finish(&arena);
    return e;
}

enum err control_add_backup(struct control *c, const char *path, int64_t at_ms, const struct control_position *at, size_t count)
{
    struct change_of_control change;
    Journal__Backup m = JOURNAL__BACKUP__INIT;
    struct arena arena;
    enum err e = control_begin(c, &change);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, LIMIT_JOURNAL_RECORD * 4u);
    m.path = (char *)path;
    m.has_at_ms = 1;
    m.at_ms = at_ms;
    m.at = arena_alloc(&arena, (count + 1) * sizeof *m.at);
    for (; m.at && m.n_at < count; m.n_at++) {
        Journal__Last *l = m.at[m.n_at] = arena_alloc(&arena, sizeof *l);
        if (!l)
            break;
        journal__last__init(l);
        l->has_org = l->has_seq = l->has_chain = 1;
        l->org = at[m.n_at].org;
        l->seq = at[m.n_at].seq;
        l->chain = (ProtobufCBinaryData){32, (uint8_t *)at[m.n_at].chain};
    }
    e = m.n_at == count ? control_finish(&change, CONTROL_BACKUP, &m.base) : control_give_up(&change, ERR_MEMORY);
    arena_finish(&arena);
    return e;
}

/* ---- readings ---- */

enum err control_add_reading(struct control *c, const struct control_reading *reading)
{
    struct change_of_control change;
    Journal__Reading m = JOURNAL__READING__INIT;
    enum err e = control_begin(c, &change);
    if (e != ERR_OK)
        return e;
    m.has_org = m.has_at_ms = m.has_seat = m.has_kind = m.has_records = 1;
    m.org = reading->org;
    m.at_ms = reading->at_ms;
    m.seat = reading->seat;
    m.roles = (char *)reading->roles;
    m.kind = reading->kind;
    m.records = reading->records;
    m.fields = (char *)reading->fields;
    m.has_id = !id_is_zero(reading->id);
    m.id = (ProtobufCBinaryData){ID_SIZE, (uint8_t *)reading->id.bytes};
    return control_finish(&change, CONTROL_READING, &m.base);
}

/* ---- what isn't journalled, and the beginning ---- */

enum err control_set_address(struct control *c, const char *host_port)
{
    enum err e = db_begin(c->db);
    if (e == ERR_OK)
        e = store_meta_put_text(c->db, "address", host_port);
    if (e == ERR_OK)
        e = store_control_changed(c->db);
    if (e == ERR_OK)
        e = db_commit(c->db);
    else
        db_rollback(c->db);
    return e == ERR_OK ? control_reload(c) : e;
}

enum err control_init(struct db *db, struct journal *journal, const char *name, const char *code, const char *level)
{
    struct control *c;
    struct change_of_control change;
    Journal__Org root = JOURNAL__ORG__INIT;
    enum err e = store_control_create(db);
    if (e == ERR_OK)
        e = control_open(db, journal, &c);
    if (e != ERR_OK)
        return e;
    e = check_words(c, code, name, level);
    if (e == ERR_OK && c->tables.org_count > 0)
        e = ERR_EXISTS;
    if (e == ERR_OK)
        e = control_begin(c, &change);
    if (e == ERR_OK) {
        fill_org(&root, 1, code, name, level, 0);
        e = control_finish(&change, CONTROL_ORG, &root.base);
    }
    if (e == ERR_OK)
        e = control_add_epoch(c, 1, 0, NULL, 0);
    control_close(c);
    return e;
}
