/* minhu-worker's engine: a parent for one entry that forks processes, each with one loop thread and N handler threads. */
#ifndef MINHU_SERVER_H
#define MINHU_SERVER_H

#include "base/sandbox.h"
#include "dispatch.h"
#include "http.h"

struct server_config {
    const char *socket_path;  /* Unix socket for nginx; created 0660, replaced when nobody listens on it */
    const char *socket_group; /* group to give it to; "" leaves it */
    const char
        *ops_path; /* Unix socket of the small HTTP, a process of its own: /healthz, /readyz, /metrics; "" none */
    int processes, threads; /* 1–64, 1–256 */
    int spare_threads;      /* 0–64: more of them, for those that others lend their place to */
    int connections_max;    /* kept connections a process holds at most */
    int idle_seconds;       /* an idle kept connection is closed after this; longer than nginx's keepalive_timeout */
    int io_seconds;         /* SO_RCVTIMEO, SO_SNDTIMEO of a connection in a thread's hands */
    int drain_seconds;      /* how long SIGTERM waits for requests under way */
    size_t arena_max;       /* bytes of memory one request may use */
    const struct sandbox *sandbox; /* what each process is confined to; NULL: not at all */
    /* For SIGUSR2; NULL: the signal does nothing. The program's file, its arguments, and the option that makes it say, by
     * exit code 0, that it could serve with them. */
    const char *program, *trial_option;
    char *const *argv;
};

/* Runs until SIGTERM or SIGINT; then drains. Returns an exit code of sysexits: 0 when every request was finished,
 * EX_TEMPFAIL when some had to be cut off. Call before any thread was started and with no database connection open: it
 * forks. On SIGHUP each process calls app->reload and then takes what *dispatch says, so reload should update that. On
 * SIGUSR2 the parent executes its program anew, which starts processes of its own and ends the old ones once all of its
 * own serve: no request is lost. */
int server_run(const struct server_config *config, const struct server_app *app,
               const struct dispatch_config *dispatch);

/* A handler that is about to wait for another system lends its thread's place to a spare one, so that as many as ever serve the
 * others. It goes on without one; only its thread's next request waits for a place. At most spare_threads of a process
 * do so at once, which is the caller's to see to. */
void server_lend(void);
/* A handler that is about to wait for what is near, as the database: its thread keeps its place, and another looks for requests
 * meanwhile. Costs little, and nothing after the first time in a request. */
void server_waits(void);

#endif
