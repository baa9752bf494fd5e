/* Which of a block of matters have a term: a set of numbers below POSTING_BLOCK, and its bytes in the database. Pure. */
#ifndef MINHU_POSTINGS_H
#define MINHU_POSTINGS_H

#include "base/str.h"

#include <stdint.h>

enum { POSTING_BLOCK = 16384, POSTING_WORDS = POSTING_BLOCK / 64, POSTING_BYTES_MAX = POSTING_BLOCK / 8 };

struct posting_set {
    uint64_t words[POSTING_WORDS];
};

static inline void posting_add(struct posting_set *s, uint32_t at) { s->words[at / 64] |= UINT64_C(1) << at % 64; }
static inline void posting_remove(struct posting_set *s, uint32_t at) {
    s->words[at / 64] &= ~(UINT64_C(1) << at % 64);
}
static inline bool posting_has(const struct posting_set *s, uint32_t at) { return s->words[at / 64] >> at % 64 & 1; }

/* Takes those in that the bytes name, beside what is in it. False when they are neither numbers in ascending order nor
 * bits; then what was read until there is in it. */
bool posting_unpack(struct str bytes, struct posting_set *s);
/* The numbers in ascending order, two bytes each, big endian; or a bit each, where that is shorter: then all POSTING_BYTES_MAX.
 * Returns how many bytes; 0: it is empty. */
size_t posting_pack(const struct posting_set *s, unsigned char out[POSTING_BYTES_MAX]);
/* Leaves what other has too. */
void posting_keep(struct posting_set *s, const struct posting_set *other);
/* Leaves the numbers from first to last, both counting; none where first > last. */
void posting_between(struct posting_set *s, int64_t first, int64_t last);
size_t posting_count(const struct posting_set *s);

#endif
