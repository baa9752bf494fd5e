/* Digests, MACs, signatures and random bytes: algorithms fetched once, contexts kept by each thread and used again. */
#include "base/crypto.h"

#include "base/crypto_private.h"
#include "base/encode.h"
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

enum digest { DIGEST_SHA256, DIGEST_MD5, DIGEST__MAX };

static const char *const digest_names[DIGEST__MAX] = {[DIGEST_SHA256] = "SHA2-256", [DIGEST_MD5] = "MD5"};
static const char *const mac_digest_names[MAC__MAX] = {[MAC_SHA256] = "SHA2-256", [MAC_SM3] = "SM3"};
static const char *const cipher_names[CIPHER__MAX] = {
    [CIPHER_AES_256_GCM] = "AES-256-GCM", [CIPHER_SM4_CTR] = "SM4-CTR"};

/* Written by crypto_init alone, before there are threads; read by all. Kept until the process ends. */
static struct {
    bool ready;
    EVP_MD *digest[DIGEST__MAX];
    EVP_MAC *hmac;
    EVP_CIPHER *cipher[CIPHER__MAX];
    pthread_key_t cleanup;
} lib;

struct contexts {
    EVP_MD_CTX *digest[DIGEST__MAX];
    EVP_MAC_CTX *mac[MAC__MAX];
    EVP_CIPHER_CTX *cipher[CIPHER__MAX];
};

static _Thread_local struct contexts *mine;

/* ---- errors ---- */

void crypto_forget_errors(void) { ERR_clear_error(); }

bool crypto_failed(const char *what) {
    unsigned long code = ERR_get_error();
    if (code == 0) {
        log_event(LOG_ERROR, "crypto", "%s failed", what);
    }
    for (; code != 0; code = ERR_get_error()) {
        char reason[256];
        ERR_error_string_n(code, reason, sizeof reason);
        log_event(LOG_ERROR, "crypto", "%s failed: %s", what, reason);
    }
    return false;
}

/* ---- contexts ---- */

static void contexts_free(void *p) {
    struct contexts *c = p;
    for (int i = 0; i < DIGEST__MAX; i++) {
        EVP_MD_CTX_free(c->digest[i]);
    }
    for (int i = 0; i < MAC__MAX; i++) {
        EVP_MAC_CTX_free(c->mac[i]);
    }
    for (int i = 0; i < CIPHER__MAX; i++) {
        EVP_CIPHER_CTX_free(c->cipher[i]);
    }
    free(c);
    mine = NULL;
}

static EVP_MAC_CTX *mac_context(enum crypto_mac which) {
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(lib.hmac);
    char name[16];
    size_t n = strlen(mac_digest_names[which]);
    memcpy(name, mac_digest_names[which], n + 1);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, n),
                           OSSL_PARAM_construct_end()};
    if (ctx && EVP_MAC_CTX_set_params(ctx, params) != 1) {
        EVP_MAC_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

static EVP_CIPHER_CTX *cipher_context(enum crypto_cipher which) {
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (ctx && EVP_EncryptInit_ex2(ctx, lib.cipher[which], NULL, NULL, NULL) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

static bool contexts_fill(struct contexts *c) {
    bool ok = true;
    for (int i = 0; i < DIGEST__MAX; i++) {
        c->digest[i] = EVP_MD_CTX_new();
        ok = ok && c->digest[i];
    }
    for (int i = 0; i < MAC__MAX; i++) {
        c->mac[i] = mac_context((enum crypto_mac)i);
        ok = ok && c->mac[i];
    }
    for (int i = 0; i < CIPHER__MAX; i++) {
        c->cipher[i] = cipher_context((enum crypto_cipher)i);
        ok = ok && c->cipher[i];
    }
    return ok;
}

static struct contexts *contexts_make(void) {
    if (!lib.ready) {
        log_event(LOG_ERROR, "crypto", "used before crypto_init");
        return NULL;
    }
    struct contexts *c = calloc(1, sizeof *c);
    if (!c || !contexts_fill(c) || pthread_setspecific(lib.cleanup, c) != 0) {
        crypto_failed("making a thread's contexts");
        if (c) {
            contexts_free(c);
        }
        return NULL;
    }
    mine = c;
    return c;
}

static inline struct contexts *contexts(void) { return mine ? mine : contexts_make(); }

static bool lacks(const char *algorithm) {
    crypto_failed(algorithm);
    return false;
}

bool crypto_init(void) {
    if (lib.ready) {
        return true;
    }
    for (int i = 0; i < DIGEST__MAX; i++) {
        if (!lib.digest[i] && !(lib.digest[i] = EVP_MD_fetch(NULL, digest_names[i], NULL))) {
            return lacks(digest_names[i]);
        }
    }
    for (int i = 0; i < CIPHER__MAX; i++) {
        if (!lib.cipher[i] && !(lib.cipher[i] = EVP_CIPHER_fetch(NULL, cipher_names[i], NULL))) {
            return lacks(cipher_names[i]);
        }
    }
    if (!lib.hmac && !(lib.hmac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL))) {
        return lacks("HMAC");
    }
    if (pthread_key_create(&lib.cleanup, contexts_free) != 0) {
        return lacks("a thread key");
    }
    lib.ready = true;
    /* Tells now, not at the first request, when an HMAC's digest or a thread's contexts can't be had. */
    return contexts() != NULL;
}

/* ---- digests ---- */

static bool digest(enum digest which, const void *p, size_t n, uint8_t *out) {
    struct contexts *c = contexts();
    if (!c) {
        return false;
    }
    EVP_MD_CTX *ctx = c->digest[which];
    if (EVP_DigestInit_ex2(ctx, lib.digest[which], NULL) != 1 || (n > 0 && EVP_DigestUpdate(ctx, p, n) != 1) ||
        EVP_DigestFinal_ex(ctx, out, NULL) != 1) {
        return crypto_failed(digest_names[which]);
    }
    return true;
}

bool sha256(const void *p, size_t n, uint8_t out[32]) { return digest(DIGEST_SHA256, p, n, out); }

bool md5_hex(struct str data, char out[33]) {
    uint8_t sum[16];
    if (!digest(DIGEST_MD5, data.p, data.n, sum)) {
        out[0] = '\0';
        return false;
    }
    hex_encode(sum, sizeof sum, out);
    return true;
}

/* ---- MACs ---- */

/* This thread's context with the key set; NULL when that fails. */
static EVP_MAC_CTX *mac_begin(enum crypto_mac which, struct str key) {
    struct contexts *c = contexts();
    if (!c) {
        return NULL;
    }
    /* A NULL key would mean "the key of the last time". */
    const char *p = key.p ? key.p : "";
    if (EVP_MAC_init(c->mac[which], (const unsigned char *)p, key.n, NULL) != 1) {
        crypto_failed("HMAC's key");
        return NULL;
    }
    return c->mac[which];
}

static bool mac_add(EVP_MAC_CTX *ctx, const void *p, size_t n) { return n == 0 || EVP_MAC_update(ctx, p, n) == 1; }

static bool mac_end(EVP_MAC_CTX *ctx, bool ok, uint8_t out[32]) {
    size_t n = 0;
    if (!ok || EVP_MAC_final(ctx, out, &n, 32) != 1 || n != 32) {
        return crypto_failed("HMAC");
    }
    return true;
}

bool crypto_mac(enum crypto_mac which, struct str key, const struct str *parts, size_t n, uint8_t out[32]) {
    EVP_MAC_CTX *ctx = mac_begin(which, key);
    bool ok = ctx != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        ok = mac_add(ctx, parts[i].p, parts[i].n);
    }
    return ctx && mac_end(ctx, ok, out);
}

bool hmac_sha256(struct str key, struct str data, uint8_t out[32]) {
    return crypto_mac(MAC_SHA256, key, &data, 1, out);
}

bool hmac_sm3(struct str key, struct str data, uint8_t out[32]) { return crypto_mac(MAC_SM3, key, &data, 1, out); }

/* Small pieces go to the digest in large ones: a call costs what hashing a hundred bytes does. */
struct gathered {
    EVP_MAC_CTX *ctx;
    size_t n;
    uint8_t bytes[1024];
};

static bool gathered_flush(struct gathered *g) {
    bool ok = mac_add(g->ctx, g->bytes, g->n);
    g->n = 0;
    return ok;
}

static bool gather(struct gathered *g, const void *p, size_t n) {
    if (n > sizeof g->bytes - g->n && !gathered_flush(g)) return false;
    if (n > sizeof g->bytes) return mac_add(g->ctx, p, n);
    if (n) memcpy(g->bytes + g->n, p, n);
    g->n += n;
    return true;
}

bool hmac_sha256_parts(struct str key, const struct str *parts, size_t n, uint8_t out[32]) {
    struct gathered g;
    g.ctx = mac_begin(MAC_SHA256, key);
    g.n = 0;
    bool ok = g.ctx != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        uint8_t length[8];
        for (int k = 0; k < 8; k++) {
            length[k] = (uint8_t)((uint64_t)parts[i].n >> (56 - 8 * k));
        }
        ok = gather(&g, length, sizeof length) && gather(&g, parts[i].p, parts[i].n);
    }
    ok = ok && gathered_flush(&g);
    return g.ctx && mac_end(g.ctx, ok, out);
}

/* ---- ciphers, random bytes, secrets in memory ---- */

EVP_CIPHER_CTX *crypto_cipher(enum crypto_cipher which) {
    struct contexts *c = contexts();
    return c ? c->cipher[which] : NULL;
}

/* From the kernel: quicker than RAND_bytes for a nonce, and never from a pool of the process, which would
 * hand the children of a fork the same bytes. */
bool random_bytes(void *p, size_t n) {
    uint8_t *to = p;
    while (n > 0) {
        ssize_t got = n > SSIZE_MAX ? -1 : getrandom(to, n, 0);
        if (got < 0 && (n > SSIZE_MAX || errno != EINTR)) {
            return crypto_failed("random bytes");
        }
        to += got > 0 ? got : 0;
        n -= got > 0 ? (size_t)got : 0;
    }
    return true;
}

bool ct_equal(const void *a, const void *b, size_t n) { return n == 0 || CRYPTO_memcmp(a, b, n) == 0; }

void wipe(void *p, size_t n) {
    if (n > 0) {
        OPENSSL_cleanse(p, n);
    }
}

/* ---- Ed25519 ---- */

static const unsigned char *bytes_of(struct str s) { return (const unsigned char *)(s.p ? s.p : ""); }

bool ed25519_public(const uint8_t seed[32], uint8_t public_key[32]) {
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, 32);
    size_t n = 32;
    bool ok = key && EVP_PKEY_get_raw_public_key(key, public_key, &n) == 1 && n == 32;
    EVP_PKEY_free(key);
    return ok || crypto_failed("an Ed25519 key");
}

bool ed25519_sign(const uint8_t seed[32], struct str data, uint8_t sig[64]) {
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, 32);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t n = 64;
    bool ok = key && ctx && EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL) == 1 &&
              EVP_DigestSign(ctx, sig, &n, bytes_of(data), data.n) == 1 && n == 64;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return ok || crypto_failed("an Ed25519 signature");
}

bool ed25519_verify(const uint8_t public_key[32], struct str data, const uint8_t sig[64]) {
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, public_key, 32);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ready = key && ctx && EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL) == 1;
    int verdict = ready ? EVP_DigestVerify(ctx, sig, 64, bytes_of(data), data.n) : -1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    if (!ready) {
        return crypto_failed("an Ed25519 check");
    }
    crypto_forget_errors();
    return verdict == 1;
}
