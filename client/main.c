/* banyan: the client of a union's seat. What its subcommands do stands in command_NAME.c. */
#include "base/log.h"
#include "client/command/command.h"

#include <stdlib.h>
#include <unistd.h>

/* People at a terminal are told in sentences, in their language; the log is for files, and for who asks. */
static void hush_log(void)
{
    if (isatty(STDERR_FILENO) && !getenv("BANYAN_LOG"))
        log_set_level(LOG_ERROR + 1);
}

int main(int argc, char **argv)
{
    static const char *const lasting[] = {"add", NULL};
    struct program banyan = {.name = "banyan",
                             .about = N_("banyan: the records of a kindergarten's union, also without a network"),
                             .lasting = lasting,
                             .explain = command_explain};
    hush_log();
    banyan.commands = command_all(&banyan.command_count);
    return command_main(&banyan, argc, argv);
}
