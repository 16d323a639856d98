/*
 * Placement: which worker gets a task. Pure.
 *
 * score = locality (block on the worker's disk 4, same node 3, else 1) + free share of the scarcer
 * resource (0..1) - recent failures. Workers that are suspect, full, or to be avoided are left out;
 * a suspect one is better than none only for nobody: the task waits.
 */
#ifndef WEIR_SCHED_PLACE_CORE_H
#define WEIR_SCHED_PLACE_CORE_H

#include <stdbool.h>
#include <stdint.h>

enum { LOCALITY_OTHER = 1, LOCALITY_NODE = 3, LOCALITY_BLOCK = 4 };

struct place_worker {
    uint32_t cores, cores_used;
    uint64_t memory, memory_used; /* 0: not known, not counted */
    uint32_t failures;            /* within the last minute */
    uint8_t locality;             /* of this task's input; 0 counts as LOCALITY_OTHER */
    bool usable;                  /* alive and not suspect */
};

struct place_wants {
    uint32_t cores;
    uint64_t memory;
    uint32_t avoid; /* worker that already runs this task; UINT32_MAX = none */
    int32_t only;   /* the one worker that may take it; -1 = any */
};

/* -> index, or -1: none has room now. Of equals the first after `turn`, so that they take turns. */
int32_t place_pick(const struct place_worker *workers, uint32_t count,
                   const struct place_wants *wants, uint32_t turn);

#endif
