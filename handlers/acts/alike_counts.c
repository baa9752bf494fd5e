/* The counts as one row, and the two sets of them that a process has: the one in use and the next. */
#include "acts/alike_counts.h"

#include "base/log.h"
#include "base/timefmt.h"

#include <stdatomic.h>

enum { BUCKET_BYTES = 4, PACKED = ALIKE_BUCKETS * BUCKET_BYTES, READ_MEMORY = 2 * PACKED };

enum rc alike_counts_read(struct db *db, struct arena *a, struct alike_counts *counts, bool *kept) {
    struct row_alike_counts *row;
    memset(counts, 0, sizeof *counts);
    enum rc rc = db_row(db, ST_alike_counts, NULL, 0, a, &row);
    if (kept) *kept = rc == RC_OK && row;
    if (rc != RC_OK || !row) return rc;
    if (row->buckets.n != PACKED) {
        log_event(LOG_ERROR, "alike", "the counts of grams are of another release, or were changed by hand");
        return RC_INTERNAL;
    }
    const unsigned char *p = (const unsigned char *)row->buckets.p;
    counts->matters = (uint32_t)row->matters;
    for (size_t i = 0; i < ALIKE_BUCKETS; i++, p += BUCKET_BYTES)
        counts->in[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    return RC_OK;
}

enum rc alike_counts_write(struct db *db, struct arena *a, const struct alike_counts *counts) {
    unsigned char *packed = arena_alloc(a, PACKED), *p = packed;
    if (!packed) return RC_INTERNAL;
    for (size_t i = 0; i < ALIKE_BUCKETS; i++)
        for (int shift = 24; shift >= 0; shift -= 8) *p++ = (unsigned char)(counts->in[i] >> shift);
    return db_run(db, ST_alike_counts_put,
                  DB_VALUES(v_int(counts->matters), v_bytes((struct str){(const char *)packed, PACKED})), NULL);
}

/* Zeroed, either is a district's first day. */
static struct alike_counts sets[2];
static _Atomic(const struct alike_counts *) in_use = &sets[0];
static int64_t read_at_us;

const struct alike_counts *alike_counts_in_use(void) { return atomic_load_explicit(&in_use, memory_order_acquire); }

void alike_counts_refresh(struct db *db, int64_t now_us) {
    const struct alike_counts *now = alike_counts_in_use();
    struct alike_counts *next = now == &sets[0] ? &sets[1] : &sets[0];
    struct row_number *counted;
    struct arena a;
    if (read_at_us && now_us - read_at_us < ALIKE_COUNTS_SECONDS * SECOND_US) return;
    arena_init(&a, READ_MEMORY);
    enum rc rc = db_row(db, ST_alike_counted, NULL, 0, &a, &counted);
    if (rc == RC_OK && counted && counted->n != now->matters && alike_counts_read(db, &a, next, NULL) == RC_OK) {
        atomic_store_explicit(&in_use, next, memory_order_release);
        read_at_us = now_us;
    }
    arena_free(&a);
}
