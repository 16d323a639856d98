/* The commands of `weir fs`, one function each, in the order of the table at the end. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/fs.h"

struct fs_found { /* paths that exist, after patterns */
    struct fs *fs;
    const char **paths;
    const char *folder, *pattern;
    uint32_t count, capacity;
};

static void
found_add(struct fs_found *f, const char *path)
{
    if (f->count == f->capacity) {
        const uint32_t capacity = f->capacity * 2 + 8;
        const char **grown = arena_new_array(&f->fs->arena, const char *, capacity);
        if (f->count > 0) {
            memcpy(grown, f->paths, f->count * sizeof *grown);
        }
        f->paths = grown;
        f->capacity = capacity;
    }
    f->paths[f->count++] = path;
}

static const char *
joined(struct fs *fs, const char *folder, const char *name)
{
    const size_t len = strlen(folder);
    return arena_printf(&fs->arena, "%s%s%s", folder, len > 0 && folder[len - 1] == '/' ? "" : "/",
                        name);
}

static bool
match_one(void *ctx, const struct hdfs_file *file)
{
    struct fs_found *f = ctx;
    if (fnmatch(f->pattern, file->name, FNM_PERIOD) == 0) {
        found_add(f, joined(f->fs, f->folder, file->name));
    }
    return true;
}

/* Patterns in the last name of a path. Without one, the path itself, there or not. */
static struct fs_found
expand(struct fs *fs, const char *given)
{
    struct fs_found f = {.fs = fs};
    const char *path = fs_path(fs, given);
    const char *slash = strrchr(path, '/');
    if (strpbrk(slash, "*?[") == NULL) {
        found_add(&f, path);
        return f;
    }
    struct error err = {0};
    f.folder = slash == path ? "/" : arena_strndup(&fs->arena, path, (size_t)(slash - path));
    f.pattern = slash + 1;
    if (!hdfs_client_list(fs->client, &fs->arena, f.folder, match_one, &f, &err)) {
        fs_fail(fs, given, &err);
    } else if (f.count == 0) {
        error_system(&err, ENOENT, "%s", given);
        fs_fail(fs, given, &err);
    }
    return f;
}

static bool
stat_quietly(struct fs *fs, const char *path, struct hdfs_file *out)
{
    struct error ignored = {0};
    const bool ok = hdfs_client_stat(fs->client, &fs->arena, path, out, &ignored);
    error_clear(&ignored);
    return ok;
}

static bool
stat_loudly(struct fs *fs, const char *path, struct hdfs_file *out)
{
    struct error err = {0};
    return hdfs_client_stat(fs->client, &fs->arena, path, out, &err) || fs_fail(fs, path, &err);
}

/* Runs fn for each path that the arguments name. */
static bool
each(struct fs *fs, int argc, char **argv, void (*fn)(struct fs *fs, const char *path, void *ctx),
     void *ctx)
{
    for (int i = 0; i < argc; i++) {
        const struct fs_found f = expand(fs, argv[i]);
        for (uint32_t k = 0; k < f.count; k++) {
            fn(fs, f.paths[k], ctx);
        }
    }
    return argc > 0;
}

static void
mode_text(const struct hdfs_file *f, char out[11])
{
    out[0] = f->is_folder ? 'd' : '-';
    for (int i = 0; i < 9; i++) {
        out[i + 1] = (f->mode & 0400u >> i) != 0 ? "rwxrwxrwx"[i] : '-';
    }
    if ((f->mode & 01000) != 0) {
        out[9] = (f->mode & 1) != 0 ? 't' : 'T';
    }
    out[10] = '\0';
}

static const char *
time_text(struct fs *fs, int64_t ms, const char *format, bool utc)
{
    char text[64];
    struct tm tm;
    const time_t s = (time_t)(ms / 1000);
    if (utc) {
        gmtime_r(&s, &tm);
    } else {
        localtime_r(&s, &tm);
    }
    strftime(text, sizeof text, format, &tm);
    return arena_strdup(&fs->arena, text);
}

/* ---- ls ---- */

struct ls {
    struct fs *fs;
    const char *folder;
    struct hdfs_file *items;
    uint32_t count, capacity;
    bool recursive, itself;
};

static bool
ls_take(void *ctx, const struct hdfs_file *file)
{
    struct ls *l = ctx;
    if (l->count == l->capacity) {
        l->capacity = l->capacity * 2 + 64;
        l->items = realloc(l->items, l->capacity * sizeof *l->items);
        if (l->items == NULL) {
            abort();
        }
    }
    l->items[l->count++] = *file;
    return true;
}

static void
ls_print(struct fs *fs, const char *folder, const struct hdfs_file *items, uint32_t count)
{
    int repl = 3, owner = 0, group = 0, len = 10;
    for (uint32_t i = 0; i < count; i++) {
        const struct hdfs_file *f = &items[i];
        const int n = snprintf(NULL, 0, "%lld", (long long)f->bytes);
        len = n > len ? n : len;
        owner = (int)strlen(f->owner) > owner ? (int)strlen(f->owner) : owner;
        group = (int)strlen(f->group) > group ? (int)strlen(f->group) : group;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct hdfs_file *f = &items[i];
        char mode[11], copies[16];
        mode_text(f, mode);
        snprintf(copies, sizeof copies, "%u", f->replication);
        printf("%s%c%*s %-*s %-*s %*lld %s %s\n", mode, f->has_acl ? '+' : ' ', repl,
               f->is_folder ? "-" : copies, owner, f->owner, group, f->group, len,
               (long long)f->bytes, time_text(fs, f->modified_ms, "%Y-%m-%d %H:%M", false),
               f->name[0] != '\0' ? joined(fs, folder, f->name) : folder);
    }
}

static void
ls_one(struct fs *fs, const char *path, void *ctx)
{
    const struct ls *how = ctx;
    struct ls l = {.fs = fs, .folder = path, .recursive = how->recursive};
    struct hdfs_file f;
    struct error err = {0};
    if (!stat_loudly(fs, path, &f)) {
        return;
    }
    if (!f.is_folder || how->itself) {
        ls_print(fs, path, &f, 1);
        return;
    }
    if (!hdfs_client_list(fs->client, &fs->arena, path, ls_take, &l, &err)) {
        fs_fail(fs, path, &err);
    } else {
        if (!how->recursive) {
            printf(l.count > 0 ? "Found %u items\n" : "", l.count);
        }
        for (uint32_t i = 0; how->recursive && i < l.count; i++) {
            ls_print(fs, path, &l.items[i], 1);
            if (l.items[i].is_folder) {
                ls_one(fs, joined(fs, path, l.items[i].name), ctx);
            }
        }
        if (!how->recursive) {
            ls_print(fs, path, l.items, l.count);
        }
    }
    free(l.items);
}

static bool
run_ls(struct fs *fs, int argc, char **argv)
{
    struct ls how = {.recursive = fs_flag(&argc, &argv, "-R"),
                     .itself = fs_flag(&argc, &argv, "-d")};
    static char home[] = "";
    char *here[] = {home};
    return argc > 0 ? each(fs, argc, argv, ls_one, &how) : each(fs, 1, here, ls_one, &how);
}

/* ---- copying ---- */

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void
put_one(struct fs *fs, const char *local, const char *path, bool force)
{
    struct stat st;
    struct error err = {0};
    if (strcmp(local, "-") == 0) {
        fs_copy_in(fs, STDIN_FILENO, path, force, path);
        return;
    }
    if (stat(local, &st) != 0) {
        error_system(&err, errno, "%s", local);
        fs_fail(fs, local, &err);
        return;
    }
    if (S_ISDIR(st.st_mode)) {
        DIR *dir = fs_do(fs, "PUT", path, "MKDIRS", NULL, NULL, path) ? opendir(local) : NULL;
        for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
            if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
                put_one(fs, joined(fs, local, e->d_name), joined(fs, path, e->d_name), force);
            }
        }
        if (dir != NULL) {
            closedir(dir);
        }
        return;
    }
    const int fd = open(local, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        error_system(&err, errno, "%s", local);
        fs_fail(fs, local, &err);
        return;
    }
    fs_copy_in(fs, fd, path, force, path);
    close(fd);
}

static bool
run_put(struct fs *fs, int argc, char **argv)
{
    const bool force = fs_flag(&argc, &argv, "-f");
    if (argc < 1) {
        return false;
    }
    static char home[] = "";
    const char *to = fs_path(fs, argc > 1 ? argv[argc - 1] : home);
    struct hdfs_file f;
    const bool folder = stat_quietly(fs, to, &f) && f.is_folder;
    if (argc > 2 && !folder) {
        struct error err = {0};
        error_system(&err, ENOENT, "%s", to);
        fs_fail(fs, to, &err);
        return true;
    }
    for (int i = 0; i < (argc > 1 ? argc - 1 : 1); i++) {
        char *local = argv[i];
        size_t len = strlen(local);
        while (len > 1 && local[len - 1] == '/') {
            local[--len] = '\0';
        }
        put_one(fs, local, folder ? joined(fs, to, base_name(local)) : to, force);
    }
    return true;
}

struct get {
    const char *to;
    bool to_folder, force;
};

static void get_one(struct fs *fs, const char *path, const char *local, bool force);

static void
get_folder(struct fs *fs, const char *path, const char *local, bool force)
{
    struct ls l = {.fs = fs, .folder = path};
    struct error err = {0};
    if (mkdir(local, 0777) != 0 && errno != EEXIST) {
        error_system(&err, errno, "%s", local);
        fs_fail(fs, local, &err);
    } else if (!hdfs_client_list(fs->client, &fs->arena, path, ls_take, &l, &err)) {
        fs_fail(fs, path, &err);
    }
    for (uint32_t i = 0; i < l.count; i++) {
        get_one(fs, joined(fs, path, l.items[i].name), joined(fs, local, l.items[i].name), force);
    }
    free(l.items);
}

static void
get_one(struct fs *fs, const char *path, const char *local, bool force)
{
    struct hdfs_file f;
    struct error err = {0};
    if (!stat_loudly(fs, path, &f)) {
        return;
    }
    if (f.is_folder) {
        get_folder(fs, path, local, force);
        return;
    }
    const int fd =
        strcmp(local, "-") == 0
            ? dup(STDOUT_FILENO)
            : open(local, O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL), 0666);
    if (fd < 0) {
        error_system(&err, errno, "%s", local);
        fs_fail(fs, local, &err);
        return;
    }
    if (!fs_copy_out(fs, path, 0, fd, path) && strcmp(local, "-") != 0) {
        unlink(local); /* half a file is none */
    }
    close(fd);
}

static void
get_each(struct fs *fs, const char *path, void *ctx)
{
    const struct get *g = ctx;
    get_one(fs, path, g->to_folder ? joined(fs, g->to, base_name(path)) : g->to, g->force);
}

static bool
run_get(struct fs *fs, int argc, char **argv)
{
    struct get g = {.force = fs_flag(&argc, &argv, "-f")};
    struct stat st;
    if (argc < 1) {
        return false;
    }
    g.to = argc > 1 ? argv[argc - 1] : ".";
    g.to_folder = stat(g.to, &st) == 0 && S_ISDIR(st.st_mode);
    return each(fs, argc > 1 ? argc - 1 : 1, argv, get_each, &g);
}

static void
cat_one(struct fs *fs, const char *path, void *ctx)
{
    (void)ctx;
    fflush(stdout);
    fs_copy_out(fs, path, 0, STDOUT_FILENO, path);
}

static bool
run_cat(struct fs *fs, int argc, char **argv)
{
    return each(fs, argc, argv, cat_one, NULL);
}

static bool
run_tail(struct fs *fs, int argc, char **argv)
{
    struct hdfs_file f;
    if (argc != 1) {
        return false;
    }
    const char *path = fs_path(fs, argv[0]);
    if (stat_loudly(fs, path, &f)) {
        fs_copy_out(fs, path, f.bytes > 1024 ? f.bytes - 1024 : 0, STDOUT_FILENO, path);
    }
    return true;
}

/* ---- names ---- */

static void
mkdir_one(struct fs *fs, const char *path, void *ctx)
{
    const bool parents = *(const bool *)ctx;
    struct hdfs_file f;
    struct error err = {0};
    const char *slash = strrchr(path, '/');
    const char *folder =
        slash == path ? "/" : arena_strndup(&fs->arena, path, (size_t)(slash - path));
    if (!parents && stat_quietly(fs, path, &f)) {
        error_system(&err, EEXIST, "%s", path);
        fs_fail(fs, path, &err);
    } else if (!parents && !stat_quietly(fs, folder, &f)) {
        error_system(&err, ENOENT, "%s", path);
        fs_fail(fs, path, &err);
    } else {
        fs_do(fs, "PUT", path, "MKDIRS", NULL, NULL, path);
    }
}

static bool
run_mkdir(struct fs *fs, int argc, char **argv)
{
    bool parents = fs_flag(&argc, &argv, "-p");
    return each(fs, argc, argv, mkdir_one, &parents);
}

struct rm {
    bool recursive, force;
};

static void
rm_one(struct fs *fs, const char *path, void *ctx)
{
    const struct rm *how = ctx;
    struct hdfs_file f;
    if (how->force && !stat_quietly(fs, path, &f)) {
        return;
    }
    if (!stat_loudly(fs, path, &f)) {
        return;
    }
    if (f.is_folder && !how->recursive) {
        fprintf(stderr, "rm: `%s': Is a directory\n", path);
        fs->status = EXIT_FAILED;
    } else if (fs_do(fs, "DELETE", path, "DELETE", how->recursive ? "&recursive=true" : NULL, NULL,
                     path)) {
        printf("Deleted %s\n", path);
    }
}

static bool
run_rm(struct fs *fs, int argc, char **argv)
{
    struct rm how = {.recursive = fs_flag(&argc, &argv, "-r") || fs_flag(&argc, &argv, "-R"),
                     .force = fs_flag(&argc, &argv, "-f")};
    fs_flag(&argc, &argv, "-skipTrash"); /* there is no trash */
    return each(fs, argc, argv, rm_one, &how);
}

static void
mv_one(struct fs *fs, const char *path, void *ctx)
{
    const char *to = ctx;
    struct hdfs_file f;
    struct buffer params = {0}, out = {0};
    if (stat_loudly(fs, path, &f)) {
        buffer_puts(&params, "&destination=");
        hdfs_client_encode(&params, to);
        if (fs_do(fs, "PUT", path, "RENAME", buffer_text(&params), &out, path) &&
            strstr(buffer_text(&out), "true") == NULL) {
            const bool taken = stat_quietly(fs, to, &f);
            fprintf(stderr, "mv: `%s': %s\n", to,
                    taken ? "File exists" : "No such file or directory");
            fs->status = EXIT_FAILED;
        }
    }
    buffer_release(&params);
    buffer_release(&out);
}

static bool
run_mv(struct fs *fs, int argc, char **argv)
{
    if (argc < 2) {
        return false;
    }
    const char *to = fs_path(fs, argv[argc - 1]);
    return each(fs, argc - 1, argv, mv_one, (void *)(uintptr_t)to);
}

static void
touchz_one(struct fs *fs, const char *path, void *ctx)
{
    struct hdfs_file f;
    (void)ctx;
    if (stat_quietly(fs, path, &f) && f.bytes > 0) {
        fprintf(stderr, "touchz: `%s': Not a zero-length file\n", path);
        fs->status = EXIT_FAILED;
        return;
    }
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    fs_copy_in(fs, fd, path, true, path);
    close(fd);
}

static bool
run_touchz(struct fs *fs, int argc, char **argv)
{
    return each(fs, argc, argv, touchz_one, NULL);
}

/* ---- sums ---- */

static const char *
size_text(struct fs *fs, int64_t bytes, bool human)
{
    static const char *const units[] = {"", " K", " M", " G", " T", " P"};
    double v = (double)bytes;
    int unit = 0;
    while (human && v >= 1024 && unit < 5) {
        v /= 1024;
        unit++;
    }
    return unit == 0 ? arena_printf(&fs->arena, "%lld", (long long)bytes)
                     : arena_printf(&fs->arena, "%.1f%s", v, units[unit]);
}

struct sum {
    bool summary, human;
};

static bool
summary_of(struct fs *fs, const char *path, struct buffer *json)
{
    return fs_do(fs, "GET", path, "GETCONTENTSUMMARY", NULL, json, path);
}

static void
du_line(struct fs *fs, const char *path, bool human)
{
    struct buffer json = {0};
    if (summary_of(fs, path, &json)) {
        const char *text = (const char *)json.ptr;
        printf("%s  %s  %s\n", size_text(fs, hdfs_json_int(text, json.len, "length"), human),
               size_text(fs, hdfs_json_int(text, json.len, "spaceConsumed"), human), path);
    }
    buffer_release(&json);
}

static void
du_one(struct fs *fs, const char *path, void *ctx)
{
    const struct sum *how = ctx;
    struct ls l = {.fs = fs, .folder = path};
    struct hdfs_file f;
    struct error err = {0};
    if (!stat_loudly(fs, path, &f)) {
        return;
    }
    if (how->summary || !f.is_folder) {
        du_line(fs, path, how->human);
    } else if (!hdfs_client_list(fs->client, &fs->arena, path, ls_take, &l, &err)) {
        fs_fail(fs, path, &err);
    }
    for (uint32_t i = 0; i < l.count; i++) {
        du_line(fs, joined(fs, path, l.items[i].name), how->human);
    }
    free(l.items);
}

static bool
run_du(struct fs *fs, int argc, char **argv)
{
    struct sum how = {fs_flag(&argc, &argv, "-s"), fs_flag(&argc, &argv, "-h")};
    return each(fs, argc, argv, du_one, &how);
}

static void
count_one(struct fs *fs, const char *path, void *ctx)
{
    const struct sum *how = ctx;
    struct buffer json = {0};
    if (summary_of(fs, path, &json)) {
        const char *text = (const char *)json.ptr;
        printf("%12lld %12lld %18s %s\n",
               (long long)hdfs_json_int(text, json.len, "directoryCount"),
               (long long)hdfs_json_int(text, json.len, "fileCount"),
               size_text(fs, hdfs_json_int(text, json.len, "length"), how->human), path);
    }
    buffer_release(&json);
}

static bool
run_count(struct fs *fs, int argc, char **argv)
{
    struct sum how = {.human = fs_flag(&argc, &argv, "-h")};
    return each(fs, argc, argv, count_one, &how);
}

/* ---- attributes ---- */

static void
setrep_one(struct fs *fs, const char *path, void *ctx)
{
    struct hdfs_file f;
    if (!stat_loudly(fs, path, &f)) {
        return;
    }
    if (f.is_folder) {
        struct ls l = {.fs = fs, .folder = path};
        struct error err = {0};
        if (!hdfs_client_list(fs->client, &fs->arena, path, ls_take, &l, &err)) {
            fs_fail(fs, path, &err);
        }
        for (uint32_t i = 0; i < l.count; i++) {
            setrep_one(fs, joined(fs, path, l.items[i].name), ctx);
        }
        free(l.items);
    } else if (fs_do(fs, "PUT", path, "SETREPLICATION",
                     arena_printf(&fs->arena, "&replication=%s", (const char *)ctx), NULL, path)) {
        printf("Replication %s set: %s\n", (const char *)ctx, path);
    }
}

static bool
run_setrep(struct fs *fs, int argc, char **argv)
{
    fs_flag(&argc, &argv, "-R");
    if (argc < 2 || strspn(argv[0], "0123456789") != strlen(argv[0])) {
        return false;
    }
    return each(fs, argc - 1, argv + 1, setrep_one, argv[0]);
}

struct attribute {
    const char *op, *params;
    bool recursive;
};

static void
attribute_one(struct fs *fs, const char *path, void *ctx)
{
    const struct attribute *a = ctx;
    struct hdfs_file f;
    struct ls l = {.fs = fs, .folder = path};
    struct error err = {0};
    if (!fs_do(fs, "PUT", path, a->op, a->params, NULL, path) || !a->recursive ||
        !stat_loudly(fs, path, &f) || !f.is_folder) {
        return;
    }
    if (!hdfs_client_list(fs->client, &fs->arena, path, ls_take, &l, &err)) {
        fs_fail(fs, path, &err);
    }
    for (uint32_t i = 0; i < l.count; i++) {
        attribute_one(fs, joined(fs, path, l.items[i].name), ctx);
    }
    free(l.items);
}

static bool
run_chmod(struct fs *fs, int argc, char **argv)
{
    struct attribute a = {.op = "SETPERMISSION", .recursive = fs_flag(&argc, &argv, "-R")};
    if (argc < 2 || strspn(argv[0], "01234567") != strlen(argv[0])) {
        return false;
    }
    a.params = arena_printf(&fs->arena, "&permission=%s", argv[0]);
    return each(fs, argc - 1, argv + 1, attribute_one, &a);
}

static bool
run_chown(struct fs *fs, int argc, char **argv)
{
    struct attribute a = {.op = "SETOWNER", .recursive = fs_flag(&argc, &argv, "-R")};
    if (argc < 2) {
        return false;
    }
    struct buffer params = {0};
    const size_t len = strcspn(argv[0], ":");
    buffer_puts(&params, "&owner=");
    hdfs_client_encode(&params, arena_strndup(&fs->arena, argv[0], len));
    buffer_puts(&params, "&group=");
    hdfs_client_encode(&params, argv[0][len] == ':' ? argv[0] + len + 1 : "");
    a.params = arena_strdup(&fs->arena, buffer_text(&params));
    buffer_release(&params);
    return each(fs, argc - 1, argv + 1, attribute_one, &a);
}

static void
checksum_one(struct fs *fs, const char *path, void *ctx)
{
    struct buffer json = {0};
    (void)ctx;
    if (fs_do(fs, "GET", path, "GETFILECHECKSUM", NULL, &json, path)) {
        const char *text = (const char *)json.ptr;
        const char *algorithm = hdfs_json_text(&fs->arena, text, json.len, "algorithm");
        const char *bytes = hdfs_json_text(&fs->arena, text, json.len, "bytes");
        printf("%s\t%s\t%.56s\n", path, algorithm != NULL ? algorithm : "NONE",
               bytes != NULL ? bytes : "");
    }
    buffer_release(&json);
}

static bool
run_checksum(struct fs *fs, int argc, char **argv)
{
    return each(fs, argc, argv, checksum_one, NULL);
}

static void
stat_field(struct fs *fs, const struct hdfs_file *f, const char *path, char field)
{
    char mode[11];
    mode_text(f, mode);
    switch (field) {
    case 'a':
        printf("%o", f->mode);
        break;
    case 'A':
        fputs(mode + 1, stdout);
        break;
    case 'b':
        printf("%lld", (long long)f->bytes);
        break;
    case 'F':
        fputs(f->is_folder ? "directory" : "regular file", stdout);
        break;
    case 'g':
        fputs(f->group, stdout);
        break;
    case 'n':
        fputs(base_name(path), stdout);
        break;
    case 'o':
        printf("%lld", (long long)f->block_bytes);
        break;
    case 'r':
        printf("%u", f->replication);
        break;
    case 'u':
        fputs(f->owner, stdout);
        break;
    case 'x':
    case 'y':
        fputs(time_text(fs, field == 'x' ? f->accessed_ms : f->modified_ms, "%Y-%m-%d %H:%M:%S",
                        true),
              stdout);
        break;
    case 'X':
    case 'Y':
        printf("%lld", (long long)(field == 'X' ? f->accessed_ms : f->modified_ms));
        break;
    default:
        printf("%%%c", field);
        break;
    }
}

static void
stat_one(struct fs *fs, const char *path, void *ctx)
{
    struct hdfs_file f;
    if (!stat_loudly(fs, path, &f)) {
        return;
    }
    for (const char *p = ctx; *p != '\0'; p++) {
        if (*p == '%' && p[1] != '\0') {
            stat_field(fs, &f, path, *++p);
        } else {
            putchar(*p);
        }
    }
    putchar('\n');
}

static bool
run_stat(struct fs *fs, int argc, char **argv)
{
    static char usual[] = "%y";
    if (argc > 1 && strchr(argv[0], '%') != NULL) {
        return each(fs, argc - 1, argv + 1, stat_one, argv[0]);
    }
    return each(fs, argc, argv, stat_one, usual);
}

static bool
run_test(struct fs *fs, int argc, char **argv)
{
    struct hdfs_file f;
    if (argc != 2 || strlen(argv[0]) != 2 || strchr("defsz", argv[0][1]) == NULL) {
        return false;
    }
    const bool there = stat_quietly(fs, fs_path(fs, argv[1]), &f);
    const char what = argv[0][1];
    const bool yes =
        there && (what == 'e' || (what == 'd' && f.is_folder) || (what == 'f' && !f.is_folder) ||
                  (what == 's' && f.bytes > 0) || (what == 'z' && !f.is_folder && f.bytes == 0));
    fs->status = yes ? EXIT_DONE : EXIT_FAILED;
    return true;
}

const struct fs_command *
fs_commands(void)
{
    static const struct fs_command commands[] = {
        {"-ls", run_ls},
        {"-put", run_put},
        {"-copyFromLocal", run_put},
        {"-get", run_get},
        {"-cat", run_cat},
        {"-copyToLocal", run_get},
        {"-mkdir", run_mkdir},
        {"-rm", run_rm},
        {"-mv", run_mv},
        {"-du", run_du},
        {"-tail", run_tail},
        {"-setrep", run_setrep},
        {"-checksum", run_checksum},
        {"-stat", run_stat},
        {"-test", run_test},
        {"-touchz", run_touchz},
        {"-count", run_count},
        {"-chmod", run_chmod},
        {"-chown", run_chown},
        {NULL, NULL},
    };
    return commands;
}
