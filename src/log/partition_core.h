/*
 * What is decided about one replicated partition, and how it is decided: pure functions.
 *
 * A partition's state lives under one key of the control store and changes by compare-and-set on
 * that key's version. The controller changes it when members come and go (partition_next), the
 * leader when its in-sync set does (log/replica_core.h). Both lose cleanly against each other.
 *
 * Rules (ARCHITECTURE.md): L6 changes are proposals with (epoch, version). L7 a new leader comes
 * from the in-sync set, else from the eligible set: members that left the in-sync set while it was,
 * or became, smaller than min.insync.replicas, so that nothing was committed without them. The
 * eligible set is cleared when the in-sync set is large enough again; a changed disk leaves both.
 */
#ifndef WEIR_LOG_PARTITION_CORE_H
#define WEIR_LOG_PARTITION_CORE_H

#include "base/buffer.h"
#include "base/reader.h"

enum { REPLICAS_MAX = 8, DISK_ID_BYTES = 40 };

struct disk_id {
    char text[DISK_ID_BYTES]; /* "" for none known; else NUL-terminated */
};

struct partition_replica {
    uint32_t node;
    uint64_t incarnation; /* of the life that was counted into the in-sync set */
    struct disk_id disk;  /* the same; what the member was when it was found to hold everything */
    bool in_sync;
    bool eligible; /* never together with in_sync */
};

struct partition_state {
    uint64_t version; /* of the key; 0: not stored yet */
    int32_t epoch;
    uint32_t leader; /* node; 0: nobody */
    uint64_t leader_incarnation;
    uint32_t min_insync; /* 1.. */
    uint32_t count;
    struct partition_replica replicas[REPLICAS_MAX]; /* in the order of preference */
};

/* A registered node as the controller knows it. Who is not registered is not in the list. */
struct partition_member {
    uint32_t node;
    uint64_t incarnation;
    struct disk_id disk;
    bool suspect;  /* alive as far as is known, but the last choice */
    bool draining; /* leads nothing while another can */
};

struct partition_replica *partition_find(struct partition_state *s, uint32_t node);
uint32_t partition_in_sync(const struct partition_state *s);
bool disk_id_equal(const struct disk_id *a, const struct disk_id *b);

/* Out of the in-sync set; eligible when the set is then smaller than min_insync. Into it: with the
 * identity that was seen. Both keep the rule of the eligible set. */
void partition_leave(struct partition_state *s, uint32_t node);
/* Several left in one change: what counts is the set that they leave behind. */
void partition_left(struct partition_state *s, const struct partition_state *before);
void partition_join(struct partition_state *s, uint32_t node, uint64_t incarnation,
                    const struct disk_id *disk);

/* What the controller makes of now, given who is registered: disks that changed leave both sets, a
 * leader that is gone (or lives another life) is replaced, members that are gone leave the in-sync
 * set while another stays in it. move_home: the first replica leads again where it can. False: it
 * stays as it is. next->version is now's: the one to compare with. */
bool partition_next(const struct partition_state *now, const struct partition_member *members,
                    size_t count, bool move_home, struct partition_state *next);

/* Leads although that may lose records: an administrator's word. False: the node is no replica or
 * not registered. */
bool partition_force(const struct partition_state *now, const struct partition_member *member,
                     struct partition_state *next);

/* The first state of partition number `index` of a new topic: replicas in turns over the members,
 * not draining and not suspect ones first. False: there are not enough members. */
bool partition_place(const struct partition_member *members, size_t count, uint32_t factor,
                     uint32_t min_insync, uint32_t index, struct partition_state *out);

/* The value of the key; version is not part of it. */
void partition_write(const struct partition_state *s, struct buffer *out);
bool partition_read(struct partition_state *s, struct bytes value);

#endif
