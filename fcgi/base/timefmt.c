/* Calendar arithmetic and the texts of instants, without the C library's time zones and locales. */
#include "base/timefmt.h"

#include <time.h>

/* Days from 0000-01-01 to 1970-01-01. */
enum { EPOCH_DAYS = 719468 /* from 0000-03-01 to 1970-01-01 */, DAYS_PER_400_YEARS = 146097 };
/* What four digits of a year can show, in UTC and in Beijing: 0000-01-01T00:00:00Z to 9999-12-31T23:59:59.999999+08:00. */
#define SHOWN_MIN_US (-INT64_C(62167219200000000))
#define SHOWN_MAX_US INT64_C(253402271999999999)

static int64_t clock_us(clockid_t id) {
    struct timespec t;
    if (clock_gettime(id, &t) != 0) {
        return 0;
    }
    return (int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

int64_t time_now_us(void) { return clock_us(CLOCK_REALTIME); }

int64_t time_mono_us(void) { return clock_us(CLOCK_MONOTONIC); }

/* ---- calendar ---- */

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static int month_days(int64_t year, int month) {
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Years are counted from 1 March, so that the day that some have more than others is their last. From there on months have 31, 30,
 * 31, 30, 31 days again and again: (153 m + 2) / 5 days lie before the m-th, which is March for 0. */
static int64_t days_before_month(int64_t m) { return (153 * m + 2) / 5; }
static int64_t days_before_year(int64_t of_400) { return of_400 * 365 + of_400 / 4 - of_400 / 100; }

int32_t date_to_days(int year, int month, int day) {
    int64_t months = (int64_t)year * 12 + month - 3, y = floor_div(months, 12), cycle = floor_div(y, 400);
    int64_t in_cycle = days_before_year(y - cycle * 400) + days_before_month(months - y * 12) + day - 1;
    return (int32_t)(cycle * DAYS_PER_400_YEARS + in_cycle - EPOCH_DAYS);
}

void date_from_days(int32_t days, int *year, int *month, int *day) {
    int64_t n = (int64_t)days + EPOCH_DAYS, cycle = floor_div(n, DAYS_PER_400_YEARS);
    int64_t rest = n - cycle * DAYS_PER_400_YEARS;
    /* Without the leap days that have gone by, each year has 365. */
    int64_t y = (rest - rest / 1460 + rest / 36524 - rest / (DAYS_PER_400_YEARS - 1)) / 365;
    rest -= days_before_year(y);
    int64_t m = (5 * rest + 2) / 153;
    *day = (int)(rest - days_before_month(m)) + 1;
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(cycle * 400 + y + (m >= 10));
}

/* ---- reading ---- */

/* Exactly n digits at *at, moving past them; false when they are not all there. */
static bool take_number(struct str s, size_t *at, size_t n, int *out) {
    if (s.n - *at < n) {
        return false;
    }
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        char c = s.p[*at + i];
        if (c < '0' || c > '9') {
            return false;
        }
        v = v * 10 + (c - '0');
    }
    *at += n;
    *out = v;
    return true;
}

/* One of the characters of set. */
static bool take_char(struct str s, size_t *at, const char *set) {
    if (*at >= s.n || s.p[*at] == '\0' || !strchr(set, s.p[*at])) {
        return false;
    }
    (*at)++;
    return true;
}

static bool take_date(struct str s, size_t *at, int32_t *days) {
    int year, month, day;
    if (!take_number(s, at, 4, &year) || !take_char(s, at, "-") || !take_number(s, at, 2, &month) ||
        !take_char(s, at, "-") || !take_number(s, at, 2, &day)) {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > month_days(year, month)) {
        return false;
    }
    *days = date_to_days(year, month, day);
    return true;
}

bool date_parse(struct str s, int32_t *days) {
    size_t at = 0;
    int32_t found;
    if (!take_date(s, &at, &found) || at != s.n) {
        return false;
    }
    *days = found;
    return true;
}

static bool take_clock(struct str s, size_t *at, int *seconds) {
    int hour, minute, second;
    if (!take_number(s, at, 2, &hour) || !take_char(s, at, ":") || !take_number(s, at, 2, &minute) ||
        !take_char(s, at, ":") || !take_number(s, at, 2, &second) || hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    *seconds = (hour * 60 + minute) * 60 + second;
    return true;
}

/* An optional point with 1 to 6 digits. */
static bool take_fraction(struct str s, size_t *at, int *us) {
    *us = 0;
    if (!take_char(s, at, ".")) {
        return true;
    }
    int unit = 100000, digit;
    size_t start = *at;
    while (unit > 0 && take_number(s, at, 1, &digit)) {
        *us += digit * unit;
        unit /= 10;
    }
    return *at > start;
}

static bool take_offset(struct str s, size_t *at, int *seconds) {
    *seconds = 0;
    if (take_char(s, at, "Zz")) {
        return true;
    }
    bool west = *at < s.n && s.p[*at] == '-';
    int hours, minutes;
    if (!take_char(s, at, "+-") || !take_number(s, at, 2, &hours) || !take_char(s, at, ":") ||
        !take_number(s, at, 2, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    *seconds = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
    return true;
}

bool time_parse(struct str s, int64_t *us) {
    size_t at = 0;
    int32_t days;
    int clock, fraction, offset;
    if (!take_date(s, &at, &days) || !take_char(s, &at, "Tt") || !take_clock(s, &at, &clock) ||
        !take_fraction(s, &at, &fraction) || !take_offset(s, &at, &offset) || at != s.n) {
        return false;
    }
    int64_t found = ((int64_t)days * DAY_S + clock - offset) * SECOND_US + fraction;
    if (found < 0 || found > SHOWN_MAX_US) {
        return false;
    }
    *us = found;
    return true;
}

/* ---- writing ---- */

/* An instant taken apart, with an offset from UTC. */
struct parts {
    int32_t days;
    int year, month, day, hour, minute, second, us;
};

static void split(int64_t us, int32_t offset_s, int32_t *days, int32_t *second_of_day) {
    int64_t seconds = floor_div(us, SECOND_US) + offset_s;
    *days = (int32_t)floor_div(seconds, DAY_S);
    *second_of_day = (int32_t)(seconds - (int64_t)*days * DAY_S);
}

static struct parts take_apart(int64_t us, int32_t offset_s) {
    /* A text has four digits for the year; what lies beyond is shown as the nearest instant that fits. */
    if (us < SHOWN_MIN_US) {
        us = SHOWN_MIN_US;
    } else if (us > SHOWN_MAX_US) {
        us = SHOWN_MAX_US;
    }
    struct parts t;
    int32_t rest;
    split(us, offset_s, &t.days, &rest);
    date_from_days(t.days, &t.year, &t.month, &t.day);
    t.hour = rest / 3600;
    t.minute = rest / 60 % 60;
    t.second = rest % 60;
    t.us = (int)(us - floor_div(us, SECOND_US) * SECOND_US);
    return t;
}

void time_split_beijing(int64_t us, int32_t *days, int32_t *second_of_day) {
    split(us, BEIJING_OFFSET_S, days, second_of_day);
}

/* Writes v with n digits and then the character after, unless that is NUL. */
static char *put(char *out, int v, int n, char after) {
    for (int i = n - 1; i >= 0; i--) {
        out[i] = (char)('0' + v % 10);
        v /= 10;
    }
    out += n;
    if (after) {
        *out++ = after;
    }
    return out;
}

static char *put_text(char *out, const char *text) {
    size_t n = strlen(text);
    memcpy(out, text, n + 1);
    return out + n;
}

size_t time_format_beijing(int64_t us, int fraction, char out[TIME_TEXT_MAX]) {
    struct parts t = take_apart(us, BEIJING_OFFSET_S);
    char *p = put(out, t.year, 4, '-');
    p = put(p, t.month, 2, '-');
    p = put(p, t.day, 2, 'T');
    p = put(p, t.hour, 2, ':');
    p = put(p, t.minute, 2, ':');
    p = put(p, t.second, 2, fraction > 0 ? '.' : '\0');
    if (fraction > 0) {
        p = put(p, t.us / 1000, 3, '\0');
    }
    p = put_text(p, "+08:00");
    return (size_t)(p - out);
}

size_t time_format_http(int64_t us, char out[TIME_TEXT_MAX]) {
    static const char week_days[7][6] = {"Thu, ", "Fri, ", "Sat, ", "Sun, ", "Mon, ", "Tue, ", "Wed, "};
    static const char months[12][5] = {"Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ",
                                       "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec "};
    struct parts t = take_apart(us, 0);
    char *p = put_text(out, week_days[t.days - floor_div(t.days, 7) * 7]);
    p = put(p, t.day, 2, ' ');
    p = put_text(p, months[t.month - 1]);
    p = put(p, t.year, 4, ' ');
    p = put(p, t.hour, 2, ':');
    p = put(p, t.minute, 2, ':');
    p = put(p, t.second, 2, ' ');
    p = put_text(p, "GMT");
    return (size_t)(p - out);
}

size_t time_format_compact_beijing(int64_t us, char out[TIME_TEXT_MAX]) {
    struct parts t = take_apart(us, BEIJING_OFFSET_S);
    char *p = put(out, t.year, 4, '\0');
    p = put(p, t.month, 2, '\0');
    p = put(p, t.day, 2, '\0');
    p = put(p, t.hour, 2, '\0');
    p = put(p, t.minute, 2, '\0');
    p = put(p, t.second, 2, '\0');
    *p = '\0';
    return (size_t)(p - out);
}
