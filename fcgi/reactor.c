/* Two epoll sets: one of idle connections, armed for one event each, on which the handler threads wait; one of listener
 * and signals for the loop. A connection is a slot of a table that is made once, so that an event that comes late finds
 * a slot of another generation, never freed memory. */
#include "reactor.h"

#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS = 16,
    ACCEPT_BURST = 4,      /* at once; what is left is for the other processes' loops */
    ACCEPT_PAUSE_MS = 100, /* after the descriptors have run out */
    COMPLAIN_MS = 10000,   /* a full process says so no more often */
    TICK_MS = 1000,
    WARM_STEP_MS = 10,
    WARM_MS = 1000, /* accepts then, warm or not: a refusal with a reason is better than silence */
    DRAIN_STEP_MS = 50,
    GOODBYE_MS = 1000, /* a dismissed connection is closed when its peer has not done so after this */
    SLOT_BITS = 20     /* of an event's word; the rest is the slot's generation */
};
#define IDLE UINT64_C(1)
#define NO_SLOT ((UINT64_C(1) << SLOT_BITS) - 1) /* the event that ends the handler threads */

struct reactor {
    struct reactor_config config;
    int ready, loop, signals, wake, end;
    struct conn *slots;
    _Atomic int open;
    _Atomic bool stop, paused, draining;

    pthread_mutex_t lock; /* of the free slots; taken when a connection comes or goes */
    struct conn *free;

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

/* ---- connections ---- */

static bool arm(struct reactor *r, struct conn *c, int op, uint64_t state) {
    uint64_t word = state >> 1 << SLOT_BITS | (uint64_t)(c - r->slots);
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.u64 = word};
    return epoll_ctl(r->ready, op, fcgi_conn_fd(c->fcgi), &e) == 0;
}

static void wake(struct reactor *r) {
    uint64_t one = 1;
    ssize_t n = write(r->wake, &one, sizeof one);
    (void)n; /* a full counter wakes as well */
}

/* Wins an idle connection of this generation; false when another thread has it, or it is gone. */
static bool take(struct conn *c, uint64_t generation) {
    uint64_t idle = generation << 1 | IDLE;
    return atomic_compare_exchange_strong(&c->state, &idle, generation << 1);
}

/* Wins the connection whose event came; false when the sweep has closed it. The event may be quicker than the thread
 * that armed it, or the sweep may be looking: either takes a moment only. */
static bool take_by_event(struct conn *c, uint64_t generation) {
    while (!take(c, generation)) {
        if (atomic_load(&c->state) >> 1 != generation) return false;
        sched_yield();
    }
    return true;
}

static void count(struct reactor *r, int change) {
    int open = atomic_fetch_add(&r->open, change) + change;
    atomic_store_explicit(r->config.connections, open, memory_order_relaxed);
}

/* Closes a connection that is the caller's. Its slot gets the next generation before anybody else can have it. */
static void drop(struct reactor *r, struct conn *c) {
    fcgi_conn_free(c->fcgi);
    c->fcgi = NULL;
    atomic_store(&c->state, ((atomic_load(&c->state) >> 1) + 1) << 1);
    pthread_mutex_lock(&r->lock);
    c->next_free = r->free;
    r->free = c;
    pthread_mutex_unlock(&r->lock);
    count(r, -1);
    if (atomic_load(&r->paused) || atomic_load(&r->draining)) wake(r);
}

/* Asks the peer of an idle connection to close it; one in a thread's hands is dismissed when it becomes idle. */
static void dismiss(struct conn *c) {
    uint64_t state = atomic_load(&c->state);
    if (!(state & IDLE) || !take(c, state >> 1)) return;
    atomic_store_explicit(&c->idle_ms, clock_ms(), memory_order_relaxed);
    fcgi_conn_dismiss(c->fcgi);
    atomic_store(&c->state, state);
}

/* Lets the caller's connection wait for its next request. Armed once, it gives one event, to one thread. */
static void park(struct reactor *r, struct conn *c, int op) {
    uint64_t held = atomic_load_explicit(&c->state, memory_order_relaxed);
    atomic_store_explicit(&c->idle_ms, clock_ms(), memory_order_relaxed);
    if (!arm(r, c, op, held)) {
        drop(r, c);
        return;
    }
    atomic_store(&c->state, held | IDLE);
    if (atomic_load(&r->draining)) dismiss(c);
}

/* A new socket becomes a connection. */
static void adopt(struct reactor *r, int fd) {
    struct fcgi_conn *fcgi = fcgi_conn_new(fd, r->config.io_seconds);
    pthread_mutex_lock(&r->lock);
    struct conn *c = fcgi ? r->free : NULL;
    if (c) r->free = c->next_free;
    pthread_mutex_unlock(&r->lock);
    if (!c) {
        log_event(LOG_ERROR, "connection", "no memory for a connection");
        if (fcgi) fcgi_conn_free(fcgi);
        else close(fd);
        return;
    }
    c->fcgi = fcgi;
    count(r, 1);
    park(r, c, EPOLL_CTL_ADD);
}

/* ---- accepting ---- */

static bool listen_on(struct reactor *r, bool on) {
    struct epoll_event e = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = &r->config.listener};
    return epoll_ctl(r->loop, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, r->config.listener, &e) == 0;
}

/* Leaves the listener to other processes until there is room, or the pause is over. */
static void pause_accepting(struct reactor *r, int64_t resume_ms) {
    r->resume_ms = resume_ms;
    if (!atomic_exchange(&r->paused, true)) listen_on(r, false);
}

static bool may_complain(struct reactor *r) {
    int64_t now = clock_ms();
    if (now < r->complain_ms) return false;
    r->complain_ms = now + COMPLAIN_MS;
    return true;
}

static bool has_room(const struct reactor *r) { return atomic_load(&r->open) < r->config.connections_max; }

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
    if (!r->paused || r->draining || clock_ms() < r->resume_ms || !has_room(r)) return;
    r->paused = false;
    listen_on(r, true);
}

/* ---- the handler threads' side ---- */

/* Looks at what woke a connection that is the caller's; true when there is a request to serve. */
static bool has_request(struct reactor *r, struct conn *c) {
    switch (fcgi_conn_peek(c->fcgi)) {
    case FCGI_PEEK_REQUEST:
    case FCGI_PEEK_PARTIAL: return true;
    case FCGI_PEEK_EMPTY: park(r, c, EPOLL_CTL_MOD); return false;
    case FCGI_PEEK_BAD:
        atomic_fetch_add_explicit(r->config.protocol_errors, 1, memory_order_relaxed);
        log_event(LOG_WARN, "connection", "closed: what came is not a FastCGI request");
        break;
    case FCGI_PEEK_CLOSED: break;
    }
    drop(r, c);
    return false;
}

struct conn *reactor_next(struct reactor *r) {
    for (;;) {
        struct epoll_event e;
        if (epoll_wait(r->ready, &e, 1, -1) != 1) continue; /* interrupted */
        uint64_t slot = e.data.u64 & NO_SLOT;
        if (slot == NO_SLOT) return NULL;
        struct conn *c = &r->slots[slot];
        if (!take_by_event(c, e.data.u64 >> SLOT_BITS) || !has_request(r, c)) continue;
        c->taken_us = reactor_clock_us();
        return c;
    }
}

void reactor_done(struct reactor *r, struct conn *c, bool keep) {
    if (keep) park(r, c, EPOLL_CTL_MOD);
    else drop(r, c);
}

/* ---- the loop's side ---- */

/* Closes idle connections that have been so since before limit_ms and have nothing to say. */
static void sweep(struct reactor *r, int64_t limit_ms) {
    for (int i = 0; i < r->config.connections_max; i++) {
        struct conn *c = &r->slots[i];
        uint64_t state = atomic_load(&c->state);
        if (!(state & IDLE) || atomic_load_explicit(&c->idle_ms, memory_order_relaxed) > limit_ms) continue;
        if (!take(c, state >> 1)) continue;
        enum fcgi_peek seen = fcgi_conn_peek(c->fcgi);
        if (seen == FCGI_PEEK_EMPTY || seen == FCGI_PEEK_CLOSED) drop(r, c);
        else atomic_store(&c->state, state); /* it is armed still, or its event's thread waits for this */
    }
}

static void start_draining(struct reactor *r) {
    if (r->draining) return;
    accept_some(r, r->config.connections_max); /* the backlog's clients were promised an answer */
    if (!r->paused) listen_on(r, false);
    close(r->config.listener);
    r->config.listener = -1;
    r->drain_until_ms = clock_ms() + r->config.drain_seconds * INT64_C(1000);
    atomic_store(&r->draining, true); /* whatever becomes idle from now on is dismissed by whoever parks it */
    for (int i = 0; i < r->config.connections_max; i++) dismiss(&r->slots[i]);
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
    } else if (!r->draining) {
        accept_some(r, ACCEPT_BURST);
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

bool reactor_run(struct reactor *r) {
    struct epoll_event events[EVENTS];
    bool clean = false;
    for (;;) {
        int n = epoll_wait(r->loop, events, EVENTS, wait_ms(r));
        for (int i = 0; i < n; i++) on_event(r, events[i].data.ptr);
        if (atomic_load(&r->stop)) start_draining(r);
        housekeeping(r);
        if (!r->draining) continue;
        clean = atomic_load(&r->open) == 0;
        if (clean || clock_ms() >= r->drain_until_ms) break;
    }
    uint64_t one = 1;
    ssize_t n = write(r->end, &one, sizeof one); /* never read: every thread that waits sees it */
    (void)n;
    return clean;
}

void reactor_stop(struct reactor *r) {
    atomic_store(&r->stop, true);
    wake(r);
}

/* ---- making and unmaking ---- */

static bool watch(int set, int fd, struct epoll_event e) {
    return fd >= 0 && epoll_ctl(set, EPOLL_CTL_ADD, fd, &e) == 0;
}

static bool open_all(struct reactor *r) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    r->ready = epoll_create1(EPOLL_CLOEXEC);
    r->loop = epoll_create1(EPOLL_CLOEXEC);
    r->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    r->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    r->end = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    r->warm = !r->config.warm;
    r->paused = !r->warm;
    r->resume_ms = clock_ms() + WARM_MS;
    return r->ready >= 0 && r->loop >= 0 &&
           watch(r->loop, r->signals, (struct epoll_event){.events = EPOLLIN, .data.ptr = &r->signals}) &&
           watch(r->loop, r->wake, (struct epoll_event){.events = EPOLLIN, .data.ptr = &r->wake}) &&
           watch(r->ready, r->end, (struct epoll_event){.events = EPOLLIN, .data.u64 = NO_SLOT}) &&
           (r->paused || listen_on(r, true));
}

static bool make_slots(struct reactor *r) {
    size_t n = (size_t)r->config.connections_max;
    if (n >= NO_SLOT) return false;
    r->slots = calloc(n, sizeof *r->slots);
    for (size_t i = 0; r->slots && i < n; i++) {
        r->slots[i].next_free = r->free;
        r->free = &r->slots[i];
    }
    return r->slots != NULL;
}

struct reactor *reactor_make(const struct reactor_config *config) {
    struct reactor *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->config = *config;
    r->ready = r->loop = r->signals = r->wake = r->end = -1;
    pthread_mutex_init(&r->lock, NULL);
    r->next_tick_ms = clock_ms() + TICK_MS;
    if (make_slots(r) && open_all(r)) return r;
    log_event(LOG_ERROR, "reactor", "can't set up the event loop (errno %d)", errno);
    reactor_free(r);
    return NULL;
}

void reactor_free(struct reactor *r) {
    if (!r) return;
    for (int i = 0; r->slots && i < r->config.connections_max; i++) fcgi_conn_free(r->slots[i].fcgi);
    const int fds[] = {r->ready, r->loop, r->signals, r->wake, r->end, r->config.listener};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0) close(fds[i]);
    free(r->slots);
    pthread_mutex_destroy(&r->lock);
    free(r);
}
