/* The store process: the descriptors and facts that the supervisor gave, made into a store. */
#include <stdlib.h>
#include <string.h>

#include "app/front.h"
#include "kafka/store.h"

bool
store_life(const struct start_facts *f, void (*wait)(void), struct error *err)
{
    /* Clients are told the address that the supervisor bound; a wildcard is no address to connect
     * to, so then it is this computer. */
    char host[sizeof f->kafka];
    memcpy(host, f->kafka, sizeof host);
    char *colon = strrchr(host, ':');
    if (colon != NULL) {
        *colon = '\0';
    }
    const bool known = host[0] != '\0' && strcmp(host, "0.0.0.0") != 0 && strcmp(host, "[::]") != 0;
    struct member self;
    start_facts_member(f, &self);
    const struct store_config config = {
        .data_dir = f->data_dir,
        .kafka_fd = CHILD_FD_A,
        .frame_fd = CHILD_FD_FRAMES,
        .peer_fd = f->peers[CHILD_STORE][0] != '\0' ? CHILD_FD_PEER : -1,
        .etcd = f->etcd,
        .cluster_id = f->cluster_id,
        .secret = f->secret,
        .self = &self,
        .webhdfs_fd = f->webhdfs[0] != '\0' ? CHILD_FD_B : -1,
        .webhdfs_address = f->webhdfs,
        .token = f->token[0] != '\0' ? f->token : NULL,
        .kafka = {.advertised_host = known ? host : "localhost",
                  .advertised_port = colon != NULL ? atoi(colon + 1) : 0,
                  .node_id = (int32_t)f->node_id},
    };
    struct store *s = store_start(&config, err);
    if (s == NULL) {
        return false;
    }
    wait();
    store_stop(s);
    return true;
}
