/*
 * The state of a streaming aggregate: groups kept between batches, one file a version.
 *
 * Batch v reads <dir>/<v-1>.state, merges its groups into what it read, drops what came too late,
 * and writes <dir>/<v>.state, whole, durable and renamed into place before the batch's rows go out.
 * Groups are written and emitted in key order, so that a batch run again writes the same bytes and
 * gives the same rows.
 *
 * File: "WSTA", u32 form, u64 groups; per group its keys (tree/serial datums) and its aggregates'
 * states (length, bytes as agg_ops save them); at the end u32 CRC-32C of all before it. Integers
 * little-endian.
 * What leaves: APPEND emits groups whose time is past the eviction watermark and removes them;
 * UPDATE emits the groups that the batch met, and removes past ones; COMPLETE emits all and removes
 * none.
 * Memory: all groups, and the file's bytes while it is read or written (STATE_BYTES_MAX).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/crc32c.h"
#include "base/reader.h"
#include "exec/aggregate.h"
#include "tree/serial.h"
#include "vec/compare.h"

enum { STATE_FORM = 1, STATE_HEAD_BYTES = 16 };

static const size_t state_bytes_max = (size_t)8 << 30;

static bool
state_fault(const char *path, const char *what, struct error *err)
{
    char text[512];
    snprintf(text, sizeof text, "The state file %s %s.", path, what);
    return error_raise(err, "INTERNAL_ERROR", "message", text, (const char *)NULL);
}

static const char *
state_path(struct aggregate *a, int64_t version)
{
    return arena_printf(&a->arena, "%s/%" PRId64 ".state", a->stream->dir, version);
}

bool
state_is_past(const struct aggregate *a, const void *row, int64_t watermark_micros)
{
    const int32_t column = a->stream->event_column;
    if (column < 0 || watermark_micros == INT64_MIN) {
        return false;
    }
    const struct group_slot *s = &a->layout.slots[column];
    const uint64_t *nulls = (const void *)((const char *)row + a->layout.null_offset);
    const char *at = (const char *)row + s->offset;
    if (bit_get(nulls, (uint32_t)column)) {
        return false;
    }
    int64_t time;
    if (s->phys == PHYS_STRUCT) { /* window: its end is the last field */
        const struct vec *window = *(const struct vec *const *)(const void *)at;
        const struct vec *end = &window->child[window->child_count - 1];
        if (vec_is_null(end, 0)) {
            return false;
        }
        memcpy(&time, end->data, sizeof time);
    } else {
        memcpy(&time, at, sizeof time);
    }
    return time <= watermark_micros;
}

/* ---- reading ---- */

/* One group's keys out of the file into row `at` of the key columns. */
static bool
keys_read(struct aggregate *a, struct reader *r, struct vec *cols, uint32_t at, struct arena *tmp)
{
    for (uint32_t i = 0; i < a->key_count; i++) {
        struct datum d;
        if (!datum_read(tmp, r, &d)) {
            return false;
        }
        if (!d.is_null && phys_of(d.type) != cols[i].phys) {
            return false;
        }
        vec_set_datum(&cols[i], tmp, at, &d);
    }
    return true;
}

static bool
group_read(struct aggregate *a, struct reader *r, uint64_t number, struct arena *tmp,
           struct budget *budget)
{
    struct vec *cols = arena_new_array(tmp, struct vec, a->key_count + 1);
    for (uint32_t i = 0; i < a->key_count; i++) {
        vec_init_flat(&cols[i], tmp, a->layout.slots[i].type, 1);
    }
    if (!keys_read(a, r, cols, 0, tmp)) {
        return false;
    }
    struct group_table one;
    struct key_batch b;
    void *row, *fresh;
    bool made;
    group_table_init(&one, &a->layout, budget);
    key_batch_make(&b, &a->layout, cols, NULL, 1, tmp);
    group_table_find(&one, &b, NULL, 1, number, &row, &fresh, tmp);
    struct partition *p = &a->partitions[b.hashes[0] >> PARTITION_SHIFT];
    char *kept = group_table_adopt(&p->table, row, &made);
    group_table_free(&one);
    char *states = kept + a->layout.state_offset;
    agg_states_init(&a->aggs, states);
    *(uint64_t *)(void *)(kept + a->touch_offset) = GROUP_KEPT;
    for (uint32_t i = 0; i < a->aggs.count && made; i++) {
        const struct agg_item *item = &a->aggs.items[i];
        const struct bytes saved = reader_lenbytes(r);
        struct reader in;
        reader_init(&in, saved);
        if (!reader_ok(r) ||
            !item->ops->load(&item->call, &p->table.arena, states + item->state_offset, &in)) {
            return false;
        }
    }
    return made;
}

static bool
state_parse(struct aggregate *a, const char *path, struct bytes file, struct budget *budget,
            struct error *err)
{
    if (file.len < STATE_HEAD_BYTES + 4 || memcmp(file.ptr, "WSTA", 4) != 0) {
        return state_fault(path, "is no state file", err);
    }
    const size_t body = file.len - 4;
    struct reader tail;
    reader_init(&tail, (struct bytes){file.ptr + body, 4});
    if (reader_le32(&tail) != crc32c(0, file.ptr, body)) {
        return state_fault(path, "has a wrong checksum", err);
    }
    struct reader r;
    reader_init(&r, (struct bytes){file.ptr + 4, body - 4});
    if (reader_le32(&r) != STATE_FORM) {
        return state_fault(path, "has an unknown form", err);
    }
    const uint64_t groups = reader_le64(&r);
    struct arena tmp;
    arena_init(&tmp, budget);
    bool ok = reader_ok(&r);
    for (uint64_t i = 0; ok && i < groups; i++) {
        arena_reset(&tmp);
        ok = group_read(a, &r, i, &tmp, budget) && reader_ok(&r);
    }
    arena_release(&tmp);
    return (ok && reader_left(&r) == 0) ||
           state_fault(path, "does not hold this query's groups", err);
}

bool
state_load(struct aggregate *a, struct query *q, struct error *err)
{
    for (uint32_t i = 0; i < a->aggs.count; i++) {
        const struct agg_ops *ops = a->aggs.items[i].ops;
        if (ops->save == NULL || ops->load == NULL) {
            return error_unsupported(err, "the aggregate function %s in a streaming query",
                                     a->aggs.items[i].expr->name);
        }
    }
    if (a->stream->version <= 0) {
        return true; /* nothing yet */
    }
    const char *path = state_path(a, a->stream->version - 1);
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (!env_read_file(q->ctx->env, path, state_bytes_max, &bytes, &len, err)) {
        return false;
    }
    const bool ok = state_parse(a, path, (struct bytes){bytes, len}, q->ctx->budget, err);
    free(bytes);
    return ok;
}

/* ---- order ---- */

static int
slot_compare(const struct group_slot *s, const void *x, const void *y)
{
    switch ((enum phys)s->phys) {
    case PHYS_VIEW:
        return view_compare(x, y);
    case PHYS_LIST:
    case PHYS_MAP:
    case PHYS_STRUCT:
        return vec_rows_compare(*(const struct vec *const *)x, 0, *(const struct vec *const *)y, 0);
    case PHYS_I128: {
        i128 a, b;
        memcpy(&a, x, 16);
        memcpy(&b, y, 16);
        return a < b ? -1 : a > b;
    }
    case PHYS_F32:
    case PHYS_F64: {
        double a, b;
        memcpy(&a, x, 8);
        memcpy(&b, y, 8);
        return double_compare(a, b);
    }
    case PHYS_INTERVAL:
        return memcmp(x, y, 16);
    default: {
        int64_t a = 0, b = 0;
        memcpy(&a, x, s->width);
        memcpy(&b, y, s->width);
        return a < b ? -1 : a > b;
    }
    }
}

static int
group_order(const void *x, const void *y, void *layout)
{
    const struct group_layout *l = layout;
    const char *a = *(const char *const *)x, *b = *(const char *const *)y;
    for (uint32_t i = 0; i < l->key_count; i++) {
        const bool a_null = bit_get((const void *)(a + l->null_offset), i);
        const bool b_null = bit_get((const void *)(b + l->null_offset), i);
        if (a_null || b_null) {
            if (a_null != b_null) {
                return a_null ? -1 : 1;
            }
            continue;
        }
        const uint32_t at = l->slots[i].offset;
        const int order = slot_compare(&l->slots[i], a + at, b + at);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

static void **
groups_sorted(struct aggregate *a, uint32_t *count)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        total += a->partitions[i].table.count;
    }
    void **rows = arena_alloc(&a->arena, (total + 1) * sizeof *rows);
    uint32_t n = 0;
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        struct group_page *page = NULL;
        uint32_t at = 0;
        for (void *row; (row = group_table_next(&a->partitions[i].table, &page, &at)) != NULL;) {
            rows[n++] = row;
        }
    }
    qsort_r(rows, n, sizeof *rows, group_order, &a->layout);
    *count = n;
    return rows;
}

/* ---- writing ---- */

static bool
group_write(struct aggregate *a, struct buffer *out, void *row, struct arena *tmp)
{
    for (uint32_t i = 0; i < a->key_count; i++) {
        struct vec one;
        group_slot_read(&a->layout, i, &row, 1, &one, tmp);
        const struct datum d = vec_datum(&one, 0, tmp);
        datum_write(out, &d);
    }
    struct buffer state = {0};
    for (uint32_t i = 0; i < a->aggs.count; i++) {
        const struct agg_item *item = &a->aggs.items[i];
        buffer_clear(&state);
        item->ops->save(&item->call, (char *)row + a->layout.state_offset + item->state_offset,
                        &state);
        buffer_lenbytes(out, state.ptr, state.len);
    }
    const bool ok = !state.overflow && !out->overflow;
    buffer_release(&state);
    return ok;
}

static bool
state_write(struct aggregate *a, struct query *q, void **rows, uint32_t count, struct error *err)
{
    const char *path = state_path(a, a->stream->version);
    struct buffer out = {.limit = state_bytes_max};
    struct arena tmp;
    arena_init(&tmp, q->ctx->budget);
    buffer_put(&out, "WSTA", 4);
    buffer_le32(&out, STATE_FORM);
    buffer_le64(&out, count);
    bool ok = true;
    for (uint32_t i = 0; ok && i < count; i++) {
        arena_reset(&tmp);
        ok = group_write(a, &out, rows[i], &tmp);
    }
    arena_release(&tmp);
    if (ok) {
        buffer_le32(&out, crc32c(0, out.ptr, out.len));
        ok = !out.overflow;
    }
    if (!ok) {
        error_unsupported(err, "streaming state of more than %zu bytes", state_bytes_max);
    }
    ok = ok && q->ctx->env->ops->mkdirs(q->ctx->env, a->stream->dir, err) &&
         env_write_file_atomic(q->ctx->env, path, out.ptr, out.len, err);
    atomic_fetch_add(&q->progress->state_bytes, out.len);
    buffer_release(&out);
    return ok;
}

/* Does the group belong to this batch's output? */
static bool
group_is_due(enum output_mode mode, uint64_t marks, bool past)
{
    switch (mode) {
    case OUTPUT_COMPLETE:
        return true;
    case OUTPUT_UPDATE:
        return (marks & GROUP_TOUCHED) != 0;
    case OUTPUT_NEW:
        return (marks & GROUP_KEPT) == 0;
    case OUTPUT_APPEND:
        break;
    }
    return past;
}

bool
state_finish(struct aggregate *a, struct query *q, struct error *err)
{
    uint32_t count = 0, kept = 0;
    void **rows = groups_sorted(a, &count);
    void **keep = arena_alloc(&a->arena, (count + 1) * sizeof *keep);
    const enum output_mode mode = a->stream->mode;
    a->ordered = arena_alloc(&a->arena, (count + 1) * sizeof *a->ordered);
    uint64_t touched = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t met;
        memcpy(&met, (char *)rows[i] + a->touch_offset, sizeof met);
        touched += (met & GROUP_TOUCHED) != 0;
        const bool past =
            mode != OUTPUT_COMPLETE && state_is_past(a, rows[i], a->stream->watermark_evict_micros);
        if (group_is_due(mode, met, past)) {
            a->ordered[a->ordered_count++] = rows[i];
        }
        if (!past) {
            keep[kept++] = rows[i];
        }
    }
    atomic_fetch_add(&q->progress->late_rows, atomic_load(&a->late_rows));
    atomic_fetch_add(&q->progress->state_rows, kept);
    atomic_fetch_add(&q->progress->state_rows_updated, touched);
    atomic_fetch_add(&q->progress->state_rows_removed, count - kept);
    return state_write(a, q, keep, kept, err);
}
