/* Nothing stays with a unit that has ended: its matters, what is open first, and its parts of others' matters go to whoever stands for it.
 * It looks at what is there, not at what was to be done: so a kill costs nothing but time, and what a late request still brings to the
 * unit, or a reporter opens again there, follows. Every process of jobs does it. */
#include "job.h"

#include "acts/change.h"
#include "base/log.h"
#include "base/uuid.h"

enum { PAGE = 96, BATCH = 16 };

/* Matters that belong to one transaction. */
struct batch {
    struct job *job;
    const uint8_t (*ids)[16];
    size_t n, done;
};

static bool has_ended(const struct act *act, int64_t unit_id) {
    const struct unit *unit = unit_by_id(act->district, unit_id);
    return unit && unit->heir_count;
}

/* What another process has locked is left to it; what it has done lies with the heir already. */
static enum rc hand_over(struct db *db, void *arg) {
    struct batch *b = arg;
    struct act act = job_act(b->job, db);
    struct db_value ids[BATCH];
    struct row_appeal *rows, *after;
    size_t n;
    for (size_t i = 0; i < BATCH; i++) ids[i] = v_id(b->ids[i < b->n ? i : 0]);
    b->done = 0;
    enum rc rc = db_rows(db, ST_appeals_lock_free, ids, BATCH, act.arena, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        if (!has_ended(&act, rows[i].holder_unit_id)) continue;
        rc = appeal_change(&act, rows[i].id, &(struct change){.action = ACT_SUCCEED}, &after);
        b->done++;
    }
    return rc;
}

/* Is it the trouble of one matter, which is told and doesn't keep the others waiting? */
static bool put_aside(const struct job *job, const uint8_t id[16], enum rc rc) {
    char text[UUID_TEXT + 1];
    if (!job_only_this_one(job, rc)) return false;
    uuid_format(id, text);
    log_event(LOG_ERROR, "successions", "skipped %s: %s", text, rc_info(rc)->code);
    return true;
}

/* Together; one by one after trouble. */
static enum rc handle(struct job *job, const uint8_t (*ids)[16], size_t n, size_t *done) {
    struct batch b = {.job = job, .ids = ids, .n = n};
    arena_reset(&job->arena);
    enum rc rc = db_tx(job->db, hand_over, &b);
    if (rc == RC_OK) *done += b.done;
    if (rc == RC_OK || !job_only_this_one(job, rc)) return rc;
    if (n == 1) return put_aside(job, ids[0], rc) ? RC_OK : rc;
    rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < n; i++) rc = handle(job, &ids[i], 1, done);
    return rc;
}

/* Ids are copied out, as the arena is emptied for each batch. What was handed over leaves the list, so it is read from its start. */
static enum rc hand_over_box(struct job *job, enum box box, int64_t *moved) {
    uint8_t ids[PAGE][16];
    size_t n = PAGE, done = 1;
    while (n == PAGE && done && !job_stopping(job)) {
        struct row_id *rows;
        arena_reset(&job->arena);
        enum rc rc = db_rows(job->db, ST_matters_to_succeed, DB_VALUES(v_int(box), v_int(PAGE)), &job->arena, &rows,
                             &n);
        if (rc != RC_OK) return rc;
        for (size_t i = 0; i < n; i++) memcpy(ids[i], rows[i].id, 16);
        done = 0;
        for (size_t i = 0; rc == RC_OK && i < n && !job_stopping(job); i += BATCH)
            rc = handle(job, &ids[i], n - i < BATCH ? n - i : BATCH, &done);
        *moved += (int64_t)done;
        if (rc != RC_OK) return rc;
    }
    return RC_OK;
}

/* ---- parts ---- */

struct one_part {
    struct job *job;
    const struct row_part_key *key;
};

static enum rc hand_over_part(struct db *db, void *arg) {
    const struct one_part *o = arg;
    struct act act = job_act(o->job, db);
    struct row_appeal *after;
    return appeal_change(&act, o->key->appeal_id, &(struct change){.action = ACT_PART_SUCCEED, .detail = o->key->n},
                         &after);
}

/* RC_CONFLICT: another process was faster. */
static enum rc hand_over_parts(struct job *job, int64_t *moved) {
    struct row_part_key keys[PAGE], *rows;
    size_t n;
    arena_reset(&job->arena);
    enum rc rc = db_rows(job->db, ST_parts_to_succeed, DB_VALUES(v_int(PAGE)), &job->arena, &rows, &n);
    if (rc == RC_OK && n) memcpy(keys, rows, n * sizeof *keys);
    for (size_t i = 0; rc == RC_OK && i < n && !job_stopping(job); i++) {
        struct one_part o = {job, &keys[i]};
        arena_reset(&job->arena);
        rc = db_tx(job->db, hand_over_part, &o);
        *moved += rc == RC_OK;
        if (rc == RC_CONFLICT || (rc != RC_OK && put_aside(job, keys[i].appeal_id, rc))) rc = RC_OK;
    }
    return rc;
}

static bool any_ended(const struct district *d) {
    for (size_t i = 0; i < d->unit_count; i++)
        if (d->units[i].heir_count) return true;
    return false;
}

enum rc successions_run(struct job *job, bool *again) {
    static const enum box order[] = {BOX_TO_ACCEPT, BOX_IN_HAND, BOX_UNRATED, BOX_PLANNED, BOX_TO_CALL_BACK, BOX_NONE};
    int64_t moved = 0, parts = 0;
    *again = false;
    if (!any_ended(job_district(job))) return RC_OK;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < sizeof order / sizeof *order && !job_stopping(job); i++) {
        rc = hand_over_box(job, order[i], &moved);
        if (rc == RC_OK && order[i] == BOX_IN_HAND) rc = hand_over_parts(job, &parts);
    }
    *again = rc == RC_OK && (moved || parts);
    if (moved || parts)
        log_event(LOG_INFO, "successions", "%lld matters and %lld parts of units that have ended handed over",
                  (long long)moved, (long long)parts);
    return rc;
}
