/* Column-at-a-time hashing: one loop a physical type, dictionaries hashed through their codes. */
#include "vec/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t
hash_bytes(const void *ptr, size_t len)
{
    return XXH3_64bits(ptr, len);
}

static inline uint64_t
hash_double(double x)
{
    uint64_t bits;
    if (x != x) {
        bits = UINT64_C(0x7ff8000000000000);
    } else {
        x += 0.0; /* -0.0 becomes 0.0 */
        memcpy(&bits, &x, sizeof bits);
    }
    return hash_u64(bits);
}

static inline uint64_t
hash_i128(i128 x)
{
    return hash_combine(hash_u64((uint64_t)x), hash_u64((uint64_t)(x >> 64)));
}

static inline uint64_t
hash_interval(const struct interval *x)
{
    const uint64_t head = (uint64_t)(uint32_t)x->months << 32 | (uint32_t)x->days;
    return hash_combine(hash_u64(head), hash_u64((uint64_t)x->micros));
}

#define AT(T, v, i) (((const T *)vec_values(v))[vec_index(v, i)])

static uint64_t
nested_row_hash(const struct vec *v, uint32_t i)
{
    uint64_t h = HASH_NULL + 1;
    if (v->phys == PHYS_STRUCT) {
        for (uint32_t c = 0; c < v->child_count; c++) {
            h = hash_combine(h, vec_row_hash(&v->child[c], v->enc == VEC_CONST ? 0 : i));
        }
        return h;
    }
    const struct list_range r = AT(struct list_range, v, i);
    const struct vec *child = v->enc == VEC_DICT ? v->child[0].child : v->child;
    for (uint32_t k = 0; k < r.len; k++) {
        for (uint32_t c = 0; c < (v->phys == PHYS_MAP ? 2u : 1u); c++) {
            h = hash_combine(h, vec_row_hash(&child[c], r.offset + k));
        }
    }
    return h;
}

uint64_t
vec_row_hash(const struct vec *v, uint32_t i)
{
    if (vec_is_null(v, i)) {
        return HASH_NULL;
    }
    switch ((enum phys)v->phys) {
    case PHYS_NONE:
        return HASH_NULL;
    case PHYS_BOOL:
        return hash_u64(AT(uint8_t, v, i));
    case PHYS_I8:
        return hash_u64((uint64_t)AT(int8_t, v, i));
    case PHYS_I16:
        return hash_u64((uint64_t)AT(int16_t, v, i));
    case PHYS_I32:
        return hash_u64((uint64_t)AT(int32_t, v, i));
    case PHYS_I64:
        return hash_u64((uint64_t)AT(int64_t, v, i));
    case PHYS_I128:
        return hash_i128(AT(i128, v, i));
    case PHYS_F32:
        return hash_double(AT(float, v, i));
    case PHYS_F64:
        return hash_double(AT(double, v, i));
    case PHYS_VIEW:
        return hash_view(&AT(struct view, v, i));
    case PHYS_INTERVAL:
        return hash_interval(&AT(struct interval, v, i));
    case PHYS_LIST:
    case PHYS_MAP:
    case PHYS_STRUCT:
        break;
    }
    return nested_row_hash(v, i);
}

#define HASH_LOOP(T, EXPR)                                                                         \
    {                                                                                              \
        const T *data = v->data;                                                                   \
        if (sel == NULL) {                                                                         \
            for (uint32_t k = 0; k < n; k++) {                                                     \
                const T x = data[k];                                                               \
                out[k] = (EXPR);                                                                   \
            }                                                                                      \
        } else {                                                                                   \
            for (uint32_t k = 0; k < n; k++) {                                                     \
                const T x = data[sel[k]];                                                          \
                out[k] = (EXPR);                                                                   \
            }                                                                                      \
        }                                                                                          \
        return true;                                                                               \
    }

/* Hashes of a FLAT scalar vector as if nothing were null; false for types without a loop. */
static bool
hash_flat(const struct vec *v, const uint16_t *sel, uint32_t n, uint64_t *out)
{
    switch ((enum phys)v->phys) {
    case PHYS_BOOL:
        HASH_LOOP(uint8_t, hash_u64(x))
    case PHYS_I8:
        HASH_LOOP(int8_t, hash_u64((uint64_t)x))
    case PHYS_I16:
        HASH_LOOP(int16_t, hash_u64((uint64_t)x))
    case PHYS_I32:
        HASH_LOOP(int32_t, hash_u64((uint64_t)x))
    case PHYS_I64:
        HASH_LOOP(int64_t, hash_u64((uint64_t)x))
    case PHYS_I128:
        HASH_LOOP(i128, hash_i128(x))
    case PHYS_F32:
        HASH_LOOP(float, hash_double(x))
    case PHYS_F64:
        HASH_LOOP(double, hash_double(x))
    case PHYS_VIEW:
        if (v->valid != NULL) {
            return false; /* a view under a null must not be followed */
        }
        HASH_LOOP(struct view, hash_view(&x))
    default:
        return false;
    }
}

static void
hash_fresh(const struct vec *v, const uint16_t *sel, uint32_t n, uint64_t *out)
{
    if (v->enc == VEC_CONST || v->phys == PHYS_NONE) {
        const uint64_t h = vec_row_hash(v, 0);
        for (uint32_t k = 0; k < n; k++) {
            out[k] = h;
        }
        return;
    }
    if (v->enc == VEC_FLAT && hash_flat(v, sel, n, out)) {
        for (uint32_t k = 0; v->valid != NULL && k < n; k++) {
            out[k] = bit_get(v->valid, sel != NULL ? sel[k] : k) ? out[k] : HASH_NULL;
        }
        return;
    }
    for (uint32_t k = 0; k < n; k++) {
        out[k] = vec_row_hash(v, sel != NULL ? sel[k] : k);
    }
}

/* The rows from `from` on, a multiple of 64; needs no memory, so structs are left to their rows. */
static struct vec
vec_from(const struct vec *v, uint32_t from)
{
    struct vec out = *v;
    if (v->enc == VEC_CONST || v->phys == PHYS_NONE) {
        return out;
    }
    out.n = v->n - from;
    out.valid = v->valid != NULL ? v->valid + from / 64 : NULL;
    out.codes = v->enc == VEC_DICT ? v->codes + from : NULL;
    out.data = v->enc == VEC_FLAT ? (char *)v->data + phys_size(v->phys) * from : v->data;
    return out;
}

void
vec_hash(const struct vec *v, const uint16_t *sel, uint32_t n, uint64_t *hashes, bool combine)
{
    if (!combine) {
        hash_fresh(v, sel, n, hashes);
        return;
    }
    if (v->phys == PHYS_STRUCT) {
        for (uint32_t k = 0; k < n; k++) {
            hashes[k] = hash_combine(hashes[k], vec_row_hash(v, sel != NULL ? sel[k] : k));
        }
        return;
    }
    uint64_t part[256];
    for (uint32_t from = 0; from < n; from += 256) {
        const uint32_t count = n - from < 256 ? n - from : 256;
        const struct vec piece = sel != NULL ? *v : vec_from(v, from);
        hash_fresh(&piece, sel != NULL ? sel + from : NULL, count, part);
        for (uint32_t k = 0; k < count; k++) {
            hashes[from + k] = hash_combine(hashes[from + k], part[k]);
        }
    }
}
