/* For programs of a test: BANYAN_TEST_VERSION says which version this one is; without it, it is itself. */
#include "tests/versions/versions.h"

#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void be_it(void)
{
    const char *name = getenv("BANYAN_TEST_VERSION");
    enum version v = name ? version_by_name(name) : VERSION_TODAY;
    if (v == VERSIONS) {
        fprintf(stderr, "no version %s\n", name);
        exit(2);
    }
    kind_use(v == VERSION_TODAY ? NULL : version_kinds(v));
}
