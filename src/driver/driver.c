/* The driver and its sessions: who is known, what is set, and when it is forgotten. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/thread.h"
#include "driver/internal.h"
#include "driver/operations.h"
#include "sched/workers.h"

static char *
text_copy(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

/* This node's workers. With one of them nothing is watched, and plans are not cut. */
static void
workers_begin(struct driver *d)
{
    const struct driver_config *c = &d->config;
    const char *node = c->node_name != NULL ? c->node_name : "n1";
    struct workers *ws = sched_workers(d->sched);
    char name[64];
    snprintf(name, sizeof name, "%s/worker", node);
    struct worker_place place = {.address = d->worker_address,
                                 .peer = c->worker_peer,
                                 .name = name,
                                 .node = node,
                                 .same_node = true};
    workers_add(ws, &place);
    for (uint32_t i = 0; i < c->more_worker_count; i++) {
        snprintf(name, sizeof name, "%s/worker-%u", node, i + 2);
        place.address = c->more_workers[i];
        place.peer = NULL;
        workers_add(ws, &place);
    }
    d->config.worker_peer = NULL; /* the caller's, as are the next */
    d->config.more_workers = NULL;
    d->config.node_name = NULL;
}

void
driver_worker_joined(struct driver *d, const char *node, const char *address, const char *secret)
{
    char name[80];
    snprintf(name, sizeof name, "%.60s/worker", node);
    if (d->sched != NULL) {
        workers_add(sched_workers(d->sched),
                    &(struct worker_place){
                        .address = address, .name = name, .node = node, .secret = secret});
    }
}

void
driver_worker_draining(struct driver *d, const char *address, bool draining)
{
    if (d->sched != NULL) {
        workers_drain(sched_workers(d->sched), address, draining);
    }
}

void
driver_worker_left(struct driver *d, const char *address)
{
    if (d->sched != NULL) {
        workers_remove(sched_workers(d->sched), address);
    }
}

struct driver *
driver_new(const struct driver_config *config, struct error *err)
{
    struct driver *d = calloc(1, sizeof *d);
    if (d == NULL) {
        error_system(err, ENOMEM, "starting the driver");
        return NULL;
    }
    pthread_mutex_init(&d->lock, NULL);
    pthread_mutex_init(&d->catalog_lock, NULL);
    d->data_dir = text_copy(config->data_dir);
    d->worker_address = text_copy(config->worker_address);
    d->store_address = text_copy(config->store_address);
    d->supervisor_address = text_copy(config->supervisor_address);
    d->kafka_bootstrap = text_copy(config->kafka_bootstrap);
    d->spark_version = text_copy(config->spark_version != NULL ? config->spark_version : "4.3.0");
    d->config = *config;
    d->config.data_dir = d->data_dir;
    d->config.worker_address = d->worker_address;
    d->config.store_address = d->store_address;
    d->config.supervisor_address = d->supervisor_address;
    d->config.kafka_bootstrap = d->kafka_bootstrap;
    d->config.spark_version = d->spark_version;
    budget_init(&d->budget, "front", config->memory_bytes, NULL);
    char dir[4096];
    bool ok = true;
    static const char *const folders[] = {"run", "warehouse", "catalog", "artifacts", "spill"};
    for (size_t i = 0; ok && i < sizeof folders / sizeof *folders; i++) {
        snprintf(dir, sizeof dir, "%s/%s", d->data_dir, folders[i]);
        ok = config->env->ops->mkdirs(config->env, dir, err);
    }
    if (!ok) {
        driver_free(d);
        return NULL;
    }
    if (d->worker_address != NULL) {
        snprintf(dir, sizeof dir, "%s/run", d->data_dir);
        d->sched = sched_new(config->env, d->worker_address, dir);
        workers_begin(d);
    }
    return d;
}

static void
session_free(struct session *s)
{
    session_artifacts_remove(s);
    conf_release(&s->conf);
    view_list_free(&s->views);
    view_list_free(&s->functions);
    view_list_free(&s->remotes);
    pthread_mutex_destroy(&s->lock);
    free(s->user_id);
    free(s->id);
    free(s->database);
    free(s);
}

void
driver_free(struct driver *d)
{
    while (d->sessions != NULL) {
        struct session *s = d->sessions;
        d->sessions = s->next;
        session_release(s);
    }
    view_list_free(&d->global_views);
    driver_operations_free(d);
    sched_free(d->sched);
    pthread_mutex_destroy(&d->lock);
    pthread_mutex_destroy(&d->catalog_lock);
    free(d->data_dir);
    free(d->worker_address);
    free(d->store_address);
    free(d->supervisor_address);
    free(d->kafka_bootstrap);
    free(d->spark_version);
    free(d);
}

void
driver_set_source(struct driver *d, driver_source_fn fn, void *ctx)
{
    d->source_fn = fn;
    d->source_ctx = ctx;
}

struct env *
driver_env(struct driver *d)
{
    return d->config.env;
}

const struct driver_config *
driver_config_of(const struct driver *d)
{
    return &d->config;
}

void
driver_put_workers(struct driver *d, struct buffer *json)
{
    if (d->sched == NULL) {
        buffer_puts(json, "[]");
    } else {
        workers_put(sched_workers(d->sched), json);
    }
}

void
driver_put_worker(struct driver *d, struct buffer *json)
{
    struct error err = {0};
    if (d->sched == NULL || !sched_worker_status(d->sched, json, &err)) {
        buffer_puts(json, "null");
    }
    error_clear(&err);
}

static struct session *
session_new(struct driver *d, const char *user_id, const char *id)
{
    struct session *s = calloc(1, sizeof *s);
    if (s == NULL) {
        abort();
    }
    s->driver = d;
    s->user_id = strdup(user_id);
    s->id = strdup(id);
    s->database = strdup("default");
    env_uuid(d->config.env, s->server_id);
    pthread_mutex_init(&s->lock, NULL);
    atomic_init(&s->refs, 1); /* the driver's list */
    s->next = d->sessions;
    d->sessions = s;
    d->session_count++;
    return s;
}

/* The caller holds the driver's lock. */
static struct session *
session_find(struct driver *d, const char *user_id, const char *id)
{
    for (struct session *s = d->sessions; s != NULL; s = s->next) {
        if (strcmp(s->id, id) == 0 && strcmp(s->user_id, user_id) == 0) {
            return s;
        }
    }
    return NULL;
}

struct session *
session_get(struct driver *d, const char *user_id, const char *session_id, bool create)
{
    mutex_lock(&d->lock);
    struct session *s = session_find(d, user_id, session_id);
    if (s == NULL && create && d->session_count < SESSIONS_MAX) {
        s = session_new(d, user_id, session_id);
    }
    if (s != NULL) {
        session_retain(s);
    }
    mutex_unlock(&d->lock);
    return s;
}

struct session *
session_clone(struct session *s, const char *new_session_id, struct error *err)
{
    struct driver *d = s->driver;
    mutex_lock(&d->lock);
    if (d->session_count >= SESSIONS_MAX || session_find(d, s->user_id, new_session_id) != NULL) {
        mutex_unlock(&d->lock);
        error_set(err, ERROR_ARGUMENT, "a session %s exists already, or there are too many",
                  new_session_id);
        return NULL;
    }
    struct session *copy = session_new(d, s->user_id, new_session_id);
    mutex_lock(&s->lock);
    conf_copy(&copy->conf, &s->conf);
    view_list_copy(&copy->views, s->views);
    view_list_copy(&copy->functions, s->functions);
    view_list_copy(&copy->remotes, s->remotes);
    free(copy->database);
    copy->database = strdup(s->database);
    mutex_unlock(&s->lock);
    session_retain(copy);
    mutex_unlock(&d->lock);
    return copy;
}

void
session_retain(struct session *s)
{
    atomic_fetch_add(&s->refs, 1);
}

void
session_release(struct session *s)
{
    if (atomic_fetch_sub(&s->refs, 1) == 1) {
        session_free(s);
    }
}

void
session_end(struct session *s)
{
    struct driver *d = s->driver;
    bool found = false;
    mutex_lock(&d->lock);
    for (struct session **at = &d->sessions; *at != NULL; at = &(*at)->next) {
        if (*at == s) {
            *at = s->next;
            d->session_count--;
            found = true;
            break;
        }
    }
    mutex_unlock(&d->lock);
    if (found) {
        session_release(s);
    }
}

const char *
session_id(const struct session *s)
{
    return s->id;
}

const char *
session_user_id(const struct session *s)
{
    return s->user_id;
}

const char *
session_server_id(const struct session *s)
{
    return s->server_id;
}

struct driver *
session_driver(const struct session *s)
{
    return s->driver;
}

const char *
session_conf_get(struct session *s, struct arena *a, const char *key)
{
    mutex_lock(&s->lock);
    const char *value = conf_get(&s->conf, key);
    char *copy = value != NULL ? arena_strdup(a, value) : NULL;
    mutex_unlock(&s->lock);
    return copy;
}

bool
session_conf_set(struct session *s, const char *key, const char *value, struct error *err)
{
    if (conf_is_static(key)) {
        return error_raise(err, "CANNOT_MODIFY_STATIC_CONFIG", "key", key, NULL);
    }
    if (value != NULL && !conf_check(key, value, err)) {
        return false;
    }
    mutex_lock(&s->lock);
    const bool ok = conf_put(&s->conf, key, value);
    mutex_unlock(&s->lock);
    return ok ||
           error_set(err, ERROR_RESOURCE, "a session holds at most %d settings", CONF_ENTRIES_MAX);
}

const char *
session_conf_warning(const char *key, const char *value)
{
    return conf_warning(key, value);
}

bool
session_conf_modifiable(struct session *s, const char *key)
{
    (void)s;
    return conf_known(key) && !conf_is_static(key);
}

struct prefix_filter {
    const char *prefix;
    void (*fn)(void *ctx, const char *key, const char *value);
    void *ctx;
};

static void
filter_prefix(void *ctx, const char *key, const char *value)
{
    const struct prefix_filter *f = ctx;
    if (f->prefix == NULL || strncmp(key, f->prefix, strlen(f->prefix)) == 0) {
        f->fn(f->ctx, key, value);
    }
}

void
session_conf_each(struct session *s, const char *prefix,
                  void (*fn)(void *ctx, const char *key, const char *value), void *ctx)
{
    struct prefix_filter filter = {prefix, fn, ctx};
    mutex_lock(&s->lock);
    conf_each(&s->conf, filter_prefix, &filter);
    mutex_unlock(&s->lock);
}

static bool
conf_true(struct session *s, struct arena *a, const char *key)
{
    const char *value = session_conf_get(s, a, key);
    return value != NULL && strcasecmp(value, "true") == 0;
}

void
session_func(struct session *s, struct arena *a, struct func_session *out)
{
    *out = (struct func_session){
        .ansi = conf_true(s, a, "spark.sql.ansi.enabled"),
        .legacy_decimal_precision_loss =
            conf_true(s, a, "spark.sql.decimalOperations.allowPrecisionLoss"),
        .case_sensitive = conf_true(s, a, "spark.sql.caseSensitive"),
        .zone = session_conf_get(s, a, "spark.sql.session.timeZone"),
        .now_micros = env_wall_micros(s->driver->config.env),
        .user = s->user_id[0] != '\0' ? s->user_id : "weir",
        .catalog = "spark_catalog",
    };
    mutex_lock(&s->lock);
    out->database = arena_strdup(a, s->database);
    mutex_unlock(&s->lock);
}
