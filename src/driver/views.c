/* Temporary views: plans kept as bytes, so that each use decodes its own copy and none is shared.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/thread.h"
#include "driver/internal.h"
#include "tree/serial.h"

const struct view_entry *
view_list_find(const struct view_entry *list, const char *name)
{
    for (; list != NULL; list = list->next) {
        if (strcasecmp(list->name, name) == 0) {
            return list;
        }
    }
    return NULL;
}

bool
view_list_drop(struct view_entry **list, const char *name)
{
    for (struct view_entry **at = list; *at != NULL; at = &(*at)->next) {
        struct view_entry *entry = *at;
        if (strcasecmp(entry->name, name) == 0) {
            *at = entry->next;
            free(entry->name);
            free(entry->plan);
            free(entry);
            return true;
        }
    }
    return false;
}

void
view_list_free(struct view_entry **list)
{
    while (*list != NULL) {
        view_list_drop(list, (*list)->name);
    }
}

static void
list_add(struct view_entry **list, const char *name, uint8_t *plan, size_t len)
{
    struct view_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        abort();
    }
    *entry = (struct view_entry){*list, strdup(name), plan, len};
    *list = entry;
}

bool
view_list_put(struct view_entry **list, const char *name, const struct rel *rel, bool replace,
              struct error *err)
{
    if (!replace && view_list_find(*list, name) != NULL) {
        struct buffer quoted = {0};
        buffer_printf(&quoted, "`%s`", name);
        error_raise(err, "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS", "relationName", buffer_text(&quoted),
                    NULL);
        buffer_release(&quoted);
        return false;
    }
    struct buffer plan = {0};
    rel_write(&plan, rel);
    if (plan.overflow) {
        buffer_release(&plan);
        return error_unsupported(err, "a view over this plan");
    }
    view_list_drop(list, name);
    list_add(list, name, plan.ptr, plan.len);
    return true;
}

void
view_list_copy(struct view_entry **to, const struct view_entry *from)
{
    for (; from != NULL; from = from->next) {
        uint8_t *plan = malloc(from->plan_len);
        if (plan == NULL) {
            abort();
        }
        memcpy(plan, from->plan, from->plan_len);
        list_add(to, from->name, plan, from->plan_len);
    }
}

bool
session_view_put(struct session *s, const char *name, const struct rel *rel, bool global,
                 bool replace, struct error *err)
{
    pthread_mutex_t *lock = global ? &s->driver->lock : &s->lock;
    mutex_lock(lock);
    struct view_entry **list = global ? &s->driver->global_views : &s->views;
    uint32_t count = 0;
    for (const struct view_entry *at = *list; at != NULL; at = at->next) {
        count++;
    }
    const bool ok = count >= VIEWS_MAX
                        ? error_set(err, ERROR_RESOURCE, "more than %d temporary views", VIEWS_MAX)
                        : view_list_put(list, name, rel, replace, err);
    mutex_unlock(lock);
    return ok;
}

bool
session_view_drop(struct session *s, const char *name, bool global)
{
    pthread_mutex_t *lock = global ? &s->driver->lock : &s->lock;
    mutex_lock(lock);
    const bool found = view_list_drop(global ? &s->driver->global_views : &s->views, name);
    mutex_unlock(lock);
    return found;
}

struct rel *
session_view_plan(struct session *s, struct arena *a, const char *name, bool global,
                  struct error *err)
{
    pthread_mutex_t *lock = global ? &s->driver->lock : &s->lock;
    mutex_lock(lock);
    const struct view_entry *entry =
        view_list_find(global ? s->driver->global_views : s->views, name);
    uint8_t *copy = NULL;
    size_t len = 0;
    if (entry != NULL) {
        /* The decoded plan borrows from these bytes, so they join the query's arena. */
        len = entry->plan_len;
        copy = arena_copy(a, entry->plan, len);
    }
    mutex_unlock(lock);
    if (copy == NULL) {
        return NULL;
    }
    struct reader in;
    reader_init(&in, (struct bytes){copy, len});
    return rel_read(a, &in, err);
}
