/* The connections of a worker process. Handler threads wait by themselves, all on one epoll set, for idle connections
 * that have bytes to read; the loop thread accepts, sweeps, and reads signals. A connection is either idle or in the
 * hands of one thread, never both: who wins its state word has it. */
#ifndef MINHU_REACTOR_H
#define MINHU_REACTOR_H

#include "fcgi_conn.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct reactor_config {
    int listener; /* non-blocking; the reactor closes its copy when it drains */
    int connections_max, idle_seconds, io_seconds, drain_seconds;
    void (*tick)(void *arg, int64_t now_us); /* about once a second, in the loop thread */
    void (*hangup)(void *arg);               /* SIGHUP, in the loop thread */
    bool (*warm)(
        void *arg); /* in the loop thread until it says yes: connections are accepted from then on, or after a second */
    void *arg;
    /* A gauge and a counter that the reactor keeps. */
    _Atomic int64_t *connections;
    _Atomic uint64_t *protocol_errors;
};

/* A connection in a handler thread's hands; all but fcgi and taken_us is the reactor's own. */
struct conn {
    struct fcgi_conn *fcgi;
    int64_t taken_us;        /* monotonic: when its request was seen */
    _Atomic uint64_t state;  /* generation << 1 | whether it is idle */
    _Atomic int64_t idle_ms; /* monotonic: since when it is idle */
    struct conn *next_free;
};

struct reactor;

/* SIGTERM, SIGINT and SIGHUP must be blocked in all threads; the reactor reads them. NULL, reason logged, on failure.
 */
struct reactor *reactor_make(const struct reactor_config *config);
/* Runs until SIGTERM or SIGINT, then drains: no more accepting, requests under way are finished, every idle connection
 * is dismissed, and closed when its peer has not done so after a second. Returns true when all ended within drain_seconds.
 * Afterwards reactor_next gives NULL. */
bool reactor_run(struct reactor *r);
/* Handler threads: the next connection with a request; waits. NULL: end the thread. */
struct conn *reactor_next(struct reactor *r);
/* Handler threads: gives it back. It is closed unless keep; the caller must not touch c again. */
void reactor_done(struct reactor *r, struct conn *c, bool keep);
/* Drains as on SIGTERM. Any thread. */
void reactor_stop(struct reactor *r);
/* After all handler threads have ended. */
void reactor_free(struct reactor *r);

int64_t reactor_clock_us(void); /* monotonic */

#endif
