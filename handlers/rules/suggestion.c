/* From a model's probabilities to the district's tree, and to the text that is kept. */
#include "rules/suggestion.h"

#include "base/num.h"
#include "base/utf8.h"

#include <math.h>

enum { WORD_CHARACTERS = 12, PROBABILITY_ONE = 10000 };

/* ---- in the tree ---- */

static size_t level_of(const struct category *c) {
    size_t level = 0;
    while ((c = c->parent)) level++;
    return level;
}

/* The lowest category that is sure. Above a half there is one on each level at most, each below the one before. */
static const struct category *lowest_sure(const struct district *d, const double *likely, double sure) {
    const struct category *best = NULL;
    for (size_t i = 0; i < d->category_count; i++) {
        const struct category *c = &d->categories[i];
        if (c->active && likely[i] >= sure && (!best || level_of(c) > level_of(best))) best = c;
    }
    return best;
}

/* A phrase may reach over line breaks, and a number in it may be of any length. */
static struct str plain_word(struct arena *a, struct str word) {
    char *plain = arena_dup(a, utf8_prefix(word, WORD_CHARACTERS));
    size_t n = 0;
    for (const char *p = plain; p && *p; p++)
        if ((unsigned char)*p > ' ') plain[n++] = *p;
    return (struct str){plain, n};
}

static bool take_guess(struct arena *a, const struct category *c, const struct guess *from, struct suggested *to) {
    *to = (struct suggested){.category_id = c->id, .probability = from->probability, .word_count = from->word_count};
    for (size_t w = 0; w < from->word_count; w++)
        if (!(to->words[w] = plain_word(a, from->words[w])).p) return false;
    return true;
}

bool suggest(struct arena *a, const struct district *d, const struct classifier *m, struct str title, struct str text,
             double sure, struct suggestion *out) {
    *out = (struct suggestion){.model = m->id};
    const struct category **of = arena_array(a, m->categories, sizeof *of);
    bool *usable = arena_array(a, m->categories, sizeof *usable);
    double *likely = arena_array(a, d->category_count + 1, sizeof *likely);
    struct classified got;
    if (!of || !usable || !likely) return false;
    for (size_t k = 0; k < m->categories; k++) usable[k] = (of[k] = category_by_code(d, str_of(m->codes[k]))) != NULL;
    if (!classify(a, m, title, text, usable, &got)) return false;
    for (size_t k = 0; k < m->categories; k++)
        for (const struct category *c = of[k]; c; c = c->parent) likely[c - d->categories] += got.probabilities[k];
    out->category = lowest_sure(d, likely, sure);
    if (out->category) out->probability = fmin(likely[out->category - d->categories], 1);
    for (size_t i = 0; i < got.count; i++) {
        const struct category *c = category_by_code(d, got.guesses[i].category);
        if (!take_guess(a, c, &got.guesses[i], &out->guesses[out->count++])) return false;
        if (i == 0 && c == out->category) break;
    }
    return true;
}

/* ---- as text ---- */

bool suggestion_write(const struct suggestion *s, struct buf *b) {
    buf_printf(b, "%08x\t%ld", (unsigned)s->model, lrint(s->probability * PROBABILITY_ONE));
    for (size_t i = 0; i < s->count; i++) {
        const struct suggested *g = &s->guesses[i];
        buf_printf(b, "\n%lld\t%ld", (long long)g->category_id, lrint(g->probability * PROBABILITY_ONE));
        for (size_t w = 0; w < g->word_count; w++) {
            buf_add_char(b, '\t');
            buf_add_str(b, g->words[w]);
        }
    }
    return !b->failed;
}

/* Up to the mark, which is skipped; the rest of the text without one. */
static struct str cut(struct str *rest, char mark) {
    const char *end = rest->n ? memchr(rest->p, mark, rest->n) : NULL;
    struct str first = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
    size_t skip = first.n + (end ? 1 : 0);
    *rest = (struct str){rest->p + skip, rest->n - skip};
    return first;
}

static bool read_probability(struct str s, double *out) {
    int64_t n;
    if (!num_i64(s, 0, PROBABILITY_ONE, &n)) return false;
    *out = (double)n / PROBABILITY_ONE;
    return true;
}

static bool read_model(struct str s, uint32_t *out) {
    *out = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *digits = "0123456789abcdef", *digit = memchr(digits, s.p[i], 16);
        if (!digit) return false;
        *out = *out << 4 | (uint32_t)(digit - digits);
    }
    return s.n == 8;
}

static bool read_guess(struct str line, struct suggested *out) {
    *out = (struct suggested){0};
    if (!num_i64(cut(&line, '\t'), 1, INT64_MAX, &out->category_id) ||
        !read_probability(cut(&line, '\t'), &out->probability))
        return false;
    while (line.n) {
        struct str word = cut(&line, '\t');
        if (!word.n || out->word_count == CLASSIFIER_WORDS) return false;
        out->words[out->word_count++] = word;
    }
    return true;
}

bool suggestion_read(struct str text, struct suggestion *out) {
    *out = (struct suggestion){0};
    struct str line = cut(&text, '\n');
    if (!read_model(cut(&line, '\t'), &out->model) || !read_probability(line, &out->probability)) return false;
    while (text.n) {
        if (out->count == CLASSIFIER_GUESSES || !read_guess(cut(&text, '\n'), &out->guesses[out->count++]))
            return false;
    }
    return true;
}
