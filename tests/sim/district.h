#pragma once
/* A run: a server, branches, devices, what people were told is saved, what is going on. */
#include "ledger.h"
#include "seat.h"
#include "server.h"
#include "world.h"

#define DEVICES_MAX 320
#define BRANCHES_MAX 60

/* How large the run is and how people and networks behave in it: drawn from the seed, printed. */
struct scale {
    unsigned branches, seats_a_branch, days, records; /* branches: of a running district those that the server knows now */
    unsigned sittings_a_day;      /* of one person; ten times as many */
    unsigned habits[4];           /* per mille, by enum habit */
    int64_t wal_pages_max, commit_ms_max, delay_ms_max;
    size_t queue_max;             /* jobs that wait for the server's writer */
    unsigned backup_hours;        /* between two backups */
    unsigned trouble;             /* 0: no faults .. 4: all the time */
    unsigned same_record;         /* per mille: the record that everybody likes to change */
    unsigned stock;               /* records that stand there before anybody connects (stock.h), besides those that people enter */
};

/* What is asked for in place of what the seed draws; 0: nothing is. */
struct scale_wish {
    unsigned branches, seats_a_branch, days, records;
};

struct people;
struct role_changes;
struct erased_people;
struct newcomers;
struct district {
    struct people *people;
    struct newcomers *newcomers;  /* newcomer.h; NULL: nobody was invited */
    struct role_changes *roles;   /* roles.h; NULL: none were */
    struct erased_people *erased; /* erase.h; NULL: nothing was written yet */
    struct scale scale;
    struct dice dice;
    struct server *server;
    uint32_t branches[BRANCHES_MAX]; /* ascending */
    const char *codes[BRANCHES_MAX]; /* of each */
    struct branch { uint32_t org; const char *code; } lost[BRANCHES_MAX]; /* the server knows them no more (stranger.h) */
    unsigned lost_count, founded;    /* founded: so many branches ever */
    unsigned founders;               /* devices that were there at the beginning */
    struct seat *devices[DEVICES_MAX];
    unsigned device_count;
    struct ledger ledger;
    uint64_t heard[DEVICES_MAX];  /* rounds that a device had had when the server was last lost */
    bool recovering;              /* as it was looked at last */
    bool journal_lost;            /* with the restore that it recovers from */
    bool rolled_back;             /* the server was, behind the back of the promise (rule 24) */
    bool server_lost;             /* was ever put back to an older state */
    bool rows_anew;               /* numbers may be given twice: rows may be taken anew */
    bool looks_for_strangers;     /* the operator does (stranger.h) */
    bool quiet;                   /* people rest: it heals */
    unsigned disasters;
    uint64_t refused, changes;
};

/* The same seed draws all else the same, whatever is wished. */
struct scale scale_draw(uint64_t seed, const struct scale_wish *wish);
void scale_print(const struct scale *s);

struct district *district_create(const struct scale *scale);
void district_destroy(struct district *d);
/* A branch more, which the server knows: a new one (0: nothing comes of it now), or one that it had lost. */
uint32_t district_found(struct district *d);
void district_know(struct district *d, struct branch b);
/* Where the server does not know the branch any more. */
void district_forget(struct district *d, unsigned at);
/* The server was put back to an older state just now. */
void district_server_lost(struct district *d, bool journal_lost);
/* The same by somebody who knows nothing of restore: until a hello tells, others may write where lost entries stood. */
void district_server_rolled_back(struct district *d);
/* A device's disk is not what it was: what it alone held is gone. */
void district_device_lost(struct district *d);
void district_roles_given(struct district *d); /* some seat has others now */
/* A copy of the device that goes on beside it, with people of its own. NULL: there are devices enough. */
struct seat *district_clone(struct district *d, struct seat *of);
struct seat *district_add(struct district *d, struct seat *device);
