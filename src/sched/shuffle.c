/* Shuffle files of a worker: their folders, their service, and the way to those of others. */
#include "sched/shuffle.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/thread.h"
#include "sched/wire.h"

enum { PEERS_MAX = 1024, FETCH_TRIES = 3, FETCH_TIMEOUT_MS = 10000 };

struct owned {
    struct owned *next;
    char query[sizeof((struct task_id *)0)->query];
    const void *owner;
};

struct remote {
    struct remote *next;
    char *address;
    struct frame_client *client;
};

struct shuffle {
    struct env *env;
    char *dir;
    char *secret;         /* NULL: none */
    pthread_mutex_t lock; /* guards what follows */
    struct owned *queries;
    struct remote *remotes; /* only added to */
    uint32_t remote_count;
};

struct shuffle *
shuffle_new(struct env *env, const char *dir, const char *secret, struct error *err)
{
    struct error ignored = {0};
    env_remove_tree(env, dir, &ignored);
    error_clear(&ignored);
    if (!env->ops->mkdirs(env, dir, err)) {
        return NULL;
    }
    struct shuffle *s = calloc(1, sizeof *s);
    if (s == NULL || (s->dir = strdup(dir)) == NULL) {
        free(s);
        error_set(err, ERROR_RESOURCE, "no memory for the shuffle");
        return NULL;
    }
    s->env = env;
    s->secret = secret != NULL && secret[0] != '\0' ? strdup(secret) : NULL;
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void
shuffle_free(struct shuffle *s)
{
    if (s == NULL) {
        return;
    }
    while (s->remotes != NULL) {
        struct remote *r = s->remotes;
        s->remotes = r->next;
        frame_client_free(r->client);
        free(r->address);
        free(r);
    }
    while (s->queries != NULL) {
        struct owned *q = s->queries;
        s->queries = q->next;
        free(q);
    }
    struct error ignored = {0};
    env_remove_tree(s->env, s->dir, &ignored);
    error_clear(&ignored);
    pthread_mutex_destroy(&s->lock);
    free(s->dir);
    free(s->secret);
    free(s);
}

/* Query ids come from other processes and become names of folders. */
static bool
query_is_name(const char *query)
{
    const size_t len = strlen(query);
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)query[i]) && query[i] != '-' && query[i] != '_') {
            return false;
        }
    }
    return len > 0;
}

static void
file_path(const struct shuffle *s, const char *query, uint32_t stage, uint32_t task,
          uint32_t attempt, char *path, size_t size)
{
    snprintf(path, size, "%s/%s/%u-%u-%u.shf", s->dir, query, stage, task, attempt);
}

static struct owned *
owned_find(const struct shuffle *s, const char *query)
{
    struct owned *q = s->queries;
    while (q != NULL && strcmp(q->query, query) != 0) {
        q = q->next;
    }
    return q;
}

bool
shuffle_begin(struct shuffle *s, const struct task_id *id, const void *owner, char *path,
              size_t size, struct error *err)
{
    if (!query_is_name(id->query)) {
        return error_set(err, ERROR_PROTOCOL, "a task's query id is no name");
    }
    mutex_lock(&s->lock);
    struct owned *q = owned_find(s, id->query);
    if (q == NULL && (q = calloc(1, sizeof *q)) != NULL) {
        memcpy(q->query, id->query, sizeof q->query);
        q->next = s->queries;
        s->queries = q;
    }
    if (q != NULL) {
        q->owner = owner;
    }
    mutex_unlock(&s->lock);
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/%s", s->dir, id->query);
    file_path(s, id->query, id->stage, id->partition, id->attempt, path, size);
    return s->env->ops->mkdirs(s->env, folder, err);
}

static void
folder_remove(struct shuffle *s, const char *query)
{
    char folder[PATH_MAX];
    struct error ignored = {0};
    snprintf(folder, sizeof folder, "%s/%s", s->dir, query);
    env_remove_tree(s->env, folder, &ignored);
    error_clear(&ignored);
}

void
shuffle_attempt_end(struct shuffle *s, const struct task_id *id)
{
    mutex_lock(&s->lock);
    const bool ended = owned_find(s, id->query) == NULL;
    mutex_unlock(&s->lock);
    if (ended && query_is_name(id->query)) {
        folder_remove(s, id->query);
    }
}

/* Takes out queries of that name or owner, one at a time, and removes their files. */
static void
owned_end(struct shuffle *s, const char *query, const void *owner)
{
    for (;;) {
        mutex_lock(&s->lock);
        struct owned **at = &s->queries;
        while (*at != NULL &&
               (query != NULL ? strcmp((*at)->query, query) != 0 : (*at)->owner != owner)) {
            at = &(*at)->next;
        }
        struct owned *q = *at;
        if (q != NULL) {
            *at = q->next;
        }
        mutex_unlock(&s->lock);
        if (q == NULL) {
            return;
        }
        folder_remove(s, q->query);
        free(q);
    }
}

void
shuffle_query_end(struct shuffle *s, const char *query)
{
    owned_end(s, query, NULL);
}

void
shuffle_owner_gone(struct shuffle *s, const void *owner)
{
    owned_end(s, NULL, owner);
}

/* ---- serving ---- */

struct place {
    char query[sizeof((struct task_id *)0)->query];
    uint32_t stage, map, epoch;
};

static bool
place_read(struct reader *in, struct place *p)
{
    const struct bytes query = reader_lenbytes(in);
    if (!reader_ok(in) || query.len == 0 || query.len >= sizeof p->query) {
        return false;
    }
    memcpy(p->query, query.ptr, query.len);
    p->query[query.len] = '\0';
    p->stage = (uint32_t)reader_uvarint64(in);
    p->map = (uint32_t)reader_uvarint64(in);
    p->epoch = (uint32_t)reader_uvarint64(in);
    return reader_ok(in) && query_is_name(p->query);
}

static void
place_put(struct buffer *out, const char *query, uint32_t stage, const struct exchange_output *from)
{
    buffer_lentext(out, query);
    buffer_uvarint(out, stage);
    buffer_uvarint(out, from->map);
    buffer_uvarint(out, from->epoch);
}

static bool
list_file(struct env *env, const char *path, uint32_t partition, struct arena *a,
          struct shuffle_frame **frames, uint32_t *count, struct error *err)
{
    const int fd = env->ops->open(env, path, ENV_READ, err);
    if (fd < 0) {
        return false;
    }
    const bool ok = shuffle_file_list(env, path, fd, partition, a, frames, count, err);
    env->ops->close(env, fd);
    return ok;
}

static bool
read_file(struct env *env, const char *path, uint64_t offset, uint64_t bytes, struct buffer *out,
          struct error *err)
{
    if (bytes > SHUFFLE_FRAME_BYTES_MAX || offset > INT64_MAX) {
        return error_set(err, ERROR_PROTOCOL, "no frame is that large");
    }
    const int fd = env->ops->open(env, path, ENV_READ, err);
    if (fd < 0) {
        return false;
    }
    size_t got = 0;
    uint8_t *to = buffer_extend(out, bytes);
    const bool ok = to != NULL ? env->ops->pread(env, fd, to, bytes, (int64_t)offset, &got, err)
                               : error_set(err, ERROR_RESOURCE, "no room for a frame of %llu bytes",
                                           (unsigned long long)bytes);
    env->ops->close(env, fd);
    if (ok && got != bytes) {
        return error_set(err, ERROR_PROTOCOL, "a shuffle file is cut off");
    }
    return ok;
}

static bool
serve_list(struct shuffle *s, const char *path, struct reader *in, struct buffer *out,
           struct error *err)
{
    struct arena a;
    arena_init(&a, NULL);
    struct shuffle_frame *frames = NULL;
    uint32_t count = 0;
    const bool ok =
        list_file(s->env, path, (uint32_t)reader_uvarint64(in), &a, &frames, &count, err);
    buffer_uvarint(out, count);
    for (uint32_t i = 0; ok && i < count; i++) {
        buffer_uvarint(out, frames[i].offset);
        buffer_uvarint(out, frames[i].bytes);
        buffer_uvarint(out, frames[i].rows);
    }
    arena_release(&a);
    return ok;
}

bool
shuffle_serve(struct shuffle *s, struct frame_peer *peer, const struct frame *f)
{
    if (f->type != WIRE_SHUFFLE_LIST && f->type != WIRE_SHUFFLE_READ) {
        return false;
    }
    struct reader in;
    reader_init(&in, f->payload);
    struct place p = {0};
    struct error err = {0};
    struct buffer out = {.limit = FRAME_PAYLOAD_MAX};
    bool ok = place_read(&in, &p);
    if (!ok) {
        error_set(&err, ERROR_PROTOCOL, "a shuffle request does not decode");
    } else {
        char path[PATH_MAX];
        file_path(s, p.query, p.stage, p.map, p.epoch, path, sizeof path);
        if (f->type == WIRE_SHUFFLE_LIST) {
            ok = serve_list(s, path, &in, &out, &err);
        } else {
            const uint64_t offset = reader_uvarint64(&in), bytes = reader_uvarint64(&in);
            ok = read_file(s->env, path, offset, bytes, &out, &err);
        }
    }
    if (!ok) {
        buffer_clear(&out);
        frame_put_error(&out, &err);
    }
    frame_reply(peer, f->type, f->request, ok ? FRAME_LAST : FRAME_LAST | FRAME_ERROR, out.ptr,
                out.len);
    buffer_release(&out);
    error_clear(&err);
    return true;
}

/* ---- fetching ---- */

static struct frame_client *
client_of(struct shuffle *s, const char *address, struct error *err)
{
    mutex_lock(&s->lock);
    struct remote *r = s->remotes;
    while (r != NULL && strcmp(r->address, address) != 0) {
        r = r->next;
    }
    if (r == NULL && s->remote_count < PEERS_MAX && (r = calloc(1, sizeof *r)) != NULL) {
        r->address = strdup(address);
        const bool far = s->secret != NULL && strncmp(address, "unix:", 5) != 0;
        r->client = far ? frame_client_new_peer(address, s->secret) : frame_client_new(address);
        r->next = s->remotes;
        s->remotes = r;
        s->remote_count++;
    }
    mutex_unlock(&s->lock);
    if (r == NULL) {
        error_set(err, ERROR_RESOURCE, "a worker reads from more than %d others", PEERS_MAX);
    }
    return r != NULL ? r->client : NULL;
}

static bool
pause_or_cancel(const struct shuffle_fetch *x, int try)
{
    static const int pauses_ms[FETCH_TRIES] = {100, 400, 1600};
    for (int ms = 0; ms < pauses_ms[try]; ms += 20) {
        if (x->cancel != NULL && atomic_load(x->cancel)) {
            return false;
        }
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return true;
}

/* Asks the worker that serves the output; what the network did is tried again, what the worker said
 * is final: it has no such file, or a damaged one. */
static bool
fetch_call(const struct shuffle_fetch *x, const char *address, uint16_t type,
           const struct buffer *request, struct buffer *reply, struct error *err)
{
    struct frame_client *client = client_of(x->shuffle, address, err);
    if (client == NULL) {
        return false;
    }
    for (int try = 0;; try++) {
        struct error why = {0};
        if (frame_call(client, type, request->ptr, request->len, reply, FETCH_TIMEOUT_MS, &why)) {
            return true;
        }
        const bool again = why.kind == ERROR_UNAVAILABLE && try + 1 < FETCH_TRIES;
        if (!again || !pause_or_cancel(x, try)) {
            error_move(err, &why);
            return false;
        }
        error_clear(&why);
    }
}

bool
shuffle_list_read(struct reader *in, struct arena *a, struct shuffle_frame **frames,
                  uint32_t *count)
{
    const size_t n = reader_ucount(in, 3);
    if (!reader_ok(in) || n > SHUFFLE_FRAMES_MAX) {
        return false;
    }
    *frames = arena_new_array(a, struct shuffle_frame, n + 1);
    for (size_t i = 0; i < n; i++) {
        (*frames)[i].offset = reader_uvarint64(in);
        const uint64_t bytes = reader_uvarint64(in), rows = reader_uvarint64(in);
        if (bytes < SHUFFLE_FRAME_HEAD || bytes > SHUFFLE_FRAME_BYTES_MAX || rows > UINT32_MAX) {
            return false;
        }
        (*frames)[i].bytes = (uint32_t)bytes;
        (*frames)[i].rows = (uint32_t)rows;
    }
    *count = (uint32_t)n;
    return reader_ok(in);
}

bool
shuffle_fetch_list(void *ctx, uint32_t stage, const struct exchange_output *from,
                   uint32_t partition, struct arena *a, struct shuffle_frame **frames,
                   uint32_t *count, struct error *err)
{
    const struct shuffle_fetch *x = ctx;
    if (from->path != NULL) {
        return list_file(x->shuffle->env, from->path, partition, a, frames, count, err);
    }
    struct buffer request = {0}, reply = {.limit = FRAME_PAYLOAD_MAX};
    place_put(&request, x->query, stage, from);
    buffer_uvarint(&request, partition);
    bool ok = fetch_call(x, from->address, WIRE_SHUFFLE_LIST, &request, &reply, err);
    if (ok) {
        struct reader in;
        reader_init(&in, (struct bytes){reply.ptr, reply.len});
        ok = shuffle_list_read(&in, a, frames, count) ||
             error_set(err, ERROR_PROTOCOL, "a list of frames does not decode");
    }
    buffer_release(&request);
    buffer_release(&reply);
    return ok;
}

bool
shuffle_fetch_read(void *ctx, uint32_t stage, const struct exchange_output *from,
                   uint32_t partition, const struct shuffle_frame *frames, uint32_t count,
                   struct buffer *out, struct error *err)
{
    const struct shuffle_fetch *x = ctx;
    (void)partition;
    bool ok = true;
    for (uint32_t i = 0; ok && i < count; i++) {
        const struct shuffle_frame *f = &frames[i];
        if (from->path != NULL) {
            ok = read_file(x->shuffle->env, from->path, f->offset, f->bytes, out, err);
            continue;
        }
        struct buffer request = {0}, reply = {.limit = FRAME_PAYLOAD_MAX};
        place_put(&request, x->query, stage, from);
        buffer_uvarint(&request, f->offset);
        buffer_uvarint(&request, f->bytes);
        ok = fetch_call(x, from->address, WIRE_SHUFFLE_READ, &request, &reply, err);
        if (ok) {
            buffer_put(out, reply.ptr, reply.len);
        }
        buffer_release(&request);
        buffer_release(&reply);
    }
    return ok;
}
