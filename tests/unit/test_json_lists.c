/* JSON in: lists of objects, each read by a schema of its own, in which lists of objects may lie again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json_read.h"

#include <cmocka.h>

static struct arena arena;

static int setup(void **state) {
    (void)state;
    arena_init(&arena, 64 * 1024 * 1024);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

struct inner {
    uint64_t seen;
    bool done;
};
struct step {
    uint64_t seen;
    struct str name;
    int64_t n;
    struct uuid_list files;
    struct object_list within;
};
struct plan {
    uint64_t seen;
    struct str title;
    int64_t count;
    struct object_list steps;
};

static const struct field inner_fields[] = {{"done", F_BOOL, .offset = offsetof(struct inner, done), .required = true}};
static const struct schema inner_schema = {"Inner", sizeof(struct inner), inner_fields, 1};
#define AT(member) .offset = offsetof(struct step, member)
static const struct field step_fields[] = {
    {"name", F_TEXT, AT(name), .required = true, .min = 1, .max = 3},
    {"n", F_INT, AT(n), .max = 9},
    {"files", F_UUIDS, AT(files), .max = 2},
    {"within", F_OBJECTS, AT(within), .max = 2, .item = &inner_schema},
};
static const struct schema step_schema = {"Step", sizeof(struct step), step_fields, 4};
static const struct field plan_fields[] = {
    {"title", F_TEXT, .offset = offsetof(struct plan, title), .required = true, .min = 2, .max = 5},
    {"count", F_INT, .offset = offsetof(struct plan, count), .max = 9},
    {"steps", F_OBJECTS, .offset = offsetof(struct plan, steps), .min = 1, .max = 3, .item = &step_schema},
};
static const struct schema plan_schema = {"Plan", sizeof(struct plan), plan_fields, 3};

static enum rc read_plan(const char *text, struct plan *p, struct violations *v) {
    violations_init(v, &arena);
    return json_read(str_of(text), &plan_schema, p, v, &arena);
}

/* Reads text and compares all violations, written as "pointer code bound" and joined by "; ". */
static void expect(const char *text, const char *violations) {
    struct plan p;
    struct violations v;
    struct buf b;
    enum rc rc = read_plan(text, &p, &v);
    buf_init(&b, &arena, 100000);
    for (const struct violation *one = v.first; one; one = one->next)
        buf_printf(&b, "%s%s %s %lld", b.n > 0 ? "; " : "", one->pointer, violation_name(one->code),
                   (long long)one->bound);
    assert_string_equal(arena_dup(&arena, buf_str(&b)), violations);
    assert_int_equal(rc, RC_INVALID);
}

#define U1 "017f22e2-79b0-7cc3-98c4-dc0c0c073981"

static void items_are_read(void **state) {
    (void)state;
    struct plan p;
    struct violations v;
    enum rc rc = read_plan(
        "{\"steps\":[{\"n\":7,\"name\":\"一\"},{\"name\":\"b\",\"within\":[{\"done\":true},{\"done\":"
        "false}],\"files\":[\"" U1 "\"],\"n\":null}],\"title\":\"ab\",\"count\":3}",
        &p, &v);
    assert_int_equal(rc, RC_OK);
    assert_true(p.seen == 7 && p.count == 3 && str_is(p.title, "ab"));
    const struct step *steps = p.steps.items;
    assert_int_equal(p.steps.n, 2);
    assert_true(steps[0].seen == 3 && steps[0].n == 7 && str_is(steps[0].name, "一") && !steps[0].within.n);
    assert_true(steps[1].seen == 13 && str_is(steps[1].name, "b") && steps[1].files.n == 1);
    assert_int_equal(steps[1].files.ids[0][15], 0x81);
    const struct inner *inner = steps[1].within.items;
    assert_true(steps[1].within.n == 2 && inner[0].done && !inner[1].done && inner[1].seen == 1);
}

static void absent_is_no_list(void **state) {
    (void)state;
    struct plan p;
    struct violations v;
    assert_int_equal(read_plan("{\"title\":\"ab\",\"steps\":null}", &p, &v), RC_OK);
    assert_true(p.seen == 1 && !p.steps.n && !p.steps.items);
}

/* Each fault with the whole way to it, whatever came before; and the reading goes on behind the list. */
static void faults_have_their_way(void **state) {
    (void)state;
#define STEPS(items) "{\"title\":\"ab\",\"steps\":[" items "]}"
    expect(STEPS("{\"n\":10},{\"name\":\"abcd\",\"x/y\":{\"z\":[{}]},\"n\":1.5},{\"name\":\"c\",\"name\":\"d\"}"),
           "/steps/0/n too_large 9; /steps/0/name required 0; /steps/1/name too_long 3; /steps/1/x~1y unknown 0; "
           "/steps/1/n type 0; /steps/2/name duplicate 0");
    expect(STEPS("{\"name\":\"a\",\"within\":[{},7,{\"done\":1}],\"files\":[7]}"),
           "/steps/0/within/0/done required 0; /steps/0/within/1 type 0; /steps/0/within/2/done type 0; "
           "/steps/0/within too_many 2; /steps/0/files/0 type 0");
    expect(STEPS("1,[{\"name\":7}],null,\"a\""),
           "/steps/0 type 0; /steps/1 type 0; /steps/2 type 0; /steps/3 type 0; /steps too_many 3");
    expect(STEPS(""), "/steps too_few 1");
    expect("{\"steps\":{},\"titel\":1}", "/steps type 0; /titel unknown 0; /title required 0");
    expect("{\"steps\":[{\"n\":-1}],\"count\":\"x\"}",
           "/steps/0/n too_small 0; /steps/0/name required 0; /count type 0; /title required 0");
}

/* What is more than a list may hold is not looked into. */
static void too_many_are_passed_over(void **state) {
    (void)state;
    expect(STEPS("{\"name\":\"a\"},{\"name\":\"a\"},{\"name\":\"a\"},{\"name\":7,\"x\":[{}],\"within\":[{}]}"),
           "/steps too_many 3");
}

/* Each allocation fails once: it is told, and never taken for a good body. */
static void failing_memory_is_told(void **state) {
    (void)state;
    struct plan p;
    struct violations v;
    long n = 0;
    enum rc rc = RC_INTERNAL;
    for (; rc != RC_OK && n < 1000; n++) {
        arena_reset(&arena);
        arena.fail_after = n;
        rc = read_plan(STEPS("{\"name\":\"a\",\"within\":[{\"done\":true}],\"files\":[\"" U1 "\"]}"), &p, &v);
        assert_true(rc == RC_OK || rc == RC_INTERNAL);
    }
    arena.fail_after = -1;
    assert_true(rc == RC_OK && n > 5);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(items_are_read),           T(absent_is_no_list),      T(faults_have_their_way),
        T(too_many_are_passed_over), T(failing_memory_is_told),
    };
    return cmocka_run_group_tests_name("json lists", tests, NULL, NULL);
}
