/* The control journal of a folder that somebody wrote in, or that a disk spoilt: `u8 how`, then the file's bytes, or
 * records as pieces that are appended whole to a good one. It is read to its end or refused, and what a replay makes of
 * it can be opened. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stage.h"
#include "base/limits.h"
#include "journal.pb-c.h"
#include "server/store/store_control.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_all(struct journal *j)
{
    uint64_t number = 0, last = 0;
    uint8_t type;
    struct slice body;
    bool more = true;
    while (journal_next(j, last, &number, &type, &body, &more) == ERR_OK && more) {
        CHECK(number == last + 1 && body.size <= LIMIT_JOURNAL_RECORD);
        last = number;
    }
}

static void look_at_file(struct slice bytes)
{
    static struct folder folder;
    struct journal *j;
    if (!*folder.path)
        folder_make(&folder);
    FILE *file = fopen(folder_file(&folder, JOURNAL_NAME), "wb");
    CHECK(file && (bytes.size == 0 || fwrite(bytes.data, 1, bytes.size, file) == bytes.size));
    CHECK(fclose(file) == 0);
    static const enum journal_mode modes[] = {JOURNAL_READ, JOURNAL_OPEN};
    for (size_t i = 0; i < 2; i++) {
        if (journal_open(folder.path, modes[i], &j) != ERR_OK)
            continue;
        read_all(j);
        uint64_t number;
        if (modes[i] == JOURNAL_OPEN && journal_append(j, 1, slice_text("x"), &number) == ERR_OK)
            read_all(j);
        journal_close(j);
    }
}

static void replay(struct stage *s, struct feed *f)
{
    uint64_t number;
    struct control *control;
    struct db *db = store_db(s->h.server.store);
    while (feed_more(f)) {
        uint8_t type = feed_byte(f);
        uint16_t size = feed_u16(f);
        struct slice body = feed_bytes(f, size);
        CHECK(journal_append(s->h.server.journal, type, body, &number) == ERR_OK);
    }
    if (control_replay(db, s->h.server.journal) == ERR_OK && control_open(db, NULL, &control) == ERR_OK) {
        for (size_t i = 0; control_org_at(control, i); i++) {
            uint32_t org = control_org_at(control, i)->number; /* 0 is none, whatever is written about it */
            CHECK(i < control_org_count(control) && control_in_subtree(control, org, org) == (org != 0));
        }
        control_close(control);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed f = feed_of(data, size);
    if (feed_byte(&f) % 2) {
        look_at_file(feed_rest(&f));
        return 0;
    }
    struct stage *s = stage_get();
    replay(s, &f);
    stage_was_touched(s);
    stage_reset(s);
    return 0;
}

static const ProtobufCMessageDescriptor *descriptor(uint8_t type)
{
    static const ProtobufCMessageDescriptor *const all[] = {
        [CONTROL_ORG] = &journal__org__descriptor,
        [CONTROL_INVITATION] = &journal__invitation__descriptor,
        [CONTROL_SEAT] = &journal__seat__descriptor,
        [CONTROL_RENEWAL] = &journal__renewal__descriptor,
        [CONTROL_SEAT_STATE] = &journal__seat_state__descriptor,
        [CONTROL_EPOCH] = &journal__epoch__descriptor,
        [CONTROL_BACKUP] = &journal__backup__descriptor,
        [CONTROL_ERASURE] = &journal__erasure__descriptor,
        [CONTROL_SEAT_ROLES] = &journal__seat_roles__descriptor,
        [CONTROL_READING] = &journal__reading__descriptor,
        [CONTROL_JUMP] = &journal__jump__descriptor,
        [CONTROL_ADOPTION] = &journal__adoption__descriptor,
    };
    return type < sizeof all / sizeof *all ? all[type] : NULL;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed)
{
    return mutate_pieces(data, size, size_max, seed, 1, descriptor);
}
