#pragma once
/* Programs of other versions out of this build: what is newest is left out of the kinds (fields, whole kinds, states with their
 * steps, codes, roles), or something is added that nobody knows yet. Descriptors, rules and rights are this build's, copied; what a
 * message lays out stays where it is, so that the kinds' own functions read what is left out as absent. */
#include "kinds/kind.h"

enum version { VERSION_TWO_BACK, VERSION_ONE_BACK, VERSION_TODAY, VERSION_AHEAD, VERSIONS };
const char *version_name(enum version v); /* "two-back" ... "ahead" */
/* VERSIONS: none has the name. */
enum version version_by_name(const char *name);
/* For kind_use; lives as long as the program. Only of a program that is itself (kind_use(NULL)) when it is asked for the first
 * time. */
const struct kind_set *version_kinds(enum version v);

/* What VERSION_AHEAD alone knows. */
#define AHEAD_KIND "club"           /* number 90, shaped like a union_group */
#define AHEAD_FIELD "nickname"      /* of member, open text */
#define AHEAD_SENSITIVE "plate_no"  /* of member, sensitive text */
#define AHEAD_REMARK "remark"       /* of policy_limit and proposal */
#define AHEAD_STATE "seconded"      /* of member, from active: the state and its step */
#define AHEAD_CODE "sabbatical"     /* of member's retained_reason */
#define AHEAD_RULE "member.campus_number" /* refused since then: a campus whose name ends in 7, 8 or 9 (version_breaks_rule) */
bool version_breaks_rule(const ProtobufCMessage *member);
