/* minhuctl calendar: imports the State Council's dates and what units differ in, or shows what is known. */
#include "ctl.h"

#include "acts/import.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "base/utf8.h"
#include "rules/calendar.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 4 << 20, OWN_ROWS_MAX = 20000 };

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

/* ---- what units differ in ---- */

static const char own_header[] = "unit_code\tdate\tkind\thours\tname";
enum { FILE_COLUMNS = 5 };

struct own_rows {
    struct import_own_calendar *row;
    size_t n, cap;
};

static bool split(struct str line, struct str cells[FILE_COLUMNS]) {
    for (int i = 0; i < FILE_COLUMNS; i++) {
        const char *tab = line.n ? memchr(line.p, '\t', line.n) : NULL;
        if (!tab != (i == FILE_COLUMNS - 1)) return false;
        cells[i] = (struct str){line.p, tab ? (size_t)(tab - line.p) : line.n};
        if (tab) line = (struct str){tab + 1, line.n - cells[i].n - 1};
    }
    return true;
}

/* NULL and a row more, or what is wrong. */
static const char *read_own(struct own_rows *rows, const struct import_index *units, struct str line) {
    struct str cells[FILE_COLUMNS];
    struct calendar_own own;
    if (!split(line, cells)) return "must have five columns: unit_code, date, kind, hours, name";
    const struct row_unit *unit = import_index_get(units, cells[0]);
    if (!unit || !unit->active) return "names a unit that is not known";
    if (cells[4].n > CALENDAR_HOLIDAY_MAX || !utf8_is_text(cells[4]))
        return "must have a name of at most 96 bytes of UTF-8 text";
    const char *why = calendar_own_parse(cells[1], cells[2], cells[3], &own);
    for (size_t i = 0; i < rows->n && !why; i++)
        if (rows->row[i].unit_id == unit->id && str_eq(rows->row[i].day, cells[1])) why = "is there twice";
    if (why || rows->n == rows->cap) return why ? why : "is one too many";
    rows->row[rows->n++] = (struct import_own_calendar){unit->id, unit->code, cells[1], cells[3], cells[4], own.way};
    return NULL;
}

static int read_own_file(struct ctl *c, const char *path, struct str text, struct own_rows *rows) {
    struct import_index units;
    struct row_unit *unit;
    size_t n, line = 0;
    int code = EX_OK;
    enum rc rc = db_rows(c->db, ST_units, NULL, 0, c->arena, &unit, &n);
    if (rc != RC_OK) return ctl_fail_rc("calendar import", rc, NULL);
    *rows = (struct own_rows){.cap = OWN_ROWS_MAX, .row = arena_array(c->arena, OWN_ROWS_MAX, sizeof *rows->row)};
    if (!rows->row || !import_index_init(&units, c->arena, n)) return ctl_fail(EX_OSERR, "no memory");
    for (size_t i = 0; i < n; i++) import_index_put(&units, unit[i].code, &unit[i]);
    while (text.n) {
        const char *end = memchr(text.p, '\n', text.n);
        struct str one = {text.p, end ? (size_t)(end - text.p) : text.n};
        size_t skip = end ? one.n + 1 : one.n;
        text = (struct str){text.p + skip, text.n - skip};
        line++;
        if (one.n && one.p[one.n - 1] == '\r') one.n--;
        if (!one.n || one.p[0] == '#' || str_is(one, own_header)) continue;
        const char *why = read_own(rows, &units, one);
        if (why) code = tell_line(path, line, why);
    }
    return code;
}

static int by_unit(const void *x, const void *y) {
    const struct import_own_calendar *a = x, *b = y;
    return a->unit_id < b->unit_id ? -1 : a->unit_id > b->unit_id;
}

/* ---- into the database ---- */

struct importing {
    struct ctl *c;
    const struct calendar_exception *days; /* or else */
    const struct own_rows *own;
    size_t n;
    struct str years;
    const char *why;
    bool preview;
};

static enum rc import_days(struct db *db, void *arg) {
    (void)db;
    struct importing *i = arg;
    struct act act = ctl_act(i->c);
    enum rc rc = i->own ? import_own_calendars(&act, i->own->row, i->own->n)
                        : import_calendar(&act, i->days, i->n, &i->years);
    i->why = act.en;
    return rc == RC_OK && i->preview ? ctl_preview_clocks(i->c, false) : rc;
}

static bool is_own(struct str text) {
    while (text.n && (text.p[0] == '#' || text.p[0] == '\n' || text.p[0] == '\r')) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t skip = end ? (size_t)(end - text.p) + 1 : text.n;
        text = (struct str){text.p + skip, text.n - skip};
    }
    return text.n >= sizeof own_header - 1 && memcmp(text.p, own_header, sizeof own_header - 1) == 0;
}

static int read_file(struct ctl *c, const char *path, struct importing *i) {
    struct str text;
    const char *why = ctl_read_file(c, path, FILE_MAX, &text);
    if (why) return ctl_fail(EX_NOINPUT, "%s: %s", path, why);
    if (is_own(text)) {
        struct own_rows *rows = ARENA_NEW(c->arena, struct own_rows);
        if (!rows) return ctl_fail(EX_OSERR, "no memory");
        int code = read_own_file(c, path, text, rows);
        qsort(rows->row, rows->n, sizeof *rows->row, by_unit);
        i->own = rows;
        i->n = rows->n;
        return code;
    }
    struct calendar_exception *days = arena_array(c->arena, CALENDAR_DAYS, sizeof *days);
    size_t *lines_of = arena_array(c->arena, CALENDAR_DAYS, sizeof *lines_of);
    if (!days || !lines_of) return ctl_fail(EX_OSERR, "no memory");
    i->days = days;
    return read_days(path, text, days, &i->n, lines_of);
}

static int import_file(struct ctl *c, const char *path, bool preview) {
    struct importing i = {.c = c, .preview = preview};
    int code = ctl_need_all(c);
    if (code == EX_OK) {
        code = read_file(c, path, &i);
        if (code != EX_OK) return ctl_fail(code, "nothing was imported");
    }
    if (code != EX_OK) return code;
    if (i.n == 0) return ctl_fail(EX_DATAERR, "%s names no day", path);
    enum rc rc = db_tx(c->db, import_days, &i);
    if (rc == RC_STALE && preview) return EX_OK;
    if (rc != RC_OK)
        return ctl_fail_rc("calendar import", rc,
                           db_lock_timed_out(c->db) ? "somebody else is importing just now; try again" : i.why);
    if (i.own) printf("calendar: %zu rows of units' own calendars imported\n", i.n);
    else printf("calendar: %zu days imported; known years: %.*s\n", i.n, (int)i.years.n, i.years.p);
    return EX_OK;
}

static enum rc forget_unit(struct db *db, void *arg) {
    struct importing *i = arg;
    struct row_unit *unit;
    size_t n;
    struct act act = ctl_act(i->c);
    enum rc rc = db_rows(db, ST_units, NULL, 0, act.arena, &unit, &n);
    for (size_t k = 0; rc == RC_OK && k < n; k++)
        if (str_eq(unit[k].code, i->years))
            return import_forget_calendar(&act, &(struct unit){.id = unit[k].id, .code = unit[k].code});
    return rc == RC_OK ? RC_NOT_FOUND : rc;
}

static int forget(struct ctl *c, const char *unit_code) {
    struct importing i = {.c = c, .years = str_of(unit_code)};
    int code = ctl_need_all(c);
    if (code != EX_OK) return code;
    enum rc rc = db_tx(c->db, forget_unit, &i);
    if (rc == RC_NOT_FOUND) return ctl_fail(EX_DATAERR, "%s has no calendar of its own", unit_code);
    if (rc != RC_OK) return ctl_fail_rc("calendar forget", rc, NULL);
    printf("calendar: %s goes by the calendar of the unit above\n", unit_code);
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

static int show_own(struct ctl *c) {
    struct row_unit_calendar *row;
    struct row_unit *unit;
    size_t n, units;
    enum rc rc = db_rows(c->db, ST_unit_calendars, NULL, 0, c->arena, &row, &n);
    if (rc == RC_OK) rc = db_rows(c->db, ST_units, NULL, 0, c->arena, &unit, &units);
    if (rc != RC_OK) return ctl_fail_rc("calendar show", rc, NULL);
    puts(own_header);
    for (size_t i = 0, k = 0; i < n; i++) {
        while (k < units && unit[k].id < row[i].unit_id) k++;
        struct str code = k < units && unit[k].id == row[i].unit_id ? unit[k].code : STR("?");
        struct str way = row[i].way >= WAY_HOLIDAY && row[i].way < WAY__MAX
                             ? calendar_way_name((enum calendar_way)row[i].way)
                             : STR("?");
        printf("%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", (int)code.n, code.p, (int)row[i].day.n, row[i].day.p, (int)way.n,
               way.p, (int)row[i].hours.n, row[i].hours.p, (int)row[i].name.n, row[i].name.p);
    }
    return EX_OK;
}

int ctl_calendar(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {{"year", required_argument, NULL, 'y'},
                                          {"preview", no_argument, NULL, 'p'},
                                          {"units", no_argument, NULL, 'u'},
                                          {0}};
    int64_t year = 0;
    bool preview = false, units = false;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o == 'p') preview = true;
        else if (o == 'u') units = true;
        else if (o != 'y' || !num_i64(str_of(optarg), 1970, 9999, &year)) return EX_USAGE;
    }
    int left = argc - optind;
    const char *verb = left > 0 ? argv[optind] : "";
    if (strcmp(verb, "import") == 0 && left == 2 && !year && !units) return import_file(c, argv[optind + 1], preview);
    if (preview) return EX_USAGE;
    if (strcmp(verb, "forget") == 0 && left == 2 && !year && !units) return forget(c, argv[optind + 1]);
    if (strcmp(verb, "show") != 0 || left != 1 || (units && year)) return EX_USAGE;
    int code = show(c, units ? 9999 : year);
    return code == EX_OK && units ? show_own(c) : code;
}
