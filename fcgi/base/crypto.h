/* Digests, MACs and random bytes; with seal.c the only users of OpenSSL. Algorithms are fetched once by crypto_init. */
#ifndef MINHU_CRYPTO_H
#define MINHU_CRYPTO_H

#include "base/rc.h"
#include "base/str.h"

#include <stdint.h>

/* Before any thread is started; false when the library lacks an algorithm (told in the log). */
bool crypto_init(void);
/* All return false only when OpenSSL fails, which is logged. */
bool sha256(const void *p, size_t n, uint8_t out[32]) MUST_USE;
bool hmac_sha256(struct str key, struct str data, uint8_t out[32]) MUST_USE;
/* HMAC over several parts, each preceded by its length as 8 bytes big endian, so that borders can't move. */
bool hmac_sha256_parts(struct str key, const struct str *parts, size_t n, uint8_t out[32]) MUST_USE;
bool hmac_sm3(struct str key, struct str data, uint8_t out[32]) MUST_USE;
/* Only for protocols of others that ask for it. */
bool md5_hex(struct str data, char out[33]) MUST_USE;
bool random_bytes(void *p, size_t n) MUST_USE;
bool ct_equal(const void *a, const void *b, size_t n);
void wipe(void *p, size_t n);
/* Ed25519, for the audit heads. */
bool ed25519_public(const uint8_t seed[32], uint8_t public_key[32]) MUST_USE;
bool ed25519_sign(const uint8_t seed[32], struct str data, uint8_t sig[64]) MUST_USE;
bool ed25519_verify(const uint8_t public_key[32], struct str data, const uint8_t sig[64]) MUST_USE;

#endif
