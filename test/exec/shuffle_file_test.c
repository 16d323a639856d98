/* Shuffle files: what was written is read in row order, and no damaged byte goes unnoticed. */
#include "exec/shuffle_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "type/type.h"

enum { PARTITIONS = 3, FILE_HEAD = 8 };

static struct arena arena;
static char path[64];
static const struct type *schema;

static int
setup(void **state)
{
    static struct type_field fields[3];
    arena_init(&arena, NULL);
    snprintf(path, sizeof path, "/tmp/weir-shuffle-test-%d", (int)getpid());
    fields[0] = (struct type_field){"n", type_scalar(TYPE_INT), true, NULL};
    fields[1] = (struct type_field){"s", type_scalar(TYPE_STRING), true, NULL};
    fields[2] =
        (struct type_field){"a", type_array(&arena, type_scalar(TYPE_LONG), true), true, NULL};
    schema = type_struct(&arena, fields, 3);
    return 0;
}

static int
teardown(void **state)
{
    unlink(path);
    arena_release(&arena);
    return 0;
}

/* Row i: i or null, a text of i, [i]. */
static void
rows_make(struct chunk *c, uint32_t first, uint32_t n)
{
    chunk_init(c, &arena, schema, n);
    struct vec *list = &c->cols[2];
    struct list_range *ranges = list->data;
    vec_init_flat(&list->child[0], &arena, type_scalar(TYPE_LONG), n);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t x = first + i;
        ((int32_t *)c->cols[0].data)[i] = (int32_t)x;
        if (x % 5 == 0) {
            vec_set_null(&c->cols[0], &arena, i);
        }
        const char *text = arena_printf(&arena, x % 2 == 0 ? "%u" : "a longer text %u", x);
        ((struct view *)c->cols[1].data)[i] = view_make(text, strlen(text));
        ranges[i] = (struct list_range){i, 1};
        ((int64_t *)list->child[0].data)[i] = x;
    }
}

static void
frame_add(struct shuffle_writer *w, uint32_t partition, uint32_t morsel, uint32_t seq,
          uint32_t first, uint32_t n)
{
    struct buffer frame = {0};
    struct error err = {0};
    struct chunk c;
    buffer_extend(&frame, SHUFFLE_FRAME_HEAD);
    rows_make(&c, first, n / 2);
    shuffle_block_put(&frame, &c, &arena);
    rows_make(&c, first + n / 2, n - n / 2);
    shuffle_block_put(&frame, &c, &arena);
    shuffle_frame_close(&frame, 0, partition, n);
    assert_true(shuffle_writer_append(w, (struct bytes){frame.ptr, frame.len}, partition, morsel,
                                      seq, n, &err));
    buffer_release(&frame);
}

/* Partition 0: rows 0..39 in three frames, written out of order; 1: none; 2: one frame. */
static void
file_write(void)
{
    struct shuffle_writer w;
    struct error err = {0};
    assert_true(shuffle_writer_open(&w, &env_real, path, PARTITIONS, &err));
    frame_add(&w, 0, 4, 0, 30, 10);
    frame_add(&w, 2, 1, 0, 100, 7);
    frame_add(&w, 0, 1, 1, 20, 10);
    frame_add(&w, 0, 1, 0, 0, 20);
    assert_true(shuffle_writer_finish(&w, &err));
    shuffle_writer_release(&w);
}

static void
row_check(const struct chunk *c, uint32_t i, uint32_t want)
{
    assert_int_equal(vec_is_null(&c->cols[0], i), want % 5 == 0);
    if (want % 5 != 0) {
        assert_int_equal(((const int32_t *)c->cols[0].data)[i], want);
    }
    char text[32];
    snprintf(text, sizeof text, want % 2 == 0 ? "%u" : "a longer text %u", want);
    const struct view *v = (const struct view *)c->cols[1].data + i;
    assert_int_equal(v->len, strlen(text));
    assert_memory_equal(view_ptr(v), text, v->len);
    const struct list_range *range = (const struct list_range *)c->cols[2].data + i;
    assert_int_equal(range->len, 1);
    assert_int_equal(((const int64_t *)c->cols[2].child[0].data)[range->offset], want);
}

/* Rows of a partition; -1: the file is damaged. check: they are first, first + 1, ... */
static int64_t
partition_read(uint32_t partition, uint32_t first, bool check)
{
    struct error err = {0};
    struct shuffle_frame *frames = NULL;
    uint32_t count = 0;
    int64_t rows = 0;
    const int fd = env_real.ops->open(&env_real, path, ENV_READ, &err);
    assert_true(fd >= 0);
    bool ok = shuffle_file_list(&env_real, path, fd, partition, &arena, &frames, &count, &err);
    for (uint32_t i = 0; ok && i < count; i++) {
        uint8_t *bytes = arena_alloc(&arena, frames[i].bytes);
        size_t got = 0;
        ok = env_real.ops->pread(&env_real, fd, bytes, frames[i].bytes, (int64_t)frames[i].offset,
                                 &got, &err);
        struct shuffle_blocks b;
        struct chunk c = {.n = 1};
        ok = ok && shuffle_frame_open((struct bytes){bytes, got}, partition, schema, &b);
        while (ok && c.n > 0) {
            ok = shuffle_block_next(&b, &arena, &c);
            for (uint32_t k = 0; ok && check && k < c.n; k++) {
                row_check(&c, k, first + (uint32_t)rows + k);
            }
            rows += ok ? c.n : 0;
        }
    }
    env_real.ops->close(&env_real, fd);
    error_clear(&err);
    return ok ? rows : -1;
}

static void
rows_come_back_in_order(void **state)
{
    file_write();
    assert_int_equal(partition_read(0, 0, true), 40);
    assert_int_equal(partition_read(1, 0, true), 0);
    assert_int_equal(partition_read(2, 100, true), 7);
    assert_int_equal(partition_read(3, 0, true), -1);
}

static void
every_flipped_byte_is_noticed(void **state)
{
    file_write();
    struct error err = {0};
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_true(env_read_file(&env_real, path, 1 << 20, &bytes, &len, &err));
    for (size_t at = FILE_HEAD; at < len; at++) {
        bytes[at] ^= 0x40;
        const int fd = env_real.ops->open(&env_real, path, ENV_WRITE, &err);
        assert_true(env_real.ops->pwrite(&env_real, fd, bytes + at, 1, (int64_t)at, &err));
        bool noticed = false;
        for (uint32_t p = 0; p < PARTITIONS; p++) {
            noticed |= partition_read(p, 0, false) < 0;
        }
        bytes[at] ^= 0x40;
        assert_true(env_real.ops->pwrite(&env_real, fd, bytes + at, 1, (int64_t)at, &err));
        env_real.ops->close(&env_real, fd);
        if (!noticed) {
            fail_msg("a flip of byte %zu of %zu was not noticed", at, len);
        }
        arena_release(&arena);
        setup(NULL);
    }
    free(bytes);
}

static void
every_cut_is_noticed(void **state)
{
    file_write();
    struct env_stat st;
    struct error err = {0};
    assert_true(env_real.ops->stat(&env_real, path, &st, &err));
    for (int64_t len = st.bytes - 1; len >= 0; len -= 7) {
        assert_int_equal(truncate(path, len), 0);
        for (uint32_t p = 0; p < PARTITIONS; p++) {
            assert_int_equal(partition_read(p, 0, false), -1);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_come_back_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(every_flipped_byte_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(every_cut_is_noticed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
