/*
 * Errors are values that say what happened three times: to a program (condition and SQLSTATE, or a
 * protocol's number), to a person (a message), and to us (a cause).
 *
 * A fallible function takes `struct error *err` last and returns bool, or a pointer that is NULL on
 * failure. The rules:
 *   - the caller owns the struct and starts it as {0}; NULL is not allowed;
 *   - on failure the callee fills it exactly once; on success it leaves it alone;
 *   - all setters return false, so that `return error_set(...)` is a whole failure path;
 *   - the owner ends it with error_clear, or hands it on with error_move.
 *
 * Conditions and message templates are Spark's (error-conditions of the released engine), since
 * clients look at them: "[DIVIDE_BY_ZERO] Division by zero. ... SQLSTATE: 22012".
 * Threads: a struct error has one user.
 */
#ifndef WEIR_BASE_ERROR_H
#define WEIR_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum error_kind {
    ERROR_NONE = 0,
    ERROR_PARSE,       /* SQL text does not parse: Spark's ParseException */
    ERROR_ANALYSIS,    /* names, types, unsupported plans: AnalysisException */
    ERROR_EXECUTION,   /* a value could not be computed: SparkRuntimeException and its kin */
    ERROR_ARGUMENT,    /* a client's request is wrong by itself: IllegalArgumentException */
    ERROR_UNSUPPORTED, /* a feature that is not there: SparkUnsupportedOperationException */
    ERROR_RESOURCE,    /* memory budget or another limit of this query */
    ERROR_SYSTEM,      /* the operating system refused; code is errno */
    ERROR_PROTOCOL,    /* a peer broke its protocol */
    ERROR_CANCELLED,   /* somebody asked for the end of it */
    ERROR_UNAVAILABLE, /* may work later: a process that died, a leader that moved */
    ERROR_INTERNAL,    /* our own fault */
};

enum { ERROR_PARAM_MAX = 8 };

struct error_param {
    char *name;
    char *value;
};

/* Where in the query text an error stands. Offsets count characters from 0, stop is the last one;
 * start == -1: unknown. fragment is owned. */
struct error_context {
    int32_t start;
    int32_t stop;
    int32_t line;   /* from 1; 0 = unknown */
    int32_t column; /* from 0 */
    bool dataframe; /* a DataFrame call site, not SQL text */
    char *fragment;
    char *call_site;
    char *summary; /* the block for people, once the text is known; NULL before */
};

struct error {
    enum error_kind kind;
    int32_t code;     /* errno for ERROR_SYSTEM; a protocol's number where one is set */
    char sqlstate[6]; /* "" if none */
    char *condition;  /* "DIVIDE_BY_ZERO", "UNRESOLVED_COLUMN.WITH_SUGGESTION"; NULL if none */
    char *message; /* whole sentence(s) for a person, with the condition in front where there is one
                    */
    struct error_param params[ERROR_PARAM_MAX];
    uint32_t param_count;
    bool has_context;
    struct error_context context;
    char *cause; /* what lay beneath, for the log; NULL if nothing */
};

/* Raises a Spark condition from the catalogue (error_conditions.inc). Parameters follow as
 * name, value, name, value, ..., NULL. A condition that the catalogue lacks is our own fault and
 * becomes an INTERNAL_ERROR that names it. Values are copied. */
bool error_raise(struct error *err, const char *condition, ...) __attribute__((sentinel));

/* An error without a Spark condition: kind and text. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A protocol error with its number. */
bool error_set_code(struct error *err, enum error_kind kind, int32_t code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The operating system's refusal: "what: strerror". */
bool error_system(struct error *err, int errnum, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A feature that is not there, named: UNSUPPORTED_FEATURE... never a silent success. */
bool error_unsupported(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Sets where in the query text the error stands, unless a deeper layer already did. */
void error_at(struct error *err, int32_t start, int32_t stop, const char *fragment, size_t len);

/* Completes a place of which only start and stop are known: fragment, line, column and summary, and
 * the message with the summary behind it (a running query) or with "; line 1 pos 7" (analysis). */
void error_place_in(struct error *err, const char *text);
/* The same for a DataFrame call site. */
void error_place_call(struct error *err);
void error_forget_place(struct error *err);

/* A DataFrame call site: the method and "file:line". Nothing if a deeper layer set a place. */
void error_at_call(struct error *err, const char *method, const char *call_site);

/* Puts another text in place of the message of an error that is set; the text is copied. */
void error_set_message(struct error *err, const char *text);

void error_param_add(struct error *err, const char *name, const char *value);

static inline bool
error_is_set(const struct error *err)
{
    return err->kind != ERROR_NONE;
}

const char *error_text(const struct error *err);       /* never NULL */
void error_move(struct error *to, struct error *from); /* to is cleared first; from becomes {0} */
void error_copy(struct error *to, const struct error *from); /* deep copy; to is cleared first */
void error_clear(struct error *err);

#endif
