/*
 * gRPC calls: reference counts, the queue of outgoing messages, status texts.
 *
 * Any thread appends to a call's queue under its lock and posts one pump to the loop, unless one is
 * already on its way; so a burst of sends costs one wake-up.
 */
#include "net/grpc.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/thread.h"
#include "net/grpc_call.h"

static void *
must_alloc(void *p)
{
    if (p == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for a gRPC call");
    }
    return p;
}

struct grpc_call *
grpc_call_new(struct loop *loop)
{
    struct grpc_call *call = must_alloc(calloc(1, sizeof *call));
    atomic_init(&call->refs, 2); /* the stream and the handler */
    call->loop = loop;
    call->headers.limit = GRPC_HEADERS_MAX;
    call->body.limit = GRPC_MESSAGE_MAX;
    pthread_mutex_init(&call->lock, NULL);
    cond_init(&call->room);
    call->last = &call->first;
    return call;
}

void
grpc_message_drop(void *message)
{
    struct grpc_message *m = message;
    assert(m->refs > 0);
    if (--m->refs == 0) {
        free(m->data);
        free(m);
    }
}

void
grpc_retain(struct grpc_call *call)
{
    atomic_fetch_add(&call->refs, 1);
}

void
grpc_release(struct grpc_call *call)
{
    if (atomic_fetch_sub(&call->refs, 1) != 1) {
        return;
    }
    assert(call->first == NULL);
    buffer_release(&call->headers);
    buffer_release(&call->body);
    free(call->status_text);
    free(call->status_details);
    pthread_cond_destroy(&call->room);
    pthread_mutex_destroy(&call->lock);
    free(call);
}

void
grpc_call_close(struct grpc_call *call)
{
    mutex_lock(&call->lock);
    atomic_store(&call->cancelled, true);
    struct grpc_message *m = call->first;
    call->first = NULL;
    call->last = &call->first;
    call->unsent_bytes = 0;
    pthread_cond_broadcast(&call->room);
    mutex_unlock(&call->lock);
    while (m != NULL) {
        struct grpc_message *next = m->next;
        grpc_message_drop(m);
        m = next;
    }
    call->session = NULL;
    buffer_release(&call->body);
}

const char *
grpc_call_header(const struct grpc_call *call, const char *name)
{
    const char *p = (const char *)call->headers.ptr;
    const char *end = p + call->headers.len;
    while (p != NULL && p < end) {
        const char *value = p + strlen(p) + 1;
        if (strcmp(p, name) == 0) {
            return value;
        }
        p = value + strlen(value) + 1;
    }
    return NULL;
}

const char *
grpc_path(const struct grpc_call *call)
{
    const char *path = grpc_call_header(call, ":path");
    return path != NULL ? path : "";
}

const char *
grpc_header(const struct grpc_call *call, const char *name)
{
    return grpc_call_header(call, name);
}

void
grpc_set_ctx(struct grpc_call *call, void *ctx)
{
    call->ctx = ctx;
}

void *
grpc_ctx(const struct grpc_call *call)
{
    return call->ctx;
}

bool
grpc_is_cancelled(const struct grpc_call *call)
{
    return atomic_load(&call->cancelled);
}

static void
pump_run(void *ctx)
{
    struct grpc_call *call = ctx;
    mutex_lock(&call->lock);
    call->pump_posted = false;
    mutex_unlock(&call->lock);
    if (call->session != NULL) {
        grpc_session_pump(call);
    }
    grpc_release(call);
}

/* With the lock held. */
static void
pump_post(struct grpc_call *call)
{
    if (!call->pump_posted) {
        call->pump_posted = true;
        grpc_retain(call);
        loop_post(call->loop, pump_run, call);
    }
}

/* With the lock held. False: nobody will read it; the bytes are freed. */
static bool
message_push(struct grpc_call *call, void *malloced, size_t len)
{
    if (atomic_load(&call->cancelled) || call->finished || len > UINT32_MAX) {
        free(malloced);
        return false;
    }
    struct grpc_message *m = must_alloc(malloc(sizeof *m));
    *m = (struct grpc_message){.data = malloced, .len = len, .refs = 1};
    *call->last = m;
    call->last = &m->next;
    call->unsent_bytes += len;
    pump_post(call);
    return true;
}

void
grpc_send(struct grpc_call *call, void *malloced, size_t len)
{
    mutex_lock(&call->lock);
    message_push(call, malloced, len);
    mutex_unlock(&call->lock);
}

bool
grpc_send_blocking(struct grpc_call *call, void *malloced, size_t len)
{
    mutex_lock(&call->lock);
    while (call->unsent_bytes > GRPC_UNSENT_MAX && !atomic_load(&call->cancelled)) {
        pthread_cond_wait(&call->room, &call->lock);
    }
    const bool sent = message_push(call, malloced, len);
    mutex_unlock(&call->lock);
    return sent;
}

/* Printable ASCII but '%' stays; all else is %XX, byte by byte. A text that is too long ends at the
 * end of a character. */
static char *
percent_encode(const char *text)
{
    if (text == NULL || text[0] == '\0') {
        return NULL;
    }
    struct buffer out = {0};
    for (const uint8_t *p = (const uint8_t *)text; *p != '\0'; p++) {
        const bool starts_character = (*p & 0xc0) != 0x80;
        if (starts_character && out.len + 12 > GRPC_STATUS_TEXT_MAX) {
            break;
        }
        if (*p >= 0x20 && *p <= 0x7e && *p != '%') {
            buffer_u8(&out, *p);
        } else if (out.len + 3 <= GRPC_STATUS_TEXT_MAX) {
            buffer_printf(&out, "%%%02X", *p);
        }
    }
    return buffer_steal_text(&out);
}

/* Without padding, as the protocol wants it written. */
static char *
base64_encode(const uint8_t *src, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buffer out = {0};
    for (size_t i = 0; i < len; i += 3) {
        const size_t have = len - i < 3 ? len - i : 3;
        const uint32_t bits = (uint32_t)src[i] << 16 | (uint32_t)(have > 1 ? src[i + 1] : 0) << 8 |
                              (uint32_t)(have > 2 ? src[i + 2] : 0);
        for (size_t digit = 0; digit <= have; digit++) {
            buffer_u8(&out, (uint8_t)digits[bits >> (18 - 6 * digit) & 63]);
        }
    }
    return buffer_steal_text(&out);
}

void
grpc_finish(struct grpc_call *call, enum grpc_status status, const char *message,
            const void *details, size_t details_len)
{
    mutex_lock(&call->lock);
    if (!call->finished) {
        call->finished = true;
        call->status = status;
        call->status_text = percent_encode(message);
        call->status_details = details != NULL ? base64_encode(details, details_len) : NULL;
        if (!atomic_load(&call->cancelled)) {
            pump_post(call);
        }
    }
    mutex_unlock(&call->lock);
}
