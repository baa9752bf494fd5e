/* Each minute a signed head over all entries that got their seq since the last one; to the table first, then to the
 * file. */
#include "job.h"

#include "acts/heads.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "head_file.h"

enum { HEAD_SECONDS = 60, ENTRIES_MAX = 1000000 };

struct making {
    struct job *job;
    struct head head;
};

static enum rc last_head(struct job *job, struct head *last) {
    static const uint8_t unknown[32];
    struct row_audit_head *row;
    *last = (struct head){0};
    enum rc rc = db_row(job->db, ST_audit_last_head, NULL, 0, &job->arena, &row);
    if (rc == RC_OK && row && !head_from_row(row, unknown, last)) rc = RC_INTERNAL;
    return rc;
}

/* Whole ranges are committed at a time, so whatever lies below the greatest seq is there as well. */
static enum rc last_seq(struct job *job, int64_t *seq) {
    struct row_number *event, *line = NULL;
    enum rc rc = db_row(job->db, ST_last_event_seq, NULL, 0, &job->arena, &event);
    if (rc == RC_OK) rc = db_row(job->db, ST_last_line_seq, NULL, 0, &job->arena, &line);
    if (rc != RC_OK) return rc;
    *seq = event ? event->n : 0;
    if (line && line->n > *seq) *seq = line->n;
    return RC_OK;
}

static enum rc keep(void *arg) {
    struct job *job = arg;
    return lease_keep(&job->lease, job->db, LEASE_SECONDS / 2);
}

static enum rc insert(struct db *db, void *arg) {
    struct making *m = arg;
    const struct head *h = &m->head;
    enum rc rc = job_hold(m->job, db);
    if (rc != RC_OK) return rc;
    return db_run(db, ST_audit_head_insert,
                  DB_VALUES(v_int(h->n), v_int(h->first_seq), v_int(h->last_seq), v_hash(h->root), v_time(h->at),
                            v_bytes((struct str){(const char *)h->signature, 64})),
                  NULL);
}

static enum rc make_head(struct job *job, const struct head *last, int64_t seq, const uint8_t seed[32]) {
    struct making m = {.job = job, .head = {.n = last->n + 1, .first_seq = last->last_seq + 1}};
    struct head *h = &m.head;
    int64_t missing = 0;
    h->last_seq = seq - h->first_seq >= ENTRIES_MAX ? h->first_seq + ENTRIES_MAX - 1 : seq;
    h->at = time_now_us() / SECOND_US * SECOND_US;
    memcpy(h->previous, last->root, 32);
    enum rc rc = heads_root(job->db, &job->arena, h->first_seq, h->last_seq, keep, job, h->root, &missing);
    if (rc != RC_OK) return rc;
    if (missing) {
        log_event(LOG_ERROR, "audit_heads",
                  "the entry with seq %lld is gone: no head can be made; run minhuctl audit verify",
                  (long long)missing);
        return RC_INTERNAL;
    }
    if (!head_sign(seed, h)) return RC_INTERNAL;
    rc = db_tx(job->db, insert, &m);
    if (rc == RC_OK)
        log_event(LOG_INFO, "audit_heads", "head %lld over %lld..%lld", (long long)h->n, (long long)h->first_seq,
                  (long long)h->last_seq);
    return rc;
}

/* force: without waiting for the minute to be over. */
static enum rc update(struct job *job, bool force, bool *again) {
    uint8_t public_key[32];
    const uint8_t *seed = keyring_key(job->env->keys, "head");
    const char *path = job->env->settings->head_file;
    struct head last;
    int64_t seq = 0;
    *again = false;
    if (!seed || !ed25519_public(seed, public_key)) return RC_INTERNAL;
    enum rc rc = head_file_update(job->db, &job->arena, path, public_key);
    if (rc == RC_OK) rc = last_head(job, &last);
    if (rc == RC_OK) rc = last_seq(job, &seq);
    if (rc != RC_OK) return rc;
    if (seq <= last.last_seq || (!force && time_now_us() - last.at < HEAD_SECONDS * SECOND_US)) return RC_OK;
    rc = make_head(job, &last, seq, seed);
    *again = rc == RC_OK && seq - last.last_seq > ENTRIES_MAX;
    return rc == RC_OK ? head_file_update(job->db, &job->arena, path, public_key) : rc;
}

enum rc audit_heads_run(struct job *job, bool *again) { return update(job, job->once, again); }

enum rc audit_heads_last(struct job *job) {
    bool again;
    return update(job, true, &again);
}
