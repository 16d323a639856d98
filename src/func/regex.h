/*
 * Regular expressions: Java's dialect translated to PCRE2's, compiled with its JIT.
 *
 * Compiled patterns live in a process-wide cache; of those that nobody holds the oldest go when it
 * is full. Patterns are immutable and shared by threads.
 */
#ifndef WEIR_FUNC_REGEX_H
#define WEIR_FUNC_REGEX_H

#include "func/text.h"

struct regex;
struct regex_match; /* one thread's scratch for one pattern */

/* Held until regex_release. NULL with err set: INVALID_PARAMETER_VALUE.PATTERN. */
struct regex *regex_find(struct span pattern, const char *func, struct error *err);
void regex_release(struct regex *re); /* NULL is fine */
struct regex_match *regex_match_new(const struct regex *re);
void regex_match_free(struct regex_match *m);
/* Looks from `from` on; groups(0) is the whole match. */
bool regex_search(const struct regex *re, struct regex_match *m, struct span text, size_t from);
bool regex_group(const struct regex_match *m, uint32_t group, size_t *from, size_t *to);
uint32_t regex_groups(const struct regex *re);

#endif
