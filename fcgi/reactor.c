/* epoll over listener, signals and idle connections; one-shot, so that a connection handed out is silent until it is
 * back. */
#include "reactor.h"

#include "base/log.h"
#include "queue.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS = 128,
    ACCEPT_BURST = 4,      /* at once; what is left is for the other processes' loops */
    ACCEPT_PAUSE_MS = 100, /* after the descriptors have run out */
    COMPLAIN_MS = 10000,   /* a full process says so no more often */
    TICK_MS = 1000,
    WARM_STEP_MS = 10,
    WARM_MS = 1000, /* accepts then, warm or not: a refusal with a reason is better than silence */
    DRAIN_STEP_MS = 50,
    GOODBYE_MS = 1000 /* a dismissed connection is closed when its peer has not done so after this */
};

struct reactor {
    struct reactor_config config;
    int epoll, signals, wake;
    struct queue queue;
    _Atomic bool stop;

    pthread_mutex_t lock; /* all below up to draining */
    struct conn idle;     /* ring, oldest first */
    int open;
    bool paused, draining;

    /* The loop thread's own. */
    int64_t resume_ms, next_tick_ms, drain_until_ms, complain_ms;
    bool warm;
};

int64_t reactor_clock_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static int64_t clock_ms(void) { return reactor_clock_us() / 1000; }

static int64_t wall_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

/* ---- connections; "locked" functions want r->lock held ---- */

static void unlink_locked(struct conn *c) {
    c->prev->next = c->next;
    c->next->prev = c->prev;
    c->prev = c->next = NULL;
}

static void link_locked(struct reactor *r, struct conn *c) {
    c->idle_ms = clock_ms();
    c->prev = r->idle.prev;
    c->next = &r->idle;
    c->prev->next = c;
    r->idle.prev = c;
}

static bool arm(struct reactor *r, struct conn *c, int op) {
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = c};
    return epoll_ctl(r->epoll, op, fcgx_conn_fd(c->fcgx), &e) == 0;
}

static void wake(struct reactor *r) {
    uint64_t one = 1;
    ssize_t n = write(r->wake, &one, sizeof one);
    (void)n; /* a full counter wakes as well */
}

/* c is on no list. */
static void drop(struct reactor *r, struct conn *c) {
    fcgx_conn_free(c->fcgx);
    free(c);
    pthread_mutex_lock(&r->lock);
    r->open--;
    atomic_store_explicit(r->config.connections, r->open, memory_order_relaxed);
    bool news = r->paused || r->draining;
    pthread_mutex_unlock(&r->lock);
    if (news) wake(r);
}

/* Makes it idle and armed in one step under the lock: the loop can't have it closed in between. */
static bool park(struct reactor *r, struct conn *c, int op) {
    pthread_mutex_lock(&r->lock);
    link_locked(r, c);
    bool kept = arm(r, c, op);
    if (!kept) unlink_locked(c);
    else if (r->draining) fcgx_conn_dismiss(c->fcgx);
    pthread_mutex_unlock(&r->lock);
    return kept;
}

/* A new socket becomes a connection. */
static void adopt(struct reactor *r, int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (c) c->fcgx = fcgx_conn_new(fd, r->config.io_seconds);
    if (!c || !c->fcgx) {
        log_event(LOG_ERROR, "connection", "no memory for a connection");
        free(c);
        close(fd);
        return;
    }
    pthread_mutex_lock(&r->lock);
    r->open++;
    atomic_store_explicit(r->config.connections, r->open, memory_order_relaxed);
    pthread_mutex_unlock(&r->lock);
    if (!park(r, c, EPOLL_CTL_ADD)) drop(r, c);
}

/* ---- accepting ---- */

static bool listen_on(struct reactor *r, bool on) {
    struct epoll_event e = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = &r->config.listener};
    return epoll_ctl(r->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, r->config.listener, &e) == 0;
}

/* Leaves the listener to other processes until there is room, or the pause is over. */
static void pause_accepting(struct reactor *r, int64_t resume_ms) {
    pthread_mutex_lock(&r->lock);
    bool was = r->paused;
    r->paused = true;
    pthread_mutex_unlock(&r->lock);
    r->resume_ms = resume_ms;
    if (!was) listen_on(r, false);
}

static bool may_complain(struct reactor *r) {
    int64_t now = clock_ms();
    if (now < r->complain_ms) return false;
    r->complain_ms = now + COMPLAIN_MS;
    return true;
}

static bool has_room(struct reactor *r) {
    pthread_mutex_lock(&r->lock);
    bool room = r->open < r->config.connections_max;
    pthread_mutex_unlock(&r->lock);
    return room;
}

static void accept_some(struct reactor *r, int most) {
    for (int i = 0; i < most; i++) {
        if (!has_room(r)) {
            if (may_complain(r))
                log_event(LOG_WARN, "accept", "connections_max (%d) reached", r->config.connections_max);
            pause_accepting(r, 0);
            return;
        }
        int fd = accept4(r->config.listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            adopt(r, fd);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            int why = errno;
            if (may_complain(r)) log_event(LOG_ERROR, "accept", "no more descriptors or memory (errno %d)", why);
            pause_accepting(r, clock_ms() + ACCEPT_PAUSE_MS);
            return;
        }
        if (errno != EINTR && errno != ECONNABORTED) return;
    }
}

static void resume_accepting(struct reactor *r) {
    if (!r->paused || r->draining || clock_ms() < r->resume_ms || !has_room(r))
        return; /* both set by this thread only */
    pthread_mutex_lock(&r->lock);
    r->paused = false;
    pthread_mutex_unlock(&r->lock);
    listen_on(r, true);
}

/* ---- events ---- */

static void on_connection(struct reactor *r, struct conn *c) {
    pthread_mutex_lock(&r->lock);
    unlink_locked(c);
    pthread_mutex_unlock(&r->lock);
    switch (fcgx_conn_peek(c->fcgx)) {
    case FCGX_PEEK_EMPTY:
        if (!park(r, c, EPOLL_CTL_MOD)) drop(r, c);
        return;
    case FCGX_PEEK_BAD:
        atomic_fetch_add_explicit(r->config.protocol_errors, 1, memory_order_relaxed);
        log_event(LOG_WARN, "connection", "closed: what came is not a FastCGI request");
        drop(r, c);
        return;
    case FCGX_PEEK_CLOSED: drop(r, c); return;
    case FCGX_PEEK_REQUEST:
    case FCGX_PEEK_PARTIAL: break;
    }
    c->readable_us = reactor_clock_us();
    atomic_fetch_add_explicit(r->config.queued, 1, memory_order_relaxed);
    if (!queue_push(&r->queue, c)) { /* can't be: it has room for all connections */
        atomic_fetch_sub_explicit(r->config.queued, 1, memory_order_relaxed);
        drop(r, c);
    }
}

/* Closes idle connections that have been so since before limit_ms and have nothing to say. */
static void sweep(struct reactor *r, int64_t limit_ms) {
    struct conn *dead = NULL;
    pthread_mutex_lock(&r->lock);
    for (struct conn *c = r->idle.next, *next; c != &r->idle && c->idle_ms <= limit_ms; c = next) {
        next = c->next;
        enum fcgx_peek seen = fcgx_conn_peek(c->fcgx);
        if (seen != FCGX_PEEK_EMPTY && seen != FCGX_PEEK_CLOSED) continue; /* its event is on the way */
        unlink_locked(c);
        c->next = dead;
        dead = c;
    }
    pthread_mutex_unlock(&r->lock);
    while (dead) {
        struct conn *c = dead;
        dead = c->next;
        drop(r, c);
    }
}

/* From now on every connection that becomes idle is dismissed; these were already. */
static void dismiss_idle(struct reactor *r) {
    int64_t now = clock_ms();
    pthread_mutex_lock(&r->lock);
    r->draining = true;
    for (struct conn *c = r->idle.next; c != &r->idle; c = c->next) {
        c->idle_ms = now;
        fcgx_conn_dismiss(c->fcgx);
    }
    pthread_mutex_unlock(&r->lock);
}

static void start_draining(struct reactor *r) {
    if (r->draining) return;
    accept_some(r, r->config.connections_max); /* the backlog's clients were promised an answer */
    if (!r->paused) listen_on(r, false);
    close(r->config.listener);
    r->config.listener = -1;
    r->drain_until_ms = clock_ms() + r->config.drain_seconds * INT64_C(1000);
    dismiss_idle(r);
}

static void on_signal(struct reactor *r) {
    struct signalfd_siginfo s;
    while (read(r->signals, &s, sizeof s) == (ssize_t)sizeof s) {
        if (s.ssi_signo == SIGHUP) r->config.hangup(r->config.arg);
        else start_draining(r);
    }
}

static void on_event(struct reactor *r, void *what) {
    uint64_t count;
    if (what == &r->signals) {
        on_signal(r);
    } else if (what == &r->wake) {
        ssize_t n = read(r->wake, &count, sizeof count);
        (void)n; /* only the waking matters */
    } else if (what == &r->config.listener) {
        if (!r->draining) accept_some(r, ACCEPT_BURST);
    } else {
        on_connection(r, what);
    }
}

/* ---- the loop ---- */

static int wait_ms(const struct reactor *r) {
    if (r->draining) return DRAIN_STEP_MS;
    if (!r->warm) return WARM_STEP_MS;
    int64_t now = clock_ms(), left = r->next_tick_ms - now;
    if (r->paused && r->resume_ms > 0 && r->resume_ms - now < left) left = r->resume_ms - now;
    return left < 0 ? 0 : left > TICK_MS ? TICK_MS : (int)left;
}

static void housekeeping(struct reactor *r) {
    int64_t now = clock_ms();
    if (r->draining) sweep(r, now - GOODBYE_MS);
    if (!r->warm && r->config.warm(r->config.arg)) {
        r->warm = true;
        r->resume_ms = 0;
    }
    resume_accepting(r);
    if (now < r->next_tick_ms) return;
    r->next_tick_ms = now + TICK_MS;
    if (!r->draining) sweep(r, now - r->config.idle_seconds * INT64_C(1000));
    if (r->config.tick) r->config.tick(r->config.arg, wall_us());
}

static bool all_closed(struct reactor *r) {
    pthread_mutex_lock(&r->lock);
    bool none = r->open == 0;
    pthread_mutex_unlock(&r->lock);
    return none;
}

bool reactor_run(struct reactor *r) {
    struct epoll_event events[EVENTS];
    bool clean = false;
    for (;;) {
        int n = epoll_wait(r->epoll, events, EVENTS, wait_ms(r));
        for (int i = 0; i < n; i++) on_event(r, events[i].data.ptr);
        if (atomic_load(&r->stop)) start_draining(r);
        housekeeping(r);
        if (!r->draining) continue;
        clean = all_closed(r);
        if (clean || clock_ms() >= r->drain_until_ms) break;
    }
    queue_close(&r->queue);
    return clean;
}

struct conn *reactor_next(struct reactor *r) {
    struct conn *c = queue_pop(&r->queue);
    if (c) atomic_fetch_sub_explicit(r->config.queued, 1, memory_order_relaxed);
    return c;
}

void reactor_done(struct reactor *r, struct conn *c, bool keep) {
    if (!keep || !park(r, c, EPOLL_CTL_MOD)) drop(r, c);
}

void reactor_stop(struct reactor *r) {
    atomic_store(&r->stop, true);
    wake(r);
}

/* ---- making and unmaking ---- */

static bool watch(struct reactor *r, int fd, void *what) {
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = what};
    return fd >= 0 && epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

static bool open_all(struct reactor *r) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    r->epoll = epoll_create1(EPOLL_CLOEXEC);
    r->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    r->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    r->warm = !r->config.warm;
    r->paused = !r->warm;
    r->resume_ms = clock_ms() + WARM_MS;
    return r->epoll >= 0 && watch(r, r->signals, &r->signals) && watch(r, r->wake, &r->wake) &&
           (r->paused || listen_on(r, true));
}

struct reactor *reactor_make(const struct reactor_config *config) {
    struct reactor *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->config = *config;
    r->idle.next = r->idle.prev = &r->idle;
    r->epoll = r->signals = r->wake = -1;
    pthread_mutex_init(&r->lock, NULL);
    r->next_tick_ms = clock_ms() + TICK_MS;
    if (queue_init(&r->queue, (size_t)config->connections_max) && open_all(r)) return r;
    log_event(LOG_ERROR, "reactor", "can't set up the event loop (errno %d)", errno);
    reactor_free(r);
    return NULL;
}

void reactor_free(struct reactor *r) {
    if (!r) return;
    while (r->idle.next != &r->idle) {
        struct conn *c = r->idle.next;
        unlink_locked(c);
        fcgx_conn_free(c->fcgx);
        free(c);
    }
    const int fds[] = {r->epoll, r->signals, r->wake, r->config.listener};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0) close(fds[i]);
    queue_free(&r->queue);
    pthread_mutex_destroy(&r->lock);
    free(r);
}
