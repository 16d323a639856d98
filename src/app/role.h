/* The children's lives: `weir --role store|worker|front START_FILE`, started by the supervisor
 * only. */
#ifndef WEIR_APP_ROLE_H
#define WEIR_APP_ROLE_H

#include <stdint.h>

int role_main(const char *role, const char *start_path, uint32_t number); /* exit status */

#endif
