/* Due times that lean on a year without a calendar are computed anew when reference data come: all that are still open, once for
 * each version of the district. */
#include "job.h"

#include "acts/change.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "base/uuid.h"

/* A worker may go on with the older calendar for a while; what it made meanwhile is found by looking once more after that. */
enum { PAGE = 200, FOLLOW_UP_SECONDS = 2 * REFERENCE_GRACE_SECONDS };
static const char position_name[] = "provisional_version"; /* 1 + the version that all due times follow for good */

struct one {
    struct job *job;
    const uint8_t *id;
};

static enum rc handle_one(struct db *db, void *arg) {
    const struct one *o = arg;
    struct row_appeal *after;
    enum rc rc = job_hold(o->job, db);
    if (rc != RC_OK) return rc;
    struct act act = job_act(o->job, db);
    return appeal_change(&act, o->id, &(struct change){.action = ACT_RECLOCK}, &after);
}

/* Nothing to change (RC_CONFLICT), or closed meanwhile, is how most of them end. */
static enum rc handle(struct job *job, const struct row_due *row, int64_t *changed) {
    struct one o = {job, row->id};
    char id[UUID_TEXT + 1];
    enum rc rc = db_tx(job->db, handle_one, &o);
    if (rc == RC_OK) *changed += 1;
    if (rc == RC_OK || !job_only_this_one(job, rc)) return rc;
    if (rc == RC_CONFLICT || rc == RC_NOT_ACCEPTABLE_STATE) return RC_OK;
    uuid_format(row->id, id);
    log_event(LOG_ERROR, "provisional", "skipped %s: %s", id, rc_info(rc)->code);
    return RC_OK;
}

/* A page at a time; its rows are copied out, since the arena is emptied for each appeal. */
static enum rc walk(struct job *job, int64_t *changed) {
    struct row_due page[PAGE], at = {.at = 0};
    for (size_t n = PAGE; n == PAGE;) {
        struct row_due *rows;
        arena_reset(&job->arena);
        enum rc rc = db_rows(job->db, ST_provisional_appeals,
                             DB_VALUES(v_time(at.at), v_time(at.at), v_id(at.id), v_int(PAGE)), &job->arena, &rows, &n);
        if (rc != RC_OK) return rc;
        if (n) memcpy(page, rows, n * sizeof *page);
        for (size_t i = 0; i < n; i++) {
            if (job_stopping(job)) return RC_OK;
            arena_reset(&job->arena);
            rc = lease_keep(&job->lease, job->db, LEASE_SECONDS / 2);
            if (rc == RC_OK) rc = handle(job, &page[i], changed);
            if (rc != RC_OK) return rc;
            at = page[i];
        }
    }
    return RC_OK;
}

static enum rc settle(struct db *db, void *arg) {
    struct job *job = arg;
    enum rc rc = job_hold(job, db);
    return rc == RC_OK ? job_set_position(db, position_name, job->followed) : rc;
}

/* Has an earlier start seen to this version already? */
static enum rc settled(struct job *job, int64_t version, bool *yes) {
    int64_t position = 0;
    enum rc rc = job_position(job, job->db, position_name, &position);
    *yes = rc == RC_OK && position == version + 1;
    if (*yes) job->followed = position;
    return rc;
}

enum rc provisional_run(struct job *job, bool *again) {
    *again = false;
    int64_t version = job_district(job)->version, changed = 0;
    bool newer = job->followed != version + 1, late = job->follow_up_us && job->follow_up_us <= time_mono_us(),
         done = false;
    if (!newer && !late) return RC_OK;
    enum rc rc = newer ? settled(job, version, &done) : RC_OK;
    if (rc != RC_OK || done) return rc;
    rc = walk(job, &changed);
    if (changed)
        log_event(LOG_INFO, "provisional", "version %lld: due times of %lld appeals recomputed", (long long)version,
                  (long long)changed);
    if (rc != RC_OK || job_stopping(job)) return rc;
    job->followed = version + 1;
    job->follow_up_us = newer ? time_mono_us() + FOLLOW_UP_SECONDS * SECOND_US : 0;
    return newer ? RC_OK : db_tx(job->db, settle, job);
}
