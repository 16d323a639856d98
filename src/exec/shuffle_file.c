/* Shuffle files: blocks of columns, frames with checksums, the index behind them. */
#include "exec/shuffle_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/thread.h"
#include "tree/serial.h"

enum { FORM = 1, FILE_HEAD = 8, LIST_ENTRY = 16, TABLE_ENTRY = 16, TAIL = 20 };
enum { COLUMN_PLAIN = 0, COLUMN_NULLS = 1, COLUMN_NESTED = 2 };

/* ---- columns ---- */

static void
valid_put(struct buffer *out, const struct vec *v)
{
    const size_t bytes = ((size_t)v->n + 7) / 8;
    uint8_t *to = buffer_extend(out, bytes);
    if (to == NULL) {
        return;
    }
    memcpy(to, v->valid, bytes);
    if (v->n % 8 != 0) {
        to[bytes - 1] &= (uint8_t)((1u << (v->n % 8)) - 1);
    }
}

static void
views_put(struct buffer *out, const struct vec *v)
{
    const struct view *views = v->data;
    uint8_t *lengths = buffer_extend(out, (size_t)v->n * 4);
    size_t total = 0;
    for (uint32_t i = 0; i < v->n && lengths != NULL; i++) {
        const uint32_t len = v->valid == NULL || bit_get(v->valid, i) ? views[i].len : 0;
        memcpy(lengths + (size_t)i * 4, &len, 4);
        total += len;
    }
    uint8_t *to = buffer_extend(out, total);
    for (uint32_t i = 0; i < v->n && to != NULL; i++) {
        const uint32_t len = v->valid == NULL || bit_get(v->valid, i) ? views[i].len : 0;
        memcpy(to, view_ptr(&views[i]), len);
        to += len;
    }
}

static void
column_put(struct buffer *out, const struct vec *v)
{
    if (v->enc != VEC_FLAT || phys_size(v->phys) == 0 || v->phys == PHYS_LIST ||
        v->phys == PHYS_MAP) {
        buffer_u8(out, COLUMN_NESTED);
        vec_write(out, v, NULL, v->n);
        return;
    }
    buffer_u8(out, v->valid != NULL ? COLUMN_NULLS : COLUMN_PLAIN);
    if (v->valid != NULL) {
        valid_put(out, v);
    }
    if (v->phys == PHYS_VIEW) {
        views_put(out, v);
    } else {
        buffer_put(out, v->data, phys_size(v->phys) * v->n);
    }
}

void
shuffle_block_put(struct buffer *out, const struct chunk *c, struct arena *tmp)
{
    buffer_uvarint(out, c->n);
    for (uint32_t i = 0; i < c->col_count; i++) {
        struct vec v = c->cols[i];
        v.n = c->n;
        if (v.enc != VEC_FLAT && phys_size(v.phys) > 0) {
            vec_flatten(&v, &v, NULL, c->n, tmp);
            v.n = c->n;
        }
        column_put(out, &v);
    }
}

static uint32_t
frame_crc(const uint8_t *frame, size_t len)
{
    return crc32c(crc32c(0, frame, 12), frame + SHUFFLE_FRAME_HEAD, len - SHUFFLE_FRAME_HEAD);
}

void
shuffle_frame_close(struct buffer *out, size_t at, uint32_t partition, uint32_t rows)
{
    if (out->overflow || out->len - at < SHUFFLE_FRAME_HEAD) {
        return;
    }
    uint8_t *frame = out->ptr + at;
    const uint32_t bytes = (uint32_t)(out->len - at - SHUFFLE_FRAME_HEAD);
    memcpy(frame, &bytes, 4);
    memcpy(frame + 4, &rows, 4);
    memcpy(frame + 8, &partition, 4);
    const uint32_t crc = frame_crc(frame, out->len - at);
    memcpy(frame + 12, &crc, 4);
}

/* ---- reading frames ---- */

bool
shuffle_frame_open(struct bytes frame, uint32_t partition, const struct type *schema,
                   struct shuffle_blocks *out)
{
    struct reader r;
    reader_init(&r, frame);
    const uint32_t bytes = reader_le32(&r), rows = reader_le32(&r), of = reader_le32(&r),
                   crc = reader_le32(&r);
    if (!reader_ok(&r) || bytes != reader_left(&r) || of != partition ||
        crc != frame_crc(frame.ptr, frame.len)) {
        return false;
    }
    *out = (struct shuffle_blocks){schema, {frame.ptr + SHUFFLE_FRAME_HEAD, bytes}, rows};
    return true;
}

static bool
valid_read(struct reader *r, uint32_t n, struct arena *a, struct vec *out)
{
    const struct bytes bits = reader_take(r, ((size_t)n + 7) / 8);
    if (!reader_ok(r)) {
        return false;
    }
    out->valid = valid_new(a, n, false);
    memcpy(out->valid, bits.ptr, bits.len);
    return true;
}

static bool
views_read(struct reader *r, uint32_t n, struct vec *out)
{
    struct view *views = out->data;
    const struct bytes lengths = reader_take(r, (size_t)n * 4);
    for (uint32_t i = 0; i < n && reader_ok(r); i++) {
        uint32_t len;
        memcpy(&len, lengths.ptr + (size_t)i * 4, 4);
        const struct bytes text = reader_take(r, len);
        if (reader_ok(r)) {
            views[i] = len > 0 ? view_make((const char *)text.ptr, len) : (struct view){0};
        }
    }
    return reader_ok(r);
}

static bool
column_read(struct reader *r, const struct type *type, uint32_t n, struct arena *a, struct vec *out)
{
    const uint8_t form = reader_u8(r);
    const enum phys phys = phys_of(type);
    if (form == COLUMN_NESTED) {
        return vec_read(a, r, type, out) && out->n == n;
    }
    if (form > COLUMN_NULLS || phys_size(phys) == 0 || phys == PHYS_LIST || phys == PHYS_MAP ||
        (phys_size(phys) * n > reader_left(r) && phys != PHYS_VIEW)) {
        return false;
    }
    vec_init_flat(out, a, type, n);
    out->n = n;
    if (form == COLUMN_NULLS && !valid_read(r, n, a, out)) {
        return false;
    }
    if (phys == PHYS_VIEW) {
        return views_read(r, n, out);
    }
    const struct bytes values = reader_take(r, phys_size(phys) * n);
    if (!reader_ok(r)) {
        return false;
    }
    if (values.len > 0) {
        memcpy(out->data, values.ptr, values.len);
    }
    return true;
}

bool
shuffle_block_next(struct shuffle_blocks *b, struct arena *a, struct chunk *out)
{
    *out = (struct chunk){.col_count = b->schema->field_count};
    if (b->left.len == 0) {
        return b->rows == 0;
    }
    struct reader r;
    reader_init(&r, b->left);
    const uint64_t n = reader_uvarint64(&r);
    if (!reader_ok(&r) || n == 0 || n > SHUFFLE_BLOCK_ROWS_MAX || n > b->rows) {
        return false;
    }
    out->n = out->sel_n = (uint32_t)n;
    out->cols = arena_new_array(a, struct vec, out->col_count + 1);
    for (uint32_t i = 0; i < out->col_count; i++) {
        if (!column_read(&r, b->schema->fields[i].type, out->n, a, &out->cols[i])) {
            return false;
        }
    }
    b->rows -= out->n;
    b->left = (struct bytes){b->left.ptr + reader_offset(&r), b->left.len - reader_offset(&r)};
    return true;
}

/* ---- writing ---- */

bool
shuffle_writer_open(struct shuffle_writer *w, struct env *env, const char *path,
                    uint32_t partitions, struct error *err)
{
    *w = (struct shuffle_writer){.env = env, .fd = -1, .partitions = partitions, .end = FILE_HEAD};
    pthread_mutex_init(&w->lock, NULL);
    if (partitions == 0 || partitions > SHUFFLE_PARTITIONS_MAX) {
        return error_unsupported(err, "an exchange of %u partitions", partitions);
    }
    w->fd = env->ops->open(env, path, ENV_WRITE | ENV_CREATE | ENV_TRUNCATE, err);
    uint8_t head[FILE_HEAD] = {'W', 'S', 'H', 'F', FORM};
    return w->fd >= 0 && env->ops->pwrite(env, w->fd, head, sizeof head, 0, err);
}

bool
shuffle_writer_append(struct shuffle_writer *w, struct bytes frame, uint32_t partition,
                      uint32_t morsel, uint32_t seq, uint32_t rows, struct error *err)
{
    mutex_lock(&w->lock);
    const uint64_t at = w->end;
    bool ok = true;
    if (w->count == w->capacity) {
        const uint32_t capacity = w->capacity == 0 ? 256 : w->capacity * 2;
        struct shuffle_entry *more =
            capacity > SHUFFLE_FRAMES_MAX ? NULL : realloc(w->entries, capacity * sizeof *more);
        ok = more != NULL;
        if (ok) {
            w->entries = more;
            w->capacity = capacity;
        }
    }
    if (ok) {
        w->end += frame.len;
        w->entries[w->count++] =
            (struct shuffle_entry){{at, (uint32_t)frame.len, rows}, partition, morsel, seq};
    }
    mutex_unlock(&w->lock);
    if (!ok) {
        return error_set(err, ERROR_RESOURCE, "an exchange wrote more frames than its index holds");
    }
    return w->env->ops->pwrite(w->env, w->fd, frame.ptr, frame.len, (int64_t)at, err);
}

static int
entry_order(const void *x, const void *y)
{
    const struct shuffle_entry *a = x, *b = y;
    if (a->partition != b->partition) {
        return a->partition < b->partition ? -1 : 1;
    }
    if (a->morsel != b->morsel) {
        return a->morsel < b->morsel ? -1 : 1;
    }
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static void
index_put(struct shuffle_writer *w, struct buffer *out)
{
    struct buffer table = {0};
    uint32_t at = 0;
    for (uint32_t p = 0; p < w->partitions; p++) {
        const size_t begin = out->len;
        const uint32_t first = at;
        for (; at < w->count && w->entries[at].partition == p; at++) {
            const struct shuffle_frame *f = &w->entries[at].frame;
            buffer_le64(out, f->offset);
            buffer_le32(out, f->bytes);
            buffer_le32(out, f->rows);
        }
        buffer_le64(&table, w->end + begin);
        buffer_le32(&table, at - first);
        buffer_le32(&table, out->len > begin ? crc32c(0, out->ptr + begin, out->len - begin) : 0);
    }
    const uint64_t table_at = w->end + out->len;
    buffer_put(out, table.ptr, table.len);
    buffer_le32(out, w->partitions);
    buffer_le32(out, crc32c(0, table.ptr, table.len));
    buffer_le64(out, table_at);
    buffer_put(out, "WSHE", 4);
    out->overflow |= table.overflow;
    buffer_release(&table);
}

bool
shuffle_writer_finish(struct shuffle_writer *w, struct error *err)
{
    if (w->count > 0) {
        qsort(w->entries, w->count, sizeof *w->entries, entry_order);
    }
    struct buffer index = {0};
    index_put(w, &index);
    const bool ok =
        index.overflow
            ? error_set(err, ERROR_RESOURCE, "the index of an exchange is too large")
            : w->env->ops->pwrite(w->env, w->fd, index.ptr, index.len, (int64_t)w->end, err);
    w->end += index.len;
    buffer_release(&index);
    w->env->ops->close(w->env, w->fd);
    w->fd = -1;
    return ok;
}

void
shuffle_writer_release(struct shuffle_writer *w)
{
    if (w->env == NULL) {
        return;
    }
    if (w->fd >= 0) {
        w->env->ops->close(w->env, w->fd);
    }
    free(w->entries);
    pthread_mutex_destroy(&w->lock);
    *w = (struct shuffle_writer){.fd = -1};
}

/* ---- the index ---- */

static bool
read_exact(struct env *env, int fd, void *to, size_t len, uint64_t at, struct error *err)
{
    size_t got = 0;
    if (at > INT64_MAX || !env->ops->pread(env, fd, to, len, (int64_t)at, &got, err)) {
        return error_is_set(err) ? false : error_set(err, ERROR_PROTOCOL, "a broken shuffle file");
    }
    return got == len || error_set(err, ERROR_PROTOCOL, "a shuffle file is cut off");
}

/* The last bytes of the file, and its table's entry for the partition. */
static bool
table_entry(struct env *env, int fd, uint64_t size, uint32_t partition, struct arena *a,
            uint64_t *list_at, uint32_t *count, uint32_t *crc, struct error *err)
{
    uint8_t tail[TAIL];
    if (size < FILE_HEAD + TAIL) {
        return error_set(err, ERROR_PROTOCOL, "a shuffle file is cut off");
    }
    if (!read_exact(env, fd, tail, TAIL, size - TAIL, err)) {
        return false;
    }
    struct reader r;
    reader_init(&r, (struct bytes){tail, TAIL});
    const uint32_t partitions = reader_le32(&r), table_crc = reader_le32(&r);
    const uint64_t table_at = reader_le64(&r);
    const size_t table_len = (size_t)partitions * TABLE_ENTRY;
    if (memcmp(tail + 16, "WSHE", 4) != 0 || partitions > SHUFFLE_PARTITIONS_MAX ||
        partition >= partitions || table_at > size || table_at + table_len + TAIL != size) {
        return error_set(err, ERROR_PROTOCOL, "a shuffle file has no index");
    }
    uint8_t *table = arena_alloc(a, table_len + 1);
    if (!read_exact(env, fd, table, table_len, table_at, err)) {
        return false;
    }
    if (crc32c(0, table, table_len) != table_crc) {
        return error_set(err, ERROR_PROTOCOL, "a shuffle file's index has a wrong checksum");
    }
    reader_init(&r, (struct bytes){table + (size_t)partition * TABLE_ENTRY, TABLE_ENTRY});
    *list_at = reader_le64(&r);
    *count = reader_le32(&r);
    *crc = reader_le32(&r);
    return (*count <= SHUFFLE_FRAMES_MAX && *list_at <= table_at &&
            *list_at + (uint64_t)*count * LIST_ENTRY <= table_at) ||
           error_set(err, ERROR_PROTOCOL, "a shuffle file's index leads out of it");
}

bool
shuffle_file_list(struct env *env, const char *path, int fd, uint32_t partition, struct arena *a,
                  struct shuffle_frame **frames, uint32_t *count, struct error *err)
{
    struct env_stat st;
    if (!env->ops->stat(env, path, &st, err)) {
        return false;
    }
    uint64_t list_at = 0;
    uint32_t crc = 0;
    if (!table_entry(env, fd, (uint64_t)st.bytes, partition, a, &list_at, count, &crc, err)) {
        return false;
    }
    const size_t len = (size_t)*count * LIST_ENTRY;
    uint8_t *list = arena_alloc(a, len + 1);
    if (!read_exact(env, fd, list, len, list_at, err)) {
        return false;
    }
    if (*count > 0 && crc32c(0, list, len) != crc) {
        return error_set(err, ERROR_PROTOCOL, "a shuffle file's list has a wrong checksum");
    }
    *frames = arena_new_array(a, struct shuffle_frame, *count + 1);
    struct reader r;
    reader_init(&r, (struct bytes){list, len});
    for (uint32_t i = 0; i < *count; i++) {
        struct shuffle_frame *f = &(*frames)[i];
        f->offset = reader_le64(&r);
        f->bytes = reader_le32(&r);
        f->rows = reader_le32(&r);
        if (f->bytes < SHUFFLE_FRAME_HEAD || f->bytes > SHUFFLE_FRAME_BYTES_MAX ||
            f->offset > list_at || f->offset + f->bytes > list_at) {
            return error_set(err, ERROR_PROTOCOL, "a shuffle file's list leads out of it");
        }
    }
    return true;
}
