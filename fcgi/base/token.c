/* Tokens as text, their checksum, and the hash that the database holds. */
#include "base/token.h"

#include "base/crypto.h"
#include "base/encode.h"

enum { PREFIX = 4, DIGITS = 43, CHECKED = PREFIX + DIGITS, CHECKSUM = 6 };

_Static_assert(CHECKED + CHECKSUM == TOKEN_TEXT, "the three parts make the whole");

void token_format(const char prefix[5], const uint8_t secret[32], char out[TOKEN_TEXT + 1]) {
    memcpy(out, prefix, PREFIX);
    base62_encode32(secret, out + PREFIX);
    base62_encode_crc(crc32_of(out, CHECKED), out + CHECKED);
}

bool token_parse(struct str s, const char prefix[5], uint8_t secret[32]) {
    if (!s.p || s.n != TOKEN_TEXT || memcmp(s.p, prefix, PREFIX) != 0) {
        return false;
    }
    /* Compared as text, so that the six digits have one valid form only. */
    char checksum[CHECKSUM + 1];
    base62_encode_crc(crc32_of(s.p, CHECKED), checksum);
    return memcmp(s.p + CHECKED, checksum, CHECKSUM) == 0 &&
           base62_decode32((struct str){s.p + PREFIX, DIGITS}, secret);
}

bool token_hash(struct str s, uint8_t hash[32]) { return sha256(s.p, s.n, hash); }
