/*
 * Reading a partition's directory from another process: no lock, no state, only files.
 *
 * The caller has the range [start, end) from the store, so all of it is durable and whole; a batch
 * that is not is damage, and said. A segment that retention removed meanwhile is an error too: the
 * alternative would be a silent gap.
 */
#include <stdlib.h>
#include <string.h>

#include "log/log_internal.h"

enum { READ_AHEAD_BYTES = 1 << 20 };

struct log_file_reader {
    struct env *env;
    char *dir;
    int64_t *bases; /* of the segments, rising */
    size_t base_count, base_capacity;
    size_t segment; /* the one that is open */
    int fd;
    int64_t position; /* of the next batch in it */
    int64_t offset;   /* next wanted */
    int64_t end;
    struct buffer ahead; /* file bytes from ahead_at */
    int64_t ahead_at;
    struct buffer plain;
    struct batch batch;
    struct record_iter records;
    bool in_batch;
};

static void
file_reader_name(void *ctx, const char *name, bool is_dir)
{
    struct log_file_reader *r = ctx;
    int64_t base;
    if (is_dir || !segment_name_parse(name, &base)) {
        return;
    }
    if (r->base_count == r->base_capacity) {
        r->base_capacity = r->base_capacity ? r->base_capacity * 2 : 16;
        r->bases = realloc(r->bases, r->base_capacity * sizeof *r->bases);
        if (r->bases == NULL) {
            abort();
        }
    }
    r->bases[r->base_count++] = base;
}

static int
file_base_compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static bool
file_reader_open_segment(struct log_file_reader *r, struct error *err)
{
    if (r->fd >= 0) {
        r->env->ops->close(r->env, r->fd);
    }
    char name[SEGMENT_NAME_BYTES];
    segment_file_name(name, r->bases[r->segment], "log");
    char *path = path_join(r->dir, name);
    r->fd = r->env->ops->open(r->env, path, ENV_READ, err);
    free(path);
    r->position = 0;
    buffer_clear(&r->ahead);
    r->ahead_at = 0;
    return r->fd >= 0;
}

/* A sealed segment has an index that saves walking its headers from the start. */
static void
file_reader_seek(struct log_file_reader *r)
{
    struct error err = {0};
    struct segment *s = segment_load(r->env, r->dir, r->bases[r->segment], &err);
    int64_t position = 0, first = 0;
    if (s != NULL && s->indexed && segment_find(s, r->offset, &position, &first, &err)) {
        r->position = position;
    }
    segment_release(s);
    error_clear(&err); /* without an index the walk starts at the front */
}

struct log_file_reader *
log_file_reader_open(struct env *env, const char *partition_dir, int64_t start, int64_t end,
                     struct error *err)
{
    struct log_file_reader *r = calloc(1, sizeof *r);
    if (r == NULL) {
        abort();
    }
    *r = (struct log_file_reader){.env = env, .fd = -1, .offset = start, .end = end};
    r->dir = strdup(partition_dir);
    if (!env->ops->list(env, partition_dir, file_reader_name, r, err)) {
        log_file_reader_close(r);
        return NULL;
    }
    qsort(r->bases, r->base_count, sizeof *r->bases, file_base_compare);
    if (start >= end) {
        return r;
    }
    if (r->base_count == 0 || r->bases[0] > start) {
        error_set_code(err, ERROR_UNAVAILABLE, 1,
                       "%s no longer has offset %lld: retention has removed it", partition_dir,
                       (long long)start);
        log_file_reader_close(r);
        return NULL;
    }
    while (r->segment + 1 < r->base_count && r->bases[r->segment + 1] <= start) {
        r->segment++;
    }
    if (!file_reader_open_segment(r, err)) {
        log_file_reader_close(r);
        return NULL;
    }
    file_reader_seek(r);
    return r;
}

/* Makes len bytes at the reader's position available; NULL with err unset at the end of the file.
 */
static const uint8_t *
file_reader_ahead(struct log_file_reader *r, size_t len, struct error *err)
{
    const int64_t have = r->ahead_at + (int64_t)r->ahead.len;
    if (r->position >= r->ahead_at && r->position + (int64_t)len <= have) {
        return r->ahead.ptr + (r->position - r->ahead_at);
    }
    const size_t want = len > READ_AHEAD_BYTES ? len : READ_AHEAD_BYTES;
    buffer_clear(&r->ahead);
    size_t got = 0;
    uint8_t *dst = buffer_extend(&r->ahead, want);
    if (dst == NULL) {
        error_set(err, ERROR_RESOURCE, "a record batch of %zu bytes is over the limit", len);
        return NULL;
    }
    if (!r->env->ops->pread(r->env, r->fd, dst, want, r->position, &got, err)) {
        return NULL;
    }
    r->ahead.len = got;
    r->ahead_at = r->position;
    return got >= len ? dst : NULL;
}

static bool
file_reader_corrupt(struct log_file_reader *r, struct error *err)
{
    return error_is_set(err)
               ? false
               : error_set_code(err, ERROR_SYSTEM, 2,
                                "%s: the batch at byte %lld of segment %lld is damaged", r->dir,
                                (long long)r->position, (long long)r->bases[r->segment]);
}

/* The next batch that reaches the wanted offset; false with err unset at the end. */
static bool
file_reader_batch(struct log_file_reader *r, struct error *err)
{
    while (r->offset < r->end) {
        const uint8_t *head = file_reader_ahead(r, BATCH_HEADER_BYTES, err);
        if (head == NULL) {
            if (error_is_set(err)) {
                return false;
            }
            if (r->segment + 1 == r->base_count) {
                return r->ahead.len == 0 ? false : file_reader_corrupt(r, err);
            }
            r->segment++;
            if (!file_reader_open_segment(r, err)) {
                return false;
            }
            continue;
        }
        uint32_t length, delta;
        uint64_t base;
        memcpy(&base, head, 8);
        memcpy(&length, head + 8, 4);
        memcpy(&delta, head + 23, 4);
        const size_t len = (size_t)__builtin_bswap32(length) + BATCH_OVERHEAD_BYTES;
        const int64_t last = (int64_t)(__builtin_bswap64(base) + __builtin_bswap32(delta));
        if (len < BATCH_HEADER_BYTES || len > (size_t)1 << 30) {
            return file_reader_corrupt(r, err);
        }
        if (last < r->offset) {
            r->position += (int64_t)len;
            continue;
        }
        const uint8_t *whole = file_reader_ahead(r, len, err);
        if (whole == NULL || !batch_crc_ok((struct bytes){whole, len}) ||
            !batch_parse((struct bytes){whole, len}, &r->batch, err)) {
            return file_reader_corrupt(r, err);
        }
        r->position += (int64_t)len;
        return true;
    }
    return false;
}

bool
log_file_reader_next(struct log_file_reader *r, struct log_record *out, struct error *err)
{
    for (;;) {
        while (r->in_batch && record_iter_next(&r->records, out, err)) {
            if (out->offset >= r->end) {
                return false;
            }
            if (out->offset >= r->offset) {
                r->offset = out->offset + 1;
                return true;
            }
        }
        r->in_batch = false;
        if (error_is_set(err) || !file_reader_batch(r, err)) {
            return false;
        }
        const int64_t after = r->batch.base_offset + r->batch.last_offset_delta + 1;
        if ((r->batch.attributes & 1 << 5) != 0) {
            r->offset = after;
            continue;
        }
        struct bytes plain = r->batch.records;
        if ((r->batch.attributes & 7) != BATCH_PLAIN) {
            buffer_clear(&r->plain);
            if (!batch_decompress(&r->batch, &r->plain, (size_t)1 << 30, err)) {
                return false;
            }
            plain = (struct bytes){r->plain.ptr, r->plain.len};
        }
        record_iter_init(&r->records, &r->batch, plain);
        r->in_batch = true;
    }
}

void
log_file_reader_close(struct log_file_reader *r)
{
    if (r == NULL) {
        return;
    }
    if (r->fd >= 0) {
        r->env->ops->close(r->env, r->fd);
    }
    buffer_release(&r->ahead);
    buffer_release(&r->plain);
    free(r->bases);
    free(r->dir);
    free(r);
}
