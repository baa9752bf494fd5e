/* Likeness of two matters: what counts as a gram, weights, order, nearness, keys, bytes from the database, memory, time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "rules/alike.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

enum { MEMORY = 64 << 20 };

static struct arena arena;
static struct alike_counts *counts;

/* What a district writes: every third one of lights or noise, so that some grams are common. */
static const char *const past[] = {
    "小区路灯不亮，请尽快维修", "路灯坏了半个月，没有人来维修", "楼下施工噪音太大，影响休息",
    "夜里施工，噪音扰民",       "请问社保卡在哪里办理",         "电梯经常停运，请物业尽快维修",
    "道路积水，车辆不能通行",   "小区门口乱停车，请交警管理",   "垃圾清运不及时，小区门口有异味",
    "请问小学报名需要什么材料", "公交车等了四十分钟才来",       "小区停水，请问什么时候恢复",
};

static int setup(void **state) {
    (void)state;
    arena_init(&arena, MEMORY);
    counts = calloc(1, sizeof *counts);
    if (!counts) return -1;
    for (size_t i = 0; i < sizeof past / sizeof past[0]; i++)
        if (!alike_count(&arena, counts, STR(""), str_of(past[i]))) return -1;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    free(counts);
    arena_free(&arena);
    return 0;
}

static struct alike titled(const char *title, const char *text) {
    struct alike out;
    assert_true(alike_of(&arena, counts, str_of(title), str_of(text), &out));
    return out;
}

static struct alike of(const char *text) { return titled("", text); }

static double score(const char *x, const char *y) {
    struct alike a = of(x), b = of(y);
    return alike_score(&a, &b);
}

static double length(const struct alike *x) {
    double sum = 0;
    for (size_t i = 0; i < x->n; i++) sum += (double)x->grams[i].weight * (double)x->grams[i].weight;
    return sqrt(sum);
}

static bool near_to(double a, double b) { return fabs(a - b) < 1e-3; }

static void test_same_and_nothing(void **state) {
    (void)state;
    assert_true(near_to(score("翠苑小区三号楼电梯停运", "翠苑小区三号楼电梯停运"), 1));
    assert_true(score("翠苑小区", "青山公园") == 0);
    assert_true(score("", "翠苑小区") == 0);
    assert_int_equal(of("，。！ \n　〔〕…—").n, 0);
    struct alike one = of("电梯停运"), other = of("电梯停运三天");
    assert_true(alike_score(&one, &other) == alike_score(&other, &one));
}

static void test_spelling_makes_no_difference(void **state) {
    (void)state;
    assert_true(near_to(score("翠苑小区A座，电梯停运。", "翠苑 小区a座\n电梯停运"), 1));
    assert_true(near_to(score("ＫＴＶ扰民", "ktv扰民"), 1));
    /* Characters outside the basic plane are characters. */
    assert_true(near_to(score("\U00020BB7野家门口积水", "\U00020BB7野家门口积水"), 1));
    assert_true(of("\U00020BB7").n == 1);
}

static void test_rare_words_count_more(void **state) {
    (void)state;
    /* A compound's name in common tells more than the same common complaint. */
    assert_true(score("翠苑小区路灯不亮，请维修", "翠苑的灯全灭了") >
                score("翠苑小区路灯不亮，请维修", "路灯坏了，请尽快维修"));
}

static void test_title_counts_more(void **state) {
    (void)state;
    struct alike titles = titled("翠苑电梯停运", "物业不管"), swapped = titled("物业不管", "翠苑电梯停运");
    struct alike wanted = of("翠苑电梯停运");
    assert_true(alike_score(&titles, &wanted) > alike_score(&swapped, &wanted));
}

static void test_first_day(void **state) {
    (void)state;
    struct alike_counts *none = calloc(1, sizeof *none);
    struct alike a, b, c;
    assert_non_null(none);
    assert_true(alike_of(&arena, none, STR(""), STR("翠苑电梯停运"), &a));
    assert_true(alike_of(&arena, none, STR(""), STR("翠苑的电梯停了"), &b));
    assert_true(alike_of(&arena, none, STR(""), STR("青山路积水"), &c));
    assert_true(near_to(length(&a), 1));
    assert_true(alike_score(&a, &b) > alike_score(&a, &c));
    free(none);
}

/* What the nearest say is looked for as well. */
static void test_found_by_way_of_another(void **state) {
    (void)state;
    struct alike matter = of("翠苑小区旁的搅拌站扰民");
    struct alike others[] = {of("请问驾照换证去哪里"), of("混凝土罐车进出，粉尘大"),
                             of("翠苑小区旁搅拌站混凝土罐车粉尘扰民"), of("")};
    double alike[4], order[4];
    assert_true(alike_rank(&arena, &matter, others, 4, alike, order));
    assert_true(alike[1] == 0 && order[1] > 0);
    assert_true(order[2] > order[1] && order[1] > order[0] && order[3] == 0);
    for (size_t i = 0; i < 4; i++) assert_true(near_to(alike[i], alike_score(&matter, &others[i])) && order[i] <= 1);
    assert_true(alike_rank(&arena, &matter, NULL, 0, NULL, NULL));
}

static void test_order_of_many(void **state) {
    (void)state;
    static const char *const texts[] = {"翠苑小区电梯停运", "翠苑小区电梯停运三天", "翠苑小区电梯", "翠苑小区", "翠苑",
                                        "青山路积水"};
    enum { N = sizeof texts / sizeof texts[0] };
    struct alike matter = of("翠苑小区电梯停运"), others[N];
    double alike[N], order[N];
    /* In whatever order they come. */
    for (size_t turn = 0; turn < N; turn++) {
        for (size_t i = 0; i < N; i++) others[(i + turn) % N] = of(texts[i]);
        assert_true(alike_rank(&arena, &matter, others, N, alike, order));
        for (size_t i = 1; i < N; i++) assert_true(alike[turn % N] > alike[(i + turn) % N]);
        assert_true(order[(N - 1 + turn) % N] == 0);
    }
}

static void test_nearness(void **state) {
    (void)state;
    struct nearness far = {.days = 0}, place = {.same_place = true}, category = {.same_category = true},
                    old = {.days = 90};
    struct nearness all = {true, true, 0};
    assert_true(alike_near(0.4, &far) == 0.4);
    assert_true(alike_near(0.4, &place) > alike_near(0.4, &category) && alike_near(0.4, &category) > 0.4);
    assert_true(alike_near(0.4, &old) < 0.4 && alike_near(0.4, &old) > 0.2);
    assert_true(alike_near(0.95, &all) == 1 && alike_near(0, &all) == 0);
}

static struct alike long_one(size_t characters) {
    char *text = arena_array(&arena, characters + 1, 3);
    assert_non_null(text);
    size_t n = 0;
    for (size_t i = 0; i < characters; i++) {
        uint32_t c = 0x4E00 + (uint32_t)(i * 7919 % 20000);
        text[n++] = (char)(0xE0 | c >> 12);
        text[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        text[n++] = (char)(0x80 | (c & 0x3F));
    }
    return of(text);
}

static void test_bounds(void **state) {
    (void)state;
    struct alike big = long_one(5000), small = of("电梯");
    struct alike_gram keys[ALIKE_KEYS_MAX];
    assert_int_equal(big.n, ALIKE_GRAMS_MAX);
    assert_true(near_to(length(&big), 1));
    for (size_t i = 1; i < big.n; i++) assert_true(big.grams[i - 1].gram < big.grams[i].gram);
    assert_int_equal(alike_keys(&big, keys, ALIKE_KEYS_MAX), ALIKE_KEYS_MAX);
    assert_int_equal(alike_keys(&small, keys, ALIKE_KEYS_MAX), 3);
    assert_int_equal(alike_keys(&(struct alike){NULL, 0}, keys, ALIKE_KEYS_MAX), 0);
}

static void test_keys_are_the_heaviest(void **state) {
    (void)state;
    struct alike x = of("翠苑小区三号楼电梯停运，请尽快维修，路灯也不亮，门口还乱停车，垃圾清运不及时"), back;
    struct alike_gram keys[ALIKE_KEYS_MAX], kept[ALIKE_KEYS_KEPT], again[ALIKE_KEYS_KEPT];
    size_t n = alike_keys(&x, keys, ALIKE_KEYS_MAX), heavier = 0;
    assert_int_equal(n, ALIKE_KEYS_MAX);
    for (size_t i = 1; i < n; i++) assert_true(keys[i - 1].weight >= keys[i].weight);
    for (size_t i = 0; i < x.n; i++) heavier += x.grams[i].weight > keys[n - 1].weight;
    assert_true(heavier < n);
    /* Those kept begin the same list; of bytes they are the same, whenever they are read. */
    assert_int_equal(alike_keys(&x, kept, ALIKE_KEYS_KEPT), ALIKE_KEYS_KEPT);
    for (size_t i = 0; i < ALIKE_KEYS_KEPT; i++) assert_true(kept[i].gram == keys[i].gram);
    unsigned char bytes[ALIKE_PACKED_MAX];
    struct str packed = {(const char *)bytes, alike_pack(&x, bytes)};
    assert_true(alike_unpack(&arena, packed, &back));
    assert_int_equal(alike_keys(&back, kept, ALIKE_KEYS_KEPT), ALIKE_KEYS_KEPT);
    packed.n = alike_pack(&back, bytes);
    assert_true(alike_unpack(&arena, packed, &back));
    assert_int_equal(alike_keys(&back, again, ALIKE_KEYS_KEPT), ALIKE_KEYS_KEPT);
    for (size_t i = 0; i < ALIKE_KEYS_KEPT; i++) assert_true(kept[i].gram == again[i].gram);
}

static void test_bytes(void **state) {
    (void)state;
    struct alike x = of("翠苑小区三号楼电梯停运"), back;
    unsigned char bytes[ALIKE_PACKED_MAX];
    size_t n = alike_pack(&x, bytes);
    struct str packed = {(const char *)bytes, n};
    assert_int_equal(n, x.n * ALIKE_GRAM_BYTES);
    assert_true(alike_unpack(&arena, packed, &back));
    assert_true(near_to(alike_score(&x, &back), 1));
    assert_true(alike_unpack(&arena, STR(""), &back) && back.n == 0);
    /* Cut, out of order, without weight, of another length. */
    for (size_t cut = 1; cut < ALIKE_GRAM_BYTES; cut++)
        assert_false(alike_unpack(&arena, (struct str){packed.p, n - cut}, &back));
    assert_false(alike_unpack(&arena, (struct str){packed.p, ALIKE_GRAM_BYTES}, &back));
    unsigned char other[ALIKE_PACKED_MAX];
    memcpy(other, bytes, n);
    memcpy(other, bytes + ALIKE_GRAM_BYTES, ALIKE_GRAM_BYTES);
    assert_false(alike_unpack(&arena, (struct str){(const char *)other, n}, &back));
    memcpy(other, bytes, n);
    other[4] = other[5] = 0;
    assert_false(alike_unpack(&arena, (struct str){(const char *)other, n}, &back));
    char *many = arena_alloc(&arena, ALIKE_PACKED_MAX + ALIKE_GRAM_BYTES);
    assert_non_null(many);
    assert_false(alike_unpack(&arena, (struct str){many, ALIKE_PACKED_MAX + ALIKE_GRAM_BYTES}, &back));
}

static void test_memory(void **state) {
    (void)state;
    struct alike x = of("翠苑小区电梯停运"), y;
    unsigned char bytes[ALIKE_PACKED_MAX];
    struct str packed = {(const char *)bytes, alike_pack(&x, bytes)};
    double alike, order;
    uint32_t matters = counts->matters;
    for (long left = 0; left < 3; left++) {
        arena.fail_after = left;
        assert_false(alike_of(&arena, counts, STR("电梯"), STR("停运"), &y));
    }
    arena.fail_after = 0;
    assert_false(alike_count(&arena, counts, STR("电梯"), STR("停运")));
    assert_int_equal(counts->matters, matters);
    assert_false(alike_rank(&arena, &x, &x, 1, &alike, &order));
    assert_false(alike_unpack(&arena, packed, &y));
    arena.fail_after = -1;
}

/* While somebody types, and for every candidate: a text of 600 characters in under a millisecond, 40 comparisons in under one. */
static void test_time(void **state) {
    (void)state;
    enum { TURNS = 20, OTHERS = 40 };
    struct alike matter = long_one(600), others[OTHERS];
    double alike[OTHERS], order[OTHERS];
    for (size_t i = 0; i < OTHERS; i++) others[i] = matter;
    clock_t begin = clock();
    for (int i = 0; i < TURNS; i++) {
        long_one(600);
        assert_true(alike_rank(&arena, &matter, others, OTHERS, alike, order));
    }
    double each = (double)(clock() - begin) / CLOCKS_PER_SEC / TURNS;
    print_message("%.0f us for a text of 600 characters and %d comparisons\n", each * 1e6, OTHERS);
    assert_true(each < 0.02); /* with room for sanitizers and a busy machine */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_and_nothing),
        cmocka_unit_test(test_spelling_makes_no_difference),
        cmocka_unit_test(test_rare_words_count_more),
        cmocka_unit_test(test_title_counts_more),
        cmocka_unit_test(test_first_day),
        cmocka_unit_test(test_found_by_way_of_another),
        cmocka_unit_test(test_order_of_many),
        cmocka_unit_test(test_nearness),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_keys_are_the_heaviest),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_time),
    };
    return cmocka_run_group_tests_name("alike", tests, setup, teardown);
}
