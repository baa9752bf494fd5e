/* Threads, principals, permissions and quotas of the worker; what each process keeps in memory. */
#include "app.h"

#include "acts/alike_counts.h"
#include "acts/keys.h"
#include "acts/classify.h"
#include "acts/situation.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "callers.h"
#include "db/migrate.h"
#include "dispatch.h"
#include "hosts/http.h"
#include "server.h"
#include "shared.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { REFRESH_SECONDS = SITUATION_SECONDS, THREADS_MAX = 256 + 64 /* and spare ones */ };

/* What a process has once. */
static struct {
    pthread_once_t once;
    _Atomic(const struct app *) app; /* the same for all threads */
    _Atomic(struct reference *) reference;
    _Atomic int host_calls, threads;
    bool started; /* by once */
} process = {.once = PTHREAD_ONCE_INIT};

void (*app_reload)(const void *app);

const struct district *app_district(void) {
    struct reference *r = atomic_load_explicit(&process.reference, memory_order_acquire);
    return r ? reference_district(r) : NULL;
}

/* Keeps the district, what grams tell and the classifier current; has a connection of its own, so that a slow database holds no request up. */
static void *keep_reference(void *unused) {
    (void)unused;
    const struct app *app = atomic_load(&process.app);
    pthread_setname_np(pthread_self(), "reference");
    struct db *db = db_open(&app->db);
    while (!db) { /* memory may come back */
        sleep(1);
        db = db_open(&app->db);
    }
    while (db) {
        struct reference *r = atomic_load(&process.reference);
        if (r) {
            reference_refresh(r, db, time_now_us());
            alike_counts_refresh(db, time_now_us());
            situation_refresh(db);
            classify_refresh();
            sleep(REFRESH_SECONDS);
        } else {
            r = reference_open(db, app->settings->work_hours);
            if (r) atomic_store_explicit(&process.reference, r, memory_order_release);
            else sleep(1);
        }
    }
    return NULL;
}

static void start_process(void) {
    pthread_t thread;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    process.started = pthread_create(&thread, &attr, keep_reference, NULL) == 0;
    if (!process.started) log_event(LOG_ERROR, "start", "cannot start the reference thread");
    pthread_attr_destroy(&attr);
}

static void *thread_start(const void *arg, int index) {
    static struct thread threads[THREADS_MAX];
    (void)index;
    int mine = atomic_fetch_add(&process.threads, 1);
    if (mine >= THREADS_MAX) return NULL;
    struct thread *t = &threads[mine];
    const struct app *app = arg;
    atomic_store(&process.app, app);
    t->app = app;
    t->db = db_open(&app->db);
    pthread_once(&process.once, start_process);
    return t->db && process.started ? t : NULL;
}

static void thread_stop(void *thread) {
    struct thread *t = thread;
    if (!t) return;
    if (t->has_http) http_client_end(&t->http);
    db_close(t->db);
}

static void allow_from(struct thread *t, int64_t start_us) {
    if (t && t->db) db_deadline(t->db, start_us + t->app->settings->db_request_seconds * SECOND_US);
}

static void request_start(void *thread, int64_t age_us) { allow_from(thread, time_mono_us() - age_us); }

/* ---- permission and quota ---- */

/* RateLimit fields of draft-ietf-httpapi-ratelimit-headers-11, where the quota is a key's. */
static void quota_headers(struct request *req, struct response *res, int per_minute, int remaining, int reset) {
    const char *policy = arena_printf(req->arena, "\"key\";q=%d;w=60", per_minute);
    const char *state = arena_printf(req->arena, "\"key\";r=%d;t=%d", remaining, reset);
    response_header(res, "RateLimit-Policy", policy);
    response_header(res, "RateLimit", state);
}

static enum rc authorize(struct request *req, struct response *res) {
    const struct principal *p = principal_of(req);
    const struct dispatch_config *limits = dispatcher_config(req->dispatcher);
    int per_minute = limits->principal_per_minute, burst = limits->principal_burst, remaining = 0, reset = 0;
    if (p->client) {
        per_minute = (int)p->client->per_minute;
        burst = per_minute;
        if (req->route->access & ~(uint32_t)p->client->scopes) return RC_FORBIDDEN;
    }
    /* The link is for its part and nothing else. */
    if (p->guest && !(req->route->access & KEY_SCOPE_PART)) return RC_FORBIDDEN;
    if (per_minute <= 0 || !shared_here) return RC_OK;
    uint64_t key = rate_key(p->client ? "k" : "p", p->session_id, 16);
    bool there = rate_take(shared_here, key, per_minute, burst, req->now_us, &remaining, &reset);
    if (p->client) quota_headers(req, res, per_minute, remaining, reset);
    if (there) return RC_OK;
    res->retry_after = reset + 1;
    return RC_TOO_MANY;
}

/* ---- for the server ---- */

static bool warm(const void *app) {
    (void)app;
    return app_district() != NULL;
}

/* The checking thread's own connection, which has to answer within a second: what is slower can't serve a request of some
 * statements in its time, and whoever asks shall hear it soon. */
static struct db *checking_db(const struct app *app) {
    static struct db_config config;
    static struct db *db;
    if (!db) {
        config = app->db;
        config.connect_seconds = config.io_seconds = 1;
        db = db_open(&config);
    }
    return db;
}

static bool ready(const void *app, char *reason, size_t size) {
    struct arena a;
    const char *why = "out of memory";
    arena_init(&a, 1 << 20);
    struct db *db = checking_db(app);
    bool good = db && schema_is_current(db, &a, &why);
    snprintf(reason, size, "%s", good ? "" : why);
    arena_free(&a);
    return good;
}

/* The next year's calendar is due in December; before that its absence is nothing to wake anybody for. */
static void metrics(const void *app, struct buf *out) {
    struct db *db = checking_db(app);
    struct arena a;
    struct row_number *years = NULL;
    size_t n = 0;
    arena_init(&a, 1 << 20);
    if (db && db_rows(db, ST_calendar_years, NULL, 0, &a, &years, &n) == RC_OK) {
        int32_t day, second;
        int year, month, mday;
        bool known = false, next = false;
        time_split_beijing(time_now_us(), &day, &second);
        date_from_days(day, &year, &month, &mday);
        for (size_t i = 0; i < n; i++) {
            known |= years[i].n == year;
            next |= years[i].n == year + 1;
        }
        buf_printf(
            out,
            "# HELP minhu_calendar_year_known Whether this year's holidays are imported.\n# TYPE minhu_calendar_year_known gauge\n"
            "minhu_calendar_year_known %d\n",
            known);
        buf_printf(out,
                   "# HELP minhu_calendar_next_year_known Whether next year's holidays are imported.\n"
                   "# TYPE minhu_calendar_next_year_known gauge\nminhu_calendar_next_year_known %d\n",
                   next);
    }
    classify_metrics(out);
    arena_free(&a);
}

/* The database layer counts in its process; once a second its counts join those that all processes share. */
static void tick(const void *app, int64_t now_us) {
    static uint64_t errors, reconnects, retries;
    (void)app;
    (void)now_us;
    if (!shared_here) return;
    uint64_t e = atomic_load(&db_errors), c = atomic_load(&db_reconnects), r = atomic_load(&db_retries);
    atomic_fetch_add(&shared_here->db_errors, e - errors);
    atomic_fetch_add(&shared_here->db_reconnects, c - reconnects);
    atomic_fetch_add(&shared_here->db_retries, r - retries);
    errors = e;
    reconnects = c;
    retries = r;
}

const struct server_app *app_server(const struct app *app, const struct route *routes, size_t count) {
    static struct server_app server;
    server = (struct server_app){.entry = entry_names[app->entry],
                                 .routes = routes,
                                 .route_count = count,
                                 .app = app,
                                 .thread_start = thread_start,
                                 .thread_stop = thread_stop,
                                 .request_start = request_start,
                                 .authenticate = callers_authenticate,
                                 .authorize = authorize,
                                 .warm = warm,
                                 .ready = ready,
                                 .metrics = metrics,
                                 .reload = app_reload,
                                 .tick = tick};
    return &server;
}

/* ---- acts ---- */

struct act act_for(const struct request *req) {
    const struct principal *p = principal_of(req);
    struct act act = {.db = thread_of(req)->db,
                      .arena = req->arena,
                      .district = app_district(),
                      .keys = app_of(req)->keys,
                      .now_us = req->now_us,
                      .handling = &app_of(req)->settings->handling,
                      .address = req->address};
    if (p) act.asker = p->asker;
    return act;
}

/* {"allowed":["accept",…]} for a wrong state, so that the client need not guess. */
static void tell_allowed(struct request *req, struct action_set allowed) {
    struct buf b;
    struct json_out w;
    buf_init(&b, req->arena, 2000);
    jw_init(&w, &b);
    jw_key(&w, "allowed");
    jw_begin_array(&w);
    for (int i = 1; i < ACT__MAX; i++)
        if (allowed.has[i]) jw_z(&w, action_words[i].code);
    jw_end_array(&w);
    if (!b.failed) req->problem_extra = buf_str(&b);
}

enum rc act_result(struct request *req, const struct act *act, enum rc rc) {
    if (act->zh) {
        req->detail_zh = act->zh;
        req->detail_en = act->en;
    }
    if (rc == RC_NOT_ACCEPTABLE_STATE) tell_allowed(req, act->allowed);
    return rc;
}

/* ---- calls to host apps ---- */

bool host_call_begin(const struct app *app) {
    if (atomic_fetch_add(&process.host_calls, 1) < app->settings->host_calls_max) {
        server_lend();
        return true;
    }
    atomic_fetch_sub(&process.host_calls, 1);
    return false;
}

void host_call_end(const struct request *req) {
    atomic_fetch_sub(&process.host_calls, 1);
    allow_from(thread_of(req), time_mono_us());
}

struct http_client *thread_http(const struct request *req) {
    struct thread *t = thread_of(req);
    if (!t->has_http) t->has_http = http_client_init(&t->http);
    return t->has_http ? &t->http : NULL;
}
