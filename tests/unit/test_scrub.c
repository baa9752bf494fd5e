/* Personal numbers in free text: found in every spelling, nothing else touched, masks, memory, time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "arena_fixture.h"
#include "base/utf8.h"
#include "rules/scrub.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#define MOBILE "〔手机号〕"
#define PHONE "〔电话号码〕"
#define IDENTITY "〔身份证号〕"
#define PLATE "〔车牌号〕"
#define CARD "〔银行卡号〕"

static void expect_str(struct str got, struct str want, struct str source) {
    if (str_eq(got, want)) return;
    print_error("%.*s\n  became %.*s\n", (int)source.n, source.p, (int)got.n, got.p);
    print_error("  not    %.*s\n", (int)want.n, want.p);
    fail();
}

static void expect(const char *source, const char *text, const char *removed) {
    struct scrubbed out;
    arena_reset(&arena);
    assert_true(scrub_text(&arena, str_of(source), &out));
    expect_str(out.text, str_of(text), str_of(source));
    expect_str(out.removed, str_of(removed), str_of(source));
    assert_true(utf8_valid(out.text) && utf8_valid(out.removed));
}

/* The whole of source is one number of this kind, and stays one inside a sentence. */
static void expect_whole(const char *source, const char *mark) {
    expect(source, mark, source);
    char in[256], out[256];
    assert_in_range(snprintf(in, sizeof in, "请联系%s，谢谢", source), 1, 255);
    assert_in_range(snprintf(out, sizeof out, "请联系%s，谢谢", mark), 1, 255);
    expect(in, out, source);
}

static void expect_kept(const char *source) { expect(source, source, ""); }

static void mobiles(void **state) {
    (void)state;
    static const char *const forms[] = {
        "13711112222",
        "19955556666",
        "16622223333",
        "+8613711112222",
        "+86 137 1111 2222",
        "+86-13711112222",
        "8613711112222",
        "86-137-1111-2222",
        "0086 13711112222",
        "008613711112222",
        "(+86)13711112222",
        "（＋８６）13711112222",
        "013711112222",
        "137-1111-2222",
        "137 1111 2222",
        "137.1111.2222",
        "1371 111 2222",
        "1371 1112 222",
        "137 11112222",
        "1371111 2222",
        "13711 112222",
        "137 11 11 22 22",
        "1 3 7 1 1 1 1 2 2 2 2",
        "137 - 1111 - 2222",
        "１３７１１１１２２２２",
        "137　1111　2222",
        "137–1111–2222",
        "1371\xe2\x80\x8b"
        "111\xe2\x80\x8b"
        "2222",
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) expect_whole(forms[i], MOBILE);
    expect("一三七一一一一二二二二", MOBILE, "一三七一一一一二二二二");
    expect("电话幺三七幺幺幺幺二二〇零。", "电话" MOBILE "。", "幺三七幺幺幺幺二二〇零");
    expect("tel13711112222 QQ", "tel" MOBILE " QQ", "13711112222");
    expect("13711112222转张三", MOBILE "转张三", "13711112222");
    expect("13711112222元旦后联系", MOBILE "元旦后联系", "13711112222");
    expect("3幢（13711112222）", "3幢（" MOBILE "）", "13711112222");
}

static void several(void **state) {
    (void)state;
    expect("13711112222、13733334444", MOBILE "、" MOBILE, "13711112222\n13733334444");
    expect("13711112222/13733334444", MOBILE "/" MOBILE, "13711112222\n13733334444");
    expect("13711112222 13733334444", MOBILE " " MOBILE, "13711112222\n13733334444");
    expect("13711112222-13733334444", MOBILE "-" MOBILE, "13711112222\n13733334444");
    expect("0571-81112222 0571-83334444", PHONE " " PHONE, "0571-81112222\n0571-83334444");
    expect("0571-81112222-0571-83334444", PHONE "-" PHONE, "0571-81112222\n0571-83334444");
    expect("车苏E·67890，电话13711112222，卡6222021234567890128。", "车" PLATE "，电话" MOBILE "，卡" CARD "。",
           "苏E·67890\n13711112222\n6222021234567890128");
    expect("5号楼 13711112222 3 单元", "5号楼 " MOBILE " 3 单元", "13711112222");
    expect("\n13711112222\n", "\n" MOBILE "\n", "13711112222");
}

static void landlines(void **state) {
    (void)state;
    static const char *const forms[] = {
        "0571-81112222",
        "057181112222",
        "(0571)81112222",
        "（0571）8111 2222",
        "0571 8111 2222",
        "010-61112222",
        "01061112222",
        "021 6111 2222",
        "0579-8111222",
        "05798111222",
        "0571-81112222-8001",
        "0571-81112222转8001",
        "+86-571-81112222",
        "+86 10 61112222",
        "+8657181112222",
        "0086-571-81112222",
        "０５７１－８１１１２２２２",
        "0571－81112222",
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) expect_whole(forms[i], PHONE);
    expect("电话：81112222", "电话：" PHONE, "81112222");
    expect("座机是 8111222，白天有人", "座机是 " PHONE "，白天有人", "8111222");
}

static void identity_numbers(void **state) {
    (void)state;
    static const char *const right[] = {
        "330111190803045677",
        "330111 19080304 5677",
        "330111-19080304-5677",
        "３３０１１１１９０８０３０４５６７７",
    };
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) expect_whole(right[i], IDENTITY);
    expect("身份证440102190001010013号", "身份证440102190001010013号", "");
    /* x: the check character ten, upper or lower, full width or not */
    expect("53010219070809018X", IDENTITY, "53010219070809018X");
    expect("53010219070809018x。", IDENTITY "。", "53010219070809018x");
    expect("53010219070809018Ｘ", IDENTITY, "53010219070809018Ｘ");
    /* Any other check digit is none, nor an impossible date or province, nor a digit more or less. */
    for (char c = '0'; c <= '9'; c++) {
        char wrong[19] = "330111190803045677";
        struct scrubbed out;
        if (c == '7') continue;
        wrong[17] = c;
        arena_reset(&arena);
        assert_true(scrub_text(&arena, str_of(wrong), &out));
        assert_null(memmem(out.text.p, out.text.n, IDENTITY, sizeof IDENTITY - 1));
    }
    expect_kept("330111070809456"); /* the old form has no check character: by rule it stays */
    expect_kept("000000190803045678");
    expect_kept("33011119080304567X");
    expect_kept("A53010219070809018XY");
}

static void plates(void **state) {
    (void)state;
    static const char *const forms[] = {
        "苏E67890",  "苏e67890",   "苏E·67890", "苏E 678K0",   "苏Ｅ６７８９０", "鲁B7Y88W",    "苏ED67890",
        "苏EFK6789", "苏ED·67890", "苏E67890F", "苏E·67890F",  "苏E6789警",      "粤Z6789港",   "粤Z6789澳",
        "苏E6789学", "苏E6789挂",  "京A6789领", "苏X6789应急", "WJ苏6789Y",      "WJ 苏 6789Y",
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) expect_whole(forms[i], PLATE);
    expect("使012345", PLATE, "使012345");
    expect("车牌使012·345停在门口", "车牌" PLATE "停在门口", "使012·345");
    static const char *const none[] = {
        "苏E6789",   "苏E678906", "苏I67890",           "苏EO6789", "苏E6O890", "苏667890", "办E67890", "QE67890",
        "苏EB6789Z", "苏EL67890", "即使123456户都停水", "浙ABCDEF", "新A座",    "WJ1234",   "浙江A12",
    };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) expect_kept(none[i]);
}

static void cards(void **state) {
    (void)state;
    expect_whole("6222021234567890128", CARD);
    expect_whole("6222 0212 3456 7890 128", CARD);
    expect_whole("4111111111111111", CARD);
    expect_whole("4111-1111-1111-1111", CARD);
    expect_whole("４１１１１１１１１１１１１１１１", CARD);
    expect_kept("4111111111111112");
    expect_kept("6222021234567890127");
    expect_kept("411111111111111");
    expect_kept("0000000000000000");
    expect_kept("41111111111111111111111111");
}

/* What a report is full of and nobody's own. */
static void what_stays(void **state) {
    (void)state;
    static const char *const kept[] = {
        "",
        " ",
        "诉求20261124-000123还没回复",
        "20261124-000123",
        "２０２６１１２４－０００１２３",
        "20261124-000123 20261124-000124",
        "2026-11-24 08:30",
        "2026年11月24日",
        "2026/11/24",
        "20261124",
        "20261124083000",
        "2026-11-24—2026-11-25",
        "电话20261124",
        "2026.11.24",
        "13800.50元",
        "1,380,000元",
        "1380000元",
        "3幢2单元1302室",
        "12-1-1302",
        "138号",
        "138-2-1101",
        "中山路138弄11号",
        "拨打12345",
        "电话12345",
        "12345热线",
        "110",
        "119",
        "120",
        "拨打96310",
        "95588",
        "4001112222",
        "400-111-2222",
        "800-111-2222",
        "电话400-111-2222",
        "10011112222",
        "12011112222",
        "1371111222",
        "137111122223",
        "23711112222",
        "1371111O222",
        "1064811112222",
        "137.11112",
        "99 100 101",
        "1 2 3 4 5 6 7 8 9 10 11",
        "138 20261124",
        "3.0571811122",
        "8-0571811122",
        "合同2026-05711234567",
        "330106",
        "311100",
        "91330100MA0000000Y00",
        "++++",
        "+86",
        "+8613",
        "(((0571)",
        "0086",
        "二〇二六年十一月二十四日",
        "一二三四五六七八九",
        "〔手机号〕",
    };
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) expect_kept(kept[i]);
    /* An organisation's code that is right stays, even where digits in it look like a telephone. */
    expect_kept("91330100137111123Q");
    expect_kept("92330100137000028X");
    expect_kept("923301001370001247");
    expect("91330100137111123R 13711112222", "91330100137111123R " MOBILE, "13711112222");
    expect("20261124-000123，13711112222", "20261124-000123，" MOBILE, "13711112222");
    expect("20261324-000123", "20261324-000123", "");
}

static void scrubbing_twice_changes_nothing(void **state) {
    (void)state;
    struct scrubbed once, twice;
    struct str s = STR("苏E67890车主13711112222，身份证330111190803045677，座机0571-81112222，卡4111111111111111");
    arena_reset(&arena);
    assert_true(scrub_text(&arena, s, &once));
    assert_true(scrub_text(&arena, once.text, &twice));
    assert_true(str_eq(once.text, twice.text));
    assert_int_equal(twice.removed.n, 0);
    assert_non_null(twice.removed.p);
}

static void absent_and_empty(void **state) {
    (void)state;
    struct scrubbed out;
    assert_true(scrub_text(&arena, (struct str){NULL, 0}, &out));
    assert_null(out.text.p);
    assert_int_equal(out.removed.n, 0);
}

static void memory_runs_out(void **state) {
    (void)state;
    struct scrubbed out;
    for (long allowed = 0; allowed < 3; allowed++) {
        arena_reset(&arena);
        arena.fail_after = allowed;
        assert_false(scrub_text(&arena, STR("电话13711112222"), &out));
    }
    arena_reset(&arena);
    arena.fail_after = 0;
    assert_null(mask_phone(&arena, STR("13711112222")).p);
    assert_null(mask_name(&arena, STR("王小明")).p);
    arena.fail_after = -1;
    assert_true(scrub_text(&arena, STR("电话13711112222"), &out));
}

/* Pieces glued together at random: output valid, no mobile left whole, and every byte accounted for. */
static void glued_pieces(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "13711112222",
        "0571-81112222",
        "苏E67890",
        "苏",
        "使",
        "1",
        "0",
        "86",
        "+",
        "(",
        ")",
        "-",
        " ",
        "·",
        "X",
        "WJ",
        "4111 1111",
        "330111190803045677",
        "２",
        "\xe2\x80\x8b",
        "\xf0\x9f\x98\x80",
        "\n",
        "转8001",
        "一三七",
        "20261124-000123",
        "Y1",
        "电话",
    };
    uint32_t seed = 20261124;
    for (int round = 0; round < 20000; round++) {
        char text[512] = "";
        size_t n = 0;
        for (int k = 0; k < 12; k++) {
            seed = seed * 1664525u + 1013904223u;
            const char *piece = pieces[(seed >> 8) % (sizeof pieces / sizeof pieces[0])];
            size_t length = strlen(piece);
            memcpy(text + n, piece, length);
            n += length;
        }
        struct scrubbed out;
        arena_reset(&arena);
        assert_true(scrub_text(&arena, (struct str){text, n}, &out));
        assert_true(utf8_valid(out.text) && utf8_valid(out.removed));
        assert_true(out.removed.n <= n * 2 && out.text.n <= n * 3);
        if (out.removed.n == 0) assert_true(str_eq(out.text, (struct str){text, n}));
    }
}

static double seconds_for(const char *piece, size_t bytes) {
    size_t length = strlen(piece), n = 0;
    char *text = arena_alloc(&arena, bytes + length);
    struct scrubbed out;
    struct timespec from, to;
    assert_non_null(text);
    for (; n + length <= bytes; n += length) memcpy(text + n, piece, length);
    clock_gettime(CLOCK_MONOTONIC, &from);
    assert_true(scrub_text(&arena, (struct str){text, n}, &out));
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* A quarter of a megabyte of anything takes well under what a quadratic scan would need. */
static void time_is_linear(void **state) {
    (void)state;
    static const char *const pieces[] = {"1",  "13711112222 ", "1-", "0",  "(", "苏E", "86 ",
                                         "一", "+86",          "W",  "使", "+", " ",   "电话"};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        arena_reset(&arena);
        assert_true(seconds_for(pieces[i], 256 * 1024) < 2.0);
    }
}

static void is_mobile_takes_the_whole(void **state) {
    (void)state;
    assert_true(is_mobile(STR("13711112222")));
    assert_true(is_mobile(STR("19900000000")));
    static const char *const no[] = {"",
                                     "1",
                                     "1371111222",
                                     "137111122223",
                                     "12711112222",
                                     "23711112222",
                                     "1371111222a",
                                     "+8613711112222",
                                     "137 1111 222",
                                     "１３７１１１１２２２２",
                                     "1371111222\n"};
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) assert_false(is_mobile(str_of(no[i])));
    assert_false(is_mobile((struct str){NULL, 0}));
    assert_false(is_mobile((struct str){"1371111\0222", 11}));
}

static void masks(void **state) {
    (void)state;
    static const char *const phones[][2] = {
        {"13812341234", "138****1234"},
        {"057181112222", "057*****2222"},
        {"81112222", "8*******"},
        {"12345", "1****"},
        {"1", "1"},
        {"", ""},
        {"１３８", "１**"},
    };
    static const char *const names[][2] = {
        {"王小明", "*小明"},           {"王五", "*五"}, {"王", "*"}, {"", ""}, {"欧阳小明", "*阳小明"}, {"Ann", "*nn"},
        {"\xf0\xa0\xae\xb7野", "*野"},
    };
    for (size_t i = 0; i < sizeof phones / sizeof phones[0]; i++)
        expect_str(mask_phone(&arena, str_of(phones[i][0])), str_of(phones[i][1]), str_of(phones[i][0]));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        expect_str(mask_name(&arena, str_of(names[i][0])), str_of(names[i][1]), str_of(names[i][0]));
    assert_null(mask_phone(&arena, (struct str){NULL, 0}).p);
    assert_null(mask_name(&arena, (struct str){NULL, 0}).p);
}

/* ---- further cases from a folder of one's own: numbers/NAME.tsv, columns value and valid or kind ---- */

/* Which mark a row asks for; NULL: none of these rules' business or left to rule. "": must stay. */
static const char *phone_mark(struct str kind) {
    if (str_starts(kind, "mobile")) return MOBILE;
    if (str_is(kind, "landline")) return PHONE;
    return str_is(kind, "iot") ? NULL : "";
}

static const char *plate_mark(struct str kind) { return str_is(kind, "none") ? "" : PLATE; }
/* Spaces, x and full width count, the 15-digit form doesn't: both are told apart by length, so '?' asks nothing. */
static const char *id_mark(struct str valid) { return str_is(valid, "1") ? IDENTITY : NULL; }
static const char *credit_mark(struct str valid) { return str_is(valid, "1") ? "" : NULL; }

static void check_row(struct str value, const char *mark) {
    struct scrubbed out;
    arena_reset(&arena);
    assert_true(scrub_text(&arena, value, &out));
    expect_str(out.text, *mark ? str_of(mark) : value, value);
}

static void check_file(const char *folder, const char *name, const char *(*mark_of)(struct str)) {
    char path[4096], line[1024];
    assert_in_range(snprintf(path, sizeof path, "%s/numbers/%s.tsv", folder, name), 1, sizeof path - 1);
    FILE *f = fopen(path, "r");
    if (!f) return;
    for (int number = 0; fgets(line, sizeof line, f); number++) {
        const char *tab = strchr(line, '\t');
        if (number == 0 || !tab) continue;
        const char *mark = mark_of((struct str){tab + 1, strcspn(tab + 1, "\t\r\n")});
        if (mark) check_row((struct str){line, (size_t)(tab - line)}, mark);
    }
    fclose(f);
}

static void numbers_given_from_outside(void **state) {
    (void)state;
    const char *folder = getenv("MINHU_TEST_DATA");
    if (!folder) return;
    check_file(folder, "phones", phone_mark);
    check_file(folder, "plates", plate_mark);
    check_file(folder, "id-gb11643", id_mark);
    check_file(folder, "uscc-gb32100", credit_mark);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mobiles),
        cmocka_unit_test(several),
        cmocka_unit_test(landlines),
        cmocka_unit_test(identity_numbers),
        cmocka_unit_test(plates),
        cmocka_unit_test(cards),
        cmocka_unit_test(what_stays),
        cmocka_unit_test(scrubbing_twice_changes_nothing),
        cmocka_unit_test(absent_and_empty),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(glued_pieces),
        cmocka_unit_test(time_is_linear),
        cmocka_unit_test(is_mobile_takes_the_whole),
        cmocka_unit_test(masks),
        cmocka_unit_test(numbers_given_from_outside),
    };
    return cmocka_run_group_tests_name("scrub", tests, setup, teardown);
}
