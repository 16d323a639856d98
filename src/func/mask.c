/* Functions on text as bytes and characters: mask, checks of UTF-8, and
 * the arithmetic of bitmaps. Nothing here keeps state. */
#include <string.h>

#include "func/text.h"

/* ---- mask(text[, upper[, lower[, digit[, other]]]]) ---- */

enum mask_class { MASK_UPPER, MASK_LOWER, MASK_DIGIT, MASK_OTHER, MASK_CLASSES };

struct mask_call {
    struct span by[MASK_CLASSES]; /* ptr NULL: kept as it is */
};

static enum mask_class
mask_class_of(uint32_t c)
{
    if (c >= '0' && c <= '9') {
        return MASK_DIGIT;
    }
    return char_lower(c) != c ? MASK_UPPER : char_upper(c) != c ? MASK_LOWER : MASK_OTHER;
}

KERNEL(mask)
{
    const struct mask_call *m = call->extra;
    struct buffer text = {0};
    EACH_ROW(i)
    {
        if (vec_is_null(in[0], i)) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        const struct span s = text_at(in[0], i);
        const char *const end = s.ptr + s.len;
        buffer_clear(&text);
        for (const char *p = s.ptr; p < end;) {
            const size_t step = utf8_step(p, end);
            const struct span by = m->by[mask_class_of(utf8_decode(p, step))];
            buffer_put(&text, by.ptr != NULL ? by.ptr : p, by.ptr != NULL ? by.len : step);
            p += step;
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

static bool
bind_mask(struct func_bind *b, struct error *err)
{
    static const char *const names[] = {"upperChar", "lowerChar", "digitChar", "otherChar"};
    struct mask_call *m = arena_new(b->arena, struct mask_call);
    m->by[MASK_UPPER] = (struct span){"X", 1};
    m->by[MASK_LOWER] = (struct span){"x", 1};
    m->by[MASK_DIGIT] = (struct span){"n", 1};
    for (uint32_t i = 0; i < b->arg_count; i++) {
        const struct type *t = b->args[i]->type;
        struct view v;
        if (t->id != TYPE_STRING && t->id != TYPE_NULL) {
            return bind_fail_input(b, i, "\"STRING\"", err);
        }
        if (i == 0) {
            if (!bind_want(b, 0, type_scalar(TYPE_STRING), err)) {
                return false;
            }
            continue;
        }
        m->by[i - 1] = (struct span){0};
        if (!bind_literal_text(b, i, &v)) {
            const struct expr *e = b->args[i];
            while (e->kind == EXPR_CAST) {
                e = e->args[0];
            }
            if (e->kind != EXPR_LITERAL) {
                return bind_fail_foldable(b, i, names[i - 1], "STRING", err);
            }
            continue;
        }
        if (utf8_count(view_ptr(&v), v.len) != 1) {
            return error_raise(err, "DATATYPE_MISMATCH.INPUT_SIZE_NOT_ONE", "sqlExpr", bind_sql(b),
                               "exprName", names[i - 1], NULL);
        }
        m->by[i - 1] = (struct span){arena_strndup(b->arena, view_ptr(&v), v.len), v.len};
    }
    b->type = type_scalar(TYPE_STRING);
    b->nullable = b->args[0]->nullable;
    b->kernel = mask;
    b->extra = m;
    return true;
}

/* ---- UTF-8 ---- */

KERNEL(try_validate_utf8)
{
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        if (utf8_is_valid(s.ptr, s.len)) {
            text_share(out, i, s.ptr, s.len);
        } else {
            vec_set_null(out, ev->tmp, i);
        }
    }
    return true;
}

/* ---- bitmaps: 32,768 positions a bucket; positions count from 0, values from 1 ---- */

enum { BITMAP_BITS = 32768 };

KERNEL(bitmap_bit_position)
{
    EACH_VALID(i)
    {
        const int64_t x = ((const int64_t *)in[0]->data)[i];
        const uint64_t at = x > 0 ? (uint64_t)x - 1 : 0 - (uint64_t)x;
        ((int64_t *)out->data)[i] = (int64_t)(at % BITMAP_BITS);
    }
    return true;
}

KERNEL(bitmap_bucket_number)
{
    EACH_VALID(i)
    {
        const int64_t x = ((const int64_t *)in[0]->data)[i];
        ((int64_t *)out->data)[i] = x > 0 ? 1 + (x - 1) / BITMAP_BITS : x / BITMAP_BITS;
    }
    return true;
}

KERNEL(bitmap_count)
{
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        int64_t count = 0;
        for (size_t k = 0; k < s.len; k++) {
            count += __builtin_popcount((uint8_t)s.ptr[k]);
        }
        ((int64_t *)out->data)[i] = count;
    }
    return true;
}

static bool
bind_bitmap_count(struct func_bind *b, struct error *err)
{
    if (b->args[0]->type->id != TYPE_BINARY) {
        return bind_fail_input(b, 0, "\"BINARY\"", err);
    }
    b->type = type_scalar(TYPE_LONG);
    b->nullable = bind_any_nullable(b);
    b->kernel = bitmap_count;
    return true;
}

#define FN(name, min, max, sig, kernel, use)                                                       \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, false, NULL, use, sig, kernel                          \
    }
#define BIND(name, min, max, bind, use)                                                            \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, false, bind, use                                       \
    }

static const struct func_def defs[] = {
    {"mask", FUNC_SCALAR, 1, 5, false, true, bind_mask,
     "mask(str[, upper[, lower[, digit[, other]]]])"},
    FN("try_validate_utf8", 1, 1, "s>s?", try_validate_utf8,
       "The text, or null if it is no UTF-8."),
    FN("bitmap_bit_position", 1, 1, "l>l", bitmap_bit_position, "A value's bit in its bucket."),
    FN("bitmap_bucket_number", 1, 1, "l>l", bitmap_bucket_number, "The bucket of a value."),
    BIND("bitmap_count", 1, 1, bind_bitmap_count, "bitmap_count(bin) - The bits that are set."),
};

const struct func_family family_mask = {defs, sizeof defs / sizeof *defs};
