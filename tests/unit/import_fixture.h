/* Files given to an import, and the faults that it should tell: for cmocka_unit_test_setup_teardown(…, setup, teardown). After
 * cmocka.h. */
#ifndef MINHU_IMPORT_FIXTURE_H
#define MINHU_IMPORT_FIXTURE_H

#include "acts/import.h"
#include "base/arena.h"

#define UNITS "code\tname\tname_en\ttier\tkind\tparent_code\n"
#define STAFF "employee_code\tname\tmobile\n"
#define POSTS "employee_code\tunit_code\trole\tmain\n"
#define CATEGORIES "code\tparent_code\tname\tname_en\turgency\twords\n"

#define Z(text) \
    { text, sizeof(text) - 1 }

/* What a database has already: a district, a town and a village. */
static const struct row_unit old_units[] = {
    {.id = 1, .code = Z("d"), .tier = TIER_DISTRICT, .active = 1},
    {.id = 4, .code = Z("t"), .tier = TIER_TOWN, .parent_id = 1, .active = 1},
    {.id = 7, .code = Z("v"), .tier = TIER_VILLAGE, .parent_id = 4, .active = 1},
};

static struct arena arena;
static struct import_problems problems;
static struct import_data data;
static struct import_known known;

static int setup(void **state) {
    (void)state;
    arena_init(&arena, 64 << 20);
    problems = (struct import_problems){.arena = &arena};
    data = (struct import_data){0};
    known = (struct import_known){0};
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

/* The text is copied to a block of its own size, so that a sanitizer sees every byte read past its end. */
static void parse(enum import_file file, const char *text, size_t n) {
    char *copy = test_malloc(n ? n : 1);
    memcpy(copy, text, n);
    import_parse(file, (struct str){arena_dup(&arena, (struct str){copy, n}), n}, &data, &problems, &arena);
    test_free(copy);
}

static void give(enum import_file file, const char *text) { parse(file, text, strlen(text)); }

static void check(void) {
    assert_true(import_check(&known, &data, &problems, &arena));
    import_sort_problems(&problems);
}

/* The i-th problem is at this place, and its reason holds this text. */
static void expect(size_t i, enum import_file file, int64_t line, int column, const char *reason) {
    assert_true(i < problems.n);
    const struct import_problem *p = &problems.list[i];
    if (p->file != file || p->line != line || p->column != column || !strstr(p->reason, reason))
        fail_msg("problem %zu is %s:%lld:%d %s", i, import_file_name(p->file), (long long)p->line, p->column,
                 p->reason);
}

static void expect_count(size_t n) {
    for (size_t i = n; i < problems.n; i++)
        print_error("%s:%lld:%d %s\n", import_file_name(problems.list[i].file), (long long)problems.list[i].line,
                    problems.list[i].column, problems.list[i].reason);
    assert_int_equal(problems.n, n);
    assert_false(problems.failed);
}

#endif
