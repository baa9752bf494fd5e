/* Where a rota has nobody, and where it has two. Pure. */
#ifndef MINHU_ROTA_H
#define MINHU_ROTA_H

#include <stddef.h>
#include <stdint.h>

/* Half open: [from, until), in microseconds. */
struct span {
    int64_t from, until;
};

/* How many of the spans cover what of within: out gets the stretches, in order, that no span covers (gaps) or that two or more do
 * (overlaps), at most max; returns how many. The spans are sorted by this. Empty ones and what lies outside count for nothing. */
size_t rota_gaps(struct span *spans, size_t n, struct span within, struct span *out, size_t max);
size_t rota_overlaps(struct span *spans, size_t n, struct span within, struct span *out, size_t max);

#endif
