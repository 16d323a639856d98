/* phi-accrual over a window of gaps, with a normal distribution's tail. */
#include "sched/detect_core.h"

#include <math.h>
#include <string.h>

#define DEVIATION_MIN_NS 100e6 /* gaps more regular than that say nothing about the next */

static const double phi_suspect = 8, phi_dead = 12;
static const int64_t guard_window_ns = 2000000000;

void
detect_init(struct detect *d, uint64_t incarnation, int64_t now_ns)
{
    memset(d, 0, sizeof *d);
    d->incarnation = incarnation;
    d->last_ns = now_ns;
}

void
detect_beat(struct detect *d, uint64_t incarnation, int64_t now_ns)
{
    if (incarnation != d->incarnation) {
        detect_init(d, incarnation, now_ns);
        return;
    }
    if (d->state == DETECT_DEAD) {
        return;
    }
    if (d->state == DETECT_ALIVE) { /* the gap of a suspect is no sample of a living peer's */
        d->gaps_ns[d->gap_next] = (double)(now_ns - d->last_ns);
        d->gap_next = (d->gap_next + 1) % DETECT_GAPS;
        d->gap_count += d->gap_count < DETECT_GAPS;
    }
    d->state = DETECT_ALIVE;
    d->last_ns = now_ns;
}

double
detect_phi(const struct detect *d, int64_t now_ns)
{
    double mean = (double)DETECT_BEAT_NS, variance = 0;
    if (d->gap_count >= 4) {
        double sum = 0;
        for (uint32_t i = 0; i < d->gap_count; i++) {
            sum += d->gaps_ns[i];
        }
        mean = sum / d->gap_count;
        for (uint32_t i = 0; i < d->gap_count; i++) {
            variance += (d->gaps_ns[i] - mean) * (d->gaps_ns[i] - mean);
        }
        variance /= d->gap_count;
    }
    double deviation = sqrt(variance);
    deviation = deviation < DEVIATION_MIN_NS ? DEVIATION_MIN_NS : deviation;
    const double z = ((double)(now_ns - d->last_ns) - mean) / deviation;
    const double tail = 0.5 * erfc(z / sqrt(2));
    return tail > 0 ? -log10(tail) : 300;
}

/* Notes a new suspect; many at once mean that verdicts have to wait. */
static void
guard_note(struct detect_guard *g, uint32_t peers, int64_t now_ns)
{
    g->recent_ns[g->recent_next] = now_ns;
    g->recent_next = (g->recent_next + 1) % 64;
    g->recent_count += g->recent_count < 64;
    uint32_t recent = 0;
    for (uint32_t i = 0; i < g->recent_count; i++) {
        recent += now_ns - g->recent_ns[i] <= guard_window_ns;
    }
    /* One alone is never "many": two peers of which one dies are no sign of our own fault. */
    if (recent > 1 && recent * 3 > peers) {
        g->hold_until_ns = now_ns + DETECT_GUARD_NS;
    }
}

static bool
suspect(struct detect *d, struct detect_guard *g, uint32_t peers, int64_t now_ns)
{
    if (d->state != DETECT_ALIVE) {
        return false;
    }
    d->state = DETECT_SUSPECT;
    d->suspect_ns = now_ns;
    guard_note(g, peers, now_ns);
    return true;
}

bool
detect_look(struct detect *d, struct detect_guard *g, uint32_t peers, int64_t now_ns)
{
    const int64_t silence = now_ns - d->last_ns;
    const double phi = detect_phi(d, now_ns);
    bool changed = false;
    /* 600 ms would be one missed beat of 500: the first beats may come so late. */
    if (phi > phi_suspect || silence > DETECT_BEAT_NS + DETECT_SILENCE_NS) {
        changed = suspect(d, g, peers, now_ns);
    }
    if (d->state == DETECT_SUSPECT && phi > phi_dead && silence >= DETECT_DEAD_NS &&
        now_ns >= g->hold_until_ns) {
        d->state = DETECT_DEAD;
        changed = true;
    }
    return changed;
}

bool
detect_broken(struct detect *d, struct detect_guard *g, uint32_t peers, bool refused,
              int64_t now_ns)
{
    if (refused && d->state != DETECT_DEAD) {
        d->state = DETECT_DEAD; /* its computer answers, and nobody is there: no doubt */
        return true;
    }
    return suspect(d, g, peers, now_ns);
}
