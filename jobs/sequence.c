/* Gives committed events and audit lines their seq: gapless, each once, never one below another that was there before.
 *
 * Only one process at a time does it (the lease), the counter moves in the same transaction, and what isn't committed
 * isn't seen; so whoever follows seq misses nothing that commits late. */
#include "job.h"

#include "base/log.h"

#include <stdlib.h>

enum { BATCH = 500, AT_ONCE = 12 };

struct batch {
    struct job *job;
    size_t given;
};

/* By time, as far as the numbers of one appeal allow: at is the later of an event's own and its predecessors'. */
static int by_time(const void *a, const void *b) {
    const struct row_unsequenced *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    int order = memcmp(x->appeal_id, y->appeal_id, 16);
    return order ? order : x->n < y->n ? -1 : x->n > y->n;
}

/* False unless they came by appeal and number: only then is what a batch has of an appeal its earliest. */
static bool put_in_order(struct row_unsequenced *events, size_t n) {
    for (size_t i = 1; i < n; i++) {
        int order = memcmp(events[i - 1].appeal_id, events[i].appeal_id, 16);
        if (order > 0 || (order == 0 && events[i - 1].n >= events[i].n)) return false;
        if (order == 0 && events[i].at < events[i - 1].at) events[i].at = events[i - 1].at;
    }
    if (n) qsort(events, n, sizeof *events, by_time);
    return true;
}

/* The first of n new numbers. */
static enum rc take_numbers(struct db *db, struct arena *a, size_t n, int64_t *first) {
    struct row_number *row;
    int64_t matched = 0;
    enum rc rc = db_run(db, ST_counter_take, DB_VALUES(v_int((int64_t)n), v_z("seq")), &matched);
    if (rc == RC_OK && !matched) {
        rc = db_run(db, ST_counter_make, DB_VALUES(v_z("seq")), NULL);
        if (rc == RC_OK) rc = db_run(db, ST_counter_take, DB_VALUES(v_int((int64_t)n), v_z("seq")), NULL);
    }
    if (rc == RC_OK) rc = db_row(db, ST_counter_read, DB_VALUES(v_z("seq")), a, &row);
    if (rc != RC_OK) return rc;
    if (!row) return RC_INTERNAL;
    *first = row->n - (int64_t)n;
    return RC_OK;
}

static enum rc give_one(struct db *db, const struct row_unsequenced *e, int64_t seq) {
    int64_t matched = 0;
    enum rc rc = db_run(db, ST_event_sequence, DB_VALUES(v_int(seq), v_id(e->appeal_id), v_int(e->n)), &matched);
    return rc == RC_OK && matched != 1 ? RC_STALE : rc;
}

static enum rc give_twelve(struct db *db, const struct row_unsequenced *events, int64_t seq) {
    struct db_value values[5 * AT_ONCE];
    int64_t matched = 0;
    for (size_t i = 0; i < AT_ONCE; i++) {
        struct db_value *when = &values[3 * i], *where = &values[3 * AT_ONCE + 2 * i];
        when[0] = where[0] = v_id(events[i].appeal_id);
        when[1] = where[1] = v_int(events[i].n);
        when[2] = v_int(seq + (int64_t)i);
    }
    enum rc rc = db_run(db, ST_event_sequence_12, values, sizeof values / sizeof *values, &matched);
    return rc == RC_OK && matched != AT_ONCE ? RC_STALE : rc;
}

/* What third parties follow is a list of its own, so that only their orders' events pay for it. */
static enum rc tell_clients(struct db *db, const struct row_unsequenced *events, size_t n, int64_t first) {
    for (size_t i = 0; i < n; i++)
        if (events[i].of_client)
            return db_later(db, ST_client_changes_insert, DB_VALUES(v_int(first), v_int(first + (int64_t)n - 1)));
    return RC_OK;
}

static enum rc give(struct db *db, const struct row_unsequenced *events, size_t n, const struct row_id *lines, size_t m,
                    int64_t seq) {
    enum rc rc = RC_OK;
    int64_t matched = 0, first = seq;
    size_t i = 0;
    for (; rc == RC_OK && i + AT_ONCE <= n; i += AT_ONCE, seq += AT_ONCE) rc = give_twelve(db, &events[i], seq);
    for (; rc == RC_OK && i < n; i++) rc = give_one(db, &events[i], seq++);
    if (rc == RC_OK) rc = tell_clients(db, events, n, first);
    for (i = 0; rc == RC_OK && i < m; i++) {
        rc = db_run(db, ST_line_sequence, DB_VALUES(v_int(seq++), v_id(lines[i].id)), &matched);
        if (rc == RC_OK && matched != 1) return RC_STALE;
    }
    return rc;
}

static enum rc sequence_batch(struct db *db, void *arg) {
    struct batch *b = arg;
    struct arena *a = &b->job->arena;
    struct row_unsequenced *events;
    struct row_id *lines;
    size_t n, m;
    int64_t first = 0;
    b->given = 0;
    enum rc rc = job_hold(b->job, db);
    if (rc == RC_OK) rc = db_rows(db, ST_unsequenced_events, DB_VALUES(v_int(BATCH)), a, &events, &n);
    if (rc == RC_OK) rc = db_rows(db, ST_unsequenced_lines, DB_VALUES(v_int(BATCH)), a, &lines, &m);
    if (rc != RC_OK || n + m == 0) return rc;
    if (!put_in_order(events, n)) {
        log_event(LOG_ERROR, "sequence", "the database gives events in no order");
        return RC_INTERNAL;
    }
    rc = take_numbers(db, a, n + m, &first);
    if (rc == RC_OK) rc = give(db, events, n, lines, m, first);
    b->given = n + m;
    return rc;
}

/* Nearly always there is nothing: that is found out without a transaction. */
static enum rc anything_new(struct job *job, bool *yes) {
    struct row_unsequenced *event;
    struct row_id *line = NULL;
    enum rc rc = db_row(job->db, ST_unsequenced_events, DB_VALUES(v_int(1)), &job->arena, &event);
    if (rc == RC_OK && !event) rc = db_row(job->db, ST_unsequenced_lines, DB_VALUES(v_int(1)), &job->arena, &line);
    *yes = rc == RC_OK && (event || line);
    return rc;
}

enum rc sequence_run(struct job *job, bool *again) {
    struct batch b = {.job = job};
    bool yes = job->busy;
    enum rc rc = yes ? RC_OK : anything_new(job, &yes);
    if (rc == RC_OK && yes) rc = db_tx(job->db, sequence_batch, &b);
    job->busy = rc == RC_OK && b.given;
    *again = rc == RC_OK && b.given >= BATCH;
    return rc;
}
