/* minhuctl train: fits a model. A support vector machine for all categories at once (Crammer and Singer's) over n-grams that are
 * weighted by how much they tell; how sure it may be is measured on rows that were held out. */
#include "train.h"

#include <linear.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FREQUENCY_MIN = 2,      /* an n-gram of one message alone says nothing of others */
    RARE = 10,              /* an n-gram of so few messages is a sign that they are nearly alike */
    WEIGHTS_MAX = 16 << 20, /* n-grams × categories; bounds the file to 32 MiB and some */
    SEARCH_STEPS = 60
};
/* Chosen by cross-validation over some thousand messages to a government. */
static const struct feature_settings SETTINGS = {.gram_max = {[BLOCK_WHOLE] = 2, [BLOCK_HEAD] = 3}, .head = 25};
static const float BLOCK_WEIGHT[BLOCK_COUNT] = {[BLOCK_WHOLE] = 1, [BLOCK_HEAD] = 0.7F};
static const double COST = 0.5, TOLERANCE = 0.1;
/* A scale is idf × information^POWER; PRIOR rows of the general mixture are mixed into an n-gram's own counts. */
static const double POWER = 0.25, PRIOR = 2;

static const double SURE_RIGHT = 0.975, SOFTER = 0.98, SOFTEST = 0.9;

struct fit {
    struct arena *arena;
    struct cases *cases;
    struct vocabulary vocabulary;
    const uint32_t *frequency; /* of each n-gram, in all rows */
    float *scales;
    uint32_t *counts; /* n-grams × categories */
    struct term *terms;
    struct feature_node *nodes; /* room for all terms of all rows */
    struct feature_node **starts;
    double *labels;
    double *weights; /* n-grams × categories, of the last fit */
    double *bias;
};

/* ---- the n-grams ---- */

static bool read_features(struct fit *f) {
    struct arena scratch;
    bool good = true;
    arena_init(&scratch, (size_t)256 << 20);
    for (size_t i = 0; good && i < f->cases->n; i++) {
        struct case_row *row = &f->cases->rows[i];
        struct features all;
        arena_reset(&scratch);
        good = features_of(&scratch, &SETTINGS, row->title, row->text, &all);
        struct feature *kept = good ? arena_array(f->arena, all.count + 1, sizeof *kept) : NULL;
        if (kept) memcpy(kept, all.list, all.count * sizeof *kept);
        good = kept != NULL;
        row->features = kept;
        row->feature_count = good ? all.count : 0;
    }
    arena_free(&scratch);
    return good;
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* How many of the runs in the sorted hashes are at least so long; where they go is told by out, unless it is NULL. */
static size_t take_runs(const uint32_t *hashes, size_t n, size_t least, uint32_t *out, uint32_t *lengths) {
    size_t runs = 0;
    for (size_t at = 0, end; at < n; at = end) {
        for (end = at + 1; end < n && hashes[end] == hashes[at];) end++;
        if (end - at < least) continue;
        if (out) {
            out[runs] = hashes[at];
            lengths[runs] = (uint32_t)(end - at);
        }
        runs++;
    }
    return runs;
}

static bool make_vocabulary(struct fit *f, size_t *total) {
    struct arena scratch;
    *total = 0;
    for (size_t i = 0; i < f->cases->n; i++) *total += f->cases->rows[i].feature_count;
    arena_init(&scratch, (*total + 1) * sizeof(uint32_t) + 64);
    uint32_t *all = arena_array(&scratch, *total + 1, sizeof *all), *hashes = NULL, *frequency = NULL;
    size_t n = 0, least = FREQUENCY_MIN;
    for (size_t i = 0; all && i < f->cases->n; i++)
        for (size_t k = 0; k < f->cases->rows[i].feature_count; k++) all[n++] = f->cases->rows[i].features[k].hash;
    if (all) {
        qsort(all, n, sizeof *all, ascending);
        while ((f->vocabulary.count = take_runs(all, n, least, NULL, NULL)) * f->cases->categories > WEIGHTS_MAX)
            least++;
        hashes = arena_array(f->arena, f->vocabulary.count + 1, sizeof *hashes);
        frequency = arena_array(f->arena, f->vocabulary.count + 1, sizeof *frequency);
        if (hashes && frequency) take_runs(all, n, least, hashes, frequency);
    }
    arena_free(&scratch);
    f->vocabulary.hashes = hashes;
    f->frequency = frequency;
    memcpy(f->vocabulary.block_weight, BLOCK_WEIGHT, sizeof BLOCK_WEIGHT);
    return hashes && frequency && vocabulary_index(f->arena, &f->vocabulary);
}

/* The fold of a row is drawn by its least rare n-gram's hash, which messages that are nearly alike share mostly. */
static void draw_folds(struct fit *f) {
    for (size_t i = 0; i < f->cases->n; i++) {
        struct case_row *row = &f->cases->rows[i];
        uint32_t least = UINT32_MAX, id;
        for (size_t k = 0; k < row->feature_count; k++) {
            uint32_t turned = row->features[k].hash *
                              2654435761U; /* another order than that of the hashes themselves */
            if (turned < least && vocabulary_find(&f->vocabulary, row->features[k].hash, &id) &&
                f->frequency[id] <= RARE)
                least = turned;
        }
        row->fold = least == UINT32_MAX ? (uint32_t)i % TRAIN_FOLDS : (least >> 8) % TRAIN_FOLDS;
    }
}

static bool make_room(struct fit *f, size_t total) {
    size_t rows = f->cases->n, weights = f->vocabulary.count * f->cases->categories;
    f->scales = arena_array(f->arena, f->vocabulary.count, sizeof *f->scales);
    f->counts = arena_array(f->arena, weights, sizeof *f->counts);
    f->weights = arena_array(f->arena, weights, sizeof *f->weights);
    f->bias = arena_array(f->arena, f->cases->categories, sizeof *f->bias);
    f->nodes = arena_array(f->arena, total + 2 * rows, sizeof *f->nodes);
    f->starts = arena_array(f->arena, rows, sizeof *f->starts);
    f->labels = arena_array(f->arena, rows, sizeof *f->labels);
    size_t longest = 0;
    for (size_t i = 0; i < rows; i++)
        if (f->cases->rows[i].feature_count > longest) longest = f->cases->rows[i].feature_count;
    f->terms = arena_array(f->arena, longest + 1, sizeof *f->terms);
    f->vocabulary.scales = f->scales;
    return f->scales && f->counts && f->weights && f->bias && f->nodes && f->starts && f->labels && f->terms;
}

/* ---- one fit ---- */

/* A fold that is left out, or TRAIN_FOLDS: none is. */
static bool is_in(const struct case_row *row, uint32_t left_out) { return row->fold != left_out; }

/* Scales from the rows that are in: how rare the n-gram is, and how far its categories are from the general mixture. */
static void set_scales(struct fit *f, uint32_t left_out, double *mixture) {
    size_t categories = f->cases->categories, rows = 0;
    memset(f->counts, 0, f->vocabulary.count * categories * sizeof *f->counts);
    for (size_t k = 0; k < categories; k++) mixture[k] = 0;
    for (size_t i = 0; i < f->cases->n; i++) {
        const struct case_row *row = &f->cases->rows[i];
        uint32_t id;
        if (!is_in(row, left_out)) continue;
        rows++;
        mixture[row->label]++;
        for (size_t k = 0; k < row->feature_count; k++)
            if (vocabulary_find(&f->vocabulary, row->features[k].hash, &id)) f->counts[id * categories + row->label]++;
    }
    for (size_t k = 0; k < categories; k++) mixture[k] /= (double)rows;
    for (size_t id = 0; id < f->vocabulary.count; id++) {
        const uint32_t *n = f->counts + id * categories;
        double all = 0, information = 0;
        for (size_t k = 0; k < categories; k++) all += n[k];
        for (size_t k = 0; k < categories; k++) {
            double share = (n[k] + PRIOR * mixture[k]) / (all + PRIOR);
            if (share > 0) information += share * log(share / mixture[k]);
        }
        double rarity = log((1 + (double)rows) / (1 + all)) + 1;
        f->scales[id] = all > 0 ? (float)(rarity * pow(fmax(information, 1e-6), POWER)) : 0;
    }
}

static void no_output(const char *text) { (void)text; }

/* liblinear's rows: an index from 1 and a value each, the bias last, then the end. */
static struct problem make_problem(struct fit *f, uint32_t left_out) {
    struct problem p = {.n = (int)f->vocabulary.count + 1, .bias = 1, .y = f->labels, .x = f->starts};
    struct feature_node *node = f->nodes;
    for (size_t i = 0; i < f->cases->n; i++) {
        const struct case_row *row = &f->cases->rows[i];
        if (!is_in(row, left_out)) continue;
        f->starts[p.l] = node;
        f->labels[p.l++] = row->label;
        size_t n = vocabulary_terms(&f->vocabulary, row->features, row->feature_count, f->terms);
        for (size_t k = 0; k < n; k++) *node++ = (struct feature_node){(int)f->terms[k].id + 1, f->terms[k].value};
        *node++ = (struct feature_node){p.n, p.bias};
        *node++ = (struct feature_node){-1, 0};
    }
    return p;
}

static const char *fit_once(struct fit *f, uint32_t left_out, double *scratch) {
    size_t categories = f->cases->categories;
    set_scales(f, left_out, scratch);
    struct problem problem = make_problem(f, left_out);
    struct parameter how = {.solver_type = MCSVM_CS, .eps = TOLERANCE, .C = COST};
    const char *why = check_parameter(&problem, &how);
    if (why) return why;
    struct model *m = train(&problem, &how);
    if (!m) return "no memory";
    memset(f->weights, 0, f->vocabulary.count * categories * sizeof *f->weights);
    for (size_t k = 0; k < categories; k++) f->bias[k] = -1000; /* a category without a row is none's */
    for (size_t j = 0; j < (size_t)m->nr_class; j++) {
        size_t label = (size_t)m->label[j], step = (size_t)m->nr_class;
        for (size_t id = 0; id < f->vocabulary.count; id++) f->weights[id * categories + label] = m->w[id * step + j];
        f->bias[label] = m->w[f->vocabulary.count * step + j] * problem.bias;
    }
    free_and_destroy_model(&m);
    return NULL;
}

/* ---- the model ---- */

/* The last fit as a model, its weights in 16 bits. */
static const char *make_model(struct fit *f, struct classifier *out) {
    size_t n = f->vocabulary.count * f->cases->categories;
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(f->weights[i]));
    int16_t *weights = arena_array(f->arena, n, sizeof *weights);
    float *bias = arena_array(f->arena, f->cases->categories, sizeof *bias);
    if (!weights || !bias) return "no memory";
    double step = most > 0 ? most / INT16_MAX : 1;
    for (size_t i = 0; i < n; i++) weights[i] = (int16_t)lrint(f->weights[i] / step);
    for (size_t k = 0; k < f->cases->categories; k++) bias[k] = (float)f->bias[k];
    out->settings = SETTINGS;
    out->vocabulary = f->vocabulary;
    out->categories = f->cases->categories;
    out->codes = (const char(*)[CLASSIFIER_CODE_MAX])f->cases->codes;
    out->weights = weights;
    out->bias = bias;
    out->step = (float)step;
    return NULL;
}

/* ---- how sure it may be ---- */

struct held_out {
    const struct cases *cases;
    double *scores; /* judged rows × categories, each row by a fit that had not seen it */
};

/* The logarithm of what is left over: best score and the sum of all, each sharpened. */
static double log_sum(const double *scores, size_t n, double sharpness) {
    double best = scores[0], sum = 0;
    for (size_t k = 1; k < n; k++) best = fmax(best, scores[k]);
    for (size_t k = 0; k < n; k++) sum += exp((scores[k] - best) * sharpness);
    return best * sharpness + log(sum);
}

/* How surprising the truth is to a model of this sharpness: what calibration makes as small as it gets. */
static double surprise(const struct held_out *h, double sharpness) {
    double sum = 0;
    size_t categories = h->cases->categories;
    for (size_t i = 0; i < h->cases->judged; i++) {
        const double *s = h->scores + i * categories;
        sum += log_sum(s, categories, sharpness) - s[h->cases->rows[i].label] * sharpness;
    }
    return sum;
}

/* The surprise has one minimum: golden section over the logarithm of the sharpness. */
static double best_sharpness(const struct held_out *h) {
    const double golden = (sqrt(5) - 1) / 2;
    double low = log(0.1), high = log(100);
    for (int i = 0; i < SEARCH_STEPS; i++) {
        double left = high - golden * (high - low), right = low + golden * (high - low);
        if (surprise(h, exp(left)) < surprise(h, exp(right))) high = right;
        else low = left;
    }
    return exp((low + high) / 2);
}

static const char *score_fold(struct fit *f, uint32_t fold, struct held_out *h, double *scratch) {
    size_t categories = f->cases->categories;
    const char *why = fit_once(f, fold, scratch);
    for (size_t i = 0; !why && i < f->cases->judged; i++) {
        const struct case_row *row = &f->cases->rows[i];
        if (row->fold != fold) continue;
        double *scores = h->scores + i * categories;
        memcpy(scores, f->bias, categories * sizeof *scores);
        size_t n = vocabulary_terms(&f->vocabulary, row->features, row->feature_count, f->terms);
        for (size_t t = 0; t < n; t++)
            for (size_t k = 0; k < categories; k++)
                scores[k] += (double)f->terms[t].value * f->weights[f->terms[t].id * categories + k];
    }
    return why;
}

static void guess(const struct held_out *h, double sharpness, struct judged *j) {
    size_t categories = h->cases->categories;
    for (size_t i = 0; i < h->cases->judged; i++) {
        const double *s = h->scores + i * categories;
        uint32_t best = 0;
        for (uint32_t k = 1; k < categories; k++)
            if (s[k] > s[best]) best = k;
        j->guess[i] = best;
        j->probability[i] = exp(s[best] * sharpness - log_sum(s, categories, sharpness));
    }
}

/* How many of the guesses that count as sure are right. */
static double sure_right(const struct held_out *h, const struct judged *j) {
    size_t sure = 0, right = 0;
    for (size_t i = 0; i < h->cases->judged; i++) {
        if (j->probability[i] < CLASSIFIER_SURE) continue;
        sure++;
        right += j->guess[i] == h->cases->rows[i].label;
    }
    return sure ? (double)right / (double)sure : 1;
}

/* Nobody looks at what is sure, so of it SURE_RIGHT are to be right: where they are not, the model speaks a little softer. */
static double calibrate(const struct held_out *h, struct judged *j) {
    double sharpness = best_sharpness(h), least = sharpness * SOFTEST;
    guess(h, sharpness, j);
    while (sharpness > least && sure_right(h, j) < SURE_RIGHT) {
        sharpness *= SOFTER;
        guess(h, sharpness, j);
    }
    return sharpness;
}

const char *train_fit(struct arena *a, struct cases *cases, struct classifier *out, struct judged *held_out) {
    *out = (struct classifier){0};
    struct fit f = {.arena = a, .cases = cases};
    struct held_out h = {.cases = cases};
    size_t total;
    if (cases->categories < 2) return "there must be cases of at least two categories";
    set_print_string_function(no_output);
    double *scratch = arena_array(a, cases->categories, sizeof *scratch);
    h.scores = arena_array(a, cases->judged * cases->categories, sizeof *h.scores);
    if (!scratch || !h.scores || !read_features(&f) || !make_vocabulary(&f, &total)) return "no memory";
    if (!f.vocabulary.count) return "the cases have no characters in common";
    if (!make_room(&f, total)) return "no memory";
    draw_folds(&f);
    const char *why = NULL;
    for (uint32_t fold = 0; !why && fold < TRAIN_FOLDS; fold++) why = score_fold(&f, fold, &h, scratch);
    if (!why) why = fit_once(&f, TRAIN_FOLDS, scratch);
    if (!why) why = make_model(&f, out);
    if (why) return why;
    out->sharpness = (float)calibrate(&h, held_out);
    return NULL;
}
