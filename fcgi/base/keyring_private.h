/* The keys in memory, for keyring.c, which loads them, and seal.c, which uses them. */
#ifndef MINHU_KEYRING_PRIVATE_H
#define MINHU_KEYRING_PRIVATE_H

#include "base/seal.h"

enum { KEY_BYTES = 32, SEAL_KEYS_MAX = 64, NAMED_KEYS = 5 };

struct seal_key {
    uint16_t id; /* 1 to 65535 */
    uint8_t key[KEY_BYTES];
    uint8_t sm_cipher[16], sm_mac[32]; /* derived from key, for the SM suite */
};

/* Lies on pages of its own: read-only after loading, and left out of core dumps. */
struct keyring {
    struct seal_key seal[SEAL_KEYS_MAX];
    size_t count, current; /* current: index into seal */
    enum seal_suite suite;
    bool sample;
    uint8_t index[KEY_BYTES];
    bool has_named[NAMED_KEYS];
    uint8_t named[NAMED_KEYS][KEY_BYTES];
};

/* NULL when no such key is in the ring. */
const struct seal_key *keyring_seal_key(const struct keyring *kr, uint16_t id);

#endif
