/* Rights that change (rule 31): what may no longer be read goes, in rows and in kept entries, and out of the file's free pages, and
 * with it what a salvage set aside; all rows are asked for again, since some may be read anew, and what may be is changed only when
 * they are here. What waits to be sent stays and will be refused. */
#include "client/replica/kept.h"
#include "client/replica/replica_pull.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/tr.h"
#include "wire/wire.h"

#define SCRUB "scrub" /* in meta: something was deleted that the file is to be cleaned of */

static bool strip(const void *roles, struct entry *entry, struct arena *arena)
{
    entry_strip(entry, *(const role_set *)roles, arena);
    return true;
}

static enum err strip_kept(struct replica *r, role_set roles)
{
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = kept_lessen(r, strip, &roles, &arena);
    arena_finish(&arena);
    return e;
}

static enum err note_unseen(struct replica *r, const struct kind *k, role_set before, role_set after)
{
    if (kind_access(k, NULL, after) == kind_access(k, NULL, before))
        return ERR_OK;
    enum err e = sql_run(r->db, "DELETE FROM seen WHERE kind = ?1", "i", (int64_t)k->number); /* answers without the new fields */
    return e == ERR_OK ? sql_run(r->db, "INSERT OR IGNORE INTO unseen(org, kind) SELECT org, ?1 FROM position WHERE seq > 0 OR snap > 0", "i",
                                 (int64_t)k->number)
                       : e;
}

/* Rows go or lose their sensitive fields; the snapshot that follows brings what may be read now. Conflict records go altogether:
 * their rights hang on the record's kind, and they come again. */
static enum err strip_kind(struct replica *r, const struct kind *k, role_set before, role_set after)
{
    bool loses = kind_access(k, NULL, after) < kind_access(k, NULL, before) || k->number == KIND_CONFLICT;
    struct buf sql = BUF_INIT;
    if (!loses)
        return note_unseen(r, k, before, after);
    buf_format(&sql, "DELETE FROM \"%s\"", k->name);
    enum err e = db_exec(r->db, buf_c_string(&sql));
    buf_finish(&sql);
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM tombstone WHERE kind = ?1", "i", (int64_t)k->number);
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM shadow WHERE kind = ?1", "i", (int64_t)k->number);
    if (e == ERR_OK && kind_access(k, NULL, after) < ACCESS_OPEN)
        e = sql_run(r->db, "DELETE FROM number_was WHERE kind = ?1", "i", (int64_t)k->number);
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM seen WHERE kind = ?1", "i", (int64_t)k->number);
    return e;
}

/* By which roles rows and entries were taken last. Not by what the facts say: a build that knows more roles than the one before
 * reads more out of the same text. */
static role_set taken_by(struct replica *r, role_set otherwise)
{
    struct slice text;
    struct arena arena;
    struct buf unknown = BUF_INIT;
    arena_init(&arena, LIMIT_FRAME_JOIN);
    bool noted = replica_meta_get(r, "roles_taken", &arena, &text) == ERR_OK;
    const char *names = noted ? arena_text(&arena, text) : NULL;
    role_set roles = names ? role_set_known(names, &unknown) : otherwise;
    buf_finish(&unknown);
    arena_finish(&arena);
    return roles;
}

static enum err note_taken(struct replica *r, role_set roles)
{
    struct buf names = BUF_INIT;
    role_set_text(roles, &names);
    buf_byte(&names, ','); /* none at all is a fact, too, and an empty value would be forgotten */
    enum err e = replica_meta_put(r, "roles_taken", buf_slice(&names));
    buf_finish(&names);
    return e;
}

static enum err strip_all(struct replica *r, role_set before, role_set after)
{
    size_t count;
    const struct kind *const *kinds = kind_all(&count);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = strip_kind(r, kinds[i], before, after);
    if (e == ERR_OK)
        e = strip_kept(r, after);
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM answer", "");
    return e == ERR_OK ? sql_run(r->db, "UPDATE position SET snap = 1, snap_kind = 0 WHERE seq > 0 OR snap > 0", "") : e;
}

enum err roles_take(struct replica *r, role_set before, const char *text)
{
    struct buf unknown = BUF_INIT;
    if (!text)
        return ERR_OK;
    role_set after = role_set_known(text, &unknown);
    if (unknown.size > 0)
        log_warn("replica", "this program does not know the roles %s of its seat: what only they may do has to wait for a newer one",
                 buf_c_string(&unknown));
    buf_finish(&unknown);
    before = taken_by(r, before);
    enum err e = note_taken(r, after);
    if (e != ERR_OK || after == before)
        return e;
    log_info("replica", "roles are now %s", text);
    e = strip_all(r, before, after);
    return e == ERR_OK ? replica_meta_put_integer(r, SCRUB, 1) : e;
}

/* ---- what is read anew ---- */

enum err roles_seen(struct replica *r, uint32_t org)
{
    return sql_run(r->db, "DELETE FROM unseen WHERE org = ?1", "i", (int64_t)org);
}

enum err roles_may_change(struct replica *r, uint32_t org, const struct kind *k)
{
    int64_t waits;
    enum err e = sql_integer(r->db, 0, &waits, "SELECT EXISTS(SELECT 1 FROM unseen WHERE org = ?1 AND kind = ?2)", "ii", (int64_t)org,
                             (int64_t)k->number);
    if (e == ERR_OK && waits)
        e = inner_fail(r, ERR_BUSY, _("The roles of this seat were changed, and what they let it read has not arrived here yet. Next: banyan sync"));
    return e;
}

/* ---- what is left in files ---- */

/* In free pages, and in what a salvage set aside. Where either stays it is tried again when the folder is opened next. */
void roles_scrub(struct replica *r)
{
    if (!replica_meta_integer(r, SCRUB, 0))
        return;
    enum err aside = replica_drop_set_aside(r->dir, "what this seat may no longer read"), e = db_scrub(r->db);
    if (e == ERR_OK && aside == ERR_OK)
        e = replica_meta_put(r, SCRUB, (struct slice){0});
    if (e != ERR_OK) /* everything else goes on */
        log_warn("replica", "what this seat may no longer read is deleted, but not out of free pages yet: %s", err_text(e));
}
