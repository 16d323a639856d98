/*
 * Who may: Hadoop's rules. The owner is judged by the first three bits alone, then named users of
 * the ACL, then all groups that match, then the others; the superuser passes everywhere.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "names/names_internal.h"

bool
names_refuse(struct error *err, enum names_fault fault, const char *format, ...)
{
    struct buffer text = {0};
    va_list args;
    va_start(args, format);
    buffer_vprintf(&text, format, args);
    va_end(args);
    error_set_code(err, ERROR_ARGUMENT, (int32_t)fault, "%s", buffer_text(&text));
    buffer_release(&text);
    return false;
}

bool
names_caller_in(const struct names_caller *who, const char *group)
{
    for (uint32_t i = 0; i < who->group_count; i++) {
        if (strcmp(who->groups[i], group) == 0) {
            return true;
        }
    }
    return false;
}

/* With an ACL the group bits of the mode are its mask. */
static unsigned
acl_bits(const struct names_caller *who, const struct inode *n, unsigned wanted)
{
    const unsigned mask = n->mode >> 3 & 7;
    bool in_group = false;
    for (uint32_t i = 0; i < n->extra->acl_count; i++) {
        const struct ns_acl_entry *e = &n->extra->acl[i];
        if (e->is_default) {
            continue;
        }
        if (e->kind == NS_ACL_USER && strcmp(e->name, who->user) == 0) {
            return e->bits & mask;
        }
        const char *group = e->name[0] != '\0' ? e->name : n->group;
        if (e->kind == NS_ACL_GROUP && names_caller_in(who, group)) {
            in_group = true;
            if ((e->bits & mask & wanted) == wanted) {
                return e->bits & mask;
            }
        }
    }
    return in_group ? 0 : n->mode & 7;
}

static bool
has_access_acl(const struct inode *n)
{
    for (uint32_t i = 0; n->extra != NULL && i < n->extra->acl_count; i++) {
        if (!n->extra->acl[i].is_default) {
            return true;
        }
    }
    return false;
}

static bool
allowed(const struct names_caller *who, const struct inode *n, unsigned wanted)
{
    unsigned bits;
    if (who->is_super) {
        return true;
    }
    if (strcmp(n->owner, who->user) == 0) {
        bits = n->mode >> 6 & 7;
    } else if (has_access_acl(n)) {
        bits = acl_bits(who, n, wanted);
    } else {
        bits = names_caller_in(who, n->group) ? n->mode >> 3 & 7 : n->mode & 7;
    }
    return (bits & wanted) == wanted;
}

void
names_mode_text(const struct inode *n, char out[11])
{
    static const char letters[] = "rwxrwxrwx";
    out[0] = n->kind == INODE_FOLDER ? 'd' : '-';
    for (int i = 0; i < 9; i++) {
        out[i + 1] = (n->mode & 0400 >> i) != 0 ? letters[i] : '-';
    }
    if ((n->mode & 01000) != 0) {
        out[9] = (n->mode & 1) != 0 ? 't' : 'T';
    }
    out[10] = '\0';
}

static const char *const action_names[] = {"NONE", "EXECUTE",      "WRITE",      "WRITE_EXECUTE",
                                           "READ", "READ_EXECUTE", "READ_WRITE", "ALL"};

bool
names_may(const struct names_caller *who, const struct inode *n, unsigned bits, struct error *err)
{
    if (allowed(who, n, bits)) {
        return true;
    }
    char mode[11];
    struct buffer path = {0};
    names_mode_text(n, mode);
    namespace_path(n, &path);
    names_refuse(err, NAMES_DENIED, "Permission denied: user=%s, access=%s, inode=\"%s\":%s:%s:%s",
                 who->user, action_names[bits & 7], buffer_text(&path), n->owner, n->group, mode);
    buffer_release(&path);
    return false;
}

bool
names_owns(const struct names_caller *who, const struct inode *n, struct error *err)
{
    if (who->is_super || strcmp(n->owner, who->user) == 0) {
        return true;
    }
    struct buffer path = {0};
    namespace_path(n, &path);
    names_refuse(err, NAMES_DENIED, "Permission denied. user=%s is not the owner of inode=%s",
                 who->user, buffer_text(&path));
    buffer_release(&path);
    return false;
}

/* Removing a name from a folder: writing there, and with the sticky bit owning one of the two. */
bool
names_may_remove(const struct names_caller *who, const struct inode *n, struct error *err)
{
    const struct inode *folder = n->parent;
    if (!names_may(who, folder, NAMES_WRITE, err)) {
        return false;
    }
    if ((folder->mode & 01000) != 0 && !who->is_super && strcmp(folder->owner, who->user) != 0 &&
        strcmp(n->owner, who->user) != 0) {
        struct buffer path = {0};
        namespace_path(n, &path);
        names_refuse(err, NAMES_DENIED,
                     "Permission denied by sticky bit: user=%s, path=\"%s\":%s:%s", who->user,
                     buffer_text(&path), n->owner, n->group);
        buffer_release(&path);
        return false;
    }
    return true;
}

/* The next inode of a walk over a subtree, parents first; NULL at the end. */
const struct inode *
names_walk_next(const struct inode *n, const struct inode *top)
{
    if (n->kind == INODE_FOLDER && n->count > 0) {
        return n->children[0];
    }
    while (n != top) {
        const struct inode *folder = n->parent;
        const uint32_t next = namespace_child_after(folder, n->name, strlen(n->name));
        if (next < folder->count) {
            return folder->children[next];
        }
        n = folder;
    }
    return NULL;
}

bool
names_may_empty(const struct names_caller *who, const struct inode *top, struct error *err)
{
    if (who->is_super) {
        return true;
    }
    for (const struct inode *n = top; n != NULL; n = names_walk_next(n, top)) {
        if (n->kind == INODE_FOLDER && n->count > 0 && !names_may(who, n, 7, err)) {
            return false;
        }
    }
    return true;
}

bool
names_may_sum(const struct names_caller *who, const struct inode *top, struct error *err)
{
    if (who->is_super) {
        return true;
    }
    for (const struct inode *n = top; n != NULL; n = names_walk_next(n, top)) {
        if (n->kind == INODE_FOLDER && !names_may(who, n, NAMES_READ | NAMES_EXECUTE, err)) {
            return false;
        }
    }
    return true;
}

/* ---- paths ---- */

bool
names_path_check(const char *path, struct error *err)
{
    const size_t len = strlen(path);
    if (path[0] != '/' || len > NS_PATH_BYTES_MAX) {
        return names_refuse(err, NAMES_INVALID_PATH, "Invalid path name %.200s", path);
    }
    for (const char *p = path; *p != '\0';) {
        const size_t part = strcspn(p, "/");
        if ((part == 1 && p[0] == '.') || (part == 2 && p[0] == '.' && p[1] == '.') ||
            memchr(p, ':', part) != NULL) {
            return names_refuse(err, NAMES_INVALID_PATH, "Invalid path name Invalid file name: %s",
                                path);
        }
        if (part > NS_NAME_BYTES_MAX) {
            return names_refuse(err, NAMES_NAME_TOO_LONG,
                                "The maximum path component name limit of %.*s in directory is "
                                "exceeded: limit=%d length=%zu",
                                (int)part, p, NS_NAME_BYTES_MAX, part);
        }
        p += part + (p[part] == '/' ? 1 : 0);
    }
    return true;
}

bool
names_walk(struct names *n, const struct names_caller *who, const char *path, bool for_change,
           struct names_place *out, struct error *err)
{
    if (!names_path_check(path, err)) {
        return false;
    }
    struct inode *at = namespace_root(names_space(n));
    *out = (struct names_place){.last = at};
    const char *p = path;
    for (;;) {
        p += strspn(p, "/");
        const size_t len = strcspn(p, "/");
        if (len == 0) {
            out->inode = at;
            return true;
        }
        if (at->kind != INODE_FOLDER && !for_change) {
            out->rest = p; /* nothing can be there */
            return true;
        }
        if (at->kind != INODE_FOLDER) {
            struct buffer text = {0};
            namespace_path(at, &text);
            names_refuse(err, NAMES_PARENT_NOT_FOLDER, "%s (is not a directory)",
                         buffer_text(&text));
            buffer_release(&text);
            return false;
        }
        if (!names_may(who, at, NAMES_EXECUTE, err)) {
            return false;
        }
        out->last = at;
        out->name = p;
        out->name_len = len;
        struct inode *child = namespace_child(at, p, len);
        if (child == NULL) {
            out->rest = p;
            return true;
        }
        at = child;
        p += len;
    }
}

struct inode *
names_find(struct names *n, const struct names_caller *who, const char *path, struct error *err)
{
    struct names_place place;
    return names_walk(n, who, path, false, &place, err) ? place.inode : NULL;
}

struct inode *
names_must_find(struct names *n, const struct names_caller *who, const char *path,
                struct error *err)
{
    struct inode *found = names_find(n, who, path, err);
    if (found == NULL && !error_is_set(err)) {
        names_refuse(err, NAMES_NOT_FOUND, "File does not exist: %s", path);
    }
    return found;
}

struct inode *
names_readable_file(struct names *n, const struct names_caller *who, const char *path,
                    struct error *err)
{
    struct inode *file = names_must_find(n, who, path, err);
    if (file == NULL || !names_may(who, file, NAMES_READ, err)) {
        return NULL;
    }
    if (file->kind != INODE_FILE) {
        names_refuse(err, NAMES_PATH_IS_FOLDER, "Path is not a file: %s", path);
        return NULL;
    }
    return file;
}
