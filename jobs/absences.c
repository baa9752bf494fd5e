/* Nobody is absent: what lies with somebody who is away, matters and parts of others' matters, goes to his substitute, or back into the
 * unit's box. It looks at all who are away, whenever they became so and however they got it: no appeal stays with one of them. */
#include "job.h"

#include "acts/change.h"
#include "base/log.h"
#include "base/uuid.h"
#include "base/timefmt.h"

enum { PAGE = 200 };

struct one {
    struct job *job;
    const struct row_away_task *task;
    enum action action;
};

/* Is it his still? Else somebody was faster. */
static enum rc is_his(const struct one *o, struct db *db, struct arena *arena, bool *his) {
    const struct row_away_task *task = o->task;
    struct row_appeal *a;
    struct row_part *part = NULL;
    enum rc rc = db_row(db, ST_appeal_lock, DB_VALUES(v_id(task->appeal_id)), arena, &a);
    if (rc == RC_OK && task->part)
        rc = db_row(db, ST_part_lock, DB_VALUES(v_id(task->appeal_id), v_int(task->part)), arena, &part);
    if (rc != RC_OK) return rc;
    const uint8_t *assignee = part ? part->assignee_id : a && !task->part ? a->assignee_id : NULL;
    *his = assignee && memcmp(assignee, task->post_id, 16) == 0;
    return RC_OK;
}

static enum rc hand_over(struct db *db, void *arg) {
    const struct one *o = arg;
    struct row_appeal *after;
    bool his;
    enum rc rc = job_hold(o->job, db);
    if (rc != RC_OK) return rc;
    struct act act = job_act(o->job, db);
    rc = is_his(o, db, act.arena, &his);
    if (rc != RC_OK || !his) return rc;
    struct change c = {.action = o->task->part ? ACT_PART_ASSIGN : o->action, .detail = o->task->part};
    if (o->action == ACT_SUBSTITUTE) memcpy(c.post_id, o->task->substitute_id, 16);
    return appeal_change(&act, o->task->appeal_id, &c, &after);
}

/* To the substitute, if there is one who can stand in now. */
static enum rc handle(struct job *job, const struct row_away_task *task) {
    struct one o = {job, task, uuid_is_zero(task->substitute_id) ? ACT_RELEASE : ACT_SUBSTITUTE};
    char id[UUID_TEXT + 1];
    arena_reset(&job->arena);
    enum rc rc = db_tx(job->db, hand_over, &o);
    if (rc == RC_CONFLICT && o.action == ACT_SUBSTITUTE) {
        o.action = ACT_RELEASE;
        rc = db_tx(job->db, hand_over, &o);
    }
    if (rc == RC_OK || !job_only_this_one(job, rc)) return rc;
    uuid_format(task->appeal_id, id);
    log_event(LOG_INFO, "absences", "skipped %s: %s", id, rc_info(rc)->code);
    return RC_OK;
}

/* The arena is emptied for each, so the page is copied out. */
static enum rc hand_all_over(struct job *job, enum statement tasks) {
    struct row_away_task page[PAGE], *rows;
    size_t n;
    int64_t now_us = time_now_us();
    enum rc rc = db_rows(job->db, tasks, DB_VALUES(v_time(now_us), v_time(now_us), v_int(PAGE)), &job->arena, &rows,
                         &n);
    if (rc == RC_OK && n) memcpy(page, rows, n * sizeof *page);
    for (size_t i = 0; rc == RC_OK && i < n && !job_stopping(job); i++) {
        rc = lease_keep(&job->lease, job->db, LEASE_SECONDS / 2);
        if (rc == RC_OK) rc = handle(job, &page[i]);
    }
    return rc;
}

enum rc absences_run(struct job *job, bool *again) {
    enum rc rc = hand_all_over(job, ST_away_tasks);
    *again = false;
    return rc == RC_OK ? hand_all_over(job, ST_away_parts) : rc;
}
