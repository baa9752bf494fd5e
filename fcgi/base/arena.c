/* The bump allocator: a chain of zeroed blocks, the first of which outlives the requests. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* A test's program makes the blocks so small that every piece is a block, and every allocation one of the system's. */
#ifndef ARENA_BLOCK_SIZE
#define ARENA_BLOCK_SIZE (64 * 1024)
#endif

enum { BLOCK_SIZE = ARENA_BLOCK_SIZE, ALIGNMENT = alignof(max_align_t) };

/* Bytes from used to size are zero at all times, so that an allocation needs no memset. */
struct arena_block {
    struct arena_block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

/* In sanitized builds what is not handed out may not be touched either; elsewhere these do nothing. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define ARENA_GUARDED
#endif
#endif
#if defined(ARENA_GUARDED) || defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

static size_t rounded(size_t n) { return (n + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1); }

static struct arena_block *block_new(size_t least) {
    size_t size = least > BLOCK_SIZE ? least : BLOCK_SIZE;
    if (size > SIZE_MAX - sizeof(struct arena_block)) {
        return NULL;
    }
    struct arena_block *b = calloc(1, sizeof *b + size);
    if (b) {
        b->size = size;
        ASAN_POISON_MEMORY_REGION(b->data, size);
    }
    return b;
}

static void block_wipe(struct arena_block *b) {
    ASAN_UNPOISON_MEMORY_REGION(b->data, b->size);
    explicit_bzero(b->data, b->used);
    ASAN_POISON_MEMORY_REGION(b->data, b->size);
    b->used = 0;
}

static void free_chain(struct arena_block *b) {
    while (b) {
        struct arena_block *next = b->next;
        block_wipe(b);
        free(b);
        b = next;
    }
}

void arena_init(struct arena *a, size_t cap) { *a = (struct arena){.cap = cap, .fail_after = -1}; }

void arena_reset(struct arena *a) {
    a->used = 0;
    if (!a->first) {
        return;
    }
    free_chain(a->first->next);
    a->first->next = NULL;
    block_wipe(a->first);
    /* A first block of unusual size came from one large allocation; keeping it would pin that memory. */
    if (a->first->size > BLOCK_SIZE) {
        free(a->first);
        a->first = NULL;
    }
    a->current = a->first;
}

void arena_free(struct arena *a) {
    free_chain(a->first);
    a->first = a->current = NULL;
    a->used = 0;
}

/* Bookkeeping of fail_after; true when this allocation has to fail. */
static bool made_to_fail(struct arena *a) {
    if (a->fail_after < 0) {
        return false;
    }
    if (a->fail_after == 0) {
        return true;
    }
    a->fail_after--;
    return false;
}

/* Makes a block with room for n bytes the current one. */
static bool next_block(struct arena *a, size_t n) {
    struct arena_block *b = block_new(n);
    if (!b) {
        return false;
    }
    if (a->current) {
        a->current->next = b;
    } else {
        a->first = b;
    }
    a->current = b;
    return true;
}

void *arena_alloc(struct arena *a, size_t n) {
    if (made_to_fail(a) || n > SIZE_MAX - ALIGNMENT) {
        return NULL;
    }
    size_t asked = n;
    n = n ? rounded(n) : ALIGNMENT;
    if (n > a->cap || a->used > a->cap - n) {
        return NULL;
    }
    if ((!a->current || a->current->size - a->current->used < n) && !next_block(a, n)) {
        return NULL;
    }
    void *p = a->current->data + a->current->used;
    ASAN_UNPOISON_MEMORY_REGION(p, asked);
    a->current->used += n;
    a->used += n;
    return p;
}

bool arena_grow(struct arena *a, const void *p, size_t old, size_t n) {
    struct arena_block *b = a->current;
    if (a->fail_after == 0 || !b || old == 0 || n < old || n > SIZE_MAX - ALIGNMENT) {
        return false;
    }
    size_t have = rounded(old), more = rounded(n) - have;
    if (have > b->used || (const unsigned char *)p != b->data + (b->used - have)) {
        return false;
    }
    if (more > b->size - b->used || a->used > a->cap || more > a->cap - a->used) {
        return false;
    }
    ASAN_UNPOISON_MEMORY_REGION(p, n);
    b->used += more;
    a->used += more;
    return true;
}

void *arena_array(struct arena *a, size_t count, size_t size) {
    size_t n;
    if (__builtin_mul_overflow(count, size, &n)) {
        return NULL;
    }
    return arena_alloc(a, n);
}

char *arena_dup(struct arena *a, struct str s) {
    if (s.n == SIZE_MAX) {
        return NULL;
    }
    char *p = arena_alloc(a, s.n + 1);
    if (p && s.n > 0) {
        memcpy(p, s.p, s.n);
    }
    return p;
}

struct str arena_str(struct arena *a, struct str s) {
    char *p = arena_dup(a, s);
    return (struct str){p, p ? s.n : 0};
}

char *arena_printf(struct arena *a, const char *format, ...) {
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (p) {
        vsnprintf(p, (size_t)n + 1, format, again);
    }
    va_end(again);
    return p;
}
