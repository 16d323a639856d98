/* Registrations from and to JSON. */
#include "control/member_record.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"

/* Texts of struct member with their names. */
static const struct {
    const char *name;
    size_t offset, size;
} texts[] = {
#define TEXT(name, field)                                                                          \
    {                                                                                              \
        name, offsetof(struct member, field), sizeof((struct member *)0)->field                    \
    }
    TEXT("name", name),
    TEXT("disk", disk_id),
    TEXT("host", host),
    TEXT("connect", connect),
    TEXT("kafka", kafka),
    TEXT("web", web),
    TEXT("webhdfs", webhdfs),
    TEXT("store", peers[MEMBER_STORE]),
    TEXT("worker", peers[MEMBER_WORKER]),
    TEXT("front", peers[MEMBER_FRONT]),
#undef TEXT
};

void
member_record_put(const struct member *m, struct buffer *out)
{
    buffer_printf(out,
                  "{\"id\":%" PRIu32 ",\"incarnation\":%" PRIu64 ",\"cores\":%" PRIu32
                  ",\"memory\":%" PRIu64,
                  m->id, m->incarnation, m->cores, m->memory_bytes);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = (const char *)m + texts[i].offset;
        if (text[0] != '\0') {
            buffer_printf(out, ",\"%s\":", texts[i].name);
            buffer_json_string(out, text, strlen(text));
        }
    }
    buffer_puts(out, "}");
}

static uint64_t
take_number(struct json_scan *s)
{
    struct json_slice number;
    if (json_peek(s) != JSON_NUMBER) {
        json_skip(s, NULL);
        return 0;
    }
    if (!json_number_take(s, &number) || number.len > 20) {
        return 0;
    }
    char text[24];
    memcpy(text, number.ptr, number.len);
    text[number.len] = '\0';
    return strtoull(text, NULL, 10);
}

/* A text too long for its place, or with escapes, is none of ours. */
static bool
take_text(struct json_scan *s, char *out, size_t size)
{
    struct json_slice text;
    if (json_peek(s) != JSON_TEXT || !json_text_take(s, &text) || text.escaped ||
        text.len >= size) {
        return false;
    }
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

static bool
take_field(struct json_scan *s, struct json_slice key, struct member *out)
{
    if (!key.escaped && json_slice_is(key, "id")) {
        out->id = (uint32_t)take_number(s);
    } else if (!key.escaped && json_slice_is(key, "incarnation")) {
        out->incarnation = take_number(s);
    } else if (!key.escaped && json_slice_is(key, "cores")) {
        out->cores = (uint32_t)take_number(s);
    } else if (!key.escaped && json_slice_is(key, "memory")) {
        out->memory_bytes = take_number(s);
    } else {
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            if (!key.escaped && json_slice_is(key, texts[i].name)) {
                return take_text(s, (char *)out + texts[i].offset, texts[i].size);
            }
        }
        json_skip(s, NULL);
    }
    return true;
}

bool
member_record_read(struct bytes json, struct member *out)
{
    *out = (struct member){0};
    struct json_scan s;
    json_scan_init(&s, (const char *)json.ptr, json.len, false);
    if (json_peek(&s) != JSON_OBJECT) {
        return false;
    }
    struct json_slice key;
    bool ok = true;
    for (bool first = json_object_begin(&s); ok && json_object_next(&s, &first, &key);) {
        ok = take_field(&s, key, out);
    }
    return ok && !s.broken && json_at_end(&s) && out->id > 0;
}
