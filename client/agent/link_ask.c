/* What commands ask of the server: queued, sent one after the other once WELCOME has come, answered to the owner's callback. What
 * comes in pages (rows, the board, seats, transfers) goes on by itself until the last: the callback is called with each. */
#include "client/agent/link_inner.h"
#include "base/limits.h"
#include "wire/wire.h"

#include <string.h>

static const struct {
    enum frame_type ask, answer;
} pairs[] = {
    {FRAME_ROWS_ASK, FRAME_ROWS}, {FRAME_HISTORY_ASK, FRAME_HISTORY}, {FRAME_OVERVIEW_ASK, FRAME_OVERVIEW},
    {FRAME_SEAT_ASK, FRAME_SEATS}, {FRAME_INVITE_ASK, FRAME_INVITED}, {FRAME_RENEW, FRAME_RENEWED},
    {FRAME_TRANSFER_ASK, FRAME_TRANSFERS},
};

static enum frame_type answer_of(enum frame_type ask)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i].ask == ask)
            return pairs[i].answer;
    return FRAME_NONE;
}

/* Field 1 of all of them but RENEW and its answer. */
static void number_message(ProtobufCMessage *m, uint32_t number)
{
    const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(m->descriptor, "number");
    if (!f)
        return;
    memcpy((uint8_t *)m + f->offset, &number, sizeof number);
    *(protobuf_c_boolean *)((uint8_t *)m + f->quantifier_offset) = 1;
}

static bool bears_number(const ProtobufCMessage *m, uint32_t number)
{
    uint32_t there;
    const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(m->descriptor, "number");
    if (!f)
        return true;
    memcpy(&there, (const uint8_t *)m + f->offset, sizeof there);
    return there == number;
}

enum err link_ask(struct link *l, enum frame_type type, ProtobufCMessage *message)
{
    CHECK(answer_of(type) != FRAME_NONE);
    if (l->ask_count == LINK_ASKS_MAX)
        return ERR_FULL;
    struct link_ask *ask = &l->asks[l->ask_count++];
    *ask = (struct link_ask){.type = type, .number = ++l->ask_number};
    number_message(message, ask->number);
    wire_pack(message, &ask->message);
    return ERR_OK;
}

enum err link_send_ask(struct link *l, int64_t now_ms)
{
    ProtobufCMessage *m;
    if (l->await_ask || l->ask_count == 0)
        return ERR_OK;
    struct link_ask *ask = &l->asks[0];
    enum err e = wire_open(frame_descriptor(ask->type), buf_slice(&ask->message), &l->arena, &m);
    if (e != ERR_OK)
        return ERR_BUG; /* it was packed here */
    l->await_ask = true;
    link_await(l, now_ms);
    return link_send(l, ask->type, m, now_ms);
}

bool link_is_answer(const struct link *l, enum frame_type type, const ProtobufCMessage *m)
{
    if (!l->await_ask)
        return false;
    if (type == FRAME_ERROR) {
        const Wire__Error *error = (const Wire__Error *)m;
        return !error->fatal && error->number == l->asks[0].number;
    }
    return type == answer_of(l->asks[0].type) && bears_number(m, l->asks[0].number);
}

/* ---- lists in pages: each says where the ask goes on from, if it does ---- */

/* In id order, behind the last id that came: a list that goes round would never end. */
static bool ids_go_on(ProtobufCBinaryData last, protobuf_c_boolean *has_after, ProtobufCBinaryData *after)
{
    if (*has_after && slice_compare(slice_of(last.data, last.len), slice_of(after->data, after->len)) <= 0)
        return false;
    *has_after = 1;
    *after = last;
    return true;
}

static bool rows_go_on(ProtobufCMessage *ask, const ProtobufCMessage *answer)
{
    const Wire__Rows *rows = (const Wire__Rows *)answer;
    Wire__RowsAsk *again = (Wire__RowsAsk *)ask;
    return !rows->done && rows->has_after_id && ids_go_on(rows->after_id, &again->has_after_id, &again->after_id);
}

/* Totals first, by name, then branches. */
static bool overview_goes_on(ProtobufCMessage *ask, const ProtobufCMessage *answer)
{
    const Wire__Overview *board = (const Wire__Overview *)answer;
    Wire__OverviewAsk *again = (Wire__OverviewAsk *)ask;
    if (board->done)
        return false;
    if (board->n_branch > 0) {
        const Wire__Org *org = board->branch[board->n_branch - 1]->org;
        bool moves = org && org->number && org->number != again->after_branch;
        again->has_after_branch = 1;
        again->after_branch = moves ? org->number : 0;
        return moves;
    }
    const char *last = board->n_total > 0 ? board->total[board->n_total - 1]->name : NULL;
    bool moves = last && !again->has_after_branch && (!again->after_total || strcmp(last, again->after_total) > 0);
    again->after_total = moves ? (char *)last : NULL;
    return moves;
}

/* A list of changes: by org and seq. */
static bool refused_go_on(Wire__SeatAsk *again, const Wire__Seats *seats)
{
    const Wire__RefusedChange *last = seats->n_refused ? seats->refused[seats->n_refused - 1] : NULL;
    if (!last || last->org < again->after_org || (last->org == again->after_org && last->seq <= again->after_seq))
        return false;
    again->has_after_org = again->has_after_seq = 1;
    again->after_org = last->org;
    again->after_seq = last->seq;
    return true;
}

static bool seats_go_on(ProtobufCMessage *ask, const ProtobufCMessage *answer)
{
    const Wire__Seats *seats = (const Wire__Seats *)answer;
    Wire__SeatAsk *again = (Wire__SeatAsk *)ask;
    if (!seats->done && again->action == WIRE__SEAT_ACTION__SEAT_REFUSED)
        return refused_go_on(again, seats);
    if (seats->done || seats->n_seat == 0 || seats->seat[seats->n_seat - 1]->number <= again->after)
        return false;
    again->has_after = 1;
    again->after = seats->seat[seats->n_seat - 1]->number;
    return true;
}

static bool transfers_go_on(ProtobufCMessage *ask, const ProtobufCMessage *answer)
{
    const Wire__Transfers *waiting = (const Wire__Transfers *)answer;
    Wire__TransferAsk *again = (Wire__TransferAsk *)ask;
    return !waiting->done && waiting->has_after_id && ids_go_on(waiting->after_id, &again->has_after_id, &again->after_id);
}

static bool (*paged(enum frame_type answer))(ProtobufCMessage *ask, const ProtobufCMessage *answer)
{
    return answer == FRAME_ROWS        ? rows_go_on
           : answer == FRAME_OVERVIEW  ? overview_goes_on
           : answer == FRAME_SEATS     ? seats_go_on
           : answer == FRAME_TRANSFERS ? transfers_go_on
                                       : NULL;
}

/* True where the list goes on: the ask is the same, behind what came. */
static bool goes_on(struct link *l, enum frame_type type, const ProtobufCMessage *answer)
{
    ProtobufCMessage *m;
    struct link_ask *ask = &l->asks[0];
    if (!paged(type) || wire_open(frame_descriptor(ask->type), buf_slice(&ask->message), &l->arena, &m) != ERR_OK ||
        !paged(type)(m, answer))
        return false;
    struct buf next = BUF_INIT; /* m points into what is there */
    wire_pack(m, &next);
    buf_finish(&ask->message);
    ask->message = next;
    return true;
}

enum err link_take_answer(struct link *l, enum frame_type type, const ProtobufCMessage *m, int64_t now_ms)
{
    (void)now_ms;
    bool more = goes_on(l, type, m);
    if (more && ++l->asks[0].pages >= LINK_PAGES_MAX)
        return ERR_PROTOCOL;
    l->await_ask = false;
    if (!more) {
        buf_finish(&l->asks[0].message);
        l->ask_count--;
        memmove(&l->asks[0], &l->asks[1], l->ask_count * sizeof l->asks[0]);
    }
    if (l->options.on_answer)
        l->options.on_answer(l->options.to, type, m);
    return ERR_OK;
}
