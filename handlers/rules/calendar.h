/* The working-day calendar: which Beijing days are worked, in which hours, and how far the notices reach. */
#ifndef MINHU_CALENDAR_H
#define MINHU_CALENDAR_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    CALENDAR_FIRST_YEAR = 2020,
    CALENDAR_YEARS = 40,
    CALENDAR_FIRST_DAY = 18262, /* date_to_days(2020, 1, 1) */
    CALENDAR_DAYS = 14610,      /* up to 2059-12-31: forty years with ten leap days */
    CALENDAR_SPANS = 4,
    CALENDAR_HOLIDAY_MAX = 96, /* bytes of a holiday's name */
    CALENDAR_NTH_MAX = 1500000,
    CALENDAR_FAR = 10000000,
    CALENDAR_PLANS = 64, /* of days that differ, in one calendar */
};

#define CALENDAR_HOURS_DEFAULT "08:30-12:00,13:30-17:00"

enum calendar_kind {
    CALENDAR_ORDINARY, /* not named by a notice: Monday to Friday are worked */
    CALENDAR_HOLIDAY,  /* free, on whatever weekday */
    CALENDAR_MAKEUP,   /* worked, on whatever weekday */
    CALENDAR_KIND__MAX
};

/* Half-open, in seconds since the midnight of a Beijing day. */
struct calendar_span {
    int32_t from, to;
};

/* How a day goes. counts: it is one of the days that a duration in working days counts; a day may have hours without that (a window
 * of service on a Saturday), and then only working minutes pass in it. */
struct calendar_plan {
    struct calendar_span span[CALENDAR_SPANS];
    int32_t spans;
    int32_t work_s; /* the seconds of all spans */
    bool counts;
};
enum { PLAN_FREE, PLAN_USUAL };

/* Days and seconds worked before a day: makes every count O(1). */
enum calendar_measure { MEASURE_DAYS, MEASURE_SECONDS, MEASURE__MAX };

/* Filled once, then only read: any number of threads may share it. About 150 KB: static or arena, not stack.
 * What is said of the date itself wins, then what a notice says, then the weekday. */
struct calendar {
    uint8_t kind[CALENDAR_DAYS]; /* enum calendar_kind: what the notices say */
    uint8_t own[CALENDAR_DAYS];  /* 1 + plan: what is said of the date itself; 0: nothing */
    uint8_t week[7];             /* plans, Monday first */
    struct calendar_plan plan[CALENDAR_PLANS];
    int32_t plans;
    int32_t before[CALENDAR_DAYS + 1][MEASURE__MAX];
    int32_t week_before[8][MEASURE__MAX];
    bool year_known[CALENDAR_YEARS];
};

/* Empties cal (Monday to Friday, no year known) and sets the hours of a working day: 1 to 4 spans "HH:MM-HH:MM",
 * comma between, each ending after it starts and none starting before the one before ends; 24:00 may end the last.
 * An absent text means CALENDAR_HOURS_DEFAULT. False when the text is wrong; cal then has the default hours. */
bool calendar_init(struct calendar *cal, struct str work_hours);
/* Says that a notice makes this day worked or free. False for a day outside the table, which changes nothing. */
bool calendar_set_day(struct calendar *cal, int32_t day, bool works);
/* Says that this year's notice is imported. False for a year outside the table. */
bool calendar_set_year_known(struct calendar *cal, int year);

/* What one line of an own calendar says: a file of minhuctl calendar import, or a row of the database. */
struct calendar_own {
    enum calendar_when { WHEN_USUAL, WHEN_WEEKDAY, WHEN_DATE } when;
    int32_t day; /* the date, or the weekday, Monday being 0 */
    enum calendar_way { WAY_HOLIDAY = 1, WAY_WORK, WAY_WINDOW, WAY__MAX } way; /* numbers are for ever */
    struct str hours; /* empty: the usual ones, or none on a holiday */
};
/* when: "2026-10-01", "mon" to "sun", or "workday", the usual hours of every working day. way: "holiday", "work", "window"
 * (hours on a day that doesn't count). NULL and *out filled, or what is wrong, in English. */
const char *calendar_own_parse(struct str when, struct str way, struct str hours, struct calendar_own *out);
struct str calendar_way_name(enum calendar_way way);
/* Puts own rules over the district's; their order doesn't matter. False, cal being of no use then, when no weekday counts any
 * more or the plans are too many. */
bool calendar_apply(struct calendar *cal, const struct calendar_own *own, size_t n);

/* Any day may be asked; outside the table the week alone counts. Whether it is a working day, and how it goes. */
const struct calendar_plan *calendar_plan_of(const struct calendar *cal, int32_t day);
bool calendar_works(const struct calendar *cal, int32_t day);
/* Whether this year's notice is imported; false for years outside the table. */
bool calendar_year_known(const struct calendar *cal, int year);
/* Whether no notice still to come can change any day of first..last (both included). The last days of December,
 * from the 27th, are settled only when the next year is known too: its New Year holiday may reach back. */
bool calendar_settled(const struct calendar *cal, int32_t first, int32_t last);

/* Working days in the half-open range [from, to); negative of the swapped range when to < from. */
int64_t calendar_count(const struct calendar *cal, int32_t from, int32_t to);
/* The n-th working day on or after from, n >= 1 (less counts as 1; more than CALENDAR_NTH_MAX as that). A day more
 * than CALENDAR_FAR from 1970 counts as that, so that nothing overflows. */
int32_t calendar_nth_workday(const struct calendar *cal, int32_t from, int32_t n);
/* The n-th working day after start; start does not count, whether worked or not. n < 1 gives start itself. */
int32_t calendar_add_workdays(const struct calendar *cal, int32_t start, int32_t n);

/* Working seconds in the same range. */
int64_t calendar_seconds(const struct calendar *cal, int32_t from, int32_t to);
/* The first day on or after from by whose end so many working seconds (1 or more) have passed since its begin; *rest of them
 * fall into that day. False when that is not within CALENDAR_FAR of 1970. */
bool calendar_day_after(const struct calendar *cal, int32_t from, int64_t seconds, int32_t *day, int32_t *rest);

/* One line of an exceptions file, "date TAB kind TAB holiday" with kind holiday or makeup. */
struct calendar_exception {
    int32_t day;
    enum calendar_kind kind;
    struct str holiday; /* points into the line */
};

enum calendar_line {
    CALENDAR_LINE_DAY,  /* *out is filled */
    CALENDAR_LINE_SKIP, /* the header, an empty line or one that starts with # */
    CALENDAR_LINE_COLUMNS,
    CALENDAR_LINE_DATE,
    CALENDAR_LINE_KIND,
    CALENDAR_LINE_WEEKDAY, /* a make-up day that is not a Saturday or Sunday */
    CALENDAR_LINE_HOLIDAY,
    CALENDAR_LINE__MAX
};

/* line: without its LF; a CR at the end is ignored. Everything but DAY and SKIP is a fault of the line. */
enum calendar_line calendar_line_parse(struct str line, struct calendar_exception *out);
/* What is wrong with such a line, in English, for the person who imports it; never NULL. */
const char *calendar_line_text(enum calendar_line line);

#endif
