/* Own calendars, of a unit or a district: half days, make-up days, holidays, Saturday windows, years not yet known. Due times and
 * working time are compared with a model that knows nothing but minutes: one flag a minute, found by reading the rules aloud. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "calendar_fixture.h"
#include "rules/clock.h"
#include <cmocka.h>

enum {
    DAYS = 150,
    MINUTES = DAYS * 1440,
    FIRST = 20421, /* 2025-11-29, a Saturday: the turn of a year is in the midst of it */
    MINUTE_S = 60,
    RULES = 40,
    MARGIN = 70 * 1440
};
#define MINUTE_US (MINUTE_S * SECOND_US)

static struct calendar cal;

static struct calendar_own own_of(const char *when, const char *way, const char *hours) {
    struct calendar_own own;
    assert_null(calendar_own_parse(str_of(when), str_of(way), str_of(hours), &own));
    return own;
}

static int32_t day_of(const char *text) {
    int32_t day = 0;
    assert_true(date_parse(str_of(text), &day));
    return day;
}

/* ---- the slow model ---- */

struct model {
    char usual[64];
    struct model_rule {
        bool is_date;
        int32_t day; /* or weekday, Monday being 0 */
        enum calendar_way way;
        char hours[64];
    } rule[RULES];
    int rules;
    int8_t notice[DAYS]; /* 0 nothing, 1 holiday, 2 make-up */
    int first_unknown;   /* year */
    bool works[MINUTES], counts[DAYS];
};

static int two(const char *digits) { return (digits[0] - '0') * 10 + digits[1] - '0'; }

static void mark_hours(struct model *m, int day, const char *hours) {
    for (const char *p = hours; *p; p += p[11] ? 12 : 11) {
        int from = two(p) * 60 + two(p + 3), to = two(p + 6) * 60 + two(p + 9);
        for (int i = from; i < to; i++) m->works[day * 1440 + i] = true;
    }
}

static void do_as_said(struct model *m, int day, const struct model_rule *r) {
    m->counts[day] = r->way == WAY_WORK;
    if (r->way != WAY_HOLIDAY) mark_hours(m, day, *r->hours ? r->hours : m->usual);
}

static const struct model_rule *rule_for(const struct model *m, bool is_date, int32_t day) {
    const struct model_rule *found = NULL;
    for (int i = 0; i < m->rules; i++)
        if (m->rule[i].is_date == is_date && m->rule[i].day == day) found = &m->rule[i];
    return found;
}

static void fill(struct model *m) {
    const struct model_rule usual = {.way = WAY_WORK};
    for (int d = 0; d < DAYS; d++) {
        int weekday = (FIRST + d + 3) % 7;
        const struct model_rule *date = rule_for(m, true, FIRST + d), *week = rule_for(m, false, weekday);
        if (date) do_as_said(m, d, date);
        else if (m->notice[d] == 1) continue;
        else if (m->notice[d] == 2) do_as_said(m, d, &usual);
        else if (week) do_as_said(m, d, week);
        else if (weekday < 5) do_as_said(m, d, &usual);
    }
}

/* Minutes since the beginning of FIRST in Beijing, and back. */
static int64_t us_of(int minute) {
    return ((int64_t)FIRST * DAY_S - BEIJING_OFFSET_S + (int64_t)minute * MINUTE_S) * SECOND_US;
}
static int minute_of(int64_t us) {
    return (int)((us / SECOND_US + BEIJING_OFFSET_S - (int64_t)FIRST * DAY_S) / MINUTE_S);
}

static int worked(const struct model *m, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) sum += m->works[i];
    return sum;
}

/* The end of the n-th minute worked from here on; MINUTES when the model does not reach so far. */
static int after(const struct model *m, int from, int n) {
    int i = from;
    while (i < MINUTES && n > 0) n -= m->works[i++];
    return n > 0 ? MINUTES : i;
}

static int due_of(const struct model *m, int start, struct duration d) {
    if (d.unit == DURATION_WORK_MINUTES) return after(m, start, d.n);
    int day = start / 1440, left = d.n;
    while (left > 0 && ++day < DAYS) left -= m->counts[day];
    if (day >= DAYS) return MINUTES;
    int minute = (day + 1) * 1440;
    while (!m->works[minute - 1]) minute--;
    return minute;
}

/* A day is open while its year is, and from 27 December on while the next one is. */
static bool is_open(const struct model *m, int day) {
    int year, month, mday;
    date_from_days(FIRST + day, &year, &month, &mday);
    return year + (month == 12 && mday >= 27) >= m->first_unknown;
}

static bool leans(const struct model *m, int from, int to) {
    for (int day = from / 1440; day <= to / 1440; day++)
        if (is_open(m, day)) return true;
    return false;
}

/* ---- random calendars, told to both ---- */

static const char *some_hours(uint64_t *seed) {
    static const char *const hours[] = {"08:30-12:00,13:30-17:00",
                                        "09:00-12:00",
                                        "13:00-17:30",
                                        "00:00-24:00",
                                        "07:00-07:01",
                                        "06:00-09:00,10:00-11:00,20:00-24:00",
                                        "10:00-16:00"};
    return hours[fixture_chance(seed, sizeof hours / sizeof *hours)];
}

static void add_rule(struct model *m, uint64_t *seed, bool is_date) {
    static const enum calendar_way ways[] = {WAY_HOLIDAY, WAY_WORK, WAY_WORK, WAY_WINDOW};
    struct model_rule *r = &m->rule[m->rules];
    *r = (struct model_rule){.is_date = is_date, .way = ways[fixture_chance(seed, 4)]};
    r->day = is_date ? FIRST + (int32_t)fixture_chance(seed, DAYS) : 3 + (int32_t)fixture_chance(seed, 4);
    if (rule_for(m, is_date, r->day)) return;
    if (r->way == WAY_WINDOW || (r->way == WAY_WORK && fixture_chance(seed, 3)))
        snprintf(r->hours, sizeof r->hours, "%s", some_hours(seed));
    m->rules++;
}

static void tell_product(const struct model *m) {
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    struct calendar_own own[RULES + 1];
    int n = 0;
    assert_true(calendar_init(&cal, (struct str){0}));
    for (int year = 2025; year < m->first_unknown; year++) assert_true(calendar_set_year_known(&cal, year));
    for (int d = 0; d < DAYS; d++)
        if (m->notice[d]) assert_true(calendar_set_day(&cal, FIRST + d, m->notice[d] == 2));
    for (int i = 0; i < m->rules; i++) {
        const struct model_rule *r = &m->rule[i];
        char date[16];
        int year, month, mday;
        date_from_days(r->day, &year, &month, &mday);
        snprintf(date, sizeof date, "%04d-%02d-%02d", year, month, mday);
        const char *way = r->way == WAY_HOLIDAY ? "holiday" : r->way == WAY_WORK ? "work" : "window";
        own[n++] = own_of(r->is_date ? date : days[r->day], way, r->hours);
    }
    own[n++] = own_of("workday", "work", m->usual);
    assert_true(calendar_apply(&cal, own, (size_t)n));
}

static struct model *random_model(uint64_t *seed) {
    static struct model m;
    memset(&m, 0, sizeof m);
    snprintf(m.usual, sizeof m.usual, "%s", some_hours(seed));
    m.first_unknown = 2026 + (int)fixture_chance(seed, 2);
    for (uint64_t n = fixture_chance(seed, 4); n > 0; n--) add_rule(&m, seed, false);
    for (uint64_t n = fixture_chance(seed, 30); n > 0; n--) add_rule(&m, seed, true);
    for (uint64_t n = fixture_chance(seed, 30); n > 0; n--)
        m.notice[fixture_chance(seed, DAYS)] = (int8_t)(1 + fixture_chance(seed, 2));
    fill(&m);
    tell_product(&m);
    return &m;
}

static void check_due(const struct model *m, uint64_t *seed) {
    const struct duration d = fixture_chance(seed, 2)
                                  ? (struct duration){1 + (int32_t)fixture_chance(seed, 4000), DURATION_WORK_MINUTES}
                                  : (struct duration){1 + (int32_t)fixture_chance(seed, 20), DURATION_WORKDAYS};
    int start = (int)fixture_chance(seed, MINUTES - MARGIN), due = due_of(m, start, d);
    bool provisional;
    if (due == MINUTES) return;
    assert_int_equal(minute_of(clock_due(&cal, us_of(start), d, &provisional)), due);
    assert_int_equal(provisional, leans(m, start, due));
    int from = (int)fixture_chance(seed, MINUTES - MARGIN), to = from + (int)fixture_chance(seed, 12 * 1440);
    int expected = from >= due || to <= from ? due : after(m, to, worked(m, from, due));
    if (expected == MINUTES) return;
    assert_int_equal(minute_of(clock_extend(&cal, us_of(due), d, us_of(from), us_of(to), NULL)), expected);
}

static void as_the_minutes_say(void **state) {
    (void)state;
    uint64_t seed = 20261126;
    for (int i = 0; i < 120; i++) {
        const struct model *m = random_model(&seed);
        for (int d = 0; d < DAYS; d++) {
            assert_int_equal(calendar_works(&cal, FIRST + d), m->counts[d]);
            assert_int_equal(calendar_seconds(&cal, FIRST + d, FIRST + d + 1),
                             MINUTE_S * worked(m, d * 1440, (d + 1) * 1440));
        }
        for (int k = 0; k < 60; k++) {
            int from = (int)fixture_chance(&seed, MINUTES),
                to = from + (int)fixture_chance(&seed, (uint64_t)(MINUTES - from));
            assert_int_equal(clock_working_seconds(&cal, us_of(from), us_of(to)), MINUTE_S * worked(m, from, to));
            check_due(m, &seed);
        }
    }
}

/* ---- by hand ---- */

static int64_t at(const char *text) {
    char full[64];
    int64_t us = 0;
    snprintf(full, sizeof full, "%s:00+08:00", text);
    assert_true(time_parse(str_of(full), &us));
    return us;
}

static void a_saturday_window(void **state) {
    (void)state;
    const struct calendar_own own[] = {own_of("sat", "window", "09:00-12:00"),
                                       own_of("2026-03-06", "work", "08:30-12:00")};
    const struct duration hours = {240, DURATION_WORK_MINUTES}, days = {1, DURATION_WORKDAYS};
    assert_int_equal(fixture_calendar(&cal), 141);
    assert_true(calendar_apply(&cal, own, 2));
    /* Friday 6 March 2026 is a half day, on Saturday the counter is open, which is no working day. */
    assert_true(clock_due(&cal, at("2026-03-06T11:00"), hours, NULL) == at("2026-03-07T12:00"));
    assert_true(clock_due(&cal, at("2026-03-05T11:00"), days, NULL) == at("2026-03-06T12:00"));
    assert_true(clock_due(&cal, at("2026-03-06T11:00"), days, NULL) == at("2026-03-09T17:00"));
    /* A holiday's Saturday has no window, a make-up Saturday the usual hours. */
    assert_int_equal(calendar_plan_of(&cal, day_of("2026-02-21"))->work_s, 0);
    assert_int_equal(calendar_plan_of(&cal, day_of("2026-02-28"))->work_s, 25200);
}

static void faults_are_told(void **state) {
    (void)state;
    static const struct {
        const char *when, *way, *hours, *told;
    } row[] = {
        {"2026-13-01", "work", "", "is for a date"},
        {"2060-01-01", "work", "", "is for a date"},
        {"Sat", "window", "09:00-12:00", "is for a date"},
        {"", "work", "", "is for a date"},
        {"sat", "makeup", "", "must have the kind"},
        {"sat", "", "", "must have the kind"},
        {"2026-03-06", "holiday", "09:00-10:00", "is a holiday with hours"},
        {"sat", "window", "", "is a window without hours"},
        {"sat", "window", "12:00-09:00", "must have hours like"},
        {"fri", "work", "9:00-12:00", "must have hours like"},
        {"workday", "holiday", "", "for workday must say work"},
        {"workday", "work", "", "for workday must say work"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct calendar_own own;
        const char *why = calendar_own_parse(str_of(row[i].when), str_of(row[i].way), str_of(row[i].hours), &own);
        assert_non_null(why);
        assert_memory_equal(why, row[i].told, strlen(row[i].told));
    }
}

static void a_week_without_work_is_refused(void **state) {
    (void)state;
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri"};
    struct calendar_own own[5];
    for (int i = 0; i < 5; i++) own[i] = own_of(days[i], "window", "09:00-12:00");
    assert_true(calendar_init(&cal, (struct str){0}));
    assert_false(calendar_apply(&cal, own, 5));
    assert_true(calendar_init(&cal, (struct str){0}));
    assert_true(calendar_apply(&cal, own, 4));
}

static void more_plans_than_there_is_room_for(void **state) {
    (void)state;
    static struct calendar_own own[CALENDAR_PLANS];
    static char hours[CALENDAR_PLANS][24], dates[CALENDAR_PLANS][24];
    for (int i = 0; i < CALENDAR_PLANS; i++) {
        snprintf(hours[i], sizeof hours[i], "09:%02d-%02d:00", i % 60, 10 + i / 60);
        snprintf(dates[i], sizeof dates[i], "2026-%02d-%02d", 3 + i / 28, 1 + i % 28);
        own[i] = own_of(dates[i], "work", hours[i]);
    }
    assert_true(calendar_init(&cal, (struct str){0}));
    assert_true(calendar_apply(&cal, own, CALENDAR_PLANS - 2));
    assert_true(calendar_init(&cal, (struct str){0}));
    assert_false(calendar_apply(&cal, own, CALENDAR_PLANS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_minutes_say),
        cmocka_unit_test(a_saturday_window),
        cmocka_unit_test(faults_are_told),
        cmocka_unit_test(a_week_without_work_is_refused),
        cmocka_unit_test(more_plans_than_there_is_room_for),
    };
    return cmocka_run_group_tests_name("own_calendar", tests, NULL, NULL);
}
