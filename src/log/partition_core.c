/* Decisions about one partition: elections, the two sets, the first placement, and the key's form.
 */
#include "log/partition_core.h"

#include <assert.h>
#include <string.h>

#include "base/bug.h"

enum { PARTITION_FORM = 1, FLAG_IN_SYNC = 1, FLAG_ELIGIBLE = 2 };

struct partition_replica *
partition_find(struct partition_state *s, uint32_t node)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->replicas[i].node == node) {
            return &s->replicas[i];
        }
    }
    return NULL;
}

uint32_t
partition_in_sync(const struct partition_state *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        n += s->replicas[i].in_sync;
    }
    return n;
}

bool
disk_id_equal(const struct disk_id *a, const struct disk_id *b)
{
    return strcmp(a->text, b->text) == 0;
}

void
partition_leave(struct partition_state *s, uint32_t node)
{
    struct partition_replica *r = partition_find(s, node);
    if (r == NULL || !r->in_sync) {
        return;
    }
    r->in_sync = false;
    r->eligible = partition_in_sync(s) < s->min_insync;
}

void
partition_left(struct partition_state *s, const struct partition_state *before)
{
    if (partition_in_sync(s) >= s->min_insync) {
        return;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        struct partition_replica *r = &s->replicas[i];
        const struct partition_replica *then = &before->replicas[i];
        r->eligible |= then->in_sync && !r->in_sync && disk_id_equal(&r->disk, &then->disk);
    }
}

void
partition_join(struct partition_state *s, uint32_t node, uint64_t incarnation,
               const struct disk_id *disk)
{
    struct partition_replica *r = partition_find(s, node);
    if (r == NULL) {
        return;
    }
    r->in_sync = true;
    r->eligible = false;
    r->incarnation = incarnation;
    r->disk = *disk;
    if (partition_in_sync(s) >= s->min_insync && !BUG(BUG_ELIGIBLE_NOT_CLEARED)) {
        for (uint32_t i = 0; i < s->count; i++) {
            s->replicas[i].eligible = false;
        }
    }
}

static const struct partition_member *
member_of(const struct partition_member *members, size_t count, uint32_t node)
{
    for (size_t i = 0; i < count; i++) {
        if (members[i].node == node) {
            return &members[i];
        }
    }
    return NULL;
}

/* A node that came back with another disk has nothing of what its old one held (L7). */
static void
lost_disks_leave(struct partition_state *s, const struct partition_member *members, size_t count)
{
    for (uint32_t i = 0; i < s->count; i++) {
        struct partition_replica *r = &s->replicas[i];
        const struct partition_member *m = member_of(members, count, r->node);
        if (m != NULL && (r->in_sync || r->eligible) && !disk_id_equal(&m->disk, &r->disk) &&
            !BUG(BUG_ELECT_LOST_DISK)) {
            r->in_sync = false;
            r->eligible = false;
        }
    }
}

/* How gladly this replica is taken for leader; 0: not at all. */
static int
leader_rank(const struct partition_replica *r, const struct partition_member *m, bool from_eligible)
{
    const bool may = (from_eligible ? r->eligible : r->in_sync) || BUG(BUG_ELECT_ANYBODY);
    if (m == NULL || !may) {
        return 0;
    }
    return m->suspect ? 1 : m->draining ? 2 : 3;
}

static const struct partition_replica *
leader_choose(const struct partition_state *s, const struct partition_member *members, size_t count,
              bool from_eligible, int *rank_out)
{
    const struct partition_replica *best = NULL;
    int best_rank = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct partition_replica *r = &s->replicas[i];
        const int rank = leader_rank(r, member_of(members, count, r->node), from_eligible);
        if (rank > best_rank) {
            best = r;
            best_rank = rank;
        }
    }
    *rank_out = best_rank;
    return best;
}

static void
leader_set(struct partition_state *s, const struct partition_member *m)
{
    struct partition_replica *r = partition_find(s, m->node);
    s->leader = m->node;
    s->leader_incarnation = m->incarnation;
    s->epoch += BUG(BUG_ELECT_SAME_EPOCH) ? 0 : 1;
    r->incarnation = m->incarnation;
    r->disk = m->disk;
}

/* The whole in-sync set is gone: who else holds everything that was committed? The old members do
 * too, so they become eligible themselves; nothing commits before the set is large enough. */
static void
elect_from_eligible(struct partition_state *s, const struct partition_member *m)
{
    for (uint32_t i = 0; i < s->count; i++) {
        struct partition_replica *r = &s->replicas[i];
        if (r->in_sync) {
            r->in_sync = false;
            r->eligible = true;
        }
    }
    leader_set(s, m);
    partition_join(s, m->node, m->incarnation, &m->disk);
}

static void
elect(struct partition_state *s, const struct partition_member *members, size_t count,
      const struct partition_member *leader, bool move_home)
{
    int rank = 0;
    const struct partition_replica *best = leader_choose(s, members, count, false, &rank);
    if (leader == NULL) {
        if (best != NULL) {
            const struct partition_member *m = member_of(members, count, best->node);
            leader_set(s, m);
            if (BUG(BUG_ELECT_ANYBODY)) {
                partition_join(s, m->node, m->incarnation, &m->disk);
            }
        } else if ((best = leader_choose(s, members, count, true, &rank)) != NULL) {
            elect_from_eligible(s, member_of(members, count, best->node));
        } else if (s->leader != 0) {
            s->leader = 0; /* waits for one of the sets to come back */
            s->leader_incarnation = 0;
        }
        return;
    }
    if (best == NULL || best->node == s->leader) {
        return;
    }
    const struct partition_replica *own = partition_find(s, s->leader);
    const int own_rank = own != NULL ? leader_rank(own, leader, false) : 0;
    /* choose takes the first of the best: so `best` is before the leader where both are as good. */
    if (rank > own_rank ? leader->draining || move_home : move_home && rank == 3) {
        leader_set(s, member_of(members, count, best->node));
    }
}

/* Members that are not there leave the in-sync set, while one stays in it: the last one keeps the
 * partition's word of who must come back. */
static void
gone_members_leave(struct partition_state *s, const struct partition_member *members, size_t count)
{
    const struct partition_state before = *s;
    for (uint32_t i = 0; i < s->count && s->leader != 0; i++) {
        struct partition_replica *r = &s->replicas[i];
        if (r->in_sync && r->node != s->leader && member_of(members, count, r->node) == NULL) {
            partition_leave(s, r->node);
        }
    }
    partition_left(s, &before);
}

static bool
state_differs(const struct partition_state *a, const struct partition_state *b)
{
    bool differs = a->epoch != b->epoch || a->leader != b->leader ||
                   a->leader_incarnation != b->leader_incarnation || a->count != b->count ||
                   a->min_insync != b->min_insync;
    for (uint32_t i = 0; !differs && i < a->count; i++) {
        const struct partition_replica *x = &a->replicas[i], *y = &b->replicas[i];
        differs = x->node != y->node || x->incarnation != y->incarnation ||
                  x->in_sync != y->in_sync || x->eligible != y->eligible ||
                  !disk_id_equal(&x->disk, &y->disk);
    }
    return differs;
}

bool
partition_next(const struct partition_state *now, const struct partition_member *members,
               size_t count, bool move_home, struct partition_state *next)
{
    *next = *now;
    lost_disks_leave(next, members, count);
    const struct partition_member *leader =
        next->leader != 0 ? member_of(members, count, next->leader) : NULL;
    const struct partition_replica *own = partition_find(next, next->leader);
    if (leader != NULL && (leader->incarnation != next->leader_incarnation || own == NULL ||
                           (!own->in_sync && !BUG(BUG_ELECT_ANYBODY)))) {
        leader = NULL; /* leadership was granted to an earlier life of it, or to a lost disk */
    }
    elect(next, members, count, leader, move_home);
    gone_members_leave(next, members, count);
    return state_differs(now, next);
}

bool
partition_force(const struct partition_state *now, const struct partition_member *member,
                struct partition_state *next)
{
    *next = *now;
    if (partition_find(next, member->node) == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < next->count; i++) {
        next->replicas[i].in_sync = false;
        next->replicas[i].eligible = false;
    }
    leader_set(next, member);
    partition_join(next, member->node, member->incarnation, &member->disk);
    return true;
}

bool
partition_place(const struct partition_member *members, size_t count, uint32_t factor,
                uint32_t min_insync, uint32_t index, struct partition_state *out)
{
    *out = (struct partition_state){.min_insync = min_insync, .count = factor};
    if (factor < 1 || factor > REPLICAS_MAX || factor > count) {
        return false;
    }
    uint32_t taken = 0;
    for (int pass = 0; pass < 2 && taken < factor; pass++) {
        for (size_t i = 0; i < count && taken < factor; i++) {
            const struct partition_member *m = &members[(index + i) % count];
            if ((m->draining || m->suspect) != (pass == 1)) {
                continue;
            }
            out->replicas[taken++] = (struct partition_replica){
                .node = m->node, .incarnation = m->incarnation, .disk = m->disk, .in_sync = true};
        }
    }
    assert(taken == factor);
    out->leader = out->replicas[0].node;
    out->leader_incarnation = out->replicas[0].incarnation;
    return true;
}

void
partition_write(const struct partition_state *s, struct buffer *out)
{
    buffer_u8(out, PARTITION_FORM);
    buffer_uvarint(out, (uint64_t)s->epoch);
    buffer_uvarint(out, s->leader);
    buffer_uvarint(out, s->leader_incarnation);
    buffer_uvarint(out, s->min_insync);
    buffer_uvarint(out, s->count);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct partition_replica *r = &s->replicas[i];
        buffer_uvarint(out, r->node);
        buffer_uvarint(out, r->incarnation);
        buffer_lentext(out, r->disk.text);
        buffer_u8(out,
                  (uint8_t)((r->in_sync ? FLAG_IN_SYNC : 0) | (r->eligible ? FLAG_ELIGIBLE : 0)));
    }
}

bool
partition_read(struct partition_state *s, struct bytes value)
{
    struct reader r;
    reader_init(&r, value);
    *s = (struct partition_state){0};
    const uint8_t form = reader_u8(&r);
    s->epoch = (int32_t)reader_uvarint64(&r);
    s->leader = (uint32_t)reader_uvarint64(&r);
    s->leader_incarnation = reader_uvarint64(&r);
    s->min_insync = (uint32_t)reader_uvarint64(&r);
    const size_t count = reader_ucount(&r, 4);
    if (form != PARTITION_FORM || count > REPLICAS_MAX || s->epoch < 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct partition_replica *replica = &s->replicas[i];
        replica->node = (uint32_t)reader_uvarint64(&r);
        replica->incarnation = reader_uvarint64(&r);
        const struct bytes disk = reader_lenbytes(&r);
        const uint8_t flags = reader_u8(&r);
        if (!reader_ok(&r) || disk.len >= DISK_ID_BYTES || flags > FLAG_ELIGIBLE) {
            return false;
        }
        memcpy(replica->disk.text, disk.ptr, disk.len);
        replica->in_sync = (flags & FLAG_IN_SYNC) != 0;
        replica->eligible = (flags & FLAG_ELIGIBLE) != 0;
    }
    s->count = (uint32_t)count;
    return reader_ok(&r) && s->min_insync >= 1 && count >= 1 && reader_left(&r) == 0;
}
