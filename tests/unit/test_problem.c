/* Problem documents: all codes in both languages, items, extra members, hostile texts. */
#include "http_fixture.h"

#include "problem.h"
#include "response.h"

static struct arena arena;
static struct request req;
static struct response res;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 4 << 20);
    req = (struct request){.arena = &arena, .request_id = REQUEST_ID};
    violations_init(&req.violations, &arena);
    response_init(&res, &arena, 100);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct json_value *render(enum rc rc) {
    struct json_value *root;
    problem_render(&req, &res, rc);
    assert_false(res.body.failed);
    assert_int_equal(json_parse(buf_str(&res.body), 2000, &root, &arena), RC_OK);
    return root;
}

static void test_all_codes(void **state) {
    (void)state;
    for (int english = 0; english < 2; english++)
        for (int rc = 1; rc < RC__MAX; rc++) {
            const struct rc_info *info = rc_info((enum rc)rc);
            req.english = english;
            const struct json_value *root = render((enum rc)rc);
            char type[128], status[16];
            snprintf(type, sizeof type, "/docs/problems#%s", info->code);
            snprintf(status, sizeof status, "%d", info->status);
            assert_true(str_is(json_text(json_at(root, "type", NULL)), type));
            assert_true(str_is(json_text(json_at(root, "title", NULL)), english ? info->title_en : info->title_zh));
            assert_true(str_is(json_text(json_at(root, "status", NULL)), status));
            assert_true(str_is(json_text(json_at(root, "detail", NULL)), english ? info->detail_en : info->detail_zh));
            assert_true(str_is(json_text(json_at(root, "code", NULL)), info->code));
            assert_true(str_is(json_text(json_at(root, "request_id", NULL)), REQUEST_ID));
            assert_null(json_at(root, "errors", NULL));
            assert_int_equal(res.status, info->status);
            assert_string_equal(res.content_type, "application/problem+json");
        }
    assert_int_equal((render(RC_OK), res.status), 500);
    assert_int_equal((render(RC__MAX), res.status), 500);
}

static void test_own_detail(void **state) {
    (void)state;
    assert_int_equal((fail)(&req, RC_CONFLICT, "中\"文", "En\\glish"), RC_CONFLICT);
    assert_true(str_is(json_text(json_at(render(RC_CONFLICT), "detail", NULL)), "中\"文"));
    req.english = true;
    assert_true(str_is(json_text(json_at(render(RC_CONFLICT), "detail", NULL)), "En\\glish"));
    (void)(fail)(&req, RC_CONFLICT, "中文", NULL);
    assert_true(str_is(json_text(json_at(render(RC_CONFLICT), "detail", NULL)), rc_info(RC_CONFLICT)->detail_en));
}

static void test_errors(void **state) {
    (void)state;
    for (int code = 0; code < V__MAX; code++) {
        char zh[512], en[512];
        struct violation v = {.pointer = "/x", .code = (enum violation_code)code, .bound = 12345};
        problem_violation_text(&v, false, zh, sizeof zh);
        problem_violation_text(&v, true, en, sizeof en);
        assert_true(strlen(zh) > 0 && strlen(en) > 0 && strcmp(zh, en) != 0);
        assert_null(strchr(zh, '%'));
        assert_null(strchr(en, '%'));
        bool bound = code == V_TOO_SHORT || code == V_TOO_LONG || code == V_TOO_SMALL || code == V_TOO_LARGE ||
                     code == V_TOO_FEW || code == V_TOO_MANY;
        assert_int_equal(strstr(zh, "12345") != NULL, bound);
        assert_int_equal(strstr(en, "12345") != NULL, bound);
    }
    violations_add(&req.violations, "/a/0/b~1", V_TOO_LONG, 10);
    violations_add(&req.violations, "?q\"\n\xff", V_UNKNOWN, 0);
    assert_int_equal(fail_field(&req, "/phone", "号码 100% 不对", "100% wrong"), RC_INVALID);
    const struct json_value *errors = json_at(render(RC_INVALID), "errors", NULL);
    assert_non_null(errors);
    const struct json_value *e = errors->child;
    assert_true(str_is(json_text(json_at(e, "pointer", NULL)), "/a/0/b~1"));
    assert_true(str_is(json_text(json_at(e, "code", NULL)), "too_long"));
    assert_true(str_is(json_text(json_at(e, "detail", NULL)), "最多 10 个字符，请缩短。"));
    e = e->next->next;
    assert_true(str_is(json_text(json_at(e, "detail", NULL)), "号码 100% 不对"));
    assert_null(e->next);
    assert_null(json_at(render(RC_NOT_FOUND), "errors", NULL)); /* what is absent tells nothing more */
}

static void test_many_errors(void **state) {
    (void)state;
    char pointer[200];
    memset(pointer, 'p', sizeof pointer);
    pointer[0] = '/';
    pointer[sizeof pointer - 1] = '\0';
    for (int i = 0; i < 1000; i++) violations_add(&req.violations, pointer, V_FORMAT, 0);
    const struct json_value *errors = json_at(render(RC_INVALID), "errors", NULL);
    int n = 0;
    for (const struct json_value *e = errors->child; e; e = e->next) n++;
    assert_int_equal(n, VIOLATIONS_MAX);
}

static void test_extra(void **state) {
    (void)state;
    req.problem_extra = STR("\"allowed\":[\"accept\",\"return\"]");
    const struct json_value *root = render(RC_NOT_ACCEPTABLE_STATE);
    assert_true(str_is(json_text(json_at(root, "allowed", NULL)->child), "accept"));
    assert_true(str_is(json_text(json_at(root, "code", NULL)), "wrong_state"));
}

static void test_resets_answer(void **state) {
    (void)state;
    response_etag_version(&res, 3);
    res.location = "/x";
    res.no_body = true;
    res.status = 201;
    for (int i = 0; i < 100; i++) buf_add_z(&res.body, "too much for the buffer");
    assert_true(res.body.failed);
    (void)render(RC_INTERNAL);
    assert_false(res.has_etag || res.no_body || res.location);
    assert_int_equal(res.status, 500);
}

static void test_memory(void **state) {
    (void)state;
    arena.fail_after = 0;
    problem_render(&req, &res, RC_INTERNAL);
    assert_true(res.body.failed);
    assert_int_equal(res.status, 500);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_all_codes), TEST(test_own_detail),    TEST(test_errors), TEST(test_many_errors),
        TEST(test_extra),     TEST(test_resets_answer), TEST(test_memory),
    };
    return cmocka_run_group_tests_name("problem", tests, NULL, NULL);
}
