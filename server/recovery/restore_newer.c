/* See restore_newer.h. */
#include "server/recovery/restore_newer.h"

#include "base/limits.h"
#include "journal.pb-c.h"
#include "server/store/store_control.h"
#include "wire/wire.h"

#include <stdio.h>

static enum err note(struct slice body, struct restore_newer *out)
{
    struct arena arena;
    ProtobufCMessage *m;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = wire_open(&journal__backup__descriptor, body, &arena, &m);
    if (e == ERR_OK) {
        const Journal__Backup *b = (const Journal__Backup *)m;
        out->count++;
        out->at_ms = b->at_ms;
        snprintf(out->path, sizeof out->path, "%s", b->path ? b->path : "");
    }
    arena_finish(&arena);
    return e;
}

enum err restore_newer_find(struct journal *own, uint64_t same, struct restore_newer *out)
{
    enum err e = ERR_OK;
    bool more = true, itself = true;
    uint64_t number = same;
    while (e == ERR_OK && more) {
        struct slice body = {0};
        uint8_t type = 0;
        e = journal_next(own, number, &number, &type, &body, &more);
        if (e != ERR_OK || !more || type != CONTROL_BACKUP)
            continue;
        if (!itself)
            e = note(body, out);
        itself = false;
    }
    return e;
}
