/* Taking, keeping, proving and freeing leases. */
#include "lease.h"

#include "base/log.h"
#include "base/timefmt.h"

#define LIFE_US (LEASE_SECONDS * SECOND_US)

static enum rc lost(struct lease *l) {
    l->held = false;
    log_event(LOG_WARN, "lease", "%s was taken by another process", l->name);
    return RC_STALE;
}

/* Another's live lease is only read: an update would wait for the lock of his transaction. */
static enum rc is_free(struct lease *l, struct db *db, struct arena *a, int64_t now_us) {
    struct row_lease *row;
    enum rc rc = db_row(db, ST_lease_read, DB_VALUES(v_z(l->name)), a, &row);
    if (rc != RC_OK) return rc;
    if (!row) return db_run(db, ST_lease_make, DB_VALUES(v_z(l->name), v_id(l->owner), v_time(now_us - LIFE_US)), NULL);
    return memcmp(row->owner, l->owner, 16) == 0 || row->expires_at < now_us ? RC_OK : RC_CONFLICT;
}

enum rc lease_take(struct lease *l, struct db *db, struct arena *a) {
    int64_t now_us = time_now_us(), ends_us = time_mono_us() + LIFE_US, taken = 0;
    struct row_lease *row;
    l->held = false;
    enum rc rc = is_free(l, db, a, now_us);
    if (rc == RC_OK)
        rc = db_run(db, ST_lease_take,
                    DB_VALUES(v_id(l->owner), v_time(now_us + LIFE_US), v_z(l->name), v_id(l->owner), v_time(now_us)),
                    &taken);
    if (rc != RC_OK) return rc;
    if (!taken) return RC_CONFLICT;
    rc = db_row(db, ST_lease_read, DB_VALUES(v_z(l->name)), a, &row);
    if (rc != RC_OK) return rc;
    if (!row || memcmp(row->owner, l->owner, 16) != 0) return RC_CONFLICT;
    l->fence = row->fence;
    l->ends_us = ends_us;
    l->held = true;
    return RC_OK;
}

enum rc lease_keep(struct lease *l, struct db *db, int seconds) {
    int64_t now_us = time_now_us(), mono_us = time_mono_us(), matched = 0;
    if (!l->held) return RC_STALE;
    if (l->ends_us - mono_us >= seconds * SECOND_US) return RC_OK;
    enum rc rc = db_run(db, ST_lease_until,
                        DB_VALUES(v_time(now_us + LIFE_US), v_z(l->name), v_id(l->owner), v_int(l->fence)), &matched);
    if (rc != RC_OK) return rc;
    if (!matched) return lost(l);
    l->ends_us = mono_us + LIFE_US;
    return RC_OK;
}

enum rc lease_hold(struct lease *l, struct db *db, struct arena *a) {
    struct row_lease *row;
    enum rc rc = db_row(db, ST_lease_hold, DB_VALUES(v_z(l->name), v_id(l->owner), v_int(l->fence)), a, &row);
    if (rc != RC_OK) return rc;
    return row ? RC_OK : lost(l);
}

/* Twice where the first one fails: the connection may have got lost while it was idle, and the fence makes a repetition harmless. */
void lease_free(struct lease *l, struct db *db) {
    if (!l->held) return;
    l->held = false;
    const struct db_value past[] = {v_time(time_now_us() - LIFE_US), v_z(l->name), v_id(l->owner), v_int(l->fence)};
    enum rc rc = db_run(db, ST_lease_until, past, sizeof past / sizeof *past, NULL);
    if (rc == RC_UNAVAILABLE) rc = db_run(db, ST_lease_until, past, sizeof past / sizeof *past, NULL);
    if (rc != RC_OK) log_event(LOG_WARN, "lease", "%s could not be freed; it ends in %d s", l->name, LEASE_SECONDS);
}
