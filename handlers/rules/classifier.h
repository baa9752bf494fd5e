/* Which category a message is of, by a linear model over its character n-grams that minhuctl train made from past cases: the most
 * likely categories, how likely each is, and the words that spoke for it. */
#ifndef MINHU_CLASSIFIER_H
#define MINHU_CLASSIFIER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "rules/features.h"

#include <stdint.h>

enum {
    CLASSIFIER_CODE_MAX = 64,      /* bytes of a category's code */
    CLASSIFIER_CATEGORIES = 1000,  /* at most */
    CLASSIFIER_FEATURES = 1 << 22, /* at most */
    CLASSIFIER_GUESSES = 3,
    CLASSIFIER_WORDS = 5
};
/* A guess at least so likely is taken without asking a dispatcher. */
#define CLASSIFIER_SURE 0.9

/* The n-grams that a model knows, and how much each tells of a message: it is rare (its inverse document frequency), and where it
 * occurs the categories are others than elsewhere. */
struct vocabulary {
    size_t count;
    const uint32_t *hashes; /* ascending */
    const float *scales;
    const uint32_t *first; /* VOCABULARY_SLICES + 1: where the hashes with these upper bits begin */
    float block_weight[BLOCK_COUNT];
};
enum { VOCABULARY_SLICES = 1 << 16 };

struct classifier {
    struct feature_settings settings;
    struct vocabulary vocabulary;
    size_t categories;
    const char (*codes)[CLASSIFIER_CODE_MAX]; /* NUL-terminated */
    const float *bias;                        /* one a category */
    const int16_t *weights;                   /* vocabulary.count × categories, in units of step */
    float step, sharpness; /* sharpness: scores × it are the logarithms of the probabilities, but for a constant */
    uint32_t id;           /* the file's checksum: names the model in what it decided */
};

/* A model from its file's bytes, which stay in use and must be aligned as an arena's are. NULL and *out set, else what is wrong with
 * them; nothing in a file that was accepted can lead outside it. The index is in the arena. */
const char *classifier_load(struct arena *a, struct str file, const struct classifier **out);
/* The file of a model; id is not used. False when it is outside the bounds above or b is full. */
bool classifier_save(const struct classifier *c, struct buf *b);
/* Fills what a vocabulary needs to be searched; false when memory is used up. */
bool vocabulary_index(struct arena *a, struct vocabulary *v);
/* The index of an n-gram by its hash; false when it is not known. */
bool vocabulary_find(const struct vocabulary *v, uint32_t hash, uint32_t *id);

/* A message in a vocabulary's terms. */
struct term {
    uint32_t id;      /* index in the vocabulary */
    uint32_t feature; /* index in the message's features */
    float value;
};
/* The known terms of a message, each block of length block_weight: values are (1 + ln count) × scale. terms has room for features
 * .count; returns how many there are. */
size_t vocabulary_terms(const struct vocabulary *v, const struct feature *features, size_t count, struct term *terms);

struct guess {
    struct str category;                /* in the model */
    double probability;                 /* calibrated: of many guesses with 0.8, 80 % are right */
    struct str words[CLASSIFIER_WORDS]; /* what spoke for it most, most first, as in the message; in the arena */
    size_t word_count;
};

struct classified {
    struct guess guesses[CLASSIFIER_GUESSES]; /* most likely first */
    size_t count;                             /* fewer where fewer categories may be guessed */
    const double *probabilities;              /* of each of the model's categories; in the arena */
};

/* title may be empty. Both must be valid UTF-8. usable: which of the model's categories may be guessed, NULL: all; what
 * falls to the others stays theirs. False when memory is used up or the message is longer than MESSAGE_MAX. */
bool classify(struct arena *a, const struct classifier *c, struct str title, struct str text, const bool *usable,
              struct classified *out);
/* The scores of terms: their weights and the bias; one a category. */
void classifier_scores(const struct classifier *c, const struct term *terms, size_t count, double *scores);

#endif
