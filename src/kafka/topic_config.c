/* The settings of a topic: their names, defaults and checks. What this store does not do is refused
 * by value, so that nobody believes to have it. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kafka/errors.h"
#include "kafka/topics.h"

#define LONG_MAX_TEXT "9223372036854775807"

const struct setting_kind setting_kinds[] = {
    {"cleanup.policy", "delete", SETTING_LIST},
    {"compression.type", "producer", SETTING_STRING},
    {"delete.retention.ms", "86400000", SETTING_LONG},
    {"file.delete.delay.ms", "60000", SETTING_LONG},
    {"flush.messages", LONG_MAX_TEXT, SETTING_LONG},
    {"flush.ms", LONG_MAX_TEXT, SETTING_LONG},
    {"index.interval.bytes", "4096", SETTING_INT},
    {"max.compaction.lag.ms", LONG_MAX_TEXT, SETTING_LONG},
    {"max.message.bytes", "1048588", SETTING_INT},
    {"message.timestamp.after.max.ms", LONG_MAX_TEXT, SETTING_LONG},
    {"message.timestamp.before.max.ms", LONG_MAX_TEXT, SETTING_LONG},
    {"message.timestamp.type", "CreateTime", SETTING_STRING},
    {"min.cleanable.dirty.ratio", "0.5", SETTING_DOUBLE},
    {"min.compaction.lag.ms", "0", SETTING_LONG},
    {"min.insync.replicas", "1", SETTING_INT},
    {"preallocate", "false", SETTING_BOOLEAN},
    {"retention.bytes", "-1", SETTING_LONG},
    {"retention.ms", "604800000", SETTING_LONG},
    {"segment.bytes", "1073741824", SETTING_INT},
    {"segment.index.bytes", "10485760", SETTING_INT},
    {"segment.jitter.ms", "0", SETTING_LONG},
    {"segment.ms", "604800000", SETTING_LONG},
    {"unclean.leader.election.enable", "false", SETTING_BOOLEAN},
};
const size_t setting_kind_count = sizeof setting_kinds / sizeof *setting_kinds;

const struct setting_kind *
setting_find(struct bytes name)
{
    for (size_t i = 0; i < setting_kind_count; i++) {
        if (bytes_is(name, setting_kinds[i].name)) {
            return &setting_kinds[i];
        }
    }
    return NULL;
}

static bool
setting_refuse(const struct setting_kind *kind, const char *value, const char *why,
               struct error *err)
{
    return error_set_code(err, ERROR_ARGUMENT, KE_INVALID_CONFIG,
                          "Invalid value %s for configuration %s: %s", value, kind->name, why);
}

static bool
setting_check_number(const struct setting_kind *kind, const char *value, struct error *err)
{
    char *end = NULL;
    errno = 0;
    const long long v = strtoll(value, &end, 10);
    if (end == value || *end != '\0' || errno != 0 ||
        (kind->type == SETTING_INT && (v > INT32_MAX || v < INT32_MIN))) {
        return setting_refuse(kind, value, "Not a number of the setting's type", err);
    }
    const bool may_be_minus_one =
        strcmp(kind->name, "retention.ms") == 0 || strcmp(kind->name, "retention.bytes") == 0;
    if (v < (may_be_minus_one ? -1 : 0)) {
        return setting_refuse(kind, value, "Value must be at least 0", err);
    }
    if (strcmp(kind->name, "segment.bytes") == 0 && v < 14) {
        return setting_refuse(kind, value, "Value must be at least 14", err);
    }
    if (strcmp(kind->name, "min.insync.replicas") == 0 && v < 1) {
        return setting_refuse(kind, value, "Value must be at least 1", err);
    }
    return true;
}

static bool
setting_check_text(const struct setting_kind *kind, const char *value, struct error *err)
{
    if (strcmp(kind->name, "cleanup.policy") == 0) {
        if (strstr(value, "compact") != NULL) {
            return setting_refuse(kind, value, "compaction of topics is not supported yet", err);
        }
        return strcmp(value, "delete") == 0 ||
               setting_refuse(kind, value, "String must be one of: compact, delete", err);
    }
    if (strcmp(kind->name, "compression.type") == 0) {
        return strcmp(value, "producer") == 0 ||
               setting_refuse(kind, value,
                              "batches are kept as producers compress them; only producer is "
                              "supported",
                              err);
    }
    return strcmp(value, "CreateTime") == 0 || strcmp(value, "LogAppendTime") == 0 ||
           setting_refuse(kind, value, "String must be one of: CreateTime, LogAppendTime", err);
}

bool
setting_check(const struct setting_kind *kind, const char *value, struct error *err)
{
    switch (kind->type) {
    case SETTING_BOOLEAN:
        return strcmp(value, "true") == 0 || strcmp(value, "false") == 0 ||
               setting_refuse(kind, value, "Expected value to be either true or false", err);
    case SETTING_INT:
    case SETTING_LONG:
        return setting_check_number(kind, value, err);
    case SETTING_DOUBLE: {
        char *end = NULL;
        const double v = strtod(value, &end);
        return (end != value && *end == '\0' && v >= 0 && v <= 1) ||
               setting_refuse(kind, value, "Not a number in [0, 1]", err);
    }
    case SETTING_STRING:
    case SETTING_LIST:
        return setting_check_text(kind, value, err);
    }
    return false;
}

const char *
topic_setting_value(const struct topic_setting *settings, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(settings[i].name, name) == 0) {
            return settings[i].value;
        }
    }
    const struct setting_kind *kind = setting_find(bytes_of(name));
    return kind != NULL ? kind->initial : NULL;
}

static int64_t
setting_number(const struct topic_setting *settings, size_t count, const char *name)
{
    return strtoll(topic_setting_value(settings, count, name), NULL, 10);
}

void
topic_log_config(const struct topic_setting *settings, size_t count, struct log_config *out)
{
    const char *policy = topic_setting_value(settings, count, "cleanup.policy");
    *out = (struct log_config){
        .segment_bytes = setting_number(settings, count, "segment.bytes"),
        .segment_ms = setting_number(settings, count, "segment.ms"),
        .retention_ms = setting_number(settings, count, "retention.ms"),
        .retention_bytes = setting_number(settings, count, "retention.bytes"),
        .message_bytes_max = (int32_t)setting_number(settings, count, "max.message.bytes"),
        .compact = strstr(policy, "compact") != NULL,
        .delete_old = strstr(policy, "delete") != NULL,
        .log_append_time = strcmp(topic_setting_value(settings, count, "message.timestamp.type"),
                                  "LogAppendTime") == 0,
    };
}
