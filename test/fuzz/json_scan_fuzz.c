/* Any bytes as JSON: every text that is taken also decodes. */
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
walk(struct json_scan *s, struct arena *a)
{
    struct json_slice text;
    switch (json_peek(s)) {
    case JSON_OBJECT:
        for (bool first = json_object_begin(s); json_object_next(s, &first, &text);) {
            json_decode(a, text);
            walk(s, a);
        }
        break;
    case JSON_ARRAY:
        for (bool first = json_array_begin(s); json_array_next(s, &first);) {
            walk(s, a);
        }
        break;
    case JSON_TEXT:
        if (json_text_take(s, &text)) {
            json_decode(a, text);
        }
        break;
    default:
        json_skip(s, NULL);
        break;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena a;
    struct json_scan s;
    arena_init(&a, NULL);
    json_scan_init(&s, (const char *)data, len, len % 2 == 0);
    walk(&s, &a);
    arena_release(&a);
    return 0;
}
