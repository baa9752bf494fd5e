/* The mapping that the parent makes and all processes of one entry share: atomics only, no locks. */
#ifndef MINHU_SHARED_H
#define MINHU_SHARED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caller_cache.h"

enum { LATENCY_BUCKETS = 14, STATUS_CLASSES = 600, ROUTES_MAX = 256, RATE_SLOTS = 1 << 16, PROCESSES_MAX = 64 };

/* One token bucket: key's hash and (time, level) packed, replaced when stale. */
struct rate_slot {
    _Atomic uint64_t key;
    _Atomic uint64_t state;
};

/* A counter for (route, status): sparse, so statuses are kept as an index into a short list (see shared.c). */
enum { STATUS_KINDS = 25 };

struct shared {
    _Atomic uint64_t requests[ROUTES_MAX + 1][STATUS_KINDS];       /* last row: no route */
    _Atomic uint64_t latency[ROUTES_MAX + 1][LATENCY_BUCKETS + 1]; /* last bucket: above all bounds */
    _Atomic uint64_t latency_us_sum[ROUTES_MAX + 1];
    _Atomic uint64_t db_errors, db_reconnects, db_retries, log_lines, restarts;
    _Atomic uint64_t rate_limited, protocol_errors, auth_failures;
    _Atomic int64_t busy[PROCESSES_MAX], connections[PROCESSES_MAX];
    _Atomic bool serving[PROCESSES_MAX]; /* the process has been able to answer requests since it started */
    _Atomic bool draining;               /* the parent was told to stop: /readyz says no */
    struct rate_slot rate[RATE_SLOTS];
    struct caller_cache callers;
};

/* Anonymous shared memory, zeroed; NULL when there is none. */
struct shared *shared_make(void);
void shared_count(struct shared *s, int route, int status, uint64_t us);

/* What the counters' columns stand for: statuses (0: any other), and the buckets' upper bounds in microseconds. */
extern const int shared_statuses[STATUS_KINDS];
extern const uint64_t shared_latency_bounds[LATENCY_BUCKETS];

/* Takes one from the bucket of key (any 64-bit hash) that refills per_minute and holds burst. True when there was one.
 * *remaining and *reset_seconds (may be NULL) tell what is left and when it is full again / when one is there. */
bool rate_take(struct shared *s, uint64_t key, int per_minute, int burst, int64_t now_us, int *remaining,
               int *reset_seconds);
/* Hash of a rate key: what kind of limit ("a" address, "p" principal, "k" key) and whose. */
uint64_t rate_key(const char *kind, const void *p, size_t n);

/* The mapping of this process, for modules far from the server (db counts its errors); NULL outside a worker. */
extern struct shared *shared_here;

#endif
