/* The parts of session_command that have files of their own. */
#ifndef WEIR_DRIVER_COMMAND_H
#define WEIR_DRIVER_COMMAND_H

#include "driver/session.h"

/* CREATE TABLE, INSERT, DataFrameWriter, TRUNCATE: table_command.c */
bool table_command(struct session *s, struct arena *a, const struct command *c, struct execution *x,
                   struct error *err);
/* SHOW ..., DESCRIBE ...: show_command.c */
struct rel *show_command(struct session *s, struct arena *a, const struct command *c,
                         struct error *err);

/* Spark's SHOW ... LIKE patterns; NULL matches all. */
bool pattern_matches(const char *pattern, const char *text);

#endif
