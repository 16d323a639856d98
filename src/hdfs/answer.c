/* Answers: when they may leave, and how Hadoop writes statuses and refusals. */
#include <stdlib.h>
#include <string.h>

#include "hdfs/internal.h"

struct fault_row {
    const char *package;
    const char *name;
    int status;
};

static const struct fault_row faults[NAMES_FAULT_COUNT] = {
    [NAMES_FAULT_NONE] = {"java.io.", "IOException", 403},
    [NAMES_NOT_FOUND] = {"java.io.", "FileNotFoundException", 404},
    [NAMES_EXISTS] = {"org.apache.hadoop.fs.", "FileAlreadyExistsException", 403},
    [NAMES_PARENT_NOT_FOLDER] = {"org.apache.hadoop.fs.", "ParentNotDirectoryException", 403},
    [NAMES_NOT_EMPTY] = {"org.apache.hadoop.fs.", "PathIsNotEmptyDirectoryException", 403},
    [NAMES_DENIED] = {"org.apache.hadoop.security.", "AccessControlException", 403},
    [NAMES_ILLEGAL] = {"java.lang.", "IllegalArgumentException", 400},
    [NAMES_HADOOP_ILLEGAL] = {"org.apache.hadoop.", "HadoopIllegalArgumentException", 400},
    [NAMES_INVALID_PATH] = {"org.apache.hadoop.fs.", "InvalidPathException", 400},
    [NAMES_IO] = {"java.io.", "IOException", 403},
    [NAMES_BEING_CREATED] = {"org.apache.hadoop.hdfs.protocol.", "AlreadyBeingCreatedException",
                             403},
    [NAMES_NAME_QUOTA] = {"org.apache.hadoop.hdfs.protocol.", "NSQuotaExceededException", 403},
    [NAMES_SPACE_QUOTA] = {"org.apache.hadoop.hdfs.protocol.", "DSQuotaExceededException", 403},
    [NAMES_UNSUPPORTED] = {"java.lang.", "UnsupportedOperationException", 400},
    [NAMES_ACL] = {"org.apache.hadoop.hdfs.protocol.", "AclException", 403},
    [NAMES_NAME_TOO_LONG] = {"org.apache.hadoop.hdfs.protocol.",
                             "FSLimitException$PathComponentTooLongException", 403},
    [NAMES_PATH_IS_FOLDER] = {"java.io.", "FileNotFoundException", 404},
    [NAMES_SAFE_MODE] = {"org.apache.hadoop.hdfs.server.namenode.", "SafeModeException", 403},
};

void *
hdfs_alloc(size_t bytes)
{
    void *p = calloc(1, bytes);
    if (p == NULL) {
        abort();
    }
    return p;
}

void
hdfs_put_text(struct buffer *out, const char *text)
{
    buffer_json_string(out, text, strlen(text));
}

void
hdfs_error_json(const struct error *err, int *status, struct buffer *out)
{
    const bool ours = err->kind == ERROR_ARGUMENT && err->code > 0 && err->code < NAMES_FAULT_COUNT;
    const struct fault_row *row = &faults[ours ? err->code : NAMES_FAULT_NONE];
    *status = row->status;
    buffer_printf(out,
                  "{\"RemoteException\":{\"exception\":\"%s\",\"javaClassName\":\"%s%s\","
                  "\"message\":",
                  row->name, row->package, row->name);
    hdfs_put_text(out, error_text(err));
    buffer_puts(out, "}}");
}

struct answer {
    struct http_exchange *x;
    int status;
    struct buffer out;
};

static void
answer_send(void *ctx)
{
    struct answer *a = ctx;
    http_reply(a->x, a->status, a->out.len > 0 ? "application/json" : "application/octet-stream",
               a->out.ptr, a->out.len);
    http_release(a->x);
    buffer_release(&a->out);
    free(a);
}

void
hdfs_answer(struct hdfs *h, struct http_exchange *x, int status, struct buffer *out)
{
    struct answer *a = hdfs_alloc(sizeof *a);
    *a = (struct answer){x, status, *out};
    *out = (struct buffer){0};
    http_take(x, NULL, NULL);
    http_retain(x);
    if (a->out.overflow) {
        buffer_clear(&a->out);
        a->out.overflow = false;
        struct error err = {0};
        names_refuse(&err, NAMES_IO, "The answer is too long; use LISTSTATUS_BATCH");
        hdfs_error_json(&err, &a->status, &a->out);
        error_clear(&err);
    }
    names_when_durable(h->names, answer_send, a);
}

void
hdfs_answer_error(struct hdfs *h, struct http_exchange *x, struct error *err)
{
    struct buffer out = {0};
    int status;
    hdfs_error_json(err, &status, &out);
    error_clear(err);
    hdfs_answer(h, x, status, &out);
}

void
hdfs_put_status(struct buffer *out, const struct inode *n, const char *suffix)
{
    const bool folder = n->kind == INODE_FOLDER;
    buffer_printf(out,
                  "{\"accessTime\":%lld,%s\"blockSize\":%lld,\"childrenNum\":%u,\"fileId\":%llu,"
                  "\"group\":",
                  (long long)n->accessed_ms, inode_has_acl(n) ? "\"aclBit\":true," : "",
                  (long long)n->block_bytes, folder ? n->count : 0, (unsigned long long)n->id);
    hdfs_put_text(out, n->group);
    buffer_printf(out, ",\"length\":%lld,\"modificationTime\":%lld,\"owner\":",
                  (long long)(folder ? 0 : n->tally.bytes), (long long)n->modified_ms);
    hdfs_put_text(out, n->owner);
    buffer_puts(out, ",\"pathSuffix\":");
    hdfs_put_text(out, suffix);
    buffer_printf(out,
                  ",\"permission\":\"%o\",\"replication\":%d,\"storagePolicy\":0,\"type\":\"%s\"}",
                  n->mode, n->replication, folder ? "DIRECTORY" : "FILE");
}

/* ---- blocks that no file has any more ---- */

enum { REAP_DELAY_MS = 5000 }; /* whoever reads a file that is removed gets on for a while */

struct reap {
    struct hdfs *h;
    struct dead_block *dead;
    struct reap *next;
    struct reap **link; /* loop only; NULL: not waiting */
};

static void
reap_free(struct reap *r)
{
    while (r->dead != NULL) {
        struct dead_block *next = r->dead->next;
        free(r->dead);
        r->dead = next;
    }
    free(r);
}

static void
reap_run(void *ctx)
{
    struct reap *r = ctx;
    while (r->dead != NULL) {
        struct dead_block *d = r->dead;
        struct error ignored = {0}; /* what stays behind is found by the next sweep */
        r->dead = d->next;
        replica_delete(r->h->replicas, d->id, &ignored);
        error_clear(&ignored);
        free(d);
    }
    free(r);
}

static void
reap_due(void *ctx)
{
    struct reap *r = ctx;
    if (r->h->stopping) {
        return; /* hdfs_reap_forget has it */
    }
    *r->link = r->next;
    if (r->next != NULL) {
        r->next->link = r->link;
    }
    work_submit(r->h->pool, reap_run, r);
}

static void
reap_later(void *ctx)
{
    struct reap *r = ctx;
    if (r->h->stopping) {
        reap_free(r); /* the next start's sweep finds them */
    } else {
        r->next = r->h->waiting;
        r->link = &r->h->waiting;
        if (r->next != NULL) {
            r->next->link = &r->next;
        }
        r->h->waiting = r;
        loop_after(r->h->loop, REAP_DELAY_MS, reap_due, r);
    }
}

static void
reap_durable(void *ctx)
{
    struct reap *r = ctx;
    loop_post(r->h->loop, reap_later, r);
}

void
hdfs_reap_forget(struct hdfs *h)
{
    while (h->waiting != NULL) {
        struct reap *r = h->waiting;
        h->waiting = r->next;
        reap_free(r);
    }
}

void
hdfs_reap(struct hdfs *h)
{
    if (h->dead == NULL) {
        return;
    }
    struct reap *r = hdfs_alloc(sizeof *r);
    *r = (struct reap){.h = h, .dead = h->dead};
    h->dead = NULL;
    names_when_durable(h->names, reap_durable, r);
}
