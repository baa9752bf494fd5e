/* From n-grams to guesses. */
#include "rules/classifier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- terms ---- */

bool vocabulary_index(struct arena *a, struct vocabulary *v) {
    uint32_t *first = arena_array(a, VOCABULARY_SLICES + 1, sizeof *first);
    if (!first) return false;
    for (size_t slice = 0, at = 0; slice <= VOCABULARY_SLICES; slice++) {
        while (at < v->count && v->hashes[at] >> 16 < slice) at++;
        first[slice] = (uint32_t)at;
    }
    v->first = first;
    return true;
}

bool vocabulary_find(const struct vocabulary *v, uint32_t hash, uint32_t *id) {
    uint32_t at = v->first[hash >> 16], end = v->first[(hash >> 16) + 1];
    while (at < end && v->hashes[at] < hash) at++;
    *id = at;
    return at < end && v->hashes[at] == hash;
}

size_t vocabulary_terms(const struct vocabulary *v, const struct feature *features, size_t count, struct term *terms) {
    double squares[BLOCK_COUNT] = {0};
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        struct term t = {.feature = (uint32_t)i};
        if (!vocabulary_find(v, features[i].hash, &t.id)) continue;
        t.value = (1 + logf(features[i].count)) * v->scales[t.id];
        squares[features[i].block] += (double)t.value * t.value;
        terms[n++] = t;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned block = features[terms[i].feature].block;
        if (squares[block] > 0) terms[i].value *= v->block_weight[block] / (float)sqrt(squares[block]);
    }
    return n;
}

/* ---- scores and probabilities ---- */

static const int16_t *weights_of(const struct classifier *c, const struct term *t) {
    return c->weights + (size_t)t->id * c->categories;
}

void classifier_scores(const struct classifier *c, const struct term *terms, size_t count, double *scores) {
    for (size_t k = 0; k < c->categories; k++) scores[k] = 0;
    for (size_t i = 0; i < count; i++) {
        const int16_t *w = weights_of(c, &terms[i]);
        for (size_t k = 0; k < c->categories; k++) scores[k] += (double)terms[i].value * w[k];
    }
    for (size_t k = 0; k < c->categories; k++) scores[k] = scores[k] * c->step + c->bias[k];
}

/* The indices of the best scores, best first; of equal ones the earlier category. */
static size_t best_scores(const double *scores, size_t categories, const bool *usable,
                          size_t best[CLASSIFIER_GUESSES]) {
    size_t n = 0;
    for (size_t k = 0; k < categories; k++) {
        if (usable && !usable[k]) continue;
        size_t at = n < CLASSIFIER_GUESSES ? n++ : CLASSIFIER_GUESSES;
        for (; at > 0 && scores[k] > scores[best[at - 1]]; at--)
            if (at < CLASSIFIER_GUESSES) best[at] = best[at - 1];
        if (at < CLASSIFIER_GUESSES) best[at] = k;
    }
    return n;
}

/* From scores to probabilities, in place. */
static void set_probabilities(double *scores, size_t categories, double sharpness) {
    double best = scores[0], sum = 0;
    for (size_t k = 1; k < categories; k++) best = fmax(best, scores[k]);
    for (size_t k = 0; k < categories; k++) sum += scores[k] = exp((scores[k] - best) * sharpness);
    for (size_t k = 0; k < categories; k++) scores[k] /= sum;
}

/* ---- the words that spoke for a guess ---- */

struct phrase {
    size_t from, to; /* symbols */
    double weight;
};

enum { PHRASE_SYMBOLS = 12 };
/* A character is part of a phrase when it says at least so much of what the strongest one says. */
static const double PHRASE_SHARE = 0.25;

/* What each symbol says for category k against rival: an n-gram's weight, parted among its occurrences and their characters. */
static void speak(const struct classifier *c, const struct features *f, const struct term *terms, size_t count,
                  size_t k, size_t rival, double *by_feature, double *by_symbol) {
    memset(by_feature, 0, f->count * sizeof *by_feature);
    memset(by_symbol, 0, f->symbol_count * sizeof *by_symbol);
    for (size_t i = 0; i < count; i++) {
        const int16_t *w = weights_of(c, &terms[i]);
        by_feature[terms[i].feature] = (double)terms[i].value * (w[k] - w[rival]) / f->list[terms[i].feature].count;
    }
    for (size_t g = 0; g < f->gram_count; g++) {
        const struct gram *gram = &f->grams[g];
        for (size_t i = 0; i < gram->length; i++) by_symbol[gram->at + i] += by_feature[gram->feature] / gram->length;
    }
}

static struct str phrase_text(const struct features *f, const struct phrase *p) {
    uint32_t from = f->symbols[p->from].from, to = f->symbols[p->to - 1].to;
    return (struct str){f->message.p + from, to - from};
}

/* Punctuation joins nothing and is no word. */
static bool is_mark(uint32_t c) {
    bool letter = (c >= 'a' && c <= 'z') || c == '0' || c >= 0x3400;
    return !letter || c >= 0xFE10;
}

/* Keeps the strongest phrases, each text once. */
static void keep_phrase(const struct features *f, struct phrase *kept, size_t *n, struct phrase p) {
    size_t same = 0;
    while (same < *n && !str_eq(phrase_text(f, &kept[same]), phrase_text(f, &p))) same++;
    if (same < *n) {
        p.weight += kept[same].weight;
        memmove(kept + same, kept + same + 1, (*n - same - 1) * sizeof *kept);
        (*n)--;
    }
    size_t at = *n;
    while (at > 0 && p.weight > kept[at - 1].weight) at--;
    if (at >= CLASSIFIER_WORDS) return;
    if (*n < CLASSIFIER_WORDS) (*n)++;
    memmove(kept + at + 1, kept + at, (*n - at - 1) * sizeof *kept);
    kept[at] = p;
}

static void find_words(const struct features *f, const double *by_symbol, struct guess *out) {
    double strongest = 0;
    for (size_t i = 0; i < f->symbol_count; i++)
        if (!is_mark(f->symbols[i].code) && by_symbol[i] > strongest) strongest = by_symbol[i];
    struct phrase kept[CLASSIFIER_WORDS], now = {0};
    size_t n = 0;
    for (size_t i = 0; i <= f->symbol_count && strongest > 0; i++) {
        bool says = i < f->symbol_count && !is_mark(f->symbols[i].code) && by_symbol[i] >= PHRASE_SHARE * strongest;
        if (now.to > now.from && (!says || i - now.from == PHRASE_SYMBOLS)) {
            if (now.to - now.from > 1) keep_phrase(f, kept, &n, now); /* one character alone is rarely a word */
            now = (struct phrase){0};
        }
        if (!says) continue;
        if (now.to == now.from) now.from = i;
        now.to = i + 1;
        now.weight += by_symbol[i];
    }
    for (size_t i = 0; i < n; i++) out->words[i] = phrase_text(f, &kept[i]);
    out->word_count = n;
}

/* ---- all together ---- */

bool classify(struct arena *a, const struct classifier *c, struct str title, struct str text, const bool *usable,
              struct classified *out) {
    *out = (struct classified){0};
    struct features f;
    if (!features_of(a, &c->settings, title, text, &f)) return false;
    struct term *terms = arena_array(a, f.count + 1, sizeof *terms);
    double *scores = arena_array(a, c->categories, sizeof *scores),
           *by_feature = arena_array(a, f.count + 1, sizeof *by_feature);
    double *by_symbol = arena_array(a, f.symbol_count + 1, sizeof *by_symbol);
    if (!terms || !scores || !by_feature || !by_symbol) return false;
    size_t count = vocabulary_terms(&c->vocabulary, f.list, f.count, terms), best[CLASSIFIER_GUESSES] = {0};
    classifier_scores(c, terms, count, scores);
    out->count = best_scores(scores, c->categories, usable, best);
    set_probabilities(scores, c->categories, c->sharpness);
    out->probabilities = scores;
    for (size_t i = 0; i < out->count; i++) {
        struct guess *g = &out->guesses[i];
        g->category = str_of(c->codes[best[i]]);
        g->probability = scores[best[i]];
        speak(c, &f, terms, count, best[i], best[i == 0 ? out->count > 1 : 0], by_feature, by_symbol);
        find_words(&f, by_symbol, g);
    }
    return true;
}
