/* Changes by path: what Hadoop allows and refuses, and with which words; then one record. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names/names_internal.h"

static struct bytes
text_bytes(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

bool
names_quota_check(const struct inode *folder, int64_t names, int64_t space, struct error *err)
{
    for (; folder != NULL; folder = folder->parent) {
        const struct ns_extra *x = folder->extra;
        const int64_t has = folder->tally.files + folder->tally.folders;
        if (x == NULL) {
            continue;
        }
        struct buffer path = {0};
        namespace_path(folder, &path);
        if (names > 0 && x->name_quota >= 0 && has + names > x->name_quota) {
            names_refuse(err, NAMES_NAME_QUOTA,
                         "The NameSpace quota (directories and files) of directory %s is exceeded: "
                         "quota=%lld file count=%lld",
                         buffer_text(&path), (long long)x->name_quota, (long long)(has + names));
        } else if (space > 0 && x->space_quota >= 0 &&
                   folder->tally.space + space > x->space_quota) {
            names_refuse(err, NAMES_SPACE_QUOTA,
                         "The DiskSpace quota of %s is exceeded: quota = %lld B but diskspace "
                         "consumed = %lld B",
                         buffer_text(&path), (long long)x->space_quota,
                         (long long)(folder->tally.space + space));
        }
        buffer_release(&path);
        if (error_is_set(err)) {
            return false;
        }
    }
    return true;
}

/* One new inode below folder. */
static struct inode *
make_one(struct names *n, const struct names_caller *who, struct inode *folder, struct bytes name,
         const struct names_make *make, bool is_file, struct error *err)
{
    struct buffer acl = {0};
    uint16_t mode = make->mode;
    if (!names_quota_check(folder, 1, 0, err)) {
        return NULL;
    }
    uint16_t wanted = make->unmasked_mode >= 0 ? (uint16_t)make->unmasked_mode : make->mode;
    if (names_acl_inherit(folder, !is_file, &wanted, &acl)) {
        mode = wanted;
    }
    struct namespace *ns = names_space(n);
    const struct ns_record r = {
        .op = is_file ? NS_CREATE : NS_MKDIR,
        .id = namespace_next_id(ns),
        .parent = folder->id,
        .name = name,
        .owner = text_bytes(who->user),
        .group = text_bytes(folder->group),
        .mode = mode,
        .modified_ms = names_now_ms(n),
        .replication = make->replication,
        .block_bytes = make->block_bytes,
        .holder = text_bytes(make->holder != NULL ? make->holder : ""),
        .acl = {acl.ptr, acl.len},
    };
    const bool ok = names_write(n, &r, err);
    buffer_release(&acl);
    return ok ? namespace_inode(ns, r.id) : NULL;
}

/* The folders that are missing on the way to `until` (exclusive); the last one made or found. */
static struct inode *
make_parents(struct names *n, const struct names_caller *who, struct inode *folder,
             const char *rest, const char *until, const struct names_make *like, struct error *err)
{
    struct names_make make = *like;
    make.mode |= 0300; /* so that the rest can be made below */
    while (folder != NULL && rest < until) {
        const size_t len = strcspn(rest, "/");
        if (len > 0) {
            folder = make_one(n, who, folder, (struct bytes){(const uint8_t *)rest, len}, &make,
                              false, err);
        }
        rest += len + strspn(rest + len, "/");
    }
    return folder;
}

/* Where the last name of a path begins; NULL for the root. */
static const char *
last_name(const char *path, size_t *len)
{
    size_t end = strlen(path);
    while (end > 0 && path[end - 1] == '/') {
        end--;
    }
    size_t start = end;
    while (start > 0 && path[start - 1] != '/') {
        start--;
    }
    *len = end - start;
    return end == 0 ? NULL : path + start;
}

bool
names_mkdirs(struct names *n, const struct names_caller *who, const char *path,
             const struct names_make *make, struct error *err)
{
    struct names_place place;
    if (!names_walk(n, who, path, true, &place, err)) {
        return false;
    }
    if (place.inode != NULL) {
        return place.inode->kind == INODE_FOLDER ||
               names_refuse(err, NAMES_EXISTS, "Path is not a directory: %s", path);
    }
    if (!names_may(who, place.last, NAMES_WRITE, err)) {
        return false;
    }
    size_t len;
    const char *name = last_name(path, &len);
    struct inode *folder = make_parents(n, who, place.last, place.rest, name, make, err);
    return folder != NULL && make_one(n, who, folder, (struct bytes){(const uint8_t *)name, len},
                                      make, false, err) != NULL;
}

/* Checks of a creation; place says where. */
static bool
create_check(struct names *n, const struct names_caller *who, const char *path,
             const struct names_make *make, struct names_place *place, struct error *err)
{
    if (!names_walk(n, who, path, true, place, err)) {
        return false;
    }
    const struct inode *old = place->inode;
    if (old != NULL && old->kind == INODE_FOLDER) {
        return names_refuse(err, NAMES_EXISTS, "%s already exists as a directory", path);
    }
    if (old != NULL) {
        if (!make->overwrite && old->open != NULL) {
            return names_refuse(err, NAMES_BEING_CREATED,
                                "failed to create file %s for %s because current leaseholder is "
                                "trying to recreate file.",
                                path, make->holder != NULL ? make->holder : who->user);
        }
        if (!make->overwrite) {
            return names_refuse(err, NAMES_EXISTS, "%s for client %s already exists", path,
                                make->holder != NULL ? make->holder : who->user);
        }
        return names_may(who, old, NAMES_WRITE, err);
    }
    size_t len;
    const char *name = last_name(path, &len);
    if (!make->create_parents && place->rest != NULL && place->rest < name) {
        return names_refuse(err, NAMES_NOT_FOUND, "Parent directory doesn't exist: %.*s",
                            (int)(name - 1 - path), path);
    }
    if (make->block_bytes % NS_CHUNK_BYTES != 0) {
        return names_refuse(err, NAMES_IO,
                            "io.bytes.per.checksum(%d) and blockSize(%lld) do not match. blockSize "
                            "should be a multiple of io.bytes.per.checksum",
                            NS_CHUNK_BYTES, (long long)make->block_bytes);
    }
    if (make->block_bytes < NS_BLOCK_BYTES_MIN) {
        return names_refuse(err, NAMES_IO,
                            "Specified block size is less than configured minimum value "
                            "(dfs.namenode.fs-limits.min-block-size): %lld < %d",
                            (long long)make->block_bytes, NS_BLOCK_BYTES_MIN);
    }
    if (make->replication < 1) {
        return names_refuse(err, NAMES_IO,
                            "Requested replication factor of %d is less than the required "
                            "minimum of 1 for %s",
                            make->replication, path);
    }
    return names_may(who, place->last, NAMES_WRITE, err);
}

bool
names_may_create(struct names *n, const struct names_caller *who, const char *path,
                 const struct names_make *make, struct error *err)
{
    struct names_place place;
    return create_check(n, who, path, make, &place, err);
}

struct inode *
names_create(struct names *n, const struct names_caller *who, const char *path,
             const struct names_make *make, struct error *err)
{
    struct names_place place;
    if (!create_check(n, who, path, make, &place, err)) {
        return NULL;
    }
    struct inode *folder = place.last;
    size_t len;
    const char *name = last_name(path, &len);
    if (place.inode != NULL) {
        folder = place.inode->parent;
        const struct ns_record gone = {
            .op = NS_DELETE, .id = place.inode->id, .modified_ms = names_now_ms(n)};
        if (!names_may(who, folder, NAMES_WRITE, err) || !names_write(n, &gone, err)) {
            return NULL;
        }
    } else {
        struct names_make parents = *make;
        parents.mode = 0755;
        parents.unmasked_mode = -1;
        folder = make_parents(n, who, folder, place.rest, name, &parents, err);
        if (folder == NULL) {
            return NULL;
        }
    }
    return make_one(n, who, folder, (struct bytes){(const uint8_t *)name, len}, make, true, err);
}

struct inode *
names_append(struct names *n, const struct names_caller *who, const char *path, const char *holder,
             struct error *err)
{
    struct inode *file = names_must_find(n, who, path, err);
    if (file == NULL || !names_may(who, file, NAMES_WRITE, err)) {
        return NULL;
    }
    if (file->kind != INODE_FILE) {
        names_refuse(err, NAMES_EXISTS, "%s already exists as a directory", path);
        return NULL;
    }
    if (file->open != NULL) {
        names_refuse(err, NAMES_BEING_CREATED,
                     "Failed to APPEND_FILE %s for %s because this file lease is currently owned "
                     "by %s",
                     path, holder, file->open->holder);
        return NULL;
    }
    const struct ns_record r = {.op = NS_APPEND,
                                .id = file->id,
                                .holder = text_bytes(holder),
                                .modified_ms = file->modified_ms};
    return names_write(n, &r, err) ? file : NULL;
}

uint64_t
names_stamp_next(struct names *n)
{
    return namespace_next_stamp(names_space(n));
}

bool
names_block_add(struct names *n, struct inode *file, struct ns_block *out, struct error *err)
{
    struct namespace *ns = names_space(n);
    *out = (struct ns_block){namespace_next_block(ns), namespace_next_stamp(ns), 0};
    const struct ns_record r = {.op = NS_BLOCK_ADD, .id = file->id, .block = *out};
    return names_quota_check(file->parent, 0, file->block_bytes * file->replication, err) &&
           names_write(n, &r, err);
}

bool
names_file_close(struct names *n, struct inode *file, const struct ns_block *block,
                 struct error *err)
{
    struct ns_record r = {.op = NS_CLOSE, .id = file->id, .modified_ms = names_now_ms(n)};
    if (block != NULL) {
        r.block = *block;
    }
    return names_write(n, &r, err);
}

/* ---- rename ---- */

/* Refuses, or for the old kind of rename says "not done". */
static bool
rename_no(enum names_rename how, struct error *err, enum names_fault fault, const char *text,
          const char *path)
{
    return how == NAMES_RENAME_OLD || names_refuse(err, fault, "%s %s", text, path);
}

struct rename_plan {
    struct inode *from;
    struct inode *folder; /* where it goes */
    struct bytes name;
    struct inode *replaced;
};

static bool
rename_target(struct names *n, const struct names_caller *who, struct rename_plan *plan,
              const char *to, enum names_rename how, bool *go, struct error *err)
{
    struct names_place place;
    if (!names_walk(n, who, to, true, &place, err)) {
        if (how == NAMES_RENAME_OLD && err->code == NAMES_PARENT_NOT_FOLDER) {
            error_clear(err);
            return true;
        }
        return false;
    }
    size_t len;
    const char *name = last_name(to, &len);
    struct inode *there = place.inode;
    if (there != NULL && there->kind == INODE_FOLDER && how == NAMES_RENAME_OLD) {
        plan->folder = there; /* below it */
        plan->name = text_bytes(plan->from->name);
        struct inode *taken = namespace_child(there, (const char *)plan->name.ptr, plan->name.len);
        *go = taken == NULL;
        return names_may(who, there, NAMES_WRITE | NAMES_EXECUTE, err);
    }
    if (name == NULL) {
        return rename_no(how, err, NAMES_IO, "rename destination cannot be the root", to);
    }
    if (place.rest != NULL && place.rest < name) {
        return rename_no(how, err, NAMES_NOT_FOUND, "rename destination parent not found", to);
    }
    plan->folder = there != NULL ? there->parent : place.last;
    plan->name = (struct bytes){(const uint8_t *)name, len};
    if (there == NULL) {
        *go = true;
    } else if (there == plan->from) {
        return rename_no(how, err, NAMES_EXISTS, "The source and destination are the same:", to);
    } else if (how == NAMES_RENAME_OVERWRITE) {
        if (there->kind != plan->from->kind) {
            return names_refuse(err, NAMES_IO, "Source and destination must both be %s: %s",
                                plan->from->kind == INODE_FOLDER ? "directories" : "files", to);
        }
        if (there->kind == INODE_FOLDER && there->count > 0) {
            return names_refuse(err, NAMES_IO, "rename destination directory is not empty: %s", to);
        }
        plan->replaced = there;
        *go = names_may_remove(who, there, err);
        return *go;
    } else {
        return rename_no(how, err, NAMES_EXISTS, "rename destination exists:", to);
    }
    return names_may(who, plan->folder, NAMES_WRITE, err);
}

bool
names_rename(struct names *n, const struct names_caller *who, const char *from, const char *to,
             enum names_rename how, bool *done, struct error *err)
{
    struct rename_plan plan = {0};
    struct names_place place;
    *done = false;
    if (!names_walk(n, who, from, true, &place, err)) {
        return false;
    }
    plan.from = place.inode;
    if (plan.from == NULL) {
        return rename_no(how, err, NAMES_NOT_FOUND, "rename source is not found:", from);
    }
    if (plan.from->parent == NULL) {
        return rename_no(how, err, NAMES_IO, "rename source cannot be the root", from);
    }
    bool go = false;
    if (!names_may_remove(who, plan.from, err) ||
        !rename_target(n, who, &plan, to, how, &go, err)) {
        return false;
    }
    if (go && plan.folder == plan.from->parent && plan.name.len == strlen(plan.from->name) &&
        memcmp(plan.name.ptr, plan.from->name, plan.name.len) == 0) {
        *done = plan.from->kind == INODE_FILE;
        return true;
    }
    if (!go) {
        /* Onto itself: Hadoop says true for a file, false for a folder. */
        const struct inode *same = names_find(n, who, to, err);
        *done = !error_is_set(err) && same == plan.from && same->kind == INODE_FILE;
        error_clear(err);
        return true;
    }
    if (inode_is_under(plan.folder, plan.from)) {
        return rename_no(how, err, NAMES_IO,
                         "rename destination is a directory or file under source", from);
    }
    const struct ns_tally *t = &plan.from->tally;
    if (!inode_is_under(plan.from, plan.folder) &&
        !names_quota_check(plan.folder, t->files + t->folders, t->space, err)) {
        return false;
    }
    const int64_t now = names_now_ms(n);
    /* The name outlives the source's own text, which it may point to. */
    char name[NS_NAME_BYTES_MAX + 1];
    memcpy(name, plan.name.ptr, plan.name.len);
    const struct ns_record gone = {
        .op = NS_DELETE, .id = plan.replaced != NULL ? plan.replaced->id : 0, .modified_ms = now};
    const struct ns_record move = {.op = NS_RENAME,
                                   .id = plan.from->id,
                                   .parent = plan.folder->id,
                                   .name = {(const uint8_t *)name, plan.name.len},
                                   .modified_ms = now};
    if ((plan.replaced != NULL && !names_write(n, &gone, err)) || !names_write(n, &move, err)) {
        return false;
    }
    *done = true;
    return true;
}

bool
names_delete(struct names *n, const struct names_caller *who, const char *path, bool recursive,
             bool *done, struct error *err)
{
    struct names_place place;
    *done = false;
    if (!names_walk(n, who, path, true, &place, err)) {
        if (err->code == NAMES_PARENT_NOT_FOLDER) {
            error_clear(err);
            return true;
        }
        return false;
    }
    struct inode *gone = place.inode;
    if (gone == NULL) {
        return true;
    }
    if (gone->kind == INODE_FOLDER && gone->count > 0 && !recursive) {
        return names_refuse(err, NAMES_NOT_EMPTY, "`%s is non empty': Directory is not empty",
                            path);
    }
    if (gone->parent == NULL) {
        return true; /* the root stays */
    }
    const struct ns_record r = {.op = NS_DELETE, .id = gone->id, .modified_ms = names_now_ms(n)};
    *done = names_may_remove(who, gone, err) && names_may_empty(who, gone, err) &&
            names_write(n, &r, err);
    return *done;
}

/* ---- attributes ---- */

bool
names_set_mode(struct names *n, const struct names_caller *who, const char *path, uint16_t mode,
               struct error *err)
{
    struct inode *at = names_must_find(n, who, path, err);
    if (at == NULL || !names_owns(who, at, err)) {
        return false;
    }
    const struct ns_record r = {.op = NS_SET_MODE, .id = at->id, .mode = mode};
    return names_write(n, &r, err);
}

bool
names_set_owner(struct names *n, const struct names_caller *who, const char *path,
                const char *owner, const char *group, struct error *err)
{
    struct inode *at = names_must_find(n, who, path, err);
    if (at == NULL || !names_owns(who, at, err)) {
        return false;
    }
    if (!who->is_super && owner[0] != '\0' && strcmp(owner, who->user) != 0) {
        return names_refuse(err, NAMES_DENIED,
                            "User %s is not a super user (non-super user cannot "
                            "change owner).",
                            who->user);
    }
    if (!who->is_super && group[0] != '\0' && !names_caller_in(who, group)) {
        return names_refuse(err, NAMES_DENIED, "User %s does not belong to %s", who->user, group);
    }
    const struct ns_record r = {
        .op = NS_SET_OWNER, .id = at->id, .owner = text_bytes(owner), .group = text_bytes(group)};
    return names_write(n, &r, err);
}

bool
names_set_times(struct names *n, const struct names_caller *who, const char *path,
                int64_t modified_ms, int64_t accessed_ms, struct error *err)
{
    struct inode *at = names_must_find(n, who, path, err);
    if (at == NULL || !names_may(who, at, NAMES_WRITE, err)) {
        return false;
    }
    const struct ns_record r = {
        .op = NS_SET_TIMES, .id = at->id, .modified_ms = modified_ms, .accessed_ms = accessed_ms};
    return names_write(n, &r, err);
}

bool
names_set_replication(struct names *n, const struct names_caller *who, const char *path,
                      uint8_t replication, bool *done, struct error *err)
{
    *done = false;
    struct inode *at = names_find(n, who, path, err);
    if (at == NULL || at->kind != INODE_FILE) {
        return !error_is_set(err);
    }
    const int64_t more = (replication - at->replication) * at->tally.bytes;
    const struct ns_record r = {.op = NS_SET_REPLICATION, .id = at->id, .replication = replication};
    *done = names_may(who, at, NAMES_WRITE, err) && names_quota_check(at->parent, 0, more, err) &&
            names_write(n, &r, err);
    return *done;
}

struct inode *
names_truncate_check(struct names *n, const struct names_caller *who, const char *path,
                     int64_t bytes, struct ns_block **cut, int64_t *keep, struct error *err)
{
    *cut = NULL;
    struct inode *file = names_must_find(n, who, path, err);
    if (file == NULL || !names_may(who, file, NAMES_WRITE, err)) {
        return NULL;
    }
    if (file->kind != INODE_FILE) {
        names_refuse(err, NAMES_PATH_IS_FOLDER, "Path is not a file: %s", path);
    } else if (file->open != NULL) {
        names_refuse(err, NAMES_BEING_CREATED,
                     "Failed to TRUNCATE_FILE %s because this file lease is currently owned by %s",
                     path, file->open->holder);
    } else if (bytes < 0 || bytes > file->tally.bytes) {
        names_refuse(err, NAMES_HADOOP_ILLEGAL,
                     "Cannot truncate to a larger file size. Current size: %lld, truncate size: "
                     "%lld.",
                     (long long)file->tally.bytes, (long long)bytes);
    }
    if (error_is_set(err)) {
        return NULL;
    }
    int64_t before = 0;
    for (uint32_t i = 0; i < file->count && before < bytes; i++) {
        if (before + file->blocks[i].bytes > bytes) {
            *cut = &file->blocks[i];
            *keep = bytes - before;
        }
        before += file->blocks[i].bytes;
    }
    return file;
}

bool
names_truncate(struct names *n, struct inode *file, int64_t bytes, const struct ns_block *cut,
               struct error *err)
{
    struct ns_record r = {
        .op = NS_TRUNCATE, .id = file->id, .bytes = bytes, .modified_ms = names_now_ms(n)};
    if (cut != NULL) {
        r.block = *cut;
    }
    return names_write(n, &r, err);
}

/* ---- concat ---- */

static bool
concat_source(struct names *n, const struct names_caller *who, const struct inode *file,
              const char *path, struct buffer *ids, struct error *err)
{
    struct inode *from = names_must_find(n, who, path, err);
    if (from == NULL || !names_may(who, from, NAMES_READ, err) ||
        !names_may_remove(who, from, err)) {
        return false;
    }
    const char *why = from->kind != INODE_FILE ? "is not a file"
                      : from == file           ? "is the same as the target"
                      : from->open != NULL     ? "is open for writing"
                      : from->parent != file->parent
                          ? "is not in the same directory with the target"
                      : from->count == 0 ? "is empty"
                      : from->block_bytes > file->block_bytes
                          ? "has a preferred block size that is greater than the target's"
                          : NULL;
    if (why != NULL) {
        return names_refuse(err, NAMES_HADOOP_ILLEGAL, "concat: source file %s %s", path, why);
    }
    struct reader seen;
    reader_init(&seen, (struct bytes){ids->ptr, ids->len});
    while (reader_left(&seen) > 0) {
        if (reader_uvarint64(&seen) == from->id) {
            return names_refuse(err, NAMES_HADOOP_ILLEGAL,
                                "concat: at least two of the source files are the same: %s", path);
        }
    }
    buffer_uvarint(ids, from->id);
    return true;
}

bool
names_concat(struct names *n, const struct names_caller *who, const char *path, const char *sources,
             struct error *err)
{
    struct inode *file = names_must_find(n, who, path, err);
    if (file == NULL || !names_may(who, file, NAMES_WRITE, err)) {
        return false;
    }
    if (file->kind != INODE_FILE || file->open != NULL) {
        return names_refuse(err, NAMES_HADOOP_ILLEGAL, "concat: target file %s is %s", path,
                            file->kind != INODE_FILE ? "not a file" : "under construction");
    }
    if (sources[0] == '\0') {
        return names_refuse(err, NAMES_ILLEGAL, "concat: no sources given");
    }
    struct buffer ids = {0};
    bool ok = true;
    for (const char *p = sources; ok && *p != '\0';) {
        const size_t len = strcspn(p, ",");
        char *one = strndup(p, len);
        if (one == NULL) {
            abort();
        }
        ok = concat_source(n, who, file, one, &ids, err);
        free(one);
        p += len + (p[len] == ',' ? 1 : 0);
    }
    const struct ns_record r = {
        .op = NS_CONCAT, .id = file->id, .ids = {ids.ptr, ids.len}, .modified_ms = names_now_ms(n)};
    ok = ok && names_write(n, &r, err);
    buffer_release(&ids);
    return ok;
}

bool
names_set_quota(struct names *n, const struct names_caller *who, const char *path,
                int64_t name_quota, int64_t space_quota, struct error *err)
{
    struct inode *at = names_must_find(n, who, path, err);
    if (at == NULL) {
        return false;
    }
    if (!who->is_super) {
        return names_refuse(err, NAMES_DENIED,
                            "Access denied for user %s. Superuser privilege is required for "
                            "operation setQuota",
                            who->user);
    }
    if (at->kind != INODE_FOLDER) {
        return names_refuse(err, NAMES_NOT_FOUND, "Can set quota only on a directory: %s", path);
    }
    const int64_t old_names = at->extra != NULL ? at->extra->name_quota : -1;
    const int64_t old_space = at->extra != NULL ? at->extra->space_quota : -1;
    const struct ns_record r = {
        .op = NS_SET_QUOTA,
        .id = at->id,
        /* Hadoop's numbers: the greatest is "leave it", -1 is "none". */
        .name_quota = name_quota == INT64_MAX ? old_names : name_quota,
        .space_quota = space_quota == INT64_MAX ? old_space : space_quota,
    };
    return names_write(n, &r, err);
}

/* ---- extended attributes ---- */

bool
names_xattr_visible(const struct names_caller *who, const char *name)
{
    return strncasecmp(name, "user.", 5) == 0 ||
           (who->is_super &&
            (strncasecmp(name, "trusted.", 8) == 0 || strncasecmp(name, "raw.", 4) == 0));
}

static bool
xattr_name_check(const struct names_caller *who, const char *name, struct error *err)
{
    const char *dot = strchr(name, '.');
    if (dot == NULL || dot[1] == '\0') {
        return names_refuse(err, NAMES_HADOOP_ILLEGAL,
                            "An XAttr name must be prefixed with user/trusted/security/system/raw, "
                            "followed by a '.'");
    }
    return names_xattr_visible(who, name) ||
           names_refuse(err, NAMES_DENIED, "User doesn't have permission for xattr: %s", name);
}

static bool
xattr_has(const struct inode *at, const char *name)
{
    for (uint32_t i = 0; at->extra != NULL && i < at->extra->xattr_count; i++) {
        if (strcmp(at->extra->xattrs[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

bool
names_xattr_set(struct names *n, const struct names_caller *who, const char *path, const char *name,
                struct bytes value, bool may_create, bool may_replace, struct error *err)
{
    struct inode *at = names_must_find(n, who, path, err);
    if (at == NULL || !xattr_name_check(who, name, err) || !names_may(who, at, NAMES_WRITE, err)) {
        return false;
    }
    const bool has = xattr_has(at, name);
    if (has ? !may_replace : !may_create) {
        return names_refuse(err, NAMES_IO, "XAttr: %s %s", name,
                            has ? "already exists. The REPLACE flag must be specified."
                                : "does not exist. The CREATE flag must be specified.");
    }
    if (strlen(name) > NS_NAME_BYTES_MAX || value.len > NS_XATTR_BYTES_MAX) {
        return names_refuse(err, NAMES_HADOOP_ILLEGAL,
                            "The XAttr is too big. The maximum combined size of the name and value "
                            "is %d",
                            NS_XATTR_BYTES_MAX);
    }
    if (!has && at->extra != NULL && at->extra->xattr_count >= NS_XATTRS_MAX) {
        return names_refuse(err, NAMES_IO,
                            "Cannot add additional XAttr to inode, would exceed "
                            "limit of %d",
                            NS_XATTRS_MAX);
    }
    const struct ns_record r = {
        .op = NS_SET_XATTR, .id = at->id, .name = text_bytes(name), .value = value};
    return names_write(n, &r, err);
}

bool
names_xattr_remove(struct names *n, const struct names_caller *who, const char *path,
                   const char *name, struct error *err)
{
    struct inode *at = names_must_find(n, who, path, err);
    if (at == NULL || !xattr_name_check(who, name, err) || !names_may(who, at, NAMES_WRITE, err)) {
        return false;
    }
    if (!xattr_has(at, name)) {
        return names_refuse(err, NAMES_IO, "No matching attributes found for remove operation: %s",
                            name);
    }
    const struct ns_record r = {.op = NS_REMOVE_XATTR, .id = at->id, .name = text_bytes(name)};
    return names_write(n, &r, err);
}
