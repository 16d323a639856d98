/* Dates and times: fields, arithmetic, truncation, conversion from and to text and numbers. */
#include "func/datetime.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "type/decimal.h"

const struct zone *
eval_zone(const struct eval *ev)
{
    return ev->zone != NULL ? ev->zone : zone_utc();
}

int64_t
local_at(const struct eval *ev, const struct vec *v, uint32_t i)
{
    const int64_t t = ((const int64_t *)v->data)[i];
    return v->type->id == TYPE_TIMESTAMP ? zone_local_micros(eval_zone(ev), t) : t;
}

/* ---- fields ---- */

int
iso_week(int64_t days, int64_t *year)
{
    const int64_t weekday = ((days + 3) % 7 + 7) % 7; /* Monday 0 */
    const int64_t thursday = days - weekday + 3;
    int64_t y;
    int m;
    int d;
    civil_from_days(thursday, &y, &m, &d);
    *year = y;
    return (int)((thursday - days_from_civil(y, 1, 1)) / 7) + 1;
}

int64_t
date_field(enum time_field f, int64_t days)
{
    int64_t y;
    int m;
    int d;
    civil_from_days(days, &y, &m, &d);
    switch (f) {
    case FIELD_YEAR:
        return y;
    case FIELD_QUARTER:
        return (m + 2) / 3;
    case FIELD_MONTH:
        return m;
    case FIELD_DAY:
        return d;
    case FIELD_WEEK:
        return iso_week(days, &y);
    case FIELD_YEAROFWEEK:
        iso_week(days, &y);
        return y;
    case FIELD_DAYOFWEEK:
        return ((days + 4) % 7 + 7) % 7 + 1;
    case FIELD_WEEKDAY:
        return ((days + 3) % 7 + 7) % 7;
    case FIELD_ISO_DAY:
        return ((days + 3) % 7 + 7) % 7 + 1;
    case FIELD_DAYOFYEAR:
        return days - days_from_civil(y, 1, 1) + 1;
    default:
        return 0;
    }
}

int64_t
time_field(enum time_field f, int64_t local)
{
    const int64_t micros = local - micros_floor_days(local) * MICROS_PER_DAY;
    switch (f) {
    case FIELD_HOUR:
        return micros / MICROS_PER_HOUR;
    case FIELD_MINUTE:
        return micros / MICROS_PER_MINUTE % 60;
    case FIELD_SECOND:
        return micros / MICROS_PER_SECOND % 60;
    case FIELD_SECOND_FRACTION:
        return micros % MICROS_PER_MINUTE;
    default:
        return date_field(f, micros_floor_days(local));
    }
}

static enum time_field
field_of(const struct func_call *call)
{
    return *(const enum time_field *)(call->extra != NULL ? call->extra : call->def->data);
}

KERNEL(field_of_date)
{
    const enum time_field f = field_of(call);
    const int32_t *days = in[0]->data;
    int32_t *o = out->data;
    EACH_VALID(i) o[i] = (int32_t)date_field(f, days[i]);
    return true;
}

KERNEL(field_of_time)
{
    const enum time_field f = field_of(call);
    EACH_VALID(i)
    {
        const int64_t v = time_field(f, local_at(ev, in[0], i));
        if (f == FIELD_SECOND_FRACTION) {
            vec_put_decimal(out, i, v);
        } else {
            ((int32_t *)out->data)[i] = (int32_t)v;
        }
    }
    return true;
}

static const struct {
    const char *name;
    enum time_field field;
} field_names[] = {
    {"YEAR", FIELD_YEAR},
    {"Y", FIELD_YEAR},
    {"YEARS", FIELD_YEAR},
    {"YR", FIELD_YEAR},
    {"YRS", FIELD_YEAR},
    {"YEAROFWEEK", FIELD_YEAROFWEEK},
    {"QUARTER", FIELD_QUARTER},
    {"QTR", FIELD_QUARTER},
    {"MONTH", FIELD_MONTH},
    {"MON", FIELD_MONTH},
    {"MONS", FIELD_MONTH},
    {"MONTHS", FIELD_MONTH},
    {"WEEK", FIELD_WEEK},
    {"W", FIELD_WEEK},
    {"WEEKS", FIELD_WEEK},
    {"DAY", FIELD_DAY},
    {"D", FIELD_DAY},
    {"DAYS", FIELD_DAY},
    {"DAYOFWEEK", FIELD_DAYOFWEEK},
    {"DOW", FIELD_DAYOFWEEK},
    {"DAYOFWEEK_ISO", FIELD_ISO_DAY},
    {"DOW_ISO", FIELD_ISO_DAY},
    {"DOY", FIELD_DAYOFYEAR},
    {"HOUR", FIELD_HOUR},
    {"H", FIELD_HOUR},
    {"HOURS", FIELD_HOUR},
    {"HR", FIELD_HOUR},
    {"HRS", FIELD_HOUR},
    {"MINUTE", FIELD_MINUTE},
    {"M", FIELD_MINUTE},
    {"MIN", FIELD_MINUTE},
    {"MINS", FIELD_MINUTE},
    {"MINUTES", FIELD_MINUTE},
    {"SECOND", FIELD_SECOND_FRACTION},
    {"S", FIELD_SECOND_FRACTION},
    {"SEC", FIELD_SECOND_FRACTION},
    {"SECONDS", FIELD_SECOND_FRACTION},
    {"SECS", FIELD_SECOND_FRACTION},
};

KERNEL(field_of_interval)
{
    const enum time_field f = field_of(call);
    EACH_VALID(i)
    {
        int64_t months = 0;
        int64_t days = 0;
        int64_t micros = 0;
        if (in[0]->phys == PHYS_I32) {
            months = ((const int32_t *)in[0]->data)[i];
        } else if (in[0]->phys == PHYS_I64) {
            micros = ((const int64_t *)in[0]->data)[i];
            days = micros / MICROS_PER_DAY;
            micros %= MICROS_PER_DAY;
        } else {
            const struct interval *v = (const struct interval *)in[0]->data + i;
            months = v->months;
            days = v->days;
            micros = v->micros;
        }
        const int64_t v = f == FIELD_YEAR     ? months / 12
                          : f == FIELD_MONTH  ? months % 12
                          : f == FIELD_DAY    ? days
                          : f == FIELD_HOUR   ? micros / MICROS_PER_HOUR
                          : f == FIELD_MINUTE ? micros / MICROS_PER_MINUTE % 60
                                              : micros % MICROS_PER_MINUTE;
        switch ((enum phys)out->phys) {
        case PHYS_I8:
            ((int8_t *)out->data)[i] = (int8_t)v;
            break;
        case PHYS_I32:
            ((int32_t *)out->data)[i] = (int32_t)v;
            break;
        default:
            vec_put_decimal(out, i, v);
        }
    }
    return true;
}

/* extract(field, source), date_part(field, source) */
static bool
bind_extract(struct func_bind *b, struct error *err)
{
    struct view name;
    enum time_field *f = arena_new(b->arena, enum time_field);
    const struct expr *field = b->args[0];
    const bool null =
        field->type->id == TYPE_NULL ||
        (field->kind == EXPR_LITERAL && field->type->id == TYPE_STRING && field->literal.is_null);
    if (!null && (field->type->id != TYPE_STRING || !bind_literal_text(b, 0, &name))) {
        return error_raise(err, "NON_FOLDABLE_ARGUMENT", "funcName",
                           arena_printf(b->arena, "`%s`", b->def->name), "paramName", "`field`",
                           "paramType", "\"STRING\"", NULL);
    }
    if (null) {
        b->type = type_scalar(TYPE_DOUBLE);
        b->nullable = true;
        b->kernel = field_of_date; /* all rows are null */
        return true;
    }
    for (size_t i = 0; i < sizeof field_names / sizeof *field_names; i++) {
        if (strlen(field_names[i].name) == name.len &&
            strncasecmp(field_names[i].name, view_ptr(&name), name.len) == 0) {
            *f = field_names[i].field;
        }
    }
    const struct type *t = b->args[1]->type;
    const bool interval =
        t->id == TYPE_INTERVAL_CALENDAR || t->id == TYPE_INTERVAL_DT || t->id == TYPE_INTERVAL_YM;
    const bool calendar = *f <= FIELD_MONTH;
    if (*f == 0 ||
        (interval &&
         (*f == FIELD_WEEK || (*f > FIELD_DAY && *f < FIELD_HOUR) || *f == FIELD_YEAROFWEEK)) ||
        (t->id == TYPE_INTERVAL_YM && !calendar) || (t->id == TYPE_INTERVAL_DT && calendar)) {
        return error_raise(err, "INVALID_EXTRACT_FIELD", "field",
                           arena_printf(b->arena, "`%.*s`", (int)name.len, view_ptr(&name)), "expr",
                           bind_arg_sql(b, 1), NULL);
    }
    b->extra = f;
    b->nullable = bind_any_nullable(b);
    b->type = *f == FIELD_SECOND_FRACTION ? type_decimal(b->arena, 8, 6) : type_scalar(TYPE_INT);
    if (interval) {
        if (*f == FIELD_HOUR || *f == FIELD_MINUTE || *f == FIELD_MONTH) {
            b->type = type_scalar(TYPE_BYTE);
        }
        b->kernel = field_of_interval;
    } else if (*f >= FIELD_HOUR && *f <= FIELD_SECOND_FRACTION) {
        b->kernel = field_of_time;
        if (t->id != TYPE_TIMESTAMP && t->id != TYPE_TIMESTAMP_NTZ) {
            return bind_want(b, 1, type_scalar(TYPE_TIMESTAMP), err);
        }
    } else {
        b->kernel = field_of_date;
        return bind_want(b, 1, type_scalar(TYPE_DATE), err);
    }
    return true;
}

/* The source is the second argument; the kernels above look at the first. */
#define SECOND_ARGUMENT(name, inner)                                                               \
    KERNEL(name)                                                                                   \
    {                                                                                              \
        return inner(ev, call, rows, sel, n, in + 1, out, err);                                    \
    }
SECOND_ARGUMENT(extract_date, field_of_date)
SECOND_ARGUMENT(extract_time, field_of_time)
SECOND_ARGUMENT(extract_interval, field_of_interval)

static bool
bind_extract_second(struct func_bind *b, struct error *err)
{
    if (!bind_extract(b, err)) {
        return false;
    }
    b->kernel = b->kernel == field_of_date   ? extract_date
                : b->kernel == field_of_time ? extract_time
                                             : extract_interval;
    return true;
}

KERNEL(name_of_date)
{
    const bool month = call->def->name[0] == 'm';
    const int32_t *days = in[0]->data;
    EACH_VALID(i)
    {
        const char *name = month ? month_names[date_field(FIELD_MONTH, days[i]) - 1]
                                 : day_names[date_field(FIELD_WEEKDAY, days[i])];
        text_put(ev, out, i, name, 3);
    }
    return true;
}

/* ---- days and months ---- */

KERNEL(date_add_days)
{
    const int32_t *days = in[0]->data;
    const int32_t *count = in[1]->data;
    const bool minus = strcmp(call->def->name, "date_sub") == 0;
    int32_t *o = out->data;
    EACH_VALID(i)
    {
        if (minus ? __builtin_sub_overflow(days[i], count[i], &o[i])
                  : __builtin_add_overflow(days[i], count[i], &o[i])) {
            if (ev->session->ansi) {
                return raise_overflow(err, "integer overflow", NULL);
            }
        }
    }
    return true;
}

static bool
bind_date_add(struct func_bind *b, struct error *err)
{
    const enum type_id id = b->args[1]->type->id;
    b->type = type_scalar(TYPE_DATE);
    b->nullable = bind_any_nullable(b);
    b->kernel = date_add_days;
    if (id != TYPE_BYTE && id != TYPE_SHORT && id != TYPE_INT && id != TYPE_NULL &&
        id != TYPE_STRING) {
        return bind_want(b, 0, b->type, err) &&
               bind_fail_input(b, 1, "(\"INT\" or \"SMALLINT\" or \"TINYINT\")", err);
    }
    return bind_want(b, 0, b->type, err) && bind_want(b, 1, type_scalar(TYPE_INT), err);
}

KERNEL(date_diff)
{
    const int32_t *end = in[0]->data;
    const int32_t *start = in[1]->data;
    EACH_VALID(i)((int32_t *)out->data)[i] = (int32_t)((uint32_t)end[i] - (uint32_t)start[i]);
    return true;
}

KERNEL(add_months)
{
    const int32_t *days = in[0]->data;
    const int32_t *months = in[1]->data;
    EACH_VALID(i)
    {
        const int64_t v = days_add_months(days[i], months[i]);
        if (v != (int32_t)v) {
            return raise_overflow(err, "integer overflow", NULL);
        }
        ((int32_t *)out->data)[i] = (int32_t)v;
    }
    return true;
}

KERNEL(months_between)
{
    EACH_VALID(i)
    {
        const int64_t t1 = zone_local_micros(eval_zone(ev), ((const int64_t *)in[0]->data)[i]);
        const int64_t t2 = zone_local_micros(eval_zone(ev), ((const int64_t *)in[1]->data)[i]);
        const bool round_off = call->arg_count < 3 || ((const uint8_t *)in[2]->data)[i];
        int64_t y1;
        int64_t y2;
        int m1;
        int m2;
        int d1;
        int d2;
        civil_from_days(micros_floor_days(t1), &y1, &m1, &d1);
        civil_from_days(micros_floor_days(t2), &y2, &m2, &d2);
        const double months = (double)(y1 * 12 + m1 - (y2 * 12 + m2));
        double v = months;
        if (d1 != d2 && !(d1 == month_days(y1, m1) && d2 == month_days(y2, m2))) {
            const int64_t s1 = (t1 - micros_floor_days(t1) * MICROS_PER_DAY) / MICROS_PER_SECOND;
            const int64_t s2 = (t2 - micros_floor_days(t2) * MICROS_PER_DAY) / MICROS_PER_SECOND;
            const int64_t seconds = (int64_t)(d1 - d2) * 86400 + s1 - s2;
            v = months + (double)seconds / (31.0 * 86400);
            if (round_off) {
                v = round(v * 1e8) / 1e8;
            }
        }
        ((double *)out->data)[i] = v;
    }
    return true;
}

KERNEL(last_day)
{
    const int32_t *days = in[0]->data;
    EACH_VALID(i)
    {
        int64_t y;
        int m;
        int d;
        civil_from_days(days[i], &y, &m, &d);
        ((int32_t *)out->data)[i] = (int32_t)days_from_civil(y, m, month_days(y, m));
    }
    return true;
}

KERNEL(next_day)
{
    static const char *const names[7][3] = {{"MO", "MON", "MONDAY"},    {"TU", "TUE", "TUESDAY"},
                                            {"WE", "WED", "WEDNESDAY"}, {"TH", "THU", "THURSDAY"},
                                            {"FR", "FRI", "FRIDAY"},    {"SA", "SAT", "SATURDAY"},
                                            {"SU", "SUN", "SUNDAY"}};
    EACH_VALID(i)
    {
        const struct span s = text_at(in[1], i);
        int64_t want = -1;
        for (int d = 0; d < 7; d++) {
            for (int k = 0; k < 3; k++) {
                if (strlen(names[d][k]) == s.len && strncasecmp(names[d][k], s.ptr, s.len) == 0) {
                    want = d;
                }
            }
        }
        if (want < 0) {
            if (ev->session->ansi) {
                char text[64];
                snprintf(text, sizeof text, "%.*s", (int)(s.len < 60 ? s.len : 60), s.ptr);
                return error_raise(err, "ILLEGAL_DAY_OF_WEEK", "string", text, NULL);
            }
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        const int64_t day = ((const int32_t *)in[0]->data)[i];
        const int64_t step = (want - date_field(FIELD_WEEKDAY, day) + 7) % 7;
        ((int32_t *)out->data)[i] = (int32_t)(day + (step == 0 ? 7 : step));
    }
    return true;
}

/* ---- truncation ---- */

enum unit {
    UNIT_NONE,
    UNIT_MICRO,
    UNIT_MILLI,
    UNIT_SEC,
    UNIT_MIN,
    UNIT_HR,
    UNIT_DY,
    UNIT_WK,
    UNIT_MON,
    UNIT_QTR,
    UNIT_YR
};

static enum unit
unit_of(struct span s)
{
    static const struct {
        const char *name;
        enum unit unit;
    } names[] = {{"MICROSECOND", UNIT_MICRO},
                 {"MILLISECOND", UNIT_MILLI},
                 {"SECOND", UNIT_SEC},
                 {"MINUTE", UNIT_MIN},
                 {"HOUR", UNIT_HR},
                 {"DAY", UNIT_DY},
                 {"DD", UNIT_DY},
                 {"WEEK", UNIT_WK},
                 {"MONTH", UNIT_MON},
                 {"MON", UNIT_MON},
                 {"MM", UNIT_MON},
                 {"QUARTER", UNIT_QTR},
                 {"YEAR", UNIT_YR},
                 {"YYYY", UNIT_YR},
                 {"YY", UNIT_YR}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i].name) == s.len && strncasecmp(names[i].name, s.ptr, s.len) == 0) {
            return names[i].unit;
        }
    }
    return UNIT_NONE;
}

static int64_t
trunc_days(enum unit u, int64_t days)
{
    int64_t y;
    int m;
    int d;
    if (u == UNIT_WK) {
        return days - date_field(FIELD_WEEKDAY, days);
    }
    civil_from_days(days, &y, &m, &d);
    switch (u) {
    case UNIT_MON:
        return days_from_civil(y, m, 1);
    case UNIT_QTR:
        return days_from_civil(y, (m - 1) / 3 * 3 + 1, 1);
    case UNIT_YR:
        return days_from_civil(y, 1, 1);
    default:
        return days;
    }
}

KERNEL(trunc_date)
{
    EACH_ROW(i)
    {
        const bool null = vec_is_null(in[0], i) || vec_is_null(in[1], i);
        const enum unit u = null ? UNIT_NONE : unit_of(text_at(in[1], i));
        if (u < UNIT_WK) {
            vec_set_null(out, ev->tmp, i);
        } else {
            ((int32_t *)out->data)[i] = (int32_t)trunc_days(u, ((const int32_t *)in[0]->data)[i]);
        }
    }
    return true;
}

KERNEL(trunc_time)
{
    static const int64_t sizes[] = {
        0, 1, 1000, MICROS_PER_SECOND, MICROS_PER_MINUTE, MICROS_PER_HOUR, MICROS_PER_DAY};
    int64_t *o = out->data;
    EACH_ROW(i)
    {
        const bool null = vec_is_null(in[0], i) || vec_is_null(in[1], i);
        const enum unit u = null ? UNIT_NONE : unit_of(text_at(in[0], i));
        if (u == UNIT_NONE) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        const int64_t t = ((const int64_t *)in[1]->data)[i];
        const int64_t local = local_at(ev, in[1], i);
        int64_t v;
        if (u <= UNIT_SEC) { /* offsets are whole seconds: no zone is needed */
            v = t - ((t % sizes[u]) + sizes[u]) % sizes[u];
            o[i] = v;
            continue;
        }
        if (u <= UNIT_DY) {
            v = local - ((local % sizes[u]) + sizes[u]) % sizes[u];
        } else {
            v = trunc_days(u, micros_floor_days(local)) * MICROS_PER_DAY;
        }
        if (in[1]->type->id == TYPE_TIMESTAMP) {
            /* Under an hour keep to the offset in force, so that a repeated hour stays itself. */
            v = u < UNIT_DY ? t - (local - v) : zone_utc_micros(eval_zone(ev), v);
        }
        o[i] = v;
    }
    return true;
}

/* ---- now ---- */

KERNEL(now)
{
    const bool date = out->type->id == TYPE_DATE;
    const int64_t t = ev->session->now_micros;
    const int64_t local = zone_local_micros(eval_zone(ev), t);
    EACH_ROW(i)
    {
        if (date) {
            ((int32_t *)out->data)[i] = (int32_t)micros_floor_days(local);
        } else {
            ((int64_t *)out->data)[i] = out->type->id == TYPE_TIMESTAMP ? t : local;
        }
    }
    return true;
}

KERNEL(current_timezone)
{
    const char *name = ev->session->zone != NULL ? ev->session->zone : "Etc/UTC";
    EACH_ROW(i) text_share(out, i, name, strlen(name));
    return true;
}

/* ---- numbers ---- */

KERNEL(timestamp_to_number)
{
    const int64_t unit = *(const int64_t *)call->def->data;
    EACH_VALID(i)
    {
        const int64_t t = ((const int64_t *)in[0]->data)[i];
        ((int64_t *)out->data)[i] = t / unit - (t % unit < 0);
    }
    return true;
}

KERNEL(number_to_timestamp)
{
    const int64_t unit = *(const int64_t *)call->def->data;
    EACH_VALID(i)
    {
        if (__builtin_mul_overflow(((const int64_t *)in[0]->data)[i], unit,
                                   (int64_t *)out->data + i)) {
            return raise_overflow(err, "long overflow", NULL);
        }
    }
    return true;
}

KERNEL(seconds_to_timestamp)
{
    EACH_VALID(i)
    {
        int64_t *o = (int64_t *)out->data + i;
        if (in[0]->phys == PHYS_F64) {
            const double v = ((const double *)in[0]->data)[i];
            if (isnan(v) || isinf(v)) {
                vec_set_null(out, ev->tmp, i);
                continue;
            }
            const double micros = v * 1e6;
            *o = micros >= 0x1p63 ? INT64_MAX : micros <= -0x1p63 ? INT64_MIN : (int64_t)micros;
        } else {
            i128 v = 0;
            const int scale = in[0]->type->scale;
            const i128 raw = vec_decimal(in[0], i);
            if (!decimal_rescale(raw, scale, 6, DECIMAL_DOWN, &v) || v != (int64_t)v) {
                return raise_overflow(err, "long overflow", NULL);
            }
            *o = (int64_t)v;
        }
    }
    return true;
}

static bool
bind_timestamp_seconds(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    b->type = type_scalar(TYPE_TIMESTAMP);
    b->nullable = true;
    b->kernel = seconds_to_timestamp;
    if (t->id == TYPE_FLOAT || t->id == TYPE_DOUBLE || t->id == TYPE_STRING || t->id == TYPE_NULL) {
        return bind_want(b, 0, type_scalar(TYPE_DOUBLE), err);
    }
    if (!type_is_numeric(t)) {
        return bind_fail_input(b, 0, "\"NUMERIC\"", err);
    }
    if (t->id != TYPE_DECIMAL) {
        b->cast_to[0] = decimal_for(b->arena, t);
    }
    return true;
}

KERNEL(days_as_int)
{
    EACH_VALID(i)((int32_t *)out->data)[i] = ((const int32_t *)in[0]->data)[i];
    return true;
}

/* ---- zones ---- */

KERNEL(shift_zone)
{
    const bool from_utc = call->def->name[0] == 'f';
    EACH_VALID(i)
    {
        const struct span s = text_at(in[1], i);
        const struct zone *z = zone_find_n(s.ptr, s.len);
        if (z == NULL) {
            char name[80];
            snprintf(name, sizeof name, "%.*s", (int)(s.len < 70 ? s.len : 70), s.ptr);
            return error_raise(err, "INVALID_TIMEZONE", "timeZone", name, NULL);
        }
        /* The wall clock that the session shows is moved between UTC and the zone. */
        const int64_t t = ((const int64_t *)in[0]->data)[i];
        ((int64_t *)out->data)[i] = from_utc ? zone_local_micros(z, t) : zone_utc_micros(z, t);
    }
    return true;
}

/* convert_timezone([source, ]target, timestamp_ntz) */
KERNEL(convert_timezone)
{
    const uint32_t last = call->arg_count - 1;
    EACH_VALID(i)
    {
        const struct zone *zones[2] = {eval_zone(ev), NULL};
        for (uint32_t a = 0; a < last; a++) {
            const struct span s = text_at(in[a], i);
            const struct zone *z = zone_find_n(s.ptr, s.len);
            if (z == NULL) {
                char name[80];
                snprintf(name, sizeof name, "%.*s", (int)(s.len < 70 ? s.len : 70), s.ptr);
                return error_raise(err, "INVALID_TIMEZONE", "timeZone", name, NULL);
            }
            zones[last == 2 ? a : 1] = z;
        }
        const int64_t t = ((const int64_t *)in[last]->data)[i];
        ((int64_t *)out->data)[i] = zone_local_micros(zones[1], zone_utc_micros(zones[0], t));
    }
    return true;
}

static bool
bind_convert_timezone(struct func_bind *b, struct error *err)
{
    for (uint32_t i = 0; i + 1 < b->arg_count; i++) {
        if (!bind_want(b, i, type_scalar(TYPE_STRING), err)) {
            return false;
        }
    }
    b->type = type_scalar(TYPE_TIMESTAMP_NTZ);
    b->nullable = bind_any_nullable(b);
    b->kernel = convert_timezone;
    return bind_want(b, b->arg_count - 1, b->type, err);
}

/* ---- units ---- */

static enum unit
unit_argument(const struct func_bind *b, int64_t *times)
{
    struct view v;
    *times = 1;
    if (!bind_literal_text(b, 0, &v)) {
        return UNIT_NONE;
    }
    const struct span s = {view_ptr(&v), v.len};
    if (s.len == 9 && strncasecmp(s.ptr, "DAYOFYEAR", 9) == 0) {
        return UNIT_DY;
    }
    return unit_of(s);
}

struct unit_call {
    enum unit unit;
};

KERNEL(timestamp_add)
{
    const enum unit u = ((const struct unit_call *)call->extra)->unit;
    EACH_VALID(i)
    {
        const int64_t count = ((const int64_t *)in[1]->data)[i];
        const int64_t t = ((const int64_t *)in[2]->data)[i];
        int64_t *o = (int64_t *)out->data + i;
        static const int64_t sizes[] = {
            0, 1, 1000, MICROS_PER_SECOND, MICROS_PER_MINUTE, MICROS_PER_HOUR};
        int64_t v = 0;
        bool over = false;
        if (u <= UNIT_HR) {
            over = __builtin_mul_overflow(count, sizes[u], &v) || __builtin_add_overflow(t, v, o);
        } else if (count > INT32_MAX || count < INT32_MIN) {
            over = true;
        } else {
            const int64_t local = local_at(ev, in[2], i);
            const int64_t days = micros_floor_days(local);
            const int64_t rest = local - days * MICROS_PER_DAY;
            const int64_t to = u == UNIT_DY ? days + count
                               : u == UNIT_WK
                                   ? days + 7 * count
                                   : days_add_months(days, count * (u == UNIT_MON   ? 1
                                                                    : u == UNIT_QTR ? 3
                                                                                    : 12));
            over = __builtin_mul_overflow(to, MICROS_PER_DAY, &v);
            *o = in[2]->type->id == TYPE_TIMESTAMP ? zone_utc_micros(eval_zone(ev), v + rest)
                                                   : v + rest;
        }
        if (over) {
            return raise_overflow(err, "long overflow", NULL);
        }
    }
    return true;
}

static int64_t
months_whole(int64_t from, int64_t to)
{
    int64_t y1;
    int64_t y2;
    int m1;
    int m2;
    int d;
    civil_from_days(micros_floor_days(from), &y1, &m1, &d);
    civil_from_days(micros_floor_days(to), &y2, &m2, &d);
    int64_t months = (y2 - y1) * 12 + m2 - m1;
    const int64_t days = micros_floor_days(from);
    const int64_t rest = from - days * MICROS_PER_DAY;
    int64_t reached = days_add_months(days, months) * MICROS_PER_DAY + rest;
    if (months > 0 && reached > to) {
        months--;
    } else if (months < 0 && reached < to) {
        months++;
    }
    return months;
}

KERNEL(timestamp_diff)
{
    const enum unit u = ((const struct unit_call *)call->extra)->unit;
    static const int64_t sizes[] = {0,
                                    1,
                                    1000,
                                    MICROS_PER_SECOND,
                                    MICROS_PER_MINUTE,
                                    MICROS_PER_HOUR,
                                    MICROS_PER_DAY,
                                    7 * MICROS_PER_DAY};
    EACH_VALID(i)
    {
        const int64_t a = local_at(ev, in[1], i);
        const int64_t b = local_at(ev, in[2], i);
        int64_t v;
        if (u <= UNIT_HR) {
            v = (b - a) / sizes[u]; /* by wall clocks, as Spark counts */
        } else if (u <= UNIT_WK) {
            v = (b - a) / sizes[u];
        } else {
            v = months_whole(a, b) / (u == UNIT_MON ? 1 : u == UNIT_QTR ? 3 : 12);
        }
        ((int64_t *)out->data)[i] = v;
    }
    return true;
}

static bool
bind_units(struct func_bind *b, struct error *err)
{
    struct unit_call *u = arena_new(b->arena, struct unit_call);
    int64_t times;
    u->unit = unit_argument(b, &times);
    if (u->unit == UNIT_NONE) {
        return error_raise(err, "INVALID_PARAMETER_VALUE.DATETIME_UNIT", "functionName",
                           arena_printf(b->arena, "`%s`", b->def->name), "parameter", "`unit`",
                           "invalidValue", bind_arg_sql(b, 0), NULL);
    }
    const bool add = strcmp(b->def->name, "timestampadd") == 0;
    b->extra = u;
    b->nullable = bind_any_nullable(b);
    b->kernel = add ? timestamp_add : timestamp_diff;
    const struct type *t = b->args[2]->type;
    const bool ntz = t->id == TYPE_TIMESTAMP_NTZ;
    b->type = add ? type_scalar(ntz ? TYPE_TIMESTAMP_NTZ : TYPE_TIMESTAMP) : type_scalar(TYPE_LONG);
    if (!ntz && !bind_want(b, 2, type_scalar(TYPE_TIMESTAMP), err)) {
        return false;
    }
    if (add) {
        return bind_want(b, 1, type_scalar(TYPE_LONG), err);
    }
    return b->args[1]->type->id == TYPE_TIMESTAMP_NTZ ||
           bind_want(b, 1, type_scalar(TYPE_TIMESTAMP), err);
}

#define FIELD(name, f, sig, kernel, use)                                                           \
    {                                                                                              \
        name, FUNC_SCALAR, 1, 1, false, false, NULL, use, sig, kernel, &(const enum time_field)    \
        {                                                                                          \
            f                                                                                      \
        }                                                                                          \
    }
#define FN(name, min, max, sig, kernel, use)                                                       \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, false, NULL, use, sig, kernel                          \
    }
#define UNITS(name, sig, kernel, unit, use)                                                        \
    {                                                                                              \
        name, FUNC_SCALAR, 1, 1, false, false, NULL, use, sig, kernel, &(const int64_t)            \
        {                                                                                          \
            unit                                                                                   \
        }                                                                                          \
    }
#define BIND(name, min, max, bind, use)                                                            \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, false, bind, use                                       \
    }

static const struct func_def defs[] = {
    FIELD("year", FIELD_YEAR, "D>i", field_of_date, "year(date)"),
    FIELD("quarter", FIELD_QUARTER, "D>i", field_of_date, "quarter(date) - 1 to 4."),
    FIELD("month", FIELD_MONTH, "D>i", field_of_date, "month(date)"),
    FIELD("day", FIELD_DAY, "D>i", field_of_date, "day(date) - Of the month."),
    FIELD("dayofweek", FIELD_DAYOFWEEK, "D>i", field_of_date, "dayofweek(date) - Sunday is 1."),
    FIELD("weekday", FIELD_WEEKDAY, "D>i", field_of_date, "weekday(date) - Monday is 0."),
    FIELD("dayofyear", FIELD_DAYOFYEAR, "D>i", field_of_date, "dayofyear(date)"),
    FIELD("weekofyear", FIELD_WEEK, "D>i", field_of_date, "weekofyear(date) - ISO week."),
    FIELD("hour", FIELD_HOUR, "t>i", field_of_time, "hour(timestamp)"),
    FIELD("minute", FIELD_MINUTE, "t>i", field_of_time, "minute(timestamp)"),
    FIELD("second", FIELD_SECOND, "t>i", field_of_time, "second(timestamp)"),
    BIND("date_part", 2, 2, bind_extract_second, "date_part(field, source) - One field."),
    FN("monthname", 1, 1, "D>s", name_of_date, "monthname(date) - Jan, Feb ..."),
    FN("dayname", 1, 1, "D>s", name_of_date, "dayname(date) - Mon, Tue ..."),
    BIND("date_add", 2, 2, bind_date_add, "date_add(start, days)"),
    BIND("date_sub", 2, 2, bind_date_add, "date_sub(start, days)"),
    FN("datediff", 2, 2, "DD>i", date_diff, "datediff(end, start) - Days between."),
    FN("add_months", 2, 2, "Di>D", add_months, "add_months(start, months)"),
    FN("months_between", 2, 3, "TT|B>d", months_between, "months_between(a, b[, roundOff])"),
    FN("last_day", 1, 1, "D>D", last_day, "last_day(date) - Of its month."),
    FN("next_day", 2, 2, "Ds>D", next_day, "next_day(date, day) - The next such weekday."),
    {"trunc", FUNC_SCALAR, 2, 2, false, true, NULL, "trunc(date, fmt) - To week, month ...",
     "Ds>D?", trunc_date},
    {"date_trunc", FUNC_SCALAR, 2, 2, false, true, NULL, "date_trunc(fmt, ts) - To a unit.",
     "sT>T?", trunc_time},
    FN("current_date", 0, 0, ">D!", now, "current_date() - Today in the session's zone."),
    FN("current_timestamp", 0, 0, ">T!", now, "current_timestamp() - When the query began."),
    FN("localtimestamp", 0, 0, ">Z!", now, "localtimestamp() - The wall clock."),
    FN("current_timezone", 0, 0, ">s!", current_timezone, "current_timezone() - The zone."),
    UNITS("unix_seconds", "T>l", timestamp_to_number, MICROS_PER_SECOND, "unix_seconds(ts)"),
    UNITS("unix_millis", "T>l", timestamp_to_number, 1000, "unix_millis(ts)"),
    UNITS("unix_micros", "T>l", timestamp_to_number, 1, "unix_micros(ts)"),
    BIND("timestamp_seconds", 1, 1, bind_timestamp_seconds, "timestamp_seconds(n)"),
    UNITS("timestamp_millis", "l>T", number_to_timestamp, 1000, "timestamp_millis(n)"),
    UNITS("timestamp_micros", "l>T", number_to_timestamp, 1, "timestamp_micros(n)"),
    FN("unix_date", 1, 1, "D>i", days_as_int, "unix_date(date) - Days since 1970-01-01."),
    FN("date_from_unix_date", 1, 1, "i>D", days_as_int, "date_from_unix_date(days)"),
    FN("from_utc_timestamp", 2, 2, "Ts>T", shift_zone, "from_utc_timestamp(ts, zone)"),
    FN("to_utc_timestamp", 2, 2, "Ts>T", shift_zone, "to_utc_timestamp(ts, zone)"),
    BIND("convert_timezone", 2, 3, bind_convert_timezone, "convert_timezone([from, ]to, ts)"),
    BIND("timestampadd", 3, 3, bind_units, "timestampadd(unit, n, ts)"),
    BIND("timestampdiff", 3, 3, bind_units, "timestampdiff(unit, start, end)"),
};

const struct func_family family_datetime = {defs, sizeof defs / sizeof *defs};
