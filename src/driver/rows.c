/* Small tables made of literals. */
#include "driver/rows.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"

void
rows_init(struct rows *r, struct arena *a, const char *ddl)
{
    struct error err = {0};
    *r = (struct rows){.arena = a};
    r->schema = type_parse_schema(a, ddl, strlen(ddl), &err);
    assert(r->schema != NULL);
}

void
rows_begin(struct rows *r)
{
    if (r->count == r->capacity) {
        const uint32_t capacity = r->capacity == 0 ? 16 : r->capacity * 2;
        struct expr ***grown = arena_new_array(r->arena, struct expr **, capacity);
        if (r->count > 0) {
            memcpy(grown, r->items, r->count * sizeof *grown);
        }
        r->items = grown;
        r->capacity = capacity;
    }
    struct expr **row = arena_new_array(r->arena, struct expr *, r->schema->field_count);
    for (uint32_t i = 0; i < r->schema->field_count; i++) {
        row[i] = expr_null_literal(r->arena, r->schema->fields[i].type);
    }
    r->items[r->count++] = row;
}

void
rows_text(struct rows *r, uint32_t column, const char *value)
{
    assert(r->count > 0 && column < r->schema->field_count);
    if (value != NULL) {
        char *copy = arena_strdup(r->arena, value);
        r->items[r->count - 1][column] = expr_string_literal(r->arena, copy, strlen(copy));
    }
}

void
rows_bool(struct rows *r, uint32_t column, bool value)
{
    assert(r->count > 0 && column < r->schema->field_count);
    r->items[r->count - 1][column] = expr_bool_literal(r->arena, value);
}

void
rows_texts(struct rows *r, uint32_t column, const char *const *values, uint32_t count)
{
    const struct type *type = r->schema->fields[column].type;
    struct vec *v = arena_new(r->arena, struct vec);
    vec_init_flat(v, r->arena, type, 1);
    vec_init_flat(&v->child[0], r->arena, type->fields[0].type, count);
    ((struct list_range *)v->data)[0] = (struct list_range){0, count};
    for (uint32_t i = 0; i < count; i++) {
        ((struct view *)v->child[0].data)[i] = view_copy(r->arena, values[i], strlen(values[i]));
    }
    const struct datum list = {.type = type, .nested = v};
    r->items[r->count - 1][column] = expr_literal(r->arena, list);
}

struct rel *
rows_finish(struct rows *r)
{
    struct rel *rel = rel_new(r->arena, REL_LOCAL, 0);
    rel->schema = r->schema;
    rel->rows = r->items;
    rel->row_count = r->count;
    return rel;
}
