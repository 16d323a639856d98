/* Parsing WebHDFS requests; the refusals have Hadoop's words. */
#include "hdfs/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names/names.h"
#include "net/http.h"

static const char prefix[] = "/webhdfs/v1";

struct op_row {
    const char *name;
    enum hdfs_op op; /* HDFS_OP_UNKNOWN: Hadoop has it, we do not */
};

static const struct op_row gets[] = {
    {"OPEN", HDFS_OPEN},
    {"GETFILESTATUS", HDFS_GETFILESTATUS},
    {"LISTSTATUS", HDFS_LISTSTATUS},
    {"LISTSTATUS_BATCH", HDFS_LISTSTATUS_BATCH},
    {"GETCONTENTSUMMARY", HDFS_GETCONTENTSUMMARY},
    {"GETQUOTAUSAGE", HDFS_GETQUOTAUSAGE},
    {"GETFILECHECKSUM", HDFS_GETFILECHECKSUM},
    {"GETHOMEDIRECTORY", HDFS_GETHOMEDIRECTORY},
    {"GETDELEGATIONTOKEN", HDFS_GETDELEGATIONTOKEN},
    {"GET_BLOCK_LOCATIONS", HDFS_GET_BLOCK_LOCATIONS},
    {"GETFILEBLOCKLOCATIONS", HDFS_GETFILEBLOCKLOCATIONS},
    {"GETACLSTATUS", HDFS_GETACLSTATUS},
    {"GETXATTRS", HDFS_GETXATTRS},
    {"LISTXATTRS", HDFS_LISTXATTRS},
    {"GETTRASHROOT", HDFS_GETTRASHROOT},
    {"CHECKACCESS", HDFS_CHECKACCESS},
    {"GETSERVERDEFAULTS", HDFS_GETSERVERDEFAULTS},
    {"GETSTATUS", HDFS_GETSTATUS},
    {"GETALLSTORAGEPOLICY", HDFS_GETALLSTORAGEPOLICY},
    {"GETSTORAGEPOLICY", HDFS_GETSTORAGEPOLICY},
    {"GETFILELINKSTATUS", HDFS_GETFILELINKSTATUS},
    {"GETTRASHROOTS", HDFS_OP_UNKNOWN},
    {"GETECPOLICY", HDFS_OP_UNKNOWN},
    {"GETECPOLICIES", HDFS_OP_UNKNOWN},
    {"GETECCODECS", HDFS_OP_UNKNOWN},
    {"GETSNAPSHOTDIFF", HDFS_OP_UNKNOWN},
    {"GETSNAPSHOTDIFFLISTING", HDFS_OP_UNKNOWN},
    {"GETSNAPSHOTTABLEDIRECTORYLIST", HDFS_OP_UNKNOWN},
    {"GETSNAPSHOTLIST", HDFS_OP_UNKNOWN},
    {"GETLINKTARGET", HDFS_OP_UNKNOWN},
    {NULL},
};
static const struct op_row puts_[] = {
    {"CREATE", HDFS_CREATE},
    {"MKDIRS", HDFS_MKDIRS},
    {"RENAME", HDFS_RENAME},
    {"SETREPLICATION", HDFS_SETREPLICATION},
    {"SETOWNER", HDFS_SETOWNER},
    {"SETPERMISSION", HDFS_SETPERMISSION},
    {"SETTIMES", HDFS_SETTIMES},
    {"MODIFYACLENTRIES", HDFS_MODIFYACLENTRIES},
    {"REMOVEACLENTRIES", HDFS_REMOVEACLENTRIES},
    {"REMOVEDEFAULTACL", HDFS_REMOVEDEFAULTACL},
    {"REMOVEACL", HDFS_REMOVEACL},
    {"SETACL", HDFS_SETACL},
    {"SETXATTR", HDFS_SETXATTR},
    {"REMOVEXATTR", HDFS_REMOVEXATTR},
    {"SETQUOTA", HDFS_SETQUOTA},
    {"CREATESYMLINK", HDFS_OP_UNKNOWN},
    {"RENEWDELEGATIONTOKEN", HDFS_OP_UNKNOWN},
    {"CANCELDELEGATIONTOKEN", HDFS_OP_UNKNOWN},
    {"SATISFYSTORAGEPOLICY", HDFS_OP_UNKNOWN},
    {"SETSTORAGEPOLICY", HDFS_OP_UNKNOWN},
    {"ENABLEECPOLICY", HDFS_OP_UNKNOWN},
    {"DISABLEECPOLICY", HDFS_OP_UNKNOWN},
    {"SETECPOLICY", HDFS_OP_UNKNOWN},
    {"ALLOWSNAPSHOT", HDFS_OP_UNKNOWN},
    {"DISALLOWSNAPSHOT", HDFS_OP_UNKNOWN},
    {"CREATESNAPSHOT", HDFS_OP_UNKNOWN},
    {"RENAMESNAPSHOT", HDFS_OP_UNKNOWN},
    {"SETQUOTABYSTORAGETYPE", HDFS_OP_UNKNOWN},
    {NULL},
};
static const struct op_row posts[] = {
    {"APPEND", HDFS_APPEND},
    {"CONCAT", HDFS_CONCAT},
    {"TRUNCATE", HDFS_TRUNCATE},
    {"UNSETECPOLICY", HDFS_OP_UNKNOWN},
    {"UNSETSTORAGEPOLICY", HDFS_OP_UNKNOWN},
    {NULL},
};
static const struct op_row deletes[] = {
    {"DELETE", HDFS_DELETE},
    {"DELETESNAPSHOT", HDFS_OP_UNKNOWN},
    {NULL},
};

static bool
op_find(const char *method, const char *name, enum hdfs_op *out, struct error *err)
{
    const struct op_row *rows = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ? gets
                                : strcmp(method, "PUT") == 0                              ? puts_
                                : strcmp(method, "POST") == 0                             ? posts
                                : strcmp(method, "DELETE") == 0                           ? deletes
                                                                                          : NULL;
    for (; rows != NULL && rows->name != NULL; rows++) {
        if (strcasecmp(rows->name, name) == 0) {
            *out = rows->op;
            return rows->op != HDFS_OP_UNKNOWN ||
                   names_refuse(err, NAMES_UNSUPPORTED, "%s is not supported", rows->name);
        }
    }
    return names_refuse(err, NAMES_ILLEGAL,
                        "Invalid value for webhdfs parameter \"op\": No enum constant "
                        "org.apache.hadoop.hdfs.web.resources.%sOpParam.Op.%.100s",
                        strcmp(method, "PUT") == 0      ? "Put"
                        : strcmp(method, "POST") == 0   ? "Post"
                        : strcmp(method, "DELETE") == 0 ? "Delete"
                                                        : "Get",
                        name);
}

/* A user's name: what Hadoop's pattern allows, so that it can stand in paths and records. */
static bool
user_valid(const char *name)
{
    for (const char *p = name; *p != '\0'; p++) {
        const unsigned char c = (unsigned char)*p;
        if (c <= ' ' || c == 0x7f || strchr("/:,\"'<>\\", c) != NULL) {
            return false;
        }
    }
    return true;
}

static bool
users_parse(struct hdfs_request *r, struct error *err)
{
    char doas[256];
    if (!hdfs_param_text(r, "user.name", r->user, sizeof r->user)) {
        r->user[0] = '\0';
    }
    memcpy(r->real_user, r->user, sizeof r->user);
    if (hdfs_param_text(r, "doas", doas, sizeof doas) && doas[0] != '\0') {
        memcpy(r->user, doas, sizeof doas);
    }
    return (user_valid(r->user) && user_valid(r->real_user)) ||
           names_refuse(err, NAMES_ILLEGAL,
                        "Invalid value: \"%s\" does not belong to the domain "
                        "^[A-Za-z_][A-Za-z0-9._-]*[$]?$",
                        r->user);
}

bool
hdfs_request_parse(const char *method, const char *path, const char *query,
                   struct hdfs_request *out, struct error *err)
{
    char op[64];
    *out = (struct hdfs_request){.query = query};
    if (strncmp(path, prefix, sizeof prefix - 1) != 0 ||
        (path[sizeof prefix - 1] != '/' && path[sizeof prefix - 1] != '\0')) {
        return names_refuse(err, NAMES_NOT_FOUND, "%.200s is not below %s", path, prefix);
    }
    out->path = path[sizeof prefix - 1] == '/' ? path + sizeof prefix - 1 : "/";
    if (!hdfs_param_text(out, "op", op, sizeof op)) {
        return names_refuse(err, NAMES_UNSUPPORTED, "op=NULL is not supported");
    }
    char text[256];
    bool data = false;
    out->second = hdfs_param_text(out, "namenoderpcaddress", text, sizeof text);
    return hdfs_param_bool(out, "noredirect", &out->noredirect, err) &&
           hdfs_param_bool(out, "data", &data, err) && users_parse(out, err) &&
           op_find(method, op, &out->op, err);
}

bool
hdfs_param_text(const struct hdfs_request *r, const char *name, char *out, size_t size)
{
    /* Hadoop takes names of parameters in any case. */
    const size_t len = strlen(name);
    for (const char *p = r->query; *p != '\0';) {
        const size_t part = strcspn(p, "&");
        const size_t key = strcspn(p, "=&");
        if (key == len && strncasecmp(p, name, len) == 0) {
            char exact[64];
            if (len >= sizeof exact) {
                return false;
            }
            memcpy(exact, p, len);
            exact[len] = '\0';
            return http_query_param(p, exact, out, size);
        }
        p += part + (p[part] == '&' ? 1 : 0);
    }
    return false;
}

static bool
param_bad(const char *name, const char *value, struct error *err)
{
    return names_refuse(err, NAMES_ILLEGAL, "Invalid value for webhdfs parameter \"%s\": %.200s",
                        name, value);
}

bool
hdfs_param_int(const struct hdfs_request *r, const char *name, int64_t min, int64_t max,
               int64_t *out, struct error *err)
{
    char text[64], *end;
    if (!hdfs_param_text(r, name, text, sizeof text) || text[0] == '\0' ||
        strcmp(text, "null") == 0) {
        return true;
    }
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (*end != '\0' || errno != 0 || text[0] == ' ') {
        return names_refuse(err, NAMES_ILLEGAL,
                            "Invalid value for webhdfs parameter \"%s\": Failed to parse \"%s\" as "
                            "a radix-10 long integer.",
                            name, text);
    }
    if (value < min || value > max) {
        return names_refuse(err, NAMES_ILLEGAL, "Invalid parameter range: %s = %lld %s %lld", name,
                            value, value < min ? "<" : ">", (long long)(value < min ? min : max));
    }
    *out = value;
    return true;
}

bool
hdfs_param_bool(const struct hdfs_request *r, const char *name, bool *out, struct error *err)
{
    char text[16];
    if (!hdfs_param_text(r, name, text, sizeof text) || text[0] == '\0') {
        return true;
    }
    if (strcasecmp(text, "true") != 0 && strcasecmp(text, "false") != 0) {
        return param_bad(name, text, err);
    }
    *out = strcasecmp(text, "true") == 0;
    return true;
}

bool
hdfs_param_mode(const struct hdfs_request *r, const char *name, int32_t *out, struct error *err)
{
    char text[16];
    if (!hdfs_param_text(r, name, text, sizeof text) || text[0] == '\0' ||
        strcmp(text, "null") == 0) {
        return true;
    }
    int32_t mode = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p < '0' || *p > '7' || mode > 0777) {
            return param_bad(name, text, err);
        }
        mode = mode * 8 + (*p - '0');
    }
    if (mode > 01777) {
        return param_bad(name, text, err);
    }
    *out = mode;
    return true;
}
