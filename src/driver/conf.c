/* Settings: a short list of what was set, over a table of defaults. */
#include "driver/conf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct conf_default {
    const char *key;
    const char *value; /* NULL: computed */
    const char *flags;
};

static const struct conf_default defaults[] = {
#define CONF(key, value, flags) {key, value, flags},
#include "driver/conf_defaults.inc"
#undef CONF
};

enum { DEFAULT_COUNT = sizeof defaults / sizeof *defaults };

const char *
conf_system_zone(void)
{
    static char zone[128];
    if (zone[0] != '\0') {
        return zone;
    }
    const char *tz = getenv("TZ");
    if (tz != NULL && tz[0] != '\0' && strlen(tz) < sizeof zone) {
        snprintf(zone, sizeof zone, "%s", tz[0] == ':' ? tz + 1 : tz);
        return zone;
    }
    char target[PATH_MAX];
    const ssize_t len = readlink("/etc/localtime", target, sizeof target - 1);
    if (len > 0) {
        target[len] = '\0';
        const char *mark = strstr(target, "zoneinfo/");
        if (mark != NULL && strlen(mark + 9) < sizeof zone) {
            snprintf(zone, sizeof zone, "%s", mark + 9);
            return zone;
        }
    }
    snprintf(zone, sizeof zone, "Etc/UTC");
    return zone;
}

static const struct conf_default *
default_find(const char *key)
{
    for (size_t i = 0; i < DEFAULT_COUNT; i++) {
        if (strcmp(defaults[i].key, key) == 0) {
            return &defaults[i];
        }
    }
    return NULL;
}

static const char *
default_value(const struct conf_default *d)
{
    if (strchr(d->flags, 'N') != NULL) {
        return NULL;
    }
    return d->value != NULL ? d->value : conf_system_zone();
}

static struct conf_entry *
entry_find(const struct conf *c, const char *key)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (strcmp(c->items[i].key, key) == 0) {
            return &c->items[i];
        }
    }
    return NULL;
}

const char *
conf_get(const struct conf *c, const char *key)
{
    const struct conf_entry *entry = entry_find(c, key);
    if (entry != NULL) {
        return entry->value;
    }
    const struct conf_default *d = default_find(key);
    return d != NULL ? default_value(d) : NULL;
}

static void
entry_remove(struct conf *c, struct conf_entry *entry)
{
    free(entry->key);
    free(entry->value);
    *entry = c->items[--c->count];
}

bool
conf_put(struct conf *c, const char *key, const char *value)
{
    struct conf_entry *entry = entry_find(c, key);
    if (value == NULL) {
        if (entry != NULL) {
            entry_remove(c, entry);
        }
        return true;
    }
    if (entry != NULL) {
        char *copy = strdup(value);
        free(entry->value);
        entry->value = copy;
        return true;
    }
    if (c->count >= CONF_ENTRIES_MAX) {
        return false;
    }
    if (c->count == c->capacity) {
        c->capacity = c->capacity == 0 ? 32 : c->capacity * 2;
        c->items = realloc(c->items, c->capacity * sizeof *c->items);
        if (c->items == NULL) {
            abort();
        }
    }
    c->items[c->count++] = (struct conf_entry){strdup(key), strdup(value)};
    return true;
}

void
conf_copy(struct conf *to, const struct conf *from)
{
    for (uint32_t i = 0; i < from->count; i++) {
        conf_put(to, from->items[i].key, from->items[i].value);
    }
}

void
conf_release(struct conf *c)
{
    while (c->count > 0) {
        entry_remove(c, &c->items[c->count - 1]);
    }
    free(c->items);
    *c = (struct conf){0};
}

const char *
conf_default_of(const char *key)
{
    const struct conf_default *d = default_find(key);
    return d != NULL ? default_value(d) : NULL;
}

bool
conf_known(const char *key)
{
    return default_find(key) != NULL;
}

bool
conf_is_static(const char *key)
{
    const struct conf_default *d = default_find(key);
    return d != NULL && strchr(d->flags, 'S') != NULL;
}

void
conf_each(const struct conf *c, void (*fn)(void *ctx, const char *key, const char *value),
          void *ctx)
{
    for (size_t i = 0; i < DEFAULT_COUNT; i++) {
        const char *value = conf_get(c, defaults[i].key);
        if (value != NULL) {
            fn(ctx, defaults[i].key, value);
        }
    }
    for (uint32_t i = 0; i < c->count; i++) {
        if (default_find(c->items[i].key) == NULL) {
            fn(ctx, c->items[i].key, c->items[i].value);
        }
    }
}
