/* Any bytes as CSV: inferred, read by a schema with a corrupt record column, over many lines. */
#include "scan_one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct option infer[] = {{"header", "true"}, {"inferSchema", "true"}};
    struct option many[] = {{"multiLine", "true"}, {"escape", "\""}};
    scan_one("csv", "fuzz.csv", data, len, &(struct options){infer, 2}, NULL);
    scan_one(
        "csv", "fuzz.csv", data, len, &(struct options){many, 2},
        "a INT, b DOUBLE, c DATE, d TIMESTAMP, e DECIMAL(30,5), f STRING, _corrupt_record STRING");
    scan_one("csv", "fuzz.csv.gz", data, len, &(struct options){0}, NULL);
    return 0;
}
