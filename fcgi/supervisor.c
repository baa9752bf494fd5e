/* The parent: owns the sockets and the shared mapping, forks, replaces what dies, passes signals on, makes way for its
 * successor. Has no threads. */
#include "server.h"

#include "base/log.h"
#include "base/notify.h"
#include "handover.h"
#include "listen.h"
#include "ops.h"
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum {
    QUICK_DEATH_MS = 1000, /* a process that lived shorter is replaced with a growing pause */
    FIRST_PAUSE_MS = 50,
    LONGEST_PAUSE_MS = 2000,
    KILL_EXTRA_SECONDS = 2,
    OPS_END_MS = 1000,
    LISTEN_WAIT_SECONDS = 3,
    RELIEF_STEP_MS = 20,
    SPARE_FDS = 64
};

struct child {
    pid_t pid; /* 0: none */
    int64_t born_ms, due_ms;
    int pause_ms;
};

struct supervisor {
    const struct server_config *config;
    const struct server_app *app;
    const struct dispatch_config *dispatch_config;
    struct dispatcher *dispatcher;
    struct shared *shared;
    struct listen_socket listener, ops_listener;
    sigset_t signals, mask_before;
    struct child workers[PROCESSES_MAX], ops;
    struct handover old;  /* processes of the program before this one, which serve until ours do */
    int64_t old_until_ms; /* they are told to end, and killed then; 0: not yet */
    pid_t pid;
    bool reloaded, renew;
    int code;
};

static int64_t clock_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* ---- children ---- */

/* A build with LeakSanitizer looks for leaks when a program exits, which a child never does the ordinary way. */
extern void __lsan_do_leak_check(void) __attribute__((weak));

/* In the child: dies with the parent, even when that died before prctl was called. */
static void follow_parent(const struct supervisor *s) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != s->pid) _exit(EX_TEMPFAIL);
}

/* What the children run by is static: a thread that is not done yet may look at it until the process is gone. */
static int be_worker(struct supervisor *s, int index) {
    static struct worker w;
    if (s->ops_listener.fd >= 0) close(s->ops_listener.fd);
    w = (struct worker){.config = s->config,
                        .app = s->app,
                        .dispatch_config = s->dispatch_config,
                        .dispatcher = s->dispatcher,
                        .shared = s->shared,
                        .listener = s->listener.fd,
                        .index = index,
                        .reload = s->reloaded};
    return worker_run(&w);
}

static int be_ops(struct supervisor *s) {
    static struct ops ops;
    close(s->listener.fd);
    ops = (struct ops){.listener = s->ops_listener.fd,
                       .app = s->app,
                       .shared = s->shared,
                       .scale = {s->config->processes, s->config->threads},
                       .reload = s->reloaded};
    return ops_run(&ops);
}

/* index < 0: the ops process. */
static void start(struct supervisor *s, struct child *c, int index) {
    c->born_ms = clock_ms();
    pid_t pid = fork();
    if (pid == 0) {
        follow_parent(s);
        if (s->config->sandbox && !sandbox_enter(s->config->sandbox)) _exit(EX_OSERR);
        int code = index < 0 ? be_ops(s) : be_worker(s, index);
        if (code == EX_OK && __lsan_do_leak_check) __lsan_do_leak_check();
        _exit(code);
    }
    if (pid < 0) {
        log_event(LOG_ERROR, "supervisor", "can't fork (errno %d)", errno);
        c->due_ms = c->born_ms + LONGEST_PAUSE_MS;
        return;
    }
    c->pid = pid;
}

static void start_due(struct supervisor *s) {
    int64_t now = clock_ms();
    for (int i = 0; i < s->config->processes; i++)
        if (s->workers[i].pid == 0 && now >= s->workers[i].due_ms) start(s, &s->workers[i], i);
    if (s->ops_listener.fd >= 0 && s->ops.pid == 0 && now >= s->ops.due_ms) start(s, &s->ops, -1);
}

static void forget_gauges(struct supervisor *s, int index) {
    atomic_store(&s->shared->serving[index], false);
    atomic_store(&s->shared->busy[index], 0);
    atomic_store(&s->shared->connections[index], 0);
}

/* Sets when a dead child is replaced: at once, or after a pause when it did not even live a second. */
static void schedule(struct supervisor *s, struct child *c) {
    int64_t now = clock_ms();
    if (now - c->born_ms >= QUICK_DEATH_MS) c->pause_ms = 0;
    else c->pause_ms = c->pause_ms == 0 ? FIRST_PAUSE_MS : 2 * c->pause_ms;
    if (c->pause_ms > LONGEST_PAUSE_MS) c->pause_ms = LONGEST_PAUSE_MS;
    c->due_ms = now + c->pause_ms;
    atomic_fetch_add(&s->shared->restarts, 1);
}

static void log_death(const char *what, int index, pid_t pid, int status) {
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        log_event(
            LOG_ERROR, "sandbox",
            "%s %d (pid %d) was ended at a system call that none of our code makes; the kernel's log has its number",
            what, index, (int)pid);
    else if (WIFSIGNALED(status))
        log_event(LOG_ERROR, "supervisor", "%s %d (pid %d) died by signal %d", what, index, (int)pid, WTERMSIG(status));
    else log_event(LOG_WARN, "supervisor", "%s %d (pid %d) ended with %d", what, index, (int)pid, WEXITSTATUS(status));
}

static bool bury_old(struct supervisor *s, pid_t pid, int status) {
    for (int i = 0; i < s->old.count; i++) {
        if (s->old.pids[i] != pid) continue;
        s->old.pids[i] = s->old.pids[--s->old.count];
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) log_death("old process", i, pid, status);
        if (s->old.count == 0) log_event(LOG_INFO, "supervisor", "the old processes have ended");
        return true;
    }
    return false;
}

static void bury(struct supervisor *s, pid_t pid, int status, bool stopping) {
    bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (bury_old(s, pid, status)) return;
    if (pid == s->ops.pid) {
        s->ops.pid = 0;
        if (stopping) return;
        log_death("ops process", 0, pid, status);
        schedule(s, &s->ops);
        return;
    }
    for (int i = 0; i < s->config->processes; i++) {
        struct child *c = &s->workers[i];
        if (c->pid != pid) continue;
        c->pid = 0;
        forget_gauges(s, i);
        if (!stopping || !clean) log_death("worker", i, pid, status);
        if (!stopping) schedule(s, c);
        else if (!clean) s->code = EX_TEMPFAIL;
        return;
    }
}

static void bury_all(struct supervisor *s, bool stopping) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) bury(s, pid, status, stopping);
}

static void tell_workers(const struct supervisor *s, int signal_number) {
    for (int i = 0; i < s->config->processes; i++)
        if (s->workers[i].pid > 0) kill(s->workers[i].pid, signal_number);
}

static void tell_old(const struct supervisor *s, int signal_number) {
    for (int i = 0; i < s->old.count; i++) kill(s->old.pids[i], signal_number);
}

static bool any_worker(const struct supervisor *s) {
    if (s->old.count) return true;
    for (int i = 0; i < s->config->processes; i++)
        if (s->workers[i].pid > 0) return true;
    return false;
}

/* ---- making way ---- */

static bool all_serve(const struct supervisor *s) {
    for (int i = 0; i < s->config->processes; i++)
        if (s->workers[i].pid == 0 || !atomic_load(&s->shared->serving[i])) return false;
    return true;
}

static int64_t drained_at(const struct supervisor *s) {
    return clock_ms() + (s->config->drain_seconds + KILL_EXTRA_SECONDS) * INT64_C(1000);
}

/* Ends the old processes once all of ours serve. */
static void relieve_old(struct supervisor *s) {
    if (s->old.count == 0) return;
    if (s->old_until_ms == 0 && all_serve(s)) {
        log_event(LOG_INFO, "supervisor", "%s: the new processes serve, the old ones end", s->app->entry);
        tell_old(s, SIGTERM);
        s->old_until_ms = drained_at(s);
    }
    if (s->old_until_ms && clock_ms() >= s->old_until_ms) tell_old(s, SIGKILL);
}

/* Executes the program anew, unless it says that it could not serve. */
static void renew(struct supervisor *s) {
    const struct server_config *c = s->config;
    struct handover h = {.listener = s->listener.fd, .ops_listener = s->ops_listener.fd};
    s->renew = false;
    if (!c->program) return;
    if (!handover_trial(c->program, c->argv, c->trial_option, &s->mask_before)) {
        log_event(LOG_ERROR, "supervisor", "%s %s found a fault; the running program stays", c->program,
                  c->trial_option);
        return;
    }
    for (int i = 0; i < c->processes; i++)
        if (s->workers[i].pid > 0) h.pids[h.count++] = s->workers[i].pid;
    if (s->ops.pid > 0) h.pids[h.count++] = s->ops.pid;
    log_event(LOG_INFO, "supervisor", "%s: making way for %s", s->app->entry, c->program);
    handover_run(&h, c->program, c->argv);
}

/* ---- the parent's life ---- */

/* The next signal, or 0 after wait_ms. */
static int next_signal(const struct supervisor *s, int64_t wait_ms) {
    if (wait_ms < 0) wait_ms = 0;
    const struct timespec limit = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000};
    int got = sigtimedwait(&s->signals, NULL, &limit);
    return got > 0 ? got : 0;
}

static int64_t until_due(const struct supervisor *s) {
    int64_t now = clock_ms(), wait = s->old.count ? RELIEF_STEP_MS : 60000;
    for (int i = -1; i < s->config->processes; i++) {
        const struct child *c = i < 0 ? &s->ops : &s->workers[i];
        if (c->pid == 0 && (i >= 0 || s->ops_listener.fd >= 0) && c->due_ms - now < wait) wait = c->due_ms - now;
    }
    return wait;
}

static void watch_over(struct supervisor *s) {
    for (;;) {
        start_due(s);
        int got = next_signal(s, until_due(s));
        bury_all(s, false);
        if (got == SIGTERM || got == SIGINT) return;
        if (got == SIGUSR2) s->renew = true;
        relieve_old(s);
        if (s->renew && s->old.count == 0) renew(s);
        if (got != SIGHUP) continue;
        s->reloaded = true;
        log_reopen();
        tell_workers(s, SIGHUP);
        if (s->ops.pid > 0) kill(s->ops.pid, SIGHUP);
    }
}

/* The ops process answers to the last, so that a probe sees "shutting down" and not a refused connection. */
static void end_ops(struct supervisor *s) {
    int64_t limit = clock_ms() + OPS_END_MS;
    if (s->ops.pid > 0) kill(s->ops.pid, SIGTERM);
    while (s->ops.pid > 0) {
        if (clock_ms() >= limit) kill(s->ops.pid, SIGKILL);
        next_signal(s, 50);
        bury_all(s, true);
    }
}

static void wind_down(struct supervisor *s) {
    int64_t limit = drained_at(s);
    atomic_store(&s->shared->draining, true);
    listen_close(&s->listener); /* a successor can start at once; the workers still take what waits in the backlog */
    tell_workers(s, SIGTERM);
    tell_old(s, SIGTERM);
    bury_all(s, true);
    while (any_worker(s)) {
        if (clock_ms() >= limit) {
            log_event(LOG_ERROR, "supervisor", "killing workers that did not end in time");
            tell_workers(s, SIGKILL);
            tell_old(s, SIGKILL);
        }
        next_signal(s, 100);
        bury_all(s, true);
    }
    end_ops(s);
}

/* ---- setting up ---- */

static bool config_sound(const struct server_config *c) {
    const struct {
        const char *name;
        long long value, min, max;
    } limits[] = {
        {"processes", c->processes, 1, PROCESSES_MAX}, {"threads", c->threads, 1, 256},
        {"spare_threads", c->spare_threads, 0, 64},    {"connections_max", c->connections_max, 1, 1000000},
        {"idle_seconds", c->idle_seconds, 1, 86400},   {"io_seconds", c->io_seconds, 1, 3600},
        {"drain_seconds", c->drain_seconds, 0, 3600},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (limits[i].value >= limits[i].min && limits[i].value <= limits[i].max) continue;
        log_event(LOG_ERROR, "supervisor", "%s must be %lld to %lld, not %lld", limits[i].name, limits[i].min,
                  limits[i].max, limits[i].value);
        return false;
    }
    if (!c->socket_path || !*c->socket_path || c->arena_max < 4096) {
        log_event(LOG_ERROR, "supervisor", "socket_path must be given, and arena_max be at least 4096");
        return false;
    }
    return true;
}

/* A process needs a descriptor for each connection and some for itself and the handlers. */
static void raise_descriptors(const struct server_config *c) {
    struct rlimit r;
    rlim_t want = (rlim_t)(c->connections_max + 4 * (c->threads + c->spare_threads) + SPARE_FDS);
    if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur >= want) return;
    r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
    if (setrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur < want)
        log_event(LOG_WARN, "supervisor",
                  "the limit of open files is below the %llu that connections_max and threads may need",
                  (unsigned long long)want);
}

static void take_signals(struct supervisor *s) {
    const int ours[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR2, SIGCHLD};
    sigemptyset(&s->signals);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) sigaddset(&s->signals, ours[i]);
    sigprocmask(SIG_BLOCK, &s->signals, &s->mask_before);
    /* An ignored signal would never be pending; SIGPIPE would end a process that writes to a peer that left. */
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) signal(ours[i], SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
}

/* The inherited listener where it is the right one, else a new one. */
static bool open_listener(struct listen_socket *l, int inherited, const char *path, const char *group) {
    return (inherited >= 0 && listen_adopt(l, inherited, path)) || listen_open(l, path, group, LISTEN_WAIT_SECONDS);
}

static int open_all(struct supervisor *s) {
    const struct server_config *c = s->config;
    if (handover_take(&s->old)) log_event(LOG_INFO, "supervisor", "%s: taking over", s->app->entry);
    s->shared = shared_make();
    if (!s->shared) return EX_OSERR;
    s->dispatcher = dispatcher_make(s->app, s->dispatch_config, s->shared);
    if (!s->dispatcher) return EX_CONFIG;
    if (!open_listener(&s->listener, s->old.listener, c->socket_path, c->socket_group)) return EX_UNAVAILABLE;
    if (c->ops_path && *c->ops_path &&
        !open_listener(&s->ops_listener, s->old.ops_listener, c->ops_path, c->socket_group))
        return EX_UNAVAILABLE;
    return EX_OK;
}

int server_run(const struct server_config *config, const struct server_app *app,
               const struct dispatch_config *dispatch) {
    if (!config_sound(config)) return EX_CONFIG;
    struct supervisor *s = calloc(1, sizeof *s);
    if (!s) return EX_OSERR;
    s->config = config;
    s->app = app;
    s->dispatch_config = dispatch;
    s->pid = getpid();
    s->listener.fd = s->ops_listener.fd = -1;
    take_signals(s);
    raise_descriptors(config);
    int code = config->sandbox && !sandbox_prepare() ? EX_OSERR : open_all(s);
    if (code == EX_OK) {
        log_event(LOG_INFO, "supervisor", "%s: %d processes with %d threads on %s", app->entry, config->processes,
                  config->threads, config->socket_path);
        notify("READY=1");
        watch_over(s);
        notify("STOPPING=1");
        wind_down(s);
        code = s->code;
        log_event(LOG_INFO, "supervisor", "%s: stopped", app->entry);
    }
    listen_close(&s->listener);
    listen_close(&s->ops_listener);
    if (s->dispatcher) dispatcher_free(s->dispatcher);
    sigprocmask(SIG_SETMASK, &s->mask_before, NULL);
    free(s);
    return code;
}
