/* A strdup() that doesn't fail while a connection is made. */
#include "connect_memory.h"

#include <stdlib.h>
#include <string.h>

/* Enough for each copy that the connector makes up to the version's, should all fail; none is freed before. */
enum { PIECES = 8, PIECE_SIZE = 256 };

static _Thread_local char *pieces[PIECES];
static _Thread_local int left;

bool connect_memory_reserve(void) {
    while (left < PIECES) {
        if (!(pieces[left] = malloc(PIECE_SIZE))) {
            connect_memory_release();
            return false;
        }
        left++;
    }
    return true;
}

void connect_memory_release(void) {
    while (left > 0) free(pieces[--left]);
}

/* In the C library's place, for the libraries too. */
char *strdup(const char *s) {
    size_t n = strlen(s) + 1;
    char *copy = malloc(n);
    if (!copy && n <= PIECE_SIZE && left > 0) copy = pieces[--left];
    return copy ? memcpy(copy, s, n) : NULL;
}
