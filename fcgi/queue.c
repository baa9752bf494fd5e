/* The hand-off: a ring under a mutex that is held for a few instructions only. */
#include "queue.h"

#include <stdlib.h>

bool queue_init(struct queue *q, size_t cap) {
    *q = (struct queue){.cap = cap};
    q->items = calloc(cap ? cap : 1, sizeof *q->items);
    if (!q->items) return false;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->some, NULL);
    return true;
}

bool queue_push(struct queue *q, void *item) {
    pthread_mutex_lock(&q->lock);
    bool taken = !q->closed && q->count < q->cap;
    if (taken) {
        q->items[(q->head + q->count) % q->cap] = item;
        q->count++;
    }
    pthread_mutex_unlock(&q->lock);
    if (taken) pthread_cond_signal(&q->some);
    return taken;
}

void *queue_pop(struct queue *q) {
    void *item = NULL;
    pthread_mutex_lock(&q->lock);
    while (q->count == 0 && !q->closed) pthread_cond_wait(&q->some, &q->lock);
    if (q->count > 0) {
        item = q->items[q->head];
        q->head = (q->head + 1) % q->cap;
        q->count--;
    }
    pthread_mutex_unlock(&q->lock);
    return item;
}

size_t queue_depth(struct queue *q) {
    pthread_mutex_lock(&q->lock);
    size_t n = q->count;
    pthread_mutex_unlock(&q->lock);
    return n;
}

void queue_close(struct queue *q) {
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_mutex_unlock(&q->lock);
    pthread_cond_broadcast(&q->some);
}

void queue_free(struct queue *q) {
    pthread_cond_destroy(&q->some);
    pthread_mutex_destroy(&q->lock);
    free(q->items);
    q->items = NULL;
}
