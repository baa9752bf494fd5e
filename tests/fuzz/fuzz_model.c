/* The classifier's model file. The input is a file, whose checksum is mended so that what lies behind it is reached; an accepted
 * model must classify any text without leaving its bounds, and be written as it was read. */
#include "base/encode.h"
#include "fuzz.h"
#include "rules/classifier.h"

#include <math.h>
#include <string.h>

static void check_guesses(const struct classifier *c, struct arena *a, struct str text) {
    struct classified got;
    double sum = 0;
    CHECK(classify(a, c, STR("停水"), text, NULL, &got));
    CHECK(got.count == (c->categories < CLASSIFIER_GUESSES ? c->categories : CLASSIFIER_GUESSES));
    for (size_t i = 0; i < got.count; i++) {
        const struct guess *g = &got.guesses[i];
        CHECK(g->probability >= 0 && g->probability <= 1 && g->word_count <= CLASSIFIER_WORDS);
        CHECK(i == 0 || g->probability <= got.guesses[i - 1].probability);
        for (size_t w = 0; w < g->word_count; w++) CHECK(g->words[w].n > 0);
        sum += g->probability;
    }
    CHECK(sum <= 1 + 1e-6 && got.guesses[0].probability > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    const struct classifier *c = NULL;
    arena_init(&a, (size_t)64 << 20);
    char *file = arena_alloc(&a, size + 1);
    CHECK(file);
    if (size) memcpy(file, data, size);
    const char *why = classifier_load(&a, (struct str){file, size}, &c);
    if (why && size > 4) { /* the checksum is mended */
        uint32_t sum = crc32_of(file, size - sizeof sum);
        memcpy(file + size - sizeof sum, &sum, sizeof sum);
        why = classifier_load(&a, (struct str){file, size}, &c);
    }
    CHECK((why == NULL) == (c != NULL));
    if (c) {
        struct buf b;
        check_guesses(c, &a, STR("小区三天没有水，路灯也不亮，电梯停了。"));
        check_guesses(c, &a, STR(""));
        buf_init(&b, &a, size);
        CHECK(classifier_save(c, &b));
        CHECK(b.n == size && memcmp(b.p, file, size - sizeof(uint32_t)) == 0);
    }
    arena_free(&a);
    return 0;
}
