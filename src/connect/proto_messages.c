/* Made by tools/gen_proto.py from proto_schema.txt: the field tables. Do not edit. */
/* clang-format off */
#include "connect/proto_messages.h"

#include <stddef.h>

#define S struct pb_plan
static const struct pb_field plan_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "root",
     offsetof(S, root), offsetof(S, op_type_case), PB_ID_RELATION},
    {2, PB_MESSAGE, PB_ONEOF, "command",
     offsetof(S, command), offsetof(S, op_type_case), PB_ID_COMMAND},
    {3, PB_MESSAGE, PB_ONEOF, "compressed_operation",
     offsetof(S, compressed_operation), offsetof(S, op_type_case), PB_ID_PLAN_COMPRESSED_OPERATION},
};
#undef S

#define S struct pb_plan_compressed_operation
static const struct pb_field plan_compressed_operation_fields[] = {
    {1, PB_BYTES, PB_PLAIN, "data",
     offsetof(S, data), 0, 0},
    {2, PB_INT32, PB_PLAIN, "op_type",
     offsetof(S, op_type), 0, 0},
    {3, PB_INT32, PB_PLAIN, "compression_codec",
     offsetof(S, compression_codec), 0, 0},
};
#undef S

#define S struct pb_user_context
static const struct pb_field user_context_fields[] = {
    {1, PB_STRING, PB_PLAIN, "user_id",
     offsetof(S, user_id), 0, 0},
    {2, PB_STRING, PB_PLAIN, "user_name",
     offsetof(S, user_name), 0, 0},
    {999, PB_MESSAGE, PB_REPEATED, "extensions",
     offsetof(S, extensions), offsetof(S, extensions_count), PB_ID_ANY},
};
#undef S

#define S struct pb_analyze_plan_request
static const struct pb_field analyze_plan_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "user_context",
     offsetof(S, user_context), 0, PB_ID_USER_CONTEXT},
    {3, PB_STRING, PB_OPTIONAL, "client_type",
     offsetof(S, client_type), 0, 0},
    {4, PB_MESSAGE, PB_ONEOF, "schema",
     offsetof(S, schema), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_SCHEMA},
    {5, PB_MESSAGE, PB_ONEOF, "explain",
     offsetof(S, explain), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_EXPLAIN},
    {6, PB_MESSAGE, PB_ONEOF, "tree_string",
     offsetof(S, tree_string), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_TREE_STRING},
    {7, PB_MESSAGE, PB_ONEOF, "is_local",
     offsetof(S, is_local), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_IS_LOCAL},
    {8, PB_MESSAGE, PB_ONEOF, "is_streaming",
     offsetof(S, is_streaming), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_IS_STREAMING},
    {9, PB_MESSAGE, PB_ONEOF, "input_files",
     offsetof(S, input_files), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_INPUT_FILES},
    {10, PB_MESSAGE, PB_ONEOF, "spark_version",
     offsetof(S, spark_version), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_SPARK_VERSION},
    {11, PB_MESSAGE, PB_ONEOF, "ddl_parse",
     offsetof(S, ddl_parse), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_DDL_PARSE},
    {12, PB_MESSAGE, PB_ONEOF, "same_semantics",
     offsetof(S, same_semantics), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_SAME_SEMANTICS},
    {13, PB_MESSAGE, PB_ONEOF, "semantic_hash",
     offsetof(S, semantic_hash), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_SEMANTIC_HASH},
    {14, PB_MESSAGE, PB_ONEOF, "persist",
     offsetof(S, persist), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_PERSIST},
    {15, PB_MESSAGE, PB_ONEOF, "unpersist",
     offsetof(S, unpersist), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_UNPERSIST},
    {16, PB_MESSAGE, PB_ONEOF, "get_storage_level",
     offsetof(S, get_storage_level), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_GET_STORAGE_LEVEL},
    {17, PB_STRING, PB_OPTIONAL, "client_observed_server_side_session_id",
     offsetof(S, client_observed_server_side_session_id), 0, 0},
    {18, PB_MESSAGE, PB_ONEOF, "json_to_ddl",
     offsetof(S, json_to_ddl), offsetof(S, analyze_case), PB_ID_ANALYZE_PLAN_REQUEST_JSON_TO_DDL},
};
#undef S

#define S struct pb_analyze_plan_request_schema
static const struct pb_field analyze_plan_request_schema_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "plan",
     offsetof(S, plan), 0, PB_ID_PLAN},
};
#undef S

#define S struct pb_analyze_plan_request_explain
static const struct pb_field analyze_plan_request_explain_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "plan",
     offsetof(S, plan), 0, PB_ID_PLAN},
    {2, PB_INT32, PB_PLAIN, "explain_mode",
     offsetof(S, explain_mode), 0, 0},
};
#undef S

#define S struct pb_analyze_plan_request_tree_string
static const struct pb_field analyze_plan_request_tree_string_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "plan",
     offsetof(S, plan), 0, PB_ID_PLAN},
    {2, PB_INT32, PB_OPTIONAL, "level",
     offsetof(S, level), offsetof(S, has_level), 0},
};
#undef S

#define S struct pb_analyze_plan_request_is_local
static const struct pb_field analyze_plan_request_is_local_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "plan",
     offsetof(S, plan), 0, PB_ID_PLAN},
};
#undef S

#define S struct pb_analyze_plan_request_is_streaming
static const struct pb_field analyze_plan_request_is_streaming_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "plan",
     offsetof(S, plan), 0, PB_ID_PLAN},
};
#undef S

#define S struct pb_analyze_plan_request_input_files
static const struct pb_field analyze_plan_request_input_files_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "plan",
     offsetof(S, plan), 0, PB_ID_PLAN},
};
#undef S

#define S struct pb_analyze_plan_request_ddl_parse
static const struct pb_field analyze_plan_request_ddl_parse_fields[] = {
    {1, PB_STRING, PB_PLAIN, "ddl_string",
     offsetof(S, ddl_string), 0, 0},
};
#undef S

#define S struct pb_analyze_plan_request_same_semantics
static const struct pb_field analyze_plan_request_same_semantics_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "target_plan",
     offsetof(S, target_plan), 0, PB_ID_PLAN},
    {2, PB_MESSAGE, PB_PLAIN, "other_plan",
     offsetof(S, other_plan), 0, PB_ID_PLAN},
};
#undef S

#define S struct pb_analyze_plan_request_semantic_hash
static const struct pb_field analyze_plan_request_semantic_hash_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "plan",
     offsetof(S, plan), 0, PB_ID_PLAN},
};
#undef S

#define S struct pb_analyze_plan_request_persist
static const struct pb_field analyze_plan_request_persist_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "relation",
     offsetof(S, relation), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_OPTIONAL, "storage_level",
     offsetof(S, storage_level), 0, PB_ID_STORAGE_LEVEL},
};
#undef S

#define S struct pb_analyze_plan_request_unpersist
static const struct pb_field analyze_plan_request_unpersist_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "relation",
     offsetof(S, relation), 0, PB_ID_RELATION},
    {2, PB_BOOL, PB_OPTIONAL, "blocking",
     offsetof(S, blocking), offsetof(S, has_blocking), 0},
};
#undef S

#define S struct pb_analyze_plan_request_get_storage_level
static const struct pb_field analyze_plan_request_get_storage_level_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "relation",
     offsetof(S, relation), 0, PB_ID_RELATION},
};
#undef S

#define S struct pb_analyze_plan_request_json_to_ddl
static const struct pb_field analyze_plan_request_json_to_ddl_fields[] = {
    {1, PB_STRING, PB_PLAIN, "json_string",
     offsetof(S, json_string), 0, 0},
};
#undef S

#define S struct pb_analyze_plan_response
static const struct pb_field analyze_plan_response_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_ONEOF, "schema",
     offsetof(S, schema), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_SCHEMA},
    {3, PB_MESSAGE, PB_ONEOF, "explain",
     offsetof(S, explain), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_EXPLAIN},
    {4, PB_MESSAGE, PB_ONEOF, "tree_string",
     offsetof(S, tree_string), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_TREE_STRING},
    {5, PB_MESSAGE, PB_ONEOF, "is_local",
     offsetof(S, is_local), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_IS_LOCAL},
    {6, PB_MESSAGE, PB_ONEOF, "is_streaming",
     offsetof(S, is_streaming), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_IS_STREAMING},
    {7, PB_MESSAGE, PB_ONEOF, "input_files",
     offsetof(S, input_files), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_INPUT_FILES},
    {8, PB_MESSAGE, PB_ONEOF, "spark_version",
     offsetof(S, spark_version), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_SPARK_VERSION},
    {9, PB_MESSAGE, PB_ONEOF, "ddl_parse",
     offsetof(S, ddl_parse), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_DDL_PARSE},
    {10, PB_MESSAGE, PB_ONEOF, "same_semantics",
     offsetof(S, same_semantics), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_SAME_SEMANTICS},
    {11, PB_MESSAGE, PB_ONEOF, "semantic_hash",
     offsetof(S, semantic_hash), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_SEMANTIC_HASH},
    {12, PB_MESSAGE, PB_ONEOF, "persist",
     offsetof(S, persist), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_PERSIST},
    {13, PB_MESSAGE, PB_ONEOF, "unpersist",
     offsetof(S, unpersist), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_UNPERSIST},
    {14, PB_MESSAGE, PB_ONEOF, "get_storage_level",
     offsetof(S, get_storage_level), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_GET_STORAGE_LEVEL},
    {15, PB_STRING, PB_PLAIN, "server_side_session_id",
     offsetof(S, server_side_session_id), 0, 0},
    {16, PB_MESSAGE, PB_ONEOF, "json_to_ddl",
     offsetof(S, json_to_ddl), offsetof(S, result_case), PB_ID_ANALYZE_PLAN_RESPONSE_JSON_TO_DDL},
};
#undef S

#define S struct pb_analyze_plan_response_schema
static const struct pb_field analyze_plan_response_schema_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "schema",
     offsetof(S, schema), 0, PB_ID_DATA_TYPE},
};
#undef S

#define S struct pb_analyze_plan_response_explain
static const struct pb_field analyze_plan_response_explain_fields[] = {
    {1, PB_STRING, PB_PLAIN, "explain_string",
     offsetof(S, explain_string), 0, 0},
};
#undef S

#define S struct pb_analyze_plan_response_tree_string
static const struct pb_field analyze_plan_response_tree_string_fields[] = {
    {1, PB_STRING, PB_PLAIN, "tree_string",
     offsetof(S, tree_string), 0, 0},
};
#undef S

#define S struct pb_analyze_plan_response_is_local
static const struct pb_field analyze_plan_response_is_local_fields[] = {
    {1, PB_BOOL, PB_PLAIN, "is_local",
     offsetof(S, is_local), 0, 0},
};
#undef S

#define S struct pb_analyze_plan_response_is_streaming
static const struct pb_field analyze_plan_response_is_streaming_fields[] = {
    {1, PB_BOOL, PB_PLAIN, "is_streaming",
     offsetof(S, is_streaming), 0, 0},
};
#undef S

#define S struct pb_analyze_plan_response_input_files
static const struct pb_field analyze_plan_response_input_files_fields[] = {
    {1, PB_STRING, PB_REPEATED, "files",
     offsetof(S, files), offsetof(S, files_count), 0},
};
#undef S

#define S struct pb_analyze_plan_response_spark_version
static const struct pb_field analyze_plan_response_spark_version_fields[] = {
    {1, PB_STRING, PB_PLAIN, "version",
     offsetof(S, version), 0, 0},
};
#undef S

#define S struct pb_analyze_plan_response_ddl_parse
static const struct pb_field analyze_plan_response_ddl_parse_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "parsed",
     offsetof(S, parsed), 0, PB_ID_DATA_TYPE},
};
#undef S

#define S struct pb_analyze_plan_response_same_semantics
static const struct pb_field analyze_plan_response_same_semantics_fields[] = {
    {1, PB_BOOL, PB_PLAIN, "result",
     offsetof(S, result), 0, 0},
};
#undef S

#define S struct pb_analyze_plan_response_semantic_hash
static const struct pb_field analyze_plan_response_semantic_hash_fields[] = {
    {1, PB_INT32, PB_PLAIN, "result",
     offsetof(S, result), 0, 0},
};
#undef S

#define S struct pb_analyze_plan_response_get_storage_level
static const struct pb_field analyze_plan_response_get_storage_level_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "storage_level",
     offsetof(S, storage_level), 0, PB_ID_STORAGE_LEVEL},
};
#undef S

#define S struct pb_analyze_plan_response_json_to_ddl
static const struct pb_field analyze_plan_response_json_to_ddl_fields[] = {
    {1, PB_STRING, PB_PLAIN, "ddl_string",
     offsetof(S, ddl_string), 0, 0},
};
#undef S

#define S struct pb_execute_plan_request
static const struct pb_field execute_plan_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "user_context",
     offsetof(S, user_context), 0, PB_ID_USER_CONTEXT},
    {3, PB_MESSAGE, PB_PLAIN, "plan",
     offsetof(S, plan), 0, PB_ID_PLAN},
    {4, PB_STRING, PB_OPTIONAL, "client_type",
     offsetof(S, client_type), 0, 0},
    {5, PB_MESSAGE, PB_REPEATED, "request_options",
     offsetof(S, request_options), offsetof(S, request_options_count), PB_ID_EXECUTE_PLAN_REQUEST_REQUEST_OPTION},
    {6, PB_STRING, PB_OPTIONAL, "operation_id",
     offsetof(S, operation_id), 0, 0},
    {7, PB_STRING, PB_REPEATED, "tags",
     offsetof(S, tags), offsetof(S, tags_count), 0},
    {8, PB_STRING, PB_OPTIONAL, "client_observed_server_side_session_id",
     offsetof(S, client_observed_server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_execute_plan_request_request_option
static const struct pb_field execute_plan_request_request_option_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "reattach_options",
     offsetof(S, reattach_options), offsetof(S, request_option_case), PB_ID_REATTACH_OPTIONS},
    {2, PB_MESSAGE, PB_ONEOF, "result_chunking_options",
     offsetof(S, result_chunking_options), offsetof(S, request_option_case), PB_ID_RESULT_CHUNKING_OPTIONS},
    {999, PB_MESSAGE, PB_ONEOF, "extension",
     offsetof(S, extension), offsetof(S, request_option_case), PB_ID_ANY},
};
#undef S

#define S struct pb_execute_plan_response
static const struct pb_field execute_plan_response_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_ONEOF, "arrow_batch",
     offsetof(S, arrow_batch), offsetof(S, response_type_case), PB_ID_EXECUTE_PLAN_RESPONSE_ARROW_BATCH},
    {4, PB_MESSAGE, PB_PLAIN, "metrics",
     offsetof(S, metrics), 0, PB_ID_EXECUTE_PLAN_RESPONSE_METRICS},
    {5, PB_MESSAGE, PB_ONEOF, "sql_command_result",
     offsetof(S, sql_command_result), offsetof(S, response_type_case), PB_ID_EXECUTE_PLAN_RESPONSE_SQL_COMMAND_RESULT},
    {6, PB_MESSAGE, PB_REPEATED, "observed_metrics",
     offsetof(S, observed_metrics), offsetof(S, observed_metrics_count), PB_ID_EXECUTE_PLAN_RESPONSE_OBSERVED_METRICS},
    {7, PB_MESSAGE, PB_PLAIN, "schema",
     offsetof(S, schema), 0, PB_ID_DATA_TYPE},
    {8, PB_MESSAGE, PB_ONEOF, "write_stream_operation_start_result",
     offsetof(S, write_stream_operation_start_result), offsetof(S, response_type_case), PB_ID_WRITE_STREAM_OPERATION_START_RESULT},
    {9, PB_MESSAGE, PB_ONEOF, "streaming_query_command_result",
     offsetof(S, streaming_query_command_result), offsetof(S, response_type_case), PB_ID_STREAMING_QUERY_COMMAND_RESULT},
    {10, PB_MESSAGE, PB_ONEOF, "get_resources_command_result",
     offsetof(S, get_resources_command_result), offsetof(S, response_type_case), PB_ID_GET_RESOURCES_COMMAND_RESULT},
    {11, PB_MESSAGE, PB_ONEOF, "streaming_query_manager_command_result",
     offsetof(S, streaming_query_manager_command_result), offsetof(S, response_type_case), PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT},
    {12, PB_STRING, PB_PLAIN, "operation_id",
     offsetof(S, operation_id), 0, 0},
    {13, PB_STRING, PB_PLAIN, "response_id",
     offsetof(S, response_id), 0, 0},
    {14, PB_MESSAGE, PB_ONEOF, "result_complete",
     offsetof(S, result_complete), offsetof(S, response_type_case), PB_ID_EXECUTE_PLAN_RESPONSE_RESULT_COMPLETE},
    {15, PB_STRING, PB_PLAIN, "server_side_session_id",
     offsetof(S, server_side_session_id), 0, 0},
    {16, PB_MESSAGE, PB_ONEOF, "streaming_query_listener_events_result",
     offsetof(S, streaming_query_listener_events_result), offsetof(S, response_type_case), PB_ID_STREAMING_QUERY_LISTENER_EVENTS_RESULT},
    {17, PB_MESSAGE, PB_ONEOF, "create_resource_profile_command_result",
     offsetof(S, create_resource_profile_command_result), offsetof(S, response_type_case), PB_ID_CREATE_RESOURCE_PROFILE_COMMAND_RESULT},
    {18, PB_MESSAGE, PB_ONEOF, "execution_progress",
     offsetof(S, execution_progress), offsetof(S, response_type_case), PB_ID_EXECUTE_PLAN_RESPONSE_EXECUTION_PROGRESS},
    {19, PB_MESSAGE, PB_ONEOF, "checkpoint_command_result",
     offsetof(S, checkpoint_command_result), offsetof(S, response_type_case), PB_ID_CHECKPOINT_COMMAND_RESULT},
    {20, PB_MESSAGE, PB_ONEOF, "ml_command_result",
     offsetof(S, ml_command_result), offsetof(S, response_type_case), PB_ID_ML_COMMAND_RESULT},
    {21, PB_MESSAGE, PB_ONEOF, "pipeline_event_result",
     offsetof(S, pipeline_event_result), offsetof(S, response_type_case), PB_ID_PIPELINE_EVENT_RESULT},
    {22, PB_MESSAGE, PB_ONEOF, "pipeline_command_result",
     offsetof(S, pipeline_command_result), offsetof(S, response_type_case), PB_ID_PIPELINE_COMMAND_RESULT},
    {23, PB_MESSAGE, PB_ONEOF, "pipeline_query_function_execution_signal",
     offsetof(S, pipeline_query_function_execution_signal), offsetof(S, response_type_case), PB_ID_PIPELINE_QUERY_FUNCTION_EXECUTION_SIGNAL},
    {999, PB_MESSAGE, PB_ONEOF, "extension",
     offsetof(S, extension), offsetof(S, response_type_case), PB_ID_ANY},
};
#undef S

#define S struct pb_execute_plan_response_sql_command_result
static const struct pb_field execute_plan_response_sql_command_result_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "relation",
     offsetof(S, relation), 0, PB_ID_RELATION},
};
#undef S

#define S struct pb_execute_plan_response_arrow_batch
static const struct pb_field execute_plan_response_arrow_batch_fields[] = {
    {1, PB_INT64, PB_PLAIN, "row_count",
     offsetof(S, row_count), 0, 0},
    {2, PB_BYTES, PB_PLAIN, "data",
     offsetof(S, data), 0, 0},
    {3, PB_INT64, PB_OPTIONAL, "start_offset",
     offsetof(S, start_offset), offsetof(S, has_start_offset), 0},
    {4, PB_INT64, PB_OPTIONAL, "chunk_index",
     offsetof(S, chunk_index), offsetof(S, has_chunk_index), 0},
    {5, PB_INT64, PB_OPTIONAL, "num_chunks_in_batch",
     offsetof(S, num_chunks_in_batch), offsetof(S, has_num_chunks_in_batch), 0},
};
#undef S

#define S struct pb_execute_plan_response_metrics
static const struct pb_field execute_plan_response_metrics_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "metrics",
     offsetof(S, metrics), offsetof(S, metrics_count), PB_ID_EXECUTE_PLAN_RESPONSE_METRICS_METRIC_OBJECT},
};
#undef S

#define S struct pb_execute_plan_response_metrics_metric_object
static const struct pb_field execute_plan_response_metrics_metric_object_fields[] = {
    {1, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {2, PB_INT64, PB_PLAIN, "plan_id",
     offsetof(S, plan_id), 0, 0},
    {3, PB_INT64, PB_PLAIN, "parent",
     offsetof(S, parent), 0, 0},
    {4, PB_MESSAGE, PB_REPEATED, "execution_metrics",
     offsetof(S, execution_metrics), offsetof(S, execution_metrics_count), PB_ID_MAP_STRING_EXECUTE_PLAN_RESPONSE_METRICS_METRIC_VALUE},
};
#undef S

#define S struct pb_execute_plan_response_metrics_metric_value
static const struct pb_field execute_plan_response_metrics_metric_value_fields[] = {
    {1, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {2, PB_INT64, PB_PLAIN, "value",
     offsetof(S, value), 0, 0},
    {3, PB_STRING, PB_PLAIN, "metric_type",
     offsetof(S, metric_type), 0, 0},
};
#undef S

#define S struct pb_execute_plan_response_observed_metrics
static const struct pb_field execute_plan_response_observed_metrics_fields[] = {
    {1, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "values",
     offsetof(S, values), offsetof(S, values_count), PB_ID_EXPRESSION_LITERAL},
    {3, PB_STRING, PB_REPEATED, "keys",
     offsetof(S, keys), offsetof(S, keys_count), 0},
    {4, PB_INT64, PB_PLAIN, "plan_id",
     offsetof(S, plan_id), 0, 0},
    {5, PB_INT32, PB_OPTIONAL, "root_error_idx",
     offsetof(S, root_error_idx), offsetof(S, has_root_error_idx), 0},
    {6, PB_MESSAGE, PB_REPEATED, "errors",
     offsetof(S, errors), offsetof(S, errors_count), PB_ID_FETCH_ERROR_DETAILS_RESPONSE_ERROR},
};
#undef S

#define S struct pb_execute_plan_response_execution_progress
static const struct pb_field execute_plan_response_execution_progress_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "stages",
     offsetof(S, stages), offsetof(S, stages_count), PB_ID_EXECUTE_PLAN_RESPONSE_EXECUTION_PROGRESS_STAGE_INFO},
    {2, PB_INT64, PB_PLAIN, "num_inflight_tasks",
     offsetof(S, num_inflight_tasks), 0, 0},
};
#undef S

#define S struct pb_execute_plan_response_execution_progress_stage_info
static const struct pb_field execute_plan_response_execution_progress_stage_info_fields[] = {
    {1, PB_INT64, PB_PLAIN, "stage_id",
     offsetof(S, stage_id), 0, 0},
    {2, PB_INT64, PB_PLAIN, "num_tasks",
     offsetof(S, num_tasks), 0, 0},
    {3, PB_INT64, PB_PLAIN, "num_completed_tasks",
     offsetof(S, num_completed_tasks), 0, 0},
    {4, PB_INT64, PB_PLAIN, "input_bytes_read",
     offsetof(S, input_bytes_read), 0, 0},
    {5, PB_BOOL, PB_PLAIN, "done",
     offsetof(S, done), 0, 0},
};
#undef S

#define S struct pb_key_value
static const struct pb_field key_value_fields[] = {
    {1, PB_STRING, PB_PLAIN, "key",
     offsetof(S, key), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "value",
     offsetof(S, value), 0, 0},
};
#undef S

#define S struct pb_config_request
static const struct pb_field config_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "user_context",
     offsetof(S, user_context), 0, PB_ID_USER_CONTEXT},
    {3, PB_MESSAGE, PB_PLAIN, "operation",
     offsetof(S, operation), 0, PB_ID_CONFIG_REQUEST_OPERATION},
    {4, PB_STRING, PB_OPTIONAL, "client_type",
     offsetof(S, client_type), 0, 0},
    {8, PB_STRING, PB_OPTIONAL, "client_observed_server_side_session_id",
     offsetof(S, client_observed_server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_config_request_operation
static const struct pb_field config_request_operation_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "set",
     offsetof(S, set), offsetof(S, op_type_case), PB_ID_CONFIG_REQUEST_SET},
    {2, PB_MESSAGE, PB_ONEOF, "get",
     offsetof(S, get), offsetof(S, op_type_case), PB_ID_CONFIG_REQUEST_GET},
    {3, PB_MESSAGE, PB_ONEOF, "get_with_default",
     offsetof(S, get_with_default), offsetof(S, op_type_case), PB_ID_CONFIG_REQUEST_GET_WITH_DEFAULT},
    {4, PB_MESSAGE, PB_ONEOF, "get_option",
     offsetof(S, get_option), offsetof(S, op_type_case), PB_ID_CONFIG_REQUEST_GET_OPTION},
    {5, PB_MESSAGE, PB_ONEOF, "get_all",
     offsetof(S, get_all), offsetof(S, op_type_case), PB_ID_CONFIG_REQUEST_GET_ALL},
    {6, PB_MESSAGE, PB_ONEOF, "unset",
     offsetof(S, unset), offsetof(S, op_type_case), PB_ID_CONFIG_REQUEST_UNSET},
    {7, PB_MESSAGE, PB_ONEOF, "is_modifiable",
     offsetof(S, is_modifiable), offsetof(S, op_type_case), PB_ID_CONFIG_REQUEST_IS_MODIFIABLE},
};
#undef S

#define S struct pb_config_request_set
static const struct pb_field config_request_set_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "pairs",
     offsetof(S, pairs), offsetof(S, pairs_count), PB_ID_KEY_VALUE},
    {2, PB_BOOL, PB_OPTIONAL, "silent",
     offsetof(S, silent), offsetof(S, has_silent), 0},
};
#undef S

#define S struct pb_config_request_get
static const struct pb_field config_request_get_fields[] = {
    {1, PB_STRING, PB_REPEATED, "keys",
     offsetof(S, keys), offsetof(S, keys_count), 0},
};
#undef S

#define S struct pb_config_request_get_with_default
static const struct pb_field config_request_get_with_default_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "pairs",
     offsetof(S, pairs), offsetof(S, pairs_count), PB_ID_KEY_VALUE},
};
#undef S

#define S struct pb_config_request_get_option
static const struct pb_field config_request_get_option_fields[] = {
    {1, PB_STRING, PB_REPEATED, "keys",
     offsetof(S, keys), offsetof(S, keys_count), 0},
};
#undef S

#define S struct pb_config_request_get_all
static const struct pb_field config_request_get_all_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "prefix",
     offsetof(S, prefix), 0, 0},
};
#undef S

#define S struct pb_config_request_unset
static const struct pb_field config_request_unset_fields[] = {
    {1, PB_STRING, PB_REPEATED, "keys",
     offsetof(S, keys), offsetof(S, keys_count), 0},
};
#undef S

#define S struct pb_config_request_is_modifiable
static const struct pb_field config_request_is_modifiable_fields[] = {
    {1, PB_STRING, PB_REPEATED, "keys",
     offsetof(S, keys), offsetof(S, keys_count), 0},
};
#undef S

#define S struct pb_config_response
static const struct pb_field config_response_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "pairs",
     offsetof(S, pairs), offsetof(S, pairs_count), PB_ID_KEY_VALUE},
    {3, PB_STRING, PB_REPEATED, "warnings",
     offsetof(S, warnings), offsetof(S, warnings_count), 0},
    {4, PB_STRING, PB_PLAIN, "server_side_session_id",
     offsetof(S, server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_add_artifacts_request
static const struct pb_field add_artifacts_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "user_context",
     offsetof(S, user_context), 0, PB_ID_USER_CONTEXT},
    {3, PB_MESSAGE, PB_ONEOF, "batch",
     offsetof(S, batch), offsetof(S, payload_case), PB_ID_ADD_ARTIFACTS_REQUEST_BATCH},
    {4, PB_MESSAGE, PB_ONEOF, "begin_chunk",
     offsetof(S, begin_chunk), offsetof(S, payload_case), PB_ID_ADD_ARTIFACTS_REQUEST_BEGIN_CHUNKED_ARTIFACT},
    {5, PB_MESSAGE, PB_ONEOF, "chunk",
     offsetof(S, chunk), offsetof(S, payload_case), PB_ID_ADD_ARTIFACTS_REQUEST_ARTIFACT_CHUNK},
    {6, PB_STRING, PB_OPTIONAL, "client_type",
     offsetof(S, client_type), 0, 0},
    {7, PB_STRING, PB_OPTIONAL, "client_observed_server_side_session_id",
     offsetof(S, client_observed_server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_add_artifacts_request_artifact_chunk
static const struct pb_field add_artifacts_request_artifact_chunk_fields[] = {
    {1, PB_BYTES, PB_PLAIN, "data",
     offsetof(S, data), 0, 0},
    {2, PB_INT64, PB_PLAIN, "crc",
     offsetof(S, crc), 0, 0},
};
#undef S

#define S struct pb_add_artifacts_request_single_chunk_artifact
static const struct pb_field add_artifacts_request_single_chunk_artifact_fields[] = {
    {1, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "data",
     offsetof(S, data), 0, PB_ID_ADD_ARTIFACTS_REQUEST_ARTIFACT_CHUNK},
};
#undef S

#define S struct pb_add_artifacts_request_batch
static const struct pb_field add_artifacts_request_batch_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "artifacts",
     offsetof(S, artifacts), offsetof(S, artifacts_count), PB_ID_ADD_ARTIFACTS_REQUEST_SINGLE_CHUNK_ARTIFACT},
};
#undef S

#define S struct pb_add_artifacts_request_begin_chunked_artifact
static const struct pb_field add_artifacts_request_begin_chunked_artifact_fields[] = {
    {1, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {2, PB_INT64, PB_PLAIN, "total_bytes",
     offsetof(S, total_bytes), 0, 0},
    {3, PB_INT64, PB_PLAIN, "num_chunks",
     offsetof(S, num_chunks), 0, 0},
    {4, PB_MESSAGE, PB_PLAIN, "initial_chunk",
     offsetof(S, initial_chunk), 0, PB_ID_ADD_ARTIFACTS_REQUEST_ARTIFACT_CHUNK},
};
#undef S

#define S struct pb_add_artifacts_response
static const struct pb_field add_artifacts_response_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "artifacts",
     offsetof(S, artifacts), offsetof(S, artifacts_count), PB_ID_ADD_ARTIFACTS_RESPONSE_ARTIFACT_SUMMARY},
    {2, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {3, PB_STRING, PB_PLAIN, "server_side_session_id",
     offsetof(S, server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_add_artifacts_response_artifact_summary
static const struct pb_field add_artifacts_response_artifact_summary_fields[] = {
    {1, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {2, PB_BOOL, PB_PLAIN, "is_crc_successful",
     offsetof(S, is_crc_successful), 0, 0},
};
#undef S

#define S struct pb_artifact_statuses_request
static const struct pb_field artifact_statuses_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "user_context",
     offsetof(S, user_context), 0, PB_ID_USER_CONTEXT},
    {3, PB_STRING, PB_OPTIONAL, "client_type",
     offsetof(S, client_type), 0, 0},
    {4, PB_STRING, PB_REPEATED, "names",
     offsetof(S, names), offsetof(S, names_count), 0},
    {5, PB_STRING, PB_OPTIONAL, "client_observed_server_side_session_id",
     offsetof(S, client_observed_server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_artifact_statuses_response
static const struct pb_field artifact_statuses_response_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "statuses",
     offsetof(S, statuses), offsetof(S, statuses_count), PB_ID_MAP_STRING_ARTIFACT_STATUSES_RESPONSE_ARTIFACT_STATUS},
    {2, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {3, PB_STRING, PB_PLAIN, "server_side_session_id",
     offsetof(S, server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_artifact_statuses_response_artifact_status
static const struct pb_field artifact_statuses_response_artifact_status_fields[] = {
    {1, PB_BOOL, PB_PLAIN, "exists",
     offsetof(S, exists), 0, 0},
};
#undef S

#define S struct pb_interrupt_request
static const struct pb_field interrupt_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "user_context",
     offsetof(S, user_context), 0, PB_ID_USER_CONTEXT},
    {3, PB_STRING, PB_OPTIONAL, "client_type",
     offsetof(S, client_type), 0, 0},
    {4, PB_INT32, PB_PLAIN, "interrupt_type",
     offsetof(S, interrupt_type), 0, 0},
    {5, PB_STRING, PB_ONEOF, "operation_tag",
     offsetof(S, operation_tag), offsetof(S, interrupt_case), 0},
    {6, PB_STRING, PB_ONEOF, "operation_id",
     offsetof(S, operation_id), offsetof(S, interrupt_case), 0},
    {7, PB_STRING, PB_OPTIONAL, "client_observed_server_side_session_id",
     offsetof(S, client_observed_server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_interrupt_response
static const struct pb_field interrupt_response_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_STRING, PB_REPEATED, "interrupted_ids",
     offsetof(S, interrupted_ids), offsetof(S, interrupted_ids_count), 0},
    {3, PB_STRING, PB_PLAIN, "server_side_session_id",
     offsetof(S, server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_reattach_options
static const struct pb_field reattach_options_fields[] = {
    {1, PB_BOOL, PB_PLAIN, "reattachable",
     offsetof(S, reattachable), 0, 0},
};
#undef S

#define S struct pb_result_chunking_options
static const struct pb_field result_chunking_options_fields[] = {
    {1, PB_BOOL, PB_PLAIN, "allow_arrow_batch_chunking",
     offsetof(S, allow_arrow_batch_chunking), 0, 0},
    {2, PB_INT64, PB_OPTIONAL, "preferred_arrow_chunk_size",
     offsetof(S, preferred_arrow_chunk_size), offsetof(S, has_preferred_arrow_chunk_size), 0},
};
#undef S

#define S struct pb_reattach_execute_request
static const struct pb_field reattach_execute_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "user_context",
     offsetof(S, user_context), 0, PB_ID_USER_CONTEXT},
    {3, PB_STRING, PB_PLAIN, "operation_id",
     offsetof(S, operation_id), 0, 0},
    {4, PB_STRING, PB_OPTIONAL, "client_type",
     offsetof(S, client_type), 0, 0},
    {5, PB_STRING, PB_OPTIONAL, "last_response_id",
     offsetof(S, last_response_id), 0, 0},
    {6, PB_STRING, PB_OPTIONAL, "client_observed_server_side_session_id",
     offsetof(S, client_observed_server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_release_execute_request
static const struct pb_field release_execute_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "user_context",
     offsetof(S, user_context), 0, PB_ID_USER_CONTEXT},
    {3, PB_STRING, PB_PLAIN, "operation_id",
     offsetof(S, operation_id), 0, 0},
    {4, PB_STRING, PB_OPTIONAL, "client_type",
     offsetof(S, client_type), 0, 0},
    {5, PB_MESSAGE, PB_ONEOF, "release_all",
     offsetof(S, release_all), offsetof(S, release_case), PB_ID_RELEASE_EXECUTE_REQUEST_RELEASE_ALL},
    {6, PB_MESSAGE, PB_ONEOF, "release_until",
     offsetof(S, release_until), offsetof(S, release_case), PB_ID_RELEASE_EXECUTE_REQUEST_RELEASE_UNTIL},
    {7, PB_STRING, PB_OPTIONAL, "client_observed_server_side_session_id",
     offsetof(S, client_observed_server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_release_execute_request_release_until
static const struct pb_field release_execute_request_release_until_fields[] = {
    {1, PB_STRING, PB_PLAIN, "response_id",
     offsetof(S, response_id), 0, 0},
};
#undef S

#define S struct pb_release_execute_response
static const struct pb_field release_execute_response_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "operation_id",
     offsetof(S, operation_id), 0, 0},
    {3, PB_STRING, PB_PLAIN, "server_side_session_id",
     offsetof(S, server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_release_session_request
static const struct pb_field release_session_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "user_context",
     offsetof(S, user_context), 0, PB_ID_USER_CONTEXT},
    {3, PB_STRING, PB_OPTIONAL, "client_type",
     offsetof(S, client_type), 0, 0},
    {4, PB_BOOL, PB_PLAIN, "allow_reconnect",
     offsetof(S, allow_reconnect), 0, 0},
};
#undef S

#define S struct pb_release_session_response
static const struct pb_field release_session_response_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_STRING, PB_PLAIN, "server_side_session_id",
     offsetof(S, server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_fetch_error_details_request
static const struct pb_field fetch_error_details_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "user_context",
     offsetof(S, user_context), 0, PB_ID_USER_CONTEXT},
    {3, PB_STRING, PB_PLAIN, "error_id",
     offsetof(S, error_id), 0, 0},
    {4, PB_STRING, PB_OPTIONAL, "client_type",
     offsetof(S, client_type), 0, 0},
    {5, PB_STRING, PB_OPTIONAL, "client_observed_server_side_session_id",
     offsetof(S, client_observed_server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_fetch_error_details_response
static const struct pb_field fetch_error_details_response_fields[] = {
    {1, PB_INT32, PB_OPTIONAL, "root_error_idx",
     offsetof(S, root_error_idx), offsetof(S, has_root_error_idx), 0},
    {2, PB_MESSAGE, PB_REPEATED, "errors",
     offsetof(S, errors), offsetof(S, errors_count), PB_ID_FETCH_ERROR_DETAILS_RESPONSE_ERROR},
    {3, PB_STRING, PB_PLAIN, "server_side_session_id",
     offsetof(S, server_side_session_id), 0, 0},
    {4, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
};
#undef S

#define S struct pb_fetch_error_details_response_stack_trace_element
static const struct pb_field fetch_error_details_response_stack_trace_element_fields[] = {
    {1, PB_STRING, PB_PLAIN, "declaring_class",
     offsetof(S, declaring_class), 0, 0},
    {2, PB_STRING, PB_PLAIN, "method_name",
     offsetof(S, method_name), 0, 0},
    {3, PB_STRING, PB_OPTIONAL, "file_name",
     offsetof(S, file_name), 0, 0},
    {4, PB_INT32, PB_PLAIN, "line_number",
     offsetof(S, line_number), 0, 0},
};
#undef S

#define S struct pb_fetch_error_details_response_query_context
static const struct pb_field fetch_error_details_response_query_context_fields[] = {
    {1, PB_STRING, PB_PLAIN, "object_type",
     offsetof(S, object_type), 0, 0},
    {2, PB_STRING, PB_PLAIN, "object_name",
     offsetof(S, object_name), 0, 0},
    {3, PB_INT32, PB_PLAIN, "start_index",
     offsetof(S, start_index), 0, 0},
    {4, PB_INT32, PB_PLAIN, "stop_index",
     offsetof(S, stop_index), 0, 0},
    {5, PB_STRING, PB_PLAIN, "fragment",
     offsetof(S, fragment), 0, 0},
    {6, PB_STRING, PB_PLAIN, "call_site",
     offsetof(S, call_site), 0, 0},
    {7, PB_STRING, PB_PLAIN, "summary",
     offsetof(S, summary), 0, 0},
    {10, PB_INT32, PB_PLAIN, "context_type",
     offsetof(S, context_type), 0, 0},
};
#undef S

#define S struct pb_fetch_error_details_response_spark_throwable
static const struct pb_field fetch_error_details_response_spark_throwable_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "error_class",
     offsetof(S, error_class), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "message_parameters",
     offsetof(S, message_parameters), offsetof(S, message_parameters_count), PB_ID_MAP_STRING_STRING},
    {3, PB_MESSAGE, PB_REPEATED, "query_contexts",
     offsetof(S, query_contexts), offsetof(S, query_contexts_count), PB_ID_FETCH_ERROR_DETAILS_RESPONSE_QUERY_CONTEXT},
    {4, PB_STRING, PB_OPTIONAL, "sql_state",
     offsetof(S, sql_state), 0, 0},
    {5, PB_MESSAGE, PB_OPTIONAL, "breaking_change_info",
     offsetof(S, breaking_change_info), 0, PB_ID_FETCH_ERROR_DETAILS_RESPONSE_BREAKING_CHANGE_INFO},
};
#undef S

#define S struct pb_fetch_error_details_response_breaking_change_info
static const struct pb_field fetch_error_details_response_breaking_change_info_fields[] = {
    {1, PB_STRING, PB_REPEATED, "migration_message",
     offsetof(S, migration_message), offsetof(S, migration_message_count), 0},
    {2, PB_MESSAGE, PB_OPTIONAL, "mitigation_config",
     offsetof(S, mitigation_config), 0, PB_ID_FETCH_ERROR_DETAILS_RESPONSE_MITIGATION_CONFIG},
    {3, PB_BOOL, PB_OPTIONAL, "needs_audit",
     offsetof(S, needs_audit), offsetof(S, has_needs_audit), 0},
};
#undef S

#define S struct pb_fetch_error_details_response_mitigation_config
static const struct pb_field fetch_error_details_response_mitigation_config_fields[] = {
    {1, PB_STRING, PB_PLAIN, "key",
     offsetof(S, key), 0, 0},
    {2, PB_STRING, PB_PLAIN, "value",
     offsetof(S, value), 0, 0},
};
#undef S

#define S struct pb_fetch_error_details_response_error
static const struct pb_field fetch_error_details_response_error_fields[] = {
    {1, PB_STRING, PB_REPEATED, "error_type_hierarchy",
     offsetof(S, error_type_hierarchy), offsetof(S, error_type_hierarchy_count), 0},
    {2, PB_STRING, PB_PLAIN, "message",
     offsetof(S, message), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "stack_trace",
     offsetof(S, stack_trace), offsetof(S, stack_trace_count), PB_ID_FETCH_ERROR_DETAILS_RESPONSE_STACK_TRACE_ELEMENT},
    {4, PB_INT32, PB_OPTIONAL, "cause_idx",
     offsetof(S, cause_idx), offsetof(S, has_cause_idx), 0},
    {5, PB_MESSAGE, PB_OPTIONAL, "spark_throwable",
     offsetof(S, spark_throwable), 0, PB_ID_FETCH_ERROR_DETAILS_RESPONSE_SPARK_THROWABLE},
};
#undef S

#define S struct pb_checkpoint_command_result
static const struct pb_field checkpoint_command_result_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "relation",
     offsetof(S, relation), 0, PB_ID_CACHED_REMOTE_RELATION},
};
#undef S

#define S struct pb_clone_session_request
static const struct pb_field clone_session_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "user_context",
     offsetof(S, user_context), 0, PB_ID_USER_CONTEXT},
    {3, PB_STRING, PB_OPTIONAL, "client_type",
     offsetof(S, client_type), 0, 0},
    {4, PB_STRING, PB_OPTIONAL, "new_session_id",
     offsetof(S, new_session_id), 0, 0},
    {5, PB_STRING, PB_OPTIONAL, "client_observed_server_side_session_id",
     offsetof(S, client_observed_server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_clone_session_response
static const struct pb_field clone_session_response_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_STRING, PB_PLAIN, "server_side_session_id",
     offsetof(S, server_side_session_id), 0, 0},
    {3, PB_STRING, PB_PLAIN, "new_session_id",
     offsetof(S, new_session_id), 0, 0},
    {4, PB_STRING, PB_PLAIN, "new_server_side_session_id",
     offsetof(S, new_server_side_session_id), 0, 0},
};
#undef S

#define S struct pb_get_status_request
static const struct pb_field get_status_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "user_context",
     offsetof(S, user_context), 0, PB_ID_USER_CONTEXT},
    {3, PB_STRING, PB_OPTIONAL, "client_type",
     offsetof(S, client_type), 0, 0},
    {4, PB_STRING, PB_OPTIONAL, "client_observed_server_side_session_id",
     offsetof(S, client_observed_server_side_session_id), 0, 0},
    {5, PB_MESSAGE, PB_OPTIONAL, "operation_status",
     offsetof(S, operation_status), 0, PB_ID_GET_STATUS_REQUEST_OPERATION_STATUS_REQUEST},
    {999, PB_MESSAGE, PB_REPEATED, "extensions",
     offsetof(S, extensions), offsetof(S, extensions_count), PB_ID_ANY},
};
#undef S

#define S struct pb_get_status_request_operation_status_request
static const struct pb_field get_status_request_operation_status_request_fields[] = {
    {1, PB_STRING, PB_REPEATED, "operation_ids",
     offsetof(S, operation_ids), offsetof(S, operation_ids_count), 0},
    {999, PB_MESSAGE, PB_REPEATED, "extensions",
     offsetof(S, extensions), offsetof(S, extensions_count), PB_ID_ANY},
};
#undef S

#define S struct pb_get_status_response
static const struct pb_field get_status_response_fields[] = {
    {1, PB_STRING, PB_PLAIN, "session_id",
     offsetof(S, session_id), 0, 0},
    {2, PB_STRING, PB_PLAIN, "server_side_session_id",
     offsetof(S, server_side_session_id), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "operation_statuses",
     offsetof(S, operation_statuses), offsetof(S, operation_statuses_count), PB_ID_GET_STATUS_RESPONSE_OPERATION_STATUS},
    {999, PB_MESSAGE, PB_REPEATED, "extensions",
     offsetof(S, extensions), offsetof(S, extensions_count), PB_ID_ANY},
};
#undef S

#define S struct pb_get_status_response_operation_status
static const struct pb_field get_status_response_operation_status_fields[] = {
    {1, PB_STRING, PB_PLAIN, "operation_id",
     offsetof(S, operation_id), 0, 0},
    {2, PB_INT32, PB_PLAIN, "state",
     offsetof(S, state), 0, 0},
    {999, PB_MESSAGE, PB_REPEATED, "extensions",
     offsetof(S, extensions), offsetof(S, extensions_count), PB_ID_ANY},
};
#undef S

#define S struct pb_relation
static const struct pb_field relation_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "common",
     offsetof(S, common), 0, PB_ID_RELATION_COMMON},
    {2, PB_MESSAGE, PB_ONEOF, "read",
     offsetof(S, read), offsetof(S, rel_type_case), PB_ID_READ},
    {3, PB_MESSAGE, PB_ONEOF, "project",
     offsetof(S, project), offsetof(S, rel_type_case), PB_ID_PROJECT},
    {4, PB_MESSAGE, PB_ONEOF, "filter",
     offsetof(S, filter), offsetof(S, rel_type_case), PB_ID_FILTER},
    {5, PB_MESSAGE, PB_ONEOF, "join",
     offsetof(S, join), offsetof(S, rel_type_case), PB_ID_JOIN},
    {6, PB_MESSAGE, PB_ONEOF, "set_op",
     offsetof(S, set_op), offsetof(S, rel_type_case), PB_ID_SET_OPERATION},
    {7, PB_MESSAGE, PB_ONEOF, "sort",
     offsetof(S, sort), offsetof(S, rel_type_case), PB_ID_SORT},
    {8, PB_MESSAGE, PB_ONEOF, "limit",
     offsetof(S, limit), offsetof(S, rel_type_case), PB_ID_LIMIT},
    {9, PB_MESSAGE, PB_ONEOF, "aggregate",
     offsetof(S, aggregate), offsetof(S, rel_type_case), PB_ID_AGGREGATE},
    {10, PB_MESSAGE, PB_ONEOF, "sql",
     offsetof(S, sql), offsetof(S, rel_type_case), PB_ID_SQL},
    {11, PB_MESSAGE, PB_ONEOF, "local_relation",
     offsetof(S, local_relation), offsetof(S, rel_type_case), PB_ID_LOCAL_RELATION},
    {12, PB_MESSAGE, PB_ONEOF, "sample",
     offsetof(S, sample), offsetof(S, rel_type_case), PB_ID_SAMPLE},
    {13, PB_MESSAGE, PB_ONEOF, "offset",
     offsetof(S, offset), offsetof(S, rel_type_case), PB_ID_OFFSET},
    {14, PB_MESSAGE, PB_ONEOF, "deduplicate",
     offsetof(S, deduplicate), offsetof(S, rel_type_case), PB_ID_DEDUPLICATE},
    {15, PB_MESSAGE, PB_ONEOF, "range",
     offsetof(S, range), offsetof(S, rel_type_case), PB_ID_RANGE},
    {16, PB_MESSAGE, PB_ONEOF, "subquery_alias",
     offsetof(S, subquery_alias), offsetof(S, rel_type_case), PB_ID_SUBQUERY_ALIAS},
    {17, PB_MESSAGE, PB_ONEOF, "repartition",
     offsetof(S, repartition), offsetof(S, rel_type_case), PB_ID_REPARTITION},
    {18, PB_MESSAGE, PB_ONEOF, "to_df",
     offsetof(S, to_df), offsetof(S, rel_type_case), PB_ID_TO_DF},
    {19, PB_MESSAGE, PB_ONEOF, "with_columns_renamed",
     offsetof(S, with_columns_renamed), offsetof(S, rel_type_case), PB_ID_WITH_COLUMNS_RENAMED},
    {20, PB_MESSAGE, PB_ONEOF, "show_string",
     offsetof(S, show_string), offsetof(S, rel_type_case), PB_ID_SHOW_STRING},
    {21, PB_MESSAGE, PB_ONEOF, "drop",
     offsetof(S, drop), offsetof(S, rel_type_case), PB_ID_DROP},
    {22, PB_MESSAGE, PB_ONEOF, "tail",
     offsetof(S, tail), offsetof(S, rel_type_case), PB_ID_TAIL},
    {23, PB_MESSAGE, PB_ONEOF, "with_columns",
     offsetof(S, with_columns), offsetof(S, rel_type_case), PB_ID_WITH_COLUMNS},
    {24, PB_MESSAGE, PB_ONEOF, "hint",
     offsetof(S, hint), offsetof(S, rel_type_case), PB_ID_HINT},
    {25, PB_MESSAGE, PB_ONEOF, "unpivot",
     offsetof(S, unpivot), offsetof(S, rel_type_case), PB_ID_UNPIVOT},
    {26, PB_MESSAGE, PB_ONEOF, "to_schema",
     offsetof(S, to_schema), offsetof(S, rel_type_case), PB_ID_TO_SCHEMA},
    {27, PB_MESSAGE, PB_ONEOF, "repartition_by_expression",
     offsetof(S, repartition_by_expression), offsetof(S, rel_type_case), PB_ID_REPARTITION_BY_EXPRESSION},
    {28, PB_MESSAGE, PB_ONEOF, "map_partitions",
     offsetof(S, map_partitions), offsetof(S, rel_type_case), PB_ID_MAP_PARTITIONS},
    {29, PB_MESSAGE, PB_ONEOF, "collect_metrics",
     offsetof(S, collect_metrics), offsetof(S, rel_type_case), PB_ID_COLLECT_METRICS},
    {30, PB_MESSAGE, PB_ONEOF, "parse",
     offsetof(S, parse), offsetof(S, rel_type_case), PB_ID_PARSE},
    {31, PB_MESSAGE, PB_ONEOF, "group_map",
     offsetof(S, group_map), offsetof(S, rel_type_case), PB_ID_GROUP_MAP},
    {32, PB_MESSAGE, PB_ONEOF, "co_group_map",
     offsetof(S, co_group_map), offsetof(S, rel_type_case), PB_ID_CO_GROUP_MAP},
    {33, PB_MESSAGE, PB_ONEOF, "with_watermark",
     offsetof(S, with_watermark), offsetof(S, rel_type_case), PB_ID_WITH_WATERMARK},
    {34, PB_MESSAGE, PB_ONEOF, "apply_in_pandas_with_state",
     offsetof(S, apply_in_pandas_with_state), offsetof(S, rel_type_case), PB_ID_APPLY_IN_PANDAS_WITH_STATE},
    {35, PB_MESSAGE, PB_ONEOF, "html_string",
     offsetof(S, html_string), offsetof(S, rel_type_case), PB_ID_HTML_STRING},
    {36, PB_MESSAGE, PB_ONEOF, "cached_local_relation",
     offsetof(S, cached_local_relation), offsetof(S, rel_type_case), PB_ID_CACHED_LOCAL_RELATION},
    {37, PB_MESSAGE, PB_ONEOF, "cached_remote_relation",
     offsetof(S, cached_remote_relation), offsetof(S, rel_type_case), PB_ID_CACHED_REMOTE_RELATION},
    {38, PB_MESSAGE, PB_ONEOF, "common_inline_user_defined_table_function",
     offsetof(S, common_inline_user_defined_table_function), offsetof(S, rel_type_case), PB_ID_COMMON_INLINE_USER_DEFINED_TABLE_FUNCTION},
    {39, PB_MESSAGE, PB_ONEOF, "as_of_join",
     offsetof(S, as_of_join), offsetof(S, rel_type_case), PB_ID_AS_OF_JOIN},
    {40, PB_MESSAGE, PB_ONEOF, "common_inline_user_defined_data_source",
     offsetof(S, common_inline_user_defined_data_source), offsetof(S, rel_type_case), PB_ID_COMMON_INLINE_USER_DEFINED_DATA_SOURCE},
    {41, PB_MESSAGE, PB_ONEOF, "with_relations",
     offsetof(S, with_relations), offsetof(S, rel_type_case), PB_ID_WITH_RELATIONS},
    {42, PB_MESSAGE, PB_ONEOF, "transpose",
     offsetof(S, transpose), offsetof(S, rel_type_case), PB_ID_TRANSPOSE},
    {43, PB_MESSAGE, PB_ONEOF, "unresolved_table_valued_function",
     offsetof(S, unresolved_table_valued_function), offsetof(S, rel_type_case), PB_ID_UNRESOLVED_TABLE_VALUED_FUNCTION},
    {44, PB_MESSAGE, PB_ONEOF, "lateral_join",
     offsetof(S, lateral_join), offsetof(S, rel_type_case), PB_ID_LATERAL_JOIN},
    {45, PB_MESSAGE, PB_ONEOF, "chunked_cached_local_relation",
     offsetof(S, chunked_cached_local_relation), offsetof(S, rel_type_case), PB_ID_CHUNKED_CACHED_LOCAL_RELATION},
    {46, PB_MESSAGE, PB_ONEOF, "relation_changes",
     offsetof(S, relation_changes), offsetof(S, rel_type_case), PB_ID_RELATION_CHANGES},
    {47, PB_MESSAGE, PB_ONEOF, "nearest_by_join",
     offsetof(S, nearest_by_join), offsetof(S, rel_type_case), PB_ID_NEAREST_BY_JOIN},
    {48, PB_MESSAGE, PB_ONEOF, "zip",
     offsetof(S, zip), offsetof(S, rel_type_case), PB_ID_ZIP},
    {90, PB_MESSAGE, PB_ONEOF, "fill_na",
     offsetof(S, fill_na), offsetof(S, rel_type_case), PB_ID_NA_FILL},
    {91, PB_MESSAGE, PB_ONEOF, "drop_na",
     offsetof(S, drop_na), offsetof(S, rel_type_case), PB_ID_NA_DROP},
    {92, PB_MESSAGE, PB_ONEOF, "replace",
     offsetof(S, replace), offsetof(S, rel_type_case), PB_ID_NA_REPLACE},
    {100, PB_MESSAGE, PB_ONEOF, "summary",
     offsetof(S, summary), offsetof(S, rel_type_case), PB_ID_STAT_SUMMARY},
    {101, PB_MESSAGE, PB_ONEOF, "crosstab",
     offsetof(S, crosstab), offsetof(S, rel_type_case), PB_ID_STAT_CROSSTAB},
    {102, PB_MESSAGE, PB_ONEOF, "describe",
     offsetof(S, describe), offsetof(S, rel_type_case), PB_ID_STAT_DESCRIBE},
    {103, PB_MESSAGE, PB_ONEOF, "cov",
     offsetof(S, cov), offsetof(S, rel_type_case), PB_ID_STAT_COV},
    {104, PB_MESSAGE, PB_ONEOF, "corr",
     offsetof(S, corr), offsetof(S, rel_type_case), PB_ID_STAT_CORR},
    {105, PB_MESSAGE, PB_ONEOF, "approx_quantile",
     offsetof(S, approx_quantile), offsetof(S, rel_type_case), PB_ID_STAT_APPROX_QUANTILE},
    {106, PB_MESSAGE, PB_ONEOF, "freq_items",
     offsetof(S, freq_items), offsetof(S, rel_type_case), PB_ID_STAT_FREQ_ITEMS},
    {107, PB_MESSAGE, PB_ONEOF, "sample_by",
     offsetof(S, sample_by), offsetof(S, rel_type_case), PB_ID_STAT_SAMPLE_BY},
    {200, PB_MESSAGE, PB_ONEOF, "catalog",
     offsetof(S, catalog), offsetof(S, rel_type_case), PB_ID_CATALOG},
    {300, PB_MESSAGE, PB_ONEOF, "ml_relation",
     offsetof(S, ml_relation), offsetof(S, rel_type_case), PB_ID_ML_RELATION},
    {998, PB_MESSAGE, PB_ONEOF, "extension",
     offsetof(S, extension), offsetof(S, rel_type_case), PB_ID_ANY},
    {999, PB_MESSAGE, PB_ONEOF, "unknown",
     offsetof(S, unknown), offsetof(S, rel_type_case), PB_ID_UNKNOWN},
};
#undef S

#define S struct pb_ml_relation
static const struct pb_field ml_relation_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "transform",
     offsetof(S, transform), offsetof(S, ml_type_case), PB_ID_ML_RELATION_TRANSFORM},
    {2, PB_MESSAGE, PB_ONEOF, "fetch",
     offsetof(S, fetch), offsetof(S, ml_type_case), PB_ID_FETCH},
    {3, PB_MESSAGE, PB_OPTIONAL, "model_summary_dataset",
     offsetof(S, model_summary_dataset), 0, PB_ID_RELATION},
};
#undef S

#define S struct pb_ml_relation_transform
static const struct pb_field ml_relation_transform_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "obj_ref",
     offsetof(S, obj_ref), offsetof(S, operator_case), PB_ID_OBJECT_REF},
    {2, PB_MESSAGE, PB_ONEOF, "transformer",
     offsetof(S, transformer), offsetof(S, operator_case), PB_ID_ML_OPERATOR},
    {3, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {4, PB_MESSAGE, PB_PLAIN, "params",
     offsetof(S, params), 0, PB_ID_ML_PARAMS},
};
#undef S

#define S struct pb_fetch
static const struct pb_field fetch_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "obj_ref",
     offsetof(S, obj_ref), 0, PB_ID_OBJECT_REF},
    {2, PB_MESSAGE, PB_REPEATED, "methods",
     offsetof(S, methods), offsetof(S, methods_count), PB_ID_FETCH_METHOD},
};
#undef S

#define S struct pb_fetch_method
static const struct pb_field fetch_method_fields[] = {
    {1, PB_STRING, PB_PLAIN, "method",
     offsetof(S, method), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "args",
     offsetof(S, args), offsetof(S, args_count), PB_ID_FETCH_METHOD_ARGS},
};
#undef S

#define S struct pb_fetch_method_args
static const struct pb_field fetch_method_args_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "param",
     offsetof(S, param), offsetof(S, args_type_case), PB_ID_EXPRESSION_LITERAL},
    {2, PB_MESSAGE, PB_ONEOF, "input",
     offsetof(S, input), offsetof(S, args_type_case), PB_ID_RELATION},
};
#undef S

#define S struct pb_relation_common
static const struct pb_field relation_common_fields[] = {
    {1, PB_STRING, PB_PLAIN, "source_info",
     offsetof(S, source_info), 0, 0},
    {2, PB_INT64, PB_OPTIONAL, "plan_id",
     offsetof(S, plan_id), offsetof(S, has_plan_id), 0},
    {3, PB_MESSAGE, PB_PLAIN, "origin",
     offsetof(S, origin), 0, PB_ID_ORIGIN},
};
#undef S

#define S struct pb_sql
static const struct pb_field sql_fields[] = {
    {1, PB_STRING, PB_PLAIN, "query",
     offsetof(S, query), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "args",
     offsetof(S, args), offsetof(S, args_count), PB_ID_MAP_STRING_EXPRESSION_LITERAL},
    {3, PB_MESSAGE, PB_REPEATED, "pos_args",
     offsetof(S, pos_args), offsetof(S, pos_args_count), PB_ID_EXPRESSION_LITERAL},
    {4, PB_MESSAGE, PB_REPEATED, "named_arguments",
     offsetof(S, named_arguments), offsetof(S, named_arguments_count), PB_ID_MAP_STRING_EXPRESSION},
    {5, PB_MESSAGE, PB_REPEATED, "pos_arguments",
     offsetof(S, pos_arguments), offsetof(S, pos_arguments_count), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_with_relations
static const struct pb_field with_relations_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "root",
     offsetof(S, root), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_REPEATED, "references",
     offsetof(S, references), offsetof(S, references_count), PB_ID_RELATION},
};
#undef S

#define S struct pb_read
static const struct pb_field read_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "named_table",
     offsetof(S, named_table), offsetof(S, read_type_case), PB_ID_READ_NAMED_TABLE},
    {2, PB_MESSAGE, PB_ONEOF, "data_source",
     offsetof(S, data_source), offsetof(S, read_type_case), PB_ID_READ_DATA_SOURCE},
    {3, PB_BOOL, PB_PLAIN, "is_streaming",
     offsetof(S, is_streaming), 0, 0},
};
#undef S

#define S struct pb_read_named_table
static const struct pb_field read_named_table_fields[] = {
    {1, PB_STRING, PB_PLAIN, "unparsed_identifier",
     offsetof(S, unparsed_identifier), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "options",
     offsetof(S, options), offsetof(S, options_count), PB_ID_MAP_STRING_STRING},
};
#undef S

#define S struct pb_read_data_source
static const struct pb_field read_data_source_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "format",
     offsetof(S, format), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "schema",
     offsetof(S, schema), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "options",
     offsetof(S, options), offsetof(S, options_count), PB_ID_MAP_STRING_STRING},
    {4, PB_STRING, PB_REPEATED, "paths",
     offsetof(S, paths), offsetof(S, paths_count), 0},
    {5, PB_STRING, PB_REPEATED, "predicates",
     offsetof(S, predicates), offsetof(S, predicates_count), 0},
    {6, PB_STRING, PB_OPTIONAL, "source_name",
     offsetof(S, source_name), 0, 0},
};
#undef S

#define S struct pb_relation_changes
static const struct pb_field relation_changes_fields[] = {
    {1, PB_STRING, PB_PLAIN, "unparsed_identifier",
     offsetof(S, unparsed_identifier), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "options",
     offsetof(S, options), offsetof(S, options_count), PB_ID_MAP_STRING_STRING},
    {3, PB_BOOL, PB_PLAIN, "is_streaming",
     offsetof(S, is_streaming), 0, 0},
};
#undef S

#define S struct pb_project
static const struct pb_field project_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {3, PB_MESSAGE, PB_REPEATED, "expressions",
     offsetof(S, expressions), offsetof(S, expressions_count), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_filter
static const struct pb_field filter_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_PLAIN, "condition",
     offsetof(S, condition), 0, PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_join
static const struct pb_field join_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "left",
     offsetof(S, left), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_PLAIN, "right",
     offsetof(S, right), 0, PB_ID_RELATION},
    {3, PB_MESSAGE, PB_PLAIN, "join_condition",
     offsetof(S, join_condition), 0, PB_ID_EXPRESSION},
    {4, PB_INT32, PB_PLAIN, "join_type",
     offsetof(S, join_type), 0, 0},
    {5, PB_STRING, PB_REPEATED, "using_columns",
     offsetof(S, using_columns), offsetof(S, using_columns_count), 0},
    {6, PB_MESSAGE, PB_OPTIONAL, "join_data_type",
     offsetof(S, join_data_type), 0, PB_ID_JOIN_JOIN_DATA_TYPE},
};
#undef S

#define S struct pb_join_join_data_type
static const struct pb_field join_join_data_type_fields[] = {
    {1, PB_BOOL, PB_PLAIN, "is_left_struct",
     offsetof(S, is_left_struct), 0, 0},
    {2, PB_BOOL, PB_PLAIN, "is_right_struct",
     offsetof(S, is_right_struct), 0, 0},
};
#undef S

#define S struct pb_set_operation
static const struct pb_field set_operation_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "left_input",
     offsetof(S, left_input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_PLAIN, "right_input",
     offsetof(S, right_input), 0, PB_ID_RELATION},
    {3, PB_INT32, PB_PLAIN, "set_op_type",
     offsetof(S, set_op_type), 0, 0},
    {4, PB_BOOL, PB_OPTIONAL, "is_all",
     offsetof(S, is_all), offsetof(S, has_is_all), 0},
    {5, PB_BOOL, PB_OPTIONAL, "by_name",
     offsetof(S, by_name), offsetof(S, has_by_name), 0},
    {6, PB_BOOL, PB_OPTIONAL, "allow_missing_columns",
     offsetof(S, allow_missing_columns), offsetof(S, has_allow_missing_columns), 0},
};
#undef S

#define S struct pb_limit
static const struct pb_field limit_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_INT32, PB_PLAIN, "limit",
     offsetof(S, limit), 0, 0},
};
#undef S

#define S struct pb_offset
static const struct pb_field offset_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_INT32, PB_PLAIN, "offset",
     offsetof(S, offset), 0, 0},
};
#undef S

#define S struct pb_tail
static const struct pb_field tail_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_INT32, PB_PLAIN, "limit",
     offsetof(S, limit), 0, 0},
};
#undef S

#define S struct pb_aggregate
static const struct pb_field aggregate_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_INT32, PB_PLAIN, "group_type",
     offsetof(S, group_type), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "grouping_expressions",
     offsetof(S, grouping_expressions), offsetof(S, grouping_expressions_count), PB_ID_EXPRESSION},
    {4, PB_MESSAGE, PB_REPEATED, "aggregate_expressions",
     offsetof(S, aggregate_expressions), offsetof(S, aggregate_expressions_count), PB_ID_EXPRESSION},
    {5, PB_MESSAGE, PB_PLAIN, "pivot",
     offsetof(S, pivot), 0, PB_ID_AGGREGATE_PIVOT},
    {6, PB_MESSAGE, PB_REPEATED, "grouping_sets",
     offsetof(S, grouping_sets), offsetof(S, grouping_sets_count), PB_ID_AGGREGATE_GROUPING_SETS},
};
#undef S

#define S struct pb_aggregate_pivot
static const struct pb_field aggregate_pivot_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "col",
     offsetof(S, col), 0, PB_ID_EXPRESSION},
    {2, PB_MESSAGE, PB_REPEATED, "values",
     offsetof(S, values), offsetof(S, values_count), PB_ID_EXPRESSION_LITERAL},
};
#undef S

#define S struct pb_aggregate_grouping_sets
static const struct pb_field aggregate_grouping_sets_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "grouping_set",
     offsetof(S, grouping_set), offsetof(S, grouping_set_count), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_sort
static const struct pb_field sort_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_REPEATED, "order",
     offsetof(S, order), offsetof(S, order_count), PB_ID_EXPRESSION_SORT_ORDER},
    {3, PB_BOOL, PB_OPTIONAL, "is_global",
     offsetof(S, is_global), offsetof(S, has_is_global), 0},
};
#undef S

#define S struct pb_drop
static const struct pb_field drop_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_REPEATED, "columns",
     offsetof(S, columns), offsetof(S, columns_count), PB_ID_EXPRESSION},
    {3, PB_STRING, PB_REPEATED, "column_names",
     offsetof(S, column_names), offsetof(S, column_names_count), 0},
};
#undef S

#define S struct pb_deduplicate
static const struct pb_field deduplicate_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_REPEATED, "column_names",
     offsetof(S, column_names), offsetof(S, column_names_count), 0},
    {3, PB_BOOL, PB_OPTIONAL, "all_columns_as_keys",
     offsetof(S, all_columns_as_keys), offsetof(S, has_all_columns_as_keys), 0},
    {4, PB_BOOL, PB_OPTIONAL, "within_watermark",
     offsetof(S, within_watermark), offsetof(S, has_within_watermark), 0},
};
#undef S

#define S struct pb_local_relation
static const struct pb_field local_relation_fields[] = {
    {1, PB_BYTES, PB_OPTIONAL, "data",
     offsetof(S, data), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "schema",
     offsetof(S, schema), 0, 0},
};
#undef S

#define S struct pb_cached_local_relation
static const struct pb_field cached_local_relation_fields[] = {
    {3, PB_STRING, PB_PLAIN, "hash",
     offsetof(S, hash), 0, 0},
};
#undef S

#define S struct pb_chunked_cached_local_relation
static const struct pb_field chunked_cached_local_relation_fields[] = {
    {1, PB_STRING, PB_REPEATED, "dataHashes",
     offsetof(S, dataHashes), offsetof(S, dataHashes_count), 0},
    {2, PB_STRING, PB_OPTIONAL, "schemaHash",
     offsetof(S, schemaHash), 0, 0},
};
#undef S

#define S struct pb_cached_remote_relation
static const struct pb_field cached_remote_relation_fields[] = {
    {1, PB_STRING, PB_PLAIN, "relation_id",
     offsetof(S, relation_id), 0, 0},
};
#undef S

#define S struct pb_sample
static const struct pb_field sample_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_DOUBLE, PB_PLAIN, "lower_bound",
     offsetof(S, lower_bound), 0, 0},
    {3, PB_DOUBLE, PB_PLAIN, "upper_bound",
     offsetof(S, upper_bound), 0, 0},
    {4, PB_BOOL, PB_OPTIONAL, "with_replacement",
     offsetof(S, with_replacement), offsetof(S, has_with_replacement), 0},
    {5, PB_INT64, PB_OPTIONAL, "seed",
     offsetof(S, seed), offsetof(S, has_seed), 0},
    {6, PB_BOOL, PB_PLAIN, "deterministic_order",
     offsetof(S, deterministic_order), 0, 0},
};
#undef S

#define S struct pb_range
static const struct pb_field range_fields[] = {
    {1, PB_INT64, PB_OPTIONAL, "start",
     offsetof(S, start), offsetof(S, has_start), 0},
    {2, PB_INT64, PB_PLAIN, "end",
     offsetof(S, end), 0, 0},
    {3, PB_INT64, PB_PLAIN, "step",
     offsetof(S, step), 0, 0},
    {4, PB_INT32, PB_OPTIONAL, "num_partitions",
     offsetof(S, num_partitions), offsetof(S, has_num_partitions), 0},
};
#undef S

#define S struct pb_subquery_alias
static const struct pb_field subquery_alias_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_PLAIN, "alias",
     offsetof(S, alias), 0, 0},
    {3, PB_STRING, PB_REPEATED, "qualifier",
     offsetof(S, qualifier), offsetof(S, qualifier_count), 0},
};
#undef S

#define S struct pb_repartition
static const struct pb_field repartition_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_INT32, PB_PLAIN, "num_partitions",
     offsetof(S, num_partitions), 0, 0},
    {3, PB_BOOL, PB_OPTIONAL, "shuffle",
     offsetof(S, shuffle), offsetof(S, has_shuffle), 0},
};
#undef S

#define S struct pb_show_string
static const struct pb_field show_string_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_INT32, PB_PLAIN, "num_rows",
     offsetof(S, num_rows), 0, 0},
    {3, PB_INT32, PB_PLAIN, "truncate",
     offsetof(S, truncate), 0, 0},
    {4, PB_BOOL, PB_PLAIN, "vertical",
     offsetof(S, vertical), 0, 0},
};
#undef S

#define S struct pb_html_string
static const struct pb_field html_string_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_INT32, PB_PLAIN, "num_rows",
     offsetof(S, num_rows), 0, 0},
    {3, PB_INT32, PB_PLAIN, "truncate",
     offsetof(S, truncate), 0, 0},
};
#undef S

#define S struct pb_stat_summary
static const struct pb_field stat_summary_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_REPEATED, "statistics",
     offsetof(S, statistics), offsetof(S, statistics_count), 0},
};
#undef S

#define S struct pb_stat_describe
static const struct pb_field stat_describe_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_REPEATED, "cols",
     offsetof(S, cols), offsetof(S, cols_count), 0},
};
#undef S

#define S struct pb_stat_crosstab
static const struct pb_field stat_crosstab_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_PLAIN, "col1",
     offsetof(S, col1), 0, 0},
    {3, PB_STRING, PB_PLAIN, "col2",
     offsetof(S, col2), 0, 0},
};
#undef S

#define S struct pb_stat_cov
static const struct pb_field stat_cov_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_PLAIN, "col1",
     offsetof(S, col1), 0, 0},
    {3, PB_STRING, PB_PLAIN, "col2",
     offsetof(S, col2), 0, 0},
};
#undef S

#define S struct pb_stat_corr
static const struct pb_field stat_corr_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_PLAIN, "col1",
     offsetof(S, col1), 0, 0},
    {3, PB_STRING, PB_PLAIN, "col2",
     offsetof(S, col2), 0, 0},
    {4, PB_STRING, PB_OPTIONAL, "method",
     offsetof(S, method), 0, 0},
};
#undef S

#define S struct pb_stat_approx_quantile
static const struct pb_field stat_approx_quantile_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_REPEATED, "cols",
     offsetof(S, cols), offsetof(S, cols_count), 0},
    {3, PB_DOUBLE, PB_REPEATED, "probabilities",
     offsetof(S, probabilities), offsetof(S, probabilities_count), 0},
    {4, PB_DOUBLE, PB_PLAIN, "relative_error",
     offsetof(S, relative_error), 0, 0},
};
#undef S

#define S struct pb_stat_freq_items
static const struct pb_field stat_freq_items_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_REPEATED, "cols",
     offsetof(S, cols), offsetof(S, cols_count), 0},
    {3, PB_DOUBLE, PB_OPTIONAL, "support",
     offsetof(S, support), offsetof(S, has_support), 0},
};
#undef S

#define S struct pb_stat_sample_by
static const struct pb_field stat_sample_by_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_PLAIN, "col",
     offsetof(S, col), 0, PB_ID_EXPRESSION},
    {3, PB_MESSAGE, PB_REPEATED, "fractions",
     offsetof(S, fractions), offsetof(S, fractions_count), PB_ID_STAT_SAMPLE_BY_FRACTION},
    {5, PB_INT64, PB_OPTIONAL, "seed",
     offsetof(S, seed), offsetof(S, has_seed), 0},
};
#undef S

#define S struct pb_stat_sample_by_fraction
static const struct pb_field stat_sample_by_fraction_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "stratum",
     offsetof(S, stratum), 0, PB_ID_EXPRESSION_LITERAL},
    {2, PB_DOUBLE, PB_PLAIN, "fraction",
     offsetof(S, fraction), 0, 0},
};
#undef S

#define S struct pb_na_fill
static const struct pb_field na_fill_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_REPEATED, "cols",
     offsetof(S, cols), offsetof(S, cols_count), 0},
    {3, PB_MESSAGE, PB_REPEATED, "values",
     offsetof(S, values), offsetof(S, values_count), PB_ID_EXPRESSION_LITERAL},
};
#undef S

#define S struct pb_na_drop
static const struct pb_field na_drop_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_REPEATED, "cols",
     offsetof(S, cols), offsetof(S, cols_count), 0},
    {3, PB_INT32, PB_OPTIONAL, "min_non_nulls",
     offsetof(S, min_non_nulls), offsetof(S, has_min_non_nulls), 0},
};
#undef S

#define S struct pb_na_replace
static const struct pb_field na_replace_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_REPEATED, "cols",
     offsetof(S, cols), offsetof(S, cols_count), 0},
    {3, PB_MESSAGE, PB_REPEATED, "replacements",
     offsetof(S, replacements), offsetof(S, replacements_count), PB_ID_NA_REPLACE_REPLACEMENT},
};
#undef S

#define S struct pb_na_replace_replacement
static const struct pb_field na_replace_replacement_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "old_value",
     offsetof(S, old_value), 0, PB_ID_EXPRESSION_LITERAL},
    {2, PB_MESSAGE, PB_PLAIN, "new_value",
     offsetof(S, new_value), 0, PB_ID_EXPRESSION_LITERAL},
};
#undef S

#define S struct pb_to_df
static const struct pb_field to_df_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_REPEATED, "column_names",
     offsetof(S, column_names), offsetof(S, column_names_count), 0},
};
#undef S

#define S struct pb_with_columns_renamed
static const struct pb_field with_columns_renamed_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_REPEATED, "rename_columns_map",
     offsetof(S, rename_columns_map), offsetof(S, rename_columns_map_count), PB_ID_MAP_STRING_STRING},
    {3, PB_MESSAGE, PB_REPEATED, "renames",
     offsetof(S, renames), offsetof(S, renames_count), PB_ID_WITH_COLUMNS_RENAMED_RENAME},
};
#undef S

#define S struct pb_with_columns_renamed_rename
static const struct pb_field with_columns_renamed_rename_fields[] = {
    {1, PB_STRING, PB_PLAIN, "col_name",
     offsetof(S, col_name), 0, 0},
    {2, PB_STRING, PB_PLAIN, "new_col_name",
     offsetof(S, new_col_name), 0, 0},
};
#undef S

#define S struct pb_with_columns
static const struct pb_field with_columns_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_REPEATED, "aliases",
     offsetof(S, aliases), offsetof(S, aliases_count), PB_ID_EXPRESSION_ALIAS},
};
#undef S

#define S struct pb_with_watermark
static const struct pb_field with_watermark_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_PLAIN, "event_time",
     offsetof(S, event_time), 0, 0},
    {3, PB_STRING, PB_PLAIN, "delay_threshold",
     offsetof(S, delay_threshold), 0, 0},
};
#undef S

#define S struct pb_hint
static const struct pb_field hint_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "parameters",
     offsetof(S, parameters), offsetof(S, parameters_count), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_unpivot
static const struct pb_field unpivot_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_REPEATED, "ids",
     offsetof(S, ids), offsetof(S, ids_count), PB_ID_EXPRESSION},
    {3, PB_MESSAGE, PB_OPTIONAL, "values",
     offsetof(S, values), 0, PB_ID_UNPIVOT_VALUES},
    {4, PB_STRING, PB_PLAIN, "variable_column_name",
     offsetof(S, variable_column_name), 0, 0},
    {5, PB_STRING, PB_PLAIN, "value_column_name",
     offsetof(S, value_column_name), 0, 0},
};
#undef S

#define S struct pb_unpivot_values
static const struct pb_field unpivot_values_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "values",
     offsetof(S, values), offsetof(S, values_count), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_transpose
static const struct pb_field transpose_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_REPEATED, "index_columns",
     offsetof(S, index_columns), offsetof(S, index_columns_count), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_unresolved_table_valued_function
static const struct pb_field unresolved_table_valued_function_fields[] = {
    {1, PB_STRING, PB_PLAIN, "function_name",
     offsetof(S, function_name), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "arguments",
     offsetof(S, arguments), offsetof(S, arguments_count), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_to_schema
static const struct pb_field to_schema_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_PLAIN, "schema",
     offsetof(S, schema), 0, PB_ID_DATA_TYPE},
};
#undef S

#define S struct pb_repartition_by_expression
static const struct pb_field repartition_by_expression_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_REPEATED, "partition_exprs",
     offsetof(S, partition_exprs), offsetof(S, partition_exprs_count), PB_ID_EXPRESSION},
    {3, PB_INT32, PB_OPTIONAL, "num_partitions",
     offsetof(S, num_partitions), offsetof(S, has_num_partitions), 0},
};
#undef S

#define S struct pb_map_partitions
static const struct pb_field map_partitions_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_PLAIN, "func",
     offsetof(S, func), 0, PB_ID_COMMON_INLINE_USER_DEFINED_FUNCTION},
    {3, PB_BOOL, PB_OPTIONAL, "is_barrier",
     offsetof(S, is_barrier), offsetof(S, has_is_barrier), 0},
    {4, PB_INT32, PB_OPTIONAL, "profile_id",
     offsetof(S, profile_id), offsetof(S, has_profile_id), 0},
};
#undef S

#define S struct pb_group_map
static const struct pb_field group_map_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_REPEATED, "grouping_expressions",
     offsetof(S, grouping_expressions), offsetof(S, grouping_expressions_count), PB_ID_EXPRESSION},
    {3, PB_MESSAGE, PB_PLAIN, "func",
     offsetof(S, func), 0, PB_ID_COMMON_INLINE_USER_DEFINED_FUNCTION},
    {4, PB_MESSAGE, PB_REPEATED, "sorting_expressions",
     offsetof(S, sorting_expressions), offsetof(S, sorting_expressions_count), PB_ID_EXPRESSION},
    {5, PB_MESSAGE, PB_PLAIN, "initial_input",
     offsetof(S, initial_input), 0, PB_ID_RELATION},
    {6, PB_MESSAGE, PB_REPEATED, "initial_grouping_expressions",
     offsetof(S, initial_grouping_expressions), offsetof(S, initial_grouping_expressions_count), PB_ID_EXPRESSION},
    {7, PB_BOOL, PB_OPTIONAL, "is_map_groups_with_state",
     offsetof(S, is_map_groups_with_state), offsetof(S, has_is_map_groups_with_state), 0},
    {8, PB_STRING, PB_OPTIONAL, "output_mode",
     offsetof(S, output_mode), 0, 0},
    {9, PB_STRING, PB_OPTIONAL, "timeout_conf",
     offsetof(S, timeout_conf), 0, 0},
    {10, PB_MESSAGE, PB_OPTIONAL, "state_schema",
     offsetof(S, state_schema), 0, PB_ID_DATA_TYPE},
    {11, PB_MESSAGE, PB_OPTIONAL, "transform_with_state_info",
     offsetof(S, transform_with_state_info), 0, PB_ID_TRANSFORM_WITH_STATE_INFO},
};
#undef S

#define S struct pb_transform_with_state_info
static const struct pb_field transform_with_state_info_fields[] = {
    {1, PB_STRING, PB_PLAIN, "time_mode",
     offsetof(S, time_mode), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "event_time_column_name",
     offsetof(S, event_time_column_name), 0, 0},
    {3, PB_MESSAGE, PB_OPTIONAL, "output_schema",
     offsetof(S, output_schema), 0, PB_ID_DATA_TYPE},
};
#undef S

#define S struct pb_co_group_map
static const struct pb_field co_group_map_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_REPEATED, "input_grouping_expressions",
     offsetof(S, input_grouping_expressions), offsetof(S, input_grouping_expressions_count), PB_ID_EXPRESSION},
    {3, PB_MESSAGE, PB_PLAIN, "other",
     offsetof(S, other), 0, PB_ID_RELATION},
    {4, PB_MESSAGE, PB_REPEATED, "other_grouping_expressions",
     offsetof(S, other_grouping_expressions), offsetof(S, other_grouping_expressions_count), PB_ID_EXPRESSION},
    {5, PB_MESSAGE, PB_PLAIN, "func",
     offsetof(S, func), 0, PB_ID_COMMON_INLINE_USER_DEFINED_FUNCTION},
    {6, PB_MESSAGE, PB_REPEATED, "input_sorting_expressions",
     offsetof(S, input_sorting_expressions), offsetof(S, input_sorting_expressions_count), PB_ID_EXPRESSION},
    {7, PB_MESSAGE, PB_REPEATED, "other_sorting_expressions",
     offsetof(S, other_sorting_expressions), offsetof(S, other_sorting_expressions_count), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_apply_in_pandas_with_state
static const struct pb_field apply_in_pandas_with_state_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_REPEATED, "grouping_expressions",
     offsetof(S, grouping_expressions), offsetof(S, grouping_expressions_count), PB_ID_EXPRESSION},
    {3, PB_MESSAGE, PB_PLAIN, "func",
     offsetof(S, func), 0, PB_ID_COMMON_INLINE_USER_DEFINED_FUNCTION},
    {4, PB_STRING, PB_PLAIN, "output_schema",
     offsetof(S, output_schema), 0, 0},
    {5, PB_STRING, PB_PLAIN, "state_schema",
     offsetof(S, state_schema), 0, 0},
    {6, PB_STRING, PB_PLAIN, "output_mode",
     offsetof(S, output_mode), 0, 0},
    {7, PB_STRING, PB_PLAIN, "timeout_conf",
     offsetof(S, timeout_conf), 0, 0},
};
#undef S

#define S struct pb_common_inline_user_defined_table_function
static const struct pb_field common_inline_user_defined_table_function_fields[] = {
    {1, PB_STRING, PB_PLAIN, "function_name",
     offsetof(S, function_name), 0, 0},
    {2, PB_BOOL, PB_PLAIN, "deterministic",
     offsetof(S, deterministic), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "arguments",
     offsetof(S, arguments), offsetof(S, arguments_count), PB_ID_EXPRESSION},
    {4, PB_MESSAGE, PB_ONEOF, "python_udtf",
     offsetof(S, python_udtf), offsetof(S, function_case), PB_ID_PYTHON_UDTF},
};
#undef S

#define S struct pb_python_udtf
static const struct pb_field python_udtf_fields[] = {
    {1, PB_MESSAGE, PB_OPTIONAL, "return_type",
     offsetof(S, return_type), 0, PB_ID_DATA_TYPE},
    {2, PB_INT32, PB_PLAIN, "eval_type",
     offsetof(S, eval_type), 0, 0},
    {3, PB_BYTES, PB_PLAIN, "command",
     offsetof(S, command), 0, 0},
    {4, PB_STRING, PB_PLAIN, "python_ver",
     offsetof(S, python_ver), 0, 0},
};
#undef S

#define S struct pb_common_inline_user_defined_data_source
static const struct pb_field common_inline_user_defined_data_source_fields[] = {
    {1, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {2, PB_MESSAGE, PB_ONEOF, "python_data_source",
     offsetof(S, python_data_source), offsetof(S, data_source_case), PB_ID_PYTHON_DATA_SOURCE},
};
#undef S

#define S struct pb_python_data_source
static const struct pb_field python_data_source_fields[] = {
    {1, PB_BYTES, PB_PLAIN, "command",
     offsetof(S, command), 0, 0},
    {2, PB_STRING, PB_PLAIN, "python_ver",
     offsetof(S, python_ver), 0, 0},
};
#undef S

#define S struct pb_collect_metrics
static const struct pb_field collect_metrics_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "metrics",
     offsetof(S, metrics), offsetof(S, metrics_count), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_parse
static const struct pb_field parse_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_INT32, PB_PLAIN, "format",
     offsetof(S, format), 0, 0},
    {3, PB_MESSAGE, PB_OPTIONAL, "schema",
     offsetof(S, schema), 0, PB_ID_DATA_TYPE},
    {4, PB_MESSAGE, PB_REPEATED, "options",
     offsetof(S, options), offsetof(S, options_count), PB_ID_MAP_STRING_STRING},
};
#undef S

#define S struct pb_as_of_join
static const struct pb_field as_of_join_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "left",
     offsetof(S, left), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_PLAIN, "right",
     offsetof(S, right), 0, PB_ID_RELATION},
    {3, PB_MESSAGE, PB_PLAIN, "left_as_of",
     offsetof(S, left_as_of), 0, PB_ID_EXPRESSION},
    {4, PB_MESSAGE, PB_PLAIN, "right_as_of",
     offsetof(S, right_as_of), 0, PB_ID_EXPRESSION},
    {5, PB_MESSAGE, PB_PLAIN, "join_expr",
     offsetof(S, join_expr), 0, PB_ID_EXPRESSION},
    {6, PB_STRING, PB_REPEATED, "using_columns",
     offsetof(S, using_columns), offsetof(S, using_columns_count), 0},
    {7, PB_STRING, PB_PLAIN, "join_type",
     offsetof(S, join_type), 0, 0},
    {8, PB_MESSAGE, PB_PLAIN, "tolerance",
     offsetof(S, tolerance), 0, PB_ID_EXPRESSION},
    {9, PB_BOOL, PB_PLAIN, "allow_exact_matches",
     offsetof(S, allow_exact_matches), 0, 0},
    {10, PB_STRING, PB_PLAIN, "direction",
     offsetof(S, direction), 0, 0},
};
#undef S

#define S struct pb_lateral_join
static const struct pb_field lateral_join_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "left",
     offsetof(S, left), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_PLAIN, "right",
     offsetof(S, right), 0, PB_ID_RELATION},
    {3, PB_MESSAGE, PB_PLAIN, "join_condition",
     offsetof(S, join_condition), 0, PB_ID_EXPRESSION},
    {4, PB_INT32, PB_PLAIN, "join_type",
     offsetof(S, join_type), 0, 0},
};
#undef S

#define S struct pb_nearest_by_join
static const struct pb_field nearest_by_join_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "left",
     offsetof(S, left), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_PLAIN, "right",
     offsetof(S, right), 0, PB_ID_RELATION},
    {3, PB_MESSAGE, PB_PLAIN, "ranking_expression",
     offsetof(S, ranking_expression), 0, PB_ID_EXPRESSION},
    {4, PB_INT32, PB_PLAIN, "num_results",
     offsetof(S, num_results), 0, 0},
    {5, PB_STRING, PB_PLAIN, "join_type",
     offsetof(S, join_type), 0, 0},
    {6, PB_STRING, PB_PLAIN, "mode",
     offsetof(S, mode), 0, 0},
    {7, PB_STRING, PB_PLAIN, "direction",
     offsetof(S, direction), 0, 0},
};
#undef S

#define S struct pb_expression
static const struct pb_field expression_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "literal",
     offsetof(S, literal), offsetof(S, expr_type_case), PB_ID_EXPRESSION_LITERAL},
    {2, PB_MESSAGE, PB_ONEOF, "unresolved_attribute",
     offsetof(S, unresolved_attribute), offsetof(S, expr_type_case), PB_ID_EXPRESSION_UNRESOLVED_ATTRIBUTE},
    {3, PB_MESSAGE, PB_ONEOF, "unresolved_function",
     offsetof(S, unresolved_function), offsetof(S, expr_type_case), PB_ID_EXPRESSION_UNRESOLVED_FUNCTION},
    {4, PB_MESSAGE, PB_ONEOF, "expression_string",
     offsetof(S, expression_string), offsetof(S, expr_type_case), PB_ID_EXPRESSION_EXPRESSION_STRING},
    {5, PB_MESSAGE, PB_ONEOF, "unresolved_star",
     offsetof(S, unresolved_star), offsetof(S, expr_type_case), PB_ID_EXPRESSION_UNRESOLVED_STAR},
    {6, PB_MESSAGE, PB_ONEOF, "alias",
     offsetof(S, alias), offsetof(S, expr_type_case), PB_ID_EXPRESSION_ALIAS},
    {7, PB_MESSAGE, PB_ONEOF, "cast",
     offsetof(S, cast), offsetof(S, expr_type_case), PB_ID_EXPRESSION_CAST},
    {8, PB_MESSAGE, PB_ONEOF, "unresolved_regex",
     offsetof(S, unresolved_regex), offsetof(S, expr_type_case), PB_ID_EXPRESSION_UNRESOLVED_REGEX},
    {9, PB_MESSAGE, PB_ONEOF, "sort_order",
     offsetof(S, sort_order), offsetof(S, expr_type_case), PB_ID_EXPRESSION_SORT_ORDER},
    {10, PB_MESSAGE, PB_ONEOF, "lambda_function",
     offsetof(S, lambda_function), offsetof(S, expr_type_case), PB_ID_EXPRESSION_LAMBDA_FUNCTION},
    {11, PB_MESSAGE, PB_ONEOF, "window",
     offsetof(S, window), offsetof(S, expr_type_case), PB_ID_EXPRESSION_WINDOW},
    {12, PB_MESSAGE, PB_ONEOF, "unresolved_extract_value",
     offsetof(S, unresolved_extract_value), offsetof(S, expr_type_case), PB_ID_EXPRESSION_UNRESOLVED_EXTRACT_VALUE},
    {13, PB_MESSAGE, PB_ONEOF, "update_fields",
     offsetof(S, update_fields), offsetof(S, expr_type_case), PB_ID_EXPRESSION_UPDATE_FIELDS},
    {14, PB_MESSAGE, PB_ONEOF, "unresolved_named_lambda_variable",
     offsetof(S, unresolved_named_lambda_variable), offsetof(S, expr_type_case), PB_ID_EXPRESSION_UNRESOLVED_NAMED_LAMBDA_VARIABLE},
    {15, PB_MESSAGE, PB_ONEOF, "common_inline_user_defined_function",
     offsetof(S, common_inline_user_defined_function), offsetof(S, expr_type_case), PB_ID_COMMON_INLINE_USER_DEFINED_FUNCTION},
    {16, PB_MESSAGE, PB_ONEOF, "call_function",
     offsetof(S, call_function), offsetof(S, expr_type_case), PB_ID_CALL_FUNCTION},
    {17, PB_MESSAGE, PB_ONEOF, "named_argument_expression",
     offsetof(S, named_argument_expression), offsetof(S, expr_type_case), PB_ID_NAMED_ARGUMENT_EXPRESSION},
    {18, PB_MESSAGE, PB_PLAIN, "common",
     offsetof(S, common), 0, PB_ID_EXPRESSION_COMMON},
    {19, PB_MESSAGE, PB_ONEOF, "merge_action",
     offsetof(S, merge_action), offsetof(S, expr_type_case), PB_ID_MERGE_ACTION},
    {20, PB_MESSAGE, PB_ONEOF, "typed_aggregate_expression",
     offsetof(S, typed_aggregate_expression), offsetof(S, expr_type_case), PB_ID_TYPED_AGGREGATE_EXPRESSION},
    {21, PB_MESSAGE, PB_ONEOF, "subquery_expression",
     offsetof(S, subquery_expression), offsetof(S, expr_type_case), PB_ID_SUBQUERY_EXPRESSION},
    {22, PB_MESSAGE, PB_ONEOF, "direct_shuffle_partition_id",
     offsetof(S, direct_shuffle_partition_id), offsetof(S, expr_type_case), PB_ID_EXPRESSION_DIRECT_SHUFFLE_PARTITION_ID},
    {999, PB_MESSAGE, PB_ONEOF, "extension",
     offsetof(S, extension), offsetof(S, expr_type_case), PB_ID_ANY},
};
#undef S

#define S struct pb_expression_window
static const struct pb_field expression_window_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "window_function",
     offsetof(S, window_function), 0, PB_ID_EXPRESSION},
    {2, PB_MESSAGE, PB_REPEATED, "partition_spec",
     offsetof(S, partition_spec), offsetof(S, partition_spec_count), PB_ID_EXPRESSION},
    {3, PB_MESSAGE, PB_REPEATED, "order_spec",
     offsetof(S, order_spec), offsetof(S, order_spec_count), PB_ID_EXPRESSION_SORT_ORDER},
    {4, PB_MESSAGE, PB_PLAIN, "frame_spec",
     offsetof(S, frame_spec), 0, PB_ID_EXPRESSION_WINDOW_WINDOW_FRAME},
};
#undef S

#define S struct pb_expression_window_window_frame
static const struct pb_field expression_window_window_frame_fields[] = {
    {1, PB_INT32, PB_PLAIN, "frame_type",
     offsetof(S, frame_type), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "lower",
     offsetof(S, lower), 0, PB_ID_EXPRESSION_WINDOW_WINDOW_FRAME_FRAME_BOUNDARY},
    {3, PB_MESSAGE, PB_PLAIN, "upper",
     offsetof(S, upper), 0, PB_ID_EXPRESSION_WINDOW_WINDOW_FRAME_FRAME_BOUNDARY},
};
#undef S

#define S struct pb_expression_window_window_frame_frame_boundary
static const struct pb_field expression_window_window_frame_frame_boundary_fields[] = {
    {1, PB_BOOL, PB_ONEOF, "current_row",
     offsetof(S, current_row), offsetof(S, boundary_case), 0},
    {2, PB_BOOL, PB_ONEOF, "unbounded",
     offsetof(S, unbounded), offsetof(S, boundary_case), 0},
    {3, PB_MESSAGE, PB_ONEOF, "value",
     offsetof(S, value), offsetof(S, boundary_case), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_expression_sort_order
static const struct pb_field expression_sort_order_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "child",
     offsetof(S, child), 0, PB_ID_EXPRESSION},
    {2, PB_INT32, PB_PLAIN, "direction",
     offsetof(S, direction), 0, 0},
    {3, PB_INT32, PB_PLAIN, "null_ordering",
     offsetof(S, null_ordering), 0, 0},
};
#undef S

#define S struct pb_expression_direct_shuffle_partition_id
static const struct pb_field expression_direct_shuffle_partition_id_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "child",
     offsetof(S, child), 0, PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_expression_cast
static const struct pb_field expression_cast_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "expr",
     offsetof(S, expr), 0, PB_ID_EXPRESSION},
    {2, PB_MESSAGE, PB_ONEOF, "type",
     offsetof(S, type), offsetof(S, cast_to_type_case), PB_ID_DATA_TYPE},
    {3, PB_STRING, PB_ONEOF, "type_str",
     offsetof(S, type_str), offsetof(S, cast_to_type_case), 0},
    {4, PB_INT32, PB_PLAIN, "eval_mode",
     offsetof(S, eval_mode), 0, 0},
};
#undef S

#define S struct pb_expression_literal
static const struct pb_field expression_literal_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "null",
     offsetof(S, null), offsetof(S, literal_type_case), PB_ID_DATA_TYPE},
    {2, PB_BYTES, PB_ONEOF, "binary",
     offsetof(S, binary), offsetof(S, literal_type_case), 0},
    {3, PB_BOOL, PB_ONEOF, "boolean",
     offsetof(S, boolean), offsetof(S, literal_type_case), 0},
    {4, PB_INT32, PB_ONEOF, "byte",
     offsetof(S, byte), offsetof(S, literal_type_case), 0},
    {5, PB_INT32, PB_ONEOF, "short",
     offsetof(S, short_), offsetof(S, literal_type_case), 0},
    {6, PB_INT32, PB_ONEOF, "integer",
     offsetof(S, integer), offsetof(S, literal_type_case), 0},
    {7, PB_INT64, PB_ONEOF, "long",
     offsetof(S, long_), offsetof(S, literal_type_case), 0},
    {10, PB_FLOAT, PB_ONEOF, "float",
     offsetof(S, float_), offsetof(S, literal_type_case), 0},
    {11, PB_DOUBLE, PB_ONEOF, "double",
     offsetof(S, double_), offsetof(S, literal_type_case), 0},
    {12, PB_MESSAGE, PB_ONEOF, "decimal",
     offsetof(S, decimal), offsetof(S, literal_type_case), PB_ID_EXPRESSION_LITERAL_DECIMAL},
    {13, PB_STRING, PB_ONEOF, "string",
     offsetof(S, string), offsetof(S, literal_type_case), 0},
    {16, PB_INT32, PB_ONEOF, "date",
     offsetof(S, date), offsetof(S, literal_type_case), 0},
    {17, PB_INT64, PB_ONEOF, "timestamp",
     offsetof(S, timestamp), offsetof(S, literal_type_case), 0},
    {18, PB_INT64, PB_ONEOF, "timestamp_ntz",
     offsetof(S, timestamp_ntz), offsetof(S, literal_type_case), 0},
    {19, PB_MESSAGE, PB_ONEOF, "calendar_interval",
     offsetof(S, calendar_interval), offsetof(S, literal_type_case), PB_ID_EXPRESSION_LITERAL_CALENDAR_INTERVAL},
    {20, PB_INT32, PB_ONEOF, "year_month_interval",
     offsetof(S, year_month_interval), offsetof(S, literal_type_case), 0},
    {21, PB_INT64, PB_ONEOF, "day_time_interval",
     offsetof(S, day_time_interval), offsetof(S, literal_type_case), 0},
    {22, PB_MESSAGE, PB_ONEOF, "array",
     offsetof(S, array), offsetof(S, literal_type_case), PB_ID_EXPRESSION_LITERAL_ARRAY},
    {23, PB_MESSAGE, PB_ONEOF, "map",
     offsetof(S, map), offsetof(S, literal_type_case), PB_ID_EXPRESSION_LITERAL_MAP},
    {24, PB_MESSAGE, PB_ONEOF, "struct",
     offsetof(S, struct_), offsetof(S, literal_type_case), PB_ID_EXPRESSION_LITERAL_STRUCT},
    {25, PB_MESSAGE, PB_ONEOF, "specialized_array",
     offsetof(S, specialized_array), offsetof(S, literal_type_case), PB_ID_EXPRESSION_LITERAL_SPECIALIZED_ARRAY},
    {26, PB_MESSAGE, PB_ONEOF, "time",
     offsetof(S, time), offsetof(S, literal_type_case), PB_ID_EXPRESSION_LITERAL_TIME},
    {29, PB_MESSAGE, PB_ONEOF, "timestamp_ntz_nanos",
     offsetof(S, timestamp_ntz_nanos), offsetof(S, literal_type_case), PB_ID_EXPRESSION_LITERAL_TIMESTAMP_NTZ_NANOS},
    {30, PB_MESSAGE, PB_ONEOF, "timestamp_ltz_nanos",
     offsetof(S, timestamp_ltz_nanos), offsetof(S, literal_type_case), PB_ID_EXPRESSION_LITERAL_TIMESTAMP_LTZ_NANOS},
    {100, PB_MESSAGE, PB_PLAIN, "data_type",
     offsetof(S, data_type), 0, PB_ID_DATA_TYPE},
};
#undef S

#define S struct pb_expression_literal_decimal
static const struct pb_field expression_literal_decimal_fields[] = {
    {1, PB_STRING, PB_PLAIN, "value",
     offsetof(S, value), 0, 0},
    {2, PB_INT32, PB_OPTIONAL, "precision",
     offsetof(S, precision), offsetof(S, has_precision), 0},
    {3, PB_INT32, PB_OPTIONAL, "scale",
     offsetof(S, scale), offsetof(S, has_scale), 0},
};
#undef S

#define S struct pb_expression_literal_calendar_interval
static const struct pb_field expression_literal_calendar_interval_fields[] = {
    {1, PB_INT32, PB_PLAIN, "months",
     offsetof(S, months), 0, 0},
    {2, PB_INT32, PB_PLAIN, "days",
     offsetof(S, days), 0, 0},
    {3, PB_INT64, PB_PLAIN, "microseconds",
     offsetof(S, microseconds), 0, 0},
};
#undef S

#define S struct pb_expression_literal_array
static const struct pb_field expression_literal_array_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "element_type",
     offsetof(S, element_type), 0, PB_ID_DATA_TYPE},
    {2, PB_MESSAGE, PB_REPEATED, "elements",
     offsetof(S, elements), offsetof(S, elements_count), PB_ID_EXPRESSION_LITERAL},
};
#undef S

#define S struct pb_expression_literal_map
static const struct pb_field expression_literal_map_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "key_type",
     offsetof(S, key_type), 0, PB_ID_DATA_TYPE},
    {2, PB_MESSAGE, PB_PLAIN, "value_type",
     offsetof(S, value_type), 0, PB_ID_DATA_TYPE},
    {3, PB_MESSAGE, PB_REPEATED, "keys",
     offsetof(S, keys), offsetof(S, keys_count), PB_ID_EXPRESSION_LITERAL},
    {4, PB_MESSAGE, PB_REPEATED, "values",
     offsetof(S, values), offsetof(S, values_count), PB_ID_EXPRESSION_LITERAL},
};
#undef S

#define S struct pb_expression_literal_struct
static const struct pb_field expression_literal_struct_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "struct_type",
     offsetof(S, struct_type), 0, PB_ID_DATA_TYPE},
    {2, PB_MESSAGE, PB_REPEATED, "elements",
     offsetof(S, elements), offsetof(S, elements_count), PB_ID_EXPRESSION_LITERAL},
};
#undef S

#define S struct pb_expression_literal_specialized_array
static const struct pb_field expression_literal_specialized_array_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "bools",
     offsetof(S, bools), offsetof(S, value_type_case), PB_ID_BOOLS},
    {2, PB_MESSAGE, PB_ONEOF, "ints",
     offsetof(S, ints), offsetof(S, value_type_case), PB_ID_INTS},
    {3, PB_MESSAGE, PB_ONEOF, "longs",
     offsetof(S, longs), offsetof(S, value_type_case), PB_ID_LONGS},
    {4, PB_MESSAGE, PB_ONEOF, "floats",
     offsetof(S, floats), offsetof(S, value_type_case), PB_ID_FLOATS},
    {5, PB_MESSAGE, PB_ONEOF, "doubles",
     offsetof(S, doubles), offsetof(S, value_type_case), PB_ID_DOUBLES},
    {6, PB_MESSAGE, PB_ONEOF, "strings",
     offsetof(S, strings), offsetof(S, value_type_case), PB_ID_STRINGS},
};
#undef S

#define S struct pb_expression_literal_time
static const struct pb_field expression_literal_time_fields[] = {
    {1, PB_INT64, PB_PLAIN, "nano",
     offsetof(S, nano), 0, 0},
    {2, PB_INT32, PB_OPTIONAL, "precision",
     offsetof(S, precision), offsetof(S, has_precision), 0},
};
#undef S

#define S struct pb_expression_unresolved_attribute
static const struct pb_field expression_unresolved_attribute_fields[] = {
    {1, PB_STRING, PB_PLAIN, "unparsed_identifier",
     offsetof(S, unparsed_identifier), 0, 0},
    {2, PB_INT64, PB_OPTIONAL, "plan_id",
     offsetof(S, plan_id), offsetof(S, has_plan_id), 0},
    {3, PB_BOOL, PB_OPTIONAL, "is_metadata_column",
     offsetof(S, is_metadata_column), offsetof(S, has_is_metadata_column), 0},
};
#undef S

#define S struct pb_expression_unresolved_function
static const struct pb_field expression_unresolved_function_fields[] = {
    {1, PB_STRING, PB_PLAIN, "function_name",
     offsetof(S, function_name), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "arguments",
     offsetof(S, arguments), offsetof(S, arguments_count), PB_ID_EXPRESSION},
    {3, PB_BOOL, PB_PLAIN, "is_distinct",
     offsetof(S, is_distinct), 0, 0},
    {4, PB_BOOL, PB_PLAIN, "is_user_defined_function",
     offsetof(S, is_user_defined_function), 0, 0},
    {5, PB_BOOL, PB_OPTIONAL, "is_internal",
     offsetof(S, is_internal), offsetof(S, has_is_internal), 0},
};
#undef S

#define S struct pb_expression_expression_string
static const struct pb_field expression_expression_string_fields[] = {
    {1, PB_STRING, PB_PLAIN, "expression",
     offsetof(S, expression), 0, 0},
};
#undef S

#define S struct pb_expression_unresolved_star
static const struct pb_field expression_unresolved_star_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "unparsed_target",
     offsetof(S, unparsed_target), 0, 0},
    {2, PB_INT64, PB_OPTIONAL, "plan_id",
     offsetof(S, plan_id), offsetof(S, has_plan_id), 0},
};
#undef S

#define S struct pb_expression_unresolved_regex
static const struct pb_field expression_unresolved_regex_fields[] = {
    {1, PB_STRING, PB_PLAIN, "col_name",
     offsetof(S, col_name), 0, 0},
    {2, PB_INT64, PB_OPTIONAL, "plan_id",
     offsetof(S, plan_id), offsetof(S, has_plan_id), 0},
};
#undef S

#define S struct pb_expression_unresolved_extract_value
static const struct pb_field expression_unresolved_extract_value_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "child",
     offsetof(S, child), 0, PB_ID_EXPRESSION},
    {2, PB_MESSAGE, PB_PLAIN, "extraction",
     offsetof(S, extraction), 0, PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_expression_update_fields
static const struct pb_field expression_update_fields_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "struct_expression",
     offsetof(S, struct_expression), 0, PB_ID_EXPRESSION},
    {2, PB_STRING, PB_PLAIN, "field_name",
     offsetof(S, field_name), 0, 0},
    {3, PB_MESSAGE, PB_PLAIN, "value_expression",
     offsetof(S, value_expression), 0, PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_expression_alias
static const struct pb_field expression_alias_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "expr",
     offsetof(S, expr), 0, PB_ID_EXPRESSION},
    {2, PB_STRING, PB_REPEATED, "name",
     offsetof(S, name), offsetof(S, name_count), 0},
    {3, PB_STRING, PB_OPTIONAL, "metadata",
     offsetof(S, metadata), 0, 0},
};
#undef S

#define S struct pb_expression_lambda_function
static const struct pb_field expression_lambda_function_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "function",
     offsetof(S, function), 0, PB_ID_EXPRESSION},
    {2, PB_MESSAGE, PB_REPEATED, "arguments",
     offsetof(S, arguments), offsetof(S, arguments_count), PB_ID_EXPRESSION_UNRESOLVED_NAMED_LAMBDA_VARIABLE},
};
#undef S

#define S struct pb_expression_unresolved_named_lambda_variable
static const struct pb_field expression_unresolved_named_lambda_variable_fields[] = {
    {1, PB_STRING, PB_REPEATED, "name_parts",
     offsetof(S, name_parts), offsetof(S, name_parts_count), 0},
};
#undef S

#define S struct pb_expression_common
static const struct pb_field expression_common_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "origin",
     offsetof(S, origin), 0, PB_ID_ORIGIN},
};
#undef S

#define S struct pb_common_inline_user_defined_function
static const struct pb_field common_inline_user_defined_function_fields[] = {
    {1, PB_STRING, PB_PLAIN, "function_name",
     offsetof(S, function_name), 0, 0},
    {2, PB_BOOL, PB_PLAIN, "deterministic",
     offsetof(S, deterministic), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "arguments",
     offsetof(S, arguments), offsetof(S, arguments_count), PB_ID_EXPRESSION},
    {4, PB_MESSAGE, PB_ONEOF, "python_udf",
     offsetof(S, python_udf), offsetof(S, function_case), PB_ID_PYTHON_UDF},
    {5, PB_MESSAGE, PB_ONEOF, "scalar_scala_udf",
     offsetof(S, scalar_scala_udf), offsetof(S, function_case), PB_ID_SCALAR_SCALA_UDF},
    {6, PB_MESSAGE, PB_ONEOF, "java_udf",
     offsetof(S, java_udf), offsetof(S, function_case), PB_ID_JAVA_UDF},
    {7, PB_BOOL, PB_PLAIN, "is_distinct",
     offsetof(S, is_distinct), 0, 0},
};
#undef S

#define S struct pb_python_udf
static const struct pb_field python_udf_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "output_type",
     offsetof(S, output_type), 0, PB_ID_DATA_TYPE},
    {2, PB_INT32, PB_PLAIN, "eval_type",
     offsetof(S, eval_type), 0, 0},
    {3, PB_BYTES, PB_PLAIN, "command",
     offsetof(S, command), 0, 0},
    {4, PB_STRING, PB_PLAIN, "python_ver",
     offsetof(S, python_ver), 0, 0},
    {5, PB_STRING, PB_REPEATED, "additional_includes",
     offsetof(S, additional_includes), offsetof(S, additional_includes_count), 0},
};
#undef S

#define S struct pb_scalar_scala_udf
static const struct pb_field scalar_scala_udf_fields[] = {
    {1, PB_BYTES, PB_PLAIN, "payload",
     offsetof(S, payload), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "inputTypes",
     offsetof(S, inputTypes), offsetof(S, inputTypes_count), PB_ID_DATA_TYPE},
    {3, PB_MESSAGE, PB_PLAIN, "outputType",
     offsetof(S, outputType), 0, PB_ID_DATA_TYPE},
    {4, PB_BOOL, PB_PLAIN, "nullable",
     offsetof(S, nullable), 0, 0},
    {5, PB_BOOL, PB_PLAIN, "aggregate",
     offsetof(S, aggregate), 0, 0},
};
#undef S

#define S struct pb_java_udf
static const struct pb_field java_udf_fields[] = {
    {1, PB_STRING, PB_PLAIN, "class_name",
     offsetof(S, class_name), 0, 0},
    {2, PB_MESSAGE, PB_OPTIONAL, "output_type",
     offsetof(S, output_type), 0, PB_ID_DATA_TYPE},
    {3, PB_BOOL, PB_PLAIN, "aggregate",
     offsetof(S, aggregate), 0, 0},
};
#undef S

#define S struct pb_typed_aggregate_expression
static const struct pb_field typed_aggregate_expression_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "scalar_scala_udf",
     offsetof(S, scalar_scala_udf), 0, PB_ID_SCALAR_SCALA_UDF},
};
#undef S

#define S struct pb_call_function
static const struct pb_field call_function_fields[] = {
    {1, PB_STRING, PB_PLAIN, "function_name",
     offsetof(S, function_name), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "arguments",
     offsetof(S, arguments), offsetof(S, arguments_count), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_named_argument_expression
static const struct pb_field named_argument_expression_fields[] = {
    {1, PB_STRING, PB_PLAIN, "key",
     offsetof(S, key), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "value",
     offsetof(S, value), 0, PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_merge_action
static const struct pb_field merge_action_fields[] = {
    {1, PB_INT32, PB_PLAIN, "action_type",
     offsetof(S, action_type), 0, 0},
    {2, PB_MESSAGE, PB_OPTIONAL, "condition",
     offsetof(S, condition), 0, PB_ID_EXPRESSION},
    {3, PB_MESSAGE, PB_REPEATED, "assignments",
     offsetof(S, assignments), offsetof(S, assignments_count), PB_ID_MERGE_ACTION_ASSIGNMENT},
};
#undef S

#define S struct pb_merge_action_assignment
static const struct pb_field merge_action_assignment_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "key",
     offsetof(S, key), 0, PB_ID_EXPRESSION},
    {2, PB_MESSAGE, PB_PLAIN, "value",
     offsetof(S, value), 0, PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_subquery_expression
static const struct pb_field subquery_expression_fields[] = {
    {1, PB_INT64, PB_PLAIN, "plan_id",
     offsetof(S, plan_id), 0, 0},
    {2, PB_INT32, PB_PLAIN, "subquery_type",
     offsetof(S, subquery_type), 0, 0},
    {3, PB_MESSAGE, PB_OPTIONAL, "table_arg_options",
     offsetof(S, table_arg_options), 0, PB_ID_SUBQUERY_EXPRESSION_TABLE_ARG_OPTIONS},
    {4, PB_MESSAGE, PB_REPEATED, "in_subquery_values",
     offsetof(S, in_subquery_values), offsetof(S, in_subquery_values_count), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_subquery_expression_table_arg_options
static const struct pb_field subquery_expression_table_arg_options_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "partition_spec",
     offsetof(S, partition_spec), offsetof(S, partition_spec_count), PB_ID_EXPRESSION},
    {2, PB_MESSAGE, PB_REPEATED, "order_spec",
     offsetof(S, order_spec), offsetof(S, order_spec_count), PB_ID_EXPRESSION_SORT_ORDER},
    {3, PB_BOOL, PB_OPTIONAL, "with_single_partition",
     offsetof(S, with_single_partition), offsetof(S, has_with_single_partition), 0},
};
#undef S

#define S struct pb_command
static const struct pb_field command_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "register_function",
     offsetof(S, register_function), offsetof(S, command_type_case), PB_ID_COMMON_INLINE_USER_DEFINED_FUNCTION},
    {2, PB_MESSAGE, PB_ONEOF, "write_operation",
     offsetof(S, write_operation), offsetof(S, command_type_case), PB_ID_WRITE_OPERATION},
    {3, PB_MESSAGE, PB_ONEOF, "create_dataframe_view",
     offsetof(S, create_dataframe_view), offsetof(S, command_type_case), PB_ID_CREATE_DATA_FRAME_VIEW_COMMAND},
    {4, PB_MESSAGE, PB_ONEOF, "write_operation_v2",
     offsetof(S, write_operation_v2), offsetof(S, command_type_case), PB_ID_WRITE_OPERATION_V2},
    {5, PB_MESSAGE, PB_ONEOF, "sql_command",
     offsetof(S, sql_command), offsetof(S, command_type_case), PB_ID_SQL_COMMAND},
    {6, PB_MESSAGE, PB_ONEOF, "write_stream_operation_start",
     offsetof(S, write_stream_operation_start), offsetof(S, command_type_case), PB_ID_WRITE_STREAM_OPERATION_START},
    {7, PB_MESSAGE, PB_ONEOF, "streaming_query_command",
     offsetof(S, streaming_query_command), offsetof(S, command_type_case), PB_ID_STREAMING_QUERY_COMMAND},
    {8, PB_MESSAGE, PB_ONEOF, "get_resources_command",
     offsetof(S, get_resources_command), offsetof(S, command_type_case), PB_ID_GET_RESOURCES_COMMAND},
    {9, PB_MESSAGE, PB_ONEOF, "streaming_query_manager_command",
     offsetof(S, streaming_query_manager_command), offsetof(S, command_type_case), PB_ID_STREAMING_QUERY_MANAGER_COMMAND},
    {10, PB_MESSAGE, PB_ONEOF, "register_table_function",
     offsetof(S, register_table_function), offsetof(S, command_type_case), PB_ID_COMMON_INLINE_USER_DEFINED_TABLE_FUNCTION},
    {11, PB_MESSAGE, PB_ONEOF, "streaming_query_listener_bus_command",
     offsetof(S, streaming_query_listener_bus_command), offsetof(S, command_type_case), PB_ID_STREAMING_QUERY_LISTENER_BUS_COMMAND},
    {12, PB_MESSAGE, PB_ONEOF, "register_data_source",
     offsetof(S, register_data_source), offsetof(S, command_type_case), PB_ID_COMMON_INLINE_USER_DEFINED_DATA_SOURCE},
    {13, PB_MESSAGE, PB_ONEOF, "create_resource_profile_command",
     offsetof(S, create_resource_profile_command), offsetof(S, command_type_case), PB_ID_CREATE_RESOURCE_PROFILE_COMMAND},
    {14, PB_MESSAGE, PB_ONEOF, "checkpoint_command",
     offsetof(S, checkpoint_command), offsetof(S, command_type_case), PB_ID_CHECKPOINT_COMMAND},
    {15, PB_MESSAGE, PB_ONEOF, "remove_cached_remote_relation_command",
     offsetof(S, remove_cached_remote_relation_command), offsetof(S, command_type_case), PB_ID_REMOVE_CACHED_REMOTE_RELATION_COMMAND},
    {16, PB_MESSAGE, PB_ONEOF, "merge_into_table_command",
     offsetof(S, merge_into_table_command), offsetof(S, command_type_case), PB_ID_MERGE_INTO_TABLE_COMMAND},
    {17, PB_MESSAGE, PB_ONEOF, "ml_command",
     offsetof(S, ml_command), offsetof(S, command_type_case), PB_ID_ML_COMMAND},
    {18, PB_MESSAGE, PB_ONEOF, "execute_external_command",
     offsetof(S, execute_external_command), offsetof(S, command_type_case), PB_ID_EXECUTE_EXTERNAL_COMMAND},
    {19, PB_MESSAGE, PB_ONEOF, "pipeline_command",
     offsetof(S, pipeline_command), offsetof(S, command_type_case), PB_ID_PIPELINE_COMMAND},
    {999, PB_MESSAGE, PB_ONEOF, "extension",
     offsetof(S, extension), offsetof(S, command_type_case), PB_ID_ANY},
};
#undef S

#define S struct pb_sql_command
static const struct pb_field sql_command_fields[] = {
    {1, PB_STRING, PB_PLAIN, "sql",
     offsetof(S, sql), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "args",
     offsetof(S, args), offsetof(S, args_count), PB_ID_MAP_STRING_EXPRESSION_LITERAL},
    {3, PB_MESSAGE, PB_REPEATED, "pos_args",
     offsetof(S, pos_args), offsetof(S, pos_args_count), PB_ID_EXPRESSION_LITERAL},
    {4, PB_MESSAGE, PB_REPEATED, "named_arguments",
     offsetof(S, named_arguments), offsetof(S, named_arguments_count), PB_ID_MAP_STRING_EXPRESSION},
    {5, PB_MESSAGE, PB_REPEATED, "pos_arguments",
     offsetof(S, pos_arguments), offsetof(S, pos_arguments_count), PB_ID_EXPRESSION},
    {6, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
};
#undef S

#define S struct pb_create_data_frame_view_command
static const struct pb_field create_data_frame_view_command_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {3, PB_BOOL, PB_PLAIN, "is_global",
     offsetof(S, is_global), 0, 0},
    {4, PB_BOOL, PB_PLAIN, "replace",
     offsetof(S, replace), 0, 0},
};
#undef S

#define S struct pb_write_operation
static const struct pb_field write_operation_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_OPTIONAL, "source",
     offsetof(S, source), 0, 0},
    {3, PB_STRING, PB_ONEOF, "path",
     offsetof(S, path), offsetof(S, save_type_case), 0},
    {4, PB_MESSAGE, PB_ONEOF, "table",
     offsetof(S, table), offsetof(S, save_type_case), PB_ID_WRITE_OPERATION_SAVE_TABLE},
    {5, PB_INT32, PB_PLAIN, "mode",
     offsetof(S, mode), 0, 0},
    {6, PB_STRING, PB_REPEATED, "sort_column_names",
     offsetof(S, sort_column_names), offsetof(S, sort_column_names_count), 0},
    {7, PB_STRING, PB_REPEATED, "partitioning_columns",
     offsetof(S, partitioning_columns), offsetof(S, partitioning_columns_count), 0},
    {8, PB_MESSAGE, PB_PLAIN, "bucket_by",
     offsetof(S, bucket_by), 0, PB_ID_WRITE_OPERATION_BUCKET_BY},
    {9, PB_MESSAGE, PB_REPEATED, "options",
     offsetof(S, options), offsetof(S, options_count), PB_ID_MAP_STRING_STRING},
    {10, PB_STRING, PB_REPEATED, "clustering_columns",
     offsetof(S, clustering_columns), offsetof(S, clustering_columns_count), 0},
    {11, PB_BOOL, PB_PLAIN, "with_schema_evolution",
     offsetof(S, with_schema_evolution), 0, 0},
};
#undef S

#define S struct pb_write_operation_save_table
static const struct pb_field write_operation_save_table_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
    {2, PB_INT32, PB_PLAIN, "save_method",
     offsetof(S, save_method), 0, 0},
};
#undef S

#define S struct pb_write_operation_bucket_by
static const struct pb_field write_operation_bucket_by_fields[] = {
    {1, PB_STRING, PB_REPEATED, "bucket_column_names",
     offsetof(S, bucket_column_names), offsetof(S, bucket_column_names_count), 0},
    {2, PB_INT32, PB_PLAIN, "num_buckets",
     offsetof(S, num_buckets), 0, 0},
};
#undef S

#define S struct pb_write_operation_v2
static const struct pb_field write_operation_v2_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
    {3, PB_STRING, PB_OPTIONAL, "provider",
     offsetof(S, provider), 0, 0},
    {4, PB_MESSAGE, PB_REPEATED, "partitioning_columns",
     offsetof(S, partitioning_columns), offsetof(S, partitioning_columns_count), PB_ID_EXPRESSION},
    {5, PB_MESSAGE, PB_REPEATED, "options",
     offsetof(S, options), offsetof(S, options_count), PB_ID_MAP_STRING_STRING},
    {6, PB_MESSAGE, PB_REPEATED, "table_properties",
     offsetof(S, table_properties), offsetof(S, table_properties_count), PB_ID_MAP_STRING_STRING},
    {7, PB_INT32, PB_PLAIN, "mode",
     offsetof(S, mode), 0, 0},
    {8, PB_MESSAGE, PB_PLAIN, "overwrite_condition",
     offsetof(S, overwrite_condition), 0, PB_ID_EXPRESSION},
    {9, PB_STRING, PB_REPEATED, "clustering_columns",
     offsetof(S, clustering_columns), offsetof(S, clustering_columns_count), 0},
    {10, PB_BOOL, PB_PLAIN, "with_schema_evolution",
     offsetof(S, with_schema_evolution), 0, 0},
};
#undef S

#define S struct pb_write_stream_operation_start
static const struct pb_field write_stream_operation_start_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "input",
     offsetof(S, input), 0, PB_ID_RELATION},
    {2, PB_STRING, PB_PLAIN, "format",
     offsetof(S, format), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "options",
     offsetof(S, options), offsetof(S, options_count), PB_ID_MAP_STRING_STRING},
    {4, PB_STRING, PB_REPEATED, "partitioning_column_names",
     offsetof(S, partitioning_column_names), offsetof(S, partitioning_column_names_count), 0},
    {5, PB_STRING, PB_ONEOF, "processing_time_interval",
     offsetof(S, processing_time_interval), offsetof(S, trigger_case), 0},
    {6, PB_BOOL, PB_ONEOF, "available_now",
     offsetof(S, available_now), offsetof(S, trigger_case), 0},
    {7, PB_BOOL, PB_ONEOF, "once",
     offsetof(S, once), offsetof(S, trigger_case), 0},
    {8, PB_STRING, PB_ONEOF, "continuous_checkpoint_interval",
     offsetof(S, continuous_checkpoint_interval), offsetof(S, trigger_case), 0},
    {9, PB_STRING, PB_PLAIN, "output_mode",
     offsetof(S, output_mode), 0, 0},
    {10, PB_STRING, PB_PLAIN, "query_name",
     offsetof(S, query_name), 0, 0},
    {11, PB_STRING, PB_ONEOF, "path",
     offsetof(S, path), offsetof(S, sink_destination_case), 0},
    {12, PB_STRING, PB_ONEOF, "table_name",
     offsetof(S, table_name), offsetof(S, sink_destination_case), 0},
    {13, PB_MESSAGE, PB_PLAIN, "foreach_writer",
     offsetof(S, foreach_writer), 0, PB_ID_STREAMING_FOREACH_FUNCTION},
    {14, PB_MESSAGE, PB_PLAIN, "foreach_batch",
     offsetof(S, foreach_batch), 0, PB_ID_STREAMING_FOREACH_FUNCTION},
    {15, PB_STRING, PB_REPEATED, "clustering_column_names",
     offsetof(S, clustering_column_names), offsetof(S, clustering_column_names_count), 0},
    {100, PB_STRING, PB_ONEOF, "real_time_batch_duration",
     offsetof(S, real_time_batch_duration), offsetof(S, trigger_case), 0},
};
#undef S

#define S struct pb_streaming_foreach_function
static const struct pb_field streaming_foreach_function_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "python_function",
     offsetof(S, python_function), offsetof(S, function_case), PB_ID_PYTHON_UDF},
    {2, PB_MESSAGE, PB_ONEOF, "scala_function",
     offsetof(S, scala_function), offsetof(S, function_case), PB_ID_SCALAR_SCALA_UDF},
};
#undef S

#define S struct pb_write_stream_operation_start_result
static const struct pb_field write_stream_operation_start_result_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "query_id",
     offsetof(S, query_id), 0, PB_ID_STREAMING_QUERY_INSTANCE_ID},
    {2, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {3, PB_STRING, PB_OPTIONAL, "query_started_event_json",
     offsetof(S, query_started_event_json), 0, 0},
};
#undef S

#define S struct pb_streaming_query_instance_id
static const struct pb_field streaming_query_instance_id_fields[] = {
    {1, PB_STRING, PB_PLAIN, "id",
     offsetof(S, id), 0, 0},
    {2, PB_STRING, PB_PLAIN, "run_id",
     offsetof(S, run_id), 0, 0},
};
#undef S

#define S struct pb_streaming_query_command
static const struct pb_field streaming_query_command_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "query_id",
     offsetof(S, query_id), 0, PB_ID_STREAMING_QUERY_INSTANCE_ID},
    {2, PB_BOOL, PB_ONEOF, "status",
     offsetof(S, status), offsetof(S, command_case), 0},
    {3, PB_BOOL, PB_ONEOF, "last_progress",
     offsetof(S, last_progress), offsetof(S, command_case), 0},
    {4, PB_BOOL, PB_ONEOF, "recent_progress",
     offsetof(S, recent_progress), offsetof(S, command_case), 0},
    {5, PB_BOOL, PB_ONEOF, "stop",
     offsetof(S, stop), offsetof(S, command_case), 0},
    {6, PB_BOOL, PB_ONEOF, "process_all_available",
     offsetof(S, process_all_available), offsetof(S, command_case), 0},
    {7, PB_MESSAGE, PB_ONEOF, "explain",
     offsetof(S, explain), offsetof(S, command_case), PB_ID_STREAMING_QUERY_COMMAND_EXPLAIN_COMMAND},
    {8, PB_BOOL, PB_ONEOF, "exception",
     offsetof(S, exception), offsetof(S, command_case), 0},
    {9, PB_MESSAGE, PB_ONEOF, "await_termination",
     offsetof(S, await_termination), offsetof(S, command_case), PB_ID_STREAMING_QUERY_COMMAND_AWAIT_TERMINATION_COMMAND},
};
#undef S

#define S struct pb_streaming_query_command_explain_command
static const struct pb_field streaming_query_command_explain_command_fields[] = {
    {1, PB_BOOL, PB_PLAIN, "extended",
     offsetof(S, extended), 0, 0},
};
#undef S

#define S struct pb_streaming_query_command_await_termination_command
static const struct pb_field streaming_query_command_await_termination_command_fields[] = {
    {2, PB_INT64, PB_OPTIONAL, "timeout_ms",
     offsetof(S, timeout_ms), offsetof(S, has_timeout_ms), 0},
};
#undef S

#define S struct pb_streaming_query_command_result
static const struct pb_field streaming_query_command_result_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "query_id",
     offsetof(S, query_id), 0, PB_ID_STREAMING_QUERY_INSTANCE_ID},
    {2, PB_MESSAGE, PB_ONEOF, "status",
     offsetof(S, status), offsetof(S, result_type_case), PB_ID_STREAMING_QUERY_COMMAND_RESULT_STATUS_RESULT},
    {3, PB_MESSAGE, PB_ONEOF, "recent_progress",
     offsetof(S, recent_progress), offsetof(S, result_type_case), PB_ID_STREAMING_QUERY_COMMAND_RESULT_RECENT_PROGRESS_RESULT},
    {4, PB_MESSAGE, PB_ONEOF, "explain",
     offsetof(S, explain), offsetof(S, result_type_case), PB_ID_STREAMING_QUERY_COMMAND_RESULT_EXPLAIN_RESULT},
    {5, PB_MESSAGE, PB_ONEOF, "exception",
     offsetof(S, exception), offsetof(S, result_type_case), PB_ID_STREAMING_QUERY_COMMAND_RESULT_EXCEPTION_RESULT},
    {6, PB_MESSAGE, PB_ONEOF, "await_termination",
     offsetof(S, await_termination), offsetof(S, result_type_case), PB_ID_STREAMING_QUERY_COMMAND_RESULT_AWAIT_TERMINATION_RESULT},
};
#undef S

#define S struct pb_streaming_query_command_result_status_result
static const struct pb_field streaming_query_command_result_status_result_fields[] = {
    {1, PB_STRING, PB_PLAIN, "status_message",
     offsetof(S, status_message), 0, 0},
    {2, PB_BOOL, PB_PLAIN, "is_data_available",
     offsetof(S, is_data_available), 0, 0},
    {3, PB_BOOL, PB_PLAIN, "is_trigger_active",
     offsetof(S, is_trigger_active), 0, 0},
    {4, PB_BOOL, PB_PLAIN, "is_active",
     offsetof(S, is_active), 0, 0},
};
#undef S

#define S struct pb_streaming_query_command_result_recent_progress_result
static const struct pb_field streaming_query_command_result_recent_progress_result_fields[] = {
    {5, PB_STRING, PB_REPEATED, "recent_progress_json",
     offsetof(S, recent_progress_json), offsetof(S, recent_progress_json_count), 0},
};
#undef S

#define S struct pb_streaming_query_command_result_explain_result
static const struct pb_field streaming_query_command_result_explain_result_fields[] = {
    {1, PB_STRING, PB_PLAIN, "result",
     offsetof(S, result), 0, 0},
};
#undef S

#define S struct pb_streaming_query_command_result_exception_result
static const struct pb_field streaming_query_command_result_exception_result_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "exception_message",
     offsetof(S, exception_message), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "error_class",
     offsetof(S, error_class), 0, 0},
    {3, PB_STRING, PB_OPTIONAL, "stack_trace",
     offsetof(S, stack_trace), 0, 0},
};
#undef S

#define S struct pb_streaming_query_command_result_await_termination_result
static const struct pb_field streaming_query_command_result_await_termination_result_fields[] = {
    {1, PB_BOOL, PB_PLAIN, "terminated",
     offsetof(S, terminated), 0, 0},
};
#undef S

#define S struct pb_streaming_query_manager_command
static const struct pb_field streaming_query_manager_command_fields[] = {
    {1, PB_BOOL, PB_ONEOF, "active",
     offsetof(S, active), offsetof(S, command_case), 0},
    {2, PB_STRING, PB_ONEOF, "get_query",
     offsetof(S, get_query), offsetof(S, command_case), 0},
    {3, PB_MESSAGE, PB_ONEOF, "await_any_termination",
     offsetof(S, await_any_termination), offsetof(S, command_case), PB_ID_STREAMING_QUERY_MANAGER_COMMAND_AWAIT_ANY_TERMINATION_COMMAND},
    {4, PB_BOOL, PB_ONEOF, "reset_terminated",
     offsetof(S, reset_terminated), offsetof(S, command_case), 0},
    {5, PB_MESSAGE, PB_ONEOF, "add_listener",
     offsetof(S, add_listener), offsetof(S, command_case), PB_ID_STREAMING_QUERY_MANAGER_COMMAND_STREAMING_QUERY_LISTENER_COMMAND},
    {6, PB_MESSAGE, PB_ONEOF, "remove_listener",
     offsetof(S, remove_listener), offsetof(S, command_case), PB_ID_STREAMING_QUERY_MANAGER_COMMAND_STREAMING_QUERY_LISTENER_COMMAND},
    {7, PB_BOOL, PB_ONEOF, "list_listeners",
     offsetof(S, list_listeners), offsetof(S, command_case), 0},
};
#undef S

#define S struct pb_streaming_query_manager_command_await_any_termination_command
static const struct pb_field streaming_query_manager_command_await_any_termination_command_fields[] = {
    {1, PB_INT64, PB_OPTIONAL, "timeout_ms",
     offsetof(S, timeout_ms), offsetof(S, has_timeout_ms), 0},
};
#undef S

#define S struct pb_streaming_query_manager_command_streaming_query_listener_command
static const struct pb_field streaming_query_manager_command_streaming_query_listener_command_fields[] = {
    {1, PB_BYTES, PB_PLAIN, "listener_payload",
     offsetof(S, listener_payload), 0, 0},
    {2, PB_MESSAGE, PB_OPTIONAL, "python_listener_payload",
     offsetof(S, python_listener_payload), 0, PB_ID_PYTHON_UDF},
    {3, PB_STRING, PB_PLAIN, "id",
     offsetof(S, id), 0, 0},
};
#undef S

#define S struct pb_streaming_query_manager_command_result
static const struct pb_field streaming_query_manager_command_result_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "active",
     offsetof(S, active), offsetof(S, result_type_case), PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_ACTIVE_RESULT},
    {2, PB_MESSAGE, PB_ONEOF, "query",
     offsetof(S, query), offsetof(S, result_type_case), PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_STREAMING_QUERY_INSTANCE},
    {3, PB_MESSAGE, PB_ONEOF, "await_any_termination",
     offsetof(S, await_any_termination), offsetof(S, result_type_case), PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_AWAIT_ANY_TERMINATION_RESULT},
    {4, PB_BOOL, PB_ONEOF, "reset_terminated",
     offsetof(S, reset_terminated), offsetof(S, result_type_case), 0},
    {5, PB_BOOL, PB_ONEOF, "add_listener",
     offsetof(S, add_listener), offsetof(S, result_type_case), 0},
    {6, PB_BOOL, PB_ONEOF, "remove_listener",
     offsetof(S, remove_listener), offsetof(S, result_type_case), 0},
    {7, PB_MESSAGE, PB_ONEOF, "list_listeners",
     offsetof(S, list_listeners), offsetof(S, result_type_case), PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_LIST_STREAMING_QUERY_LISTENER_RESULT},
};
#undef S

#define S struct pb_streaming_query_manager_command_result_active_result
static const struct pb_field streaming_query_manager_command_result_active_result_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "active_queries",
     offsetof(S, active_queries), offsetof(S, active_queries_count), PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_STREAMING_QUERY_INSTANCE},
};
#undef S

#define S struct pb_streaming_query_manager_command_result_streaming_query_instance
static const struct pb_field streaming_query_manager_command_result_streaming_query_instance_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "id",
     offsetof(S, id), 0, PB_ID_STREAMING_QUERY_INSTANCE_ID},
    {2, PB_STRING, PB_OPTIONAL, "name",
     offsetof(S, name), 0, 0},
};
#undef S

#define S struct pb_streaming_query_manager_command_result_await_any_termination_result
static const struct pb_field streaming_query_manager_command_result_await_any_termination_result_fields[] = {
    {1, PB_BOOL, PB_PLAIN, "terminated",
     offsetof(S, terminated), 0, 0},
};
#undef S

#define S struct pb_streaming_query_manager_command_result_streaming_query_listener_instance
static const struct pb_field streaming_query_manager_command_result_streaming_query_listener_instance_fields[] = {
    {1, PB_BYTES, PB_PLAIN, "listener_payload",
     offsetof(S, listener_payload), 0, 0},
};
#undef S

#define S struct pb_streaming_query_manager_command_result_list_streaming_query_listener_result
static const struct pb_field streaming_query_manager_command_result_list_streaming_query_listener_result_fields[] = {
    {1, PB_STRING, PB_REPEATED, "listener_ids",
     offsetof(S, listener_ids), offsetof(S, listener_ids_count), 0},
};
#undef S

#define S struct pb_streaming_query_listener_bus_command
static const struct pb_field streaming_query_listener_bus_command_fields[] = {
    {1, PB_BOOL, PB_ONEOF, "add_listener_bus_listener",
     offsetof(S, add_listener_bus_listener), offsetof(S, command_case), 0},
    {2, PB_BOOL, PB_ONEOF, "remove_listener_bus_listener",
     offsetof(S, remove_listener_bus_listener), offsetof(S, command_case), 0},
};
#undef S

#define S struct pb_streaming_query_listener_event
static const struct pb_field streaming_query_listener_event_fields[] = {
    {1, PB_STRING, PB_PLAIN, "event_json",
     offsetof(S, event_json), 0, 0},
    {2, PB_INT32, PB_PLAIN, "event_type",
     offsetof(S, event_type), 0, 0},
};
#undef S

#define S struct pb_streaming_query_listener_events_result
static const struct pb_field streaming_query_listener_events_result_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "events",
     offsetof(S, events), offsetof(S, events_count), PB_ID_STREAMING_QUERY_LISTENER_EVENT},
    {2, PB_BOOL, PB_OPTIONAL, "listener_bus_listener_added",
     offsetof(S, listener_bus_listener_added), offsetof(S, has_listener_bus_listener_added), 0},
};
#undef S

#define S struct pb_get_resources_command_result
static const struct pb_field get_resources_command_result_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "resources",
     offsetof(S, resources), offsetof(S, resources_count), PB_ID_MAP_STRING_RESOURCE_INFORMATION},
};
#undef S

#define S struct pb_create_resource_profile_command
static const struct pb_field create_resource_profile_command_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "profile",
     offsetof(S, profile), 0, PB_ID_RESOURCE_PROFILE},
};
#undef S

#define S struct pb_create_resource_profile_command_result
static const struct pb_field create_resource_profile_command_result_fields[] = {
    {1, PB_INT32, PB_PLAIN, "profile_id",
     offsetof(S, profile_id), 0, 0},
};
#undef S

#define S struct pb_remove_cached_remote_relation_command
static const struct pb_field remove_cached_remote_relation_command_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "relation",
     offsetof(S, relation), 0, PB_ID_CACHED_REMOTE_RELATION},
};
#undef S

#define S struct pb_checkpoint_command
static const struct pb_field checkpoint_command_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "relation",
     offsetof(S, relation), 0, PB_ID_RELATION},
    {2, PB_BOOL, PB_PLAIN, "local",
     offsetof(S, local), 0, 0},
    {3, PB_BOOL, PB_PLAIN, "eager",
     offsetof(S, eager), 0, 0},
    {4, PB_MESSAGE, PB_OPTIONAL, "storage_level",
     offsetof(S, storage_level), 0, PB_ID_STORAGE_LEVEL},
};
#undef S

#define S struct pb_merge_into_table_command
static const struct pb_field merge_into_table_command_fields[] = {
    {1, PB_STRING, PB_PLAIN, "target_table_name",
     offsetof(S, target_table_name), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "source_table_plan",
     offsetof(S, source_table_plan), 0, PB_ID_RELATION},
    {3, PB_MESSAGE, PB_PLAIN, "merge_condition",
     offsetof(S, merge_condition), 0, PB_ID_EXPRESSION},
    {4, PB_MESSAGE, PB_REPEATED, "match_actions",
     offsetof(S, match_actions), offsetof(S, match_actions_count), PB_ID_EXPRESSION},
    {5, PB_MESSAGE, PB_REPEATED, "not_matched_actions",
     offsetof(S, not_matched_actions), offsetof(S, not_matched_actions_count), PB_ID_EXPRESSION},
    {6, PB_MESSAGE, PB_REPEATED, "not_matched_by_source_actions",
     offsetof(S, not_matched_by_source_actions), offsetof(S, not_matched_by_source_actions_count), PB_ID_EXPRESSION},
    {7, PB_BOOL, PB_PLAIN, "with_schema_evolution",
     offsetof(S, with_schema_evolution), 0, 0},
};
#undef S

#define S struct pb_execute_external_command
static const struct pb_field execute_external_command_fields[] = {
    {1, PB_STRING, PB_PLAIN, "runner",
     offsetof(S, runner), 0, 0},
    {2, PB_STRING, PB_PLAIN, "command",
     offsetof(S, command), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "options",
     offsetof(S, options), offsetof(S, options_count), PB_ID_MAP_STRING_STRING},
};
#undef S

#define S struct pb_catalog
static const struct pb_field catalog_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "current_database",
     offsetof(S, current_database), offsetof(S, cat_type_case), PB_ID_CURRENT_DATABASE},
    {2, PB_MESSAGE, PB_ONEOF, "set_current_database",
     offsetof(S, set_current_database), offsetof(S, cat_type_case), PB_ID_SET_CURRENT_DATABASE},
    {3, PB_MESSAGE, PB_ONEOF, "list_databases",
     offsetof(S, list_databases), offsetof(S, cat_type_case), PB_ID_LIST_DATABASES},
    {4, PB_MESSAGE, PB_ONEOF, "list_tables",
     offsetof(S, list_tables), offsetof(S, cat_type_case), PB_ID_LIST_TABLES},
    {5, PB_MESSAGE, PB_ONEOF, "list_functions",
     offsetof(S, list_functions), offsetof(S, cat_type_case), PB_ID_LIST_FUNCTIONS},
    {6, PB_MESSAGE, PB_ONEOF, "list_columns",
     offsetof(S, list_columns), offsetof(S, cat_type_case), PB_ID_LIST_COLUMNS},
    {7, PB_MESSAGE, PB_ONEOF, "get_database",
     offsetof(S, get_database), offsetof(S, cat_type_case), PB_ID_GET_DATABASE},
    {8, PB_MESSAGE, PB_ONEOF, "get_table",
     offsetof(S, get_table), offsetof(S, cat_type_case), PB_ID_GET_TABLE},
    {9, PB_MESSAGE, PB_ONEOF, "get_function",
     offsetof(S, get_function), offsetof(S, cat_type_case), PB_ID_GET_FUNCTION},
    {10, PB_MESSAGE, PB_ONEOF, "database_exists",
     offsetof(S, database_exists), offsetof(S, cat_type_case), PB_ID_DATABASE_EXISTS},
    {11, PB_MESSAGE, PB_ONEOF, "table_exists",
     offsetof(S, table_exists), offsetof(S, cat_type_case), PB_ID_TABLE_EXISTS},
    {12, PB_MESSAGE, PB_ONEOF, "function_exists",
     offsetof(S, function_exists), offsetof(S, cat_type_case), PB_ID_FUNCTION_EXISTS},
    {13, PB_MESSAGE, PB_ONEOF, "create_external_table",
     offsetof(S, create_external_table), offsetof(S, cat_type_case), PB_ID_CREATE_EXTERNAL_TABLE},
    {14, PB_MESSAGE, PB_ONEOF, "create_table",
     offsetof(S, create_table), offsetof(S, cat_type_case), PB_ID_CREATE_TABLE},
    {15, PB_MESSAGE, PB_ONEOF, "drop_temp_view",
     offsetof(S, drop_temp_view), offsetof(S, cat_type_case), PB_ID_DROP_TEMP_VIEW},
    {16, PB_MESSAGE, PB_ONEOF, "drop_global_temp_view",
     offsetof(S, drop_global_temp_view), offsetof(S, cat_type_case), PB_ID_DROP_GLOBAL_TEMP_VIEW},
    {17, PB_MESSAGE, PB_ONEOF, "recover_partitions",
     offsetof(S, recover_partitions), offsetof(S, cat_type_case), PB_ID_RECOVER_PARTITIONS},
    {18, PB_MESSAGE, PB_ONEOF, "is_cached",
     offsetof(S, is_cached), offsetof(S, cat_type_case), PB_ID_IS_CACHED},
    {19, PB_MESSAGE, PB_ONEOF, "cache_table",
     offsetof(S, cache_table), offsetof(S, cat_type_case), PB_ID_CACHE_TABLE},
    {20, PB_MESSAGE, PB_ONEOF, "uncache_table",
     offsetof(S, uncache_table), offsetof(S, cat_type_case), PB_ID_UNCACHE_TABLE},
    {21, PB_MESSAGE, PB_ONEOF, "clear_cache",
     offsetof(S, clear_cache), offsetof(S, cat_type_case), PB_ID_CLEAR_CACHE},
    {22, PB_MESSAGE, PB_ONEOF, "refresh_table",
     offsetof(S, refresh_table), offsetof(S, cat_type_case), PB_ID_REFRESH_TABLE},
    {23, PB_MESSAGE, PB_ONEOF, "refresh_by_path",
     offsetof(S, refresh_by_path), offsetof(S, cat_type_case), PB_ID_REFRESH_BY_PATH},
    {24, PB_MESSAGE, PB_ONEOF, "current_catalog",
     offsetof(S, current_catalog), offsetof(S, cat_type_case), PB_ID_CURRENT_CATALOG},
    {25, PB_MESSAGE, PB_ONEOF, "set_current_catalog",
     offsetof(S, set_current_catalog), offsetof(S, cat_type_case), PB_ID_SET_CURRENT_CATALOG},
    {26, PB_MESSAGE, PB_ONEOF, "list_catalogs",
     offsetof(S, list_catalogs), offsetof(S, cat_type_case), PB_ID_LIST_CATALOGS},
    {27, PB_MESSAGE, PB_ONEOF, "drop_table",
     offsetof(S, drop_table), offsetof(S, cat_type_case), PB_ID_DROP_TABLE},
    {28, PB_MESSAGE, PB_ONEOF, "drop_view",
     offsetof(S, drop_view), offsetof(S, cat_type_case), PB_ID_DROP_VIEW},
    {29, PB_MESSAGE, PB_ONEOF, "create_database",
     offsetof(S, create_database), offsetof(S, cat_type_case), PB_ID_CREATE_DATABASE},
    {30, PB_MESSAGE, PB_ONEOF, "drop_database",
     offsetof(S, drop_database), offsetof(S, cat_type_case), PB_ID_DROP_DATABASE},
    {31, PB_MESSAGE, PB_ONEOF, "list_partitions",
     offsetof(S, list_partitions), offsetof(S, cat_type_case), PB_ID_LIST_PARTITIONS},
    {32, PB_MESSAGE, PB_ONEOF, "list_views",
     offsetof(S, list_views), offsetof(S, cat_type_case), PB_ID_LIST_VIEWS},
    {33, PB_MESSAGE, PB_ONEOF, "get_table_properties",
     offsetof(S, get_table_properties), offsetof(S, cat_type_case), PB_ID_GET_TABLE_PROPERTIES},
    {34, PB_MESSAGE, PB_ONEOF, "get_create_table_string",
     offsetof(S, get_create_table_string), offsetof(S, cat_type_case), PB_ID_GET_CREATE_TABLE_STRING},
    {35, PB_MESSAGE, PB_ONEOF, "truncate_table",
     offsetof(S, truncate_table), offsetof(S, cat_type_case), PB_ID_TRUNCATE_TABLE},
    {36, PB_MESSAGE, PB_ONEOF, "analyze_table",
     offsetof(S, analyze_table), offsetof(S, cat_type_case), PB_ID_ANALYZE_TABLE},
};
#undef S

#define S struct pb_set_current_database
static const struct pb_field set_current_database_fields[] = {
    {1, PB_STRING, PB_PLAIN, "db_name",
     offsetof(S, db_name), 0, 0},
};
#undef S

#define S struct pb_list_databases
static const struct pb_field list_databases_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "pattern",
     offsetof(S, pattern), 0, 0},
};
#undef S

#define S struct pb_list_tables
static const struct pb_field list_tables_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "db_name",
     offsetof(S, db_name), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "pattern",
     offsetof(S, pattern), 0, 0},
};
#undef S

#define S struct pb_list_functions
static const struct pb_field list_functions_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "db_name",
     offsetof(S, db_name), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "pattern",
     offsetof(S, pattern), 0, 0},
};
#undef S

#define S struct pb_list_columns
static const struct pb_field list_columns_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "db_name",
     offsetof(S, db_name), 0, 0},
};
#undef S

#define S struct pb_get_database
static const struct pb_field get_database_fields[] = {
    {1, PB_STRING, PB_PLAIN, "db_name",
     offsetof(S, db_name), 0, 0},
};
#undef S

#define S struct pb_get_table
static const struct pb_field get_table_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "db_name",
     offsetof(S, db_name), 0, 0},
};
#undef S

#define S struct pb_get_function
static const struct pb_field get_function_fields[] = {
    {1, PB_STRING, PB_PLAIN, "function_name",
     offsetof(S, function_name), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "db_name",
     offsetof(S, db_name), 0, 0},
};
#undef S

#define S struct pb_database_exists
static const struct pb_field database_exists_fields[] = {
    {1, PB_STRING, PB_PLAIN, "db_name",
     offsetof(S, db_name), 0, 0},
};
#undef S

#define S struct pb_table_exists
static const struct pb_field table_exists_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "db_name",
     offsetof(S, db_name), 0, 0},
};
#undef S

#define S struct pb_function_exists
static const struct pb_field function_exists_fields[] = {
    {1, PB_STRING, PB_PLAIN, "function_name",
     offsetof(S, function_name), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "db_name",
     offsetof(S, db_name), 0, 0},
};
#undef S

#define S struct pb_create_external_table
static const struct pb_field create_external_table_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "path",
     offsetof(S, path), 0, 0},
    {3, PB_STRING, PB_OPTIONAL, "source",
     offsetof(S, source), 0, 0},
    {4, PB_MESSAGE, PB_OPTIONAL, "schema",
     offsetof(S, schema), 0, PB_ID_DATA_TYPE},
    {5, PB_MESSAGE, PB_REPEATED, "options",
     offsetof(S, options), offsetof(S, options_count), PB_ID_MAP_STRING_STRING},
};
#undef S

#define S struct pb_create_table
static const struct pb_field create_table_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "path",
     offsetof(S, path), 0, 0},
    {3, PB_STRING, PB_OPTIONAL, "source",
     offsetof(S, source), 0, 0},
    {4, PB_STRING, PB_OPTIONAL, "description",
     offsetof(S, description), 0, 0},
    {5, PB_MESSAGE, PB_OPTIONAL, "schema",
     offsetof(S, schema), 0, PB_ID_DATA_TYPE},
    {6, PB_MESSAGE, PB_REPEATED, "options",
     offsetof(S, options), offsetof(S, options_count), PB_ID_MAP_STRING_STRING},
};
#undef S

#define S struct pb_drop_temp_view
static const struct pb_field drop_temp_view_fields[] = {
    {1, PB_STRING, PB_PLAIN, "view_name",
     offsetof(S, view_name), 0, 0},
};
#undef S

#define S struct pb_drop_global_temp_view
static const struct pb_field drop_global_temp_view_fields[] = {
    {1, PB_STRING, PB_PLAIN, "view_name",
     offsetof(S, view_name), 0, 0},
};
#undef S

#define S struct pb_recover_partitions
static const struct pb_field recover_partitions_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
};
#undef S

#define S struct pb_is_cached
static const struct pb_field is_cached_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
};
#undef S

#define S struct pb_cache_table
static const struct pb_field cache_table_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
    {2, PB_MESSAGE, PB_OPTIONAL, "storage_level",
     offsetof(S, storage_level), 0, PB_ID_STORAGE_LEVEL},
};
#undef S

#define S struct pb_uncache_table
static const struct pb_field uncache_table_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
};
#undef S

#define S struct pb_refresh_table
static const struct pb_field refresh_table_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
};
#undef S

#define S struct pb_refresh_by_path
static const struct pb_field refresh_by_path_fields[] = {
    {1, PB_STRING, PB_PLAIN, "path",
     offsetof(S, path), 0, 0},
};
#undef S

#define S struct pb_set_current_catalog
static const struct pb_field set_current_catalog_fields[] = {
    {1, PB_STRING, PB_PLAIN, "catalog_name",
     offsetof(S, catalog_name), 0, 0},
};
#undef S

#define S struct pb_list_catalogs
static const struct pb_field list_catalogs_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "pattern",
     offsetof(S, pattern), 0, 0},
};
#undef S

#define S struct pb_drop_table
static const struct pb_field drop_table_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
    {2, PB_BOOL, PB_PLAIN, "if_exists",
     offsetof(S, if_exists), 0, 0},
    {3, PB_BOOL, PB_PLAIN, "purge",
     offsetof(S, purge), 0, 0},
};
#undef S

#define S struct pb_drop_view
static const struct pb_field drop_view_fields[] = {
    {1, PB_STRING, PB_PLAIN, "view_name",
     offsetof(S, view_name), 0, 0},
    {2, PB_BOOL, PB_PLAIN, "if_exists",
     offsetof(S, if_exists), 0, 0},
};
#undef S

#define S struct pb_create_database
static const struct pb_field create_database_fields[] = {
    {1, PB_STRING, PB_PLAIN, "db_name",
     offsetof(S, db_name), 0, 0},
    {2, PB_BOOL, PB_PLAIN, "if_not_exists",
     offsetof(S, if_not_exists), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "properties",
     offsetof(S, properties), offsetof(S, properties_count), PB_ID_MAP_STRING_STRING},
};
#undef S

#define S struct pb_drop_database
static const struct pb_field drop_database_fields[] = {
    {1, PB_STRING, PB_PLAIN, "db_name",
     offsetof(S, db_name), 0, 0},
    {2, PB_BOOL, PB_PLAIN, "if_exists",
     offsetof(S, if_exists), 0, 0},
    {3, PB_BOOL, PB_PLAIN, "cascade",
     offsetof(S, cascade), 0, 0},
};
#undef S

#define S struct pb_list_partitions
static const struct pb_field list_partitions_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
};
#undef S

#define S struct pb_list_views
static const struct pb_field list_views_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "db_name",
     offsetof(S, db_name), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "pattern",
     offsetof(S, pattern), 0, 0},
};
#undef S

#define S struct pb_get_table_properties
static const struct pb_field get_table_properties_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
};
#undef S

#define S struct pb_get_create_table_string
static const struct pb_field get_create_table_string_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
    {2, PB_BOOL, PB_PLAIN, "as_serde",
     offsetof(S, as_serde), 0, 0},
};
#undef S

#define S struct pb_truncate_table
static const struct pb_field truncate_table_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
};
#undef S

#define S struct pb_analyze_table
static const struct pb_field analyze_table_fields[] = {
    {1, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
    {2, PB_BOOL, PB_PLAIN, "no_scan",
     offsetof(S, no_scan), 0, 0},
};
#undef S

#define S struct pb_data_type
static const struct pb_field data_type_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "null",
     offsetof(S, null), offsetof(S, kind_case), PB_ID_DATA_TYPE_NULL},
    {2, PB_MESSAGE, PB_ONEOF, "binary",
     offsetof(S, binary), offsetof(S, kind_case), PB_ID_DATA_TYPE_BINARY},
    {3, PB_MESSAGE, PB_ONEOF, "boolean",
     offsetof(S, boolean), offsetof(S, kind_case), PB_ID_DATA_TYPE_BOOLEAN},
    {4, PB_MESSAGE, PB_ONEOF, "byte",
     offsetof(S, byte), offsetof(S, kind_case), PB_ID_DATA_TYPE_BYTE},
    {5, PB_MESSAGE, PB_ONEOF, "short",
     offsetof(S, short_), offsetof(S, kind_case), PB_ID_DATA_TYPE_SHORT},
    {6, PB_MESSAGE, PB_ONEOF, "integer",
     offsetof(S, integer), offsetof(S, kind_case), PB_ID_DATA_TYPE_INTEGER},
    {7, PB_MESSAGE, PB_ONEOF, "long",
     offsetof(S, long_), offsetof(S, kind_case), PB_ID_DATA_TYPE_LONG},
    {8, PB_MESSAGE, PB_ONEOF, "float",
     offsetof(S, float_), offsetof(S, kind_case), PB_ID_DATA_TYPE_FLOAT},
    {9, PB_MESSAGE, PB_ONEOF, "double",
     offsetof(S, double_), offsetof(S, kind_case), PB_ID_DATA_TYPE_DOUBLE},
    {10, PB_MESSAGE, PB_ONEOF, "decimal",
     offsetof(S, decimal), offsetof(S, kind_case), PB_ID_DATA_TYPE_DECIMAL},
    {11, PB_MESSAGE, PB_ONEOF, "string",
     offsetof(S, string), offsetof(S, kind_case), PB_ID_DATA_TYPE_STRING},
    {12, PB_MESSAGE, PB_ONEOF, "char",
     offsetof(S, char_), offsetof(S, kind_case), PB_ID_DATA_TYPE_CHAR},
    {13, PB_MESSAGE, PB_ONEOF, "var_char",
     offsetof(S, var_char), offsetof(S, kind_case), PB_ID_DATA_TYPE_VAR_CHAR},
    {14, PB_MESSAGE, PB_ONEOF, "date",
     offsetof(S, date), offsetof(S, kind_case), PB_ID_DATA_TYPE_DATE},
    {15, PB_MESSAGE, PB_ONEOF, "timestamp",
     offsetof(S, timestamp), offsetof(S, kind_case), PB_ID_DATA_TYPE_TIMESTAMP},
    {16, PB_MESSAGE, PB_ONEOF, "timestamp_ntz",
     offsetof(S, timestamp_ntz), offsetof(S, kind_case), PB_ID_DATA_TYPE_TIMESTAMP_NTZ},
    {17, PB_MESSAGE, PB_ONEOF, "calendar_interval",
     offsetof(S, calendar_interval), offsetof(S, kind_case), PB_ID_DATA_TYPE_CALENDAR_INTERVAL},
    {18, PB_MESSAGE, PB_ONEOF, "year_month_interval",
     offsetof(S, year_month_interval), offsetof(S, kind_case), PB_ID_DATA_TYPE_YEAR_MONTH_INTERVAL},
    {19, PB_MESSAGE, PB_ONEOF, "day_time_interval",
     offsetof(S, day_time_interval), offsetof(S, kind_case), PB_ID_DATA_TYPE_DAY_TIME_INTERVAL},
    {20, PB_MESSAGE, PB_ONEOF, "array",
     offsetof(S, array), offsetof(S, kind_case), PB_ID_DATA_TYPE_ARRAY},
    {21, PB_MESSAGE, PB_ONEOF, "struct",
     offsetof(S, struct_), offsetof(S, kind_case), PB_ID_DATA_TYPE_STRUCT},
    {22, PB_MESSAGE, PB_ONEOF, "map",
     offsetof(S, map), offsetof(S, kind_case), PB_ID_DATA_TYPE_MAP},
    {23, PB_MESSAGE, PB_ONEOF, "udt",
     offsetof(S, udt), offsetof(S, kind_case), PB_ID_DATA_TYPE_UDT},
    {24, PB_MESSAGE, PB_ONEOF, "unparsed",
     offsetof(S, unparsed), offsetof(S, kind_case), PB_ID_DATA_TYPE_UNPARSED},
    {25, PB_MESSAGE, PB_ONEOF, "variant",
     offsetof(S, variant), offsetof(S, kind_case), PB_ID_DATA_TYPE_VARIANT},
    {26, PB_MESSAGE, PB_ONEOF, "geometry",
     offsetof(S, geometry), offsetof(S, kind_case), PB_ID_DATA_TYPE_GEOMETRY},
    {27, PB_MESSAGE, PB_ONEOF, "geography",
     offsetof(S, geography), offsetof(S, kind_case), PB_ID_DATA_TYPE_GEOGRAPHY},
    {28, PB_MESSAGE, PB_ONEOF, "time",
     offsetof(S, time), offsetof(S, kind_case), PB_ID_DATA_TYPE_TIME},
    {29, PB_MESSAGE, PB_ONEOF, "timestamp_ntz_nanos",
     offsetof(S, timestamp_ntz_nanos), offsetof(S, kind_case), PB_ID_DATA_TYPE_TIMESTAMP_NTZ_NANOS},
    {30, PB_MESSAGE, PB_ONEOF, "timestamp_ltz_nanos",
     offsetof(S, timestamp_ltz_nanos), offsetof(S, kind_case), PB_ID_DATA_TYPE_TIMESTAMP_LTZ_NANOS},
};
#undef S

#define S struct pb_data_type_boolean
static const struct pb_field data_type_boolean_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_byte
static const struct pb_field data_type_byte_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_short
static const struct pb_field data_type_short_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_integer
static const struct pb_field data_type_integer_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_long
static const struct pb_field data_type_long_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_float
static const struct pb_field data_type_float_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_double
static const struct pb_field data_type_double_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_string
static const struct pb_field data_type_string_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
    {2, PB_STRING, PB_PLAIN, "collation",
     offsetof(S, collation), 0, 0},
};
#undef S

#define S struct pb_data_type_binary
static const struct pb_field data_type_binary_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_null
static const struct pb_field data_type_null_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_timestamp
static const struct pb_field data_type_timestamp_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_date
static const struct pb_field data_type_date_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_timestamp_ntz
static const struct pb_field data_type_timestamp_ntz_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_time
static const struct pb_field data_type_time_fields[] = {
    {1, PB_INT32, PB_OPTIONAL, "precision",
     offsetof(S, precision), offsetof(S, has_precision), 0},
    {2, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_calendar_interval
static const struct pb_field data_type_calendar_interval_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_year_month_interval
static const struct pb_field data_type_year_month_interval_fields[] = {
    {1, PB_INT32, PB_OPTIONAL, "start_field",
     offsetof(S, start_field), offsetof(S, has_start_field), 0},
    {2, PB_INT32, PB_OPTIONAL, "end_field",
     offsetof(S, end_field), offsetof(S, has_end_field), 0},
    {3, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_day_time_interval
static const struct pb_field data_type_day_time_interval_fields[] = {
    {1, PB_INT32, PB_OPTIONAL, "start_field",
     offsetof(S, start_field), offsetof(S, has_start_field), 0},
    {2, PB_INT32, PB_OPTIONAL, "end_field",
     offsetof(S, end_field), offsetof(S, has_end_field), 0},
    {3, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_char
static const struct pb_field data_type_char_fields[] = {
    {1, PB_INT32, PB_PLAIN, "length",
     offsetof(S, length), 0, 0},
    {2, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_var_char
static const struct pb_field data_type_var_char_fields[] = {
    {1, PB_INT32, PB_PLAIN, "length",
     offsetof(S, length), 0, 0},
    {2, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_decimal
static const struct pb_field data_type_decimal_fields[] = {
    {1, PB_INT32, PB_OPTIONAL, "scale",
     offsetof(S, scale), offsetof(S, has_scale), 0},
    {2, PB_INT32, PB_OPTIONAL, "precision",
     offsetof(S, precision), offsetof(S, has_precision), 0},
    {3, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_struct_field
static const struct pb_field data_type_struct_field_fields[] = {
    {1, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "data_type",
     offsetof(S, data_type), 0, PB_ID_DATA_TYPE},
    {3, PB_BOOL, PB_PLAIN, "nullable",
     offsetof(S, nullable), 0, 0},
    {4, PB_STRING, PB_OPTIONAL, "metadata",
     offsetof(S, metadata), 0, 0},
};
#undef S

#define S struct pb_data_type_struct
static const struct pb_field data_type_struct_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "fields",
     offsetof(S, fields), offsetof(S, fields_count), PB_ID_DATA_TYPE_STRUCT_FIELD},
    {2, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_array
static const struct pb_field data_type_array_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "element_type",
     offsetof(S, element_type), 0, PB_ID_DATA_TYPE},
    {2, PB_BOOL, PB_PLAIN, "contains_null",
     offsetof(S, contains_null), 0, 0},
    {3, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_map
static const struct pb_field data_type_map_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "key_type",
     offsetof(S, key_type), 0, PB_ID_DATA_TYPE},
    {2, PB_MESSAGE, PB_PLAIN, "value_type",
     offsetof(S, value_type), 0, PB_ID_DATA_TYPE},
    {3, PB_BOOL, PB_PLAIN, "value_contains_null",
     offsetof(S, value_contains_null), 0, 0},
    {4, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_geometry
static const struct pb_field data_type_geometry_fields[] = {
    {1, PB_INT32, PB_PLAIN, "srid",
     offsetof(S, srid), 0, 0},
    {2, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_geography
static const struct pb_field data_type_geography_fields[] = {
    {1, PB_INT32, PB_PLAIN, "srid",
     offsetof(S, srid), 0, 0},
    {2, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_variant
static const struct pb_field data_type_variant_fields[] = {
    {1, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_data_type_udt
static const struct pb_field data_type_udt_fields[] = {
    {1, PB_STRING, PB_PLAIN, "type",
     offsetof(S, type), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "jvm_class",
     offsetof(S, jvm_class), 0, 0},
    {3, PB_STRING, PB_OPTIONAL, "python_class",
     offsetof(S, python_class), 0, 0},
    {4, PB_STRING, PB_OPTIONAL, "serialized_python_class",
     offsetof(S, serialized_python_class), 0, 0},
    {5, PB_MESSAGE, PB_OPTIONAL, "sql_type",
     offsetof(S, sql_type), 0, PB_ID_DATA_TYPE},
};
#undef S

#define S struct pb_data_type_unparsed
static const struct pb_field data_type_unparsed_fields[] = {
    {1, PB_STRING, PB_PLAIN, "data_type_string",
     offsetof(S, data_type_string), 0, 0},
};
#undef S

#define S struct pb_storage_level
static const struct pb_field storage_level_fields[] = {
    {1, PB_BOOL, PB_PLAIN, "use_disk",
     offsetof(S, use_disk), 0, 0},
    {2, PB_BOOL, PB_PLAIN, "use_memory",
     offsetof(S, use_memory), 0, 0},
    {3, PB_BOOL, PB_PLAIN, "use_off_heap",
     offsetof(S, use_off_heap), 0, 0},
    {4, PB_BOOL, PB_PLAIN, "deserialized",
     offsetof(S, deserialized), 0, 0},
    {5, PB_INT32, PB_PLAIN, "replication",
     offsetof(S, replication), 0, 0},
};
#undef S

#define S struct pb_resource_information
static const struct pb_field resource_information_fields[] = {
    {1, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {2, PB_STRING, PB_REPEATED, "addresses",
     offsetof(S, addresses), offsetof(S, addresses_count), 0},
};
#undef S

#define S struct pb_executor_resource_request
static const struct pb_field executor_resource_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "resource_name",
     offsetof(S, resource_name), 0, 0},
    {2, PB_INT64, PB_PLAIN, "amount",
     offsetof(S, amount), 0, 0},
    {3, PB_STRING, PB_OPTIONAL, "discovery_script",
     offsetof(S, discovery_script), 0, 0},
    {4, PB_STRING, PB_OPTIONAL, "vendor",
     offsetof(S, vendor), 0, 0},
};
#undef S

#define S struct pb_task_resource_request
static const struct pb_field task_resource_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "resource_name",
     offsetof(S, resource_name), 0, 0},
    {2, PB_DOUBLE, PB_PLAIN, "amount",
     offsetof(S, amount), 0, 0},
};
#undef S

#define S struct pb_resource_profile
static const struct pb_field resource_profile_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "executor_resources",
     offsetof(S, executor_resources), offsetof(S, executor_resources_count), PB_ID_MAP_STRING_EXECUTOR_RESOURCE_REQUEST},
    {2, PB_MESSAGE, PB_REPEATED, "task_resources",
     offsetof(S, task_resources), offsetof(S, task_resources_count), PB_ID_MAP_STRING_TASK_RESOURCE_REQUEST},
};
#undef S

#define S struct pb_origin
static const struct pb_field origin_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "python_origin",
     offsetof(S, python_origin), offsetof(S, function_case), PB_ID_PYTHON_ORIGIN},
    {2, PB_MESSAGE, PB_ONEOF, "jvm_origin",
     offsetof(S, jvm_origin), offsetof(S, function_case), PB_ID_JVM_ORIGIN},
};
#undef S

#define S struct pb_python_origin
static const struct pb_field python_origin_fields[] = {
    {1, PB_STRING, PB_PLAIN, "fragment",
     offsetof(S, fragment), 0, 0},
    {2, PB_STRING, PB_PLAIN, "call_site",
     offsetof(S, call_site), 0, 0},
};
#undef S

#define S struct pb_jvm_origin
static const struct pb_field jvm_origin_fields[] = {
    {1, PB_INT32, PB_OPTIONAL, "line",
     offsetof(S, line), offsetof(S, has_line), 0},
    {2, PB_INT32, PB_OPTIONAL, "start_position",
     offsetof(S, start_position), offsetof(S, has_start_position), 0},
    {3, PB_INT32, PB_OPTIONAL, "start_index",
     offsetof(S, start_index), offsetof(S, has_start_index), 0},
    {4, PB_INT32, PB_OPTIONAL, "stop_index",
     offsetof(S, stop_index), offsetof(S, has_stop_index), 0},
    {5, PB_STRING, PB_OPTIONAL, "sql_text",
     offsetof(S, sql_text), 0, 0},
    {6, PB_STRING, PB_OPTIONAL, "object_type",
     offsetof(S, object_type), 0, 0},
    {7, PB_STRING, PB_OPTIONAL, "object_name",
     offsetof(S, object_name), 0, 0},
    {8, PB_MESSAGE, PB_REPEATED, "stack_trace",
     offsetof(S, stack_trace), offsetof(S, stack_trace_count), PB_ID_STACK_TRACE_ELEMENT},
};
#undef S

#define S struct pb_stack_trace_element
static const struct pb_field stack_trace_element_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "class_loader_name",
     offsetof(S, class_loader_name), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "module_name",
     offsetof(S, module_name), 0, 0},
    {3, PB_STRING, PB_OPTIONAL, "module_version",
     offsetof(S, module_version), 0, 0},
    {4, PB_STRING, PB_PLAIN, "declaring_class",
     offsetof(S, declaring_class), 0, 0},
    {5, PB_STRING, PB_PLAIN, "method_name",
     offsetof(S, method_name), 0, 0},
    {6, PB_STRING, PB_OPTIONAL, "file_name",
     offsetof(S, file_name), 0, 0},
    {7, PB_INT32, PB_PLAIN, "line_number",
     offsetof(S, line_number), 0, 0},
};
#undef S

#define S struct pb_resolved_identifier
static const struct pb_field resolved_identifier_fields[] = {
    {1, PB_STRING, PB_PLAIN, "catalog_name",
     offsetof(S, catalog_name), 0, 0},
    {2, PB_STRING, PB_REPEATED, "namespace",
     offsetof(S, namespace), offsetof(S, namespace_count), 0},
    {3, PB_STRING, PB_PLAIN, "table_name",
     offsetof(S, table_name), 0, 0},
};
#undef S

#define S struct pb_bools
static const struct pb_field bools_fields[] = {
    {1, PB_BOOL, PB_REPEATED, "values",
     offsetof(S, values), offsetof(S, values_count), 0},
};
#undef S

#define S struct pb_ints
static const struct pb_field ints_fields[] = {
    {1, PB_INT32, PB_REPEATED, "values",
     offsetof(S, values), offsetof(S, values_count), 0},
};
#undef S

#define S struct pb_longs
static const struct pb_field longs_fields[] = {
    {1, PB_INT64, PB_REPEATED, "values",
     offsetof(S, values), offsetof(S, values_count), 0},
};
#undef S

#define S struct pb_floats
static const struct pb_field floats_fields[] = {
    {1, PB_FLOAT, PB_REPEATED, "values",
     offsetof(S, values), offsetof(S, values_count), 0},
};
#undef S

#define S struct pb_doubles
static const struct pb_field doubles_fields[] = {
    {1, PB_DOUBLE, PB_REPEATED, "values",
     offsetof(S, values), offsetof(S, values_count), 0},
};
#undef S

#define S struct pb_strings
static const struct pb_field strings_fields[] = {
    {1, PB_STRING, PB_REPEATED, "values",
     offsetof(S, values), offsetof(S, values_count), 0},
};
#undef S

#define S struct pb_ml_command
static const struct pb_field ml_command_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "fit",
     offsetof(S, fit), offsetof(S, command_case), PB_ID_ML_COMMAND_FIT},
    {2, PB_MESSAGE, PB_ONEOF, "fetch",
     offsetof(S, fetch), offsetof(S, command_case), PB_ID_FETCH},
    {3, PB_MESSAGE, PB_ONEOF, "delete",
     offsetof(S, delete), offsetof(S, command_case), PB_ID_ML_COMMAND_DELETE},
    {4, PB_MESSAGE, PB_ONEOF, "write",
     offsetof(S, write), offsetof(S, command_case), PB_ID_ML_COMMAND_WRITE},
    {5, PB_MESSAGE, PB_ONEOF, "read",
     offsetof(S, read), offsetof(S, command_case), PB_ID_ML_COMMAND_READ},
    {6, PB_MESSAGE, PB_ONEOF, "evaluate",
     offsetof(S, evaluate), offsetof(S, command_case), PB_ID_ML_COMMAND_EVALUATE},
    {7, PB_MESSAGE, PB_ONEOF, "clean_cache",
     offsetof(S, clean_cache), offsetof(S, command_case), PB_ID_ML_COMMAND_CLEAN_CACHE},
    {8, PB_MESSAGE, PB_ONEOF, "get_cache_info",
     offsetof(S, get_cache_info), offsetof(S, command_case), PB_ID_ML_COMMAND_GET_CACHE_INFO},
    {9, PB_MESSAGE, PB_ONEOF, "create_summary",
     offsetof(S, create_summary), offsetof(S, command_case), PB_ID_ML_COMMAND_CREATE_SUMMARY},
    {10, PB_MESSAGE, PB_ONEOF, "get_model_size",
     offsetof(S, get_model_size), offsetof(S, command_case), PB_ID_ML_COMMAND_GET_MODEL_SIZE},
};
#undef S

#define S struct pb_ml_command_fit
static const struct pb_field ml_command_fit_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "estimator",
     offsetof(S, estimator), 0, PB_ID_ML_OPERATOR},
    {2, PB_MESSAGE, PB_OPTIONAL, "params",
     offsetof(S, params), 0, PB_ID_ML_PARAMS},
    {3, PB_MESSAGE, PB_PLAIN, "dataset",
     offsetof(S, dataset), 0, PB_ID_RELATION},
};
#undef S

#define S struct pb_ml_command_delete
static const struct pb_field ml_command_delete_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "obj_refs",
     offsetof(S, obj_refs), offsetof(S, obj_refs_count), PB_ID_OBJECT_REF},
    {2, PB_BOOL, PB_OPTIONAL, "evict_only",
     offsetof(S, evict_only), offsetof(S, has_evict_only), 0},
};
#undef S

#define S struct pb_ml_command_write
static const struct pb_field ml_command_write_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "operator",
     offsetof(S, operator), offsetof(S, type_case), PB_ID_ML_OPERATOR},
    {2, PB_MESSAGE, PB_ONEOF, "obj_ref",
     offsetof(S, obj_ref), offsetof(S, type_case), PB_ID_OBJECT_REF},
    {3, PB_MESSAGE, PB_OPTIONAL, "params",
     offsetof(S, params), 0, PB_ID_ML_PARAMS},
    {4, PB_STRING, PB_PLAIN, "path",
     offsetof(S, path), 0, 0},
    {5, PB_BOOL, PB_OPTIONAL, "should_overwrite",
     offsetof(S, should_overwrite), offsetof(S, has_should_overwrite), 0},
    {6, PB_MESSAGE, PB_REPEATED, "options",
     offsetof(S, options), offsetof(S, options_count), PB_ID_MAP_STRING_STRING},
};
#undef S

#define S struct pb_ml_command_read
static const struct pb_field ml_command_read_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "operator",
     offsetof(S, operator), 0, PB_ID_ML_OPERATOR},
    {2, PB_STRING, PB_PLAIN, "path",
     offsetof(S, path), 0, 0},
};
#undef S

#define S struct pb_ml_command_evaluate
static const struct pb_field ml_command_evaluate_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "evaluator",
     offsetof(S, evaluator), 0, PB_ID_ML_OPERATOR},
    {2, PB_MESSAGE, PB_OPTIONAL, "params",
     offsetof(S, params), 0, PB_ID_ML_PARAMS},
    {3, PB_MESSAGE, PB_PLAIN, "dataset",
     offsetof(S, dataset), 0, PB_ID_RELATION},
};
#undef S

#define S struct pb_ml_command_create_summary
static const struct pb_field ml_command_create_summary_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "model_ref",
     offsetof(S, model_ref), 0, PB_ID_OBJECT_REF},
    {2, PB_MESSAGE, PB_PLAIN, "dataset",
     offsetof(S, dataset), 0, PB_ID_RELATION},
};
#undef S

#define S struct pb_ml_command_get_model_size
static const struct pb_field ml_command_get_model_size_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "model_ref",
     offsetof(S, model_ref), 0, PB_ID_OBJECT_REF},
};
#undef S

#define S struct pb_ml_command_result
static const struct pb_field ml_command_result_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "param",
     offsetof(S, param), offsetof(S, result_type_case), PB_ID_EXPRESSION_LITERAL},
    {2, PB_STRING, PB_ONEOF, "summary",
     offsetof(S, summary), offsetof(S, result_type_case), 0},
    {3, PB_MESSAGE, PB_ONEOF, "operator_info",
     offsetof(S, operator_info), offsetof(S, result_type_case), PB_ID_ML_COMMAND_RESULT_ML_OPERATOR_INFO},
};
#undef S

#define S struct pb_ml_command_result_ml_operator_info
static const struct pb_field ml_command_result_ml_operator_info_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "obj_ref",
     offsetof(S, obj_ref), offsetof(S, type_case), PB_ID_OBJECT_REF},
    {2, PB_STRING, PB_ONEOF, "name",
     offsetof(S, name), offsetof(S, type_case), 0},
    {3, PB_STRING, PB_OPTIONAL, "uid",
     offsetof(S, uid), 0, 0},
    {4, PB_MESSAGE, PB_OPTIONAL, "params",
     offsetof(S, params), 0, PB_ID_ML_PARAMS},
    {5, PB_STRING, PB_OPTIONAL, "warning_message",
     offsetof(S, warning_message), 0, 0},
};
#undef S

#define S struct pb_ml_params
static const struct pb_field ml_params_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "params",
     offsetof(S, params), offsetof(S, params_count), PB_ID_MAP_STRING_EXPRESSION_LITERAL},
};
#undef S

#define S struct pb_ml_operator
static const struct pb_field ml_operator_fields[] = {
    {1, PB_STRING, PB_PLAIN, "name",
     offsetof(S, name), 0, 0},
    {2, PB_STRING, PB_PLAIN, "uid",
     offsetof(S, uid), 0, 0},
    {3, PB_INT32, PB_PLAIN, "type",
     offsetof(S, type), 0, 0},
};
#undef S

#define S struct pb_object_ref
static const struct pb_field object_ref_fields[] = {
    {1, PB_STRING, PB_PLAIN, "id",
     offsetof(S, id), 0, 0},
};
#undef S

#define S struct pb_pipeline_command
static const struct pb_field pipeline_command_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "create_dataflow_graph",
     offsetof(S, create_dataflow_graph), offsetof(S, command_type_case), PB_ID_PIPELINE_COMMAND_CREATE_DATAFLOW_GRAPH},
    {2, PB_MESSAGE, PB_ONEOF, "define_output",
     offsetof(S, define_output), offsetof(S, command_type_case), PB_ID_PIPELINE_COMMAND_DEFINE_OUTPUT},
    {3, PB_MESSAGE, PB_ONEOF, "define_flow",
     offsetof(S, define_flow), offsetof(S, command_type_case), PB_ID_PIPELINE_COMMAND_DEFINE_FLOW},
    {4, PB_MESSAGE, PB_ONEOF, "drop_dataflow_graph",
     offsetof(S, drop_dataflow_graph), offsetof(S, command_type_case), PB_ID_PIPELINE_COMMAND_DROP_DATAFLOW_GRAPH},
    {5, PB_MESSAGE, PB_ONEOF, "start_run",
     offsetof(S, start_run), offsetof(S, command_type_case), PB_ID_PIPELINE_COMMAND_START_RUN},
    {6, PB_MESSAGE, PB_ONEOF, "define_sql_graph_elements",
     offsetof(S, define_sql_graph_elements), offsetof(S, command_type_case), PB_ID_PIPELINE_COMMAND_DEFINE_SQL_GRAPH_ELEMENTS},
    {7, PB_MESSAGE, PB_ONEOF, "get_query_function_execution_signal_stream",
     offsetof(S, get_query_function_execution_signal_stream), offsetof(S, command_type_case), PB_ID_PIPELINE_COMMAND_GET_QUERY_FUNCTION_EXECUTION_SIGNAL_STREAM},
    {8, PB_MESSAGE, PB_ONEOF, "define_flow_query_function_result",
     offsetof(S, define_flow_query_function_result), offsetof(S, command_type_case), PB_ID_PIPELINE_COMMAND_DEFINE_FLOW_QUERY_FUNCTION_RESULT},
    {9, PB_MESSAGE, PB_ONEOF, "execute_output_flows",
     offsetof(S, execute_output_flows), offsetof(S, command_type_case), PB_ID_PIPELINE_COMMAND_EXECUTE_OUTPUT_FLOWS},
    {999, PB_MESSAGE, PB_ONEOF, "extension",
     offsetof(S, extension), offsetof(S, command_type_case), PB_ID_ANY},
};
#undef S

#define S struct pb_pipeline_command_create_dataflow_graph
static const struct pb_field pipeline_command_create_dataflow_graph_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "default_catalog",
     offsetof(S, default_catalog), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "default_database",
     offsetof(S, default_database), 0, 0},
    {5, PB_MESSAGE, PB_REPEATED, "sql_conf",
     offsetof(S, sql_conf), offsetof(S, sql_conf_count), PB_ID_MAP_STRING_STRING},
};
#undef S

#define S struct pb_pipeline_command_drop_dataflow_graph
static const struct pb_field pipeline_command_drop_dataflow_graph_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "dataflow_graph_id",
     offsetof(S, dataflow_graph_id), 0, 0},
};
#undef S

#define S struct pb_pipeline_command_define_output
static const struct pb_field pipeline_command_define_output_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "dataflow_graph_id",
     offsetof(S, dataflow_graph_id), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "output_name",
     offsetof(S, output_name), 0, 0},
    {3, PB_INT32, PB_OPTIONAL, "output_type",
     offsetof(S, output_type), offsetof(S, has_output_type), 0},
    {4, PB_STRING, PB_OPTIONAL, "comment",
     offsetof(S, comment), 0, 0},
    {5, PB_MESSAGE, PB_OPTIONAL, "source_code_location",
     offsetof(S, source_code_location), 0, PB_ID_SOURCE_CODE_LOCATION},
    {6, PB_MESSAGE, PB_ONEOF, "table_details",
     offsetof(S, table_details), offsetof(S, details_case), PB_ID_PIPELINE_COMMAND_DEFINE_OUTPUT_TABLE_DETAILS},
    {7, PB_MESSAGE, PB_ONEOF, "sink_details",
     offsetof(S, sink_details), offsetof(S, details_case), PB_ID_PIPELINE_COMMAND_DEFINE_OUTPUT_SINK_DETAILS},
    {999, PB_MESSAGE, PB_ONEOF, "extension",
     offsetof(S, extension), offsetof(S, details_case), PB_ID_ANY},
};
#undef S

#define S struct pb_pipeline_command_define_output_table_details
static const struct pb_field pipeline_command_define_output_table_details_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "table_properties",
     offsetof(S, table_properties), offsetof(S, table_properties_count), PB_ID_MAP_STRING_STRING},
    {2, PB_STRING, PB_REPEATED, "partition_cols",
     offsetof(S, partition_cols), offsetof(S, partition_cols_count), 0},
    {3, PB_STRING, PB_OPTIONAL, "format",
     offsetof(S, format), 0, 0},
    {4, PB_MESSAGE, PB_ONEOF, "schema_data_type",
     offsetof(S, schema_data_type), offsetof(S, schema_case), PB_ID_DATA_TYPE},
    {5, PB_STRING, PB_ONEOF, "schema_string",
     offsetof(S, schema_string), offsetof(S, schema_case), 0},
    {6, PB_STRING, PB_REPEATED, "clustering_columns",
     offsetof(S, clustering_columns), offsetof(S, clustering_columns_count), 0},
};
#undef S

#define S struct pb_pipeline_command_define_output_sink_details
static const struct pb_field pipeline_command_define_output_sink_details_fields[] = {
    {1, PB_MESSAGE, PB_REPEATED, "options",
     offsetof(S, options), offsetof(S, options_count), PB_ID_MAP_STRING_STRING},
    {2, PB_STRING, PB_OPTIONAL, "format",
     offsetof(S, format), 0, 0},
};
#undef S

#define S struct pb_pipeline_command_define_flow
static const struct pb_field pipeline_command_define_flow_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "dataflow_graph_id",
     offsetof(S, dataflow_graph_id), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "flow_name",
     offsetof(S, flow_name), 0, 0},
    {3, PB_STRING, PB_OPTIONAL, "target_dataset_name",
     offsetof(S, target_dataset_name), 0, 0},
    {4, PB_MESSAGE, PB_REPEATED, "sql_conf",
     offsetof(S, sql_conf), offsetof(S, sql_conf_count), PB_ID_MAP_STRING_STRING},
    {5, PB_STRING, PB_OPTIONAL, "client_id",
     offsetof(S, client_id), 0, 0},
    {6, PB_MESSAGE, PB_OPTIONAL, "source_code_location",
     offsetof(S, source_code_location), 0, PB_ID_SOURCE_CODE_LOCATION},
    {7, PB_MESSAGE, PB_ONEOF, "relation_flow_details",
     offsetof(S, relation_flow_details), offsetof(S, details_case), PB_ID_PIPELINE_COMMAND_DEFINE_FLOW_WRITE_RELATION_FLOW_DETAILS},
    {8, PB_BOOL, PB_OPTIONAL, "once",
     offsetof(S, once), offsetof(S, has_once), 0},
    {10, PB_MESSAGE, PB_ONEOF, "auto_cdc_flow_details",
     offsetof(S, auto_cdc_flow_details), offsetof(S, details_case), PB_ID_PIPELINE_COMMAND_DEFINE_FLOW_AUTO_CDC_FLOW_DETAILS},
    {999, PB_MESSAGE, PB_ONEOF, "extension",
     offsetof(S, extension), offsetof(S, details_case), PB_ID_ANY},
};
#undef S

#define S struct pb_pipeline_command_define_flow_write_relation_flow_details
static const struct pb_field pipeline_command_define_flow_write_relation_flow_details_fields[] = {
    {1, PB_MESSAGE, PB_OPTIONAL, "relation",
     offsetof(S, relation), 0, PB_ID_RELATION},
};
#undef S

#define S struct pb_pipeline_command_define_flow_auto_cdc_flow_details
static const struct pb_field pipeline_command_define_flow_auto_cdc_flow_details_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "source",
     offsetof(S, source), 0, 0},
    {2, PB_MESSAGE, PB_REPEATED, "keys",
     offsetof(S, keys), offsetof(S, keys_count), PB_ID_EXPRESSION},
    {3, PB_MESSAGE, PB_OPTIONAL, "sequence_by",
     offsetof(S, sequence_by), 0, PB_ID_EXPRESSION},
    {6, PB_MESSAGE, PB_OPTIONAL, "apply_as_deletes",
     offsetof(S, apply_as_deletes), 0, PB_ID_EXPRESSION},
    {7, PB_MESSAGE, PB_OPTIONAL, "apply_as_truncates",
     offsetof(S, apply_as_truncates), 0, PB_ID_EXPRESSION},
    {8, PB_MESSAGE, PB_REPEATED, "column_list",
     offsetof(S, column_list), offsetof(S, column_list_count), PB_ID_EXPRESSION},
    {9, PB_MESSAGE, PB_REPEATED, "except_column_list",
     offsetof(S, except_column_list), offsetof(S, except_column_list_count), PB_ID_EXPRESSION},
    {10, PB_INT32, PB_PLAIN, "stored_as_scd_type",
     offsetof(S, stored_as_scd_type), 0, 0},
    {11, PB_MESSAGE, PB_REPEATED, "track_history_column_list",
     offsetof(S, track_history_column_list), offsetof(S, track_history_column_list_count), PB_ID_EXPRESSION},
    {12, PB_MESSAGE, PB_REPEATED, "track_history_except_column_list",
     offsetof(S, track_history_except_column_list), offsetof(S, track_history_except_column_list_count), PB_ID_EXPRESSION},
    {14, PB_MESSAGE, PB_REPEATED, "ignore_null_updates_column_list",
     offsetof(S, ignore_null_updates_column_list), offsetof(S, ignore_null_updates_column_list_count), PB_ID_EXPRESSION},
    {15, PB_MESSAGE, PB_REPEATED, "ignore_null_updates_except_column_list",
     offsetof(S, ignore_null_updates_except_column_list), offsetof(S, ignore_null_updates_except_column_list_count), PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_pipeline_command_define_flow_response
static const struct pb_field pipeline_command_define_flow_response_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "flow_name",
     offsetof(S, flow_name), 0, 0},
};
#undef S

#define S struct pb_pipeline_command_execute_output_flows
static const struct pb_field pipeline_command_execute_output_flows_fields[] = {
    {1, PB_MESSAGE, PB_OPTIONAL, "define_output",
     offsetof(S, define_output), 0, PB_ID_PIPELINE_COMMAND_DEFINE_OUTPUT},
    {2, PB_MESSAGE, PB_REPEATED, "define_flows",
     offsetof(S, define_flows), offsetof(S, define_flows_count), PB_ID_PIPELINE_COMMAND_DEFINE_FLOW},
    {3, PB_BOOL, PB_OPTIONAL, "full_refresh",
     offsetof(S, full_refresh), offsetof(S, has_full_refresh), 0},
    {4, PB_STRING, PB_OPTIONAL, "storage",
     offsetof(S, storage), 0, 0},
    {999, PB_MESSAGE, PB_REPEATED, "extension",
     offsetof(S, extension), offsetof(S, extension_count), PB_ID_ANY},
};
#undef S

#define S struct pb_pipeline_command_start_run
static const struct pb_field pipeline_command_start_run_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "dataflow_graph_id",
     offsetof(S, dataflow_graph_id), 0, 0},
    {2, PB_STRING, PB_REPEATED, "full_refresh_selection",
     offsetof(S, full_refresh_selection), offsetof(S, full_refresh_selection_count), 0},
    {3, PB_BOOL, PB_OPTIONAL, "full_refresh_all",
     offsetof(S, full_refresh_all), offsetof(S, has_full_refresh_all), 0},
    {4, PB_STRING, PB_REPEATED, "refresh_selection",
     offsetof(S, refresh_selection), offsetof(S, refresh_selection_count), 0},
    {5, PB_BOOL, PB_OPTIONAL, "dry",
     offsetof(S, dry), offsetof(S, has_dry), 0},
    {6, PB_STRING, PB_OPTIONAL, "storage",
     offsetof(S, storage), 0, 0},
};
#undef S

#define S struct pb_pipeline_command_define_sql_graph_elements
static const struct pb_field pipeline_command_define_sql_graph_elements_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "dataflow_graph_id",
     offsetof(S, dataflow_graph_id), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "sql_file_path",
     offsetof(S, sql_file_path), 0, 0},
    {3, PB_STRING, PB_OPTIONAL, "sql_text",
     offsetof(S, sql_text), 0, 0},
};
#undef S

#define S struct pb_pipeline_command_get_query_function_execution_signal_stream
static const struct pb_field pipeline_command_get_query_function_execution_signal_stream_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "dataflow_graph_id",
     offsetof(S, dataflow_graph_id), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "client_id",
     offsetof(S, client_id), 0, 0},
};
#undef S

#define S struct pb_pipeline_command_define_flow_query_function_result
static const struct pb_field pipeline_command_define_flow_query_function_result_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "flow_name",
     offsetof(S, flow_name), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "dataflow_graph_id",
     offsetof(S, dataflow_graph_id), 0, 0},
    {3, PB_MESSAGE, PB_OPTIONAL, "relation",
     offsetof(S, relation), 0, PB_ID_RELATION},
    {4, PB_MESSAGE, PB_OPTIONAL, "flow_identifier",
     offsetof(S, flow_identifier), 0, PB_ID_RESOLVED_IDENTIFIER},
};
#undef S

#define S struct pb_pipeline_command_result
static const struct pb_field pipeline_command_result_fields[] = {
    {1, PB_MESSAGE, PB_ONEOF, "create_dataflow_graph_result",
     offsetof(S, create_dataflow_graph_result), offsetof(S, result_type_case), PB_ID_PIPELINE_COMMAND_RESULT_CREATE_DATAFLOW_GRAPH_RESULT},
    {2, PB_MESSAGE, PB_ONEOF, "define_output_result",
     offsetof(S, define_output_result), offsetof(S, result_type_case), PB_ID_PIPELINE_COMMAND_RESULT_DEFINE_OUTPUT_RESULT},
    {3, PB_MESSAGE, PB_ONEOF, "define_flow_result",
     offsetof(S, define_flow_result), offsetof(S, result_type_case), PB_ID_PIPELINE_COMMAND_RESULT_DEFINE_FLOW_RESULT},
};
#undef S

#define S struct pb_pipeline_command_result_create_dataflow_graph_result
static const struct pb_field pipeline_command_result_create_dataflow_graph_result_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "dataflow_graph_id",
     offsetof(S, dataflow_graph_id), 0, 0},
};
#undef S

#define S struct pb_pipeline_command_result_define_output_result
static const struct pb_field pipeline_command_result_define_output_result_fields[] = {
    {1, PB_MESSAGE, PB_OPTIONAL, "resolved_identifier",
     offsetof(S, resolved_identifier), 0, PB_ID_RESOLVED_IDENTIFIER},
};
#undef S

#define S struct pb_pipeline_command_result_define_flow_result
static const struct pb_field pipeline_command_result_define_flow_result_fields[] = {
    {1, PB_MESSAGE, PB_OPTIONAL, "resolved_identifier",
     offsetof(S, resolved_identifier), 0, PB_ID_RESOLVED_IDENTIFIER},
};
#undef S

#define S struct pb_pipeline_event_result
static const struct pb_field pipeline_event_result_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "event",
     offsetof(S, event), 0, PB_ID_PIPELINE_EVENT},
};
#undef S

#define S struct pb_pipeline_event
static const struct pb_field pipeline_event_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "timestamp",
     offsetof(S, timestamp), 0, PB_ID_TIMESTAMP},
    {2, PB_STRING, PB_OPTIONAL, "message",
     offsetof(S, message), 0, 0},
};
#undef S

#define S struct pb_source_code_location
static const struct pb_field source_code_location_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "file_name",
     offsetof(S, file_name), 0, 0},
    {2, PB_INT32, PB_OPTIONAL, "line_number",
     offsetof(S, line_number), offsetof(S, has_line_number), 0},
    {3, PB_STRING, PB_OPTIONAL, "definition_path",
     offsetof(S, definition_path), 0, 0},
    {999, PB_MESSAGE, PB_REPEATED, "extension",
     offsetof(S, extension), offsetof(S, extension_count), PB_ID_ANY},
};
#undef S

#define S struct pb_pipeline_query_function_execution_signal
static const struct pb_field pipeline_query_function_execution_signal_fields[] = {
    {1, PB_STRING, PB_REPEATED, "flow_names",
     offsetof(S, flow_names), offsetof(S, flow_names_count), 0},
    {2, PB_MESSAGE, PB_REPEATED, "flow_identifiers",
     offsetof(S, flow_identifiers), offsetof(S, flow_identifiers_count), PB_ID_RESOLVED_IDENTIFIER},
};
#undef S

#define S struct pb_pipeline_analysis_context
static const struct pb_field pipeline_analysis_context_fields[] = {
    {1, PB_STRING, PB_OPTIONAL, "dataflow_graph_id",
     offsetof(S, dataflow_graph_id), 0, 0},
    {2, PB_STRING, PB_OPTIONAL, "definition_path",
     offsetof(S, definition_path), 0, 0},
    {3, PB_STRING, PB_OPTIONAL, "flow_name",
     offsetof(S, flow_name), 0, 0},
    {4, PB_MESSAGE, PB_OPTIONAL, "flow_identifier",
     offsetof(S, flow_identifier), 0, PB_ID_RESOLVED_IDENTIFIER},
    {999, PB_MESSAGE, PB_REPEATED, "extension",
     offsetof(S, extension), offsetof(S, extension_count), PB_ID_ANY},
};
#undef S

#define S struct pb_zip
static const struct pb_field zip_fields[] = {
    {1, PB_MESSAGE, PB_PLAIN, "left",
     offsetof(S, left), 0, PB_ID_RELATION},
    {2, PB_MESSAGE, PB_PLAIN, "right",
     offsetof(S, right), 0, PB_ID_RELATION},
};
#undef S

#define S struct pb_expression_literal_timestamp_ntz_nanos
static const struct pb_field expression_literal_timestamp_ntz_nanos_fields[] = {
    {1, PB_INT64, PB_PLAIN, "epoch_micros",
     offsetof(S, epoch_micros), 0, 0},
    {2, PB_INT32, PB_PLAIN, "nanos_within_micro",
     offsetof(S, nanos_within_micro), 0, 0},
    {3, PB_INT32, PB_OPTIONAL, "precision",
     offsetof(S, precision), offsetof(S, has_precision), 0},
};
#undef S

#define S struct pb_data_type_timestamp_ntz_nanos
static const struct pb_field data_type_timestamp_ntz_nanos_fields[] = {
    {1, PB_INT32, PB_OPTIONAL, "precision",
     offsetof(S, precision), offsetof(S, has_precision), 0},
    {2, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_expression_literal_timestamp_ltz_nanos
static const struct pb_field expression_literal_timestamp_ltz_nanos_fields[] = {
    {1, PB_INT64, PB_PLAIN, "epoch_micros",
     offsetof(S, epoch_micros), 0, 0},
    {2, PB_INT32, PB_PLAIN, "nanos_within_micro",
     offsetof(S, nanos_within_micro), 0, 0},
    {3, PB_INT32, PB_OPTIONAL, "precision",
     offsetof(S, precision), offsetof(S, has_precision), 0},
};
#undef S

#define S struct pb_data_type_timestamp_ltz_nanos
static const struct pb_field data_type_timestamp_ltz_nanos_fields[] = {
    {1, PB_INT32, PB_OPTIONAL, "precision",
     offsetof(S, precision), offsetof(S, has_precision), 0},
    {2, PB_UINT32, PB_PLAIN, "type_variation_reference",
     offsetof(S, type_variation_reference), 0, 0},
};
#undef S

#define S struct pb_any
static const struct pb_field any_fields[] = {
    {1, PB_STRING, PB_PLAIN, "type_url",
     offsetof(S, type_url), 0, 0},
    {2, PB_BYTES, PB_PLAIN, "value",
     offsetof(S, value), 0, 0},
};
#undef S

#define S struct pb_timestamp
static const struct pb_field timestamp_fields[] = {
    {1, PB_INT64, PB_PLAIN, "seconds",
     offsetof(S, seconds), 0, 0},
    {2, PB_INT32, PB_PLAIN, "nanos",
     offsetof(S, nanos), 0, 0},
};
#undef S

#define S struct pb_status
static const struct pb_field status_fields[] = {
    {1, PB_INT32, PB_PLAIN, "code",
     offsetof(S, code), 0, 0},
    {2, PB_STRING, PB_PLAIN, "message",
     offsetof(S, message), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "details",
     offsetof(S, details), offsetof(S, details_count), PB_ID_ANY},
};
#undef S

#define S struct pb_error_info
static const struct pb_field error_info_fields[] = {
    {1, PB_STRING, PB_PLAIN, "reason",
     offsetof(S, reason), 0, 0},
    {2, PB_STRING, PB_PLAIN, "domain",
     offsetof(S, domain), 0, 0},
    {3, PB_MESSAGE, PB_REPEATED, "metadata",
     offsetof(S, metadata), offsetof(S, metadata_count), PB_ID_MAP_STRING_STRING},
};
#undef S

#define S struct pb_map_string_execute_plan_response_metrics_metric_value
static const struct pb_field map_string_execute_plan_response_metrics_metric_value_fields[] = {
    {1, PB_STRING, PB_PLAIN, "key",
     offsetof(S, key), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "value",
     offsetof(S, value), 0, PB_ID_EXECUTE_PLAN_RESPONSE_METRICS_METRIC_VALUE},
};
#undef S

#define S struct pb_map_string_artifact_statuses_response_artifact_status
static const struct pb_field map_string_artifact_statuses_response_artifact_status_fields[] = {
    {1, PB_STRING, PB_PLAIN, "key",
     offsetof(S, key), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "value",
     offsetof(S, value), 0, PB_ID_ARTIFACT_STATUSES_RESPONSE_ARTIFACT_STATUS},
};
#undef S

#define S struct pb_map_string_string
static const struct pb_field map_string_string_fields[] = {
    {1, PB_STRING, PB_PLAIN, "key",
     offsetof(S, key), 0, 0},
    {2, PB_STRING, PB_PLAIN, "value",
     offsetof(S, value), 0, 0},
};
#undef S

#define S struct pb_map_string_expression_literal
static const struct pb_field map_string_expression_literal_fields[] = {
    {1, PB_STRING, PB_PLAIN, "key",
     offsetof(S, key), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "value",
     offsetof(S, value), 0, PB_ID_EXPRESSION_LITERAL},
};
#undef S

#define S struct pb_map_string_expression
static const struct pb_field map_string_expression_fields[] = {
    {1, PB_STRING, PB_PLAIN, "key",
     offsetof(S, key), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "value",
     offsetof(S, value), 0, PB_ID_EXPRESSION},
};
#undef S

#define S struct pb_map_string_resource_information
static const struct pb_field map_string_resource_information_fields[] = {
    {1, PB_STRING, PB_PLAIN, "key",
     offsetof(S, key), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "value",
     offsetof(S, value), 0, PB_ID_RESOURCE_INFORMATION},
};
#undef S

#define S struct pb_map_string_executor_resource_request
static const struct pb_field map_string_executor_resource_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "key",
     offsetof(S, key), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "value",
     offsetof(S, value), 0, PB_ID_EXECUTOR_RESOURCE_REQUEST},
};
#undef S

#define S struct pb_map_string_task_resource_request
static const struct pb_field map_string_task_resource_request_fields[] = {
    {1, PB_STRING, PB_PLAIN, "key",
     offsetof(S, key), 0, 0},
    {2, PB_MESSAGE, PB_PLAIN, "value",
     offsetof(S, value), 0, PB_ID_TASK_RESOURCE_REQUEST},
};
#undef S

const struct pb_message pb_messages[PB_ID_COUNT] = {
    [PB_ID_PLAN] = {"Plan", plan_fields, 3,
        sizeof(struct pb_plan), false},
    [PB_ID_PLAN_COMPRESSED_OPERATION] = {"Plan.CompressedOperation", plan_compressed_operation_fields, 3,
        sizeof(struct pb_plan_compressed_operation), false},
    [PB_ID_USER_CONTEXT] = {"UserContext", user_context_fields, 3,
        sizeof(struct pb_user_context), false},
    [PB_ID_ANALYZE_PLAN_REQUEST] = {"AnalyzePlanRequest", analyze_plan_request_fields, 18,
        sizeof(struct pb_analyze_plan_request), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_SCHEMA] = {"AnalyzePlanRequest.Schema", analyze_plan_request_schema_fields, 1,
        sizeof(struct pb_analyze_plan_request_schema), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_EXPLAIN] = {"AnalyzePlanRequest.Explain", analyze_plan_request_explain_fields, 2,
        sizeof(struct pb_analyze_plan_request_explain), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_TREE_STRING] = {"AnalyzePlanRequest.TreeString", analyze_plan_request_tree_string_fields, 2,
        sizeof(struct pb_analyze_plan_request_tree_string), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_IS_LOCAL] = {"AnalyzePlanRequest.IsLocal", analyze_plan_request_is_local_fields, 1,
        sizeof(struct pb_analyze_plan_request_is_local), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_IS_STREAMING] = {"AnalyzePlanRequest.IsStreaming", analyze_plan_request_is_streaming_fields, 1,
        sizeof(struct pb_analyze_plan_request_is_streaming), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_INPUT_FILES] = {"AnalyzePlanRequest.InputFiles", analyze_plan_request_input_files_fields, 1,
        sizeof(struct pb_analyze_plan_request_input_files), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_SPARK_VERSION] = {"AnalyzePlanRequest.SparkVersion", NULL, 0,
        sizeof(struct pb_analyze_plan_request_spark_version), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_DDL_PARSE] = {"AnalyzePlanRequest.DDLParse", analyze_plan_request_ddl_parse_fields, 1,
        sizeof(struct pb_analyze_plan_request_ddl_parse), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_SAME_SEMANTICS] = {"AnalyzePlanRequest.SameSemantics", analyze_plan_request_same_semantics_fields, 2,
        sizeof(struct pb_analyze_plan_request_same_semantics), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_SEMANTIC_HASH] = {"AnalyzePlanRequest.SemanticHash", analyze_plan_request_semantic_hash_fields, 1,
        sizeof(struct pb_analyze_plan_request_semantic_hash), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_PERSIST] = {"AnalyzePlanRequest.Persist", analyze_plan_request_persist_fields, 2,
        sizeof(struct pb_analyze_plan_request_persist), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_UNPERSIST] = {"AnalyzePlanRequest.Unpersist", analyze_plan_request_unpersist_fields, 2,
        sizeof(struct pb_analyze_plan_request_unpersist), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_GET_STORAGE_LEVEL] = {"AnalyzePlanRequest.GetStorageLevel", analyze_plan_request_get_storage_level_fields, 1,
        sizeof(struct pb_analyze_plan_request_get_storage_level), false},
    [PB_ID_ANALYZE_PLAN_REQUEST_JSON_TO_DDL] = {"AnalyzePlanRequest.JsonToDDL", analyze_plan_request_json_to_ddl_fields, 1,
        sizeof(struct pb_analyze_plan_request_json_to_ddl), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE] = {"AnalyzePlanResponse", analyze_plan_response_fields, 16,
        sizeof(struct pb_analyze_plan_response), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_SCHEMA] = {"AnalyzePlanResponse.Schema", analyze_plan_response_schema_fields, 1,
        sizeof(struct pb_analyze_plan_response_schema), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_EXPLAIN] = {"AnalyzePlanResponse.Explain", analyze_plan_response_explain_fields, 1,
        sizeof(struct pb_analyze_plan_response_explain), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_TREE_STRING] = {"AnalyzePlanResponse.TreeString", analyze_plan_response_tree_string_fields, 1,
        sizeof(struct pb_analyze_plan_response_tree_string), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_IS_LOCAL] = {"AnalyzePlanResponse.IsLocal", analyze_plan_response_is_local_fields, 1,
        sizeof(struct pb_analyze_plan_response_is_local), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_IS_STREAMING] = {"AnalyzePlanResponse.IsStreaming", analyze_plan_response_is_streaming_fields, 1,
        sizeof(struct pb_analyze_plan_response_is_streaming), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_INPUT_FILES] = {"AnalyzePlanResponse.InputFiles", analyze_plan_response_input_files_fields, 1,
        sizeof(struct pb_analyze_plan_response_input_files), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_SPARK_VERSION] = {"AnalyzePlanResponse.SparkVersion", analyze_plan_response_spark_version_fields, 1,
        sizeof(struct pb_analyze_plan_response_spark_version), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_DDL_PARSE] = {"AnalyzePlanResponse.DDLParse", analyze_plan_response_ddl_parse_fields, 1,
        sizeof(struct pb_analyze_plan_response_ddl_parse), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_SAME_SEMANTICS] = {"AnalyzePlanResponse.SameSemantics", analyze_plan_response_same_semantics_fields, 1,
        sizeof(struct pb_analyze_plan_response_same_semantics), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_SEMANTIC_HASH] = {"AnalyzePlanResponse.SemanticHash", analyze_plan_response_semantic_hash_fields, 1,
        sizeof(struct pb_analyze_plan_response_semantic_hash), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_PERSIST] = {"AnalyzePlanResponse.Persist", NULL, 0,
        sizeof(struct pb_analyze_plan_response_persist), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_UNPERSIST] = {"AnalyzePlanResponse.Unpersist", NULL, 0,
        sizeof(struct pb_analyze_plan_response_unpersist), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_GET_STORAGE_LEVEL] = {"AnalyzePlanResponse.GetStorageLevel", analyze_plan_response_get_storage_level_fields, 1,
        sizeof(struct pb_analyze_plan_response_get_storage_level), false},
    [PB_ID_ANALYZE_PLAN_RESPONSE_JSON_TO_DDL] = {"AnalyzePlanResponse.JsonToDDL", analyze_plan_response_json_to_ddl_fields, 1,
        sizeof(struct pb_analyze_plan_response_json_to_ddl), false},
    [PB_ID_EXECUTE_PLAN_REQUEST] = {"ExecutePlanRequest", execute_plan_request_fields, 8,
        sizeof(struct pb_execute_plan_request), false},
    [PB_ID_EXECUTE_PLAN_REQUEST_REQUEST_OPTION] = {"ExecutePlanRequest.RequestOption", execute_plan_request_request_option_fields, 3,
        sizeof(struct pb_execute_plan_request_request_option), false},
    [PB_ID_EXECUTE_PLAN_RESPONSE] = {"ExecutePlanResponse", execute_plan_response_fields, 23,
        sizeof(struct pb_execute_plan_response), false},
    [PB_ID_EXECUTE_PLAN_RESPONSE_SQL_COMMAND_RESULT] = {"ExecutePlanResponse.SqlCommandResult", execute_plan_response_sql_command_result_fields, 1,
        sizeof(struct pb_execute_plan_response_sql_command_result), false},
    [PB_ID_EXECUTE_PLAN_RESPONSE_ARROW_BATCH] = {"ExecutePlanResponse.ArrowBatch", execute_plan_response_arrow_batch_fields, 5,
        sizeof(struct pb_execute_plan_response_arrow_batch), false},
    [PB_ID_EXECUTE_PLAN_RESPONSE_METRICS] = {"ExecutePlanResponse.Metrics", execute_plan_response_metrics_fields, 1,
        sizeof(struct pb_execute_plan_response_metrics), false},
    [PB_ID_EXECUTE_PLAN_RESPONSE_METRICS_METRIC_OBJECT] = {"ExecutePlanResponse.Metrics.MetricObject", execute_plan_response_metrics_metric_object_fields, 4,
        sizeof(struct pb_execute_plan_response_metrics_metric_object), false},
    [PB_ID_EXECUTE_PLAN_RESPONSE_METRICS_METRIC_VALUE] = {"ExecutePlanResponse.Metrics.MetricValue", execute_plan_response_metrics_metric_value_fields, 3,
        sizeof(struct pb_execute_plan_response_metrics_metric_value), false},
    [PB_ID_EXECUTE_PLAN_RESPONSE_OBSERVED_METRICS] = {"ExecutePlanResponse.ObservedMetrics", execute_plan_response_observed_metrics_fields, 6,
        sizeof(struct pb_execute_plan_response_observed_metrics), false},
    [PB_ID_EXECUTE_PLAN_RESPONSE_RESULT_COMPLETE] = {"ExecutePlanResponse.ResultComplete", NULL, 0,
        sizeof(struct pb_execute_plan_response_result_complete), false},
    [PB_ID_EXECUTE_PLAN_RESPONSE_EXECUTION_PROGRESS] = {"ExecutePlanResponse.ExecutionProgress", execute_plan_response_execution_progress_fields, 2,
        sizeof(struct pb_execute_plan_response_execution_progress), false},
    [PB_ID_EXECUTE_PLAN_RESPONSE_EXECUTION_PROGRESS_STAGE_INFO] = {"ExecutePlanResponse.ExecutionProgress.StageInfo", execute_plan_response_execution_progress_stage_info_fields, 5,
        sizeof(struct pb_execute_plan_response_execution_progress_stage_info), false},
    [PB_ID_KEY_VALUE] = {"KeyValue", key_value_fields, 2,
        sizeof(struct pb_key_value), false},
    [PB_ID_CONFIG_REQUEST] = {"ConfigRequest", config_request_fields, 5,
        sizeof(struct pb_config_request), false},
    [PB_ID_CONFIG_REQUEST_OPERATION] = {"ConfigRequest.Operation", config_request_operation_fields, 7,
        sizeof(struct pb_config_request_operation), false},
    [PB_ID_CONFIG_REQUEST_SET] = {"ConfigRequest.Set", config_request_set_fields, 2,
        sizeof(struct pb_config_request_set), false},
    [PB_ID_CONFIG_REQUEST_GET] = {"ConfigRequest.Get", config_request_get_fields, 1,
        sizeof(struct pb_config_request_get), false},
    [PB_ID_CONFIG_REQUEST_GET_WITH_DEFAULT] = {"ConfigRequest.GetWithDefault", config_request_get_with_default_fields, 1,
        sizeof(struct pb_config_request_get_with_default), false},
    [PB_ID_CONFIG_REQUEST_GET_OPTION] = {"ConfigRequest.GetOption", config_request_get_option_fields, 1,
        sizeof(struct pb_config_request_get_option), false},
    [PB_ID_CONFIG_REQUEST_GET_ALL] = {"ConfigRequest.GetAll", config_request_get_all_fields, 1,
        sizeof(struct pb_config_request_get_all), false},
    [PB_ID_CONFIG_REQUEST_UNSET] = {"ConfigRequest.Unset", config_request_unset_fields, 1,
        sizeof(struct pb_config_request_unset), false},
    [PB_ID_CONFIG_REQUEST_IS_MODIFIABLE] = {"ConfigRequest.IsModifiable", config_request_is_modifiable_fields, 1,
        sizeof(struct pb_config_request_is_modifiable), false},
    [PB_ID_CONFIG_RESPONSE] = {"ConfigResponse", config_response_fields, 4,
        sizeof(struct pb_config_response), false},
    [PB_ID_ADD_ARTIFACTS_REQUEST] = {"AddArtifactsRequest", add_artifacts_request_fields, 7,
        sizeof(struct pb_add_artifacts_request), false},
    [PB_ID_ADD_ARTIFACTS_REQUEST_ARTIFACT_CHUNK] = {"AddArtifactsRequest.ArtifactChunk", add_artifacts_request_artifact_chunk_fields, 2,
        sizeof(struct pb_add_artifacts_request_artifact_chunk), false},
    [PB_ID_ADD_ARTIFACTS_REQUEST_SINGLE_CHUNK_ARTIFACT] = {"AddArtifactsRequest.SingleChunkArtifact", add_artifacts_request_single_chunk_artifact_fields, 2,
        sizeof(struct pb_add_artifacts_request_single_chunk_artifact), false},
    [PB_ID_ADD_ARTIFACTS_REQUEST_BATCH] = {"AddArtifactsRequest.Batch", add_artifacts_request_batch_fields, 1,
        sizeof(struct pb_add_artifacts_request_batch), false},
    [PB_ID_ADD_ARTIFACTS_REQUEST_BEGIN_CHUNKED_ARTIFACT] = {"AddArtifactsRequest.BeginChunkedArtifact", add_artifacts_request_begin_chunked_artifact_fields, 4,
        sizeof(struct pb_add_artifacts_request_begin_chunked_artifact), false},
    [PB_ID_ADD_ARTIFACTS_RESPONSE] = {"AddArtifactsResponse", add_artifacts_response_fields, 3,
        sizeof(struct pb_add_artifacts_response), false},
    [PB_ID_ADD_ARTIFACTS_RESPONSE_ARTIFACT_SUMMARY] = {"AddArtifactsResponse.ArtifactSummary", add_artifacts_response_artifact_summary_fields, 2,
        sizeof(struct pb_add_artifacts_response_artifact_summary), false},
    [PB_ID_ARTIFACT_STATUSES_REQUEST] = {"ArtifactStatusesRequest", artifact_statuses_request_fields, 5,
        sizeof(struct pb_artifact_statuses_request), false},
    [PB_ID_ARTIFACT_STATUSES_RESPONSE] = {"ArtifactStatusesResponse", artifact_statuses_response_fields, 3,
        sizeof(struct pb_artifact_statuses_response), false},
    [PB_ID_ARTIFACT_STATUSES_RESPONSE_ARTIFACT_STATUS] = {"ArtifactStatusesResponse.ArtifactStatus", artifact_statuses_response_artifact_status_fields, 1,
        sizeof(struct pb_artifact_statuses_response_artifact_status), false},
    [PB_ID_INTERRUPT_REQUEST] = {"InterruptRequest", interrupt_request_fields, 7,
        sizeof(struct pb_interrupt_request), false},
    [PB_ID_INTERRUPT_RESPONSE] = {"InterruptResponse", interrupt_response_fields, 3,
        sizeof(struct pb_interrupt_response), false},
    [PB_ID_REATTACH_OPTIONS] = {"ReattachOptions", reattach_options_fields, 1,
        sizeof(struct pb_reattach_options), false},
    [PB_ID_RESULT_CHUNKING_OPTIONS] = {"ResultChunkingOptions", result_chunking_options_fields, 2,
        sizeof(struct pb_result_chunking_options), false},
    [PB_ID_REATTACH_EXECUTE_REQUEST] = {"ReattachExecuteRequest", reattach_execute_request_fields, 6,
        sizeof(struct pb_reattach_execute_request), false},
    [PB_ID_RELEASE_EXECUTE_REQUEST] = {"ReleaseExecuteRequest", release_execute_request_fields, 7,
        sizeof(struct pb_release_execute_request), false},
    [PB_ID_RELEASE_EXECUTE_REQUEST_RELEASE_ALL] = {"ReleaseExecuteRequest.ReleaseAll", NULL, 0,
        sizeof(struct pb_release_execute_request_release_all), false},
    [PB_ID_RELEASE_EXECUTE_REQUEST_RELEASE_UNTIL] = {"ReleaseExecuteRequest.ReleaseUntil", release_execute_request_release_until_fields, 1,
        sizeof(struct pb_release_execute_request_release_until), false},
    [PB_ID_RELEASE_EXECUTE_RESPONSE] = {"ReleaseExecuteResponse", release_execute_response_fields, 3,
        sizeof(struct pb_release_execute_response), false},
    [PB_ID_RELEASE_SESSION_REQUEST] = {"ReleaseSessionRequest", release_session_request_fields, 4,
        sizeof(struct pb_release_session_request), false},
    [PB_ID_RELEASE_SESSION_RESPONSE] = {"ReleaseSessionResponse", release_session_response_fields, 2,
        sizeof(struct pb_release_session_response), false},
    [PB_ID_FETCH_ERROR_DETAILS_REQUEST] = {"FetchErrorDetailsRequest", fetch_error_details_request_fields, 5,
        sizeof(struct pb_fetch_error_details_request), false},
    [PB_ID_FETCH_ERROR_DETAILS_RESPONSE] = {"FetchErrorDetailsResponse", fetch_error_details_response_fields, 4,
        sizeof(struct pb_fetch_error_details_response), false},
    [PB_ID_FETCH_ERROR_DETAILS_RESPONSE_STACK_TRACE_ELEMENT] = {"FetchErrorDetailsResponse.StackTraceElement", fetch_error_details_response_stack_trace_element_fields, 4,
        sizeof(struct pb_fetch_error_details_response_stack_trace_element), false},
    [PB_ID_FETCH_ERROR_DETAILS_RESPONSE_QUERY_CONTEXT] = {"FetchErrorDetailsResponse.QueryContext", fetch_error_details_response_query_context_fields, 8,
        sizeof(struct pb_fetch_error_details_response_query_context), false},
    [PB_ID_FETCH_ERROR_DETAILS_RESPONSE_SPARK_THROWABLE] = {"FetchErrorDetailsResponse.SparkThrowable", fetch_error_details_response_spark_throwable_fields, 5,
        sizeof(struct pb_fetch_error_details_response_spark_throwable), false},
    [PB_ID_FETCH_ERROR_DETAILS_RESPONSE_BREAKING_CHANGE_INFO] = {"FetchErrorDetailsResponse.BreakingChangeInfo", fetch_error_details_response_breaking_change_info_fields, 3,
        sizeof(struct pb_fetch_error_details_response_breaking_change_info), false},
    [PB_ID_FETCH_ERROR_DETAILS_RESPONSE_MITIGATION_CONFIG] = {"FetchErrorDetailsResponse.MitigationConfig", fetch_error_details_response_mitigation_config_fields, 2,
        sizeof(struct pb_fetch_error_details_response_mitigation_config), false},
    [PB_ID_FETCH_ERROR_DETAILS_RESPONSE_ERROR] = {"FetchErrorDetailsResponse.Error", fetch_error_details_response_error_fields, 5,
        sizeof(struct pb_fetch_error_details_response_error), false},
    [PB_ID_CHECKPOINT_COMMAND_RESULT] = {"CheckpointCommandResult", checkpoint_command_result_fields, 1,
        sizeof(struct pb_checkpoint_command_result), false},
    [PB_ID_CLONE_SESSION_REQUEST] = {"CloneSessionRequest", clone_session_request_fields, 5,
        sizeof(struct pb_clone_session_request), false},
    [PB_ID_CLONE_SESSION_RESPONSE] = {"CloneSessionResponse", clone_session_response_fields, 4,
        sizeof(struct pb_clone_session_response), false},
    [PB_ID_GET_STATUS_REQUEST] = {"GetStatusRequest", get_status_request_fields, 6,
        sizeof(struct pb_get_status_request), false},
    [PB_ID_GET_STATUS_REQUEST_OPERATION_STATUS_REQUEST] = {"GetStatusRequest.OperationStatusRequest", get_status_request_operation_status_request_fields, 2,
        sizeof(struct pb_get_status_request_operation_status_request), false},
    [PB_ID_GET_STATUS_RESPONSE] = {"GetStatusResponse", get_status_response_fields, 4,
        sizeof(struct pb_get_status_response), false},
    [PB_ID_GET_STATUS_RESPONSE_OPERATION_STATUS] = {"GetStatusResponse.OperationStatus", get_status_response_operation_status_fields, 3,
        sizeof(struct pb_get_status_response_operation_status), false},
    [PB_ID_RELATION] = {"Relation", relation_fields, 63,
        sizeof(struct pb_relation), true},
    [PB_ID_ML_RELATION] = {"MlRelation", ml_relation_fields, 3,
        sizeof(struct pb_ml_relation), false},
    [PB_ID_ML_RELATION_TRANSFORM] = {"MlRelation.Transform", ml_relation_transform_fields, 4,
        sizeof(struct pb_ml_relation_transform), false},
    [PB_ID_FETCH] = {"Fetch", fetch_fields, 2,
        sizeof(struct pb_fetch), false},
    [PB_ID_FETCH_METHOD] = {"Fetch.Method", fetch_method_fields, 2,
        sizeof(struct pb_fetch_method), false},
    [PB_ID_FETCH_METHOD_ARGS] = {"Fetch.Method.Args", fetch_method_args_fields, 2,
        sizeof(struct pb_fetch_method_args), false},
    [PB_ID_UNKNOWN] = {"Unknown", NULL, 0,
        sizeof(struct pb_unknown), false},
    [PB_ID_RELATION_COMMON] = {"RelationCommon", relation_common_fields, 3,
        sizeof(struct pb_relation_common), false},
    [PB_ID_SQL] = {"SQL", sql_fields, 5,
        sizeof(struct pb_sql), false},
    [PB_ID_WITH_RELATIONS] = {"WithRelations", with_relations_fields, 2,
        sizeof(struct pb_with_relations), false},
    [PB_ID_READ] = {"Read", read_fields, 3,
        sizeof(struct pb_read), false},
    [PB_ID_READ_NAMED_TABLE] = {"Read.NamedTable", read_named_table_fields, 2,
        sizeof(struct pb_read_named_table), false},
    [PB_ID_READ_DATA_SOURCE] = {"Read.DataSource", read_data_source_fields, 6,
        sizeof(struct pb_read_data_source), false},
    [PB_ID_RELATION_CHANGES] = {"RelationChanges", relation_changes_fields, 3,
        sizeof(struct pb_relation_changes), false},
    [PB_ID_PROJECT] = {"Project", project_fields, 2,
        sizeof(struct pb_project), false},
    [PB_ID_FILTER] = {"Filter", filter_fields, 2,
        sizeof(struct pb_filter), false},
    [PB_ID_JOIN] = {"Join", join_fields, 6,
        sizeof(struct pb_join), false},
    [PB_ID_JOIN_JOIN_DATA_TYPE] = {"Join.JoinDataType", join_join_data_type_fields, 2,
        sizeof(struct pb_join_join_data_type), false},
    [PB_ID_SET_OPERATION] = {"SetOperation", set_operation_fields, 6,
        sizeof(struct pb_set_operation), false},
    [PB_ID_LIMIT] = {"Limit", limit_fields, 2,
        sizeof(struct pb_limit), false},
    [PB_ID_OFFSET] = {"Offset", offset_fields, 2,
        sizeof(struct pb_offset), false},
    [PB_ID_TAIL] = {"Tail", tail_fields, 2,
        sizeof(struct pb_tail), false},
    [PB_ID_AGGREGATE] = {"Aggregate", aggregate_fields, 6,
        sizeof(struct pb_aggregate), false},
    [PB_ID_AGGREGATE_PIVOT] = {"Aggregate.Pivot", aggregate_pivot_fields, 2,
        sizeof(struct pb_aggregate_pivot), false},
    [PB_ID_AGGREGATE_GROUPING_SETS] = {"Aggregate.GroupingSets", aggregate_grouping_sets_fields, 1,
        sizeof(struct pb_aggregate_grouping_sets), false},
    [PB_ID_SORT] = {"Sort", sort_fields, 3,
        sizeof(struct pb_sort), false},
    [PB_ID_DROP] = {"Drop", drop_fields, 3,
        sizeof(struct pb_drop), false},
    [PB_ID_DEDUPLICATE] = {"Deduplicate", deduplicate_fields, 4,
        sizeof(struct pb_deduplicate), false},
    [PB_ID_LOCAL_RELATION] = {"LocalRelation", local_relation_fields, 2,
        sizeof(struct pb_local_relation), false},
    [PB_ID_CACHED_LOCAL_RELATION] = {"CachedLocalRelation", cached_local_relation_fields, 1,
        sizeof(struct pb_cached_local_relation), false},
    [PB_ID_CHUNKED_CACHED_LOCAL_RELATION] = {"ChunkedCachedLocalRelation", chunked_cached_local_relation_fields, 2,
        sizeof(struct pb_chunked_cached_local_relation), false},
    [PB_ID_CACHED_REMOTE_RELATION] = {"CachedRemoteRelation", cached_remote_relation_fields, 1,
        sizeof(struct pb_cached_remote_relation), false},
    [PB_ID_SAMPLE] = {"Sample", sample_fields, 6,
        sizeof(struct pb_sample), false},
    [PB_ID_RANGE] = {"Range", range_fields, 4,
        sizeof(struct pb_range), false},
    [PB_ID_SUBQUERY_ALIAS] = {"SubqueryAlias", subquery_alias_fields, 3,
        sizeof(struct pb_subquery_alias), false},
    [PB_ID_REPARTITION] = {"Repartition", repartition_fields, 3,
        sizeof(struct pb_repartition), false},
    [PB_ID_SHOW_STRING] = {"ShowString", show_string_fields, 4,
        sizeof(struct pb_show_string), false},
    [PB_ID_HTML_STRING] = {"HtmlString", html_string_fields, 3,
        sizeof(struct pb_html_string), false},
    [PB_ID_STAT_SUMMARY] = {"StatSummary", stat_summary_fields, 2,
        sizeof(struct pb_stat_summary), false},
    [PB_ID_STAT_DESCRIBE] = {"StatDescribe", stat_describe_fields, 2,
        sizeof(struct pb_stat_describe), false},
    [PB_ID_STAT_CROSSTAB] = {"StatCrosstab", stat_crosstab_fields, 3,
        sizeof(struct pb_stat_crosstab), false},
    [PB_ID_STAT_COV] = {"StatCov", stat_cov_fields, 3,
        sizeof(struct pb_stat_cov), false},
    [PB_ID_STAT_CORR] = {"StatCorr", stat_corr_fields, 4,
        sizeof(struct pb_stat_corr), false},
    [PB_ID_STAT_APPROX_QUANTILE] = {"StatApproxQuantile", stat_approx_quantile_fields, 4,
        sizeof(struct pb_stat_approx_quantile), false},
    [PB_ID_STAT_FREQ_ITEMS] = {"StatFreqItems", stat_freq_items_fields, 3,
        sizeof(struct pb_stat_freq_items), false},
    [PB_ID_STAT_SAMPLE_BY] = {"StatSampleBy", stat_sample_by_fields, 4,
        sizeof(struct pb_stat_sample_by), false},
    [PB_ID_STAT_SAMPLE_BY_FRACTION] = {"StatSampleBy.Fraction", stat_sample_by_fraction_fields, 2,
        sizeof(struct pb_stat_sample_by_fraction), false},
    [PB_ID_NA_FILL] = {"NAFill", na_fill_fields, 3,
        sizeof(struct pb_na_fill), false},
    [PB_ID_NA_DROP] = {"NADrop", na_drop_fields, 3,
        sizeof(struct pb_na_drop), false},
    [PB_ID_NA_REPLACE] = {"NAReplace", na_replace_fields, 3,
        sizeof(struct pb_na_replace), false},
    [PB_ID_NA_REPLACE_REPLACEMENT] = {"NAReplace.Replacement", na_replace_replacement_fields, 2,
        sizeof(struct pb_na_replace_replacement), false},
    [PB_ID_TO_DF] = {"ToDF", to_df_fields, 2,
        sizeof(struct pb_to_df), false},
    [PB_ID_WITH_COLUMNS_RENAMED] = {"WithColumnsRenamed", with_columns_renamed_fields, 3,
        sizeof(struct pb_with_columns_renamed), false},
    [PB_ID_WITH_COLUMNS_RENAMED_RENAME] = {"WithColumnsRenamed.Rename", with_columns_renamed_rename_fields, 2,
        sizeof(struct pb_with_columns_renamed_rename), false},
    [PB_ID_WITH_COLUMNS] = {"WithColumns", with_columns_fields, 2,
        sizeof(struct pb_with_columns), false},
    [PB_ID_WITH_WATERMARK] = {"WithWatermark", with_watermark_fields, 3,
        sizeof(struct pb_with_watermark), false},
    [PB_ID_HINT] = {"Hint", hint_fields, 3,
        sizeof(struct pb_hint), false},
    [PB_ID_UNPIVOT] = {"Unpivot", unpivot_fields, 5,
        sizeof(struct pb_unpivot), false},
    [PB_ID_UNPIVOT_VALUES] = {"Unpivot.Values", unpivot_values_fields, 1,
        sizeof(struct pb_unpivot_values), false},
    [PB_ID_TRANSPOSE] = {"Transpose", transpose_fields, 2,
        sizeof(struct pb_transpose), false},
    [PB_ID_UNRESOLVED_TABLE_VALUED_FUNCTION] = {"UnresolvedTableValuedFunction", unresolved_table_valued_function_fields, 2,
        sizeof(struct pb_unresolved_table_valued_function), false},
    [PB_ID_TO_SCHEMA] = {"ToSchema", to_schema_fields, 2,
        sizeof(struct pb_to_schema), false},
    [PB_ID_REPARTITION_BY_EXPRESSION] = {"RepartitionByExpression", repartition_by_expression_fields, 3,
        sizeof(struct pb_repartition_by_expression), false},
    [PB_ID_MAP_PARTITIONS] = {"MapPartitions", map_partitions_fields, 4,
        sizeof(struct pb_map_partitions), false},
    [PB_ID_GROUP_MAP] = {"GroupMap", group_map_fields, 11,
        sizeof(struct pb_group_map), false},
    [PB_ID_TRANSFORM_WITH_STATE_INFO] = {"TransformWithStateInfo", transform_with_state_info_fields, 3,
        sizeof(struct pb_transform_with_state_info), false},
    [PB_ID_CO_GROUP_MAP] = {"CoGroupMap", co_group_map_fields, 7,
        sizeof(struct pb_co_group_map), false},
    [PB_ID_APPLY_IN_PANDAS_WITH_STATE] = {"ApplyInPandasWithState", apply_in_pandas_with_state_fields, 7,
        sizeof(struct pb_apply_in_pandas_with_state), false},
    [PB_ID_COMMON_INLINE_USER_DEFINED_TABLE_FUNCTION] = {"CommonInlineUserDefinedTableFunction", common_inline_user_defined_table_function_fields, 4,
        sizeof(struct pb_common_inline_user_defined_table_function), false},
    [PB_ID_PYTHON_UDTF] = {"PythonUDTF", python_udtf_fields, 4,
        sizeof(struct pb_python_udtf), false},
    [PB_ID_COMMON_INLINE_USER_DEFINED_DATA_SOURCE] = {"CommonInlineUserDefinedDataSource", common_inline_user_defined_data_source_fields, 2,
        sizeof(struct pb_common_inline_user_defined_data_source), false},
    [PB_ID_PYTHON_DATA_SOURCE] = {"PythonDataSource", python_data_source_fields, 2,
        sizeof(struct pb_python_data_source), false},
    [PB_ID_COLLECT_METRICS] = {"CollectMetrics", collect_metrics_fields, 3,
        sizeof(struct pb_collect_metrics), false},
    [PB_ID_PARSE] = {"Parse", parse_fields, 4,
        sizeof(struct pb_parse), false},
    [PB_ID_AS_OF_JOIN] = {"AsOfJoin", as_of_join_fields, 10,
        sizeof(struct pb_as_of_join), false},
    [PB_ID_LATERAL_JOIN] = {"LateralJoin", lateral_join_fields, 4,
        sizeof(struct pb_lateral_join), false},
    [PB_ID_NEAREST_BY_JOIN] = {"NearestByJoin", nearest_by_join_fields, 7,
        sizeof(struct pb_nearest_by_join), false},
    [PB_ID_EXPRESSION] = {"Expression", expression_fields, 23,
        sizeof(struct pb_expression), false},
    [PB_ID_EXPRESSION_WINDOW] = {"Expression.Window", expression_window_fields, 4,
        sizeof(struct pb_expression_window), false},
    [PB_ID_EXPRESSION_WINDOW_WINDOW_FRAME] = {"Expression.Window.WindowFrame", expression_window_window_frame_fields, 3,
        sizeof(struct pb_expression_window_window_frame), false},
    [PB_ID_EXPRESSION_WINDOW_WINDOW_FRAME_FRAME_BOUNDARY] = {"Expression.Window.WindowFrame.FrameBoundary", expression_window_window_frame_frame_boundary_fields, 3,
        sizeof(struct pb_expression_window_window_frame_frame_boundary), false},
    [PB_ID_EXPRESSION_SORT_ORDER] = {"Expression.SortOrder", expression_sort_order_fields, 3,
        sizeof(struct pb_expression_sort_order), false},
    [PB_ID_EXPRESSION_DIRECT_SHUFFLE_PARTITION_ID] = {"Expression.DirectShufflePartitionID", expression_direct_shuffle_partition_id_fields, 1,
        sizeof(struct pb_expression_direct_shuffle_partition_id), false},
    [PB_ID_EXPRESSION_CAST] = {"Expression.Cast", expression_cast_fields, 4,
        sizeof(struct pb_expression_cast), false},
    [PB_ID_EXPRESSION_LITERAL] = {"Expression.Literal", expression_literal_fields, 25,
        sizeof(struct pb_expression_literal), false},
    [PB_ID_EXPRESSION_LITERAL_DECIMAL] = {"Expression.Literal.Decimal", expression_literal_decimal_fields, 3,
        sizeof(struct pb_expression_literal_decimal), false},
    [PB_ID_EXPRESSION_LITERAL_CALENDAR_INTERVAL] = {"Expression.Literal.CalendarInterval", expression_literal_calendar_interval_fields, 3,
        sizeof(struct pb_expression_literal_calendar_interval), false},
    [PB_ID_EXPRESSION_LITERAL_ARRAY] = {"Expression.Literal.Array", expression_literal_array_fields, 2,
        sizeof(struct pb_expression_literal_array), false},
    [PB_ID_EXPRESSION_LITERAL_MAP] = {"Expression.Literal.Map", expression_literal_map_fields, 4,
        sizeof(struct pb_expression_literal_map), false},
    [PB_ID_EXPRESSION_LITERAL_STRUCT] = {"Expression.Literal.Struct", expression_literal_struct_fields, 2,
        sizeof(struct pb_expression_literal_struct), false},
    [PB_ID_EXPRESSION_LITERAL_SPECIALIZED_ARRAY] = {"Expression.Literal.SpecializedArray", expression_literal_specialized_array_fields, 6,
        sizeof(struct pb_expression_literal_specialized_array), false},
    [PB_ID_EXPRESSION_LITERAL_TIME] = {"Expression.Literal.Time", expression_literal_time_fields, 2,
        sizeof(struct pb_expression_literal_time), false},
    [PB_ID_EXPRESSION_UNRESOLVED_ATTRIBUTE] = {"Expression.UnresolvedAttribute", expression_unresolved_attribute_fields, 3,
        sizeof(struct pb_expression_unresolved_attribute), false},
    [PB_ID_EXPRESSION_UNRESOLVED_FUNCTION] = {"Expression.UnresolvedFunction", expression_unresolved_function_fields, 5,
        sizeof(struct pb_expression_unresolved_function), false},
    [PB_ID_EXPRESSION_EXPRESSION_STRING] = {"Expression.ExpressionString", expression_expression_string_fields, 1,
        sizeof(struct pb_expression_expression_string), false},
    [PB_ID_EXPRESSION_UNRESOLVED_STAR] = {"Expression.UnresolvedStar", expression_unresolved_star_fields, 2,
        sizeof(struct pb_expression_unresolved_star), false},
    [PB_ID_EXPRESSION_UNRESOLVED_REGEX] = {"Expression.UnresolvedRegex", expression_unresolved_regex_fields, 2,
        sizeof(struct pb_expression_unresolved_regex), false},
    [PB_ID_EXPRESSION_UNRESOLVED_EXTRACT_VALUE] = {"Expression.UnresolvedExtractValue", expression_unresolved_extract_value_fields, 2,
        sizeof(struct pb_expression_unresolved_extract_value), false},
    [PB_ID_EXPRESSION_UPDATE_FIELDS] = {"Expression.UpdateFields", expression_update_fields_fields, 3,
        sizeof(struct pb_expression_update_fields), false},
    [PB_ID_EXPRESSION_ALIAS] = {"Expression.Alias", expression_alias_fields, 3,
        sizeof(struct pb_expression_alias), false},
    [PB_ID_EXPRESSION_LAMBDA_FUNCTION] = {"Expression.LambdaFunction", expression_lambda_function_fields, 2,
        sizeof(struct pb_expression_lambda_function), false},
    [PB_ID_EXPRESSION_UNRESOLVED_NAMED_LAMBDA_VARIABLE] = {"Expression.UnresolvedNamedLambdaVariable", expression_unresolved_named_lambda_variable_fields, 1,
        sizeof(struct pb_expression_unresolved_named_lambda_variable), false},
    [PB_ID_EXPRESSION_COMMON] = {"ExpressionCommon", expression_common_fields, 1,
        sizeof(struct pb_expression_common), false},
    [PB_ID_COMMON_INLINE_USER_DEFINED_FUNCTION] = {"CommonInlineUserDefinedFunction", common_inline_user_defined_function_fields, 7,
        sizeof(struct pb_common_inline_user_defined_function), false},
    [PB_ID_PYTHON_UDF] = {"PythonUDF", python_udf_fields, 5,
        sizeof(struct pb_python_udf), false},
    [PB_ID_SCALAR_SCALA_UDF] = {"ScalarScalaUDF", scalar_scala_udf_fields, 5,
        sizeof(struct pb_scalar_scala_udf), false},
    [PB_ID_JAVA_UDF] = {"JavaUDF", java_udf_fields, 3,
        sizeof(struct pb_java_udf), false},
    [PB_ID_TYPED_AGGREGATE_EXPRESSION] = {"TypedAggregateExpression", typed_aggregate_expression_fields, 1,
        sizeof(struct pb_typed_aggregate_expression), false},
    [PB_ID_CALL_FUNCTION] = {"CallFunction", call_function_fields, 2,
        sizeof(struct pb_call_function), false},
    [PB_ID_NAMED_ARGUMENT_EXPRESSION] = {"NamedArgumentExpression", named_argument_expression_fields, 2,
        sizeof(struct pb_named_argument_expression), false},
    [PB_ID_MERGE_ACTION] = {"MergeAction", merge_action_fields, 3,
        sizeof(struct pb_merge_action), false},
    [PB_ID_MERGE_ACTION_ASSIGNMENT] = {"MergeAction.Assignment", merge_action_assignment_fields, 2,
        sizeof(struct pb_merge_action_assignment), false},
    [PB_ID_SUBQUERY_EXPRESSION] = {"SubqueryExpression", subquery_expression_fields, 4,
        sizeof(struct pb_subquery_expression), false},
    [PB_ID_SUBQUERY_EXPRESSION_TABLE_ARG_OPTIONS] = {"SubqueryExpression.TableArgOptions", subquery_expression_table_arg_options_fields, 3,
        sizeof(struct pb_subquery_expression_table_arg_options), false},
    [PB_ID_COMMAND] = {"Command", command_fields, 20,
        sizeof(struct pb_command), false},
    [PB_ID_SQL_COMMAND] = {"SqlCommand", sql_command_fields, 6,
        sizeof(struct pb_sql_command), false},
    [PB_ID_CREATE_DATA_FRAME_VIEW_COMMAND] = {"CreateDataFrameViewCommand", create_data_frame_view_command_fields, 4,
        sizeof(struct pb_create_data_frame_view_command), false},
    [PB_ID_WRITE_OPERATION] = {"WriteOperation", write_operation_fields, 11,
        sizeof(struct pb_write_operation), false},
    [PB_ID_WRITE_OPERATION_SAVE_TABLE] = {"WriteOperation.SaveTable", write_operation_save_table_fields, 2,
        sizeof(struct pb_write_operation_save_table), false},
    [PB_ID_WRITE_OPERATION_BUCKET_BY] = {"WriteOperation.BucketBy", write_operation_bucket_by_fields, 2,
        sizeof(struct pb_write_operation_bucket_by), false},
    [PB_ID_WRITE_OPERATION_V2] = {"WriteOperationV2", write_operation_v2_fields, 10,
        sizeof(struct pb_write_operation_v2), false},
    [PB_ID_WRITE_STREAM_OPERATION_START] = {"WriteStreamOperationStart", write_stream_operation_start_fields, 16,
        sizeof(struct pb_write_stream_operation_start), true},
    [PB_ID_STREAMING_FOREACH_FUNCTION] = {"StreamingForeachFunction", streaming_foreach_function_fields, 2,
        sizeof(struct pb_streaming_foreach_function), false},
    [PB_ID_WRITE_STREAM_OPERATION_START_RESULT] = {"WriteStreamOperationStartResult", write_stream_operation_start_result_fields, 3,
        sizeof(struct pb_write_stream_operation_start_result), false},
    [PB_ID_STREAMING_QUERY_INSTANCE_ID] = {"StreamingQueryInstanceId", streaming_query_instance_id_fields, 2,
        sizeof(struct pb_streaming_query_instance_id), false},
    [PB_ID_STREAMING_QUERY_COMMAND] = {"StreamingQueryCommand", streaming_query_command_fields, 9,
        sizeof(struct pb_streaming_query_command), false},
    [PB_ID_STREAMING_QUERY_COMMAND_EXPLAIN_COMMAND] = {"StreamingQueryCommand.ExplainCommand", streaming_query_command_explain_command_fields, 1,
        sizeof(struct pb_streaming_query_command_explain_command), false},
    [PB_ID_STREAMING_QUERY_COMMAND_AWAIT_TERMINATION_COMMAND] = {"StreamingQueryCommand.AwaitTerminationCommand", streaming_query_command_await_termination_command_fields, 1,
        sizeof(struct pb_streaming_query_command_await_termination_command), false},
    [PB_ID_STREAMING_QUERY_COMMAND_RESULT] = {"StreamingQueryCommandResult", streaming_query_command_result_fields, 6,
        sizeof(struct pb_streaming_query_command_result), false},
    [PB_ID_STREAMING_QUERY_COMMAND_RESULT_STATUS_RESULT] = {"StreamingQueryCommandResult.StatusResult", streaming_query_command_result_status_result_fields, 4,
        sizeof(struct pb_streaming_query_command_result_status_result), false},
    [PB_ID_STREAMING_QUERY_COMMAND_RESULT_RECENT_PROGRESS_RESULT] = {"StreamingQueryCommandResult.RecentProgressResult", streaming_query_command_result_recent_progress_result_fields, 1,
        sizeof(struct pb_streaming_query_command_result_recent_progress_result), false},
    [PB_ID_STREAMING_QUERY_COMMAND_RESULT_EXPLAIN_RESULT] = {"StreamingQueryCommandResult.ExplainResult", streaming_query_command_result_explain_result_fields, 1,
        sizeof(struct pb_streaming_query_command_result_explain_result), false},
    [PB_ID_STREAMING_QUERY_COMMAND_RESULT_EXCEPTION_RESULT] = {"StreamingQueryCommandResult.ExceptionResult", streaming_query_command_result_exception_result_fields, 3,
        sizeof(struct pb_streaming_query_command_result_exception_result), false},
    [PB_ID_STREAMING_QUERY_COMMAND_RESULT_AWAIT_TERMINATION_RESULT] = {"StreamingQueryCommandResult.AwaitTerminationResult", streaming_query_command_result_await_termination_result_fields, 1,
        sizeof(struct pb_streaming_query_command_result_await_termination_result), false},
    [PB_ID_STREAMING_QUERY_MANAGER_COMMAND] = {"StreamingQueryManagerCommand", streaming_query_manager_command_fields, 7,
        sizeof(struct pb_streaming_query_manager_command), false},
    [PB_ID_STREAMING_QUERY_MANAGER_COMMAND_AWAIT_ANY_TERMINATION_COMMAND] = {"StreamingQueryManagerCommand.AwaitAnyTerminationCommand", streaming_query_manager_command_await_any_termination_command_fields, 1,
        sizeof(struct pb_streaming_query_manager_command_await_any_termination_command), false},
    [PB_ID_STREAMING_QUERY_MANAGER_COMMAND_STREAMING_QUERY_LISTENER_COMMAND] = {"StreamingQueryManagerCommand.StreamingQueryListenerCommand", streaming_query_manager_command_streaming_query_listener_command_fields, 3,
        sizeof(struct pb_streaming_query_manager_command_streaming_query_listener_command), false},
    [PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT] = {"StreamingQueryManagerCommandResult", streaming_query_manager_command_result_fields, 7,
        sizeof(struct pb_streaming_query_manager_command_result), false},
    [PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_ACTIVE_RESULT] = {"StreamingQueryManagerCommandResult.ActiveResult", streaming_query_manager_command_result_active_result_fields, 1,
        sizeof(struct pb_streaming_query_manager_command_result_active_result), false},
    [PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_STREAMING_QUERY_INSTANCE] = {"StreamingQueryManagerCommandResult.StreamingQueryInstance", streaming_query_manager_command_result_streaming_query_instance_fields, 2,
        sizeof(struct pb_streaming_query_manager_command_result_streaming_query_instance), false},
    [PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_AWAIT_ANY_TERMINATION_RESULT] = {"StreamingQueryManagerCommandResult.AwaitAnyTerminationResult", streaming_query_manager_command_result_await_any_termination_result_fields, 1,
        sizeof(struct pb_streaming_query_manager_command_result_await_any_termination_result), false},
    [PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_STREAMING_QUERY_LISTENER_INSTANCE] = {"StreamingQueryManagerCommandResult.StreamingQueryListenerInstance", streaming_query_manager_command_result_streaming_query_listener_instance_fields, 1,
        sizeof(struct pb_streaming_query_manager_command_result_streaming_query_listener_instance), false},
    [PB_ID_STREAMING_QUERY_MANAGER_COMMAND_RESULT_LIST_STREAMING_QUERY_LISTENER_RESULT] = {"StreamingQueryManagerCommandResult.ListStreamingQueryListenerResult", streaming_query_manager_command_result_list_streaming_query_listener_result_fields, 1,
        sizeof(struct pb_streaming_query_manager_command_result_list_streaming_query_listener_result), false},
    [PB_ID_STREAMING_QUERY_LISTENER_BUS_COMMAND] = {"StreamingQueryListenerBusCommand", streaming_query_listener_bus_command_fields, 2,
        sizeof(struct pb_streaming_query_listener_bus_command), false},
    [PB_ID_STREAMING_QUERY_LISTENER_EVENT] = {"StreamingQueryListenerEvent", streaming_query_listener_event_fields, 2,
        sizeof(struct pb_streaming_query_listener_event), false},
    [PB_ID_STREAMING_QUERY_LISTENER_EVENTS_RESULT] = {"StreamingQueryListenerEventsResult", streaming_query_listener_events_result_fields, 2,
        sizeof(struct pb_streaming_query_listener_events_result), false},
    [PB_ID_GET_RESOURCES_COMMAND] = {"GetResourcesCommand", NULL, 0,
        sizeof(struct pb_get_resources_command), false},
    [PB_ID_GET_RESOURCES_COMMAND_RESULT] = {"GetResourcesCommandResult", get_resources_command_result_fields, 1,
        sizeof(struct pb_get_resources_command_result), false},
    [PB_ID_CREATE_RESOURCE_PROFILE_COMMAND] = {"CreateResourceProfileCommand", create_resource_profile_command_fields, 1,
        sizeof(struct pb_create_resource_profile_command), false},
    [PB_ID_CREATE_RESOURCE_PROFILE_COMMAND_RESULT] = {"CreateResourceProfileCommandResult", create_resource_profile_command_result_fields, 1,
        sizeof(struct pb_create_resource_profile_command_result), false},
    [PB_ID_REMOVE_CACHED_REMOTE_RELATION_COMMAND] = {"RemoveCachedRemoteRelationCommand", remove_cached_remote_relation_command_fields, 1,
        sizeof(struct pb_remove_cached_remote_relation_command), false},
    [PB_ID_CHECKPOINT_COMMAND] = {"CheckpointCommand", checkpoint_command_fields, 4,
        sizeof(struct pb_checkpoint_command), false},
    [PB_ID_MERGE_INTO_TABLE_COMMAND] = {"MergeIntoTableCommand", merge_into_table_command_fields, 7,
        sizeof(struct pb_merge_into_table_command), false},
    [PB_ID_EXECUTE_EXTERNAL_COMMAND] = {"ExecuteExternalCommand", execute_external_command_fields, 3,
        sizeof(struct pb_execute_external_command), false},
    [PB_ID_CATALOG] = {"Catalog", catalog_fields, 36,
        sizeof(struct pb_catalog), false},
    [PB_ID_CURRENT_DATABASE] = {"CurrentDatabase", NULL, 0,
        sizeof(struct pb_current_database), false},
    [PB_ID_SET_CURRENT_DATABASE] = {"SetCurrentDatabase", set_current_database_fields, 1,
        sizeof(struct pb_set_current_database), false},
    [PB_ID_LIST_DATABASES] = {"ListDatabases", list_databases_fields, 1,
        sizeof(struct pb_list_databases), false},
    [PB_ID_LIST_TABLES] = {"ListTables", list_tables_fields, 2,
        sizeof(struct pb_list_tables), false},
    [PB_ID_LIST_FUNCTIONS] = {"ListFunctions", list_functions_fields, 2,
        sizeof(struct pb_list_functions), false},
    [PB_ID_LIST_COLUMNS] = {"ListColumns", list_columns_fields, 2,
        sizeof(struct pb_list_columns), false},
    [PB_ID_GET_DATABASE] = {"GetDatabase", get_database_fields, 1,
        sizeof(struct pb_get_database), false},
    [PB_ID_GET_TABLE] = {"GetTable", get_table_fields, 2,
        sizeof(struct pb_get_table), false},
    [PB_ID_GET_FUNCTION] = {"GetFunction", get_function_fields, 2,
        sizeof(struct pb_get_function), false},
    [PB_ID_DATABASE_EXISTS] = {"DatabaseExists", database_exists_fields, 1,
        sizeof(struct pb_database_exists), false},
    [PB_ID_TABLE_EXISTS] = {"TableExists", table_exists_fields, 2,
        sizeof(struct pb_table_exists), false},
    [PB_ID_FUNCTION_EXISTS] = {"FunctionExists", function_exists_fields, 2,
        sizeof(struct pb_function_exists), false},
    [PB_ID_CREATE_EXTERNAL_TABLE] = {"CreateExternalTable", create_external_table_fields, 5,
        sizeof(struct pb_create_external_table), false},
    [PB_ID_CREATE_TABLE] = {"CreateTable", create_table_fields, 6,
        sizeof(struct pb_create_table), false},
    [PB_ID_DROP_TEMP_VIEW] = {"DropTempView", drop_temp_view_fields, 1,
        sizeof(struct pb_drop_temp_view), false},
    [PB_ID_DROP_GLOBAL_TEMP_VIEW] = {"DropGlobalTempView", drop_global_temp_view_fields, 1,
        sizeof(struct pb_drop_global_temp_view), false},
    [PB_ID_RECOVER_PARTITIONS] = {"RecoverPartitions", recover_partitions_fields, 1,
        sizeof(struct pb_recover_partitions), false},
    [PB_ID_IS_CACHED] = {"IsCached", is_cached_fields, 1,
        sizeof(struct pb_is_cached), false},
    [PB_ID_CACHE_TABLE] = {"CacheTable", cache_table_fields, 2,
        sizeof(struct pb_cache_table), false},
    [PB_ID_UNCACHE_TABLE] = {"UncacheTable", uncache_table_fields, 1,
        sizeof(struct pb_uncache_table), false},
    [PB_ID_CLEAR_CACHE] = {"ClearCache", NULL, 0,
        sizeof(struct pb_clear_cache), false},
    [PB_ID_REFRESH_TABLE] = {"RefreshTable", refresh_table_fields, 1,
        sizeof(struct pb_refresh_table), false},
    [PB_ID_REFRESH_BY_PATH] = {"RefreshByPath", refresh_by_path_fields, 1,
        sizeof(struct pb_refresh_by_path), false},
    [PB_ID_CURRENT_CATALOG] = {"CurrentCatalog", NULL, 0,
        sizeof(struct pb_current_catalog), false},
    [PB_ID_SET_CURRENT_CATALOG] = {"SetCurrentCatalog", set_current_catalog_fields, 1,
        sizeof(struct pb_set_current_catalog), false},
    [PB_ID_LIST_CATALOGS] = {"ListCatalogs", list_catalogs_fields, 1,
        sizeof(struct pb_list_catalogs), false},
    [PB_ID_DROP_TABLE] = {"DropTable", drop_table_fields, 3,
        sizeof(struct pb_drop_table), false},
    [PB_ID_DROP_VIEW] = {"DropView", drop_view_fields, 2,
        sizeof(struct pb_drop_view), false},
    [PB_ID_CREATE_DATABASE] = {"CreateDatabase", create_database_fields, 3,
        sizeof(struct pb_create_database), false},
    [PB_ID_DROP_DATABASE] = {"DropDatabase", drop_database_fields, 3,
        sizeof(struct pb_drop_database), false},
    [PB_ID_LIST_PARTITIONS] = {"ListPartitions", list_partitions_fields, 1,
        sizeof(struct pb_list_partitions), false},
    [PB_ID_LIST_VIEWS] = {"ListViews", list_views_fields, 2,
        sizeof(struct pb_list_views), false},
    [PB_ID_GET_TABLE_PROPERTIES] = {"GetTableProperties", get_table_properties_fields, 1,
        sizeof(struct pb_get_table_properties), false},
    [PB_ID_GET_CREATE_TABLE_STRING] = {"GetCreateTableString", get_create_table_string_fields, 2,
        sizeof(struct pb_get_create_table_string), false},
    [PB_ID_TRUNCATE_TABLE] = {"TruncateTable", truncate_table_fields, 1,
        sizeof(struct pb_truncate_table), false},
    [PB_ID_ANALYZE_TABLE] = {"AnalyzeTable", analyze_table_fields, 2,
        sizeof(struct pb_analyze_table), false},
    [PB_ID_DATA_TYPE] = {"DataType", data_type_fields, 30,
        sizeof(struct pb_data_type), false},
    [PB_ID_DATA_TYPE_BOOLEAN] = {"DataType.Boolean", data_type_boolean_fields, 1,
        sizeof(struct pb_data_type_boolean), false},
    [PB_ID_DATA_TYPE_BYTE] = {"DataType.Byte", data_type_byte_fields, 1,
        sizeof(struct pb_data_type_byte), false},
    [PB_ID_DATA_TYPE_SHORT] = {"DataType.Short", data_type_short_fields, 1,
        sizeof(struct pb_data_type_short), false},
    [PB_ID_DATA_TYPE_INTEGER] = {"DataType.Integer", data_type_integer_fields, 1,
        sizeof(struct pb_data_type_integer), false},
    [PB_ID_DATA_TYPE_LONG] = {"DataType.Long", data_type_long_fields, 1,
        sizeof(struct pb_data_type_long), false},
    [PB_ID_DATA_TYPE_FLOAT] = {"DataType.Float", data_type_float_fields, 1,
        sizeof(struct pb_data_type_float), false},
    [PB_ID_DATA_TYPE_DOUBLE] = {"DataType.Double", data_type_double_fields, 1,
        sizeof(struct pb_data_type_double), false},
    [PB_ID_DATA_TYPE_STRING] = {"DataType.String", data_type_string_fields, 2,
        sizeof(struct pb_data_type_string), false},
    [PB_ID_DATA_TYPE_BINARY] = {"DataType.Binary", data_type_binary_fields, 1,
        sizeof(struct pb_data_type_binary), false},
    [PB_ID_DATA_TYPE_NULL] = {"DataType.NULL", data_type_null_fields, 1,
        sizeof(struct pb_data_type_null), false},
    [PB_ID_DATA_TYPE_TIMESTAMP] = {"DataType.Timestamp", data_type_timestamp_fields, 1,
        sizeof(struct pb_data_type_timestamp), false},
    [PB_ID_DATA_TYPE_DATE] = {"DataType.Date", data_type_date_fields, 1,
        sizeof(struct pb_data_type_date), false},
    [PB_ID_DATA_TYPE_TIMESTAMP_NTZ] = {"DataType.TimestampNTZ", data_type_timestamp_ntz_fields, 1,
        sizeof(struct pb_data_type_timestamp_ntz), false},
    [PB_ID_DATA_TYPE_TIME] = {"DataType.Time", data_type_time_fields, 2,
        sizeof(struct pb_data_type_time), false},
    [PB_ID_DATA_TYPE_CALENDAR_INTERVAL] = {"DataType.CalendarInterval", data_type_calendar_interval_fields, 1,
        sizeof(struct pb_data_type_calendar_interval), false},
    [PB_ID_DATA_TYPE_YEAR_MONTH_INTERVAL] = {"DataType.YearMonthInterval", data_type_year_month_interval_fields, 3,
        sizeof(struct pb_data_type_year_month_interval), false},
    [PB_ID_DATA_TYPE_DAY_TIME_INTERVAL] = {"DataType.DayTimeInterval", data_type_day_time_interval_fields, 3,
        sizeof(struct pb_data_type_day_time_interval), false},
    [PB_ID_DATA_TYPE_CHAR] = {"DataType.Char", data_type_char_fields, 2,
        sizeof(struct pb_data_type_char), false},
    [PB_ID_DATA_TYPE_VAR_CHAR] = {"DataType.VarChar", data_type_var_char_fields, 2,
        sizeof(struct pb_data_type_var_char), false},
    [PB_ID_DATA_TYPE_DECIMAL] = {"DataType.Decimal", data_type_decimal_fields, 3,
        sizeof(struct pb_data_type_decimal), false},
    [PB_ID_DATA_TYPE_STRUCT_FIELD] = {"DataType.StructField", data_type_struct_field_fields, 4,
        sizeof(struct pb_data_type_struct_field), false},
    [PB_ID_DATA_TYPE_STRUCT] = {"DataType.Struct", data_type_struct_fields, 2,
        sizeof(struct pb_data_type_struct), false},
    [PB_ID_DATA_TYPE_ARRAY] = {"DataType.Array", data_type_array_fields, 3,
        sizeof(struct pb_data_type_array), false},
    [PB_ID_DATA_TYPE_MAP] = {"DataType.Map", data_type_map_fields, 4,
        sizeof(struct pb_data_type_map), false},
    [PB_ID_DATA_TYPE_GEOMETRY] = {"DataType.Geometry", data_type_geometry_fields, 2,
        sizeof(struct pb_data_type_geometry), false},
    [PB_ID_DATA_TYPE_GEOGRAPHY] = {"DataType.Geography", data_type_geography_fields, 2,
        sizeof(struct pb_data_type_geography), false},
    [PB_ID_DATA_TYPE_VARIANT] = {"DataType.Variant", data_type_variant_fields, 1,
        sizeof(struct pb_data_type_variant), false},
    [PB_ID_DATA_TYPE_UDT] = {"DataType.UDT", data_type_udt_fields, 5,
        sizeof(struct pb_data_type_udt), false},
    [PB_ID_DATA_TYPE_UNPARSED] = {"DataType.Unparsed", data_type_unparsed_fields, 1,
        sizeof(struct pb_data_type_unparsed), false},
    [PB_ID_STORAGE_LEVEL] = {"StorageLevel", storage_level_fields, 5,
        sizeof(struct pb_storage_level), false},
    [PB_ID_RESOURCE_INFORMATION] = {"ResourceInformation", resource_information_fields, 2,
        sizeof(struct pb_resource_information), false},
    [PB_ID_EXECUTOR_RESOURCE_REQUEST] = {"ExecutorResourceRequest", executor_resource_request_fields, 4,
        sizeof(struct pb_executor_resource_request), false},
    [PB_ID_TASK_RESOURCE_REQUEST] = {"TaskResourceRequest", task_resource_request_fields, 2,
        sizeof(struct pb_task_resource_request), false},
    [PB_ID_RESOURCE_PROFILE] = {"ResourceProfile", resource_profile_fields, 2,
        sizeof(struct pb_resource_profile), false},
    [PB_ID_ORIGIN] = {"Origin", origin_fields, 2,
        sizeof(struct pb_origin), false},
    [PB_ID_PYTHON_ORIGIN] = {"PythonOrigin", python_origin_fields, 2,
        sizeof(struct pb_python_origin), false},
    [PB_ID_JVM_ORIGIN] = {"JvmOrigin", jvm_origin_fields, 8,
        sizeof(struct pb_jvm_origin), false},
    [PB_ID_STACK_TRACE_ELEMENT] = {"StackTraceElement", stack_trace_element_fields, 7,
        sizeof(struct pb_stack_trace_element), false},
    [PB_ID_RESOLVED_IDENTIFIER] = {"ResolvedIdentifier", resolved_identifier_fields, 3,
        sizeof(struct pb_resolved_identifier), false},
    [PB_ID_BOOLS] = {"Bools", bools_fields, 1,
        sizeof(struct pb_bools), false},
    [PB_ID_INTS] = {"Ints", ints_fields, 1,
        sizeof(struct pb_ints), false},
    [PB_ID_LONGS] = {"Longs", longs_fields, 1,
        sizeof(struct pb_longs), false},
    [PB_ID_FLOATS] = {"Floats", floats_fields, 1,
        sizeof(struct pb_floats), false},
    [PB_ID_DOUBLES] = {"Doubles", doubles_fields, 1,
        sizeof(struct pb_doubles), false},
    [PB_ID_STRINGS] = {"Strings", strings_fields, 1,
        sizeof(struct pb_strings), false},
    [PB_ID_ML_COMMAND] = {"MlCommand", ml_command_fields, 10,
        sizeof(struct pb_ml_command), false},
    [PB_ID_ML_COMMAND_FIT] = {"MlCommand.Fit", ml_command_fit_fields, 3,
        sizeof(struct pb_ml_command_fit), false},
    [PB_ID_ML_COMMAND_DELETE] = {"MlCommand.Delete", ml_command_delete_fields, 2,
        sizeof(struct pb_ml_command_delete), false},
    [PB_ID_ML_COMMAND_CLEAN_CACHE] = {"MlCommand.CleanCache", NULL, 0,
        sizeof(struct pb_ml_command_clean_cache), false},
    [PB_ID_ML_COMMAND_GET_CACHE_INFO] = {"MlCommand.GetCacheInfo", NULL, 0,
        sizeof(struct pb_ml_command_get_cache_info), false},
    [PB_ID_ML_COMMAND_WRITE] = {"MlCommand.Write", ml_command_write_fields, 6,
        sizeof(struct pb_ml_command_write), false},
    [PB_ID_ML_COMMAND_READ] = {"MlCommand.Read", ml_command_read_fields, 2,
        sizeof(struct pb_ml_command_read), false},
    [PB_ID_ML_COMMAND_EVALUATE] = {"MlCommand.Evaluate", ml_command_evaluate_fields, 3,
        sizeof(struct pb_ml_command_evaluate), false},
    [PB_ID_ML_COMMAND_CREATE_SUMMARY] = {"MlCommand.CreateSummary", ml_command_create_summary_fields, 2,
        sizeof(struct pb_ml_command_create_summary), false},
    [PB_ID_ML_COMMAND_GET_MODEL_SIZE] = {"MlCommand.GetModelSize", ml_command_get_model_size_fields, 1,
        sizeof(struct pb_ml_command_get_model_size), false},
    [PB_ID_ML_COMMAND_RESULT] = {"MlCommandResult", ml_command_result_fields, 3,
        sizeof(struct pb_ml_command_result), false},
    [PB_ID_ML_COMMAND_RESULT_ML_OPERATOR_INFO] = {"MlCommandResult.MlOperatorInfo", ml_command_result_ml_operator_info_fields, 5,
        sizeof(struct pb_ml_command_result_ml_operator_info), false},
    [PB_ID_ML_PARAMS] = {"MlParams", ml_params_fields, 1,
        sizeof(struct pb_ml_params), false},
    [PB_ID_ML_OPERATOR] = {"MlOperator", ml_operator_fields, 3,
        sizeof(struct pb_ml_operator), false},
    [PB_ID_OBJECT_REF] = {"ObjectRef", object_ref_fields, 1,
        sizeof(struct pb_object_ref), false},
    [PB_ID_PIPELINE_COMMAND] = {"PipelineCommand", pipeline_command_fields, 10,
        sizeof(struct pb_pipeline_command), false},
    [PB_ID_PIPELINE_COMMAND_CREATE_DATAFLOW_GRAPH] = {"PipelineCommand.CreateDataflowGraph", pipeline_command_create_dataflow_graph_fields, 3,
        sizeof(struct pb_pipeline_command_create_dataflow_graph), false},
    [PB_ID_PIPELINE_COMMAND_DROP_DATAFLOW_GRAPH] = {"PipelineCommand.DropDataflowGraph", pipeline_command_drop_dataflow_graph_fields, 1,
        sizeof(struct pb_pipeline_command_drop_dataflow_graph), false},
    [PB_ID_PIPELINE_COMMAND_DEFINE_OUTPUT] = {"PipelineCommand.DefineOutput", pipeline_command_define_output_fields, 8,
        sizeof(struct pb_pipeline_command_define_output), false},
    [PB_ID_PIPELINE_COMMAND_DEFINE_OUTPUT_TABLE_DETAILS] = {"PipelineCommand.DefineOutput.TableDetails", pipeline_command_define_output_table_details_fields, 6,
        sizeof(struct pb_pipeline_command_define_output_table_details), false},
    [PB_ID_PIPELINE_COMMAND_DEFINE_OUTPUT_SINK_DETAILS] = {"PipelineCommand.DefineOutput.SinkDetails", pipeline_command_define_output_sink_details_fields, 2,
        sizeof(struct pb_pipeline_command_define_output_sink_details), false},
    [PB_ID_PIPELINE_COMMAND_DEFINE_FLOW] = {"PipelineCommand.DefineFlow", pipeline_command_define_flow_fields, 10,
        sizeof(struct pb_pipeline_command_define_flow), false},
    [PB_ID_PIPELINE_COMMAND_DEFINE_FLOW_WRITE_RELATION_FLOW_DETAILS] = {"PipelineCommand.DefineFlow.WriteRelationFlowDetails", pipeline_command_define_flow_write_relation_flow_details_fields, 1,
        sizeof(struct pb_pipeline_command_define_flow_write_relation_flow_details), false},
    [PB_ID_PIPELINE_COMMAND_DEFINE_FLOW_AUTO_CDC_FLOW_DETAILS] = {"PipelineCommand.DefineFlow.AutoCdcFlowDetails", pipeline_command_define_flow_auto_cdc_flow_details_fields, 12,
        sizeof(struct pb_pipeline_command_define_flow_auto_cdc_flow_details), false},
    [PB_ID_PIPELINE_COMMAND_DEFINE_FLOW_RESPONSE] = {"PipelineCommand.DefineFlow.Response", pipeline_command_define_flow_response_fields, 1,
        sizeof(struct pb_pipeline_command_define_flow_response), false},
    [PB_ID_PIPELINE_COMMAND_EXECUTE_OUTPUT_FLOWS] = {"PipelineCommand.ExecuteOutputFlows", pipeline_command_execute_output_flows_fields, 5,
        sizeof(struct pb_pipeline_command_execute_output_flows), false},
    [PB_ID_PIPELINE_COMMAND_START_RUN] = {"PipelineCommand.StartRun", pipeline_command_start_run_fields, 6,
        sizeof(struct pb_pipeline_command_start_run), false},
    [PB_ID_PIPELINE_COMMAND_DEFINE_SQL_GRAPH_ELEMENTS] = {"PipelineCommand.DefineSqlGraphElements", pipeline_command_define_sql_graph_elements_fields, 3,
        sizeof(struct pb_pipeline_command_define_sql_graph_elements), false},
    [PB_ID_PIPELINE_COMMAND_GET_QUERY_FUNCTION_EXECUTION_SIGNAL_STREAM] = {"PipelineCommand.GetQueryFunctionExecutionSignalStream", pipeline_command_get_query_function_execution_signal_stream_fields, 2,
        sizeof(struct pb_pipeline_command_get_query_function_execution_signal_stream), false},
    [PB_ID_PIPELINE_COMMAND_DEFINE_FLOW_QUERY_FUNCTION_RESULT] = {"PipelineCommand.DefineFlowQueryFunctionResult", pipeline_command_define_flow_query_function_result_fields, 4,
        sizeof(struct pb_pipeline_command_define_flow_query_function_result), false},
    [PB_ID_PIPELINE_COMMAND_RESULT] = {"PipelineCommandResult", pipeline_command_result_fields, 3,
        sizeof(struct pb_pipeline_command_result), false},
    [PB_ID_PIPELINE_COMMAND_RESULT_CREATE_DATAFLOW_GRAPH_RESULT] = {"PipelineCommandResult.CreateDataflowGraphResult", pipeline_command_result_create_dataflow_graph_result_fields, 1,
        sizeof(struct pb_pipeline_command_result_create_dataflow_graph_result), false},
    [PB_ID_PIPELINE_COMMAND_RESULT_DEFINE_OUTPUT_RESULT] = {"PipelineCommandResult.DefineOutputResult", pipeline_command_result_define_output_result_fields, 1,
        sizeof(struct pb_pipeline_command_result_define_output_result), false},
    [PB_ID_PIPELINE_COMMAND_RESULT_DEFINE_FLOW_RESULT] = {"PipelineCommandResult.DefineFlowResult", pipeline_command_result_define_flow_result_fields, 1,
        sizeof(struct pb_pipeline_command_result_define_flow_result), false},
    [PB_ID_PIPELINE_EVENT_RESULT] = {"PipelineEventResult", pipeline_event_result_fields, 1,
        sizeof(struct pb_pipeline_event_result), false},
    [PB_ID_PIPELINE_EVENT] = {"PipelineEvent", pipeline_event_fields, 2,
        sizeof(struct pb_pipeline_event), false},
    [PB_ID_SOURCE_CODE_LOCATION] = {"SourceCodeLocation", source_code_location_fields, 4,
        sizeof(struct pb_source_code_location), false},
    [PB_ID_PIPELINE_QUERY_FUNCTION_EXECUTION_SIGNAL] = {"PipelineQueryFunctionExecutionSignal", pipeline_query_function_execution_signal_fields, 2,
        sizeof(struct pb_pipeline_query_function_execution_signal), false},
    [PB_ID_PIPELINE_ANALYSIS_CONTEXT] = {"PipelineAnalysisContext", pipeline_analysis_context_fields, 5,
        sizeof(struct pb_pipeline_analysis_context), false},
    [PB_ID_ZIP] = {"Zip", zip_fields, 2,
        sizeof(struct pb_zip), false},
    [PB_ID_EXPRESSION_LITERAL_TIMESTAMP_NTZ_NANOS] = {"Expression.Literal.TimestampNTZNanos", expression_literal_timestamp_ntz_nanos_fields, 3,
        sizeof(struct pb_expression_literal_timestamp_ntz_nanos), false},
    [PB_ID_DATA_TYPE_TIMESTAMP_NTZ_NANOS] = {"DataType.TimestampNTZNanos", data_type_timestamp_ntz_nanos_fields, 2,
        sizeof(struct pb_data_type_timestamp_ntz_nanos), false},
    [PB_ID_EXPRESSION_LITERAL_TIMESTAMP_LTZ_NANOS] = {"Expression.Literal.TimestampLTZNanos", expression_literal_timestamp_ltz_nanos_fields, 3,
        sizeof(struct pb_expression_literal_timestamp_ltz_nanos), false},
    [PB_ID_DATA_TYPE_TIMESTAMP_LTZ_NANOS] = {"DataType.TimestampLTZNanos", data_type_timestamp_ltz_nanos_fields, 2,
        sizeof(struct pb_data_type_timestamp_ltz_nanos), false},
    [PB_ID_ANY] = {"google.protobuf.Any", any_fields, 2,
        sizeof(struct pb_any), false},
    [PB_ID_TIMESTAMP] = {"google.protobuf.Timestamp", timestamp_fields, 2,
        sizeof(struct pb_timestamp), false},
    [PB_ID_STATUS] = {"google.rpc.Status", status_fields, 3,
        sizeof(struct pb_status), false},
    [PB_ID_ERROR_INFO] = {"google.rpc.ErrorInfo", error_info_fields, 3,
        sizeof(struct pb_error_info), false},
    [PB_ID_MAP_STRING_EXECUTE_PLAN_RESPONSE_METRICS_METRIC_VALUE] = {"map.string.ExecutePlanResponse.Metrics.MetricValue", map_string_execute_plan_response_metrics_metric_value_fields, 2,
        sizeof(struct pb_map_string_execute_plan_response_metrics_metric_value), false},
    [PB_ID_MAP_STRING_ARTIFACT_STATUSES_RESPONSE_ARTIFACT_STATUS] = {"map.string.ArtifactStatusesResponse.ArtifactStatus", map_string_artifact_statuses_response_artifact_status_fields, 2,
        sizeof(struct pb_map_string_artifact_statuses_response_artifact_status), false},
    [PB_ID_MAP_STRING_STRING] = {"map.string.string", map_string_string_fields, 2,
        sizeof(struct pb_map_string_string), false},
    [PB_ID_MAP_STRING_EXPRESSION_LITERAL] = {"map.string.Expression.Literal", map_string_expression_literal_fields, 2,
        sizeof(struct pb_map_string_expression_literal), false},
    [PB_ID_MAP_STRING_EXPRESSION] = {"map.string.Expression", map_string_expression_fields, 2,
        sizeof(struct pb_map_string_expression), false},
    [PB_ID_MAP_STRING_RESOURCE_INFORMATION] = {"map.string.ResourceInformation", map_string_resource_information_fields, 2,
        sizeof(struct pb_map_string_resource_information), false},
    [PB_ID_MAP_STRING_EXECUTOR_RESOURCE_REQUEST] = {"map.string.ExecutorResourceRequest", map_string_executor_resource_request_fields, 2,
        sizeof(struct pb_map_string_executor_resource_request), false},
    [PB_ID_MAP_STRING_TASK_RESOURCE_REQUEST] = {"map.string.TaskResourceRequest", map_string_task_resource_request_fields, 2,
        sizeof(struct pb_map_string_task_resource_request), false},
};
