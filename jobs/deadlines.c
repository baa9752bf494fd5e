/* What the clock does to appeals: step clocks that ran out, resolve_by passed, a pause whose time is over, what was planned, what
 * the holder owes, a part that is late, a rating that never came, a callback that nobody made. Through the transition table like
 * everybody's acts, some appeals in one transaction. Every process of jobs does it. */
#include "job.h"

#include "acts/pause.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "base/uuid.h"
#include "rules/routing.h"

/* More acts than ACTS_EACH of one appeal wait for the next run; a batch costs one commit, and holds its appeals' locks so long. */
enum { PAGE = 480, BATCH = 16, ACTS_EACH = 3 };

/* At district tier, or where nobody above may act, there is no way up: the matter stays and is supervised. */
static enum action choose_step(const struct act *act, const struct row_appeal *a) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    if (!holder) return 0;
    return route_up(holder, unit_by_id(act->district, a->about_unit_id)) ? ACT_STEP_OUT : ACT_SUPERVISE;
}

/* What the clock does to a locked appeal now; 0: nothing (any more). The column wake_at says when to ask. */
static enum action choose(const struct act *act, const struct row_appeal *a) {
    if (appeal_paused(a) && pause_until(a) <= act->now_us) return a->answer_by ? ACT_RESUME : ACT_CONTINUE;
    if (appeal_paused(a)) return a->remind_at && a->remind_at <= act->now_us ? ACT_REMIND : 0;
    if (a->is_open && a->step_by && a->step_by <= act->now_us) return choose_step(act, a);
    if (a->is_open && !a->overdue && a->resolve_by < act->now_us) return ACT_OVERDUE;
    if (a->is_open && a->reply_by && a->reply_by <= act->now_us) return ACT_REPLY_LATE;
    if (a->is_open && a->contact_by && a->contact_by <= act->now_us) return ACT_CONTACT_MISSED;
    if (a->is_open && a->silent_by && a->silent_by <= act->now_us) return ACT_NUDGE;
    if (a->planned_for) return a->planned_for <= act->now_us && !a->is_open ? ACT_FOLLOW_UP : 0;
    if (a->state == STATE_RESOLVED && act->now_us - a->resolved_at >= UNRATED_DAYS * DAY_S * SECOND_US)
        return ACT_CLOSE;
    if (a->box == BOX_TO_CALL_BACK && act->now_us - a->closed_at >= CALLBACK_OWED_DAYS * DAY_S * SECOND_US)
        return ACT_CALLBACK_MISSED;
    return 0;
}

/* Of what nothing else is due, the first part that is late. c->action 0: nothing is due at all. */
static enum rc choose_change(struct act *act, const struct row_appeal *a, struct change *c) {
    struct row_number *part = NULL;
    enum rc rc = RC_OK;
    *c = (struct change){.action = choose(act, a)};
    if (c->action || !a->parts_left || appeal_paused(a)) return RC_OK;
    rc = db_row(act->db, ST_part_to_wake, DB_VALUES(v_id(a->id), v_time(act->now_us)), act->arena, &part);
    if (rc == RC_OK && part) *c = (struct change){.action = ACT_PART_LATE, .detail = part->n};
    return rc;
}

/* Acts that belong to one transaction; acts: what was done, to be told once it is durable. */
struct batch {
    struct job *job;
    const struct row_due *due;
    size_t n, done;
    struct {
        const uint8_t *id;
        enum action action;
    } acts[BATCH * ACTS_EACH];
};

/* All that is due of one appeal: the step that ran out, then the day, then its parts. */
static enum rc handle_one(struct batch *b, struct act *act, struct row_appeal *a) {
    struct change change;
    for (int i = 0; i < ACTS_EACH; i++) {
        enum rc rc = choose_change(act, a, &change);
        if (rc == RC_OK && !change.action) return RC_OK;
        if (rc == RC_OK) rc = appeal_change(act, a->id, &change, &a);
        if (rc != RC_OK) return rc;
        b->acts[b->done].id = a->id;
        b->acts[b->done++].action = change.action;
    }
    return RC_OK;
}

/* The lock of an appeal's row, and the look at it afterwards, say who does it: what another process has locked is left to it, what
 * it has done is no longer due. */
static enum rc handle_locked(struct db *db, void *arg) {
    struct batch *b = arg;
    struct act act = job_act(b->job, db);
    struct db_value ids[BATCH];
    struct row_appeal *rows;
    size_t n;
    for (size_t i = 0; i < BATCH; i++) ids[i] = v_id(b->due[i < b->n ? i : 0].id);
    b->done = 0;
    enum rc rc = db_rows(db, ST_appeals_lock_free, ids, BATCH, act.arena, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) rc = handle_one(b, &act, &rows[i]);
    return rc;
}

static enum rc handle(struct job *job, const struct row_due *due, size_t n) {
    struct batch b = {.job = job, .due = due, .n = n};
    char id[UUID_TEXT + 1];
    arena_reset(&job->arena);
    enum rc rc = db_tx(job->db, handle_locked, &b);
    for (size_t i = 0; rc == RC_OK && i < b.done; i++) {
        uuid_format(b.acts[i].id, id);
        log_event(LOG_INFO, "deadline", "%s on %s", action_words[b.acts[i].action].code, id);
    }
    return rc;
}

/* One by one after trouble, so that one appeal's own doesn't keep the others waiting. */
static enum rc handle_each(struct job *job, const struct row_due *due, size_t n) {
    char id[UUID_TEXT + 1];
    for (size_t i = 0; i < n; i++) {
        enum rc rc = handle(job, &due[i], 1);
        if (rc != RC_OK && !job_only_this_one(job, rc)) return rc;
        if (rc == RC_OK) continue;
        /* Somebody else was there first: the next run looks again. */
        bool expected = rc == RC_CONFLICT || rc == RC_NOT_ACCEPTABLE_STATE || rc == RC_UNAVAILABLE;
        uuid_format(due[i].id, id);
        log_event(expected ? LOG_INFO : LOG_ERROR, "deadline", "skipped %s: %s", id, rc_info(rc)->code);
    }
    return RC_OK;
}

static enum rc handle_page(struct job *job, const struct row_due *page, size_t n) {
    for (size_t i = 0; i < n && !job_stopping(job); i += BATCH) {
        size_t some = n - i < BATCH ? n - i : BATCH;
        enum rc rc = handle(job, &page[i], some);
        if (rc != RC_OK && job_only_this_one(job, rc)) rc = handle_each(job, &page[i], some);
        if (rc != RC_OK) return rc;
    }
    return RC_OK;
}

/* A page at a time; its rows are copied out, since the arena is emptied for each batch. */
static enum rc handle_due(struct job *job, enum statement to_wake) {
    struct row_due page[PAGE], at = {.at = 0};
    int64_t until_us = time_now_us();
    for (size_t n = PAGE; n == PAGE && !job_stopping(job);) {
        struct row_due *rows;
        arena_reset(&job->arena);
        enum rc rc = db_rows(job->db, to_wake,
                             DB_VALUES(v_time(until_us), v_time(at.at), v_time(at.at), v_id(at.id), v_int(PAGE)),
                             &job->arena, &rows, &n);
        if (rc != RC_OK) return rc;
        if (n) memcpy(page, rows, n * sizeof *page);
        rc = handle_page(job, page, n);
        if (rc != RC_OK) return rc;
        if (n) at = page[n - 1];
    }
    return RC_OK;
}

enum rc deadlines_run(struct job *job, bool *again) {
    *again = false;
    enum rc rc = handle_due(job, ST_appeals_to_wake);
    return rc == RC_OK ? handle_due(job, ST_parts_to_wake) : rc;
}
