/* Windows over text files. */
#include "format/text_input.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>

enum { WINDOW_FIRST = 1 << 20, PACKED_BYTES = 256 << 10 };
#define WINDOW_MAX ((size_t)1 << 30)

enum packing { PLAIN = 0, GZIPPED, ZSTD_PACKED };

struct text_input {
    struct env *env;
    struct budget *budget;
    struct text_shape shape;
    int fd;
    int64_t offset; /* in the file, of the next read */
    int64_t file_bytes;
    int64_t stop; /* records that begin here or later are another split's */
    bool from_start;
    bool skip_first; /* the first line end ends a record of the split before */

    char *window;
    size_t capacity;
    size_t pos, len;      /* of the window; bytes before pos are done */
    int64_t window_start; /* of window[0] in the (unpacked) text */
    bool ended;           /* nothing more to be read into the window */

    enum packing packing;
    uint8_t *packed;
    size_t packed_pos, packed_len;
    z_stream inflate;
    ZSTD_DCtx *zstd;
};

bool
text_option_char(const struct options *o, const char *key, const char *other, char *out,
                 struct error *err)
{
    const char *value = options_get(o, key);
    if (value == NULL && other != NULL) {
        value = options_get(o, other);
    }
    if (value == NULL) {
        return true;
    }
    if (value[0] == '\\' && value[1] != '\0' && value[2] == '\0') {
        static const char from[] = "tnrbf\"'\\0", to[] = "\t\n\r\b\f\"'\\\0";
        const char *at = strchr(from, value[1]);
        if (at == NULL) {
            return error_set(err, ERROR_ARGUMENT, "Unsupported special character for %s: %s", key,
                             value);
        }
        *out = to[at - from];
        return true;
    }
    if (strlen(value) > 1) {
        return error_unsupported(err, "option %s of more than one byte: %s", key, value);
    }
    *out = value[0];
    return true;
}

bool
text_check_encoding(const struct options *o, struct error *err)
{
    const char *name = options_get(o, "encoding");
    name = name != NULL ? name : options_get(o, "charset");
    if (name == NULL || strcasecmp(name, "utf-8") == 0 || strcasecmp(name, "utf8") == 0 ||
        strcasecmp(name, "us-ascii") == 0) {
        return true;
    }
    return error_unsupported(err, "text encoding %s (only UTF-8)", name);
}

static bool
ends_with(const char *text, const char *tail)
{
    const size_t len = strlen(text), tail_len = strlen(tail);
    return len > tail_len && strcasecmp(text + len - tail_len, tail) == 0;
}

static bool
open_packing(struct text_input *in, const char *path, struct error *err)
{
    static const char *const unknown[] = {".bz2", ".lz4", ".snappy", ".deflate", ".xz"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        if (ends_with(path, unknown[i])) {
            return error_unsupported(err, "text files compressed as %s", unknown[i]);
        }
    }
    if (ends_with(path, ".gz")) {
        if (inflateInit2(&in->inflate, 15 + 32) != Z_OK) {
            return error_set(err, ERROR_RESOURCE, "No memory to inflate %s", path);
        }
        in->packing = GZIPPED;
    } else if (ends_with(path, ".zst")) {
        in->zstd = ZSTD_createDCtx();
        in->packing = ZSTD_PACKED;
    }
    if (in->packing != PLAIN) {
        in->packed = malloc(PACKED_BYTES);
        in->stop = INT64_MAX;
        if (in->packed == NULL) {
            abort();
        }
    }
    return true;
}

bool
text_input_open(struct arena *a, const struct source_file *file, const struct split *split,
                const struct text_shape *shape, struct env *env, struct budget *budget,
                struct text_input **out, struct error *err)
{
    struct text_input *in = arena_new(a, struct text_input);
    *in = (struct text_input){.env = env,
                              .budget = budget,
                              .shape = *shape,
                              .offset = split->start,
                              .file_bytes = file->bytes,
                              .stop = split->start + split->len,
                              .from_start = split->start == 0};
    if (split->start > 0) {
        in->offset--; /* a line end just before the split makes its first line ours */
        in->window_start = in->offset;
        in->skip_first = true;
    }
    if (in->stop >= file->bytes || shape->records != TEXT_LINES) {
        in->stop = INT64_MAX;
    }
    in->fd = env->ops->open(env, file->path, ENV_READ, err);
    if (in->fd < 0) {
        return false;
    }
    *out = in;
    if (!open_packing(in, file->path, err)) {
        text_input_close(in);
        return false;
    }
    return true;
}

void
text_input_close(struct text_input *in)
{
    if (in->packing == GZIPPED) {
        inflateEnd(&in->inflate);
    }
    ZSTD_freeDCtx(in->zstd);
    free(in->packed);
    free(in->window);
    if (in->budget != NULL) {
        budget_return(in->budget, in->capacity);
    }
    in->env->ops->close(in->env, in->fd);
    *in = (struct text_input){.fd = -1};
}

bool
text_input_at_start(const struct text_input *in)
{
    return in->from_start;
}

static bool
read_raw(struct text_input *in, void *dst, size_t room, size_t *got, struct error *err)
{
    if (!in->env->ops->pread(in->env, in->fd, dst, room, in->offset, got, err)) {
        return false;
    }
    in->offset += (int64_t)*got;
    return true;
}

/* One step of a decompressor; *made bytes came out, *ended when the file did. */
static bool
read_packed(struct text_input *in, uint8_t *dst, size_t room, size_t *made, bool *ended,
            struct error *err)
{
    if (in->packed_pos == in->packed_len) {
        in->packed_pos = 0;
        if (!read_raw(in, in->packed, PACKED_BYTES, &in->packed_len, err)) {
            return false;
        }
    }
    *ended = in->packed_len == 0;
    *made = 0;
    if (in->packing == ZSTD_PACKED) {
        ZSTD_inBuffer src = {in->packed, in->packed_len, in->packed_pos};
        ZSTD_outBuffer out = {dst, room, 0};
        const size_t left = ZSTD_decompressStream(in->zstd, &out, &src);
        in->packed_pos = src.pos;
        *made = out.pos;
        return !ZSTD_isError(left) || error_set(err, ERROR_EXECUTION, "Broken zstd file");
    }
    in->inflate.next_in = in->packed + in->packed_pos;
    in->inflate.avail_in = (unsigned)(in->packed_len - in->packed_pos);
    in->inflate.next_out = dst;
    in->inflate.avail_out = (unsigned)(room < UINT32_MAX ? room : UINT32_MAX);
    const unsigned offered = in->inflate.avail_out;
    const int state = *ended ? Z_BUF_ERROR : inflate(&in->inflate, Z_NO_FLUSH);
    in->packed_pos = in->packed_len - in->inflate.avail_in;
    *made = offered - in->inflate.avail_out;
    if (state == Z_STREAM_END) {
        inflateReset(&in->inflate); /* another member may follow */
    } else if (state != Z_OK && state != Z_BUF_ERROR) {
        return error_set(err, ERROR_EXECUTION, "Broken gzip file");
    }
    return true;
}

static bool
grow_window(struct text_input *in, struct error *err)
{
    const size_t capacity = in->capacity == 0 ? WINDOW_FIRST : in->capacity * 2;
    if (capacity > WINDOW_MAX) {
        return error_set(err, ERROR_RESOURCE, "A record of more than 1 GiB in a text file");
    }
    if (in->budget != NULL && !budget_reserve(in->budget, capacity - in->capacity)) {
        return budget_error(in->budget, capacity - in->capacity, err);
    }
    char *window = realloc(in->window, capacity + 64);
    if (window == NULL) {
        abort();
    }
    in->window = window;
    in->capacity = capacity;
    return true;
}

/* Moves what is left to the front and reads more behind it. */
static bool
refill(struct text_input *in, struct error *err)
{
    if (in->pos > 0) {
        memmove(in->window, in->window + in->pos, in->len - in->pos);
        in->window_start += (int64_t)in->pos;
        in->len -= in->pos;
        in->pos = 0;
    }
    if (in->len == in->capacity && !grow_window(in, err)) {
        return false;
    }
    while (in->len < in->capacity && !in->ended) {
        size_t made;
        uint8_t *dst = (uint8_t *)in->window + in->len;
        const size_t room = in->capacity - in->len;
        if (in->packing == PLAIN) {
            if (!read_raw(in, dst, room, &made, err)) {
                return false;
            }
            in->ended = made < room;
        } else if (!read_packed(in, dst, room, &made, &in->ended, err)) {
            return false;
        }
        in->len += made;
    }
    return true;
}

/* The end of the record at p: *next is where the one behind it begins. false: not in the window. */
static bool
line_end(const struct text_input *in, const char *p, const char *end, const char **stop,
         const char **next)
{
    if (in->shape.separator != NULL) {
        const size_t len = strlen(in->shape.separator);
        const char *at = memmem(p, (size_t)(end - p), in->shape.separator, len);
        *stop = at;
        *next = at != NULL ? at + len : NULL;
        return at != NULL;
    }
    const char *feed = memchr(p, '\n', (size_t)(end - p));
    const char *carriage = memchr(p, '\r', (size_t)((feed != NULL ? feed : end) - p));
    if (carriage != NULL && (carriage + 1 < end || in->ended)) {
        *stop = carriage;
        *next = carriage + 1 + (carriage + 1 < end && carriage[1] == '\n');
        return true;
    }
    *stop = feed;
    *next = feed != NULL ? feed + 1 : NULL;
    return feed != NULL;
}

/* Line ends inside quotes do not count. */
static bool
quoted_end(const struct text_input *in, const char *p, const char *end, const char **stop,
           const char **next)
{
    bool inside = false;
    for (; p < end; p++) {
        if (inside && *p == in->shape.escape && in->shape.escape != in->shape.quote) {
            p++;
        } else if (*p == in->shape.quote) {
            inside = !inside;
        } else if (!inside && (*p == '\n' || *p == '\r')) {
            if (*p == '\r' && p + 1 == end && !in->ended) {
                return false;
            }
            *stop = p;
            *next = p + 1 + (*p == '\r' && p + 1 < end && p[1] == '\n');
            return true;
        }
    }
    return false;
}

static bool
record_end(const struct text_input *in, const char *p, const char *end, const char **stop,
           const char **next)
{
    switch (in->shape.records) {
    case TEXT_LINES:
        return line_end(in, p, end, stop, next);
    case TEXT_QUOTED:
        return quoted_end(in, p, end, stop, next);
    case TEXT_WHOLE:
        break;
    }
    return false;
}

/* A byte order mark at a file's start is no text. */
static void
skip_mark(struct text_input *in)
{
    if (in->from_start && in->window_start == 0 && in->pos == 0 && in->len >= 3 &&
        memcmp(in->window, "\xef\xbb\xbf", 3) == 0) {
        in->pos = 3;
    }
}

/* The next record in the window; false when it does not end there. */
static bool
take_record(struct text_input *in, struct bytes *out)
{
    const char *p = in->window + in->pos;
    const char *end = in->window + in->len;
    const char *stop, *next;
    if (!record_end(in, p, end, &stop, &next)) {
        if (!in->ended || p == end) {
            return false;
        }
        stop = next = end; /* the last one needs no line end */
    }
    *out = (struct bytes){(const uint8_t *)p, (size_t)(stop - p)};
    in->pos = (size_t)(next - in->window);
    return true;
}

bool
text_input_batch(struct text_input *in, struct bytes *records, uint32_t max, uint32_t *count,
                 struct error *err)
{
    *count = 0;
    while (*count < max) {
        if (in->window_start + (int64_t)in->pos >= in->stop && !in->skip_first) {
            return true;
        }
        const bool first_look = in->capacity == 0;
        if (!first_look && take_record(in, &records[*count])) {
            *count += !in->skip_first;
            in->skip_first = false;
            continue;
        }
        /* What is not whole stays for the next batch, which may move the window. */
        if (*count > 0 || (in->ended && in->pos == in->len)) {
            return true;
        }
        if (!first_look && in->pos == 0 && in->len == in->capacity && !grow_window(in, err)) {
            return false;
        }
        if (!refill(in, err)) {
            return false;
        }
        if (first_look) {
            skip_mark(in);
        }
    }
    return true;
}
