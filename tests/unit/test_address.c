/* Addresses: spelt one way, and found in what people write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "arena_fixture.h"
#include "rules/address.h"
#include <cmocka.h>

static void one_spelling(void **state) {
    (void)state;
    static const struct {
        const char *text, *spelt;
    } cases[] = {
        {"文晖路１２３号", "文晖路123号"},
        {"文晖路 123 号", "文晖路123号"},
        {"文晖路一二三号", "文晖路123号"},
        {"文晖路一百二十三号", "文晖路123号"},
        {"文晖路一百零五號", "文晖路105号"},
        {"十弄", "10弄"},
        {"十二弄", "12弄"},
        {"二十弄", "20弄"},
        {"三十一幢", "31幢"},
        {"二〇二六号", "2026号"},
        {"锦绣苑３号楼", "锦绣苑3幢"},
        {"锦绣苑三栋", "锦绣苑3幢"},
        {"锦绣苑3#", "锦绣苑3号"},
        {"锦绣苑3#楼", "锦绣苑3幢"},
        {"锦绣苑（北区）", "锦绣苑北区"},
        {"锦绣苑【北區】", "锦绣苑北区"},
        {"3—2—501", "3-2-501"},
        {"3～5号", "3-5号"},
        {"ＡＢ座", "ab座"},
        {"2 3幢", "2 3幢"}, /* two numbers stay two */
        {"2　3幢", "2 3幢"},
        {"2 三幢", "2 3幢"},
        {"一百", "100"},
        {"二百一十", "210"},
        {"😀路 1 号", "😀路1号"},
        {"", ""},
        {" （）\n", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str s = address_spelling(&arena, str_of(cases[i].text));
        if (!s.p || !str_is(s, cases[i].spelt)) fail_msg("%s is spelt %.*s", cases[i].text, (int)s.n, s.p);
        struct str again = address_spelling(&arena, s);
        assert_true(str_eq(s, again)); /* what is spelt so stays so */
    }
}

static void no_memory_is_no_place(void **state) {
    (void)state;
    struct arena none;
    arena_init(&none, 1 << 16);
    none.fail_after = 0;
    assert_null(address_spelling(&none, STR("文晖路一号")).p);
    arena_free(&none);
}

enum { PLACES = 10 };
static struct place spots[PLACES];
static const char *const table[PLACES] = {"文晖路123号", "文晖路12号", "锦绣苑", "锦绣苑3幢",    "锦绣苑三幢二单元",
                                          "3弄",         "康桥路",     "旧址",   "河畔家园一期", "康桥路旧址"};

static struct address_index small_table(void) {
    struct address_index x;
    struct address *items = arena_array(&arena, PLACES, sizeof *items);
    for (size_t i = 0; i < PLACES; i++) {
        spots[i] = (struct place){.id = (int64_t)i + 1, .active = !strstr(table[i], "旧址")};
        items[i] = (struct address){address_spelling(&arena, str_of(table[i])), &spots[i], 0};
    }
    assert_true(address_index(&x, items, PLACES, &arena));
    return x;
}

static void places_found(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int place; /* -1: none */
    } cases[] = {
        {"文晖路123号门口的路灯坏了", 0},
        {"就在文晖路一百二十三号门口", 0},
        {"文晖路12号楼下", -1}, /* 12幢 is not 12号 */
        {"文晖路12号对面", 1},
        {"文晖路1234号", -1}, /* another number */
        {"文晖路 12 号", 1},
        {"我住锦绣苑，楼道没灯", 2},
        {"我住锦绣苑3号楼", 3},
        {"我住锦绣苑13幢", 2}, /* the compound, not building 3 */
        {"锦绣苑3栋2单元501", 4},
        {"锦绣苑3栋2", 3},
        {"康桥路锦绣苑", 6}, /* of two equally long ones the first … */
        {"锦绣苑旁康桥路", 2},
        {"康桥路上锦绣苑3幢", 3}, /* … and the longest before that */
        {"13弄口", -1},
        {"在3弄口", 5},
        {"在三弄口", 5},
        {"旧址", -1},      /* closed */
        {"康桥路旧址", 6}, /* what is closed hides nothing */
        {"河畔家园1期", 8},
        {"文晖路", -1},
        {"", -1},
        {"灯", -1},
    };
    struct address_index x = small_table();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct place *p = address_find(&x, str_of(cases[i].text), &arena);
        if (p != (cases[i].place < 0 ? NULL : &spots[cases[i].place]))
            fail_msg("%s: found %s", cases[i].text, p ? table[p - spots] : "nothing");
    }
    struct address_index none = {0};
    assert_null(address_find(&none, STR("锦绣苑"), &arena));
}

/* Against a model that looks for every address at every place. */
static const struct place *slow_model(const struct address *items, size_t n, struct str s) {
    const struct address *best = NULL;
    for (size_t at = 0; at < s.n; at++)
        for (size_t i = 0; i < n; i++) {
            struct str t = items[i].text;
            if (at + t.n > s.n || memcmp(s.p + at, t.p, t.n) != 0 || (best && t.n <= best->text.n)) continue;
            bool before = at && s.p[at - 1] >= '0' && s.p[at - 1] <= '9' && t.p[0] >= '0' && t.p[0] <= '9';
            char last = t.p[t.n - 1], next = at + t.n < s.n ? s.p[at + t.n] : 'x';
            bool after = last >= '0' && last <= '9' && next >= '0' && next <= '9';
            if (!before && !after) best = &items[i];
        }
    return best ? best->place : NULL;
}

static uint32_t random_bits = 7;

static struct str random_text(size_t max) {
    static const char *const letters[] = {"路", "苑", "1", "2", "号", "一"};
    char text[64] = "";
    size_t n = 0;
    random_bits = random_bits * 1664525 + 1013904223;
    for (size_t left = 1 + (random_bits >> 8) % max; left; left--) {
        random_bits = random_bits * 1664525 + 1013904223;
        const char *one = letters[(random_bits >> 8) % 6];
        memcpy(text + n, one, strlen(one));
        n += strlen(one);
    }
    return address_spelling(&arena, arena_str(&arena, (struct str){text, n}));
}

static void the_index_finds_what_a_look_at_all_finds(void **state) {
    (void)state;
    enum { MANY = 300 };
    static struct place here[MANY];
    struct address *items = arena_array(&arena, MANY, sizeof *items);
    assert_non_null(items);
    size_t n = 0, found = 0;
    for (int tries = 0; tries < 2000 && n < MANY; tries++) {
        struct str s = random_text(5);
        bool there = s.n < 2;
        for (size_t i = 0; i < n && !there; i++) there = str_eq(items[i].text, s);
        if (there) continue;
        here[n] = (struct place){.id = (int64_t)n + 1, .active = true};
        items[n] = (struct address){s, &here[n], 0};
        n++;
    }
    struct address_index x;
    assert_true(n > 200 && address_index(&x, items, n, &arena));
    for (int i = 0; i < 5000; i++) {
        struct str s = random_text(14);
        const struct place *p = address_find(&x, s, &arena);
        assert_ptr_equal(p, slow_model(items, n, s));
        found += p != NULL;
    }
    assert_true(found > 1000);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_spelling),
        cmocka_unit_test(no_memory_is_no_place),
        cmocka_unit_test(places_found),
        cmocka_unit_test(the_index_finds_what_a_look_at_all_finds),
    };
    return cmocka_run_group_tests_name("address", tests, setup, teardown);
}
