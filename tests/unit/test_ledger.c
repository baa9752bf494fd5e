/* Tests of the time ledger: lines that add up, every fault found, sums by holder, and the calendar's working time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "calendar_fixture.h"
#include "rules/clock.h"
#include "rules/ledger.h"
#include <cmocka.h>

static struct calendar cal;

static int setup(void **state) {
    (void)state;
    return fixture_calendar(&cal) == 141 ? 0 : -1;
}

/* 2026-03-03 09:00 in Beijing, a Tuesday. */
static int64_t start_s(void) { return (int64_t)date_to_days(2026, 3, 3) * DAY_S + 3600; }

enum { LINES = 5 };

/* Unit 7 for an hour, a pause over lunch, unit 7 again, two acts in one second (unit 8, empty), unit 9 overnight. */
static int64_t sample(struct ledger_line lines[LINES]) {
    static const struct {
        int64_t length, unit_id;
        enum ledger_kind kind;
    } row[LINES] = {
        {3600, 7, LEDGER_HELD}, {4 * 3600, 7, LEDGER_PAUSE}, {1800, 7, LEDGER_HELD},
        {0, 8, LEDGER_HELD},    {DAY_S, 9, LEDGER_HELD},
    };
    int64_t next = start_s();
    for (int i = 0; i < LINES; i++) {
        lines[i] = (struct ledger_line){.from_s = next, .kind = row[i].kind, .unit_id = row[i].unit_id};
        ledger_close(&cal, &lines[i], next + row[i].length);
        next = lines[i].to_s;
    }
    return next;
}

static void a_good_ledger(void **state) {
    (void)state;
    struct ledger_line lines[LINES];
    struct ledger_total whole, holder[3];
    size_t holders = 0, at = 99;
    int64_t end_s = sample(lines);
    assert_int_equal(ledger_check(&cal, lines, LINES, start_s(), end_s, &at), LEDGER_OK);
    assert_int_equal(ledger_check(NULL, lines, LINES, start_s(), end_s, NULL), LEDGER_OK);
    assert_true(ledger_totals(lines, LINES, &whole, holder, 3, &holders));
    assert_int_equal(holders, 3);
    assert_int_equal(whole.unit_id, 0);
    assert_int_equal(holder[0].unit_id, 7);
    assert_int_equal(holder[0].held_wall_s, 5400);
    assert_int_equal(holder[0].held_working_s, 5400);
    assert_int_equal(holder[0].pause_wall_s, 14400);
    assert_int_equal(holder[0].pause_working_s, 9000);
    assert_int_equal(holder[1].unit_id, 8);
    assert_int_equal(holder[1].held_wall_s, 0);
    assert_int_equal(holder[2].held_wall_s, DAY_S);
    assert_int_equal(holder[2].held_working_s, 25200);
    assert_int_equal(whole.held_wall_s + whole.pause_wall_s, end_s - start_s());
    assert_true(whole.held_working_s + whole.pause_working_s ==
                clock_working_seconds(&cal, start_s() * SECOND_US, end_s * SECOND_US));
}

static void no_lines(void **state) {
    (void)state;
    struct ledger_total whole;
    size_t at = 99, holders = 99;
    assert_int_equal(ledger_check(&cal, NULL, 0, 5, 5, &at), LEDGER_OK);
    assert_int_equal(ledger_check(&cal, NULL, 0, 5, 6, &at), LEDGER_END);
    assert_int_equal(at, 0);
    assert_true(ledger_totals(NULL, 0, &whole, NULL, 0, &holders));
    assert_int_equal(holders, 0);
    assert_int_equal(whole.held_wall_s, 0);
}

/* Each row spoils one field of one line of the sample by a difference. */
static void every_fault_is_found(void **state) {
    (void)state;
    static const struct {
        size_t line, field;
        int64_t change;
        enum ledger_fault fault;
    } row[] = {
        {0, offsetof(struct ledger_line, from_s), 1, LEDGER_WALL},
        {2, offsetof(struct ledger_line, from_s), -1, LEDGER_WALL},
        {4, offsetof(struct ledger_line, to_s), -1, LEDGER_WALL},
        {1, offsetof(struct ledger_line, wall_s), 1, LEDGER_WALL},
        {1, offsetof(struct ledger_line, wall_s), -INT64_C(100000000), LEDGER_WALL},
        {1, offsetof(struct ledger_line, working_s), 1, LEDGER_WORKING},
        {1, offsetof(struct ledger_line, working_s), -1, LEDGER_WORKING},
        {3, offsetof(struct ledger_line, working_s), 1, LEDGER_WORKING},
        {2, offsetof(struct ledger_line, unit_id), -7, LEDGER_KIND},
        {3, offsetof(struct ledger_line, from_s), 1, LEDGER_ORDER},
        {0, offsetof(struct ledger_line, from_s), -INT64_C(90000000000), LEDGER_RANGE},
        {4, offsetof(struct ledger_line, to_s), INT64_C(900000000000), LEDGER_RANGE},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct ledger_line lines[LINES];
        size_t at = 99;
        int64_t end_s = sample(lines), value;
        char *field = (char *)&lines[row[i].line] + row[i].field;
        memcpy(&value, field, sizeof value);
        value += row[i].change;
        memcpy(field, &value, sizeof value);
        assert_int_equal(ledger_check(&cal, lines, LINES, start_s(), end_s, &at), row[i].fault);
        assert_int_equal(at, row[i].line);
    }
    struct ledger_line lines[LINES];
    int64_t end_s = sample(lines);
    lines[1].kind = LEDGER_KIND__MAX;
    assert_int_equal(ledger_check(&cal, lines, LINES, start_s(), end_s, NULL), LEDGER_KIND);
}

/* Lines that are right by themselves but do not fit together. */
static void gaps_and_overlaps(void **state) {
    (void)state;
    struct ledger_line lines[LINES];
    size_t at = 99;
    int64_t end_s = sample(lines);
    assert_int_equal(ledger_check(&cal, lines, LINES, start_s() - 1, end_s, &at), LEDGER_START);
    assert_int_equal(ledger_check(&cal, lines, LINES, start_s() + 1, end_s, &at), LEDGER_START);
    assert_int_equal(at, 0);
    assert_int_equal(ledger_check(&cal, lines, LINES, start_s(), end_s + 1, &at), LEDGER_END);
    assert_int_equal(ledger_check(&cal, lines, LINES, start_s(), end_s - 1, &at), LEDGER_END);
    assert_int_equal(at, LINES);
    lines[2].from_s++;
    ledger_close(&cal, &lines[2], lines[2].to_s);
    assert_int_equal(ledger_check(&cal, lines, LINES, start_s(), end_s, &at), LEDGER_GAP);
    assert_int_equal(at, 2);
    lines[2].from_s -= 2;
    ledger_close(&cal, &lines[2], lines[2].to_s);
    assert_int_equal(ledger_check(&cal, lines, LINES, start_s(), end_s, &at), LEDGER_OVERLAP);
    assert_int_equal(at, 2);
    (void)sample(lines);
    lines[1] = lines[0];
    assert_int_equal(ledger_check(&cal, lines, LINES, start_s(), end_s, &at), LEDGER_OVERLAP);
    (void)sample(lines);
    assert_int_equal(ledger_check(&cal, lines + 1, LINES - 1, start_s(), end_s, &at), LEDGER_START);
    for (int fault = 0; fault <= LEDGER_FAULT__MAX; fault++)
        assert_true(strlen(ledger_fault_text((enum ledger_fault)fault)) > 5);
}

/* Only the calendar can tell that a second of working time was moved from one line to another. */
static void moved_working_time(void **state) {
    (void)state;
    struct ledger_line lines[LINES];
    int64_t end_s = sample(lines);
    lines[1].working_s++;
    lines[4].working_s--;
    assert_int_equal(ledger_check(NULL, lines, LINES, start_s(), end_s, NULL), LEDGER_OK);
    assert_int_equal(ledger_check(&cal, lines, LINES, start_s(), end_s, NULL), LEDGER_WORKING);
    (void)sample(lines);
    lines[0].working_s = lines[0].wall_s + 1;
    assert_int_equal(ledger_check(NULL, lines, LINES, start_s(), end_s, NULL), LEDGER_WORKING);
}

static void closing(void **state) {
    (void)state;
    struct ledger_line line = {.from_s = start_s(), .unit_id = 1};
    ledger_close(&cal, &line, line.from_s - 500);
    assert_true(line.to_s == line.from_s && line.wall_s == 0 && line.working_s == 0);
    ledger_close(&cal, &line, INT64_MIN);
    assert_true(line.to_s == line.from_s && line.wall_s == 0);
    ledger_close(&cal, &line, INT64_MAX);
    assert_int_equal(ledger_check(&cal, &line, 1, line.from_s, CLOCK_MAX_US / SECOND_US, NULL), LEDGER_OK);
    line.from_s = INT64_MIN;
    ledger_close(&cal, &line, INT64_MAX);
    assert_true(line.to_s == INT64_MIN && line.wall_s == 0);
    assert_int_equal(ledger_check(&cal, &line, 1, INT64_MIN, INT64_MIN, NULL), LEDGER_RANGE);
}

static void sums_at_the_limits(void **state) {
    (void)state;
    struct ledger_line lines[LINES];
    struct ledger_total whole, holder[3];
    size_t holders = 0;
    (void)sample(lines);
    assert_false(ledger_totals(lines, LINES, &whole, holder, 2, &holders));
    assert_true(ledger_totals(lines, LINES, &whole, NULL, 0, NULL));
    lines[0].wall_s = lines[2].wall_s = INT64_MAX;
    assert_false(ledger_totals(lines, LINES, &whole, holder, 3, &holders));
    (void)sample(lines);
    lines[0].working_s = lines[2].working_s = INT64_MIN;
    assert_false(ledger_totals(lines, LINES, &whole, NULL, 0, NULL));
}

/* Any history, cut anywhere, adds up to the whole: the sums do not depend on who held it when. */
static void random_histories(void **state) {
    (void)state;
    enum { MOST = 40, UNITS = 6 };
    uint64_t seed = 99;
    for (int round = 0; round < 500; round++) {
        struct ledger_line lines[MOST];
        struct ledger_total whole, holder[UNITS];
        size_t n = 1 + (size_t)fixture_chance(&seed, MOST), holders = 0;
        int64_t first = start_s() - (int64_t)fixture_chance(&seed, 900 * DAY_S), next = first;
        for (size_t i = 0; i < n; i++) {
            lines[i] = (struct ledger_line){.from_s = next, .unit_id = 1 + (int64_t)fixture_chance(&seed, UNITS)};
            lines[i].kind = fixture_chance(&seed, 4) == 0 ? LEDGER_PAUSE : LEDGER_HELD;
            ledger_close(&cal, &lines[i], next + (int64_t)fixture_chance(&seed, 4 * DAY_S));
            next = lines[i].to_s;
        }
        assert_int_equal(ledger_check(&cal, lines, n, first, next, NULL), LEDGER_OK);
        assert_true(ledger_totals(lines, n, &whole, holder, UNITS, &holders));
        int64_t wall = 0, working = 0;
        for (size_t i = 0; i < holders; i++) {
            wall += holder[i].held_wall_s + holder[i].pause_wall_s;
            working += holder[i].held_working_s + holder[i].pause_working_s;
        }
        assert_true(wall == next - first && wall == whole.held_wall_s + whole.pause_wall_s);
        assert_true(working == whole.held_working_s + whole.pause_working_s);
        assert_true(working == clock_working_seconds(&cal, first * SECOND_US, next * SECOND_US));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_ledger),        cmocka_unit_test(no_lines),
        cmocka_unit_test(every_fault_is_found), cmocka_unit_test(gaps_and_overlaps),
        cmocka_unit_test(moved_working_time),   cmocka_unit_test(closing),
        cmocka_unit_test(sums_at_the_limits),   cmocka_unit_test(random_histories),
    };
    return cmocka_run_group_tests_name("ledger", tests, setup, NULL);
}
