/* Due times and elapsed times, in wall time or in the working time of a calendar. */
#ifndef MINHU_CLOCK_H
#define MINHU_CLOCK_H

#include "base/str.h"
#include "rules/calendar.h"

#include <stdbool.h>
#include <stdint.h>

enum duration_unit {
    DURATION_MINUTES,      /* round the clock */
    DURATION_WORK_MINUTES, /* only within work hours of working days */
    DURATION_WORKDAYS,
    DURATION_SECONDS, /* round the clock; for demonstrations */
    DURATION_UNIT__MAX
};

struct duration {
    int32_t n; /* 1 or more */
    enum duration_unit unit;
};

enum { DURATION_TEXT_MAX = 16 };

/* The last instant a clock knows: 9999-12-31T23:59:59+08:00. Starts outside 1970..9999 are moved to the nearer end. */
#define CLOCK_MAX_US INT64_C(253402271999000000)

/* A number without leading zeros and one of these, nothing between:
 *   s  seconds, m  minutes, h  hours: round the clock;
 *   wm working minutes, wh working hours (60 working minutes), wd working days.
 * There is no plain d: a day that may mean 24 hours or a working day misleads. At most 1,000,000 seconds or
 * (working) minutes and 2,500 working days; 0 is refused. On false *out is as it was. */
bool duration_parse(struct str s, struct duration *out);
/* The shortest spelling that parses back to the same duration: "2h", "90m", "45s", "4wh", "30wm", "5wd".
 * Returns the length; 0 and "" for an n or unit out of range. */
size_t duration_format(struct duration d, char out[DURATION_TEXT_MAX]);

/* When a clock that starts at start_us runs out.
 *   Wall units: exactly so much later, to the microsecond.
 *   Working minutes: the first instant at which so much working time is used, a whole second; so a clock that runs
 *     out with the day's last second is due at the end of work hours, not on the next morning. A start outside
 *     work hours counts from the next work hours.
 *   Working days: the end of work hours of the n-th working day after the start's Beijing date. That date itself
 *     never counts, whatever the hour and whether it is worked: from a free day the next working day is the first.
 *     A half day counts, and ends with its own hours; a day with only a window of service does not count.
 * *provisional (may be NULL) is set: whether the result leans on a day that a notice still to come may change;
 * never so for wall units. An n below 1 is due at once. Never past CLOCK_MAX_US. */
int64_t clock_due(const struct calendar *cal, int64_t start_us, struct duration d, bool *provisional);

/* The due time of a clock of duration d that stood still in [from_us, to_us): later by the wall time of the pause
 * for wall units, by its working time for working units (working days too: one lost working hour is given back as
 * one, so the new due time may lie within a day). What was left when the pause began is left when it ends.
 * A pause that is empty, or begins at or after the due time, moves nothing: what has run out stays so.
 * *provisional (may be NULL) is set to true when this leans on unsettled days, and else left as it is, so that one
 * flag can follow a due time through clock_due and all its pauses. */
int64_t clock_extend(const struct calendar *cal, int64_t due_us, struct duration d, int64_t from_us, int64_t to_us,
                     bool *provisional);

/* A clock of duration d that is due at due_us gets so many days more: for working units the working time of as many whole days, for
 * wall units 24 hours each. So days and pauses (clock_extend) add up in any order. days below 1 move nothing; *provisional as
 * in clock_extend. */
int64_t clock_longer(const struct calendar *cal, int64_t due_us, struct duration d, int64_t days, bool *provisional);

/* The Unix second an instant lies in (rounded down, also before 1970): what ledger lines are made of. */
int64_t clock_second(int64_t us);
/* Whole seconds in [from, to), both rounded down to their second first, so that adjacent intervals add up exactly to
 * the whole; 0 when to <= from. Work: only those within work hours. */
int64_t clock_working_seconds(const struct calendar *cal, int64_t from_us, int64_t to_us);
int64_t clock_wall_seconds(int64_t from_us, int64_t to_us);

#endif
