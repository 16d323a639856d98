/* Writing text files. */
#include "format/text_output.h"

#include <stdio.h>
#include <strings.h>

bool
text_output_codec(const struct options *o, enum codec_kind *out, struct error *err)
{
    const char *name = o != NULL ? options_get(o, "compression") : NULL;
    if (name == NULL && o != NULL) {
        name = options_get(o, "codec");
    }
    if (name == NULL || strcasecmp(name, "none") == 0 || strcasecmp(name, "uncompressed") == 0) {
        *out = CODEC_NONE;
    } else if (strcasecmp(name, "gzip") == 0) {
        *out = CODEC_GZIP;
    } else if (strcasecmp(name, "zstd") == 0) {
        *out = CODEC_ZSTD;
    } else {
        return error_raise(err, "CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION", "codecName",
                           name, "availableCodecs", "gzip, none, uncompressed, zstd", NULL);
    }
    return true;
}

const char *
text_output_extension(struct arena *a, const struct options *o, const char *plain)
{
    enum codec_kind kind;
    struct error err = {0};
    if (!text_output_codec(o, &kind, &err)) {
        error_clear(&err);
        kind = CODEC_NONE;
    }
    return kind == CODEC_NONE ? plain
                              : arena_printf(a, "%s%s", plain, kind == CODEC_GZIP ? ".gz" : ".zst");
}

bool
text_output_open(struct text_output *t, const struct sink_request *req, struct error *err)
{
    *t = (struct text_output){.env = req->env, .fd = -1};
    if (!text_output_codec(req->options, &t->kind, err)) {
        return false;
    }
    t->fd = req->env->ops->open(req->env, req->path, ENV_WRITE | ENV_CREATE | ENV_TRUNCATE, err);
    return t->fd >= 0;
}

bool
text_output_flush(struct text_output *t, size_t above, struct error *err)
{
    const struct buffer *from = &t->text;
    if (t->text.overflow) {
        return error_set(err, ERROR_RESOURCE, "A row of more than 1 GiB of text");
    }
    if (t->text.len <= above) {
        return true;
    }
    if (t->kind != CODEC_NONE) {
        buffer_clear(&t->packed);
        if (!codec_compress(&t->contexts, t->kind, 0, (struct bytes){t->text.ptr, t->text.len},
                            &t->packed, err)) {
            return false;
        }
        from = &t->packed;
    }
    if (!t->env->ops->pwrite(t->env, t->fd, from->ptr, from->len, t->offset, err)) {
        return false;
    }
    t->offset += (int64_t)from->len;
    buffer_clear(&t->text);
    return true;
}

bool
text_output_finish(struct text_output *t, struct error *err)
{
    return text_output_flush(t, 0, err) && t->env->ops->sync(t->env, t->fd, err);
}

void
text_output_close(struct text_output *t)
{
    buffer_release(&t->text);
    buffer_release(&t->packed);
    codec_release(&t->contexts);
    if (t->fd >= 0) {
        t->env->ops->close(t->env, t->fd);
    }
    t->fd = -1;
}

bool
text_unsupported_type(const char *format, const struct type_field *field, struct error *err)
{
    struct buffer type = {0}, column = {0};
    buffer_puts(&type, "\"");
    type_put_sql(&type, field->type);
    buffer_puts(&type, "\"");
    buffer_printf(&column, "`%s`", field->name);
    error_raise(err, "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "format", format, "columnName",
                buffer_text(&column), "columnType", buffer_text(&type), NULL);
    buffer_release(&type);
    buffer_release(&column);
    return false;
}
