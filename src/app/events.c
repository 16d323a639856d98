/* The timeline of events: a ring of JSON objects and the file behind it. */
#include "app/events.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/thread.h"
#include "base/trace.h"

enum { FILE_BYTES_MAX = 8 << 20, EVENT_BYTES_MAX = 4096 };

struct events {
    pthread_mutex_t lock; /* guards all of it */
    char *ring[EVENTS_KEPT];
    uint32_t next; /* slot of the next event */
    int fd;
    int64_t file_bytes;
};

/* What happened in the program's earlier lives is the first thing to look at after a crash. */
static void
history_load(struct events *e)
{
    enum { TAIL_BYTES = 256 << 10 };
    const int64_t from = e->file_bytes > TAIL_BYTES ? e->file_bytes - TAIL_BYTES : 0;
    char *text = calloc(1, TAIL_BYTES + 1);
    size_t got = 0;
    struct error ignored = {0};
    if (text != NULL &&
        env_real.ops->pread(&env_real, e->fd, text, TAIL_BYTES, from, &got, &ignored)) {
        char *rest = NULL, *line = strtok_r(text, "\n", &rest);
        if (from > 0 && line != NULL) {
            line = strtok_r(NULL, "\n", &rest); /* the first one may be cut */
        }
        for (; line != NULL; line = strtok_r(NULL, "\n", &rest)) {
            const size_t len = strlen(line);
            if (line[0] == '{' && line[len - 1] == '}') {
                char **slot = &e->ring[e->next++ % EVENTS_KEPT];
                free(*slot);
                *slot = strdup(line);
            }
        }
    }
    error_clear(&ignored);
    free(text);
}

struct events *
events_open(const char *data_dir, struct error *err)
{
    struct events *e = calloc(1, sizeof *e);
    if (e == NULL) {
        error_system(err, ENOMEM, "starting the timeline");
        return NULL;
    }
    pthread_mutex_init(&e->lock, NULL);
    char path[4096];
    snprintf(path, sizeof path, "%s/events.jsonl", data_dir);
    e->fd = env_real.ops->open(&env_real, path, ENV_WRITE | ENV_CREATE, err);
    struct env_stat st;
    if (e->fd < 0 || !env_real.ops->stat(&env_real, path, &st, err)) {
        events_close(e);
        return NULL;
    }
    e->file_bytes = st.bytes;
    if (e->file_bytes > FILE_BYTES_MAX) {
        e->file_bytes = 0;
        struct error ignored = {0};
        env_real.ops->truncate(&env_real, e->fd, 0, &ignored);
        error_clear(&ignored);
    }
    history_load(e);
    return e;
}

void
events_close(struct events *e)
{
    if (e == NULL) {
        return;
    }
    for (uint32_t i = 0; i < EVENTS_KEPT; i++) {
        free(e->ring[i]);
    }
    if (e->fd >= 0) {
        env_real.ops->close(&env_real, e->fd);
    }
    pthread_mutex_destroy(&e->lock);
    free(e);
}

void
events_add_json(struct events *e, const char *object, size_t len)
{
    if (len > EVENT_BYTES_MAX) {
        return;
    }
    mutex_lock(&e->lock);
    char **slot = &e->ring[e->next++ % EVENTS_KEPT];
    free(*slot);
    *slot = strndup(object, len);
    struct buffer line = {0};
    buffer_put(&line, object, len);
    buffer_puts(&line, "\n");
    /* The timeline is for people; a full disk must not end the program over it. */
    struct error ignored = {0};
    if (env_real.ops->pwrite(&env_real, e->fd, line.ptr, line.len, e->file_bytes, &ignored)) {
        e->file_bytes += (int64_t)line.len;
    }
    error_clear(&ignored);
    buffer_release(&line);
    mutex_unlock(&e->lock);
}

void
events_add(struct events *e, const char *kind, const char *role, const char *format, ...)
{
    struct buffer text = {0}, json = {0};
    va_list args;
    va_start(args, format);
    buffer_vprintf(&text, format, args);
    va_end(args);
    buffer_printf(&json, "{\"time_ms\":%lld,\"kind\":\"%s\",\"role\":\"%s\",\"text\":",
                  (long long)env_wall_ms(&env_real), kind, role);
    buffer_json_string(&json, (const char *)text.ptr, text.len);
    buffer_puts(&json, "}");
    events_add_json(e, (const char *)json.ptr, json.len);
    trace(strcmp(kind, "start") == 0 ? TRACE_DEBUG : TRACE_INFO, "event", "%s", buffer_text(&text));
    buffer_release(&text);
    buffer_release(&json);
}

void
events_put(struct events *e, struct buffer *json)
{
    mutex_lock(&e->lock);
    buffer_puts(json, "[");
    bool first = true;
    for (uint32_t i = 0; i < EVENTS_KEPT; i++) {
        const char *event = e->ring[(e->next + i) % EVENTS_KEPT];
        if (event != NULL) {
            buffer_puts(json, first ? "" : ",");
            buffer_puts(json, event);
            first = false;
        }
    }
    buffer_puts(json, "]");
    mutex_unlock(&e->lock);
}
