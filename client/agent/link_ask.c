/* What commands ask of the server: queued, sent one after the other once WELCOME has come, answered to the owner's callback. A list
 * of rows goes on by itself until its last page. */
#include "client/agent/link_inner.h"
#include "base/limits.h"
#include "wire/wire.h"

#include <string.h>

static const struct {
    enum frame_type ask, answer;
} pairs[] = {
    {FRAME_ROWS_ASK, FRAME_ROWS}, {FRAME_HISTORY_ASK, FRAME_HISTORY}, {FRAME_OVERVIEW_ASK, FRAME_OVERVIEW},
    {FRAME_SEAT_ASK, FRAME_SEATS}, {FRAME_INVITE_ASK, FRAME_INVITED}, {FRAME_RENEW, FRAME_RENEWED},
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

/* True where the list goes on: the ask is the same, after the last row. */
static bool goes_on(struct link *l, const Wire__Rows *rows)
{
    ProtobufCMessage *m;
    struct link_ask *ask = &l->asks[0];
    if (rows->done || rows->n_row == 0 ||
        wire_open(frame_descriptor(ask->type), buf_slice(&ask->message), &l->arena, &m) != ERR_OK)
        return false;
    Wire__RowsAsk *again = (Wire__RowsAsk *)m;
    ProtobufCBinaryData last = rows->row[rows->n_row - 1]->id;
    if (again->has_after_id && slice_compare(slice_of(last.data, last.len), slice_of(again->after_id.data, again->after_id.len)) <= 0)
        return false; /* a list that goes round would never end */
    again->has_after_id = 1;
    again->after_id = last;
    ask->message.size = 0;
    wire_pack(m, &ask->message);
    return true;
}

enum err link_take_answer(struct link *l, enum frame_type type, const ProtobufCMessage *m, int64_t now_ms)
{
    (void)now_ms;
    bool more = type == FRAME_ROWS && goes_on(l, (const Wire__Rows *)m);
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
