/*
 * What a back end of the control store is: one table of operations, and a struct control as the
 * first member of its own struct. Arguments have been checked by control.c (lengths, numbers of
 * operations, no key twice); the contract of each operation is control/control.h's.
 */
#ifndef WEIR_CONTROL_BACKEND_H
#define WEIR_CONTROL_BACKEND_H

#include "control/control.h"

struct control_ops {
    void (*close)(struct control *c);
    int64_t (*silent_ms)(struct control *c);
    bool (*get)(struct control *c, const char *key, struct buffer *value, uint64_t *version,
                struct error *err);
    bool (*apply)(struct control *c, const struct control_change *changes, size_t count,
                  uint64_t *version, struct error *err);
    bool (*list)(struct control *c, const char *prefix, control_fn *fn, void *ctx,
                 struct error *err);
    bool (*lease_grant)(struct control *c, int64_t ttl_ms, uint64_t *lease, struct error *err);
    bool (*lease_keep)(struct control *c, uint64_t lease, struct error *err);
    bool (*lease_end)(struct control *c, uint64_t lease, struct error *err);
    struct control_watch *(*watch)(struct control *c, const char *prefix, control_fn *fn, void *ctx,
                                   struct error *err);
    void (*watch_end)(struct control *c, struct control_watch *w);
};

struct control {
    const struct control_ops *ops;
};

#endif
