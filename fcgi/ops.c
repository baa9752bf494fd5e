/* One thread polls a few short-lived connections; another asks the application once a second whether it is ready. */
#include "ops.h"

#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum {
    CLIENTS_MAX = 32,
    REQUEST_MAX = 2048,
    ANSWER_MAX = 4 << 20,
    CLIENT_MS = 1000, /* a client has this long for all of its exchange */
    STALE_MS = 5000,  /* an answer of the application older than this is no answer */
    EXTRA_EVERY = 5,  /* the application's own metrics are asked for at each fifth check */
    EXTRA_MAX = 256 << 10
};

struct client {
    int fd; /* -1: free */
    int64_t until_ms;
    char in[REQUEST_MAX];
    size_t in_n;
    struct arena arena;
    struct buf out;
    size_t sent;
};

/* What the checking thread has found; under lock. */
struct finding {
    pthread_mutex_t lock;
    bool ready;
    char reason[200];
    int64_t at_ms; /* 0: not yet */
    char extra[EXTRA_MAX];
    size_t extra_n;
};

struct server {
    const struct ops *ops;
    struct finding finding;
    _Atomic bool reload; /* the checking thread shall have the application reloaded before it asks again */
    struct client clients[CLIENTS_MAX];
};

static int64_t clock_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* ---- asking the application ---- */

static void ask_ready(struct server *s) {
    const struct server_app *app = s->ops->app;
    char reason[sizeof s->finding.reason] = "";
    bool ready = !app->ready || app->ready(app->app, reason, sizeof reason);
    pthread_mutex_lock(&s->finding.lock);
    s->finding.ready = ready;
    memcpy(s->finding.reason, reason, sizeof reason);
    s->finding.at_ms = clock_ms();
    pthread_mutex_unlock(&s->finding.lock);
}

static void ask_metrics(struct server *s, struct arena *arena) {
    struct buf out;
    if (!s->ops->app->metrics) return;
    arena_reset(arena);
    buf_init(&out, arena, EXTRA_MAX);
    s->ops->app->metrics(s->ops->app->app, &out);
    pthread_mutex_lock(&s->finding.lock);
    s->finding.extra_n = out.failed ? 0 : out.n;
    if (s->finding.extra_n > 0) memcpy(s->finding.extra, out.p, out.n);
    pthread_mutex_unlock(&s->finding.lock);
}

static void *check_main(void *arg) {
    struct server *s = arg;
    struct arena arena;
    arena_init(&arena, 4 * (size_t)EXTRA_MAX);
    for (unsigned round = 0;; round++) {
        if (atomic_exchange(&s->reload, false) && s->ops->app->reload) s->ops->app->reload(s->ops->app->app);
        ask_ready(s);
        if (round % EXTRA_EVERY == 0) ask_metrics(s, &arena);
        const struct timespec second = {.tv_sec = 1};
        nanosleep(&second, NULL);
    }
    return NULL;
}

/* ---- answers ---- */

static void head(struct buf *out, const char *status, const char *type, const char *more, size_t length) {
    buf_printf(out,
               "HTTP/1.1 %s\r\nContent-Type: %s\r\n%sContent-Length: %zu\r\nCache-Control: no-store\r\nConnection: "
               "close\r\n\r\n",
               status, type, more, length);
}

static void say(struct buf *out, const char *status, const char *more, const char *text) {
    head(out, status, "text/plain; charset=utf-8", more, strlen(text));
    buf_add_z(out, text);
}

static void answer_health(struct server *s, struct client *c) {
    (void)s;
    say(&c->out, "200 OK", "", "ok\n");
}

static bool judge_ready(struct server *s, char *reason, size_t size) {
    pthread_mutex_lock(&s->finding.lock);
    int64_t at = s->finding.at_ms, age = clock_ms() - at;
    bool ready = at > 0 && age <= STALE_MS && s->finding.ready;
    const char *why = at == 0          ? "the first check is still running"
                      : age > STALE_MS ? "the check hangs"
                                       : s->finding.reason;
    if (atomic_load_explicit(&s->ops->shared->draining, memory_order_relaxed)) {
        ready = false;
        why = "shutting down";
    }
    snprintf(reason, size, "%s", why);
    pthread_mutex_unlock(&s->finding.lock);
    return ready;
}

static void answer_ready(struct server *s, struct client *c) {
    char reason[sizeof s->finding.reason];
    bool ready = judge_ready(s, reason, sizeof reason);
    struct buf body;
    struct json_out w;
    buf_init(&body, &c->arena, 4096);
    jw_init(&w, &body);
    jw_begin_object(&w);
    jw_key_bool(&w, "ready", ready);
    jw_key_z(&w, "reason", ready ? NULL : reason);
    jw_end_object(&w);
    head(&c->out, ready ? "200 OK" : "503 Service Unavailable", "application/json", ready ? "" : "Retry-After: 1\r\n",
         body.n);
    buf_add_str(&c->out, buf_str(&body));
}

static void answer_metrics(struct server *s, struct client *c) {
    struct buf body;
    buf_init(&body, &c->arena, ANSWER_MAX);
    metrics_write(s->ops->shared, s->ops->app, s->ops->scale, &body);
    pthread_mutex_lock(&s->finding.lock);
    if (clock_ms() - s->finding.at_ms <= STALE_MS) buf_add(&body, s->finding.extra, s->finding.extra_n);
    pthread_mutex_unlock(&s->finding.lock);
    if (body.failed) {
        say(&c->out, "500 Internal Server Error", "", "too many metrics\n");
        return;
    }
    head(&c->out, "200 OK", "text/plain; version=0.0.4; charset=utf-8", "", body.n);
    buf_add_str(&c->out, buf_str(&body));
}

static void answer(struct server *s, struct client *c, struct str method, struct str path) {
    static const struct {
        const char *path;
        void (*answer)(struct server *, struct client *);
    } pages[] = {{"/healthz", answer_health}, {"/readyz", answer_ready}, {"/metrics", answer_metrics}};
    const char *query = memchr(path.p, '?', path.n);
    if (query) path.n = (size_t)(query - path.p);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        if (!str_is(path, pages[i].path)) continue;
        if (str_is(method, "GET")) pages[i].answer(s, c);
        else say(&c->out, "405 Method Not Allowed", "Allow: GET\r\n", "only GET\n");
        return;
    }
    say(&c->out, "404 Not Found", "", "there are /healthz, /readyz and /metrics\n");
}

/* ---- clients ---- */

static void drop(struct client *c) {
    close(c->fd);
    arena_free(&c->arena);
    c->fd = -1;
}

/* Cuts "GET /path HTTP/1.1" into its words. */
static bool request_line(struct str line, struct str *method, struct str *path) {
    const char *end = line.p + line.n, *a = memchr(line.p, ' ', line.n);
    if (!a) return false;
    const char *b = memchr(a + 1, ' ', (size_t)(end - a - 1));
    if (!b || b == a + 1) return false;
    *method = (struct str){line.p, (size_t)(a - line.p)};
    *path = (struct str){a + 1, (size_t)(b - a - 1)};
    return str_starts((struct str){b + 1, (size_t)(end - b - 1)}, "HTTP/1.");
}

/* Answers once the head is complete. */
static void consider(struct server *s, struct client *c) {
    struct str method, path;
    const char *end = memmem(c->in, c->in_n, "\r\n\r\n", 4);
    if (!end && c->in_n < sizeof c->in) return;
    arena_init(&c->arena, 3 * (size_t)ANSWER_MAX);
    buf_init(&c->out, &c->arena, ANSWER_MAX + 4096);
    const char *line_end = memmem(c->in, c->in_n, "\r\n", 2);
    if (!end) say(&c->out, "431 Request Header Fields Too Large", "", "too large\n");
    else if (!request_line((struct str){c->in, (size_t)(line_end - c->in)}, &method, &path))
        say(&c->out, "400 Bad Request", "", "not HTTP/1\n");
    else answer(s, c, method, path);
}

static bool answering(const struct client *c) { return c->out.n > 0; }

static void receive(struct server *s, struct client *c) {
    ssize_t n = recv(c->fd, c->in + c->in_n, sizeof c->in - c->in_n, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        drop(c);
        return;
    }
    c->in_n += (size_t)n;
    consider(s, c);
    if (c->out.failed) drop(c);
}

static void transmit(struct client *c) {
    ssize_t n = send(c->fd, c->out.p + c->sent, c->out.n - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n > 0) c->sent += (size_t)n;
    if (n <= 0 || c->sent == c->out.n) drop(c);
}

static void take_clients(struct server *s) {
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        struct client *c = &s->clients[i];
        if (c->fd >= 0) continue;
        int fd = accept4(s->ops->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) return;
        *c = (struct client){.fd = fd, .until_ms = clock_ms() + CLIENT_MS};
    }
}

static void reap_slow(struct server *s) {
    int64_t now = clock_ms();
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (s->clients[i].fd >= 0 && now >= s->clients[i].until_ms) drop(&s->clients[i]);
}

/* ---- the loop ---- */

/* False: told to end. */
static bool take_signals(struct server *s, int signals) {
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGTERM) return false;
        log_reopen();
        atomic_store(&s->reload, true);
    }
    return true;
}

static bool one_round(struct server *s, int signals) {
    struct pollfd polls[CLIENTS_MAX + 2] = {{.fd = signals, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
    bool busy = false;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        const struct client *c = &s->clients[i];
        polls[i + 2] = (struct pollfd){.fd = c->fd, .events = answering(c) ? POLLOUT : POLLIN};
        if (c->fd >= 0) busy = true;
        else polls[1].fd = s->ops->listener; /* only while there is a free place */
    }
    if (poll(polls, CLIENTS_MAX + 2, busy ? 100 : 1000) < 0) return true;
    if (polls[0].revents && !take_signals(s, signals)) return false;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        struct client *c = &s->clients[i];
        if (c->fd < 0 || !polls[i + 2].revents) continue;
        if (!answering(c)) receive(s, c);
        if (c->fd >= 0 && answering(c)) transmit(c);
    }
    reap_slow(s);
    if (polls[1].revents) take_clients(s);
    return true;
}

int ops_run(const struct ops *ops) {
    static struct server s; /* the checking thread may outlive this function */
    pthread_t check;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    int signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    s.ops = ops;
    atomic_store(&s.reload, ops->reload);
    for (size_t i = 0; i < CLIENTS_MAX; i++) s.clients[i].fd = -1;
    pthread_mutex_init(&s.finding.lock, NULL);
    if (signals < 0 || pthread_create(&check, NULL, check_main, &s)) return EX_OSERR;
    pthread_detach(check);
    while (one_round(&s, signals)) {}
    close(signals);
    return EX_OK;
}
