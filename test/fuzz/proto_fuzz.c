/* Any bytes as a request: decoding must not leave them, and what decodes must encode and decode to
 * the same bytes again. */
#include <stdlib.h>
#include <string.h>

#include "connect/proto_messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
round_trip(struct arena *a, struct bytes in, struct buffer *out)
{
    struct error err = {0};
    struct pb_analyze_plan_response message = {0};
    bool ok = PB_DECODE(a, PB_ID_ANALYZE_PLAN_RESPONSE, in, &message, &err);
    if (ok) {
        PB_ENCODE(out, PB_ID_ANALYZE_PLAN_RESPONSE, &message);
        ok = out->len == pb_size(&pb_messages[PB_ID_ANALYZE_PLAN_RESPONSE], &message);
        if (!ok) {
            abort();
        }
    }
    error_clear(&err);
    return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    arena_init(&a, NULL);
    struct error err = {0};
    struct pb_execute_plan_request request = {0};
    PB_DECODE(&a, PB_ID_EXECUTE_PLAN_REQUEST, ((struct bytes){data, size}), &request, &err);
    error_clear(&err);
    struct buffer once = {0}, twice = {0};
    if (round_trip(&a, (struct bytes){data, size}, &once)) {
        if (!round_trip(&a, (struct bytes){once.ptr, once.len}, &twice) || once.len != twice.len ||
            (once.len > 0 && memcmp(once.ptr, twice.ptr, once.len) != 0)) {
            abort();
        }
    }
    buffer_release(&once);
    buffer_release(&twice);
    arena_release(&a);
    return 0;
}
