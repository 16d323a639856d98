/*
 * JSON values into vectors of a schema: one builder a column, rows appended one after another.
 *
 * Every append adds exactly one row, null when the value is not one of the type; a record that
 * turns out broken is taken back by truncating the builders. Fields are matched by name, the
 * expected next one first.
 */
#ifndef WEIR_FORMAT_JSON_BUILD_H
#define WEIR_FORMAT_JSON_BUILD_H

#include "base/json_scan.h"
#include "format/text_value.h"
#include "vec/vec.h"

struct json_builder {
    struct vec vec; /* FLAT; n is the number of rows */
    uint32_t capacity;
    uint32_t child_count;
    struct json_builder *children;
};

void json_builder_init(struct json_builder *b, const struct type *type, struct arena *a);
void json_builder_truncate(struct json_builder *b, uint32_t n);
void json_append_null(struct json_builder *b, struct arena *a);
/* Takes one value off s. *good false: some part of it was not of its type (that part is null).
 * Broken JSON shows in s->broken; the row is there all the same. */
void json_append(struct json_builder *b, struct json_scan *s, const struct text_format *f,
                 struct arena *a, bool *good);
/* The members of an object whose brace is next, into the builders of a struct type's fields. */
void json_append_fields(struct json_builder *fields, uint32_t count, const struct type *type,
                        struct json_scan *s, const struct text_format *f, struct arena *a,
                        bool *good);
/* The finished vector, children included. */
struct vec json_builder_take(struct json_builder *b, struct arena *a);

#endif
