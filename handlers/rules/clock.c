/* Clocks: an instant is a Beijing day and a second of it; working time is counted by whole days plus the rest. */
#include "rules/clock.h"

#include "base/num.h"
#include "base/timefmt.h"

#include <stdio.h>

struct spelling {
    const char *suffix;
    int32_t factor; /* of the unit's own n */
    enum duration_unit unit;
};

/* For formatting, the first row of a unit whose factor divides n wins. */
static const struct spelling spellings[] = {
    {"h", 60, DURATION_MINUTES},      {"m", 1, DURATION_MINUTES},   {"wh", 60, DURATION_WORK_MINUTES},
    {"wm", 1, DURATION_WORK_MINUTES}, {"wd", 1, DURATION_WORKDAYS}, {"s", 1, DURATION_SECONDS},
};

static const int32_t duration_max[DURATION_UNIT__MAX] = {
    [DURATION_MINUTES] = 1000000,
    [DURATION_WORK_MINUTES] = 1000000,
    [DURATION_WORKDAYS] = 2500,
    [DURATION_SECONDS] = 1000000,
};

enum { SPELLINGS = sizeof spellings / sizeof spellings[0] };

static bool duration_in_range(struct duration d) {
    return (unsigned)d.unit < DURATION_UNIT__MAX && d.n >= 1 && d.n <= duration_max[d.unit];
}

bool duration_parse(struct str s, struct duration *out) {
    size_t digits = 0;
    while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9') digits++;
    if (digits == 0) return false;
    struct str suffix = {s.p + digits, s.n - digits};
    for (size_t i = 0; i < SPELLINGS; i++) {
        if (!str_is(suffix, spellings[i].suffix)) continue;
        int64_t n;
        if (!num_i64((struct str){s.p, digits}, 1, duration_max[spellings[i].unit] / spellings[i].factor, &n))
            return false;
        *out = (struct duration){(int32_t)n * spellings[i].factor, spellings[i].unit};
        return true;
    }
    return false;
}

size_t duration_format(struct duration d, char out[DURATION_TEXT_MAX]) {
    out[0] = '\0';
    if (!duration_in_range(d)) return 0;
    for (size_t i = 0; i < SPELLINGS; i++) {
        if (spellings[i].unit != d.unit || d.n % spellings[i].factor != 0) continue;
        int n = snprintf(out, DURATION_TEXT_MAX, "%d%s", d.n / spellings[i].factor, spellings[i].suffix);
        return n > 0 && n < DURATION_TEXT_MAX ? (size_t)n : 0;
    }
    return 0;
}

static int64_t clamp(int64_t us) { return us < 0 ? 0 : us > CLOCK_MAX_US ? CLOCK_MAX_US : us; }

int64_t clock_second(int64_t us) { return us / SECOND_US - (us % SECOND_US < 0); }

/* The Beijing day of an instant that was clamped, and the second of that day. */
static int32_t day_of(int64_t us, int32_t *second) {
    int64_t s = us / SECOND_US + BEIJING_OFFSET_S;
    *second = (int32_t)(s % DAY_S);
    return (int32_t)(s / DAY_S);
}

static int64_t instant_of(int32_t day, int32_t second) {
    return clamp(((int64_t)day * DAY_S + second - BEIJING_OFFSET_S) * SECOND_US);
}

/* Working seconds of this day before the given second of it. */
static int32_t worked_today(const struct calendar *cal, int32_t day, int32_t second) {
    const struct calendar_plan *p = calendar_plan_of(cal, day);
    int32_t sum = 0;
    for (int32_t i = 0; i < p->spans && p->span[i].from < second; i++)
        sum += (second < p->span[i].to ? second : p->span[i].to) - p->span[i].from;
    return sum;
}

/* The earliest second of such a day at which so many of its working seconds (1 to all) are over. */
static int32_t second_when_worked(const struct calendar_plan *p, int32_t worked) {
    int32_t i = 0;
    while (i < p->spans - 1 && worked > p->span[i].to - p->span[i].from) {
        worked -= p->span[i].to - p->span[i].from;
        i++;
    }
    return p->span[i].from + worked;
}

/* The first instant at which `work` seconds (1 or more) of work hours have passed since us. */
static int64_t after_work(const struct calendar *cal, int64_t us, int64_t work) {
    int32_t second, due_day, rest;
    int32_t day = day_of(us, &second);
    if (!calendar_day_after(cal, day, worked_today(cal, day, second) + work, &due_day, &rest)) return CLOCK_MAX_US;
    return instant_of(due_day, second_when_worked(calendar_plan_of(cal, due_day), rest));
}

static bool leans_on_unsettled(const struct calendar *cal, int64_t from_us, int64_t to_us) {
    int32_t second;
    return !calendar_settled(cal, day_of(from_us, &second), day_of(to_us, &second));
}

static int64_t wall_us(struct duration d) { return d.n * (d.unit == DURATION_MINUTES ? 60 * SECOND_US : SECOND_US); }

int64_t clock_due(const struct calendar *cal, int64_t start_us, struct duration d, bool *provisional) {
    int64_t start = clamp(start_us), due = start;
    bool working = d.unit == DURATION_WORK_MINUTES || d.unit == DURATION_WORKDAYS;
    if (d.n >= 1 && d.unit == DURATION_WORK_MINUTES) {
        due = after_work(cal, start, d.n * INT64_C(60));
    } else if (d.n >= 1 && d.unit == DURATION_WORKDAYS) {
        int32_t second;
        int32_t day = calendar_add_workdays(cal, day_of(start, &second), d.n);
        const struct calendar_plan *plan = calendar_plan_of(cal, day);
        due = instant_of(day, second_when_worked(plan, plan->work_s));
    } else if (d.n >= 1) {
        due = clamp(start + wall_us(d));
    }
    if (provisional) *provisional = working && d.n >= 1 && leans_on_unsettled(cal, start, due);
    return due;
}

int64_t clock_extend(const struct calendar *cal, int64_t due_us, struct duration d, int64_t from_us, int64_t to_us,
                     bool *provisional) {
    int64_t due = clamp(due_us), from = clamp(from_us), to = clamp(to_us);
    if (to <= from || from >= due) return due;
    if (d.unit != DURATION_WORK_MINUTES && d.unit != DURATION_WORKDAYS) return clamp(due + (to - from));
    int64_t work = clock_working_seconds(cal, from, to);
    int64_t moved = work > 0 ? after_work(cal, due, work) : due;
    if (provisional && leans_on_unsettled(cal, from, moved > to ? moved : to)) *provisional = true;
    return moved;
}

int64_t clock_longer(const struct calendar *cal, int64_t due_us, struct duration d, int64_t days, bool *provisional) {
    int64_t due = clamp(due_us);
    if (days < 1) return due;
    if (d.unit != DURATION_WORK_MINUTES && d.unit != DURATION_WORKDAYS) return clamp(due + days * DAY_S * SECOND_US);
    int64_t longer = after_work(cal, due, days * cal->plan[PLAN_USUAL].work_s);
    if (provisional && leans_on_unsettled(cal, due, longer)) *provisional = true;
    return longer;
}

int64_t clock_working_seconds(const struct calendar *cal, int64_t from_us, int64_t to_us) {
    int64_t from = clamp(from_us), to = clamp(to_us);
    if (to <= from) return 0;
    int32_t from_second, to_second;
    int32_t from_day = day_of(from, &from_second), to_day = day_of(to, &to_second);
    return calendar_seconds(cal, from_day, to_day) + worked_today(cal, to_day, to_second) -
           worked_today(cal, from_day, from_second);
}

int64_t clock_wall_seconds(int64_t from_us, int64_t to_us) {
    return to_us <= from_us ? 0 : clock_second(to_us) - clock_second(from_us);
}
