/*
 * The chunk verifier: is this chunk what vec.h promises? Debug and test builds run it between
 * operators, so that a broken vector is found where it was made and not three operators later.
 */
#ifndef WEIR_VEC_VERIFY_H
#define WEIR_VEC_VERIFY_H

#include "vec/vec.h"

/* NULL when all is well, else what is wrong (static text). schema may be NULL. */
const char *chunk_verify(const struct chunk *c, const struct type *schema);
const char *vec_verify(const struct vec *v, const uint16_t *sel, uint32_t sel_n);

#endif
