/* Configuration: one ini file (inih) and one table of keys behind it. */
#ifndef MINHU_CONFIG_H
#define MINHU_CONFIG_H

#include "base/arena.h"
#include "base/rc.h"

#include <stdint.h>
#include <stdio.h>

enum config_type {
    C_INT,  /* int64_t */
    C_BOOL, /* bool: on or off */
    C_TEXT, /* const char *, never NULL */
    C_ENUM, /* int: index into names */
    C_PATH  /* const char *: absolute, or relative to the configuration file's folder; "" means none */
};

struct config_key {
    const char *section, *name;
    enum config_type type;
    size_t offset;
    int64_t min, max;         /* C_INT bounds; C_TEXT and C_PATH: length */
    const char *standard;     /* the default, as it would be written; NULL: required */
    const char *const *names; /* C_ENUM, NULL-terminated */
    bool reloadable, secret;
    const char *help; /* one line, for the sample file and the manual */
};

/* What was read besides the values: the folder of the file, and the files that secrets were taken from. */
enum { CONFIG_SECRET_FILES_MAX = 8 };
struct config_sources {
    const char *folder, *secret_files[CONFIG_SECRET_FILES_MAX]; /* NULL after the last; in the arena */
};

/* Fills settings from the file. Every unknown section or key, value out of range, repeated key, missing required key is an
 * error "file:line: what"; all are written to errors, not only the first. Texts live in the arena. A secret key's value may be
 * given as "file:PATH" and is then read from there. sources may be NULL. RC_OK or RC_INVALID. */
enum rc config_load(const char *path, const struct config_key *keys, size_t n, void *settings, struct arena *a,
                    FILE *errors, struct config_sources *sources) MUST_USE;
/* A commented sample of all keys with their defaults. */
void config_print_sample(const struct config_key *keys, size_t n, FILE *out);

#endif
