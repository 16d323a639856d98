/*
 * Comparisons, IN and value order.
 *
 * Spark's order: NaN equals NaN and is greater than any other number, -0.0 equals 0.0, strings and
 * binaries compare by unsigned bytes, inside nested values null comes first.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "func/bind.h"
#include "func/program_node.h"

/* ---- single values ---- */

static int
compare_doubles(double a, double b)
{
    if (a < b) {
        return -1;
    }
    if (a > b) {
        return 1;
    }
    if (a == b) {
        return 0;
    }
    return (isnan(a) != 0) - (isnan(b) != 0);
}

static int compare_at(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j, int depth);

static int
compare_rows(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j, int depth)
{
    const bool xn = vec_is_null(x, i);
    const bool yn = vec_is_null(y, j);
    if (xn || yn) {
        return (int)yn - (int)xn;
    }
    return compare_at(x, i, y, j, depth);
}

static int
compare_lists(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j, int depth)
{
    const struct list_range a = ((const struct list_range *)x->data)[i];
    const struct list_range b = ((const struct list_range *)y->data)[j];
    const uint32_t common = a.len < b.len ? a.len : b.len;
    for (uint32_t k = 0; k < common; k++) {
        for (uint32_t c = 0; c < x->child_count; c++) {
            const int order =
                compare_rows(&x->child[c], a.offset + k, &y->child[c], b.offset + k, depth + 1);
            if (order != 0) {
                return order;
            }
        }
    }
    return (a.len > b.len) - (a.len < b.len);
}

#define ORDER(T)                                                                                   \
    do {                                                                                           \
        const T a = ((const T *)vec_values(x))[vec_index(x, i)];                                   \
        const T b = ((const T *)vec_values(y))[vec_index(y, j)];                                   \
        return (a > b) - (a < b);                                                                  \
    } while (0)

static int
compare_at(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j, int depth)
{
    switch ((enum phys)x->phys) {
    case PHYS_NONE:
        return 0;
    case PHYS_BOOL:
        ORDER(uint8_t);
    case PHYS_I8:
        ORDER(int8_t);
    case PHYS_I16:
        ORDER(int16_t);
    case PHYS_I32:
        ORDER(int32_t);
    case PHYS_I64:
        ORDER(int64_t);
    case PHYS_I128:
        ORDER(i128);
    case PHYS_F32:
        return compare_doubles(((const float *)vec_values(x))[vec_index(x, i)],
                               ((const float *)vec_values(y))[vec_index(y, j)]);
    case PHYS_F64:
        return compare_doubles(((const double *)vec_values(x))[vec_index(x, i)],
                               ((const double *)vec_values(y))[vec_index(y, j)]);
    case PHYS_VIEW:
        return view_compare((const struct view *)vec_values(x) + vec_index(x, i),
                            (const struct view *)vec_values(y) + vec_index(y, j));
    case PHYS_INTERVAL: {
        const struct interval *a = (const struct interval *)vec_values(x) + vec_index(x, i);
        const struct interval *b = (const struct interval *)vec_values(y) + vec_index(y, j);
        if (a->months != b->months) {
            return a->months < b->months ? -1 : 1;
        }
        if (a->days != b->days) {
            return a->days < b->days ? -1 : 1;
        }
        return (a->micros > b->micros) - (a->micros < b->micros);
    }
    case PHYS_LIST:
    case PHYS_MAP: {
        const struct vec *xv = x->enc == VEC_DICT ? &x->child[0] : x;
        const struct vec *yv = y->enc == VEC_DICT ? &y->child[0] : y;
        return depth > 100 ? 0 : compare_lists(xv, vec_index(x, i), yv, vec_index(y, j), depth);
    }
    case PHYS_STRUCT:
        for (uint32_t c = 0; c < x->child_count && depth <= 100; c++) {
            const int order = compare_rows(&x->child[c], vec_index(x, i), &y->child[c],
                                           vec_index(y, j), depth + 1);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }
    return 0;
}

int
value_compare(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j)
{
    return compare_at(x, i, y, j, 0);
}

bool
value_equal(const struct vec *x, uint32_t i, const struct vec *y, uint32_t j)
{
    if (x->phys == PHYS_VIEW) {
        return view_equal((const struct view *)vec_values(x) + vec_index(x, i),
                          (const struct view *)vec_values(y) + vec_index(y, j));
    }
    return compare_at(x, i, y, j, 0) == 0;
}

/* ---- kernels by physical type ---- */

#define F_EQ(a, b) ((a) == (b) || ((a) != (a) && (b) != (b)))
#define F_LT(a, b) ((a) < (b) || ((b) != (b) && (a) == (a)))
#define F_LE(a, b) ((a) <= (b) || (b) != (b))
#define F_NE(a, b) (!F_EQ(a, b))
#define F_GT(a, b) F_LT(b, a)
#define F_GE(a, b) F_LE(b, a)
#define I_EQ(a, b) ((a) == (b))
#define I_NE(a, b) ((a) != (b))
#define I_LT(a, b) ((a) < (b))
#define I_LE(a, b) ((a) <= (b))
#define I_GT(a, b) ((a) > (b))
#define I_GE(a, b) ((a) >= (b))
#define V_EQ(a, b) (view_equal(&(a), &(b)))
#define V_NE(a, b) (!view_equal(&(a), &(b)))
#define V_LT(a, b) (view_compare(&(a), &(b)) < 0)
#define V_LE(a, b) (view_compare(&(a), &(b)) <= 0)
#define V_GT(a, b) (view_compare(&(a), &(b)) > 0)
#define V_GE(a, b) (view_compare(&(a), &(b)) >= 0)

/* One kernel that gives booleans, one that selects rows; step is 0 when b is a constant. */
#define COMPARE(op, nm, T, test, dense)                                                            \
    KERNEL(op##_##nm)                                                                              \
    {                                                                                              \
        uint8_t *restrict o = out->data;                                                           \
        const T *a = in[0]->data;                                                                  \
        const T *b = in[1]->data;                                                                  \
        if (dense && (sel == NULL || n * 4 >= rows)) {                                             \
            for (uint32_t i = 0; i < rows; i++) {                                                  \
                o[i] = test(a[i], b[i]);                                                           \
            }                                                                                      \
            return true;                                                                           \
        }                                                                                          \
        EACH_VALID(i)                                                                              \
        {                                                                                          \
            o[i] = test(a[i], b[i]);                                                               \
        }                                                                                          \
        return true;                                                                               \
    }                                                                                              \
    static uint32_t select_##op##_##nm(const void *x, const void *y, uint32_t step,                \
                                       const uint64_t *valid, const uint16_t *sel, uint32_t n,     \
                                       uint16_t *out)                                              \
    {                                                                                              \
        const T *a = x;                                                                            \
        const T *b = y;                                                                            \
        uint32_t m = 0;                                                                            \
        if (valid != NULL) {                                                                       \
            for (uint32_t k = 0; k < n; k++) {                                                     \
                const uint32_t i = sel != NULL ? sel[k] : k;                                       \
                out[m] = (uint16_t)i;                                                              \
                m += bit_get(valid, i) && test(a[i], b[i * step]);                                 \
            }                                                                                      \
        } else if (sel != NULL) {                                                                  \
            for (uint32_t k = 0; k < n; k++) {                                                     \
                const uint32_t i = sel[k];                                                         \
                out[m] = (uint16_t)i;                                                              \
                m += test(a[i], b[i * step]);                                                      \
            }                                                                                      \
        } else {                                                                                   \
            for (uint32_t i = 0; i < n; i++) {                                                     \
                out[m] = (uint16_t)i;                                                              \
                m += test(a[i], b[i * step]);                                                      \
            }                                                                                      \
        }                                                                                          \
        return m;                                                                                  \
    }

#define COMPARE_ALL(nm, T, L, dense)                                                               \
    COMPARE(eq, nm, T, L##_EQ, dense)                                                              \
    COMPARE(ne, nm, T, L##_NE, dense)                                                              \
    COMPARE(lt, nm, T, L##_LT, dense)                                                              \
    COMPARE(le, nm, T, L##_LE, dense)                                                              \
    COMPARE(gt, nm, T, L##_GT, dense)                                                              \
    COMPARE(ge, nm, T, L##_GE, dense)

COMPARE_ALL(flag, uint8_t, I, true)
COMPARE_ALL(i8, int8_t, I, true)
COMPARE_ALL(i16, int16_t, I, true)
COMPARE_ALL(i32, int32_t, I, true)
COMPARE_ALL(i64, int64_t, I, true)
COMPARE_ALL(i128, i128, I, true)
COMPARE_ALL(f32, float, F, true)
COMPARE_ALL(f64, double, F, true)
COMPARE_ALL(view, struct view, V, false)

typedef uint32_t select_fn(const void *x, const void *y, uint32_t step, const uint64_t *valid,
                           const uint16_t *sel, uint32_t n, uint16_t *out);

#define ROW(prefix, nm)                                                                            \
    {                                                                                              \
        prefix##eq_##nm, prefix##ne_##nm, prefix##lt_##nm, prefix##le_##nm, prefix##gt_##nm,       \
            prefix##ge_##nm                                                                        \
    }
#define TABLE(prefix)                                                                              \
    {                                                                                              \
        [PHYS_BOOL] = ROW(prefix, flag), [PHYS_I8] = ROW(prefix, i8),                              \
        [PHYS_I16] = ROW(prefix, i16), [PHYS_I32] = ROW(prefix, i32),                              \
        [PHYS_I64] = ROW(prefix, i64), [PHYS_I128] = ROW(prefix, i128),                            \
        [PHYS_F32] = ROW(prefix, f32), [PHYS_F64] = ROW(prefix, f64),                              \
        [PHYS_VIEW] = ROW(prefix, view)                                                            \
    }

static const func_kernel kernels[PHYS_STRUCT + 1][6] = TABLE();
static select_fn *const selectors[PHYS_STRUCT + 1][6] = TABLE(select_);

KERNEL(compare_generic)
{
    const enum compare_op op = compare_op_of(call->def);
    uint8_t *o = out->data;
    EACH_VALID(i)
    {
        const int order = value_compare(in[0], i, in[1], i);
        switch (op) {
        case COMPARE_EQ:
            o[i] = order == 0;
            break;
        case COMPARE_NE:
            o[i] = order != 0;
            break;
        case COMPARE_LT:
            o[i] = order < 0;
            break;
        case COMPARE_LE:
            o[i] = order <= 0;
            break;
        case COMPARE_GT:
            o[i] = order > 0;
            break;
        default:
            o[i] = order >= 0;
        }
    }
    return true;
}

KERNEL(equal_null_safe)
{
    uint8_t *o = out->data;
    EACH_ROW(i)
    {
        const bool xn = vec_is_null(in[0], i);
        const bool yn = vec_is_null(in[1], i);
        o[i] = xn || yn ? xn && yn : value_equal(in[0], i, in[1], i);
    }
    return true;
}

bool
compare_select(enum compare_op op, const struct vec *x, const struct vec *y, const uint16_t *sel,
               uint32_t n, uint16_t *out, uint32_t *out_n)
{
    static const enum compare_op flipped[] = {COMPARE_NONE, COMPARE_EQ, COMPARE_NE, COMPARE_GT,
                                              COMPARE_GE,   COMPARE_LT, COMPARE_LE};
    if (x->enc == VEC_CONST && y->enc == VEC_FLAT) {
        const struct vec *swap = x;
        x = y;
        y = swap;
        op = flipped[op];
    }
    if (x->phys != y->phys || x->enc != VEC_FLAT || selectors[x->phys][op - COMPARE_EQ] == NULL ||
        (y->enc == VEC_CONST && vec_is_null(y, 0)) ||
        (x->valid != NULL && y->enc == VEC_FLAT && y->valid != NULL)) {
        return false;
    }
    const uint64_t *valid = x->valid != NULL ? x->valid : y->enc == VEC_FLAT ? y->valid : NULL;
    *out_n = selectors[x->phys][op - COMPARE_EQ](x->data, y->data, y->enc == VEC_FLAT, valid, sel,
                                                 n, out);
    return true;
}

/* ---- binding ---- */

static bool
equatable(const struct type *t)
{
    if (t->id == TYPE_MAP || t->id == TYPE_INTERVAL_CALENDAR) {
        return false;
    }
    for (uint32_t i = 0; i < t->field_count; i++) {
        if (!equatable(t->fields[i].type)) {
            return false;
        }
    }
    return true;
}

/* Both sides to the type they are compared in. */
static const struct type *
compare_type(struct func_bind *b, struct error *err)
{
    const struct type *x = b->args[0]->type;
    const struct type *y = b->args[1]->type;
    const struct type *t;
    if (type_is_numeric(x) && type_is_numeric(y) &&
        (x->id == TYPE_DECIMAL || y->id == TYPE_DECIMAL) && x->id != TYPE_FLOAT &&
        x->id != TYPE_DOUBLE && y->id != TYPE_FLOAT && y->id != TYPE_DOUBLE) {
        t = decimal_wider(b->arena, bind_decimal(b, 0), bind_decimal(b, 1));
    } else {
        t = type_for_compare(b->arena, x, y, b->session->ansi);
    }
    if (t == NULL) {
        bind_fail_diff(b, err);
        return NULL;
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (!type_same(b->args[i]->type, t)) {
            b->cast_to[i] = t;
        }
    }
    return t;
}

static bool
bind_compare(struct func_bind *b, struct error *err)
{
    const struct type *t = compare_type(b, err);
    const enum compare_op op = compare_op_of(b->def);
    if (t == NULL) {
        return false;
    }
    if (t->id != TYPE_NULL &&
        (op == COMPARE_EQ || op == COMPARE_NE || op == COMPARE_NONE ? !equatable(t)
                                                                    : !type_is_orderable(t))) {
        return bind_fail_order(b, t, err);
    }
    b->type = type_scalar(TYPE_BOOLEAN);
    if (op == COMPARE_NONE) { /* <=> */
        b->nullable = false;
        b->kernel = equal_null_safe;
        return true;
    }
    b->nullable = bind_any_nullable(b);
    b->kernel = kernels[phys_of(t)][op - COMPARE_EQ];
    if (b->kernel == NULL) {
        b->kernel = compare_generic;
    }
    return true;
}

/* ---- IN ---- */

struct in_list {
    struct vec values; /* FLAT, without nulls */
    int64_t *sorted;   /* whole numbers, dates and times */
    uint32_t *slots;   /* views: index + 1 into values, open addressing */
    uint32_t slot_mask;
    uint32_t count;
    bool has_null;
};

static int
order_longs(const void *x, const void *y)
{
    const int64_t a = *(const int64_t *)x;
    const int64_t b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static uint32_t
view_hash(const struct view *v)
{
    const char *p = view_ptr(v);
    uint64_t h = v->len * 0x9e3779b97f4a7c15u;
    uint32_t i = 0;
    for (; i + 8 <= v->len; i += 8) {
        uint64_t w;
        memcpy(&w, p + i, 8);
        h = (h ^ w) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    for (; i < v->len; i++) {
        h = (h ^ (uint8_t)p[i]) * 0x100000001b3u;
    }
    return (uint32_t)(h ^ (h >> 32));
}

static bool
long_at(const struct vec *v, uint32_t i, int64_t *out)
{
    switch ((enum phys)v->phys) {
    case PHYS_I8:
        *out = ((const int8_t *)v->data)[i];
        return true;
    case PHYS_I16:
        *out = ((const int16_t *)v->data)[i];
        return true;
    case PHYS_I32:
        *out = ((const int32_t *)v->data)[i];
        return true;
    case PHYS_I64:
        *out = ((const int64_t *)v->data)[i];
        return true;
    default:
        return false;
    }
}

static void
in_list_index(struct arena *a, struct in_list *l)
{
    int64_t ignored;
    if (l->count > 0 && long_at(&l->values, 0, &ignored)) {
        l->sorted = arena_new_array(a, int64_t, l->count);
        for (uint32_t i = 0; i < l->count; i++) {
            long_at(&l->values, i, &l->sorted[i]);
        }
        qsort(l->sorted, l->count, sizeof *l->sorted, order_longs);
    } else if (l->count > 4 && l->values.phys == PHYS_VIEW) {
        uint32_t size = 16;
        while (size < l->count * 2) {
            size *= 2;
        }
        l->slot_mask = size - 1;
        l->slots = arena_new_array(a, uint32_t, size);
        const struct view *views = l->values.data;
        for (uint32_t i = 0; i < l->count; i++) {
            uint32_t s = view_hash(&views[i]) & l->slot_mask;
            while (l->slots[s] != 0) {
                s = (s + 1) & l->slot_mask;
            }
            l->slots[s] = i + 1;
        }
    }
}

static bool
in_list_has(const struct in_list *l, const struct vec *x, uint32_t i)
{
    if (l->sorted != NULL) {
        int64_t v = 0;
        long_at(x, i, &v);
        uint32_t lo = 0;
        uint32_t len = l->count;
        while (len > 1) {
            const uint32_t half = len / 2;
            lo += l->sorted[lo + half] <= v ? half : 0;
            len -= half;
        }
        return l->sorted[lo] == v;
    }
    if (l->slots != NULL) {
        const struct view *v = (const struct view *)x->data + i;
        const struct view *views = l->values.data;
        for (uint32_t s = view_hash(v) & l->slot_mask; l->slots[s] != 0;
             s = (s + 1) & l->slot_mask) {
            if (view_equal(&views[l->slots[s] - 1], v)) {
                return true;
            }
        }
        return false;
    }
    for (uint32_t k = 0; k < l->count; k++) {
        if (value_equal(x, i, &l->values, k)) {
            return true;
        }
    }
    return false;
}

KERNEL(in_constants)
{
    const struct in_list *l = call->extra;
    uint8_t *o = out->data;
    EACH_ROW(i)
    {
        if (vec_is_null(in[0], i)) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        o[i] = in_list_has(l, in[0], i);
        if (!o[i] && l->has_null) {
            vec_set_null(out, ev->tmp, i);
        }
    }
    return true;
}

KERNEL(in_values)
{
    uint8_t *o = out->data;
    EACH_ROW(i)
    {
        bool found = false;
        bool null = vec_is_null(in[0], i);
        for (uint32_t a = 1; a < call->arg_count && !found && !vec_is_null(in[0], i); a++) {
            if (vec_is_null(in[a], i)) {
                null = true;
            } else {
                found = value_equal(in[0], i, in[a], i);
            }
        }
        o[i] = found;
        if (!found && null) {
            vec_set_null(out, ev->tmp, i);
        }
    }
    return true;
}

static bool
in_all_literal(const struct func_bind *b, const struct type *t)
{
    for (uint32_t i = 1; i < b->arg_count; i++) {
        if (b->args[i]->kind != EXPR_LITERAL ||
            (!b->args[i]->literal.is_null && phys_of(b->args[i]->type) != phys_of(t))) {
            return false;
        }
    }
    return !type_is_nested(t);
}

static bool
bind_in(struct func_bind *b, struct error *err)
{
    const struct type *t = bind_common(b, 0, err);
    if (t == NULL) {
        return false;
    }
    if (!equatable(t)) {
        return bind_fail_order(b, t, err);
    }
    b->type = type_scalar(TYPE_BOOLEAN);
    b->nullable = bind_any_nullable(b);
    b->kernel = in_values;
    if (t->id == TYPE_NULL || !in_all_literal(b, t)) {
        return true;
    }
    struct in_list *l = arena_new(b->arena, struct in_list);
    vec_init_flat(&l->values, b->arena, t, b->arg_count);
    for (uint32_t i = 1; i < b->arg_count; i++) {
        const struct datum *d = &b->args[i]->literal;
        if (d->is_null) {
            l->has_null = true;
        } else {
            vec_set_datum(&l->values, b->arena, l->count++, d);
        }
    }
    l->values.n = l->count;
    in_list_index(b->arena, l);
    b->extra = l;
    b->kernel = in_constants;
    return true;
}

/* ---- definitions ---- */

static const struct func_def defs[] = {
    {"=", FUNC_SCALAR, 2, 2, false, false, bind_compare, "expr1 = expr2 - Equality."},
    {"!=", FUNC_SCALAR, 2, 2, false, false, bind_compare, "expr1 != expr2 - Inequality."},
    {"<", FUNC_SCALAR, 2, 2, false, false, bind_compare, "expr1 < expr2 - Less than."},
    {"<=", FUNC_SCALAR, 2, 2, false, false, bind_compare, "expr1 <= expr2 - At most."},
    {">", FUNC_SCALAR, 2, 2, false, false, bind_compare, "expr1 > expr2 - Greater than."},
    {">=", FUNC_SCALAR, 2, 2, false, false, bind_compare, "expr1 >= expr2 - At least."},
    {"<=>", FUNC_SCALAR, 2, 2, false, true, bind_compare, "expr1 <=> expr2 - Equal or both null."},
    {"in", FUNC_SCALAR, 2, 255, false, true, bind_in, "expr1 in(expr2, ...) - Any is equal."},
};

const struct func_family family_compare = {defs, sizeof defs / sizeof *defs};

enum compare_op
compare_op_of(const struct func_def *def)
{
    return def >= defs && def < defs + 6 ? (enum compare_op)(def - defs + 1) : COMPARE_NONE;
}
