/* The coordinator's inside, shared by its files: group requests (groups.c), offsets
 * (group_offsets.c), what administrators ask (group_admin.c). */
#ifndef WEIR_KAFKA_GROUPS_H
#define WEIR_KAFKA_GROUPS_H

#include "kafka/broker_internal.h"
#include "kafka/group_store.h"

#define OFFSETS_TOPIC "__consumer_offsets"

enum groups_role {
    GROUPS_HERE = 0, /* always, for a node alone */
    GROUPS_LOADING,  /* leads the offsets log, and cannot know yet that it has seen all of it */
    GROUPS_ELSEWHERE,
};

struct groups {
    struct kafka_broker *broker;
    struct group_core core;
    struct log *log; /* __consumer_offsets-0; one of several nodes: NULL unless it is led here */
    struct replica *replica; /* the same; NULL alone */
    enum groups_role role;
    struct loop_timer *timer;
    int64_t timer_ms;        /* when it fires */
    int64_t appended_bytes;  /* since the last rewrite */
    int32_t commits_waiting; /* appended, not durable: a rewrite waits for them */
    int64_t rewrite_from;    /* the log may start here once that is durable */
};

/* Looks at deadlines and sets the timer; after anything that may have brought one nearer. */
void groups_schedule(struct groups *g);
/* Appends; errors are traced and leave err set. */
bool groups_append(struct groups *g, const struct group_record *records, size_t count,
                   struct log_append_result *out, struct error *err);
/* 0 if this node coordinates the groups now, else the error that says so. */
int16_t groups_check(const struct groups *g);
struct bytes group_metadata_of(const struct group *g, const struct group_member *m);

#endif
