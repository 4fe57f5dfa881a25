/* A device's rows are the server's, told without digests: whoever has a digest wrong on both sides, or never compares,
 * finds nothing. Of kinds that the roles read whole every field; of the others that what is there is the server's, of
 * the same seq. */
#include "tests/sim/oracle_parts.h"

#include "kinds/kind.h"

#include <string.h>

static void name_fields(const struct kind *k, struct buf *out)
{
    for (unsigned i = 0; i < k->descriptor->n_fields; i++)
        buf_format(out, ", \"%s\"", k->descriptor->fields[i].name);
}

static void ask(struct db *db, const struct kind *k, uint32_t org, struct db_statement **q)
{
    struct buf sql = BUF_INIT;
    buf_text(&sql, "SELECT id, _seq");
    name_fields(k, &sql);
    buf_format(&sql, " FROM \"%s\" WHERE _org = ?1 ORDER BY id", k->name);
    CHECK(sql_ask(db, q, buf_c_string(&sql), "i", (int64_t)org) == ERR_OK);
    buf_finish(&sql);
}

static bool step(struct db_statement *q)
{
    bool row = false;
    CHECK(db_step(q, &row) == ERR_OK);
    return row;
}

static bool same_values(const struct kind *k, struct db_statement *a, struct db_statement *b, const char **field)
{
    for (unsigned i = 0; i < k->descriptor->n_fields; i++) {
        int column = 2 + (int)i;
        *field = k->descriptor->fields[i].name;
        if (db_is_null(a, column) != db_is_null(b, column) || !slice_equal(db_blob(a, column), db_blob(b, column)))
            return false;
    }
    return true;
}

static void expect_kind(struct district *d, struct seat *s, struct replica *r, uint32_t org, const struct kind *k,
                        enum access access)
{
    struct db_statement *here, *there;
    const char *field = "";
    ask(r->db, k, org, &here);
    ask(store_db(server_store(d->server)), k, org, &there);
    bool row = step(here), of_server = step(there);
    while (row && of_server) {
        struct id a = db_id(here, 0), b = db_id(there, 0);
        int order = id_compare(a, b);
        if (order < 0 || (order > 0 && access == ACCESS_FULL))
            world_fail("device %u: a %s of org %u is %s", seat_index(s), k->name, org,
                       order < 0 ? "there alone" : "missing");
        if (order == 0 && db_integer(here, 1) != db_integer(there, 1))
            world_fail("device %u: a %s of org %u is of another seq than the server's", seat_index(s), k->name, org);
        if (order == 0 && access == ACCESS_FULL && !same_values(k, here, there, &field))
            world_fail("device %u: %s of a %s of org %u is not the server's", seat_index(s), field, k->name, org);
        of_server = step(there);
        if (order == 0)
            row = step(here);
    }
    if (row || (of_server && access == ACCESS_FULL))
        world_fail("device %u: a %s of org %u is %s", seat_index(s), k->name, org, row ? "there alone" : "missing");
    db_reset(here);
    db_reset(there);
}

static void expect_org(struct district *d, struct seat *s, struct replica *r, role_set roles, uint32_t org)
{
    size_t count;
    const struct kind *const *kinds = kind_all(&count);
    for (size_t i = 0; i < count; i++)
        expect_kind(d, s, r, org, kinds[i],
                    kinds[i]->number == KIND_CONFLICT ? ACCESS_OPEN : kind_access(kinds[i], NULL, roles));
}

void oracle_expect_rows(struct district *d)
{
    for (unsigned i = 0; i < d->device_count; i++) {
        struct replica_facts f;
        uint32_t home = seat_options(d->devices[i])->org;
        struct replica *r = seat_look(d->devices[i]);
        if (!r)
            continue;
        CHECK(replica_facts(r, &f) == ERR_OK);
        expect_org(d, d->devices[i], r, f.roles, home);
        if (home != 1)
            expect_org(d, d->devices[i], r, f.roles, 1);
        seat_look_end(d->devices[i]);
    }
}
