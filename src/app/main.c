/* The entry of the one program: commands, and the exit statuses that people can rely on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/cluster.h"
#include "app/commands.h"
#include "app/help.h"
#include "app/role.h"
#include "app/supervisor.h"

struct program_command {
    const char *name;
    const char *arguments;
    const char *meaning;
    int (*run)(int argc, char **argv); /* argv without program and command */
};

static int command_up(int argc, char **argv);
static int command_help(int argc, char **argv);
static int command_version(int argc, char **argv);

static const struct program_command commands[] = {
    {"up", "[flags]", "start everything on this computer", command_up},
    {"run", "PROG.py [args]", "run a PySpark program, whatever master it names", command_run},
    {"sql", "[-e TEXT | -f FILE] [-o FORMAT]", "run SQL statements", command_sql},
    {"fs", "-ls|-put|-get|-cat|-mkdir|-rm ...", "files of the store, as hdfs dfs", command_fs},
    {"topic", "list|create|delete|describe ...", "Kafka topics", command_topic},
    {"node", "list|start|stop|kill|drain|remove|token ...", "the nodes of a cluster", command_node},
    {"status", "[-o text|json|env]", "what runs, where", command_status},
    {"doctor", "", "is everything here that is needed?", command_doctor},
    {"config", "", "all settings with their values", command_config},
    {"version", "", "the version", command_version},
    {"help", "[COMMAND]", "this text, or that of a command", command_help},
};

static int
general_help(void)
{
    printf("weir: Spark, Kafka and HDFS for your own computer as one small program\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char call[64];
        snprintf(call, sizeof call, "weir %s %s", commands[i].name, commands[i].arguments);
        printf("  %-44s %s\n", call, commands[i].meaning);
    }
    struct buffer usage = {0};
    options_usage(&usage);
    printf("\nflags of weir up (also in ~/.config/weir/weir.conf as key = value, and in the\n"
           "environment as WEIR_KEY):\n%s",
           buffer_text(&usage));
    buffer_release(&usage);
    printf("\nexit status: 0 done, 1 failed, 2 usage, 3 not found, 5 not reachable\n");
    return EXIT_DONE;
}

static int
one_command_help(const struct program_command *c)
{
    if (c->run == command_up) {
        return general_help();
    }
    printf("usage: weir %s%s%s\n\n  %s\n", c->name, c->arguments[0] != '\0' ? " " : "",
           c->arguments, c->meaning);
    const char *details = help_details(c->name);
    printf("%s%s", details[0] != '\0' ? "\n" : "", details);
    return EXIT_DONE;
}

static const struct program_command *
command_find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            return &commands[i];
        }
    }
    fprintf(stderr, "weir: unknown command %s (weir help lists them)\n", name);
    return NULL;
}

static int
command_help(int argc, char **argv)
{
    const struct program_command *c = argc > 0 ? command_find(argv[0]) : NULL;
    return argc == 0 ? general_help() : c != NULL ? one_command_help(c) : EXIT_USAGE;
}

static int
command_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("weir " WEIR_VERSION "\n");
    return EXIT_DONE;
}

static bool
wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

static int
command_up(int argc, char **argv)
{
    struct program_options options;
    struct error err = {0};
    if (!options_init(&options, &err) || !options_take_flags(&options, &argc, argv, &err)) {
        fprintf(stderr, "weir up: %s\n", error_text(&err));
        error_clear(&err);
        options_release(&options);
        return EXIT_USAGE;
    }
    if (argc > 0) {
        fprintf(stderr, "weir up: what is %s? (weir up --help)\n", argv[0]);
        options_release(&options);
        return EXIT_USAGE;
    }
    const int size = cluster_size(&options, &err);
    if (size == 0) {
        fprintf(stderr, "weir up: %s\n", error_text(&err));
        error_clear(&err);
        options_release(&options);
        return EXIT_USAGE;
    }
    const int status = size > 1 ? cluster_run(&options, size) : supervisor_run(&options);
    options_release(&options);
    return status;
}

/* `weir run --help` asks us; behind the program's name the words are the program's own, and -h is
 * an option of `weir fs -ls`. */
static bool
help_is_meant(const struct program_command *c, int argc, char **argv)
{
    const bool first_only = c->run == command_run || c->run == command_fs;
    return wants_help(first_only && argc > 1 ? 1 : argc, argv);
}

static int
run_command(const struct program_command *c, int argc, char **argv)
{
    if (help_is_meant(c, argc, argv)) {
        return one_command_help(c);
    }
    if (c->arguments[0] == '\0' && argc > 0) {
        fprintf(stderr, "weir %s: what is %s? (it takes no arguments)\n", c->name, argv[0]);
        return EXIT_USAGE;
    }
    return c->run(argc, argv);
}

int
main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash != NULL ? slash + 1 : argv[0];
    if (strcmp(name, "spark-submit") == 0) {
        return command_run(argc - 1, argv + 1);
    }
    if (argc == 5 && strcmp(argv[1], "--role") == 0) {
        return role_main(argv[2], argv[3], (uint32_t)atoi(argv[4]));
    }
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        general_help();
        return argc < 2 ? EXIT_USAGE : EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        return command_version(0, NULL);
    }
    const struct program_command *c = command_find(argv[1]);
    return c != NULL ? run_command(c, argc - 2, argv + 2) : EXIT_USAGE;
}
