/* No device ever holds what its seat's roles and its place in the tree do not give it (rights.md): not in rows, not in the log, not in
 * pages that were freed. People write their branch into every text and a mark into every sensitive value, so the bytes of the files tell. */
#include "tests/sim/oracle_parts.h"
#include "tests/sim/roles.h"

#include "client/replica/replica_sync.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "q007-t", "q12301-n": written in that org. at: 11 bytes. A month may stand behind a 'q' that is none of ours: "2026-09". */
static bool mark_at(const uint8_t *at, unsigned *org)
{
    int digits = 0;
    *org = 0;
    for (; digits < 7 && at[1 + digits] >= '0' && at[1 + digits] <= '9'; digits++)
        *org = *org * 10 + at[1 + digits] - '0';
    return digits >= 3 && at[1 + digits] == '-' && (at[2 + digits] == 't' || at[2 + digits] == 'n');
}

/* "139" and eight digits: a mobile number, which is sensitive. */
static bool is_mobile_at(const uint8_t *at)
{
    if (memcmp(at, "139", 3) != 0)
        return false;
    for (int i = 3; i < 11; i++)
        if (at[i] < '0' || at[i] > '9')
            return false;
    return true;
}

/* People write who they are into the numbers: what a device's own person typed is no secret to it, also after another election. */
static bool is_own(struct district *d, const struct seat *s, const uint8_t *mobile)
{
    unsigned index = (mobile[3] - '0') * 10u + mobile[4] - '0';
    for (unsigned i = index; i < d->device_count; i += 100)
        if (seat_options(d->devices[i])->number == seat_options(s)->number)
            return roles_were_changed(d, seat_options(s)->number);
    return false;
}

/* roles: those that the device was told last. */
static void look_through(struct district *d, const struct seat *s, role_set roles, const uint8_t *bytes, size_t size)
{
    const struct seat_options *o = seat_options(s);
    bool sees_mobiles = roles & (ROLES(union_chair) | ROLES(committee_member));
    bool sees_all = o->org == 1; /* a district's officer reads plans of all branches, when asked for; members' numbers nowhere */
    const uint8_t *end = bytes + size, *at;
    unsigned org;
    for (at = bytes; !sees_all && (at = memchr(at, 'q', (size_t)(end - at))) && end - at >= 11; at++)
        if (mark_at(at, &org) && org != 1 && org != o->org)
            world_fail("device %u of org %u (%s) holds what was written in org %u: %.24s", seat_index(s), o->org, o->roles, org, at);
    for (at = bytes; !sees_mobiles && (at = memchr(at, '1', (size_t)(end - at))) && end - at >= 11; at++)
        if (is_mobile_at(at) && !is_own(d, s, at))
            world_fail("device %u (%s) holds a mobile number: %.11s", seat_index(s), o->roles, at);
}

static void look_at_file(struct district *d, const struct seat *s, role_set roles, const char *name)
{
    char path[256];
    struct stat st;
    snprintf(path, sizeof path, "%.120s/%s", disk_path(seat_machine(s)), name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_size > 0) {
        uint8_t *bytes = malloc((size_t)st.st_size);
        CHECK(bytes);
        ssize_t got = read(fd, bytes, (size_t)st.st_size);
        look_through(d, s, roles, bytes, got > 0 ? (size_t)got : 0);
        free(bytes);
    }
    close(fd);
}

/* An agent that died behind the transaction, while a command had the file open: done when it is opened next, by who ever it is. */
static bool waits_to_be_cleaned(struct seat *s)
{
    struct replica *r = seat_look(s);
    bool waits = r && replica_meta_integer(r, "scrub", 0);
    if (r)
        seat_look_end(s);
    return waits;
}

void oracle_expect_rights(struct district *d)
{
    int before = disk_enter(DISK_NOBODY);
    for (unsigned i = 0; i < d->device_count; i++) {
        struct seat *s = d->devices[i];
        role_set roles;
        if (!roles_told(d, s, &roles) || waits_to_be_cleaned(s))
            continue;
        roles_expect_rows(s);
        look_at_file(d, s, roles, "banyan.db");
        look_at_file(d, s, roles, "banyan.db-wal");
    }
    disk_enter(before);
}
