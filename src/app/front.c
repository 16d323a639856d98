/* The front process: driver, Spark Connect, streaming, web page. */
#include "app/front.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/front_nodes.h"
#include "base/thread.h"
#include "connect/server.h"
#include "driver/session.h"
#include "hdfs/client.h"
#include "net/frame.h"
#include "sched/wire.h"
#include "stream/stream.h"
#include "web/facts.h"

struct front {
    const struct start_facts *facts;
    struct loop *loop;
    pthread_t loop_thread;
    struct driver *driver;
    struct stream_manager *streams;
    struct connect_server *connect;
    struct frame_server *frames;
    struct frame_server *peers; /* the same frames for other nodes; NULL: alone */
    struct web_facts *facts_of_page;
    struct web *web;
    struct front_nodes *nodes;
    char more_text[WORKERS_OF_NODE_MAX][PATH_MAX + 64];
    const char *more[WORKERS_OF_NODE_MAX];
};

static void *
loop_main(void *ctx)
{
    loop_run(ctx);
    return NULL;
}

static void
on_frame(void *ctx, struct frame_peer *peer, const struct frame *f)
{
    (void)ctx;
    struct buffer out = {0};
    if (f->type == WIRE_PING) {
        buffer_lentext(&out, "front");
    }
    frame_reply(peer, f->type, f->request, FRAME_LAST, out.ptr, out.len);
    buffer_release(&out);
}

static void
on_gone(void *ctx, struct frame_peer *peer)
{
    (void)ctx;
    (void)peer;
}

static void
web_begin(struct front *p)
{
    const struct start_facts *f = p->facts;
    uint64_t memory_bytes = 0;
    for (int i = 0; i < CHILD_COUNT; i++) {
        memory_bytes += f->memory[i];
    }
    const struct web_facts_config config = {.driver = p->driver,
                                            .streams = p->streams,
                                            .supervisor_address = f->supervisor,
                                            .store_address = f->frames[CHILD_STORE],
                                            .spark_version = "4.3.0",
                                            .memory_limit_bytes = memory_bytes,
                                            .cores = f->threads * f->workers};
    p->facts_of_page = web_facts_new(&config);
    struct web_sources sources;
    web_facts_sources(p->facts_of_page, &sources);
    const bool loopback = strncmp(f->web, "127.", 4) == 0 || strncmp(f->web, "[::1]", 5) == 0;
    const struct web_options options = {.token = f->token[0] != '\0' ? f->token : NULL,
                                        .local_only = loopback};
    p->web = web_new(p->loop, CHILD_FD_B, &sources, &options);
}

/* The sockets of the workers beside the first: named like it, with a number. */
static void
more_workers_find(struct front *p)
{
    const struct start_facts *f = p->facts;
    for (uint32_t i = 0; i + 1 < f->workers && i + 1 < WORKERS_OF_NODE_MAX; i++) {
        char name[32];
        child_name(CHILD_WORKER, i + 2, name, sizeof name);
        snprintf(p->more_text[i], sizeof p->more_text[i], "unix:%s/%s.sock", f->run_dir, name);
        p->more[i] = p->more_text[i];
    }
}

static bool
front_begin(struct front *p, struct error *err)
{
    const struct start_facts *f = p->facts;
    more_workers_find(p);
    struct env *env = hdfs_env_new(&env_real, f->webhdfs, f->token);
    const struct driver_config config = {.env = env,
                                         .data_dir = f->data_dir,
                                         .worker_address = f->frames[CHILD_WORKER],
                                         .store_address = f->frames[CHILD_STORE],
                                         .supervisor_address = f->supervisor,
                                         .kafka_bootstrap = f->kafka,
                                         .memory_bytes = f->memory[CHILD_FRONT],
                                         .threads = f->threads,
                                         .local_input_bytes = 1 << 20,
                                         .spark_version = "4.3.0",
                                         .node_name = f->node_name,
                                         .more_workers = p->more,
                                         .more_worker_count = f->workers - 1,
                                         .worker_peer = f->peers[CHILD_WORKER],
                                         .socket_dir = f->run_dir,
                                         .python_path = f->python[0] != '\0' ? f->python : NULL,
                                         .token = f->token[0] != '\0' ? f->token : NULL};
    p->loop = loop_new(err);
    p->driver = p->loop != NULL ? driver_new(&config, err) : NULL;
    p->streams = p->driver != NULL ? stream_manager_new(p->driver, err) : NULL;
    if (p->streams == NULL) {
        return false;
    }
    p->nodes = front_nodes_open(f, p->driver, err);
    if (p->nodes == NULL && error_is_set(err)) {
        return false;
    }
    static const struct frame_handlers handlers = {on_frame, on_gone};
    p->frames = frame_server_new(p->loop, CHILD_FD_FRAMES, &handlers, p);
    if (f->peers[CHILD_FRONT][0] != '\0') {
        p->peers = frame_server_new(p->loop, CHILD_FD_PEER, &handlers, p);
        frame_server_set_secret(p->peers, f->secret);
    }
    const struct connect_config connect = {.loop = p->loop,
                                           .listen_fd = CHILD_FD_A,
                                           .driver = p->driver,
                                           .streams = p->streams,
                                           .token = f->token[0] != '\0' ? f->token : NULL};
    p->connect = connect_server_new(&connect, err);
    if (p->connect == NULL) {
        return false;
    }
    web_begin(p);
    stream_set_planner(p->streams, connect_plan_stream, p->connect);
    stream_set_connect_address(p->streams, f->connect);
    return thread_start(&p->loop_thread, "front-loop", loop_main, p->loop) ||
           error_set(err, ERROR_RESOURCE, "cannot start the front's loop thread");
}

bool
front_life(const struct start_facts *f, void (*wait)(void), struct error *err)
{
    static struct front p; /* one a process, and too large for a stack */
    p.facts = f;
    if (!front_begin(&p, err) || !stream_resume_all(p.streams, err)) {
        return false;
    }
    wait();
    /* Streaming queries end their batches in order; everything else may be cut off here, since the
     * clients are told by the connection's end, and nothing of it is durable. */
    stream_manager_free(p.streams);
    front_nodes_close(p.nodes);
    return true;
}
