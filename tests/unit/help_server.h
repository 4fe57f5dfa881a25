#pragma once
/* A whole district in one process, without sockets, threads or a clock: a folder with database and journal, a writer, seats that
 * make changes by hand and push them as a client would. */
#include "help_folder.h"
#include "server/store/store.h"
#include "server/writer/writer.h"
#include "wire/frame.h"

struct help_server {
    struct folder folder;
    struct store *store;     /* the writer's */
    struct journal *journal;
    struct control *control; /* over the writer's connection: tests that change control data */
    struct writer *writer;
    int64_t now_ms;
    struct arena arena;      /* changes, answers and texts of the test */
    uint32_t branch, other;  /* two kindergartens */
    uint32_t chair, second;  /* seats of branch: two chairs */
    uint32_t member, policy; /* kinds' numbers */
    struct writer_news news[64];
    size_t news_count;
};

#define NOW_MS 1795400000000 /* 2026-11-22 */

void server_make(struct help_server *s);
void server_remove(struct help_server *s);
void server_close(struct help_server *s);
void server_open(struct help_server *s);
uint32_t server_add_branch(struct help_server *s, const char *code);
uint32_t server_add_seat(struct help_server *s, uint32_t org, const char *roles);
const char *server_file(struct help_server *s, const char *name); /* path within its folder, in the arena */
/* cmocka's: *state is a struct help_server. In the end, whatever a test did, the database must agree with itself. */
int server_setup(void **state);
int server_teardown(void **state);
void help_random(void *out, size_t size); /* counts */

/* A client database of a seat, as far as numbers go. */
struct pen {
    struct help_server *s;
    uint32_t seat, org;
    struct incarnation incarnation;
    uint64_t n; /* of its last change */
    bool forked;
    struct incarnation parent;
    uint64_t fork_n;
    uint64_t trimmed_to; /* said with its pushes; 0: nothing is lost */
    uint64_t made_to;    /* asked with a push of none; 0: not */
};
struct pen pen_of(struct help_server *s, uint32_t seat, uint32_t org, int number);
struct id member_id(int i);
/* "name=Li note=x -campus"; for act the first word is "!action". n counts up. */
struct change *pen_write(struct pen *p, enum op op, uint32_t kind, struct id id, uint64_t base, const char *words);
struct change *pen_create(struct pen *p, int record, const char *words); /* a member */
struct change *pen_set(struct pen *p, int record, uint64_t base, const char *words);
/* The last count changes of the pen, which follow each other in list, become one group. */
void pen_group(struct change **list, size_t count);

/* A push as a job, not run yet. mark: code of Sent.refused for all of them, or NULL. */
struct job *push_job(struct pen *p, struct change **list, size_t count, const char *mark);
struct job *job_make(struct help_server *s, enum job_type type, uint32_t seat);
void job_free_one(struct job *job);
void server_run(struct help_server *s, struct job *jobs);
/* "1 APPLIED | 2 REFUSED RIGHT name | GAP 4"; of a failed job the error's name. */
const char *job_text(struct help_server *s, const struct job *job);
const Wire__Verdicts *job_verdicts(struct help_server *s, const struct job *job);
/* Makes the push, runs it alone, tells what came. */
const char *push(struct pen *p, struct change **list, size_t count);
const char *push_one(struct pen *p, struct change *c);
const char *push_marked(struct pen *p, struct change *c, const char *mark);

#define S(counter) seq_make(1, counter)
/* "name=Li note=x", by tag, server's number left out; "removed", "unknown". */
const char *row_words(struct help_server *s, int record);
uint64_t server_seq(struct help_server *s, uint32_t org);
size_t server_entries(struct help_server *s, uint32_t org, struct entry **out);
/* verify finds nothing; else the test fails with what it found. */
void server_verify(struct help_server *s);
/* HAND_BACK of these entries by the seat, with what m says besides; proven: as the session says where the mac is right. The answer, in
 * the arena. */
const Wire__Taken *hand_back_with(struct help_server *s, uint32_t seat, bool proven, Wire__HandBack *m, const struct entry *list,
                                  size_t count);
/* The same of an org in recovery, proven; the answer's seq. */
uint64_t hand_back(struct help_server *s, uint32_t seat, uint32_t org, const struct entry *list, size_t count, bool done);
