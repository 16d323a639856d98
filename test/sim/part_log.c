/*
 * The log itself (src/log) over a simulated disk, in one thread: appends of idempotent producers
 * with repetitions, flushes, epochs, deleted beginnings, clean and unclean stops at any operation
 * of the disk, failing syncs.
 *
 * After each start the log must be a run of what was appended, without holes: with all that was
 * acknowledged (K3), nothing changed (K2), each producer in order and known, so that a repetition
 * of what is there is recognised and one of what was cut is not (K5), and no epoch forgotten (L12).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "log/log_internal.h"

enum { PRODUCERS = 3, BATCHES_MAX = 4096, HOST = 1, VALUE_BYTES_MAX = 400 };

struct appended {
    int64_t base, last;
    uint32_t producer, sequence, records;
    uint32_t value_bytes;
    bool acked;
};

struct state {
    struct disk disk;
    struct log_set *set;
    struct log *log;
    struct log_config config;
    struct appended batches[BATCHES_MAX]; /* as they lie in the log now */
    uint32_t count;
    uint32_t sequence[PRODUCERS]; /* next of each, by what is in the log */
    int64_t start;                /* deleted up to here */
    int32_t epoch;
    int64_t step_max;
    bool crashing;
};

static struct state *
state_of(struct world *w)
{
    for (uint32_t i = 0; i < w->part_count; i++) {
        if (w->parts[i] == &part_log) {
            return w->states[i];
        }
    }
    abort();
}

static void
batch_make(const struct appended *a, struct buffer *out)
{
    struct batch_builder b;
    char value[VALUE_BYTES_MAX + 64];
    batch_begin(&b, out, 0);
    for (uint32_t i = 0; i < a->records; i++) {
        const int len = snprintf(value, sizeof value, "%u:%u:%u:", a->producer, a->sequence + i, i);
        memset(value + len, 'a' + (int)(a->sequence % 26), a->value_bytes);
        batch_add(&b, 1700000000000 + a->sequence, (struct bytes){(const uint8_t *)"k", 1},
                  (struct bytes){(const uint8_t *)value, (size_t)len + a->value_bytes},
                  (struct bytes){0}, 0);
    }
    batch_end(&b);
    /* producer id, epoch, sequence: where log/batch.h says */
    const uint64_t id = __builtin_bswap64((uint64_t)a->producer + 1);
    const uint32_t sequence = __builtin_bswap32(a->sequence);
    memcpy(out->ptr + 43, &id, 8);
    memset(out->ptr + 51, 0, 2);
    memcpy(out->ptr + 53, &sequence, 4);
    batch_seal(out->ptr, out->len);
}

static int64_t
truth_end(const struct state *s)
{
    return s->count > 0 ? s->batches[s->count - 1].last + 1 : s->start;
}

/* --- what was acknowledged ------------------------------------------------------------------- */

struct ack {
    struct world *w;
    uint32_t index;
    int64_t base;
};

static void
acked(void *ctx)
{
    struct ack *a = ctx;
    struct state *s = state_of(a->w);
    if (!s->disk.crashed && a->index < s->count && s->batches[a->index].base == a->base) {
        s->batches[a->index].acked = true;
    }
    free(a);
}

/* --- the check after a start ----------------------------------------------------------------- */

struct walk {
    struct world *w;
    struct state *s;
    uint32_t at, record; /* batch, and record in it */
    int64_t next;
};

static bool
walk_record(void *ctx, const struct log_record *r)
{
    struct walk *k = ctx;
    struct state *s = k->s;
    if (r->offset < k->next && k->next == s->start) {
        return true; /* the batch that holds the start comes whole */
    }
    if (k->at >= s->count || r->offset != k->next) {
        world_fail(k->w, "K2", "offset %d follows %d, %u of %u batches", (int)r->offset,
                   (int)k->next - 1, k->at, s->count);
        return false;
    }
    const struct appended *a = &s->batches[k->at];
    char want[64];
    const int len =
        snprintf(want, sizeof want, "%u:%u:%u:", a->producer, a->sequence + k->record, k->record);
    bool same = r->value.len == (size_t)len + a->value_bytes &&
                memcmp(r->value.ptr, want, (size_t)len) == 0;
    for (size_t i = (size_t)len; same && i < r->value.len; i++) {
        same = r->value.ptr[i] == 'a' + (int)(a->sequence % 26);
    }
    if (!same) {
        world_fail(k->w, "K2", "offset %d is not what was appended there", (int)r->offset);
        return false;
    }
    k->next++;
    k->record++;
    if (k->record == a->records) {
        k->at++;
        k->record = 0;
    }
    return true;
}

/* The batches of the truth from the log's start on. */
static void
walk_log(struct world *w, struct state *s)
{
    struct error err = {0};
    struct walk k = {.w = w, .s = s, .next = log_start_offset(s->log)};
    while (k.at < s->count && s->batches[k.at].last < k.next) {
        k.at++;
    }
    k.record = k.at < s->count ? (uint32_t)(k.next - s->batches[k.at].base) : 0;
    s->start = k.next;
    if (!log_scan(s->log, k.next, walk_record, &k, &err) && !w->failed) {
        world_fail(w, "K2", "the log cannot be read: %s", error_text(&err));
    }
    error_clear(&err);
    if (!w->failed && k.next != log_end_offset(s->log)) {
        world_fail(w, "K3", "the log ends at %d and is read to %d", (int)log_end_offset(s->log),
                   (int)k.next);
    }
}

/* Each producer's newest batch that is there is known; what was cut is not. */
static void
producers_look(struct world *w, struct state *s)
{
    for (uint32_t p = 0; p < PRODUCERS && !w->failed; p++) {
        struct appended *newest = NULL;
        for (uint32_t i = s->count; i-- > 0 && newest == NULL;) {
            newest = s->batches[i].producer == p ? &s->batches[i] : NULL;
        }
        if (newest == NULL || newest->base < s->start) {
            continue;
        }
        struct buffer b = {0};
        struct log_append_result r = {0};
        struct error err = {0};
        batch_make(newest, &b);
        if (!log_append(s->log, b.ptr, b.len, LOG_FROM_CLIENT, &r, &err) || !r.duplicate ||
            r.base_offset != newest->base) {
            world_fail(w, "K5", "sequence %u of producer %u at %d is not recognised: %s (%d)",
                       newest->sequence, p, (int)newest->base,
                       error_is_set(&err) ? error_text(&err) : "appended", (int)r.base_offset);
        }
        error_clear(&err);
        buffer_release(&b);
    }
}

static void
started(struct world *w, struct state *s)
{
    const int64_t end = log_end_offset(s->log);
    uint32_t count = s->count;
    while (count > 0 && s->batches[count - 1].last >= end) {
        count--;
    }
    for (uint32_t i = count; i < s->count; i++) {
        if (s->batches[i].acked) {
            world_fail(w, "K3", "offset %d was acknowledged, and the log ends at %d",
                       (int)s->batches[i].base, (int)end);
            return;
        }
    }
    TRACE(w, "the log is open, %u of %u batches, end %d", count, s->count, (int)end);
    if (end > truth_end(s)) {
        world_fail(w, "K2", "the log ends at %d, beyond what was appended (%d)", (int)end,
                   (int)truth_end(s));
        return;
    }
    s->count = count;
    memset(s->sequence, 0, sizeof s->sequence);
    for (uint32_t i = 0; i < count; i++) {
        const struct appended *a = &s->batches[i];
        s->sequence[a->producer] = a->sequence + a->records;
        s->batches[i].acked = true; /* what recovery has shown once must stay */
    }
    if (log_leader_epoch(s->log) < s->epoch) {
        world_fail(w, "L12", "epoch %d was acted under, and the log knows %d", s->epoch,
                   log_leader_epoch(s->log));
        return;
    }
    for (size_t i = 0; w->tracing && i < s->log->segment_count; i++) {
        const struct segment *g = s->log->segments[i];
        TRACE(w, "segment %d to %d, %d bytes%s", (int)g->base_offset, (int)g->end_offset,
              (int)g->bytes, g->indexed ? ", indexed" : "");
    }
    walk_log(w, s);
    producers_look(w, s);
}

/* --- life ------------------------------------------------------------------------------------ */

static void
log_close_all(struct state *s)
{
    if (s->set != NULL) {
        while (log_set_step(s->set)) {
        }
        log_set_close(s->set);
    }
    s->set = NULL;
    s->log = NULL;
}

/* The process is gone without a word: what it holds is left behind, with the process of the seed.
 */
static void
log_abandon_all(struct state *s)
{
    s->set = NULL;
    s->log = NULL;
}

static void
open_log(struct world *w, struct state *s)
{
    struct error err = {0};
    for (int tries = 0; tries < 20 && s->log == NULL && !w->failed; tries++) {
        s->set = log_set_open_stepped(&s->disk.env, "d", &err);
        s->log = log_open(s->set, "t", 0, &s->config, &err);
        if (s->log == NULL) {
            TRACE(w, "the log cannot be opened: %s", error_text(&err));
            error_clear(&err);
            log_close_all(s);
            disk_kill(&s->disk);
        }
        if (s->disk.crashed) { /* while it was starting */
            log_close_all(s);
            disk_restart(&s->disk);
        }
    }
    if (s->log == NULL && !w->failed) {
        world_fail(w, "LIVE", "the log does not open any more");
    }
    if (!w->failed) {
        started(w, s);
    }
}

/* After each step: a crash that happened in it takes the process down and up again. */
static void
crash_look(struct world *w, struct state *s)
{
    if (s->disk.crashed) {
        TRACE(w, "crash at operation %d", (int)s->disk.operations);
        log_close_all(s);
        disk_restart(&s->disk);
    }
}

static void
append_one(struct world *w, struct state *s)
{
    const uint32_t p = (uint32_t)rng_below(&w->work, PRODUCERS);
    struct appended a = {.producer = p,
                         .sequence = s->sequence[p],
                         .records = (uint32_t)rng_between(&w->work, 1, 4),
                         .value_bytes = (uint32_t)rng_below(&w->work, VALUE_BYTES_MAX)};
    struct buffer b = {0};
    struct log_append_result r = {0};
    struct error err = {0};
    if (s->count == BATCHES_MAX) {
        return;
    }
    batch_make(&a, &b);
    const bool ok = log_append(s->log, b.ptr, b.len, LOG_FROM_CLIENT, &r, &err);
    buffer_release(&b);
    if (s->disk.crashed) {
        if (ok) { /* it may be on the disk */
            a.base = r.base_offset;
            a.last = r.last_offset;
            s->batches[s->count++] = a;
        }
        error_clear(&err);
        return;
    }
    if (!ok || r.duplicate || r.base_offset != truth_end(s)) {
        world_fail(w, "K5", "sequence %u of producer %u is %s at %d: %s", a.sequence, p,
                   r.duplicate ? "taken for a repetition" : "put", (int)r.base_offset,
                   error_is_set(&err) ? error_text(&err) : "");
        error_clear(&err);
        return;
    }
    a.base = r.base_offset;
    a.last = r.last_offset;
    s->batches[s->count] = a;
    s->sequence[p] = a.sequence + a.records;
    struct ack *ack = malloc(sizeof *ack);
    if (ack == NULL) {
        abort();
    }
    *ack = (struct ack){w, s->count++, a.base};
    log_when_durable(s->log, a.last, acked, ack);
}

/* While the flusher waits for the disk, producers go on. */
static void
appends_meanwhile(struct disk *d, const char *name)
{
    struct state *s = state_of(d->w);
    const size_t len = strlen(name);
    d->in_sync = NULL;
    if (!d->crashed && len > 4 && strcmp(name + len - 4, ".log") == 0) {
        append_one(d->w, s);
    }
}

static void
other_step(struct world *w, struct state *s)
{
    struct error err = {0};
    const uint64_t pick = rng_below(&w->work, 100);
    if (pick < 30) {
        producers_look(w, s);
    } else if (pick < 45) {
        if (log_epoch_begin(s->log, s->epoch + 1, &err) && !s->disk.crashed) {
            s->epoch++;
        }
    } else if (pick < 55 && s->count > 0) {
        const int64_t mark = log_high_watermark(s->log);
        const int64_t to =
            log_start_offset(s->log) +
            (int64_t)rng_below(&w->work, (uint64_t)(mark - log_start_offset(s->log)) / 2 + 1);
        log_truncate_before(s->log, to, &err);
    } else if (pick < 65) {
        log_close_all(s); /* a clean stop */
        if (!s->disk.crashed) {
            disk_kill(&s->disk);
        }
    } else if (pick < 75) {
        s->disk.crash_at = s->disk.operations + (int64_t)rng_below(&w->fate, 40);
    } else {
        log_set_clean(s->set);
    }
    error_clear(&err);
}

static void
log_step(struct world *w, void *ctx, uint64_t life)
{
    struct state *s = state_of(w);
    s->disk.sync_fails_ppm = w->healed ? 0 : s->disk.sync_fails_ppm;
    s->disk.can_stop = true;
    if (setjmp(s->disk.stopped) != 0) {
        log_abandon_all(s); /* stopped on doubt */
        if (s->disk.crashed) {
            disk_restart(&s->disk);
        } else {
            disk_kill(&s->disk);
        }
    } else if (s->log == NULL) {
        open_log(w, s);
    } else {
        const uint64_t pick = rng_below(&w->work, 100);
        if (pick < 55) {
            append_one(w, s);
        } else if (pick < 90) {
            s->disk.in_sync = rng_chance(&w->work, 300000) ? appends_meanwhile : NULL;
            log_set_step(s->set);
            s->disk.in_sync = NULL;
        } else {
            other_step(w, s);
        }
        crash_look(w, s);
    }
    s->disk.can_stop = false;
    world_note(w, (uint64_t)s->disk.operations << 20 ^ s->count);
    world_after(w, HOST, rng_between(&w->work, 1, s->step_max), log_step, NULL, 0);
}

static void
log_node_up(struct world *w, uint32_t node)
{
    if (node == HOST) {
        world_after(w, HOST, MS, log_step, NULL, 0);
    }
}

static void
log_node_down(struct world *w, uint32_t node, enum down_kind how)
{
    struct state *s = state_of(w);
    if (node != HOST || s->set == NULL) {
        return;
    }
    /* Taken down in order on a disk that no longer counts: what is left was noted before. */
    if (how == DOWN_KILL) {
        for (int i = 0; i < DISK_FILES_MAX; i++) {
            s->disk.files[i].named = true;
        }
        for (int i = 0; i < DISK_FILES_MAX; i++) {
            struct disk_file *f = &s->disk.files[i];
            struct disk_file *out = &s->disk.after[i];
            if (s->disk.crashed || f->name[0] == '\0' || f->gone) {
                continue;
            }
            /* The page cache outlives the process. */
            *out =
                (struct disk_file){.named = true, .live_len = f->live_len, .kept_len = f->kept_len};
            memcpy(out->name, f->name, sizeof out->name);
            out->live = malloc(f->live_len + 1);
            out->kept = malloc(f->kept_len + 1);
            if (out->live == NULL || out->kept == NULL) {
                abort();
            }
            out->live_capacity = f->live_len + 1;
            out->kept_capacity = f->kept_len + 1;
            if (f->live_len > 0) {
                memcpy(out->live, f->live, f->live_len);
            }
            if (f->kept_len > 0) {
                memcpy(out->kept, f->kept, f->kept_len);
            }
        }
        s->disk.crashed = true;
    } else {
        disk_crash_now(&s->disk);
    }
    s->disk.sync_fails_ppm = 0;
    log_close_all(s);
    disk_restart(&s->disk);
}

static void
log_start(struct world *w)
{
    struct state *s = world_alloc(w, sizeof *s);
    struct rng *r = &w->draw;
    uint32_t i = 0;
    while (w->parts[i] != &part_log) {
        i++;
    }
    w->states[i] = s;
    disk_init(&s->disk, w, HOST);
    s->disk.sync_fails_ppm = rng_chance(r, 700000) ? 0 : (uint32_t)rng_below(r, 20000);
    s->step_max = rng_between(r, 10, 80) * MS;
    s->config = (struct log_config){.segment_bytes = rng_between(r, 4000, 40000),
                                    .segment_ms = 604800000,
                                    .retention_ms = -1,
                                    .retention_bytes = -1,
                                    .message_bytes_max = 1048588,
                                    .delete_old = true};
    w->aims[AIM_LEADER] = HOST;
}

static bool
log_disk_may_go(struct world *w, uint32_t node)
{
    return node != HOST; /* one copy */
}

static void
log_finish(struct world *w)
{
    struct state *s = state_of(w);
    if (s->log == NULL) {
        open_log(w, s);
    }
    while (!w->failed && log_set_step(s->set)) {
    }
    if (!w->failed) {
        walk_log(w, s);
    }
}

static void
log_release_part(struct world *w)
{
    struct state *s = state_of(w);
    s->disk.crashed = true;
    s->disk.sync_fails_ppm = 0;
    log_close_all(s);
    disk_release(&s->disk);
}

const struct part part_log = {
    .name = "log",
    .start = log_start,
    .node_up = log_node_up,
    .node_down = log_node_down,
    .finish = log_finish,
    .release = log_release_part,
    .disk_may_go = log_disk_may_go,
};
