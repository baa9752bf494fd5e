/* The classifier: what a message's n-grams are, scores and probabilities of a model made by hand, the words that spoke, and files
 * that are no models. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "arena_fixture.h"
#include "base/encode.h"
#include "rules/classifier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct feature_settings settings = {.gram_max = {2, 3}, .head = 4};

static struct features features(const char *title, const char *text) {
    struct features f;
    assert_true(features_of(&arena, &settings, str_of(title), str_of(text), &f));
    return f;
}

/* ---- n-grams ---- */

static void counts_each_gram_once_with_its_number(void **state) {
    (void)state;
    struct features f = features("", "停水停水");
    assert_int_equal(f.symbol_count, 4);
    /* 停 水, 停水 水停; in the head besides 停水停 水停水 */
    assert_int_equal(f.count, 4 + 6);
    assert_int_equal(f.gram_count, 4 + 3 + 4 + 3 + 2);
    size_t twice = 0, sum = 0;
    for (size_t i = 0; i < f.count; i++) {
        twice += f.list[i].count == 2;
        sum += f.list[i].count;
    }
    assert_int_equal(twice, 2 * 3); /* 停, 水 and 停水, in each block */
    assert_int_equal(sum, f.gram_count);
}

static void head_is_of_the_first_characters_only(void **state) {
    (void)state;
    struct features f = features("", "甲乙丙丁戊己");
    size_t in_head = 0;
    for (size_t i = 0; i < f.count; i++) in_head += f.list[i].block == BLOCK_HEAD;
    assert_int_equal(in_head, 4 + 3 + 2);
}

static void expect_same(const char *title, const char *text, const char *other) {
    struct features a = features(title, text), b = features("", other);
    assert_int_equal(a.count, b.count);
    for (size_t i = 0; i < a.count; i++) {
        assert_int_equal(a.list[i].hash, b.list[i].hash);
        assert_int_equal(a.list[i].count, b.list[i].count);
    }
}

static void spelling_makes_no_difference(void **state) {
    (void)state;
    expect_same("", "停 水\t了\n　！", "停水了!");
    expect_same("停水", "三天", "停水三天");
    expect_same("", "ＡＢｃ栋", "abc栋");
    expect_same("", "2024年12 月", "7年８月");
}

static void symbols_know_where_they_stood(void **state) {
    (void)state;
    struct features f = features("a 1", "23水");
    assert_int_equal(f.symbol_count, 3);
    assert_int_equal(f.symbols[1].from, 2);
    assert_int_equal(f.symbols[1].to, 5); /* 123 is one number */
    assert_int_equal(f.symbols[2].to, f.message.n);
}

static void nothing_has_no_grams(void **state) {
    (void)state;
    assert_int_equal(features("", "").count, 0);
    assert_int_equal(features(" ", "　\n").count, 0);
}

static void too_long_or_no_memory_is_refused(void **state) {
    (void)state;
    struct features f;
    char *long_text = malloc(MESSAGE_MAX + 1);
    memset(long_text, 'x', MESSAGE_MAX + 1);
    assert_false(features_of(&arena, &settings, STR(""), (struct str){long_text, MESSAGE_MAX + 1}, &f));
    free(long_text);
    struct arena small;
    arena_init(&small, 1000);
    for (long n = 0; n < 5; n++) {
        arena_reset(&small);
        small.fail_after = n;
        assert_false(features_of(&small, &settings, STR(""), STR("停水"), &f));
    }
    arena_free(&small);
}

/* ---- a model made by hand: 停水 is water, 路灯 is lamp, 电梯 is lift ---- */

enum { LAMP, LIFT, WATER, KNOWN_CATEGORIES };
static const char codes[KNOWN_CATEGORIES][CLASSIFIER_CODE_MAX] = {"lamp", "lift", "water"};
static const struct {
    const char *gram;
    int16_t weights[KNOWN_CATEGORIES];
} known[] = {{"停水", {-1000, -1000, 2000}}, {"路灯", {2000, -1000, -1000}}, {"电梯", {-1000, 2000, -1000}}};
enum { KNOWN = sizeof known / sizeof *known };

struct hand_made {
    struct classifier c;
    uint32_t hashes[KNOWN];
    float scales[KNOWN], bias[KNOWN_CATEGORIES];
    int16_t weights[KNOWN * KNOWN_CATEGORIES];
};

/* The hash of a gram of two characters in the whole message. */
static uint32_t hash_of(const char *gram) {
    struct features f = features("", gram);
    for (size_t i = 0; i < f.gram_count; i++)
        if (f.grams[i].length == 2 && f.list[f.grams[i].feature].block == BLOCK_WHOLE)
            return f.list[f.grams[i].feature].hash;
    fail();
    return 0;
}

static int by_hash(const void *a, const void *b) {
    uint32_t x = hash_of(known[*(const size_t *)a].gram), y = hash_of(known[*(const size_t *)b].gram);
    return (x > y) - (x < y);
}

static struct hand_made *hand_made(void) {
    struct hand_made *h = test_malloc(sizeof *h);
    size_t order[KNOWN] = {0, 1, 2};
    *h = (struct hand_made){0};
    qsort(order, KNOWN, sizeof *order, by_hash);
    for (size_t i = 0; i < KNOWN; i++) {
        h->hashes[i] = hash_of(known[order[i]].gram);
        h->scales[i] = 1;
        memcpy(h->weights + i * KNOWN_CATEGORIES, known[order[i]].weights, sizeof known[0].weights);
    }
    h->c = (struct classifier){.settings = settings,
                               .categories = KNOWN_CATEGORIES,
                               .codes = codes,
                               .bias = h->bias,
                               .weights = h->weights,
                               .step = 0.001F,
                               .sharpness = 1};
    h->c.vocabulary = (struct vocabulary){.count = KNOWN,
                                          .hashes = h->hashes,
                                          .scales = h->scales,
                                          .block_weight = {[BLOCK_WHOLE] = 1, [BLOCK_HEAD] = 1}};
    return h;
}

/* The model's file, in the arena: what the hand made must read back. */
static struct buf file_of(const struct classifier *c) {
    struct buf b;
    buf_init(&b, &arena, 1 << 20);
    assert_true(classifier_save(c, &b));
    return b;
}

static const struct classifier *loaded(void) {
    struct hand_made *h = hand_made();
    struct buf b = file_of(&h->c);
    const struct classifier *c = NULL;
    const char *why = classifier_load(&arena, buf_str(&b), &c);
    if (why) fail_msg("%s", why);
    test_free(h);
    return c;
}

static struct classified ask(const struct classifier *c, const char *title, const char *text) {
    struct classified got;
    assert_true(classify(&arena, c, str_of(title), str_of(text), NULL, &got));
    return got;
}

static void best_guess_comes_first(void **state) {
    (void)state;
    struct classified got = ask(loaded(), "停水", "小区从昨天起一直没有水");
    assert_int_equal(got.count, 3);
    assert_true(str_is(got.guesses[0].category, "water"));
    assert_true(got.guesses[0].probability > got.guesses[1].probability);
    assert_true(got.guesses[1].probability >= got.guesses[2].probability);
    assert_true(str_is(ask(loaded(), "", "楼下路灯坏了").guesses[0].category, "lamp"));
}

/* One known n-gram: its term is 1, so the scores are 2, -1, -1, and the best has e²/(e² + 2/e). */
static void probabilities_are_those_of_the_scores(void **state) {
    (void)state;
    struct classified got = ask(loaded(), "", "楼下电梯坏了");
    double want = exp(2) / (exp(2) + 2 * exp(-1)), sum = 0;
    assert_true(fabs(got.guesses[0].probability - want) < 1e-6);
    for (size_t i = 0; i < 3; i++) sum += got.guesses[i].probability;
    assert_true(fabs(sum - 1) < 1e-9);
}

static void what_is_unknown_is_anybodys(void **state) {
    (void)state;
    struct classified got = ask(loaded(), "", "谢谢");
    for (size_t i = 0; i < 3; i++) {
        assert_true(fabs(got.guesses[i].probability - 1.0 / 3) < 1e-9);
        assert_int_equal(got.guesses[i].word_count, 0);
    }
    ask(loaded(), "", "");
}

static void words_are_those_of_the_message(void **state) {
    (void)state;
    struct classified got = ask(loaded(), "", "小区停 水两天，路灯也不亮");
    size_t water = str_is(got.guesses[0].category, "water") ? 0 : 1;
    assert_int_equal(got.guesses[water].word_count, 1);
    assert_true(str_is(got.guesses[water].words[0], "停 水"));
    assert_int_equal(got.guesses[1 - water].word_count, 1);
    assert_true(str_is(got.guesses[1 - water].words[0], "路灯"));
}

static void a_word_said_twice_is_told_once(void **state) {
    (void)state;
    struct classified got = ask(loaded(), "停水", "又停水了");
    assert_int_equal(got.guesses[0].word_count, 1);
    assert_true(str_is(got.guesses[0].words[0], "停水"));
}

static void no_memory_is_told(void **state) {
    (void)state;
    const struct classifier *c = loaded();
    struct arena small;
    struct classified got;
    arena_init(&small, 1 << 20);
    long n = 0;
    for (;; n++) {
        arena_reset(&small);
        small.fail_after = n;
        if (classify(&small, c, STR(""), STR("停水"), NULL, &got)) break;
    }
    assert_in_range(n, 5, 20);
    arena_free(&small);
}

/* ---- files ---- */

enum {
    AT_VERSION = 8,
    AT_CATEGORIES = 12,
    AT_FEATURES = 16,
    AT_GRAM_MAX = 20,
    AT_HEAD = 28,
    AT_SHARPNESS = 44,
    AT_CODES = 48
};

static const char *load(struct str file) {
    const struct classifier *c = NULL;
    const char *why = classifier_load(&arena, file, &c);
    assert_true((why == NULL) == (c != NULL));
    return why;
}

/* Puts a number into the file, and mends the checksum, as somebody would who means harm. */
static void expect_refused(size_t at, uint32_t value, const char *why) {
    struct hand_made *h = hand_made();
    struct buf b = file_of(&h->c);
    assert_null(load(buf_str(&b)));
    memcpy(b.p + at, &value, sizeof value);
    uint32_t sum = crc32_of(b.p, b.n - sizeof sum);
    memcpy(b.p + b.n - sizeof sum, &sum, sizeof sum);
    const char *said = load(buf_str(&b));
    assert_non_null(said);
    assert_non_null(strstr(said, why));
    test_free(h);
}

static uint32_t bits(float v) {
    uint32_t u;
    memcpy(&u, &v, sizeof u);
    return u;
}

static void hostile_files_are_refused(void **state) {
    (void)state;
    size_t bias = AT_CODES + KNOWN_CATEGORIES * CLASSIFIER_CODE_MAX, hashes = bias + 4 * KNOWN_CATEGORIES;
    expect_refused(0, 0, "no model");
    expect_refused(AT_VERSION, 2, "version");
    expect_refused(AT_CATEGORIES, 0, "number of categories");
    expect_refused(AT_CATEGORIES, UINT32_MAX, "number of categories");
    expect_refused(AT_CATEGORIES, KNOWN_CATEGORIES + 1, "cut off");
    expect_refused(AT_CATEGORIES, KNOWN_CATEGORIES - 1, "after its end");
    expect_refused(AT_FEATURES, UINT32_MAX, "number of features");
    expect_refused(AT_FEATURES, KNOWN + 1, "cut off");
    expect_refused(AT_GRAM_MAX, GRAM_MAX + 1, "n-grams");
    expect_refused(AT_HEAD, HEAD_MAX + 1, "head");
    expect_refused(AT_SHARPNESS, bits(NAN), "calibration");
    expect_refused(AT_SHARPNESS, bits(INFINITY), "calibration");
    expect_refused(AT_CODES, 0, "code");
    expect_refused(AT_CODES, 0xFFFFFFFF, "code");
    expect_refused(AT_CODES, 'z', "order");
    expect_refused(bias, bits(NAN), "bias");
    expect_refused(hashes, UINT32_MAX, "order");
    expect_refused(hashes + 4 * KNOWN, bits(-1), "scale");
}

static void damaged_files_are_refused(void **state) {
    (void)state;
    struct hand_made *h = hand_made();
    struct buf b = file_of(&h->c);
    for (size_t n = 0; n < b.n; n++) assert_non_null(load((struct str){b.p, n}));
    for (size_t at = 0; at < b.n; at++) {
        b.p[at] ^= 1;
        assert_non_null(load(buf_str(&b)));
        b.p[at] ^= 1;
    }
    assert_null(load(buf_str(&b)));
    test_free(h);
}

static void what_a_file_may_not_hold_is_not_written(void **state) {
    (void)state;
    struct hand_made *h = hand_made();
    struct buf b;
    buf_init(&b, &arena, 1 << 20);
    h->scales[0] = NAN;
    assert_false(classifier_save(&h->c, &b));
    h->scales[0] = 1;
    h->c.categories = 1;
    assert_false(classifier_save(&h->c, &b));
    h->c.categories = KNOWN_CATEGORIES;
    buf_init(&b, &arena, 100);
    assert_false(classifier_save(&h->c, &b));
    test_free(h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_each_gram_once_with_its_number, setup, teardown),
        cmocka_unit_test_setup_teardown(head_is_of_the_first_characters_only, setup, teardown),
        cmocka_unit_test_setup_teardown(spelling_makes_no_difference, setup, teardown),
        cmocka_unit_test_setup_teardown(symbols_know_where_they_stood, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_has_no_grams, setup, teardown),
        cmocka_unit_test_setup_teardown(too_long_or_no_memory_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(best_guess_comes_first, setup, teardown),
        cmocka_unit_test_setup_teardown(probabilities_are_those_of_the_scores, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_unknown_is_anybodys, setup, teardown),
        cmocka_unit_test_setup_teardown(words_are_those_of_the_message, setup, teardown),
        cmocka_unit_test_setup_teardown(a_word_said_twice_is_told_once, setup, teardown),
        cmocka_unit_test_setup_teardown(no_memory_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_files_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(damaged_files_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_file_may_not_hold_is_not_written, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
