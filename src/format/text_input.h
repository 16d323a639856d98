/*
 * Records of text files: lines (or quoted records, or whole files) of a split, many at a time.
 *
 * A window over the file holds the records of a batch, which therefore are slices without copies,
 * valid until the next batch. A split takes the records that begin in its bytes: a reader that
 * starts in the middle of a file first skips to behind the next line end. Files named .gz and .zst
 * are decompressed as they are read, in pieces.
 */
#ifndef WEIR_FORMAT_TEXT_INPUT_H
#define WEIR_FORMAT_TEXT_INPUT_H

#include "base/arena.h"
#include "base/budget.h"
#include "base/env.h"
#include "base/error.h"
#include "base/reader.h"
#include "tree/source.h"

enum text_records {
    TEXT_LINES = 0, /* \n, \r\n or \r; or the separator that is given */
    TEXT_QUOTED,    /* lines, but a quoted text may hold line ends */
    TEXT_WHOLE,     /* the file is one record */
};

struct text_shape {
    enum text_records records;
    const char *separator; /* NULL: the usual ones */
    char quote, escape;    /* QUOTED; 0 = none */
};

struct text_input;

bool text_input_open(struct arena *a, const struct source_file *file, const struct split *split,
                     const struct text_shape *shape, struct env *env, struct budget *budget,
                     struct text_input **out, struct error *err);
/* Up to max records, without their ends. *count 0: no more. */
bool text_input_batch(struct text_input *in, struct bytes *records, uint32_t max, uint32_t *count,
                      struct error *err);
bool text_input_at_start(const struct text_input *in); /* nothing of the file's start is skipped */
void text_input_close(struct text_input *in);

/* Java's escapes in one-character and separator options: "\t", "\\", "\n". false: not one char. */
bool text_option_char(const struct options *o, const char *key, const char *other, char *out,
                      struct error *err);
/* encoding or charset other than UTF-8 is refused. */
bool text_check_encoding(const struct options *o, struct error *err);

#endif
