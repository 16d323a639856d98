/*
 * CRC-32C. The processor's instruction has a latency of three cycles and can start one each cycle,
 * so long inputs are cut in three runs that are computed side by side and then joined: appending n
 * zero bytes to a message is a linear map of its CRC, kept as four tables of 256 entries for each
 * of the two run lengths in use.
 */
#include "base/crc32c.h"

#include <pthread.h>
#include <string.h>

static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

#if defined(__SSE4_2__)

#include <nmmintrin.h>

enum { LONG_RUN = 2048, SHORT_RUN = 256 };

struct zeros_map {
    uint32_t table[4][256];
};
static struct zeros_map long_map;
static struct zeros_map short_map;

static uint64_t
word_load(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

/* The map is linear, so the images of single bits give all the others. */
static void
map_fill(struct zeros_map *map, size_t zero_bytes)
{
    for (uint32_t byte = 0; byte < 4; byte++) {
        map->table[byte][0] = 0;
        for (uint32_t bit = 0; bit < 8; bit++) {
            uint64_t state = 1u << (8 * byte + bit);
            for (size_t i = 0; i < zero_bytes; i += 8) {
                state = _mm_crc32_u64(state, 0);
            }
            for (uint32_t low = 0; low < 1u << bit; low++) {
                map->table[byte][(1u << bit) + low] = map->table[byte][low] ^ (uint32_t)state;
            }
        }
    }
}

static void
tables_fill(void)
{
    map_fill(&long_map, LONG_RUN);
    map_fill(&short_map, SHORT_RUN);
}

static uint64_t
map_apply(const struct zeros_map *map, uint64_t state)
{
    return map->table[0][state & 0xff] ^ map->table[1][state >> 8 & 0xff] ^
           map->table[2][state >> 16 & 0xff] ^ map->table[3][state >> 24 & 0xff];
}

/* Three runs of run_bytes each, starting from the state of what came before. */
static uint64_t
three_runs(uint64_t state, const uint8_t *p, size_t run_bytes, const struct zeros_map *map)
{
    uint64_t second = 0;
    uint64_t third = 0;
    for (size_t i = 0; i < run_bytes; i += 8) {
        state = _mm_crc32_u64(state, word_load(p + i));
        second = _mm_crc32_u64(second, word_load(p + run_bytes + i));
        third = _mm_crc32_u64(third, word_load(p + 2 * run_bytes + i));
    }
    state = map_apply(map, state) ^ second;
    return map_apply(map, state) ^ third;
}

uint32_t
crc32c(uint32_t crc, const void *data, size_t len)
{
    const uint8_t *p = data;
    uint64_t state = (uint32_t)~crc;
    if (len >= 3 * (size_t)SHORT_RUN) {
        pthread_once(&tables_once, tables_fill);
        for (; len >= 3 * (size_t)LONG_RUN; p += 3 * LONG_RUN, len -= 3 * LONG_RUN) {
            state = three_runs(state, p, LONG_RUN, &long_map);
        }
        for (; len >= 3 * (size_t)SHORT_RUN; p += 3 * SHORT_RUN, len -= 3 * SHORT_RUN) {
            state = three_runs(state, p, SHORT_RUN, &short_map);
        }
    }
    for (; len >= 8; p += 8, len -= 8) {
        state = _mm_crc32_u64(state, word_load(p));
    }
    for (; len > 0; p++, len--) {
        state = _mm_crc32_u8((uint32_t)state, *p);
    }
    return ~(uint32_t)state;
}

#else

/* Machines without the instruction: eight bytes a step by tables. */
static uint32_t tables[8][256];

static void
tables_fill(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t state = i;
        for (int bit = 0; bit < 8; bit++) {
            state = (state >> 1) ^ ((state & 1) != 0 ? 0x82f63b78u : 0);
        }
        tables[0][i] = state;
    }
    for (uint32_t i = 0; i < 256; i++) {
        for (uint32_t t = 1; t < 8; t++) {
            tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xff];
        }
    }
}

uint32_t
crc32c(uint32_t crc, const void *data, size_t len)
{
    pthread_once(&tables_once, tables_fill);
    const uint8_t *p = data;
    uint32_t state = ~crc;
    for (; len >= 8; p += 8, len -= 8) {
        uint32_t lo;
        uint32_t hi;
        memcpy(&lo, p, 4);
        memcpy(&hi, p + 4, 4);
        lo ^= state;
        state = tables[7][lo & 0xff] ^ tables[6][lo >> 8 & 0xff] ^ tables[5][lo >> 16 & 0xff] ^
                tables[4][lo >> 24] ^ tables[3][hi & 0xff] ^ tables[2][hi >> 8 & 0xff] ^
                tables[1][hi >> 16 & 0xff] ^ tables[0][hi >> 24];
    }
    for (; len > 0; p++, len--) {
        state = (state >> 8) ^ tables[0][(state ^ *p) & 0xff];
    }
    return ~state;
}

#endif
