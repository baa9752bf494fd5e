/* Removes what has served its time: kept answers, photos that never got an appeal, tokens and sessions long past, who joined a trouble
 * long over. In small batches, so that nobody waits for a lock. */
#include "job.h"

#include "acts/photos.h"
#include "base/log.h"
#include "base/timefmt.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH = 200, PHOTO_BATCH = 20, ANSWER_HOURS = 24, PHOTO_HOURS = 24, SESSION_DAYS = 60, JOINER_DAYS = 90 };

struct batch {
    struct job *job;
    size_t done;
    bool more; /* even where nothing was done */
};

static int64_t ago(int64_t seconds) { return time_now_us() - seconds * SECOND_US; }

static enum rc answers(struct db *db, void *arg) {
    struct batch *b = arg;
    int64_t matched = 0;
    enum rc rc = job_hold(b->job, db);
    if (rc == RC_OK)
        rc = db_run(db, ST_answers_expire, DB_VALUES(v_time(ago(ANSWER_HOURS * 3600)), v_int(BATCH)), &matched);
    b->done = (size_t)matched;
    return rc;
}

/* The last token of a session ends with it. */
static enum rc tokens(struct db *db, void *arg) {
    struct batch *b = arg;
    struct row_expired_token *rows;
    size_t n = 0;
    int64_t past = ago((int64_t)SESSION_DAYS * DAY_S);
    enum rc rc = job_hold(b->job, db);
    if (rc == RC_OK)
        rc = db_rows(db, ST_tokens_expired, DB_VALUES(v_time(past), v_int(BATCH)), &b->job->arena, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        rc = db_later(db, ST_token_delete, DB_VALUES(v_hash(rows[i].hash), v_time(past)));
        if (rc == RC_OK) rc = db_later(db, ST_session_delete, DB_VALUES(v_id(rows[i].session_id), v_time(past)));
    }
    b->done = n;
    return rc;
}

/* Moved aside first and looked at again: somebody may be storing the same picture at this moment. */
static void remove_file(const char *folder, const uint8_t sha256[32]) {
    char path[PHOTO_PATH_MAX], aside[PHOTO_PATH_MAX + 8];
    struct stat st;
    if (!photo_path(folder, sha256, path)) return;
    snprintf(aside, sizeof aside, "%s.old", path);
    if (rename(path, aside)) {
        if (errno != ENOENT) log_event(LOG_ERROR, "cleanup", "cannot move %s: errno %d", path, errno);
        return;
    }
    bool fresh = stat(aside, &st) == 0 && time_now_us() - (int64_t)st.st_mtim.tv_sec * SECOND_US < 3600 * SECOND_US;
    if (fresh ? rename(aside, path) : unlink(aside))
        log_event(LOG_ERROR, "cleanup", "cannot remove %s: errno %d", aside, errno);
}

/* The file goes before the commit: a crash then leaves a row without a file, which the next run removes, and never a
 * picture that nobody knows of. */
static enum rc photos(struct db *db, void *arg) {
    struct batch *b = arg;
    struct row_attachment *rows;
    size_t n = 0;
    enum rc rc = job_hold(b->job, db);
    if (rc == RC_OK)
        rc = db_rows(db, ST_attachments_stale, DB_VALUES(v_time(ago(PHOTO_HOURS * 3600)), v_int(PHOTO_BATCH)),
                     &b->job->arena, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct row_number *others = NULL;
        int64_t removed = 0;
        rc = db_run(db, ST_attachment_delete, DB_VALUES(v_id(rows[i].id)), &removed);
        if (rc == RC_OK && removed)
            rc = db_row(db, ST_attachments_with_hash, DB_VALUES(v_hash(rows[i].sha256)), &b->job->arena, &others);
        if (rc == RC_OK && removed && others && others->n == 0)
            remove_file(b->job->env->settings->upload_folder, rows[i].sha256);
    }
    b->done = n;
    return rc;
}

/* How many there were, and what they answered, is kept with the trouble. The notices about it name them as well. */
static enum rc forget_joiners(struct batch *b, struct db *db, const uint8_t trouble_id[16],
                              const struct row_joiner *rows, size_t n) {
    int64_t answered[ANSWER__MAX] = {0}, removed = 0;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        answered[rows[i].answer > 0 && rows[i].answer < ANSWER__MAX ? rows[i].answer : 0]++;
        rc = db_later(db, ST_trouble_notices_forget,
                      DB_VALUES(v_id(rows[i].resident_id), v_id(trouble_id), v_id(trouble_id)));
    }
    if (rc == RC_OK && n) rc = db_run(db, ST_joiners_forget, DB_VALUES(v_id(trouble_id), v_int((int64_t)n)), &removed);
    if (rc == RC_OK && removed != (int64_t)n) return RC_INTERNAL;
    b->more = true;
    return rc == RC_OK ? db_run(db, ST_trouble_forget,
                                DB_VALUES(v_int(n < BATCH), v_int((int64_t)n), v_int(answered[ANSWER_RESTORED]),
                                          v_int(answered[ANSWER_NOT_RESTORED]), v_id(trouble_id)),
                                NULL)
                       : rc;
}

/* Of the trouble that was over first. Its lock keeps answers away, so that those read are those removed. */
static enum rc joiners(struct db *db, void *arg) {
    struct batch *b = arg;
    struct arena *a = &b->job->arena;
    struct row_id *trouble = NULL;
    struct row_trouble *locked;
    struct row_joiner *rows;
    size_t n = 0;
    enum rc rc = job_hold(b->job, db);
    if (rc == RC_OK)
        rc = db_row(db, ST_troubles_to_forget, DB_VALUES(v_time(ago((int64_t)JOINER_DAYS * DAY_S)), v_int(1)), a,
                    &trouble);
    if (rc != RC_OK || !trouble) return rc;
    rc = db_row(db, ST_trouble_lock, DB_VALUES(v_id(trouble->id)), a, &locked);
    if (rc == RC_OK) rc = db_rows(db, ST_joiners_first, DB_VALUES(v_id(trouble->id), v_int(BATCH)), a, &rows, &n);
    if (rc == RC_OK) rc = forget_joiners(b, db, trouble->id, rows, n);
    b->done = n;
    return rc;
}

static const struct {
    const char *name;
    enum rc (*batch)(struct db *db, void *arg);
} kinds[] = {{"kept answers", answers},
             {"photos without an appeal", photos},
             {"expired tokens", tokens},
             {"who joined a trouble", joiners}};

static enum rc all_of(struct job *job, size_t kind) {
    struct batch b = {.job = job};
    size_t total = 0;
    enum rc rc;
    do {
        arena_reset(&job->arena);
        b.done = 0;
        b.more = false;
        rc = lease_keep(&job->lease, job->db, LEASE_SECONDS / 2);
        if (rc == RC_OK) rc = db_tx(job->db, kinds[kind].batch, &b);
        if (rc == RC_OK) total += b.done;
    } while (rc == RC_OK && (b.done > 0 || b.more) && !job_stopping(job));
    if (total) log_event(LOG_INFO, "cleanup", "%zu %s removed", total, kinds[kind].name);
    return rc;
}

enum rc cleanup_run(struct job *job, bool *again) {
    *again = false;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < sizeof kinds / sizeof *kinds; i++) rc = all_of(job, i);
    return rc;
}
