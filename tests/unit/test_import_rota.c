/* Tests of the import of a rota: who is on duty, who is away, and what doesn't go together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <cmocka.h>

#include "acts/rota.h"
#include "base/buf.h"
#include "base/timefmt.h"
#include "import_fixture.h"

#define ROTA "kind\temployee_code\tunit_code\tfrom\tuntil\tsubstitute_code\n"
#define ROTA_ROLE "kind\temployee_code\tunit_code\tfrom\tuntil\tsubstitute_code\trole\n"

static struct import_person old_people[] = {
    {.id = {1}, .code = Z("A")},     {.id = {2}, .code = Z("B"), .mobile = Z("13800000002")},
    {.id = {3}, .code = Z("C")},     {.id = {4}, .code = Z("gone"), .disabled = true},
    {.id = {5}, .code = Z("admin")}, {.id = {6}, .code = Z("both")},
};
static const struct row_post old_posts[] = {
    {.id = {11}, .staff_id = {1}, .unit_id = 7, .role = ROLE_HANDLER},
    {.id = {12}, .staff_id = {2}, .unit_id = 7, .role = ROLE_DISPATCHER},
    {.id = {13}, .staff_id = {3}, .unit_id = 4, .role = ROLE_HANDLER},
    {.id = {15}, .staff_id = {5}, .unit_id = 4, .role = ROLE_ADMINISTRATOR},
    {.id = {16}, .staff_id = {6}, .unit_id = 7, .role = ROLE_LEAD},
    {.id = {17}, .staff_id = {6}, .unit_id = 7, .role = ROLE_HANDLER},
};

/* "2026-11-24 08:30", as the file says it. */
static int64_t at(const char *text) {
    char whole[TIME_TEXT_MAX];
    int64_t us;
    snprintf(whole, sizeof whole, "%.10sT%.5s:00+08:00", text, text + 11);
    assert_true(time_parse(str_of(whole), &us));
    return us;
}

static void have_district(void) {
    known.units = old_units;
    known.unit_count = sizeof old_units / sizeof *old_units;
    known.people = old_people;
    known.person_count = sizeof old_people / sizeof *old_people;
    known.posts = old_posts;
    known.post_count = sizeof old_posts / sizeof *old_posts;
    known.now_us = at("2026-11-24 08:30");
}

static const struct import_rota *row(size_t i) { return (const struct import_rota *)data.tables[IMPORT_ROTA].rows + i; }

static void a_good_rota(void **state) {
    (void)state;
    have_district();
    give(IMPORT_STAFF, STAFF "N\t新\t13800000009\n");
    give(IMPORT_POSTS, POSTS "N\tv\thandler\tyes\nA\tv\thandler\tyes\n");
    give(IMPORT_ROTA, ROTA_ROLE "duty\tA\tv\t2026-11-24 00:00\t2026-11-25 00:00\t\t\n"
                                "duty\tB\tv\t2026-11-25 00:00\t2026-11-26 00:00\t\t\n"
                                "duty\t13800000009\tv\t2026-11-24 08:00\t2026-11-24 17:30\t\thandler\n"
                                "absence\tA\tv\t2026-12-01 00:00\t2026-12-08 00:00\tN\t\n"
                                "absence\tA\tv\t2026-12-08 00:00\t2026-12-09 00:00\tboth\t\n"
                                "absence\tboth\tv\t2026-12-09 00:00\t2026-12-10 00:00\t13800000002\tunit_lead\n"
                                "absence\tC\tt\t2026-12-01 00:00\t2027-12-02 00:00\t\t\n");
    check();
    expect_count(0);
    assert_int_equal(row(0)->post->id[0], 11);
    assert_int_equal(row(0)->from, at("2026-11-24 00:00"));
    assert_int_equal(row(1)->post->id[0], 12);
    assert_ptr_equal(row(2)->post->id, ((const struct import_post *)data.tables[IMPORT_POSTS].rows)[0].id);
    assert_ptr_equal(row(3)->substitute, row(2)->post);
    assert_int_equal(row(4)->substitute->id[0], 17); /* of two the handler's */
    assert_int_equal(row(5)->post->id[0], 16);
    assert_int_equal(row(5)->substitute->id[0], 12);
    assert_null(row(0)->same);
}

static void cells(void **state) {
    (void)state;
    have_district();
    give(IMPORT_ROTA, ROTA "holiday\tA\tv\t2026-12-01 00:00\t2026-12-02 00:00\t\n"
                           "duty\tA\tv\t2026-12-01\t2026-12-02 24:00\t\n"
                           "duty\tA\tv\t2026-12-01T00:00\t2026-13-02 00:00\t\n"
                           "duty\t\tv\t2026-12-01 00:00:00\t\t\n");
    check();
    expect(0, IMPORT_ROTA, 2, 1, "is not one of duty or absence");
    expect(1, IMPORT_ROTA, 3, 4, "a time like 2026-11-24 08:30");
    expect(2, IMPORT_ROTA, 3, 5, "a time like");
    expect(3, IMPORT_ROTA, 4, 4, "a time like");
    expect(4, IMPORT_ROTA, 4, 5, "a time like");
    expect(5, IMPORT_ROTA, 5, 2, "is empty");
    expect(6, IMPORT_ROTA, 5, 4, "a time like");
    expect(7, IMPORT_ROTA, 5, 5, "is empty");
    expect_count(8);
}

static void who_there_is(void **state) {
    (void)state;
    have_district();
    give(IMPORT_ROTA, ROTA_ROLE "duty\tZ\tv\t2026-12-01 00:00\t2026-12-02 00:00\t\t\n"
                                "duty\tA\tzz\t2026-12-01 00:00\t2026-12-02 00:00\t\t\n"
                                "duty\tA\tt\t2026-12-01 00:00\t2026-12-02 00:00\t\t\n"
                                "duty\tadmin\tt\t2026-12-01 00:00\t2026-12-02 00:00\t\t\n"
                                "duty\tgone\tv\t2026-12-01 00:00\t2026-12-02 00:00\t\t\n"
                                "duty\tboth\tv\t2026-12-01 00:00\t2026-12-02 00:00\t\t\n"
                                "duty\tA\tv\t2026-12-01 00:00\t2026-12-02 00:00\t\tdispatcher\n"
                                "duty\tA\tv\t2026-12-01 00:00\t2026-12-02 00:00\tB\t\n"
                                "absence\tA\tv\t2026-12-02 00:00\t2026-12-03 00:00\tA\t\n"
                                "absence\tA\tv\t2026-12-03 00:00\t2026-12-04 00:00\tC\t\n"
                                "absence\tA\tv\t2026-12-04 00:00\t2026-12-05 00:00\tgone\t\n"
                                "absence\tA\tv\t2026-12-05 00:00\t2026-12-06 00:00\tZ\t\n");
    check();
    expect(0, IMPORT_ROTA, 2, 2, "nobody has this employee code");
    expect(1, IMPORT_ROTA, 3, 3, "no unit has the code");
    expect(2, IMPORT_ROTA, 4, 2, "has no post in \"t\"");
    expect(3, IMPORT_ROTA, 5, 2, "has no post in \"t\" that handles matters");
    expect(4, IMPORT_ROTA, 6, 2, "is disabled");
    expect(5, IMPORT_ROTA, 7, 7, "several posts in \"v\"");
    expect(6, IMPORT_ROTA, 8, 2, "has no post as dispatcher in \"v\"");
    expect(7, IMPORT_ROTA, 9, 6, "has no meaning for duty");
    expect(8, IMPORT_ROTA, 10, 6, "is the one who is away");
    expect(9, IMPORT_ROTA, 11, 6, "has no post in \"v\"");
    expect(10, IMPORT_ROTA, 12, 6, "is disabled");
    expect(11, IMPORT_ROTA, 13, 6, "nobody has");
    expect_count(12);
}

static void when_it_can_be(void **state) {
    (void)state;
    have_district();
    give(IMPORT_ROTA, ROTA "duty\tA\tv\t2026-12-02 00:00\t2026-12-02 00:00\t\n"
                           "duty\tA\tv\t2026-12-03 00:00\t2026-12-02 00:00\t\n"
                           "duty\tA\tv\t2026-11-23 00:00\t2026-11-24 08:30\t\n"
                           "duty\tB\tv\t2026-11-24 00:00\t2026-11-24 08:31\t\n"
                           "absence\tC\tt\t2026-12-01 00:00\t2027-12-02 00:01\t\n");
    check();
    expect(0, IMPORT_ROTA, 2, 5, "is not after from");
    expect(1, IMPORT_ROTA, 3, 5, "is not after from");
    expect(2, IMPORT_ROTA, 4, 5, "is over already");
    expect(3, IMPORT_ROTA, 6, 5, "more than 366 days");
    expect_count(4);
}

static void what_doesnt_go_together(void **state) {
    (void)state;
    have_district();
    give(IMPORT_ROTA, ROTA "duty\tA\tv\t2026-12-02 00:00\t2026-12-03 00:00\t\n"
                           "duty\tA\tv\t2026-12-02 00:00\t2026-12-03 00:00\t\n"
                           "absence\tB\tv\t2026-12-02 00:00\t2026-12-09 00:00\t\n"
                           "absence\tB\tv\t2026-12-03 00:00\t2026-12-04 00:00\t\n"
                           "absence\tB\tv\t2026-12-08 00:00\t2026-12-10 00:00\t\n"
                           "absence\tB\tv\t2026-12-01 00:00\t2026-12-02 00:00\t\n"
                           "absence\tA\tv\t2026-12-09 23:59\t2026-12-12 00:00\tB\n"
                           "absence\tA\tv\t2026-12-12 00:00\t2026-12-13 00:00\tB\n"
                           "duty\tB\tv\t2026-12-02 00:00\t2026-12-03 00:00\t\n");
    check();
    expect(0, IMPORT_ROTA, 3, 4, "is the same as in line 2");
    expect(1, IMPORT_ROTA, 5, 4, "overlaps with line 4"); /* within one that is longer */
    expect(2, IMPORT_ROTA, 6, 4, "overlaps with line 4");
    expect(3, IMPORT_ROTA, 8, 6, "is away in that time, too");
    expect_count(4);
}

static struct row_rota_span old_rota[] = {
    {.id = {21}, .kind = ROTA_DUTY, .post_id = {11}},
    {.id = {22}, .kind = ROTA_ABSENCE, .post_id = {12}, .substitute_id = {11}},
    {.id = {23}, .kind = ROTA_DUTY, .post_id = {11}},
    {.id = {24}, .kind = ROTA_DUTY, .post_id = {99}}, /* its post has ended */
};

static void have_rota(void) {
    have_district();
    for (int i = 0; i < 4; i++) {
        char from[] = "2026-12-01 00:00", until[] = "2026-12-02 00:00";
        from[9] = until[9] = (char)('1' + i);
        until[9]++;
        old_rota[i].from_at = at(from);
        old_rota[i].until_at = at(until);
    }
    old_rota[2].from_at = at("2026-11-01 00:00"); /* is over */
    old_rota[2].until_at = at("2026-11-02 00:00");
    known.rotas = old_rota;
    known.rota_count = 4;
}

static void again_it_is_the_same(void **state) {
    (void)state;
    have_rota();
    give(IMPORT_ROTA, ROTA "duty\tA\tv\t2026-12-01 00:00\t2026-12-02 00:00\t\n"
                           "absence\tB\tv\t2026-12-02 00:00\t2026-12-05 00:00\tboth\n"
                           "duty\tA\tv\t2026-11-01 00:00\t2026-11-02 00:00\t\n");
    check();
    expect_count(0);
    assert_ptr_equal(row(0)->same, &old_rota[0]);
    assert_ptr_equal(row(1)->same, &old_rota[1]); /* longer now, and with another substitute */
    assert_ptr_equal(row(2)->same, &old_rota[2]);
}

static void what_the_database_has_is_in_the_way(void **state) {
    (void)state;
    have_rota();
    give(IMPORT_ROTA, ROTA "duty\tA\tv\t2026-12-01 12:00\t2026-12-01 13:00\t\n"
                           "duty\tA\tv\t2026-11-30 12:00\t2026-12-03 13:00\t\n"
                           "absence\tA\tv\t2026-12-02 12:00\t2026-12-04 00:00\tB\n"
                           "duty\tA\tv\t2026-11-01 00:00\t2026-11-03 00:00\t\n");
    check();
    expect(0, IMPORT_ROTA, 3, 4, "overlaps with an entry that the database has");
    expect(1, IMPORT_ROTA, 3, 4, "overlaps with line 2");
    expect(2, IMPORT_ROTA, 4, 6, "is away in that time, too");
    expect(3, IMPORT_ROTA, 5, 5, "is over already");
    expect_count(4);
}

static void a_unit_has_room_for_so_many(void **state) {
    struct buf b;
    (void)state;
    have_rota();
    buf_init(&b, &arena, 1 << 20);
    buf_add_z(&b, ROTA);
    for (int i = 0; i < ROTA_AHEAD_MAX; i++) { /* those of v that are ahead already: two */
        int year, month, day;
        date_from_days(date_to_days(2027, 1, 1) + i, &year, &month, &day);
        buf_printf(&b, "duty\tA\tv\t%04d-%02d-%02d 00:00\t%04d-%02d-%02d 12:00\t\n", year, month, day, year, month,
                   day);
    }
    parse(IMPORT_ROTA, buf_str(&b).p, buf_str(&b).n);
    check();
    expect(0, IMPORT_ROTA, ROTA_AHEAD_MAX, 3, "more than 400 entries ahead");
    expect_count(1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {TEST(a_good_rota),
                                       TEST(cells),
                                       TEST(who_there_is),
                                       TEST(when_it_can_be),
                                       TEST(what_doesnt_go_together),
                                       TEST(again_it_is_the_same),
                                       TEST(what_the_database_has_is_in_the_way),
                                       TEST(a_unit_has_room_for_so_many)};
    return cmocka_run_group_tests_name("import of a rota", tests, NULL, NULL);
}
