/*
 * WebHDFS from the other side: what commands and the engine's file interface ask of a server.
 *
 * A client belongs to one address and has a few kept connections; calls may come from any thread,
 * each takes a connection for itself. Redirects are followed by hand, once. Refusals become
 * ERROR_SYSTEM with the errno that a local file system would give (code), and the server's words.
 */
#ifndef WEIR_HDFS_CLIENT_H
#define WEIR_HDFS_CLIENT_H

#include "base/env.h"
#include "net/http_fetcher.h"

struct hdfs_client;

struct hdfs_client *hdfs_client_new(const char *address, const char *token, const char *user);
void hdfs_client_free(struct hdfs_client *c);
const char *hdfs_client_address(const struct hdfs_client *c);

struct hdfs_client_call {
    const char *method;
    const char *path; /* decoded */
    const char *op;
    const char *params; /* "&a=b", encoded; NULL: none */
    const void *body;
    size_t len;
    int64_t (*pull)(void *ctx, uint8_t *dst, size_t size, struct error *err);
    bool (*push)(void *ctx, const uint8_t *src, size_t len, struct error *err);
    void *ctx;
};
/* out (may be NULL) gets the answer's body. */
bool hdfs_client_do(struct hdfs_client *c, const struct hdfs_client_call *call, struct buffer *out,
                    struct error *err);
void hdfs_client_encode(struct buffer *out, const char *text); /* for params: %XX */

/* One FileStatus. Texts live in the caller's arena. */
struct arena;
struct hdfs_file {
    const char *name; /* pathSuffix */
    const char *owner, *group;
    int64_t bytes, modified_ms, accessed_ms, block_bytes;
    uint32_t mode, replication;
    bool is_folder, has_acl;
};
bool hdfs_client_stat(struct hdfs_client *c, struct arena *a, const char *path,
                      struct hdfs_file *out, struct error *err);
/* In order of names, page by page. fn false: enough. */
bool hdfs_client_list(struct hdfs_client *c, struct arena *a, const char *path,
                      bool (*fn)(void *ctx, const struct hdfs_file *file), void *ctx,
                      struct error *err);
/* Numbers and texts of the one object in an answer: {"ContentSummary":{...}}. -1 / NULL: absent. */
int64_t hdfs_json_int(const char *json, size_t len, const char *key);
const char *hdfs_json_text(struct arena *a, const char *json, size_t len, const char *key);

/*
 * An env that also knows files of WebHDFS servers: paths "hdfs://host:port/x", "webhdfs://..." and
 * "hdfs:/x" for `address`. All other paths and all clocks go to `below`. Files are written from
 * front to end; they are there from the first flush on and closed by env's close.
 */
struct env *hdfs_env_new(struct env *below, const char *address, const char *token);
void hdfs_env_free(struct env *env);

#endif
