/* The namespace machine: what records do, what they may not do, and that replay and snapshots give
 * the same namespace again. */
#include "names/namespace_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct bytes
text(const char *s)
{
    return (struct bytes){(const uint8_t *)s, strlen(s)};
}

struct freed {
    uint64_t ids[64];
    int count;
};

static void
freed_add(void *ctx, const struct ns_block *b)
{
    struct freed *f = ctx;
    if (f->count < 64) {
        f->ids[f->count++] = b->id;
    }
}

static bool
apply(struct namespace *ns, struct ns_record r)
{
    struct error err = {0};
    const bool ok = namespace_apply(ns, &r, &err);
    assert_int_equal(ok, !error_is_set(&err));
    error_clear(&err);
    return ok;
}

static bool
make(struct namespace *ns, enum ns_op op, uint64_t parent, const char *name, uint64_t id)
{
    return apply(ns, (struct ns_record){.op = op,
                                        .id = id,
                                        .parent = parent,
                                        .name = text(name),
                                        .owner = text("u"),
                                        .group = text("g"),
                                        .mode = 0644,
                                        .modified_ms = 5,
                                        .replication = 2,
                                        .block_bytes = 1 << 20,
                                        .holder = text("h")});
}

enum { FIRST = NS_ROOT_ID + 1 };

static void
folders_sort_and_sum(void **state)
{
    (void)state;
    struct namespace *ns = namespace_new("o", "g", NULL, NULL);
    assert_true(make(ns, NS_MKDIR, NS_ROOT_ID, "d", FIRST));
    assert_true(make(ns, NS_CREATE, FIRST, "b", FIRST + 1));
    assert_true(make(ns, NS_CREATE, FIRST, "a", FIRST + 2));
    assert_true(make(ns, NS_CREATE, FIRST, "ab", FIRST + 3));
    assert_true(make(ns, NS_CREATE, FIRST, "B", FIRST + 4));
    const struct inode *d = namespace_inode(ns, FIRST);
    const char *const want[] = {"B", "a", "ab", "b"};
    for (uint32_t i = 0; i < 4; i++) {
        assert_string_equal(d->children[i]->name, want[i]);
    }
    assert_int_equal(namespace_child_after(d, "a", 1), 2);
    assert_int_equal(namespace_child_after(d, "aa", 2), 2);
    const struct ns_block block = {NS_FIRST_BLOCK_ID, NS_FIRST_STAMP, 0},
                          full = {NS_FIRST_BLOCK_ID, NS_FIRST_STAMP, 1000};
    assert_true(apply(ns, (struct ns_record){.op = NS_BLOCK_ADD, .id = FIRST + 1, .block = block}));
    assert_true(apply(ns, (struct ns_record){.op = NS_CLOSE, .id = FIRST + 1, .block = full}));
    const struct ns_tally *t = &namespace_root(ns)->tally;
    assert_int_equal(t->files, 4);
    assert_int_equal(t->folders, 2);
    assert_int_equal(t->bytes, 1000);
    assert_int_equal(t->space, 2000);
    assert_true(apply(ns, (struct ns_record){.op = NS_DELETE, .id = FIRST}));
    assert_int_equal(t->files, 0);
    assert_int_equal(t->folders, 1);
    assert_int_equal(t->space, 0);
    assert_int_equal(namespace_inode_count(ns), 1);
    assert_int_equal(namespace_block_count(ns), 0);
    assert_null(namespace_open_files(ns));
    namespace_free(ns);
}

static void
what_does_not_fit_changes_nothing(void **state)
{
    (void)state;
    struct namespace *ns = namespace_new("o", "g", NULL, NULL);
    assert_true(make(ns, NS_MKDIR, NS_ROOT_ID, "d", FIRST));
    assert_true(make(ns, NS_MKDIR, FIRST, "e", FIRST + 1));
    assert_true(make(ns, NS_CREATE, FIRST, "f", FIRST + 2));
    const uint64_t before = namespace_digest(ns);
    assert_false(make(ns, NS_MKDIR, NS_ROOT_ID, "d", FIRST + 3)); /* the name is taken */
    assert_false(make(ns, NS_MKDIR, NS_ROOT_ID, "x", FIRST));     /* the id is */
    assert_false(make(ns, NS_MKDIR, FIRST + 2, "x", FIRST + 3));  /* below a file */
    assert_false(make(ns, NS_MKDIR, NS_ROOT_ID, "", FIRST + 3));
    assert_false(make(ns, NS_MKDIR, NS_ROOT_ID, "..", FIRST + 3));
    assert_false(make(ns, NS_MKDIR, NS_ROOT_ID, "a/b", FIRST + 3));
    assert_false(apply(ns, (struct ns_record){.op = NS_DELETE, .id = NS_ROOT_ID}));
    assert_false(apply(ns, (struct ns_record){.op = NS_RENAME,
                                              .id = FIRST, /* below itself */
                                              .parent = FIRST + 1,
                                              .name = text("x")}));
    assert_false(apply(
        ns,
        (struct ns_record){.op = NS_RENAME, .id = NS_ROOT_ID, .parent = FIRST, .name = text("x")}));
    assert_false(apply(ns, (struct ns_record){.op = NS_APPEND, .id = FIRST + 2})); /* open */
    assert_false(apply(ns, (struct ns_record){.op = NS_TRUNCATE, .id = FIRST + 2, .bytes = 1}));
    assert_false(apply(ns, (struct ns_record){.op = NS_SET_REPLICATION, .id = FIRST}));
    assert_false(apply(ns, (struct ns_record){.op = NS_CONCAT, .id = FIRST + 2}));
    assert_false(apply(ns, (struct ns_record){.op = NS_BLOCK_SET, .id = FIRST + 2}));
    assert_false(apply(
        ns,
        (struct ns_record){.op = NS_CLOSE, .id = FIRST + 2, .block = {NS_FIRST_BLOCK_ID, 1, 1}}));
    assert_true(namespace_digest(ns) == before);
    namespace_free(ns);
}

static void
file_with_blocks(struct namespace *ns, uint64_t id, const char *name, uint64_t first, int count,
                 int64_t last_bytes)
{
    assert_true(make(ns, NS_CREATE, NS_ROOT_ID, name, id));
    for (int i = 0; i < count; i++) {
        const struct ns_block b = {first + (uint64_t)i, NS_FIRST_STAMP, 1 << 20};
        assert_true(apply(ns, (struct ns_record){.op = NS_BLOCK_ADD, .id = id, .block = b}));
    }
    const struct ns_block last = {first + (uint64_t)count - 1, NS_FIRST_STAMP, last_bytes};
    assert_true(apply(ns, (struct ns_record){.op = NS_CLOSE, .id = id, .block = last}));
}

static void
truncation_frees_blocks_and_raises_the_stamp(void **state)
{
    (void)state;
    struct freed freed = {0};
    struct namespace *ns = namespace_new("o", "g", freed_add, &freed);
    const uint64_t b = NS_FIRST_BLOCK_ID;
    file_with_blocks(ns, FIRST, "f", b, 3, 7);
    const int64_t cut = (1 << 20) + 100;
    const struct ns_record wrong = {
        .op = NS_TRUNCATE, .id = FIRST, .bytes = cut, .block = {b + 2, 2000, 0}};
    assert_false(apply(ns, wrong)); /* the cut is inside another block */
    assert_int_equal(freed.count, 0);
    const struct ns_record right = {
        .op = NS_TRUNCATE, .id = FIRST, .bytes = cut, .block = {b + 1, 2000, 0}};
    assert_true(apply(ns, right));
    const struct inode *f = namespace_inode(ns, FIRST);
    assert_int_equal(f->count, 2);
    assert_int_equal(f->tally.bytes, cut);
    assert_int_equal(f->blocks[1].stamp, 2000);
    assert_int_equal(namespace_next_stamp(ns), 2001);
    assert_int_equal(freed.count, 1);
    assert_int_equal(freed.ids[0], b + 2);
    namespace_free(ns);
}

static void
cutting_an_open_file_drops_its_empty_block(void **state)
{
    (void)state;
    struct freed freed = {0};
    struct namespace *ns = namespace_new("o", "g", freed_add, &freed);
    const struct ns_block empty = {NS_FIRST_BLOCK_ID, NS_FIRST_STAMP, 0};
    assert_true(make(ns, NS_CREATE, NS_ROOT_ID, "f", FIRST));
    assert_true(apply(ns, (struct ns_record){.op = NS_BLOCK_ADD, .id = FIRST, .block = empty}));
    assert_true(apply(ns, (struct ns_record){.op = NS_TRUNCATE, .id = FIRST}));
    assert_int_equal(namespace_inode(ns, FIRST)->count, 0);
    assert_int_equal(freed.count, 1);
    assert_true(apply(ns, (struct ns_record){.op = NS_CLOSE, .id = FIRST}));
    namespace_free(ns);
}

static void
concat_moves_blocks_and_removes_the_sources(void **state)
{
    (void)state;
    struct freed freed = {0};
    struct namespace *ns = namespace_new("o", "g", freed_add, &freed);
    const uint64_t b = NS_FIRST_BLOCK_ID;
    file_with_blocks(ns, FIRST, "f", b, 1, 10);
    file_with_blocks(ns, FIRST + 1, "g", b + 10, 2, 20);
    struct buffer ids = {0};
    buffer_uvarint(&ids, FIRST + 1);
    struct ns_record r = {.op = NS_CONCAT, .id = FIRST, .ids = {ids.ptr, ids.len}};
    assert_true(apply(ns, r));
    assert_false(apply(ns, r)); /* the source is gone */
    buffer_uvarint(&ids, FIRST);
    assert_null(namespace_inode(ns, FIRST + 1));
    const struct inode *f = namespace_inode(ns, FIRST);
    assert_int_equal(f->tally.bytes, 10 + (1 << 20) + 20);
    uint32_t index = 99;
    assert_ptr_equal(namespace_block_file(ns, b + 11, &index), f);
    assert_int_equal(index, 2);
    assert_int_equal(freed.count, 0);
    assert_int_equal(namespace_root(ns)->tally.files, 1);
    buffer_release(&ids);
    namespace_free(ns);
}

static void
an_empty_last_block_goes_when_the_file_closes(void **state)
{
    (void)state;
    struct freed freed = {0};
    struct namespace *ns = namespace_new("o", "g", freed_add, &freed);
    file_with_blocks(ns, FIRST, "f", NS_FIRST_BLOCK_ID, 2, 0);
    assert_int_equal(namespace_inode(ns, FIRST)->count, 1);
    assert_int_equal(freed.count, 1);
    namespace_free(ns);
}

/* A xorshift: the test's own chance, with a seed. */
static uint64_t
chance(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static struct ns_record
random_record(struct namespace *ns, uint64_t *s, char name[4])
{
    static const struct ns_acl_entry entry = {false, NS_ACL_USER, "bob", 6};
    static struct buffer acl;
    if (acl.len == 0) {
        ns_acl_put(&acl, &entry, 1);
    }
    const uint64_t next = namespace_next_id(ns), all = next - NS_ROOT_ID;
    const uint64_t span = all < 40 ? all : 40; /* of the young, since the old are mostly gone */
    name[0] = (char)('a' + chance(s) % 6);
    name[1] = '\0';
    struct ns_record r = {
        .op = (enum ns_op)(NS_MKDIR + chance(s) % (NS_OP_COUNT - NS_MKDIR)),
        .id = next - 1 - chance(s) % span,
        .parent = chance(s) % 3 == 0 ? NS_ROOT_ID : next - 1 - chance(s) % span,
        .name = text(name),
        .owner = text(chance(s) % 2 ? "alice" : "bob"),
        .group = text("g"),
        .holder = text("writer"),
        .value = text("value"),
        .mode = (uint16_t)(chance(s) % 01000),
        .modified_ms = (int64_t)(chance(s) % 1000),
        .accessed_ms = 7,
        .block_bytes = 1 << 20,
        .replication = (uint8_t)(1 + chance(s) % 3),
        .bytes = (int64_t)(chance(s) % 3000000),
        .name_quota = (int64_t)(chance(s) % 9) - 1,
        .space_quota = -1,
        .acl = {acl.ptr, chance(s) % 2 ? acl.len : 0},
    };
    if (r.op == NS_DELETE && chance(s) % 8 != 0) {
        r.op = chance(s) % 2 ? NS_MKDIR : NS_CREATE;
    }
    if (r.op == NS_MKDIR || r.op == NS_CREATE) {
        r.id = next;
    }
    if (r.op == NS_BLOCK_ADD) {
        r.block = (struct ns_block){namespace_next_block(ns), namespace_next_stamp(ns), 0};
    } else if (r.op == NS_BLOCK_SET || r.op == NS_CLOSE || r.op == NS_TRUNCATE) {
        const struct inode *n = namespace_inode(ns, r.id);
        if (n != NULL && n->kind == INODE_FILE && n->count > 0) {
            r.block = n->blocks[n->count - 1];
            r.block.stamp += chance(s) % 2;
            r.block.bytes = (int64_t)(chance(s) % (1 << 20));
        }
    }
    return r;
}

static void
replay_and_snapshot_give_the_same_namespace(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    uint32_t applied = 0;
    struct namespace *live = namespace_new("o", "g", NULL, NULL);
    struct namespace *replayed = namespace_new("o", "g", NULL, NULL);
    for (int i = 0; i < 30000; i++) {
        char name[4];
        struct ns_record r = random_record(live, &seed, name), again;
        struct buffer bytes = {0};
        ns_record_put(&bytes, &r);
        assert_true(ns_record_read((struct bytes){bytes.ptr, bytes.len}, &again));
        const bool ok = apply(live, r);
        assert_int_equal(apply(replayed, again), ok);
        applied += ok;
        buffer_release(&bytes);
    }
    assert_true(applied > 5000);
    assert_true(namespace_digest(live) == namespace_digest(replayed));
    struct buffer snapshot = {0};
    struct error err = {0};
    namespace_snapshot_put(live, &snapshot);
    struct namespace *loaded = namespace_new("x", "y", NULL, NULL);
    assert_true(namespace_snapshot_read(loaded, (struct bytes){snapshot.ptr, snapshot.len}, &err));
    assert_true(namespace_digest(loaded) == namespace_digest(live));
    assert_memory_equal(&namespace_root(loaded)->tally, &namespace_root(live)->tally,
                        sizeof(struct ns_tally));
    assert_int_equal(namespace_block_count(loaded), namespace_block_count(live));
    buffer_release(&snapshot);
    namespace_free(loaded);
    namespace_free(live);
    namespace_free(replayed);
}

static void
every_prefix_of_a_record_is_refused(void **state)
{
    (void)state;
    const struct ns_record r = {.op = NS_CREATE,
                                .id = FIRST,
                                .parent = NS_ROOT_ID,
                                .name = text("name"),
                                .owner = text("o"),
                                .group = text("g"),
                                .holder = text("h"),
                                .block_bytes = 1 << 20,
                                .replication = 1};
    struct buffer bytes = {0};
    struct ns_record out;
    ns_record_put(&bytes, &r);
    for (size_t len = 0; len < bytes.len; len++) {
        assert_false(ns_record_read((struct bytes){bytes.ptr, len}, &out));
    }
    buffer_u8(&bytes, 0); /* and one byte too many */
    assert_false(ns_record_read((struct bytes){bytes.ptr, bytes.len}, &out));
    buffer_release(&bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_sort_and_sum),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(truncation_frees_blocks_and_raises_the_stamp),
        cmocka_unit_test(cutting_an_open_file_drops_its_empty_block),
        cmocka_unit_test(concat_moves_blocks_and_removes_the_sources),
        cmocka_unit_test(an_empty_last_block_goes_when_the_file_closes),
        cmocka_unit_test(replay_and_snapshot_give_the_same_namespace),
        cmocka_unit_test(every_prefix_of_a_record_is_refused),
    };
    return cmocka_run_group_tests_name("names/namespace", tests, NULL, NULL);
}
