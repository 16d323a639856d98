/* Placement by score. */
#include "sched/place_core.h"

static double
free_share(const struct place_worker *w)
{
    const double cores = w->cores > 0 ? 1 - (double)w->cores_used / w->cores : 0;
    const double memory = w->memory > 0 ? 1 - (double)w->memory_used / (double)w->memory : 1;
    return cores < memory ? cores : memory;
}

static bool
has_room(const struct place_worker *w, const struct place_wants *wants)
{
    /* What wants more than a worker has gets one that is idle. */
    const bool cores = w->cores_used == 0 || w->cores_used + wants->cores <= w->cores;
    const bool memory =
        w->memory == 0 || w->memory_used == 0 || w->memory_used + wants->memory <= w->memory;
    return cores && memory;
}

int32_t
place_pick(const struct place_worker *workers, uint32_t count, const struct place_wants *wants,
           uint32_t turn)
{
    int32_t best = -1;
    double best_score = 0;
    for (uint32_t k = 0; k < count; k++) {
        const uint32_t i = (turn + k) % count;
        const struct place_worker *w = &workers[i];
        if (!w->usable || i == wants->avoid || (wants->only >= 0 && (uint32_t)wants->only != i) ||
            !has_room(w, wants)) {
            continue;
        }
        const double locality = w->locality > 0 ? w->locality : LOCALITY_OTHER;
        const double score = locality + free_share(w) - w->failures;
        if (best < 0 || score > best_score) {
            best = (int32_t)i;
            best_score = score;
        }
    }
    return best;
}
