/*
 * Parquet's flat element list as a tree of fields with Spark types and levels.
 *
 * Lists come in three shapes (the standard's list.element, older writers' repeated group as the
 * element itself, a bare repeated field); all become PQ_LIST_OF. Every field is nullable to the
 * engine, as Spark reads files, whatever the file demands.
 * Source: "Logical types" page of parquet-format, backward-compatibility rules.
 */
#include <string.h>

#include "format/parquet_meta.h"

enum { SCHEMA_DEPTH_MAX = 48 };

struct builder {
    struct pq_footer *footer;
    const struct pq_element *elements;
    uint32_t count;
    uint32_t next; /* element to be read */
    struct error *err;
};

static const struct type *
illegal(struct builder *b, const struct pq_element *e, const char *what)
{
    error_unsupported(b->err, "Parquet type %s of column %s", what, e->name);
    return NULL;
}

static const struct type *
int_type(struct builder *b, const struct pq_element *e)
{
    struct arena *a = &b->footer->arena;
    const bool wide = e->type == PQ_INT64;
    switch (e->logical) {
    case PQ_NO_LOGICAL:
        return type_scalar(wide ? TYPE_LONG : TYPE_INT);
    case PQ_INTEGER:
        switch (e->bits) {
        case 8:
            return type_scalar(e->is_signed ? TYPE_BYTE : TYPE_SHORT);
        case 16:
            return type_scalar(e->is_signed ? TYPE_SHORT : TYPE_INT);
        case 32:
            return type_scalar(e->is_signed ? TYPE_INT : TYPE_LONG);
        case 64:
            return e->is_signed ? type_scalar(TYPE_LONG) : type_decimal(a, 20, 0);
        default:
            return illegal(b, e, "integer of unknown width");
        }
    case PQ_DECIMAL:
        if (e->precision < 1 || e->precision > (wide ? 18 : 9) || e->scale < 0 ||
            e->scale > e->precision) {
            return illegal(b, e, "decimal with an impossible precision");
        }
        return type_decimal(a, e->precision, e->scale);
    case PQ_DATE:
        return wide ? illegal(b, e, "INT64 DATE") : type_scalar(TYPE_DATE);
    case PQ_TIMESTAMP:
        if (!wide || e->unit < PQ_MILLIS) {
            return illegal(b, e, "timestamp without a unit");
        }
        return type_scalar(e->utc ? TYPE_TIMESTAMP : TYPE_TIMESTAMP_NTZ);
    case PQ_UNKNOWN:
        return type_scalar(TYPE_NULL);
    case PQ_TIME:
        return illegal(b, e, "TIME");
    default:
        return illegal(b, e, "integer with an unfitting annotation");
    }
}

static const struct type *
binary_type(struct builder *b, const struct pq_element *e)
{
    switch (e->logical) {
    case PQ_STRING:
    case PQ_ENUM:
    case PQ_JSON:
        return type_scalar(TYPE_STRING);
    case PQ_DECIMAL:
        if (e->precision < 1 || e->precision > 38 || e->scale < 0 || e->scale > e->precision) {
            return illegal(b, e, "decimal with an impossible precision");
        }
        return type_decimal(&b->footer->arena, e->precision, e->scale);
    case PQ_UNKNOWN:
        return type_scalar(TYPE_NULL);
    default:
        return type_scalar(TYPE_BINARY);
    }
}

static const struct type *
leaf_type(struct builder *b, const struct pq_element *e)
{
    switch (e->type) {
    case PQ_BOOLEAN:
        return type_scalar(e->logical == PQ_UNKNOWN ? TYPE_NULL : TYPE_BOOLEAN);
    case PQ_INT32:
    case PQ_INT64:
        return int_type(b, e);
    case PQ_INT96:
        return type_scalar(TYPE_TIMESTAMP);
    case PQ_FLOAT:
        return type_scalar(TYPE_FLOAT);
    case PQ_DOUBLE:
        return type_scalar(TYPE_DOUBLE);
    case PQ_FIXED:
        if (e->type_length <= 0 || e->type_length > (1 << 20)) {
            return illegal(b, e, "fixed bytes of an impossible length");
        } /* fall through */
    default:
        return binary_type(b, e);
    }
}

static bool build(struct builder *b, uint32_t depth, uint8_t def, uint8_t rep, bool as_item,
                  struct pq_field *out);

static bool
build_leaf(struct builder *b, const struct pq_element *e, struct pq_field *out)
{
    out->shape = PQ_LEAF;
    out->leaf = b->footer->leaf_count++;
    out->type = leaf_type(b, e);
    return out->type != NULL;
}

static bool
build_children(struct builder *b, uint32_t depth, uint8_t def, uint8_t rep, uint32_t count,
               struct pq_field *out)
{
    if (count > b->count) {
        return pq_broken(b->err, "a group with more children than there are elements");
    }
    out->child_count = count;
    out->children = arena_new_array(&b->footer->arena, struct pq_field, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!build(b, depth + 1, def, rep, false, &out->children[i])) {
            return false;
        }
    }
    return true;
}

static bool
build_struct(struct builder *b, const struct pq_element *e, uint32_t depth, struct pq_field *out)
{
    struct arena *a = &b->footer->arena;
    out->shape = PQ_STRUCT;
    if (!build_children(b, depth, out->def, out->rep, e->child_count, out)) {
        return false;
    }
    if (out->child_count == 0) {
        return pq_broken(b->err, "a group without fields");
    }
    struct type_field *fields = arena_new_array(a, struct type_field, out->child_count);
    for (uint32_t i = 0; i < out->child_count; i++) {
        fields[i] = (struct type_field){out->children[i].name, out->children[i].type, true, NULL};
    }
    out->type = type_struct(a, fields, out->child_count);
    return true;
}

/* Is the repeated group below a LIST itself the element, as older writers meant it? */
static bool
repeated_is_element(const struct pq_element *list, const struct pq_element *repeated)
{
    const size_t len = strlen(list->name);
    return repeated->child_count != 1 || strcmp(repeated->name, "array") == 0 ||
           (strncmp(repeated->name, list->name, len) == 0 &&
            strcmp(repeated->name + len, "_tuple") == 0);
}

static bool
build_list(struct builder *b, const struct pq_element *e, uint32_t depth, struct pq_field *out)
{
    const struct pq_element *repeated = &b->elements[b->next];
    if (b->next >= b->count || e->child_count != 1 || repeated->repetition != PQ_REPEATED) {
        return pq_broken(b->err, "a LIST without a repeated field");
    }
    out->shape = PQ_LIST_OF;
    out->item_def = out->def + 1;
    out->child_count = 1;
    out->children = arena_new(&b->footer->arena, struct pq_field);
    const bool as_item = repeated->child_count == 0 || repeated_is_element(e, repeated);
    if (!as_item) {
        b->next++;
    }
    if (!build(b, depth + 1, out->item_def, out->rep + 1, as_item, out->children)) {
        return false;
    }
    out->type = type_array(&b->footer->arena, out->children->type, true);
    return true;
}

static bool
build_map(struct builder *b, const struct pq_element *e, uint32_t depth, struct pq_field *out)
{
    const struct pq_element *repeated = &b->elements[b->next];
    if (b->next >= b->count || e->child_count != 1 || repeated->repetition != PQ_REPEATED ||
        repeated->child_count != 2) {
        return pq_broken(b->err, "a MAP without repeated keys and values");
    }
    b->next++;
    out->shape = PQ_MAP_OF;
    out->item_def = out->def + 1;
    if (!build_children(b, depth + 1, out->item_def, out->rep + 1, 2, out)) {
        return false;
    }
    out->type = type_map(&b->footer->arena, out->children[0].type, out->children[1].type, true);
    return true;
}

/* Builds the next element. as_item: it is a repeated field whose repetition the list above has
 * already counted. */
static bool
build(struct builder *b, uint32_t depth, uint8_t def, uint8_t rep, bool as_item,
      struct pq_field *out)
{
    if (b->next >= b->count || depth > SCHEMA_DEPTH_MAX) {
        return pq_broken(b->err, "its schema is cut off or too deep");
    }
    const struct pq_element *e = &b->elements[b->next];
    *out = (struct pq_field){.name = e->name, .nullable = true, .element = e, .rep = rep};
    out->def = e->repetition == PQ_OPTIONAL ? def + 1 : def;
    if (e->repetition == PQ_REPEATED && !as_item) {
        /* A bare repeated field: a list that is never null. */
        struct arena *a = &b->footer->arena;
        out->shape = PQ_LIST_OF;
        out->item_def = def + 1;
        out->child_count = 1;
        out->children = arena_new(a, struct pq_field);
        if (!build(b, depth + 1, out->item_def, rep + 1, true, out->children)) {
            return false;
        }
        out->type = type_array(a, out->children->type, true);
        return true;
    }
    b->next++;
    if (e->child_count == 0) {
        return build_leaf(b, e, out);
    }
    if (e->logical == PQ_LIST) {
        return build_list(b, e, depth, out);
    }
    return e->logical == PQ_MAP ? build_map(b, e, depth, out) : build_struct(b, e, depth, out);
}

/* Spark keeps what Parquet cannot say (intervals, char and varchar) in its own metadata. */
static bool
spark_may_name(const struct type *file, const struct type *spark)
{
    return (file->id == TYPE_INT && spark->id == TYPE_INTERVAL_YM) ||
           (file->id == TYPE_LONG && spark->id == TYPE_INTERVAL_DT) ||
           (file->id == TYPE_STRING && spark->id == TYPE_STRING);
}

static void
apply_spark_schema(struct pq_footer *f)
{
    struct error ignored = {0};
    const struct type *spark =
        type_parse(&f->arena, f->spark_schema, strlen(f->spark_schema), &ignored);
    error_clear(&ignored);
    if (spark == NULL || spark->id != TYPE_STRUCT || spark->field_count != f->field_count) {
        return;
    }
    for (uint32_t i = 0; i < f->field_count; i++) {
        if (strcmp(spark->fields[i].name, f->fields[i].name) == 0 &&
            spark_may_name(f->fields[i].type, spark->fields[i].type)) {
            f->fields[i].type = spark->fields[i].type;
        }
    }
}

bool
pq_build_fields(struct pq_footer *f, const struct pq_element *elements, uint32_t count,
                struct error *err)
{
    struct builder b = {.footer = f, .elements = elements, .count = count, .next = 1, .err = err};
    struct pq_field root = {0};
    if (!build_children(&b, 0, 0, 0, elements[0].child_count, &root)) {
        return false;
    }
    if (b.next != count) {
        return pq_broken(err, "elements outside its schema");
    }
    f->fields = root.children;
    f->field_count = root.child_count;
    if (f->spark_schema != NULL) {
        apply_spark_schema(f);
    }
    struct type_field *fields = arena_new_array(&f->arena, struct type_field, f->field_count);
    for (uint32_t i = 0; i < f->field_count; i++) {
        fields[i] = (struct type_field){f->fields[i].name, f->fields[i].type, true, NULL};
    }
    f->schema = type_struct(&f->arena, fields, f->field_count);
    return true;
}
