/*
 * From a directory to a log: what was there, what of it is sound, and the small files beside it.
 *
 * After a clean stop the indexes are believed. Otherwise each segment without whole indexes is read
 * with CRC (sealed ones got theirs after their sync, so this is the last one, rarely two); the
 * first bad batch ends the log, and segments behind a cut go. Nothing that was acknowledged can be
 * behind a cut, since it was synced before.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/trace.h"
#include "log/log_internal.h"

struct segment_names {
    int64_t *bases;
    size_t count, capacity;
};

static void
segment_names_add(void *ctx, const char *name, bool is_dir)
{
    struct segment_names *names = ctx;
    int64_t base;
    if (is_dir || !segment_name_parse(name, &base)) {
        return;
    }
    if (names->count == names->capacity) {
        names->capacity = names->capacity ? names->capacity * 2 : 16;
        names->bases = realloc(names->bases, names->capacity * sizeof *names->bases);
        if (names->bases == NULL) {
            abort();
        }
    }
    names->bases[names->count++] = base;
}

static int
base_compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* The mark of a clean stop holds only for the state that it describes, and only once. */
static bool
log_clean_take(struct log *log, int64_t *end_offset, struct error *err)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    *end_offset = -1;
    if (!meta_read(log->env, log->dir, "clean", &bytes, &len)) {
        return true;
    }
    struct reader r;
    reader_init(&r, (struct bytes){bytes, len});
    const int64_t end = (int64_t)reader_le64(&r);
    *end_offset = reader_ok(&r) ? end : -1;
    free(bytes);
    char *path = path_join(log->dir, "clean");
    const bool ok = log->env->ops->unlink(log->env, path, err) &&
                    log->env->ops->sync_dir(log->env, log->dir, err);
    free(path);
    return ok;
}

bool
log_clean_write(struct log *log, struct error *err)
{
    struct buffer b = {0};
    buffer_le64(&b, (uint64_t)log->end_offset);
    const bool ok = meta_write(log->env, log->dir, "clean", &b, err);
    buffer_release(&b);
    return ok;
}

bool
log_start_write(struct log *log, struct error *err)
{
    struct buffer b = {0};
    buffer_le64(&b, (uint64_t)log->start_offset);
    const bool ok = meta_write(log->env, log->dir, "start", &b, err);
    buffer_release(&b);
    return ok;
}

bool
log_epochs_write(struct log *log, struct error *err)
{
    struct buffer b = {0};
    buffer_le32(&b, (uint32_t)log->epoch_count);
    for (size_t i = 0; i < log->epoch_count; i++) {
        buffer_le32(&b, (uint32_t)log->epochs[i].epoch);
        buffer_le64(&b, (uint64_t)log->epochs[i].offset);
    }
    const bool ok = meta_write(log->env, log->dir, "epochs", &b, err);
    buffer_release(&b);
    return ok;
}

static void
log_epochs_read(struct log *log)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (!meta_read(log->env, log->dir, "epochs", &bytes, &len)) {
        return;
    }
    struct reader r;
    reader_init(&r, (struct bytes){bytes, len});
    const uint32_t count = reader_le32(&r);
    if (count > 0 && count == reader_left(&r) / 12) {
        log->epochs = calloc(count, sizeof *log->epochs);
        if (log->epochs == NULL) {
            abort();
        }
        for (uint32_t i = 0; i < count; i++) {
            log->epochs[i].epoch = (int32_t)reader_le32(&r);
            log->epochs[i].offset = (int64_t)reader_le64(&r);
            /* An epoch stays known even when its records were cut away (rule L12). */
            if (log->epochs[i].offset > log->end_offset) {
                log->epochs[i].offset = log->end_offset;
            }
        }
        log->epoch_count = count;
    }
    free(bytes);
}

static void
log_acted_read(struct log *log)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    log->epoch_acted = -1;
    if (meta_read(log->env, log->dir, "acted", &bytes, &len)) {
        struct reader r;
        reader_init(&r, (struct bytes){bytes, len});
        const int32_t epoch = (int32_t)reader_le32(&r);
        log->epoch_acted = reader_ok(&r) ? epoch : -1;
        free(bytes);
    }
}

bool
log_producers_snapshot(struct log *log, struct error *err)
{
    struct buffer b = {0};
    producers_write(&log->producers, log->end_offset, &b);
    const bool ok = meta_write(log->env, log->dir, "producers", &b, err);
    buffer_release(&b);
    return ok;
}

static bool
log_producers_replay(struct log *log, struct segment *s, int64_t from, struct error *err)
{
    int64_t position = 0, first = 0;
    if (!segment_find(s, from, &position, &first, err)) {
        return false;
    }
    struct segment_walk w;
    struct batch b;
    segment_walk_init(&w, log->env, s->fd, position, s->bytes);
    while (segment_walk_next(&w, &b, &position, err)) {
        if (b.base_offset >= from) {
            producers_apply(&log->producers, &b, env_wall_ms(log->env));
        }
    }
    return !error_is_set(err);
}

bool
log_producers_rebuild(struct log *log, struct error *err)
{
    int64_t from = 0;
    uint8_t *bytes = NULL;
    size_t len = 0;
    bool stale = false;
    producers_release(&log->producers);
    if (meta_read(log->env, log->dir, "producers", &bytes, &len)) {
        /* A snapshot of a future that was cut off knows batches that do not exist. */
        if (!producers_read(&log->producers, (struct bytes){bytes, len}, &from) ||
            (from > log->end_offset && !BUG(BUG_LOG_SNAPSHOT_TRUSTED))) {
            producers_release(&log->producers);
            from = 0;
            stale = true;
        }
        free(bytes);
    }
    for (size_t i = 0; i < log->segment_count; i++) {
        struct segment *s = log->segments[i];
        if (s->end_offset > from && !log_producers_replay(log, s, from, err)) {
            return false;
        }
    }
    /* It must not be there any more when the log has grown past it with other batches. */
    return !stale || log_producers_snapshot(log, err);
}

/* Segment i and all behind it are not to be had. */
static bool
log_drop_from(struct log *log, const struct segment_names *names, size_t i, struct error *err)
{
    for (; i < names->count; i++) {
        char name[SEGMENT_NAME_BYTES];
        segment_file_name(name, names->bases[i], "log");
        trace(TRACE_WARN, "log", "%s: %s lies behind a cut and is removed", log->dir, name);
        struct segment *s = segment_load(log->env, log->dir, names->bases[i], err);
        const bool ok = s != NULL && segment_unlink(s, err);
        segment_release(s);
        if (!ok) {
            return false;
        }
    }
    return log->env->ops->sync_dir(log->env, log->dir, err);
}

static bool
log_load_segments(struct log *log, const struct segment_names *names, int64_t clean_end,
                  struct error *err)
{
    for (size_t i = 0; i < names->count; i++) {
        if (i > 0 && names->bases[i] < log_segment_active(log)->end_offset) {
            return log_drop_from(log, names, i, err);
        }
        struct segment *s = segment_load(log->env, log->dir, names->bases[i], err);
        if (s == NULL) {
            return false;
        }
        log_segment_add(log, s);
        const bool last = i + 1 == names->count;
        if (s->indexed &&
            (last ? s->end_offset == clean_end : s->end_offset == names->bases[i + 1])) {
            continue;
        }
        int64_t cut = 0;
        if (!segment_recover(s, &cut, err)) {
            return false;
        }
        if (cut > 0 && !BUG(BUG_LOG_CUT_KEPT)) {
            trace(TRACE_WARN, "log", "%s: %lld bytes after offset %lld were not whole and are cut",
                  log->dir, (long long)cut, (long long)s->end_offset);
            return log_drop_from(log, names, i + 1, err);
        }
        /* The file may end with a whole batch and lack more: the next one was named when the log
         * had come to its base. */
        if (!last && names->bases[i + 1] != s->end_offset && !BUG(BUG_LOG_CUT_KEPT)) {
            return log_drop_from(log, names, i + 1, err);
        }
    }
    return true;
}

/* Where the log starts by the file of that name; -1: there is none. */
static int64_t
start_kept(struct log *log)
{
    int64_t start = -1;
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (meta_read(log->env, log->dir, "start", &bytes, &len)) {
        struct reader r;
        reader_init(&r, (struct bytes){bytes, len});
        start = (int64_t)reader_le64(&r);
        start = reader_ok(&r) ? start : -1;
        free(bytes);
    }
    return start;
}

/* What lies whole below the start was on its way out: a power cut may keep the one and not the
 * other, and what is left of them would look like a gap. */
static bool
log_drop_before(struct log *log, struct segment_names *names, int64_t start, struct error *err)
{
    size_t gone = 0;
    while (gone + 1 < names->count && names->bases[gone + 1] <= start) {
        struct segment *s = segment_load(log->env, log->dir, names->bases[gone], err);
        const bool ok = s != NULL && segment_unlink(s, err);
        segment_release(s);
        if (!ok) {
            return false;
        }
        gone++;
    }
    names->count -= gone;
    memmove(names->bases, names->bases + gone, names->count * sizeof *names->bases);
    return true;
}

static void
log_start_set(struct log *log, int64_t kept)
{
    log->start_offset = log->segments[0]->base_offset;
    if (kept > log->start_offset && kept <= log->end_offset) {
        log->start_offset = kept;
    }
}

bool
log_load(struct log *log, struct error *err)
{
    struct segment_names names = {0};
    int64_t clean_end = -1;
    const int64_t start = start_kept(log);
    bool ok = log->env->ops->mkdirs(log->env, log->dir, err) &&
              log_clean_take(log, &clean_end, err) &&
              log->env->ops->list(log->env, log->dir, segment_names_add, &names, err);
    if (ok && names.count == 0) {
        struct segment *first = segment_create(log->env, log->dir, 0, err);
        ok = first != NULL;
        if (ok) {
            log_segment_add(log, first);
        }
    } else if (ok) {
        qsort(names.bases, names.count, sizeof *names.bases, base_compare);
        ok = log_drop_before(log, &names, start, err) &&
             log_load_segments(log, &names, clean_end, err);
    }
    free(names.bases);
    if (!ok) {
        return false;
    }
    struct segment *active = log_segment_active(log);
    log->end_offset = log->durable_offset = log->watermark = active->end_offset;
    log->visible_segment = active->base_offset;
    log->visible_bytes = active->bytes;
    if (active->created_ms == 0) {
        active->created_ms = env_wall_ms(log->env);
    }
    log_start_set(log, start);
    log_epochs_read(log);
    log_acted_read(log);
    return log_producers_rebuild(log, err);
}
