/* Members in, workers out. */
#include "app/front_nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "control/members.h"

enum { FRONT_CONTROL_MS = 10000 };

struct front_nodes {
    const struct start_facts *facts;
    struct driver *driver;
    struct control *control;
    struct members *members;
};

static void
on_change(void *ctx, enum member_change change, const struct member *m)
{
    struct front_nodes *n = ctx;
    const char *address = m->peers[MEMBER_WORKER];
    if (m->id == n->facts->node_id || address[0] == '\0') {
        return;
    }
    switch (change) {
    case MEMBER_JOINED: {
        char name[sizeof m->name + 16];
        snprintf(name, sizeof name, "%s", m->name);
        if (name[0] == '\0') {
            snprintf(name, sizeof name, "n%u", m->id);
        }
        driver_worker_joined(n->driver, name, address, n->facts->secret);
        driver_worker_draining(n->driver, address, m->draining);
        break;
    }
    case MEMBER_LEFT:
        driver_worker_left(n->driver, address);
        break;
    case MEMBER_DRAINING:
        driver_worker_draining(n->driver, address, m->draining);
        break;
    case MEMBER_SUSPECT: /* the driver hears the worker by itself */
    case MEMBER_HEARD:
    case MEMBER_SELF_LOST:
    case MEMBER_CONTROLLER:
        break;
    }
}

struct front_nodes *
front_nodes_open(const struct start_facts *f, struct driver *d, struct error *err)
{
    if (f->etcd[0] == '\0') {
        return NULL;
    }
    struct front_nodes *n = calloc(1, sizeof *n);
    char prefix[64];
    if (n == NULL) {
        error_set(err, ERROR_RESOURCE, "no memory to look at the cluster's nodes");
        return NULL;
    }
    snprintf(prefix, sizeof prefix, "weir/%s/", f->cluster_id);
    n->facts = f;
    n->driver = d;
    const struct control_etcd_config config = {
        .endpoints = f->etcd, .prefix = prefix, .timeout_ms = FRONT_CONTROL_MS};
    n->control = control_open_etcd(&env_real, &config, err);
    const struct members_config members = {.env = &env_real,
                                           .control = n->control,
                                           .secret = f->secret,
                                           .on_change = on_change,
                                           .ctx = n};
    n->members = n->control != NULL ? members_open(&members, err) : NULL;
    if (n->members == NULL) {
        front_nodes_close(n);
        return NULL;
    }
    return n;
}

void
front_nodes_close(struct front_nodes *n)
{
    if (n == NULL) {
        return;
    }
    if (n->members != NULL) {
        members_close(n->members);
    }
    if (n->control != NULL) {
        control_close(n->control);
    }
    free(n);
}
