/* Strings: parts, padding, searching, case. Positions count code points from 1. */
#include <stdio.h>
#include <string.h>

#include "func/builder.h"
#include "func/text.h"
#include "type/number.h"

/* Output space for a row that is known to need `len` bytes. */
static char *
room(struct eval *ev, struct vec *out, uint32_t i, size_t len, char local[12])
{
    return len <= 12 ? local : arena_alloc(ev->tmp, len);
}

static void
room_done(struct vec *out, uint32_t i, const char *p, size_t len)
{
    ((struct view *)out->data)[i] = view_make(p, len);
}

KERNEL(concat_texts)
{
    EACH_VALID(i)
    {
        size_t len = 0;
        for (uint32_t a = 0; a < call->arg_count; a++) {
            len += text_at(in[a], i).len;
        }
        char local[12];
        char *p = room(ev, out, i, len, local);
        char *q = p;
        for (uint32_t a = 0; a < call->arg_count; a++) {
            const struct span s = text_at(in[a], i);
            if (s.len > 0) {
                memcpy(q, s.ptr, s.len);
            }
            q += s.len;
        }
        room_done(out, i, p, len);
    }
    return true;
}

KERNEL(concat_arrays)
{
    struct builder b;
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
        builder_open(&b);
        for (uint32_t a = 0; a < call->arg_count; a++) {
            const struct list_range r = ((const struct list_range *)in[a]->data)[i];
            builder_add_range(&b.child[0], &in[a]->child[0], r.offset, r.len);
        }
        builder_close(&b);
    }
    for (; next < rows; next++) {
        builder_null(&b);
    }
    builder_finish(&b, out);
    return true;
}

static bool
bind_concat(struct func_bind *b, struct error *err)
{
    bool arrays = false;
    bool binary = b->arg_count > 0;
    for (uint32_t i = 0; i < b->arg_count; i++) {
        arrays = arrays || b->args[i]->type->id == TYPE_ARRAY;
        binary = binary && b->args[i]->type->id == TYPE_BINARY;
    }
    b->nullable = bind_any_nullable(b);
    if (arrays) {
        b->type = bind_common(b, 0, err);
        b->kernel = concat_arrays;
        return b->type != NULL;
    }
    b->type = type_scalar(binary ? TYPE_BINARY : TYPE_STRING);
    b->kernel = concat_texts;
    for (uint32_t i = 0; i < b->arg_count; i++) {
        const enum type_id id = b->args[i]->type->id;
        if (id >= TYPE_ARRAY) {
            return bind_fail_input(b, i, "(\"STRING\" or \"BINARY\" or \"ARRAY\")", err);
        }
        if (id != b->type->id) {
            b->cast_to[i] = b->type;
        }
    }
    return true;
}

KERNEL(concat_ws)
{
    struct buffer text = {0};
    EACH_ROW(i)
    {
        if (vec_is_null(in[0], i)) {
            vec_set_null(out, ev->tmp, i);
            continue;
        }
        const struct span separator = text_at(in[0], i);
        bool first = true;
        buffer_clear(&text);
        for (uint32_t a = 1; a < call->arg_count; a++) {
            if (vec_is_null(in[a], i)) {
                continue;
            }
            struct list_range r = {i, 1};
            const struct vec *from = in[a];
            if (in[a]->phys == PHYS_LIST) {
                r = ((const struct list_range *)in[a]->data)[i];
                from = &in[a]->child[0];
            }
            for (uint32_t k = r.offset; k < r.offset + r.len; k++) {
                if (vec_is_null(from, k)) {
                    continue;
                }
                if (!first) {
                    buffer_put(&text, separator.ptr, separator.len);
                }
                first = false;
                const struct span s = text_at(from, k);
                buffer_put(&text, s.ptr, s.len);
            }
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

static bool
bind_concat_ws(struct func_bind *b, struct error *err)
{
    b->type = type_scalar(TYPE_STRING);
    b->nullable = b->args[0]->nullable || b->args[0]->type->id == TYPE_NULL;
    b->kernel = concat_ws;
    for (uint32_t i = 0; i < b->arg_count; i++) {
        const struct type *t = b->args[i]->type;
        if (t->id == TYPE_ARRAY && i > 0) {
            const struct type *want = type_array(b->arena, b->type, true);
            if (t->fields[0].type->id != TYPE_STRING) {
                if (!func_can_coerce(t->fields[0].type, b->type, b->session->ansi)) {
                    return bind_fail_input(b, i, "(\"ARRAY<STRING>\" or \"STRING\")", err);
                }
                b->cast_to[i] = want;
            }
        } else if (t->id >= TYPE_ARRAY) {
            return bind_fail_input(
                b, i, i == 0 ? "\"STRING\"" : "(\"ARRAY<STRING>\" or \"STRING\")", err);
        } else if (t->id != TYPE_STRING) {
            b->cast_to[i] = b->type;
        }
    }
    return true;
}

/* ---- parts ---- */

/* Characters [start, end) of s; both may lie outside. */
static struct span
part(struct span s, int64_t start, int64_t end, bool bytes)
{
    if (end <= start || end <= 0) {
        return (struct span){s.ptr, 0};
    }
    const size_t from = start < 0 ? 0 : (size_t)start;
    if (bytes) {
        const size_t a = from < s.len ? from : s.len;
        const size_t z = (uint64_t)end < s.len ? (size_t)end : s.len;
        return (struct span){s.ptr + a, z - a};
    }
    const size_t a = from >= s.len ? s.len : utf8_offset(s.ptr, s.len, from);
    const size_t count = (size_t)end - from;
    const size_t n = count >= s.len ? s.len - a : utf8_offset(s.ptr + a, s.len - a, count);
    return (struct span){s.ptr + a, n};
}

static struct span
substring_sql(struct span s, int64_t pos, int64_t len, bool bytes)
{
    int64_t start = pos > 0 ? pos - 1 : 0;
    if (pos < 0) {
        start = (int64_t)(bytes ? s.len : utf8_count(s.ptr, s.len)) + pos;
    }
    return part(s, start, len >= INT32_MAX ? INT32_MAX : start + len, bytes);
}

KERNEL(substring)
{
    const bool bytes = in[0]->type->id == TYPE_BINARY;
    const int32_t *pos = in[1]->data;
    const int32_t *len = call->arg_count > 2 ? in[2]->data : NULL;
    EACH_VALID(i)
    {
        const struct span p =
            substring_sql(text_at(in[0], i), pos[i], len != NULL ? len[i] : INT32_MAX, bytes);
        text_share(out, i, p.ptr, p.len);
    }
    return true;
}

KERNEL(left_right)
{
    const bool bytes = in[0]->type->id == TYPE_BINARY;
    const bool left = call->def->name[0] == 'l';
    const int32_t *n_chars = in[1]->data;
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const int32_t m = n_chars[i];
        const struct span p = m <= 0 ? (struct span){s.ptr, 0}
                              : left ? substring_sql(s, 1, m, bytes)
                                     : substring_sql(s, -(int64_t)m, m, bytes);
        text_share(out, i, p.ptr, p.len);
    }
    return true;
}

KERNEL(length)
{
    int32_t *o = out->data;
    const bool bytes = in[0]->type->id == TYPE_BINARY;
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        o[i] = (int32_t)(bytes ? s.len : utf8_count(s.ptr, s.len));
    }
    return true;
}

KERNEL(octets)
{
    const int32_t unit = call->def->name[0] == 'b' ? 8 : 1;
    EACH_VALID(i)((int32_t *)out->data)[i] = unit * (int32_t)text_at(in[0], i).len;
    return true;
}

/* ---- case ---- */

static bool
is_ascii(struct span s)
{
    uint8_t high = 0;
    for (size_t i = 0; i < s.len; i++) {
        high |= (uint8_t)s.ptr[i];
    }
    return high < 0x80;
}

KERNEL(change_case)
{
    const bool upper = call->def->name[0] == 'u';
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        if (!is_ascii(s)) {
            struct buffer text = {0};
            text_put_case(&text, s, upper);
            text_put(ev, out, i, (const char *)text.ptr, text.len);
            buffer_release(&text);
            continue;
        }
        char local[12];
        char *p = room(ev, out, i, s.len, local);
        for (size_t k = 0; k < s.len; k++) {
            const char c = s.ptr[k];
            const bool letter = upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';
            p[k] = (char)(letter ? c ^ 32 : c);
        }
        room_done(out, i, p, s.len);
    }
    return true;
}

KERNEL(initcap)
{
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const char *end = s.ptr + s.len;
        bool start = true;
        buffer_clear(&text);
        for (const char *p = s.ptr; p < end;) {
            const size_t step = utf8_step(p, end);
            text_put_case(&text, (struct span){p, step}, start);
            start = *p == ' ';
            p += step;
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

/* ---- trimming and padding ---- */

static bool
has_char(struct span set, const char *p, size_t step)
{
    const char *end = set.ptr + set.len;
    for (const char *q = set.ptr; q < end;) {
        const size_t n = utf8_step(q, end);
        if (n == step && memcmp(p, q, n) == 0) {
            return true;
        }
        q += n;
    }
    return false;
}

static struct span
trimmed(struct span s, struct span set, bool left, bool right)
{
    const char *end = s.ptr + s.len;
    const char *p = s.ptr;
    while (left && p < end && has_char(set, p, utf8_step(p, end))) {
        p += utf8_step(p, end);
    }
    while (right && end > p) {
        const char *q = end - 1;
        while (q > p && ((uint8_t)*q & 0xc0) == 0x80) {
            q--;
        }
        if (!has_char(set, q, (size_t)(end - q))) {
            break;
        }
        end = q;
    }
    return (struct span){p, (size_t)(end - p)};
}

/* trim(s), trim(set, s); btrim(s[, set]). */
KERNEL(trim)
{
    const char kind = call->def->name[0];
    const uint32_t text = call->arg_count == 2 && kind != 'b' ? 1 : 0;
    EACH_VALID(i)
    {
        const struct span set =
            call->arg_count == 2 ? text_at(in[1 - text], i) : (struct span){" ", 1};
        const struct span p = trimmed(text_at(in[text], i), set, kind != 'r', kind != 'l');
        text_share(out, i, p.ptr, p.len);
    }
    return true;
}

KERNEL(pad)
{
    const bool left = call->def->name[0] == 'l';
    const bool bytes = in[0]->type->id == TYPE_BINARY;
    const int32_t *want = in[1]->data;
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        struct span fill = call->arg_count > 2 ? text_at(in[2], i) : (struct span){" ", 1};
        if (bytes && call->arg_count < 3) {
            fill = (struct span){"\0", 1};
        }
        const int64_t have = (int64_t)(bytes ? s.len : utf8_count(s.ptr, s.len));
        const int64_t wanted = want[i] < 0 ? 0 : want[i];
        if (have >= wanted || fill.len == 0) {
            const struct span p = part(s, 0, wanted, bytes);
            text_share(out, i, p.ptr, p.len);
            continue;
        }
        buffer_clear(&text);
        if (!left) {
            buffer_put(&text, s.ptr, s.len);
        }
        const int64_t unit = (int64_t)(bytes ? fill.len : utf8_count(fill.ptr, fill.len));
        int64_t missing = wanted - have;
        if (missing / unit * (int64_t)fill.len > 1 << 30) {
            buffer_release(&text);
            return error_set(err, ERROR_RESOURCE, "%s would make a text of %lld characters",
                             call->def->name, (long long)wanted);
        }
        for (; missing >= unit; missing -= unit) {
            buffer_put(&text, fill.ptr, fill.len);
        }
        const struct span rest = part(fill, 0, missing, bytes);
        buffer_put(&text, rest.ptr, rest.len);
        if (left) {
            buffer_put(&text, s.ptr, s.len);
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

static bool
bind_pad(struct func_bind *b, struct error *err)
{
    const bool binary = b->args[0]->type->id == TYPE_BINARY &&
                        (b->arg_count < 3 || b->args[2]->type->id == TYPE_BINARY);
    b->type = type_scalar(binary ? TYPE_BINARY : TYPE_STRING);
    b->kernel = pad;
    b->nullable = bind_any_nullable(b);
    return bind_want(b, 0, b->type, err) && bind_want(b, 1, type_scalar(TYPE_INT), err) &&
           (b->arg_count < 3 || bind_want(b, 2, b->type, err));
}

KERNEL(repeat)
{
    const int32_t *times = in[1]->data;
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const size_t m = times[i] > 0 ? (size_t)times[i] : 0;
        if (s.len != 0 && m > (1u << 30) / s.len) {
            return error_set(err, ERROR_RESOURCE, "repeat would make a text of %zu bytes",
                             m * s.len);
        }
        char local[12];
        char *p = room(ev, out, i, m * s.len, local);
        for (size_t k = 0; k < m && s.len > 0; k++) {
            memcpy(p + k * s.len, s.ptr, s.len);
        }
        room_done(out, i, p, m * s.len);
    }
    return true;
}

KERNEL(space)
{
    const int32_t *times = in[0]->data;
    EACH_VALID(i)
    {
        const size_t len = times[i] > 0 ? (size_t)times[i] : 0;
        if (len > 1u << 30) {
            return error_set(err, ERROR_RESOURCE, "space would make a text of %zu bytes", len);
        }
        char local[12];
        char *p = room(ev, out, i, len, local);
        memset(p, ' ', len);
        room_done(out, i, p, len);
    }
    return true;
}

KERNEL(reverse_text)
{
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        char local[12];
        char *p = room(ev, out, i, s.len, local);
        const char *end = s.ptr + s.len;
        size_t at = s.len;
        for (const char *q = s.ptr; q < end;) {
            const size_t step = utf8_step(q, end);
            at -= step;
            memcpy(p + at, q, step);
            q += step;
        }
        room_done(out, i, p, s.len);
    }
    return true;
}

KERNEL(reverse_bytes)
{
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        char local[12];
        char *p = room(ev, out, i, s.len, local);
        for (size_t k = 0; k < s.len; k++) {
            p[k] = s.ptr[s.len - 1 - k];
        }
        room_done(out, i, p, s.len);
    }
    return true;
}

KERNEL(reverse_array)
{
    *out = *in[0];
    struct builder b;
    builder_init(&b, ev->tmp, call->type);
    uint8_t *live = arena_zalloc(ev->tmp, (size_t)rows + 1);
    EACH_ROW(i) live[i] = !vec_is_null(in[0], i);
    for (uint32_t i = 0; i < rows; i++) {
        if (!live[i]) {
            builder_null(&b);
            continue;
        }
        const struct list_range r = ((const struct list_range *)in[0]->data)[i];
        builder_open(&b);
        for (uint32_t k = r.len; k > 0; k--) {
            builder_add(&b.child[0], &in[0]->child[0], r.offset + k - 1);
        }
        builder_close(&b);
    }
    builder_finish(&b, out);
    return true;
}

static bool
bind_reverse(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    b->nullable = bind_any_nullable(b);
    b->type = t;
    b->kernel = reverse_array;
    if (t->id == TYPE_ARRAY) {
        return true;
    }
    if (t->id > TYPE_ARRAY) {
        return bind_fail_input(b, 0, "(\"STRING\" or \"ARRAY\")", err);
    }
    if (t->id == TYPE_BINARY) {
        b->kernel = reverse_bytes;
        return true;
    }
    b->type = type_scalar(TYPE_STRING);
    b->kernel = reverse_text;
    return bind_want(b, 0, b->type, err);
}

/* ---- replacing ---- */

KERNEL(replace)
{
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const struct span what = text_at(in[1], i);
        const struct span with = call->arg_count > 2 ? text_at(in[2], i) : (struct span){"", 0};
        size_t at = what.len == 0 ? SIZE_MAX : text_find(s, what, 0);
        if (at == SIZE_MAX) {
            text_share(out, i, s.ptr, s.len);
            continue;
        }
        size_t from = 0;
        buffer_clear(&text);
        for (; at != SIZE_MAX; at = text_find(s, what, from)) {
            buffer_put(&text, s.ptr + from, at - from);
            buffer_put(&text, with.ptr, with.len);
            from = at + what.len;
        }
        buffer_put(&text, s.ptr + from, s.len - from);
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

KERNEL(translate)
{
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const struct span from = text_at(in[1], i);
        const struct span to = text_at(in[2], i);
        const char *end = s.ptr + s.len;
        buffer_clear(&text);
        for (const char *p = s.ptr; p < end;) {
            const size_t step = utf8_step(p, end);
            const char *f = from.ptr;
            const char *f_end = from.ptr + from.len;
            size_t place = 0;
            while (f < f_end && (utf8_step(f, f_end) != step || memcmp(f, p, step) != 0)) {
                f += utf8_step(f, f_end);
                place++;
            }
            if (f == f_end) {
                buffer_put(&text, p, step);
            } else {
                const size_t a = utf8_offset(to.ptr, to.len, place);
                if (a < to.len) {
                    buffer_put(&text, to.ptr + a, utf8_step(to.ptr + a, to.ptr + to.len));
                }
            }
            p += step;
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

/* overlay(input, replace, pos[, len]) */
KERNEL(overlay)
{
    const bool bytes = in[0]->type->id == TYPE_BINARY;
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const struct span with = text_at(in[1], i);
        const int64_t pos = ((const int32_t *)in[2]->data)[i];
        int64_t len = call->arg_count > 3 ? ((const int32_t *)in[3]->data)[i] : -1;
        if (len < 0) {
            len = (int64_t)(bytes ? with.len : utf8_count(with.ptr, with.len));
        }
        const struct span head = substring_sql(s, 1, pos - 1, bytes);
        const struct span tail = substring_sql(s, pos + len, INT32_MAX, bytes);
        buffer_clear(&text);
        buffer_put(&text, head.ptr, head.len);
        buffer_put(&text, with.ptr, with.len);
        buffer_put(&text, tail.ptr, tail.len);
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

/* ---- searching ---- */

KERNEL(contains)
{
    uint8_t *o = out->data;
    const char kind = call->def->name[0];
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const struct span x = text_at(in[1], i);
        if (kind == 'c') {
            o[i] = text_find(s, x, 0) != SIZE_MAX;
        } else {
            const char *at = kind == 's' ? s.ptr : s.ptr + s.len - x.len;
            o[i] = x.len <= s.len && memcmp(at, x.ptr, x.len) == 0;
        }
    }
    return true;
}

/* instr(str, sub); locate(sub, str[, pos]) */
KERNEL(locate)
{
    const bool instr = call->def->name[0] == 'i';
    int32_t *o = out->data;
    EACH_VALID(i)
    {
        const int32_t pos = call->arg_count > 2 ? ((const int32_t *)in[2]->data)[i] : 1;
        o[i] = 0;
        if (pos < 1) {
            continue;
        }
        const struct span s = text_at(in[instr ? 0 : 1], i);
        const struct span x = text_at(in[instr ? 1 : 0], i);
        const size_t from = utf8_offset(s.ptr, s.len, (size_t)pos - 1);
        const size_t at = text_find(s, x, from);
        if (x.len == 0) {
            o[i] = 1;
        } else if (at != SIZE_MAX) {
            o[i] = (int32_t)utf8_count(s.ptr, at) + 1;
        }
    }
    return true;
}

/* A null position finds nothing, whatever the texts are. */
KERNEL(locate_nulls)
{
    EACH_ROW(i)
    {
        if (vec_is_null(in[0], i) || vec_is_null(in[1], i)) {
            vec_set_null(out, ev->tmp, i);
        }
    }
    if (call->arg_count < 3 || in[2]->valid == NULL) {
        return locate(ev, call, rows, sel, n, in, out, err);
    }
    struct vec pos = *in[2];
    const struct vec *copy[3] = {in[0], in[1], &pos};
    pos.data = arena_copy(ev->tmp, in[2]->data, sizeof(int32_t) * rows);
    EACH_ROW(k)
    {
        if (vec_is_null(in[2], k)) {
            ((int32_t *)pos.data)[k] = 0;
            if (out->valid != NULL) {
                bit_set(out->valid, k);
            }
        }
    }
    /* Texts that are null under such a position are not looked at: the position is below 1. */
    return locate(ev, call, rows, sel, n, copy, out, err);
}

KERNEL(substring_index)
{
    const int32_t *count = in[2]->data;
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const struct span x = text_at(in[1], i);
        if (count[i] == 0 || x.len == 0) {
            text_share(out, i, s.ptr, 0);
            continue;
        }
        size_t at = count[i] > 0 ? 0 : s.len;
        if (count[i] > 0) {
            size_t found = SIZE_MAX;
            for (int32_t k = 0; k < count[i]; k++) {
                found = text_find(s, x, k == 0 ? 0 : found + 1);
                if (found == SIZE_MAX) {
                    break;
                }
            }
            at = found == SIZE_MAX ? s.len : found;
            text_share(out, i, s.ptr, at);
            continue;
        }
        size_t found = SIZE_MAX;
        for (int64_t k = count[i]; k < 0; k++) {
            found = text_find_last(s, x, found == SIZE_MAX ? at : found + x.len - 1);
            if (found == SIZE_MAX) {
                break;
            }
        }
        at = found == SIZE_MAX ? 0 : found + x.len;
        text_share(out, i, s.ptr + at, s.len - at);
    }
    return true;
}

KERNEL(split_part)
{
    const int32_t *which = in[2]->data;
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const struct span x = text_at(in[1], i);
        int64_t want = which[i];
        if (want == 0) {
            return error_raise(err, "INVALID_INDEX_OF_ZERO", NULL);
        }
        int64_t parts = 1;
        for (size_t at = x.len > 0 ? text_find(s, x, 0) : SIZE_MAX; at != SIZE_MAX;
             at = text_find(s, x, at + x.len)) {
            parts++;
        }
        want = want > 0 ? want - 1 : parts + want;
        if (want < 0 || want >= parts) {
            text_share(out, i, s.ptr, 0);
            continue;
        }
        size_t from = 0;
        for (int64_t k = 0; k < want; k++) {
            from = text_find(s, x, from) + x.len;
        }
        const size_t end = x.len > 0 ? text_find(s, x, from) : SIZE_MAX;
        text_share(out, i, s.ptr + from, (end == SIZE_MAX ? s.len : end) - from);
    }
    return true;
}

KERNEL(find_in_set)
{
    EACH_VALID(i)
    {
        const struct span x = text_at(in[0], i);
        struct span list = text_at(in[1], i);
        int32_t found = 0;
        int32_t place = 1;
        if (x.len == 0 || memchr(x.ptr, ',', x.len) == NULL) {
            for (;;) {
                const char *comma = list.len > 0 ? memchr(list.ptr, ',', list.len) : NULL;
                const size_t len = comma != NULL ? (size_t)(comma - list.ptr) : list.len;
                if (len == x.len && memcmp(list.ptr, x.ptr, len) == 0) {
                    found = place;
                    break;
                }
                if (comma == NULL) {
                    break;
                }
                list.len -= len + 1;
                list.ptr = comma + 1;
                place++;
            }
        }
        ((int32_t *)out->data)[i] = found;
    }
    return true;
}

/* ---- characters ---- */

KERNEL(ascii)
{
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        ((int32_t *)out->data)[i] =
            s.len == 0 ? 0 : (int32_t)utf8_decode(s.ptr, utf8_step(s.ptr, s.ptr + s.len));
    }
    return true;
}

KERNEL(chr)
{
    EACH_VALID(i)
    {
        const int64_t v = ((const int64_t *)in[0]->data)[i];
        char bytes[4];
        const size_t len = v < 0 ? 0 : utf8_encode(bytes, (uint32_t)(v & 0xff));
        text_put(ev, out, i, bytes, len);
    }
    return true;
}

KERNEL(elt)
{
    EACH_ROW(i)
    {
        const int32_t which = vec_is_null(in[0], i) ? 0 : ((const int32_t *)in[0]->data)[i];
        if (vec_is_null(in[0], i)) {
            vec_set_null(out, ev->tmp, i);
        } else if (which < 1 || (uint32_t)which >= call->arg_count) {
            if (ev->session->ansi) {
                char index[16];
                char size[16];
                snprintf(index, sizeof index, "%d", which);
                snprintf(size, sizeof size, "%u", call->arg_count - 1);
                return error_raise(err, "INVALID_ARRAY_INDEX", "indexValue", index, "arraySize",
                                   size, "ansiConfig", "\"spark.sql.ansi.enabled\"", NULL);
            }
            vec_set_null(out, ev->tmp, i);
        } else if (vec_is_null(in[which], i)) {
            vec_set_null(out, ev->tmp, i);
        } else {
            ((struct view *)out->data)[i] = ((const struct view *)in[which]->data)[i];
        }
    }
    return true;
}

/* ---- distances ---- */

static uint32_t
code_points(struct eval *ev, struct span s, uint32_t **out)
{
    uint32_t *p = arena_alloc(ev->tmp, sizeof *p * (s.len + 1));
    uint32_t n = 0;
    for (size_t at = 0; at < s.len;) {
        const size_t step = utf8_step(s.ptr + at, s.ptr + s.len);
        p[n++] = utf8_decode(s.ptr + at, step);
        at += step;
    }
    *out = p;
    return n;
}

KERNEL(levenshtein)
{
    EACH_VALID(i)
    {
        uint32_t *a;
        uint32_t *b;
        const uint32_t an = code_points(ev, text_at(in[0], i), &a);
        const uint32_t bn = code_points(ev, text_at(in[1], i), &b);
        uint32_t *row = arena_alloc(ev->tmp, sizeof *row * (bn + 1));
        for (uint32_t k = 0; k <= bn; k++) {
            row[k] = k;
        }
        for (uint32_t x = 1; x <= an; x++) {
            uint32_t diagonal = row[0];
            row[0] = x;
            for (uint32_t y = 1; y <= bn; y++) {
                const uint32_t up = row[y];
                uint32_t best = diagonal + (a[x - 1] != b[y - 1]);
                best = up + 1 < best ? up + 1 : best;
                best = row[y - 1] + 1 < best ? row[y - 1] + 1 : best;
                diagonal = up;
                row[y] = best;
            }
        }
        int32_t d = (int32_t)row[bn];
        if (call->arg_count > 2 && d > ((const int32_t *)in[2]->data)[i]) {
            d = -1;
        }
        ((int32_t *)out->data)[i] = d;
    }
    return true;
}

KERNEL(soundex)
{
    static const char codes[] = "01230127022455012623017202";
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const char first = s.len > 0 ? (char)char_upper((uint8_t)s.ptr[0]) : 0;
        if (first < 'A' || first > 'Z') {
            text_share(out, i, s.ptr, s.len);
            continue;
        }
        char code[4] = {first, '0', '0', '0'};
        char last = codes[first - 'A'];
        int n_code = 1;
        for (size_t k = 1; k < s.len && n_code < 4; k++) {
            const char c = (char)((uint8_t)s.ptr[k] < 0x80 ? char_upper((uint8_t)s.ptr[k]) : 0);
            if (c < 'A' || c > 'Z') {
                last = '0';
                continue;
            }
            const char digit = codes[c - 'A'];
            if (digit == '7') { /* H and W do not separate */
                continue;
            }
            if (digit != '0' && digit != last) {
                code[n_code++] = digit;
            }
            last = digit;
        }
        text_put(ev, out, i, code, 4);
    }
    return true;
}

KERNEL(luhn_check)
{
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        int sum = 0;
        bool twice = false;
        bool ok = s.len > 0;
        for (size_t k = s.len; k > 0 && ok; k--) {
            const char c = s.ptr[k - 1];
            ok = c >= '0' && c <= '9';
            int d = (c - '0') * (twice ? 2 : 1);
            sum += d > 9 ? d - 9 : d;
            twice = !twice;
        }
        ((uint8_t *)out->data)[i] = ok && sum % 10 == 0;
    }
    return true;
}

KERNEL(quote)
{
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        buffer_clear(&text);
        buffer_puts(&text, "'");
        for (size_t k = 0; k < s.len; k++) {
            if (s.ptr[k] == '\'') {
                buffer_puts(&text, "\\");
            }
            buffer_put(&text, s.ptr + k, 1);
        }
        buffer_puts(&text, "'");
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

KERNEL(valid_utf8)
{
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        ((uint8_t *)out->data)[i] = utf8_is_valid(s.ptr, s.len);
    }
    return true;
}

#define FN(name, min, max, sig, kernel, use)                                                       \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, false, NULL, use, sig, kernel                          \
    }

static const struct func_def defs[] = {
    {"concat", FUNC_SCALAR, 0, 255, false, false, bind_concat, "concat(a, ...) - Joins."},
    {"concat_ws", FUNC_SCALAR, 1, 255, false, true, bind_concat_ws,
     "concat_ws(sep, ...) - Joins with a separator, leaving out nulls."},
    FN("substring", 2, 3, "xi|i>0", substring, "substring(str, pos[, len]) - A part."),
    FN("left", 2, 2, "xi>0", left_right, "left(str, n) - The first characters."),
    FN("right", 2, 2, "xi>0", left_right, "right(str, n) - The last characters."),
    FN("length", 1, 1, "x>i", length, "length(expr) - Characters, or bytes of a binary."),
    FN("octet_length", 1, 1, "x>i", octets, "octet_length(expr) - Bytes."),
    FN("bit_length", 1, 1, "x>i", octets, "bit_length(expr) - Bits."),
    FN("upper", 1, 1, "s>s", change_case, "upper(str) - In capitals."),
    FN("lower", 1, 1, "s>s", change_case, "lower(str) - In small letters."),
    FN("initcap", 1, 1, "s>s", initcap, "initcap(str) - Words start with a capital."),
    FN("trim", 1, 2, "ss>s", trim, "trim(str) - Without spaces around."),
    FN("ltrim", 1, 2, "ss>s", trim, "ltrim(str) - Without spaces before."),
    FN("rtrim", 1, 2, "ss>s", trim, "rtrim(str) - Without spaces behind."),
    FN("btrim", 1, 2, "ss>s", trim, "btrim(str[, trimStr]) - Without those characters."),
    {"lpad", FUNC_SCALAR, 2, 3, false, false, bind_pad, "lpad(str, len[, pad]) - Fills left."},
    {"rpad", FUNC_SCALAR, 2, 3, false, false, bind_pad, "rpad(str, len[, pad]) - Fills right."},
    FN("repeat", 2, 2, "si>s", repeat, "repeat(str, n) - n times."),
    FN("space", 1, 1, "i>s", space, "space(n) - n spaces."),
    {"reverse", FUNC_SCALAR, 1, 1, false, false, bind_reverse, "reverse(x) - Back to front."},
    FN("replace", 2, 3, "ss|s>s", replace, "replace(str, search[, replace]) - All occurrences."),
    FN("translate", 3, 3, "sss>s", translate, "translate(str, from, to) - By character."),
    FN("overlay", 3, 4, "xxi|i>0", overlay, "overlay(input, replace, pos[, len])"),
    FN("startswith", 2, 2, "xx>B", contains, "startswith(left, right) - A prefix?"),
    FN("endswith", 2, 2, "xx>B", contains, "endswith(left, right) - A suffix?"),
    FN("contains", 2, 2, "xx>B", contains, "contains(left, right) - A part?"),
    FN("instr", 2, 2, "ss>i", locate, "instr(str, substr) - Where, from 1; 0 if not."),
    {"locate", FUNC_SCALAR, 2, 3, false, true, NULL, "locate(substr, str[, pos]) - Where, from 1.",
     "ss|i>i", locate_nulls},
    FN("substring_index", 3, 3, "ssi>s", substring_index,
       "substring_index(str, delim, count) - Before the count-th delimiter."),
    FN("split_part", 3, 3, "ssi>s", split_part, "split_part(str, delimiter, n) - The n-th part."),
    FN("find_in_set", 2, 2, "ss>i", find_in_set, "find_in_set(str, list) - Where in the list."),
    FN("ascii", 1, 1, "s>i", ascii, "ascii(str) - The first character's code."),
    FN("chr", 1, 1, "l>s", chr, "chr(n) - The character with that code."),
    {"elt", FUNC_SCALAR, 2, 255, false, true, NULL, "elt(n, a, b, ...) - The n-th.", "is*>s?", elt},
    FN("levenshtein", 2, 3, "ss|i>i", levenshtein, "levenshtein(a, b[, max]) - Edit distance."),
    FN("soundex", 1, 1, "s>s", soundex, "soundex(str) - How it sounds in English."),
    FN("luhn_check", 1, 1, "s>B", luhn_check, "luhn_check(str) - Does the check digit fit?"),
    FN("quote", 1, 1, "s>s", quote, "quote(str) - In single quotes."),
    FN("is_valid_utf8", 1, 1, "s>B", valid_utf8, "is_valid_utf8(str) - Is it UTF-8?"),
};

const struct func_family family_string = {defs, sizeof defs / sizeof *defs};
