/* Makes the in-app notices, and the work notices to send, from the events in the order of their seq.
 *
 * The position it has reached moves in the same transaction as the notices are written, so that each event is handled
 * once. */
#include "crew.h"
#include "job.h"
#include "outgoing.h"

#include "base/log.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "base/uuid.h"

#include <stdio.h>

enum { BATCH = 300, PERSONS_MAX = 200, CREWS_MAX = 32 };
static const char position_name[] = "notice_seq";

struct person {
    int kind;
    uint8_t id[16];
};

/* Whom one event tells: each person once, never the one who did it. */
struct told {
    struct person persons[PERSONS_MAX];
    size_t n;
};

/* Whom a unit's notices go to, read once a pass: a burst of matters often goes to few units. */
struct crew {
    int64_t unit_id;
    bool anybody; /* not only dispatchers and leads, as there are none */
    struct row_colleague *rows;
    size_t n;
};

struct pass {
    struct job *job;
    struct row_on_duty *duty; /* in the whole district, read when the first matter that is urgent needs it */
    size_t events, duty_count;
    bool duty_is_read;
    struct outgoing notices, work; /* what staff are told goes to both */
    struct crew crews[CREWS_MAX];
    size_t crew_count;
};

static void tell(struct told *t, const struct row_notify_event *e, int kind, const uint8_t id[16]) {
    int actor = e->actor_kind == ACTOR_RESIDENT ? NOTICE_RESIDENT : e->actor_kind == ACTOR_STAFF ? NOTICE_STAFF : 0;
    if (uuid_is_zero(id) || (kind == actor && memcmp(id, e->actor_id, 16) == 0)) return;
    for (size_t i = 0; i < t->n; i++)
        if (t->persons[i].kind == kind && memcmp(t->persons[i].id, id, 16) == 0) return;
    if (t->n == PERSONS_MAX) return;
    t->persons[t->n].kind = kind;
    memcpy(t->persons[t->n].id, id, 16);
    t->n++;
}

static enum rc tell_crew(struct pass *pass, struct db *db, struct told *t, const struct row_notify_event *e,
                         int64_t unit_id, bool must_act) {
    struct crew *crew = pass->crews, *end = pass->crews + pass->crew_count;
    if (!unit_id) return RC_OK;
    while (crew < end && (crew->unit_id != unit_id || crew->anybody != must_act)) crew++;
    if (crew == end) {
        bool full = pass->crew_count == CREWS_MAX;
        if (full) crew = &pass->crews[CREWS_MAX - 1];
        *crew = (struct crew){.unit_id = unit_id, .anybody = must_act};
        enum rc rc = crew_of(db, &pass->job->arena, unit_id, must_act, &crew->rows, &crew->n);
        if (rc != RC_OK) return rc;
        pass->crew_count += !full;
    }
    for (size_t i = 0; i < crew->n; i++) tell(t, e, NOTICE_STAFF, crew->rows[i].staff_id);
    return RC_OK;
}

/* Of a unit that has ended, those that stand for it. */
static enum rc tell_unit(struct pass *pass, struct db *db, struct told *t, const struct row_notify_event *e,
                         int64_t unit_id, bool must_act) {
    const struct unit *unit = unit_by_id(job_district(pass->job), unit_id);
    if (!unit || !unit->heir_count) return tell_crew(pass, db, t, e, unit_id, must_act);
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < unit->heir_count; i++)
        rc = tell_unit(pass, db, t, e, unit->heirs[i]->id, must_act);
    return rc;
}

static enum rc tell_assignee(struct db *db, struct arena *a, struct told *t, const struct row_notify_event *e) {
    struct row_id *row;
    if (uuid_is_zero(e->target_id)) return RC_OK;
    enum rc rc = db_row(db, ST_post_staff, DB_VALUES(v_id(e->target_id)), a, &row);
    if (rc == RC_OK && row) tell(t, e, NOTICE_STAFF, row->id);
    return rc;
}

/* The unit that was called in, and whom it gave its part to; nobody for one without an account. */
static enum rc tell_counit(struct pass *pass, struct db *db, struct told *t, const struct row_notify_event *e) {
    struct row_part_unit *part;
    struct row_id *row;
    struct arena *a = &pass->job->arena;
    enum rc rc = db_row(db, ST_part_unit, DB_VALUES(v_id(e->appeal_id), v_int(e->detail)), a, &part);
    if (rc != RC_OK || !part) return rc;
    rc = tell_unit(pass, db, t, e, part->unit_id, true);
    if (rc != RC_OK || uuid_is_zero(part->assignee_id)) return rc;
    rc = db_row(db, ST_post_staff, DB_VALUES(v_id(part->assignee_id)), a, &row);
    if (rc == RC_OK && row) tell(t, e, NOTICE_STAFF, row->id);
    return rc;
}

static enum rc read_duty(struct pass *pass, struct db *db) {
    const struct db_value now = v_time(time_now_us());
    if (pass->duty_is_read) return RC_OK;
    pass->duty_is_read = true;
    return db_rows(db, ST_on_duty, DB_VALUES(now, now, now, now), &pass->job->arena, &pass->duty, &pass->duty_count);
}

/* What is urgent reaches whoever is on duty where it is now; where nobody is, at the nearest unit above, if he may see it there. */
static enum rc tell_duty(struct pass *pass, struct db *db, struct told *t, const struct row_notify_event *e) {
    const struct unit *holder = unit_by_id(job_district(pass->job), e->unit_id);
    bool found = false;
    enum rc rc = read_duty(pass, db);
    for (const struct unit *unit = holder; rc == RC_OK && unit && !found; unit = unit->parent)
        for (size_t i = 0; i < pass->duty_count; i++) {
            const struct row_on_duty *who = &pass->duty[i];
            if (who->unit_id != unit->id) continue;
            if (unit != holder && !(role_abilities((enum role)who->role, unit->tier) & ABLE_OVERSEE)) continue;
            tell(t, e, NOTICE_STAFF, who->staff_id);
            found = true;
        }
    return rc;
}

/* What comes to a unit and can't wait for the morning. */
static bool is_pressing(const struct row_notify_event *e) {
    return e->urgency != URGENCY_NORMAL && e->notify & N_HOLDER;
}

/* The units invited to the meeting that the event is about. */
static enum rc tell_invited(struct pass *pass, struct db *db, struct told *t, const struct row_notify_event *e) {
    struct row_text *invited;
    enum rc rc = db_row(db, ST_meeting_invited, DB_VALUES(v_id(e->appeal_id), v_int(e->detail)), &pass->job->arena,
                        &invited);
    if (rc != RC_OK || !invited) return rc;
    struct str rest = invited->text;
    while (rc == RC_OK && rest.n) {
        const char *comma = memchr(rest.p, ',', rest.n);
        size_t n = comma ? (size_t)(comma - rest.p) : rest.n, skip = comma ? n + 1 : n;
        int64_t unit;
        if (num_i64((struct str){rest.p, n}, 1, INT64_MAX, &unit)) rc = tell_unit(pass, db, t, e, unit, true);
        rest = (struct str){rest.p + skip, rest.n - skip};
    }
    return rc;
}

static enum rc whom(struct pass *pass, struct db *db, const struct row_notify_event *e, struct told *t) {
    const struct unit *holder = unit_by_id(job_district(pass->job), e->unit_id);
    int64_t above = holder && holder->parent ? holder->parent->id : 0;
    enum rc rc = RC_OK;
    t->n = 0;
    if (e->notify & N_REPORTER) tell(t, e, NOTICE_RESIDENT, e->resident_id);
    if (e->notify & N_ASSIGNEE) rc = tell_assignee(db, &pass->job->arena, t, e);
    if (rc == RC_OK && e->notify & N_HOLDER) rc = tell_unit(pass, db, t, e, e->unit_id, true);
    if (rc == RC_OK && is_pressing(e)) rc = tell_duty(pass, db, t, e);
    if (rc == RC_OK && e->notify & N_COUNIT) rc = tell_counit(pass, db, t, e);
    if (rc == RC_OK && e->notify & N_INVITED) rc = tell_invited(pass, db, t, e);
    if (rc == RC_OK && e->notify & N_FROM) rc = tell_unit(pass, db, t, e, e->from_unit_id, false);
    if (rc == RC_OK && e->notify & N_FIRST && e->first_unit_id != e->unit_id)
        rc = tell_unit(pass, db, t, e, e->first_unit_id, false);
    if (rc == RC_OK && e->notify & N_ABOVE) rc = tell_unit(pass, db, t, e, above, false);
    return rc;
}

static enum rc add_notice(struct pass *pass, struct db *db, const struct row_notify_event *e, const struct person *p) {
    int64_t now_us = time_now_us(), gather_us = pass->job->env->settings->notice_gather_seconds * SECOND_US;
    bool urgent = e->notify & N_URGENT || is_pressing(e);
    uint8_t *id = arena_alloc(&pass->job->arena, 16);
    if (!id || !uuid_make(now_us, id)) return RC_INTERNAL;
    const struct db_value notice[NOTICE_VALUES] = {
        v_id(id),     v_int(p->kind),   v_id(p->id),   v_id(e->appeal_id),
        v_int(e->n),  v_int(e->action), v_int(urgent), v_int_or_null(e->unit_id),
        v_time(e->at)};
    const struct db_value work[WORK_VALUES] = {v_id(p->id), v_id(id), v_int(urgent),
                                               v_time(urgent ? now_us : now_us + gather_us)};
    enum rc rc = outgoing_add(db, &pass->notices, notice);
    return rc == RC_OK && p->kind == NOTICE_STAFF ? outgoing_add(db, &pass->work, work) : rc;
}

static enum rc read_events(struct job *job, struct db *db, int64_t limit, struct row_notify_event **events, size_t *n) {
    int64_t seq = 0;
    *n = 0;
    enum rc rc = job_position(job, db, position_name, &seq);
    if (rc != RC_OK) return rc;
    return db_rows(db, ST_events_to_notify, DB_VALUES(v_int(seq), v_int(INT64_MAX), v_int(limit)), &job->arena, events,
                   n);
}

static enum rc write_batch(struct db *db, void *arg) {
    struct pass *pass = arg;
    struct row_notify_event *events;
    struct told *told;
    size_t n = 0;
    pass->events = 0;
    pass->notices = (struct outgoing){.many = ST_notice_insert_7, .one = ST_notice_insert, .width = NOTICE_VALUES};
    pass->work = (struct outgoing){.many = ST_work_notice_insert_7, .one = ST_work_notice_insert, .width = WORK_VALUES};
    pass->crew_count = 0;
    pass->duty_is_read = false;
    enum rc rc = job_hold(pass->job, db);
    if (rc == RC_OK) rc = read_events(pass->job, db, BATCH, &events, &n);
    if (rc != RC_OK || !n) return rc;
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        told = ARENA_NEW(&pass->job->arena, struct told); /* the rows on their way point into it */
        rc = told ? whom(pass, db, &events[i], told) : RC_INTERNAL;
        for (size_t k = 0; rc == RC_OK && k < told->n; k++) rc = add_notice(pass, db, &events[i], &told->persons[k]);
    }
    if (rc == RC_OK) rc = outgoing_flush(db, &pass->notices);
    if (rc == RC_OK) rc = outgoing_flush(db, &pass->work);
    if (rc == RC_OK) rc = job_set_position(db, position_name, events[n - 1].seq);
    pass->events = n;
    return rc;
}

/* Nearly always there is nothing: that is found out without a transaction. */
enum rc notices_run(struct job *job, bool *again) {
    struct pass *pass = ARENA_NEW(&job->arena, struct pass);
    struct row_notify_event *event;
    size_t n = 1;
    enum rc rc = pass ? RC_OK : RC_INTERNAL;
    if (rc == RC_OK && !job->busy) rc = read_events(job, job->db, 1, &event, &n);
    if (rc != RC_OK || !n) return rc;
    pass->job = job;
    rc = db_tx(job->db, write_batch, pass);
    job->busy = rc == RC_OK && pass->events;
    *again = rc == RC_OK && pass->events == BATCH;
    return rc;
}
