/* What messages ask for, found by form; and demands with their answers as text and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "arena_fixture.h"
#include "rules/demands.h"
#include <cmocka.h>
#include <stdio.h>

struct message {
    const char *title, *text;
    const char *demands[DEMANDS_MAX + 1];
};

static void expect(const struct message *m, size_t n) {
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct demands d;
        size_t want = 0;
        demands_find(str_of(m[i].title), str_of(m[i].text), &d);
        while (m[i].demands[want]) want++;
        bool same = d.n == want;
        for (size_t k = 0; same && k < want; k++) same = str_is(d.list[k].text, m[i].demands[k]);
        if (same) continue;
        wrong++;
        print_error("%s\n", m[i].text);
        for (size_t k = 0; k < d.n; k++) print_error("   %.*s\n", (int)d.list[k].text.n, d.list[k].text.p);
    }
    assert_int_equal(wrong, 0);
}
#define EXPECT(list) expect(list, sizeof(list) / sizeof *(list))

static void numbered(void **state) {
    (void)state;
    static const struct message messages[] = {
        {NULL,
         "请问：1、电梯何时检修？2、费用由谁承担？3、能否公示合同",
         {"电梯何时检修？", "费用由谁承担？", "能否公示合同"}},
        {NULL,
         "诉求如下：\n一、修复塌陷的路面；\n二、清运建筑垃圾。\n三、公布责任人。",
         {"修复塌陷的路面", "清运建筑垃圾", "公布责任人"}},
        {NULL, "存在以下问题：①路灯不亮②井盖缺失③绿地被占。请尽快处理。", {"路灯不亮", "井盖缺失", "绿地被占"}},
        {NULL, "我们要求：（1）退还押金；（2）赔偿误工费。谢谢！", {"退还押金", "赔偿误工费"}},
        {NULL, "第一，请物业公布账目。第二，请社区出面调解。", {"请物业公布账目", "请社区出面调解"}},
        /* what happened, numbered, is no demand; numbers that number nothing */
        {NULL, "事情经过如下：1、上月签了合同；2、本月对方失联。请协助追回定金五千元。", {"请协助追回定金五千元"}},
        {NULL, "1、2号楼之间积水，水深1.5米，12:30最深，请疏通管道。", {"请疏通管道"}},
        {NULL, "3号楼一、二层漏水，请物业修补屋面。", {"请物业修补屋面"}},
        {NULL, "诉求：1.退费 2.道歉 4.赔偿", {"退费", "道歉 4.赔偿"}},
        {NULL, "要求如下：1. 拆除围挡；2. 恢复通行。此外，何时完工？", {"拆除围挡", "恢复通行", "此外，何时完工？"}},
    };
    EXPECT(messages);
}

static void questions(void **state) {
    (void)state;
    static const struct message messages[] = {
        {NULL,
         "我家住五楼，加装电梯需要多少户同意？底层不同意怎么办？",
         {"加装电梯需要多少户同意？", "底层不同意怎么办？"}},
        {NULL, "停水三天了，请问何时恢复供水？", {"请问何时恢复供水？"}},
        {NULL, "这样合理吗？难道没人管？请社区把占道的车清走。", {"请社区把占道的车清走"}},
        {NULL, "社保中断了三个月，能补缴吗", {"社保中断了三个月，能补缴吗"}},
        {"小学什么时候开始报名", "孩子今年六岁，户口在本街道。", {"小学什么时候开始报名"}},
        {NULL, "养老金的资格认证一直不通过，为什么？", {"养老金的资格认证一直不通过，为什么？"}},
    };
    EXPECT(messages);
}

static void requests(void **state) {
    (void)state;
    static const struct message messages[] = {
        {NULL, "小区门口路灯坏了一个月，请尽快修复，并加强巡查。", {"请尽快修复，并加强巡查"}},
        {NULL,
         "楼上装修噪音大，希望社区限制施工时间，另外要求物业清理楼道。",
         {"希望社区限制施工时间", "另外要求物业清理楼道"}},
        {NULL, "河道发臭。请有关部门尽快核实处理并回复，谢谢。", {"请有关部门尽快核实处理并回复"}},
        {NULL, "河道发臭，请疏浚河道。请领导重视！望尽快解决！", {"请疏浚河道"}},
        {NULL, "我们小区业主再次恳请政府出资改造管网", {"我们小区业主再次恳请政府出资改造管网"}},
        {"请修复健身器材", "中心公园的健身器材坏了两台。", {"请修复健身器材"}},
        {NULL, "路灯坏了三天了。", {NULL}},
        /* others want, ask, are invited */
        {NULL, "物业通知，要求每户先交三千元。这笔钱不该交。", {NULL}},
        {NULL, "我请假去办证，希望小学门口堵车，没办成。", {NULL}},
        {NULL, "我们的诉求：退还多收的停车费。", {"退还多收的停车费"}},
        {NULL, "请疏通下水道。请疏通下水道！", {"请疏通下水道"}},
        {NULL, "", {NULL}},
        {NULL, "，。！？", {NULL}},
    };
    EXPECT(messages);
}

static void bounds(void **state) {
    (void)state;
    char text[4096] = "";
    struct demands d;
    for (int i = 0; i < 14; i++) snprintf(text + strlen(text), sizeof text - strlen(text), "请修补第%d号楼的屋面。", i);
    demands_find((struct str){0}, str_of(text), &d);
    assert_int_equal(d.n, DEMANDS_MAX);
    snprintf(text, sizeof text, "请");
    for (int i = 0; i < 300; i++) snprintf(text + strlen(text), sizeof text - strlen(text), "墙");
    demands_find((struct str){0}, str_of(text), &d);
    assert_int_equal(d.n, 1);
    assert_int_equal(d.list[0].text.n, DEMAND_TEXT_MAX * 3);
}

static void as_text(void **state) {
    (void)state;
    struct demands d = {2,
                        {{STR("何时\n修好？"), DEMAND_ANSWERED, STR("已于\n今日修好"), {0}},
                         {STR("答复：要快"), DEMAND_REFUSED, STR("没有依据）：真的"), STR("不属于受理范围（信访）")}}},
                   back;
    struct str text = demands_write(&arena, STR("已办结。"), &d);
    assert_true(str_is(text, "已办结。\n逐项答复：\n1. 何时 修好？\n答复：已于 今日修好\n2. 答复：要快\n"
                             "不予支持（不属于受理范围（信访））：没有依据）：真的"));
    assert_true(demands_read(text, &back));
    assert_int_equal(back.n, 2);
    assert_true(str_is(back.list[0].answer, "已于 今日修好") && back.list[0].outcome == DEMAND_ANSWERED);
    assert_true(str_is(back.list[1].text, "答复：要快") && str_is(back.list[1].reason, "不属于受理范围（信访）"));
    assert_true(str_is(back.list[1].answer, "没有依据）：真的"));
    assert_true(str_is(demands_result(text), "已办结。"));
    d.list[0].outcome = d.list[1].outcome = DEMAND_OPEN;
    text = demands_write(&arena, (struct str){0}, &d);
    assert_true(str_is(text, "1. 何时 修好？\n2. 答复：要快"));
    assert_true(demands_read(text, &back) && back.n == 2 && back.list[1].outcome == DEMAND_OPEN);
    assert_true(str_eq(demands_result(text), text));
}

static void what_is_no_such_text(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "已办结。",
                                        "2. 先说第二项",
                                        "1. 一项\n3. 三项",
                                        "1. 一项\n答复：好\n答复：又好",
                                        "1. 一项\n不予支持（没有完",
                                        "答复：好\n1. 一项",
                                        "已办结。\n逐项答复：\n好"};
    struct demands d;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (demands_read(str_of(texts[i]), &d)) fail_msg("%s", texts[i]);
        assert_true(str_eq(demands_result(str_of(texts[i])), str_of(texts[i])));
    }
    /* Who writes the heading himself, and then answers. */
    struct demands one = {1, {{STR("何时修好？"), DEMAND_ANSWERED, STR("今日"), {0}}}};
    struct str said = STR("已办结。\n逐项答复："), text = demands_write(&arena, said, &one);
    assert_true(str_eq(demands_result(text), said));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbered),
        cmocka_unit_test(questions),
        cmocka_unit_test(requests),
        cmocka_unit_test(bounds),
        cmocka_unit_test_setup_teardown(as_text, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_such_text, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
