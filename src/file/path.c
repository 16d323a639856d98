/* Paths as programs give them, made absolute. */
#include "file/path.h"

#include <string.h>
#include <strings.h>

size_t
path_server_len(const char *path)
{
    const size_t scheme = strncasecmp(path, "hdfs:", 5) == 0      ? 5
                          : strncasecmp(path, "webhdfs:", 8) == 0 ? 8
                                                                  : 0;
    if (scheme == 0 || path[scheme] != '/') {
        return 0;
    }
    return path[scheme + 1] == '/' ? scheme + 2 + strcspn(path + scheme + 2, "/") : scheme;
}

const char *
path_local(struct arena *a, const char *cwd, const char *path, struct error *err)
{
    if (path_server_len(path) > 0) {
        return arena_strdup(a, path);
    }
    if (strncmp(path, "file:", 5) == 0) {
        path += 5;
        while (path[0] == '/' && path[1] == '/') {
            path++;
        }
    } else {
        const char *colon = strstr(path, "://");
        if (colon != NULL) {
            error_unsupported(err, "the file system %.*s", (int)(colon - path), path);
            return NULL;
        }
    }
    if (path[0] == '/') {
        return arena_strdup(a, path);
    }
    return arena_printf(a, "%s/%s", cwd != NULL && cwd[0] != '\0' ? cwd : ".", path);
}
