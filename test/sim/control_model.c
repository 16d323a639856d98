/* The model of the control store: an array of keys in their order, leases, and a queue of changes.
 */
#include "control_model.h"

#include <stdlib.h>
#include <string.h>

#include "control/backend.h"

struct model_key {
    char *key;
    uint8_t *value;
    size_t len;
    uint64_t version, lease;
};

struct model_lease {
    uint64_t id;
    int64_t ttl_ms, until_ms;
};

struct model_change { /* what a watch has not been told yet */
    struct model_change *next;
    char *key;
    uint8_t *value; /* NULL: removed */
    size_t len;
    uint64_t version;
};

struct control_watch {
    struct control_watch *next;
    char *prefix;
    control_fn *fn;
    void *ctx;
    struct model_change *first, **last;
};

struct model_store {
    uint32_t handles;
    int64_t now_ms;
    uint64_t version, lease_last;
    struct model_key *keys; /* sorted */
    size_t key_count, key_capacity;
    struct model_lease *leases;
    size_t lease_count;
    struct control_watch *watches;
    void (*changed)(void *ctx, const char *key, struct bytes value, uint64_t version);
    void *ctx;
};

struct control_model {
    struct control base;
    struct model_store *store;
};

static void *
must(void *p)
{
    if (p == NULL) {
        abort();
    }
    return p;
}

static struct model_store *
store_of(struct control *c)
{
    return ((struct control_model *)c)->store;
}

/* Where the key is or would be. */
static size_t
key_find(const struct model_store *s, const char *key, bool *there)
{
    size_t low = 0, high = s->key_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (strcmp(s->keys[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *there = low < s->key_count && strcmp(s->keys[low].key, key) == 0;
    return low;
}

static void
tell(struct model_store *s, const char *key, const uint8_t *value, size_t len, uint64_t version)
{
    for (struct control_watch *w = s->watches; w != NULL; w = w->next) {
        if (strncmp(key, w->prefix, strlen(w->prefix)) != 0) {
            continue;
        }
        struct model_change *change = must(calloc(1, sizeof *change));
        change->key = must(strdup(key));
        change->value = value != NULL ? must(malloc(len + 1)) : NULL;
        change->len = len;
        change->version = version;
        if (value != NULL) {
            memcpy(change->value, value, len);
        }
        *w->last = change;
        w->last = &change->next;
    }
    if (s->changed != NULL) {
        s->changed(s->ctx, key, (struct bytes){value, len}, version);
    }
}

static void
key_drop(struct model_store *s, size_t at, uint64_t version)
{
    struct model_key gone = s->keys[at];
    memmove(s->keys + at, s->keys + at + 1, (s->key_count - at - 1) * sizeof *s->keys);
    s->key_count--;
    tell(s, gone.key, NULL, 0, version);
    free(gone.key);
    free(gone.value);
}

static void
key_set(struct model_store *s, const struct control_change *change, uint64_t version)
{
    bool there;
    const size_t at = key_find(s, change->key, &there);
    if (change->value == NULL) {
        if (there) {
            key_drop(s, at, version);
        }
        return;
    }
    if (!there) {
        if (s->key_count == s->key_capacity) {
            s->key_capacity = s->key_capacity ? s->key_capacity * 2 : 32;
            s->keys = must(realloc(s->keys, s->key_capacity * sizeof *s->keys));
        }
        memmove(s->keys + at + 1, s->keys + at, (s->key_count - at) * sizeof *s->keys);
        s->keys[at] = (struct model_key){.key = must(strdup(change->key))};
        s->key_count++;
    }
    struct model_key *k = &s->keys[at];
    free(k->value);
    k->value = must(malloc(change->len + 1));
    memcpy(k->value, change->value, change->len);
    k->len = change->len;
    k->version = version;
    k->lease = change->lease;
    tell(s, k->key, k->value, k->len, version);
}

static struct model_lease *
lease_find(struct model_store *s, uint64_t id)
{
    for (size_t i = 0; i < s->lease_count; i++) {
        if (s->leases[i].id == id) {
            return &s->leases[i];
        }
    }
    return NULL;
}

static void
lease_drop(struct model_store *s, struct model_lease *lease)
{
    const uint64_t id = lease->id;
    *lease = s->leases[--s->lease_count];
    uint64_t version = 0;
    for (size_t i = s->key_count; i-- > 0;) {
        if (s->keys[i].lease == id) {
            version = version != 0 ? version : ++s->version;
            key_drop(s, i, version);
        }
    }
}

static bool
model_get(struct control *c, const char *key, struct buffer *value, uint64_t *version,
          struct error *err)
{
    struct model_store *s = store_of(c);
    bool there;
    const size_t at = key_find(s, key, &there);
    *version = there ? s->keys[at].version : 0;
    if (there && value != NULL) {
        buffer_put(value, s->keys[at].value, s->keys[at].len);
    }
    return true;
}

static bool
model_apply(struct control *c, const struct control_change *changes, size_t count,
            uint64_t *version, struct error *err)
{
    struct model_store *s = store_of(c);
    for (size_t i = 0; i < count; i++) {
        bool there;
        const size_t at = key_find(s, changes[i].key, &there);
        const uint64_t now = there ? s->keys[at].version : 0;
        if (now != changes[i].version_expected) {
            return error_set_code(err, ERROR_UNAVAILABLE, CONTROL_CONFLICT,
                                  "control key %s has version %llu", changes[i].key,
                                  (unsigned long long)now);
        }
        if (changes[i].lease != 0 && lease_find(s, changes[i].lease) == NULL) {
            return error_set_code(err, ERROR_UNAVAILABLE, CONTROL_LEASE_ENDED,
                                  "the lease has ended");
        }
    }
    *version = ++s->version;
    for (size_t i = 0; i < count; i++) {
        if (!changes[i].check_only) {
            key_set(s, &changes[i], s->version);
        }
    }
    return true;
}

static bool
model_list(struct control *c, const char *prefix, control_fn *fn, void *ctx, struct error *err)
{
    struct model_store *s = store_of(c);
    for (size_t i = 0; i < s->key_count; i++) {
        const struct model_key *k = &s->keys[i];
        if (strncmp(k->key, prefix, strlen(prefix)) == 0) {
            fn(ctx, k->key, (struct bytes){k->value, k->len}, k->version);
        }
    }
    return true;
}

static bool
model_lease_grant(struct control *c, int64_t ttl_ms, uint64_t *lease, struct error *err)
{
    struct model_store *s = store_of(c);
    s->leases = must(realloc(s->leases, (s->lease_count + 1) * sizeof *s->leases));
    s->leases[s->lease_count++] = (struct model_lease){++s->lease_last, ttl_ms, s->now_ms + ttl_ms};
    *lease = s->lease_last;
    return true;
}

static bool
model_lease_keep(struct control *c, uint64_t lease, struct error *err)
{
    struct model_lease *l = lease_find(store_of(c), lease);
    if (l == NULL) {
        return error_set_code(err, ERROR_UNAVAILABLE, CONTROL_LEASE_ENDED, "the lease has ended");
    }
    l->until_ms = store_of(c)->now_ms + l->ttl_ms;
    return true;
}

static bool
model_lease_end(struct control *c, uint64_t lease, struct error *err)
{
    struct model_lease *l = lease_find(store_of(c), lease);
    if (l != NULL) {
        lease_drop(store_of(c), l);
    }
    return true;
}

static struct control_watch *
model_watch(struct control *c, const char *prefix, control_fn *fn, void *ctx, struct error *err)
{
    struct model_store *s = store_of(c);
    struct control_watch *w = must(calloc(1, sizeof *w));
    w->prefix = must(strdup(prefix));
    w->fn = fn;
    w->ctx = ctx;
    w->last = &w->first;
    model_list(c, prefix, fn, ctx, err);
    w->next = s->watches;
    s->watches = w;
    return w;
}

static void
change_free(struct model_change *change)
{
    free(change->key);
    free(change->value);
    free(change);
}

static void
model_watch_end(struct control *c, struct control_watch *w)
{
    struct control_watch **link = &store_of(c)->watches;
    while (*link != w) {
        link = &(*link)->next;
    }
    *link = w->next;
    while (w->first != NULL) {
        struct model_change *change = w->first;
        w->first = change->next;
        change_free(change);
    }
    free(w->prefix);
    free(w);
}

static int64_t
model_silent_ms(struct control *c)
{
    return 0;
}

static void
model_close(struct control *c)
{
    struct model_store *s = store_of(c);
    free(c);
    if (--s->handles > 0) {
        return;
    }
    for (size_t i = 0; i < s->key_count; i++) {
        free(s->keys[i].key);
        free(s->keys[i].value);
    }
    free(s->keys);
    free(s->leases);
    free(s);
}

static const struct control_ops model_ops = {
    .close = model_close,
    .silent_ms = model_silent_ms,
    .get = model_get,
    .apply = model_apply,
    .list = model_list,
    .lease_grant = model_lease_grant,
    .lease_keep = model_lease_keep,
    .lease_end = model_lease_end,
    .watch = model_watch,
    .watch_end = model_watch_end,
};

static struct control *
handle_new(struct model_store *s)
{
    struct control_model *m = must(calloc(1, sizeof *m));
    m->base.ops = &model_ops;
    m->store = s;
    s->handles++;
    return &m->base;
}

struct control *
control_model_open(void (*changed)(void *ctx, const char *key, struct bytes value,
                                   uint64_t version),
                   void *ctx)
{
    struct model_store *s = must(calloc(1, sizeof *s));
    s->changed = changed;
    s->ctx = ctx;
    return handle_new(s);
}

struct control *
control_model_again(struct control *c)
{
    return handle_new(store_of(c));
}

void
control_model_pass(struct control *c, int64_t now_ms)
{
    struct model_store *s = store_of(c);
    s->now_ms = now_ms > s->now_ms ? now_ms : s->now_ms;
    for (size_t i = s->lease_count; i-- > 0;) {
        if (s->leases[i].until_ms <= s->now_ms) {
            lease_drop(s, &s->leases[i]);
        }
    }
    for (struct control_watch *w = s->watches; w != NULL; w = w->next) {
        while (w->first != NULL) {
            struct model_change *change = w->first;
            w->first = change->next;
            w->last = w->first != NULL ? w->last : &w->first;
            w->fn(w->ctx, change->key, (struct bytes){change->value, change->len}, change->version);
            change_free(change);
        }
    }
}

void
control_model_lose_lease(struct control *c, uint64_t salt)
{
    struct model_store *s = store_of(c);
    if (s->lease_count > 0) {
        lease_drop(s, &s->leases[salt % s->lease_count]);
    }
}
