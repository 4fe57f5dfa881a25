/* See handover_files.h. Nothing of a file is used before all of it was looked at; what is wrong with it is said in one sentence. */
#include "client/command/handover_files.h"
#include "base/limits.h"
#include "client/agent/dial.h"
#include "client/command/new_file.h"
#include "client/handover/handover_file.h"
#include "kinds/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct handover_keys keys_of(const struct dial_files *f)
{
    return (struct handover_keys){buf_slice(&f->ca), buf_slice(&f->cert), buf_slice(&f->key)};
}

/* ---- write ---- */

/* The seat's own certificate first, then those of who made what it had taken in. */
static enum err put_certificates(struct seat *s, const struct handover_keys *keys, const struct handover_change *list, size_t count,
                                 struct buf *own, Wire__HandoverHead *head)
{
    ProtobufCBinaryData *others, *all;
    size_t found;
    enum err e = tls_cert_to_der(keys->cert, own);
    if (e == ERR_OK)
        e = handover_certificates(s->replica, list, count, &s->arena, &others, &found);
    if (e == ERR_OK && !(all = arena_alloc(&s->arena, (found + 1) * sizeof *all)))
        e = ERR_MEMORY;
    if (e != ERR_OK)
        return e;
    all[0] = (ProtobufCBinaryData){own->size, own->data};
    memcpy(all + 1, others, found * sizeof *all);
    head->certificate = all;
    head->n_certificate = found + 1;
    return ERR_OK;
}

/* ERR_FULL sets *why, a msgid. */
static enum err make_file(struct seat *s, const struct handover_keys *keys, const struct handover_change *list, size_t count, struct buf *out,
                          const char **why)
{
    Wire__HandoverHead head = WIRE__HANDOVER_HEAD__INIT;
    Wire__Org home = WIRE__ORG__INIT;
    struct replica_org org;
    struct buf own = BUF_INIT;
    enum err e = replica_org(s->replica, s->facts.home, &s->arena, &org);
    *why = N_("what waits here was made by more seats than one file has room for");
    if (e == ERR_OK)
        e = put_certificates(s, keys, list, count, &own, &head);
    if (e == ERR_OK) {
        home.has_number = 1;
        home.number = org.number;
        home.code = (char *)org.code;
        home.name = (char *)org.name;
        head.org = &home;
        head.has_seat = head.has_made_ms = 1;
        head.seat = s->facts.seat;
        head.made_ms = s->now_ms + s->facts.clock_offset_ms;
        head.person = (char *)s->facts.person;
        head.roles = (char *)s->facts.roles_text;
        *why = N_("too much waits here for one file");
        e = handover_file_write(keys, &head, list, count, out);
    }
    buf_finish(&own);
    return e;
}

static void tell_written(size_t count, const char *path)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("%zu changes that have not been sent are in %s"), count, path);
    command_warn(buf_c_string(&said));
    fprintf(stderr, "  %s\n", _("The file holds personal data and is not encrypted: hand it over in person, and delete it afterwards."));
    fprintf(stderr, _("  Next, on the successor's device: banyan handover take %s\n"), path);
    buf_finish(&said);
}

int handover_write(struct seat *s, const char *path)
{
    struct dial_files files = {BUF_INIT, BUF_INIT, BUF_INIT};
    struct handover_change *list;
    struct buf out = BUF_INIT;
    size_t count = 0;
    const char *why = "";
    int status = EXIT_DONE;
    enum err e = handover_unsent(s->replica, &s->arena, &list, &count);
    if (e == ERR_OK && count == 0) {
        command_warn(_("everything on this device has been sent: there is nothing to hand over as a file"));
        return EXIT_DONE;
    }
    if (e == ERR_OK)
        e = dial_files_read(replica_dir(s->replica), &files);
    struct handover_keys keys = keys_of(&files);
    if (e == ERR_OK)
        e = make_file(s, &keys, list, count, &out, &why);
    if (e == ERR_FULL)
        status = command_say(_(why), _("synchronise this device with the server instead: banyan sync"));
    else if (e != ERR_OK)
        status = command_failed(s, e, path);
    else if ((status = new_file_write(path, buf_slice(&out))) == EXIT_DONE)
        tell_written(count, path);
    dial_files_finish(&files);
    buf_finish(&out);
    return status;
}

/* ---- take ---- */

static enum err read_file(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rbe");
    size_t got = 1;
    if (!f)
        return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
    while (got > 0 && out->size <= HANDOVER_FILE_MAX) {
        buf_reserve(out, 1u << 16);
        got = fread(out->data + out->size, 1, 1u << 16, f);
        out->size += got;
    }
    enum err e = ferror(f) ? ERR_IO : out->size > HANDOVER_FILE_MAX ? ERR_TOO_LONG : ERR_OK;
    fclose(f);
    return e;
}

static int say_unreadable(const char *path, enum err e)
{
    struct buf said = BUF_INIT;
    const char *why = e == ERR_NOT_FOUND ? _("there is no such file") : e == ERR_TOO_LONG ? _("it is too large") : _("it cannot be read");
    buf_format(&said, "%s: %s", path, why);
    int status = command_say(buf_c_string(&said), NULL);
    buf_finish(&said);
    return status;
}

static int say_fault(const char *path, enum handover_fault fault)
{
    static const struct {
        const char *what, *next; /* msgids */
    } words[] = {
        [HANDOVER_NOT_ONE] = {N_("this is no handover file"), N_("it is written by: banyan handover write FILE")},
        [HANDOVER_NEWER] = {N_("this handover file was written by a newer version of the program"), N_("renew the program on this device")},
        [HANDOVER_CUT] = {N_("the end of this handover file is missing"), N_("copy it again from where it was written; nothing was taken in")},
        [HANDOVER_CHANGED] = {N_("this handover file is not as that seat wrote it"), N_("copy it again from where it was written; nothing was taken in")},
        [HANDOVER_DISTRICT] = {N_("this handover file is of another district"), N_("only a seat of the same union takes it in; nothing was taken in")},
    };
    struct buf said = BUF_INIT;
    buf_format(&said, "%s: %s", path, _(words[fault].what));
    int status = command_say(buf_c_string(&said), _(words[fault].next));
    buf_finish(&said);
    return status;
}

/* EXIT_DONE: it is this union's, and somebody else's. */
static int check_whose(const struct seat *s, const char *path, const Wire__HandoverHead *head)
{
    struct buf said = BUF_INIT;
    int status = EXIT_DONE;
    if (head->org->number != s->facts.home) {
        buf_format(&said, _("%s: this handover file is of %s"), path, head->org->name ? head->org->name : "?");
        status = command_say(buf_c_string(&said), _("only a seat of the same union takes it in; nothing was taken in"));
    } else if (head->seat == s->facts.seat) {
        buf_format(&said, _("%s: this handover file is of this seat itself"), path);
        status = command_say(buf_c_string(&said), _("what it holds waits here already; the successor takes it in on another device"));
    }
    buf_finish(&said);
    return status;
}

/* A text so long that its change has no room for a second name: only the device that made it can send it. */
static void tell_left_out(const struct handover_taken *taken)
{
    const struct kind *k = kind_by_number(taken->kind);
    struct buf said = BUF_INIT;
    char id[ID_TEXT_SIZE];
    id_text(taken->id, id);
    buf_format(&said, _("%zu changes are left out, since they are too large to bear both names; the first is of %s %s"), taken->too_large,
               k ? k->name : "?", id);
    command_warn(buf_c_string(&said));
    fprintf(stderr, "  %s\n", _("Send them from the device that wrote the file (banyan sync), or enter them anew."));
    buf_finish(&said);
}

/* The first reason; the others are mostly the same. */
static void tell_refused(const struct handover_taken *taken)
{
    struct buf said = BUF_INIT, why = BUF_INIT, next = BUF_INIT;
    size_t count = 0;
    while (count < 3 && taken->argument[count])
        count++;
    refusal_text(taken->refused_kind, taken->code, taken->field, taken->argument, count, taken->code, command_language(), &why);
    buf_format(&said, _("%zu of them will be refused when this seat sends them; the first: %s %s"), taken->refused,
               taken->refused_kind ? label_in(taken->refused_kind->label, command_language()) : "?", buf_c_string(&why));
    command_warn(buf_c_string(&said));
    refusal_next(taken->refused_kind, taken->code, command_language(), &next);
    if (next.size)
        fprintf(stderr, "  %s\n", buf_c_string(&next));
    fprintf(stderr, "  %s\n", _("Whoever may do it can take the same file in on another device, before or after; it counts once."));
    buf_finish(&said);
    buf_finish(&why);
    buf_finish(&next);
}

static int tell_taken(const Wire__HandoverHead *head, const struct handover_taken *taken)
{
    const char *person = head->person ? head->person : "?";
    struct buf said = BUF_INIT;
    if (taken->taken)
        buf_format(&said, _("%zu changes of %s are taken in and wait to be sent under both names"), taken->taken, person);
    else if (taken->known || !taken->too_large)
        buf_format(&said, _("nothing new: all changes of %s in this file were taken in here before"), person);
    if (taken->taken && taken->known)
        buf_format(&said, _("; %zu were taken in here before"), taken->known);
    if (said.size)
        command_warn(buf_c_string(&said));
    if (taken->too_large)
        tell_left_out(taken);
    if (taken->refused)
        tell_refused(taken);
    if (taken->taken)
        fprintf(stderr, "  %s\n", _("Next: banyan sync. What your roles may not do, or does not fit any more, comes to banyan attention."));
    buf_finish(&said);
    return EXIT_DONE;
}

static int take_file(struct seat *s, const char *path, const struct handover_file *file)
{
    struct handover_taken taken;
    Wire__Author author = WIRE__AUTHOR__INIT;
    const Wire__Author *const authors[] = {&author};
    author.has_seat = 1;
    author.seat = file->head->seat;
    author.person = file->head->person;
    enum err e = handover_take(s->replica, file->head->seat, file->list, file->count, s->now_ms, &s->arena, &taken);
    if (e == ERR_OK)
        e = replica_meet(s->replica, authors, 1);
    return e == ERR_OK ? tell_taken(file->head, &taken) : command_failed(s, e, path);
}

int handover_take_in(struct seat *s, const char *path)
{
    struct dial_files files = {BUF_INIT, BUF_INIT, BUF_INIT};
    struct handover_file file;
    enum handover_fault fault = HANDOVER_GOOD;
    struct buf bytes = BUF_INIT;
    struct arena arena;
    int status;
    arena_init(&arena, 8u * HANDOVER_FILE_MAX); /* parts, and changes inside of them, opened */
    enum err e = read_file(path, &bytes);
    if (e != ERR_OK) {
        status = say_unreadable(path, e);
    } else if ((e = dial_files_read(replica_dir(s->replica), &files)) != ERR_OK) {
        status = command_failed(s, e, path);
    } else if ((e = handover_file_read(buf_slice(&bytes), buf_slice(&files.ca), &arena, &file, &fault)) != ERR_OK) {
        status = e == ERR_REFUSED ? say_fault(path, fault) : command_failed(s, e, path);
    } else if ((status = check_whose(s, path, file.head)) == EXIT_DONE) {
        status = take_file(s, path, &file);
    }
    dial_files_finish(&files);
    buf_finish(&bytes);
    arena_finish(&arena);
    return status;
}
