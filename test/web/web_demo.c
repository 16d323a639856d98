/*
 * The page with invented facts that move, for test/wire/test_web.py and for looking at it.
 *
 *   web_demo [ADDRESS [empty|TOKEN]]     prints its address; ends when its standard input ends
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/env.h"
#include "base/error.h"
#include "base/thread.h"
#include "net/loop.h"
#include "web/topic_metrics.h"
#include "web/web.h"

static int64_t started_ms;

/* Tenths of a second since the start; 20 s have passed at the first look. */
static long
tick(void)
{
    return (long)((env_wall_ms(&env_real) - started_ms) / 100) + 200;
}

static void
demo_overview(void *ctx, struct buffer *out)
{
    static const struct {
        const char *role;
        int pid;
        int restarts;
        int mib;
    } processes[] = {{"supervisor", 4101, 0, 4},
                     {"store", 4103, 0, 61},
                     {"front", 4104, 0, 96},
                     {"worker", 4177, 1, 318}};
    const long now = tick();
    buffer_printf(out,
                  "{\"version\":\"0.1.0\",\"spark_version\":\"4.3.0\",\"node\":\"1\","
                  "\"data_dir\":\"/data\",\"uptime_ms\":%ld,\"cores\":4,\"addresses\":{"
                  "\"connect\":\"sc://127.0.0.1:15002\",\"kafka\":\"127.0.0.1:9092\","
                  "\"web\":\"http://127.0.0.1:4040\"},\"memory\":{\"used_bytes\":%ld,"
                  "\"limit_bytes\":2147483648},\"processes\":[",
                  now * 100, 480000000 + now % 60 * 3000000);
    for (size_t i = 0; i < 4; i++) {
        buffer_printf(out,
                      "%s{\"role\":\"%s\",\"pid\":%d,\"state\":\"running\",\"uptime_ms\":%ld,"
                      "\"restarts\":%d,\"memory_bytes\":%d,\"cpu_percent\":%ld}",
                      i > 0 ? "," : "", processes[i].role, processes[i].pid,
                      i == 3 ? now * 100 - 14000 : now * 100, processes[i].restarts,
                      processes[i].mib << 20, i == 3 ? 180 + now % 17 : (long)i * 7);
    }
    buffer_puts(out, "]}");
}

static void
demo_attempts(struct buffer *out, int64_t start, long now)
{
    buffer_puts(out, "\"timeline\":[");
    for (int task = 0; task < 22; task++) {
        const int stage = task < 14 ? 1 : 2;
        const int64_t begin = start + task / 4 * 900 + task % 4 * 60;
        const bool lost = task == 6;
        const bool running = task >= 20;
        buffer_printf(out,
                      "%s{\"stage\":%d,\"task\":%d,\"attempt\":%d,\"slot\":\"worker/%d\","
                      "\"start_ms\":%lld,",
                      task > 0 ? "," : "", stage, task == 9 ? 6 : task, task == 9 ? 1 : 0, task % 4,
                      (long long)begin);
        if (!running) {
            buffer_printf(out, "\"end_ms\":%lld,", (long long)begin + (lost ? 300 : 820));
        }
        buffer_printf(out, "\"state\":\"%s\"%s}",
                      lost      ? "lost"
                      : running ? "running"
                                : "done",
                      lost ? ",\"reason\":\"worker process 4105 was killed by signal 9\"" : "");
    }
    buffer_puts(out, "]");
}

static void
demo_queries(void *ctx, struct buffer *out)
{
    const long now = tick();
    const int64_t wall = env_wall_ms(&env_real);
    const int64_t start = started_ms - 20000;
    const long done = now / 10 % 24;
    buffer_printf(
        out,
        "[{\"id\":\"q17\",\"text\":\"SELECT l_returnflag, l_linestatus, sum(l_quantity) AS "
        "sum_qty, avg(l_discount) AS avg_disc, count(*) FROM lineitem WHERE l_shipdate <= "
        "DATE'1998-09-02' GROUP BY l_returnflag, l_linestatus ORDER BY 1, 2\",\"session\":"
        "\"5f0c\",\"user\":\"ana\",\"state\":\"running\",\"started_ms\":%lld,\"ms\":%lld,"
        "\"rows\":4,\"bytes\":812000000,\"stages\":[{\"id\":1,\"name\":\"scan lineitem, partial "
        "aggregate\",\"tasks\":24,\"tasks_done\":%ld,\"tasks_running\":2,\"rows_out\":%ld,"
        "\"bytes\":812000000},{\"id\":2,\"name\":\"final aggregate, "
        "sort\",\"tasks\":4,\"tasks_done\":0,"
        "\"rows_out\":0,\"bytes\":0}],",
        (long long)start, (long long)(wall - start), done, done * 250000);
    demo_attempts(out, start, now);
    buffer_printf(out,
                  "},{\"id\":\"q16\",\"text\":\"SELECT count(*) FROM flights JOIN planes USING "
                  "(tailnum)\",\"state\":\"finished\",\"started_ms\":%lld,\"ms\":412,"
                  "\"rows\":1,\"bytes\":31000000,\"stages\":[{\"id\":1,\"name\":\"scan\","
                  "\"tasks\":8,\"tasks_done\":8,\"rows_out\":336776,\"bytes\":"
                  "31000000}]},",
                  (long long)start - 9000);
    buffer_printf(out,
                  "{\"id\":\"q15\",\"text\":\"SELECT 1 / 0 AS <b>bold</b>\",\"state\":\"failed\","
                  "\"started_ms\":%lld,\"ms\":9,\"rows\":0,\"bytes\":0,\"error\":"
                  "\"[DIVIDE_BY_ZERO] Division by zero. Use `try_divide` to tolerate divisor "
                  "being 0 and return NULL instead. SQLSTATE: 22012\"}]",
                  (long long)start - 30000);
}

static void
demo_topics(void *ctx, struct buffer *out)
{
    const long now = tick();
    buffer_puts(out, "[{\"name\":\"flights\",\"partitions\":[");
    for (long p = 0; p < 6; p++) {
        const long end = now * (30 + p * 7);
        buffer_printf(out, "%s{\"id\":%ld,\"leader\":1,\"start\":0,\"end\":%ld,\"bytes\":%ld}",
                      p > 0 ? "," : "", p, end, end * 210);
    }
    buffer_puts(out, "],\"groups\":[{\"group\":\"dashboard\",\"state\":\"Stable\",\"members\":2,"
                     "\"partitions\":[");
    for (long p = 0; p < 6; p++) {
        const long end = now * (30 + p * 7);
        const long lag = p == 4 ? 3000 - now * 2 : 0;
        buffer_printf(out, "%s{\"id\":%ld,\"committed\":%ld}", p > 0 ? "," : "", p,
                      end - (lag > 0 ? lag : 0));
    }
    buffer_printf(out,
                  "]}]},{\"name\":\"delays-by-airport\",\"partitions\":[{\"id\":0,\"leader\":1,"
                  "\"start\":0,\"end\":%ld,\"bytes\":%ld},{\"id\":1,\"leader\":1,\"start\":0,"
                  "\"end\":%ld,\"bytes\":%ld}],\"groups\":[]}]",
                  now * 3, now * 600, now * 4, now * 700);
}

static void
demo_streams(void *ctx, struct buffer *out)
{
    const long now = tick();
    buffer_printf(out,
                  "[{\"id\":\"c2a9\",\"name\":\"delays\",\"state\":\"running\",\"trigger\":"
                  "\"ProcessingTime 1 second\",\"resumed\":1,\"rows\":%ld,\"progress\":{"
                  "\"batchId\":%ld,\"numInputRows\":2800,\"inputRowsPerSecond\":%ld,"
                  "\"processedRowsPerSecond\":%ld,\"durationMs\":{\"triggerExecution\":%ld},"
                  "\"eventTime\":{\"watermark\":\"2014-01-01T00:00:00.000Z\"},"
                  "\"stateOperators\":[{\"numRowsTotal\":%ld}],\"sources\":[{\"description\":"
                  "\"KafkaV2[Subscribe[flights]]\",\"endOffset\":{\"flights\":{\"0\":%ld,"
                  "\"1\":5}},\"latestOffset\":{\"flights\":{\"0\":%ld,\"1\":9}}}],"
                  "\"sink\":{\"description\":\"FileSink[delays]\"}}}]",
                  now * 280, now / 10, 2600 + now % 50 * 13, 9000 + now * 37 % 4000, 180 + now % 90,
                  900 + now % 300, now * 280, now * 285);
}

static void
demo_events(void *ctx, struct buffer *out)
{
    static const struct {
        const char *kind;
        const char *text;
        int ago_ms;
    } events[] = {
        {"recovery", "worker process 4177 took over; task 6 of query q17 runs again.", 5800},
        {"death", "worker process 4105 was killed by signal 9. One task was lost.", 6000},
        {"warning", "Group dashboard is 3,000 records behind on flights/4.", 9000},
        {"info", "Topic delays-by-airport was created with 2 partitions.", 18000},
        {"start", "Weir 0.1.0 is ready after 31 ms.", 20000},
    };
    buffer_puts(out, "[");
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        buffer_printf(out, "%s{\"time_ms\":%lld,\"kind\":\"%s\",\"text\":\"%s\"}",
                      i > 0 ? ",\n" : "", (long long)started_ms - events[i].ago_ms, events[i].kind,
                      events[i].text);
    }
    buffer_puts(out, "]");
}

static void
demo_metrics(void *ctx, struct buffer *out)
{
    struct buffer labels = {0};
    struct buffer topics = {0};
    demo_topics(ctx, &topics);
    topic_metrics_put(out, &topics);
    buffer_release(&topics);
    buffer_puts(&labels, "topic=\"");
    web_label(&labels, "a\"b\\c\nd");
    buffer_puts(&labels, "\"");
    web_metric(out, "weir_demo", "gauge", "A label that needs escapes.", buffer_text(&labels), 6);
    web_metric(out, "weir_demo", "gauge", NULL, "topic=\"flights\"", 2);
    buffer_release(&labels);
}

static void *
wait_for_stdin(void *ctx)
{
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    loop_stop(ctx);
    return NULL;
}

int
main(int argc, char **argv)
{
    static const struct web_sources full = {NULL,         demo_overview, demo_queries, demo_topics,
                                            demo_streams, demo_events,   demo_metrics};
    static const struct web_sources nothing = {NULL};
    struct error err = {0};
    char address[128];
    const bool empty = argc > 2 && strcmp(argv[2], "empty") == 0;
    const struct web_options options = {.token = argc > 2 && !empty ? argv[2] : NULL,
                                        .local_only = true};
    started_ms = env_wall_ms(&env_real);
    struct loop *loop = loop_new(&err);
    const int fd = net_listen(argc > 1 ? argv[1] : "127.0.0.1:0", &err);
    if (loop == NULL || fd < 0 || !net_local_address(fd, address, sizeof address)) {
        fprintf(stderr, "%s\n", error_text(&err));
        return 1;
    }
    struct web *web = web_new(loop, fd, empty ? &nothing : &full, &options);
    printf("%s\n", address);
    fflush(stdout);
    pthread_t thread;
    thread_start(&thread, "stdin", wait_for_stdin, loop);
    loop_run(loop);
    pthread_join(thread, NULL);
    web_free(web);
    loop_free(loop);
    return 0;
}
