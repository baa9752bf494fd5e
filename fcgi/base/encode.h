/* Bytes as text: hex, base64, base64url, base62; percent-encoding; CRC-32 (ISO-HDLC, as zlib and gzip). */
#ifndef MINHU_ENCODE_H
#define MINHU_ENCODE_H

#include "base/buf.h"
#include "base/str.h"

#include <stdint.h>

/* Each out must have room for the NUL too. */
void hex_encode(const uint8_t *p, size_t n, char *out);         /* 2n + 1 */
bool hex_decode(struct str s, uint8_t *out, size_t n);          /* exactly n bytes; either case */
size_t base64_encode(const uint8_t *p, size_t n, char *out);    /* padded; 4*((n+2)/3) + 1; returns the length */
size_t base64url_encode(const uint8_t *p, size_t n, char *out); /* without padding */
/* Strict: canonical, no padding. Returns false unless s decodes to at most cap bytes; *n is how many. */
bool base64url_decode(struct str s, uint8_t *out, size_t cap, size_t *n);
bool base64_decode(struct str s, uint8_t *out, size_t cap, size_t *n);
/* 32 bytes as exactly 43 base62 digits (0-9A-Za-z), most significant first, zero-filled. */
void base62_encode32(const uint8_t in[32], char out[44]);
/* False for another length, alphabet, or a value of 2^256 and more. */
bool base62_decode32(struct str s, uint8_t out[32]);
uint32_t crc32_of(const void *p, size_t n);
/* Writes v as exactly 6 base62 digits and a NUL. */
void base62_encode_crc(uint32_t v, char out[7]);
/* Percent-encodes everything but A-Z a-z 0-9 - _ . ~ (RFC 3986). */
bool percent_encode(struct buf *b, struct str s);
/* Decodes into room, of s.n bytes at least; plus_is_space for queries. False when an escape is broken. */
bool percent_decode(struct str s, bool plus_is_space, char *room, struct str *out) __attribute__((warn_unused_result));

#endif
