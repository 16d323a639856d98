/* The simulator's control store passes the suite of all back ends. */
#include "../control/suite.h"

#include <stddef.h>

#include "control_model.h"

static int64_t now_ms;

static struct control *
model_open(void *ctx)
{
    (void)ctx;
    return control_model_open(NULL, NULL);
}

static void
model_close(void *ctx, struct control *c)
{
    (void)ctx;
    control_close(c);
}

static struct control *opened;

static struct control *
model_open_kept(void *ctx)
{
    return opened = model_open(ctx);
}

static struct control *
model_again(void *ctx)
{
    (void)ctx;
    return control_model_again(opened);
}

static void
model_pass(void *ctx, int64_t ms)
{
    (void)ctx;
    now_ms += ms;
    control_model_pass(opened, now_ms);
}

int
main(void)
{
    const struct suite_backend backend = {
        .name = "model",
        .open = model_open_kept,
        .close = model_close,
        .again = model_again,
        .pass = model_pass,
    };
    return suite_run(&backend);
}
