/* Free text with people's numbers in it. What was taken out stood in the text, the rest stands as it stood, and where nothing was taken
 * out nothing would be another time; what stands beside a number tells what it is, so that of what is left more may be. And the words
 * that make a text urgent, and how many people it says it concerns. */
#include "base/utf8.h"
#include "fuzz.h"
#include "rules/people.h"
#include "rules/scrub.h"
#include "rules/urgency.h"

#include <string.h>

enum { MEMORY = 64 << 20 };

static struct district district;

static const struct str marks[] = {STR("〔手机号〕"), STR("〔电话号码〕"), STR("〔身份证号〕"), STR("〔车牌号〕"),
                                   STR("〔银行卡号〕")};

static size_t mark_at(struct str s, size_t at) {
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (s.n - at >= marks[i].n && memcmp(s.p + at, marks[i].p, marks[i].n) == 0) return marks[i].n;
    return 0;
}

/* The text is what is left with each line of what was removed in the place of a mark. Marks that the writer wrote himself stand as he
 * wrote them. */
static bool is_whole(struct str text, struct str left, struct str removed) {
    size_t at = 0, i = 0;
    while (i < left.n) {
        size_t mark = mark_at(left, i);
        const char *end = removed.n ? memchr(removed.p, '\n', removed.n) : NULL;
        struct str line = {removed.p, end ? (size_t)(end - removed.p) : removed.n};
        if (mark && line.n && text.n - at >= line.n && memcmp(text.p + at, line.p, line.n) == 0) {
            at += line.n;
            i += mark;
            removed = (struct str){line.p + line.n + (end != NULL), removed.n - line.n - (end != NULL)};
        } else if (at < text.n && text.p[at] == left.p[i]) {
            at++;
            i++;
        } else return false;
    }
    return at == text.n && !removed.n;
}

static void check_scrubbed(struct arena *a, struct str text) {
    struct scrubbed once, twice;
    CHECK(scrub_text(a, text, &once) && utf8_valid(once.text) && utf8_valid(once.removed));
    CHECK(once.removed.n || str_eq(once.text, text));
    CHECK(is_whole(text, once.text, once.removed));
    CHECK(scrub_text(a, text, &twice) && str_eq(once.text, twice.text) && str_eq(once.removed, twice.removed));
    CHECK(scrub_text(a, once.text, &twice) && is_whole(once.text, twice.text, twice.removed));
}

static void check_read(struct arena *a, struct str text) {
    uint32_t dangers = 0;
    if (!district.urgent.next) CHECK(urgency_index(&district, a));
    enum urgency u = text_urgency(&district, text, &dangers);
    CHECK(u >= 0 && u < URGENCY__MAX && dangers >> DANGER__MAX == 0);
    CHECK(text_urgency(&district, text, NULL) == u);
    int64_t people = people_named(text);
    CHECK(people >= 0 && people <= PEOPLE_NAMED_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena lasting;
    struct arena a;
    struct str text = {(const char *)data, size};
    if (!size || !utf8_valid(text)) return 0;
    if (!lasting.cap) arena_init(&lasting, 1 << 20);
    arena_init(&a, MEMORY);
    check_scrubbed(&a, text);
    check_read(&lasting, text);
    arena_free(&a);
    return 0;
}
