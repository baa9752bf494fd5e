/* The mark on a tag's code: a keyed blind index of it, as characters that are easily read aloud. */
#include "acts/tags.h"

#include "base/crypto.h"

enum { MARK = 8 };
#define INDEX_TAG "tag"

bool tag_text(const struct keyring *keys, struct str code, char out[TAG_TEXT_MAX + 1]) {
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* no I, L, O, U */
    uint8_t index[16];
    if (code.n + 1 + MARK > TAG_TEXT_MAX || !blind_index(keys, INDEX_TAG, code, index)) return false;
    memcpy(out, code.p, code.n);
    out[code.n] = '.';
    for (size_t i = 0; i < MARK; i++) out[code.n + 1 + i] = letters[index[i] & 31];
    out[code.n + 1 + MARK] = 0;
    return true;
}

const struct tag *tag_scanned(const struct keyring *keys, const struct district *d, struct str scanned) {
    char expected[TAG_TEXT_MAX + 1];
    const char *slash = memrchr(scanned.p, '/', scanned.n);
    if (slash) scanned = (struct str){slash + 1, scanned.n - (size_t)(slash + 1 - scanned.p)};
    if (scanned.n < MARK + 2 || scanned.n > TAG_TEXT_MAX) return NULL;
    const struct tag *tag = tag_by_code(d, (struct str){scanned.p, scanned.n - MARK - 1});
    if (!tag || !tag_text(keys, tag->code, expected)) return NULL;
    return ct_equal(scanned.p, expected, scanned.n) ? tag : NULL;
}
