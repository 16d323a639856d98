/* Literals as texts for column names, messages and EXPLAIN. */
#ifndef WEIR_TREE_LITERAL_TEXT_H
#define WEIR_TREE_LITERAL_TEXT_H

#include "vec/vec.h"

struct buffer;

void literal_put(struct buffer *out, const struct datum *d);
/* "1 years 2 months 3 days" without the keyword */
void calendar_interval_put(struct buffer *out, const struct interval *v);

#endif
