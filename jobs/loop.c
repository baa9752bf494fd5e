/* The life of one job: lease, runs, rests, back-off. */
#include "job.h"

#include "base/log.h"
#include "base/num.h"
#include "base/timefmt.h"

#include <pthread.h>
#include <time.h>

/* The longest sleep, so that the lease is kept; the wait after trouble grows from the first to the second figure. */
enum { LOOK_MS = 100, CALM_LOOKS = 3, BREATH = 3, BREATH_FROM_MS = 1000 };
enum { TICK_MS = 2000, LEASE_LEFT_SECONDS = 6, TROUBLE_MS = 250, TROUBLE_MAX_MS = 5000, JOB_MEMORY = 64 * 1024 * 1024 };

static pthread_mutex_t sleep_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake_all;
static pthread_once_t wake_once = PTHREAD_ONCE_INIT;

static void make_wake(void) {
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&wake_all, &attr);
    pthread_condattr_destroy(&attr);
}

void job_wake(void) {
    pthread_once(&wake_once, make_wake);
    pthread_mutex_lock(&sleep_lock);
    pthread_cond_broadcast(&wake_all);
    pthread_mutex_unlock(&sleep_lock);
}

static void rest(const struct job *job, int64_t ms) {
    int64_t until_us = time_mono_us() + ms * 1000;
    struct timespec until = {.tv_sec = (time_t)(until_us / SECOND_US), .tv_nsec = (long)(until_us % SECOND_US) * 1000};
    pthread_once(&wake_once, make_wake);
    pthread_mutex_lock(&sleep_lock);
    while (!job_stopping(job) && pthread_cond_timedwait(&wake_all, &sleep_lock, &until) == 0) continue;
    pthread_mutex_unlock(&sleep_lock);
}

/* When the database was last looked at, and how many looks in a row since found it calm, for all jobs of the process. One is not
 * enough: statements that wait for the same commit end together, so that in the thick of it a moment finds next to none. */
static _Atomic int64_t looked_us;
static _Atomic int calm_looks = CALM_LOOKS;

/* MariaDB's own count, one of them being the question. Unknown is not crowded. */
static bool is_crowded(struct job *job) {
    struct row_setting *running;
    int64_t n, last = atomic_load(&looked_us), now = time_mono_us();
    if ((!last || now - last >= LOOK_MS * INT64_C(1000)) && atomic_compare_exchange_strong(&looked_us, &last, now)) {
        bool yes = db_row(job->db, ST_statements_running, NULL, 0, &job->arena, &running) == RC_OK && running &&
                   num_i64(running->value, 0, INT64_MAX, &n) && n > job->env->settings->db_busy_statements;
        int calm = atomic_load(&calm_looks);
        atomic_store(&calm_looks, yes ? 0 : calm < CALM_LOOKS ? calm + 1 : CALM_LOOKS);
    }
    return atomic_load(&calm_looks) < CALM_LOOKS;
}

void job_give_way(struct job *job) {
    if (job->once || !job->env->settings->db_busy_statements) return;
    for (int waited = 0; waited < job->kind->patience_ms && !job_stopping(job) && is_crowded(job); waited += LOOK_MS)
        rest(job, LOOK_MS);
}

const struct district *job_district(const struct job *job) {
    const struct reference *r = atomic_load_explicit(&job->env->reference, memory_order_acquire);
    return r ? reference_district(r) : NULL;
}

struct act job_act(struct job *job, struct db *db) {
    return (struct act){.db = db,
                        .arena = &job->arena,
                        .district = job_district(job),
                        .keys = job->env->keys,
                        .now_us = time_now_us(),
                        .handling = &job->env->settings->handling,
                        .asker = {.kind = ACTOR_SYSTEM}};
}

enum rc job_hold(struct job *job, struct db *db) { return lease_hold(&job->lease, db, &job->arena); }

bool job_only_this_one(const struct job *job, enum rc rc) {
    if (!(job->kind->traits & SHARED) && !job->lease.held) return false;
    return rc == RC_CONFLICT || rc == RC_NOT_ACCEPTABLE_STATE || rc == RC_STALE || rc == RC_FORBIDDEN ||
           rc == RC_INTERNAL || (rc == RC_UNAVAILABLE && db_lock_timed_out(job->db));
}

static bool job_open(struct job *job) {
    arena_init(&job->arena, JOB_MEMORY);
    job->lease.name = job->kind->name;
    memcpy(job->lease.owner, job->env->owner, 16);
    job->db = db_open(&job->env->db);
    return job->db != NULL;
}

static void job_close(struct job *job) {
    if (job->lease.held && job->kind->last) {
        arena_reset(&job->arena);
        enum rc rc = job->kind->last(job);
        if (rc != RC_OK) log_event(LOG_WARN, job->kind->name, "the last run failed: %s", rc_info(rc)->code);
    }
    if (job->lease.held) lease_free(&job->lease, job->db);
    if (job->has_http) http_client_end(&job->http);
    db_close(job->db);
    arena_free(&job->arena);
}

/* One step, with a lease unless the job is shared; RC_CONFLICT when another process does this job, and for nothing else: a conflict
 * that a run meets is trouble, and told as such. */
static enum rc step(struct job *job, bool *again) {
    arena_reset(&job->arena);
    *again = false;
    if (job->kind->traits & NEEDS_DISTRICT && !job_district(job)) return RC_CONFLICT;
    enum rc rc = RC_OK;
    if (!(job->kind->traits & SHARED))
        rc = job->lease.held ? lease_keep(&job->lease, job->db, LEASE_LEFT_SECONDS)
                             : lease_take(&job->lease, job->db, &job->arena);
    if (rc != RC_OK) return rc;
    rc = job->kind->run(job, again);
    return rc == RC_CONFLICT ? RC_INTERNAL : rc;
}

static int64_t after_trouble(const struct job *job, enum rc rc, int *troubles) {
    int64_t ms = (int64_t)TROUBLE_MS << (*troubles < 5 ? *troubles : 5);
    if (*troubles == 0) log_event(LOG_WARN, job->kind->name, "stopped by %s; trying again", rc_info(rc)->code);
    *troubles += 1;
    return ms < TROUBLE_MAX_MS ? ms : TROUBLE_MAX_MS;
}

/* Between two runs of a rare job the lease is kept, so that the runs of several processes don't add up. */
static void sleep_until(struct job *job, int64_t next_us) {
    while (!job_stopping(job)) {
        int64_t left_ms = (next_us - time_mono_us()) / 1000;
        if (left_ms <= 0) return;
        rest(job, left_ms < TICK_MS ? left_ms : TICK_MS);
        if (job->lease.held && lease_keep(&job->lease, job->db, LEASE_LEFT_SECONDS) != RC_OK) return;
    }
}

/* Between two runs of work that piled up a job that nobody waits for rests longer than it worked, so that what it catches up with
 * is no burden to who asks meanwhile. */
static void catch_breath(struct job *job, int64_t started_us) {
    int64_t ms = (time_mono_us() - started_us) / 1000 * BREATH;
    if (job->kind->patience_ms > BREATH_FROM_MS) rest(job, ms < job->kind->patience_ms ? ms : job->kind->patience_ms);
}

void *job_loop(void *arg) {
    struct job *job = arg;
    int troubles = 0;
    if (!job_open(job)) {
        log_event(LOG_ERROR, job->kind->name, "no memory to start");
        return NULL;
    }
    while (!job_stopping(job)) {
        bool again = false;
        job_give_way(job);
        int64_t started_us = time_mono_us();
        enum rc rc = step(job, &again);
        bool trouble = rc != RC_OK && rc != RC_CONFLICT && rc != RC_STALE;
        if (!trouble) troubles = 0;
        if (trouble) rest(job, after_trouble(job, rc, &troubles));
        else if (rc != RC_OK) rest(job, job->kind->period_ms < TICK_MS ? job->kind->period_ms : TICK_MS);
        else if (again) catch_breath(job, started_us);
        else sleep_until(job, started_us + job->kind->period_ms * INT64_C(1000));
    }
    job_close(job);
    return NULL;
}

enum rc job_once(struct job *job) {
    if (!job_open(job)) return RC_INTERNAL;
    bool again = true;
    enum rc rc = RC_OK;
    while (rc == RC_OK && again && !job_stopping(job)) rc = step(job, &again);
    job_close(job);
    return rc;
}
