/*
 * Nested columns: repetition and definition levels back to lists, maps and structs.
 *
 * First every leaf gathers the entries (levels and values) of the wanted rows. Then the tree is put
 * together from the top. The slots of a field in a leaf's entries are those with
 *     rep <= the field's rep   (it does not continue a list inside the field), and
 *     def >= the definition level of the innermost list item above it (the item exists).
 * The i-th slot is the same instance in every leaf below, so siblings need not be aligned.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "format/parquet_read.h"

void
pq_node_release(struct pq_node *node)
{
    free(node->reps);
    free(node->defs);
    free(node->values);
    for (uint32_t i = 0; i < node->child_count; i++) {
        pq_node_release(&node->children[i]);
    }
}

static bool
no_memory(struct error *err)
{
    return error_set(err, ERROR_RESOURCE, "No memory for a nested Parquet column");
}

static bool
entries_reserve(struct pq_node *node, uint32_t entries, uint32_t values, struct error *err)
{
    if (node->entry_count + (uint64_t)entries > INT32_MAX / 16) {
        return error_set(err, ERROR_RESOURCE, "Too many list elements in 2048 rows");
    }
    const uint32_t want = node->entry_count + entries;
    if (want > node->entry_capacity) {
        const uint32_t capacity = want * 2;
        uint8_t *reps = realloc(node->reps, capacity);
        node->reps = reps != NULL ? reps : node->reps;
        uint8_t *defs = realloc(node->defs, capacity);
        node->defs = defs != NULL ? defs : node->defs;
        if (reps == NULL || defs == NULL) {
            return no_memory(err);
        }
        node->entry_capacity = capacity;
    }
    const uint32_t want_values = node->value_count + values;
    if (want_values >= node->value_capacity) {
        const uint32_t capacity = want_values * 2 + 16;
        const uint32_t width = node->leaf->out_bytes > 0 ? node->leaf->out_bytes : 1;
        uint8_t *grown = realloc(node->values, (size_t)width * capacity);
        if (grown == NULL) {
            return no_memory(err);
        }
        node->values = grown;
        node->value_capacity = capacity;
    }
    return true;
}

/* Takes entries of the current page until the row after the wanted ones begins. */
static bool
take_entries(struct pq_node *node, uint32_t n, uint32_t *rows, bool *done, struct error *err)
{
    struct pq_column *c = node->leaf;
    const uint32_t from = c->level_at;
    const uint32_t stop = from + c->page_left;
    const uint8_t *reps = c->rep_levels;
    const uint8_t *defs = c->def_levels;
    uint32_t at = from;
    uint32_t live = 0;
    for (; at < stop; at++) {
        const bool begins = reps == NULL || reps[at] == 0;
        if (begins && *rows == n) {
            *done = true;
            break;
        }
        if (!begins && *rows == 0) {
            return pq_broken(err, "a column that begins inside a row");
        }
        *rows += begins;
        live += defs == NULL || defs[at] == c->field->def;
    }
    const uint32_t taken = at - from;
    if (!entries_reserve(node, taken, live, err)) {
        return false;
    }
    if (reps != NULL) {
        memcpy(node->reps + node->entry_count, reps + from, taken);
    } else {
        memset(node->reps + node->entry_count, 0, taken);
    }
    if (defs != NULL) {
        memcpy(node->defs + node->entry_count, defs + from, taken);
    } else {
        memset(node->defs + node->entry_count, c->field->def, taken);
    }
    if (!pq_column_values(c, live, node->values + (size_t)c->out_bytes * node->value_count, err)) {
        return false;
    }
    node->entry_count += taken;
    node->value_count += live;
    c->level_at += taken;
    c->page_left -= taken;
    return true;
}

/* A flat optional leaf keeps its levels in runs; here they are wanted one by one. */
static bool
simple_levels(struct pq_column *c, struct error *err)
{
    if (c->field->rep > 0 || c->field->def != 1 || c->level_at > 0) {
        return true;
    }
    uint8_t *levels = pq_column_alloc(c, (size_t)c->page_left + 1, err);
    if (levels == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < c->page_left; i++) {
        uint32_t bit = 0;
        if (!pq_hybrid_codes(&c->defs, &bit, 1)) {
            return pq_broken(err, "levels end too early");
        }
        levels[i] = (uint8_t)bit;
    }
    c->def_levels = levels;
    return true;
}

static bool
gather_leaf(struct pq_node *node, uint32_t n, struct error *err)
{
    struct pq_column *c = node->leaf;
    uint32_t rows = 0;
    bool done = false;
    node->entry_count = node->value_count = 0;
    while (!done) {
        if (c->page_left == 0) {
            if (rows == n && !pq_column_more(c)) {
                return true;
            }
            if (rows == n && c->field->rep == 0) {
                return true;
            }
            c->rep_levels = c->def_levels = NULL;
            if (!pq_column_page(c, err) || !simple_levels(c, err)) {
                return false;
            }
        }
        if (!take_entries(node, n, &rows, &done, err)) {
            return false;
        }
        if (rows == n && c->page_left == 0 && !pq_column_more(c)) {
            return true;
        }
    }
    return true;
}

static bool
gather_leaves(struct pq_node *node, uint32_t n, struct error *err)
{
    if (node->leaf != NULL && !gather_leaf(node, n, err)) {
        return false;
    }
    for (uint32_t i = 0; i < node->child_count; i++) {
        if (!gather_leaves(&node->children[i], n, err)) {
            return false;
        }
    }
    return true;
}

/* Any leaf below that the file has: all tell the same of this field. */
static const struct pq_node *
any_leaf(const struct pq_node *node)
{
    if (node->leaf != NULL) {
        return node;
    }
    for (uint32_t i = 0; i < node->child_count; i++) {
        const struct pq_node *found = any_leaf(&node->children[i]);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

static bool put_node(const struct pq_node *node, uint8_t item_def, uint32_t slots,
                     struct arena *tmp, struct vec *out, struct error *err);

static bool
put_leaf(const struct pq_node *node, uint8_t item_def, uint32_t slots, struct arena *tmp,
         struct vec *out, struct error *err)
{
    const struct pq_field *f = node->field;
    const size_t width = node->leaf->out_bytes;
    uint8_t *data = arena_alloc_aligned(tmp, width * slots + 16, 64);
    uint64_t *valid = valid_new(tmp, slots, false);
    uint32_t slot = 0, value = 0, nulls = 0;
    for (uint32_t i = 0; i < node->entry_count; i++) {
        const bool live = node->defs[i] == f->def;
        if (node->reps[i] <= f->rep && node->defs[i] >= item_def) {
            if (slot == slots) {
                return pq_broken(err, "columns of one struct that differ in length");
            }
            if (live) {
                memcpy(data + width * slot, node->values + width * value, width);
                bit_set(valid, slot);
            } else {
                memset(data + width * slot, 0, width);
                nulls++;
            }
            slot++;
        }
        value += live;
    }
    out->data = data;
    out->valid = nulls > 0 || f->type->id == TYPE_NULL ? valid : NULL;
    return slot == slots || pq_broken(err, "columns of one struct that differ in length");
}

/* Which slots of a struct or list exist. */
static bool
put_valid(const struct pq_node *leaf, const struct pq_field *f, uint8_t item_def, uint32_t slots,
          struct arena *tmp, struct vec *out, struct error *err)
{
    uint64_t *valid = valid_new(tmp, slots, false);
    uint32_t slot = 0, nulls = 0;
    for (uint32_t i = 0; i < leaf->entry_count; i++) {
        if (leaf->reps[i] > f->rep || leaf->defs[i] < item_def) {
            continue;
        }
        if (slot == slots) {
            return pq_broken(err, "columns of one struct that differ in length");
        }
        if (leaf->defs[i] >= f->def) {
            bit_set(valid, slot);
        } else {
            nulls++;
        }
        slot++;
    }
    out->valid = nulls > 0 ? valid : NULL;
    return slot == slots || pq_broken(err, "columns of one struct that differ in length");
}

static bool
put_list(const struct pq_node *node, const struct pq_node *leaf, uint8_t item_def, uint32_t slots,
         struct arena *tmp, struct vec *out, struct error *err)
{
    const struct pq_field *f = node->field;
    struct list_range *ranges = arena_alloc(tmp, sizeof *ranges * ((size_t)slots + 1));
    uint32_t slot = 0, items = 0;
    for (uint32_t i = 0; i < leaf->entry_count; i++) {
        if (leaf->defs[i] >= item_def && leaf->reps[i] <= f->rep) {
            if (slot == slots) {
                return pq_broken(err, "columns of one struct that differ in length");
            }
            ranges[slot++] = (struct list_range){.offset = items};
        }
        if (leaf->defs[i] >= f->item_def && leaf->reps[i] <= f->rep + 1) {
            if (slot == 0) {
                return pq_broken(err, "an item before its list");
            }
            ranges[slot - 1].len++;
            items++;
        }
    }
    if (slot != slots) {
        return pq_broken(err, "columns of one struct that differ in length");
    }
    out->data = ranges;
    out->child_count = (uint8_t)node->child_count;
    out->child = arena_new_array(tmp, struct vec, node->child_count);
    for (uint32_t i = 0; i < node->child_count; i++) {
        if (!put_node(&node->children[i], f->item_def, items, tmp, &out->child[i], err)) {
            return false;
        }
    }
    return true;
}

static bool
put_node(const struct pq_node *node, uint8_t item_def, uint32_t slots, struct arena *tmp,
         struct vec *out, struct error *err)
{
    const struct pq_node *leaf = any_leaf(node);
    if (node->field == NULL || leaf == NULL) {
        vec_init_const_null(out, tmp, node->type, slots);
        return true;
    }
    *out = (struct vec){
        .type = node->type, .phys = (uint8_t)phys_of(node->type), .enc = VEC_FLAT, .n = slots};
    if (node->field->shape == PQ_LEAF) {
        return put_leaf(node, item_def, slots, tmp, out, err);
    }
    if (!put_valid(leaf, node->field, item_def, slots, tmp, out, err)) {
        return false;
    }
    if (node->field->shape != PQ_STRUCT) {
        return put_list(node, leaf, item_def, slots, tmp, out, err);
    }
    out->child_count = (uint8_t)node->child_count;
    out->child = arena_new_array(tmp, struct vec, node->child_count);
    for (uint32_t i = 0; i < node->child_count; i++) {
        if (!put_node(&node->children[i], item_def, slots, tmp, &out->child[i], err)) {
            return false;
        }
    }
    return true;
}

bool
pq_read_nested(struct pq_node *node, uint32_t n, struct arena *tmp, struct vec *out,
               struct error *err)
{
    return gather_leaves(node, n, err) && put_node(node, 0, n, tmp, out, err);
}
