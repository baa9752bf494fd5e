/* Rows on their way into the database, several a statement. */
#ifndef MINHU_OUTGOING_H
#define MINHU_OUTGOING_H

#include "db/db.h"

enum { NOTICE_VALUES = 9, WORK_VALUES = 4, ROWS_AT_ONCE = 7 };

/* Rows of one table: the statement for so many, and for one. */
struct outgoing {
    enum statement many, one;
    size_t width, n;
    struct db_value values[ROWS_AT_ONCE * NOTICE_VALUES];
};

/* Within a transaction. What the values point to must live until the next flush. */
enum rc outgoing_add(struct db *db, struct outgoing *out, const struct db_value *row) MUST_USE;
enum rc outgoing_flush(struct db *db, struct outgoing *out) MUST_USE;

#endif
