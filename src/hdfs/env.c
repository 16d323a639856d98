/*
 * Files of WebHDFS servers behind the same interface as local ones, so that each format, listing
 * and commit works on them unchanged.
 *
 * Remote files have numbers above all descriptors. Reading is one range request a call. Writing is
 * from front to end: bytes gather until there are WRITE_BYTES (or a flush), the first lot creates
 * the file and the others are appended; the server has made each lot durable when it answers.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/thread.h"
#include "hdfs/client.h"

enum { FD_FIRST = 1 << 24, FILES_MAX = 65536, SERVERS_MAX = 64, WRITE_BYTES = 8 << 20 };

struct remote_file {
    struct hdfs_client *client;
    char *path;
    bool writes, created;
    struct buffer bytes; /* not yet sent */
    int64_t sent;
};

struct hdfs_env {
    struct env env; /* first */
    struct env_ops ops;
    struct env *below;
    char *address, *token;
    pthread_mutex_t lock; /* guards all below */
    struct hdfs_client *servers[SERVERS_MAX];
    uint32_t server_count;
    struct remote_file **files;
    uint32_t file_count;
};

static struct hdfs_env *
of(struct env *env)
{
    return (struct hdfs_env *)env;
}

static bool
is_remote(const char *path)
{
    return strncasecmp(path, "hdfs:", 5) == 0 || strncasecmp(path, "webhdfs:", 8) == 0;
}

static struct hdfs_client *
client_for(struct hdfs_env *e, const char *address, struct error *err)
{
    struct hdfs_client *found = NULL;
    mutex_lock(&e->lock);
    for (uint32_t i = 0; i < e->server_count && found == NULL; i++) {
        if (strcmp(hdfs_client_address(e->servers[i]), address) == 0) {
            found = e->servers[i];
        }
    }
    if (found == NULL && e->server_count < SERVERS_MAX) {
        const bool ours = strcmp(address, e->address) == 0; /* the token is for nobody else */
        found = hdfs_client_new(address, ours ? e->token : NULL, NULL);
        e->servers[e->server_count++] = found;
    }
    mutex_unlock(&e->lock);
    if (found == NULL) {
        error_set(err, ERROR_RESOURCE, "more than %d file servers", SERVERS_MAX);
    }
    return found;
}

/* "hdfs://host:port/x" or "hdfs:///x" or "hdfs:/x": who has it, and the path there. */
static struct hdfs_client *
remote_split(struct hdfs_env *e, const char *path, const char **rest, struct error *err)
{
    const char *p = strchr(path, ':') + 1;
    char address[256];
    size_t len = 0;
    if (p[0] == '/' && p[1] == '/') {
        p += 2;
        len = strcspn(p, "/");
    }
    if (len >= sizeof address) {
        error_set(err, ERROR_ARGUMENT, "%.100s names no file server", path);
        return NULL;
    }
    memcpy(address, p, len);
    address[len] = '\0';
    *rest = p[len] != '\0' ? p + len : "/";
    if (len == 0 && e->address[0] == '\0') {
        error_unsupported(err, "the file system of %s, as the file store is off", path);
        return NULL;
    }
    return client_for(e, len > 0 ? address : e->address, err);
}

/* ---- clocks and chance ---- */

static int64_t
hdfs_mono_ns(struct env *env)
{
    return of(env)->below->ops->mono_ns(of(env)->below);
}

static int64_t
hdfs_wall_ms(struct env *env)
{
    return of(env)->below->ops->wall_ms(of(env)->below);
}

static uint64_t
hdfs_random(struct env *env)
{
    return of(env)->below->ops->random(of(env)->below);
}

static void hdfs_fatal(struct env *env, const char *why) __attribute__((noreturn));

static void
hdfs_fatal(struct env *env, const char *why)
{
    of(env)->below->ops->fatal(of(env)->below, why);
}

/* ---- open files ---- */

static struct remote_file *
file_of(struct hdfs_env *e, int fd)
{
    mutex_lock(&e->lock);
    struct remote_file *f = e->files[fd - FD_FIRST];
    mutex_unlock(&e->lock);
    return f;
}

static int
file_add(struct hdfs_env *e, struct remote_file *f, struct error *err)
{
    int fd = -1;
    mutex_lock(&e->lock);
    uint32_t i = 0;
    while (i < e->file_count && e->files[i] != NULL) {
        i++;
    }
    if (i == e->file_count && i < FILES_MAX) {
        e->files = realloc(e->files, (i + 64) * sizeof(struct remote_file *));
        if (e->files == NULL) {
            abort();
        }
        memset(e->files + i, 0, 64 * sizeof(struct remote_file *));
        e->file_count = i + 64;
    }
    if (i < e->file_count) {
        e->files[i] = f;
        fd = FD_FIRST + (int)i;
    }
    mutex_unlock(&e->lock);
    if (fd < 0) {
        error_set(err, ERROR_RESOURCE, "more than %d open files", FILES_MAX);
    }
    return fd;
}

static void
file_free(struct remote_file *f)
{
    buffer_release(&f->bytes);
    free(f->path);
    free(f);
}

static int
hdfs_open(struct env *env, const char *path, unsigned flags, struct error *err)
{
    struct hdfs_env *e = of(env);
    if (!is_remote(path)) {
        return e->below->ops->open(e->below, path, flags, err);
    }
    const char *rest;
    struct hdfs_client *client = remote_split(e, path, &rest, err);
    if (client == NULL) {
        return -1;
    }
    const bool writes = (flags & ENV_WRITE) != 0;
    if (writes && (flags & ENV_CREATE) == 0) {
        error_unsupported(err, "writing into the middle of %s", path);
        return -1;
    }
    struct env_stat st;
    if (!writes && !env->ops->stat(env, path, &st, err)) {
        return -1;
    }
    struct remote_file *f = calloc(1, sizeof *f);
    if (f == NULL) {
        abort();
    }
    *f = (struct remote_file){.client = client, .path = strdup(rest), .writes = writes};
    const int fd = file_add(e, f, err);
    if (fd < 0) {
        file_free(f);
    }
    return fd;
}

static bool
file_flush(struct remote_file *f, struct error *err)
{
    if (f->created && f->bytes.len == 0) {
        return true;
    }
    const struct hdfs_client_call call = {.method = f->created ? "POST" : "PUT",
                                          .path = f->path,
                                          .op = f->created ? "APPEND" : "CREATE",
                                          .params = f->created ? NULL : "&overwrite=true",
                                          .body =
                                              f->bytes.len > 0 ? f->bytes.ptr : (const uint8_t *)"",
                                          .len = f->bytes.len};
    if (!hdfs_client_do(f->client, &call, NULL, err)) {
        return false;
    }
    f->created = true;
    f->sent += (int64_t)f->bytes.len;
    buffer_clear(&f->bytes);
    return true;
}

static void
hdfs_close(struct env *env, int fd)
{
    struct hdfs_env *e = of(env);
    if (fd < FD_FIRST) {
        e->below->ops->close(e->below, fd);
        return;
    }
    struct remote_file *f = file_of(e, fd);
    mutex_lock(&e->lock);
    e->files[fd - FD_FIRST] = NULL;
    mutex_unlock(&e->lock);
    file_free(f); /* what was not flushed was not wanted: a writer that failed */
}

struct landing { /* where a range's bytes go */
    uint8_t *dst;
    size_t len, got;
};

static bool
landing_push(void *ctx, const uint8_t *src, size_t len, struct error *err)
{
    struct landing *l = ctx;
    if (len > l->len - l->got) {
        return error_set(err, ERROR_PROTOCOL, "a file server sent more than was asked for");
    }
    memcpy(l->dst + l->got, src, len);
    l->got += len;
    return true;
}

static bool
hdfs_pread(struct env *env, int fd, void *dst, size_t len, int64_t offset, size_t *got,
           struct error *err)
{
    struct hdfs_env *e = of(env);
    if (fd < FD_FIRST) {
        return e->below->ops->pread(e->below, fd, dst, len, offset, got, err);
    }
    struct remote_file *f = file_of(e, fd);
    struct landing landing = {.dst = dst, .len = len};
    struct buffer params = {0};
    buffer_printf(&params, "&offset=%lld&length=%zu&namenoderpcaddress=direct", (long long)offset,
                  len); /* a server that redirects does not look at it */
    const struct hdfs_client_call call = {.method = "GET",
                                          .path = f->path,
                                          .op = "OPEN",
                                          .params = buffer_text(&params),
                                          .push = landing_push,
                                          .ctx = &landing};
    bool ok = len == 0 || hdfs_client_do(f->client, &call, NULL, err);
    if (!ok && strstr(error_text(err), "out of the range") != NULL) {
        error_clear(err); /* behind the end there is nothing, as in a local file */
        ok = true;
    }
    buffer_release(&params);
    *got = landing.got;
    return ok;
}

static bool
hdfs_pwrite(struct env *env, int fd, const void *src, size_t len, int64_t offset, struct error *err)
{
    struct hdfs_env *e = of(env);
    if (fd < FD_FIRST) {
        return e->below->ops->pwrite(e->below, fd, src, len, offset, err);
    }
    struct remote_file *f = file_of(e, fd);
    if (!f->writes || offset != f->sent + (int64_t)f->bytes.len) {
        return error_unsupported(err, "writing into the middle of %s", f->path);
    }
    buffer_put(&f->bytes, src, len);
    if (f->bytes.overflow) {
        return error_set(err, ERROR_RESOURCE, "no memory for writing %s", f->path);
    }
    return f->bytes.len < WRITE_BYTES || file_flush(f, err);
}

static bool
hdfs_sync(struct env *env, int fd, struct error *err)
{
    struct hdfs_env *e = of(env);
    return fd < FD_FIRST ? e->below->ops->sync(e->below, fd, err) : file_flush(file_of(e, fd), err);
}

static void
hdfs_write_back(struct env *env, int fd, int64_t offset, int64_t len)
{
    struct hdfs_env *e = of(env);
    if (fd < FD_FIRST && e->below->ops->write_back != NULL) {
        e->below->ops->write_back(e->below, fd, offset, len);
    }
}

static bool
hdfs_truncate(struct env *env, int fd, int64_t bytes, struct error *err)
{
    struct hdfs_env *e = of(env);
    return fd < FD_FIRST ? e->below->ops->truncate(e->below, fd, bytes, err)
                         : error_unsupported(err, "cutting a file of a file server");
}

static bool
hdfs_lock(struct env *env, int fd, struct error *err)
{
    struct hdfs_env *e = of(env);
    return fd < FD_FIRST ? e->below->ops->lock(e->below, fd, err)
                         : error_unsupported(err, "locking a file of a file server");
}

/* ---- names ---- */

static bool
hdfs_stat(struct env *env, const char *path, struct env_stat *out, struct error *err)
{
    struct hdfs_env *e = of(env);
    if (!is_remote(path)) {
        return e->below->ops->stat(e->below, path, out, err);
    }
    const char *rest;
    struct hdfs_client *client = remote_split(e, path, &rest, err);
    struct arena a;
    struct hdfs_file f;
    arena_init(&a, NULL);
    const bool ok = client != NULL && hdfs_client_stat(client, &a, rest, &f, err);
    if (ok) {
        *out = (struct env_stat){f.bytes, f.modified_ms, f.is_folder};
    }
    arena_release(&a);
    return ok;
}

/* One call that answers nothing of interest. params NULL: none. */
static bool
simple(struct env *env, const char *path, const char *method, const char *op, const char *params,
       struct buffer *out, struct error *err)
{
    const char *rest;
    struct hdfs_client *client = remote_split(of(env), path, &rest, err);
    const struct hdfs_client_call call = {
        .method = method, .path = rest, .op = op, .params = params};
    return client != NULL && hdfs_client_do(client, &call, out, err);
}

static bool
hdfs_rename(struct env *env, const char *from, const char *to, struct error *err)
{
    struct hdfs_env *e = of(env);
    if (!is_remote(from) && !is_remote(to)) {
        return e->below->ops->rename(e->below, from, to, err);
    }
    const char *rest, *source;
    if (!is_remote(from) || !is_remote(to) ||
        remote_split(e, from, &source, err) != remote_split(e, to, &rest, err)) {
        return error_unsupported(err, "moving a file from one file system to another");
    }
    struct buffer params = {0};
    buffer_puts(&params, "&renameoptions=OVERWRITE&destination=");
    hdfs_client_encode(&params, rest);
    const bool ok = simple(env, from, "PUT", "RENAME", buffer_text(&params), NULL, err);
    buffer_release(&params);
    return ok;
}

static bool
hdfs_delete(struct env *env, const char *path, struct error *err)
{
    struct buffer json = {0};
    bool ok = simple(env, path, "DELETE", "DELETE", NULL, &json, err);
    if (ok && memmem(json.ptr, json.len, "true", 4) == NULL) {
        ok = error_system(err, ENOENT, "cannot remove %s", path);
    }
    buffer_release(&json);
    return ok;
}

static bool
hdfs_unlink(struct env *env, const char *path, struct error *err)
{
    struct hdfs_env *e = of(env);
    return is_remote(path) ? hdfs_delete(env, path, err)
                           : e->below->ops->unlink(e->below, path, err);
}

static bool
hdfs_rmdir(struct env *env, const char *path, struct error *err)
{
    struct hdfs_env *e = of(env);
    return is_remote(path) ? hdfs_delete(env, path, err)
                           : e->below->ops->rmdir(e->below, path, err);
}

static bool
hdfs_mkdirs(struct env *env, const char *path, struct error *err)
{
    struct hdfs_env *e = of(env);
    return is_remote(path) ? simple(env, path, "PUT", "MKDIRS", NULL, NULL, err)
                           : e->below->ops->mkdirs(e->below, path, err);
}

static bool
hdfs_sync_dir(struct env *env, const char *path, struct error *err)
{
    struct hdfs_env *e = of(env); /* a file server's names are durable when it answers */
    return is_remote(path) || e->below->ops->sync_dir(e->below, path, err);
}

struct listing {
    void (*fn)(void *ctx, const char *name, bool is_dir);
    void *ctx;
};

static bool
list_one(void *ctx, const struct hdfs_file *f)
{
    const struct listing *l = ctx;
    if (f->name[0] != '\0') {
        l->fn(l->ctx, f->name, f->is_folder);
    }
    return true;
}

static bool
hdfs_list(struct env *env, const char *path, void (*fn)(void *ctx, const char *name, bool is_dir),
          void *ctx, struct error *err)
{
    struct hdfs_env *e = of(env);
    if (!is_remote(path)) {
        return e->below->ops->list(e->below, path, fn, ctx, err);
    }
    const char *rest;
    struct listing listing = {fn, ctx};
    struct arena a;
    struct hdfs_client *client = remote_split(e, path, &rest, err);
    arena_init(&a, NULL);
    const bool ok = client != NULL && hdfs_client_list(client, &a, rest, list_one, &listing, err);
    arena_release(&a);
    return ok;
}

struct env *
hdfs_env_new(struct env *below, const char *address, const char *token)
{
    struct hdfs_env *e = calloc(1, sizeof *e);
    if (e == NULL) {
        abort();
    }
    e->ops = (struct env_ops){
        .mono_ns = hdfs_mono_ns,
        .wall_ms = hdfs_wall_ms,
        .random = hdfs_random,
        .open = hdfs_open,
        .close = hdfs_close,
        .pread = hdfs_pread,
        .pwrite = hdfs_pwrite,
        .sync = hdfs_sync,
        .write_back = hdfs_write_back,
        .truncate = hdfs_truncate,
        .stat = hdfs_stat,
        .rename = hdfs_rename,
        .unlink = hdfs_unlink,
        .mkdirs = hdfs_mkdirs,
        .rmdir = hdfs_rmdir,
        .sync_dir = hdfs_sync_dir,
        .list = hdfs_list,
        .lock = hdfs_lock,
        .fatal = hdfs_fatal,
    };
    e->env.ops = &e->ops;
    e->below = below;
    e->address = strdup(address != NULL ? address : "");
    e->token = strdup(token != NULL ? token : "");
    pthread_mutex_init(&e->lock, NULL);
    return &e->env;
}

void
hdfs_env_free(struct env *env)
{
    struct hdfs_env *e = of(env);
    for (uint32_t i = 0; i < e->server_count; i++) {
        hdfs_client_free(e->servers[i]);
    }
    for (uint32_t i = 0; i < e->file_count; i++) {
        if (e->files[i] != NULL) {
            file_free(e->files[i]);
        }
    }
    pthread_mutex_destroy(&e->lock);
    free(e->files);
    free(e->address);
    free(e->token);
    free(e);
}
