/* Who reports what he reported before has a weightier matter: that is looked up here, so that no submission waits for it. */
#include "job.h"

#include "acts/change.h"
#include "base/log.h"
#include "base/uuid.h"
#include "rules/weight.h"

enum { BATCH = 300, AT_ONCE = 16, KEEP_SECONDS = LEASE_SECONDS / 2 };
static const char position_name[] = "weight_seq";

struct some {
    struct job *job;
    const struct row_id *ids;
    size_t n;
};

static enum rc raise_in_tx(struct db *db, void *arg) {
    const struct some *s = arg;
    struct row_appeal *after;
    enum rc rc = job_hold(s->job, db);
    struct act act = job_act(s->job, db);
    struct change c = {.action = ACT_WEIGH, .text = STR("90 日内重复反映"), .quiet = true};
    for (size_t i = 0; rc == RC_OK && i < s->n; i++) rc = appeal_change(&act, s->ids[i].id, &c, &after);
    return rc;
}

/* All at once, or, when one of them can't be, each by itself: it may have changed nothing, or be closed by now. */
static enum rc raise_weights(struct job *job, const struct row_id *ids, size_t n) {
    struct some all = {job, ids, n};
    char text[UUID_TEXT + 1];
    enum rc rc = n ? db_tx(job->db, raise_in_tx, &all) : RC_OK;
    if (rc == RC_OK || !job_only_this_one(job, rc)) return rc;
    if (n > 1) {
        for (rc = RC_OK; rc == RC_OK && n; ids++, n--) rc = raise_weights(job, ids, 1);
        return rc;
    }
    if (rc == RC_CONFLICT || rc == RC_NOT_ACCEPTABLE_STATE) return RC_OK;
    uuid_format(ids->id, text);
    log_event(LOG_ERROR, "weights", "skipped %s: %s", text, rc_info(rc)->code);
    return RC_OK;
}

static enum rc look(struct job *job, const struct row_moved_event *events, size_t n) {
    struct db_value values[AT_ONCE + 1];
    const uint8_t *oldest = events[0].appeal_id;
    uint8_t since[16];
    struct row_id *found;
    size_t count;
    for (size_t i = 0; i < AT_ONCE; i++) values[i] = i < n ? v_id(events[i].appeal_id) : v_null();
    for (size_t i = 1; i < n; i++)
        if (memcmp(events[i].appeal_id, oldest, 16) < 0) oldest = events[i].appeal_id;
    uuid_days_before(oldest, REPEATED_DAYS, since);
    values[AT_ONCE] = v_id(since);
    enum rc rc = db_rows(job->db, ST_reported_before, values, AT_ONCE + 1, &job->arena, &found, &count);
    return rc == RC_OK ? raise_weights(job, found, count) : rc;
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
