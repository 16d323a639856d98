/*
 * Failure detection by the gaps between heartbeats (phi-accrual). Pure.
 *
 * phi says how unlikely it is that a living peer would be silent for so long, given its last gaps:
 * phi 8 is one chance in 10^8. Suspect: phi > 8, or a connection that broke, or 600 ms of silence.
 * Dead: phi > 12 and at least 3 s of silence, or a connection refused. A beat makes a suspect alive
 * again; the dead come back with a new incarnation only.
 * When more than a third of the peers turn suspect within 2 s, it is more likely we who were paused
 * or cut off: verdicts of death wait for 10 s (detect_guard).
 */
#ifndef WEIR_SCHED_DETECT_CORE_H
#define WEIR_SCHED_DETECT_CORE_H

#include <stdbool.h>
#include <stdint.h>

enum { DETECT_GAPS = 100 };
#define DETECT_BEAT_NS    INT64_C(500000000)
#define DETECT_SILENCE_NS INT64_C(600000000)
#define DETECT_DEAD_NS    INT64_C(3000000000)
#define DETECT_GUARD_NS   INT64_C(10000000000)

enum detect_state { DETECT_ALIVE = 0, DETECT_SUSPECT, DETECT_DEAD };

struct detect {
    enum detect_state state;
    int64_t last_ns;    /* of the newest beat */
    int64_t suspect_ns; /* since when; meaningful for suspects */
    double gaps_ns[DETECT_GAPS];
    uint32_t gap_count, gap_next;
    uint64_t incarnation;
};

struct detect_guard { /* one for all peers */
    int64_t recent_ns[64];
    uint32_t recent_count, recent_next;
    int64_t hold_until_ns;
};

void detect_init(struct detect *d, uint64_t incarnation, int64_t now_ns);
/* A beat of another incarnation begins a new life. A dead peer's beat of its old one is ignored. */
void detect_beat(struct detect *d, uint64_t incarnation, int64_t now_ns);
double detect_phi(const struct detect *d, int64_t now_ns);
/* Looks at the clock; true when the state changed. peers: how many are watched. */
bool detect_look(struct detect *d, struct detect_guard *g, uint32_t peers, int64_t now_ns);
/* The connection broke (refused false) or nobody listens (refused true). True: the state changed.
 */
bool detect_broken(struct detect *d, struct detect_guard *g, uint32_t peers, bool refused,
                   int64_t now_ns);

#endif
