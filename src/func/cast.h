/* Values as text, as CAST(x AS STRING) writes them; shared by casts, JSON, CSV and messages. */
#ifndef WEIR_FUNC_CAST_H
#define WEIR_FUNC_CAST_H

#include "base/buffer.h"
#include "func/func.h"

/* Row i of a FLAT vector; not null. plain: decimals without an exponent. */
void value_put_text(struct buffer *out, const struct vec *v, uint32_t i, const struct zone *zone,
                    bool plain);
/* As SQL literals in error messages: 'abc', 1L, 1.5D, DATE '2020-01-01'. */
void value_put_literal(struct buffer *out, const struct vec *v, uint32_t i,
                       const struct zone *zone);

#endif
