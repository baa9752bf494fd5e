/* minhuctl calendar: imports the State Council's dates, or shows what is known. */
#include "ctl.h"

#include "acts/import.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "rules/calendar.h"

#include <getopt.h>
#include <string.h>

enum { FILE_MAX = 4 << 20 };

static int tell_line(const char *path, size_t line, const char *why) {
    return ctl_fail(EX_DATAERR, "%s:%zu: %s", path, line, why);
}

/* Reads the file's days into days (room for CALENDAR_DAYS) and tells every bad line; *n is how many. */
static int read_days(const char *path, struct str text, struct calendar_exception *days, size_t *n, size_t *lines_of) {
    int code = EX_OK;
    size_t line = 0;
    while (text.n) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t length = end ? (size_t)(end - text.p) : text.n, skip = end ? length + 1 : length;
        struct calendar_exception day;
        enum calendar_line kind = calendar_line_parse((struct str){text.p, length}, &day);
        text = (struct str){text.p + skip, text.n - skip};
        line++;
        if (kind == CALENDAR_LINE_SKIP) continue;
        size_t at = (size_t)(day.day - CALENDAR_FIRST_DAY);
        if (kind != CALENDAR_LINE_DAY) {
            code = tell_line(path, line, calendar_line_text(kind));
        } else if (day.day < CALENDAR_FIRST_DAY || at >= CALENDAR_DAYS) {
            code = tell_line(path, line, "the date is outside 2020 to 2059");
        } else if (lines_of[at]) {
            code = tell_line(path, line, "the date is there twice");
        } else {
            lines_of[at] = line;
            days[(*n)++] = day;
        }
    }
    return code;
}

struct importing {
    struct ctl *c;
    const struct calendar_exception *days;
    size_t n;
    struct str years;
};

static enum rc import_days(struct db *db, void *arg) {
    (void)db;
    struct importing *i = arg;
    struct act act = ctl_act(i->c);
    return import_calendar(&act, i->days, i->n, &i->years);
}

static int import_file(struct ctl *c, const char *path) {
    int code = ctl_need_all(c);
    if (code != EX_OK) return code;
    struct str text;
    const char *why = ctl_read_file(c, path, FILE_MAX, &text);
    if (why) return ctl_fail(EX_NOINPUT, "%s: %s", path, why);
    struct importing i = {.c = c};
    struct calendar_exception *days = arena_array(c->arena, CALENDAR_DAYS, sizeof *days);
    size_t *lines_of = arena_array(c->arena, CALENDAR_DAYS, sizeof *lines_of);
    if (!days || !lines_of) return ctl_fail(EX_OSERR, "no memory");
    code = read_days(path, text, days, &i.n, lines_of);
    if (code != EX_OK) return ctl_fail(code, "nothing was imported");
    if (i.n == 0) return ctl_fail(EX_DATAERR, "%s names no day", path);
    i.days = days;
    enum rc rc = db_tx(c->db, import_days, &i);
    if (rc != RC_OK)
        return ctl_fail_rc("calendar import", rc,
                           db_lock_timed_out(c->db) ? "somebody else is importing just now; try again" : NULL);
    printf("calendar: %zu days imported; known years: %.*s\n", i.n, (int)i.years.n, i.years.p);
    return EX_OK;
}

static int show(struct ctl *c, int64_t only_year) {
    int code = ctl_need_db(c);
    if (code != EX_OK) return code;
    struct row_number *years;
    struct row_calendar_day *days;
    size_t y, d;
    enum rc rc = db_rows(c->db, ST_calendar_years, NULL, 0, c->arena, &years, &y);
    if (rc == RC_OK) rc = db_rows(c->db, ST_calendar_days, NULL, 0, c->arena, &days, &d);
    if (rc != RC_OK) return ctl_fail_rc("calendar show", rc, NULL);
    printf("known years:");
    for (size_t i = 0; i < y; i++) printf(" %lld", (long long)years[i].n);
    puts(y ? "" : " none");
    for (size_t i = 0; i < d; i++) {
        int year, month, day;
        date_from_days((int32_t)(days[i].day / (DAY_S * SECOND_US)), &year, &month, &day);
        if (!only_year || only_year == year)
            printf("%04d-%02d-%02d\t%s\n", year, month, day, days[i].works ? "makeup" : "holiday");
    }
    return EX_OK;
}

int ctl_calendar(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {{"year", required_argument, NULL, 'y'}, {0}};
    int64_t year = 0;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;)
        if (o != 'y' || !num_i64(str_of(optarg), 1970, 9999, &year)) return EX_USAGE;
    int left = argc - optind;
    const char *verb = left > 0 ? argv[optind] : "";
    if (strcmp(verb, "import") == 0 && left == 2 && !year) return import_file(c, argv[optind + 1]);
    return strcmp(verb, "show") == 0 && left == 1 ? show(c, year) : EX_USAGE;
}
