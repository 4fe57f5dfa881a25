#pragma once
/* Inside of control, shared by the file that reads (control.c) and the one that writes (control_write.c). */
#include "server/store/store_control.h"

struct control {
    struct db *db;
    struct journal *journal; /* NULL: a reader */
    struct control_tables tables;
    int64_t data_version;    /* of db when tables were read last */
    struct arena answers;    /* of control_find_invitation */
    struct buf detail;       /* with its final zero, or empty */
};

enum err control_reload(struct control *c) MUST_CHECK;
/* As control_replay, in the caller's transaction. */
enum err control_replay_here(struct db *db, struct journal *journal) MUST_CHECK;
/* One change of control data, under the write lock (control_write.c). joined: inside a transaction that the caller began and will
 * commit. What began is ended by finish, which appends the record, or given up. */
struct change_of_control {
    struct control *c;
    bool joined;
};
enum err control_begin(struct control *c, struct change_of_control *out) MUST_CHECK;
enum err control_give_up(struct change_of_control *change, enum err e);
enum err control_finish(struct change_of_control *change, uint8_t type, const ProtobufCMessage *record) MUST_CHECK;
/* Which is free (store_control_next), within such a change. ERR_FULL has its sentence in detail. */
enum err control_next_number(struct control *c, const char *table, uint32_t *out) MUST_CHECK;
/* The sentence of an ERR_FULL of numbers; e otherwise as it is. */
enum err control_explain_full(struct control *c, enum err e);
