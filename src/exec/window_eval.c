/*
 * Evaluating one window function over one partition.
 *
 * Rankings are loops over the peers' marks. lag, lead, first, last and nth pick rows. Aggregates
 * go through agg_ops: a frame that is the whole partition is computed once; one that only grows is
 * fed row by row; any other frame is computed afresh when it differs from the row's before.
 */
#include "exec/window.h"

#include "type/datetime.h"

struct frame {
    uint32_t lo, hi; /* task rows, hi exclusive */
};

static bool
peers_begin(const struct window_part *p, uint32_t row) /* row of the task */
{
    return p->window->starts[p->base + row] != 0;
}

static uint32_t
peers_end(const struct window_part *p, uint32_t row, uint32_t end)
{
    uint32_t at = row + 1;
    while (at < end && !peers_begin(p, at)) {
        at++;
    }
    return at;
}

static void
eval_ranking(const struct window_item *item, const struct window_part *p, struct vec *out)
{
    const uint32_t begin = p->begin - p->base, end = p->end - p->base, n = end - begin;
    int32_t *ints = out->data;
    double *reals = out->data;
    uint32_t rank = 0, dense = 0, last = begin;
    for (uint32_t row = begin; row < end; row++) {
        if (row == begin || peers_begin(p, row)) {
            rank = row - begin + 1;
            dense++;
            last = item->kind == WINDOW_CUME_DIST ? peers_end(p, row, end) : last;
        }
        switch (item->kind) {
        case WINDOW_ROW_NUMBER:
            ints[row] = (int32_t)(row - begin + 1);
            break;
        case WINDOW_RANK:
            ints[row] = (int32_t)rank;
            break;
        case WINDOW_DENSE_RANK:
            ints[row] = (int32_t)dense;
            break;
        case WINDOW_PERCENT_RANK:
            reals[row] = n > 1 ? (double)(rank - 1) / (n - 1) : 0.0;
            break;
        default:
            reals[row] = (double)(last - begin) / n;
            break;
        }
    }
}

static void
eval_ntile(const struct window_item *item, const struct window_part *p, struct vec *out)
{
    const uint32_t begin = p->begin - p->base, n = p->end - p->begin;
    const uint64_t tiles = (uint64_t)item->offset;
    const uint64_t small = n / tiles, bigger = n % tiles; /* the first `bigger` have one more */
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t in_big = bigger * (small + 1);
        const uint64_t tile = i < in_big ? i / (small + 1) : bigger + (i - in_big) / small;
        ((int32_t *)out->data)[begin + i] = (int32_t)tile + 1;
    }
}

/* ---- frames ---- */

static i128
key_int(const struct vec *v, uint32_t row)
{
    switch ((enum phys)v->phys) {
    case PHYS_I8:
        return ((const int8_t *)v->data)[row];
    case PHYS_I16:
        return ((const int16_t *)v->data)[row];
    case PHYS_I32:
        return ((const int32_t *)v->data)[row];
    case PHYS_I64:
        return ((const int64_t *)v->data)[row];
    default: {
        i128 x;
        memcpy(&x, (const char *)v->data + (size_t)row * 16, 16);
        return x;
    }
    }
}

/* The integer key of row moved by a bound, in the direction of the sort: whole months first, on the
 * session's calendar, then the rest. */
static i128
key_moved(const struct window_part *p, uint32_t row, int32_t months, i128 delta)
{
    const struct vec *v = p->order_key;
    const int sign = p->descending ? -1 : 1;
    i128 key = key_int(v, row);
    if (months != 0 && v->type->id == TYPE_DATE) {
        key = days_add_months((int64_t)key, sign * (int64_t)months);
    } else if (months != 0) {
        const bool zoned = v->type->id == TYPE_TIMESTAMP;
        int64_t local = zoned ? zone_local_micros(p->zone, (int64_t)key) : (int64_t)key;
        const int64_t days = micros_floor_days(local);
        local += (days_add_months(days, sign * (int64_t)months) - days) * MICROS_PER_DAY;
        key = zoned ? zone_utc_micros(p->zone, local) : local;
    }
    return key + sign * delta;
}

/* Is row's key below (at or below, when inclusive) the key of `of` moved by the bound? In the
 * direction of the sort. */
static bool
key_below(const struct window_part *p, uint32_t row, uint32_t of, const struct frame_shift *by,
          bool inclusive)
{
    const struct vec *v = p->order_key;
    if (v->phys == PHYS_F32 || v->phys == PHYS_F64) {
        const bool wide = v->phys == PHYS_F64;
        double x = wide ? ((const double *)v->data)[row] : ((const float *)v->data)[row];
        double y = wide ? ((const double *)v->data)[of] : ((const float *)v->data)[of];
        if (x != x || y != y) { /* NaN is greatest and only near itself */
            const bool x_nan = x != x, y_nan = y != y;
            return x_nan == y_nan ? inclusive : p->descending ? x_nan : y_nan;
        }
        x = p->descending ? -x : x;
        y = (p->descending ? -y : y) + by->real;
        return inclusive ? x <= y : x < y;
    }
    const i128 x = key_int(v, row), y = key_moved(p, of, by->months, by->value);
    return x == y ? inclusive : p->descending ? x > y : x < y;
}

/* The edge of a RANGE frame with a value: the first row not below it. Rows with a null key have
 * the nulls as their frame. */
static uint32_t
range_edge(const struct window_part *p, uint32_t row, const struct frame_shift *by, bool inclusive)
{
    uint32_t low = p->begin - p->base, high = p->end - p->base;
    const struct vec *v = p->order_key;
    const bool null = vec_is_null(v, row);
    if (!null) { /* nulls stand at one end: leave them out */
        while (low < high && vec_is_null(v, low)) {
            low++;
        }
        while (high > low && vec_is_null(v, high - 1)) {
            high--;
        }
    } else {
        uint32_t first = row, last = row;
        while (first > low && vec_is_null(v, first - 1)) {
            first--;
        }
        while (last < high && vec_is_null(v, last)) {
            last++;
        }
        return inclusive ? last : first;
    }
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        if (key_below(p, mid, row, by, inclusive)) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static uint32_t
clamp_row(const struct window_part *p, i128 row)
{
    const i128 begin = p->begin - p->base, end = p->end - p->base;
    return (uint32_t)(row < begin ? begin : row > end ? end : row);
}

static struct frame
frame_of(const struct window_item *item, const struct window_part *p, uint32_t row)
{
    const uint32_t begin = p->begin - p->base, end = p->end - p->base;
    struct frame f = {begin, end};
    const bool rows = item->frame == FRAME_ROWS;
    if (item->lower.kind == BOUND_CURRENT_ROW) {
        f.lo = row;
        while (!rows && f.lo > begin && !peers_begin(p, f.lo)) {
            f.lo--;
        }
    } else if (item->lower.kind == BOUND_VALUE) {
        f.lo = rows ? clamp_row(p, (i128)row + item->lower_by.value)
                    : range_edge(p, row, &item->lower_by, false);
    }
    if (item->upper.kind == BOUND_CURRENT_ROW) {
        f.hi = rows ? row + 1 : peers_end(p, row, end);
    } else if (item->upper.kind == BOUND_VALUE) {
        f.hi = rows ? clamp_row(p, (i128)row + item->upper_by.value + 1)
                    : range_edge(p, row, &item->upper_by, true);
    }
    f.hi = f.hi < f.lo ? f.lo : f.hi;
    return f;
}

/* ---- picking rows ---- */

static void
pick(struct vec *out, uint32_t row, const struct vec *from, uint32_t at, struct arena *keep)
{
    const struct datum d = vec_datum(from, at, keep);
    vec_set_datum(out, keep, row, &d);
}

static void
eval_lag(const struct window_item *item, const struct window_part *p, struct arena *keep,
         struct vec *out)
{
    const int64_t begin = p->begin - p->base, end = p->end - p->base;
    const bool skip = item->function->ignore_nulls || item->expr->ignore_nulls;
    const int64_t step = item->offset < 0 ? -1 : 1;
    for (int64_t row = begin; row < end; row++) {
        int64_t at = row + item->offset;
        if (skip && item->offset != 0) {
            int64_t left = item->offset < 0 ? -item->offset : item->offset;
            at = row;
            while (left > 0) {
                at += step;
                if (at < begin || at >= end) {
                    break;
                }
                left -= !vec_is_null(&p->args[0], (uint32_t)at);
            }
        }
        if (at >= begin && at < end) {
            pick(out, (uint32_t)row, &p->args[0], (uint32_t)at, keep);
        } else if (item->has_default) {
            pick(out, (uint32_t)row, &p->args[2], (uint32_t)row, keep);
        } else {
            vec_set_null(out, keep, (uint32_t)row);
        }
    }
}

static void
eval_nth(const struct window_item *item, const struct window_part *p, struct arena *keep,
         struct vec *out)
{
    const bool skip = item->function->ignore_nulls || item->expr->ignore_nulls;
    for (uint32_t row = p->begin - p->base; row < p->end - p->base; row++) {
        const struct frame f = frame_of(item, p, row);
        int64_t left = item->offset;
        bool found = false;
        for (uint32_t i = 0; i < f.hi - f.lo && !found; i++) {
            const uint32_t at = item->from_end ? f.hi - 1 - i : f.lo + i;
            if (!skip && left > 1) { /* straight there */
                i += (uint32_t)(left - 2 < f.hi - f.lo ? left - 2 : f.hi - f.lo - 1);
                left = 1;
                continue;
            }
            left -= !(skip && vec_is_null(&p->args[0], at));
            if (left == 0) {
                pick(out, row, &p->args[0], at, keep);
                found = true;
            }
        }
        if (!found) {
            vec_set_null(out, keep, row);
        }
    }
}

/* ---- aggregates ---- */

struct running {
    const struct window_item *item;
    const struct window_part *part;
    struct worker *w;
    struct arena *keep;
    void *state;
};

static void
state_reset(struct running *r)
{
    memset(r->state, 0, r->item->agg.ops->state_bytes);
    r->item->agg.ops->init(&r->item->agg.call, r->state);
}

/* Task rows [lo, hi) into the state, a chunk at a time. */
static bool
state_feed(struct running *r, uint32_t lo, uint32_t hi)
{
    const struct agg_item *agg = &r->item->agg;
    for (uint32_t from = lo; from < hi; from += VEC_ROWS) {
        const uint32_t n = hi - from < VEC_ROWS ? hi - from : VEC_ROWS;
        struct vec cols[AGG_ARGS_MAX];
        const struct vec *in[AGG_ARGS_MAX];
        for (uint32_t i = 0; i < agg->arg_count; i++) {
            vec_slice(&cols[i], &r->part->args[i], from, n, r->w->tmp);
            in[i] = &cols[i];
        }
        uint16_t sel[VEC_ROWS];
        uint32_t live = n;
        if (r->part->filter != NULL) {
            live = 0;
            for (uint32_t k = 0; k < n; k++) {
                sel[live] = (uint16_t)k;
                live += r->part->filter[from + k];
            }
        }
        if (live > 0 &&
            !agg->ops->update_one(&r->w->eval, &agg->call, r->keep, r->state,
                                  r->part->filter != NULL ? sel : NULL, live, in, &r->w->err)) {
            return false;
        }
    }
    return true;
}

/* The state's value into rows [from, to) of the result. */
static bool
state_put(struct running *r, struct vec *out, uint32_t from, uint32_t to)
{
    const struct agg_item *agg = &r->item->agg;
    struct vec one;
    vec_init_flat(&one, r->keep, agg->call.type, 1);
    if (!agg->ops->finish(&r->w->eval, &agg->call, &r->state, 1, &one, &r->w->err)) {
        return false;
    }
    const struct datum d = vec_datum(&one, 0, r->keep);
    for (uint32_t row = from; row < to; row++) {
        vec_set_datum(out, r->keep, row, &d);
    }
    return true;
}

static bool
eval_agg(const struct window_item *item, const struct window_part *p, struct worker *w,
         struct arena *keep, struct vec *out)
{
    struct running r = {item, p, w, keep, arena_alloc(keep, item->agg.ops->state_bytes + 16)};
    const uint32_t begin = p->begin - p->base, end = p->end - p->base;
    const bool grows = item->lower.kind == BOUND_UNBOUNDED;
    struct frame last = {begin, begin};
    state_reset(&r);
    for (uint32_t row = begin; row < end;) {
        const struct frame f = frame_of(item, p, row);
        uint32_t same = row + 1; /* rows that surely have the same frame */
        if (item->lower.kind == BOUND_UNBOUNDED && item->upper.kind == BOUND_UNBOUNDED) {
            same = end;
        } else if (item->frame != FRAME_ROWS) {
            same = peers_end(p, row, end);
        }
        if (row == begin || f.lo != last.lo || f.hi != last.hi) {
            if (!grows || f.hi < last.hi) {
                state_reset(&r);
                last = (struct frame){f.lo, f.lo};
            }
            if (!state_feed(&r, last.hi, f.hi)) {
                return false;
            }
            last = f;
        }
        if (!state_put(&r, out, row, same)) {
            return false;
        }
        if (!grows && (row & 1023) == 0 && query_stopped(w->query, &w->err)) {
            return false;
        }
        row = same;
    }
    return true;
}

bool
window_item_eval(const struct window_item *item, const struct window_part *part, struct worker *w,
                 struct arena *keep, struct vec *out)
{
    switch (item->kind) {
    case WINDOW_NTILE:
        eval_ntile(item, part, out);
        return true;
    case WINDOW_LAG:
        eval_lag(item, part, keep, out);
        return true;
    case WINDOW_NTH:
        eval_nth(item, part, keep, out);
        return true;
    case WINDOW_AGG:
        return eval_agg(item, part, w, keep, out);
    default:
        eval_ranking(item, part, out);
        return true;
    }
}
