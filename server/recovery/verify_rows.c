/* Rows against what the log makes of them, field by field. What a field holds is told, so that the operator sees what
 * was done, but never of a sensitive one. */
#include "server/recovery/verify_parts.h"

#include "base/limits.h"
#include "base/tr.h"
#include "wire/wire.h"

#include <string.h>

#define SHOWN_MAX 80 /* bytes of a value */
#define PAGE_SIZE (1u << 20)

const char *verify_kind(uint32_t number)
{
    const struct kind *k = kind_by_number(number);
    return k ? k->name : "?";
}

static enum language language(void)
{
    return tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH;
}

/* At most so many bytes, whole characters. */
static const char *cut(struct slice text, struct arena *arena)
{
    size_t size = text.size;
    if (size > SHOWN_MAX)
        for (size = SHOWN_MAX; size > 0 && (text.data[size] & 0xc0) == 0x80;)
            size--;
    const char *out = arena_format(arena, "%.*s%s", (int)size, (const char *)text.data, size < text.size ? "…" : "");
    CHECK(out);
    return out;
}

/* What people read there; "" for an empty field, NULL where it is not for everybody's eyes. */
static const char *value_of(const struct field_rule *f, struct cell value, struct arena *arena)
{
    struct buf text = BUF_INIT;
    if (!f || f->flags & FIELD_SENSITIVE)
        return NULL;
    if (value.type != CELL_ABSENT)
        value_text(f, value, language(), VALUE_WHOLE, &text);
    const char *out = text.size ? cut(buf_slice(&text), arena) : "";
    buf_finish(&text);
    return out;
}

/* The first of its naming fields that is there; NULL. */
static const char *name_of(const struct kind *k, const ProtobufCMessage *m, struct arena *arena)
{
    for (size_t i = 0; k && m && k->naming && k->naming[i]; i++) {
        const char *name = value_of(kind_field(k, k->naming[i]), record_get_name(m, k->naming[i]), arena);
        if (name && *name)
            return name;
    }
    return NULL;
}

const char *verify_record(struct verify *v, uint32_t kind, struct id id, const ProtobufCMessage *record)
{
    char text[ID_TEXT_SIZE];
    const char *name = name_of(kind_by_number(kind), record, &v->arena);
    id_text(id, text);
    const char *out = name ? arena_format(&v->arena, "%s %s (%s)", verify_kind_words(kind), name, text)
                           : arena_format(&v->arena, "%s %s", verify_kind_words(kind), text);
    CHECK(out);
    return out;
}

/* ---- one row ---- */

struct pair {
    struct verify *v;
    const struct scratch_row *folded;
    const struct row *row;
    struct verify_about about;
    const char *words;
};

static void compare_field(struct pair *p, const ProtobufCFieldDescriptor *field)
{
    const struct kind *k = kind_by_number(p->folded->kind);
    const struct field_rule *f = k ? kind_field(k, field->name) : NULL;
    struct cell stands = record_get(p->row->message, field), said = record_get(p->folded->message, field);
    struct verify_about about = p->about;
    const char *words = verify_field_words(k, field->name);
    if (cell_equal(stands, said))
        return;
    about.name = field->name;
    about.seq = stamps_get(&p->folded->stamps, field->id);
    about.stored = value_of(f, stands, &p->v->arena);
    about.expected = value_of(f, said, &p->v->arena);
    if (about.stored)
        verify_find(p->v, "rows", &about, _("%s: %s is “%s”, history says “%s” (entry %llu)"), p->words, words,
                    about.stored, about.expected, (unsigned long long)about.seq);
    else
        verify_find(p->v, "rows", &about,
                    _("%s: %s is not what history says (entry %llu); it is sensitive, neither value is shown"),
                    p->words, words, (unsigned long long)about.seq);
}

static void compare_values(struct pair *p)
{
    const ProtobufCMessage *stands = p->row->message, *said = p->folded->message;
    size_t before = p->v->of_org;
    for (unsigned i = 0; i < said->descriptor->n_fields; i++)
        compare_field(p, &said->descriptor->fields[i]);
    if (p->v->of_org != before)
        return;
    if (!slice_equal(wire_pack_arena(stands, &p->v->arena), wire_pack_arena(said, &p->v->arena)))
        verify_find(p->v, "rows", &p->about, _("%s: fields of a newer version are not what history says"), p->words);
    if (!slice_equal(stamps_pack(&p->folded->stamps, &p->v->arena), p->row->stamps))
        verify_find(p->v, "rows", &p->about, _("%s: the writers of its fields are not those that history names"),
                    p->words);
}

static void compare_row(struct verify *v, const struct scratch_row *folded, const struct row *row)
{
    const ProtobufCMessage *named = folded->message ? folded->message : row->message;
    struct pair p = {v,
                     folded,
                     row,
                     {.kind = folded->kind, .id = folded->id, .seq = folded->seq},
                     verify_record(v, folded->kind, folded->id, named)};
    p.about.record = name_of(kind_by_number(folded->kind), named, &v->arena);
    if (row->org != folded->org)
        verify_find(v, "rows", &p.about, _("%s is filed under another union (%u)"), p.words, row->org);
    if (row->message && folded->dead)
        verify_find(v, "rows", &p.about, _("%s stands here, history says that entry %llu removed it"), p.words,
                    (unsigned long long)folded->seq);
    else if (!row->message && !folded->dead)
        verify_find(v, "rows", &p.about, _("%s is removed here, history has it living"), p.words);
    if (row->seq != folded->seq)
        verify_find(v, "rows", &p.about, _("%s: its last entry is said to be %llu, history says %llu"), p.words,
                    (unsigned long long)row->seq, (unsigned long long)folded->seq);
    if (row->message && folded->message)
        compare_values(&p);
}

/* ---- references ---- */

/* Is it in the org's own log? Of a record of another union its own findings tell. */
static bool history_has(const struct fold *fold, uint32_t kind, struct id id)
{
    const struct scratch_row *folded = scratch_look(fold->scratch, kind, id);
    return folded && (folded->message || folded->dead);
}

static enum err check_reference(struct verify *v, const struct fold *fold, const struct scratch_row *row, const struct field_rule *f)
{
    struct row target;
    struct cell value = record_get_name(row->message, f->name);
    if (value.type != CELL_BYTES || value.bytes.size != ID_SIZE)
        return ERR_OK;
    enum err e = store_read_row(v->store, f->reference, id_from(value.bytes), &v->arena, &target);
    if (e != ERR_NOT_FOUND)
        return e == ERR_CORRUPT ? ERR_OK : e; /* its own org's check says so */
    struct verify_about about = {.kind = row->kind, .id = row->id, .name = f->name};
    about.in_history = history_has(fold, f->reference, id_from(value.bytes));
    verify_find(v, "reference", &about,
                about.in_history ? _("%s: what its %s points to is missing here, and history has it")
                                 : _("%s: its %s points to nothing"),
                verify_record(v, row->kind, row->id, row->message), verify_field_words(kind_by_number(row->kind), f->name));
    return ERR_OK;
}

static enum err check_references(struct verify *v, const struct fold *fold, const struct scratch_row *row)
{
    const struct kind *k = kind_by_number(row->kind);
    enum err e = ERR_OK;
    for (size_t i = 0; k && row->message && i < k->field_count && e == ERR_OK; i++)
        if (k->fields[i].type == FIELD_REFERENCE && k->fields[i].reference)
            e = check_reference(v, fold, row, &k->fields[i]);
    return e;
}

/* ---- all of an org's ---- */

static enum err check_known(struct verify *v, const struct fold *fold, const struct scratch_row *folded)
{
    struct row row;
    struct verify_about about = {.kind = folded->kind, .id = folded->id, .seq = folded->seq};
    arena_reset(&v->arena);
    enum err e = store_read_row(v->store, folded->kind, folded->id, &v->arena, &row);
    if (e == ERR_OK) {
        compare_row(v, folded, &row);
        return check_references(v, fold, folded);
    }
    if (e != ERR_NOT_FOUND && e != ERR_CORRUPT)
        return e;
    const char *words = verify_record(v, folded->kind, folded->id, folded->message);
    about.record = name_of(kind_by_number(folded->kind), folded->message, &v->arena);
    if (e == ERR_CORRUPT)
        verify_find(v, "rows", &about, _("%s can't be read"), words);
    else
        verify_find(v, "rows", &about, _("%s is missing"), words);
    return ERR_OK;
}

/* What stands here and history does not know, or knows as the other of living and removed. */
static void check_stranger(struct verify *v, const struct fold *fold, const struct row *row)
{
    const struct scratch_row *folded = scratch_look(fold->scratch, row->kind, row->id);
    bool known = folded && (folded->message || folded->dead);
    struct verify_about about = {.kind = row->kind, .id = row->id};
    if (known && !row->message == folded->dead)
        return;
    const char *words = verify_record(v, row->kind, row->id, row->message);
    about.record = name_of(kind_by_number(row->kind), row->message, &v->arena);
    if (!known)
        verify_find(v, "rows", &about, _("%s stands here, and history does not know it"), words);
    else if (!row->message)
        verify_find(v, "rows", &about, _("%s is noted as removed besides, history has it living"), words);
}

static enum err check_strangers(struct verify *v, const struct fold *fold)
{
    struct id after = {{0}};
    uint32_t after_kind = 0;
    bool more = true;
    enum err e = ERR_OK;
    while (more && e == ERR_OK) {
        struct row *list;
        size_t count;
        arena_reset(&v->arena);
        e = store_read_rows(v->store, v->org, after_kind, after_kind ? &after : NULL, 0, PAGE_SIZE, &v->arena, &list,
                            &count, &more);
        for (size_t i = 0; i < count && e == ERR_OK; i++) {
            check_stranger(v, fold, &list[i]);
            after_kind = list[i].kind;
            after = list[i].id;
        }
    }
    return e == ERR_CORRUPT ? ERR_OK : e; /* told already, of the row itself */
}

enum err verify_rows(struct verify *v, const struct fold *fold)
{
    struct scratch_row *folded;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && scratch_dirty_at(fold->scratch, i, &folded); i++) {
        if (!folded->message && !folded->dead)
            continue;
        v->report->rows++;
        e = check_known(v, fold, folded);
    }
    return e == ERR_OK ? check_strangers(v, fold) : e;
}
