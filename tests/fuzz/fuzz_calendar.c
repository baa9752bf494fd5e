/* Lines of calendars and rules: what an own calendar says (three cells), a notice's line, a duration. Of those of an input that are
 * good a calendar is made, in which every day is one thing and working time adds up. */
#include "base/utf8.h"
#include "fuzz.h"
#include "rules/calendar.h"
#include "rules/clock.h"

#include <string.h>

enum { OWN_MAX = 40, DAY = 20783 /* 2026-11-26 */ };

static struct str cut(struct str *rest, char mark) {
    const char *end = rest->n ? memchr(rest->p, mark, rest->n) : NULL;
    struct str first = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
    size_t skip = first.n + (end ? 1 : 0);
    *rest = (struct str){rest->p + skip, rest->n - skip};
    return first;
}

static void check_duration(struct str s) {
    struct duration d, again;
    char text[DURATION_TEXT_MAX];
    if (!duration_parse(s, &d)) return;
    size_t n = duration_format(d, text);
    CHECK(n && n < sizeof text && duration_parse((struct str){text, n}, &again));
    CHECK(again.n == d.n && again.unit == d.unit);
}

static void check_notice(struct calendar *cal, struct str line) {
    struct calendar_exception e;
    enum calendar_line kind = calendar_line_parse(line, &e);
    CHECK((size_t)kind < CALENDAR_LINE__MAX && calendar_line_text(kind));
    if (kind != CALENDAR_LINE_DAY) return;
    bool works = e.kind == CALENDAR_MAKEUP;
    CHECK(e.kind == CALENDAR_HOLIDAY || works);
    if (calendar_set_day(cal, e.day, works)) CHECK(calendar_works(cal, e.day) == works);
}

static bool own_of(struct str line, struct calendar_own *out) {
    struct str when = cut(&line, '\t'), way = cut(&line, '\t');
    const char *why = calendar_own_parse(when, way, line, out);
    if (why) {
        CHECK(*why);
        return false;
    }
    CHECK(out->way >= WAY_HOLIDAY && out->way < WAY__MAX && calendar_way_name(out->way).n);
    return true;
}

/* There is a next working day wherever one looks, and none between. */
static void check_days(const struct calendar *cal) {
    int32_t day = DAY;
    for (int32_t n = 1; n <= 30; n++) {
        int32_t next = calendar_nth_workday(cal, DAY, n);
        CHECK(next >= day && calendar_works(cal, next) && calendar_count(cal, DAY, next + 1) == n);
        day = next + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct calendar cal;
    static struct calendar_own own[OWN_MAX];
    struct str rest = {(const char *)data, size};
    size_t n = 0;
    if (!utf8_valid(rest)) return 0;
    CHECK(calendar_init(&cal, (struct str){0}));
    while (rest.n) {
        struct str line = cut(&rest, '\n');
        check_duration(line);
        check_notice(&cal, line);
        if (n < OWN_MAX && own_of(line, &own[n])) n++;
    }
    if (calendar_apply(&cal, own, n)) check_days(&cal);
    return 0;
}
