/* What the clock does to appeals: step clocks that ran out, resolve_by passed, a rating that never came. Each appeal in
 * its own transaction, through the transition table like everybody's acts. */
#include "job.h"

#include "acts/change.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "base/uuid.h"
#include "rules/routing.h"

enum { PAGE = 200 };

struct deadline {
    const char *name;
    enum statement due;
    int64_t before_us; /* what is due when its time lies that far back */
    /* Decides what happens to the locked appeal; 0: nothing any more. */
    enum action (*choose)(const struct act *act, const struct row_appeal *a);
};

/* At district tier, or where nobody above may act, there is no way up: the matter stays and is supervised. */
static enum action choose_step(const struct act *act, const struct row_appeal *a) {
    if (!a->step_by || a->step_by > act->now_us) return 0;
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    if (!holder) return 0;
    return route_up(holder, unit_by_id(act->district, a->about_unit_id)) ? ACT_STEP_OUT : ACT_SUPERVISE;
}

static enum action choose_overdue(const struct act *act, const struct row_appeal *a) {
    return !a->overdue && a->resolve_by < act->now_us ? ACT_OVERDUE : 0;
}

static enum action choose_close(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->state == STATE_RESOLVED ? ACT_CLOSE : 0;
}

static const struct deadline deadlines[] = {
    {"step", ST_steps_due, 0, choose_step},
    {"overdue", ST_late_appeals, 0, choose_overdue},
    {"unrated", ST_unrated_appeals, UNRATED_DAYS *DAY_S *SECOND_US, choose_close},
};

struct one {
    struct job *job;
    const struct deadline *deadline;
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
    enum action action = o->deadline->choose(&act, a);
    if (!action) return RC_OK;
    rc = appeal_change(&act, o->id, &(struct change){.action = action}, &after);
    if (rc == RC_OK) o->done = action;
    return rc;
}

static enum rc handle(struct job *job, const struct deadline *d, const struct row_due *due) {
    struct one o = {.job = job, .deadline = d, .id = due->id};
    char id[UUID_TEXT + 1];
    enum rc rc = db_tx(job->db, handle_one, &o);
    uuid_format(due->id, id);
    if (rc == RC_OK) {
        if (o.done) log_event(LOG_INFO, "deadline", "%s: %s on %s", d->name, action_words[o.done].code, id);
        return RC_OK;
    }
    if (!job_only_this_one(job, rc)) return rc;
    /* Somebody else was there first, or holds the row: the next run looks again. */
    bool expected = rc == RC_CONFLICT || rc == RC_NOT_ACCEPTABLE_STATE || rc == RC_UNAVAILABLE;
    log_event(expected ? LOG_INFO : LOG_ERROR, "deadline", "%s: skipped %s: %s", d->name, id, rc_info(rc)->code);
    return RC_OK;
}

/* All that is due, a page at a time; the page's rows are copied out, since the arena is emptied for each appeal. */
static enum rc walk(struct job *job, const struct deadline *d) {
    static const uint8_t zero[16];
    struct row_due page[PAGE], at = {.at = 0};
    memcpy(at.id, zero, 16);
    int64_t until_us = time_now_us() - d->before_us;
    for (size_t n = PAGE; n == PAGE;) {
        struct row_due *rows;
        arena_reset(&job->arena);
        enum rc rc = db_rows(job->db, d->due,
                             DB_VALUES(v_time(until_us), v_time(at.at), v_time(at.at), v_id(at.id), v_int(PAGE)),
                             &job->arena, &rows, &n);
        if (rc != RC_OK) return rc;
        if (n) memcpy(page, rows, n * sizeof *page);
        for (size_t i = 0; i < n; i++) {
            if (job_stopping(job)) return RC_OK;
            arena_reset(&job->arena);
            rc = lease_keep(&job->lease, job->db, LEASE_SECONDS / 2);
            if (rc == RC_OK) rc = handle(job, d, &page[i]);
            if (rc != RC_OK) return rc;
            at = page[i];
        }
    }
    return RC_OK;
}

enum rc deadlines_run(struct job *job, bool *again) {
    *again = false;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < sizeof deadlines / sizeof *deadlines; i++) rc = walk(job, &deadlines[i]);
    return rc;
}
