/* What a job is: one row of the table in main.c, one thread with its own database connection, one lease.
 *
 * Any number of minhu-jobs processes may run. A job's work is done by the process that holds its lease, and every
 * transaction that a job writes in begins with lease_hold, so that a process that was paused and comes back can't act
 * on what another has taken over meanwhile. */
#ifndef MINHU_JOB_H
#define MINHU_JOB_H

#include "acts/act.h"
#include "acts/reference.h"
#include "acts/settings.h"
#include "hosts/http.h"
#include "hosts/zzd.h"
#include "lease.h"

#include <stdatomic.h>

/* What all jobs of the process share; only stop and reference change. */
struct job_env {
    const struct settings *settings;
    const struct keyring *keys;
    struct db_config db;
    struct zzd_config zzd;
    uint8_t owner[16];                     /* of this process's leases */
    _Atomic(struct reference *) reference; /* NULL until it could be loaded */
    _Atomic bool stop;
};

struct job;

enum job_trait {
    NEEDS_DISTRICT = 1, /* rests until the reference data are there */
    SHARED = 2          /* done by all processes at once, without a lease */
};

struct job_kind {
    const char *name; /* of the lease and in the log; for ever */
    int period_ms;
    unsigned traits; /* enum job_trait, a bit each */
    int patience_ms; /* how long it gives way before each run while the database has its hands full; 0: it does not */
    /* One run. RC_OK, RC_STALE when the lease was lost, RC_UNAVAILABLE or RC_UNCERTAIN when the database was; returns
     * early when job_stopping. *again is set when there is more to do at once. */
    enum rc (*run)(struct job *job, bool *again);
    enum rc (*last)(struct job *job); /* once more when the process ends; NULL: nothing */
};

struct job {
    const struct job_kind *kind;
    const struct job_env *env;
    struct db *db;
    struct arena arena; /* reset before every run */
    struct lease lease;
    struct http_client http;
    bool has_http;
    bool once;             /* a single pass: nothing waits for its hour */
    int64_t rest_until_us; /* monotonic: whom the job talks to needs a rest */
    bool busy;             /* the last run found something to do */
    int64_t followed;      /* 1 + the version of the district that due times follow already; 0: none */
    int64_t follow_up_us;  /* monotonic: when to look once more; 0: not at all */
};

/* True when the process is to end: finish the step under way. */
static inline bool job_stopping(const struct job *job) {
    return atomic_load_explicit(&job->env->stop, memory_order_relaxed);
}
/* The district in use; only for kinds that need it. */
const struct district *job_district(const struct job *job);
/* The system as one who acts, at this instant, in the job's arena. */
struct act job_act(struct job *job, struct db *db);
/* Holds the lease in the transaction under way; the first call of every transaction. */
enum rc job_hold(struct job *job, struct db *db) MUST_USE;
/* How far the job has come, by a name for ever in table setting; 0 at first. RC_INTERNAL when that is no number. */
enum rc job_position(struct job *job, struct db *db, const char *name, int64_t *position) MUST_USE;
/* In the transaction that does what the position stands for. */
enum rc job_set_position(struct db *db, const char *name, int64_t position) MUST_USE;
/* True when a change of one appeal failed by trouble of its own, and the rest can go on. */
bool job_only_this_one(const struct job *job, enum rc rc);

/* Between two pieces of work, outside of a transaction: rests while the database has its hands full ([database] busy_statements), as
 * long as the job's patience lasts, and not in a single pass. Each job does so before each run; one whose run is long, within it too.
 * The lease is the caller's to keep. */
void job_give_way(struct job *job);

enum rc provisional_run(struct job *job, bool *again) MUST_USE;
enum rc deadlines_run(struct job *job, bool *again) MUST_USE;
enum rc sequence_run(struct job *job, bool *again) MUST_USE;
enum rc notices_run(struct job *job, bool *again) MUST_USE;
enum rc alike_run(struct job *job, bool *again) MUST_USE;
enum rc alike_last(struct job *job) MUST_USE;
enum rc topics_run(struct job *job, bool *again) MUST_USE;
enum rc followers_run(struct job *job, bool *again) MUST_USE;
enum rc troubles_run(struct job *job, bool *again) MUST_USE;
enum rc search_run(struct job *job, bool *again) MUST_USE;
enum rc work_notices_run(struct job *job, bool *again) MUST_USE;
enum rc audit_heads_run(struct job *job, bool *again) MUST_USE;
enum rc audit_heads_last(struct job *job) MUST_USE;
enum rc absences_run(struct job *job, bool *again) MUST_USE;
enum rc successions_run(struct job *job, bool *again) MUST_USE;
enum rc weights_run(struct job *job, bool *again) MUST_USE;
enum rc cleanup_run(struct job *job, bool *again) MUST_USE;

/* Runs one job until the process is to end. arg: its struct job, with kind and env set. For pthread_create. */
void *job_loop(void *arg);
/* One process, one pass: takes the lease, runs until there is nothing left to do, frees it. RC_CONFLICT: another has
 * it. */
enum rc job_once(struct job *job) MUST_USE;
/* Wakes every job that sleeps, so that it sees env->stop. */
void job_wake(void);

#endif
