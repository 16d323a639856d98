/*
 * The control store: small facts that decide who may act. Keys and values with versions, changed by
 * compare-and-set over several keys at once, watched, and tied to leases where they say "I live".
 *
 * It holds topics and their settings, leaders, epochs, members: a few megabytes. Everything bulky
 * is a partition log. Leases are for speed only; safety comes from versions and epochs: who acts
 * for a role puts a check of the role's key into the same change.
 *
 * Back ends: `local` (one node: a journal flushed before a change is answered, behind an exclusive
 * lock that dies with the process) and `etcd` (several nodes; each process may open it). Others
 * bring struct control_ops (control/backend.h); test/control/suite.h is what each must pass.
 *
 * Linearizable: control_get, control_list and control_apply. A watch is not: it lags behind by a
 * message's way and longer while no server is reached (control_silent_ms), yet it misses nothing.
 * A version is the store's count at the key's last change: it only grows, over all keys.
 *
 * Failures: CONTROL_CONFLICT is a clean no. Any other failure of a change leaves open whether it
 * was done: read again. With `local` calls fail only where the disk does; with etcd they fail with
 * ERROR_UNAVAILABLE after the configured time. Before that a change whose answer is lost is sent
 * again and done at most once: each transaction of a handle also moves a mark of its own.
 *
 * Threads: all functions may be called from any thread. A watcher is called on the thread that
 * opened it while control_watch lists, later on a thread of the store (local: the changing one), in
 * the order of versions, and must neither block nor call back into the store.
 */
#ifndef WEIR_CONTROL_CONTROL_H
#define WEIR_CONTROL_CONTROL_H

#include "base/buffer.h"
#include "base/env.h"
#include "base/error.h"
#include "base/reader.h"

enum {
    CONTROL_CONFLICT = 409,    /* err->code: a version is not the expected one */
    CONTROL_LEASE_ENDED = 410, /* err->code of control_lease_keep: it will not come back */
    CONTROL_KEY_BYTES_MAX = 1024,
    CONTROL_VALUE_BYTES_MAX = 1 << 20,
    CONTROL_CHANGES_MAX = 120,            /* operations in one control_apply */
    CONTROL_APPLY_BYTES_MAX = 1280 << 10, /* keys and values of one control_apply together */
};

struct control;
struct control_watch;

/* <dir>/control is the journal. A second opener is refused while the first lives. */
struct control *control_open_local(struct env *env, const char *dir, struct error *err);

struct control_etcd_config {
    const char *endpoints; /* "127.0.0.1:2379,127.0.0.1:2381": any member, tried in turn */
    const char *prefix;    /* put before each key, so that clusters can share an etcd; may be "" */
    int64_t timeout_ms;    /* of one call over all endpoints; 0: 5000 */
};
/* Connects nothing yet: the first call does. */
struct control *control_open_etcd(struct env *env, const struct control_etcd_config *config,
                                  struct error *err);
void control_close(struct control *c); /* watches have been ended, calls have returned */

/* ms since a server last answered: how old a watch's view may be. 0 for `local`. */
int64_t control_silent_ms(struct control *c);

/* version 0: the key is not there. value may be NULL; else it is cleared and filled. */
bool control_get(struct control *c, const char *key, struct buffer *value, uint64_t *version,
                 struct error *err);

struct control_change {
    const char *key;
    uint64_t version_expected; /* 0: must not be there */
    const void *value;         /* NULL: remove the key */
    size_t len;
    uint64_t lease;  /* 0: none; else the key goes with the lease */
    bool check_only; /* the version must be the expected one, and the key stays as it is */
};
/* All or nothing, durable on return. CONTROL_CONFLICT when a version is not the expected one. A key
 * may stand in changes once. version (may be NULL): what the changed keys now have. */
bool control_apply(struct control *c, const struct control_change *changes, size_t count,
                   uint64_t *version, struct error *err);

typedef void control_fn(void *ctx, const char *key, struct bytes value, uint64_t version);

/* Keys with this prefix, in their order, as they were together at one moment; fn must not call back
 * into c. */
bool control_list(struct control *c, const char *prefix, control_fn *fn, void *ctx,
                  struct error *err);

/* A lease lives ttl_ms past its last keep-alive (etcd: whole seconds, rounded up, and up to 0.5 s
 * more). When it ends, its keys are removed as a change that watchers see. */
bool control_lease_grant(struct control *c, int64_t ttl_ms, uint64_t *lease, struct error *err);
bool control_lease_keep(struct control *c, uint64_t lease, struct error *err);
/* Tried for less than a second: a lease ends by itself too. */
bool control_lease_end(struct control *c, uint64_t lease, struct error *err);

/* fn is called for each key that is there under prefix, before this returns, and then for each
 * later change; value.ptr NULL: removed. Changes that came and went while a back end was not
 * reached may be told as one: the newest state of each key is never missed. NULL on failure. */
struct control_watch *control_watch(struct control *c, const char *prefix, control_fn *fn,
                                    void *ctx, struct error *err);
/* fn is not called any more once this has returned. */
void control_watch_end(struct control *c, struct control_watch *w);

/* Raises the decimal number under key by one (from 0 where it is missing) and gives the new one:
 * incarnations, blocks of ids, epochs. Tried again on conflicts. */
bool control_raise(struct control *c, const char *key, uint64_t *number, struct error *err);

#endif
