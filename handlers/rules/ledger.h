/* Time is a ledger: an appeal's time is cut into lines, one holder or pause each, that add up exactly to the whole. */
#ifndef MINHU_LEDGER_H
#define MINHU_LEDGER_H

#include "rules/calendar.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ledger_kind { LEDGER_HELD, LEDGER_PAUSE, LEDGER_KIND__MAX };

/* Half-open [from_s, to_s) in Unix seconds. A line may be empty: two acts can fall into one second. */
struct ledger_line {
    int64_t from_s, to_s;
    enum ledger_kind kind;
    int64_t unit_id; /* who holds the appeal, in a pause too; 1 or more */
    int64_t working_s, wall_s;
};

/* For whole and for each holder; the whole has unit_id 0. */
struct ledger_total {
    int64_t unit_id;
    int64_t held_wall_s, held_working_s;
    int64_t pause_wall_s, pause_working_s;
};

enum ledger_fault {
    LEDGER_OK,
    LEDGER_RANGE,   /* a second before 1970 or after 9999 */
    LEDGER_KIND,    /* no such kind, or a unit_id below 1 */
    LEDGER_ORDER,   /* ends before it starts */
    LEDGER_START,   /* the first line does not start with the whole */
    LEDGER_GAP,     /* starts after the line before it ends */
    LEDGER_OVERLAP, /* starts before the line before it ends */
    LEDGER_END,     /* the last line does not end with the whole, or there is no line for it */
    LEDGER_WALL,    /* wall_s is not the line's length */
    LEDGER_WORKING, /* working_s is not what the calendar says or, without one, not within 0..wall_s */
    LEDGER_FAULT__MAX
};

/* Ends a line at to_s and fills both its times. A clock that was set back cannot make a line negative: to_s is then
 * taken as from_s. The next line starts at the to_s that is left in the line. */
void ledger_close(const struct calendar *cal, struct ledger_line *line, int64_t to_s);

/* Whether the lines, in their order, cover [start_s, end_s) without gap or overlap and their times are right, and so
 * their sums equal the whole exactly. With cal each line's working time is counted again; NULL leaves that out.
 * On a fault *at (may be NULL) is the index of the line, n when it is the end that is missing. */
enum ledger_fault ledger_check(const struct calendar *cal, const struct ledger_line *lines, size_t n, int64_t start_s,
                               int64_t end_s, size_t *at);
/* "lines overlap" and the like, in English, for logs and checks; never NULL. */
const char *ledger_fault_text(enum ledger_fault fault);

/* Sums up n lines: the whole, and each holder in the order of first holding, at most cap of them (cap 0, holders NULL:
 * only the whole). False, with nothing to be used, when there are more holders than cap, cap not being 0, or a sum
 * does not fit. holders_n may be NULL when cap is 0. */
bool ledger_totals(const struct ledger_line *lines, size_t n, struct ledger_total *whole, struct ledger_total *holders,
                   size_t cap, size_t *holders_n);

#endif
