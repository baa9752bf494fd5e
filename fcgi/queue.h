/* A bounded hand-off of pointers from one loop to many handler threads. */
#ifndef MINHU_QUEUE_H
#define MINHU_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t some;
    void **items;
    size_t cap, head, count;
    bool closed;
};

/* Room for cap pointers; false when there is no memory. */
bool queue_init(struct queue *q, size_t cap);
/* False, and nothing taken, when the queue is full or closed. Any thread. */
bool queue_push(struct queue *q, void *item);
/* Waits for one; NULL when the queue is closed and empty. Any thread. */
void *queue_pop(struct queue *q);
size_t queue_depth(struct queue *q);
/* What is in it is still handed out; then queue_pop returns NULL to everybody. */
void queue_close(struct queue *q);
/* No thread may be in it any more. */
void queue_free(struct queue *q);

#endif
