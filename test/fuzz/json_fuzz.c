/* Any bytes as JSON files: inferred and read, by lines and whole, and by a schema of every kind. */
#include "scan_one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct option whole[] = {{"multiLine", "true"}, {"prefersDecimal", "true"}};
    scan_one("json", "fuzz.json", data, len, &(struct options){0}, NULL);
    scan_one("json", "fuzz.json", data, len, &(struct options){whole, 2}, NULL);
    scan_one(
        "json", "fuzz.json", data, len, &(struct options){0},
        "a INT, b DOUBLE, n DECIMAL(30,5), l ARRAY<ARRAY<INT>>, o STRUCT<y: ARRAY<STRUCT<k: "
        "DATE>>, z: BOOLEAN>, m MAP<INT, STRING>, x BINARY, t TIMESTAMP, _corrupt_record STRING");
    return 0;
}
