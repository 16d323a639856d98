/*
 * What loop.c offers to the other files of this folder: readiness of descriptors, and work that is
 * done once at the end of a round, after all events of the round were served.
 *
 * A source or work item may be dropped while events of the same round still name it; so its memory
 * is given to loop_bury, which frees it when the round is over.
 */
#ifndef WEIR_NET_POLL_H
#define WEIR_NET_POLL_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"

struct poll_source {
    int fd;          /* -1: no longer watched */
    uint32_t events; /* what is asked of epoll; 0 = not registered */
    void (*on_ready)(struct poll_source *source, uint32_t events);
};

/* Watches for these events from now on; 0 stops watching. False: the kernel refused. */
bool loop_watch(struct loop *loop, struct poll_source *source, uint32_t events);

struct loop_work {
    struct loop_work *next;
    bool queued;
    void (*run)(struct loop_work *work); /* may queue itself again for the next round */
};
void loop_work_add(struct loop *loop, struct loop_work *work);

void loop_bury(struct loop *loop, void *malloced);
bool loop_is_here(const struct loop *loop); /* on the loop's thread, or before it runs */
uint8_t *loop_scratch(struct loop *loop);   /* LOOP_SCRATCH_BYTES for one read, no longer */
enum { LOOP_SCRATCH_BYTES = 256 << 10 };

/* Connections that loop_free must still close. */
struct loop_member {
    struct loop_member *next;
    struct loop_member **link;
    void (*close)(struct loop_member *member);
};
void loop_member_add(struct loop *loop, struct loop_member *member);
void loop_member_remove(struct loop_member *member);

#endif
