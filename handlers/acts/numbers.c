/* Blocks of numbers, shared by the threads of a process. */
#include "acts/numbers.h"

#include "base/timefmt.h"

#include <pthread.h>
#include <stdio.h>

enum { BLOCK = 200 };

/* The block in use and the one after it, which is fetched when the first is half used up, by one thread at a time: the others
 * neither wait for the counter's row nor for its commit. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t fetched;
    int32_t day;
    int64_t next, end, spare; /* spare: the first number of the next block; 0: none */
    bool fetching;
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER, .fetched = PTHREAD_COND_INITIALIZER};

/* Another day begins anew; rests of earlier blocks are dropped: gaps are no harm. Locked. */
static bool take_locked(int32_t day, int64_t *n) {
    if (pool.day != day) {
        pool.day = day;
        pool.next = pool.end = pool.spare = 0;
    }
    if (pool.next == pool.end && pool.spare) {
        pool.next = pool.spare;
        pool.end = pool.spare + BLOCK;
        pool.spare = 0;
    }
    if (pool.next == pool.end) return false;
    *n = pool.next++;
    return true;
}

/* Takes a number when there is one. *fetch: the caller is the one to fetch a block, and to call put_block. */
static bool take(const struct db *db, int32_t day, int64_t *n, bool *fetch) {
    pthread_mutex_lock(&pool.mutex);
    bool there;
    while (!(there = take_locked(day, n)) && pool.fetching) {
        db_waits(db);
        pthread_cond_wait(&pool.fetched, &pool.mutex);
    }
    *fetch = !pool.fetching && !pool.spare && pool.end - pool.next < BLOCK / 2;
    pool.fetching |= *fetch;
    pthread_mutex_unlock(&pool.mutex);
    return there;
}

/* first: 0 when there was no block to get. */
static void put_block(int32_t day, int64_t first) {
    pthread_mutex_lock(&pool.mutex);
    if (pool.day == day) pool.spare = first;
    pool.fetching = false;
    pthread_cond_broadcast(&pool.fetched);
    pthread_mutex_unlock(&pool.mutex);
}

struct taking {
    struct arena *arena;
    const char *name;
    int64_t first;
};

static enum rc take_block(struct db *db, void *arg) {
    struct taking *t = arg;
    int64_t matched = 0;
    enum rc rc = db_run(db, ST_counter_take, DB_VALUES(v_int(BLOCK), v_z(t->name)), &matched);
    if (rc == RC_OK && matched == 0) {
        rc = db_run(db, ST_counter_make, DB_VALUES(v_z(t->name)), NULL);
        if (rc == RC_OK) rc = db_run(db, ST_counter_take, DB_VALUES(v_int(BLOCK), v_z(t->name)), &matched);
    }
    struct row_number *row = NULL;
    if (rc == RC_OK) rc = db_row(db, ST_counter_read, DB_VALUES(v_z(t->name)), t->arena, &row);
    if (rc == RC_OK) t->first = row ? row->n - BLOCK : 0;
    return rc == RC_OK && !row ? RC_INTERNAL : rc;
}

static enum rc fetch_block(struct db *db, struct arena *a, int32_t day) {
    char name[32];
    int year, month, mday;
    date_from_days(day, &year, &month, &mday);
    snprintf(name, sizeof name, "number:%04d%02d%02d", year, month, mday);
    struct taking t = {.arena = a, .name = name};
    enum rc rc = db_tx(db, take_block, &t);
    put_block(day, rc == RC_OK ? t.first : 0);
    return rc;
}

enum rc number_take(struct db *db, struct arena *a, int64_t now_us, char out[NUMBER_TEXT]) {
    int32_t day, second;
    int year, month, mday;
    int64_t n = 0;
    bool there = false, fetch;
    time_split_beijing(now_us, &day, &second);
    while (!there) {
        there = take(db, day, &n, &fetch);
        enum rc rc = fetch ? fetch_block(db, a, day) : RC_OK;
        if (rc != RC_OK && !there) return rc;
    }
    date_from_days(day, &year, &month, &mday);
    snprintf(out, NUMBER_TEXT, "%04d%02d%02d-%06lld", year % 10000, month, mday, (long long)n);
    return RC_OK;
}
