/*
 * The simulated world: one clock, one heap of events, nodes that die and pause, links that lose,
 * delay, repeat and are cut, a control store, and chance that comes from the seed alone.
 *
 * A seed draws everything: how many nodes, which kinds of faults there are and how often, how bad
 * the network is, and which parts (machines under test with their workload) run. The same seed
 * makes the same events and so the same hash. Faults are drawn before the run into a list, so that
 * they can be left out one by one (`faults_left_out`) to make a failure small.
 *
 * A run: faults until `fault_end`; then everything heals (links, nodes, disks, loss) and the parts
 * must make progress and agree until `end`.
 *
 * Memory: world_alloc is freed with the world. Threads: none.
 */
#ifndef WEIR_TEST_SIM_WORLD_H
#define WEIR_TEST_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bug.h"
#include "control/control.h"

enum {
    NODES_MAX = 5,
    ENDPOINT_CONTROL = 0, /* nodes are 1..NODES_MAX */
    ENDPOINT_CLIENT = 8,  /* clients are this and up; they do not die by faults */
    ENDPOINTS = 24,
    FAULTS_MAX = 64,
    PARTS_MAX = 8,
};

#define MS   INT64_C(1000000)
#define SECS INT64_C(1000000000)

struct rng {
    uint64_t s[4];
};
void rng_init(struct rng *r, uint64_t seed, uint64_t stream);
uint64_t rng_next(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n);                 /* 0..n-1; n > 0 */
int64_t rng_between(struct rng *r, int64_t low, int64_t high); /* both included */
bool rng_chance(struct rng *r, uint32_t per_million);

struct world;
struct control_op;

typedef void event_fn(struct world *w, void *ctx, uint64_t a);

struct event {
    int64_t at;
    uint64_t seq;
    event_fn *fn;
    void *ctx;
    uint64_t a;
    uint32_t node; /* 0: the world's; else it waits while the node is paused */
    uint32_t life; /* of the node; 0: any. An event of a life that is over is dropped */
};

struct message {
    uint8_t part, kind;
    uint32_t from, to;
    uint32_t len;
    uint8_t data[] __attribute__((aligned(8)));
};

enum down_kind { DOWN_KILL, DOWN_POWER, DOWN_DISK };

/* A machine under test with its workload. All but start may be NULL. */
struct part {
    const char *name;
    void (*start)(struct world *w);
    void (*node_up)(struct world *w, uint32_t node);
    void (*node_down)(struct world *w, uint32_t node, enum down_kind how);
    void (*message)(struct world *w, const struct message *m);
    void (*watched)(struct world *w, uint32_t node, const char *key, struct bytes value,
                    uint64_t version);
    void (*heal)(struct world *w);
    void (*finish)(struct world *w); /* what must hold at the end */
    void (*release)(struct world *w);
    bool (*disk_may_go)(struct world *w, uint32_t node); /* NULL: yes */
};

struct node {
    bool alive;
    uint32_t life; /* counts starts, from 1 */
    int64_t paused_until;
    uint32_t clock_ppm; /* 1,000,000: as the world's */
    uint32_t disk;      /* counts disks */
    int64_t slow_until; /* its disk */
};

enum fault_kind {
    FAULT_KILL,
    FAULT_POWER,
    FAULT_POWER_ALL,
    FAULT_DISK_LOST,
    FAULT_PAUSE,
    FAULT_CUT_PAIR,
    FAULT_CUT_ONE_WAY,
    FAULT_ISOLATE,
    FAULT_SLOW_DISK,
    FAULT_SYNC_FAILS,
    FAULT_CONTROL_GAP,
    FAULT_LEASE_LOST,
    FAULT_CUT_THEN_KILL, /* waits for a change of roles, see world_hint */
    FAULT_KILL_NEW,      /* the same: whoever just got a role dies */
    FAULT_CUT_CONTROL,   /* one node is cut from the control store */
    FAULT_KINDS
};

enum aim { AIM_ANY, AIM_LEADER, AIM_CONTROLLER, AIM_CHANGED, AIM_KINDS };

struct fault {
    int64_t at, lasts;
    enum fault_kind kind;
    enum aim aim;
    uint64_t salt;
};

struct world {
    uint64_t seed;
    int64_t now, fault_end, end;
    uint64_t hash, seq, events;
    bool healed;
    struct rng draw, net, work, fate; /* fate: faults as they happen */

    struct event *heap;
    size_t heap_count, heap_capacity;

    uint32_t node_count;
    struct node nodes[NODES_MAX + 1];
    uint32_t loss_ppm, duplicate_ppm, tail_ppm;
    int64_t delay_min, delay_max, tail_max;
    bool ordered; /* each link's messages arrive in their order */
    bool stalls;  /* what is sent into a cut comes out late, instead of never */
    uint8_t cut[ENDPOINTS][ENDPOINTS]; /* how many cuts lie on it */
    int64_t link_last[ENDPOINTS][ENDPOINTS];
    int64_t flush_min, flush_max;
    int64_t restart_max;

    struct fault faults[FAULTS_MAX];
    uint32_t fault_count;
    uint64_t faults_left_out;
    uint32_t armed_cut_kill, armed_kill_new; /* waiting for a hint */
    uint32_t aims[AIM_KINDS];                /* kept by the parts; 0: nobody */

    const struct part *parts[PARTS_MAX];
    void *states[PARTS_MAX];
    uint32_t part_count;

    struct world_control *control;
    struct world_block *blocks;

    bool failed;
    char broken[16]; /* the invariant's id */
    char what[400];
    int64_t failed_at;
    bool tracing;
    char **lines; /* the last of the trace, in turns */
    uint64_t line_count;
};

enum { TRACE_LINES = 400 };

struct world_options {
    uint64_t seed;
    const char *part; /* only this one; NULL: drawn */
    uint64_t faults_left_out;
    bool tracing;
    int64_t until; /* 0: to the end */
};

struct world *world_new(const struct world_options *o);
void world_run(struct world *w);
void world_free(struct world *w);
extern enum bug world_bug; /* the planted one */

void *world_alloc(struct world *w, size_t bytes); /* zeroed */
struct event *world_at(struct world *w, int64_t at, uint32_t node, event_fn *fn, void *ctx,
                       uint64_t a);
/* In the node's own time: it runs fast or slow. Dropped when this life of the node ends. */
void world_after(struct world *w, uint32_t node, int64_t delay, event_fn *fn, void *ctx,
                 uint64_t a);
int64_t world_node_ms(const struct world *w, uint32_t node); /* its monotonic clock */
void world_note(struct world *w, uint64_t fact);             /* into the hash */
int64_t world_flush_time(struct world *w, uint32_t node);

void world_send(struct world *w, uint8_t part, uint8_t kind, uint32_t from, uint32_t to,
                const void *data, uint32_t len);

void world_down(struct world *w, uint32_t node, enum down_kind how, int64_t up_after);
/* Something changed roles: armed directed faults go off here. other: 0 or whom it concerns too. */
void world_hint(struct world *w, uint32_t node, uint32_t other);

void world_fail(struct world *w, const char *invariant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void world_trace(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define TRACE(w, ...)                                                                              \
    do {                                                                                           \
        if ((w)->tracing) {                                                                        \
            world_trace(w, __VA_ARGS__);                                                           \
        }                                                                                          \
    } while (0)

/* faults.c */
void faults_draw(struct world *w);
void faults_start(struct world *w);
void faults_hint(struct world *w, uint32_t node, uint32_t other);
void world_cut(struct world *w, uint32_t from, uint32_t to, int64_t lasts); /* one way */

/* world_control.c: the control store as nodes reach it. */
enum control_fate { CONTROL_DONE, CONTROL_NO, CONTROL_UNKNOWN };
struct control_op {
    /* At the store, in one moment: fills fate (DONE or NO), version and answer. */
    void (*at_store)(struct world *w, struct control *c, struct control_op *op);
    /* Back at the node, in the same life of it. */
    void (*done)(struct world *w, struct control_op *op);
    void *ctx;
    uint32_t node;
    uint64_t a, b;
    enum control_fate fate;
    uint64_t version;
    struct control_change *changes;
    size_t change_count;
    bool answered;
};
void world_control_start(struct world *w);
void world_control_stop(struct world *w);
void world_control_down(struct world *w, uint32_t node);
struct control *world_store(struct world *w); /* as it is now; for checks and first states */
void control_do(struct world *w, const struct control_op *op);
/* Compare-and-set with copies of the changes. */
void control_cas(struct world *w, uint32_t node, const struct control_change *changes, size_t count,
                 void (*done)(struct world *w, struct control_op *op), void *ctx, uint64_t a,
                 uint64_t b);
void control_subscribe(struct world *w, uint32_t node); /* all keys now, then each change */
void control_gap(struct world *w, int64_t lasts);
void control_lease_kill(struct world *w, uint64_t salt);

/* The parts. */
extern const struct part part_replica, part_attempt, part_group, part_log;

#endif
