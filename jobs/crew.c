/* crew_of. */
#include "crew.h"

#include "base/timefmt.h"

enum rc crew_of(struct db *db, struct arena *a, int64_t unit_id, bool must_act, struct row_colleague **rows,
                size_t *n) {
    const struct db_value now = v_time(time_now_us());
    enum rc rc = db_rows(db, ST_unit_present, DB_VALUES(now, now, v_int(unit_id), now, now), a, rows, n);
    if (rc != RC_OK || *n) return rc;
    return db_rows(db, must_act ? ST_colleagues : ST_unit_notified, DB_VALUES(v_int(unit_id)), a, rows, n);
}
