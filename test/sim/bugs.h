/* The planted bugs by name, and the part of the world that can show each. */
#ifndef WEIR_TEST_SIM_BUGS_H
#define WEIR_TEST_SIM_BUGS_H

#include "base/bug.h"

struct planted_bug {
    const char *name;
    enum bug bug;
    const char *part;
    bool rare; /* takes more than a few hundred seeds; not in the sample */
};

extern const struct planted_bug bugs[]; /* ends with name NULL */

#endif
