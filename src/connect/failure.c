/*
 * Errors as PySpark wants them: google.rpc.Status with one ErrorInfo, whose `classes` name a Java
 * exception and its ancestors; the client takes the first that it knows as its own exception.
 */
#include <stdlib.h>
#include <string.h>

#include "connect/internal.h"

enum {
    FAILURE_TEXT_MAX = 2048, /* trailers are headers: clients refuse big ones */
    FAILURE_PARAMS_MAX = 1024,
};

#define THROWABLE  "java.lang.Exception", "java.lang.Throwable", "java.lang.Object"
#define RUNTIME    "java.lang.RuntimeException", THROWABLE
#define SPARK(cls) "org.apache.spark." cls

static const char *const parse_classes[] = {SPARK("sql.catalyst.parser.ParseException"),
                                            SPARK("sql.AnalysisException"), THROWABLE,
                                            SPARK("SparkThrowable"), NULL};
static const char *const analysis_classes[] = {SPARK("sql.AnalysisException"), THROWABLE,
                                               SPARK("SparkThrowable"), NULL};
static const char *const runtime_classes[] = {SPARK("SparkRuntimeException"), RUNTIME,
                                              SPARK("SparkThrowable"), NULL};
static const char *const arithmetic_classes[] = {SPARK("SparkArithmeticException"),
                                                 "java.lang.ArithmeticException", RUNTIME,
                                                 SPARK("SparkThrowable"), NULL};
static const char *const datetime_classes[] = {SPARK("SparkDateTimeException"),
                                               "java.time.DateTimeException", RUNTIME,
                                               SPARK("SparkThrowable"), NULL};
static const char *const number_classes[] = {SPARK("SparkNumberFormatException"),
                                             "java.lang.NumberFormatException",
                                             "java.lang.IllegalArgumentException",
                                             RUNTIME,
                                             SPARK("SparkThrowable"),
                                             NULL};
static const char *const index_classes[] = {SPARK("SparkArrayIndexOutOfBoundsException"),
                                            "java.lang.ArrayIndexOutOfBoundsException",
                                            "java.lang.IndexOutOfBoundsException",
                                            RUNTIME,
                                            SPARK("SparkThrowable"),
                                            NULL};
static const char *const argument_classes[] = {SPARK("SparkIllegalArgumentException"),
                                               "java.lang.IllegalArgumentException", RUNTIME,
                                               SPARK("SparkThrowable"), NULL};
static const char *const unsupported_classes[] = {SPARK("SparkUnsupportedOperationException"),
                                                  "java.lang.UnsupportedOperationException",
                                                  RUNTIME, SPARK("SparkThrowable"), NULL};
static const char *const element_classes[] = {SPARK("SparkNoSuchElementException"),
                                              "java.util.NoSuchElementException", RUNTIME,
                                              SPARK("SparkThrowable"), NULL};
static const char *const plan_classes[] = {SPARK("sql.connect.common.InvalidPlanInput"), RUNTIME,
                                           SPARK("SparkThrowable"), NULL};
static const char *const handle_classes[] = {SPARK("SparkSQLException"), "java.sql.SQLException",
                                             THROWABLE, SPARK("SparkThrowable"), NULL};
static const char *const python_classes[] = {SPARK("api.python.PythonException"), RUNTIME, NULL};
static const char *const stream_classes[] = {SPARK("sql.streaming.StreamingQueryException"),
                                             THROWABLE, SPARK("SparkThrowable"), NULL};
static const char *const upgrade_classes[] = {SPARK("SparkUpgradeException"), RUNTIME,
                                              SPARK("SparkThrowable"), NULL};
static const char *const spark_classes[] = {SPARK("SparkException"), THROWABLE,
                                            SPARK("SparkThrowable"), NULL};

/* Conditions whose class does not follow from the kind of error. Prefixes; the first that fits. */
static const struct {
    const char *prefix;
    const char *const *classes;
} exceptions[] = {
    {"DIVIDE_BY_ZERO", arithmetic_classes},
    {"REMAINDER_BY_ZERO", arithmetic_classes},
    {"ARITHMETIC_OVERFLOW", arithmetic_classes},
    {"BINARY_ARITHMETIC_OVERFLOW", arithmetic_classes},
    {"CAST_OVERFLOW", arithmetic_classes},
    {"DATETIME_OVERFLOW", arithmetic_classes},
    {"INTERVAL_ARITHMETIC_OVERFLOW", arithmetic_classes},
    {"INTERVAL_DIVIDED_BY_ZERO", arithmetic_classes},
    {"NUMERIC_VALUE_OUT_OF_RANGE", arithmetic_classes},
    {"CANNOT_PARSE_TIMESTAMP", datetime_classes},
    {"CANNOT_PARSE_TIME", datetime_classes},
    {"DATETIME_FIELD_OUT_OF_BOUNDS", datetime_classes},
    {"INVALID_FRACTION_OF_SECOND", datetime_classes},
    {"INVALID_ARRAY_INDEX", index_classes},
    {"INCONSISTENT_BEHAVIOR_CROSS_VERSION", upgrade_classes},
    {"MAP_KEY_DOES_NOT_EXIST", element_classes},
    {"SQL_CONF_NOT_FOUND", element_classes},
    {"CONNECT_INVALID_PLAN", plan_classes},
    {"INVALID_HANDLE", handle_classes},
    {"INVALID_CURSOR", handle_classes},
    {"OPERATION_CANCELED", handle_classes},
    {"STREAM_FAILED", stream_classes},
    {"CANNOT_MODIFY_", analysis_classes},
    {"INVALID_CONF_VALUE", argument_classes},
};

static const char *
param_of(const struct error *err, const char *name)
{
    for (uint32_t i = 0; i < err->param_count; i++) {
        if (strcmp(err->params[i].name, name) == 0) {
            return err->params[i].value;
        }
    }
    return "";
}

/* A failed cast is of the class of what it was to become. */
static const char *const *
cast_classes(const struct error *err)
{
    const char *type = param_of(err, "targetType");
    if (strstr(type, "DATE") != NULL || strstr(type, "TIME") != NULL) {
        return datetime_classes;
    }
    return strstr(type, "BOOLEAN") != NULL || strstr(type, "INTERVAL") != NULL ? runtime_classes
                                                                               : number_classes;
}

static const char *const *
classes_of(const struct error *err)
{
    const char *condition = err->condition != NULL ? err->condition : "";
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
        if (strncmp(condition, exceptions[i].prefix, strlen(exceptions[i].prefix)) == 0) {
            return exceptions[i].classes;
        }
    }
    if (strcmp(condition, "CAST_INVALID_INPUT") == 0) {
        return cast_classes(err);
    }
    switch (err->kind) {
    case ERROR_PARSE:
        return parse_classes;
    case ERROR_ANALYSIS:
        return analysis_classes;
    case ERROR_EXECUTION:
        return strstr(error_text(err), "Traceback (most recent call last)") != NULL
                   ? python_classes
                   : runtime_classes;
    case ERROR_ARGUMENT:
        return argument_classes;
    case ERROR_UNSUPPORTED:
        return unsupported_classes;
    case ERROR_CANCELLED:
        return handle_classes;
    default:
        return spark_classes;
    }
}

static const char *
classes_json(struct arena *a, const struct error *err)
{
    struct buffer json = {0};
    for (const char *const *c = classes_of(err); *c != NULL; c++) {
        buffer_puts(&json, json.len == 0 ? "[" : ",");
        buffer_json_string(&json, *c, strlen(*c));
    }
    buffer_puts(&json, "]");
    const char *text = arena_strdup(a, buffer_text(&json));
    buffer_release(&json);
    return text;
}

static const char *
params_json(struct arena *a, const struct error *err)
{
    struct buffer json = {0};
    buffer_puts(&json, "{");
    for (uint32_t i = 0; i < err->param_count; i++) {
        buffer_puts(&json, i == 0 ? "" : ",");
        buffer_json_string(&json, err->params[i].name, strlen(err->params[i].name));
        buffer_puts(&json, ":");
        buffer_json_string(&json, err->params[i].value, strlen(err->params[i].value));
    }
    buffer_puts(&json, "}");
    const char *text = json.len <= FAILURE_PARAMS_MAX ? arena_strdup(a, buffer_text(&json)) : NULL;
    buffer_release(&json);
    return text;
}

/* Cut at a character's border. */
char *
failure_text(const struct error *err)
{
    const char *text = error_text(err);
    size_t len = strlen(text);
    if (len > FAILURE_TEXT_MAX) {
        for (len = FAILURE_TEXT_MAX; len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80; len--) {
        }
    }
    char *copy = strndup(text, len);
    if (copy == NULL) {
        abort();
    }
    return copy;
}

void
failure_put(struct buffer *out, const struct error *err, const char *error_id)
{
    struct arena a;
    arena_init(&a, NULL);
    struct pb_map_string_string entries[5];
    uint32_t n = 0;
    entries[n++] =
        (struct pb_map_string_string){pb_text("classes"), pb_text(classes_json(&a, err))};
    const char *params = params_json(&a, err);
    if (err->condition != NULL && params != NULL) {
        entries[n++] =
            (struct pb_map_string_string){pb_text("errorClass"), pb_text(err->condition)};
        entries[n++] = (struct pb_map_string_string){pb_text("messageParameters"), pb_text(params)};
    }
    if (err->sqlstate[0] != '\0') {
        entries[n++] = (struct pb_map_string_string){pb_text("sqlState"), pb_text(err->sqlstate)};
    }
    if (error_id != NULL) {
        entries[n++] = (struct pb_map_string_string){pb_text("errorId"), pb_text(error_id)};
    }
    struct pb_error_info info = {.reason = pb_text(classes_of(err)[0]),
                                 .domain = pb_text("org.apache.spark"),
                                 .metadata = entries,
                                 .metadata_count = n};
    struct buffer packed = {0};
    PB_ENCODE(&packed, PB_ID_ERROR_INFO, &info);
    struct pb_any any = {.type_url = pb_text("type.googleapis.com/google.rpc.ErrorInfo"),
                         .value = {packed.ptr, packed.len}};
    char *text = failure_text(err);
    struct pb_status status = {
        .code = GRPC_INTERNAL, .message = pb_text(text), .details = &any, .details_count = 1};
    PB_ENCODE(out, PB_ID_STATUS, &status);
    free(text);
    buffer_release(&packed);
    arena_release(&a);
}

static void
context_fill(const struct error_context *from,
             struct pb_fetch_error_details_response_query_context *to)
{
    to->context_type = from->dataframe ? PB_DATAFRAME : PB_SQL;
    to->start_index = from->start;
    to->stop_index = from->stop;
    to->fragment = pb_text(from->fragment != NULL ? from->fragment : "");
    to->call_site = pb_text(from->call_site != NULL ? from->call_site : "");
    to->summary = pb_text(from->summary != NULL ? from->summary : "");
}

struct pb_fetch_error_details_response_error *
failure_details(struct arena *a, const struct error *err)
{
    struct pb_fetch_error_details_response_error *out =
        arena_new(a, struct pb_fetch_error_details_response_error);
    const char *const *classes = classes_of(err);
    uint32_t count = 0;
    while (classes[count] != NULL) {
        count++;
    }
    out->error_type_hierarchy = arena_new_array(a, struct pb_text, count);
    out->error_type_hierarchy_count = count;
    for (uint32_t i = 0; i < count; i++) {
        out->error_type_hierarchy[i] = pb_text(classes[i]);
    }
    out->message = pb_text(arena_strdup(a, error_text(err)));
    if (err->condition == NULL) {
        return out;
    }
    struct pb_fetch_error_details_response_spark_throwable *t =
        arena_new(a, struct pb_fetch_error_details_response_spark_throwable);
    out->spark_throwable = t;
    t->error_class = pb_text(arena_strdup(a, err->condition));
    t->sql_state = pb_text(err->sqlstate[0] != '\0' ? arena_strdup(a, err->sqlstate) : NULL);
    t->message_parameters = arena_new_array(a, struct pb_map_string_string, err->param_count + 1);
    t->message_parameters_count = err->param_count;
    for (uint32_t i = 0; i < err->param_count; i++) {
        t->message_parameters[i] =
            (struct pb_map_string_string){pb_text(arena_strdup(a, err->params[i].name)),
                                          pb_text(arena_strdup(a, err->params[i].value))};
    }
    if (err->has_context) {
        t->query_contexts = arena_new(a, struct pb_fetch_error_details_response_query_context);
        t->query_contexts_count = 1;
        context_fill(&err->context, t->query_contexts);
    }
    return out;
}
