/* A reply template, and a text that somebody sends of one: the input is both. */
#include "base/utf8.h"
#include "fuzz.h"
#include "rules/template.h"

#include <string.h>

enum { MEMORY = 1 << 20, FILLED = 1 << 14 };

static bool has(struct str s, const char *what) { return memmem(s.p, s.n, what, strlen(what)) != NULL; }

/* Of a good template all is filled in but what its gaps ask of a person. */
static void check_good(struct str s, struct str filled) {
    struct str left = template_gap(filled);
    CHECK(!has(filled, "{") && !has(filled, "}"));
    CHECK(has(s, "【") ? left.n && *left.p != '{' : !left.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char nothing[1];
    struct arena a;
    struct str s = {size ? (const char *)data : nothing, size}, values[FIELD__MAX], gap = template_gap(s);
    arena_init(&a, MEMORY);
    for (int i = 0; i < FIELD__MAX; i++) values[i] = STR("某");
    CHECK(!gap.n || (gap.p >= s.p && gap.p + gap.n <= s.p + s.n));
    struct str filled = template_fill(&a, s, values);
    CHECK(filled.p || size > FILLED);
    if (filled.p) {
        CHECK(filled.n <= s.n &&
              (!utf8_valid(s) || utf8_valid(filled))); /* a field's name is longer than its value here */
        CHECK(gap.n || str_eq(filled, s));
        if (!template_fault(s)) check_good(s, filled);
    }
    arena_free(&a);
    return 0;
}
