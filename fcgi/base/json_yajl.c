/* The only user of yajl: its parser, made strict and bounded, with all its memory on the arena. */
#include "base/json_yajl.h"

#include "base/json_read.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdint.h>
#include <yajl/yajl_parse.h>

/* ---- what yajl lets pass and we don't, looked for in the raw text ---- */

/* The four hex digits after \u at p, or -1. */
static int unit_at(const char *p, const char *end) {
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u') {
        return -1;
    }
    int v = 0;
    for (int i = 2; i < 6; i++) {
        char c = p[i], lower = (char)(c | 0x20);
        if (c >= '0' && c <= '9') {
            v = v << 4 | (c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            v = v << 4 | (lower - 'a' + 10);
        } else {
            return -1;
        }
    }
    return v;
}

/* Length of the escape at p (a backslash), or 0 when it is broken, NUL, or half a surrogate pair. Which letters may
 * follow a backslash is yajl's business. */
static size_t escape_length(const char *p, const char *end) {
    if (end - p < 2) {
        return 0;
    }
    if (p[1] != 'u') {
        return 2;
    }
    int unit = unit_at(p, end);
    if (unit <= 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) {
        return 0;
    }
    if (unit < 0xD800 || unit > 0xDBFF) {
        return 6;
    }
    int low = unit_at(p + 6, end);
    return low >= 0xDC00 && low <= 0xDFFF ? 12 : 0;
}

/* Strict UTF-8, whole escapes, and no control characters but JSON's white space: yajl takes VT and FF for white space
 * too. (Those inside strings it refuses itself.) */
static bool is_strict(struct str text) {
    if (!utf8_valid(text)) {
        return false;
    }
    const char *p = text.p, *end = text.p + text.n;
    while (p < end) {
        unsigned char c = (unsigned char)*p;
        size_t length = 1;
        if (c == '\\') {
            length = escape_length(p, end);
        } else if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') {
            length = 0;
        }
        if (length == 0) {
            return false;
        }
        p += length;
    }
    return true;
}

/* ---- the run ---- */

struct run {
    struct arena *arena;
    jmp_buf no_memory;
    yajl_handle yajl;
    struct json_limits limits;
    json_event_fn *fn;
    void *ctx;
    enum rc rc;
    size_t depth, values;
    struct {
        size_t count;
        bool object;
    } open[JSON_DEPTH_MAX + 1]; /* [0] stands for the document, [depth] is the innermost container */
};

/* yajl does not look whether it got memory, so that a failure has to leave past it. Nothing is lost by that: all it
 * holds is the arena's. */
struct chunk {
    size_t n;
    _Alignas(max_align_t) char bytes[];
};

static void *take(void *ctx, size_t n) {
    struct run *run = ctx;
    struct chunk *c = n > SIZE_MAX / 2 ? NULL : arena_alloc(run->arena, sizeof *c + n);
    if (!c) {
        longjmp(run->no_memory, 1);
    }
    c->n = n;
    return c->bytes;
}

static void *retake(void *ctx, void *old, size_t n) {
    if (!old) {
        return take(ctx, n);
    }
    struct run *run = ctx;
    struct chunk *c = (struct chunk *)(void *)((char *)old - offsetof(struct chunk, bytes));
    if (n <= c->n) {
        return old;
    }
    if (n <= SIZE_MAX / 2 && arena_grow(run->arena, c, sizeof *c + c->n, sizeof *c + n)) {
        c->n = n;
        return old;
    }
    void *fresh = take(ctx, n);
    memcpy(fresh, old, c->n);
    return fresh;
}

static void release(void *ctx, void *p) {
    (void)ctx;
    (void)p;
}

/* What a yajl callback returns: go on or stop. */
static int stop(struct run *run, enum rc rc) {
    run->rc = rc;
    return 0;
}

static int tell(struct run *run, const struct json_event *e) {
    enum rc rc = run->fn(run->ctx, e);
    return rc == RC_OK ? 1 : stop(run, rc);
}

/* Counts a value or key into its container and tells it. A member is counted by its key. */
static int tell_counted(struct run *run, enum json_event_kind kind, const char *p, size_t n, size_t at) {
    bool in_object = run->open[run->depth].object;
    size_t *count = &run->open[run->depth].count;
    if (kind != EV_KEY && ++run->values > run->limits.values) {
        return stop(run, RC_BAD_JSON);
    }
    if (!in_object || kind == EV_KEY) {
        size_t limit = in_object ? run->limits.members : run->depth == 0 ? 1 : run->limits.items;
        if (++*count > limit) {
            return stop(run, RC_BAD_JSON);
        }
    }
    return tell(run, &(struct json_event){kind, {p, n}, run->depth, *count - 1, at});
}

static size_t bracket_at(const struct run *run) {
    size_t consumed = yajl_get_bytes_consumed(run->yajl);
    return consumed > 0 ? consumed - 1 : 0;
}

static int begin(struct run *run, enum json_event_kind kind) {
    if (run->depth >= JSON_DEPTH_MAX) {
        return stop(run, RC_BAD_JSON);
    }
    if (!tell_counted(run, kind, NULL, 0, bracket_at(run))) {
        return 0;
    }
    run->depth++;
    run->open[run->depth].count = 0;
    run->open[run->depth].object = kind == EV_BEGIN_OBJECT;
    return 1;
}

static int end(struct run *run) {
    size_t count = run->open[run->depth].count;
    run->depth--;
    return tell(run, &(struct json_event){EV_END, {NULL, 0}, run->depth, count, bracket_at(run)});
}

static int on_null(void *ctx) { return tell_counted(ctx, EV_NULL, NULL, 0, 0); }

static int on_bool(void *ctx, int v) {
    return v ? tell_counted(ctx, EV_BOOL, "true", 4, 0) : tell_counted(ctx, EV_BOOL, "false", 5, 0);
}

static int on_number(void *ctx, const char *p, size_t n) { return tell_counted(ctx, EV_NUMBER, p, n, 0); }

static int on_string(void *ctx, const unsigned char *p, size_t n) {
    return tell_counted(ctx, EV_STRING, n > 0 ? (const char *)p : "", n, 0);
}

static int on_key(void *ctx, const unsigned char *p, size_t n) {
    return tell_counted(ctx, EV_KEY, n > 0 ? (const char *)p : "", n, 0);
}

static int on_start_map(void *ctx) { return begin(ctx, EV_BEGIN_OBJECT); }

static int on_start_array(void *ctx) { return begin(ctx, EV_BEGIN_ARRAY); }

static int on_end(void *ctx) { return end(ctx); }

/* Without the integer and double callbacks: yajl's own conversions overflow and follow the locale. */
static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_start_map,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_start_array,
    .yajl_end_array = on_end,
};

static enum rc drive(struct run *run, struct str text) {
    yajl_alloc_funcs memory = {.malloc = take, .realloc = retake, .free = release, .ctx = run};
    run->yajl = yajl_alloc(&callbacks, &memory, run);
    if (!run->yajl) {
        return RC_INTERNAL;
    }
    yajl_status status = yajl_parse(run->yajl, (const unsigned char *)text.p, text.n);
    if (status == yajl_status_ok) {
        /* Without this a document that ends early would pass. */
        status = yajl_complete_parse(run->yajl);
    }
    yajl_free(run->yajl);
    return status == yajl_status_ok ? RC_OK : run->rc != RC_OK ? run->rc : RC_BAD_JSON;
}

enum rc json_events(struct str text, const struct json_limits *limits, json_event_fn *fn, void *ctx, struct arena *a) {
    if (text.n == 0 || !is_strict(text)) {
        return RC_BAD_JSON;
    }
    struct run run = {.arena = a, .limits = *limits, .fn = fn, .ctx = ctx, .rc = RC_OK};
    if (setjmp(run.no_memory) != 0) {
        return RC_INTERNAL;
    }
    return drive(&run, text);
}
