/* The HTTP side from parameters to bytes: every refusal, their order, headers, conditional answers. */
#include "http_fixture.h"

#include "address.h"
#include "base/timefmt.h"
#include "query.h"
#include "request_decode.h"
#include "response.h"

#define TYPED_ASK(...) ((struct ask){.method = "POST", .token = "good", __VA_ARGS__})
#define JSON_ASK(...) TYPED_ASK(.type = "application/json", __VA_ARGS__)
#define GET_ASK(...) ((struct ask){.token = "good", __VA_ARGS__})

static struct dispatcher *d;

static int set_up(void **state) {
    (void)state;
    d = fixture_make("10.0.0.0/8, 2001:db8::/32", "https://mapi.zjzwfw.gov.cn", false);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    dispatcher_free(d);
    return 0;
}

static void test_good(void **state) {
    (void)state;
    struct answer a;
    ask_send(d, &GET_ASK(.uri = "/t/v1/things/" THING), &a);
    assert_int_equal(a.status, 200);
    assert_string_equal(trace, "AZH");
    assert_true(str_is(a.body, "{\"id\":\"" THING "\"}"));
    assert_true(has_head(&a, "Content-Type: application/json; charset=utf-8"));
    assert_true(has_head(&a, "Content-Length: 45"));
    assert_true(has_head(&a, "X-Request-Id: " REQUEST_ID));
    assert_true(has_head(&a, "Cache-Control: private, no-cache"));
    assert_true(has_head(&a, "X-Content-Type-Options: nosniff"));
    assert_true(has_head(&a, "Vary: Accept-Language, Origin"));
    assert_true(has_head(&a, "ETag: \"7\""));
    assert_true(has_head(&a, "RateLimit: \"key\";r=12;t=34"));
    assert_string_equal(a.outcome.operation, "getThing");
    assert_int_equal(a.outcome.route_index, 0);
    answer_free(&a);

    ask_send(d, &JSON_ASK(.uri = "/t/v1/things", .body = "{\"title\":\"电梯\"}"), &a);
    assert_int_equal(a.status, 201);
    assert_string_equal(trace, "AZRH");
    assert_string_equal(seen_text, "电梯");
    assert_true(has_head(&a, "Location: /t/v1/things/" THING));
    assert_true(has_head(&a, "Cache-Control: no-store"));
    answer_free(&a);

    ask_send(d, &(struct ask){.method = "POST", .uri = "/t/v1/empty", .token = "good"}, &a);
    assert_int_equal(a.status, 204);
    assert_false(has_text(a.head, "Content-Length"));
    assert_int_equal(a.body.n, 0);
    answer_free(&a);
}

static void test_paths(void **state) {
    (void)state;
    static const char *const bad[] = {
        "/zlb/../t/v1/things",
        "/t/v1/../v1/things",
        "/t/v1/./things",
        "/t/v1/things/.",
        "/t/v1/things/..",
        "/t//v1/things",
        "//t/v1/things",
        "/t/v1/things/",
        "/t/v1/%2e%2e/v1",
        "/t/v1/th%69ngs",
        "/t/v1/things%2F",
        "/t/v1/things%00",
        "t/v1/things",
        "http://h/t/v1",
        "/t/v1/a;b",
        "/t/v1/a b",
        "/t\\v1",
        "/t/v1/{thing_id}",
        "/t/v1/\xe4\xb8\xad",
        "*",
        "?q=1",
        "",
        "/t/v1/a#b",
        "/t/v1/a\x01",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect(d, GET_ASK(.uri = bad[i]), 400, "path_not_canonical", "");
    expect(d, (struct ask){.token = "good"}, 400, "path_not_canonical", ""); /* no REQUEST_URI at all */
    char text[4096];
    memset(text, 'a', sizeof text);
    text[0] = '/';
    text[512] = '\0';
    expect(d, GET_ASK(.uri = text), 404, "not_found", "");
    text[512] = 'a';
    text[513] = '\0';
    expect(d, GET_ASK(.uri = text), 414, "uri_too_long", "");
    memcpy(text, "/t/v1/things?q=", 15);
    memset(text + 15, 'a', sizeof text - 15);
    text[13 + 2049] = '\0';
    expect(d, GET_ASK(.uri = text), 414, "uri_too_long", "");
    text[13 + 2048] = '\0';
    expect(d, GET_ASK(.uri = text), 400, "invalid_request", "AZ");
}

static void test_routing(void **state) {
    (void)state;
    expect(d, GET_ASK(.uri = "/t/v1/nothing"), 404, "not_found", "");
    expect(d, GET_ASK(.uri = "/"), 404, "not_found", "");
    static const char *const methods[] = {"HEAD", "OPTIONS", "PUT", "DELETE", "get", ""};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        struct answer a;
        ask_send(d, &GET_ASK(.method = methods[i], .uri = "/t/v1/things"), &a);
        assert_int_equal(a.status, 405);
        assert_true(has_head(&a, "Allow: GET, POST"));
        assert_string_equal(a.outcome.operation, "none");
        assert_int_equal(a.outcome.route_index, -1);
        answer_free(&a);
    }
    struct answer a;
    ask_send(d, &(struct ask){.method = "POST", .uri = "/t/v1/lists"}, &a);
    assert_int_equal(a.status, 405);
    assert_true(has_head(&a, "Allow: GET"));
    answer_free(&a);
}

static void test_repeated_headers(void **state) {
    (void)state;
    static const char *const twice[] = {"HTTP_AUTHORIZATION", "HTTP_IDEMPOTENCY_KEY", "HTTP_IF_MATCH",
                                        "HTTP_IF_NONE_MATCH", "HTTP_X_FORWARDED_FOR", "CONTENT_TYPE",
                                        "CONTENT_LENGTH",     "HTTP_ORIGIN",          "HTTP_CONTENT_TYPE",
                                        "HTTP_FORWARDED",     "REQUEST_URI",          "HTTP_X_REAL_IP"};
    for (size_t i = 0; i < sizeof twice / sizeof *twice; i++)
        expect(d, (struct ask){.uri = "/t/v1/lists", .extra = {{twice[i], "1"}, {twice[i], "1"}}}, 400,
               "header_repeated", "");
    static const char *const joined[][2] = {{"HTTP_AUTHORIZATION", "Bearer good, Bearer good"},
                                            {"HTTP_IDEMPOTENCY_KEY", "k1, k2"},
                                            {"HTTP_IDEMPOTENCY_KEY", "\"k1\", \"k2\""},
                                            {"HTTP_CONTENT_TYPE", "application/json, text/plain"},
                                            {"HTTP_X_REAL_IP", "1.1.1.1, 2.2.2.2"}};
    for (size_t i = 0; i < sizeof joined / sizeof *joined; i++)
        expect(d, (struct ask){.uri = "/t/v1/lists", .extra = {{joined[i][0], joined[i][1]}}}, 400, "header_repeated",
               "");
    expect(d, (struct ask){.uri = "/t/v1/lists", .extra = {{"HTTP_X_FORWARDED_FOR", "1.1.1.1, 2.2.2.2"}}}, 200, NULL,
           "H");
}

static void test_tokens(void **state) {
    (void)state;
    static const char *const bad[] = {"Basic Z29vZA==", "good",           "Bearer",         "Bearer ",
                                      "Bearer a b",     "Bearer g\x01od", "Bearer \"good\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ask ask = {.uri = "/t/v1/things/" THING, .extra = {{"HTTP_AUTHORIZATION", bad[i]}}};
        expect(d, ask, 401, "token_invalid", "");
        ask.uri = "/t/v1/lists"; /* nobody asks for a token there */
        expect(d, ask, 200, NULL, "H");
    }
    char line[640] = "Bearer ";
    memset(line + 7, 'a', 513);
    expect(d, (struct ask){.uri = "/t/v1/things", .extra = {{"HTTP_AUTHORIZATION", line}}}, 401, "token_invalid", "");
    expect(d, (struct ask){.uri = "/t/v1/things", .extra = {{"HTTP_AUTHORIZATION", "bEaReR   good"}}}, 200, NULL,
           "AZH");
    expect(d, (struct ask){.uri = "/t/v1/things"}, 401, "token_required", "");
    expect(d, (struct ask){.uri = "/t/v1/things", .token = "bad"}, 401, "token_invalid", "A");
    expect(d, (struct ask){.uri = "/t/v1/things", .token = "weak"}, 403, "forbidden", "AZ");
    struct answer a;
    ask_send(d, &(struct ask){.uri = "/t/v1/things", .token = "down"}, &a);
    assert_int_equal(a.status, 503);
    assert_true(has_text(a.head, "\r\nRetry-After: "));
    answer_free(&a);
    ask_send(d, &(struct ask){.uri = "/t/v1/things"}, &a);
    assert_true(has_head(&a, "WWW-Authenticate: Bearer"));
    answer_free(&a);
}

static void test_bodies(void **state) {
    (void)state;
    const char *uri = "/t/v1/things", *good = "{\"title\":\"a\"}";
    expect(d, JSON_ASK(.uri = uri), 411, "length_required", "");
    expect(d, JSON_ASK(.uri = uri, .length = "201"), 413, "body_too_large", "");
    expect(d, JSON_ASK(.uri = uri, .length = "99999999999999999999"), 400, "bad_request", "");
    expect(d, JSON_ASK(.uri = uri, .length = "-1"), 400, "bad_request", "");
    expect(d, JSON_ASK(.uri = uri, .length = "1x"), 400, "bad_request", "");
    expect(d, JSON_ASK(.uri = uri, .body = good, .body_result = BODY_READ_SHORT), 400, "body_incomplete", "AZR");
    expect(d, JSON_ASK(.uri = uri, .body = good, .body_result = BODY_READ_TOO_LARGE), 413, "body_too_large", "AZR");
    expect(d, JSON_ASK(.uri = uri, .body = good, .body_result = BODY_READ_NO_MEMORY), 503, "unavailable", "AZR");
    expect(d, JSON_ASK(.uri = uri, .body = good, .extra = {{"HTTP_CONTENT_ENCODING", "gzip"}}), 415,
           "media_type_not_supported", "");
    expect(d, JSON_ASK(.uri = uri, .body = "{\"title\":"), 400, "malformed_json", "AZR");
    expect(d, JSON_ASK(.uri = uri, .body = "[]"), 400, NULL, "AZR");
    expect(d, JSON_ASK(.uri = uri, .length = "0"), 400, "malformed_json", "AZR");
    static const struct {
        const char *type;
        int status;
    } types[] = {{"application/json", 201},
                 {"Application/JSON; charset=UTF-8", 201},
                 {"application/json;charset=\"utf-8\"", 201},
                 {"application/json;", 201},
                 {"application/json; charset=gbk", 415},
                 {"application/jsonp", 415},
                 {"application/json; charset=utf-8; a=b", 415},
                 {"text/json", 415},
                 {"text/plain", 415},
                 {"application/x-www-form-urlencoded", 415},
                 {"", 415},
                 {"application/json; \xff", 415}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        expect(d, TYPED_ASK(.uri = uri, .body = good, .type = types[i].type), types[i].status, NULL, NULL);
    struct ask photo = TYPED_ASK(.uri = "/t/v1/things/" THING "/photos", .body = "\xff\xd8\xff", .type = "image/jpeg");
    expect(d, photo, 200, NULL, "AZRH");
    assert_true(str_is(seen_request.content_type, "image/jpeg"));
    photo.type = "IMAGE/PNG";
    expect(d, photo, 200, NULL, "AZRH");
    assert_true(str_is(seen_request.content_type, "image/png"));
    photo.type = "image/gif";
    expect(d, photo, 415, "media_type_not_supported", "");
    photo.type = "image/png; charset=utf-8";
    expect(d, photo, 415, NULL, "");
    expect(d, GET_ASK(.uri = uri, .body = "x"), 400, "bad_request", "");
    expect(d, GET_ASK(.uri = uri, .length = "0"), 200, NULL, "AZH");
    expect(d, JSON_ASK(.uri = "/t/v1/empty", .body = "{}"), 400, "bad_request", "");
    expect(d, JSON_ASK(.uri = "/t/v1/empty", .length = "0"), 204, NULL, "AZH");
}

static void test_all_violations(void **state) {
    (void)state;
    struct answer a;
    ask_send(
        d,
        &JSON_ASK(.uri = "/t/v1/things/" THING "/accept?limit=0&x=1&limit=5&q=%e4%b8", .body = "{\"count\":9,\"z\":1}"),
        &a);
    assert_int_equal(a.status, 400);
    assert_string_equal(trace, "AZR");
    static const char *const wanted[] = {
        "\"pointer\":\"?limit\",\"code\":\"too_small\"", "\"pointer\":\"?limit\",\"code\":\"duplicate\"",
        "\"pointer\":\"?x\",\"code\":\"unknown\"",       "\"pointer\":\"?q\",\"code\":\"text\"",
        "\"pointer\":\"/count\",\"code\":\"too_large\"", "\"pointer\":\"/z\",\"code\":\"unknown\"",
        "\"pointer\":\"/title\",\"code\":\"required\"",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (!has_text(a.body, wanted[i])) print_error("missing %s in %.*s\n", wanted[i], (int)a.body.n, a.body.p);
        assert_true(has_text(a.body, wanted[i]));
    }
    struct json_value *root;
    assert_int_equal(json_parse(a.body, 200, &root, &a.arena), RC_OK);
    answer_free(&a);
}

static void test_query(void **state) {
    (void)state;
    static const struct {
        const char *query, *seen;
    } good[] = {{"", "|0"},
                {"?", "|0"},
                {"?q=a+b%2B&limit=5", "a b+|5"},
                {"?&&q=%E4%B8%AD&", "中|0"},
                {"?q=\xe4\xb8\xad", "中|0"},
                {"?%71=1%3D2=3", "1=2=3|0"}};
    char uri[512];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        snprintf(uri, sizeof uri, "/t/v1/things%s", good[i].query);
        expect(d, GET_ASK(.uri = uri), 200, NULL, "AZH");
        assert_string_equal(seen_text, good[i].seen);
    }
    static const char *const bad[] = {"?q=",        "?q=%",         "?q=%4",  "?q=%zz",     "?q=%00",
                                      "?q=%c0%80",  "?q=%ed%a0%80", "?q=%ff", "?limit=1.5", "?limit=+5",
                                      "?limit=101", "?limit=",      "?limit", "?Q=1",       "?q[]=1",
                                      "?%=1",       "?q=1&q=1",     "?=",     "?q=%0d%0a",  "?q=aaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(uri, sizeof uri, "/t/v1/things%s", bad[i]);
        expect(d, GET_ASK(.uri = uri), 400, "invalid_request", "AZ");
    }
    expect(d, GET_ASK(.uri = "/t/v1/lists?x=1"), 400, "invalid_request", "");
    size_t n = (size_t)snprintf(uri, sizeof uri, "/t/v1/things?");
    for (int i = 0; i < 33; i++) n += (size_t)snprintf(uri + n, sizeof uri - n, "a=1&");
    struct answer a;
    ask_send(d, &GET_ASK(.uri = uri), &a);
    assert_true(has_text(a.body, "too_many"));
    answer_free(&a);
}

/* Not the id itself, the answer must be the same: bytes and all. */
static void test_absent(void **state) {
    (void)state;
    struct answer absent, malformed;
    ask_send(d, &GET_ASK(.uri = "/t/v1/things/0191a2b3-c4d5-7e6f-8a9b-0c1d2e3f4a5c"), &absent);
    ask_send(d, &GET_ASK(.uri = "/t/v1/things/20261124-000123"), &malformed);
    assert_int_equal(absent.status, 404);
    assert_true(str_eq(absent.head, malformed.head));
    assert_true(str_eq(absent.body, malformed.body));
    answer_free(&absent);
    answer_free(&malformed);
    expect(d, (struct ask){.uri = "/t/v1/things/nonsense"}, 401, "token_required", "");
    expect(d, JSON_ASK(.uri = "/t/v1/things/nonsense/accept", .body = "{}"), 400, "invalid_request", "AZR");
    expect(d, JSON_ASK(.uri = "/t/v1/things/nonsense/accept", .body = "{\"title\":\"a\"}"), 428, "version_required",
           "AZR");
}

static void test_preconditions(void **state) {
    (void)state;
    struct ask accept = JSON_ASK(.uri = "/t/v1/things/" THING "/accept", .body = "{\"title\":\"a\"}");
    expect(d, accept, 428, "version_required", "AZR");
    static const struct {
        const char *value;
        int status, version;
    } cases[] = {{"\"5\"", 200, 5},
                 {"W/\"5\"", 200, 5},
                 {"\"5\", W/\"5\"", 200, 5},
                 {" \"5\" ,", 200, 5},
                 {"\"0\"", 200, 0},
                 {"\"5\",\"6\"", 400, 0},
                 {"*", 400, 0},
                 {"5", 400, 0},
                 {"\"\"", 400, 0},
                 {"\"x\"", 400, 0},
                 {"\"-1\"", 400, 0},
                 {"w/\"5\"", 400, 0},
                 {"\"9007199254740992\"", 400, 0},
                 {"\"5", 400, 0},
                 {"", 428, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        accept.extra[0][0] = "HTTP_IF_MATCH";
        accept.extra[0][1] = cases[i].value;
        expect(d, accept, cases[i].status, NULL, NULL);
        if (cases[i].status == 200) assert_int_equal(seen_request.version, cases[i].version);
    }
    char longest[300];
    memset(longest, 'k', sizeof longest);
    longest[255] = '\0';
    struct ask import = {.method = "POST", .uri = "/t/v1/things/import", .token = "good"};
    expect(d, import, 400, "idempotency_key_required", "AZ");
    static const char *const bad_keys[] = {"", "a b", "\"\"", "\"a\"b\"", "k\x7f", "\xe4\xb8\xad", "\"a\\b\""};
    import.extra[0][0] = "HTTP_IDEMPOTENCY_KEY";
    for (size_t i = 0; i < sizeof bad_keys / sizeof *bad_keys; i++) {
        import.extra[0][1] = bad_keys[i];
        expect(d, import, 400, "bad_request", "");
    }
    import.extra[0][1] = longest;
    expect(d, import, 200, NULL, "AZH");
    longest[255] = 'k';
    longest[256] = '\0';
    expect(d, import, 400, "bad_request", "");
    import.extra[0][1] = "\"8e03978e-40d5\"";
    expect(d, import, 200, NULL, "AZH");
    import.extra[0][1] = "\"8e03978e-40d5\"";
    struct answer a;
    ask_send(d, &import, &a);
    assert_true(str_is(seen_request.idempotency_key, "8e03978e-40d5"));
    answer_free(&a);
}

static void test_not_modified(void **state) {
    (void)state;
    static const struct {
        const char *value;
        int status;
    } cases[] = {{"\"7\"", 304}, {"W/\"7\"", 304}, {"\"6\", W/\"7\"", 304}, {"*", 304},      {"\"6\"", 200}, {"7", 200},
                 {"", 200},      {"\"7", 200},     {"\"77\"", 200},         {",,\"7\"", 304}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct answer a;
        ask_send(d, &GET_ASK(.uri = "/t/v1/things/" THING, .extra = {{"HTTP_IF_NONE_MATCH", cases[i].value}}), &a);
        assert_int_equal(a.status, cases[i].status);
        assert_int_equal(a.outcome.status, cases[i].status);
        assert_true(has_head(&a, "ETag: \"7\""));
        assert_true(has_head(&a, "Cache-Control: private, no-cache"));
        if (a.status == 304) {
            assert_int_equal(a.body.n, 0);
            assert_false(has_text(a.head, "Content-Length"));
            assert_false(has_text(a.head, "Content-Type:"));
        }
        answer_free(&a);
    }
    expect(d, GET_ASK(.uri = "/t/v1/things", .extra = {{"HTTP_IF_NONE_MATCH", "*"}}), 200, NULL, "AZH"); /* no ETag */
    expect(d,
           GET_ASK(.uri = "/t/v1/things/0191a2b3-c4d5-7e6f-8a9b-0c1d2e3f4a5c", .extra = {{"HTTP_IF_NONE_MATCH", "*"}}),
           404, "not_found", "AZH");
}

static void test_problems(void **state) {
    (void)state;
    for (int rc = 1; rc < RC__MAX; rc++) {
        char uri[64];
        struct answer a;
        snprintf(uri, sizeof uri, "/t/v1/rc?rc=%d", rc);
        ask_send(d, &GET_ASK(.uri = uri), &a);
        assert_int_equal(a.status, rc_info((enum rc)rc)->status);
        assert_int_equal(a.outcome.rc, rc);
        assert_false(has_text(a.head, "ETag"));
        assert_true(has_head(&a, "Cache-Control: no-store"));
        assert_int_equal(has_text(a.head, "\r\nRetry-After: "), a.status == 503 || a.status == 429);
        assert_int_equal(has_head(&a, "WWW-Authenticate: Bearer"), a.status == 401);
        struct json_value *root;
        assert_int_equal(json_parse(a.body, 50, &root, &a.arena), RC_OK); /* nothing of the half answer is left */
        answer_free(&a);
    }
    expect(d, GET_ASK(.uri = "/t/v1/huge"), 500, "internal_error", "AZ");
}

static void test_response(void **state) {
    (void)state;
    struct arena arena;
    struct response res;
    arena_init(&arena, 1 << 20);
    response_init(&res, &arena, 1000);
    response_header(&res, "Link", "a\r\nSet-Cookie: b");
    assert_false(res.body.failed);
    response_header(&res, "Link", NULL);
    assert_int_equal(res.header_count, 0);
    assert_true(res.body.failed);
    response_init(&res, &arena, 1000);
    response_location(&res, "/x");
    assert_false(res.body.failed);
    response_location(&res, NULL);
    assert_true(res.body.failed);
    response_init(&res, &arena, 1000);
    response_etag(&res, NULL);
    assert_true(res.body.failed);
    response_init(&res, &arena, 1000);
    for (int i = 0; i < 20; i++) response_header(&res, "Link", "<x>; rel=\"next\"");
    assert_int_equal(res.header_count, RESPONSE_HEADERS_MAX);
    response_etag(&res, "a\"b");
    assert_false(res.has_etag);
    response_etag(&res, "0123456789012345678901234567890123456789012345678");
    assert_false(res.has_etag);
    response_etag(&res, "abc-1");
    assert_true(res.has_etag);
    response_etag_version(&res, INT64_MIN);
    assert_string_equal(res.etag, "-9223372036854775808");
    arena_free(&arena);
}

static void test_headers_read(void **state) {
    (void)state;
    struct fcgi_param params[] = {
        {STR("HTTP_X_SIGNATURE"), STR(" abc ")}, {STR("HTTP_X_TWICE"), STR("1")}, {STR("HTTP_X_TWICE"), STR("1")}};
    struct exchange x = {.params = params, .param_count = 3};
    struct request req = {.exchange = &x};
    assert_true(str_is(request_header(&req, "x-Signature"), "abc"));
    assert_null(request_header(&req, "X-Twice").p);
    assert_null(request_header(&req, "X-Absent").p);
    assert_null(request_header(&req, "X-0123456789012345678901234567890123456789012345678901234567890123456789").p);
    req.exchange = NULL;
    assert_null(request_header(&req, "X-Signature").p);
}

/* Every allocation fails in turn: there is always an answer that parses. */
static void test_memory(void **state) {
    (void)state;
    bool good = false;
    for (long k = 0; k < 400 && !good; k++) {
        struct answer a;
        send_with(d,
                  &JSON_ASK(.uri = "/t/v1/things/" THING "/accept?limit=7", .body = "{\"title\":\"a\",\"count\":3}",
                            .extra = {{"HTTP_IF_MATCH", "\"5\""}}),
                  &a, 1 << 20, k);
        assert_true(a.status == 200 || a.status >= 400);
        assert_int_equal(a.outcome.status, a.status);
        assert_true(a.body.n > 1);
        good = a.status == 200;
        a.arena.fail_after = -1;
        struct json_value *root;
        assert_int_equal(json_parse(a.body, 100, &root, &a.arena), RC_OK);
        answer_free(&a);
    }
    assert_true(good);
    struct answer a;
    send_with(d, &GET_ASK(.uri = "/t/v1/things/" THING), &a, 64, -1);
    assert_int_equal(a.status, 500);
    assert_true(has_head(&a, "X-Request-Id: " REQUEST_ID));
    answer_free(&a);
}

/* A GET of /x with one more parameter, decoded; what it holds of the arena is gone. */
static struct request decoded_with(const char *name, const char *value) {
    struct fcgi_param params[] = {
        {STR("REQUEST_METHOD"), STR("GET")}, {STR("REQUEST_URI"), STR("/x")}, {str_of(name), str_of(value)}};
    struct arena arena;
    struct address_list none = {.n = 0};
    arena_init(&arena, 1 << 16);
    struct exchange x = {.arena = &arena, .params = params, .param_count = 3};
    struct request req = {.arena = &arena};
    assert_int_equal(request_decode(&req, &x, &none), RC_OK);
    arena_free(&arena);
    return req;
}

static void test_ids(void **state) {
    (void)state;
    static const char *const bad[] = {"", "short", "0123456789abcdef0123456789abcdeg",
                                      "0123456789abcdef0123456789abcdef0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct request req = decoded_with("REQUEST_ID", bad[i]);
        assert_int_equal(strspn(req.request_id, "0123456789abcdef"), 32);
        assert_int_equal(strlen(req.request_id), 32);
    }
}

static int64_t age_when_sent(const char *msec) { return decoded_with("REQUEST_MSEC", msec).age_us; }

/* Since when a request waits, as nginx says; what can't be so is not known. */
static void test_ages(void **state) {
    (void)state;
    static const char *const senseless[] = {
        "", "x", ".123", "1700000000", "17000000x0.123", "1700000000.12", "-1.000", "99999999999999999999.000"};
    static const struct {
        int seconds;
        bool known;
    } cases[] = {{1, true}, {4, true}, {59, true}, {61, false}, {3600, false}, {-2, false}};
    for (size_t i = 0; i < sizeof senseless / sizeof *senseless; i++) assert_int_equal(age_when_sent(senseless[i]), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[40];
        int64_t ms = time_now_us() / 1000 - cases[i].seconds * INT64_C(1000);
        snprintf(text, sizeof text, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
        int64_t age = age_when_sent(text), wanted = cases[i].seconds * SECOND_US;
        if (!cases[i].known) assert_int_equal(age, 0);
        else assert_true(age >= wanted && age < wanted + SECOND_US);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),           cmocka_unit_test(test_paths),
        cmocka_unit_test(test_routing),        cmocka_unit_test(test_repeated_headers),
        cmocka_unit_test(test_tokens),         cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_all_violations), cmocka_unit_test(test_query),
        cmocka_unit_test(test_absent),         cmocka_unit_test(test_preconditions),
        cmocka_unit_test(test_not_modified),   cmocka_unit_test(test_problems),
        cmocka_unit_test(test_response),       cmocka_unit_test(test_headers_read),
        cmocka_unit_test(test_memory),         cmocka_unit_test(test_ids),
        cmocka_unit_test(test_ages),
    };
    return cmocka_run_group_tests_name("dispatch", tests, set_up, tear_down);
}
