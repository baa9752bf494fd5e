/* Makes the in-app notices, and the work notices to send, from the events in the order of their seq.
 *
 * The position it has reached moves in the same transaction as the notices are written, so that each event is handled
 * once. */
#include "job.h"

#include "base/log.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "base/uuid.h"

#include <stdio.h>

enum {
    BATCH = 100,
    PERSONS_MAX = 200,
    KIND_RESIDENT = 1,
    KIND_STAFF = 2,
    ROW_VALUES = 9,
    ROWS_AT_ONCE = 7,
    CREWS_MAX = 32
};
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

/* Notices on their way into the database, several a statement, and the range of the ids that this pass gave. */
struct outgoing {
    struct db_value values[ROWS_AT_ONCE * ROW_VALUES];
    uint8_t ids[ROWS_AT_ONCE][16], first[16], last[16];
    size_t n, total;
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
    size_t events;
    struct outgoing out;
    struct crew crews[CREWS_MAX];
    size_t crew_count;
};

static void tell(struct told *t, const struct row_notify_event *e, int kind, const uint8_t id[16]) {
    int actor = e->actor_kind == ACTOR_RESIDENT ? KIND_RESIDENT : e->actor_kind == ACTOR_STAFF ? KIND_STAFF : 0;
    if (uuid_is_zero(id) || (kind == actor && memcmp(id, e->actor_id, 16) == 0)) return;
    for (size_t i = 0; i < t->n; i++)
        if (t->persons[i].kind == kind && memcmp(t->persons[i].id, id, 16) == 0) return;
    if (t->n == PERSONS_MAX) return;
    t->persons[t->n].kind = kind;
    memcpy(t->persons[t->n].id, id, 16);
    t->n++;
}

/* The dispatchers and leads of a unit; where it has none and somebody must act, everybody who holds a post in it. */
static enum rc read_crew(struct db *db, struct arena *a, int64_t unit_id, bool must_act, struct crew *crew) {
    *crew = (struct crew){.unit_id = unit_id, .anybody = must_act};
    enum rc rc = db_rows(db, ST_unit_notified, DB_VALUES(v_int(unit_id)), a, &crew->rows, &crew->n);
    if (rc != RC_OK || crew->n || !must_act) return rc;
    return db_rows(db, ST_colleagues, DB_VALUES(v_int(unit_id)), a, &crew->rows, &crew->n);
}

static enum rc tell_unit(struct pass *pass, struct db *db, struct told *t, const struct row_notify_event *e,
                         int64_t unit_id, bool must_act) {
    struct crew *crew = pass->crews, *end = pass->crews + pass->crew_count;
    if (!unit_id) return RC_OK;
    while (crew < end && (crew->unit_id != unit_id || crew->anybody != must_act)) crew++;
    if (crew == end) {
        bool full = pass->crew_count == CREWS_MAX;
        if (full) crew = &pass->crews[CREWS_MAX - 1];
        enum rc rc = read_crew(db, &pass->job->arena, unit_id, must_act, crew);
        if (rc != RC_OK) return rc;
        pass->crew_count += !full;
    }
    for (size_t i = 0; i < crew->n; i++) tell(t, e, KIND_STAFF, crew->rows[i].staff_id);
    return RC_OK;
}

static enum rc tell_assignee(struct db *db, struct arena *a, struct told *t, const struct row_notify_event *e) {
    struct row_id *row;
    if (uuid_is_zero(e->target_id)) return RC_OK;
    enum rc rc = db_row(db, ST_post_staff, DB_VALUES(v_id(e->target_id)), a, &row);
    if (rc == RC_OK && row) tell(t, e, KIND_STAFF, row->id);
    return rc;
}

static enum rc whom(struct pass *pass, struct db *db, const struct row_notify_event *e, struct told *t) {
    const struct unit *holder = unit_by_id(job_district(pass->job), e->unit_id);
    int64_t above = holder && holder->parent ? holder->parent->id : 0;
    enum rc rc = RC_OK;
    t->n = 0;
    if (e->notify & N_REPORTER) tell(t, e, KIND_RESIDENT, e->resident_id);
    if (e->notify & N_ASSIGNEE) rc = tell_assignee(db, &pass->job->arena, t, e);
    if (rc == RC_OK && e->notify & N_HOLDER) rc = tell_unit(pass, db, t, e, e->unit_id, true);
    if (rc == RC_OK && e->notify & N_FROM) rc = tell_unit(pass, db, t, e, e->from_unit_id, false);
    if (rc == RC_OK && e->notify & N_FIRST && e->first_unit_id != e->unit_id)
        rc = tell_unit(pass, db, t, e, e->first_unit_id, false);
    if (rc == RC_OK && e->notify & N_ABOVE) rc = tell_unit(pass, db, t, e, above, false);
    return rc;
}

/* What is left at the end goes one by one: the statement has so many rows, or one. */
static enum rc flush(struct db *db, struct outgoing *out) {
    size_t n = out->n;
    enum rc rc = RC_OK;
    out->n = 0;
    if (n == ROWS_AT_ONCE) return db_run(db, ST_notice_insert_7, out->values, n * ROW_VALUES, NULL);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = db_run(db, ST_notice_insert, out->values + i * ROW_VALUES, ROW_VALUES, NULL);
    return rc;
}

/* Ids of one moment need not grow. */
static void note_id(struct outgoing *out, const uint8_t id[16]) {
    if (!out->total || memcmp(id, out->first, 16) < 0) memcpy(out->first, id, 16);
    if (!out->total || memcmp(id, out->last, 16) > 0) memcpy(out->last, id, 16);
    out->total++;
}

/* e must live until the next flush, as what the values point to. */
static enum rc add_notice(struct db *db, struct outgoing *out, const struct row_notify_event *e,
                          const struct person *p) {
    uint8_t *id = out->ids[out->n];
    if (!uuid_make(time_now_us(), id)) return RC_INTERNAL;
    note_id(out, id);
    const struct db_value row[ROW_VALUES] = {v_id(id),
                                             v_int(p->kind),
                                             v_id(p->id),
                                             v_id(e->appeal_id),
                                             v_int(e->n),
                                             v_int(e->action),
                                             v_int(!!(e->notify & N_URGENT)),
                                             v_int_or_null(e->unit_id),
                                             v_time(e->at)};
    memcpy(out->values + out->n * ROW_VALUES, row, sizeof row);
    return ++out->n == ROWS_AT_ONCE ? flush(db, out) : RC_OK;
}

/* One for each notice of this pass that tells staff; only the holder of the lease makes notices, so the range is all its own. */
static enum rc write_work_notices(struct job *job, struct db *db, const struct outgoing *out) {
    int64_t now_us = time_now_us(), gather_us = job->env->settings->notice_gather_seconds * SECOND_US;
    if (!out->total) return RC_OK;
    return db_run(db, ST_work_notices_insert,
                  DB_VALUES(v_time(now_us), v_time(now_us + gather_us), v_id(out->first), v_id(out->last)), NULL);
}

static enum rc read_position(struct db *db, struct arena *a, int64_t *seq) {
    struct row_setting *row;
    enum rc rc = db_row(db, ST_setting_get, DB_VALUES(v_z(position_name)), a, &row);
    *seq = 0;
    if (rc == RC_OK && row && !num_i64(row->value, 0, INT64_MAX, seq)) {
        log_event(LOG_ERROR, "notices", "the setting %s is not a number", position_name);
        return RC_INTERNAL;
    }
    return rc;
}

static enum rc read_events(struct db *db, struct arena *a, struct row_notify_event **events, size_t *n) {
    int64_t seq = 0;
    enum rc rc = read_position(db, a, &seq);
    return rc == RC_OK
               ? db_rows(db, ST_events_to_notify, DB_VALUES(v_int(seq), v_int(INT64_MAX), v_int(BATCH)), a, events, n)
               : rc;
}

static enum rc write_batch(struct db *db, void *arg) {
    struct pass *pass = arg;
    struct row_notify_event *events;
    struct told *told;
    char seq[24];
    size_t n = 0;
    pass->events = 0;
    pass->out.n = pass->out.total = 0;
    pass->crew_count = 0;
    enum rc rc = job_hold(pass->job, db);
    if (rc == RC_OK) rc = read_events(db, &pass->job->arena, &events, &n);
    if (rc != RC_OK || !n) return rc;
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        told = ARENA_NEW(&pass->job->arena, struct told); /* the rows on their way point into it */
        rc = told ? whom(pass, db, &events[i], told) : RC_INTERNAL;
        for (size_t k = 0; rc == RC_OK && k < told->n; k++)
            rc = add_notice(db, &pass->out, &events[i], &told->persons[k]);
    }
    if (rc == RC_OK) rc = flush(db, &pass->out);
    if (rc == RC_OK) rc = write_work_notices(pass->job, db, &pass->out);
    snprintf(seq, sizeof seq, "%lld", (long long)events[n - 1].seq);
    if (rc == RC_OK) rc = db_run(db, ST_setting_put, DB_VALUES(v_z(position_name), v_z(seq)), NULL);
    pass->events = n;
    return rc;
}

enum rc notices_run(struct job *job, bool *again) {
    struct pass pass = {.job = job};
    struct row_notify_event *events;
    size_t n = 0;
    enum rc rc = read_events(job->db, &job->arena, &events,
                             &n); /* nearly always nothing: found out without a transaction */
    if (rc == RC_OK && n) rc = db_tx(job->db, write_batch, &pass);
    *again = rc == RC_OK && pass.events == BATCH;
    return rc;
}
