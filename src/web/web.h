/*
 * The web page: what runs here, live, in a browser; the same as JSON; metrics for Prometheus.
 *
 *   /              the page (HTML, CSS and script are compiled in; nothing is fetched from
 * elsewhere) /events        the state document as server-sent events, once a second while somebody
 * looks /api/state     the state document, once /metrics       Prometheus' text form /healthz "ok"
 *
 * Who knows the facts fills them in by callbacks. They are called on a thread of the page's own,
 * never on the loop, and one at a time; so they may lock and ask other processes, but should answer
 * within a second. They are not called when nobody looks. Each appends one JSON value:
 *
 * overview   {"version", "spark_version", "node", "data_dir", "uptime_ms", "cores",
 *             "addresses": {"connect": "sc://127.0.0.1:15002", "kafka": ..., "web": ...},
 *             "memory": {"used_bytes", "limit_bytes"},
 *             "processes": [{"role", "pid", "state": "running"|"starting"|"dead", "uptime_ms",
 *                            "restarts", "memory_bytes", "cpu_percent"}],
 *             "workers": [{"name": "n1/worker-2", "node", "state": "alive"|"suspect"|"dead",
 * "cores", "cores_used", "memory_bytes", "memory_used_bytes", "tasks_running", "lives"}]}     with
 * one worker its numbers are not asked for: 0 queries    [{"id", "text", "session", "user",
 * "state": "running"|"done"|"failed"|"cancelled", "started_ms", "ms", "rows", "bytes", "error",
 * "attempts", "stages": [{"name", "tasks", "tasks_done", "tasks_running", "rows_in", "rows_out",
 *                          "bytes", "ms", "started", "done"}],
 *              "timeline": [{"stage", "task", "attempt", "slot": "n1/worker-2", "start_ms",
 * "end_ms", "state": "running"|"done"|"lost"|"failed"|"late", "copy", "rows", "reason"}]}] newest
 * first; of attempts beyond the tasks' number the page says that they ran again; timeline at most
 * 2000 a query, latest kept topics     [{"name", "partitions": [{"id", "leader", "start", "end",
 * "bytes"}], "groups": [{"group", "state", "members", "partitions": [{"id", "committed"}]}]}]
 *            committed is -1 where nothing was committed
 * streams    [{"id", "name", "state": "running"|"waiting"|"stopped"|"failed", "trigger", "error",
 *              "rows", "resumed", "progress": Spark's StreamingQueryProgress of the last batch}]
 * events     [{"time_ms", "kind": "start"|"death"|"recovery"|"warning"|"info", "role", "text"}]
 *            in any order, at most 500; text is a sentence for a person
 *
 * Times are milliseconds since 1970. A field that is not known is left out. A callback that is NULL
 * gives an empty list. metrics appends lines of its own in Prometheus' form (web_metric helps);
 * topics are offered under the names that Kafka's exporter made usual.
 */
#ifndef WEIR_WEB_WEB_H
#define WEIR_WEB_WEB_H

#include <stdbool.h>
#include <stdint.h>

struct buffer;
struct loop;
struct web;

struct web_sources {
    void *ctx;
    void (*overview)(void *ctx, struct buffer *out);
    void (*queries)(void *ctx, struct buffer *out);
    void (*topics)(void *ctx, struct buffer *out);
    void (*streams)(void *ctx, struct buffer *out);
    void (*events)(void *ctx, struct buffer *out);
    void (*metrics)(void *ctx, struct buffer *out);
};

/* Takes the listening descriptor. token: NULL = open to who can connect; else asked for as a bearer
 * token, or once as /?token=... which leaves a cookie. local_only: requests whose Host header names
 * anything but this computer are refused, so that no foreign page can reach us by a name of its own
 * that resolves to the loopback address. */
struct web_options {
    const char *token;
    bool local_only;
};
struct web *web_new(struct loop *loop, int listen_fd, const struct web_sources *sources,
                    const struct web_options *options);
void web_free(struct web *web); /* on the loop's thread or after its end; waits for a callback */

/* One sample with its HELP and TYPE lines ("gauge", "counter"); labels as in `group="g",topic="t"`
 * or "". The head is left out when help is NULL: for further samples of the same metric. */
void web_metric(struct buffer *out, const char *name, const char *type, const char *help,
                const char *labels, double value);
/* A label's value with its escapes, without the quotes. */
void web_label(struct buffer *out, const char *text);

#endif
