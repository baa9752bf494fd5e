/* The growing output buffer: doubles on its arena, in place where it can. */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>

enum { FIRST_CAP = 511 };

void buf_init(struct buf *b, struct arena *a, size_t max) {
    *b = (struct buf){.arena = a, .max = max < SIZE_MAX / 4 ? max : SIZE_MAX / 4};
}

void buf_fixed(struct buf *b, char *p, size_t size) {
    size_t cap = size > 0 ? size - 1 : 0;
    *b = (struct buf){.p = p, .cap = cap, .max = cap, .failed = size == 0};
}

static size_t wanted_cap(const struct buf *b, size_t least) {
    size_t cap = b->cap > 0 ? b->cap * 2 + 1 : FIRST_CAP;
    if (cap < least) {
        cap = least;
    }
    return cap > b->max ? b->max : cap;
}

bool buf_reserve(struct buf *b, size_t n) {
    if (b->failed || n > b->max - b->n) {
        b->failed = true;
        return false;
    }
    if (b->p && n <= b->cap - b->n) {
        return true;
    }
    size_t cap = wanted_cap(b, b->n + n);
    if (b->p && arena_grow(b->arena, b->p, b->cap + 1, cap + 1)) {
        b->cap = cap;
        return true;
    }
    char *p = arena_alloc(b->arena, cap + 1);
    if (!p) {
        b->failed = b->starved = true;
        return false;
    }
    if (b->p) {
        memcpy(p, b->p, b->n);
    }
    b->p = p;
    b->cap = cap;
    return true;
}

bool buf_add(struct buf *b, const char *p, size_t n) {
    if (n == 0) {
        return !b->failed;
    }
    char *to = buf_room(b, n);
    if (!to) {
        return false;
    }
    memcpy(to, p, n);
    return true;
}

bool buf_add_str(struct buf *b, struct str s) { return buf_add(b, s.p, s.n); }

bool buf_add_z(struct buf *b, const char *z) { return buf_add(b, z, strlen(z)); }

bool buf_add_char(struct buf *b, char c) { return buf_add(b, &c, 1); }

bool buf_add_int(struct buf *b, long long v) {
    char digits[24];
    size_t at = sizeof digits;
    unsigned long long rest = v < 0 ? 0ULL - (unsigned long long)v : (unsigned long long)v;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (v < 0) {
        digits[--at] = '-';
    }
    return buf_add(b, digits + at, sizeof digits - at);
}

/* Prints into what room there is; returns the length the text has, negative on a bad format. */
static int try_print(struct buf *b, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
static int try_print(struct buf *b, const char *format, va_list args) {
    return vsnprintf(b->p + b->n, b->cap - b->n + 1, format, args);
}

bool buf_printf(struct buf *b, const char *format, ...) {
    if (!buf_reserve(b, 0)) {
        return false;
    }
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = try_print(b, format, args);
    va_end(args);
    bool fits = n >= 0 && (size_t)n <= b->cap - b->n;
    if (!fits && n >= 0 && buf_reserve(b, (size_t)n)) {
        fits = try_print(b, format, again) == n;
    }
    va_end(again);
    if (!fits) {
        b->failed = true;
        return false;
    }
    b->n += (size_t)n;
    return true;
}
