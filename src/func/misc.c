/* Odds and ends: randomness, ids, errors on purpose, formatted text, facts on the session. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/env.h"
#include "func/cast.h"
#include "func/text.h"
#include "type/decimal.h"
#include "type/number.h"
#include "type/zone.h"

/* ---- randomness: XorShift from a seed that is hashed, one stream a partition ---- */

static uint32_t
murmur_step(uint32_t h, uint32_t k)
{
    k *= 0xcc9e2d51;
    k = k << 15 | k >> 17;
    k *= 0x1b873593;
    h ^= k;
    h = h << 13 | h >> 19;
    return h * 5 + 0xe6546b64;
}

/* Murmur3 of the seed's eight bytes, big-endian, as Scala's bytesHash: words are little-endian. */
static uint32_t
seed_half(uint64_t seed, uint32_t h)
{
    const uint32_t w0 = __builtin_bswap32((uint32_t)(seed >> 32));
    const uint32_t w1 = __builtin_bswap32((uint32_t)seed);
    h = murmur_step(h, w0);
    h = murmur_step(h, w1);
    h ^= 8;
    h ^= h >> 16;
    h *= 0x85ebca6b;
    h ^= h >> 13;
    h *= 0xc2b2ae35;
    return h ^ h >> 16;
}

static uint64_t
seed_hash(int64_t seed)
{
    const uint32_t low = seed_half((uint64_t)seed, 0x3c074a61);
    const uint32_t high = seed_half((uint64_t)seed, low);
    return (uint64_t)high << 32 | low;
}

static uint32_t
xorshift_next(uint64_t *state, int bits)
{
    uint64_t s = *state;
    s ^= s << 21;
    s ^= s >> 35;
    s ^= s << 4;
    *state = s;
    return (uint32_t)(s & ((UINT64_C(1) << bits) - 1));
}

static double
random_double(uint64_t *state)
{
    const uint64_t high = xorshift_next(state, 26);
    const uint64_t low = xorshift_next(state, 27);
    return (double)((high << 27) + low) * 0x1p-53;
}

struct random_call {
    int64_t seed;
};

/* Java's polar method keeps its second value for the next row. */
static double
random_normal(struct eval_random *at)
{
    if (at->has_kept) {
        at->has_kept = false;
        return at->kept;
    }
    double x;
    double y;
    double s;
    do {
        x = 2 * random_double(&at->state) - 1;
        y = 2 * random_double(&at->state) - 1;
        s = x * x + y * y;
    } while (s >= 1 || s == 0);
    const double f = sqrt(-2 * log(s) / s);
    at->kept = y * f;
    at->has_kept = true;
    return x * f;
}

/* The call's stream at row_base: where this thread left it, else found by running it forward. */
static struct eval_random *
random_at(struct eval *ev, const struct func_call *call, bool normal)
{
    const struct random_call *r = call->extra;
    struct eval_random *at = NULL;
    for (uint32_t k = 0; k < EVAL_RANDOMS && at == NULL; k++) {
        at = ev->randoms[k].call == call ? &ev->randoms[k] : NULL;
    }
    if (at == NULL) {
        at = &ev->randoms[ev->random_next++ % EVAL_RANDOMS];
        at->call = NULL;
    }
    if (at->call == NULL || at->partition != ev->partition || at->row > ev->row_base) {
        *at = (struct eval_random){
            .call = call, .partition = ev->partition, .state = seed_hash(r->seed + ev->partition)};
    }
    for (; at->row < ev->row_base; at->row++) {
        if (normal) {
            random_normal(at);
        } else {
            random_double(&at->state);
        }
    }
    return at;
}

KERNEL(rand_uniform)
{
    struct eval_random *at = random_at(ev, call, false);
    for (uint32_t i = 0; i < rows; i++) {
        ((double *)out->data)[i] = random_double(&at->state);
    }
    at->row += rows;
    return true;
}

KERNEL(rand_normal)
{
    struct eval_random *at = random_at(ev, call, true);
    for (uint32_t i = 0; i < rows; i++) {
        ((double *)out->data)[i] = random_normal(at);
    }
    at->row += rows;
    return true;
}

static bool
bind_random(struct func_bind *b, struct error *err)
{
    struct random_call *r = arena_new(b->arena, struct random_call);
    if (b->arg_count == 1 && !bind_literal_int(b, 0, &r->seed)) {
        const struct expr *e = b->args[0];
        const bool null =
            e->type->id == TYPE_NULL || (e->kind == EXPR_LITERAL && e->literal.is_null);
        if (!null && !type_is_integral(e->type)) {
            return bind_fail_input(b, 0, "(\"INT\" or \"BIGINT\")", err);
        }
        if (!null) {
            return bind_fail_foldable(b, 0, "seed", "BIGINT", err);
        }
    }
    if (b->arg_count == 0) {
        r->seed = b->session->now_micros; /* the same in all tasks of the query */
    }
    b->extra = r;
    b->type = type_scalar(TYPE_DOUBLE);
    b->kernel = b->def->kernel;
    return true;
}

KERNEL(uuid)
{
    EACH_ROW(i)
    {
        char text[37];
        env_uuid(&env_real, text);
        text_put(ev, out, i, text, 36);
    }
    return true;
}

/* ---- ids ---- */

KERNEL(increasing_id)
{
    for (uint32_t i = 0; i < rows; i++) {
        ((int64_t *)out->data)[i] = ((int64_t)ev->partition << 33) + (int64_t)(ev->row_base + i);
    }
    return true;
}

KERNEL(partition_id)
{
    for (uint32_t i = 0; i < rows; i++) {
        ((int32_t *)out->data)[i] = (int32_t)ev->partition;
    }
    return true;
}

/* ---- errors on purpose ---- */

KERNEL(raise_error)
{
    EACH_ROW(i)
    {
        char message[512] = "null";
        if (!vec_is_null(in[0], i)) {
            const struct span s = text_at(in[0], i);
            snprintf(message, sizeof message, "%.*s", (int)(s.len < 500 ? s.len : 500), s.ptr);
        }
        return error_raise(err, "USER_RAISED_EXCEPTION", "errorMessage", message, NULL);
    }
    return true;
}

static bool
bind_raise(struct func_bind *b, struct error *err)
{
    b->type = type_scalar(TYPE_NULL);
    b->nullable = true;
    b->kernel = raise_error;
    return bind_want(b, 0, type_scalar(TYPE_STRING), err);
}

KERNEL(assert_true)
{
    EACH_ROW(i)
    {
        if (!vec_is_null(in[0], i) && ((const uint8_t *)in[0]->data)[i]) {
            continue;
        }
        char message[512];
        if (call->arg_count > 1 && !vec_is_null(in[1], i)) {
            const struct span s = text_at(in[1], i);
            snprintf(message, sizeof message, "%.*s", (int)(s.len < 500 ? s.len : 500), s.ptr);
        } else {
            struct buffer text = {0};
            expr_put_sql(&text, call->expr->args[0]);
            snprintf(message, sizeof message, "'%.480s' is not true!", buffer_text(&text));
            buffer_release(&text);
        }
        return error_raise(err, "USER_RAISED_EXCEPTION", "errorMessage", message, NULL);
    }
    return true;
}

static bool
bind_assert(struct func_bind *b, struct error *err)
{
    b->type = type_scalar(TYPE_NULL);
    b->nullable = true;
    b->kernel = assert_true;
    return bind_want(b, 0, type_scalar(TYPE_BOOLEAN), err) &&
           (b->arg_count < 2 || bind_want(b, 1, type_scalar(TYPE_STRING), err));
}

/* ---- the session ---- */

KERNEL(session_fact)
{
    const char *name = call->def->name;
    const struct func_session *s = ev->session;
    const char *text = strcmp(name, "current_user") == 0       ? s->user
                       : strcmp(name, "current_database") == 0 ? s->database
                       : strcmp(name, "current_catalog") == 0  ? s->catalog
                                                               : "4.3.0";
    if (text == NULL) {
        text = "";
    }
    EACH_ROW(i) text_share(out, i, text, strlen(text));
    return true;
}

struct type_name {
    const char *text;
};

KERNEL(type_of)
{
    const struct type_name *t = call->extra;
    EACH_ROW(i) text_share(out, i, t->text, strlen(t->text));
    return true;
}

static bool
bind_typeof(struct func_bind *b, struct error *err)
{
    struct type_name *t = arena_new(b->arena, struct type_name);
    t->text = type_simple(b->arena, b->args[0]->type);
    b->extra = t;
    b->type = type_scalar(TYPE_STRING);
    b->kernel = type_of;
    return true;
}

/* ---- formatted text ---- */

struct spec {
    char flags[8];
    int width;
    int precision;
    char conversion;
};

static void
pad_to(struct buffer *out, const char *text, size_t len, const struct spec *s)
{
    const size_t have = utf8_count(text, len);
    const size_t fill = s->width > 0 && (size_t)s->width > have ? (size_t)s->width - have : 0;
    const bool left = strchr(s->flags, '-') != NULL;
    for (size_t k = 0; k < fill && !left; k++) {
        buffer_puts(out, " ");
    }
    buffer_put(out, text, len);
    for (size_t k = 0; k < fill && left; k++) {
        buffer_puts(out, " ");
    }
}

static void
put_grouped(struct buffer *out, const char *digits, size_t len)
{
    const char *point = memchr(digits, '.', len);
    const size_t whole = point != NULL ? (size_t)(point - digits) : len;
    for (size_t k = 0; k < len; k++) {
        if (k > 0 && k < whole && (whole - k) % 3 == 0 && digits[k - 1] != '-') {
            buffer_puts(out, ",");
        }
        buffer_put(out, digits + k, 1);
    }
}

static double
number_at(const struct vec *v, uint32_t i)
{
    switch ((enum phys)v->phys) {
    case PHYS_I8:
        return ((const int8_t *)v->data)[i];
    case PHYS_I16:
        return ((const int16_t *)v->data)[i];
    case PHYS_I32:
        return ((const int32_t *)v->data)[i];
    case PHYS_I64:
        return v->type->id == TYPE_DECIMAL
                   ? decimal_to_double(((const int64_t *)v->data)[i], v->type->scale)
                   : (double)((const int64_t *)v->data)[i];
    case PHYS_I128:
        return decimal_to_double(((const i128 *)v->data)[i], v->type->scale);
    case PHYS_F32:
        return (double)((const float *)v->data)[i];
    case PHYS_F64:
        return ((const double *)v->data)[i];
    default:
        return NAN;
    }
}

static int64_t
whole_at(const struct vec *v, uint32_t i)
{
    return v->phys == PHYS_I64 ? ((const int64_t *)v->data)[i] : (int64_t)number_at(v, i);
}

static bool
put_number(struct buffer *out, const struct spec *s, const struct vec *v, uint32_t i,
           struct error *err)
{
    char text[512];
    char format[16];
    struct buffer grouped = {0};
    const bool group = strchr(s->flags, ',') != NULL;
    int n;
    if (strchr("dxXo", s->conversion) != NULL) {
        if (!type_is_integral(v->type)) {
            return error_set(err, ERROR_EXECUTION, "%c != %s", s->conversion,
                             type_scalar(v->type->id) == NULL ? "?" : "java.lang.Object");
        }
        snprintf(format, sizeof format, "%%%s%sll%c", strchr(s->flags, '+') ? "+" : "",
                 strchr(s->flags, ' ') ? " " : "", s->conversion);
        int64_t whole = whole_at(v, i);
        if (s->conversion != 'd' && v->phys != PHYS_I64) {
            whole &= v->phys == PHYS_I32 ? 0xffffffffLL : v->phys == PHYS_I16 ? 0xffff : 0xff;
        }
        n = snprintf(text, sizeof text, format, (long long)whole);
    } else {
        snprintf(format, sizeof format, "%%%s%s.*%c", strchr(s->flags, '+') ? "+" : "",
                 strchr(s->flags, ' ') ? " " : "", s->conversion);
        n = snprintf(text, sizeof text, format,
                     s->precision < 0     ? 6
                     : s->precision < 200 ? s->precision
                                          : 200,
                     number_at(v, i));
    }
    n = n < (int)sizeof text ? n : (int)sizeof text - 1;
    if (group) {
        put_grouped(&grouped, text, (size_t)n);
        snprintf(text, sizeof text, "%s", buffer_text(&grouped));
        n = (int)strlen(text);
        buffer_release(&grouped);
    }
    if (strchr(s->flags, '0') != NULL && n < s->width && s->width < 400) {
        const int sign = text[0] == '-' || text[0] == '+';
        memmove(text + sign + (s->width - n), text + sign, (size_t)(n - sign) + 1);
        memset(text + sign, '0', (size_t)(s->width - n));
        n = s->width;
    }
    pad_to(out, text, (size_t)n, s);
    return true;
}

static bool
put_value(struct buffer *out, const struct spec *s, const struct vec *v, uint32_t i,
          const struct zone *zone, struct error *err)
{
    struct buffer text = {0};
    bool ok = true;
    if (vec_is_null(v, i)) {
        buffer_puts(&text, "null");
    } else if (strchr("dxXofeEgG", s->conversion) != NULL) {
        ok = put_number(&text, s, v, i, err);
    } else if (s->conversion == 'c') {
        char bytes[4];
        buffer_put(&text, bytes, utf8_encode(bytes, (uint32_t)whole_at(v, i)));
    } else {
        value_put_text(&text, v, i, zone, true);
        if (s->conversion == 'S') {
            struct buffer upper = {0};
            text_put_case(&upper, (struct span){(const char *)text.ptr, text.len}, true);
            buffer_release(&text);
            text = upper;
        }
    }
    size_t len = text.len;
    if (s->precision >= 0 && strchr("sS", s->conversion) != NULL) {
        len = utf8_offset((const char *)text.ptr, text.len, (size_t)s->precision);
    }
    if (ok) {
        pad_to(out, (const char *)text.ptr, len, s);
    }
    buffer_release(&text);
    return ok;
}

bool
text_format(struct buffer *out, struct span f, const struct vec *const *in, uint32_t from,
            uint32_t count, uint32_t i, const struct zone *zone, struct error *err)
{
    uint32_t next = 0;
    for (size_t k = 0; k < f.len; k++) {
        if (f.ptr[k] != '%') {
            buffer_put(out, f.ptr + k, 1);
            continue;
        }
        struct spec s = {.width = 0, .precision = -1};
        size_t p = k + 1;
        uint32_t index = UINT32_MAX;
        size_t digits = p;
        while (digits < f.len && f.ptr[digits] >= '0' && f.ptr[digits] <= '9') {
            digits++;
        }
        if (digits > p && digits - p < 5 && digits < f.len && f.ptr[digits] == '$') {
            index = 0;
            for (; p < digits; p++) {
                index = index * 10 + (uint32_t)(f.ptr[p] - '0');
            }
            index--;
            p++;
        }
        size_t flags = 0;
        while (p < f.len && strchr("-+ 0,(#", f.ptr[p]) != NULL && f.ptr[p] != '\0') {
            if (flags < sizeof s.flags - 1) {
                s.flags[flags++] = f.ptr[p];
            }
            p++;
        }
        while (p < f.len && f.ptr[p] >= '0' && f.ptr[p] <= '9' && s.width < 10000) {
            s.width = s.width * 10 + (f.ptr[p++] - '0');
        }
        if (p < f.len && f.ptr[p] == '.') {
            s.precision = 0;
            for (p++; p < f.len && f.ptr[p] >= '0' && f.ptr[p] <= '9' && s.precision < 10000; p++) {
                s.precision = s.precision * 10 + (f.ptr[p] - '0');
            }
        }
        s.conversion = p < f.len ? f.ptr[p] : '\0';
        k = p;
        if (s.conversion == '%') {
            pad_to(out, "%", 1, &s);
            continue;
        }
        if (s.conversion == 'n') {
            buffer_puts(out, "\n");
            continue;
        }
        if (s.conversion == '\0' || strchr("sSdxXofeEgGcb", s.conversion) == NULL) {
            return error_set(err, ERROR_EXECUTION, "UnknownFormatConversionException: '%c'",
                             s.conversion);
        }
        index = index == UINT32_MAX ? next++ : index;
        if (index >= count) {
            return error_set(err, ERROR_EXECUTION, "MissingFormatArgumentException: '%%%c'",
                             s.conversion);
        }
        if (!put_value(out, &s, in[from + index], i, zone, err)) {
            return false;
        }
    }
    return true;
}

KERNEL(format_string)
{
    struct buffer text = {0};
    bool ok = true;
    const struct zone *zone = ev->zone != NULL ? ev->zone : zone_utc();
    EACH_ROW(i)
    {
        if (vec_is_null(in[0], i)) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        buffer_clear(&text);
        ok = text_format(&text, text_at(in[0], i), in, 1, call->arg_count - 1, i, zone, err);
        if (!ok) {
            break;
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return ok;
}

static bool
bind_format(struct func_bind *b, struct error *err)
{
    b->type = type_scalar(TYPE_STRING);
    b->nullable = b->args[0]->nullable;
    b->kernel = format_string;
    return bind_want(b, 0, b->type, err);
}

/* format_number(x, places): grouped by thousands, half to even. */
KERNEL(format_number)
{
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const int32_t places = ((const int32_t *)in[1]->data)[i];
        char digits[512];
        if (places < 0) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        buffer_clear(&text);
        const double v = number_at(in[0], i);
        if (isnan(v) || isinf(v)) {
            buffer_puts(&text, isnan(v) ? "NaN" : v < 0 ? "-∞" : "∞");
        } else if (in[0]->type->id == TYPE_DECIMAL || type_is_integral(in[0]->type)) {
            char exact[DECIMAL_TEXT_MAX];
            i128 r = 0;
            const int scale = in[0]->type->id == TYPE_DECIMAL ? in[0]->type->scale : 0;
            const i128 raw =
                in[0]->type->id == TYPE_DECIMAL ? vec_decimal(in[0], i) : whole_at(in[0], i);
            const int to = places < scale ? places : scale;
            decimal_rescale(raw, scale, to, DECIMAL_HALF_EVEN, &r);
            decimal_text(exact, r, to, true);
            snprintf(digits, sizeof digits, "%s%s%.*s", exact, to == 0 && places > 0 ? "." : "",
                     places - to < 300 ? places - to : 300,
                     "000000000000000000000000000000000000000000000000000000000000000000000000000");
            put_grouped(&text, digits, strlen(digits));
        } else {
            snprintf(digits, sizeof digits, "%.*f", places < 150 ? places : 150, v);
            put_grouped(&text, digits, strlen(digits));
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

static bool
bind_format_number(struct func_bind *b, struct error *err)
{
    if (b->args[1]->type->id == TYPE_STRING) {
        return error_unsupported(err, "format_number with a pattern");
    }
    const struct type *t = b->args[0]->type;
    b->type = type_scalar(TYPE_STRING);
    b->nullable = true;
    b->kernel = format_number;
    if (!type_is_numeric(t) && !bind_want(b, 0, type_scalar(TYPE_DOUBLE), err)) {
        return false;
    }
    return bind_want(b, 1, type_scalar(TYPE_INT), err);
}

#define BIND(name, min, max, bind, kernel, use)                                                    \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, true, true, bind, use, NULL, kernel                           \
    }
#define FACT(name, use)                                                                            \
    {                                                                                              \
        name, FUNC_SCALAR, 0, 0, false, true, NULL, use, ">s!", session_fact                       \
    }

static const struct func_def defs[] = {
    BIND("rand", 0, 1, bind_random, rand_uniform, "rand([seed]) - From 0 to 1."),
    BIND("randn", 0, 1, bind_random, rand_normal, "randn([seed]) - Normally distributed."),
    {"uuid", FUNC_SCALAR, 0, 1, true, true, NULL, "uuid() - A random identifier.", "l>s!", uuid},
    {"monotonically_increasing_id", FUNC_SCALAR, 0, 0, true, true, NULL,
     "monotonically_increasing_id() - Partition number << 33, then rows.", ">l!", increasing_id},
    {"spark_partition_id", FUNC_SCALAR, 0, 0, true, true, NULL, "spark_partition_id()", ">i!",
     partition_id},
    BIND("raise_error", 1, 2, bind_raise, NULL, "raise_error(message)"),
    BIND("assert_true", 1, 2, bind_assert, NULL, "assert_true(expr[, message])"),
    FACT("current_user", "current_user()"),
    FACT("current_database", "current_database()"),
    FACT("current_catalog", "current_catalog()"),
    FACT("version", "version() - The engine's."),
    {"typeof", FUNC_SCALAR, 1, 1, false, true, bind_typeof, "typeof(expr) - The type's name."},
    {"format_string", FUNC_SCALAR, 1, 255, false, true, bind_format, "format_string(format, ...)"},
    {"format_number", FUNC_SCALAR, 2, 2, false, false, bind_format_number,
     "format_number(x, places) - With thousands apart."},
};

const struct func_family family_misc = {defs, sizeof defs / sizeof *defs};
