/* Suspicion and verdict over one small table. */
#include "control/hearing_core.h"

#include <string.h>

void
hearing_init(struct hearing *h, const struct hearing_limits *limits)
{
    *h = (struct hearing){.limits = *limits, .tick_ms = -1};
}

static int
row_index(const struct hearing *h, uint32_t id)
{
    for (size_t i = 0; i < h->count; i++) {
        if (h->rows[i].id == id) {
            return (int)i;
        }
    }
    return -1;
}

void
hearing_add(struct hearing *h, uint32_t id, uint64_t incarnation, int64_t now_ms)
{
    int at = row_index(h, id);
    if (at < 0) {
        if (h->count == HEARING_MAX) {
            return; /* never heard of, never suspected: its lease decides */
        }
        at = (int)h->count++;
    }
    struct hearing_row *row = &h->rows[at];
    *row = (struct hearing_row){
        .id = id, .incarnation = incarnation, .heard_ms = now_ms, .broken_ms = -1};
    for (size_t i = 0; i < HEARING_MAX; i++) {
        row->said_ms[i] = -1;
        h->rows[i].said_ms[at] = -1; /* said about its earlier life */
    }
}

void
hearing_remove(struct hearing *h, uint32_t id)
{
    const int at = row_index(h, id);
    if (at < 0) {
        return;
    }
    const size_t last = --h->count;
    h->rows[at] = h->rows[last];
    for (size_t i = 0; i < h->count; i++) {
        h->rows[i].said_ms[at] = h->rows[i].said_ms[last];
        h->rows[i].said_silent_ms[at] = h->rows[i].said_silent_ms[last];
        h->rows[i].said_ms[last] = -1;
    }
}

void
hearing_tick(struct hearing *h, int64_t now_ms)
{
    if (h->tick_ms >= 0 && now_ms - h->tick_ms > h->limits.asleep_ms) {
        for (size_t i = 0; i < h->count; i++) {
            h->rows[i].heard_ms = now_ms;
            h->rows[i].broken_ms = -1;
        }
    }
    h->tick_ms = now_ms;
}

void
hearing_heard(struct hearing *h, uint32_t id, uint64_t incarnation, int64_t now_ms)
{
    const int at = row_index(h, id);
    if (at >= 0 && h->rows[at].incarnation == incarnation) {
        h->rows[at].heard_ms = now_ms;
        h->rows[at].heard = true;
        h->rows[at].broken_ms = -1;
    }
}

void
hearing_broken(struct hearing *h, uint32_t id, int64_t now_ms)
{
    const int at = row_index(h, id);
    if (at >= 0 && h->rows[at].broken_ms < 0) {
        h->rows[at].broken_ms = now_ms;
    }
}

void
hearing_said(struct hearing *h, uint32_t from, uint32_t about, uint64_t incarnation,
             int64_t silent_ms, int64_t now_ms)
{
    const int speaker = row_index(h, from), subject = row_index(h, about);
    if (speaker >= 0 && subject >= 0 && h->rows[subject].incarnation == incarnation) {
        h->rows[speaker].said_ms[subject] = now_ms;
        h->rows[speaker].said_silent_ms[subject] = silent_ms;
    }
}

int64_t
hearing_silent_ms(const struct hearing *h, uint32_t id, int64_t now_ms)
{
    const int at = row_index(h, id);
    return at < 0 ? -1 : now_ms - h->rows[at].heard_ms;
}

static bool
row_suspect(const struct hearing *h, const struct hearing_row *row, int64_t now_ms)
{
    return row->heard && (now_ms - row->heard_ms >= h->limits.suspect_ms ||
                          (row->broken_ms >= 0 && now_ms - row->broken_ms >= h->limits.retry_ms));
}

bool
hearing_suspects(const struct hearing *h, uint32_t id, int64_t now_ms)
{
    const int at = row_index(h, id);
    return at >= 0 && row_suspect(h, &h->rows[at], now_ms);
}

bool
hearing_verdict(const struct hearing *h, uint32_t id, int64_t now_ms)
{
    const int at = row_index(h, id);
    if (at < 0 || !row_suspect(h, &h->rows[at], now_ms)) {
        return false;
    }
    size_t suspects = 0;
    for (size_t i = 0; i < h->count; i++) {
        const struct hearing_row *row = &h->rows[i];
        if (row_suspect(h, row, now_ms)) {
            suspects++;
            continue;
        }
        if (!row->heard) {
            continue;
        }
        const int64_t age_ms = now_ms - row->said_ms[at];
        if (row->said_ms[at] < 0 || age_ms > h->limits.fresh_ms ||
            row->said_silent_ms[at] + age_ms < h->limits.retry_ms) {
            return false;
        }
    }
    return suspects * 2 <= h->count;
}
