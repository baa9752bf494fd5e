/* Row types: rows.def makes each struct and its descriptor from one list, so that they can't disagree. */
#ifndef MINHU_ROWS_H
#define MINHU_ROWS_H

#include "base/arena.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

enum db_column_type {
    DB_INT,  /* int64_t; NULL is 0 */
    DB_TIME, /* int64_t, microseconds; NULL is 0 */
    DB_ID,   /* uint8_t[16]; NULL is all zero */
    DB_HASH, /* uint8_t[32]; NULL is all zero */
    DB_TEXT  /* struct str in the arena; NULL is p == NULL */
};

typedef int64_t db_c_INT;
typedef int64_t db_c_TIME;
typedef uint8_t db_c_ID[16];
typedef uint8_t db_c_HASH[32];
typedef struct str db_c_TEXT;

#define PART(name, row, count)
#define ROW(name) struct row_##name {
#define COL(row, type, member) db_c_##type member;
#define END(name) \
    } \
    ;
#include "rows.def"
#undef PART
#undef ROW
#undef COL
#undef END

struct db_column {
    const char *name;
    enum db_column_type type;
    size_t offset;
};
struct db_row_type {
    const char *name;
    size_t size, count;
    const struct db_column *columns;
};

/* PART: the first columns of a row, in the whole row's struct. */
#define PART(name, row, count) extern const struct db_row_type row_type_##name;
#define ROW(name) extern const struct db_row_type row_type_##name;
#define COL(row, type, member)
#define END(name)
#include "rows.def"
#undef PART
#undef ROW
#undef COL
#undef END

/* A row as one piece of bytes, to be kept beyond its arena; returns its size, 0 when it does not fit into max. */
size_t row_pack(const struct db_row_type *type, const void *row, void *out, size_t max);
/* The row again, in the arena; NULL when the bytes are no row of this type, or memory is used up. */
void *row_unpack(const struct db_row_type *type, const void *bytes, size_t n, struct arena *a);

#endif
