/*
 * Text files being written: a buffer that goes to the file in pieces of about 1 MiB, compressed
 * piece by piece where the option says so (gzip members and zstd frames may follow one another).
 */
#ifndef WEIR_FORMAT_TEXT_OUTPUT_H
#define WEIR_FORMAT_TEXT_OUTPUT_H

#include "base/buffer.h"
#include "file/codec.h"
#include "format/sink.h"

struct text_output {
    struct env *env;
    int fd;
    int64_t offset;
    enum codec_kind kind;
    struct codec contexts;
    struct buffer text, packed;
};

/* False: the compression option names no codec for text files. */
bool text_output_codec(const struct options *o, enum codec_kind *out, struct error *err);
const char *text_output_extension(struct arena *a, const struct options *o, const char *plain);
bool text_output_open(struct text_output *t, const struct sink_request *req, struct error *err);
bool text_output_flush(struct text_output *t, size_t above, struct error *err);
bool text_output_finish(struct text_output *t, struct error *err);
void text_output_close(struct text_output *t);
bool text_unsupported_type(const char *format, const struct type_field *field, struct error *err);

#endif
