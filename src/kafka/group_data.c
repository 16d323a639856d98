/* What a group is made of: members, those that are to come, protocols, offsets. */
#include <stdlib.h>

#include "kafka/group_private.h"

static void *
group_alloc(void *p)
{
    if (p == NULL) {
        abort();
    }
    return p;
}

void
group_text_set(char **at, struct bytes text)
{
    char *copy = NULL;
    if (text.ptr != NULL) {
        copy = group_alloc(malloc(text.len + 1));
        memcpy(copy, text.ptr, text.len);
        copy[text.len] = '\0';
    }
    free(*at);
    *at = copy;
}

static size_t
group_bucket(struct bytes id)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < id.len; i++) {
        h = (h ^ id.ptr[i]) * 1099511628211u;
    }
    return (size_t)(h ^ h >> 32) % GROUP_BUCKETS;
}

struct group *
group_find(struct group_core *c, struct bytes id)
{
    struct group *g = c->buckets[group_bucket(id)];
    while (g != NULL && !bytes_is(id, g->id)) {
        g = g->next;
    }
    return g;
}

struct group *
group_get(struct group_core *c, struct bytes id)
{
    struct group *g = group_find(c, id);
    if (g == NULL) {
        struct group **bucket = &c->buckets[group_bucket(id)];
        g = group_alloc(calloc(1, sizeof *g));
        group_text_set(&g->id, id);
        g->next = *bucket;
        *bucket = g;
        c->count++;
    }
    return g;
}

void
group_unlink(struct group_core *c, struct group *g)
{
    struct group **link = &c->buckets[group_bucket(bytes_of(g->id))];
    while (*link != g) {
        link = &(*link)->next;
    }
    *link = g->next;
    c->count--;
}

static void
protocols_free(struct group_member *m)
{
    for (size_t i = 0; i < m->protocol_count; i++) {
        free(m->protocols[i].name);
        free(m->protocols[i].metadata);
    }
    free(m->protocols);
    m->protocols = NULL;
    m->protocol_count = 0;
}

static void
member_free(struct group_member *m)
{
    protocols_free(m);
    free(m->id);
    free(m->instance_id);
    free(m->client_id);
    free(m->client_host);
    free(m->assignment);
    free(m);
}

void
group_members_clear(struct group *g)
{
    while (g->member_count > 0) {
        group_member_drop(g, g->member_count - 1);
    }
}

void
group_free(struct group *g)
{
    group_members_clear(g);
    while (g->pending_count > 0) {
        group_pending_drop(g, g->pending_count - 1);
    }
    for (size_t i = 0; i < g->offset_count; i++) {
        free(g->offsets[i].topic);
        free(g->offsets[i].metadata);
    }
    free(g->offsets);
    free(g->members);
    free(g->pending);
    free(g->id);
    free(g->protocol_type);
    free(g->protocol);
    free(g->leader);
    free(g);
}

const char *
group_state_name(const struct group *g)
{
    static const char *const names[] = {
        [GROUP_EMPTY] = "Empty",
        [GROUP_PREPARING] = "PreparingRebalance",
        [GROUP_COMPLETING] = "CompletingRebalance",
        [GROUP_STABLE] = "Stable",
    };
    return names[g->state];
}

struct group_member *
group_member_find(const struct group *g, struct bytes id)
{
    for (size_t i = 0; i < g->member_count; i++) {
        if (bytes_is(id, g->members[i]->id)) {
            return g->members[i];
        }
    }
    return NULL;
}

struct group_member *
group_static_find(const struct group *g, struct bytes instance_id)
{
    for (size_t i = 0; instance_id.ptr != NULL && i < g->member_count; i++) {
        if (g->members[i]->instance_id != NULL &&
            bytes_is(instance_id, g->members[i]->instance_id)) {
            return g->members[i];
        }
    }
    return NULL;
}

struct group_member *
group_member_add(struct group *g, struct bytes id, struct bytes instance_id, struct bytes client_id,
                 const char *client_host, int32_t session_ms, int32_t rebalance_ms)
{
    if (g->member_count == g->member_capacity) {
        g->member_capacity = g->member_capacity ? g->member_capacity * 2 : 4;
        g->members =
            group_alloc(realloc(g->members, g->member_capacity * sizeof(struct group_member *)));
    }
    struct group_member *m = group_alloc(calloc(1, sizeof *m));
    group_text_set(&m->id, id);
    group_text_set(&m->instance_id, instance_id);
    group_text_set(&m->client_id, client_id.ptr != NULL ? client_id : bytes_of(""));
    group_text_set(&m->client_host, bytes_of(client_host));
    m->session_ms = session_ms;
    m->rebalance_ms = rebalance_ms;
    g->members[g->member_count++] = m;
    return m;
}

void
group_member_drop(struct group *g, size_t i)
{
    member_free(g->members[i]);
    memmove(&g->members[i], &g->members[i + 1],
            (--g->member_count - i) * sizeof(struct group_member *));
}

void
group_member_protocols_set(struct group_member *m, const struct group_protocol_view *views,
                           size_t count)
{
    protocols_free(m);
    m->protocols = group_alloc(calloc(count + 1, sizeof *m->protocols));
    m->protocol_count = count;
    for (size_t i = 0; i < count; i++) {
        group_text_set(&m->protocols[i].name, views[i].name);
        m->protocols[i].metadata = group_alloc(malloc(views[i].metadata.len + 1));
        m->protocols[i].len = views[i].metadata.len;
        if (views[i].metadata.len > 0) {
            memcpy(m->protocols[i].metadata, views[i].metadata.ptr, views[i].metadata.len);
        }
    }
}

void
group_member_assign(struct group_member *m, struct bytes assignment)
{
    free(m->assignment);
    m->assignment = group_alloc(malloc(assignment.len + 1));
    m->assignment_len = assignment.len;
    if (assignment.len > 0) {
        memcpy(m->assignment, assignment.ptr, assignment.len);
    }
}

void
group_pending_add(struct group *g, const char *id, int64_t deadline_ms)
{
    g->pending = group_alloc(realloc(g->pending, (g->pending_count + 1) * sizeof *g->pending));
    struct group_pending *p = &g->pending[g->pending_count++];
    *p = (struct group_pending){.deadline_ms = deadline_ms};
    group_text_set(&p->id, bytes_of(id));
}

void
group_pending_drop(struct group *g, size_t i)
{
    free(g->pending[i].id);
    g->pending[i] = g->pending[--g->pending_count];
}

bool
group_pending_take(struct group *g, struct bytes id)
{
    for (size_t i = 0; i < g->pending_count; i++) {
        if (bytes_is(id, g->pending[i].id)) {
            group_pending_drop(g, i);
            return true;
        }
    }
    return false;
}

bool
group_all_list(const struct group *g, struct bytes protocol, const struct group_member *but)
{
    for (size_t i = 0; i < g->member_count; i++) {
        const struct group_member *m = g->members[i];
        bool lists = m == but;
        for (size_t k = 0; !lists && k < m->protocol_count; k++) {
            lists = bytes_is(protocol, m->protocols[k].name);
        }
        if (!lists) {
            return false;
        }
    }
    return true;
}

bool
group_protocols_equal(const struct group_member *m, const struct group_join *in,
                      const char *only_name)
{
    if (only_name == NULL && m->protocol_count != in->protocol_count) {
        return false;
    }
    for (size_t i = 0; i < in->protocol_count; i++) {
        const struct group_protocol_view *view = &in->protocols[i];
        if (only_name != NULL && !bytes_is(view->name, only_name)) {
            continue;
        }
        size_t k = 0;
        while (k < m->protocol_count && !bytes_is(view->name, m->protocols[k].name)) {
            k++;
        }
        if (k == m->protocol_count ||
            !bytes_equal(view->metadata,
                         (struct bytes){m->protocols[k].metadata, m->protocols[k].len})) {
            return false;
        }
    }
    return true;
}

static size_t
offset_search(const struct group *g, struct bytes topic, int32_t partition, bool *found)
{
    size_t low = 0, high = g->offset_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct group_offset *o = &g->offsets[middle];
        const size_t len = strlen(o->topic);
        int order = memcmp(o->topic, topic.ptr, len < topic.len ? len : topic.len);
        order = order != 0 ? order : len < topic.len ? -1 : len > topic.len;
        order = order != 0 ? order : o->partition < partition ? -1 : o->partition > partition;
        if (order < 0) {
            low = middle + 1;
        } else if (order > 0) {
            high = middle;
        } else {
            *found = true;
            return middle;
        }
    }
    *found = false;
    return low;
}

void
group_offset_set(struct group *g, struct bytes topic, int32_t partition,
                 const struct group_offset *value)
{
    bool found;
    const size_t at = offset_search(g, topic, partition, &found);
    if (value->offset < 0) {
        if (found) {
            free(g->offsets[at].topic);
            free(g->offsets[at].metadata);
            memmove(&g->offsets[at], &g->offsets[at + 1],
                    (--g->offset_count - at) * sizeof *g->offsets);
        }
        return;
    }
    if (!found) {
        if (g->offset_count == g->offset_capacity) {
            g->offset_capacity = g->offset_capacity ? g->offset_capacity * 2 : 8;
            g->offsets = group_alloc(realloc(g->offsets, g->offset_capacity * sizeof *g->offsets));
        }
        memmove(&g->offsets[at + 1], &g->offsets[at],
                (g->offset_count++ - at) * sizeof *g->offsets);
        g->offsets[at] = (struct group_offset){.partition = partition};
        group_text_set(&g->offsets[at].topic, topic);
    }
    struct group_offset *o = &g->offsets[at];
    o->offset = value->offset;
    o->leader_epoch = value->leader_epoch;
    o->commit_ms = value->commit_ms;
    group_text_set(&o->metadata, bytes_of(value->metadata != NULL ? value->metadata : ""));
}

const struct group_offset *
group_offset_find(const struct group *g, struct bytes topic, int32_t partition)
{
    bool found;
    const size_t at = offset_search(g, topic, partition, &found);
    return found ? &g->offsets[at] : NULL;
}
