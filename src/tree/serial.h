/*
 * Plans as bytes, for other processes of the same version: resolved relations and expressions, with
 * types, literals and sources. Pure data in, pure data out; the reader bounds every count and
 * depth.
 *
 * Form: one version byte, then nodes in pre-order; integers as uvarints, texts with length, lists
 * with count. It is not a storage format: what must outlive a process (streaming queries) keeps the
 * client's own protobuf plan.
 */
#ifndef WEIR_TREE_SERIAL_H
#define WEIR_TREE_SERIAL_H

#include "tree/rel.h"

struct reader;
struct buffer;
struct error;

enum { SERIAL_VERSION = 2, SERIAL_DEPTH_MAX = 2000 };

void rel_write(struct buffer *out, const struct rel *r);
/* NULL on a fault. Long bytes (local rows, pickled functions) are borrowed from the input, which
 * must live as long as the plan. */
struct rel *rel_read(struct arena *a, struct reader *r, struct error *err);
void datum_write(struct buffer *out, const struct datum *d);
bool datum_read(struct arena *a, struct reader *r, struct datum *out);
void vec_write(struct buffer *out, const struct vec *v, const uint16_t *sel,
               uint32_t n); /* any type */
bool vec_read(struct arena *a, struct reader *r, const struct type *type, struct vec *out);

#endif
