/* What the writing and the reading side of replicas share. */
#ifndef WEIR_BLOCK_REPLICA_INTERNAL_H
#define WEIR_BLOCK_REPLICA_INTERNAL_H

#include <pthread.h>

#include "block/replica.h"

enum { REPLICA_PATH_MAX = 4096, REPLICA_PIECE_BYTES = 1 << 20 };

struct replica_store {
    struct env *env;
    char *dir;
    pthread_mutex_t lock;           /* guards all below, and the writers' links */
    struct replica_writer *writers; /* those at work */
    uint8_t folders[32];            /* bits: <xx> is known to be there */
};

struct replica_writer {
    struct replica_store *store;
    struct replica_writer *next, **link;
    uint64_t id, stamp;
    int data_fd, meta_fd;
    int64_t bytes;
    int64_t base_bytes;       /* what was finished before; readers see no more */
    struct replica_tail tail; /* of what was finished before */
    uint32_t partial_crc;     /* of the last chunk while it is not full */
    int64_t hinted;           /* up to here write-back has begun */
    uint8_t *crcs;            /* checksums not yet in the file */
    size_t crc_len;           /* bytes of it; a partial chunk's is not in it */
    int64_t crc_from;         /* index of the first one */
    bool new_names;           /* the files were made by this writer */
};

void replica_paths(const struct replica_store *s, uint64_t id, char data[REPLICA_PATH_MAX],
                   char meta[REPLICA_PATH_MAX]);
/* Header and saved tail of an open meta file. */
bool replica_meta_load(struct replica_store *s, int fd, uint64_t id, struct replica_meta *m,
                       struct replica_tail *tail, struct error *err);

#endif
