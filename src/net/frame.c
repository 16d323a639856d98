/* The frame's header and checksum, and errors as payloads. */
#include "net/frame.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"

enum { VERSION = 1, CRC_OFFSET = 12 };

static uint32_t
le32_load(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint32_t
frame_crc(const uint8_t header[FRAME_HEADER_BYTES], const uint8_t *payload, size_t len)
{
    return crc32c(crc32c(0, header, CRC_OFFSET), payload, len);
}

void
frame_header_put(uint8_t header[FRAME_HEADER_BYTES], const struct frame *f)
{
    assert(f->payload.len <= FRAME_PAYLOAD_MAX);
    const uint32_t len = (uint32_t)f->payload.len;
    memcpy(header, &len, 4);
    header[4] = VERSION;
    header[5] = f->flags;
    memcpy(header + 6, &f->type, 2);
    memcpy(header + 8, &f->request, 4);
    const uint32_t crc = frame_crc(header, f->payload.ptr, f->payload.len);
    memcpy(header + CRC_OFFSET, &crc, 4);
}

enum frame_step
frame_decode(struct bytes in, struct frame *out, size_t *used)
{
    *used = FRAME_HEADER_BYTES;
    if (in.len < FRAME_HEADER_BYTES) {
        return FRAME_MORE;
    }
    /* Length and version are looked at before the checksum can be: they say how much to wait for.
     */
    const uint32_t len = le32_load(in.ptr);
    if (in.ptr[4] != VERSION || len > FRAME_PAYLOAD_MAX) {
        return FRAME_BROKEN;
    }
    *used += len;
    if (in.len < *used) {
        return FRAME_MORE;
    }
    const uint8_t *payload = in.ptr + FRAME_HEADER_BYTES;
    if (le32_load(in.ptr + CRC_OFFSET) != frame_crc(in.ptr, payload, len)) {
        return FRAME_BROKEN;
    }
    *out = (struct frame){
        .flags = in.ptr[5], .request = le32_load(in.ptr + 8), .payload = {payload, len}};
    memcpy(&out->type, in.ptr + 6, 2);
    return FRAME_READY;
}

/* --- errors ------------------------------------------------------------------------------------
 */

/* NULL and "" are told apart: a condition is there or it is not. */
static void
put_optional(struct buffer *out, const char *text)
{
    buffer_u8(out, text != NULL);
    if (text != NULL) {
        buffer_lentext(out, text);
    }
}

static char *
get_text(struct reader *in)
{
    const struct bytes text = reader_lenbytes(in);
    return text.len > 0 ? strndup((const char *)text.ptr, text.len) : strdup("");
}

static char *
get_optional(struct reader *in)
{
    return reader_u8(in) != 0 && reader_ok(in) ? get_text(in) : NULL;
}

void
frame_put_error(struct buffer *out, const struct error *err)
{
    buffer_u8(out, (uint8_t)err->kind);
    buffer_varint(out, err->code);
    buffer_lentext(out, err->sqlstate);
    put_optional(out, err->condition);
    put_optional(out, err->message);
    put_optional(out, err->cause);
    buffer_uvarint(out, err->param_count);
    for (uint32_t i = 0; i < err->param_count; i++) {
        buffer_lentext(out, err->params[i].name);
        buffer_lentext(out, err->params[i].value);
    }
    buffer_u8(out, err->has_context);
    if (err->has_context) {
        buffer_varint(out, err->context.start);
        buffer_varint(out, err->context.stop);
        buffer_varint(out, err->context.line);
        buffer_varint(out, err->context.column);
        buffer_u8(out, err->context.dataframe);
        put_optional(out, err->context.fragment);
        put_optional(out, err->context.call_site);
    }
}

static void
get_context(struct reader *in, struct error_context *c)
{
    c->start = reader_varint32(in);
    c->stop = reader_varint32(in);
    c->line = reader_varint32(in);
    c->column = reader_varint32(in);
    c->dataframe = reader_u8(in) != 0;
    c->fragment = get_optional(in);
    c->call_site = get_optional(in);
}

void
frame_get_error(struct reader *in, struct error *err)
{
    struct error got = {0};
    const uint8_t kind = reader_u8(in);
    got.kind = kind > ERROR_NONE && kind <= ERROR_INTERNAL ? (enum error_kind)kind : ERROR_INTERNAL;
    got.code = reader_varint32(in);
    const struct bytes sqlstate = reader_lenbytes(in);
    if (sqlstate.len < sizeof got.sqlstate && sqlstate.len > 0) {
        memcpy(got.sqlstate, sqlstate.ptr, sqlstate.len);
    }
    got.condition = get_optional(in);
    got.message = get_optional(in);
    got.cause = get_optional(in);
    const size_t params = reader_ucount(in, 2);
    for (size_t i = 0; i < params && reader_ok(in); i++) {
        char *name = get_text(in);
        char *value = get_text(in);
        if (i < ERROR_PARAM_MAX) {
            error_param_add(&got, name, value);
        }
        free(name);
        free(value);
    }
    got.has_context = reader_u8(in) != 0;
    if (got.has_context) {
        get_context(in, &got.context);
    }
    if (!reader_ok(in)) {
        error_clear(&got);
        error_set(&got, ERROR_PROTOCOL, "another process sent an error that cannot be read");
    }
    error_move(err, &got);
}
