/*
 * Numbers and their texts: Java's shortest form of doubles and floats ("1.0E10", "0.1", "NaN"), and
 * the strict parses that casts use.
 */
#ifndef WEIR_TYPE_NUMBER_H
#define WEIR_TYPE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NUMBER_TEXT_MAX = 40 };

int number_double_text(char out[NUMBER_TEXT_MAX], double v); /* length; NUL-terminated */
int number_float_text(char out[NUMBER_TEXT_MAX], float v);
int number_int_text(char out[NUMBER_TEXT_MAX], int64_t v);

/* Spaces and control characters around a text, which casts ignore. */
void number_trim(const char **text, size_t *len);
/* Digits with a sign, nothing else; fraction_cut: also ".5" and "1.5", cut toward zero. False when
 * malformed or out of range. */
bool number_parse_int(const char *text, size_t len, bool fraction_cut, int64_t *out);
/* As Java's parseDouble: also "1e3", "Infinity", "NaN", "1.5f", "2d"; plus inf, nan and so on in
 * any case as Spark takes them. */
bool number_parse_double(const char *text, size_t len, double *out);
bool number_parse_float(const char *text, size_t len, float *out);

#endif
