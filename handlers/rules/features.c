/* From a message to its n-grams. */
#include "rules/features.h"

#include "base/utf8.h"

#include <string.h>

enum { FULL_WIDTH_FIRST = 0xFF01, FULL_WIDTH_LAST = 0xFF5E, FULL_WIDTH_OFFSET = 0xFEE0 };

static bool is_white(uint32_t c) {
    return c <= ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200D) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

static uint32_t plain(uint32_t c) {
    if (c >= FULL_WIDTH_FIRST && c <= FULL_WIDTH_LAST) c -= FULL_WIDTH_OFFSET;
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    return c >= '0' && c <= '9' ? '0' : c;
}

/* Numbers say little and are never the same: each is one 0, however long. */
static size_t read_symbols(struct str message, struct symbol *symbols) {
    size_t n = 0;
    for (size_t at = 0; at < message.n;) {
        size_t from = at;
        uint32_t c = utf8_next(message, &at);
        if (is_white(c)) continue;
        c = plain(c);
        if (c == '0' && n && symbols[n - 1].code == '0') symbols[n - 1].to = (uint32_t)at;
        else symbols[n++] = (struct symbol){.code = c, .from = (uint32_t)from, .to = (uint32_t)at};
    }
    return n;
}

/* Murmur3's 64-bit finaliser: every bit of the input changes half of the output. */
static uint64_t mix(uint64_t h) {
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdU;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53U;
    return h ^ (h >> 33);
}

/* Places for the features by hash, open addressing; a place holds index + 1. */
struct places {
    uint32_t *of;
    size_t mask;
};

static uint32_t count_feature(struct features *f, struct places *p, uint32_t hash, enum feature_block block) {
    size_t at = hash & p->mask;
    for (; p->of[at]; at = (at + 1) & p->mask) {
        struct feature *known = &f->list[p->of[at] - 1];
        if (known->hash != hash || known->block != block) continue;
        if (known->count < UINT16_MAX) known->count++;
        return p->of[at] - 1;
    }
    f->list[f->count] = (struct feature){.hash = hash, .count = 1, .block = (uint8_t)block};
    p->of[at] = (uint32_t)++f->count;
    return p->of[at] - 1;
}

static void count_block(struct features *f, struct places *p, enum feature_block block, size_t symbols,
                        size_t longest) {
    for (size_t at = 0; at < symbols; at++) {
        uint64_t h = block + 1;
        for (size_t n = 1; n <= longest && at + n <= symbols; n++) {
            h = mix(h << 32 ^ h >> 32 ^ f->symbols[at + n - 1].code);
            uint32_t feature = count_feature(f, p, (uint32_t)h, block);
            f->grams[f->gram_count++] = (struct gram){.feature = feature, .at = (uint32_t)at, .length = (uint8_t)n};
        }
    }
}

bool features_of(struct arena *a, const struct feature_settings *s, struct str title, struct str text,
                 struct features *out) {
    *out = (struct features){0};
    size_t bytes = title.n + text.n;
    if (bytes > MESSAGE_MAX) return false;
    char *message = arena_alloc(a, bytes + 1);
    out->symbols = arena_array(a, bytes + 1, sizeof *out->symbols);
    if (!message || !out->symbols) return false;
    if (title.n) memcpy(message, title.p, title.n);
    if (text.n) memcpy(message + title.n, text.p, text.n);
    out->message = (struct str){message, bytes};
    out->symbol_count = read_symbols(out->message, out->symbols);
    size_t head = out->symbol_count < s->head ? out->symbol_count : s->head;
    size_t most = out->symbol_count * s->gram_max[BLOCK_WHOLE] + head * s->gram_max[BLOCK_HEAD], room = 16;
    while (room < 2 * most) room *= 2;
    struct places p = {arena_array(a, room, sizeof *p.of), room - 1};
    out->list = arena_array(a, most + 1, sizeof *out->list);
    out->grams = arena_array(a, most + 1, sizeof *out->grams);
    if (!p.of || !out->list || !out->grams) return false;
    count_block(out, &p, BLOCK_WHOLE, out->symbol_count, s->gram_max[BLOCK_WHOLE]);
    count_block(out, &p, BLOCK_HEAD, head, s->gram_max[BLOCK_HEAD]);
    return true;
}
