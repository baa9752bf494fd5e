/* Working days and hours by prefix sums over a table of forty years; the week alone outside it. */
#include "rules/calendar.h"

#include "base/timefmt.h"
#include "base/utf8.h"

enum { SATURDAY = 5, MINUTES_OF_DAY = 1440, DECEMBER_OPEN_FROM = 27 };

/* Monday is 0. Day 0, 1970-01-01, was a Thursday. */
static int weekday_of(int32_t day) {
    int r = (int)(((int64_t)day + 3) % 7);
    return r < 0 ? r + 7 : r;
}

static bool in_table(int32_t day) { return day >= CALENDAR_FIRST_DAY && day - CALENDAR_FIRST_DAY < CALENDAR_DAYS; }

/* By the week alone, before this day, counted from Monday 1969-12-29; only differences mean something. */
static int64_t week_before(const struct calendar *cal, int32_t day, enum calendar_measure m) {
    int rest = weekday_of(day);
    return ((int64_t)day + 3 - rest) / 7 * cal->week_before[7][m] + cal->week_before[rest][m];
}

/* Worked before this day, counted from the table's first; negative before it. */
static int64_t before(const struct calendar *cal, int32_t day, enum calendar_measure m) {
    const int32_t end = CALENDAR_FIRST_DAY + CALENDAR_DAYS;
    if (day < CALENDAR_FIRST_DAY) return week_before(cal, day, m) - week_before(cal, CALENDAR_FIRST_DAY, m);
    if (day > end) return cal->before[CALENDAR_DAYS][m] + week_before(cal, day, m) - week_before(cal, end, m);
    return cal->before[day - CALENDAR_FIRST_DAY][m];
}

static void add_day(const int32_t sum[MEASURE__MAX], const struct calendar_plan *p, int32_t out[MEASURE__MAX]) {
    out[MEASURE_DAYS] = sum[MEASURE_DAYS] + p->counts;
    out[MEASURE_SECONDS] = sum[MEASURE_SECONDS] + p->work_s;
}

/* Counts anew from this place in the table on. */
static void count_from(struct calendar *cal, int32_t at) {
    for (int i = 0; i < 7; i++) add_day(cal->week_before[i], &cal->plan[cal->week[i]], cal->week_before[i + 1]);
    for (int32_t i = at; i < CALENDAR_DAYS; i++)
        add_day(cal->before[i], calendar_plan_of(cal, CALENDAR_FIRST_DAY + i), cal->before[i + 1]);
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
static bool plan_parse(struct str text, struct calendar_plan *plan) {
    enum { SPAN = 11, STEP = SPAN + 1 };
    *plan = (struct calendar_plan){.counts = true};
    if ((text.n + 1) % STEP != 0 || text.n + 1 > (size_t)STEP * CALENDAR_SPANS || text.n == 0) return false;
    int32_t free_from = 0;
    for (size_t at = 0; at < text.n; at += STEP) {
        const char *p = text.p + at;
        int32_t from = minute_of_day(p), to = minute_of_day(p + 6);
        if (p[5] != '-' || from < free_from || to <= from || (at + SPAN < text.n && p[SPAN] != ',')) return false;
        plan->span[plan->spans++] = (struct calendar_span){from * 60, to * 60};
        plan->work_s += (to - from) * 60;
        free_from = to;
    }
    return true;
}

bool calendar_init(struct calendar *cal, struct str work_hours) {
    memset(cal, 0, sizeof *cal);
    bool good = plan_parse(work_hours.p ? work_hours : STR(CALENDAR_HOURS_DEFAULT), &cal->plan[PLAN_USUAL]);
    if (!good) (void)plan_parse(STR(CALENDAR_HOURS_DEFAULT), &cal->plan[PLAN_USUAL]);
    cal->plans = PLAN_USUAL + 1;
    for (int i = 0; i < SATURDAY; i++) cal->week[i] = PLAN_USUAL;
    count_from(cal, 0);
    return good;
}

bool calendar_set_day(struct calendar *cal, int32_t day, bool works) {
    if (!in_table(day)) return false;
    int32_t at = day - CALENDAR_FIRST_DAY;
    uint8_t kind = works ? CALENDAR_MAKEUP : CALENDAR_HOLIDAY;
    bool change = works != calendar_works(cal, day);
    cal->kind[at] = kind;
    if (change) count_from(cal, at);
    return true;
}

/* ---- own calendars ---- */

static const struct str way_names[WAY__MAX] = {
    [WAY_HOLIDAY] = {"holiday", 7}, [WAY_WORK] = {"work", 4}, [WAY_WINDOW] = {"window", 6}};

struct str calendar_way_name(enum calendar_way way) {
    return way_names[way];
}

static bool when_parse(struct str when, struct calendar_own *out) {
    static const char days[] = "montuewedthufrisatsun";
    if (str_is(when, "workday")) return true;
    for (int i = 0; i < 7; i++)
        if (when.n == 3 && memcmp(when.p, days + 3 * (size_t)i, 3) == 0) {
            out->when = WHEN_WEEKDAY;
            out->day = i;
            return true;
        }
    out->when = WHEN_DATE;
    return date_parse(when, &out->day) && in_table(out->day);
}

const char *calendar_own_parse(struct str when, struct str way, struct str hours, struct calendar_own *out) {
    struct calendar_plan plan;
    *out = (struct calendar_own){.hours = hours};
    if (!when_parse(when, out)) return "is for a date like 2026-10-01 from 2020 to 2059, mon to sun, or workday";
    for (int i = WAY_HOLIDAY; i < WAY__MAX; i++)
        if (str_eq(way, way_names[i])) out->way = (enum calendar_way)i;
    if (!out->way) return "must have the kind holiday, work or window";
    if (out->way == WAY_HOLIDAY && hours.n) return "is a holiday with hours";
    if (out->way == WAY_WINDOW && !hours.n) return "is a window without hours";
    if (hours.n && !plan_parse(hours, &plan)) return "must have hours like 08:30-12:00,13:30-17:00";
    if (out->when == WHEN_USUAL && (out->way != WAY_WORK || !hours.n))
        return "for workday must say work, and the hours";
    return NULL;
}

/* The plan that says so, a new one if need be; CALENDAR_PLANS when there are too many. */
static int32_t plan_for(struct calendar *cal, const struct calendar_own *own) {
    struct calendar_plan plan;
    if (own->way == WAY_HOLIDAY) return PLAN_FREE;
    if (own->way == WAY_WORK && !own->hours.n) return PLAN_USUAL;
    if (!plan_parse(own->hours, &plan)) return CALENDAR_PLANS;
    plan.counts = own->way == WAY_WORK;
    for (int32_t i = PLAN_USUAL + 1; i < cal->plans; i++)
        if (memcmp(&cal->plan[i], &plan, sizeof plan) == 0) return i;
    if (cal->plans == CALENDAR_PLANS) return CALENDAR_PLANS;
    cal->plan[cal->plans] = plan;
    return cal->plans++;
}

bool calendar_apply(struct calendar *cal, const struct calendar_own *own, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (own[i].when == WHEN_USUAL) {
            if (!plan_parse(own[i].hours, &cal->plan[PLAN_USUAL])) return false;
            continue;
        }
        int32_t plan = plan_for(cal, &own[i]);
        if (plan == CALENDAR_PLANS) return false;
        if (own[i].when == WHEN_WEEKDAY) cal->week[own[i].day] = (uint8_t)plan;
        else cal->own[own[i].day - CALENDAR_FIRST_DAY] = (uint8_t)(plan + 1);
    }
    count_from(cal, 0);
    return cal->week_before[7][MEASURE_DAYS] > 0;
}

bool calendar_set_year_known(struct calendar *cal, int year) {
    if (year < CALENDAR_FIRST_YEAR || year >= CALENDAR_FIRST_YEAR + CALENDAR_YEARS) return false;
    cal->year_known[year - CALENDAR_FIRST_YEAR] = true;
    return true;
}

const struct calendar_plan *calendar_plan_of(const struct calendar *cal, int32_t day) {
    int kind = CALENDAR_ORDINARY, own = 0;
    if (in_table(day)) {
        kind = cal->kind[day - CALENDAR_FIRST_DAY];
        own = cal->own[day - CALENDAR_FIRST_DAY];
    }
    int plan = own                        ? own - 1
               : kind == CALENDAR_HOLIDAY ? PLAN_FREE
               : kind == CALENDAR_MAKEUP  ? PLAN_USUAL
                                          : cal->week[weekday_of(day)];
    return &cal->plan[plan];
}

bool calendar_works(const struct calendar *cal, int32_t day) { return calendar_plan_of(cal, day)->counts; }

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
    return before(cal, to, MEASURE_DAYS) - before(cal, from, MEASURE_DAYS);
}

int64_t calendar_seconds(const struct calendar *cal, int32_t from, int32_t to) {
    return before(cal, to, MEASURE_SECONDS) - before(cal, from, MEASURE_SECONDS);
}

/* The first day on or after low by whose end so much is worked, counted as before() does: high doubles its reach until it lies
 * behind that day. One that is too far off is told as last. */
static int32_t first_day(const struct calendar *cal, int32_t low, int32_t reach, int64_t wanted,
                         enum calendar_measure m) {
    const int32_t last = 4 * CALENDAR_FAR;
    int32_t high = low + reach;
    while (high < last && before(cal, high + 1, m) < wanted) {
        low = high + 1;
        reach = reach < CALENDAR_FAR ? reach * 2 : reach;
        high = high + reach < last ? high + reach : last;
    }
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (before(cal, middle + 1, m) >= wanted) high = middle;
        else low = middle + 1;
    }
    return low;
}

static int32_t near(int32_t day) {
    return day < -CALENDAR_FAR ? -CALENDAR_FAR : day > CALENDAR_FAR ? CALENDAR_FAR : day;
}

int32_t calendar_nth_workday(const struct calendar *cal, int32_t from, int32_t n) {
    n = n < 1 ? 1 : n > CALENDAR_NTH_MAX ? CALENDAR_NTH_MAX : n;
    from = near(from);
    return first_day(cal, from + n - 1, 8 + n / 2, before(cal, from, MEASURE_DAYS) + n, MEASURE_DAYS);
}

bool calendar_day_after(const struct calendar *cal, int32_t from, int64_t seconds, int32_t *day, int32_t *rest) {
    from = near(from);
    int64_t wanted = before(cal, from, MEASURE_SECONDS) + seconds;
    *day = first_day(cal, from, 8, wanted, MEASURE_SECONDS);
    *rest = (int32_t)(wanted - before(cal, *day, MEASURE_SECONDS));
    return *day <= CALENDAR_FAR;
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
