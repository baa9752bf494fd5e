/* JSON trees and the writer; and, when MINHU_TEST_DATA names a folder with json/parsing and json/utf8.tsv, that corpus
 * too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/encode.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/utf8.h"

#include <dirent.h>
#include <stdio.h>
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

/* ---- trees ---- */

static void trees(void **state) {
    struct json_value *root;
    assert_int_equal(
        json_parse(
            STR("{\"code\":-1.50e+2,\"content\":{\"data\":[\"a\",{\"x\":null},true,false],\"data\":2},\"z\":\"\"}"),
            100, &root, *state),
        RC_OK);
    assert_true(str_is(json_text(json_at(root, "code", NULL)), "-1.50e+2"));
    const struct json_value *data = json_at(root, "content", "data", NULL);
    assert_non_null(data);
    assert_int_equal(data->kind, JSON_ARRAY);
    assert_true(str_is(data->child->text, "a"));
    assert_null(data->child->key.p);
    assert_int_equal(json_at(data->child->next, "x", NULL)->kind, JSON_NULL);
    assert_int_equal(data->child->next->next->kind, JSON_TRUE);
    assert_int_equal(data->child->next->next->next->kind, JSON_FALSE);
    assert_null(data->child->next->next->next->next);
    assert_true(str_is(data->next->key, "data"));
    assert_true(str_is(data->next->text, "2"));
    struct str empty = json_text(json_at(root, "z", NULL));
    assert_true(empty.p && empty.n == 0);
    assert_null(json_at(root, "content", "nothing", "deeper", NULL));
    assert_null(json_at(root, "code", "deeper", NULL));
    assert_null(json_at(NULL, "a", NULL));
    assert_ptr_equal(json_at(root, NULL), root);
    assert_null(json_text(root).p);
    assert_null(json_text(NULL).p);
    assert_int_equal(json_parse(STR("12"), 1, &root, *state), RC_OK);
    assert_true(str_is(json_text(root), "12"));
}

/* ---- writing ---- */

static void documents_are_written(void **state) {
    struct buf b;
    struct json_out w;
    buf_init(&b, *state, 10000);
    jw_init(&w, &b);
    uint8_t id[16] = {1, 2, 3};
    jw_begin_object(&w);
    jw_key_str(&w, "text", STR("民\"\\/\n\t\x01\x1f\x7f"));
    jw_key_z(&w, "none", NULL);
    jw_key_int(&w, "int", INT64_MIN);
    jw_key_bool(&w, "yes", true);
    jw_key_uuid(&w, "id", id);
    jw_key_time(&w, "at", INT64_C(1795483800000000));
    jw_key_time(&w, "never", 0);
    jw_key(&w, "list");
    jw_begin_array(&w);
    jw_begin_object(&w);
    jw_end_object(&w);
    jw_begin_array(&w);
    jw_end_array(&w);
    jw_int(&w, 1);
    jw_bool(&w, false);
    jw_null(&w);
    jw_raw(&w, STR("{\"raw\":1}"));
    jw_z(&w, "");
    jw_end_array(&w);
    jw_key(&w, "last");
    jw_begin_object(&w);
    jw_key_int(&w, "n", 0);
    jw_end_object(&w);
    jw_end_object(&w);
    assert_string_equal(
        arena_dup(*state, buf_str(&b)),
        "{\"text\":\"民\\\"\\\\/\\n\\t\\u0001\\u001f\x7f\",\"none\":null,\"int\":-9223372036854775808,\"yes\":true,"
        "\"id\":\"01020300-0000-0000-0000-000000000000\",\"at\":\"2026-11-24T09:30:00+08:00\",\"never\":null,"
        "\"list\":[{},[],1,false,null,{\"raw\":1},\"\"],\"last\":{\"n\":0}}");
    struct json_value *root;
    assert_int_equal(json_parse(buf_str(&b), 100, &root, *state), RC_OK);
    assert_true(str_is(json_text(json_at(root, "text", NULL)), "民\"\\/\n\t\x01\x1f\x7f"));
}

static void degrees_are_written(void **state) {
    static const struct {
        int64_t v;
        const char *text;
    } cases[] = {{0, "0"},        {120050000, "120.05"}, {-500000, "-0.5"},
                 {1, "0.000001"}, {-180000000, "-180"},  {30123456, "30.123456"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b;
        struct json_out w;
        buf_init(&b, *state, 100);
        jw_init(&w, &b);
        jw_degrees(&w, cases[i].v);
        assert_true(str_is(buf_str(&b), cases[i].text));
    }
}

static void invalid_bytes_become_replacement_characters(void **state) {
    struct buf b;
    struct json_out w;
    buf_init(&b, *state, 1000);
    jw_init(&w, &b);
    jw_str(&w, STR("a\xff\xc3\xa9\xed\xa0\x80\xe6\xb0"));
    assert_true(str_is(buf_str(&b), "\"a\uFFFDé\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\""));
}

static struct buf write_small(struct arena *a, size_t max) {
    struct buf b;
    struct json_out w;
    buf_init(&b, a, max);
    jw_init(&w, &b);
    jw_begin_object(&w);
    jw_key_str(&w, "text", STR("some text with a \n in it and 民"));
    jw_key_int(&w, "n", 7);
    jw_end_object(&w);
    return b;
}

static void a_full_buffer_is_told_by_failed(void **state) {
    size_t whole = write_small(*state, 1000).n;
    for (size_t max = 0; max < whole; max++) {
        struct buf b = write_small(*state, max);
        assert_true(b.failed);
        assert_true(b.n <= max);
    }
    assert_false(write_small(*state, whole).failed);
}

/* Every string of random bytes comes out as JSON that our own reader takes. */
static void random_strings_stay_json(void **state) {
    uint32_t seed = 7;
    for (int round = 0; round < 2000; round++) {
        arena_reset(*state);
        char bytes[40];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = (char)(seed >> 24);
            if (bytes[i] == '\0') {
                bytes[i] = '0'; /* the writer escapes NUL, the reader refuses it */
            }
        }
        struct buf b;
        struct json_out w;
        buf_init(&b, *state, 1000);
        jw_init(&w, &b);
        jw_str(&w, (struct str){bytes, sizeof bytes});
        struct json_value *root;
        assert_int_equal(json_parse(buf_str(&b), 1, &root, *state), RC_OK);
    }
}

/* ---- the corpus ---- */

/* A file of the corpus by its path below the data folder; p == NULL when there is none. */
static struct str corpus_file(struct arena *a, const char *path) {
    const char *folder = getenv("MINHU_TEST_DATA");
    FILE *f = folder ? fopen(arena_printf(a, "%s/%s", folder, path), "rb") : NULL;
    if (!f) {
        return (struct str){NULL, 0};
    }
    char *text = arena_alloc(a, 1024 * 1024);
    assert_non_null(text);
    size_t n = fread(text, 1, 1024 * 1024, f);
    fclose(f);
    return (struct str){text, n};
}

struct nothing {
    uint64_t seen;
};
static const struct schema no_fields = {"Nothing", sizeof(struct nothing), NULL, 0};

static void try_corpus_file(struct arena *a, const char *name) {
    struct str text = corpus_file(a, arena_printf(a, "json/parsing/%s", name));
    assert_non_null(text.p);
    /* RFC 8259 allows an escaped NUL; we refuse it, since no text of ours may hold one. */
    bool escaped_nul = memmem(text.p, text.n, "\\u0000", 6) && !memmem(text.p, text.n, "\\\\u0000", 7);
    struct json_value *root;
    enum rc rc = json_parse(text, 100000, &root, a);
    bool expected = name[0] == 'y' && !escaped_nul;
    if (name[0] != 'i' && (rc == RC_OK) != expected) {
        fail_msg("%s: %s", name, rc_info(rc)->code);
    }
    struct nothing object;
    struct violations v;
    violations_init(&v, a);
    enum rc by_schema = json_read(text, &no_fields, &object, &v, a);
    assert_int_equal(by_schema == RC_BAD_JSON, rc == RC_BAD_JSON);
}

static void corpus_of_documents(void **state) {
    const char *folder = getenv("MINHU_TEST_DATA");
    if (!folder) {
        return;
    }
    DIR *d = opendir(arena_printf(*state, "%s/json/parsing", folder));
    assert_non_null(d);
    int n = 0;
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        if (strchr("yni", e->d_name[0]) && e->d_name[1] == '_') {
            try_corpus_file(*state, arena_dup(*state, str_of(e->d_name)));
            arena_reset(*state);
            n++;
        }
    }
    closedir(d);
    assert_true(n > 0);
}

/* Rows of name, valid (1 or 0), hex, note. */
static void corpus_of_utf8(void **state) {
    struct arena *a = *state;
    if (!getenv("MINHU_TEST_DATA")) {
        return;
    }
    struct str text = corpus_file(a, "json/utf8.tsv");
    assert_non_null(text.p);
    char *rest = arena_dup(a, text);
    int rows = 0;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        char *name = strsep(&line, "\t"), *valid = strsep(&line, "\t"), *hex = strsep(&line, "\t");
        if (!valid || !hex || strcmp(valid, "valid") == 0) {
            continue;
        }
        size_t n = strlen(hex) / 2;
        uint8_t *bytes = arena_alloc(a, n);
        assert_true(bytes && hex_decode(str_of(hex), bytes, n));
        if (utf8_valid((struct str){(const char *)bytes, n}) != (valid[0] == '1')) {
            fail_msg("%s", name);
        }
        rows++;
    }
    assert_true(rows > 0);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(trees),
        T(documents_are_written),
        T(degrees_are_written),
        T(invalid_bytes_become_replacement_characters),
        T(a_full_buffer_is_told_by_failed),
        T(random_strings_stay_json),
        T(corpus_of_documents),
        T(corpus_of_utf8),
    };
    return cmocka_run_group_tests_name("json documents", tests, NULL, NULL);
}
