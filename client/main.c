/* banyan: the client of a union's seat. Finds the subcommand; what it does stands in command_NAME.c. */
#include "base/text.h"
#include "client/command/command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void print_commands(FILE *to)
{
    size_t count;
    const struct command *const *all = command_all(&count);
    fprintf(to, "%s\n\n", _("banyan: the records of a kindergarten's union, also without a network"));
    for (size_t i = 0; i < count; i++)
        fprintf(to, "  banyan %-10s %s\n", all[i]->name, _(all[i]->help));
    fprintf(to, "\n%s\n", _("banyan COMMAND --help tells more."));
}

static int unknown(const char *word)
{
    size_t count;
    const struct command *const *all = command_all(&count);
    const char *names[64];
    struct buf said = BUF_INIT;
    for (size_t i = 0; i < count; i++)
        names[i] = all[i]->name;
    names[count] = NULL;
    const char *near = text_nearest(word, names);
    if (near)
        buf_format(&said, _("unknown command %s; did you mean %s?"), word, near);
    else
        buf_format(&said, _("unknown command %s; see banyan --help"), word);
    command_warn(buf_c_string(&said));
    buf_finish(&said);
    return EXIT_USAGE;
}

/* What was saved stays saved (add), but an answer that did not arrive is none. */
static int run(const struct command *c, int argc, char **argv)
{
    int status = c->run(c, argc, argv);
    if (!command_output_lost())
        return status;
    command_warn(_("the answer could not be written: is the disk full?"));
    return strcmp(c->name, "add") == 0 || status != EXIT_DONE ? status : EXIT_FAILED;
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
        printf("banyan %s\n", BANYAN_VERSION);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i]->name, argv[1]) == 0)
            return run(all[i], argc - 1, argv + 1);
    return unknown(argv[1]);
}
