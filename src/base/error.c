/* Error values: the catalogue of conditions, its templates filled in, and who owns the texts. */
#include "base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

struct condition {
    const char *name;
    const char *sqlstate;
    enum error_kind kind;
    const char *template;
};

static const struct condition conditions[] = {
#define CONDITION(name, sqlstate, kind, template) {name, sqlstate, kind, template},
#include "base/error_conditions.inc"
#undef CONDITION
};

static const struct condition *
condition_find(const char *name)
{
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        if (strcmp(conditions[i].name, name) == 0) {
            return &conditions[i];
        }
    }
    return NULL;
}

static char *
text_copy(const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    char *copy = strdup(text);
    if (copy == NULL) {
        abort(); /* a message cannot be had when not even its bytes can */
    }
    return copy;
}

void
error_param_add(struct error *err, const char *name, const char *value)
{
    assert(err->param_count < ERROR_PARAM_MAX);
    err->params[err->param_count++] =
        (struct error_param){text_copy(name), text_copy(value != NULL ? value : "")};
}

static const char *
param_value(const struct error *err, const char *name, size_t len)
{
    for (uint32_t i = 0; i < err->param_count; i++) {
        if (strlen(err->params[i].name) == len && memcmp(err->params[i].name, name, len) == 0) {
            return err->params[i].value;
        }
    }
    return NULL;
}

/* Copies the template with each <name> replaced; a name without a parameter stays as it is. */
static void
template_fill(struct buffer *out, const struct error *err, const char *template)
{
    const char *p = template;
    while (*p != '\0') {
        const char *close = *p == '<' ? strchr(p, '>') : NULL;
        const char *value = close ? param_value(err, p + 1, (size_t)(close - p - 1)) : NULL;
        if (value != NULL) {
            buffer_puts(out, value);
            p = close + 1;
        } else {
            buffer_put(out, p++, 1);
        }
    }
}

bool
error_raise(struct error *err, const char *condition, ...)
{
    assert(!error_is_set(err));
    const struct condition *found = condition_find(condition);
    if (found == NULL) {
        return error_set(err, ERROR_INTERNAL, "[INTERNAL_ERROR] unknown error condition %s",
                         condition);
    }
    err->kind = found->kind;
    err->condition = text_copy(condition);
    snprintf(err->sqlstate, sizeof err->sqlstate, "%s", found->sqlstate);

    va_list args;
    va_start(args, condition);
    for (const char *name = va_arg(args, const char *); name != NULL;
         name = va_arg(args, const char *)) {
        error_param_add(err, name, va_arg(args, const char *));
    }
    va_end(args);

    struct buffer text = {0};
    buffer_printf(&text, "[%s] ", condition);
    template_fill(&text, err, found->template);
    if (found->sqlstate[0] != '\0') {
        buffer_printf(&text, " SQLSTATE: %s", found->sqlstate);
    }
    err->message = buffer_steal_text(&text);
    return false;
}

static bool
set_text(struct error *err, enum error_kind kind, int32_t code, const char *format, va_list args)
{
    assert(!error_is_set(err));
    assert(kind != ERROR_NONE);
    err->kind = kind;
    err->code = code;
    if (vasprintf(&err->message, format, args) < 0) {
        abort();
    }
    return false;
}

bool
error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_text(err, kind, 0, format, args);
    va_end(args);
    return false;
}

bool
error_set_code(struct error *err, enum error_kind kind, int32_t code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_text(err, kind, code, format, args);
    va_end(args);
    return false;
}

bool
error_system(struct error *err, int errnum, const char *format, ...)
{
    char *what = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&what, format, args) < 0) {
        abort();
    }
    va_end(args);
    char reason[128];
    error_set_code(err, ERROR_SYSTEM, errnum, "%s: %s", what,
                   strerror_r(errnum, reason, sizeof reason));
    free(what);
    return false;
}

bool
error_unsupported(struct error *err, const char *format, ...)
{
    char *what = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&what, format, args) < 0) {
        abort();
    }
    va_end(args);
    error_set(err, ERROR_UNSUPPORTED,
              "[UNSUPPORTED_FEATURE] The feature is not supported: %s. SQLSTATE: 0A000", what);
    err->condition = text_copy("UNSUPPORTED_FEATURE");
    memcpy(err->sqlstate, "0A000", 6);
    error_param_add(err, "feature", what);
    free(what);
    return false;
}

void
error_at(struct error *err, int32_t start, int32_t stop, const char *fragment, size_t len)
{
    if (!error_is_set(err) || err->has_context) {
        return;
    }
    err->has_context = true;
    err->context.start = start;
    err->context.stop = stop;
    err->context.fragment = strndup(fragment != NULL ? fragment : "", len);
}

void
error_at_call(struct error *err, const char *method, const char *call_site)
{
    if (!error_is_set(err) || err->has_context) {
        return;
    }
    err->has_context = true;
    err->context.dataframe = true;
    err->context.start = err->context.stop = -1;
    err->context.fragment = strdup(method != NULL ? method : "");
    err->context.call_site = strdup(call_site);
}

const char *
error_text(const struct error *err)
{
    return err->message != NULL ? err->message : "";
}

void
error_set_message(struct error *err, const char *text)
{
    char *copy = text_copy(text);
    free(err->message);
    err->message = copy;
}

void
error_clear(struct error *err)
{
    for (uint32_t i = 0; i < err->param_count; i++) {
        free(err->params[i].name);
        free(err->params[i].value);
    }
    free(err->condition);
    free(err->message);
    free(err->cause);
    free(err->context.fragment);
    free(err->context.call_site);
    free(err->context.summary);
    *err = (struct error){0};
}

void
error_move(struct error *to, struct error *from)
{
    if (to != from) {
        error_clear(to);
        *to = *from;
        *from = (struct error){0};
    }
}

void
error_copy(struct error *to, const struct error *from)
{
    error_clear(to);
    *to = *from;
    to->condition = text_copy(from->condition);
    to->message = text_copy(from->message);
    to->cause = text_copy(from->cause);
    to->context.fragment = text_copy(from->context.fragment);
    to->context.call_site = text_copy(from->context.call_site);
    to->context.summary = text_copy(from->context.summary);
    to->param_count = 0;
    for (uint32_t i = 0; i < from->param_count; i++) {
        error_param_add(to, from->params[i].name, from->params[i].value);
    }
}
