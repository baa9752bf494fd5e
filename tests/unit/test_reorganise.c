/* Tests of a reorganisation's file: every fault is told with its line; and of whose a matter is when its unit has ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "acts/reorganise.h"
#include "arena_fixture.h"
#include "district_fixture.h"
#include "rules/permissions.h"
#include "rules/succession.h"

#include <stdio.h>
#include <cmocka.h>

#define HEAD "act\tcode\tto_code\tname\tname_en\tshare\n"

static const struct row_unit known_units[] = {
    {.id = 1, .code = {"d", 1}, .name = {"区", 3}, .tier = TIER_DISTRICT, .kind = UNIT_GOVERNMENT, .active = 1},
    {.id = 2, .code = {"t", 1}, .name = {"镇", 3}, .tier = TIER_TOWN, .kind = UNIT_TOWN, .parent_id = 1, .active = 1},
    {.id = 3,
     .code = {"v1", 2},
     .name = {"甲", 3},
     .tier = TIER_VILLAGE,
     .kind = UNIT_VILLAGE,
     .parent_id = 2,
     .active = 1},
    {.id = 4,
     .code = {"v2", 2},
     .name = {"乙", 3},
     .tier = TIER_VILLAGE,
     .kind = UNIT_VILLAGE,
     .parent_id = 2,
     .active = 1},
    {.id = 5,
     .code = {"v3", 2},
     .name = {"丙", 3},
     .tier = TIER_VILLAGE,
     .kind = UNIT_VILLAGE,
     .parent_id = 2,
     .active = 1},
    {.id = 6, .code = {"gone", 4}, .name = {"丁", 3}, .tier = TIER_VILLAGE, .kind = UNIT_VILLAGE, .parent_id = 2},
    {.id = 7,
     .code = {"c1", 2},
     .name = {"小区", 6},
     .tier = TIER_COMPOUND,
     .kind = UNIT_COMPOUND,
     .parent_id = 3,
     .active = 1},
    {.id = 8,
     .code = {"e1", 2},
     .name = {"局", 3},
     .tier = TIER_DISTRICT,
     .kind = UNIT_DEPARTMENT,
     .parent_id = 1,
     .active = 1},
    {.id = 9,
     .code = {"e2", 2},
     .name = {"科", 3},
     .tier = TIER_DISTRICT,
     .kind = UNIT_DEPARTMENT,
     .parent_id = 8,
     .active = 1},
};
static const struct row_place known_places[] = {{.id = 1, .code = {"p1", 2}, .unit_id = 3, .active = 1},
                                                {.id = 2, .code = {"p2", 2}, .unit_id = 4, .active = 1}};
static const struct row_category known_categories[] = {{.id = 1, .code = {"noise", 5}, .active = 1}};
static const struct row_post known_posts[] = {{.staff_id = {1}, .unit_id = 3, .role = ROLE_HANDLER}};
static struct import_person people[] = {{.id = {1}, .code = {"E1", 2}}, {.id = {2}, .code = {"E2", 2}}};
static const struct import_known known = {.units = known_units,
                                          .places = known_places,
                                          .categories = known_categories,
                                          .posts = known_posts,
                                          .people = people,
                                          .unit_count = 9,
                                          .place_count = 2,
                                          .category_count = 1,
                                          .post_count = 1,
                                          .person_count = 2};

static struct import_problems problems;
static struct reorganisation plan;

static void check(const char *text) {
    struct import_data *data = ARENA_NEW(&arena, struct import_data);
    assert_non_null(data);
    problems = (struct import_problems){.arena = &arena};
    import_parse(IMPORT_REORGANISATION, str_of(text), data, &problems, &arena);
    assert_true(reorganisation_check(&known, &data->tables[IMPORT_REORGANISATION], &problems, &arena, &plan));
    import_sort_problems(&problems);
}

static void good(const char *text) {
    check(text);
    for (size_t i = 0; i < problems.n; i++)
        print_error("%lld: %s\n", (long long)problems.list[i].line, problems.list[i].reason);
    assert_int_equal(problems.n, 0);
}

/* One fault, with its line and words of it. */
static void bad(const char *rows, int64_t line, const char *words) {
    const char *text = arena_printf(&arena, HEAD "%s", rows);
    check(text);
    bool told = problems.n == 1 && problems.list[0].line == line && strstr(problems.list[0].reason, words);
    for (size_t i = 0; !told && i < problems.n; i++)
        print_error("%lld: %s\n", (long long)problems.list[i].line, problems.list[i].reason);
    if (!told) fail_msg("%s: expected \"%s\" in line %lld, got %zu faults", rows, words, (long long)line, problems.n);
}

static struct reorganised_unit *unit(const char *code) {
    for (size_t i = 0; i < plan.unit_count; i++)
        if (str_is(plan.units[i].code, code)) return &plan.units[i];
    fail_msg("no %s", code);
    return NULL;
}

static void a_merge_into_a_new_unit(void **state) {
    (void)state;
    good(HEAD
         "new\tv9\tt\t新\tNew\t\nmerge\tv1\tv9\t\t\t\nmerge\tv2\tv9\t\t\t\n# a word between\nrename\tv3\t\t丙丙\t\t\n");
    assert_int_equal(unit("v9")->tier, TIER_VILLAGE);
    assert_int_equal(unit("v9")->kind, UNIT_VILLAGE);
    assert_ptr_equal(unit("v9")->parent, unit("t"));
    assert_ptr_equal(unit("v1")->heirs[0], unit("v9"));
    assert_int_equal(unit("v2")->shares[0], 100);
    assert_int_equal(unit("v3")->heir_count, 0);
}

static void a_split_by_all_that_can_be_said(void **state) {
    (void)state;
    good(HEAD
         "split\tv1\tv2\t\t\t60\nsplit\tv1\tv3\t\t\t40\nplace\tp1\tv3\t\t\t\nunit\tc1\tv3\t\t\t\npost\tE1\tv3\t\t\t\n"
         "category\tnoise\tv3\t\t\t\n");
    assert_int_equal(unit("v1")->heir_count, 2);
    assert_int_equal(unit("v1")->shares[1], 40);
    good(HEAD "new\tv8\tt\t东\t\t\nsplit\tv1\tv8\t\t\t\nsplit\tv1\tv2\t\t\t\nsplit\tv1\tv3\t\t\t\n");
    assert_int_equal(unit("v1")->shares[0], 34);
    assert_int_equal(unit("v1")->shares[2], 33);
}

static void what_a_row_needs(void **state) {
    (void)state;
    bad("fold\tv1\tv2\t\t\t\n", 2, "is not one of new");
    bad("merge\t\tv2\t\t\t\n", 2, "is empty");
    bad("merge\tv1\t\t\t\t\n", 2, "is empty, which merge needs");
    bad("merge\tv1\tv2\t名\t\t\n", 2, "has no meaning for merge");
    bad("merge\tv1\tv2\t\t\t50\n", 2, "has no meaning for merge");
    bad("rename\tv1\tv2\t名\t\t\n", 2, "has no meaning for rename");
    bad("rename\tv1\t\t\t\t\n", 2, "is empty, which rename needs");
    bad("merge\tv1\tv2\n", 2, "has 3 columns where 6 are needed");
    bad("", 1, "no row follows");
    check("act\tcode\n");
    assert_int_equal(problems.n, 1);
}

static void who_can_end_and_become(void **state) {
    (void)state;
    bad("merge\tnobody\tv2\t\t\t\n", 2, "no unit has the code");
    bad("merge\tv1\tnobody\t\t\t\n", 2, "no unit has the code");
    bad("merge\tgone\tv2\t\t\t\n", 2, "has ended already");
    bad("merge\tv1\tgone\t\t\t\n", 2, "has ended already");
    bad("merge\tv1\tv1\t\t\t\n", 2, "is the unit itself");
    bad("merge\td\te1\t\t\t\n", 2, "is the district itself");
    bad("merge\te1\te2\t\t\t\n", 2, "is below it");
    good(HEAD "merge\te2\te1\t\t\t\n");
    bad("merge\tv1\tt\t\t\t\n", 2, "is of tier town");
    bad("merge\tv1\tv2\t\t\t\nmerge\tv1\tv3\t\t\t\n", 3, "ends in an earlier line already");
    bad("merge\tv1\tv2\t\t\t\nmerge\tv2\tv3\t\t\t\n", 2, "ends by this file itself");
    bad("new\tv1\tt\t甲\t\t\n", 2, "there is a unit");
    bad("new\tv9\tt\t新\t\t\n", 2, "nothing is merged or split");
    bad("new\tv9\tc1\t新\t\t\nmerge\tv1\tv9\t\t\t\n", 2, "which is not above");
    bad("new\tv9\tv2\t新\t\t\nmerge\tv2\tv3\t\t\t\nmerge\tc1\tv9\t\t\t\n", 2, "ends by this file");
    check(HEAD "new\ta\tb\t新\t\t\nnew\tb\ta\t新\t\t\nmerge\te2\ta\t\t\t\nmerge\te1\tb\t\t\t\n");
    assert_int_equal(problems.n, 2); /* each is above itself */
}

static void how_one_is_split(void **state) {
    (void)state;
    bad("split\tv1\tv2\t\t\t\n", 2, "into one unit only");
    bad("split\tv1\tv2\t\t\t\nsplit\tv1\tv2\t\t\t\nsplit\tv1\tv3\t\t\t\n", 3, "same as in an earlier line");
    bad("split\tv1\tv2\t\t\t60\nsplit\tv1\tv3\t\t\t50\n", 2, "adds up to 110");
    bad("split\tv1\tv2\t\t\t60\nsplit\tv1\tv3\t\t\t\n", 2, "for some of its units");
    bad("split\tv1\tv2\t\t\t0\nsplit\tv1\tv3\t\t\t\nsplit\tv1\tv2\t\t\t\n", 2, "not a number of percent");
    bad("split\tv1\tv2\t\t\t\nsplit\tv1\tv3\t\t\t\nplace\tp2\tv3\t\t\t\n", 4, "of no unit that this file splits");
    bad("split\tv1\tv2\t\t\t\nsplit\tv1\tv3\t\t\t\nplace\tp9\tv3\t\t\t\n", 4, "no place has the code");
    bad("split\tv1\tv2\t\t\t\nsplit\tv1\tv3\t\t\t\nplace\tp1\tt\t\t\t\n", 4, "is not split into");
    bad("split\tv1\tv2\t\t\t\nsplit\tv1\tv3\t\t\t\nplace\tp1\tv2\t\t\t\nplace\tp1\tv3\t\t\t\n", 5,
        "the same as in line 4");
    bad("split\tv1\tv2\t\t\t\nsplit\tv1\tv3\t\t\t\npost\tE9\tv3\t\t\t\n", 4, "nobody has this employee code");
    bad("split\tv1\tv2\t\t\t\nsplit\tv1\tv3\t\t\t\npost\tE2\tv3\t\t\t\n", 4, "has no post in a unit that is split");
    bad("split\tv1\tv2\t\t\t\nsplit\tv1\tv3\t\t\t\ncategory\tnoise\tt\t\t\t\n", 4, "nothing is split into");
    bad("merge\tv1\tv2\t\t\t\nunit\tc1\tv2\t\t\t\n", 3, "of no unit that this file splits");
    bad("rename\tv1\t\t甲\t\t\n", 2, "is its name already");
    bad("merge\tv1\tv2\t\t\t\nrename\tv1\t\t名\t\t\n", 3, "ends by this file");
}

/* ---- whose a matter is ---- */

static void heirs_of_a_unit(void **state) {
    (void)state;
    static struct unit tree[U_COUNT];
    static struct place at[P_COUNT];
    memcpy(tree, units, sizeof tree);
    memcpy(at, places, sizeof at);
    for (int i = 0; i < U_COUNT; i++)
        if (units[i].parent) tree[i].parent = &tree[units[i].parent - units];
    for (int i = 0; i < P_COUNT; i++) at[i].unit = &tree[places[i].unit - units];
    struct district d = {.units = tree, .unit_count = U_COUNT, .places = at, .place_count = P_COUNT, .top = &tree[U_D]};
    assert_true(district_index(&d, &arena) && routing_index(&d, NULL, 0, &arena));
    /* V3x was split into V1 and V2, C5x merged into C4, which had been C3x before that one ended. */
    const struct unit *split[] = {&tree[U_V1], &tree[U_V2]}, *merged[] = {&tree[U_C3X]}, *later[] = {&tree[U_C4]};
    tree[U_V3X].heirs = split, tree[U_V3X].heir_count = 2;
    tree[U_C5X].heirs = merged, tree[U_C5X].heir_count = 1;
    tree[U_C3X].heirs = later, tree[U_C3X].heir_count = 1;

    struct matter m = {.channel = CHANNEL_ZLB, .kind = KIND_HELP};
    assert_ptr_equal(succession_heir(&d, &tree[U_V3X], &m), &tree[U_V1]); /* the first */
    m.place = &at[P_V2];
    assert_ptr_equal(succession_heir(&d, &tree[U_V3X], &m), &tree[U_V2]);
    m.place = &at[P_C4];
    assert_ptr_equal(succession_heir(&d, &tree[U_C5X], &m), &tree[U_C4]); /* by way of one that ended, too */
    assert_ptr_equal(succession_heir(&d, &tree[U_V4], &m), &tree[U_V4]);
    /* One complained of is passed over, and what became of it as well. */
    m = (struct matter){.channel = CHANNEL_ZLB, .kind = KIND_COMPLAIN, .about = &tree[U_C5X]};
    assert_true(unit_conflicted(&tree[U_C4], &tree[U_C5X]) && unit_complained_of(&tree[U_C4], &tree[U_C5X]));
    assert_false(unit_conflicted(&tree[U_C5X], &tree[U_C4]));
    assert_ptr_equal(succession_heir(&d, &tree[U_C5X], &m), &tree[U_T2]); /* its own is closed */

    assert_true(unit_stands_for(&tree[U_C4], &tree[U_C5X]) && unit_stands_for(&tree[U_C4], &tree[U_C4]));
    assert_false(unit_stands_for(&tree[U_C5X], &tree[U_C4]) || unit_stands_for(&tree[U_C4], NULL));
    const struct asker asker = {.kind = ACTOR_STAFF, .unit = &tree[U_C4], .role = ROLE_DISPATCHER};
    static const uint8_t nobody[16] = {9};
    struct appeal_ties ties = {nobody, nobody, nobody, &tree[U_C5X], &tree[U_C5X], NULL, false, false};
    assert_int_equal(relations_of(&asker, &ties), REL_HANDLER | REL_DISPATCHER);
    ties.holder = &tree[U_V1];
    assert_int_equal(relations_of(&asker, &ties), REL_FIRST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_merge_into_a_new_unit), cmocka_unit_test(a_split_by_all_that_can_be_said),
        cmocka_unit_test(what_a_row_needs),        cmocka_unit_test(who_can_end_and_become),
        cmocka_unit_test(how_one_is_split),        cmocka_unit_test(heirs_of_a_unit),
    };
    return cmocka_run_group_tests_name("reorganise", tests, setup, teardown);
}
