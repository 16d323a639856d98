/*
 * The control store as a model: linearizable, in memory, on a clock that somebody else moves.
 *
 * It is a back end like the others (control/backend.h) and passes their suite. Watches are called
 * from control_model_pass only: late, as the contract allows. `changed` is called at each change,
 * for the simulator, which makes its own late and repeated deliveries of it.
 */
#ifndef WEIR_TEST_SIM_CONTROL_MODEL_H
#define WEIR_TEST_SIM_CONTROL_MODEL_H

#include "control/control.h"

struct control *control_model_open(void (*changed)(void *ctx, const char *key, struct bytes value,
                                                   uint64_t version),
                                   void *ctx);
struct control *control_model_again(struct control *c); /* another handle on the same store */
/* Moves the clock: leases that are over end, watches are told. */
void control_model_pass(struct control *c, int64_t now_ms);
/* A lease ends now although it was kept; salt picks which. */
void control_model_lose_lease(struct control *c, uint64_t salt);

#endif
