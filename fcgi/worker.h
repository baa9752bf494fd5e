/* A worker process: one loop thread, N handler threads. */
#ifndef MINHU_WORKER_H
#define MINHU_WORKER_H

#include "server.h"
#include "shared.h"

/* What the parent hands to the process it forks. */
struct worker {
    const struct server_config *config;
    const struct server_app *app;
    const struct dispatch_config *dispatch_config;
    struct dispatcher *dispatcher;
    struct shared *shared;
    int listener, index; /* index: which of the entry's processes this is */
    bool reload;         /* the configuration was reloaded since the parent read it */
};

/* Serves until told to stop. Returns an exit code of sysexits; handler threads may still be running unless it is 0,
 * so the caller must leave by _exit. Wants SIGTERM, SIGINT and SIGHUP blocked. */
int worker_run(const struct worker *w);

#endif
