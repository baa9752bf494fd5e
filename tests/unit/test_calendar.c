/* Tests of the working-day calendar: hours, the plain week, notices, counting, import lines, the product's table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "calendar_fixture.h"
#include <cmocka.h>

static struct calendar cal;

static int32_t day_of(const char *text) {
    int32_t day = 0;
    assert_true(date_parse(str_of(text), &day));
    return day;
}

static void hours_good(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int32_t spans, seconds;
    } row[] = {
        {CALENDAR_HOURS_DEFAULT, 2, 25200},
        {"08:30-12:00,13:30-17:30", 2, 27000},
        {"00:00-24:00", 1, 86400},
        {"00:00-00:01", 1, 60},
        {"08:00-12:00,12:00-16:00", 2, 28800},
        {"23:59-24:00", 1, 60},
        {"08:00-09:00,10:00-11:00,12:00-13:00,14:00-15:00", 4, 14400},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        assert_true(calendar_init(&cal, str_of(row[i].text)));
        assert_int_equal(cal.plan[PLAN_USUAL].spans, row[i].spans);
        assert_int_equal(cal.plan[PLAN_USUAL].work_s, row[i].seconds);
    }
    assert_true(calendar_init(&cal, (struct str){0}));
    assert_int_equal(cal.plan[PLAN_USUAL].span[1].to, 17 * 3600);
}

static void hours_bad(void **state) {
    (void)state;
    static const char *const text[] = {
        "",
        "08:30",
        "08:30-",
        "8:30-12:00",
        "08:30-12:00,",
        ",08:30-12:00",
        "08:30-12:00;13:30-17:00",
        "12:00-08:30",
        "08:30-08:30",
        "08:30-12:00,11:59-17:00",
        "08:30-24:01",
        "08:60-12:00",
        "25:00-26:00",
        "08.30-12.00",
        "08:30-12:00 13:30-17:00",
        "08:30-12:00,13:30-17:00 ",
        "-1:30-12:00",
        "08:30_12:00",
        "13:30-17:00,08:30-12:00",
        "08:00-09:00,10:00-11:00,12:00-13:00,14:00-15:00,16:00-17:00",
        "08:30-12:00,13:30",
    };
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        assert_false(calendar_init(&cal, str_of(text[i])));
        assert_int_equal(cal.plan[PLAN_USUAL].work_s, 25200);
        assert_int_equal(cal.plan[PLAN_USUAL].spans, 2);
    }
    assert_false(calendar_init(&cal, (struct str){"08:30-12:00\0,3:30-17:00", 23}));
}

static void plain_week(void **state) {
    (void)state;
    assert_true(calendar_init(&cal, (struct str){0}));
    assert_int_equal(CALENDAR_FIRST_DAY, date_to_days(CALENDAR_FIRST_YEAR, 1, 1));
    assert_int_equal(CALENDAR_DAYS, date_to_days(CALENDAR_FIRST_YEAR + CALENDAR_YEARS, 1, 1) - CALENDAR_FIRST_DAY);
    static const struct {
        const char *date;
        bool works;
    } row[] = {
        {"1970-01-01", true}, {"1970-01-03", false}, {"2019-12-31", true},  {"2019-12-29", false},
        {"2020-01-01", true}, {"2020-01-04", false}, {"2020-01-05", false}, {"2059-12-31", true},
        {"2060-01-01", true}, {"2060-01-03", false},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_int_equal(calendar_works(&cal, day_of(row[i].date)), row[i].works);
    (void)calendar_works(&cal, INT32_MIN);
    (void)calendar_works(&cal, INT32_MAX);
    assert_true(calendar_count(&cal, INT32_MIN, INT32_MAX) > INT64_C(3000000000));
}

static void table_ends(void **state) {
    (void)state;
    const int32_t first = CALENDAR_FIRST_DAY, last = CALENDAR_FIRST_DAY + CALENDAR_DAYS - 1;
    assert_true(calendar_init(&cal, (struct str){0}));
    assert_false(calendar_set_day(&cal, first - 1, false));
    assert_false(calendar_set_day(&cal, last + 1, false));
    assert_false(calendar_set_day(&cal, INT32_MIN, false));
    assert_false(calendar_set_day(&cal, INT32_MAX, true));
    assert_true(calendar_set_day(&cal, first, false));
    assert_true(calendar_set_day(&cal, last, false));
    assert_false(calendar_works(&cal, first));
    assert_false(calendar_works(&cal, last));
    assert_int_equal(calendar_count(&cal, first, first + 1), 0);
    assert_int_equal(calendar_count(&cal, first - 1, first + 2), 2);
    assert_int_equal(calendar_count(&cal, last, last + 2), 1);
    assert_int_equal(calendar_add_workdays(&cal, first - 1, 1), first + 1);
    assert_int_equal(calendar_add_workdays(&cal, last - 1, 1), last + 1);
}

static void years(void **state) {
    (void)state;
    assert_true(calendar_init(&cal, (struct str){0}));
    assert_false(calendar_set_year_known(&cal, 2019));
    assert_false(calendar_set_year_known(&cal, 2060));
    assert_false(calendar_set_year_known(&cal, INT32_MIN));
    assert_false(calendar_year_known(&cal, 2026));
    assert_true(calendar_set_year_known(&cal, 2025));
    assert_true(calendar_set_year_known(&cal, 2026));
    assert_true(calendar_set_year_known(&cal, 2059));
    assert_true(calendar_year_known(&cal, 2026));
    assert_false(calendar_year_known(&cal, 2027));
    assert_false(calendar_year_known(&cal, 2060));
    assert_false(calendar_year_known(&cal, INT32_MAX));
    assert_true(calendar_settled(&cal, day_of("2025-01-01"), day_of("2026-12-26")));
    assert_true(calendar_settled(&cal, day_of("2025-12-30"), day_of("2025-12-31")));
    assert_false(calendar_settled(&cal, day_of("2026-12-01"), day_of("2026-12-27")));
    assert_false(calendar_settled(&cal, day_of("2026-12-31"), day_of("2026-12-31")));
    assert_false(calendar_settled(&cal, day_of("2026-12-01"), day_of("2027-01-01")));
    assert_false(calendar_settled(&cal, day_of("2024-12-31"), day_of("2025-01-01")));
    assert_false(calendar_settled(&cal, day_of("2019-01-01"), day_of("2025-01-01")));
    assert_false(calendar_settled(&cal, day_of("2059-01-01"), day_of("2060-01-01")));
    assert_true(calendar_set_year_known(&cal, 2027));
    assert_true(calendar_settled(&cal, day_of("2026-12-01"), day_of("2027-01-01")));
}

/* A random calendar against a walk from day to day; setting a day twice, or to what it was, must not miscount. */
static void counts_as_walked(void **state) {
    (void)state;
    uint64_t seed = 20261124;
    assert_true(calendar_init(&cal, (struct str){0}));
    for (int i = 0; i < 1500; i++) {
        int32_t day = CALENDAR_FIRST_DAY + (int32_t)fixture_chance(&seed, 1200);
        assert_true(calendar_set_day(&cal, day, fixture_chance(&seed, 2) == 1));
    }
    for (int i = 0; i < 300; i++) {
        int32_t from = CALENDAR_FIRST_DAY - 60 + (int32_t)fixture_chance(&seed, 1300);
        int32_t n = 1 + (int32_t)fixture_chance(&seed, 90), day = from, left = n;
        while ((left -= calendar_works(&cal, day)) > 0) day++;
        assert_int_equal(calendar_nth_workday(&cal, from, n), day);
        assert_int_equal(calendar_add_workdays(&cal, from - 1, n), day);
        assert_int_equal(calendar_count(&cal, from, day + 1), n);
        assert_int_equal(calendar_count(&cal, day + 1, from), -n);
    }
}

static void nth_at_the_limits(void **state) {
    (void)state;
    assert_true(calendar_init(&cal, (struct str){0}));
    int32_t friday = day_of("2026-11-20");
    assert_int_equal(calendar_nth_workday(&cal, friday, 1), friday);
    assert_int_equal(calendar_nth_workday(&cal, friday, 0), friday);
    assert_int_equal(calendar_nth_workday(&cal, friday + 1, -5), friday + 3);
    assert_int_equal(calendar_add_workdays(&cal, friday, 0), friday);
    assert_int_equal(calendar_add_workdays(&cal, friday, INT32_MIN), friday);
    assert_int_equal(calendar_add_workdays(&cal, friday, 1), friday + 3);
    assert_int_equal(calendar_add_workdays(&cal, friday, INT32_MAX),
                     calendar_add_workdays(&cal, friday, CALENDAR_NTH_MAX));
    assert_true(calendar_add_workdays(&cal, INT32_MAX, INT32_MAX) > CALENDAR_FAR);
    assert_true(calendar_add_workdays(&cal, INT32_MIN, 1) < 0);
    /* Forty free years: the search must get through them. */
    for (int32_t i = CALENDAR_DAYS - 1; i >= CALENDAR_DAYS - 4000; i--)
        assert_true(calendar_set_day(&cal, CALENDAR_FIRST_DAY + i, false));
    assert_int_equal(calendar_nth_workday(&cal, day_of("2050-01-01"), 1), day_of("2060-01-01"));
}

static void lines_good(void **state) {
    (void)state;
    struct calendar_exception e;
    assert_int_equal(calendar_line_parse(STR("2026-10-01\tholiday\t国庆节"), &e), CALENDAR_LINE_DAY);
    assert_int_equal(e.day, day_of("2026-10-01"));
    assert_int_equal(e.kind, CALENDAR_HOLIDAY);
    assert_true(str_is(e.holiday, "国庆节"));
    assert_int_equal(calendar_line_parse(STR("2026-10-10\tmakeup\t国庆节\r"), &e), CALENDAR_LINE_DAY);
    assert_int_equal(e.kind, CALENDAR_MAKEUP);
    assert_true(str_is(e.holiday, "国庆节"));
    assert_int_equal(calendar_line_parse(STR("date\tkind\tholiday"), &e), CALENDAR_LINE_SKIP);
    assert_int_equal(calendar_line_parse(STR(""), &e), CALENDAR_LINE_SKIP);
    assert_int_equal(calendar_line_parse(STR("\r"), &e), CALENDAR_LINE_SKIP);
    assert_int_equal(calendar_line_parse(STR("# 2027"), &e), CALENDAR_LINE_SKIP);
    assert_int_equal(calendar_line_parse((struct str){0}, &e), CALENDAR_LINE_SKIP);
}

#define FIFTY "01234567890123456789012345678901234567890123456789"

static void lines_bad(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum calendar_line fault;
    } row[] = {
        {"2026-10-01", CALENDAR_LINE_COLUMNS},
        {"2026-10-01\tholiday", CALENDAR_LINE_COLUMNS},
        {"2026-10-01\tholiday\t国庆节\t", CALENDAR_LINE_COLUMNS},
        {"2026-10-01 holiday 国庆节", CALENDAR_LINE_COLUMNS},
        {"\tholiday\t国庆节", CALENDAR_LINE_DATE},
        {"2026-02-29\tholiday\t春节", CALENDAR_LINE_DATE},
        {"2026-10-1\tholiday\t国庆节", CALENDAR_LINE_DATE},
        {"2019-12-31\tholiday\t元旦", CALENDAR_LINE_DATE},
        {"2060-01-01\tholiday\t元旦", CALENDAR_LINE_DATE},
        {"2026-10-01\tHoliday\t国庆节", CALENDAR_LINE_KIND},
        {"2026-10-01\t\t国庆节", CALENDAR_LINE_KIND},
        {"2026-10-01\tholiday \t国庆节", CALENDAR_LINE_KIND},
        {"2026-10-01\tmakeup\t国庆节", CALENDAR_LINE_WEEKDAY},
        {"2026-10-01\tholiday\t", CALENDAR_LINE_HOLIDAY},
        {"2026-10-01\tholiday\t\xff", CALENDAR_LINE_HOLIDAY},
        {"2026-10-01\tholiday\t" FIFTY FIFTY, CALENDAR_LINE_HOLIDAY},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct calendar_exception e;
        assert_int_equal(calendar_line_parse(str_of(row[i].text), &e), row[i].fault);
        assert_true(strlen(calendar_line_text(row[i].fault)) > 5);
    }
    assert_non_null(calendar_line_text(CALENDAR_LINE__MAX));
    assert_non_null(calendar_line_text((enum calendar_line) - 1));
}

static void own_table(void **state) {
    (void)state;
    static const int64_t worked[] = {249, 251, 248, 248};
    assert_int_equal(fixture_calendar(&cal), 141);
    for (int i = 0; i < 4; i++)
        assert_int_equal(calendar_count(&cal, date_to_days(2023 + i, 1, 1), date_to_days(2024 + i, 1, 1)), worked[i]);
    struct str text = fixture_own_table(), line;
    int32_t before = 0;
    while (fixture_cut(&text, '\n', &line)) {
        struct calendar_exception e;
        if (calendar_line_parse(line, &e) != CALENDAR_LINE_DAY) continue;
        assert_true(e.day > before);
        before = e.day;
    }
    assert_int_equal(before, day_of("2026-10-10"));
}

/* Rows of a reference table: days.tsv gives every day, add-workdays.tsv the n-th working day after a start. */
static int reference_days(const char *folder) {
    struct str text = fixture_read(folder, "calendar/days.tsv"), line, date, weekday, kind, works;
    int rows = 0;
    assert_non_null(text.p);
    while (fixture_cut(&text, '\n', &line)) {
        int32_t day;
        if (!fixture_cut(&line, '\t', &date) || !date_parse(date, &day)) continue;
        assert_true(fixture_cut(&line, '\t', &weekday) && fixture_cut(&line, '\t', &kind));
        assert_true(fixture_cut(&line, '\t', &works));
        assert_int_equal(calendar_works(&cal, day), str_is(works, "1"));
        rows++;
    }
    return rows;
}

static int reference_sums(const char *folder) {
    struct str text = fixture_read(folder, "calendar/add-workdays.tsv"), line, start;
    int rows = 0;
    assert_non_null(text.p);
    while (fixture_cut(&text, '\n', &line)) {
        int32_t day, due_day;
        struct str n = {0}, due = {0};
        assert_true(fixture_cut(&line, '\t', &start) && fixture_cut(&line, '\t', &n) && fixture_cut(&line, '\t', &due));
        if (!date_parse(start, &day)) continue;
        assert_true(date_parse(due, &due_day));
        char number[16] = {0};
        assert_true(n.n < sizeof number);
        memcpy(number, n.p, n.n);
        assert_int_equal(calendar_add_workdays(&cal, day, (int32_t)strtol(number, NULL, 10)), due_day);
        rows++;
    }
    return rows;
}

static void reference_tables(void **state) {
    (void)state;
    const char *folder = getenv("MINHU_TEST_DATA");
    assert_int_equal(fixture_calendar(&cal), 141);
    if (folder) {
        assert_int_equal(reference_days(folder), 1461);
        assert_int_equal(reference_sums(folder), 72);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_good),
        cmocka_unit_test(hours_bad),
        cmocka_unit_test(plain_week),
        cmocka_unit_test(table_ends),
        cmocka_unit_test(years),
        cmocka_unit_test(counts_as_walked),
        cmocka_unit_test(nth_at_the_limits),
        cmocka_unit_test(lines_good),
        cmocka_unit_test(lines_bad),
        cmocka_unit_test(own_table),
        cmocka_unit_test(reference_tables),
    };
    return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
