/* Hands a file to inih line by line, so that each event has its line number and nothing is dropped silently. */
#include "base/inifile.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <unistd.h>

/* inih keeps this many bytes of a section's name, NUL included. */
enum { SECTION_SIZE = 50 };

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

struct walk {
    struct str text;
    size_t at;
    unsigned line;
    bool lost;    /* the last header was broken: what follows belongs to nobody */
    bool pending; /* a line was handed over that must come back as a pair */
    const struct inifile_visitor *v;
};

/* What inih takes for white space inside a line. */
static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

static struct str trim_end(struct str s) {
    while (s.n > 0 && is_blank(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

static bool is_comment(char c) { return c == ';' || c == '#'; }

static void broken(struct walk *w, const char *why) { w->v->broken(w->v->user, w->line, why); }

/* A line that inih took without calling back was not "name = value". */
static void settle(struct walk *w) {
    if (w->pending) {
        w->pending = false;
        broken(w, "is neither a [section] nor a name = value");
    }
}

static struct str next_line(struct walk *w) {
    const char *start = w->text.p + w->at;
    size_t left = w->text.n - w->at;
    const char *end = memchr(start, '\n', left);
    size_t n = end ? (size_t)(end - start) : left;
    w->at += n + (end ? 1 : 0);
    w->line++;
    return (struct str){start, n};
}

/* Why a header is not one; NULL when it is, with its name. */
static const char *header_name(struct str line, char name[SECTION_SIZE]) {
    const char *close = memchr(line.p, ']', line.n);
    if (!close) {
        return "has no ] after the section's name";
    }
    size_t n = (size_t)(close - line.p) - 1;
    if (n == 0 || n >= SECTION_SIZE || memchr(line.p, ';', n + 1)) {
        return "has no usable section name between [ and ]";
    }
    size_t rest = n + 2;
    while (rest < line.n && is_blank(line.p[rest])) {
        rest++;
    }
    if (rest < line.n && !is_comment(line.p[rest])) {
        return "has something after the section's ]";
    }
    memcpy(name, line.p + 1, n);
    name[n] = '\0';
    return NULL;
}

/* True when inih shall see the line; else it was told, or means nothing. */
static bool passes(struct walk *w, struct str line, size_t room) {
    if (line.n == 0 || is_comment(line.p[0])) {
        return false;
    }
    if (memchr(line.p, '\0', line.n)) {
        broken(w, "has a NUL byte");
        w->lost = w->lost || line.p[0] == '[';
        return false;
    }
    if (is_blank(line.p[0]) || str_starts(line, BYTE_ORDER_MARK)) {
        /* inih would take it for a further value of the name before it, or drop the mark. */
        broken(w, "starts with white space");
        return false;
    }
    if (line.n > room) {
        broken(w, "is too long (the limit is 197 bytes)");
        w->lost = w->lost || line.p[0] == '[';
        return false;
    }
    if (line.p[0] != '[') {
        w->pending = !w->lost;
        return !w->lost;
    }
    char name[SECTION_SIZE];
    const char *why = header_name(line, name);
    w->lost = why != NULL;
    if (why) {
        broken(w, why);
    } else {
        w->v->section(w->v->user, w->line, name);
    }
    return why == NULL;
}

/* inih's reader: one whole line each time, or an empty one in place of what it must not see. */
static char *read_line(char *to, int size, void *stream) {
    struct walk *w = stream;
    settle(w);
    if (w->at >= w->text.n || size < 3) {
        return NULL;
    }
    struct str line = trim_end(next_line(w));
    size_t n = passes(w, line, (size_t)size - 3) ? line.n : 0;
    memcpy(to, line.p, n);
    to[n] = '\n';
    to[n + 1] = '\0';
    return to;
}

static int take_pair(void *user, const char *section, const char *name, const char *value) {
    struct walk *w = user;
    w->pending = false;
    if (name[0] == '\0') {
        broken(w, "has no name before the =");
    } else {
        w->v->pair(w->v->user, w->line, section, name, value ? value : "");
    }
    return 1;
}

#if INI_HANDLER_LINENO
static int take_pair_counted(void *user, const char *section, const char *name, const char *value, int line) {
    (void)line;
    return take_pair(user, section, name, value);
}
#define HANDLER take_pair_counted
#else
#define HANDLER take_pair
#endif

unsigned inifile_parse(struct str text, const struct inifile_visitor *v) {
    struct walk w = {.text = text, .v = v};
    if (str_starts(text, BYTE_ORDER_MARK)) {
        w.at = strlen(BYTE_ORDER_MARK);
    }
    ini_parse_stream(read_line, &w, HANDLER, &w);
    settle(&w);
    return w.line > 0 ? w.line : 1;
}

/* Reads until the end or until the buffer is full; false with errno set. */
static bool read_all(int fd, char *p, size_t size, size_t *n) {
    *n = 0;
    while (*n < size) {
        ssize_t got = read(fd, p + *n, size - *n);
        if (got == 0) {
            break;
        }
        if (got < 0 && errno != EINTR) {
            return false;
        }
        *n += got > 0 ? (size_t)got : 0;
    }
    return true;
}

static const char *slurp_open(int fd, size_t max, struct arena *a, struct stat *st, struct str *text) {
    if (fstat(fd, st) != 0) {
        return strerror(errno);
    }
    if (!S_ISREG(st->st_mode)) {
        return "is not a regular file";
    }
    if (st->st_size < 0 || (uintmax_t)st->st_size > max) {
        return "is too large";
    }
    /* One byte more than the file says it has tells whether it grew meanwhile, one is the NUL's. */
    size_t size = (size_t)st->st_size + 1, n;
    char *p = arena_alloc(a, size + 1);
    if (!p) {
        return "does not fit into memory";
    }
    if (!read_all(fd, p, size, &n)) {
        return strerror(errno);
    }
    if (n == size) {
        return "changed while it was read";
    }
    *text = (struct str){p, n};
    return NULL;
}

const char *inifile_slurp(const char *path, size_t max, struct arena *a, struct stat *st, struct str *text) {
    /* Without O_NONBLOCK a named pipe in the file's place would hang the program. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return strerror(errno);
    }
    struct stat own;
    const char *why = slurp_open(fd, max, a, st ? st : &own, text);
    close(fd);
    return why;
}
