#pragma once
/* Inside of the store, shared by its files: store_sqlite.c (life, orgs, transactions), store_history.c (entries), store_runs.c
 * (incarnations, runs of n), store_layout.c (which tables there are), store_rows.c (rows), store_recovery.c (recovery, promise), store_twins.c (marks of ID numbers),
 * store_sums.c (digests and measures of another program). */
#include "server/store/store.h"

#define STORE_KEY_SIZE 32
#define RUN_SLOTS 4096u /* incarnations with new entries in one commit, about; more only cost a write each */

/* A run of n of one incarnation whose entries stand side by side in one org's log: n + i is at seq + i. */
struct run_slot {
    uint64_t incarnation; /* 0: empty */
    uint64_t n, seq, count;
    uint32_t org;
    bool dirty;
};

struct store {
    struct db *db;
    struct table_set *tables;
    struct table_spec *specs; /* and behind them the names of their lookups */
    enum store_mode mode;
    struct arena arena;      /* of one call */
    uint8_t person_key[STORE_KEY_SIZE]; /* store_twins.h */
    bool has_person_key;
    struct run_slot *slots;  /* of this transaction, by incarnation modulo RUN_SLOTS; a writer's */
};

/* Runs sql with up to two numbers bound and takes column 0; none: 0. */
enum err store_ask(struct store *s, const char *sql, int64_t a, int64_t b, int64_t *out) MUST_CHECK;
/* Runs sql that answers nothing, with up to two numbers bound. */
enum err store_order(struct store *s, const char *sql, int64_t a, int64_t b) MUST_CHECK;

/* store_twins.c: the key is read, made by who writes, who makes the marks anew if they are another key's. And what a row that is
 * written, or has gone (message NULL), means for its mark. */
enum err store_open_twins(struct store *s, const char *dir) MUST_CHECK;
enum err store_note_person(struct store *s, const struct row *row) MUST_CHECK;
enum err store_forget_persons(struct store *s, uint32_t org) MUST_CHECK; /* all of the org's rows have gone */

/* store_layout.c: the statements of this room and of control data have made all tables and indexes (ERR_NOT_FOUND: not all are there); they
 * make what is missing; and a folder of an older layout becomes one of this. ERR_OLDER, ERR_NEWER: it is left as it is. */
enum err store_has_layout(struct store *s) MUST_CHECK;
enum err store_make_layout(struct store *s) MUST_CHECK;
enum err store_renew_layout(struct store *s) MUST_CHECK;

/* store_sums.c: who writes counts anew what a program with other kinds, fields or measures has counted. */
enum err store_open_sums(struct store *s) MUST_CHECK;

/* store_runs.c */
enum err store_extend_run(struct store *s, uint64_t incarnation, uint64_t n, uint32_t org, uint64_t seq) MUST_CHECK;
enum err store_flush_runs(struct store *s) MUST_CHECK;
void store_forget_runs(struct store *s);
