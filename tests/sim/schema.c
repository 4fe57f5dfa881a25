/* See schema.h. Invariant: of a machine the version only grows, and what a process runs never changes. */
#include "tests/sim/schema.h"
#include "tests/sim/district.h"
#include "tests/sim/schema_inner.h"

#include <stdlib.h>
#include <string.h>

#define SERVER_MACHINE 1 /* the first that is made */

static enum version *machines, *processes; /* from 1 on; VERSIONS: not drawn yet */
static size_t machine_count, process_count;

/* ---- what is installed ---- */

static enum version draw(int machine)
{
    static const enum version of_server[] = {VERSION_ONE_BACK, VERSION_TODAY, VERSION_TODAY};
    struct dice d = dice_make(world_seed(), "schema", (uint64_t)machine);
    if (!schema_is_mixed())
        return VERSION_TODAY;
    return machine == SERVER_MACHINE ? of_server[dice_below(&d, 3)] : (enum version)dice_below(&d, VERSIONS);
}

static enum version *list_to(enum version **list, size_t *count, int number)
{
    while (*count <= (size_t)number) {
        *list = realloc(*list, (*count + 1) * sizeof **list);
        CHECK(*list);
        (*list)[(*count)++] = VERSIONS;
    }
    return &(*list)[number];
}

static enum version *installed(int machine)
{
    enum version *v = list_to(&machines, &machine_count, machine);
    if (*v == VERSIONS)
        *v = draw(machine);
    return v;
}

static bool wanted;

void schema_want(void)
{
    wanted = true;
}

bool schema_is_mixed(void)
{
    return wanted;
}

enum version schema_installed(int machine)
{
    return *installed(machine);
}

const char *schema_of(int machine)
{
    return version_name(*installed(machine));
}

void schema_copy(int from_machine, int to_machine)
{
    enum version v = *installed(from_machine);
    *installed(to_machine) = v;
}

void schema_install(int machine, enum version v)
{
    CHECK(v >= *installed(machine));
    *installed(machine) = v;
}

bool schema_is_late(uint32_t kind)
{
    const struct kind_set *oldest = version_kinds(VERSION_TWO_BACK);
    bool known = !schema_is_mixed();
    for (size_t i = 0; i < oldest->count; i++)
        known |= oldest->list[i]->number == kind;
    return !known;
}

uint32_t schema_fields(uint32_t kind)
{
    const struct kind_set *set = version_kinds(*installed(SERVER_MACHINE));
    for (size_t i = 0; i < set->count; i++)
        if (set->list[i]->number == kind)
            return set->list[i]->descriptor->fields[set->list[i]->descriptor->n_fields - 1].id;
    return 0;
}

/* ---- what runs ---- */

void schema_started(int process, int machine)
{
    enum version v = *installed(machine);
    *list_to(&processes, &process_count, process) = v;
}

/* All versions are made while this program is itself. */
static const struct kind_set *kinds_of(enum version v)
{
    static bool made;
    for (enum version i = 0; !made && i < VERSIONS; i++)
        (void)version_kinds(i);
    made = true;
    return version_kinds(v);
}

void schema_entered(int process)
{
    enum version v = process == DISK_NOBODY ? *installed(SERVER_MACHINE) : processes[process];
    kind_use(kinds_of(v));
}

void schema_end(void)
{
    kind_use(NULL);
    schema_rule_end();
    free(machines);
    free(processes);
    machines = processes = NULL;
    machine_count = process_count = 0;
}
