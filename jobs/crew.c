/* crew_of. */
#include "crew.h"

enum rc crew_of(struct db *db, struct arena *a, int64_t unit_id, bool must_act, struct row_colleague **rows,
                size_t *n) {
    enum rc rc = db_rows(db, ST_unit_notified, DB_VALUES(v_int(unit_id)), a, rows, n);
    if (rc != RC_OK || *n || !must_act) return rc;
    return db_rows(db, ST_colleagues, DB_VALUES(v_int(unit_id)), a, rows, n);
}
