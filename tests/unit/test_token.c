/* Tokens: what is made is read back, and nothing else is. */
#include "base/crypto.h"
#include "base/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const uint8_t secret[32] = {0xde, 0xad, 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,   14,
                                   15,   16,   17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 0xbe, 0xef};

static void test_round_trip(void **state) {
    (void)state;
    uint8_t secrets[3][32], back[32];
    memset(secrets[0], 0, 32);
    memset(secrets[1], 0xFF, 32);
    memcpy(secrets[2], secret, 32);
    static const char prefixes[4][5] = {"mha_", "mhr_", "mhk_", "mhi_"};
    for (int s = 0; s < 3; s++) {
        for (int p = 0; p < 4; p++) {
            char text[TOKEN_TEXT + 1];
            token_format(prefixes[p], secrets[s], text);
            assert_int_equal(strlen(text), TOKEN_TEXT);
            assert_memory_equal(text, prefixes[p], 4);
            assert_true(token_parse(str_of(text), prefixes[p], back));
            assert_memory_equal(back, secrets[s], 32);
        }
    }
}

/* The format is for ever: tokens that are out must stay readable. */
static void test_known(void **state) {
    (void)state;
    char text[TOKEN_TEXT + 1];
    static const uint8_t zero[32];
    token_format("mha_", zero, text);
    assert_string_equal(text, "mha_00000000000000000000000000000000000000000004fPxun");
    token_format("mhk_", secret, text);
    assert_string_equal(text, "mhk_qnnqQbzSc9q1zgWoTwhjPVGS7CvTRgjHEVx6X6v1Khj0ZmQ3h");
}

static void test_other_prefix(void **state) {
    (void)state;
    char text[TOKEN_TEXT + 1];
    uint8_t back[32];
    token_format("mha_", secret, text);
    assert_false(token_parse(str_of(text), "mhr_", back));
    /* Renaming the kind does not help: the checksum covers it. */
    text[2] = 'r';
    assert_false(token_parse(str_of(text), "mhr_", back));
}

static void test_every_change_is_refused(void **state) {
    (void)state;
    char text[TOKEN_TEXT + 1];
    uint8_t back[32];
    token_format("mhk_", secret, text);
    for (size_t i = 0; i < TOKEN_TEXT; i++) {
        char was = text[i];
        for (int c = 0; c < 256; c++) {
            text[i] = (char)c;
            assert_int_equal(token_parse((struct str){text, TOKEN_TEXT}, "mhk_", back), text[i] == was);
        }
        text[i] = was;
    }
    for (size_t i = 0; i + 1 < TOKEN_TEXT; i++) {
        if (text[i] != text[i + 1]) {
            char other[TOKEN_TEXT + 1];
            memcpy(other, text, sizeof other);
            other[i] = text[i + 1];
            other[i + 1] = text[i];
            assert_false(token_parse(str_of(other), "mhk_", back));
        }
    }
}

static void test_other_lengths(void **state) {
    (void)state;
    char text[TOKEN_TEXT + 2];
    uint8_t back[32];
    token_format("mha_", secret, text);
    for (size_t n = 0; n < TOKEN_TEXT; n++) {
        assert_false(token_parse((struct str){text, n}, "mha_", back));
    }
    text[TOKEN_TEXT] = '0';
    text[TOKEN_TEXT + 1] = '\0';
    assert_false(token_parse(str_of(text), "mha_", back));
    assert_false(token_parse((struct str){NULL, 0}, "mha_", back));
    assert_false(token_parse((struct str){NULL, TOKEN_TEXT}, "mha_", back));
}

static void test_hash(void **state) {
    (void)state;
    char text[TOKEN_TEXT + 1];
    uint8_t one[32], two[32];
    token_format("mha_", secret, text);
    assert_true(token_hash(str_of(text), one));
    assert_true(sha256(text, TOKEN_TEXT, two));
    assert_memory_equal(one, two, 32);
}

int main(void) {
    if (!crypto_init()) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_known),
        cmocka_unit_test(test_other_prefix),  cmocka_unit_test(test_every_change_is_refused),
        cmocka_unit_test(test_other_lengths), cmocka_unit_test(test_hash),
    };
    return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
