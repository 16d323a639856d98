/* Unpacking bits: one unrolled routine a width, so that shifts and offsets are constants. */
#include "format/parquet_bits.h"

#include <string.h>

static inline uint64_t
load64(const uint8_t *p)
{
    uint64_t value;
    memcpy(&value, p, 8);
    return value;
}

/* Eight values of `w` bits lie in w bytes; value i starts at bit i*w. */
#define ONE(w, i)                                                                                  \
    out[i] = (uint32_t)(load64(p + (i) * (w) / 8) >> ((i) * (w) % 8)) & (uint32_t)mask;
#define UNPACK(w)                                                                                  \
    static void unpack##w(const uint8_t *p, uint32_t *restrict out, uint32_t groups)               \
    {                                                                                              \
        const uint64_t mask = ((uint64_t)1 << (w)) - 1;                                            \
        for (uint32_t g = 0; g < groups; g++) {                                                    \
            ONE(w, 0)                                                                              \
            ONE(w, 1) ONE(w, 2) ONE(w, 3) ONE(w, 4) ONE(w, 5) ONE(w, 6) ONE(w, 7) p += (w);        \
            out += 8;                                                                              \
        }                                                                                          \
    }
/* The formatter does not find a fixed point for this list. */
/* clang-format off */
#define EACH(X)                                                                                    \
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16)    \
    X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31) X(32)
/* clang-format on */
EACH(UNPACK)

typedef void unpack_fn(const uint8_t *p, uint32_t *out, uint32_t groups);
#define NAME(w) unpack##w,
static unpack_fn *const unpackers[33] = {EACH(NAME)};

void
pq_hybrid_init(struct pq_hybrid *h, const uint8_t *pos, const uint8_t *end, uint32_t width)
{
    *h = (struct pq_hybrid){.pos = pos, .end = end, .width = width};
}

/* Opens the next run; false at the end of the input or at a broken header. */
static bool
next_run(struct pq_hybrid *h)
{
    struct reader r;
    reader_init(&r, (struct bytes){h->pos, (size_t)(h->end - h->pos)});
    const uint64_t head = reader_uvarint64(&r);
    if (!reader_ok(&r) || head >> 1 == 0 || head >> 1 > INT32_MAX / 8) {
        return false;
    }
    h->packed = head & 1;
    if (!h->packed) {
        const uint32_t bytes = (h->width + 7) / 8;
        const struct bytes value = reader_take(&r, bytes);
        h->value = 0;
        if (!reader_ok(&r)) {
            return false;
        }
        if (bytes > 0) {
            memcpy(&h->value, value.ptr, bytes);
        }
        h->left = (uint32_t)(head >> 1);
        h->pos = r.pos;
        return true;
    }
    /* The last run of a page may be cut short by writers that do not pad it. */
    const uint64_t groups = head >> 1;
    const size_t have = reader_left(&r);
    const uint64_t bytes = groups * h->width;
    h->run = r.pos;
    h->at = 0;
    h->left = (uint32_t)(groups * 8);
    if (bytes > have) {
        h->left = (uint32_t)((uint64_t)have * 8 / h->width);
        h->pos = h->end;
        return h->left > 0;
    }
    h->pos = r.pos + bytes;
    return true;
}

static uint32_t
packed_one(const struct pq_hybrid *h, uint32_t at)
{
    const uint64_t bit = (uint64_t)at * h->width;
    const uint64_t mask = ((uint64_t)1 << h->width) - 1;
    return (uint32_t)(load64(h->run + bit / 8) >> (bit % 8) & mask);
}

static void
packed_codes(struct pq_hybrid *h, uint32_t *out, uint32_t n)
{
    uint32_t i = 0;
    while (i < n && (h->at + i) % 8 != 0) {
        out[i] = packed_one(h, h->at + i);
        i++;
    }
    const uint32_t groups = (n - i) / 8;
    unpackers[h->width](h->run + (size_t)(h->at + i) / 8 * h->width, out + i, groups);
    for (i += groups * 8; i < n; i++) {
        out[i] = packed_one(h, h->at + i);
    }
    h->at += n;
}

bool
pq_hybrid_codes(struct pq_hybrid *h, uint32_t *out, uint32_t n)
{
    if (h->width > 32) {
        return false;
    }
    while (n > 0) {
        if (h->left == 0 && !next_run(h)) {
            return false;
        }
        const uint32_t take = n < h->left ? n : h->left;
        if (h->packed) {
            packed_codes(h, out, take);
        } else {
            for (uint32_t i = 0; i < take; i++) {
                out[i] = h->value;
            }
        }
        h->left -= take;
        out += take;
        n -= take;
    }
    return true;
}

void
pq_bits_fill(uint64_t *bits, uint32_t from, uint32_t n)
{
    while (n > 0) {
        const uint32_t shift = from % 64;
        const uint32_t take = n < 64 - shift ? n : 64 - shift;
        const uint64_t ones = take == 64 ? ~(uint64_t)0 : (((uint64_t)1 << take) - 1);
        bits[from / 64] |= ones << shift;
        from += take;
        n -= take;
    }
}

/* Bits of a packed run, up to 57 at a time by one load. */
static uint32_t
packed_bits(struct pq_hybrid *h, uint64_t *bits, uint32_t from, uint32_t n)
{
    uint32_t set = 0;
    while (n > 0) {
        const uint32_t shift = from % 64;
        uint32_t take = n < 56 ? n : 56;
        take = take < 64 - shift ? take : 64 - shift;
        const uint64_t word =
            (load64(h->run + h->at / 8) >> (h->at % 8)) & (((uint64_t)1 << take) - 1);
        bits[from / 64] |= word << shift;
        set += (uint32_t)__builtin_popcountll(word);
        h->at += take;
        from += take;
        n -= take;
    }
    return set;
}

bool
pq_hybrid_bits(struct pq_hybrid *h, uint64_t *bits, uint32_t from, uint32_t n, uint32_t *set)
{
    *set = 0;
    while (n > 0) {
        if (h->left == 0 && !next_run(h)) {
            return false;
        }
        const uint32_t take = n < h->left ? n : h->left;
        if (h->packed) {
            *set += packed_bits(h, bits, from, take);
        } else if (h->value != 0) {
            pq_bits_fill(bits, from, take);
            *set += take;
        }
        h->left -= take;
        from += take;
        n -= take;
    }
    return true;
}

bool
pq_hybrid_all(const struct pq_hybrid *h, uint32_t value, uint32_t n)
{
    struct pq_hybrid probe = *h;
    return (probe.left > 0 || next_run(&probe)) && !probe.packed && probe.value == value &&
           probe.left >= n;
}

/* The head of a delta stream: block size, miniblocks a block, values, first value. */
struct delta_head {
    uint64_t block, minis, count;
    int64_t first;
};

static bool
delta_head(struct reader *r, struct delta_head *out)
{
    out->block = reader_uvarint64(r);
    out->minis = reader_uvarint64(r);
    out->count = reader_uvarint64(r);
    out->first = reader_varint64(r);
    return reader_ok(r) && out->block > 0 && out->block <= 1 << 20 && out->minis > 0 &&
           out->minis <= 512 && out->block % out->minis == 0 &&
           (out->block / out->minis) % 8 == 0 && out->count <= INT32_MAX;
}

bool
pq_delta_count(const uint8_t *pos, const uint8_t *end, uint32_t *count)
{
    struct reader r;
    struct delta_head head;
    reader_init(&r, (struct bytes){pos, (size_t)(end - pos)});
    if (!delta_head(&r, &head)) {
        return false;
    }
    *count = (uint32_t)head.count;
    return true;
}

static uint64_t
wide_bits(const uint8_t *p, uint64_t bit, uint32_t width)
{
    if (width == 0) {
        return 0;
    }
    const uint32_t shift = bit % 8;
    uint64_t value = load64(p + bit / 8) >> shift;
    if (shift + width > 64) {
        value |= (uint64_t)p[bit / 8 + 8] << (64 - shift);
    }
    return width == 64 ? value : value & (((uint64_t)1 << width) - 1);
}

bool
pq_delta_read(const uint8_t *pos, const uint8_t *end, int64_t *out, uint32_t count,
              const uint8_t **rest)
{
    struct reader r;
    struct delta_head head;
    reader_init(&r, (struct bytes){pos, (size_t)(end - pos)});
    if (!delta_head(&r, &head) || head.count != count) {
        return false;
    }
    const uint32_t per_mini = (uint32_t)(head.block / head.minis);
    uint64_t value = (uint64_t)head.first;
    uint32_t done = 0;
    if (count > 0) {
        out[done++] = (int64_t)value;
    }
    while (done < count) {
        const uint64_t least = (uint64_t)reader_varint64(&r);
        const struct bytes widths = reader_take(&r, head.minis);
        for (uint32_t m = 0; reader_ok(&r) && m < head.minis && done < count; m++) {
            const uint32_t width = widths.ptr[m];
            const struct bytes packed = reader_take(&r, (size_t)per_mini / 8 * width);
            if (!reader_ok(&r) || width > 64) {
                return false;
            }
            for (uint32_t i = 0; i < per_mini && done < count; i++) {
                value += least + wide_bits(packed.ptr, (uint64_t)i * width, width);
                out[done++] = (int64_t)value;
            }
        }
        if (!reader_ok(&r)) {
            return false;
        }
    }
    *rest = r.pos;
    return true;
}
