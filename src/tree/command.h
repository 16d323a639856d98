/*
 * SQL statements and Connect commands that have an effect, as plain data: what is to be done, never
 * how. driver/ carries them out; which of them are known is this list.
 */
#ifndef WEIR_TREE_COMMAND_H
#define WEIR_TREE_COMMAND_H

#include "tree/rel.h"

enum command_kind {
    COMMAND_CREATE_VIEW = 0, /* name, query, replace, global, temporary */
    COMMAND_DROP_VIEW,
    COMMAND_CREATE_TABLE, /* names, schema_text or query (CTAS), write */
    COMMAND_DROP_TABLE,   /* names, if_exists */
    COMMAND_CREATE_DATABASE,
    COMMAND_DROP_DATABASE,
    COMMAND_USE, /* names */
    COMMAND_SET, /* key, value; key NULL = show all; value NULL = show one */
    COMMAND_RESET,
    COMMAND_SHOW_TABLES,
    COMMAND_SHOW_DATABASES,
    COMMAND_SHOW_COLUMNS,
    COMMAND_SHOW_FUNCTIONS,
    COMMAND_SHOW_VIEWS,
    COMMAND_SHOW_CREATE_TABLE,
    COMMAND_SHOW_TBLPROPERTIES,
    COMMAND_SHOW_PARTITIONS,
    COMMAND_DESCRIBE_TABLE, /* names, extended */
    COMMAND_DESCRIBE_QUERY,
    COMMAND_DESCRIBE_FUNCTION,
    COMMAND_EXPLAIN, /* query, mode text */
    COMMAND_INSERT,  /* write, query, columns; extended = BY NAME */
    COMMAND_CACHE_TABLE,
    COMMAND_UNCACHE_TABLE,
    COMMAND_CLEAR_CACHE,
    COMMAND_REFRESH,            /* names, or key = a path */
    COMMAND_ALTER_TABLE_RENAME, /* names to columns */
    COMMAND_TRUNCATE_TABLE,
    COMMAND_WRITE,             /* DataFrameWriter: write, query */
    COMMAND_DECLARE_VARIABLE,  /* names, schema_text, function = the default, maybe NULL */
    COMMAND_SET_VARIABLE,      /* names and function = value; or columns = query */
    COMMAND_REGISTER_FUNCTION, /* names, function: an EXPR_UDF without arguments */
};

struct command {
    enum command_kind kind;
    const char **names; /* qualified name parts */
    uint32_t name_count;
    const char **columns; /* view or insert columns */
    uint32_t column_count;
    struct rel *query; /* unresolved */
    struct write_spec *write;
    const char *schema_text;
    const char *key; /* SET, patterns of SHOW, modes of EXPLAIN */
    const char *value;
    const char *comment;
    const char *query_text; /* the SQL of a view's body */
    struct expr *function;
    struct options properties;
    bool replace, global, temporary, if_exists, if_not_exists, extended, cascade, overwrite;
};

#endif
