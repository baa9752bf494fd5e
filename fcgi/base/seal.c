/* Sealing single values for the database: two suites behind one layout, each value bound to table, column and row. */
#include "base/seal.h"

#include "base/crypto.h"
#include "base/crypto_private.h"
#include "base/keyring_private.h"
#include "base/log.h"

#include <openssl/evp.h>

enum {
    VERSION = 1,
    HEAD = 4, /* version, suite, key id */
    MAGIC = 5,
    AAD = MAGIC + HEAD + 4 + 16,
    PLAIN_MAX = 16 * 1024 * 1024
};

/* A value being sealed or opened: out is as long as in. */
struct job {
    const struct seal_key *key;
    const uint8_t *aad, *nonce, *in;
    size_t n;
    uint8_t *out;
};

struct suite {
    size_t nonce, tag;
    bool (*lock)(const struct job *j, uint8_t *tag);
    /* False when the tag does not fit; out may hold anything then. */
    bool (*open)(const struct job *j, const uint8_t *tag);
};

/* ---- AES-256-GCM ---- */

/* Key, nonce, associated data and text, up to but without the tag. */
static bool gcm_run(EVP_CIPHER_CTX *ctx, const struct job *j, int encrypt) {
    int n;
    return EVP_CipherInit_ex2(ctx, NULL, j->key->key, j->nonce, encrypt, NULL) == 1 &&
           EVP_CipherUpdate(ctx, NULL, &n, j->aad, AAD) == 1 &&
           (j->n == 0 || EVP_CipherUpdate(ctx, j->out, &n, j->in, (int)j->n) == 1);
}

static bool gcm_lock(const struct job *j, uint8_t *tag) {
    EVP_CIPHER_CTX *ctx = crypto_cipher(CIPHER_AES_256_GCM);
    uint8_t rest[16];
    int n;
    bool ok = ctx && gcm_run(ctx, j, 1) && EVP_CipherFinal_ex(ctx, rest, &n) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1;
    return ok || crypto_failed("AES-256-GCM");
}

static bool gcm_open(const struct job *j, const uint8_t *tag) {
    EVP_CIPHER_CTX *ctx = crypto_cipher(CIPHER_AES_256_GCM);
    uint8_t expected[16], rest[16];
    int n;
    memcpy(expected, tag, sizeof expected);
    if (!ctx || !gcm_run(ctx, j, 0) || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, expected) != 1) {
        return crypto_failed("AES-256-GCM");
    }
    bool fits = EVP_CipherFinal_ex(ctx, rest, &n) == 1;
    crypto_forget_errors();
    return fits;
}

/* ---- SM4-CTR, then HMAC-SM3 ---- */

static bool sm_cipher(const struct job *j) {
    EVP_CIPHER_CTX *ctx = crypto_cipher(CIPHER_SM4_CTR);
    int n;
    bool ok = ctx && EVP_CipherInit_ex2(ctx, NULL, j->key->sm_cipher, j->nonce, 1, NULL) == 1 &&
              (j->n == 0 || EVP_CipherUpdate(ctx, j->out, &n, j->in, (int)j->n) == 1);
    return ok || crypto_failed("SM4-CTR");
}

/* Over the associated data, nonce and ciphertext; the first two have fixed lengths, so that borders can't move. */
static bool sm_tag(const struct job *j, const uint8_t *ciphertext, uint8_t tag[32]) {
    const struct str parts[] = {
        {(const char *)j->aad, AAD}, {(const char *)j->nonce, 16}, {(const char *)ciphertext, j->n}};
    struct str key = {(const char *)j->key->sm_mac, sizeof j->key->sm_mac};
    return crypto_mac(MAC_SM3, key, parts, 3, tag);
}

static bool sm_lock(const struct job *j, uint8_t *tag) { return sm_cipher(j) && sm_tag(j, j->out, tag); }

static bool sm_open(const struct job *j, const uint8_t *tag) {
    uint8_t expected[32];
    return sm_tag(j, j->in, expected) && ct_equal(expected, tag, sizeof expected) && sm_cipher(j);
}

/* ---- the layout ---- */

/* By the suite's number; part of the format for ever. */
static const struct suite suites[] = {
    [SUITE_AES] = {.nonce = 12, .tag = 16, .lock = gcm_lock, .open = gcm_open},
    [SUITE_SM] = {.nonce = 16, .tag = 32, .lock = sm_lock, .open = sm_open},
};

static void put16(uint8_t *p, uint16_t v) {
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void make_aad(uint8_t aad[AAD], const uint8_t head[HEAD], struct seal_place place, const uint8_t row[16]) {
    memcpy(aad, "minhu", MAGIC);
    memcpy(aad + MAGIC, head, HEAD);
    put16(aad + MAGIC + HEAD, place.table);
    put16(aad + MAGIC + HEAD + 2, place.column);
    memcpy(aad + MAGIC + HEAD + 4, row, 16);
}

enum rc seal(const struct keyring *kr, struct seal_place place, const uint8_t row[16], struct str plain,
             struct arena *a, struct str *sealed) {
    *sealed = (struct str){NULL, 0};
    if (!plain.p) {
        return RC_OK;
    }
    if (plain.n > PLAIN_MAX) {
        return RC_TOO_LARGE;
    }
    const struct seal_key *key = &kr->seal[kr->current];
    const struct suite *s = &suites[kr->suite];
    size_t size = HEAD + s->nonce + plain.n + s->tag;
    uint8_t *p = arena_alloc(a, size);
    if (!p) {
        return RC_INTERNAL;
    }
    p[0] = VERSION;
    p[1] = (uint8_t)kr->suite;
    put16(p + 2, key->id);
    uint8_t aad[AAD], *nonce = p + HEAD, *text = nonce + s->nonce;
    make_aad(aad, p, place, row);
    struct job j = {key, aad, nonce, (const uint8_t *)plain.p, plain.n, text};
    if (!random_bytes(nonce, s->nonce) || !s->lock(&j, text + plain.n)) {
        return RC_INTERNAL;
    }
    *sealed = (struct str){(const char *)p, size};
    return RC_OK;
}

/* The suite of a sealed value that is long enough for it; NULL for anything else. */
static const struct suite *suite_of(struct str sealed) {
    const uint8_t *p = (const uint8_t *)sealed.p;
    if (sealed.n < HEAD || p[0] != VERSION || (p[1] != SUITE_AES && p[1] != SUITE_SM)) {
        return NULL;
    }
    const struct suite *s = &suites[p[1]];
    size_t overhead = HEAD + s->nonce + s->tag;
    return sealed.n >= overhead && sealed.n - overhead <= PLAIN_MAX ? s : NULL;
}

static enum rc refused(struct seal_place place, const char *why) {
    log_event(LOG_ERROR, "unseal", "table %u column %u: %s", (unsigned)place.table, (unsigned)place.column, why);
    return RC_INTERNAL;
}

enum rc unseal(const struct keyring *kr, struct seal_place place, const uint8_t row[16], struct str sealed,
               struct arena *a, struct str *plain) {
    *plain = (struct str){NULL, 0};
    if (!sealed.p || sealed.n == 0) {
        return RC_OK;
    }
    const uint8_t *p = (const uint8_t *)sealed.p;
    const struct suite *s = suite_of(sealed);
    if (!s) {
        return refused(place, "not a sealed value");
    }
    const struct seal_key *key = keyring_seal_key(kr, (uint16_t)(p[2] << 8 | p[3]));
    if (!key) {
        return refused(place, "its key is not in the key file");
    }
    size_t n = sealed.n - HEAD - s->nonce - s->tag;
    uint8_t *out = arena_alloc(a, n + 1);
    if (!out) {
        return RC_INTERNAL;
    }
    uint8_t aad[AAD];
    make_aad(aad, p, place, row);
    const uint8_t *nonce = p + HEAD, *text = nonce + s->nonce;
    struct job j = {key, aad, nonce, text, n, out};
    if (!s->open(&j, text + n)) {
        wipe(out, n);
        return refused(place, "changed, or moved from elsewhere");
    }
    *plain = (struct str){(const char *)out, n};
    return RC_OK;
}

bool blind_index(const struct keyring *kr, const char *kind, struct str value, uint8_t out[16]) {
    uint8_t mac[32];
    const struct str parts[] = {str_of(kind), value};
    memset(out, 0, 16);
    if (!value.p || !hmac_sha256_parts((struct str){(const char *)kr->index, KEY_BYTES}, parts, 2, mac)) {
        return false;
    }
    memcpy(out, mac, 16);
    return true;
}
