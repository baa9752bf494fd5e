/* Terms and postings. The input: a head of numbers, then what is typed into the search, and after a line end a matter's text.
 * A matter that holds what is typed is found by it; a rectangle holds the matters in it; a set of matters is its bytes. */
#include "base/utf8.h"
#include "fuzz.h"
#include "rules/letters.h"
#include "rules/postings.h"
#include "rules/terms.h"

#include <string.h>

enum { HEAD = 40, QUERY_MAX = 100, TEXT_LONGEST = 4000 };

static int64_t number_at(const uint8_t *head, size_t i) {
    int32_t n;
    memcpy(&n, head + 4 * i, sizeof n);
    return n;
}

static void check_term(int64_t term) {
    int64_t kind = term >> 56;
    CHECK(kind >= TERM_LETTERS && kind < TERM__MAX);
}

static void check_search(const struct term_search *s) {
    CHECK(s->n <= TERM_GROUPS_MAX);
    for (size_t i = 0; i < s->n; i++) {
        CHECK(s->groups[i].n > 0 && s->groups[i].n <= TERM_ANY_MAX);
        for (size_t k = 0; k < s->groups[i].n; k++) check_term(s->groups[i].any[k]);
    }
}

static void check_sorted(const int64_t *terms, size_t n) {
    for (size_t i = 0; i < n; i++) {
        check_term(terms[i]);
        CHECK(!i || terms[i - 1] < terms[i]);
    }
}

/* Has the matter a term of each group? */
static bool fits(const struct term_search *s, const int64_t *terms, size_t n) {
    for (size_t i = 0; i < s->n; i++) {
        bool any = false;
        for (size_t k = 0; k < s->groups[i].n; k++)
            for (size_t t = 0; t < n; t++) any = any || terms[t] == s->groups[i].any[k];
        if (!any) return false;
    }
    return true;
}

/* ---- letters ---- */

static size_t terms_of(struct str text, int64_t *out) {
    size_t n = term_letters(text, out);
    CHECK(n <= 2 * utf8_count(text));
    n = term_sort(out, n);
    check_sorted(out, n);
    return n;
}

static bool has_letter(struct str s) {
    for (size_t at = 0; at < s.n;)
        if (letter_fold(utf8_next(s, &at))) return true;
    return false;
}

/* A number for people is looked for as one, not in texts. */
static bool is_number(const struct term_search *s) {
    return s->n == 1 && s->groups[0].n == 1 && s->groups[0].any[0] >> 56 == TERM_NUMBER;
}

static void check_typed(struct str q, struct str text) {
    static int64_t terms[2 * (TEXT_LONGEST + 2 * QUERY_MAX)];
    static char whole[4 * (TEXT_LONGEST + 2 * QUERY_MAX)];
    struct term_search s = {0};
    q = utf8_prefix(q, QUERY_MAX);
    text = utf8_prefix(text, TEXT_LONGEST);
    bool asked = term_need_text(&s, q);
    check_search(&s);
    CHECK(asked == has_letter(q) && (asked || s.n == 0));
    if (!asked || is_number(&s)) return;
    memcpy(whole, text.p, text.n);
    memcpy(whole + text.n, q.p, q.n);
    CHECK(fits(&s, terms, terms_of((struct str){whole, text.n + q.n}, terms)));
    memcpy(whole, q.p, q.n);
    memcpy(whole + q.n, text.p, text.n);
    CHECK(fits(&s, terms, terms_of((struct str){whole, text.n + q.n}, terms)));
}

/* ---- traits and the map ---- */

static void check_matter(const uint8_t *head, struct str q) {
    int64_t traits[TERM_TRAITS_MAX], lng = number_at(head, 0), lat = number_at(head, 1);
    const struct unit above = {.id = 7}, holder = {.id = 8, .parent = &above};
    const struct category root = {.id = 3}, leaf = {.id = 4, .parent = &root};
    const struct term_matter m = {.holder = &holder,
                                  .first = &above,
                                  .category = &leaf,
                                  .number = q,
                                  .parts = q,
                                  .lng = lng % 180000001,
                                  .lat = lat % 90000001,
                                  .state = head[8],
                                  .is_open = head[9] & 1,
                                  .overdue = head[9] & 2,
                                  .stars = head[10] % 6};
    size_t n = term_traits(&m, traits);
    CHECK(n <= TERM_TRAITS_MAX);
    check_sorted(traits, n);
    /* A rectangle around the matter, or elsewhere. */
    struct term_search s = {0};
    int64_t west = m.lng - head[11], east = m.lng + (number_at(head, 3) & 0x3FFFF), south = m.lat - head[16],
            north = m.lat + (number_at(head, 5) & 0x3FFFF);
    CHECK(term_need_box(&s, west, south, east, north));
    check_search(&s);
    CHECK(m.lng <= 0 || m.lat <= 0 || fits(&s, traits, n));
    s.n = 0;
    west = number_at(head, 6) % 180000001, south = number_at(head, 7) % 90000001;
    CHECK(
        term_need_box(&s, west, south, west + (number_at(head, 8) & 0x3FFFF), south + (number_at(head, 9) & 0x3FFFF)));
    check_search(&s);
}

/* ---- sets ---- */

static void check_set(struct str bytes) {
    static struct posting_set s, again, both;
    unsigned char out[POSTING_BYTES_MAX];
    memset(&s, 0, sizeof s);
    memset(&again, 0, sizeof again);
    memset(&both, 0xFF, sizeof both);
    bool good = posting_unpack(bytes, &s);
    CHECK(good || bytes.n != POSTING_BYTES_MAX);
    size_t n = posting_pack(&s, out), count = posting_count(&s), seen = 0;
    for (uint32_t at = 0; at < POSTING_BLOCK; at++) seen += posting_has(&s, at);
    CHECK(count == seen && n == (count * 2 < POSTING_BYTES_MAX ? count * 2 : POSTING_BYTES_MAX));
    CHECK(posting_unpack((struct str){(const char *)out, n}, &again) && memcmp(&s, &again, sizeof s) == 0);
    if (good && bytes.n < POSTING_BYTES_MAX) CHECK(n == bytes.n && (!n || memcmp(out, bytes.p, n) == 0));
    posting_keep(&both, &s);
    CHECK(memcmp(&both, &s, sizeof s) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str whole = {(const char *)data, size};
    check_set(whole);
    if (size < HEAD) return 0;
    struct str q = {whole.p + HEAD, size - HEAD}, text = {"", 0};
    const char *end = q.n ? memchr(q.p, '\n', q.n) : NULL;
    if (end) {
        text = (struct str){end + 1, q.n - (size_t)(end + 1 - q.p)};
        q.n = (size_t)(end - q.p);
    }
    check_matter(data, q);
    if (utf8_valid(q) && utf8_valid(text)) check_typed(q, text);
    return 0;
}
