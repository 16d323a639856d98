/* What tools read beside the file system: /jmx, /fsck, /conf, and a line for people at /. */
#include <string.h>
#include <sys/statvfs.h>

#include "hdfs/internal.h"

static void
put_jmx(struct hdfs *h, struct buffer *out)
{
    struct statvfs st = {0};
    statvfs(h->data_dir, &st);
    const struct namespace *ns = names_space(h->names);
    const struct ns_tally *t = &namespace_root(ns)->tally;
    const long long total = (long long)(st.f_blocks * st.f_frsize),
                    left = (long long)(st.f_bavail * st.f_frsize);
    buffer_printf(out,
                  "{\"beans\":[{\"name\":\"Hadoop:service=NameNode,name=FSNamesystemState\","
                  "\"CapacityTotal\":%lld,\"CapacityUsed\":%lld,\"CapacityRemaining\":%lld,"
                  "\"TotalLoad\":%u,\"BlocksTotal\":%llu,\"FilesTotal\":%lld,"
                  "\"UnderReplicatedBlocks\":0,\"PendingReplicationBlocks\":0,"
                  "\"MissingBlocks\":0,\"CorruptBlocks\":0,\"NumLiveDataNodes\":1,"
                  "\"NumDeadDataNodes\":0,\"NumStaleDataNodes\":0,\"FSState\":\"Operational\"}]}\n",
                  total, (long long)t->space, left, h->transfers,
                  (unsigned long long)namespace_block_count(ns),
                  (long long)(t->files + t->folders));
}

static void
put_fsck(struct hdfs *h, const char *path, int *status, struct buffer *out)
{
    const struct names_caller super = {.user = h->super_user, .is_super = true};
    struct error err = {0};
    const struct inode *n = names_must_find(h->names, &super, path, &err);
    if (n == NULL) {
        *status = 404;
        buffer_printf(out, "FSCK: %s\n", error_text(&err));
        error_clear(&err);
        return;
    }
    const struct ns_tally *t = &n->tally;
    buffer_printf(out,
                  "Status: HEALTHY\n Total size:\t%lld B\n Total dirs:\t%lld\n Total files:\t%lld\n"
                  " (replicas are checked when they are read, not by this page)\n\n"
                  "The filesystem under path '%s' is HEALTHY\n",
                  (long long)t->bytes, (long long)t->folders, (long long)t->files, path);
}

bool
hdfs_page(struct hdfs *h, struct http_exchange *x, const struct http_request *req)
{
    struct buffer out = {0};
    int status = 200;
    const char *type = "text/plain; charset=utf-8";
    if (strcmp(req->path, "/jmx") == 0) {
        type = "application/json; charset=utf8";
        put_jmx(h, &out);
    } else if (strcmp(req->path, "/fsck") == 0) {
        char path[NS_PATH_BYTES_MAX + 1] = "/";
        http_query_param(req->query, "path", path, sizeof path);
        put_fsck(h, path, &status, &out);
    } else if (strcmp(req->path, "/conf") == 0) {
        type = "text/xml; charset=utf-8";
        buffer_puts(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><configuration>"
                          "<property><name>dfs.webhdfs.enabled</name><value>true</value></property>"
                          "<property><name>dfs.blocksize</name><value>134217728</value></property>"
                          "<property><name>dfs.replication</name><value>1</value></property>"
                          "</configuration>\n");
    } else if (strcmp(req->path, "/") == 0) {
        buffer_puts(&out, "weir: the file store speaks WebHDFS below /webhdfs/v1\n");
    } else {
        return false;
    }
    http_reply(x, status, type, out.ptr, out.len);
    buffer_release(&out);
    return true;
}
