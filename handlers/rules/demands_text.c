/* Demands and their answers as the lines of a text, which people read as they are. */
#include "rules/demands.h"

#include "base/buf.h"

#include <string.h>

/* 1. 何时修好？ / 答复：… / 2. … / 不予支持（…）：… */
enum { TEXT_BYTES_MAX = 1 << 16 };
static const struct str heading = {"\n逐项答复：\n", sizeof "\n逐项答复：\n" - 1},
                        answered = {"答复：", sizeof "答复：" - 1}, refused = {"不予支持（", sizeof "不予支持（" - 1},
                        because = {"）：", sizeof "）：" - 1};

static void add_line(struct buf *b, struct str s) {
    for (size_t i = 0; i < s.n; i++) buf_add_char(b, s.p[i] == '\n' || s.p[i] == '\r' ? ' ' : s.p[i]);
    buf_add_char(b, '\n');
}

struct str demands_write(struct arena *a, struct str result, const struct demands *d) {
    struct buf b;
    buf_init(&b, a, TEXT_BYTES_MAX);
    if (result.p) {
        buf_add_str(&b, result);
        buf_add_str(&b, heading);
    }
    for (size_t i = 0; i < d->n; i++) {
        const struct demand *one = &d->list[i];
        buf_printf(&b, "%zu. ", i + 1);
        add_line(&b, one->text);
        if (one->outcome == DEMAND_OPEN) continue;
        if (one->outcome == DEMAND_REFUSED) {
            buf_add_str(&b, refused);
            buf_add_str(&b, one->reason);
            buf_add_str(&b, because);
        } else buf_add_str(&b, answered);
        add_line(&b, one->answer);
    }
    return b.failed ? (struct str){0} : (struct str){b.p ? b.p : "", b.n ? b.n - 1 : 0};
}

static struct str from(struct str s, size_t at) { return (struct str){s.p + at, s.n - at}; }

static bool starts(struct str s, struct str with) { return s.n >= with.n && !memcmp(s.p, with.p, with.n); }

/* Where the answers begin in a text that has them; NULL: nowhere. */
static const char *find_heading(struct str s) {
    const char *last = NULL;
    for (const char *p; (p = memmem(s.p, s.n, heading.p, heading.n)) != NULL; s = from(s, (size_t)(p - s.p) + 1))
        last = p;
    return last;
}

/* "12. " of the number that is due; 0 bytes: it isn't there. */
static size_t number_at(struct str line, size_t number) {
    char due[24];
    struct buf b;
    buf_fixed(&b, due, sizeof due);
    buf_printf(&b, "%zu. ", number);
    return starts(line, buf_str(&b)) ? b.n : 0;
}

static bool read_answer(struct str line, struct demand *d) {
    if (d->outcome != DEMAND_OPEN) return false;
    if (starts(line, answered)) {
        d->outcome = DEMAND_ANSWERED;
        d->answer = from(line, answered.n);
        return true;
    }
    if (!starts(line, refused)) return false;
    line = from(line, refused.n);
    const char *end = memmem(line.p, line.n, because.p, because.n);
    if (!end) return false;
    d->outcome = DEMAND_REFUSED;
    d->reason = (struct str){line.p, (size_t)(end - line.p)};
    d->answer = from(line, d->reason.n + because.n);
    return true;
}

static bool read_lines(struct str s, struct demands *d) {
    for (d->n = 0; s.n;) {
        const char *end = memchr(s.p, '\n', s.n);
        struct str line = {s.p, end ? (size_t)(end - s.p) : s.n};
        size_t skip = d->n < DEMANDS_MAX ? number_at(line, d->n + 1) : 0;
        if (skip) d->list[d->n++] = (struct demand){.text = from(line, skip)};
        else if (!d->n || !read_answer(line, &d->list[d->n - 1])) return false;
        s = from(s, end ? line.n + 1 : line.n);
    }
    return d->n != 0;
}

bool demands_read(struct str text, struct demands *d) {
    const char *at = find_heading(text);
    return read_lines(at ? from(text, (size_t)(at - text.p) + heading.n) : text, d);
}

struct str demands_result(struct str text) {
    const char *at = find_heading(text);
    struct demands d;
    bool answers = at && read_lines(from(text, (size_t)(at - text.p) + heading.n), &d);
    return answers ? (struct str){text.p, (size_t)(at - text.p)} : text;
}
