/* Which texts are urgent: the product's own list against sentences as people write them, and the rules of its exceptions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "arena_fixture.h"
#include "rules/urgency.h"
#include <cmocka.h>

static struct district d;

static int with_own_list(void **state) {
    d = (struct district){0};
    return setup(state) || !urgency_index(&d, &arena);
}

struct text {
    const char *text;
    enum urgency urgency;
    enum danger danger; /* 0: none */
};

static void expect(const struct text *t, size_t n) {
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t dangers = ~0u;
        enum urgency got = text_urgency(&d, str_of(t[i].text), &dangers);
        uint32_t want = t[i].danger ? DANGER_BIT(t[i].danger) : 0;
        if (got == t[i].urgency && dangers == want) continue;
        print_error("%s: urgency %d, dangers %x\n", t[i].text, (int)got, dangers);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}
#define EXPECT(list) expect(list, sizeof(list) / sizeof *(list))

static void what_happens_now(void **state) {
    (void)state;
    static const struct text texts[] = {
        {"三楼着火了，快来人", URGENCY_EMERGENCY, DANGER_FIRE},
        {"老人被困在电梯里半个小时了", URGENCY_EMERGENCY, DANGER_LIFT},
        {"厨房里煤气泄漏，味道很大", URGENCY_EMERGENCY, DANGER_GAS},
        {"楼道里有很浓的燃气味", URGENCY_EMERGENCY, DANGER_GAS},
        {"有人落水，在北塘河边", URGENCY_EMERGENCY, DANGER_WATER},
        {"围墙坍塌压到了车", URGENCY_EMERGENCY, DANGER_COLLAPSE},
        {"我爸八十岁，今早走失到现在没回家", URGENCY_EMERGENCY, DANGER_LOST},
        {"孩子不见了，最后在超市门口", URGENCY_EMERGENCY, DANGER_LOST},
        {"邻居说不想活了，站在楼顶", URGENCY_EMERGENCY, DANGER_SELF_HARM},
        {"有人要跳楼", URGENCY_EMERGENCY, DANGER_SELF_HARM},
        {"隔壁男的又在家暴，女的在喊", URGENCY_EMERGENCY, DANGER_VIOLENCE},
        {"路口车祸，人躺在地上", URGENCY_EMERGENCY, DANGER_TRAFFIC},
        {"工地食堂几十人食物中毒", URGENCY_EMERGENCY, DANGER_POISON},
        {"配电房漏电，手麻", URGENCY_EMERGENCY, DANGER_CURRENT},
        {"老人在楼道昏倒", URGENCY_EMERGENCY, DANGER_LIFE},
        {"人行道电线裸露", URGENCY_URGENT, DANGER_CURRENT},
        {"路中间没有井盖", URGENCY_URGENT, DANGER_COLLAPSE},
        {"私家车占用消防通道，有火灾隐患", URGENCY_URGENT, DANGER_FIRE},
        {"路灯坏了", URGENCY_NORMAL, 0},
        {"", URGENCY_NORMAL, 0},
        {"请问社保怎么转", URGENCY_NORMAL, 0},
    };
    EXPECT(texts);
}

static void sayings(void **state) {
    (void)state;
    static const struct text texts[] = {
        {"物业态度差，差点气死我", URGENCY_NORMAL, 0},
        {"广场舞吵死人了", URGENCY_NORMAL, 0},
        {"垃圾站臭死人了，热得快死了", URGENCY_NORMAL, 0},
        {"商场跳楼价促销，喇叭太吵", URGENCY_NORMAL, 0},
        {"楼下剧本杀人太多，半夜喧哗", URGENCY_NORMAL, 0},
        {"这是我的救命钱，求退款", URGENCY_NORMAL, 0},
        {"楼上落水管破了", URGENCY_NORMAL, 0},
        {"物业道德绑架业主", URGENCY_NORMAL, 0},
        {"漏电保护器跳闸", URGENCY_NORMAL, 0},
        {"电动车轮胎漏气被人扎的", URGENCY_NORMAL, 0},
        {"想死你了，家乡的味道", URGENCY_NORMAL, 0},
        {"年轻生命的活力", URGENCY_NORMAL, 0},
        {"建议装燃气泄漏报警器", URGENCY_NORMAL, 0},
        {"我家的狗走失了", URGENCY_NORMAL, 0},
        {"跳楼价卖衣服的店，有人真的要跳楼", URGENCY_EMERGENCY, DANGER_SELF_HARM},
    };
    EXPECT(texts);
}

static void what_is_over_or_an_exercise(void **state) {
    (void)state;
    static const struct text texts[] = {
        {"昨晚楼道着火，已灭火，墙面要修。", URGENCY_NORMAL, 0},
        {"小区消防演练，烟雾弹像着火一样", URGENCY_NORMAL, 0},
        {"昨天三楼着火，已扑灭。今天五楼又着火了！", URGENCY_EMERGENCY, DANGER_FIRE},
        {"社区做过消防演练。现在真的着火了", URGENCY_EMERGENCY, DANGER_FIRE},
        {"去年车祸的赔偿还没到", URGENCY_NORMAL, 0},
        {"希望多办防溺水讲座", URGENCY_NORMAL, 0},
    };
    EXPECT(texts);
}

static void what_is_denied_averted_or_supposed(void **state) {
    (void)state;
    static const struct text texts[] = {
        {"检查过，没有着火", URGENCY_NORMAL, 0},
        {"没有发生火灾", URGENCY_NORMAL, 0},
        {"幸好未造成人员触电", URGENCY_NORMAL, 0},
        {"不是漏电，是灯坏了", URGENCY_NORMAL, 0},
        {"请修好，以免触电", URGENCY_NORMAL, 0},
        {"堆满杂物，一旦着火后果严重", URGENCY_NORMAL, 0},
        {"万一发生火灾怎么办", URGENCY_NORMAL, 0},
        {"线路老化容易引起火灾", URGENCY_NORMAL, 0},
        {"请来看看有没有燃气泄漏", URGENCY_EMERGENCY, DANGER_GAS},
        {"是不是漏电了", URGENCY_EMERGENCY, DANGER_CURRENT},
        {"没有人管，着火了", URGENCY_EMERGENCY, DANGER_FIRE},
        {"没有着火，但是有人触电", URGENCY_EMERGENCY, DANGER_CURRENT},
        {"没有", URGENCY_NORMAL, 0},
    };
    EXPECT(texts);
}

static void several_at_once(void **state) {
    (void)state;
    uint32_t dangers;
    assert_int_equal(text_urgency(&d, STR("车祸后起火，司机昏迷；电线裸露"), &dangers), URGENCY_EMERGENCY);
    assert_int_equal(dangers, DANGER_BIT(DANGER_TRAFFIC) | DANGER_BIT(DANGER_FIRE) | DANGER_BIT(DANGER_LIFE) |
                                  DANGER_BIT(DANGER_CURRENT));
    assert_int_equal(text_urgency(&d, STR("着火"), NULL), URGENCY_EMERGENCY);
}

static void a_district_of_its_own(void **state) {
    (void)state;
    static const struct urgent_word words[] = {
        {{"管涌", 6}, {"", 0}, URGENCY_URGENT, DANGER_WATER},
        {{"管涌口", 9}, {"旧管涌口,已封堵,", 22}, URGENCY_EMERGENCY, DANGER_OTHER},
    };
    struct district own = {.urgent = {.words = words, .count = 2}};
    uint32_t dangers;
    assert_true(urgency_index(&own, &arena));
    assert_int_equal(text_urgency(&own, STR("堤上有管涌"), &dangers), URGENCY_URGENT);
    assert_int_equal(dangers, DANGER_BIT(DANGER_WATER));
    assert_int_equal(text_urgency(&own, STR("新管涌口"), NULL), URGENCY_EMERGENCY);
    assert_int_equal(text_urgency(&own, STR("旧管涌口"), NULL), URGENCY_URGENT);
    assert_int_equal(text_urgency(&own, STR("管涌口已封堵"), NULL), URGENCY_URGENT);
    assert_int_equal(text_urgency(&own, STR("着火了"), &dangers), URGENCY_NORMAL); /* its own list is all there is */
    assert_int_equal(dangers, 0);
    /* Cut off in the middle of a word, or of a character. */
    assert_int_equal(text_urgency(&own, (struct str){"堤上有管涌", 13}, NULL), URGENCY_NORMAL);
    arena.fail_after = 0;
    assert_false(urgency_index(&own, &arena));
    arena.fail_after = -1;
}

static void the_own_list_is_sound(void **state) {
    (void)state;
    size_t n;
    const struct urgent_word *w = urgent_words_builtin(&n);
    assert_true(n > 100);
    for (size_t i = 0; i < n; i++) {
        assert_true(w[i].word.n >= 6 && w[i].unless.n <= 500 && w[i].urgency > URGENCY_NORMAL);
        for (size_t k = 0; k < i; k++)
            if (str_eq(w[i].word, w[k].word)) fail_msg("%s twice", w[i].word.p);
        uint32_t dangers;
        assert_int_equal(text_urgency(&d, w[i].word, &dangers) >= w[i].urgency, 1);
        assert_true(dangers & DANGER_BIT(w[i].danger));
    }
    for (int i = 1; i < DANGER__MAX; i++)
        if (i != DANGER_OTHER) assert_non_null(danger_advice((enum danger)i));
    assert_null(danger_advice(DANGER_OTHER));
    assert_string_equal(danger_advice(DANGER_SELF_HARM)->phone, "12356");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_happens_now),
        cmocka_unit_test(sayings),
        cmocka_unit_test(what_is_over_or_an_exercise),
        cmocka_unit_test(what_is_denied_averted_or_supposed),
        cmocka_unit_test(several_at_once),
        cmocka_unit_test(a_district_of_its_own),
        cmocka_unit_test(the_own_list_is_sound),
    };
    return cmocka_run_group_tests(tests, with_own_list, teardown);
}
