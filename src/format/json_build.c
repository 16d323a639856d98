/* Builders of vectors from JSON. */
#include "format/json_build.h"

#include <string.h>

#include "type/datetime.h"

void
json_builder_init(struct json_builder *b, const struct type *type, struct arena *a)
{
    *b = (struct json_builder){.child_count = type->field_count};
    b->vec = (struct vec){.type = type, .phys = (uint8_t)phys_of(type), .enc = VEC_FLAT};
    b->children = arena_new_array(a, struct json_builder, type->field_count);
    for (uint32_t i = 0; i < type->field_count; i++) {
        json_builder_init(&b->children[i], type->fields[i].type, a);
    }
}

void
json_builder_truncate(struct json_builder *b, uint32_t n)
{
    if (b->vec.n <= n) {
        return;
    }
    b->vec.n = n;
    uint32_t inner = n; /* a struct's fields have its rows */
    if (b->vec.phys == PHYS_LIST || b->vec.phys == PHYS_MAP) {
        const struct list_range *ranges = b->vec.data;
        inner = n > 0 ? ranges[n - 1].offset + ranges[n - 1].len : 0;
    }
    for (uint32_t i = 0; i < b->child_count; i++) {
        json_builder_truncate(&b->children[i], inner);
    }
}

/* Makes room for one row more and returns its number; it is not null yet. */
static uint32_t
add_row(struct json_builder *b, struct arena *a)
{
    struct vec *v = &b->vec;
    if (v->n == b->capacity) {
        const uint32_t capacity = b->capacity == 0 ? VEC_ROWS : b->capacity * 2;
        const size_t width = phys_size((enum phys)v->phys);
        uint8_t *data = arena_alloc_aligned(a, width * capacity + 64, 64);
        uint64_t *valid = arena_zalloc(a, 8 * valid_words(capacity) + 8);
        if (v->n > 0) {
            memcpy(data, v->data, width * v->n);
            memcpy(valid, v->valid, 8 * valid_words(v->n));
        }
        v->data = data;
        v->valid = valid;
        b->capacity = capacity;
    }
    bit_set(v->valid, v->n);
    return v->n++;
}

void
json_append_null(struct json_builder *b, struct arena *a)
{
    const uint32_t row = add_row(b, a);
    bit_clear(b->vec.valid, row);
    switch ((enum phys)b->vec.phys) {
    case PHYS_LIST:
    case PHYS_MAP:
        ((struct list_range *)b->vec.data)[row] =
            (struct list_range){.offset = b->children[0].vec.n};
        break;
    case PHYS_STRUCT:
        for (uint32_t i = 0; i < b->child_count; i++) {
            json_append_null(&b->children[i], a);
        }
        break;
    default:
        memset((uint8_t *)b->vec.data + phys_size((enum phys)b->vec.phys) * row, 0,
               phys_size((enum phys)b->vec.phys));
        break;
    }
}

static bool
fail_value(struct json_scan *s, bool *good)
{
    json_skip(s, NULL);
    *good = false;
    return false;
}

static int
base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

static bool
put_base64(struct vec *v, uint32_t row, struct json_slice text, struct arena *a)
{
    char *out = arena_alloc(a, text.len + 1);
    size_t len = 0;
    uint32_t bits = 0, have = 0;
    while (text.len > 0 && text.ptr[text.len - 1] == '=') {
        text.len--;
    }
    for (size_t i = 0; i < text.len; i++) {
        const int digit = base64_digit(text.ptr[i]);
        if (digit < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)digit;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[len++] = (char)(bits >> have);
        }
    }
    ((struct view *)v->data)[row] = view_make(out, len);
    return true;
}

static bool
is_one_of(struct json_slice text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (json_slice_is(text, words[i])) {
            return true;
        }
    }
    return false;
}

/* A quoted text: of strings, dates and times; of numbers only the words that JSON cannot write. */
static bool
put_text(struct vec *v, uint32_t row, struct json_scan *s, const struct text_format *f,
         struct arena *a)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity", "+Infinity",
                                        "INF", "+INF",     "-INF"};
    struct json_slice text;
    if (!json_text_take(s, &text)) {
        return false;
    }
    text = json_decode(a, text);
    switch (v->type->id) {
    case TYPE_BINARY:
        return put_base64(v, row, text, a);
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        return is_one_of(text, words, sizeof words / sizeof *words) &&
               text_value(f, text.ptr, text.len, v, row);
    case TYPE_STRING:
    case TYPE_DATE:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_NTZ:
    case TYPE_DECIMAL:
    case TYPE_INTERVAL_YM:
    case TYPE_INTERVAL_DT:
    case TYPE_INTERVAL_CALENDAR:
        return text_value(f, text.ptr, text.len, v, row);
    default:
        return false;
    }
}

static bool
put_number(struct vec *v, uint32_t row, struct json_scan *s, const struct text_format *f)
{
    struct json_slice text;
    if (!json_number_take(s, &text)) {
        return false;
    }
    if (v->type->id == TYPE_TIMESTAMP) { /* seconds since the epoch */
        int64_t seconds = 0;
        struct vec whole = {.type = type_scalar(TYPE_LONG), .phys = PHYS_I64, .data = &seconds};
        return text_value(f, text.ptr, text.len, &whole, 0) &&
               !__builtin_mul_overflow(seconds, MICROS_PER_SECOND, &((int64_t *)v->data)[row]);
    }
    if (v->type->id == TYPE_STRING || type_is_numeric(v->type)) {
        return text_value(f, text.ptr, text.len, v, row);
    }
    return false;
}

static bool
put_scalar(struct json_builder *b, uint32_t row, enum json_kind kind, struct json_scan *s,
           const struct text_format *f, struct arena *a)
{
    struct vec *v = &b->vec;
    struct json_slice text;
    switch (kind) {
    case JSON_TEXT:
        return put_text(v, row, s, f, a);
    case JSON_NUMBER:
        return put_number(v, row, s, f);
    case JSON_TRUE:
    case JSON_FALSE:
        if (v->type->id == TYPE_BOOLEAN) {
            ((uint8_t *)v->data)[row] = kind == JSON_TRUE;
            return json_literal_take(s);
        } /* fall through */
    default:
        if (!json_skip(s, &text) || v->type->id != TYPE_STRING) {
            return false;
        }
        ((struct view *)v->data)[row] = view_make(text.ptr, text.len); /* nested, as written */
        return text.len <= INT32_MAX;
    }
}

static void
append_list(struct json_builder *b, uint32_t row, struct json_scan *s, const struct text_format *f,
            struct arena *a, bool *good)
{
    struct json_builder *items = &b->children[0];
    struct list_range range = {.offset = items->vec.n};
    for (bool first = json_array_begin(s); json_array_next(s, &first);) {
        json_append(items, s, f, a, good);
    }
    range.len = items->vec.n - range.offset;
    ((struct list_range *)b->vec.data)[row] = range;
}

/* Keys are texts in JSON; those of other key types are read from the text. */
static void
append_map(struct json_builder *b, uint32_t row, struct json_scan *s, const struct text_format *f,
           struct arena *a, bool *good)
{
    struct json_builder *keys = &b->children[0];
    struct list_range range = {.offset = keys->vec.n};
    struct json_slice key;
    for (bool first = json_object_begin(s); json_object_next(s, &first, &key);) {
        const uint32_t at = add_row(keys, a);
        key = json_decode(a, key);
        if (type_is_nested(keys->vec.type) || !text_value(f, key.ptr, key.len, &keys->vec, at)) {
            json_builder_truncate(keys, at);
            json_skip(s, NULL);
            *good = false;
            continue;
        }
        json_append(&b->children[1], s, f, a, good);
    }
    range.len = keys->vec.n - range.offset;
    ((struct list_range *)b->vec.data)[row] = range;
}

static int64_t
find_field(const struct type *type, struct json_slice key, uint32_t expected)
{
    for (uint32_t i = 0; i < type->field_count; i++) {
        const uint32_t at = (expected + i) % type->field_count;
        if (json_slice_is(key, type->fields[at].name)) {
            return at;
        }
    }
    return -1;
}

void
json_append_fields(struct json_builder *fields, uint32_t count, const struct type *type,
                   struct json_scan *s, const struct text_format *f, struct arena *a, bool *good)
{
    const uint32_t base = count > 0 ? fields[0].vec.n : 0;
    uint32_t expected = 0;
    struct json_slice key;
    for (bool first = json_object_begin(s); json_object_next(s, &first, &key);) {
        const int64_t at = count > 0 ? find_field(type, json_decode(a, key), expected) : -1;
        if (at < 0) {
            json_skip(s, NULL);
            continue;
        }
        json_builder_truncate(&fields[at],
                              base); /* of a name that comes twice the last one counts */
        json_append(&fields[at], s, f, a, good);
        expected = (uint32_t)at + 1;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (fields[i].vec.n == base) {
            json_append_null(&fields[i], a);
        }
    }
}

void
json_append(struct json_builder *b, struct json_scan *s, const struct text_format *f,
            struct arena *a, bool *good)
{
    const enum json_kind kind = json_peek(s);
    const enum phys phys = (enum phys)b->vec.phys;
    const enum json_kind wanted = phys == PHYS_LIST                         ? JSON_ARRAY
                                  : phys == PHYS_STRUCT || phys == PHYS_MAP ? JSON_OBJECT
                                                                            : JSON_END;
    if (kind == JSON_NULL) {
        json_literal_take(s);
        json_append_null(b, a);
        return;
    }
    if (wanted != JSON_END && kind != wanted) {
        fail_value(s, good);
        json_append_null(b, a);
        return;
    }
    const uint32_t row = add_row(b, a);
    if (phys == PHYS_LIST) {
        append_list(b, row, s, f, a, good);
    } else if (phys == PHYS_MAP) {
        append_map(b, row, s, f, a, good);
    } else if (phys == PHYS_STRUCT) {
        json_append_fields(b->children, b->child_count, b->vec.type, s, f, a, good);
    } else if (phys == PHYS_NONE) {
        json_skip(s, NULL);
    } else if (!put_scalar(b, row, kind, s, f, a)) {
        *good = false;
        json_builder_truncate(b, row);
        json_append_null(b, a);
    }
}

static bool
has_nulls(const struct vec *v)
{
    for (uint32_t i = 0; v->valid != NULL && i < v->n; i += 64) {
        const uint32_t left = v->n - i;
        const uint64_t mask = left < 64 ? ((uint64_t)1 << left) - 1 : ~(uint64_t)0;
        if ((v->valid[i / 64] & mask) != mask) {
            return true;
        }
    }
    return false;
}

struct vec
json_builder_take(struct json_builder *b, struct arena *a)
{
    struct vec v = b->vec;
    if (!has_nulls(&v)) {
        v.valid = NULL;
    }
    v.child_count = (uint8_t)b->child_count;
    v.child = arena_new_array(a, struct vec, b->child_count);
    for (uint32_t i = 0; i < b->child_count; i++) {
        v.child[i] = json_builder_take(&b->children[i], a);
    }
    return v;
}
