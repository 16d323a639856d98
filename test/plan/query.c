#include "query.h"

#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "exec/exec.h"
#include "sql/parse.h"
#include "tree/literal_text.h"

static struct catalog_table *
find_table(void *ctx, struct arena *a, const char *const *names, uint32_t count, struct error *err)
{
    struct query *q = ctx;
    if (q->data_dir == NULL) {
        return NULL;
    }
    const char *path = arena_printf(a, "%s/%s.parquet", q->data_dir, names[count - 1]);
    if (access(path, R_OK) != 0) {
        return NULL;
    }
    const char **paths = arena_new_array(a, const char *, 1);
    paths[0] = path;
    struct catalog_table *t = arena_new(a, struct catalog_table);
    t->name = arena_copy(a, names, sizeof *names * count);
    t->name_count = count;
    t->format = "parquet";
    t->paths = paths;
    t->path_count = 1;
    return t;
}

static const char *
find_setting(void *ctx, struct arena *a, const char *key)
{
    struct query *q = ctx;
    return strcmp(key, "spark.weir.optimizer.excludedPasses") == 0 ? q->excluded : NULL;
}

void
query_init(struct query *q)
{
    *q = (struct query){0};
    arena_init(&q->arena, NULL);
    q->session = (struct func_session){
        .ansi = true,
        .legacy_decimal_precision_loss = true,
        .zone = "UTC",
        .user = "tester",
        .database = "default",
        .catalog = "spark_catalog",
    };
    q->catalog = (struct plan_catalog){.ctx = q, .table = find_table, .conf = find_setting};
    q->context = (struct plan_context){
        .arena = &q->arena, .session = &q->session, .catalog = &q->catalog, .env = &env_real};
}

void
query_release(struct query *q)
{
    error_clear(&q->err);
    arena_release(&q->arena);
}

struct rel *
query_resolve(struct query *q, const char *sql)
{
    error_clear(&q->err);
    struct rel *u = sql_parse_query(&q->arena, sql, strlen(sql), &q->err);
    if (u == NULL) {
        return NULL;
    }
    q->context.sql_text = sql;
    return plan_resolve(&q->context, u, &q->err);
}

struct rel *
query_optimize(struct query *q, const char *sql)
{
    struct rel *resolved = query_resolve(q, sql);
    q->plan = resolved != NULL ? plan_optimize(&q->context, resolved, &q->err) : NULL;
    return q->plan;
}

const char *
query_text(struct query *q, const struct rel *rel)
{
    struct buffer b = {0};
    rel_put_tree(&b, rel);
    const char *text = arena_strdup(&q->arena, buffer_text(&b));
    buffer_release(&b);
    return text;
}

struct collected {
    struct buffer text;
};

static bool
collect_chunk(void *ctx, const struct chunk *c, struct error *err)
{
    struct collected *rows = ctx;
    struct arena scratch;
    arena_init(&scratch, NULL);
    for (uint32_t i = 0; i < c->sel_n; i++) {
        for (uint32_t k = 0; k < c->col_count; k++) {
            const struct datum d = vec_datum(&c->cols[k], chunk_row(c, i), &scratch);
            buffer_puts(&rows->text, k > 0 ? "|" : "");
            literal_put(&rows->text, &d);
        }
        buffer_puts(&rows->text, "\n");
    }
    arena_release(&scratch);
    return true;
}

const char *
query_rows(struct query *q, const char *sql)
{
    struct rel *plan = query_optimize(q, sql);
    if (plan == NULL) {
        return NULL;
    }
    struct budget budget;
    budget_init(&budget, "test", 0, NULL);
    _Atomic bool cancel = false;
    struct exec_context ctx = {
        .budget = &budget,
        .env = &env_real,
        .session = &q->session,
        .threads = 2,
        .cancel = &cancel,
    };
    struct collected rows = {{0}};
    const struct exec_sink sink = {collect_chunk, &rows};
    const bool ok = exec_run(plan, &ctx, &sink, &q->err);
    const char *text = ok ? arena_strdup(&q->arena, buffer_text(&rows.text)) : NULL;
    buffer_release(&rows.text);
    return text;
}
