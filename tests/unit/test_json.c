/* JSON in: the strict reader by schema, pairs, plain texts, and all that must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json_read.h"
#include "base/timefmt.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <cmocka.h>

static int setup(void **state) {
    static struct arena a;
    arena_init(&a, 64 * 1024 * 1024);
    *state = &a;
    return 0;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

/* ---- reading by schema ---- */

struct report {
    uint64_t seen;
    struct str title;
    int64_t count;
    bool urgent;
    int channel;
    uint8_t id[16];
    int64_t latitude, at;
    struct uuid_list files;
    struct str raw;
};

static const char *const channels[] = {"phone", "app", "a/b~c", NULL};
#define AT(member) .offset = offsetof(struct report, member)
static const struct field report_fields[] = {
    {"title", F_TEXT, AT(title), .required = true, .min = 2, .max = 5},
    {"count", F_INT, AT(count), .min = -10, .max = INT64_MAX},
    {"urgent", F_BOOL, AT(urgent)},
    {"channel", F_ENUM, AT(channel), .names = channels},
    {"id", F_UUID, AT(id)},
    {"latitude", F_DEGREES, AT(latitude), .min = -90000000, .max = 90000000},
    {"at", F_TIME, AT(at)},
    {"files", F_UUIDS, AT(files), .min = 1, .max = 3},
    {"raw", F_RAW, AT(raw)},
};
enum { TITLE, COUNT, URGENT, CHANNEL, ID, LATITUDE, WHEN, FILES, RAW };
static const struct schema report_schema = {"Report", sizeof(struct report), report_fields,
                                            sizeof report_fields / sizeof report_fields[0]};

static enum rc read_report(struct arena *a, const char *text, struct report *r, struct violations *v) {
    violations_init(v, a);
    return json_read(str_of(text), &report_schema, r, v, a);
}

/* Reads text and compares all violations, written as "pointer code bound" and joined by "; ". */
static void expect(struct arena *a, const char *text, const char *violations) {
    struct report r;
    struct violations v;
    enum rc rc = read_report(a, text, &r, &v);
    struct buf b;
    buf_init(&b, a, 100000);
    for (const struct violation *one = v.first; one; one = one->next) {
        buf_printf(&b, "%s%s %s %lld", b.n > 0 ? "; " : "", one->pointer, violation_name(one->code),
                   (long long)one->bound);
    }
    assert_string_equal(arena_dup(a, buf_str(&b)), violations);
    assert_int_equal(rc, violations[0] ? RC_INVALID : RC_OK);
}

#define U1 "017f22e2-79b0-7cc3-98c4-dc0c0c073981"
#define U2 "017F22E2-79B0-7CC3-98C4-DC0C0C073982"
#define U3 "017f22e2-79b0-7cc3-98c4-dc0c0c073983"
#define U4 "017f22e2-79b0-7cc3-98c4-dc0c0c073984"

static void all_types_are_read(void **state) {
    struct report r;
    struct violations v;
    enum rc rc = read_report(
        *state,
        " {\"title\":\"\\u8def灯\\ud83d\\ude00\\n\",\"count\":-0,\"urgent\":true,\"channel\":\"app\","
        "\"id\":\"" U1 "\",\"latitude\":30.26,\"at\":\"2026-11-24T09:30:00+08:00\","
        "\"files\":[\"" U1 "\", \"" U2 "\"],\"raw\": { \"a\" : [1,{\"b\":\"}\"}] } }\n",
        &r, &v);
    assert_int_equal(rc, RC_OK);
    assert_int_equal(v.count, 0);
    assert_int_equal(r.seen, 0x1FF);
    assert_true(FIELD_SEEN(&r, RAW));
    assert_true(str_is(r.title, "路灯😀\n"));
    assert_int_equal(r.count, 0);
    assert_true(r.urgent);
    assert_int_equal(r.channel, 1);
    assert_int_equal(r.id[15], 0x81);
    assert_int_equal(r.latitude, 30260000);
    assert_true(r.at == INT64_C(1795483800000000));
    assert_int_equal(r.files.n, 2);
    assert_int_equal(r.files.ids[1][15], 0x82);
    assert_true(str_is(r.raw, "{ \"a\" : [1,{\"b\":\"}\"}] }"));
}

static void absent_and_null_are_the_same(void **state) {
    struct report r;
    struct violations v;
    assert_int_equal(read_report(*state, "{\"title\":\"ab\",\"count\":null,\"files\":null,\"raw\":null}", &r, &v),
                     RC_OK);
    assert_int_equal(r.seen, 1);
    assert_null(r.raw.p);
    expect(*state, "{\"title\":null}", "/title required 0");
    expect(*state, "{}", "/title required 0");
    expect(*state, "{\"title\":\"ab\",\"count\":null,\"count\":1}", "/count duplicate 0");
}

static void every_violation_is_told(void **state) {
    expect(*state,
           "{\"title\":\"a\",\"count\":-11,\"urgent\":\"true\",\"channel\":\"fax\",\"id\":\"x\",\"latitude\":90.000001,"
           "\"at\":\"today\",\"files\":[],\"raw\":[],\"more\":1}",
           "/title too_short 2; /count too_small -10; /urgent type 0; /channel not_one_of 0; /id format 0; "
           "/latitude too_large 90; /at format 0; /files too_few 1; /raw type 0; /more unknown 0");
    expect(*state, "{\"title\":\"民呼必应好吗\",\"title\":\"ab\"}", "/title too_long 5; /title duplicate 0");
    expect(*state, "{\"title\":\"a\\u0007b\"}", "/title text 0");
    expect(*state, "{\"title\":\"a\\r\\n\"}", "/title text 0");
    expect(*state,
           "{\"title\":7,\"count\":\"7\",\"urgent\":1,\"channel\":1,\"id\":{},\"latitude\":\"1\",\"at\":[[1]],"
           "\"files\":\"" U1 "\",\"raw\":\"{}\"}",
           "/title type 0; /count type 0; /urgent type 0; /channel type 0; /id type 0; /latitude type 0; /at type 0; "
           "/files type 0; /raw type 0");
}

static void whole_numbers_are_whole(void **state) {
    expect(*state, "{\"title\":\"ab\",\"count\":1.0}", "/count type 0");
    expect(*state, "{\"title\":\"ab\",\"count\":1e2}", "/count type 0");
    expect(*state, "{\"title\":\"ab\",\"count\":9007199254740991}", "");
    expect(*state, "{\"title\":\"ab\",\"count\":9007199254740992}", "/count too_large 9007199254740991");
    expect(*state, "{\"title\":\"ab\",\"count\":99999999999999999999999}", "/count too_large 9007199254740991");
    expect(*state, "{\"title\":\"ab\",\"count\":-99999999999999999999999}", "/count too_small -10");
    expect(*state, "{\"title\":\"ab\",\"latitude\":1.1234567}", "/latitude format 0");
    expect(*state, "{\"title\":\"ab\",\"latitude\":1e1}", "/latitude format 0");
}

static void lists_are_checked_item_by_item(void **state) {
    expect(*state,
           "{\"title\":\"ab\",\"files\":[\"" U1 "\",7,\"x\",\"017F22E2-79b0-7cc3-98c4-dc0c0c073981\",[\"" U2 "\"]]}",
           "/files/1 type 0; /files/2 format 0; /files/3 duplicate 0; /files/4 type 0; /files too_many 3");
    expect(*state, "{\"title\":\"ab\",\"files\":[\"" U1 "\",\"" U2 "\",\"" U3 "\",\"" U4 "\"]}", "/files too_many 3");
    expect(*state, "{\"title\":\"ab\",\"files\":[null]}", "/files/0 type 0");
    expect(*state, "{\"title\":\"ab\",\"files\":[{\"title\":[\"" U1 "\"]}]}", "/files/0 type 0");
}

static void what_is_passed_over_leaves_no_trace(void **state) {
    struct report r;
    struct violations v;
    assert_int_equal(
        read_report(*state, "{\"x\":{\"title\":\"no\",\"count\":3},\"count\":[[5],{\"count\":6}],\"title\":\"yes\"}",
                    &r, &v),
        RC_INVALID);
    assert_int_equal(v.count, 2);
    assert_int_equal(r.count, 0);
    assert_true(str_is(r.title, "yes"));
}

static void unknown_keys_are_escaped_and_cut(void **state) {
    expect(*state, "{\"title\":\"ab\",\"a/b~c\":1,\"\":2,\"\\n\\\"\":3}",
           "/a~1b~0c unknown 0; / unknown 0; /\n\" unknown 0");
    struct arena *a = *state;
    struct report r;
    struct violations v;
    /* 5000 characters of 4 bytes, and 5000 that double when escaped. */
    static const char *const fillers[] = {"😀", "~"};
    for (int i = 0; i < 2; i++) {
        struct buf b;
        buf_init(&b, a, 100000);
        buf_add_z(&b, "{\"title\":\"ab\",\"");
        for (int k = 0; k < 5000; k++) {
            buf_add_z(&b, fillers[i]);
        }
        buf_add_z(&b, "\":1}");
        assert_int_equal(read_report(a, arena_dup(a, buf_str(&b)), &r, &v), RC_INVALID);
        assert_int_equal(v.count, 1);
        assert_int_equal(v.first->code, V_UNKNOWN);
        assert_int_equal(utf8_count(str_of(v.first->pointer)), 1 + JSON_KEY_MAX * (i == 1 ? 2 : 1) + 1);
        assert_true(utf8_valid(str_of(v.first->pointer)));
    }
}

static void only_objects_are_read(void **state) {
    static const char *const others[] = {"[]", "[\"title\",1,{\"title\":\"ab\"}]", "1", "\"title\"", "null", "true"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        expect(*state, others[i], " type 0");
    }
}

static void violations_are_bounded(void **state) {
    struct arena *a = *state;
    struct buf b;
    buf_init(&b, a, 100000);
    buf_add_char(&b, '{');
    for (int i = 0; i < 200; i++) {
        buf_printf(&b, "%s\"k%d\":%d", i > 0 ? "," : "", i, i);
    }
    buf_add_char(&b, '}');
    struct report r;
    struct violations v;
    assert_int_equal(read_report(a, arena_dup(a, buf_str(&b)), &r, &v), RC_INVALID);
    assert_int_equal(v.count, VIOLATIONS_MAX);
    int n = 0;
    for (const struct violation *one = v.first; one; one = one->next) {
        n++;
    }
    assert_int_equal(n, VIOLATIONS_MAX);
}

/* ---- what is not JSON ---- */

/* Each must be refused by all three readers. */
static void refuse(struct arena *a, struct str text) {
    struct report r;
    struct violations v;
    violations_init(&v, a);
    assert_int_equal(json_read(text, &report_schema, &r, &v, a), RC_BAD_JSON);
    struct json_pair *pairs;
    size_t n;
    assert_int_equal(json_read_pairs(text, "", &pairs, &n, &v, a), RC_BAD_JSON);
    struct json_value *root;
    assert_int_equal(json_parse(text, 100000, &root, a), RC_BAD_JSON);
    assert_null(root);
}

static void bad_texts_are_refused(void **state) {
    static const struct str bad[] = {
        {NULL, 0},
        STR(""),
        STR(" "),
        STR("{"),
        STR("}"),
        STR("{\"title\":\"ab\""),
        STR("{\"title\":\"ab\"}}"),
        STR("{}{}"),
        STR("{} x"),
        STR("{} //c"),
        STR("/*c*/{}"),
        STR("{\"a\":1,}"),
        STR("{\"a\" 1}"),
        STR("{a:1}"),
        STR("{'a':1}"),
        STR("{1:1}"),
        STR("{\"a\":01}"),
        STR("{\"a\":+1}"),
        STR("{\"a\":1.}"),
        STR("{\"a\":.5}"),
        STR("{\"a\":1e}"),
        STR("{\"a\":-}"),
        STR("{\"a\":NaN}"),
        STR("{\"a\":Infinity}"),
        STR("{\"a\":0x1}"),
        STR("{\"a\":tru}"),
        STR("{\"a\":True}"),
        STR("{\"a\":undefined}"),
        STR("{\"a\":\"\n\"}"),
        STR("{\"a\":\"\t\"}"),
        STR("{\"a\":\"\\x\"}"),
        STR("{\"a\":\"\\u12\"}"),
        STR("{\"a\":\"\\u12G4\"}"),
        STR("{\"a\":\"\\\"}"),
        STR("{\"a\":\"\\"),
        STR("\v{}"),
        STR("{\f}"),
        STR("{}\0"),
        STR("{\"a\":\"\0\"}"),
        STR("\xef\xbb\xbf{}"),
        STR("{\"a\":\"\\u0000\"}"),
        STR("{\"\\u0000\":1}"),
        STR("{\"a\":\"\\ud800\"}"),
        STR("{\"a\":\"\\udc00\"}"),
        STR("{\"a\":\"\\udc00\\ud800\"}"),
        STR("{\"a\":\"\\ud800\\ud800\"}"),
        STR("{\"a\":\"\\ud800x\"}"),
        STR("{\"a\":\"\\ud800\\n\"}"),
        STR("{\"a\":\"\\uD83D\\\\uDE00\"}"),
        STR("{\"\\ud800\":1}"),
        STR("{\"a\":\"\xc0\x80\"}"),
        STR("{\"a\":\"\xed\xa0\x80\"}"),
        STR("{\"a\":\"\xf4\x90\x80\x80\"}"),
        STR("{\"a\":\"\xe6\xb0\"}"),
        STR("{\"a\":\"\xff\"}"),
        STR("{\"\x80\":1}"),
        STR("\xff\xfe{\0}\0"),
        STR("{\"a\":[1,]}"),
        STR("{\"a\":[,1]}"),
        STR("{\"a\":[1 2]}"),
        STR("{\"a\":[}"),
        STR("{\"a\":{]}"),
        STR("{,}"),
        STR("{\"a\"}"),
        STR("{\"a\":}"),
        STR("{\"a\":1 \"b\":2}"),
        STR("{\"a\":1,,\"b\":2}"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        refuse(*state, bad[i]);
    }
}

static void backslashes_before_u_are_counted(void **state) {
    struct json_value *root;
    assert_int_equal(json_parse(STR("\"\\\\u0000\\\\\\u0041\\\\ud800\""), 10, &root, *state), RC_OK);
    assert_true(str_is(json_text(root), "\\u0000\\A\\ud800"));
}

static void every_prefix_is_refused(void **state) {
    static const char text[] = "{\"title\":\"\\ud83d\\ude00民\",\"files\":[\"" U1
                               "\"],\"raw\":{\"a\":[1.5e3,null,true]}}";
    for (size_t n = 0; n < sizeof text - 1; n++) {
        char *exact = malloc(n + 1); /* so that a sanitizer sees reads past the end */
        assert_non_null(exact);
        memcpy(exact, text, n);
        refuse(*state, (struct str){exact, n});
        free(exact);
    }
    expect(*state, text, "");
}

/* count times open, then close, inside an object's member. */
static struct str nested(struct arena *a, size_t count, char open, char close) {
    struct buf b;
    buf_init(&b, a, 10000000);
    buf_add_z(&b, "{\"title\":");
    for (size_t i = 0; i < count; i++) {
        buf_add_z(&b, open == '{' ? "{\"a\":" : "[");
    }
    buf_add_char(&b, '1');
    for (size_t i = 0; i < count; i++) {
        buf_add_char(&b, close);
    }
    buf_add_char(&b, '}');
    return buf_str(&b);
}

static void depth_is_bounded(void **state) {
    struct arena *a = *state;
    struct json_value *root;
    assert_int_equal(json_parse(nested(a, JSON_DEPTH_MAX - 1, '[', ']'), 1000, &root, a), RC_OK);
    assert_int_equal(json_parse(nested(a, JSON_DEPTH_MAX - 1, '{', '}'), 1000, &root, a), RC_OK);
    refuse(a, nested(a, JSON_DEPTH_MAX, '[', ']'));
    refuse(a, nested(a, JSON_DEPTH_MAX, '{', '}'));
    refuse(a, nested(a, 200000, '[', ']'));
}

/* An object of n members, or an array of n items in a member. */
static struct str wide(struct arena *a, size_t n, bool object) {
    struct buf b;
    buf_init(&b, a, 1000000);
    buf_add_z(&b, object ? "{" : "{\"x\":[");
    for (size_t i = 0; i < n; i++) {
        buf_add_z(&b, i > 0 ? "," : "");
        if (object) {
            buf_printf(&b, "\"k%zu\":", i);
        }
        buf_add_z(&b, "1");
    }
    buf_add_z(&b, object ? "}" : "]}");
    return buf_str(&b);
}

static void width_is_bounded(void **state) {
    struct arena *a = *state;
    struct report r;
    struct violations v;
    violations_init(&v, a);
    assert_int_equal(json_read(wide(a, JSON_MEMBERS_MAX, true), &report_schema, &r, &v, a), RC_INVALID);
    assert_int_equal(json_read(wide(a, JSON_MEMBERS_MAX + 1, true), &report_schema, &r, &v, a), RC_BAD_JSON);
    assert_int_equal(json_read(wide(a, JSON_ITEMS_MAX, false), &report_schema, &r, &v, a), RC_INVALID);
    assert_int_equal(json_read(wide(a, JSON_ITEMS_MAX + 1, false), &report_schema, &r, &v, a), RC_BAD_JSON);
    struct json_value *root;
    assert_int_equal(json_parse(wide(a, 500, true), 501, &root, a), RC_OK);
    assert_int_equal(json_parse(wide(a, 500, true), 500, &root, a), RC_BAD_JSON);
}

/* ---- memory that fails ---- */

static void failing_memory_is_told_not_met(void **state) {
    struct arena *a = *state;
    static const char text[] = "{\"title\":\"\\u8def灯\",\"files\":[\"" U1 "\"],\"x\":1,\"raw\":{\"a\":\"\\n\"}}";
    bool done = false;
    for (long n = 0; !done; n++) {
        arena_reset(a);
        struct report r;
        struct violations v;
        violations_init(&v, a);
        a->fail_after = n;
        enum rc rc = json_read(str_of(text), &report_schema, &r, &v, a);
        done = a->fail_after > 0;
        a->fail_after = -1;
        /* A violation that found no memory still counts. */
        assert_true(rc == RC_INTERNAL || (rc == RC_INVALID && v.count == 1));
        assert_true(n < 1000);
    }
    done = false;
    for (long n = 0; !done; n++) {
        arena_reset(a);
        struct json_value *root;
        a->fail_after = n;
        enum rc rc = json_parse(str_of(text), 100, &root, a);
        done = a->fail_after > 0;
        a->fail_after = -1;
        assert_int_equal(rc, done || root ? RC_OK : RC_INTERNAL);
        assert_true(n < 1000);
    }
}

static void long_escaped_strings(void **state) {
    struct arena *a = *state;
    struct buf b;
    buf_init(&b, a, 1000000);
    buf_add_char(&b, '"');
    for (int i = 0; i < 20000; i++) {
        buf_add_z(&b, "\\u6c11\\n");
    }
    buf_add_char(&b, '"');
    struct json_value *root;
    assert_int_equal(json_parse(buf_str(&b), 1, &root, a), RC_OK);
    assert_int_equal(root->text.n, 80000);
    a->cap = a->used + 50000;
    assert_int_equal(json_parse(buf_str(&b), 1, &root, a), RC_INTERNAL);
}

/* ---- pairs ---- */

static void pairs_are_read(void **state) {
    struct arena *a = *state;
    struct json_pair *pairs;
    size_t n;
    struct violations v;
    violations_init(&v, a);
    assert_int_equal(json_read_pairs(STR("{\"a\":\"x\\u0041\",\"b\":-12,\"c\":true,\"d\":false,\"\":\"\"}"), "/path",
                                     &pairs, &n, &v, a),
                     RC_OK);
    static const char *const expected[][2] = {{"a", "xA"}, {"b", "-12"}, {"c", "true"}, {"d", "false"}, {"", ""}};
    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++) {
        assert_true(str_is(pairs[i].key, expected[i][0]));
        assert_true(str_is(pairs[i].value, expected[i][1]));
    }
    assert_int_equal(json_read_pairs(STR("{}"), "/path", &pairs, &n, &v, a), RC_OK);
    assert_int_equal(n, 0);
    assert_int_equal(v.count, 0);
}

static void pairs_of_other_types_are_violations(void **state) {
    struct arena *a = *state;
    struct json_pair *pairs;
    size_t n;
    struct violations v;
    violations_init(&v, a);
    assert_int_equal(
        json_read_pairs(STR("{\"a\":1.5,\"b\":1e3,\"c\":null,\"d\":[1,\"x\"],\"e/\":{\"a\":1},\"f\":1,\"f\":2}"),
                        "/query", &pairs, &n, &v, a),
        RC_INVALID);
    static const char *const expected[] = {"/query/a", "/query/b", "/query/c", "/query/d", "/query/e~1", "/query/f"};
    const struct violation *one = v.first;
    for (size_t i = 0; i < 6; i++, one = one->next) {
        assert_non_null(one);
        assert_string_equal(one->pointer, expected[i]);
        assert_int_equal(one->code, i < 5 ? V_TYPE : V_DUPLICATE);
    }
    assert_null(one);
    violations_init(&v, a);
    assert_int_equal(json_read_pairs(STR("[{\"a\":1}]"), "/query", &pairs, &n, &v, a), RC_INVALID);
    assert_int_equal(v.count, 1);
    assert_string_equal(v.first->pointer, "/query");
}

/* ---- plain texts ---- */

static void fields_from_plain_text(void **state) {
    struct arena *a = *state;
    struct report r = {0};
    struct violations v;
    violations_init(&v, a);
    assert_true(field_from_text(&report_fields[TITLE], STR("路灯"), &r, &v, "?title"));
    assert_true(field_from_text(&report_fields[COUNT], STR("12"), &r, &v, "?count"));
    assert_true(field_from_text(&report_fields[URGENT], STR("true"), &r, &v, "?urgent"));
    assert_true(field_from_text(&report_fields[CHANNEL], STR("a/b~c"), &r, &v, "?channel"));
    assert_true(field_from_text(&report_fields[LATITUDE], STR("-89.5"), &r, &v, "?latitude"));
    assert_true(field_from_text(&report_fields[WHEN], STR("1970-01-01T00:00:01Z"), &r, &v, "?at"));
    assert_true(field_from_text(&report_fields[ID], STR(U1), &r, &v, "?id"));
    assert_int_equal(v.count, 0);
    assert_true(r.count == 12 && r.urgent && r.channel == 2 && r.latitude == -89500000 && r.at == SECOND_US);
    static const struct {
        int field;
        struct str text;
        enum violation_code code;
    } bad[] = {
        {TITLE, STR("\xff\xff"), V_TEXT},   {TITLE, STR("a\0b"), V_TEXT},     {TITLE, STR(""), V_TOO_SHORT},
        {COUNT, STR(""), V_TYPE},           {COUNT, STR("1 "), V_TYPE},       {COUNT, STR("-11"), V_TOO_SMALL},
        {COUNT, STR("007"), V_TYPE},        {URGENT, STR("1"), V_TYPE},       {URGENT, STR("TRUE"), V_TYPE},
        {CHANNEL, STR("ap"), V_NOT_ONE_OF}, {CHANNEL, STR(""), V_NOT_ONE_OF}, {ID, STR("1"), V_FORMAT},
        {LATITUDE, STR("91"), V_TOO_LARGE}, {LATITUDE, STR("x"), V_FORMAT},   {WHEN, STR("1"), V_FORMAT},
        {FILES, STR(U1), V_TYPE},           {RAW, STR("{}"), V_TYPE},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        violations_init(&v, a);
        assert_false(field_from_text(&report_fields[bad[i].field], bad[i].text, &r, &v, "?p"));
        assert_int_equal(v.count, 1);
        assert_int_equal(v.first->code, bad[i].code);
        assert_string_equal(v.first->pointer, "?p");
    }
}

static void violation_names_are_apart(void **state) {
    (void)state;
    for (int i = 0; i < V__MAX; i++) {
        assert_non_null(violation_name((enum violation_code)i));
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(violation_name((enum violation_code)i), violation_name((enum violation_code)k));
        }
    }
    assert_string_equal(violation_name(V__MAX), "other");
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(all_types_are_read),
        T(absent_and_null_are_the_same),
        T(every_violation_is_told),
        T(whole_numbers_are_whole),
        T(lists_are_checked_item_by_item),
        T(what_is_passed_over_leaves_no_trace),
        T(unknown_keys_are_escaped_and_cut),
        T(only_objects_are_read),
        T(violations_are_bounded),
        T(bad_texts_are_refused),
        T(backslashes_before_u_are_counted),
        T(every_prefix_is_refused),
        T(depth_is_bounded),
        T(width_is_bounded),
        T(failing_memory_is_told_not_met),
        T(long_escaped_strings),
        T(pairs_are_read),
        T(pairs_of_other_types_are_violations),
        T(fields_from_plain_text),
        T(violation_names_are_apart),
    };
    return cmocka_run_group_tests_name("json in", tests, NULL, NULL);
}
