/* Settings of the program: the table, and the four places where a value may come from. */
#include "app/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"

struct option_row {
    const char *key;
    const char *value_name; /* NULL: a switch */
    const char *default_value;
    const char *meaning;
};

static const struct option_row rows[OPTION_COUNT] = {
    [OPTION_DATA] = {"data", "DIR", "", "where everything is kept (~/.local/share/weir)"},
    [OPTION_EPHEMERAL] = {"ephemeral", NULL, "false", "a temporary directory, removed at the end"},
    [OPTION_CONNECT] = {"connect", "HOST:PORT", "127.0.0.1:15002", "Spark Connect; port 0 = any"},
    [OPTION_KAFKA] = {"kafka", "HOST:PORT", "127.0.0.1:9092", "Kafka; port 0 = any"},
    [OPTION_WEB] = {"web", "HOST:PORT", "127.0.0.1:4040", "web page and metrics; port 0 = any"},
    [OPTION_WEBHDFS] = {"webhdfs", "HOST:PORT", "127.0.0.1:9870",
                        "the file store; port 0 = any, off = none"},
    [OPTION_MEMORY] = {"memory", "SIZE", "", "budget of all processes (60 % of the memory)"},
    [OPTION_CORES] = {"cores", "N", "", "threads of the worker (all usable cores)"},
    [OPTION_WORKERS] = {"workers", "N", "1", "worker processes that share cores and memory"},
    [OPTION_DETACH] = {"detach", NULL, "false", "return when ready, go on in the background"},
    [OPTION_READY_FILE] = {"ready-file", "FILE", "", "gets addresses and processes as JSON"},
    [OPTION_TOKEN] = {"token", "TEXT", "", "clients must present it; needed off loopback"},
    [OPTION_PYTHON] = {"python", "PATH", "", "interpreter of UDF workers (python3)"},
    [OPTION_NODES] = {"nodes", "N", "", "so many nodes on this computer: 1, or 3 and more"},
    [OPTION_MEMBER] = {"member", "DIR", "", NULL},
};

static void
option_set(struct program_options *o, enum option_key key, const char *value, const char *origin)
{
    free(o->values[key]);
    o->values[key] = strdup(value);
    o->origins[key] = origin;
}

static int
option_find(const char *name, size_t len)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (strlen(rows[i].key) == len && memcmp(rows[i].key, name, len) == 0) {
            return i;
        }
    }
    return -1;
}

static char *
trimmed(char *text)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    size_t len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1])) {
        text[--len] = '\0';
    }
    return text;
}

static bool
take_line(struct program_options *o, char *line, const char *path, int number, struct error *err)
{
    char *comment = strchr(line, '#');
    if (comment != NULL) {
        *comment = '\0';
    }
    line = trimmed(line);
    if (*line == '\0') {
        return true;
    }
    char *equals = strchr(line, '=');
    if (equals == NULL) {
        return error_set(err, ERROR_ARGUMENT, "%s:%d: expected key = value", path, number);
    }
    *equals = '\0';
    const char *key = trimmed(line);
    const int found = option_find(key, strlen(key));
    if (found < 0) {
        return error_set(err, ERROR_ARGUMENT, "%s:%d: unknown key %s (weir config lists them)",
                         path, number, key);
    }
    option_set(o, (enum option_key)found, trimmed(equals + 1), "file");
    return true;
}

static bool
take_file(struct program_options *o, struct error *err)
{
    char path[4096];
    const char *named = getenv("WEIR_CONFIG");
    const char *home = getenv("HOME");
    if (named != NULL) {
        snprintf(path, sizeof path, "%s", named);
    } else {
        snprintf(path, sizeof path, "%s/.config/weir/weir.conf", home != NULL ? home : "");
    }
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct error missing = {0};
    if (!env_read_file(&env_real, path, 1 << 20, &bytes, &len, &missing)) {
        if (named == NULL && missing.code == ENOENT) {
            error_clear(&missing);
            return true;
        }
        error_move(err, &missing);
        return false;
    }
    char *text = strndup((char *)bytes, len);
    free(bytes);
    bool ok = true;
    int number = 1;
    for (char *line = text; ok && line != NULL; number++) {
        char *next = strchr(line, '\n');
        if (next != NULL) {
            *next++ = '\0';
        }
        ok = take_line(o, line, path, number, err);
        line = next;
    }
    free(text);
    return ok;
}

static void
take_environment(struct program_options *o)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        char name[64];
        snprintf(name, sizeof name, "WEIR_%s", rows[i].key);
        for (char *c = name; *c != '\0'; c++) {
            *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
        }
        /* WEIR_CONNECT names a server for clients, not where to listen. */
        const char *value = i == OPTION_CONNECT ? getenv("WEIR_LISTEN_CONNECT") : getenv(name);
        if (value != NULL) {
            option_set(o, (enum option_key)i, value, "environment");
        }
    }
}

bool
options_init(struct program_options *o, struct error *err)
{
    *o = (struct program_options){0};
    for (int i = 0; i < OPTION_COUNT; i++) {
        option_set(o, (enum option_key)i, rows[i].default_value, "default");
    }
    if (!take_file(o, err)) {
        options_release(o);
        return false;
    }
    take_environment(o);
    return true;
}

void
options_release(struct program_options *o)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        free(o->values[i]);
    }
    *o = (struct program_options){0};
}

bool
options_take_flags(struct program_options *o, int *argc, char **argv, struct error *err)
{
    int kept = 0;
    for (int i = 0; i < *argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            argv[kept++] = argv[i];
            continue;
        }
        const char *name = argv[i] + 2;
        const char *equals = strchr(name, '=');
        const size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
        const int key = option_find(name, len);
        if (key < 0) {
            return error_set(err, ERROR_ARGUMENT, "unknown flag --%.*s (see weir up --help)",
                             (int)len, name);
        }
        if (equals != NULL) {
            option_set(o, (enum option_key)key, equals + 1, "flag");
        } else if (rows[key].value_name == NULL) {
            option_set(o, (enum option_key)key, "true", "flag");
        } else if (i + 1 < *argc) {
            option_set(o, (enum option_key)key, argv[++i], "flag");
        } else {
            return error_set(err, ERROR_ARGUMENT, "--%s wants %s", rows[key].key,
                             rows[key].value_name);
        }
    }
    *argc = kept;
    return true;
}

const char *
option_text(const struct program_options *o, enum option_key key)
{
    return o->values[key] != NULL ? o->values[key] : "";
}

bool
option_true(const struct program_options *o, enum option_key key)
{
    const char *text = option_text(o, key);
    return strcmp(text, "true") == 0 || strcmp(text, "1") == 0 || strcmp(text, "yes") == 0;
}

bool
option_bytes(const char *text, uint64_t *out, struct error *err)
{
    char *end;
    errno = 0;
    const double number = strtod(text, &end);
    uint64_t unit = 1;
    switch (tolower((unsigned char)*end)) {
    case 't':
        unit <<= 10;
        /* fall through */
    case 'g':
        unit <<= 10;
        /* fall through */
    case 'm':
        unit <<= 10;
        /* fall through */
    case 'k':
        unit <<= 10;
        end++;
        break;
    default:
        break;
    }
    if (tolower((unsigned char)*end) == 'i') {
        end++;
    }
    if (tolower((unsigned char)*end) == 'b') {
        end++;
    }
    if (end == text || *end != '\0' || errno != 0 || !(number > 0) ||
        number * (double)unit > 1e18) {
        *out = 0;
        return error_set(err, ERROR_ARGUMENT, "not a size: %s (examples: 512m, 4g)", text);
    }
    *out = (uint64_t)(number * (double)unit);
    return true;
}

void
options_describe(const struct program_options *o, struct buffer *out)
{
    buffer_printf(out, "%-12s %-28s %-12s %s\n", "KEY", "VALUE", "FROM", "MEANING");
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (rows[i].meaning == NULL) {
            continue;
        }
        const char *value = i == OPTION_TOKEN && o->values[i][0] != '\0' ? "(set)" : o->values[i];
        buffer_printf(out, "%-12s %-28s %-12s %s\n", rows[i].key, value[0] != '\0' ? value : "-",
                      o->origins[i], rows[i].meaning);
    }
}

void
options_usage(struct buffer *out)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (rows[i].meaning == NULL) {
            continue;
        }
        char flag[40];
        snprintf(flag, sizeof flag, "--%s %s", rows[i].key,
                 rows[i].value_name != NULL ? rows[i].value_name : "");
        buffer_printf(out, "  %-24s %s", flag, rows[i].meaning);
        if (rows[i].default_value[0] != '\0' && rows[i].value_name != NULL) {
            buffer_printf(out, " [%s]", rows[i].default_value);
        }
        buffer_puts(out, "\n");
    }
}
