/*
 * Faults: drawn into a list before the run, aimed when their time comes.
 *
 * Each kind is absent from 30 % of the worlds. Half of the faults aim at who leads, who decides, or
 * who just changed roles. Two kinds wait: "cut, then kill" takes the next change of an in-sync set
 * or leader, cuts it from its neighbours in one direction, and kills it a moment later; "kill the
 * new" kills whoever just got a role. Undirected faults alone leave such bugs unseen.
 */
#include <string.h>

#include "world.h"

static const uint8_t weight_of[FAULT_KINDS] = {
    [FAULT_KILL] = 6,          [FAULT_POWER] = 4,       [FAULT_POWER_ALL] = 2,
    [FAULT_DISK_LOST] = 3,     [FAULT_PAUSE] = 5,       [FAULT_CUT_PAIR] = 5,
    [FAULT_CUT_ONE_WAY] = 5,   [FAULT_ISOLATE] = 4,     [FAULT_SLOW_DISK] = 3,
    [FAULT_SYNC_FAILS] = 2,    [FAULT_CONTROL_GAP] = 2, [FAULT_LEASE_LOST] = 3,
    [FAULT_CUT_THEN_KILL] = 8, [FAULT_KILL_NEW] = 4,    [FAULT_CUT_CONTROL] = 5,
};

void
faults_draw(struct world *w)
{
    struct rng *r = &w->draw;
    uint32_t weights[FAULT_KINDS], sum = 0;
    for (int i = 0; i < FAULT_KINDS; i++) {
        weights[i] = rng_chance(r, 300000) ? 0 : (uint32_t)rng_below(r, weight_of[i]) + 1;
        sum += weights[i];
    }
    const int64_t gap_max = rng_between(r, 100, 1200) * MS;
    int64_t at = rng_between(r, 300, 1500) * MS;
    while (sum > 0 && at < w->fault_end && w->fault_count < FAULTS_MAX) {
        uint64_t pick = rng_below(r, sum);
        int kind = 0;
        while (pick >= weights[kind]) {
            pick -= weights[kind++];
        }
        struct fault *f = &w->faults[w->fault_count++];
        *f = (struct fault){
            .at = at,
            .lasts = rng_between(r, 20, rng_chance(r, 300000) ? 3000 : 800) * MS,
            .kind = (enum fault_kind)kind,
            .aim = rng_chance(r, 500000) ? AIM_ANY : (enum aim)rng_between(r, 1, AIM_KINDS - 1),
            .salt = rng_next(r),
        };
        at += rng_between(r, 1, gap_max);
    }
}

static uint32_t
target_of(const struct world *w, const struct fault *f)
{
    const uint32_t aimed = w->aims[f->aim];
    return f->aim != AIM_ANY && aimed != 0 ? aimed : (uint32_t)(f->salt % w->node_count) + 1;
}

static void
cut_both(struct world *w, uint32_t a, uint32_t b, int64_t lasts)
{
    world_cut(w, a, b, lasts);
    world_cut(w, b, a, lasts);
}

static const char *const kind_names[FAULT_KINDS] = {
    [FAULT_KILL] = "kill",
    [FAULT_POWER] = "power",
    [FAULT_POWER_ALL] = "power of all",
    [FAULT_DISK_LOST] = "disk lost",
    [FAULT_PAUSE] = "pause",
    [FAULT_CUT_PAIR] = "cut both ways",
    [FAULT_CUT_ONE_WAY] = "cut one way",
    [FAULT_ISOLATE] = "isolated",
    [FAULT_SLOW_DISK] = "slow disk",
    [FAULT_SYNC_FAILS] = "a sync fails",
    [FAULT_CONTROL_GAP] = "control store silent",
    [FAULT_LEASE_LOST] = "lease lost",
    [FAULT_CUT_THEN_KILL] = "armed: cut, then kill",
    [FAULT_KILL_NEW] = "armed: kill the new",
    [FAULT_CUT_CONTROL] = "cut from control",
};

static void
isolate(struct world *w, uint32_t node, int64_t lasts)
{
    for (uint32_t i = 0; i < ENDPOINTS; i++) {
        if (i != node) {
            cut_both(w, node, i, lasts);
        }
    }
}

static void
power_all(struct world *w)
{
    for (uint32_t i = 1; i <= w->node_count; i++) {
        world_down(w, i, DOWN_POWER, rng_between(&w->fate, 1, w->restart_max / MS) * MS);
    }
}

static void
disk_lost(struct world *w, uint32_t node)
{
    for (uint32_t i = 0; i < w->part_count; i++) {
        if (w->parts[i]->disk_may_go != NULL && !w->parts[i]->disk_may_go(w, node)) {
            return; /* the promise is about one disk at a time */
        }
    }
    world_down(w, node, DOWN_DISK, rng_between(&w->fate, 1, w->restart_max / MS) * MS);
}

static void
fault_strike(struct world *w, void *ctx, uint64_t a)
{
    const struct fault *f = &w->faults[a];
    const uint32_t node = target_of(w, f);
    const uint32_t other = (uint32_t)((node + f->salt / 7 % w->node_count) % w->node_count) + 1;
    const int64_t up = rng_between(&w->fate, 1, w->restart_max / MS) * MS;
    if (w->healed) {
        return;
    }
    TRACE(w, "fault %u: %s, node %u (other %u) for %d ms", (unsigned)a, kind_names[f->kind], node,
          other, (int)(f->lasts / MS));
    switch (f->kind) {
    case FAULT_KILL:
        world_down(w, node, DOWN_KILL, up);
        break;
    case FAULT_POWER:
    case FAULT_SYNC_FAILS: /* the process stops, and what it had not flushed is gone */
        world_down(w, node, DOWN_POWER, up);
        break;
    case FAULT_POWER_ALL:
        power_all(w);
        break;
    case FAULT_DISK_LOST:
        disk_lost(w, node);
        break;
    case FAULT_PAUSE:
        w->nodes[node].paused_until = w->now + f->lasts;
        break;
    case FAULT_CUT_PAIR:
        cut_both(w, node, other, f->lasts);
        break;
    case FAULT_CUT_ONE_WAY:
        world_cut(w, f->salt & 1 ? node : other, f->salt & 1 ? other : node, f->lasts);
        break;
    case FAULT_ISOLATE:
        isolate(w, node, f->lasts);
        break;
    case FAULT_SLOW_DISK:
        w->nodes[node].slow_until = w->now + f->lasts;
        break;
    case FAULT_CONTROL_GAP:
        control_gap(w, f->lasts);
        break;
    case FAULT_LEASE_LOST:
        control_lease_kill(w, f->salt);
        break;
    case FAULT_CUT_THEN_KILL:
        w->armed_cut_kill++;
        break;
    case FAULT_KILL_NEW:
        w->armed_kill_new++;
        break;
    case FAULT_CUT_CONTROL:
        if (f->salt & 2) {
            world_cut(w, node, ENDPOINT_CONTROL, f->lasts);
        }
        world_cut(w, ENDPOINT_CONTROL, node, f->lasts);
        break;
    case FAULT_KINDS:
        break;
    }
}

static void
kill_now(struct world *w, void *ctx, uint64_t a)
{
    if (!w->healed) {
        world_down(w, (uint32_t)(a & 255), a >> 8 ? DOWN_POWER : DOWN_KILL,
                   rng_between(&w->fate, 1, w->restart_max / MS) * MS);
    }
}

void
faults_hint(struct world *w, uint32_t node, uint32_t other)
{
    struct rng *r = &w->fate;
    if (w->armed_cut_kill > 0 && other != 0) {
        w->armed_cut_kill--;
        const int64_t lasts = rng_between(r, 50, 2000) * MS;
        TRACE(w, "node %u is cut from node %u and control for %d ms, then killed", node, other,
              (int)(lasts / MS));
        world_cut(w, ENDPOINT_CONTROL, node, lasts);
        if (rng_chance(r, 800000)) {
            world_cut(w, node, other, lasts);
        }
        if (rng_chance(r, 300000)) {
            world_cut(w, other, node, lasts);
        }
        world_at(w, w->now + rng_between(r, 0, 400) * MS, 0, kill_now, NULL,
                 node | (uint64_t)rng_below(r, 2) << 8);
    } else if (w->armed_kill_new > 0 && rng_chance(r, 500000)) {
        w->armed_kill_new--;
        world_at(w, w->now + rng_between(r, 0, 50) * MS, 0, kill_now, NULL,
                 node | (uint64_t)rng_below(r, 2) << 8);
    }
}

void
faults_start(struct world *w)
{
    for (uint32_t i = 0; i < w->fault_count; i++) {
        if ((w->faults_left_out >> i & 1) == 0) {
            world_at(w, w->faults[i].at, 0, fault_strike, NULL, i);
        }
    }
}
