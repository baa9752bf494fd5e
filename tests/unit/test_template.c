/* Reply templates: what is wrong with one, what is filled in, what was left, and which fits best. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "arena_fixture.h"
#include "rules/template.h"
#include <cmocka.h>

static void faults(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool wrong;
    } texts[] = {{"", false},
                 {"已办结。", false},
                 {"{reporter}：您好！{line}{unit} {today}", false},
                 {"已【请填写措施】，【 填日期】完成", false},
                 {"{name}", true},
                 {"{Number}", true},
                 {"{number", true},
                 {"number}", true},
                 {"{{number}}", true},
                 {"{}", true},
                 {"【措施】", true},
                 {"【】", true},
                 {"【请填写措施", true}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!template_fault(str_of(texts[i].text)) == texts[i].wrong) fail_msg("%s", texts[i].text);
}

static void filling(void **state) {
    (void)state;
    const struct str values[FIELD__MAX] = {[FIELD_NUMBER] = STR("20261124-000123"),
                                           [FIELD_REPORTER] = STR("王女士/先生"),
                                           [FIELD_TITLE] = STR("{unit}"),
                                           [FIELD_UNIT] = STR("锦绣社区")};
    struct str text = template_fill(
        &arena, STR("{reporter}：“{title}”（{number}）{place}已【请填写措施】。{line}{unit}{x}{"), values);
    assert_true(str_is(text, "王女士/先生：“{unit}”（20261124-000123）已【请填写措施】。\n锦绣社区{x}{"));
}

static void what_was_left(void **state) {
    (void)state;
    static const char *const texts[][2] = {{"已办结。", ""},
                                           {"【温馨提示】已办结。", ""},
                                           {"已【请填写措施】。", "【请填写措施】"},
                                           {"已【】。", "【】"},
                                           {"已【　】。", "【　】"},
                                           {"致{reporter}", "{reporter}"},
                                           {"用 { 和 } 各一", "{ 和 }"},
                                           {"{没有收尾", ""},
                                           {"{换\n行}", ""},
                                           {"【没有收尾", ""},
                                           {"", ""}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!str_is(template_gap(str_of(texts[i][0])), texts[i][1])) fail_msg("%s", texts[i][0]);
}

static void which_fits(void **state) {
    (void)state;
    static const struct category top = {.id = 1}, below = {.id = 2, .parent = &top}, other = {.id = 3};
    static const struct unit town = {.id = 1}, village = {.id = 2, .parent = &town},
                             beside = {.id = 3, .parent = &town};
    const struct template of[] = {{.category = &below}, {.category = &top, .unit = &village},
                                  {.category = &top},   {.unit = &village},
                                  {.unit = &town},      {.kind = TEMPLATE_ACCEPT}};
    for (size_t i = 0; i + 1 < sizeof of / sizeof *of; i++)
        assert_true(template_fits(&of[i], &below, &village) > template_fits(&of[i + 1], &below, &village));
    assert_true(template_fits(&of[5], NULL, &village) > 0);
    assert_int_equal(template_fits(&of[0], &top, &village), 0);
    assert_int_equal(template_fits(&of[2], &other, &village), 0);
    assert_int_equal(template_fits(&of[2], NULL, &village), 0);
    assert_int_equal(template_fits(&of[3], &below, &beside), 0);
}

static void speaking_to(void **state) {
    (void)state;
    assert_true(str_is(template_address(&arena, STR("王小明")), "王女士/先生"));
    assert_true(str_is(template_address(&arena, STR("欧阳修")), "欧阳女士/先生"));
    assert_true(str_is(template_address(&arena, (struct str){0}), "居民朋友"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults),
        cmocka_unit_test_setup_teardown(filling, setup, teardown),
        cmocka_unit_test(what_was_left),
        cmocka_unit_test(which_fits),
        cmocka_unit_test_setup_teardown(speaking_to, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
