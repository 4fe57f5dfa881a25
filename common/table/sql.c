/* The SQL of a kind's table, from its descriptor. Columns are always named and quoted, and a save sets only columns
 * that the descriptor knows, so that those of a newer schema stay as they are. */
#include "table/set.h"

/* Dead rows of all kinds; an id may be dead in one kind and alive in another (a peer chooses its ids). */
const char table_sql_common[] =
    "CREATE TABLE IF NOT EXISTS \"tombstone\"(\"id\" BLOB NOT NULL, \"kind\" INTEGER NOT NULL, \"_org\" INTEGER NOT "
    "NULL,"
    " \"_seq\" INTEGER NOT NULL, PRIMARY KEY(\"id\", \"kind\")) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS \"tombstone._org\" ON \"tombstone\"(\"_org\", \"kind\", \"id\");"
    "CREATE TABLE IF NOT EXISTS \"kept_by\"(\"kinds\" TEXT NOT NULL)";

static const char *const house[COLUMN_FIELDS] = {"id", "_org", "_seq", "_stamps", "_extra"};

static const char *sql_type(const ProtobufCFieldDescriptor *f)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING:
        return "TEXT";
    case PROTOBUF_C_TYPE_BYTES:
        return "BLOB";
    default:
        return "INTEGER";
    }
}

void table_sql_columns(const struct table_spec *spec, struct buf *out)
{
    for (size_t i = 0; i < COLUMN_FIELDS; i++)
        buf_format(out, "%s\"%s\"", i == 0 ? "" : ", ", house[i]);
    for (unsigned i = 0; i < spec->descriptor->n_fields; i++)
        buf_format(out, ", \"%s\"", spec->descriptor->fields[i].name);
}

void table_sql_create(const struct table_spec *spec, struct buf *out)
{
    buf_format(out,
               "CREATE TABLE \"%s\"(\"id\" BLOB NOT NULL PRIMARY KEY, \"_org\" INTEGER NOT NULL,"
               " \"_seq\" INTEGER NOT NULL, \"_stamps\" BLOB, \"_extra\" BLOB",
               spec->name);
    for (unsigned i = 0; i < spec->descriptor->n_fields; i++)
        buf_format(out, ", \"%s\" %s", spec->descriptor->fields[i].name, sql_type(&spec->descriptor->fields[i]));
    buf_text(out, ") WITHOUT ROWID");
}

void table_sql_add_column(const struct table_spec *spec, const ProtobufCFieldDescriptor *f, struct buf *out)
{
    buf_format(out, "ALTER TABLE \"%s\" ADD COLUMN \"%s\" %s", spec->name, f->name, sql_type(f));
}

/* id behind each: what is found comes ordered without sorting, and a snapshot's page resumes after an id. */
void table_sql_index(const struct table_spec *spec, const char *field, struct buf *out)
{
    const char *column = field == NULL ? "_org" : field;
    buf_format(out, "CREATE INDEX IF NOT EXISTS \"%s.%s\" ON \"%s\"(\"%s\", \"id\")", spec->name, column, spec->name,
               column);
}

void table_sql_lookup(const struct table_spec *spec, const char *field, struct buf *out)
{
    buf_format(out, "CREATE INDEX IF NOT EXISTS \"%s._org.%s\" ON \"%s\"(\"_org\", \"%s\", \"id\")", spec->name, field,
               spec->name, field);
}

void table_sql_load(const struct table_spec *spec, struct buf *out)
{
    buf_text(out, "SELECT ");
    table_sql_columns(spec, out);
    buf_format(out, " FROM \"%s\" WHERE \"id\"=?1", spec->name);
}

static void set_from_new(struct buf *out, const char *column, bool first)
{
    buf_format(out, "%s\"%s\"=excluded.\"%s\"", first ? "" : ", ", column, column);
}

/* _org is not set but demanded: setting it, even to what it is, would rewrite its index entry at every save, and
 * records hardly ever move. Where it differs no row changes, and table_sql_move comes first. */
void table_sql_save(const struct table_spec *spec, struct buf *out)
{
    unsigned fields = spec->descriptor->n_fields;
    buf_format(out, "INSERT INTO \"%s\"(", spec->name);
    table_sql_columns(spec, out);
    buf_text(out, ") VALUES(?1");
    for (unsigned i = 2; i <= COLUMN_FIELDS + fields; i++)
        buf_format(out, ", ?%u", i);
    buf_text(out, ") ON CONFLICT(\"id\") DO UPDATE SET ");
    for (size_t i = COLUMN_SEQ; i < COLUMN_FIELDS; i++)
        set_from_new(out, house[i], i == COLUMN_SEQ);
    for (unsigned i = 0; i < fields; i++)
        set_from_new(out, spec->descriptor->fields[i].name, false);
    buf_text(out, " WHERE \"_org\"=excluded.\"_org\"");
}

void table_sql_move(const struct table_spec *spec, struct buf *out)
{
    buf_format(out, "UPDATE \"%s\" SET \"_org\"=?2 WHERE \"id\"=?1", spec->name);
}

void table_sql_remove(const struct table_spec *spec, struct buf *out)
{
    buf_format(out, "DELETE FROM \"%s\" WHERE \"id\"=?1", spec->name);
}
