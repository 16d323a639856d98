/* The catalog's callbacks for planning. */
#include "driver/catalog.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/thread.h"
#include "driver/internal.h"
#include "driver/tables.h"
#include "driver/write.h"
#include "format/scan.h"
#include "sql/parse.h"
#include "tree/serial.h"

static const char catalog_name[] = "spark_catalog";

const char *
name_quoted(struct arena *a, const char *const *names, uint32_t count)
{
    struct buffer text = {0};
    for (uint32_t i = 0; i < count; i++) {
        buffer_printf(&text, "%s`%s`", i > 0 ? "." : "", names[i]);
    }
    const char *copy = arena_strdup(a, buffer_text(&text));
    buffer_release(&text);
    return copy;
}

bool
name_split(struct session *s, struct arena *a, const char *const *names, uint32_t count,
           const char **database, const char **name, struct error *err)
{
    if (count == 0 || count > 3 || (count == 3 && strcasecmp(names[0], catalog_name) != 0)) {
        return error_raise(err, "TABLE_OR_VIEW_NOT_FOUND", "relationName",
                           name_quoted(a, names, count), NULL);
    }
    *name = names[count - 1];
    if (count >= 2) {
        *database = names[count - 2];
        return true;
    }
    mutex_lock(&s->lock);
    *database = arena_strdup(a, s->database);
    mutex_unlock(&s->lock);
    return true;
}

static struct catalog_table *
view_table(struct arena *a, struct rel *plan, const char *name, bool global)
{
    struct catalog_table *t = arena_new(a, struct catalog_table);
    const char **names = arena_new_array(a, const char *, 2);
    names[0] = global ? "global_temp" : arena_strdup(a, name);
    names[1] = arena_strdup(a, name);
    t->name = names;
    t->name_count = global ? 2 : 1;
    t->view = plan;
    return t;
}

static struct catalog_table *
stored_table(struct arena *a, const struct table_info *info, struct error *err)
{
    struct catalog_table *t = arena_new(a, struct catalog_table);
    const char **names = arena_new_array(a, const char *, 3);
    names[0] = catalog_name;
    names[1] = info->database;
    names[2] = info->name;
    t->name = names;
    t->name_count = 3;
    if (info->is_view) {
        t->view = sql_parse_query(a, info->view_text, strlen(info->view_text), err);
        t->column_names = info->view_columns;
        t->column_count = info->view_column_count;
        return t->view != NULL ? t : NULL;
    }
    const char **paths = arena_new_array(a, const char *, 1);
    paths[0] = info->location;
    t->format = info->format;
    t->paths = paths;
    t->path_count = 1;
    t->schema = info->schema;
    t->options = info->options;
    return t;
}

/* parquet.`/data/x`: a format and a path in the place of a name. */
static struct catalog_table *
path_table(struct arena *a, const char *const *names)
{
    struct catalog_table *t = arena_new(a, struct catalog_table);
    const char **paths = arena_new_array(a, const char *, 1);
    paths[0] = arena_strdup(a, names[1]);
    t->name = names;
    t->name_count = 2;
    t->format = scan_format_find(names[0])->name;
    t->paths = paths;
    t->path_count = 1;
    return t;
}

static struct catalog_table *
find_table(void *ctx, struct arena *a, const char *const *names, uint32_t count, struct error *err)
{
    struct session *s = ctx;
    if (count == 1 || (count == 2 && strcasecmp(names[0], "global_temp") == 0)) {
        const bool global = count == 2;
        struct rel *plan = session_view_plan(s, a, names[count - 1], global, err);
        if (plan != NULL || error_is_set(err) || global) {
            return plan != NULL ? view_table(a, plan, names[count - 1], global) : NULL;
        }
    }
    const char *database, *name;
    if (!name_split(s, a, names, count, &database, &name, err)) {
        error_clear(err);
        return NULL;
    }
    const struct table_info *info = table_load(s->driver, a, database, name, err);
    if (info != NULL) {
        return stored_table(a, info, err);
    }
    if (!error_is_set(err) && count == 2 && strchr(names[1], '/') != NULL &&
        scan_format_find(names[0]) != NULL) {
        return path_table(a, names);
    }
    return NULL;
}

static struct udf *
find_function(void *ctx, struct arena *a, const char *name, struct error *err)
{
    (void)err;
    struct session *s = ctx;
    struct udf *found = NULL;
    mutex_lock(&s->lock);
    for (const struct view_entry *at = s->functions; at != NULL && found == NULL; at = at->next) {
        if (strcasecmp(at->name, name) != 0) {
            continue;
        }
        struct error ignored = {0};
        struct reader in;
        reader_init(&in, (struct bytes){arena_copy(a, at->plan, at->plan_len), at->plan_len});
        const struct rel *holder = rel_read(a, &in, &ignored);
        found = holder != NULL && holder->expr_count == 1 ? holder->exprs[0]->udf : NULL;
        error_clear(&ignored);
    }
    mutex_unlock(&s->lock);
    return found;
}

static const char *
find_conf(void *ctx, struct arena *a, const char *key)
{
    return session_conf_get(ctx, a, key);
}

static bool
find_cached_local(void *ctx, struct arena *a, const char *hash, const uint8_t **data, size_t *len,
                  const char **schema_text, struct error *err)
{
    struct session *s = ctx;
    char path[4096];
    const char *name = arena_printf(a, "cache/%s", hash);
    *schema_text = NULL;
    if (!session_artifact_find(s, name, path, sizeof path)) {
        return false;
    }
    uint8_t *bytes = NULL;
    if (!env_read_file(s->driver->config.env, path, ARTIFACT_BYTES_MAX, &bytes, len, err)) {
        return false;
    }
    *data = arena_copy(a, bytes, *len);
    free(bytes);
    return true;
}

static struct rel *
find_cached_remote(void *ctx, struct arena *a, const char *name, struct error *err)
{
    struct session *s = ctx;
    mutex_lock(&s->lock);
    const struct view_entry *entry = view_list_find(s->remotes, name);
    uint8_t *copy = entry != NULL ? arena_copy(a, entry->plan, entry->plan_len) : NULL;
    const size_t len = entry != NULL ? entry->plan_len : 0;
    mutex_unlock(&s->lock);
    if (copy == NULL) {
        return NULL;
    }
    struct reader in;
    reader_init(&in, (struct bytes){copy, len});
    return rel_read(a, &in, err);
}

static struct rel *
find_rows(void *ctx, struct arena *a, struct rel *call, struct error *err)
{
    return session_catalog_rows(ctx, a, call, err);
}

static bool
find_source(void *ctx, struct arena *a, struct scan_source *source, bool is_streaming,
            struct error *err)
{
    struct driver *d = ((struct session *)ctx)->driver;
    return d->source_fn != NULL && d->source_fn(d->source_ctx, a, source, is_streaming, err);
}

void
session_catalog(struct session *s, struct plan_catalog *out)
{
    *out = (struct plan_catalog){
        .ctx = s,
        .table = find_table,
        .function = find_function,
        .conf = find_conf,
        .cached_local = find_cached_local,
        .cached_remote = find_cached_remote,
        .rows = find_rows,
        .source = find_source,
    };
}

void
plan_scope_init(struct plan_scope *scope, struct session *s, struct arena *a)
{
    session_func(s, a, &scope->session);
    session_catalog(s, &scope->catalog);
    scope->context = (struct plan_context){.arena = a,
                                           .session = &scope->session,
                                           .catalog = &scope->catalog,
                                           .env = s->driver->config.env};
}

bool
session_remote_put(struct session *s, const char *id, const struct rel *rel, struct error *err)
{
    mutex_lock(&s->lock);
    const bool ok = view_list_put(&s->remotes, id, rel, true, err);
    mutex_unlock(&s->lock);
    return ok;
}

void
session_remote_drop(struct session *s, const char *id)
{
    mutex_lock(&s->lock);
    view_list_drop(&s->remotes, id);
    mutex_unlock(&s->lock);
}

bool
session_function_put(struct session *s, const char *name, struct expr *udf, struct error *err)
{
    struct arena arena;
    arena_init(&arena, NULL);
    struct rel *holder = rel_new(&arena, REL_EMPTY, 0);
    holder->exprs = &udf;
    holder->expr_count = 1;
    mutex_lock(&s->lock);
    const bool ok = view_list_put(&s->functions, name, holder, true, err);
    mutex_unlock(&s->lock);
    arena_release(&arena);
    return ok;
}
