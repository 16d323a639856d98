/*
 * The control store: small facts that decide who may act. Keys and values with versions, changed by
 * compare-and-set over several keys at once, watched, and tied to leases where they say "I live".
 *
 * It holds topics and their settings, leaders, epochs, members: a few megabytes. Everything bulky
 * is a partition log. Leases are for speed only; safety comes from versions and epochs.
 *
 * Back ends: `local` (this file's): one journal, flushed before a change is answered, behind an
 * exclusive lock that dies with the process. Others (several nodes) come behind the same calls.
 * Threads: all functions may be called from any thread; watchers are called on the changing thread,
 * in the order of versions, and must not call back into the store.
 */
#ifndef WEIR_CONTROL_CONTROL_H
#define WEIR_CONTROL_CONTROL_H

#include "base/buffer.h"
#include "base/env.h"
#include "base/error.h"
#include "base/reader.h"

enum { CONTROL_CONFLICT = 409, CONTROL_KEY_BYTES_MAX = 1024, CONTROL_VALUE_BYTES_MAX = 1 << 20 };

struct control;
struct control_watch;

/* <dir>/control is the journal. A second opener is refused while the first lives. */
struct control *control_open_local(struct env *env, const char *dir, struct error *err);
void control_close(struct control *c);

/* Raised by one at each open: what a process acts as (fencing). */
uint64_t control_incarnation(const struct control *c);

/* version 0: the key is not there. value may be NULL; else it is cleared and filled. */
void control_get(struct control *c, const char *key, struct buffer *value, uint64_t *version);

struct control_change {
    const char *key;
    uint64_t version_expected; /* 0: must not be there */
    const void *value;         /* NULL: remove the key */
    size_t len;
    uint64_t lease; /* 0: none; else the key goes with the lease */
};
/* All or nothing, durable on return. CONTROL_CONFLICT when a version is not the expected one. */
bool control_apply(struct control *c, const struct control_change *changes, size_t count,
                   struct error *err);

/* Keys with this prefix, in their order; fn must not call back into c. */
void control_list(struct control *c, const char *prefix,
                  void (*fn)(void *ctx, const char *key, struct bytes value, uint64_t version),
                  void *ctx);

/* A lease lives ttl_ms past its last keep-alive. Expired ones are swept by the calls of this store;
 * their keys are removed as a change that watchers see. A lease does not outlive the process. */
uint64_t control_lease_grant(struct control *c, int64_t ttl_ms);
bool control_lease_keep(struct control *c, uint64_t lease, struct error *err);
void control_lease_end(struct control *c, uint64_t lease);

/* fn is called for each later change under prefix; value.ptr NULL: removed. */
struct control_watch *control_watch(struct control *c, const char *prefix,
                                    void (*fn)(void *ctx, const char *key, struct bytes value,
                                               uint64_t version),
                                    void *ctx);
void control_watch_end(struct control *c, struct control_watch *w);

#endif
