/* SQL from outside, through every door of the parser; what parses must also print. */
#include <stdint.h>

#include "base/buffer.h"
#include "sql/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const char *text = (const char *)data;
    struct arena a;
    struct error err = {0};
    struct rel *query;
    struct command *command;
    arena_init(&a, NULL);
    if (sql_parse_statement(&a, text, len, &query, &command, &err) && query != NULL) {
        struct buffer out = {.limit = 1 << 20};
        rel_put_tree(&out, query);
        buffer_release(&out);
    }
    error_clear(&err);
    sql_parse_expr(&a, text, len, &err);
    error_clear(&err);
    const char **parts;
    struct sort_key *keys;
    uint32_t count;
    sql_parse_identifier(&a, text, len, &parts, &count, &err);
    error_clear(&err);
    sql_parse_order(&a, text, len, &keys, &count, &err);
    error_clear(&err);
    arena_release(&a);
    return 0;
}
