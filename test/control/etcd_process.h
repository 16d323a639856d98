/* Real etcd members on free ports of loopback, for tests. They end with the test program. */
#ifndef WEIR_TEST_CONTROL_ETCD_PROCESS_H
#define WEIR_TEST_CONTROL_ETCD_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

enum { ETCD_MEMBERS_MAX = 3 };

struct etcd_process {
    char dir[64];
    int count;
    int client_port[ETCD_MEMBERS_MAX], peer_port[ETCD_MEMBERS_MAX];
    pid_t pid[ETCD_MEMBERS_MAX];
    char endpoints[128];
};

/* Starts count members and waits until they have a leader. Prints why and returns false if not:
 * etcd missing is a failure. */
bool etcd_process_start(struct etcd_process *e, int count);
void etcd_process_kill(struct etcd_process *e, int member); /* kill -9 */
bool etcd_process_again(struct etcd_process *e, int member);
void etcd_process_end(struct etcd_process *e); /* all, with their files */

#endif
