/* banyand seat adopt: a seat that a restore lost begins again under its own number, with the key of its own device; and what banyand
 * seat list says of such seats. A certificate proves the number and the key. Whose device it is the operator compares by the key's
 * first digits, which that device shows. */
#include "server/command/command_adopt.h"

#include "base/limits.h"
#include "base/tr.h"
#include "server/command/seat_words.h"
#include "show/board.h"

#include <stdio.h>
#include <string.h>

/* ---- list ---- */

static void put_home(const struct command_folder *f, const struct control_stranger *x, struct buf *out)
{
    const struct control_org *org = control_org(f->control, x->org);
    if (org)
        buf_format(out, _(", of %s %s"), org->code, org->name);
    else if (x->org)
        buf_format(out, _(", of the branch with the number %u, which is not known here either"), x->org);
}

static void put_next(const struct command_folder *f, const struct control_stranger *x, struct buf *out)
{
    const struct control_org *org = control_org(f->control, x->org);
    if (x->org && !org)
        buf_format(out, _("  first make its branch again: banyand branch add --code CODE --name NAME --number %u\n"), x->org);
    buf_format(out, _("  to take it in again: banyand seat adopt %u --branch %s --name NAME --role ROLE\n"), x->seat, org ? org->code : _("CODE"));
}

static void put_one(const struct command_folder *f, const struct control_stranger *x, struct buf *out)
{
    char key[TLS_KEY_TEXT_SIZE];
    if (x->last_ms == 0) {
        buf_format(out, _("seat %u is not known here since a restore; its entries came back by others, its device has not called: let that person run banyan sync\n"),
                   x->seat);
        return;
    }
    tls_key_text(x->key_hash, key);
    buf_format(out, _("seat %u is not known here since a restore; its device called last at "), x->seat);
    show_moment(x->last_ms, out);
    put_home(f, x, out);
    buf_format(out, _("; key %s\n"), key);
    put_next(f, x, out);
}

enum err command_strangers_text(const struct command_folder *f, struct buf *out)
{
    struct control_stranger *list;
    struct arena arena;
    size_t count = 0;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = control_strangers(f->control, &arena, &list, &count);
    size_t called = 0;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        put_one(f, &list[i], out);
        called += list[i].last_ms > 0;
    }
    if (called >= LIMIT_STRANGERS)
        buf_format(out, _("of the seats that are not known here those %u are kept whose devices called last: there may be more\n"), LIMIT_STRANGERS);
    arena_finish(&arena);
    return e;
}

enum err command_strangers_json(const struct command_folder *f, json_t *out)
{
    struct control_stranger *list;
    struct arena arena;
    size_t count = 0;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = control_strangers(f->control, &arena, &list, &count);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        char key[TLS_KEY_TEXT_SIZE];
        struct buf moment = BUF_INIT;
        const struct control_org *org = control_org(f->control, list[i].org);
        tls_key_text(list[i].key_hash, key);
        if (list[i].last_ms)
            show_moment(list[i].last_ms, &moment);
        json_t *one = json_pack("{s:I, s:s, s:s?, s:s?, s:s?}", "id", (json_int_t)list[i].seat, "state", "unknown", "branch",
                                org ? org->code : NULL, "last_contact", list[i].last_ms ? buf_c_string(&moment) : NULL, "key",
                                list[i].last_ms ? key : NULL);
        if (list[i].org)
            json_object_set_new(one, "branch_number", json_integer((json_int_t)list[i].org));
        json_array_append_new(out, one);
        buf_finish(&moment);
    }
    arena_finish(&arena);
    return e;
}

/* ---- adopt ---- */

static int refused(const struct command_folder *f, enum err e, const char *word, const char *refusal)
{
    return command_fail(e, word, e == ERR_REFUSED && refusal ? seat_words(refusal) : control_detail(f->control));
}

/* Without --yes: who it would be, and what to compare. */
static int ask(const struct command_folder *f, const struct adoption *a, const struct adopt_words *w)
{
    struct control_stranger x;
    const char *refusal;
    char key[TLS_KEY_TEXT_SIZE];
    enum err e = authority_find_stranger(f->control, a, &x, &refusal);
    if (e != ERR_OK)
        return refused(f, e, w->seat, refusal);
    tls_key_text(x.key_hash, key);
    command_say(_("seat %u would be %s again, with the key %s. Let that person read the key out: banyan status shows it there. If it is the same, give this command once more with --yes"),
                a->seat, w->name, key);
    return EXIT_FAILED;
}

/* Which branch it wants, and how it is had where it is not here. */
static int refuse_branch(const struct command_folder *f, const struct adoption *a, const struct adopt_words *w)
{
    struct control_stranger x = {0};
    const char *refusal;
    const struct control_org *org = authority_find_stranger(f->control, a, &x, &refusal) == ERR_OK ? control_org(f->control, x.org) : NULL;
    int status = refused(f, ERR_REFUSED, w->seat, "SEAT_BRANCH");
    if (org)
        fprintf(stderr, _("  of %s: banyand seat adopt %u --branch %s --name NAME --role ROLE\n"), org->code, a->seat, org->code);
    else if (x.org)
        fprintf(stderr, _("  of the branch with the number %u: banyand branch add --code CODE --name NAME --number %u, with a code that no branch has\n"), x.org, x.org);
    return status;
}

int command_adopt(struct command_folder *f, const struct adopt_words *w)
{
    const struct control_org *org = w->branch ? control_org_by_code(f->control, w->branch) : NULL;
    struct adoption a = {.org = org ? org->number : 0, .person = w->name, .key = w->key, .roles = w->roles};
    const char *refusal = NULL;
    if (!command_number(w->seat, &a.seat))
        return command_fail(ERR_REFUSED, w->seat, seat_words("SEAT_UNKNOWN"));
    if (!w->yes && org)
        return ask(f, &a, w);
    enum err e = store_begin(f->store);
    if (e != ERR_OK)
        return command_fail(e, f->dir, store_detail(f->store));
    e = authority_adopt(f->control, &a, &refusal);
    if (e == ERR_OK)
        e = store_recover_seat(f->store, a.seat);
    if (e == ERR_OK)
        e = store_commit(f->store);
    else
        store_rollback(f->store);
    if (e == ERR_REFUSED && refusal && strcmp(refusal, "SEAT_BRANCH") == 0)
        return refuse_branch(f, &a, w);
    if (e != ERR_OK)
        return refused(f, e, w->seat, refusal);
    fprintf(stderr, _("%s is seat %u again. That device sends what it has at its next contact, within ten minutes or at banyan sync\n"), w->name, a.seat);
    return EXIT_DONE;
}
