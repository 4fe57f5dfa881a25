#pragma once
/* A folder of a test's own under TMPDIR or /tmp, removed with all in it. */
#include <stdbool.h>
#include <stddef.h>

struct folder {
    char path[96];
};

void folder_make(struct folder *f);
void folder_remove(struct folder *f); /* its files; it holds no folders */
/* path of name within, in one of four turning static buffers */
const char *folder_file(const struct folder *f, const char *name);
bool folder_has(const struct folder *f, const char *name);
unsigned folder_mode(const struct folder *f, const char *name); /* permission bits */
size_t folder_count(const struct folder *f);                    /* files in it */
