/*
 * The log of a program in the background: <data>/weir.log in place of the terminal.
 *
 * All processes write lines to the one descriptor that they inherit (base/trace.h), so nobody can
 * be told to open another file. When the file is full its content is copied to weir.log.1 and it is
 * cut to nothing; lines that are written just then may be lost.
 */
#ifndef WEIR_APP_LOG_FILE_H
#define WEIR_APP_LOG_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { LOG_FILE_BYTES_MAX = 16 << 20 };

struct log_file {
    char path[PATH_MAX + 16]; /* "" = none: lines go where stderr goes */
    int out, err;             /* the terminal as it was; -1 = given up */
};

/* Sends stdout and stderr of this process, and of those it starts, into the folder's log. */
bool log_file_begin(struct log_file *l, const char *data_dir, struct error *err);
/* Lets go of the terminal. */
void log_file_leave(struct log_file *l);
/* Keeps it at about limit bytes, and as much in weir.log.1. */
void log_file_trim(const struct log_file *l, int64_t limit);

#endif
