/* Tests of durations, due times, working seconds and pauses; the days are those of the product's own table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "calendar_fixture.h"
#include "rules/clock.h"
#include <cmocka.h>

static struct calendar cal;

static const struct duration spans_tried[] = {
    {1, DURATION_MINUTES},        {90, DURATION_MINUTES},        {1440, DURATION_MINUTES},
    {1, DURATION_WORK_MINUTES},   {30, DURATION_WORK_MINUTES},   {420, DURATION_WORK_MINUTES},
    {421, DURATION_WORK_MINUTES}, {5000, DURATION_WORK_MINUTES}, {1, DURATION_WORKDAYS},
    {5, DURATION_WORKDAYS},       {30, DURATION_WORKDAYS},       {45, DURATION_SECONDS},
};

enum { SPANS_TRIED = sizeof spans_tried / sizeof spans_tried[0] };

static bool works_by_minutes(struct duration d) { return d.unit == DURATION_WORK_MINUTES; }

/* "2026-02-14T16:00:00" in Beijing, or with an offset of its own. */
static int64_t at(const char *text) {
    char full[64];
    int64_t us = 0;
    const char *offset = strlen(text) > 19 && strpbrk(text + 19, "Z+-") ? "" : "+08:00";
    int n = snprintf(full, sizeof full, "%s%s", text, offset);
    assert_true(n > 0 && (size_t)n < sizeof full);
    assert_true(time_parse(str_of(full), &us));
    return us;
}

static struct duration dur(const char *text) {
    struct duration d = {0};
    assert_true(duration_parse(str_of(text), &d));
    return d;
}

static int setup(void **state) {
    (void)state;
    return fixture_calendar(&cal) == 141 ? 0 : -1;
}

static void durations_good(void **state) {
    (void)state;
    static const struct {
        const char *text, *again;
        int32_t n;
        enum duration_unit unit;
    } row[] = {
        {"45s", "45s", 45, DURATION_SECONDS},           {"120s", "120s", 120, DURATION_SECONDS},
        {"30m", "30m", 30, DURATION_MINUTES},           {"4h", "4h", 240, DURATION_MINUTES},
        {"240m", "4h", 240, DURATION_MINUTES},          {"90m", "90m", 90, DURATION_MINUTES},
        {"30wm", "30wm", 30, DURATION_WORK_MINUTES},    {"4wh", "4wh", 240, DURATION_WORK_MINUTES},
        {"240wm", "4wh", 240, DURATION_WORK_MINUTES},   {"5wd", "5wd", 5, DURATION_WORKDAYS},
        {"2500wd", "2500wd", 2500, DURATION_WORKDAYS},  {"1000000s", "1000000s", 1000000, DURATION_SECONDS},
        {"16666h", "16666h", 999960, DURATION_MINUTES}, {"1000000wm", "1000000wm", 1000000, DURATION_WORK_MINUTES},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct duration d = dur(row[i].text);
        char text[DURATION_TEXT_MAX];
        assert_int_equal(d.n, row[i].n);
        assert_int_equal(d.unit, row[i].unit);
        assert_int_equal(duration_format(d, text), strlen(row[i].again));
        assert_string_equal(text, row[i].again);
    }
}

static void durations_bad(void **state) {
    (void)state;
    static const char *const text[] = {
        "",       "5",
        "wd",     "0m",
        "-5m",    "+5m",
        "05m",    "5 m",
        " 5m",    "5m ",
        "5M",     "5d",
        "5w",     "5mw",
        "1.5h",   "2h30m",
        "5min",   "1000001s",
        "16667h", "16667wh",
        "2501wd", "99999999999999999999m",
        "0x5m",   "５m",
        "5wdd",   "5ms",
    };
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        struct duration d = {77, DURATION_SECONDS};
        assert_false(duration_parse(str_of(text[i]), &d));
        assert_int_equal(d.n, 77);
    }
    struct duration d;
    assert_false(duration_parse((struct str){0}, &d));
    static const struct duration wrong[] = {
        {0, DURATION_MINUTES},         {-1, DURATION_WORKDAYS},   {1, DURATION_UNIT__MAX},
        {1, (enum duration_unit) - 1}, {2501, DURATION_WORKDAYS},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char out[DURATION_TEXT_MAX] = "x";
        assert_int_equal(duration_format(wrong[i], out), 0);
        assert_string_equal(out, "");
    }
}

/* Worked out by hand from the notices; hours 08:30-12:00 and 13:30-17:00. */
static void due_by_hand(void **state) {
    (void)state;
    static const struct {
        const char *start, *d, *due;
    } row[] = {
        /* round the clock, over nights and holidays */
        {"2026-10-01T23:50:00", "30m", "2026-10-02T00:20:00"},
        {"2026-02-16T12:00:00.25", "24h", "2026-02-17T12:00:00.25"},
        {"2026-10-01T00:00:00", "45s", "2026-10-01T00:00:45"},
        /* a plain day: over lunch, to the last second, before, between and after hours, the Beijing date */
        {"2026-03-03T09:00:00", "30wm", "2026-03-03T09:30:00"},
        {"2026-03-03T11:45:00", "30wm", "2026-03-03T13:45:00"},
        {"2026-03-03T11:30:00", "30wm", "2026-03-03T12:00:00"},
        {"2026-03-03T11:30:01", "30wm", "2026-03-03T13:30:01"},
        {"2026-03-03T12:30:00", "1wm", "2026-03-03T13:31:00"},
        {"2026-03-03T12:00:00", "1wm", "2026-03-03T13:31:00"},
        {"2026-03-03T03:00:00", "7wh", "2026-03-03T17:00:00"},
        {"2026-03-03T08:30:00", "421wm", "2026-03-04T08:31:00"},
        {"2026-03-03T17:00:00", "1wm", "2026-03-04T08:31:00"},
        {"2026-03-03T16:59:59.9", "1wm", "2026-03-04T08:30:59"},
        {"2026-03-02T23:00:00Z", "1wh", "2026-03-03T09:30:00"},
        {"2026-03-02T16:30:00Z", "1wd", "2026-03-04T17:00:00"},
        {"2026-03-03T09:00:00", "1wd", "2026-03-04T17:00:00"},
        {"2026-03-03T23:59:59", "1wd", "2026-03-04T17:00:00"},
        {"2026-03-06T09:00:00", "1wd", "2026-03-09T17:00:00"},
        {"2026-03-07T09:00:00", "1wd", "2026-03-09T17:00:00"},
        {"2026-03-08T23:59:59", "1wh", "2026-03-09T09:30:00"},
        /* Spring Festival 2026: the Saturday 02-14 is worked, 02-15 to 02-23 free, the Saturday 02-28 worked */
        {"2026-02-13T10:00:00", "1wd", "2026-02-14T17:00:00"},
        {"2026-02-13T10:00:00", "5wd", "2026-02-27T17:00:00"},
        {"2026-02-13T10:00:00", "6wd", "2026-02-28T17:00:00"},
        {"2026-02-14T16:00:00", "4wh", "2026-02-24T11:30:00"},
        {"2026-02-17T00:00:00", "1wm", "2026-02-24T08:31:00"},
        {"2026-02-23T23:59:59", "1wd", "2026-02-24T17:00:00"},
        {"2026-02-27T16:30:00", "1wh", "2026-02-28T09:00:00"},
        {"2026-02-28T16:30:00", "1wh", "2026-03-02T09:00:00"},
        /* 2024: New Year's Eve is worked, then eight free days, then a worked Sunday */
        {"2024-02-08T10:00:00", "1wd", "2024-02-09T17:00:00"},
        {"2024-02-09T10:00:00", "1wd", "2024-02-18T17:00:00"},
        {"2024-02-03T10:00:00", "1wd", "2024-02-04T17:00:00"},
        /* National Day */
        {"2026-09-30T17:30:00", "30wm", "2026-10-08T09:00:00"},
        {"2026-09-30T10:00:00", "1wd", "2026-10-08T17:00:00"},
        {"2026-09-30T10:00:00", "3wd", "2026-10-10T17:00:00"},
        {"2026-09-18T10:00:00", "1wd", "2026-09-20T17:00:00"},
        {"2025-09-30T10:00:00", "3wd", "2025-10-11T17:00:00"},
        {"2025-09-30T10:00:00", "4wd", "2025-10-13T17:00:00"},
        {"2025-10-11T09:00:00", "7wh", "2025-10-13T09:00:00"},
        {"2025-09-27T10:00:00", "1wh", "2025-09-28T09:30:00"},
        /* over New Year */
        {"2025-12-31T16:30:00", "1wh", "2026-01-04T09:00:00"},
        {"2025-12-31T16:30:00", "2wd", "2026-01-05T17:00:00"},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        bool provisional = true;
        int64_t due = clock_due(&cal, at(row[i].start), dur(row[i].d), &provisional);
        char text[TIME_TEXT_MAX];
        if (due != at(row[i].due)) {
            (void)time_format_beijing(due, 3, text);
            fail_msg("%s + %s is %s, not %s", row[i].start, row[i].d, text, row[i].due);
        }
        assert_false(provisional);
    }
}

static void provisional_when_unknown(void **state) {
    (void)state;
    static const struct {
        const char *start, *d;
        bool provisional;
    } row[] = {
        {"2026-12-18T10:00:00", "5wd", false},  {"2026-12-25T10:00:00", "1wh", false},
        {"2026-12-25T10:00:00", "1wd", true},   {"2026-12-25T16:30:00", "1wh", true},
        {"2026-11-20T10:00:00", "60wd", true},  {"2027-03-01T10:00:00", "1wm", true},
        {"2027-03-01T10:00:00", "90m", false},  {"2026-12-31T23:59:50", "45s", false},
        {"2022-12-01T10:00:00", "60wd", true},  {"2070-01-01T10:00:00", "1wd", true},
        {"2023-01-01T00:00:00", "1wd", false},  {"2022-12-31T15:59:59Z", "1wd", true},
        {"2022-12-31T16:00:00Z", "1wd", false},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        bool provisional = !row[i].provisional;
        (void)clock_due(&cal, at(row[i].start), dur(row[i].d), &provisional);
        assert_int_equal(provisional, row[i].provisional);
        assert_true(clock_due(&cal, at(row[i].start), dur(row[i].d), NULL) > at(row[i].start));
    }
}

static void a_later_notice_moves_it(void **state) {
    (void)state;
    bool provisional;
    assert_true(clock_due(&cal, at("2027-01-28T10:00:00"), dur("5wd"), &provisional) == at("2027-02-04T17:00:00"));
    assert_true(provisional);
    for (int day = 1; day <= 12; day++) assert_true(calendar_set_day(&cal, date_to_days(2027, 2, day), day == 6));
    assert_true(calendar_set_year_known(&cal, 2027));
    assert_true(clock_due(&cal, at("2027-01-28T10:00:00"), dur("5wd"), &provisional) == at("2027-02-17T17:00:00"));
    assert_false(provisional);
    assert_int_equal(setup(state), 0);
}

static void limits(void **state) {
    (void)state;
    const int64_t start = at("2027-03-07T09:00:00");
    for (int unit = 0; unit < DURATION_UNIT__MAX; unit++) {
        struct duration none = {0, (enum duration_unit)unit}, less = {INT32_MIN, (enum duration_unit)unit};
        struct duration huge = {INT32_MAX, (enum duration_unit)unit};
        bool provisional = true;
        assert_true(clock_due(&cal, start, none, &provisional) == start);
        assert_false(provisional);
        assert_true(clock_due(&cal, start, less, NULL) == start);
        assert_true(clock_due(&cal, start, huge, NULL) > start);
        assert_true(clock_due(&cal, INT64_MAX, huge, NULL) == CLOCK_MAX_US);
        assert_true(clock_due(&cal, INT64_MIN, huge, NULL) > 0);
        assert_true(clock_extend(&cal, INT64_MAX, huge, INT64_MIN, INT64_MAX, NULL) == CLOCK_MAX_US);
        assert_true(clock_extend(&cal, INT64_MIN, huge, INT64_MIN, INT64_MAX, NULL) == 0);
    }
    assert_true(CLOCK_MAX_US == at("9999-12-31T23:59:59"));
    assert_true(clock_working_seconds(&cal, INT64_MIN, INT64_MAX) > 0);
    assert_true(clock_wall_seconds(INT64_MIN, INT64_MAX) > INT64_C(18000000000000));
    assert_true(clock_second(-1) == -1 && clock_second(-SECOND_US) == -1 && clock_second(0) == 0);
    assert_true(clock_second(SECOND_US - 1) == 0 && clock_second(INT64_MIN) < clock_second(INT64_MIN + SECOND_US));
}

static void odd_hours(void **state) {
    (void)state;
    assert_true(calendar_init(&cal, STR("00:00-24:00")));
    assert_true(clock_due(&cal, at("2026-03-03T23:59:30"), dur("1wm"), NULL) == at("2026-03-04T00:00:30"));
    assert_true(clock_due(&cal, at("2026-03-03T00:00:00"), dur("24wh"), NULL) == at("2026-03-04T00:00:00"));
    assert_true(clock_due(&cal, at("2026-03-03T00:00:00"), dur("1wd"), NULL) == at("2026-03-05T00:00:00"));
    assert_true(calendar_init(&cal, STR("08:00-09:00,09:00-10:00,20:00-20:01,23:59-24:00")));
    assert_true(clock_due(&cal, at("2026-03-03T08:30:00"), dur("90wm"), NULL) == at("2026-03-03T10:00:00"));
    assert_true(clock_due(&cal, at("2026-03-03T08:30:00"), dur("92wm"), NULL) == at("2026-03-04T00:00:00"));
    assert_true(clock_due(&cal, at("2026-03-03T20:00:30"), dur("1wm"), NULL) == at("2026-03-03T23:59:30"));
    assert_true(calendar_init(&cal, STR("08:30-08:31")));
    assert_true(clock_due(&cal, at("2026-03-03T08:30:00"), dur("1000000wm"), NULL) > at("5800-01-01T00:00:00"));
    assert_int_equal(setup(state), 0);
}

static void working_seconds_by_hand(void **state) {
    (void)state;
    static const struct {
        const char *from, *to;
        int64_t seconds;
    } row[] = {
        {"2026-03-03T09:00:00", "2026-03-03T09:00:00", 0},
        {"2026-03-03T09:00:01", "2026-03-03T09:00:00", 0},
        {"2026-03-03T09:00:00.9", "2026-03-03T09:00:01.1", 1},
        {"2026-03-03T09:00:00.1", "2026-03-03T09:00:00.9", 0},
        {"2026-03-03T00:00:00", "2026-03-04T00:00:00", 25200},
        {"2026-03-03T12:00:00", "2026-03-03T13:30:00", 0},
        {"2026-03-03T11:59:59", "2026-03-03T13:30:01", 2},
        {"2026-02-14T16:00:00", "2026-02-24T09:00:00", 5400},
        {"2026-02-15T00:00:00", "2026-02-24T00:00:00", 0},
        {"2026-10-01T00:00:00", "2026-10-08T00:00:00", 0},
        {"2023-01-01T00:00:00", "2027-01-01T00:00:00", INT64_C(25200) * (249 + 251 + 248 + 248)},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_true(clock_working_seconds(&cal, at(row[i].from), at(row[i].to)) == row[i].seconds);
}

/* Counts second by second, knowing only which days are worked. */
static int64_t walked(int64_t from_s, int64_t to_s) {
    int64_t sum = 0;
    for (int64_t s = from_s; s < to_s; s++) {
        int64_t local = s + BEIJING_OFFSET_S, second = local % DAY_S;
        bool hours = (second >= 30600 && second < 43200) || (second >= 48600 && second < 61200);
        sum += hours && calendar_works(&cal, (int32_t)(local / DAY_S));
    }
    return sum;
}

static void working_seconds_as_walked(void **state) {
    (void)state;
    uint64_t seed = 3;
    const int64_t first = at("2026-02-01T00:00:00") / SECOND_US;
    for (int i = 0; i < 40; i++) {
        int64_t from = first + (int64_t)fixture_chance(&seed, 40 * DAY_S);
        int64_t to = from + (int64_t)fixture_chance(&seed, 3 * DAY_S);
        assert_true(clock_working_seconds(&cal, from * SECOND_US, to * SECOND_US) == walked(from, to));
    }
}

static int64_t some_instant(uint64_t *seed) {
    return at("2022-11-01T00:00:00") + (int64_t)fixture_chance(seed, UINT64_C(1900) * DAY_S * 1000000);
}

static void cuts_add_up(void **state) {
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 2000; i++) {
        int64_t from = some_instant(&seed), to = from, working = 0, wall = 0;
        for (uint64_t cuts = 1 + fixture_chance(&seed, 12); cuts > 0; cuts--) {
            int64_t cut = to + (int64_t)fixture_chance(&seed, UINT64_C(20) * DAY_S * 1000000);
            working += clock_working_seconds(&cal, to, cut);
            wall += clock_wall_seconds(to, cut);
            to = cut;
        }
        assert_true(working == clock_working_seconds(&cal, from, to));
        assert_true(wall == clock_wall_seconds(from, to));
        assert_true(working <= wall);
    }
}

static void due_grows_with_start_and_length(void **state) {
    (void)state;
    uint64_t seed = 12;
    for (int i = 0; i < 1000; i++) {
        int64_t start = some_instant(&seed);
        int64_t later = start + (int64_t)fixture_chance(&seed, UINT64_C(5) * DAY_S * 1000000);
        for (size_t k = 0; k < SPANS_TRIED; k++) {
            struct duration d = spans_tried[k], longer = {d.n + 1, d.unit};
            int64_t due = clock_due(&cal, start, d, NULL);
            assert_true(due > start);
            assert_true(due <= clock_due(&cal, later, d, NULL));
            assert_true(due < clock_due(&cal, start, longer, NULL));
        }
    }
}

/* The due time is the first instant that uses up the working minutes: a second earlier there is one missing. */
static void working_minutes_are_used_exactly(void **state) {
    (void)state;
    uint64_t seed = 13;
    for (int i = 0; i < 2000; i++) {
        int64_t start = some_instant(&seed);
        struct duration d = {1 + (int32_t)fixture_chance(&seed, 12000), DURATION_WORK_MINUTES};
        int64_t due = clock_due(&cal, start, d, NULL);
        assert_true(clock_working_seconds(&cal, start, due) == d.n * INT64_C(60));
        assert_true(clock_working_seconds(&cal, start, due - 1) == d.n * INT64_C(60) - 1);
    }
}

static void pauses_by_hand(void **state) {
    (void)state;
    static const struct {
        const char *due, *d, *from, *to, *moved;
    } row[] = {
        {"2026-03-03T10:00:00", "90m", "2026-03-03T09:00:00", "2026-03-03T09:10:00.5", "2026-03-03T10:10:00.5"},
        {"2026-03-03T10:00:00", "45s", "2026-03-03T09:59:30", "2026-03-05T09:59:30", "2026-03-05T10:00:00"},
        {"2026-03-03T11:30:00", "4wh", "2026-03-03T09:00:00", "2026-03-03T10:00:00", "2026-03-03T14:00:00"},
        {"2026-03-03T15:00:00", "4wh", "2026-03-03T12:00:00", "2026-03-03T13:30:00", "2026-03-03T15:00:00"},
        {"2026-03-09T09:00:00", "4wh", "2026-03-06T16:00:00", "2026-03-09T08:45:00", "2026-03-09T10:15:00"},
        /* over Spring Festival only the working hour before and the one after count */
        {"2026-02-24T17:00:00", "5wd", "2026-02-14T16:00:00", "2026-02-24T09:30:00", "2026-02-25T10:30:00"},
        {"2026-03-06T17:00:00", "5wd", "2026-03-04T08:30:00", "2026-03-05T08:30:00", "2026-03-09T17:00:00"},
        /* the due time passes in the pause: what was left then is left after */
        {"2026-03-03T11:00:00", "4wh", "2026-03-03T10:30:00", "2026-03-04T14:00:00", "2026-03-04T14:30:00"},
        /* nothing to move */
        {"2026-03-03T11:00:00", "4wh", "2026-03-03T10:00:00", "2026-03-03T10:00:00", "2026-03-03T11:00:00"},
        {"2026-03-03T11:00:00", "4wh", "2026-03-03T10:00:00", "2026-03-03T09:00:00", "2026-03-03T11:00:00"},
        {"2026-03-03T11:00:00", "4wh", "2026-03-03T11:00:00", "2026-03-04T09:00:00", "2026-03-03T11:00:00"},
        {"2026-03-03T11:00:00", "90m", "2026-03-03T11:00:00", "2026-03-04T09:00:00", "2026-03-03T11:00:00"},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        bool provisional = false;
        int64_t moved = clock_extend(&cal, at(row[i].due), dur(row[i].d), at(row[i].from), at(row[i].to), &provisional);
        char text[TIME_TEXT_MAX];
        if (moved != at(row[i].moved)) {
            (void)time_format_beijing(moved, 3, text);
            fail_msg("row %zu: %s, not %s", i, text, row[i].moved);
        }
        assert_false(provisional);
    }
}

static void pauses_keep_the_flag(void **state) {
    (void)state;
    bool provisional = false;
    int64_t due = at("2026-12-25T16:00:00");
    (void)clock_extend(&cal, due, dur("4wh"), due - SECOND_US, due, &provisional);
    assert_false(provisional);
    (void)clock_extend(&cal, due, dur("90m"), due - SECOND_US, due + INT64_C(5000000) * SECOND_US, &provisional);
    assert_false(provisional);
    (void)clock_extend(&cal, due, dur("4wh"), due - INT64_C(7200) * SECOND_US, due, &provisional);
    assert_true(provisional);
    (void)clock_extend(&cal, at("2026-03-03T16:00:00"), dur("4wh"), at("2026-03-03T15:00:00"),
                       at("2026-03-03T15:10:00"), &provisional);
    assert_true(provisional);
    /* A weekend pause that moves nothing yet might, if a notice made its Sunday a make-up day. */
    provisional = false;
    assert_true(clock_extend(&cal, at("2026-12-26T20:00:00"), dur("4wh"), at("2026-12-26T12:00:00"),
                             at("2026-12-27T20:00:00"), &provisional) == at("2026-12-26T20:00:00"));
    assert_true(provisional);
}

/* Two pauses on end move a due time as one does, and the time used outside pauses is the whole duration. */
static void pauses_give_back_exactly(void **state) {
    (void)state;
    uint64_t seed = 14;
    for (int i = 0; i < 2000; i++) {
        struct duration d = spans_tried[fixture_chance(&seed, SPANS_TRIED)];
        int64_t start = some_instant(&seed) / SECOND_US * SECOND_US, due = clock_due(&cal, start, d, NULL);
        int64_t from = start + (int64_t)fixture_chance(&seed, (uint64_t)((due - start) / SECOND_US)) * SECOND_US;
        int64_t cut = from + (int64_t)fixture_chance(&seed, UINT64_C(9) * DAY_S) * SECOND_US;
        int64_t to = cut + (int64_t)fixture_chance(&seed, UINT64_C(9) * DAY_S) * SECOND_US;
        int64_t once = clock_extend(&cal, due, d, from, to, NULL);
        int64_t half = clock_extend(&cal, due, d, from, cut, NULL);
        assert_true(once >= due);
        /* With nothing left at the cut in working time, the clock has run out there; else both ways agree. */
        if (cut < half) assert_true(once == clock_extend(&cal, half, d, cut, to, NULL));
        if (works_by_minutes(d))
            assert_true(clock_working_seconds(&cal, start, from) + clock_working_seconds(&cal, to, once) ==
                        d.n * INT64_C(60));
    }
}

/* The slow model: walks the calendar minute by minute, and doesn't count those in which the clock stands still. */
static int64_t walked_due(int64_t start_s, int64_t minutes, const int64_t (*pause)[2], size_t pauses) {
    int64_t s = start_s;
    while (minutes > 0) {
        bool still = false;
        for (size_t i = 0; i < pauses; i++) still |= s >= pause[i][0] && s < pause[i][1];
        if (!still && walked(s, s + 60) == 60) minutes--;
        s += 60;
    }
    return s;
}

/* A question asked now and then, each pause given back when it ends: the clock is due when it would be by a calendar without the
 * minutes of the pauses, in wall and in working time; and the ledger's lines add up to the same. */
static void pauses_as_walked(void **state) {
    (void)state;
    enum { PAUSES = 3 };
    uint64_t seed = 15;
    for (int i = 0; i < 60; i++) {
        struct duration d = {5 + (int32_t)fixture_chance(&seed, 900), DURATION_WORK_MINUTES};
        int64_t start = at("2026-02-09T00:00:00") / SECOND_US + (int64_t)fixture_chance(&seed, 20 * 24 * 60) * 60;
        int64_t due = clock_due(&cal, start * SECOND_US, d, NULL), pause[PAUSES][2], from = start, paused = 0;
        for (int k = 0; k < PAUSES; k++) {
            int64_t left = due / SECOND_US - from;
            pause[k][0] = from + (int64_t)fixture_chance(&seed, (uint64_t)(left / 60 / 2 + 1)) * 60;
            pause[k][1] = from = pause[k][0] + (int64_t)fixture_chance(&seed, 5 * 24 * 60) * 60;
            due = clock_extend(&cal, due, d, pause[k][0] * SECOND_US, pause[k][1] * SECOND_US, NULL);
            paused += clock_working_seconds(&cal, pause[k][0] * SECOND_US, pause[k][1] * SECOND_US);
        }
        assert_true(due == walked_due(start, d.n, pause, PAUSES) * SECOND_US);
        assert_true(clock_working_seconds(&cal, start * SECOND_US, due) == d.n * INT64_C(60) + paused);
    }
}

/* Days that are granted: as many working days, or days, more. */
static void days_more_by_hand(void **state) {
    (void)state;
    bool provisional = false;
    assert_true(clock_longer(&cal, at("2026-11-24T17:00:00"), dur("3wd"), 2, &provisional) ==
                at("2026-11-26T17:00:00"));
    assert_true(clock_longer(&cal, at("2026-11-26T10:00:00"), dur("9wh"), 2, &provisional) ==
                at("2026-11-30T10:00:00"));
    assert_true(clock_longer(&cal, at("2026-11-26T10:00:00"), dur("48h"), 2, &provisional) ==
                at("2026-11-28T10:00:00"));
    assert_true(clock_longer(&cal, at("2026-11-26T10:00:00"), dur("3wd"), 0, &provisional) ==
                at("2026-11-26T10:00:00"));
    assert_false(provisional);
    (void)clock_longer(&cal, at("2026-12-31T17:00:00"), dur("3wd"), 5, &provisional);
    assert_true(provisional);
}

/* A pause before or after days are granted: what comes of it is the same, so that a clock can be computed anew from its rule, its
 * pauses and its days in whatever order they came. */
static void days_more_and_pauses_in_any_order(void **state) {
    (void)state;
    uint64_t seed = 16;
    for (int i = 0; i < 2000; i++) {
        struct duration d = spans_tried[fixture_chance(&seed, SPANS_TRIED)];
        int64_t start = some_instant(&seed) / SECOND_US * SECOND_US, due = clock_due(&cal, start, d, NULL);
        int64_t from = start + (int64_t)fixture_chance(&seed, (uint64_t)((due - start) / SECOND_US)) * SECOND_US;
        int64_t to = from + (int64_t)fixture_chance(&seed, UINT64_C(9) * DAY_S) * SECOND_US;
        int64_t days = 1 + (int64_t)fixture_chance(&seed, 20);
        int64_t first = clock_extend(&cal, clock_longer(&cal, due, d, days, NULL), d, from, to, NULL);
        assert_true(first == clock_longer(&cal, clock_extend(&cal, due, d, from, to, NULL), d, days, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_good),
        cmocka_unit_test(durations_bad),
        cmocka_unit_test(due_by_hand),
        cmocka_unit_test(provisional_when_unknown),
        cmocka_unit_test(a_later_notice_moves_it),
        cmocka_unit_test(limits),
        cmocka_unit_test(odd_hours),
        cmocka_unit_test(working_seconds_by_hand),
        cmocka_unit_test(working_seconds_as_walked),
        cmocka_unit_test(cuts_add_up),
        cmocka_unit_test(due_grows_with_start_and_length),
        cmocka_unit_test(working_minutes_are_used_exactly),
        cmocka_unit_test(pauses_by_hand),
        cmocka_unit_test(pauses_keep_the_flag),
        cmocka_unit_test(pauses_give_back_exactly),
        cmocka_unit_test(pauses_as_walked),
        cmocka_unit_test(days_more_by_hand),
        cmocka_unit_test(days_more_and_pauses_in_any_order),
    };
    return cmocka_run_group_tests_name("clock", tests, setup, NULL);
}
