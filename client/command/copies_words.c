/* See copies_words.h. */
#include "client/command/copies_words.h"
#include "show/board.h"

#include <jansson.h>

static void sentence(const struct seat *s, const struct replica_copied *x, struct buf *out)
{
    struct buf when = BUF_INIT;
    if (x->seat != s->facts.seat) {
        show_copies(x->seat, x->person, x->at_ms, out);
        return;
    }
    show_moment(x->at_ms, &when);
    buf_format(out, _("Two copies of this seat's data are in use, or an old copy was put back (last seen %s). Next: go on with one of them and delete the other; if you know of no other, tell the chair or the district, for somebody else may have it."),
               buf_c_string(&when));
    buf_finish(&when);
}

struct listing {
    struct seat *seat;
    struct buf *text;
    json_t *list;
    bool told;
};

static bool add_json(void *to, const struct replica_copied *x)
{
    struct listing *l = to;
    json_array_append_new(l->list, json_pack("{s:I, s:s, s:s, s:o}", "seat", (json_int_t)x->seat, "person", x->person, "branch", x->branch, "at",
                                             show_time_json(x->at_ms)));
    return true;
}

json_t *copies_json(struct seat *s)
{
    struct listing l = {.seat = s, .list = json_array()};
    if (replica_copies(s->replica, add_json, &l) == ERR_OK)
        return l.list;
    json_decref(l.list);
    return json_null(); /* not known */
}

static bool add_line(void *to, const struct replica_copied *x)
{
    struct listing *l = to;
    sentence(l->seat, x, l->text);
    buf_byte(l->text, '\n');
    return true;
}

void copies_text(struct seat *s, struct buf *out)
{
    struct listing l = {.seat = s, .text = out};
    enum err e = replica_copies(s->replica, add_line, &l);
    (void)e; /* what could not be read is not said */
}

static bool tell_one(void *to, const struct replica_copied *x)
{
    struct listing *l = to;
    struct buf said = BUF_INIT;
    if (!x->fresh)
        return true;
    sentence(l->seat, x, &said);
    command_warn(buf_c_string(&said));
    buf_finish(&said);
    l->told = true;
    return true;
}

void copies_tell(struct seat *s)
{
    struct listing l = {.seat = s};
    enum err e = replica_copies(s->replica, tell_one, &l);
    if (e == ERR_OK && l.told)
        e = replica_copies_told(s->replica);
    (void)e; /* told once more, then */
}
