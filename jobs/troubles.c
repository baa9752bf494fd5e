/* Ends the troubles whose time has passed, and tells those who joined what becomes of one: a page of them in each transaction, which
 * moves the trouble's mark of how far they know it, too. So each is told once, whoever dies when, and none waits long for the lock.
 * Where some of them say that it isn't over, the unit that published it is told, once: some time after the first, so that it sees how many
 * do. */
#include "crew.h"
#include "job.h"
#include "outgoing.h"

#include "acts/trouble.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "base/uuid.h"

enum { TROUBLES_AT_ONCE = 20, PAGE = 30 * ROWS_AT_ONCE, KEEP_SECONDS = LEASE_SECONDS / 2 };

struct telling {
    struct job *job;
    uint8_t id[16];
    bool more; /* others are still to be told */
};

static enum rc run_out(struct db *db, void *arg) {
    struct telling *t = arg;
    enum rc rc = job_hold(t->job, db);
    if (rc != RC_OK) return rc;
    struct act act = job_act(t->job, db);
    return trouble_run_out(&act, t->id);
}

static enum rc add_notice(struct db *db, struct arena *a, struct outgoing *out, const struct row_trouble *t,
                          const struct row_id *resident) {
    int64_t now_us = time_now_us();
    uint8_t *id = arena_alloc(a, 16);
    if (!id || !uuid_make(now_us, id)) return RC_INTERNAL;
    const struct db_value row[NOTICE_VALUES] = {v_id(id),    v_int(NOTICE_TROUBLE), v_id(resident->id),
                                                v_id(t->id), v_int(t->news_n),      v_int(t->news),
                                                v_int(0),    v_int(t->unit_id),     v_time(now_us)};
    return outgoing_add(db, out, row);
}

static enum rc tell_page(struct db *db, void *arg) {
    struct telling *t = arg;
    struct arena *a = &t->job->arena;
    struct row_trouble *trouble;
    struct row_id *residents;
    size_t n;
    t->more = false;
    enum rc rc = job_hold(t->job, db);
    if (rc == RC_OK) rc = db_row(db, ST_trouble_lock, DB_VALUES(v_id(t->id)), a, &trouble);
    if (rc != RC_OK || !trouble || !trouble->news) return rc;
    rc = db_rows(db, ST_joiners_after, DB_VALUES(v_id(t->id), v_id(trouble->told_to), v_int(PAGE)), a, &residents, &n);
    if (rc != RC_OK) return rc;
    struct outgoing out = {.many = ST_notice_insert_7, .one = ST_notice_insert, .width = NOTICE_VALUES};
    for (size_t i = 0; rc == RC_OK && i < n; i++) rc = add_notice(db, a, &out, trouble, &residents[i]);
    if (rc == RC_OK) rc = outgoing_flush(db, &out);
    t->more = n == PAGE;
    if (rc != RC_OK) return rc;
    return db_run(
        db, ST_trouble_told,
        DB_VALUES(v_int(t->more ? trouble->news : 0), v_id(n ? residents[n - 1].id : trouble->told_to), v_id(t->id)),
        NULL);
}

/* ---- where it is not over ---- */

static bool told_before(const struct row_colleague *crew, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (memcmp(crew[k].staff_id, crew[i].staff_id, 16) == 0) return true;
    return false;
}

static enum rc add_staff_notice(struct db *db, struct arena *a, struct outgoing *notices, struct outgoing *work,
                                const struct row_trouble *t, const struct row_colleague *who) {
    int64_t now_us = time_now_us();
    uint8_t *id = arena_alloc(a, 16);
    if (!id || !uuid_make(now_us, id)) return RC_INTERNAL;
    const struct db_value notice[NOTICE_VALUES] = {v_id(id),    v_int(NOTICE_TROUBLE), v_id(who->staff_id),
                                                   v_id(t->id), v_int(t->news_n),      v_int(NEWS_NOT_RESTORED),
                                                   v_int(0),    v_int(t->unit_id),     v_time(now_us)};
    const struct db_value message[WORK_VALUES] = {v_id(who->staff_id), v_id(id), v_int(0), v_time(now_us)};
    enum rc rc = outgoing_add(db, notices, notice);
    return rc == RC_OK ? outgoing_add(db, work, message) : rc;
}

static enum rc tell_unit(struct db *db, void *arg) {
    struct telling *t = arg;
    struct arena *a = &t->job->arena;
    struct row_trouble *trouble;
    struct row_colleague *crew;
    size_t n;
    enum rc rc = job_hold(t->job, db);
    if (rc == RC_OK) rc = db_row(db, ST_trouble_lock, DB_VALUES(v_id(t->id)), a, &trouble);
    if (rc != RC_OK || !trouble || trouble->unrestored != UNRESTORED_SAID) return rc;
    rc = crew_of(db, a, trouble->unit_id, true, &crew, &n);
    struct outgoing notices = {.many = ST_notice_insert_7, .one = ST_notice_insert, .width = NOTICE_VALUES},
                    work = {.many = ST_work_notice_insert_7, .one = ST_work_notice_insert, .width = WORK_VALUES};
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (!told_before(crew, i)) rc = add_staff_notice(db, a, &notices, &work, trouble, &crew[i]);
    if (rc == RC_OK) rc = outgoing_flush(db, &notices);
    if (rc == RC_OK) rc = outgoing_flush(db, &work);
    return rc == RC_OK ? db_later(db, ST_trouble_unit_told, DB_VALUES(v_id(t->id))) : rc;
}

/* One step of one trouble. Its own troubles are told, and keep nothing from the others. */
static enum rc step(struct telling *t, enum rc (*fn)(struct db *db, void *arg)) {
    char id[UUID_TEXT + 1];
    arena_reset(&t->job->arena);
    enum rc rc = lease_keep(&t->job->lease, t->job->db, KEEP_SECONDS);
    if (rc == RC_OK) rc = db_tx(t->job->db, fn, t);
    if (rc == RC_OK || rc == RC_UNAVAILABLE || !job_only_this_one(t->job, rc)) return rc;
    uuid_format(t->id, id);
    log_event(LOG_ERROR, "troubles", "skipped %s: %s", id, rc_info(rc)->code);
    t->more = false;
    return RC_OK;
}

/* The arena is emptied at every step, so the ids are copied out. */
static enum rc each(struct job *job, enum statement st, const struct db_value *values, size_t values_n,
                    enum rc (*fn)(struct db *db, void *arg), bool *again) {
    struct row_id found[TROUBLES_AT_ONCE], *rows;
    size_t n = 0;
    enum rc rc = db_rows(job->db, st, values, values_n, &job->arena, &rows, &n);
    if (rc == RC_OK && n) memcpy(found, rows, n * sizeof *found);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct telling t = {.job = job};
        memcpy(t.id, found[i].id, 16);
        do rc = job_stopping(job) ? RC_STALE : step(&t, fn);
        while (rc == RC_OK && t.more);
    }
    *again = *again || (rc == RC_OK && n == TROUBLES_AT_ONCE);
    return rc;
}

enum rc troubles_run(struct job *job, bool *again) {
    enum rc rc = each(job, ST_troubles_run_out, DB_VALUES(v_time(time_now_us()), v_int(TROUBLES_AT_ONCE)), run_out,
                      again);
    if (rc == RC_OK) rc = each(job, ST_troubles_with_news, DB_VALUES(v_int(TROUBLES_AT_ONCE)), tell_page, again);
    int64_t gathered = time_now_us() - job->env->settings->notice_gather_seconds * SECOND_US;
    return rc == RC_OK ? each(job, ST_troubles_unrestored, DB_VALUES(v_time(gathered), v_int(TROUBLES_AT_ONCE)),
                              tell_unit, again)
                       : rc;
}
