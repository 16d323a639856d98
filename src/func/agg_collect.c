/*
 * Aggregates that keep values: lists, sets, percentiles, mode, the row with the greatest key, and
 * the count of distinct values by a sketch.
 *
 * collect_set, mode and the percentiles hold every (distinct) value of a group in the state's
 * arena, which the operator's budget bounds.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "func/agg.h"
#include "func/program.h"
#include "tree/serial.h"
#include "type/decimal.h"
#include "vec/compare.h"
#include "vec/hash.h"

/* ---- values, maybe distinct ---- */

struct bag {
    struct builder values;
    bool started;
    uint32_t *slots; /* distinct only: index + 1 of a value */
    uint32_t slot_count;
    int64_t *counts; /* mode only */
    uint32_t counts_room;
};

static void
bag_init(const struct func_call *call, void *state)
{
    memset(state, 0, sizeof(struct bag));
}

static void
bag_start(struct bag *b, struct arena *keep, const struct type *t)
{
    if (!b->started) {
        builder_init_copying(&b->values, keep, t);
        b->started = true;
    }
    b->values.arena = keep;
}

static struct vec
bag_view(struct bag *b)
{
    struct vec v;
    builder_finish(&b->values, &v);
    return v;
}

static void
bag_rehash(struct bag *b, struct arena *keep, const struct vec *values)
{
    const uint32_t size = b->slot_count == 0 ? 8 : b->slot_count * 2;
    b->slots = arena_new_array(keep, uint32_t, size);
    b->slot_count = size;
    for (uint32_t i = 0; i < values->n; i++) {
        uint32_t s = (uint32_t)vec_row_hash(values, i) & (size - 1);
        while (b->slots[s] != 0) {
            s = (s + 1) & (size - 1);
        }
        b->slots[s] = i + 1;
    }
}

/* Where a value is in the bag, added if it is new. */
static uint32_t
bag_find(struct bag *b, struct arena *keep, const struct vec *src, uint32_t i)
{
    bag_start(b, keep, src->type);
    if (b->values.n * 2 >= b->slot_count) {
        const struct vec all = bag_view(b);
        bag_rehash(b, keep, &all);
    }
    struct vec seen = {.type = src->type, .phys = src->phys, .n = b->values.n};
    seen.data = b->values.data;
    seen.valid = b->values.valid;
    if (b->values.child_count > 0) {
        seen = bag_view(b);
    }
    uint32_t s = (uint32_t)vec_row_hash(src, i) & (b->slot_count - 1);
    for (; b->slots[s] != 0; s = (s + 1) & (b->slot_count - 1)) {
        if (vec_rows_equal(&seen, b->slots[s] - 1, src, i)) {
            return b->slots[s] - 1;
        }
    }
    builder_add(&b->values, src, i);
    b->slots[s] = b->values.n;
    return b->values.n - 1;
}

static void
bag_count(struct bag *b, struct arena *keep, uint32_t at, int64_t times)
{
    if (at >= b->counts_room) {
        const uint32_t room = b->counts_room * 2 > at ? b->counts_room * 2 : at + 4;
        int64_t *more = arena_new_array(keep, int64_t, room);
        if (b->counts_room > 0) {
            memcpy(more, b->counts, sizeof *more * b->counts_room);
        }
        b->counts = more;
        b->counts_room = room;
    }
    b->counts[at] += times;
}

static void
bag_state_save(const struct func_call *call, const void *state, struct buffer *out)
{
    struct bag b = *(const struct bag *)state;
    const uint32_t n = b.started ? b.values.n : 0;
    buffer_uvarint(out, n);
    for (uint32_t from = 0; from < n; from += VEC_ROWS) { /* selections are 16 bits wide */
        struct vec all = bag_view(&b);
        struct vec part;
        vec_slice(&part, &all, from, n - from < VEC_ROWS ? n - from : VEC_ROWS, b.values.arena);
        vec_write(out, &part, NULL, part.n);
    }
    for (uint32_t i = 0; i < n && b.counts != NULL; i++) {
        buffer_uvarint(out, (uint64_t)b.counts[i]);
    }
}

enum bag_kind { BAG_LIST, BAG_SET, BAG_COUNTED };

static enum bag_kind
bag_kind_of(const struct func_call *call)
{
    return strcmp(call->def->name, "collect_set") == 0 ? BAG_SET
           : strcmp(call->def->name, "mode") == 0      ? BAG_COUNTED
                                                       : BAG_LIST;
}

AGG_LOAD(bag_state_load)
{
    struct bag *b = state;
    const enum bag_kind kind = bag_kind_of(call);
    const uint64_t n = reader_uvarint64(in);
    memset(b, 0, sizeof *b);
    for (uint64_t from = 0; from < n; from += VEC_ROWS) {
        struct vec part;
        if (!vec_read(keep, in, call->arg_types[0], &part) || part.n == 0 || part.n > VEC_ROWS) {
            return false;
        }
        for (uint32_t i = 0; i < part.n; i++) {
            if (kind == BAG_LIST) {
                bag_start(b, keep, part.type);
                builder_add(&b->values, &part, i);
            } else {
                bag_find(b, keep, &part, i);
            }
        }
    }
    for (uint32_t i = 0; i < n && kind == BAG_COUNTED; i++) {
        bag_count(b, keep, i, (int64_t)reader_uvarint64(in));
    }
    return reader_ok(in);
}

AGG_UPDATE(
    list, struct bag, if (!vec_is_null(in[0], i)) {
        bag_start(s, keep, in[0]->type);
        builder_add(&s->values, in[0], i);
    })
AGG_UPDATE(
    set, struct bag, if (!vec_is_null(in[0], i)) { bag_find(s, keep, in[0], i); })
AGG_UPDATE(
    counted, struct bag,
    if (!vec_is_null(in[0], i)) { bag_count(s, keep, bag_find(s, keep, in[0], i), 1); })

AGG_MERGE(bag_merge)
{
    struct bag other = *(const struct bag *)from;
    const enum bag_kind kind = bag_kind_of(call);
    if (!other.started) {
        return true;
    }
    const struct vec v = bag_view(&other);
    struct bag *s = into;
    for (uint32_t i = 0; i < v.n; i++) {
        if (kind == BAG_LIST) {
            bag_start(s, keep, v.type);
            builder_add(&s->values, &v, i);
        } else {
            const uint32_t at = bag_find(s, keep, &v, i);
            if (kind == BAG_COUNTED) {
                bag_count(s, keep, at, other.counts[i]);
            }
        }
    }
    return true;
}

AGG_FINISH(list_finish)
{
    struct builder b;
    builder_init(&b, ev->tmp, call->type);
    for (uint32_t i = 0; i < n; i++) {
        struct bag s = *(const struct bag *)states[i];
        builder_open(&b);
        if (s.started) {
            const struct vec v = bag_view(&s);
            builder_add_range(&b.child[0], &v, 0, v.n);
        }
        builder_close(&b);
    }
    builder_finish(&b, out);
    return true;
}

/* listagg(expr[, delimiter]): the texts in input order; null if there are none. */
AGG_FINISH(listagg_finish)
{
    const struct view *delimiter = call->extra;
    struct buffer text = {0};
    for (uint32_t i = 0; i < n; i++) {
        struct bag s = *(const struct bag *)states[i];
        if (!s.started) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        const struct vec v = bag_view(&s);
        buffer_clear(&text);
        for (uint32_t k = 0; k < v.n; k++) {
            const struct view *part = (const struct view *)v.data + k;
            if (k > 0) {
                buffer_put(&text, view_ptr(delimiter), delimiter->len);
            }
            buffer_put(&text, view_ptr(part), part->len);
        }
        ((struct view *)out->data)[i] = view_copy(ev->tmp, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

/* Of the most frequent values the first that came, or what `order` asks for. */
enum mode_order { MODE_ANY = 0, MODE_SMALLEST, MODE_GREATEST };

AGG_FINISH(mode_finish)
{
    const enum mode_order order = *(const enum mode_order *)call->extra;
    struct builder b;
    builder_init(&b, ev->tmp, call->type);
    for (uint32_t i = 0; i < n; i++) {
        struct bag s = *(const struct bag *)states[i];
        if (!s.started) {
            builder_null(&b);
            continue;
        }
        const struct vec v = bag_view(&s);
        uint32_t best = 0;
        for (uint32_t k = 1; k < v.n; k++) {
            const bool tie = order != MODE_ANY && s.counts[k] == s.counts[best];
            const int compared = tie ? vec_rows_compare(&v, k, &v, best) : 0;
            if (s.counts[k] > s.counts[best] ||
                (order == MODE_SMALLEST ? compared < 0 : compared > 0)) {
                best = k;
            }
        }
        builder_add(&b, &v, best);
    }
    builder_finish(&b, out);
    return true;
}

#define BAG_OPS(name, update, finish)                                                              \
    static const struct agg_ops name = {sizeof(struct bag),  bag_init,      update##_update,       \
                                        update##_update_one, bag_merge,     finish,                \
                                        bag_state_save,      bag_state_load}
BAG_OPS(list_ops, list, list_finish);
BAG_OPS(set_ops, set, list_finish);
BAG_OPS(mode_ops, counted, mode_finish);
BAG_OPS(listagg_ops, list, listagg_finish);

static bool
bind_listagg(struct func_bind *b, struct error *err)
{
    const enum type_id id = b->args[0]->type->id;
    struct view *delimiter = arena_new(b->arena, struct view);
    const bool null =
        b->arg_count > 1 && b->args[1]->kind == EXPR_LITERAL && b->args[1]->literal.is_null;
    if (id != TYPE_STRING && id != TYPE_BINARY && id != TYPE_NULL) {
        return bind_fail_input(b, 0, "(\"STRING\" or \"BINARY\")", err);
    }
    if (b->arg_count > 1 && !null && !bind_literal_text(b, 1, delimiter)) {
        return b->args[1]->type->id == TYPE_STRING || b->args[1]->type->id == TYPE_BINARY
                   ? bind_fail_foldable(b, 1, "delimiter", "STRING", err)
                   : bind_fail_input(b, 1, "(\"STRING\" or \"BINARY\")", err);
    }
    b->type = type_scalar(id == TYPE_BINARY ? TYPE_BINARY : TYPE_STRING);
    b->nullable = true;
    b->extra = delimiter;
    b->agg = &listagg_ops;
    return true;
}

static bool
bind_collect(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    b->type = type_array(b->arena, t, false);
    b->nullable = false;
    b->agg = strcmp(b->def->name, "collect_set") == 0 ? &set_ops : &list_ops;
    return true;
}

static bool
bind_mode(struct func_bind *b, struct error *err)
{
    enum mode_order *order = arena_new(b->arena, enum mode_order);
    if (b->arg_count > 1) {
        const struct datum *smallest = bind_literal(b, 1);
        if (b->args[1]->type->id != TYPE_BOOLEAN) {
            return bind_fail_input(b, 1, "\"BOOLEAN\"", err);
        }
        if (smallest == NULL || smallest->is_null) {
            return bind_fail_foldable(b, 1, "deterministic", "BOOLEAN", err);
        }
        *order = smallest->i != 0 ? MODE_SMALLEST : MODE_GREATEST;
    }
    b->type = b->args[0]->type;
    b->nullable = true;
    b->extra = order;
    b->agg = &mode_ops;
    return true;
}

/* ---- percentiles ---- */

struct percent {
    bool array;
    uint32_t count;
    double *at;
};

static int
double_order(const void *x, const void *y)
{
    return double_compare(*(const double *)x, *(const double *)y);
}

static double
interpolated(const double *sorted, uint32_t n, double p)
{
    const double place = (double)(n - 1) * p;
    const double low = floor(place);
    const double high = ceil(place);
    const double a = sorted[(uint32_t)low];
    const double b = sorted[(uint32_t)high];
    if (low == high || a == b) {
        return a;
    }
    return (high - place) * a + (place - low) * b;
}

AGG_FINISH(percentile_finish)
{
    const struct percent *p = call->extra;
    struct builder b;
    builder_init(&b, ev->tmp, call->type);
    for (uint32_t i = 0; i < n; i++) {
        struct bag s = *(const struct bag *)states[i];
        if (!s.started || s.values.n == 0) {
            builder_null(&b);
            continue;
        }
        const struct vec v = bag_view(&s);
        double *sorted = arena_alloc(ev->tmp, sizeof(double) * v.n);
        memcpy(sorted, v.data, sizeof(double) * v.n);
        qsort(sorted, v.n, sizeof *sorted, double_order);
        if (p->array) {
            builder_open(&b);
        }
        for (uint32_t k = 0; k < p->count; k++) {
            double *to = builder_next(p->array ? &b.child[0] : &b);
            *to = interpolated(sorted, v.n, p->at[k]);
        }
        if (p->array) {
            builder_close(&b);
        }
    }
    builder_finish(&b, out);
    return true;
}
BAG_OPS(percentile_ops, list, percentile_finish);

static int
row_order(const void *x, const void *y, void *values)
{
    return vec_rows_compare(values, *(const uint32_t *)x, values, *(const uint32_t *)y);
}

AGG_FINISH(nearest_finish)
{
    const struct percent *p = call->extra;
    struct builder b;
    builder_init(&b, ev->tmp, call->type);
    for (uint32_t i = 0; i < n; i++) {
        struct bag s = *(const struct bag *)states[i];
        if (!s.started || s.values.n == 0) {
            builder_null(&b);
            continue;
        }
        struct vec v = bag_view(&s);
        uint32_t *rows = arena_alloc(ev->tmp, sizeof *rows * v.n);
        for (uint32_t k = 0; k < v.n; k++) {
            rows[k] = k;
        }
        qsort_r(rows, v.n, sizeof *rows, row_order, &v);
        if (p->array) {
            builder_open(&b);
        }
        for (uint32_t k = 0; k < p->count; k++) {
            const double rank = ceil(p->at[k] * v.n);
            const uint32_t at = rank < 1 ? 0 : (uint32_t)rank - 1;
            builder_add(p->array ? &b.child[0] : &b, &v, rows[at < v.n ? at : v.n - 1]);
        }
        if (p->array) {
            builder_close(&b);
        }
    }
    builder_finish(&b, out);
    return true;
}
BAG_OPS(nearest_ops, list, nearest_finish);

static double
datum_double(const struct datum *d)
{
    switch (phys_of(d->type)) {
    case PHYS_F32:
    case PHYS_F64:
        return d->f;
    case PHYS_I128:
        return decimal_to_double(d->wide, d->type->scale);
    default:
        return d->type->id == TYPE_DECIMAL ? decimal_to_double(d->i, d->type->scale) : (double)d->i;
    }
}

static bool
percent_in_range(struct func_bind *b, const struct percent *p, struct error *err)
{
    for (uint32_t k = 0; k < p->count; k++) {
        if (!(p->at[k] >= 0 && p->at[k] <= 1)) {
            return error_raise(err, "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE", "sqlExpr", bind_sql(b),
                               "exprName", "percentage", "valueRange", "[0.0, 1.0]", "currentValue",
                               bind_arg_sql(b, 1), NULL);
        }
    }
    return true;
}

static bool
is_constant_node(const struct expr *e, void *ctx)
{
    return e->kind != EXPR_COLUMN && e->kind != EXPR_OUTER && e->kind != EXPR_SUBQUERY &&
           e->kind != EXPR_AGG && e->kind != EXPR_UDF;
}

/* The percentage argument: a number or an array of numbers, constant. */
static struct percent *
percent_argument(struct func_bind *b, struct error *err)
{
    struct percent *p = arena_new(b->arena, struct percent);
    struct datum d;
    const struct type *t = b->args[1]->type;
    const struct type *element = t->id == TYPE_ARRAY ? t->fields[0].type : t;
    if (!type_is_numeric(element) && element->id != TYPE_NULL && element->id != TYPE_STRING) {
        bind_fail_input(b, 1, "(\"DOUBLE\" or \"ARRAY<DOUBLE>\")", err);
        return NULL;
    }
    struct error ignored = {0};
    if (!expr_walk(b->args[1], is_constant_node, NULL) ||
        !program_fold(b->arena, b->args[1], b->session, &d, &ignored)) {
        error_clear(&ignored);
        bind_fail_foldable(b, 1, "percentage", "DOUBLE", err);
        return NULL;
    }
    if (d.is_null) {
        error_raise(err, "DATATYPE_MISMATCH.UNEXPECTED_NULL", "sqlExpr", bind_sql(b), "exprName",
                    "percentage", NULL);
        return NULL;
    }
    p->array = t->id == TYPE_ARRAY;
    p->count = 1;
    if (p->array) {
        const struct vec *list = d.nested;
        const struct list_range r = *(const struct list_range *)list->data;
        p->count = r.len;
        p->at = arena_new_array(b->arena, double, r.len + 1);
        for (uint32_t k = 0; k < r.len; k++) {
            const struct datum e = vec_datum(&list->child[0], r.offset + k, b->arena);
            p->at[k] = e.is_null ? -1 : datum_double(&e);
        }
    } else {
        p->at = arena_new_array(b->arena, double, 1);
        p->at[0] = datum_double(&d);
    }
    return percent_in_range(b, p, err) ? p : NULL;
}

static bool
bind_percentile(struct func_bind *b, struct error *err)
{
    const bool median = strcmp(b->def->name, "median") == 0;
    const bool nearest = strcmp(b->def->name, "percentile_approx") == 0 ||
                         strcmp(b->def->name, "percentile_disc") == 0;
    struct percent *p;
    if (median) {
        p = arena_new(b->arena, struct percent);
        p->at = arena_new_array(b->arena, double, 1);
        p->at[0] = 0.5;
        p->count = 1;
    } else {
        p = percent_argument(b, err);
        if (p == NULL) {
            return false;
        }
    }
    const struct type *t = b->args[0]->type;
    const bool disc = strcmp(b->def->name, "percentile_disc") == 0;
    if (!nearest || t->id == TYPE_STRING || t->id == TYPE_NULL || (disc && type_is_numeric(t))) {
        if (!bind_want(b, 0, type_scalar(TYPE_DOUBLE), err)) {
            return false;
        }
        t = type_scalar(TYPE_DOUBLE);
    } else if (!type_is_orderable(t) || type_is_nested(t)) {
        return bind_fail_input(b, 0, "(\"NUMERIC\" or \"DATE\" or \"TIMESTAMP\" or \"INTERVAL\")",
                               err);
    }
    b->type = p->array ? type_array(b->arena, t, false) : t;
    b->nullable = true;
    b->extra = p;
    b->agg = nearest ? &nearest_ops : &percentile_ops;
    return true;
}

/* ---- max_by, min_by ---- */

struct by {
    struct box value;
    struct box key;
};

static void
by_init(const struct func_call *call, void *state)
{
    memset(state, 0, sizeof(struct by));
}

static bool
by_better(const struct func_call *call, const struct by *s, const struct vec *key, uint32_t i)
{
    if (!s->key.seen) {
        return true;
    }
    const int order = value_compare(key, i, s->key.value, 0);
    return call->def->name[1] == 'i' ? order < 0 : order >= 0;
}

AGG_UPDATE(
    by, struct by, if (!vec_is_null(in[1], i) && by_better(call, s, in[1], i)) {
        box_set(&s->key, keep, in[1], i);
        box_set(&s->value, keep, in[0], i);
    })

AGG_MERGE(by_merge)
{
    const struct by *f = from;
    struct by *s = into;
    if (f->key.seen && by_better(call, s, f->key.value, 0)) {
        box_set(&s->key, keep, f->key.value, 0);
        box_set(&s->value, keep, f->value.value, 0);
    }
    return true;
}

AGG_FINISH(by_finish)
{
    struct builder b;
    builder_init(&b, ev->tmp, call->type);
    for (uint32_t i = 0; i < n; i++) {
        const struct by *s = states[i];
        if (s->value.seen) {
            builder_add(&b, s->value.value, 0);
        } else {
            builder_null(&b);
        }
    }
    builder_finish(&b, out);
    return true;
}

static void
by_save(const struct func_call *call, const void *state, struct buffer *out)
{
    box_save(&((const struct by *)state)->value, out);
    box_save(&((const struct by *)state)->key, out);
}

AGG_LOAD(by_load)
{
    struct by *s = state;
    return box_load(&s->value, keep, call->arg_types[0], in) &&
           box_load(&s->key, keep, call->arg_types[1], in);
}
AGG_OPS(by, struct by);

static bool
bind_by(struct func_bind *b, struct error *err)
{
    if (b->args[1]->type->id != TYPE_NULL && !type_is_orderable(b->args[1]->type)) {
        return bind_fail_order(b, b->args[1]->type, err);
    }
    b->type = b->args[0]->type;
    b->nullable = true;
    b->agg = &by_ops;
    return true;
}

/* ---- approx_count_distinct: HyperLogLog with linear counting ---- */

enum { HLL_BITS_MAX = 14 };

struct sketch {
    uint8_t *registers; /* in the state's arena; NULL: nothing seen */
};

static uint32_t
sketch_bits(const struct func_call *call)
{
    return *(const uint32_t *)call->extra;
}

static void
sketch_init(const struct func_call *call, void *state)
{
    memset(state, 0, sizeof(struct sketch));
}

static void
sketch_add(const struct func_call *call, struct sketch *s, struct arena *keep, uint64_t hash)
{
    const uint32_t bits = sketch_bits(call);
    if (s->registers == NULL) {
        s->registers = arena_zalloc(keep, (size_t)1 << bits);
    }
    const uint64_t at = hash >> (64 - bits);
    const uint64_t rest = (hash << bits) | ((uint64_t)1 << (bits - 1));
    const uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    if (s->registers[at] < rank) {
        s->registers[at] = rank;
    }
}

AGG_UPDATE(
    sketch, struct sketch,
    if (!vec_is_null(in[0], i)) { sketch_add(call, s, keep, vec_row_hash(in[0], i)); })

AGG_MERGE(sketch_merge)
{
    const struct sketch *f = from;
    struct sketch *s = into;
    const size_t size = (size_t)1 << sketch_bits(call);
    if (f->registers == NULL) {
        return true;
    }
    if (s->registers == NULL) {
        s->registers = arena_copy(keep, f->registers, size);
        return true;
    }
    for (size_t i = 0; i < size; i++) {
        if (f->registers[i] > s->registers[i]) {
            s->registers[i] = f->registers[i];
        }
    }
    return true;
}

AGG_FINISH(sketch_finish)
{
    const double m = (double)((size_t)1 << sketch_bits(call));
    for (uint32_t i = 0; i < n; i++) {
        const struct sketch *s = states[i];
        double sum = 0;
        double zeros = 0;
        for (size_t k = 0; s->registers != NULL && k < (size_t)m; k++) {
            sum += ldexp(1.0, -s->registers[k]);
            zeros += s->registers[k] == 0;
        }
        double estimate = 0;
        if (s->registers != NULL) {
            estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
            if (zeros > 0 && estimate <= 5 * m) { /* linear counting while it is the better one */
                const double linear = m * log(m / zeros);
                estimate = linear <= 2.5 * m ? linear : estimate;
            }
        }
        ((int64_t *)out->data)[i] = (int64_t)llround(estimate);
    }
    return true;
}

static void
sketch_save(const struct func_call *call, const void *state, struct buffer *out)
{
    const struct sketch *s = state;
    buffer_u8(out, s->registers != NULL);
    if (s->registers != NULL) {
        buffer_put(out, s->registers, (size_t)1 << sketch_bits(call));
    }
}

AGG_LOAD(sketch_load)
{
    struct sketch *s = state;
    s->registers = NULL;
    if (reader_u8(in) != 0) {
        const struct bytes b = reader_take(in, (size_t)1 << sketch_bits(call));
        if (!reader_ok(in)) {
            return false;
        }
        s->registers = arena_copy(keep, b.ptr, b.len);
    }
    return reader_ok(in);
}
AGG_OPS(sketch, struct sketch);

static bool
bind_sketch(struct func_bind *b, struct error *err)
{
    double deviation = 0.05;
    const struct datum *d = bind_literal(b, 1);
    if (d != NULL && type_is_numeric(d->type)) {
        deviation = datum_double(d);
    } else if (b->arg_count == 2) {
        return bind_fail_foldable(b, 1, "relativeSD", "DOUBLE", err);
    }
    uint32_t *bits = arena_new(b->arena, uint32_t);
    const double wanted = ceil(2 * log2(1.106 / deviation));
    *bits = !(wanted >= 4) ? 4 : wanted > HLL_BITS_MAX ? HLL_BITS_MAX : (uint32_t)wanted;
    b->extra = bits;
    b->type = type_scalar(TYPE_LONG);
    b->nullable = false;
    b->agg = &sketch_ops;
    return true;
}

#define AGG(name, min, max, bind, use)                                                             \
    {                                                                                              \
        name, FUNC_AGGREGATE, min, max, false, true, bind, use                                     \
    }

static const struct func_def defs[] = {
    AGG("collect_list", 1, 1, bind_collect, "collect_list(expr) - All values."),
    AGG("collect_set", 1, 1, bind_collect, "collect_set(expr) - Distinct values."),
    AGG("listagg", 1, 2, bind_listagg, "listagg(expr[, delimiter]) - The texts joined."),
    AGG("mode", 1, 2, bind_mode, "mode(expr[, smallest]) - The most frequent value."),
    AGG("percentile", 2, 3, bind_percentile, "percentile(expr, p) - Exact, interpolated."),
    AGG("percentile_cont", 2, 2, bind_percentile, "percentile_cont(expr, p) - Interpolated."),
    AGG("percentile_disc", 2, 2, bind_percentile, "percentile_disc(expr, p) - One of the values."),
    AGG("median", 1, 1, bind_percentile, "median(expr) - The value in the middle."),
    AGG("percentile_approx", 2, 3, bind_percentile,
        "percentile_approx(expr, p[, accuracy]) - One of the values; ours is exact."),
    AGG("max_by", 2, 2, bind_by, "max_by(x, y) - x of the row with the greatest y."),
    AGG("min_by", 2, 2, bind_by, "min_by(x, y) - x of the row with the least y."),
    AGG("approx_count_distinct", 1, 2, bind_sketch,
        "approx_count_distinct(expr[, relativeSD]) - Distinct values by a sketch."),
};

const struct func_family family_aggregate_collect = {defs, sizeof defs / sizeof *defs};
