/* Walks a chunk and says the first promise that it breaks. Only live rows are looked into. */
#include "vec/verify.h"

static const char *
verify_strings(const struct vec *v, const uint16_t *sel, uint32_t sel_n)
{
    const struct view *views = vec_values(v);
    for (uint32_t k = 0; k < sel_n; k++) {
        const uint32_t i = sel != NULL ? sel[k] : k;
        if (vec_is_null(v, i)) {
            continue;
        }
        const struct view *s = &views[vec_index(v, i)];
        if (s->len > 12) {
            if (s->ref.ptr == NULL || memcmp(s->ref.ptr, s->ref.prefix, 4) != 0) {
                return "a long view's prefix is not its string's";
            }
            continue;
        }
        for (uint32_t b = s->len; b < 12; b++) {
            if (s->inl[b] != 0) {
                return "a short view is not zero-padded";
            }
        }
    }
    return NULL;
}

static const char *
verify_lists(const struct vec *v, const uint16_t *sel, uint32_t sel_n)
{
    const struct list_range *ranges = vec_values(v);
    const struct vec *owner = v->enc == VEC_DICT ? &v->child[0] : v;
    if (owner->child_count != (v->phys == PHYS_MAP ? 2u : 1u)) {
        return "a list or map lacks its children";
    }
    for (uint32_t k = 0; k < sel_n; k++) {
        const uint32_t i = sel != NULL ? sel[k] : k;
        if (vec_is_null(v, i)) {
            continue;
        }
        const struct list_range r = ranges[vec_index(v, i)];
        for (uint32_t c = 0; c < owner->child_count; c++) {
            if ((uint64_t)r.offset + r.len > owner->child[c].n) {
                return "a list reaches past its elements";
            }
        }
    }
    return NULL;
}

static const char *
verify_codes(const struct vec *v, const uint16_t *sel, uint32_t sel_n)
{
    if (v->child == NULL || v->child[0].enc != VEC_FLAT || v->child[0].valid != NULL) {
        return "a dictionary must be flat and without nulls";
    }
    if (v->phys == PHYS_STRUCT) {
        return "a struct cannot be dictionary-coded";
    }
    for (uint32_t k = 0; k < sel_n; k++) {
        const uint32_t i = sel != NULL ? sel[k] : k;
        if (!vec_is_null(v, i) && v->codes[i] >= v->child[0].n) {
            return "a code lies outside of its dictionary";
        }
    }
    return NULL;
}

static const char *
verify_struct(const struct vec *v)
{
    if (v->child_count != v->type->field_count) {
        return "a struct lacks fields";
    }
    for (uint32_t c = 0; c < v->child_count; c++) {
        if (v->child[c].n < (v->enc == VEC_CONST ? 1 : v->n)) {
            return "a struct's field is shorter than the struct";
        }
    }
    return NULL;
}

const char *
vec_verify(const struct vec *v, const uint16_t *sel, uint32_t sel_n)
{
    if (v->type == NULL || v->phys != phys_of(v->type)) {
        return "the physical type is not its type's";
    }
    if (v->phys == PHYS_NONE) {
        return NULL;
    }
    if (v->enc == VEC_CONST) {
        sel = NULL;
        sel_n = 1;
    } else if (v->enc == VEC_DICT) {
        const char *fault = verify_codes(v, sel, sel_n);
        if (fault != NULL) {
            return fault;
        }
    } else if (v->enc != VEC_FLAT) {
        return "an unknown encoding";
    }
    if (v->phys == PHYS_STRUCT) {
        return verify_struct(v);
    }
    if (sel_n > 0 && vec_values(v) == NULL) {
        return "a vector without data";
    }
    if (v->phys == PHYS_VIEW) {
        return verify_strings(v, sel, sel_n);
    }
    return v->phys == PHYS_LIST || v->phys == PHYS_MAP ? verify_lists(v, sel, sel_n) : NULL;
}

const char *
chunk_verify(const struct chunk *c, const struct type *schema)
{
    if (c->sel == NULL && c->sel_n != c->n) {
        return "without a selection all rows are alive";
    }
    if (c->n > VEC_ROWS) {
        return "a chunk has too many rows";
    }
    for (uint32_t k = 0; c->sel != NULL && k < c->sel_n; k++) {
        if (c->sel[k] >= c->n || (k > 0 && c->sel[k] <= c->sel[k - 1])) {
            return "the selection is not ascending within the rows";
        }
    }
    if (schema != NULL && schema->field_count != c->col_count) {
        return "the number of columns is not the schema's";
    }
    for (uint32_t i = 0; i < c->col_count; i++) {
        if (c->cols[i].n != c->n) {
            return "a column's length is not the chunk's";
        }
        if (schema != NULL && phys_of(schema->fields[i].type) != c->cols[i].phys) {
            return "a column's physical type is not the schema's";
        }
        const char *fault = vec_verify(&c->cols[i], c->sel, c->sel_n);
        if (fault != NULL) {
            return fault;
        }
    }
    return NULL;
}
