/* Small tables made here: answers of SHOW, DESCRIBE and catalog calls as resolved REL_LOCAL. */
#ifndef WEIR_DRIVER_ROWS_H
#define WEIR_DRIVER_ROWS_H

#include "base/arena.h"
#include "tree/rel.h"

struct rows {
    struct arena *arena;
    const struct type *schema;
    struct expr ***items;
    uint32_t count, capacity;
};

/* ddl: "namespace STRING NOT NULL, tableName STRING NOT NULL": our own text, always right. */
void rows_init(struct rows *r, struct arena *a, const char *ddl);
void rows_begin(struct rows *r);                                    /* a row of nulls */
void rows_text(struct rows *r, uint32_t column, const char *value); /* NULL stays null */
void rows_bool(struct rows *r, uint32_t column, bool value);
void rows_texts(struct rows *r, uint32_t column, const char *const *values,
                uint32_t count); /* array<string> */
struct rel *rows_finish(struct rows *r);

#endif
