/* A bump allocator: everything a request needs lives here and goes at once when the request ends. */
#ifndef MINHU_ARENA_H
#define MINHU_ARENA_H

#include "base/str.h"

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

/* One arena belongs to one thread. */
struct arena {
    struct arena_block *first, *current;
    size_t used, cap; /* bytes handed out since the last reset, and how many may be */
    long fail_after;  /* tests: this many allocations succeed, then all fail; negative: off */
};

/* cap: the most bytes the arena may hand out between two resets. Allocates nothing yet. */
void arena_init(struct arena *a, size_t cap);
/* Forgets everything; keeps the first block for the next request and frees the rest. Contents are wiped. */
void arena_reset(struct arena *a);
/* Frees all memory; the arena may be used again after arena_init. */
void arena_free(struct arena *a);

/* n zeroed bytes, aligned for any type, or NULL when the cap or the machine's memory is used up. */
void *arena_alloc(struct arena *a, size_t n) __attribute__((malloc, warn_unused_result));
/* Lengthens an allocation of old bytes to n in place, the new bytes zeroed; false, with nothing changed, when it is not
 * the last one made or does not fit where it stands. */
bool arena_grow(struct arena *a, const void *p, size_t old, size_t n) __attribute__((warn_unused_result));
/* count × size with overflow check; else as arena_alloc. */
void *arena_array(struct arena *a, size_t count, size_t size) __attribute__((warn_unused_result));
/* A NUL-terminated copy of s, or NULL. */
char *arena_dup(struct arena *a, struct str s) __attribute__((warn_unused_result));
/* A copy as a slice (NUL-terminated too); p == NULL on failure. */
struct str arena_str(struct arena *a, struct str s);
/* printf into the arena; NULL on failure. */
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3), warn_unused_result));

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
