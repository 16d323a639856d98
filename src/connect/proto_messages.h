/* Made by tools/gen_proto.py from proto_schema.txt: Spark Connect's messages as C structs.
 * Do not edit. How they are read and written is told in proto.h. */
/* clang-format off */
#ifndef WEIR_CONNECT_PROTO_MESSAGES_H
#define WEIR_CONNECT_PROTO_MESSAGES_H

#include "connect/proto.h"

enum pb_plan_compressed_operation_op_type {
    PB_OP_TYPE_UNSPECIFIED = 0,
    PB_OP_TYPE_RELATION = 1,
    PB_OP_TYPE_COMMAND = 2,
};

enum pb_analyze_plan_request_explain_explain_mode {
    PB_EXPLAIN_MODE_UNSPECIFIED = 0,
    PB_EXPLAIN_MODE_SIMPLE = 1,
    PB_EXPLAIN_MODE_EXTENDED = 2,
    PB_EXPLAIN_MODE_CODEGEN = 3,
    PB_EXPLAIN_MODE_COST = 4,
    PB_EXPLAIN_MODE_FORMATTED = 5,
};

enum pb_interrupt_request_interrupt_type {
    PB_INTERRUPT_TYPE_UNSPECIFIED = 0,
    PB_INTERRUPT_TYPE_ALL = 1,
    PB_INTERRUPT_TYPE_TAG = 2,
    PB_INTERRUPT_TYPE_OPERATION_ID = 3,
};

enum pb_fetch_error_details_response_query_context_context_type {
    PB_SQL = 0,
    PB_DATAFRAME = 1,
};

enum pb_get_status_response_operation_status_operation_state {
    PB_OPERATION_STATE_UNSPECIFIED = 0,
    PB_OPERATION_STATE_UNKNOWN = 1,
    PB_OPERATION_STATE_RUNNING = 2,
    PB_OPERATION_STATE_TERMINATING = 3,
    PB_OPERATION_STATE_SUCCEEDED = 4,
    PB_OPERATION_STATE_FAILED = 5,
    PB_OPERATION_STATE_CANCELLED = 6,
};

enum pb_compression_codec {
    PB_COMPRESSION_CODEC_UNSPECIFIED = 0,
    PB_COMPRESSION_CODEC_ZSTD = 1,
};

enum pb_join_join_type {
    PB_JOIN_TYPE_UNSPECIFIED = 0,
    PB_JOIN_TYPE_INNER = 1,
    PB_JOIN_TYPE_FULL_OUTER = 2,
    PB_JOIN_TYPE_LEFT_OUTER = 3,
    PB_JOIN_TYPE_RIGHT_OUTER = 4,
    PB_JOIN_TYPE_LEFT_ANTI = 5,
    PB_JOIN_TYPE_LEFT_SEMI = 6,
    PB_JOIN_TYPE_CROSS = 7,
};

enum pb_set_operation_set_op_type {
    PB_SET_OP_TYPE_UNSPECIFIED = 0,
    PB_SET_OP_TYPE_INTERSECT = 1,
    PB_SET_OP_TYPE_UNION = 2,
    PB_SET_OP_TYPE_EXCEPT = 3,
};

enum pb_aggregate_group_type {
    PB_GROUP_TYPE_UNSPECIFIED = 0,
    PB_GROUP_TYPE_GROUPBY = 1,
    PB_GROUP_TYPE_ROLLUP = 2,
    PB_GROUP_TYPE_CUBE = 3,
    PB_GROUP_TYPE_PIVOT = 4,
    PB_GROUP_TYPE_GROUPING_SETS = 5,
};

enum pb_parse_parse_format {
    PB_PARSE_FORMAT_UNSPECIFIED = 0,
    PB_PARSE_FORMAT_CSV = 1,
    PB_PARSE_FORMAT_JSON = 2,
    PB_PARSE_FORMAT_XML = 3,
};

enum pb_expression_window_window_frame_frame_type {
    PB_FRAME_TYPE_UNDEFINED = 0,
    PB_FRAME_TYPE_ROW = 1,
    PB_FRAME_TYPE_RANGE = 2,
};

enum pb_expression_sort_order_sort_direction {
    PB_SORT_DIRECTION_UNSPECIFIED = 0,
    PB_SORT_DIRECTION_ASCENDING = 1,
    PB_SORT_DIRECTION_DESCENDING = 2,
};

enum pb_expression_sort_order_null_ordering {
    PB_SORT_NULLS_UNSPECIFIED = 0,
    PB_SORT_NULLS_FIRST = 1,
    PB_SORT_NULLS_LAST = 2,
};

enum pb_expression_cast_eval_mode {
    PB_EVAL_MODE_UNSPECIFIED = 0,
    PB_EVAL_MODE_LEGACY = 1,
    PB_EVAL_MODE_ANSI = 2,
    PB_EVAL_MODE_TRY = 3,
};

enum pb_merge_action_action_type {
    PB_ACTION_TYPE_INVALID = 0,
    PB_ACTION_TYPE_DELETE = 1,
    PB_ACTION_TYPE_INSERT = 2,
    PB_ACTION_TYPE_INSERT_STAR = 3,
    PB_ACTION_TYPE_UPDATE = 4,
    PB_ACTION_TYPE_UPDATE_STAR = 5,
};

enum pb_subquery_expression_subquery_type {
    PB_SUBQUERY_TYPE_UNKNOWN = 0,
    PB_SUBQUERY_TYPE_SCALAR = 1,
    PB_SUBQUERY_TYPE_EXISTS = 2,
    PB_SUBQUERY_TYPE_TABLE_ARG = 3,
    PB_SUBQUERY_TYPE_IN = 4,
};

enum pb_write_operation_save_mode {
    PB_SAVE_MODE_UNSPECIFIED = 0,
    PB_SAVE_MODE_APPEND = 1,
    PB_SAVE_MODE_OVERWRITE = 2,
    PB_SAVE_MODE_ERROR_IF_EXISTS = 3,
    PB_SAVE_MODE_IGNORE = 4,
};

enum pb_write_operation_save_table_table_save_method {
    PB_TABLE_SAVE_METHOD_UNSPECIFIED = 0,
    PB_TABLE_SAVE_METHOD_SAVE_AS_TABLE = 1,
    PB_TABLE_SAVE_METHOD_INSERT_INTO = 2,
};

enum pb_write_operation_v2_mode {
    PB_MODE_UNSPECIFIED = 0,
    PB_MODE_CREATE = 1,
    PB_MODE_OVERWRITE = 2,
    PB_MODE_OVERWRITE_PARTITIONS = 3,
    PB_MODE_APPEND = 4,
    PB_MODE_REPLACE = 5,
    PB_MODE_CREATE_OR_REPLACE = 6,
};

enum pb_streaming_query_event_type {
    PB_QUERY_PROGRESS_UNSPECIFIED = 0,
    PB_QUERY_PROGRESS_EVENT = 1,
    PB_QUERY_TERMINATED_EVENT = 2,
    PB_QUERY_IDLE_EVENT = 3,
};

enum pb_ml_operator_operator_type {
    PB_OPERATOR_TYPE_UNSPECIFIED = 0,
    PB_OPERATOR_TYPE_ESTIMATOR = 1,
    PB_OPERATOR_TYPE_TRANSFORMER = 2,
    PB_OPERATOR_TYPE_EVALUATOR = 3,
    PB_OPERATOR_TYPE_MODEL = 4,
};

enum pb_pipeline_command_define_flow_scd_type {
    PB_SCD_TYPE_UNSPECIFIED = 0,
    PB_SCD_TYPE_1 = 1,
};

enum pb_output_type {
    PB_OUTPUT_TYPE_UNSPECIFIED = 0,
    PB_MATERIALIZED_VIEW = 1,
    PB_TABLE = 2,
    PB_TEMPORARY_VIEW = 3,
    PB_SINK = 4,
};

enum pb_id {
    PB_ID_PLAN,
    PB_ID_PLAN_COMPRESSED_OPERATION,
    PB_ID_USER_CONTEXT,
    PB_ID_ANALYZE_PLAN_REQUEST,
    PB_ID_ANALYZE_PLAN_REQUEST_SCHEMA,
    PB_ID_ANALYZE_PLAN_REQUEST_EXPLAIN,
    PB_ID_ANALYZE_PLAN_REQUEST_TREE_STRING,
    PB_ID_ANALYZE_PLAN_REQUEST_IS_LOCAL,
    PB_ID_ANALYZE_PLAN_REQUEST_IS_STREAMING,
    PB_ID_ANALYZE_PLAN_REQUEST_INPUT_FILES,
    PB_ID_ANALYZE_PLAN_REQUEST_SPARK_VERSION,
    PB_ID_ANALYZE_PLAN_REQUEST_DDL_PARSE,
    PB_ID_ANALYZE_PLAN_REQUEST_SAME_SEMANTICS,
    PB_ID_ANALYZE_PLAN_REQUEST_SEMANTIC_HASH,
    PB_ID_ANALYZE_PLAN_REQUEST_PERSIST,
    PB_ID_ANALYZE_PLAN_REQUEST_UNPERSIST,
    PB_ID_ANALYZE_PLAN_REQUEST_GET_STORAGE_LEVEL,
    PB_ID_ANALYZE_PLAN_REQUEST_JSON_TO_DDL,
    PB_ID_ANALYZE_PLAN_RESPONSE,
    PB_ID_ANALYZE_PLAN_RESPONSE_SCHEMA,
    PB_ID_ANALYZE_PLAN_RESPONSE_EXPLAIN,
    PB_ID_ANALYZE_PLAN_RESPONSE_TREE_STRING,
    PB_ID_ANALYZE_PLAN_RESPONSE_IS_LOCAL,
    PB_ID_ANALYZE_PLAN_RESPONSE_IS_STREAMING,
    PB_ID_ANALYZE_PLAN_RESPONSE_INPUT_FILES,
    PB_ID_ANALYZE_PLAN_RESPONSE_SPARK_VERSION,
    PB_ID_ANALYZE_PLAN_RESPONSE_DDL_PARSE,
    PB_ID_ANALYZE_PLAN_RESPONSE_SAME_SEMANTICS,
    PB_ID_ANALYZE_PLAN_RESPONSE_SEMANTIC_HASH,
    PB_ID_ANALYZE_PLAN_RESPONSE_PERSIST,
    PB_ID_ANALYZE_PLAN_RESPONSE_UNPERSIST,
    PB_ID_ANALYZE_PLAN_RESPONSE_GET_STORAGE_LEVEL,
    PB_ID_ANALYZE_PLAN_RESPONSE_JSON_TO_DDL,
    PB_ID_EXECUTE_PLAN_REQUEST,
    PB_ID_EXECUTE_PLAN_REQUEST_REQUEST_OPTION,
    PB_ID_EXECUTE_PLAN_RESPONSE,
    PB_ID_EXECUTE_PLAN_RESPONSE_SQL_COMMAND_RESULT,
    PB_ID_EXECUTE_PLAN_RESPONSE_ARROW_BATCH,
    PB_ID_EXECUTE_PLAN_RESPONSE_METRICS,
    PB_ID_EXECUTE_PLAN_RESPONSE_METRICS_METRIC_OBJECT,
    PB_ID_EXECUTE_PLAN_RESPONSE_METRICS_METRIC_VALUE,
    PB_ID_EXECUTE_PLAN_RESPONSE_OBSERVED_METRICS,
    PB_ID_EXECUTE_PLAN_RESPONSE_RESULT_COMPLETE,
    PB_ID_EXECUTE_PLAN_RESPONSE_EXECUTION_PROGRESS,
    PB_ID_EXECUTE_PLAN_RESPONSE_EXECUTION_PROGRESS_STAGE_INFO,
    PB_ID_KEY_VALUE,
    PB_ID_CONFIG_REQUEST,
    PB_ID_CONFIG_REQUEST_OPERATION,
    PB_ID_CONFIG_REQUEST_SET,
    PB_ID_CONFIG_REQUEST_GET,
    PB_ID_CONFIG_REQUEST_GET_WITH_DEFAULT,
    PB_ID_CONFIG_REQUEST_GET_OPTION,
    PB_ID_CONFIG_REQUEST_GET_ALL,
    PB_ID_CONFIG_REQUEST_UNSET,
    PB_ID_CONFIG_REQUEST_IS_MODIFIABLE,
    PB_ID_CONFIG_RESPONSE,
    PB_ID_ADD_ARTIFACTS_REQUEST,
    PB_ID_ADD_ARTIFACTS_REQUEST_ARTIFACT_CHUNK,
    PB_ID_ADD_ARTIFACTS_REQUEST_SINGLE_CHUNK_ARTIFACT,
    PB_ID_ADD_ARTIFACTS_REQUEST_BATCH,
    PB_ID_ADD_ARTIFACTS_REQUEST_BEGIN_CHUNKED_ARTIFACT,
    PB_ID_ADD_ARTIFACTS_RESPONSE,
    PB_ID_ADD_ARTIFACTS_RESPONSE_ARTIFACT_SUMMARY,
    PB_ID_ARTIFACT_STATUSES_REQUEST,
    PB_ID_ARTIFACT_STATUSES_RESPONSE,
    PB_ID_ARTIFACT_STATUSES_RESPONSE_ARTIFACT_STATUS,
    PB_ID_INTERRUPT_REQUEST,
    PB_ID_INTERRUPT_RESPONSE,
    PB_ID_REATTACH_OPTIONS,
    PB_ID_RESULT_CHUNKING_OPTIONS,
    PB_ID_REATTACH_EXECUTE_REQUEST,
    PB_ID_RELEASE_EXECUTE_REQUEST,
    PB_ID_RELEASE_EXECUTE_REQUEST_RELEASE_ALL,
    PB_ID_RELEASE_EXECUTE_REQUEST_RELEASE_UNTIL,
    PB_ID_RELEASE_EXECUTE_RESPONSE,
    PB_ID_RELEASE_SESSION_REQUEST,
    PB_ID_RELEASE_SESSION_RESPONSE,
    PB_ID_FETCH_ERROR_DETAILS_REQUEST,
    PB_ID_FETCH_ERROR_DETAILS_RESPONSE,
    PB_ID_FETCH_ERROR_DETAILS_RESPONSE_STACK_TRACE_ELEMENT,
    PB_ID_FETCH_ERROR_DETAILS_RESPONSE_QUERY_CONTEXT,
    PB_ID_FETCH_ERROR_DETAILS_RESPONSE_SPARK_THROWABLE,
    PB_ID_FETCH_ERROR_DETAILS_RESPONSE_BREAKING_CHANGE_INFO,
    PB_ID_FETCH_ERROR_DETAILS_RESPONSE_MITIGATION_CONFIG,
    PB_ID_FETCH_ERROR_DETAILS_RESPONSE_ERROR,
    PB_ID_CHECKPOINT_COMMAND_RESULT,
    PB_ID_CLONE_SESSION_REQUEST,
    PB_ID_CLONE_SESSION_RESPONSE,
    PB_ID_GET_STATUS_REQUEST,
    PB_ID_GET_STATUS_REQUEST_OPERATION_STATUS_REQUEST,
    PB_ID_GET_STATUS_RESPONSE,
    PB_ID_GET_STATUS_RESPONSE_OPERATION_STATUS,
    PB_ID_RELATION,
    PB_ID_ML_RELATION,
    PB_ID_ML_RELATION_TRANSFORM,
    PB_ID_FETCH,
    PB_ID_FETCH_METHOD,
    PB_ID_FETCH_METHOD_ARGS,
    PB_ID_UNKNOWN,
    PB_ID_RELATION_COMMON,
    PB_ID_SQL,
    PB_ID_WITH_RELATIONS,
    PB_ID_READ,
    PB_ID_READ_NAMED_TABLE,
    PB_ID_READ_DATA_SOURCE,
    PB_ID_RELATION_CHANGES,
    PB_ID_PROJECT,
    PB_ID_FILTER,
    PB_ID_JOIN,
    PB_ID_JOIN_JOIN_DATA_TYPE,
    PB_ID_SET_OPERATION,
    PB_ID_LIMIT,
    PB_ID_OFFSET,
    PB_ID_TAIL,
    PB_ID_AGGREGATE,
    PB_ID_AGGREGATE_PIVOT,
    PB_ID_AGGREGATE_GROUPING_SETS,
    PB_ID_SORT,
    PB_ID_DROP,
    PB_ID_DEDUPLICATE,
    PB_ID_LOCAL_RELATION,
    PB_ID_CACHED_LOCAL_RELATION,
    PB_ID_CHUNKED_CACHED_LOCAL_RELATION,
    PB_ID_CACHED_REMOTE_RELATION,
    PB_ID_SAMPLE,
    PB_ID_RANGE,
    PB_ID_SUBQUERY_ALIAS,
    PB_ID_REPARTITION,
    PB_ID_SHOW_STRING,
    PB_ID_HTML_STRING,
    PB_ID_STAT_SUMMARY,
    PB_ID_STAT_DESCRIBE,
    PB_ID_STAT_CROSSTAB,
    PB_ID_STAT_COV,
    PB_ID_STAT_CORR,
    PB_ID_STAT_APPROX_QUANTILE,
    PB_ID_STAT_FREQ_ITEMS,
    PB_ID_STAT_SAMPLE_BY,
    PB_ID_STAT_SAMPLE_BY_FRACTION,
    PB_ID_NA_FILL,
    PB_ID_NA_DROP,
    PB_ID_NA_REPLACE,
    PB_ID_NA_REPLACE_REPLACEMENT,
    PB_ID_TO_DF,
    PB_ID_WITH_COLUMNS_RENAMED,
    PB_ID_WITH_COLUMNS_RENAMED_RENAME,
    PB_ID_WITH_COLUMNS,
    PB_ID_WITH_WATERMARK,
    PB_ID_HINT,
    PB_ID_UNPIVOT,
    PB_ID_UNPIVOT_VALUES,
    PB_ID_TRANSPOSE,
    PB_ID_UNRESOLVED_TABLE_VALUED_FUNCTION,
    PB_ID_TO_SCHEMA,
    PB_ID_REPARTITION_BY_EXPRESSION,
    PB_ID_MAP_PARTITIONS,
    PB_ID_GROUP_MAP,
    PB_ID_TRANSFORM_WITH_STATE_INFO,
    PB_ID_CO_GROUP_MAP,
    PB_ID_APPLY_IN_PANDAS_WITH_STATE,
    PB_ID_COMMON_INLINE_USER_DEFINED_TABLE_FUNCTION,
    PB_ID_PYTHON_UDTF,
    PB_ID_COMMON_INLINE_USER_DEFINED_DATA_SOURCE,
    PB_ID_PYTHON_DATA_SOURCE,
    PB_ID_COLLECT_METRICS,
    PB_ID_PARSE,
    PB_ID_AS_OF_JOIN,
    PB_ID_LATERAL_JOIN,
    PB_ID_NEAREST_BY_JOIN,
    PB_ID_EXPRESSION,
    PB_ID_EXPRESSION_WINDOW,
    PB_ID_EXPRESSION_WINDOW_WINDOW_FRAME,
    PB_ID_EXPRESSION_WINDOW_WINDOW_FRAME_FRAME_BOUNDARY,
    PB_ID_EXPRESSION_SORT_ORDER,
    PB_ID_EXPRESSION_DIRECT_SHUFFLE_PARTITION_ID,
    PB_ID_EXPRESSION_CAST,
    PB_ID_EXPRESSION_LITERAL,
    PB_ID_EXPRESSION_LITERAL_DECIMAL,
    PB_ID_EXPRESSION_LITERAL_CALENDAR_INTERVAL,
    PB_ID_EXPRESSION_LITERAL_ARRAY,
    PB_ID_EXPRESSION_LITERAL_MAP,
    PB_ID_EXPRESSION_LITERAL_STRUCT,
    PB_ID_EXPRESSION_LITERAL_SPECIALIZED_ARRAY,
    PB_ID_EXPRESSION_LITERAL_TIME,
    PB_ID_EXPRESSION_UNRESOLVED_ATTRIBUTE,
    PB_ID_EXPRESSION_UNRESOLVED_FUNCTION,
    PB_ID_EXPRESSION_EXPRESSION_STRING,
    PB_ID_EXPRESSION_UNRESOLVED_STAR,
    PB_ID_EXPRESSION_UNRESOLVED_REGEX,
    PB_ID_EXPRESSION_UNRESOLVED_EXTRACT_VALUE,
    PB_ID_EXPRESSION_UPDATE_FIELDS,
    PB_ID_EXPRESSION_ALIAS,
    PB_ID_EXPRESSION_LAMBDA_FUNCTION,
    PB_ID_EXPRESSION_UNRESOLVED_NAMED_LAMBDA_VARIABLE,
    PB_ID_EXPRESSION_COMMON,
    PB_ID_COMMON_INLINE_USER_DEFINED_FUNCTION,
    PB_ID_PYTHON_UDF,
    PB_ID_SCALAR_SCALA_UDF,
    PB_ID_JAVA_UDF,
    PB_ID_TYPED_AGGREGATE_EXPRESSION,
    PB_ID_CALL_FUNCTION,
    PB_ID_NAMED_ARGUMENT_EXPRESSION,
    PB_ID_MERGE_ACTION,
    PB_ID_MERGE_ACTION_ASSIGNMENT,
    PB_ID_SUBQUERY_EXPRESSION,
    PB_ID_SUBQUERY_EXPRESSION_TABLE_ARG_OPTIONS,
    PB_ID_COMMAND,
    PB_ID_SQL_COMMAND,
    PB_ID_CREATE_DATA_FRAME_VIEW_COMMAND,
    PB_ID_WRITE_OPERATION,
    PB_ID_WRITE_OPERATION_SAVE_TABLE,
    PB_ID_WRITE_OPERATION_BUCKET_BY,
    PB_ID_WRITE_OPERATION_V2,
    PB_ID_WRITE_STREAM_OPERATION_START,
    PB_ID_STREAMING_FOREACH_FUNCTION,
    PB_ID_WRITE_STREAM_OPERATION_START_RESULT,
    PB_ID_STREAMING_QUERY_INSTANCE_ID,
    PB_ID_STREAMING_QUERY_COMMAND,
    PB_ID_STREAMING_QUERY_COMMAND_EXPLAIN_COMMAND,
    PB_ID_STREAMING_QUERY_COMMAND_AWAIT_TERMINATION_COMMAND,
    PB_ID_STREAMING_QUERY_COMMAND_RESULT,
    PB_ID_STREAMING_QUERY_COMMAND_RESULT_STATUS_RESULT,
    PB_ID_STREAMING_QUERY_COMMAND_RESULT_RECENT_PROGRESS_RESULT,
    PB_ID_STREAMING_QUERY_COMMAND_RESULT_EXPLAIN_RESULT,
    PB_ID_STREAMING_QUERY_COMMAND_RESULT_EXCEPTION_RESULT,
    PB_ID_STREAMING_QUERY_COMMAND_RESULT_AWAIT_TERMINATION_RESULT,
    PB_ID_STREAMING_QUERY_MANAGER_COMMAND,
    PB_ID_STREAMING_QUERY_MANAGER_COMMAND_AWAIT_ANY_TERMINATION_COMMAND,
    PB_ID_STREAMING_QUERY_MANAGER_COMMAND_STREAMING_QUERY_LISTENER_COMMAND,
    PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT,
    PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_ACTIVE_RESULT,
    PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_STREAMING_QUERY_INSTANCE,
    PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_AWAIT_ANY_TERMINATION_RESULT,
    PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_STREAMING_QUERY_LISTENER_INSTANCE,
    PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_LIST_STREAMING_QUERY_LISTENER_RESULT,
    PB_ID_STREAMING_QUERY_LISTENER_BUS_COMMAND,
    PB_ID_STREAMING_QUERY_LISTENER_EVENT,
    PB_ID_STREAMING_QUERY_LISTENER_EVENTS_RESULT,
    PB_ID_GET_RESOURCES_COMMAND,
    PB_ID_GET_RESOURCES_COMMAND_RESULT,
    PB_ID_CREATE_RESOURCE_PROFILE_COMMAND,
    PB_ID_CREATE_RESOURCE_PROFILE_COMMAND_RESULT,
    PB_ID_REMOVE_CACHED_REMOTE_RELATION_COMMAND,
    PB_ID_CHECKPOINT_COMMAND,
    PB_ID_MERGE_INTO_TABLE_COMMAND,
    PB_ID_EXECUTE_EXTERNAL_COMMAND,
    PB_ID_CATALOG,
    PB_ID_CURRENT_DATABASE,
    PB_ID_SET_CURRENT_DATABASE,
    PB_ID_LIST_DATABASES,
    PB_ID_LIST_TABLES,
    PB_ID_LIST_FUNCTIONS,
    PB_ID_LIST_COLUMNS,
    PB_ID_GET_DATABASE,
    PB_ID_GET_TABLE,
    PB_ID_GET_FUNCTION,
    PB_ID_DATABASE_EXISTS,
    PB_ID_TABLE_EXISTS,
    PB_ID_FUNCTION_EXISTS,
    PB_ID_CREATE_EXTERNAL_TABLE,
    PB_ID_CREATE_TABLE,
    PB_ID_DROP_TEMP_VIEW,
    PB_ID_DROP_GLOBAL_TEMP_VIEW,
    PB_ID_RECOVER_PARTITIONS,
    PB_ID_IS_CACHED,
    PB_ID_CACHE_TABLE,
    PB_ID_UNCACHE_TABLE,
    PB_ID_CLEAR_CACHE,
    PB_ID_REFRESH_TABLE,
    PB_ID_REFRESH_BY_PATH,
    PB_ID_CURRENT_CATALOG,
    PB_ID_SET_CURRENT_CATALOG,
    PB_ID_LIST_CATALOGS,
    PB_ID_DROP_TABLE,
    PB_ID_DROP_VIEW,
    PB_ID_CREATE_DATABASE,
    PB_ID_DROP_DATABASE,
    PB_ID_LIST_PARTITIONS,
    PB_ID_LIST_VIEWS,
    PB_ID_GET_TABLE_PROPERTIES,
    PB_ID_GET_CREATE_TABLE_STRING,
    PB_ID_TRUNCATE_TABLE,
    PB_ID_ANALYZE_TABLE,
    PB_ID_DATA_TYPE,
    PB_ID_DATA_TYPE_BOOLEAN,
    PB_ID_DATA_TYPE_BYTE,
    PB_ID_DATA_TYPE_SHORT,
    PB_ID_DATA_TYPE_INTEGER,
    PB_ID_DATA_TYPE_LONG,
    PB_ID_DATA_TYPE_FLOAT,
    PB_ID_DATA_TYPE_DOUBLE,
    PB_ID_DATA_TYPE_STRING,
    PB_ID_DATA_TYPE_BINARY,
    PB_ID_DATA_TYPE_NULL,
    PB_ID_DATA_TYPE_TIMESTAMP,
    PB_ID_DATA_TYPE_DATE,
    PB_ID_DATA_TYPE_TIMESTAMP_NTZ,
    PB_ID_DATA_TYPE_TIME,
    PB_ID_DATA_TYPE_CALENDAR_INTERVAL,
    PB_ID_DATA_TYPE_YEAR_MONTH_INTERVAL,
    PB_ID_DATA_TYPE_DAY_TIME_INTERVAL,
    PB_ID_DATA_TYPE_CHAR,
    PB_ID_DATA_TYPE_VAR_CHAR,
    PB_ID_DATA_TYPE_DECIMAL,
    PB_ID_DATA_TYPE_STRUCT_FIELD,
    PB_ID_DATA_TYPE_STRUCT,
    PB_ID_DATA_TYPE_ARRAY,
    PB_ID_DATA_TYPE_MAP,
    PB_ID_DATA_TYPE_GEOMETRY,
    PB_ID_DATA_TYPE_GEOGRAPHY,
    PB_ID_DATA_TYPE_VARIANT,
    PB_ID_DATA_TYPE_UDT,
    PB_ID_DATA_TYPE_UNPARSED,
    PB_ID_STORAGE_LEVEL,
    PB_ID_RESOURCE_INFORMATION,
    PB_ID_EXECUTOR_RESOURCE_REQUEST,
    PB_ID_TASK_RESOURCE_REQUEST,
    PB_ID_RESOURCE_PROFILE,
    PB_ID_ORIGIN,
    PB_ID_PYTHON_ORIGIN,
    PB_ID_JVM_ORIGIN,
    PB_ID_STACK_TRACE_ELEMENT,
    PB_ID_RESOLVED_IDENTIFIER,
    PB_ID_BOOLS,
    PB_ID_INTS,
    PB_ID_LONGS,
    PB_ID_FLOATS,
    PB_ID_DOUBLES,
    PB_ID_STRINGS,
    PB_ID_ML_COMMAND,
    PB_ID_ML_COMMAND_FIT,
    PB_ID_ML_COMMAND_DELETE,
    PB_ID_ML_COMMAND_CLEAN_CACHE,
    PB_ID_ML_COMMAND_GET_CACHE_INFO,
    PB_ID_ML_COMMAND_WRITE,
    PB_ID_ML_COMMAND_READ,
    PB_ID_ML_COMMAND_EVALUATE,
    PB_ID_ML_COMMAND_CREATE_SUMMARY,
    PB_ID_ML_COMMAND_GET_MODEL_SIZE,
    PB_ID_ML_COMMAND_RESULT,
    PB_ID_ML_COMMAND_RESULT_ML_OPERATOR_INFO,
    PB_ID_ML_PARAMS,
    PB_ID_ML_OPERATOR,
    PB_ID_OBJECT_REF,
    PB_ID_PIPELINE_COMMAND,
    PB_ID_PIPELINE_COMMAND_CREATE_DATAFLOW_GRAPH,
    PB_ID_PIPELINE_COMMAND_DROP_DATAFLOW_GRAPH,
    PB_ID_PIPELINE_COMMAND_DEFINE_OUTPUT,
    PB_ID_PIPELINE_COMMAND_DEFINE_OUTPUT_TABLE_DETAILS,
    PB_ID_PIPELINE_COMMAND_DEFINE_OUTPUT_SINK_DETAILS,
    PB_ID_PIPELINE_COMMAND_DEFINE_FLOW,
    PB_ID_PIPELINE_COMMAND_DEFINE_FLOW_WRITE_RELATION_FLOW_DETAILS,
    PB_ID_PIPELINE_COMMAND_DEFINE_FLOW_AUTO_CDC_FLOW_DETAILS,
    PB_ID_PIPELINE_COMMAND_DEFINE_FLOW_RESPONSE,
    PB_ID_PIPELINE_COMMAND_EXECUTE_OUTPUT_FLOWS,
    PB_ID_PIPELINE_COMMAND_START_RUN,
    PB_ID_PIPELINE_COMMAND_DEFINE_SQL_GRAPH_ELEMENTS,
    PB_ID_PIPELINE_COMMAND_GET_QUERY_FUNCTION_EXECUTION_SIGNAL_STREAM,
    PB_ID_PIPELINE_COMMAND_DEFINE_FLOW_QUERY_FUNCTION_RESULT,
    PB_ID_PIPELINE_COMMAND_RESULT,
    PB_ID_PIPELINE_COMMAND_RESULT_CREATE_DATAFLOW_GRAPH_RESULT,
    PB_ID_PIPELINE_COMMAND_RESULT_DEFINE_OUTPUT_RESULT,
    PB_ID_PIPELINE_COMMAND_RESULT_DEFINE_FLOW_RESULT,
    PB_ID_PIPELINE_EVENT_RESULT,
    PB_ID_PIPELINE_EVENT,
    PB_ID_SOURCE_CODE_LOCATION,
    PB_ID_PIPELINE_QUERY_FUNCTION_EXECUTION_SIGNAL,
    PB_ID_PIPELINE_ANALYSIS_CONTEXT,
    PB_ID_ZIP,
    PB_ID_EXPRESSION_LITERAL_TIMESTAMP_NTZ_NANOS,
    PB_ID_DATA_TYPE_TIMESTAMP_NTZ_NANOS,
    PB_ID_EXPRESSION_LITERAL_TIMESTAMP_LTZ_NANOS,
    PB_ID_DATA_TYPE_TIMESTAMP_LTZ_NANOS,
    PB_ID_ANY,
    PB_ID_TIMESTAMP,
    PB_ID_STATUS,
    PB_ID_ERROR_INFO,
    PB_ID_MAP_STRING_EXECUTE_PLAN_RESPONSE_METRICS_METRIC_VALUE,
    PB_ID_MAP_STRING_ARTIFACT_STATUSES_RESPONSE_ARTIFACT_STATUS,
    PB_ID_MAP_STRING_STRING,
    PB_ID_MAP_STRING_EXPRESSION_LITERAL,
    PB_ID_MAP_STRING_EXPRESSION,
    PB_ID_MAP_STRING_RESOURCE_INFORMATION,
    PB_ID_MAP_STRING_EXECUTOR_RESOURCE_REQUEST,
    PB_ID_MAP_STRING_TASK_RESOURCE_REQUEST,
    PB_ID_COUNT
};

struct pb_plan {
    uint32_t op_type_case; /* number of the member that is set */
    union {
        struct pb_relation *root;
        struct pb_command *command;
        struct pb_plan_compressed_operation *compressed_operation;
    };
};

enum {
    PB_PLAN_ROOT_TAG = 1,
    PB_PLAN_COMMAND_TAG = 2,
    PB_PLAN_COMPRESSED_OPERATION_TAG = 3,
};

struct pb_plan_compressed_operation {
    struct bytes data;
    int32_t op_type;
    int32_t compression_codec;
};

struct pb_user_context {
    struct pb_text user_id;
    struct pb_text user_name;
    struct pb_any *extensions;
    uint32_t extensions_count;
};

struct pb_analyze_plan_request {
    struct pb_text session_id;
    struct pb_text client_observed_server_side_session_id;
    struct pb_user_context *user_context;
    struct pb_text client_type;
    uint32_t analyze_case; /* number of the member that is set */
    union {
        struct pb_analyze_plan_request_schema *schema;
        struct pb_analyze_plan_request_explain *explain;
        struct pb_analyze_plan_request_tree_string *tree_string;
        struct pb_analyze_plan_request_is_local *is_local;
        struct pb_analyze_plan_request_is_streaming *is_streaming;
        struct pb_analyze_plan_request_input_files *input_files;
        struct pb_analyze_plan_request_spark_version *spark_version;
        struct pb_analyze_plan_request_ddl_parse *ddl_parse;
        struct pb_analyze_plan_request_same_semantics *same_semantics;
        struct pb_analyze_plan_request_semantic_hash *semantic_hash;
        struct pb_analyze_plan_request_persist *persist;
        struct pb_analyze_plan_request_unpersist *unpersist;
        struct pb_analyze_plan_request_get_storage_level *get_storage_level;
        struct pb_analyze_plan_request_json_to_ddl *json_to_ddl;
    };
};

enum {
    PB_ANALYZE_PLAN_REQUEST_SCHEMA_TAG = 4,
    PB_ANALYZE_PLAN_REQUEST_EXPLAIN_TAG = 5,
    PB_ANALYZE_PLAN_REQUEST_TREE_STRING_TAG = 6,
    PB_ANALYZE_PLAN_REQUEST_IS_LOCAL_TAG = 7,
    PB_ANALYZE_PLAN_REQUEST_IS_STREAMING_TAG = 8,
    PB_ANALYZE_PLAN_REQUEST_INPUT_FILES_TAG = 9,
    PB_ANALYZE_PLAN_REQUEST_SPARK_VERSION_TAG = 10,
    PB_ANALYZE_PLAN_REQUEST_DDL_PARSE_TAG = 11,
    PB_ANALYZE_PLAN_REQUEST_SAME_SEMANTICS_TAG = 12,
    PB_ANALYZE_PLAN_REQUEST_SEMANTIC_HASH_TAG = 13,
    PB_ANALYZE_PLAN_REQUEST_PERSIST_TAG = 14,
    PB_ANALYZE_PLAN_REQUEST_UNPERSIST_TAG = 15,
    PB_ANALYZE_PLAN_REQUEST_GET_STORAGE_LEVEL_TAG = 16,
    PB_ANALYZE_PLAN_REQUEST_JSON_TO_DDL_TAG = 18,
};

struct pb_analyze_plan_request_schema {
    struct pb_plan *plan;
};

struct pb_analyze_plan_request_explain {
    struct pb_plan *plan;
    int32_t explain_mode;
};

struct pb_analyze_plan_request_tree_string {
    struct pb_plan *plan;
    int32_t level;
    bool has_level;
};

struct pb_analyze_plan_request_is_local {
    struct pb_plan *plan;
};

struct pb_analyze_plan_request_is_streaming {
    struct pb_plan *plan;
};

struct pb_analyze_plan_request_input_files {
    struct pb_plan *plan;
};

struct pb_analyze_plan_request_spark_version {
    char empty; /* C wants a member */
};

struct pb_analyze_plan_request_ddl_parse {
    struct pb_text ddl_string;
};

struct pb_analyze_plan_request_same_semantics {
    struct pb_plan *target_plan;
    struct pb_plan *other_plan;
};

struct pb_analyze_plan_request_semantic_hash {
    struct pb_plan *plan;
};

struct pb_analyze_plan_request_persist {
    struct pb_relation *relation;
    struct pb_storage_level *storage_level;
};

struct pb_analyze_plan_request_unpersist {
    struct pb_relation *relation;
    bool blocking;
    bool has_blocking;
};

struct pb_analyze_plan_request_get_storage_level {
    struct pb_relation *relation;
};

struct pb_analyze_plan_request_json_to_ddl {
    struct pb_text json_string;
};

struct pb_analyze_plan_response {
    struct pb_text session_id;
    struct pb_text server_side_session_id;
    uint32_t result_case; /* number of the member that is set */
    union {
        struct pb_analyze_plan_response_schema *schema;
        struct pb_analyze_plan_response_explain *explain;
        struct pb_analyze_plan_response_tree_string *tree_string;
        struct pb_analyze_plan_response_is_local *is_local;
        struct pb_analyze_plan_response_is_streaming *is_streaming;
        struct pb_analyze_plan_response_input_files *input_files;
        struct pb_analyze_plan_response_spark_version *spark_version;
        struct pb_analyze_plan_response_ddl_parse *ddl_parse;
        struct pb_analyze_plan_response_same_semantics *same_semantics;
        struct pb_analyze_plan_response_semantic_hash *semantic_hash;
        struct pb_analyze_plan_response_persist *persist;
        struct pb_analyze_plan_response_unpersist *unpersist;
        struct pb_analyze_plan_response_get_storage_level *get_storage_level;
        struct pb_analyze_plan_response_json_to_ddl *json_to_ddl;
    };
};

enum {
    PB_ANALYZE_PLAN_RESPONSE_SCHEMA_TAG = 2,
    PB_ANALYZE_PLAN_RESPONSE_EXPLAIN_TAG = 3,
    PB_ANALYZE_PLAN_RESPONSE_TREE_STRING_TAG = 4,
    PB_ANALYZE_PLAN_RESPONSE_IS_LOCAL_TAG = 5,
    PB_ANALYZE_PLAN_RESPONSE_IS_STREAMING_TAG = 6,
    PB_ANALYZE_PLAN_RESPONSE_INPUT_FILES_TAG = 7,
    PB_ANALYZE_PLAN_RESPONSE_SPARK_VERSION_TAG = 8,
    PB_ANALYZE_PLAN_RESPONSE_DDL_PARSE_TAG = 9,
    PB_ANALYZE_PLAN_RESPONSE_SAME_SEMANTICS_TAG = 10,
    PB_ANALYZE_PLAN_RESPONSE_SEMANTIC_HASH_TAG = 11,
    PB_ANALYZE_PLAN_RESPONSE_PERSIST_TAG = 12,
    PB_ANALYZE_PLAN_RESPONSE_UNPERSIST_TAG = 13,
    PB_ANALYZE_PLAN_RESPONSE_GET_STORAGE_LEVEL_TAG = 14,
    PB_ANALYZE_PLAN_RESPONSE_JSON_TO_DDL_TAG = 16,
};

struct pb_analyze_plan_response_schema {
    struct pb_data_type *schema;
};

struct pb_analyze_plan_response_explain {
    struct pb_text explain_string;
};

struct pb_analyze_plan_response_tree_string {
    struct pb_text tree_string;
};

struct pb_analyze_plan_response_is_local {
    bool is_local;
};

struct pb_analyze_plan_response_is_streaming {
    bool is_streaming;
};

struct pb_analyze_plan_response_input_files {
    struct pb_text *files;
    uint32_t files_count;
};

struct pb_analyze_plan_response_spark_version {
    struct pb_text version;
};

struct pb_analyze_plan_response_ddl_parse {
    struct pb_data_type *parsed;
};

struct pb_analyze_plan_response_same_semantics {
    bool result;
};

struct pb_analyze_plan_response_semantic_hash {
    int32_t result;
};

struct pb_analyze_plan_response_persist {
    char empty; /* C wants a member */
};

struct pb_analyze_plan_response_unpersist {
    char empty; /* C wants a member */
};

struct pb_analyze_plan_response_get_storage_level {
    struct pb_storage_level *storage_level;
};

struct pb_analyze_plan_response_json_to_ddl {
    struct pb_text ddl_string;
};

struct pb_execute_plan_request {
    struct pb_text session_id;
    struct pb_text client_observed_server_side_session_id;
    struct pb_user_context *user_context;
    struct pb_text operation_id;
    struct pb_plan *plan;
    struct pb_text client_type;
    struct pb_execute_plan_request_request_option *request_options;
    uint32_t request_options_count;
    struct pb_text *tags;
    uint32_t tags_count;
};

struct pb_execute_plan_request_request_option {
    uint32_t request_option_case; /* number of the member that is set */
    union {
        struct pb_reattach_options *reattach_options;
        struct pb_result_chunking_options *result_chunking_options;
        struct pb_any *extension;
    };
};

enum {
    PB_EXECUTE_PLAN_REQUEST_REQUEST_OPTION_REATTACH_OPTIONS_TAG = 1,
    PB_EXECUTE_PLAN_REQUEST_REQUEST_OPTION_RESULT_CHUNKING_OPTIONS_TAG = 2,
    PB_EXECUTE_PLAN_REQUEST_REQUEST_OPTION_EXTENSION_TAG = 999,
};

struct pb_execute_plan_response {
    struct pb_text session_id;
    struct pb_text server_side_session_id;
    struct pb_text operation_id;
    struct pb_text response_id;
    uint32_t response_type_case; /* number of the member that is set */
    union {
        struct pb_execute_plan_response_arrow_batch *arrow_batch;
        struct pb_execute_plan_response_sql_command_result *sql_command_result;
        struct pb_write_stream_operation_start_result *write_stream_operation_start_result;
        struct pb_streaming_query_command_result *streaming_query_command_result;
        struct pb_get_resources_command_result *get_resources_command_result;
        struct pb_streaming_query_manager_command_result *streaming_query_manager_command_result;
        struct pb_streaming_query_listener_events_result *streaming_query_listener_events_result;
        struct pb_execute_plan_response_result_complete *result_complete;
        struct pb_create_resource_profile_command_result *create_resource_profile_command_result;
        struct pb_execute_plan_response_execution_progress *execution_progress;
        struct pb_checkpoint_command_result *checkpoint_command_result;
        struct pb_ml_command_result *ml_command_result;
        struct pb_pipeline_event_result *pipeline_event_result;
        struct pb_pipeline_command_result *pipeline_command_result;
        struct pb_pipeline_query_function_execution_signal *pipeline_query_function_execution_signal;
        struct pb_any *extension;
    };
    struct pb_execute_plan_response_metrics *metrics;
    struct pb_execute_plan_response_observed_metrics *observed_metrics;
    uint32_t observed_metrics_count;
    struct pb_data_type *schema;
};

enum {
    PB_EXECUTE_PLAN_RESPONSE_ARROW_BATCH_TAG = 2,
    PB_EXECUTE_PLAN_RESPONSE_SQL_COMMAND_RESULT_TAG = 5,
    PB_EXECUTE_PLAN_RESPONSE_WRITE_STREAM_OPERATION_START_RESULT_TAG = 8,
    PB_EXECUTE_PLAN_RESPONSE_STREAMING_QUERY_COMMAND_RESULT_TAG = 9,
    PB_EXECUTE_PLAN_RESPONSE_GET_RESOURCES_COMMAND_RESULT_TAG = 10,
    PB_EXECUTE_PLAN_RESPONSE_STREAMING_QUERY_MANAGER_COMMAND_RESULT_TAG = 11,
    PB_EXECUTE_PLAN_RESPONSE_STREAMING_QUERY_LISTENER_EVENTS_RESULT_TAG = 16,
    PB_EXECUTE_PLAN_RESPONSE_RESULT_COMPLETE_TAG = 14,
    PB_EXECUTE_PLAN_RESPONSE_CREATE_RESOURCE_PROFILE_COMMAND_RESULT_TAG = 17,
    PB_EXECUTE_PLAN_RESPONSE_EXECUTION_PROGRESS_TAG = 18,
    PB_EXECUTE_PLAN_RESPONSE_CHECKPOINT_COMMAND_RESULT_TAG = 19,
    PB_EXECUTE_PLAN_RESPONSE_ML_COMMAND_RESULT_TAG = 20,
    PB_EXECUTE_PLAN_RESPONSE_PIPELINE_EVENT_RESULT_TAG = 21,
    PB_EXECUTE_PLAN_RESPONSE_PIPELINE_COMMAND_RESULT_TAG = 22,
    PB_EXECUTE_PLAN_RESPONSE_PIPELINE_QUERY_FUNCTION_EXECUTION_SIGNAL_TAG = 23,
    PB_EXECUTE_PLAN_RESPONSE_EXTENSION_TAG = 999,
};

struct pb_execute_plan_response_sql_command_result {
    struct pb_relation *relation;
};

struct pb_execute_plan_response_arrow_batch {
    int64_t row_count;
    struct bytes data;
    int64_t start_offset;
    bool has_start_offset;
    int64_t chunk_index;
    bool has_chunk_index;
    int64_t num_chunks_in_batch;
    bool has_num_chunks_in_batch;
};

struct pb_execute_plan_response_metrics {
    struct pb_execute_plan_response_metrics_metric_object *metrics;
    uint32_t metrics_count;
};

struct pb_execute_plan_response_metrics_metric_object {
    struct pb_text name;
    int64_t plan_id;
    int64_t parent;
    struct pb_map_string_execute_plan_response_metrics_metric_value *execution_metrics;
    uint32_t execution_metrics_count;
};

struct pb_execute_plan_response_metrics_metric_value {
    struct pb_text name;
    int64_t value;
    struct pb_text metric_type;
};

struct pb_execute_plan_response_observed_metrics {
    struct pb_text name;
    struct pb_expression_literal *values;
    uint32_t values_count;
    struct pb_text *keys;
    uint32_t keys_count;
    int64_t plan_id;
    int32_t root_error_idx;
    bool has_root_error_idx;
    struct pb_fetch_error_details_response_error *errors;
    uint32_t errors_count;
};

struct pb_execute_plan_response_result_complete {
    char empty; /* C wants a member */
};

struct pb_execute_plan_response_execution_progress {
    struct pb_execute_plan_response_execution_progress_stage_info *stages;
    uint32_t stages_count;
    int64_t num_inflight_tasks;
};

struct pb_execute_plan_response_execution_progress_stage_info {
    int64_t stage_id;
    int64_t num_tasks;
    int64_t num_completed_tasks;
    int64_t input_bytes_read;
    bool done;
};

struct pb_key_value {
    struct pb_text key;
    struct pb_text value;
};

struct pb_config_request {
    struct pb_text session_id;
    struct pb_text client_observed_server_side_session_id;
    struct pb_user_context *user_context;
    struct pb_config_request_operation *operation;
    struct pb_text client_type;
};

struct pb_config_request_operation {
    uint32_t op_type_case; /* number of the member that is set */
    union {
        struct pb_config_request_set *set;
        struct pb_config_request_get *get;
        struct pb_config_request_get_with_default *get_with_default;
        struct pb_config_request_get_option *get_option;
        struct pb_config_request_get_all *get_all;
        struct pb_config_request_unset *unset;
        struct pb_config_request_is_modifiable *is_modifiable;
    };
};

enum {
    PB_CONFIG_REQUEST_OPERATION_SET_TAG = 1,
    PB_CONFIG_REQUEST_OPERATION_GET_TAG = 2,
    PB_CONFIG_REQUEST_OPERATION_GET_WITH_DEFAULT_TAG = 3,
    PB_CONFIG_REQUEST_OPERATION_GET_OPTION_TAG = 4,
    PB_CONFIG_REQUEST_OPERATION_GET_ALL_TAG = 5,
    PB_CONFIG_REQUEST_OPERATION_UNSET_TAG = 6,
    PB_CONFIG_REQUEST_OPERATION_IS_MODIFIABLE_TAG = 7,
};

struct pb_config_request_set {
    struct pb_key_value *pairs;
    uint32_t pairs_count;
    bool silent;
    bool has_silent;
};

struct pb_config_request_get {
    struct pb_text *keys;
    uint32_t keys_count;
};

struct pb_config_request_get_with_default {
    struct pb_key_value *pairs;
    uint32_t pairs_count;
};

struct pb_config_request_get_option {
    struct pb_text *keys;
    uint32_t keys_count;
};

struct pb_config_request_get_all {
    struct pb_text prefix;
};

struct pb_config_request_unset {
    struct pb_text *keys;
    uint32_t keys_count;
};

struct pb_config_request_is_modifiable {
    struct pb_text *keys;
    uint32_t keys_count;
};

struct pb_config_response {
    struct pb_text session_id;
    struct pb_text server_side_session_id;
    struct pb_key_value *pairs;
    uint32_t pairs_count;
    struct pb_text *warnings;
    uint32_t warnings_count;
};

struct pb_add_artifacts_request {
    struct pb_text session_id;
    struct pb_user_context *user_context;
    struct pb_text client_observed_server_side_session_id;
    struct pb_text client_type;
    uint32_t payload_case; /* number of the member that is set */
    union {
        struct pb_add_artifacts_request_batch *batch;
        struct pb_add_artifacts_request_begin_chunked_artifact *begin_chunk;
        struct pb_add_artifacts_request_artifact_chunk *chunk;
    };
};

enum {
    PB_ADD_ARTIFACTS_REQUEST_BATCH_TAG = 3,
    PB_ADD_ARTIFACTS_REQUEST_BEGIN_CHUNK_TAG = 4,
    PB_ADD_ARTIFACTS_REQUEST_CHUNK_TAG = 5,
};

struct pb_add_artifacts_request_artifact_chunk {
    struct bytes data;
    int64_t crc;
};

struct pb_add_artifacts_request_single_chunk_artifact {
    struct pb_text name;
    struct pb_add_artifacts_request_artifact_chunk *data;
};

struct pb_add_artifacts_request_batch {
    struct pb_add_artifacts_request_single_chunk_artifact *artifacts;
    uint32_t artifacts_count;
};

struct pb_add_artifacts_request_begin_chunked_artifact {
    struct pb_text name;
    int64_t total_bytes;
    int64_t num_chunks;
    struct pb_add_artifacts_request_artifact_chunk *initial_chunk;
};

struct pb_add_artifacts_response {
    struct pb_text session_id;
    struct pb_text server_side_session_id;
    struct pb_add_artifacts_response_artifact_summary *artifacts;
    uint32_t artifacts_count;
};

struct pb_add_artifacts_response_artifact_summary {
    struct pb_text name;
    bool is_crc_successful;
};

struct pb_artifact_statuses_request {
    struct pb_text session_id;
    struct pb_text client_observed_server_side_session_id;
    struct pb_user_context *user_context;
    struct pb_text client_type;
    struct pb_text *names;
    uint32_t names_count;
};

struct pb_artifact_statuses_response {
    struct pb_text session_id;
    struct pb_text server_side_session_id;
    struct pb_map_string_artifact_statuses_response_artifact_status *statuses;
    uint32_t statuses_count;
};

struct pb_artifact_statuses_response_artifact_status {
    bool exists;
};

struct pb_interrupt_request {
    struct pb_text session_id;
    struct pb_text client_observed_server_side_session_id;
    struct pb_user_context *user_context;
    struct pb_text client_type;
    int32_t interrupt_type;
    uint32_t interrupt_case; /* number of the member that is set */
    union {
        struct pb_text operation_tag;
        struct pb_text operation_id;
    };
};

enum {
    PB_INTERRUPT_REQUEST_OPERATION_TAG_TAG = 5,
    PB_INTERRUPT_REQUEST_OPERATION_ID_TAG = 6,
};

struct pb_interrupt_response {
    struct pb_text session_id;
    struct pb_text server_side_session_id;
    struct pb_text *interrupted_ids;
    uint32_t interrupted_ids_count;
};

struct pb_reattach_options {
    bool reattachable;
};

struct pb_result_chunking_options {
    bool allow_arrow_batch_chunking;
    int64_t preferred_arrow_chunk_size;
    bool has_preferred_arrow_chunk_size;
};

struct pb_reattach_execute_request {
    struct pb_text session_id;
    struct pb_text client_observed_server_side_session_id;
    struct pb_user_context *user_context;
    struct pb_text operation_id;
    struct pb_text client_type;
    struct pb_text last_response_id;
};

struct pb_release_execute_request {
    struct pb_text session_id;
    struct pb_text client_observed_server_side_session_id;
    struct pb_user_context *user_context;
    struct pb_text operation_id;
    struct pb_text client_type;
    uint32_t release_case; /* number of the member that is set */
    union {
        struct pb_release_execute_request_release_all *release_all;
        struct pb_release_execute_request_release_until *release_until;
    };
};

enum {
    PB_RELEASE_EXECUTE_REQUEST_RELEASE_ALL_TAG = 5,
    PB_RELEASE_EXECUTE_REQUEST_RELEASE_UNTIL_TAG = 6,
};

struct pb_release_execute_request_release_all {
    char empty; /* C wants a member */
};

struct pb_release_execute_request_release_until {
    struct pb_text response_id;
};

struct pb_release_execute_response {
    struct pb_text session_id;
    struct pb_text server_side_session_id;
    struct pb_text operation_id;
};

struct pb_release_session_request {
    struct pb_text session_id;
    struct pb_user_context *user_context;
    struct pb_text client_type;
    bool allow_reconnect;
};

struct pb_release_session_response {
    struct pb_text session_id;
    struct pb_text server_side_session_id;
};

struct pb_fetch_error_details_request {
    struct pb_text session_id;
    struct pb_text client_observed_server_side_session_id;
    struct pb_user_context *user_context;
    struct pb_text error_id;
    struct pb_text client_type;
};

struct pb_fetch_error_details_response {
    struct pb_text server_side_session_id;
    struct pb_text session_id;
    int32_t root_error_idx;
    bool has_root_error_idx;
    struct pb_fetch_error_details_response_error *errors;
    uint32_t errors_count;
};

struct pb_fetch_error_details_response_stack_trace_element {
    struct pb_text declaring_class;
    struct pb_text method_name;
    struct pb_text file_name;
    int32_t line_number;
};

struct pb_fetch_error_details_response_query_context {
    int32_t context_type;
    struct pb_text object_type;
    struct pb_text object_name;
    int32_t start_index;
    int32_t stop_index;
    struct pb_text fragment;
    struct pb_text call_site;
    struct pb_text summary;
};

struct pb_fetch_error_details_response_spark_throwable {
    struct pb_text error_class;
    struct pb_map_string_string *message_parameters;
    uint32_t message_parameters_count;
    struct pb_fetch_error_details_response_query_context *query_contexts;
    uint32_t query_contexts_count;
    struct pb_text sql_state;
    struct pb_fetch_error_details_response_breaking_change_info *breaking_change_info;
};

struct pb_fetch_error_details_response_breaking_change_info {
    struct pb_text *migration_message;
    uint32_t migration_message_count;
    struct pb_fetch_error_details_response_mitigation_config *mitigation_config;
    bool needs_audit;
    bool has_needs_audit;
};

struct pb_fetch_error_details_response_mitigation_config {
    struct pb_text key;
    struct pb_text value;
};

struct pb_fetch_error_details_response_error {
    struct pb_text *error_type_hierarchy;
    uint32_t error_type_hierarchy_count;
    struct pb_text message;
    struct pb_fetch_error_details_response_stack_trace_element *stack_trace;
    uint32_t stack_trace_count;
    int32_t cause_idx;
    bool has_cause_idx;
    struct pb_fetch_error_details_response_spark_throwable *spark_throwable;
};

struct pb_checkpoint_command_result {
    struct pb_cached_remote_relation *relation;
};

struct pb_clone_session_request {
    struct pb_text session_id;
    struct pb_text client_observed_server_side_session_id;
    struct pb_user_context *user_context;
    struct pb_text client_type;
    struct pb_text new_session_id;
};

struct pb_clone_session_response {
    struct pb_text session_id;
    struct pb_text server_side_session_id;
    struct pb_text new_session_id;
    struct pb_text new_server_side_session_id;
};

struct pb_get_status_request {
    struct pb_text session_id;
    struct pb_user_context *user_context;
    struct pb_text client_type;
    struct pb_text client_observed_server_side_session_id;
    struct pb_get_status_request_operation_status_request *operation_status;
    struct pb_any *extensions;
    uint32_t extensions_count;
};

struct pb_get_status_request_operation_status_request {
    struct pb_text *operation_ids;
    uint32_t operation_ids_count;
    struct pb_any *extensions;
    uint32_t extensions_count;
};

struct pb_get_status_response {
    struct pb_text session_id;
    struct pb_text server_side_session_id;
    struct pb_get_status_response_operation_status *operation_statuses;
    uint32_t operation_statuses_count;
    struct pb_any *extensions;
    uint32_t extensions_count;
};

struct pb_get_status_response_operation_status {
    struct pb_text operation_id;
    int32_t state;
    struct pb_any *extensions;
    uint32_t extensions_count;
};

struct pb_relation {
    struct bytes raw; /* the message as it came; written instead of the fields */
    struct pb_relation_common *common;
    uint32_t rel_type_case; /* number of the member that is set */
    union {
        struct pb_read *read;
        struct pb_project *project;
        struct pb_filter *filter;
        struct pb_join *join;
        struct pb_set_operation *set_op;
        struct pb_sort *sort;
        struct pb_limit *limit;
        struct pb_aggregate *aggregate;
        struct pb_sql *sql;
        struct pb_local_relation *local_relation;
        struct pb_sample *sample;
        struct pb_offset *offset;
        struct pb_deduplicate *deduplicate;
        struct pb_range *range;
        struct pb_subquery_alias *subquery_alias;
        struct pb_repartition *repartition;
        struct pb_to_df *to_df;
        struct pb_with_columns_renamed *with_columns_renamed;
        struct pb_show_string *show_string;
        struct pb_drop *drop;
        struct pb_tail *tail;
        struct pb_with_columns *with_columns;
        struct pb_hint *hint;
        struct pb_unpivot *unpivot;
        struct pb_to_schema *to_schema;
        struct pb_repartition_by_expression *repartition_by_expression;
        struct pb_map_partitions *map_partitions;
        struct pb_collect_metrics *collect_metrics;
        struct pb_parse *parse;
        struct pb_group_map *group_map;
        struct pb_co_group_map *co_group_map;
        struct pb_with_watermark *with_watermark;
        struct pb_apply_in_pandas_with_state *apply_in_pandas_with_state;
        struct pb_html_string *html_string;
        struct pb_cached_local_relation *cached_local_relation;
        struct pb_cached_remote_relation *cached_remote_relation;
        struct pb_common_inline_user_defined_table_function *common_inline_user_defined_table_function;
        struct pb_as_of_join *as_of_join;
        struct pb_common_inline_user_defined_data_source *common_inline_user_defined_data_source;
        struct pb_with_relations *with_relations;
        struct pb_transpose *transpose;
        struct pb_unresolved_table_valued_function *unresolved_table_valued_function;
        struct pb_lateral_join *lateral_join;
        struct pb_chunked_cached_local_relation *chunked_cached_local_relation;
        struct pb_relation_changes *relation_changes;
        struct pb_nearest_by_join *nearest_by_join;
        struct pb_na_fill *fill_na;
        struct pb_na_drop *drop_na;
        struct pb_na_replace *replace;
        struct pb_stat_summary *summary;
        struct pb_stat_crosstab *crosstab;
        struct pb_stat_describe *describe;
        struct pb_stat_cov *cov;
        struct pb_stat_corr *corr;
        struct pb_stat_approx_quantile *approx_quantile;
        struct pb_stat_freq_items *freq_items;
        struct pb_stat_sample_by *sample_by;
        struct pb_catalog *catalog;
        struct pb_ml_relation *ml_relation;
        struct pb_any *extension;
        struct pb_unknown *unknown;
        struct pb_zip *zip;
    };
};

enum {
    PB_RELATION_READ_TAG = 2,
    PB_RELATION_PROJECT_TAG = 3,
    PB_RELATION_FILTER_TAG = 4,
    PB_RELATION_JOIN_TAG = 5,
    PB_RELATION_SET_OP_TAG = 6,
    PB_RELATION_SORT_TAG = 7,
    PB_RELATION_LIMIT_TAG = 8,
    PB_RELATION_AGGREGATE_TAG = 9,
    PB_RELATION_SQL_TAG = 10,
    PB_RELATION_LOCAL_RELATION_TAG = 11,
    PB_RELATION_SAMPLE_TAG = 12,
    PB_RELATION_OFFSET_TAG = 13,
    PB_RELATION_DEDUPLICATE_TAG = 14,
    PB_RELATION_RANGE_TAG = 15,
    PB_RELATION_SUBQUERY_ALIAS_TAG = 16,
    PB_RELATION_REPARTITION_TAG = 17,
    PB_RELATION_TO_DF_TAG = 18,
    PB_RELATION_WITH_COLUMNS_RENAMED_TAG = 19,
    PB_RELATION_SHOW_STRING_TAG = 20,
    PB_RELATION_DROP_TAG = 21,
    PB_RELATION_TAIL_TAG = 22,
    PB_RELATION_WITH_COLUMNS_TAG = 23,
    PB_RELATION_HINT_TAG = 24,
    PB_RELATION_UNPIVOT_TAG = 25,
    PB_RELATION_TO_SCHEMA_TAG = 26,
    PB_RELATION_REPARTITION_BY_EXPRESSION_TAG = 27,
    PB_RELATION_MAP_PARTITIONS_TAG = 28,
    PB_RELATION_COLLECT_METRICS_TAG = 29,
    PB_RELATION_PARSE_TAG = 30,
    PB_RELATION_GROUP_MAP_TAG = 31,
    PB_RELATION_CO_GROUP_MAP_TAG = 32,
    PB_RELATION_WITH_WATERMARK_TAG = 33,
    PB_RELATION_APPLY_IN_PANDAS_WITH_STATE_TAG = 34,
    PB_RELATION_HTML_STRING_TAG = 35,
    PB_RELATION_CACHED_LOCAL_RELATION_TAG = 36,
    PB_RELATION_CACHED_REMOTE_RELATION_TAG = 37,
    PB_RELATION_COMMON_INLINE_USER_DEFINED_TABLE_FUNCTION_TAG = 38,
    PB_RELATION_AS_OF_JOIN_TAG = 39,
    PB_RELATION_COMMON_INLINE_USER_DEFINED_DATA_SOURCE_TAG = 40,
    PB_RELATION_WITH_RELATIONS_TAG = 41,
    PB_RELATION_TRANSPOSE_TAG = 42,
    PB_RELATION_UNRESOLVED_TABLE_VALUED_FUNCTION_TAG = 43,
    PB_RELATION_LATERAL_JOIN_TAG = 44,
    PB_RELATION_CHUNKED_CACHED_LOCAL_RELATION_TAG = 45,
    PB_RELATION_RELATION_CHANGES_TAG = 46,
    PB_RELATION_NEAREST_BY_JOIN_TAG = 47,
    PB_RELATION_FILL_NA_TAG = 90,
    PB_RELATION_DROP_NA_TAG = 91,
    PB_RELATION_REPLACE_TAG = 92,
    PB_RELATION_SUMMARY_TAG = 100,
    PB_RELATION_CROSSTAB_TAG = 101,
    PB_RELATION_DESCRIBE_TAG = 102,
    PB_RELATION_COV_TAG = 103,
    PB_RELATION_CORR_TAG = 104,
    PB_RELATION_APPROX_QUANTILE_TAG = 105,
    PB_RELATION_FREQ_ITEMS_TAG = 106,
    PB_RELATION_SAMPLE_BY_TAG = 107,
    PB_RELATION_CATALOG_TAG = 200,
    PB_RELATION_ML_RELATION_TAG = 300,
    PB_RELATION_EXTENSION_TAG = 998,
    PB_RELATION_UNKNOWN_TAG = 999,
    PB_RELATION_ZIP_TAG = 48,
};

struct pb_ml_relation {
    uint32_t ml_type_case; /* number of the member that is set */
    union {
        struct pb_ml_relation_transform *transform;
        struct pb_fetch *fetch;
    };
    struct pb_relation *model_summary_dataset;
};

enum {
    PB_ML_RELATION_TRANSFORM_TAG = 1,
    PB_ML_RELATION_FETCH_TAG = 2,
};

struct pb_ml_relation_transform {
    uint32_t operator_case; /* number of the member that is set */
    union {
        struct pb_object_ref *obj_ref;
        struct pb_ml_operator *transformer;
    };
    struct pb_relation *input;
    struct pb_ml_params *params;
};

enum {
    PB_ML_RELATION_TRANSFORM_OBJ_REF_TAG = 1,
    PB_ML_RELATION_TRANSFORM_TRANSFORMER_TAG = 2,
};

struct pb_fetch {
    struct pb_object_ref *obj_ref;
    struct pb_fetch_method *methods;
    uint32_t methods_count;
};

struct pb_fetch_method {
    struct pb_text method;
    struct pb_fetch_method_args *args;
    uint32_t args_count;
};

struct pb_fetch_method_args {
    uint32_t args_type_case; /* number of the member that is set */
    union {
        struct pb_expression_literal *param;
        struct pb_relation *input;
    };
};

enum {
    PB_FETCH_METHOD_ARGS_PARAM_TAG = 1,
    PB_FETCH_METHOD_ARGS_INPUT_TAG = 2,
};

struct pb_unknown {
    char empty; /* C wants a member */
};

struct pb_relation_common {
    struct pb_text source_info;
    int64_t plan_id;
    bool has_plan_id;
    struct pb_origin *origin;
};

struct pb_sql {
    struct pb_text query;
    struct pb_map_string_expression_literal *args;
    uint32_t args_count;
    struct pb_expression_literal *pos_args;
    uint32_t pos_args_count;
    struct pb_map_string_expression *named_arguments;
    uint32_t named_arguments_count;
    struct pb_expression *pos_arguments;
    uint32_t pos_arguments_count;
};

struct pb_with_relations {
    struct pb_relation *root;
    struct pb_relation *references;
    uint32_t references_count;
};

struct pb_read {
    uint32_t read_type_case; /* number of the member that is set */
    union {
        struct pb_read_named_table *named_table;
        struct pb_read_data_source *data_source;
    };
    bool is_streaming;
};

enum {
    PB_READ_NAMED_TABLE_TAG = 1,
    PB_READ_DATA_SOURCE_TAG = 2,
};

struct pb_read_named_table {
    struct pb_text unparsed_identifier;
    struct pb_map_string_string *options;
    uint32_t options_count;
};

struct pb_read_data_source {
    struct pb_text format;
    struct pb_text schema;
    struct pb_map_string_string *options;
    uint32_t options_count;
    struct pb_text *paths;
    uint32_t paths_count;
    struct pb_text *predicates;
    uint32_t predicates_count;
    struct pb_text source_name;
};

struct pb_relation_changes {
    struct pb_text unparsed_identifier;
    struct pb_map_string_string *options;
    uint32_t options_count;
    bool is_streaming;
};

struct pb_project {
    struct pb_relation *input;
    struct pb_expression *expressions;
    uint32_t expressions_count;
};

struct pb_filter {
    struct pb_relation *input;
    struct pb_expression *condition;
};

struct pb_join {
    struct pb_relation *left;
    struct pb_relation *right;
    struct pb_expression *join_condition;
    int32_t join_type;
    struct pb_text *using_columns;
    uint32_t using_columns_count;
    struct pb_join_join_data_type *join_data_type;
};

struct pb_join_join_data_type {
    bool is_left_struct;
    bool is_right_struct;
};

struct pb_set_operation {
    struct pb_relation *left_input;
    struct pb_relation *right_input;
    int32_t set_op_type;
    bool is_all;
    bool has_is_all;
    bool by_name;
    bool has_by_name;
    bool allow_missing_columns;
    bool has_allow_missing_columns;
};

struct pb_limit {
    struct pb_relation *input;
    int32_t limit;
};

struct pb_offset {
    struct pb_relation *input;
    int32_t offset;
};

struct pb_tail {
    struct pb_relation *input;
    int32_t limit;
};

struct pb_aggregate {
    struct pb_relation *input;
    int32_t group_type;
    struct pb_expression *grouping_expressions;
    uint32_t grouping_expressions_count;
    struct pb_expression *aggregate_expressions;
    uint32_t aggregate_expressions_count;
    struct pb_aggregate_pivot *pivot;
    struct pb_aggregate_grouping_sets *grouping_sets;
    uint32_t grouping_sets_count;
};

struct pb_aggregate_pivot {
    struct pb_expression *col;
    struct pb_expression_literal *values;
    uint32_t values_count;
};

struct pb_aggregate_grouping_sets {
    struct pb_expression *grouping_set;
    uint32_t grouping_set_count;
};

struct pb_sort {
    struct pb_relation *input;
    struct pb_expression_sort_order *order;
    uint32_t order_count;
    bool is_global;
    bool has_is_global;
};

struct pb_drop {
    struct pb_relation *input;
    struct pb_expression *columns;
    uint32_t columns_count;
    struct pb_text *column_names;
    uint32_t column_names_count;
};

struct pb_deduplicate {
    struct pb_relation *input;
    struct pb_text *column_names;
    uint32_t column_names_count;
    bool all_columns_as_keys;
    bool has_all_columns_as_keys;
    bool within_watermark;
    bool has_within_watermark;
};

struct pb_local_relation {
    struct bytes data;
    struct pb_text schema;
};

struct pb_cached_local_relation {
    struct pb_text hash;
};

struct pb_chunked_cached_local_relation {
    struct pb_text *dataHashes;
    uint32_t dataHashes_count;
    struct pb_text schemaHash;
};

struct pb_cached_remote_relation {
    struct pb_text relation_id;
};

struct pb_sample {
    struct pb_relation *input;
    double lower_bound;
    double upper_bound;
    bool with_replacement;
    bool has_with_replacement;
    int64_t seed;
    bool has_seed;
    bool deterministic_order;
};

struct pb_range {
    int64_t start;
    bool has_start;
    int64_t end;
    int64_t step;
    int32_t num_partitions;
    bool has_num_partitions;
};

struct pb_subquery_alias {
    struct pb_relation *input;
    struct pb_text alias;
    struct pb_text *qualifier;
    uint32_t qualifier_count;
};

struct pb_repartition {
    struct pb_relation *input;
    int32_t num_partitions;
    bool shuffle;
    bool has_shuffle;
};

struct pb_show_string {
    struct pb_relation *input;
    int32_t num_rows;
    int32_t truncate;
    bool vertical;
};

struct pb_html_string {
    struct pb_relation *input;
    int32_t num_rows;
    int32_t truncate;
};

struct pb_stat_summary {
    struct pb_relation *input;
    struct pb_text *statistics;
    uint32_t statistics_count;
};

struct pb_stat_describe {
    struct pb_relation *input;
    struct pb_text *cols;
    uint32_t cols_count;
};

struct pb_stat_crosstab {
    struct pb_relation *input;
    struct pb_text col1;
    struct pb_text col2;
};

struct pb_stat_cov {
    struct pb_relation *input;
    struct pb_text col1;
    struct pb_text col2;
};

struct pb_stat_corr {
    struct pb_relation *input;
    struct pb_text col1;
    struct pb_text col2;
    struct pb_text method;
};

struct pb_stat_approx_quantile {
    struct pb_relation *input;
    struct pb_text *cols;
    uint32_t cols_count;
    double *probabilities;
    uint32_t probabilities_count;
    double relative_error;
};

struct pb_stat_freq_items {
    struct pb_relation *input;
    struct pb_text *cols;
    uint32_t cols_count;
    double support;
    bool has_support;
};

struct pb_stat_sample_by {
    struct pb_relation *input;
    struct pb_expression *col;
    struct pb_stat_sample_by_fraction *fractions;
    uint32_t fractions_count;
    int64_t seed;
    bool has_seed;
};

struct pb_stat_sample_by_fraction {
    struct pb_expression_literal *stratum;
    double fraction;
};

struct pb_na_fill {
    struct pb_relation *input;
    struct pb_text *cols;
    uint32_t cols_count;
    struct pb_expression_literal *values;
    uint32_t values_count;
};

struct pb_na_drop {
    struct pb_relation *input;
    struct pb_text *cols;
    uint32_t cols_count;
    int32_t min_non_nulls;
    bool has_min_non_nulls;
};

struct pb_na_replace {
    struct pb_relation *input;
    struct pb_text *cols;
    uint32_t cols_count;
    struct pb_na_replace_replacement *replacements;
    uint32_t replacements_count;
};

struct pb_na_replace_replacement {
    struct pb_expression_literal *old_value;
    struct pb_expression_literal *new_value;
};

struct pb_to_df {
    struct pb_relation *input;
    struct pb_text *column_names;
    uint32_t column_names_count;
};

struct pb_with_columns_renamed {
    struct pb_relation *input;
    struct pb_map_string_string *rename_columns_map;
    uint32_t rename_columns_map_count;
    struct pb_with_columns_renamed_rename *renames;
    uint32_t renames_count;
};

struct pb_with_columns_renamed_rename {
    struct pb_text col_name;
    struct pb_text new_col_name;
};

struct pb_with_columns {
    struct pb_relation *input;
    struct pb_expression_alias *aliases;
    uint32_t aliases_count;
};

struct pb_with_watermark {
    struct pb_relation *input;
    struct pb_text event_time;
    struct pb_text delay_threshold;
};

struct pb_hint {
    struct pb_relation *input;
    struct pb_text name;
    struct pb_expression *parameters;
    uint32_t parameters_count;
};

struct pb_unpivot {
    struct pb_relation *input;
    struct pb_expression *ids;
    uint32_t ids_count;
    struct pb_unpivot_values *values;
    struct pb_text variable_column_name;
    struct pb_text value_column_name;
};

struct pb_unpivot_values {
    struct pb_expression *values;
    uint32_t values_count;
};

struct pb_transpose {
    struct pb_relation *input;
    struct pb_expression *index_columns;
    uint32_t index_columns_count;
};

struct pb_unresolved_table_valued_function {
    struct pb_text function_name;
    struct pb_expression *arguments;
    uint32_t arguments_count;
};

struct pb_to_schema {
    struct pb_relation *input;
    struct pb_data_type *schema;
};

struct pb_repartition_by_expression {
    struct pb_relation *input;
    struct pb_expression *partition_exprs;
    uint32_t partition_exprs_count;
    int32_t num_partitions;
    bool has_num_partitions;
};

struct pb_map_partitions {
    struct pb_relation *input;
    struct pb_common_inline_user_defined_function *func;
    bool is_barrier;
    bool has_is_barrier;
    int32_t profile_id;
    bool has_profile_id;
};

struct pb_group_map {
    struct pb_relation *input;
    struct pb_expression *grouping_expressions;
    uint32_t grouping_expressions_count;
    struct pb_common_inline_user_defined_function *func;
    struct pb_expression *sorting_expressions;
    uint32_t sorting_expressions_count;
    struct pb_relation *initial_input;
    struct pb_expression *initial_grouping_expressions;
    uint32_t initial_grouping_expressions_count;
    bool is_map_groups_with_state;
    bool has_is_map_groups_with_state;
    struct pb_text output_mode;
    struct pb_text timeout_conf;
    struct pb_data_type *state_schema;
    struct pb_transform_with_state_info *transform_with_state_info;
};

struct pb_transform_with_state_info {
    struct pb_text time_mode;
    struct pb_text event_time_column_name;
    struct pb_data_type *output_schema;
};

struct pb_co_group_map {
    struct pb_relation *input;
    struct pb_expression *input_grouping_expressions;
    uint32_t input_grouping_expressions_count;
    struct pb_relation *other;
    struct pb_expression *other_grouping_expressions;
    uint32_t other_grouping_expressions_count;
    struct pb_common_inline_user_defined_function *func;
    struct pb_expression *input_sorting_expressions;
    uint32_t input_sorting_expressions_count;
    struct pb_expression *other_sorting_expressions;
    uint32_t other_sorting_expressions_count;
};

struct pb_apply_in_pandas_with_state {
    struct pb_relation *input;
    struct pb_expression *grouping_expressions;
    uint32_t grouping_expressions_count;
    struct pb_common_inline_user_defined_function *func;
    struct pb_text output_schema;
    struct pb_text state_schema;
    struct pb_text output_mode;
    struct pb_text timeout_conf;
};

struct pb_common_inline_user_defined_table_function {
    struct pb_text function_name;
    bool deterministic;
    struct pb_expression *arguments;
    uint32_t arguments_count;
    uint32_t function_case; /* number of the member that is set */
    union {
        struct pb_python_udtf *python_udtf;
    };
};

enum {
    PB_COMMON_INLINE_USER_DEFINED_TABLE_FUNCTION_PYTHON_UDTF_TAG = 4,
};

struct pb_python_udtf {
    struct pb_data_type *return_type;
    int32_t eval_type;
    struct bytes command;
    struct pb_text python_ver;
};

struct pb_common_inline_user_defined_data_source {
    struct pb_text name;
    uint32_t data_source_case; /* number of the member that is set */
    union {
        struct pb_python_data_source *python_data_source;
    };
};

enum {
    PB_COMMON_INLINE_USER_DEFINED_DATA_SOURCE_PYTHON_DATA_SOURCE_TAG = 2,
};

struct pb_python_data_source {
    struct bytes command;
    struct pb_text python_ver;
};

struct pb_collect_metrics {
    struct pb_relation *input;
    struct pb_text name;
    struct pb_expression *metrics;
    uint32_t metrics_count;
};

struct pb_parse {
    struct pb_relation *input;
    int32_t format;
    struct pb_data_type *schema;
    struct pb_map_string_string *options;
    uint32_t options_count;
};

struct pb_as_of_join {
    struct pb_relation *left;
    struct pb_relation *right;
    struct pb_expression *left_as_of;
    struct pb_expression *right_as_of;
    struct pb_expression *join_expr;
    struct pb_text *using_columns;
    uint32_t using_columns_count;
    struct pb_text join_type;
    struct pb_expression *tolerance;
    bool allow_exact_matches;
    struct pb_text direction;
};

struct pb_lateral_join {
    struct pb_relation *left;
    struct pb_relation *right;
    struct pb_expression *join_condition;
    int32_t join_type;
};

struct pb_nearest_by_join {
    struct pb_relation *left;
    struct pb_relation *right;
    struct pb_expression *ranking_expression;
    int32_t num_results;
    struct pb_text join_type;
    struct pb_text mode;
    struct pb_text direction;
};

struct pb_expression {
    struct pb_expression_common *common;
    uint32_t expr_type_case; /* number of the member that is set */
    union {
        struct pb_expression_literal *literal;
        struct pb_expression_unresolved_attribute *unresolved_attribute;
        struct pb_expression_unresolved_function *unresolved_function;
        struct pb_expression_expression_string *expression_string;
        struct pb_expression_unresolved_star *unresolved_star;
        struct pb_expression_alias *alias;
        struct pb_expression_cast *cast;
        struct pb_expression_unresolved_regex *unresolved_regex;
        struct pb_expression_sort_order *sort_order;
        struct pb_expression_lambda_function *lambda_function;
        struct pb_expression_window *window;
        struct pb_expression_unresolved_extract_value *unresolved_extract_value;
        struct pb_expression_update_fields *update_fields;
        struct pb_expression_unresolved_named_lambda_variable *unresolved_named_lambda_variable;
        struct pb_common_inline_user_defined_function *common_inline_user_defined_function;
        struct pb_call_function *call_function;
        struct pb_named_argument_expression *named_argument_expression;
        struct pb_merge_action *merge_action;
        struct pb_typed_aggregate_expression *typed_aggregate_expression;
        struct pb_subquery_expression *subquery_expression;
        struct pb_expression_direct_shuffle_partition_id *direct_shuffle_partition_id;
        struct pb_any *extension;
    };
};

enum {
    PB_EXPRESSION_LITERAL_TAG = 1,
    PB_EXPRESSION_UNRESOLVED_ATTRIBUTE_TAG = 2,
    PB_EXPRESSION_UNRESOLVED_FUNCTION_TAG = 3,
    PB_EXPRESSION_EXPRESSION_STRING_TAG = 4,
    PB_EXPRESSION_UNRESOLVED_STAR_TAG = 5,
    PB_EXPRESSION_ALIAS_TAG = 6,
    PB_EXPRESSION_CAST_TAG = 7,
    PB_EXPRESSION_UNRESOLVED_REGEX_TAG = 8,
    PB_EXPRESSION_SORT_ORDER_TAG = 9,
    PB_EXPRESSION_LAMBDA_FUNCTION_TAG = 10,
    PB_EXPRESSION_WINDOW_TAG = 11,
    PB_EXPRESSION_UNRESOLVED_EXTRACT_VALUE_TAG = 12,
    PB_EXPRESSION_UPDATE_FIELDS_TAG = 13,
    PB_EXPRESSION_UNRESOLVED_NAMED_LAMBDA_VARIABLE_TAG = 14,
    PB_EXPRESSION_COMMON_INLINE_USER_DEFINED_FUNCTION_TAG = 15,
    PB_EXPRESSION_CALL_FUNCTION_TAG = 16,
    PB_EXPRESSION_NAMED_ARGUMENT_EXPRESSION_TAG = 17,
    PB_EXPRESSION_MERGE_ACTION_TAG = 19,
    PB_EXPRESSION_TYPED_AGGREGATE_EXPRESSION_TAG = 20,
    PB_EXPRESSION_SUBQUERY_EXPRESSION_TAG = 21,
    PB_EXPRESSION_DIRECT_SHUFFLE_PARTITION_ID_TAG = 22,
    PB_EXPRESSION_EXTENSION_TAG = 999,
};

struct pb_expression_window {
    struct pb_expression *window_function;
    struct pb_expression *partition_spec;
    uint32_t partition_spec_count;
    struct pb_expression_sort_order *order_spec;
    uint32_t order_spec_count;
    struct pb_expression_window_window_frame *frame_spec;
};

struct pb_expression_window_window_frame {
    int32_t frame_type;
    struct pb_expression_window_window_frame_frame_boundary *lower;
    struct pb_expression_window_window_frame_frame_boundary *upper;
};

struct pb_expression_window_window_frame_frame_boundary {
    uint32_t boundary_case; /* number of the member that is set */
    union {
        bool current_row;
        bool unbounded;
        struct pb_expression *value;
    };
};

enum {
    PB_EXPRESSION_WINDOW_WINDOW_FRAME_FRAME_BOUNDARY_CURRENT_ROW_TAG = 1,
    PB_EXPRESSION_WINDOW_WINDOW_FRAME_FRAME_BOUNDARY_UNBOUNDED_TAG = 2,
    PB_EXPRESSION_WINDOW_WINDOW_FRAME_FRAME_BOUNDARY_VALUE_TAG = 3,
};

struct pb_expression_sort_order {
    struct pb_expression *child;
    int32_t direction;
    int32_t null_ordering;
};

struct pb_expression_direct_shuffle_partition_id {
    struct pb_expression *child;
};

struct pb_expression_cast {
    struct pb_expression *expr;
    uint32_t cast_to_type_case; /* number of the member that is set */
    union {
        struct pb_data_type *type;
        struct pb_text type_str;
    };
    int32_t eval_mode;
};

enum {
    PB_EXPRESSION_CAST_TYPE_TAG = 2,
    PB_EXPRESSION_CAST_TYPE_STR_TAG = 3,
};

struct pb_expression_literal {
    uint32_t literal_type_case; /* number of the member that is set */
    union {
        struct pb_data_type *null;
        struct bytes binary;
        bool boolean;
        int32_t byte;
        int32_t short_;
        int32_t integer;
        int64_t long_;
        float float_;
        double double_;
        struct pb_expression_literal_decimal *decimal;
        struct pb_text string;
        int32_t date;
        int64_t timestamp;
        int64_t timestamp_ntz;
        struct pb_expression_literal_calendar_interval *calendar_interval;
        int32_t year_month_interval;
        int64_t day_time_interval;
        struct pb_expression_literal_array *array;
        struct pb_expression_literal_map *map;
        struct pb_expression_literal_struct *struct_;
        struct pb_expression_literal_specialized_array *specialized_array;
        struct pb_expression_literal_time *time;
        struct pb_expression_literal_timestamp_ntz_nanos *timestamp_ntz_nanos;
        struct pb_expression_literal_timestamp_ltz_nanos *timestamp_ltz_nanos;
    };
    struct pb_data_type *data_type;
};

enum {
    PB_EXPRESSION_LITERAL_NULL_TAG = 1,
    PB_EXPRESSION_LITERAL_BINARY_TAG = 2,
    PB_EXPRESSION_LITERAL_BOOLEAN_TAG = 3,
    PB_EXPRESSION_LITERAL_BYTE_TAG = 4,
    PB_EXPRESSION_LITERAL_SHORT_TAG = 5,
    PB_EXPRESSION_LITERAL_INTEGER_TAG = 6,
    PB_EXPRESSION_LITERAL_LONG_TAG = 7,
    PB_EXPRESSION_LITERAL_FLOAT_TAG = 10,
    PB_EXPRESSION_LITERAL_DOUBLE_TAG = 11,
    PB_EXPRESSION_LITERAL_DECIMAL_TAG = 12,
    PB_EXPRESSION_LITERAL_STRING_TAG = 13,
    PB_EXPRESSION_LITERAL_DATE_TAG = 16,
    PB_EXPRESSION_LITERAL_TIMESTAMP_TAG = 17,
    PB_EXPRESSION_LITERAL_TIMESTAMP_NTZ_TAG = 18,
    PB_EXPRESSION_LITERAL_CALENDAR_INTERVAL_TAG = 19,
    PB_EXPRESSION_LITERAL_YEAR_MONTH_INTERVAL_TAG = 20,
    PB_EXPRESSION_LITERAL_DAY_TIME_INTERVAL_TAG = 21,
    PB_EXPRESSION_LITERAL_ARRAY_TAG = 22,
    PB_EXPRESSION_LITERAL_MAP_TAG = 23,
    PB_EXPRESSION_LITERAL_STRUCT_TAG = 24,
    PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_TAG = 25,
    PB_EXPRESSION_LITERAL_TIME_TAG = 26,
    PB_EXPRESSION_LITERAL_TIMESTAMP_NTZ_NANOS_TAG = 29,
    PB_EXPRESSION_LITERAL_TIMESTAMP_LTZ_NANOS_TAG = 30,
};

struct pb_expression_literal_decimal {
    struct pb_text value;
    int32_t precision;
    bool has_precision;
    int32_t scale;
    bool has_scale;
};

struct pb_expression_literal_calendar_interval {
    int32_t months;
    int32_t days;
    int64_t microseconds;
};

struct pb_expression_literal_array {
    struct pb_data_type *element_type;
    struct pb_expression_literal *elements;
    uint32_t elements_count;
};

struct pb_expression_literal_map {
    struct pb_data_type *key_type;
    struct pb_data_type *value_type;
    struct pb_expression_literal *keys;
    uint32_t keys_count;
    struct pb_expression_literal *values;
    uint32_t values_count;
};

struct pb_expression_literal_struct {
    struct pb_data_type *struct_type;
    struct pb_expression_literal *elements;
    uint32_t elements_count;
};

struct pb_expression_literal_specialized_array {
    uint32_t value_type_case; /* number of the member that is set */
    union {
        struct pb_bools *bools;
        struct pb_ints *ints;
        struct pb_longs *longs;
        struct pb_floats *floats;
        struct pb_doubles *doubles;
        struct pb_strings *strings;
    };
};

enum {
    PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_BOOLS_TAG = 1,
    PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_INTS_TAG = 2,
    PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_LONGS_TAG = 3,
    PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_FLOATS_TAG = 4,
    PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_DOUBLES_TAG = 5,
    PB_EXPRESSION_LITERAL_SPECIALIZED_ARRAY_STRINGS_TAG = 6,
};

struct pb_expression_literal_time {
    int64_t nano;
    int32_t precision;
    bool has_precision;
};

struct pb_expression_unresolved_attribute {
    struct pb_text unparsed_identifier;
    int64_t plan_id;
    bool has_plan_id;
    bool is_metadata_column;
    bool has_is_metadata_column;
};

struct pb_expression_unresolved_function {
    struct pb_text function_name;
    struct pb_expression *arguments;
    uint32_t arguments_count;
    bool is_distinct;
    bool is_user_defined_function;
    bool is_internal;
    bool has_is_internal;
};

struct pb_expression_expression_string {
    struct pb_text expression;
};

struct pb_expression_unresolved_star {
    struct pb_text unparsed_target;
    int64_t plan_id;
    bool has_plan_id;
};

struct pb_expression_unresolved_regex {
    struct pb_text col_name;
    int64_t plan_id;
    bool has_plan_id;
};

struct pb_expression_unresolved_extract_value {
    struct pb_expression *child;
    struct pb_expression *extraction;
};

struct pb_expression_update_fields {
    struct pb_expression *struct_expression;
    struct pb_text field_name;
    struct pb_expression *value_expression;
};

struct pb_expression_alias {
    struct pb_expression *expr;
    struct pb_text *name;
    uint32_t name_count;
    struct pb_text metadata;
};

struct pb_expression_lambda_function {
    struct pb_expression *function;
    struct pb_expression_unresolved_named_lambda_variable *arguments;
    uint32_t arguments_count;
};

struct pb_expression_unresolved_named_lambda_variable {
    struct pb_text *name_parts;
    uint32_t name_parts_count;
};

struct pb_expression_common {
    struct pb_origin *origin;
};

struct pb_common_inline_user_defined_function {
    struct pb_text function_name;
    bool deterministic;
    struct pb_expression *arguments;
    uint32_t arguments_count;
    uint32_t function_case; /* number of the member that is set */
    union {
        struct pb_python_udf *python_udf;
        struct pb_scalar_scala_udf *scalar_scala_udf;
        struct pb_java_udf *java_udf;
    };
    bool is_distinct;
};

enum {
    PB_COMMON_INLINE_USER_DEFINED_FUNCTION_PYTHON_UDF_TAG = 4,
    PB_COMMON_INLINE_USER_DEFINED_FUNCTION_SCALAR_SCALA_UDF_TAG = 5,
    PB_COMMON_INLINE_USER_DEFINED_FUNCTION_JAVA_UDF_TAG = 6,
};

struct pb_python_udf {
    struct pb_data_type *output_type;
    int32_t eval_type;
    struct bytes command;
    struct pb_text python_ver;
    struct pb_text *additional_includes;
    uint32_t additional_includes_count;
};

struct pb_scalar_scala_udf {
    struct bytes payload;
    struct pb_data_type *inputTypes;
    uint32_t inputTypes_count;
    struct pb_data_type *outputType;
    bool nullable;
    bool aggregate;
};

struct pb_java_udf {
    struct pb_text class_name;
    struct pb_data_type *output_type;
    bool aggregate;
};

struct pb_typed_aggregate_expression {
    struct pb_scalar_scala_udf *scalar_scala_udf;
};

struct pb_call_function {
    struct pb_text function_name;
    struct pb_expression *arguments;
    uint32_t arguments_count;
};

struct pb_named_argument_expression {
    struct pb_text key;
    struct pb_expression *value;
};

struct pb_merge_action {
    int32_t action_type;
    struct pb_expression *condition;
    struct pb_merge_action_assignment *assignments;
    uint32_t assignments_count;
};

struct pb_merge_action_assignment {
    struct pb_expression *key;
    struct pb_expression *value;
};

struct pb_subquery_expression {
    int64_t plan_id;
    int32_t subquery_type;
    struct pb_subquery_expression_table_arg_options *table_arg_options;
    struct pb_expression *in_subquery_values;
    uint32_t in_subquery_values_count;
};

struct pb_subquery_expression_table_arg_options {
    struct pb_expression *partition_spec;
    uint32_t partition_spec_count;
    struct pb_expression_sort_order *order_spec;
    uint32_t order_spec_count;
    bool with_single_partition;
    bool has_with_single_partition;
};

struct pb_command {
    uint32_t command_type_case; /* number of the member that is set */
    union {
        struct pb_common_inline_user_defined_function *register_function;
        struct pb_write_operation *write_operation;
        struct pb_create_data_frame_view_command *create_dataframe_view;
        struct pb_write_operation_v2 *write_operation_v2;
        struct pb_sql_command *sql_command;
        struct pb_write_stream_operation_start *write_stream_operation_start;
        struct pb_streaming_query_command *streaming_query_command;
        struct pb_get_resources_command *get_resources_command;
        struct pb_streaming_query_manager_command *streaming_query_manager_command;
        struct pb_common_inline_user_defined_table_function *register_table_function;
        struct pb_streaming_query_listener_bus_command *streaming_query_listener_bus_command;
        struct pb_common_inline_user_defined_data_source *register_data_source;
        struct pb_create_resource_profile_command *create_resource_profile_command;
        struct pb_checkpoint_command *checkpoint_command;
        struct pb_remove_cached_remote_relation_command *remove_cached_remote_relation_command;
        struct pb_merge_into_table_command *merge_into_table_command;
        struct pb_ml_command *ml_command;
        struct pb_execute_external_command *execute_external_command;
        struct pb_pipeline_command *pipeline_command;
        struct pb_any *extension;
    };
};

enum {
    PB_COMMAND_REGISTER_FUNCTION_TAG = 1,
    PB_COMMAND_WRITE_OPERATION_TAG = 2,
    PB_COMMAND_CREATE_DATAFRAME_VIEW_TAG = 3,
    PB_COMMAND_WRITE_OPERATION_V2_TAG = 4,
    PB_COMMAND_SQL_COMMAND_TAG = 5,
    PB_COMMAND_WRITE_STREAM_OPERATION_START_TAG = 6,
    PB_COMMAND_STREAMING_QUERY_COMMAND_TAG = 7,
    PB_COMMAND_GET_RESOURCES_COMMAND_TAG = 8,
    PB_COMMAND_STREAMING_QUERY_MANAGER_COMMAND_TAG = 9,
    PB_COMMAND_REGISTER_TABLE_FUNCTION_TAG = 10,
    PB_COMMAND_STREAMING_QUERY_LISTENER_BUS_COMMAND_TAG = 11,
    PB_COMMAND_REGISTER_DATA_SOURCE_TAG = 12,
    PB_COMMAND_CREATE_RESOURCE_PROFILE_COMMAND_TAG = 13,
    PB_COMMAND_CHECKPOINT_COMMAND_TAG = 14,
    PB_COMMAND_REMOVE_CACHED_REMOTE_RELATION_COMMAND_TAG = 15,
    PB_COMMAND_MERGE_INTO_TABLE_COMMAND_TAG = 16,
    PB_COMMAND_ML_COMMAND_TAG = 17,
    PB_COMMAND_EXECUTE_EXTERNAL_COMMAND_TAG = 18,
    PB_COMMAND_PIPELINE_COMMAND_TAG = 19,
    PB_COMMAND_EXTENSION_TAG = 999,
};

struct pb_sql_command {
    struct pb_text sql;
    struct pb_map_string_expression_literal *args;
    uint32_t args_count;
    struct pb_expression_literal *pos_args;
    uint32_t pos_args_count;
    struct pb_map_string_expression *named_arguments;
    uint32_t named_arguments_count;
    struct pb_expression *pos_arguments;
    uint32_t pos_arguments_count;
    struct pb_relation *input;
};

struct pb_create_data_frame_view_command {
    struct pb_relation *input;
    struct pb_text name;
    bool is_global;
    bool replace;
};

struct pb_write_operation {
    struct pb_relation *input;
    struct pb_text source;
    uint32_t save_type_case; /* number of the member that is set */
    union {
        struct pb_text path;
        struct pb_write_operation_save_table *table;
    };
    int32_t mode;
    struct pb_text *sort_column_names;
    uint32_t sort_column_names_count;
    struct pb_text *partitioning_columns;
    uint32_t partitioning_columns_count;
    struct pb_write_operation_bucket_by *bucket_by;
    struct pb_map_string_string *options;
    uint32_t options_count;
    struct pb_text *clustering_columns;
    uint32_t clustering_columns_count;
    bool with_schema_evolution;
};

enum {
    PB_WRITE_OPERATION_PATH_TAG = 3,
    PB_WRITE_OPERATION_TABLE_TAG = 4,
};

struct pb_write_operation_save_table {
    struct pb_text table_name;
    int32_t save_method;
};

struct pb_write_operation_bucket_by {
    struct pb_text *bucket_column_names;
    uint32_t bucket_column_names_count;
    int32_t num_buckets;
};

struct pb_write_operation_v2 {
    struct pb_relation *input;
    struct pb_text table_name;
    struct pb_text provider;
    struct pb_expression *partitioning_columns;
    uint32_t partitioning_columns_count;
    struct pb_map_string_string *options;
    uint32_t options_count;
    struct pb_map_string_string *table_properties;
    uint32_t table_properties_count;
    int32_t mode;
    struct pb_expression *overwrite_condition;
    struct pb_text *clustering_columns;
    uint32_t clustering_columns_count;
    bool with_schema_evolution;
};

struct pb_write_stream_operation_start {
    struct bytes raw; /* the message as it came; written instead of the fields */
    struct pb_relation *input;
    struct pb_text format;
    struct pb_map_string_string *options;
    uint32_t options_count;
    struct pb_text *partitioning_column_names;
    uint32_t partitioning_column_names_count;
    uint32_t trigger_case; /* number of the member that is set */
    union {
        struct pb_text processing_time_interval;
        bool available_now;
        bool once;
        struct pb_text continuous_checkpoint_interval;
        struct pb_text real_time_batch_duration;
    };
    struct pb_text output_mode;
    struct pb_text query_name;
    uint32_t sink_destination_case; /* number of the member that is set */
    union {
        struct pb_text path;
        struct pb_text table_name;
    };
    struct pb_streaming_foreach_function *foreach_writer;
    struct pb_streaming_foreach_function *foreach_batch;
    struct pb_text *clustering_column_names;
    uint32_t clustering_column_names_count;
};

enum {
    PB_WRITE_STREAM_OPERATION_START_PROCESSING_TIME_INTERVAL_TAG = 5,
    PB_WRITE_STREAM_OPERATION_START_AVAILABLE_NOW_TAG = 6,
    PB_WRITE_STREAM_OPERATION_START_ONCE_TAG = 7,
    PB_WRITE_STREAM_OPERATION_START_CONTINUOUS_CHECKPOINT_INTERVAL_TAG = 8,
    PB_WRITE_STREAM_OPERATION_START_REAL_TIME_BATCH_DURATION_TAG = 100,
    PB_WRITE_STREAM_OPERATION_START_PATH_TAG = 11,
    PB_WRITE_STREAM_OPERATION_START_TABLE_NAME_TAG = 12,
};

struct pb_streaming_foreach_function {
    uint32_t function_case; /* number of the member that is set */
    union {
        struct pb_python_udf *python_function;
        struct pb_scalar_scala_udf *scala_function;
    };
};

enum {
    PB_STREAMING_FOREACH_FUNCTION_PYTHON_FUNCTION_TAG = 1,
    PB_STREAMING_FOREACH_FUNCTION_SCALA_FUNCTION_TAG = 2,
};

struct pb_write_stream_operation_start_result {
    struct pb_streaming_query_instance_id *query_id;
    struct pb_text name;
    struct pb_text query_started_event_json;
};

struct pb_streaming_query_instance_id {
    struct pb_text id;
    struct pb_text run_id;
};

struct pb_streaming_query_command {
    struct pb_streaming_query_instance_id *query_id;
    uint32_t command_case; /* number of the member that is set */
    union {
        bool status;
        bool last_progress;
        bool recent_progress;
        bool stop;
        bool process_all_available;
        struct pb_streaming_query_command_explain_command *explain;
        bool exception;
        struct pb_streaming_query_command_await_termination_command *await_termination;
    };
};

enum {
    PB_STREAMING_QUERY_COMMAND_STATUS_TAG = 2,
    PB_STREAMING_QUERY_COMMAND_LAST_PROGRESS_TAG = 3,
    PB_STREAMING_QUERY_COMMAND_RECENT_PROGRESS_TAG = 4,
    PB_STREAMING_QUERY_COMMAND_STOP_TAG = 5,
    PB_STREAMING_QUERY_COMMAND_PROCESS_ALL_AVAILABLE_TAG = 6,
    PB_STREAMING_QUERY_COMMAND_EXPLAIN_TAG = 7,
    PB_STREAMING_QUERY_COMMAND_EXCEPTION_TAG = 8,
    PB_STREAMING_QUERY_COMMAND_AWAIT_TERMINATION_TAG = 9,
};

struct pb_streaming_query_command_explain_command {
    bool extended;
};

struct pb_streaming_query_command_await_termination_command {
    int64_t timeout_ms;
    bool has_timeout_ms;
};

struct pb_streaming_query_command_result {
    struct pb_streaming_query_instance_id *query_id;
    uint32_t result_type_case; /* number of the member that is set */
    union {
        struct pb_streaming_query_command_result_status_result *status;
        struct pb_streaming_query_command_result_recent_progress_result *recent_progress;
        struct pb_streaming_query_command_result_explain_result *explain;
        struct pb_streaming_query_command_result_exception_result *exception;
        struct pb_streaming_query_command_result_await_termination_result *await_termination;
    };
};

enum {
    PB_STREAMING_QUERY_COMMAND_RESULT_STATUS_TAG = 2,
    PB_STREAMING_QUERY_COMMAND_RESULT_RECENT_PROGRESS_TAG = 3,
    PB_STREAMING_QUERY_COMMAND_RESULT_EXPLAIN_TAG = 4,
    PB_STREAMING_QUERY_COMMAND_RESULT_EXCEPTION_TAG = 5,
    PB_STREAMING_QUERY_COMMAND_RESULT_AWAIT_TERMINATION_TAG = 6,
};

struct pb_streaming_query_command_result_status_result {
    struct pb_text status_message;
    bool is_data_available;
    bool is_trigger_active;
    bool is_active;
};

struct pb_streaming_query_command_result_recent_progress_result {
    struct pb_text *recent_progress_json;
    uint32_t recent_progress_json_count;
};

struct pb_streaming_query_command_result_explain_result {
    struct pb_text result;
};

struct pb_streaming_query_command_result_exception_result {
    struct pb_text exception_message;
    struct pb_text error_class;
    struct pb_text stack_trace;
};

struct pb_streaming_query_command_result_await_termination_result {
    bool terminated;
};

struct pb_streaming_query_manager_command {
    uint32_t command_case; /* number of the member that is set */
    union {
        bool active;
        struct pb_text get_query;
        struct pb_streaming_query_manager_command_await_any_termination_command *await_any_termination;
        bool reset_terminated;
        struct pb_streaming_query_manager_command_streaming_query_listener_command *add_listener;
        struct pb_streaming_query_manager_command_streaming_query_listener_command *remove_listener;
        bool list_listeners;
    };
};

enum {
    PB_STREAMING_QUERY_MANAGER_COMMAND_ACTIVE_TAG = 1,
    PB_STREAMING_QUERY_MANAGER_COMMAND_GET_QUERY_TAG = 2,
    PB_STREAMING_QUERY_MANAGER_COMMAND_AWAIT_ANY_TERMINATION_TAG = 3,
    PB_STREAMING_QUERY_MANAGER_COMMAND_RESET_TERMINATED_TAG = 4,
    PB_STREAMING_QUERY_MANAGER_COMMAND_ADD_LISTENER_TAG = 5,
    PB_STREAMING_QUERY_MANAGER_COMMAND_REMOVE_LISTENER_TAG = 6,
    PB_STREAMING_QUERY_MANAGER_COMMAND_LIST_LISTENERS_TAG = 7,
};

struct pb_streaming_query_manager_command_await_any_termination_command {
    int64_t timeout_ms;
    bool has_timeout_ms;
};

struct pb_streaming_query_manager_command_streaming_query_listener_command {
    struct bytes listener_payload;
    struct pb_python_udf *python_listener_payload;
    struct pb_text id;
};

struct pb_streaming_query_manager_command_result {
    uint32_t result_type_case; /* number of the member that is set */
    union {
        struct pb_streaming_query_manager_command_result_active_result *active;
        struct pb_streaming_query_manager_command_result_streaming_query_instance *query;
        struct pb_streaming_query_manager_command_result_await_any_termination_result *await_any_termination;
        bool reset_terminated;
        bool add_listener;
        bool remove_listener;
        struct pb_streaming_query_manager_command_result_list_streaming_query_listener_result *list_listeners;
    };
};

enum {
    PB_STREAMING_QUERY_MANAGER_COMMAND_RESULT_ACTIVE_TAG = 1,
    PB_STREAMING_QUERY_MANAGER_COMMAND_RESULT_QUERY_TAG = 2,
    PB_STREAMING_QUERY_MANAGER_COMMAND_RESULT_AWAIT_ANY_TERMINATION_TAG = 3,
    PB_STREAMING_QUERY_MANAGER_COMMAND_RESULT_RESET_TERMINATED_TAG = 4,
    PB_STREAMING_QUERY_MANAGER_COMMAND_RESULT_ADD_LISTENER_TAG = 5,
    PB_STREAMING_QUERY_MANAGER_COMMAND_RESULT_REMOVE_LISTENER_TAG = 6,
    PB_STREAMING_QUERY_MANAGER_COMMAND_RESULT_LIST_LISTENERS_TAG = 7,
};

struct pb_streaming_query_manager_command_result_active_result {
    struct pb_streaming_query_manager_command_result_streaming_query_instance *active_queries;
    uint32_t active_queries_count;
};

struct pb_streaming_query_manager_command_result_streaming_query_instance {
    struct pb_streaming_query_instance_id *id;
    struct pb_text name;
};

struct pb_streaming_query_manager_command_result_await_any_termination_result {
    bool terminated;
};

struct pb_streaming_query_manager_command_result_streaming_query_listener_instance {
    struct bytes listener_payload;
};

struct pb_streaming_query_manager_command_result_list_streaming_query_listener_result {
    struct pb_text *listener_ids;
    uint32_t listener_ids_count;
};

struct pb_streaming_query_listener_bus_command {
    uint32_t command_case; /* number of the member that is set */
    union {
        bool add_listener_bus_listener;
        bool remove_listener_bus_listener;
    };
};

enum {
    PB_STREAMING_QUERY_LISTENER_BUS_COMMAND_ADD_LISTENER_BUS_LISTENER_TAG = 1,
    PB_STREAMING_QUERY_LISTENER_BUS_COMMAND_REMOVE_LISTENER_BUS_LISTENER_TAG = 2,
};

struct pb_streaming_query_listener_event {
    struct pb_text event_json;
    int32_t event_type;
};

struct pb_streaming_query_listener_events_result {
    struct pb_streaming_query_listener_event *events;
    uint32_t events_count;
    bool listener_bus_listener_added;
    bool has_listener_bus_listener_added;
};

struct pb_get_resources_command {
    char empty; /* C wants a member */
};

struct pb_get_resources_command_result {
    struct pb_map_string_resource_information *resources;
    uint32_t resources_count;
};

struct pb_create_resource_profile_command {
    struct pb_resource_profile *profile;
};

struct pb_create_resource_profile_command_result {
    int32_t profile_id;
};

struct pb_remove_cached_remote_relation_command {
    struct pb_cached_remote_relation *relation;
};

struct pb_checkpoint_command {
    struct pb_relation *relation;
    bool local;
    bool eager;
    struct pb_storage_level *storage_level;
};

struct pb_merge_into_table_command {
    struct pb_text target_table_name;
    struct pb_relation *source_table_plan;
    struct pb_expression *merge_condition;
    struct pb_expression *match_actions;
    uint32_t match_actions_count;
    struct pb_expression *not_matched_actions;
    uint32_t not_matched_actions_count;
    struct pb_expression *not_matched_by_source_actions;
    uint32_t not_matched_by_source_actions_count;
    bool with_schema_evolution;
};

struct pb_execute_external_command {
    struct pb_text runner;
    struct pb_text command;
    struct pb_map_string_string *options;
    uint32_t options_count;
};

struct pb_catalog {
    uint32_t cat_type_case; /* number of the member that is set */
    union {
        struct pb_current_database *current_database;
        struct pb_set_current_database *set_current_database;
        struct pb_list_databases *list_databases;
        struct pb_list_tables *list_tables;
        struct pb_list_functions *list_functions;
        struct pb_list_columns *list_columns;
        struct pb_get_database *get_database;
        struct pb_get_table *get_table;
        struct pb_get_function *get_function;
        struct pb_database_exists *database_exists;
        struct pb_table_exists *table_exists;
        struct pb_function_exists *function_exists;
        struct pb_create_external_table *create_external_table;
        struct pb_create_table *create_table;
        struct pb_drop_temp_view *drop_temp_view;
        struct pb_drop_global_temp_view *drop_global_temp_view;
        struct pb_recover_partitions *recover_partitions;
        struct pb_is_cached *is_cached;
        struct pb_cache_table *cache_table;
        struct pb_uncache_table *uncache_table;
        struct pb_clear_cache *clear_cache;
        struct pb_refresh_table *refresh_table;
        struct pb_refresh_by_path *refresh_by_path;
        struct pb_current_catalog *current_catalog;
        struct pb_set_current_catalog *set_current_catalog;
        struct pb_list_catalogs *list_catalogs;
        struct pb_drop_table *drop_table;
        struct pb_drop_view *drop_view;
        struct pb_create_database *create_database;
        struct pb_drop_database *drop_database;
        struct pb_list_partitions *list_partitions;
        struct pb_list_views *list_views;
        struct pb_get_table_properties *get_table_properties;
        struct pb_get_create_table_string *get_create_table_string;
        struct pb_truncate_table *truncate_table;
        struct pb_analyze_table *analyze_table;
    };
};

enum {
    PB_CATALOG_CURRENT_DATABASE_TAG = 1,
    PB_CATALOG_SET_CURRENT_DATABASE_TAG = 2,
    PB_CATALOG_LIST_DATABASES_TAG = 3,
    PB_CATALOG_LIST_TABLES_TAG = 4,
    PB_CATALOG_LIST_FUNCTIONS_TAG = 5,
    PB_CATALOG_LIST_COLUMNS_TAG = 6,
    PB_CATALOG_GET_DATABASE_TAG = 7,
    PB_CATALOG_GET_TABLE_TAG = 8,
    PB_CATALOG_GET_FUNCTION_TAG = 9,
    PB_CATALOG_DATABASE_EXISTS_TAG = 10,
    PB_CATALOG_TABLE_EXISTS_TAG = 11,
    PB_CATALOG_FUNCTION_EXISTS_TAG = 12,
    PB_CATALOG_CREATE_EXTERNAL_TABLE_TAG = 13,
    PB_CATALOG_CREATE_TABLE_TAG = 14,
    PB_CATALOG_DROP_TEMP_VIEW_TAG = 15,
    PB_CATALOG_DROP_GLOBAL_TEMP_VIEW_TAG = 16,
    PB_CATALOG_RECOVER_PARTITIONS_TAG = 17,
    PB_CATALOG_IS_CACHED_TAG = 18,
    PB_CATALOG_CACHE_TABLE_TAG = 19,
    PB_CATALOG_UNCACHE_TABLE_TAG = 20,
    PB_CATALOG_CLEAR_CACHE_TAG = 21,
    PB_CATALOG_REFRESH_TABLE_TAG = 22,
    PB_CATALOG_REFRESH_BY_PATH_TAG = 23,
    PB_CATALOG_CURRENT_CATALOG_TAG = 24,
    PB_CATALOG_SET_CURRENT_CATALOG_TAG = 25,
    PB_CATALOG_LIST_CATALOGS_TAG = 26,
    PB_CATALOG_DROP_TABLE_TAG = 27,
    PB_CATALOG_DROP_VIEW_TAG = 28,
    PB_CATALOG_CREATE_DATABASE_TAG = 29,
    PB_CATALOG_DROP_DATABASE_TAG = 30,
    PB_CATALOG_LIST_PARTITIONS_TAG = 31,
    PB_CATALOG_LIST_VIEWS_TAG = 32,
    PB_CATALOG_GET_TABLE_PROPERTIES_TAG = 33,
    PB_CATALOG_GET_CREATE_TABLE_STRING_TAG = 34,
    PB_CATALOG_TRUNCATE_TABLE_TAG = 35,
    PB_CATALOG_ANALYZE_TABLE_TAG = 36,
};

struct pb_current_database {
    char empty; /* C wants a member */
};

struct pb_set_current_database {
    struct pb_text db_name;
};

struct pb_list_databases {
    struct pb_text pattern;
};

struct pb_list_tables {
    struct pb_text db_name;
    struct pb_text pattern;
};

struct pb_list_functions {
    struct pb_text db_name;
    struct pb_text pattern;
};

struct pb_list_columns {
    struct pb_text table_name;
    struct pb_text db_name;
};

struct pb_get_database {
    struct pb_text db_name;
};

struct pb_get_table {
    struct pb_text table_name;
    struct pb_text db_name;
};

struct pb_get_function {
    struct pb_text function_name;
    struct pb_text db_name;
};

struct pb_database_exists {
    struct pb_text db_name;
};

struct pb_table_exists {
    struct pb_text table_name;
    struct pb_text db_name;
};

struct pb_function_exists {
    struct pb_text function_name;
    struct pb_text db_name;
};

struct pb_create_external_table {
    struct pb_text table_name;
    struct pb_text path;
    struct pb_text source;
    struct pb_data_type *schema;
    struct pb_map_string_string *options;
    uint32_t options_count;
};

struct pb_create_table {
    struct pb_text table_name;
    struct pb_text path;
    struct pb_text source;
    struct pb_text description;
    struct pb_data_type *schema;
    struct pb_map_string_string *options;
    uint32_t options_count;
};

struct pb_drop_temp_view {
    struct pb_text view_name;
};

struct pb_drop_global_temp_view {
    struct pb_text view_name;
};

struct pb_recover_partitions {
    struct pb_text table_name;
};

struct pb_is_cached {
    struct pb_text table_name;
};

struct pb_cache_table {
    struct pb_text table_name;
    struct pb_storage_level *storage_level;
};

struct pb_uncache_table {
    struct pb_text table_name;
};

struct pb_clear_cache {
    char empty; /* C wants a member */
};

struct pb_refresh_table {
    struct pb_text table_name;
};

struct pb_refresh_by_path {
    struct pb_text path;
};

struct pb_current_catalog {
    char empty; /* C wants a member */
};

struct pb_set_current_catalog {
    struct pb_text catalog_name;
};

struct pb_list_catalogs {
    struct pb_text pattern;
};

struct pb_drop_table {
    struct pb_text table_name;
    bool if_exists;
    bool purge;
};

struct pb_drop_view {
    struct pb_text view_name;
    bool if_exists;
};

struct pb_create_database {
    struct pb_text db_name;
    bool if_not_exists;
    struct pb_map_string_string *properties;
    uint32_t properties_count;
};

struct pb_drop_database {
    struct pb_text db_name;
    bool if_exists;
    bool cascade;
};

struct pb_list_partitions {
    struct pb_text table_name;
};

struct pb_list_views {
    struct pb_text db_name;
    struct pb_text pattern;
};

struct pb_get_table_properties {
    struct pb_text table_name;
};

struct pb_get_create_table_string {
    struct pb_text table_name;
    bool as_serde;
};

struct pb_truncate_table {
    struct pb_text table_name;
};

struct pb_analyze_table {
    struct pb_text table_name;
    bool no_scan;
};

struct pb_data_type {
    uint32_t kind_case; /* number of the member that is set */
    union {
        struct pb_data_type_null *null;
        struct pb_data_type_binary *binary;
        struct pb_data_type_boolean *boolean;
        struct pb_data_type_byte *byte;
        struct pb_data_type_short *short_;
        struct pb_data_type_integer *integer;
        struct pb_data_type_long *long_;
        struct pb_data_type_float *float_;
        struct pb_data_type_double *double_;
        struct pb_data_type_decimal *decimal;
        struct pb_data_type_string *string;
        struct pb_data_type_char *char_;
        struct pb_data_type_var_char *var_char;
        struct pb_data_type_date *date;
        struct pb_data_type_timestamp *timestamp;
        struct pb_data_type_timestamp_ntz *timestamp_ntz;
        struct pb_data_type_calendar_interval *calendar_interval;
        struct pb_data_type_year_month_interval *year_month_interval;
        struct pb_data_type_day_time_interval *day_time_interval;
        struct pb_data_type_array *array;
        struct pb_data_type_struct *struct_;
        struct pb_data_type_map *map;
        struct pb_data_type_variant *variant;
        struct pb_data_type_udt *udt;
        struct pb_data_type_geometry *geometry;
        struct pb_data_type_geography *geography;
        struct pb_data_type_unparsed *unparsed;
        struct pb_data_type_time *time;
        struct pb_data_type_timestamp_ntz_nanos *timestamp_ntz_nanos;
        struct pb_data_type_timestamp_ltz_nanos *timestamp_ltz_nanos;
    };
};

enum {
    PB_DATA_TYPE_NULL_TAG = 1,
    PB_DATA_TYPE_BINARY_TAG = 2,
    PB_DATA_TYPE_BOOLEAN_TAG = 3,
    PB_DATA_TYPE_BYTE_TAG = 4,
    PB_DATA_TYPE_SHORT_TAG = 5,
    PB_DATA_TYPE_INTEGER_TAG = 6,
    PB_DATA_TYPE_LONG_TAG = 7,
    PB_DATA_TYPE_FLOAT_TAG = 8,
    PB_DATA_TYPE_DOUBLE_TAG = 9,
    PB_DATA_TYPE_DECIMAL_TAG = 10,
    PB_DATA_TYPE_STRING_TAG = 11,
    PB_DATA_TYPE_CHAR_TAG = 12,
    PB_DATA_TYPE_VAR_CHAR_TAG = 13,
    PB_DATA_TYPE_DATE_TAG = 14,
    PB_DATA_TYPE_TIMESTAMP_TAG = 15,
    PB_DATA_TYPE_TIMESTAMP_NTZ_TAG = 16,
    PB_DATA_TYPE_CALENDAR_INTERVAL_TAG = 17,
    PB_DATA_TYPE_YEAR_MONTH_INTERVAL_TAG = 18,
    PB_DATA_TYPE_DAY_TIME_INTERVAL_TAG = 19,
    PB_DATA_TYPE_ARRAY_TAG = 20,
    PB_DATA_TYPE_STRUCT_TAG = 21,
    PB_DATA_TYPE_MAP_TAG = 22,
    PB_DATA_TYPE_VARIANT_TAG = 25,
    PB_DATA_TYPE_UDT_TAG = 23,
    PB_DATA_TYPE_GEOMETRY_TAG = 26,
    PB_DATA_TYPE_GEOGRAPHY_TAG = 27,
    PB_DATA_TYPE_UNPARSED_TAG = 24,
    PB_DATA_TYPE_TIME_TAG = 28,
    PB_DATA_TYPE_TIMESTAMP_NTZ_NANOS_TAG = 29,
    PB_DATA_TYPE_TIMESTAMP_LTZ_NANOS_TAG = 30,
};

struct pb_data_type_boolean {
    uint32_t type_variation_reference;
};

struct pb_data_type_byte {
    uint32_t type_variation_reference;
};

struct pb_data_type_short {
    uint32_t type_variation_reference;
};

struct pb_data_type_integer {
    uint32_t type_variation_reference;
};

struct pb_data_type_long {
    uint32_t type_variation_reference;
};

struct pb_data_type_float {
    uint32_t type_variation_reference;
};

struct pb_data_type_double {
    uint32_t type_variation_reference;
};

struct pb_data_type_string {
    uint32_t type_variation_reference;
    struct pb_text collation;
};

struct pb_data_type_binary {
    uint32_t type_variation_reference;
};

struct pb_data_type_null {
    uint32_t type_variation_reference;
};

struct pb_data_type_timestamp {
    uint32_t type_variation_reference;
};

struct pb_data_type_date {
    uint32_t type_variation_reference;
};

struct pb_data_type_timestamp_ntz {
    uint32_t type_variation_reference;
};

struct pb_data_type_time {
    int32_t precision;
    bool has_precision;
    uint32_t type_variation_reference;
};

struct pb_data_type_calendar_interval {
    uint32_t type_variation_reference;
};

struct pb_data_type_year_month_interval {
    int32_t start_field;
    bool has_start_field;
    int32_t end_field;
    bool has_end_field;
    uint32_t type_variation_reference;
};

struct pb_data_type_day_time_interval {
    int32_t start_field;
    bool has_start_field;
    int32_t end_field;
    bool has_end_field;
    uint32_t type_variation_reference;
};

struct pb_data_type_char {
    int32_t length;
    uint32_t type_variation_reference;
};

struct pb_data_type_var_char {
    int32_t length;
    uint32_t type_variation_reference;
};

struct pb_data_type_decimal {
    int32_t scale;
    bool has_scale;
    int32_t precision;
    bool has_precision;
    uint32_t type_variation_reference;
};

struct pb_data_type_struct_field {
    struct pb_text name;
    struct pb_data_type *data_type;
    bool nullable;
    struct pb_text metadata;
};

struct pb_data_type_struct {
    struct pb_data_type_struct_field *fields;
    uint32_t fields_count;
    uint32_t type_variation_reference;
};

struct pb_data_type_array {
    struct pb_data_type *element_type;
    bool contains_null;
    uint32_t type_variation_reference;
};

struct pb_data_type_map {
    struct pb_data_type *key_type;
    struct pb_data_type *value_type;
    bool value_contains_null;
    uint32_t type_variation_reference;
};

struct pb_data_type_geometry {
    int32_t srid;
    uint32_t type_variation_reference;
};

struct pb_data_type_geography {
    int32_t srid;
    uint32_t type_variation_reference;
};

struct pb_data_type_variant {
    uint32_t type_variation_reference;
};

struct pb_data_type_udt {
    struct pb_text type;
    struct pb_text jvm_class;
    struct pb_text python_class;
    struct pb_text serialized_python_class;
    struct pb_data_type *sql_type;
};

struct pb_data_type_unparsed {
    struct pb_text data_type_string;
};

struct pb_storage_level {
    bool use_disk;
    bool use_memory;
    bool use_off_heap;
    bool deserialized;
    int32_t replication;
};

struct pb_resource_information {
    struct pb_text name;
    struct pb_text *addresses;
    uint32_t addresses_count;
};

struct pb_executor_resource_request {
    struct pb_text resource_name;
    int64_t amount;
    struct pb_text discovery_script;
    struct pb_text vendor;
};

struct pb_task_resource_request {
    struct pb_text resource_name;
    double amount;
};

struct pb_resource_profile {
    struct pb_map_string_executor_resource_request *executor_resources;
    uint32_t executor_resources_count;
    struct pb_map_string_task_resource_request *task_resources;
    uint32_t task_resources_count;
};

struct pb_origin {
    uint32_t function_case; /* number of the member that is set */
    union {
        struct pb_python_origin *python_origin;
        struct pb_jvm_origin *jvm_origin;
    };
};

enum {
    PB_ORIGIN_PYTHON_ORIGIN_TAG = 1,
    PB_ORIGIN_JVM_ORIGIN_TAG = 2,
};

struct pb_python_origin {
    struct pb_text fragment;
    struct pb_text call_site;
};

struct pb_jvm_origin {
    int32_t line;
    bool has_line;
    int32_t start_position;
    bool has_start_position;
    int32_t start_index;
    bool has_start_index;
    int32_t stop_index;
    bool has_stop_index;
    struct pb_text sql_text;
    struct pb_text object_type;
    struct pb_text object_name;
    struct pb_stack_trace_element *stack_trace;
    uint32_t stack_trace_count;
};

struct pb_stack_trace_element {
    struct pb_text class_loader_name;
    struct pb_text module_name;
    struct pb_text module_version;
    struct pb_text declaring_class;
    struct pb_text method_name;
    struct pb_text file_name;
    int32_t line_number;
};

struct pb_resolved_identifier {
    struct pb_text catalog_name;
    struct pb_text *namespace;
    uint32_t namespace_count;
    struct pb_text table_name;
};

struct pb_bools {
    bool *values;
    uint32_t values_count;
};

struct pb_ints {
    int32_t *values;
    uint32_t values_count;
};

struct pb_longs {
    int64_t *values;
    uint32_t values_count;
};

struct pb_floats {
    float *values;
    uint32_t values_count;
};

struct pb_doubles {
    double *values;
    uint32_t values_count;
};

struct pb_strings {
    struct pb_text *values;
    uint32_t values_count;
};

struct pb_ml_command {
    uint32_t command_case; /* number of the member that is set */
    union {
        struct pb_ml_command_fit *fit;
        struct pb_fetch *fetch;
        struct pb_ml_command_delete *delete;
        struct pb_ml_command_write *write;
        struct pb_ml_command_read *read;
        struct pb_ml_command_evaluate *evaluate;
        struct pb_ml_command_clean_cache *clean_cache;
        struct pb_ml_command_get_cache_info *get_cache_info;
        struct pb_ml_command_create_summary *create_summary;
        struct pb_ml_command_get_model_size *get_model_size;
    };
};

enum {
    PB_ML_COMMAND_FIT_TAG = 1,
    PB_ML_COMMAND_FETCH_TAG = 2,
    PB_ML_COMMAND_DELETE_TAG = 3,
    PB_ML_COMMAND_WRITE_TAG = 4,
    PB_ML_COMMAND_READ_TAG = 5,
    PB_ML_COMMAND_EVALUATE_TAG = 6,
    PB_ML_COMMAND_CLEAN_CACHE_TAG = 7,
    PB_ML_COMMAND_GET_CACHE_INFO_TAG = 8,
    PB_ML_COMMAND_CREATE_SUMMARY_TAG = 9,
    PB_ML_COMMAND_GET_MODEL_SIZE_TAG = 10,
};

struct pb_ml_command_fit {
    struct pb_ml_operator *estimator;
    struct pb_ml_params *params;
    struct pb_relation *dataset;
};

struct pb_ml_command_delete {
    struct pb_object_ref *obj_refs;
    uint32_t obj_refs_count;
    bool evict_only;
    bool has_evict_only;
};

struct pb_ml_command_clean_cache {
    char empty; /* C wants a member */
};

struct pb_ml_command_get_cache_info {
    char empty; /* C wants a member */
};

struct pb_ml_command_write {
    uint32_t type_case; /* number of the member that is set */
    union {
        struct pb_ml_operator *operator;
        struct pb_object_ref *obj_ref;
    };
    struct pb_ml_params *params;
    struct pb_text path;
    bool should_overwrite;
    bool has_should_overwrite;
    struct pb_map_string_string *options;
    uint32_t options_count;
};

enum {
    PB_ML_COMMAND_WRITE_OPERATOR_TAG = 1,
    PB_ML_COMMAND_WRITE_OBJ_REF_TAG = 2,
};

struct pb_ml_command_read {
    struct pb_ml_operator *operator;
    struct pb_text path;
};

struct pb_ml_command_evaluate {
    struct pb_ml_operator *evaluator;
    struct pb_ml_params *params;
    struct pb_relation *dataset;
};

struct pb_ml_command_create_summary {
    struct pb_object_ref *model_ref;
    struct pb_relation *dataset;
};

struct pb_ml_command_get_model_size {
    struct pb_object_ref *model_ref;
};

struct pb_ml_command_result {
    uint32_t result_type_case; /* number of the member that is set */
    union {
        struct pb_expression_literal *param;
        struct pb_text summary;
        struct pb_ml_command_result_ml_operator_info *operator_info;
    };
};

enum {
    PB_ML_COMMAND_RESULT_PARAM_TAG = 1,
    PB_ML_COMMAND_RESULT_SUMMARY_TAG = 2,
    PB_ML_COMMAND_RESULT_OPERATOR_INFO_TAG = 3,
};

struct pb_ml_command_result_ml_operator_info {
    uint32_t type_case; /* number of the member that is set */
    union {
        struct pb_object_ref *obj_ref;
        struct pb_text name;
    };
    struct pb_text uid;
    struct pb_ml_params *params;
    struct pb_text warning_message;
};

enum {
    PB_ML_COMMAND_RESULT_ML_OPERATOR_INFO_OBJ_REF_TAG = 1,
    PB_ML_COMMAND_RESULT_ML_OPERATOR_INFO_NAME_TAG = 2,
};

struct pb_ml_params {
    struct pb_map_string_expression_literal *params;
    uint32_t params_count;
};

struct pb_ml_operator {
    struct pb_text name;
    struct pb_text uid;
    int32_t type;
};

struct pb_object_ref {
    struct pb_text id;
};

struct pb_pipeline_command {
    uint32_t command_type_case; /* number of the member that is set */
    union {
        struct pb_pipeline_command_create_dataflow_graph *create_dataflow_graph;
        struct pb_pipeline_command_define_output *define_output;
        struct pb_pipeline_command_define_flow *define_flow;
        struct pb_pipeline_command_drop_dataflow_graph *drop_dataflow_graph;
        struct pb_pipeline_command_start_run *start_run;
        struct pb_pipeline_command_define_sql_graph_elements *define_sql_graph_elements;
        struct pb_pipeline_command_get_query_function_execution_signal_stream *get_query_function_execution_signal_stream;
        struct pb_pipeline_command_define_flow_query_function_result *define_flow_query_function_result;
        struct pb_pipeline_command_execute_output_flows *execute_output_flows;
        struct pb_any *extension;
    };
};

enum {
    PB_PIPELINE_COMMAND_CREATE_DATAFLOW_GRAPH_TAG = 1,
    PB_PIPELINE_COMMAND_DEFINE_OUTPUT_TAG = 2,
    PB_PIPELINE_COMMAND_DEFINE_FLOW_TAG = 3,
    PB_PIPELINE_COMMAND_DROP_DATAFLOW_GRAPH_TAG = 4,
    PB_PIPELINE_COMMAND_START_RUN_TAG = 5,
    PB_PIPELINE_COMMAND_DEFINE_SQL_GRAPH_ELEMENTS_TAG = 6,
    PB_PIPELINE_COMMAND_GET_QUERY_FUNCTION_EXECUTION_SIGNAL_STREAM_TAG = 7,
    PB_PIPELINE_COMMAND_DEFINE_FLOW_QUERY_FUNCTION_RESULT_TAG = 8,
    PB_PIPELINE_COMMAND_EXECUTE_OUTPUT_FLOWS_TAG = 9,
    PB_PIPELINE_COMMAND_EXTENSION_TAG = 999,
};

struct pb_pipeline_command_create_dataflow_graph {
    struct pb_text default_catalog;
    struct pb_text default_database;
    struct pb_map_string_string *sql_conf;
    uint32_t sql_conf_count;
};

struct pb_pipeline_command_drop_dataflow_graph {
    struct pb_text dataflow_graph_id;
};

struct pb_pipeline_command_define_output {
    struct pb_text dataflow_graph_id;
    struct pb_text output_name;
    int32_t output_type;
    bool has_output_type;
    struct pb_text comment;
    struct pb_source_code_location *source_code_location;
    uint32_t details_case; /* number of the member that is set */
    union {
        struct pb_pipeline_command_define_output_table_details *table_details;
        struct pb_pipeline_command_define_output_sink_details *sink_details;
        struct pb_any *extension;
    };
};

enum {
    PB_PIPELINE_COMMAND_DEFINE_OUTPUT_TABLE_DETAILS_TAG = 6,
    PB_PIPELINE_COMMAND_DEFINE_OUTPUT_SINK_DETAILS_TAG = 7,
    PB_PIPELINE_COMMAND_DEFINE_OUTPUT_EXTENSION_TAG = 999,
};

struct pb_pipeline_command_define_output_table_details {
    struct pb_map_string_string *table_properties;
    uint32_t table_properties_count;
    struct pb_text *partition_cols;
    uint32_t partition_cols_count;
    struct pb_text format;
    uint32_t schema_case; /* number of the member that is set */
    union {
        struct pb_data_type *schema_data_type;
        struct pb_text schema_string;
    };
    struct pb_text *clustering_columns;
    uint32_t clustering_columns_count;
};

enum {
    PB_PIPELINE_COMMAND_DEFINE_OUTPUT_TABLE_DETAILS_SCHEMA_DATA_TYPE_TAG = 4,
    PB_PIPELINE_COMMAND_DEFINE_OUTPUT_TABLE_DETAILS_SCHEMA_STRING_TAG = 5,
};

struct pb_pipeline_command_define_output_sink_details {
    struct pb_map_string_string *options;
    uint32_t options_count;
    struct pb_text format;
};

struct pb_pipeline_command_define_flow {
    struct pb_text dataflow_graph_id;
    struct pb_text flow_name;
    struct pb_text target_dataset_name;
    struct pb_map_string_string *sql_conf;
    uint32_t sql_conf_count;
    struct pb_text client_id;
    struct pb_source_code_location *source_code_location;
    uint32_t details_case; /* number of the member that is set */
    union {
        struct pb_pipeline_command_define_flow_write_relation_flow_details *relation_flow_details;
        struct pb_pipeline_command_define_flow_auto_cdc_flow_details *auto_cdc_flow_details;
        struct pb_any *extension;
    };
    bool once;
    bool has_once;
};

enum {
    PB_PIPELINE_COMMAND_DEFINE_FLOW_RELATION_FLOW_DETAILS_TAG = 7,
    PB_PIPELINE_COMMAND_DEFINE_FLOW_AUTO_CDC_FLOW_DETAILS_TAG = 10,
    PB_PIPELINE_COMMAND_DEFINE_FLOW_EXTENSION_TAG = 999,
};

struct pb_pipeline_command_define_flow_write_relation_flow_details {
    struct pb_relation *relation;
};

struct pb_pipeline_command_define_flow_auto_cdc_flow_details {
    struct pb_text source;
    struct pb_expression *keys;
    uint32_t keys_count;
    struct pb_expression *sequence_by;
    struct pb_expression *apply_as_deletes;
    struct pb_expression *apply_as_truncates;
    struct pb_expression *column_list;
    uint32_t column_list_count;
    struct pb_expression *except_column_list;
    uint32_t except_column_list_count;
    int32_t stored_as_scd_type;
    struct pb_expression *ignore_null_updates_column_list;
    uint32_t ignore_null_updates_column_list_count;
    struct pb_expression *ignore_null_updates_except_column_list;
    uint32_t ignore_null_updates_except_column_list_count;
    struct pb_expression *track_history_column_list;
    uint32_t track_history_column_list_count;
    struct pb_expression *track_history_except_column_list;
    uint32_t track_history_except_column_list_count;
};

struct pb_pipeline_command_define_flow_response {
    struct pb_text flow_name;
};

struct pb_pipeline_command_execute_output_flows {
    struct pb_pipeline_command_define_output *define_output;
    struct pb_pipeline_command_define_flow *define_flows;
    uint32_t define_flows_count;
    bool full_refresh;
    bool has_full_refresh;
    struct pb_text storage;
    struct pb_any *extension;
    uint32_t extension_count;
};

struct pb_pipeline_command_start_run {
    struct pb_text dataflow_graph_id;
    struct pb_text *full_refresh_selection;
    uint32_t full_refresh_selection_count;
    bool full_refresh_all;
    bool has_full_refresh_all;
    struct pb_text *refresh_selection;
    uint32_t refresh_selection_count;
    bool dry;
    bool has_dry;
    struct pb_text storage;
};

struct pb_pipeline_command_define_sql_graph_elements {
    struct pb_text dataflow_graph_id;
    struct pb_text sql_file_path;
    struct pb_text sql_text;
};

struct pb_pipeline_command_get_query_function_execution_signal_stream {
    struct pb_text dataflow_graph_id;
    struct pb_text client_id;
};

struct pb_pipeline_command_define_flow_query_function_result {
    struct pb_text flow_name;
    struct pb_resolved_identifier *flow_identifier;
    struct pb_text dataflow_graph_id;
    struct pb_relation *relation;
};

struct pb_pipeline_command_result {
    uint32_t result_type_case; /* number of the member that is set */
    union {
        struct pb_pipeline_command_result_create_dataflow_graph_result *create_dataflow_graph_result;
        struct pb_pipeline_command_result_define_output_result *define_output_result;
        struct pb_pipeline_command_result_define_flow_result *define_flow_result;
    };
};

enum {
    PB_PIPELINE_COMMAND_RESULT_CREATE_DATAFLOW_GRAPH_RESULT_TAG = 1,
    PB_PIPELINE_COMMAND_RESULT_DEFINE_OUTPUT_RESULT_TAG = 2,
    PB_PIPELINE_COMMAND_RESULT_DEFINE_FLOW_RESULT_TAG = 3,
};

struct pb_pipeline_command_result_create_dataflow_graph_result {
    struct pb_text dataflow_graph_id;
};

struct pb_pipeline_command_result_define_output_result {
    struct pb_resolved_identifier *resolved_identifier;
};

struct pb_pipeline_command_result_define_flow_result {
    struct pb_resolved_identifier *resolved_identifier;
};

struct pb_pipeline_event_result {
    struct pb_pipeline_event *event;
};

struct pb_pipeline_event {
    struct pb_timestamp *timestamp;
    struct pb_text message;
};

struct pb_source_code_location {
    struct pb_text file_name;
    int32_t line_number;
    bool has_line_number;
    struct pb_text definition_path;
    struct pb_any *extension;
    uint32_t extension_count;
};

struct pb_pipeline_query_function_execution_signal {
    struct pb_text *flow_names;
    uint32_t flow_names_count;
    struct pb_resolved_identifier *flow_identifiers;
    uint32_t flow_identifiers_count;
};

struct pb_pipeline_analysis_context {
    struct pb_text dataflow_graph_id;
    struct pb_text definition_path;
    struct pb_text flow_name;
    struct pb_resolved_identifier *flow_identifier;
    struct pb_any *extension;
    uint32_t extension_count;
};

struct pb_zip {
    struct pb_relation *left;
    struct pb_relation *right;
};

struct pb_expression_literal_timestamp_ntz_nanos {
    int64_t epoch_micros;
    int32_t nanos_within_micro;
    int32_t precision;
    bool has_precision;
};

struct pb_data_type_timestamp_ntz_nanos {
    int32_t precision;
    bool has_precision;
    uint32_t type_variation_reference;
};

struct pb_expression_literal_timestamp_ltz_nanos {
    int64_t epoch_micros;
    int32_t nanos_within_micro;
    int32_t precision;
    bool has_precision;
};

struct pb_data_type_timestamp_ltz_nanos {
    int32_t precision;
    bool has_precision;
    uint32_t type_variation_reference;
};

struct pb_any {
    struct pb_text type_url;
    struct bytes value;
};

struct pb_timestamp {
    int64_t seconds;
    int32_t nanos;
};

struct pb_status {
    int32_t code;
    struct pb_text message;
    struct pb_any *details;
    uint32_t details_count;
};

struct pb_error_info {
    struct pb_text reason;
    struct pb_text domain;
    struct pb_map_string_string *metadata;
    uint32_t metadata_count;
};

struct pb_map_string_execute_plan_response_metrics_metric_value {
    struct pb_text key;
    struct pb_execute_plan_response_metrics_metric_value *value;
};

struct pb_map_string_artifact_statuses_response_artifact_status {
    struct pb_text key;
    struct pb_artifact_statuses_response_artifact_status *value;
};

struct pb_map_string_string {
    struct pb_text key;
    struct pb_text value;
};

struct pb_map_string_expression_literal {
    struct pb_text key;
    struct pb_expression_literal *value;
};

struct pb_map_string_expression {
    struct pb_text key;
    struct pb_expression *value;
};

struct pb_map_string_resource_information {
    struct pb_text key;
    struct pb_resource_information *value;
};

struct pb_map_string_executor_resource_request {
    struct pb_text key;
    struct pb_executor_resource_request *value;
};

struct pb_map_string_task_resource_request {
    struct pb_text key;
    struct pb_task_resource_request *value;
};

extern const struct pb_message pb_messages[PB_ID_COUNT];

#endif
