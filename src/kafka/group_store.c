/* The records of groups and offsets, both ways. Big-endian, strings with int16 lengths. */
#include "kafka/group_store.h"

#include <stdlib.h>

enum { KEY_OFFSET = 1, KEY_GROUP = 2, VALUE_VERSION = 3 };

static void
put_string(struct buffer *b, struct bytes text)
{
    buffer_be16(b, text.ptr != NULL ? (uint16_t)text.len : UINT16_MAX);
    buffer_put(b, text.ptr, text.ptr != NULL ? text.len : 0);
}

static void
put_blob(struct buffer *b, const void *ptr, size_t len)
{
    buffer_be32(b, (uint32_t)len);
    buffer_put(b, ptr, len);
}

static struct bytes
take_string(struct reader *r)
{
    const int16_t len = (int16_t)reader_be16(r);
    if (len < 0) {
        return (struct bytes){0};
    }
    return reader_take(r, (size_t)len);
}

static struct bytes
take_blob(struct reader *r)
{
    const int32_t len = (int32_t)reader_be32(r);
    if (len < 0) {
        return (struct bytes){0};
    }
    return reader_take(r, (size_t)len);
}

void
group_record_release(struct group_record *r)
{
    buffer_release(&r->key);
    buffer_release(&r->value);
}

void
group_record_offset(struct group_record *out, struct bytes group, struct bytes topic,
                    int32_t partition, const struct group_offset *value)
{
    *out = (struct group_record){.tombstone = value == NULL};
    buffer_be16(&out->key, KEY_OFFSET);
    put_string(&out->key, group);
    put_string(&out->key, topic);
    buffer_be32(&out->key, (uint32_t)partition);
    if (value != NULL) {
        buffer_be16(&out->value, VALUE_VERSION);
        buffer_be64(&out->value, (uint64_t)value->offset);
        buffer_be32(&out->value, (uint32_t)value->leader_epoch);
        put_string(&out->value, bytes_of(value->metadata != NULL ? value->metadata : ""));
        buffer_be64(&out->value, (uint64_t)value->commit_ms);
    }
}

static struct bytes
member_metadata(const struct group *g, const struct group_member *m)
{
    for (size_t i = 0; g->protocol != NULL && i < m->protocol_count; i++) {
        if (strcmp(m->protocols[i].name, g->protocol) == 0) {
            return (struct bytes){m->protocols[i].metadata, m->protocols[i].len};
        }
    }
    return (struct bytes){0};
}

void
group_record_group(struct group_record *out, const struct group *g, bool gone, int64_t now_ms)
{
    *out = (struct group_record){.tombstone = gone};
    buffer_be16(&out->key, KEY_GROUP);
    put_string(&out->key, bytes_of(g->id));
    if (gone) {
        return;
    }
    struct buffer *b = &out->value;
    buffer_be16(b, VALUE_VERSION);
    put_string(b, bytes_of(g->protocol_type != NULL ? g->protocol_type : ""));
    buffer_be32(b, (uint32_t)g->generation);
    put_string(b, bytes_of(g->protocol));
    put_string(b, bytes_of(g->leader));
    buffer_be64(b, (uint64_t)now_ms);
    buffer_be32(b, (uint32_t)g->member_count);
    for (size_t i = 0; i < g->member_count; i++) {
        const struct group_member *m = g->members[i];
        const struct bytes metadata = member_metadata(g, m);
        put_string(b, bytes_of(m->id));
        put_string(b, bytes_of(m->instance_id));
        put_string(b, bytes_of(m->client_id));
        put_string(b, bytes_of(m->client_host));
        buffer_be32(b, (uint32_t)m->rebalance_ms);
        buffer_be32(b, (uint32_t)m->session_ms);
        put_blob(b, metadata.ptr, metadata.len);
        put_blob(b, m->assignment, m->assignment_len);
    }
}

static bool
apply_offset(struct group_core *c, struct reader *key, struct bytes value)
{
    const struct bytes group = take_string(key);
    const struct bytes topic = take_string(key);
    const int32_t partition = (int32_t)reader_be32(key);
    if (!reader_ok(key) || group.ptr == NULL || topic.ptr == NULL) {
        return false;
    }
    struct group_offset offset = {.offset = -1};
    if (value.ptr != NULL) {
        struct reader r;
        reader_init(&r, value);
        const uint16_t version = reader_be16(&r);
        offset.offset = (int64_t)reader_be64(&r);
        offset.leader_epoch = (int32_t)reader_be32(&r);
        group_text_set(&offset.metadata, take_string(&r));
        offset.commit_ms = (int64_t)reader_be64(&r);
        if (!reader_ok(&r) || version != VALUE_VERSION) {
            free(offset.metadata);
            return false;
        }
    } else if (group_find(c, group) == NULL) {
        return true;
    }
    group_offset_set(group_get(c, group), topic, partition, &offset);
    free(offset.metadata);
    return true;
}

static void
apply_member(struct group *g, struct reader *r, int64_t now_ms)
{
    const struct bytes id = take_string(r), instance_id = take_string(r);
    const struct bytes client_id = take_string(r), host = take_string(r);
    const int32_t rebalance_ms = (int32_t)reader_be32(r), session_ms = (int32_t)reader_be32(r);
    const struct bytes metadata = take_blob(r), assignment = take_blob(r);
    if (!reader_ok(r) || id.ptr == NULL || host.ptr == NULL) {
        reader_refuse(r);
        return;
    }
    char *host_text = NULL;
    group_text_set(&host_text, host);
    struct group_member *m =
        group_member_add(g, id, instance_id, client_id, host_text, session_ms, rebalance_ms);
    free(host_text);
    const struct group_protocol_view view = {bytes_of(g->protocol), metadata};
    group_member_protocols_set(m, &view, g->protocol != NULL ? 1 : 0);
    group_member_assign(m, assignment);
    m->deadline_ms = now_ms + session_ms;
    m->synced = true;
}

static bool
apply_group(struct group_core *c, struct reader *key, struct bytes value, int64_t now_ms)
{
    const struct bytes id = take_string(key);
    if (!reader_ok(key) || id.ptr == NULL) {
        return false;
    }
    struct group *g = group_find(c, id);
    if (value.ptr == NULL) {
        if (g != NULL && g->offset_count == 0) {
            group_remove(c, g);
        } else if (g != NULL) {
            group_members_clear(g);
            g->state = GROUP_EMPTY;
        }
        return true;
    }
    g = group_get(c, id);
    struct reader r;
    reader_init(&r, value);
    const uint16_t version = reader_be16(&r);
    group_members_clear(g);
    group_text_set(&g->protocol_type, take_string(&r));
    g->generation = (int32_t)reader_be32(&r);
    group_text_set(&g->protocol, take_string(&r));
    group_text_set(&g->leader, take_string(&r));
    reader_be64(&r);
    const uint32_t count = reader_be32(&r);
    for (uint32_t i = 0; i < count && reader_ok(&r); i++) {
        apply_member(g, &r, now_ms);
    }
    if (!reader_ok(&r) || version != VALUE_VERSION) {
        group_members_clear(g);
    }
    g->state = g->member_count > 0 && g->protocol != NULL ? GROUP_STABLE : GROUP_EMPTY;
    return reader_ok(&r);
}

bool
group_record_apply(struct group_core *c, struct bytes key, struct bytes value, int64_t now_ms)
{
    struct reader r;
    reader_init(&r, key);
    switch (reader_be16(&r)) {
    case KEY_OFFSET:
        return apply_offset(c, &r, value);
    case KEY_GROUP:
        return apply_group(c, &r, value, now_ms);
    default:
        return false;
    }
}

bool
group_records_append(struct log *log, const struct group_record *records, size_t count,
                     int64_t now_ms, struct log_append_result *out, struct error *err)
{
    struct buffer bytes = {0};
    struct batch_builder b;
    batch_begin(&b, &bytes, 0);
    for (size_t i = 0; i < count; i++) {
        const struct group_record *r = &records[i];
        batch_add(&b, now_ms, (struct bytes){r->key.ptr, r->key.len},
                  r->tombstone ? (struct bytes){0} : (struct bytes){r->value.ptr, r->value.len},
                  (struct bytes){0}, 0);
    }
    batch_end(&b);
    const bool ok = log_append(log, bytes.ptr, bytes.len, LOG_INTERNAL, out, err);
    buffer_release(&bytes);
    return ok;
}
