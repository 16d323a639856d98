/*
 * df.show(): rows as the table that Spark prints, and its two sisters (vertical, HTML).
 *
 * The relation REL_SHOW_STRING yields one row with one string. Who executes it runs the input
 * limited to num_rows + 1 rows, adds the chunks here and puts the finished text into that row; the
 * extra row only decides the last line, "only showing top n rows".
 *
 * Cells are what Spark's ToPrettyString gives: NULL for nulls at any depth, {a, b} for structs,
 * {k -> v} for maps, [01 FF] for binary.
 */
#ifndef WEIR_DRIVER_SHOW_H
#define WEIR_DRIVER_SHOW_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "func/func.h"
#include "vec/vec.h"

struct show {
    struct arena *arena;
    const struct type *schema;
    int64_t num_rows; /* rows to show, from 0 */
    int32_t truncate; /* characters a cell; 0 = all */
    bool vertical;
    bool html;
    uint64_t row_count;    /* rows added so far, never above num_rows + 1 */
    struct show_row *rows; /* the last one first */
};

void show_init(struct show *s, struct arena *a, const struct type *schema, int64_t num_rows,
               int32_t truncate, bool vertical, bool html);
/* Adds the live rows of a chunk. ev gives the session's zone; its tmp arena is used. */
bool show_add(struct show *s, struct eval *ev, const struct chunk *c, struct error *err);
void show_finish(struct show *s, struct buffer *out);

/* One value as ToPrettyString prints it, for DESCRIBE, PIVOT names and the like. */
bool show_put_cell(struct buffer *out, struct eval *ev, const struct vec *v, uint32_t row,
                   struct error *err);

#endif
