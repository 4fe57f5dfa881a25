#pragma once
/* What the union knows, as data: a kind is one message (.proto) and one rules file here; registry.c lists them.
 * Everything generic walks these tables. Nothing here does I/O, knows the time or is written to.
 * Sources: functions.md (fields, states), rights.md (who), rules.md (checks) of the domain; each rule names its own. */
#include "base/arena.h"
#include "base/date.h"
#include "base/id.h"
#include "wire/record.h"

enum language { LANGUAGE_ZH, LANGUAGE_EN };

/* A label in both languages. */
struct label {
    const char *zh;
    const char *en;
};
const char *label_in(struct label l, enum language language);

/* ---- roles ---- */
#define ROLE_LIST(X)                                                                                                   \
    X(union_chair, "工会主席", "union chair")                                                                          \
    X(committee_member, "工会委员", "committee member")                                                                \
    X(group_leader, "工会小组长", "group leader")                                                                      \
    X(accountant, "会计", "accountant")                                                                                \
    X(audit_member, "经审委员", "audit member")                                                                        \
    X(proposal_group, "提案工作小组", "proposal group")                                                                \
    X(handler, "承办人", "handler")                                                                                    \
    X(delegate, "教代会代表", "delegate")                                                                              \
    X(information_officer, "信息员", "information officer")                                                            \
    X(district_officer, "区教育工会干部", "district officer")                                                          \
    X(district_finance, "区教育工会财务", "district finance")                                                          \
    X(district_auditor, "区教育工会经审", "district auditor")

enum role {
#define X(name, zh, en) ROLE_##name,
    ROLE_LIST(X)
#undef X
        ROLE_COUNT
};
typedef uint32_t role_set; /* bits 1u << role */
#define ROLES(name) (1u << ROLE_##name)
#define ROLES_DISTRICT (ROLES(district_officer) | ROLES(district_finance) | ROLES(district_auditor))
#define ROLES_BRANCH ((1u << ROLE_COUNT) - 1u - ROLES_DISTRICT)

role_set role_all(void); /* that this program knows */
const char *role_name(enum role r);
struct label role_label(enum role r);
/* "union_chair,accountant", or by labels, also with ， or 、 between. ERR_VALUE for an unknown role, roles of branch and district mixed, accountant with audit_member;
 * *bad then points at the word within text or, for a mixture, is NULL. */
enum err role_set_parse(const char *text, role_set *out, const char **bad) MUST_CHECK;
void role_set_text(role_set set, struct buf *out);
/* Of a text that another made, perhaps a newer program: the roles that this build knows. The names of the others are appended to
 * unknown, with commas; what they may do only a newer build can say, so here they give no right. */
role_set role_set_known(const char *text, struct buf *unknown);
/* The role whose name or label is nearest to the word that bad points at (it ends where the next begins); NULL: none is near. */
const char *role_nearest(const char *bad);

/* ---- fields ---- */
enum field_type { FIELD_TEXT, FIELD_LONG_TEXT, FIELD_DATE, FIELD_CODE, FIELD_REFERENCE, FIELD_INTEGER, FIELD_FEN, FIELD_BOOL, FIELD_BYTES, FIELD_TIME_MS };
const char *field_type_name(enum field_type t); /* "text", "long_text", "date", "code", ... */

struct code {
    const char *name;    /* identifier or the standard's code; what is stored */
    struct label label;
    const char *aliases; /* other words that people write, separated by '|'; NULL */
};
struct code_list {
    const char *name;
    const char *standard; /* "GB/T 2261.1", "product" */
    const struct code *codes;
    size_t count;
};
const struct code *code_find(const struct code_list *list, const char *name); /* by identifier alone */
/* By identifier, label in either language or alias; folded. NULL if none. */
const struct code *code_match(const struct code_list *list, const char *word);

enum severity { SEVERITY_BLOCK, SEVERITY_WARN };

/* One thing that a rule has to say. code: of REFUSAL_LIST or of the kind's rule texts; strings static or in the arena. */
struct finding {
    enum severity severity;
    const char *code;
    const char *field; /* NULL: the record as a whole */
    const char *argument[3];
};
#define FINDINGS_MAX 8
struct findings {
    struct finding list[FINDINGS_MAX];
    size_t count;
};
void findings_add(struct findings *f, enum severity s, const char *code, const char *field, const char *a0, const char *a1);
const struct finding *findings_block(const struct findings *f); /* the first that blocks, or NULL */

enum field_flag {
    FIELD_REQUIRED = 1,
    FIELD_SENSITIVE = 2,
    FIELD_IMMUTABLE = 4, /* once set, by nobody */
    FIELD_SERVER = 8,    /* given by the server on acceptance, from the org's counter of that name */
    FIELD_SIDE = 16,     /* set by actions alone */
    FIELD_LOOKUP = 32,   /* records are found by it (check_context.children, accounts): the tables have an index on it */
    FIELD_ALWAYS = 64,   /* may be set in states that are not editable, too (a mark on what is closed) */
    FIELD_PAST = 512,    /* a date of something that has happened: one to come is pointed out */
    FIELD_PART = 256,    /* reference, FIELD_LOOKUP: the record is a part of that one, which stays as long as it has parts */
    FIELD_SEAT = 1024,   /* integer: a seat's number, shown as its person */
    FIELD_PERSONAL = 4096, /* says something of the person that the record is about: goes where that person is erased (rule 29) */
    FIELD_PERSON = 8192,   /* reference to a member: the person that the record is about. Bytes: another record of the same person */
    FIELD_NAMES = 16384,   /* names of people, in words: goes where one of them is the erased one's */
    FIELD_MENDED = 2048, /* with FIELD_SIDE, a date: once a step gave it, who may take such a step sets it right, until the record's end */
    FIELD_AUTHOR = 128   /* integer: the seat that entered the record. Filled in when it is made, never changed; must be the seat
                          * of the change, or the one that the change is handed in for */
};

struct kind;
struct check_context;
/* Pure. Adds findings on one field's value (present) of the result. */
typedef void field_check(const struct check_context *c, const char *field, struct cell value, struct findings *out);
/* Turns what a person wrote (width folded, trimmed) into the form that is stored: "13 800..." -> "13800...". */
typedef void field_normalise(struct slice written, struct buf *out);

struct field_rule {
    const char *name;              /* as in the .proto */
    struct label label;
    enum field_type type;
    unsigned flags;
    role_set who;                  /* 0: who may set the kind; else these alone */
    uint32_t reference;            /* number of the kind that it points to, 0: none */
    const struct code_list *codes; /* FIELD_CODE */
    field_check *check;            /* NULL: its form alone */
    int64_t min, max;              /* of integers; both 0: free */
    const char *together;          /* fields with the same word clash together; NULL: alone */
    const char *columns;           /* headings that rosters use, separated by '|' (import); NULL: label and name alone */
    struct label rule;             /* what `describe` says of its form; NULLs: nothing */
    field_normalise *normalise;    /* of text and integers; NULL: as written. A check sees the normalised form and refuses any other */
    const char *ended_by;          /* the action that empties it unless its change brings it: it went with the state that is left. NULL */
    const char *given_at;          /* FIELD_SERVER: the action on which the number is given; NULL: when the record is made */
};

/* ---- states and actions ---- */
enum state_flag { STATE_EDITABLE = 1, STATE_ENTRY = 2, STATE_END = 4 };
struct state_rule {
    const char *name;
    struct label label;
    unsigned flags; /* ENTRY: a record may be created in it (import of what already is); the first state is always one */
};
#define ACTION_FIELDS 6
#define ACTION_STATES 8
struct action_rule {
    const char *name;                     /* the state it leads to */
    struct label label;
    const char *from[ACTION_STATES];      /* states, NULL-ended */
    const char *required[ACTION_FIELDS];  /* side fields that must be set by then */
    const char *allowed[ACTION_FIELDS];   /* side fields that may be given */
    const char *gives;                    /* a code field that takes the action's name (a decision); nobody else sets it. NULL */
};

/* ---- rights ---- */
enum access { ACCESS_NONE, ACCESS_SUM, ACCESS_OPEN, ACCESS_FULL }; /* —, Σ, r, R */
struct right_rule {
    role_set roles;
    enum access access;
    unsigned may;                 /* RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE */
    const char *const *actions;   /* NULL: none; {"*", NULL}: all */
};
enum right { RIGHT_ADD = 1, RIGHT_SET = 2, RIGHT_REMOVE = 4 };

/* ---- measures: sums kept in the commit ---- */
/* Adds name=delta pairs for one living row (called with sign -1 on the row before and +1 on the row after). Names are
 * "state.active" style: the kind's own name is put in front ("member.state.active"). A name of the form "due.2026-10-31" is
 * dated: the board adds up what lies before today (see measure_rule.overdue). */
typedef void measure_emit(void *to, const char *name, int64_t delta);
typedef void measure_row(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to);
struct measure_rule {
    const char *name;             /* or a prefix ending with '.', for families; "": whatever no other row names (the last) */
    struct label label;
    const char *overdue;          /* a dated family "due.": name under which the board shows what is past; else NULL */
};

/* Measures that several records make together: a month's due and what was paid on it. An account is all living records of these
 * kinds with the same value of `by` and of `key`, of one org. */
struct account_rows {
    const ProtobufCMessage *const *list; /* told apart by their descriptor; in no order */
    size_t count;
    bool gone; /* who it is about (account.about) is there no more: erased (kind.gone), or removed */
};
struct account {
    const char *name;
    const uint32_t *kinds;        /* numbers, 0-ended */
    const char *by;               /* a reference that all of the kinds have, FIELD_LOOKUP */
    const char *key;              /* a text that all of them have ("period"); NULL with a whole */
    uint32_t whole;               /* of a whole and its parts: the one of the kinds that `by` of the others points to. Each part counts
                                   * by itself, as its whole stands: the rows are the two, or the part alone. 0: none */
    uint32_t about;               /* the kind that `by` points to, where it matters that it is gone (account_rows.gone). It says when it
                                   * is (kind.gone) and names the account as `concerns`. 0: none */
    /* As measure_row, with full names ("dues_assessment.arrears"); called with -1 on the account before and +1 after. */
    void (*measure)(const struct account_rows *rows, int64_t sign, measure_emit *emit, void *to);
};

/* ---- derived fields: computed where they are read, never stored or sent ---- */
struct derived_rule {
    const char *name;             /* a field's name that it is shown in place of ("state"), or a new one ("overdue") */
    struct label label;
    enum field_type type;
    const struct code_list *codes;
    unsigned flags;               /* FIELD_SENSITIVE: of those alone who may read sensitive fields */
};
typedef void derived_emit(void *to, const char *name, struct cell value); /* value: copied */
struct derived_value {
    const struct derived_rule *rule;
    struct cell value;
};

/* ---- sentences of a kind's own rules ---- */
struct rule_text {
    const char *code;    /* "plan.return_reason" */
    struct label text;   /* %1 %2 are the finding's arguments, %f the field's label */
    struct label next;   /* what to do */
    const char *source;  /* "工会法 art. 16 [V]" */
};

/* ---- the kind ---- */
enum owner { OWNER_BRANCH, OWNER_ABOVE, OWNER_ANY }; /* who owns records: leaf orgs, orgs above them, either */

/* Measures that could tell of single people (rules.md 8.2: what the district sees of dues are rates, of answers totals of five and
 * more): to those who see sums alone they are not told of an org with fewer active members, or of fewer answers. */
#define MEASURE_LEAST 5

typedef bool kind_each(void *to, struct id id, const ProtobufCMessage *row);

#define ORG_UNKNOWN UINT32_MAX

struct check_context {
    const struct kind *kind;
    struct id id;
    const ProtobufCMessage *before; /* NULL: new */
    const ProtobufCMessage *after;  /* the result */
    const char *action;             /* NULL: create or set */
    /* A record that a reference field of after points to; NULL if not known here. */
    const ProtobufCMessage *(*related)(const void *to, uint32_t kind, struct id id);
    /* Such a record is known to have been removed. NULL where nothing can be looked up. */
    bool (*removed)(const void *to, uint32_t kind, struct id id);
    /* Every living record of the same org (of a kind that orgs above own: of those above) whose field (FIELD_LOOKUP) holds value,
     * in no order, with what came before this change in its group; the record under change as it was before. false stops. NULL
     * where nothing can be looked up: a rule that needs it then says nothing. */
    void (*children)(const void *to, uint32_t kind, const char *field, struct cell value, kind_each *each, void *each_to);
    /* A record of whatever org, by its id (*of: its org), or by what `like` is about (identity_key) in that org: for rules that hold
     * between branches. NULL: there is none. *known false: it cannot be looked up here (the server alone can), and the rule says
     * nothing. NULL where nothing can. */
    const ProtobufCMessage *(*anywhere)(const void *to, uint32_t kind, struct id id, uint32_t *of, bool *known);
    const ProtobufCMessage *(*namesake)(const void *to, uint32_t kind, uint32_t org, const ProtobufCMessage *like, bool *known);
    /* Orgs and the codes that people name them by. NULL, 0: there is no such org, or none is known here; ORG_UNKNOWN: there may be, this
     * device does not know them all. NULL as above. */
    const char *(*org_code)(const void *to, uint32_t org);
    uint32_t (*org_number)(const void *to, const char *code);
    /* How far above the record's org a child's org is: 0 the same. NULL: not known. */
    unsigned (*height)(const void *to, uint32_t kind, struct id id);
    const void *related_to;
    uint32_t org;                   /* that owns the record */
    uint32_t seat;                  /* whose change it is; 0: not known */
    uint32_t for_seat;              /* for whom it is handed in, where that seat was revoked: what it entered is the sender's to handle; else 0 */
    role_set roles;
    const uint32_t *erased;         /* tags of what was erased of the record by law: no rule asks for it (check_erased) */
    size_t erased_count;
    bool late;                      /* accepted once, and decided again (rule 27): the rights that it passed then are not asked */
    struct date today;              /* as an argument; the server's own at acceptance, the device's before */
    struct arena *arena;
};
typedef void kind_check(const struct check_context *c, struct findings *out);

struct kind {
    uint32_t number;              /* on the wire; never reused */
    const char *name;
    struct label label;
    const ProtobufCMessageDescriptor *descriptor;
    enum owner owner;
    unsigned append_only;         /* create and erase alone (rule 12) */
    const struct field_rule *fields;
    size_t field_count;
    const struct state_rule *states; /* [0] is the first */
    size_t state_count;           /* 0: a plain record */
    const struct action_rule *actions;
    size_t action_count;
    /* Actions that approve what stands in the record: it must have been seen as it is (rule 10: CHANGED_SINCE where another changed it,
     * but for its state, since base). NULL-ended; NULL: none. approved_with: so must all records of that kind that belong to it; 0: none. */
    const char *const *approvals;
    uint32_t approved_with;
    const struct right_rule *rights;
    size_t right_count;
    const struct right_rule *own_rights; /* besides, of records that the seat itself entered (FIELD_AUTHOR): to set, to remove, to act.
                                          * They do not pass a field's `who`, nor the access that reading takes */
    size_t own_right_count;
    const struct measure_rule *measures;
    size_t measure_count;
    measure_row *measure;
    /* Measures of few people's money, by name or prefix as in measures, the first that fits; NULL-ended; NULL: none. A family
     * ("paid_fen.") is of the period behind it; a whole name, and "", are over all periods. */
    const char *const *few;
    const char *people;           /* the family of few that counts a period's people ("members."); NULL: nothing counts them */
    const char *const *answers;   /* families ("satisfied.") that count the answers to one question of a period; NULL: none */
    const struct account *account; /* NULL: none */
    /* Rule 29: of a person who was erased by law; figures of how things stand, and lists, go on without such a row. NULL: never. */
    bool (*gone)(const ProtobufCMessage *row);
    const struct account *concerns; /* the account whose `about` the kind is; NULL: none */
    kind_check *check;            /* on the result, after the fields' own; NULL */
    kind_check *check_remove;     /* before a record goes, which is c->before and c->after both: what blocks keeps it. NULL: nothing does */
    const struct derived_rule *derived;
    size_t derived_count;
    /* Emits what is derived of c->after (c->before is NULL). Pure; today, children and related as in a check. */
    void (*derive)(const struct check_context *c, derived_emit *emit, void *to);
    /* A record whose id follows from what it is about (so that two seats that make it apart make one): writes the words that
     * make it what it is, and the day near which its id lies. false: a field that it needs is missing. NULL: ids are made new. */
    bool (*identity_key)(const ProtobufCMessage *row, struct date *day, struct buf *key);
    /* Only some records of the kind have such an id; where identity_key says false the id is made new (a member who was taken over
     * from another branch, and all others). */
    bool identity_some;
    /* The most that roles may read of this row, where rows of a kind differ; by_table: what the rights say. row NULL: of any. Only
     * roles that keep no copy of the owner's records may get another answer than by_table (district roles, of a branch's records):
     * copies are compared by digests of whole kinds. A pull judges an effect by its patch alone. */
    enum access (*row_access)(const ProtobufCMessage *row, role_set roles, enum access by_table);
    /* Fills in what a new record holds of those that it points to and nobody types (the mark of the text that is signed), if it is
     * not there yet: where the record is made, before it is judged. c has related and arena. NULL: nothing. */
    void (*complete)(const struct check_context *c, ProtobufCMessage *row);
    const char *similar;          /* a text field: a new record whose text resembles another's is pointed out; NULL */
    const struct rule_text *texts;
    size_t text_count;
    const char *const *naming;    /* fields by which people name a record (title, name, member_no), NULL-ended */
    const char *const *columns;   /* fields, stored or derived, that a list shows on a terminal, NULL-ended */
    const char *const *identity;  /* fields that tell on import that a row is known already, tried in order, NULL-ended; a later
                                   * one counts only where the earlier ones do not contradict (same name, other id_number: two) */
};

/* ---- registry ---- */
#define KIND_CONFLICT 100u
const struct kind *const *kind_all(size_t *count);
const struct kind *kind_by_number(uint32_t number); /* NULL */
const struct kind *kind_by_name(const char *name);  /* NULL */
/* For tests alone: lists one more kind until called with NULL. */
void kind_register_extra(const struct kind *k);
/* For tests alone: from now on this program is one of another version, which knows these kinds and roles; NULL: itself again. What
 * is open already must have been opened with the same. */
struct kind_set {
    const struct kind *const *list;
    size_t count;
    role_set roles;
};
void kind_use(const struct kind_set *set);

const struct field_rule *kind_field(const struct kind *k, const char *name);      /* NULL */
/* The names of the fields that its records are found by (FIELD_LOOKUP), NULL-ended; out has room for field_count + 1. */
void kind_lookups(const struct kind *k, const char **out);
const struct state_rule *kind_state(const struct kind *k, const char *name);      /* NULL */
const struct action_rule *kind_action(const struct kind *k, const char *name);    /* NULL */
bool kind_step_leads_from(const struct action_rule *a, const char *state);        /* it is taken in that state; NULL: no */
bool kind_step_brings(const struct action_rule *a, const char *field);            /* required or allowed */
const char *kind_state_of(const struct kind *k, const ProtobufCMessage *m);       /* NULL for kinds without states */

/* ---- rights, computed ---- */
/* The most that any of the roles may read. For conflict records: of the kind in record_kind. */
enum access kind_access(const struct kind *k, const ProtobufCMessage *row, role_set roles);
/* What they may read of every record, whatever single ones (row_access) add. */
enum access kind_access_all(const struct kind *k, role_set roles);
bool kind_may(const struct kind *k, role_set roles, enum right right);
bool kind_may_act(const struct kind *k, role_set roles, const char *action);
bool kind_may_set_field(const struct kind *k, role_set roles, const struct field_rule *f);
/* May take a step that brings the field (FIELD_MENDED); own: of records that the seat itself entered. */
bool kind_may_mend(const struct kind *k, role_set roles, const struct field_rule *f, bool own);
/* Who may set the field on which two changes clashed ends the conflict. field: as in the conflict record; "state": who may act
 * on the kind; "*" and NULL: who may set anything of it. kind_may_act(conflict, ...) only says that there may be such a record. */
bool kind_may_resolve(const struct kind *record_kind, role_set roles, const char *field);
/* Where nobody at all may set (records are added, and steps move them), who may add ends conflicts of two that were added apart. */
bool kind_is_set_by_nobody(const struct kind *k);
/* The seat that entered a record (FIELD_AUTHOR); 0: none is noted. And what own_rights add for it. */
const struct field_rule *kind_author_field(const struct kind *k); /* NULL */
uint32_t kind_author(const struct kind *k, const ProtobufCMessage *row);
bool kind_may_own(const struct kind *k, role_set roles, enum right right);
bool kind_may_act_own(const struct kind *k, role_set roles, const char *action);
bool kind_may_resolve_own(const struct kind *record_kind, role_set roles, const char *field);
/* Removes from m what access does not allow (sensitive fields under ACCESS_OPEN); true if anything went. */
bool kind_strip(const struct kind *k, ProtobufCMessage *m, enum access access, struct arena *arena);

/* ---- checks on a result (fields' forms, codes, required, references, the kind's own) ---- */
void kind_check_result(const struct check_context *c, struct findings *out);
/* The form of one value alone (type, length, code, date, range): what an import or command can say at once. */
void kind_check_value(const struct kind *k, const struct field_rule *f, struct cell value, struct findings *out);

/* ---- settings: policy_limit, dated ---- */
/* What the product ships, for orgs above which nobody set anything else. */
struct setting_rule {
    const char *code;   /* rule_code */
    struct label label;
    const char *value;  /* a whole number */
    struct label unit;
    struct label basis; /* the law or rule, or that there is none, in people's words */
};
const struct setting_rule *setting_all(size_t *count);
const struct setting_rule *setting_find(const char *rule_code); /* NULL */
bool setting_number(const char *text, int64_t *out);            /* digits alone; false: no number, *out untouched */
/* The value in effect on that day for the org of c: of the nearest org above that has one in force, else the default that the
 * product ships (setting.c, with its basis); NULL for an unknown code. In c->arena. */
const char *setting_text(const struct check_context *c, const char *rule_code, struct date on);
/* As a whole number; fallback where it is no number. */
int64_t setting_integer(const struct check_context *c, const char *rule_code, struct date on, int64_t fallback);

/* ---- sentences ---- */
/* Has this program a sentence for the code? A newer one's rule may have refused a change. */
bool refusal_is_known(const struct kind *k, const char *code);
/* Generic codes (REQUIRED, VALUE, RIGHT, STATE_MOVED ...) and kinds' own. k may be NULL. text of an unknown code is fallback. */
void refusal_text(const struct kind *k, const char *code, const char *field, const char *const *arguments, size_t argument_count,
                  const char *fallback, enum language language, struct buf *out);
/* What the person can do next, one sentence. */
void refusal_next(const struct kind *k, const char *code, enum language language, struct buf *out);

/* ---- values as people write them ---- */
/* Parses by the field's type: folds width, dates in all forms, yuan to fen, codes by identifier or label, integers.
 * References stay to the caller (FIELD_REFERENCE gives ERR_BUG). An empty text gives an absent cell. Cells live in arena. */
enum err value_parse(const struct field_rule *f, const char *text, struct arena *arena, struct cell *out) MUST_CHECK;
/* For people: code labels, yuan; sensitive fields masked if asked (keeps the first and last characters). */
enum value_mask { VALUE_WHOLE, VALUE_MASKED };
void value_text(const struct field_rule *f, struct cell value, enum language language, enum value_mask mask, struct buf *out);
void fen_text(int64_t fen, struct buf *out); /* yuan: "-0.05" */
/* The refusal's code for a value of this field that value_parse did not take: CODE, TOO_LONG or VALUE. */
const char *value_refusal(const struct field_rule *f, enum err e);
/* Which list of the kind names the measure; rest: its name without the kind's. *behind: its period, what follows the family's prefix;
 * MEASURE_EVER is few people's money too, over all periods, and behind it is nothing. */
enum measure_few { MEASURE_OPEN, MEASURE_FEW, MEASURE_EVER, MEASURE_ANSWERS };
enum measure_few measure_few(const struct kind *k, const char *rest, const char **behind);
/* A measure's full name ("member.state.active") for people: "会员 · 在籍". An unknown name as it is. */
void measure_text(const char *name, enum language language, struct buf *out);
