/*
 * The supervisor: `weir up`. It binds the listening sockets, starts store, front and worker with
 * them, watches their lives, starts the dead again, and tells everybody who asks what lives where.
 *
 * It runs nothing of the product itself, so that it has no reason to die. The sockets stay bound
 * while a child is gone: clients' connects wait in the kernel's queue instead of being refused.
 */
#ifndef WEIR_APP_SUPERVISOR_H
#define WEIR_APP_SUPERVISOR_H

#include "app/log_file.h"
#include "app/options.h"

/* Runs until SIGTERM or SIGINT. Returns the exit status. */
int supervisor_run(const struct program_options *options);

/* For the parent of several nodes too. Off loopback a token must stand before what can run code. */
bool supervisor_exposure_fits(const struct program_options *o, struct error *err);
/* --detach: the parent waits for one byte that says ready, the child goes on in a session of its
 * own. -1 with errno on failure; supervisor_detached_ready writes the byte, and lets go of the
 * terminal, so that who waits for its end does not wait for this program's. */
int supervisor_detach(int *ready_pipe);
void supervisor_detached_ready(struct log_file *log, int ready_pipe);

#endif
