/* Giving a command: a change in words, the record that it is about, and what comes of it. What the device itself refuses is no news;
 * what it says is saved is noted. */
#include "tests/sim/erase.h"
#include "tests/sim/oracle.h"
#include "tests/sim/people_inner.h"

#include "base/limits.h"
#include "wire/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- giving it ---- */

static void put_hex(ProtobufCMessage *patch, const char *name, const char *hex, struct arena *a)
{
    uint8_t bytes[ID_SIZE] = {0};
    for (size_t i = 0; i < ID_SIZE && hex[2 * i]; i++) {
        unsigned byte = 0;
        (void)sscanf(hex + 2 * i, "%2x", &byte);
        bytes[i] = (uint8_t)byte;
    }
    record_put_name(patch, name, cell_bytes(arena_copy(a, slice_of(bytes, ID_SIZE))), a);
}

/* "name=Li amount_fen=#500 member_id=@0190... -note !active" */
static void fill(ProtobufCMessage *patch, const char *words, uint32_t *cleared, size_t *count, const char **action, struct arena *a)
{
    char *copy = arena_text(a, slice_text(words)), *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        if (word[0] == '!')
            *action = word + 1;
        else if (word[0] == '-' && record_field(patch->descriptor, word + 1))
            cleared[(*count)++] = record_field(patch->descriptor, word + 1)->id;
        if (!value)
            continue;
        *value = 0;
        bool known = record_field(patch->descriptor, word) != NULL;
        *value = '=';
        if (!known)
            continue;
        *value++ = 0;
        if (*value == '@')
            put_hex(patch, word, value + 1, a);
        else if (*value == '#')
            record_put_name(patch, word, cell_integer(strtoll(value + 1, NULL, 10)), a);
        else
            record_put_name(patch, word, cell_text(value), a);
    }
}

void person_is_told(struct person *p, struct replica *r, enum err e, int64_t mark, const char *what)
{
    struct district *d = p->district;
    world_tell("device %u: %s: %s", seat_index(p->seat), what, err_name(e));
    if (e == ERR_OK) {
        oracle_expect_base(p->seat, r, mark);
        ledger_note(&d->ledger, p->seat, r, mark);
        d->changes++;
    }
    d->refused += e == ERR_REFUSED;
    enum err_class class = err_class(e);
    if (e != ERR_OK && class != ERR_CLASS_REFUSED && class != ERR_CLASS_LATER && e != ERR_IO && e != ERR_DISK_FULL && e != ERR_CORRUPT)
        world_fail("device %u: %s: %s (%s)", seat_index(p->seat), what, err_name(e), replica_detail(r));
}

void person_changes(struct person *p, struct replica *r, const char *kind, enum op op, struct id id, const char *words)
{
    struct arena a;
    struct replica_outcome o = {0};
    const struct kind *k = kind_by_name(kind);
    uint32_t cleared[16];
    char what[160];
    if (!k)
        return; /* an older program does not offer it */
    struct replica_change c = {.op = op, .kind = k->number, .id = id, .cleared = cleared};
    arena_init(&a, LIMIT_ARENA);
    ProtobufCMessage *patch = record_new(k->descriptor, &a);
    fill(patch, words, cleared, &c.cleared_count, &c.action, &a);
    c.patch = patch;
    if (op == OP_SET && record_is_empty(patch) && !c.cleared_count) {
        arena_finish(&a);
        return; /* nor such a field */
    }
    int64_t mark = ledger_mark(r);
    enum err e = replica_change(r, &c, seat_now_ms(p->seat), &a, &o);
    snprintf(what, sizeof what, "%s %s %.80s%s%s", op == OP_CREATE ? "add" : op == OP_SET ? "set" : op == OP_ACT ? "act" : "remove", kind, words,
             e == ERR_REFUSED ? " " : "", e == ERR_REFUSED && o.code ? o.code : "");
    if (e != ERR_REFUSED) /* one whose disk failed may have been written */
        erase_note(p->district, k->number, op == OP_CREATE ? o.id : id, words);
    person_is_told(p, r, e, mark, what);
    arena_finish(&a);
}

void person_changes_both(struct person *p, struct replica *r, const char *kind, enum op op, const struct id ids[2], const char *words)
{
    struct arena a;
    struct replica_outcome o = {0};
    const struct kind *k = kind_by_number(kind_by_name(kind)->number);
    uint32_t cleared[2][16];
    struct replica_change list[2];
    char what[160];
    arena_init(&a, LIMIT_ARENA);
    for (size_t i = 0; i < 2; i++) {
        list[i] = (struct replica_change){.op = op, .kind = k->number, .id = ids[i], .cleared = cleared[i]};
        ProtobufCMessage *patch = record_new(k->descriptor, &a);
        fill(patch, words, cleared[i], &list[i].cleared_count, &list[i].action, &a);
        list[i].patch = patch;
    }
    int64_t mark = ledger_mark(r);
    enum err e = replica_change_group(r, list, 2, seat_now_ms(p->seat), &a, &o);
    for (size_t i = 0; i < 2 && e != ERR_REFUSED; i++)
        erase_note(p->district, k->number, ids[i], words);
    snprintf(what, sizeof what, "two of %s %.80s%s%s", kind, words, e == ERR_REFUSED ? " " : "", e == ERR_REFUSED && o.code ? o.code : "");
    person_is_told(p, r, e, mark, what);
    arena_finish(&a);
}

/* ---- which record ---- */

static bool pick_row(void *to, const struct replica_row *row)
{
    struct pick *p = to;
    p->id = row->id;
    p->found = true;
    if (p->field) {
        struct cell c = record_get_name(row->message, p->field);
        *p->text = 0;
        if (c.type == CELL_TEXT)
            snprintf(p->text, sizeof p->text, "%.*s", (int)(c.bytes.size < 60 ? c.bytes.size : 60), (const char *)c.bytes.data);
        else if (c.type == CELL_INTEGER)
            snprintf(p->text, sizeof p->text, "%lld", (long long)c.integer);
    }
    return p->left-- > 0;
}

bool person_picks(struct person *p, struct replica *r, const char *kind, struct pick *out)
{
    bool liked = dice_chance(&p->dice, p->district->scale.same_record);
    out->left = liked ? 0 : dice_below(&p->dice, 30);
    return person_takes(p, r, kind, out);
}

bool person_takes(struct person *p, struct replica *r, const char *kind, struct pick *out)
{
    out->found = false;
    const struct kind *k = kind_by_name(kind);
    enum err e = !k ? ERR_NOT_FOUND : replica_scan(r, k->number, seat_now_ms(p->seat), pick_row, out);
    return e == ERR_OK && out->found;
}

const char *person_hex(struct id id)
{
    static char text[2 * ID_SIZE + 1];
    for (size_t i = 0; i < ID_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", id.bytes[i]);
    return text;
}
