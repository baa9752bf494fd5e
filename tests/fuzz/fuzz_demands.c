/* Demands in what a resident writes, and in the text of an event: the input is both. */
#include "base/utf8.h"
#include "fuzz.h"
#include "rules/demands.h"

enum { MEMORY = 16 << 20, TITLE = 30 };

static size_t characters(struct str s) {
    size_t n = 0;
    for (size_t at = 0, length; at < s.n; n++) {
        length = utf8_sequence(s.p + at, s.n - at);
        at += length ? length : 1;
    }
    return n;
}

static void check_found(struct str s, const struct demands *d) {
    CHECK(d->n <= DEMANDS_MAX);
    for (size_t i = 0; i < d->n; i++) {
        struct str one = d->list[i].text;
        CHECK(one.n && one.p >= s.p && one.p + one.n <= s.p + s.n && !memchr(one.p, '\n', one.n));
        CHECK(characters(one) <= DEMAND_TEXT_MAX && d->list[i].outcome == DEMAND_OPEN);
        CHECK(!utf8_valid(s) || utf8_valid(one));
    }
}

static void check_same(const struct demands *x, const struct demands *y) {
    CHECK(x->n == y->n);
    for (size_t i = 0; i < x->n; i++) {
        CHECK(str_eq(x->list[i].text, y->list[i].text) && x->list[i].outcome == y->list[i].outcome);
        CHECK(str_eq(x->list[i].answer, y->list[i].answer) && str_eq(x->list[i].reason, y->list[i].reason));
    }
}

/* Answered with the whole input as the result, or with nothing before: read back as they were. */
static void check_written(struct arena *a, struct str s, struct demands *d) {
    struct demands back;
    for (size_t i = 0; i < d->n; i++) {
        d->list[i].outcome = 1 + i % 2;
        d->list[i].answer = STR("好");
        d->list[i].reason = i % 2 ? STR("无依据") : (struct str){0};
    }
    struct str text = demands_write(a, s, d);
    if (d->n && text.p) {
        CHECK(str_eq(demands_result(text), s));
        CHECK(demands_read(text, &back));
        if (!memchr(s.p, '\r', s.n)) check_same(d, &back);
    }
}

/* The first characters, as a title is never cut within one. */
static struct str title_of(struct str s) {
    if (s.n <= TITLE) return s;
    for (s.n = TITLE; s.n && (s.p[s.n] & 0xC0) == 0x80;) s.n--;
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char nothing[1];
    struct arena a;
    struct str s = {size ? (const char *)data : nothing, size};
    struct demands d, again;
    arena_init(&a, MEMORY);
    demands_find(title_of(s), s, &d);
    check_found(s, &d);
    check_written(&a, s, &d);
    struct str result = demands_result(s);
    CHECK(result.p == s.p && result.n <= s.n);
    if (demands_read(s, &d)) {
        CHECK(d.n && d.n <= DEMANDS_MAX);
        bool plain = !memchr(s.p, '\r', s.n);
        struct str text = demands_write(&a, (struct str){0}, &d);
        if (text.p && plain && demands_read(text, &again)) check_same(&d, &again);
        else CHECK(!text.p || !plain);
    }
    arena_free(&a);
    return 0;
}
