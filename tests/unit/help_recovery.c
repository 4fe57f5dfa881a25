#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_recovery.h"

#include "server/recovery/backup.h"

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
