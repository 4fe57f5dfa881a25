/* See incoming.h. */
#include "client/command/incoming.h"
#include "client/command/pages.h"
#include "kinds/transfer.h"
#include "membership.pb-c.h"
#include "show/board.h"
#include "show/grid.h"
#include "wire/wire.h"

#include <jansson.h>
#include <string.h>

#define ASK_MS 20000

/* ---- asking ---- */

static void on_transfers(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    if (type == FRAME_TRANSFERS)
        pages_add(to, message);
}

static bool ask(struct seat *s, const struct id *one, const Wire__Transfers **out, int *status)
{
    struct agent_result result = {0};
    struct agent_options options = {.deadline_ms = ASK_MS};
    struct buf kept = BUF_INIT;
    struct id id = one ? *one : (struct id){{0}};
    ProtobufCMessage *m = NULL;
    Wire__TransferAsk question = WIRE__TRANSFER_ASK__INIT;
    question.has_id = one != NULL;
    question.id = (ProtobufCBinaryData){one ? ID_SIZE : 0, id.bytes};
    agent_ask(s->replica, FRAME_TRANSFER_ASK, &question.base, &options, on_transfers, &kept, &result);
    if (command_contact(&result) != EXIT_DONE) {
        *status = EXIT_FAILED;
    } else {
        struct slice pages = arena_copy(&s->arena, buf_slice(&kept));
        enum err e = kept.size && !pages.data ? ERR_MEMORY : pages_open(&wire__transfers__descriptor, pages, &s->arena, &m);
        if (e != ERR_OK)
            *status = command_failed(s, e, NULL);
    }
    buf_finish(&kept);
    if (m)
        *out = (const Wire__Transfers *)m;
    return m != NULL;
}

bool incoming_ask(struct seat *s, const Wire__Transfers **out, int *status)
{
    return ask(s, NULL, out, status);
}

/* ---- one of them ---- */

static const char *name_of(struct seat *s, const Wire__Transfer *t)
{
    ProtobufCMessage *m;
    enum err e = wire_open(&record__member__descriptor, slice_of(t->file.data, t->file.len), &s->arena, &m);
    const char *name = e == ERR_OK ? ((const Record__Member *)m)->name : NULL;
    return name ? name : "";
}

static bool fits(struct seat *s, const Wire__Transfer *t, const char *word)
{
    struct id prefix;
    unsigned bits;
    if (t->id.len != ID_SIZE)
        return false;
    if (id_parse_prefix(word, &prefix, &bits) == ERR_OK && id_has_prefix(id_from(slice_of(t->id.data, t->id.len)), prefix, bits))
        return true;
    return strcmp(name_of(s, t), word) == 0;
}

static bool find(struct seat *s, const Wire__Transfers *all, const char *word, struct id *out, int *status)
{
    struct buf said = BUF_INIT;
    size_t found = 0;
    for (size_t i = 0; i < all->n_transfer; i++) {
        if (!fits(s, all->transfer[i], word))
            continue;
        found++;
        *out = id_from(slice_of(all->transfer[i]->id.data, ID_SIZE));
    }
    if (found == 1)
        return true;
    buf_format(&said, found ? _("more than one member who was transferred out to this branch fits %s; give the id")
                            : _("no member who was transferred out to this branch fits %s"), word);
    *status = command_say(buf_c_string(&said), _("see: banyan list member --incoming"));
    buf_finish(&said);
    return false;
}

bool incoming_file(struct seat *s, const char *word, const Wire__Transfer **out, int *status)
{
    const Wire__Transfers *answer;
    struct id id;
    bool whole = id_parse(word, &id) == ERR_OK; /* the server says why there is none */
    if (!whole && (!ask(s, NULL, &answer, status) || !find(s, answer, word, &id, status)))
        return false;
    if (!ask(s, &id, &answer, status))
        return false;
    const Wire__Transfer *t = answer->n_transfer ? answer->transfer[0] : NULL;
    if (!t || t->id.len != ID_SIZE || memcmp(t->id.data, id.bytes, ID_SIZE) != 0 || !t->from) {
        *status = command_failed(s, ERR_WIRE, word);
        return false;
    }
    *out = t;
    return true;
}

/* ---- the list ---- */

static void row_texts(struct seat *s, const Wire__Transfer *t, char id[ID_TEXT_SIZE], const char **name)
{
    id_text(t->id.len == ID_SIZE ? id_from(slice_of(t->id.data, t->id.len)) : (struct id){{0}}, id);
    *name = name_of(s, t);
}

static void print_json(struct seat *s, const Wire__Transfers *all, struct buf *out)
{
    json_t *list = json_array();
    for (size_t i = 0; i < all->n_transfer; i++) {
        const Wire__Transfer *t = all->transfer[i];
        char id[ID_TEXT_SIZE];
        const char *name;
        row_texts(s, t, id, &name);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:s?, s:s?}", "id", id, "name", name, "from_branch",
                                              t->from ? t->from->code : NULL, "from_branch_name", t->from ? t->from->name : NULL,
                                              "left_on", t->left_on));
    }
    show_json(list, out);
    json_decref(list);
}

static void print_grid(struct seat *s, const Wire__Transfers *all, struct buf *out)
{
    const struct kind *k = kind_by_number(TRANSFER_KIND);
    struct grid *g = grid_create(5);
    grid_cell(g, "id");
    grid_cell(g, label_in(kind_field(k, "name")->label, command_language()));
    grid_cell(g, label_in(kind_field(k, "from_branch")->label, command_language()));
    grid_cell(g, "");
    grid_cell(g, _("transferred out on"));
    for (size_t i = 0; i < all->n_transfer; i++) {
        const Wire__Transfer *t = all->transfer[i];
        char id[ID_TEXT_SIZE];
        const char *name;
        row_texts(s, t, id, &name);
        grid_cell(g, id);
        grid_cell(g, name);
        grid_cell(g, t->from ? t->from->code : NULL);
        grid_cell(g, t->from ? t->from->name : NULL);
        grid_cell(g, t->left_on);
    }
    grid_print(g, out);
    grid_destroy(g);
}

int incoming_print(struct seat *s, bool json)
{
    const Wire__Transfers *all;
    struct buf out = BUF_INIT;
    int status = EXIT_DONE;
    if (!incoming_ask(s, &all, &status))
        return status;
    if (json)
        print_json(s, all, &out);
    else if (all->n_transfer)
        print_grid(s, all, &out);
    else
        (void)command_say(_("nobody waits to be taken over"), NULL); /* that is no failure */
    command_print(&out);
    if (!json && all->n_transfer)
        command_note(_("take one over: banyan add member --from ID"));
    return EXIT_DONE;
}
