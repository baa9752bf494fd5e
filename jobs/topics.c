/* Hot topics: puts together what several report, matter by matter as they come in, behind the job that keeps what they are found by
 * (alike.c). A matter joins the topic of the open one that it is most like; two that are alike make one. One that many joined is a
 * topic by itself. What is word for word what another of the same step says joins that one's without a search: an outcry is copied
 * from chat to chat, and comes in by the hundred. */
#include "job.h"

#include "acts/alike.h"
#include "base/timefmt.h"
#include "base/uuid.h"

enum {
    BATCH = 208,
    AT_ONCE = 16, /* of these in one transaction, and in one statement */
    KEEP_SECONDS = LEASE_SECONDS / 2,
    KEPT_DAYS = 30,
    ENDED_AT_ONCE = 20,
    JOINED_LEAST = 3
};
static const char position_name[] = "topic_seq", behind_name[] = "alike_seq";

struct step {
    struct job *job;
    const struct row_topic_event *events;
    size_t n;
    struct row_topic_matter *matters; /* those of them that are open and kept */
    size_t matter_count;
};

static enum rc find_topic(struct act *act, const uint8_t appeal_id[16], struct row_id **topic) {
    return db_row(act->db, ST_topic_of, DB_VALUES(v_id(appeal_id)), act->arena, topic);
}

static struct row_topic_matter *matter_of(const struct step *s, const uint8_t appeal_id[16]) {
    for (size_t i = 0; i < s->matter_count; i++)
        if (memcmp(s->matters[i].appeal_id, appeal_id, 16) == 0) return &s->matters[i];
    return NULL;
}

/* One that the step read is known to be in it from now on, whether its event has come or will. */
static enum rc add_member(struct act *act, const struct step *s, const uint8_t topic_id[16],
                          const uint8_t appeal_id[16], int64_t at) {
    struct row_topic_matter *m = matter_of(s, appeal_id);
    if (m) memcpy(m->topic_id, topic_id, 16);
    return db_later(act->db, ST_topic_member_insert, DB_VALUES(v_id(topic_id), v_id(appeal_id), v_time(at)));
}

/* A topic of one matter, which another, or who joined it, makes one. */
static enum rc begin_topic(struct act *act, const struct step *s, const struct row_alike_candidate *m, uint8_t id[16]) {
    if (!uuid_make(act->now_us, id)) return RC_INTERNAL;
    enum rc rc = db_later(act->db, ST_topic_insert,
                          DB_VALUES(v_id(id), v_int(alike_area(act->district, m->place_id)), v_int_or_null(m->place_id),
                                    v_int_or_null(m->category_id), v_time(m->submitted_at), v_time(m->submitted_at)));
    return rc == RC_OK ? add_member(act, s, id, m->appeal_id, m->submitted_at) : rc;
}

/* ---- a matter came in ---- */

static enum rc grow(struct act *act, const struct step *s, const struct row_topic_matter *m,
                    const uint8_t topic_id[16]) {
    enum rc rc = add_member(act, s, topic_id, m->appeal_id, m->submitted_at);
    if (rc != RC_OK) return rc;
    return db_later(
        act->db, ST_topic_grow,
        DB_VALUES(v_time(m->submitted_at), v_int_or_null(m->place_id), v_int_or_null(m->category_id), v_id(topic_id)));
}

static struct row_alike_candidate as_candidate(const struct row_topic_matter *m) {
    struct row_alike_candidate c = {
        .place_id = m->place_id, .category_id = m->category_id, .submitted_at = m->submitted_at, .grams = m->grams};
    memcpy(c.appeal_id, m->appeal_id, 16);
    return c;
}

/* One that is nearer than any other can be. */
static bool says_the_same(const struct row_topic_matter *x, const struct row_topic_matter *y) {
    return x->place_id == y->place_id && x->category_id == y->category_id && str_eq(x->grams, y->grams);
}

static enum rc put_to_alike(struct act *act, const struct step *s, const struct row_topic_matter *m) {
    const struct row_alike_candidate *nearest, itself = as_candidate(m);
    struct row_id *topic;
    uint8_t id[16];
    for (size_t i = 0; i < s->matter_count; i++)
        if (!uuid_is_zero(s->matters[i].topic_id) && says_the_same(&s->matters[i], m))
            return grow(act, s, m, s->matters[i].topic_id);
    enum rc rc = alike_nearest(act, &itself, &nearest);
    if (rc != RC_OK || !nearest) return rc;
    rc = find_topic(act, nearest->appeal_id, &topic);
    if (rc == RC_OK && topic) return grow(act, s, m, topic->id);
    if (rc == RC_OK) rc = begin_topic(act, s, nearest, id);
    return rc == RC_OK ? grow(act, s, m, id) : rc;
}

/* ---- many joined ---- */

static enum rc note_joined(struct act *act, const struct step *s, const struct row_topic_event *e) {
    const struct row_topic_matter *m = matter_of(s, e->appeal_id);
    struct row_id *topic = NULL;
    uint8_t id[16] = {0};
    enum rc rc = m ? RC_OK : find_topic(act, e->appeal_id, &topic); /* one that has ended may be in one still */
    if (rc != RC_OK) return rc;
    if (m || topic) memcpy(id, m ? m->topic_id : topic->id, 16);
    if (m && uuid_is_zero(id) && e->detail + 1 >= JOINED_LEAST) {
        const struct row_alike_candidate itself = as_candidate(m);
        rc = begin_topic(act, s, &itself, id);
    }
    if (rc != RC_OK || uuid_is_zero(id)) return rc;
    return db_later(act->db, ST_topic_joined, DB_VALUES(v_time(e->at), v_int(e->detail + 1), v_id(id)));
}

/* What happened before, as what a crash had done again, changes nothing: a matter is in one topic, once. */
static enum rc take_in(struct act *act, const struct step *s, const struct row_topic_event *e) {
    const struct row_topic_matter *m = matter_of(s, e->appeal_id);
    if (e->action == ACT_JOINED) return note_joined(act, s, e);
    return m && uuid_is_zero(m->topic_id) ? put_to_alike(act, s, m) : RC_OK;
}

static enum rc take_in_some(struct db *db, void *arg) {
    struct step *s = arg;
    struct db_value ids[AT_ONCE];
    enum rc rc = job_hold(s->job, db);
    if (rc != RC_OK) return rc;
    struct act act = job_act(s->job, db);
    for (size_t i = 0; i < AT_ONCE; i++) ids[i] = v_id(s->events[i < s->n ? i : 0].appeal_id);
    rc = db_rows(db, ST_topic_matters, ids, AT_ONCE, act.arena, &s->matters, &s->matter_count);
    for (size_t i = 0; rc == RC_OK && i < s->n; i++) rc = take_in(&act, s, &s->events[i]);
    return rc;
}

/* ---- what happens ---- */

static enum rc set_position(struct db *db, void *arg) {
    struct job *job = ((void **)arg)[0];
    const int64_t *seq = ((void **)arg)[1];
    enum rc rc = job_hold(job, db);
    return rc == RC_OK ? job_set_position(db, position_name, *seq) : rc;
}

/* Those that matter, copied out, as the arena is emptied for each transaction. */
static size_t pick(const struct row_topic_event *rows, size_t n, struct row_topic_event *out) {
    size_t picked = 0;
    for (size_t i = 0; i < n; i++)
        if (rows[i].action == ACT_SUBMIT || rows[i].action == ACT_JOINED) out[picked++] = rows[i];
    return picked;
}

static enum rc follow(struct job *job, bool *again) {
    struct row_topic_event events[BATCH], *rows;
    int64_t seq = 0, until = 0;
    size_t read = 0;
    enum rc rc = job_position(job, job->db, position_name, &seq);
    if (rc == RC_OK) rc = job_position(job, job->db, behind_name, &until);
    if (rc == RC_OK)
        rc = db_rows(job->db, ST_topic_events, DB_VALUES(v_int(seq), v_int(until), v_int(BATCH)), &job->arena, &rows,
                     &read);
    if (rc != RC_OK || !read) return rc;
    seq = rows[read - 1].seq;
    size_t n = pick(rows, read, events);
    for (size_t i = 0; rc == RC_OK && i < n; i += AT_ONCE) {
        struct step step = {.job = job, .events = events + i, .n = n - i < AT_ONCE ? n - i : AT_ONCE};
        if (job_stopping(job)) return RC_OK;
        arena_reset(&job->arena);
        job_give_way(job);
        rc = lease_keep(&job->lease, job->db, KEEP_SECONDS);
        if (rc == RC_OK) rc = db_tx(job->db, take_in_some, &step);
    }
    if (rc == RC_OK) rc = db_tx(job->db, set_position, (void *[]){job, &seq});
    *again = rc == RC_OK && read == BATCH;
    return rc;
}

static enum rc end_some(struct db *db, void *arg) {
    struct job *job = arg;
    struct row_id *old;
    size_t n = 0;
    enum rc rc = job_hold(job, db);
    if (rc == RC_OK)
        rc = db_rows(db, ST_topics_old,
                     DB_VALUES(v_time(time_now_us() - KEPT_DAYS * DAY_S * SECOND_US), v_int(ENDED_AT_ONCE)),
                     &job->arena, &old, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        rc = db_later(db, ST_topic_members_end, DB_VALUES(v_id(old[i].id)));
        if (rc == RC_OK) rc = db_later(db, ST_topic_end, DB_VALUES(v_id(old[i].id)));
    }
    return rc;
}

enum rc topics_run(struct job *job, bool *again) {
    enum rc rc = follow(job, again);
    arena_reset(&job->arena);
    return rc == RC_OK ? db_tx(job->db, end_some, job) : rc;
}
