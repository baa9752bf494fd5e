/* One pass: a number, what makes it vague, and the word that says what is counted. */
#include "rules/people.h"

#include "base/utf8.h"
#include "rules/numerals.h"

#include <stdbool.h>

/* A word that counts people, and what may stand behind it: one of needs, if there are any, and none of rejects. */
static const struct counter {
    const char *word, *needs, *rejects;
} counters[] = {
    {"户", "", "主型口籍外内均门室头名"},
    {"人", "", "间座口次民流工均份行为"},
    {"名", "", "列次字"},
    {"位", "", "数置次于字移"},
    {"家", "庭户商店住门业农村居人", ""},
    {"个", "人业居村住孩学老家邻商租群员职", ""},
};
/* A number behind these is a rank, a share or the end of a range; behind a building it may be a room: 302, 1801, but 48 are homes. */
static const char not_people[] = "第每室附-－#~～至到";
static const char building[] = "元幢栋楼层座弄排号";
enum { ROOMS_OF_FLOOR = 12 };
/* A unit alone is a number behind these: "上百户", but not "万家丽路". */
static const char unit_alone[] = "上近过约成逾超达";
static const char vague[] = "多余来几 　";

/* The character at at; empty at the end. */
static struct str char_at(struct str s, size_t at) {
    return at < s.n ? (struct str){s.p + at, utf8_sequence(s.p + at, s.n - at)} : (struct str){"", 0};
}

static struct str char_before(struct str s, size_t at) {
    size_t from = at;
    while (from > 0 && ((unsigned char)s.p[--from] & 0xC0) == 0x80) continue;
    return (struct str){s.p + from, at - from};
}

static bool among(const char *set, struct str c) { return c.n && memmem(set, strlen(set), c.p, c.n); }

/* ---- numbers ---- */

/* What a character of a number stands for: a digit, or a unit above it; WORTH_NONE for all others. */
enum { WORTH_NONE = -1, WORTH_UNIT = 10 };

static int worth_of(uint32_t c) {
    if (c >= '0' && c <= '9') return (int)(c - '0');
    if (c >= 0xFF10 && c <= 0xFF19) return (int)(c - 0xFF10);
    if (c == 0x4E24 || c == 0x51E0 || c == 0x6570) return 2; /* 两; 几 and 数, a few */
    return numeral_value(c);
}

static bool is_figure(char c) { return c >= '0' && c <= '9'; }

struct number {
    int64_t whole, section,
        digits;     /* behind 万, behind the last unit, what waits for a unit; digits < 0: nothing does */
    int64_t tenths; /* of 1.5万 */
    bool spelt, any;
};

static void take_unit(struct number *n, int64_t unit) {
    if (unit == 10000) {
        n->whole += (n->section + (n->digits < 0 ? n->section == 0 : n->digits)) * unit + n->tenths * unit / 10;
        n->section = 0;
    } else {
        n->section += (n->digits < 0 ? 1 : n->digits) * unit;
    }
    n->digits = -1;
    n->tenths = 0;
}

/* The next character of the number; false when it is none of it. Of two spelt digits in a row the first counts: "两三百" is 200. */
static bool take(struct number *n, uint32_t c) {
    int worth = worth_of(c);
    bool figure = c < 0x80 || c >= 0xFF00;
    if (worth == WORTH_NONE) return false;
    if (worth >= WORTH_UNIT) {
        take_unit(n, worth);
    } else {
        if (n->digits <= 0) n->digits = worth;
        else if (figure && n->digits <= PEOPLE_NAMED_MAX) n->digits = n->digits * 10 + worth;
        n->spelt = !figure;
    }
    n->any = true;
    return true;
}

static int64_t value_of(const struct number *n) {
    return n->any ? n->whole + n->section + (n->digits < 0 ? 0 : n->digits) : 0;
}

/* Reads on from *at, which is behind the number then. */
static int64_t read_number(struct str s, size_t *at) {
    struct number n = {.digits = -1};
    while (*at < s.n) {
        size_t next = *at;
        uint32_t c = utf8_next(s, &next);
        bool mark = (c == '.' || c == ',') && n.digits >= 0 && !n.spelt && next < s.n && is_figure(s.p[next]);
        if (!mark && !take(&n, c)) break;
        *at = next;
        if (mark && c == '.') n.tenths = s.p[(*at)++] - '0'; /* of people only with 万 behind */
    }
    return value_of(&n);
}

/* ---- what is counted ---- */

static bool counts_people(struct str s, size_t at) {
    struct str word = char_at(s, at), behind = char_at(s, at + word.n);
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        const struct counter *c = &counters[i];
        if (!str_is(word, c->word)) continue;
        return (!*c->needs || among(c->needs, behind)) && !among(c->rejects, behind);
    }
    return false;
}

static bool is_room(int64_t n) { return n > 100 && n % 100 >= 1 && n % 100 <= ROOMS_OF_FLOOR; }

/* The number that begins at *at, which is behind it then; 0 when what it counts isn't people. */
static int64_t people_at(struct str s, size_t *at) {
    struct str before = char_before(s, *at);
    size_t next = *at;
    bool alone = worth_of(utf8_next(s, &next)) > WORTH_UNIT;
    int64_t n = read_number(s, at);
    size_t end = *at;
    for (int i = 0; i < 3 && among(vague, char_at(s, end)); i++) end += char_at(s, end).n;
    if (!n || n > PEOPLE_NAMED_MAX || !counts_people(s, end)) return 0;
    if (among(not_people, before) || (alone && !among(unit_alone, before))) return 0;
    return among(building, before) && is_room(n) ? 0 : n;
}

/* Blocks of 64 characters in which those of worth_of are: texts are long and numbers rare. */
static const bool may_begin[1 << 10] = {[0x96F6 >> 6] = true, [0x4E00 >> 6] = true, [0x4E8C >> 6] = true,
                                        [0x4E5D >> 6] = true, [0x51E0 >> 6] = true, [0x6570 >> 6] = true,
                                        [0x56DB >> 6] = true, [0x516D >> 6] = true, [0x5341 >> 6] = true,
                                        [0x767E >> 6] = true, [0xFF10 >> 6] = true};

/* Whether a number may begin at at, and how long the character there is. */
static bool begins(struct str s, size_t at, size_t *length) {
    const unsigned char *p = (const unsigned char *)s.p + at;
    *length = *p < 0x80 ? 1 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;
    if (*length == 3) {
        uint32_t block = (*p & 15U) << 6 | (p[1] & 63U);
        return may_begin[block] && worth_of(block << 6 | (p[2] & 63U)) != WORTH_NONE;
    }
    return is_figure(s.p[at]);
}

int64_t people_named(struct str text) {
    int64_t most = 0;
    for (size_t at = 0, length; at < text.n;) {
        int64_t n = 0;
        if (begins(text, at, &length)) n = people_at(text, &at);
        else at += length;
        if (n > most) most = n;
    }
    return most;
}
