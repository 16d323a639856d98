/*
 * Access control lists, kept as Hadoop keeps them: owner and others in the mode, the mask in the
 * mode's group bits, the rest (group::, named users and groups, all default entries) as a list.
 */
#include <stdlib.h>
#include <string.h>

#include "names/names_internal.h"

struct acl {
    struct ns_acl_entry *entries; /* names owned */
    uint32_t count;
};

static void
acl_release(struct acl *a)
{
    for (uint32_t i = 0; i < a->count; i++) {
        free(a->entries[i].name);
    }
    free(a->entries);
    *a = (struct acl){0};
}

static struct ns_acl_entry *
acl_find(const struct acl *a, bool is_default, enum ns_acl_kind kind, const char *name)
{
    for (uint32_t i = 0; i < a->count; i++) {
        struct ns_acl_entry *e = &a->entries[i];
        if (e->is_default == is_default && e->kind == kind && strcmp(e->name, name) == 0) {
            return e;
        }
    }
    return NULL;
}

static void
acl_set(struct acl *a, bool is_default, enum ns_acl_kind kind, const char *name, uint8_t bits)
{
    struct ns_acl_entry *e = acl_find(a, is_default, kind, name);
    if (e == NULL) {
        a->entries = realloc(a->entries, (a->count + 1) * sizeof *a->entries);
        if (a->entries == NULL) {
            abort();
        }
        e = &a->entries[a->count++];
        *e = (struct ns_acl_entry){is_default, kind, strdup(name), bits};
    }
    e->bits = bits;
}

static void
acl_drop(struct acl *a, bool is_default, enum ns_acl_kind kind, const char *name)
{
    struct ns_acl_entry *e = acl_find(a, is_default, kind, name);
    if (e != NULL) {
        free(e->name);
        *e = a->entries[--a->count];
    }
}

bool
inode_has_acl(const struct inode *inode)
{
    return inode->extra != NULL && inode->extra->acl_count > 0;
}

/* Everything as entries, the three of the mode and the mask too. */
static void
acl_of(const struct inode *n, struct acl *a)
{
    bool access = false;
    for (uint32_t i = 0; n->extra != NULL && i < n->extra->acl_count; i++) {
        const struct ns_acl_entry *e = &n->extra->acl[i];
        access |= !e->is_default;
        acl_set(a, e->is_default, e->kind, e->name, e->bits);
    }
    acl_set(a, false, NS_ACL_USER, "", n->mode >> 6 & 7);
    acl_set(a, false, access ? NS_ACL_MASK : NS_ACL_GROUP, "", n->mode >> 3 & 7);
    acl_set(a, false, NS_ACL_OTHER, "", n->mode & 7);
}

static int
entry_order(const void *x, const void *y)
{
    /* Unnamed user, named users, unnamed group, named groups, mask, other; default ones last. */
    const struct ns_acl_entry *a = x, *b = y;
    const int ka = a->is_default * 8 + (int)a->kind, kb = b->is_default * 8 + (int)b->kind;
    return ka != kb ? ka - kb : strcmp(a->name, b->name);
}

static uint8_t
union_bits(const struct acl *a, bool is_default)
{
    uint8_t bits = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        const struct ns_acl_entry *e = &a->entries[i];
        if (e->is_default == is_default &&
            (e->kind == NS_ACL_GROUP || (e->kind == NS_ACL_USER && e->name[0] != '\0'))) {
            bits |= e->bits;
        }
    }
    return bits;
}

static uint32_t
named_count(const struct acl *a, bool is_default)
{
    uint32_t named = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        named += a->entries[i].is_default == is_default && a->entries[i].name[0] != '\0';
    }
    return named;
}

/* What a scope needs to be whole: its mask where there are named entries; for default entries the
 * three unnamed ones, from the access entries. */
static void
scope_complete(struct acl *a, bool is_default, bool mask_given)
{
    if (is_default) {
        bool any = false;
        for (uint32_t i = 0; i < a->count; i++) {
            any |= a->entries[i].is_default;
        }
        static const enum ns_acl_kind kinds[] = {NS_ACL_USER, NS_ACL_GROUP, NS_ACL_OTHER};
        for (int i = 0; any && i < 3; i++) {
            const struct ns_acl_entry *own = acl_find(a, false, kinds[i], "");
            if (acl_find(a, true, kinds[i], "") == NULL) {
                acl_set(a, true, kinds[i], "", own != NULL ? own->bits : 0);
            }
        }
    }
    const bool has_mask = acl_find(a, is_default, NS_ACL_MASK, "") != NULL;
    if (!mask_given && (named_count(a, is_default) > 0 || has_mask)) {
        acl_set(a, is_default, NS_ACL_MASK, "", union_bits(a, is_default));
    }
}

/* The mode, and the list without what the mode holds. */
static void
acl_put(struct acl *a, uint16_t old_mode, uint16_t *mode, struct buffer *out)
{
    const struct ns_acl_entry *user = acl_find(a, false, NS_ACL_USER, ""),
                              *group = acl_find(a, false, NS_ACL_GROUP, ""),
                              *mask = acl_find(a, false, NS_ACL_MASK, ""),
                              *other = acl_find(a, false, NS_ACL_OTHER, "");
    const struct ns_acl_entry *middle = mask != NULL ? mask : group;
    *mode =
        (uint16_t)((old_mode & 01000) | (user != NULL ? user->bits << 6 : 0) |
                   (middle != NULL ? middle->bits << 3 : 0) | (other != NULL ? other->bits : 0));
    qsort(a->entries, a->count, sizeof *a->entries, entry_order);
    for (uint32_t i = 0; i < a->count; i++) {
        const struct ns_acl_entry *e = &a->entries[i];
        const bool in_mode =
            !e->is_default && e->name[0] == '\0' && (e->kind != NS_ACL_GROUP || mask == NULL);
        if (!in_mode) {
            ns_acl_put(out, e, 1);
        }
    }
}

bool
names_acl_inherit(const struct inode *folder, bool is_folder, uint16_t *mode, struct buffer *acl)
{
    struct acl from = {0}, to = {0};
    for (uint32_t i = 0; folder->extra != NULL && i < folder->extra->acl_count; i++) {
        const struct ns_acl_entry *e = &folder->extra->acl[i];
        if (e->is_default) {
            acl_set(&from, true, e->kind, e->name, e->bits);
        }
    }
    if (from.count == 0) {
        return false;
    }
    const bool masked = acl_find(&from, true, NS_ACL_MASK, "") != NULL;
    for (uint32_t i = 0; i < from.count; i++) {
        const struct ns_acl_entry *e = &from.entries[i];
        uint8_t bits = e->bits;
        if (e->name[0] == '\0') { /* the creation's mode limits what the mode will hold */
            bits &= e->kind == NS_ACL_USER              ? (uint8_t)(*mode >> 6 & 7)
                    : e->kind == NS_ACL_OTHER           ? (uint8_t)(*mode & 7)
                    : e->kind == NS_ACL_MASK || !masked ? (uint8_t)(*mode >> 3 & 7)
                                                        : (uint8_t)7;
        }
        acl_set(&to, false, e->kind, e->name, bits);
        if (is_folder) {
            acl_set(&to, true, e->kind, e->name, e->bits);
        }
    }
    acl_put(&to, *mode, mode, acl);
    acl_release(&from);
    acl_release(&to);
    return true;
}

/* ---- specifications as text ---- */

static bool
spec_bits(const char *text, size_t len, uint8_t *bits)
{
    *bits = 0;
    if (len != 3) {
        return false;
    }
    for (int i = 0; i < 3; i++) {
        if (text[i] == "rwx"[i]) {
            *bits |= (uint8_t)(4 >> i);
        } else if (text[i] != '-') {
            return false;
        }
    }
    return true;
}

/* "default:user:bob:rw-" or, where permissions do not belong, "user:bob". */
static bool
spec_one(const char *text, size_t len, bool with_bits, struct ns_acl_entry *out)
{
    static const char *const kinds[] = {"user", "group", "mask", "other"};
    *out = (struct ns_acl_entry){0};
    const char *end = text + len;
    if (len > 8 && memcmp(text, "default:", 8) == 0) {
        out->is_default = true;
        text += 8;
    }
    const char *colon = memchr(text, ':', (size_t)(end - text));
    const size_t kind_len = (size_t)((colon != NULL ? colon : end) - text);
    int kind = 0;
    while (kind < 4 && (strlen(kinds[kind]) != kind_len || memcmp(kinds[kind], text, kind_len))) {
        kind++;
    }
    if (kind == 4) {
        return false;
    }
    out->kind = (enum ns_acl_kind)kind;
    text = colon != NULL ? colon + 1 : end;
    colon = memchr(text, ':', (size_t)(end - text));
    const size_t name_len = (size_t)((colon != NULL ? colon : end) - text);
    if (name_len > NS_NAME_BYTES_MAX || (name_len > 0 && kind >= NS_ACL_MASK)) {
        return false;
    }
    text += name_len + (colon != NULL ? 1 : 0);
    if (with_bits && (colon == NULL || !spec_bits(text, (size_t)(end - text), &out->bits))) {
        return false;
    }
    out->name = strndup((colon != NULL ? colon : end) - name_len, name_len);
    return with_bits || text == end;
}

static bool
spec_read(const char *spec, bool with_bits, struct acl *out, struct error *err)
{
    for (const char *p = spec; *p != '\0';) {
        const size_t len = strcspn(p, ",");
        struct ns_acl_entry e;
        const bool ok = spec_one(p, len, with_bits, &e) && out->count < NS_ACL_ENTRIES_MAX;
        if (ok) {
            acl_set(out, e.is_default, e.kind, e.name, e.bits);
        }
        free(e.name);
        if (!ok) {
            return names_refuse(err, NAMES_HADOOP_ILLEGAL, "Invalid <aclSpec> : %.*s", (int)len, p);
        }
        p += len + (p[len] == ',' ? 1 : 0);
    }
    return true;
}

void
names_acl_text(const struct ns_acl_entry *e, struct buffer *out)
{
    static const char *const kinds[] = {"user", "group", "mask", "other"};
    buffer_printf(out, "%s%s:%s:%c%c%c", e->is_default ? "default:" : "", kinds[e->kind], e->name,
                  e->bits & 4 ? 'r' : '-', e->bits & 2 ? 'w' : '-', e->bits & 1 ? 'x' : '-');
}

/* ---- changes ---- */

static void
acl_remove(struct acl *now, const struct acl *given, struct acl *mask_given)
{
    (void)mask_given;
    for (uint32_t i = 0; i < given->count; i++) {
        const struct ns_acl_entry *e = &given->entries[i];
        acl_drop(now, e->is_default, e->kind, e->name);
    }
}

/* Without named entries an access ACL is the mode alone. */
static void
access_minimise(struct acl *a)
{
    if (named_count(a, false) == 0) {
        acl_drop(a, false, NS_ACL_MASK, "");
    }
}

static void
acl_forget(struct acl *a, bool defaults_only)
{
    const struct ns_acl_entry *group = acl_find(a, false, NS_ACL_GROUP, "");
    const uint8_t bits = group != NULL ? group->bits : 0;
    for (uint32_t i = a->count; i-- > 0;) {
        const struct ns_acl_entry *e = &a->entries[i];
        if (e->is_default || (!defaults_only && (e->name[0] != '\0' || e->kind == NS_ACL_MASK))) {
            free(e->name);
            a->entries[i] = a->entries[--a->count];
        }
    }
    if (!defaults_only) {
        acl_set(a, false, NS_ACL_GROUP, "", bits);
    }
}

static bool
acl_change(struct acl *now, enum names_acl_change change, const struct acl *given,
           struct error *err)
{
    if (change == NAMES_ACL_REMOVE || change == NAMES_ACL_REMOVE_DEFAULT) {
        acl_forget(now, change == NAMES_ACL_REMOVE_DEFAULT);
        return true;
    }
    if (change == NAMES_ACL_SET) {
        bool access = false;
        for (uint32_t i = 0; i < given->count; i++) {
            access |= !given->entries[i].is_default;
        }
        if (access) { /* default entries alone leave the access entries as they are */
            acl_release(now);
        } else {
            acl_forget(now, true);
        }
    }
    if (change == NAMES_ACL_REMOVE_ENTRIES) {
        acl_remove(now, given, NULL);
    }
    for (uint32_t i = 0; change != NAMES_ACL_REMOVE_ENTRIES && i < given->count; i++) {
        const struct ns_acl_entry *e = &given->entries[i];
        acl_set(now, e->is_default, e->kind, e->name, e->bits);
    }
    if (acl_find(now, false, NS_ACL_USER, "") == NULL ||
        acl_find(now, false, NS_ACL_GROUP, "") == NULL ||
        acl_find(now, false, NS_ACL_OTHER, "") == NULL) {
        return names_refuse(err, NAMES_ACL,
                            "Invalid ACL: the user, group and other entries are required.");
    }
    const bool keeps = change != NAMES_ACL_REMOVE_ENTRIES;
    scope_complete(now, false, keeps && acl_find(given, false, NS_ACL_MASK, "") != NULL);
    scope_complete(now, true, keeps && acl_find(given, true, NS_ACL_MASK, "") != NULL);
    access_minimise(now);
    return now->count <= NS_ACL_ENTRIES_MAX ||
           names_refuse(err, NAMES_ACL,
                        "Invalid ACL: ACL has %u entries, which exceeds maximum of "
                        "%d.",
                        now->count, NS_ACL_ENTRIES_MAX);
}

bool
names_acl(struct names *n, const struct names_caller *who, const char *path,
          enum names_acl_change change, const char *spec, struct error *err)
{
    struct acl given = {0}, now = {0};
    struct buffer list = {0};
    uint16_t mode = 0;
    struct inode *at = names_must_find(n, who, path, err);
    if (at == NULL || !names_owns(who, at, err)) {
        return false;
    }
    bool ok = spec_read(spec, change != NAMES_ACL_REMOVE_ENTRIES, &given, err);
    for (uint32_t i = 0; ok && i < given.count; i++) {
        if (given.entries[i].is_default && at->kind != INODE_FOLDER) {
            ok = names_refuse(err, NAMES_ACL,
                              "Invalid ACL: only directories may have a default ACL.");
        }
    }
    acl_of(at, &now);
    ok = ok && acl_change(&now, change, &given, err);
    if (ok) {
        acl_put(&now, at->mode, &mode, &list);
        const struct ns_record r = {
            .op = NS_SET_ACL, .id = at->id, .mode = mode, .acl = {list.ptr, list.len}};
        ok = names_write(n, &r, err);
    }
    acl_release(&given);
    acl_release(&now);
    buffer_release(&list);
    return ok;
}
