/*
 * `weir up --nodes N`: several nodes on this computer, below one parent process.
 *
 * The parent runs nothing of the product. It makes <data>/node-1 .. node-N with their node.json,
 * starts a `weir up` of its own for each, tells everybody who asks what lives where, and starts or
 * ends single nodes on demand (`weir node start|stop|kill NAME`). A node that dies stays dead until
 * it is started: that is what somebody wants to see who learns what a cluster does.
 */
#ifndef WEIR_APP_CLUSTER_H
#define WEIR_APP_CLUSTER_H

#include "app/options.h"

enum { CLUSTER_NODES_MAX = 9 };

/* How many nodes are asked for, or are in the data folder; 1: a node alone. 0 with err. */
int cluster_size(const struct program_options *options, struct error *err);
/* Runs until SIGTERM or SIGINT. Returns the exit status. */
int cluster_run(const struct program_options *options, int size);

#endif
