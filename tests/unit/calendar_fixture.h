/* What the tests of time share: reading tables, the product's own calendar, instants as text, repeatable chance. */
#ifndef MINHU_CALENDAR_FIXTURE_H
#define MINHU_CALENDAR_FIXTURE_H

#include "base/timefmt.h"
#include "rules/calendar.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIXTURE_FILE_MAX = 200000 };

static char fixture_file[FIXTURE_FILE_MAX];

/* The file folder/name, folder may be NULL; p is NULL when it cannot be read whole. */
static inline struct str fixture_read(const char *folder, const char *name) {
    char path[1024];
    int n = snprintf(path, sizeof path, "%s/%s", folder ? folder : "", name);
    if (!folder || n < 0 || (size_t)n >= sizeof path) return (struct str){0};
    FILE *f = fopen(path, "rb");
    if (!f) return (struct str){0};
    size_t got = fread(fixture_file, 1, sizeof fixture_file, f);
    fclose(f);
    return got < sizeof fixture_file ? (struct str){fixture_file, got} : (struct str){0};
}

/* data/calendar/cn.tsv, from the build's srcdir, the working folder or beside this source. */
static inline struct str fixture_own_table(void) {
    char source[1024];
    int n = snprintf(source, sizeof source, "%s", __FILE__);
    for (int up = 0; up < 3 && n > 0; n--) {
        if (source[n - 1] != '/') continue;
        source[n - 1] = '\0';
        up++;
    }
    const char *const folder[] = {getenv("srcdir"), ".", getenv("MINHU_SRC"), source};
    struct str text = {0};
    for (size_t i = 0; i < sizeof folder / sizeof folder[0] && !text.p; i++)
        text = fixture_read(folder[i], "data/calendar/cn.tsv");
    return text;
}

/* Cuts the text before the next `end` off *rest; false when there is none left. */
static inline bool fixture_cut(struct str *rest, char end, struct str *out) {
    *out = (struct str){"", 0};
    if (rest->n == 0) return false;
    const char *at = memchr(rest->p, end, rest->n);
    *out = (struct str){rest->p, at ? (size_t)(at - rest->p) : rest->n};
    size_t used = at ? out->n + 1 : out->n;
    *rest = (struct str){rest->p + used, rest->n - used};
    return true;
}

/* Fills cal from the product's own table, 2023 to 2026 known; the number of days, or -1 for a faulty line. */
static inline int fixture_calendar(struct calendar *cal) {
    int days = 0;
    struct str text = fixture_own_table(), line;
    (void)calendar_init(cal, (struct str){0});
    while (fixture_cut(&text, '\n', &line)) {
        struct calendar_exception e;
        enum calendar_line r = calendar_line_parse(line, &e);
        if (r == CALENDAR_LINE_SKIP) continue;
        if (r != CALENDAR_LINE_DAY || !calendar_set_day(cal, e.day, e.kind == CALENDAR_MAKEUP)) return -1;
        days++;
    }
    for (int year = 2023; year <= 2026; year++) (void)calendar_set_year_known(cal, year);
    return days;
}

static inline uint64_t fixture_chance(uint64_t *state, uint64_t below) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state % below;
}

#endif
