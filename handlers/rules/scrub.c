/* Personal numbers in free text: one pass over the folded characters, each start looking ahead a bounded distance. */
#include "rules/scrub.h"

#include "base/utf8.h"
#include "rules/numerals.h"

#include <stdint.h>

/* Rules where the standards leave a choice:
 * - full-width forms, lower-case letters, zero-width characters inside, spaces, hyphens, dots and brackets between the
 *   usual groups make no difference; a mobile number spelt in Chinese numerals counts too;
 * - an ID number needs a known province, a possible date and the right check character (x or X); without a clock a
 *   birth in the future can't be told; the 15-digit form has no check character and stays;
 * - 13-digit data-card numbers, 400/800 numbers, short hotlines and right unified social credit codes are nobody's own
 *   and stay;
 * - a subscriber number without its area code counts only after a word like 电话. */

enum { GROUPS_MAX = 12, DIGITS_MAX = 24, SEPARATOR_MAX = 3, CHECK_X = 10 };

struct mark {
    size_t at;  /* byte offset in the source */
    uint32_t c; /* the character, folded */
};

/* The text as folded characters; m[n] is a sentinel with c == 0 whose offset is the text's end. */
struct folded {
    struct mark *m;
    size_t n;
};

/* Digits from one start, with the places where separators parted them. end[i] is the mark after group i. */
struct digits {
    unsigned char d[DIGITS_MAX + 1];
    size_t count, groups, size[GROUPS_MAX], end[GROUPS_MAX];
};

enum what { WHAT_NONE, WHAT_MOBILE, WHAT_PHONE, WHAT_ID, WHAT_PLATE, WHAT_CARD, WHAT__MAX };

static const char *const replacements[WHAT__MAX] = {
    [WHAT_NONE] = "",           [WHAT_MOBILE] = "〔手机号〕", [WHAT_PHONE] = "〔电话号码〕",
    [WHAT_ID] = "〔身份证号〕", [WHAT_PLATE] = "〔车牌号〕",  [WHAT_CARD] = "〔银行卡号〕",
};

struct found {
    enum what what;
    size_t from, to; /* marks */
};

/* ---- folding ---- */

static bool is_zero_width(uint32_t c) {
    return (c >= 0x200B && c <= 0x200D) || c == 0x2060 || c == 0xFEFF || c == 0xAD;
}

static uint32_t fold(uint32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    else if (c == 0x3000 || c == 0xA0 || (c >= 0x2002 && c <= 0x200A) || c == 0x202F || c == '\t') c = ' ';
    else if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212) c = '-';
    else if (c == 0xB7 || c == 0x2022 || c == 0x2027 || c == 0x22C5 || c == 0x30FB) c = '.';
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

static bool fold_text(struct arena *a, struct str s, struct folded *out) {
    out->m = arena_array(a, s.n + 1, sizeof *out->m);
    if (!out->m) return false;
    out->n = 0;
    for (size_t at = 0; at < s.n;) {
        size_t start = at;
        uint32_t c = utf8_next(s, &at);
        if (!is_zero_width(c)) out->m[out->n++] = (struct mark){start, fold(c)};
    }
    out->m[out->n] = (struct mark){s.n, 0};
    return true;
}

static uint32_t char_at(const struct folded *f, size_t i) { return i < f->n ? f->m[i].c : 0; }
static uint32_t char_before(const struct folded *f, size_t i) { return i > 0 ? f->m[i - 1].c : 0; }
static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }
static bool is_letter(uint32_t c) { return c >= 'A' && c <= 'Z'; }
static bool is_alnum(uint32_t c) { return is_digit(c) || is_letter(c); }
static bool is_cjk(uint32_t c) { return c >= 0x4E00 && c <= 0x9FFF; }
static bool is_separator(uint32_t c) { return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')'; }

/* Whether c is one of the characters of set. */
static bool is_one_of(uint32_t c, struct str set) {
    for (size_t at = 0; at < set.n;)
        if (utf8_next(set, &at) == c) return true;
    return false;
}

/* The digit that a Chinese character stands for in a number read aloud, or -1. */
static int spoken_digit(uint32_t c) {
    int value = numeral_value(c);
    if (c == 0x5E7A) return 1; /* 幺 */
    return value < 10 ? value : -1;
}

/* ---- digit groups ---- */

/* Where the digits go on after a separator at i, or i when they don't. */
static size_t skip_separator(const struct folded *f, size_t i) {
    size_t k = i;
    while (k < i + SEPARATOR_MAX && is_separator(char_at(f, k))) k++;
    return is_digit(char_at(f, k)) ? k : i;
}

/* Reads at most DIGITS_MAX digits from mark i on; an X counts as the eighteenth. */
static void read_digits(const struct folded *f, size_t i, struct digits *out) {
    *out = (struct digits){.count = 0};
    while (out->groups < GROUPS_MAX && out->count < DIGITS_MAX && is_digit(char_at(f, i))) {
        size_t before = out->count;
        for (; is_digit(char_at(f, i)) && out->count < DIGITS_MAX; i++)
            out->d[out->count++] = (unsigned char)(char_at(f, i) - '0');
        if (out->count == 17 && char_at(f, i) == 'X' && !is_alnum(char_at(f, i + 1))) {
            out->d[out->count++] = CHECK_X;
            i++;
        }
        out->size[out->groups] = out->count - before;
        out->end[out->groups++] = i;
        i = skip_separator(f, i);
    }
}

/* A way to group digits: sizes, 0-terminated. */
struct form {
    unsigned char size[GROUPS_MAX];
};

/* Whether the digits begin with groups of these sizes; then *last is the last group's index. */
static bool form_fits(const struct form *form, const struct digits *d, size_t *last) {
    size_t i = 0;
    for (; i < GROUPS_MAX && form->size[i]; i++)
        if (i >= d->groups || d->size[i] != form->size[i]) return false;
    *last = i - 1;
    return true;
}

static size_t form_total(const struct form *form) {
    size_t total = 0;
    for (size_t i = 0; i < GROUPS_MAX; i++) total += form->size[i];
    return total;
}

static unsigned number_of(const unsigned char *d, size_t n) {
    unsigned value = 0;
    for (size_t i = 0; i < n; i++) value = value * 10 + d[i];
    return value;
}

static bool date_possible(unsigned year, unsigned month, unsigned day) {
    static const unsigned char days[] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1800 || year > 2099 || month < 1 || month > 12 || day < 1 || day > days[month]) return false;
    return month != 2 || day < 29 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

/* Eight digits that are a day of the years 2000 to 2099. */
static bool is_recent_date(const unsigned char *d) {
    return d[0] == 2 && d[1] == 0 && date_possible(number_of(d, 4), number_of(d + 4, 2), number_of(d + 6, 2));
}

/* ---- what a number is ---- */

static bool id_province(unsigned code) {
    static const unsigned char provinces[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43,
                                              44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83};
    for (size_t i = 0; i < sizeof provinces; i++)
        if (provinces[i] == code) return true;
    return false;
}

/* GB 11643: province, birth, check character (ISO 7064 MOD 11-2). */
static bool id_right(const unsigned char *d, size_t n) {
    if (n != 18 || !id_province(number_of(d, 2))) return false;
    if (!date_possible(number_of(d + 6, 4), number_of(d + 10, 2), number_of(d + 12, 2))) return false;
    unsigned p = 0;
    for (size_t i = 0; i < 17; i++) p = (p + d[i]) * 2 % 11;
    return (p + d[17]) % 11 == 1;
}

static bool card_right(const unsigned char *d, size_t n) {
    unsigned sum = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        if (d[i] > 9) return false;
        unsigned v = (n - i) % 2 == 0 ? d[i] * 2u : d[i];
        sum += v > 9 ? v - 9 : v;
        all |= d[i];
    }
    return all != 0 && sum % 10 == 0;
}

static bool mobile_right(const unsigned char *d, size_t n) { return n == 11 && d[0] == 1 && d[1] >= 3; }

/* n digits with the area code's 0: 010 and 02x with eight, 03xx to 09xx with seven or eight. */
static bool landline_right(const unsigned char *d, size_t n) {
    if (n < 11 || d[0] != 0 || d[1] == 0) return false;
    if (d[1] == 1) return d[2] == 0 && n == 11;
    return d[1] == 2 ? n == 11 : n <= 12;
}

static const struct form id_forms[] = {{{18}}, {{6, 8, 4}}, {{6, 12}}, {{14, 4}}, {{6, 4, 4, 4}}, {{3, 3, 4, 4, 4}}};
static const struct form card_forms[] = {
    {{19}},         {{18}},    {{17}},    {{16}}, {{4, 4, 4, 4, 3}}, {{4, 4, 4, 4, 2}}, {{4, 4, 4, 4, 1}},
    {{4, 4, 4, 4}}, {{6, 13}}, {{6, 10}},
};
static const struct form mobile_forms[] = {
    {{11}},      {{3, 4, 4}},       {{4, 3, 4}},
    {{4, 4, 3}}, {{3, 8}},          {{7, 4}},
    {{5, 6}},    {{3, 2, 2, 2, 2}}, {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
};
static const struct form landline_forms[] = {
    {{12}}, {{11}}, {{4, 8}}, {{4, 4, 4}}, {{4, 7}}, {{4, 3, 4}}, {{3, 8}}, {{3, 4, 4}},
};
/* After +86 the area code has no 0. */
static const struct form abroad_forms[] = {
    {{11}}, {{10}}, {{3, 8}}, {{3, 4, 4}}, {{3, 7}}, {{3, 3, 4}}, {{2, 8}}, {{2, 4, 4}},
};

/* The first form that fits digits for which right holds; *to is the mark after it. */
static bool match_forms(const struct form *forms, size_t count, bool (*right)(const unsigned char *, size_t),
                        const struct digits *d, size_t *to) {
    for (size_t i = 0; i < count; i++) {
        size_t last;
        if (!form_fits(&forms[i], d, &last) || !right(d->d, form_total(&forms[i]))) continue;
        *to = d->end[last];
        return true;
    }
    return false;
}
#define MATCH(forms, right, d, to) match_forms((forms), sizeof(forms) / sizeof((forms)[0]), (right), (d), (to))

static bool match_mobile(const struct digits *d, size_t *to) {
    /* 138 20261124 is a house number or a sum beside a date, seldom a telephone. */
    if (d->groups >= 2 && d->size[0] == 3 && d->size[1] == 8 && is_recent_date(d->d + 3)) return false;
    return MATCH(mobile_forms, mobile_right, d, to);
}

static bool match_abroad(const struct digits *d, size_t *to) {
    struct digits with_zero = *d;
    for (size_t i = 0; i < sizeof abroad_forms / sizeof abroad_forms[0]; i++) {
        size_t last, total = form_total(&abroad_forms[i]);
        if (!form_fits(&abroad_forms[i], d, &last)) continue;
        with_zero.d[0] = 0;
        memcpy(with_zero.d + 1, d->d, total);
        if (!landline_right(with_zero.d, total + 1)) continue;
        *to = d->end[last];
        return true;
    }
    return false;
}

/* An extension (-8001, 转8001) after a landline number that ends at mark i; where it ends, or i. */
static size_t skip_extension(const struct folded *f, size_t i) {
    uint32_t c = char_at(f, i);
    if ((c != '-' && c != 0x8F6C) || char_at(f, i + 1) == '0') return i;
    size_t k = i + 1;
    while (k < i + 7 && is_digit(char_at(f, k))) k++;
    bool ends = !is_alnum(char_at(f, k)) && !(char_at(f, k) == '-' && is_digit(char_at(f, k + 1)));
    return ends && k - i - 1 >= 2 && k - i - 1 <= 5 ? k : i;
}

/* Past a country code (+86, 0086, 86 with its brackets and separator) at i; *clear when it can be nothing else. i when
 * there's none. */
static size_t skip_country(const struct folded *f, size_t i, bool *clear) {
    size_t k = i;
    *clear = false;
    if (char_at(f, k) == '+') {
        *clear = true;
        k = char_at(f, k + 1) == ' ' ? k + 2 : k + 1;
    } else if (char_at(f, k) == '0' && char_at(f, k + 1) == '0') {
        *clear = true;
        k += 2;
    }
    if (char_at(f, k) != '8' || char_at(f, k + 1) != '6') return i;
    return skip_separator(f, k + 2);
}

/* A subscriber number of seven or eight digits right after a word that announces a telephone. */
static bool match_subscriber(const struct folded *f, size_t i, const struct digits *d, size_t *to) {
    static const char *const words[] = {"电话", "座机", "固话", "号码", "拨打", "致电"};
    size_t n = d->size[0], k = i;
    if ((n != 7 && n != 8) || d->d[0] < 2 || d->d[0] > 8 || (n == 8 && is_recent_date(d->d))) return false;
    while (k > 0 && i - k < 3 && is_one_of(char_before(f, k), STR(" :(是为"))) k--;
    if (k < 2) return false;
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        struct str word = str_of(words[w]);
        size_t at = 0;
        if (utf8_next(word, &at) != f->m[k - 2].c || utf8_next(word, &at) != f->m[k - 1].c) continue;
        *to = d->end[0];
        return true;
    }
    return false;
}

/* The product's own number, 20261124-000123, at i; the mark after it, or i. */
static size_t skip_own_number(const struct folded *f, size_t i, const struct digits *d) {
    if (d->groups < 2 || d->size[0] != 8 || d->size[1] != 6) return i;
    if (d->end[1] != i + 15 || char_at(f, i + 8) != '-') return i;
    return is_recent_date(d->d) ? d->end[1] : i;
}

/* A right unified social credit code (GB 32100) at i, an organisation's and public; the mark after it, or i. */
static size_t skip_credit_code(const struct folded *f, size_t i) {
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const char kinds[][3] = {"11", "12", "13", "19", "51", "52", "53", "54", "59", "91", "92", "93", "Y1"};
    unsigned sum = 0, weight = 1, value[18];
    bool known = false;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        known |= char_at(f, i) == (unsigned char)kinds[k][0] && char_at(f, i + 1) == (unsigned char)kinds[k][1];
    if (!known || is_alnum(char_at(f, i + 18))) return i;
    for (size_t k = 0; k < 18; k++, weight = weight * 3 % 31) {
        uint32_t c = char_at(f, i + k);
        const char *at = c > 0 && c < 0x80 ? strchr(alphabet, (int)c) : NULL;
        if (!at) return i;
        value[k] = (unsigned)(at - alphabet);
        if (k < 17) sum += value[k] * weight;
    }
    return (sum + value[17]) % 31 == 0 ? i + 18 : i;
}

/* ---- the matchers: what starts at mark i ---- */

static bool match_abroad_or_mobile(const struct folded *f, size_t i, struct found *out) {
    bool clear;
    struct digits d;
    size_t k = skip_country(f, i, &clear);
    if (k == i && char_at(f, i) == '0') k++; /* 0 before a mobile number: dialled from another place */
    if (k == i) return false;
    read_digits(f, k, &d);
    out->what = WHAT_MOBILE;
    if (match_mobile(&d, &out->to)) return true;
    out->what = WHAT_PHONE;
    if (!clear || (!match_abroad(&d, &out->to) && !MATCH(landline_forms, landline_right, &d, &out->to))) return false;
    out->to = skip_extension(f, out->to);
    return true;
}

/* touches: a digit and a dot or hyphen stand before i, so that a leading 0 belongs to something longer. */
static bool match_number(const struct folded *f, size_t i, bool touches, const struct digits *d, struct found *out) {
    out->what = WHAT_ID;
    if (MATCH(id_forms, id_right, d, &out->to)) return true;
    out->what = WHAT_CARD;
    if (MATCH(card_forms, card_right, d, &out->to)) return true;
    out->what = WHAT_MOBILE;
    if (match_mobile(d, &out->to) || match_abroad_or_mobile(f, i, out)) return true;
    out->what = WHAT_PHONE;
    if (!touches && MATCH(landline_forms, landline_right, d, &out->to)) {
        out->to = skip_extension(f, out->to);
        return true;
    }
    return match_subscriber(f, i, d, &out->to);
}

/* Eleven Chinese numerals that spell a mobile number. */
static bool match_spelt(const struct folded *f, size_t i, struct found *out) {
    unsigned char d[11];
    if (spoken_digit(char_before(f, i)) >= 0) return false;
    for (size_t k = 0; k < 11; k++) {
        int v = spoken_digit(char_at(f, i + k));
        if (v < 0) return false;
        d[k] = (unsigned char)v;
    }
    if (spoken_digit(char_at(f, i + 11)) >= 0 || !mobile_right(d, 11)) return false;
    out->what = WHAT_MOBILE;
    out->to = i + 11;
    return true;
}

static bool plate_letter(uint32_t c) { return is_letter(c) && c != 'I' && c != 'O'; }
static bool plate_char(uint32_t c) { return is_digit(c) || plate_letter(c); }
static bool energy_letter(uint32_t c) { return c >= 'A' && c <= 'K' && c != 'I'; }
static bool is_province(uint32_t c) {
    return is_one_of(c, STR("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"));
}

/* How many of n marks from i on are digits, or -1 when one may not stand on a plate. */
static int plate_digits(const struct folded *f, size_t i, size_t n) {
    int digits = 0;
    for (size_t k = i; k < i + n; k++) {
        if (!plate_char(char_at(f, k))) return -1;
        digits += is_digit(char_at(f, k));
    }
    return digits;
}

/* Six places: letter, letter or digit, four digits (small); five digits, letter (large). */
static bool plate_energy(const struct folded *f, size_t i) {
    if (plate_digits(f, i, 6) < 4 || is_alnum(char_at(f, i + 6))) return false;
    if (energy_letter(char_at(f, i))) return plate_digits(f, i + 2, 4) == 4;
    return energy_letter(char_at(f, i + 5)) && plate_digits(f, i, 5) == 5;
}

/* The length of a plate's part after the letter of the office, from i on; 0 when it is none. */
static size_t plate_body(const struct folded *f, size_t i) {
    if (plate_energy(f, i)) return 6;
    if (energy_letter(char_at(f, i)) && char_at(f, i + 1) == '.' && plate_digits(f, i + 2, 5) == 5)
        return is_alnum(char_at(f, i + 7)) ? 0 : 7;
    if (plate_digits(f, i, 5) >= 3 && !is_alnum(char_at(f, i + 5))) return 5;
    if (plate_digits(f, i, 4) < 2) return 0;
    if (is_one_of(char_at(f, i + 4), STR("警学挂港澳领"))) return 5;
    return char_at(f, i + 4) == 0x5E94 && char_at(f, i + 5) == 0x6025 ? 6 : 0; /* 应急 */
}

/* An embassy's plate: 使 and six digits, where 使 is no part of a word. */
static size_t plate_embassy(const struct folded *f, size_t i) {
    uint32_t before = char_before(f, i);
    if (char_at(f, i) != 0x4F7F || (is_cjk(before) && !is_one_of(before, STR("牌号车为是")))) return 0;
    size_t k = char_at(f, i + 4) == '.' ? 1 : 0;
    for (size_t n = 0; n < 6; n++)
        if (!is_digit(char_at(f, i + 1 + n + (n >= 3 ? k : 0)))) return 0;
    return is_digit(char_at(f, i + 7 + k)) ? 0 : 7 + k;
}

/* WJ, province, four digits, one more. */
static size_t plate_police_force(const struct folded *f, size_t i) {
    if (char_at(f, i) != 'W' || char_at(f, i + 1) != 'J' || is_alnum(char_before(f, i))) return 0;
    size_t k = i + 2;
    if (is_separator(char_at(f, k))) k++;
    if (!is_province(char_at(f, k))) return 0;
    k++;
    if (is_separator(char_at(f, k))) k++;
    return plate_digits(f, k, 4) == 4 && plate_char(char_at(f, k + 4)) && !is_alnum(char_at(f, k + 5)) ? k + 5 - i : 0;
}

static bool match_plate(const struct folded *f, size_t i, struct found *out) {
    size_t n = plate_embassy(f, i);
    if (!n) n = plate_police_force(f, i);
    if (!n && plate_letter(char_at(f, i + 1)) && is_province(char_at(f, i))) {
        size_t k = is_separator(char_at(f, i + 2)) ? 3 : 2, body = plate_body(f, i + k);
        n = body ? k + body : 0;
    }
    out->what = WHAT_PLATE;
    out->to = i + n;
    return n != 0;
}

/* ---- the pass ---- */

/* Takes in the bracket that stands before a number which closes it: (0571)… */
static void take_bracket(const struct folded *f, size_t least, struct found *out) {
    int open = 0;
    for (size_t i = out->from; i < out->to; i++) open += char_at(f, i) == '(' ? 1 : char_at(f, i) == ')' ? -1 : 0;
    if (open < 0 && out->from > least && char_before(f, out->from) == '(') out->from--;
}

/* What stays though it looks like a personal number: the mark after it, or i. An ID number that is right goes first. */
static size_t skip_known(const struct folded *f, size_t i, const struct digits *d) {
    size_t to = skip_own_number(f, i, d), id_to;
    if (to != i || is_alnum(char_before(f, i)) || MATCH(id_forms, id_right, d, &id_to)) return to;
    return skip_credit_code(f, i);
}

/* What starts at mark *i, if anything; else moves *i on to where the next could start. Nothing before least counts. */
static bool match_at(const struct folded *f, size_t *i, size_t least, struct found *out) {
    uint32_t c = char_at(f, *i);
    *out = (struct found){WHAT_NONE, *i, *i};
    if (is_digit(c) && (*i == least || !is_digit(char_before(f, *i)))) {
        struct digits d;
        uint32_t before = *i > least ? char_before(f, *i) : 0;
        read_digits(f, *i, &d);
        size_t known = skip_known(f, *i, &d);
        if (known != *i) {
            *i = known;
            return false;
        }
        bool touches = (before == '-' || before == '.') && *i > least + 1 && is_digit(f->m[*i - 2].c);
        if (match_number(f, *i, touches, &d, out)) return true;
    } else if (c == 'Y' && !is_alnum(char_before(f, *i)) && skip_credit_code(f, *i) != *i) {
        *i += 18;
        return false;
    } else if (c == '+') {
        if (match_abroad_or_mobile(f, *i, out)) return true;
    } else if (is_cjk(c) || c == 0x3007 || c == 'W') {
        if (match_plate(f, *i, out) || match_spelt(f, *i, out)) return true;
    }
    ++*i;
    return false;
}

struct output {
    char *text, *removed;
    size_t text_n, removed_n;
};

static void put(char *to, size_t *n, const char *p, size_t count) {
    if (count) memcpy(to + *n, p, count);
    *n += count;
}

/* Copies the text up to the find, and the find to the lines of what was removed. */
static void put_found(struct str s, const struct folded *f, const struct found *found, size_t *copied,
                      struct output *o) {
    size_t from = f->m[found->from].at, to = f->m[found->to].at;
    put(o->text, &o->text_n, s.p + *copied, from - *copied);
    put(o->text, &o->text_n, replacements[found->what], strlen(replacements[found->what]));
    if (o->removed_n) put(o->removed, &o->removed_n, "\n", 1);
    put(o->removed, &o->removed_n, s.p + from, to - from);
    *copied = to;
}

bool scrub_text(struct arena *a, struct str s, struct scrubbed *out) {
    struct folded f;
    struct found found;
    *out = (struct scrubbed){s, STR("")};
    if (!s.n) return true;
    if (!fold_text(a, s, &f)) return false;
    /* The shortest find has seven characters, the longest replacement 18 bytes: three times the text is enough. */
    struct output o = {.text = NULL};
    size_t copied = 0;
    for (size_t i = 0, least = 0; i < f.n;) {
        if (!match_at(&f, &i, least, &found)) continue;
        take_bracket(&f, least, &found);
        if (!o.text) {
            o.text = arena_array(a, s.n + 1, 3);
            o.removed = arena_array(a, s.n + 1, 2);
            if (!o.text || !o.removed) return false;
        }
        put_found(s, &f, &found, &copied, &o);
        i = least = found.to;
    }
    if (!o.text) return true;
    put(o.text, &o.text_n, s.p + copied, s.n - copied);
    *out = (struct scrubbed){{o.text, o.text_n}, {o.removed, o.removed_n}};
    return true;
}

bool is_mobile(struct str s) {
    if (s.n != 11 || s.p[0] != '1' || s.p[1] < '3' || s.p[1] > '9') return false;
    for (size_t i = 2; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return true;
}

struct str mask_phone(struct arena *a, struct str phone) {
    if (!phone.n) return phone;
    size_t count = utf8_count(phone), kept = count >= 11 ? 3 : 1, tail = count >= 11 ? 4 : 0;
    size_t head_n = utf8_prefix(phone, kept).n, tail_at = utf8_prefix(phone, count - tail).n, n = 0;
    char *p = arena_alloc(a, phone.n + 1);
    if (!p) return (struct str){NULL, 0};
    put(p, &n, phone.p, head_n);
    for (size_t i = kept; i < count - tail; i++) p[n++] = '*';
    put(p, &n, phone.p + tail_at, phone.n - tail_at);
    return (struct str){p, n};
}

struct str mask_name(struct arena *a, struct str name) {
    if (!name.n) return name;
    size_t head_n = utf8_prefix(name, 1).n, n = 1;
    char *p = arena_alloc(a, name.n + 1);
    if (!p) return (struct str){NULL, 0};
    p[0] = '*';
    put(p, &n, name.p + head_n, name.n - head_n);
    return (struct str){p, n};
}
