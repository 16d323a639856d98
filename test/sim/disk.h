/*
 * A simulated disk behind struct env: per file what is written and what a completed sync has made
 * durable, per name whether its directory entry is.
 *
 * A crash may be asked for at the n-th operation: in that moment the disk notes what would be left
 * (each page that was written since the last sync is kept or not, one may be torn, names that were
 * not synced may be missing), and goes on working, so that the program under test can be taken down
 * in order. disk_restart then makes what was noted the disk. A sync may be made to fail: its pages
 * are lost, and the program must stop (env fatal, which jumps to disk->stopped).
 */
#ifndef WEIR_TEST_SIM_DISK_H
#define WEIR_TEST_SIM_DISK_H

#include <setjmp.h>

#include "base/env.h"
#include "world.h"

enum { DISK_FILES_MAX = 320, DISK_PAGE = 256, DISK_FDS_MAX = 128, DISK_NAME_BYTES = 96 };

struct disk_file {
    char name[DISK_NAME_BYTES]; /* "": free */
    bool named;                 /* its directory entry is durable */
    bool gone;                  /* unlinked, but the entry is still on the disk */
    uint8_t *live, *kept;
    size_t live_len, kept_len, live_capacity, kept_capacity;
};

struct disk {
    struct env env;
    struct world *w;
    uint32_t node;
    struct disk_file files[DISK_FILES_MAX], after[DISK_FILES_MAX];
    int fds[DISK_FDS_MAX]; /* file + 1; 0: free */
    uint64_t generation_of[DISK_FDS_MAX];
    int64_t operations, crash_at; /* -1: never */
    bool crashed;
    uint32_t sync_fails_ppm;
    void (*in_sync)(struct disk *d, const char *name); /* what other threads do meanwhile */
    jmp_buf stopped;
    bool can_stop;
};

void disk_init(struct disk *d, struct world *w, uint32_t node);
void disk_release(struct disk *d);
void disk_crash_now(struct disk *d); /* notes what is left, as a crash at an operation does */
void disk_restart(struct disk *d);   /* what was noted is the disk; all descriptors are closed */
void disk_kill(struct disk *d);      /* the process is gone, what it wrote is there */

#endif
