/* A worker process: kept connections, forged bodies, many idle clients, limits, draining. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "fake_dispatch.h"
#include "fcgi_client.h"
#include "listen.h"
#include "reactor.h"
#include "worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h> /* last: its macro fail hides a function of http.h */

#define COUNT(a) (sizeof(a) / sizeof *(a))

struct server {
    pid_t pid;
    struct shared *shared;
    char folder[40], path[60];
};

static void server_start(struct server *s, struct server_config config) {
    struct listen_socket l;
    static const struct dispatch_config none;
    *s = (struct server){.shared = shared_make()};
    snprintf(s->folder, sizeof s->folder, "/tmp/minhu-transport-XXXXXX");
    assert_non_null(s->shared);
    assert_non_null(mkdtemp(s->folder));
    snprintf(s->path, sizeof s->path, "%s/s", s->folder);
    assert_true(listen_open(&l, s->path, "", 0));
    fflush(stdout);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGHUP);
        sigprocmask(SIG_BLOCK, &set, NULL);
        const struct worker w = {
            .config = &config, .app = &fake_app, .dispatch_config = &none, .shared = s->shared, .listener = l.fd};
        _exit(worker_run(&w));
    }
    close(l.fd);
}

static const struct server_config usual = {.threads = 2,
                                           .connections_max = 1000,
                                           .idle_seconds = 30,
                                           .io_seconds = 1,
                                           .drain_seconds = 5,
                                           .arena_max = 8 << 20};

/* Returns the worker's exit code. */
static int server_end(struct server *s, bool send_term) {
    int status = 0;
    if (send_term) kill(s->pid, SIGTERM);
    assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
    unlink(s->path);
    rmdir(s->folder);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int connect_to(const struct server *s) {
    int fd = fcgi_connect(s->path);
    assert_true(fd >= 0);
    return fd;
}

static void expect(int fd, const char *mode, const char *mark, const char *want) {
    const struct fcgi_pair pairs[] = {{"MODE", mode}, {"MARK", mark}};
    struct fcgi_bytes b = {0};
    struct fcgi_answer a;
    fcgi_put_request(&b, true, pairs, COUNT(pairs), "", 0);
    assert_true(fcgi_send(fd, &b));
    assert_true(fcgi_receive(fd, &a));
    if (!strstr(a.text, want)) fail_msg("wanted %s, got %s", want, a.text);
    fcgi_answer_free(&a);
}

/* A body that looks like a request, at every offset from the library's buffer's edge on: it must stay a body. */
static void test_forged_records(void **state) {
    (void)state;
    struct server s;
    struct fcgi_bytes forged = {0};
    const struct fcgi_pair evil[] = {{"MARK", "forged"}, {"REMOTE_ADDR", "127.0.0.1"}};
    fcgi_put_request(&forged, true, evil, COUNT(evil), "", 0);
    server_start(&s, usual);
    int fd = connect_to(&s);
    for (size_t offset = 0; offset <= 9000; offset += 37) {
        struct fcgi_bytes body = {0}, b = {0};
        struct fcgi_answer a;
        char mark[24], want[32], filler[9001];
        memset(filler, 'f', sizeof filler);
        fcgi_put_raw(&body, filler, offset);
        for (int i = 0; i < 3; i++) fcgi_put_raw(&body, forged.p, forged.n);
        snprintf(mark, sizeof mark, "real%zu", offset);
        snprintf(want, sizeof want, "mark=%s\n", mark);
        const struct fcgi_pair pairs[] = {{"MODE", "unread"}, {"MARK", mark}};
        fcgi_put_request(&b, true, pairs, COUNT(pairs), body.p, body.n);
        assert_true(fcgi_send(fd, &b));
        assert_true(fcgi_receive(fd, &a));
        assert_non_null(strstr(a.text, want));
        fcgi_answer_free(&a);
        fcgi_bytes_free(&body);
        snprintf(mark, sizeof mark, "next%zu", offset);
        snprintf(want, sizeof want, "mark=%s\n", mark);
        expect(fd, "echo", mark, want);
    }
    expect(fd, "count", "", "forged=0 ");
    close(fd);
    fcgi_bytes_free(&forged);
    assert_int_equal(server_end(&s, true), 0);
}

static void test_wrong_first_record(void **state) {
    (void)state;
    struct server s;
    server_start(&s, usual);
    static const char *const starts[] = {"\1\11\0\0\0\0\0\0", "\1\5\0\1\0\0\0\0", "GET / HT", "\0\0\0\0\0\0\0\0"};
    for (size_t i = 0; i < COUNT(starts); i++) {
        int fd = connect_to(&s);
        assert_int_equal(write(fd, starts[i], 8), 8);
        assert_true(fcgi_closed_within(fd, 500));
        close(fd);
    }
    /* Byte by byte is no way around the check. */
    int fd = connect_to(&s);
    assert_int_equal(write(fd, "\1", 1), 1);
    pause_ms(100);
    assert_int_equal(write(fd, "\11\0\0\0\0\0\0\0", 8), 8);
    assert_true(fcgi_closed_within(fd, 1500));
    close(fd);
    assert_true(atomic_load(&s.shared->protocol_errors) >= COUNT(starts));
    assert_int_equal(server_end(&s, true), 0);
}

static void test_one_byte_then_silence(void **state) {
    (void)state;
    struct server s;
    server_start(&s, usual);
    int slow[2], fd = connect_to(&s);
    int64_t began = now_ms();
    for (int i = 0; i < 2; i++) { /* as many as there are threads */
        slow[i] = connect_to(&s);
        assert_int_equal(write(slow[i], "\1", 1), 1);
    }
    pause_ms(100);
    expect(fd, "echo", "after", "mark=after\n");
    /* A second is what each may take: who comes after waits for it, but where a busy machine let him in first. */
    int64_t took = now_ms() - began;
    assert_true(took <= 2600);
    if (took < 900) assert_false(fcgi_closed_within(slow[0], (int)(900 - took)) || fcgi_closed_within(slow[1], 0));
    for (int i = 0; i < 2; i++) {
        assert_true(fcgi_closed_within(slow[i], 1000));
        close(slow[i]);
    }
    close(fd);
    assert_int_equal(server_end(&s, true), 0);
}

enum { IDLE = 500 };

static void test_many_idle(void **state) {
    (void)state;
    struct server s;
    static int fds[IDLE];
    server_start(&s, usual);
    for (size_t i = 0; i < IDLE; i++) fds[i] = connect_to(&s);
    for (size_t i = 0; i < IDLE; i += 7) expect(fds[i], "echo", "idle", "mark=idle\n");
    for (size_t i = IDLE; i-- > 0;) expect(fds[i], "echo", "back", "mark=back\n");
    assert_int_equal(atomic_load(&s.shared->connections[0]), IDLE);
    assert_int_equal(server_end(&s, true), 0); /* idle ones don't hold it up */
    for (size_t i = 0; i < IDLE; i++) close(fds[i]);
}

static void test_idle_ones_time_out(void **state) {
    (void)state;
    struct server s;
    struct server_config config = usual;
    config.idle_seconds = 1;
    server_start(&s, config);
    int fd = connect_to(&s), never = connect_to(&s);
    expect(fd, "echo", "x", "mark=x\n");
    assert_true(fcgi_closed_within(never, 3500));
    assert_true(fcgi_closed_within(fd, 3500));
    close(fd);
    close(never);
    assert_int_equal(server_end(&s, true), 0);
}

static void ask_to_wait(int fd, const char *mode, const char *ms) {
    const struct fcgi_pair pairs[] = {{"MODE", mode}, {"MS", ms}};
    struct fcgi_bytes b = {0};
    fcgi_put_request(&b, true, pairs, COUNT(pairs), "", 0);
    assert_true(fcgi_send(fd, &b));
}

static void slept(int fd) {
    struct fcgi_answer a;
    assert_true(fcgi_receive(fd, &a));
    assert_non_null(strstr(a.text, "slept\n"));
    fcgi_answer_free(&a);
}

/* The spare thread works while the only place is lent, and at no other time. */
static void test_lent_place(void **state) {
    (void)state;
    struct server s;
    struct server_config config = usual;
    config.threads = config.spare_threads = 1;
    server_start(&s, config);
    int one = connect_to(&s), other = connect_to(&s);
    for (int i = 0; i < 3; i++) {
        int64_t began = reactor_clock_us();
        ask_to_wait(one, "lend", "700");
        pause_ms(50);
        expect(other, "echo", "other", "mark=other\n");
        assert_true(reactor_clock_us() - began < 600000);
        slept(one);
        began = reactor_clock_us();
        ask_to_wait(one, "slow", "200");
        ask_to_wait(other, "slow", "200");
        slept(one);
        slept(other);
        assert_true(reactor_clock_us() - began >= 400000);
    }
    close(one);
    close(other);
    assert_int_equal(server_end(&s, true), 0);
}

static void test_connections_max(void **state) {
    (void)state;
    struct server s;
    struct server_config config = usual;
    config.connections_max = 3;
    server_start(&s, config);
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = connect_to(&s);
        expect(fds[i], "echo", "in", "mark=in\n");
    }
    int late = connect_to(&s);
    const struct fcgi_pair pairs[] = {{"MARK", "late"}};
    struct fcgi_bytes b = {0};
    struct fcgi_answer a;
    fcgi_put_request(&b, true, pairs, 1, "", 0);
    assert_true(fcgi_send(late, &b));
    pause_ms(200);
    char c;
    assert_int_equal(recv(late, &c, 1, MSG_DONTWAIT), -1); /* waits in the backlog */
    close(fds[0]);
    assert_true(fcgi_receive(late, &a));
    assert_non_null(strstr(a.text, "mark=late\n"));
    fcgi_answer_free(&a);
    close(late);
    close(fds[1]);
    close(fds[2]);
    assert_int_equal(server_end(&s, true), 0);
}

/* No descriptors left: it must neither spin nor lose the clients that wait. */
static void test_descriptors_run_out(void **state) {
    (void)state;
    struct server s;
    struct rlimit before, low;
    getrlimit(RLIMIT_NOFILE, &before);
    low = before;
    int next = dup(0); /* the lowest number that is free */
    low.rlim_cur = (rlim_t)next + 18;
    close(next);
    setrlimit(RLIMIT_NOFILE, &low);
    server_start(&s, usual);
    setrlimit(RLIMIT_NOFILE, &before);
    int fds[30];
    for (size_t i = 0; i < COUNT(fds); i++) fds[i] = connect_to(&s);
    pause_ms(300);
    for (size_t i = 0; i < 20; i++) close(fds[i]);
    for (size_t i = 20; i < COUNT(fds); i++) expect(fds[i], "echo", "kept", "mark=kept\n");
    for (size_t i = 20; i < COUNT(fds); i++) close(fds[i]);
    assert_int_equal(server_end(&s, true), 0);
}

/* Never closed under a request on its way: the peer is asked to close, by a record that means nothing in an answer. */
static void expect_dismissal(int fd) {
    static const unsigned char nothing[8] = {1, FCGI_T_STDERR, 0, 1};
    unsigned char got[8];
    assert_int_equal(recv(fd, got, sizeof got, MSG_WAITALL), sizeof got);
    assert_memory_equal(got, nothing, sizeof got);
}

static void test_drain(void **state) {
    (void)state;
    struct server s;
    server_start(&s, usual);
    int fd = connect_to(&s), idle = connect_to(&s);
    const struct fcgi_pair pairs[] = {{"MODE", "slow"}, {"MS", "600"}};
    struct fcgi_bytes b = {0};
    struct fcgi_answer a;
    expect(idle, "echo", "i", "mark=i\n");
    fcgi_put_request(&b, true, pairs, 2, "", 0);
    assert_true(fcgi_send(fd, &b));
    pause_ms(100);
    kill(s.pid, SIGTERM);
    expect_dismissal(idle);
    expect(idle, "echo", "late", "mark=late\n"); /* a request that crossed it is answered, and dismissed again */
    expect_dismissal(idle);
    assert_true(fcgi_receive(fd, &a));
    assert_non_null(strstr(a.text, "slept"));
    expect_dismissal(fd);
    assert_true(fcgi_closed_within(fd, 2000)); /* in the end by the worker itself */
    fcgi_answer_free(&a);
    close(fd);
    close(idle);
    assert_int_equal(server_end(&s, false), 0);
}

static void test_drain_gives_up(void **state) {
    (void)state;
    struct server s;
    struct server_config config = usual;
    config.drain_seconds = 1;
    server_start(&s, config);
    int fd = connect_to(&s);
    const struct fcgi_pair pairs[] = {{"MODE", "slow"}, {"MS", "8000"}};
    struct fcgi_bytes b = {0};
    fcgi_put_request(&b, true, pairs, 2, "", 0);
    assert_true(fcgi_send(fd, &b));
    pause_ms(100);
    int64_t began = now_ms();
    assert_int_not_equal(server_end(&s, true), 0);
    assert_in_range(now_ms() - began, 900, 3000);
    close(fd);
}

static void test_hangup_reloads(void **state) {
    (void)state;
    struct server s;
    server_start(&s, usual);
    int fd = connect_to(&s);
    expect(fd, "count", "", "reloads=0");
    kill(s.pid, SIGHUP);
    pause_ms(200);
    expect(fd, "count", "", "reloads=1 contexts=2");
    close(fd);
    assert_int_equal(server_end(&s, true), 0);
}

/* ---- many clients at once: what ThreadSanitizer should look at ---- */

static void *client_main(void *arg) {
    const struct server *s = arg;
    const struct fcgi_pair pairs[] = {{"MARK", "c"}, {"CONTENT_LENGTH", "3"}};
    size_t good = 0;
    for (int round = 0; round < 10; round++) {
        int fd = fcgi_connect(s->path);
        for (int i = 0; i < 10; i++) {
            struct fcgi_bytes b = {0};
            struct fcgi_answer a;
            fcgi_put_request(&b, i < 9, pairs, 2, "abc", 3);
            good += fcgi_send(fd, &b) && fcgi_receive(fd, &a) && strstr(a.text, "body=ok:3");
            fcgi_answer_free(&a);
        }
        close(fd);
    }
    return (void *)good; /* NOLINT: a count, not an address */
}

static void test_many_clients(void **state) {
    (void)state;
    struct server s;
    struct server_config config = usual;
    pthread_t threads[8];
    config.threads = 4;
    server_start(&s, config);
    for (size_t i = 0; i < COUNT(threads); i++) assert_int_equal(pthread_create(&threads[i], NULL, client_main, &s), 0);
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *good;
        pthread_join(threads[i], &good);
        assert_int_equal((uintptr_t)good, 100);
    }
    assert_int_equal(server_end(&s, true), 0);
    assert_int_equal(atomic_load(&s.shared->requests[0][0]), 800);
    assert_int_equal(atomic_load(&s.shared->busy[0]), 0);
    assert_int_equal(atomic_load(&s.shared->connections[0]), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forged_records),        cmocka_unit_test(test_wrong_first_record),
        cmocka_unit_test(test_one_byte_then_silence), cmocka_unit_test(test_many_idle),
        cmocka_unit_test(test_idle_ones_time_out),    cmocka_unit_test(test_connections_max),
        cmocka_unit_test(test_descriptors_run_out),   cmocka_unit_test(test_drain),
        cmocka_unit_test(test_drain_gives_up),        cmocka_unit_test(test_hangup_reloads),
        cmocka_unit_test(test_many_clients),          cmocka_unit_test(test_lent_place),
    };
    log_open("/dev/null", LOG_ERROR);
    return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
