/* Turns and those who sleep until it is theirs. */
#include "turns.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct sleeper {
    sem_t woken;
    struct sleeper *below;
};

static struct {
    pthread_mutex_t lock; /* of what follows */
    int left, extra;      /* turns that nobody has; and how many of all are to go when they come back */
    struct sleeper *top;
    uint64_t seen; /* of moves, by the last look */
} turns = {.lock = PTHREAD_MUTEX_INITIALIZER};
static atomic_int idle;
static _Atomic uint64_t moves;
static _Thread_local bool has_turn;

void turns_init(int count) { turns.left = count; }

/* One more; the lock is the caller's. */
static void give(void) {
    struct sleeper *s = turns.top;
    if (!s) {
        turns.left++;
        return;
    }
    turns.top = s->below;
    sem_post(&s->woken);
}

static void sleep_until_woken(struct sleeper *s) {
    while (sem_wait(&s->woken) != 0) continue; /* interrupted */
    sem_destroy(&s->woken);
}

void turn_take(void) {
    struct sleeper me;
    atomic_fetch_add_explicit(&moves, 1, memory_order_relaxed);
    if (has_turn) return;
    has_turn = true;
    pthread_mutex_lock(&turns.lock);
    bool mine = turns.left > 0;
    if (mine) {
        turns.left--;
    } else {
        sem_init(&me.woken, 0, 0);
        me.below = turns.top;
        turns.top = &me;
    }
    pthread_mutex_unlock(&turns.lock);
    if (!mine) sleep_until_woken(&me);
}

void turn_pass(void) {
    if (!has_turn) return;
    has_turn = false;
    pthread_mutex_lock(&turns.lock);
    if (turns.extra > 0) turns.extra--;
    else give();
    pthread_mutex_unlock(&turns.lock);
}

void turn_idle(bool begins) { atomic_fetch_add_explicit(&idle, begins ? 1 : -1, memory_order_relaxed); }

void turns_look(void) {
    uint64_t now = atomic_load_explicit(&moves, memory_order_relaxed);
    pthread_mutex_lock(&turns.lock);
    if (now == turns.seen && turns.left == 0 && atomic_load_explicit(&idle, memory_order_relaxed) == 0 && turns.top) {
        give();
        turns.extra++;
    }
    turns.seen = now;
    pthread_mutex_unlock(&turns.lock);
}
