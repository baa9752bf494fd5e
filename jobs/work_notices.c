/* Sends work notices over Zhezhengding, within the host's limits (one sender, so many a person and day, contents that
 * differ).
 *
 * One message goes to one person and gathers what waits for him; so there are no batches to keep apart, and a refusal
 * hits one person only. Safe delivery: the message's id is committed before the call, an uncertain call is repeated
 * with the same id, and the host refuses the second as a duplicate: that counts as sent. */
#include "job.h"
#include "work_text.h"

#include "base/log.h"
#include "base/timefmt.h"
#include "base/uuid.h"

enum {
    PERSONS = 20,
    ATTEMPTS_MAX = 8,
    REST_SECONDS = 30,
    REPEAT_SECONDS = 30,
    LIMIT_WAIT_MIN = 60,
    NEXT_DAY_MINUTES = 5,
    LATER_MAX = 320,   /* put off in one transaction, */
    LATER_AT_ONCE = 16 /* and by one statement */
};
enum { WAITING = 1, SENDING = 2, SENT = 3, GIVEN_UP = 4 };

/* One message on its way. */
struct message {
    struct job *job;
    struct row_work_person person;
    char id[UUID_TEXT + 1];
    bool repeated; /* an earlier call with this id may have arrived */
    struct row_work_notice *notices;
    size_t n;
    struct str text;
    int64_t now_us;
    enum zzd_notice result;
};

static int64_t beijing_midnight(int64_t us) {
    int32_t days, second;
    time_split_beijing(us, &days, &second);
    return (int64_t)days * DAY_S * SECOND_US - BEIJING_OFFSET_S * SECOND_US;
}

static int64_t next_day(int64_t us) { return beijing_midnight(us) + (DAY_S + NEXT_DAY_MINUTES * 60) * SECOND_US; }

static int64_t attempts_of(const struct message *m) {
    int64_t most = 0;
    for (size_t i = 0; i < m->n; i++)
        if (m->notices[i].attempts > most) most = m->notices[i].attempts;
    return most;
}

/* 30 s, 1, 2, 4 … minutes. */
static int64_t later(const struct message *m) {
    int64_t attempts = attempts_of(m);
    return m->now_us + (REPEAT_SECONDS * SECOND_US << (attempts < ATTEMPTS_MAX ? attempts : ATTEMPTS_MAX));
}

/* ---- before the call ---- */

static enum rc give_up_person(struct db *db, void *arg) {
    struct message *m = arg;
    enum rc rc = job_hold(m->job, db);
    return rc == RC_OK ? db_run(db, ST_work_person_give_up, DB_VALUES(v_id(m->person.staff_id)), NULL) : rc;
}

/* The lease must outlast the call, or two would send at a time. */
static enum rc keep_for_call(struct job *job) { return lease_keep(&job->lease, job->db, LEASE_SECONDS - 1); }

/* Until the next day, some at a time: each is put off once, however many of the person's wait. */
static enum rc postpone_some(struct db *db, void *arg) {
    struct message *m = arg;
    struct row_id *due;
    struct db_value values[2 + LATER_AT_ONCE] = {v_time(next_day(m->now_us)), v_id(m->person.staff_id)};
    enum rc rc = job_hold(m->job, db);
    if (rc == RC_OK)
        rc = db_rows(db, ST_work_due_of_person,
                     DB_VALUES(v_time(m->now_us), v_id(m->person.staff_id), v_int(LATER_MAX)), &m->job->arena, &due,
                     &m->n);
    for (size_t i = 0; rc == RC_OK && i < m->n; i += LATER_AT_ONCE) {
        for (size_t k = 0; k < LATER_AT_ONCE; k++) values[2 + k] = v_id(due[i + k < m->n ? i + k : i].id);
        rc = db_run(db, ST_work_notices_later, values, 2 + LATER_AT_ONCE, NULL);
    }
    return rc;
}

static enum rc postpone_person(struct message *m) {
    enum rc rc = RC_OK;
    for (m->n = LATER_MAX; rc == RC_OK && m->n == LATER_MAX && !job_stopping(m->job);) {
        rc = keep_for_call(m->job);
        if (rc == RC_OK) rc = db_tx(m->job->db, postpone_some, m);
    }
    return rc;
}

/* After this commit the message is on its way, whoever finishes it. */
static enum rc mark_sending(struct db *db, void *arg) {
    struct message *m = arg;
    enum rc rc = job_hold(m->job, db);
    for (size_t i = 0; rc == RC_OK && i < m->n; i++) {
        int64_t matched = 0;
        rc = db_run(db, ST_work_notice_sending,
                    DB_VALUES(v_z(m->id), v_time(later(m)), v_time(m->now_us), v_id(m->person.staff_id),
                              v_id(m->notices[i].notice_id)),
                    &matched);
        if (rc == RC_OK && matched != 1) rc = RC_CONFLICT;
    }
    return rc;
}

static enum rc may_send_today(struct message *m, bool *yes) {
    struct row_number *sent;
    enum rc rc = db_row(m->job->db, ST_work_messages_since,
                        DB_VALUES(v_id(m->person.staff_id), v_time(beijing_midnight(m->now_us))), &m->job->arena,
                        &sent);
    *yes = rc == RC_OK && sent && sent->n < m->job->env->settings->notice_daily_max;
    return rc;
}

/* ---- after the call ---- */

static enum rc finish_all(struct db *db, const struct message *m, int state) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < m->n; i++)
        rc = db_run(db, ST_work_notice_done,
                    DB_VALUES(v_int(state), v_time(m->now_us), v_id(m->person.staff_id), v_id(m->notices[i].notice_id)),
                    NULL);
    return rc;
}

static bool used_up(const struct row_work_notice *n) { return n->attempts + 1 >= ATTEMPTS_MAX; }

/* With the same id again where an earlier call may have arrived, else as if it had never left. What has used up its
 * attempts is given up, unless this one didn't count. */
static enum rc postpone_all(struct db *db, const struct message *m, int64_t until_us, bool keep_id, bool counts) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < m->n; i++) {
        const uint8_t *person = m->person.staff_id, *id = m->notices[i].notice_id;
        if (counts && used_up(&m->notices[i]))
            rc = db_run(db, ST_work_notice_done, DB_VALUES(v_int(GIVEN_UP), v_time(m->now_us), v_id(person), v_id(id)),
                        NULL);
        else if (keep_id)
            rc = db_run(db, ST_work_notice_again, DB_VALUES(v_int(!counts), v_time(until_us), v_id(person), v_id(id)),
                        NULL);
        else rc = db_run(db, ST_work_notice_later, DB_VALUES(v_time(until_us), v_id(person), v_id(id)), NULL);
    }
    return rc;
}

/* Pacing passes soon, a daily limit tomorrow: which of them it was the host doesn't say. */
static int64_t after_limit(const struct message *m) {
    int64_t gap = m->job->env->settings->notice_batch_gap_seconds;
    return attempts_of(m) == 0 ? m->now_us + (gap > LIMIT_WAIT_MIN ? gap : LIMIT_WAIT_MIN) * SECOND_US
                               : next_day(m->now_us);
}

static enum rc record(struct db *db, void *arg) {
    struct message *m = arg;
    enum rc rc = job_hold(m->job, db);
    if (rc != RC_OK) return rc;
    switch (m->result) {
    case ZZD_NOTICE_SENT:
    case ZZD_NOTICE_DUPLICATE: return finish_all(db, m, SENT);
    case ZZD_NOTICE_NOT_SENT: return postpone_all(db, m, m->now_us + REST_SECONDS * SECOND_US, true, false);
    case ZZD_NOTICE_LIMIT: return postpone_all(db, m, after_limit(m), m->repeated, true);
    case ZZD_NOTICE_REFUSED: return postpone_all(db, m, later(m), m->repeated, true);
    case ZZD_NOTICE_UNCERTAIN: return postpone_all(db, m, later(m), true, true);
    case ZZD_NOTICE_INVALID:
    case ZZD_NOTICE__MAX: break;
    }
    return finish_all(db, m, GIVEN_UP);
}

static size_t lost_now(const struct message *m) {
    size_t lost = 0;
    if (m->result == ZZD_NOTICE_SENT || m->result == ZZD_NOTICE_DUPLICATE || m->result == ZZD_NOTICE_NOT_SENT) return 0;
    for (size_t i = 0; i < m->n; i++) lost += m->result == ZZD_NOTICE_INVALID || used_up(&m->notices[i]);
    return lost;
}

static void tell_result(const struct message *m) {
    static const char *const names[ZZD_NOTICE__MAX] = {[ZZD_NOTICE_SENT] = "sent",
                                                       [ZZD_NOTICE_DUPLICATE] = "sent before",
                                                       [ZZD_NOTICE_LIMIT] = "refused, limit",
                                                       [ZZD_NOTICE_REFUSED] = "refused",
                                                       [ZZD_NOTICE_NOT_SENT] = "host not reached",
                                                       [ZZD_NOTICE_UNCERTAIN] = "outcome unknown",
                                                       [ZZD_NOTICE_INVALID] = "not valid"};
    bool good = m->result == ZZD_NOTICE_SENT || m->result == ZZD_NOTICE_DUPLICATE;
    size_t lost = lost_now(m);
    log_event(lost   ? LOG_ERROR
              : good ? LOG_INFO
                     : LOG_WARN,
              "work_notice", "message %s with %zu notices, attempt %lld: %s, %zu given up", m->id, m->n,
              (long long)attempts_of(m) + 1, m->result < ZZD_NOTICE__MAX ? names[m->result] : "?", lost);
}

/* ---- one message ---- */

static enum rc send_now(struct message *m) {
    struct job *job = m->job;
    enum rc rc = keep_for_call(job);
    if (rc != RC_OK) return rc;
    if (job->lease.ends_us - time_mono_us() < job->env->zzd.total_ms * 1000)
        return RC_STALE; /* this process slept; it is repeated */
    int64_t receiver = m->person.account_id;
    m->result = zzd_send_work_notice(&job->http, &job->env->zzd, &receiver, 1, str_of(m->id), m->text, &job->arena);
    m->now_us = time_now_us();
    if (m->result == ZZD_NOTICE_NOT_SENT || m->result == ZZD_NOTICE_UNCERTAIN)
        job->rest_until_us = time_mono_us() + REST_SECONDS * SECOND_US;
    tell_result(m);
    return db_tx(job->db, record, m);
}

static enum rc build(struct message *m, size_t found) {
    size_t taken = 0;
    if (found) m->text = work_text(m->notices, found, m->job->env->settings->zzd_message_url, &m->job->arena, &taken);
    m->n = taken;
    if (found && !taken) log_event(LOG_ERROR, "work_notice", "message_url is too long for a work notice");
    return found && !taken ? RC_INTERNAL : RC_OK;
}

static enum rc send_waiting(struct message *m) {
    struct job *job = m->job;
    uint8_t id[16];
    size_t found = 0;
    bool today = false;
    if (!m->person.account_id || m->person.disabled_at) {
        char staff[UUID_TEXT + 1];
        uuid_format(m->person.staff_id, staff);
        log_event(LOG_WARN, "work_notice",
                  "staff %s has no Zhezhengding account or is disabled: notices are in the inbox only", staff);
        return db_tx(job->db, give_up_person, m);
    }
    enum rc rc = may_send_today(m, &today);
    if (rc == RC_OK && !today) return postpone_person(m);
    if (rc == RC_OK)
        rc = db_rows(job->db, ST_work_of_person, DB_VALUES(v_id(m->person.staff_id), v_int(WORK_NOTICES_MAX)),
                     &job->arena, &m->notices, &found);
    if (rc == RC_OK) rc = build(m, found);
    if (rc != RC_OK || !m->n) return rc;
    if (!uuid_make(m->now_us, id)) return RC_INTERNAL;
    uuid_format(id, m->id);
    rc = db_tx(job->db, mark_sending, m);
    return rc == RC_OK ? send_now(m) : rc;
}

/* What an earlier run, of this process or of one that died, left without a result. */
static enum rc send_again(struct message *m) {
    struct job *job = m->job;
    size_t found = 0;
    if (m->person.message_id.n != UUID_TEXT) return RC_INTERNAL;
    memcpy(m->id, m->person.message_id.p, UUID_TEXT);
    m->id[UUID_TEXT] = 0;
    m->repeated = true;
    enum rc rc = db_rows(job->db, ST_work_of_message,
                         DB_VALUES(v_id(m->person.staff_id), v_z(m->id), v_int(WORK_NOTICES_MAX)), &job->arena,
                         &m->notices, &found);
    if (rc == RC_OK) rc = build(m, found);
    if (rc != RC_OK || !m->n) return rc;
    rc = db_tx(job->db, mark_sending, m);
    return rc == RC_OK ? send_now(m) : rc;
}

/* ---- a run ---- */

static bool seen_before(const struct row_work_person *rows, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (memcmp(rows[k].staff_id, rows[i].staff_id, 16) == 0 && str_eq(rows[k].message_id, rows[i].message_id))
            return true;
    return false;
}

/* A few persons whose notices are due in this state; *handled counts them. */
static enum rc some(struct job *job, int state, int urgent, size_t *handled) {
    struct row_work_person *rows;
    size_t n;
    arena_reset(&job->arena);
    enum rc rc = db_rows(job->db, ST_work_persons_due,
                         DB_VALUES(v_int(state), v_int(urgent), v_time(time_now_us()), v_int(PERSONS)), &job->arena,
                         &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n && !job_stopping(job) && time_mono_us() >= job->rest_until_us; i++) {
        if (seen_before(rows, i)) continue;
        rc = keep_for_call(job);
        struct message m = {.job = job, .person = rows[i], .now_us = time_now_us()};
        if (rc == RC_OK) rc = state == SENDING ? send_again(&m) : send_waiting(&m);
        *handled += 1;
    }
    return rc;
}

/* What hangs comes first, then what is urgent, then the gathered rest, a few at a time so that urgent ones never queue
 * long. */
enum rc work_notices_run(struct job *job, bool *again) {
    size_t handled = 0;
    if (!job->has_http) job->has_http = http_client_init(&job->http);
    if (!job->has_http) return RC_INTERNAL;
    if (time_mono_us() < job->rest_until_us) return RC_OK;
    enum rc rc = some(job, SENDING, 0, &handled);
    if (rc == RC_OK) rc = some(job, WAITING, 1, &handled);
    if (rc == RC_OK) rc = some(job, WAITING, 0, &handled);
    *again = rc == RC_OK && handled > 0 && time_mono_us() >= job->rest_until_us;
    return rc;
}
