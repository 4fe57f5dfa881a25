/* banyan: the client of a union's seat. What its subcommands do stands in command_NAME.c. */
#include "client/command/command.h"

int main(int argc, char **argv)
{
    static const char *const lasting[] = {"add", NULL};
    struct program banyan = {.name = "banyan",
                             .about = N_("banyan: the records of a kindergarten's union, also without a network"),
                             .lasting = lasting,
                             .explain = command_explain};
    banyan.commands = command_all(&banyan.command_count);
    return command_main(&banyan, argc, argv);
}
