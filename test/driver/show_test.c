/* df.show() against tables that Spark printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "driver/show.h"

struct fixture {
    struct arena arena;
    struct eval eval;
    struct chunk chunk;
    const struct type *schema;
    struct buffer out;
};

static int
setup(void **state)
{
    static struct fixture f;
    f = (struct fixture){0};
    arena_init(&f.arena, NULL);
    f.eval.tmp = &f.arena;
    struct type_field fields[] = {
        {"id", type_scalar(TYPE_LONG), true, NULL},
        {"name", type_scalar(TYPE_STRING), true, NULL},
        {"tags", type_array(&f.arena, type_scalar(TYPE_STRING), true), true, NULL},
    };
    f.schema = type_struct(&f.arena, fields, 3);
    chunk_init(&f.chunk, &f.arena, f.schema, 2);
    f.chunk.sel_n = 2;
    struct vec *cols = f.chunk.cols;
    ((int64_t *)cols[0].data)[0] = 1;
    vec_set_null(&cols[0], &f.arena, 1);
    ((struct view *)cols[1].data)[0] = view_make("\xe6\x97\xa5\xe6\x9c\xac", 6);
    ((struct view *)cols[1].data)[1] = view_make("a rather long\ttext", 18);
    vec_init_flat(&cols[2].child[0], &f.arena, type_scalar(TYPE_STRING), 2);
    ((struct view *)cols[2].child[0].data)[0] = view_make("x", 1);
    vec_set_null(&cols[2].child[0], &f.arena, 1);
    ((struct list_range *)cols[2].data)[0] = (struct list_range){0, 2};
    ((struct list_range *)cols[2].data)[1] = (struct list_range){0, 0};
    *state = &f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    buffer_release(&f->out);
    arena_release(&f->arena);
    return 0;
}

static const char *
shown(struct fixture *f, int64_t rows, int32_t truncate, bool vertical, bool html)
{
    struct show show;
    struct error err = {0};
    show_init(&show, &f->arena, f->schema, rows, truncate, vertical, html);
    assert_true(show_add(&show, &f->eval, &f->chunk, &err));
    show_finish(&show, &f->out);
    return buffer_text(&f->out);
}

static void
wide_characters_count_twice_and_cells_are_cut(void **state)
{
    assert_string_equal(shown(*state, 20, 10, false, false), "+----+----------+---------+\n"
                                                             "|  id|      name|     tags|\n"
                                                             "+----+----------+---------+\n"
                                                             "|   1|      \xe6\x97\xa5\xe6\x9c\xac|"
                                                             "[x, NULL]|\n"
                                                             "|NULL|a rathe...|       []|\n"
                                                             "+----+----------+---------+\n");
}

static void
whole_cells_stand_left_and_the_rest_is_counted(void **state)
{
    assert_string_equal(shown(*state, 1, 0, false, false),
                        "+---+----+---------+\n"
                        "|id |name|tags     |\n"
                        "+---+----+---------+\n"
                        "|1  |\xe6\x97\xa5\xe6\x9c\xac|[x, NULL]|\n"
                        "+---+----+---------+\n"
                        "only showing top 1 row\n");
}

static void
vertical_rows_are_records(void **state)
{
    assert_string_equal(shown(*state, 20, 6, true, false), "-RECORD 0------\n"
                                                           " id   | 1      \n"
                                                           " name | \xe6\x97\xa5\xe6\x9c\xac   \n"
                                                           " tags | [x,... \n"
                                                           "-RECORD 1------\n"
                                                           " id   | NULL   \n"
                                                           " name | a r... \n"
                                                           " tags | []     \n");
}

static void
html_is_escaped(void **state)
{
    struct fixture *f = *state;
    ((struct view *)f->chunk.cols[1].data)[0] = view_make("<b>", 3);
    assert_string_equal(shown(f, 1, 20, false, true),
                        "<table border='1'>\n<tr><th>id</th><th>name</th><th>tags</th></tr>\n"
                        "<tr><td>1</td><td>&lt;b&gt;</td><td>[x, NULL]</td></tr>\n</table>\n"
                        "only showing top 1 row\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(wide_characters_count_twice_and_cells_are_cut, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(whole_cells_stand_left_and_the_rest_is_counted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(vertical_rows_are_records, setup, teardown),
        cmocka_unit_test_setup_teardown(html_is_escaped, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
