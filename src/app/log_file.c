/* The log of a program in the background: redirected once, cut from time to time. */
#include "app/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/env.h"
#include "base/trace.h"

bool
log_file_begin(struct log_file *l, const char *data_dir, struct error *err)
{
    snprintf(l->path, sizeof l->path, "%s/weir.log", data_dir);
    const int fd = open(l->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        return error_system(err, errno, "opening the log %s", l->path);
    }
    l->out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    l->err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    close(fd);
    return true;
}

void
log_file_leave(struct log_file *l)
{
    int *const ends[] = {&l->out, &l->err};
    for (int i = 0; i < 2; i++) {
        if (*ends[i] >= 0) {
            close(*ends[i]);
        }
        *ends[i] = -1;
    }
}

void
log_file_trim(const struct log_file *l, int64_t limit)
{
    struct stat st;
    if (l->path[0] == '\0' || stat(l->path, &st) != 0 || st.st_size <= limit) {
        return;
    }
    char before[PATH_MAX + 32];
    snprintf(before, sizeof before, "%s.1", l->path);
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct error err = {0};
    /* Twice the limit: what was written since the last look. More than that is not kept. */
    if (env_read_file(&env_real, l->path, (size_t)limit * 2, &bytes, &len, &err) &&
        env_write_file_atomic(&env_real, before, bytes, len, &err)) {
        error_clear(&err);
    }
    free(bytes);
    if (truncate(l->path, 0) != 0) {
        error_clear(&err);
        error_system(&err, errno, "cutting the log %s", l->path);
    }
    if (error_is_set(&err)) {
        trace(TRACE_WARN, "app", "%s", error_text(&err));
        error_clear(&err);
    }
}
