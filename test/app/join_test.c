/* Join tokens: used once, within their time, by who knows the key. */
#include "app/join.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "net/frame_secret.h"

static const struct node facts = {.id = 101,
                                  .name = "n101",
                                  .cluster_id = "c",
                                  .secret = "s3cret",
                                  .host = "127.0.0.1",
                                  .etcd = "127.0.0.1:1,127.0.0.1:2"};

/* What join_cluster sends. */
static void
request_put(const char *token, const struct frame_nonces *n, struct buffer *out)
{
    uint8_t mac[FRAME_MAC_BYTES];
    frame_mac(token + 9, false, n, mac);
    buffer_lenbytes(out, token, 8);
    buffer_lenbytes(out, n->client, FRAME_NONCE_BYTES);
    buffer_lenbytes(out, mac, sizeof mac);
}

static bool
take(struct join_tokens *t, const struct buffer *request, int64_t now_ms, char key[65],
     uint8_t chance[16])
{
    struct error err = {0};
    const bool ok =
        join_request_take(t, (struct bytes){request->ptr, request->len}, now_ms, key, chance, &err);
    error_clear(&err);
    return ok;
}

static void
a_token_is_used_once_and_its_answer_opens_with_its_key(void **state)
{
    (void)state;
    static struct join_tokens t;
    char token[JOIN_TOKEN_TEXT], key[65];
    uint8_t chance[16];
    strcpy(token, join_token_make(&t, 0));
    struct frame_nonces n = {0};
    frame_nonce_make(n.client);
    struct buffer request = {0}, answer = {0};
    request_put(token, &n, &request);
    assert_true(take(&t, &request, 1000, key, chance));
    assert_string_equal(key, token + 9);
    assert_false(take(&t, &request, 1000, key, chance));

    join_answer_put(key, chance, &facts, &answer);
    struct node back;
    struct error err = {0};
    assert_true(
        join_answer_take(token + 9, n.client, (struct bytes){answer.ptr, answer.len}, &back, &err));
    assert_memory_equal(&back, &facts, sizeof back);
    for (size_t i = 0; i < answer.len; i++) { /* no bit of it may differ */
        answer.ptr[i] ^= 1;
        assert_false(join_answer_take(token + 9, n.client, (struct bytes){answer.ptr, answer.len},
                                      &back, &err));
        error_clear(&err);
        answer.ptr[i] ^= 1;
    }
    key[0] ^= 1;
    assert_false(
        join_answer_take(key, n.client, (struct bytes){answer.ptr, answer.len}, &back, &err));
    error_clear(&err);
    assert_null(memmem(answer.ptr, answer.len, facts.secret, strlen(facts.secret)));
    buffer_release(&request);
    buffer_release(&answer);
}

static void
a_wrong_key_uses_nothing_up_and_an_old_token_is_void(void **state)
{
    (void)state;
    static struct join_tokens t;
    char token[JOIN_TOKEN_TEXT], wrong[JOIN_TOKEN_TEXT], key[65];
    uint8_t chance[16];
    strcpy(token, join_token_make(&t, 0));
    strcpy(wrong, token);
    wrong[20] = wrong[20] == '0' ? '1' : '0';
    struct frame_nonces n = {0};
    struct buffer good = {0}, bad = {0};
    request_put(token, &n, &good);
    request_put(wrong, &n, &bad);
    assert_false(take(&t, &bad, 0, key, chance));
    assert_false(take(&t, &good, JOIN_TOKEN_MS + 1, key, chance));
    assert_true(take(&t, &good, JOIN_TOKEN_MS, key, chance));
    buffer_release(&good);
    buffer_release(&bad);
}

static void
the_oldest_token_gives_way(void **state)
{
    (void)state;
    static struct join_tokens t;
    char first[JOIN_TOKEN_TEXT], second[JOIN_TOKEN_TEXT], key[65];
    uint8_t chance[16];
    strcpy(first, join_token_make(&t, 0));
    strcpy(second, join_token_make(&t, 1));
    for (int i = 2; i <= JOIN_TOKENS_MAX; i++) {
        join_token_make(&t, i);
    }
    struct frame_nonces n = {0};
    struct buffer old = {0}, kept = {0};
    request_put(first, &n, &old);
    request_put(second, &n, &kept);
    assert_false(take(&t, &old, 100, key, chance));
    assert_true(take(&t, &kept, 100, key, chance));
    buffer_release(&old);
    buffer_release(&kept);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_used_once_and_its_answer_opens_with_its_key),
        cmocka_unit_test(a_wrong_key_uses_nothing_up_and_an_old_token_is_void),
        cmocka_unit_test(the_oldest_token_gives_way),
    };
    return cmocka_run_group_tests_name("app/join", tests, NULL, NULL);
}
