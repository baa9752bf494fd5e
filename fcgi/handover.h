/* From one program to the next in the same process: the supervisor executes the program file anew, perhaps a newer one, and
 * hands over the listening sockets and the processes that still serve. So no connection is refused, and a service manager
 * sees the process that it started. */
#ifndef MINHU_HANDOVER_H
#define MINHU_HANDOVER_H

#include "shared.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct handover {
    int listener, ops_listener; /* -1: none */
    pid_t pids[PROCESSES_MAX + 1];
    int count;
};

/* What an earlier program of this process has left; once. False when there was none. */
bool handover_take(struct handover *h);
/* Runs the program with this argument more, and waits for it. True when it ended with 0 within ten seconds. */
bool handover_trial(const char *program, char *const *argv, const char *option, const sigset_t *mask);
/* Becomes the program. Returns only when that failed; everything is as before then. */
void handover_run(const struct handover *h, const char *program, char *const *argv);

#endif
