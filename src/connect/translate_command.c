/* Command messages to commands: writes, views, functions; and the start of a stream. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connect/translate.h"

static struct command *
command_new(struct translator *t, enum command_kind kind)
{
    struct command *c = arena_new(t->arena, struct command);
    c->kind = kind;
    return c;
}

static bool
save_mode(struct translator *t, int32_t message, enum write_mode *out)
{
    switch (message) {
    case PB_SAVE_MODE_UNSPECIFIED:
    case PB_SAVE_MODE_ERROR_IF_EXISTS:
        *out = WRITE_ERROR_IF_EXISTS;
        return true;
    case PB_SAVE_MODE_APPEND:
        *out = WRITE_APPEND;
        return true;
    case PB_SAVE_MODE_OVERWRITE:
        *out = WRITE_OVERWRITE;
        return true;
    case PB_SAVE_MODE_IGNORE:
        *out = WRITE_IGNORE;
        return true;
    default:
        return error_set(t->err, ERROR_ARGUMENT, "a save mode of unknown number %d", message);
    }
}

static bool
write_target(struct translator *t, const struct pb_write_operation *w, struct write_spec *out)
{
    if (w->save_type_case == PB_WRITE_OPERATION_PATH_TAG) {
        out->path = pb_str(w->path);
        return true;
    }
    if (w->save_type_case != PB_WRITE_OPERATION_TABLE_TAG) {
        return true; /* formats without a place, as noop and kafka */
    }
    out->table = translate_identifier(t, w->table->table_name, &out->table_count);
    out->is_insert = w->table->save_method == PB_TABLE_SAVE_METHOD_INSERT_INTO;
    out->is_create_table = !out->is_insert;
    return out->table != NULL;
}

static struct command *
write_operation(struct translator *t, const struct pb_write_operation *w)
{
    if (w->bucket_by != NULL || w->sort_column_names_count > 0) {
        error_unsupported(t->err, "bucketBy and sortBy in writes");
        return NULL;
    }
    if (w->clustering_columns_count > 0) {
        error_unsupported(t->err, "clusterBy in writes");
        return NULL;
    }
    struct command *c = command_new(t, COMMAND_WRITE);
    c->write = arena_new(t->arena, struct write_spec);
    c->write->format = w->source.len > 0 ? w->source.ptr : NULL;
    c->write->partition_by =
        translate_names(t, w->partitioning_columns, w->partitioning_columns_count);
    c->write->partition_count = w->partitioning_columns_count;
    c->write->options = translate_options(t, w->options, w->options_count);
    if (!save_mode(t, w->mode, &c->write->mode) || !write_target(t, w, c->write)) {
        return NULL;
    }
    c->query = translate_rel(t, w->input);
    return c->query != NULL ? c : NULL;
}

/* partitionedBy(col) takes plain columns; transforms such as years(ts) are not there. */
static bool
partition_columns(struct translator *t, const struct pb_write_operation_v2 *w,
                  struct write_spec *out)
{
    out->partition_by = arena_new_array(t->arena, const char *, w->partitioning_columns_count + 1);
    for (uint32_t i = 0; i < w->partitioning_columns_count; i++) {
        struct expr *e = translate_expr(t, &w->partitioning_columns[i]);
        if (e == NULL) {
            return false;
        }
        if (e->kind != EXPR_ATTRIBUTE || e->name_count != 1) {
            return error_unsupported(t->err, "partition transforms in partitionedBy");
        }
        out->partition_by[i] = e->names[0];
    }
    out->partition_count = w->partitioning_columns_count;
    return true;
}

static bool
is_true_literal(const struct expr *e)
{
    return e->kind == EXPR_LITERAL && e->type->id == TYPE_BOOLEAN && !e->literal.is_null &&
           e->literal.b;
}

static bool
v2_mode(struct translator *t, const struct pb_write_operation_v2 *w, struct command *c)
{
    struct write_spec *out = c->write;
    struct expr *condition;
    switch (w->mode) {
    case PB_MODE_CREATE:
        out->is_create_table = true;
        return true;
    case PB_MODE_CREATE_OR_REPLACE:
    case PB_MODE_REPLACE: /* replace: the table must be there */
        out->is_create_table = true;
        out->mode = WRITE_OVERWRITE;
        c->replace = w->mode == PB_MODE_REPLACE;
        return true;
    case PB_MODE_APPEND:
        out->is_insert = true;
        out->mode = WRITE_APPEND;
        return true;
    case PB_MODE_OVERWRITE_PARTITIONS: {
        struct option *items = arena_new_array(t->arena, struct option, out->options.count + 1);
        memcpy(items, out->options.items, out->options.count * sizeof *items);
        items[out->options.count++] = (struct option){"partitionOverwriteMode", "dynamic"};
        out->options.items = items;
        out->is_insert = true;
        out->mode = WRITE_OVERWRITE;
        return true;
    }
    case PB_MODE_OVERWRITE:
        condition = translate_expr(t, w->overwrite_condition);
        if (condition == NULL) {
            return false;
        }
        out->is_insert = true;
        out->mode = WRITE_OVERWRITE;
        return is_true_literal(condition) ||
               error_unsupported(t->err, "overwriting by a condition other than true");
    default:
        return error_set(t->err, ERROR_ARGUMENT, "a write mode of unknown number %d", w->mode);
    }
}

static struct command *
write_operation_v2(struct translator *t, const struct pb_write_operation_v2 *w)
{
    if (w->clustering_columns_count > 0) {
        error_unsupported(t->err, "clusterBy in writes");
        return NULL;
    }
    struct command *c = command_new(t, COMMAND_WRITE);
    c->write = arena_new(t->arena, struct write_spec);
    c->write->format = w->provider.len > 0 ? w->provider.ptr : NULL;
    c->write->options = translate_options(t, w->options, w->options_count);
    c->write->table = translate_identifier(t, w->table_name, &c->write->table_count);
    c->properties = translate_options(t, w->table_properties, w->table_properties_count);
    if (c->write->table == NULL || !partition_columns(t, w, c->write) || !v2_mode(t, w, c)) {
        return NULL;
    }
    c->query = translate_rel(t, w->input);
    return c->query != NULL ? c : NULL;
}

static struct command *
create_view(struct translator *t, const struct pb_create_data_frame_view_command *v)
{
    struct command *c = command_new(t, COMMAND_CREATE_VIEW);
    c->names = translate_identifier(t, v->name, &c->name_count);
    if (c->names == NULL) {
        return NULL;
    }
    if (c->name_count != 1) {
        error_raise(t->err, "TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS", "actualName", pb_str(v->name),
                    NULL);
        return NULL;
    }
    c->temporary = true;
    c->global = v->is_global;
    c->replace = v->replace;
    c->query = translate_rel(t, v->input);
    return c->query != NULL ? c : NULL;
}

static struct command *
register_function(struct translator *t, const struct pb_common_inline_user_defined_function *f)
{
    struct command *c = command_new(t, COMMAND_REGISTER_FUNCTION);
    c->names = translate_names(t, &f->function_name, 1);
    c->name_count = 1;
    struct pb_expression e = {.expr_type_case =
                                  PB_EXPRESSION_COMMON_INLINE_USER_DEFINED_FUNCTION_TAG};
    e.common_inline_user_defined_function = (struct pb_common_inline_user_defined_function *)f;
    c->function = translate_expr(t, &e);
    return c->function != NULL ? c : NULL;
}

struct command *
translate_command(struct translator *t, const struct pb_command *m)
{
    switch (m->command_type_case) {
    case PB_COMMAND_WRITE_OPERATION_TAG:
        return write_operation(t, m->write_operation);
    case PB_COMMAND_WRITE_OPERATION_V2_TAG:
        return write_operation_v2(t, m->write_operation_v2);
    case PB_COMMAND_CREATE_DATAFRAME_VIEW_TAG:
        return create_view(t, m->create_dataframe_view);
    case PB_COMMAND_REGISTER_FUNCTION_TAG:
        return register_function(t, m->register_function);
    case 0:
        return translate_missing(t, "Command.command_type");
    default:
        break;
    }
    const struct pb_field *f = pb_field_find(&pb_messages[PB_ID_COMMAND], m->command_type_case);
    error_unsupported(t->err, "the Spark Connect command %s",
                      f != NULL ? f->name : "of an unknown kind");
    return NULL;
}

/* "10 seconds", "1 minute 500 milliseconds", "interval 2 hours": milliseconds, or -1. */
static int64_t
interval_ms(const char *text)
{
    static const struct {
        const char *name;
        double ms;
    } units[] = {{"microsecond", 0.001}, {"millisecond", 1}, {"second", 1000},   {"minute", 60000},
                 {"hour", 3600000},      {"day", 86400000},  {"week", 604800000}};
    double total = 0;
    bool any = false;
    while (*text == ' ') {
        text++;
    }
    if (strncasecmp(text, "interval ", 9) == 0) {
        text += 9;
    }
    for (;;) {
        while (*text == ' ') {
            text++;
        }
        if (*text == '\0') {
            return any && total >= 0 && total < 9e15 ? (int64_t)total : -1;
        }
        char *end;
        double n = strtod(text, &end);
        if (end == text) {
            return -1;
        }
        for (text = end; *text == ' '; text++) {
        }
        size_t i = 0, len = strcspn(text, " ");
        for (; i < sizeof units / sizeof *units; i++) {
            size_t unit = strlen(units[i].name);
            if (strncasecmp(text, units[i].name, unit) == 0 &&
                (len == unit || (len == unit + 1 && (text[unit] | 32) == 's'))) {
                break;
            }
        }
        if (i == sizeof units / sizeof *units) {
            return -1;
        }
        total += n * units[i].ms;
        text += len;
        any = true;
    }
}

static bool
stream_trigger(struct translator *t, const struct pb_write_stream_operation_start *w,
               struct stream_start *out)
{
    switch (w->trigger_case) {
    case 0:
        out->trigger = TRIGGER_DEFAULT;
        return true;
    case PB_WRITE_STREAM_OPERATION_START_PROCESSING_TIME_INTERVAL_TAG:
        out->trigger = TRIGGER_INTERVAL;
        out->interval_ms = interval_ms(pb_str(w->processing_time_interval));
        return out->interval_ms >= 0 ||
               error_set(t->err, ERROR_ARGUMENT, "'%s' is not an interval of a trigger",
                         pb_str(w->processing_time_interval));
    case PB_WRITE_STREAM_OPERATION_START_AVAILABLE_NOW_TAG:
        out->trigger = w->available_now ? TRIGGER_AVAILABLE_NOW : TRIGGER_DEFAULT;
        return true;
    case PB_WRITE_STREAM_OPERATION_START_ONCE_TAG:
        out->trigger = w->once ? TRIGGER_ONCE : TRIGGER_DEFAULT;
        return true;
    case PB_WRITE_STREAM_OPERATION_START_CONTINUOUS_CHECKPOINT_INTERVAL_TAG:
        return error_unsupported(t->err, "continuous processing of streams");
    default:
        return error_unsupported(t->err, "the real-time mode of streams");
    }
}

static bool
stream_mode(struct translator *t, struct pb_text text, enum output_mode *out)
{
    const char *mode = pb_str(text);
    if (mode[0] == '\0' || strcasecmp(mode, "append") == 0) {
        *out = OUTPUT_APPEND;
    } else if (strcasecmp(mode, "update") == 0) {
        *out = OUTPUT_UPDATE;
    } else if (strcasecmp(mode, "complete") == 0) {
        *out = OUTPUT_COMPLETE;
    } else {
        return error_raise(t->err, "STREAMING_OUTPUT_MODE.INVALID", "outputMode", mode, NULL);
    }
    return true;
}

static bool
stream_function(struct translator *t, const struct pb_streaming_foreach_function *f,
                const struct udf **out)
{
    if (f == NULL) {
        return true;
    }
    struct pb_common_inline_user_defined_function inline_function = {
        .function_case = f->function_case == PB_STREAMING_FOREACH_FUNCTION_PYTHON_FUNCTION_TAG
                             ? PB_COMMON_INLINE_USER_DEFINED_FUNCTION_PYTHON_UDF_TAG
                             : PB_COMMON_INLINE_USER_DEFINED_FUNCTION_SCALAR_SCALA_UDF_TAG};
    inline_function.python_udf = f->python_function;
    *out = translate_udf(t, &inline_function);
    return *out != NULL;
}

bool
translate_stream_start(struct translator *t, const struct pb_write_stream_operation_start *w,
                       struct stream_start *out)
{
    *out = (struct stream_start){.command = w->raw};
    if (w->clustering_column_names_count > 0) {
        return error_unsupported(t->err, "clusterBy in streams");
    }
    struct write_spec *sink = &out->sink;
    sink->format = w->format.len > 0 ? w->format.ptr : NULL;
    sink->options = translate_options(t, w->options, w->options_count);
    sink->partition_by =
        translate_names(t, w->partitioning_column_names, w->partitioning_column_names_count);
    sink->partition_count = w->partitioning_column_names_count;
    if (w->sink_destination_case == PB_WRITE_STREAM_OPERATION_START_PATH_TAG) {
        sink->path = w->path.len > 0 ? w->path.ptr : NULL;
    } else if (w->sink_destination_case == PB_WRITE_STREAM_OPERATION_START_TABLE_NAME_TAG &&
               w->table_name.len > 0) {
        sink->table = translate_identifier(t, w->table_name, &sink->table_count);
        if (sink->table == NULL) {
            return false;
        }
    }
    out->name = w->query_name.len > 0 ? w->query_name.ptr : NULL;
    if (!stream_trigger(t, w, out) || !stream_mode(t, w->output_mode, &out->mode) ||
        !stream_function(t, w->foreach_batch, &out->foreach_batch) ||
        !stream_function(t, w->foreach_writer, &out->foreach_writer)) {
        return false;
    }
    out->input = translate_rel(t, w->input);
    return out->input != NULL;
}
