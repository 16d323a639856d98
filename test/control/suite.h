/*
 * What every back end of the control store must do, as one list of tests over a back end.
 *
 * A back end says how a fresh empty store is opened, how a second handle on the same store is got,
 * and how time passes. The simulator's model runs the same list.
 */
#ifndef WEIR_TEST_CONTROL_SUITE_H
#define WEIR_TEST_CONTROL_SUITE_H

#include "control/control.h"

struct suite_backend {
    const char *name;
    void *ctx;
    struct control *(*open)(void *ctx); /* an empty store of its own */
    void (*close)(void *ctx, struct control *c);
    /* NULL: several threads share one handle. Else another handle on the newest store, closed with
     * control_close. */
    struct control *(*again)(void *ctx);
    /* Lets up to ms pass, in which watches and leases go on; may return earlier. */
    void (*pass)(void *ctx, int64_t ms);
    bool threads; /* may be called from several threads */
};

/* Number of failed tests, as cmocka counts them. */
int suite_run(const struct suite_backend *backend);

#endif
