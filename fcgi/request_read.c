/* Records are read strictly: those of one request, in their order, and no others. A web server that keeps a connection sends the next
 * request when it has the answer to this one; whoever does not, or sends records for the application itself, is no web server. */
#include "request_read.h"

#include "turns.h"

#include <errno.h>
#include <fastcgi.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static int64_t clock_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static bool broken(struct incoming *in, enum fcgi_io why) {
    in->io = why;
    return false;
}

static void give_time(struct incoming *in) { in->until_ms = clock_ms() + in->io_seconds * INT64_C(1000); }

/* ---- bytes ---- */

/* What is in the socket, or else comes into it in time; at least a byte. */
static bool receive(struct incoming *in, char *to, size_t n, size_t *got) {
    if (in->io != FCGI_IO_OK) return false;
    ssize_t k;
    for (int flags = MSG_DONTWAIT; (k = recv(in->fd, to, n, flags)) < 0;) {
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) return broken(in, FCGI_IO_CLOSED);
        if (flags == 0 || clock_ms() >= in->until_ms) return broken(in, FCGI_IO_TIMEOUT);
        turn_pass();
        flags = 0;
    }
    *got = (size_t)k;
    return k > 0 || broken(in, FCGI_IO_CLOSED);
}

/* Exactly n bytes; long ones go past the room for reading ahead. Whatever came is in *done. */
static bool take(struct incoming *in, char *to, size_t n, size_t *done) {
    size_t part;
    for (*done = 0; *done < n; *done += part) {
        if (in->at == in->have && n - *done >= sizeof in->ahead) {
            if (!receive(in, to + *done, n - *done, &part)) return false;
            continue;
        }
        if (in->at == in->have) {
            in->at = in->have = 0;
            if (!receive(in, in->ahead, sizeof in->ahead, &in->have)) return false;
            if (in->have > in->most) in->most = in->have;
        }
        part = in->have - in->at < n - *done ? in->have - in->at : n - *done;
        memcpy(to + *done, in->ahead + in->at, part);
        in->at += part;
    }
    return true;
}

/* ---- records ---- */

static bool skip_padding(struct incoming *in) {
    char waste[UINT8_MAX];
    size_t done, n = in->padding;
    in->padding = 0;
    return take(in, waste, n, &done);
}

/* The head of the next record, which must be of this type; *id is its request's. */
static bool record(struct incoming *in, int type, unsigned *id) {
    FCGI_Header h;
    size_t done;
    if (!skip_padding(in) || !take(in, (char *)&h, sizeof h, &done)) return false;
    *id = (unsigned)h.requestIdB1 << 8 | h.requestIdB0;
    in->content = (size_t)h.contentLengthB1 << 8 | h.contentLengthB0;
    in->padding = h.paddingLength;
    return (h.version == FCGI_VERSION_1 && h.type == type) || broken(in, FCGI_IO_CLOSED);
}

static bool begin(struct incoming *in) {
    FCGI_BeginRequestBody body;
    size_t done;
    if (!record(in, FCGI_BEGIN_REQUEST, &in->id)) return false;
    if (in->id == FCGI_NULL_REQUEST_ID || in->content != sizeof body) return broken(in, FCGI_IO_CLOSED);
    if (!take(in, (char *)&body, sizeof body, &done)) return false;
    in->keep = body.flags & FCGI_KEEP_CONN;
    return ((unsigned)body.roleB1 << 8 | body.roleB0) == FCGI_RESPONDER || broken(in, FCGI_IO_CLOSED);
}

static void stream_begin(struct incoming *in, int type) {
    in->type = type;
    in->ended = false;
    in->content = 0;
}

/* The next record of the stream; false at its end, too, which is a record without content. */
static bool stream_record(struct incoming *in) {
    unsigned id;
    if (in->ended || !record(in, in->type, &id)) return false;
    if (id != in->id) return broken(in, FCGI_IO_CLOSED);
    if (in->content > 0) return true;
    in->ended = skip_padding(in);
    return false;
}

/* Up to n bytes of the stream; fewer only at its end, or when reading failed. */
static size_t stream_read(struct incoming *in, char *to, size_t n) {
    size_t total = 0, done;
    while (total < n && (in->content > 0 || stream_record(in))) {
        size_t part = in->content < n - total ? in->content : n - total;
        bool whole = take(in, to + total, part, &done);
        total += done;
        in->content -= done;
        if (!whole) break;
    }
    return total;
}

/* Reads the stream away; false when it has no end within reason. */
static bool stream_drain(struct incoming *in) {
    char waste[8192];
    size_t total = 0;
    give_time(in);
    while (!in->ended && in->io == FCGI_IO_OK) {
        total += stream_read(in, waste, sizeof waste);
        if (total > FCGI_DRAIN_MAX || clock_ms() > in->until_ms) return broken(in, FCGI_IO_UNREAD);
    }
    return in->ended;
}

/* ---- parameters ---- */

/* One byte up to 127, else four whose first bit is set. */
static bool take_length(struct str *rest, size_t *n) {
    const unsigned char *p = (const unsigned char *)rest->p;
    size_t width = rest->n > 0 && p[0] & 0x80 ? 4 : 1;
    if (rest->n < width) return false;
    *n = width == 1 ? p[0] : (size_t)(p[0] & 0x7F) << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    *rest = (struct str){rest->p + width, rest->n - width};
    return true;
}

static bool take_param(struct str *rest, struct fcgi_param *param) {
    size_t name, value;
    if (!take_length(rest, &name) || !take_length(rest, &value)) return false;
    if (name > rest->n || value > rest->n - name) return false;
    *param = (struct fcgi_param){{rest->p, name}, {rest->p + name, value}};
    *rest = (struct str){rest->p + name + value, rest->n - name - value};
    return true;
}

static enum head_result split(struct incoming *in) {
    struct str rest = {in->text, in->text_bytes};
    size_t bytes = 0;
    while (rest.n > 0) {
        struct fcgi_param param;
        if (!take_param(&rest, &param)) return HEAD_READ_BROKEN;
        bytes += param.name.n + param.value.n;
        if (in->param_count == FCGI_PARAMS_MAX || bytes > FCGI_PARAM_BYTES_MAX) return HEAD_READ_TOO_LARGE;
        in->params[in->param_count++] = param;
    }
    return HEAD_READ_OK;
}

/* ---- the request ---- */

enum head_result incoming_head(struct incoming *in, int fd, int io_seconds) {
    in->fd = fd;
    in->io_seconds = io_seconds;
    in->io = FCGI_IO_OK;
    in->param_count = in->text_bytes = 0;
    in->padding = in->at = in->have = in->most = 0;
    give_time(in);
    if (!begin(in)) return HEAD_READ_BROKEN;
    stream_begin(in, FCGI_PARAMS);
    in->text_bytes = stream_read(in, in->text, sizeof in->text);
    if (!in->ended && !stream_drain(in)) return HEAD_READ_BROKEN;
    enum head_result how = split(in);
    if (in->text_bytes == sizeof in->text) how = HEAD_READ_TOO_LARGE;
    if (how == HEAD_READ_BROKEN) broken(in, FCGI_IO_CLOSED);
    stream_begin(in, FCGI_STDIN);
    return how;
}

struct str incoming_param(const struct incoming *in, const char *name) {
    for (size_t i = 0; i < in->param_count; i++)
        if (str_is(in->params[i].name, name)) return in->params[i].value;
    return (struct str){NULL, 0};
}

size_t incoming_body(struct incoming *in, char *to, size_t n) {
    give_time(in);
    return stream_read(in, to, n);
}

bool incoming_drain(struct incoming *in) {
    if (!stream_drain(in)) return false;
    return in->at == in->have || broken(in, FCGI_IO_UNREAD);
}

void incoming_forget(struct incoming *in) {
    explicit_bzero(in->ahead, in->most);
    explicit_bzero(in->text, in->text_bytes);
}
