/* Tables and databases as small files: load, save, list, drop. */
#include "driver/tables.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/thread.h"
#include "driver/internal.h"

enum { TABLE_FILE_BYTES_MAX = 16 << 20, NAME_BYTES_MAX = 200 };

/* Lower case, and nothing that could leave the folder: the name becomes a file name. */
static bool
name_fold(const char *name, char out[NAME_BYTES_MAX + 1])
{
    const size_t len = strlen(name);
    if (len == 0 || len > NAME_BYTES_MAX || name[0] == '.') {
        return false;
    }
    for (size_t i = 0; i <= len; i++) {
        if (name[i] == '/' || (name[i] != '\0' && (unsigned char)name[i] < 0x20)) {
            return false;
        }
        out[i] = (char)tolower((unsigned char)name[i]);
    }
    return true;
}

static bool
database_path(struct driver *d, const char *database, char *out, size_t size)
{
    char folded[NAME_BYTES_MAX + 1];
    if (!name_fold(database, folded)) {
        return false;
    }
    snprintf(out, size, "%s/catalog/%s", d->data_dir, folded);
    return true;
}

static bool
table_path(struct driver *d, const char *database, const char *name, char *out, size_t size)
{
    char dir[4096], folded[NAME_BYTES_MAX + 1];
    if (!database_path(d, database, dir, sizeof dir) || !name_fold(name, folded)) {
        return false;
    }
    snprintf(out, size, "%s/%s.json", dir, folded);
    return true;
}

static bool
exists(struct driver *d, const char *path)
{
    struct env_stat st;
    struct error missing = {0};
    const bool found = d->config.env->ops->stat(d->config.env, path, &st, &missing);
    error_clear(&missing);
    return found;
}

bool
database_exists(struct driver *d, const char *name)
{
    char path[4096];
    return strcasecmp(name, "default") == 0 ||
           (database_path(d, name, path, sizeof path) && exists(d, path));
}

bool
database_create(struct driver *d, const char *name, struct error *err)
{
    char path[4096];
    if (!database_path(d, name, path, sizeof path)) {
        return error_raise(err, "INVALID_SCHEMA_OR_RELATION_NAME", "name", name, NULL);
    }
    return d->config.env->ops->mkdirs(d->config.env, path, err);
}

struct name_list {
    struct arena *arena;
    const char **names;
    uint32_t count, capacity;
    bool dirs;
};

static void
collect(void *ctx, const char *name, bool is_dir)
{
    struct name_list *list = ctx;
    const size_t len = strlen(name);
    if (is_dir != list->dirs || name[0] == '.' ||
        (!is_dir && (len < 6 || strcmp(name + len - 5, ".json") != 0))) {
        return;
    }
    if (list->count == list->capacity) {
        const uint32_t capacity = list->capacity == 0 ? 32 : list->capacity * 2;
        const char **grown = arena_new_array(list->arena, const char *, capacity);
        if (list->count > 0) {
            memcpy(grown, list->names, list->count * sizeof *grown);
        }
        list->names = grown;
        list->capacity = capacity;
    }
    list->names[list->count++] = arena_strndup(list->arena, name, is_dir ? len : len - 5);
}

static int
compare_names(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static bool
list_dir(struct driver *d, struct arena *a, const char *path, bool dirs, const char ***names,
         uint32_t *count, struct error *err)
{
    struct name_list list = {.arena = a, .dirs = dirs};
    if (exists(d, path) && !d->config.env->ops->list(d->config.env, path, collect, &list, err)) {
        return false;
    }
    if (list.count > 0) {
        qsort(list.names, list.count, sizeof *list.names, compare_names);
    }
    *names = list.names;
    *count = list.count;
    return true;
}

bool
databases_list(struct driver *d, struct arena *a, const char ***names, uint32_t *count,
               struct error *err)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/catalog", d->data_dir);
    const char **found;
    uint32_t n;
    if (!list_dir(d, a, path, true, &found, &n, err)) {
        return false;
    }
    const char **all = arena_new_array(a, const char *, n + 1);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(found[i], "default") != 0) {
            all[kept++] = found[i];
        }
    }
    all[kept++] = "default";
    qsort(all, kept, sizeof *all, compare_names);
    *names = all;
    *count = kept;
    return true;
}

bool
tables_list(struct driver *d, struct arena *a, const char *database, const char ***names,
            uint32_t *count, struct error *err)
{
    char path[4096];
    *count = 0;
    return !database_path(d, database, path, sizeof path) ||
           list_dir(d, a, path, false, names, count, err);
}

bool
database_drop(struct driver *d, const char *name, bool cascade, struct error *err)
{
    struct arena arena;
    arena_init(&arena, NULL);
    const char **tables = NULL;
    uint32_t count = 0;
    bool ok = tables_list(d, &arena, name, &tables, &count, err);
    if (ok && count > 0 && !cascade) {
        const char *quoted = arena_printf(&arena, "`%s`", name);
        ok = error_raise(err, "SCHEMA_NOT_EMPTY", "schemaName", quoted, NULL);
    }
    for (uint32_t i = 0; ok && i < count; i++) {
        const struct table_info *t = table_load(d, &arena, name, tables[i], err);
        ok = t != NULL && table_drop(d, &arena, t, err);
    }
    char path[4096];
    if (ok && database_path(d, name, path, sizeof path) && exists(d, path)) {
        ok = env_remove_tree(d->config.env, path, err);
    }
    arena_release(&arena);
    return ok;
}

static const char *
json_text(struct arena *a, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? arena_strdup(a, text) : NULL;
}

static void
json_texts(struct arena *a, const json_t *array, const char ***out, uint32_t *count)
{
    *count = (uint32_t)json_array_size(array);
    *out = arena_new_array(a, const char *, *count + 1);
    for (uint32_t i = 0; i < *count; i++) {
        const char *text = json_string_value(json_array_get(array, i));
        (*out)[i] = arena_strdup(a, text != NULL ? text : "");
    }
}

static void
json_options(struct arena *a, json_t *object, struct options *out)
{
    out->items = arena_new_array(a, struct option, json_object_size(object) + 1);
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        const char *text = json_string_value(value);
        out->items[out->count++] =
            (struct option){arena_strdup(a, key), arena_strdup(a, text != NULL ? text : "")};
    }
}

static bool
table_from_json(struct arena *a, json_t *root, struct table_info *t, struct error *err)
{
    const char *kind = json_text(a, root, "kind");
    t->comment = json_text(a, root, "comment");
    t->is_view = kind != NULL && strcmp(kind, "view") == 0;
    if (t->is_view) {
        t->view_text = json_text(a, root, "text");
        json_texts(a, json_object_get(root, "columns"), &t->view_columns, &t->view_column_count);
        return t->view_text != NULL || error_set(err, ERROR_SYSTEM, "view %s has no text", t->name);
    }
    t->format = json_text(a, root, "format");
    t->location = json_text(a, root, "location");
    t->managed = json_is_true(json_object_get(root, "managed"));
    json_texts(a, json_object_get(root, "partition_by"), &t->partition_by, &t->partition_count);
    json_options(a, json_object_get(root, "options"), &t->options);
    const char *schema = json_text(a, root, "schema");
    if (schema == NULL || t->format == NULL || t->location == NULL) {
        return error_set(err, ERROR_SYSTEM, "the catalog's file of table %s is damaged", t->name);
    }
    t->schema = type_parse_schema(a, schema, strlen(schema), err);
    return t->schema != NULL;
}

struct table_info *
table_load(struct driver *d, struct arena *a, const char *database, const char *name,
           struct error *err)
{
    char path[4096];
    if (!table_path(d, database, name, path, sizeof path) || !exists(d, path)) {
        return NULL;
    }
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (!env_read_file(d->config.env, path, TABLE_FILE_BYTES_MAX, &bytes, &len, err)) {
        return NULL;
    }
    json_t *root = json_loadb((const char *)bytes, len, 0, NULL);
    free(bytes);
    if (root == NULL) {
        error_set(err, ERROR_SYSTEM, "%s is not JSON: restore it or remove it", path);
        return NULL;
    }
    struct table_info *t = arena_new(a, struct table_info);
    t->database = arena_strdup(a, database);
    t->name = arena_strdup(a, name);
    const bool ok = table_from_json(a, root, t, err);
    json_decref(root);
    return ok ? t : NULL;
}

static json_t *
table_to_json(const struct table_info *t)
{
    json_t *root = json_object();
    json_object_set_new(root, "kind", json_string(t->is_view ? "view" : "table"));
    json_object_set_new(root, "comment", json_string(t->comment != NULL ? t->comment : ""));
    if (t->is_view) {
        json_object_set_new(root, "text", json_string(t->view_text));
        json_t *columns = json_array();
        for (uint32_t i = 0; i < t->view_column_count; i++) {
            json_array_append_new(columns, json_string(t->view_columns[i]));
        }
        json_object_set_new(root, "columns", columns);
        return root;
    }
    struct buffer schema = {0};
    type_put_json(&schema, t->schema);
    json_object_set_new(root, "format", json_string(t->format));
    json_object_set_new(root, "location", json_string(t->location));
    json_object_set_new(root, "managed", json_boolean(t->managed));
    json_object_set_new(root, "schema", json_string(buffer_text(&schema)));
    buffer_release(&schema);
    json_t *columns = json_array();
    for (uint32_t i = 0; i < t->partition_count; i++) {
        json_array_append_new(columns, json_string(t->partition_by[i]));
    }
    json_object_set_new(root, "partition_by", columns);
    json_t *options = json_object();
    for (uint32_t i = 0; i < t->options.count; i++) {
        json_object_set_new(options, t->options.items[i].key,
                            json_string(t->options.items[i].value));
    }
    json_object_set_new(root, "options", options);
    return root;
}

bool
table_save(struct driver *d, const struct table_info *t, struct error *err)
{
    char path[4096];
    if (!table_path(d, t->database, t->name, path, sizeof path)) {
        return error_raise(err, "INVALID_SCHEMA_OR_RELATION_NAME", "name", t->name, NULL);
    }
    if (!database_create(d, t->database, err)) {
        return false;
    }
    json_t *root = table_to_json(t);
    char *text = json_dumps(root, JSON_INDENT(1));
    json_decref(root);
    if (text == NULL) {
        return error_set(err, ERROR_INTERNAL, "table %s does not become JSON", t->name);
    }
    mutex_lock(&d->catalog_lock);
    const bool ok = env_write_file_atomic(d->config.env, path, text, strlen(text), err);
    mutex_unlock(&d->catalog_lock);
    free(text);
    return ok;
}

bool
table_drop(struct driver *d, struct arena *a, const struct table_info *t, struct error *err)
{
    (void)a;
    char path[4096];
    if (!table_path(d, t->database, t->name, path, sizeof path)) {
        return true;
    }
    if (!d->config.env->ops->unlink(d->config.env, path, err)) {
        return false;
    }
    return t->is_view || !t->managed || !exists(d, t->location) ||
           env_remove_tree(d->config.env, t->location, err);
}

const char *
table_default_location(struct driver *d, struct arena *a, const char *database, const char *name)
{
    char db[NAME_BYTES_MAX + 1], table[NAME_BYTES_MAX + 1];
    if (!name_fold(database, db) || !name_fold(name, table)) {
        return NULL;
    }
    return strcmp(db, "default") == 0
               ? arena_printf(a, "%s/warehouse/%s", d->data_dir, table)
               : arena_printf(a, "%s/warehouse/%s.db/%s", d->data_dir, db, table);
}
