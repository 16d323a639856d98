/*
 * SQL text to an array of tokens, all at once, so that the parser can look ahead as far as it
 * likes.
 *
 * The lexer never fails: what is no token becomes TOKEN_BAD and is refused when the parser gets
 * there, since the rest of a SET command, for one, need not be SQL at all. Places are kept twice:
 * in bytes to cut the text, in characters for Spark's error contexts.
 */
#ifndef WEIR_SQL_LEXER_H
#define WEIR_SQL_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum token_kind {
    TOKEN_END = 0,
    TOKEN_WORD,    /* identifier or keyword */
    TOKEN_QUOTED,  /* `...`; text has the backquotes undone */
    TOKEN_STRING,  /* '...' or "..."; text has the escapes undone */
    TOKEN_INTEGER, /* digits, maybe with L, S or Y */
    TOKEN_DECIMAL, /* 1.5, .5, 1.5BD */
    TOKEN_REAL,    /* 1e3, 1.5D, 1.5F */
    TOKEN_SIGN,    /* operators and punctuation: sign */
    TOKEN_BAD,
};

enum keyword {
    KW_NONE = 0,
#define KEYWORD(word) KW_##word,
#include "sql/keywords.inc"
#undef KEYWORD
    KW_COUNT
};

/* Signs of one character are that character. */
enum sign {
    SIGN_EQ2 = 256, /* == */
    SIGN_NULL_SAFE, /* <=> */
    SIGN_NE,        /* <> != */
    SIGN_LE,        /* <= !> */
    SIGN_GE,        /* >= !< */
    SIGN_SHL,       /* << */
    SIGN_SHR,       /* >> */
    SIGN_USHR,      /* >>> */
    SIGN_CONCAT,    /* || */
    SIGN_PIPE,      /* |> */
    SIGN_ARROW,     /* -> */
    SIGN_FAT_ARROW, /* => */
    SIGN_CAST,      /* :: */
    SIGN_HINT,      /* the opening of a hint comment */
    SIGN_HINT_END,
};

struct token {
    uint8_t kind;
    uint16_t keyword; /* TOKEN_WORD */
    uint16_t sign;    /* TOKEN_SIGN */
    uint32_t from;    /* bytes [from, to) of the text */
    uint32_t to;
    int32_t start; /* first and last character */
    int32_t stop;
    const char *text; /* WORD, QUOTED, STRING and numbers, NUL-terminated; STRING may hold NULs */
    uint32_t text_len;
};

/* The last token is TOKEN_END. */
struct token *sql_lex(struct arena *a, const char *text, size_t len, uint32_t *count);
enum keyword sql_keyword(const char *word, size_t len); /* without case */

#endif
