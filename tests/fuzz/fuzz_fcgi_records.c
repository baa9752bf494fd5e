/* The bytes that a peer sends on a FastCGI connection, as it pleases; the next request follows when the last one was answered,
 * as with every web server. A reader of its own, below, says what the records mean: the HTTP side must be given that or
 * nothing, and no operation runs before its parameters and its body are whole. */
#include "base/json_read.h"
#include "base/log.h"
#include "base/num.h"
#include "dispatch.h"
#include "fcgi_conn.h"
#include "fuzz.h"
#include "schemas.h"

#include <sys/socket.h>
#include <unistd.h>

enum { BEGIN = 1, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6, MEMORY = 16 << 20, REQUESTS_MAX = 50 };

/* ---- what the records mean ---- */

struct expected {
    struct buf params, body; /* content of the two streams */
    struct fcgi_param *pairs;
    size_t pair_count, pair_bytes;
    bool large;        /* more than is allowed: said before all of them are looked at */
    bool named, whole; /* PARAMS came to its end and is well-formed; STDIN did too */
    bool keep;
    size_t used; /* bytes up to the request's end, or up to where the connection ends */
};

static struct arena mind, memory;

static bool take_length(struct str s, size_t *at, size_t *n) {
    const uint8_t *p = (const uint8_t *)s.p + *at;
    size_t width = *at < s.n && *p & 0x80 ? 4 : 1;
    if (s.n - *at < width) return false;
    *n = width == 1 ? *p : (size_t)(p[0] & 0x7F) << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    *at += width;
    return true;
}

/* False when they are not whole pairs. */
static bool read_pairs(struct expected *e) {
    struct str s = buf_str(&e->params);
    e->pairs = arena_array(&mind, s.n / 2 + 1, sizeof *e->pairs);
    CHECK(e->pairs);
    for (size_t at = 0, name, value; at < s.n; at += name + value) {
        if (!take_length(s, &at, &name) || !take_length(s, &at, &value) || s.n - at < name + value) return false;
        e->pairs[e->pair_count++] = (struct fcgi_param){{s.p + at, name}, {s.p + at + name, value}};
        e->pair_bytes += name + value;
        e->large = e->pair_count > FCGI_PARAMS_MAX || e->pair_bytes > FCGI_PARAM_BYTES_MAX;
        if (e->large) return true;
    }
    return true;
}

/* Reads one request; e->used is less than n when something else follows that this connection may still bring. */
static void expect(const uint8_t *p, size_t n, struct expected *e) {
    struct buf *stream = &e->params;
    int type = PARAMS;
    *e = (struct expected){.used = n};
    buf_init(&e->params, &mind, MEMORY);
    buf_init(&e->body, &mind, MEMORY);
    if (n < 16 || memcmp(p, "\1\1", 2) != 0 || (p[2] | p[3]) == 0) return;
    if (memcmp(p + 4, "\0\10", 2) != 0 || memcmp(p + 8, "\0\1", 2) != 0) return;
    e->keep = p[10] & 1;
    for (size_t at = 16 + p[6], length, padding; n >= at && n - at >= 8; at += 8 + length + padding) {
        const uint8_t *h = p + at;
        length = (size_t)h[4] << 8 | h[5];
        padding = h[6];
        if (h[0] != 1 || h[1] != type || h[2] != p[2] || h[3] != p[3]) return;
        buf_add(stream, (const char *)h + 8, n - at - 8 < length ? n - at - 8 : length);
        if (n - at - 8 < length + padding) return;
        if (length > 0) continue;
        if (type == STDIN) {
            e->whole = true;
            e->used = at + 8 + padding;
            return;
        }
        e->named = read_pairs(e);
        if (e->params.n > FCGI_TEXT_MAX) e->named = e->large = true;
        if (!e->named) return;
        type = STDIN;
        stream = &e->body;
    }
}

/* ---- the application behind the connection ---- */

static struct {
    const struct expected *expected;
    int answers, operations;
    enum body_result (*read_body)(struct exchange *x, size_t length, size_t max, struct str *body);
} now;

static enum rc run_operation(struct request *req, struct response *res) {
    CHECK(now.expected->named);
    now.operations++;
    if (req->exchange && req->route->body != BODY_NONE) {
        struct str sent = buf_str(&now.expected->body);
        CHECK(req->has_length && sent.n >= req->length && req->body.n == req->length);
        CHECK(memcmp(req->body.p, sent.p, req->body.n) == 0);
    }
    jw_begin_object(&res->json);
    jw_key_str(&res->json, "body", req->body);
    jw_end_object(&res->json);
    return RC_OK;
}

static enum rc let_in(struct request *req) {
    (void)req;
    return RC_OK;
}

static enum rc allow(struct request *req, struct response *res) {
    (void)req, (void)res;
    return RC_OK;
}

static const struct route routes[] = {
    {M_GET, "/f/appeals", "list", run_operation, NULL, &schema_query_appeals, NULL, BODY_NONE, 0, 0, ROUTE_NO_TOKEN},
    {M_GET, "/f/appeals/{appeal_id}", "get", run_operation, &schema_path_id, NULL, NULL, BODY_NONE, 0, 0, 0},
    {M_POST, "/f/appeals", "note", run_operation, NULL, NULL, &schema_note, BODY_JSON, 4096, 0, ROUTE_KEY},
    {M_POST, "/f/appeals/{appeal_id}/rate", "rate", run_operation, &schema_path_id, NULL, &schema_rate, BODY_JSON, 4096,
     0, ROUTE_KEY | ROUTE_KEY_REQUIRED | ROUTE_VERSION},
    {M_POST, "/f/photos", "photo", run_operation, NULL, NULL, NULL, BODY_BINARY, 4096, 0, 0},
    {M_POST, "/f/call/{operation}", "call", byname_call, &byname_path_schema, NULL, &byname_body_schema, BODY_JSON,
     8192, 0, ROUTE_NO_TOKEN},
};
static const struct server_app app = {.entry = "fuzz",
                                      .routes = routes,
                                      .route_count = sizeof routes / sizeof *routes,
                                      .authenticate = let_in,
                                      .authorize = allow};
static struct dispatcher *dispatcher;

static void setup(void) {
    static const struct dispatch_config config = {
        .trusted_proxies = "10.0.0.0/8", .cors_origins = "https://page.example.cn", .response_max = 1 << 20};
    if (dispatcher) return;
    arena_init(&mind, MEMORY);
    arena_init(&memory, MEMORY);
    log_open("/dev/null", LOG_ERROR);
    dispatcher = dispatcher_make(&app, &config, NULL);
    CHECK(dispatcher);
}

/* ---- between the connection and the HTTP side ---- */

static enum body_result read_body(struct exchange *x, size_t length, size_t max, struct str *body) {
    struct str sent = buf_str(&now.expected->body);
    enum body_result result = now.read_body(x, length, max, body);
    CHECK(result == (length > max ? BODY_READ_TOO_LARGE : sent.n < length ? BODY_READ_SHORT : BODY_READ_OK));
    if (result == BODY_READ_OK) CHECK(body->n == length && memcmp(body->p, sent.p, length) == 0);
    return result;
}

static void check_params(const struct exchange *x) {
    const struct expected *e = now.expected;
    CHECK(x->param_count == e->pair_count);
    for (size_t i = 0; i < x->param_count; i++)
        CHECK(str_eq(x->params[i].name, e->pairs[i].name) && str_eq(x->params[i].value, e->pairs[i].value));
}

static void answer(void *arg, struct exchange *x, struct buf *out) {
    struct outcome outcome;
    (void)arg;
    CHECK(now.expected->named);
    now.answers++;
    check_params(x);
    now.read_body = x->read_body;
    x->read_body = read_body;
    dispatch(dispatcher, NULL, x, out, &outcome);
    CHECK(outcome.status >= 200 && outcome.status < 600);
    CHECK((outcome.rc == RC_OK) == (outcome.status < 400));
}

/* ---- what the peer gets back ---- */

static void check_head(struct str text) {
    const char *end = memmem(text.p, text.n, "\r\n\r\n", 4);
    CHECK(end && str_starts(text, "Status: "));
    size_t head = (size_t)(end - text.p) + 2, lines = 0;
    const char *length = memmem(text.p, head, "\r\nContent-Length: ", 18);
    for (const char *p = text.p; p < text.p + head; lines++) {
        const char *stop = memmem(p, (size_t)(text.p + head - p), "\r\n", 2),
                   *colon = memchr(p, ':', (size_t)(stop - p));
        CHECK(colon && colon > p && colon[1] == ' ');
        for (const char *c = p; c < stop; c++) CHECK((unsigned char)*c >= ' ' && *c != 0x7F);
        p = stop + 2;
    }
    CHECK(lines >= 2);
    if (length) CHECK(strtoul(length + 18, NULL, 10) == text.n - head - 2);
}

/* Reads all that is there, record by record. */
static void check_answer(int fd, const struct fcgi_result *result) {
    static uint8_t bytes[1 << 20];
    struct buf text;
    size_t n = 0;
    ssize_t got;
    bool ended = false;
    while ((got = recv(fd, bytes + n, sizeof bytes - n, MSG_DONTWAIT)) > 0) n += (size_t)got;
    buf_init(&text, &mind, MEMORY);
    size_t at = 0, length;
    for (; n - at >= 8; at += 8 + length + bytes[at + 6]) {
        length = (size_t)bytes[at + 4] << 8 | bytes[at + 5];
        CHECK(bytes[at] == 1 && n - at - 8 >= length + bytes[at + 6]);
        CHECK(bytes[at + 1] == STDOUT || bytes[at + 1] == END);
        if (bytes[at + 1] == STDOUT) buf_add(&text, (const char *)bytes + at + 8, length);
        ended = bytes[at + 1] == END;
    }
    CHECK(at == n && !text.failed);
    if (!result->answered || result->io != FCGI_IO_OK) return;
    CHECK(ended && text.n == result->bytes);
    check_head(buf_str(&text));
}

static bool send_all(int fd, const uint8_t *p, size_t n) {
    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0) return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* One request; false when the connection is at its end. */
static bool exchange(struct fcgi_conn *c, int peer, const uint8_t *p, size_t n, const struct expected *e) {
    struct fcgi_result result;
    now.expected = e;
    now.answers = now.operations = 0;
    if (!send_all(peer, p, e->used)) return false; /* more than the socket takes */
    if (!e->whole) shutdown(peer, SHUT_WR);
    enum fcgi_peek seen = fcgi_conn_peek(c);
    CHECK(e->used > 0 ? seen != FCGI_PEEK_EMPTY && seen != FCGI_PEEK_CLOSED : seen == FCGI_PEEK_CLOSED);
    if (seen != FCGI_PEEK_REQUEST) {
        CHECK(!e->named);
        return false;
    }
    bool kept = fcgi_conn_exchange(c, &memory, answer, NULL, &result);
    CHECK(result.answered == e->named && result.refused == (e->named && e->large));
    CHECK(now.answers == (e->named && !e->large) && now.operations <= now.answers);
    CHECK(result.io == (e->whole ? FCGI_IO_OK : FCGI_IO_CLOSED));
    CHECK(kept == (e->whole && e->keep));
    CHECK((fcgi_conn_fd(c) >= 0) == kept);
    check_answer(peer, &result);
    arena_reset(&memory);
    return kept && e->used < n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct expected e;
    int fds[2];
    setup();
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    struct fcgi_conn *c = fcgi_conn_new(fds[1], 1);
    CHECK(c);
    size_t at = 0;
    for (int i = 0; i < REQUESTS_MAX && at < size; i++, at += e.used) {
        arena_reset(&mind);
        expect(data + at, size - at, &e);
        if (!exchange(c, fds[0], data + at, size - at, &e)) break;
    }
    close(fds[0]);
    fcgi_conn_free(c);
    arena_reset(&mind);
    return 0;
}
