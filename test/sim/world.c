/* The world's clock, heap, nodes, links and memory. */
#include "world.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 256 << 10, EVENTS_MAX = 2000000 };

struct world_block {
    struct world_block *next;
    size_t used, size;
    uint8_t bytes[] __attribute__((aligned(16)));
};

/* Blocks are kept from seed to seed: getting zeroed pages is what a short run would be spent on. */
static struct world_block *spare_blocks;

enum bug world_bug;

#ifdef WEIR_BUGS
bool
bug_planted(enum bug n)
{
    return n == world_bug;
}
#endif

void *
world_alloc(struct world *w, size_t bytes)
{
    bytes = (bytes + 15) & ~(size_t)15;
    struct world_block *b = w->blocks;
    if (b == NULL || b->size - b->used < bytes) {
        if (spare_blocks != NULL && bytes <= BLOCK_BYTES) {
            b = spare_blocks;
            spare_blocks = b->next;
        } else {
            const size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
            b = malloc(sizeof *b + size);
            if (b == NULL) {
                abort();
            }
            b->size = size;
        }
        b->used = 0;
        b->next = w->blocks;
        w->blocks = b;
    }
    void *p = b->bytes + b->used;
    b->used += bytes;
    return memset(p, 0, bytes);
}

static void
blocks_free(struct world *w)
{
    while (w->blocks != NULL) {
        struct world_block *b = w->blocks;
        w->blocks = b->next;
        if (b->size == BLOCK_BYTES) {
            b->next = spare_blocks;
            spare_blocks = b;
        } else {
            free(b);
        }
    }
}

void
world_note(struct world *w, uint64_t fact)
{
    w->hash = (w->hash ^ fact) * UINT64_C(0x9fb21c651e98df25);
    w->hash ^= w->hash >> 32;
}

static bool
event_before(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void
heap_push(struct world *w, const struct event *e)
{
    if (w->heap_count == w->heap_capacity) {
        w->heap_capacity = w->heap_capacity ? w->heap_capacity * 2 : 1024;
        w->heap = realloc(w->heap, w->heap_capacity * sizeof *w->heap);
        if (w->heap == NULL) {
            abort();
        }
    }
    size_t at = w->heap_count++;
    while (at > 0 && event_before(e, &w->heap[(at - 1) / 2])) {
        w->heap[at] = w->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    w->heap[at] = *e;
}

static struct event
heap_pop(struct world *w)
{
    const struct event first = w->heap[0], last = w->heap[--w->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= w->heap_count) {
            break;
        }
        if (child + 1 < w->heap_count && event_before(&w->heap[child + 1], &w->heap[child])) {
            child++;
        }
        if (!event_before(&w->heap[child], &last)) {
            break;
        }
        w->heap[at] = w->heap[child];
        at = child;
    }
    w->heap[at] = last;
    return first;
}

static void
event_add(struct world *w, int64_t at, uint32_t node, uint32_t life, event_fn *fn, void *ctx,
          uint64_t a)
{
    const struct event e = {at > w->now ? at : w->now, w->seq++, fn, ctx, a, node, life};
    heap_push(w, &e);
}

struct event *
world_at(struct world *w, int64_t at, uint32_t node, event_fn *fn, void *ctx, uint64_t a)
{
    event_add(w, at, node, 0, fn, ctx, a);
    return NULL;
}

void
world_after(struct world *w, uint32_t node, int64_t delay, event_fn *fn, void *ctx, uint64_t a)
{
    const struct node *n = &w->nodes[node];
    event_add(w, w->now + delay * 1000000 / n->clock_ppm, node, n->life, fn, ctx, a);
}

int64_t
world_node_ms(const struct world *w, uint32_t node)
{
    /* Each starts somewhere else, never at 0. */
    return (int64_t)node * 1000 + 1 + w->now / 1000 * w->nodes[node].clock_ppm / 1000 / 1000000;
}

int64_t
world_flush_time(struct world *w, uint32_t node)
{
    int64_t t = rng_between(&w->work, w->flush_min, w->flush_max);
    if (w->nodes[node].slow_until > w->now) {
        t *= 50;
    }
    return t;
}

/* --- links ----------------------------------------------------------------------------------- */

static void
message_deliver(struct world *w, void *ctx, uint64_t a)
{
    const struct message *m = ctx;
    if (m->to <= NODES_MAX && !w->nodes[m->to].alive) {
        return;
    }
    for (uint32_t i = 0; i < m->len; i += 8) {
        uint64_t word = 0;
        memcpy(&word, m->data + i, m->len - i < 8 ? m->len - i : 8);
        world_note(w, word);
    }
    world_note(w, (uint64_t)m->part << 56 | (uint64_t)m->kind << 48 | m->from << 8 | m->to);
    w->parts[m->part]->message(w, m);
}

static void
message_put(struct world *w, struct message *m, int64_t stalled)
{
    int64_t delay = stalled + rng_between(&w->net, w->delay_min, w->delay_max);
    if (rng_chance(&w->net, w->tail_ppm)) {
        delay += rng_between(&w->net, 0, w->tail_max);
    }
    int64_t at = w->now + delay;
    int64_t *last = &w->link_last[m->from][m->to];
    if (w->ordered && at <= *last) {
        at = *last + 1;
    }
    *last = at > *last ? at : *last;
    event_add(w, at, m->to <= NODES_MAX ? m->to : 0, 0, message_deliver, m, 0);
}

void
world_send(struct world *w, uint8_t part, uint8_t kind, uint32_t from, uint32_t to,
           const void *data, uint32_t len)
{
    const bool cut = w->cut[from][to] > 0;
    if ((cut && !w->stalls) || rng_chance(&w->net, w->loss_ppm)) {
        return;
    }
    struct message *m = world_alloc(w, sizeof *m + len + 8);
    *m = (struct message){part, kind, from, to, len};
    memcpy(m->data, data, len);
    /* A connection that stalls keeps what was sent until it is whole again, or somebody resends. */
    const int64_t stalled = cut ? rng_between(&w->net, 0, 3000) * MS : 0;
    message_put(w, m, stalled);
    if (w->duplicate_ppm > 0 && rng_chance(&w->net, w->duplicate_ppm)) {
        message_put(w, m, stalled);
    }
}

static void
cut_end(struct world *w, void *ctx, uint64_t a)
{
    uint8_t *cut = &w->cut[a >> 8][a & 255];
    *cut -= *cut > 0;
}

void
world_cut(struct world *w, uint32_t from, uint32_t to, int64_t lasts)
{
    if (w->healed) {
        return;
    }
    w->cut[from][to]++;
    world_at(w, w->now + lasts, 0, cut_end, NULL, from << 8 | to);
}

/* --- nodes ----------------------------------------------------------------------------------- */

static void
node_start(struct world *w, void *ctx, uint64_t a)
{
    struct node *n = &w->nodes[a];
    if (n->alive) {
        return;
    }
    n->alive = true;
    n->life++;
    TRACE(w, "node %u starts its life %u", (unsigned)a, n->life);
    for (uint32_t i = 0; i < w->part_count; i++) {
        if (w->parts[i]->node_up != NULL) {
            w->parts[i]->node_up(w, (uint32_t)a);
        }
    }
}

void
world_down(struct world *w, uint32_t node, enum down_kind how, int64_t up_after)
{
    static const char *const words[] = {"is killed", "loses power", "loses its disk"};
    struct node *n = &w->nodes[node];
    if (!n->alive && how != DOWN_DISK) {
        return;
    }
    TRACE(w, "node %u %s, back in %d ms", node, words[how], (int)(up_after / MS));
    const bool was = n->alive;
    n->alive = false;
    n->paused_until = 0;
    n->disk += how == DOWN_DISK;
    for (uint32_t i = 0; i < w->part_count; i++) {
        if (w->parts[i]->node_down != NULL) {
            w->parts[i]->node_down(w, node, how);
        }
    }
    if (was) {
        world_control_down(w, node);
        world_at(w, w->now + up_after, 0, node_start, NULL, node);
    }
}

void
world_hint(struct world *w, uint32_t node, uint32_t other)
{
    w->aims[AIM_CHANGED] = node;
    faults_hint(w, node, other);
}

/* --- the run --------------------------------------------------------------------------------- */

static const struct part *const all_parts[] = {&part_replica, &part_attempt, &part_group,
                                               &part_log};

static void
parts_draw(struct world *w, const char *only)
{
    const size_t count = sizeof all_parts / sizeof all_parts[0];
    /* Mostly one machine a seed: its faults then meet it alone and the run is short. */
    const uint64_t pick = rng_below(&w->draw, 100);
    const size_t chosen = pick < 64 ? 0 : pick < 78 ? 1 : pick < 95 ? 2 : 3;
    const bool all = rng_chance(&w->draw, 30000);
    for (size_t i = 0; i < count; i++) {
        if (only != NULL ? strcmp(only, all_parts[i]->name) == 0 : all || i == chosen) {
            w->parts[w->part_count++] = all_parts[i];
        }
    }
}

static void
world_draw(struct world *w)
{
    struct rng *r = &w->draw;
    w->node_count = rng_chance(r, 750000) ? 3 : (uint32_t)rng_between(r, 1, NODES_MAX);
    w->fault_end = rng_between(r, 3, 8) * SECS;
    w->end = w->fault_end + 5 * SECS;
    w->loss_ppm = rng_chance(r, 300000) ? 0 : (uint32_t)rng_below(r, 60000);
    w->duplicate_ppm = rng_chance(r, 300000) ? 0 : (uint32_t)rng_below(r, 60000);
    w->tail_ppm = rng_chance(r, 300000) ? 0 : (uint32_t)rng_below(r, 40000);
    w->delay_min = rng_between(r, 50, 500) * 1000;
    w->delay_max = w->delay_min + rng_between(r, 100, 5000) * 1000;
    w->tail_max = rng_between(r, 10, 2000) * MS;
    w->ordered = rng_chance(r, 400000);
    w->stalls = rng_chance(r, 500000);
    w->flush_min = rng_between(r, 50, 2000) * 1000;
    w->flush_max = w->flush_min + rng_between(r, 100, 30000) * 1000;
    w->restart_max = rng_between(r, 50, 2500) * MS;
    const bool clocks = rng_chance(r, 700000);
    for (uint32_t i = 0; i <= NODES_MAX; i++) {
        w->nodes[i].clock_ppm = clocks ? (uint32_t)rng_between(r, 800000, 1200000) : 1000000;
    }
}

static void
heal(struct world *w, void *ctx, uint64_t a)
{
    TRACE(w, "everything heals");
    w->healed = true;
    memset(w->cut, 0, sizeof w->cut);
    w->loss_ppm = w->duplicate_ppm = w->tail_ppm = 0;
    w->armed_cut_kill = w->armed_kill_new = 0;
    for (uint32_t i = 1; i <= w->node_count; i++) {
        w->nodes[i].paused_until = 0;
        w->nodes[i].slow_until = 0;
        if (!w->nodes[i].alive) {
            node_start(w, NULL, i);
        }
    }
    for (uint32_t i = 0; i < w->part_count; i++) {
        if (w->parts[i]->heal != NULL) {
            w->parts[i]->heal(w);
        }
    }
}

struct world *
world_new(const struct world_options *o)
{
    struct world *w = calloc(1, sizeof *w);
    if (w == NULL) {
        abort();
    }
    w->seed = o->seed;
    w->hash = o->seed;
    w->tracing = o->tracing;
    w->faults_left_out = o->faults_left_out;
    rng_init(&w->draw, o->seed, 1);
    rng_init(&w->net, o->seed, 2);
    rng_init(&w->work, o->seed, 3);
    rng_init(&w->fate, o->seed, 4);
    if (o->tracing) {
        w->lines = calloc(TRACE_LINES, sizeof *w->lines);
    }
    world_draw(w);
    parts_draw(w, o->part);
    faults_draw(w);
    world_control_start(w);
    for (uint32_t i = 0; i < w->part_count; i++) {
        w->parts[i]->start(w);
    }
    for (uint32_t i = 1; i <= w->node_count; i++) {
        world_at(w, rng_between(&w->work, 0, 50) * MS, 0, node_start, NULL, i);
    }
    faults_start(w);
    world_at(w, w->fault_end, 0, heal, NULL, 0);
    if (o->until > 0 && o->until < w->end) {
        w->end = o->until;
    }
    return w;
}

static void
event_run(struct world *w, struct event *e)
{
    if (e->node != 0) {
        const struct node *n = &w->nodes[e->node];
        if (e->life != 0 && (e->life != n->life || !n->alive)) {
            return;
        }
        if (n->paused_until > w->now) {
            e->at = n->paused_until; /* keeps its seq, and so its place among the others */
            heap_push(w, e);
            return;
        }
    }
    world_note(w, (uint64_t)e->at ^ e->seq << 40 ^ (uint64_t)e->node << 32);
    e->fn(w, e->ctx, e->a);
}

void
world_run(struct world *w)
{
    while (!w->failed && w->heap_count > 0 && w->heap[0].at <= w->end) {
        struct event e = heap_pop(w);
        w->now = e.at;
        if (++w->events > EVENTS_MAX) {
            world_fail(w, "R2", "more than %d events", EVENTS_MAX);
            break;
        }
        event_run(w, &e);
    }
    w->now = w->failed ? w->now : w->end;
    for (uint32_t i = 0; i < w->part_count && !w->failed && w->healed; i++) {
        if (w->parts[i]->finish != NULL) {
            w->parts[i]->finish(w);
        }
    }
}

void
world_free(struct world *w)
{
    for (uint32_t i = 0; i < w->part_count; i++) {
        if (w->parts[i]->release != NULL) {
            w->parts[i]->release(w);
        }
    }
    world_control_stop(w);
    for (size_t i = 0; w->lines != NULL && i < TRACE_LINES; i++) {
        free(w->lines[i]);
    }
    free(w->lines);
    free(w->heap);
    blocks_free(w);
    free(w);
}

void
world_fail(struct world *w, const char *invariant, const char *format, ...)
{
    if (w->failed) {
        return;
    }
    w->failed = true;
    w->failed_at = w->now;
    snprintf(w->broken, sizeof w->broken, "%s", invariant);
    va_list args;
    va_start(args, format);
    vsnprintf(w->what, sizeof w->what, format, args);
    va_end(args);
    TRACE(w, "BROKEN %s: %s", w->broken, w->what);
}

void
world_trace(struct world *w, const char *format, ...)
{
    char text[400], *line = NULL;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (asprintf(&line, "%10.3f ms  %s", (double)w->now / 1e6, text) < 0) {
        abort();
    }
    char **slot = &w->lines[w->line_count++ % TRACE_LINES];
    free(*slot);
    *slot = line;
}
