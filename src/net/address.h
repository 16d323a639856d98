/* Addresses and sockets as the rest of this folder needs them. */
#ifndef WEIR_NET_ADDRESS_H
#define WEIR_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

struct error;

enum { ADDRESS_TEXT_MAX = 128 };

/* A socket that is connected or, if non_blocking, on its way. -1 on failure. */
int net_connect_start(const char *address, bool non_blocking, struct error *err);
void net_prepare(int fd); /* non-blocking, no delay for small segments, keep-alive */
void net_peer_text(int fd, char *out, size_t size);

#endif
