#pragma once
/* What the rules of a kind may look up: the functions of a check_context, over a scratch. The ladder, a client's
 * warnings and derived fields differ only in what they do about rows that are not in the scratch (need). */
#include "kinds/kind.h"
#include "sync/scratch.h"

/* Of rows that are not in the scratch: they are loaded at once, or named, and then everything is asked again. */
enum lookup_need { LOOKUP_HERE, LOOKUP_LATER };

/* The codes that people name orgs by: NULL, 0 for an unknown one; a client, which knows its own alone, says ORG_UNKNOWN. */
struct org_codes {
    const char *(*code)(const void *to, uint32_t org);
    uint32_t (*number)(const void *to, const char *code);
    const void *to;
};

struct lookup {
    struct scratch *scratch;
    uint32_t org;          /* of the record that is looked at */
    bool leaf;             /* org is a branch */
    const uint32_t *above; /* orgs above org, the nearest first */
    size_t above_count;
    const uint32_t *held; /* a client's: orgs of which all rows are here; NULL: of all (the server) */
    size_t held_count;
    const struct org_codes *codes; /* NULL: not known here */
    role_set roles; /* a client's: rows that they may not read are not here; sensitive fields of some are not either */
    bool blind;     /* out: something was asked for that is not to be had here: what was found says nothing */
    enum lookup_need (*need)(void *to, const struct scratch_key *key);
    void *to;
    struct lookup *self; /* for lookup_into */
};

/* Fills in related, removed, children, anywhere, namesake, org_code, org_number, height, related_to and org. l lives as long as c. */
void lookup_into(struct lookup *l, struct check_context *c);
/* All findings on c->after (kind_check_result); where something was asked for that is not to be had here, what the
 * rules say without looking anything up: they are silent then, the server is not. */
void lookup_check(struct lookup *l, struct check_context *c, struct findings *out);
/* What keeps the record from being removed (kind.check_remove); nothing, where something was asked for that is not to be had here. */
void lookup_check_remove(struct lookup *l, struct check_context *c, struct findings *out);
/* The kind of a living record that is a part of this one (FIELD_PART); NULL: there is none, or nothing can be looked up
 * here. */
const struct kind *lookup_part(struct lookup *l, const struct kind *whole, struct id id);
/* The key of all records of org whose field holds value. CHECKs that the field is a FIELD_LOOKUP one. */
struct scratch_key lookup_key(const struct kind *k, uint32_t org, const char *field, struct cell value);
