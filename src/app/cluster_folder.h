/*
 * The data folder of several nodes on one computer: <data>/cluster.json and <data>/node-1 ...
 *
 * cluster.json is written last, once all nodes' own files are there: a folder without it that has
 * node-1 was given up half-way and is made anew. A folder of a node alone becomes node-1 of the
 * cluster: what is in it moves, and a link stays where it was, for paths that somebody has kept.
 */
#ifndef WEIR_APP_CLUSTER_FOLDER_H
#define WEIR_APP_CLUSTER_FOLDER_H

#include <stdbool.h>

#include "base/error.h"

/* How many nodes the folder has; 0: it is none of a cluster. */
int cluster_folder_size(const char *data_dir, struct error *err); /* -1 on failure */
/* Makes the folders of nodes that are not there yet, up to count. */
bool cluster_folder_make(const char *data_dir, int count, struct error *err);
void cluster_folder_node(const char *data_dir, int id, char *out, size_t size);

#endif
