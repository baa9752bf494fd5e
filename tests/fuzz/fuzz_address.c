/* Addresses in texts. The input is the addresses, a line each, and after an empty line the text.
 * What is spelt one way stays so, and the index finds what a look at every address at every place finds. */
#include "base/utf8.h"
#include "fuzz.h"
#include "rules/address.h"

enum { MEMORY = 64 << 20, TABLE_MAX = 64 };

static struct arena arena;
static struct place places[TABLE_MAX];

static struct str spelt(struct str text) {
    struct str s = address_spelling(&arena, text), again = address_spelling(&arena, s);
    CHECK(s.p && again.p && utf8_valid(s) && str_eq(s, again));
    return s;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static const struct place *slow_find(const struct address *items, size_t n, struct str s) {
    const struct address *best = NULL;
    for (size_t at = 0; at < s.n; at++)
        for (size_t i = 0; i < n; i++) {
            struct str t = items[i].text;
            if (!items[i].place->active || at + t.n > s.n || memcmp(s.p + at, t.p, t.n) != 0) continue;
            if (at && is_digit(s.p[at - 1]) && is_digit(t.p[0])) continue;
            if (at + t.n < s.n && is_digit(s.p[at + t.n]) && is_digit(t.p[t.n - 1])) continue;
            if (!best || t.n > best->text.n) best = &items[i];
        }
    return best ? best->place : NULL;
}

static bool is_there(const struct address *items, size_t n, struct str text) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(items[i].text, text)) return true;
    return false;
}

/* As an import takes them: two characters or more, none twice. Every fourth is of a place that is closed. */
static size_t read_table(struct str *left, struct address *items) {
    size_t n = 0;
    while (left->n) {
        const char *end = memchr(left->p, '\n', left->n);
        struct str line = {left->p, end ? (size_t)(end - left->p) : left->n};
        *left = (struct str){line.p + line.n + (end != NULL), left->n - line.n - (end != NULL)};
        if (!line.n) break;
        struct str text = spelt(line);
        if (n == TABLE_MAX || utf8_count(text) < ADDRESS_MIN || is_there(items, n, text)) continue;
        places[n] = (struct place){.id = (int64_t)n + 1, .active = n % 4 != 3};
        items[n] = (struct address){text, &places[n], 0};
        n++;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct address items[TABLE_MAX];
    struct address_index x;
    struct str left = {(const char *)data, size};
    if (!size || !utf8_valid(left)) return 0;
    arena_init(&arena, MEMORY);
    size_t n = read_table(&left, items);
    CHECK(address_index(&x, items, n, &arena));
    CHECK(address_find(&x, left, &arena) == slow_find(items, n, spelt(left)));
    for (size_t i = 0; i < n; i++) /* each in itself */
        CHECK(address_find(&x, items[i].text, &arena) == slow_find(items, n, items[i].text));
    arena_free(&arena);
    return 0;
}
