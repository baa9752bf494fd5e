/* The HTTP client against servers that answer anything, late, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/timefmt.h"
#include "hosts/http.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum { DEADLINE_MS = 400 };

static struct arena arena;
static struct http_client client;

static int start(void **state) {
    (void)state;
    log_open("/dev/null", LOG_ERROR);
    arena_init(&arena, 16u << 20);
    return hosts_init() && http_client_init(&client) ? 0 : -1;
}

static int stop(void **state) {
    (void)state;
    http_client_end(&client);
    hosts_end();
    arena_free(&arena);
    return 0;
}

static int fresh(void **state) {
    (void)state;
    arena_reset(&arena);
    return 0;
}

struct raw {
    int socket;
    unsigned port;
    pthread_t thread;
    const char *head; /* sent after each request */
    size_t filler;    /* so many bytes more */
    int drip_ms;      /* if set, the filler leaves byte by byte with this pause */
    char seen[4096];  /* the last request's head */
    int connections;
};

static void serve_raw(struct raw *s, int fd) {
    for (;;) {
        ssize_t n = recv(fd, s->seen, sizeof s->seen - 1, 0);
        if (n <= 0) return;
        s->seen[n] = '\0';
        if (send(fd, s->head, strlen(s->head), MSG_NOSIGNAL) < 0) return;
        static const char filler[1024];
        for (size_t left = s->filler; left > 0;) {
            size_t part = s->drip_ms ? 1 : left < sizeof filler ? left : sizeof filler;
            if (s->drip_ms) usleep((useconds_t)s->drip_ms * 1000);
            if (send(fd, filler, part, MSG_NOSIGNAL) != (ssize_t)part) return;
            left -= part;
        }
    }
}

static void *run_raw(void *user) {
    struct raw *s = user;
    for (;;) {
        int fd = accept(s->socket, NULL, NULL);
        if (fd < 0) return NULL;
        s->connections++;
        serve_raw(s, fd);
        close(fd);
    }
}

static void start_raw(struct raw *s) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    s->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->socket, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(s->socket, 8), 0);
    assert_int_equal(getsockname(s->socket, (struct sockaddr *)&at, &n), 0);
    s->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, run_raw, s), 0);
}

static void stop_raw(struct raw *s) {
    http_client_end(&client); /* closes kept connections, which the server waits for */
    assert_true(http_client_init(&client));
    shutdown(s->socket, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->socket);
}

static enum http_outcome get(const char *url, const char *connect_to, bool once, struct http_answer *answer) {
    struct http_request r = {.name = "raw",
                             .url = url,
                             .connect_to = connect_to,
                             .once = once,
                             .connect_ms = 200,
                             .deadline_us = time_mono_us() + DEADLINE_MS * 1000};
    int64_t before = time_mono_us();
    enum http_outcome outcome = http_send(&client, &r, &arena, answer);
    assert_true(time_mono_us() - before < (DEADLINE_MS + 300) * INT64_C(1000));
    return outcome;
}

static enum http_outcome get_raw(struct raw *s, struct http_answer *answer) {
    return get(arena_printf(&arena, "http://127.0.0.1:%u/a?b=c", s->port), NULL, false, answer);
}

static void kept_connections_and_other_addresses_are_used(void **state) {
    (void)state;
    struct raw s = {.head = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nok"};
    struct http_answer answer;
    start_raw(&s);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(get_raw(&s, &answer), HTTP_ANSWERED);
        assert_int_equal(answer.status, 302); /* not followed */
        assert_true(str_is(answer.body, "ok"));
    }
    assert_int_equal(s.connections, 1);
    assert_non_null(strstr(s.seen, "GET /a?b=c HTTP/1.1\r\n"));
    stop_raw(&s);
    s.connections = 0;
    start_raw(&s);
    const char *port = arena_printf(&arena, "127.0.0.1:%u", s.port);
    assert_int_equal(get("http://host.invalid/", port, true, &answer), HTTP_ANSWERED);
    assert_non_null(strstr(s.seen, "Host: host.invalid\r\n"));
    stop_raw(&s);
}

static void oversized_and_endless_answers_are_given_up(void **state) {
    (void)state;
    struct raw cases[] = {
        {.head = "HTTP/1.1 200 OK\r\nContent-Length: 262145\r\n\r\n", .filler = 262145},
        {.head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", .filler = 300000},
        {.head = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", .filler = 50, .drip_ms = 30},
        {.head = ""},
        {.head = "not http at all\r\n\r\n"},
        {.head = "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx"},
    };
    struct http_answer answer;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_raw(&cases[i]);
        assert_int_equal(get_raw(&cases[i], &answer), HTTP_UNANSWERED);
        assert_null(answer.body.p);
        stop_raw(&cases[i]);
    }
    struct raw full = {.head = "HTTP/1.1 200 OK\r\nContent-Length: 262144\r\n\r\n", .filler = 262144};
    start_raw(&full);
    assert_int_equal(get_raw(&full, &answer), HTTP_ANSWERED);
    assert_int_equal(answer.body.n, HTTP_ANSWER_MAX);
    stop_raw(&full);
}

static void headers_can_not_be_split(void **state) {
    (void)state;
    static const char *const values[] = {"a\r\nb: c", "a\nb", "a\rb", "", "\x7f", "\t"};
    struct raw s = {.head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
    struct http_answer answer;
    start_raw(&s);
    struct http_request r = {.name = "raw",
                             .post = true,
                             .url = arena_printf(&arena, "http://127.0.0.1:%u/", s.port),
                             .header_count = 1,
                             .body = STR("b\0dy"),
                             .deadline_us = time_mono_us() + DEADLINE_MS * 1000};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        r.headers[0] = (struct http_header){"X-Test", values[i]};
        assert_int_equal(http_send(&client, &r, &arena, &answer), HTTP_NOT_SENT);
    }
    r.header_count = HTTP_HEADERS_MAX + 1;
    assert_int_equal(http_send(&client, &r, &arena, &answer), HTTP_NOT_SENT);
    assert_int_equal(s.connections, 0);
    r.header_count = 1;
    r.headers[0] = (struct http_header){"X-Test", "fine"};
    assert_int_equal(http_send(&client, &r, &arena, &answer), HTTP_ANSWERED);
    assert_non_null(strstr(s.seen, "X-Test: fine\r\n"));
    assert_non_null(strstr(s.seen, "Content-Length: 4\r\n"));
    assert_null(strstr(s.seen, "Expect"));
    stop_raw(&s);
}

static void forms_are_encoded(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, &arena, 100);
    assert_true(http_form_add(&b, STR("a"), STR("工 +&=%~")));
    assert_true(http_form_add(&b, STR("b"), STR("")));
    assert_true(str_is(buf_str(&b), "a=%E5%B7%A5%20%2B%26%3D%25~&b="));
    assert_string_equal(http_join(&arena, "http://h:1//", "/p"), "http://h:1/p");
    assert_string_equal(http_join(&arena, "", "/p"), "/p");
}

static void what_can_not_be_sent_says_so(void **state) {
    (void)state;
    struct http_answer answer;
    static const char *const urls[] = {
        "http://127.0.0.1:1/", "file:///etc/passwd", "ftp://127.0.0.1/", "http://", "nonsense", "",
        "http://name.invalid/"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        assert_int_equal(get(urls[i], NULL, false, &answer), HTTP_NOT_SENT);
    struct http_request late = {
        .name = "late", .url = "http://127.0.0.1:1/", .connect_ms = 100, .deadline_us = time_mono_us() - 1};
    assert_int_equal(http_send(&client, &late, &arena, &answer), HTTP_NOT_SENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(kept_connections_and_other_addresses_are_used, fresh),
        cmocka_unit_test_setup(oversized_and_endless_answers_are_given_up, fresh),
        cmocka_unit_test_setup(headers_can_not_be_split, fresh),
        cmocka_unit_test_setup(forms_are_encoded, fresh),
        cmocka_unit_test_setup(what_can_not_be_sent_says_so, fresh),
    };
    return cmocka_run_group_tests_name("hosts_http", tests, start, stop);
}
