/*
 * Paths as programs give them: "/data/x", "data/x" (relative to the program's own folder, which
 * travels as a setting), "file:/data/x", "file:///data/x"; and those of file servers, which stay
 * as they are: "hdfs://host:port/x", "webhdfs://host:port/x", "hdfs:///x" for the one of this node.
 */
#ifndef WEIR_FILE_PATH_H
#define WEIR_FILE_PATH_H

#include "base/arena.h"
#include "base/error.h"

/* A plain absolute path in the arena. cwd NULL or "": this process's. NULL with err set for schemes
 * that are not there. */
const char *path_local(struct arena *a, const char *cwd, const char *path, struct error *err);

/* How much of a path names a file server ("hdfs://host:port"); 0: it is local. */
size_t path_server_len(const char *path);

#endif
