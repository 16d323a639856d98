/*
 * LIKE and ILIKE by our own matcher.
 *
 * A constant pattern is taken apart once: without wildcards inside it is an equality, a prefix, a
 * suffix or a search, and with only % inside a row of searches, each from where the one before
 * ended; else a list of steps that is matched with one retry point, the last %. That is enough
 * since an earlier % never needs to take more.
 */
#include <stdio.h>
#include <string.h>

#include "func/text.h"

enum like_shape {
    LIKE_GENERAL,
    LIKE_EQUAL,
    LIKE_PREFIX,
    LIKE_SUFFIX,
    LIKE_CONTAINS,
    LIKE_PARTS,
    LIKE_ALL
};

struct pattern {
    enum like_shape shape;
    bool fold; /* ILIKE */
    struct span literal;
    struct span *parts; /* between the runs, first and last ones perhaps empty */
    uint32_t part_count;
    uint32_t *codes; /* code points; wildcards below */
    uint32_t count;
};

enum { ANY_ONE = 0xffffffff, ANY_RUN = 0xfffffffe };

static bool
pattern_codes(struct arena *a, struct span text, uint32_t escape, bool fold, struct pattern *p,
              struct error *err)
{
    p->codes = arena_alloc(a, sizeof *p->codes * (text.len + 1));
    p->count = 0;
    p->fold = fold;
    for (size_t at = 0; at < text.len;) {
        size_t step = utf8_step(text.ptr + at, text.ptr + text.len);
        uint32_t c = utf8_decode(text.ptr + at, step);
        at += step;
        if (c == escape) {
            char quoted[512];
            snprintf(quoted, sizeof quoted, "'%.*s'", (int)(text.len < 500 ? text.len : 500),
                     text.ptr);
            if (at == text.len) {
                return error_raise(err, "INVALID_FORMAT.ESC_AT_THE_END", "format", quoted, NULL);
            }
            step = utf8_step(text.ptr + at, text.ptr + text.len);
            c = utf8_decode(text.ptr + at, step);
            at += step;
            if (c != escape && c != '%' && c != '_') {
                char shown[8] = "";
                shown[utf8_encode(shown, c)] = '\0';
                return error_raise(err, "INVALID_FORMAT.ESC_IN_THE_MIDDLE", "format", quoted,
                                   "char", shown, NULL);
            }
        } else if (c == '%') {
            c = ANY_RUN;
            if (p->count > 0 && p->codes[p->count - 1] == ANY_RUN) {
                continue;
            }
        } else if (c == '_') {
            c = ANY_ONE;
        }
        if (fold && c < ANY_RUN) {
            c = char_lower(c);
        }
        p->codes[p->count++] = c;
    }
    return true;
}

static struct span
codes_text(struct arena *a, const uint32_t *codes, uint32_t count)
{
    char *bytes = arena_alloc(a, (size_t)count * 4 + 1);
    size_t len = 0;
    for (uint32_t i = 0; i < count; i++) {
        len += utf8_encode(bytes + len, codes[i]);
    }
    return (struct span){bytes, len};
}

/* Cuts at the runs; stays general where a single wildcard stands. */
static void
pattern_parts(struct arena *a, struct pattern *p)
{
    uint32_t runs = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->codes[i] == ANY_ONE) {
            return;
        }
        runs += p->codes[i] == ANY_RUN;
    }
    p->parts = arena_new_array(a, struct span, runs + 1);
    for (uint32_t i = 0, from = 0; i <= p->count; i++) {
        if (i == p->count || p->codes[i] == ANY_RUN) {
            p->parts[p->part_count++] = codes_text(a, p->codes + from, i - from);
            from = i + 1;
        }
    }
    p->shape = LIKE_PARTS;
}

/* Finds the shapes that need no stepping. */
static void
pattern_shape(struct arena *a, struct pattern *p)
{
    uint32_t from = 0;
    uint32_t to = p->count;
    if (p->fold) {
        return;
    }
    const bool open_left = p->count > 0 && p->codes[0] == ANY_RUN;
    const bool open_right = p->count > (uint32_t)open_left && p->codes[p->count - 1] == ANY_RUN;
    from += open_left;
    to -= open_right;
    for (uint32_t i = from; i < to; i++) {
        if (p->codes[i] >= ANY_RUN) {
            pattern_parts(a, p);
            return;
        }
    }
    p->literal = codes_text(a, p->codes + from, to - from);
    p->shape = open_left && open_right ? LIKE_CONTAINS
               : open_left             ? (from == to ? LIKE_ALL : LIKE_SUFFIX)
               : open_right            ? LIKE_PREFIX
                                       : LIKE_EQUAL;
}

static bool
pattern_steps(const struct pattern *p, struct span s)
{
    size_t at = 0;
    uint32_t k = 0;
    size_t retry_at = 0;
    uint32_t retry_k = 0;
    bool can_retry = false;
    while (at < s.len) {
        const size_t step = utf8_step(s.ptr + at, s.ptr + s.len);
        uint32_t c = utf8_decode(s.ptr + at, step);
        c = p->fold ? char_lower(c) : c;
        if (k < p->count && p->codes[k] == ANY_RUN) {
            can_retry = true;
            retry_k = ++k;
            retry_at = at;
        } else if (k < p->count && (p->codes[k] == ANY_ONE || p->codes[k] == c)) {
            k++;
            at += step;
        } else if (can_retry) {
            k = retry_k;
            retry_at += utf8_step(s.ptr + retry_at, s.ptr + s.len);
            at = retry_at;
        } else {
            return false;
        }
    }
    while (k < p->count && p->codes[k] == ANY_RUN) {
        k++;
    }
    return k == p->count;
}

/* The first part begins the text, the last one ends it, each other one stands as early as it can.
 */
static bool
parts_match(const struct pattern *p, struct span s)
{
    const struct span first = p->parts[0], last = p->parts[p->part_count - 1];
    if (s.len < first.len + last.len || memcmp(s.ptr, first.ptr, first.len) != 0 ||
        memcmp(s.ptr + s.len - last.len, last.ptr, last.len) != 0) {
        return false;
    }
    const struct span middle = {s.ptr, s.len - last.len};
    size_t at = first.len;
    for (uint32_t i = 1; i + 1 < p->part_count; i++) {
        at = text_find(middle, p->parts[i], at);
        if (at == SIZE_MAX) {
            return false;
        }
        at += p->parts[i].len;
    }
    return true;
}

static bool
pattern_matches(const struct pattern *p, struct span s)
{
    const struct span x = p->literal;
    switch (p->shape) {
    case LIKE_ALL:
        return true;
    case LIKE_EQUAL:
        return s.len == x.len && memcmp(s.ptr, x.ptr, x.len) == 0;
    case LIKE_PREFIX:
        return s.len >= x.len && memcmp(s.ptr, x.ptr, x.len) == 0;
    case LIKE_SUFFIX:
        return s.len >= x.len && memcmp(s.ptr + s.len - x.len, x.ptr, x.len) == 0;
    case LIKE_CONTAINS:
        return text_find(s, x, 0) != SIZE_MAX;
    case LIKE_PARTS:
        return parts_match(p, s);
    default:
        return pattern_steps(p, s);
    }
}

KERNEL(like_constant)
{
    const struct pattern *p = call->extra;
    uint8_t *o = out->data;
    EACH_VALID(i)
    {
        o[i] = pattern_matches(p, text_at(in[0], i));
    }
    return true;
}

KERNEL(like_column)
{
    uint8_t *o = out->data;
    EACH_VALID(i)
    {
        struct pattern p = {0};
        uint32_t escape = '\\';
        if (call->arg_count > 2) {
            const struct span e = text_at(in[2], i);
            escape = utf8_decode(e.ptr, e.len);
        }
        if (!pattern_codes(ev->tmp, text_at(in[1], i), escape, call->def->name[0] == 'i', &p,
                           err)) {
            return false;
        }
        o[i] = pattern_steps(&p, text_at(in[0], i));
    }
    return true;
}

static bool
bind_like(struct func_bind *b, struct error *err)
{
    struct view text;
    struct view escape;
    if (!func_bind_sig(b, err)) {
        return false;
    }
    b->kernel = like_column;
    uint32_t code = '\\';
    if (b->arg_count > 2) {
        if (!bind_literal_text(b, 2, &escape) || utf8_count(view_ptr(&escape), escape.len) != 1) {
            return error_raise(err, "INVALID_ESC", "invalidEscape", bind_arg_sql(b, 2), NULL);
        }
        code = utf8_decode(view_ptr(&escape), escape.len);
    }
    if (!bind_literal_text(b, 1, &text) || b->args[1]->type->id != TYPE_STRING) {
        return true;
    }
    /* The pattern's own faults are raised when a row meets it, as Spark does. */
    struct pattern *p = arena_new(b->arena, struct pattern);
    struct error ignored = {0};
    const char *bytes = arena_strndup(b->arena, view_ptr(&text), text.len);
    if (!pattern_codes(b->arena, (struct span){bytes, text.len}, code, b->def->name[0] == 'i', p,
                       &ignored)) {
        error_clear(&ignored);
        return true;
    }
    pattern_shape(b->arena, p);
    b->extra = p;
    b->kernel = like_constant;
    return true;
}

static const struct func_def defs[] = {
    {"like", FUNC_SCALAR, 2, 3, false, false, bind_like,
     "str like pattern [ESCAPE escape] - % is any run, _ any character.", "ss|s>B"},
    {"ilike", FUNC_SCALAR, 2, 3, false, false, bind_like,
     "str ilike pattern [ESCAPE escape] - The same, whatever the case.", "ss|s>B"},
};

const struct func_family family_like = {defs, sizeof defs / sizeof *defs};
