/*
 * The rate source: rowsPerSecond rows a second, counted from 0, with the times at which they would
 * have come. An offset is whole seconds since the query's first start, whose time stands in the
 * checkpoint.
 *
 * A batch is a REL_RANGE with a projection over it: no scan of its own is needed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/session.h"
#include "stream/source.h"

struct rate {
    int64_t rows_per_second;
    int64_t begin_ms;
};

static bool
rate_latest(struct stream_source *s, struct arena *a, const char *start, bool limited,
            const char **end, struct error *err)
{
    (void)start;
    (void)limited;
    (void)err;
    const struct rate *r = s->state;
    *end = arena_printf(a, "%" PRId64, (env_wall_ms(s->env) - r->begin_ms) / 1000);
    return true;
}

static struct rel *
rate_scan(struct stream_source *s, struct arena *a, const struct rel *template, const char *start,
          const char *end, int64_t *rows, struct error *err)
{
    (void)err;
    const struct rate *r = s->state;
    const int64_t from = start != NULL && start[0] != '-' ? atoll(start) : 0, to = atoll(end);
    struct rel *range = rel_new(a, REL_RANGE, 0);
    range->start = from * r->rows_per_second;
    range->end = to * r->rows_per_second;
    range->step = 1;
    range->partitions = -1;
    static const struct type_field id = {.name = "id"};
    struct type_field *field = arena_copy(a, &id, sizeof id);
    field->type = type_scalar(TYPE_LONG);
    range->schema = type_struct(a, field, 1);
    *rows = range->end - range->start;

    /* timestamp = begin + value / rows_per_second, in microseconds. */
    const struct type *long_type = type_scalar(TYPE_LONG);
    struct expr *value = expr_column(a, 0, long_type, false);
    struct expr *scaled =
        expr_call(a, "*", 2, value, expr_long_literal(a, 1000000 / r->rows_per_second));
    struct expr *micros = expr_call(a, "+", 2, scaled, expr_long_literal(a, r->begin_ms * 1000));
    struct expr *time = expr_call(a, "timestamp_micros", 1, micros);
    scaled->type = micros->type = long_type;
    time->type = type_scalar(TYPE_TIMESTAMP);
    struct expr *both[2] = {time, value};
    struct rel *project = rel_new(a, REL_PROJECT, 1, range);
    project->expr_count = template->column_count;
    project->exprs = arena_new_array(a, struct expr *, template->column_count + 1);
    for (uint32_t i = 0; i < template->column_count; i++) {
        project->exprs[i] = both[template->columns[i]];
    }
    project->schema = template->schema;
    return project;
}

static void
rate_close(struct stream_source *s)
{
    (void)s;
}

/* The time of the first start, written once. */
static bool
begin_time(struct stream_source *s, struct rate *r, struct error *err)
{
    char path[4096], text[32];
    snprintf(path, sizeof path, "%s/sources/rate-%u", s->checkpoint, s->number);
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct error missing = {0};
    if (env_read_file(s->env, path, sizeof text - 1, &bytes, &len, &missing)) {
        memcpy(text, bytes, len);
        text[len] = '\0';
        free(bytes);
        char *end;
        r->begin_ms = strtoll(text, &end, 10);
        return (end != text && *end == '\0' && r->begin_ms > 0) ||
               error_set(err, ERROR_SYSTEM, "the checkpoint file %s is damaged", path);
    }
    const bool absent = missing.code == ENOENT;
    if (!absent) {
        error_move(err, &missing);
        return false;
    }
    error_clear(&missing);
    r->begin_ms = env_wall_ms(s->env);
    const int n = snprintf(text, sizeof text, "%" PRId64, r->begin_ms);
    return env_write_file_atomic(s->env, path, text, (size_t)n, err);
}

bool
source_rate_open(struct stream_source *s, struct arena *a, struct error *err)
{
    static const struct source_ops ops = {rate_latest, rate_scan, rate_close};
    struct rate *r = arena_new(a, struct rate);
    const char *text = options_get(s->options, "rowsPerSecond");
    r->rows_per_second = text != NULL ? atoll(text) : 1;
    if (r->rows_per_second < 1 || r->rows_per_second > 1000000) {
        return error_set(err, ERROR_ARGUMENT, "rowsPerSecond must be from 1 to 1000000");
    }
    s->ops = &ops;
    s->state = r;
    s->description = arena_printf(a, "RateStreamV2[rowsPerSecond=%" PRId64 "]", r->rows_per_second);
    return begin_time(s, r, err);
}
