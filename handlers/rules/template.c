/* Reads and fills templates. */
#include "rules/template.h"

#include "base/buf.h"
#include "base/utf8.h"

enum { FILLED_MAX = 1 << 14, FIELD_LONGEST = 60, DEPTH_MAX = 64 };

static const char *const field_names[FIELD__MAX] = {"number", "reporter",  "title", "category", "unit",
                                                    "place",  "submitted", "due",   "today",    "line"};
static const struct str open_gap = {"【", sizeof "【" - 1}, close_gap = {"】", sizeof "】" - 1};

static struct str from(struct str s, size_t at) { return (struct str){s.p + at, s.n - at}; }

static const char *find(struct str s, struct str what) { return memmem(s.p, s.n, what.p, what.n); }

static enum template_field field_of(struct str name) {
    for (int i = 0; i < FIELD__MAX; i++)
        if (str_is(name, field_names[i])) return (enum template_field)i;
    return FIELD__MAX;
}

/* The name in the braces that s begins with; p == NULL: none that is closed on its line, or too long for one. */
static struct str braced(struct str s) {
    for (size_t i = 1; i < s.n && i <= FIELD_LONGEST && s.p[i] != '\n' && s.p[i] != '{'; i++)
        if (s.p[i] == '}') return (struct str){s.p + 1, i - 1};
    return (struct str){0};
}

/* What stands in the brackets that s begins with; p == NULL: they aren't closed. */
static struct str bracketed(struct str s) {
    const char *end = find(from(s, open_gap.n), close_gap);
    return end ? (struct str){s.p + open_gap.n, (size_t)(end - s.p) - open_gap.n} : (struct str){0};
}

static bool is_gap(struct str inside) {
    inside = utf8_trim(inside);
    return !inside.n || str_starts(inside, "请") || str_starts(inside, "填");
}

const char *template_fault(struct str text) {
    for (; text.n; text = from(text, 1)) {
        if (*text.p == '}') return "has a \"}\" without its \"{\"";
        if (*text.p == '{') {
            struct str name = braced(text);
            if (!name.p) return "has a \"{\" without its \"}\"";
            if (field_of(name) == FIELD__MAX) return "has a field that there isn't";
            text = from(text, name.n + 1);
        } else if (str_starts(text, open_gap.p)) {
            struct str inside = bracketed(text);
            if (!inside.p) return "has a 【 without its 】";
            if (!utf8_trim(inside).n || !is_gap(inside)) return "has a gap that doesn't begin with 请 or 填";
        }
    }
    return NULL;
}

struct str template_fill(struct arena *a, struct str text, const struct str values[FIELD__MAX]) {
    struct buf b;
    buf_init(&b, a, FILLED_MAX);
    for (; text.n; text = from(text, 1)) {
        struct str name = *text.p == '{' ? braced(text) : (struct str){0};
        enum template_field field = name.p ? field_of(name) : FIELD__MAX;
        if (field == FIELD__MAX) {
            buf_add_char(&b, *text.p);
            continue;
        }
        buf_add_str(&b, field == FIELD_LINE ? STR("\n") : values[field]);
        text = from(text, name.n + 1);
    }
    return b.failed ? (struct str){0} : buf_str(&b);
}

struct str template_gap(struct str text) {
    for (; text.n; text = from(text, 1)) {
        if (*text.p == '{') {
            struct str name = braced(text);
            if (name.p) return (struct str){text.p, name.n + 2};
        } else if (str_starts(text, open_gap.p)) {
            struct str inside = bracketed(text);
            if (inside.p && is_gap(inside)) return (struct str){text.p, inside.n + open_gap.n + close_gap.n};
        }
    }
    return (struct str){text.p, 0};
}

/* How many steps up from one to the other; DEPTH_MAX: it isn't above. */
#define STEPS_UP(type) \
    static int type##_steps(const struct type *below, const struct type *above) { \
        int n = 0; \
        while (below && below != above && n < DEPTH_MAX) below = below->parent, n++; \
        return below == above ? n : DEPTH_MAX; \
    }
STEPS_UP(category)
STEPS_UP(unit)

int template_fits(const struct template *t, const struct category *category, const struct unit *unit) {
    int of_category = t->category ? category_steps(category, t->category) : DEPTH_MAX - 1;
    int of_unit = t->unit ? unit_steps(unit, t->unit) : DEPTH_MAX - 1;
    if (of_category >= DEPTH_MAX || of_unit >= DEPTH_MAX) return 0;
    return (DEPTH_MAX - of_category) * DEPTH_MAX + DEPTH_MAX - of_unit;
}

struct str template_address(struct arena *a, struct str name) {
    static const char *const doubles[] = {"欧阳", "上官", "司马", "诸葛", "司徒", "东方", "皇甫",
                                          "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文", "夏侯"};
    size_t characters = 1;
    if (!name.n) return STR("居民朋友");
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++)
        if (str_starts(name, doubles[i])) characters = 2;
    struct str family = utf8_prefix(name, characters);
    return str_of(arena_printf(a, "%.*s女士/先生", (int)family.n, family.p));
}
