/*
 * Where a server lives on this machine: its data directory, and the run folder with its sockets,
 * its discovery file and its children's start-up files.
 *
 * The run folder is short-named and private: $XDG_RUNTIME_DIR/weir/<hash>, else
 * <tmp>/weir-<uid>/<hash>, mode 0700, because a unix socket's path may have only 107 bytes. <hash>
 * is of the data directory's absolute path, so that each data directory has one.
 */
#ifndef WEIR_APP_PLACE_H
#define WEIR_APP_PLACE_H

#include <limits.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

struct place {
    char data_dir[PATH_MAX];
    char run_dir[PATH_MAX];
    char ready_path[PATH_MAX]; /* discovery file: <run folder>.json */
    bool ephemeral;
    bool was_killed; /* the program before this one on the same data ended without cleaning up */
    int lock_fd;     /* exclusive lock on <data>/lock; -1 if not held */
};

enum { DATA_FORMAT_VERSION = 1 };

/* Where the data would lie, without making it. False: not there yet. */
bool place_data_dir(const char *data_dir, char *out, size_t size);
/* Makes the directories, checks the data directory's version and takes its lock. */
bool place_open(struct place *p, const char *data_dir, bool ephemeral, struct error *err);
void place_close(struct place *p); /* removes the run folder, and the data when ephemeral */
void place_socket(const struct place *p, const char *name, char *out, size_t size); /* unix:... */
/* The discovery folder: where the ready files of this user's servers are. */
void place_runtime_dir(char *out, size_t size);
/* JSON of a running server: WEIR_CONNECT's one is not looked for here. false: none runs. Bytes in
 * out. */
bool place_find_running(struct buffer *out);
/* The frames of a running server's store; with several nodes, of the first one that runs. */
bool place_find_store(char *address, size_t size);

#endif
