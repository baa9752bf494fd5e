/* outgoing_add, outgoing_flush. */
#include "outgoing.h"

/* What is left at the end goes one by one. */
enum rc outgoing_flush(struct db *db, struct outgoing *out) {
    size_t n = out->n;
    enum rc rc = RC_OK;
    out->n = 0;
    if (n == ROWS_AT_ONCE) return db_later(db, out->many, out->values, n * out->width);
    for (size_t i = 0; rc == RC_OK && i < n; i++) rc = db_later(db, out->one, out->values + i * out->width, out->width);
    return rc;
}

enum rc outgoing_add(struct db *db, struct outgoing *out, const struct db_value *row) {
    memcpy(out->values + out->n * out->width, row, out->width * sizeof *row);
    return ++out->n == ROWS_AT_ONCE ? outgoing_flush(db, out) : RC_OK;
}
