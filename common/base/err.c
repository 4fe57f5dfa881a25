/* The table of errors, three times over: class, name, sentence. Its only source is ERR_LIST in the header, so that an
 * error can't lack one of them. */
#include "base/err.h"
#include <stdio.h>
#include <stdlib.h>

static const struct {
    enum err_class class;
    const char *name;
    const char *text;
} errors[] = {
#define X(name, class, text) {ERR_CLASS_##class, #name, text},
    ERR_LIST(X)
#undef X
};

#define ERRORS (sizeof errors / sizeof errors[0])

/* A number from nowhere is a bug of ours. */
static size_t row(enum err e)
{
    return (size_t)e < ERRORS ? (size_t)e : (size_t)ERR_BUG;
}

enum err_class err_class(enum err e)
{
    return errors[row(e)].class;
}

const char *err_name(enum err e)
{
    return errors[row(e)].name;
}

const char *err_text(enum err e)
{
    return errors[row(e)].text;
}

noreturn void check_failed(const char *file, int line, const char *expression)
{
    fprintf(stderr, "%s:%d: impossible: %s\n", file, line, expression);
    fflush(stderr);
    abort();
}
