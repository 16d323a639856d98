/*
 * Arrow schema messages: Spark types to fields as PySpark's to_arrow_type makes them, and fields
 * of anybody's stream to Spark types.
 */
#include <assert.h>
#include <string.h>

#include "format/arrow.h"
#include "format/arrow_message.h"

enum { FIELD_NAME, FIELD_NULLABLE, FIELD_TYPE_ID, FIELD_TYPE, FIELD_DICTIONARY, FIELD_CHILDREN };

bool
arrow_broken(struct error *err, const char *what)
{
    return error_set(err, ERROR_ARGUMENT, "Malformed Arrow stream: %s", what);
}

size_t
arrow_begin_message(struct flat_put *f, enum arrow_header kind, uint64_t body_bytes,
                    size_t *header_slot)
{
    const size_t start = f->out->len;
    buffer_le32(f->out, 0xffffffff);
    buffer_le32(f->out, 0);
    f->base = f->out->len;
    buffer_le32(f->out, 0); /* the root's offset */
    size_t at[4];
    const size_t message = flat_put_table(
        f, (struct flat_slot[]){{2, ARROW_V5}, {1, kind}, {FLAT_OFFSET, 0}, {8, body_bytes}}, 4,
        at);
    flat_link(f, f->base, message);
    *header_slot = at[2];
    return start;
}

void
arrow_end_message(struct flat_put *f, size_t start)
{
    while ((f->out->len - f->base) % 8 != 0 && !f->out->overflow) {
        buffer_u8(f->out, 0);
    }
    if (!f->out->overflow) {
        const uint32_t len = (uint32_t)(f->out->len - f->base);
        memcpy(f->out->ptr + start + 4, &len, 4);
    }
}

static enum arrow_type_id
arrow_id_of(const struct type *t)
{
    switch (t->id) {
    case TYPE_BOOLEAN:
        return ARROW_BOOL;
    case TYPE_BYTE:
    case TYPE_SHORT:
    case TYPE_INT:
    case TYPE_LONG:
        return ARROW_INT;
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        return ARROW_FLOAT;
    case TYPE_DECIMAL:
        return ARROW_DECIMAL;
    case TYPE_STRING:
        return ARROW_UTF8;
    case TYPE_BINARY:
        return ARROW_BINARY;
    case TYPE_DATE:
        return ARROW_DATE;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_NTZ:
        return ARROW_TIMESTAMP;
    case TYPE_INTERVAL_DT:
        return ARROW_DURATION;
    case TYPE_INTERVAL_YM:
    case TYPE_INTERVAL_CALENDAR:
        return ARROW_INTERVAL;
    case TYPE_ARRAY:
        return ARROW_LIST;
    case TYPE_MAP:
        return ARROW_MAP;
    case TYPE_STRUCT:
        return ARROW_STRUCT;
    case TYPE_NULL:
    case TYPE_COUNT:
        break;
    }
    return ARROW_NULL;
}

/* The table of the type union's member. */
static size_t
put_type_table(struct flat_put *f, const struct type *t, const char *zone)
{
    static const uint8_t int_bits[] = {
        [TYPE_BYTE] = 8, [TYPE_SHORT] = 16, [TYPE_INT] = 32, [TYPE_LONG] = 64};
    struct flat_slot slots[3] = {0};
    uint32_t count = 0;
    size_t at[3];
    switch (t->id) {
    case TYPE_BYTE:
    case TYPE_SHORT:
    case TYPE_INT:
    case TYPE_LONG:
        slots[0] = (struct flat_slot){4, int_bits[t->id]};
        slots[1] = (struct flat_slot){1, 1};
        count = 2;
        break;
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        slots[0] = (struct flat_slot){2, t->id == TYPE_FLOAT ? 1 : 2};
        count = 1;
        break;
    case TYPE_DECIMAL:
        slots[0] = (struct flat_slot){4, t->precision};
        slots[1] = (struct flat_slot){4, t->scale};
        slots[2] = (struct flat_slot){4, 128};
        count = 3;
        break;
    case TYPE_DATE:
        slots[0] = (struct flat_slot){2, 0};
        count = 1;
        break;
    case TYPE_TIMESTAMP:
        slots[0] = (struct flat_slot){2, ARROW_MICRO};
        slots[1] = (struct flat_slot){FLAT_OFFSET, 0};
        count = 2;
        break;
    case TYPE_TIMESTAMP_NTZ:
    case TYPE_INTERVAL_DT:
        slots[0] = (struct flat_slot){2, ARROW_MICRO};
        count = 1;
        break;
    case TYPE_INTERVAL_YM:
    case TYPE_INTERVAL_CALENDAR:
        slots[0] = (struct flat_slot){2, t->id == TYPE_INTERVAL_YM ? 0 : 2};
        count = 1;
        break;
    default:
        break;
    }
    const size_t table = flat_put_table(f, slots, count, at);
    if (t->id == TYPE_TIMESTAMP) {
        flat_link(f, at[1], flat_put_text(f, zone != NULL ? zone : "UTC"));
    }
    return table;
}

static size_t put_field(struct flat_put *f, const char *name, bool nullable, const struct type *t,
                        const char *zone);

/* A map's one child: entries, a struct of the key, never null, and the value. */
static size_t
put_map_entries(struct flat_put *f, const struct type *map, const char *zone)
{
    struct type_field fields[2] = {map->fields[0], map->fields[1]};
    fields[0].name = "key";
    fields[0].nullable = false;
    fields[1].name = "value";
    const struct type entries = {
        .id = TYPE_STRUCT, .length = -1, .fields = fields, .field_count = 2};
    return put_field(f, "entries", false, &entries, zone);
}

static size_t
put_field(struct flat_put *f, const char *name, bool nullable, const struct type *t,
          const char *zone)
{
    const uint32_t children = t->id == TYPE_MAP ? 1 : t->field_count;
    size_t at[6];
    const size_t field = flat_put_table(f,
                                        (struct flat_slot[]){{FLAT_OFFSET, 0},
                                                             {1, nullable},
                                                             {1, arrow_id_of(t)},
                                                             {FLAT_OFFSET, 0},
                                                             {0, 0},
                                                             {FLAT_OFFSET, 0}},
                                        6, at);
    flat_link(f, at[FIELD_NAME], flat_put_text(f, name));
    flat_link(f, at[FIELD_TYPE], put_type_table(f, t, zone));
    const size_t list = flat_put_offsets(f, children);
    flat_link(f, at[FIELD_CHILDREN], list);
    for (uint32_t i = 0; i < children; i++) {
        const struct type_field *child = &t->fields[i];
        const char *child_name = t->id == TYPE_ARRAY ? "element" : child->name;
        flat_link(f, flat_item(list, i),
                  t->id == TYPE_MAP ? put_map_entries(f, t, zone)
                                    : put_field(f, child_name, child->nullable, child->type, zone));
    }
    return field;
}

void
arrow_put_schema(struct buffer *out, const struct type *schema, const char *zone)
{
    assert(schema->id == TYPE_STRUCT);
    struct flat_put f = {.out = out};
    size_t slot, at[2];
    const size_t start = arrow_begin_message(&f, ARROW_SCHEMA, 0, &slot);
    const size_t table = flat_put_table(&f, (struct flat_slot[]){{2, 0}, {FLAT_OFFSET, 0}}, 2, at);
    flat_link(&f, slot, table);
    const size_t list = flat_put_offsets(&f, schema->field_count);
    flat_link(&f, at[1], list);
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct type_field *field = &schema->fields[i];
        flat_link(&f, flat_item(list, i),
                  put_field(&f, field->name, field->nullable, field->type, zone));
    }
    arrow_end_message(&f, start);
}

void
arrow_put_end(struct buffer *out)
{
    buffer_le32(out, 0xffffffff);
    buffer_le32(out, 0);
}

bool
arrow_take_message(struct reader *r, struct arrow_message *out, struct error *err)
{
    *out = (struct arrow_message){0};
    if (reader_left(r) == 0) {
        return true; /* a stream may end without its mark */
    }
    uint32_t len = reader_le32(r);
    if (len == 0xffffffff) {
        len = reader_le32(r);
    }
    if (len == 0 && reader_ok(r)) {
        return true;
    }
    const struct bytes metadata = reader_take(r, len);
    struct flat_table message;
    if (!reader_ok(r) || !flat_root(metadata, &message)) {
        return arrow_broken(err, "a message's metadata is cut off");
    }
    const int64_t kind = flat_int(&message, 1, 1, 0);
    const int64_t body_bytes = flat_int(&message, 3, 8, 0);
    if (kind < ARROW_SCHEMA || kind > ARROW_RECORD_BATCH || !flat_sub(&message, 2, &out->header)) {
        return arrow_broken(err, "a message that is neither schema nor batch");
    }
    if (body_bytes < 0 || (uint64_t)body_bytes > reader_left(r)) {
        return arrow_broken(err, "a message's body is cut off");
    }
    out->kind = (enum arrow_header)kind;
    out->body = reader_take(r, (size_t)body_bytes);
    return true;
}

static bool
no_such_type(struct error *err, const char *what, const char *column)
{
    return error_unsupported(err, "Arrow type %s of column %s", what, column);
}

static const struct type *
int_type(const struct arrow_field *f, bool is_signed, struct error *err)
{
    if (!is_signed) {
        no_such_type(err, "unsigned integer", f->name);
        return NULL;
    }
    switch (f->bits) {
    case 8:
        return type_scalar(TYPE_BYTE);
    case 16:
        return type_scalar(TYPE_SHORT);
    case 32:
        return type_scalar(TYPE_INT);
    case 64:
        return type_scalar(TYPE_LONG);
    default:
        arrow_broken(err, "an integer's width");
        return NULL;
    }
}

static const struct type *
decimal_type(struct arena *a, struct arrow_field *f, const struct flat_table *t, struct error *err)
{
    const int64_t precision = flat_int(t, 0, 4, 0);
    const int64_t scale = flat_int(t, 1, 4, 0);
    const int64_t bits = flat_int(t, 2, 4, 128);
    if (bits != 128 || precision < 1 || precision > 38 || scale < 0 || scale > precision) {
        no_such_type(err, "decimal of other than 128 bits or with a negative scale", f->name);
        return NULL;
    }
    f->bits = 128;
    return type_decimal(a, (int)precision, (int)scale);
}

static const struct type *
time_type(struct arrow_field *f, const struct flat_table *t, struct error *err)
{
    struct bytes zone;
    switch (f->id) {
    case ARROW_DATE:
        f->unit = (uint8_t)flat_int(t, 0, 2, 1);
        f->bits = f->unit == 0 ? 32 : 64;
        return f->unit <= 1 ? type_scalar(TYPE_DATE) : (arrow_broken(err, "date unit"), NULL);
    case ARROW_TIMESTAMP:
        f->unit = (uint8_t)flat_int(t, 0, 2, 0);
        if (f->unit > ARROW_NANO) {
            arrow_broken(err, "timestamp unit");
            return NULL;
        }
        return flat_text(t, 1, &zone) && zone.len > 0 ? type_scalar(TYPE_TIMESTAMP)
                                                      : type_scalar(TYPE_TIMESTAMP_NTZ);
    case ARROW_DURATION:
        f->unit = (uint8_t)flat_int(t, 0, 2, 1);
        return f->unit <= ARROW_NANO ? type_scalar(TYPE_INTERVAL_DT)
                                     : (arrow_broken(err, "duration unit"), NULL);
    default:
        f->unit = (uint8_t)flat_int(t, 0, 2, 0);
        if (f->unit == 0) {
            return type_scalar(TYPE_INTERVAL_YM);
        }
        if (f->unit == 2) {
            return type_scalar(TYPE_INTERVAL_CALENDAR);
        }
        no_such_type(err, "interval of days and milliseconds", f->name);
        return NULL;
    }
}

static const struct type *
scalar_type(struct arena *a, struct arrow_field *f, const struct flat_table *t, struct error *err)
{
    switch (f->id) {
    case ARROW_NULL:
        return type_scalar(TYPE_NULL);
    case ARROW_INT:
        f->bits = (uint8_t)flat_int(t, 0, 4, 0);
        return int_type(f, flat_int(t, 1, 1, 0) != 0, err);
    case ARROW_FLOAT: {
        const int64_t precision = flat_int(t, 0, 2, 0);
        if (precision != 1 && precision != 2) {
            no_such_type(err, "half float", f->name);
            return NULL;
        }
        f->bits = precision == 1 ? 32 : 64;
        return type_scalar(precision == 1 ? TYPE_FLOAT : TYPE_DOUBLE);
    }
    case ARROW_UTF8:
    case ARROW_LARGE_UTF8:
    case ARROW_UTF8_VIEW:
        return type_scalar(TYPE_STRING);
    case ARROW_FIXED_BINARY:
        f->fixed = (uint32_t)flat_int(t, 0, 4, 0);
        if (f->fixed > INT32_MAX) {
            arrow_broken(err, "fixed binary width");
            return NULL;
        }
        return type_scalar(TYPE_BINARY);
    case ARROW_BINARY:
    case ARROW_LARGE_BINARY:
    case ARROW_BINARY_VIEW:
        return type_scalar(TYPE_BINARY);
    case ARROW_BOOL:
        return type_scalar(TYPE_BOOLEAN);
    case ARROW_DECIMAL:
        return decimal_type(a, f, t, err);
    case ARROW_DATE:
    case ARROW_TIMESTAMP:
    case ARROW_DURATION:
    case ARROW_INTERVAL:
        return time_type(f, t, err);
    default:
        no_such_type(err,
                     f->id == ARROW_TIME    ? "time"
                     : f->id == ARROW_UNION ? "union"
                                            : "run-end encoded, list view or unknown",
                     f->name);
        return NULL;
    }
}

const struct type *
arrow_fields_type(struct arena *a, const struct arrow_field *fields, uint32_t count)
{
    struct type_field *out = arena_new_array(a, struct type_field, count);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = (struct type_field){fields[i].name, fields[i].type, fields[i].nullable, NULL};
    }
    return type_struct(a, out, count);
}

static const struct type *
nested_type(struct arena *a, struct arrow_field *f, struct error *err)
{
    const struct arrow_field *child = f->children;
    switch (f->id) {
    case ARROW_LIST:
    case ARROW_LARGE_LIST:
    case ARROW_FIXED_LIST:
        if (f->child_count == 1) {
            return type_array(a, child->type, child->nullable);
        }
        break;
    case ARROW_MAP:
        if (f->child_count == 1 && child->id == ARROW_STRUCT && child->child_count == 2 &&
            !child->dictionary) {
            return type_map(a, child->children[0].type, child->children[1].type,
                            child->children[1].nullable);
        }
        break;
    default:
        return arrow_fields_type(a, child, f->child_count);
    }
    arrow_broken(err, "a nested type with a wrong number of children");
    return NULL;
}

static bool read_field_list(struct arena *a, const struct flat_vector *list, uint32_t depth,
                            uint32_t *budget, struct arrow_field **out, struct error *err);

static bool
read_dictionary(const struct flat_table *t, struct arrow_field *f, struct error *err)
{
    struct flat_table dictionary, index;
    if (!flat_sub(t, FIELD_DICTIONARY, &dictionary)) {
        return true;
    }
    f->dictionary = true;
    f->dictionary_id = flat_int(&dictionary, 0, 8, 0);
    f->index_bits = 32;
    if (flat_sub(&dictionary, 1, &index)) {
        f->index_bits = (uint8_t)flat_int(&index, 0, 4, 32);
    }
    if (f->index_bits != 8 && f->index_bits != 16 && f->index_bits != 32 && f->index_bits != 64) {
        return arrow_broken(err, "a dictionary index's width");
    }
    return true;
}

static bool
read_field(struct arena *a, const struct flat_table *t, uint32_t depth, uint32_t *budget,
           struct arrow_field *f, struct error *err)
{
    if (depth > ARROW_DEPTH_MAX || *budget == 0) {
        return arrow_broken(err, "a schema that is too deep or too wide");
    }
    (*budget)--;
    struct bytes name = {0};
    flat_text(t, FIELD_NAME, &name);
    f->name = arena_strndup(a, (const char *)name.ptr, name.len);
    f->nullable = flat_int(t, FIELD_NULLABLE, 1, 0) != 0;
    f->id = (enum arrow_type_id)flat_int(t, FIELD_TYPE_ID, 1, 0);
    struct flat_table type;
    if (!flat_sub(t, FIELD_TYPE, &type)) {
        return arrow_broken(err, "a field without a type");
    }
    struct flat_vector list;
    if (flat_get_vector(t, FIELD_CHILDREN, 4, &list)) {
        f->child_count = list.count;
        if (!read_field_list(a, &list, depth + 1, budget, &f->children, err)) {
            return false;
        }
    }
    switch (f->id) {
    case ARROW_FIXED_LIST:
        f->fixed = (uint32_t)flat_int(&type, 0, 4, 0);
        if (f->fixed > INT32_MAX) {
            return arrow_broken(err, "fixed list length");
        }
        f->type = nested_type(a, f, err);
        break;
    case ARROW_LIST:
    case ARROW_LARGE_LIST:
    case ARROW_MAP:
    case ARROW_STRUCT:
        f->type = nested_type(a, f, err);
        break;
    default:
        if (f->child_count > 0 && f->id < ARROW_RUN_END && f->id != ARROW_UNION) {
            return arrow_broken(err, "a scalar with children");
        }
        f->type = scalar_type(a, f, &type, err);
        break;
    }
    return f->type != NULL && read_dictionary(t, f, err);
}

static bool
read_field_list(struct arena *a, const struct flat_vector *list, uint32_t depth, uint32_t *budget,
                struct arrow_field **out, struct error *err)
{
    if (list->count > *budget) {
        return arrow_broken(err, "a schema that is too deep or too wide");
    }
    *out = arena_new_array(a, struct arrow_field, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        struct flat_table t;
        if (!flat_vector_table(list, i, &t)) {
            return arrow_broken(err, "a field lies outside its message");
        }
        if (!read_field(a, &t, depth, budget, &(*out)[i], err)) {
            return false;
        }
    }
    return true;
}

bool
arrow_read_fields(struct arena *a, const struct flat_table *schema, struct arrow_field **out,
                  uint32_t *count, struct error *err)
{
    struct flat_vector list;
    if (flat_int(schema, 0, 2, 0) != 0) {
        return error_unsupported(err, "big-endian Arrow streams");
    }
    if (!flat_get_vector(schema, 1, 4, &list)) {
        return arrow_broken(err, "a schema without fields");
    }
    uint32_t budget = ARROW_FIELDS_MAX;
    *count = list.count;
    return read_field_list(a, &list, 0, &budget, out, err);
}

bool
arrow_schema_read(struct arena *a, struct bytes message, const struct type **out, struct error *err)
{
    struct reader r;
    struct arrow_message m;
    struct arrow_field *fields;
    uint32_t count;
    reader_init(&r, message);
    if (!arrow_take_message(&r, &m, err)) {
        return false;
    }
    if (m.kind != ARROW_SCHEMA) {
        return arrow_broken(err, "it does not begin with a schema");
    }
    if (!arrow_read_fields(a, &m.header, &fields, &count, err)) {
        return false;
    }
    *out = arrow_fields_type(a, fields, count);
    return true;
}
