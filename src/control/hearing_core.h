/*
 * Who hears whom: from pings and from what others say they hear, whom to suspect and whom to drop.
 *
 * Suspect is this node's own view: no new work goes there. A verdict needs more: every other member
 * that we hear says, in a fresh word, that it does not hear the suspect either, and at most half of
 * the others are suspect; else it is rather us who are cut off, and the suspect's lease decides.
 *
 * Pure: time comes in as an argument, in ms of one monotonic clock.
 */
#ifndef WEIR_CONTROL_HEARING_CORE_H
#define WEIR_CONTROL_HEARING_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEARING_MAX = 64 };

struct hearing_limits {
    int64_t retry_ms;   /* a broken connection without an answer for so long: suspect */
    int64_t suspect_ms; /* no answer for so long: suspect */
    int64_t fresh_ms;   /* what another said counts for so long */
    int64_t asleep_ms;  /* a gap between ticks above it: it was us who slept */
};

struct hearing_row {
    uint32_t id;
    uint64_t incarnation;
    int64_t heard_ms;
    bool
        heard; /* ever: before, it may still be reading its logs, and only its lease is looked at */
    int64_t broken_ms; /* since when its connection is broken; -1: it is not */
    /* What it said last about each row of the table, by index: for how long it had not heard it. */
    int64_t said_ms[HEARING_MAX]; /* when; -1: nothing */
    int64_t said_silent_ms[HEARING_MAX];
};

struct hearing {
    struct hearing_limits limits;
    int64_t tick_ms; /* of the last tick; -1: none yet */
    size_t count;
    struct hearing_row rows[HEARING_MAX]; /* the other members, in no order */
};

void hearing_init(struct hearing *h, const struct hearing_limits *limits);
/* Somebody registered. A row of the same id gives way to it. */
void hearing_add(struct hearing *h, uint32_t id, uint64_t incarnation, int64_t now_ms);
void hearing_remove(struct hearing *h, uint32_t id);
/* To be called often: notices when this process did not run for a while, and then starts all
 * waiting anew. */
void hearing_tick(struct hearing *h, int64_t now_ms);
void hearing_heard(struct hearing *h, uint32_t id, uint64_t incarnation, int64_t now_ms);
void hearing_broken(struct hearing *h, uint32_t id, int64_t now_ms);
/* `from` says that it has not heard (about, incarnation) for silent_ms. */
void hearing_said(struct hearing *h, uint32_t from, uint32_t about, uint64_t incarnation,
                  int64_t silent_ms, int64_t now_ms);

int64_t hearing_silent_ms(const struct hearing *h, uint32_t id, int64_t now_ms); /* -1: unknown */
bool hearing_suspects(const struct hearing *h, uint32_t id, int64_t now_ms);
bool hearing_verdict(const struct hearing *h, uint32_t id, int64_t now_ms);

#endif
