/* banyand: the district's server. Finds the subcommand; what it does stands in command_NAME.c. */
#include "base/text.h"
#include "base/tr.h"
#include "server/command/command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void print_commands(FILE *to)
{
    size_t count;
    const struct command *const *all = command_all(&count);
    fprintf(to, "%s\n\n", _("banyand: the server of a district's kindergarten unions"));
    for (size_t i = 0; i < count; i++)
        fprintf(to, "  banyand %-10s %s\n", all[i]->name, _(all[i]->help));
    fprintf(to, "\n%s\n", _("banyand COMMAND --help tells more."));
}

static int unknown(const char *word)
{
    size_t count;
    const struct command *const *all = command_all(&count);
    const char *names[32];
    for (size_t i = 0; i < count; i++)
        names[i] = all[i]->name;
    names[count] = NULL;
    const char *near = text_nearest(word, names);
    if (near)
        command_say(_("unknown command %s; did you mean %s?"), word, near);
    else
        command_say(_("unknown command %s; see banyand --help"), word);
    return EXIT_USAGE;
}

/* What was saved stays saved (add), but an answer that did not arrive is none. */
static int run(const struct command *c, int argc, char **argv)
{
    int status = c->run(c, argc, argv);
    if (!command_output_lost())
        return status;
    command_say("%s", _("the answer could not be written: is the disk full?"));
    return strcmp(c->name, "serve") == 0 || status != EXIT_DONE ? status : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    size_t count;
    const struct command *const *all = command_all(&count);
    tr_init();
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a quota is a full disk: the write fails and says so */
    if (argc < 2) {
        print_commands(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_commands(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("banyand %s\n", BANYAN_VERSION);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i]->name, argv[1]) == 0)
            return run(all[i], argc - 1, argv + 1);
    return unknown(argv[1]);
}
