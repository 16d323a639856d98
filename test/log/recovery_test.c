/*
 * Recovery as a property: cut or damage the file at every byte of the last batches; what comes back
 * is always the longest run of whole batches before the damage, and appending goes on from there.
 */
#include "fixture.h"

enum { BATCHES = 6, PER_BATCH = 2 };

struct image {
    uint8_t *bytes;
    size_t len;
    size_t ends[BATCHES + 1]; /* where each batch ends */
};

static void
paths(const struct log_fixture *f, char segment[128], char dir[128])
{
    snprintf(dir, 128, "%s/t-0", f->dir);
    snprintf(segment, 128, "%s/t-0/00000000000000000000.log", f->dir);
}

static void
image_take(struct log_fixture *f, struct image *image)
{
    char segment[128], dir[128];
    paths(f, segment, dir);
    for (int i = 0; i < BATCHES; i++) {
        append_durable(f, PER_BATCH, 1000 * i);
        image->ends[i + 1] = (size_t)log_bytes(f->log);
    }
    log_fixture_close(f);
    assert_true(env_read_file(&env_real, segment, 1 << 20, &image->bytes, &image->len, &f->err));
    assert_int_equal(image->len, image->ends[BATCHES]);
}

/* Puts bytes as the only file of the partition, as a kill -9 might have left them, and opens. */
static void
open_over(struct log_fixture *f, const uint8_t *bytes, size_t len)
{
    char segment[128], dir[128];
    paths(f, segment, dir);
    assert_true(env_remove_tree(&env_real, dir, &f->err));
    assert_true(env_real.ops->mkdirs(&env_real, dir, &f->err));
    FILE *file = fopen(segment, "wb");
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
    log_fixture_open(f);
}

static void
check_after(struct log_fixture *f, const struct image *image, size_t damage_at)
{
    int whole = 0;
    while (whole < BATCHES && image->ends[whole + 1] <= damage_at) {
        whole++;
    }
    assert_int_equal(log_end_offset(f->log), whole * PER_BATCH);
    assert_int_equal(log_high_watermark(f->log), whole * PER_BATCH);
    assert_int_equal(log_bytes(f->log), image->ends[whole]);
    assert_int_equal(append(f, 1, 0).base_offset, whole * PER_BATCH);
    log_fixture_close(f);
}

static void
a_file_cut_at_any_byte_of_the_last_two_batches(void **state)
{
    struct log_fixture *f = *state;
    struct image image = {0};
    image_take(f, &image);
    for (size_t len = image.ends[BATCHES - 2]; len <= image.len; len++) {
        open_over(f, image.bytes, len);
        check_after(f, &image, len);
    }
    free(image.bytes);
}

static void
any_damaged_byte_of_the_last_batch(void **state)
{
    struct log_fixture *f = *state;
    struct image image = {0};
    image_take(f, &image);
    for (size_t at = image.ends[BATCHES - 1]; at < image.len; at++) {
        if (at >= image.ends[BATCHES - 1] + 12 && at < image.ends[BATCHES - 1] + 16) {
            continue; /* the leader epoch is outside the CRC, as the format has it */
        }
        if (at < image.ends[BATCHES - 1] + 8) {
            continue; /* so is the base offset: see the next test */
        }
        image.bytes[at] ^= 0x81;
        open_over(f, image.bytes, image.len);
        check_after(f, &image, at);
        image.bytes[at] ^= 0x81;
    }
    free(image.bytes);
}

static void
a_base_offset_that_goes_back_ends_the_log(void **state)
{
    struct log_fixture *f = *state;
    struct image image = {0};
    image_take(f, &image);
    image.bytes[image.ends[BATCHES - 1] + 7] = 3;
    open_over(f, image.bytes, image.len);
    check_after(f, &image, image.ends[BATCHES - 1]);
    free(image.bytes);
}

static void
zeros_behind_the_end_are_cut(void **state)
{
    struct log_fixture *f = *state;
    struct image image = {0};
    image_take(f, &image);
    image.bytes = realloc(image.bytes, image.len + 4096);
    memset(image.bytes + image.len, 0, 4096);
    open_over(f, image.bytes, image.len + 4096);
    check_after(f, &image, image.len);
    free(image.bytes);
}

static void
segments_behind_a_damaged_one_go(void **state)
{
    struct log_fixture *f = *state;
    f->config.segment_bytes = 400;
    log_configure(f->log, &f->config);
    for (int i = 0; i < 12; i++) {
        append_durable(f, 2, 0);
    }
    log_fixture_close(f);
    char path[160];
    snprintf(path, sizeof path, "%s/t-0/clean", f->dir);
    assert_true(env_real.ops->unlink(&env_real, path, &f->err));
    snprintf(path, sizeof path, "%s/t-0/00000000000000000000.index", f->dir);
    assert_true(env_real.ops->unlink(&env_real, path, &f->err));
    snprintf(path, sizeof path, "%s/t-0/00000000000000000000.log", f->dir);
    FILE *file = fopen(path, "r+b");
    fseek(file, 61, SEEK_SET);
    fputc('!', file);
    fclose(file);
    log_fixture_open(f);
    assert_int_equal(log_end_offset(f->log), 0);
    assert_int_equal(append_durable(f, 2, 0).base_offset, 0);
}

/* A power cut may keep a younger segment and lose the end of the one before, at a batch's end. */
static void
segments_behind_a_missing_end_go(void **state)
{
    struct log_fixture *f = *state;
    f->config.segment_bytes = 400;
    log_configure(f->log, &f->config);
    append_durable(f, 2, 0);
    const int64_t first_bytes = log_bytes(f->log);
    for (int i = 0; i < 11; i++) {
        append_durable(f, 2, 0);
    }
    log_fixture_close(f);
    char path[160];
    snprintf(path, sizeof path, "%s/t-0/clean", f->dir);
    assert_true(env_real.ops->unlink(&env_real, path, &f->err));
    snprintf(path, sizeof path, "%s/t-0/00000000000000000000.index", f->dir);
    assert_true(env_real.ops->unlink(&env_real, path, &f->err));
    snprintf(path, sizeof path, "%s/t-0/00000000000000000000.log", f->dir);
    const int fd = env_real.ops->open(&env_real, path, ENV_WRITE, &f->err);
    assert_true(env_real.ops->truncate(&env_real, fd, first_bytes, &f->err));
    env_real.ops->close(&env_real, fd);
    log_fixture_open(f);
    assert_int_equal(log_end_offset(f->log), 2);
    assert_int_equal(append_durable(f, 2, 0).base_offset, 2);
}

static void
a_clean_stop_needs_no_reading(void **state)
{
    struct log_fixture *f = *state;
    append_durable(f, 10, 5000);
    log_fixture_close(f);
    log_fixture_open(f);
    assert_int_equal(log_high_watermark(f->log), 10);
    int64_t offset, time;
    assert_true(log_offset_for_time(f->log, 5003, &offset, &time, &f->err));
    assert_int_equal(offset, 3);
    char path[128];
    struct env_stat st;
    snprintf(path, sizeof path, "%s/t-0/clean", f->dir);
    assert_false(env_real.ops->stat(&env_real, path, &st, &f->err)); /* good for one start only */
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, log_fixture_setup, log_fixture_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_cut_at_any_byte_of_the_last_two_batches),
        TEST(any_damaged_byte_of_the_last_batch),
        TEST(a_base_offset_that_goes_back_ends_the_log),
        TEST(zeros_behind_the_end_are_cut),
        TEST(segments_behind_a_damaged_one_go),
        TEST(segments_behind_a_missing_end_go),
        TEST(a_clean_stop_needs_no_reading),
    };
    return cmocka_run_group_tests_name("log/recovery", tests, NULL, NULL);
}
