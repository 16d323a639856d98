/* The decoder: a fast step while there is room on both sides, a careful one for all else. */
#include "file/snappy.h"

#include <string.h>

enum {
    COPY_BYTES = 16, /* what a fast step moves, needed or not */
    NEAR = 8,        /* copies from nearer repeat bytes that the step itself writes */
    SLACK = 64,      /* more than two fast steps read or write */
    VARINT_MAX = 5,
};

enum tag_kind { TAG_LITERAL, TAG_COPY_1, TAG_COPY_2, TAG_COPY_4 };

/* What a tag byte says, in one word: high bits of the offset | length << 32 | bytes to the next tag
 * << 40 | literal << 63. Tags that the fast step cannot do have an offset that no output reaches; a
 * literal's is NEAR, which passes the same check as a copy's. */
#define WORD(OFFSET, LEN, STEP)                                                                    \
    ((uint64_t)(OFFSET) | (uint64_t)(LEN) << 32 | (uint64_t)(STEP) << 40)
#define UNREACHED       WORD(UINT32_MAX, 0, 0)
#define LITERAL(N)      ((N) <= COPY_BYTES ? WORD(NEAR, N, (N) + 1) | UINT64_C(1) << 63 : UNREACHED)
#define COPY_1(HIGH, N) WORD((HIGH) << 8, (N) + 4, 2)
#define COPY_2(N)       ((N) <= COPY_BYTES ? WORD(0, N, 3) : UNREACHED)
#define FOUR(HIGH, LOW)                                                                            \
    LITERAL((HIGH)*8 + (LOW) + 1), COPY_1(HIGH, LOW), COPY_2((HIGH)*8 + (LOW) + 1), UNREACHED
#define THIRTY_TWO(HIGH)                                                                           \
    FOUR(HIGH, 0), FOUR(HIGH, 1), FOUR(HIGH, 2), FOUR(HIGH, 3), FOUR(HIGH, 4), FOUR(HIGH, 5),      \
        FOUR(HIGH, 6), FOUR(HIGH, 7)

static const uint64_t tags[256] = {THIRTY_TWO(0), THIRTY_TWO(1), THIRTY_TWO(2), THIRTY_TWO(3),
                                   THIRTY_TWO(4), THIRTY_TWO(5), THIRTY_TWO(6), THIRTY_TWO(7)};
static const uint32_t offset_masks[4] = {0, 0xff, 0xffff, 0};

struct stream {
    const uint8_t *s, *s_end;
    uint8_t *d, *d_begin, *d_end;
    const uint8_t *s_limit, *d_limit; /* a fast step may begin before them */
};

static bool
stream_open(struct stream *q, const struct codec_job *j)
{
    uint64_t len = 0;
    size_t at = 0;
    do {
        if (at == VARINT_MAX || at == j->src.len) {
            return false;
        }
        len |= (uint64_t)(j->src.ptr[at] & 127) << (7 * at);
    } while (j->src.ptr[at++] & 128);
    *q = (struct stream){
        .s = j->src.ptr + at,
        .s_end = j->src.ptr + j->src.len,
        .d = j->dst,
        .d_begin = j->dst,
        .d_end = j->dst + j->dst_len,
        .s_limit = j->src.len > SLACK ? j->src.ptr + j->src.len - SLACK : j->src.ptr,
        .d_limit = j->dst_len > SLACK ? j->dst + j->dst_len - SLACK : j->dst,
    };
    return len == j->dst_len;
}

/* One element, every access checked; false at the end and when it is broken. */
static __attribute__((noinline)) bool
careful_step(struct stream *q)
{
    const uint8_t *s = q->s;
    const size_t left = (size_t)(q->s_end - s), room = (size_t)(q->d_end - q->d);
    if (left == 0) {
        return false;
    }
    const enum tag_kind kind = *s & 3;
    const size_t number = *s >> 2;
    const size_t extra = kind == TAG_LITERAL  ? (number >= 60 ? number - 59 : 0)
                         : kind == TAG_COPY_4 ? 4
                                              : (size_t)kind;
    if (left < 1 + extra) {
        return false;
    }
    uint32_t said = 0;
    memcpy(&said, s + 1, extra); /* little-endian, as the format is */
    s += 1 + extra;
    size_t len = number + 1;
    if (kind == TAG_LITERAL) {
        len = extra > 0 ? (size_t)said + 1 : len;
        if (len > room || len > left - 1 - extra) {
            return false;
        }
        memcpy(q->d, s, len);
        q->s = s + len;
        q->d += len;
        return true;
    }
    size_t offset = said;
    if (kind == TAG_COPY_1) {
        len = (number & 7) + 4;
        offset |= (number >> 3) << 8;
    }
    if (len > room || offset == 0 || offset > (size_t)(q->d - q->d_begin)) {
        return false;
    }
    if (offset >= NEAR && len + NEAR <= room) {
        for (size_t i = 0; i < len; i += 8) {
            memcpy(q->d + i, q->d + i - offset, 8);
        }
    } else {
        for (size_t i = 0; i < len; i++) {
            q->d[i] = q->d[i - offset];
        }
    }
    q->s = s;
    q->d += len;
    return true;
}

/* In halves, so that a copy from NEAR bytes back sees its own first half. */
static inline void
copy_16(uint8_t *d, const uint8_t *s)
{
    uint64_t x;
    memcpy(&x, s, 8);
    memcpy(d, &x, 8);
    memcpy(&x, s + 8, 8);
    memcpy(d + 8, &x, 8);
}

static inline bool
has_room(const struct stream *q)
{
    return q->s < q->s_limit && q->d < q->d_limit;
}

/* There is room, and NEAR bytes are written. false = broken. */
static inline bool
fast_step(struct stream *q)
{
    const uint8_t *s = q->s + 1;
    uint8_t *d = q->d;
    const uint32_t byte = s[-1];
    const uint64_t t = tags[byte];
    uint32_t low;
    memcpy(&low, s, 4);
    const uint8_t *next = s + (t >> 40 & 127) - 1;
    __asm__("" : "+r"(next)); /* now: the next step waits for it */
    const size_t offset = (size_t)(uint32_t)t + (low & offset_masks[byte & 3]);
    if (__builtin_expect(offset - NEAR > (size_t)(d - q->d_begin) - NEAR, 0)) {
        struct stream copy = *q; /* so that the fast path's own stays in registers */
        const bool ok = careful_step(&copy);
        q->s = copy.s;
        q->d = copy.d;
        return ok;
    }
    uintptr_t literal = (uintptr_t)((int64_t)t >> 63);
    __asm__("" : "+r"(literal)); /* or the selection becomes a branch again */
    const uintptr_t back = (uintptr_t)d - offset;
    const uint8_t *from = (const uint8_t *)(back ^ ((back ^ (uintptr_t)s) & literal));
    copy_16(d, from);
    q->d = d + (t >> 32 & 127);
    q->s = next;
    return true;
}

static bool
ready(struct stream *q)
{
    while (q->d - q->d_begin < NEAR) {
        if (!careful_step(q)) {
            return false;
        }
    }
    return true;
}

/* A block alone: here branches are the better bet, since what follows need not wait for the tag
 * when the processor guesses its kind. After a literal comes a copy. */
static bool
stream_finish(struct stream *q)
{
    struct stream x = *q;
    while (has_room(&x)) {
        uint32_t tag = *x.s;
        if ((tag & 3) == TAG_LITERAL && tag >> 2 < COPY_BYTES) {
            copy_16(x.d, x.s + 1);
            x.d += (tag >> 2) + 1;
            x.s += (tag >> 2) + 2;
            tag = *x.s;
        }
        size_t offset = 0, len = (tag >> 2) + 1;
        uint32_t step = 0;
        if ((tag & 3) == TAG_COPY_1) {
            len = (tag >> 2 & 7) + 4;
            offset = tag >> 5 << 8 | x.s[1];
            step = 2;
        } else if ((tag & 3) == TAG_COPY_2 && len <= COPY_BYTES) {
            offset = x.s[1] | x.s[2] << 8;
            step = 3;
        }
        if (offset < NEAR || offset > (size_t)(x.d - x.d_begin)) {
            struct stream copy = x;
            const bool ok = careful_step(&copy);
            x.s = copy.s;
            x.d = copy.d;
            if (!ok) {
                return false;
            }
            continue;
        }
        copy_16(x.d, x.d - offset);
        x.d += len;
        x.s += step;
    }
    *q = x;
    while (careful_step(q)) {
    }
    return q->s == q->s_end && q->d == q->d_end;
}

bool
snappy_block_read(const struct codec_job *j)
{
    struct stream q;
    return stream_open(&q, j) && stream_finish(&q);
}

bool
snappy_blocks_read(const struct codec_job *a, const struct codec_job *b)
{
    struct stream p, q;
    if (!stream_open(&p, a) || !stream_open(&q, b)) {
        return false;
    }
    if (ready(&p) && ready(&q)) {
        struct stream x = p, y = q;
        while (has_room(&x) && has_room(&y)) {
            if (!fast_step(&x) || !fast_step(&y)) {
                return false;
            }
        }
        p = x;
        q = y;
    }
    return stream_finish(&p) && stream_finish(&q);
}
