/* The group coordinator: requests into the group machine, its answers out, its state kept. */
#include "kafka/groups.h"

#include <stdlib.h>

#include "base/trace.h"
#include "kafka/cluster.h"

enum { REWRITE_BYTES_MIN = 4 << 20, REWRITE_RECORDS = 500, KEY_TYPE_GROUP = 0 };

static int64_t
now_mono_ms(void)
{
    return env_mono_ms(&env_real);
}

struct bytes
group_metadata_of(const struct group *g, const struct group_member *m)
{
    for (size_t i = 0; g->protocol != NULL && i < m->protocol_count; i++) {
        if (strcmp(m->protocols[i].name, g->protocol) == 0) {
            return (struct bytes){m->protocols[i].metadata, m->protocols[i].len};
        }
    }
    return (struct bytes){(const uint8_t *)"", 0};
}

/* --- keeping ------------------------------------------------------------------------------------
 */

static bool
rewrite_flush(struct groups *g, struct group_record *records, size_t *count,
              struct log_append_result *first, struct error *err)
{
    struct log_append_result result;
    const bool ok = *count == 0 || group_records_append(g->log, records, *count,
                                                        env_wall_ms(&env_real), &result, err);
    if (ok && *count > 0 && first->base_offset < 0) {
        *first = result;
    }
    if (ok && *count > 0) {
        first->last_offset = result.last_offset;
    }
    for (size_t i = 0; i < *count; i++) {
        group_record_release(&records[i]);
    }
    *count = 0;
    return ok;
}

static void
rewrite_done(void *ctx)
{
    struct groups *g = ctx;
    struct error err = {0};
    if (g->log == NULL) {
        return;
    }
    if (!log_truncate_before(g->log, g->rewrite_from, &err)) {
        trace(TRACE_WARN, "kafka", "the offsets log keeps its old part: %s", error_text(&err));
        error_clear(&err);
    }
}

static void
rewrite_durable(void *ctx, bool committed)
{
    struct groups *g = ctx;
    if (!committed) {
        return;
    }
    loop_post(g->broker->loop, rewrite_done, g);
}

/* Everything alive once more; the log then starts at it. Not while commits wait for their flush:
 * they are in the log's old part and not yet in memory. */
static void
groups_rewrite(struct groups *g)
{
    static struct group_record records[REWRITE_RECORDS];
    struct log_append_result all = {.base_offset = -1};
    struct error err = {0};
    size_t count = 0;
    bool ok = g->log != NULL;
    const int64_t now_ms = env_wall_ms(&env_real);
    g->appended_bytes = 0;
    for (size_t i = 0; i < GROUP_BUCKETS; i++) {
        for (struct group *group = g->core.buckets[i]; ok && group != NULL; group = group->next) {
            for (size_t k = 0; ok && k < group->offset_count; k++) {
                const struct group_offset *o = &group->offsets[k];
                group_record_offset(&records[count++], bytes_of(group->id), bytes_of(o->topic),
                                    o->partition, o);
                ok = count < REWRITE_RECORDS || rewrite_flush(g, records, &count, &all, &err);
            }
            if (ok && group->state == GROUP_STABLE) {
                group_record_group(&records[count++], group, false, now_ms);
                ok = rewrite_flush(g, records, &count, &all, &err);
            }
        }
    }
    ok = ok && rewrite_flush(g, records, &count, &all, &err);
    if (g->replica != NULL) {
        replica_appended(g->replica);
    }
    if (ok && all.base_offset >= 0) {
        g->rewrite_from = all.base_offset;
        log_when_committed(g->log, all.last_offset, rewrite_durable, g);
    }
    error_clear(&err);
}

bool
groups_append(struct groups *g, const struct group_record *records, size_t count,
              struct log_append_result *out, struct error *err)
{
    if (g->log == NULL) {
        return error_set_code(err, ERROR_UNAVAILABLE, KE_NOT_COORDINATOR,
                              "the offsets log is led by another node");
    }
    if (!group_records_append(g->log, records, count, env_wall_ms(&env_real), out, err)) {
        trace(TRACE_ERROR, "kafka", "the offsets log cannot be written: %s", error_text(err));
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        g->appended_bytes += (int64_t)(records[i].key.len + records[i].value.len + 16);
    }
    if (g->replica != NULL) {
        replica_appended(g->replica);
    }
    return true;
}

static void
hook_changed(void *ctx, const struct group *group)
{
    struct groups *g = ctx;
    struct group_record record;
    struct log_append_result result;
    struct error err = {0};
    /* Not waited for: a crash that loses it makes the members join again, nothing worse. */
    group_record_group(&record, group, false, env_wall_ms(&env_real));
    groups_append(g, &record, 1, &result, &err);
    group_record_release(&record);
    error_clear(&err);
}

/* --- time ---------------------------------------------------------------------------------------
 */

static void
groups_timer(void *ctx)
{
    struct groups *g = ctx;
    g->timer = NULL;
    groups_schedule(g);
}

void
groups_schedule(struct groups *g)
{
    const int64_t now_ms = now_mono_ms();
    const int64_t next_ms = group_core_tick(&g->core, now_ms);
    if (g->timer != NULL && (next_ms == INT64_MAX || next_ms < g->timer_ms)) {
        loop_timer_cancel(g->timer);
        g->timer = NULL;
    }
    if (g->timer == NULL && next_ms != INT64_MAX) {
        const int64_t delay_ms = next_ms > now_ms ? next_ms - now_ms : 1;
        g->timer_ms = now_ms + delay_ms;
        g->timer = loop_after(g->broker->loop, delay_ms, groups_timer, g);
    }
    if (g->appended_bytes > REWRITE_BYTES_MIN && g->commits_waiting == 0) {
        groups_rewrite(g);
    }
}

/* --- finding, joining ---------------------------------------------------------------------------
 */

int16_t
groups_check(const struct groups *g)
{
    return g->role == GROUPS_HERE      ? KE_NONE
           : g->role == GROUPS_LOADING ? KE_COORDINATOR_LOAD_IN_PROGRESS
                                       : KE_NOT_COORDINATOR;
}

static struct topic *
offsets_topic(struct kafka_broker *b, struct error *err)
{
    struct topic *topic = topics_find(&b->topics, bytes_of(OFFSETS_TOPIC));
    if (topic == NULL) {
        static const struct topic_setting settings[] = {
            {(char *)(uintptr_t) "retention.ms", (char *)(uintptr_t) "-1"},
            {(char *)(uintptr_t) "segment.bytes", (char *)(uintptr_t) "4194304"},
        };
        const struct topic_wish wish = {.partitions = 1, .settings = settings, .setting_count = 2};
        topic = topics_create(&b->topics, bytes_of(OFFSETS_TOPIC), &wish, err);
    }
    return topic;
}

/* Who leads the offsets log coordinates all groups. The log is made when it is first asked for. */
static bool
coordinator_address(struct kafka_request *r, struct broker_address *out)
{
    struct kafka_broker *b = r->broker;
    struct error err = {0};
    if (b->cluster == NULL) {
        return broker_address_of(r, (uint32_t)b->node_id, out);
    }
    const struct topic *topic = offsets_topic(b, &err);
    if (topic == NULL) {
        trace(TRACE_INFO, "kafka", "no offsets log: %s", error_text(&err));
        error_clear(&err);
        return false;
    }
    const uint32_t leader = topic->states[0].leader;
    return leader != 0 && cluster_member(b->cluster, leader) != NULL &&
           broker_address_of(r, leader, out);
}

void
handle_find_coordinator(struct kafka_request *r)
{
    const struct find_coordinator_request *in = r->in;
    struct find_coordinator_response out;
    const bool groups = in->key_type == KEY_TYPE_GROUP;
    int16_t error = groups ? KE_NONE : KE_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    struct broker_address at = {.node = -1, .host = bytes_of(""), .port = -1};
    if (groups && !coordinator_address(r, &at)) {
        error = KE_COORDINATOR_NOT_AVAILABLE;
    }
    const struct bytes why = groups
                                 ? bytes_of("")
                                 : bytes_of("only groups have a coordinator: transactions are not "
                                            "supported yet");
    kafka_init(r->api->response, &out);
    if (r->version < 4) {
        out.error_code = error;
        out.error_message = why;
        out.node_id = at.node;
        out.host = at.host;
        out.port = at.port;
        request_answer(r, &out);
        return;
    }
    out.coordinators_count = in->coordinator_keys_count;
    out.coordinators = kafka_items(&r->arena, &find_coordinator_response_coordinators_table,
                                   (size_t)in->coordinator_keys_count);
    for (int32_t i = 0; i < in->coordinator_keys_count; i++) {
        out.coordinators[i].key = in->coordinator_keys[i];
        out.coordinators[i].node_id = at.node;
        out.coordinators[i].host = at.host;
        out.coordinators[i].port = at.port;
        out.coordinators[i].error_code = error;
        out.coordinators[i].error_message = why;
    }
    request_answer(r, &out);
}

/* A parked request holds itself; the hook that answers it lets go. */
static void
hook_join_answer(void *ctx, void *token, const struct group_join_answer *a)
{
    struct kafka_request *r = token;
    struct join_group_response out;
    (void)ctx;
    kafka_init(r->api->response, &out);
    out.error_code = a->error;
    out.member_id = bytes_of(a->member_id);
    out.leader = bytes_of("");
    out.protocol_name = r->version >= 7 ? (struct bytes){0} : bytes_of("");
    if (a->group != NULL) {
        const struct group *g = a->group;
        out.generation_id = g->generation;
        out.protocol_type = bytes_of(g->protocol_type);
        out.protocol_name = bytes_of(g->protocol != NULL ? g->protocol : "");
        out.leader = bytes_of(a->leader);
        out.skip_assignment = a->skip_assignment;
        if (a->with_members) {
            out.members_count = (int32_t)g->member_count;
            out.members =
                kafka_items(&r->arena, &join_group_response_members_table, g->member_count);
            for (size_t i = 0; i < g->member_count; i++) {
                out.members[i].member_id = bytes_of(g->members[i]->id);
                out.members[i].group_instance_id = bytes_of(g->members[i]->instance_id);
                out.members[i].metadata = group_metadata_of(g, g->members[i]);
            }
        }
    }
    r->on_gone = NULL;
    if (!r->done) {
        request_answer(r, &out);
    }
    request_release(r);
}

static void
hook_sync_answer(void *ctx, void *token, int16_t error, const struct group *g,
                 struct bytes assignment)
{
    struct kafka_request *r = token;
    struct sync_group_response out;
    (void)ctx;
    kafka_init(r->api->response, &out);
    out.error_code = error;
    out.assignment = assignment.ptr != NULL ? assignment : bytes_of("");
    if (error == KE_NONE) {
        out.protocol_type = bytes_of(g->protocol_type);
        out.protocol_name = bytes_of(g->protocol);
    }
    r->on_gone = NULL;
    if (!r->done) {
        request_answer(r, &out);
    }
    request_release(r);
}

static void
hook_new_id(void *ctx, char out[37])
{
    (void)ctx;
    env_uuid(&env_real, out);
}

/* The client of a parked join or sync hung up. */
static void
join_gone(struct kafka_request *r)
{
    const struct join_group_request *in = r->in;
    group_core_forget_token(&r->broker->groups->core, in->group_id, r);
    request_release(r);
    groups_schedule(r->broker->groups);
}

static void
sync_gone(struct kafka_request *r)
{
    const struct sync_group_request *in = r->in;
    group_core_forget_token(&r->broker->groups->core, in->group_id, r);
    request_release(r);
    groups_schedule(r->broker->groups);
}

void
handle_join_group(struct kafka_request *r)
{
    const struct join_group_request *in = r->in;
    struct groups *g = r->broker->groups;
    if (g->role != GROUPS_HERE) {
        const struct group_join_answer no = {.error = groups_check(g), .member_id = ""};
        request_retain(r);
        hook_join_answer(g, r, &no);
        return;
    }
    char host[128];
    host[0] = '/';
    const char *peer = conn_peer(r->conn->conn);
    const char *colon = strrchr(peer, ':');
    size_t len = colon != NULL ? (size_t)(colon - peer) : strlen(peer);
    len = len < sizeof host - 2 ? len : sizeof host - 2;
    memcpy(host + 1, peer, len);
    host[len + 1] = '\0';
    struct group_protocol_view *views =
        arena_new_array(&r->arena, struct group_protocol_view, (size_t)in->protocols_count + 1);
    for (int32_t i = 0; i < in->protocols_count; i++) {
        views[i] = (struct group_protocol_view){in->protocols[i].name, in->protocols[i].metadata};
    }
    const struct group_join join = {
        .group = in->group_id,
        .member_id = in->member_id,
        .instance_id = in->group_instance_id,
        .protocol_type = in->protocol_type,
        .client_id = r->client_id,
        .client_host = host,
        .session_ms = in->session_timeout_ms,
        .rebalance_ms =
            in->rebalance_timeout_ms > 0 ? in->rebalance_timeout_ms : in->session_timeout_ms,
        .protocols = views,
        .protocol_count = (size_t)in->protocols_count,
        .version = r->version,
    };
    request_retain(r);
    r->on_gone = join_gone;
    group_core_join(&g->core, &join, r, now_mono_ms());
    groups_schedule(g);
}

void
handle_sync_group(struct kafka_request *r)
{
    const struct sync_group_request *in = r->in;
    struct groups *g = r->broker->groups;
    if (g->role != GROUPS_HERE) {
        request_retain(r);
        hook_sync_answer(g, r, groups_check(g), NULL, (struct bytes){0});
        return;
    }
    struct group_assignment_view *views =
        arena_new_array(&r->arena, struct group_assignment_view, (size_t)in->assignments_count + 1);
    for (int32_t i = 0; i < in->assignments_count; i++) {
        views[i] = (struct group_assignment_view){in->assignments[i].member_id,
                                                  in->assignments[i].assignment};
    }
    const struct group_sync sync = {
        .group = in->group_id,
        .member_id = in->member_id,
        .instance_id = in->group_instance_id,
        .protocol_type = in->protocol_type,
        .protocol = in->protocol_name,
        .generation = in->generation_id,
        .assignments = views,
        .assignment_count = (size_t)in->assignments_count,
    };
    request_retain(r);
    r->on_gone = sync_gone;
    group_core_sync(&g->core, &sync, r, now_mono_ms());
    groups_schedule(g);
}

void
handle_heartbeat(struct kafka_request *r)
{
    const struct heartbeat_request *in = r->in;
    struct heartbeat_response out;
    kafka_init(r->api->response, &out);
    out.error_code = groups_check(r->broker->groups);
    if (out.error_code == KE_NONE) {
        out.error_code =
            group_core_heartbeat(&r->broker->groups->core, in->group_id, in->member_id,
                                 in->group_instance_id, in->generation_id, now_mono_ms());
    }
    request_answer(r, &out);
}

void
handle_leave_group(struct kafka_request *r)
{
    const struct leave_group_request *in = r->in;
    struct groups *g = r->broker->groups;
    struct leave_group_response out;
    kafka_init(r->api->response, &out);
    out.error_code = groups_check(g);
    if (out.error_code != KE_NONE) {
        request_answer(r, &out);
        return;
    }
    if (r->version < 3) {
        out.error_code = group_core_leave(&g->core, in->group_id, in->member_id, (struct bytes){0},
                                          now_mono_ms());
    } else {
        out.members_count = in->members_count;
        out.members =
            kafka_items(&r->arena, &leave_group_response_members_table, (size_t)in->members_count);
        for (int32_t i = 0; i < in->members_count; i++) {
            out.members[i].member_id = in->members[i].member_id;
            out.members[i].group_instance_id = in->members[i].group_instance_id;
            out.members[i].error_code =
                group_core_leave(&g->core, in->group_id, in->members[i].member_id,
                                 in->members[i].group_instance_id, now_mono_ms());
        }
    }
    request_answer(r, &out);
    groups_schedule(g);
}

/* --- life ---------------------------------------------------------------------------------------
 */

static bool
groups_load_record(void *ctx, const struct log_record *record)
{
    struct groups *g = ctx;
    if (record->key.ptr == NULL ||
        !group_record_apply(&g->core, record->key, record->value, now_mono_ms())) {
        trace(TRACE_WARN, "kafka", "record %lld of the offsets log is not understood",
              (long long)record->offset);
    }
    return true;
}

static bool
groups_load(struct groups *g, struct error *err)
{
    if (!log_scan(g->log, log_start_offset(g->log), groups_load_record, g, err)) {
        return false;
    }
    g->appended_bytes = log_bytes(g->log);
    groups_schedule(g);
    return true;
}

/* Groups are where the offsets log is led. A new leader knows them when its watermark has passed
 * everything that its predecessors answered. */
void
groups_role_changed(struct groups *g, struct replica *r)
{
    const struct replica_core *core = replica_core_of(r);
    struct error err = {0};
    if (core->role != REPLICA_LEADER) {
        g->role = GROUPS_ELSEWHERE;
        g->log = NULL;
        g->replica = NULL;
        group_core_resign(&g->core);
        return;
    }
    g->log = replica_log_of(r);
    g->replica = r;
    if (!replica_settled(core) || g->role == GROUPS_HERE) {
        g->role = g->role == GROUPS_HERE ? GROUPS_HERE : GROUPS_LOADING;
        return;
    }
    if (!groups_load(g, &err)) {
        trace(TRACE_ERROR, "kafka", "the offsets log cannot be read: %s", error_text(&err));
        error_clear(&err);
        return;
    }
    g->role = GROUPS_HERE;
    trace(TRACE_INFO, "kafka", "coordinates %zu groups", g->core.count);
}

struct groups *
groups_open(struct kafka_broker *b, struct error *err)
{
    static const struct group_hooks hooks = {hook_join_answer, hook_sync_answer, hook_changed,
                                             hook_new_id};
    struct groups *g = calloc(1, sizeof *g);
    if (g == NULL) {
        abort();
    }
    g->broker = b;
    group_core_init(&g->core, &hooks, g);
    g->core.initial_delay_ms = b->group_initial_delay_ms;
    if (b->cluster != NULL) {
        g->role = GROUPS_ELSEWHERE; /* until groups_role_changed */
        return g;
    }
    struct topic *topic = offsets_topic(b, err);
    g->log = topic != NULL ? topic->logs[0] : NULL;
    if (topic == NULL || !groups_load(g, err)) {
        groups_close(g);
        return NULL;
    }
    return g;
}

void
groups_close(struct groups *g)
{
    if (g->timer != NULL) {
        loop_timer_cancel(g->timer);
    }
    group_core_release(&g->core);
    free(g);
}
