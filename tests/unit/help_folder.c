#include "help_folder.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void folder_make(struct folder *f)
{
    const char *base = getenv("TMPDIR");
    snprintf(f->path, sizeof f->path, "%s/banyan-test-XXXXXX", base && strlen(base) < 60 ? base : "/tmp");
    if (mkdtemp(f->path) == NULL) {
        perror("mkdtemp");
        abort();
    }
}

const char *folder_file(const struct folder *f, const char *name)
{
    static char paths[4][256];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", f->path, name);
    return path;
}

static size_t walk(const struct folder *f, bool remove_them)
{
    size_t count = 0;
    struct dirent *entry;
    DIR *dir = opendir(f->path);
    if (dir == NULL)
        return 0;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (remove_them)
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
    return count;
}

void folder_remove(struct folder *f)
{
    walk(f, true);
    rmdir(f->path);
}

size_t folder_count(const struct folder *f)
{
    return walk(f, false);
}

bool folder_has(const struct folder *f, const char *name)
{
    return access(folder_file(f, name), F_OK) == 0;
}

unsigned folder_mode(const struct folder *f, const char *name)
{
    struct stat st;
    return stat(folder_file(f, name), &st) == 0 ? st.st_mode & 07777u : 0;
}
