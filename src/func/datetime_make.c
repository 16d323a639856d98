/* Dates and times from text by pattern, to text, from parts; tumbling windows. */
#include <stdio.h>
#include <string.h>

#include "func/cast.h"
#include "func/datetime.h"
#include "type/decimal.h"

static const struct span default_pattern = {"yyyy-MM-dd HH:mm:ss", 19};

/* The pattern of a call: compiled at binding when it is a constant, else for each row. */
static const struct time_pattern *
row_pattern(struct eval *ev, const struct func_call *call, const struct vec *in, uint32_t i,
            bool parsing, struct error *err)
{
    if (call->extra != NULL) {
        return call->extra;
    }
    return time_pattern_compile(ev->tmp, text_at(in, i), parsing, err);
}

/* A bad constant pattern is raised when a row needs it. */
static void
bind_pattern(struct func_bind *b, uint32_t arg, bool parsing)
{
    struct view v;
    struct error ignored = {0};
    struct span s = default_pattern;
    if (arg < b->arg_count) {
        if (!bind_literal_text(b, arg, &v)) {
            return;
        }
        s = (struct span){view_ptr(&v), v.len};
    }
    b->extra = time_pattern_compile(b->arena, s, parsing, &ignored);
    error_clear(&ignored);
}

KERNEL(date_format)
{
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct time_pattern *p = row_pattern(ev, call, in[1], i, false, err);
        if (p == NULL) {
            buffer_release(&text);
            return false;
        }
        buffer_clear(&text);
        time_pattern_put(&text, p, local_at(ev, in[0], i), ((const int64_t *)in[0]->data)[i],
                         eval_zone(ev));
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

static bool
bind_date_format(struct func_bind *b, struct error *err)
{
    if (!func_bind_sig(b, err)) {
        return false;
    }
    bind_pattern(b, 1, false);
    return true;
}

KERNEL(from_unixtime)
{
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct time_pattern *p =
            row_pattern(ev, call, call->arg_count > 1 ? in[1] : NULL, i, false, err);
        int64_t utc;
        if (p == NULL ||
            __builtin_mul_overflow(((const int64_t *)in[0]->data)[i], MICROS_PER_SECOND, &utc)) {
            buffer_release(&text);
            return p != NULL && raise_overflow(err, "long overflow", NULL);
        }
        buffer_clear(&text);
        time_pattern_put(&text, p, zone_local_micros(eval_zone(ev), utc), utc, eval_zone(ev));
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

static bool
bind_from_unixtime(struct func_bind *b, struct error *err)
{
    if (!func_bind_sig(b, err)) {
        return false;
    }
    bind_pattern(b, 1, false);
    return true;
}

static bool
raise_parse(struct error *err, struct span text, const char *func)
{
    char message[256];
    snprintf(message, sizeof message, "Text '%.*s' could not be parsed",
             (int)(text.len < 180 ? text.len : 180), text.ptr);
    return error_raise(err, "CANNOT_PARSE_TIMESTAMP", "message", message, "func", func, NULL);
}

/* Text to an instant (TIMESTAMP), a wall clock (NTZ), a day (DATE) or seconds (LONG). */
KERNEL(parse_time)
{
    const bool try_it = strncmp(call->def->name, "try_", 4) == 0;
    const char *hint = out->type->id == TYPE_DATE ? "`try_to_date`" : "`try_to_timestamp`";
    EACH_VALID(i)
    {
        const struct time_pattern *p =
            row_pattern(ev, call, call->arg_count > 1 ? in[1] : NULL, i, true, err);
        const struct span s = text_at(in[0], i);
        const struct zone *zone;
        int64_t local = 0;
        if (p == NULL) {
            return false;
        }
        if (!time_pattern_parse(p, s, &local, &zone)) {
            if (ev->session->ansi && !try_it) {
                return raise_parse(err, s, hint);
            }
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        int64_t v = local;
        if (out->type->id != TYPE_TIMESTAMP_NTZ) {
            v = zone_utc_micros(zone != NULL ? zone : eval_zone(ev), local);
        }
        if (out->type->id == TYPE_DATE) {
            ((int32_t *)out->data)[i] = (int32_t)micros_floor_days(
                zone != NULL ? zone_local_micros(eval_zone(ev), v) : local);
            continue;
        }
        if (out->type->id == TYPE_LONG) {
            v = v / MICROS_PER_SECOND - (v % MICROS_PER_SECOND < 0);
        }
        ((int64_t *)out->data)[i] = v;
    }
    return true;
}

KERNEL(cast_time)
{
    const bool try_it = strncmp(call->def->name, "try_", 4) == 0;
    struct vec cast;
    if (!func_cast(ev, in[0], call->type, try_it ? CAST_TRY : CAST_DEFAULT, sel, n, &cast, err)) {
        return false;
    }
    vec_flatten(out, &cast, sel, n, ev->tmp);
    return true;
}

/* to_date(x[, fmt]), to_timestamp(x[, fmt]) and their try_ forms */
static bool
bind_to_time(struct func_bind *b, struct error *err)
{
    const char *name = b->def->name;
    const enum type_id id = strstr(name, "date") != NULL  ? TYPE_DATE
                            : strstr(name, "ntz") != NULL ? TYPE_TIMESTAMP_NTZ
                                                          : TYPE_TIMESTAMP;
    const struct type *t = b->args[0]->type;
    b->type = type_scalar(id);
    b->nullable = true;
    if (b->arg_count == 2 && !bind_want(b, 1, type_scalar(TYPE_STRING), err)) {
        return false;
    }
    const bool text = t->id == TYPE_STRING || t->id == TYPE_NULL;
    if (b->arg_count == 2 && text) {
        b->kernel = parse_time;
        bind_pattern(b, 1, true);
        return bind_want(b, 0, type_scalar(TYPE_STRING), err);
    }
    const bool number = type_is_numeric(t) && id == TYPE_TIMESTAMP;
    if (!text && !number && t->id != TYPE_DATE && t->id != TYPE_TIMESTAMP &&
        t->id != TYPE_TIMESTAMP_NTZ) {
        if (b->arg_count == 1 && !func_can_cast(t, b->type, b->session->ansi)) {
            return error_raise(err, "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION", "sqlExpr",
                               bind_sql(b), "srcType", type_quoted(b->arena, t), "targetType",
                               type_quoted(b->arena, b->type), NULL);
        }
        return bind_fail_input(b, 0,
                               "(\"STRING\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP WITHOUT "
                               "TIME ZONE\")",
                               err);
    }
    b->kernel = cast_time;
    return true;
}

KERNEL(unix_now)
{
    EACH_ROW(i)((int64_t *)out->data)[i] = ev->session->now_micros / MICROS_PER_SECOND;
    return true;
}

KERNEL(unix_of_time)
{
    EACH_VALID(i)
    {
        int64_t v =
            in[0]->phys == PHYS_I32
                ? zone_utc_micros(eval_zone(ev), ((const int32_t *)in[0]->data)[i] * MICROS_PER_DAY)
                : ((const int64_t *)in[0]->data)[i];
        if (in[0]->type->id == TYPE_TIMESTAMP_NTZ) {
            v = zone_utc_micros(eval_zone(ev), v);
        }
        ((int64_t *)out->data)[i] = v / MICROS_PER_SECOND - (v % MICROS_PER_SECOND < 0);
    }
    return true;
}

/* unix_timestamp([x[, fmt]]) */
static bool
bind_unix_timestamp(struct func_bind *b, struct error *err)
{
    b->type = type_scalar(TYPE_LONG);
    b->nullable = b->arg_count > 0;
    if (b->arg_count == 0) {
        b->kernel = unix_now;
        return true;
    }
    if (b->arg_count == 2 && !bind_want(b, 1, type_scalar(TYPE_STRING), err)) {
        return false;
    }
    const enum type_id id = b->args[0]->type->id;
    if (id == TYPE_DATE || id == TYPE_TIMESTAMP || id == TYPE_TIMESTAMP_NTZ) {
        b->kernel = unix_of_time;
        return true;
    }
    if (id != TYPE_STRING && id != TYPE_NULL) {
        return bind_fail_input(b, 0,
                               "(\"STRING\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP WITHOUT "
                               "TIME ZONE\")",
                               err);
    }
    b->kernel = parse_time;
    bind_pattern(b, 1, true);
    return bind_want(b, 0, type_scalar(TYPE_STRING), err);
}

/* ---- from parts ---- */

static bool
raise_bounds(struct error *err, const char *what)
{
    return error_raise(err, "DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION", "rangeMessage", what,
                       "ansiConfig", "\"spark.sql.ansi.enabled\"", NULL);
}

KERNEL(make_date)
{
    EACH_VALID(i)
    {
        const int32_t y = ((const int32_t *)in[0]->data)[i];
        const int32_t m = ((const int32_t *)in[1]->data)[i];
        const int32_t d = ((const int32_t *)in[2]->data)[i];
        const int64_t v = civil_valid(y, m, d) ? days_from_civil(y, m, d) : INT64_MAX;
        if (v != (int32_t)v) {
            if (ev->session->ansi) {
                return raise_bounds(err, m < 1 || m > 12
                                             ? "Invalid value for MonthOfYear (valid values 1 - 12)"
                                             : "Invalid value for DayOfMonth (valid values 1 - "
                                               "28/31)");
            }
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        ((int32_t *)out->data)[i] = (int32_t)v;
    }
    return true;
}

KERNEL(make_timestamp)
{
    const bool try_it = strncmp(call->def->name, "try_", 4) == 0;
    EACH_VALID(i)
    {
        int32_t p[5];
        for (int k = 0; k < 5; k++) {
            p[k] = ((const int32_t *)in[k]->data)[i];
        }
        const int64_t seconds = (int64_t)vec_decimal(in[5], i); /* scale 6: microseconds */
        const bool minute_end = seconds == MICROS_PER_MINUTE;   /* 60 is the next minute */
        const bool ok = civil_valid(p[0], p[1], p[2]) && p[3] >= 0 && p[3] < 24 && p[4] >= 0 &&
                        p[4] < 60 && seconds >= 0 && (seconds < MICROS_PER_MINUTE || minute_end);
        if (!ok) {
            if (ev->session->ansi && !try_it) {
                return raise_bounds(err, "Invalid value for a field of the timestamp");
            }
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        const int64_t local = days_from_civil(p[0], p[1], p[2]) * MICROS_PER_DAY +
                              p[3] * MICROS_PER_HOUR + p[4] * MICROS_PER_MINUTE + seconds;
        const struct zone *zone = eval_zone(ev);
        if (call->arg_count > 6) {
            const struct span s = text_at(in[6], i);
            zone = zone_find_n(s.ptr, s.len);
            if (zone == NULL) {
                char name[80];
                snprintf(name, sizeof name, "%.*s", (int)(s.len < 70 ? s.len : 70), s.ptr);
                return error_raise(err, "INVALID_TIMEZONE", "timeZone", name, NULL);
            }
        }
        ((int64_t *)out->data)[i] =
            out->type->id == TYPE_TIMESTAMP ? zone_utc_micros(zone, local) : local;
    }
    return true;
}

static bool
bind_make_timestamp(struct func_bind *b, struct error *err)
{
    const bool ntz = strstr(b->def->name, "ntz") != NULL;
    for (uint32_t i = 0; i < 5; i++) {
        if (!bind_want(b, i, type_scalar(TYPE_INT), err)) {
            return false;
        }
    }
    b->type = type_scalar(ntz ? TYPE_TIMESTAMP_NTZ : TYPE_TIMESTAMP);
    b->nullable = bind_any_nullable(b) || !b->session->ansi;
    b->kernel = make_timestamp;
    return bind_want(b, 5, type_decimal(b->arena, 16, 6), err) &&
           (b->arg_count < 7 || bind_want(b, 6, type_scalar(TYPE_STRING), err));
}

/* make_interval([years, months, weeks, days, hours, mins, secs]) */
KERNEL(make_interval)
{
    EACH_VALID(i)
    {
        int64_t p[7] = {0};
        for (uint32_t k = 0; k < call->arg_count; k++) {
            p[k] = k == 6 ? (int64_t)vec_decimal(in[k], i) : ((const int32_t *)in[k]->data)[i];
        }
        const int64_t months = p[0] * 12 + p[1];
        const int64_t days = p[2] * 7 + p[3];
        const int64_t micros = p[4] * MICROS_PER_HOUR + p[5] * MICROS_PER_MINUTE + p[6];
        if (months != (int32_t)months || days != (int32_t)days) {
            if (ev->session->ansi && strncmp(call->def->name, "try_", 4) != 0) {
                return raise_overflow(err, "integer overflow", NULL);
            }
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        ((struct interval *)out->data)[i] =
            (struct interval){(int32_t)months, (int32_t)days, micros};
    }
    return true;
}

static bool
bind_make_interval(struct func_bind *b, struct error *err)
{
    b->type = type_scalar(TYPE_INTERVAL_CALENDAR);
    b->nullable = bind_any_nullable(b) || !b->session->ansi;
    b->kernel = make_interval;
    for (uint32_t i = 0; i < b->arg_count; i++) {
        const struct type *t = i == 6 ? type_decimal(b->arena, 18, 6) : type_scalar(TYPE_INT);
        if (!bind_want(b, i, t, err)) {
            return false;
        }
    }
    return true;
}

KERNEL(make_dt_interval)
{
    static const int64_t units[] = {MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, 1};
    EACH_VALID(i)
    {
        int64_t total = 0;
        for (uint32_t k = 0; k < call->arg_count; k++) {
            int64_t v = k == 3 ? (int64_t)vec_decimal(in[k], i) : ((const int32_t *)in[k]->data)[i];
            if (__builtin_mul_overflow(v, units[k], &v) ||
                __builtin_add_overflow(total, v, &total)) {
                return error_raise(err, "INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION", NULL);
            }
        }
        ((int64_t *)out->data)[i] = total;
    }
    return true;
}

static bool
bind_make_dt_interval(struct func_bind *b, struct error *err)
{
    b->type = type_scalar(TYPE_INTERVAL_DT);
    b->nullable = bind_any_nullable(b);
    b->kernel = make_dt_interval;
    for (uint32_t i = 0; i < b->arg_count; i++) {
        const struct type *t = i == 3 ? type_decimal(b->arena, 18, 6) : type_scalar(TYPE_INT);
        if (!bind_want(b, i, t, err)) {
            return false;
        }
    }
    return true;
}

KERNEL(make_ym_interval)
{
    EACH_VALID(i)
    {
        int64_t months = (int64_t)((const int32_t *)in[0]->data)[i] * 12;
        if (call->arg_count > 1) {
            months += ((const int32_t *)in[1]->data)[i];
        }
        if (months != (int32_t)months) {
            return error_raise(err, "INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION", NULL);
        }
        ((int32_t *)out->data)[i] = (int32_t)months;
    }
    return true;
}

/*
 * ---- window(ts, duration[, slide[, start]]) ----
 * The tumbling one is a struct. Of the sliding one's windows time_window_nth gives number n, 0 the
 * last that begins at or before the time; the planner puts it into the expression's place.
 */

struct window_call {
    int64_t size;
    int64_t slide;
    int64_t start;
    int64_t nth;
};

KERNEL(window)
{
    const struct window_call *w = call->extra;
    const int64_t *t = in[0]->data;
    int64_t *start = out->child[0].data;
    int64_t *end = out->child[1].data;
    if (w->nth < 0) {
        return error_unsupported(err, "sliding window() here");
    }
    EACH_VALID(i)
    {
        int64_t rest = (t[i] - w->start) % w->slide;
        rest += rest < 0 ? w->slide : 0;
        start[i] = t[i] - rest - w->nth * w->slide;
        end[i] = start[i] + w->size;
        if (end[i] <= t[i]) {
            vec_set_null(out, ev->tmp, i);
        }
    }
    return true;
}

static bool
window_duration(struct func_bind *b, uint32_t arg, int64_t *out, struct error *err)
{
    struct view v;
    const struct datum *d = bind_literal(b, arg);
    struct interval i;
    if (d != NULL && d->type->id == TYPE_LONG) {
        *out = d->i;
        return true;
    }
    if (!bind_literal_text(b, arg, &v)) {
        return bind_fail_foldable(b, arg, "windowDuration", "STRING", err);
    }
    if (!interval_calendar_parse(view_ptr(&v), v.len, &i) || i.months != 0) {
        return error_raise(err, "CANNOT_PARSE_INTERVAL", "intervalString",
                           arena_printf(b->arena, "'%.*s'", (int)v.len, view_ptr(&v)), NULL);
    }
    *out = i.days * MICROS_PER_DAY + i.micros;
    return true;
}

/* The constraints of Spark's TimeWindow, in its order. */
static bool
window_check(struct func_bind *b, const struct window_call *w, struct error *err)
{
    const char *names[] = {"window_duration", "slide_duration"};
    const int64_t values[] = {w->size, w->slide};
    for (int i = 0; i < 2; i++) {
        if (values[i] <= 0) {
            return error_raise(err, "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE", "sqlExpr", bind_sql(b),
                               "exprName", names[i], "valueRange", "(0, 9223372036854775807L]",
                               "currentValue",
                               arena_printf(b->arena, "%lldL", (long long)values[i]), NULL);
        }
    }
    const char *slide = arena_printf(b->arena, "%lldL", (long long)w->slide);
    if (w->slide > w->size) {
        return error_raise(err, "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION", "sqlExpr",
                           bind_sql(b), "leftExprName", "`slide_duration`", "leftExprValue", slide,
                           "constraint", "<=", "rightExprName", "`window_duration`",
                           "rightExprValue", arena_printf(b->arena, "%lldL", (long long)w->size),
                           NULL);
    }
    const uint64_t start = w->start < 0 ? 0 - (uint64_t)w->start : (uint64_t)w->start;
    if (start >= (uint64_t)w->slide) {
        return error_raise(err, "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION", "sqlExpr",
                           bind_sql(b), "leftExprName", "`abs(start_time)`", "leftExprValue",
                           arena_printf(b->arena, "%lluL", (unsigned long long)start), "constraint",
                           "<", "rightExprName", "`slide_duration`", "rightExprValue", slide, NULL);
    }
    return true;
}

static bool
bind_window(struct func_bind *b, struct error *err)
{
    struct window_call *w = arena_new(b->arena, struct window_call);
    if (!window_duration(b, 1, &w->size, err)) {
        return false;
    }
    w->slide = w->size;
    if ((b->arg_count > 2 && !window_duration(b, 2, &w->slide, err)) ||
        (b->arg_count > 3 && !window_duration(b, 3, &w->start, err)) || !window_check(b, w, err)) {
        return false;
    }
    const bool nth = strcmp(b->def->name, "time_window_nth") == 0;
    if (nth && !bind_literal_int(b, 4, &w->nth)) {
        return bind_fail_foldable(b, 4, "n", "INT", err);
    }
    w->nth = !nth && w->slide != w->size ? -1 : w->nth;
    const struct type *t = b->args[0]->type;
    if (t->id != TYPE_TIMESTAMP_NTZ) {
        t = type_scalar(TYPE_TIMESTAMP);
        if (!bind_want(b, 0, t, err)) {
            return false;
        }
    }
    const struct type_field fields[2] = {{"start", t, true, NULL}, {"end", t, true, NULL}};
    b->type = type_struct(b->arena, fields, 2);
    b->nullable = nth || bind_any_nullable(b);
    b->extra = w;
    b->kernel = window;
    return true;
}

bool
func_window_overlaps(const struct expr *call, uint64_t *out)
{
    struct error ignored = {0};
    struct func_bind b = {.args = call->args, .arg_count = call->arg_count};
    int64_t size, slide;
    *out = 1;
    if (call->arg_count < 3) {
        return true;
    }
    if (!window_duration(&b, 1, &size, &ignored) || !window_duration(&b, 2, &slide, &ignored)) {
        return false;
    }
    *out = ((uint64_t)size + (uint64_t)slide - 1) / (uint64_t)slide;
    return true;
}

/* window_time(window): the last instant of a window. */
KERNEL(window_time)
{
    const int64_t *end = in[0]->child[1].data;
    EACH_VALID(i)
    {
        ((int64_t *)out->data)[i] = end[i] - 1;
    }
    return true;
}

static bool
bind_window_time(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    if (t->id != TYPE_STRUCT || t->field_count != 2 ||
        (t->fields[1].type->id != TYPE_TIMESTAMP && t->fields[1].type->id != TYPE_TIMESTAMP_NTZ)) {
        return bind_fail_input(b, 0, "\"STRUCT\"", err);
    }
    b->type = t->fields[1].type;
    b->nullable = bind_any_nullable(b);
    b->kernel = window_time;
    return true;
}

#define BIND(name, min, max, bind, use)                                                            \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, false, bind, use                                       \
    }

static const struct func_def defs[] = {
    {"date_format", FUNC_SCALAR, 2, 2, false, false, bind_date_format,
     "date_format(ts, fmt) - Text by pattern.", "Ts>s", date_format},
    {"from_unixtime", FUNC_SCALAR, 1, 2, false, false, bind_from_unixtime,
     "from_unixtime(seconds[, fmt]) - Text by pattern.", "l|s>s", from_unixtime},
    BIND("to_date", 1, 2, bind_to_time, "to_date(str[, fmt])"),
    BIND("to_timestamp", 1, 2, bind_to_time, "to_timestamp(str[, fmt])"),
    BIND("to_timestamp_ntz", 1, 2, bind_to_time, "to_timestamp_ntz(str[, fmt])"),
    BIND("try_to_date", 1, 2, bind_to_time, "try_to_date(str[, fmt]) - Null if it is none."),
    BIND("try_to_timestamp", 1, 2, bind_to_time, "try_to_timestamp(str[, fmt])"),
    BIND("unix_timestamp", 0, 2, bind_unix_timestamp, "unix_timestamp([x[, fmt]]) - Seconds."),
    BIND("to_unix_timestamp", 1, 2, bind_unix_timestamp, "to_unix_timestamp(x[, fmt])"),
    {"make_date", FUNC_SCALAR, 3, 3, false, false, NULL, "make_date(year, month, day)", "iii>D?",
     make_date},
    BIND("make_timestamp", 6, 7, bind_make_timestamp, "make_timestamp(y, m, d, h, min, sec[, tz])"),
    BIND("make_timestamp_ltz", 6, 7, bind_make_timestamp, "make_timestamp_ltz(y, m, d, h, ...)"),
    BIND("make_timestamp_ntz", 6, 6, bind_make_timestamp, "make_timestamp_ntz(y, m, d, h, ...)"),
    BIND("try_make_timestamp", 6, 7, bind_make_timestamp, "try_make_timestamp(y, m, d, h, ...)"),
    BIND("try_make_timestamp_ltz", 6, 7, bind_make_timestamp, "Null when a field is off."),
    BIND("try_make_timestamp_ntz", 6, 6, bind_make_timestamp, "Null when a field is off."),
    BIND("make_interval", 0, 7, bind_make_interval, "make_interval([years, months, ...])"),
    BIND("try_make_interval", 0, 7, bind_make_interval, "Null on overflow."),
    BIND("make_dt_interval", 0, 4, bind_make_dt_interval, "make_dt_interval([days, hours, ...])"),
    {"make_ym_interval", FUNC_SCALAR, 0, 2, false, false, NULL,
     "make_ym_interval([years[, months]])", "ii>v", make_ym_interval},
    BIND("window", 2, 4, bind_window, "window(ts, duration[, slide[, start]]) - A time's windows."),
    BIND("time_window_nth", 5, 5, bind_window, "The n-th of a time's sliding windows."),
    BIND("window_time", 1, 1, bind_window_time, "window_time(window) - A window's last instant."),
};

const struct func_family family_datetime_make = {defs, sizeof defs / sizeof *defs};
