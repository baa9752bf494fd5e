/* Digests, MACs and signatures against published vectors, and what must not be confused. */
#include "base/crypto.h"
#include "base/encode.h"
#include "base/log.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void assert_hex(const uint8_t *p, size_t n, const char *hex) {
    char text[2 * 64 + 1];
    hex_encode(p, n, text);
    assert_string_equal(text, hex);
}

static void from_hex(const char *hex, uint8_t *out, size_t n) { assert_true(hex_decode(str_of(hex), out, n)); }

static void test_sha256(void **state) {
    (void)state;
    uint8_t sum[32];
    assert_true(sha256("abc", 3, sum));
    assert_hex(sum, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(sha256(NULL, 0, sum));
    assert_hex(sum, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    static char million[1000000];
    memset(million, 'a', sizeof million);
    assert_true(sha256(million, sizeof million, sum));
    assert_hex(sum, 32, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* RFC 4231. */
static void test_hmac_sha256(void **state) {
    (void)state;
    uint8_t mac[32];
    char key[131], data[50];
    memset(key, 0x0b, 20);
    assert_true(hmac_sha256((struct str){key, 20}, STR("Hi There"), mac));
    assert_hex(mac, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_true(hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), mac));
    assert_hex(mac, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    memset(data, 0xdd, sizeof data);
    assert_true(hmac_sha256((struct str){key, 20}, (struct str){data, 50}, mac));
    assert_hex(mac, 32, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    assert_true(
        hmac_sha256((struct str){key, 131}, STR("Test Using Larger Than Block-Size Key - Hash Key First"), mac));
    assert_hex(mac, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* An empty key is a key, not the one used before. */
static void test_hmac_empty_key(void **state) {
    (void)state;
    uint8_t first[32], second[32];
    assert_true(hmac_sha256(STR(""), STR(""), first));
    assert_hex(first, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    assert_true(hmac_sha256(STR("another"), STR(""), second));
    assert_true(hmac_sha256((struct str){NULL, 0}, (struct str){NULL, 0}, second));
    assert_memory_equal(first, second, 32);
}

static void test_hmac_sm3(void **state) {
    (void)state;
    uint8_t mac[32];
    char key[20];
    memset(key, 0x0b, sizeof key);
    assert_true(hmac_sm3((struct str){key, 20}, STR("abc"), mac));
    assert_hex(mac, 32, "8ec4d9f9e5159d52d8b7f8e8e681a62ecd2fb0cb58ba554ee56c962d0fa5daa1");
    assert_true(hmac_sm3(STR("minhu"), STR("abc"), mac));
    assert_hex(mac, 32, "1b64fae9e0b675984065675f786692df210205d66c4f46f5f663e6bb25a73542");
}

static void test_parts(void **state) {
    (void)state;
    uint8_t one[32], two[32], whole[32];
    const struct str ab_c[] = {STR("ab"), STR("c")}, a_bc[] = {STR("a"), STR("bc")};
    assert_true(hmac_sha256_parts(STR("k"), ab_c, 2, one));
    assert_true(hmac_sha256(STR("k"), STR("\0\0\0\0\0\0\0\2ab\0\0\0\0\0\0\0\1c"), whole));
    assert_memory_equal(one, whole, 32);
    assert_true(hmac_sha256_parts(STR("k"), a_bc, 2, two));
    assert_memory_not_equal(one, two, 32);
    const struct str three[] = {STR("ab"), STR("c"), STR("")};
    assert_true(hmac_sha256_parts(STR("k"), three, 3, two));
    assert_memory_not_equal(one, two, 32);
    assert_true(hmac_sha256_parts(STR("k"), NULL, 0, one));
    assert_true(hmac_sha256(STR("k"), STR(""), two));
    assert_memory_equal(one, two, 32);
}

/* Pieces of all sizes around what is gathered before it is hashed. */
static void test_long_parts(void **state) {
    (void)state;
    static char bytes[3000], whole[4 * (sizeof bytes + 8)];
    uint8_t one[32], two[32];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)(i * 7);
    for (size_t n = 1000; n < sizeof bytes; n += n < 1040 ? 1 : 97) {
        const struct str parts[] = {{bytes, 3}, {bytes, n}, {bytes, 0}, {bytes, n - 1000}};
        size_t at = 0;
        for (size_t i = 0; i < 4; i++) {
            for (int k = 0; k < 8; k++) whole[at++] = (char)(uint8_t)((uint64_t)parts[i].n >> (56 - 8 * k));
            memcpy(whole + at, parts[i].p, parts[i].n);
            at += parts[i].n;
        }
        assert_true(hmac_sha256_parts(STR("k"), parts, 4, one));
        assert_true(hmac_sha256(STR("k"), (struct str){whole, at}, two));
        assert_memory_equal(one, two, 32);
    }
}

static void test_md5(void **state) {
    (void)state;
    char text[33];
    assert_true(md5_hex(STR("abc"), text));
    assert_string_equal(text, "900150983cd24fb0d6963f7d28e17f72");
    assert_true(md5_hex(STR(""), text));
    assert_string_equal(text, "d41d8cd98f00b204e9800998ecf8427e");
}

/* RFC 8032, section 7.1, tests 1 and 2. */
static void test_ed25519(void **state) {
    (void)state;
    uint8_t seed[32], public_key[32], sig[64];
    from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", seed, 32);
    assert_true(ed25519_public(seed, public_key));
    assert_hex(public_key, 32, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_true(ed25519_sign(seed, STR(""), sig));
    assert_hex(sig, 64,
               "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
               "d25bf5f0595bbe24655141438e7a100b");
    assert_true(ed25519_verify(public_key, STR(""), sig));
    assert_true(ed25519_verify(public_key, (struct str){NULL, 0}, sig));
    from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", seed, 32);
    assert_true(ed25519_public(seed, public_key));
    assert_hex(public_key, 32, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    assert_true(ed25519_sign(seed, STR("r"), sig));
    assert_hex(sig, 64,
               "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
               "387b2eaeb4302aeeb00d291612bb0c00");
}

static void test_ed25519_refuses(void **state) {
    (void)state;
    uint8_t seed[32] = {1}, public_key[32], sig[64];
    assert_true(ed25519_public(seed, public_key));
    assert_true(ed25519_sign(seed, STR("head 1"), sig));
    assert_false(ed25519_verify(public_key, STR("head 2"), sig));
    for (size_t i = 0; i < sizeof sig; i++) {
        sig[i] ^= 1;
        assert_false(ed25519_verify(public_key, STR("head 1"), sig));
        sig[i] ^= 1;
    }
    public_key[0] ^= 1;
    assert_false(ed25519_verify(public_key, STR("head 1"), sig));
}

static void test_random(void **state) {
    (void)state;
    uint8_t a[32], b[32];
    assert_true(random_bytes(a, sizeof a));
    assert_true(random_bytes(b, sizeof b));
    assert_memory_not_equal(a, b, 32);
    assert_true(random_bytes(a, 0));
    assert_false(random_bytes(a, SIZE_MAX));
}

static void test_compare_and_wipe(void **state) {
    (void)state;
    char a[] = "secret", b[] = "secreT";
    assert_true(ct_equal(a, "secret", 6));
    assert_false(ct_equal(a, b, 6));
    assert_true(ct_equal(a, b, 5));
    assert_true(ct_equal(NULL, NULL, 0));
    wipe(a, 3);
    assert_memory_equal(a, "\0\0\0ret", 7);
    wipe(NULL, 0);
}

static void *hash_often(void *arg) {
    uint8_t sum[32];
    bool *ok = arg;
    for (int i = 0; i < 2000 && *ok; i++) {
        static const uint8_t begin[] = {0xba, 0x78, 0x16, 0xbf};
        uint8_t mac[32];
        *ok = sha256("abc", 3, sum) && memcmp(sum, begin, sizeof begin) == 0 && hmac_sm3(STR("k"), STR("d"), mac);
    }
    return NULL;
}

/* Threads come and go; each has contexts of its own and gives them back. */
static void test_threads(void **state) {
    (void)state;
    pthread_t threads[4];
    bool ok[4] = {true, true, true, true};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hash_often, &ok[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(ok[i]);
    }
}

/* Runs first: nothing works, and nothing breaks, before crypto_init. */
static void test_before_init(void **state) {
    (void)state;
    uint8_t sum[32];
    char text[33];
    assert_false(sha256("abc", 3, sum));
    assert_false(hmac_sha256(STR("k"), STR("d"), sum));
    assert_false(md5_hex(STR("abc"), text));
    assert_string_equal(text, "");
    assert_true(crypto_init());
    assert_true(crypto_init());
}

int main(void) {
    if (!log_open("/dev/null", LOG_ERROR)) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before_init), cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_hmac_sha256), cmocka_unit_test(test_hmac_empty_key),
        cmocka_unit_test(test_hmac_sm3),    cmocka_unit_test(test_parts),
        cmocka_unit_test(test_long_parts),  cmocka_unit_test(test_md5),
        cmocka_unit_test(test_ed25519),     cmocka_unit_test(test_ed25519_refuses),
        cmocka_unit_test(test_random),      cmocka_unit_test(test_compare_and_wipe),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
