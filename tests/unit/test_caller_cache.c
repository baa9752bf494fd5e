/* What is remembered of callers: found again, forgotten at once, never another's, also while threads race. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "caller_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SECOND = 1000000 };

static int setup(void **state) {
    *state = calloc(1, sizeof(struct caller_cache));
    return *state ? 0 : -1;
}

static int teardown(void **state) {
    free(*state);
    return 0;
}

/* A token's hash and a person's id made of one number. */
static void make(uint64_t n, uint8_t hash[32], uint8_t owner[16]) {
    memset(hash, 0, 32);
    memset(owner, 0, 16);
    uint64_t mixed = n * UINT64_C(0x9e3779b97f4a7c15);
    memcpy(hash, &mixed, 8);
    memcpy(hash + 24, &n, 8);
    memcpy(owner + 8, &mixed, 8);
}

static void keep(struct caller_cache *c, uint64_t n, int64_t until, const char *text) {
    uint8_t hash[32], owner[16];
    make(n, hash, owner);
    caller_keep(c, caller_epoch(c), hash, owner, until, text, strlen(text));
}

static bool has(struct caller_cache *c, uint64_t n, int64_t now, const char *text) {
    uint8_t hash[32], owner[16];
    char value[CALLER_VALUE_MAX];
    make(n, hash, owner);
    size_t size = caller_find(c, hash, now, value);
    return text ? size == strlen(text) && memcmp(value, text, size) == 0 : size == 0;
}

static void found_until_its_time(void **state) {
    struct caller_cache *c = *state;
    assert_true(has(c, 1, 0, NULL));
    keep(c, 1, 4 * SECOND, "somebody");
    assert_true(has(c, 1, 4 * SECOND - 1, "somebody"));
    assert_true(has(c, 1, 4 * SECOND, NULL));
    assert_true(has(c, 2, 0, NULL));
    keep(c, 1, 9 * SECOND, "the same, later");
    assert_true(has(c, 1, 8 * SECOND, "the same, later"));
}

static void sizes(void **state) {
    struct caller_cache *c = *state;
    uint8_t hash[32], owner[16];
    char value[CALLER_VALUE_MAX + 1], got[CALLER_VALUE_MAX];
    memset(value, 'v', sizeof value);
    make(7, hash, owner);
    caller_keep(c, caller_epoch(c), hash, owner, SECOND, value, sizeof value);
    assert_int_equal(caller_find(c, hash, 0, got), 0);
    caller_keep(c, caller_epoch(c), hash, owner, SECOND, value, 0);
    assert_int_equal(caller_find(c, hash, 0, got), 0);
    caller_keep(c, caller_epoch(c), hash, owner, SECOND, value, CALLER_VALUE_MAX);
    assert_int_equal(caller_find(c, hash, 0, got), CALLER_VALUE_MAX);
    assert_memory_equal(got, value, CALLER_VALUE_MAX);
}

static void forgotten_at_once(void **state) {
    struct caller_cache *c = *state;
    uint8_t hash[32], owner[16];
    make(1, hash, owner);
    keep(c, 1, SECOND, "one");
    keep(c, 2, SECOND, "two");
    caller_forget(c, owner);
    assert_true(has(c, 1, 0, NULL));
    assert_true(has(c, 2, 0, "two"));
    keep(c, 1, SECOND, "one again");
    assert_true(has(c, 1, 0, "one again"));
}

/* Somebody is looked up, signs out meanwhile, and is then not kept as he was before. */
static void nothing_kept_across_a_forgetting(void **state) {
    struct caller_cache *c = *state;
    uint8_t hash[32], owner[16];
    make(1, hash, owner);
    uint64_t epoch = caller_epoch(c);
    caller_forget(c, owner);
    caller_keep(c, epoch, hash, owner, SECOND, "stale", 5);
    assert_true(has(c, 1, 0, NULL));
}

static void a_full_set_gives_up_what_ends_first(void **state) {
    struct caller_cache *c = *state;
    uint8_t hash[32] = {0}, owner[16] = {0}, value[CALLER_VALUE_MAX];
    for (uint8_t i = 0; i <= CALLER_WAYS; i++) { /* one more than fits, all of one set */
        hash[31] = (uint8_t)(i + 1);
        caller_keep(c, caller_epoch(c), hash, owner, (10 + i) * SECOND, &i, 1);
    }
    hash[31] = 1;
    assert_int_equal(caller_find(c, hash, 0, value), 0);
    for (uint8_t i = 1; i <= CALLER_WAYS; i++) {
        hash[31] = (uint8_t)(i + 1);
        assert_int_equal(caller_find(c, hash, 0, value), 1);
        assert_int_equal(value[0], i);
    }
}

struct racer {
    struct caller_cache *cache;
    uint64_t seed, wrong, found;
};

/* Few sets, many tokens: slots change hands all the time. Whatever is found is what belongs to the token asked for. */
static void *race(void *arg) {
    struct racer *r = arg;
    for (int i = 0; i < 60000; i++) {
        r->seed = r->seed * UINT64_C(6364136223846793005) + 1;
        uint64_t n = r->seed >> 33 & 31, words[CALLER_WORDS];
        uint8_t hash[32], owner[16];
        make(n, hash, owner);
        memset(hash, 0, 8); /* all in one set */
        for (size_t k = 0; k < CALLER_WORDS; k++) words[k] = n * 1000 + k;
        uint64_t epoch = caller_epoch(r->cache);
        size_t size = caller_find(r->cache, hash, 0, words);
        r->found += size > 0;
        for (size_t k = 0; size && k < CALLER_WORDS; k++) r->wrong += words[k] != n * 1000 + k;
        caller_keep(r->cache, epoch, hash, owner, SECOND + (int64_t)(r->seed & 1023), words, sizeof words);
        if (i % 64 == 0) caller_forget(r->cache, owner);
    }
    return NULL;
}

static void never_another_ones(void **state) {
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    struct racer racers[THREADS];
    uint64_t wrong = 0, found = 0;
    for (uint64_t i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){.cache = *state, .seed = i + 1};
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        wrong += racers[i].wrong;
        found += racers[i].found;
    }
    assert_int_equal(wrong, 0);
    assert_true(found > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(found_until_its_time, setup, teardown),
        cmocka_unit_test_setup_teardown(sizes, setup, teardown),
        cmocka_unit_test_setup_teardown(forgotten_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_kept_across_a_forgetting, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_set_gives_up_what_ends_first, setup, teardown),
        cmocka_unit_test_setup_teardown(never_another_ones, setup, teardown),
    };
    return cmocka_run_group_tests_name("caller_cache", tests, NULL, NULL);
}
