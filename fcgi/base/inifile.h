/* Ini files for config.c and keyring.c: inih parses; every line that it would skip or bend is told with its number. */
#ifndef MINHU_INIFILE_H
#define MINHU_INIFILE_H

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>
#include <sys/stat.h>

/* What the reader of a file is told, in the order of its lines. section, name and value live only during the call. */
struct inifile_visitor {
    void (*section)(void *user, unsigned line, const char *section);
    /* section is "" before the first header. Not called below a broken header. */
    void (*pair)(void *user, unsigned line, const char *section, const char *name, const char *value);
    void (*broken)(void *user, unsigned line, const char *why);
    void *user;
};

/* Visits all of the text; returns the number of its last line (at least 1). */
unsigned inifile_parse(struct str text, const struct inifile_visitor *v);

/* Reads a regular file of at most max bytes into the arena, NUL-terminated. Returns NULL and sets *text, else why not,
 * as text that stays valid until the next call. st may be NULL. */
const char *inifile_slurp(const char *path, size_t max, struct arena *a, struct stat *st, struct str *text);

#endif
