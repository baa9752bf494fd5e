/* What the clock does to appeals: step clocks that ran out, resolve_by passed, a question that is not answered, a rating that never
 * came. Each appeal in its own transaction, through the transition table like everybody's acts. */
#include "job.h"

#include "acts/change.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "base/uuid.h"
#include "rules/routing.h"

enum { PAGE = 200 };

/* At district tier, or where nobody above may act, there is no way up: the matter stays and is supervised. */
static enum action choose_step(const struct act *act, const struct row_appeal *a) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    if (!holder) return 0;
    return route_up(holder, unit_by_id(act->district, a->about_unit_id)) ? ACT_STEP_OUT : ACT_SUPERVISE;
}

/* What the clock does to a locked appeal now; 0: nothing (any more). The column wake_at says when to ask. */
static enum action choose(const struct act *act, const struct row_appeal *a) {
    if (a->answer_by && a->answer_by <= act->now_us) return ACT_RESUME;
    if (a->answer_by) return a->remind_at && a->remind_at <= act->now_us ? ACT_REMIND : 0;
    if (a->is_open && a->step_by && a->step_by <= act->now_us) return choose_step(act, a);
    if (a->is_open && !a->overdue && a->resolve_by < act->now_us) return ACT_OVERDUE;
    if (a->state == STATE_RESOLVED && act->now_us - a->resolved_at >= UNRATED_DAYS * DAY_S * SECOND_US)
        return ACT_CLOSE;
    return 0;
}

struct one {
    struct job *job;
    const uint8_t *id;
    enum action done;
};

static enum rc handle_one(struct db *db, void *arg) {
    struct one *o = arg;
    struct row_appeal *a, *after;
    o->done = 0;
    enum rc rc = job_hold(o->job, db);
    if (rc != RC_OK) return rc;
    struct act act = job_act(o->job, db);
    rc = db_row(db, ST_appeal_lock, DB_VALUES(v_id(o->id)), act.arena, &a);
    if (rc != RC_OK || !a) return rc;
    enum action action = choose(&act, a);
    if (!action) return RC_OK;
    rc = appeal_change(&act, o->id, &(struct change){.action = action}, &after);
    if (rc == RC_OK) o->done = action;
    return rc;
}

/* All that is due of one appeal, each act in its own transaction: the step that ran out, then the day. */
static enum rc handle(struct job *job, const struct row_due *due) {
    struct one o = {.job = job, .id = due->id};
    char id[UUID_TEXT + 1];
    enum rc rc;
    uuid_format(due->id, id);
    do {
        arena_reset(&job->arena);
        rc = db_tx(job->db, handle_one, &o);
        if (rc == RC_OK && o.done) log_event(LOG_INFO, "deadline", "%s on %s", action_words[o.done].code, id);
    } while (rc == RC_OK && o.done && !job_stopping(job));
    if (rc == RC_OK || !job_only_this_one(job, rc)) return rc;
    /* Somebody else was there first, or holds the row: the next run looks again. */
    bool expected = rc == RC_CONFLICT || rc == RC_NOT_ACCEPTABLE_STATE || rc == RC_UNAVAILABLE;
    log_event(expected ? LOG_INFO : LOG_ERROR, "deadline", "skipped %s: %s", id, rc_info(rc)->code);
    return RC_OK;
}

/* A page at a time; the page's rows are copied out, since the arena is emptied for each act. */
enum rc deadlines_run(struct job *job, bool *again) {
    struct row_due page[PAGE], at = {.at = 0};
    int64_t until_us = time_now_us();
    *again = false;
    for (size_t n = PAGE; n == PAGE;) {
        struct row_due *rows;
        arena_reset(&job->arena);
        enum rc rc = db_rows(job->db, ST_appeals_to_wake,
                             DB_VALUES(v_time(until_us), v_time(at.at), v_time(at.at), v_id(at.id), v_int(PAGE)),
                             &job->arena, &rows, &n);
        if (rc != RC_OK) return rc;
        if (n) memcpy(page, rows, n * sizeof *page);
        for (size_t i = 0; i < n; i++) {
            if (job_stopping(job)) return RC_OK;
            rc = lease_keep(&job->lease, job->db, LEASE_SECONDS / 2);
            if (rc == RC_OK) rc = handle(job, &page[i]);
            if (rc != RC_OK) return rc;
            at = page[i];
        }
    }
    return RC_OK;
}
