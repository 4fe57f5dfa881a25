/* See recount.h. */
#include "sync/recount.h"
#include "sync/account.h"
#include "sync/org_state_parts.h"
#include "tls/tls.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_CAP ((size_t)16 << 30) /* an upper bound for one org's rows, not what is taken */

/* Counted up when a kind's measure or an account comes to other numbers over the same rows: what stands is then counted anew. */
#define COUNTED_AS 3

/* ---- which sums ---- */

static void say_fields(const struct kind *k, struct buf *out)
{
    for (unsigned i = 0; i < k->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *d = &k->descriptor->fields[i];
        const struct field_rule *f = kind_field(k, d->name);
        buf_format(out, " %u.%d%s", d->id, (int)d->type, f && f->flags & FIELD_SENSITIVE ? "s" : "");
    }
}

void sums_mark(uint8_t out[SUMS_MARK_SIZE])
{
    struct buf text = BUF_INIT;
    size_t count;
    const struct kind *const *kinds = kind_all(&count);
    buf_format(&text, "%d", COUNTED_AS);
    for (size_t i = 0; i < count; i++) {
        buf_format(&text, "\n%u", kinds[i]->number);
        say_fields(kinds[i], &text);
        for (size_t m = 0; m < kinds[i]->measure_count; m++)
            buf_format(&text, " %s", kinds[i]->measures[m].name);
        buf_format(&text, " %s", kinds[i]->account ? kinds[i]->account->name : "");
    }
    tls_sha256(buf_slice(&text), out);
    buf_finish(&text);
}

/* ---- counting ---- */

struct recount recount_begin(uint32_t org)
{
    return (struct recount){scratch_create(ROWS_CAP), org_state_create(org, 1)};
}

void recount_drop(struct recount *r)
{
    scratch_destroy(r->scratch);
    org_state_destroy(r->state);
    *r = (struct recount){0};
}

static void find_account(struct recount *r, const struct kind *k, const struct scratch_row *row, struct row_side side)
{
    struct scratch_keys missing = {.count = 0};
    do {
        scratch_add_absent(r->scratch, &missing); /* what is not laid in yet is not there yet */
        missing.count = 0;
        account_keys(k, r->state->org, &row->id, side, r->scratch, &missing);
    } while (missing.count);
}

void recount_row(struct recount *r, uint32_t kind, struct id id, uint64_t seq, ProtobufCMessage *message)
{
    const struct kind *k = kind_by_number(kind);
    if (!k)
        return;
    scratch_add_row(r->scratch, &(struct scratch_row){.kind = kind, .id = id}); /* unless its part was laid in before */
    struct scratch_row *row = scratch_row(r->scratch, kind, id);
    struct row_side side = {.exists = true, .dead = !message, .seq = seq, .message = message};
    find_account(r, k, row, side);
    row->org = r->state->org;
    row->seq = seq;
    row->message = message;
    row->dead = side.dead;
    scratch_list(r->scratch, row);
    org_state_row(r->state, k, id, (struct row_side){.exists = false}, side);
    account_change(r->state, r->scratch, k, r->state->org, id, (struct row_side){.exists = false}, side);
}

void recount_end(struct recount *r, struct org_state *state)
{
    struct org_state *from = r->state;
    named_finish(&state->measures);
    free(state->digests);
    state->digests = from->digests;
    state->digest_count = from->digest_count;
    state->measures = from->measures;
    state->rows = from->rows;
    from->digests = NULL;
    from->digest_count = 0;
    from->measures = (struct named_values){NULL, 0, 0};
    recount_drop(r);
}
