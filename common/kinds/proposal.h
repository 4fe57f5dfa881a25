#pragma once
/* proposal, for its files: the tables (proposal.c), the rules (proposal_check.c, proposal_answer.c), their sentences (proposal_text.c), and what
 * the rules of its replies and co-signatures ask of it. */
#include "kinds/kind.h"

#define PROPOSAL_MARK_SIZE 17 /* with the final zero */

/* A short hash of the text that is signed (title, reason, suggestion, category, is_temporary): 16 hex digits of FNV-1a, 64 bits,
 * over the five values, each followed by a byte 0x1f; an absent value is empty, is_temporary is "1" or "". A co-signature holds
 * the mark of the text that was seen. */
void proposal_text_mark(const ProtobufCMessage *proposal, char out[PROPOSAL_MARK_SIZE]);
/* It came in and was not sent back or withdrawn: it counts as received. */
bool proposal_is_received(const ProtobufCMessage *proposal);
/* Somebody may still sign it: before the review. */
bool proposal_takes_support(const ProtobufCMessage *proposal);
/* The day by which the next answer is owed: the reply by its due date, else by proposal.reply_days after submission; of a filed
 * one that is replied to, the result by proposal.result_days. Invalid: nothing is owed. */
struct date proposal_due_by(const struct check_context *c, const ProtobufCMessage *proposal);

/* ---- inside ---- */
kind_check proposal_check;
/* proposal_answer.c: what the step `replied` asks for. */
kind_check proposal_check_replied;
/* Days of steps taken, set right (FIELD_MENDED). */
kind_check proposal_check_days;
/* The date in that field may not lie before the second handling began. */
void proposal_check_again(const struct check_context *c, const char *field, struct findings *out);
#define PROPOSAL_TEXTS 28
extern const struct rule_text proposal_texts[PROPOSAL_TEXTS];
