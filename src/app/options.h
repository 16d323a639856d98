/*
 * Settings of the program itself: one table says for each its key, flag, default and meaning, and
 * where a value came from. Later ones win: default, configuration file, environment, flag.
 *
 * File: key = value lines, # comments; $WEIR_CONFIG, else ~/.config/weir/weir.conf if it exists.
 * Environment: WEIR_<KEY> in capitals with _ for -. Flags: --key value or --key=value.
 */
#ifndef WEIR_APP_OPTIONS_H
#define WEIR_APP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

enum option_key {
    OPTION_DATA = 0,
    OPTION_EPHEMERAL,
    OPTION_CONNECT,
    OPTION_KAFKA,
    OPTION_WEB,
    OPTION_WEBHDFS,
    OPTION_MEMORY,
    OPTION_CORES,
    OPTION_WORKERS,
    OPTION_DETACH,
    OPTION_READY_FILE,
    OPTION_TOKEN,
    OPTION_PYTHON,
    OPTION_NODES,
    OPTION_MEMBER, /* of a parent's nodes: its run folder; not for people */
    OPTION_COUNT
};

struct program_options {
    char *values[OPTION_COUNT];
    const char *origins[OPTION_COUNT]; /* "default", "file", "environment", "flag" */
};

/* Reads file and environment over the defaults. */
bool options_init(struct program_options *o, struct error *err);
void options_release(struct program_options *o);
/* Takes flags from argv; what is no flag of ours stays in argv (argc is lowered). Unknown flags
 * fail. */
bool options_take_flags(struct program_options *o, int *argc, char **argv, struct error *err);
const char *option_text(const struct program_options *o, enum option_key key); /* "" if none */
bool option_true(const struct program_options *o, enum option_key key);
/* "4g", "512m", "1073741824"; 0 and false with err on nonsense. */
bool option_bytes(const char *text, uint64_t *out, struct error *err);
void options_describe(const struct program_options *o,
                      struct buffer *out); /* the table, for people */
void options_usage(struct buffer *out);    /* flags with their meaning */

#endif
