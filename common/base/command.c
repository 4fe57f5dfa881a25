/* See command.h. */
#include "base/command.h"
#include "base/text.h"
#include "base/tr.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMANDS_MAX 64

static const struct program *program; /* the one that runs */
static bool output_lost;

bool command_output_lost(void)
{
    return output_lost;
}

void command_print(struct buf *out)
{
    if (out->size)
        (void)fwrite(out->data, 1, out->size, stdout); /* fflush tells */
    if ((fflush(stdout) != 0 || ferror(stdout)) && errno != EPIPE)
        output_lost = true;
    buf_finish(out);
}

void command_warn(const char *sentence)
{
    fprintf(stderr, "%s: %s\n", program ? program->name : "banyan", sentence);
}

int command_usage(const struct command *c, const char *problem)
{
    struct buf usage = BUF_INIT;
    command_warn(problem);
    options_words(c->usage, &usage);
    fprintf(stderr, "  %s %s %s\n", program ? program->name : "banyan", c->name, buf_c_string(&usage));
    buf_finish(&usage);
    return EXIT_USAGE;
}

/* ---- help ---- */

static void print_help(const struct command *c)
{
    struct buf out = BUF_INIT;
    buf_format(&out, "%s %s ", program->name, c->name);
    options_words(c->usage, &out);
    buf_format(&out, "\n\n%s\n\n", _(c->help));
    options_help(c->options, &out);
    if (program->explain)
        program->explain(c, &out);
    command_print(&out);
}

static void list_commands(struct buf *out)
{
    buf_format(out, "%s\n\n", _(program->about));
    for (size_t i = 0; i < program->command_count; i++)
        buf_format(out, "  %s %-10s %s\n", program->name, program->commands[i]->name, _(program->commands[i]->help));
    buf_byte(out, '\n');
    buf_format(out, _("%s COMMAND --help tells more."), program->name);
    buf_byte(out, '\n');
}

bool command_parse(const struct command *c, int argc, char **argv, struct options *out, int *status)
{
    struct buf problem = BUF_INIT;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help(c);
            *status = EXIT_DONE;
            return false;
        }
    if (options_parse(c->options, argc, argv, out, &problem) == ERR_OK)
        return true;
    *status = command_usage(c, buf_c_string(&problem));
    buf_finish(&problem);
    return false;
}

/* ---- the subcommand ---- */

/* Where a caller closed one of the three, the next file that is opened would be it, and what is printed would go into that. */
static void hold_streams(void)
{
    static const int ways[] = {O_RDONLY, O_RDONLY, O_WRONLY}; /* writing to stdout fails, as it should; stderr is lost anyway */
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", ways[fd]); /* the lowest number that is free, which is fd */
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < program->command_count; i++)
        if (strcmp(program->commands[i]->name, name) == 0)
            return program->commands[i];
    return NULL;
}

static int say_unknown(const char *word)
{
    const char *names[COMMANDS_MAX + 3] = {"--help", "--version"};
    struct buf said = BUF_INIT;
    size_t count = 0;
    for (; count < program->command_count && count < COMMANDS_MAX; count++)
        names[count + 2] = program->commands[count]->name;
    names[count + 2] = NULL;
    const char *near = text_nearest(word, names);
    if (near)
        buf_format(&said, _("unknown command %s; did you mean %s?"), word, near);
    else
        buf_format(&said, _("unknown command %s; see %s --help"), word, program->name);
    command_warn(buf_c_string(&said));
    buf_finish(&said);
    return EXIT_USAGE;
}

static bool is_lasting(const struct command *c)
{
    for (const char *const *name = program->lasting; *name; name++)
        if (strcmp(*name, c->name) == 0)
            return true;
    return false;
}

/* What was saved stays saved, but an answer that did not arrive is none. */
static int run(const struct command *c, int argc, char **argv)
{
    int status = c->run(c, argc, argv);
    if (!output_lost)
        return status;
    command_warn(_("the answer could not be written: is the disk full?"));
    return is_lasting(c) || status != EXIT_DONE ? status : EXIT_FAILED;
}

/* Of the program itself; false: the word is none of these. */
static bool print_about(const char *word)
{
    struct buf out = BUF_INIT;
    if (strcmp(word, "--help") == 0 || strcmp(word, "help") == 0 || strcmp(word, "-h") == 0)
        list_commands(&out);
    else if (strcmp(word, "--version") == 0)
        buf_format(&out, "%s %s\n", program->name, BANYAN_VERSION);
    else
        return false;
    command_print(&out);
    return true;
}

int command_main(const struct program *p, int argc, char **argv)
{
    struct buf out = BUF_INIT;
    program = p;
    hold_streams();
    tr_init();
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a quota is a full disk: the write fails and says so */
    if (argc < 2) {
        list_commands(&out);
        fputs(buf_c_string(&out), stderr);
        buf_finish(&out);
        return EXIT_USAGE;
    }
    if (argc > 2 && strcmp(argv[1], "help") == 0) { /* help NAME: NAME --help */
        static char help[] = "--help";
        argv[1] = argv[2];
        argv[2] = help;
        argc = 3;
    }
    if (print_about(argv[1]))
        return output_lost ? EXIT_FAILED : EXIT_DONE;
    const struct command *c = find(argv[1]);
    return c ? run(c, argc - 1, argv + 1) : say_unknown(argv[1]);
}
