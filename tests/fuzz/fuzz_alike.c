/* Grams of a matter. The input is packed grams, as from the database; where it is a valid text, it is a matter too. */
#include "base/utf8.h"
#include "fuzz.h"
#include "rules/alike.h"

#include <math.h>
#include <string.h>

enum { MEMORY = 64 << 20 };

static struct alike_counts counts;

static double length(const struct alike *x) {
    double sum = 0;
    for (size_t i = 0; i < x->n; i++) sum += (double)x->grams[i].weight * (double)x->grams[i].weight;
    return sqrt(sum);
}

static void check_one(const struct alike *x) {
    struct alike_gram keys[ALIKE_KEYS_MAX];
    CHECK(x->n <= ALIKE_GRAMS_MAX);
    for (size_t i = 0; i < x->n; i++) CHECK(x->grams[i].weight > 0 && (!i || x->grams[i - 1].gram < x->grams[i].gram));
    CHECK(!x->n || fabs(length(x) - 1) < 0.02);
    CHECK(alike_keys(x, keys, ALIKE_KEYS_MAX) == (x->n < ALIKE_KEYS_MAX ? x->n : ALIKE_KEYS_MAX));
    CHECK(!x->n || alike_score(x, x) > 0.95);
}

static void check_text(struct arena *a, struct str text, struct alike *out) {
    unsigned char bytes[ALIKE_PACKED_MAX];
    struct str title = utf8_prefix(text, 20);
    struct alike back;
    CHECK(alike_count(a, &counts, title, text));
    CHECK(alike_of(a, &counts, title, text, out));
    check_one(out);
    CHECK(alike_unpack(a, (struct str){(const char *)bytes, alike_pack(out, bytes)}, &back));
    CHECK(back.n == out->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct str s = {(const char *)data, size};
    struct alike of_text = {NULL, 0}, of_bytes = {NULL, 0};
    unsigned char bytes[ALIKE_PACKED_MAX];
    arena_init(&a, MEMORY);
    memset(&counts, 0, sizeof counts);
    if (size && utf8_valid(s)) check_text(&a, s, &of_text);
    if (alike_unpack(&a, s, &of_bytes)) {
        check_one(&of_bytes);
        CHECK(alike_pack(&of_bytes, bytes) == size && (!size || memcmp(bytes, data, size) == 0));
    }
    const struct alike both[] = {of_text, of_bytes};
    double score[2], order[2];
    CHECK(alike_rank(&a, &of_text, both, 2, score, order));
    for (int i = 0; i < 2; i++) CHECK(score[i] >= 0 && score[i] <= 1 && order[i] >= 0 && order[i] <= 1);
    arena_free(&a);
    return 0;
}
