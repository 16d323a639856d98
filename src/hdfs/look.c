/* Operations that only look: statuses, listings, summaries, locations, attributes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/statvfs.h>

#include "hdfs/internal.h"

enum { BATCH_ENTRIES = 1000 };

static struct inode *
target(struct hdfs_call *c, struct error *err)
{
    return names_must_find(c->h->names, &c->who, c->req.path, err);
}

static bool
look_status(struct hdfs_call *c, struct error *err)
{
    const struct inode *n = target(c, err);
    if (n != NULL) {
        buffer_puts(&c->out, "{\"FileStatus\":");
        hdfs_put_status(&c->out, n, "");
        buffer_puts(&c->out, "}");
    }
    return n != NULL;
}

static void
put_children(struct hdfs_call *c, const struct inode *n, uint32_t from, uint32_t count)
{
    buffer_puts(&c->out, "{\"FileStatuses\":{\"FileStatus\":[");
    if (n->kind == INODE_FILE) {
        hdfs_put_status(&c->out, n, "");
        count = 0;
    }
    for (uint32_t i = 0; i < count && !c->out.overflow; i++) {
        buffer_puts(&c->out, i > 0 ? ",\n" : "\n");
        hdfs_put_status(&c->out, n->children[from + i], n->children[from + i]->name);
    }
    buffer_puts(&c->out, "\n]}}");
}

static bool
look_list(struct hdfs_call *c, struct error *err)
{
    const struct inode *n = target(c, err);
    if (n == NULL ||
        (n->kind == INODE_FOLDER && !names_may(&c->who, n, NAMES_READ | NAMES_EXECUTE, err))) {
        return false;
    }
    if (c->req.op == HDFS_LISTSTATUS) {
        put_children(c, n, 0, n->count);
        return true;
    }
    char after[NS_NAME_BYTES_MAX + 1] = "";
    hdfs_param_text(&c->req, "startAfter", after, sizeof after);
    const uint32_t all = n->kind == INODE_FOLDER ? n->count : 1;
    const uint32_t from = n->kind == INODE_FOLDER && after[0] != '\0'
                              ? namespace_child_after(n, after, strlen(after))
                              : 0;
    const uint32_t count = all - from < BATCH_ENTRIES ? all - from : BATCH_ENTRIES;
    buffer_puts(&c->out, "{\"DirectoryListing\":{\"partialListing\":");
    put_children(c, n, from, count);
    buffer_printf(&c->out, ",\"remainingEntries\":%u}}", all - from - count);
    return true;
}

static bool
look_summary(struct hdfs_call *c, struct error *err)
{
    const struct inode *n = target(c, err);
    if (n == NULL || !names_may_sum(&c->who, n, err)) {
        return false;
    }
    const struct ns_tally *t = &n->tally;
    const long long name_quota = n->extra != NULL ? n->extra->name_quota : -1,
                    space_quota = n->extra != NULL ? n->extra->space_quota : -1;
    if (c->req.op == HDFS_GETQUOTAUSAGE) {
        buffer_printf(&c->out,
                      "{\"QuotaUsage\":{\"fileAndDirectoryCount\":%lld,\"quota\":%lld,"
                      "\"spaceConsumed\":%lld,\"spaceQuota\":%lld,\"typeQuota\":{}}}",
                      (long long)(t->files + t->folders), name_quota, (long long)t->space,
                      space_quota);
        return true;
    }
    buffer_printf(&c->out,
                  "{\"ContentSummary\":{\"directoryCount\":%lld,\"ecPolicy\":\"%s\","
                  "\"fileCount\":%lld,\"length\":%lld,\"quota\":%lld,\"snapshotDirectoryCount\":0,"
                  "\"snapshotFileCount\":0,\"snapshotLength\":0,\"snapshotSpaceConsumed\":0,"
                  "\"spaceConsumed\":%lld,\"spaceQuota\":%lld,\"typeQuota\":{}}}",
                  (long long)t->folders, n->kind == INODE_FILE ? "Replicated" : "",
                  (long long)t->files, (long long)t->bytes, name_quota, (long long)t->space,
                  space_quota);
    return true;
}

/* ---- locations ---- */

static void
host_port(const struct hdfs *h, char host[128], int *port)
{
    snprintf(host, 128, "%s", h->address);
    char *colon = strrchr(host, ':');
    *port = colon != NULL ? atoi(colon + 1) : 0;
    if (colon != NULL) {
        *colon = '\0';
    }
}

static void
put_datanode(struct hdfs_call *c)
{
    char host[128];
    int port;
    host_port(c->h, host, &port);
    buffer_printf(
        &c->out,
        "{\"adminState\":\"NORMAL\",\"blockPoolUsed\":0,\"blockPoolUsedPercent\":0,"
        "\"cacheCapacity\":0,\"cacheUsed\":0,\"capacity\":0,\"dfsUsed\":0,\"hostName\":\"%s\","
        "\"infoPort\":%d,\"infoSecurePort\":0,\"ipAddr\":\"%s\",\"ipcPort\":0,"
        "\"lastBlockReportMonotonic\":0,\"lastBlockReportTime\":0,\"lastUpdate\":0,"
        "\"lastUpdateMonotonic\":0,\"name\":\"%s:%d\",\"networkLocation\":\"/default-rack\","
        "\"nonDfsUsedSpace\":0,\"numBlocks\":0,\"remaining\":0,\"storageID\":\"n1\","
        "\"xceiverCount\":0,\"xferPort\":%d}",
        host, port, host, host, port, port);
}

static void
put_located(struct hdfs_call *c, const struct ns_block *b, int64_t start)
{
    buffer_printf(&c->out,
                  "{\"block\":{\"blockId\":%llu,\"blockPoolId\":\"weir\",\"generationStamp\":%llu,"
                  "\"numBytes\":%lld},\"blockToken\":{\"urlString\":\"AAAAAA\"},"
                  "\"cachedLocations\":[],\"isCorrupt\":false,\"locations\":[",
                  (unsigned long long)b->id, (unsigned long long)b->stamp, (long long)b->bytes);
    put_datanode(c);
    buffer_printf(&c->out, "],\"startOffset\":%lld,\"storageTypes\":[\"DISK\"]}", (long long)start);
}

static bool
look_located(struct hdfs_call *c, const struct inode *n, int64_t offset, int64_t length)
{
    int64_t start = 0;
    bool first = true;
    buffer_printf(&c->out,
                  "{\"LocatedBlocks\":{\"fileLength\":%lld,\"isLastBlockComplete\":%s,"
                  "\"isUnderConstruction\":%s,\"lastLocatedBlock\":",
                  (long long)n->tally.bytes, n->open == NULL ? "true" : "false",
                  n->open != NULL ? "true" : "false");
    if (n->count > 0) {
        put_located(c, &n->blocks[n->count - 1], n->tally.bytes - n->blocks[n->count - 1].bytes);
    } else {
        buffer_puts(&c->out, "null");
    }
    buffer_puts(&c->out, ",\"locatedBlocks\":[");
    for (uint32_t i = 0; i < n->count; i++) {
        const int64_t end = start + n->blocks[i].bytes;
        if (end > offset && start - offset < length) {
            buffer_puts(&c->out, first ? "" : ",");
            put_located(c, &n->blocks[i], start);
            first = false;
        }
        start = end;
    }
    buffer_puts(&c->out, "]}}");
    return true;
}

static bool
look_locations(struct hdfs_call *c, struct error *err)
{
    const struct inode *n = names_readable_file(c->h->names, &c->who, c->req.path, err);
    int64_t offset = 0, length = INT64_MAX, start = 0;
    if (n == NULL || !hdfs_param_int(&c->req, "offset", 0, INT64_MAX, &offset, err) ||
        !hdfs_param_int(&c->req, "length", 0, INT64_MAX, &length, err)) {
        return false;
    }
    if (c->req.op == HDFS_GET_BLOCK_LOCATIONS) {
        return look_located(c, n, offset, length);
    }
    char host[128];
    int port;
    bool first = true;
    host_port(c->h, host, &port);
    buffer_puts(&c->out, "{\"BlockLocations\":{\"BlockLocation\":[");
    for (uint32_t i = 0; i < n->count; i++) {
        const int64_t bytes = n->blocks[i].bytes;
        if (start + bytes > offset && start - offset < length) {
            buffer_printf(
                &c->out,
                "%s{\"cachedHosts\":[],\"corrupt\":false,\"hosts\":[\"%s\"],"
                "\"length\":%lld,\"names\":[\"%s:%d\"],\"offset\":%lld,"
                "\"storageTypes\":[\"DISK\"],\"topologyPaths\":[\"/default-rack/%s:%d\"]}",
                first ? "" : ",", host, (long long)bytes, host, port, (long long)start, host, port);
            first = false;
        }
        start += bytes;
    }
    buffer_puts(&c->out, "]}}");
    return true;
}

/* ---- attributes ---- */

static bool
look_acl(struct hdfs_call *c, struct error *err)
{
    const struct inode *n = target(c, err);
    if (n == NULL) {
        return false;
    }
    buffer_puts(&c->out, "{\"AclStatus\":{\"entries\":[");
    bool first = true;
    for (uint32_t i = 0; n->extra != NULL && i < n->extra->acl_count; i++) {
        struct buffer text = {0};
        names_acl_text(&n->extra->acl[i], &text);
        buffer_puts(&c->out, first ? "" : ",");
        hdfs_put_text(&c->out, buffer_text(&text));
        buffer_release(&text);
        first = false;
    }
    buffer_puts(&c->out, "],\"group\":");
    hdfs_put_text(&c->out, n->group);
    buffer_puts(&c->out, ",\"owner\":");
    hdfs_put_text(&c->out, n->owner);
    buffer_printf(&c->out, ",\"permission\":\"%o\",\"stickyBit\":%s}}", n->mode,
                  (n->mode & 01000) != 0 ? "true" : "false");
    return true;
}

static void
put_xattr_value(struct buffer *out, const struct ns_xattr *a, const char *encoding)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buffer text = {0};
    if (strcasecmp(encoding, "hex") == 0) {
        buffer_puts(&text, "0x");
        for (size_t i = 0; i < a->len; i++) {
            buffer_printf(&text, "%02x", a->value[i]);
        }
    } else if (strcasecmp(encoding, "base64") == 0) {
        buffer_puts(&text, "0s");
        for (size_t i = 0; i < a->len; i += 3) {
            const uint32_t left = (uint32_t)(a->len - i);
            const uint32_t v = (uint32_t)a->value[i] << 16 |
                               (left > 1 ? (uint32_t)a->value[i + 1] << 8 : 0) |
                               (left > 2 ? a->value[i + 2] : 0u);
            buffer_u8(&text, (uint8_t)digits[v >> 18]);
            buffer_u8(&text, (uint8_t)digits[v >> 12 & 63]);
            buffer_u8(&text, left > 1 ? (uint8_t)digits[v >> 6 & 63] : '=');
            buffer_u8(&text, left > 2 ? (uint8_t)digits[v & 63] : '=');
        }
    } else {
        buffer_puts(&text, "\"");
        buffer_put(&text, a->value, a->len);
        buffer_puts(&text, "\"");
    }
    buffer_json_string(out, (const char *)text.ptr, text.len);
    buffer_release(&text);
}

/* The names asked for are all there: "xattr.name" may come several times. */
static bool
xattr_wanted(const struct hdfs_call *c, const char *name, bool *any)
{
    const char *p = c->req.query;
    *any = false;
    while (*p != '\0') {
        char value[NS_NAME_BYTES_MAX + 1];
        const size_t part = strcspn(p, "&");
        if (strncasecmp(p, "xattr.name=", 11) == 0 &&
            http_query_param(p, "xattr.name", value, sizeof value)) {
            *any = true;
            if (strcmp(value, name) == 0) {
                return true;
            }
        }
        p += part + (p[part] == '&' ? 1 : 0);
    }
    return !*any;
}

static bool
look_xattrs(struct hdfs_call *c, struct error *err)
{
    char encoding[16] = "", name[NS_NAME_BYTES_MAX + 1];
    const struct inode *n = target(c, err);
    if (n == NULL || !names_may(&c->who, n, NAMES_READ, err)) {
        return false;
    }
    hdfs_param_text(&c->req, "encoding", encoding, sizeof encoding);
    bool any = false, found = false, first = true;
    buffer_puts(&c->out, "{\"XAttrs\":[");
    for (uint32_t i = 0; n->extra != NULL && i < n->extra->xattr_count; i++) {
        const struct ns_xattr *a = &n->extra->xattrs[i];
        if (names_xattr_visible(&c->who, a->name) && xattr_wanted(c, a->name, &any)) {
            found = true;
            buffer_puts(&c->out, first ? "{\"name\":" : ",{\"name\":");
            hdfs_put_text(&c->out, a->name);
            buffer_puts(&c->out, ",\"value\":");
            put_xattr_value(&c->out, a, encoding);
            buffer_puts(&c->out, "}");
            first = false;
        }
    }
    buffer_puts(&c->out, "]}");
    if (hdfs_param_text(&c->req, "xattr.name", name, sizeof name) && name[0] != '\0' && !found) {
        buffer_clear(&c->out);
        return names_refuse(err, NAMES_IO,
                            "At least one of the attributes provided was not found.");
    }
    return true;
}

static bool
look_xattr_names(struct hdfs_call *c, struct error *err)
{
    const struct inode *n = target(c, err);
    if (n == NULL || !names_may(&c->who, n, NAMES_READ, err)) {
        return false;
    }
    struct buffer list = {0}; /* a JSON list as text, in JSON */
    buffer_puts(&list, "[");
    bool first = true;
    for (uint32_t i = 0; n->extra != NULL && i < n->extra->xattr_count; i++) {
        if (names_xattr_visible(&c->who, n->extra->xattrs[i].name)) {
            buffer_puts(&list, first ? "" : ",");
            hdfs_put_text(&list, n->extra->xattrs[i].name);
            first = false;
        }
    }
    buffer_puts(&list, "]");
    buffer_puts(&c->out, "{\"XAttrNames\":");
    hdfs_put_text(&c->out, buffer_text(&list));
    buffer_puts(&c->out, "}");
    buffer_release(&list);
    return true;
}

static bool
look_access(struct hdfs_call *c, struct error *err)
{
    char action[8] = "";
    const struct inode *n = target(c, err);
    if (n == NULL) {
        return false;
    }
    if (!hdfs_param_text(&c->req, "fsaction", action, sizeof action) || strlen(action) != 3) {
        return names_refuse(err, NAMES_ILLEGAL,
                            "Invalid value for webhdfs parameter \"fsaction\": %s", action);
    }
    unsigned bits = 0;
    for (int i = 0; i < 3; i++) {
        if (action[i] != "rwx"[i] && action[i] != '-') {
            return names_refuse(err, NAMES_ILLEGAL,
                                "Invalid value for webhdfs parameter \"fsaction\": %s", action);
        }
        bits |= action[i] != '-' ? 4u >> i : 0;
    }
    return names_may(&c->who, n, bits, err);
}

/* ---- about the whole ---- */

static bool
look_home(struct hdfs_call *c, struct error *err)
{
    struct buffer path = {0};
    (void)err;
    buffer_printf(&path, "/user/%s%s", c->who.user,
                  c->req.op == HDFS_GETTRASHROOT ? "/.Trash" : "");
    buffer_puts(&c->out, "{\"Path\":");
    hdfs_put_text(&c->out, buffer_text(&path));
    buffer_puts(&c->out, "}");
    buffer_release(&path);
    return true;
}

static bool
look_fs_status(struct hdfs_call *c, struct error *err)
{
    struct statvfs st;
    if (statvfs(c->h->data_dir, &st) != 0) {
        return names_refuse(err, NAMES_IO, "The disk cannot be asked");
    }
    buffer_printf(&c->out, "{\"FsStatus\":{\"capacity\":%llu,\"remaining\":%llu,\"used\":%lld}}",
                  (unsigned long long)st.f_blocks * st.f_frsize,
                  (unsigned long long)st.f_bavail * st.f_frsize,
                  (long long)namespace_root(names_space(c->h->names))->tally.space);
    return true;
}

static const char policy_hot[] =
    "{\"copyOnCreateFile\":false,\"creationFallbacks\":[],\"id\":7,\"name\":\"HOT\","
    "\"replicationFallbacks\":[\"ARCHIVE\"],\"storageTypes\":[\"DISK\"]}";

static bool
look_constant(struct hdfs_call *c, struct error *err)
{
    switch (c->req.op) {
    case HDFS_GETDELEGATIONTOKEN:
        buffer_puts(&c->out, "{\"Token\":null}"); /* as Hadoop without security */
        return true;
    case HDFS_GETSERVERDEFAULTS:
        buffer_puts(&c->out,
                    "{\"FsServerDefaults\":{\"blockSize\":134217728,\"bytesPerChecksum\":512,"
                    "\"checksumType\":2,\"defaultStoragePolicyId\":7,"
                    "\"encryptDataTransfer\":false,\"fileBufferSize\":4096,"
                    "\"keyProviderUri\":\"\",\"replication\":1,\"trashInterval\":0,"
                    "\"writePacketSize\":65536}}");
        return true;
    case HDFS_GETALLSTORAGEPOLICY:
        buffer_printf(&c->out, "{\"BlockStoragePolicies\":{\"BlockStoragePolicy\":[%s]}}",
                      policy_hot);
        return true;
    default:
        if (target(c, err) == NULL) {
            return false;
        }
        buffer_printf(&c->out, "{\"BlockStoragePolicy\":%s}", policy_hot);
        return true;
    }
}

bool
hdfs_look(struct hdfs_call *c, struct error *err)
{
    static bool (*const looks[HDFS_OP_COUNT])(struct hdfs_call *, struct error *) = {
        [HDFS_GETFILESTATUS] = look_status,
        [HDFS_GETFILELINKSTATUS] = look_status,
        [HDFS_LISTSTATUS] = look_list,
        [HDFS_LISTSTATUS_BATCH] = look_list,
        [HDFS_GETCONTENTSUMMARY] = look_summary,
        [HDFS_GETQUOTAUSAGE] = look_summary,
        [HDFS_GETHOMEDIRECTORY] = look_home,
        [HDFS_GETTRASHROOT] = look_home,
        [HDFS_GETDELEGATIONTOKEN] = look_constant,
        [HDFS_GET_BLOCK_LOCATIONS] = look_locations,
        [HDFS_GETFILEBLOCKLOCATIONS] = look_locations,
        [HDFS_GETACLSTATUS] = look_acl,
        [HDFS_GETXATTRS] = look_xattrs,
        [HDFS_LISTXATTRS] = look_xattr_names,
        [HDFS_CHECKACCESS] = look_access,
        [HDFS_GETSERVERDEFAULTS] = look_constant,
        [HDFS_GETSTATUS] = look_fs_status,
        [HDFS_GETALLSTORAGEPOLICY] = look_constant,
        [HDFS_GETSTORAGEPOLICY] = look_constant,
    };
    return looks[c->req.op] != NULL
               ? looks[c->req.op](c, err)
               : names_refuse(err, NAMES_UNSUPPORTED, "the operation is not supported");
}
