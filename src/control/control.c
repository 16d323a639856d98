/* The calls of the control store: arguments are checked here, once for all back ends. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/backend.h"

void
control_close(struct control *c)
{
    c->ops->close(c);
}

int64_t
control_silent_ms(struct control *c)
{
    return c->ops->silent_ms(c);
}

static bool
key_fits(const char *key, struct error *err)
{
    return strlen(key) <= CONTROL_KEY_BYTES_MAX ||
           error_set(err, ERROR_ARGUMENT, "control key %.64s... is too long", key);
}

bool
control_get(struct control *c, const char *key, struct buffer *value, uint64_t *version,
            struct error *err)
{
    *version = 0;
    if (value != NULL) {
        buffer_clear(value);
    }
    return key_fits(key, err) && c->ops->get(c, key, value, version, err);
}

static bool
changes_fit(const struct control_change *changes, size_t count, struct error *err)
{
    if (count == 0 || count > CONTROL_CHANGES_MAX) {
        return error_set(err, ERROR_ARGUMENT, "%zu changes at once, of which %d are possible",
                         count, CONTROL_CHANGES_MAX);
    }
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        if (!key_fits(changes[i].key, err)) {
            return false;
        }
        if (changes[i].len > CONTROL_VALUE_BYTES_MAX) {
            return error_set(err, ERROR_ARGUMENT, "the value of control key %.64s is too long",
                             changes[i].key);
        }
        bytes += strlen(changes[i].key) + (changes[i].value != NULL ? changes[i].len : 0);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(changes[i].key, changes[j].key) == 0) {
                return error_set(err, ERROR_ARGUMENT, "control key %.64s is changed twice at once",
                                 changes[i].key);
            }
        }
    }
    return bytes <= CONTROL_APPLY_BYTES_MAX ||
           error_set(err, ERROR_ARGUMENT, "a change of %zu bytes; %d are possible at once", bytes,
                     CONTROL_APPLY_BYTES_MAX);
}

bool
control_apply(struct control *c, const struct control_change *changes, size_t count,
              uint64_t *version, struct error *err)
{
    uint64_t unused;
    return changes_fit(changes, count, err) &&
           c->ops->apply(c, changes, count, version != NULL ? version : &unused, err);
}

bool
control_list(struct control *c, const char *prefix, control_fn *fn, void *ctx, struct error *err)
{
    return key_fits(prefix, err) && c->ops->list(c, prefix, fn, ctx, err);
}

bool
control_lease_grant(struct control *c, int64_t ttl_ms, uint64_t *lease, struct error *err)
{
    return c->ops->lease_grant(c, ttl_ms, lease, err);
}

bool
control_lease_keep(struct control *c, uint64_t lease, struct error *err)
{
    return c->ops->lease_keep(c, lease, err);
}

bool
control_lease_end(struct control *c, uint64_t lease, struct error *err)
{
    return c->ops->lease_end(c, lease, err);
}

struct control_watch *
control_watch(struct control *c, const char *prefix, control_fn *fn, void *ctx, struct error *err)
{
    return key_fits(prefix, err) ? c->ops->watch(c, prefix, fn, ctx, err) : NULL;
}

void
control_watch_end(struct control *c, struct control_watch *w)
{
    if (w != NULL) {
        c->ops->watch_end(c, w);
    }
}

bool
control_raise(struct control *c, const char *key, uint64_t *number, struct error *err)
{
    enum { TRIES = 100 };
    struct buffer value = {0};
    bool ok = false;
    for (int i = 0; i < TRIES; i++) {
        error_clear(err);
        uint64_t version;
        if (!control_get(c, key, &value, &version, err)) {
            break;
        }
        const uint64_t next = strtoull(buffer_text(&value), NULL, 10) + 1;
        char text[24];
        const int len = snprintf(text, sizeof text, "%" PRIu64, next);
        const struct control_change change = {
            .key = key, .version_expected = version, .value = text, .len = (size_t)len};
        ok = control_apply(c, &change, 1, NULL, err);
        if (ok) {
            *number = next;
            break;
        }
        if (err->code != CONTROL_CONFLICT) {
            break;
        }
    }
    buffer_release(&value);
    return ok;
}
