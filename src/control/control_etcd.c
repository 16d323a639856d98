/*
 * The etcd back end: versions are mod revisions, a change is one transaction that compares them.
 *
 * A transaction may be lost with the leader of etcd that had it, or only its answer may be. So each
 * also compares and moves a mark, a key that only this handle writes, with the number of the
 * change: the mark tells whether an earlier try was done, and a late try fails at it. Changes of
 * one handle go one after another for that.
 *
 * A watch is a thread with a stream of its own. It starts at the revision behind its listing, and
 * after a loss behind the newest event it told, at the next endpoint. When etcd has compacted that
 * revision away, it lists again and tells the difference to the keys that it knows of.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/thread.h"
#include "base/trace.h"
#include "control/backend.h"
#include "control/etcd_call.h"

enum {
    ETCD_TIMEOUT_MS = 5000,
    PAGE_KEYS = 1000,
    LINE_BYTES_MAX = 64 << 20,
    WATCH_PAUSE_MS_MAX = 500,
    MARK_END_MS = 200,
    LEASE_END_MS = 700, /* said at the end of a process: a lease ends by itself too */
    GRPC_NOT_FOUND = 5,
};

struct control_etcd {
    struct control base;
    struct etcd_link *link;
    char *prefix;
    size_t prefix_len;
    int64_t timeout_ms;
    pthread_mutex_t change_lock; /* one change at a time; guards the mark */
    char mark[40];               /* outside of the prefix; put first with the first change */
    uint64_t mark_version;       /* 0: not there */
    uint64_t change_number;
};

/* A key that a watch has told about. */
struct known_key {
    char *key;
    uint64_t version;
    bool seen; /* in a listing under way */
};

struct control_watch {
    struct control_etcd *store;
    char *prefix; /* whole, with the store's */
    control_fn *fn;
    void *ctx;
    struct known_key *known; /* by key; the thread's */
    size_t known_count, known_capacity;
    uint64_t revision; /* told up to here */
    bool compacted;    /* list again */
    struct buffer line;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* guards client */
    struct http_client *client;
    atomic_bool ending;
    pthread_cond_t ended;
};

static void *
must(void *p)
{
    if (p == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for the control store");
    }
    return p;
}

/* --- requests ----------------------------------------------------------------------------------
 */

static void
put_base64(struct buffer *out, const char *field, const void *bytes, size_t len)
{
    buffer_printf(out, "\"%s\":\"", field);
    base64_put(out, bytes, len);
    buffer_puts(out, "\"");
}

static void
put_key(struct control_etcd *c, struct buffer *out, const char *key)
{
    struct buffer whole = {0};
    buffer_put(&whole, c->prefix, c->prefix_len);
    buffer_puts(&whole, key);
    put_base64(out, "key", whole.ptr, whole.len);
    buffer_release(&whole);
}

/* "key" and "range_end" for all keys that begin with prefix. */
static void
put_range(struct buffer *out, const char *prefix)
{
    size_t len = strlen(prefix);
    put_base64(out, "key", len > 0 ? prefix : "", len > 0 ? len : 1);
    while (len > 0 && (uint8_t)prefix[len - 1] == 0xff) {
        len--;
    }
    char *end = must(strndup(prefix, len));
    if (len > 0) {
        end[len - 1]++;
    }
    buffer_puts(out, ",");
    put_base64(out, "range_end", end, len > 0 ? len : 1); /* a zero byte: all keys */
    free(end);
}

static bool
etcd_simple(struct control_etcd *c, const char *path, struct buffer *body,
            struct etcd_answer *answer, struct error *err)
{
    const struct etcd_call call = {.path = path, .body = body};
    return etcd_call(c->link, &call, answer, err);
}

/* --- reads -------------------------------------------------------------------------------------
 */

struct one_key {
    struct buffer *value;
    uint64_t version;
};

static bool
one_key_take(void *ctx, const struct etcd_kv *kv)
{
    struct one_key *one = ctx;
    one->version = kv->mod_revision;
    if (one->value != NULL) {
        buffer_clear(one->value);
        buffer_put(one->value, kv->value.ptr, kv->value.len);
    }
    return true;
}

static bool
etcd_get(struct control *base, const char *key, struct buffer *value, uint64_t *version,
         struct error *err)
{
    struct control_etcd *c = (struct control_etcd *)base;
    struct buffer body = {0};
    struct one_key one = {.value = value};
    buffer_puts(&body, "{");
    put_key(c, &body, key);
    buffer_puts(&body, "}");
    const struct etcd_call call = {
        .path = "/v3/kv/range", .body = &body, .on_kv = one_key_take, .ctx = &one};
    struct etcd_answer answer;
    const bool ok = etcd_call(c->link, &call, &answer, err);
    *version = one.version;
    buffer_release(&body);
    return ok;
}

/* Pages of a listing, kept as key, version, value until it is whole. */
struct listing {
    struct buffer pairs;
    struct buffer last_key;
    size_t count;
};

static bool
listing_take(void *ctx, const struct etcd_kv *kv)
{
    struct listing *list = ctx;
    buffer_lenbytes(&list->pairs, kv->key.ptr, kv->key.len);
    buffer_uvarint(&list->pairs, kv->mod_revision);
    buffer_lenbytes(&list->pairs, kv->value.ptr, kv->value.len);
    buffer_clear(&list->last_key);
    buffer_put(&list->last_key, kv->key.ptr, kv->key.len);
    list->count++;
    return !list->pairs.overflow;
}

/* All pages at the first one's revision. */
static bool
listing_read(struct control_etcd *c, const char *prefix, struct listing *list, uint64_t *revision,
             struct error *err)
{
    struct etcd_answer answer = {.more = true};
    bool ok = true;
    *revision = 0;
    while (ok && answer.more) {
        struct buffer body = {0};
        buffer_puts(&body, "{");
        if (list->last_key.len == 0) {
            put_range(&body, prefix);
        } else {
            struct buffer range = {0};
            put_range(&range, prefix);
            const char *end = strstr(buffer_text(&range), "\"range_end\"");
            buffer_u8(&list->last_key, 0); /* the least key behind it */
            put_base64(&body, "key", list->last_key.ptr, list->last_key.len);
            buffer_printf(&body, ",%s", end);
            buffer_release(&range);
        }
        buffer_printf(&body, ",\"limit\":\"%d\"", PAGE_KEYS);
        if (*revision > 0) {
            buffer_printf(&body, ",\"revision\":\"%" PRIu64 "\"", *revision);
        }
        buffer_puts(&body, "}");
        const struct etcd_call call = {
            .path = "/v3/kv/range", .body = &body, .on_kv = listing_take, .ctx = list};
        const size_t before = list->count;
        ok = etcd_call(c->link, &call, &answer, err);
        *revision = ok && *revision == 0 ? answer.revision : *revision;
        if (ok && answer.more && list->count == before) {
            ok = error_set(err, ERROR_PROTOCOL, "etcd promises more keys and gives none");
        }
        buffer_release(&body);
    }
    return ok;
}

/* Calls fn with the store's prefix taken off. */
static bool
listing_tell(const struct control_etcd *c, const struct listing *list, control_fn *fn, void *ctx,
             struct error *err)
{
    struct reader r;
    reader_init(&r, (struct bytes){list->pairs.ptr, list->pairs.len});
    for (size_t i = 0; i < list->count; i++) {
        const struct bytes key = reader_lenbytes(&r);
        const uint64_t version = reader_uvarint64(&r);
        const struct bytes value = reader_lenbytes(&r);
        if (!reader_ok(&r) || key.len < c->prefix_len) {
            return error_set(err, ERROR_PROTOCOL, "etcd gave a key that was not asked for");
        }
        char *text = must(strndup((const char *)key.ptr + c->prefix_len, key.len - c->prefix_len));
        static const uint8_t nothing[1];
        fn(ctx, text, (struct bytes){value.ptr != NULL ? value.ptr : nothing, value.len}, version);
        free(text);
    }
    return true;
}

static char *
whole_prefix(const struct control_etcd *c, const char *prefix)
{
    struct buffer whole = {0};
    buffer_put(&whole, c->prefix, c->prefix_len);
    buffer_puts(&whole, prefix);
    return buffer_steal_text(&whole);
}

static bool
etcd_list(struct control *base, const char *prefix, control_fn *fn, void *ctx, struct error *err)
{
    struct control_etcd *c = (struct control_etcd *)base;
    struct listing list = {0};
    uint64_t revision;
    char *whole = whole_prefix(c, prefix);
    const bool ok =
        listing_read(c, whole, &list, &revision, err) && listing_tell(c, &list, fn, ctx, err);
    free(whole);
    buffer_release(&list.pairs);
    buffer_release(&list.last_key);
    return ok;
}

/* --- changes -----------------------------------------------------------------------------------
 */

static void
put_operation(struct control_etcd *c, struct buffer *body, const struct control_change *change)
{
    if (change->value == NULL) {
        buffer_puts(body, "{\"request_delete_range\":{");
        put_key(c, body, change->key);
    } else {
        buffer_puts(body, "{\"request_put\":{");
        put_key(c, body, change->key);
        buffer_puts(body, ",");
        put_base64(body, "value", change->value, change->len);
        if (change->lease != 0) {
            buffer_printf(body, ",\"lease\":\"%" PRIu64 "\"", change->lease);
        }
    }
    buffer_puts(body, "}}");
}

static void
put_compare(struct buffer *body, uint64_t version)
{
    buffer_printf(body,
                  ",\"target\":\"MOD\",\"result\":\"EQUAL\",\"mod_revision\":\"%" PRIu64 "\"}",
                  version);
}

static void
put_transaction(struct control_etcd *c, const struct control_change *changes, size_t count,
                struct buffer *body)
{
    char number[24];
    const int len = snprintf(number, sizeof number, "%" PRIu64, c->change_number);
    buffer_puts(body, "{\"compare\":[{");
    put_base64(body, "key", c->mark, strlen(c->mark));
    put_compare(body, c->mark_version);
    for (size_t i = 0; i < count; i++) {
        buffer_puts(body, ",{");
        put_key(c, body, changes[i].key);
        put_compare(body, changes[i].version_expected);
    }
    buffer_puts(body, "],\"success\":[{\"request_put\":{");
    put_base64(body, "key", c->mark, strlen(c->mark));
    buffer_puts(body, ",");
    put_base64(body, "value", number, (size_t)len);
    buffer_puts(body, "}}");
    for (size_t i = 0; i < count; i++) {
        if (!changes[i].check_only) {
            buffer_puts(body, ",");
            put_operation(c, body, &changes[i]);
        }
    }
    buffer_puts(body, "]}");
}

/* The mark as it is now. *done: the change under way was what moved it. */
static bool
mark_read(struct control_etcd *c, bool *moved, bool *done, struct error *err)
{
    struct buffer body = {0}, value = {0};
    struct one_key one = {.value = &value};
    buffer_puts(&body, "{");
    put_base64(&body, "key", c->mark, strlen(c->mark));
    buffer_puts(&body, "}");
    const struct etcd_call call = {
        .path = "/v3/kv/range", .body = &body, .on_kv = one_key_take, .ctx = &one};
    struct etcd_answer answer;
    const bool ok = etcd_call(c->link, &call, &answer, err);
    if (ok) {
        *moved = one.version != c->mark_version;
        *done = *moved && strtoull(buffer_text(&value), NULL, 10) == c->change_number;
        c->mark_version = one.version;
    }
    buffer_release(&body);
    buffer_release(&value);
    return ok;
}

/* Under the lock. One transaction; *again: its fate is settled, and it was not done. */
static bool
apply_try(struct control_etcd *c, const struct control_change *changes, size_t count,
          uint64_t *version, bool *again, struct error *err)
{
    struct buffer body = {0};
    put_transaction(c, changes, count, &body);
    const struct etcd_call call = {.path = "/v3/kv/txn", .body = &body, .once = true};
    struct etcd_answer answer;
    const bool answered = etcd_call(c->link, &call, &answer, err);
    buffer_release(&body);
    *again = !answered && err->kind == ERROR_UNAVAILABLE && err->code != GRPC_NOT_FOUND;
    if (!answered) {
        return false;
    }
    if (answer.succeeded) {
        c->mark_version = answer.revision;
        *version = answer.revision;
        return true;
    }
    bool moved = false, done = false;
    if (!mark_read(c, &moved, &done, err)) {
        return false;
    }
    *version = c->mark_version;
    *again = moved && !done; /* by a change before this one, given up and done late */
    return done || error_set_code(err, ERROR_UNAVAILABLE, CONTROL_CONFLICT,
                                  "%s%s has another version than expected", changes[0].key,
                                  count > 1 ? " or one with it" : "");
}

static bool
etcd_apply(struct control *base, const struct control_change *changes, size_t count,
           uint64_t *version, struct error *err)
{
    struct control_etcd *c = (struct control_etcd *)base;
    const int64_t deadline_ms = env_mono_ms(&env_real) + c->timeout_ms;
    mutex_lock(&c->change_lock);
    c->change_number++;
    bool again;
    bool ok = apply_try(c, changes, count, version, &again, err);
    while (!ok && again && env_mono_ms(&env_real) < deadline_ms) {
        error_clear(err);
        ok = apply_try(c, changes, count, version, &again, err);
    }
    mutex_unlock(&c->change_lock);
    return ok;
}

/* The mark of a handle that ends; one that was killed leaves some sixty bytes. */
static void
mark_remove(struct control_etcd *c)
{
    if (c->mark_version == 0) {
        return;
    }
    struct buffer body = {0};
    struct error ignored = {0};
    buffer_puts(&body, "{");
    put_base64(&body, "key", c->mark, strlen(c->mark));
    buffer_puts(&body, "}");
    const struct etcd_call call = {
        .path = "/v3/kv/deleterange", .body = &body, .timeout_ms = MARK_END_MS};
    struct etcd_answer answer;
    etcd_call(c->link, &call, &answer, &ignored);
    error_clear(&ignored);
    buffer_release(&body);
}

/* --- leases ------------------------------------------------------------------------------------
 */

static bool
etcd_lease_grant(struct control *base, int64_t ttl_ms, uint64_t *lease, struct error *err)
{
    struct control_etcd *c = (struct control_etcd *)base;
    struct buffer body = {0};
    buffer_printf(&body, "{\"TTL\":\"%" PRId64 "\"}", (ttl_ms + 999) / 1000);
    struct etcd_answer answer;
    bool ok = etcd_simple(c, "/v3/lease/grant", &body, &answer, err);
    if (ok && answer.lease == 0) {
        ok = error_set(err, ERROR_PROTOCOL, "etcd granted a lease without a number");
    }
    *lease = ok ? answer.lease : 0;
    buffer_release(&body);
    return ok;
}

static bool
etcd_lease_keep(struct control *base, uint64_t lease, struct error *err)
{
    struct control_etcd *c = (struct control_etcd *)base;
    struct buffer body = {0};
    buffer_printf(&body, "{\"ID\":\"%" PRIu64 "\"}", lease);
    struct etcd_answer answer;
    const bool ok = etcd_simple(c, "/v3/lease/keepalive", &body, &answer, err);
    buffer_release(&body);
    return ok && (answer.ttl > 0 || error_set_code(err, ERROR_UNAVAILABLE, CONTROL_LEASE_ENDED,
                                                   "the lease has ended"));
}

static bool
etcd_lease_end(struct control *base, uint64_t lease, struct error *err)
{
    struct control_etcd *c = (struct control_etcd *)base;
    struct buffer body = {0};
    buffer_printf(&body, "{\"ID\":\"%" PRIu64 "\"}", lease);
    struct etcd_answer answer;
    const struct etcd_call call = {
        .path = "/v3/lease/revoke", .body = &body, .timeout_ms = LEASE_END_MS};
    bool ok = etcd_call(c->link, &call, &answer, err);
    if (!ok && err->code == GRPC_NOT_FOUND) {
        error_clear(err);
        ok = true;
    }
    buffer_release(&body);
    return ok;
}

/* --- watches -----------------------------------------------------------------------------------
 */

static size_t
known_search(const struct control_watch *w, const char *key, bool *found)
{
    size_t low = 0, high = w->known_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(w->known[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *found = low < w->known_count && strcmp(w->known[low].key, key) == 0;
    return low;
}

static void
known_put(struct control_watch *w, size_t at, bool found, const char *key, uint64_t version)
{
    if (!found) {
        if (w->known_count == w->known_capacity) {
            w->known_capacity = w->known_capacity > 0 ? w->known_capacity * 2 : 16;
            w->known = must(realloc(w->known, w->known_capacity * sizeof *w->known));
        }
        memmove(&w->known[at + 1], &w->known[at], (w->known_count++ - at) * sizeof *w->known);
        w->known[at] = (struct known_key){.key = must(strdup(key))};
    }
    w->known[at].version = version;
    w->known[at].seen = true;
}

static void
known_remove(struct control_watch *w, size_t at)
{
    free(w->known[at].key);
    memmove(&w->known[at], &w->known[at + 1], (--w->known_count - at) * sizeof *w->known);
}

/* Tells what is news: a repeated or older event of a key is left out. */
static void
watch_tell(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    struct control_watch *w = ctx;
    bool found;
    const size_t at = known_search(w, key, &found);
    if (found && version <= w->known[at].version) {
        w->known[at].seen = true;
        return;
    }
    if (value.ptr != NULL) {
        known_put(w, at, found, key, version);
    } else if (found) {
        known_remove(w, at);
    } else {
        return;
    }
    w->fn(w->ctx, key, value, version);
}

/* The state of all keys now, told as changes. */
static bool
watch_list(struct control_watch *w, struct error *err)
{
    struct listing list = {0};
    uint64_t revision;
    for (size_t i = 0; i < w->known_count; i++) {
        w->known[i].seen = false;
    }
    bool ok = listing_read(w->store, w->prefix, &list, &revision, err) &&
              listing_tell(w->store, &list, watch_tell, w, err);
    for (size_t i = w->known_count; ok && i-- > 0;) {
        if (!w->known[i].seen) {
            char *key = must(strdup(w->known[i].key));
            watch_tell(w, key, (struct bytes){0}, revision);
            free(key);
        }
    }
    if (ok) {
        w->revision = revision;
        w->compacted = false;
    }
    buffer_release(&list.pairs);
    buffer_release(&list.last_key);
    return ok;
}

static bool
watch_event(void *ctx, const struct etcd_kv *kv)
{
    struct control_watch *w = ctx;
    static const uint8_t nothing[1];
    const size_t prefix_len = w->store->prefix_len;
    if (kv->key.len < prefix_len) {
        return false;
    }
    char *key = must(strndup((const char *)kv->key.ptr + prefix_len, kv->key.len - prefix_len));
    const struct bytes value = {kv->value.ptr != NULL ? kv->value.ptr : nothing, kv->value.len};
    watch_tell(w, key, kv->removed ? (struct bytes){0} : value, kv->mod_revision);
    free(key);
    /* Events of one revision come in one answer, so the next stream starts behind this one. */
    w->revision = kv->mod_revision > w->revision ? kv->mod_revision : w->revision;
    return true;
}

/* Whole lines of the stream. False ends it. */
static bool
watch_bytes(void *ctx, struct bytes piece)
{
    struct control_watch *w = ctx;
    etcd_link_heard(w->store->link);
    while (piece.len > 0) {
        const uint8_t *newline = memchr(piece.ptr, '\n', piece.len);
        const size_t len = newline != NULL ? (size_t)(newline - piece.ptr) : piece.len;
        buffer_put(&w->line, piece.ptr, len);
        if (newline == NULL) {
            return !w->line.overflow;
        }
        piece.ptr += len + 1;
        piece.len -= len + 1;
        struct etcd_answer answer = {0};
        const bool ok =
            w->line.len == 0 ||
            etcd_answer_read((struct bytes){w->line.ptr, w->line.len}, &answer, watch_event, w);
        buffer_clear(&w->line);
        if (!ok || answer.canceled || answer.error[0] != '\0') {
            w->compacted = !ok || answer.compact_revision > 0;
            trace(TRACE_INFO, "control", "a watch of etcd ended: %s",
                  answer.error[0] != '\0' ? answer.error : "canceled");
            return false;
        }
    }
    return true;
}

/* One stream, until it ends for some reason. */
static void
watch_stream(struct control_watch *w)
{
    size_t endpoint;
    const char *address = etcd_link_endpoint(w->store->link, &endpoint);
    struct http_client *client = http_client_new(address);
    mutex_lock(&w->lock);
    w->client = client;
    mutex_unlock(&w->lock);
    struct buffer body = {0};
    buffer_puts(&body, "{\"create_request\":{");
    put_range(&body, w->prefix);
    buffer_printf(&body, ",\"start_revision\":\"%" PRIu64 "\"}}", w->revision + 1);
    /* A member that is cut off from its leader ends the stream instead of waiting with us. */
    const struct http_post post = {.path = "/v3/watch",
                                   .headers = "Grpc-Metadata-hasleader: true\r\n",
                                   .body = {body.ptr, body.len},
                                   .connect_ms = ETCD_CONNECT_MS,
                                   .timeout_ms = -1,
                                   .on_body = watch_bytes,
                                   .ctx = w};
    struct error err = {0};
    int status;
    bool sent;
    buffer_clear(&w->line);
    w->line.limit = LINE_BYTES_MAX;
    if (!atomic_load(&w->ending)) {
        http_client_post(client, &post, &status, NULL, &sent, &err);
    }
    error_clear(&err);
    buffer_release(&body);
    mutex_lock(&w->lock);
    w->client = NULL;
    mutex_unlock(&w->lock);
    http_client_free(client);
    etcd_link_turn(w->store->link, endpoint);
}

static void *
watch_main(void *ctx)
{
    struct control_watch *w = ctx;
    int64_t pause_ms = 10;
    while (!atomic_load(&w->ending)) {
        const uint64_t before = w->revision;
        watch_stream(w);
        struct error err = {0};
        if (w->compacted && !atomic_load(&w->ending) && !watch_list(w, &err)) {
            trace(TRACE_WARN, "control", "a watch cannot list its keys: %s", error_text(&err));
        }
        error_clear(&err);
        pause_ms = w->revision != before ? 10 : pause_ms * 2;
        pause_ms = pause_ms < WATCH_PAUSE_MS_MAX ? pause_ms : WATCH_PAUSE_MS_MAX;
        mutex_lock(&w->lock);
        const int64_t until_ns = env_mono_ns(&env_real) + pause_ms * 1000000;
        while (!atomic_load(&w->ending) && cond_wait_until(&w->ended, &w->lock, until_ns)) {
        }
        mutex_unlock(&w->lock);
    }
    return NULL;
}

static void
etcd_watch_end(struct control *base, struct control_watch *w)
{
    (void)base;
    mutex_lock(&w->lock);
    atomic_store(&w->ending, true);
    pthread_cond_signal(&w->ended);
    if (w->client != NULL) {
        http_client_cancel(w->client);
    }
    mutex_unlock(&w->lock);
    if (w->has_thread) {
        pthread_join(w->thread, NULL);
    }
    for (size_t i = 0; i < w->known_count; i++) {
        free(w->known[i].key);
    }
    free(w->known);
    buffer_release(&w->line);
    pthread_cond_destroy(&w->ended);
    pthread_mutex_destroy(&w->lock);
    free(w->prefix);
    free(w);
}

static struct control_watch *
etcd_watch(struct control *base, const char *prefix, control_fn *fn, void *ctx, struct error *err)
{
    struct control_etcd *c = (struct control_etcd *)base;
    struct control_watch *w = must(calloc(1, sizeof *w));
    *w =
        (struct control_watch){.store = c, .prefix = whole_prefix(c, prefix), .fn = fn, .ctx = ctx};
    pthread_mutex_init(&w->lock, NULL);
    cond_init(&w->ended);
    bool ok = watch_list(w, err);
    if (ok) {
        w->has_thread = thread_start(&w->thread, "control-watch", watch_main, w);
        ok = w->has_thread || error_set(err, ERROR_RESOURCE, "no thread for a watch");
    }
    if (!ok) {
        etcd_watch_end(base, w);
        return NULL;
    }
    return w;
}

/* --- the store ---------------------------------------------------------------------------------
 */

static void
etcd_close(struct control *base)
{
    struct control_etcd *c = (struct control_etcd *)base;
    if (c->link != NULL) {
        mark_remove(c);
    }
    etcd_link_free(c->link);
    pthread_mutex_destroy(&c->change_lock);
    free(c->prefix);
    free(c);
}

static int64_t
etcd_silent_ms(struct control *base)
{
    return etcd_link_silent_ms(((struct control_etcd *)base)->link);
}

static const struct control_ops etcd_ops = {
    .close = etcd_close,
    .silent_ms = etcd_silent_ms,
    .get = etcd_get,
    .apply = etcd_apply,
    .list = etcd_list,
    .lease_grant = etcd_lease_grant,
    .lease_keep = etcd_lease_keep,
    .lease_end = etcd_lease_end,
    .watch = etcd_watch,
    .watch_end = etcd_watch_end,
};

struct control *
control_open_etcd(struct env *env, const struct control_etcd_config *config, struct error *err)
{
    struct control_etcd *c = must(calloc(1, sizeof *c));
    *c =
        (struct control_etcd){.base = {.ops = &etcd_ops},
                              .prefix = must(strdup(config->prefix != NULL ? config->prefix : ""))};
    c->prefix_len = strlen(c->prefix);
    c->timeout_ms = config->timeout_ms > 0 ? config->timeout_ms : ETCD_TIMEOUT_MS;
    pthread_mutex_init(&c->change_lock, NULL);
    snprintf(c->mark, sizeof c->mark, "weir-mark/%016" PRIx64, env_random(env));
    c->link = etcd_link_new(env, config->endpoints, config->timeout_ms, err);
    if (c->link == NULL) {
        etcd_close(&c->base);
        return NULL;
    }
    return &c->base;
}
