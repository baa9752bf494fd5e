/* The loop thread of a worker process: it holds all idle connections and gives a thread only those that have bytes to
 * read. A connection belongs either to the loop (on its idle list) or to one handler thread, never to both. */
#ifndef MINHU_REACTOR_H
#define MINHU_REACTOR_H

#include "fcgx_conn.h"

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
    /* Gauges and a counter that the reactor keeps. */
    _Atomic int64_t *queued, *connections;
    _Atomic uint64_t *protocol_errors;
};

/* A connection in a handler thread's hands. */
struct conn {
    struct fcgx_conn *fcgx;
    int64_t readable_us; /* monotonic: when the loop saw the request */
    int64_t idle_ms;     /* monotonic: since when it is idle; the reactor's own, as the links are */
    struct conn *prev, *next;
};

struct reactor;

/* SIGTERM, SIGINT and SIGHUP must be blocked in all threads; the reactor reads them. NULL, reason logged, on failure.
 */
struct reactor *reactor_make(const struct reactor_config *config);
/* Runs until SIGTERM or SIGINT, then drains: no more accepting, requests under way are finished, every idle connection
 * is dismissed, and closed when its peer has not done so after a second. Returns true when all ended within drain_seconds.
 * Afterwards reactor_next gives NULL. */
bool reactor_run(struct reactor *r);
/* Handler threads: the next readable connection; waits. NULL: end the thread. */
struct conn *reactor_next(struct reactor *r);
/* Handler threads: gives it back. It is closed unless keep; the caller must not touch c again. */
void reactor_done(struct reactor *r, struct conn *c, bool keep);
/* Drains as on SIGTERM. Any thread. */
void reactor_stop(struct reactor *r);
/* After all handler threads have ended. */
void reactor_free(struct reactor *r);

int64_t reactor_clock_us(void); /* monotonic */

#endif
