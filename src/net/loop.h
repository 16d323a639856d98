/*
 * An event loop: one thread that owns sockets and timers and calls back.
 *
 * All callbacks run on the loop's thread, and all functions here but loop_post and loop_stop must
 * be called there. Other threads hand work over with loop_post. epoll below; no other folder than
 * net/ touches a socket.
 */
#ifndef WEIR_NET_LOOP_H
#define WEIR_NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct error;
struct loop;
struct loop_timer;
struct conn;
struct listener;

struct loop *loop_new(struct error *err); /* also makes the process ignore SIGPIPE */
void loop_free(struct loop *loop); /* closes what is still open; on_close is called for each */
void loop_run(struct loop *loop);  /* until loop_stop */
/* One round: waits up to wait_ms (-1: until something happens) and serves what is there. For tests
 * and fuzzing; loop_run is this in a loop. */
void loop_turn(struct loop *loop, int wait_ms);
void loop_stop(struct loop *loop); /* any thread */
void loop_post(struct loop *loop, void (*fn)(void *ctx),
               void *ctx); /* any thread; runs once, in order */
struct loop_timer *loop_after(struct loop *loop, int64_t delay_ms, void (*fn)(void *ctx),
                              void *ctx);
void loop_timer_cancel(struct loop_timer *timer); /* not after it fired */

/* A listening socket. address: "127.0.0.1:9092", "[::1]:0", "localhost:80", "unix:/path",
 * "unix:@name" (Linux' abstract names). The fd is non-blocking and close-on-exec; EADDRINUSE says
 * by whom the port is taken if that can be known. -1 on failure. */
int net_listen(const char *address, struct error *err);
/* A connected blocking socket, or -1. Names are looked up, which may block. */
int net_connect(const char *address, struct error *err);
bool net_local_address(int fd, char *out, size_t size); /* "127.0.0.1:35211" */
struct listener *listener_new(struct loop *loop, int fd,
                              void (*on_accept)(void *ctx, struct conn *c),
                              void *ctx); /* takes the fd */
void listener_free(struct listener *l);

enum { CONN_LOW_WATER = 256 << 10 };

/* A byte stream. The owner sets handlers in on_accept or after connecting. */
struct conn_handlers {
    /* Bytes have arrived: data[0..len) from the start of what is unread. Returns how many were
     * used; the rest is offered again at once if some were used, else with more behind it. A
     * negative return closes the connection. */
    int64_t (*on_data)(void *ctx, struct conn *c, const uint8_t *data, size_t len);
    void (*on_drain)(void *ctx,
                     struct conn *c); /* the output queue fell below CONN_LOW_WATER; may be NULL */
    void (*on_close)(void *ctx, struct conn *c); /* last call, exactly once; ctx may be freed */
};

void conn_set_handlers(struct conn *c, const struct conn_handlers *handlers, void *ctx);
void
conn_set_input_max(struct conn *c,
                   size_t bytes); /* unread bytes above it close the connection; default 1 MiB */
struct conn *conn_connect(struct loop *loop, const char *address,
                          struct error *err);       /* non-blocking but for the name's look-up */
struct conn *conn_adopt(struct loop *loop, int fd); /* a connected socket; the fd is taken over */
void conn_write(struct conn *c, const void *src, size_t len);      /* queued, sent when possible */
void conn_write_owned(struct conn *c, void *malloced, size_t len); /* freed when sent */
/* Borrowed bytes, not copied: on_sent is called once they are with the kernel or dropped because
 * the connection closed. */
void conn_write_ref(struct conn *c, const void *src, size_t len, void (*on_sent)(void *ctx),
                    void *ctx);
/* File bytes by sendfile after what is queued; the fd stays the caller's and must live until
 * on_sent, which is called when they are sent or dropped. on_sent may be NULL. */
void conn_write_file(struct conn *c, int fd, int64_t offset, size_t len, void (*on_sent)(void *ctx),
                     void *ctx);
size_t conn_queued(const struct conn *c);     /* bytes not yet with the kernel */
void conn_pause(struct conn *c, bool paused); /* stop reading: back-pressure */
void conn_offer_again(struct conn *c);        /* unread bytes to on_data, from the loop */
void conn_close(struct conn *c);              /* at once; on_close follows from the loop */
void conn_finish(struct conn *c); /* close after the queue is sent; what still arrives is dropped */
const char *conn_peer(const struct conn *c); /* "127.0.0.1:5123" */
struct loop *conn_loop(const struct conn *c);

#endif
