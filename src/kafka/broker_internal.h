/*
 * The inside of the broker, shared by the files of this folder.
 *
 * A request lives from its frame until its answer is queued. It is counted: the connection's list
 * holds it while the connection lives, and each thing under way (a flush, a wait, a timer, a post)
 * holds it too. When the connection goes, `conn` becomes NULL and whatever comes later finds that
 * out. Answers leave in the order of requests, so a finished one may wait for its elders.
 * Threads: the loop's only, but for what is marked.
 */
#ifndef WEIR_KAFKA_BROKER_INTERNAL_H
#define WEIR_KAFKA_BROKER_INTERNAL_H

#include <stdatomic.h>

#include "base/arena.h"
#include "kafka/broker.h"
#include "kafka/errors.h"
#include "kafka/messages.h"
#include "kafka/topics.h"

struct groups;
struct fetch_wait;
struct kafka_conn;

struct kafka_broker {
    struct loop *loop;
    struct listener *listener;
    struct log_set *logs;
    struct control *control;
    struct topics topics;
    struct groups *groups;
    struct cluster *cluster; /* NULL: this node is alone */
    char host[256];
    int32_t port;
    int32_t node_id;
    int32_t partitions_default;
    bool auto_create;
    size_t frame_bytes_max;
    uint32_t connections_max;
    int64_t group_initial_delay_ms;
    char cluster_id[23];
    int64_t producer_id_next, producer_id_end; /* a block reserved in the control store */
    struct kafka_conn *conns;
    uint32_t conn_count;
    uint64_t requests, bytes_in, bytes_out, records_appended; /* for the page */
};

struct kafka_request {
    int32_t holds;
    struct kafka_broker *broker;
    struct kafka_conn *conn; /* NULL: gone */
    struct kafka_request *next;
    const struct kafka_api_entry *api;
    int16_t version;
    bool flexible;
    bool done;
    bool silent; /* acks=0: no answer */
    int32_t correlation;
    struct bytes client_id;
    struct arena arena;
    uint8_t *frame;    /* owned copy that the decoded body points into; NULL: borrowed */
    void *in;          /* decoded body, of the API's type */
    void *state;       /* the handler's, in the arena */
    struct buffer out; /* the answer, with room for the size in front */
    struct kafka_holes holes;
    struct log_view *views; /* one for each hole */
    size_t view_count, views_queued;
    void (*on_gone)(
        struct kafka_request *r); /* the connection closed while under way; may be NULL */
};

struct kafka_conn {
    struct kafka_broker *broker;
    struct conn *conn;
    struct kafka_request *first, *last;
    size_t under_way;
    bool paused;
    bool finishing;
    struct kafka_conn *next, *previous;
};

void request_retain(struct kafka_request *r);
void request_release(struct kafka_request *r);
/* Encodes the answer (the API's response struct) and sends what is due. */
void request_answer(struct kafka_request *r, const void *response);
void request_answer_none(struct kafka_request *r);                    /* acks=0 */
struct bytes request_text(struct kafka_request *r, const char *text); /* copied to its arena */

/* Handlers, one an API. */
void handle_api_versions(struct kafka_request *r);
void handle_metadata(struct kafka_request *r);
void handle_describe_cluster(struct kafka_request *r);
void handle_produce(struct kafka_request *r);
void handle_fetch(struct kafka_request *r);
void handle_list_offsets(struct kafka_request *r);
void handle_offset_for_leader_epoch(struct kafka_request *r);
void handle_delete_records(struct kafka_request *r);
void handle_init_producer_id(struct kafka_request *r);
void handle_create_topics(struct kafka_request *r);
void handle_delete_topics(struct kafka_request *r);
void handle_create_partitions(struct kafka_request *r);
void handle_describe_configs(struct kafka_request *r);
void handle_alter_configs(struct kafka_request *r);
void handle_incremental_alter_configs(struct kafka_request *r);
void handle_sasl_handshake(struct kafka_request *r);
void handle_find_coordinator(struct kafka_request *r);
void handle_join_group(struct kafka_request *r);
void handle_sync_group(struct kafka_request *r);
void handle_heartbeat(struct kafka_request *r);
void handle_leave_group(struct kafka_request *r);
void handle_offset_commit(struct kafka_request *r);
void handle_offset_fetch(struct kafka_request *r);
void handle_offset_delete(struct kafka_request *r);
void handle_list_groups(struct kafka_request *r);
void handle_describe_groups(struct kafka_request *r);
void handle_delete_groups(struct kafka_request *r);

/* metadata.c: the topic, made if clients may make it by asking; NULL with a number in *code. */
struct topic *topic_ask(struct kafka_broker *b, struct bytes name, bool may_create, int16_t *code);

/* metadata.c: where clients reach the brokers; in the request's arena. */
struct broker_address {
    int32_t node;
    struct bytes host;
    int32_t port;
};
struct broker_address *broker_addresses(struct kafka_request *r, size_t *count,
                                        int32_t *controller);
bool broker_address_of(struct kafka_request *r, uint32_t node, struct broker_address *out);

/* partitions.c: the log of a partition that is led here; NULL with a number in *code (may come with
 * a replica: *replica is NULL alone). */
struct log *partition_led(struct topic *topic, int32_t partition, struct replica **replica,
                          int16_t *code);
/* The same for a client that says under which epoch it asks; -1: it does not. */
struct log *partition_asked(struct topic *topic, int32_t partition, int32_t epoch, int16_t *code);

/* Its watermark is as new as any that a client may have seen (KIP-207). */
bool partition_settled(struct topic *topic, int32_t partition);

/* groups.c */
struct groups *groups_open(struct kafka_broker *b, struct error *err);
void groups_close(struct groups *g);
void groups_role_changed(struct groups *g, struct replica *r);
void groups_forget_topic(struct groups *g, struct bytes topic);

/* Repeats of a common few lines. */
static inline int16_t
error_code_of(const struct error *err)
{
    return err->code > 0 && err->kind != ERROR_SYSTEM ? (int16_t)err->code
                                                      : (int16_t)KE_UNKNOWN_SERVER_ERROR;
}

#endif
