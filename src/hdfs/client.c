/* A WebHDFS client: connections, redirects, refusals, and the JSON of statuses. */
#include "hdfs/client.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json_scan.h"
#include "base/thread.h"

enum { KEPT_MAX = 16, HOPS_MAX = 3 };
#define ANSWER_BYTES_MAX ((size_t)256 << 20)

struct hdfs_client {
    char *address, *token, *user;
    pthread_mutex_t lock; /* guards the kept connections */
    struct http_fetcher *kept[KEPT_MAX];
    uint32_t kept_count;
};

struct hdfs_client *
hdfs_client_new(const char *address, const char *token, const char *user)
{
    struct hdfs_client *c = calloc(1, sizeof *c);
    if (c == NULL) {
        abort();
    }
    c->address = strdup(address);
    c->token = strdup(token != NULL ? token : "");
    c->user = strdup(user != NULL ? user : "");
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void
hdfs_client_free(struct hdfs_client *c)
{
    if (c == NULL) {
        return;
    }
    for (uint32_t i = 0; i < c->kept_count; i++) {
        http_fetcher_free(c->kept[i]);
    }
    pthread_mutex_destroy(&c->lock);
    free(c->address);
    free(c->token);
    free(c->user);
    free(c);
}

const char *
hdfs_client_address(const struct hdfs_client *c)
{
    return c->address;
}

static struct http_fetcher *
connection_take(struct hdfs_client *c, const char *address)
{
    struct http_fetcher *found = NULL;
    mutex_lock(&c->lock);
    for (uint32_t i = c->kept_count; i-- > 0 && found == NULL;) {
        if (strcmp(http_fetcher_address(c->kept[i]), address) == 0) {
            found = c->kept[i];
            c->kept[i] = c->kept[--c->kept_count];
        }
    }
    mutex_unlock(&c->lock);
    return found != NULL ? found : http_fetcher_new(address);
}

static void
connection_give(struct hdfs_client *c, struct http_fetcher *http)
{
    mutex_lock(&c->lock);
    if (c->kept_count < KEPT_MAX) {
        c->kept[c->kept_count++] = http;
        http = NULL;
    }
    mutex_unlock(&c->lock);
    http_fetcher_free(http);
}

void
hdfs_client_encode(struct buffer *out, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        const bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                           (*p >= '0' && *p <= '9') || strchr("/-_.~", *p) != NULL;
        buffer_printf(out, plain ? "%c" : "%%%02X", *p);
    }
}

/* ---- JSON ---- */

/* The scan stands behind the key's colon in the first object that has it, at any depth. */
static bool
json_seek(struct json_scan *s, const char *key, int depth)
{
    struct json_slice name;
    if (depth > 8) {
        return false;
    }
    if (json_peek(s) == JSON_ARRAY) {
        bool first = json_array_begin(s);
        while (json_array_next(s, &first)) {
            if (json_seek(s, key, depth + 1)) {
                return true;
            }
        }
        return false;
    }
    if (json_peek(s) != JSON_OBJECT) {
        json_skip(s, NULL);
        return false;
    }
    for (bool first = json_object_begin(s); json_object_next(s, &first, &name);) {
        if (json_slice_is(name, key) || json_seek(s, key, depth + 1)) {
            return true;
        }
    }
    return false;
}

int64_t
hdfs_json_int(const char *json, size_t len, const char *key)
{
    struct json_scan s;
    struct json_slice number;
    json_scan_init(&s, json, len, false);
    if (!json_seek(&s, key, 0) || !json_number_take(&s, &number)) {
        return -1;
    }
    return strtoll(number.ptr, NULL, 10);
}

const char *
hdfs_json_text(struct arena *a, const char *json, size_t len, const char *key)
{
    struct json_scan s;
    struct json_slice text;
    json_scan_init(&s, json, len, false);
    if (!json_seek(&s, key, 0) || !json_text_take(&s, &text)) {
        return NULL;
    }
    text = json_decode(a, text);
    return arena_strndup(a, text.ptr, text.len);
}

/* ---- calls ---- */

static bool
refusal(const struct http_fetched *answer, const char *path, struct error *err)
{
    static const struct {
        const char *exception;
        int code;
    } codes[] = {
        {"FileNotFoundException", ENOENT},
        {"AccessControlException", EACCES},
        {"FileAlreadyExistsException", EEXIST},
        {"ParentNotDirectoryException", ENOTDIR},
        {"PathIsNotEmptyDirectoryException", ENOTEMPTY},
        {"NSQuotaExceededException", EDQUOT},
        {"DSQuotaExceededException", EDQUOT},
    };
    struct arena a;
    arena_init(&a, NULL);
    const char *json = (const char *)answer->body.ptr;
    const char *name = hdfs_json_text(&a, json, answer->body.len, "exception");
    const char *message = hdfs_json_text(&a, json, answer->body.len, "message");
    int code = EIO;
    for (size_t i = 0; name != NULL && i < sizeof codes / sizeof *codes; i++) {
        code = strcmp(codes[i].exception, name) == 0 ? codes[i].code : code;
    }
    if (name != NULL) {
        error_set_code(err, ERROR_SYSTEM, code, "%s", message != NULL ? message : name);
    } else {
        error_set_code(err, ERROR_SYSTEM, code, "%s: HTTP status %d", path, answer->status);
    }
    arena_release(&a);
    return false;
}

/* "http://host:port/rest" */
static bool
location_split(const char *url, char host[256], const char **target)
{
    if (strncmp(url, "http://", 7) != 0) {
        return false;
    }
    const size_t len = strcspn(url + 7, "/");
    if (len == 0 || len >= 256 || url[7 + len] != '/') {
        return false;
    }
    memcpy(host, url + 7, len);
    host[len] = '\0';
    *target = url + 7 + len;
    return true;
}

static bool
call_at(struct hdfs_client *c, const char *address, const struct http_fetch *req,
        struct http_fetched *answer, struct error *err)
{
    struct http_fetcher *http = connection_take(c, address);
    const bool ok = http_fetcher_call(http, req, answer, err);
    connection_give(c, http);
    return ok;
}

bool
hdfs_client_do(struct hdfs_client *c, const struct hdfs_client_call *call, struct buffer *out,
               struct error *err)
{
    struct buffer target = {0};
    buffer_puts(&target, "/webhdfs/v1");
    hdfs_client_encode(&target, call->path);
    buffer_printf(&target, "?op=%s", call->op);
    if (c->user[0] != '\0') {
        buffer_puts(&target, "&user.name=");
        hdfs_client_encode(&target, c->user);
    }
    if (call->params != NULL) {
        buffer_puts(&target, call->params);
    }
    const bool writes = call->body != NULL || call->pull != NULL;
    struct http_fetch req = {.method = call->method,
                             .target = buffer_text(&target),
                             .push = call->push,
                             .ctx = call->ctx,
                             .bearer = c->token};
    struct http_fetched *answer = calloc(1, sizeof *answer);
    if (answer == NULL) {
        abort();
    }
    answer->body.limit = ANSWER_BYTES_MAX;
    bool ok = call_at(c, c->address, &req, answer, err);
    for (int hops = 0; ok && answer->status == 307 && hops < HOPS_MAX; hops++) {
        char host[256], where[sizeof answer->location];
        const char *rest = NULL;
        memcpy(where, answer->location, sizeof where);
        ok = location_split(where, host, &rest) ||
             error_set(err, ERROR_PROTOCOL, "%s redirects to nowhere", c->address);
        if (ok) {
            /* The body goes to where the data goes; another node's first step wants none. */
            const bool last = writes && strstr(rest, "namenoderpcaddress=") != NULL;
            req.target = rest;
            req.body = last ? call->body : NULL;
            req.len = last ? call->len : 0;
            req.pull = last ? call->pull : NULL;
            ok = call_at(c, host, &req, answer, err);
        }
    }
    if (ok && answer->status / 100 != 2) {
        ok = refusal(answer, call->path, err);
    }
    if (ok && out != NULL) {
        buffer_release(out);
        *out = answer->body;
        answer->body = (struct buffer){0};
    }
    buffer_release(&answer->body);
    buffer_release(&target);
    free(answer);
    return ok;
}

/* ---- statuses ---- */

static int64_t
take_int(struct json_scan *s)
{
    struct json_slice number;
    return json_number_take(s, &number) ? strtoll(number.ptr, NULL, 10) : -1;
}

static const char *
take_text(struct arena *a, struct json_scan *s)
{
    struct json_slice text;
    if (!json_text_take(s, &text)) {
        return "";
    }
    text = json_decode(a, text);
    return arena_strndup(a, text.ptr, text.len);
}

static bool
take_status(struct arena *a, struct json_scan *s, struct hdfs_file *f)
{
    struct json_slice key;
    *f = (struct hdfs_file){.name = "", .owner = "", .group = ""};
    for (bool first = json_object_begin(s); json_object_next(s, &first, &key);) {
        if (json_slice_is(key, "length")) {
            f->bytes = take_int(s);
        } else if (json_slice_is(key, "modificationTime")) {
            f->modified_ms = take_int(s);
        } else if (json_slice_is(key, "accessTime")) {
            f->accessed_ms = take_int(s);
        } else if (json_slice_is(key, "blockSize")) {
            f->block_bytes = take_int(s);
        } else if (json_slice_is(key, "replication")) {
            f->replication = (uint32_t)take_int(s);
        } else if (json_slice_is(key, "permission")) {
            f->mode = (uint32_t)strtoul(take_text(a, s), NULL, 8);
        } else if (json_slice_is(key, "type")) {
            f->is_folder = strcmp(take_text(a, s), "DIRECTORY") == 0;
        } else if (json_slice_is(key, "owner")) {
            f->owner = take_text(a, s);
        } else if (json_slice_is(key, "group")) {
            f->group = take_text(a, s);
        } else if (json_slice_is(key, "pathSuffix")) {
            f->name = take_text(a, s);
        } else if (json_slice_is(key, "aclBit")) {
            f->has_acl = json_peek(s) == JSON_TRUE;
            json_literal_take(s);
        } else {
            json_skip(s, NULL);
        }
    }
    return !s->broken;
}

bool
hdfs_client_stat(struct hdfs_client *c, struct arena *a, const char *path, struct hdfs_file *out,
                 struct error *err)
{
    struct buffer json = {0};
    struct json_scan s;
    const struct hdfs_client_call call = {.method = "GET", .path = path, .op = "GETFILESTATUS"};
    bool ok = hdfs_client_do(c, &call, &json, err);
    if (ok) {
        json_scan_init(&s, (const char *)json.ptr, json.len, false);
        ok = (json_seek(&s, "FileStatus", 0) && take_status(a, &s, out)) ||
             error_set(err, ERROR_PROTOCOL, "%s answers a status that is none", c->address);
    }
    buffer_release(&json);
    return ok;
}

bool
hdfs_client_list(struct hdfs_client *c, struct arena *a, const char *path,
                 bool (*fn)(void *ctx, const struct hdfs_file *file), void *ctx, struct error *err)
{
    struct buffer json = {0}, params = {0};
    bool ok = true, more = true;
    const char *last = "";
    while (ok && more) {
        buffer_clear(&params);
        buffer_puts(&params, "&startAfter=");
        hdfs_client_encode(&params, last);
        const struct hdfs_client_call call = {.method = "GET",
                                              .path = path,
                                              .op = "LISTSTATUS_BATCH",
                                              .params = buffer_text(&params)};
        ok = hdfs_client_do(c, &call, &json, err);
        if (!ok) {
            break;
        }
        struct json_scan s;
        json_scan_init(&s, (const char *)json.ptr, json.len, false);
        if (!json_seek(&s, "FileStatus", 0)) {
            ok = error_set(err, ERROR_PROTOCOL, "%s answers a listing that is none", c->address);
            break;
        }
        const char *before = last;
        bool first = json_array_begin(&s);
        while (more && json_array_next(&s, &first)) {
            struct hdfs_file f;
            ok = take_status(a, &s, &f);
            last = f.name;
            more = ok && fn(ctx, &f);
        }
        more = more && last != before && last[0] != '\0' &&
               hdfs_json_int((const char *)json.ptr, json.len, "remainingEntries") > 0;
    }
    buffer_release(&json);
    buffer_release(&params);
    return ok;
}
