/* An arena for each test: for cmocka_unit_test_setup_teardown(…, setup, teardown). */
#ifndef MINHU_ARENA_FIXTURE_H
#define MINHU_ARENA_FIXTURE_H

#include "base/arena.h"

static struct arena arena;

static int setup(void **state) {
    (void)state;
    arena_init(&arena, (size_t)64 << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

#endif
