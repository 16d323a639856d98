/* What aggregates share; see agg.h. */
#include "func/agg.h"

#include "tree/serial.h"
#include "type/decimal.h"

static void
one_row(struct vec *out, const struct vec *src, uint32_t i, struct arena *a)
{
    struct vec row;
    vec_gather(&row, src, &i, 1, a);
    vec_copy(out, &row, a);
    if (out->enc != VEC_FLAT) {
        const struct vec other = *out;
        vec_flatten(out, &other, NULL, 1, a);
    }
}

static void
box_set_view(struct box *b, struct arena *keep, const struct view *v)
{
    struct view *to = b->value->data;
    if (v->len <= 12) {
        *to = *v;
        return;
    }
    if (v->len > b->room) {
        const uint32_t room = v->len < 48 ? 64 : v->len + v->len / 2;
        to->ref.ptr = arena_alloc(keep, room);
        b->room = room;
    } else if (to->len <= 12) { /* the place was lost to an inline value */
        to->ref.ptr = arena_alloc(keep, b->room);
    }
    memcpy((char *)(uintptr_t)to->ref.ptr, view_ptr(v), v->len);
    to->len = v->len;
    memcpy(to->ref.prefix, view_ptr(v), 4);
}

void
box_set(struct box *b, struct arena *keep, const struct vec *src, uint32_t i)
{
    b->seen = true;
    if (b->value == NULL) {
        b->value = arena_new(keep, struct vec);
        if (src->phys == PHYS_NONE || type_is_nested(src->type)) {
            one_row(b->value, src, i, keep);
            return;
        }
        vec_init_flat(b->value, keep, src->type, 1);
        memset(b->value->data, 0, phys_size(src->phys));
    }
    if (type_is_nested(src->type)) {
        one_row(b->value, src, i, keep);
        return;
    }
    b->value->valid = NULL;
    if (vec_is_null(src, i)) {
        vec_set_null(b->value, keep, 0);
    } else if (src->phys == PHYS_VIEW) {
        box_set_view(b, keep, (const struct view *)src->data + i);
    } else {
        const size_t size = phys_size(src->phys);
        memcpy(b->value->data, (const char *)src->data + size * i, size);
    }
}

void
box_save(const struct box *b, struct buffer *out)
{
    buffer_u8(out, b->seen);
    if (b->seen) {
        vec_write(out, b->value, NULL, 1);
    }
}

bool
box_load(struct box *b, struct arena *keep, const struct type *t, struct reader *in)
{
    *b = (struct box){0};
    if (reader_u8(in) == 0) {
        return reader_ok(in);
    }
    struct vec read;
    if (!vec_read(keep, in, t, &read) || read.n != 1) {
        return false;
    }
    b->seen = true;
    b->value = arena_new(keep, struct vec);
    one_row(b->value, &read, 0, keep);
    return true;
}

double
vec_as_double(const struct vec *v, uint32_t i)
{
    switch ((enum phys)v->phys) {
    case PHYS_I8:
        return ((const int8_t *)v->data)[i];
    case PHYS_I16:
        return ((const int16_t *)v->data)[i];
    case PHYS_I32:
        return ((const int32_t *)v->data)[i];
    case PHYS_I64:
        if (v->type->id == TYPE_DECIMAL) {
            return decimal_to_double(((const int64_t *)v->data)[i], v->type->scale);
        }
        return (double)((const int64_t *)v->data)[i];
    case PHYS_I128:
        return decimal_to_double(((const i128 *)v->data)[i], v->type->scale);
    case PHYS_F32:
        return (double)((const float *)v->data)[i];
    case PHYS_F64:
        return ((const double *)v->data)[i];
    default:
        return 0;
    }
}
