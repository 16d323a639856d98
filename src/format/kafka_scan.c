/*
 * Topics as tables: the records of an offset range as rows (key, value, topic, partition, offset,
 * timestamp, timestampType).
 *
 * Our own topics are read straight from their segment files: the option weir.log.dir, which the
 * planner sets, says where partition folders lie, and the range's end is a watermark that the store
 * gave, so nothing is seen that could still be lost. Other clusters are read through librdkafka.
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "format/formats.h"
#include "log/log.h"

enum { FOREIGN_WAIT_MS = 30000 };

enum kafka_column {
    KAFKA_KEY = 0,
    KAFKA_VALUE,
    KAFKA_TOPIC,
    KAFKA_PARTITION,
    KAFKA_OFFSET,
    KAFKA_TIMESTAMP,
    KAFKA_TIMESTAMP_TYPE,
};

struct scan_reader {
    const struct scan_request *req;
    const struct source_offset_range *range;
    struct log_file_reader *ours;
    rd_kafka_t *foreign;
    rd_kafka_message_t *message; /* the foreign record last handed out */
    int64_t next_offset;
};

static bool
foreign_open(struct scan_reader *r, struct error *err)
{
    char text[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    const struct options *o = &r->req->source->options;
    rd_kafka_conf_set(conf, "log_level", "2", NULL, 0);
    rd_kafka_conf_set(conf, "enable.auto.commit", "false", NULL, 0);
    rd_kafka_conf_set(conf, "group.id", "weir-scan", NULL, 0);
    for (uint32_t i = 0; i < o->count; i++) {
        if (strncasecmp(o->items[i].key, "kafka.", 6) == 0 &&
            rd_kafka_conf_set(conf, o->items[i].key + 6, o->items[i].value, text, sizeof text) ==
                RD_KAFKA_CONF_INVALID) {
            rd_kafka_conf_destroy(conf);
            return error_set(err, ERROR_ARGUMENT, "option %s: %s", o->items[i].key, text);
        }
    }
    r->foreign = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    if (r->foreign == NULL) {
        rd_kafka_conf_destroy(conf);
        return error_set(err, ERROR_SYSTEM, "a Kafka client: %s", text);
    }
    rd_kafka_poll_set_consumer(r->foreign);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, r->range->topic, r->range->partition)->offset =
        r->range->start;
    const rd_kafka_resp_err_t status = rd_kafka_assign(r->foreign, list);
    rd_kafka_topic_partition_list_destroy(list);
    return status == RD_KAFKA_RESP_ERR_NO_ERROR ||
           error_set(err, ERROR_UNAVAILABLE, "reading topic %s: %s", r->range->topic,
                     rd_kafka_err2str(status));
}

static bool
foreign_next(struct scan_reader *r, struct log_record *out, bool *more, struct error *err)
{
    *more = false;
    while (r->next_offset < r->range->end) {
        if (r->message != NULL) {
            rd_kafka_message_destroy(r->message);
        }
        r->message = rd_kafka_consumer_poll(r->foreign, FOREIGN_WAIT_MS);
        if (r->message == NULL) {
            return error_set(err, ERROR_UNAVAILABLE, "topic %s does not answer", r->range->topic);
        }
        if (r->message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            return true;
        }
        if (r->message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return error_set(err, ERROR_UNAVAILABLE, "reading topic %s: %s", r->range->topic,
                             rd_kafka_message_errstr(r->message));
        }
        r->next_offset = r->message->offset + 1;
        if (r->message->offset >= r->range->end) {
            return true;
        }
        rd_kafka_timestamp_type_t type;
        const int64_t time_ms = rd_kafka_message_timestamp(r->message, &type);
        *out = (struct log_record){.offset = r->message->offset,
                                   .timestamp_ms = time_ms,
                                   .timestamp_type =
                                       type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? 1 : 0,
                                   .key = {r->message->key, r->message->key_len},
                                   .value = {r->message->payload, r->message->len}};
        *more = true;
        return true;
    }
    return true;
}

static bool
record_next(struct scan_reader *r, struct log_record *out, bool *more, struct error *err)
{
    if (r->foreign != NULL) {
        return foreign_next(r, out, more, err);
    }
    *more = log_file_reader_next(r->ours, out, err);
    return !error_is_set(err);
}

static bool
kafka_open(struct arena *a, const struct scan_request *req, const struct split *split,
           struct scan_reader **out, struct error *err)
{
    const char *dir = options_get(&req->source->options, "weir.log.dir");
    struct scan_reader *r = arena_new(a, struct scan_reader);
    r->req = req;
    r->range = &req->source->ranges[split->range];
    r->next_offset = r->range->start;
    if (dir == NULL) {
        *out = r;
        return foreign_open(r, err);
    }
    const char *folder = arena_printf(a, "%s/%s-%d", dir, r->range->topic, r->range->partition);
    r->ours = log_file_reader_open(req->env, folder, r->range->start, r->range->end, err);
    *out = r;
    return r->ours != NULL;
}

static void
put_bytes(struct vec *v, struct arena *tmp, uint32_t row, struct bytes bytes)
{
    if (bytes.ptr == NULL) {
        vec_set_null(v, tmp, row);
        ((struct view *)v->data)[row] = (struct view){0};
    } else {
        ((struct view *)v->data)[row] = view_copy(tmp, (const char *)bytes.ptr, bytes.len);
    }
}

static void
put_cell(const struct scan_reader *r, struct vec *v, struct arena *tmp, uint32_t column,
         uint32_t row, const struct log_record *record)
{
    switch ((enum kafka_column)column) {
    case KAFKA_KEY:
        put_bytes(v, tmp, row, record->key);
        break;
    case KAFKA_VALUE:
        put_bytes(v, tmp, row, record->value);
        break;
    case KAFKA_TOPIC:
        ((struct view *)v->data)[row] = view_make(r->range->topic, strlen(r->range->topic));
        break;
    case KAFKA_PARTITION:
        ((int32_t *)v->data)[row] = r->range->partition;
        break;
    case KAFKA_OFFSET:
        ((int64_t *)v->data)[row] = record->offset;
        break;
    case KAFKA_TIMESTAMP:
        ((int64_t *)v->data)[row] = record->timestamp_ms * 1000;
        break;
    case KAFKA_TIMESTAMP_TYPE:
        ((int32_t *)v->data)[row] = record->timestamp_type;
        break;
    }
}

static bool
kafka_next(struct scan_reader *r, struct arena *tmp, struct chunk *out, bool *more,
           struct error *err)
{
    const struct scan_request *req = r->req;
    struct vec *cols = arena_new_array(tmp, struct vec, req->column_count + 1);
    for (uint32_t i = 0; i < req->column_count; i++) {
        vec_init_flat(&cols[i], tmp, req->source->schema->fields[req->columns[i]].type, VEC_ROWS);
    }
    uint32_t n = 0;
    *more = true;
    while (n < VEC_ROWS && *more) {
        struct log_record record;
        if (!record_next(r, &record, more, err)) {
            return false;
        }
        for (uint32_t i = 0; *more && i < req->column_count; i++) {
            put_cell(r, &cols[i], tmp, req->columns[i], n, &record);
        }
        n += *more;
    }
    for (uint32_t i = 0; i < req->column_count; i++) {
        cols[i].n = n;
    }
    *out = (struct chunk){.n = n, .col_count = req->column_count, .cols = cols, .sel_n = n};
    return true;
}

static void
kafka_close(struct scan_reader *r)
{
    if (r->ours != NULL) {
        log_file_reader_close(r->ours);
    }
    if (r->message != NULL) {
        rd_kafka_message_destroy(r->message);
    }
    if (r->foreign != NULL) {
        rd_kafka_consumer_close(r->foreign);
        rd_kafka_destroy(r->foreign);
    }
}

const struct scan_format kafka_scan_format = {.name = "kafka",
                                              .splittable = false,
                                              .open = kafka_open,
                                              .next = kafka_next,
                                              .close = kafka_close};
