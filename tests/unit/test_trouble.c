/* Known trouble: where it is, what it is about, whether it is now; what a disaster lets in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "arena_fixture.h"
#include "district_fixture.h"
#include "rules/trouble.h"
#include <cmocka.h>

static struct district district;

static int index_it(void **state) {
    int failed = setup(state);
    district = fixture_district();
    return failed || !district_index(&district, &arena) ? -1 : 0;
}

static struct trouble_area of_unit(int unit) { return (struct trouble_area){.unit = &units[unit]}; }
static struct trouble_area of_place(int place) { return (struct trouble_area){.place = &places[place]}; }

static void areas_are_kept_and_read_back(void **state) {
    const struct trouble_area areas[] = {of_unit(U_V1), of_place(P_C4)};
    struct trouble_area back[TROUBLE_AREAS_NOW_MAX];
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 100);
    assert_true(trouble_areas_write(&b, areas, 2));
    assert_int_equal(trouble_areas_read(&district, buf_str(&b), back), 2);
    assert_ptr_equal(back[0].unit, &units[U_V1]);
    assert_ptr_equal(back[1].place, &places[P_C4]);
    assert_int_equal(trouble_areas_read(&district, STR("u107,p1,,x7,u,u-3,u999"), back),
                     1); /* what isn't there is left out */
    assert_int_equal(trouble_areas_read(&district, STR(""), back), 0);
}

static void it_covers_what_is_below(void **state) {
    (void)state;
    const struct str v1_and_c4 = STR("u107,p204");
    assert_true(trouble_covers(&district, v1_and_c4, &places[P_C1]));
    assert_true(trouble_covers(&district, v1_and_c4, &places[P_C4]));
    assert_false(trouble_covers(&district, v1_and_c4, &places[P_V2]));
    assert_false(trouble_covers(&district, v1_and_c4, &places[P_D])); /* a place above isn't in it */
    assert_false(trouble_covers(&district, v1_and_c4, NULL));
    assert_true(trouble_covers(&district, STR("u100"), &places[P_V2]));
}

/* V3x was split into V1 and V2, V2 then merged into V4. */
static void areas_follow_what_units_become(void **state) {
    (void)state;
    static struct unit tree[U_COUNT];
    static struct place at[P_COUNT];
    struct trouble_area now[TROUBLE_AREAS_NOW_MAX];
    memcpy(tree, units, sizeof tree);
    memcpy(at, places, sizeof at);
    for (int i = 0; i < U_COUNT; i++)
        if (units[i].parent) tree[i].parent = &tree[units[i].parent - units];
    for (int i = 0; i < P_COUNT; i++) at[i].unit = &tree[places[i].unit - units];
    const struct unit *split[] = {&tree[U_V1], &tree[U_V2]}, *merged[] = {&tree[U_V4]};
    tree[U_V3X].heirs = split, tree[U_V3X].heir_count = 2;
    tree[U_V2].heirs = merged, tree[U_V2].heir_count = 1;
    struct district d = {.units = tree, .unit_count = U_COUNT, .places = at, .place_count = P_COUNT, .top = &tree[U_D]};
    assert_true(district_index(&d, &arena));
    char kept[40];
    snprintf(kept, sizeof kept, "u%d,u%d,p%d", 100 + U_V3X, 100 + U_V2, 200 + P_C2);
    assert_int_equal(trouble_areas_read(&d, str_of(kept), now), 3); /* V4 once */
    assert_ptr_equal(now[0].unit, &tree[U_V1]);
    assert_ptr_equal(now[1].unit, &tree[U_V4]);
    assert_ptr_equal(now[2].place, &at[P_C2]);
    snprintf(kept, sizeof kept, "u%d", 100 + U_V3X);
    assert_true(trouble_covers(&d, str_of(kept), &at[P_C1]));
    assert_true(trouble_covers(&d, str_of(kept), &at[P_C5X]));
    assert_false(trouble_covers(&d, str_of(kept), &at[P_D]));
}

static void a_unit_speaks_for_its_own(void **state) {
    (void)state;
    static const struct {
        int unit, area;
        bool may;
    } cases[] = {{U_T1, U_T1, true},  {U_T1, U_C2, true}, {U_V1, U_V2, false}, {U_C1, U_V1, false},
                 {U_T1, U_C4, false}, {U_D, U_C4, true},  {U_D1, U_C1, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trouble_area area = of_unit(cases[i].area);
        if (trouble_may_cover(&units[cases[i].unit], &area) != cases[i].may) fail_msg("case %zu", i);
    }
    struct trouble_area inside = of_place(P_C1), outside = of_place(P_V2);
    assert_true(trouble_may_cover(&units[U_V1], &inside));
    assert_false(trouble_may_cover(&units[U_V1], &outside));
}

static void it_is_about_a_branch_of_the_tree(void **state) {
    (void)state;
    assert_true(trouble_is_about(&district, 300 + K_WATER, &categories[K_LEAK]));
    assert_true(trouble_is_about(&district, 300 + K_LEAK, &categories[K_WATER]));
    assert_true(trouble_is_about(&district, 300 + K_LEAK, &categories[K_LEAK]));
    assert_true(trouble_is_about(&district, 300 + K_LEAK, NULL));
    assert_false(trouble_is_about(&district, 300 + K_LEAK, &categories[K_LAMP]));
    assert_false(trouble_is_about(&district, 300 + K_WATER, &categories[K_ROAD]));
    assert_false(trouble_is_about(&district, 999, &categories[K_ROAD]));
}

static void it_is_over_when_its_time_has_passed(void **state) {
    (void)state;
    assert_int_equal(trouble_state_at(TROUBLE_CURRENT, 10, 20, 9), TROUBLE_SCHEDULED);
    assert_int_equal(trouble_state_at(TROUBLE_CURRENT, 10, 20, 10), TROUBLE_CURRENT);
    assert_int_equal(trouble_state_at(TROUBLE_CURRENT, 10, 20, 19), TROUBLE_CURRENT);
    assert_int_equal(trouble_state_at(TROUBLE_CURRENT, 10, 20, 20), TROUBLE_OVER);
    assert_int_equal(trouble_state_at(TROUBLE_OVER, 10, 20, 15), TROUBLE_OVER);
    assert_int_equal(trouble_state_at(TROUBLE_WITHDRAWN, 10, 20, 15), TROUBLE_WITHDRAWN);
}

static void a_disaster_takes_what_is_listed_and_below(void **state) {
    (void)state;
    const struct str leaks = STR("301,304,999"), none = STR("");
    assert_true(disaster_takes(&district, leaks, &categories[K_LEAK]));
    assert_false(disaster_takes(&district, leaks, &categories[K_WATER]));
    assert_true(disaster_leads_to(&district, leaks, &categories[K_WATER]));
    assert_false(disaster_leads_to(&district, leaks, &categories[K_ROAD]));
    assert_true(disaster_takes(&district, STR("300"), &categories[K_LEAK]));
    assert_false(disaster_takes(&district, leaks, NULL));
    assert_false(disaster_takes(&district, none, &categories[K_LEAK]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(areas_are_kept_and_read_back, index_it, teardown),
        cmocka_unit_test_setup_teardown(it_covers_what_is_below, index_it, teardown),
        cmocka_unit_test_setup_teardown(areas_follow_what_units_become, index_it, teardown),
        cmocka_unit_test_setup_teardown(a_unit_speaks_for_its_own, index_it, teardown),
        cmocka_unit_test_setup_teardown(it_is_about_a_branch_of_the_tree, index_it, teardown),
        cmocka_unit_test_setup_teardown(it_is_over_when_its_time_has_passed, index_it, teardown),
        cmocka_unit_test_setup_teardown(a_disaster_takes_what_is_listed_and_below, index_it, teardown),
    };
    return cmocka_run_group_tests_name("trouble", tests, NULL, NULL);
}
