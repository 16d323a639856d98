/* What a query says of its batches: Spark's StreamingQueryProgress and events as JSON. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/thread.h"
#include "stream/internal.h"

static void
put_time(struct buffer *out, int64_t wall_ms)
{
    const time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    buffer_printf(out, "\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"", tm.tm_year + 1900, tm.tm_mon + 1,
                  tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(wall_ms % 1000));
}

static void
put_text(struct buffer *out, const char *key, const char *text)
{
    buffer_printf(out, "\"%s\":", key);
    if (text == NULL) {
        buffer_puts(out, "null");
    } else {
        buffer_json_string(out, text, strlen(text));
    }
}

static double
per_second(int64_t rows, int64_t ns)
{
    return ns > 0 && rows > 0 ? (double)rows * 1e9 / (double)ns : 0.0;
}

static void
put_sources(struct buffer *out, const struct stream_query *q, const struct batch_figures *f)
{
    buffer_puts(out, "\"sources\":[");
    for (uint32_t i = 0; i < q->source_count; i++) {
        const int64_t rows = f->source_rows[i] >= 0 ? f->source_rows[i] : f->rows;
        const char *start = f->starts[i], *end = f->ends[i];
        buffer_puts(out, i > 0 ? ",{" : "{");
        put_text(out, "description", q->sources[i].description);
        buffer_printf(out, ",\"startOffset\":%s,\"endOffset\":%s,\"latestOffset\":%s",
                      start != NULL && start[0] != '-' ? start : "null",
                      end != NULL && end[0] != '-' ? end : "null",
                      end != NULL && end[0] != '-' ? end : "null");
        buffer_printf(
            out,
            ",\"numInputRows\":%" PRId64
            ",\"inputRowsPerSecond\":%.3f,\"processedRowsPerSecond\":%.3f,\"metrics\":{}}",
            rows, per_second(rows, f->interval_ns), per_second(rows, f->trigger_ns));
    }
    buffer_puts(out, "]");
}

void
progress_put(struct buffer *out, const struct stream_query *q, const struct batch_figures *f)
{
    buffer_printf(out, "{\"id\":\"%s\",\"runId\":\"%s\",", q->id, q->run_id);
    put_text(out, "name", q->name);
    buffer_puts(out, ",\"timestamp\":");
    put_time(out, f->started_ms);
    buffer_printf(out, ",\"batchId\":%" PRId64 ",\"batchDuration\":%" PRId64, f->batch_id,
                  f->trigger_ns / 1000000);
    buffer_printf(out,
                  ",\"numInputRows\":%" PRId64
                  ",\"inputRowsPerSecond\":%.3f,\"processedRowsPerSecond\":%.3f",
                  f->rows, per_second(f->rows, f->interval_ns), per_second(f->rows, f->trigger_ns));
    buffer_printf(out,
                  ",\"durationMs\":{\"addBatch\":%" PRId64 ",\"commitOffsets\":%" PRId64
                  ",\"latestOffset\":%" PRId64 ",\"queryPlanning\":%" PRId64
                  ",\"triggerExecution\":%" PRId64 "},\"eventTime\":{",
                  f->write_ns / 1000000, f->commit_ns / 1000000, f->latest_ns / 1000000,
                  f->plan_ns / 1000000, f->trigger_ns / 1000000);
    if (q->has_watermark) {
        if (f->event_max_micros != INT64_MIN) {
            buffer_puts(out, "\"max\":");
            put_time(out, f->event_max_micros / 1000);
            buffer_puts(out, ",");
        }
        buffer_puts(out, "\"watermark\":");
        put_time(out, f->watermark_ms);
    }
    buffer_puts(out, "},\"stateOperators\":[");
    if (q->state_count > 0) {
        const struct exec_progress *p = &q->execution.progress;
        buffer_printf(out,
                      "{\"operatorName\":\"stateStoreSave\",\"numRowsTotal\":%" PRIu64
                      ",\"numRowsUpdated\":%" PRIu64 ",\"numRowsRemoved\":%" PRIu64,
                      atomic_load(&p->state_rows), atomic_load(&p->state_rows_updated),
                      atomic_load(&p->state_rows_removed));
        buffer_printf(out,
                      ",\"allUpdatesTimeMs\":0,\"allRemovalsTimeMs\":0,\"commitTimeMs\":0,"
                      "\"memoryUsedBytes\":%" PRIu64 ",\"numRowsDroppedByWatermark\":%" PRIu64
                      ",\"numShufflePartitions\":1,\"numStateStoreInstances\":1,"
                      "\"customMetrics\":{}}",
                      atomic_load(&p->state_bytes), f->late_rows);
    }
    buffer_puts(out, "],");
    put_sources(out, q, f);
    buffer_puts(out, ",\"sink\":{");
    put_text(out, "description", q->sink.description);
    buffer_printf(out, ",\"numOutputRows\":%" PRIu64 ",\"metrics\":{}},\"observedMetrics\":{}}",
                  f->rows_out);
}

void
progress_add(struct stream_query *q, const struct batch_figures *f)
{
    struct buffer json = {0};
    progress_put(&json, q, f);
    mutex_lock(&q->lock);
    char **slot = &q->progress[q->progress_next++ % q->progress_kept];
    free(*slot);
    *slot = strdup(buffer_text(&json));
    mutex_unlock(&q->lock);
    struct buffer event = {0};
    buffer_printf(&event, "{\"progress\":%s}", buffer_text(&json));
    manager_event(q->manager, q, STREAM_EVENT_PROGRESS, buffer_text(&event));
    buffer_release(&event);
    buffer_release(&json);
}

void
event_started_put(struct buffer *out, const struct stream_query *q, int64_t now_ms)
{
    buffer_printf(out, "{\"id\":\"%s\",\"runId\":\"%s\",", q->id, q->run_id);
    put_text(out, "name", q->name);
    buffer_puts(out, ",\"timestamp\":");
    put_time(out, now_ms);
    buffer_puts(out, ",\"jobTags\":[]}");
}

void
event_terminated_put(struct buffer *out, const struct stream_query *q)
{
    buffer_printf(out, "{\"id\":\"%s\",\"runId\":\"%s\",", q->id, q->run_id);
    const bool failed = error_is_set(&q->error);
    put_text(out, "exception", failed ? error_text(&q->error) : NULL);
    buffer_puts(out, ",");
    put_text(out, "errorClassOnException", failed ? q->error.condition : NULL);
    buffer_puts(out, "}");
}
