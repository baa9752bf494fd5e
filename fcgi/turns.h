/* Of a process's handler threads as many look for requests and work as there are processors; the others sleep until one of those is
 * about to wait for something. Were all of them to look, each request would wake another thread, and the switching from one to the
 * next would cost more than a short answer does. */
#ifndef MINHU_TURNS_H
#define MINHU_TURNS_H

#include <stdbool.h>

/* Once, before the threads: so many at a time. */
void turns_init(int count);
/* Returns when it is the calling thread's turn. A turn is kept until it is passed on; of those that sleep the last to have come, whose
 * memory is warm, is woken first. */
void turn_take(void);
/* Before the calling thread waits for anything but the next request: another gets its turn. Nothing when it has none. */
void turn_pass(void);
/* Around the wait for the next request, of a thread that has its turn. */
void turn_idle(bool begins);
/* Now and then: when all who have a turn got stuck since the last time, in spite of the above, one more thread gets one, until they
 * come back. */
void turns_look(void);

#endif
