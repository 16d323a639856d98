/* df.show(): cells as text, then columns of equal width. */
#include "driver/show.h"

#include <stdio.h>
#include <string.h>

struct show_row {
    struct show_row *next;
    const char *cells[]; /* one a column */
};

enum { WIDTH_MIN = 3 };

void
show_init(struct show *s, struct arena *a, const struct type *schema, int64_t num_rows,
          int32_t truncate, bool vertical, bool html)
{
    *s = (struct show){.arena = a,
                       .schema = schema,
                       .num_rows = num_rows < 0 ? 0 : num_rows,
                       .truncate = truncate < 0 ? 0 : truncate,
                       .vertical = vertical,
                       .html = html};
}

static bool
put_scalar(struct buffer *out, struct eval *ev, const struct vec *v, uint32_t row,
           struct error *err)
{
    struct vec one, text;
    vec_slice(&one, v, row, 1, ev->tmp);
    if (!func_cast(ev, &one, type_scalar(TYPE_STRING), CAST_LEGACY, NULL, 1, &text, err)) {
        return false;
    }
    if (vec_is_null(&text, 0)) {
        buffer_puts(out, "NULL");
        return true;
    }
    const struct view *view = (const struct view *)vec_values(&text) + vec_index(&text, 0);
    buffer_put(out, view_ptr(view), view->len);
    return true;
}

static void
put_binary(struct buffer *out, const struct view *view)
{
    const uint8_t *bytes = (const uint8_t *)view_ptr(view);
    buffer_puts(out, "[");
    for (uint32_t i = 0; i < view->len; i++) {
        buffer_printf(out, i == 0 ? "%02X" : " %02X", bytes[i]);
    }
    buffer_puts(out, "]");
}

static bool
put_list(struct buffer *out, struct eval *ev, const struct vec *v, uint32_t row, struct error *err)
{
    struct list_range r = ((const struct list_range *)vec_values(v))[vec_index(v, row)];
    bool map = v->type->id == TYPE_MAP;
    bool ok = true;
    buffer_puts(out, map ? "{" : "[");
    for (uint32_t i = 0; ok && i < r.len; i++) {
        buffer_puts(out, i == 0 ? "" : ", ");
        ok = show_put_cell(out, ev, &v->child[0], r.offset + i, err);
        if (ok && map) {
            buffer_puts(out, " -> ");
            ok = show_put_cell(out, ev, &v->child[1], r.offset + i, err);
        }
    }
    buffer_puts(out, map ? "}" : "]");
    return ok;
}

bool
show_put_cell(struct buffer *out, struct eval *ev, const struct vec *v, uint32_t row,
              struct error *err)
{
    if (vec_is_null(v, row)) {
        buffer_puts(out, "NULL");
        return true;
    }
    const void *values = vec_values(v);
    uint32_t at = vec_index(v, row);
    bool ok = true;
    switch (v->type->id) {
    case TYPE_STRING: {
        const struct view *view = (const struct view *)values + at;
        buffer_put(out, view_ptr(view), view->len);
        return true;
    }
    case TYPE_BINARY:
        put_binary(out, (const struct view *)values + at);
        return true;
    case TYPE_INT:
        buffer_printf(out, "%d", ((const int32_t *)values)[at]);
        return true;
    case TYPE_LONG:
        buffer_printf(out, "%lld", (long long)((const int64_t *)values)[at]);
        return true;
    case TYPE_ARRAY:
    case TYPE_MAP:
        return put_list(out, ev, v, row, err);
    case TYPE_STRUCT:
        buffer_puts(out, "{");
        for (uint32_t i = 0; ok && i < v->child_count; i++) {
            buffer_puts(out, i == 0 ? "" : ", ");
            ok = show_put_cell(out, ev, &v->child[i], v->enc == VEC_CONST ? 0 : row, err);
        }
        buffer_puts(out, "}");
        return ok;
    default:
        return put_scalar(out, ev, v, row, err);
    }
}

/* One character from text; its length in UTF-16 units (what Java counts) and its columns. */
static uint32_t
char_next(const char **text, uint32_t *units, uint32_t *columns)
{
    const uint8_t *p = (const uint8_t *)*text;
    uint32_t len = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    uint32_t c = len == 1 ? *p : *p & (0xffu >> (len + 1));
    for (uint32_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80) { /* not UTF-8: a byte is a character */
            len = 1;
            break;
        }
        c = c << 6 | (p[i] & 0x3f);
    }
    *text += len;
    *units = c > 0xffff ? 2 : 1;
    bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
                (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                (c >= 0xffe0 && c <= 0xffe6);
    *columns = *units + wide;
    return c;
}

static uint32_t
text_columns(const char *text)
{
    uint32_t total = 0, units, columns;
    while (*text != '\0') {
        char_next(&text, &units, &columns);
        total += columns;
    }
    return total;
}

static uint32_t
text_units(const char *text)
{
    uint32_t total = 0, units, columns;
    while (*text != '\0') {
        char_next(&text, &units, &columns);
        total += units;
    }
    return total;
}

/* Control characters are written as they are escaped in source. */
static void
put_escaped(struct buffer *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (text[i]) {
        case '\n':
            buffer_puts(out, "\\n");
            break;
        case '\r':
            buffer_puts(out, "\\r");
            break;
        case '\t':
            buffer_puts(out, "\\t");
            break;
        case '\f':
            buffer_puts(out, "\\f");
            break;
        case '\b':
            buffer_puts(out, "\\b");
            break;
        case '\v':
            buffer_puts(out, "\\v");
            break;
        case '\a':
            buffer_puts(out, "\\a");
            break;
        default:
            buffer_put(out, &text[i], text[i] != '\0'); /* a NUL would end the text */
        }
    }
}

static const char *
cell_text(struct show *s, const char *raw, size_t len)
{
    struct buffer text = {0};
    put_escaped(&text, raw, len);
    const char *cell = buffer_text(&text);
    uint32_t max = (uint32_t)s->truncate;
    char *out;
    if (max > 0 && text_units(cell) > max) {
        const char *p = cell;
        uint32_t keep = max < 4 ? max : max - 3, taken = 0, units, columns;
        while (taken < keep) {
            const char *before = p;
            char_next(&p, &units, &columns);
            taken += units;
            if (taken > keep) {
                p = before;
            }
        }
        out = arena_printf(s->arena, "%.*s%s", (int)(p - cell), cell, max < 4 ? "" : "...");
    } else {
        out = arena_strdup(s->arena, cell);
    }
    buffer_release(&text);
    return out;
}

bool
show_add(struct show *s, struct eval *ev, const struct chunk *c, struct error *err)
{
    struct buffer cell = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < c->sel_n; i++) {
        if (s->row_count > (uint64_t)s->num_rows) {
            break;
        }
        struct show_row *row =
            arena_alloc(s->arena, sizeof *row + c->col_count * sizeof *row->cells);
        uint32_t at = chunk_row(c, i);
        for (uint32_t k = 0; ok && k < c->col_count; k++) {
            buffer_clear(&cell);
            ok = show_put_cell(&cell, ev, &c->cols[k], at, err);
            row->cells[k] = ok ? cell_text(s, buffer_text(&cell), cell.len) : "";
        }
        row->next = s->rows;
        s->rows = row;
        s->row_count++;
    }
    buffer_release(&cell);
    return ok;
}

static void
put_repeated(struct buffer *out, char c, uint32_t count)
{
    while (count-- > 0) {
        buffer_put(out, &c, 1);
    }
}

static void
put_line(struct buffer *out, const struct show *s, const uint32_t *widths)
{
    buffer_puts(out, "+");
    for (uint32_t k = 0; k < s->schema->field_count; k++) {
        put_repeated(out, '-', widths[k]);
        buffer_puts(out, "+");
    }
    buffer_puts(out, "\n");
}

/* Cut tables are set flush right, whole ones flush left, as Spark does. */
static void
put_cells(struct buffer *out, const struct show *s, const char *const *cells,
          const uint32_t *widths)
{
    buffer_puts(out, "|");
    for (uint32_t k = 0; k < s->schema->field_count; k++) {
        uint32_t pad = widths[k] - text_columns(cells[k]);
        put_repeated(out, ' ', s->truncate > 0 ? pad : 0);
        buffer_puts(out, cells[k]);
        put_repeated(out, ' ', s->truncate > 0 ? 0 : pad);
        buffer_puts(out, "|");
    }
    buffer_puts(out, "\n");
}

static void
finish_table(const struct show *s, const char *const *names, const char *const *const *rows,
             uint64_t count, struct buffer *out)
{
    uint32_t columns = s->schema->field_count;
    uint32_t *widths = arena_new_array(s->arena, uint32_t, columns + 1);
    for (uint32_t k = 0; k < columns; k++) {
        uint32_t width = text_columns(names[k]);
        widths[k] = width > WIDTH_MIN ? width : WIDTH_MIN;
        for (uint64_t i = 0; i < count; i++) {
            width = text_columns(rows[i][k]);
            widths[k] = width > widths[k] ? width : widths[k];
        }
    }
    put_line(out, s, widths);
    put_cells(out, s, names, widths);
    put_line(out, s, widths);
    for (uint64_t i = 0; i < count; i++) {
        put_cells(out, s, rows[i], widths);
    }
    put_line(out, s, widths);
}

static void
finish_vertical(const struct show *s, const char *const *names, const char *const *const *rows,
                uint64_t count, struct buffer *out)
{
    uint32_t name_width = WIDTH_MIN, cell_width = WIDTH_MIN;
    for (uint32_t k = 0; k < s->schema->field_count; k++) {
        uint32_t width = text_columns(names[k]);
        name_width = width > name_width ? width : name_width;
        for (uint64_t i = 0; i < count; i++) {
            width = text_columns(rows[i][k]);
            cell_width = width > cell_width ? width : cell_width;
        }
    }
    for (uint64_t i = 0; i < count; i++) {
        char title[40];
        uint32_t len =
            (uint32_t)snprintf(title, sizeof title, "-RECORD %llu", (unsigned long long)i);
        uint32_t whole = name_width + cell_width + 5; /* the blanks and the bar between */
        buffer_puts(out, title);
        put_repeated(out, '-', whole > len ? whole - len : 0);
        buffer_puts(out, "\n");
        for (uint32_t k = 0; k < s->schema->field_count; k++) {
            buffer_printf(out, " %s", names[k]);
            put_repeated(out, ' ', name_width - text_columns(names[k]));
            buffer_printf(out, " | %s", rows[i][k]);
            put_repeated(out, ' ', cell_width - text_columns(rows[i][k]));
            buffer_puts(out, " \n");
        }
    }
}

static void
put_html_cells(struct buffer *out, const char *const *cells, uint32_t count, const char *tag)
{
    buffer_puts(out, "<tr>");
    for (uint32_t k = 0; k < count; k++) {
        buffer_printf(out, "<%s>", tag);
        for (const char *p = cells[k]; *p != '\0'; p++) {
            const char *name = *p == '<'    ? "&lt;"
                               : *p == '>'  ? "&gt;"
                               : *p == '&'  ? "&amp;"
                               : *p == '"'  ? "&quot;"
                               : *p == '\'' ? "&#39;"
                                            : NULL;
            if (name != NULL) {
                buffer_puts(out, name);
            } else {
                buffer_put(out, p, 1);
            }
        }
        buffer_printf(out, "</%s>", tag);
    }
    buffer_puts(out, "</tr>\n");
}

static void
finish_html(const struct show *s, const char *const *names, const char *const *const *rows,
            uint64_t count, struct buffer *out)
{
    buffer_puts(out, "<table border='1'>\n");
    put_html_cells(out, names, s->schema->field_count, "th");
    for (uint64_t i = 0; i < count; i++) {
        put_html_cells(out, rows[i], s->schema->field_count, "td");
    }
    buffer_puts(out, "</table>\n");
}

void
show_finish(struct show *s, struct buffer *out)
{
    uint64_t shown = s->row_count > (uint64_t)s->num_rows ? (uint64_t)s->num_rows : s->row_count;
    const char *const **rows = arena_new_array(s->arena, const char *const *, shown + 1);
    uint64_t at = s->row_count;
    for (struct show_row *row = s->rows; row != NULL; row = row->next) {
        if (--at < shown) {
            rows[at] = row->cells;
        }
    }
    const char **names = arena_new_array(s->arena, const char *, s->schema->field_count + 1);
    for (uint32_t k = 0; k < s->schema->field_count; k++) {
        struct buffer name = {0};
        put_escaped(&name, s->schema->fields[k].name, strlen(s->schema->fields[k].name));
        names[k] = arena_strdup(s->arena, buffer_text(&name));
        buffer_release(&name);
    }
    if (s->html) {
        finish_html(s, names, rows, shown, out);
    } else if (s->vertical) {
        finish_vertical(s, names, rows, shown, out);
    } else {
        finish_table(s, names, rows, shown, out);
    }
    if (s->vertical && shown == 0) {
        buffer_puts(out, "(0 rows)\n");
    } else if (s->row_count > shown) {
        buffer_printf(out, "only showing top %lld %s\n", (long long)s->num_rows,
                      s->num_rows == 1 ? "row" : "rows");
    }
}
