/* Configuration: the ini file's values, checked by the table of keys and put into the settings by offset. */
#include "base/config.h"

#include "base/buf.h"
#include "base/inifile.h"
#include "base/num.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

enum { FILE_MAX = 256 * 1024, SECRET_MAX = 64 * 1024 };

struct loading {
    const char *path, *folder;
    const struct config_key *keys;
    size_t n;
    char *settings;
    struct arena *arena;
    FILE *errors;
    struct config_sources sources;
    size_t secret_files;
    unsigned *given, *header; /* for each key, the line of its value and of its section; 0: none */
    bool unknown_section, failed;
};

static void complain(struct loading *l, unsigned line, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void complain(struct loading *l, unsigned line, const char *format, ...) {
    l->failed = true;
    fprintf(l->errors, "%s:", l->path);
    if (line > 0) {
        fprintf(l->errors, "%u:", line);
    }
    fputc(' ', l->errors);
    va_list args;
    va_start(args, format);
    vfprintf(l->errors, format, args);
    va_end(args);
    fputc('\n', l->errors);
}

/* A wrong value, said with it unless it is a secret. */
static void refuse(struct loading *l, const struct config_key *k, unsigned line, const char *must, const char *value) {
    if (k->secret) {
        complain(l, line, "[%s] %s must be %s", k->section, k->name, must);
    } else {
        complain(l, line, "[%s] %s must be %s, not \"%s\"", k->section, k->name, must, value);
    }
}

/* ---- values ---- */

/* Settings are reached by offset and copied bytewise, so that no member's alignment matters. */
static void store(struct loading *l, const struct config_key *k, const void *value, size_t n) {
    memcpy(l->settings + k->offset, value, n);
}

static void store_text(struct loading *l, const struct config_key *k, unsigned line, const char *text) {
    if (!text) {
        complain(l, line, "[%s] %s: out of memory", k->section, k->name);
        return;
    }
    store(l, k, &text, sizeof text);
}

static void set_int(struct loading *l, const struct config_key *k, unsigned line, const char *value) {
    int64_t v;
    if (!num_i64(str_of(value), k->min, k->max, &v)) {
        char must[96];
        snprintf(must, sizeof must, "a whole number from %" PRId64 " to %" PRId64, k->min, k->max);
        refuse(l, k, line, must, value);
        return;
    }
    store(l, k, &v, sizeof v);
}

static void set_bool(struct loading *l, const struct config_key *k, unsigned line, const char *value) {
    bool v = strcmp(value, "on") == 0;
    if (!v && strcmp(value, "off") != 0) {
        refuse(l, k, line, "on or off", value);
        return;
    }
    store(l, k, &v, sizeof v);
}

/* "a, b or c" */
static void list_names(const char *const *names, char *out, size_t size) {
    struct buf b;
    buf_fixed(&b, out, size);
    for (size_t i = 0; names[i]; i++) {
        buf_add_z(&b, i == 0 ? "" : names[i + 1] ? ", " : " or ");
        buf_add_z(&b, names[i]);
    }
    out[b.n] = '\0';
}

static void set_enum(struct loading *l, const struct config_key *k, unsigned line, const char *value) {
    for (int i = 0; k->names[i]; i++) {
        if (strcmp(k->names[i], value) == 0) {
            store(l, k, &i, sizeof i);
            return;
        }
    }
    char must[256];
    list_names(k->names, must, sizeof must);
    refuse(l, k, line, must, value);
}

/* The bounds of texts count bytes; a max of 0 means none. */
static bool length_fits(struct loading *l, const struct config_key *k, unsigned line, const char *value) {
    size_t n = strlen(value);
    bool too_short = k->min > 0 && n<(uint64_t)k->min, too_long = k->max> 0 && n > (uint64_t)k->max;
    if (too_short && n == 0) {
        complain(l, line, "[%s] %s must not be empty", k->section, k->name);
    } else if (too_short) {
        complain(l, line, "[%s] %s is too short (%zu bytes; at least %" PRId64 ")", k->section, k->name, n, k->min);
    } else if (too_long) {
        complain(l, line, "[%s] %s is too long (%zu bytes; at most %" PRId64 ")", k->section, k->name, n, k->max);
    }
    return !too_short && !too_long;
}

static void set_text(struct loading *l, const struct config_key *k, unsigned line, const char *value) {
    if (length_fits(l, k, line, value)) {
        store_text(l, k, line, arena_dup(l->arena, str_of(value)));
    }
}

static char *resolve(struct loading *l, const char *path) {
    if (path[0] == '/' || path[0] == '\0') {
        return arena_dup(l->arena, str_of(path));
    }
    return arena_printf(l->arena, "%s/%s", strcmp(l->folder, "/") == 0 ? "" : l->folder, path);
}

static void set_path(struct loading *l, const struct config_key *k, unsigned line, const char *value) {
    if (length_fits(l, k, line, value)) {
        store_text(l, k, line, resolve(l, value));
    }
}

static void (*const setters[])(struct loading *, const struct config_key *, unsigned, const char *) = {
    [C_INT] = set_int, [C_BOOL] = set_bool, [C_TEXT] = set_text, [C_ENUM] = set_enum, [C_PATH] = set_path,
};

/* What a "file:PATH" holds, without one newline at its end; NULL when that was complained of. */
static const char *secret_from(struct loading *l, const struct config_key *k, unsigned line, const char *path) {
    char *resolved = resolve(l, path);
    struct str text = {NULL, 0};
    const char *why = !resolved ? "out of memory" : inifile_slurp(resolved, SECRET_MAX, l->arena, NULL, &text);
    if (!why && memchr(text.p, '\0', text.n)) {
        why = "holds a NUL byte";
    }
    if (why) {
        complain(l, line, "[%s] %s: file %s: %s", k->section, k->name, resolved ? resolved : path, why);
        return NULL;
    }
    if (l->secret_files < CONFIG_SECRET_FILES_MAX) {
        l->sources.secret_files[l->secret_files++] = resolved;
    }
    if (text.n > 0 && text.p[text.n - 1] == '\n') {
        text.n--;
        text.n -= text.n > 0 && text.p[text.n - 1] == '\r' ? 1 : 0;
    }
    return arena_dup(l->arena, text);
}

static void set(struct loading *l, const struct config_key *k, unsigned line, const char *value) {
    if (k->secret && strncmp(value, "file:", 5) == 0) {
        value = secret_from(l, k, line, value + 5);
    }
    if (!value) {
        l->failed = true;
    } else if (!utf8_is_text(str_of(value))) {
        complain(l, line, "[%s] %s is not plain text in UTF-8", k->section, k->name);
    } else {
        setters[k->type](l, k, line, value);
    }
}

/* ---- the file ---- */

static void on_section(void *user, unsigned line, const char *section) {
    struct loading *l = user;
    l->unknown_section = true;
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->keys[i].section, section) == 0) {
            l->unknown_section = false;
            l->header[i] = l->header[i] ? l->header[i] : line;
        }
    }
    if (l->unknown_section) {
        complain(l, line, "unknown section [%s]", section);
    }
}

static void on_pair(void *user, unsigned line, const char *section, const char *name, const char *value) {
    struct loading *l = user;
    if (section[0] == '\0') {
        complain(l, line, "%s stands before the first [section]", name);
        return;
    }
    if (l->unknown_section) {
        return; /* told once, at its header */
    }
    for (size_t i = 0; i < l->n; i++) {
        const struct config_key *k = &l->keys[i];
        if (strcmp(k->section, section) != 0 || strcmp(k->name, name) != 0) {
            continue;
        }
        if (l->given[i]) {
            complain(l, line, "[%s] %s is given again (first in line %u)", section, name, l->given[i]);
            return;
        }
        l->given[i] = line;
        set(l, k, line, value);
        return;
    }
    complain(l, line, "unknown key %s in [%s]", name, section);
}

static void on_broken(void *user, unsigned line, const char *why) { complain(user, line, "the line %s", why); }

/* Defaults for what the file does not give; a required key is missed at its section's header, or at the end. */
static void fill_rest(struct loading *l, unsigned last_line) {
    for (size_t i = 0; i < l->n; i++) {
        const struct config_key *k = &l->keys[i];
        unsigned line = l->header[i] ? l->header[i] : last_line;
        if (l->given[i]) {
            continue;
        }
        if (k->standard) {
            set(l, k, line, k->standard);
        } else {
            complain(l, line, "[%s] %s is missing", k->section, k->name);
        }
    }
}

/* The absolute folder of the file, so that a path stays right after a chdir; NULL with errno set. */
static const char *folder_of(const char *path, struct arena *a) {
    char real[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *folder = ".";
    if (slash) {
        folder = slash == path ? "/" : arena_dup(a, (struct str){path, (size_t)(slash - path)});
    }
    if (!folder || !realpath(folder, real)) {
        return NULL;
    }
    return arena_dup(a, str_of(real));
}

enum rc config_load(const char *path, const struct config_key *keys, size_t n, void *settings, struct arena *a,
                    FILE *errors, struct config_sources *sources) {
    struct loading l = {.path = path, .keys = keys, .n = n, .settings = settings, .arena = a, .errors = errors};
    struct str text = {NULL, 0};
    const char *why = inifile_slurp(path, FILE_MAX, a, NULL, &text);
    l.folder = why ? NULL : folder_of(path, a);
    l.given = arena_array(a, n + 1, sizeof *l.given);
    l.header = arena_array(a, n + 1, sizeof *l.header);
    if (!why && (!l.folder || !l.given || !l.header)) {
        why = "out of memory, or its folder can't be found";
    }
    if (why) {
        complain(&l, 0, "%s", why);
        return RC_INVALID;
    }
    struct inifile_visitor visitor = {on_section, on_pair, on_broken, &l};
    fill_rest(&l, inifile_parse(text, &visitor));
    if (sources) {
        l.sources.folder = l.folder;
        *sources = l.sources;
    }
    return l.failed ? RC_INVALID : RC_OK;
}

/* ---- the sample ---- */

static void print_kind(const struct config_key *k, FILE *out) {
    char names[256];
    switch (k->type) {
    case C_INT: fprintf(out, "# A whole number from %" PRId64 " to %" PRId64, k->min, k->max); break;
    case C_BOOL: fputs("# on or off", out); break;
    case C_TEXT: fputs("# A text", out); break;
    case C_ENUM:
        list_names(k->names, names, sizeof names);
        fprintf(out, "# %s", names);
        break;
    case C_PATH: fputs("# A path, absolute or relative to this file's folder", out); break;
    }
    if ((k->type == C_TEXT || k->type == C_PATH) && k->max > 0) {
        fprintf(out, " of %" PRId64 " to %" PRId64 " bytes", k->min, k->max);
    }
}

static void print_key(const struct config_key *k, FILE *out) {
    fprintf(out, "\n# %s\n", k->help ? k->help : k->name);
    print_kind(k, out);
    fputs(k->secret ? "; file:PATH reads it from a file" : "", out);
    fputs(k->reloadable ? "; taken over on reload" : "", out);
    if (k->standard) {
        fprintf(out, ".\n#%s =%s%s\n", k->name, k->standard[0] ? " " : "", k->standard);
    } else {
        fprintf(out, "; required.\n%s =\n", k->name);
    }
}

static bool section_was_before(const struct config_key *keys, size_t i) {
    for (size_t k = 0; k < i; k++) {
        if (strcmp(keys[k].section, keys[i].section) == 0) {
            return true;
        }
    }
    return false;
}

void config_print_sample(const struct config_key *keys, size_t n, FILE *out) {
    fputs("# All keys, with their defaults: take the # away and change the value.\n"
          "# A line that starts with # or ; is a comment, and so is the rest of a line after a space and ;\n"
          "# A line has at most 197 bytes and does not start with a space.\n",
          out);
    for (size_t i = 0; i < n; i++) {
        if (section_was_before(keys, i)) {
            continue;
        }
        fprintf(out, "\n[%s]\n", keys[i].section);
        for (size_t k = i; k < n; k++) {
            if (strcmp(keys[k].section, keys[i].section) == 0) {
                print_key(&keys[k], out);
            }
        }
    }
}
