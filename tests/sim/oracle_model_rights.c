/* Rule 7 of the kinds that people of a run change, once more by rights.md: who may add, set, remove and take which step, by the roles that
 * the seat had when it was decided. */
#include "tests/sim/oracle_model.h"

#include <string.h>

enum { ADD = 1, SET = 2, REMOVE = 4, ALL = 7 };
#define BRANCH_ROLES (~(ROLES(district_officer) | ROLES(district_finance) | ROLES(district_auditor)))

static const struct line {
    const char *kind;
    role_set roles;
    unsigned may;
    const char *steps; /* with blanks around each; "*": all; "-..." all but these */
} lines[] = {
    {"member", ROLES(union_chair), ALL, "*"},
    {"member", ROLES(committee_member), ALL, ""},
    {"work_plan", ROLES(union_chair), ALL, "- acknowledged returned "},
    {"work_plan", ROLES(committee_member), ALL, " discussed "},
    {"work_plan", ROLES(district_officer), 0, " acknowledged returned "},
    {"proposal", ROLES(union_chair) | ROLES(proposal_group), ALL, "*"},
    {"proposal", ROLES(committee_member), ALL, " submitted withdrawn "},
    {"proposal", ROLES(handler), ADD, " in_progress replied resulted "},
    {"proposal", BRANCH_ROLES, ADD, ""},
    {"dues_assessment", ROLES(accountant), ADD | REMOVE, "*"},
    {"dues_payment", ROLES(accountant) | ROLES(group_leader), ADD, ""},
    {"policy_limit", ROLES(district_officer), ALL, "*"},
};

static bool has_step(const char *steps, const char *action)
{
    const char *at = strstr(steps, action);
    bool named = at && at > steps && at[-1] == ' ' && at[strlen(action)] == ' ';
    return *steps == '*' || (*steps == '-' ? !named : named);
}

static bool allows(const struct line *l, const struct change *c)
{
    switch (c->op) {
    case OP_CREATE:
        return l->may & ADD;
    case OP_SET:
        return l->may & SET;
    case OP_REMOVE:
        return l->may & REMOVE;
    default:
        return c->action && has_step(l->steps, c->action);
    }
}

/* Who entered a proposal may do this with it. */
static bool is_the_author_s(const struct change *c)
{
    return strcmp(c->kind->name, "proposal") == 0 && (c->op == OP_SET || (c->op == OP_ACT && c->action && has_step(" submitted withdrawn rated ", c->action)));
}

enum model_right model_right(const struct change *c, role_set roles, bool author)
{
    bool known = false;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (strcmp(lines[i].kind, c->kind->name) != 0)
            continue;
        known = true;
        if ((lines[i].roles & roles) && allows(&lines[i], c))
            return MODEL_MAY;
    }
    if (!known)
        return MODEL_NOT_TOLD;
    return author && is_the_author_s(c) ? MODEL_MAY : MODEL_MAY_NOT;
}
