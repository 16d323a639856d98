/*
 * What the two parsers of types share, and the checked constructors that other parsers (SQL) use
 * for the same pieces.
 */
#ifndef WEIR_TYPE_TYPE_PARSE_H
#define WEIR_TYPE_TYPE_PARSE_H

#include "type/type.h"

enum { TYPE_DEPTH_MAX = 100 }; /* nesting that parsers and readers accept */

/* "day", "second" -> interval day to second; NULL if there is no such range. Without case. */
const struct type *type_interval_range(struct arena *a, const char *from, const char *to);
/* decimal(precision, scale), or NULL with Spark's error for the range. */
const struct type *type_decimal_checked(struct arena *a, int precision, int scale,
                                        struct error *err);
const struct type *type_char(struct arena *a, enum type_string_kind kind, int length);
/* DataType.json */
const struct type *type_parse_json(struct arena *a, const char *text, size_t len,
                                   struct error *err);

#endif
