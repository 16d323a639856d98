/* `weir topic`: topics of the running server, asked of its store process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/place.h"
#include "net/frame.h"
#include "sched/wire.h"

static const char usage[] = "usage: weir topic list\n"
                            "       weir topic describe NAME\n"
                            "       weir topic create NAME [--partitions N]\n"
                            "       weir topic delete NAME\n";

static struct frame_client *
store_client(void)
{
    char address[PATH_MAX + 32];
    if (!place_find_store(address, sizeof address)) {
        fprintf(stderr, "no weir runs here (weir up starts one)\n");
        return NULL;
    }
    return frame_client_new(address);
}

static int
fail(struct error *err)
{
    fprintf(stderr, "weir topic: %s\n", error_text(err));
    const int status = err->kind == ERROR_UNAVAILABLE ? EXIT_UNREACHABLE : EXIT_FAILED;
    error_clear(err);
    return status;
}

static int
topic_list(struct frame_client *client)
{
    struct error err = {0};
    struct buffer reply = {0};
    if (!frame_call(client, WIRE_TOPIC_LIST, NULL, 0, &reply, 5000, &err)) {
        buffer_release(&reply);
        return fail(&err);
    }
    struct reader in;
    reader_init(&in, (struct bytes){reply.ptr, reply.len});
    const size_t count = reader_ucount(&in, 3);
    for (size_t i = 0; i < count && reader_ok(&in); i++) {
        const struct bytes name = reader_lenbytes(&in);
        const uint64_t partitions = reader_uvarint64(&in);
        const size_t configs = reader_ucount(&in, 2);
        for (size_t c = 0; c < configs; c++) {
            reader_lenbytes(&in);
            reader_lenbytes(&in);
        }
        if (reader_ok(&in)) {
            printf("%.*s\t%llu\n", (int)name.len, (const char *)name.ptr,
                   (unsigned long long)partitions);
        }
    }
    buffer_release(&reply);
    return EXIT_DONE;
}

static int
topic_describe(struct frame_client *client, const char *name)
{
    struct error err = {0};
    struct buffer request = {0}, reply = {0};
    buffer_lentext(&request, name);
    const bool ok =
        frame_call(client, WIRE_TOPIC_OFFSETS, request.ptr, request.len, &reply, 5000, &err);
    buffer_release(&request);
    if (!ok) {
        buffer_release(&reply);
        return fail(&err);
    }
    struct reader in;
    reader_init(&in, (struct bytes){reply.ptr, reply.len});
    reader_lenbytes(&in); /* directory */
    const size_t count = reader_ucount(&in, 4);
    printf("partition\tstart\tend\tbytes\n");
    for (size_t i = 0; i < count && reader_ok(&in); i++) {
        const uint64_t partition = reader_uvarint64(&in), start = reader_uvarint64(&in),
                       end = reader_uvarint64(&in), bytes = reader_uvarint64(&in);
        printf("%llu\t%llu\t%llu\t%llu\n", (unsigned long long)partition, (unsigned long long)start,
               (unsigned long long)end, (unsigned long long)bytes);
    }
    buffer_release(&reply);
    return EXIT_DONE;
}

static int
topic_change(struct frame_client *client, int type, const char *name, uint64_t partitions)
{
    struct error err = {0};
    struct buffer request = {0}, reply = {0};
    buffer_lentext(&request, name);
    buffer_uvarint(&request, partitions);
    const bool ok =
        frame_call(client, (uint16_t)type, request.ptr, request.len, &reply, 30000, &err);
    buffer_release(&request);
    buffer_release(&reply);
    return ok ? EXIT_DONE : fail(&err);
}

static int
topic_run(struct frame_client *client, int argc, char **argv)
{
    if (argc == 1 && strcmp(argv[0], "list") == 0) {
        return topic_list(client);
    }
    if (argc == 2 && strcmp(argv[0], "describe") == 0) {
        return topic_describe(client, argv[1]);
    }
    if (argc == 2 && strcmp(argv[0], "delete") == 0) {
        return topic_change(client, WIRE_TOPIC_DELETE, argv[1], 0);
    }
    if ((argc == 2 || (argc == 4 && strcmp(argv[2], "--partitions") == 0)) &&
        strcmp(argv[0], "create") == 0) {
        const long partitions = argc == 4 ? atol(argv[3]) : 1;
        if (partitions >= 1 && partitions <= 10000) {
            return topic_change(client, WIRE_TOPIC_CREATE, argv[1], (uint64_t)partitions);
        }
    }
    fputs(usage, stderr);
    return EXIT_USAGE;
}

int
command_topic(int argc, char **argv)
{
    if (argc < 1) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    struct frame_client *client = store_client();
    if (client == NULL) {
        return EXIT_UNREACHABLE;
    }
    const int status = topic_run(client, argc, argv);
    frame_client_free(client);
    return status;
}
