/* Personal data at rest: sealed values, blind indexes, and the key file they come from (design: "Personal data").
 *
 * A sealed value is  version(1)=1 ‖ suite(1) ‖ key id(2, big endian) ‖ nonce(12 or 16) ‖ ciphertext ‖ tag(16 or 32),
 * authenticated together with the fixed table number, column number and the row's id, so that a value can't be moved.
 * Suites: 1 = AES-256-GCM (nonce 12, tag 16); 2 = SM4-CTR then HMAC-SM3 (nonce 16, tag 32; encrypt-then-MAC, two keys derived). */
#ifndef MINHU_SEAL_H
#define MINHU_SEAL_H

#include "base/arena.h"
#include "base/rc.h"

#include <stdint.h>

enum seal_suite { SUITE_AES = 1, SUITE_SM = 2 };

/* Where a value lives. Numbers are for ever: a renamed column keeps its own. */
struct seal_place {
    uint16_t table, column;
};

/* Immutable once loaded; shared by all threads. */
struct keyring;

enum { SEAL_OVERHEAD_MAX = 4 + 16 + 32 };

/* Reads the key file (ini; documented in its own first lines). It must be a regular file that nobody but its owner may read
 * (mode & 077 == 0, unless group is allowed by 0040 and the process is not the owner). On failure *error tells what, with file and line. */
enum rc keyring_load(const char *path, struct keyring **kr, char *error, size_t error_size) MUST_USE;
void keyring_free(struct keyring *kr);
/* Writes a new key file with fresh keys, mode 0600, refusing to overwrite. suite is what new values are sealed with. */
enum rc keyring_create(const char *path, enum seal_suite suite, char *error, size_t error_size) MUST_USE;
/* True when it is the project's sample key file (its keys are marked), which production mode refuses. */
bool keyring_is_sample(const struct keyring *kr);

/* Seals with the current key. The result is in the arena; absent stays absent. */
enum rc seal(const struct keyring *kr, struct seal_place place, const uint8_t row[16], struct str plain,
             struct arena *a, struct str *sealed) MUST_USE;
/* RC_INTERNAL when it was changed, moved, or its key is not in the ring. Absent or empty sealed gives absent. */
enum rc unseal(const struct keyring *kr, struct seal_place place, const uint8_t row[16], struct str sealed,
               struct arena *a, struct str *plain) MUST_USE;
/* Keyed index for equality search: HMAC-SHA256(index key, kind ‖ value), first 16 bytes. kind separates phone, ID number, name. */
bool blind_index(const struct keyring *kr, const char *kind, struct str value, uint8_t out[16]) MUST_USE;

/* Named keys of 32 bytes from the same file: "token", "audit", "cursor", "head" (Ed25519 seed), "answer" … NULL when it has none. */
const uint8_t *keyring_key(const struct keyring *kr, const char *name);

#endif
