/* Rate buckets and metrics of the shared mapping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "metrics.h"
#include "shared.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h> /* last: its macro fail hides a function of http.h */

static const int64_t start_us = INT64_C(1800000000000000);

static int setup(void **state) {
    *state = shared_make();
    return *state ? 0 : -1;
}

static int teardown(void **state) { return munmap(*state, sizeof(struct shared)); }

static void test_bucket_empties_and_refills(void **state) {
    struct shared *s = *state;
    uint64_t key = rate_key("a", "192.0.2.1", 9);
    int left = -1, wait = -1;
    for (int i = 0; i < 5; i++) {
        assert_true(rate_take(s, key, 60, 5, start_us, &left, &wait));
        assert_int_equal(left, 4 - i);
        assert_int_equal(wait, i + 1); /* seconds until it is full again */
    }
    assert_false(rate_take(s, key, 60, 5, start_us, &left, &wait));
    assert_int_equal(left, 0);
    assert_int_equal(wait, 1); /* seconds until there is one */
    assert_int_equal(atomic_load(&s->rate_limited), 1);
    assert_false(rate_take(s, key, 60, 5, start_us + 999999, NULL, NULL));
    assert_true(rate_take(s, key, 60, 5, start_us + 1000000, NULL, NULL));
    assert_false(rate_take(s, key, 60, 5, start_us + 1000000, NULL, NULL));
    int got = 0;
    while (rate_take(s, key, 60, 5, start_us + 600000000, NULL, NULL)) got++;
    assert_int_equal(got, 5); /* never more than the burst, however long it rested */
}

static void test_limits_of_limits(void **state) {
    struct shared *s = *state;
    int left = 0, wait = -1;
    assert_true(rate_take(s, 7, 0, 0, start_us, &left, &wait)); /* no limit */
    assert_int_equal(left, INT32_MAX);
    assert_int_equal(wait, 0);
    assert_true(rate_take(s, 8, 1, 0, start_us, NULL, &wait)); /* a burst below one is one */
    assert_int_equal(wait, 60);
    assert_false(rate_take(s, 8, 1, 0, start_us, NULL, NULL));
    assert_true(rate_take(s, 9, INT32_MAX, INT32_MAX, start_us, NULL, NULL));
    assert_true(rate_take(s, 0, 1, 1, start_us, NULL, NULL)); /* key 0 is a key */
    assert_false(rate_take(s, 0, 1, 1, start_us, NULL, NULL));
    assert_true(rate_take(s, 10, 60, 1, -5, NULL, NULL));
}

static void test_clock_jumps_back(void **state) {
    struct shared *s = *state;
    int wait = 0;
    while (rate_take(s, 5, 60, 10, start_us, NULL, NULL)) {}
    assert_false(rate_take(s, 5, 60, 10, start_us - INT64_C(3600000000), NULL, &wait));
    assert_int_equal(wait, 1); /* not an hour */
    assert_true(rate_take(s, 5, 60, 10, start_us - INT64_C(3599000000), NULL, NULL) ||
                rate_take(s, 5, 60, 10, start_us - INT64_C(3598000000), NULL, NULL));
}

static void test_keys(void **state) {
    (void)state;
    assert_true(rate_key("a", "x", 1) == rate_key("a", "x", 1));
    assert_true(rate_key("a", "x", 1) != rate_key("p", "x", 1));
    assert_true(rate_key("a", "x", 1) != rate_key("a", "x\0", 2));
    assert_true(rate_key("a", "", 0) != rate_key("p", "", 0));
    assert_true(rate_key("a", "12345678", 8) != rate_key("a", "12345679", 8));
}

/* More keys than slots: old, full buckets give way; a fresh key is served; a key in use keeps its count. */
static void test_many_keys(void **state) {
    struct shared *s = *state;
    for (int i = 0; i < 3 * RATE_SLOTS; i++) {
        uint64_t key = rate_key("a", &i, sizeof i);
        assert_true(rate_take(s, key, 60, 2, start_us + i, NULL, NULL));
    }
    int64_t later = start_us + 100000000;
    uint64_t mine = rate_key("p", "me", 2);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rate_take(s, mine, 60, 3, later, NULL, NULL), true);
        for (int k = 0; k < 1000; k++) {
            int id = 1000 * i + k;
            (void)rate_take(s, rate_key("b", &id, sizeof id), 60, 3, later, NULL, NULL);
        }
    }
    assert_false(rate_take(s, mine, 60, 3, later, NULL, NULL));
}

struct taker {
    struct shared *s;
    int taken;
};

static void *take_main(void *arg) {
    struct taker *t = arg;
    for (int i = 0; i < 5000; i++) t->taken += rate_take(t->s, 42, 60, 1000, start_us, NULL, NULL);
    return NULL;
}

static void test_threads_and_processes_share(void **state) {
    struct shared *s = *state;
    assert_true(rate_take(s, 42, 60, 1000, start_us, NULL, NULL)); /* the slot is there: no race for it */
    struct taker takers[4];
    pthread_t threads[4];
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        int taken = 0;
        for (int i = 0; i < 100; i++) taken += rate_take(s, 42, 60, 1000, start_us, NULL, NULL);
        atomic_fetch_add(&s->db_errors, (uint64_t)taken);
        _exit(0);
    }
    for (int i = 0; i < 4; i++) {
        takers[i] = (struct taker){s, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, take_main, &takers[i]), 0);
    }
    int all = 1, status;
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        all += takers[i].taken;
    }
    waitpid(pid, &status, 0);
    assert_int_equal(all + (int)atomic_load(&s->db_errors), 1000);
}

static void test_counting(void **state) {
    struct shared *s = *state;
    shared_count(s, 0, 200, 999);
    shared_count(s, 0, 200, 1000);
    shared_count(s, 0, 200, 1001);
    shared_count(s, -1, 404, 0);
    shared_count(s, ROUTES_MAX + 5, 418, UINT32_MAX);
    assert_int_equal(atomic_load(&s->requests[0][0]), 3);
    assert_int_equal(atomic_load(&s->latency[0][0]), 2);
    assert_int_equal(atomic_load(&s->latency[0][1]), 1);
    assert_int_equal(atomic_load(&s->latency_us_sum[0]), 3000);
    assert_int_equal(atomic_load(&s->requests[ROUTES_MAX][STATUS_KINDS - 1]), 1);
    assert_int_equal(atomic_load(&s->latency[ROUTES_MAX][LATENCY_BUCKETS]), 1);
}

/* Every status of the table of return codes has its own column. */
static void test_statuses(void **state) {
    (void)state;
    for (int rc = 0; rc < RC__MAX; rc++) {
        int status = rc_info((enum rc)rc)->status;
        bool known = false;
        for (size_t i = 0; i + 1 < STATUS_KINDS; i++) known |= shared_statuses[i] == status;
        if (!known) fail_msg("status %d has no column", status);
    }
    assert_int_equal(shared_statuses[STATUS_KINDS - 1], 0);
}

static const struct route routes[] = {{.method = M_GET, .path = "/a", .operation = "getA"},
                                      {.method = M_POST, .path = "/b", .operation = "postB"}};
static const struct server_app app = {.entry = "zlb", .routes = routes, .route_count = 2};

static void test_metrics_text(void **state) {
    struct shared *s = *state;
    struct arena arena;
    struct buf out;
    arena_init(&arena, 8 << 20);
    buf_init(&out, &arena, 1 << 20);
    shared_count(s, 0, 200, 3000);
    shared_count(s, 1, 503, 40000000);
    shared_count(s, -1, 418, 10);
    atomic_store(&s->busy[1], 3);
    metrics_write(s, &app, (struct metrics_scale){2, 8}, &out);
    assert_false(out.failed);
    buf_add_char(&out, '\0');
    static const char *const lines[] = {
        "\nminhu_requests_total{entry=\"zlb\",operation=\"getA\",status=\"200\"} 1\n",
        "\nminhu_requests_total{entry=\"zlb\",operation=\"none\",status=\"other\"} 1\n",
        "\nminhu_request_duration_seconds_bucket{entry=\"zlb\",operation=\"getA\",le=\"0.0025\"} 0\n",
        "\nminhu_request_duration_seconds_bucket{entry=\"zlb\",operation=\"getA\",le=\"0.005\"} 1\n",
        "\nminhu_request_duration_seconds_bucket{entry=\"zlb\",operation=\"postB\",le=\"30\"} 0\n",
        "\nminhu_request_duration_seconds_bucket{entry=\"zlb\",operation=\"postB\",le=\"+Inf\"} 1\n",
        "\nminhu_request_duration_seconds_sum{entry=\"zlb\",operation=\"postB\"} 40.000000\n",
        "\nminhu_threads_busy{entry=\"zlb\",process=\"1\"} 3\n",
        "\nminhu_threads{entry=\"zlb\"} 16\n",
        "\nminhu_worker_restarts_total{entry=\"zlb\"} 0\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(out.p, lines[i])) fail_msg("no line %s", lines[i]);
    arena_free(&arena);
}

/* A text that does not fit says so, and never cuts a line in silence. */
static void test_metrics_overflow(void **state) {
    struct arena arena;
    struct buf out;
    arena_init(&arena, 8 << 20);
    buf_init(&out, &arena, 300);
    metrics_write(*state, &app, (struct metrics_scale){64, 8}, &out);
    assert_true(out.failed);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bucket_empties_and_refills, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits_of_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_clock_jumps_back, setup, teardown),
        cmocka_unit_test(test_keys),
        cmocka_unit_test_setup_teardown(test_many_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_threads_and_processes_share, setup, teardown),
        cmocka_unit_test_setup_teardown(test_counting, setup, teardown),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test_setup_teardown(test_metrics_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_metrics_overflow, setup, teardown),
    };
    return cmocka_run_group_tests_name("shared", tests, NULL, NULL);
}
