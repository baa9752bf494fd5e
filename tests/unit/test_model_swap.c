/* The model file is swapped as fast as may be while threads classify: each judgement is one model's, whole. Under ThreadSanitizer, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "acts/classify.h"
#include "arena_fixture.h"
#include "district_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { THREADS = 4, SWAPS = 200, MODELS = 2 };

static const int known[MODELS] = {K_LAMP, K_LEAK}; /* what each is sure of, whatever the message */
static uint32_t ids[MODELS];
static char folder[] = "/tmp/minhu-swap-XXXXXX", path[64], beside[64];
static struct district district;
static _Atomic bool halt;
static _Atomic unsigned judged[MODELS], wrong;

static struct str model_file(int which) {
    static const uint32_t hash = 1;
    static const float scale = 1;
    static const int16_t weights[MODELS];
    struct buf b;
    const float bias[MODELS] = {which ? 0 : 5, which ? 5 : 0};
    char codes[MODELS][CLASSIFIER_CODE_MAX] = {{0}};
    for (int k = 0; k < MODELS; k++) {
        struct str code = categories[known[k]].code;
        memcpy(codes[k], code.p, code.n);
    }
    struct classifier m = {.settings = {.gram_max = {1, 1}, .head = 1},
                           .vocabulary = {.count = 1, .hashes = &hash, .scales = &scale, .block_weight = {1, 1}},
                           .categories = MODELS,
                           .codes = (const char(*)[CLASSIFIER_CODE_MAX])codes,
                           .bias = bias,
                           .weights = weights,
                           .step = 1,
                           .sharpness = 1};
    buf_init(&b, &arena, 1 << 16);
    assert_true(classifier_save(&m, &b));
    return buf_str(&b);
}

static void swap_to(int which) {
    struct str file = model_file(which);
    FILE *f = fopen(beside, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(file.p, 1, file.n, f), file.n);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(rename(beside, path), 0);
}

static void *keep_classifying(void *arg) {
    struct arena mine;
    (void)arg;
    arena_init(&mine, 4 << 20);
    while (!atomic_load(&halt)) {
        struct suggestion s;
        bool there = false, good = false;
        if (classify_message(&mine, &district, STR("路灯"), STR("三天不亮了"), &there, &s) == RC_OK && there)
            for (int k = 0; k < MODELS; k++)
                if (s.model == ids[k] && s.category == &categories[known[k]]) {
                    good = true;
                    atomic_fetch_add(&judged[k], 1);
                }
        if (!good) atomic_fetch_add(&wrong, 1);
        arena_reset(&mine);
    }
    arena_free(&mine);
    return NULL;
}

static void each_judgement_is_one_models(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    unsigned taken = 0;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/model", folder);
    snprintf(beside, sizeof beside, "%s/model.new", folder);
    district = fixture_district();
    assert_true(district_index(&district, &arena));
    swap_to(0);
    assert_null(classify_open(path, 0.9));
    ids[0] = classify_model();
    while (classify_model() == ids[0]) {
        swap_to(1);
        classify_refresh();
    }
    ids[1] = classify_model();
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, keep_classifying, NULL), 0);
    for (int i = 0; i < SWAPS || !judged[0] || !judged[1]; i++) {
        uint32_t before = classify_model();
        swap_to(i % MODELS);
        classify_refresh(); /* which leaves it for next time where somebody works with the one before */
        taken += classify_model() != before;
    }
    atomic_store(&halt, true);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    unlink(path);
    rmdir(folder);
    assert_int_equal(wrong, 0);
    assert_true(taken > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(each_judgement_is_one_models, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
