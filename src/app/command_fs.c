/*
 * `weir fs`: files of the running server (or of --url), in the manner of `hdfs dfs`, with its
 * outputs. Everything goes over WebHDFS and streams; nothing of a file's size is held.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "app/commands.h"
#include "app/fs.h"
#include "app/place.h"

static const char usage[] =
    "usage: weir fs [--url http://HOST:PORT] [--user NAME] COMMAND\n"
    "  -ls [-R] [-d] PATH...            -mkdir [-p] PATH...       -put [-f] LOCAL... PATH\n"
    "  -cat PATH...                     -rm [-r] [-f] PATH...     -get [-f] PATH... LOCAL\n"
    "  -tail PATH                       -mv FROM... TO            -touchz PATH...\n"
    "  -du [-s] [-h] PATH...            -count [-h] PATH...       -setrep [-R] N PATH...\n"
    "  -checksum PATH...                -stat [FORMAT] PATH...    -test -[defsz] PATH\n"
    "  -chmod [-R] OCTAL PATH...        -chown [-R] [OWNER][:[GROUP]] PATH...\n";

bool
fs_fail(struct fs *fs, const char *path, struct error *err)
{
    const bool plain = err->kind == ERROR_SYSTEM;
    const char *why = plain && err->code == ENOENT      ? "No such file or directory"
                      : plain && err->code == EEXIST    ? "File exists"
                      : plain && err->code == ENOTDIR   ? "Is not a directory"
                      : plain && err->code == ENOTEMPTY ? "Directory is not empty"
                                                        : NULL;
    if (why != NULL) {
        fprintf(stderr, "%s: `%s': %s\n", fs->command, path, why);
    } else {
        fprintf(stderr, "%s: %s\n", fs->command, error_text(err));
    }
    fs->status = err->kind == ERROR_UNAVAILABLE ? EXIT_UNREACHABLE : EXIT_FAILED;
    error_clear(err);
    return false;
}

/* "hdfs://host:port/x" or "/x" or "x" (below the home folder) -> "/x". */
const char *
fs_path(struct fs *fs, const char *given)
{
    const char *at = strstr(given, "://");
    if (at != NULL) {
        at = strchr(at + 3, '/');
        return at != NULL ? at : "/";
    }
    if (given[0] == '/') {
        return given;
    }
    const char *user = fs->user[0] != '\0' ? fs->user : getenv("USER");
    return arena_printf(&fs->arena, "/user/%s/%s", user != NULL ? user : "root", given);
}

bool
fs_flag(int *argc, char ***argv, const char *flag)
{
    for (int i = 0; i < *argc && (*argv)[i][0] == '-'; i++) {
        if (strcmp((*argv)[i], flag) == 0) {
            memmove(*argv + i, *argv + i + 1, (size_t)(*argc - i - 1) * sizeof **argv);
            (*argc)--;
            return true;
        }
    }
    return false;
}

bool
fs_do(struct fs *fs, const char *method, const char *path, const char *op, const char *params,
      struct buffer *out, const char *shown)
{
    struct error err = {0};
    const struct hdfs_client_call call = {
        .method = method, .path = path, .op = op, .params = params};
    return hdfs_client_do(fs->client, &call, out, &err) || fs_fail(fs, shown, &err);
}

/* ---- streaming ---- */

static bool
to_descriptor(void *ctx, const uint8_t *src, size_t len, struct error *err)
{
    const int fd = *(const int *)ctx;
    while (len > 0) {
        const ssize_t n = write(fd, src, len);
        if (n < 0 && errno != EINTR) {
            return error_system(err, errno, "writing");
        }
        src += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static int64_t
from_descriptor(void *ctx, uint8_t *dst, size_t size, struct error *err)
{
    for (;;) {
        const ssize_t n = read(*(const int *)ctx, dst, size);
        if (n >= 0) {
            return n;
        }
        if (errno != EINTR) {
            error_system(err, errno, "reading");
            return -1;
        }
    }
}

bool
fs_copy_out(struct fs *fs, const char *path, int64_t offset, int fd, const char *shown)
{
    struct error err = {0};
    char params[64];
    snprintf(params, sizeof params, "&offset=%lld", (long long)offset);
    const struct hdfs_client_call call = {.method = "GET",
                                          .path = path,
                                          .op = "OPEN",
                                          .params = offset > 0 ? params : NULL,
                                          .push = to_descriptor,
                                          .ctx = &fd};
    return hdfs_client_do(fs->client, &call, NULL, &err) || fs_fail(fs, shown, &err);
}

bool
fs_copy_in(struct fs *fs, int fd, const char *path, bool overwrite, const char *shown)
{
    struct error err = {0};
    const struct hdfs_client_call call = {.method = "PUT",
                                          .path = path,
                                          .op = "CREATE",
                                          .params =
                                              overwrite ? "&overwrite=true" : "&overwrite=false",
                                          .pull = from_descriptor,
                                          .ctx = &fd};
    return hdfs_client_do(fs->client, &call, NULL, &err) || fs_fail(fs, shown, &err);
}

/* ---- the command ---- */

static bool
find_server(struct fs *fs, char *url, size_t size)
{
    struct buffer json = {0};
    if (!place_find_running(&json)) {
        fprintf(stderr, "no weir runs here (weir up starts one; --url names another)\n");
        return false;
    }
    json_t *root = json_loadb((const char *)json.ptr, json.len, 0, NULL);
    const char *found = json_string_value(json_object_get(root, "webhdfs"));
    const char *token = json_string_value(json_object_get(root, "token"));
    snprintf(url, size, "%s", found != NULL ? found : "");
    snprintf(fs->token, sizeof fs->token, "%s", token != NULL ? token : "");
    if (found == NULL) {
        fprintf(stderr, "the running weir has no file store (--webhdfs off)\n");
    }
    json_decref(root);
    buffer_release(&json);
    return url[0] != '\0';
}

static int
fs_run(struct fs *fs, int argc, char **argv)
{
    const struct fs_command *table = fs_commands();
    for (; table->name != NULL; table++) {
        if (strcmp(table->name, argv[0]) == 0) {
            fs->command = argv[0] + 1;
            fs->status = EXIT_DONE;
            argc--;
            argv++;
            return table->run(fs, argc, argv) ? fs->status : EXIT_USAGE;
        }
    }
    fprintf(stderr, "weir fs: unknown command %s\n", argv[0]);
    return EXIT_USAGE;
}

int
command_fs(int argc, char **argv)
{
    struct fs fs = {.user = ""};
    char url[512] = "";
    while (argc >= 2 && strncmp(argv[0], "--", 2) == 0) {
        if (strcmp(argv[0], "--url") == 0) {
            snprintf(url, sizeof url, "%s", argv[1]);
        } else if (strcmp(argv[0], "--user") == 0) {
            fs.user = argv[1];
        } else {
            break;
        }
        argc -= 2;
        argv += 2;
    }
    if (argc < 1 || argv[0][0] != '-' || strncmp(argv[0], "--", 2) == 0) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (url[0] == '\0' && !find_server(&fs, url, sizeof url)) {
        return EXIT_UNREACHABLE;
    }
    const char *address = strstr(url, "://");
    char host[512];
    snprintf(host, sizeof host, "%s", address != NULL ? address + 3 : url);
    host[strcspn(host, "/")] = '\0';
    const char *named = getenv("HADOOP_USER_NAME");
    fs.user = fs.user[0] == '\0' && named != NULL ? named : fs.user;
    arena_init(&fs.arena, NULL);
    fs.client = hdfs_client_new(host, fs.token, fs.user);
    const int status = fs_run(&fs, argc, argv);
    if (status == EXIT_USAGE) {
        fputs(usage, stderr);
    }
    hdfs_client_free(fs.client);
    arena_release(&fs.arena);
    return status;
}
