/* What the parameters of lambdas are, for the planner that resolves their bodies. */
#include <string.h>

#include "func/bind.h"

static const struct type_field *
arg_field(const struct type *const *arg_types, uint32_t count, uint32_t arg, uint32_t field)
{
    if (arg >= count || arg_types[arg] == NULL || field >= arg_types[arg]->field_count) {
        return NULL;
    }
    return &arg_types[arg]->fields[field];
}

static bool
set_param(struct type_field *out, const char *name, const struct type_field *from, bool nullable)
{
    static const struct type_field unknown = {.name = "x", .nullable = true};
    out->type = from != NULL ? from->type : type_scalar(TYPE_NULL);
    out->nullable = from != NULL ? from->nullable || nullable : unknown.nullable;
    out->name = name;
    return true;
}

bool
func_lambda_params(const struct func_def *def, struct arena *a, const struct type *const *arg_types,
                   uint32_t arg_count, uint32_t lambda, uint32_t param_count,
                   struct type_field *out, struct error *err)
{
    const char *name = def->name;
    const bool map = strncmp(name, "map_", 4) == 0 || strncmp(name, "transform_", 10) == 0;
    const struct type_field index = {.name = "i", .type = type_scalar(TYPE_INT)};
    for (uint32_t i = 0; i < param_count; i++) {
        if (strcmp(name, "map_zip_with") == 0) { /* key, value of each map */
            set_param(&out[i], "x",
                      i == 0 ? arg_field(arg_types, arg_count, 0, 0)
                             : arg_field(arg_types, arg_count, i - 1, 1),
                      i > 0);
        } else if (map) {
            set_param(&out[i], "x", arg_field(arg_types, arg_count, 0, i), false);
        } else if (strcmp(name, "zip_with") == 0) {
            set_param(&out[i], "x", arg_field(arg_types, arg_count, i, 0), true);
        } else if (strcmp(name, "aggregate") == 0) {
            const struct type_field acc = {
                .name = "acc", .type = arg_count > 1 ? arg_types[1] : NULL, .nullable = true};
            set_param(&out[i], "x",
                      i == 0 ? (acc.type != NULL ? &acc : NULL)
                             : arg_field(arg_types, arg_count, 0, 0),
                      false);
        } else if (strcmp(name, "array_sort") == 0) {
            set_param(&out[i], "x", arg_field(arg_types, arg_count, 0, 0), false);
        } else {
            set_param(&out[i], "x", i == 0 ? arg_field(arg_types, arg_count, 0, 0) : &index, false);
        }
    }
    return true;
}
