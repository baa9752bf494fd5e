/* The by-name form: the envelope in, the inner request, the envelope out. */
#include "http_fixture.h"

static struct dispatcher *d, *flat;

static int set_up(void **state) {
    (void)state;
    d = fixture_make("", "", false);
    flat = fixture_make("", "", true);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    dispatcher_free(d);
    dispatcher_free(flat);
    return 0;
}

/* Calls an operation; the answer's document, which must be one, in *root. */
static void call_on(const struct dispatcher *to, const char *operation, const char *envelope,
                    const char *const extra[2], struct answer *a, const struct json_value **root) {
    char uri[128];
    struct json_value *parsed;
    snprintf(uri, sizeof uri, "/t/v1/call/%s", operation);
    struct ask ask = {.method = "POST", .uri = uri, .type = "application/json", .body = envelope};
    if (extra) {
        ask.extra[0][0] = extra[0];
        ask.extra[0][1] = extra[1];
    }
    ask_send(to, &ask, a);
    assert_int_equal(json_parse(a->body, 500, &parsed, &a->arena), RC_OK);
    *root = parsed;
}

static bool text_is(const struct json_value *v, const char *text) { return v && str_is(json_text(v), text); }

/* Calls and expects the envelope's status and, for a problem, its code. */
static void check(const char *operation, const char *envelope, int status, const char *code) {
    struct answer a;
    const struct json_value *root;
    char wanted[16];
    snprintf(wanted, sizeof wanted, "%d", status);
    call_on(d, operation, envelope, NULL, &a, &root);
    if (!text_is(json_at(root, "status", NULL), wanted))
        print_error("%s %s: %.*s\n", operation, envelope, (int)a.body.n, a.body.p);
    assert_true(text_is(json_at(root, "status", NULL), wanted));
    assert_int_equal(a.status, status == 204 || status == 304 ? 200 : status);
    assert_int_equal(a.outcome.status, status);
    if (code) assert_true(text_is(json_at(root, "body", "code", NULL), code));
    answer_free(&a);
    call_on(flat, operation, envelope, NULL, &a, &root);
    assert_int_equal(a.status, 200);
    assert_true(text_is(json_at(root, "status", NULL), wanted));
    assert_int_equal(a.outcome.status, status);
    answer_free(&a);
}

static void test_get(void **state) {
    (void)state;
    struct answer a;
    const struct json_value *root;
    call_on(d, "getThing", "{\"token\":\"good\",\"path\":{\"thing_id\":\"" THING "\"}}", NULL, &a, &root);
    assert_int_equal(a.status, 200);
    assert_string_equal(trace, "RAZH");
    assert_true(text_is(json_at(root, "body", "id", NULL), THING));
    assert_true(text_is(json_at(root, "headers", "etag", NULL), "\"7\""));
    assert_true(text_is(json_at(root, "headers", "request_id", NULL), REQUEST_ID));
    assert_true(text_is(json_at(root, "headers", "ratelimit", NULL), "\"key\";r=12;t=34"));
    assert_null(json_at(root, "headers", "location", NULL));
    assert_null(json_at(root, "headers", "retry_after", NULL));
    assert_string_equal(a.outcome.operation, "getThing");
    assert_int_equal(a.outcome.route_index, 0);
    assert_true(has_head(&a, "Cache-Control: no-store"));
    assert_true(has_head(&a, "Content-Type: application/json; charset=utf-8"));
    answer_free(&a);
}

static void test_post(void **state) {
    (void)state;
    struct answer a;
    const struct json_value *root;
    call_on(d, "createThing", "{\"token\":\"good\",\"idempotency_key\":\"\\\"k-1\\\"\",\"body\":{\"title\":\"电梯\"}}",
            NULL, &a, &root);
    assert_int_equal(a.status, 201);
    assert_string_equal(seen_text, "电梯");
    assert_true(str_is(seen_request.idempotency_key, "k-1"));
    assert_true(str_is(seen_request.body, "{\"title\":\"电梯\"}")); /* what idempotency is judged by */
    assert_true(str_is(seen_request.uri, "/t/v1/things"));
    assert_true(text_is(json_at(root, "headers", "location", NULL), "/t/v1/things/" THING));
    assert_true(text_is(json_at(root, "headers", "idempotent_replayed", NULL), "true"));
    answer_free(&a);
    call_on(d, "acceptThing",
            "{\"token\":\"good\",\"version\":5,\"path\":{\"thing_id\":\"" THING
            "\"},\"query\":{\"q\":\"a&b=c 中%\",\"limit\":5},"
            "\"body\":{\"title\":\"a\"}}",
            NULL, &a, &root);
    assert_int_equal(a.status, 200);
    assert_int_equal(seen_request.version, 5);
    answer_free(&a);
}

static void test_query(void **state) {
    (void)state;
    struct answer a;
    const struct json_value *root;
    call_on(d, "listThings", "{\"token\":\"good\",\"query\":{\"q\":\"a&b=c+ 中%\",\"limit\":5}}", NULL, &a, &root);
    assert_int_equal(a.status, 200);
    assert_string_equal(seen_text, "a&b=c+ 中%|5");
    answer_free(&a);
    check("listThings", "{\"token\":\"good\",\"query\":{\"limit\":500}}", 400, "invalid_request");
    check("listThings", "{\"token\":\"good\",\"query\":{\"x\":true}}", 400, "invalid_request");
    check("listThings", "{\"token\":\"good\",\"query\":{\"q\":[1]}}", 400, "invalid_request");
    check("listThings", "{\"token\":\"good\",\"query\":{\"q\":\"a\",\"q\":\"b\"}}", 400, "invalid_request");
    check("listThings", "{\"token\":\"good\",\"query\":[]}", 400, NULL);
}

/* Whoever calls by name can give no header: he is told where his token goes here. */
static void test_where_the_token_goes(void **state) {
    (void)state;
    struct answer a;
    const struct json_value *root;
    call_on(d, "getThing", "{\"language\":\"en\",\"path\":{\"thing_id\":\"" THING "\"}}", NULL, &a, &root);
    assert_int_equal(a.status, 401);
    assert_true(text_is(json_at(root, "body", "detail", NULL), "Give your access token as token."));
    answer_free(&a);
}

static void test_refusals(void **state) {
    (void)state;
    check("getThing", "{\"path\":{\"thing_id\":\"" THING "\"}}", 401, "token_required");
    check("getThing", "{\"token\":\"bad\",\"path\":{\"thing_id\":\"" THING "\"}}", 401, "token_invalid");
    check("getThing", "{\"token\":\"weak\",\"path\":{\"thing_id\":\"" THING "\"}}", 403, "forbidden");
    check("getThing", "{\"token\":\"down\",\"path\":{\"thing_id\":\"" THING "\"}}", 503, "unavailable");
    check("getThing", "{\"token\":\"good\",\"path\":{\"thing_id\":\"nonsense\"}}", 404, "not_found");
    check("getThing", "{\"token\":\"good\",\"path\":{\"thing_id\":\"../lists\"}}", 400, "invalid_request");
    check("getThing", "{\"token\":\"good\",\"path\":{\"thing_id\":\"..\"}}", 400, "invalid_request");
    check("getThing", "{\"token\":\"good\",\"path\":{\"thing_id\":\"\"}}", 400, "invalid_request");
    check("getThing", "{\"token\":\"good\",\"path\":{\"thing_id\":\"" THING "\",\"x\":\"1\"}}", 400, "invalid_request");
    check("getThing", "{\"token\":\"good\"}", 400, "invalid_request");
    check("getThing", "{\"token\":\"good\",\"path\":{\"thing_id\":\"" THING "\"},\"body\":{\"a\":1}}", 400,
          "invalid_request");
    check("getThing", "{\"token\":\"good\",\"path\":{\"thing_id\":\"" THING "\"},\"body\":{ }}", 200, NULL);
    check("createThing", "{\"token\":\"good\"}", 400, "invalid_request");
    check("createThing", "{\"token\":\"good\",\"body\":{\"title\":\"a\"},\"body_base64\":\"YQ==\"}", 400,
          "invalid_request");
    check("createThing", "{\"token\":\"good\",\"body\":{\"title\":\"a\"},\"idempotency_key\":\"a b\"}", 400,
          "invalid_request");
    check("acceptThing", "{\"token\":\"good\",\"path\":{\"thing_id\":\"" THING "\"},\"body\":{\"title\":\"a\"}}", 428,
          "version_required");
    check("importThings", "{\"token\":\"good\"}", 400, "idempotency_key_required");
    check("importThings", "{\"token\":\"good\",\"idempotency_key\":\"k\"}", 200, NULL);
    check("noSuchThing", "{}", 404, "not_found");
    check("callByName", "{}", 404, "not_found");
    check("getLists", "{}", 200, NULL);
    check("getLists", "{\"unknown\":1}", 400, "invalid_request");
    check("getLists", "{\"version\":-1}", 400, "invalid_request");
    check("getLists", "{\"language\":\"fr\"}", 400, "invalid_request");
    check("getLists", "[1]", 400, NULL);
    check("getLists", "", 400, "malformed_json");
    check("empty", "{\"token\":\"good\"}", 204, NULL);
    check("huge", "{\"token\":\"good\"}", 500, "internal_error");
    char big[400];
    snprintf(big, sizeof big, "{\"token\":\"good\",\"body\":{\"title\":\"%0250d\"}}", 0);
    check("createThing", big, 413, "body_too_large");
}

/* A path value that is also a literal of another route must not lead there. */
static void test_no_detour(void **state) {
    (void)state;
    struct answer a;
    const struct json_value *root;
    call_on(d, "getThing", "{\"token\":\"good\",\"path\":{\"thing_id\":\"import\"}}", NULL, &a, &root);
    assert_int_equal(a.status, 404);
    assert_string_equal(a.outcome.operation, "getThing");
    answer_free(&a);
}

static void test_header_and_envelope(void **state) {
    (void)state;
    static const struct {
        const char *extra[2], *envelope;
    } cases[] = {{{"HTTP_AUTHORIZATION", "Bearer good"}, "{\"token\":\"good\",\"path\":{\"thing_id\":\"" THING "\"}}"},
                 {{"HTTP_AUTHORIZATION", "nonsense"}, "{\"token\":\"good\",\"path\":{\"thing_id\":\"" THING "\"}}"},
                 {{"HTTP_IDEMPOTENCY_KEY", "k"}, "{\"token\":\"good\",\"idempotency_key\":\"k\"}"},
                 {{"HTTP_IF_MATCH", "\"5\""}, "{\"token\":\"good\",\"version\":5}"},
                 {{"HTTP_IF_NONE_MATCH", "\"7\""}, "{\"token\":\"good\",\"if_none_match\":\"7\"}"}};
    struct answer a;
    const struct json_value *root;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        call_on(d, "getThing", cases[i].envelope, cases[i].extra, &a, &root);
        assert_int_equal(a.status, 400);
        assert_true(text_is(json_at(root, "body", "code", NULL), "bad_request"));
        answer_free(&a);
    }
    call_on(d, "getThing", "{\"path\":{\"thing_id\":\"" THING "\"}}", cases[0].extra, &a, &root);
    assert_int_equal(a.status, 200); /* the header alone serves as well */
    answer_free(&a);
}

static void test_not_modified(void **state) {
    (void)state;
    static const char *const tags[] = {"\\\"7\\\"", "W/\\\"7\\\"", "7", "*"};
    char envelope[256];
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        snprintf(envelope, sizeof envelope,
                 "{\"token\":\"good\",\"if_none_match\":\"%s\",\"path\":{\"thing_id\":\"" THING "\"}}", tags[i]);
        check("getThing", envelope, 304, NULL);
    }
    struct answer a;
    const struct json_value *root;
    call_on(d, "getThing", envelope, NULL, &a, &root);
    assert_int_equal(json_at(root, "body", NULL)->kind, JSON_NULL);
    assert_true(text_is(json_at(root, "headers", "etag", NULL), "\"7\""));
    answer_free(&a);
}

static void test_binary(void **state) {
    (void)state;
    struct answer a;
    const struct json_value *root;
    call_on(d, "addPhoto",
            "{\"token\":\"good\",\"path\":{\"thing_id\":\"" THING
            "\"},\"body_base64\":\"/9j/AA==\",\"content_type\":\"image/jpeg\"}",
            NULL, &a, &root);
    assert_int_equal(a.status, 200);
    assert_true(str_eq(seen_request.body, (struct str){"\xff\xd8\xff\0", 4}));
    answer_free(&a);
#define PHOTO "{\"token\":\"good\",\"path\":{\"thing_id\":\"" THING "\"}"
    check("addPhoto", PHOTO ",\"body_base64\":\"/9j/AA==\"}", 415, "media_type_not_supported");
    check("addPhoto", PHOTO ",\"body_base64\":\"/9j/AA\",\"content_type\":\"image/png\"}", 400, "invalid_request");
    check("addPhoto", PHOTO ",\"content_type\":\"image/png\"}", 400, "invalid_request");
    check("addPhoto", PHOTO ",\"body\":{},\"body_base64\":\"/9j/AA==\",\"content_type\":\"image/png\"}", 400,
          "invalid_request");
    char big[600];
    snprintf(big, sizeof big, PHOTO ",\"body_base64\":\"%0400d\",\"content_type\":\"image/png\"}", 0);
    check("addPhoto", big, 413, "body_too_large");
    call_on(d, "getPhoto", "{\"token\":\"good\"}", NULL, &a, &root);
    assert_true(text_is(json_at(root, "body_base64", NULL), "iVBORwAB"));
    assert_true(text_is(json_at(root, "headers", "content_type", NULL), "image/png"));
    assert_null(json_at(root, "body", NULL));
    answer_free(&a);
}

static void test_language(void **state) {
    (void)state;
    struct answer a;
    const struct json_value *root;
    call_on(d, "getThing", "{\"language\":\"en\",\"path\":{\"thing_id\":\"" THING "\"}}", NULL, &a, &root);
    assert_true(text_is(json_at(root, "body", "title", NULL), "Sign in first"));
    answer_free(&a);
    call_on(d, "getThing", "{\"path\":{\"thing_id\":\"" THING "\"}}", NULL, &a, &root);
    assert_true(text_is(json_at(root, "body", "title", NULL), "请先登录"));
    answer_free(&a);
}

static void test_retry_after(void **state) {
    (void)state;
    struct answer a;
    const struct json_value *root;
    call_on(flat, "getThing", "{\"token\":\"down\",\"path\":{\"thing_id\":\"" THING "\"}}", NULL, &a, &root);
    assert_int_equal(a.status, 200);
    assert_non_null(json_at(root, "headers", "retry_after", NULL));
    assert_true(text_is(json_at(root, "body", "status", NULL), "503"));
    answer_free(&a);
}

static void test_memory(void **state) {
    (void)state;
    bool good = false;
    for (long k = 0; k < 600 && !good; k++) {
        struct answer a;
        struct json_value *root;
        struct ask ask = {.method = "POST",
                          .uri = "/t/v1/call/createThing",
                          .type = "application/json",
                          .body = "{\"token\":\"good\",\"idempotency_key\":\"k\",\"body\":{\"title\":\"a\"}}"};
        send_with(d, &ask, &a, 1 << 20, k);
        good = a.status == 201;
        assert_true(good || a.status >= 400);
        a.arena.fail_after = -1;
        assert_int_equal(json_parse(a.body, 100, &root, &a.arena), RC_OK);
        answer_free(&a);
    }
    assert_true(good);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_post),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_where_the_token_goes),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_no_detour),
        cmocka_unit_test(test_header_and_envelope),
        cmocka_unit_test(test_not_modified),
        cmocka_unit_test(test_binary),
        cmocka_unit_test(test_language),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests_name("byname", tests, set_up, tear_down);
}
