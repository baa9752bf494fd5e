/* What a lead's life means for those that follow it: its progress and its answer become theirs, its end without one sets them free,
 * and it learns how many they are. As the events tell in the order of their seq, each follower in a transaction of its own. Twice the
 * same changes nothing: the position moves when all of a batch is done.
 *
 * A follower is marked overdue as it passes its own resolve_by, whatever the lead's says. */
#include "job.h"

#include "acts/follow.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "base/uuid.h"
#include "rules/demands.h"

#include <stdlib.h>

enum { BATCH = 300, PAGE = 100, KEEP_SECONDS = LEASE_SECONDS / 2 };
static const char position_name[] = "follower_seq";

/* What has become of a lead, for one of its followers at a time. */
struct telling {
    struct job *job;
    const struct row_lead_event *event; /* NULL: the follower's time has come */
    const struct row_follower *who;
};

/* ---- one follower ---- */

/* The same with the follower, in the same words. */
static enum rc pass_on(struct act *act, const struct telling *t, enum action action) {
    struct row_event *e;
    struct row_appeal *after;
    enum rc rc = db_row(act->db, ST_events_all, DB_VALUES(v_id(t->event->appeal_id), v_int(t->event->n - 1), v_int(1)),
                        act->arena, &e);
    if (rc != RC_OK || !e) return rc;
    /* What was planned for is the lead's: it alone is taken up again then. */
    int64_t detail = e->action == ACT_PLAN ? OUTCOME_PLANNED : e->detail;
    if (action == ACT_PROGRESS) detail = follow_told(e->n);
    /* What answers the lead's demands one by one is its reporter's. */
    const struct change same = {.action = action, .text = demands_result(e->text), .detail = detail};
    return appeal_change(act, t->who->follower_id, &same, &after);
}

/* What it was told stands in its own timeline, which is proved; so nobody can keep it from being told. */
static enum rc pass_on_progress(struct act *act, const struct telling *t) {
    const struct row_follower *f = t->who;
    struct row_number *told;
    enum rc rc = db_row(
        act->db, ST_follower_told,
        DB_VALUES(v_id(f->follower_id), v_int(ACT_PROGRESS), v_id(f->lead_id), v_int(follow_told(t->event->n))),
        act->arena, &told);
    return rc == RC_OK && !told ? pass_on(act, t, ACT_PROGRESS) : rc;
}

/* Its lead follows another now, and so does it. If that one has ended meanwhile, it did so after this event: what became of it is
 * told next. */
static enum rc follow_on(struct act *act, const struct telling *t, const uint8_t lead_id[16]) {
    struct change to = {.action = ACT_MERGE};
    struct row_appeal *after;
    memcpy(to.lead_id, lead_id, 16);
    enum rc rc = appeal_change(act, t->who->follower_id, &(struct change){.action = ACT_UNMERGE, .quiet = true},
                               &after);
    if (rc == RC_OK) rc = appeal_change(act, t->who->follower_id, &to, &after);
    return rc == RC_CONFLICT || rc == RC_INVALID ? RC_OK : rc;
}

/* The lead ended as what followed another, or on its own again: then its end is told next. */
static enum rc follow_whom_it_followed(struct act *act, const struct telling *t) {
    struct row_number *undone;
    enum rc rc = db_row(act->db, ST_event_behind,
                        DB_VALUES(v_id(t->event->appeal_id), v_int(t->event->n), v_int(ACT_UNMERGE)), act->arena,
                        &undone);
    return rc != RC_OK || undone ? rc : follow_on(act, t, t->event->target_id);
}

/* The lead as it is now, for what was merged may be on its own again; where it has ended meanwhile, as it was. */
static enum rc set_free(struct act *act, const struct telling *t) {
    struct row_lead *lead;
    enum rc rc = db_row(act->db, ST_lead_of, DB_VALUES(v_id(t->who->lead_id)), act->arena, &lead);
    if (rc != RC_OK) return rc;
    if (lead && lead->state == STATE_MERGED) return follow_on(act, t, lead->lead_id);
    if (lead && lead->is_open) return RC_OK;
    if (t->event->action == ACT_MERGE) return follow_whom_it_followed(act, t);
    struct row_appeal *after;
    return appeal_change(act, t->who->follower_id, &(struct change){.action = ACT_UNMERGE}, &after);
}

static enum rc mark_overdue(struct act *act, const struct telling *t) {
    struct row_appeal *after;
    enum rc rc = db_run(act->db, ST_follower_marked, DB_VALUES(v_id(t->who->lead_id), v_id(t->who->follower_id)), NULL);
    if (rc == RC_OK) rc = appeal_change(act, t->who->follower_id, &(struct change){.action = ACT_OVERDUE}, &after);
    /* It is overdue already, or has its answer; an open one is the deadlines' again. */
    return rc == RC_CONFLICT || rc == RC_NOT_ACCEPTABLE_STATE ? RC_OK : rc;
}

static enum rc tell_one(struct db *db, void *arg) {
    const struct telling *t = arg;
    enum rc rc = job_hold(t->job, db);
    if (rc != RC_OK) return rc;
    struct act act = job_act(t->job, db);
    if (!t->event) return mark_overdue(&act, t);
    if (t->event->action == ACT_PROGRESS) return pass_on_progress(&act, t);
    return t->event->to_state == STATE_RESOLVED ? pass_on(&act, t, ACT_RESOLVE) : set_free(&act, t);
}

/* Trouble of one follower's own is told, and keeps nothing from the others; a lock that somebody holds is waited for. */
static enum rc tell(struct telling *t) {
    char id[UUID_TEXT + 1];
    arena_reset(&t->job->arena);
    enum rc rc = lease_keep(&t->job->lease, t->job->db, KEEP_SECONDS);
    if (rc == RC_OK) rc = db_tx(t->job->db, tell_one, t);
    if (rc == RC_OK || rc == RC_UNAVAILABLE || !job_only_this_one(t->job, rc)) return rc;
    uuid_format(t->who->follower_id, id);
    bool expected = rc == RC_NOT_ACCEPTABLE_STATE || rc == RC_CONFLICT; /* it no longer follows */
    log_event(expected ? LOG_INFO : LOG_ERROR, "followers", "skipped %s: %s", id, rc_info(rc)->code);
    return RC_OK;
}

/* ---- all of a lead ---- */

static enum rc tell_all(struct job *job, const struct row_lead_event *event) {
    struct row_follower after = {0}, page[PAGE];
    memcpy(after.lead_id, event->appeal_id, 16);
    for (size_t n = PAGE; n == PAGE;) {
        struct row_follower *rows;
        enum rc rc = db_rows(job->db, ST_followers_waiting,
                             DB_VALUES(v_id(after.lead_id), v_id(after.follower_id), v_int(PAGE)), &job->arena, &rows,
                             &n);
        if (rc != RC_OK) return rc;
        if (n) memcpy(page, rows, n * sizeof *page);
        for (size_t i = 0; i < n; i++) {
            if (job_stopping(job)) return RC_STALE;
            rc = tell(&(struct telling){.job = job, .event = event, .who = &page[i]});
            if (rc != RC_OK) return rc;
            after = page[i];
        }
    }
    return RC_OK;
}

static enum rc tell_followers(struct job *job, const struct row_lead_event *e) {
    struct row_number *followers;
    arena_reset(&job->arena);
    enum rc rc = db_row(job->db, ST_follower_count, DB_VALUES(v_id(e->appeal_id)), &job->arena, &followers);
    return rc == RC_OK && followers && followers->n ? tell_all(job, e) : rc;
}

struct counting {
    struct job *job;
    const uint8_t *id;
};

/* 1, 3, 10, 30, …: these the holder is told. */
static int64_t step_of(int64_t n) {
    int64_t step = 0;
    for (int64_t at = 1; at <= n; at *= 10) step += 1 + (3 * at <= n);
    return step;
}

static enum rc count_in_tx(struct db *db, void *arg) {
    const struct counting *c = arg;
    struct row_number *followers;
    struct row_appeal *lead, *after;
    enum rc rc = job_hold(c->job, db);
    if (rc != RC_OK) return rc;
    struct act act = job_act(c->job, db);
    rc = db_row(db, ST_appeal_lock, DB_VALUES(v_id(c->id)), act.arena, &lead);
    if (rc == RC_OK) rc = db_row(db, ST_follower_count, DB_VALUES(v_id(c->id)), act.arena, &followers);
    if (rc != RC_OK || !lead || !followers) return rc;
    int64_t n = followers->n < FOLLOWERS_COUNTED_MAX ? followers->n : FOLLOWERS_COUNTED_MAX;
    if (n == lead->followers) return RC_OK;
    const struct change joined = {.action = ACT_JOINED, .detail = n, .quiet = step_of(n) <= step_of(lead->followers)};
    return appeal_change(&act, c->id, &joined, &after);
}

static enum rc count(struct job *job, const uint8_t id[16]) {
    arena_reset(&job->arena);
    enum rc rc = lease_keep(&job->lease, job->db, KEEP_SECONDS);
    return rc == RC_OK ? db_tx(job->db, count_in_tx, &(struct counting){job, id}) : rc;
}

/* ---- what happens ---- */

static bool ends_lead(const struct row_lead_event *e) {
    enum box from = state_box((enum state)e->from_state), to = state_box((enum state)e->to_state);
    bool was_open = from == BOX_TO_ACCEPT || from == BOX_IN_HAND, is_open = to == BOX_TO_ACCEPT || to == BOX_IN_HAND;
    return was_open && !is_open;
}

static enum rc set_position(struct db *db, void *arg) {
    struct job *job = ((void **)arg)[0];
    const int64_t *seq = ((void **)arg)[1];
    enum rc rc = job_hold(job, db);
    return rc == RC_OK ? job_set_position(db, position_name, *seq) : rc;
}

static int by_target(const void *x, const void *y) {
    return memcmp(((const struct row_lead_event *)x)->target_id, ((const struct row_lead_event *)y)->target_id, 16);
}

/* Each lead once, however many joined. Last, for the events' order is lost in it. */
static enum rc count_leads(struct job *job, struct row_lead_event *events, size_t n) {
    enum rc rc = RC_OK;
    size_t leads = 0;
    for (size_t i = 0; i < n; i++)
        if ((events[i].action == ACT_MERGE || events[i].action == ACT_UNMERGE || events[i].action == ACT_WITHDRAW ||
             events[i].action == ACT_REOPEN) &&
            !uuid_is_zero(events[i].target_id))
            events[leads++] = events[i];
    qsort(events, leads, sizeof *events, by_target);
    for (size_t i = 0; rc == RC_OK && i < leads; i++)
        if (!i || by_target(&events[i - 1], &events[i]) != 0) rc = count(job, events[i].target_id);
    return rc;
}

/* The arena is emptied for each follower, so a batch and a page are copied out. */
static enum rc follow(struct job *job, bool *again) {
    struct row_lead_event events[BATCH], *rows;
    int64_t seq = 0;
    size_t n = 0;
    enum rc rc = job_position(job, job->db, position_name, &seq);
    if (rc == RC_OK) rc = db_rows(job->db, ST_lead_events, DB_VALUES(v_int(seq), v_int(BATCH)), &job->arena, &rows, &n);
    if (rc != RC_OK || !n) return rc;
    memcpy(events, rows, n * sizeof *events);
    seq = events[n - 1].seq;
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (events[i].action == ACT_PROGRESS || ends_lead(&events[i])) rc = tell_followers(job, &events[i]);
    if (rc == RC_OK) rc = count_leads(job, events, n);
    if (rc == RC_OK) rc = db_tx(job->db, set_position, (void *[]){job, &seq});
    *again = rc == RC_OK && n == BATCH;
    return rc;
}

static enum rc mark_late(struct job *job) {
    struct row_follower late[PAGE], *rows;
    size_t n = 0;
    enum rc rc = db_rows(job->db, ST_followers_late, DB_VALUES(v_time(time_now_us()), v_int(PAGE)), &job->arena, &rows,
                         &n);
    if (rc == RC_OK && n) memcpy(late, rows, n * sizeof *late);
    for (size_t i = 0; rc == RC_OK && i < n && !job_stopping(job); i++)
        rc = tell(&(struct telling){.job = job, .who = &late[i]});
    return rc;
}

enum rc followers_run(struct job *job, bool *again) {
    enum rc rc = mark_late(job);
    arena_reset(&job->arena);
    return rc == RC_OK ? follow(job, again) : rc;
}
