/*
 * The other nodes, as the front sees them: it looks on at the cluster's members, and lets the
 * driver have their workers. A node alone has none of this: no connection, no thread.
 */
#ifndef WEIR_APP_FRONT_NODES_H
#define WEIR_APP_FRONT_NODES_H

#include "app/start_file.h"
#include "driver/session.h"

struct front_nodes;

/* NULL without an error: the node is alone. */
struct front_nodes *front_nodes_open(const struct start_facts *f, struct driver *d,
                                     struct error *err);
void front_nodes_close(struct front_nodes *n);

#endif
