/* One walk over the spans in the order of their starts. */
#include "rules/rota.h"

#include <stdlib.h>

static int by_start(const void *a, const void *b) {
    const struct span *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

static void add(struct span *out, size_t *n, size_t max, int64_t from, int64_t until) {
    if (from >= until) return;
    if (*n && out[*n - 1].until >= from) { /* goes on where the last one ended */
        if (until > out[*n - 1].until) out[*n - 1].until = until;
    } else if (*n < max) {
        out[(*n)++] = (struct span){from, until};
    }
}

static struct span clip(struct span s, struct span within) {
    return (struct span){s.from > within.from ? s.from : within.from, s.until < within.until ? s.until : within.until};
}

/* covered: how far the spans before reach without a gap; what begins before that overlaps. */
static size_t walk(struct span *spans, size_t n, struct span within, struct span *out, size_t max, int gaps) {
    int64_t covered = within.from;
    size_t found = 0;
    if (n) qsort(spans, n, sizeof *spans, by_start);
    for (size_t i = 0; i < n; i++) {
        struct span s = clip(spans[i], within);
        if (s.from >= s.until) continue;
        if (gaps) add(out, &found, max, covered, s.from);
        else add(out, &found, max, s.from, s.until < covered ? s.until : covered);
        if (s.until > covered) covered = s.until;
    }
    if (gaps) add(out, &found, max, covered, within.until);
    return found;
}

size_t rota_gaps(struct span *spans, size_t n, struct span within, struct span *out, size_t max) {
    return walk(spans, n, within, out, max, 1);
}

size_t rota_overlaps(struct span *spans, size_t n, struct span within, struct span *out, size_t max) {
    return walk(spans, n, within, out, max, 0);
}
