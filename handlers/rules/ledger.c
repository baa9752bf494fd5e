/* Checks and sums of an appeal's time lines. */
#include "rules/ledger.h"

#include "base/timefmt.h"
#include "rules/clock.h"

static bool second_in_range(int64_t s) { return s >= 0 && s <= CLOCK_MAX_US / SECOND_US; }

static int64_t working_of(const struct calendar *cal, int64_t from_s, int64_t to_s) {
    return clock_working_seconds(cal, from_s * SECOND_US, to_s * SECOND_US);
}

void ledger_close(const struct calendar *cal, struct ledger_line *line, int64_t to_s) {
    if (to_s > CLOCK_MAX_US / SECOND_US) to_s = CLOCK_MAX_US / SECOND_US;
    bool usable = second_in_range(line->from_s) && to_s > line->from_s;
    line->to_s = usable ? to_s : line->from_s;
    line->wall_s = line->to_s - line->from_s;
    line->working_s = usable ? working_of(cal, line->from_s, line->to_s) : 0;
}

/* What is wrong with a line by itself. */
static enum ledger_fault line_check(const struct calendar *cal, const struct ledger_line *line) {
    if (!second_in_range(line->from_s) || !second_in_range(line->to_s)) return LEDGER_RANGE;
    if ((unsigned)line->kind >= LEDGER_KIND__MAX || line->unit_id < 1) return LEDGER_KIND;
    if (line->to_s < line->from_s) return LEDGER_ORDER;
    if (line->wall_s != line->to_s - line->from_s) return LEDGER_WALL;
    if (line->working_s < 0 || line->working_s > line->wall_s) return LEDGER_WORKING;
    if (cal && line->working_s != working_of(cal, line->from_s, line->to_s)) return LEDGER_WORKING;
    return LEDGER_OK;
}

enum ledger_fault ledger_check(const struct calendar *cal, const struct ledger_line *lines, size_t n, int64_t start_s,
                               int64_t end_s, size_t *at) {
    size_t unused;
    size_t *i = at ? at : &unused;
    int64_t next = start_s;
    for (*i = 0; *i < n; ++*i) {
        const struct ledger_line *line = &lines[*i];
        enum ledger_fault fault = line_check(cal, line);
        if (fault != LEDGER_OK) return fault;
        if (line->from_s != next) return *i == 0 ? LEDGER_START : line->from_s > next ? LEDGER_GAP : LEDGER_OVERLAP;
        next = line->to_s;
    }
    return next == end_s ? LEDGER_OK : LEDGER_END;
}

const char *ledger_fault_text(enum ledger_fault fault) {
    static const char *const text[LEDGER_FAULT__MAX] = {
        [LEDGER_OK] = "lines add up to the whole",
        [LEDGER_RANGE] = "line lies outside the years 1970 to 9999",
        [LEDGER_KIND] = "line has an unknown kind or no unit",
        [LEDGER_ORDER] = "line ends before it starts",
        [LEDGER_START] = "first line does not start with the round",
        [LEDGER_GAP] = "gap before the line",
        [LEDGER_OVERLAP] = "line overlaps the one before",
        [LEDGER_END] = "lines do not end with the round",
        [LEDGER_WALL] = "wall time is not the line's length",
        [LEDGER_WORKING] = "working time is not the calendar's",
    };
    return (unsigned)fault < LEDGER_FAULT__MAX ? text[fault] : "unknown fault";
}

static bool total_add(struct ledger_total *total, const struct ledger_line *line) {
    bool pause = line->kind == LEDGER_PAUSE;
    int64_t *wall = pause ? &total->pause_wall_s : &total->held_wall_s;
    int64_t *working = pause ? &total->pause_working_s : &total->held_working_s;
    return !__builtin_add_overflow(*wall, line->wall_s, wall) &&
           !__builtin_add_overflow(*working, line->working_s, working);
}

/* The holder's row, a new one if need be; NULL when there is no room. */
static struct ledger_total *holder_row(struct ledger_total *holders, size_t cap, size_t *n, int64_t unit_id) {
    for (size_t i = 0; i < *n; i++)
        if (holders[i].unit_id == unit_id) return &holders[i];
    if (*n == cap) return NULL;
    holders[*n] = (struct ledger_total){.unit_id = unit_id};
    return &holders[(*n)++];
}

bool ledger_totals(const struct ledger_line *lines, size_t n, struct ledger_total *whole, struct ledger_total *holders,
                   size_t cap, size_t *holders_n) {
    size_t found = 0;
    *whole = (struct ledger_total){0};
    for (size_t i = 0; i < n; i++) {
        if (!total_add(whole, &lines[i])) return false;
        if (cap == 0) continue;
        struct ledger_total *row = holder_row(holders, cap, &found, lines[i].unit_id);
        if (!row || !total_add(row, &lines[i])) return false;
    }
    if (holders_n) *holders_n = found;
    return true;
}
