/* How many people a text says a matter concerns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/people.h"

#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text;
    int64_t people;
} cases[] = {
    {"", 0},
    {"楼下路灯坏了", 0},
    /* figures, full-width ones, spelt ones */
    {"我们小区200户都停水了", 200},
    {"我们小区１２０户都停水了", 120},
    {"全小区两百多户没有热水", 200},
    {"三十余名业主联名反映", 30},
    {"一百二十五位居民签了字", 125},
    {"一千零五户", 1005},
    {"共1,200户人家", 1200},
    {"1.5万人出行不便", 15000},
    {"两万多人每天经过", 20000},
    {"十二万三千人", 123000},
    {"18 户居民", 18},
    {"20家商户受影响", 20},
    {"数百家庭的居住", 200},
    {"5个老人没法下楼", 5},
    /* what is vague counts for the least */
    {"十几户人家", 12},
    {"几十户人家", 20},
    {"数千人投诉", 2000},
    {"二三十户", 20},
    {"上百户居民", 100},
    {"近千名学生", 1000},
    /* the largest */
    {"3户漏水，全楼48户担心，2人受伤", 48},
    /* what isn't people */
    {"5幢2单元302户漏水", 0},
    {"3号楼18层1802室", 0},
    {"这栋楼36户都漏", 36},
    {"住在6号楼1203户", 0},
    {"95户型的房子", 0},
    {"每户要交300元", 0},
    {"每5户装一个", 0},
    {"孩子18岁，下午3点放学", 0},
    {"罚款100元，电话13800000000", 0},
    {"万家丽路堵车", 0},
    {"百户名单", 0},
    {"第3名", 0},
    {"36位数字的编号", 0},
    {"户主王某", 0},
    {"300户主名单", 0},
    {"8人间宿舍漏水", 0},
    {"日均10万人次客流", 0},
    {"两家公司互相推诿", 0},
    {"3个小区没有路灯", 0},
    {"99999999户", 0},
    {"12345678901234567890人", 0},
    {"九九九九九九九九人", 9},
    {"千万千万人", 0},
    {"一个人住", 1},
    {"2024年5月有3人摔倒", 3},
    {"5户", 5},
    {"5", 0},
    {"五", 0},
    {"十", 0},
    {"1.", 0},
    {"1,", 0},
};

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = people_named((struct str){cases[i].text, strlen(cases[i].text)});
        if (got != cases[i].people)
            fail_msg("%s: %lld, not %lld", cases[i].text, (long long)got, (long long)cases[i].people);
    }
}

/* Nothing overflows, whatever is repeated. */
static void test_long(void **state) {
    static const char *const parts[] = {"9", "九", "万", "亿", "百万", "9,", "9.9", "几", "十几万", "1万"};
    static char text[30000];
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n = 0, each = strlen(parts[i]);
        for (; n + each + 3 < sizeof text; n += each) memcpy(text + n, parts[i], each);
        memcpy(text + n, "人", 3);
        int64_t got = people_named((struct str){text, n + 3});
        assert_true(got >= 0 && got <= PEOPLE_NAMED_MAX);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
