/* server_run as a whole: the parent, its workers and its small HTTP, in a folder of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "fake_dispatch.h"
#include "fcgi_client.h"
#include "listen.h"
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h> /* last: its macro fail hides a function of http.h */

struct server {
    pid_t pid;
    char folder[40], path[60], ops[60], flag[60], hang[60];
    struct server_config config;
};

static void server_launch(struct server *s) {
    static const struct dispatch_config none;
    fflush(stdout);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) _exit(server_run(&s->config, &fake_app, &none));
}

static int connect_soon(const char *path) {
    int fd = -1;
    for (int i = 0; fd < 0 && i < 200; i++) {
        fd = fcgi_connect(path);
        if (fd < 0) pause_ms(20);
    }
    assert_true(fd >= 0);
    return fd;
}

static int setup(void **state) {
    static struct server s;
    s = (struct server){.pid = 0};
    snprintf(s.folder, sizeof s.folder, "/tmp/minhu-server-XXXXXX");
    if (!mkdtemp(s.folder)) return -1;
    snprintf(s.path, sizeof s.path, "%s/s", s.folder);
    snprintf(s.ops, sizeof s.ops, "%s/ops", s.folder);
    snprintf(s.flag, sizeof s.flag, "%s/flag", s.folder);
    snprintf(s.hang, sizeof s.hang, "%s/hang", s.folder);
    setenv("FAKE_NOT_READY", s.flag, 1);
    setenv("FAKE_HANG", s.hang, 1);
    s.config = (struct server_config){.socket_path = s.path,
                                      .socket_group = "",
                                      .ops_path = s.ops,
                                      .processes = 1,
                                      .threads = 2,
                                      .connections_max = 100,
                                      .idle_seconds = 30,
                                      .io_seconds = 2,
                                      .drain_seconds = 3,
                                      .arena_max = 8 << 20};
    *state = &s;
    return 0;
}

static int teardown(void **state) {
    struct server *s = *state;
    if (s->pid > 0) { /* a test failed half-way */
        kill(s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
    }
    unlink(s->path);
    unlink(s->ops);
    unlink(s->flag);
    unlink(s->hang);
    rmdir(s->folder);
    return 0;
}

static int server_wait(struct server *s) {
    int status = 0;
    assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
    s->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int server_stop(struct server *s, int signal_number) {
    kill(s->pid, signal_number);
    return server_wait(s);
}

/* Sends one request in a mode and gives the answer; false when the connection broke. */
static bool ask(int fd, const char *mode, const char *ms, struct fcgi_answer *a) {
    const struct fcgi_pair pairs[] = {{"MODE", mode}, {"MS", ms}};
    struct fcgi_bytes b = {0};
    fcgi_put_request(&b, true, pairs, 2, "", 0);
    if (fcgi_send(fd, &b)) return fcgi_receive(fd, a);
    *a = (struct fcgi_answer){0};
    return false;
}

/* The pid of the worker process that answers. */
static int worker_pid(const struct server *s) {
    struct fcgi_answer a;
    int fd = connect_soon(s->path), pid = 0;
    assert_true(ask(fd, "echo", "0", &a));
    const char *at = strstr(a.text, "pid=");
    assert_non_null(at);
    pid = (int)strtol(at + 4, NULL, 10);
    fcgi_answer_free(&a);
    close(fd);
    return pid;
}

/* One exchange with the small HTTP; returns the whole answer (static). */
static const char *http(const char *path, const char *request) {
    static char text[1 << 20];
    size_t n = 0;
    int fd = connect_soon(path);
    if (write(fd, request, strlen(request)) > 0)
        for (ssize_t got; n < sizeof text - 1 && (got = read(fd, text + n, sizeof text - 1 - n)) > 0;) n += (size_t)got;
    text[n] = '\0';
    close(fd);
    return text;
}

static bool http_soon(const struct server *s, const char *request, const char *want) {
    for (int i = 0; i < 40; i++) {
        if (strstr(http(s->ops, request), want)) return true;
        pause_ms(100);
    }
    return false;
}

#define GET(path) "GET " path " HTTP/1.0\r\n\r\n"

static void test_serves_and_stops(void **state) {
    struct server *s = *state;
    struct stat st;
    server_launch(s);
    worker_pid(s);
    assert_int_equal(stat(s->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0660);
    assert_int_equal(server_stop(s, SIGTERM), 0);
    assert_int_equal(stat(s->path, &st), -1);
    server_launch(s);
    worker_pid(s);
    assert_int_equal(server_stop(s, SIGINT), 0);
}

static void test_dead_child_is_replaced(void **state) {
    struct server *s = *state;
    server_launch(s);
    int first = worker_pid(s);
    kill(first, SIGKILL);
    int second = worker_pid(s); /* connects at once: the parent's socket is still there */
    assert_int_not_equal(first, second);
    assert_true(http_soon(s, GET("/metrics"), "minhu_worker_restarts_total{entry=\"test\"} 1\n"));
    /* A crash in a request loses that request only. */
    struct fcgi_answer a;
    int fd = connect_soon(s->path);
    assert_false(ask(fd, "crash", "0", &a));
    fcgi_answer_free(&a);
    close(fd);
    assert_int_not_equal(worker_pid(s), second);
    assert_int_equal(server_stop(s, SIGTERM), 0);
}

static void test_quick_deaths_back_off(void **state) {
    struct server *s = *state;
    server_launch(s);
    int64_t began = now_ms();
    for (int i = 0; i < 5; i++) kill(worker_pid(s), SIGKILL);
    worker_pid(s);
    assert_in_range(now_ms() - began, 50 + 100 + 200 + 400 + 800 - 50, 8000);
    assert_int_equal(server_stop(s, SIGTERM), 0);
}

static void test_drains_a_slow_request(void **state) {
    struct server *s = *state;
    struct fcgi_answer a;
    struct fcgi_bytes b = {0};
    const struct fcgi_pair pairs[] = {{"MODE", "slow"}, {"MS", "900"}};
    s->config.processes = 2;
    server_launch(s);
    int fd = connect_soon(s->path);
    fcgi_put_request(&b, true, pairs, 2, "", 0);
    assert_true(fcgi_send(fd, &b));
    pause_ms(300);
    int64_t began = now_ms();
    kill(s->pid, SIGTERM);
    assert_true(http_soon(s, GET("/readyz"), "\"shutting down\""));
    assert_true(fcgi_receive(fd, &a));
    assert_non_null(strstr(a.text, "slept"));
    fcgi_answer_free(&a);
    close(fd);
    assert_int_equal(server_wait(s), 0);
    assert_in_range(now_ms() - began, 300, 3000);
}

static void test_kills_what_does_not_end(void **state) {
    struct server *s = *state;
    struct fcgi_bytes b = {0};
    const struct fcgi_pair pairs[] = {{"MODE", "slow"}, {"MS", "20000"}};
    s->config.drain_seconds = 0;
    server_launch(s);
    int fd = connect_soon(s->path);
    fcgi_put_request(&b, true, pairs, 2, "", 0);
    assert_true(fcgi_send(fd, &b));
    pause_ms(200);
    int64_t began = now_ms();
    assert_int_equal(server_stop(s, SIGTERM), EX_TEMPFAIL);
    assert_in_range(now_ms() - began, 0, 3500);
    close(fd);
}

static void test_hangup(void **state) {
    struct server *s = *state;
    struct fcgi_answer a;
    server_launch(s);
    int first = worker_pid(s), fd = connect_soon(s->path);
    kill(s->pid, SIGHUP);
    pause_ms(300);
    assert_true(ask(fd, "count", "0", &a));
    assert_non_null(strstr(a.text, "reloads=1"));
    fcgi_answer_free(&a);
    close(fd);
    kill(first, SIGKILL); /* its replacement must not go back to the old configuration */
    fd = connect_soon(s->path);
    assert_true(ask(fd, "count", "0", &a));
    assert_non_null(strstr(a.text, "reloads=1"));
    fcgi_answer_free(&a);
    close(fd);
    assert_int_equal(server_stop(s, SIGTERM), 0);
}

static void test_children_follow_a_killed_parent(void **state) {
    struct server *s = *state;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    server_launch(s);
    int worker = worker_pid(s);
    http(s->ops, GET("/healthz"));
    assert_int_equal(server_stop(s, SIGKILL), 128 + SIGKILL);
    int status;
    bool seen = false;
    for (pid_t pid; (pid = waitpid(-1, &status, 0)) > 0;)
        seen |= pid == worker; /* the worker and the ops process end */
    assert_true(seen);
    /* Their dead sockets are replaced by a successor. */
    server_launch(s);
    worker_pid(s);
    assert_int_equal(server_stop(s, SIGTERM), 0);
}

static void test_small_http(void **state) {
    struct server *s = *state;
    server_launch(s);
    worker_pid(s);
    const char *answer = http(s->ops, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17), 0);
    assert_non_null(strstr(answer, "Connection: close\r\n"));
    assert_non_null(strstr(answer, "\r\n\r\nok"));
    assert_true(http_soon(s, GET("/readyz"), "HTTP/1.1 200 OK"));
    assert_non_null(strstr(http(s->ops, GET("/readyz")), "{\"ready\":true,\"reason\":null}"));
    int fd = open(s->flag, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    close(fd);
    assert_true(http_soon(s, GET("/readyz"), "HTTP/1.1 503 "));
    assert_non_null(
        strstr(http(s->ops, GET("/readyz?x")), "{\"ready\":false,\"reason\":\"the \\\"flag\\\" is there\"}"));
    assert_non_null(strstr(http(s->ops, GET("/other")), "HTTP/1.1 404 "));
    assert_non_null(strstr(http(s->ops, "POST /healthz HTTP/1.1\r\n\r\n"), "HTTP/1.1 405 "));
    assert_non_null(strstr(http(s->ops, "nonsense\r\n\r\n"), "HTTP/1.1 400 "));
    assert_non_null(strstr(http(s->ops, "\r\n\r\n"), "HTTP/1.1 400 "));
    assert_int_equal(server_stop(s, SIGTERM), 0);
}

/* A database that hangs the check must not hang the answers. */
static void test_hanging_check(void **state) {
    struct server *s = *state;
    server_launch(s);
    assert_true(http_soon(s, GET("/readyz"), "HTTP/1.1 200 OK"));
    int fd = open(s->hang, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    close(fd);
    pause_ms(4000);
    assert_true(http_soon(s, GET("/readyz"), "\"the check hangs\""));
    int64_t began = now_ms();
    assert_non_null(strstr(http(s->ops, GET("/healthz")), "ok"));
    const char *metrics = http(s->ops, GET("/metrics"));
    assert_non_null(strstr(metrics, "minhu_threads{"));
    assert_null(strstr(metrics, "fake_total"));
    assert_int_equal(server_stop(s, SIGTERM), 0);
    assert_in_range(now_ms() - began, 0, 1500);
}

static const char *file_text(const char *path) {
    static char text[65536];
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f) fclose(f);
    text[n] = '\0';
    return text;
}

/* One line a request, without anything that the caller wrote; SIGHUP goes on in a new file. */
static void test_log_lines(void **state) {
    struct server *s = *state;
    char log[60], moved[60];
    snprintf(log, sizeof log, "%s/log", s->folder);
    snprintf(moved, sizeof moved, "%s/log.1", s->folder);
    assert_true(log_open(log, LOG_INFO));
    server_launch(s);
    const struct fcgi_pair pairs[] = {
        {"REQUEST_ID", "00ff"}, {"REQUEST_METHOD", "POST"}, {"REQUEST_URI", "/secret?phone=13800000000"}};
    struct fcgi_bytes b = {0};
    struct fcgi_answer a;
    int fd = connect_soon(s->path);
    fcgi_put_request(&b, true, pairs, 3, "", 0);
    assert_true(fcgi_send(fd, &b) && fcgi_receive(fd, &a));
    fcgi_answer_free(&a);
    const char *text = file_text(log);
    for (int i = 0; i < 60 && !strstr(text, "00ff"); i++, text = file_text(log))
        pause_ms(50); /* gathered for a second */
    assert_non_null(strstr(
        text, "\"request_id\":\"00ff\",\"entry\":\"test\",\"operation\":\"fake\",\"method\":\"POST\",\"status\":200,"));
    assert_null(strstr(text, "secret"));
    assert_int_equal(rename(log, moved), 0);
    kill(s->pid, SIGHUP);
    pause_ms(200);
    assert_true(ask(fd, "echo", "0", &a));
    fcgi_answer_free(&a);
    close(fd);
    assert_int_equal(server_stop(s, SIGTERM), 0);
    assert_non_null(strstr(file_text(log), "\"event\":\"request\""));
    log_open("/dev/null", LOG_ERROR);
    unlink(log);
    unlink(moved);
}

static void test_slow_http_clients(void **state) {
    struct server *s = *state;
    server_launch(s);
    worker_pid(s);
    int slow[40]; /* more than it serves at once */
    for (size_t i = 0; i < 40; i++) {
        slow[i] = connect_soon(s->ops);
        assert_int_equal(write(slow[i], "GET", 3), 3);
    }
    int64_t began = now_ms();
    assert_non_null(strstr(http(s->ops, GET("/healthz")), "ok"));
    assert_in_range(now_ms() - began, 0, 2800);
    for (size_t i = 0; i < 40; i++) {
        assert_true(fcgi_closed_within(slow[i], 2500));
        close(slow[i]);
    }
    char head[3000];
    memset(head, 'h', sizeof head);
    head[sizeof head - 1] = '\0';
    http(s->ops, head);
    assert_non_null(strstr(http(s->ops, GET("/healthz")), "ok"));
    assert_int_equal(server_stop(s, SIGTERM), 0);
}

/* promtool, where it is installed, is the judge of the text. */
static void test_metrics_are_sound(void **state) {
    struct server *s = *state;
    server_launch(s);
    worker_pid(s);
    assert_true(http_soon(s, GET("/metrics"), "fake_total 7\n"));
    /* A request is counted after its answer is on the way. */
    assert_true(http_soon(s, GET("/metrics"), "operation=\"fake\",status=\"200\"} 1\n"));
    const char *answer = http(s->ops, GET("/metrics")), *body = strstr(answer, "\r\n\r\n");
    assert_non_null(body);
    assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4"));
    assert_non_null(strstr(body, "minhu_requests_total{entry=\"test\",operation=\"fake\",status=\"200\"} 1\n"));
    if (access("/usr/bin/promtool", X_OK) == 0) {
        FILE *judge = popen("/usr/bin/promtool check metrics 2>&1", "w");
        assert_non_null(judge);
        assert_true(fputs(body + 4, judge) >= 0);
        assert_int_equal(pclose(judge), 0);
    }
    assert_int_equal(server_stop(s, SIGTERM), 0);
}

static int run_with(struct server *s, void (*change)(struct server_config *)) {
    change(&s->config);
    server_launch(s);
    return server_wait(s);
}

static void no_processes(struct server_config *c) { c->processes = 0; }
static void many_threads(struct server_config *c) { c->threads = 257; }
static void no_path(struct server_config *c) { c->socket_path = ""; }
static void no_folder(struct server_config *c) { c->socket_path = "/nonexistent/minhu/s"; }
static void no_group(struct server_config *c) { c->socket_group = "no-such-group"; }
static void on_a_file(struct server_config *c) { c->socket_path = "/etc/passwd"; }

static void test_bad_configurations(void **state) {
    struct server *s = *state;
    static const struct {
        void (*change)(struct server_config *);
        int code;
    } cases[] = {{no_processes, EX_CONFIG},   {many_threads, EX_CONFIG},  {no_path, EX_CONFIG},
                 {no_folder, EX_UNAVAILABLE}, {no_group, EX_UNAVAILABLE}, {on_a_file, EX_UNAVAILABLE}};
    const struct server_config good = s->config;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        s->config = good;
        assert_int_equal(run_with(s, cases[i].change), cases[i].code);
    }
    assert_int_equal(access("/etc/passwd", F_OK), 0);
    /* A socket that somebody listens on is not taken away. */
    struct listen_socket other;
    assert_true(listen_open(&other, s->path, "", 0));
    s->config = good;
    server_launch(s);
    assert_int_equal(server_wait(s), EX_UNAVAILABLE);
    assert_true(fcgi_connect(s->path) >= 0);
    listen_close(&other);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_serves_and_stops),
        CASE(test_dead_child_is_replaced),
        CASE(test_quick_deaths_back_off),
        CASE(test_drains_a_slow_request),
        CASE(test_kills_what_does_not_end),
        CASE(test_hangup),
        CASE(test_small_http),
        CASE(test_slow_http_clients),
        CASE(test_metrics_are_sound),
        CASE(test_hanging_check),
        CASE(test_log_lines),
        CASE(test_bad_configurations),
        CASE(test_children_follow_a_killed_parent),
    };
    log_open("/dev/null", LOG_ERROR);
    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
