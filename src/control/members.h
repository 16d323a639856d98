/*
 * Who is in the cluster, who of them is heard of, and who decides (the controller).
 *
 * A node registers under `node/<id>` with a lease and an incarnation that it has raised by one
 * under `incarnation/<id>`; grants of leadership name (node, incarnation), so that a restarted node
 * has none of its earlier life's. A node leaves when its key goes: by its own end, by its lease, or
 * because the others stopped hearing it and one of them removed the key. Who finds itself removed
 * while it lives registers again with a new incarnation (MEMBER_SELF_LOST, then MEMBER_JOINED).
 *
 * Hearing: each registered node pings the others' stores every MEMBERS_PING_MS over net/frame. A
 * broken connection that is not answered again within MEMBERS_RETRY_MS, or no answer for
 * MEMBERS_SUSPECT_MS, makes a member suspect; when no other member hears it either, its key is
 * removed at once, without waiting for the lease. All of that is for speed: a wrong guess costs a
 * change of leaders, never data.
 *
 * Controller: the node whose (id, incarnation) stands under the key `controller`, tied to its
 * registration's lease. Any member takes it by compare-and-set when it is free. Who decides puts a
 * check_only of `controller` at members_controller's version into each of its changes: so a deposed
 * controller's decisions fail.
 *
 * `known/<id>` keeps the last registration of each node that was ever there, `removed/<id>` marks
 * those that may not come back.
 *
 * With the `local` back end there is one member, which is the controller; nothing is pinged, there
 * are no threads, and what there is to tell is told before members_open returns.
 *
 * Threads: calls from any thread. Callbacks run on the members' own thread, one after another,
 * with no lock held; they may block for a while and may call control and members (not close).
 */
#ifndef WEIR_CONTROL_MEMBERS_H
#define WEIR_CONTROL_MEMBERS_H

#include "control/control.h"

enum {
    MEMBERS_PING_MS = 150,
    MEMBERS_RETRY_MS = 200,
    MEMBERS_SUSPECT_MS = 600,
    MEMBERS_LEASE_MS = 3000,
    MEMBERS_MAX = 64,
};

enum member_face { MEMBER_STORE = 0, MEMBER_WORKER, MEMBER_FRONT, MEMBER_FACES };

struct member {
    uint32_t id;          /* from 1 */
    uint64_t incarnation; /* of its store process */
    char name[64];
    char disk_id[40];
    char host[128];                /* what it is called by for people; may be "" */
    char connect[128], kafka[128]; /* host:port for clients; "" = off */
    char web[128], webhdfs[128];   /* the same */
    char peers[MEMBER_FACES][128]; /* host:port of its frame listeners for nodes */
    uint32_t cores;
    uint64_t memory_bytes; /* of its worker */
    bool draining;         /* gets no new leaders and tasks (key `node/<id>/drain`) */
    bool suspect;          /* this process has not heard of it lately */
};

enum member_change {
    MEMBER_JOINED,     /* new, or with a new incarnation (then LEFT came before) */
    MEMBER_LEFT,       /* its registration is gone: what it led is free to move */
    MEMBER_SUSPECT,    /* no new work for it; nothing is decided */
    MEMBER_HEARD,      /* no longer suspect */
    MEMBER_DRAINING,   /* `draining` changed */
    MEMBER_SELF_LOST,  /* this node's own registration is gone: stop leading. member is the old one
                        */
    MEMBER_CONTROLLER, /* who decides has changed; member is the new one, or has id 0: nobody */
};

struct members;

struct members_config {
    struct env *env;
    struct control *control;   /* outlives the members */
    const struct member *self; /* NULL: only look on; the incarnation is filled in here */
    const char *secret;        /* of the cluster, for pings; NULL or "": none */
    bool local;                /* the control store is this process's own */
    void (*on_change)(void *ctx, enum member_change change, const struct member *member);
    void *ctx; /* on_change may be NULL */
};

/* Registers (blocks until the control store answered), then watches. Changes that are there already
 * are told as JOINED. */
struct members *members_open(const struct members_config *config, struct error *err);
void members_close(struct members *m); /* leaves: the registration is removed */

uint64_t members_incarnation(struct members *m); /* ours now; 0 while lost or only looking on */
/* Copies up to max members in the order of ids; returns how many there are. */
size_t members_list(struct members *m, struct member *out, size_t max);
bool members_find(struct members *m, uint32_t id, struct member *out);
/* Who decides. version: of the key `controller`, for the check. false: nobody now. */
bool members_controller(struct members *m, uint32_t *id, uint64_t *incarnation, uint64_t *version);
bool members_is_controller(struct members *m, uint64_t *version); /* is it this node? */

/* The answering side of pings: who serves the store's frames for other nodes hands requests of this
 * type here and sends out as the last reply. */
enum { MEMBERS_FRAME_PING = 8 };
void members_answer(struct members *m, struct bytes request, struct buffer *out);

#endif
