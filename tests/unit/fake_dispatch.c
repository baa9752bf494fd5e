/* dispatch() and its relatives, as simple as the tests allow. */
#include "fake_dispatch.h"

#include "base/num.h"
#include "dispatch.h"
#include "server.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static _Atomic int forged, reloads, contexts;

struct dispatcher {
    int unused;
};

static struct str param(const struct exchange *x, const char *name) {
    for (size_t i = 0; i < x->param_count; i++)
        if (str_is(x->params[i].name, name)) return x->params[i].value;
    return (struct str){NULL, 0};
}

static int64_t number(const struct exchange *x, const char *name) {
    int64_t v = 0;
    return num_i64(param(x, name), 0, INT32_MAX, &v) ? v : 0;
}

static void answer_echo(struct exchange *x, struct buf *out) {
    static const char *const results[] = {"ok", "too_large", "short", "no_memory"};
    struct str body = {"", 0};
    enum body_result result = x->read_body(x, (size_t)number(x, "CONTENT_LENGTH"), 4 << 20, &body);
    buf_printf(out, "params=%zu\nbody=%s:%zu\n", x->param_count, results[result], body.n);
    for (size_t i = 0; i < x->param_count; i++) {
        buf_add_str(out, x->params[i].name);
        buf_add_char(out, '=');
        buf_add_str(out, x->params[i].value);
        buf_add_char(out, '\n');
    }
    buf_add_str(out, body);
}

static void answer_slow(struct exchange *x, struct buf *out) {
    int64_t ms = number(x, "MS");
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
    buf_add_z(out, "slept\n");
}

static void answer_lend(struct exchange *x, struct buf *out) {
    server_lend();
    answer_slow(x, out);
}

static void answer_crash(struct exchange *x, struct buf *out) {
    (void)x, (void)out;
    _exit(9);
}

static void answer_big(struct exchange *x, struct buf *out) {
    size_t n = (size_t)number(x, "N");
    char *room = buf_room(out, n);
    if (room) memset(room, 'b', n);
}

static void answer_full(struct exchange *x, struct buf *out) {
    (void)x;
    while (buf_add_z(out, "more than there is room for, again and again\n")) {}
}

static void answer_count(struct exchange *x, struct buf *out) {
    (void)x;
    buf_printf(out, "forged=%d reloads=%d contexts=%d\n", atomic_load(&forged), atomic_load(&reloads),
               atomic_load(&contexts));
}

static void answer_unread(struct exchange *x, struct buf *out) {
    (void)x;
    buf_add_z(out, "unread\n");
}

void dispatch(const struct dispatcher *d, void *thread, struct exchange *x, struct buf *out, struct outcome *outcome) {
    static const struct {
        const char *mode;
        void (*answer)(struct exchange *, struct buf *);
    } modes[] = {{"echo", answer_echo}, {"unread", answer_unread}, {"slow", answer_slow},   {"crash", answer_crash},
                 {"big", answer_big},   {"full", answer_full},     {"count", answer_count}, {"lend", answer_lend}};
    (void)d, (void)thread;
    *outcome = (struct outcome){.operation = "fake", .route_index = 0, .status = 200, .rc = RC_OK};
    struct str mark = param(x, "MARK"), mode = param(x, "MODE");
    if (str_is(mark, "forged")) atomic_fetch_add(&forged, 1);
    if (str_is(mode, "empty")) return;
    buf_printf(out, "Status: 200\r\nContent-Type: text/plain\r\n\r\nmark=%.*s\npid=%d\n", (int)mark.n,
               mark.p ? mark.p : "", (int)getpid());
    size_t i = sizeof modes / sizeof *modes - 1;
    while (i > 0 && !str_is(mode, modes[i].mode)) i--;
    modes[i].answer(x, out);
}

struct dispatcher *dispatcher_make(const struct server_app *app, const struct dispatch_config *config,
                                   struct shared *shared) {
    (void)app, (void)config, (void)shared;
    return calloc(1, sizeof(struct dispatcher));
}

bool dispatcher_reload(struct dispatcher *d, const struct dispatch_config *config) {
    (void)d, (void)config;
    return true;
}

void dispatcher_free(struct dispatcher *d) { free(d); }

static void *thread_start(const void *app, int index) {
    (void)app, (void)index;
    atomic_fetch_add(&contexts, 1);
    return &contexts;
}

static void thread_stop(void *thread) {
    (void)thread;
    atomic_fetch_sub(&contexts, 1);
}

static bool ready(const void *app, char *reason, size_t size) {
    (void)app;
    const char *flag = getenv("FAKE_NOT_READY"), *hang = getenv("FAKE_HANG");
    if (hang && access(hang, F_OK) == 0) sleep(60);
    if (!flag || access(flag, F_OK)) return true;
    snprintf(reason, size, "the \"flag\" is there");
    return false;
}

static void metrics(const void *app, struct buf *out) {
    (void)app;
    buf_add_z(out, "# HELP fake_total A fake.\n# TYPE fake_total counter\nfake_total 7\n");
}

static void reload(const void *app) {
    (void)app;
    atomic_fetch_add(&reloads, 1);
}

static const struct route routes[] = {{.method = M_GET, .path = "/", .operation = "fake"}};

struct server_app fake_app = {.entry = "test",
                              .routes = routes,
                              .route_count = 1,
                              .thread_start = thread_start,
                              .thread_stop = thread_stop,
                              .ready = ready,
                              .metrics = metrics,
                              .reload = reload};
