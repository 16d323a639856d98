/* Base64 at its edges, and answers as etcd 3.4 really gives them. */
#include "control/etcd_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
base64_is_rfc_4648s(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xff\xfe?>", "//4/Pg=="}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct buffer text = {0}, back = {0};
        base64_put(&text, pairs[i][0], strlen(pairs[i][0]));
        assert_string_equal(buffer_text(&text), pairs[i][1]);
        assert_true(base64_get(pairs[i][1], strlen(pairs[i][1]), &back));
        assert_string_equal(buffer_text(&back), pairs[i][0]);
        buffer_release(&text);
        buffer_release(&back);
    }
}

static void
what_is_not_base64_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"Z", "Zg=", "Zg", "Z===", "Zg=A", "Zm9v\n", "Zm 9"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buffer out = {0};
        assert_false(base64_get(texts[i], strlen(texts[i]), &out));
        buffer_release(&out);
    }
}

struct events {
    struct buffer text;
};

static bool
event(void *ctx, const struct etcd_kv *kv)
{
    struct events *e = ctx;
    buffer_printf(&e->text, "%s%.*s=%.*s@%llu ", kv->removed ? "-" : "", (int)kv->key.len,
                  (const char *)kv->key.ptr, (int)kv->value.len, (const char *)kv->value.ptr,
                  (unsigned long long)kv->mod_revision);
    return true;
}

static bool
read_text(const char *json, struct etcd_answer *answer, struct events *e)
{
    return etcd_answer_read((struct bytes){(const uint8_t *)json, strlen(json)}, answer,
                            e != NULL ? event : NULL, e);
}

static void
answers_are_read_as_etcd_gives_them(void **state)
{
    (void)state;
    struct etcd_answer a;
    struct events e = {0};
    assert_true(
        read_text("{\"header\":{\"cluster_id\":\"15118495548433857066\",\"revision\":\"2\"},"
                  "\"kvs\":[{\"key\":\"YQ==\",\"create_revision\":\"2\",\"mod_revision\":"
                  "\"2\",\"version\":\"1\",\"value\":\"YQ==\"}],\"more\":true,\"count\":\"1\"}",
                  &a, &e));
    assert_string_equal(buffer_text(&e.text), "a=a@2 ");
    assert_true(a.has_header && a.more && a.revision == 2);
    buffer_clear(&e.text);
    assert_true(read_text("{\"result\":{\"header\":{\"revision\":\"3\"},\"events\":[{\"type\":"
                          "\"DELETE\",\"kv\":{\"key\":\"YQ==\",\"mod_revision\":\"3\"}},{\"kv\":"
                          "{\"key\":\"Yg==\",\"mod_revision\":\"3\",\"value\":\"MQ==\"},\"type\":"
                          "\"PUT\"}]}}\n",
                          &a, &e));
    assert_string_equal(buffer_text(&e.text), "-a=@3 b=1@3 ");
    buffer_release(&e.text);
    assert_true(read_text(
        "{\"result\":{\"header\":{},\"canceled\":true,\"compact_revision\":\"3\"}}", &a, NULL));
    assert_true(a.canceled && a.compact_revision == 3);
    assert_true(read_text("{\"error\":\"etcdserver: requested lease not found\",\"message\":"
                          "\"etcdserver: requested lease not found\",\"code\":5}",
                          &a, NULL));
    assert_int_equal(a.code, 5);
    assert_string_equal(a.error, "etcdserver: requested lease not found");
    assert_true(read_text(
        "{\"error\":{\"grpc_code\":14,\"http_code\":503,\"message\":\"no leader\"}}", &a, NULL));
    assert_int_equal(a.code, 14);
    assert_string_equal(a.error, "no leader");
}

static void
broken_answers_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "{\"kvs\":[{\"key\":\"YQ=\"}]}",
        "{\"header\":{\"revision\":\"99999999999999999999999\"}}",
        "{\"result\":{\"header\":{}}} {}",
        "{\"events\":[{\"kv\":[]}]}",
        "{\"kvs\":[1]}",
        "{\"header\":{}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct etcd_answer a;
        struct events e = {0};
        assert_false(read_text(texts[i], &a, &e));
        buffer_release(&e.text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_rfc_4648s),
        cmocka_unit_test(what_is_not_base64_is_refused),
        cmocka_unit_test(answers_are_read_as_etcd_gives_them),
        cmocka_unit_test(broken_answers_are_refused),
    };
    return cmocka_run_group_tests_name("control/etcd_json", tests, NULL, NULL);
}
