/* See heads.h. One row an org, for what is not kept; the others stand in the entries themselves. */
#include "client/replica/heads.h"
#include "wire/wire.h"

enum err heads_put(struct replica *r, uint32_t org, uint64_t seq, ProtobufCBinaryData mac)
{
    if (mac.len != HEAD_MAC_SIZE)
        return ERR_OK; /* an older server's */
    return sql_run(r->db,
                   "INSERT INTO head_mac(org, seq, mac) VALUES(?1, ?2, ?3)"
                   " ON CONFLICT(org) DO UPDATE SET seq = excluded.seq, mac = excluded.mac",
                   "iib", (int64_t)org, (int64_t)seq, slice_of(mac.data, mac.len));
}

static enum err of_kept(struct slice packed, struct arena *arena, struct slice *out)
{
    ProtobufCMessage *m;
    enum err e = wire_open(&wire__entry__descriptor, packed, arena, &m);
    if (e != ERR_OK)
        return e == ERR_WIRE ? ERR_CORRUPT : e; /* it was packed here */
    *out = slice_of(((const Wire__Entry *)m)->head_mac.data, ((const Wire__Entry *)m)->head_mac.len);
    return ERR_OK;
}

enum err heads_get(struct replica *r, uint32_t org, uint64_t seq, struct arena *arena, struct slice *out)
{
    struct db_statement *s;
    bool row;
    struct slice mac = {0};
    enum err e = sql_ask(r->db, &s,
                         "SELECT (SELECT mac FROM head_mac WHERE org = ?1 AND seq = ?2),"
                         " (SELECT entry FROM kept WHERE org = ?1 AND seq = ?2)",
                         "ii", (int64_t)org, (int64_t)seq);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    if (!db_is_null(s, 0)) {
        mac = arena_copy(arena, db_blob(s, 0));
        e = mac.data ? ERR_OK : ERR_MEMORY;
    } else if (!db_is_null(s, 1)) {
        e = of_kept(db_blob(s, 1), arena, &mac);
    }
    db_reset(s);
    if (e == ERR_OK)
        *out = mac;
    return e;
}
