/* Java patterns over PCRE2; see regex.h. */
#include "func/regex.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { CACHE_MAX = 512 };

struct regex {
    pcre2_code *code;
    uint32_t groups;
    char *pattern; /* cache key */
    size_t len;
    uint32_t held;
    struct regex *next;
};

struct regex_match {
    pcre2_match_data *data;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct regex *cache;
static uint32_t cache_count;

/* Java's classes by name, as bracket contents. */
static const char *
java_class(const char *name, size_t len)
{
    static const char *const pairs[][2] = {{"Lower", "a-z"},
                                           {"Upper", "A-Z"},
                                           {"ASCII", "\\x00-\\x7F"},
                                           {"Alpha", "a-zA-Z"},
                                           {"Digit", "0-9"},
                                           {"Alnum", "a-zA-Z0-9"},
                                           {"Punct", "!-/:-@\\[-`{-~"},
                                           {"Graph", "!-~"},
                                           {"Print", " -~"},
                                           {"Blank", " \\t"},
                                           {"Cntrl", "\\x00-\\x1F\\x7F"},
                                           {"XDigit", "0-9a-fA-F"},
                                           {"Space", " \\t\\n\\x0B\\f\\r"},
                                           {"IsAlphabetic", "\\p{L}\\p{Nl}"},
                                           {"IsLetter", "\\p{L}"},
                                           {"IsDigit", "\\p{Nd}"},
                                           {"IsUppercase", "\\p{Lu}"},
                                           {"IsLowercase", "\\p{Ll}"},
                                           {"IsPunctuation", "\\p{P}"},
                                           {"IsWhite_Space", "\\s"},
                                           {"javaLowerCase", "\\p{Ll}"},
                                           {"javaUpperCase", "\\p{Lu}"},
                                           {"InGreek", "\\x{370}-\\x{3FF}"},
                                           {"InCyrillic", "\\x{400}-\\x{4FF}"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (strlen(pairs[i][0]) == len && memcmp(pairs[i][0], name, len) == 0) {
            return pairs[i][1];
        }
    }
    return NULL;
}

/* One escape; returns how many bytes of it were taken. */
static size_t
translate_escape(struct buffer *out, const char *p, const char *end, bool in_class)
{
    if (p + 1 == end) {
        buffer_put(out, p, 1);
        return 1;
    }
    if (p[1] == 'u' && end - p >= 6) {
        buffer_printf(out, "\\x{%.4s}", p + 2);
        return 6;
    }
    if (p[1] == 'Q' && !in_class) { /* quoted run: as it stands */
        const char *stop = memmem(p + 2, (size_t)(end - p - 2), "\\E", 2);
        const size_t n = stop != NULL ? (size_t)(stop - p) + 2 : (size_t)(end - p);
        buffer_put(out, p, n);
        return n;
    }
    if ((p[1] == 'p' || p[1] == 'P') && end - p > 3 && p[2] == '{') {
        const char *close = memchr(p, '}', (size_t)(end - p));
        const char *body = close != NULL ? java_class(p + 3, (size_t)(close - p - 3)) : NULL;
        if (body != NULL) {
            const bool negative = p[1] == 'P';
            if (in_class && !negative) {
                buffer_puts(out, body);
            } else {
                buffer_printf(out, "[%s%s]", negative ? "^" : "", body);
            }
            return (size_t)(close - p) + 1;
        }
        if (close != NULL && close - p > 5 && p[3] == 'I' &&
            p[4] == 's') { /* scripts, categories */
            buffer_printf(out, "\\%c{%.*s}", p[1], (int)(close - p - 5), p + 5);
            return (size_t)(close - p) + 1;
        }
    }
    buffer_put(out, p, 2);
    return 2;
}

static void
translate(struct buffer *out, struct span s)
{
    const char *end = s.ptr + s.len;
    int depth = 0; /* of brackets */
    for (const char *p = s.ptr; p < end;) {
        if (*p == '\\') {
            p += translate_escape(out, p, end, depth > 0);
            continue;
        }
        if (*p == '[') {
            if (depth > 0) { /* a union: the inner brackets go, their contents stay */
                depth++;
                p++;
                continue;
            }
            depth = 1;
        } else if (*p == ']' && depth > 0) {
            if (--depth > 0) {
                p++;
                continue;
            }
        }
        buffer_put(out, p++, 1);
    }
}

static struct regex *
regex_compile(struct span pattern, const char *func, struct error *err)
{
    struct buffer text = {0};
    translate(&text, pattern);
    int number;
    PCRE2_SIZE at;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context != NULL) {
        pcre2_set_newline(context, PCRE2_NEWLINE_ANY);
        pcre2_set_parens_nest_limit(context, 200);
    }
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)buffer_text(&text), text.len,
                                     PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &number, &at, context);
    pcre2_compile_context_free(context);
    buffer_release(&text);
    if (code == NULL) {
        char shown[256];
        snprintf(shown, sizeof shown, "'%.*s'", (int)(pattern.len < 240 ? pattern.len : 240),
                 pattern.ptr);
        error_raise(err, "INVALID_PARAMETER_VALUE.PATTERN", "functionName", func, "parameter",
                    "`regexp`", "value", shown, NULL);
        return NULL;
    }
    struct regex *re = calloc(1, sizeof *re);
    char *key = malloc(pattern.len + 1);
    if (re == NULL || key == NULL) {
        pcre2_code_free(code);
        free(re);
        free(key);
        error_set(err, ERROR_RESOURCE, "no memory for a pattern");
        return NULL;
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it the code is interpreted */
    memcpy(key, pattern.ptr, pattern.len);
    re->code = code;
    re->pattern = key;
    re->len = pattern.len;
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &re->groups);
    return re;
}

/* The least recently used pattern that nobody holds goes; all held: the cache grows for a while. */
static void
evict(void)
{
    struct regex **victim = NULL;
    for (struct regex **link = &cache; *link != NULL; link = &(*link)->next) {
        if ((*link)->held == 0) {
            victim = link;
        }
    }
    if (victim != NULL) {
        struct regex *re = *victim;
        *victim = re->next;
        pcre2_code_free(re->code);
        free(re->pattern);
        free(re);
        cache_count--;
    }
}

struct regex *
regex_find(struct span pattern, const char *func, struct error *err)
{
    pthread_mutex_lock(&lock);
    struct regex **link = &cache;
    while (*link != NULL && ((*link)->len != pattern.len ||
                             memcmp((*link)->pattern, pattern.ptr, pattern.len) != 0)) {
        link = &(*link)->next;
    }
    struct regex *re = *link;
    if (re != NULL) { /* to the front */
        *link = re->next;
    } else {
        if (cache_count >= CACHE_MAX) {
            evict();
        }
        re = regex_compile(pattern, func, err);
        cache_count += re != NULL;
    }
    if (re != NULL) {
        re->next = cache;
        cache = re;
        re->held++;
    }
    pthread_mutex_unlock(&lock);
    return re;
}

void
regex_release(struct regex *re)
{
    if (re != NULL) {
        pthread_mutex_lock(&lock);
        re->held--;
        pthread_mutex_unlock(&lock);
    }
}

struct regex_match *
regex_match_new(const struct regex *re)
{
    struct regex_match *m = malloc(sizeof *m);
    if (m != NULL) {
        m->data = pcre2_match_data_create_from_pattern(re->code, NULL);
    }
    return m;
}

void
regex_match_free(struct regex_match *m)
{
    if (m != NULL) {
        pcre2_match_data_free(m->data);
        free(m);
    }
}

bool
regex_search(const struct regex *re, struct regex_match *m, struct span text, size_t from)
{
    return m != NULL && m->data != NULL && from <= text.len &&
           pcre2_match(re->code, (PCRE2_SPTR)(text.ptr != NULL ? text.ptr : ""), text.len, from, 0,
                       m->data, NULL) > 0;
}

bool
regex_group(const struct regex_match *m, uint32_t group, size_t *from, size_t *to)
{
    const PCRE2_SIZE *v = pcre2_get_ovector_pointer(m->data);
    if (group >= pcre2_get_ovector_count(m->data) || v[2 * group] == PCRE2_UNSET) {
        return false;
    }
    *from = v[2 * group];
    *to = v[2 * group + 1];
    return *to >= *from;
}

uint32_t
regex_groups(const struct regex *re)
{
    return re->groups;
}
