/* Blocks of numbers, shared by the threads of a process. */
#include "acts/numbers.h"

#include "base/timefmt.h"

#include <pthread.h>
#include <stdio.h>

enum { BLOCK = 50 };

static struct {
    pthread_mutex_t mutex;
    int32_t day;
    int64_t next, end;
} block = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static bool take_from_block(int32_t day, int64_t *n) {
    pthread_mutex_lock(&block.mutex);
    bool there = block.day == day && block.next < block.end;
    if (there) *n = block.next++;
    pthread_mutex_unlock(&block.mutex);
    return there;
}

/* A rest of an earlier block is dropped: gaps are no harm. */
static void put_block(int32_t day, int64_t first) {
    pthread_mutex_lock(&block.mutex);
    block.day = day;
    block.next = first;
    block.end = first + BLOCK;
    pthread_mutex_unlock(&block.mutex);
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

enum rc number_take(struct db *db, struct arena *a, int64_t now_us, char out[NUMBER_TEXT]) {
    int32_t day, second;
    int year, month, mday;
    int64_t n;
    time_split_beijing(now_us, &day, &second);
    date_from_days(day, &year, &month, &mday);
    while (!take_from_block(day, &n)) {
        char name[32];
        snprintf(name, sizeof name, "number:%04d%02d%02d", year, month, mday);
        struct taking t = {.arena = a, .name = name};
        enum rc rc = db_tx(db, take_block, &t);
        if (rc != RC_OK) return rc;
        put_block(day, t.first);
    }
    snprintf(out, NUMBER_TEXT, "%04d%02d%02d-%06lld", year % 10000, month, mday, (long long)n);
    return RC_OK;
}
