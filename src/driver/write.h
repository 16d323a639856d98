/*
 * A batch write as one step: all of its files appear, or none.
 *
 * Way: check the save mode; each attempt writes its files below <path>/_temporary/<job>/<attempt>,
 * where no reader looks (names that begin with _ are skipped); the attempt that the commit table
 * accepts is moved into place, then old files go (overwrite), then _SUCCESS is written.
 * A crash before the move leaves the old data; a crash within it leaves the rest of the new files
 * in _temporary, never a half-written file under its final name.
 */
#ifndef WEIR_DRIVER_WRITE_H
#define WEIR_DRIVER_WRITE_H

#include "driver/session.h"

/* Runs an optimised plan whose root is REL_WRITE with a path. */
bool write_run(struct session *s, struct arena *a, struct rel *plan, struct execution *x,
               uint64_t *rows, struct error *err);

/* The session's codec becomes the option of a Parquet write that names none. */
void write_codec_default(struct session *s, struct arena *a, struct write_spec *spec);

#endif
