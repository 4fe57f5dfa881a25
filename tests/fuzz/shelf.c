/* See shelf.h. Shelves live as long as the process. */
#include "tests/fuzz/shelf.h"
#include "base/slice.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX 32

struct shelf {
    struct shelved {
        char name[64];
        struct buf bytes;
    } files[FILES_MAX];
    size_t count;
};

static void read_file(const struct folder *f, struct shelved *one)
{
    uint8_t block[65536];
    size_t size;
    FILE *file = fopen(folder_file(f, one->name), "rb");
    CHECK(file);
    while ((size = fread(block, 1, sizeof block, file)) > 0)
        buf_append(&one->bytes, block, size);
    CHECK(fclose(file) == 0);
}

struct shelf *shelf_take(const struct folder *f)
{
    struct shelf *s = calloc(1, sizeof *s);
    struct dirent *entry;
    DIR *dir = opendir(f->path);
    CHECK(s && dir);
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        CHECK(s->count < FILES_MAX);
        struct shelved *one = &s->files[s->count++];
        CHECK(snprintf(one->name, sizeof one->name, "%s", entry->d_name) < (int)sizeof one->name);
        read_file(f, one);
    }
    closedir(dir);
    return s;
}

static const struct shelved *find(const struct shelf *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->files[i].name, name) == 0)
            return &s->files[i];
    return NULL;
}

static void remove_others(const struct shelf *s, const struct folder *f)
{
    struct dirent *entry;
    DIR *dir = opendir(f->path);
    CHECK(dir);
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && !find(s, entry->d_name))
            CHECK(unlink(folder_file(f, entry->d_name)) == 0);
    closedir(dir);
}

static void write_file(const struct shelved *one, const struct folder *f)
{
    FILE *file = fopen(folder_file(f, one->name), "wb");
    CHECK(file && fwrite(one->bytes.data, 1, one->bytes.size, file) == one->bytes.size);
    CHECK(fclose(file) == 0);
}

void shelf_put_back(const struct shelf *s, const struct folder *f)
{
    remove_others(s, f);
    for (size_t i = 0; i < s->count; i++)
        write_file(&s->files[i], f);
}

void shelf_put_back_file(const struct shelf *s, const struct folder *f, const char *name)
{
    const struct shelved *one = find(s, name);
    CHECK(one);
    write_file(one, f);
}
