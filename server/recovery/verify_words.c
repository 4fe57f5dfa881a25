/* What findings call things, in people's language. Identifiers are English words and stand in English findings as they are; the JSON form
 * bears them whatever the language. */
#include "server/recovery/verify_parts.h"

#include "base/tr.h"
#include "kinds/kind.h"
#include "show/roles.h"

#include <string.h>

static enum language language(void)
{
    return tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH;
}

const char *verify_kind_words(uint32_t number)
{
    const struct kind *k = kind_by_number(number);
    return !k ? "?" : language() == LANGUAGE_EN ? k->name : label_in(k->label, LANGUAGE_ZH);
}

const char *verify_field_words(const struct kind *k, const char *name)
{
    const struct field_rule *f = k ? kind_field(k, name) : NULL;
    return !f || language() == LANGUAGE_EN ? name : label_in(f->label, LANGUAGE_ZH);
}

static const char *kept(struct buf *text, struct arena *arena)
{
    const char *out = arena_text(arena, buf_slice(text));
    buf_finish(text);
    CHECK(out);
    return out;
}

const char *verify_measure_words(const char *name, struct arena *arena)
{
    struct buf text = BUF_INIT;
    if (language() == LANGUAGE_EN)
        return name;
    measure_text(name, LANGUAGE_ZH, &text);
    return kept(&text, arena);
}

const char *verify_number_words(const char *counter)
{
    size_t count;
    const struct kind *const *kinds = kind_all(&count);
    for (size_t i = 0; i < count; i++) {
        const struct field_rule *f = kind_field(kinds[i], counter);
        if (f && f->flags & FIELD_SERVER && language() != LANGUAGE_EN)
            return label_in(f->label, LANGUAGE_ZH);
    }
    return counter;
}

const char *verify_roles_words(const char *roles, struct arena *arena)
{
    struct buf text = BUF_INIT, unknown = BUF_INIT;
    role_set known = role_set_known(roles, &unknown);
    if (language() != LANGUAGE_EN && !unknown.size)
        show_role_labels(known, LANGUAGE_ZH, &text);
    buf_finish(&unknown);
    return text.size ? kept(&text, arena) : roles;
}

/* Tables and columns of control data, and what is checked. */
static const char *const words[][2] = {
    {"org", N_("org")},
    {"invitation", N_("invitation")},
    {"seat", N_("seat")},
    {"epoch", N_("epoch")},
    {"epoch_last", N_("epoch_last")},
    {"backup", N_("backup")},
    {"jump", N_("jump")},
    {"reading", N_("reading")},
    {"erasure", N_("erasure")},
    {"backup_position", N_("backup_position")},
    {"code", N_("code")},
    {"name", N_("name")},
    {"level", N_("level")},
    {"parent", N_("parent")},
    {"state", N_("state")},
    {"person", N_("the person")},
    {"roles", N_("roles")},
    {"secret_hash", N_("secret_hash")},
    {"ends_ms", N_("ends_ms")},
    {"by_seat", N_("by_seat")},
    {"generation", N_("generation")},
    {"key_hash", N_("key_hash")},
    {"serial", N_("serial")},
    {"certificate_ends_ms", N_("certificate_ends_ms")},
    {"path", N_("path")},
    {"at_ms", N_("at_ms")},
    {"kind", N_("kind")},
    {"record", N_("record")},
    {"records", N_("records")},
    {"fields", N_("fields")},
    {"chain", N_("chain")},
    {"entry", N_("entry")},
    {"rows", N_("rows")},
    {"measure", N_("measure")},
    {"runs", N_("runs")},
    {"taken", N_("taken")},
    {"reference", N_("reference")},
    {"persons", N_("persons")},
    {"control", N_("control")},
    {"erased", N_("erased")},
    {"heads", N_("heads")},
    {"database", N_("database")},
};

const char *verify_words(const char *identifier)
{
    if (language() == LANGUAGE_EN)
        return identifier;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], identifier) == 0)
            return _(words[i][1]);
    return identifier;
}
