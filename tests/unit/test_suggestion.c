/* From a model's probabilities to a category of the district: the lowest that is sure, guesses where none is, and how they are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "arena_fixture.h"
#include "district_fixture.h"
#include "rules/suggestion.h"

#include <math.h>
#include <string.h>
#include <cmocka.h>

enum { LABELS_MAX = 8 };

/* A model that thinks the same of every message. */
struct label {
    const char *code;
    double probability;
};

static struct suggestion suggested(const struct label *labels, double sure) {
    static const uint32_t hash = 1;
    static const float scale = 1;
    static const int16_t weights[LABELS_MAX];
    struct district d = fixture_district();
    struct suggestion s;
    char codes[LABELS_MAX][CLASSIFIER_CODE_MAX] = {{0}};
    float bias[LABELS_MAX];
    size_t n = 0;
    for (; labels[n].code; n++) {
        memcpy(codes[n], labels[n].code, strlen(labels[n].code));
        bias[n] = (float)log(labels[n].probability);
    }
    struct classifier m = {.settings = {.gram_max = {1, 1}, .head = 1},
                           .vocabulary = {.count = 1, .hashes = &hash, .scales = &scale},
                           .categories = n,
                           .codes = (const char(*)[CLASSIFIER_CODE_MAX])codes,
                           .bias = bias,
                           .weights = weights,
                           .step = 1,
                           .sharpness = 1,
                           .id = 0xabc};
    assert_true(vocabulary_index(&arena, &m.vocabulary));
    assert_true(district_index(&d, &arena));
    assert_true(suggest(&arena, &d, &m, STR(""), STR("路灯不亮"), sure, &s));
    assert_int_equal(s.model, 0xabc);
    return s;
}

static void expect_guess(const struct suggestion *s, size_t at, int category, double probability) {
    assert_int_equal(s->guesses[at].category_id, categories[category].id);
    assert_true(fabs(s->guesses[at].probability - probability) < 1e-6);
}

static void the_lowest_that_is_sure_is_taken(void **state) {
    (void)state;
    struct suggestion s = suggested((struct label[]){{"lamp", 0.93}, {"leak", 0.04}, {"pet", 0.03}, {0}}, 0.9);
    assert_ptr_equal(s.category, &categories[K_LAMP]);
    assert_true(fabs(s.probability - 0.93) < 1e-6);
    assert_int_equal(s.count, 1);
    expect_guess(&s, 0, K_LAMP, 0.93);
}

static void what_is_below_makes_the_one_above_sure(void **state) {
    (void)state;
    struct suggestion s = suggested((struct label[]){{"lamp", 0.5}, {"leak", 0.05}, {"pet", 0.03}, {"road", 0.42}, {0}},
                                    0.9);
    assert_ptr_equal(s.category, &categories[K_ROAD]);
    assert_true(fabs(s.probability - 0.92) < 1e-6);
    assert_int_equal(s.count, 3);
    expect_guess(&s, 0, K_LAMP, 0.5);
    expect_guess(&s, 1, K_ROAD, 0.42);
    expect_guess(&s, 2, K_LEAK, 0.05);
}

static void where_nothing_is_sure_there_is_a_choice_of_three(void **state) {
    (void)state;
    struct suggestion s = suggested((struct label[]){{"lamp", 0.1}, {"leak", 0.6}, {"pet", 0.25}, {"road", 0.05}, {0}},
                                    0.9);
    assert_null(s.category);
    assert_true(s.probability == 0);
    assert_int_equal(s.count, 3);
    expect_guess(&s, 0, K_LEAK, 0.6);
    expect_guess(&s, 1, K_PET, 0.25);
    expect_guess(&s, 2, K_LAMP, 0.1);
    s = suggested((struct label[]){{"lamp", 0.1}, {"leak", 0.6}, {"pet", 0.25}, {"road", 0.05}, {0}}, 0.6 - 1e-6);
    assert_ptr_equal(s.category, &categories[K_LEAK]);
}

/* "closed" is closed, "abroad" the district never had: neither is guessed, nor do the others get their part. */
static void what_the_district_lacks_is_left_out(void **state) {
    (void)state;
    struct suggestion s = suggested(
        (struct label[]){{"abroad", 0.5}, {"closed", 0.3}, {"lamp", 0.15}, {"pet", 0.05}, {0}}, 0.6);
    assert_null(s.category);
    assert_int_equal(s.count, 2);
    expect_guess(&s, 0, K_LAMP, 0.15);
    expect_guess(&s, 1, K_PET, 0.05);
    s = suggested((struct label[]){{"abroad", 0.99}, {"elsewhere", 0.01}, {0}}, 0.6);
    assert_null(s.category);
    assert_int_equal(s.count, 0);
}

static void without_memory_nothing_is_suggested(void **state) {
    (void)state;
    struct district d = fixture_district();
    struct arena small;
    struct suggestion s;
    static const float bias[2];
    static const int16_t weights[2];
    static const char codes[2][CLASSIFIER_CODE_MAX] = {"lamp", "leak"};
    static const uint32_t hash = 1;
    static const float scale = 1;
    struct classifier m = {.settings = {.gram_max = {1, 1}, .head = 1},
                           .vocabulary = {.count = 1, .hashes = &hash, .scales = &scale},
                           .categories = 2,
                           .codes = codes,
                           .bias = bias,
                           .weights = weights,
                           .step = 1,
                           .sharpness = 1};
    assert_true(vocabulary_index(&arena, &m.vocabulary));
    assert_true(district_index(&d, &arena));
    arena_init(&small, (size_t)1 << 20);
    long n = 0;
    for (;; n++) {
        arena_reset(&small);
        small.fail_after = n;
        if (suggest(&small, &d, &m, STR(""), STR("路灯"), 0.9, &s)) break;
    }
    assert_true(n >= 8);
    arena_free(&small);
}

/* ---- kept ---- */

static void what_is_kept_reads_back(void **state) {
    (void)state;
    struct suggestion s = {.category = &categories[K_LAMP],
                           .probability = 0.93214,
                           .model = 0x0a1b2c3d,
                           .guesses = {{.category_id = 303,
                                        .probability = 0.93214,
                                        .words = {STR("路灯"), STR("不亮")},
                                        .word_count = 2},
                                       {.category_id = 301, .probability = 0.00004}},
                           .count = 2},
                      back;
    struct buf b;
    buf_init(&b, &arena, SUGGESTION_BYTES);
    assert_true(suggestion_write(&s, &b));
    assert_true(str_is(buf_str(&b), "0a1b2c3d\t9321\n303\t9321\t路灯\t不亮\n301\t0"));
    assert_true(suggestion_read(buf_str(&b), &back));
    assert_int_equal(back.model, s.model);
    assert_true(back.probability == 0.9321 && back.guesses[0].probability == 0.9321);
    assert_int_equal(back.count, 2);
    assert_int_equal(back.guesses[0].category_id, 303);
    assert_int_equal(back.guesses[0].word_count, 2);
    assert_true(str_is(back.guesses[0].words[1], "不亮"));
    assert_int_equal(back.guesses[1].word_count, 0);
    assert_true(suggestion_read(STR("0a1b2c3d\t0"), &back) && back.count == 0);
}

static void the_longest_fits(void **state) {
    (void)state;
    struct str word = STR("𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀");
    struct suggestion s = {.probability = 1, .model = UINT32_MAX, .count = CLASSIFIER_GUESSES}, back;
    for (size_t i = 0; i < s.count; i++) {
        s.guesses[i] = (struct suggested){.category_id = UINT32_MAX, .probability = 1, .word_count = CLASSIFIER_WORDS};
        for (size_t w = 0; w < CLASSIFIER_WORDS; w++) s.guesses[i].words[w] = word;
    }
    struct buf b;
    buf_init(&b, &arena, SUGGESTION_BYTES);
    assert_true(suggestion_write(&s, &b));
    assert_true(suggestion_read(buf_str(&b), &back));
    assert_true(str_eq(back.guesses[2].words[4], word));
}

static void what_is_something_else_is_not_read(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "0a1b2c3d",
                                      "0a1b2c3d\t10001",
                                      "0a1b2c3d\t-1",
                                      "0A1B2C3D\t1",
                                      "0a1b2c3\t1",

                                      "0a1b2c3d\t1\n303",
                                      "0a1b2c3d\t1\n0\t5",
                                      "0a1b2c3d\t1\nx\t5",
                                      "0a1b2c3d\t1\n303\t5\ta\tb\tc\td\te\tf",
                                      "0a1b2c3d\t1\n1\t1\n1\t1\n1\t1\n1\t1",
                                      "0a1b2c3d\t1\n1\t1\n\n"};
    struct suggestion s;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (suggestion_read(str_of(bad[i]), &s)) fail_msg("read: %s", bad[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_lowest_that_is_sure_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_below_makes_the_one_above_sure, setup, teardown),
        cmocka_unit_test_setup_teardown(where_nothing_is_sure_there_is_a_choice_of_three, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_district_lacks_is_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(without_memory_nothing_is_suggested, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_kept_reads_back, setup, teardown),
        cmocka_unit_test_setup_teardown(the_longest_fits, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_something_else_is_not_read, setup, teardown),
    };
    return cmocka_run_group_tests_name("suggestion", tests, NULL, NULL);
}
