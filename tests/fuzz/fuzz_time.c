/* Instants and dates, from text and to text. The input is a text; its first eight bytes are an instant too. */
#include "base/timefmt.h"
#include "fuzz.h"

#include <regex.h>
#include <time.h>

/* ---- a second opinion: the C library's calendar, and the grammar as a regular expression ---- */

static int digits(const char *p, int n) {
    int v = 0;
    while (n-- > 0) v = v * 10 + (*p++ - '0');
    return v;
}

static int64_t seconds_of(int year, int month, int day, int second) {
    struct tm t = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_sec = second};
    return timegm(&t);
}

/* Does the month have this day? A day that it lacks comes back from the library as one of the next month. */
static bool is_date(int year, int month, int day) {
    struct tm t = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    timegm(&t);
    return t.tm_mon == month - 1 && t.tm_mday == day;
}

/* True, with the instant, when the text is one by RFC 3339 and our bounds. */
static bool expected(const char *text, int64_t *us) {
    static regex_t grammar;
    static bool ready;
    regmatch_t at[5];
    if (!ready)
        ready =
            regcomp(
                &grammar,
                "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.([0-9]{1,6}))?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
                REG_EXTENDED) == 0;
    CHECK(ready);
    if (regexec(&grammar, text, 5, at, 0) != 0) return false;
    int year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
    int hour = digits(text + 11, 2), minute = digits(text + 14, 2), second = digits(text + 17, 2);
    if (month < 1 || month > 12 || day < 1 || !is_date(year, month, day)) return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    const char *zone = text + at[3].rm_so;
    int offset = 0, fraction = 0, length = (int)(at[2].rm_eo - at[2].rm_so);
    if (zone[0] == '+' || zone[0] == '-') {
        int hours = digits(zone + 1, 2), minutes = digits(zone + 4, 2);
        if (hours > 23 || minutes > 59) return false;
        offset = (hours * 60 + minutes) * 60 * (zone[0] == '-' ? -1 : 1);
    }
    if (at[2].rm_so >= 0) fraction = digits(text + at[2].rm_so, length);
    for (; length < 6 && at[2].rm_so >= 0; length++) fraction *= 10;
    int64_t seconds = seconds_of(year, month, day, (hour * 60 + minute) * 60 + second - offset);
    *us = seconds * SECOND_US + fraction;
    return seconds >= 0 && seconds < seconds_of(10000, 1, 1, 0) - BEIJING_OFFSET_S;
}

/* ---- what holds ---- */

static int64_t floor_div(int64_t us, int64_t unit) { return us / unit - (us % unit < 0); }

static void check_shape(const char *text, size_t n, const char *shape) {
    CHECK(n == strlen(shape) && strlen(text) == n);
    for (size_t i = 0; i < n; i++)
        CHECK(shape[i] == '0' ? text[i] >= '0' && text[i] <= '9' : shape[i] == 'a' || text[i] == shape[i]);
}

/* Any instant has a text of the usual shape; one of the years 1970 to 9999 reads back as it was. */
static void check_instant(int64_t us) {
    char seconds[TIME_TEXT_MAX], millis[TIME_TEXT_MAX], http[TIME_TEXT_MAX], compact[TIME_TEXT_MAX];
    int64_t back;
    check_shape(seconds, time_format_beijing(us, 0, seconds), "0000-00-00T00:00:00+08:00");
    check_shape(millis, time_format_beijing(us, 3, millis), "0000-00-00T00:00:00.000+08:00");
    check_shape(http, time_format_http(us, http), "aaa, 00 aaa 0000 00:00:00 GMT");
    check_shape(compact, time_format_compact_beijing(us, compact), "00000000000000");
    CHECK(digits(compact, 8) == digits(seconds, 4) * 10000 + digits(seconds + 5, 2) * 100 + digits(seconds + 8, 2));
    if (us < 0 || us >= (seconds_of(10000, 1, 1, 0) - BEIJING_OFFSET_S) * SECOND_US) return;
    CHECK(time_parse(str_of(seconds), &back) && back == us / SECOND_US * SECOND_US);
    CHECK(time_parse(str_of(millis), &back) && back == us / 1000 * 1000);
    struct tm t = {0};
    const char *end = strptime(http, "%a, %d %b %Y %T GMT", &t);
    CHECK(end && !*end && timegm(&t) == us / SECOND_US);
}

/* The parts of an instant make it again. */
static void check_split(int64_t us) {
    int32_t days, second;
    int year, month, day;
    time_split_beijing(us, &days, &second);
    CHECK(second >= 0 && second < DAY_S);
    CHECK((int64_t)days * DAY_S + second - BEIJING_OFFSET_S == floor_div(us, SECOND_US));
    date_from_days(days, &year, &month, &day);
    CHECK(date_to_days(year, month, day) == days);
    CHECK(seconds_of(year, month, day, 0) == (int64_t)days * DAY_S);
}

static void check_date(const char *text, struct str whole) {
    int32_t days;
    char out[TIME_TEXT_MAX];
    int year, month, day;
    if (!date_parse(whole, &days)) return;
    check_shape(text, whole.n, "0000-00-00");
    CHECK(seconds_of(digits(text, 4), digits(text + 5, 2), digits(text + 8, 2), 0) == (int64_t)days * DAY_S);
    date_from_days(days, &year, &month, &day);
    snprintf(out, sizeof out, "%04d-%02d-%02d", year, month, day);
    CHECK(strcmp(out, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int64_t us = 0, want = 0, got = -1;
    memcpy(&us, data, size < sizeof us ? size : sizeof us);
    check_instant(us);
    check_split(us);

    char text[64] = "";
    struct str whole = {(const char *)data, size};
    bool good = time_parse(whole, &got);
    if (size >= sizeof text || memchr(data, '\0', size)) {
        CHECK(!good && !date_parse(whole, &(int32_t){0}));
        return 0;
    }
    memcpy(text, data, size);
    CHECK(good == expected(text, &want));
    check_date(text, whole);
    if (!good) {
        CHECK(got == -1);
        return 0;
    }
    CHECK(got == want);
    check_instant(got);
    check_split(got);
    return 0;
}
