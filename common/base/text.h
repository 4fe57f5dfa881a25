#pragma once
/* Text: UTF-8 without zero bytes is all that the house knows; folding is for input by people. */
#include "base/slice.h"

bool text_is_clean(struct slice s);                  /* valid UTF-8 (RFC 3629), no zero byte */
size_t text_codepoints(struct slice s);              /* of clean text */
/* Bytes of the longest beginning of clean text that holds at most size_max bytes and codepoints_max code points whole. */
size_t text_fit(struct slice s, size_t size_max, size_t codepoints_max);
/* Next code point of clean text from *at, advancing it; 0 at the end. */
uint32_t text_next(struct slice s, size_t *at);
void text_put(struct buf *out, uint32_t codepoint);
/* Full-width ASCII (U+FF01..FF5E) to ASCII, ideographic space to space, trimmed of white space at both ends. */
void text_fold(struct slice s, struct buf *out);
/* UTF-8 with or without BOM, or GB18030, found out by content; out is clean UTF-8 without BOM. ERR_TEXT if neither. */
enum err text_decode(struct slice file, struct buf *out) MUST_CHECK;
/* Of names, the one nearest to word by edit distance, NULL if none is near. names ends with NULL. */
const char *text_nearest(const char *word, const char *const *names);
/* For a terminal: appends s with a blank for whatever would move the cursor (line ends, escapes), since other people wrote it. */
void text_put_line(struct buf *out, struct slice s);
bool text_is_line(struct slice s); /* clean, and a terminal shows it as it is */
size_t text_columns(struct slice s); /* width on a terminal: East Asian wide characters count two */
/* How alike two clean texts are, 0 to 1000: twice the pairs of neighbouring characters that they share, by all that they have. Width,
 * case, spaces and punctuation make no difference. */
unsigned text_similarity(struct slice a, struct slice b);
