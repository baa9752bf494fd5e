/* Who calls: pages of other origins, addresses behind proxies, networks, languages, and how often an address may. */
#include "http_fixture.h"

#include "address.h"
#include "request_decode.h"

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

static void test_cors(void **state) {
    (void)state;
    struct answer a;
    ask_send(d, &GET_ASK(.uri = "/t/v1/things", .extra = {{"HTTP_ORIGIN", "https://mapi.zjzwfw.gov.cn"}}), &a);
    assert_true(has_head(&a, "Access-Control-Allow-Origin: https://mapi.zjzwfw.gov.cn"));
    assert_true(
        has_text(a.head, "Access-Control-Expose-Headers: ETag, Location, Link, Retry-After, X-Request-Id, RateLimit"));
    answer_free(&a);
    static const char *const foreign[] = {"https://mapi.zjzwfw.gov.cn.evil.cn", "http://mapi.zjzwfw.gov.cn", "null",
                                          "*", ""};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        ask_send(d, &GET_ASK(.uri = "/t/v1/things", .extra = {{"HTTP_ORIGIN", foreign[i]}}), &a);
        assert_int_equal(a.status, 200);
        assert_false(has_text(a.head, "Access-Control"));
        answer_free(&a);
    }
    ask_send(d, &(struct ask){.uri = "/t/v1/nothing", .extra = {{"HTTP_ORIGIN", "https://mapi.zjzwfw.gov.cn"}}}, &a);
    assert_true(has_text(a.head, "Access-Control-Allow-Origin")); /* problems too must be readable for the page */
    answer_free(&a);
}

static void test_client_address(void **state) {
    (void)state;
    static const struct {
        const char *remote, *forwarded, *address;
        bool proxy;
    } cases[] = {
        {"203.0.113.9", NULL, "203.0.113.9", false},
        {"203.0.113.9", "198.51.100.1", "203.0.113.9", false}, /* anybody may write that header */
        {"10.1.2.3", NULL, "10.1.2.3", true},
        {"10.1.2.3", "198.51.100.1", "198.51.100.1", true},
        {"10.1.2.3", "6.6.6.6, 198.51.100.1", "198.51.100.1", true},
        {"10.1.2.3", "6.6.6.6, 198.51.100.1, 10.9.9.9", "198.51.100.1", true},
        {"10.1.2.3", "10.8.8.8, 10.9.9.9", "10.8.8.8", true},
        {"10.1.2.3", "nonsense, 10.9.9.9", "10.9.9.9", true},
        {"10.1.2.3", "nonsense", "10.1.2.3", true},
        {"10.1.2.3", "", "10.1.2.3", true},
        {"10.1.2.3", ",", "10.1.2.3", true},
        {"10.1.2.3", "198.51.100.1:4711", "198.51.100.1", true},
        {"2001:db8::1", "[2001:DB9:0:0::5]:443", "2001:db9::5", true},
        {"2001:db8::1", "2001:db9::5", "2001:db9::5", true},
        {"::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1", true},
        {"unix:", NULL, "unix:", true},
        {"unix:", "6.6.6.6, 198.51.100.1", "198.51.100.1", false},
        {"", NULL, "", false},
        {"garbage", "198.51.100.1", "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ask ask = {.uri = "/t/v1/lists", .extra = {{"REMOTE_ADDR", cases[i].remote}}};
        if (cases[i].forwarded) {
            ask.extra[1][0] = "HTTP_X_FORWARDED_FOR";
            ask.extra[1][1] = cases[i].forwarded;
        }
        struct answer a;
        ask_send(d, &ask, &a);
        assert_int_equal(a.status, 200);
        if (!str_is(seen_request.address, cases[i].address))
            print_error("row %zu: %.*s\n", i, (int)seen_request.address.n, seen_request.address.p);
        assert_true(str_is(seen_request.address, cases[i].address));
        assert_int_equal(seen_request.from_proxy, cases[i].proxy);
        answer_free(&a);
    }
}

static void test_networks(void **state) {
    (void)state;
    struct address_list list;
    struct address a;
    char error[160];
    static const char *const bad[] = {"10.0.0.1/8",          "10.0.0.0/33",  "10.0.0.0/",     "10.0.0.0/-1",
                                      "10.0.0.0/08",         "::1/129",      "10.0.0",        "x",
                                      "10.0.0.0/8;10.0.0.1", "fe80::1%eth0", "2001:db8::1/32"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(address_list_parse(bad[i], &list, error, sizeof error));
    assert_true(address_list_parse(NULL, &list, error, sizeof error));
    assert_int_equal(list.n, 0);
    assert_true(address_list_parse(" 192.0.2.1,10.0.0.0/9 \n::1 2001:db8:8000::/33, ", &list, error, sizeof error));
    assert_int_equal(list.n, 4);
    static const struct {
        const char *text;
        bool in;
    } cases[] = {
        {"192.0.2.1", true}, {"192.0.2.2", false},       {"10.127.255.255", true},    {"10.128.0.0", false},
        {"::1", true},       {"2001:db8:8000::1", true}, {"2001:db8:7fff::1", false}, {"::ffff:10.1.1.1", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(address_parse(str_of(cases[i].text), &a));
        assert_int_equal(address_list_has(&list, &a), cases[i].in);
    }
    assert_true(address_list_parse("0.0.0.0/0", &list, error, sizeof error));
    assert_true(address_parse(STR("8.8.8.8"), &a) && address_list_has(&list, &a));
    assert_true(address_parse(STR("2001::1"), &a) && !address_list_has(&list, &a));
    assert_true(address_list_parse("::/0", &list, error, sizeof error));
    assert_true(address_list_has(&list, &a));
    assert_true(address_parse(STR("8.8.8.8"), &a) && !address_list_has(&list, &a));
}

static void test_language(void **state) {
    (void)state;
    static const struct {
        const char *accept;
        bool english;
    } cases[] = {{"en", true},
                 {"en-US,en;q=0.9", true},
                 {"zh-CN,zh;q=0.9,en;q=0.8", false},
                 {"en;q=0.8, zh;q=0.9", false},
                 {"en, zh;q=0.9", true},
                 {"en, zh", false},
                 {"", false},
                 {"*", false},
                 {"fr", false},
                 {"EN-gb", true},
                 {"en;q=0", false},
                 {"en;q=2", false},
                 {"en;q=x", false},
                 {"en;q=0.5,*;q=0.1", true},
                 {"*;q=0.5, zh;q=0.1", true},
                 {"english", false},
                 {"en;q=0.001", true},
                 {"en ; q=0.7 , zh ; q=0.6", true},
                 {"en;q=1.000,zh;q=0.999", true},
                 {"en;q=0.12345", false},
                 {",,,", false},
                 {";", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (language_is_english(str_of(cases[i].accept)) != cases[i].english) print_error("row %zu\n", i);
        assert_int_equal(language_is_english(str_of(cases[i].accept)), cases[i].english);
    }
    struct answer a;
    ask_send(d, &GET_ASK(.uri = "/t/v1/nothing", .extra = {{"HTTP_ACCEPT_LANGUAGE", "en"}}), &a);
    assert_true(has_text(a.body, "\"title\":\"Not found\""));
    answer_free(&a);
    ask_send(d, &GET_ASK(.uri = "/t/v1/nothing"), &a);
    assert_true(has_text(a.body, "\"title\":\"未找到\""));
    answer_free(&a);
}

static void test_rate(void **state) {
    (void)state;
    struct shared *shared = shared_make();
    assert_non_null(shared);
    struct dispatch_config config = {"10.0.0.0/8", "", false, 65536, 60, 3, 0, 0};
    struct dispatcher *limited = dispatcher_make(&fixture_app, &config, shared);
    struct answer a;
    for (int i = 0; i < 4; i++) {
        ask_send(limited, &(struct ask){.uri = "/t/v1/lists"}, &a);
        assert_int_equal(a.status, i < 3 ? 200 : 429);
        if (a.status == 429) assert_true(has_text(a.head, "\r\nRetry-After: "));
        answer_free(&a);
    }
    for (int i = 0; i < 6; i++)
        expect(limited, (struct ask){.uri = "/t/v1/lists", .extra = {{"REMOTE_ADDR", "10.0.0.1"}}}, 200, NULL, "H");
    for (int i = 0; i < 4; i++) { /* one /64 is one client */
        char text[64];
        snprintf(text, sizeof text, "2001:db8::%d", i + 1);
        expect(limited, (struct ask){.uri = "/t/v1/lists", .extra = {{"REMOTE_ADDR", text}}}, i < 3 ? 200 : 429, NULL,
               NULL);
    }
    expect(limited, (struct ask){.uri = "/t/v1/../x"}, 429, "too_many_requests", ""); /* refused ones count as well */
    assert_int_equal(atomic_load(&shared->rate_limited), 3);
    expect(limited, (struct ask){.uri = "/t/v1/things", .extra = {{"REMOTE_ADDR", "10.0.0.1"}}}, 401, NULL, NULL);
    assert_int_equal(atomic_load(&shared->auth_failures), 1);
    config.address_per_minute = 0;
    config.trusted_proxies = "bad";
    assert_false(dispatcher_reload(limited, &config));
    expect(limited, (struct ask){.uri = "/t/v1/lists"}, 429, NULL, NULL);
    config.trusted_proxies = "";
    assert_true(dispatcher_reload(limited, &config));
    expect(limited, (struct ask){.uri = "/t/v1/lists"}, 200, NULL, NULL);
    dispatcher_free(limited);
}

static void test_bad_config(void **state) {
    (void)state;
    static const char *const origins[] = {"*",           "mapi.zjzwfw.gov.cn", "https://",
                                          "https://a/b", "https://a\r\nX: 1",  "ftp://a"};
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        struct dispatch_config config = {"", origins[i], false, 65536, 0, 0, 0, 0};
        assert_null(dispatcher_make(&fixture_app, &config, NULL));
    }
    struct dispatch_config config = {"10.0.0.0/8", "", false, 65536, 0, 0, 0, 0};
    const struct route twice[] = {fixture_routes[6], fixture_routes[6]};
    struct server_app app = fixture_app;
    app.routes = twice;
    app.route_count = 2;
    assert_null(dispatcher_make(&app, &config, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cors),     cmocka_unit_test(test_client_address), cmocka_unit_test(test_networks),
        cmocka_unit_test(test_language), cmocka_unit_test(test_rate),           cmocka_unit_test(test_bad_config),
    };
    return cmocka_run_group_tests_name("callers", tests, set_up, tear_down);
}
