/* Slices: a pointer and a length, by value. Never NUL-terminated unless said so. */
#ifndef MINHU_STR_H
#define MINHU_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A read-only slice. p == NULL means "absent", which differs from an empty text (p != NULL, n == 0). */
struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})

static inline struct str str_of(const char *z) { return (struct str){z, z ? strlen(z) : 0}; }
static inline bool str_eq(struct str a, struct str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }
static inline bool str_is(struct str a, const char *z) { return str_eq(a, str_of(z)); }
static inline bool str_starts(struct str a, const char *z) {
    size_t n = strlen(z);
    return a.n >= n && memcmp(a.p, z, n) == 0;
}

#endif
