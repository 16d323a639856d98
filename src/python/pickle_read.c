/* Pickle to a tree of plain values: a stack machine of which only the harmless part exists. */
#include <stdlib.h>
#include <string.h>

#include "python/pickle.h"

enum { VALUES_MAX = 1 << 26, MEMO_MAX = 1 << 24 };

struct machine {
    struct arena *arena;
    struct reader in;
    struct error *err;
    struct pickle_value **stack;
    uint32_t depth, capacity;
    uint32_t *marks;
    uint32_t mark_count, mark_capacity;
    struct pickle_value **memo;
    uint32_t memo_count, memo_capacity;
    uint32_t made;
};

static bool
broken(struct machine *m)
{
    return error_is_set(m->err)
               ? false
               : error_set(m->err, ERROR_PROTOCOL, "A Python worker sent a broken pickle.");
}

static void *
grown(struct machine *m, void *old, uint32_t count, uint32_t *capacity, size_t item)
{
    if (count < *capacity) {
        return old;
    }
    const uint32_t wider = *capacity == 0 ? 32 : *capacity * 2;
    void *wide = arena_alloc(m->arena, item * wider);
    if (count > 0) {
        memcpy(wide, old, item * count);
    }
    *capacity = wider;
    return wide;
}

static struct pickle_value *
value_new(struct machine *m, enum pickle_kind kind)
{
    if (++m->made > VALUES_MAX) {
        broken(m);
        return NULL;
    }
    struct pickle_value *v = arena_new(m->arena, struct pickle_value);
    v->kind = kind;
    return v;
}

static bool
push(struct machine *m, struct pickle_value *v)
{
    if (v == NULL) {
        return broken(m);
    }
    m->stack = grown(m, m->stack, m->depth, &m->capacity, sizeof *m->stack);
    m->stack[m->depth++] = v;
    return true;
}

static bool
push_kind(struct machine *m, enum pickle_kind kind, int64_t i)
{
    struct pickle_value *v = value_new(m, kind);
    if (v != NULL) {
        v->i = i;
    }
    return push(m, v);
}

/* How far down the innermost mark lets us look. */
static uint32_t
floor_of(const struct machine *m)
{
    return m->mark_count > 0 ? m->marks[m->mark_count - 1] : 0;
}

static struct pickle_value *
pop(struct machine *m)
{
    return m->depth > floor_of(m) ? m->stack[--m->depth] : NULL;
}

static struct pickle_value *
top(const struct machine *m)
{
    return m->depth > floor_of(m) ? m->stack[m->depth - 1] : NULL;
}

static bool
push_text(struct machine *m, enum pickle_kind kind, uint64_t len)
{
    if (len > reader_left(&m->in)) {
        return broken(m);
    }
    const struct bytes b = reader_take(&m->in, (size_t)len);
    struct pickle_value *v = value_new(m, kind);
    if (v == NULL) {
        return false;
    }
    v->text = arena_strndup(m->arena, (const char *)b.ptr, b.len);
    v->len = (uint32_t)b.len;
    return push(m, v);
}

static void
add_item(struct machine *m, struct pickle_value *to, struct pickle_value *item)
{
    to->items = grown(m, to->items, to->count, &to->capacity, sizeof *to->items);
    to->items[to->count++] = item;
}

/* Everything above the innermost mark into the list or dictionary below it. */
static bool
gather(struct machine *m, enum pickle_kind kind)
{
    if (m->mark_count == 0) {
        return broken(m);
    }
    const uint32_t from = m->marks[--m->mark_count], to = m->depth;
    m->depth = from;
    struct pickle_value *into = top(m);
    if (into == NULL || into->kind != kind || (kind == PICKLE_DICT && (to - from) % 2 != 0)) {
        return broken(m);
    }
    for (uint32_t i = from; i < to; i++) {
        add_item(m, into, m->stack[i]);
    }
    return true;
}

/* A tuple of all above the mark. */
static bool
gather_tuple(struct machine *m)
{
    struct pickle_value *tuple = value_new(m, PICKLE_LIST);
    if (tuple == NULL || m->mark_count == 0) {
        return broken(m);
    }
    const uint32_t from = m->marks[--m->mark_count];
    for (uint32_t i = from; i < m->depth; i++) {
        add_item(m, tuple, m->stack[i]);
    }
    m->depth = from;
    return push(m, tuple);
}

static bool
small_tuple(struct machine *m, uint32_t count)
{
    struct pickle_value *tuple = value_new(m, PICKLE_LIST);
    if (tuple == NULL || m->depth < floor_of(m) + count) {
        return broken(m);
    }
    for (uint32_t i = m->depth - count; i < m->depth; i++) {
        add_item(m, tuple, m->stack[i]);
    }
    m->depth -= count;
    return push(m, tuple);
}

static bool
append(struct machine *m)
{
    struct pickle_value *item = pop(m), *to = top(m);
    if (item == NULL || to == NULL || to->kind != PICKLE_LIST) {
        return broken(m);
    }
    add_item(m, to, item);
    return true;
}

static bool
set_item(struct machine *m)
{
    struct pickle_value *value = pop(m), *key = pop(m), *to = top(m);
    if (value == NULL || key == NULL || to == NULL || to->kind != PICKLE_DICT) {
        return broken(m);
    }
    add_item(m, to, key);
    add_item(m, to, value);
    return true;
}

static bool
remember(struct machine *m, uint32_t at)
{
    struct pickle_value *v = top(m);
    if (v == NULL || at > m->memo_count || at > MEMO_MAX) {
        return broken(m);
    }
    m->memo = grown(m, m->memo, m->memo_count, &m->memo_capacity, sizeof *m->memo);
    m->memo[at] = v;
    m->memo_count += at == m->memo_count;
    return true;
}

static bool
recall(struct machine *m, uint32_t at)
{
    return at < m->memo_count ? push(m, m->memo[at]) : broken(m);
}

/* Little-endian two's complement of any length. */
static bool
long_value(struct machine *m, uint32_t len)
{
    if (len > reader_left(&m->in)) {
        return broken(m);
    }
    const struct bytes b = reader_take(&m->in, len);
    struct pickle_value *v = value_new(m, PICKLE_INT);
    if (v == NULL) {
        return false;
    }
    const bool negative = len > 0 && (b.ptr[len - 1] & 0x80) != 0;
    uint64_t bits = negative ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < len; i++) {
        if (i < 8) {
            bits = (bits & ~((uint64_t)0xFF << (8 * i))) | (uint64_t)b.ptr[i] << (8 * i);
        } else if (b.ptr[i] != (negative ? 0xFF : 0)) {
            v->huge = true;
        }
    }
    v->huge = v->huge || (len > 8 && ((int64_t)bits < 0) != negative);
    v->i = (int64_t)bits;
    return push(m, v);
}

static bool
float_value(struct machine *m)
{
    struct pickle_value *v = value_new(m, PICKLE_FLOAT);
    if (v == NULL) {
        return false;
    }
    const uint64_t bits = reader_be64(&m->in);
    memcpy(&v->f, &bits, 8);
    return push(m, v);
}

/* "module\nname\n" as text, or two strings from the stack. */
static bool
global_value(struct machine *m, bool from_stack)
{
    struct pickle_value *v = value_new(m, PICKLE_GLOBAL);
    if (v == NULL) {
        return false;
    }
    if (from_stack) {
        const struct pickle_value *name = pop(m), *module = pop(m);
        if (name == NULL || module == NULL || name->kind != PICKLE_TEXT ||
            module->kind != PICKLE_TEXT) {
            return broken(m);
        }
        v->text = arena_printf(m->arena, "%s\n%s", module->text, name->text);
        return push(m, v);
    }
    const uint8_t *start = m->in.pos;
    for (int lines = 0; lines < 2; lines++) {
        while (reader_left(&m->in) > 0 && reader_u8(&m->in) != '\n') {
        }
    }
    if (m->in.pos == start) {
        return broken(m);
    }
    v->text = arena_strndup(m->arena, (const char *)start, (size_t)(m->in.pos - start - 1));
    return push(m, v);
}

static bool
call_value(struct machine *m)
{
    struct pickle_value *args = pop(m), *what = pop(m);
    struct pickle_value *v = value_new(m, PICKLE_CALL);
    if (v == NULL || args == NULL || what == NULL || args->kind != PICKLE_LIST) {
        return broken(m);
    }
    add_item(m, v, what);
    add_item(m, v, args);
    return push(m, v);
}

static bool
mark(struct machine *m)
{
    m->marks = grown(m, m->marks, m->mark_count, &m->mark_capacity, sizeof *m->marks);
    m->marks[m->mark_count++] = m->depth;
    return true;
}

/* Opcodes that make or move values without looking at others. */
static bool
step_value(struct machine *m, uint8_t op, bool *known)
{
    switch (op) {
    case 'N':
        return push_kind(m, PICKLE_NONE, 0);
    case 0x88:
    case 0x89:
        return push_kind(m, PICKLE_BOOL, op == 0x88);
    case 'J':
        return push_kind(m, PICKLE_INT, (int32_t)reader_le32(&m->in));
    case 'K':
        return push_kind(m, PICKLE_INT, reader_u8(&m->in));
    case 'M':
        return push_kind(m, PICKLE_INT, reader_le16(&m->in));
    case 0x8A:
        return long_value(m, reader_u8(&m->in));
    case 0x8B:
        return long_value(m, reader_le32(&m->in));
    case 'G':
        return float_value(m);
    case 0x8C:
        return push_text(m, PICKLE_TEXT, reader_u8(&m->in));
    case 'X':
        return push_text(m, PICKLE_TEXT, reader_le32(&m->in));
    case 0x8D:
        return push_text(m, PICKLE_TEXT, reader_le64(&m->in));
    case 'C':
        return push_text(m, PICKLE_BYTES, reader_u8(&m->in));
    case 'B':
        return push_text(m, PICKLE_BYTES, reader_le32(&m->in));
    case 0x8E:
    case 0x96:
        return push_text(m, PICKLE_BYTES, reader_le64(&m->in));
    case ']':
    case ')':
        return push_kind(m, PICKLE_LIST, 0);
    case '}':
        return push_kind(m, PICKLE_DICT, 0);
    default:
        *known = false;
        return true;
    }
}

static bool
step_stack(struct machine *m, uint8_t op)
{
    switch (op) {
    case 0x80: /* protocol */
        reader_u8(&m->in);
        return true;
    case 0x95: /* frame */
        reader_le64(&m->in);
        return true;
    case '(':
        return mark(m);
    case 't':
        return gather_tuple(m);
    case 0x85:
    case 0x86:
    case 0x87:
        return small_tuple(m, op - 0x84);
    case 'e':
        return gather(m, PICKLE_LIST);
    case 'u':
        return gather(m, PICKLE_DICT);
    case 'a':
        return append(m);
    case 's':
        return set_item(m);
    case 0x94: /* MEMOIZE */
        return remember(m, m->memo_count);
    case 'q':
        return remember(m, reader_u8(&m->in));
    case 'r':
        return remember(m, reader_le32(&m->in));
    case 'h':
        return recall(m, reader_u8(&m->in));
    case 'j':
        return recall(m, reader_le32(&m->in));
    case '0':
        return pop(m) != NULL || broken(m);
    case 'c':
        return global_value(m, false);
    case 0x93:
        return global_value(m, true);
    case 'R':
    case 0x81: /* NEWOBJ: the same shape */
        return call_value(m);
    default:
        return error_unsupported(m->err, "a Python result of this class (pickle operation 0x%02x)",
                                 op);
    }
}

struct pickle_value *
pickle_read(struct arena *a, struct bytes input, struct error *err)
{
    struct machine m = {.arena = a, .err = err};
    reader_init(&m.in, input);
    while (reader_left(&m.in) > 0) {
        const uint8_t op = reader_u8(&m.in);
        if (op == '.') {
            struct pickle_value *v = m.mark_count == 0 && m.depth == 1 ? m.stack[0] : NULL;
            if (v == NULL) {
                broken(&m);
            }
            return v;
        }
        bool known = true;
        bool ok = step_value(&m, op, &known);
        ok = ok && (known || step_stack(&m, op));
        if (!ok || !reader_ok(&m.in)) {
            broken(&m);
            return NULL;
        }
    }
    broken(&m);
    return NULL;
}
