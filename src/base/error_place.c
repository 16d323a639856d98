/* Where in a query's text an error stands, as people see it: Spark's block of the lines around the
 * place with the piece itself underlined. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"

enum { EXTRA_CONTEXT_MAX = 32 };

/* Spark gives the place to these failures of a running query; others have none. */
static bool
condition_has_place(const char *condition)
{
    static const char *const names[] = {
        "ARITHMETIC_OVERFLOW",
        "BINARY_ARITHMETIC_OVERFLOW",
        "CAST_INVALID_INPUT",
        "DIVIDE_BY_ZERO",
        "INTERVAL_",
        "INVALID_ARRAY_INDEX",
        "NUMERIC_VALUE_OUT_",
        "REMAINDER_BY_ZERO",
        "SCALAR_SUBQUERY_TOO_MANY_ROWS",
    };
    for (size_t i = 0; condition != NULL && i < sizeof names / sizeof *names; i++) {
        if (strncmp(condition, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

static bool
starts_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

/* Byte offset of a character; the text's length if it has fewer. */
static size_t
byte_of(const char *text, size_t len, int32_t character)
{
    size_t at = 0;
    for (int32_t seen = 0; at < len; at++) {
        if (starts_character(text[at]) && seen++ == character) {
            break;
        }
    }
    return at;
}

static uint32_t
characters(const char *from, const char *to)
{
    uint32_t n = 0;
    for (; from < to; from++) {
        n += starts_character(*from);
    }
    return n;
}

/* One line of the text, [from, to), and below it what the place covers of it. */
static void
put_line(struct buffer *out, const char *from, const char *to, const char *start, const char *end)
{
    const bool cut_before = start > from && characters(from, start) > EXTRA_CONTEXT_MAX;
    const char *first = from;
    while (cut_before && characters(first, start) > EXTRA_CONTEXT_MAX) {
        first++;
    }
    const char *last = to;
    const bool cut_after = end < to && characters(end, to) > EXTRA_CONTEXT_MAX;
    while (cut_after && characters(end, last) > EXTRA_CONTEXT_MAX) {
        last--;
    }
    buffer_puts(out, cut_before ? "..." : "");
    buffer_put(out, first, (size_t)(last - first));
    buffer_puts(out, cut_after ? "...\n" : "\n");
    buffer_puts(out, cut_before ? "   " : "");
    const char *mark = start > first ? start : first;
    const char *mark_end = end < last ? end : last;
    for (uint32_t i = characters(first, mark); i > 0; i--) {
        buffer_puts(out, " ");
    }
    for (uint32_t i = mark < mark_end ? characters(mark, mark_end) : 0; i > 0; i--) {
        buffer_puts(out, "^");
    }
    buffer_puts(out, "\n");
}

static void
summary_of(struct buffer *out, const struct error_context *c, const char *text, size_t from,
           size_t to)
{
    buffer_printf(out, "== SQL (line %d, position %d) ==\n", (int)c->line, (int)c->column + 1);
    const char *line = text + from;
    while (line > text && line[-1] != '\n') {
        line--;
    }
    const char *end = text + to;
    do {
        const char *line_end = line + strcspn(line, "\n");
        put_line(out, line, line_end, text + from, end);
        line = line_end + (*line_end == '\n');
    } while (line < end);
}

void
error_place_in(struct error *err, const char *text)
{
    struct error_context *c = &err->context;
    if (!err->has_context || c->dataframe || c->line > 0 || c->start < 0) {
        return;
    }
    const bool analysis = err->kind == ERROR_ANALYSIS;
    if (!analysis && !condition_has_place(err->condition)) {
        error_forget_place(err);
        return;
    }
    const size_t len = strlen(text);
    const size_t from = byte_of(text, len, c->start), to = byte_of(text, len, c->stop + 1);
    free(c->fragment);
    c->fragment = strndup(text + from, to > from ? to - from : 0);
    const char *line = text;
    c->line = 1;
    for (const char *p = text; p < text + from; p++) {
        if (*p == '\n') {
            c->line++;
            line = p + 1;
        }
    }
    c->column = (int32_t)characters(line, text + from);
    struct buffer out = {0};
    summary_of(&out, c, text, from, to);
    free(c->summary);
    c->summary = strdup(buffer_text(&out));
    buffer_clear(&out);
    if (analysis) {
        buffer_printf(&out, "%s; line %d pos %d", error_text(err), (int)c->line, (int)c->column);
    } else {
        buffer_printf(&out, "%s\n%s", error_text(err), c->summary);
    }
    error_set_message(err, buffer_text(&out));
    buffer_release(&out);
}

void
error_place_call(struct error *err)
{
    struct error_context *c = &err->context;
    if (!err->has_context || !c->dataframe || c->summary != NULL) {
        return;
    }
    if (err->kind != ERROR_ANALYSIS && !condition_has_place(err->condition)) {
        error_forget_place(err);
        return;
    }
    struct buffer out = {0};
    buffer_printf(&out, "== DataFrame ==\n\"%s\" was called from\n%s\n",
                  c->fragment != NULL ? c->fragment : "", c->call_site != NULL ? c->call_site : "");
    c->summary = strdup(buffer_text(&out));
    if (err->kind != ERROR_ANALYSIS) {
        buffer_clear(&out);
        buffer_printf(&out, "%s\n%s", error_text(err), c->summary);
        error_set_message(err, buffer_text(&out));
    }
    buffer_release(&out);
}

void
error_forget_place(struct error *err)
{
    free(err->context.fragment);
    free(err->context.call_site);
    free(err->context.summary);
    err->context = (struct error_context){.start = -1};
    err->has_context = false;
}
