/* Scanned codes. The input is what a phone read off; its first bytes also say which tag's own code is changed at which place.
 * A tag is found by its text, alone or behind an address, and by nothing else. */
#include "acts/tags.h"
#include "fuzz.h"
#include "keys.h"

#include <string.h>

enum { TAGS = 4 };

static const struct keyring *keys;
static struct arena arena;
static struct district district;
static char texts[TAGS][TAG_TEXT_MAX + 1];
static const struct tag tags[TAGS] = {{.id = 1, .code = STR("lift-0007")},
                                      {.id = 2, .code = STR("A")},
                                      {.id = 3, .code = STR("a.b")},
                                      {.id = 4, .code = STR("abcdefghijklmnopqrstuvwxyz-_.0123")}};

static void setup(void) {
    if (keys) return;
    keys = keys_of_this_run();
    arena_init(&arena, 1 << 20);
    district = (struct district){.tags = tags, .tag_count = TAGS - 1};
    CHECK(tags_index(&district, &arena));
    for (size_t i = 0; i + 1 < TAGS; i++) CHECK(tag_text(keys, tags[i].code, texts[i]));
    CHECK(!tag_text(keys, tags[TAGS - 1].code, texts[TAGS - 1])); /* a code has 32 at most */
}

static const struct tag *scan(const char *before, const char *text, size_t n) {
    char whole[200];
    size_t length = strlen(before);
    CHECK(length + n <= sizeof whole);
    memcpy(whole, before, length);
    memcpy(whole + length, text, n);
    return tag_scanned(keys, &district, (struct str){whole, length + n});
}

static void check_own(const uint8_t *data) {
    size_t which = data[0] % (TAGS - 1), n = strlen(texts[which]);
    char text[TAG_TEXT_MAX + 1];
    memcpy(text, texts[which], n);
    CHECK(scan("", text, n) == &tags[which] && scan("https://example.cn/t/", text, n) == &tags[which]);
    CHECK(!scan("", text, n - 1) && !scan("x", text, n));
    char was = text[data[1] % n];
    text[data[1] % n] = (char)data[2];
    /* A slash ends what stands before it. */
    if (text[data[1] % n] != was) CHECK(!scan("", text, n));
}

/* Only the end of what was read, after the last slash, can be a tag's text, byte for byte. */
static void check_read(struct str scanned) {
    const struct tag *tag = tag_scanned(keys, &district, scanned);
    if (!tag) return;
    size_t which = (size_t)(tag - tags), n = strlen(texts[which]);
    CHECK(scanned.n >= n && memcmp(scanned.p + scanned.n - n, texts[which], n) == 0);
    CHECK(scanned.n == n || scanned.p[scanned.n - n - 1] == '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    setup();
    check_read((struct str){(const char *)data, size});
    if (size >= 3) check_own(data);
    return 0;
}
