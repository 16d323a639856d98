/* Functions over regular expressions, and split. */
#include "func/regex.h"

#include <stdio.h>
#include <string.h>

#include "func/builder.h"

/* The pattern of row i: the constant one, or looked up when it differs from the last row's. */
struct current {
    struct regex *re;
    struct regex_match *match;
    struct span pattern;
};

static void
current_end(struct current *c)
{
    regex_match_free(c->match);
    regex_release(c->re);
    c->match = NULL;
    c->re = NULL;
}

static bool
current_set(struct current *c, struct eval *ev, const struct func_call *call, const struct vec *in,
            uint32_t i, struct error *err)
{
    const struct span p = text_at(in, i);
    if (c->re != NULL && p.len == c->pattern.len &&
        (p.len == 0 || memcmp(p.ptr, c->pattern.ptr, p.len) == 0)) {
        return true;
    }
    char func[80];
    snprintf(func, sizeof func, "`%s`", call->def->name);
    struct regex *re = regex_find(p, func, err);
    if (re == NULL) {
        return false;
    }
    current_end(c);
    c->match = regex_match_new(re);
    c->re = re;
    /* Short texts lie inside their views: keep a copy of our own. */
    c->pattern = (struct span){arena_strndup(ev->tmp, p.ptr, p.len), p.len};
    return true;
}

/* Where to look on after a match: an empty one moves by a character. */
static size_t
after(struct span s, size_t from, size_t to)
{
    if (to > from) {
        return to;
    }
    return to < s.len ? to + utf8_step(s.ptr + to, s.ptr + s.len) : s.len + 1;
}

KERNEL(rlike)
{
    struct current c = {0};
    EACH_VALID(i)
    {
        if (!current_set(&c, ev, call, in[1], i, err)) {
            current_end(&c);
            return false;
        }
        ((uint8_t *)out->data)[i] = regex_search(c.re, c.match, text_at(in[0], i), 0);
    }
    current_end(&c);
    return true;
}

/* Java's replacement text: $1, ${name} is not taken, \x is x. */
static bool
put_replacement(struct buffer *out, struct span with, struct span s, const struct current *c,
                struct error *err)
{
    for (size_t k = 0; k < with.len; k++) {
        if (with.ptr[k] == '\\' && k + 1 < with.len) {
            buffer_put(out, with.ptr + ++k, 1);
        } else if (with.ptr[k] == '$') {
            uint32_t group = 0;
            bool any = false;
            while (k + 1 < with.len && with.ptr[k + 1] >= '0' && with.ptr[k + 1] <= '9') {
                const uint32_t next = group * 10 + (uint32_t)(with.ptr[k + 1] - '0');
                if (any && next > regex_groups(c->re)) {
                    break;
                }
                group = next;
                any = true;
                k++;
            }
            if (!any || group > regex_groups(c->re)) {
                return error_set(err, ERROR_EXECUTION,
                                 any ? "No group %u" : "Illegal group reference", group);
            }
            size_t a;
            size_t b;
            if (regex_group(c->match, group, &a, &b)) {
                buffer_put(out, s.ptr + a, b - a);
            }
        } else {
            buffer_put(out, with.ptr + k, 1);
        }
    }
    return true;
}

static bool
replace_all(struct buffer *text, struct span s, struct span with, struct current *c, size_t start,
            struct error *err)
{
    size_t copied = 0;
    size_t a;
    size_t b;
    for (size_t from = start;
         regex_search(c->re, c->match, s, from) && regex_group(c->match, 0, &a, &b);
         from = after(s, a, b)) {
        buffer_put(text, s.ptr + copied, a - copied);
        if (!put_replacement(text, with, s, c, err)) {
            return false;
        }
        copied = b;
        if (text->len > 1u << 30) {
            return error_set(err, ERROR_RESOURCE, "regexp_replace makes a text above 1 GiB");
        }
    }
    if (copied < s.len) {
        buffer_put(text, s.ptr + copied, s.len - copied);
    }
    return true;
}

KERNEL(regexp_replace)
{
    struct current c = {0};
    struct buffer text = {0};
    bool ok = true;
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const int32_t pos = call->arg_count > 3 ? ((const int32_t *)in[3]->data)[i] : 1;
        buffer_clear(&text);
        const size_t start = utf8_offset(s.ptr, s.len, pos > 1 ? (size_t)pos - 1 : 0);
        ok = current_set(&c, ev, call, in[1], i, err) &&
             replace_all(&text, s, text_at(in[2], i), &c, start, err);
        if (!ok) {
            break;
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    current_end(&c);
    buffer_release(&text);
    return ok;
}

static bool
check_group(const struct current *c, int32_t group, const struct func_call *call, struct error *err)
{
    if (group >= 0 && (uint32_t)group <= regex_groups(c->re)) {
        return true;
    }
    char name[80];
    char count[16];
    char index[16];
    snprintf(name, sizeof name, "`%s`", call->def->name);
    snprintf(count, sizeof count, "%u", regex_groups(c->re));
    snprintf(index, sizeof index, "%d", group);
    return error_raise(err, "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX", "functionName", name,
                       "parameter", "`idx`", "groupCount", count, "groupIndex", index, NULL);
}

KERNEL(regexp_extract)
{
    struct current c = {0};
    bool ok = true;
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const int32_t group = call->arg_count > 2 ? ((const int32_t *)in[2]->data)[i] : 1;
        size_t a;
        size_t b;
        ok = current_set(&c, ev, call, in[1], i, err);
        if (!ok) {
            break;
        }
        if (!regex_search(c.re, c.match, s, 0)) {
            text_share(out, i, s.ptr, 0);
            continue;
        }
        ok = check_group(&c, group, call, err);
        if (!ok) {
            break;
        }
        if (regex_group(c.match, (uint32_t)group, &a, &b)) {
            text_share(out, i, s.ptr + a, b - a);
        } else {
            text_share(out, i, s.ptr, 0);
        }
    }
    current_end(&c);
    return ok;
}

static void
add_text(struct builder *b, const char *p, size_t len)
{
    *(struct view *)builder_next(b) = view_make(p, len);
}

KERNEL(regexp_extract_all)
{
    struct current c = {0};
    struct builder b;
    bool ok = true;
    builder_init(&b, ev->tmp, call->type);
    uint32_t next = 0;
    EACH_ROW(i)
    {
        for (; next < i; next++) {
            builder_null(&b);
        }
        next = i + 1;
        if (out->valid != NULL && !bit_get(out->valid, i)) {
            builder_null(&b);
            continue;
        }
        const struct span s = text_at(in[0], i);
        const int32_t group = call->arg_count > 2 ? ((const int32_t *)in[2]->data)[i] : 1;
        size_t a;
        size_t z;
        ok = current_set(&c, ev, call, in[1], i, err) && check_group(&c, group, call, err);
        if (!ok) {
            break;
        }
        builder_open(&b);
        for (size_t from = 0; regex_search(c.re, c.match, s, from);) {
            if (regex_group(c.match, (uint32_t)group, &a, &z)) {
                add_text(&b.child[0], s.ptr + a, z - a);
            } else {
                add_text(&b.child[0], s.ptr, 0);
            }
            regex_group(c.match, 0, &a, &z);
            from = after(s, a, z);
        }
        builder_close(&b);
    }
    for (; next < rows; next++) {
        builder_null(&b);
    }
    current_end(&c);
    builder_finish(&b, out);
    return ok;
}

/* regexp_count, regexp_instr, regexp_substr: the first match or the number of all. */
KERNEL(regexp_find)
{
    const char kind = call->def->name[7]; /* regexp_c, regexp_i, regexp_s */
    struct current c = {0};
    bool ok = true;
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        size_t a = 0;
        size_t b = 0;
        ok = current_set(&c, ev, call, in[1], i, err);
        if (!ok) {
            break;
        }
        const bool found = regex_search(c.re, c.match, s, 0) && regex_group(c.match, 0, &a, &b);
        if (kind == 'i') {
            ((int32_t *)out->data)[i] = found ? (int32_t)utf8_count(s.ptr, a) + 1 : 0;
        } else if (kind == 's') {
            if (found) {
                text_share(out, i, s.ptr + a, b - a);
            } else {
                vec_set_null(out, ev->tmp, i);
            }
        } else {
            int32_t count = found;
            while (count > 0 && regex_search(c.re, c.match, s, after(s, a, b)) &&
                   regex_group(c.match, 0, &a, &b)) {
                count++;
            }
            ((int32_t *)out->data)[i] = count;
        }
    }
    current_end(&c);
    return ok;
}

/* ---- split ---- */

static bool
is_plain_char(struct span p)
{
    return p.len == 1 && strchr(".$|()[{^?*+\\", p.ptr[0]) == NULL;
}

static void
split_chars(struct builder *b, struct span s, int32_t limit)
{
    size_t at = 0;
    for (int32_t parts = 1; at < s.len && (limit <= 0 || parts < limit); parts++) {
        const size_t step = utf8_step(s.ptr + at, s.ptr + s.len);
        add_text(b, s.ptr + at, step);
        at += step;
    }
    if (at < s.len || s.len == 0) {
        add_text(b, s.ptr + at, s.len - at);
    }
}

static void
split_char(struct builder *b, struct span s, char c, int32_t limit)
{
    const char *p = s.ptr;
    const char *end = s.ptr + s.len;
    for (int32_t parts = 1; limit <= 0 || parts < limit; parts++) {
        const char *at = end > p ? memchr(p, c, (size_t)(end - p)) : NULL;
        if (at == NULL) {
            break;
        }
        add_text(b, p, (size_t)(at - p));
        p = at + 1;
    }
    add_text(b, p, (size_t)(end - p));
}

static void
split_regex(struct builder *b, struct span s, struct current *c, int32_t limit)
{
    size_t start = 0;
    size_t a;
    size_t z;
    int32_t parts = 1;
    for (size_t from = 0; (limit <= 0 || parts < limit) && regex_search(c->re, c->match, s, from) &&
                          regex_group(c->match, 0, &a, &z);
         from = after(s, a, z)) {
        if (z == 0 || (a == z && a >= s.len)) { /* an empty match at either end gives no part */
            continue;
        }
        add_text(b, s.ptr + start, a - start);
        start = z;
        parts++;
    }
    add_text(b, s.ptr + start, s.len - start);
}

KERNEL(split)
{
    struct current c = {0};
    struct builder b;
    bool ok = true;
    uint32_t next = 0;
    builder_init(&b, ev->tmp, call->type);
    EACH_ROW(i)
    {
        for (; next < i; next++) {
            builder_null(&b);
        }
        next = i + 1;
        if (out->valid != NULL && !bit_get(out->valid, i)) {
            builder_null(&b);
            continue;
        }
        const struct span s = text_at(in[0], i);
        const struct span p = text_at(in[1], i);
        const int32_t limit = call->arg_count > 2 ? ((const int32_t *)in[2]->data)[i] : -1;
        builder_open(&b);
        if (p.len == 0) {
            split_chars(&b.child[0], s, limit);
        } else if (is_plain_char(p)) {
            split_char(&b.child[0], s, p.ptr[0], limit);
        } else {
            ok = current_set(&c, ev, call, in[1], i, err);
            if (!ok) {
                break;
            }
            split_regex(&b.child[0], s, &c, limit);
        }
        builder_close(&b);
    }
    for (; next < rows; next++) {
        builder_null(&b);
    }
    current_end(&c);
    builder_finish(&b, out);
    return ok;
}

static bool
bind_split(struct func_bind *b, struct error *err)
{
    if (!func_bind_sig(b, err)) {
        return false;
    }
    b->type = type_array(b->arena, type_scalar(TYPE_STRING), false);
    return true;
}

#define FN(name, min, max, sig, kernel, use)                                                       \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, false, NULL, use, sig, kernel                          \
    }

static const struct func_def defs[] = {
    FN("rlike", 2, 2, "ss>B", rlike, "str rlike regexp - Does some part match?"),
    FN("regexp_replace", 3, 4, "sss|i>s", regexp_replace, "regexp_replace(str, re, rep[, pos])"),
    FN("regexp_extract", 2, 3, "ss|i>s", regexp_extract, "regexp_extract(str, re[, group])"),
    {"regexp_extract_all", FUNC_SCALAR, 2, 3, false, false, NULL,
     "regexp_extract_all(str, re[, group])", "ss|i>=", regexp_extract_all},
    FN("regexp_count", 2, 2, "ss>i", regexp_find, "regexp_count(str, re)"),
    FN("regexp_instr", 2, 3, "ss|i>i", regexp_find, "regexp_instr(str, re)"),
    FN("regexp_substr", 2, 2, "ss>s?", regexp_find, "regexp_substr(str, re)"),
    {"split", FUNC_SCALAR, 2, 3, false, false, bind_split, "split(str, re[, limit])",
     "ss|i>=", split},
};

const struct func_family family_regex = {defs, sizeof defs / sizeof *defs};
