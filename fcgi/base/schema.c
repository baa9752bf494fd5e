/* Violations, and the decoder of one field from plain text that queries, paths and JSON share. */
#include "base/schema.h"

#include "base/num.h"
#include "base/timefmt.h"
#include "base/utf8.h"
#include "base/uuid.h"

/* Whole numbers stay within what a JSON reader with doubles can hold. */
#define INT_MAX_53 ((INT64_C(1) << 53) - 1)
#define MILLION 1000000

void violations_init(struct violations *v, struct arena *a) { *v = (struct violations){.arena = a}; }

static void append(struct violations *v, const char *pointer, const struct violation *what) {
    if (v->count >= VIOLATIONS_MAX) {
        return;
    }
    /* Counted even when memory for it is used up: bad input must never look good. */
    v->count++;
    struct violation *copy = ARENA_NEW(v->arena, struct violation);
    char *text = arena_dup(v->arena, str_of(pointer));
    if (!copy || !text) {
        return;
    }
    *copy = *what;
    copy->pointer = text;
    if (v->last) {
        v->last->next = copy;
    } else {
        v->first = copy;
    }
    v->last = copy;
}

void violations_add_field(struct violations *v, const char *pointer, enum violation_code code, int64_t bound,
                          const struct field *field) {
    append(v, pointer, &(struct violation){.code = code, .bound = bound, .field = field});
}

void violations_add(struct violations *v, const char *pointer, enum violation_code code, int64_t bound) {
    violations_add_field(v, pointer, code, bound, NULL);
}

void violations_add_text(struct violations *v, const char *pointer, const char *zh, const char *en) {
    append(v, pointer, &(struct violation){.code = V_OTHER, .zh = zh, .en = en});
}

const char *violation_name(enum violation_code code) {
    static const char *const names[V__MAX] = {
        [V_REQUIRED] = "required",
        [V_TYPE] = "type",
        [V_TOO_SHORT] = "too_short",
        [V_TOO_LONG] = "too_long",
        [V_TOO_SMALL] = "too_small",
        [V_TOO_LARGE] = "too_large",
        [V_NOT_ONE_OF] = "not_one_of",
        [V_FORMAT] = "format",
        [V_UNKNOWN] = "unknown",
        [V_DUPLICATE] = "duplicate",
        [V_TOO_FEW] = "too_few",
        [V_TOO_MANY] = "too_many",
        [V_TEXT] = "text",
        [V_OTHER] = "other",
    };
    return (size_t)code < V__MAX ? names[code] : "other";
}

/* ---- one decoder a type; each stores into the member, or returns the code and sets *bound ---- */

enum { FITS = -1 };
typedef int decoder(const struct field *f, struct str text, void *member, int64_t *bound);

static int decode_text(const struct field *f, struct str text, void *member, int64_t *bound) {
    if (!utf8_is_text(text)) {
        return V_TEXT;
    }
    if ((int64_t)utf8_count(text) > f->max) {
        *bound = f->max;
        return V_TOO_LONG;
    }
    /* What nobody can see is no content: a matter is not resolved by five spaces. */
    if ((int64_t)utf8_count(utf8_trim(text)) < f->min) {
        *bound = f->min;
        return V_TOO_SHORT;
    }
    *(struct str *)member = text;
    return FITS;
}

/* Is it '-' and digits as JSON has them? However many there are. */
static bool is_whole(struct str s) {
    size_t at = s.n > 0 && s.p[0] == '-' ? 1 : 0, start = at;
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9') {
        at++;
    }
    return at == s.n && at > start && (s.p[start] != '0' || at - start == 1);
}

static int check_bounds(int64_t v, int64_t min, int64_t max, int64_t *bound) {
    if (v < min) {
        *bound = min;
        return V_TOO_SMALL;
    }
    if (v > max) {
        *bound = max;
        return V_TOO_LARGE;
    }
    return FITS;
}

static int decode_int(const struct field *f, struct str text, void *member, int64_t *bound) {
    if (!is_whole(text)) {
        return V_TYPE;
    }
    int64_t min = f->min > -INT_MAX_53 ? f->min : -INT_MAX_53;
    int64_t max = f->max < INT_MAX_53 ? f->max : INT_MAX_53;
    int64_t v;
    if (!num_i64(text, INT64_MIN, INT64_MAX, &v)) {
        v = text.p[0] == '-' ? INT64_MIN : INT64_MAX;
    }
    int code = check_bounds(v, min, max, bound);
    if (code == FITS) {
        *(int64_t *)member = v;
    }
    return code;
}

static int decode_degrees(const struct field *f, struct str text, void *member, int64_t *bound) {
    int64_t v;
    if (!num_millionths(text, &v)) {
        return V_FORMAT;
    }
    int code = check_bounds(v, f->min, f->max, bound);
    *bound /= MILLION; /* told in degrees */
    if (code == FITS) {
        *(int64_t *)member = v;
    }
    return code;
}

static int decode_bool(const struct field *f, struct str text, void *member, int64_t *bound) {
    (void)f;
    (void)bound;
    if (!str_is(text, "true") && !str_is(text, "false")) {
        return V_TYPE;
    }
    *(bool *)member = text.p[0] == 't';
    return FITS;
}

static int decode_enum(const struct field *f, struct str text, void *member, int64_t *bound) {
    (void)bound;
    for (int i = 0; f->names[i]; i++) {
        if (str_is(text, f->names[i])) {
            *(int *)member = i;
            return FITS;
        }
    }
    return V_NOT_ONE_OF;
}

static int decode_uuid(const struct field *f, struct str text, void *member, int64_t *bound) {
    (void)f;
    (void)bound;
    return uuid_parse(text, member) ? FITS : V_FORMAT;
}

static int decode_time(const struct field *f, struct str text, void *member, int64_t *bound) {
    (void)f;
    (void)bound;
    return time_parse(text, member) ? FITS : V_FORMAT;
}

/* A list or a raw object can't be given as plain text. */
static int decode_never(const struct field *f, struct str text, void *member, int64_t *bound) {
    (void)f;
    (void)text;
    (void)member;
    (void)bound;
    return V_TYPE;
}

bool field_from_text(const struct field *f, struct str text, void *object, struct violations *v, const char *pointer) {
    static decoder *const decoders[] = {
        [F_TEXT] = decode_text,     [F_INT] = decode_int,         [F_BOOL] = decode_bool, [F_ENUM] = decode_enum,
        [F_UUID] = decode_uuid,     [F_DEGREES] = decode_degrees, [F_TIME] = decode_time, [F_UUIDS] = decode_never,
        [F_OBJECTS] = decode_never, [F_RAW] = decode_never,
    };
    int64_t bound = 0;
    int code = decoders[f->type](f, text, (char *)object + f->offset, &bound);
    if (code == FITS) {
        return true;
    }
    violations_add_field(v, pointer, (enum violation_code)code, bound, f);
    return false;
}
