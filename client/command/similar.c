/* See similar.h. */
#include "client/command/similar.h"
#include "base/text.h"

#include <string.h>

#define ALIKE_LEAST 600u /* of 1000 (text_similarity): two titles about one matter, seldom two matters */
#define TOLD_MAX 5

struct alike {
    struct id id;
    unsigned similarity;
    char text[256];
};
struct search {
    const char *field;
    struct id made;
    struct slice text;
    struct alike list[TOLD_MAX]; /* the most alike first */
    size_t count;
};

static void put_in(struct search *s, struct id id, unsigned similarity, struct slice text)
{
    size_t at = s->count < TOLD_MAX ? s->count++ : TOLD_MAX - 1;
    size_t size = text_fit(text, sizeof s->list[0].text - 1, SIZE_MAX);
    while (at > 0 && s->list[at - 1].similarity < similarity) {
        s->list[at] = s->list[at - 1];
        at--;
    }
    s->list[at] = (struct alike){.id = id, .similarity = similarity};
    memcpy(s->list[at].text, text.data, size);
}

static bool look_at(void *to, const struct replica_row *row)
{
    struct search *s = to;
    struct cell text = record_get_name(row->message, s->field);
    unsigned similarity =
        text.type == CELL_TEXT && !id_equal(row->id, s->made) ? text_similarity(s->text, text.bytes) : 0;
    bool full = s->count == TOLD_MAX;
    if (similarity >= ALIKE_LEAST && (!full || similarity > s->list[TOLD_MAX - 1].similarity))
        put_in(s, row->id, similarity, text.bytes);
    return true;
}

void similar_say(struct seat *s, const struct kind *k, struct id made, const ProtobufCMessage *patch)
{
    struct cell text = k->similar ? record_get_name(patch, k->similar) : (struct cell){.type = CELL_ABSENT};
    struct search search = {.field = k->similar, .made = made, .text = text.bytes};
    struct buf said = BUF_INIT;
    if (text.type != CELL_TEXT || replica_scan(s->replica, k->number, s->now_ms, look_at, &search) != ERR_OK ||
        !search.count)
        return; /* it is saved, whatever could not be looked at */
    buf_text(&said, _("it is saved; it resembles what is here already:"));
    for (size_t i = 0; i < search.count; i++) {
        char id[ID_TEXT_SIZE];
        id_text(search.list[i].id, id);
        buf_format(&said, "\n  %s  %s", id, search.list[i].text);
    }
    command_warn(buf_c_string(&said));
    buf_finish(&said);
}
