/*
 * The local back end: a sorted table in memory, and a journal that it is a function of.
 *
 * Journal: per change set, le32 length, le32 CRC-32C, payload (count, then key, value or absence,
 * version). A torn last entry is cut at the next open: it was never answered. When the journal is
 * four times what is alive it is written anew beside and renamed.
 */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/thread.h"
#include "control/backend.h"

enum { JOURNAL_BYTES_MAX = 256 << 20, JOURNAL_SLACK_BYTES = 64 << 10 };

struct control_entry {
    char *key;
    uint8_t *value;
    size_t len;
    uint64_t version;
    uint64_t lease;
};

struct control_lease {
    uint64_t id;
    int64_t ttl_ms, until_ms;
    struct control_lease *next;
};

struct control_watch {
    char *prefix;
    control_fn *fn;
    void *ctx;
    struct control_watch *next;
};

struct control_local {
    struct control base;
    struct env *env;
    char *path;
    int lock_fd;
    int fd;
    pthread_mutex_t lock;
    struct control_entry *entries; /* by key */
    size_t count, capacity;
    uint64_t version; /* of the newest change */
    int64_t journal_bytes, live_bytes;
    uint64_t lease_last;
    struct control_lease *leases;
    struct control_watch *watches;
};

static void *
control_alloc(void *p)
{
    if (p == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for the control store");
    }
    return p;
}

/* Where key is, or where it belongs. */
static size_t
entry_search(const struct control_local *c, const char *key, bool *found)
{
    size_t low = 0, high = c->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(c->entries[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *found = low < c->count && strcmp(c->entries[low].key, key) == 0;
    return low;
}

static void
entry_put(struct control_local *c, const char *key, const void *value, size_t len, uint64_t version,
          uint64_t lease)
{
    bool found;
    const size_t at = entry_search(c, key, &found);
    if (value == NULL) {
        if (found) {
            c->live_bytes -= (int64_t)(strlen(key) + c->entries[at].len + 32);
            free(c->entries[at].key);
            free(c->entries[at].value);
            memmove(&c->entries[at], &c->entries[at + 1], (--c->count - at) * sizeof *c->entries);
        }
        return;
    }
    if (!found) {
        if (c->count == c->capacity) {
            c->capacity = c->capacity ? c->capacity * 2 : 16;
            c->entries = control_alloc(realloc(c->entries, c->capacity * sizeof *c->entries));
        }
        memmove(&c->entries[at + 1], &c->entries[at], (c->count++ - at) * sizeof *c->entries);
        c->entries[at] = (struct control_entry){.key = control_alloc(strdup(key))};
        c->live_bytes += (int64_t)strlen(key) + 32;
    }
    struct control_entry *e = &c->entries[at];
    c->live_bytes += (int64_t)len - (int64_t)e->len;
    free(e->value);
    e->value = control_alloc(malloc(len + 1));
    memcpy(e->value, value, len);
    e->len = len;
    e->version = version;
    e->lease = lease;
}

static void
journal_frame(struct buffer *out, const struct buffer *payload)
{
    buffer_le32(out, (uint32_t)payload->len);
    buffer_le32(out, crc32c(0, payload->ptr, payload->len));
    buffer_put(out, payload->ptr, payload->len);
}

static void
journal_put(struct buffer *out, const char *key, const void *value, size_t len, uint64_t version)
{
    buffer_lentext(out, key);
    buffer_u8(out, value != NULL);
    buffer_lenbytes(out, value, value != NULL ? len : 0);
    buffer_uvarint(out, version);
}

/* Applies one whole payload. */
static bool
journal_apply(struct control_local *c, struct bytes payload)
{
    struct reader r;
    reader_init(&r, payload);
    const size_t count = reader_ucount(&r, 4);
    for (size_t i = 0; i < count && reader_ok(&r); i++) {
        const struct bytes key = reader_lenbytes(&r);
        const bool present = reader_u8(&r) != 0;
        const struct bytes value = reader_lenbytes(&r);
        const uint64_t version = reader_uvarint64(&r);
        if (!reader_ok(&r) || key.len > CONTROL_KEY_BYTES_MAX) {
            return false;
        }
        char text[CONTROL_KEY_BYTES_MAX + 1];
        memcpy(text, key.ptr, key.len);
        text[key.len] = '\0';
        entry_put(c, text, present ? (const void *)value.ptr : NULL, value.len, version, 0);
        if (version > c->version) {
            c->version = version;
        }
    }
    return reader_ok(&r);
}

static void
journal_replay(struct control_local *c, struct bytes all)
{
    struct reader r;
    reader_init(&r, all);
    for (;;) {
        const size_t at = reader_offset(&r);
        const uint32_t len = reader_le32(&r);
        const uint32_t crc = reader_le32(&r);
        const struct bytes payload = reader_take(&r, len);
        if (!reader_ok(&r) || crc32c(0, payload.ptr, payload.len) != crc ||
            !journal_apply(c, payload)) {
            c->journal_bytes = (int64_t)at;
            return;
        }
    }
}

/* All that lives as one payload, over the old journal. Keys of leases stay out. */
static bool
journal_rewrite(struct control_local *c, struct error *err)
{
    struct buffer payload = {0}, framed = {0};
    size_t kept = 0;
    for (size_t i = 0; i < c->count; i++) {
        kept += c->entries[i].lease == 0;
    }
    buffer_uvarint(&payload, kept);
    for (size_t i = 0; i < c->count; i++) {
        const struct control_entry *e = &c->entries[i];
        if (e->lease == 0) {
            journal_put(&payload, e->key, e->value, e->len, e->version);
        }
    }
    journal_frame(&framed, &payload);
    bool ok = env_write_file_atomic(c->env, c->path, framed.ptr, framed.len, err);
    if (ok) {
        if (c->fd >= 0) {
            c->env->ops->close(c->env, c->fd);
        }
        c->fd = c->env->ops->open(c->env, c->path, ENV_READ | ENV_WRITE, err);
        c->journal_bytes = (int64_t)framed.len;
        ok = c->fd >= 0;
    }
    buffer_release(&payload);
    buffer_release(&framed);
    return ok;
}

static bool
journal_append(struct control_local *c, const struct buffer *payload, struct error *err)
{
    struct buffer framed = {0};
    journal_frame(&framed, payload);
    bool ok = c->env->ops->pwrite(c->env, c->fd, framed.ptr, framed.len, c->journal_bytes, err);
    if (ok && !c->env->ops->sync(c->env, c->fd, err)) {
        c->env->ops->fatal(c->env, error_text(err)); /* what the disk has is not known any more */
    }
    if (ok) {
        c->journal_bytes += (int64_t)framed.len;
    } else {
        struct error again = {0};
        if (!c->env->ops->truncate(c->env, c->fd, c->journal_bytes, &again)) {
            c->env->ops->fatal(c->env, error_text(&again));
        }
    }
    buffer_release(&framed);
    return ok;
}

/* A journal that is whole is gone on with; one with a torn end, or none, is written anew. */
static bool
control_load(struct control_local *c, struct error *err)
{
    struct env_stat st;
    struct error absent = {0};
    const bool there = c->env->ops->stat(c->env, c->path, &st, &absent);
    error_clear(&absent);
    size_t len = 0;
    if (there) {
        uint8_t *bytes = NULL;
        if (!env_read_file(c->env, c->path, JOURNAL_BYTES_MAX, &bytes, &len, err)) {
            return false;
        }
        journal_replay(c, (struct bytes){bytes, len});
        free(bytes);
    }
    if (!there || c->journal_bytes != (int64_t)len) {
        return journal_rewrite(c, err);
    }
    c->fd = c->env->ops->open(c->env, c->path, ENV_READ | ENV_WRITE, err);
    return c->fd >= 0;
}

static void
local_close(struct control *base)
{
    struct control_local *c = (struct control_local *)base;
    if (c->fd >= 0) {
        c->env->ops->close(c->env, c->fd);
    }
    if (c->lock_fd >= 0) {
        c->env->ops->close(c->env, c->lock_fd);
    }
    for (size_t i = 0; i < c->count; i++) {
        free(c->entries[i].key);
        free(c->entries[i].value);
    }
    while (c->leases != NULL) {
        struct control_lease *next = c->leases->next;
        free(c->leases);
        c->leases = next;
    }
    while (c->watches != NULL) {
        struct control_watch *next = c->watches->next;
        free(c->watches->prefix);
        free(c->watches);
        c->watches = next;
    }
    pthread_mutex_destroy(&c->lock);
    free(c->entries);
    free(c->path);
    free(c);
}

static int64_t
local_silent_ms(struct control *base)
{
    (void)base;
    return 0;
}

static void
local_notify(struct control_local *c, const struct control_change *changes, size_t count,
             uint64_t version)
{
    for (struct control_watch *w = c->watches; w != NULL; w = w->next) {
        for (size_t i = 0; i < count; i++) {
            if (!changes[i].check_only &&
                strncmp(changes[i].key, w->prefix, strlen(w->prefix)) == 0) {
                w->fn(w->ctx, changes[i].key,
                      (struct bytes){changes[i].value, changes[i].value ? changes[i].len : 0},
                      version);
            }
        }
    }
}

static struct control_lease *
lease_find(struct control_local *c, uint64_t id)
{
    struct control_lease *lease = c->leases;
    while (lease != NULL && lease->id != id) {
        lease = lease->next;
    }
    return lease;
}

static bool
versions_fit(struct control_local *c, const struct control_change *changes, size_t count,
             struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        bool found;
        const size_t at = entry_search(c, changes[i].key, &found);
        const uint64_t version = found ? c->entries[at].version : 0;
        if (version != changes[i].version_expected) {
            return error_set_code(err, ERROR_UNAVAILABLE, CONTROL_CONFLICT,
                                  "%s has version %llu, not %llu", changes[i].key,
                                  (unsigned long long)version,
                                  (unsigned long long)changes[i].version_expected);
        }
        if (changes[i].lease != 0 && lease_find(c, changes[i].lease) == NULL) {
            return error_set(err, ERROR_UNAVAILABLE, "the lease of %s has ended", changes[i].key);
        }
    }
    return true;
}

/* Was the key durable before, or is it now? Then the journal must hear of it: a leased value over a
 * durable one is a removal to those who come after this process. */
static bool
change_is_durable(const struct control_local *c, const struct control_change *change)
{
    bool found;
    const size_t at = entry_search(c, change->key, &found);
    return !change->check_only &&
           (change->lease == 0 ? change->value != NULL || (found && c->entries[at].lease == 0)
                               : found && c->entries[at].lease == 0);
}

static bool
apply_locked(struct control_local *c, const struct control_change *changes, size_t count,
             struct error *err)
{
    if (!versions_fit(c, changes, count, err)) {
        return false;
    }
    struct buffer payload = {0};
    size_t durable = 0;
    for (size_t i = 0; i < count; i++) {
        durable += change_is_durable(c, &changes[i]);
    }
    buffer_uvarint(&payload, durable);
    for (size_t i = 0; i < count; i++) {
        if (change_is_durable(c, &changes[i])) {
            journal_put(&payload, changes[i].key, changes[i].lease == 0 ? changes[i].value : NULL,
                        changes[i].len, c->version + 1);
        }
    }
    const bool ok = durable == 0 || journal_append(c, &payload, err);
    buffer_release(&payload);
    if (!ok) {
        return false;
    }
    c->version++;
    for (size_t i = 0; i < count; i++) {
        if (!changes[i].check_only) {
            entry_put(c, changes[i].key, changes[i].value, changes[i].len, c->version,
                      changes[i].lease);
        }
    }
    return c->journal_bytes < 4 * c->live_bytes + JOURNAL_SLACK_BYTES || journal_rewrite(c, err);
}

/* Removes the keys of leases that nobody kept alive. Under the lock. */
static void
leases_sweep(struct control_local *c)
{
    if (c->leases == NULL) {
        return;
    }
    const int64_t now_ms = env_mono_ms(c->env);
    struct control_lease **link = &c->leases;
    while (*link != NULL) {
        struct control_lease *lease = *link;
        if (lease->until_ms > now_ms) {
            link = &lease->next;
            continue;
        }
        *link = lease->next;
        for (size_t i = c->count; i-- > 0;) {
            if (c->entries[i].lease == lease->id) {
                char *key = control_alloc(strdup(c->entries[i].key));
                const struct control_change gone = {.key = key};
                entry_put(c, key, NULL, 0, ++c->version, 0);
                local_notify(c, &gone, 1, c->version);
                free(key);
            }
        }
        free(lease);
    }
}

static bool
local_apply(struct control *base, const struct control_change *changes, size_t count,
            uint64_t *version, struct error *err)
{
    struct control_local *c = (struct control_local *)base;
    mutex_lock(&c->lock);
    leases_sweep(c);
    const bool ok = apply_locked(c, changes, count, err);
    if (ok) {
        *version = c->version;
        local_notify(c, changes, count, c->version);
    }
    mutex_unlock(&c->lock);
    return ok;
}

static bool
local_get(struct control *base, const char *key, struct buffer *value, uint64_t *version,
          struct error *err)
{
    (void)err;
    struct control_local *c = (struct control_local *)base;
    mutex_lock(&c->lock);
    leases_sweep(c);
    bool found;
    const size_t at = entry_search(c, key, &found);
    *version = found ? c->entries[at].version : 0;
    if (value != NULL && found) {
        buffer_put(value, c->entries[at].value, c->entries[at].len);
    }
    mutex_unlock(&c->lock);
    return true;
}

static void
list_locked(struct control_local *c, const char *prefix, control_fn *fn, void *ctx)
{
    bool found;
    for (size_t i = entry_search(c, prefix, &found); i < c->count; i++) {
        const struct control_entry *e = &c->entries[i];
        if (strncmp(e->key, prefix, strlen(prefix)) != 0) {
            break;
        }
        fn(ctx, e->key, (struct bytes){e->value, e->len}, e->version);
    }
}

static bool
local_list(struct control *base, const char *prefix, control_fn *fn, void *ctx, struct error *err)
{
    (void)err;
    struct control_local *c = (struct control_local *)base;
    mutex_lock(&c->lock);
    leases_sweep(c);
    list_locked(c, prefix, fn, ctx);
    mutex_unlock(&c->lock);
    return true;
}

static bool
local_lease_grant(struct control *base, int64_t ttl_ms, uint64_t *id, struct error *err)
{
    (void)err;
    struct control_local *c = (struct control_local *)base;
    struct control_lease *lease = control_alloc(calloc(1, sizeof *lease));
    mutex_lock(&c->lock);
    *lease = (struct control_lease){.id = ++c->lease_last,
                                    .ttl_ms = ttl_ms,
                                    .until_ms = env_mono_ms(c->env) + ttl_ms,
                                    .next = c->leases};
    c->leases = lease;
    *id = lease->id;
    mutex_unlock(&c->lock);
    return true;
}

static bool
local_lease_keep(struct control *base, uint64_t id, struct error *err)
{
    struct control_local *c = (struct control_local *)base;
    mutex_lock(&c->lock);
    leases_sweep(c);
    struct control_lease *lease = lease_find(c, id);
    if (lease != NULL) {
        lease->until_ms = env_mono_ms(c->env) + lease->ttl_ms;
    }
    mutex_unlock(&c->lock);
    return lease != NULL ||
           error_set_code(err, ERROR_UNAVAILABLE, CONTROL_LEASE_ENDED, "the lease has ended");
}

static bool
local_lease_end(struct control *base, uint64_t id, struct error *err)
{
    (void)err;
    struct control_local *c = (struct control_local *)base;
    mutex_lock(&c->lock);
    struct control_lease *lease = lease_find(c, id);
    if (lease != NULL) {
        lease->until_ms = INT64_MIN;
    }
    leases_sweep(c);
    mutex_unlock(&c->lock);
    return true;
}

static struct control_watch *
local_watch(struct control *base, const char *prefix, control_fn *fn, void *ctx, struct error *err)
{
    (void)err;
    struct control_local *c = (struct control_local *)base;
    struct control_watch *w = control_alloc(calloc(1, sizeof *w));
    *w = (struct control_watch){.prefix = control_alloc(strdup(prefix)), .fn = fn, .ctx = ctx};
    mutex_lock(&c->lock);
    leases_sweep(c);
    w->next = c->watches;
    c->watches = w;
    list_locked(c, prefix, fn, ctx);
    mutex_unlock(&c->lock);
    return w;
}

static void
local_watch_end(struct control *base, struct control_watch *w)
{
    struct control_local *c = (struct control_local *)base;
    mutex_lock(&c->lock);
    struct control_watch **link = &c->watches;
    while (*link != w) {
        link = &(*link)->next;
    }
    *link = w->next;
    mutex_unlock(&c->lock);
    free(w->prefix);
    free(w);
}

static const struct control_ops local_ops = {
    .close = local_close,
    .silent_ms = local_silent_ms,
    .get = local_get,
    .apply = local_apply,
    .list = local_list,
    .lease_grant = local_lease_grant,
    .lease_keep = local_lease_keep,
    .lease_end = local_lease_end,
    .watch = local_watch,
    .watch_end = local_watch_end,
};

struct control *
control_open_local(struct env *env, const char *dir, struct error *err)
{
    struct control_local *c = control_alloc(calloc(1, sizeof *c));
    *c = (struct control_local){.base = {.ops = &local_ops}, .env = env, .lock_fd = -1, .fd = -1};
    pthread_mutex_init(&c->lock, NULL);
    char *lock_path = NULL;
    if (asprintf(&c->path, "%s/control", dir) < 0 ||
        asprintf(&lock_path, "%s/control.lock", dir) < 0) {
        abort();
    }
    bool ok = env->ops->mkdirs(env, dir, err);
    if (ok) {
        c->lock_fd = env->ops->open(env, lock_path, ENV_WRITE | ENV_CREATE, err);
        ok = c->lock_fd >= 0;
    }
    struct error busy = {0};
    if (ok && !env->ops->lock(env, c->lock_fd, &busy)) {
        ok = error_set(err, ERROR_UNAVAILABLE, "another process uses the data directory %s", dir);
        error_clear(&busy);
    }
    free(lock_path);
    if (!ok || !control_load(c, err)) {
        local_close(&c->base);
        return NULL;
    }
    return &c->base;
}
