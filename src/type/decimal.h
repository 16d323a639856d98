/*
 * Decimals: unscaled integers of up to 38 digits and a scale that lives in the type.
 *
 * All rounding is HALF_UP unless said otherwise, as Spark's. Products and dividends of up to 256
 * bits are handled inside.
 */
#ifndef WEIR_TYPE_DECIMAL_H
#define WEIR_TYPE_DECIMAL_H

#include "type/type.h"

enum { DECIMAL_TEXT_MAX = 96 };

enum decimal_round {
    DECIMAL_HALF_UP = 0,
    DECIMAL_HALF_EVEN,
    DECIMAL_DOWN,
    DECIMAL_FLOOR,
    DECIMAL_CEILING
};

enum decimal_parsed { DECIMAL_OK = 0, DECIMAL_MALFORMED, DECIMAL_OVERFLOW };

i128 decimal_pow10(int n); /* n in 0..38 */
bool decimal_fits(i128 v, int precision);
/* The same number at another scale; false when it needs more than 38 digits. */
bool decimal_rescale(i128 v, int from, int to, enum decimal_round mode, i128 *out);
/* a * b / 10^drop; false when it needs more than 38 digits. drop may be negative. */
bool decimal_mul(i128 a, i128 b, int drop, i128 *out);
/* a * 10^shift / b, rounded HALF_UP or cut. b is not 0. */
bool decimal_quotient(i128 a, i128 b, int shift, bool round, i128 *out);

/* "-12.30", NUL-terminated, returns the length. plain: never an exponent; else as BigDecimal's
 * toString, which uses one for very small numbers. */
int decimal_text(char out[DECIMAL_TEXT_MAX], i128 v, int scale, bool plain);
/* Text, with sign, point and exponent, rounded into decimal(precision, scale). No spaces. */
enum decimal_parsed decimal_parse(const char *text, size_t len, int precision, int scale,
                                  i128 *out);
/* The digits and scale that a literal has by itself ("1.50" is 150 at scale 2). */
enum decimal_parsed decimal_parse_exact(const char *text, size_t len, i128 *out, int *precision,
                                        int *scale);
double decimal_to_double(i128 v, int scale);
enum decimal_parsed decimal_from_double(double v, int precision, int scale, i128 *out);
enum decimal_parsed decimal_from_float(float v, int precision, int scale, i128 *out);

#endif
