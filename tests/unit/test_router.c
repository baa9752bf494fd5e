/* The route index: matching, methods, arguments, and tables that are not sound. */
#include "http_fixture.h"

#include "router.h"

static struct router *make(const struct route *routes, size_t n, char *error) {
    return router_make(routes, n, error, 256);
}

static void test_matches(void **state) {
    (void)state;
    static const struct {
        enum http_method method;
        const char *path;
        int index;
        unsigned methods;
    } cases[] = {
        {M_GET, "/t/v1/things/" THING, 0, 1},
        {M_GET, "/t/v1/things", 1, 3},
        {M_POST, "/t/v1/things", 2, 3},
        {M__MAX, "/t/v1/things", -1, 3},
        {M_POST, "/t/v1/things/abc/accept", 3, 2},
        {M_GET, "/t/v1/things/abc/accept", -1, 2},
        {M_POST, "/t/v1/things/import", 5, 2},
        {M_POST, "/t/v1/things/import/accept", 3, 2}, /* the literal leads nowhere, the name does */
        {M_GET, "/t/v1/thing", -1, 0},
        {M_GET, "/t/v1/things/a/b/c", -1, 0},
        {M_GET, "/t/v1/things/", -1, 0},
        {M_GET, "/t", -1, 0},
        {M_GET, "/", -1, 0},
        {M_GET, "", -1, 0},
        {M_GET, "t/v1/things", -1, 0},
    };
    char error[256];
    struct router *r = make(fixture_routes, fixture_app.route_count, error);
    assert_non_null(r);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct router_match match;
        router_find(r, cases[i].method, str_of(cases[i].path), &match);
        assert_int_equal(match.index, cases[i].index);
        assert_int_equal(match.methods, cases[i].methods);
    }
    router_free(r);
}

static void test_arguments(void **state) {
    (void)state;
    char error[256];
    struct router *r = make(fixture_routes, fixture_app.route_count, error);
    struct router_match match;
    router_find(r, M_POST, STR("/t/v1/things/abc/accept"), &match);
    assert_int_equal(match.args.n, 1);
    assert_true(str_is(match.args.values[0], "abc"));
    struct path_args args;
    assert_true(router_split(&fixture_routes[3], STR("/t/v1/things/import/accept"), &args));
    assert_true(str_is(args.values[0], "import"));
    assert_false(router_split(&fixture_routes[3], STR("/t/v1/things/import"), &args));
    assert_false(router_split(&fixture_routes[3], STR("/t/v1/things/import/accept/x"), &args));
    assert_false(router_split(&fixture_routes[3], STR("/t/v2/things/import/accept"), &args));
    router_free(r);
}

static void test_operations(void **state) {
    (void)state;
    char error[256];
    struct router *r = make(fixture_routes, fixture_app.route_count, error);
    for (size_t i = 0; i < fixture_app.route_count; i++)
        assert_int_equal(router_operation(r, str_of(fixture_routes[i].operation)), (int)i);
    assert_int_equal(router_operation(r, STR("getThin")), -1);
    assert_int_equal(router_operation(r, STR("getThings")), -1);
    assert_int_equal(router_operation(r, STR("")), -1);
    router_free(r);
}

/* 256 routes, as many as there may be, are all found. */
static void test_many(void **state) {
    (void)state;
    static char paths[257][48], names[257][16];
    static struct route routes[257];
    char error[256];
    for (size_t i = 0; i < 257; i++) {
        snprintf(paths[i], sizeof paths[i], "/a/b%zu/c%zu/d", i % 16, i);
        snprintf(names[i], sizeof names[i], "op%zu", i);
        routes[i] = (struct route){.method = M_GET, .path = paths[i], .operation = names[i], .handler = h_plain};
    }
    struct router *r = make(routes, 256, error);
    assert_non_null(r);
    for (size_t i = 0; i < 256; i++) {
        struct router_match match;
        router_find(r, M_GET, str_of(paths[i]), &match);
        assert_int_equal(match.index, (int)i);
    }
    router_free(r);
    assert_null(make(routes, 257, error));
}

static void test_unsound(void **state) {
    (void)state;
    static const struct field raw[] = {{.name = "x", .type = F_RAW, .offset = 8}};
    static const struct schema raw_schema = {"Raw", 32, raw, 1};
#define BASE .operation = "op", .handler = h_plain
    static const struct route bad[] = {
        {BASE, .path = "no-slash"},
        {BASE, .path = "/"},
        {BASE, .path = "/a/"},
        {BASE, .path = "/a//b"},
        {BASE, .path = "/a/../b"},
        {BASE, .path = "/a/%41"},
        {BASE, .path = "/a/{x}"},
        {BASE, .path = "/a/{}"},
        {BASE, .path = "/a/x{thing_id}", .path_schema = &thing_path},
        {BASE, .path = "/a/b", .path_schema = &thing_path},
        {BASE, .path = "/a/{thing_id}/{thing_id}", .path_schema = &thing_path},
        {BASE, .path = "/a/b", .query_schema = &raw_schema},
        {BASE, .path = "/a/b", .body = BODY_JSON, .body_max = 10},
        {BASE, .path = "/a/b", .method = M_POST, .body = BODY_JSON},
        {BASE, .path = "/a/b", .method = M_POST, .body_schema = &create_body},
        {BASE, .path = "/a/b", .method = M__MAX},
        {BASE, .path = "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"},
        {.operation = "op", .path = "/a/b"},
        {.handler = h_plain, .path = "/a/b"},
        {.handler = h_plain, .operation = "op"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char error[256] = "";
        struct router *r = make(&bad[i], 1, error);
        if (r) print_error("row %zu was taken\n", i);
        assert_null(r);
        assert_true(error[0] != '\0');
    }
    char error[256];
    const struct route twice[] = {
        {BASE, .path = "/a/{thing_id}", .path_schema = &thing_path},
        {.operation = "op2", .handler = h_plain, .path = "/a/{thing_id}", .path_schema = &thing_path}};
    assert_null(make(twice, 2, error));
    const struct route same_name[] = {{BASE, .path = "/a"}, {BASE, .path = "/b"}};
    assert_null(make(same_name, 2, error));
    struct router *empty = make(bad, 0, error);
    assert_non_null(empty);
    router_free(empty);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches), cmocka_unit_test(test_arguments), cmocka_unit_test(test_operations),
        cmocka_unit_test(test_many),    cmocka_unit_test(test_unsound),
    };
    return cmocka_run_group_tests_name("router", tests, NULL, NULL);
}
