/*
 * HTTP exchanges: their texts, and answers from any thread.
 *
 * Answers are bytes in the exchange's buffer, put there under its lock; a posted call moves them to
 * the connection.
 */
#include "net/http_exchange.h"

#include <assert.h>
#include <http_parser.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/env.h"
#include "base/thread.h"

static void *
must_alloc(void *p)
{
    if (p == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for an HTTP exchange");
    }
    return p;
}

struct http_exchange *
http_exchange_new(struct loop *loop, struct http_conn *conn)
{
    struct http_exchange *x = must_alloc(calloc(1, sizeof *x));
    atomic_init(&x->refs, 1);
    x->loop = loop;
    x->conn = conn;
    x->target.limit = HTTP_TARGET_MAX;
    x->headers.limit = HTTP_HEADERS_MAX;
    x->body.limit = HTTP_BODY_MAX;
    pthread_mutex_init(&x->lock, NULL);
    return x;
}

void
http_retain(struct http_exchange *x)
{
    atomic_fetch_add(&x->refs, 1);
}

void
http_release(struct http_exchange *x)
{
    if (atomic_fetch_sub(&x->refs, 1) != 1) {
        return;
    }
    buffer_release(&x->target);
    buffer_release(&x->headers);
    buffer_release(&x->body);
    buffer_release(&x->extra);
    buffer_release(&x->out);
    free(x->path);
    pthread_mutex_destroy(&x->lock);
    free(x);
}

const char *
http_header(const struct http_exchange *x, const char *name)
{
    const char *p = (const char *)x->headers.ptr;
    const char *end = p + x->headers.len;
    while (p != NULL && p < end) {
        const char *value = p + strlen(p) + 1;
        if (strcasecmp(p, name) == 0) {
            return value;
        }
        p = value + strlen(value) + 1;
    }
    return NULL;
}

static int
hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Decodes %XX, and '+' as a space where asked. False: broken, too long, or a NUL inside. */
static bool
percent_decode(const char *src, size_t len, bool plus, char *out, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        char c = src[i];
        if (c == '%') {
            const bool whole = i + 2 < len;
            const int high = whole ? hex_digit(src[i + 1]) : -1;
            const int low = whole ? hex_digit(src[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == '\0' || at + 1 >= size) {
            return false;
        }
        out[at++] = c;
    }
    out[at] = '\0';
    return true;
}

bool
http_query_param(const char *query, const char *name, char *out, size_t size)
{
    const size_t name_len = strlen(name);
    while (*query != '\0') {
        const size_t len = strcspn(query, "&");
        const size_t key_len = strcspn(query, "=&");
        if (key_len == name_len && memcmp(query, name, name_len) == 0) {
            const size_t skip = key_len < len ? key_len + 1 : key_len;
            return percent_decode(query + skip, len - skip, true, out, size);
        }
        query += len + (query[len] == '&' ? 1 : 0);
    }
    return false;
}

/* Splits the target in path and query. It is "/path?query", or a whole URL from a proxy's client.
 */
bool
http_exchange_split(struct http_exchange *x)
{
    const char *target = buffer_text(&x->target);
    const char *start = strchr(target, '/');
    if (target[0] != '/' && strncmp(target, "http://", 7) == 0) {
        start = strchr(target + 7, '/');
    } else if (target[0] != '/') {
        start = strcmp(target, "*") == 0 ? target : NULL;
    }
    if (start == NULL) {
        return false;
    }
    const size_t path_len = strcspn(start, "?#");
    x->query = start[path_len] == '?' ? start + path_len + 1 : "";
    x->path = must_alloc(malloc(path_len + 1));
    return percent_decode(start, path_len, false, x->path, path_len + 1);
}

/* --- answers, from any thread ------------------------------------------------------------------
 */

/* With the lock held. */
static void
move_post(struct http_exchange *x)
{
    if (!x->posted) {
        x->posted = true;
        http_retain(x);
        loop_post(x->loop, http_exchange_move, x);
    }
}

static void
head_put(struct http_exchange *x, int status, const char *content_type)
{
    char date[64];
    struct tm tm;
    const time_t now = (time_t)(env_wall_ms(&env_real) / 1000);
    gmtime_r(&now, &tm);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    buffer_printf(&x->out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", status,
                  http_status_str((enum http_status)status), date);
    if (content_type != NULL) {
        buffer_printf(&x->out, "Content-Type: %s\r\n", content_type);
    }
    buffer_put(&x->out, x->extra.ptr, x->extra.len);
    if (!x->keep_alive) {
        buffer_puts(&x->out, "Connection: close\r\n");
    } else if (x->old_version) {
        buffer_puts(&x->out, "Connection: keep-alive\r\n");
    }
}

void
http_reply_header(struct http_exchange *x, const char *name, const char *value)
{
    mutex_lock(&x->lock);
    buffer_printf(&x->extra, "%s: ", name);
    for (const char *p = value; *p != '\0'; p++) {
        buffer_u8(&x->extra, (uint8_t)*p < 0x20 ? ' ' : (uint8_t)*p); /* no second header */
    }
    buffer_puts(&x->extra, "\r\n");
    mutex_unlock(&x->lock);
}

void
http_reply(struct http_exchange *x, int status, const char *content_type, const void *body,
           size_t len)
{
    mutex_lock(&x->lock);
    assert(!x->begun);
    x->begun = true;
    x->done = true;
    head_put(x, status, content_type);
    if (status != 204 && status != 304) {
        buffer_printf(&x->out, "Content-Length: %zu\r\n", len);
    }
    buffer_puts(&x->out, "\r\n");
    if (!x->head_only && status != 204 && status != 304) {
        buffer_put(&x->out, body, len);
    }
    move_post(x);
    mutex_unlock(&x->lock);
}

bool
http_header_done(const struct http_exchange *x)
{
    struct http_exchange *own = (struct http_exchange *)(uintptr_t)x;
    mutex_lock(&own->lock);
    const bool begun = x->begun;
    mutex_unlock(&own->lock);
    return begun;
}

void
http_exchange_head(struct http_exchange *x, int status, const char *content_type, int64_t length)
{
    mutex_lock(&x->lock);
    assert(!x->begun);
    x->begun = true;
    head_put(x, status, content_type);
    buffer_printf(&x->out, "Content-Length: %lld\r\n\r\n", (long long)length);
    mutex_unlock(&x->lock);
}

void
http_stream_begin(struct http_exchange *x, int status, const char *content_type)
{
    mutex_lock(&x->lock);
    assert(!x->begun);
    x->begun = true;
    x->chunked = !x->old_version;
    x->keep_alive = x->keep_alive && x->chunked; /* else the end of the connection is the end */
    head_put(x, status, content_type);
    buffer_puts(&x->out, x->chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
    move_post(x);
    mutex_unlock(&x->lock);
}

bool
http_stream_write(struct http_exchange *x, const void *src, size_t len)
{
    if (atomic_load(&x->gone)) {
        return false;
    }
    mutex_lock(&x->lock);
    assert(x->begun && !x->done);
    if (len > 0 && !x->head_only) { /* an empty chunk would be the end */
        if (x->chunked) {
            buffer_printf(&x->out, "%zx\r\n", len);
        }
        buffer_put(&x->out, src, len);
        if (x->chunked) {
            buffer_puts(&x->out, "\r\n");
        }
        move_post(x);
    }
    mutex_unlock(&x->lock);
    return true;
}

size_t
http_stream_queued(const struct http_exchange *x)
{
    struct http_exchange *own = (struct http_exchange *)(uintptr_t)x;
    mutex_lock(&own->lock);
    const size_t waiting = x->out.len;
    mutex_unlock(&own->lock);
    return waiting + atomic_load(&x->unsent_bytes);
}

void
http_stream_end(struct http_exchange *x)
{
    mutex_lock(&x->lock);
    assert(x->begun && !x->done);
    x->done = true;
    if (x->chunked && !x->head_only) {
        buffer_puts(&x->out, "0\r\n\r\n");
    }
    move_post(x);
    mutex_unlock(&x->lock);
}
