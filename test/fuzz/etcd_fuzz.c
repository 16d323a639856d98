/* Answers of etcd's gateway and registrations: the readers on any bytes, and back and forth. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "control/etcd_json.h"
#include "control/member_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool
take(void *ctx, const struct etcd_kv *kv)
{
    size_t *sum = ctx;
    for (size_t i = 0; i < kv->key.len; i++) {
        *sum += kv->key.ptr[i];
    }
    for (size_t i = 0; i < kv->value.len; i++) {
        *sum += kv->value.ptr[i];
    }
    return *sum % 7 != 6;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct etcd_answer answer;
    size_t sum = 0;
    etcd_answer_read((struct bytes){data, len}, &answer, take, &sum);
    assert(memchr(answer.error, '\0', sizeof answer.error) != NULL);
    struct member member, again;
    struct buffer text = {0}, back = {0};
    if (member_record_read((struct bytes){data, len}, &member)) {
        member_record_put(&member, &text);
        assert(member_record_read((struct bytes){text.ptr, text.len}, &again) ||
               memchr(text.ptr, '\\', text.len) != NULL);
        buffer_clear(&text);
    }
    base64_put(&text, data, len);
    assert(base64_get((const char *)text.ptr, text.len, &back));
    assert(back.len == len && (len == 0 || memcmp(back.ptr, data, len) == 0));
    buffer_clear(&back);
    base64_get((const char *)data, len, &back);
    buffer_release(&text);
    buffer_release(&back);
    return 0;
}
