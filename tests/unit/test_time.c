/* Instants, dates and UUIDs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/timefmt.h"
#include "base/uuid.h"
#include <cmocka.h>

static void instants_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T08:00:00+08:00", 0},
        {"1969-12-31T20:00:00-04:00", 0},
        {"1985-04-12T23:20:50.52Z", INT64_C(482196050520000)},   /* RFC 3339, section 5.8 */
        {"1996-12-19T16:39:57-08:00", INT64_C(851042397000000)}, /* the same */
        {"1937-01-01T12:00:27.87+00:20", -1},                    /* the same, but before 1970 */
        {"2026-11-24T09:30:00+08:00", INT64_C(1795483800000000)},
        {"2024-02-29t00:00:00.000001z", INT64_C(1709164800000001)},
        {"2024-02-29T00:00:00.1-00:00", INT64_C(1709164800100000)},
        {"9999-12-31T23:59:59.999999+08:00", INT64_C(253402271999999999)}, /* the last that Beijing can be told */
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t us = -7;
        assert_int_equal(time_parse(str_of(good[i].text), &us), good[i].us >= 0);
        assert_true(us == (good[i].us >= 0 ? good[i].us : -7));
    }
}

static void broken_instants_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "2024",
        "2024-01-01",
        "2024-01-01T00:00:00",
        "2024-01-01 00:00:00Z",
        "2024-01-01T00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "1990-12-31T23:59:60Z",
        "2023-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00.1234567Z",
        "2024-01-01T00:00:00,5Z",
        "2024-01-01T00:00:00+0800",
        "2024-01-01T00:00:00+08",
        "2024-01-01T00:00:00+24:00",
        "2024-01-01T00:00:00+08:60",
        "2024-01-01T00:00:00ZZ",
        " 2024-01-01T00:00:00Z",
        "2024-1-1T00:00:00Z",
        "+2024-01-01T00:00:00Z",
        "02024-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        "9999-12-31T16:00:00Z",
        "2024-01-01T-1:00:00Z",
        "２０24-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t us = -7;
        assert_false(time_parse(str_of(bad[i]), &us));
        assert_int_equal(us, -7);
    }
    int64_t us;
    assert_false(time_parse((struct str){"2024-01-01T00:00:00\0", 20}, &us));
}

static void every_prefix_is_refused(void **state) {
    (void)state;
    static const char text[] = "2026-11-24T09:30:00.123456+08:00";
    int64_t us;
    for (size_t n = 0; n < sizeof text - 1; n++) {
        assert_false(time_parse((struct str){text, n}, &us));
    }
    assert_true(time_parse((struct str){text, sizeof text - 1}, &us));
}

static void instants_are_written(void **state) {
    (void)state;
    char out[TIME_TEXT_MAX];
    assert_int_equal(time_format_beijing(INT64_C(1795483800000000), 0, out), 25);
    assert_string_equal(out, "2026-11-24T09:30:00+08:00");
    assert_int_equal(time_format_beijing(INT64_C(1795483800045999), 3, out), 29);
    assert_string_equal(out, "2026-11-24T09:30:00.045+08:00");
    time_format_beijing(0, 0, out);
    assert_string_equal(out, "1970-01-01T08:00:00+08:00");
    time_format_beijing(-1, 3, out);
    assert_string_equal(out, "1970-01-01T07:59:59.999+08:00");
    time_format_beijing(INT64_MAX, 0, out);
    assert_string_equal(out, "9999-12-31T23:59:59+08:00");
    time_format_beijing(INT64_C(253402271999123456), 3, out);
    assert_string_equal(out, "9999-12-31T23:59:59.123+08:00");
    time_format_beijing(INT64_MIN, 0, out);
    assert_string_equal(out, "0000-01-01T08:00:00+08:00");
    assert_int_equal(time_format_http(INT64_C(1740792600000000), out), 29);
    assert_string_equal(out, "Sat, 01 Mar 2025 01:30:00 GMT");
    time_format_http(INT64_C(784111777000000), out);
    assert_string_equal(out, "Sun, 06 Nov 1994 08:49:37 GMT");
    time_format_http(-1, out);
    assert_string_equal(out, "Wed, 31 Dec 1969 23:59:59 GMT");
    assert_int_equal(time_format_compact_beijing(INT64_C(1740792600000000), out), 14);
    assert_string_equal(out, "20250301093000");
}

static void writing_and_reading_agree(void **state) {
    (void)state;
    char out[TIME_TEXT_MAX];
    for (int64_t s = 0; s < INT64_C(253402200000); s += INT64_C(86399999)) {
        int64_t back;
        size_t n = time_format_beijing(s * SECOND_US + 123000, 3, out);
        assert_true(time_parse((struct str){out, n}, &back));
        assert_true(back == s * SECOND_US + 123000);
    }
}

static void dates_and_days(void **state) {
    (void)state;
    assert_int_equal(date_to_days(1970, 1, 1), 0);
    assert_int_equal(date_to_days(2000, 3, 1), 11017);
    assert_int_equal(date_to_days(1969, 12, 31), -1);
    assert_int_equal(date_to_days(2025, 13, 1), date_to_days(2026, 1, 1));
    assert_int_equal(date_to_days(2026, 0, 1), date_to_days(2025, 12, 1));
    int32_t expected = date_to_days(1899, 12, 31);
    static const int month_lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int y = 1900; y <= 2110; y++) {
        for (int m = 1; m <= 12; m++) {
            bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
            for (int d = 1; d <= month_lengths[m - 1] + (m == 2 && leap); d++) {
                int year, month, day;
                assert_int_equal(date_to_days(y, m, d), ++expected);
                date_from_days(expected, &year, &month, &day);
                assert_true(year == y && month == m && day == d);
            }
        }
    }
    int year, month, day;
    date_from_days(INT32_MIN, &year, &month, &day);
    assert_int_equal(date_to_days(year, month, day), INT32_MIN);
    date_from_days(INT32_MAX, &year, &month, &day);
    assert_int_equal(date_to_days(year, month, day), INT32_MAX);
}

static void dates_are_read_strictly(void **state) {
    (void)state;
    int32_t days = 5;
    static const char *const bad[] = {"",           "2026-11-24 ", "2026-11-2",  "2026-02-29",
                                      "2026/11/24", "20261124",    "2026-11-31", "26-11-24"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(date_parse(str_of(bad[i]), &days));
    }
    assert_int_equal(days, 5);
    assert_true(date_parse(STR("2026-11-24"), &days));
    assert_int_equal(days, date_to_days(2026, 11, 24));
    assert_true(date_parse(STR("1950-10-01"), &days));
}

static void beijing_midnight(void **state) {
    (void)state;
    int32_t days, second;
    time_split_beijing(INT64_C(1795483800000000), &days, &second);
    assert_int_equal(days, date_to_days(2026, 11, 24));
    assert_int_equal(second, 9 * 3600 + 30 * 60);
    time_split_beijing(INT64_C(57599999999), &days, &second); /* 1970-01-01T23:59:59.999999+08:00 */
    assert_int_equal(days, 0);
    assert_int_equal(second, DAY_S - 1);
    time_split_beijing(-BEIJING_OFFSET_S * SECOND_US - 1, &days, &second);
    assert_int_equal(days, -1);
    assert_int_equal(second, DAY_S - 1);
}

static void clocks_run(void **state) {
    (void)state;
    assert_true(time_now_us() > INT64_C(1600000000000000));
    int64_t first = time_mono_us();
    assert_true(time_mono_us() >= first);
}

static void uuids_look_back_whole_days(void **state) {
    (void)state;
    const int64_t then = INT64_C(1645557742000000), day = INT64_C(86400000000);
    uint8_t id[16], since[16], at[16];
    assert_true(uuid_make(then + 500, id));
    uuid_days_before(id, 90, since);
    assert_true(uuid_make(then - 90 * day, at));
    assert_true(memcmp(at, since, 16) >= 0);
    assert_true(uuid_make(then - 90 * day - 1000, at));
    assert_true(memcmp(at, since, 16) < 0);
    static const uint8_t first[16];
    assert_true(uuid_make(day, id));
    uuid_days_before(id, 90, since);
    assert_memory_equal(since, first, 16);
}

static void uuids_hold_their_instant(void **state) {
    (void)state;
    /* The instant of RFC 9562, appendix A.6. */
    uint8_t id[16], other[16];
    assert_true(uuid_make(INT64_C(1645557742000000), id));
    assert_memory_equal(id, "\x01\x7f\x22\xe2\x79\xb0", 6);
    assert_int_equal(id[6] >> 4, 7);
    assert_int_equal(id[8] >> 6, 2);
    assert_true(uuid_make(INT64_C(1645557742000000), other));
    assert_memory_not_equal(id, other, 16);
    /* Ids of one millisecond sort by the microsecond. */
    for (int64_t us = 0; us < 1000; us++) {
        assert_true(uuid_make(INT64_C(1645557742000000) + us, id));
        assert_true(uuid_make(INT64_C(1645557742000000) + us + 1, other));
        assert_true(memcmp(id, other, 16) < 0);
        assert_int_equal(id[6] >> 4, 7);
    }
    assert_true(uuid_make(-5, id));
    assert_memory_equal(id, "\0\0\0\0\0\0\x70\0", 8);
    assert_true(uuid_make(INT64_MAX, id));
}

static void uuids_as_text(void **state) {
    (void)state;
    uint8_t id[16];
    char out[UUID_TEXT + 1];
    assert_true(uuid_parse(STR("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), id));
    uuid_format(id, out);
    assert_string_equal(out, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    assert_false(uuid_is_zero(id));
    assert_true(uuid_parse(STR("00000000-0000-0000-0000-000000000000"), id));
    assert_true(uuid_is_zero(id));
    static const char *const bad[] = {
        "",
        "017f22e279b07cc398c4dc0c0c07398f",
        "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f ",
        "017f22e2-79b0-7cc3-98c4+dc0c0c07398f",
        "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
        "-----------------------------------",
        "------------------------------------",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(uuid_parse(str_of(bad[i]), id));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_read),
        cmocka_unit_test(broken_instants_are_refused),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(instants_are_written),
        cmocka_unit_test(writing_and_reading_agree),
        cmocka_unit_test(dates_and_days),
        cmocka_unit_test(dates_are_read_strictly),
        cmocka_unit_test(beijing_midnight),
        cmocka_unit_test(clocks_run),
        cmocka_unit_test(uuids_look_back_whole_days),
        cmocka_unit_test(uuids_hold_their_instant),
        cmocka_unit_test(uuids_as_text),
    };
    return cmocka_run_group_tests_name("time and uuid", tests, NULL, NULL);
}
