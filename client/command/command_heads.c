/* banyan heads: the chain heads that this device saw of the server's logs, and where the server says another one now.
 * As JSON they are what `banyand verify --heads` reads: with the server's own mac on each nobody has to take this
 * device's word. */
#include "client/command/command.h"
#include "show/board.h"
#include "show/grid.h"

#include <jansson.h>

static const struct option_spec options[] = {
    DATA_OPTION,
    {"json", OPTION_FLAG, NULL, N_("as JSON")},
    {"noted", OPTION_FLAG, NULL, N_("take note of what was rewritten: sync reminds of it no longer")},
    END_OPTION,
};

static json_t *hex(struct slice s)
{
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < s.size; i++)
        buf_format(&text, "%02x", s.data[i]);
    json_t *out = s.size ? json_string(buf_c_string(&text)) : NULL;
    buf_finish(&text);
    return out;
}

struct listing {
    struct seat *seat;
    json_t *heads;
};

static bool add_head(void *to, const struct replica_head *h)
{
    struct listing *l = to;
    struct replica_org org;
    bool known = replica_org(l->seat->replica, h->org, &l->seat->arena, &org) == ERR_OK;
    json_array_append_new(l->heads,
                          json_pack("{s:I, s:s?, s:I, s:o*, s:o*, s:o, s:b, s:o*, s:o*}", "org", (json_int_t)h->org,
                                    "code", known ? org.code : NULL, "seq", (json_int_t)h->seq, "chain", hex(h->chain),
                                    "mac", hex(h->mac), "seen_at", show_time_json(h->at_ms), "contradicted",
                                    h->contradicted, "now_chain", hex(h->now_chain), "now_mac", hex(h->now_mac)));
    return true;
}

static json_t *rewritings_json(const struct replica_rewriting *list, size_t count)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(out,
                              json_pack("{s:I, s:I, s:o, s:I, s:o, s:o, s:b}", "org", (json_int_t)list[i].org, "after",
                                        (json_int_t)list[i].after, "after_seen_at", show_time_json(list[i].after_ms),
                                        "up_to", (json_int_t)list[i].seq, "seen_at", show_time_json(list[i].seen_ms),
                                        "found_at", show_time_json(list[i].found_ms), "noted", list[i].noted));
    return out;
}

static enum err put_json(struct seat *s, const struct replica_rewriting *list, size_t count, struct buf *out)
{
    struct listing l = {.seat = s, .heads = json_array()};
    enum err e = replica_heads(s->replica, add_head, &l);
    json_t *all = json_pack("{s:I, s:o, s:o}", "seat", (json_int_t)s->facts.seat, "heads", l.heads, "rewritten",
                            rewritings_json(list, count));
    show_json(all, out);
    json_decref(all);
    return e;
}

/* Days as people know them; the entry's number for who looks into the database. */
static void put_text(struct seat *s, const struct replica_rewriting *x, struct buf *out)
{
    struct replica_org org;
    if (replica_org(s->replica, x->org, &s->arena, &org) != ERR_OK)
        org.code = org.name = "?"; /* it went since */
    buf_format(out, _("%s %s: the server's history is another one than this device saw."), org.code, org.name);
    buf_byte(out, '\n');
    if (x->after) {
        buf_format(out, _("  Up to entry %llu, seen on "), (unsigned long long)x->after);
        show_moment(x->after_ms, out);
        buf_text(out, _(", it is the same."));
    } else {
        buf_text(out, _("  No earlier state of it was seen here that is still the same."));
    }
    buf_byte(out, '\n');
    buf_format(out, _("  Behind that and up to entry %llu, as it was seen on "), (unsigned long long)x->seq);
    show_moment(x->seen_ms, out);
    buf_text(out, _(", something was changed, put in or taken out. Found on "));
    show_moment(x->found_ms, out);
    buf_byte(out, '\n');
}

struct counting {
    size_t heads;
    int64_t first_ms;
};

static bool count_head(void *to, const struct replica_head *h)
{
    struct counting *c = to;
    c->heads++;
    if (!c->first_ms || h->at_ms < c->first_ms)
        c->first_ms = h->at_ms;
    return true;
}

static enum err put_words(struct seat *s, const struct replica_rewriting *list, size_t count, struct buf *out)
{
    struct counting c = {0};
    enum err e = replica_heads(s->replica, count_head, &c);
    for (size_t i = 0; i < count; i++)
        put_text(s, &list[i], out);
    if (count)
        buf_format(out, "%s\n",
                   _("Next: tell the district and the branch's audit member; banyan heads --json > FILE is the proof, "
                     "which the server's operator checks with banyand verify --heads FILE. Compare what matters (dues, "
                     "decisions) with what was printed then. banyan heads --noted ends the reminder."));
    buf_format(out, _("%zu states of the server's logs are kept here as witnesses"), c.heads);
    if (c.heads) {
        buf_text(out, _(", the oldest from "));
        show_moment(c.first_ms, out);
    }
    buf_byte(out, '\n');
    return e;
}

static int heads(struct seat *s, const struct kind *k, const struct options *o)
{
    struct replica_rewriting list[REWRITINGS_MAX];
    struct buf out = BUF_INIT;
    size_t count = 0;
    bool waits = false;
    (void)k;
    enum err e = options_get(options, o, "noted") ? replica_rewritings_noted(s->replica, s->now_ms) : ERR_OK;
    if (e == ERR_OK)
        e = replica_rewritings(s->replica, list, REWRITINGS_MAX, &count);
    for (size_t i = 0; i < count; i++)
        waits |= !list[i].noted;
    if (e == ERR_OK)
        e = options_get(options, o, "json") ? put_json(s, list, count, &out) : put_words(s, list, count, &out);
    command_print(&out);
    return e == ERR_OK ? waits ? EXIT_WAITING : EXIT_DONE : command_failed(s, e, "heads");
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.problem = N_("heads takes no further words")};
    return command_with_seat(c, argc, argv, &form, heads);
}

const struct command command_heads = {
    "heads", "[--json] [--noted]",
    N_("states of the server's history that this device saw, and whether its past was rewritten"), options, run};
