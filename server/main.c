/* banyand: the district's server. What its subcommands do stands in command_NAME.c. */
#include "base/tr.h"
#include "server/command/command.h"

int main(int argc, char **argv)
{
    static const char *const lasting[] = {"serve", NULL};
    struct program banyand = {
        .name = "banyand", .about = N_("banyand: the server of a district's kindergarten unions"), .lasting = lasting};
    banyand.commands = command_all(&banyand.command_count);
    return command_main(&banyand, argc, argv);
}
