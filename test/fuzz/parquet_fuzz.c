/* Any bytes as a Parquet file: an error or rows, whatever its footer and pages claim. */
#include "scan_one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    scan_one("parquet", "fuzz.parquet", data, len, &(struct options){0}, NULL);
    return 0;
}
