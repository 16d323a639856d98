/* Reading and writing the gateway's JSON with the scanner: no tree, two buffers for all texts. */
#include "control/etcd_json.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json_scan.h"

void
base64_put(struct buffer *out, const void *src, size_t len)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = src;
    uint8_t *to = buffer_extend(out, (len + 2) / 3 * 4);
    if (to == NULL) {
        return;
    }
    for (size_t i = 0; i < len; i += 3, to += 4) {
        const size_t left = len - i;
        const uint32_t v = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                           (left > 2 ? in[i + 2] : 0);
        to[0] = (uint8_t)letters[v >> 18];
        to[1] = (uint8_t)letters[v >> 12 & 63];
        to[2] = left > 1 ? (uint8_t)letters[v >> 6 & 63] : '=';
        to[3] = left > 2 ? (uint8_t)letters[v & 63] : '=';
    }
}

static int
base64_digit(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

bool
base64_get(const char *text, size_t len, struct buffer *out)
{
    if (len % 4 != 0) {
        return false;
    }
    const size_t padding = len == 0 ? 0 : (text[len - 1] == '=') + (text[len - 2] == '=');
    for (size_t i = 0; i < len; i += 4) {
        const size_t digits = i + 4 == len ? 4 - padding : 4;
        uint32_t v = 0;
        for (size_t j = 0; j < 4; j++) {
            const int digit = j < digits ? base64_digit(text[i + j]) : 0;
            if (digit < 0) {
                return false;
            }
            v = v << 6 | (uint32_t)digit;
        }
        const uint8_t bytes[3] = {(uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
        buffer_put(out, bytes, digits - 1);
    }
    return true;
}

/* What is under way while one answer is read. */
struct reading {
    struct json_scan scan;
    struct etcd_answer *out;
    bool (*on_kv)(void *ctx, const struct etcd_kv *kv);
    void *ctx;
    struct buffer key, value;
    bool stopped;
};

static bool
key_is(struct json_slice key, const char *word)
{
    return !key.escaped && json_slice_is(key, word);
}

/* A number, as text or as number; anything else is left out as 0. */
static uint64_t
take_u64(struct json_scan *s)
{
    struct json_slice text = {0};
    const enum json_kind kind = json_peek(s);
    if (kind == JSON_TEXT) {
        json_text_take(s, &text);
    } else if (kind == JSON_NUMBER) {
        json_number_take(s, &text);
    } else {
        json_skip(s, NULL);
    }
    uint64_t number = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
        if (number > (UINT64_MAX - 9) / 10) {
            s->broken = true;
            return 0;
        }
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    return number;
}

static bool
take_bool(struct json_scan *s)
{
    const bool yes = json_peek(s) == JSON_TRUE;
    json_skip(s, NULL);
    return yes;
}

static void
take_base64(struct json_scan *s, struct buffer *out)
{
    struct json_slice text;
    buffer_clear(out);
    if (json_peek(s) != JSON_TEXT) {
        json_skip(s, NULL);
    } else if (!json_text_take(s, &text) || text.escaped || !base64_get(text.ptr, text.len, out)) {
        s->broken = true;
    }
}

static void
take_message(struct json_scan *s, struct etcd_answer *out)
{
    struct json_slice text;
    if (json_peek(s) != JSON_TEXT) {
        json_skip(s, NULL);
    } else if (json_text_take(s, &text)) {
        snprintf(out->error, sizeof out->error, "%.*s", (int)(text.len < 255 ? text.len : 255),
                 text.ptr);
    }
}

/* {"key", "value", "mod_revision", ...} */
static void
take_kv(struct reading *r, bool removed)
{
    struct json_scan *s = &r->scan;
    struct etcd_kv kv = {.removed = removed};
    struct json_slice key;
    buffer_clear(&r->key);
    buffer_clear(&r->value);
    for (bool first = json_object_begin(s); json_object_next(s, &first, &key);) {
        if (key_is(key, "key")) {
            take_base64(s, &r->key);
        } else if (key_is(key, "value")) {
            take_base64(s, &r->value);
        } else if (key_is(key, "mod_revision")) {
            kv.mod_revision = take_u64(s);
        } else {
            json_skip(s, NULL);
        }
    }
    if (s->broken || r->on_kv == NULL) {
        return;
    }
    kv.key = (struct bytes){r->key.ptr, r->key.len};
    kv.value = (struct bytes){(const uint8_t *)buffer_text(&r->value), r->value.len};
    if (!r->on_kv(r->ctx, &kv)) {
        r->stopped = true;
        s->broken = true;
    }
}

static void
take_kvs(struct reading *r)
{
    struct json_scan *s = &r->scan;
    for (bool first = json_array_begin(s); json_array_next(s, &first);) {
        take_kv(r, false);
    }
}

/* [{"type": "DELETE", "kv": {...}}]; the type is left out for a put, and may stand behind. */
static void
take_events(struct reading *r)
{
    struct json_scan *s = &r->scan;
    for (bool first = json_array_begin(s); json_array_next(s, &first);) {
        bool removed = false;
        struct json_scan kv = {0};
        struct json_slice key;
        for (bool inner = json_object_begin(s); json_object_next(s, &inner, &key);) {
            struct json_slice text;
            if (key_is(key, "type") && json_peek(s) == JSON_TEXT) {
                removed = json_text_take(s, &text) && json_slice_is(text, "DELETE");
            } else {
                const bool is_kv = key_is(key, "kv");
                if (json_skip(s, &text) && is_kv) {
                    json_scan_init(&kv, text.ptr, text.len, false);
                }
            }
        }
        if (!s->broken && kv.start != NULL) {
            const struct json_scan outer = *s;
            *s = kv;
            take_kv(r, removed);
            const bool broken = s->broken;
            *s = outer;
            s->broken |= broken;
        }
    }
}

static void
take_header(struct reading *r)
{
    struct json_scan *s = &r->scan;
    struct json_slice key;
    r->out->has_header = true;
    for (bool first = json_object_begin(s); json_object_next(s, &first, &key);) {
        if (key_is(key, "revision")) {
            r->out->revision = take_u64(s);
        } else {
            json_skip(s, NULL);
        }
    }
}

/* "error" is a text, and in a stream an object with "message" and "grpc_code". */
static void
take_error(struct reading *r)
{
    struct json_scan *s = &r->scan;
    struct json_slice key;
    if (json_peek(s) != JSON_OBJECT) {
        take_message(s, r->out);
    } else {
        for (bool first = json_object_begin(s); json_object_next(s, &first, &key);) {
            if (key_is(key, "message")) {
                take_message(s, r->out);
            } else if (key_is(key, "grpc_code")) {
                r->out->code = (int)take_u64(s);
            } else {
                json_skip(s, NULL);
            }
        }
    }
    if (r->out->error[0] == '\0') {
        snprintf(r->out->error, sizeof r->out->error, "an error without a text");
    }
}

static void
take_field(struct reading *r, struct json_slice key)
{
    struct json_scan *s = &r->scan;
    struct etcd_answer *out = r->out;
    if (key_is(key, "header") && json_peek(s) == JSON_OBJECT) {
        take_header(r);
    } else if (key_is(key, "kvs") && json_peek(s) == JSON_ARRAY) {
        take_kvs(r);
    } else if (key_is(key, "events") && json_peek(s) == JSON_ARRAY) {
        take_events(r);
    } else if (key_is(key, "error")) {
        take_error(r);
    } else if (key_is(key, "code")) {
        out->code = (int)take_u64(s);
    } else if (key_is(key, "cancel_reason")) {
        take_message(s, out);
    } else if (key_is(key, "succeeded")) {
        out->succeeded = take_bool(s);
    } else if (key_is(key, "more")) {
        out->more = take_bool(s);
    } else if (key_is(key, "created")) {
        out->created = take_bool(s);
    } else if (key_is(key, "canceled")) {
        out->canceled = take_bool(s);
    } else if (key_is(key, "compact_revision")) {
        out->compact_revision = take_u64(s);
    } else if (key_is(key, "ID")) {
        out->lease = take_u64(s);
    } else if (key_is(key, "TTL")) {
        out->ttl = (int64_t)(take_u64(s) & INT64_MAX);
    } else {
        json_skip(s, NULL);
    }
}

bool
etcd_answer_read(struct bytes json, struct etcd_answer *out,
                 bool (*on_kv)(void *ctx, const struct etcd_kv *kv), void *ctx)
{
    *out = (struct etcd_answer){0};
    struct reading r = {.out = out, .on_kv = on_kv, .ctx = ctx};
    struct json_scan *s = &r.scan;
    json_scan_init(s, (const char *)json.ptr, json.len, false);
    struct json_slice key;
    const bool object = json_peek(s) == JSON_OBJECT;
    for (bool first = object && json_object_begin(s);
         object && json_object_next(s, &first, &key);) {
        if (key_is(key, "result") && json_peek(s) == JSON_OBJECT) {
            struct json_slice inner;
            for (bool begun = json_object_begin(s); json_object_next(s, &begun, &inner);) {
                take_field(&r, inner);
            }
        } else {
            take_field(&r, key);
        }
    }
    buffer_release(&r.key);
    buffer_release(&r.value);
    return object && !r.stopped && !s->broken && json_at_end(s);
}
