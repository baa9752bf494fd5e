/* The arena and the buffer on it: alignment, zeroing, caps, failing memory, growth in place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include <cmocka.h>

static int setup(void **state) {
    static struct arena a;
    arena_init(&a, 1024 * 1024);
    *state = &a;
    return 0;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

static void allocations_are_aligned_zeroed_and_apart(void **state) {
    struct arena *a = *state;
    unsigned char *last = NULL;
    for (size_t n = 0; n < 300; n++) {
        unsigned char *p = arena_alloc(a, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        assert_ptr_not_equal(p, last);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(p[i], 0);
        }
        memset(p, 0xAA, n);
        last = p;
    }
}

static void reset_wipes_and_keeps_the_first_block(void **state) {
    struct arena *a = *state;
    unsigned char *first = arena_alloc(a, 100);
    assert_non_null(first);
    memset(first, 0xEE, 100);
    unsigned char *big = arena_alloc(a, 300000);
    assert_non_null(big);
    memset(big, 0xEE, 300000);
    arena_reset(a);
    assert_int_equal(a->used, 0);
    assert_ptr_equal(a->first, a->current);
    unsigned char *again = arena_alloc(a, 100);
    assert_ptr_equal(again, first);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(again[i], 0);
    }
    arena_reset(a);
    arena_reset(a);
}

static void a_large_first_allocation_is_not_kept(void **state) {
    struct arena *a = *state;
    assert_non_null(arena_alloc(a, 500000));
    arena_reset(a);
    assert_null(a->first);
    assert_non_null(arena_alloc(a, 10));
}

static void the_cap_holds_until_reset(void **state) {
    struct arena *a = *state;
    a->cap = 1000;
    assert_non_null(arena_alloc(a, 990));
    assert_null(arena_alloc(a, 32));
    assert_null(arena_alloc(a, 1001));
    assert_null(arena_alloc(a, SIZE_MAX));
    arena_reset(a);
    assert_non_null(arena_alloc(a, 500));
}

static void arrays_do_not_overflow(void **state) {
    struct arena *a = *state;
    assert_null(arena_array(a, SIZE_MAX / 2, 3));
    assert_null(arena_array(a, SIZE_MAX, SIZE_MAX));
    assert_non_null(arena_array(a, 10, 10));
    assert_non_null(arena_array(a, 0, 10));
}

static void failing_on_demand(void **state) {
    struct arena *a = *state;
    a->fail_after = 2;
    assert_non_null(arena_alloc(a, 1));
    assert_non_null(arena_dup(a, STR("x")));
    assert_null(arena_alloc(a, 1));
    assert_null(arena_dup(a, STR("x")));
    assert_null(arena_str(a, STR("x")).p);
    assert_null(arena_printf(a, "%d", 1));
    a->fail_after = -1;
    assert_non_null(arena_alloc(a, 1));
}

static void copies_end_in_nul(void **state) {
    struct arena *a = *state;
    assert_string_equal(arena_dup(a, (struct str){"abcdef", 3}), "abc");
    assert_string_equal(arena_dup(a, (struct str){NULL, 0}), "");
    struct str s = arena_str(a, STR("投诉"));
    assert_true(str_is(s, "投诉"));
    assert_int_equal(s.p[s.n], 0);
    assert_string_equal(arena_printf(a, "%s-%05d", "a", 42), "a-00042");
    char *longer = arena_printf(a, "%0*d", 5000, 7);
    assert_int_equal(strlen(longer), 5000);
}

static void growing_in_place(void **state) {
    struct arena *a = *state;
    char *p = arena_alloc(a, 20);
    assert_non_null(p);
    assert_true(arena_grow(a, p, 20, 200));
    assert_int_equal(p[199], 0);
    char *q = arena_alloc(a, 8);
    assert_ptr_equal(q, p + 208);
    assert_false(arena_grow(a, p, 200, 300));
    assert_false(arena_grow(a, q, 8, 70000));
    assert_false(arena_grow(a, q, 8, SIZE_MAX));
    size_t used = a->used;
    a->cap = used + 16;
    assert_false(arena_grow(a, q, 8, 64));
    assert_int_equal(a->used, used);
}

static void a_buffer_grows_to_its_max(void **state) {
    struct arena *a = *state;
    struct buf b;
    buf_init(&b, a, 1000);
    for (int i = 0; i < 1000; i++) {
        assert_true(buf_add_char(&b, (char)('a' + i % 26)));
    }
    assert_int_equal(b.n, 1000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(b.p[i], 'a' + i % 26);
    }
    assert_true(buf_add(&b, "", 0));
    assert_false(buf_add_char(&b, 'x'));
    assert_true(b.failed);
    assert_false(buf_add(&b, "", 0));
    assert_int_equal(b.n, 1000);
}

static void a_full_buffer_stays_full(void **state) {
    struct buf b;
    buf_init(&b, *state, 10);
    assert_true(buf_add_z(&b, "12345"));
    assert_false(buf_add_z(&b, "1234567"));
    assert_false(buf_add_z(&b, "1"));
    assert_null(buf_room(&b, 1));
    assert_false(buf_printf(&b, "x"));
}

static void numbers_and_formats(void **state) {
    struct buf b;
    buf_init(&b, *state, 100000);
    buf_add_int(&b, 0);
    buf_add_char(&b, ' ');
    buf_add_int(&b, -1);
    buf_add_char(&b, ' ');
    buf_add_int(&b, INT64_MAX);
    buf_add_char(&b, ' ');
    buf_add_int(&b, INT64_MIN);
    assert_true(str_is(buf_str(&b), "0 -1 9223372036854775807 -9223372036854775808"));
    size_t n = b.n;
    assert_true(buf_printf(&b, "%0*d|", 3000, 5));
    assert_int_equal(b.n, n + 3001);
    assert_int_equal(b.p[b.n - 1], '|');
    assert_true(buf_add_str(&b, STR("end")));
    assert_false(buf_printf(&b, "%0*d", 200000, 5));
}

static void printf_may_fill_the_buffer_to_the_last_byte(void **state) {
    struct buf b;
    buf_init(&b, *state, 5);
    assert_true(buf_printf(&b, "%s", "12345"));
    assert_true(str_is(buf_str(&b), "12345"));
    char fixed[6];
    buf_fixed(&b, fixed, sizeof fixed);
    assert_true(buf_printf(&b, "%s", "12345"));
    assert_false(buf_printf(&b, "%s", "6"));
    buf_fixed(&b, fixed, 0);
    assert_false(buf_add_char(&b, 'x'));
}

static void a_buffer_without_memory(void **state) {
    struct arena *a = *state;
    struct buf b;
    buf_init(&b, a, 100000);
    assert_true(str_is(buf_str(&b), ""));
    assert_true(buf_add_z(&b, "abc"));
    a->fail_after = 0;
    assert_null(buf_room(&b, 50000));
    assert_true(b.failed && b.starved);
    buf_init(&b, a, 10);
    assert_null(buf_room(&b, 11));
    assert_true(b.failed && !b.starved);
}

static void room_is_kept_over_moves(void **state) {
    struct arena *a = *state;
    struct buf b;
    buf_init(&b, a, 100000);
    memcpy(buf_room(&b, 4), "wxyz", 4);
    assert_non_null(arena_alloc(a, 1)); /* now the buffer can't grow where it stands */
    char *p = buf_room(&b, 20000);
    assert_non_null(p);
    memset(p, '-', 20000);
    assert_memory_equal(b.p, "wxyz-", 5);
    assert_int_equal(b.n, 20004);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(allocations_are_aligned_zeroed_and_apart),
        T(reset_wipes_and_keeps_the_first_block),
        T(a_large_first_allocation_is_not_kept),
        T(the_cap_holds_until_reset),
        T(arrays_do_not_overflow),
        T(failing_on_demand),
        T(copies_end_in_nul),
        T(growing_in_place),
        T(a_buffer_grows_to_its_max),
        T(a_full_buffer_stays_full),
        T(numbers_and_formats),
        T(printf_may_fill_the_buffer_to_the_last_byte),
        T(a_buffer_without_memory),
        T(room_is_kept_over_moves),
    };
    return cmocka_run_group_tests_name("arena and buf", tests, NULL, NULL);
}
