/* A rule that was added later (versions.h, AHEAD_RULE): what was decided before the server had it stays decided. Kept by hash while an
 * older program serves, looked up in the history in the end. */
#include "tests/sim/district.h"
#include "tests/sim/schema_inner.h"

#include "base/limits.h"
#include "client/replica/sql.h"

#include <stdlib.h>
#include <string.h>

struct decided {
    uint8_t hash[HASH_SIZE];
    struct decided *next;
};
static struct decided *before;

typedef void on_change(const struct change *c, enum verdict verdict, const char *code);

/* Each change of a member in the history that breaks the rule. */
static void each_breaking(struct district *d, on_change *each)
{
    struct db_statement *q;
    struct arena arena;
    bool row;
    arena_init(&arena, LIMIT_ARENA);
    CHECK(sql_ask(store_db(server_store(d->server)), &q,
                  "SELECT change, verdict, coalesce(code, '') FROM history WHERE kind = 1 AND change IS NOT NULL", "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        struct change c;
        arena_reset(&arena);
        CHECK(change_open(db_blob(q, 0), &arena, &c) == ERR_OK);
        if (c.kind && version_breaks_rule(c.patch))
            each(&c, (enum verdict)db_integer(q, 1), arena_text(&arena, db_text(q, 2)));
    }
    arena_finish(&arena);
}

static bool was_decided(const uint8_t hash[HASH_SIZE])
{
    for (const struct decided *x = before; x; x = x->next)
        if (memcmp(x->hash, hash, HASH_SIZE) == 0)
            return true;
    return false;
}

static void keep(const struct change *c, enum verdict verdict, const char *code)
{
    (void)code;
    if (verdict == VERDICT_REFUSED || was_decided(c->hash))
        return;
    struct decided *x = malloc(sizeof *x);
    CHECK(x);
    memcpy(x->hash, c->hash, HASH_SIZE);
    x->next = before;
    before = x;
}

static unsigned refused, stay;

static void expect(const struct change *c, enum verdict verdict, const char *code)
{
    bool by_rule = verdict == VERDICT_REFUSED && strcmp(code, AHEAD_RULE) == 0;
    refused += by_rule;
    stay += verdict != VERDICT_REFUSED;
    if (by_rule && was_decided(c->hash))
        world_fail("change %llu was decided before the rule came that it is refused by", (unsigned long long)c->n);
    if (verdict != VERDICT_REFUSED && verdict != VERDICT_CONFLICT && !was_decided(c->hash))
        world_fail("change %llu was taken, which a rule forbids that is older", (unsigned long long)c->n);
}

void schema_rule_comes(struct district *d)
{
    each_breaking(d, keep);
}

void schema_rule_expect(struct district *d)
{
    refused = stay = 0;
    each_breaking(d, expect);
    world_tell("a rule that was added later: %u changes are refused by it, %u were decided before", refused, stay);
}

void schema_rule_end(void)
{
    while (before) {
        struct decided *x = before;
        before = x->next;
        free(x);
    }
}
