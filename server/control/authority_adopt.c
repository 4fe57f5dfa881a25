/* Seats that a restore lost, taken in again. The certificate with which the device called is this CA's own, so its number and key are
 * beyond doubt; who the person is and what they may do nobody here remembers: that the operator says. */
#include "server/control/authority_inner.h"

#include "base/limits.h"

#include <ctype.h>
#include <string.h>

/* Does the key's text begin with those digits? Blanks count for nothing. */
static bool is_key(const struct control_stranger *x, const char *digits)
{
    char text[TLS_KEY_TEXT_SIZE];
    const char *at = text;
    tls_key_text(x->key_hash, text);
    for (; digits && *digits; digits++) {
        if (isspace((unsigned char)*digits))
            continue;
        at += *at == ' ';
        if (*at++ != tolower((unsigned char)*digits))
            return false;
    }
    return true;
}

static enum err choose(const struct control_stranger *list, size_t count, const struct adoption *a, struct control_stranger *out, const char **refusal)
{
    size_t called = 0, fit = 0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].seat != a->seat || list[i].last_ms == 0)
            continue;
        called++;
        if (!is_key(&list[i], a->key))
            continue;
        *out = list[i];
        fit++;
    }
    *refusal = called == 0 ? "SEAT_SILENT" : fit != 1 ? "SEAT_KEYS" : NULL;
    return *refusal ? ERR_REFUSED : ERR_OK;
}

enum err authority_find_stranger(const struct control *control, const struct adoption *a, struct control_stranger *out, const char **refusal)
{
    struct control_stranger *list;
    struct arena arena;
    size_t count;
    *refusal = control_seat(control, a->seat) ? "SEAT_KNOWN" : NULL;
    if (*refusal)
        return ERR_REFUSED;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = control_strangers(control, &arena, &list, &count);
    if (e == ERR_OK)
        e = choose(list, count, a, out, refusal);
    arena_finish(&arena);
    return e;
}

enum err authority_adopt(struct control *control, const struct adoption *a, const char **refusal)
{
    struct control_stranger x;
    *refusal = authority_refusal(control_org(control, a->org), a->person, a->roles, 1);
    if (*refusal)
        return ERR_REFUSED;
    enum err e = authority_find_stranger(control, a, &x, refusal);
    if (e == ERR_OK && x.org && x.org != a->org) {
        *refusal = "SEAT_BRANCH";
        e = ERR_REFUSED;
    }
    return e == ERR_OK ? control_adopt_seat(control, &x, a->org, a->person, a->roles) : e;
}
