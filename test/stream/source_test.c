/* Sources remember in the checkpoint what they have handed out; a key's partition is Kafka's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "stream/source.h"
#include "stream/topics.h"

static struct arena arena;
static char dir[64];
static int64_t clock_ms;

static int64_t
fake_wall(struct env *env)
{
    (void)env;
    return clock_ms;
}

static int
setup(void **state)
{
    (void)state;
    struct error err = {0};
    arena_init(&arena, NULL);
    strcpy(dir, "/tmp/weir-source-XXXXXX");
    return mkdtemp(dir) == NULL ||
           !env_real.ops->mkdirs(&env_real, arena_printf(&arena, "%s/sources", dir), &err) ||
           !env_real.ops->mkdirs(&env_real, arena_printf(&arena, "%s/in", dir), &err);
}

static int
teardown(void **state)
{
    (void)state;
    struct error err = {0};
    const bool gone = env_remove_tree(&env_real, dir, &err);
    arena_release(&arena);
    return !gone;
}

static void
put(const char *name, const char *text)
{
    FILE *file = fopen(arena_printf(&arena, "%s/%s", dir, name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static bool
rate_open(struct stream_source *s, struct env *env, struct error *err)
{
    static struct option items[] = {{"rowsPerSecond", "5"}};
    static const struct options options = {items, 1};
    *s = (struct stream_source){.env = env, .checkpoint = dir, .options = &options};
    return source_rate_open(s, &arena, err);
}

static void
the_rate_counts_from_the_first_start(void **state)
{
    (void)state;
    struct env_ops ops = *env_real.ops;
    ops.wall_ms = fake_wall;
    struct env env = {&ops};
    struct error err = {0};
    struct stream_source s;
    const char *end;
    clock_ms = 1000000;
    assert_true(rate_open(&s, &env, &err));
    clock_ms += 2999;
    assert_true(s.ops->latest(&s, &arena, NULL, true, &end, &err));
    assert_string_equal(end, "2");
    clock_ms += 60000;
    assert_true(rate_open(&s, &env, &err)); /* another life */
    assert_true(s.ops->latest(&s, &arena, "2", true, &end, &err));
    assert_string_equal(end, "62");
    put("sources/rate-0", "soon");
    assert_false(rate_open(&s, &env, &err));
    assert_non_null(strstr(error_text(&err), "rate-0"));
    error_clear(&err);
}

/* A folder as a source, one file a batch. */
struct folder {
    struct stream_source source;
    struct rel scan;
    struct scan_source template;
    struct options options;
    struct option items[1];
    const char *path;
};

static bool
folder_open(struct folder *f, struct error *err)
{
    *f = (struct folder){.items = {{"maxFilesPerTrigger", "1"}}};
    f->options = (struct options){f->items, 1};
    f->path = arena_printf(&arena, "%s/in", dir);
    f->template = (struct scan_source){.format = "json",
                                       .schema = type_parse_schema(&arena, "k STRING", 8, err)};
    f->scan =
        (struct rel){.kind = REL_SCAN, .source = &f->template, .paths = &f->path, .path_count = 1};
    f->source = (struct stream_source){.env = &env_real, .checkpoint = dir, .options = &f->options};
    return source_files_open(&f->source, &arena, &f->scan, err);
}

static const char *
newest(struct folder *f, const char *start)
{
    struct error err = {0};
    const char *end = NULL;
    assert_true(f->source.ops->latest(&f->source, &arena, start, true, &end, &err));
    return end;
}

/* The names of the files of (start, end], without their folder. */
static const char *
batch(struct folder *f, const char *start, const char *end)
{
    struct error err = {0};
    int64_t rows;
    const struct rel *scan =
        f->source.ops->scan(&f->source, &arena, &f->scan, start, end, &rows, &err);
    if (scan == NULL) {
        const char *why = arena_strdup(&arena, error_text(&err));
        error_clear(&err);
        return why;
    }
    const char *names = "";
    for (uint32_t i = 0; i < scan->source->file_count; i++) {
        const char *slash = strrchr(scan->source->files[i].path, '/');
        names = arena_printf(&arena, "%s%s ", names, slash + 1);
    }
    return names;
}

static void
each_file_is_in_one_batch(void **state)
{
    (void)state;
    struct folder f;
    struct error err = {0};
    assert_true(folder_open(&f, &err));
    assert_string_equal(newest(&f, NULL), "-");
    put("in/a", "{}");
    const char *first = newest(&f, NULL);
    assert_string_equal(first, "{\"logOffset\":0}");
    assert_string_equal(newest(&f, first), first);
    put("in/b\n{*}", "{}");
    const char *second = newest(&f, first);
    assert_string_equal(second, "{\"logOffset\":1}");

    assert_true(folder_open(&f, &err)); /* another life: the same batches, nothing new */
    assert_string_equal(newest(&f, second), second);
    assert_string_equal(batch(&f, NULL, first), "a ");
    assert_string_equal(batch(&f, first, second), "b\n{*} ");
    assert_string_equal(batch(&f, NULL, second), "a b\n{*} ");
}

static void
a_list_that_is_no_batch_yet_is_the_next_one(void **state)
{
    (void)state;
    struct folder f;
    struct error err = {0};
    assert_true(folder_open(&f, &err));
    put("in/a", "{}");
    const char *first = newest(&f, NULL);
    put("in/b", "{}");
    const char *second = newest(&f, first);
    put("in/c", "{}");
    assert_true(folder_open(&f, &err)); /* it died before the offsets of the second were written */
    assert_string_equal(newest(&f, first), second);
    assert_string_equal(batch(&f, first, second), "b ");
    assert_string_equal(newest(&f, second), "{\"logOffset\":2}");
}

static void
what_is_gone_or_damaged_is_named(void **state)
{
    (void)state;
    struct folder f;
    struct error err = {0};
    assert_true(folder_open(&f, &err));
    put("in/a", "{}");
    const char *first = newest(&f, NULL);
    assert_int_equal(remove(arena_printf(&arena, "%s/in/a", dir)), 0);
    assert_non_null(strstr(batch(&f, NULL, first), "in/a"));
    static const char *const texts[] = {"", "v2\n", "v1\n{\"path\":", "v1\n/plain/path"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put("sources/0/0", texts[i]);
        assert_false(folder_open(&f, &err));
        assert_non_null(strstr(error_text(&err), "sources/0/0"));
        error_clear(&err);
    }
}

/* From Kafka's own tests of murmur2. */
static void
a_keys_partition_is_that_of_java(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        int32_t hash;
    } known[] = {
        {"21", -973932308},
        {"abc", 479470107},
        {"foobar", -790332482},
        {"a-little-bit-long-string", -985981536},
        {"a-little-bit-longer-string", -1486304829},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct bytes key = {(const uint8_t *)known[i].key, strlen(known[i].key)};
        const int32_t positive = known[i].hash & 0x7fffffff;
        assert_int_equal(topics_partition_of(key, INT32_MAX), positive);
        assert_int_equal(topics_partition_of(key, 6), positive % 6);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_rate_counts_from_the_first_start, setup, teardown),
        cmocka_unit_test_setup_teardown(each_file_is_in_one_batch, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_that_is_no_batch_yet_is_the_next_one, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_gone_or_damaged_is_named, setup, teardown),
        cmocka_unit_test(a_keys_partition_is_that_of_java),
    };
    return cmocka_run_group_tests_name("stream/source", tests, NULL, NULL);
}
