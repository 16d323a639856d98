/* `weir status`, `weir doctor`, `weir config`: what runs, what is missing, what is set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "app/commands.h"
#include "app/options.h"
#include "app/place.h"
#include "app/probe.h"
#include "base/thread.h"

static const char *
text_of(const json_t *root, const char *key)
{
    const char *text = json_string_value(json_object_get(root, key));
    return text != NULL ? text : "-";
}

static void
print_status(const json_t *root)
{
    printf("Spark Connect  %s\nKafka          %s\nweb page       %s\nWebHDFS        %s\n"
           "data           %s\n",
           text_of(root, "connect"), text_of(root, "kafka"), text_of(root, "web"),
           text_of(root, "webhdfs"), text_of(root, "data"));
    size_t i;
    json_t *process, *node;
    const json_t *nodes = json_object_get(root, "nodes");
    json_array_foreach(nodes, i, node)
    {
        if (json_array_size(nodes) > 1) {
            printf("%-14s %-8s %s  Kafka %s  web %s\n", text_of(node, "name"),
                   text_of(node, "state"), text_of(node, "connect"), text_of(node, "kafka"),
                   text_of(node, "web"));
        }
    }
    json_array_foreach(json_object_get(root, "processes"), i, process)
    {
        printf("%-14s pid %lld", text_of(process, "role"),
               (long long)json_integer_value(json_object_get(process, "pid")));
        printf(json_array_size(nodes) > 1 ? "  %s\n" : "\n", text_of(process, "node"));
    }
}

/* Text as one word of a shell. */
static void
print_quoted(const char *text)
{
    putchar('\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            fputs("'\\''", stdout);
        } else {
            putchar(*text);
        }
    }
    putchar('\'');
}

/* For eval in a shell: what lets PySpark's own builder find this server. */
static int
print_environment(const json_t *root)
{
    json_t *variables = json_object_get(root, "environment");
    if (!json_is_object(variables)) {
        fprintf(stderr,
                "weir status: Spark Connect listens on %s, and PySpark looks for a local "
                "server on 127.0.0.1 only; set SPARK_REMOTE instead\n",
                text_of(root, "connect"));
        return EXIT_FAILED;
    }
    const char *name;
    json_t *value;
    json_object_foreach(variables, name, value)
    {
        printf("export %s=", name);
        print_quoted(json_string_value(value));
        putchar('\n');
    }
    return EXIT_DONE;
}

int
command_status(int argc, char **argv)
{
    const char *output = argc == 0                                 ? "text"
                         : argc == 2 && strcmp(argv[0], "-o") == 0 ? argv[1]
                                                                   : "";
    if (strcmp(output, "text") != 0 && strcmp(output, "json") != 0 && strcmp(output, "env") != 0) {
        fprintf(stderr, "usage: weir status [-o text|json|env]\n");
        return EXIT_USAGE;
    }
    struct buffer json = {0};
    if (!place_find_running(&json)) {
        buffer_release(&json);
        fprintf(stderr, "no weir runs here (weir up starts one)\n");
        return EXIT_UNREACHABLE;
    }
    int status = EXIT_DONE;
    if (strcmp(output, "json") == 0) {
        fputs(buffer_text(&json), stdout);
    } else {
        json_t *root = json_loadb((const char *)json.ptr, json.len, 0, NULL);
        if (strcmp(output, "env") == 0) {
            status = print_environment(root);
        } else {
            print_status(root);
        }
        json_decref(root);
    }
    buffer_release(&json);
    return status;
}

static bool
report(bool ok, const char *what, const char *advice)
{
    printf("%s  %s%s%s\n", ok ? "ok     " : "missing", what, ok ? "" : ": ", ok ? "" : advice);
    return ok;
}

/* Runs a short Python text; true if it ends well. */
static bool
python_can(const char *text)
{
    char command[512];
    const char *python = getenv("PYSPARK_DRIVER_PYTHON");
    python = python != NULL ? python : getenv("PYSPARK_PYTHON");
    snprintf(command, sizeof command, "'%s' -c '%s' >/dev/null 2>&1",
             python != NULL ? python : "python3", text);
    return system(command) == 0;
}

int
command_doctor(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    bool ok = true;
    printf("cores   %u\nmemory  %llu MiB\n", thread_usable_cores(),
           (unsigned long long)(memory_usable_bytes() >> 20));
    ok &= report(python_can("import sys"), "python3", "install python3, or set PYSPARK_PYTHON");
    ok &= report(python_can("import pyspark.sql, grpc, pyarrow"), "pyspark for weir run and UDFs",
                 "pip install pyspark-client");
    ok &= report(access("/usr/share/zoneinfo/Europe/Berlin", R_OK) == 0, "time zones",
                 "install tzdata");
    struct buffer json = {0};
    if (place_find_running(&json)) {
        json_t *root = json_loadb((const char *)json.ptr, json.len, 0, NULL);
        struct error err = {0};
        const char *kafka = text_of(root, "kafka");
        ok &= report(probe_kafka(kafka, 1000, &err), "the running server's Kafka answers",
                     error_text(&err));
        error_clear(&err);
        const char *connect = text_of(root, "connect");
        ok &= report(strncmp(connect, "sc://", 5) == 0 && probe_connect(connect + 5, 1000, &err),
                     "the running server's Spark Connect answers", error_text(&err));
        error_clear(&err);
        json_decref(root);
    } else {
        printf("        no server runs here (weir up starts one)\n");
    }
    buffer_release(&json);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

int
command_config(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct program_options options;
    struct error err = {0};
    if (!options_init(&options, &err)) {
        fprintf(stderr, "weir config: %s\n", error_text(&err));
        error_clear(&err);
        return EXIT_FAILED;
    }
    struct buffer text = {0};
    options_describe(&options, &text);
    fputs(buffer_text(&text), stdout);
    buffer_release(&text);
    options_release(&options);
    return EXIT_DONE;
}
