/*
 * The page's server.
 *
 * Fixed files are answered on the loop. Whatever asks the sources goes to one thread: requests for
 * the state or the metrics wait in a list, event streams in another; the thread wakes for the first
 * and, while there are streams, once a second. So the loop never waits for a callback, callbacks
 * never meet each other, and a page that nobody looks at costs nothing.
 */
#include "web/web.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/env.h"
#include "base/thread.h"
#include "net/http.h"
#include "web/assets.h"

enum {
    TICK_MS = 1000,
    WAITING_MAX = 64,
    STREAMS_MAX = 64,
    STREAM_QUEUED_MAX = 4 << 20, /* a browser that is so far behind gets no more for now */
};

struct waiting {
    struct http_exchange *exchange; /* a reference of ours */
    bool metrics;                   /* else the state */
};

struct web {
    struct http_server *server;
    struct web_sources sources;
    char *token; /* NULL = none */
    bool local_only;

    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    bool stopping;
    struct waiting waiting[WAITING_MAX];
    size_t waiting_count;
    struct http_exchange *streams[STREAMS_MAX]; /* references of ours */
    size_t stream_count;
    bool stream_added; /* it gets its first event at once */
};

/* --- documents ---------------------------------------------------------------------------------
 */

static void
member_put(struct web *w, struct buffer *out, const char *name,
           void (*fill)(void *ctx, struct buffer *out), const char *nothing)
{
    buffer_printf(out, ",\"%s\":", name);
    const size_t before = out->len;
    if (fill != NULL) {
        fill(w->sources.ctx, out);
    }
    if (out->len == before) {
        buffer_puts(out, nothing);
    }
}

static void
state_put(struct web *w, struct buffer *out)
{
    buffer_printf(out, "{\"time_ms\":%lld", (long long)env_wall_ms(&env_real));
    member_put(w, out, "overview", w->sources.overview, "{}");
    member_put(w, out, "queries", w->sources.queries, "[]");
    member_put(w, out, "topics", w->sources.topics, "[]");
    member_put(w, out, "streams", w->sources.streams, "[]");
    member_put(w, out, "events", w->sources.events, "[]");
    buffer_puts(out, "}");
}

void
web_label(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\' || *text == '"') {
            buffer_u8(out, '\\');
            buffer_u8(out, (uint8_t)*text);
        } else if (*text == '\n') {
            buffer_puts(out, "\\n");
        } else {
            buffer_u8(out, (uint8_t)*text);
        }
    }
}

void
web_metric(struct buffer *out, const char *name, const char *type, const char *help,
           const char *labels, double value)
{
    if (help != NULL) {
        buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
    }
    const bool labelled = labels[0] != '\0';
    buffer_printf(out, "%s%s%s%s %.17g\n", name, labelled ? "{" : "", labels, labelled ? "}" : "",
                  value);
}

static void
metrics_put(struct web *w, struct buffer *out, size_t stream_count)
{
    web_metric(out, "weir_up", "gauge", "1 while this process answers.", "", 1);
    web_metric(out, "weir_build_info", "gauge", "Version in a label.",
               "version=\"" WEIR_VERSION "\"", 1);
    web_metric(out, "weir_web_viewers", "gauge", "Browsers that watch the page.", "",
               (double)stream_count);
    if (w->sources.metrics != NULL) {
        w->sources.metrics(w->sources.ctx, out);
    }
}

/* --- the thread that asks the sources ----------------------------------------------------------
 */

static void
waiting_answer(struct web *w, struct waiting *waiting, size_t count, size_t stream_count)
{
    struct buffer state = {0};
    for (size_t i = 0; i < count; i++) {
        struct http_exchange *x = waiting[i].exchange;
        http_reply_header(x, "Cache-Control", "no-store");
        if (waiting[i].metrics) {
            struct buffer metrics = {0};
            metrics_put(w, &metrics, stream_count);
            http_reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.ptr,
                       metrics.len);
            buffer_release(&metrics);
        } else {
            if (state.len == 0) {
                state_put(w, &state); /* one document does for all who wait */
            }
            http_reply(x, 200, "application/json", state.ptr, state.len);
        }
        http_release(x);
    }
    buffer_release(&state);
}

/* Sends one event to each stream; the places of those that left are filled from behind. Only this
 * thread removes streams, and others only append: so the list may be walked without the lock. */
static size_t
streams_feed(struct web *w, struct http_exchange **streams, size_t count)
{
    struct buffer event = {0};
    buffer_puts(&event, "data: ");
    state_put(w, &event);
    for (size_t i = 0; i < event.len; i++) {
        if (event.ptr[i] == '\n' || event.ptr[i] == '\r') {
            event.ptr[i] = ' '; /* between JSON's words only; an event's line must not end there */
        }
    }
    buffer_puts(&event, "\n\n");
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct http_exchange *x = streams[i];
        const bool behind = http_stream_queued(x) > STREAM_QUEUED_MAX;
        if (behind || http_stream_write(x, event.ptr, event.len)) {
            streams[kept++] = x;
        } else {
            http_release(x);
        }
    }
    buffer_release(&event);
    return kept;
}

/* With the lock held; opens it while the sources are asked. */
static void
streams_serve(struct web *w)
{
    struct http_exchange *streams[STREAMS_MAX];
    const size_t count = w->stream_count;
    memcpy(streams, w->streams, count * sizeof *streams);
    w->stream_added = false;
    mutex_unlock(&w->lock);
    const size_t kept = streams_feed(w, streams, count);
    mutex_lock(&w->lock);
    const size_t added = w->stream_count - count;
    memmove(w->streams + kept, w->streams + count, added * sizeof *streams);
    memcpy(w->streams, streams, kept * sizeof *streams);
    w->stream_count = kept + added;
}

static void
waiting_serve(struct web *w)
{
    struct waiting waiting[WAITING_MAX];
    const size_t count = w->waiting_count;
    const size_t stream_count = w->stream_count;
    memcpy(waiting, w->waiting, count * sizeof *waiting);
    w->waiting_count = 0;
    mutex_unlock(&w->lock);
    waiting_answer(w, waiting, count, stream_count);
    mutex_lock(&w->lock);
}

static void *
web_main(void *ctx)
{
    struct web *w = ctx;
    int64_t next_tick = env_mono_ns(&env_real);
    mutex_lock(&w->lock);
    while (!w->stopping) {
        const bool ticks = w->stream_count > 0;
        if (w->waiting_count > 0) {
            waiting_serve(w);
        } else if (w->stream_added || (ticks && env_mono_ns(&env_real) >= next_tick)) {
            next_tick = env_mono_ns(&env_real) + (int64_t)TICK_MS * 1000000;
            streams_serve(w);
        } else if (ticks) {
            cond_wait_until(&w->changed, &w->lock, next_tick);
        } else {
            pthread_cond_wait(&w->changed, &w->lock);
        }
    }
    mutex_unlock(&w->lock);
    return NULL;
}

/* --- requests, on the loop ---------------------------------------------------------------------
 */

static void
reply_text(struct http_exchange *x, int status, const char *text)
{
    http_reply(x, status, "text/plain; charset=utf-8", text, strlen(text));
}

/* "localhost", "127.x.y.z" and "[::1]", with any port; no header at all is an old client's. */
static bool
host_is_local(const char *host)
{
    if (host == NULL) {
        return true;
    }
    if (strncmp(host, "[::1]", 5) == 0) {
        return host[5] == '\0' || host[5] == ':';
    }
    const size_t len = strcspn(host, ":");
    if (len == 9 && memcmp(host, "localhost", 9) == 0) {
        return true;
    }
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len;
}

/* In a time that does not depend on where the first difference is. */
static bool
token_equal(const char *given, size_t len, const char *token)
{
    unsigned difference = len != strlen(token);
    for (size_t i = 0; i < len && token[i] != '\0'; i++) {
        difference |= (unsigned char)given[i] ^ (unsigned char)token[i];
    }
    return difference == 0;
}

static bool
cookie_has_token(const char *cookie, const char *token)
{
    static const char name[] = "weir_token=";
    const char *at = cookie != NULL ? strstr(cookie, name) : NULL;
    return at != NULL &&
           token_equal(at + sizeof name - 1, strcspn(at + sizeof name - 1, "; "), token);
}

static bool
request_allowed(struct web *w, struct http_exchange *x, const struct http_request *req)
{
    if (w->token == NULL) {
        return true;
    }
    const char *bearer = http_header(x, "authorization");
    if (bearer != NULL && strncmp(bearer, "Bearer ", 7) == 0 &&
        token_equal(bearer + 7, strlen(bearer + 7), w->token)) {
        return true;
    }
    char given[256];
    if (http_query_param(req->query, "token", given, sizeof given) &&
        token_equal(given, strlen(given), w->token)) {
        struct buffer cookie = {0};
        buffer_printf(&cookie, "weir_token=%s; HttpOnly; SameSite=Strict; Path=/", w->token);
        http_reply_header(x, "Set-Cookie", buffer_text(&cookie));
        buffer_release(&cookie);
        return true;
    }
    return cookie_has_token(http_header(x, "cookie"), w->token);
}

static void
asset_reply(struct http_exchange *x, const struct web_asset *asset)
{
    const char *known = http_header(x, "if-none-match");
    http_reply_header(x, "ETag", asset->etag);
    http_reply_header(x, "Cache-Control", "no-cache"); /* ask each time: the program may be newer */
    http_reply_header(x, "X-Content-Type-Options", "nosniff");
    http_reply_header(x, "Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'");
    if (known != NULL && strcmp(known, asset->etag) == 0) {
        http_reply(x, 304, NULL, NULL, 0);
    } else {
        http_reply(x, 200, asset->type, asset->data, asset->len);
    }
}

static void
waiting_add(struct web *w, struct http_exchange *x, bool metrics)
{
    mutex_lock(&w->lock);
    const bool room = w->waiting_count < WAITING_MAX;
    if (room) {
        http_retain(x);
        w->waiting[w->waiting_count++] = (struct waiting){x, metrics};
        pthread_cond_signal(&w->changed);
    }
    mutex_unlock(&w->lock);
    if (!room) {
        reply_text(x, 503, "too many requests wait for an answer\n");
    }
}

static void
stream_add(struct web *w, struct http_exchange *x)
{
    mutex_lock(&w->lock);
    const bool room = w->stream_count < STREAMS_MAX;
    if (room) {
        http_retain(x);
        http_reply_header(x, "Cache-Control", "no-store");
        http_stream_begin(x, 200, "text/event-stream");
        w->streams[w->stream_count++] = x;
        w->stream_added = true;
        pthread_cond_signal(&w->changed);
    }
    mutex_unlock(&w->lock);
    if (!room) {
        reply_text(x, 503, "too many browsers watch this page\n");
    }
}

static void
request_serve(void *ctx, struct http_exchange *x, const struct http_request *req)
{
    struct web *w = ctx;
    if (w->local_only && !host_is_local(http_header(x, "host"))) {
        reply_text(x, 403, "this page is for this computer only; ask for it as localhost\n");
        return;
    }
    if (strcmp(req->method, "GET") != 0 && strcmp(req->method, "HEAD") != 0) {
        http_reply_header(x, "Allow", "GET, HEAD");
        reply_text(x, 405, "only GET and HEAD are answered here\n");
        return;
    }
    if (strcmp(req->path, "/healthz") == 0) {
        reply_text(x, 200, "ok\n");
        return;
    }
    if (!request_allowed(w, x, req)) {
        http_reply_header(x, "WWW-Authenticate", "Bearer");
        reply_text(x, 401, "a token is needed: open /?token=TOKEN\n");
        return;
    }
    if (strcmp(req->path, "/events") == 0 && req->method[0] == 'H') {
        http_reply(x, 200, "text/event-stream", NULL, 0);
    } else if (strcmp(req->path, "/events") == 0) {
        stream_add(w, x);
    } else if (strcmp(req->path, "/api/state") == 0) {
        waiting_add(w, x, false);
    } else if (strcmp(req->path, "/metrics") == 0) {
        waiting_add(w, x, true);
    } else {
        for (size_t i = 0; i < web_asset_count; i++) {
            if (strcmp(req->path, web_assets[i].path) == 0) {
                asset_reply(x, &web_assets[i]);
                return;
            }
        }
        reply_text(x, 404, "nothing here\n");
    }
}

/* --- life --------------------------------------------------------------------------------------
 */

struct web *
web_new(struct loop *loop, int listen_fd, const struct web_sources *sources,
        const struct web_options *options)
{
    struct web *w = calloc(1, sizeof *w);
    if (w == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for the web page");
    }
    w->sources = *sources;
    w->local_only = options->local_only;
    w->token = options->token != NULL ? strdup(options->token) : NULL;
    pthread_mutex_init(&w->lock, NULL);
    cond_init(&w->changed);
    if (!thread_start(&w->thread, "web", web_main, w)) {
        env_real.ops->fatal(&env_real, "no thread for the web page");
    }
    w->server = http_server_new(loop, listen_fd, request_serve, w);
    return w;
}

void
web_free(struct web *w)
{
    mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->changed);
    mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    for (size_t i = 0; i < w->waiting_count; i++) {
        http_release(w->waiting[i].exchange);
    }
    for (size_t i = 0; i < w->stream_count; i++) {
        http_release(w->streams[i]);
    }
    http_server_free(w->server);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w->token);
    free(w);
}
