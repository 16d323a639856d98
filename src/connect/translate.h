/*
 * Spark Connect's plan messages into the trees that plan/ resolves, one node for one message.
 *
 * Nothing is looked up here but what a message names outright: uploaded local relations,
 * through struct translate_face. Names stay names, function calls stay calls; a message
 * that no tree node can hold raises an unsupported error which names it.
 *
 * The trees borrow from the decoded messages, and so from the request's bytes: all of them must
 * live as long as the arena.
 */
#ifndef WEIR_CONNECT_TRANSLATE_H
#define WEIR_CONNECT_TRANSLATE_H

#include "base/arena.h"
#include "base/error.h"
#include "connect/proto_messages.h"
#include "driver/session.h"
#include "stream/stream.h"
#include "tree/command.h"
#include "tree/rel.h"

/* What the session knows. Any member may be NULL: then what needs it is refused. */
struct translate_face {
    /* The content of an artifact ("cache/<hash>"), in the arena. NULL with err set. */
    const uint8_t *(*artifact)(void *ctx, struct arena *a, const char *name, size_t *len,
                               struct error *err);
    /* Runs a relation of one column now: its values, of at most max rows, in the arena. For
     * pivot() without values, whose columns depend on the rows. */
    bool (*values)(void *ctx, struct arena *a, struct rel *rel, uint32_t max, struct datum **out,
                   uint32_t *count, struct error *err);
    void *ctx;
    const char *python_path; /* interpreter of the session's Python functions, or NULL */
    struct session *session; /* whose files they see */
    uint64_t random;         /* seed for sample() without one */
};

enum { PIVOT_VALUES_MAX = 10000 }; /* spark.sql.pivotMaxValues */

struct translate_scope; /* plans that subquery expressions may name */

struct translator {
    struct arena *arena;
    const struct translate_face *face;
    struct error *err;
    struct translate_scope *scope;
    uint32_t depth;
};

void translator_init(struct translator *t, struct arena *a, const struct translate_face *face,
                     struct error *err);

/* All return NULL (or false) with err set on failure. */
struct rel *translate_rel(struct translator *t, const struct pb_relation *r);
struct expr *translate_expr(struct translator *t, const struct pb_expression *e);
bool translate_literal(struct translator *t, const struct pb_expression_literal *l,
                       struct datum *out);
const struct type *translate_type(struct translator *t, const struct pb_data_type *d);
/* Commands that driver/ carries out. Those that connect/ itself serves are not among them. */
struct command *translate_command(struct translator *t, const struct pb_command *c);
bool translate_stream_start(struct translator *t, const struct pb_write_stream_operation_start *w,
                            struct stream_start *out);

/* Back to messages, for answers. */
struct pb_data_type *proto_type(struct arena *a, const struct type *type);
struct pb_expression_literal *proto_literal(struct arena *a, const struct datum *d);

/* Shared by the translate files. */
struct expr **translate_exprs(struct translator *t, const struct pb_expression *list,
                              uint32_t count);
bool translate_sort_keys(struct translator *t, const struct pb_expression_sort_order *list,
                         uint32_t count, struct sort_key **out);
struct udf *translate_udf(struct translator *t,
                          const struct pb_common_inline_user_defined_function *f);
const char **translate_names(struct translator *t, const struct pb_text *list, uint32_t count);
struct options translate_options(struct translator *t, const struct pb_map_string_string *list,
                                 uint32_t count);
/* "a.`b.c`.d" in parts. */
const char **translate_identifier(struct translator *t, struct pb_text text, uint32_t *count);
struct rel *translate_rel_more(struct translator *t, const struct pb_relation *r); /* B and C */
struct rel *translate_catalog(struct translator *t, const struct pb_catalog *c);
struct rel *translate_local(struct translator *t, const struct pb_relation *r);
struct expr *translate_subquery(struct translator *t, const struct pb_subquery_expression *s);
void *translate_missing(struct translator *t, const char *what); /* a required field is not set */

/* Nodes with nothing set; over inputs: NULL when one of them failed. */
struct rel *rel_node(struct translator *t, enum rel_kind kind);
struct rel *rel_node_over(struct translator *t, enum rel_kind kind,
                          const struct pb_relation *input);
struct rel *rel_node_over_two(struct translator *t, enum rel_kind kind,
                              const struct pb_relation *left, const struct pb_relation *right);
bool rel_set_exprs(struct translator *t, struct rel *r, const struct pb_expression *list,
                   uint32_t count);
void rel_set_columns(struct translator *t, struct rel *r, const struct pb_text *list,
                     uint32_t count);

#endif
