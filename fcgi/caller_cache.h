/* Who a token belongs to, remembered for some seconds in the mapping that all processes of an entry share, so that most
 * requests need no look-up of their caller. Atomics only; a writer that dies half-way costs its slot, nothing else. */
#ifndef MINHU_CALLER_CACHE_H
#define MINHU_CALLER_CACHE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CALLER_SETS = 4096,     /* by the token's hash, which nobody can choose */
    CALLER_WAYS = 4,        /* slots that a token may take in its set */
    CALLER_WORDS = 40,      /* of a value */
    CALLER_OWNERS = 1 << 12 /* counters that tell whose values have become stale */
};
#define CALLER_VALUE_MAX (CALLER_WORDS * sizeof(uint64_t))

struct caller_slot {
    _Atomic uint64_t sequence; /* odd while it is written */
    _Atomic uint64_t key[4];
    _Atomic uint64_t until_us;
    _Atomic uint64_t owner; /* which counter, and what it said: index << 32 | count */
    _Atomic uint64_t size;
    _Atomic uint64_t value[CALLER_WORDS];
};

struct caller_cache {
    _Atomic uint64_t epoch; /* counts all that was ever forgotten */
    _Atomic uint32_t forgotten[CALLER_OWNERS];
    struct caller_slot slots[CALLER_SETS][CALLER_WAYS];
};

/* Copies the value kept for a token's hash into value (CALLER_VALUE_MAX bytes) and gives its size; 0 when there is none,
 * it is too old, or its owner was forgotten meanwhile. */
size_t caller_find(struct caller_cache *c, const uint8_t hash[32], int64_t now_us, void *value);

/* To be taken before a caller is looked up: caller_keep then keeps nothing that was forgotten between the two. */
uint64_t caller_epoch(struct caller_cache *c);

/* Keeps a value of up to CALLER_VALUE_MAX bytes until until_us; longer ones are left out. owner: the person or key that
 * caller_forget names. */
void caller_keep(struct caller_cache *c, uint64_t epoch, const uint8_t hash[32], const uint8_t owner[16],
                 int64_t until_us, const void *value, size_t n);

/* What is kept of this owner counts no more, from now on, in all processes of the entry. Call it after the commit that
 * changes the owner's sessions, post or profile. */
void caller_forget(struct caller_cache *c, const uint8_t owner[16]);

#endif
