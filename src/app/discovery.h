/*
 * The door that PySpark 4.3 has by itself: with three environment variables set, its builder reads
 * a JSON file {host, port, token, pid, spark_version} and connects there, so that programs with
 * .master("local[*]") run here unchanged and without our launcher. (sparkContext still raises: that
 * needs weir run.) The file lies in the run folder, always, because it costs nothing until somebody
 * points there.
 *
 * The client sends its token in clear text only to the host name localhost, and looks for IPv4
 * there: a server that listens elsewhere has no such file.
 */
#ifndef WEIR_APP_DISCOVERY_H
#define WEIR_APP_DISCOVERY_H

#include <stdbool.h>
#include <stddef.h>

#include "app/place.h"
#include "base/buffer.h"
#include "base/error.h"

#define DISCOVERY_SPARK_VERSION "4.3.0" /* must equal the client's */

void discovery_path(const struct place *p, char *out, size_t size);
bool discovery_possible(const char *connect); /* "127.0.0.1:15002" */
bool discovery_write(const struct place *p, const char *connect, const char *token,
                     struct error *err);
/* The variables as a JSON object, or null. */
void discovery_put_environment(const struct place *p, const char *connect, struct buffer *out);

#endif
