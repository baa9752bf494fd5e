/* Gaps and overlaps of a rota, against counting each hour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/rota.h"

#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { HOURS = 24, MAX = 30 };

static void expect(const struct span *given, size_t n, const struct span *gaps, size_t gap_count,
                   const struct span *overlaps, size_t overlap_count) {
    struct span copy[8], found[MAX];
    assert_true(n <= 8);
    if (n) memcpy(copy, given, n * sizeof *given);
    size_t count = rota_gaps(copy, n, (struct span){0, HOURS}, found, MAX);
    assert_int_equal(count, gap_count);
    if (count) assert_memory_equal(found, gaps, count * sizeof *gaps);
    count = rota_overlaps(copy, n, (struct span){0, HOURS}, found, MAX);
    assert_int_equal(count, overlap_count);
    if (count) assert_memory_equal(found, overlaps, count * sizeof *overlaps);
}
#define LIST(...) (const struct span[]){__VA_ARGS__}, sizeof((struct span[]){__VA_ARGS__}) / sizeof(struct span)
#define NONE NULL, 0

static void small_ones(void **state) {
    (void)state;
    expect(NONE, LIST({0, 24}), NONE);
    expect(LIST({0, 24}), NONE, NONE);
    expect(LIST({-5, 30}), NONE, NONE);
    expect(LIST({12, 24}, {0, 12}), NONE, NONE); /* one after the other, in any order */
    expect(LIST({2, 8}, {10, 20}), LIST({0, 2}, {8, 10}, {20, 24}), NONE);
    expect(LIST({0, 10}, {8, 24}), NONE, LIST({8, 10}));
    expect(LIST({0, 24}, {3, 4}, {4, 6}), NONE, LIST({3, 6}));
    expect(LIST({0, 20}, {2, 10}, {5, 8}), LIST({20, 24}), LIST({2, 10}));
    expect(LIST({5, 5}, {-9, -1}, {24, 30}), LIST({0, 24}), NONE); /* empty, over, not yet */
}

/* Any spans: each hour is in a gap where nobody covers it, in an overlap where two do. */
static void as_counted(void **state) {
    (void)state;
    uint32_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        struct span spans[6], found[MAX];
        int covered[HOURS] = {0}, told[HOURS] = {0};
        size_t n = (size_t)round % 7;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            spans[i].from = (int64_t)(seed >> 16) % 28 - 2;
            seed = seed * 1664525u + 1013904223u;
            spans[i].until = spans[i].from + (int64_t)(seed >> 16) % 10;
            for (int64_t h = spans[i].from; h < spans[i].until; h++)
                if (h >= 0 && h < HOURS) covered[h]++;
        }
        size_t gaps = rota_gaps(spans, n, (struct span){0, HOURS}, found, MAX);
        for (size_t i = 0; i < gaps; i++)
            for (int64_t h = found[i].from; h < found[i].until; h++) told[h] += 1;
        size_t overlaps = rota_overlaps(spans, n, (struct span){0, HOURS}, found, MAX);
        for (size_t i = 0; i < overlaps; i++) {
            if (i) assert_true(found[i].from > found[i - 1].until); /* joined where they touch */
            for (int64_t h = found[i].from; h < found[i].until; h++) told[h] += 100;
        }
        for (int h = 0; h < HOURS; h++) assert_int_equal(told[h], covered[h] == 0 ? 1 : covered[h] == 1 ? 0 : 100);
    }
}

static void no_more_than_there_is_room_for(void **state) {
    (void)state;
    struct span spans[] = {{1, 2}, {3, 4}, {5, 6}}, found[2];
    assert_int_equal(rota_gaps(spans, 3, (struct span){0, HOURS}, found, 2), 2);
    assert_int_equal(found[1].until, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_ones),
        cmocka_unit_test(as_counted),
        cmocka_unit_test(no_more_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
