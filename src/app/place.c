/* Data directory and run folder: made, checked, locked, found again. */
#include "app/place.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/env.h"

/* FNV-1a: the hash only has to name a folder. */
static uint64_t
path_hash(const char *path)
{
    uint64_t hash = 14695981039346656037u;
    for (; *path != '\0'; path++) {
        hash = (hash ^ (uint8_t)*path) * 1099511628211u;
    }
    return hash;
}

void
place_runtime_dir(char *out, size_t size)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const char *tmp = getenv("TMPDIR");
    if (runtime != NULL && runtime[0] == '/') {
        snprintf(out, size, "%s/weir", runtime);
    } else {
        snprintf(out, size, "%s/weir-%u", tmp != NULL && tmp[0] == '/' ? tmp : "/tmp",
                 (unsigned)getuid());
    }
}

/* Ours, and nobody else may enter: the sockets in it have no other guard. */
static bool
private_dir(const char *path, struct error *err)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return error_system(err, errno, "making %s", path);
    }
    struct stat st;
    if (lstat(path, &st) != 0) {
        return error_system(err, errno, "looking at %s", path);
    }
    if (!S_ISDIR(st.st_mode) || st.st_uid != getuid() || (st.st_mode & 077) != 0) {
        return error_set(err, ERROR_SYSTEM, "%s must be a directory of yours with mode 0700", path);
    }
    return true;
}

static bool
version_check(const struct place *p, struct error *err)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/version", p->data_dir);
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct error missing = {0};
    if (!env_read_file(&env_real, path, 4096, &bytes, &len, &missing)) {
        if (missing.code != ENOENT) { /* there, but not to be read: never written over */
            error_move(err, &missing);
            return false;
        }
        error_clear(&missing);
        char text[64];
        const int n = snprintf(text, sizeof text, "weir data format %d\n", DATA_FORMAT_VERSION);
        return env_write_file_atomic(&env_real, path, text, (size_t)n, err);
    }
    int version = 0;
    char *text = strndup((char *)bytes, len);
    free(bytes);
    const bool parsed = sscanf(text, "weir data format %d", &version) == 1;
    free(text);
    if (!parsed || version != DATA_FORMAT_VERSION) {
        return error_set(err, ERROR_SYSTEM,
                         "%s has data format %d and this program (" WEIR_VERSION
                         ") knows format %d: use the program that wrote it, or another --data",
                         p->data_dir, version, DATA_FORMAT_VERSION);
    }
    return true;
}

static bool
lock_take(struct place *p, struct error *err)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/lock", p->data_dir);
    p->lock_fd = env_real.ops->open(&env_real, path, ENV_WRITE | ENV_CREATE, err);
    if (p->lock_fd < 0) {
        return false;
    }
    struct error busy = {0};
    if (!env_real.ops->lock(&env_real, p->lock_fd, &busy)) {
        error_clear(&busy);
        return error_set(err, ERROR_SYSTEM,
                         "a weir already runs on %s: weir status shows it; --data or --ephemeral "
                         "starts another one",
                         p->data_dir);
    }
    return true;
}

static void
data_dir_wanted(const char *data_dir, char *out, size_t size)
{
    const char *share = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    if (data_dir[0] != '\0') {
        snprintf(out, size, "%s", data_dir);
    } else if (share != NULL && share[0] == '/') {
        snprintf(out, size, "%s/weir", share);
    } else {
        snprintf(out, size, "%s/.local/share/weir", home != NULL ? home : "");
    }
}

bool
place_data_dir(const char *data_dir, char *out, size_t size)
{
    char wanted[PATH_MAX], found[PATH_MAX];
    data_dir_wanted(data_dir, wanted, sizeof wanted);
    const bool there = realpath(wanted, found) != NULL;
    snprintf(out, size, "%s", there ? found : wanted);
    return there;
}

static bool
data_dir_choose(struct place *p, const char *data_dir, struct error *err)
{
    char wanted[PATH_MAX];
    if (p->ephemeral) {
        const char *tmp = getenv("TMPDIR");
        snprintf(wanted, sizeof wanted, "%s/weir-data-XXXXXX", tmp != NULL ? tmp : "/tmp");
        if (mkdtemp(wanted) == NULL) {
            return error_system(err, errno, "making a temporary directory");
        }
    } else {
        data_dir_wanted(data_dir, wanted, sizeof wanted);
    }
    if (!env_real.ops->mkdirs(&env_real, wanted, err)) {
        return false;
    }
    if (realpath(wanted, p->data_dir) == NULL) {
        return error_system(err, errno, "resolving %s", wanted);
    }
    return true;
}

/* The run folder holds sockets, whose paths have at most 107 bytes: pyspark.daemon adds 43 to it,
 * and the second worker on a folder of its own. Below a long runtime folder it is made in /tmp. */
static bool
run_dir_choose(struct place *p, const char *base, unsigned long long hash, struct error *err)
{
    enum { RUN_DIR_MAX = 107 - 43 - 3 };
    snprintf(p->run_dir, sizeof p->run_dir, "%s/%016llx", base, hash);
    if (strlen(p->run_dir) <= RUN_DIR_MAX) {
        return true;
    }
    char shorter[32];
    snprintf(shorter, sizeof shorter, "/tmp/weir-%u", (unsigned)getuid());
    snprintf(p->run_dir, sizeof p->run_dir, "%s/%016llx", shorter, hash);
    return private_dir(shorter, err);
}

bool
place_open(struct place *p, const char *data_dir, bool ephemeral, struct error *err)
{
    *p = (struct place){.ephemeral = ephemeral, .lock_fd = -1};
    if (!data_dir_choose(p, data_dir, err) || !lock_take(p, err) || !version_check(p, err)) {
        return false;
    }
    char base[PATH_MAX - 64];
    place_runtime_dir(base, sizeof base);
    if (!private_dir(base, err)) {
        return false;
    }
    const unsigned long long hash = path_hash(p->data_dir);
    if (!run_dir_choose(p, base, hash, err)) {
        return false;
    }
    snprintf(p->ready_path, sizeof p->ready_path, "%s/%016llx.json", base, hash);
    p->was_killed = access(p->run_dir, F_OK) == 0;
    struct error ignored = {0};
    env_remove_tree(&env_real, p->run_dir, &ignored); /* sockets of a program that was killed */
    error_clear(&ignored);
    unlink(p->ready_path);
    return private_dir(p->run_dir, err);
}

void
place_close(struct place *p)
{
    struct error ignored = {0};
    if (p->run_dir[0] != '\0') {
        env_remove_tree(&env_real, p->run_dir, &ignored);
        error_clear(&ignored);
        unlink(p->ready_path);
    }
    if (p->lock_fd >= 0) {
        if (p->ephemeral) {
            env_remove_tree(&env_real, p->data_dir, &ignored);
            error_clear(&ignored);
        }
        env_real.ops->close(&env_real, p->lock_fd);
        p->lock_fd = -1;
    }
}

void
place_socket(const struct place *p, const char *name, char *out, size_t size)
{
    snprintf(out, size, "unix:%s/%s.sock", p->run_dir, name);
}

/* The supervisor is the first process in the file's list. */
static bool
still_runs(const uint8_t *bytes, size_t len)
{
    json_t *root = json_loadb((const char *)bytes, len, 0, NULL);
    json_t *pid = json_array_get(json_object_get(root, "pids"), 0);
    const bool runs = json_is_integer(pid) && json_integer_value(pid) > 1 &&
                      (kill((pid_t)json_integer_value(pid), 0) == 0 || errno == EPERM);
    json_decref(root);
    return runs;
}

bool
place_find_running(struct buffer *out)
{
    char base[PATH_MAX - 300];
    place_runtime_dir(base, sizeof base);
    DIR *dir = opendir(base);
    if (dir == NULL) {
        return false;
    }
    bool found = false;
    for (struct dirent *entry = readdir(dir); entry != NULL && !found; entry = readdir(dir)) {
        const size_t name_len = strlen(entry->d_name);
        if (name_len < 6 || strcmp(entry->d_name + name_len - 5, ".json") != 0) {
            continue;
        }
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", base, entry->d_name);
        uint8_t *bytes = NULL;
        size_t len = 0;
        struct error ignored = {0};
        if (env_read_file(&env_real, path, 1 << 20, &bytes, &len, &ignored)) {
            found = still_runs(bytes, len);
            if (found) {
                buffer_put(out, bytes, len);
            }
            free(bytes);
        }
        error_clear(&ignored);
    }
    closedir(dir);
    return found;
}

bool
place_find_store(char *address, size_t size)
{
    struct buffer json = {0};
    if (!place_find_running(&json)) {
        return false;
    }
    json_t *root = json_loadb((const char *)json.ptr, json.len, 0, NULL), *node;
    const char *run = json_string_value(json_object_get(root, "run"));
    size_t i;
    json_array_foreach(json_object_get(root, "nodes"), i, node)
    {
        const char *state = json_string_value(json_object_get(node, "state"));
        const char *its = json_string_value(json_object_get(node, "run"));
        if (its != NULL && state != NULL && strcmp(state, "running") == 0) {
            run = its;
            break;
        }
    }
    snprintf(address, size, "unix:%s/store.sock", run != NULL ? run : "");
    json_decref(root);
    buffer_release(&json);
    return true;
}
