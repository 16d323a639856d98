/* The door to sql/: texts inside plans become unresolved trees. */
#ifndef WEIR_PLAN_SQL_TEXT_H
#define WEIR_PLAN_SQL_TEXT_H

#include "plan/resolver.h"

struct expr *sql_text_expr(struct resolver *r, const char *text);
struct rel *sql_text_query(struct resolver *r, const char *text);

#endif
