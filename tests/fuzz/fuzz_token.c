/* The Authorization header and the tokens in it. The input is the header's value; its first bytes also make a token, and a
 * change of that one. */
#include "base/token.h"
#include "fuzz.h"
#include "request_decode.h"

#include <strings.h>

static const char prefixes[][5] = {"mha_", "mhr_", "mhk_", "mhi_", "mhp_"};
enum { PREFIXES = sizeof prefixes / sizeof *prefixes };

static bool inside(struct str part, struct str whole) {
    return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

/* Every token has exactly one text. */
static void check_parse(struct str text) {
    int kinds = 0;
    for (int i = 0; i < PREFIXES; i++) {
        uint8_t secret[32];
        char again[TOKEN_TEXT + 1];
        if (!token_parse(text, prefixes[i], secret)) continue;
        kinds++;
        token_format(prefixes[i], secret, again);
        CHECK(str_is(text, again));
    }
    CHECK(kinds <= 1);
}

static struct str check_bearer(struct str value) {
    struct str token = bearer_of(value);
    check_parse(value);
    if (!token.p) return token;
    CHECK(inside(token, value) && token.n > 0 && token.n <= TOKEN_MAX_BYTES);
    for (size_t i = 0; i < token.n; i++) CHECK(token.p[i] > ' ' && token.p[i] < 0x7F && !strchr("\",;\\", token.p[i]));
    /* Nothing but the scheme and blanks stands around it. */
    size_t before = (size_t)(token.p - value.p), skip = 0;
    while (skip < before && strchr(" \t", value.p[skip])) skip++;
    CHECK(before - skip >= 7 && strncasecmp(value.p + skip, "Bearer ", 7) == 0);
    for (size_t i = skip + 7; i < before; i++) CHECK(value.p[i] == ' ' || value.p[i] == '\t');
    for (size_t i = before + token.n; i < value.n; i++) CHECK(value.p[i] == ' ' || value.p[i] == '\t');
    check_parse(token);
    return token;
}

static void check_key(struct str value) {
    struct str key = idempotency_key_of(value);
    if (!key.p) return;
    CHECK(inside(key, value) && key.n > 0 && key.n <= KEY_MAX_BYTES);
    for (size_t i = 0; i < key.n; i++) CHECK(key.p[i] > ' ' && key.p[i] < 0x7F && key.p[i] != ',');
}

/* The whole head: the header once, twice, and beside others made of the same bytes. */
static void check_head(struct str value, struct str token) {
    static struct address_list nobody;
    static struct arena arena;
    if (!arena.cap) arena_init(&arena, 1 << 20);
    const struct fcgi_param params[] = {{STR("REQUEST_METHOD"), STR("GET")},    {STR("REQUEST_URI"), STR("/zlb/v1/me")},
                                        {STR("REMOTE_ADDR"), STR("192.0.2.1")}, {STR("HTTP_AUTHORIZATION"), value},
                                        {STR("HTTP_AUTHORIZATION"), value},     {STR("HTTP_ACCEPT_LANGUAGE"), value},
                                        {STR("HTTP_IF_MATCH"), value},          {STR("HTTP_IDEMPOTENCY_KEY"), value}};
    struct exchange once = {.arena = &arena, .params = params, .param_count = 4}, twice = once, others = once;
    struct request req = {.arena = &arena}, second = req, third = req;
    twice.param_count = 5;
    others.params = params + 5;
    others.param_count = 3;
    enum rc rc = request_decode(&req, &once, &nobody);
    bool comma = memchr(value.p, ',', value.n) != NULL;
    CHECK(rc == (comma ? RC_REPEATED_HEADER : RC_OK) && req.has_authorization && str_is(req.address, "192.0.2.1"));
    CHECK(req.bearer.p == token.p && req.bearer.n == token.n);
    CHECK(request_decode(&second, &twice, &nobody) == RC_REPEATED_HEADER);
    CHECK(request_decode(&third, &others, &nobody) == RC_BAD_PATH); /* no address at all */
    CHECK(!third.has_authorization && !third.bearer.p);
    arena_reset(&arena);
}

/* A made token is read as what it was made from, as no other kind, and not with one character changed. */
static void check_made(const uint8_t *data, size_t size) {
    uint8_t given[35] = {0}, back[32];
    char text[TOKEN_TEXT + 1];
    memcpy(given, data, size < sizeof given ? size : sizeof given);
    int kind = given[32] % PREFIXES;
    token_format(prefixes[kind], given, text);
    for (int i = 0; i < PREFIXES; i++) CHECK(token_parse(str_of(text), prefixes[i], back) == (i == kind));
    CHECK(token_parse(str_of(text), prefixes[kind], back) && memcmp(back, given, 32) == 0);
    size_t at = given[33] % TOKEN_TEXT;
    char was = text[at];
    text[at] = (char)given[34];
    if (text[at] != was)
        for (int i = 0; i < PREFIXES; i++) CHECK(!token_parse((struct str){text, TOKEN_TEXT}, prefixes[i], back));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str value = {size ? (const char *)data : "", size};
    check_head(value, check_bearer(value));
    check_key(value);
    check_made(data, size);
    return 0;
}
