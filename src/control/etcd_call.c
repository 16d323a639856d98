/* Calls over endpoints in turn. */
#include "control/etcd_call.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/thread.h"
#include "control/control.h"

enum { IDLE_MAX = 8, ANSWER_BYTES_MAX = 64 << 20, PAUSE_MS = 20 };
enum { GRPC_UNAVAILABLE = 14 };

struct etcd_link {
    struct env *env;
    int64_t timeout_ms;
    char *endpoints[ETCD_ENDPOINTS_MAX];
    size_t count;
    _Atomic int64_t heard_ms;
    pthread_mutex_t lock; /* guards all below */
    size_t current;
    struct {
        struct http_client *client;
        size_t endpoint;
    } idle[IDLE_MAX]; /* the newest last */
    size_t idle_count;
};

struct etcd_link *
etcd_link_new(struct env *env, const char *endpoints, int64_t timeout_ms, struct error *err)
{
    struct etcd_link *l = calloc(1, sizeof *l);
    char *texts = strdup(endpoints), *rest = NULL;
    if (l == NULL || texts == NULL) {
        env_real.ops->fatal(&env_real, "out of memory for the control store");
    }
    l->env = env;
    l->timeout_ms = timeout_ms > 0 ? timeout_ms : 5000;
    atomic_store(&l->heard_ms, env_mono_ms(env));
    pthread_mutex_init(&l->lock, NULL);
    for (char *text = strtok_r(texts, ", ", &rest); text != NULL && l->count < ETCD_ENDPOINTS_MAX;
         text = strtok_r(NULL, ", ", &rest)) {
        text += strncmp(text, "http://", 7) == 0 ? 7 : 0;
        l->endpoints[l->count++] = strdup(text);
    }
    free(texts);
    if (l->count == 0 || strncmp(endpoints, "https:", 6) == 0) {
        error_set(err, ERROR_ARGUMENT, "\"%s\" are no etcd endpoints; write HOST:PORT,HOST:PORT",
                  endpoints);
        etcd_link_free(l);
        return NULL;
    }
    l->current = env_random(env) % l->count;
    return l;
}

void
etcd_link_free(struct etcd_link *l)
{
    if (l == NULL) {
        return;
    }
    for (size_t i = 0; i < l->idle_count; i++) {
        http_client_free(l->idle[i].client);
    }
    for (size_t i = 0; i < l->count; i++) {
        free(l->endpoints[i]);
    }
    pthread_mutex_destroy(&l->lock);
    free(l);
}

const char *
etcd_link_endpoint(struct etcd_link *l, size_t *index)
{
    mutex_lock(&l->lock);
    *index = l->current;
    mutex_unlock(&l->lock);
    return l->endpoints[*index];
}

void
etcd_link_turn(struct etcd_link *l, size_t index)
{
    mutex_lock(&l->lock);
    if (l->current == index) {
        l->current = (index + 1) % l->count;
    }
    mutex_unlock(&l->lock);
}

void
etcd_link_heard(struct etcd_link *l)
{
    atomic_store(&l->heard_ms, env_mono_ms(l->env));
}

int64_t
etcd_link_silent_ms(struct etcd_link *l)
{
    return env_mono_ms(l->env) - atomic_load(&l->heard_ms);
}

static struct http_client *
client_take(struct etcd_link *l, size_t *endpoint)
{
    struct http_client *found = NULL;
    mutex_lock(&l->lock);
    *endpoint = l->current;
    for (size_t i = l->idle_count; found == NULL && i-- > 0;) {
        if (l->idle[i].endpoint == *endpoint) {
            found = l->idle[i].client;
            l->idle[i] = l->idle[--l->idle_count];
        }
    }
    mutex_unlock(&l->lock);
    return found != NULL ? found : http_client_new(l->endpoints[*endpoint]);
}

static void
client_give(struct etcd_link *l, struct http_client *client, size_t endpoint)
{
    mutex_lock(&l->lock);
    const bool room = l->idle_count < IDLE_MAX;
    if (room) {
        l->idle[l->idle_count].client = client;
        l->idle[l->idle_count++].endpoint = endpoint;
    }
    mutex_unlock(&l->lock);
    if (!room) {
        http_client_free(client);
    }
}

/* Reads the whole answer once without its keys, so that on_kv sees those of a good one only. */
static bool
answer_take(const struct etcd_call *call, const char *endpoint, const struct buffer *body,
            struct etcd_answer *answer, struct error *err)
{
    const struct bytes json = {body->ptr, body->len};
    if (!etcd_answer_read(json, answer, NULL, NULL)) {
        return error_set(err, ERROR_PROTOCOL, "%s: not an answer of etcd's gateway", endpoint);
    }
    if (answer->error[0] != '\0') {
        return error_set_code(err, ERROR_UNAVAILABLE,
                              answer->code != 0 ? answer->code : GRPC_UNAVAILABLE, "%s: %s",
                              endpoint, answer->error);
    }
    if (!answer->has_header) {
        return error_set(err, ERROR_PROTOCOL, "%s: not an answer of etcd's gateway", endpoint);
    }
    return call->on_kv == NULL || etcd_answer_read(json, answer, call->on_kv, call->ctx) ||
           error_set(err, ERROR_PROTOCOL, "%s: an answer is not readable", endpoint);
}

/* One try at the endpoint of the moment. *again: another one may help and may do no harm. */
static bool
call_try(struct etcd_link *l, const struct etcd_call *call, int64_t left_ms, bool *again,
         struct etcd_answer *answer, struct error *err)
{
    size_t endpoint;
    struct http_client *client = client_take(l, &endpoint);
    struct buffer body = {.limit = ANSWER_BYTES_MAX};
    const int64_t try_ms = call->once ? ETCD_CHANGE_MS : ETCD_TRY_MS;
    const struct http_post post = {
        .path = call->path,
        .body = {call->body->ptr, call->body->len},
        .connect_ms = left_ms < ETCD_CONNECT_MS ? left_ms : ETCD_CONNECT_MS,
        .timeout_ms = left_ms < try_ms ? left_ms : try_ms,
    };
    int status = 0;
    bool sent;
    bool ok = http_client_post(client, &post, &status, &body, &sent, err);
    *again = !sent || !call->once;
    if (!ok) {
        http_client_free(client);
        etcd_link_turn(l, endpoint);
    } else {
        client_give(l, client, endpoint);
        etcd_link_heard(l);
        ok = answer_take(call, l->endpoints[endpoint], &body, answer, err);
        if (!ok) {
            /* "no leader" and its like may pass, a refusal stays one. */
            *again = *again && err->code == GRPC_UNAVAILABLE;
            etcd_link_turn(l, endpoint);
        }
    }
    buffer_release(&body);
    return ok;
}

bool
etcd_call(struct etcd_link *l, const struct etcd_call *call, struct etcd_answer *answer,
          struct error *err)
{
    const int64_t deadline_ms =
        env_mono_ms(l->env) + (call->timeout_ms > 0 ? call->timeout_ms : l->timeout_ms);
    for (size_t tries = 1;; tries++) {
        const int64_t left_ms = deadline_ms - env_mono_ms(l->env);
        bool again;
        if (call_try(l, call, left_ms > 1 ? left_ms : 1, &again, answer, err)) {
            return true;
        }
        if (!again || env_mono_ms(l->env) + PAUSE_MS >= deadline_ms) {
            return false;
        }
        error_clear(err);
        if (tries % l->count == 0) {
            nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000}, NULL);
        }
    }
}
