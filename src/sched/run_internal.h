/* What the files of sched/ that run queries share: the driver's side of all workers. */
#ifndef WEIR_SCHED_RUN_INTERNAL_H
#define WEIR_SCHED_RUN_INTERNAL_H

#include "sched/run.h"
#include "sched/workers.h"

struct sched {
    struct env *env;
    struct frame_client *worker; /* the first, for queries of one task */
    struct workers *workers;
    char *hold_dir;
};

#endif
