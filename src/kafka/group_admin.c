/* What administrators and the web page ask of groups: lists, descriptions, deletions. */
#include <stdlib.h>

#include "base/trace.h"
#include "kafka/groups.h"

static bool
text_equal_any_case(struct bytes a, const char *b)
{
    return a.len == strlen(b) && strncasecmp((const char *)a.ptr, b, a.len) == 0;
}

static bool
list_wants(const struct list_groups_request *in, const struct group *g)
{
    bool state = in->states_filter_count <= 0, type = in->types_filter_count <= 0;
    for (int32_t i = 0; i < in->states_filter_count; i++) {
        state |= text_equal_any_case(in->states_filter[i], group_state_name(g));
    }
    for (int32_t i = 0; i < in->types_filter_count; i++) {
        type |= text_equal_any_case(in->types_filter[i], "classic");
    }
    return state && type;
}

/* A group that only waits for a member that was told its id is nobody's business yet. */
static bool
group_is_there(const struct group *g)
{
    return g->member_count > 0 || g->offset_count > 0 || g->state != GROUP_EMPTY ||
           g->generation > 0;
}

void
handle_list_groups(struct kafka_request *r)
{
    const struct list_groups_request *in = r->in;
    const struct group_core *core = &r->broker->groups->core;
    struct list_groups_response out;
    kafka_init(r->api->response, &out);
    out.groups = kafka_items(&r->arena, &list_groups_response_groups_table, core->count);
    for (size_t i = 0; i < GROUP_BUCKETS; i++) {
        for (const struct group *g = core->buckets[i]; g != NULL; g = g->next) {
            if (group_is_there(g) && list_wants(in, g)) {
                struct list_groups_response_groups *item = &out.groups[out.groups_count++];
                item->group_id = bytes_of(g->id);
                item->protocol_type = bytes_of(g->protocol_type != NULL ? g->protocol_type : "");
                item->group_state = bytes_of(group_state_name(g));
                item->group_type = bytes_of("classic");
            }
        }
    }
    request_answer(r, &out);
}

static void
describe_group(struct kafka_request *r, const struct group *g,
               struct describe_groups_response_groups *out)
{
    out->group_state = bytes_of(group_state_name(g));
    out->protocol_type = bytes_of(g->protocol_type != NULL ? g->protocol_type : "");
    out->protocol_data =
        bytes_of(g->state == GROUP_STABLE && g->protocol != NULL ? g->protocol : "");
    out->members_count = (int32_t)g->member_count;
    out->members = kafka_items(&r->arena, &describe_groups_response_members_table, g->member_count);
    for (size_t i = 0; i < g->member_count; i++) {
        const struct group_member *m = g->members[i];
        out->members[i].member_id = bytes_of(m->id);
        out->members[i].group_instance_id = bytes_of(m->instance_id);
        out->members[i].client_id = bytes_of(m->client_id);
        out->members[i].client_host = bytes_of(m->client_host);
        out->members[i].member_metadata =
            g->state == GROUP_STABLE ? group_metadata_of(g, m) : bytes_of("");
        out->members[i].member_assignment = g->state == GROUP_STABLE && m->assignment != NULL
                                                ? (struct bytes){m->assignment, m->assignment_len}
                                                : bytes_of("");
    }
}

void
handle_describe_groups(struct kafka_request *r)
{
    enum { GROUP_OPERATIONS = 0x148 }; /* read, delete, describe */
    const struct describe_groups_request *in = r->in;
    struct describe_groups_response out;
    kafka_init(r->api->response, &out);
    out.groups_count = in->groups_count;
    out.groups =
        kafka_items(&r->arena, &describe_groups_response_groups_table, (size_t)in->groups_count);
    for (int32_t i = 0; i < in->groups_count; i++) {
        const struct group *g = group_find(&r->broker->groups->core, in->groups[i]);
        struct describe_groups_response_groups *item = &out.groups[i];
        item->group_id = in->groups[i];
        if (in->include_authorized_operations) {
            item->authorized_operations = GROUP_OPERATIONS;
        }
        item->error_code = groups_check(r->broker->groups);
        if (item->error_code != KE_NONE) {
            continue;
        }
        if (g != NULL) {
            describe_group(r, g, item);
            continue;
        }
        item->group_state = bytes_of("Dead");
        item->protocol_type = item->protocol_data = bytes_of("");
        if (r->version >= 6) {
            item->error_code = KE_GROUP_ID_NOT_FOUND;
            item->error_message = bytes_of("there is no such group");
        }
    }
    request_answer(r, &out);
}

/* Appends tombstones of all that the group has. */
static bool
group_bury(struct groups *g, const struct group *group, struct error *err)
{
    struct group_record *records = calloc(group->offset_count + 1, sizeof *records);
    struct log_append_result result;
    if (records == NULL) {
        abort();
    }
    size_t count = 0;
    for (size_t i = 0; i < group->offset_count; i++) {
        group_record_offset(&records[count++], bytes_of(group->id),
                            bytes_of(group->offsets[i].topic), group->offsets[i].partition, NULL);
    }
    group_record_group(&records[count++], group, true, env_wall_ms(&env_real));
    const bool ok = groups_append(g, records, count, &result, err);
    for (size_t i = 0; i < count; i++) {
        group_record_release(&records[i]);
    }
    free(records);
    return ok;
}

void
handle_delete_groups(struct kafka_request *r)
{
    const struct delete_groups_request *in = r->in;
    struct groups *groups = r->broker->groups;
    struct delete_groups_response out;
    kafka_init(r->api->response, &out);
    out.results_count = in->groups_names_count;
    out.results = kafka_items(&r->arena, &delete_groups_response_results_table,
                              (size_t)in->groups_names_count);
    for (int32_t i = 0; i < in->groups_names_count; i++) {
        struct group *g = group_find(&groups->core, in->groups_names[i]);
        struct error err = {0};
        out.results[i].group_id = in->groups_names[i];
        out.results[i].error_code = groups_check(groups);
        if (out.results[i].error_code != KE_NONE) {
            continue;
        }
        if (g == NULL || !group_is_there(g)) {
            out.results[i].error_code = KE_GROUP_ID_NOT_FOUND;
        } else if (g->member_count > 0) {
            out.results[i].error_code = KE_NON_EMPTY_GROUP;
        } else if (!group_bury(groups, g, &err)) {
            out.results[i].error_code = KE_UNKNOWN_SERVER_ERROR;
            error_clear(&err);
        } else {
            group_remove(&groups->core, g);
        }
    }
    request_answer(r, &out);
}

/* Consumers' own metadata: int16 version, then the topics they subscribe to. */
static bool
group_subscribes(const struct group *g, struct bytes topic)
{
    for (size_t i = 0; i < g->member_count; i++) {
        struct reader r;
        reader_init(&r, group_metadata_of(g, g->members[i]));
        reader_be16(&r);
        const uint32_t count = reader_be32(&r);
        for (uint32_t k = 0; k < count && reader_ok(&r); k++) {
            const struct bytes name = reader_take(&r, reader_be16(&r));
            if (reader_ok(&r) && bytes_equal(name, topic)) {
                return true;
            }
        }
    }
    return false;
}

static int16_t
offset_delete(struct groups *groups, struct group *g, struct bytes topic, int32_t partition)
{
    if (group_subscribes(g, topic)) {
        return KE_GROUP_SUBSCRIBED_TO_TOPIC;
    }
    struct group_record record;
    struct log_append_result result;
    struct error err = {0};
    group_record_offset(&record, bytes_of(g->id), topic, partition, NULL);
    const bool ok = groups_append(groups, &record, 1, &result, &err);
    group_record_release(&record);
    error_clear(&err);
    if (ok) {
        group_offset_set(g, topic, partition, &(struct group_offset){.offset = -1});
    }
    return ok ? KE_NONE : KE_UNKNOWN_SERVER_ERROR;
}

void
handle_offset_delete(struct kafka_request *r)
{
    const struct offset_delete_request *in = r->in;
    struct groups *groups = r->broker->groups;
    struct group *g = group_find(&groups->core, in->group_id);
    struct offset_delete_response out;
    kafka_init(r->api->response, &out);
    if (g == NULL || groups_check(groups) != KE_NONE) {
        out.error_code =
            groups_check(groups) != KE_NONE ? groups_check(groups) : KE_GROUP_ID_NOT_FOUND;
        request_answer(r, &out);
        return;
    }
    out.topics_count = in->topics_count;
    out.topics =
        kafka_items(&r->arena, &offset_delete_response_topics_table, (size_t)in->topics_count);
    for (int32_t i = 0; i < in->topics_count; i++) {
        struct offset_delete_response_topics *t = &out.topics[i];
        t->name = in->topics[i].name;
        t->partitions_count = in->topics[i].partitions_count;
        t->partitions = kafka_items(&r->arena, &offset_delete_response_partitions_table,
                                    (size_t)t->partitions_count);
        for (int32_t j = 0; j < t->partitions_count; j++) {
            const int32_t partition = in->topics[i].partitions[j].partition_index;
            t->partitions[j].partition_index = partition;
            t->partitions[j].error_code = offset_delete(groups, g, t->name, partition);
        }
    }
    request_answer(r, &out);
}

void
groups_forget_topic(struct groups *groups, struct bytes topic)
{
    for (size_t i = 0; i < GROUP_BUCKETS; i++) {
        for (struct group *g = groups->core.buckets[i]; g != NULL; g = g->next) {
            for (size_t k = g->offset_count; k-- > 0;) {
                if (k >= g->offset_count || !bytes_is(topic, g->offsets[k].topic)) {
                    continue;
                }
                struct group_record record;
                struct log_append_result result;
                struct error err = {0};
                const int32_t partition = g->offsets[k].partition;
                group_record_offset(&record, bytes_of(g->id), topic, partition, NULL);
                groups_append(groups, &record, 1, &result, &err);
                group_record_release(&record);
                error_clear(&err);
                group_offset_set(g, topic, partition, &(struct group_offset){.offset = -1});
            }
        }
    }
}

/* count, then name, state, members, count of offsets, (topic, partition, committed, end)... */
void
kafka_group_list(struct kafka_broker *b, struct buffer *out)
{
    const struct group_core *core = &b->groups->core;
    size_t count = 0;
    struct buffer items = {0};
    for (size_t i = 0; i < GROUP_BUCKETS; i++) {
        for (const struct group *g = core->buckets[i]; g != NULL; g = g->next) {
            if (!group_is_there(g)) {
                continue;
            }
            count++;
            buffer_lentext(&items, g->id);
            buffer_lentext(&items, group_state_name(g));
            buffer_uvarint(&items, g->member_count);
            buffer_uvarint(&items, g->offset_count);
            for (size_t k = 0; k < g->offset_count; k++) {
                const struct group_offset *o = &g->offsets[k];
                struct topic *topic = topics_find(&b->topics, bytes_of(o->topic));
                struct log *log = topic != NULL ? topic_log(topic, o->partition) : NULL;
                buffer_lentext(&items, o->topic);
                buffer_uvarint(&items, (uint64_t)o->partition);
                buffer_uvarint(&items, (uint64_t)o->offset);
                buffer_uvarint(&items, log != NULL ? (uint64_t)log_high_watermark(log)
                                                   : (uint64_t)o->offset);
            }
        }
    }
    buffer_uvarint(out, count);
    buffer_put(out, items.ptr, items.len);
    buffer_release(&items);
}
