/* What the two files of `weir fs` share. */
#ifndef WEIR_APP_FS_H
#define WEIR_APP_FS_H

#include "base/arena.h"
#include "hdfs/client.h"

struct fs {
    struct hdfs_client *client;
    struct arena arena; /* for one command's life */
    const char *command, *user;
    char token[256];
    int status; /* of the worst path so far */
};

struct fs_command {
    const char *name;
    bool (*run)(struct fs *fs, int argc, char **argv); /* false: used wrongly */
};

const struct fs_command *fs_commands(void); /* fs_commands.c; ends with a NULL name */

bool fs_fail(struct fs *fs, const char *path, struct error *err); /* says why; false */
const char *fs_path(struct fs *fs, const char *given);
bool fs_flag(int *argc, char ***argv, const char *flag); /* takes it out */
/* params and out may be NULL; a refusal has been said. */
bool fs_do(struct fs *fs, const char *method, const char *path, const char *op, const char *params,
           struct buffer *out, const char *shown);
bool fs_copy_out(struct fs *fs, const char *path, int64_t offset, int fd, const char *shown);
bool fs_copy_in(struct fs *fs, int fd, const char *path, bool overwrite, const char *shown);

#endif
