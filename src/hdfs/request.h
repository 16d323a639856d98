/*
 * A WebHDFS request as data: method, operation, path, and parameters asked for by name.
 *
 * Nothing is copied but the operation: path and query belong to the exchange. Values come decoded
 * into buffers of the caller's, with the bounds that Hadoop gives them.
 */
#ifndef WEIR_HDFS_REQUEST_H
#define WEIR_HDFS_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum hdfs_op {
    HDFS_OP_UNKNOWN = 0,
    /* GET */
    HDFS_OPEN,
    HDFS_GETFILESTATUS,
    HDFS_LISTSTATUS,
    HDFS_LISTSTATUS_BATCH,
    HDFS_GETCONTENTSUMMARY,
    HDFS_GETQUOTAUSAGE,
    HDFS_GETFILECHECKSUM,
    HDFS_GETHOMEDIRECTORY,
    HDFS_GETDELEGATIONTOKEN,
    HDFS_GET_BLOCK_LOCATIONS,
    HDFS_GETFILEBLOCKLOCATIONS,
    HDFS_GETACLSTATUS,
    HDFS_GETXATTRS,
    HDFS_LISTXATTRS,
    HDFS_GETTRASHROOT,
    HDFS_CHECKACCESS,
    HDFS_GETSERVERDEFAULTS,
    HDFS_GETSTATUS,
    HDFS_GETALLSTORAGEPOLICY,
    HDFS_GETSTORAGEPOLICY,
    HDFS_GETFILELINKSTATUS,
    /* PUT */
    HDFS_CREATE,
    HDFS_MKDIRS,
    HDFS_RENAME,
    HDFS_SETREPLICATION,
    HDFS_SETOWNER,
    HDFS_SETPERMISSION,
    HDFS_SETTIMES,
    HDFS_MODIFYACLENTRIES,
    HDFS_REMOVEACLENTRIES,
    HDFS_REMOVEDEFAULTACL,
    HDFS_REMOVEACL,
    HDFS_SETACL,
    HDFS_SETXATTR,
    HDFS_REMOVEXATTR,
    HDFS_SETQUOTA,
    /* POST */
    HDFS_APPEND,
    HDFS_CONCAT,
    HDFS_TRUNCATE,
    /* DELETE */
    HDFS_DELETE,
    HDFS_OP_COUNT
};

struct hdfs_request {
    enum hdfs_op op;
    const char *path;  /* below the prefix; "/" for the prefix alone */
    const char *query; /* raw */
    bool second;       /* the step behind the redirect */
    bool noredirect;
    char user[256];      /* who acts; "" if the request names nobody */
    char real_user[256]; /* with doas: who asks; else the same */
};

enum { HDFS_TEXT_MAX = 16384 };

/* False with Hadoop's refusal: no operation, one that is not known or not there. path is the
 * decoded path of the HTTP request and begins with the prefix. */
bool hdfs_request_parse(const char *method, const char *path, const char *query,
                        struct hdfs_request *out, struct error *err);

/* Parameters: false only when the value is nonsense. Absent ones leave *out as it is. */
bool hdfs_param_int(const struct hdfs_request *r, const char *name, int64_t min, int64_t max,
                    int64_t *out, struct error *err);
bool hdfs_param_bool(const struct hdfs_request *r, const char *name, bool *out, struct error *err);
/* Octal with at most four digits. */
bool hdfs_param_mode(const struct hdfs_request *r, const char *name, int32_t *out,
                     struct error *err);
/* False if it is not there (or longer than size). */
bool hdfs_param_text(const struct hdfs_request *r, const char *name, char *out, size_t size);

#endif
