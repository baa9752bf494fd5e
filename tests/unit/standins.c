/* Starts the stand-ins of the host apps as child processes, and speaks to them. */
#include "standins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/timefmt.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static const char *python(void) {
    const char *given = getenv("PYTHON");
    return given && *given ? given : "/usr/bin/python3";
}

bool standin_possible(void) { return access(python(), X_OK) == 0; }

static void run_standin(const char *script, char *const *extra, int out) {
    const char *source = getenv("SRCDIR");
    char path[1000], name[] = "python3", port[] = "--port", zero[] = "0";
    char *argv[16] = {name, path, port, zero};
    size_t n = 4;
    snprintf(path, sizeof path, "%s/tests/support/%s", source && *source ? source : ".", script);
    while (*extra && n < 15) argv[n++] = *extra++;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (!freopen("/dev/null", "w", stderr) || dup2(out, STDOUT_FILENO) < 0) _exit(126);
    execv(python(), argv);
    _exit(127);
}

bool standin_start(const char *script, char *const *extra, struct standin *s) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    s->pid = fork();
    if (s->pid == 0) run_standin(script, extra, ends[1]);
    close(ends[1]);
    FILE *f = fdopen(ends[0], "r");
    bool ok = s->pid > 0 && f && fscanf(f, "ready %127s", s->url) == 1;
    if (f) fclose(f);
    return ok;
}

void standin_stop(struct standin *s) {
    if (s->pid <= 0) return;
    kill(s->pid, SIGTERM);
    waitpid(s->pid, NULL, 0);
    s->pid = 0;
}

struct str standin_tell(struct http_client *control, const struct standin *s, bool post, const char *path,
                        const char *body, struct arena *arena) {
    struct http_request r = {.name = "control",
                             .post = post,
                             .url = http_join(arena, s->url, path),
                             .headers = {{"Content-Type", "application/json"}},
                             .header_count = 1,
                             .body = str_of(body),
                             .connect_ms = 1000,
                             .deadline_us = time_mono_us() + 5 * SECOND_US};
    struct http_answer answer;
    assert_int_equal(http_send(control, &r, arena, &answer), HTTP_ANSWERED);
    assert_int_equal(answer.status, 200);
    return answer.body;
}
