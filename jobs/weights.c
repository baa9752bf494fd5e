/* Who reports what he reported before has a weightier matter: that is looked up here, so that no submission waits for it. */
#include "job.h"

#include "acts/change.h"
#include "base/log.h"
#include "base/uuid.h"
#include "rules/weight.h"

enum { BATCH = 300, AT_ONCE = 16, KEEP_SECONDS = LEASE_SECONDS / 2 };
static const char position_name[] = "weight_seq";

struct one {
    struct job *job;
    const uint8_t *id;
};

static enum rc raise_weight(struct db *db, void *arg) {
    const struct one *o = arg;
    struct row_appeal *after;
    enum rc rc = job_hold(o->job, db);
    if (rc != RC_OK) return rc;
    struct act act = job_act(o->job, db);
    struct change c = {.action = ACT_WEIGH, .text = STR("90 日内重复反映"), .quiet = true};
    return appeal_change(&act, o->id, &c, &after);
}

/* Most have changed nothing, or are closed by now. */
static enum rc raise_one(struct job *job, const uint8_t id[16]) {
    struct one o = {job, id};
    char text[UUID_TEXT + 1];
    enum rc rc = db_tx(job->db, raise_weight, &o);
    if (rc == RC_OK || !job_only_this_one(job, rc)) return rc;
    if (rc == RC_CONFLICT || rc == RC_NOT_ACCEPTABLE_STATE) return RC_OK;
    uuid_format(id, text);
    log_event(LOG_ERROR, "weights", "skipped %s: %s", text, rc_info(rc)->code);
    return RC_OK;
}

static enum rc look(struct job *job, const struct row_moved_event *events, size_t n) {
    struct db_value ids[AT_ONCE];
    struct row_id *found;
    size_t count;
    for (size_t i = 0; i < AT_ONCE; i++) ids[i] = i < n ? v_id(events[i].appeal_id) : v_null();
    enum rc rc = db_rows(job->db, ST_reported_before, ids, AT_ONCE, &job->arena, &found, &count);
    for (size_t i = 0; rc == RC_OK && i < count; i++) rc = raise_one(job, found[i].id);
    return rc;
}

static enum rc set_position(struct db *db, void *arg) {
    struct job *job = ((void **)arg)[0];
    const int64_t *seq = ((void **)arg)[1];
    enum rc rc = job_hold(job, db);
    return rc == RC_OK ? job_set_position(db, position_name, *seq) : rc;
}

enum rc weights_run(struct job *job, bool *again) {
    struct row_moved_event *events;
    int64_t seq = 0;
    size_t n = 0, fresh = 0;
    enum rc rc = job_position(job, job->db, position_name, &seq);
    if (rc == RC_OK)
        rc = db_rows(job->db, ST_events_moved, DB_VALUES(v_int(seq), v_int(BATCH)), &job->arena, &events, &n);
    if (rc != RC_OK || !n) return rc;
    seq = events[n - 1].seq;
    for (size_t i = 0; i < n; i++)
        if (events[i].action == ACT_SUBMIT) events[fresh++] = events[i];
    for (size_t i = 0; rc == RC_OK && i < fresh; i += AT_ONCE) {
        if (job_stopping(job)) return RC_OK;
        job_give_way(job);
        rc = lease_keep(&job->lease, job->db, KEEP_SECONDS);
        if (rc == RC_OK) rc = look(job, events + i, fresh - i < AT_ONCE ? fresh - i : AT_ONCE);
    }
    if (rc == RC_OK) rc = db_tx(job->db, set_position, (void *[]){job, &seq});
    *again = rc == RC_OK && n == BATCH;
    return rc;
}
