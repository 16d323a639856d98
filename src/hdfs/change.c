/* Operations that change names and attributes: parameters in, one call of names/, an answer out. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hdfs/internal.h"

static void
put_bool(struct hdfs_call *c, bool value)
{
    buffer_printf(&c->out, "{\"boolean\":%s}", value ? "true" : "false");
}

static bool
change_mkdirs(struct hdfs_call *c, struct error *err)
{
    int32_t mode = 0755, unmasked = -1;
    if (!hdfs_param_mode(&c->req, "permission", &mode, err) ||
        !hdfs_param_mode(&c->req, "unmaskedpermission", &unmasked, err)) {
        return false;
    }
    const struct names_make make = {.mode = (uint16_t)mode, .unmasked_mode = unmasked};
    if (!names_mkdirs(c->h->names, &c->who, c->req.path, &make, err)) {
        return false;
    }
    put_bool(c, true);
    return true;
}

static bool
change_rename(struct hdfs_call *c, struct error *err)
{
    char *to = hdfs_alloc(NS_PATH_BYTES_MAX + 2), how[64] = "";
    bool done = false;
    enum names_rename kind = NAMES_RENAME_OLD;
    bool ok = hdfs_param_text(&c->req, "destination", to, NS_PATH_BYTES_MAX + 2) ||
              names_refuse(err, NAMES_ILLEGAL,
                           "Invalid value for webhdfs parameter \"destination\": it is missing or "
                           "too long");
    const bool strict =
        hdfs_param_text(&c->req, "renameoptions", how, sizeof how) && how[0] != '\0';
    if (ok && strict) {
        if (strcasestr(how, "TO_TRASH") == NULL && strcasecmp(how, "NONE") != 0 &&
            strcasecmp(how, "OVERWRITE") != 0) {
            ok = names_refuse(err, NAMES_ILLEGAL,
                              "Invalid value for webhdfs parameter \"renameoptions\": %s", how);
        }
        kind = strcasecmp(how, "OVERWRITE") == 0 ? NAMES_RENAME_OVERWRITE : NAMES_RENAME_STRICT;
    }
    ok = ok && names_rename(c->h->names, &c->who, c->req.path, to, kind, &done, err);
    free(to);
    if (ok && !strict) {
        put_bool(c, done);
    }
    return ok;
}

static bool
change_delete(struct hdfs_call *c, struct error *err)
{
    bool recursive = false, done = false;
    if (!hdfs_param_bool(&c->req, "recursive", &recursive, err) ||
        !names_delete(c->h->names, &c->who, c->req.path, recursive, &done, err)) {
        return false;
    }
    put_bool(c, done);
    return true;
}

static bool
change_replication(struct hdfs_call *c, struct error *err)
{
    int64_t replication = 1;
    bool done = false;
    if (!hdfs_param_int(&c->req, "replication", 1, 255, &replication, err) ||
        !names_set_replication(c->h->names, &c->who, c->req.path, (uint8_t)replication, &done,
                               err)) {
        return false;
    }
    put_bool(c, done);
    return true;
}

static bool
change_attributes(struct hdfs_call *c, struct error *err)
{
    if (c->req.op == HDFS_SETPERMISSION) {
        int32_t mode = 0755;
        return hdfs_param_mode(&c->req, "permission", &mode, err) &&
               names_set_mode(c->h->names, &c->who, c->req.path, (uint16_t)mode, err);
    }
    if (c->req.op == HDFS_SETOWNER) {
        char owner[256] = "", group[256] = "";
        hdfs_param_text(&c->req, "owner", owner, sizeof owner);
        hdfs_param_text(&c->req, "group", group, sizeof group);
        return (owner[0] != '\0' || group[0] != '\0' ||
                names_refuse(err, NAMES_ILLEGAL, "Both owner and group are empty.")) &&
               names_set_owner(c->h->names, &c->who, c->req.path, owner, group, err);
    }
    int64_t modified = -1, accessed = -1;
    return hdfs_param_int(&c->req, "modificationtime", -1, INT64_MAX, &modified, err) &&
           hdfs_param_int(&c->req, "accesstime", -1, INT64_MAX, &accessed, err) &&
           names_set_times(c->h->names, &c->who, c->req.path, modified, accessed, err);
}

static bool
change_truncate(struct hdfs_call *c, struct error *err)
{
    int64_t bytes = -1, keep = 0;
    struct ns_block *cut = NULL;
    if (!hdfs_param_int(&c->req, "newlength", 0, INT64_MAX, &bytes, err)) {
        return false;
    }
    if (bytes < 0) {
        return names_refuse(err, NAMES_ILLEGAL, "newlength parameter is missing");
    }
    struct inode *file =
        names_truncate_check(c->h->names, &c->who, c->req.path, bytes, &cut, &keep, err);
    /* The replica may stay longer than the block: nobody sees past the block's length. */
    const struct ns_block same = cut != NULL ? *cut : (struct ns_block){0};
    if (file == NULL ||
        !names_truncate(c->h->names, file, bytes, cut != NULL ? &same : NULL, err)) {
        return false;
    }
    put_bool(c, true);
    return true;
}

static bool
change_concat(struct hdfs_call *c, struct error *err)
{
    char *sources = hdfs_alloc(HDFS_TEXT_MAX);
    const bool ok = (hdfs_param_text(&c->req, "sources", sources, HDFS_TEXT_MAX) ||
                     names_refuse(err, NAMES_ILLEGAL, "sources parameter is missing")) &&
                    names_concat(c->h->names, &c->who, c->req.path, sources, err);
    free(sources);
    return ok;
}

static bool
change_quota(struct hdfs_call *c, struct error *err)
{
    int64_t names = INT64_MAX, space = INT64_MAX;
    return hdfs_param_int(&c->req, "namespacequota", -1, INT64_MAX, &names, err) &&
           hdfs_param_int(&c->req, "storagespacequota", -1, INT64_MAX, &space, err) &&
           names_set_quota(c->h->names, &c->who, c->req.path, names, space, err);
}

static bool
change_acl(struct hdfs_call *c, struct error *err)
{
    static const enum names_acl_change changes[HDFS_OP_COUNT] = {
        [HDFS_MODIFYACLENTRIES] = NAMES_ACL_MODIFY,
        [HDFS_REMOVEACLENTRIES] = NAMES_ACL_REMOVE_ENTRIES,
        [HDFS_REMOVEDEFAULTACL] = NAMES_ACL_REMOVE_DEFAULT,
        [HDFS_REMOVEACL] = NAMES_ACL_REMOVE,
        [HDFS_SETACL] = NAMES_ACL_SET,
    };
    const enum names_acl_change change = changes[c->req.op];
    const bool needs = change != NAMES_ACL_REMOVE && change != NAMES_ACL_REMOVE_DEFAULT;
    char *spec = hdfs_alloc(HDFS_TEXT_MAX);
    const bool has = hdfs_param_text(&c->req, "aclspec", spec, HDFS_TEXT_MAX) && spec[0] != '\0';
    const bool ok = (has || !needs || names_refuse(err, NAMES_ILLEGAL, "aclspec is missing")) &&
                    names_acl(c->h->names, &c->who, c->req.path, change, needs ? spec : "", err);
    free(spec);
    return ok;
}

static int
hex(char ch)
{
    return ch >= '0' && ch <= '9'   ? ch - '0'
           : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10
           : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10
                                    : -1;
}

static int
base64(char ch)
{
    return ch >= 'A' && ch <= 'Z'   ? ch - 'A'
           : ch >= 'a' && ch <= 'z' ? ch - 'a' + 26
           : ch >= '0' && ch <= '9' ? ch - '0' + 52
           : ch == '+'              ? 62
           : ch == '/'              ? 63
                                    : -1;
}

/* Hadoop's texts of values: "quoted", 0xhex, 0sbase64, or as it stands; decoded in place. */
static bool
xattr_decode(char *text, struct bytes *out)
{
    const size_t len = strlen(text);
    size_t at = 0;
    *out = (struct bytes){(uint8_t *)text, len};
    if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
        *out = (struct bytes){(uint8_t *)text + 1, len - 2};
    } else if (len >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        for (size_t i = 2; i < len; i += 2) {
            const int high = hex(text[i]), low = hex(text[i + 1]);
            if (high < 0 || low < 0) {
                return false;
            }
            text[at++] = (char)(high << 4 | low);
        }
        out->len = at;
    } else if (len >= 2 && text[0] == '0' && (text[1] == 's' || text[1] == 'S')) {
        uint32_t bits = 0, held = 0;
        for (size_t i = 2; i < len && text[i] != '='; i++) {
            const int v = base64(text[i]);
            if (v < 0) {
                return false;
            }
            held = held << 6 | (uint32_t)v;
            bits += 6;
            if (bits >= 8) {
                bits -= 8;
                text[at++] = (char)(held >> bits);
            }
        }
        out->len = at;
    }
    return true;
}

static bool
change_xattr(struct hdfs_call *c, struct error *err)
{
    enum { VALUE_MAX = NS_XATTR_BYTES_MAX * 2 + 8 };
    char name[NS_NAME_BYTES_MAX + 1], flag[32] = "";
    if (!hdfs_param_text(&c->req, "xattr.name", name, sizeof name)) {
        return names_refuse(err, NAMES_HADOOP_ILLEGAL, "XAttr name is missing or too long");
    }
    if (c->req.op == HDFS_REMOVEXATTR) {
        return names_xattr_remove(c->h->names, &c->who, c->req.path, name, err);
    }
    char *text = hdfs_alloc(VALUE_MAX);
    struct bytes value = {(const uint8_t *)"", 0};
    hdfs_param_text(&c->req, "flag", flag, sizeof flag);
    bool ok = true;
    if (hdfs_param_text(&c->req, "xattr.value", text, VALUE_MAX)) {
        ok = xattr_decode(text, &value) ||
             names_refuse(err, NAMES_ILLEGAL, "The value of the XAttr cannot be decoded");
    }
    const bool create = flag[0] == '\0' || strcasestr(flag, "CREATE") != NULL;
    const bool replace = flag[0] == '\0' || strcasestr(flag, "REPLACE") != NULL;
    ok =
        ok && names_xattr_set(c->h->names, &c->who, c->req.path, name, value, create, replace, err);
    free(text);
    return ok;
}

bool
hdfs_change(struct hdfs_call *c, struct error *err)
{
    static bool (*const changes[HDFS_OP_COUNT])(struct hdfs_call *, struct error *) = {
        [HDFS_MKDIRS] = change_mkdirs,        [HDFS_RENAME] = change_rename,
        [HDFS_DELETE] = change_delete,        [HDFS_SETREPLICATION] = change_replication,
        [HDFS_SETOWNER] = change_attributes,  [HDFS_SETPERMISSION] = change_attributes,
        [HDFS_SETTIMES] = change_attributes,  [HDFS_TRUNCATE] = change_truncate,
        [HDFS_CONCAT] = change_concat,        [HDFS_SETQUOTA] = change_quota,
        [HDFS_MODIFYACLENTRIES] = change_acl, [HDFS_REMOVEACLENTRIES] = change_acl,
        [HDFS_REMOVEDEFAULTACL] = change_acl, [HDFS_REMOVEACL] = change_acl,
        [HDFS_SETACL] = change_acl,           [HDFS_SETXATTR] = change_xattr,
        [HDFS_REMOVEXATTR] = change_xattr,
    };
    return changes[c->req.op] != NULL
               ? changes[c->req.op](c, err)
               : names_refuse(err, NAMES_UNSUPPORTED, "the operation is not supported");
}
