/* The descriptors of rows.def. */
#include "rows.h"

#define ROW(name) static const struct db_column columns_##name[] = {
#define COL(row, type, member) {#member, DB_##type, offsetof(struct row_##row, member)},
#define END(name) \
    } \
    ; \
    const struct db_row_type row_type_##name = {#name, sizeof(struct row_##name), \
                                                sizeof columns_##name / sizeof *columns_##name, columns_##name};
#include "rows.def"
