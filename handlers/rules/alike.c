/* Grams of two matters compared: characters and pairs of them, weighed by TF-IDF. */
#include "rules/alike.h"

#include "base/utf8.h"
#include "rules/letters.h"

#include <math.h>
#include <stdlib.h>

/* Chosen by the labelled events that tests/bench/duplicates measures on and by some seventy more, found by hand. Not sensitive: from
 * 0.5 to 1, from 0.3 to 1 and from 3 to 8 the mean average precision of either moves by less than a hundredth. */
static const double title_share = 0.5;     /* the title's own grams, beside the whole's */
static const double expansion_share = 0.8; /* what the nearest say, beside the matter */
enum { NEAREST = 4 };

/* A packed weight is a fraction of this. */
enum { WEIGHT_ONE = 65535 };

/* ---- grams ---- */

/* Bits of both characters in all places (the finalizer of a 64-bit multiplicative hash). */
static uint32_t gram_of(uint32_t before, uint32_t c) {
    uint64_t h = ((uint64_t)before << 32 | c) * UINT64_C(0x9E3779B97F4A7C15);
    h = (h ^ (h >> 29)) * UINT64_C(0xBF58476D1CE4E5B9);
    return (uint32_t)(h >> 32);
}

static uint32_t bucket_of(uint32_t gram) { return gram % ALIKE_BUCKETS; }

/* A gram as it stands in a text; sorting brings the equal ones together, those of the title last. */
typedef uint64_t occurrence;
static occurrence occurrence_of(uint32_t gram, bool in_title) { return (uint64_t)gram << 1 | in_title; }

static size_t add_text(struct str s, bool in_title, occurrence *out) {
    size_t n = 0;
    uint32_t before = 0;
    for (size_t at = 0; at < s.n;) {
        uint32_t c = letter_fold(utf8_next(s, &at));
        if (!c) continue;
        out[n++] = occurrence_of(gram_of(0, c), in_title);
        if (before) out[n++] = occurrence_of(gram_of(before, c), in_title);
        before = c;
    }
    return n;
}

static int by_value(const void *x, const void *y) {
    occurrence a = *(const occurrence *)x, b = *(const occurrence *)y;
    return (a > b) - (a < b);
}

/* All grams of a matter, sorted. */
static occurrence *read_grams(struct arena *a, struct str title, struct str text, size_t *n) {
    occurrence *all = arena_array(a, title.n + text.n + 1, 2 * sizeof *all);
    if (!all) return NULL;
    *n = add_text(title, true, all);
    *n += add_text(text, false, all + *n);
    qsort(all, *n, sizeof *all, by_value);
    return all;
}

/* Where the run of equal grams from i on ends; *of_title are the title's. */
static size_t run_end(const occurrence *all, size_t n, size_t i, size_t *of_title) {
    uint64_t gram = all[i] >> 1;
    *of_title = 0;
    for (; i < n && all[i] >> 1 == gram; i++) *of_title += all[i] & 1;
    return i;
}

bool alike_count(struct arena *a, struct alike_counts *counts, struct str title, struct str text) {
    size_t n, of_title;
    const occurrence *all = read_grams(a, title, text, &n);
    if (!all) return false;
    counts->matters++;
    for (size_t i = 0; i < n; i = run_end(all, n, i, &of_title)) counts->in[bucket_of((uint32_t)(all[i] >> 1))]++;
    return true;
}

/* ---- weights ---- */

/* What a gram tells: much when few matters have it, nothing when all have. One never seen counts as seen once. */
static double rarity(const struct alike_counts *counts, uint32_t gram) {
    uint32_t in = counts->in[bucket_of(gram)];
    double value = log((counts->matters + 3.0) / ((in ? in : 1) + 1.0));
    return value > 0 ? value : 0;
}

/* The second and third time say less than the first. */
static double frequency(size_t times) { return times ? 1 + log((double)times) : 0; }

static double length_of(const struct alike_gram *g, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)g[i].weight * (double)g[i].weight;
    return sqrt(sum);
}

static void scale(struct alike_gram *g, size_t n, double by) {
    for (size_t i = 0; i < n; i++) g[i].weight = (float)(g[i].weight * by);
}

static void make_length_one(struct alike_gram *g, size_t n) {
    double length = length_of(g, n);
    if (length > 0) scale(g, n, 1 / length);
}

static int by_weight(const void *x, const void *y) {
    const struct alike_gram *a = x, *b = y;
    if (a->weight != b->weight) return a->weight < b->weight ? 1 : -1;
    return (a->gram > b->gram) - (a->gram < b->gram);
}

static int by_gram(const void *x, const void *y) {
    const struct alike_gram *a = x, *b = y;
    return (a->gram > b->gram) - (a->gram < b->gram);
}

/* Keeps the heaviest, in ascending order of grams. */
static size_t keep_heaviest(struct alike_gram *g, size_t n) {
    while (n > 0 && !(g[n - 1].weight > 0)) n--;
    if (n <= ALIKE_GRAMS_MAX) return n;
    qsort(g, n, sizeof *g, by_weight);
    qsort(g, ALIKE_GRAMS_MAX, sizeof *g, by_gram);
    return ALIKE_GRAMS_MAX;
}

bool alike_of(struct arena *a, const struct alike_counts *counts, struct str title, struct str text,
              struct alike *out) {
    size_t count, n = 0;
    const occurrence *all = read_grams(a, title, text, &count);
    struct alike_gram *whole = arena_array(a, count + 1, sizeof *whole);
    struct alike_gram *head = arena_array(a, count + 1, sizeof *head);
    if (!all || !whole || !head) return false;
    for (size_t i = 0, end, of_title; i < count; i = end) {
        end = run_end(all, count, i, &of_title);
        uint32_t gram = (uint32_t)(all[i] >> 1);
        double rare = rarity(counts, gram);
        if (!(rare > 0)) continue;
        whole[n] = (struct alike_gram){gram, (float)(frequency(end - i) * rare)};
        head[n++] = (struct alike_gram){gram, (float)(frequency(of_title) * rare)};
    }
    make_length_one(whole, n);
    make_length_one(head, n);
    for (size_t i = 0; i < n; i++) whole[i].weight += (float)(title_share * head[i].weight);
    n = keep_heaviest(whole, n);
    make_length_one(whole, n);
    *out = (struct alike){whole, n};
    return true;
}

/* ---- comparison ---- */

double alike_score(const struct alike *x, const struct alike *y) {
    double sum = 0;
    for (size_t i = 0, k = 0; i < x->n && k < y->n;) {
        uint32_t gx = x->grams[i].gram, gy = y->grams[k].gram;
        if (gx == gy) sum += (double)x->grams[i].weight * (double)y->grams[k].weight;
        i += gx <= gy;
        k += gy <= gx;
    }
    return sum > 1 ? 1 : sum;
}

/* The indices of the best scores, best first, at most NEAREST; those that share nothing are none. */
static size_t nearest_of(const double *score, size_t n, size_t nearest[NEAREST]) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(score[i] > 0)) continue;
        size_t at = count < NEAREST ? count++ : NEAREST;
        for (; at > 0 && score[i] > score[nearest[at - 1]]; at--)
            if (at < NEAREST) nearest[at] = nearest[at - 1];
        if (at < NEAREST) nearest[at] = i;
    }
    return count;
}

/* Equal grams next to each other become one; returns how many are left. */
static size_t join_equal(struct alike_gram *g, size_t n) {
    size_t out = 0;
    qsort(g, n, sizeof *g, by_gram);
    for (size_t i = 0; i < n; i++) {
        if (out && g[out - 1].gram == g[i].gram) g[out - 1].weight += g[i].weight;
        else g[out++] = g[i];
    }
    return out;
}

/* The matter with what the nearest of the others say, each by its score. */
static bool expand(struct arena *a, const struct alike *matter, const struct alike *others, const double *score,
                   const size_t *nearest, size_t count, struct alike *out) {
    size_t n = 0, total = matter->n;
    for (size_t i = 0; i < count; i++) total += others[nearest[i]].n;
    struct alike_gram *g = arena_array(a, total + 1, sizeof *g);
    if (!g) return false;
    for (size_t i = 0; i < count; i++) {
        const struct alike *other = &others[nearest[i]];
        for (size_t k = 0; k < other->n; k++)
            g[n++] = (struct alike_gram){other->grams[k].gram, (float)(score[nearest[i]] * other->grams[k].weight)};
    }
    n = join_equal(g, n);
    make_length_one(g, n);
    scale(g, n, expansion_share);
    if (matter->n) memcpy(g + n, matter->grams, matter->n * sizeof *g);
    n = join_equal(g, n + matter->n);
    make_length_one(g, n);
    *out = (struct alike){g, n};
    return true;
}

bool alike_rank(struct arena *a, const struct alike *matter, const struct alike *others, size_t n, double *score,
                double *order) {
    size_t nearest[NEAREST];
    struct alike wider;
    for (size_t i = 0; i < n; i++) score[i] = alike_score(matter, &others[i]);
    size_t count = nearest_of(score, n, nearest);
    if (!expand(a, matter, others, score, nearest, count, &wider)) return false;
    for (size_t i = 0; i < n; i++) order[i] = alike_score(&wider, &others[i]);
    return true;
}

double alike_near(double score, const struct nearness *by) {
    static const double same_place = 1.25, same_category = 1.1, half_life_days = 180;
    double value = score * (by->same_place ? same_place : 1) * (by->same_category ? same_category : 1);
    value *= exp2(-by->days / half_life_days);
    return value > 1 ? 1 : value;
}

/* ---- keys and bytes ---- */

size_t alike_keys(const struct alike *matter, struct alike_gram *keys, size_t max) {
    size_t count = 0;
    for (size_t i = 0; i < matter->n; i++) {
        size_t at = count < max ? count++ : max;
        for (; at > 0 && by_weight(&matter->grams[i], &keys[at - 1]) < 0; at--)
            if (at < max) keys[at] = keys[at - 1];
        if (at < max) keys[at] = matter->grams[i];
    }
    return count;
}

size_t alike_pack(const struct alike *matter, unsigned char out[ALIKE_PACKED_MAX]) {
    size_t n = 0;
    for (size_t i = 0; i < matter->n && i < ALIKE_GRAMS_MAX; i++) {
        uint32_t gram = matter->grams[i].gram;
        double rounded = floor((double)matter->grams[i].weight * WEIGHT_ONE + 0.5);
        unsigned weight = rounded < 1 ? 1 : rounded > WEIGHT_ONE ? WEIGHT_ONE : (unsigned)rounded;
        for (int shift = 24; shift >= 0; shift -= 8) out[n++] = (unsigned char)(gram >> shift);
        out[n++] = (unsigned char)(weight >> 8);
        out[n++] = (unsigned char)weight;
    }
    return n;
}

bool alike_unpack(struct arena *a, struct str packed, struct alike *out) {
    static const double rounding = 0.01;
    size_t n = packed.n / ALIKE_GRAM_BYTES;
    if (packed.n % ALIKE_GRAM_BYTES || n > ALIKE_GRAMS_MAX) return false;
    struct alike_gram *g = arena_array(a, n + 1, sizeof *g);
    if (!g) return false;
    for (size_t i = 0; i < n; i++) {
        const unsigned char *p = (const unsigned char *)packed.p + i * ALIKE_GRAM_BYTES;
        unsigned weight = (unsigned)p[4] << 8 | p[5];
        g[i].gram = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        g[i].weight = (float)weight / WEIGHT_ONE;
        if (!weight || (i && g[i].gram <= g[i - 1].gram)) return false;
    }
    if (n && fabs(length_of(g, n) - 1) > rounding) return false;
    *out = (struct alike){g, n};
    return true;
}
