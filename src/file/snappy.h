/*
 * Snappy's block format, decompressed: one block, or two side by side in one loop.
 *
 * Reading a tag, finding its length and moving on is a chain of dependent loads. With two blocks
 * two chains overlap, in steps without a branch that data decide; a block alone guesses by
 * branches. (Compression is left to the library.)
 */
#ifndef WEIR_FILE_SNAPPY_H
#define WEIR_FILE_SNAPPY_H

#include "file/codec.h"

/* False when the source is not a block of just dst_len bytes. Nothing outside dst is written; what
 * it holds after a failure is undefined. */
bool snappy_block_read(const struct codec_job *j);

/* Two blocks; false when either is broken. */
bool snappy_blocks_read(const struct codec_job *a, const struct codec_job *b);

#endif
