/* What a matter weighs: each fact's least, the category's own, and what was reported before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "district_fixture.h"
#include "rules/weight.h"
#include <cmocka.h>

static const struct category top = {.weight = WEIGHT_SMALL}, below = {.parent = &top},
                             hard = {.parent = &top, .weight = WEIGHT_HARD},
                             micro = {.parent = &top, .weight = WEIGHT_MICRO}, says_nothing = {.weight = WEIGHT_NONE};

static void by_category(void **state) {
    (void)state;
    assert_int_equal(weigh(&(struct weighing){.people = 1}), WEIGHT_MICRO);
    assert_int_equal(weigh(&(struct weighing){.category = &says_nothing, .people = 1}), WEIGHT_MICRO);
    assert_int_equal(weigh(&(struct weighing){.category = &top, .people = 1}), WEIGHT_SMALL);
    assert_int_equal(weigh(&(struct weighing){.category = &below, .people = 1}), WEIGHT_SMALL);
    assert_int_equal(weigh(&(struct weighing){.category = &hard, .people = 1}), WEIGHT_HARD);
    assert_int_equal(weigh(&(struct weighing){.category = &micro, .people = 1}),
                     WEIGHT_MICRO); /* its own before its parent's */
}

static void by_facts(void **state) {
    (void)state;
    static const struct {
        struct weighing w;
        enum weight want;
    } cases[] = {
        {{.people = 4}, WEIGHT_MICRO},
        {{.people = 5}, WEIGHT_SMALL},
        {{.people = 29}, WEIGHT_SMALL},
        {{.people = 30}, WEIGHT_HARD},
        {{.people = 1, .departments = 1}, WEIGHT_SMALL},
        {{.people = 1, .departments = 2}, WEIGHT_HARD},
        {{.people = 1, .returns = 1}, WEIGHT_MICRO},
        {{.people = 1, .returns = 2}, WEIGHT_HARD},
        {{.people = 1, .repeated = true}, WEIGHT_SMALL},
        {{.people = 5, .repeated = true}, WEIGHT_HARD},
        {{.people = 30, .repeated = true}, WEIGHT_HARD},
        {{.category = &hard, .people = 1, .departments = 1}, WEIGHT_HARD}, /* nothing makes it lighter */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (weigh(&cases[i].w) != cases[i].want) fail_msg("case %zu", i);
}

static void departments_in_a_text(void **state) {
    (void)state;
    const struct unit some[] = {{.kind = UNIT_DEPARTMENT, .name = {"区水务局", 12}, .active = true},
                                {.kind = UNIT_DEPARTMENT, .name = {"住建局", 9}, .active = true},
                                {.kind = UNIT_DEPARTMENT, .name = {"区旧局", 9}, .active = false},
                                {.kind = UNIT_TOWN, .name = {"临江街道", 12}, .active = true}};
    struct district d = {.units = some, .unit_count = 4};
    assert_int_equal(departments_named(&d, STR("请水务局和住建局一起来看"), 5), 2);
    assert_int_equal(departments_named(&d, STR("区水务局说归水务局管"), 5), 1);
    assert_int_equal(departments_named(&d, STR("临江街道和旧局都不管"), 5), 0);
    assert_int_equal(departments_named(&d, STR("水务局、住建局"), 1), 1);
    assert_int_equal(departments_named(&d, STR(""), 5), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_category),
        cmocka_unit_test(by_facts),
        cmocka_unit_test(departments_in_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
