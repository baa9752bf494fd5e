/* minhu-jobs: everything that happens by itself. One thread a job; any number of processes, on any number of machines.
 */
#include "job.h"

#include "acts/startup.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/timefmt.h"
#include "config.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

enum { SETTINGS_MEMORY = 4 << 20, START_MEMORY = 4 << 20, REFRESH_SECONDS = 2, CALL_SECONDS_MAX = LEASE_SECONDS - 4 };

/* While the database has its hands full: what people or other programs hear of waits a second between two pieces of work, what
 * nobody waits for longer. The clock waits for nobody. */
enum { SOON_MS = 1000, SOME_TIME_MS = 5000 };

/* In the order of --once, which so carries a deadline, by the calendar of now, through to its notice and its audit head: what makes
 * events comes before what orders them. */
static const struct job_kind kinds[] = {
    {"provisional", 2000, NEEDS_DISTRICT, SOON_MS, provisional_run, NULL},
    {"deadlines", 1000, NEEDS_DISTRICT | SHARED, 0, deadlines_run, NULL},
    {"successions", 1000, NEEDS_DISTRICT | SHARED, 0, successions_run, NULL},
    {"absences", 2000, NEEDS_DISTRICT, SOON_MS, absences_run, NULL},
    {"weights", 1000, NEEDS_DISTRICT, SOME_TIME_MS, weights_run, NULL},
    {"sequence", 250, 0, SOON_MS, sequence_run, NULL},
    {"followers", 500, NEEDS_DISTRICT, SOON_MS, followers_run, NULL},
    {"troubles", 1000, NEEDS_DISTRICT, SOON_MS, troubles_run, NULL},
    {"notices", 500, NEEDS_DISTRICT, SOON_MS, notices_run, NULL},
    {"work_notices", 1000, 0, SOON_MS, work_notices_run, NULL},
    {"alike", 1000, NEEDS_DISTRICT, SOME_TIME_MS, alike_run, alike_last},
    {"search", 1000, NEEDS_DISTRICT, SOME_TIME_MS, search_run, NULL},
    {"topics", 2000, NEEDS_DISTRICT, SOME_TIME_MS, topics_run, NULL},
    {"audit_heads", 5000, 0, 0, audit_heads_run, audit_heads_last},
    {"cleanup", 600000, 0, SOME_TIME_MS, cleanup_run, NULL},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const char usage[] =
    "Usage: minhu-jobs --config FILE [--once | --check-config]\n"
    "\n"
    "Does what happens by itself in Minhu: computes due times anew when a year's calendar comes, escalates what ran out\n"
    "of time, hands on what lies with who is away or with units that have ended, orders events, makes and delivers\n"
    "notices, gives those who follow a matter its answer and those who joined a known trouble its news, keeps what\n"
    "matters are found by, puts together what many report, signs the audit heads, removes\n"
    "what has served its time. Any\n"
    "number of processes may run; each job is done by one at a time, but deadlines and successions by all.\n"
    "\n"
    "  -c, --config FILE    configuration (default /etc/minhu/minhu.conf)\n"
    "      --once           every job once, until nothing is left to do, then end\n"
    "      --check-config   say whether the configuration is right, and exit\n"
    "  -h, --help           this text\n"
    "  -V, --version        the version\n"
    "\n"
    "SIGTERM ends it between two steps and frees its leases; SIGHUP opens the log anew.\n";

struct options {
    const char *config;
    bool check, once;
};

static struct job_env env;
static struct job jobs[KINDS];
static pthread_t threads[KINDS];
static bool started[KINDS];

static int parse(int argc, char **argv, struct options *o) {
    enum { CHECK = 256, ONCE };
    static const struct option longs[] = {
        {"config", required_argument, NULL, 'c'}, {"check-config", no_argument, NULL, CHECK},
        {"once", no_argument, NULL, ONCE},        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},      {0}};
    for (;;) {
        int c = getopt_long(argc, argv, "c:hV", longs, NULL);
        if (c == -1) break;
        switch (c) {
        case 'c': o->config = optarg; break;
        case CHECK: o->check = true; break;
        case ONCE: o->once = true; break;
        case 'h': fputs(usage, stdout); return EX_OK;
        case 'V': puts("minhu-jobs " PACKAGE_VERSION); return EX_OK;
        default: fputs(usage, stderr); return EX_USAGE;
        }
    }
    if (optind < argc || (o->check && o->once)) {
        fputs(usage, stderr);
        return EX_USAGE;
    }
    return -1;
}

/* ---- start ---- */

static int fill_env(const struct settings *s) {
    env.settings = s;
    env.db = settings_db(s);
    env.zzd = settings_zzd(s);
    if (env.zzd.total_ms > CALL_SECONDS_MAX * 1000)
        env.zzd.total_ms = CALL_SECONDS_MAX * 1000; /* a call must end before the lease does */
    if (!random_bytes(env.owner, sizeof env.owner)) return EX_OSERR;
    return EX_OK;
}

static void load_reference(struct db *db) {
    struct reference *r = atomic_load(&env.reference);
    if (r) reference_refresh(r, db, time_now_us());
    else if ((r = reference_open(db, env.settings->work_hours)) != NULL)
        atomic_store_explicit(&env.reference, r, memory_order_release);
}

/* ---- run ---- */

static int run_once(struct db *db) {
    int code = EX_OK;
    enum rc rc = startup_check_database(db, env.settings);
    if (rc != RC_OK) return rc == RC_INVALID ? EX_CONFIG : EX_TEMPFAIL;
    load_reference(db);
    for (size_t i = 0; i < KINDS; i++) {
        jobs[i] = (struct job){.kind = &kinds[i], .env = &env, .once = true};
        rc = job_once(&jobs[i]);
        if (rc == RC_CONFLICT)
            log_event(LOG_WARN, kinds[i].name,
                      "skipped: another process does it, or the district's data are not imported");
        else if (rc != RC_OK) {
            log_event(LOG_ERROR, kinds[i].name, "failed: %s", rc_info(rc)->code);
            code = EX_TEMPFAIL;
        }
    }
    return code;
}

static void start_jobs(void) {
    for (size_t i = 0; i < KINDS; i++) {
        jobs[i] = (struct job){.kind = &kinds[i], .env = &env};
        started[i] = pthread_create(&threads[i], NULL, job_loop, &jobs[i]) == 0;
        if (!started[i]) log_event(LOG_ERROR, "start", "cannot start the thread of %s", kinds[i].name);
    }
}

/* Signals are taken here and nowhere else; between them the district is kept current. */
static int serve(struct db *db, const sigset_t *signals) {
    bool running = false, told = false;
    for (;;) {
        enum rc rc = running ? RC_OK : startup_check_database(db, env.settings);
        if (rc == RC_INVALID) return EX_CONFIG;
        if (!told) notify("READY=1");
        told = true;
        if (rc == RC_OK) load_reference(db);
        if (rc == RC_OK && !running) {
            start_jobs();
            running = true;
            log_event(LOG_INFO, "start", "%d jobs", (int)KINDS);
        }
        int signal = sigtimedwait(signals, NULL, &(struct timespec){.tv_sec = REFRESH_SECONDS});
        if (signal == SIGHUP && !log_reopen()) log_event(LOG_ERROR, "log", "the log can't be opened anew");
        if (signal == SIGTERM || signal == SIGINT) break;
    }
    notify("STOPPING=1");
    log_event(LOG_INFO, "stop", "ending");
    atomic_store(&env.stop, true);
    job_wake();
    for (size_t i = 0; i < KINDS; i++)
        if (started[i]) pthread_join(threads[i], NULL);
    return EX_OK;
}

/* Nobody's bytes but the hosts' answers come here; still, the keys are in this process. */
static bool confine(const struct settings *s, struct arena *a) {
    if (!s->sandbox) return true;
    const struct sandbox *box = startup_sandbox(s, NEEDS_ZZD | NEEDS_HEAD_FILE | NEEDS_MANAGER, a);
    return box && sandbox_prepare() && sandbox_enter(box);
}

static int start(const struct settings *s, bool once) {
    sigset_t signals;
    int code = fill_env(s);
    if (code != EX_OK) return code;
    if (!hosts_init()) return EX_OSERR;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    if (!once) pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct db *db = db_open(&env.db);
    if (!db) return EX_OSERR;
    code = once ? run_once(db) : serve(db, &signals);
    if (env.reference) reference_close(env.reference);
    db_close(db);
    return code;
}

int main(int argc, char **argv) {
    struct options o = {.config = "/etc/minhu/minhu.conf"};
    int code = parse(argc, argv, &o);
    if (code >= 0) return code;
    static struct arena arena;
    arena_init(&arena, SETTINGS_MEMORY);
    struct settings *s = settings_load(o.config, &arena, stderr);
    if (!s) return EX_CONFIG;
    if (o.check) {
        printf("%s: ok\n", o.config);
        return EX_OK;
    }
    struct keyring *keys;
    code = startup("minhu-jobs", s, &keys);
    if (code != EX_OK) return code;
    env.keys = keys;
    return confine(s, &arena) ? start(s, o.once) : EX_OSERR;
}
