/* What crypto.c shares with seal.c only: MACs over several parts, and each thread's own cipher contexts. */
#ifndef MINHU_CRYPTO_PRIVATE_H
#define MINHU_CRYPTO_PRIVATE_H

#include "base/crypto.h"

#include <openssl/types.h>

enum crypto_mac { MAC_SHA256, MAC_SM3, MAC__MAX };
enum crypto_cipher { CIPHER_AES_256_GCM, CIPHER_SM4_CTR, CIPHER__MAX };

/* HMAC over the parts as if they stood in one piece: the caller sees to it that borders can't move. False, logged, when
 * OpenSSL fails. */
bool crypto_mac(enum crypto_mac which, struct str key, const struct str *parts, size_t n, uint8_t out[32]) MUST_USE;
/* This thread's context, which has its cipher and needs a key and a nonce; NULL, logged, when OpenSSL fails. It stays
 * crypto.c's and is used again by the next caller on this thread. */
EVP_CIPHER_CTX *crypto_cipher(enum crypto_cipher which);
/* Logs what failed with OpenSSL's reasons and empties this thread's error queue. Returns false. */
bool crypto_failed(const char *what);
/* Empties the error queue where a failure is an answer (a wrong signature), not a fault. */
void crypto_forget_errors(void);

#endif
