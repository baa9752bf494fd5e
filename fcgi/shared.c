/* Counters, histograms and rate buckets in memory that all processes of an entry map. */
#include "shared.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

struct shared *shared_here;

const int shared_statuses[STATUS_KINDS] = {200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 409, 411, 412,
                                           413, 414, 415, 422, 428, 429, 431, 500, 502, 503, 504, 0};

const uint64_t shared_latency_bounds[LATENCY_BUCKETS] = {1000,   2500,   5000,    10000,   25000,   50000,    100000,
                                                         250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000};

/* Drawn once, before processes fork: a client can't choose an address that shares another's bucket. */
static uint64_t seeds[2] = {UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xd1b54a32d192ed03)};

struct shared *shared_make(void) {
    void *p = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return NULL;
    uint64_t fresh[2];
    if (getrandom(fresh, sizeof fresh, 0) == (ssize_t)sizeof fresh) {
        seeds[0] = fresh[0];
        seeds[1] = fresh[1] | 1;
    }
    return p;
}

void shared_count(struct shared *s, int route, int status, uint64_t us) {
    size_t row = route < 0 || route >= ROUTES_MAX ? ROUTES_MAX : (size_t)route;
    size_t kind = 0, bucket = 0;
    while (kind < STATUS_KINDS - 1 && shared_statuses[kind] != status) kind++;
    while (bucket < LATENCY_BUCKETS && us > shared_latency_bounds[bucket]) bucket++;
    atomic_fetch_add_explicit(&s->requests[row][kind], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->latency[row][bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->latency_us_sum[row], us, memory_order_relaxed);
}

/* ---- rate buckets ----
 * A slot's state is one number: the instant at which its bucket will be full again. Taking one token moves it on by
 * the time one token needs; a bucket is empty when the instant lies a whole burst ahead. A slot whose instant has
 * passed is a full bucket, so forgetting it and giving it to another key loses nothing. */

enum { PROBES = 8, MINUTE_US = 60000000 };

static uint64_t fold(uint64_t a, uint64_t b) {
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t absorb(uint64_t h, const unsigned char *p, size_t n) {
    for (size_t at = 0; at < n; at += 8) {
        uint64_t word = 0;
        size_t part = n - at < 8 ? n - at : 8;
        memcpy(&word, p + at, part);
        h = fold(h ^ word ^ seeds[0], seeds[1] + part);
    }
    return fold(h ^ n, seeds[0] | 1);
}

uint64_t rate_key(const char *kind, const void *p, size_t n) {
    uint64_t h = absorb(seeds[1], (const unsigned char *)kind, strlen(kind));
    return absorb(h, p, n);
}

/* The key's slot, or one taken for it: a free one, a full bucket's, or else the one nearest to being full.
 * Two callers may race for a slot; the loser's token is then counted on the winner's bucket, which is harmless. */
static struct rate_slot *find_slot(struct shared *s, uint64_t key, uint64_t now) {
    struct rate_slot *best = NULL;
    uint64_t best_state = 0, best_key = 0;
    for (size_t i = 0; i < PROBES; i++) {
        struct rate_slot *slot = &s->rate[(key + i) % RATE_SLOTS];
        uint64_t held = atomic_load_explicit(&slot->key, memory_order_relaxed);
        if (held == key) return slot;
        uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
        if (held == 0 || state <= now) state = 0;
        if (!best || state < best_state) {
            best = slot;
            best_state = state;
            best_key = held;
        }
    }
    if (atomic_compare_exchange_strong_explicit(&best->key, &best_key, key, memory_order_relaxed,
                                                memory_order_relaxed) &&
        best_state > now)
        atomic_store_explicit(&best->state, now, memory_order_relaxed);
    return best;
}

static int whole_seconds(uint64_t us) {
    uint64_t seconds = (us + 999999) / 1000000;
    return seconds > INT32_MAX ? INT32_MAX : (int)seconds;
}

bool rate_take(struct shared *s, uint64_t key, int per_minute, int burst, int64_t now_us, int *remaining,
               int *reset_seconds) {
    int left = 0, wait = 0;
    bool taken = true;
    if (per_minute > 0) {
        uint64_t step = per_minute >= MINUTE_US ? 1 : (uint64_t)(MINUTE_US / per_minute);
        uint64_t room = step * (uint64_t)(burst < 1 ? 1 : burst), now = now_us < 0 ? 0 : (uint64_t)now_us;
        struct rate_slot *slot = find_slot(s, key ? key : 1, now);
        uint64_t old = atomic_load_explicit(&slot->state, memory_order_relaxed), full;
        do {
            full = old < now          ? now
                   : old > now + room ? now + room
                                      : old; /* ahead of that: the clock or the limit changed */
            taken = full + step <= now + room;
            if (taken) full += step;
        } while (full != old && !atomic_compare_exchange_weak_explicit(&slot->state, &old, full, memory_order_relaxed,
                                                                       memory_order_relaxed));
        left = (int)((now + room - full) / step);
        wait = taken ? whole_seconds(full - now) : whole_seconds(full + step - now - room);
    } else {
        left = INT32_MAX;
    }
    if (!taken) atomic_fetch_add_explicit(&s->rate_limited, 1, memory_order_relaxed);
    if (remaining) *remaining = left;
    if (reset_seconds) *reset_seconds = wait;
    return taken;
}
