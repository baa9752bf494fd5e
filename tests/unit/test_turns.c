/* Who of the handler threads looks for requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "turns.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include <cmocka.h>

enum { TURNS = 2, THREADS = 8 };

static atomic_int working, most, taken;

static void pause_ms(int ms) {
    const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    nanosleep(&t, NULL);
}

/* Until n have got a turn, or for as long as nothing but a mistake takes. */
static int taken_when(int n) {
    for (int i = 0; i < 2000 && atomic_load(&taken) < n; i++) pause_ms(5);
    return atomic_load(&taken);
}

/* ---- all who want to work do, so many at a time ---- */

static void *work(void *arg) {
    for (int i = 0; i < 500; i++) {
        turn_take();
        int now = atomic_fetch_add(&working, 1) + 1, before = atomic_load(&most);
        while (now > before && !atomic_compare_exchange_weak(&most, &before, now)) continue;
        if (i % 7 == 0) pause_ms(1);
        atomic_fetch_sub(&working, 1);
        if (i % 3) turn_pass(); /* else it is kept for the next */
    }
    turn_pass();
    atomic_fetch_add((atomic_int *)arg, 1);
    return NULL;
}

static void test_so_many_at_a_time(void **state) {
    pthread_t threads[THREADS];
    atomic_int done = 0;
    (void)state;
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, work, &done), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    assert_int_equal(done, THREADS);
    assert_int_equal(atomic_load(&most), TURNS);
}

/* ---- who is stuck ---- */

struct hand {
    pthread_t thread;
    atomic_int go, has;
    bool idles;
};

static void *hold(void *arg) {
    struct hand *h = arg;
    turn_take();
    atomic_store(&h->has, 1);
    atomic_fetch_add(&taken, 1);
    if (h->idles) turn_idle(true);
    while (!atomic_load(&h->go)) pause_ms(1);
    if (h->idles) turn_idle(false);
    turn_pass();
    return NULL;
}

static void begin(struct hand *h, bool idles) {
    *h = (struct hand){.idles = idles};
    assert_int_equal(pthread_create(&h->thread, NULL, hold, h), 0);
}

static void end(struct hand *h) {
    atomic_store(&h->go, 1);
    pthread_join(h->thread, NULL);
}

/* Whichever of them have a turn: the others get theirs as these end. */
static void end_all(struct hand *hands, int n) {
    for (int i = 0; i < n; i++) atomic_store(&hands[i].go, 1);
    for (int i = 0; i < n; i++) end(&hands[i]);
}

/* Two that don't come back and say nothing: the third gets a turn at the second look, and when all are back there are two again. */
static void test_stuck(void **state) {
    struct hand hands[4];
    (void)state;
    atomic_store(&taken, 0);
    for (int i = 0; i < 2; i++) begin(&hands[i], false);
    assert_int_equal(taken_when(2), 2);
    begin(&hands[2], false);
    pause_ms(50);
    turns_look(); /* something moved since the last */
    pause_ms(50);
    assert_int_equal(atomic_load(&taken), 2);
    turns_look();
    assert_int_equal(taken_when(3), 3);
    end_all(hands, 3);

    atomic_store(&taken, 0);
    for (int i = 0; i < 4; i++) begin(&hands[i], false);
    assert_int_equal(taken_when(2), 2);
    pause_ms(50);
    assert_int_equal(atomic_load(&taken), 2);
    end_all(hands, 4);
    assert_int_equal(atomic_load(&taken), 4);
}

/* Nobody asks: who waits for a request is not stuck. */
static void test_idle_is_not_stuck(void **state) {
    struct hand hands[3];
    (void)state;
    atomic_store(&taken, 0);
    begin(&hands[0], true);
    begin(&hands[1], false);
    assert_int_equal(taken_when(2), 2);
    begin(&hands[2], false);
    pause_ms(50);
    for (int i = 0; i < 3; i++) turns_look();
    pause_ms(50);
    assert_int_equal(atomic_load(&taken), 2);
    end_all(hands, 3);
}

/* The last to have come, whose memory is warm, is woken first. */
static void test_last_first(void **state) {
    struct hand hands[4];
    (void)state;
    atomic_store(&taken, 0);
    for (int i = 0; i < 4; i++) {
        begin(&hands[i], false);
        if (i < 2) assert_int_equal(taken_when(i + 1), i + 1);
        else pause_ms(100); /* it sleeps by then */
    }
    end(&hands[0]);
    assert_int_equal(taken_when(3), 3);
    assert_int_equal(atomic_load(&hands[3].has), 1);
    assert_int_equal(atomic_load(&hands[2].has), 0);
    for (int i = 1; i < 4; i++) end(&hands[i]);
}

/* Passing on what one doesn't have makes no turns. */
static void test_passed_twice(void **state) {
    struct hand hands[3];
    (void)state;
    for (int i = 0; i < 3; i++) turn_pass();
    atomic_store(&taken, 0);
    for (int i = 0; i < 3; i++) begin(&hands[i], false);
    assert_int_equal(taken_when(2), 2);
    pause_ms(50);
    assert_int_equal(atomic_load(&taken), 2);
    end_all(hands, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_so_many_at_a_time), cmocka_unit_test(test_stuck),
                                       cmocka_unit_test(test_idle_is_not_stuck), cmocka_unit_test(test_last_first),
                                       cmocka_unit_test(test_passed_twice)};
    turns_init(TURNS);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
