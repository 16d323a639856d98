/* Segments: appending, finding, recovering, and the two index files beside each. */
#include "log/segment.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/crc32c.h"
#include "base/trace.h"

#define INDEX_MAGIC 0x31584957u /* "WIX1" */
#define TIMES_MAGIC 0x31585457u /* "WTX1" */

enum { BATCH_BYTES_MAX = 1 << 30, META_BYTES_MAX = 256 << 20 };

static void *
must(void *p)
{
    if (p == NULL) {
        abort();
    }
    return p;
}

char *
path_join(const char *dir, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", dir, name) < 0) {
        abort();
    }
    return path;
}

bool
meta_write(struct env *env, const char *dir, const char *name, struct buffer *content,
           struct error *err)
{
    buffer_le32(content, crc32c(0, content->ptr, content->len));
    char *path = path_join(dir, name);
    const bool ok = env_write_file_atomic(env, path, content->ptr, content->len, err);
    free(path);
    return ok;
}

bool
meta_read(struct env *env, const char *dir, const char *name, uint8_t **bytes, size_t *len)
{
    struct error err = {0};
    char *path = path_join(dir, name);
    uint8_t *got = NULL;
    size_t got_len = 0;
    const bool read = env_read_file(env, path, META_BYTES_MAX, &got, &got_len, &err);
    free(path);
    error_clear(&err); /* an absent or damaged file is rebuilt */
    if (!read) {
        return false;
    }
    uint32_t crc = 0;
    if (got_len >= 4) {
        memcpy(&crc, got + got_len - 4, 4);
    }
    if (got_len < 4 || crc32c(0, got, got_len - 4) != crc) {
        free(got);
        return false;
    }
    *bytes = got;
    *len = got_len - 4;
    return true;
}

void
segment_file_name(char out[SEGMENT_NAME_BYTES], int64_t base_offset, const char *suffix)
{
    snprintf(out, SEGMENT_NAME_BYTES, "%020" PRId64 ".%s", base_offset, suffix);
}

bool
segment_name_parse(const char *name, int64_t *base_offset)
{
    if (strlen(name) != 24 || strcmp(name + 20, ".log") != 0) {
        return false;
    }
    int64_t v = 0;
    for (int i = 0; i < 20; i++) {
        if (name[i] < '0' || name[i] > '9' || v > (INT64_MAX - 9) / 10) {
            return false;
        }
        v = v * 10 + (name[i] - '0');
    }
    *base_offset = v;
    return true;
}

static struct segment *
segment_new(struct env *env, const char *dir, int64_t base_offset)
{
    struct segment *s = must(calloc(1, sizeof *s));
    atomic_init(&s->holds, 1);
    s->env = env;
    s->dir = must(strdup(dir));
    s->base_offset = base_offset;
    s->end_offset = base_offset;
    s->max_timestamp = -1;
    s->fd = -1;
    return s;
}

void
segment_retain(struct segment *s)
{
    atomic_fetch_add(&s->holds, 1);
}

void
segment_release(struct segment *s)
{
    if (s == NULL || atomic_fetch_sub(&s->holds, 1) != 1) {
        return;
    }
    if (s->fd >= 0) {
        s->env->ops->close(s->env, s->fd);
    }
    free(s->marks);
    free(s->times);
    free(s->dir);
    free(s);
}

static bool
segment_open(struct segment *s, unsigned flags, struct error *err)
{
    char name[SEGMENT_NAME_BYTES];
    segment_file_name(name, s->base_offset, "log");
    char *path = path_join(s->dir, name);
    s->fd = s->env->ops->open(s->env, path, flags, err);
    free(path);
    return s->fd >= 0;
}

bool
segment_open_fd(struct segment *s, struct error *err)
{
    return s->fd >= 0 || segment_open(s, ENV_READ | ENV_WRITE, err);
}

struct segment *
segment_create(struct env *env, const char *dir, int64_t base_offset, struct error *err)
{
    struct segment *s = segment_new(env, dir, base_offset);
    if (!segment_open(s, ENV_READ | ENV_WRITE | ENV_CREATE | ENV_TRUNCATE, err) ||
        (!BUG(BUG_LOG_NO_DIR_SYNC) && !env->ops->sync_dir(env, dir, err))) {
        segment_release(s);
        return NULL;
    }
    return s;
}

bool
segment_unlink(struct segment *s, struct error *err)
{
    static const char *const suffixes[] = {"index", "times", "log"};
    bool ok = true;
    for (size_t i = 0; i < 3; i++) {
        char name[SEGMENT_NAME_BYTES];
        segment_file_name(name, s->base_offset, suffixes[i]);
        char *path = path_join(s->dir, name);
        struct error ignored = {0};
        /* The indexes may never have been written; only the log itself has to be there. */
        ok = s->env->ops->unlink(s->env, path, i == 2 ? err : &ignored);
        error_clear(&ignored);
        free(path);
    }
    return ok;
}

void
segment_note(struct segment *s, const struct batch *b, int64_t position)
{
    const int32_t relative = (int32_t)(b->base_offset - s->base_offset);
    const bool first = s->end_offset == s->base_offset && position == 0;
    if (first || position - s->bytes_indexed >= SEGMENT_INDEX_STRIDE) {
        if (s->mark_count == s->mark_capacity) {
            s->mark_capacity = s->mark_capacity ? s->mark_capacity * 2 : 16;
            s->marks = must(realloc(s->marks, s->mark_capacity * sizeof *s->marks));
        }
        s->marks[s->mark_count++] = (struct segment_mark){relative, (uint32_t)position};
        s->bytes_indexed = position;
        if (s->max_timestamp >= 0) {
            /* What lies before this mark has timestamps up to here. */
            if (s->time_count == s->time_capacity) {
                s->time_capacity = s->time_capacity ? s->time_capacity * 2 : 16;
                s->times = must(realloc(s->times, s->time_capacity * sizeof *s->times));
            }
            s->times[s->time_count++] = (struct segment_time){s->max_timestamp, relative};
        }
    }
    if (b->max_timestamp > s->max_timestamp) {
        s->max_timestamp = b->max_timestamp;
    }
    s->end_offset = b->base_offset + b->last_offset_delta + 1;
    s->bytes = position + b->length + BATCH_OVERHEAD_BYTES;
}

bool
segment_append(struct segment *s, const uint8_t *bytes, size_t len, struct error *err)
{
    assert(s->fd >= 0);
    s->indexed = false;
    if (s->env->ops->pwrite(s->env, s->fd, bytes, len, s->bytes, err)) {
        return true;
    }
    struct error again = {0};
    if (!s->env->ops->truncate(s->env, s->fd, s->bytes, &again)) {
        s->env->ops->fatal(s->env, error_text(&again));
    }
    return false;
}

void
segment_walk_init(struct segment_walk *w, struct env *env, int fd, int64_t from, int64_t end)
{
    w->env = env;
    w->fd = fd;
    w->position = from;
    w->end = end;
    w->window_at = from;
    w->window_len = 0;
}

/* The batch header out of 61 bytes whose records are elsewhere. */
static bool
header_parse(const uint8_t *header, int64_t room, struct batch *out)
{
    uint32_t length;
    memcpy(&length, header + 8, 4);
    length = __builtin_bswap32(length);
    if (header[16] != 2 || length < BATCH_HEADER_BYTES - BATCH_OVERHEAD_BYTES ||
        length > BATCH_BYTES_MAX || (int64_t)length + BATCH_OVERHEAD_BYTES > room) {
        return false;
    }
    uint8_t bare[BATCH_HEADER_BYTES];
    memcpy(bare, header, sizeof bare);
    const uint32_t bare_length = __builtin_bswap32(BATCH_HEADER_BYTES - BATCH_OVERHEAD_BYTES);
    memcpy(bare + 8, &bare_length, 4);
    struct error err = {0};
    const bool ok = batch_parse((struct bytes){bare, sizeof bare}, out, &err);
    error_clear(&err);
    out->length = (int32_t)length;
    out->records = (struct bytes){0};
    return ok;
}

bool
segment_walk_next(struct segment_walk *w, struct batch *out, int64_t *position, struct error *err)
{
    if (w->end - w->position < BATCH_HEADER_BYTES) {
        return false;
    }
    if (w->position < w->window_at ||
        w->position + BATCH_HEADER_BYTES > w->window_at + (int64_t)w->window_len) {
        size_t want = sizeof w->window;
        if ((int64_t)want > w->end - w->position) {
            want = (size_t)(w->end - w->position);
        }
        w->window_at = w->position;
        w->window_len = 0;
        if (!w->env->ops->pread(w->env, w->fd, w->window, want, w->position, &w->window_len, err) ||
            w->window_len < BATCH_HEADER_BYTES) {
            return false;
        }
    }
    if (!header_parse(w->window + (w->position - w->window_at), w->end - w->position, out)) {
        return false;
    }
    *position = w->position;
    w->position += (int64_t)out->length + BATCH_OVERHEAD_BYTES;
    return true;
}

bool
segment_read_batch(struct env *env, int fd, int64_t position, int64_t end, struct buffer *out,
                   struct batch *b, struct error *err)
{
    struct segment_walk w;
    struct batch header;
    int64_t at = 0;
    segment_walk_init(&w, env, fd, position, end);
    if (!segment_walk_next(&w, &header, &at, err)) {
        return false;
    }
    const size_t len = (size_t)header.length + BATCH_OVERHEAD_BYTES;
    buffer_clear(out);
    uint8_t *dst = buffer_extend(out, len);
    size_t got = 0;
    if (dst == NULL) {
        return error_set(err, ERROR_RESOURCE, "a record batch of %zu bytes is over the limit", len);
    }
    if (!env->ops->pread(env, fd, dst, len, position, &got, err) || got < len) {
        return false;
    }
    struct error parse = {0};
    const bool ok = batch_parse((struct bytes){dst, len}, b, &parse);
    error_clear(&parse);
    return ok;
}

static void
segment_forget(struct segment *s)
{
    s->mark_count = 0;
    s->time_count = 0;
    s->bytes_indexed = 0;
    s->max_timestamp = -1;
    s->end_offset = s->base_offset;
    s->bytes = 0;
    s->indexed = false;
}

static bool
segment_file_bytes(struct segment *s, int64_t *bytes, struct error *err)
{
    char name[SEGMENT_NAME_BYTES];
    segment_file_name(name, s->base_offset, "log");
    char *path = path_join(s->dir, name);
    struct env_stat st = {0};
    const bool ok = s->env->ops->stat(s->env, path, &st, err);
    free(path);
    *bytes = st.bytes;
    return ok;
}

bool
segment_recover(struct segment *s, int64_t *cut, struct error *err)
{
    int64_t file_bytes = 0;
    if (!segment_open_fd(s, err) || !segment_file_bytes(s, &file_bytes, err)) {
        return false;
    }
    segment_forget(s);
    struct buffer whole = {0};
    struct batch b;
    int64_t position = 0;
    while (segment_read_batch(s->env, s->fd, position, file_bytes, &whole, &b, err)) {
        if (b.base_offset < s->end_offset || b.base_offset - s->base_offset > INT32_MAX ||
            (!batch_crc_ok((struct bytes){whole.ptr, whole.len}) && !BUG(BUG_LOG_NO_CRC))) {
            break;
        }
        segment_note(s, &b, position);
        position = s->bytes;
    }
    buffer_release(&whole);
    if (error_is_set(err)) {
        return false;
    }
    *cut = file_bytes - position;
    if (*cut > 0 && !s->env->ops->truncate(s->env, s->fd, position, err)) {
        return false;
    }
    return s->env->ops->sync(s->env, s->fd, err);
}

bool
segment_truncate(struct segment *s, int64_t offset, struct error *err)
{
    int64_t position = 0, first = 0;
    if (!segment_open_fd(s, err) || !segment_find(s, offset, &position, &first, err)) {
        return false;
    }
    const int64_t end = position;
    if (!s->env->ops->truncate(s->env, s->fd, end, err) || !s->env->ops->sync(s->env, s->fd, err)) {
        return false;
    }
    int64_t cut = 0;
    return segment_recover(s, &cut, err);
}

bool
segment_find(struct segment *s, int64_t offset, int64_t *position, int64_t *first_offset,
             struct error *err)
{
    if (!segment_open_fd(s, err)) {
        return false;
    }
    size_t low = 0, high = s->mark_count; /* last mark at or before offset */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (s->base_offset + s->marks[middle].relative_offset <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    struct segment_walk w;
    segment_walk_init(&w, s->env, s->fd, low > 0 ? s->marks[low - 1].position : 0, s->bytes);
    struct batch b;
    while (segment_walk_next(&w, &b, position, err)) {
        if (b.base_offset + b.last_offset_delta >= offset) {
            *first_offset = b.base_offset;
            return true;
        }
    }
    *position = s->bytes;
    *first_offset = s->end_offset;
    return !error_is_set(err);
}

bool
segment_boundary(struct segment *s, int64_t from, int64_t limit, int64_t *out, struct error *err)
{
    size_t low = 0, high = s->mark_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if ((int64_t)s->marks[middle].position <= limit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    int64_t start = low > 0 ? s->marks[low - 1].position : 0;
    if (start < from) {
        start = from;
    }
    struct segment_walk w;
    segment_walk_init(&w, s->env, s->fd, start, s->bytes);
    int64_t end = start;
    struct batch b;
    int64_t position = 0;
    while (segment_walk_next(&w, &b, &position, err)) {
        if (w.position > limit && end > from) {
            break;
        }
        end = w.position;
        if (end >= limit) {
            break;
        }
    }
    *out = end;
    return !error_is_set(err);
}

/* index: magic, file bytes, end offset, max timestamp, created, count, marks. times: magic, count,
 * entries. Integers little-endian. */
bool
segment_index_write(struct segment *s, struct error *err)
{
    struct buffer b = {0};
    char name[SEGMENT_NAME_BYTES];
    buffer_le32(&b, TIMES_MAGIC);
    buffer_le32(&b, (uint32_t)s->time_count);
    for (size_t i = 0; i < s->time_count; i++) {
        buffer_le64(&b, (uint64_t)s->times[i].timestamp);
        buffer_le32(&b, (uint32_t)s->times[i].relative_offset);
    }
    segment_file_name(name, s->base_offset, "times");
    bool ok = meta_write(s->env, s->dir, name, &b, err);
    buffer_clear(&b);
    buffer_le32(&b, INDEX_MAGIC);
    buffer_le64(&b, (uint64_t)s->bytes);
    buffer_le64(&b, (uint64_t)s->end_offset);
    buffer_le64(&b, (uint64_t)s->max_timestamp);
    buffer_le64(&b, (uint64_t)s->created_ms);
    buffer_le32(&b, (uint32_t)s->mark_count);
    for (size_t i = 0; i < s->mark_count; i++) {
        buffer_le32(&b, (uint32_t)s->marks[i].relative_offset);
        buffer_le32(&b, s->marks[i].position);
    }
    segment_file_name(name, s->base_offset, "index");
    ok = ok && meta_write(s->env, s->dir, name, &b, err);
    buffer_release(&b);
    s->indexed = ok;
    return ok;
}

static bool
segment_times_read(struct segment *s, const char *dir)
{
    char name[SEGMENT_NAME_BYTES];
    uint8_t *bytes = NULL;
    size_t len = 0;
    segment_file_name(name, s->base_offset, "times");
    if (!meta_read(s->env, dir, name, &bytes, &len)) {
        return false;
    }
    struct reader r;
    reader_init(&r, (struct bytes){bytes, len});
    const bool magic = reader_le32(&r) == TIMES_MAGIC;
    const uint32_t count = reader_le32(&r);
    const bool ok = magic && count == reader_left(&r) / 12;
    if (ok && count > 0) {
        s->times = must(calloc(count, sizeof *s->times));
        s->time_count = s->time_capacity = count;
        for (uint32_t i = 0; i < count; i++) {
            s->times[i].timestamp = (int64_t)reader_le64(&r);
            s->times[i].relative_offset = (int32_t)reader_le32(&r);
        }
    }
    free(bytes);
    return ok;
}

static bool
segment_index_read(struct segment *s, int64_t file_bytes)
{
    char name[SEGMENT_NAME_BYTES];
    uint8_t *bytes = NULL;
    size_t len = 0;
    segment_file_name(name, s->base_offset, "index");
    if (!meta_read(s->env, s->dir, name, &bytes, &len)) {
        return false;
    }
    struct reader r;
    reader_init(&r, (struct bytes){bytes, len});
    const bool magic = reader_le32(&r) == INDEX_MAGIC;
    s->bytes = (int64_t)reader_le64(&r);
    s->end_offset = (int64_t)reader_le64(&r);
    s->max_timestamp = (int64_t)reader_le64(&r);
    s->created_ms = (int64_t)reader_le64(&r);
    const uint32_t count = reader_le32(&r);
    const bool ok = magic && s->bytes == file_bytes && count == reader_left(&r) / 8;
    if (ok && count > 0) {
        s->marks = must(calloc(count, sizeof *s->marks));
        s->mark_count = s->mark_capacity = count;
        for (uint32_t i = 0; i < count; i++) {
            s->marks[i].relative_offset = (int32_t)reader_le32(&r);
            s->marks[i].position = reader_le32(&r);
        }
        s->bytes_indexed = s->marks[count - 1].position;
    }
    free(bytes);
    return ok && segment_times_read(s, s->dir);
}

struct segment *
segment_load(struct env *env, const char *dir, int64_t base_offset, struct error *err)
{
    struct segment *s = segment_new(env, dir, base_offset);
    int64_t file_bytes = 0;
    if (!segment_file_bytes(s, &file_bytes, err)) {
        segment_release(s);
        return NULL;
    }
    s->indexed = segment_index_read(s, file_bytes);
    if (!s->indexed) {
        segment_forget(s);
    }
    return s;
}
