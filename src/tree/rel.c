/* Relations: builders and options. */
#include "tree/rel.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"

struct rel *
rel_new(struct arena *a, enum rel_kind kind, uint32_t input_count, ...)
{
    struct rel *r = arena_new(a, struct rel);
    r->kind = kind;
    r->limit = -1;
    r->offset = -1;
    r->partitions = -1;
    r->plan_id = -1;
    r->row_estimate = -1;
    r->input_count = input_count;
    r->inputs = input_count > 0 ? arena_new_array(a, struct rel *, input_count) : NULL;
    va_list inputs;
    va_start(inputs, input_count);
    for (uint32_t i = 0; i < input_count; i++) {
        r->inputs[i] = va_arg(inputs, struct rel *);
    }
    va_end(inputs);
    return r;
}

struct rel *
rel_copy(struct arena *a, const struct rel *r)
{
    struct rel *copy = arena_copy(a, r, sizeof *r);
    if (r->input_count > 0) {
        copy->inputs = arena_copy(a, r->inputs, sizeof *r->inputs * r->input_count);
    }
    return copy;
}

static bool
map_array(struct arena *a, struct expr ***list, uint32_t count,
          struct expr *(*fn)(struct arena *a, struct expr *e, void *ctx), void *ctx)
{
    if (count == 0) {
        return true;
    }
    *list = arena_copy(a, *list, sizeof **list * count);
    for (uint32_t i = 0; i < count; i++) {
        (*list)[i] = fn(a, (*list)[i], ctx);
        if ((*list)[i] == NULL) {
            return false;
        }
    }
    return true;
}

bool
rel_map_exprs(struct arena *a, struct rel *r,
              struct expr *(*fn)(struct arena *a, struct expr *e, void *ctx), void *ctx)
{
    if (!map_array(a, &r->exprs, r->kind == REL_EXPAND ? 0 : r->expr_count, fn, ctx)) {
        return false;
    }
    if (r->key_count > 0) {
        r->keys = arena_copy(a, r->keys, sizeof *r->keys * r->key_count);
    }
    for (uint32_t i = 0; i < r->key_count; i++) {
        r->keys[i].expr = fn(a, r->keys[i].expr, ctx);
        if (r->keys[i].expr == NULL) {
            return false;
        }
    }
    if (r->condition != NULL) {
        r->condition = fn(a, r->condition, ctx);
        if (r->condition == NULL) {
            return false;
        }
    }
    if (r->kind == REL_EXPAND) {
        r->sets = arena_copy(a, r->sets, sizeof *r->sets * r->set_count);
        for (uint32_t i = 0; i < r->set_count; i++) {
            if (!map_array(a, &r->sets[i], r->expr_count, fn, ctx)) {
                return false;
            }
        }
    }
    return true;
}

const char *
options_get(const struct options *o, const char *key)
{
    /* The last of equal keys wins, as later calls of option() override earlier ones. */
    for (uint32_t i = o->count; i > 0; i--) {
        if (strcasecmp(o->items[i - 1].key, key) == 0) {
            return o->items[i - 1].value;
        }
    }
    return NULL;
}
