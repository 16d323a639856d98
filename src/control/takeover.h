/*
 * How the facts of a node that was alone get into etcd, when it becomes one of several.
 *
 * Once: the first node copies its journal key by key, then writes `facts/ready`, then puts its
 * journal aside as <dir>/control.copied. Every step may be repeated after a crash: a key that is
 * there already with the same value is taken as copied. The other nodes wait for `facts/ready`
 * before they do anything, so that nobody makes a topic which that journal already has.
 */
#ifndef WEIR_CONTROL_TAKEOVER_H
#define WEIR_CONTROL_TAKEOVER_H

#include "control/control.h"

/* first: this is the node whose folder may have a journal in dir. Blocks, at most wait_ms. */
bool control_take_over(struct control *cluster, struct env *env, const char *dir, bool first,
                       int64_t wait_ms, struct error *err);

#endif
