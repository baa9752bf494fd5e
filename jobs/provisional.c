/* Due times are computed anew when reference data come, once for each version of the district: all that lean on a year without a
 * calendar; all at all when a calendar was imported, or rules by which the operator wants running clocks to go. */
#include "job.h"

#include "acts/change.h"
#include "acts/import.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "base/uuid.h"

/* A worker may go on with the older calendar for a while; what it made meanwhile is found by looking once more after that. */
enum { FOLLOW_UP_SECONDS = 2 * REFERENCE_GRACE_SECONDS };
static const char position_name[] = "provisional_version"; /* 1 + the version that all due times follow for good */
/* The last version whose rules running clocks have taken; not put off until they follow for good, as a later import without that
 * wish must not move them. */
static const char rules_name[] = "clock_rules_followed";

struct walk {
    struct job *job;
    struct clocks_walk clocks;
    int64_t changed, rules_version;
};

struct one {
    const struct walk *w;
    const uint8_t *id;
};

static enum rc handle_one(struct db *db, void *arg) {
    const struct one *o = arg;
    struct row_appeal *after;
    enum rc rc = job_hold(o->w->job, db);
    if (rc != RC_OK) return rc;
    struct act act = job_act(o->w->job, db);
    return appeal_change(
        &act, o->id, &(struct change){.action = ACT_RECLOCK, .detail = o->w->clocks.rules ? RECLOCK_RULES : 0}, &after);
}

/* Nothing to change any more (RC_CONFLICT), or closed meanwhile: somebody was there first. */
static enum rc handle(struct walk *w, const uint8_t id[16]) {
    struct one o = {w, id};
    char text[UUID_TEXT + 1];
    enum rc rc = db_tx(w->job->db, handle_one, &o);
    if (rc == RC_OK) w->changed++;
    if (rc == RC_OK || !job_only_this_one(w->job, rc)) return rc;
    if (rc == RC_CONFLICT || rc == RC_NOT_ACCEPTABLE_STATE) return RC_OK;
    uuid_format(id, text);
    log_event(LOG_ERROR, "provisional", "skipped %s: %s", text, rc_info(rc)->code);
    return RC_OK;
}

/* Their ids are copied out, since the arena is emptied for each appeal; a change looks again under its lock. */
static enum rc handle_page(struct walk *w) {
    struct job *job = w->job;
    uint8_t ids[CLOCKS_PAGE][16];
    for (size_t i = 0; i < w->clocks.moving; i++) memcpy(ids[i], w->clocks.after[i]->id, 16);
    for (size_t i = 0; i < w->clocks.moving && !job_stopping(job); i++) {
        arena_reset(&job->arena);
        enum rc rc = lease_keep(&job->lease, job->db, LEASE_SECONDS / 2);
        if (rc == RC_OK) rc = handle(w, ids[i]);
        if (rc != RC_OK) return rc;
    }
    return RC_OK;
}

static enum rc walk(struct walk *w) {
    do {
        arena_reset(&w->job->arena);
        if (!w->clocks.all) job_give_way(w->job);
        struct act act = job_act(w->job, w->job->db);
        enum rc rc = lease_keep(&w->job->lease, w->job->db, LEASE_SECONDS / 2);
        if (rc == RC_OK) rc = clocks_next(&act, &w->clocks);
        if (rc == RC_OK) rc = handle_page(w);
        if (rc != RC_OK) return rc;
    } while (w->clocks.n == CLOCKS_PAGE && !job_stopping(w->job));
    return RC_OK;
}

static enum rc settle_rules(struct db *db, void *arg) {
    const struct walk *w = arg;
    enum rc rc = job_hold(w->job, db);
    return rc == RC_OK ? job_set_position(db, rules_name, w->rules_version) : rc;
}

static enum rc settle(struct db *db, void *arg) {
    struct job *job = arg;
    enum rc rc = job_hold(job, db);
    return rc == RC_OK ? job_set_position(db, position_name, job->followed) : rc;
}

/* How far to look: what was imported after the version that is followed for good. */
static enum rc plan(struct walk *w, int64_t version) {
    struct job *job = w->job;
    int64_t position = 0, calendar = 0, rules = 0;
    enum rc rc = job_position(job, job->db, position_name, &position);
    if (rc == RC_OK) rc = job_position(job, job->db, CALENDAR_VERSION, &calendar);
    if (rc == RC_OK) rc = job_position(job, job->db, RULES_VERSION, &w->rules_version);
    if (rc == RC_OK) rc = job_position(job, job->db, rules_name, &rules);
    w->clocks.rules = w->rules_version > rules || (w->rules_version && w->rules_version == version);
    w->clocks.all = w->clocks.rules || (calendar && calendar >= position);
    return rc;
}

/* Has an earlier start seen to this version already? */
static enum rc settled(struct job *job, int64_t version, bool *yes) {
    int64_t position = 0;
    enum rc rc = job_position(job, job->db, position_name, &position);
    *yes = rc == RC_OK && position == version + 1;
    if (*yes) job->followed = position;
    return rc;
}

enum rc provisional_run(struct job *job, bool *again) {
    *again = false;
    struct walk w = {.job = job};
    int64_t version = job_district(job)->version;
    bool newer = job->followed != version + 1, late = job->follow_up_us && job->follow_up_us <= time_mono_us(),
         done = false;
    if (!newer && !late) return RC_OK;
    enum rc rc = newer ? settled(job, version, &done) : RC_OK;
    if (rc != RC_OK || done) return rc;
    rc = plan(&w, version);
    if (rc == RC_OK) rc = walk(&w);
    if (w.changed)
        log_event(LOG_INFO, "provisional", "version %lld: due times of %lld appeals recomputed", (long long)version,
                  (long long)w.changed);
    if (rc != RC_OK || job_stopping(job)) return rc;
    if (w.clocks.rules) rc = db_tx(job->db, settle_rules, &w);
    if (rc != RC_OK) return rc;
    job->followed = version + 1;
    job->follow_up_us = newer ? time_mono_us() + FOLLOW_UP_SECONDS * SECOND_US : 0;
    return newer ? RC_OK : db_tx(job->db, settle, job);
}
