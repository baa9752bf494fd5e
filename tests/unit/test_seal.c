/* Sealed values: what was sealed comes back from its own place only; blind indexes; the key file and its mistakes. */
#include "base/crypto.h"
#include "base/encode.h"
#include "base/log.h"
#include "base/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define K1 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define K2 "ffeeddccbbaa99887766554433221100FFEEDDCCBBAA99887766554433221100"
#define K3 "3333333333333333333333333333333333333333333333333333333333333333"

static char folder[] = "/tmp/minhu-seal-XXXXXX", file[64];
static struct arena arena;
static char error[512];
static const struct seal_place place = {3, 7};
static const uint8_t row[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void write_file(const char *text, mode_t mode) {
    unlink(file);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(file, mode), 0);
}

static struct keyring *ring(const char *text) {
    struct keyring *kr;
    write_file(text, 0600);
    enum rc rc = keyring_load(file, &kr, error, sizeof error);
    if (rc != RC_OK) {
        fail_msg("%s", error);
    }
    return kr;
}

static struct keyring *ring_of(const char *suite) {
    char text[512];
    snprintf(text, sizeof text, "[seal]\ncurrent=1\nsuite=%s\n[seal.1]\nkey=" K1 "\n[index]\nkey=" K2 "\n", suite);
    return ring(text);
}

static struct str sealed_of(const struct keyring *kr, struct str plain) {
    struct str sealed;
    assert_int_equal(seal(kr, place, row, plain, &arena, &sealed), RC_OK);
    return sealed;
}

static void assert_opens(const struct keyring *kr, struct str sealed, struct str plain) {
    struct str back;
    assert_int_equal(unseal(kr, place, row, sealed, &arena, &back), RC_OK);
    assert_int_equal(back.p != NULL, plain.p != NULL);
    assert_true(str_eq(back, plain));
}

static void assert_refused(const struct keyring *kr, struct seal_place at, const uint8_t id[16], struct str sealed) {
    struct str back = STR("old");
    assert_int_equal(unseal(kr, at, id, sealed, &arena, &back), RC_INTERNAL);
    assert_null(back.p);
}

struct suite_case {
    const char *name;
    uint8_t number;
    size_t overhead;
};
static const struct suite_case suites[] = {{"aes", SUITE_AES, 4 + 12 + 16}, {"sm", SUITE_SM, 4 + 16 + 32}};
enum { SUITES = 2 };

static void test_round_trip(void **state) {
    (void)state;
    static char large[100000];
    memset(large, 'x', sizeof large);
    for (size_t i = 0; i < SUITES; i++) {
        struct keyring *kr = ring_of(suites[i].name);
        const struct str plains[] = {
            STR("13812345678"), STR(""), STR("\0"), STR("0123456789abcdef"), {large, sizeof large}};
        for (size_t k = 0; k < sizeof plains / sizeof plains[0]; k++) {
            struct str sealed = sealed_of(kr, plains[k]);
            assert_int_equal(sealed.n, plains[k].n + suites[i].overhead);
            assert_true(suites[i].overhead <= SEAL_OVERHEAD_MAX);
            const uint8_t head[] = {1, suites[i].number, 0, 1};
            assert_memory_equal(sealed.p, head, sizeof head);
            assert_opens(kr, sealed, plains[k]);
        }
        keyring_free(kr);
        arena_reset(&arena);
    }
}

static void test_absent_and_empty(void **state) {
    (void)state;
    struct keyring *kr = ring_of("aes");
    const struct str absent = {NULL, 0};
    assert_null(sealed_of(kr, absent).p);
    assert_opens(kr, absent, absent);
    assert_opens(kr, STR(""), absent);
    assert_opens(kr, sealed_of(kr, STR("")), STR(""));
    keyring_free(kr);
}

static void test_never_twice_the_same(void **state) {
    (void)state;
    for (size_t i = 0; i < SUITES; i++) {
        struct keyring *kr = ring_of(suites[i].name);
        assert_false(str_eq(sealed_of(kr, STR("same")), sealed_of(kr, STR("same"))));
        keyring_free(kr);
    }
}

static void test_moved(void **state) {
    (void)state;
    for (size_t i = 0; i < SUITES; i++) {
        struct keyring *kr = ring_of(suites[i].name);
        struct str sealed = sealed_of(kr, STR("13812345678"));
        assert_refused(kr, (struct seal_place){4, 7}, row, sealed);
        assert_refused(kr, (struct seal_place){3, 8}, row, sealed);
        assert_refused(kr, (struct seal_place){7, 3}, row, sealed);
        assert_refused(kr, (struct seal_place){3 + 256, 7}, row, sealed);
        for (size_t k = 0; k < 16; k++) {
            uint8_t other[16];
            memcpy(other, row, 16);
            other[k] ^= 0x80;
            assert_refused(kr, place, other, sealed);
        }
        assert_opens(kr, sealed, STR("13812345678"));
        keyring_free(kr);
    }
}

static void test_every_byte_counts(void **state) {
    (void)state;
    for (size_t i = 0; i < SUITES; i++) {
        struct keyring *kr = ring_of(suites[i].name);
        struct str sealed = sealed_of(kr, STR("13812345678"));
        char copy[128];
        assert_true(sealed.n < sizeof copy);
        for (size_t k = 0; k < sealed.n; k++) {
            for (int bit = 0; bit < 8; bit++) {
                memcpy(copy, sealed.p, sealed.n);
                copy[k] = (char)(copy[k] ^ (1 << bit));
                assert_refused(kr, place, row, (struct str){copy, sealed.n});
            }
        }
        for (size_t n = 1; n < sealed.n; n++) {
            memcpy(copy, sealed.p, n);
            assert_refused(kr, place, row, (struct str){copy, n});
        }
        memcpy(copy, sealed.p, sealed.n);
        copy[sealed.n] = 0;
        assert_refused(kr, place, row, (struct str){copy, sealed.n + 1});
        keyring_free(kr);
    }
}

/* Relabelling a value with the other suite must not open it, nor make anything crash. */
static void test_other_suite(void **state) {
    (void)state;
    struct keyring *aes = ring_of("aes"), *sm = ring_of("sm");
    struct str from_aes = sealed_of(aes, STR("a text that is long enough for both")), from_sm = sealed_of(sm, STR("x"));
    assert_opens(sm, from_aes, STR("a text that is long enough for both"));
    assert_opens(aes, from_sm, STR("x"));
    char copy[128];
    memcpy(copy, from_aes.p, from_aes.n);
    copy[1] = SUITE_SM;
    assert_refused(aes, place, row, (struct str){copy, from_aes.n});
    memcpy(copy, from_sm.p, from_sm.n);
    copy[1] = SUITE_AES;
    assert_refused(aes, place, row, (struct str){copy, from_sm.n});
    keyring_free(aes);
    keyring_free(sm);
}

/* Rotation: old values stay readable while their key is in the ring; new ones take the current key. */
static void test_several_keys(void **state) {
    (void)state;
    struct keyring *old = ring_of("aes");
    struct keyring *both = ring("[seal]\ncurrent=300\nsuite=sm\n[seal.1]\nkey=" K1 "\n[seal.300]\nkey=" K3
                                "\n[index]\nkey=" K2 "\n");
    struct keyring *only = ring("[seal]\ncurrent=300\nsuite=aes\n[seal.300]\nkey=" K3 "\n[index]\nkey=" K2 "\n");
    struct keyring *wrong = ring("[seal]\ncurrent=1\nsuite=aes\n[seal.1]\nkey=" K3 "\n[index]\nkey=" K2 "\n");
    struct str before = sealed_of(old, STR("v")), after = sealed_of(both, STR("w"));
    assert_memory_equal(after.p, "\1\2\1\x2c", 4);
    assert_opens(both, before, STR("v"));
    assert_opens(both, after, STR("w"));
    assert_opens(only, after, STR("w"));
    assert_refused(old, place, row, after);
    assert_refused(only, place, row, before);
    assert_refused(wrong, place, row, before);
    keyring_free(old);
    keyring_free(both);
    keyring_free(only);
    keyring_free(wrong);
}

/* Made with other programs by the layout in seal.h: the format is for ever. */
static void test_known_values(void **state) {
    (void)state;
    static const char *const known[] = {
        "01010001202122232425262728292a2be3099e415eab2e3b2c4b7ab4991aeafd3419cbaa83db11fd51be5c",
        "01020001404142434445464748494a4b4c4d4e4f8b37de1b826b3e055dd4f4a931220d10da18c333"
        "56dd90b3a5bbe9c0a1a3e758478ac39bc8b5ba225c47ec"};
    struct keyring *kr = ring_of("aes");
    for (size_t i = 0; i < SUITES; i++) {
        uint8_t bytes[128];
        size_t n = strlen(known[i]) / 2;
        assert_true(hex_decode(str_of(known[i]), bytes, n));
        assert_opens(kr, (struct str){(const char *)bytes, n}, STR("13812345678"));
    }
    keyring_free(kr);
}

static void test_out_of_memory(void **state) {
    (void)state;
    struct keyring *kr = ring_of("aes");
    struct str sealed = sealed_of(kr, STR("v")), out = STR("old");
    struct arena none;
    arena_init(&none, 1);
    assert_int_equal(seal(kr, place, row, STR("v"), &none, &out), RC_INTERNAL);
    assert_null(out.p);
    assert_int_equal(unseal(kr, place, row, sealed, &none, &out), RC_INTERNAL);
    assert_null(out.p);
    assert_int_equal(seal(kr, place, row, (struct str){"", (size_t)1 << 40}, &arena, &out), RC_TOO_LARGE);
    arena_free(&none);
    keyring_free(kr);
}

static void test_blind_index(void **state) {
    (void)state;
    struct keyring *kr = ring_of("aes");
    struct keyring *other = ring("[seal]\ncurrent=1\nsuite=aes\n[seal.1]\nkey=" K1 "\n[index]\nkey=" K3 "\n");
    uint8_t a[16], b[16];
    assert_true(blind_index(kr, "phone", STR("13812345678"), a));
    assert_true(blind_index(kr, "phone", STR("13812345678"), b));
    assert_memory_equal(a, b, 16);
    static const uint8_t known[16] = {0xd3, 0x6d, 0x5c, 0x3b, 0x9c, 0xea, 0x47, 0x7f,
                                      0xc3, 0xb7, 0x23, 0x8a, 0xe4, 0x00, 0xda, 0x77};
    assert_memory_equal(a, known, 16);
    assert_true(blind_index(kr, "id", STR("13812345678"), b));
    assert_memory_not_equal(a, b, 16);
    assert_true(blind_index(kr, "phone1", STR("3812345678"), b));
    assert_memory_not_equal(a, b, 16);
    assert_true(blind_index(other, "phone", STR("13812345678"), b));
    assert_memory_not_equal(a, b, 16);
    assert_true(blind_index(kr, "phone", STR(""), b));
    assert_false(blind_index(kr, "phone", (struct str){NULL, 0}, b));
    keyring_free(kr);
    keyring_free(other);
}

static void refuse(const char *text, const char *message) {
    struct keyring *kr;
    char whole[512];
    write_file(text, 0600);
    assert_int_equal(keyring_load(file, &kr, error, sizeof error), RC_INVALID);
    assert_null(kr);
    snprintf(whole, sizeof whole, "%s:%s", file, message);
    assert_string_equal(error, whole);
}

#define SEAL "[seal]\ncurrent=1\nsuite=aes\n"
#define REST "[seal.1]\nkey=" K1 "\n[index]\nkey=" K2 "\n"

static void test_file_mistakes(void **state) {
    (void)state;
    refuse("", "1: [seal] suite is missing");
    refuse("[seal]\nsuite=aes\n" REST, "6: [seal] current is missing");
    refuse("[seal]\ncurrent=1\n" REST, "6: [seal] suite is missing");
    refuse(SEAL "[seal.1]\nkey=" K1 "\n", "5: [index] key is missing");
    refuse("[seal]\ncurrent=2\nsuite=aes\n" REST, "2: [seal] current names a key that has no section [seal.2]");
    refuse("[seal]\ncurrent=0\nsuite=aes\n" REST, "2: [seal] current must be a key id from 1 to 65535");
    refuse("[seal]\ncurrent=65536\nsuite=aes\n" REST, "2: [seal] current must be a key id from 1 to 65535");
    refuse("[seal]\ncurrent=1\nsuite=AES\n" REST, "3: [seal] suite must be aes or sm");
    refuse(SEAL "sample=true\n" REST, "4: [seal] sample must be yes or no");
    refuse(SEAL "current=1\n" REST, "4: [seal] current is given again (first in line 2)");
    refuse(SEAL "[seal.1]\nkey=" K1 "\nkey=" K1 "\n", "6: [seal.1] key is given again (first in line 5)");
    refuse(SEAL REST "[seal.1]\nkey=" K3 "\n", "9: [seal.1] key is given again (first in line 5)");
    refuse(SEAL REST "[index]\nkey=" K3 "\n", "9: [index] key is given again (first in line 7)");
    refuse(SEAL REST "[keys]\ntoken=" K3 "\ntoken=" K3 "\n", "10: [keys] token is given again (first in line 9)");
    refuse(SEAL "[seal.1]\nkey=abcd\n", "5: [seal.1] key must be 64 hex digits, but has 4 characters");
    refuse(SEAL "[seal.1]\nkey=" K1 "0\n", "5: [seal.1] key must be 64 hex digits, but has 65 characters");
    refuse(SEAL "[seal.1]\nkey=\n", "5: [seal.1] key must be 64 hex digits, but has 0 characters");
    refuse(SEAL "[seal.1]\nkey=g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
           "5: [seal.1] key has a character that is no hex digit");
    refuse(SEAL REST "[keys]\ntokens=" K3 "\n", "9: unknown key tokens in [keys]");
    refuse(SEAL REST "[key]\n", "8: unknown section [key] (a seal key's is [seal.ID], ID from 1 to 65535)");
    refuse(SEAL REST "[seal.01]\n", "8: unknown section [seal.01] (a seal key's is [seal.ID], ID from 1 to 65535)");
    refuse(SEAL REST "[seal.0]\n", "8: unknown section [seal.0] (a seal key's is [seal.ID], ID from 1 to 65535)");
    refuse(SEAL REST "[seal.2]\nkye=" K3 "\n", "9: unknown key kye in [seal.2]");
    refuse(SEAL REST "token\n", "8: the line is neither a [section] nor a name = value");
    refuse(SEAL "[seal.1]\n key=" K1 "\n", "5: the line starts with white space");
}

static void test_too_many_keys(void **state) {
    (void)state;
    static char text[8192];
    size_t at = (size_t)snprintf(text, sizeof text, SEAL "[index]\nkey=" K2 "\n");
    for (int i = 1; i <= 65; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "[seal.%d]\nkey=" K1 "\n", i);
    }
    refuse(text, "135: [seal.65] is one seal key too many (at most 64)");
    *strstr(text, "[seal.65]") = '\0';
    keyring_free(ring(text));
}

static void test_file_mode(void **state) {
    (void)state;
    struct keyring *kr;
    static const mode_t weak[] = {0640, 0604, 0620, 0602, 0610, 0601, 0644, 0666};
    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++) {
        write_file(SEAL REST, weak[i]);
        assert_int_equal(keyring_load(file, &kr, error, sizeof error), RC_INVALID);
        assert_non_null(strstr(error, file));
        assert_non_null(strstr(error, "chmod 600"));
    }
    write_file(SEAL REST, 0400);
    assert_int_equal(keyring_load(file, &kr, error, sizeof error), RC_OK);
    keyring_free(kr);
    /* Another's file may be readable by the group. Only root can make one here. */
    if (geteuid() == 0) {
        write_file(SEAL REST, 0640);
        assert_int_equal(chown(file, 65534, 0), 0);
        assert_int_equal(keyring_load(file, &kr, error, sizeof error), RC_OK);
        keyring_free(kr);
        assert_int_equal(chmod(file, 0644), 0);
        assert_int_equal(keyring_load(file, &kr, error, sizeof error), RC_INVALID);
    }
    assert_int_equal(keyring_load(folder, &kr, error, sizeof error), RC_INVALID);
    assert_int_equal(keyring_load("/nowhere/keys", &kr, error, sizeof error), RC_INVALID);
    assert_string_equal(error, "/nowhere/keys: No such file or directory");
    keyring_free(NULL);
}

static void test_named_keys(void **state) {
    (void)state;
    struct keyring *kr = ring("; keys\n" SEAL "sample = yes\n" REST "[keys]\ncursor=" K3 "\n");
    const uint8_t *key = keyring_key(kr, "cursor");
    assert_non_null(key);
    assert_int_equal(key[0], 0x33);
    assert_int_equal(key[31], 0x33);
    assert_null(keyring_key(kr, "token"));
    assert_null(keyring_key(kr, "other"));
    assert_null(keyring_key(kr, ""));
    assert_true(keyring_is_sample(kr));
    keyring_free(kr);
}

static void test_create(void **state) {
    (void)state;
    static const char *const names[] = {"token", "audit", "cursor", "head", "answer"};
    for (size_t i = 0; i < SUITES; i++) {
        struct keyring *kr;
        struct stat st;
        unlink(file);
        assert_int_equal(keyring_create(file, (enum seal_suite)suites[i].number, error, sizeof error), RC_OK);
        assert_int_equal(stat(file, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(keyring_load(file, &kr, error, sizeof error), RC_OK);
        assert_false(keyring_is_sample(kr));
        for (size_t k = 0; k < 5; k++) {
            assert_non_null(keyring_key(kr, names[k]));
            for (size_t m = 0; m < k; m++) {
                assert_memory_not_equal(keyring_key(kr, names[k]), keyring_key(kr, names[m]), 32);
            }
        }
        struct str sealed = sealed_of(kr, STR("v"));
        assert_int_equal((uint8_t)sealed.p[1], suites[i].number);
        assert_opens(kr, sealed, STR("v"));
        /* It never overwrites. */
        assert_int_equal(keyring_create(file, SUITE_AES, error, sizeof error), RC_CONFLICT);
        assert_non_null(strstr(error, file));
        struct stat after;
        assert_int_equal(stat(file, &after), 0);
        assert_int_equal(after.st_size, st.st_size);
        keyring_free(kr);
    }
    assert_int_equal(keyring_create("/nowhere/keys", SUITE_AES, error, sizeof error), RC_INVALID);
    assert_int_equal(keyring_create(file, (enum seal_suite)9, error, sizeof error), RC_INVALID);
}

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 1 << 20);
    if (!log_open("/dev/null", LOG_ERROR) || !crypto_init() || !mkdtemp(folder)) {
        return -1;
    }
    return snprintf(file, sizeof file, "%s/keys.ini", folder) > 0 ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&arena);
    unlink(file);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_absent_and_empty),
        cmocka_unit_test(test_never_twice_the_same),
        cmocka_unit_test(test_moved),
        cmocka_unit_test(test_every_byte_counts),
        cmocka_unit_test(test_other_suite),
        cmocka_unit_test(test_several_keys),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_blind_index),
        cmocka_unit_test(test_file_mistakes),
        cmocka_unit_test(test_too_many_keys),
        cmocka_unit_test(test_file_mode),
        cmocka_unit_test(test_named_keys),
        cmocka_unit_test(test_create),
    };
    return cmocka_run_group_tests_name("seal", tests, set_up, tear_down);
}
