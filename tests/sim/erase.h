#pragma once
/* Persons erased by law (rule 29): at any time, before and after restores, with copies of devices put back. What people
 * ever wrote of a member is noted where they write it, so that it can be looked for in every byte once the member is
 * erased. */
#include "district.h"

/* A command that was saved wrote these words of a record: what stands in another one than a member's is not the
 * member's alone. */
void erase_note(struct district *d, uint32_t kind, struct id id, const char *words);
/* Some member of some branch, by that number; nothing where there is none left. */
void erase_happens(struct district *d, uint64_t number);
/* Was anything of that record erased, so that what is told of its changes is not what was sent? */
bool erase_took(struct district *d, uint32_t kind, struct id id);
/* No file of the server or of a device that was heard holds what was written of an erased person; and nobody forgot
 * that it is erased. */
void erase_expect(struct district *d);
void erase_finish(struct district *d);
