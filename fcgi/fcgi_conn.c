/* Exchanges on a kept connection: every body is read to its end, so that the next request begins where it should. */
#include "fcgi_conn.h"

#include <errno.h>
#include <fastcgi.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

enum { REFUSAL_MAX = 2048, RECORD_MAX = 65528 };

struct fcgi_conn {
    int fd, io_seconds;
};

struct fcgi_conn *fcgi_conn_new(int fd, int io_seconds) {
    struct timeval limit = {.tv_sec = io_seconds};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit))
        return NULL;
    struct fcgi_conn *c = malloc(sizeof *c);
    if (c) *c = (struct fcgi_conn){fd, io_seconds};
    return c;
}

int fcgi_conn_fd(const struct fcgi_conn *c) { return c->fd; }

static void close_fd(struct fcgi_conn *c) {
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
}

void fcgi_conn_free(struct fcgi_conn *c) {
    if (!c) return;
    close_fd(c);
    free(c);
}

/* Whether this begins a request, as request_read.c will find it. */
static enum fcgi_peek judge(const unsigned char *p, size_t n) {
    static const struct {
        size_t at;
        unsigned char want;
    } sound[] = {{offsetof(FCGI_BeginRequestRecord, header.version), FCGI_VERSION_1},
                 {offsetof(FCGI_BeginRequestRecord, header.type), FCGI_BEGIN_REQUEST},
                 {offsetof(FCGI_BeginRequestRecord, header.contentLengthB1), 0},
                 {offsetof(FCGI_BeginRequestRecord, header.contentLengthB0), sizeof(FCGI_BeginRequestBody)},
                 {offsetof(FCGI_BeginRequestRecord, body.roleB1), 0},
                 {offsetof(FCGI_BeginRequestRecord, body.roleB0), FCGI_RESPONDER}};
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
        if (sound[i].at >= n) return FCGI_PEEK_PARTIAL;
        if (p[sound[i].at] != sound[i].want) return FCGI_PEEK_BAD;
    }
    return n < sizeof(FCGI_BeginRequestRecord) ? FCGI_PEEK_PARTIAL : FCGI_PEEK_REQUEST;
}

enum fcgi_peek fcgi_conn_peek(struct fcgi_conn *c) {
    unsigned char head[sizeof(FCGI_BeginRequestRecord)];
    ssize_t n;
    do n = recv(c->fd, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n > 0) return judge(head, (size_t)n);
    if (n == 0) return FCGI_PEEK_CLOSED;
    return errno == EAGAIN || errno == EWOULDBLOCK ? FCGI_PEEK_EMPTY : FCGI_PEEK_CLOSED;
}

static FCGI_Header header(int type, unsigned id, size_t content) {
    return (FCGI_Header){.version = FCGI_VERSION_1,
                         .type = (unsigned char)type,
                         .requestIdB1 = (unsigned char)(id >> 8),
                         .requestIdB0 = (unsigned char)id,
                         .contentLengthB1 = (unsigned char)(content >> 8),
                         .contentLengthB0 = (unsigned char)content};
}

void fcgi_conn_dismiss(struct fcgi_conn *c) {
    FCGI_Header nothing = header(FCGI_STDERR, 1, 0);
    ssize_t n = send(c->fd, &nothing, sizeof nothing, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)n; /* whoever doesn't read it is closed a little later */
}

/* ---- what the HTTP side is given ---- */

static enum body_result read_body(struct exchange *x, size_t length, size_t max, struct str *body) {
    if (length > max || length == SIZE_MAX) return BODY_READ_TOO_LARGE;
    char *p = arena_alloc(x->arena, length + 1);
    if (!p) return BODY_READ_NO_MEMORY;
    if (incoming_body(x->incoming, p, length) < length) return BODY_READ_SHORT;
    *body = (struct str){p, length};
    return BODY_READ_OK;
}

/* ---- what the web server is given ---- */

static bool write_all(int fd, struct iovec *v, size_t n) {
    while (n > 0) {
        struct msghdr m = {.msg_iov = v, .msg_iovlen = n};
        ssize_t done = sendmsg(fd, &m, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        for (; n > 0 && (size_t)done >= v->iov_len; v++, n--) done -= (ssize_t)v->iov_len;
        if (n > 0) *v = (struct iovec){(char *)v->iov_base + done, v->iov_len - (size_t)done};
    }
    return true;
}

/* STDOUT in as few records as it fits into, as each may wake the web server; its end, and the request's. */
static bool put(int fd, unsigned id, struct str text) {
    struct {
        FCGI_Header no_more;
        FCGI_EndRequestRecord end;
    } last = {header(FCGI_STDOUT, id, 0), {header(FCGI_END_REQUEST, id, sizeof(FCGI_EndRequestBody)), {0}}};
    for (;;) {
        size_t part = text.n < RECORD_MAX ? text.n : RECORD_MAX;
        FCGI_Header head = header(FCGI_STDOUT, id, part);
        struct iovec v[] = {{&head, sizeof head}, {(char *)(uintptr_t)text.p, part}, {&last, sizeof last}};
        if (!write_all(fd, v, part == text.n ? 3 : 2)) return false;
        if (part == text.n) return true;
        text = (struct str){text.p + part, text.n - part};
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

/* ---- an exchange ---- */

/* Copies value when it is made of the characters of allowed only and fits. */
static void take_plain(char *to, size_t size, struct str value, const char *allowed) {
    size_t n = 0;
    while (n < value.n && value.p[n] && strchr(allowed, value.p[n])) n++;
    if (n >= size || n < value.n) n = 0;
    if (n > 0) memcpy(to, value.p, n);
    to[n] = '\0';
}

static void take_names(const struct incoming *in, struct fcgi_result *result) {
    take_plain(result->request_id, sizeof result->request_id, incoming_param(in, "REQUEST_ID"),
               "0123456789abcdefABCDEF-");
    take_plain(result->method, sizeof result->method, incoming_param(in, "REQUEST_METHOD"),
               "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

/* Answers a request whose parameters are read; true when the connection can be kept. */
static bool answer_one(struct incoming *in, struct arena *a, fcgi_answer *answer, void *arg,
                       struct fcgi_result *result) {
    char spare[REFUSAL_MAX];
    struct exchange x = {
        .arena = a, .params = in->params, .param_count = in->param_count, .incoming = in, .read_body = read_body};
    struct buf out = {0};
    take_names(in, result);
    if (!result->refused) {
        buf_init(&out, a, a->cap);
        answer(arg, &x, &out);
        if (out.failed || out.n == 0) result->rc = RC_INTERNAL;
    }
    struct str text = buf_str(&out);
    if (result->rc != RC_OK) text = (struct str){spare, refusal(spare, sizeof spare, result->rc, result->request_id)};
    bool drained = incoming_drain(in);
    result->io = in->io;
    result->bytes = text.n;
    result->answered = true;
    if (put(in->fd, in->id, text)) return drained && in->keep;
    if (result->io == FCGI_IO_OK) result->io = FCGI_IO_CLOSED;
    return false;
}

bool fcgi_conn_exchange(struct fcgi_conn *c, struct arena *a, fcgi_answer *answer, void *arg,
                        struct fcgi_result *result) {
    struct incoming in;
    enum head_result head = incoming_head(&in, c->fd, c->io_seconds);
    bool large = head == HEAD_READ_TOO_LARGE;
    *result = (struct fcgi_result){.io = in.io, .refused = large, .rc = large ? RC_HEADERS_TOO_LARGE : RC_OK};
    bool keep = head != HEAD_READ_BROKEN && answer_one(&in, a, answer, arg, result);
    incoming_forget(&in);
    if (!keep) close_fd(c);
    return keep;
}
