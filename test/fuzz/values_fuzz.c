/* Texts that become values: numbers, decimals, dates, timestamps, intervals, zones, formats. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "func/datetime.h"
#include "type/datetime.h"
#include "type/decimal.h"
#include "type/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    int64_t whole;
    double real;
    i128 dec;
    int32_t days;
    int precision;
    int scale;
    struct interval interval;
    const struct zone *zone;
    bool time_only;
    if (size > 4096) {
        return 0;
    }
    number_parse_int(text, size, true, &whole);
    if (number_parse_double(text, size, &real)) {
        char out[NUMBER_TEXT_MAX];
        double again;
        const int n = number_double_text(out, real);
        if (!number_parse_double(out, (size_t)n, &again) ||
            (again != real && !(again != again && real != real))) {
            abort(); /* a double's text must read back */
        }
    }
    if (decimal_parse_exact(text, size, &dec, &precision, &scale) == DECIMAL_OK) {
        char out[DECIMAL_TEXT_MAX];
        i128 again;
        const int n = decimal_text(out, dec, scale, true);
        if (decimal_parse(out, (size_t)n, 38, scale, &again) != DECIMAL_OK || again != dec) {
            abort(); /* and so must a decimal's */
        }
    }
    date_parse(text, size, &days);
    timestamp_parse(text, size, 0, &whole, &zone, &time_only);
    interval_calendar_parse(text, size, &interval);
    interval_ym_parse(text, size, type_scalar(TYPE_INTERVAL_YM), &days);
    interval_dt_parse(text, size, type_scalar(TYPE_INTERVAL_DT), &whole);

    struct arena arena;
    struct error err = {0};
    arena_init(&arena, NULL);
    const size_t half = size / 2;
    const struct time_pattern *p =
        time_pattern_compile(&arena, (struct span){text, half}, true, &err);
    if (p != NULL) {
        time_pattern_parse(p, (struct span){text + half, size - half}, &whole, &zone);
    }
    error_clear(&err);
    arena_release(&arena);
    return 0;
}
