/* What a worker process does: threads that take connections with a request, answer, log, count. */
#include "worker.h"

#include "base/log.h"
#include "reactor.h"
#include "turns.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 512, STACK_BYTES = 1 << 20 };

struct process {
    const struct worker *w;
    struct reactor *reactor;
};

struct handler {
    struct process *process;
    pthread_t thread;
    int index; /* among all threads of the entry */
    void *context;
    struct outcome outcome;
};

static const char *io_names[FCGI_IO__MAX] = {
    [FCGI_IO_OK] = "ok", [FCGI_IO_TIMEOUT] = "timeout", [FCGI_IO_CLOSED] = "closed", [FCGI_IO_UNREAD] = "unread"};

/* ---- one request ---- */

static void answer(void *arg, struct exchange *x, struct buf *out) {
    struct handler *h = arg;
    dispatch(h->process->w->dispatcher, h->context, x, out, &h->outcome);
}

/* The request's line. Neither path nor query nor address: those may tell who asks about what. */
static void log_request(const struct handler *h, const struct fcgi_result *result, int64_t us) {
    char line[LINE_MAX_BYTES];
    if (!log_enabled(LOG_INFO)) return;
    int n = snprintf(line, sizeof line,
                     "\"request_id\":\"%s\",\"entry\":\"%s\",\"operation\":\"%s\",\"method\":\"%s\",\"status\":%d,"
                     "\"code\":\"%s\",\"us\":%lld,\"bytes\":%zu,\"io\":\"%s\"",
                     result->request_id, h->process->w->app->entry, h->outcome.operation, result->method,
                     h->outcome.status, rc_info(h->outcome.rc)->code, (long long)us, result->bytes,
                     io_names[result->io]);
    if (n > 0 && (size_t)n < sizeof line) log_members(LOG_INFO, "request", (struct str){line, (size_t)n});
    atomic_fetch_add_explicit(&h->process->w->shared->log_lines, 1, memory_order_relaxed);
}

static void account(struct handler *h, const struct fcgi_result *result, int64_t taken_us) {
    struct shared *shared = h->process->w->shared;
    if (result->io != FCGI_IO_OK) atomic_fetch_add_explicit(&shared->protocol_errors, 1, memory_order_relaxed);
    if (!result->answered) return;
    if (result->rc != RC_OK) { /* what dispatch would have answered, or did, was not sent */
        h->outcome.rc = result->rc;
        h->outcome.status = rc_info(result->rc)->status;
    }
    if (!h->outcome.operation) h->outcome.operation = "none";
    int64_t us = reactor_clock_us() - taken_us;
    shared_count(shared, h->outcome.route_index, h->outcome.status, us < 0 ? 0 : (uint64_t)us);
    log_request(h, result, us);
}

static void serve(struct handler *h, struct arena *arena, struct conn *c) {
    struct fcgi_result result;
    int64_t taken_us = c->taken_us;
    h->outcome = (struct outcome){.operation = "none", .route_index = -1, .rc = RC_OK};
    bool keep = fcgi_conn_exchange(c->fcgi, arena, answer, h, &result);
    reactor_done(h->process->reactor, c, keep);
    account(h, &result, taken_us);
    arena_reset(arena);
}

/* ---- places: as many threads as the configuration says take requests; a place is kept from one to the next ---- */

static sem_t places;
static _Thread_local bool has_place;

static void take_place(void) {
    while (!has_place) has_place = sem_wait(&places) == 0;
}

void server_lend(void) {
    if (has_place) sem_post(&places);
    has_place = false;
    turn_pass();
}

void server_waits(void) { turn_pass(); }

static struct conn *next_conn(struct handler *h) {
    take_place();
    turn_take();
    turn_idle(true);
    struct conn *c = reactor_next(h->process->reactor);
    turn_idle(false);
    return c;
}

static void *handler_main(void *arg) {
    struct handler *h = arg;
    const struct worker *w = h->process->w;
    struct arena arena;
    arena_init(&arena, w->config->arena_max);
    if (w->app->thread_start) {
        h->context = w->app->thread_start(w->app->app, h->index);
        if (!h->context) {
            log_event(LOG_ERROR, "worker", "a thread can't start: the process ends, to be replaced");
            reactor_stop(h->process->reactor);
            return NULL;
        }
    }
    for (struct conn *c; (c = next_conn(h));) {
        atomic_fetch_add_explicit(&w->shared->busy[w->index], 1, memory_order_relaxed);
        serve(h, &arena, c);
        atomic_fetch_sub_explicit(&w->shared->busy[w->index], 1, memory_order_relaxed);
    }
    server_lend(); /* whoever waits for one is told the same */
    if (w->app->thread_stop) w->app->thread_stop(h->context);
    arena_free(&arena);
    return NULL;
}

/* ---- the process ---- */

static void on_tick(void *arg, int64_t now_us) {
    const struct process *p = arg;
    log_flush();
    turns_look();
    if (p->w->app->tick) p->w->app->tick(p->w->app->app, now_us);
}

static void reload(const struct worker *w) {
    if (w->app->reload) w->app->reload(w->app->app);
    if (!dispatcher_reload(w->dispatcher, w->dispatch_config))
        log_event(LOG_ERROR, "reload", "new limits were not taken over");
}

static bool on_warming(void *arg) {
    const struct process *p = arg;
    bool warm = !p->w->app->warm || p->w->app->warm(p->w->app->app);
    if (warm) atomic_store(&p->w->shared->serving[p->w->index], true);
    return warm;
}

static void on_hangup(void *arg) {
    const struct process *p = arg;
    log_reopen();
    reload(p->w);
}

/* Starts as many as there are; returns how many run. */
static int start_threads(struct process *p, struct handler *handlers, int count) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int started = 0;
    while (started < count) {
        struct handler *h = &handlers[started];
        *h = (struct handler){.process = p, .index = p->w->index * count + started};
        if (pthread_create(&h->thread, &attributes, handler_main, h)) break;
        started++;
    }
    pthread_attr_destroy(&attributes);
    return started;
}

/* At least two, so that one that works long is not all there is. */
static int turns_count(void) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors > 2 ? (int)processors : 2;
}

static int run_threads(struct process *p) {
    int count = p->w->config->threads + p->w->config->spare_threads;
    struct handler *handlers = calloc((size_t)count, sizeof *handlers);
    if (!handlers || sem_init(&places, 0, (unsigned)p->w->config->threads)) return EX_OSERR;
    turns_init(turns_count());
    int started = start_threads(p, handlers, count);
    if (started < count) {
        log_event(LOG_ERROR, "worker", "only %d of %d threads could be started", started, count);
        reactor_stop(p->reactor);
    }
    bool clean = reactor_run(p->reactor);
    if (!clean) {
        log_event(LOG_WARN, "worker", "requests were still under way when drain_seconds ended");
        for (int i = 0; i < started; i++) pthread_detach(handlers[i].thread); /* nobody waits for them any more */
        return EX_TEMPFAIL;
    }
    for (int i = 0; i < started; i++) pthread_join(handlers[i].thread, NULL);
    free(handlers);
    return started < count ? EX_OSERR : EX_OK;
}

int worker_run(const struct worker *w) {
    const struct server_config *config = w->config;
    static struct process p; /* threads that did not end in time still have it */
    struct reactor_config loop = {.listener = w->listener,
                                  .connections_max = config->connections_max,
                                  .idle_seconds = config->idle_seconds,
                                  .io_seconds = config->io_seconds,
                                  .drain_seconds = config->drain_seconds,
                                  .tick = on_tick,
                                  .hangup = on_hangup,
                                  .warm = on_warming,
                                  .arg = &p,
                                  .connections = &w->shared->connections[w->index],
                                  .protocol_errors = &w->shared->protocol_errors};
    p = (struct process){.w = w};
    shared_here = w->shared;
    log_gather();
    if (w->reload) reload(w);
    p.reactor = reactor_make(&loop);
    if (!p.reactor) return EX_OSERR;
    int code = run_threads(&p);
    log_flush();
    if (code != EX_TEMPFAIL) reactor_free(p.reactor);
    return code;
}
