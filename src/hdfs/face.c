/* The life of the file store's face: opening what is on disk, the loop, and each request's way. */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/thread.h"
#include "base/trace.h"
#include "hdfs/internal.h"

enum { POOL_THREADS = 8, USERS_MAX = 256, GROUPS_MAX = 64, SWEEP_DELAY_MS = 1000 };

/* ---- who asks ---- */

static struct hdfs_user *
user_find(struct hdfs *h, const char *name)
{
    for (struct hdfs_user *u = h->users; u != NULL; u = u->next) {
        if (strcmp(u->name, name) == 0) {
            return u;
        }
    }
    if (h->user_count >= USERS_MAX) {
        return NULL; /* then without groups: fewer rights, not more */
    }
    struct hdfs_user *u = hdfs_alloc(sizeof *u);
    u->name = strdup(name);
    u->next = h->users;
    h->users = u;
    h->user_count++;
    const struct passwd *pw = getpwnam(name);
    gid_t ids[GROUPS_MAX];
    int count = GROUPS_MAX;
    if (pw == NULL || getgrouplist(name, pw->pw_gid, ids, &count) < 0) {
        return u;
    }
    u->groups = hdfs_alloc((size_t)count * sizeof *u->groups);
    for (int i = 0; i < count; i++) {
        const struct group *g = getgrgid(ids[i]);
        if (g != NULL) {
            u->groups[u->group_count++] = strdup(g->gr_name);
        }
    }
    return u;
}

static void
users_free(struct hdfs *h)
{
    while (h->users != NULL) {
        struct hdfs_user *u = h->users;
        h->users = u->next;
        for (uint32_t i = 0; i < u->group_count; i++) {
            free(u->groups[i]);
        }
        free(u->groups);
        free(u->name);
        free(u);
    }
}

/* Nobody named is the user who runs the program: on loopback a name is a claim anyway. */
static bool
caller_decide(struct hdfs_call *c, struct error *err)
{
    struct hdfs *h = c->h;
    if (c->req.user[0] == '\0') {
        snprintf(c->req.user, sizeof c->req.user, "%s", h->super_user);
    }
    if (c->req.real_user[0] == '\0') {
        snprintf(c->req.real_user, sizeof c->req.real_user, "%s", h->super_user);
    }
    if (strcmp(c->req.user, c->req.real_user) != 0 &&
        strcmp(c->req.real_user, h->super_user) != 0) {
        return names_refuse(err, NAMES_DENIED, "User: %s is not allowed to impersonate %s",
                            c->req.real_user, c->req.user);
    }
    c->who = (struct names_caller){.user = c->req.user,
                                   .is_super = strcmp(c->req.user, h->super_user) == 0};
    const struct hdfs_user *u = c->who.is_super ? NULL : user_find(h, c->req.user);
    if (u != NULL) {
        c->who.groups = (const char *const *)u->groups;
        c->who.group_count = u->group_count;
    }
    return true;
}

static bool
token_good(struct hdfs_call *c)
{
    const char *token = c->h->token;
    const char *bearer = http_header(c->x, "authorization");
    char given[512] = "";
    if (token == NULL) {
        return true;
    }
    if (bearer != NULL && strncmp(bearer, "Bearer ", 7) == 0) {
        snprintf(given, sizeof given, "%s", bearer + 7);
    } else {
        hdfs_param_text(&c->req, "delegation", given, sizeof given);
    }
    return strlen(given) == strlen(token) && CRYPTO_memcmp(given, token, strlen(token)) == 0;
}

/* ---- requests ---- */

static void
put_path(struct buffer *url, const char *path)
{
    for (const unsigned char *p = (const unsigned char *)path; *p != '\0'; p++) {
        const bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                           (*p >= '0' && *p <= '9') || strchr("/-_.~", *p) != NULL;
        buffer_printf(url, plain ? "%c" : "%%%02X", *p);
    }
}

/* Where the second step is: here, with the same parameters and the mark that it is the second. */
static void
redirect(struct hdfs_call *c)
{
    struct buffer url = {0};
    buffer_printf(&url, "http://%s/webhdfs/v1", c->h->address);
    put_path(&url, c->req.path);
    buffer_puts(&url, "?");
    for (const char *p = c->req.query; *p != '\0';) {
        const size_t part = strcspn(p, "&");
        if (strncasecmp(p, "noredirect=", 11) != 0 && part > 0) {
            buffer_put(&url, p, part);
            buffer_puts(&url, "&");
        }
        p += part + (p[part] == '&' ? 1 : 0);
    }
    buffer_printf(&url, "namenoderpcaddress=%s", c->h->address);
    if (c->req.noredirect) {
        buffer_puts(&c->out, "{\"Location\":");
        hdfs_put_text(&c->out, buffer_text(&url));
        buffer_puts(&c->out, "}");
        hdfs_answer(c->h, c->x, 200, &c->out);
    } else {
        http_reply_header(c->x, "Location", buffer_text(&url));
        hdfs_answer(c->h, c->x, 307, &c->out);
    }
    buffer_release(&url);
}

static bool
is_data_op(enum hdfs_op op)
{
    return op == HDFS_OPEN || op == HDFS_CREATE || op == HDFS_APPEND || op == HDFS_GETFILECHECKSUM;
}

/* What the first step refuses at once; the second looks again. */
static bool
first_check(struct hdfs_call *c, struct error *err)
{
    if (c->req.op == HDFS_CREATE) {
        return hdfs_create_check(c, err);
    }
    if (c->req.op == HDFS_APPEND) {
        return names_must_find(c->h->names, &c->who, c->req.path, err) != NULL;
    }
    return names_readable_file(c->h->names, &c->who, c->req.path, err) != NULL;
}

static bool
serve(struct hdfs_call *c, struct error *err)
{
    if (!token_good(c)) {
        static const char refusal[] =
            "{\"RemoteException\":{\"exception\":\"SecurityException\",\"javaClassName\":"
            "\"java.lang.SecurityException\",\"message\":\"Failed to obtain user group "
            "information: a token is needed (delegation=TOKEN, or Authorization: Bearer)\"}}";
        buffer_puts(&c->out, refusal);
        hdfs_answer(c->h, c->x, 401, &c->out);
        return true;
    }
    if (!caller_decide(c, err)) {
        return false;
    }
    if (is_data_op(c->req.op)) {
        if (!c->req.second) {
            const bool ok = first_check(c, err);
            if (ok) {
                redirect(c);
            }
            return ok;
        }
        return c->req.op == HDFS_OPEN              ? hdfs_download_begin(c, err)
               : c->req.op == HDFS_GETFILECHECKSUM ? hdfs_checksum_begin(c, err)
                                                   : hdfs_upload_begin(c, err);
    }
    const bool ok = c->req.op < HDFS_CREATE ? hdfs_look(c, err) : hdfs_change(c, err);
    if (ok) {
        hdfs_answer(c->h, c->x, 200, &c->out);
    }
    return ok;
}

static void
request(struct hdfs *h, struct http_exchange *x, const struct http_request *req)
{
    struct hdfs_call c = {.h = h, .x = x};
    struct error err = {0};
    if (!hdfs_request_parse(req->method, req->path, req->query, &c.req, &err) || !serve(&c, &err)) {
        hdfs_answer_error(h, x, &err);
    }
    buffer_release(&c.out);
    hdfs_reap(h);
    names_snapshot_if_due(h->names);
}

/* The same request at the node that has the files; clients follow, as they do for data. */
static void
send_elsewhere(struct hdfs *h, struct http_exchange *x, const struct http_request *req)
{
    char address[128];
    if (!h->elsewhere(h->elsewhere_ctx, address)) {
        static const char standby[] =
            "{\"RemoteException\":{\"exception\":\"StandbyException\",\"javaClassName\":"
            "\"org.apache.hadoop.ipc.StandbyException\",\"message\":\"The node that has the file "
            "store is not there now\"}}";
        http_reply(x, 403, "application/json", standby, sizeof standby - 1);
        return;
    }
    struct buffer url = {0};
    buffer_printf(&url, "http://%s", address);
    put_path(&url, req->path);
    buffer_printf(&url, "%s%s", req->query[0] != '\0' ? "?" : "", req->query);
    http_reply_header(x, "Location", buffer_text(&url));
    http_reply(x, 307, "application/octet-stream", "", 0);
    buffer_release(&url);
}

/* A web site that somebody looks at must not reach the files through his browser: a request that
 * says where it comes from must come from here, and on loopback the name asked for must be this
 * computer's (a site can give itself a name with our address). Other clients say no origin. */
static bool
from_elsewhere(const struct hdfs *h, const struct http_exchange *x)
{
    const char *origin = http_header(x, "origin"), *host = http_header(x, "host");
    if (origin != NULL &&
        (host == NULL || strncmp(origin, "http://", 7) != 0 || strcmp(origin + 7, host) != 0)) {
        return true;
    }
    const bool loopback =
        strncmp(h->address, "127.", 4) == 0 || strncmp(h->address, "[::1]", 5) == 0;
    return loopback && host != NULL && strncmp(host, "127.", 4) != 0 &&
           strncasecmp(host, "localhost", 9) != 0 && strncmp(host, "[::1]", 5) != 0;
}

static void
on_request(void *ctx, struct http_exchange *x, const struct http_request *req)
{
    struct hdfs *h = ctx;
    if (from_elsewhere(h, x)) {
        static const char refusal[] =
            "{\"RemoteException\":{\"exception\":\"AccessControlException\",\"javaClassName\":"
            "\"org.apache.hadoop.security.AccessControlException\",\"message\":\"Requests of other "
            "web sites are not served; ask for this computer by its address\"}}";
        http_reply(x, 403, "application/json", refusal, sizeof refusal - 1);
    } else if (h->elsewhere != NULL && strcmp(req->path, "/") != 0) {
        send_elsewhere(h, x, req);
    } else if (strncmp(req->path, "/webhdfs/", 9) == 0 || strcmp(req->path, "/webhdfs") == 0) {
        request(h, x, req);
    } else if (!hdfs_page(h, x, req)) {
        static const char text[] = "not found; the file system is below /webhdfs/v1\n";
        http_reply(x, 404, "text/plain; charset=utf-8", text, sizeof text - 1);
    }
}

/* Only the second step of a write wants its body; all others are served without one. */
static enum http_early
on_early(void *ctx, struct http_exchange *x, const struct http_request *req)
{
    struct hdfs *h = ctx;
    struct hdfs_call c = {.h = h, .x = x};
    struct error err = {0};
    const bool ok = h->elsewhere == NULL && !from_elsewhere(h, x) &&
                    hdfs_request_parse(req->method, req->path, req->query, &c.req, &err);
    const bool write = ok && c.req.second && (c.req.op == HDFS_CREATE || c.req.op == HDFS_APPEND);
    error_clear(&err);
    if (!write) {
        return HTTP_IGNORE;
    }
    request(h, x, req);
    return HTTP_TAKEN;
}

/* ---- life ---- */

static void
on_block_free(void *ctx, const struct ns_block *block)
{
    struct hdfs *h = ctx;
    if (h->loaded) { /* what a replay frees was removed before, or the sweep finds it */
        struct dead_block *d = hdfs_alloc(sizeof *d);
        *d = (struct dead_block){h->dead, block->id};
        h->dead = d;
    }
}

static void
sweep_begin(void *ctx)
{
    struct hdfs *h = ctx;
    if (!h->stopping) {
        hdfs_sweep(h);
    }
}

struct durable_wait {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool done;
};

static void
durable_wake(void *ctx)
{
    struct durable_wait *w = ctx;
    mutex_lock(&w->lock);
    w->done = true;
    pthread_cond_signal(&w->wake);
    mutex_unlock(&w->lock);
}

/* Completions come in the order of offsets: after this one nobody's is left. */
static void
durable_await(struct hdfs *h)
{
    struct durable_wait w = {.done = false};
    pthread_mutex_init(&w.lock, NULL);
    cond_init(&w.wake);
    names_when_durable(h->names, durable_wake, &w);
    mutex_lock(&w.lock);
    while (!w.done) {
        pthread_cond_wait(&w.wake, &w.lock);
    }
    mutex_unlock(&w.lock);
    pthread_cond_destroy(&w.wake);
    pthread_mutex_destroy(&w.lock);
}

static void *
hdfs_thread(void *ctx)
{
    struct hdfs *h = ctx;
    if (h->elsewhere == NULL) {
        hdfs_recover_all(h);
        loop_after(h->loop, SWEEP_DELAY_MS, sweep_begin, h);
    }
    loop_run(h->loop);
    /* Connections end, and with them uploads; what the pool still does is waited for. */
    h->stopping = true;
    http_server_free(h->server);
    for (int i = 0; h->transfers > 0 && i < 3000; i++) {
        loop_turn(h->loop, 10);
    }
    if (h->names != NULL) {
        durable_await(h);
    }
    loop_turn(h->loop, 0);
    return NULL;
}

static bool
store_open(struct hdfs *h, const struct hdfs_config *config, struct error *err)
{
    static const struct log_config log_config = {.segment_bytes = 16 << 20,
                                                 .segment_ms = INT64_MAX / 2,
                                                 .retention_ms = -1,
                                                 .retention_bytes = -1,
                                                 .message_bytes_max = 64 << 20};
    char path[4096];
    snprintf(path, sizeof path, "%s/blocks", config->data_dir);
    h->replicas = replica_store_open(h->env, path, err);
    h->log = h->replicas != NULL ? log_open(config->logs, HDFS_NAMESPACE_TOPIC, 0, &log_config, err)
                                 : NULL;
    snprintf(path, sizeof path, "%s/names", config->data_dir);
    h->names = h->log != NULL
                   ? names_open(h->env, path, h->log, h->super_user, on_block_free, h, err)
                   : NULL;
    h->loaded = h->names != NULL;
    return h->loaded;
}

static void
hdfs_free(struct hdfs *h)
{
    if (h->pool != NULL) {
        work_pool_free(h->pool);
    }
    if (h->names != NULL) {
        names_close(h->names);
    }
    if (h->loop != NULL) {
        loop_turn(h->loop, 0);
        loop_free(h->loop);
    }
    hdfs_reap_forget(h);
    while (h->dead != NULL) {
        struct dead_block *next = h->dead->next;
        free(h->dead);
        h->dead = next;
    }
    replica_store_close(h->replicas);
    users_free(h);
    free(h->address);
    free(h->token);
    free(h->data_dir);
    free(h);
}

struct hdfs *
hdfs_start(const struct hdfs_config *config, struct error *err)
{
    struct hdfs *h = hdfs_alloc(sizeof *h);
    const struct passwd *pw = getpwuid(geteuid());
    h->env = config->env;
    h->address = strdup(config->address);
    h->token = config->token != NULL ? strdup(config->token) : NULL;
    h->data_dir = strdup(config->data_dir);
    snprintf(h->super_user, sizeof h->super_user, "%s", pw != NULL ? pw->pw_name : "weir");
    h->loop = loop_new(err);
    h->pool = work_pool_new("hdfs-disk", POOL_THREADS);
    h->elsewhere = config->elsewhere;
    h->elsewhere_ctx = config->elsewhere_ctx;
    if (h->loop == NULL || (h->elsewhere == NULL && !store_open(h, config, err))) {
        close(config->listen_fd);
        hdfs_free(h);
        return NULL;
    }
    h->server = http_server_new(h->loop, config->listen_fd, on_request, h);
    http_server_set_early(h->server, on_early);
    h->running = thread_start(&h->thread, "hdfs", hdfs_thread, h);
    if (!h->running) {
        error_set(err, ERROR_RESOURCE, "the file store's thread cannot be started");
        http_server_free(h->server);
        hdfs_free(h);
        return NULL;
    }
    return h;
}

void
hdfs_stop(struct hdfs *h)
{
    if (h == NULL) {
        return;
    }
    loop_stop(h->loop);
    pthread_join(h->thread, NULL);
    hdfs_free(h);
}
