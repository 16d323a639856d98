/* Row comparison by type, recursive over nested types. */
#include "vec/compare.h"

#define SIGN(a, b) ((a) < (b) ? -1 : (a) > (b))

static int
lists_compare(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j)
{
    const struct list_range r = ((const struct list_range *)vec_values(x))[vec_index(x, i)];
    const struct list_range s = ((const struct list_range *)vec_values(y))[vec_index(y, j)];
    const struct vec *xc = x->enc == VEC_DICT ? x->child[0].child : x->child;
    const struct vec *yc = y->enc == VEC_DICT ? y->child[0].child : y->child;
    const uint32_t children = x->phys == PHYS_MAP ? 2 : 1;
    for (uint32_t k = 0; k < r.len && k < s.len; k++) {
        for (uint32_t c = 0; c < children; c++) {
            const int order = vec_rows_compare(&xc[c], r.offset + k, &yc[c], s.offset + k);
            if (order != 0) {
                return order;
            }
        }
    }
    return SIGN(r.len, s.len);
}

static int
structs_compare(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j)
{
    const uint32_t xi = x->enc == VEC_CONST ? 0 : i;
    const uint32_t yj = y->enc == VEC_CONST ? 0 : j;
    for (uint32_t c = 0; c < x->child_count; c++) {
        const int order = vec_rows_compare(&x->child[c], xi, &y->child[c], yj);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

static int
intervals_compare(const struct interval *x, const struct interval *y)
{
    if (x->months != y->months) {
        return SIGN(x->months, y->months);
    }
    if (x->days != y->days) {
        return SIGN(x->days, y->days);
    }
    return SIGN(x->micros, y->micros);
}

#define AT(T, v, i) (((const T *)vec_values(v))[vec_index(v, i)])

static int
values_compare(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j)
{
    switch ((enum phys)x->phys) {
    case PHYS_NONE:
        return 0;
    case PHYS_BOOL:
        return SIGN(AT(uint8_t, x, i), AT(uint8_t, y, j));
    case PHYS_I8:
        return SIGN(AT(int8_t, x, i), AT(int8_t, y, j));
    case PHYS_I16:
        return SIGN(AT(int16_t, x, i), AT(int16_t, y, j));
    case PHYS_I32:
        return SIGN(AT(int32_t, x, i), AT(int32_t, y, j));
    case PHYS_I64:
        return SIGN(AT(int64_t, x, i), AT(int64_t, y, j));
    case PHYS_I128:
        return SIGN(AT(i128, x, i), AT(i128, y, j));
    case PHYS_F32:
        return double_compare(AT(float, x, i), AT(float, y, j));
    case PHYS_F64:
        return double_compare(AT(double, x, i), AT(double, y, j));
    case PHYS_VIEW:
        return view_compare(&AT(struct view, x, i), &AT(struct view, y, j));
    case PHYS_INTERVAL:
        return intervals_compare(&AT(struct interval, x, i), &AT(struct interval, y, j));
    case PHYS_LIST:
    case PHYS_MAP:
        return lists_compare(x, i, y, j);
    case PHYS_STRUCT:
        return structs_compare(x, i, y, j);
    }
    return 0;
}

int
vec_rows_compare(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j)
{
    const bool x_null = vec_is_null(x, i);
    const bool y_null = vec_is_null(y, j);
    if (x_null || y_null) {
        return (int)y_null - (int)x_null;
    }
    return values_compare(x, i, y, j);
}

bool
vec_rows_equal(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j)
{
    if (x->phys == PHYS_VIEW) {
        const bool x_null = vec_is_null(x, i);
        const bool y_null = vec_is_null(y, j);
        return x_null || y_null ? x_null == y_null
                                : view_equal(&AT(struct view, x, i), &AT(struct view, y, j));
    }
    return vec_rows_compare(x, i, y, j) == 0;
}
