/*
 * Plans as bytes. One idea: each field is named once, in a function that serves both directions, so
 * that what is written and what is read cannot drift apart.
 *
 * A `struct serial` either writes (out set) or reads (in set). Every function takes the address of
 * the field; when reading, it fills it with memory of the arena.
 */
#include "tree/serial.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"

struct serial {
    struct buffer *out; /* writing */
    struct reader *in;  /* reading */
    struct arena *arena;
    int depth;
    uint64_t items; /* of all lists read so far */
};

static void serial_expr(struct serial *s, struct expr **e);
static void serial_rel(struct serial *s, struct rel **r);

static void
serial_u64(struct serial *s, uint64_t *v)
{
    if (s->out != NULL) {
        buffer_uvarint(s->out, *v);
    } else {
        *v = reader_uvarint64(s->in);
    }
}

static void
serial_i64(struct serial *s, int64_t *v)
{
    if (s->out != NULL) {
        buffer_varint(s->out, *v);
    } else {
        *v = reader_varint64(s->in);
    }
}

/* An enum or small number that has no value above max. */
static uint32_t
serial_choice(struct serial *s, uint32_t value, uint32_t max)
{
    uint64_t wide = value;
    serial_u64(s, &wide);
    if (wide > max && s->out != NULL) {
        s->out->overflow = true; /* our own fault: a value was added and not told here */
        return value;            /* what is written stays as it is */
    }
    if (wide > max) {
        reader_refuse(s->in);
        return 0;
    }
    return (uint32_t)wide;
}

#define SERIAL_ENUM(s, field, max)                                                                 \
    ((field) = (__typeof__(field))serial_choice((s), (uint32_t)(field), (max)))

/* Any integer field, through a 64-bit variable of its signedness. */
#define SERIAL_UINT(s, field)                                                                      \
    do {                                                                                           \
        uint64_t wide_ = (uint64_t)(field);                                                        \
        serial_u64((s), &wide_);                                                                   \
        (field) = (__typeof__(field))wide_;                                                        \
    } while (0)
#define SERIAL_INT(s, field)                                                                       \
    do {                                                                                           \
        int64_t wide_ = (int64_t)(field);                                                          \
        serial_i64((s), &wide_);                                                                   \
        (field) = (__typeof__(field))wide_;                                                        \
    } while (0)

static void
serial_double(struct serial *s, double *v)
{
    uint64_t bits;
    memcpy(&bits, v, 8);
    if (s->out != NULL) {
        buffer_le64(s->out, bits);
    } else {
        bits = reader_le64(s->in);
        memcpy(v, &bits, 8);
    }
}

/* Bytes, borrowed from the input; NULL is kept apart from empty by writing length + 1. */
static void
serial_bytes(struct serial *s, const uint8_t **ptr, size_t *len)
{
    if (s->out != NULL) {
        buffer_uvarint(s->out, *ptr == NULL ? 0 : (uint64_t)*len + 1);
        if (*ptr != NULL) {
            buffer_put(s->out, *ptr, *len);
        }
        return;
    }
    const uint64_t marked = reader_uvarint64(s->in);
    *ptr = NULL;
    *len = 0;
    if (marked == 0 || marked - 1 > reader_left(s->in)) {
        if (marked != 0) {
            reader_refuse(s->in);
        }
        return;
    }
    *len = (size_t)(marked - 1);
    *ptr = reader_take(s->in, *len).ptr;
}

static void
serial_text(struct serial *s, const char **text)
{
    const uint8_t *ptr = (const uint8_t *)*text;
    size_t len = ptr != NULL ? strlen(*text) : 0;
    serial_bytes(s, &ptr, &len);
    if (s->in != NULL) {
        *text = ptr != NULL ? arena_strndup(s->arena, (const char *)ptr, len) : NULL;
    }
}

/* A count that is refused when so many items of at least one byte cannot be there. Each item of
 * each list has a byte of its own, so all counts together are no more than the input has: nested
 * lists cannot multiply what a few bytes ask for. */
static uint32_t
serial_count(struct serial *s, uint32_t count)
{
    if (s->out != NULL) {
        buffer_uvarint(s->out, count);
        return count;
    }
    const size_t read = reader_ucount(s->in, 1);
    s->items += read;
    if (read > UINT32_MAX / 64 || s->items > (size_t)(s->in->end - s->in->start)) {
        reader_refuse(s->in);
        return 0;
    }
    return (uint32_t)read;
}

#define SERIAL_ARRAY(s, items, count, type)                                                        \
    do {                                                                                           \
        (count) = serial_count((s), (count));                                                      \
        if ((s)->in != NULL) {                                                                     \
            (items) = (count) > 0 ? arena_new_array((s)->arena, type, (count)) : NULL;             \
        }                                                                                          \
    } while (0)

static void
serial_texts(struct serial *s, const char ***texts, uint32_t *count)
{
    SERIAL_ARRAY(s, *texts, *count, const char *);
    for (uint32_t i = 0; i < *count; i++) {
        serial_text(s, &(*texts)[i]);
    }
}

static void
serial_type(struct serial *s, const struct type **type)
{
    bool present = *type != NULL;
    SERIAL_UINT(s, present);
    if (!present) {
        *type = NULL;
    } else if (s->out != NULL) {
        type_write(s->out, *type);
    } else {
        *type = type_read(s->arena, s->in);
        if (*type == NULL) {
            reader_refuse(s->in);
        }
    }
}

static void
serial_vec(struct serial *s, struct vec *v, const struct type *type, uint32_t n)
{
    if (s->out != NULL) {
        vec_write(s->out, v, NULL, n);
    } else if (!vec_read(s->arena, s->in, type, v) || v->n != n) {
        reader_refuse(s->in);
    }
}

static void
serial_datum_value(struct serial *s, struct datum *d)
{
    switch (phys_of(d->type)) {
    case PHYS_NONE:
        break;
    case PHYS_BOOL:
        SERIAL_UINT(s, d->b);
        break;
    case PHYS_I8:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_I64:
        serial_i64(s, &d->i);
        break;
    case PHYS_I128: {
        uint64_t low = (uint64_t)d->wide;
        int64_t high = (int64_t)(d->wide >> 64);
        serial_u64(s, &low);
        serial_i64(s, &high);
        d->wide = (i128)(((unsigned __int128)(uint64_t)high << 64) | low);
        break;
    }
    case PHYS_F32:
    case PHYS_F64:
        serial_double(s, &d->f);
        break;
    case PHYS_VIEW: {
        const uint8_t *ptr = (const uint8_t *)view_ptr(&d->str);
        size_t len = d->str.len;
        serial_bytes(s, &ptr, &len);
        if (s->in != NULL) {
            d->str = view_make(ptr != NULL ? (const char *)ptr : "", len);
        }
        break;
    }
    case PHYS_INTERVAL:
        SERIAL_INT(s, d->interval.months);
        SERIAL_INT(s, d->interval.days);
        serial_i64(s, &d->interval.micros);
        break;
    case PHYS_LIST:
    case PHYS_MAP:
    case PHYS_STRUCT: {
        struct vec *v = s->out != NULL ? (struct vec *)d->nested : arena_new(s->arena, struct vec);
        serial_vec(s, v, d->type, 1);
        d->nested = v;
        break;
    }
    }
}

static void
serial_datum(struct serial *s, struct datum *d)
{
    serial_type(s, &d->type);
    SERIAL_UINT(s, d->is_null);
    if (d->type != NULL && !d->is_null && (s->out != NULL || reader_ok(s->in))) {
        serial_datum_value(s, d);
    }
}

static void
serial_udf(struct serial *s, struct udf **udf)
{
    bool present = *udf != NULL;
    SERIAL_UINT(s, present);
    if (!present) {
        return;
    }
    if (s->in != NULL) {
        *udf = arena_new(s->arena, struct udf);
    }
    struct udf *u = *udf;
    SERIAL_INT(s, u->eval_type);
    serial_bytes(s, &u->command, &u->command_len);
    serial_text(s, &u->python_version);
    serial_text(s, &u->python_path);
    SERIAL_UINT(s, u->deterministic);
    serial_type(s, &u->return_type);
    serial_text(s, &u->return_ddl);
    serial_text(s, &u->files_dir);
    serial_texts(s, &u->includes, &u->include_count);
}

static void
serial_exprs(struct serial *s, struct expr ***items, uint32_t *count)
{
    SERIAL_ARRAY(s, *items, *count, struct expr *);
    for (uint32_t i = 0; i < *count; i++) {
        serial_expr(s, &(*items)[i]);
    }
}

static void
serial_keys(struct serial *s, struct sort_key **keys, uint32_t *count)
{
    SERIAL_ARRAY(s, *keys, *count, struct sort_key);
    for (uint32_t i = 0; i < *count; i++) {
        serial_expr(s, &(*keys)[i].expr);
        SERIAL_UINT(s, (*keys)[i].descending);
        SERIAL_UINT(s, (*keys)[i].nulls_first);
    }
}

static void
serial_window(struct serial *s, struct window_spec **window)
{
    bool present = *window != NULL;
    SERIAL_UINT(s, present);
    if (!present) {
        return;
    }
    if (s->in != NULL) {
        *window = arena_new(s->arena, struct window_spec);
    }
    struct window_spec *w = *window;
    serial_exprs(s, &w->partition, &w->partition_count);
    serial_keys(s, &w->order, &w->order_count);
    SERIAL_ENUM(s, w->frame, FRAME_RANGE);
    SERIAL_ENUM(s, w->lower.kind, BOUND_VALUE);
    serial_expr(s, &w->lower.value);
    SERIAL_ENUM(s, w->upper.kind, BOUND_VALUE);
    serial_expr(s, &w->upper.value);
    serial_text(s, &w->name);
}

/* True if the node behind the pointer is there and may be entered; depth is counted here. */
static bool
serial_enter(struct serial *s, bool present)
{
    SERIAL_UINT(s, present);
    if (!present || (s->in != NULL && !reader_ok(s->in))) {
        return false;
    }
    if (++s->depth > SERIAL_DEPTH_MAX) {
        if (s->in != NULL) {
            reader_refuse(s->in);
        } else {
            s->out->overflow = true;
        }
        s->depth--;
        return false;
    }
    return true;
}

static void
serial_expr(struct serial *s, struct expr **expr)
{
    if (!serial_enter(s, *expr != NULL)) {
        if (s->in != NULL) {
            *expr = NULL;
        }
        return;
    }
    if (s->in != NULL) {
        *expr = arena_new(s->arena, struct expr);
    }
    struct expr *e = *expr;
    SERIAL_ENUM(s, e->kind, EXPR_GET_FIELD);
    uint64_t flags = (uint64_t)e->nullable | (uint64_t)e->distinct << 1 | (uint64_t)e->outer << 2 |
                     (uint64_t)e->descending << 3 | (uint64_t)e->nulls_first << 4 |
                     (uint64_t)e->negated << 5 | (uint64_t)e->ignore_nulls << 6 |
                     (uint64_t)e->user_defined << 7 | (uint64_t)e->implicit << 8;
    serial_u64(s, &flags);
    e->nullable = flags & 1;
    e->distinct = flags >> 1 & 1;
    e->outer = flags >> 2 & 1;
    e->descending = flags >> 3 & 1;
    e->nulls_first = flags >> 4 & 1;
    e->negated = flags >> 5 & 1;
    e->ignore_nulls = flags >> 6 & 1;
    e->user_defined = flags >> 7 & 1;
    e->implicit = flags >> 8 & 1;
    SERIAL_ENUM(s, e->cast_mode, CAST_TRY);
    SERIAL_ENUM(s, e->subquery_kind, SUBQUERY_IN);
    SERIAL_ENUM(s, e->spelling, SPELL_TYPED_LITERAL);
    SERIAL_UINT(s, e->depth);
    SERIAL_UINT(s, e->column);
    serial_type(s, &e->type);
    serial_text(s, &e->type_text);
    serial_text(s, &e->name);
    serial_texts(s, &e->names, &e->name_count);
    serial_text(s, &e->metadata);
    serial_exprs(s, &e->args, &e->arg_count);
    serial_expr(s, &e->filter);
    if (e->kind == EXPR_LITERAL) {
        serial_datum(s, &e->literal);
    }
    serial_window(s, &e->window);
    serial_udf(s, &e->udf);
    serial_rel(s, &e->subquery);
    serial_i64(s, &e->plan_id);
    SERIAL_INT(s, e->start); /* e->sql_text stays behind: whoever has the plan has the text */
    SERIAL_INT(s, e->stop);
    serial_text(s, &e->call_site);
    serial_text(s, &e->call_name);
    s->depth--;
}

static void
serial_options(struct serial *s, struct options *o)
{
    SERIAL_ARRAY(s, o->items, o->count, struct option);
    for (uint32_t i = 0; i < o->count; i++) {
        serial_text(s, &o->items[i].key);
        serial_text(s, &o->items[i].value);
    }
}

static void
serial_source_file(struct serial *s, struct source_file *f, uint32_t partition_columns)
{
    serial_text(s, &f->path);
    serial_i64(s, &f->bytes);
    serial_i64(s, &f->modified_ms);
    bool has_values = f->partition_values != NULL;
    SERIAL_UINT(s, has_values);
    if (!has_values) {
        return;
    }
    struct datum *values = s->out != NULL
                               ? (struct datum *)f->partition_values
                               : arena_new_array(s->arena, struct datum, partition_columns);
    for (uint32_t i = 0; i < partition_columns; i++) {
        serial_datum(s, &values[i]);
    }
    f->partition_values = values;
}

static void
serial_source(struct serial *s, const struct scan_source **source)
{
    bool present = *source != NULL;
    SERIAL_UINT(s, present);
    if (!present) {
        return;
    }
    struct scan_source *src =
        s->out != NULL ? (struct scan_source *)*source : arena_new(s->arena, struct scan_source);
    *source = src;
    serial_text(s, &src->format);
    serial_type(s, &src->schema);
    SERIAL_UINT(s, src->partition_column_count);
    if (s->in != NULL &&
        (src->schema == NULL || src->partition_column_count > src->schema->field_count)) {
        reader_refuse(s->in);
        return;
    }
    SERIAL_ARRAY(s, src->files, src->file_count, struct source_file);
    for (uint32_t i = 0; i < src->file_count; i++) {
        serial_source_file(s, &src->files[i], src->partition_column_count);
    }
    SERIAL_ARRAY(s, src->ranges, src->range_count, struct source_offset_range);
    for (uint32_t i = 0; i < src->range_count; i++) {
        serial_text(s, &src->ranges[i].topic);
        SERIAL_INT(s, src->ranges[i].partition);
        serial_i64(s, &src->ranges[i].start);
        serial_i64(s, &src->ranges[i].end);
    }
    serial_options(s, &src->options);
    serial_text(s, &src->session_zone);
    serial_double(s, &src->row_estimate);
    serial_i64(s, &src->byte_estimate);
}

static void
serial_write(struct serial *s, struct write_spec **write)
{
    bool present = *write != NULL;
    SERIAL_UINT(s, present);
    if (!present) {
        return;
    }
    if (s->in != NULL) {
        *write = arena_new(s->arena, struct write_spec);
    }
    struct write_spec *w = *write;
    serial_text(s, &w->format);
    serial_text(s, &w->path);
    serial_texts(s, &w->table, &w->table_count);
    SERIAL_ENUM(s, w->mode, WRITE_IGNORE);
    serial_texts(s, &w->partition_by, &w->partition_count);
    serial_options(s, &w->options);
    SERIAL_UINT(s, w->is_create_table);
    SERIAL_UINT(s, w->is_insert);
    serial_text(s, &w->attempt_dir);
    serial_text(s, &w->job_id);
}

static void
serial_state(struct serial *s, struct stream_state_spec **state)
{
    bool present = *state != NULL;
    SERIAL_UINT(s, present);
    if (!present) {
        return;
    }
    if (s->in != NULL) {
        *state = arena_new(s->arena, struct stream_state_spec);
    }
    struct stream_state_spec *spec = *state;
    serial_text(s, &spec->dir);
    serial_i64(s, &spec->version);
    serial_i64(s, &spec->watermark_micros);
    serial_i64(s, &spec->watermark_evict_micros);
    SERIAL_ENUM(s, spec->mode, OUTPUT_NEW);
    SERIAL_INT(s, spec->event_column);
}

static void
serial_expr_sets(struct serial *s, struct expr ****sets, uint32_t **sizes, uint32_t *count,
                 uint32_t width)
{
    SERIAL_ARRAY(s, *sets, *count, struct expr **);
    if (s->in != NULL && sizes != NULL) {
        *sizes = *count > 0 ? arena_new_array(s->arena, uint32_t, *count) : NULL;
    }
    for (uint32_t i = 0; i < *count; i++) {
        uint32_t size = s->out == NULL ? 0 : sizes != NULL && *sizes ? (*sizes)[i] : width;
        serial_exprs(s, &(*sets)[i], &size);
        if (s->in != NULL && sizes != NULL) {
            (*sizes)[i] = size;
        } else if (s->in != NULL && size != width) {
            reader_refuse(s->in); /* who reads the rows goes by the schema */
        }
    }
}

static void
serial_rel_flags(struct serial *s, struct rel *r)
{
    bool *const flags[] = {
        &r->is_all,    &r->by_name,     &r->allow_missing,    &r->is_streaming,
        &r->is_global, &r->all_columns, &r->within_watermark, &r->with_replacement,
        &r->natural,   &r->vertical,    &r->lateral,          &r->output_is_list,
        &r->having,    &r->others,      &r->include_nulls,    &r->outer};
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        bits |= (uint64_t)*flags[i] << i;
    }
    serial_u64(s, &bits);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        *flags[i] = bits >> i & 1;
    }
}

static void
serial_rel_scalars(struct serial *s, struct rel *r)
{
    SERIAL_ENUM(s, r->join_type, JOIN_SINGLE);
    SERIAL_ENUM(s, r->set_op, SET_EXCEPT);
    SERIAL_ENUM(s, r->group_type, GROUP_SETS);
    serial_text(s, &r->name);
    serial_texts(s, &r->names, &r->name_count);
    serial_texts(s, &r->column_names, &r->column_name_count);
    serial_text(s, &r->text);
    serial_i64(s, &r->start);
    serial_i64(s, &r->end);
    serial_i64(s, &r->step);
    serial_i64(s, &r->limit);
    serial_i64(s, &r->offset);
    SERIAL_INT(s, r->partitions);
    SERIAL_INT(s, r->truncate);
    serial_double(s, &r->lower);
    serial_double(s, &r->upper);
    serial_i64(s, &r->seed);
    serial_options(s, &r->options);
    serial_text(s, &r->format);
    serial_texts(s, &r->paths, &r->path_count);
    serial_text(s, &r->schema_text);
    SERIAL_UINT(s, r->watermark_column);
    SERIAL_UINT(s, r->left_width);
    serial_i64(s, &r->delay_micros);
    serial_i64(s, &r->plan_id);
    serial_double(s, &r->row_estimate);
    SERIAL_ENUM(s, r->exchange, EXCHANGE_BROADCAST);
    SERIAL_ENUM(s, r->agg_phase, AGG_FINAL);
    SERIAL_UINT(s, r->stage);
    SERIAL_UINT(s, r->part_first);
    SERIAL_UINT(s, r->part_count);
}

static void
serial_ctes(struct serial *s, struct rel *r)
{
    SERIAL_ARRAY(s, r->ctes, r->cte_count, struct cte);
    for (uint32_t i = 0; i < r->cte_count; i++) {
        struct cte *cte = &r->ctes[i];
        serial_text(s, &cte->name);
        serial_texts(s, &cte->column_names, &cte->column_count);
        serial_rel(s, &cte->rel);
        SERIAL_UINT(s, cte->recursive);
        serial_i64(s, &cte->level_max);
    }
}

static void
serial_rel(struct serial *s, struct rel **rel)
{
    if (!serial_enter(s, *rel != NULL)) {
        if (s->in != NULL) {
            *rel = NULL;
        }
        return;
    }
    if (s->in != NULL) {
        *rel = arena_new(s->arena, struct rel);
    }
    struct rel *r = *rel;
    if (s->out != NULL && r->command != NULL) {
        s->out->overflow = true; /* statements are carried out where they are parsed */
    }
    SERIAL_ENUM(s, r->kind, REL_COLLECT_METRICS);
    SERIAL_ARRAY(s, r->inputs, r->input_count, struct rel *);
    for (uint32_t i = 0; i < r->input_count; i++) {
        serial_rel(s, &r->inputs[i]);
    }
    serial_type(s, &r->schema);
    if (r->kind == REL_EXPAND) { /* its expressions are in sets; this is their width */
        SERIAL_UINT(s, r->expr_count);
    } else {
        serial_exprs(s, &r->exprs, &r->expr_count);
    }
    serial_expr(s, &r->limit_expr);
    serial_expr(s, &r->offset_expr);
    SERIAL_UINT(s, r->group_count);
    serial_keys(s, &r->keys, &r->key_count);
    serial_expr(s, &r->condition);
    serial_expr_sets(s, &r->sets, &r->set_sizes, &r->set_count, r->expr_count);
    serial_rel_flags(s, r);
    serial_rel_scalars(s, r);
    serial_source(s, &r->source);
    SERIAL_ARRAY(s, r->columns, r->column_count, uint32_t);
    for (uint32_t i = 0; i < r->column_count; i++) {
        SERIAL_UINT(s, r->columns[i]);
    }
    serial_bytes(s, &r->data, &r->data_len);
    serial_expr_sets(s, &r->rows, NULL, &r->row_count, r->schema ? r->schema->field_count : 0);
    serial_udf(s, &r->udf);
    serial_write(s, &r->write);
    serial_state(s, &r->stream);
    serial_ctes(s, r);
    s->depth--;
}

void
rel_write(struct buffer *out, const struct rel *r)
{
    struct serial s = {.out = out};
    buffer_u8(out, SERIAL_VERSION);
    struct rel *node = (struct rel *)r; /* only read when writing */
    serial_rel(&s, &node);
}

struct rel *
rel_read(struct arena *a, struct reader *in, struct error *err)
{
    struct serial s = {.in = in, .arena = a};
    struct rel *r = NULL;
    const uint8_t version = reader_u8(in);
    if (reader_ok(in) && version == SERIAL_VERSION) {
        serial_rel(&s, &r);
    }
    if (!reader_ok(in) || r == NULL) {
        error_set(err, ERROR_PROTOCOL, "a plan from another process does not decode (byte %zu)",
                  reader_offset(in));
        return NULL;
    }
    return r;
}

void
datum_write(struct buffer *out, const struct datum *d)
{
    struct serial s = {.out = out};
    serial_datum(&s, (struct datum *)d);
}

bool
datum_read(struct arena *a, struct reader *in, struct datum *out)
{
    struct serial s = {.in = in, .arena = a};
    *out = (struct datum){0};
    serial_datum(&s, out);
    return reader_ok(in) && out->type != NULL;
}
