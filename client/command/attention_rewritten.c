/* See attention_rewritten.h. What was rewritten, since when, and what to do about it is told by `banyan heads`. */
#include "client/command/attention_rewritten.h"
#include "base/tr.h"
#include "show/board.h"

#include <jansson.h>

static void sentence(const struct replica_org *org, struct buf *out)
{
    buf_format(out, _("%s %s: the server's history is another one than this device saw."), org->code, org->name);
}

static json_t *one_json(const struct replica_rewriting *x, const struct replica_org *org)
{
    struct buf said = BUF_INIT;
    sentence(org, &said);
    json_t *o = json_pack("{s:o, s:s, s:s, s:s, s:s, s:{}, s:[s, s], s:o}", "id", json_sprintf("history-%u", x->org), "type", "rewritten",
                          "branch", org->code, "code", "PAST_REWRITTEN", "text", buf_c_string(&said), "fields", "next", "banyan heads",
                          "banyan heads --noted", "at", show_time_json(x->found_ms));
    buf_finish(&said);
    return o;
}

static void one_text(const struct replica_rewriting *x, const struct replica_org *org, struct buf *out)
{
    buf_format(out, "history-%u  ", x->org);
    sentence(org, out);
    buf_format(out, "\n  %s\n\n", _("see: banyan heads"));
}

enum err attention_rewritten(struct seat *s, struct json_t *list, struct buf *out, size_t *count)
{
    struct replica_rewriting found[REWRITINGS_MAX];
    size_t n = 0;
    enum err e = replica_rewritings(s->replica, found, REWRITINGS_MAX, &n);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        struct replica_org org;
        if (found[i].noted)
            continue;
        if (replica_org(s->replica, found[i].org, &s->arena, &org) != ERR_OK)
            org.code = org.name = "?"; /* it went since */
        if (list)
            json_array_append_new(list, one_json(&found[i], &org));
        else
            one_text(&found[i], &org, out);
        ++*count;
    }
    return e;
}
