/* Does a listener answer its own protocol? One small request each; used for readiness and doctor.
 */
#ifndef WEIR_APP_PROBE_H
#define WEIR_APP_PROBE_H

#include <stdbool.h>

#include "base/error.h"

bool probe_connect(const char *address, int timeout_ms, struct error *err); /* gRPC */
bool probe_kafka(const char *address, int timeout_ms, struct error *err);   /* ApiVersions */
bool probe_web(const char *address, int timeout_ms, struct error *err);     /* GET / */
bool probe_frames(const char *address, int timeout_ms, struct error *err);  /* WIRE_PING */

#endif
