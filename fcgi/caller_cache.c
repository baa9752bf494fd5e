/* A set-associative table of sequence locks. Every word is an atomic: a reader that meets a writer sees a changed
 * sequence, never half a value. */
#include "caller_cache.h"

#include <string.h>

static struct caller_slot *set_of(struct caller_cache *c, const uint64_t key[4]) {
    return c->slots[key[0] % CALLER_SETS];
}

/* Ids are UUIDv7: their last bytes are random. */
static uint32_t owner_index(const uint8_t owner[16]) {
    uint32_t tail;
    memcpy(&tail, owner + 12, sizeof tail);
    return tail % CALLER_OWNERS;
}

/* Acquire on each word keeps the second look at the sequence behind them. */
static uint64_t look(const _Atomic uint64_t *word) { return atomic_load_explicit(word, memory_order_acquire); }

static bool same_key(const struct caller_slot *s, const uint64_t key[4]) {
    for (int i = 0; i < 4; i++)
        if (look(&s->key[i]) != key[i]) return false;
    return true;
}

static bool still_known(struct caller_cache *c, uint64_t owner) {
    return atomic_load(&c->forgotten[owner >> 32]) == (uint32_t)owner;
}

/* The key is compared inside the sequence: a slot that becomes another token's can't be taken for this one's. */
static size_t read_slot(struct caller_cache *c, const struct caller_slot *s, const uint64_t key[4], int64_t now_us,
                        void *value) {
    uint64_t sequence = look(&s->sequence), words[CALLER_WORDS];
    if (sequence & 1 || !same_key(s, key)) return 0;
    uint64_t until = look(&s->until_us), owner = look(&s->owner), size = look(&s->size);
    if (size > sizeof words || owner >> 32 >= CALLER_OWNERS) return 0;
    for (size_t i = 0; i * 8 < size; i++) words[i] = look(&s->value[i]);
    if (look(&s->sequence) != sequence || (int64_t)until <= now_us || !still_known(c, owner)) return 0;
    memcpy(value, words, size);
    return size;
}

size_t caller_find(struct caller_cache *c, const uint8_t hash[32], int64_t now_us, void *value) {
    uint64_t key[4];
    memcpy(key, hash, sizeof key);
    struct caller_slot *set = set_of(c, key);
    for (int i = 0; i < CALLER_WAYS; i++) {
        size_t n = read_slot(c, &set[i], key, now_us, value);
        if (n) return n;
    }
    return 0;
}

uint64_t caller_epoch(struct caller_cache *c) { return atomic_load(&c->epoch); }

/* The token's own slot, else the one that is free first. */
static struct caller_slot *choose(struct caller_cache *c, const uint64_t key[4]) {
    struct caller_slot *set = set_of(c, key), *best = &set[0];
    for (int i = 0; i < CALLER_WAYS; i++) {
        if (same_key(&set[i], key)) return &set[i];
        if (look(&set[i].until_us) < look(&best->until_us)) best = &set[i];
    }
    return best;
}

/* Release on each word keeps the odd sequence before them. */
static void put(_Atomic uint64_t *word, uint64_t value) { atomic_store_explicit(word, value, memory_order_release); }

void caller_keep(struct caller_cache *c, uint64_t epoch, const uint8_t hash[32], const uint8_t owner[16],
                 int64_t until_us, const void *value, size_t n) {
    uint64_t key[4], words[CALLER_WORDS] = {0}, index = owner_index(owner);
    if (n == 0 || n > sizeof words) return;
    uint64_t known = index << 32 | atomic_load(&c->forgotten[index]);
    if (atomic_load(&c->epoch) != epoch) return; /* read the counter first, then see that nothing was forgotten */
    memcpy(key, hash, sizeof key);
    memcpy(words, value, n);
    struct caller_slot *s = choose(c, key);
    uint64_t sequence = look(&s->sequence);
    if (sequence & 1 || !atomic_compare_exchange_strong(&s->sequence, &sequence, sequence + 1)) return;
    for (int i = 0; i < 4; i++) put(&s->key[i], key[i]);
    put(&s->until_us, (uint64_t)until_us);
    put(&s->owner, known);
    put(&s->size, n);
    for (size_t i = 0; i * 8 < n; i++) put(&s->value[i], words[i]);
    put(&s->sequence, sequence + 2);
}

/* The epoch goes first: who reads the counter after it was raised finds the epoch raised too, and keeps nothing. */
void caller_forget(struct caller_cache *c, const uint8_t owner[16]) {
    atomic_fetch_add(&c->epoch, 1);
    atomic_fetch_add(&c->forgotten[owner_index(owner)], 1);
}
