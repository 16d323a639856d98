/*
 * What a setting may be: values that cannot be read are refused as in Spark, values that ask for
 * something that is not there are refused by name, and where a value only asks for another way to
 * the same answer the client is told that it has no effect.
 */
#include "driver/conf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "type/zone.h"

/* Settings that are whole numbers, and the least of each. */
static const struct {
    const char *key;
    long least;
} numbers[] = {
    {"spark.sql.shuffle.partitions", 1},
    {"spark.sql.streaming.numRecentProgressUpdates", 1},
};

/* Settings of which only some values are there. Other values would change answers. */
static const struct {
    const char *key;
    const char *value;
} only[] = {
    {"spark.sql.streaming.multipleWatermarkPolicy", "min"},
    {"spark.sql.timestampType", "TIMESTAMP_LTZ"},
};

static const struct {
    const char *key;
    const char *value; /* without effect are all but this one; NULL: all */
    const char *warning;
} ineffective[] = {
    {"spark.sql.legacy.timeParserPolicy", "CORRECTED",
     "spark.sql.legacy.timeParserPolicy has no effect: patterns of dates and times are always read "
     "as with CORRECTED."},
    {"spark.sql.streaming.stateStore.providerClass", NULL,
     "spark.sql.streaming.stateStore.providerClass has no effect: there is one way to keep state."},
    {"spark.sql.streaming.schemaInference", "false",
     "spark.sql.streaming.schemaInference has no effect: streams of files need a schema."},
};

static bool
mismatch(const char *key, const char *value, const char *type, struct error *err)
{
    return error_raise(err, "INVALID_CONF_VALUE.TYPE_MISMATCH", "confName", key, "confValue", value,
                       "confType", type, NULL);
}

static bool
is_boolean(const char *text)
{
    return text != NULL && (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0);
}

bool
conf_check(const char *key, const char *value, struct error *err)
{
    if (is_boolean(conf_default_of(key)) && !is_boolean(value)) {
        return mismatch(key, value, "boolean", err);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char *end;
        const long n = strtol(value, &end, 10);
        if (strcmp(key, numbers[i].key) == 0 &&
            (*end != '\0' || end == value || n < numbers[i].least || n > 1000000)) {
            return mismatch(key, value, "int", err);
        }
    }
    for (size_t i = 0; i < sizeof only / sizeof *only; i++) {
        if (strcmp(key, only[i].key) == 0 && strcasecmp(value, only[i].value) != 0) {
            return error_unsupported(err, "the setting %s=%s", key, value);
        }
    }
    if (strcmp(key, "spark.sql.session.timeZone") == 0 && zone_find(value) == NULL) {
        return error_raise(err, "INVALID_CONF_VALUE.TIME_ZONE", "confName", key, "confValue", value,
                           NULL);
    }
    return true;
}

const char *
conf_warning(const char *key, const char *value)
{
    for (size_t i = 0; i < sizeof ineffective / sizeof *ineffective; i++) {
        if (strcmp(key, ineffective[i].key) == 0 &&
            (ineffective[i].value == NULL || strcasecmp(value, ineffective[i].value) != 0)) {
            return ineffective[i].warning;
        }
    }
    return NULL;
}
