/* All functions by name: the families' tables and the aliases, gathered and sorted once. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "func/bind.h"

enum { FUNCS_MAX = 1024 };

struct entry {
    const char *name;
    const struct func_def *def;
};

static const struct {
    const char *alias;
    const char *name;
} aliases[] = {
#include "func/aliases.inc"
};

static const struct func_family *const families[] = {
#include "func/families.inc"
};

static struct entry by_name[FUNCS_MAX];
static uint32_t by_name_count;
static const struct func_def *all[FUNCS_MAX];
static uint32_t all_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int
entry_order(const void *x, const void *y)
{
    return strcmp(((const struct entry *)x)->name, ((const struct entry *)y)->name);
}

static int
def_order(const void *x, const void *y)
{
    return strcmp((*(const struct func_def *const *)x)->name,
                  (*(const struct func_def *const *)y)->name);
}

static const struct func_def *
find_linear(const char *name)
{
    for (uint32_t i = 0; i < all_count; i++) {
        if (strcmp(all[i]->name, name) == 0) {
            return all[i];
        }
    }
    return NULL;
}

static void
gather(void)
{
    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        for (uint32_t i = 0; i < families[f]->count && all_count < FUNCS_MAX; i++) {
            const struct func_def *def = &families[f]->defs[i];
            all[all_count++] = def;
            by_name[by_name_count++] = (struct entry){def->name, def};
        }
    }
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases && by_name_count < FUNCS_MAX; i++) {
        const struct func_def *def = find_linear(aliases[i].name);
        if (def != NULL) {
            by_name[by_name_count++] = (struct entry){aliases[i].alias, def};
        }
    }
    qsort(by_name, by_name_count, sizeof *by_name, entry_order);
    qsort(all, all_count, sizeof *all, def_order);
}

const struct func_def *
func_find(const char *name)
{
    pthread_once(&once, gather);
    char lower[64];
    size_t len = 0;
    for (; name[len] != '\0'; len++) {
        if (len + 1 >= sizeof lower) {
            return NULL;
        }
        const char c = name[len];
        lower[len] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    lower[len] = '\0';
    const struct entry key = {.name = lower};
    const struct entry *found = bsearch(&key, by_name, by_name_count, sizeof *by_name, entry_order);
    return found != NULL ? found->def : NULL;
}

const struct func_def *const *
func_all(uint32_t *count)
{
    pthread_once(&once, gather);
    *count = all_count;
    return all;
}
