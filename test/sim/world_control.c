/*
 * The control store as nodes reach it: over links that delay and lose, with gaps while it fails
 * over, and with watches that come late, in order, and now and then twice.
 *
 * A call goes to the store, happens there in one moment, and its answer comes back; when either way
 * is cut the caller learns after OP_TIMEOUT that it does not know what happened. A request may
 * still be on its way then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_model.h"
#include "world.h"

#define OP_TIMEOUT (800 * MS)

enum { PAST_MAX = 16 };

struct watched { /* one change, shared by all who are told */
    char *key;
    struct bytes value;
    uint64_t version;
};

struct watched_link {
    struct watched_link *next;
    const struct watched *change;
};

struct subscriber {
    bool on;
    bool pumping;
    struct watched_link *first, **last;
};

struct world_control {
    struct control *store;
    int64_t gap_until;
    uint32_t repeat_ppm;
    uint32_t replay_ppm; /* a new watch is told some of the past first */
    const struct watched *past[PAST_MAX];
    uint64_t past_count;
    int64_t late_max;
    struct subscriber subscribers[NODES_MAX + 1];
};

static void
watched_tell(struct world *w, uint32_t node, const struct watched *c)
{
    world_note(w, c->version << 8 | node);
    for (uint32_t i = 0; i < w->part_count; i++) {
        if (w->parts[i]->watched != NULL) {
            w->parts[i]->watched(w, node, c->key, c->value, c->version);
        }
    }
}

static void
watched_again(struct world *w, void *ctx, uint64_t a)
{
    watched_tell(w, (uint32_t)a, ctx);
}

/* The first of the node's queue is delivered, unless its link is cut just now. */
static void
watched_pump(struct world *w, void *ctx, uint64_t a)
{
    struct subscriber *s = ctx;
    const uint32_t node = (uint32_t)a;
    struct world_control *wc = w->control;
    s->pumping = false;
    if (!s->on || s->first == NULL) {
        return;
    }
    int64_t next = rng_between(&w->net, 20, 300) * 1000;
    if (w->cut[ENDPOINT_CONTROL][node] > 0 || wc->gap_until > w->now) {
        next = 20 * MS;
    } else {
        const struct watched *c = s->first->change;
        s->first = s->first->next;
        s->last = s->first != NULL ? s->last : &s->first;
        if (rng_chance(&w->net, wc->repeat_ppm)) {
            world_after(w, node, rng_between(&w->net, 1, 2000) * MS, watched_again, (void *)c,
                        node);
        }
        watched_tell(w, node, c);
    }
    if (s->first != NULL && !s->pumping) {
        s->pumping = true;
        world_after(w, node, next, watched_pump, s, node);
    }
}

static void
watched_queue(struct world *w, uint32_t node, const struct watched *c)
{
    struct subscriber *s = &w->control->subscribers[node];
    struct watched_link *link = world_alloc(w, sizeof *link);
    link->change = c;
    *s->last = link;
    s->last = &link->next;
    if (!s->pumping) {
        s->pumping = true;
        int64_t late = rng_between(&w->net, w->delay_min, w->delay_max);
        if (rng_chance(&w->net, w->tail_ppm * 2)) {
            late += rng_between(&w->net, 0, w->control->late_max);
        }
        world_after(w, node, late, watched_pump, s, node);
    }
}

static struct watched *
watched_new(struct world *w, const char *key, struct bytes value, uint64_t version)
{
    struct watched *c = world_alloc(w, sizeof *c + strlen(key) + 1 + value.len);
    c->key = (char *)(c + 1);
    memcpy(c->key, key, strlen(key) + 1);
    c->version = version;
    if (value.ptr != NULL) {
        uint8_t *copy = (uint8_t *)c->key + strlen(key) + 1;
        memcpy(copy, value.ptr, value.len);
        c->value = (struct bytes){copy, value.len};
    }
    return c;
}

static void
store_changed(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    struct world *w = ctx;
    const struct watched *c = watched_new(w, key, value, version);
    w->control->past[w->control->past_count++ % PAST_MAX] = c;
    for (uint32_t i = 1; i <= w->node_count; i++) {
        if (w->control->subscribers[i].on) {
            watched_queue(w, i, c);
        }
    }
}

struct listing {
    struct world *w;
    uint32_t node;
};

static void
listing_add(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    struct listing *l = ctx;
    watched_queue(l->w, l->node, watched_new(l->w, key, value, version));
}

void
control_subscribe(struct world *w, uint32_t node)
{
    struct subscriber *s = &w->control->subscribers[node];
    struct listing l = {w, node};
    struct error err = {0};
    struct world_control *wc = w->control;
    if (!s->on) {
        s->on = true;
        if (rng_chance(&w->net, wc->replay_ppm)) {
            /* It begins at an older version: in order, as it was. */
            uint64_t i = wc->past_count > PAST_MAX ? wc->past_count - PAST_MAX : 0;
            for (; i < wc->past_count; i++) {
                watched_queue(w, node, wc->past[i % PAST_MAX]);
            }
        }
        control_list(w->control->store, "", listing_add, &l, &err);
    }
}

void
world_control_down(struct world *w, uint32_t node)
{
    struct subscriber *s = &w->control->subscribers[node];
    *s = (struct subscriber){.last = &s->first};
}

static void
store_ticks(struct world *w, void *ctx, uint64_t a)
{
    control_model_pass(w->control->store, w->now / MS);
    world_at(w, w->now + 50 * MS, 0, store_ticks, NULL, 0);
}

void
world_control_start(struct world *w)
{
    struct world_control *wc = w->control = world_alloc(w, sizeof *wc);
    wc->store = control_model_open(store_changed, w);
    wc->repeat_ppm = rng_chance(&w->draw, 500000) ? (uint32_t)rng_below(&w->draw, 100000) : 0;
    wc->replay_ppm = rng_chance(&w->draw, 500000) ? (uint32_t)rng_below(&w->draw, 800000) : 0;
    wc->late_max = rng_between(&w->draw, 1, 2000) * MS;
    for (uint32_t i = 0; i <= NODES_MAX; i++) {
        wc->subscribers[i].last = &wc->subscribers[i].first;
    }
    store_ticks(w, NULL, 0);
}

void
world_control_stop(struct world *w)
{
    control_close(w->control->store);
}

struct control *
world_store(struct world *w)
{
    return w->control->store;
}

void
control_gap(struct world *w, int64_t lasts)
{
    w->control->gap_until = w->now + lasts;
    TRACE(w, "the control store does not answer for %d ms", (int)(lasts / MS));
}

void
control_lease_kill(struct world *w, uint64_t salt)
{
    TRACE(w, "a lease is lost");
    control_model_lose_lease(w->control->store, salt);
}

/* --- calls ----------------------------------------------------------------------------------- */

static void
op_answer(struct world *w, void *ctx, uint64_t a)
{
    struct control_op *op = ctx;
    if (!op->answered) {
        op->answered = true;
        op->done(w, op);
    }
}

static void
op_timeout(struct world *w, void *ctx, uint64_t a)
{
    struct control_op *op = ctx;
    if (!op->answered) {
        op->answered = true;
        op->fate = CONTROL_UNKNOWN;
        op->done(w, op);
    }
}

static bool
op_way_is_cut(struct world *w, uint32_t from, uint32_t to)
{
    return w->cut[from][to] > 0 || (!w->healed && w->control->gap_until > w->now) ||
           rng_chance(&w->net, w->loss_ppm / 4);
}

static void
op_arrive(struct world *w, void *ctx, uint64_t life)
{
    struct control_op *op = ctx;
    op->at_store(w, w->control->store, op);
    const struct node *n = &w->nodes[op->node];
    if (n->life == life && n->alive && !op_way_is_cut(w, ENDPOINT_CONTROL, op->node)) {
        world_after(w, op->node, rng_between(&w->net, w->delay_min, w->delay_max), op_answer, op,
                    0);
    }
}

void
control_do(struct world *w, const struct control_op *made)
{
    struct control_op *op = world_alloc(w, sizeof *op);
    *op = *made;
    op->fate = CONTROL_UNKNOWN;
    world_after(w, op->node, OP_TIMEOUT, op_timeout, op, 0);
    if (!op_way_is_cut(w, op->node, ENDPOINT_CONTROL)) {
        int64_t late = rng_between(&w->net, w->delay_min, w->delay_max);
        if (rng_chance(&w->net, w->tail_ppm)) {
            late += rng_between(&w->net, 0, w->tail_max);
        }
        world_at(w, w->now + late, 0, op_arrive, op, w->nodes[op->node].life);
    }
}

static void
cas_at_store(struct world *w, struct control *c, struct control_op *op)
{
    struct error err = {0};
    op->fate = control_apply(c, op->changes, op->change_count, &op->version, &err) ? CONTROL_DONE
                                                                                   : CONTROL_NO;
    error_clear(&err);
}

void
control_cas(struct world *w, uint32_t node, const struct control_change *changes, size_t count,
            void (*done)(struct world *w, struct control_op *op), void *ctx, uint64_t a, uint64_t b)
{
    struct control_change *copies = world_alloc(w, count * sizeof *copies);
    for (size_t i = 0; i < count; i++) {
        copies[i] = changes[i];
        char *key = world_alloc(w, strlen(changes[i].key) + 1);
        memcpy(key, changes[i].key, strlen(changes[i].key) + 1);
        copies[i].key = key;
        if (changes[i].value != NULL) {
            void *value = world_alloc(w, changes[i].len + 1);
            memcpy(value, changes[i].value, changes[i].len);
            copies[i].value = value;
        }
    }
    const struct control_op op = {.at_store = cas_at_store,
                                  .done = done,
                                  .ctx = ctx,
                                  .node = node,
                                  .a = a,
                                  .b = b,
                                  .changes = copies,
                                  .change_count = count};
    control_do(w, &op);
}
