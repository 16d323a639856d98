/* What the JSON scanner takes, what it refuses, and how escapes come out. */
#include "base/json_scan.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"

static bool
whole(const char *text, bool lenient)
{
    struct json_scan s;
    json_scan_init(&s, text, strlen(text), lenient);
    return json_skip(&s, NULL) && json_at_end(&s);
}

static void
takes_json(void **state)
{
    assert_true(
        whole("{\"a\": [1, -2.5e+3, \"x\\u00e4\\n\", true, false, null, {}], \"b\": []}", false));
    assert_true(whole(" 0 ", false));
    assert_true(whole("{'a': NaN, 'b': -Infinity}", true));
}

static void
refuses_what_is_not_json(void **state)
{
    static const char *const bad[] = {"",    "{",     "[1,",   "{\"a\"}",   "{\"a\":}",  "01",
                                      "1.",  "1e",    "\"a",   "\"\\x\"",   "\"\\u12\"", "tru",
                                      "nul", "truex", "[1 2]", "{\"a\" 1}", "\"\x01\"",  "'a'",
                                      "NaN", "-",     "[,1]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (whole(bad[i], false)) {
            fail_msg("taken: %s", bad[i]);
        }
    }
}

static void
depth_is_bounded(void **state)
{
    char text[3 * JSON_DEPTH_MAX];
    memset(text, '[', sizeof text);
    struct json_scan s;
    json_scan_init(&s, text, sizeof text, false);
    assert_false(json_skip(&s, NULL));
    assert_int_equal(s.depth, JSON_DEPTH_MAX);
}

static void
decodes_escapes(void **state)
{
    struct arena a;
    struct json_scan s;
    struct json_slice text;
    const char *input = "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00\\ud83dz\"";
    arena_init(&a, NULL);
    json_scan_init(&s, input, strlen(input), false);
    assert_true(json_text_take(&s, &text));
    text = json_decode(&a, text);
    assert_true(json_slice_is(text, "a\"\\/\b\f\n\r\t\u00e4\U0001f600?z"));
    arena_release(&a);
}

static void
walks_an_object(void **state)
{
    const char *input = "{\"x\": 12, \"y\": {\"z\": [1,2]}, \"w\": \"long enough for words\"}";
    struct json_scan s;
    struct json_slice key, value, all[3];
    int count = 0;
    json_scan_init(&s, input, strlen(input), false);
    for (bool first = json_object_begin(&s); json_object_next(&s, &first, &key);) {
        assert_true(json_skip(&s, &value));
        all[count++] = value;
    }
    assert_false(s.broken);
    assert_int_equal(count, 3);
    assert_true(json_slice_is(all[0], "12"));
    assert_true(json_slice_is(all[1], "{\"z\": [1,2]}"));
    assert_true(json_slice_is(all[2], "\"long enough for words\""));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_json),       cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(depth_is_bounded), cmocka_unit_test(decodes_escapes),
        cmocka_unit_test(walks_an_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
