/* What the front and store processes are made of: the pieces, wired together. */
#ifndef WEIR_APP_FRONT_H
#define WEIR_APP_FRONT_H

#include "app/start_file.h"

/* Serve until wait returns. */
bool front_life(const struct start_facts *f, void (*wait)(void), struct error *err);
bool store_life(const struct start_facts *f, void (*wait)(void), struct error *err);

#endif
