/* FastCGI connections against peers that are slow, broken or hostile, over socketpairs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "dispatch.h"
#include "fcgi_client.h"
#include "fcgi_conn.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h> /* last: its macro fail hides a function of http.h */

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- one exchange over a socketpair ---- */

struct pair {
    int peer;
    struct fcgi_conn *conn;
    struct arena arena;
    struct fcgi_result result;
    bool kept;
    struct outcome outcome;
};

static void pair_open(struct pair *p, int io_seconds) {
    int fds[2], size = 4 << 20;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    *p = (struct pair){.peer = fds[0], .conn = fcgi_conn_new(fds[1], io_seconds)};
    assert_non_null(p->conn);
    arena_init(&p->arena, 8 << 20);
}

static void pair_close(struct pair *p) {
    close(p->peer);
    fcgi_conn_free(p->conn);
    arena_free(&p->arena);
}

static void call_dispatch(void *arg, struct exchange *x, struct buf *out) {
    struct pair *p = arg;
    dispatch(NULL, NULL, x, out, &p->outcome);
}

static void *exchange_main(void *arg) {
    struct pair *p = arg;
    p->kept = fcgi_conn_exchange(p->conn, &p->arena, call_dispatch, p, &p->result);
    return NULL;
}

/* Sends b (in another thread's stead: the exchange runs in one) and reads the answer. */
static void pair_exchange(struct pair *p, struct fcgi_bytes *b, struct fcgi_answer *a) {
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, exchange_main, p), 0);
    fcgi_send(p->peer, b);
    fcgi_receive(p->peer, a);
    pthread_join(thread, NULL);
    arena_reset(&p->arena);
}

static void test_hundred_on_one_connection(void **state) {
    (void)state;
    struct pair p;
    pair_open(&p, 2);
    for (int i = 0; i < 100; i++) {
        char mark[16], want[40];
        snprintf(mark, sizeof mark, "m%d", i);
        snprintf(want, sizeof want, "mark=m%d\n", i);
        const struct fcgi_pair pairs[] = {
            {"MARK", mark}, {"CONTENT_LENGTH", "5"}, {"REQUEST_ID", "0123abc"}, {"REQUEST_METHOD", "POST"}};
        struct fcgi_bytes b = {0};
        struct fcgi_answer a;
        fcgi_put_request(&b, true, pairs, COUNT(pairs), "hello", 5);
        pair_exchange(&p, &b, &a);
        assert_true(a.ended);
        assert_non_null(strstr(a.text, want));
        assert_non_null(strstr(a.text, "body=ok:5"));
        assert_true(p.kept && p.result.answered && p.result.io == FCGI_IO_OK);
        assert_string_equal(p.result.request_id, "0123abc");
        assert_string_equal(p.result.method, "POST");
        assert_int_equal(p.result.bytes, a.n);
        fcgi_answer_free(&a);
    }
    pair_close(&p);
}

static void test_not_kept_when_peer_says_so(void **state) {
    (void)state;
    struct pair p;
    struct fcgi_bytes b = {0};
    struct fcgi_answer a;
    pair_open(&p, 2);
    fcgi_put_request(&b, false, NULL, 0, "", 0);
    pair_exchange(&p, &b, &a);
    assert_true(a.ended && p.result.answered && !p.kept);
    assert_int_equal(fcgi_conn_fd(p.conn), -1);
    assert_true(fcgi_closed_within(p.peer, 1000));
    fcgi_answer_free(&a);
    pair_close(&p);
}

static void test_peek_judges(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        enum fcgi_peek want;
    } cases[] = {
        {"", 0, FCGI_PEEK_EMPTY},
        {"\1", 1, FCGI_PEEK_PARTIAL},
        {"\1\1", 2, FCGI_PEEK_PARTIAL},
        {"\1\1\0\1\0\10\0\0\0\1\1\0\0\0\0\0", 16, FCGI_PEEK_REQUEST},
        {"\1\1\0\1\0\10\0\0\0\1\1\0\0\0\0", 15, FCGI_PEEK_PARTIAL},
        {"\2\1", 2, FCGI_PEEK_BAD},
        {"G", 1, FCGI_PEEK_BAD},
        {"\1\11\0\0\0\0\0\0", 8, FCGI_PEEK_BAD},                  /* GET_VALUES */
        {"\1\5\0\1\0\0\0\0", 8, FCGI_PEEK_BAD},                   /* a stray STDIN */
        {"\1\1\0\1\0\11\0\0\0\1\1\0\0\0\0\0", 16, FCGI_PEEK_BAD}, /* wrong length */
        {"\1\1\0\1\0\10\0\0\0\2\1\0\0\0\0\0", 16, FCGI_PEEK_BAD}, /* authorizer */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair p;
        pair_open(&p, 1);
        if (cases[i].n > 0) assert_int_equal(write(p.peer, cases[i].bytes, cases[i].n), cases[i].n);
        assert_int_equal(fcgi_conn_peek(p.conn), cases[i].want);
        pair_close(&p);
    }
    struct pair p;
    pair_open(&p, 1);
    shutdown(p.peer, SHUT_RDWR);
    assert_int_equal(fcgi_conn_peek(p.conn), FCGI_PEEK_CLOSED);
    pair_close(&p);
}

static void test_short_bodies(void **state) {
    (void)state;
    const struct fcgi_pair pairs[] = {{"CONTENT_LENGTH", "10"}};
    struct pair p;
    struct fcgi_bytes b = {0};
    struct fcgi_answer a;
    pair_open(&p, 1);
    fcgi_put_request(&b, true, pairs, COUNT(pairs), "nine byte", 9);
    pair_exchange(&p, &b, &a);
    assert_non_null(strstr(a.text, "body=short:0"));
    assert_true(p.kept); /* the stream was complete; only the announcement was wrong */
    fcgi_answer_free(&a);

    /* Silence in mid-body: the time limit ends it, and is told apart from a peer that left. */
    int64_t began = now_ms();
    fcgi_put_begin(&b, true);
    fcgi_put_params(&b, pairs, COUNT(pairs));
    fcgi_put_record(&b, FCGI_T_STDIN, "half", 4);
    pair_exchange(&p, &b, &a);
    assert_non_null(strstr(a.text, "body=short:0"));
    assert_false(p.kept);
    assert_int_equal(p.result.io, FCGI_IO_TIMEOUT);
    assert_in_range(now_ms() - began, 900, 4000);
    fcgi_answer_free(&a);
    pair_close(&p);
}

static void test_abort(void **state) {
    (void)state;
    const struct fcgi_pair pairs[] = {{"CONTENT_LENGTH", "10"}};
    struct pair p;
    struct fcgi_bytes b = {0};
    struct fcgi_answer a;
    pair_open(&p, 5);
    fcgi_put_begin(&b, true);
    fcgi_put_params(&b, pairs, COUNT(pairs));
    fcgi_put_record(&b, FCGI_T_STDIN, "half", 4);
    fcgi_put_record(&b, FCGI_T_ABORT, "", 0);
    pair_exchange(&p, &b, &a);
    assert_false(p.kept);
    assert_int_equal(p.result.io, FCGI_IO_CLOSED);
    fcgi_answer_free(&a);
    pair_close(&p);

    /* A peer that simply goes, before any answer. */
    pair_open(&p, 5);
    fcgi_put_begin(&b, true);
    fcgi_put_params(&b, pairs, COUNT(pairs));
    assert_true(fcgi_send(p.peer, &b));
    close(p.peer);
    p.peer = -1;
    exchange_main(&p);
    assert_false(p.kept);
    assert_int_equal(p.result.io, FCGI_IO_CLOSED);
    pair_close(&p);
}

/* Parameters that end between two of them, by the peer's leaving or by another record, are not the whole request; nor are those of
 * which one is said to be longer than all there is. */
static void test_parameters_cut(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        bool aborts, ends;
    } cases[] = {
        {"\4\1MARKm", 7, false, false},
        {"\4\1MARKm", 7, true, false},
        {"\4\2MARKm", 7, false, true},
        {"\4\1MARKm\5\0MARK", 13, false, true},
        {"\4", 1, false, true},
        {"\4\200\0\0", 4, false, true},
        {"\4\377\377\377\377MARKm", 10, false, true},
        {"\377\377\377\377\377\377\377\377MARKm", 13, false, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair p;
        struct fcgi_bytes b = {0};
        pair_open(&p, 5);
        fcgi_put_begin(&b, true);
        fcgi_put_record(&b, FCGI_T_PARAMS, cases[i].text, cases[i].n);
        if (cases[i].aborts) fcgi_put_record(&b, FCGI_T_ABORT, "", 0);
        if (cases[i].ends) fcgi_put_record(&b, FCGI_T_PARAMS, "", 0);
        if (cases[i].ends) fcgi_put_stdin(&b, "", 0);
        assert_true(fcgi_send(p.peer, &b));
        if (!cases[i].aborts && !cases[i].ends) shutdown(p.peer, SHUT_WR);
        exchange_main(&p);
        assert_false(p.kept || p.result.answered);
        assert_int_equal(p.result.io, FCGI_IO_CLOSED);
        assert_int_equal(fcgi_conn_fd(p.conn), -1);
        pair_close(&p);
    }
}

static void test_large_bodies(void **state) {
    (void)state;
    static const size_t sizes[] = {65535, 65536, 70000, 1 << 20, 5 << 20};
    char *body = malloc(5 << 20);
    assert_non_null(body);
    memset(body, 'x', 5 << 20);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct pair p;
        struct fcgi_bytes b = {0};
        struct fcgi_answer a;
        char length[16], want[40];
        snprintf(length, sizeof length, "%zu", sizes[i]);
        snprintf(want, sizeof want, "body=%s:%zu\n", sizes[i] > 4 << 20 ? "too_large" : "ok",
                 sizes[i] > 4 << 20 ? 0 : sizes[i]);
        const struct fcgi_pair pairs[] = {{"CONTENT_LENGTH", length}};
        pair_open(&p, 5);
        if (sizes[i] == 1 << 20) p.arena.cap = 512 << 10;
        fcgi_put_request(&b, true, pairs, COUNT(pairs), body, sizes[i]);
        pair_exchange(&p, &b, &a);
        assert_true(a.ended);
        assert_non_null(strstr(a.text, sizes[i] == 1 << 20 ? "body=no_memory:0\n" : want));
        assert_true(p.kept); /* what was not read was drained */
        fcgi_answer_free(&a);
        pair_close(&p);
    }
    free(body);
}

static void test_drain_has_an_end(void **state) {
    (void)state;
    size_t n = FCGI_DRAIN_MAX + (1 << 20);
    char *body = calloc(1, n);
    const struct fcgi_pair pairs[] = {{"MODE", "unread"}};
    struct pair p;
    struct fcgi_bytes b = {0};
    struct fcgi_answer a;
    pair_open(&p, 5);
    fcgi_put_request(&b, true, pairs, COUNT(pairs), body, n);
    pair_exchange(&p, &b, &a);
    assert_false(p.kept);
    assert_int_equal(p.result.io, FCGI_IO_UNREAD);
    fcgi_answer_free(&a);
    pair_close(&p);
    free(body);
}

static void expect_refused(const struct fcgi_pair *pairs, size_t count, bool refused) {
    struct pair p;
    struct fcgi_bytes b = {0};
    struct fcgi_answer a;
    pair_open(&p, 5);
    fcgi_put_request(&b, true, pairs, count, "", 0);
    pair_exchange(&p, &b, &a);
    assert_true(a.ended && p.kept);
    assert_int_equal(p.result.refused, refused);
    assert_int_equal(strncmp(a.text, refused ? "Status: 431\r\n" : "Status: 200\r\n", 13), 0);
    if (refused) {
        assert_non_null(strstr(a.text, "\r\nX-Request-Id: "));
        assert_non_null(strstr(a.text, "{\"type\":\"/docs/problems#headers_too_large\""));
        assert_non_null(strstr(a.text, "\"code\":\"headers_too_large\""));
    }
    fcgi_answer_free(&a);
    pair_close(&p);
}

static void test_params_too_large(void **state) {
    (void)state;
    static struct fcgi_pair pairs[FCGI_PARAMS_MAX + 1];
    for (size_t i = 0; i < COUNT(pairs); i++) pairs[i] = (struct fcgi_pair){"HTTP_X", "v"};
    expect_refused(pairs, FCGI_PARAMS_MAX, false);
    expect_refused(pairs, FCGI_PARAMS_MAX + 1, true);
    char *value = calloc(1, FCGI_PARAM_BYTES_MAX + 1);
    assert_non_null(value);
    memset(value, 'v', FCGI_PARAM_BYTES_MAX);
    const struct fcgi_pair large[] = {{"N", value}};
    expect_refused(large, 1, true);
    value[FCGI_PARAM_BYTES_MAX - 2] = '\0';
    expect_refused(large, 1, false);
    free(value);
}

/* Every allocation may fail: the answer is then a 500, never a crash, and the connection stays in step. */
static void test_out_of_memory(void **state) {
    (void)state;
    const struct fcgi_pair pairs[] = {{"MARK", "m"}, {"CONTENT_LENGTH", "2"}};
    bool succeeded = false;
    for (long n = 0; n < 40 && !succeeded; n++) {
        struct pair p;
        struct fcgi_bytes b = {0};
        struct fcgi_answer a;
        pair_open(&p, 5);
        p.arena.fail_after = n;
        fcgi_put_request(&b, true, pairs, COUNT(pairs), "{}", 2);
        pair_exchange(&p, &b, &a);
        assert_true(a.ended && p.kept);
        succeeded = strncmp(a.text, "Status: 200", 11) == 0 && strstr(a.text, "body=ok:2");
        if (!succeeded && strncmp(a.text, "Status: 200", 11)) assert_int_equal(strncmp(a.text, "Status: 500", 11), 0);
        fcgi_answer_free(&a);
        pair_close(&p);
    }
    assert_true(succeeded);
}

static void test_answers_that_failed(void **state) {
    (void)state;
    static const char *const modes[] = {"empty", "full"};
    for (size_t i = 0; i < COUNT(modes); i++) {
        const struct fcgi_pair pairs[] = {{"MODE", modes[i]}, {"REQUEST_ID", "bad\"id"}};
        struct pair p;
        struct fcgi_bytes b = {0};
        struct fcgi_answer a;
        pair_open(&p, 5);
        p.arena.cap = 64 << 10;
        fcgi_put_request(&b, true, pairs, COUNT(pairs), "", 0);
        pair_exchange(&p, &b, &a);
        assert_true(a.ended && p.kept);
        assert_int_equal(p.result.rc, RC_INTERNAL);
        assert_string_equal(p.result.request_id, "");
        assert_int_equal(strncmp(a.text, "Status: 500\r\n", 13), 0);
        fcgi_answer_free(&a);
        pair_close(&p);
    }
}

static void test_large_answer_and_deaf_peer(void **state) {
    (void)state;
    const struct fcgi_pair pairs[] = {{"MODE", "big"}, {"N", "3000000"}};
    struct pair p;
    struct fcgi_bytes b = {0};
    struct fcgi_answer a;
    pair_open(&p, 1);
    fcgi_put_request(&b, true, pairs, COUNT(pairs), "", 0);
    pair_exchange(&p, &b, &a);
    assert_true(a.ended && p.kept && a.n > 3000000);
    fcgi_answer_free(&a);
    /* Nobody reads: the time limit frees the thread. */
    int64_t began = now_ms();
    fcgi_put_request(&b, true, pairs, COUNT(pairs), "", 0);
    assert_true(fcgi_send(p.peer, &b));
    exchange_main(&p);
    assert_false(p.kept);
    assert_int_equal(p.result.io, FCGI_IO_CLOSED);
    assert_in_range(now_ms() - began, 900, 4000);
    pair_close(&p);
}

static void test_garbage_after_begin(void **state) {
    (void)state;
    unsigned seed = 12345;
    for (int i = 0; i < 200; i++) {
        struct pair p;
        struct fcgi_bytes b = {0};
        unsigned char junk[64];
        for (size_t k = 0; k < sizeof junk; k++) junk[k] = (unsigned char)((seed = seed * 1103515245u + 12345u) >> 16);
        junk[0] = 1;
        junk[1] = i % 2 ? FCGI_T_PARAMS : junk[1];
        pair_open(&p, 1);
        fcgi_put_begin(&b, true);
        fcgi_put_raw(&b, junk, sizeof junk);
        assert_true(fcgi_send(p.peer, &b));
        shutdown(p.peer, SHUT_WR);
        exchange_main(&p);
        assert_false(p.kept);
        pair_close(&p);
    }
}

/* What stands between a request's records may be nobody else's, nor out of turn: of each place, what no web server sends. */
static void test_records_out_of_place(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        bool in_body; /* else among the parameters */
    } cases[] = {
        {"\1\11\0\0\0\0\0\0", 8, false},                 /* GET_VALUES, for the application itself */
        {"\1\11\0\0\0\0\0\0", 8, true},                  /* the same */
        {"\1\1\0\1\0\10\0\0\0\1\1\0\0\0\0\0", 16, true}, /* it begins again */
        {"\1\1\0\2\0\10\0\0\0\1\1\0\0\0\0\0", 16, true}, /* another one begins */
        {"\1\4\0\2\0\0\0\0", 8, false},                  /* the end of another's parameters */
        {"\1\4\0\1\0\0\0\0", 8, true},                   /* that of its own, a second time */
        {"\1\5\0\1\0\0\0\0", 8, false},                  /* the body before the parameters' end */
        {"\1\5\0\2\0\0\0\0", 8, true},                   /* the end of another's body */
        {"\2\5\0\1\0\0\0\0", 8, true},                   /* a protocol that isn't there yet */
        {"\1\10\0\1\0\0\0\0", 8, true},                  /* a filter's data */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair p;
        struct fcgi_bytes b = {0};
        struct fcgi_answer a;
        const struct fcgi_pair pairs[] = {{"MODE", "unread"}};
        pair_open(&p, 5);
        fcgi_put_begin(&b, true);
        if (cases[i].in_body) fcgi_put_params(&b, pairs, 1);
        fcgi_put_raw(&b, cases[i].bytes, cases[i].n);
        if (!cases[i].in_body) fcgi_put_params(&b, pairs, 1);
        fcgi_put_stdin(&b, "", 0);
        pair_exchange(&p, &b, &a);
        assert_false(p.kept);
        assert_int_equal(p.result.answered, cases[i].in_body);
        assert_int_equal(p.result.io, FCGI_IO_CLOSED);
        assert_int_equal(fcgi_conn_fd(p.conn), -1);
        fcgi_answer_free(&a);
        pair_close(&p);
    }
}

/* Padding after any record, a length of four bytes where one would do, a '=' in a name, a cut anywhere. */
static void test_every_form(void **state) {
    (void)state;
    static const char bytes[] = "\1\1\1\2\0\10\3\0\0\1\1\0\0\0\0\0xyz"
                                "\1\4\1\2\0\10\1\0\200\0\0\3\1A=x-"
                                "\1\4\1\2\0\15\0\0"
                                "B\16\1CONTENT_LE"
                                "\1\4\1\2\0\5\2\0NGTH2xy\1\4\1\2\0\0\7\0-------"
                                "\1\5\1\2\0\1\1\0{-\1\5\1\2\0\1\0\0}\1\5\1\2\0\0\1\0-";
    static const char want[] = "params=2\nbody=ok:2\nA=x=B\nCONTENT_LENGTH=2\n{}";
    struct pair p;
    pair_open(&p, 5);
    for (int i = 0; i < 2; i++) {
        struct fcgi_bytes b = {0};
        struct fcgi_answer a;
        fcgi_put_raw(&b, bytes, sizeof bytes - 1);
        pair_exchange(&p, &b, &a);
        assert_true(a.ended && p.kept && p.result.io == FCGI_IO_OK);
        assert_non_null(strstr(a.text, want));
        fcgi_answer_free(&a);
    }
    pair_close(&p);
}

struct dripping {
    int fd;
    struct fcgi_bytes bytes;
};

static void *drip_main(void *arg) {
    struct dripping *d = arg;
    for (size_t i = 0; i < d->bytes.n; i++) {
        if (send(d->fd, d->bytes.p + i, 1, MSG_NOSIGNAL) != 1) break;
        if (i % 16 == 0) pause_ms(2);
    }
    return NULL;
}

/* A request that comes byte by byte is one like any other; one that is never done ends after the time limit, however it drips. */
static void test_byte_by_byte(void **state) {
    (void)state;
    static const char zeroes[60000];
    const struct fcgi_pair pairs[] = {{"MARK", "m"}, {"CONTENT_LENGTH", "2"}};
    for (int forever = 0; forever < 2; forever++) {
        struct pair p;
        struct dripping d = {0};
        struct fcgi_answer a;
        pthread_t writer, reader;
        pair_open(&p, 1);
        fcgi_put_begin(&d.bytes, true);
        if (forever) fcgi_put_record(&d.bytes, FCGI_T_PARAMS, zeroes, sizeof zeroes);
        fcgi_put_params(&d.bytes, pairs, COUNT(pairs));
        fcgi_put_stdin(&d.bytes, "{}", 2);
        d.fd = p.peer;
        int64_t began = now_ms();
        assert_int_equal(pthread_create(&reader, NULL, exchange_main, &p), 0);
        assert_int_equal(pthread_create(&writer, NULL, drip_main, &d), 0);
        bool answered = fcgi_receive(p.peer, &a);
        pthread_join(reader, NULL);
        pthread_join(writer, NULL);
        assert_int_equal(answered, !forever);
        assert_int_equal(p.kept, !forever);
        assert_int_equal(p.result.io, forever ? FCGI_IO_TIMEOUT : FCGI_IO_OK);
        assert_true(now_ms() - began < 4000);
        fcgi_answer_free(&a);
        fcgi_bytes_free(&d.bytes);
        pair_close(&p);
    }
}

/* A peer that doesn't wait for its answer is given it, and no more. */
static void test_next_before_the_answer(void **state) {
    (void)state;
    struct pair p;
    struct fcgi_bytes b = {0};
    struct fcgi_answer a;
    pair_open(&p, 5);
    fcgi_put_request(&b, true, NULL, 0, "", 0);
    fcgi_put_request(&b, true, NULL, 0, "", 0);
    pair_exchange(&p, &b, &a);
    assert_true(a.ended && p.result.answered && !p.kept);
    assert_int_equal(p.result.io, FCGI_IO_UNREAD);
    assert_true(fcgi_closed_within(p.peer, 1000));
    fcgi_answer_free(&a);
    pair_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peek_judges),
        cmocka_unit_test(test_hundred_on_one_connection),
        cmocka_unit_test(test_not_kept_when_peer_says_so),
        cmocka_unit_test(test_short_bodies),
        cmocka_unit_test(test_abort),
        cmocka_unit_test(test_parameters_cut),
        cmocka_unit_test(test_large_bodies),
        cmocka_unit_test(test_drain_has_an_end),
        cmocka_unit_test(test_params_too_large),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_answers_that_failed),
        cmocka_unit_test(test_large_answer_and_deaf_peer),
        cmocka_unit_test(test_garbage_after_begin),
        cmocka_unit_test(test_records_out_of_place),
        cmocka_unit_test(test_every_form),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_next_before_the_answer),
    };
    log_open("/dev/null", LOG_ERROR);
    return cmocka_run_group_tests_name("transport", tests, NULL, NULL);
}
