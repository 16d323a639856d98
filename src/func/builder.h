/*
 * A builder grows a FLAT vector of any type row by row in an arena: children of arrays and maps,
 * and results of CASE over nested types. Strings are shared with their source unless copy_bytes.
 */
#ifndef WEIR_FUNC_BUILDER_H
#define WEIR_FUNC_BUILDER_H

#include "base/arena.h"
#include "vec/vec.h"

struct builder {
    struct arena *arena;
    const struct type *type;
    enum phys phys;
    bool copy_bytes; /* long strings are copied into the arena; also: starts small */
    uint32_t n;
    uint32_t capacity;
    void *data;
    uint64_t *valid; /* NULL until the first null */
    struct builder *child;
    uint32_t child_count;
};

void builder_init(struct builder *b, struct arena *a, const struct type *type);
void builder_init_copying(struct builder *b, struct arena *a, const struct type *type);
void builder_add(struct builder *b, const struct vec *src, uint32_t i); /* any encoding */
void builder_add_range(struct builder *b, const struct vec *src, uint32_t from, uint32_t n);
void builder_null(struct builder *b);
/* Room for one more value of a fixed-size type; the caller writes it. */
void *builder_next(struct builder *b);
/* A STRUCT row whose children were added just before. */
void builder_struct(struct builder *b);
/* Opens a row of a LIST or MAP, whose elements the caller adds to child[] before builder_close. */
void builder_open(struct builder *b);
void builder_close(struct builder *b);
void builder_finish(struct builder *b, struct vec *out);

#endif
