/* Spelling and finding of addresses. */
#include "rules/address.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "rules/numerals.h"

#include <stdlib.h>

/* ---- spelling ---- */

static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

/* Of a numeral as house numbers have them; -1: none, as is 千 and 万, which names of places begin with. */
static int numeral(uint32_t c) {
    int value = numeral_value(c);
    return value <= 100 ? value : -1;
}

/* What one character is spelt as; 0: it is left out. */
static uint32_t spelt(uint32_t c) {
    static const struct {
        uint32_t from, to;
    } one_way[] = {
        {0x680B, 0x5E62}, {0x68DF, 0x5E62},                               /* 栋, 棟: 幢 */
        {'#', 0x53F7},    {0x865F, 0x53F7},                               /* 號: 号 */
        {0x6A13, 0x697C}, {0x5340, 0x533A},                               /* 樓, 區 */
        {0x2014, '-'},    {0x2013, '-'},    {0x2012, '-'}, {0x2011, '-'}, /* dashes */
        {0x2010, '-'},    {0x2212, '-'},    {0x2500, '-'}, {'~', '-'},    {'(', 0},
        {')', 0},         {'[', 0},         {']', 0}, /* brackets, middle dots, marks */
        {0x3010, 0},      {0x3011, 0},      {0x300C, 0},   {0x300D, 0},   {0x00B7, 0},
        {0x2022, 0},      {0x30FB, 0},      {'"', 0},      {0x201C, 0},   {0x201D, 0},
    };
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0; /* full width */
    if (c >= 'A' && c <= 'Z') return c + ('a' - 'A');
    if (c == '\t' || c == '\n' || c == '\r' || c == 0x3000 || c == 0x00A0) return ' ';
    for (size_t i = 0; i < sizeof one_way / sizeof *one_way; i++)
        if (one_way[i].from == c) return one_way[i].to;
    return c;
}

/* Everything that characters are turned into lies below U+10000. */
static void put(struct buf *b, uint32_t c) {
    if (c < 0x80) buf_add_char(b, (char)c);
    else {
        if (c < 0x800) buf_add_char(b, (char)(0xC0 | c >> 6));
        else {
            buf_add_char(b, (char)(0xE0 | c >> 12));
            buf_add_char(b, (char)(0x80 | (c >> 6 & 0x3F)));
        }
        buf_add_char(b, (char)(0x80 | (c & 0x3F)));
    }
}

/* A run of numerals from *at on: by their values where there is a 十 or 百 in it, else digit by digit. */
static void put_numerals(struct buf *b, struct str text, size_t *at) {
    int64_t sum = 0, digit = -1;
    bool by_value = false;
    size_t end = *at;
    for (size_t next = end; next < text.n; end = next) {
        int value = numeral(utf8_next(text, &next));
        if (value < 0) break;
        by_value |= value >= 10;
    }
    while (*at < end) {
        int value = numeral(utf8_next(text, at));
        if (!by_value) buf_add_int(b, value);
        else if (value < 10) digit = value;
        else {
            sum += value * (digit > 0 ? digit : 1);
            digit = -1;
        }
    }
    if (by_value) buf_add_int(b, sum + (digit > 0 ? digit : 0));
}

static bool ends_with(const struct buf *b, struct str s) {
    return b->n >= s.n && memcmp(b->p + b->n - s.n, s.p, s.n) == 0;
}

struct str address_spelling(struct arena *a, struct str text) {
    bool space = false;
    struct buf b;
    buf_init(&b, a, text.n * 3 + 8);
    for (size_t at = 0, next = 0; at < text.n; at = next) {
        uint32_t original = utf8_next(text, &next), c = original < 0x10000 ? spelt(original) : original;
        if (c == ' ') space = true;
        if (!c || c == ' ') continue;
        bool number = is_digit(c) || numeral(c) >= 0;
        if (space && number && b.n && is_digit((unsigned char)b.p[b.n - 1])) buf_add_char(&b, ' ');
        space = false;
        if (numeral(c) >= 0) {
            next = at;
            put_numerals(&b, text, &next);
        } else if (c == 0x697C && ends_with(&b, STR("号"))) { /* 号楼: 幢 */
            b.n -= strlen("号");
            put(&b, 0x5E62);
        } else if (original >= 0x10000) buf_add(&b, text.p + at, next - at);
        else put(&b, c);
    }
    return b.failed ? (struct str){0} : arena_str(a, buf_str(&b));
}

/* ---- the index ---- */

enum { BEGIN_BITS = 1 << 16 };

static int compare_texts(struct str a, struct str b) {
    int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int compare_addresses(const void *x, const void *y) {
    const struct address *a = x, *b = y;
    return compare_texts(a->text, b->text);
}

static bool begins_with(struct str s, struct str head) { return s.n >= head.n && memcmp(s.p, head.p, head.n) == 0; }

/* Of the two characters at this place; a last one has a hash, too, by which nothing is found. */
static uint32_t begin_of(struct str s, size_t at) {
    uint32_t first = utf8_next(s, &at), second = at < s.n ? utf8_next(s, &at) : 0;
    return (first * 31 + second) * UINT32_C(2654435761) >> 16;
}

bool address_index(struct address_index *x, struct address *items, size_t n, struct arena *a) {
    if (n) qsort(items, n, sizeof *items, compare_addresses);
    *x = (struct address_index){items, n, arena_array(a, BEGIN_BITS / 64, sizeof *x->begins)};
    if (!x->begins) return false;
    for (size_t i = 0; i < n; i++) {
        size_t k = i; /* index + 1 of the one before; what this one begins with is it, or what it begins with */
        while (k && !begins_with(items[i].text, items[k - 1].text)) k = items[k - 1].shorter;
        items[i].shorter = k;
        uint32_t h = begin_of(items[i].text, 0);
        x->begins[h / 64] |= UINT64_C(1) << h % 64;
    }
    return true;
}

/* Index + 1 of the last one that is not behind the text in order; all that the text begins with are this one or its shorter ones. */
static size_t last_not_behind(const struct address_index *x, struct str text) {
    size_t low = 0, high = x->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_texts(x->items[middle].text, text) <= 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

static bool stands_alone(struct str found, const char *at, struct str text) {
    const char *end = at + found.n, *limit = text.p + text.n;
    bool before = at > text.p && is_digit((unsigned char)at[-1]) && is_digit((unsigned char)found.p[0]);
    bool after = end < limit && is_digit((unsigned char)*end) && is_digit((unsigned char)found.p[found.n - 1]);
    return !before && !after;
}

static const struct address *longest_at(const struct address_index *x, const char *at, struct str text) {
    struct str rest = {at, (size_t)(text.p + text.n - at)};
    for (size_t k = last_not_behind(x, rest); k; k = x->items[k - 1].shorter)
        if (x->items[k - 1].place->active && begins_with(rest, x->items[k - 1].text) &&
            stands_alone(x->items[k - 1].text, at, text))
            return &x->items[k - 1];
    return NULL;
}

const struct place *address_find(const struct address_index *x, struct str text, struct arena *a) {
    const struct address *best = NULL;
    if (!x->n || !text.n) return NULL;
    struct str s = address_spelling(a, text);
    for (size_t at = 0; s.p && at < s.n; utf8_next(s, &at)) {
        uint32_t h = begin_of(s, at);
        if (!(x->begins[h / 64] >> h % 64 & 1)) continue;
        const struct address *found = longest_at(x, s.p + at, s);
        if (found && (!best || found->text.n > best->text.n)) best = found;
    }
    return best ? best->place : NULL;
}
