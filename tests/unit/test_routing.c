/* Look-ups in the district, and which unit an appeal goes to: always one, never the one complained of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "district_fixture.h"
#include "rules/routing.h"
#include <cmocka.h>

static struct arena arena;
static struct district d;

static int setup(void **state) {
    (void)state;
    arena_init(&arena, (size_t)1 << 20);
    d = fixture_district();
    return district_index(&d, &arena) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static void look_ups(void **state) {
    (void)state;
    for (int i = 0; i < U_COUNT; i++) {
        assert_ptr_equal(unit_by_id(&d, units[i].id), &units[i]);
        assert_ptr_equal(unit_by_code(&d, units[i].code), units[i].active ? &units[i] : NULL);
    }
    for (int i = 0; i < P_COUNT; i++) {
        assert_ptr_equal(place_by_id(&d, places[i].id), &places[i]);
        assert_ptr_equal(place_by_code(&d, places[i].code), places[i].active ? &places[i] : NULL);
    }
    for (int i = 0; i < K_COUNT; i++) {
        assert_ptr_equal(category_by_id(&d, categories[i].id), &categories[i]);
        assert_ptr_equal(category_by_code(&d, categories[i].code), categories[i].active ? &categories[i] : NULL);
    }
    assert_ptr_equal(reason_by_id(&d, 3), &reasons[2]);
    assert_ptr_equal(reason_by_code(&d, PURPOSE_REJECT, STR("not_here")), &reasons[0]);
    assert_ptr_equal(reason_by_code(&d, PURPOSE_RETURN, STR("not_here")), &reasons[1]);
    assert_null(reason_by_code(&d, PURPOSE_REJECT, STR("old")));
    assert_null(reason_by_code(&d, PURPOSE_UNMASK, STR("not_here")));
    assert_null(reason_by_id(&d, 0));
}

static void look_ups_that_find_nothing(void **state) {
    (void)state;
    static const int64_t ids[] = {0, -1, 99, 100 + U_COUNT, INT64_MAX, INT64_MIN};
    static const struct str codes[] = {{"", 0}, {NULL, 0}, {"d", 1}, {"D ", 2}, {"D\0", 2}, {"T", 1}, {"p-c11", 5}};
    struct district empty = {.version = 1};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        assert_null(unit_by_id(&d, ids[i]));
        assert_null(unit_by_id(&empty, ids[i]));
        assert_null(place_by_id(&d, ids[i]));
        assert_null(category_by_id(&d, ids[i]));
    }
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        assert_null(unit_by_code(&d, codes[i]));
        assert_null(unit_by_code(&empty, codes[i]));
        assert_null(place_by_code(&d, codes[i]));
        assert_null(category_by_code(&d, codes[i]));
    }
}

static void an_index_refuses_doubles_and_lack_of_memory(void **state) {
    (void)state;
    struct unit twice[2] = {units[U_D], units[U_T1]};
    struct district small = {.units = twice, .unit_count = 2, .top = &twice[0]};
    assert_true(district_index(&small, &arena));
    twice[1].id = twice[0].id;
    assert_false(district_index(&small, &arena));
    twice[1].id = 7;
    twice[1].code = twice[0].code;
    assert_false(district_index(&small, &arena));
    arena.fail_after = 2;
    twice[1].code = STR("other");
    assert_false(district_index(&small, &arena));
    arena.fail_after = -1;
    assert_true(district_index(&small, &arena));
}

static void the_tree(void **state) {
    (void)state;
    assert_true(unit_is_below(&units[U_C1], &units[U_C1]));
    assert_true(unit_is_below(&units[U_C1], &units[U_V1]));
    assert_true(unit_is_below(&units[U_C1], &units[U_D]));
    assert_true(unit_is_below(&units[U_C4], &units[U_V3X]));
    assert_false(unit_is_below(&units[U_C1], &units[U_C2]));
    assert_false(unit_is_below(&units[U_V1], &units[U_C1]));
    assert_false(unit_is_below(&units[U_C1], &units[U_V2]));
    assert_false(unit_is_below(&units[U_D1], &units[U_D2]));
    assert_false(unit_is_below(NULL, &units[U_D]));
    assert_ptr_equal(unit_at_tier(&units[U_C1], TIER_COMPOUND), &units[U_C1]);
    assert_ptr_equal(unit_at_tier(&units[U_C1], TIER_VILLAGE), &units[U_V1]);
    assert_ptr_equal(unit_at_tier(&units[U_C1], TIER_TOWN), &units[U_T1]);
    assert_ptr_equal(unit_at_tier(&units[U_C1], TIER_DISTRICT), &units[U_D]);
    assert_ptr_equal(unit_at_tier(&units[U_D1], TIER_DISTRICT), &units[U_D1]);
    assert_null(unit_at_tier(&units[U_V1], TIER_COMPOUND));
    assert_null(unit_at_tier(NULL, TIER_TOWN));
}

static void places_near(void **state) {
    (void)state;
    assert_ptr_equal(place_near(&d, 120000000, 30000000), &places[P_C1]);
    assert_ptr_equal(place_near(&d, 120000100, 30000000), &places[P_C1]); /* the one there is closed */
    assert_ptr_equal(place_near(&d, 120006000, 30000000), &places[P_C2]);
    assert_ptr_equal(place_near(&d, 120004000, 30000000), &places[P_C1]);
    assert_ptr_equal(place_near(&d, 120000000, 30011000), &places[P_V2]);
    /* The limit of five kilometres: a hundredth of a degree of latitude is 1.11 km. */
    assert_ptr_equal(place_near(&d, 120000000, 29955000), &places[P_C1]);
    assert_null(place_near(&d, 120000000, 29954000));
    assert_null(place_near(&d, 0, 0));
    assert_null(place_near(&d, -180000000, -90000000));
    assert_null(place_near(&d, 180000000, 90000000));
    struct district empty = {.version = 1};
    assert_null(place_near(&empty, 120000000, 30000000));
}

static const struct unit *routed(int category, int place, int about) {
    return route(&d, category < 0 ? NULL : &categories[category], place < 0 ? NULL : &places[place],
                 about < 0 ? NULL : &units[about]);
}

static void by_the_table(void **state) {
    (void)state;
    assert_ptr_equal(routed(K_WATER, P_C1, -1), &units[U_D1]);
    assert_ptr_equal(routed(K_LEAK, P_C1, -1), &units[U_V1]); /* its own row before its parent's */
    assert_ptr_equal(routed(K_LEAK, P_C4, -1), &units[U_D1]); /* the row's area is elsewhere: the parent's row */
    assert_ptr_equal(routed(K_LEAK, P_C2, -1), &units[U_C2]); /* the nearest area */
    assert_ptr_equal(routed(K_PET, P_C2, -1), &units[U_T1]);  /* any category, but this area */
    assert_ptr_equal(routed(-1, P_C2, -1), &units[U_T1]);
    assert_ptr_equal(routed(K_WATER, P_C2, -1), &units[U_D1]); /* the category counts before the area */
    assert_ptr_equal(routed(K_LAMP, P_C4, -1), &units[U_D2]);
    assert_ptr_equal(routed(K_WATER, -1, -1), &units[U_D1]); /* no place: a row without an area */
    assert_ptr_equal(routed(K_LEAK, -1, -1), &units[U_D1]);
}

static void by_the_chain(void **state) {
    (void)state;
    assert_ptr_equal(routed(K_PET, P_C1, -1), &units[U_C1]);
    assert_ptr_equal(routed(-1, P_C1, -1), &units[U_C1]);
    assert_ptr_equal(routed(-1, P_V2, -1), &units[U_V2]);
    assert_ptr_equal(routed(-1, P_D, -1), &units[U_D]);
    assert_ptr_equal(routed(-1, -1, -1), &units[U_D]);
    assert_ptr_equal(routed(K_PET, -1, -1), &units[U_D]);
}

static void closed_units_are_passed_over(void **state) {
    (void)state;
    assert_ptr_equal(routed(-1, P_C3X, -1), &units[U_V2]);
    assert_ptr_equal(routed(-1, P_C5X, -1), &units[U_V4]);
    assert_ptr_equal(routed(-1, P_C5X, U_V4), &units[U_D]); /* V4 complained of, T3X closed */
    assert_ptr_equal(routed(K_ROAD, P_C1, -1), &units[U_D]);
    assert_ptr_equal(routed(K_ROAD, -1, -1), &units[U_D]);
}

static void the_unit_complained_of_is_passed_over(void **state) {
    (void)state;
    assert_ptr_equal(routed(-1, P_C1, U_C1), &units[U_V1]);
    assert_ptr_equal(routed(-1, P_C1, U_V1), &units[U_T1]); /* and all below it */
    assert_ptr_equal(routed(-1, P_C1, U_T1), &units[U_D]);
    assert_ptr_equal(routed(-1, P_C1, U_C2), &units[U_C1]); /* another's matter doesn't touch it */
    assert_ptr_equal(routed(K_WATER, P_C1, U_D1), &units[U_D]);
    assert_ptr_equal(routed(K_LEAK, P_C2, U_C2), &units[U_V1]);
    assert_ptr_equal(routed(-1, P_C4, U_C4), &units[U_T2]); /* V3X is closed */
    assert_ptr_equal(routed(-1, P_C1, U_D), &units[U_D]);   /* there is nobody above the district */
}

static void upwards(void **state) {
    (void)state;
    assert_ptr_equal(route_up(&units[U_C1], NULL), &units[U_V1]);
    assert_ptr_equal(route_up(&units[U_V1], NULL), &units[U_T1]);
    assert_ptr_equal(route_up(&units[U_T1], NULL), &units[U_D]);
    assert_ptr_equal(route_up(&units[U_C4], NULL), &units[U_T2]);
    assert_ptr_equal(route_up(&units[U_V4], NULL), &units[U_D]);
    assert_ptr_equal(route_up(&units[U_C1], &units[U_V1]), &units[U_T1]);
    assert_ptr_equal(route_up(&units[U_C1], &units[U_T1]), &units[U_D]);
    assert_null(route_up(&units[U_D], NULL));
    assert_null(route_up(&units[U_D1], NULL));
    for (int i = 0; i < U_COUNT; i++) { /* by steps one always arrives at the district tier */
        const struct unit *unit = &units[i];
        int steps = 0;
        while (unit && unit->tier != TIER_DISTRICT && steps < TIER__MAX) {
            const struct unit *up = route_up(unit, NULL);
            assert_non_null(up);
            assert_true(up->active && up->tier > unit->tier && unit_is_below(unit, up));
            unit = up;
            steps++;
        }
        assert_int_equal(unit->tier, TIER_DISTRICT);
    }
}

/* Every appeal reaches a unit, always; it is open; it isn't the one complained of nor below it, but for the top. */
static void every_appeal_reaches_a_unit(void **state) {
    (void)state;
    for (int k = -1; k < K_COUNT; k++)
        for (int p = -1; p < P_COUNT; p++)
            for (int about = -1; about < U_COUNT; about++) {
                const struct unit *unit = routed(k, p, about);
                assert_non_null(unit);
                assert_true(unit->active);
                if (unit != d.top && about >= 0) assert_false(unit_is_below(unit, &units[about]));
            }
    struct district bare = {.units = units, .unit_count = 1, .top = &units[U_D]};
    assert_ptr_equal(route(&bare, NULL, NULL, NULL), &units[U_D]);
    assert_ptr_equal(route(&bare, &categories[K_LEAK], &places[P_C1], &units[U_D]), &units[U_D]);
}

static int respond_days(enum tier tier, int category, enum urgency urgency) {
    const struct clock_rule *r = clock_rule_for(&d, tier, category < 0 ? NULL : &categories[category], urgency);
    assert_non_null(r);
    return r->respond.unit == DURATION_WORKDAYS ? r->respond.n : -r->respond.n;
}

static void clock_rules(void **state) {
    (void)state;
    assert_int_equal(respond_days(TIER_VILLAGE, -1, URGENCY_NORMAL), 1);
    assert_int_equal(respond_days(TIER_VILLAGE, K_PET, URGENCY_URGENT), -30); /* round the clock, or the built-in one */
    assert_int_equal(respond_days(TIER_VILLAGE, K_PET, URGENCY_EMERGENCY), -10);
    assert_int_equal(respond_days(TIER_TOWN, K_PET, URGENCY_NORMAL), 2);
    assert_int_equal(respond_days(TIER_TOWN, K_PET, URGENCY_EMERGENCY), -10); /* the tier's row stands still at night */
    assert_int_equal(respond_days(TIER_VILLAGE, K_WATER, URGENCY_NORMAL), 3);
    assert_int_equal(respond_days(TIER_VILLAGE, K_WATER, URGENCY_EMERGENCY), -10); /* so does the category's */
    assert_int_equal(respond_days(TIER_TOWN, K_WATER, URGENCY_NORMAL), 3);
    assert_int_equal(respond_days(TIER_TOWN, K_WATER, URGENCY_URGENT), 4);
    assert_int_equal(respond_days(TIER_TOWN, K_LEAK, URGENCY_URGENT), 5); /* its own row before its parent's */
    assert_int_equal(respond_days(TIER_TOWN, K_LEAK, URGENCY_NORMAL), 3);
    static const struct clock_rule awake[] = {
        {0, NULL, URGENCY_URGENT, {1, DURATION_MINUTES}, {1, DURATION_MINUTES}, {1, DURATION_MINUTES}},
        {TIER_TOWN, NULL, -1, {2, DURATION_MINUTES}, {2, DURATION_MINUTES}, {2, DURATION_MINUTES}},
        {TIER_TOWN, &categories[K_PET], -1, {3, DURATION_MINUTES}, {3, DURATION_MINUTES}, {3, DURATION_WORKDAYS}},
    };
    struct district none = {.version = 1}, round = {.version = 1, .clocks = awake, .clock_count = 3};
    assert_ptr_equal(clock_rule_for(&round, TIER_VILLAGE, NULL, URGENCY_URGENT), &awake[0]);
    assert_ptr_equal(clock_rule_for(&round, TIER_TOWN, NULL, URGENCY_URGENT),
                     &awake[1]); /* the tier before the urgency */
    assert_ptr_equal(clock_rule_for(&round, TIER_TOWN, &categories[K_PET], URGENCY_URGENT), &awake[1]);
    assert_ptr_equal(clock_rule_for(&round, TIER_TOWN, &categories[K_PET], URGENCY_NORMAL), &awake[2]);
    assert_int_equal(clock_rule_for(&none, TIER_TOWN, NULL, URGENCY_URGENT)->resolve.n, 24 * 60);
    assert_int_equal(clock_rule_for(&none, TIER_TOWN, NULL, URGENCY_EMERGENCY)->step.unit, DURATION_MINUTES);
    const struct clock_rule *built = clock_rule_for(&none, TIER_TOWN, NULL, URGENCY_NORMAL);
    assert_int_equal(built->respond.n, 120);
    assert_int_equal(built->respond.unit, DURATION_WORK_MINUTES);
    assert_int_equal(built->resolve.n, 5);
    assert_int_equal(built->resolve.unit, DURATION_WORKDAYS);
    assert_int_equal(built->step.n, 1);
    assert_int_equal(built->step.unit, DURATION_WORKDAYS);
}

static void categories_suggested(void **state) {
    (void)state;
    assert_ptr_equal(suggest_category(&d, STR("楼上漏水，已经三天")), &categories[K_LEAK]);
    assert_ptr_equal(suggest_category(&d, STR("小区停水，水压也小")), &categories[K_WATER]);
    assert_ptr_equal(suggest_category(&d, STR("路灯坏了")), &categories[K_LAMP]);
    assert_ptr_equal(suggest_category(&d, STR("路面坑洼，路灯不亮")), &categories[K_ROAD]);
    assert_null(suggest_category(&d, STR("烟花太吵"))); /* only a closed category knows the word */
    assert_null(suggest_category(&d, STR("谢谢")));
    assert_null(suggest_category(&d, STR("")));
    assert_null(suggest_category(&d, STR(",")));
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_ups),
        cmocka_unit_test(look_ups_that_find_nothing),
        cmocka_unit_test(an_index_refuses_doubles_and_lack_of_memory),
        cmocka_unit_test(the_tree),
        cmocka_unit_test(places_near),
        cmocka_unit_test(by_the_table),
        cmocka_unit_test(by_the_chain),
        cmocka_unit_test(closed_units_are_passed_over),
        cmocka_unit_test(the_unit_complained_of_is_passed_over),
        cmocka_unit_test(upwards),
        cmocka_unit_test(every_appeal_reaches_a_unit),
        cmocka_unit_test(clock_rules),
        cmocka_unit_test(categories_suggested),
    };
    return cmocka_run_group_tests_name("routing", tests, setup, teardown);
}
