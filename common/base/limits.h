#pragma once
/* Every limit of the house, with its reason. Over a limit is an ordinary, named refusal, never a cut in silence. */

#define LIMIT_FRAME (1u << 20)            /* a push of 1,000 changes of 300 bytes is 0.3 MiB; a plan document's text 64 KiB */
#define LIMIT_FRAME_JOIN 8192u            /* before a peer is known: a CSR is below 1 KiB */
#define LIMIT_ARENA (8u << 20)            /* what unpacking one frame may cost (hostile frames cost up to 244 x their size) */
#define LIMIT_RECORD 65536u               /* packed record: a plan's four texts */
#define LIMIT_CHANGE_FIELDS 256u          /* fields that one change names, a newer build's too: they are compared with each other */
#define LIMIT_ROW_UNKNOWN 1024u           /* fields of newer builds that a row holds, or that were written in it: each has a stamp */
#define LIMIT_TEXT_SHORT 512u             /* bytes of an ordinary text field: 170 Chinese characters */
#define LIMIT_TEXT_LONG 24576u            /* bytes of a long text: 8,000 Chinese characters, a plan chapter */
#define LIMIT_REPEATED 4096u              /* elements of one repeated field in one message; who fills a page by size counts too:
                                           * tombstones of 25 bytes reach this before LIMIT_PAGE_SIZE */
#define LIMIT_DEPTH 4u                    /* messages inside messages; the deepest of wire.proto has 3 */
#define LIMIT_CHANGES_PUSH 500u           /* a commit stays below about 10 ms */
#define LIMIT_PUSH_SIZE (256u << 10)      /* bytes of changes that a client puts into one push */
#define LIMIT_RUNS 1000u                  /* of numbers that the server has of one incarnation: each new change is looked for in them. A device
                                           * begins one where it lost entries, once in a restore perhaps; a peer that leaves numbers out could
                                           * make one a push, and the writer slow for all */
#define LIMIT_ORIGINS_PUSH 100u           /* of those, changes for another seat (for_seat): each may cost the loop, in which all others wait,
                                           * a signature, 0.1 ms */
#define LIMIT_MAKERS_PUSH 16u             /* ... and such seats: each may cost it a certificate, 1 ms */
#define LIMIT_PUSHES_IN_FLIGHT 2u         /* one decided while one travels */
#define LIMIT_ASKS_IN_FLIGHT 8u           /* questions that one peer asks without waiting: they are answered in one go, while all others
                                           * wait. A client has at most one of each sort under way */
#define LIMIT_ASKS_HEAVY 1u               /* ... that may read much for it: 1,000 entries, all branches' sums, a search through rows */
#define LIMIT_ROWS_SEARCHED 8u            /* pages of rows that one question looks through for a state that none of them has */
#define LIMIT_INVITES_OPEN 200u           /* unused codes of one org: a large branch has 20 officers, a district 60 */
#define LIMIT_GROUP 16u                   /* changes that succeed or fail together */
#define LIMIT_CONFLICTS_OPEN 200u         /* of one record: each change to it looks at all of them, and a person has to end them one by
                                           * one. Eight officers who change the same 20 fields apart make 140 */
#define LIMIT_MEASURES 2048u              /* different sums of one org: they are one packed row that each commit of the org writes. Ten years
                                           * of plans make 100, dates on which open items are due some hundred more; a peer that makes
                                           * up dates could make millions */
#define LIMIT_CHILDREN 2048u              /* records of a kind that belong to one record (a member's dues, a plan's items): a rule looks
                                           * at all of them at once. Monthly dues of forty years make 480, a plan's items 40 */
#define LIMIT_CHILDREN_SIZE (2u << 20)    /* ... and bytes, where one that is not small comes to them: LIMIT_RECORD each would be 128 MiB */
#define LIMIT_CHILD_SMALL 4096u
#define LIMIT_YEAR_FIRST 1800             /* years of dates: older than anybody's papers ... */
#define LIMIT_YEAR_LAST 2199              /* ... later than any plan: a slip of the hand, 20226, is found */
#define LIMIT_PAGE_SIZE LIMIT_PUSH_SIZE   /* bytes of entries or rows in one answer: one portion for both directions */
#define LIMIT_SESSIONS 8192u              /* connections: a city's 2,000 branches with four seats */
#define LIMIT_STRANGERS 1000u             /* seats that a restore lost and that call: who called longest ago gives way */
#define LIMIT_SESSIONS_SEAT 32u           /* of one seat: an agent, some commands, copies of its folder. A thief with its key could else take
                                           * all places */
#define LIMIT_HANDSHAKES 256u             /* connections that have not said hello yet */
#define LIMIT_SESSION_QUEUE (4u << 20)    /* bytes waiting to be written to one peer before it is cut off */
#define LIMIT_WRITER_QUEUE 4096u          /* pushes waiting for the writer, all sessions together */
#define LIMIT_WRITER_BYTES (64u << 20)    /* ... and what they weigh: 64 full frames, 250 of the pushes that clients make; 4,096 full
                                           * frames would be 4 GiB. As much as the WAL may grow: more does not get faster by waiting */
#define LIMIT_HELLO_MS 10000              /* from accept to hello: handshakes and half-open peers */
#define LIMIT_FRAME_MS 30000              /* to complete a frame that has begun (slow peers) */
#define LIMIT_IDLE_MS 180000              /* without any frame: a ping is due every 60 s */
#define LIMIT_PING_MS 60000
#define LIMIT_GROUP_COMMIT 2000u          /* changes that one commit carries at most */
#define LIMIT_WAL_PAGES 16384u            /* 64 MiB: where the checkpointer starts */
#define LIMIT_SCRUB_PAGES 16384           /* 64 MiB: what is wiped with the writers' lock held, 0.1 s from memory */
#define LIMIT_JOURNAL_RECORD (16u << 20)  /* positions of a backup: 275,000 orgs of 50 bytes */
#define LIMIT_BACKUP_BLOCK (1u << 20)     /* a row of the journal inside a backup: the whole reaches gigabytes (a city's two backups a
                                           * day add 200 KiB), a row must fit into memory */
#define LIMIT_IMPORT_FILE (8u << 20)      /* a roster of 5,000 members is below 1 MiB */
#define LIMIT_IMPORT_ROWS 20000u
#define LIMIT_INVITE_DAYS 30u
#define LIMIT_LEASE_DAYS 120u             /* a client hides its data after that long without its server */
#define LIMIT_LEASE_WARN_DAYS 60u         /* summers are 60 days long */
#define LIMIT_PSK_DAYS 7u
#define LIMIT_COPIES_DAYS 30u             /* so long two copies of one database that were seen in use are told: whoever is on leave hears of it, too */
#define LIMIT_CERTIFICATE_DAYS 365u
#define LIMIT_RENEW_DAYS 60u              /* a certificate renews itself when fewer days are left */
#define LIMIT_READING_MS 86400000       /* who is given the same of a record once more within a day has one reading */
#define LIMIT_LOG_BURST 100u              /* lines of one sort in the log as they come: a district whose network comes and goes ... */
#define LIMIT_LOG_EACH_MS 5000            /* ... then one each: 2 MiB a day of what a hostile peer makes the server say in a loop */
#define LIMIT_CERTIFICATES_HOUR 6u        /* of one seat: each costs a signature, the journal a line for ever, and the loop the disk. A device
                                           * asks once a year, and again if the answer was lost */
