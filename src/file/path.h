/*
 * Paths as programs give them: "/data/x", "data/x" (relative to the program's own folder, which
 * travels as a setting), "file:/data/x", "file:///data/x".
 */
#ifndef WEIR_FILE_PATH_H
#define WEIR_FILE_PATH_H

#include "base/arena.h"
#include "base/error.h"

/* A plain absolute path in the arena. cwd NULL or "": this process's. NULL with err set for schemes
 * that are not there. */
const char *path_local(struct arena *a, const char *cwd, const char *path, struct error *err);

#endif
