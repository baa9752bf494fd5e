/* The next program finds what it takes over in one variable of its environment: "PID LISTENER OPS_LISTENER CHILD…". */
#include "handover.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_MAX = 16 * (PROCESSES_MAX + 4), TRIAL_SECONDS = 10, ARGUMENTS_MAX = 64 };
static const char variable[] = "MINHU_HANDOVER";

bool handover_take(struct handover *h) {
    const char *text = getenv(variable);
    long numbers[PROCESSES_MAX + 4];
    int n = 0;
    *h = (struct handover){.listener = -1, .ops_listener = -1};
    if (!text) return false;
    for (char *end; n < PROCESSES_MAX + 4; text = end) {
        numbers[n] = strtol(text, &end, 10);
        if (end == text) break;
        n++;
    }
    unsetenv(variable);
    if (n < 3 || numbers[0] != getpid()) return false; /* somebody else's, inherited */
    h->listener = (int)numbers[1];
    h->ops_listener = (int)numbers[2];
    for (int i = 3; i < n; i++) h->pids[h->count++] = (pid_t)numbers[i];
    return true;
}

static void be_trial(const char *program, char *const *argv, const char *option, const sigset_t *mask) {
    char *arguments[ARGUMENTS_MAX + 2], last[64];
    int n = 0;
    snprintf(last, sizeof last, "%s", option);
    while (argv[n] && n < ARGUMENTS_MAX) {
        arguments[n] = argv[n];
        n++;
    }
    arguments[n++] = last;
    arguments[n] = NULL;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    alarm(TRIAL_SECONDS);
    execv(program, arguments);
    _exit(127);
}

bool handover_trial(const char *program, char *const *argv, const char *option, const sigset_t *mask) {
    int status = 0;
    pid_t pid = fork(), got;
    if (pid == 0) be_trial(program, argv, option, mask);
    if (pid < 0) return false;
    do got = waitpid(pid, &status, 0);
    while (got < 0 && errno == EINTR);
    return got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void keep_open(int fd, bool yes) {
    if (fd >= 0) fcntl(fd, F_SETFD, yes ? 0 : FD_CLOEXEC);
}

void handover_run(const struct handover *h, const char *program, char *const *argv) {
    char text[TEXT_MAX];
    int n = snprintf(text, sizeof text, "%d %d %d", (int)getpid(), h->listener, h->ops_listener);
    for (int i = 0; i < h->count && n < TEXT_MAX; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, " %d", (int)h->pids[i]);
    if (n >= TEXT_MAX || setenv(variable, text, 1)) return;
    keep_open(h->listener, true);
    keep_open(h->ops_listener, true);
    execv(program, argv);
    log_event(LOG_ERROR, "supervisor", "can't execute %s (errno %d)", program, errno);
    keep_open(h->listener, false);
    keep_open(h->ops_listener, false);
    unsetenv(variable);
}
