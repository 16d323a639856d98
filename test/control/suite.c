/* The list of tests. Each opens a store of its own; what needs time polls with a deadline. */
#include "suite.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DEADLINE_MS = 20000, STEP_MS = 5 };

struct fixture {
    const struct suite_backend *backend;
    struct control *c;
    struct error err;
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->backend = *state;
    f->c = f->backend->open(f->backend->ctx);
    *state = f;
    return f->c != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    f->backend->close(f->backend->ctx, f->c);
    error_clear(&f->err);
    free(f);
    return 0;
}

static bool
put(struct fixture *f, const char *key, const char *value, uint64_t expected)
{
    const struct control_change change = {
        .key = key,
        .version_expected = expected,
        .value = value,
        .len = value ? strlen(value) : 0,
    };
    error_clear(&f->err);
    return control_apply(f->c, &change, 1, NULL, &f->err);
}

static uint64_t
version_of(struct fixture *f, const char *key)
{
    uint64_t version = 0;
    error_clear(&f->err);
    assert_true(control_get(f->c, key, NULL, &version, &f->err));
    return version;
}

static bool
holds(struct fixture *f, const char *key, const char *value)
{
    struct buffer got = {0};
    uint64_t version;
    error_clear(&f->err);
    assert_true(control_get(f->c, key, &got, &version, &f->err));
    const bool same = version != 0 && strcmp(buffer_text(&got), value) == 0;
    buffer_release(&got);
    return same;
}

static void
a_change_needs_the_version_that_is_there(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(version_of(f, "a"), 0);
    assert_true(put(f, "a", "1", 0));
    assert_false(put(f, "a", "2", 0));
    assert_int_equal(f->err.code, CONTROL_CONFLICT);
    const uint64_t version = version_of(f, "a");
    assert_true(put(f, "a", "2", version));
    assert_false(put(f, "a", "3", version));
    assert_true(holds(f, "a", "2"));
}

static void
several_keys_change_together_or_not_at_all(void **state)
{
    struct fixture *f = *state;
    assert_true(put(f, "b", "1", 0));
    const struct control_change changes[] = {
        {.key = "a", .value = "x", .len = 1},
        {.key = "b", .value = "x", .len = 1, .version_expected = 0},
    };
    assert_false(control_apply(f->c, changes, 2, NULL, &f->err));
    assert_int_equal(f->err.code, CONTROL_CONFLICT);
    assert_int_equal(version_of(f, "a"), 0);
}

static void
an_apply_tells_the_version_that_its_keys_have(void **state)
{
    struct fixture *f = *state;
    const struct control_change changes[] = {
        {.key = "a", .value = "x", .len = 1},
        {.key = "b", .value = "y", .len = 1},
    };
    uint64_t version = 0;
    assert_true(control_apply(f->c, changes, 2, &version, &f->err));
    assert_int_equal(version_of(f, "a"), version);
    assert_int_equal(version_of(f, "b"), version);
}

static void
a_check_fences_a_change_and_changes_nothing(void **state)
{
    struct fixture *f = *state;
    assert_true(put(f, "controller", "1", 0));
    const uint64_t term = version_of(f, "controller");
    struct control_change changes[] = {
        {.key = "controller", .check_only = true, .version_expected = term},
        {.key = "leader", .value = "n1", .len = 2},
    };
    assert_true(control_apply(f->c, changes, 2, NULL, &f->err));
    assert_int_equal(version_of(f, "controller"), term);
    assert_true(holds(f, "controller", "1"));
    assert_true(put(f, "controller", "2", term));
    changes[1].version_expected = version_of(f, "leader");
    assert_false(control_apply(f->c, changes, 2, NULL, &f->err));
    assert_int_equal(f->err.code, CONTROL_CONFLICT);
    assert_true(control_get(f->c, "leader", NULL, &changes[1].version_expected,
                            (error_clear(&f->err), &f->err)));
}

static void
a_version_grows_also_over_a_removal(void **state)
{
    struct fixture *f = *state;
    assert_true(put(f, "a", "1", 0));
    const uint64_t first = version_of(f, "a");
    assert_true(put(f, "a", NULL, first));
    assert_int_equal(version_of(f, "a"), 0);
    assert_true(put(f, "a", "1", 0));
    assert_true(version_of(f, "a") > first);
    assert_false(put(f, "a", "2", first));
}

static void
any_bytes_come_back_as_they_were(void **state)
{
    struct fixture *f = *state;
    enum { BIG = CONTROL_VALUE_BYTES_MAX };
    uint8_t *bytes = malloc(BIG);
    for (size_t i = 0; i < BIG; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    }
    static const size_t lengths[] = {0, 1, 2, 3, 4, 255, BIG};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char key[32];
        snprintf(key, sizeof key, "bytes/\x01\xc3\xa4 %zu", i);
        const struct control_change change = {.key = key, .value = bytes, .len = lengths[i]};
        assert_true(control_apply(f->c, &change, 1, NULL, &f->err));
        struct buffer got = {0};
        uint64_t version;
        assert_true(control_get(f->c, key, &got, &version, &f->err));
        assert_true(version != 0);
        assert_int_equal(got.len, lengths[i]);
        assert_true(got.len == 0 || memcmp(got.ptr, bytes, got.len) == 0);
        buffer_release(&got);
    }
    free(bytes);
}

static void
what_is_too_much_is_refused_before_it_is_sent(void **state)
{
    struct fixture *f = *state;
    static const char big[CONTROL_VALUE_BYTES_MAX + 1];
    char keys[CONTROL_CHANGES_MAX + 1][16];
    struct control_change changes[CONTROL_CHANGES_MAX + 1];
    for (size_t i = 0; i <= CONTROL_CHANGES_MAX; i++) {
        snprintf(keys[i], sizeof keys[i], "k%zu", i);
        changes[i] = (struct control_change){.key = keys[i], .value = "v", .len = 1};
    }
    assert_false(control_apply(f->c, changes, CONTROL_CHANGES_MAX + 1, NULL, &f->err));
    assert_int_equal(f->err.kind, ERROR_ARGUMENT);
    error_clear(&f->err);
    assert_true(control_apply(f->c, changes, CONTROL_CHANGES_MAX, NULL, &f->err));
    const struct control_change twice[] = {{.key = "t", .value = "v", .len = 1},
                                           {.key = "t", .value = "w", .len = 1}};
    assert_false(control_apply(f->c, twice, 2, NULL, &f->err));
    assert_int_equal(f->err.kind, ERROR_ARGUMENT);
    error_clear(&f->err);
    const struct control_change large = {.key = "l", .value = big, .len = sizeof big};
    assert_false(control_apply(f->c, &large, 1, NULL, &f->err));
    assert_int_equal(f->err.kind, ERROR_ARGUMENT);
    error_clear(&f->err);
    const struct control_change together[] = {{.key = "l", .value = big, .len = sizeof big - 1},
                                              {.key = "m", .value = big, .len = sizeof big / 2}};
    assert_false(control_apply(f->c, together, 2, NULL, &f->err));
    assert_int_equal(f->err.kind, ERROR_ARGUMENT);
}

struct listed {
    char last[64];
    size_t count;
    bool in_order;
};

static void
count_listed(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    struct listed *l = ctx;
    l->in_order &= strcmp(l->last, key) < 0 && value.len == 1 && version > 0;
    snprintf(l->last, sizeof l->last, "%s", key);
    l->count++;
}

static void
a_list_has_all_keys_of_its_prefix_in_order(void **state)
{
    struct fixture *f = *state;
    enum { COUNT = 2300, STEP = 100 }; /* more than a page of etcd's */
    for (size_t i = 0; i < COUNT; i += STEP) {
        char keys[STEP][32];
        struct control_change changes[STEP];
        for (size_t j = 0; j < STEP; j++) {
            snprintf(keys[j], sizeof keys[j], "list/%06zu", COUNT - 1 - i - j);
            changes[j] = (struct control_change){.key = keys[j], .value = "v", .len = 1};
        }
        assert_true(control_apply(f->c, changes, STEP, NULL, &f->err));
    }
    assert_true(put(f, "lis", "v", 0));
    assert_true(put(f, "list0", "v", 0));
    struct listed l = {.in_order = true};
    assert_true(control_list(f->c, "list/", count_listed, &l, &f->err));
    assert_int_equal(l.count, COUNT);
    assert_true(l.in_order);
    l = (struct listed){.in_order = true};
    assert_true(control_list(f->c, "", count_listed, &l, &f->err));
    assert_int_equal(l.count, COUNT + 2);
    assert_true(l.in_order);
}

/* What a watcher saw, as text: "+key=value " and "-key ". */
struct seen {
    pthread_mutex_t lock;
    struct buffer text;
    uint64_t last_version;
    bool in_order;
};

static void
seen_add(void *ctx, const char *key, struct bytes value, uint64_t version)
{
    struct seen *s = ctx;
    pthread_mutex_lock(&s->lock);
    if (value.ptr == NULL) {
        buffer_printf(&s->text, "-%s ", key);
    } else {
        buffer_printf(&s->text, "+%s=%.*s ", key, (int)value.len, (const char *)value.ptr);
    }
    s->in_order &= version >= s->last_version;
    s->last_version = version;
    pthread_mutex_unlock(&s->lock);
}

static bool
seen_is(struct seen *s, const char *text)
{
    pthread_mutex_lock(&s->lock);
    const bool same = strcmp(buffer_text(&s->text), text) == 0;
    pthread_mutex_unlock(&s->lock);
    return same;
}

static void
wait_seen(struct fixture *f, struct seen *s, const char *text)
{
    for (int i = 0; !seen_is(s, text); i++) {
        if (i == DEADLINE_MS / STEP_MS) {
            fail_msg("seen \"%s\" and not \"%s\"", buffer_text(&s->text), text);
        }
        f->backend->pass(f->backend->ctx, STEP_MS);
    }
}

static void
a_watch_tells_what_is_there_and_then_each_change(void **state)
{
    struct fixture *f = *state;
    struct seen s = {.lock = PTHREAD_MUTEX_INITIALIZER};
    assert_true(put(f, "w/1", "a", 0));
    assert_true(put(f, "v/1", "a", 0));
    struct control_watch *w = control_watch(f->c, "w/", seen_add, &s, &f->err);
    assert_non_null(w);
    assert_true(seen_is(&s, "+w/1=a "));
    s.in_order = true;
    s.last_version = 0;
    assert_true(put(f, "w/2", "b", 0));
    assert_true(put(f, "v/2", "b", 0));
    assert_true(put(f, "w/1", "", version_of(f, "w/1")));
    assert_true(put(f, "w/2", NULL, version_of(f, "w/2")));
    wait_seen(f, &s, "+w/1=a +w/2=b +w/1= -w/2 ");
    assert_true(s.in_order);
    control_watch_end(f->c, w);
    assert_true(put(f, "w/3", "c", 0));
    assert_true(seen_is(&s, "+w/1=a +w/2=b +w/1= -w/2 "));
    buffer_release(&s.text);
}

static void
an_ended_lease_takes_its_keys_and_watchers_see_that(void **state)
{
    struct fixture *f = *state;
    struct seen s = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct control_watch *w = control_watch(f->c, "node/", seen_add, &s, &f->err);
    uint64_t lease;
    assert_true(control_lease_grant(f->c, 60000, &lease, &f->err));
    const struct control_change changes[] = {
        {.key = "node/1", .value = "x", .len = 1, .lease = lease},
        {.key = "node/stays", .value = "y", .len = 1},
    };
    assert_true(control_apply(f->c, &changes[0], 1, NULL, &f->err));
    assert_true(control_apply(f->c, &changes[1], 1, NULL, &f->err));
    assert_true(control_lease_keep(f->c, lease, &f->err));
    assert_true(control_lease_end(f->c, lease, &f->err));
    wait_seen(f, &s, "+node/1=x +node/stays=y -node/1 ");
    assert_false(control_lease_keep(f->c, lease, &f->err));
    assert_int_equal(f->err.code, CONTROL_LEASE_ENDED);
    assert_int_equal(version_of(f, "node/1"), 0);
    const struct control_change late = {.key = "node/2", .value = "x", .len = 1, .lease = lease};
    assert_false(control_apply(f->c, &late, 1, NULL, &f->err));
    control_watch_end(f->c, w);
    buffer_release(&s.text);
}

static void
a_lease_that_nobody_keeps_ends_and_a_kept_one_does_not(void **state)
{
    struct fixture *f = *state;
    uint64_t lost, kept;
    assert_true(control_lease_grant(f->c, 1000, &lost, &f->err));
    assert_true(control_lease_grant(f->c, 60000, &kept, &f->err));
    const struct control_change changes[] = {
        {.key = "lost", .value = "x", .len = 1, .lease = lost},
        {.key = "kept", .value = "x", .len = 1, .lease = kept},
    };
    assert_true(control_apply(f->c, changes, 2, NULL, &f->err));
    for (int i = 0; version_of(f, "lost") != 0; i++) {
        assert_true(i < DEADLINE_MS / STEP_MS);
        assert_true(control_lease_keep(f->c, kept, &f->err));
        f->backend->pass(f->backend->ctx, STEP_MS);
    }
    assert_true(version_of(f, "kept") != 0);
}

/* Threads that raise one number, each through a handle of its own where there are such. */
enum { RAISERS = 4, RAISES = 25 };

struct raiser {
    struct fixture *f;
    uint64_t got[RAISES];
    bool failed;
};

static void *
raise_main(void *ctx)
{
    struct raiser *r = ctx;
    struct fixture *f = r->f;
    struct control *c = f->backend->again != NULL ? f->backend->again(f->backend->ctx) : f->c;
    struct error err = {0};
    for (int i = 0; i < RAISES; i++) {
        r->failed |= !control_raise(c, "number", &r->got[i], &err);
    }
    if (c != f->c) {
        control_close(c);
    }
    error_clear(&err);
    return NULL;
}

static void
numbers_raised_by_several_are_all_different(void **state)
{
    struct fixture *f = *state;
    const int count = f->backend->threads ? RAISERS : 1;
    struct raiser raisers[RAISERS] = {0};
    pthread_t threads[RAISERS];
    for (int i = 0; i < count; i++) {
        raisers[i].f = f;
        assert_int_equal(pthread_create(&threads[i], NULL, raise_main, &raisers[i]), 0);
    }
    bool had[RAISERS * RAISES + 1] = {false};
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        assert_false(raisers[i].failed);
        for (int j = 0; j < RAISES; j++) {
            const uint64_t number = raisers[i].got[j];
            assert_true(number >= 1 && number <= (uint64_t)(count * RAISES) && !had[number]);
            had[number] = true;
        }
    }
}

#define TEST(fn) cmocka_unit_test_prestate_setup_teardown(fn, setup, teardown, (void *)backend)

int
suite_run(const struct suite_backend *backend)
{
    const struct CMUnitTest tests[] = {
        TEST(a_change_needs_the_version_that_is_there),
        TEST(several_keys_change_together_or_not_at_all),
        TEST(an_apply_tells_the_version_that_its_keys_have),
        TEST(a_check_fences_a_change_and_changes_nothing),
        TEST(a_version_grows_also_over_a_removal),
        TEST(any_bytes_come_back_as_they_were),
        TEST(what_is_too_much_is_refused_before_it_is_sent),
        TEST(a_list_has_all_keys_of_its_prefix_in_order),
        TEST(a_watch_tells_what_is_there_and_then_each_change),
        TEST(an_ended_lease_takes_its_keys_and_watchers_see_that),
        TEST(a_lease_that_nobody_keeps_ends_and_a_kept_one_does_not),
        TEST(numbers_raised_by_several_are_all_different),
    };
    return cmocka_run_group_tests_name(backend->name, tests, NULL, NULL);
}
