/* Whether two matters tell of the same event, by what is written, and by where, what and when it is.
 *
 * A text becomes its grams: characters and pairs of neighbouring ones, without white space and punctuation, weighed by how
 * often they stand in it and how rare they are among all matters; what stands in the title counts more. That needs no
 * dictionary, and a compound's or road's name, which says most, is rare by itself. Likeness is the cosine of two such
 * lists. Pure: no I/O, no clock; results live in the caller's arena. */
#ifndef MINHU_ALIKE_H
#define MINHU_ALIKE_H

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>

enum {
    ALIKE_GRAMS_MAX = 192, /* the heaviest of a matter that are kept */
    ALIKE_KEYS_KEPT = 16,  /* of these, the ones that an open matter is found by */
    ALIKE_KEYS_MAX = 24,   /* and the ones that one looks for others by, */
    ALIKE_KEYS_SAME = 8,   /* or, for what is ALIKE_SAME, which shares some of the heaviest */
    ALIKE_BUCKETS = 1 << 17,
    ALIKE_GRAM_BYTES = 6, /* of one gram when packed */
    ALIKE_PACKED_MAX = ALIKE_GRAMS_MAX * ALIKE_GRAM_BYTES,
};

/* In how many matters a gram stood. Grams share buckets by their hash, so that the size is fixed whatever people write: a
 * frequent gram fills its bucket by far, rare ones seem a little less rare. Zeroed, it is a district's first day. */
struct alike_counts {
    uint32_t matters;
    uint32_t in[ALIKE_BUCKETS];
};

struct alike_gram {
    uint32_t gram; /* hash */
    float weight;  /* > 0; the squares of a matter's weights sum up to 1 */
};

/* A matter, as it is compared: grams in ascending order; none for a text without a letter or digit. */
struct alike {
    const struct alike_gram *grams;
    size_t n;
};

/* How near two matters are besides their words. What isn't known of one of them is false. */
struct nearness {
    bool same_place, same_category;
    double days; /* between them, ≥ 0 */
};

/* Counts one more matter. Title and text are valid UTF-8; either may be empty. False when memory is used up; then nothing is
 * counted. */
bool alike_count(struct arena *a, struct alike_counts *counts, struct str title, struct str text);

/* The grams of a matter, its weights by counts. False when memory is used up. */
bool alike_of(struct arena *a, const struct alike_counts *counts, struct str title, struct str text, struct alike *out);

/* 0 (no gram in common) to 1 (the same). Symmetric. */
double alike_score(const struct alike *x, const struct alike *y);

/* Compares the matter with n others: how alike each is into score (alike_score), and what they are to be ordered by into order,
 * 0 to 1. For the order the nearest ones speak too: what they say besides is looked for as well, so that who calls it "the
 * plant" is found by way of who calls it "the mixing plant behind the compound". False when memory is used up. */
bool alike_rank(struct arena *a, const struct alike *matter, const struct alike *others, size_t n, double *score,
                double *order);

/* The score from which on, with nearness, two matters are alike enough to ask a person whether they are the same: 95 of 100
 * messages of an event have another of it at 0.25 or above, half of the others have none above 0.2. */
#define ALIKE_LEAST 0.22

/* The score from which on two matters are put together without being asked: of the messages of events nine in ten have another at or
 * above it, and the nearest of these always is of the same event. */
#define ALIKE_SAME 0.30

/* A score with what is known of place, category and time: raised where they agree, lowered by age; at most 1. */
double alike_near(double score, const struct nearness *by);

/* The heaviest grams, heaviest first, at most max (ALIKE_KEYS_KEPT or ALIKE_KEYS_MAX); returns how many. Of what alike_unpack
 * read they are the same every time, so that keys kept somewhere are found again. */
size_t alike_keys(const struct alike *matter, struct alike_gram *keys, size_t max);

/* For the database: ALIKE_GRAM_BYTES a gram, big endian, ascending. Writes at most ALIKE_PACKED_MAX bytes, returns how many. */
size_t alike_pack(const struct alike *matter, unsigned char out[ALIKE_PACKED_MAX]);
/* False when it is none that alike_pack makes (cut, not in order, a weight of 0, of another length than 1) or memory is used
 * up. */
bool alike_unpack(struct arena *a, struct str packed, struct alike *out);

#endif
