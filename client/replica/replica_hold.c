/* Who may do what with a seat's folder.
 *
 *   open.lock   held together by all that have banyan.db open, from before they open it until after they closed it;
 *               alone by who gives the name banyan.db to another file. So nobody ever writes to a file that was set
 *               aside (what he says is saved would be lost), and nobody's closing removes the WAL of the file that
 *               came in its place.
 *
 *   agent.lock  held by the one process that talks to the server for this seat.
 *
 * One thing does not wait for the others: the end of a seat (replica_wipe.c). Whoever still has that file open finds,
 * with the write lock in his hands, that the name is gone (hold_is_here). */
#include "client/replica/replica_sync.h"
#include "client/replica/replica_inner.h"

#include <sys/stat.h>
#include <time.h>

#define TRY_NS 20000000  /* between attempts */
#define OTHERS_TRIES 100 /* 2 s: commands of people are short */
#define MOVER_TRIES 1500 /* 30 s: a large file takes a while to be carried over */

static enum err hold(const char *dir, enum err how(const char *path, struct db_lock **out), int tries,
                     struct db_lock **out)
{
    struct buf path = BUF_INIT;
    enum err e = ERR_LOCKED;
    buf_format(&path, "%s/open.lock", dir);
    for (int i = 0; e == ERR_LOCKED && i < tries; i++) {
        if (i > 0)
            nanosleep(&(struct timespec){.tv_nsec = TRY_NS}, NULL);
        e = how(buf_c_string(&path), out);
    }
    buf_finish(&path);
    return e;
}

enum err hold_with_others(const char *dir, struct db_lock **out)
{
    return hold(dir, db_lock_share, MOVER_TRIES, out);
}

enum err hold_alone(const char *dir, struct db_lock **out)
{
    return hold(dir, db_lock_open, OTHERS_TRIES, out);
}

bool hold_is_here(const struct replica *r)
{
    struct stat st;
    struct buf path = BUF_INIT;
    buf_format(&path, "%s/" REPLICA_FILE, r->dir);
    bool here = stat(buf_c_string(&path), &st) == 0 && (uint64_t)st.st_ino == r->inode;
    buf_finish(&path);
    return here;
}

/* ---- one agent a folder ---- */

enum err replica_lock_agent(struct replica *r)
{
    struct buf path = BUF_INIT;
    if (r->agent)
        return ERR_OK;
    buf_format(&path, "%s/agent.lock", r->dir);
    enum err e = db_lock_open(buf_c_string(&path), &r->agent);
    buf_finish(&path);
    return e;
}

void replica_unlock_agent(struct replica *r)
{
    if (r->agent)
        db_lock_close(r->agent);
    r->agent = NULL;
}

bool replica_agent_runs(struct replica *r)
{
    if (r->agent)
        return false; /* this one is it */
    enum err e = replica_lock_agent(r);
    replica_unlock_agent(r);
    return e == ERR_LOCKED;
}
