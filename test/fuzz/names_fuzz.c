/* The namespace on any bytes: as one record, as a run of records applied one after another (so that
 * later ones meet what earlier ones made), and as a snapshot. What was accepted must survive a
 * snapshot and its reading. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "names/names_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
free_block(void *ctx, const struct ns_block *block)
{
    *(uint64_t *)ctx += block->id;
}

static void
check_snapshot(const struct namespace *ns)
{
    struct buffer out = {0};
    struct error err = {0};
    namespace_snapshot_put(ns, &out);
    struct namespace *again = namespace_new("", "", NULL, NULL);
    if (namespace_snapshot_read(again, (struct bytes){out.ptr, out.len}, &err)) {
        assert(namespace_digest(again) == namespace_digest(ns));
    } else {
        abort();
    }
    namespace_free(again);
    buffer_release(&out);
}

/* The file around a snapshot, as it is and with its checksum mended. */
static void
snapshot_file(const uint8_t *data, size_t len)
{
    enum { HEADER = 32, CRC_AT = 24 };
    uint8_t *file = malloc(len + 1);
    memcpy(file, data, len);
    for (int mended = 0; mended < 2; mended++) {
        int64_t offset;
        struct error err = {0};
        struct namespace *ns = namespace_new("", "", NULL, NULL);
        names_snapshot_parse((struct bytes){file, len}, ns, &offset, &err);
        error_clear(&err);
        namespace_free(ns);
        if (len < HEADER) {
            break;
        }
        const uint64_t body = len - HEADER;
        const uint32_t crc = crc32c(0, file + HEADER, body);
        memcpy(file, "WNAMES01", 8);
        memcpy(file + 16, &body, 8);
        memcpy(file + CRC_AT, &crc, 4);
    }
    free(file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint64_t sum = 0;
    struct ns_record r;
    struct error err = {0};
    struct reader in;
    ns_record_read((struct bytes){data, len}, &r);
    struct namespace *ns = namespace_new("o", "g", free_block, &sum);
    reader_init(&in, (struct bytes){data, len});
    while (reader_left(&in) > 0) {
        const struct bytes one = reader_lenbytes(&in);
        if (reader_ok(&in) && ns_record_read(one, &r)) {
            namespace_apply(ns, &r, &err);
            error_clear(&err);
        }
    }
    check_snapshot(ns);
    namespace_free(ns);
    ns = namespace_new("", "", NULL, NULL);
    namespace_snapshot_read(ns, (struct bytes){data, len}, &err);
    error_clear(&err);
    namespace_free(ns);
    snapshot_file(data, len);
    return 0;
}
