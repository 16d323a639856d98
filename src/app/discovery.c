/* The discovery file of PySpark's own builder, and the three variables that make it read the file.
 */
#include "app/discovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/env.h"

void
discovery_path(const struct place *p, char *out, size_t size)
{
    snprintf(out, size, "%s/pyspark.json", p->run_dir);
}

bool
discovery_possible(const char *connect)
{
    return strncmp(connect, "127.0.0.1:", 10) == 0 || strncmp(connect, "0.0.0.0:", 8) == 0;
}

bool
discovery_write(const struct place *p, const char *connect, const char *token, struct error *err)
{
    if (!discovery_possible(connect)) {
        return true;
    }
    char path[PATH_MAX + 16];
    discovery_path(p, path, sizeof path);
    struct buffer json = {0};
    buffer_printf(&json, "{\"host\":\"localhost\",\"port\":%d,\"pid\":%d,\"spark_version\":\"%s\",",
                  atoi(strrchr(connect, ':') + 1), (int)getpid(), DISCOVERY_SPARK_VERSION);
    buffer_puts(&json, "\"token\":");
    /* The client wants a text there and sends it; a server without a token does not look at it. */
    const char *sent = token[0] != '\0' ? token : "none";
    buffer_json_string(&json, sent, strlen(sent));
    buffer_puts(&json, "}\n");
    /* Nobody but the owner may read the token, not even between two calls. */
    const mode_t before = umask(077);
    const bool ok = env_write_file_atomic(&env_real, path, json.ptr, json.len, err);
    umask(before);
    buffer_release(&json);
    return ok;
}

void
discovery_put_environment(const struct place *p, const char *connect, struct buffer *out)
{
    if (!discovery_possible(connect)) {
        buffer_puts(out, "null");
        return;
    }
    char path[PATH_MAX + 16];
    discovery_path(p, path, sizeof path);
    buffer_puts(out, "{\"SPARK_API_MODE\":\"connect\",\"SPARK_LOCAL_CONNECT_REUSE\":\"1\","
                     "\"SPARK_LOCAL_CONNECT_DISCOVERY\":");
    buffer_json_string(out, path, strlen(path));
    buffer_puts(out, "}");
}
