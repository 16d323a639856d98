/* Texts inside plans: expr("a + 1"), selectExpr, spark.sql(...) as a relation. */
#include "plan/sql_text.h"

#include <string.h>

#if __has_include("sql/parse.h")
#include "sql/parse.h"

struct expr *
sql_text_expr(struct resolver *r, const char *text)
{
    return sql_parse_expr(r->arena, text, strlen(text), r->err);
}

struct rel *
sql_text_query(struct resolver *r, const char *text)
{
    return sql_parse_query(r->arena, text, strlen(text), r->err);
}
#else
struct expr *
sql_text_expr(struct resolver *r, const char *text)
{
    error_unsupported(r->err, "SQL text in expressions");
    return NULL;
}

struct rel *
sql_text_query(struct resolver *r, const char *text)
{
    error_unsupported(r->err, "SQL text");
    return NULL;
}
#endif
