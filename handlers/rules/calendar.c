/* Working days by prefix sums over a table of forty years; the plain week outside it. */
#include "rules/calendar.h"

#include "base/timefmt.h"
#include "base/utf8.h"

enum { SATURDAY = 5, MINUTES_OF_DAY = 1440, DECEMBER_OPEN_FROM = 27 };

/* Monday is 0. Day 0, 1970-01-01, was a Thursday. */
static int weekday_of(int32_t day) {
    int r = (int)(((int64_t)day + 3) % 7);
    return r < 0 ? r + 7 : r;
}

/* Mondays to Fridays before this day, counted from Monday 1969-12-29; only differences mean something. */
static int64_t weekdays_before(int32_t day) {
    int rest = weekday_of(day);
    int64_t weeks = ((int64_t)day + 3 - rest) / 7;
    return weeks * SATURDAY + (rest < SATURDAY ? rest : SATURDAY);
}

static bool in_table(int32_t day) { return day >= CALENDAR_FIRST_DAY && day - CALENDAR_FIRST_DAY < CALENDAR_DAYS; }

/* Working days before this day, counted from the table's first; negative before it. */
static int64_t worked_before(const struct calendar *cal, int32_t day) {
    const int32_t end = CALENDAR_FIRST_DAY + CALENDAR_DAYS;
    if (day < CALENDAR_FIRST_DAY) return weekdays_before(day) - weekdays_before(CALENDAR_FIRST_DAY);
    if (day > end) return cal->worked_before[CALENDAR_DAYS] + weekdays_before(day) - weekdays_before(end);
    return cal->worked_before[day - CALENDAR_FIRST_DAY];
}

/* "HH:MM" from p, which has five bytes; -1 when it is none. */
static int32_t minute_of_day(const char *p) {
    int32_t v[4];
    const int at[4] = {0, 1, 3, 4};
    for (int i = 0; i < 4; i++) {
        v[i] = p[at[i]] - '0';
        if (v[i] < 0 || v[i] > 9) return -1;
    }
    int32_t hour = v[0] * 10 + v[1], minute = v[2] * 10 + v[3];
    if (p[2] != ':' || minute > 59 || hour * 60 + minute > MINUTES_OF_DAY) return -1;
    return hour * 60 + minute;
}

/* Every span is "HH:MM-HH:MM", so the text's length gives their number. */
static bool hours_set(struct calendar *cal, struct str text) {
    enum { SPAN = 11, STEP = SPAN + 1 };
    cal->spans = cal->day_work_s = 0;
    if ((text.n + 1) % STEP != 0 || text.n + 1 > (size_t)STEP * CALENDAR_SPANS || text.n == 0) return false;
    int32_t free_from = 0;
    for (size_t at = 0; at < text.n; at += STEP) {
        const char *p = text.p + at;
        int32_t from = minute_of_day(p), to = minute_of_day(p + 6);
        if (p[5] != '-' || from < free_from || to <= from || (at + SPAN < text.n && p[SPAN] != ',')) return false;
        cal->span[cal->spans++] = (struct calendar_span){from * 60, to * 60};
        cal->day_work_s += (to - from) * 60;
        free_from = to;
    }
    return true;
}

bool calendar_init(struct calendar *cal, struct str work_hours) {
    memset(cal, 0, sizeof *cal);
    for (int32_t i = 0; i < CALENDAR_DAYS; i++) {
        int works = weekday_of(CALENDAR_FIRST_DAY + i) < SATURDAY;
        cal->worked_before[i + 1] = (uint16_t)(cal->worked_before[i] + works);
    }
    if (!work_hours.p) return hours_set(cal, STR(CALENDAR_HOURS_DEFAULT));
    if (hours_set(cal, work_hours)) return true;
    (void)hours_set(cal, STR(CALENDAR_HOURS_DEFAULT));
    return false;
}

bool calendar_set_day(struct calendar *cal, int32_t day, bool works) {
    if (!in_table(day)) return false;
    int change = (int)works - (int)calendar_works(cal, day);
    int32_t at = day - CALENDAR_FIRST_DAY;
    cal->kind[at] = works ? CALENDAR_MAKEUP : CALENDAR_HOLIDAY;
    if (change != 0)
        for (int32_t i = at + 1; i <= CALENDAR_DAYS; i++)
            cal->worked_before[i] = (uint16_t)(cal->worked_before[i] + change);
    return true;
}

bool calendar_set_year_known(struct calendar *cal, int year) {
    if (year < CALENDAR_FIRST_YEAR || year >= CALENDAR_FIRST_YEAR + CALENDAR_YEARS) return false;
    cal->year_known[year - CALENDAR_FIRST_YEAR] = true;
    return true;
}

bool calendar_works(const struct calendar *cal, int32_t day) {
    int kind = in_table(day) ? cal->kind[day - CALENDAR_FIRST_DAY] : CALENDAR_ORDINARY;
    return kind == CALENDAR_MAKEUP || (kind == CALENDAR_ORDINARY && weekday_of(day) < SATURDAY);
}

bool calendar_year_known(const struct calendar *cal, int year) {
    return year >= CALENDAR_FIRST_YEAR && year < CALENDAR_FIRST_YEAR + CALENDAR_YEARS &&
           cal->year_known[year - CALENDAR_FIRST_YEAR];
}

bool calendar_settled(const struct calendar *cal, int32_t first, int32_t last) {
    int from_year, to_year, month, day;
    if (!in_table(first) || !in_table(last)) return false;
    date_from_days(first, &from_year, &month, &day);
    date_from_days(last, &to_year, &month, &day);
    if (month == 12 && day >= DECEMBER_OPEN_FROM) to_year++;
    for (int year = from_year; year <= to_year; year++)
        if (!calendar_year_known(cal, year)) return false;
    return true;
}

int64_t calendar_count(const struct calendar *cal, int32_t from, int32_t to) {
    return worked_before(cal, to) - worked_before(cal, from);
}

int32_t calendar_nth_workday(const struct calendar *cal, int32_t from, int32_t n) {
    n = n < 1 ? 1 : n > CALENDAR_NTH_MAX ? CALENDAR_NTH_MAX : n;
    from = from < -CALENDAR_FAR ? -CALENDAR_FAR : from > CALENDAR_FAR ? CALENDAR_FAR : from;
    /* The answer lies in low..high: high doubles its reach until n working days are behind it. */
    int32_t low = from + n - 1, reach = 8 + n / 2, high = low + reach;
    while (calendar_count(cal, from, high + 1) < n) {
        low = high + 1;
        reach *= 2;
        high += reach;
    }
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (calendar_count(cal, from, middle + 1) >= n) high = middle;
        else low = middle + 1;
    }
    return low;
}

int32_t calendar_add_workdays(const struct calendar *cal, int32_t start, int32_t n) {
    return n < 1 ? start : calendar_nth_workday(cal, start < INT32_MAX ? start + 1 : start, n);
}

/* Cuts the text before the next TAB off *rest. */
static struct str column_take(struct str *rest) {
    const char *tab = rest->n ? memchr(rest->p, '\t', rest->n) : NULL;
    struct str column = {rest->p, tab ? (size_t)(tab - rest->p) : rest->n};
    size_t used = tab ? column.n + 1 : column.n;
    *rest = (struct str){rest->p + used, rest->n - used};
    return column;
}

static size_t columns_count(struct str line) {
    size_t n = 1;
    for (size_t i = 0; i < line.n; i++) n += line.p[i] == '\t';
    return n;
}

enum calendar_line calendar_line_parse(struct str line, struct calendar_exception *out) {
    *out = (struct calendar_exception){0};
    if (line.n && line.p[line.n - 1] == '\r') line.n--;
    if (line.n == 0 || line.p[0] == '#' || str_is(line, "date\tkind\tholiday")) return CALENDAR_LINE_SKIP;
    if (columns_count(line) != 3) return CALENDAR_LINE_COLUMNS;
    struct str date = column_take(&line), kind = column_take(&line);
    int32_t day;
    if (!date_parse(date, &day) || !in_table(day)) return CALENDAR_LINE_DATE;
    bool makeup = str_is(kind, "makeup");
    if (!makeup && !str_is(kind, "holiday")) return CALENDAR_LINE_KIND;
    if (makeup && weekday_of(day) < SATURDAY) return CALENDAR_LINE_WEEKDAY;
    if (line.n == 0 || line.n > CALENDAR_HOLIDAY_MAX || !utf8_is_text(line)) return CALENDAR_LINE_HOLIDAY;
    *out = (struct calendar_exception){day, makeup ? CALENDAR_MAKEUP : CALENDAR_HOLIDAY, line};
    return CALENDAR_LINE_DAY;
}

const char *calendar_line_text(enum calendar_line line) {
    static const char *const text[CALENDAR_LINE__MAX] = {
        [CALENDAR_LINE_DAY] = "is well formed",
        [CALENDAR_LINE_SKIP] = "holds no day",
        [CALENDAR_LINE_COLUMNS] = "must have three columns: date, kind, holiday, with one TAB between",
        [CALENDAR_LINE_DATE] = "must start with a date like 2026-10-01, from 2020 to 2059",
        [CALENDAR_LINE_KIND] = "must have the kind holiday or makeup",
        [CALENDAR_LINE_WEEKDAY] = "has a make-up day that is not a Saturday or Sunday",
        [CALENDAR_LINE_HOLIDAY] = "must name the holiday in 1 to 96 bytes of UTF-8 text",
    };
    return (unsigned)line < CALENDAR_LINE__MAX ? text[line] : "has an unknown fault";
}
