/* Who listens on a port, as far as this user may know. */
#ifndef WEIR_APP_PORT_OWNER_H
#define WEIR_APP_PORT_OWNER_H

#include <stdbool.h>
#include <stddef.h>

/* "NAME, pid N" of a process that listens on the port of HOST:PORT; false when none can be told:
 * the process is another user's, or in another namespace. */
bool port_owner(const char *address, char *out, size_t size);

#endif
