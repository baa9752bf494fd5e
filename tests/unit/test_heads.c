/* Tests of the audit heads: tree shapes, the known tree of eight leaves, signatures, lines that were tampered with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "acts/heads.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "base/timefmt.h"

#include <stdio.h>
#include <cmocka.h>

/* The leaves of the tree that Certificate Transparency's own tests use, and its roots after each of them. */
static const struct {
    struct str leaf;
    const char *root;
} known[] = {
    {{"", 0}, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {{"\x00", 1}, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {{"\x10", 1}, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {{"\x20\x21", 2}, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {{"\x30\x31", 2}, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {{"\x40\x41\x42\x43", 4}, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {{"\x50\x51\x52\x53\x54\x55\x56\x57", 8}, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {{"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16},
     "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};
enum { KNOWN = sizeof known / sizeof *known, SHAPES = 70 };

static void known_tree(void **state) {
    (void)state;
    struct merkle m = {0};
    uint8_t root[32], leaf[32];
    char hex[65];
    assert_true(merkle_root(&m, root));
    hex_encode(root, 32, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < KNOWN; i++) {
        assert_true(merkle_leaf(known[i].leaf, leaf));
        assert_true(merkle_add(&m, leaf));
        assert_true(merkle_root(&m, root));
        hex_encode(root, 32, hex);
        assert_string_equal(hex, known[i].root);
    }
}

/* The definition of RFC 6962, word for word: split at the largest power of two below n. */
static void naive(const uint8_t (*leaves)[32], size_t n, uint8_t out[32]) {
    uint8_t bytes[65] = {1};
    size_t k = 1;
    if (n == 1) {
        memcpy(out, leaves[0], 32);
        return;
    }
    while (k * 2 < n) k *= 2;
    naive(leaves, k, bytes + 1);
    naive(leaves + k, n - k, bytes + 33);
    assert_true(sha256(bytes, 65, out));
}

static void shapes(void **state) {
    (void)state;
    static uint8_t leaves[SHAPES][32];
    struct merkle m = {0};
    for (size_t n = 1; n <= SHAPES; n++) {
        uint8_t mac[32], root[32], expected[32];
        memset(mac, (int)n, 32);
        assert_true(head_leaf((int64_t)n, mac, leaves[n - 1]));
        assert_true(merkle_add(&m, leaves[n - 1]));
        assert_true(merkle_root(&m, root));
        naive((const uint8_t(*)[32])leaves, n, expected);
        assert_memory_equal(root, expected, 32);
        assert_true(merkle_root(&m, root)); /* asking changes nothing */
        assert_memory_equal(root, expected, 32);
    }
}

static void leaf_covers_seq(void **state) {
    (void)state;
    uint8_t mac[32] = {1}, a[32], b[32], data[300] = {0};
    assert_true(head_leaf(1, mac, a));
    assert_true(head_leaf(2, mac, b));
    assert_memory_not_equal(a, b, 32);
    mac[31] = 1;
    assert_true(head_leaf(1, mac, b));
    assert_memory_not_equal(a, b, 32);
    assert_true(merkle_leaf((struct str){(const char *)data, 256}, a));
    assert_false(merkle_leaf((struct str){(const char *)data, 257}, a));
}

static struct head sample(void) {
    struct head h = {.n = 7, .first_seq = 101, .last_seq = 230, .at = INT64_C(1795568400) * SECOND_US};
    memset(h.root, 0xab, 32);
    memset(h.previous, 0xcd, 32);
    return h;
}

static const uint8_t seed[32] = {9, 8, 7};

static void signature_covers_all(void **state) {
    (void)state;
    uint8_t key[32], other_seed[32] = {1}, other[32];
    struct head h = sample(), t;
    assert_true(ed25519_public(seed, key) && ed25519_public(other_seed, other));
    assert_true(head_sign(seed, &h));
    assert_true(head_holds(key, &h));
    assert_false(head_holds(other, &h));
    t = h, t.n++;
    assert_false(head_holds(key, &t));
    t = h, t.first_seq--;
    assert_false(head_holds(key, &t));
    t = h, t.last_seq--;
    assert_false(head_holds(key, &t));
    t = h, t.at += SECOND_US;
    assert_false(head_holds(key, &t));
    t = h, t.root[31] ^= 1;
    assert_false(head_holds(key, &t));
    t = h, t.previous[0] ^= 1;
    assert_false(head_holds(key, &t));
    for (int i = 0; i < 64; i++) {
        t = h, t.signature[i] ^= 0x10;
        assert_false(head_holds(key, &t));
    }
}

static void line_round_trip(void **state) {
    (void)state;
    struct arena a;
    struct head h = sample(), back;
    char line[HEAD_LINE_MAX];
    arena_init(&a, 1 << 20);
    assert_true(head_sign(seed, &h));
    size_t n = head_format(&h, line);
    assert_true(n > 0 && line[n - 1] == '}' && !strchr(line, '\n'));
    assert_true(head_parse((struct str){line, n}, &a, &back));
    assert_memory_equal(&h, &back, sizeof h);
    struct head big = h;
    big.n = big.first_seq = big.last_seq = INT64_MAX;
    n = head_format(&big, line);
    assert_true(n > 0 && head_parse((struct str){line, n}, &a, &back));
    arena_free(&a);
}

/* A changed byte makes another line or none; never the same head. */
static void hostile_lines(void **state) {
    (void)state;
    struct arena a;
    uint8_t key[32];
    struct head h = sample(), back;
    char line[HEAD_LINE_MAX], bad[HEAD_LINE_MAX * 2];
    assert_true(ed25519_public(seed, key));
    assert_true(head_sign(seed, &h));
    size_t n = head_format(&h, line);
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < 8; k++) {
            memcpy(bad, line, n);
            bad[i] = (char)(bad[i] ^ (1 << k));
            assert_false(head_parse((struct str){bad, n}, &a, &back) && head_holds(key, &back));
            arena_reset(&a);
        }
        assert_false(head_parse((struct str){line, i}, &a, &back));
        arena_reset(&a);
    }
    static const char *const lines[] = {"", "{}", "null", "[]", "{\"n\":1}", "{\"n\":0}", "\xff\xfe"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) assert_false(head_parse(str_of(lines[i]), &a, &back));
    int m = snprintf(bad, sizeof bad, "%.*s,\"more\":1}", (int)n - 1, line);
    assert_false(head_parse((struct str){bad, (size_t)m}, &a, &back));
    m = snprintf(bad, sizeof bad, " %.*s", (int)n, line);
    assert_false(head_parse((struct str){bad, (size_t)m}, &a, &back));
    memset(bad, ' ', sizeof bad);
    assert_false(head_parse((struct str){bad, sizeof bad}, &a, &back));
    arena_free(&a);
}

static void from_row(void **state) {
    (void)state;
    struct row_audit_head row = {.n = 3, .first_seq = 4, .last_seq = 5, .at = 6 * SECOND_US};
    uint8_t previous[32] = {5}, signature[65] = {7};
    struct head h;
    row.signature = (struct str){(const char *)signature, 63};
    assert_false(head_from_row(&row, previous, &h));
    row.signature.n = 65;
    assert_false(head_from_row(&row, previous, &h));
    row.signature = (struct str){0};
    assert_false(head_from_row(&row, previous, &h));
    row.signature = (struct str){(const char *)signature, 64};
    assert_true(head_from_row(&row, previous, &h));
    assert_int_equal(h.n, 3);
    assert_int_equal(h.signature[0], 7);
    assert_int_equal(h.previous[0], 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_tree),      cmocka_unit_test(shapes),
        cmocka_unit_test(leaf_covers_seq), cmocka_unit_test(signature_covers_all),
        cmocka_unit_test(line_round_trip), cmocka_unit_test(hostile_lines),
        cmocka_unit_test(from_row),
    };
    if (!crypto_init()) return 1;
    return cmocka_run_group_tests_name("heads", tests, NULL, NULL);
}
