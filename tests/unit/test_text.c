/* UTF-8, numbers from text, and bytes as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/encode.h"
#include "base/num.h"
#include "base/rc.h"
#include "base/utf8.h"
#include <cmocka.h>

/* ---- UTF-8 ---- */

static void well_formed_sequences_are_told_from_others(void **state) {
    (void)state;
    static const struct {
        struct str s;
        bool valid;
    } cases[] = {
        {STR(""), true},
        {STR("a\0b"), true},
        {STR("\x7f"), true},
        {STR("\xc2\x80"), true},
        {STR("\xdf\xbf"), true},
        {STR("\xe0\xa0\x80"), true},
        {STR("\xed\x9f\xbf"), true},
        {STR("\xee\x80\x80"), true},
        {STR("\xef\xbf\xbf"), true},
        {STR("\xf0\x90\x80\x80"), true},
        {STR("\xf4\x8f\xbf\xbf"), true},
        {STR("12345678\xe6\xb0\x91"), true},
        {STR("\x80"), false},
        {STR("\xbf"), false},
        {STR("\xc0\x80"), false},
        {STR("\xc1\xbf"), false},
        {STR("\xc2"), false},
        {STR("\xc2\x41"), false},
        {STR("\xe0\x9f\xbf"), false},
        {STR("\xed\xa0\x80"), false},
        {STR("\xed\xbf\xbf"), false},
        {STR("\xe6\xb0"), false},
        {STR("\xe6\xb0\x41"), false},
        {STR("\xf0\x8f\xbf\xbf"), false},
        {STR("\xf4\x90\x80\x80"), false},
        {STR("\xf5\x80\x80\x80"), false},
        {STR("\xf0\x9f\x98"), false},
        {STR("\xff"), false},
        {STR("\xfe"), false},
        {STR("abcdefgh\x80"), false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(utf8_valid(cases[i].s), cases[i].valid);
    }
}

static void code_points_are_counted_and_read(void **state) {
    (void)state;
    struct str s = STR("a\xc3\xa9\xe6\xb0\x91\xf0\x9f\x98\x80");
    assert_int_equal(utf8_count(s), 4);
    size_t at = 0;
    assert_int_equal(utf8_next(s, &at), 'a');
    assert_int_equal(utf8_next(s, &at), 0xE9);
    assert_int_equal(utf8_next(s, &at), 0x6C11);
    assert_int_equal(utf8_next(s, &at), 0x1F600);
    assert_int_equal(at, s.n);
    assert_int_equal(utf8_prefix(s, 0).n, 0);
    assert_int_equal(utf8_prefix(s, 2).n, 3);
    assert_int_equal(utf8_prefix(s, 3).n, 6);
    assert_int_equal(utf8_prefix(s, 4).n, 10);
    assert_int_equal(utf8_prefix(s, 99).n, 10);
    at = 0; /* not valid: one byte at a time, never past the end */
    assert_int_equal(utf8_next(STR("\xf0\x9f"), &at), 0xFFFD);
    assert_int_equal(at, 1);
}

static void printable_text(void **state) {
    (void)state;
    assert_true(utf8_is_text(STR("")));
    assert_true(utf8_is_text(STR("路灯不亮\n已经三天\t了 😀")));
    static const struct str refused[] = {
        STR("a\0b"),
        STR("a\r\n"),
        STR("\x1b[0m"),
        STR("\x7f"),
        STR("\xc2\x85"),
        STR("\xef\xbb\xbf"
            "a"),
        STR("\xe2\x80\xae"
            "abc"),
        STR("\xe2\x80\xaa"),
        STR("\xe2\x81\xa6"),
        STR("\xe2\x81\xa9"),
        STR("\xc0\x80"),
        STR("\xed\xa0\x80"),
        STR("\xe6\xb0"),
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_false(utf8_is_text(refused[i]));
    }
}

static void trimming(void **state) {
    (void)state;
    assert_true(str_is(utf8_trim(STR(" \t\n\xe3\x80\x80 a b\xe3\x80\x80\xc2\xa0 \r\n")), "a b"));
    assert_true(str_is(utf8_trim(STR("民")), "民"));
    assert_int_equal(utf8_trim(STR(" \xe3\x80\x80 ")).n, 0);
    assert_int_equal(utf8_trim(STR("")).n, 0);
    assert_null(utf8_trim((struct str){NULL, 0}).p);
    assert_true(str_is(utf8_trim(STR("\x80 a\x80")), "\x80 a\x80"));
}

/* ---- numbers ---- */

static void whole_numbers(void **state) {
    (void)state;
    int64_t v = 77;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"7", 7},
                {"-1", -1},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(num_i64(str_of(good[i].text), INT64_MIN, INT64_MAX, &v));
        assert_true(v == good[i].value);
    }
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      "01",
                                      "-01",
                                      "00",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "1e2",
                                      "0x1",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999999999",
                                      "１",
                                      "--1"};
    v = 77;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(num_i64(str_of(bad[i]), INT64_MIN, INT64_MAX, &v));
    }
    assert_false(num_i64((struct str){"1\0", 2}, 0, 9, &v));
    assert_false(num_i64(STR("10"), 0, 9, &v));
    assert_false(num_i64(STR("-1"), 0, 9, &v));
    assert_int_equal(v, 77);
    assert_true(num_i64(STR("9"), 0, 9, &v));
}

static void millionths(void **state) {
    (void)state;
    int64_t v = 77;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"120.05", 120050000}, {"0", 0},        {"-0.5", -500000},           {"-0", 0},
                {"30", 30000000},      {"0.000001", 1}, {"-180.000000", -180000000}, {"1.234567", 1234567}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(num_millionths(str_of(good[i].text), &v));
        assert_true(v == good[i].value);
    }
    static const char *const bad[] = {"",
                                      ".",
                                      "1.",
                                      ".5",
                                      "-",
                                      "-.5",
                                      "1.0000000",
                                      "1e2",
                                      "1.2.3",
                                      "01.5",
                                      "+1",
                                      "1,5",
                                      "1.-5",
                                      "9223372036854775807",
                                      "99999999999999999999",
                                      "1 "};
    v = 77;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(num_millionths(str_of(bad[i]), &v));
    }
    assert_int_equal(v, 77);
}

/* ---- encodings ---- */

static void hex(void **state) {
    (void)state;
    char out[9];
    hex_encode((const uint8_t *)"\x00\xff\x1a\xbc", 4, out);
    assert_string_equal(out, "00ff1abc");
    uint8_t back[4];
    assert_true(hex_decode(STR("00FF1aBc"), back, 4));
    assert_memory_equal(back, "\x00\xff\x1a\xbc", 4);
    assert_false(hex_decode(STR("00FF1aB"), back, 4));
    assert_false(hex_decode(STR("00FF1aBcd"), back, 4));
    assert_false(hex_decode(STR("00FF1aBg"), back, 4));
    assert_false(hex_decode(STR("0 FF1aBc"), back, 4));
    assert_false(hex_decode(STR("00FF1a@c"), back, 4));
}

/* The vectors of RFC 4648, section 10. */
static void base64_vectors(void **state) {
    (void)state;
    static const struct {
        const char *plain, *padded, *bare;
    } cases[] = {{"", "", ""},
                 {"f", "Zg==", "Zg"},
                 {"fo", "Zm8=", "Zm8"},
                 {"foo", "Zm9v", "Zm9v"},
                 {"foob", "Zm9vYg==", "Zm9vYg"},
                 {"fooba", "Zm9vYmE=", "Zm9vYmE"},
                 {"foobar", "Zm9vYmFy", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[16];
        uint8_t back[8];
        size_t n, plain = strlen(cases[i].plain);
        assert_int_equal(base64_encode((const uint8_t *)cases[i].plain, plain, out), strlen(cases[i].padded));
        assert_string_equal(out, cases[i].padded);
        assert_int_equal(base64url_encode((const uint8_t *)cases[i].plain, plain, out), strlen(cases[i].bare));
        assert_string_equal(out, cases[i].bare);
        assert_true(base64_decode(str_of(cases[i].padded), back, sizeof back, &n));
        assert_int_equal(n, plain);
        assert_memory_equal(back, cases[i].plain, plain);
        assert_true(base64url_decode(str_of(cases[i].bare), back, sizeof back, &n));
        assert_int_equal(n, plain);
        assert_memory_equal(back, cases[i].plain, plain);
    }
}

static void base64_is_strict(void **state) {
    (void)state;
    uint8_t out[16];
    size_t n;
    static const char *const bad_url[] = {"Z", "Zg==", "Zm8=", "Zh", "Zm9", "Zm9v Zg", "Zm9v\n", "+/+/", "ZZZZZ"};
    for (size_t i = 0; i < sizeof bad_url / sizeof bad_url[0]; i++) {
        assert_false(base64url_decode(str_of(bad_url[i]), out, sizeof out, &n));
    }
    static const char *const bad[] = {"Zg", "Zg=", "Zh==", "Zm9=", "====", "Z===", "=", "Zg==Zg==", "-_-_", "Zg=g"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(base64_decode(str_of(bad[i]), out, sizeof out, &n));
    }
    assert_true(base64url_decode(STR("-_-_"), out, 3, &n));
    assert_memory_equal(out, "\xfb\xff\xbf", 3);
    assert_false(base64url_decode(STR("-_-_"), out, 2, &n));
}

static void base62(void **state) {
    (void)state;
    uint8_t in[32] = {0}, back[32];
    char out[44];
    base62_encode32(in, out);
    assert_string_equal(out, "0000000000000000000000000000000000000000000");
    in[31] = 61;
    base62_encode32(in, out);
    assert_string_equal(out + 41, "0z");
    in[31] = 62;
    base62_encode32(in, out);
    assert_string_equal(out + 41, "10");
    memset(in, 0xFF, sizeof in);
    base62_encode32(in, out);
    assert_true(base62_decode32(STR("00000000000000000000000000000000000000000zz"), back));
    assert_int_equal(back[30] << 8 | back[31], 61 * 62 + 61);
    assert_true(base62_decode32(str_of(out), back));
    assert_memory_equal(back, in, 32);
    out[42]++; /* 2^256 - 1 plus one */
    assert_false(base62_decode32(str_of(out), back));
    assert_false(base62_decode32(STR("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"), back));
    assert_false(base62_decode32(STR("000000000000000000000000000000000000000000"), back));
    assert_false(base62_decode32(STR("00000000000000000000000000000000000000000000"), back));
    assert_false(base62_decode32(STR("000000000000000000000000000000000000000000-"), back));
    uint32_t seed = 1;
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 32; i++) {
            seed = seed * 1664525u + 1013904223u;
            in[i] = (uint8_t)(seed >> 24);
        }
        base62_encode32(in, out);
        assert_int_equal(strlen(out), 43);
        assert_true(base62_decode32(str_of(out), back));
        assert_memory_equal(back, in, 32);
    }
}

static void crc32_values(void **state) {
    (void)state;
    assert_int_equal(crc32_of("123456789", 9), 0xcbf43926);
    assert_int_equal(crc32_of("", 0), 0);
    assert_int_equal(crc32_of("a", 1), 0xe8b7be43);
    char out[7];
    base62_encode_crc(0, out);
    assert_string_equal(out, "000000");
    base62_encode_crc(UINT32_MAX, out);
    assert_string_equal(out, "4gfFC3");
}

static void percent(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 100000);
    struct buf b;
    buf_init(&b, &a, 1000);
    assert_true(percent_encode(&b, STR("aZ09-_.~ /?&=+%民")));
    assert_true(str_is(buf_str(&b), "aZ09-_.~%20%2F%3F%26%3D%2B%25%E6%B0%91"));
    char room[100];
    struct str out;
    assert_true(percent_decode(buf_str(&b), false, room, &out) && str_is(out, "aZ09-_.~ /?&=+%民"));
    assert_true(percent_decode(STR("a+b%2b%2B"), true, room, &out) && str_is(out, "a b++"));
    assert_true(percent_decode(STR("a+b"), false, room, &out) && str_is(out, "a+b"));
    assert_true(percent_decode(STR("%00"), false, room, &out) && str_eq(out, STR("\0")));
    static const char *const broken[] = {"%", "%2", "a%", "%zz", "%2g", "%-1", "% 1", "%%20"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        assert_false(percent_decode(str_of(broken[i]), false, room, &out));
    }
    buf_init(&b, &a, 4);
    assert_false(percent_encode(&b, STR("  ")));
    arena_free(&a);
}

/* ---- return codes ---- */

static void return_codes_are_complete(void **state) {
    (void)state;
    for (int i = 0; i < RC__MAX; i++) {
        const struct rc_info *info = rc_info((enum rc)i);
        assert_in_range(info->status, 200, 599);
        assert_true(info->code[0] && info->title_zh[0] && info->title_en[0]);
        assert_true(utf8_is_text(str_of(info->title_zh)) && utf8_is_text(str_of(info->detail_zh)));
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(info->code, rc_info((enum rc)k)->code);
        }
    }
    assert_ptr_equal(rc_info(RC__MAX), rc_info(RC_INTERNAL));
    assert_ptr_equal(rc_info((enum rc)10000), rc_info(RC_INTERNAL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_sequences_are_told_from_others),
        cmocka_unit_test(code_points_are_counted_and_read),
        cmocka_unit_test(printable_text),
        cmocka_unit_test(trimming),
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(millionths),
        cmocka_unit_test(hex),
        cmocka_unit_test(base64_vectors),
        cmocka_unit_test(base64_is_strict),
        cmocka_unit_test(base62),
        cmocka_unit_test(crc32_values),
        cmocka_unit_test(percent),
        cmocka_unit_test(return_codes_are_complete),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
