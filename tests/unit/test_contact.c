/* Who can't be reached: three attempts on different days, at different hours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/timefmt.h"
#include "rules/contact.h"

#include <cmocka.h>

enum { MAX = 12 };

/* "24 09:10 -" and so on, joined by commas: day and time of November 2026 in Beijing; - no answer, x wrong number, + reached,
 * ! refused to talk. */
static bool unreachable(const char *text) {
    struct contact_attempt tries[MAX];
    size_t n = 0;
    for (const char *p = text; *p; p += p[10] ? 11 : 10, n++) {
        char time[] = "2026-11-00T00:00:00+08:00";
        memcpy(time + 8, p, 2);
        memcpy(time + 11, p + 3, 5);
        assert_true(n < MAX && time_parse(str_of(time), &tries[n].at_us));
        tries[n].outcome = p[9] == '-'   ? CONTACT_NO_ANSWER
                           : p[9] == 'x' ? CONTACT_WRONG_NUMBER
                           : p[9] == '+' ? CONTACT_REACHED
                                         : CONTACT_REFUSED;
    }
    return contact_unreachable(tries, n);
}

static void three_at_different_hours_of_different_days(void **state) {
    (void)state;
    assert_true(unreachable("24 09:10 -,25 14:30 -,26 19:00 -"));
    assert_true(unreachable("24 09:10 x,25 14:30 -,27 10:00 x"));
    assert_true(unreachable("24 09:10 -,24 14:30 -,25 09:30 -,25 14:10 -,26 19:00 -"));
}

static void fewer_are_not_enough(void **state) {
    (void)state;
    assert_false(unreachable(""));
    assert_false(unreachable("24 09:10 -"));
    assert_false(unreachable("24 09:10 -,25 14:30 -"));
}

static void one_day_counts_once(void **state) {
    (void)state;
    assert_false(unreachable("24 09:10 -,24 14:30 -,24 19:00 -"));
    assert_false(unreachable("24 09:10 -,24 14:30 -,25 19:00 -"));
    assert_false(unreachable("24 08:10 -,24 14:30 -,25 09:00 -,25 19:00 -"));
}

static void one_hour_counts_once(void **state) {
    (void)state;
    assert_false(unreachable("24 09:10 -,25 09:30 -,26 09:50 -"));
    assert_false(unreachable("24 09:10 -,25 09:59 -,26 14:00 -"));
    assert_true(unreachable("24 09:59 -,25 10:00 -,26 11:00 -"));
}

/* Midnight in Beijing parts the days, not midnight in Greenwich. */
static void days_are_beijings(void **state) {
    (void)state;
    assert_true(unreachable("24 23:50 -,25 00:10 -,26 12:00 -"));
    assert_false(unreachable("24 07:50 -,24 08:10 -,25 12:00 -"));
}

static void who_was_spoken_to_can_be_reached(void **state) {
    (void)state;
    assert_false(unreachable("24 09:10 -,25 14:30 -,26 19:00 -,27 10:00 +"));
    assert_false(unreachable("24 09:10 -,25 14:30 !,26 19:00 -,27 10:00 -"));
    assert_true(unreachable("23 08:00 +,24 09:10 -,25 14:30 -,26 19:00 -"));
    assert_false(unreachable("24 09:10 -,25 14:30 -,26 16:00 +,26 19:00 -"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_at_different_hours_of_different_days),
        cmocka_unit_test(fewer_are_not_enough),
        cmocka_unit_test(one_day_counts_once),
        cmocka_unit_test(one_hour_counts_once),
        cmocka_unit_test(days_are_beijings),
        cmocka_unit_test(who_was_spoken_to_can_be_reached),
    };
    return cmocka_run_group_tests_name("contact", tests, NULL, NULL);
}
