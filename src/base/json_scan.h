/*
 * A JSON scanner: walks one text value by value, without building a tree and without copying.
 *
 * The caller asks what comes next (json_peek) and takes it (json_text_take, json_object_begin ...),
 * or leaves it (json_skip). Texts are slices of the input, escapes still in them; json_decode
 * resolves those. It is sticky like a reader: the first fault sets `broken`, and from then on
 * nothing comes next.
 *
 * Accepted as Spark's reader does by default (Jackson): single-quoted texts, NaN and Infinity
 * as numbers where `lenient`; nesting up to JSON_DEPTH_MAX.
 */
#ifndef WEIR_BASE_JSON_SCAN_H
#define WEIR_BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum { JSON_DEPTH_MAX = 1000 };

enum json_kind {
    JSON_END = 0, /* nothing more, or broken */
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_TEXT,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

struct json_scan {
    const char *pos;
    const char *end;
    const char *start;
    bool broken;
    bool lenient; /* single quotes, NaN, Infinity */
    uint32_t depth;
};

struct json_slice {
    const char *ptr;
    size_t len;
    bool escaped; /* texts: json_decode is needed */
};

void json_scan_init(struct json_scan *s, const char *text, size_t len, bool lenient);
enum json_kind json_peek(struct json_scan *s);
/* Only white space is left. */
bool json_at_end(struct json_scan *s);

bool json_text_take(struct json_scan *s, struct json_slice *out);   /* without its quotes */
bool json_number_take(struct json_scan *s, struct json_slice *out); /* checked against grammar */
bool json_literal_take(struct json_scan *s);                        /* true, false, null */

/* for (bool first = json_object_begin(s); json_object_next(s, &first, &key);) { take or skip } */
bool json_object_begin(struct json_scan *s);
bool json_object_next(struct json_scan *s, bool *first, struct json_slice *key);
bool json_array_begin(struct json_scan *s);
bool json_array_next(struct json_scan *s, bool *first);

/* Leaves out one value of any kind, checked; out (may be NULL) is its text as written. */
bool json_skip(struct json_scan *s, struct json_slice *out);

/* The text's bytes with escapes resolved into UTF-8; shared with the input when there are none.
 * Lone surrogates become U+FFFD... as '?' does in Java's encoder: one '?'. */
struct json_slice json_decode(struct arena *a, struct json_slice text);
bool json_slice_is(struct json_slice text, const char *word); /* for unescaped slices */

#endif
