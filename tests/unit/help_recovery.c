#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_recovery.h"

#include "server/recovery/backup.h"
#include "server/recovery/erase.h"
#include "server/recovery/recovery.h"

void server_backup(struct help_server *s, const char *name)
{
    struct buf detail = BUF_INIT;
    assert_int_equal(backup_run(s->folder.path, server_file(s, name), s->now_ms, &detail), ERR_OK);
    buf_finish(&detail);
}

struct restore_facts server_restore(struct help_server *s, const char *name)
{
    struct buf detail = BUF_INIT;
    struct restore_facts facts;
    server_close(s);
    s->now_ms++; /* names of databases set aside */
    enum err e = restore_run(s->folder.path, server_file(s, name), s->now_ms, &facts, &detail);
    if (e != ERR_OK)
        print_error("restore: %s %s\n", err_name(e), buf_c_string(&detail));
    assert_int_equal(e, ERR_OK);
    server_open(s);
    buf_finish(&detail);
    return facts;
}

void server_contact(struct help_server *s, uint32_t seat, bool level)
{
    struct job *job = job_make(s, JOB_CONTACT, seat);
    for (uint32_t org = control_seat(s->control, seat)->org; level && org; org = control_org(s->control, org)->parent)
        job->heard[job->heard_count++] = org;
    server_run(s, job);
    assert_int_equal(job->failed, ERR_OK);
    job_free_one(job);
}

void server_end_recovery(struct help_server *s)
{
    size_t ended = 0;
    assert_int_equal(recovery_end_all(s->store, s->control, &ended), ERR_OK);
    assert_true(ended <= 3); /* orgs that wait for nobody have left it before */
    server_close(s);
    server_open(s);
    assert_false(store_recovering(s->store, s->branch) || store_recovering(s->store, s->other) || store_recovering(s->store, 1));
}

void write_erasure(struct store *store, struct control *control, struct erase_plan *plan, int64_t now_ms, const char *reason)
{
    struct slice *list;
    size_t count, gone = 0;
    assert_int_equal(erase_plan_pack(plan, now_ms, reason, help_random, &list, &count), ERR_OK);
    assert_int_equal(store_begin(store), ERR_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(control_add_erasure(control, list[i], 0), ERR_OK);
    assert_int_equal(erase_carry_out(store, control, &gone), ERR_OK);
    assert_int_equal(store_commit(store), ERR_OK);
}

void carry_out_erasure(struct store *store, struct control *control, struct erase_plan *plan, int64_t now_ms, const char *reason)
{
    write_erasure(store, control, plan, now_ms, reason);
    assert_int_equal(erase_scrub(store), ERR_OK);
}
