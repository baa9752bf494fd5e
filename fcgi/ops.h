/* The small HTTP for those who run the server: /healthz, /readyz, /metrics on a Unix socket of its own. */
#ifndef MINHU_OPS_H
#define MINHU_OPS_H

#include "metrics.h"

struct ops {
    int listener; /* non-blocking */
    const struct server_app *app;
    const struct shared *shared;
    struct metrics_scale scale;
    bool reload; /* the configuration was reloaded since the parent read it */
};

/* Serves until SIGTERM; SIGINT is left to the parent, SIGHUP reloads the application. In a process of its own: the
 * parent forks, so it must stay without threads, and a readiness check that hangs needs one. Wants SIGTERM and SIGHUP
 * blocked. Returns an exit code of sysexits; the caller must leave by _exit, for the check may still hang. */
int ops_run(const struct ops *ops);

#endif
