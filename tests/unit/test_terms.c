/* Terms that matters are searched by, and the sets of matters that have them. */
#include "base/utf8.h"
#include "rules/letters.h"
#include "rules/postings.h"
#include "rules/terms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 4200 };

static size_t letters_of(const char *text, int64_t *out) { return term_sort(out, term_letters(str_of(text), out)); }

/* Whether a matter of this text, address and number fits what somebody types. */
static bool fits(const char *text, const char *number, const char *q) {
    static int64_t has[ROOM + TERM_TRAITS_MAX];
    static struct term_search s;
    size_t n = letters_of(text, has);
    const struct term_matter matter = {.number = str_of(number)};
    n += term_traits(&matter, has + n);
    s.n = 0;
    if (!term_need_text(&s, str_of(q))) return false;
    for (size_t i = 0; i < s.n; i++) {
        bool any = false;
        for (size_t k = 0; k < s.groups[i].n; k++)
            for (size_t at = 0; at < n; at++) any |= has[at] == s.groups[i].any[k];
        if (!any) return false;
    }
    return true;
}

static void a_text_has_its_letters_and_pairs(void **state) {
    (void)state;
    int64_t out[32];
    assert_int_equal(term_letters(STR("停水"), out), 3);
    assert_int_equal(out[0], term_of(TERM_LETTERS, 0x505C));
    assert_int_equal(out[1], term_of(TERM_LETTERS, 0x6C34));
    assert_int_equal(out[2], term_of(TERM_LETTERS, INT64_C(0x505C) << 21 | 0x6C34));
    assert_int_equal(term_letters(STR(""), out), 0);
    assert_int_equal(term_letters(STR("。，!"), out), 0);
    assert_int_equal(letters_of("水水水", out), 2);
    assert_int_equal(letters_of("停，水", out), 3);
    /* Four bytes, beyond the letters that two bytes hold. */
    assert_int_equal(term_letters(STR("𠮷野家"), out), 5);
    assert_int_equal(out[2], term_of(TERM_LETTERS, INT64_C(0x20BB7) << 21 | 0x91CE));
}

static void what_somebody_types_is_found(void **state) {
    (void)state;
    static const struct {
        const char *text, *q;
        bool fits;
    } cases[] = {
        {"地下室漏水", "漏水", true},
        {"地下室漏水", "水漏", false},
        {"地下室漏水", "水", true},
        {"地下室漏水", "火", false},
        {"地下室漏水", "地下室 漏水", true},
        {"地下室漏水", "漏水，地下", true},
        {"地下室漏水", "漏水 停电", false},
        {"三号楼WiFi信号差", "wifi", true},
        {"三号楼WiFi信号差", "ＷＩＦＩ", true},
        {"三号楼WiFi信号差", "号楼wi", true},
        {"7幢502室", "７幢", true},
        {"7幢502室", "502", true},
        {"7幢502室", "503", false},
        {"停\n水", "停水", true},
        {"停水。电也停了", "水电", true},
        {"𠮷野家门口", "𠮷野", true},
        {"水管爆了💧💧", "💧", true},
        {"水管爆了", "💧", false},
        {"a", "a", true},
        {"漏水", "。", false},
        {"漏水", "", false},
        {"漏水", "   ", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (fits(cases[i].text, "20261124-000123", cases[i].q) != cases[i].fits)
            fail_msg("%s in %s", cases[i].q, cases[i].text);
}

static void a_number_is_found_whole_or_by_its_end(void **state) {
    (void)state;
    static const struct {
        const char *q;
        bool fits;
    } cases[] = {
        {"20261124-000123", true},   {" 20261124-000123\n", true}, {"000123", true},      {"0123", true},
        {"20261124-000124", false},  {"20261125-000123", false},   {"000124", false},     {"123", false},
        {"20261124-0001234", false}, {"20261124-", false},         {"20261124", false},   {"-000123", true},
        {"99999999999999", false},   {"20261124-00012x", false},   {"漏水 000123", true}, {"停电 000123", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (fits("漏水", "20261124-000123", cases[i].q) != cases[i].fits) fail_msg("%s", cases[i].q);
    assert_true(fits("电话尾号000124", "20261124-000123", "000124"));
    assert_true(fits("漏水", "20261124-1234567", "20261124-1234567"));
}

static void a_long_text_is_so_many_groups(void **state) {
    (void)state;
    struct term_search s = {.n = 0};
    char q[601];
    for (size_t i = 0; i < 600; i++) q[i] = (char)('a' + i % 26);
    q[600] = 0;
    assert_true(term_need_text(&s, str_of(q)));
    assert_int_equal(s.n, TERM_LETTERS_MAX);
    /* And there is an end to what one search asks. */
    while (term_need(&s, TERM_STATE, 1)) assert_true(s.n <= TERM_GROUPS_MAX);
    assert_int_equal(s.n, TERM_GROUPS_MAX);
    assert_false(term_need_text(&s, STR("水")));
    assert_false(term_need_box(&s, 120000000, 30000000, 120001000, 30001000));
}

static bool among(int64_t term, const int64_t *of, size_t n) {
    while (n--)
        if (of[n] == term) return true;
    return false;
}

static void traits_say_what_may_change(void **state) {
    (void)state;
    const struct unit district = {.id = 1}, town = {.id = 2, .parent = &district}, village = {.id = 3, .parent = &town};
    const struct category noise = {.id = 7}, life = {.id = 8, .parent = &noise};
    const struct place place = {.lng = 120155000, .lat = 30274000};
    const struct term_matter m = {.holder = &town,
                                  .first = &village,
                                  .category = &life,
                                  .place = &place,
                                  .number = STR("20261124-000123"),
                                  .parts = STR("4,17"),
                                  .state = 2,
                                  .is_open = 1,
                                  .kind = 3,
                                  .tier = 3,
                                  .channel = 1,
                                  .weight = 3};
    int64_t out[TERM_TRAITS_MAX];
    size_t n = term_traits(&m, out);
    const int64_t has[] = {term_of(TERM_WEIGHT, 3),   term_of(TERM_HOLDER, 2),  term_of(TERM_BELOW, 2),
                           term_of(TERM_BELOW, 1),    term_of(TERM_FIRST, 3),   term_of(TERM_CATEGORY, 7),
                           term_of(TERM_CATEGORY, 8), term_of(TERM_STATE, 2),   term_of(TERM_OPEN, 1),
                           term_of(TERM_OVERDUE, 2),  term_of(TERM_KIND, 3),    term_of(TERM_TIER, 3),
                           term_of(TERM_CHANNEL, 1),  term_of(TERM_URGENCY, 0), term_of(TERM_TAIL, 123),
                           term_of(TERM_PART, 4),     term_of(TERM_PART, 17)};
    const int64_t has_not[] = {term_of(TERM_BELOW, 3), term_of(TERM_HOLDER, 1), term_of(TERM_OPEN, 2),
                               term_of(TERM_STARS, 0), term_of(TERM_OUTCOME, 0)};
    for (size_t i = 0; i < sizeof has / sizeof *has; i++) assert_true(among(has[i], out, n));
    for (size_t i = 0; i < sizeof has_not / sizeof *has_not; i++) assert_false(among(has_not[i], out, n));
    for (size_t i = 1; i < n; i++) assert_true(out[i - 1] < out[i]);
}

static void stars_are_none_once_it_is_closed(void **state) {
    (void)state;
    const struct {
        int64_t state, stars;
        bool has;
    } cases[] = {
        {STATE_RESOLVED, 0, false}, {STATE_CLOSED, 0, true}, {STATE_CLOSED, 3, true}, {STATE_WITHDRAWN, 0, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct term_matter m = {.number = STR(""), .state = cases[i].state, .stars = cases[i].stars};
        int64_t out[TERM_TRAITS_MAX];
        size_t n = term_traits(&m, out);
        assert_int_equal(among(term_of(TERM_STARS, cases[i].stars), out, n), cases[i].has);
        if (cases[i].stars) assert_false(among(term_of(TERM_STARS, 0), out, n));
    }
}

/* A point, or its place's where it has none, is in every rectangle that holds it. */
static void a_rectangle_holds_what_lies_in_it(void **state) {
    (void)state;
    const struct place place = {.lng = 120155000, .lat = 30274000};
    const struct term_matter at_place = {.place = &place},
                             at_point = {.place = &place, .lng = 120300000, .lat = 30100000};
    static const struct {
        int64_t west, south, east, north;
        bool place, point;
    } cases[] = {{120154000, 30273000, 120156000, 30275000, true, false},
                 {120155000, 30274000, 120155000, 30274000, true, false},
                 {120299999, 30099999, 120300001, 30100001, false, true},
                 {120000000, 30000000, 120400000, 30300000, true, true},
                 {73000000, 3000000, 136000000, 54000000, true, true},
                 {121000000, 30000000, 121010000, 30010000, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct term_matter *const matters[] = {&at_place, &at_point};
        const bool want[] = {cases[i].place, cases[i].point};
        for (size_t k = 0; k < 2; k++) {
            int64_t out[TERM_TRAITS_MAX];
            size_t n = term_traits(matters[k], out);
            struct term_search s = {.n = 0};
            assert_true(term_need_box(&s, cases[i].west, cases[i].south, cases[i].east, cases[i].north));
            bool any = !s.n;
            for (size_t g = 0; s.n && g < s.groups[0].n; g++) any |= among(s.groups[0].any[g], out, n);
            assert_int_equal(any, want[k]);
        }
    }
}

static void sets_come_back_as_they_went(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 1000, 1023, 1024, 1025, 5000, POSTING_BLOCK};
    static unsigned char bytes[POSTING_BYTES_MAX];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct posting_set set = {0}, back = {0};
        for (size_t k = 0; k < sizes[i]; k++) posting_add(&set, (uint32_t)(k * 7919 % POSTING_BLOCK));
        size_t n = posting_pack(&set, bytes);
        assert_int_equal(n, sizes[i] < 1024 ? sizes[i] * 2 : POSTING_BYTES_MAX);
        assert_true(posting_unpack((struct str){(const char *)bytes, n}, &back));
        assert_memory_equal(&set, &back, sizeof set);
        assert_int_equal(posting_count(&back), sizes[i]);
        for (size_t k = 0; k < sizes[i]; k++) posting_remove(&back, (uint32_t)(k * 7919 % POSTING_BLOCK));
        assert_int_equal(posting_count(&back), 0);
    }
}

static void a_set_is_cut_to_a_range(void **state) {
    (void)state;
    static const int64_t ranges[][2] = {{0, POSTING_BLOCK - 1},
                                        {-5, 1 << 20},
                                        {0, 0},
                                        {63, 64},
                                        {64, 127},
                                        {65, 126},
                                        {1000, 1003},
                                        {1001, 1001},
                                        {5, 3},
                                        {700, 100},
                                        {-9, -1},
                                        {POSTING_BLOCK, 1 << 20},
                                        {POSTING_BLOCK - 1, POSTING_BLOCK - 1}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        struct posting_set set = {0};
        for (uint32_t k = 0; k < POSTING_BLOCK; k++)
            if (k % 3 != 1) posting_add(&set, k);
        posting_between(&set, ranges[i][0], ranges[i][1]);
        for (int64_t k = 0; k < POSTING_BLOCK; k++)
            assert_int_equal(posting_has(&set, (uint32_t)k), k % 3 != 1 && k >= ranges[i][0] && k <= ranges[i][1]);
    }
}

static void bytes_that_are_no_set_are_refused(void **state) {
    (void)state;
    static char all[POSTING_BYTES_MAX + 2];
    static const struct str bad[] = {{"\0\1\0", 3},
                                     {"\0\2\0\1", 4},
                                     {"\0\1\0\1", 4},
                                     {"\100\0", 2},
                                     {"\377\377", 2},
                                     {all, POSTING_BYTES_MAX + 2},
                                     {all, POSTING_BYTES_MAX - 2}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct posting_set set = {0};
        assert_false(posting_unpack(bad[i], &set));
    }
}

static void sets_are_joined_and_cut(void **state) {
    (void)state;
    struct posting_set a = {0}, b = {0};
    assert_true(posting_unpack(STR("\0\1\0\3"), &a));
    assert_true(posting_unpack(STR("\0\5"), &a)); /* beside what is in it */
    assert_true(posting_unpack(STR("\0\3\0\4\0\5"), &b));
    posting_keep(&a, &b);
    assert_int_equal(posting_count(&a), 2);
    assert_true(posting_has(&a, 3) && posting_has(&a, 5) && !posting_has(&a, 1) && !posting_has(&a, 4));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(stars_are_none_once_it_is_closed),
                                       cmocka_unit_test(a_text_has_its_letters_and_pairs),
                                       cmocka_unit_test(what_somebody_types_is_found),
                                       cmocka_unit_test(a_number_is_found_whole_or_by_its_end),
                                       cmocka_unit_test(a_long_text_is_so_many_groups),
                                       cmocka_unit_test(traits_say_what_may_change),
                                       cmocka_unit_test(a_rectangle_holds_what_lies_in_it),
                                       cmocka_unit_test(sets_come_back_as_they_went),
                                       cmocka_unit_test(a_set_is_cut_to_a_range),
                                       cmocka_unit_test(bytes_that_are_no_set_are_refused),
                                       cmocka_unit_test(sets_are_joined_and_cut)};
    return cmocka_run_group_tests_name("terms", tests, NULL, NULL);
}
