/* A growing output buffer on an arena, with a maximum that is set at init; a full one stays full. */
#ifndef MINHU_BUF_H
#define MINHU_BUF_H

#include "base/arena.h"
#include "base/str.h"

struct buf {
    struct arena *arena;
    char *p;
    size_t n, cap, max; /* p has one byte more than cap, so that printf has room for its NUL */
    bool failed;        /* a write did not fit; what is in p is incomplete and must not be used */
    bool starved;       /* it failed for want of memory: nobody's text was too long */
};

void buf_init(struct buf *b, struct arena *a, size_t max);
/* A buffer that is size bytes of the caller's and never grows; its text is at most size - 1 long. */
void buf_fixed(struct buf *b, char *p, size_t size);
/* Each returns false, and sets failed for good, when the text does not fit into max or memory is used up. */
bool buf_add(struct buf *b, const char *p, size_t n);
bool buf_add_str(struct buf *b, struct str s);
bool buf_add_z(struct buf *b, const char *z);
bool buf_add_char(struct buf *b, char c);
bool buf_add_int(struct buf *b, long long v);
bool buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Makes room for n more bytes. */
bool buf_reserve(struct buf *b, size_t n);
/* n bytes of room at the end, for the caller to fill; NULL when they do not fit. Counts as written. */
static inline char *buf_room(struct buf *b, size_t n) {
    if (b->failed || !b->p || n > b->cap - b->n) {
        if (!buf_reserve(b, n)) return NULL;
    }
    b->n += n;
    return b->p + b->n - n;
}
static inline struct str buf_str(const struct buf *b) { return (struct str){b->p ? b->p : "", b->n}; }

#endif
