/* The file of a model: a header, then its arrays one after the other, then a CRC-32 of all before it. Numbers are those of the
 * machine, which must be little-endian, so that a mapped file can be used as it lies. */
#include "rules/classifier.h"

#include "base/encode.h"
#include "base/utf8.h"

#include <math.h>
#include <stdalign.h>
#include <string.h>

enum { FORMAT_VERSION = 1 };
static const char MAGIC[8] = {'M', 'I', 'N', 'H', 'U', 'M', 'D', 'L'};

struct header {
    char magic[8];
    uint32_t version, categories, features;
    uint32_t gram_max[BLOCK_COUNT], head;
    float block_weight[BLOCK_COUNT], step, sharpness;
};
_Static_assert(sizeof(struct header) == 48, "the header has no gaps");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "model files are little-endian");

/* Where each array lies; every one starts at a multiple of 4. */
struct layout {
    size_t codes, bias, hashes, scales, weights, checksum, end;
};

static struct layout lay_out(size_t categories, size_t features) {
    struct layout l = {.codes = sizeof(struct header)};
    l.bias = l.codes + categories * CLASSIFIER_CODE_MAX;
    l.hashes = l.bias + categories * sizeof(float);
    l.scales = l.hashes + features * sizeof(uint32_t);
    l.weights = l.scales + features * sizeof(float);
    l.checksum = (l.weights + categories * features * sizeof(int16_t) + 3) & ~(size_t)3;
    l.end = l.checksum + sizeof(uint32_t);
    return l;
}

/* ---- reading ---- */

static bool in_range(float v, float least, float most) { return v >= least && v <= most; } /* a NaN is not */

static const char *check_header(const struct header *h) {
    if (memcmp(h->magic, MAGIC, sizeof MAGIC) != 0) return "it is no model file";
    if (h->version != FORMAT_VERSION) return "its format is of another version of minhu; train it anew";
    if (h->categories < 2 || h->categories > CLASSIFIER_CATEGORIES) return "the number of categories is out of range";
    if (h->features < 1 || h->features > CLASSIFIER_FEATURES) return "the number of features is out of range";
    for (int b = 0; b < BLOCK_COUNT; b++) {
        if (h->gram_max[b] < 1 || h->gram_max[b] > GRAM_MAX) return "the length of the n-grams is out of range";
        if (!in_range(h->block_weight[b], 0, 1000)) return "a block's weight is out of range";
    }
    if (h->head < 1 || h->head > HEAD_MAX) return "the length of the head is out of range";
    if (!in_range(h->step, 0, 1000) || !in_range(h->sharpness, 0, 1000)) return "the calibration is out of range";
    return NULL;
}

static const char *check_codes(const char (*codes)[CLASSIFIER_CODE_MAX], size_t n) {
    for (size_t i = 0; i < n; i++) {
        size_t length = strnlen(codes[i], CLASSIFIER_CODE_MAX);
        if (length == 0 || length == CLASSIFIER_CODE_MAX || !utf8_is_text((struct str){codes[i], length}))
            return "a category's code can't be read";
        if (i && strcmp(codes[i - 1], codes[i]) >= 0) return "the categories are not in order";
    }
    return NULL;
}

static const char *check_numbers(const struct classifier *c) {
    for (size_t i = 0; i < c->categories; i++)
        if (!in_range(c->bias[i], -1e6F, 1e6F)) return "a category's bias is out of range";
    const struct vocabulary *v = &c->vocabulary;
    for (size_t i = 0; i < v->count; i++) {
        if (i && v->hashes[i - 1] >= v->hashes[i]) return "the features are not in order";
        if (v->scales[i] != 0 && !in_range(v->scales[i], 1e-6F, 1e6F)) return "a feature's scale is out of range";
    }
    return NULL;
}

const char *classifier_load(struct arena *a, struct str file, const struct classifier **out) {
    struct header h;
    if (file.n < sizeof h) return "it is too short";
    if ((uintptr_t)file.p % alignof(struct header)) return "it is not aligned in memory";
    memcpy(&h, file.p, sizeof h);
    const char *why = check_header(&h);
    if (why) return why;
    struct layout l = lay_out(h.categories, h.features);
    if (file.n < l.end) return "it is cut off";
    if (file.n > l.end) return "there is more after its end";
    struct classifier *c = ARENA_NEW(a, struct classifier);
    if (!c) return "no memory";
    memcpy(&c->id, file.p + l.checksum, sizeof c->id);
    if (crc32_of(file.p, l.checksum) != c->id) return "its checksum is wrong: it was damaged";
    for (size_t at = l.weights + (size_t)h.categories * h.features * sizeof(int16_t); at < l.checksum; at++)
        if (file.p[at]) return "it has bytes that mean nothing";
    const void *codes = file.p + l.codes, *bias = file.p + l.bias, *hashes = file.p + l.hashes,
               *scales = file.p + l.scales;
    const void *weights = file.p + l.weights;
    c->settings.head = h.head;
    memcpy(c->settings.gram_max, h.gram_max, sizeof h.gram_max);
    c->vocabulary = (struct vocabulary){.count = h.features, .hashes = hashes, .scales = scales};
    memcpy(c->vocabulary.block_weight, h.block_weight, sizeof h.block_weight);
    c->categories = h.categories;
    c->codes = codes;
    c->bias = bias;
    c->weights = weights;
    c->step = h.step;
    c->sharpness = h.sharpness;
    why = check_codes(c->codes, c->categories);
    if (!why) why = check_numbers(c);
    if (!why && !vocabulary_index(a, &c->vocabulary)) why = "no memory";
    if (!why) *out = c;
    return why;
}

/* ---- writing ---- */

bool classifier_save(const struct classifier *c, struct buf *b) {
    const struct vocabulary *v = &c->vocabulary;
    struct header h = {.version = FORMAT_VERSION,
                       .categories = (uint32_t)c->categories,
                       .features = (uint32_t)v->count,
                       .head = c->settings.head,
                       .step = c->step,
                       .sharpness = c->sharpness};
    memcpy(h.magic, MAGIC, sizeof MAGIC);
    memcpy(h.gram_max, c->settings.gram_max, sizeof h.gram_max);
    memcpy(h.block_weight, v->block_weight, sizeof h.block_weight);
    if (check_header(&h) || check_codes(c->codes, c->categories) || check_numbers(c)) return false;
    struct layout l = lay_out(c->categories, v->count);
    char *p = buf_room(b, l.end);
    if (!p) return false;
    memset(p + l.weights, 0, l.end - l.weights);
    memcpy(p, &h, sizeof h);
    memcpy(p + l.codes, c->codes, c->categories * CLASSIFIER_CODE_MAX);
    memcpy(p + l.bias, c->bias, c->categories * sizeof *c->bias);
    memcpy(p + l.hashes, v->hashes, v->count * sizeof *v->hashes);
    memcpy(p + l.scales, v->scales, v->count * sizeof *v->scales);
    memcpy(p + l.weights, c->weights, v->count * c->categories * sizeof *c->weights);
    uint32_t checksum = crc32_of(p, l.checksum);
    memcpy(p + l.checksum, &checksum, sizeof checksum);
    return true;
}
