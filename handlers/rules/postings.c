/* Sets of matters as bits, and as bytes. */
#include "rules/postings.h"

bool posting_unpack(struct str bytes, struct posting_set *s) {
    const unsigned char *p = (const unsigned char *)bytes.p;
    if (bytes.n == POSTING_BYTES_MAX) {
        for (size_t i = 0; i < POSTING_BYTES_MAX; i++) s->words[i / 8] |= (uint64_t)p[i] << i % 8 * 8;
        return true;
    }
    if (bytes.n % 2 || bytes.n > POSTING_BYTES_MAX) return false;
    for (size_t i = 0, before = 0; i < bytes.n; i += 2) {
        unsigned at = (unsigned)p[i] << 8 | p[i + 1];
        if (at >= POSTING_BLOCK || (i && at <= before)) return false;
        posting_add(s, at);
        before = at;
    }
    return true;
}

size_t posting_pack(const struct posting_set *s, unsigned char out[POSTING_BYTES_MAX]) {
    size_t n = 0;
    if (posting_count(s) * 2 >= POSTING_BYTES_MAX) {
        for (size_t i = 0; i < POSTING_BYTES_MAX; i++) out[i] = (unsigned char)(s->words[i / 8] >> i % 8 * 8);
        return POSTING_BYTES_MAX;
    }
    for (size_t i = 0; i < POSTING_WORDS; i++)
        for (uint64_t rest = s->words[i]; rest; rest &= rest - 1) {
            size_t at = i * 64 + (size_t)__builtin_ctzll(rest);
            out[n++] = (unsigned char)(at >> 8);
            out[n++] = (unsigned char)at;
        }
    return n;
}

void posting_keep(struct posting_set *s, const struct posting_set *other) {
    for (size_t i = 0; i < POSTING_WORDS; i++) s->words[i] &= other->words[i];
}

void posting_between(struct posting_set *s, int64_t first, int64_t last) {
    for (int64_t i = 0; i < POSTING_WORDS; i++) {
        int64_t from = first - i * 64, to = last - i * 64; /* within this word */
        if (from > 63 || to < 0) s->words[i] = 0;
        else if (from > 0) s->words[i] &= ~UINT64_C(0) << from;
        if (to >= 0 && to < 63) s->words[i] &= (UINT64_C(1) << (to + 1)) - 1;
    }
}

size_t posting_count(const struct posting_set *s) {
    size_t n = 0;
    for (size_t i = 0; i < POSTING_WORDS; i++) n += (size_t)__builtin_popcountll(s->words[i]);
    return n;
}
