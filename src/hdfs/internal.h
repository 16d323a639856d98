/* The inside of the WebHDFS face, shared by the files of this folder. */
#ifndef WEIR_HDFS_INTERNAL_H
#define WEIR_HDFS_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buffer.h"
#include "base/work.h"
#include "block/replica.h"
#include "hdfs/hdfs.h"
#include "hdfs/request.h"
#include "names/names.h"
#include "net/http.h"

struct dead_block { /* no file has it any more */
    struct dead_block *next;
    uint64_t id;
};

struct hdfs_user { /* of the operating system, for its groups */
    struct hdfs_user *next;
    char *name;
    char **groups;
    uint32_t group_count;
};

struct hdfs {
    struct env *env;
    char *address;
    char *token;
    char *data_dir;
    char super_user[256];
    bool (*elsewhere)(void *ctx, char address[128]);
    void *elsewhere_ctx;
    struct log *log;
    struct names *names;
    struct replica_store *replicas;
    struct work_pool *pool;
    struct loop *loop;
    struct http_server *server;
    pthread_t thread;
    bool running, loaded;
    bool stopping;
    struct dead_block *dead;
    struct reap *waiting; /* deletions that are not due */
    struct hdfs_user *users;
    uint32_t user_count;
    uint32_t transfers; /* uploads, downloads and recoveries under way; loop only */
    uint64_t writers;   /* to give each a name */
};

struct hdfs_call { /* one request in the handler */
    struct hdfs *h;
    struct http_exchange *x;
    struct hdfs_request req;
    struct names_caller who;
    struct buffer out; /* JSON of the answer */
};

void *hdfs_alloc(size_t bytes);

/* answer.c */
/* Replies when everything seen so far is durable; out is taken. */
void hdfs_answer(struct hdfs *h, struct http_exchange *x, int status, struct buffer *out);
void hdfs_answer_error(struct hdfs *h, struct http_exchange *x, struct error *err); /* clears it */
void hdfs_error_json(const struct error *err, int *status, struct buffer *out);
void hdfs_put_status(struct buffer *out, const struct inode *n, const char *suffix);
void hdfs_put_text(struct buffer *out, const char *text); /* a JSON string */
/* Deletes what has been freed, once that is durable. */
void hdfs_reap(struct hdfs *h);
void hdfs_reap_forget(struct hdfs *h); /* what is not due is left to the next start */

/* look.c, change.c: true: answered with out (maybe empty), false: err. */
bool hdfs_look(struct hdfs_call *c, struct error *err);
bool hdfs_change(struct hdfs_call *c, struct error *err);

/* upload.c: the second step of CREATE and APPEND; takes the exchange. */
bool hdfs_upload_begin(struct hdfs_call *c, struct error *err);
bool hdfs_create_check(struct hdfs_call *c, struct error *err);

/* download.c */
bool hdfs_download_begin(struct hdfs_call *c, struct error *err);
bool hdfs_checksum_begin(struct hdfs_call *c, struct error *err);

/* recover.c */
void hdfs_recover_file(struct hdfs *h, uint64_t inode_id);
void hdfs_recover_all(struct hdfs *h);
void hdfs_sweep(struct hdfs *h);

/* pages.c: /jmx, /fsck, /conf */
bool hdfs_page(struct hdfs *h, struct http_exchange *x, const struct http_request *req);

#endif
