/* Opaque tokens and keys: prefix, 43 base62 digits (256 bits), 6 base62 digits of CRC-32 over what stands before them.
 * mha_ access, mhr_ refresh, mhk_ API key, mhi_ one-time invitation, mhp_ link of a part. A bad checksum is refused without the
 * database. */
#ifndef MINHU_TOKEN_H
#define MINHU_TOKEN_H

#include "base/str.h"

#include <stdint.h>

enum { TOKEN_TEXT = 4 + 43 + 6 };

/* prefix: "mha_" and so on. */
void token_format(const char prefix[5], const uint8_t secret[32], char out[TOKEN_TEXT + 1]);
/* False for another prefix, length, alphabet or checksum. */
bool token_parse(struct str s, const char prefix[5], uint8_t secret[32]);
/* What the database holds: SHA-256 of the whole text. */
bool token_hash(struct str s, uint8_t hash[32]);

#endif
