/* What every fuzz target includes: the function that libFuzzer or replay.c calls, and how a broken promise is told. */
#ifndef MINHU_FUZZ_H
#define MINHU_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Always returns 0; whatever is wrong ends the program. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise of the product; where it is broken, the program ends. */
#define CHECK(promise) ((promise) ? (void)0 : check_failed(__FILE__, __LINE__, #promise))

static inline __attribute__((noreturn)) void check_failed(const char *file, int line, const char *promise) {
    fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
    abort();
}

#endif
