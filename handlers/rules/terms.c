/* Terms of matters and of searches. */
#include "rules/terms.h"

#include "base/num.h"
#include "base/utf8.h"
#include "rules/letters.h"

#include <stdlib.h>

enum {
    KIND_SHIFT = 56,
    LETTER_BITS = 21,
    TAIL_BITS = 27, /* of a number, below its day */
    DAY_DIGITS = 8,
    TAIL_DIGITS_LEAST = 4, /* that somebody means a number by */
    TAIL_DIGITS_MOST = 8,
    CELL_SIZE = 10000, /* millionths of a degree */
    AREA_SIZE = 100000,
    COLUMN_BITS = 20,
};

int64_t term_of(enum term_kind kind, int64_t value) { return (int64_t)kind << KIND_SHIFT | value; }

/* ---- letters ---- */

static int64_t letters(uint32_t before, uint32_t c) {
    return term_of(TERM_LETTERS, (int64_t)before << LETTER_BITS | c);
}

size_t term_letters(struct str text, int64_t *out) {
    size_t n = 0;
    uint32_t before = 0;
    for (size_t at = 0; at < text.n;) {
        uint32_t c = letter_fold(utf8_next(text, &at));
        if (!c) continue;
        out[n++] = letters(0, c);
        if (before) out[n++] = letters(before, c);
        before = c;
    }
    return n;
}

static int by_value(const void *x, const void *y) {
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

size_t term_sort(int64_t *terms, size_t n) {
    size_t kept = 0;
    qsort(terms, n, sizeof *terms, by_value);
    for (size_t i = 0; i < n; i++)
        if (!kept || terms[kept - 1] != terms[i]) terms[kept++] = terms[i];
    return kept;
}

/* ---- numbers for people: 20261124-000123 ---- */

/* Digits and nothing else, zeros before them too. */
static bool read_digits(const char *p, size_t n, size_t most, int64_t *out) {
    *out = 0;
    if (!n || n > most) return false;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9') return false;
        *out = *out * 10 + (p[i] - '0');
    }
    return true;
}

static bool read_number(struct str number, int64_t *day, int64_t *tail) {
    return number.n > DAY_DIGITS + 1 && number.p[DAY_DIGITS] == '-' &&
           read_digits(number.p, DAY_DIGITS, DAY_DIGITS, day) &&
           read_digits(number.p + DAY_DIGITS + 1, number.n - DAY_DIGITS - 1, TAIL_DIGITS_MOST, tail);
}

static int64_t number_term(int64_t day, int64_t tail) { return term_of(TERM_NUMBER, day << TAIL_BITS | tail); }

/* ---- places on the map ---- */

static int64_t square(enum term_kind kind, int64_t column, int64_t row) {
    return term_of(kind, row << COLUMN_BITS | column);
}

/* ---- a matter ---- */

struct traits {
    int64_t *out;
    size_t n;
};

static void add(struct traits *t, int64_t term) {
    if (t->n < TERM_TRAITS_MAX) t->out[t->n++] = term;
}

/* 0 is none of these. */
static void add_value(struct traits *t, enum term_kind kind, int64_t value) {
    if (value) add(t, term_of(kind, value));
}

static void add_point(struct traits *t, const struct term_matter *m) {
    int64_t lng = m->lng ? m->lng : m->place ? m->place->lng : 0, lat = m->lng ? m->lat : m->place ? m->place->lat : 0;
    if (lng <= 0 || lat <= 0) return;
    add(t, square(TERM_CELL, lng / CELL_SIZE, lat / CELL_SIZE));
    add(t, square(TERM_AREA, lng / AREA_SIZE, lat / AREA_SIZE));
}

static void add_parts(struct traits *t, struct str parts) {
    while (parts.n) {
        const char *end = memchr(parts.p, ',', parts.n);
        size_t n = end ? (size_t)(end - parts.p) : parts.n, skip = end ? n + 1 : n;
        int64_t unit;
        if (num_i64((struct str){parts.p, n}, 1, INT32_MAX, &unit)) add(t, term_of(TERM_PART, unit));
        parts = (struct str){parts.p + skip, parts.n - skip};
    }
}

size_t term_traits(const struct term_matter *m, int64_t out[TERM_TRAITS_MAX]) {
    struct traits t = {out, 0};
    int64_t day, tail;
    if (read_number(m->number, &day, &tail)) {
        add(&t, number_term(day, tail));
        add(&t, term_of(TERM_TAIL, tail));
    }
    add_value(&t, TERM_STATE, m->state);
    add(&t, term_of(TERM_OPEN, term_whether(m->is_open)));
    add(&t, term_of(TERM_OVERDUE, term_whether(m->overdue)));
    add_value(&t, TERM_KIND, m->kind);
    add_value(&t, TERM_TIER, m->tier);
    add_value(&t, TERM_CHANNEL, m->channel);
    add(&t, term_of(TERM_URGENCY, m->urgency));
    add_value(&t, TERM_OUTCOME, m->outcome);
    if (m->stars || m->state == STATE_CLOSED) add(&t, term_of(TERM_STARS, m->stars));
    add_value(&t, TERM_WEIGHT, m->weight);
    add_point(&t, m);
    if (m->holder) add(&t, term_of(TERM_HOLDER, m->holder->id));
    if (m->first) add(&t, term_of(TERM_FIRST, m->first->id));
    for (const struct unit *u = m->holder; u; u = u->parent) add(&t, term_of(TERM_BELOW, u->id));
    for (const struct category *c = m->category; c; c = c->parent) add(&t, term_of(TERM_CATEGORY, c->id));
    add_parts(&t, m->parts);
    return term_sort(out, t.n);
}

/* ---- a search ---- */

static struct term_group *new_group(struct term_search *s) {
    if (s->n == TERM_GROUPS_MAX) return NULL;
    struct term_group *g = &s->groups[s->n++];
    g->n = 0;
    return g;
}

bool term_need(struct term_search *s, enum term_kind kind, int64_t value) {
    struct term_group *g = new_group(s);
    if (!g) return false;
    g->any[g->n++] = term_of(kind, value);
    return true;
}

/* Letters between two that part words. */
struct typed {
    const uint32_t *letters;
    size_t n;
};

/* Digits alone may be the end of a number: then either is good. 0: none. */
static int64_t tail_of(struct typed w) {
    char digits[TAIL_DIGITS_MOST];
    int64_t tail;
    if (w.n < TAIL_DIGITS_LEAST || w.n > TAIL_DIGITS_MOST) return 0;
    for (size_t i = 0; i < w.n; i++) digits[i] = w.letters[i] < 0x80 ? (char)w.letters[i] : 0;
    return read_digits(digits, w.n, TAIL_DIGITS_MOST, &tail) ? term_of(TERM_TAIL, tail) : 0;
}

/* A pair, or the letter of a word that is only one. */
struct wanted {
    int64_t letters, tail;
};

static size_t read_word(struct typed w, struct wanted *out) {
    int64_t tail = tail_of(w);
    if (w.n == 1) out[0] = (struct wanted){letters(0, w.letters[0]), 0};
    for (size_t i = 1; i < w.n; i++) out[i - 1] = (struct wanted){letters(w.letters[i - 1], w.letters[i]), tail};
    return w.n > 1 ? w.n - 1 : w.n;
}

enum { QUERY_LETTERS_MAX = 200 };

/* All pairs of all words, in their order. */
static size_t read_words(struct str q, struct wanted *out) {
    uint32_t word[QUERY_LETTERS_MAX];
    size_t length = 0, n = 0, read = 0;
    for (size_t at = 0; at < q.n && read < QUERY_LETTERS_MAX; read++) {
        uint32_t c = letter_fold(utf8_next(q, &at));
        if (c) word[length++] = c;
        if (c && at < q.n) continue;
        n += read_word((struct typed){word, length}, out + n);
        length = 0;
    }
    return n + read_word((struct typed){word, length}, out + n);
}

bool term_need_text(struct term_search *s, struct str q) {
    struct wanted wanted[QUERY_LETTERS_MAX];
    int64_t day, tail;
    if (read_number(utf8_trim(q), &day, &tail)) {
        struct term_group *g = new_group(s);
        if (g) g->any[g->n++] = number_term(day, tail);
        return g != NULL;
    }
    size_t n = read_words(q, wanted), taken = n < TERM_LETTERS_MAX ? n : TERM_LETTERS_MAX;
    for (size_t i = 0; i < taken; i++) {
        const struct wanted *one = &wanted[i * n / taken];
        struct term_group *g = new_group(s);
        if (!g) return false;
        g->any[g->n++] = one->letters;
        if (one->tail) g->any[g->n++] = one->tail;
    }
    return n > 0;
}

/* Nothing lies west of Greenwich or south of the equator (add_point): there the rectangle is as good as on the line. */
static int64_t column_of(int64_t degrees, int64_t size) { return degrees > 0 ? degrees / size : 0; }

static bool need_squares(struct term_search *s, enum term_kind kind, const int64_t first[2], const int64_t last[2]) {
    struct term_group *g = new_group(s);
    if (!g) return false;
    for (int64_t row = first[1]; row <= last[1]; row++)
        for (int64_t column = first[0]; column <= last[0]; column++) g->any[g->n++] = square(kind, column, row);
    return true;
}

bool term_need_box(struct term_search *s, int64_t west, int64_t south, int64_t east, int64_t north) {
    static const struct {
        enum term_kind kind;
        int64_t size;
    } sizes[] = {{TERM_CELL, CELL_SIZE}, {TERM_AREA, AREA_SIZE}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int64_t size = sizes[i].size, first[2] = {column_of(west, size), column_of(south, size)},
                      last[2] = {column_of(east, size), column_of(north, size)};
        if ((last[0] - first[0] + 1) * (last[1] - first[1] + 1) > TERM_ANY_MAX) continue;
        return need_squares(s, sizes[i].kind, first, last);
    }
    return true;
}
