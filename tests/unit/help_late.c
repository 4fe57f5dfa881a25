#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_late.h"

#include "server/store/store_control.h"

const Wire__Taken *late_run(struct help_server *s, uint32_t seat, bool proven, const struct entry *list, size_t count,
                                   const uint8_t *before, Wire__LateFork **forks, size_t fork_count)
{
    Wire__HandBack m = WIRE__HAND_BACK__INIT;
    m.has_org = m.has_late = m.has_done = m.late = m.done = 1;
    m.org = s->branch;
    m.fork = forks;
    m.n_fork = fork_count;
    m.has_chain_before = before != NULL;
    m.chain_before = (ProtobufCBinaryData){before ? CHAIN_SIZE : 0, (uint8_t *)before};
    return hand_back_with(s, seat, proven, &m, list, count);
}

const Wire__Taken *late_hand_over(struct help_server *s, uint32_t seat, const struct entry *list, size_t count)
{
    const Wire__Taken *taken = late_run(s, seat, true, list, count, NULL, NULL, 0);
    assert_true(taken->late_to == list[count - 1].seq);
    return taken;
}

const char *late_log(struct help_server *s, uint64_t from)
{
    static const char *const verdicts[] = {"?", "APPLIED", "MERGED", "CONFLICT", "REFUSED", "SAME"};
    struct entry *list;
    struct buf b = BUF_INIT;
    size_t count = server_entries(s, s->branch, &list);
    for (size_t i = 0; i < count; i++)
        if (list[i].seq >= from)
            buf_format(&b, "%s%s %llu %s%s%s", b.size ? " | " : "", list[i].identity.seat == s->chair ? "chair" : "second",
                       (unsigned long long)list[i].identity.n, verdicts[list[i].verdict], list[i].code ? " " : "", list[i].code ? list[i].code : "");
    const char *text = arena_text(&s->arena, buf_slice(&b));
    buf_finish(&b);
    return text;
}

int64_t late_count(struct help_server *s, const char *sql)
{
    int64_t count;
    assert_int_equal(store_control_ask(store_db(s->store), sql, &count), ERR_OK);
    return count;
}

int64_t late_cut_rows(struct help_server *s)
{
    return late_count(s, "SELECT count(*) FROM cut");
}

void late_erase(struct help_server *s, int record)
{
    struct erase_plan plan;
    assert_int_equal(erase_plan_make(s->store, member_id(record), &plan), ERR_OK);
    carry_out_erasure(s->store, s->control, &plan, s->now_ms, "2026-17");
    erase_plan_finish(&plan);
    server_close(s);
    server_open(s);
}
