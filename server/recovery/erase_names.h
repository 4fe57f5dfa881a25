#pragma once
/* A person's names in what others wrote, for erasing by law (rule 29). */
#include <stdbool.h>
#include <stddef.h>

/* Does one of them stand in the text as a whole name: between marks, or before a word like 老师? Another's longer name is
 * not this one. */
bool erase_names_hold(const char *const *names, size_t count, const char *text);
