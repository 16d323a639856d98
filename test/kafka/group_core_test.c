/* The group machine by itself: rounds, sessions, static members, who may commit, what is kept. */
#include "kafka/group_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kafka/errors.h"
#include "kafka/group_store.h"

/* A client with one join and one sync under way; what it was last told. */
struct client {
    char id[256];
    const char *instance;
    bool joined, synced; /* an answer came */
    int16_t join_error, sync_error;
    int32_t generation;
    bool leads, skip;
    int32_t members;
    char protocol[32];
    char assignment[32];
};

struct fixture {
    struct group_core core;
    int ids;
    int changes;
    int64_t now;
};

static void
on_join(void *ctx, void *token, const struct group_join_answer *a)
{
    struct client *c = token;
    (void)ctx;
    c->joined = true;
    c->join_error = a->error;
    snprintf(c->id, sizeof c->id, "%s", a->member_id);
    c->leads = false;
    c->skip = a->skip_assignment;
    if (a->group != NULL) {
        c->generation = a->group->generation;
        c->leads = a->with_members;
        c->members = a->with_members ? (int32_t)a->group->member_count : 0;
        snprintf(c->protocol, sizeof c->protocol, "%s", a->group->protocol);
    }
}

static void
on_sync(void *ctx, void *token, int16_t error, const struct group *g, struct bytes assignment)
{
    struct client *c = token;
    (void)ctx;
    (void)g;
    c->synced = true;
    c->sync_error = error;
    snprintf(c->assignment, sizeof c->assignment, "%.*s", (int)assignment.len,
             assignment.ptr != NULL ? (const char *)assignment.ptr : "");
}

static void
on_changed(void *ctx, const struct group *g)
{
    (void)g;
    ((struct fixture *)ctx)->changes++;
}

static void
on_new_id(void *ctx, char out[37])
{
    snprintf(out, 37, "id%d", ++((struct fixture *)ctx)->ids);
}

static int
setup(void **state)
{
    static const struct group_hooks hooks = {on_join, on_sync, on_changed, on_new_id};
    struct fixture *f = calloc(1, sizeof *f);
    f->now = 1000;
    group_core_init(&f->core, &hooks, f);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    group_core_release(&f->core);
    free(f);
    return 0;
}

static void
join_with(struct fixture *f, struct client *c, const char *protocols, int16_t version)
{
    struct group_protocol_view views[4];
    size_t count = 0;
    for (const char *p = protocols; *p != '\0'; p++) {
        views[count++] = (struct group_protocol_view){{(const uint8_t *)p, 1}, bytes_of("meta")};
    }
    const struct group_join in = {
        .group = bytes_of("g"),
        .member_id = bytes_of(c->id),
        .instance_id = bytes_of(c->instance),
        .protocol_type = bytes_of("consumer"),
        .client_id = bytes_of("c"),
        .client_host = "/127.0.0.1",
        .session_ms = 10000,
        .rebalance_ms = 60000,
        .protocols = views,
        .protocol_count = count,
        .version = version,
    };
    c->joined = false;
    group_core_join(&f->core, &in, c, f->now);
}

/* As clients do: the first answer may only be the id. */
static void
join(struct fixture *f, struct client *c)
{
    join_with(f, c, "rs", 9);
    if (c->joined && c->join_error == KE_MEMBER_ID_REQUIRED) {
        join_with(f, c, "rs", 9);
    }
}

static void
sync_group(struct fixture *f, struct client *c, struct client *all[], size_t count)
{
    struct group_assignment_view views[4];
    for (size_t i = 0; i < count; i++) {
        views[i] = (struct group_assignment_view){bytes_of(all[i]->id), bytes_of(i ? "p1" : "p0")};
    }
    const struct group_sync in = {
        .group = bytes_of("g"),
        .member_id = bytes_of(c->id),
        .instance_id = bytes_of(c->instance),
        .generation = c->generation,
        .assignments = views,
        .assignment_count = count,
    };
    c->synced = false;
    group_core_sync(&f->core, &in, c, f->now);
}

static int16_t
beat(struct fixture *f, struct client *c)
{
    return group_core_heartbeat(&f->core, bytes_of("g"), bytes_of(c->id), bytes_of(c->instance),
                                c->generation, f->now);
}

/* Two members, stable: a leads with p0, b follows with p1. */
static void
two_members(struct fixture *f, struct client *a, struct client *b)
{
    join(f, a);
    sync_group(f, a, (struct client *[]){a}, 1);
    join(f, b);
    assert_false(b->joined); /* waits for a */
    assert_int_equal(beat(f, a), KE_REBALANCE_IN_PROGRESS);
    join(f, a);
    assert_true(a->joined && b->joined);
    sync_group(f, b, NULL, 0);
    assert_false(b->synced); /* waits for the leader */
    sync_group(f, a, (struct client *[]){a, b}, 2);
    assert_true(a->synced && b->synced);
}

static void
a_new_member_is_told_its_id_first(void **state)
{
    struct fixture *f = *state;
    struct client c = {0}, old = {0};
    join_with(f, &c, "r", 4);
    assert_int_equal(c.join_error, KE_MEMBER_ID_REQUIRED);
    assert_string_equal(c.id, "c-id1");
    join_with(f, &c, "r", 4);
    assert_int_equal(c.join_error, KE_NONE);
    group_core_leave(&f->core, bytes_of("g"), bytes_of(c.id), (struct bytes){0}, f->now);
    join_with(f, &old, "r", 3);
    assert_int_equal(old.join_error, KE_NONE);
}

static void
two_members_get_what_the_leader_assigned(void **state)
{
    struct fixture *f = *state;
    struct client a = {0}, b = {0};
    two_members(f, &a, &b);
    assert_true(a.leads && !b.leads);
    assert_int_equal(a.members, 2);
    assert_int_equal(a.generation, 2);
    assert_int_equal(b.generation, 2);
    assert_string_equal(a.assignment, "p0");
    assert_string_equal(b.assignment, "p1");
    assert_int_equal(beat(f, &b), KE_NONE);
}

static void
the_protocol_is_one_that_all_list(void **state)
{
    struct fixture *f = *state;
    struct client a = {0}, b = {0}, c = {0};
    join_with(f, &a, "xyz", 3);
    sync_group(f, &a, (struct client *[]){&a}, 1);
    join_with(f, &b, "zy", 3);
    join_with(f, &a, "xyz", 3);
    assert_true(strcmp(a.protocol, "y") == 0 || strcmp(a.protocol, "z") == 0);
    assert_string_equal(a.protocol, b.protocol);
    join_with(f, &c, "x", 3);
    assert_int_equal(c.join_error, KE_INCONSISTENT_GROUP_PROTOCOL);
}

static void
a_silent_member_is_dropped_after_its_session(void **state)
{
    struct fixture *f = *state;
    struct client a = {0}, b = {0};
    two_members(f, &a, &b);
    f->now += 9000;
    assert_int_equal(beat(f, &a), KE_NONE);
    assert_int_equal(group_core_tick(&f->core, f->now), 11000);
    f->now += 2000;
    group_core_tick(&f->core, f->now);
    assert_int_equal(beat(f, &b), KE_UNKNOWN_MEMBER_ID);
    assert_int_equal(beat(f, &a), KE_REBALANCE_IN_PROGRESS);
    join(f, &a);
    assert_true(a.joined && a.leads);
    assert_int_equal(a.members, 1);
}

static void
who_does_not_rejoin_in_time_is_left_behind(void **state)
{
    struct fixture *f = *state;
    struct client a = {0}, b = {0}, c = {0};
    two_members(f, &a, &b);
    join(f, &c);
    join(f, &a);
    for (int i = 0; i < 6; i++) {
        f->now += 9999;
        beat(f, &b); /* alive, but it does not join */
        group_core_tick(&f->core, f->now);
    }
    assert_false(a.joined);
    f->now += 1000;
    group_core_tick(&f->core, f->now);
    assert_true(a.joined && c.joined);
    assert_int_equal(a.members + c.members, 2);
    assert_int_equal(beat(f, &b), KE_UNKNOWN_MEMBER_ID);
}

static void
a_static_member_comes_back_without_a_rebalance(void **state)
{
    struct fixture *f = *state;
    struct client a = {0}, b = {.instance = "i"};
    two_members(f, &a, &b);
    struct client again = {.instance = "i"};
    join_with(f, &again, "rs", 9);
    assert_true(again.joined);
    assert_int_equal(again.join_error, KE_NONE);
    assert_int_equal(again.generation, 2);
    assert_int_equal(beat(f, &a), KE_NONE);
    sync_group(f, &again, NULL, 0);
    assert_string_equal(again.assignment, "p1");
    assert_int_equal(beat(f, &b), KE_FENCED_INSTANCE_ID);
}

static void
leaving_starts_a_round_and_the_last_one_empties_the_group(void **state)
{
    struct fixture *f = *state;
    struct client a = {0}, b = {0};
    two_members(f, &a, &b);
    assert_int_equal(
        group_core_leave(&f->core, bytes_of("g"), bytes_of(b.id), (struct bytes){0}, f->now),
        KE_NONE);
    assert_int_equal(beat(f, &a), KE_REBALANCE_IN_PROGRESS);
    group_core_leave(&f->core, bytes_of("g"), bytes_of(a.id), (struct bytes){0}, f->now);
    assert_int_equal(group_find(&f->core, bytes_of("g"))->state, GROUP_EMPTY);
    group_core_tick(&f->core, f->now);
    assert_null(group_find(&f->core, bytes_of("g")));
}

static void
commits_need_the_generation_unless_nobody_is_there(void **state)
{
    struct fixture *f = *state;
    struct client a = {0};
    const struct bytes g = bytes_of("g"), none = {0};
    assert_int_equal(group_core_commit_check(&f->core, g, bytes_of(""), none, -1, f->now), KE_NONE);
    join(f, &a);
    sync_group(f, &a, (struct client *[]){&a}, 1);
    assert_int_equal(group_core_commit_check(&f->core, g, bytes_of(a.id), none, 1, f->now),
                     KE_NONE);
    assert_int_equal(group_core_commit_check(&f->core, g, bytes_of(a.id), none, 0, f->now),
                     KE_ILLEGAL_GENERATION);
    assert_int_equal(group_core_commit_check(&f->core, g, bytes_of("x"), none, 1, f->now),
                     KE_UNKNOWN_MEMBER_ID);
    assert_int_equal(group_core_commit_check(&f->core, g, bytes_of(""), none, -1, f->now),
                     KE_UNKNOWN_MEMBER_ID);
}

static void
a_parked_asker_that_goes_is_never_answered(void **state)
{
    struct fixture *f = *state;
    struct client a = {0}, b = {0};
    join(f, &a);
    sync_group(f, &a, (struct client *[]){&a}, 1);
    join(f, &b);
    group_core_forget_token(&f->core, bytes_of("g"), &b);
    join(f, &a);
    assert_false(a.joined); /* b may still come back */
    f->now += 10001;
    group_core_tick(&f->core, f->now);
    assert_true(a.joined);
    assert_int_equal(a.members, 1);
    assert_false(b.joined);
}

static void
what_was_kept_comes_back(void **state)
{
    struct fixture *f = *state;
    struct client a = {0}, b = {.instance = "i"};
    two_members(f, &a, &b);
    struct group *g = group_find(&f->core, bytes_of("g"));
    const struct group_offset offset = {.offset = 42, .leader_epoch = 3, .metadata = (char *)"m"};
    struct group_record records[2];
    group_record_group(&records[0], g, false, 5);
    group_record_offset(&records[1], bytes_of("g"), bytes_of("t"), 7, &offset);

    struct group_core copy;
    group_core_init(&copy, &f->core.hooks, f);
    for (int i = 0; i < 2; i++) {
        assert_true(
            group_record_apply(&copy, (struct bytes){records[i].key.ptr, records[i].key.len},
                               (struct bytes){records[i].value.ptr, records[i].value.len}, f->now));
        group_record_release(&records[i]);
    }
    assert_int_equal(
        group_core_heartbeat(&copy, bytes_of("g"), bytes_of(b.id), bytes_of("i"), 2, f->now),
        KE_NONE);
    const struct group_offset *found =
        group_offset_find(group_find(&copy, bytes_of("g")), bytes_of("t"), 7);
    assert_int_equal(found->offset, 42);
    assert_string_equal(found->metadata, "m");
    group_record_offset(&records[0], bytes_of("g"), bytes_of("t"), 7, NULL);
    group_record_apply(&copy, (struct bytes){records[0].key.ptr, records[0].key.len},
                       (struct bytes){0}, f->now);
    assert_null(group_offset_find(group_find(&copy, bytes_of("g")), bytes_of("t"), 7));
    group_record_release(&records[0]);
    group_core_release(&copy);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_member_is_told_its_id_first),
        TEST(two_members_get_what_the_leader_assigned),
        TEST(the_protocol_is_one_that_all_list),
        TEST(a_silent_member_is_dropped_after_its_session),
        TEST(who_does_not_rejoin_in_time_is_left_behind),
        TEST(a_static_member_comes_back_without_a_rebalance),
        TEST(leaving_starts_a_round_and_the_last_one_empties_the_group),
        TEST(commits_need_the_generation_unless_nobody_is_there),
        TEST(a_parked_asker_that_goes_is_never_answered),
        TEST(what_was_kept_comes_back),
    };
    return cmocka_run_group_tests_name("kafka/group_core", tests, NULL, NULL);
}
