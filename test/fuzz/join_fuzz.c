/* Requests to join and their answers: any bytes. */
#include <stdlib.h>
#include <string.h>

#include "app/join.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct join_tokens tokens;
    static const uint8_t chance[16];
    if (tokens.tokens[0].text[0] == '\0') {
        join_token_make(&tokens, 0);
        /* A number that the corpus knows. */
        memcpy(tokens.tokens[0].text, "01234567", 8);
    }
    struct error err = {0};
    char key[65] = "";
    uint8_t got[16];
    struct node node;
    join_request_take(&tokens, (struct bytes){data, len}, 0, key, got, &err);
    error_clear(&err);
    join_answer_take(key, chance, (struct bytes){data, len}, &node, &err);
    error_clear(&err);
    return 0;
}
