/*
 * A session's settings: what was set, over Spark's defaults.
 *
 * Keys are compared exactly, as Spark does. Threads: guarded by the owner (struct session).
 */
#ifndef WEIR_DRIVER_CONF_H
#define WEIR_DRIVER_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct conf_entry {
    char *key;
    char *value;
};

struct conf {
    struct conf_entry *items; /* unsorted; a session sets a few dozen at most */
    uint32_t count;
    uint32_t capacity;
};

enum { CONF_ENTRIES_MAX = 10000 };

void conf_release(struct conf *c);
const char *conf_get(const struct conf *c,
                     const char *key); /* set value or default; NULL if neither */
bool conf_put(struct conf *c, const char *key,
              const char *value); /* value NULL: unset; false: full */
void conf_copy(struct conf *to, const struct conf *from);
/* NULL: unknown, or without a default. */
const char *conf_default_of(const char *key);
bool conf_known(const char *key);     /* one of Spark's keys that we list, or any spark.sql. key */
bool conf_is_static(const char *key); /* cannot be changed in a session */
/* Defaults and set values, each key once, defaults first. */
void conf_each(const struct conf *c, void (*fn)(void *ctx, const char *key, const char *value),
               void *ctx);
/* conf_check.c. May the key have this value? */
bool conf_check(const char *key, const char *value, struct error *err);
/* What to tell a client of a value that is taken but has no effect; NULL: nothing. */
const char *conf_warning(const char *key, const char *value);
const char *conf_system_zone(void); /* TZ, /etc/localtime's name, or "Etc/UTC" */

#endif
