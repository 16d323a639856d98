/* Requests from a stranger: two bytes choose API and version, the rest is the body. What decodes is
 * encoded again, and records of the offsets log go through their reader. */
#include <stdlib.h>

#include "kafka/group_store.h"
#include "kafka/messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
hook_join(void *ctx, void *token, const struct group_join_answer *a)
{
    (void)ctx;
    (void)token;
    (void)a;
}

static void
hook_sync(void *ctx, void *token, int16_t error, const struct group *g, struct bytes assignment)
{
    (void)ctx;
    (void)token;
    (void)error;
    (void)g;
    (void)assignment;
}

static void
hook_changed(void *ctx, const struct group *g)
{
    (void)ctx;
    (void)g;
}

static void
hook_id(void *ctx, char out[37])
{
    (void)ctx;
    out[0] = '\0';
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 2) {
        return 0;
    }
    const struct kafka_api_entry *api = &kafka_apis[data[0] % kafka_api_count];
    const int16_t version =
        (int16_t)(api->version_min + data[1] % (api->version_max - api->version_min + 1));
    struct arena a;
    struct reader in;
    arena_init(&a, NULL);
    reader_init(&in, (struct bytes){data + 2, len - 2});
    void *object = arena_alloc(&a, api->request->bytes);
    const bool flexible = version >= api->flexible_min;
    if (kafka_decode(&in, api->request, version, flexible, &a, object)) {
        struct buffer out = {0};
        kafka_encode(&out, api->request, version, flexible, object, NULL);
        buffer_release(&out);
    }
    arena_release(&a);

    static const struct group_hooks hooks = {hook_join, hook_sync, hook_changed, hook_id};
    struct group_core core;
    group_core_init(&core, &hooks, NULL);
    const size_t split = data[0] % len;
    group_record_apply(&core, (struct bytes){data, split},
                       (struct bytes){data + split, len - split}, 0);
    group_core_release(&core);
    return 0;
}
