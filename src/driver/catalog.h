/*
 * The catalog as planning sees it: temporary views, global ones, tables, files by format.`path`,
 * registered functions, cached relations.
 */
#ifndef WEIR_DRIVER_CATALOG_H
#define WEIR_DRIVER_CATALOG_H

#include "driver/session.h"
#include "plan/catalog.h"
#include "plan/resolve.h"

void session_catalog(struct session *s, struct plan_catalog *out);
/* A context for one statement; session and catalog structs are the caller's. */
struct plan_scope {
    struct func_session session;
    struct plan_catalog catalog;
    struct plan_context context;
};
void plan_scope_init(struct plan_scope *scope, struct session *s, struct arena *a);

/* [catalog.][database.]name -> database and name; the catalog must be spark_catalog. */
bool name_split(struct session *s, struct arena *a, const char *const *names, uint32_t count,
                const char **database, const char **name, struct error *err);
/* `a`.`b` for messages. */
const char *name_quoted(struct arena *a, const char *const *names, uint32_t count);

/* Rows of a Connect catalog call (REL_CATALOG) or of a statement that shows something. */
struct rel *session_catalog_rows(struct session *s, struct arena *a, struct rel *call,
                                 struct error *err);

#endif
