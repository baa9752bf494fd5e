/* What a message is to the classifier, and what is kept of its guesses. The input is what the database may hold; where it is a valid
 * text, it is a message too, whose n-grams are counted the slow way. */
#include "base/utf8.h"
#include "fuzz.h"
#include "rules/suggestion.h"

#include <string.h>

enum { MEMORY = 64 << 20, SLOW_BYTES = 150 };

static struct arena arena;

/* ---- n-grams ---- */

static void check_symbols(const struct features *f) {
    for (size_t i = 0; i < f->symbol_count; i++) {
        const struct symbol *s = &f->symbols[i];
        CHECK(s->from < s->to && s->to <= f->message.n && (!i || f->symbols[i - 1].to <= s->from));
        CHECK(s->code == '0' || s->code < '0' || s->code > '9');
        CHECK(!(s->code >= 'A' && s->code <= 'Z') && s->code > ' ');
    }
}

/* Two occurrences in one block are of one feature only where they are of the same characters (a hash of 32 bits aside, which no
 * input here is long enough to make meet by chance). */
static void check_grams(const struct features *f) {
    size_t counted = 0;
    for (size_t i = 0; i < f->count; i++) {
        counted += f->list[i].count;
        CHECK(f->list[i].count > 0 && f->list[i].block < BLOCK_COUNT);
        for (size_t k = 0; k < i; k++)
            CHECK(f->list[i].hash != f->list[k].hash || f->list[i].block != f->list[k].block);
    }
    CHECK(counted == f->gram_count);
    for (size_t i = 0; i < f->gram_count; i++) {
        const struct gram *g = &f->grams[i];
        CHECK(g->feature < f->count && g->length > 0 && g->at + g->length <= f->symbol_count);
        for (size_t k = 0; k < i; k++) {
            const struct gram *h = &f->grams[k];
            if (f->list[g->feature].block != f->list[h->feature].block) continue;
            bool same = g->length == h->length;
            for (size_t c = 0; same && c < g->length; c++)
                same = f->symbols[g->at + c].code == f->symbols[h->at + c].code;
            CHECK(same == (g->feature == h->feature));
        }
    }
}

/* How many n-grams of 1 to most characters there are in so many. */
static size_t grams_of(size_t characters, size_t most) {
    size_t n = 0;
    for (size_t length = 1; length <= most && length <= characters; length++) n += characters - length + 1;
    return n;
}

static void check_message(struct str text) {
    struct feature_settings s = {.gram_max = {1 + (uint32_t)text.n % GRAM_MAX, 1 + (uint32_t)text.n / 4 % GRAM_MAX},
                                 .head = 1 + (uint32_t)text.n * 7 % HEAD_MAX};
    struct str title = utf8_prefix(text, text.n % 5), rest = {text.p + title.n, text.n - title.n};
    struct features f, whole;
    CHECK(features_of(&arena, &s, title, rest, &f) && features_of(&arena, &s, STR(""), text, &whole));
    check_symbols(&f);
    size_t head = f.symbol_count < s.head ? f.symbol_count : s.head;
    CHECK(f.gram_count == grams_of(f.symbol_count, s.gram_max[BLOCK_WHOLE]) + grams_of(head, s.gram_max[BLOCK_HEAD]));
    /* Where the title ends tells nothing. */
    CHECK(whole.count == f.count && memcmp(whole.list, f.list, f.count * sizeof *f.list) == 0);
    if (text.n <= SLOW_BYTES) check_grams(&f);
}

/* ---- what is kept ---- */

static void check_same(const struct suggestion *a, const struct suggestion *b) {
    CHECK(a->model == b->model && a->probability >= 0 && a->probability <= 1 && a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct suggested *x = &a->guesses[i], *y = &b->guesses[i];
        CHECK(x->category_id > 0 && x->category_id == y->category_id && x->word_count == y->word_count);
        CHECK(x->probability >= 0 && x->probability <= 1);
        for (size_t w = 0; w < x->word_count; w++) CHECK(str_eq(x->words[w], y->words[w]));
    }
}

static void check_kept(struct str text) {
    struct suggestion s, again;
    struct buf out, twice;
    if (!suggestion_read(text, &s)) return;
    CHECK(!s.category && s.count <= CLASSIFIER_GUESSES);
    for (size_t i = 0; i < s.count; i++)
        for (size_t w = 0; w < s.guesses[i].word_count; w++) {
            struct str word = s.guesses[i].words[w];
            CHECK(word.n == 0 || (word.p >= text.p && word.p + word.n <= text.p + text.n));
        }
    buf_init(&out, &arena, text.n + 64);
    buf_init(&twice, &arena, text.n + 64);
    CHECK(suggestion_write(&s, &out) && suggestion_read(buf_str(&out), &again));
    check_same(&s, &again);
    CHECK(suggestion_write(&again, &twice) && str_eq(buf_str(&out), buf_str(&twice)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str text = {(const char *)data, size};
    arena_init(&arena, MEMORY);
    check_kept(text);
    if (size && utf8_valid(text)) check_message(text);
    arena_free(&arena);
    return 0;
}
