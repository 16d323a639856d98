/*
 * Rows that the client brings: inline, uploaded before as artifacts, or kept by the server; and the
 * catalog calls, which the protocol sends as relations too.
 */
#include <string.h>

#include "connect/translate.h"

static const struct type *
given_schema(struct translator *t, const char *text, size_t len)
{
    return type_parse_schema(t->arena, text, len, t->err);
}

static struct rel *
local(struct translator *t, struct bytes data, struct pb_text schema)
{
    struct rel *r = rel_node(t, REL_LOCAL);
    if (schema.len > 0) {
        r->schema = given_schema(t, schema.ptr, schema.len);
        if (r->schema == NULL) {
            return NULL;
        }
    }
    if (data.len == 0) {
        if (r->schema == NULL) {
            error_set(t->err, ERROR_ARGUMENT,
                      "Schema for LocalRelation is required when the input data is not provided.");
            return NULL;
        }
        r->kind = REL_EMPTY;
        return r;
    }
    r->data = data.ptr;
    r->data_len = data.len;
    return r;
}

static struct bytes
artifact(struct translator *t, struct pb_text hash)
{
    struct bytes out = {NULL, 0};
    if (t->face->artifact == NULL) {
        error_unsupported(t->err, "cached local relations here");
        return out;
    }
    const char *name = arena_printf(t->arena, "cache/%s", pb_str(hash));
    out.ptr = t->face->artifact(t->face->ctx, t->arena, name, &out.len, t->err);
    return out;
}

/* 3.x and 4.0: one artifact holds a whole LocalRelation message. */
static struct rel *
cached(struct translator *t, const struct pb_cached_local_relation *c)
{
    struct bytes bytes = artifact(t, c->hash);
    struct pb_local_relation *l = arena_new(t->arena, struct pb_local_relation);
    if (bytes.ptr == NULL || !PB_DECODE(t->arena, PB_ID_LOCAL_RELATION, bytes, l, t->err)) {
        return NULL;
    }
    return local(t, l->data, l->schema);
}

/* 4.1 on: Arrow streams in pieces, each an artifact; the schema another. */
static struct rel *
chunked(struct translator *t, const struct pb_chunked_cached_local_relation *c)
{
    struct pb_text schema = {NULL, 0};
    if (c->schemaHash.len > 0) {
        struct bytes text = artifact(t, c->schemaHash);
        if (text.ptr == NULL) {
            return NULL;
        }
        schema = (struct pb_text){(const char *)text.ptr, text.len};
    }
    if (c->dataHashes_count == 0) {
        return local(t, (struct bytes){NULL, 0}, schema);
    }
    struct rel *all = rel_node(t, REL_SET_OP);
    all->set_op = SET_UNION;
    all->is_all = true;
    all->inputs = arena_new_array(t->arena, struct rel *, c->dataHashes_count);
    for (uint32_t i = 0; i < c->dataHashes_count; i++) {
        struct bytes data = artifact(t, c->dataHashes[i]);
        struct rel *part = data.ptr != NULL ? local(t, data, schema) : NULL;
        if (part == NULL) {
            return NULL;
        }
        all->inputs[all->input_count++] = part;
    }
    return all->input_count == 1 ? all->inputs[0] : all;
}

struct rel *
translate_local(struct translator *t, const struct pb_relation *m)
{
    switch (m->rel_type_case) {
    case PB_RELATION_LOCAL_RELATION_TAG:
        return local(t, m->local_relation->data, m->local_relation->schema);
    case PB_RELATION_CACHED_LOCAL_RELATION_TAG:
        return cached(t, m->cached_local_relation);
    case PB_RELATION_CHUNKED_CACHED_LOCAL_RELATION_TAG:
        return chunked(t, m->chunked_cached_local_relation);
    default: {
        struct rel *r = rel_node(t, REL_CACHED_REMOTE);
        r->name = pb_str(m->cached_remote_relation->relation_id);
        return r;
    }
    }
}

/* A catalog call's field as a literal; a field that is absent becomes null. */
static struct expr *
catalog_argument(struct translator *t, const struct pb_field *f, const uint8_t *message)
{
    struct pb_data_type none = {.kind_case = PB_DATA_TYPE_STRING_TAG};
    none.string = arena_new(t->arena, struct pb_data_type_string);
    struct pb_expression_literal l = {.literal_type_case = PB_EXPRESSION_LITERAL_NULL_TAG};
    l.null = &none;
    if (f->kind == PB_STRING) {
        const struct pb_text *text = (const void *)(message + f->offset);
        if (text->ptr != NULL || f->label == PB_PLAIN) {
            l.literal_type_case = PB_EXPRESSION_LITERAL_STRING_TAG;
            l.string = *text;
        }
    } else if (f->kind == PB_BOOL) {
        l.literal_type_case = PB_EXPRESSION_LITERAL_BOOLEAN_TAG;
        l.boolean = *(const bool *)(message + f->offset);
    }
    struct pb_expression literal = {.expr_type_case = PB_EXPRESSION_LITERAL_TAG};
    literal.literal = &l;
    return translate_expr(t, &literal);
}

struct rel *
translate_catalog(struct translator *t, const struct pb_catalog *c)
{
    const struct pb_field *call = pb_field_find(&pb_messages[PB_ID_CATALOG], c->cat_type_case);
    if (call == NULL) {
        return translate_missing(t, "Catalog.cat_type");
    }
    const struct pb_message *m = &pb_messages[call->message];
    const uint8_t *message = *(uint8_t *const *)(const void *)((const uint8_t *)c + call->offset);
    struct rel *r = rel_node(t, REL_CATALOG);
    r->name = call->name;
    r->exprs = arena_new_array(t->arena, struct expr *, m->field_count + 1);
    for (uint32_t i = 0; i < m->field_count; i++) {
        const struct pb_field *f = &m->fields[i];
        const void *slot = message + f->offset;
        if (f->kind != PB_MESSAGE) {
            r->exprs[r->expr_count] = catalog_argument(t, f, message);
            if (r->exprs[r->expr_count++] == NULL) {
                return NULL;
            }
        } else if (f->message == PB_ID_DATA_TYPE && *(void *const *)slot != NULL) {
            r->schema = translate_type(t, *(struct pb_data_type *const *)slot);
            if (r->schema == NULL) {
                return NULL;
            }
        } else if (f->label == PB_REPEATED && f->message == PB_ID_MAP_STRING_STRING) {
            r->options =
                translate_options(t, *(struct pb_map_string_string *const *)slot,
                                  *(const uint32_t *)(const void *)(message + f->presence));
        } /* storage levels say where a cache lies; we have one place */
    }
    return r;
}
