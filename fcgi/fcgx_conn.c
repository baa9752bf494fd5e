/* libfcgi, made safe for kept connections: every body is read to its end, and nothing but a request gets to the
 * library. */
#include "fcgx_conn.h"

#include "turns.h"

#include <errno.h>
#include <fcgiapp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BEGIN_BYTES = 16, REFUSAL_MAX = 2048, RECORD_MAX = 65528 };

struct fcgx_conn {
    FCGX_Request r;
    int io_seconds;
    bool begun; /* a whole first record was seen in the socket, and not read yet */
};

static int64_t clock_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

bool fcgx_init(void) {
    /* When the library closes, it waits this many milliseconds for the peer, with a handler thread in its hands. */
    setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "100", 1);
    if (FCGX_Init() != 0) return false;
    /* It has installed handlers; its streams take an interrupted call for a broken connection. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    return true;
}

struct fcgx_conn *fcgx_conn_new(int fd, int io_seconds) {
    struct fcgx_conn *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    struct timeval limit = {.tv_sec = io_seconds};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) || FCGX_InitRequest(&c->r, -1, 0)) {
        free(c);
        return NULL;
    }
    c->io_seconds = io_seconds;
    c->r.ipcFd = fd;
    return c;
}

int fcgx_conn_fd(const struct fcgx_conn *c) { return c->r.ipcFd; }

static void close_fd(struct fcgx_conn *c) {
    if (c->r.ipcFd >= 0) close(c->r.ipcFd);
    c->r.ipcFd = -1;
}

void fcgx_conn_free(struct fcgx_conn *c) {
    if (!c) return;
    close_fd(c);
    free(c);
}

/* Management records must not reach the library: it mishandles some of them, and answers others without a request. */
static enum fcgx_peek judge(const unsigned char *p, size_t n) {
    static const struct {
        size_t at;
        unsigned char want;
    } sound[] = {
        {0, 1} /* version */, {1, 1} /* BEGIN_REQUEST */, {4, 0}, {5, 8} /* length */, {8, 0}, {9, 1} /* responder */};
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
        if (sound[i].at >= n) return FCGX_PEEK_PARTIAL;
        if (p[sound[i].at] != sound[i].want) return FCGX_PEEK_BAD;
    }
    return n < BEGIN_BYTES ? FCGX_PEEK_PARTIAL : FCGX_PEEK_REQUEST;
}

enum fcgx_peek fcgx_conn_peek(struct fcgx_conn *c) {
    unsigned char head[BEGIN_BYTES];
    ssize_t n;
    do n = recv(c->r.ipcFd, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        enum fcgx_peek seen = judge(head, (size_t)n);
        c->begun = seen == FCGX_PEEK_REQUEST;
        return seen;
    }
    if (n == 0) return FCGX_PEEK_CLOSED;
    return errno == EAGAIN || errno == EWOULDBLOCK ? FCGX_PEEK_EMPTY : FCGX_PEEK_CLOSED;
}

void fcgx_conn_dismiss(struct fcgx_conn *c) {
    static const unsigned char nothing[] = {
        1 /* version */, 7 /* STDERR */, 0, 1 /* request */, 0, 0 /* length */, 0, 0};
    ssize_t n = send(c->r.ipcFd, nothing, sizeof nothing, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)n; /* whoever doesn't read it is closed a little later */
}

/* ---- what the HTTP side is given ---- */

/* Copies into the arena, so that nothing points into the library's memory. */
static enum rc take_params(const FCGX_Request *r, struct exchange *x) {
    size_t count = 0, bytes = 0;
    char **lines = r->envp;
    if (lines && *lines && strncmp(*lines, "FCGI_ROLE=", 10) == 0) lines++; /* the library's own, always first */
    for (char **e = lines; e && *e; e++) {
        count++;
        bytes += strlen(*e);
        if (count > FCGX_PARAMS_MAX || bytes > FCGX_PARAM_BYTES_MAX) return RC_HEADERS_TOO_LARGE;
    }
    struct fcgi_param *params = arena_array(x->arena, count ? count : 1, sizeof *params);
    if (!params) return RC_INTERNAL;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct str line = arena_str(x->arena, str_of(lines[i]));
        if (!line.p) return RC_INTERNAL;
        const char *equals = memchr(line.p, '=', line.n);
        if (!equals) continue;
        size_t name = (size_t)(equals - line.p);
        params[kept++] = (struct fcgi_param){{line.p, name}, {equals + 1, line.n - name - 1}};
    }
    x->params = params;
    x->param_count = kept;
    return RC_OK;
}

static enum body_result read_body(struct exchange *x, size_t length, size_t max, struct str *body) {
    struct fcgx_conn *c = x->conn;
    if (length > max || length == SIZE_MAX) return BODY_READ_TOO_LARGE;
    char *p = arena_alloc(x->arena, length + 1);
    if (!p) return BODY_READ_NO_MEMORY;
    size_t have = 0;
    while (have < length) {
        int ask = length - have > INT_MAX ? INT_MAX : (int)(length - have);
        int got = FCGX_GetStr(p + have, ask, c->r.in);
        if (got > 0) have += (size_t)got;
        if (got < ask) break;
    }
    if (have < length) return BODY_READ_SHORT;
    *body = (struct str){p, length};
    return BODY_READ_OK;
}

/* ---- ends of an exchange ---- */

/* Reads STDIN to its terminator. What stayed in the socket would be parsed as the next request's records. */
static bool drain(struct fcgx_conn *c) {
    char waste[8192];
    size_t total = 0;
    int64_t limit = clock_ms() + c->io_seconds * INT64_C(1000);
    for (;;) {
        int got = FCGX_GetStr(waste, (int)sizeof waste, c->r.in);
        if (got > 0) total += (size_t)got;
        if (got < (int)sizeof waste) return FCGX_GetError(c->r.in) == 0;
        if (total > FCGX_DRAIN_MAX || clock_ms() > limit) return false;
    }
}

static enum fcgx_io input_end(const struct fcgx_conn *c, bool drained) {
    int error = FCGX_GetError(c->r.in);
    if (drained) return FCGX_IO_OK;
    if (error == 0) return FCGX_IO_UNREAD;
    return error == EAGAIN || error == EWOULDBLOCK ? FCGX_IO_TIMEOUT : FCGX_IO_CLOSED;
}

static bool write_all(int fd, struct iovec *v, int n) {
    while (n > 0) {
        ssize_t done = writev(fd, v, n);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        for (; n > 0 && (size_t)done >= v->iov_len; v++, n--) done -= (ssize_t)v->iov_len;
        if (n > 0) *v = (struct iovec){(char *)v->iov_base + done, v->iov_len - (size_t)done};
    }
    return true;
}

/* STDOUT in as few records as it fits into, its end, and the request's: by itself, as the library's stream would copy it all, and
 * cut it into records of 8 KB, each of which wakes the web server. */
static bool put(struct fcgx_conn *c, const char *p, size_t n) {
    const unsigned char high = (unsigned char)(c->r.requestId >> 8), low = (unsigned char)c->r.requestId;
    const unsigned char end[] = {1, 6 /* STDOUT */,      high, low, 0, 0, 0, 0, /* empty: no more of it */
                                 1, 3 /* END_REQUEST */, high, low, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    for (;;) {
        size_t part = n < RECORD_MAX ? n : RECORD_MAX;
        unsigned char head[] = {1, 6, high, low, (unsigned char)(part >> 8), (unsigned char)part, 0, 0};
        struct iovec v[] = {{head, sizeof head}, {(char *)(uintptr_t)p, part}, {(char *)(uintptr_t)end, sizeof end}};
        if (!write_all(c->r.ipcFd, v, part == n ? 3 : 2)) return false;
        if (part == n) return true;
        p += part;
        n -= part;
    }
}

/* An answer that needs no memory: for requests that can't be given to the HTTP side, and for answers that failed there.
 */
static size_t refusal(char *p, size_t size, enum rc rc, const char *request_id) {
    const struct rc_info *i = rc_info(rc);
    int n = snprintf(
        p, size,
        "Status: %d\r\nX-Request-Id: %s\r\nX-Content-Type-Options: nosniff\r\nContent-Type: application/problem+json\r\n"
        "Cache-Control: no-store\r\n\r\n{\"type\":\"/docs/problems#%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\","
        "\"code\":\"%s\",\"request_id\":\"%s\"}",
        i->status, request_id, i->code, i->title_zh, i->status, i->detail_zh, i->code, request_id);
    return n < 0 || (size_t)n >= size ? 0 : (size_t)n;
}

/* Copies value when it is made of the characters of allowed only and fits. */
static void take_plain(char *to, size_t size, const char *value, const char *allowed) {
    size_t n = value ? strspn(value, allowed) : 0;
    if (n == 0 || n >= size || value[n]) n = 0;
    if (n > 0) memcpy(to, value, n);
    to[n] = '\0';
}

static void take_names(struct fcgx_conn *c, struct fcgx_result *result) {
    take_plain(result->request_id, sizeof result->request_id, FCGX_GetParam("REQUEST_ID", c->r.envp),
               "0123456789abcdefABCDEF-");
    take_plain(result->method, sizeof result->method, FCGX_GetParam("REQUEST_METHOD", c->r.envp),
               "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

/* Keeps the connection only when both sides want it and the next byte is a record's first. With nothing left to read, a plain close
 * loses nothing, and is quicker than the library's lingering one. */
static void finish(struct fcgx_conn *c, bool drained) {
    bool keep = c->r.keepConnection && drained;
    FCGX_Free(&c->r, !drained);
    if (!keep) close_fd(c);
}

static void answer_one(struct fcgx_conn *c, struct arena *a, fcgx_answer *answer, void *arg,
                       struct fcgx_result *result) {
    char spare[REFUSAL_MAX];
    struct exchange x = {.arena = a, .conn = c, .read_body = read_body};
    struct buf out = {0};
    take_names(c, result);
    result->rc = take_params(&c->r, &x);
    result->refused = result->rc != RC_OK;
    if (!result->refused) {
        buf_init(&out, a, a->cap);
        answer(arg, &x, &out);
        if (out.failed || out.n == 0) result->rc = RC_INTERNAL;
    }
    struct str text = buf_str(&out);
    if (result->rc != RC_OK) text = (struct str){spare, refusal(spare, sizeof spare, result->rc, result->request_id)};
    bool drained = drain(c);
    result->io = input_end(c, drained);
    result->bytes = text.n;
    result->answered = true;
    if (!put(c, text.p, text.n)) {
        /* What stands in the socket is of no interest any more. */
        if (result->io == FCGX_IO_OK) result->io = FCGX_IO_CLOSED;
        drained = false;
    }
    finish(c, drained);
}

/* Waits for the whole first record, so that a peer that sends it byte by byte is judged like any other. A socket with
 * unread bytes can't be waited on for more of them, so this looks again and again; no web server ever needs it. */
static enum fcgx_peek whole_begin(struct fcgx_conn *c) {
    const struct timespec pause = {.tv_nsec = 5000000};
    int64_t limit = clock_ms() + c->io_seconds * INT64_C(1000);
    enum fcgx_peek seen;
    while ((seen = fcgx_conn_peek(c)) == FCGX_PEEK_PARTIAL || seen == FCGX_PEEK_EMPTY) {
        if (clock_ms() >= limit) break;
        turn_pass();
        nanosleep(&pause, NULL);
    }
    return seen;
}

bool fcgx_conn_exchange(struct fcgx_conn *c, struct arena *a, fcgx_answer *answer, void *arg,
                        struct fcgx_result *result) {
    *result = (struct fcgx_result){.rc = RC_OK};
    enum fcgx_peek seen = c->begun ? FCGX_PEEK_REQUEST : whole_begin(c);
    c->begun = false;
    if (seen != FCGX_PEEK_REQUEST) {
        result->io = seen == FCGX_PEEK_PARTIAL || seen == FCGX_PEEK_EMPTY ? FCGX_IO_TIMEOUT : FCGX_IO_CLOSED;
        close_fd(c);
        return false;
    }
    c->r.keepConnection = 1; /* else the library's first act is to close the socket */
    if (FCGX_Accept_r(&c->r) != 0) {
        c->r.ipcFd = -1; /* closed by the library, which then failed to accept on -1 */
        result->io = FCGX_IO_CLOSED;
        return false;
    }
    if (FCGX_GetError(c->r.in) != 0) {
        /* The parameters broke off between two of them, which the library takes for their end. */
        result->io = input_end(c, false);
        FCGX_Free(&c->r, 0);
        close_fd(c);
        return false;
    }
    answer_one(c, a, answer, arg, result);
    return c->r.ipcFd >= 0;
}
