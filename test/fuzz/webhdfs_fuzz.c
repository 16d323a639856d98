/* WebHDFS targets: a method's first letter, then path and query as a client writes them; and the
 * header of a replica's checksum file; and the JSON that a server answers our client. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "block/replica.h"
#include "hdfs/client.h"
#include "hdfs/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
ask_all(const struct hdfs_request *r)
{
    static const char *const names[] = {"offset", "length", "permission", "overwrite", "aclspec"};
    struct error err = {0};
    char text[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int64_t number = 0;
        int32_t mode = 0;
        bool flag = false;
        hdfs_param_int(r, names[i], 0, 1 << 20, &number, &err);
        error_clear(&err);
        hdfs_param_mode(r, names[i], &mode, &err);
        error_clear(&err);
        hdfs_param_bool(r, names[i], &flag, &err);
        error_clear(&err);
        hdfs_param_text(r, names[i], text, sizeof text);
        if (mode < 0 || mode > 01777 || number < 0 || number > 1 << 20) {
            abort();
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const methods[] = {"GET", "PUT", "POST", "DELETE", "PATCH"};
    struct replica_meta meta;
    struct replica_tail tail;
    replica_meta_read((struct bytes){data, len}, &meta);
    if (replica_tail_read((struct bytes){data, len}, &tail) && tail.len > REPLICA_CHUNK_BYTES) {
        abort();
    }
    if (len == 0) {
        return 0;
    }
    struct arena a;
    arena_init(&a, NULL);
    hdfs_json_int((const char *)data, len, "length"); /* what a server answers us */
    hdfs_json_text(&a, (const char *)data, len, "message");
    arena_release(&a);
    struct hdfs_request r;
    struct error err = {0};
    char *text = malloc(len + 16);
    const size_t start = (size_t)snprintf(text, 16, "/webhdfs/v1");
    memcpy(text + start, data + 1, len - 1);
    text[start + len - 1] = '\0';
    char *query = strchr(text, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    if (hdfs_request_parse(methods[data[0] % 5], text, query != NULL ? query : "", &r, &err)) {
        ask_all(&r);
    }
    error_clear(&err);
    free(text);
    return 0;
}
