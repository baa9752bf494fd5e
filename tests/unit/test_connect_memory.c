/* A strdup() that doesn't fail while a connection is made. */
#include "db/connect_memory.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The linker puts this in malloc()'s place. */
void *__wrap_malloc(size_t n);
void *__real_malloc(size_t n);

static volatile bool memory_is_used_up; /* which the compiler doesn't expect strdup() to look at */

void *__wrap_malloc(size_t n) { return memory_is_used_up ? NULL : __real_malloc(n); }

static char *copy_without_memory(const char *s) {
    memory_is_used_up = true;
    char *copy = strdup(s);
    memory_is_used_up = false;
    return copy;
}

static void test_a_copy_fails_where_nothing_is_set_aside(void **state) {
    (void)state;
    assert_null(copy_without_memory("10.11.19-MariaDB"));
    char *copy = strdup("10.11.19-MariaDB");
    assert_string_equal(copy, "10.11.19-MariaDB");
    free(copy);
}

static void test_every_copy_of_a_connection_is_made(void **state) {
    (void)state;
    char *copies[6]; /* host_info, host, user, password, unix_socket, server_version */
    assert_true(connect_memory_reserve());
    for (size_t i = 0; i < 6; i++) {
        copies[i] = copy_without_memory("10.11.19-MariaDB-0+deb12u1");
        assert_string_equal(copies[i], "10.11.19-MariaDB-0+deb12u1");
        for (size_t j = 0; j < i; j++) assert_ptr_not_equal(copies[i], copies[j]);
    }
    for (size_t i = 0; i < 6; i++) free(copies[i]);
    connect_memory_release();
    assert_null(copy_without_memory("10.11.19-MariaDB"));
}

static void test_what_is_set_aside_has_an_end(void **state) {
    (void)state;
    char *copies[100], text[300];
    size_t made = 0;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_true(connect_memory_reserve());
    assert_null(copy_without_memory(text));
    while (made < 100 && (copies[made] = copy_without_memory("x"))) made++;
    assert_in_range(made, 6, 99);
    while (made > 0) free(copies[--made]);
    connect_memory_release();
}

static void test_what_is_set_aside_is_not_touched_without_need(void **state) {
    (void)state;
    assert_true(connect_memory_reserve());
    for (int i = 0; i < 100; i++) free(strdup("x"));
    char *copy = copy_without_memory("x");
    assert_string_equal(copy, "x");
    free(copy);
    connect_memory_release();
}

static void test_nothing_can_be_set_aside_without_memory(void **state) {
    (void)state;
    memory_is_used_up = true;
    bool is_there = connect_memory_reserve();
    memory_is_used_up = false;
    assert_false(is_there);
    assert_null(copy_without_memory("x"));
}

/* The connector finds it where it looks for the C library's. */
static void test_it_is_the_one_of_the_libraries(void **state) {
    (void)state;
    assert_int_equal((uintptr_t)dlsym(RTLD_DEFAULT, "strdup"), (uintptr_t)strdup);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_copy_fails_where_nothing_is_set_aside),
        cmocka_unit_test(test_every_copy_of_a_connection_is_made),
        cmocka_unit_test(test_what_is_set_aside_has_an_end),
        cmocka_unit_test(test_what_is_set_aside_is_not_touched_without_need),
        cmocka_unit_test(test_nothing_can_be_set_aside_without_memory),
        cmocka_unit_test(test_it_is_the_one_of_the_libraries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
