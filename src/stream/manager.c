/* The manager: starting, finding, stopping queries, and telling listeners. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/thread.h"
#include "base/trace.h"
#include "file/path.h"
#include "stream/internal.h"
#include "stream/queries.h"
#include "tree/serial.h"

struct listened {
    struct listened *next;
    enum stream_event_type type;
    char *json;
};

struct stream_listener {
    struct stream_listener *next;
    struct stream_manager *manager;
    struct session *session;
    pthread_mutex_t lock; /* guards the queue */
    pthread_cond_t changed;
    struct listened *first, **last;
    uint32_t count;
    bool closed;
};

struct stream_manager *
stream_manager_new(struct driver *driver, struct error *err)
{
    struct stream_manager *m = calloc(1, sizeof *m);
    if (m == NULL) {
        error_system(err, ENOMEM, "starting the streaming manager");
        return NULL;
    }
    m->driver = driver;
    pthread_mutex_init(&m->lock, NULL);
    pthread_mutex_init(&m->starting, NULL);
    cond_init(&m->changed);
    driver_set_source(driver, stream_source_fill, driver);
    return m;
}

void
stream_set_planner(struct stream_manager *m, stream_planner planner, void *ctx)
{
    m->planner = planner;
    m->planner_ctx = ctx;
}

void
stream_set_connect_address(struct stream_manager *m, const char *connect_address)
{
    snprintf(m->connect_address, sizeof m->connect_address, "%s",
             connect_address != NULL ? connect_address : "");
}

static void
query_free(struct stream_query *q)
{
    if (q->sink.ops != NULL) {
        q->sink.ops->close(&q->sink);
    }
    for (uint32_t i = 0; i < q->source_count; i++) {
        if (q->sources[i].ops != NULL) {
            q->sources[i].ops->close(&q->sources[i]);
        }
    }
    for (uint32_t i = 0; i < CHECKPOINT_SOURCES_MAX; i++) {
        free((char *)q->ends[i]);
    }
    for (uint32_t i = 0; i < q->progress_kept; i++) {
        free(q->progress[i]);
    }
    free(q->progress);
    if (q->temporary_checkpoint) {
        struct error ignored = {0};
        env_remove_tree(driver_env(q->manager->driver), q->checkpoint_dir, &ignored);
        error_clear(&ignored);
    }
    error_clear(&q->error);
    arena_release(&q->arena);
    pthread_mutex_destroy(&q->lock);
    pthread_cond_destroy(&q->changed);
    session_release(q->session);
    free(q->name);
    free(q->checkpoint_dir);
    free(q->started_json);
    free(q);
}

void
stream_query_retain(struct stream_query *q)
{
    atomic_fetch_add(&q->refs, 1);
}

void
stream_query_release(struct stream_query *q)
{
    if (atomic_fetch_sub(&q->refs, 1) == 1) {
        query_free(q);
    }
}

/* What the session's settings say of a query that starts now. */
static void
settings_take(struct stream_query *q)
{
    struct arena arena;
    arena_init(&arena, NULL);
    const char *text =
        session_conf_get(q->session, &arena, "spark.sql.streaming.numRecentProgressUpdates");
    const long long kept = text != NULL ? atoll(text) : PROGRESS_KEPT;
    q->progress_kept = kept < 1 ? 1 : kept > PROGRESS_KEPT_MAX ? PROGRESS_KEPT_MAX : (uint32_t)kept;
    text = session_conf_get(q->session, &arena, "spark.sql.streaming.noDataMicroBatches.enabled");
    q->no_data_batches = text == NULL || strcasecmp(text, "true") == 0;
    arena_release(&arena);
}

static struct stream_query *
query_new(struct stream_manager *m, struct session *session, const struct stream_start *start)
{
    struct stream_query *q = calloc(1, sizeof *q);
    if (q == NULL) {
        abort();
    }
    q->manager = m;
    q->session = session;
    session_retain(session);
    atomic_init(&q->refs, 1);
    arena_init(&q->arena, NULL);
    pthread_mutex_init(&q->lock, NULL);
    cond_init(&q->changed);
    q->name = start->name != NULL && start->name[0] != '\0' ? strdup(start->name) : NULL;
    q->mode = start->mode;
    q->trigger = start->trigger;
    q->interval_ms = start->interval_ms;
    q->resumed = start->resumed;
    settings_take(q);
    q->progress = calloc(q->progress_kept, sizeof *q->progress);
    if (q->progress == NULL) {
        abort();
    }
    q->message = "Initializing sources";
    q->execution.operation_id = q->run_id;
    env_uuid(driver_env(m->driver), q->run_id);
    return q;
}

/* The query's own copy of everything that start only lends. */
static bool
copy_start(struct stream_query *q, const struct stream_start *start, struct error *err)
{
    struct buffer bytes = {0};
    struct rel holder = {.kind = REL_WRITE, .plan_id = -1};
    struct write_spec spec = start->sink;
    struct rel *input = (struct rel *)start->input;
    holder.inputs = &input;
    holder.input_count = 1;
    holder.write = &spec;
    holder.udf = (struct udf *)start->foreach_batch; /* only read */
    rel_write(&bytes, &holder);
    if (bytes.overflow) {
        buffer_release(&bytes);
        return error_set(err, ERROR_RESOURCE, "the streaming plan is too large");
    }
    struct reader in;
    reader_init(&in, (struct bytes){arena_copy(&q->arena, bytes.ptr, bytes.len), bytes.len});
    buffer_release(&bytes);
    struct rel *copy = rel_read(&q->arena, &in, err);
    if (copy == NULL) {
        return false;
    }
    q->plan = session_resolve(q->session, &q->arena, copy->inputs[0], err);
    q->foreach_batch = copy->udf;
    q->sink = (struct stream_sink){.manager = q->manager,
                                   .session = q->session,
                                   .driver = q->manager->driver,
                                   .env = driver_env(q->manager->driver),
                                   .name = q->name,
                                   .mode = q->mode,
                                   .spec = *copy->write};
    return q->plan != NULL;
}

/* option checkpointLocation, else the session's default folder, else a temporary one for sinks that
 * keep nothing. */
static bool
choose_checkpoint(struct stream_query *q, struct error *err)
{
    struct arena *a = &q->arena;
    const char *given = options_get(&q->sink.spec.options, "checkpointLocation");
    const char *base = session_conf_get(q->session, a, "spark.sql.streaming.checkpointLocation");
    const char *cwd = session_conf_get(q->session, a, "spark.weir.cwd");
    const char *path = NULL;
    if (given != NULL) {
        path = path_local(a, cwd, given, err);
    } else if (base != NULL) {
        path = path_local(
            a, cwd, arena_printf(a, "%s/%s", base, q->name != NULL ? q->name : q->run_id), err);
    } else {
        const char *format = q->sink.spec.format;
        const bool keeps_nothing =
            q->foreach_batch != NULL || (format != NULL && (strcasecmp(format, "memory") == 0 ||
                                                            strcasecmp(format, "console") == 0 ||
                                                            strcasecmp(format, "noop") == 0));
        if (!keeps_nothing) {
            return error_set(err, ERROR_ANALYSIS,
                             "checkpointLocation must be specified either through "
                             "option(\"checkpointLocation\", ...) or "
                             "SparkSession.conf.set(\"spark.sql.streaming.checkpointLocation\", "
                             "...).");
        }
        path = arena_printf(a, "%s/run/checkpoint-%s",
                            driver_config_of(q->manager->driver)->data_dir, q->run_id);
        q->temporary_checkpoint = true;
    }
    if (path == NULL) {
        return false;
    }
    q->checkpoint_dir = strdup(path);
    return true;
}

static struct stream_query *
find_by_checkpoint(struct stream_manager *m, const char *dir)
{
    struct stream_query *found = NULL;
    mutex_lock(&m->lock);
    for (struct stream_query *at = m->queries; at != NULL && found == NULL; at = at->next) {
        mutex_lock(&at->lock);
        if (!at->ended && strcmp(at->checkpoint_dir, dir) == 0) {
            found = at;
            stream_query_retain(found);
        }
        mutex_unlock(&at->lock);
    }
    mutex_unlock(&m->lock);
    return found;
}

/* A new start on a checkpoint takes over from the query that runs on it. */
static bool
take_over(struct stream_query *q, struct error *err)
{
    struct stream_query *old = find_by_checkpoint(q->manager, q->checkpoint_dir);
    if (old == NULL) {
        return true;
    }
    const bool ok = stream_query_stop(old, err);
    stream_query_release(old);
    return ok;
}

static bool
name_is_free(struct stream_manager *m, const struct stream_query *q, struct error *err)
{
    bool is_free = true;
    mutex_lock(&m->lock);
    for (struct stream_query *at = m->queries; q->name != NULL && at != NULL; at = at->next) {
        mutex_lock(&at->lock);
        is_free &=
            at->ended || at->session != q->session || at->name == NULL ||
            strcmp(at->name, q->name) != 0 ||
            (q->checkpoint_dir != NULL && strcmp(at->checkpoint_dir, q->checkpoint_dir) == 0);
        mutex_unlock(&at->lock);
    }
    mutex_unlock(&m->lock);
    return is_free ||
           error_set(err, ERROR_ARGUMENT,
                     "Cannot start query with name %s as a query with that name is already active "
                     "in this SparkSession",
                     q->name);
}

/* Forgets the oldest ended queries; the manager's lock is held. */
static void
trim_ended(struct stream_manager *m, struct stream_query **dropped)
{
    uint32_t ended = 0;
    for (struct stream_query **at = &m->queries; *at != NULL;) {
        struct stream_query *q = *at;
        if (q->ended && ++ended > ENDED_KEPT) {
            *at = q->next;
            m->query_count--;
            q->next = *dropped;
            *dropped = q;
        } else {
            at = &q->next;
        }
    }
}

static void
release_list(struct stream_query *list)
{
    while (list != NULL) {
        struct stream_query *next = list->next;
        if (list->has_thread) {
            pthread_join(list->thread, NULL);
            list->has_thread = false;
        }
        stream_query_release(list);
        list = next;
    }
}

static bool
query_begin(struct stream_manager *m, struct stream_query *q, struct bytes command,
            struct error *err)
{
    struct buffer started = {0};
    event_started_put(&started, q, env_wall_ms(driver_env(m->driver)));
    q->started_json = buffer_steal_text(&started);
    if (q->sink.ops->durable && !q->temporary_checkpoint && command.len > 0 &&
        !registry_put(q, command, err)) {
        return false;
    }
    struct stream_query *dropped = NULL;
    mutex_lock(&m->lock);
    trim_ended(m, &dropped);
    const bool room = m->query_count < QUERIES_MAX && !m->closing;
    if (room) {
        stream_query_retain(q); /* the list's */
        stream_query_retain(q); /* the thread's */
        q->next = m->queries;
        m->queries = q;
        m->query_count++;
        q->has_thread = thread_start(&q->thread, "stream", query_thread, q);
        if (!q->has_thread) {
            m->queries = q->next;
            m->query_count--;
            stream_query_release(q);
            stream_query_release(q);
        }
    }
    mutex_unlock(&m->lock);
    release_list(dropped);
    return q->has_thread ||
           error_set(err, ERROR_RESOURCE, "no more streaming queries can be started");
}

/* The checkpoint, then what is read and written, which look into it. */
static bool
query_open(struct stream_manager *m, struct stream_query *q, struct error *err)
{
    if (!checkpoint_open(&q->checkpoint, driver_env(m->driver), q->checkpoint_dir, err)) {
        return false;
    }
    memcpy(q->id, q->checkpoint.id, sizeof q->id);
    q->sink.query_id = q->id;
    return batch_prepare(q, err) &&
           (q->foreach_batch != NULL ? sink_foreach_open(&q->sink, &q->arena, q->foreach_batch, err)
                                     : sink_open(&q->sink, &q->arena, q->plan->schema, err));
}

struct stream_query *
stream_query_start(struct stream_manager *m, struct session *session,
                   const struct stream_start *start, struct error *err)
{
    if (start->foreach_writer != NULL) {
        error_unsupported(err, "foreach in a streaming query (foreachBatch is there)");
        return NULL;
    }
    if (start->trigger == TRIGGER_CONTINUOUS || start->trigger == TRIGGER_REAL_TIME) {
        error_unsupported(err, "continuous and real-time triggers");
        return NULL;
    }
    struct stream_query *q = query_new(m, session, start);
    bool ok = copy_start(q, start, err) && choose_checkpoint(q, err);
    if (ok) {
        /* One at a time, so that two starts on one checkpoint cannot both find it idle. */
        mutex_lock(&m->starting);
        ok = name_is_free(m, q, err) && take_over(q, err) && query_open(m, q, err) &&
             query_begin(m, q, start->command, err);
        mutex_unlock(&m->starting);
    }
    if (!ok) {
        stream_query_release(q);
        return NULL;
    }
    return q;
}

void
stream_manager_free(struct stream_manager *m)
{
    mutex_lock(&m->lock);
    m->closing = true;
    for (struct stream_query *q = m->queries; q != NULL; q = q->next) {
        mutex_lock(&q->lock);
        q->stop = true;
        atomic_store(&q->execution.cancel, true);
        pthread_cond_broadcast(&q->changed);
        mutex_unlock(&q->lock);
    }
    struct stream_query *all = m->queries;
    m->queries = NULL;
    mutex_unlock(&m->lock);
    release_list(all);
    pthread_mutex_destroy(&m->lock);
    pthread_mutex_destroy(&m->starting);
    pthread_cond_destroy(&m->changed);
    free(m);
}

struct stream_query *
stream_query_find(struct stream_manager *m, struct session *session, const char *id,
                  const char *run_id)
{
    struct stream_query *found = NULL;
    mutex_lock(&m->lock);
    for (struct stream_query *q = m->queries; q != NULL && found == NULL; q = q->next) {
        if (query_is_seen(q, session) && strcmp(q->id, id) == 0 &&
            (run_id == NULL || run_id[0] == '\0' || strcmp(q->run_id, run_id) == 0)) {
            found = q;
            stream_query_retain(q);
        }
    }
    mutex_unlock(&m->lock);
    return found;
}

bool
query_is_seen(const struct stream_query *q, struct session *session)
{
    return q->session == session ||
           (q->resumed && strcmp(session_user_id(q->session), session_user_id(session)) == 0);
}

/* The active queries that are in the session's eyes, or only those that it started itself. */
static uint32_t
list_active(struct stream_manager *m, struct session *session, bool own, struct stream_query **out,
            uint32_t max)
{
    uint32_t count = 0;
    mutex_lock(&m->lock);
    for (struct stream_query *q = m->queries; q != NULL && count < max; q = q->next) {
        mutex_lock(&q->lock);
        if (!q->ended &&
            (session == NULL || q->session == session || (!own && query_is_seen(q, session)))) {
            stream_query_retain(q);
            out[count++] = q;
        }
        mutex_unlock(&q->lock);
    }
    mutex_unlock(&m->lock);
    for (uint32_t i = 0; i < count / 2; i++) { /* the list is newest first */
        struct stream_query *swap = out[i];
        out[i] = out[count - 1 - i];
        out[count - 1 - i] = swap;
    }
    return count;
}

uint32_t
stream_query_list(struct stream_manager *m, struct session *session, struct stream_query **out,
                  uint32_t max)
{
    return list_active(m, session, false, out, max);
}

bool
stream_query_stop(struct stream_query *q, struct error *err)
{
    (void)err;
    mutex_lock(&q->lock);
    q->stop = true;
    atomic_store(&q->execution.cancel, true);
    pthread_cond_broadcast(&q->changed);
    while (!q->ended) {
        pthread_cond_wait(&q->changed, &q->lock);
    }
    mutex_unlock(&q->lock);
    return true;
}

void
manager_event(struct stream_manager *m, const struct stream_query *q, enum stream_event_type type,
              const char *json)
{
    mutex_lock(&m->lock);
    for (struct stream_listener *l = m->listeners; l != NULL; l = l->next) {
        if (!query_is_seen(q, l->session)) {
            continue;
        }
        mutex_lock(&l->lock);
        if (!l->closed && l->count < LISTENER_EVENTS_MAX) {
            struct listened *event = calloc(1, sizeof *event);
            if (event != NULL) {
                *event = (struct listened){.type = type, .json = strdup(json)};
                *l->last = event;
                l->last = &event->next;
                l->count++;
                pthread_cond_broadcast(&l->changed);
            }
        }
        mutex_unlock(&l->lock);
    }
    mutex_unlock(&m->lock);
}

struct stream_listener *
stream_listener_add(struct stream_manager *m, struct session *session)
{
    struct stream_listener *l = calloc(1, sizeof *l);
    if (l == NULL) {
        abort();
    }
    l->manager = m;
    l->session = session;
    session_retain(session);
    l->last = &l->first;
    pthread_mutex_init(&l->lock, NULL);
    cond_init(&l->changed);
    mutex_lock(&m->lock);
    l->next = m->listeners;
    m->listeners = l;
    mutex_unlock(&m->lock);
    return l;
}

bool
stream_listener_next(struct stream_listener *l, int64_t timeout_ms, struct arena *a,
                     struct stream_event *out)
{
    const int64_t deadline_ns = env_mono_ns(&env_real) + timeout_ms * 1000000;
    mutex_lock(&l->lock);
    while (l->first == NULL && !l->closed && cond_wait_until(&l->changed, &l->lock, deadline_ns)) {
    }
    struct listened *event = l->closed ? NULL : l->first;
    if (event != NULL) {
        l->first = event->next;
        l->last = l->first == NULL ? &l->first : l->last;
        l->count--;
    }
    mutex_unlock(&l->lock);
    if (event == NULL) {
        return false;
    }
    *out = (struct stream_event){event->type, arena_strdup(a, event->json)};
    free(event->json);
    free(event);
    return true;
}

void
stream_listener_close(struct stream_listener *l)
{
    mutex_lock(&l->lock);
    l->closed = true;
    pthread_cond_broadcast(&l->changed);
    mutex_unlock(&l->lock);
}

bool
stream_listener_closed(struct stream_listener *l)
{
    mutex_lock(&l->lock);
    const bool closed = l->closed;
    mutex_unlock(&l->lock);
    return closed;
}

void
stream_listener_free(struct stream_listener *l)
{
    struct stream_manager *m = l->manager;
    mutex_lock(&m->lock);
    for (struct stream_listener **at = &m->listeners; *at != NULL; at = &(*at)->next) {
        if (*at == l) {
            *at = l->next;
            break;
        }
    }
    mutex_unlock(&m->lock);
    while (l->first != NULL) {
        struct listened *event = l->first;
        l->first = event->next;
        free(event->json);
        free(event);
    }
    session_release(l->session);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->changed);
    free(l);
}

bool
stream_has_listener(struct stream_manager *m, struct session *session)
{
    bool found = false;
    mutex_lock(&m->lock);
    for (const struct stream_listener *l = m->listeners; l != NULL; l = l->next) {
        found |= l->session == session;
    }
    mutex_unlock(&m->lock);
    return found;
}

void
stream_session_end(struct stream_manager *m, struct session *session)
{
    struct stream_query *active[64];
    for (uint32_t n; (n = list_active(m, session, true, active, 64)) > 0;) {
        for (uint32_t i = 0; i < n; i++) {
            struct error ignored = {0};
            stream_query_stop(active[i], &ignored);
            error_clear(&ignored);
            stream_query_release(active[i]);
        }
    }
    struct stream_query *dropped = NULL;
    mutex_lock(&m->lock);
    for (struct stream_query **at = &m->queries; *at != NULL;) {
        struct stream_query *q = *at;
        if (q->session == session && q->ended) {
            *at = q->next;
            m->query_count--;
            q->next = dropped;
            dropped = q;
        } else {
            at = &q->next;
        }
    }
    mutex_unlock(&m->lock);
    release_list(dropped);
}
