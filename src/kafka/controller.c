/*
 * Who leads: the decisions of the one node that holds the key `controller`.
 *
 * Whenever members come or go, and a few times a second, each partition's state is held against the
 * members (partition_next); what is to change is written by compare-and-set together with a check
 * of the key `controller`, so that a deposed controller's decisions fail. The clerk writes; the
 * watches of all nodes, ours too, bring the outcome. One round is under way at a time.
 */
#include <stdlib.h>

#include "base/trace.h"
#include "kafka/cluster_private.h"

enum { ROUND_MAX = 2000, CONTROLLER_CHUNK = 100 };

struct decision {
    char key[PARTITION_KEY_MAX];
    struct partition_state next;
    uint64_t written; /* version; 0: not */
};

struct controller_round {
    struct cluster *cluster;
    struct control *control;
    uint64_t controller_version;
    size_t count;
    struct decision decisions[];
};

/* One change of decisions[from..to), all or nothing. */
static bool
round_write(struct controller_round *round, size_t from, size_t to, struct error *err)
{
    struct control_change changes[CONTROLLER_CHUNK + 1] = {
        {.key = "controller", .version_expected = round->controller_version, .check_only = true}};
    struct buffer values[CONTROLLER_CHUNK] = {{0}};
    uint64_t version = 0;
    for (size_t i = from; i < to; i++) {
        struct buffer *value = &values[i - from];
        partition_write(&round->decisions[i].next, value);
        changes[1 + i - from] =
            (struct control_change){.key = round->decisions[i].key,
                                    .version_expected = round->decisions[i].next.version,
                                    .value = value->ptr,
                                    .len = value->len};
    }
    const bool ok = control_apply(round->control, changes, 1 + to - from, &version, err);
    for (size_t i = from; i < to; i++) {
        round->decisions[i].written = ok ? version : 0;
        buffer_release(&values[i - from]);
    }
    return ok;
}

static void
round_run(void *ctx)
{
    struct controller_round *round = ctx;
    for (size_t from = 0; from < round->count; from += CONTROLLER_CHUNK) {
        const size_t to =
            from + CONTROLLER_CHUNK < round->count ? from + CONTROLLER_CHUNK : round->count;
        struct error err = {0};
        bool ok = round_write(round, from, to, &err);
        /* One of them changed meanwhile: the others need not wait for it. */
        for (size_t i = from; !ok && err.code == CONTROL_CONFLICT && i < to; i++) {
            struct error each = {0};
            round_write(round, i, i + 1, &each);
            error_clear(&each);
        }
        if (!ok) {
            trace(TRACE_INFO, "kafka", "decisions of the controller: %s", error_text(&err));
            error_clear(&err);
        }
    }
}

static void
round_done(void *ctx, bool ran)
{
    struct controller_round *round = ctx;
    struct cluster *c = round->cluster;
    c->deciding = false;
    for (size_t i = 0; ran && !c->stopped && i < round->count; i++) {
        struct decision *d = &round->decisions[i];
        if (d->written == 0) {
            continue;
        }
        /* Not waiting for the watch saves its way here. */
        const char *name = d->key + strlen("partition/"), *slash = strrchr(name, '/');
        struct topic *topic =
            topics_find(c->topics, (struct bytes){(const uint8_t *)name, (size_t)(slash - name)});
        const int32_t partition = (int32_t)strtol(slash + 1, NULL, 10);
        d->next.version = d->written;
        trace(TRACE_INFO, "kafka", "partition %s: node %u leads epoch %d, %u in sync", name,
              d->next.leader, d->next.epoch, partition_in_sync(&d->next));
        if (topic != NULL && partition < topic->partition_count) {
            cluster_partition_is(c, topic, partition, &d->next);
        }
    }
    free(round);
    if (c->decide_again) {
        c->decide_again = false;
        controller_decide(c);
    }
}

static bool
decide_topic(struct controller_round **round, const struct topic *topic,
             const struct partition_member *members, size_t count, bool home)
{
    for (int32_t i = 0; i < topic->partition_count; i++) {
        struct partition_state next;
        if (topic->states[i].version == 0 ||
            !partition_next(&topic->states[i], members, count, home, &next)) {
            continue;
        }
        if ((*round)->count == ROUND_MAX) {
            return false;
        }
        struct decision *d = &(*round)->decisions[(*round)->count++];
        partition_key(d->key, topic->name, i);
        d->next = next;
        d->written = 0;
    }
    return true;
}

void
controller_decide(struct cluster *c)
{
    uint64_t version = 0;
    struct partition_member members[MEMBERS_MAX];
    if (c->stopped || !members_is_controller(c->membership, &version)) {
        return;
    }
    if (c->deciding) {
        c->decide_again = true;
        return;
    }
    const size_t count = cluster_partition_members(c, members);
    const bool home =
        env_mono_ms(&env_real) - c->members_changed_ms > CLUSTER_HOME_MS; /* all is quiet */
    struct controller_round *round = malloc(sizeof *round + ROUND_MAX * sizeof(struct decision));
    if (round == NULL) {
        abort();
    }
    *round = (struct controller_round){
        .cluster = c, .control = c->topics->control, .controller_version = version};
    bool room = true;
    for (size_t i = 0; room && i < TOPIC_BUCKETS; i++) {
        for (struct topic *t = c->topics->by_name[i]; room && t != NULL; t = t->next_by_name) {
            room = decide_topic(&round, t, members, count, home);
        }
    }
    if (round->count == 0) {
        free(round);
        return;
    }
    c->deciding = true;
    c->decide_again = !room;
    clerk_do(c->clerk, round_run, round_done, round);
}
