/* The log: one JSON line an event, whole even with several threads, and reopened without losing any. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json_read.h"
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/minhu-log-XXXXXX";
static char path[64], moved[64];
static struct arena arena;

static int group_setup(void **state) {
    (void)state;
    arena_init(&arena, 64 * 1024 * 1024);
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/log", folder);
    snprintf(moved, sizeof moved, "%s/log.1", folder);
    return 0;
}

static int group_teardown(void **state) {
    (void)state;
    unlink(path);
    unlink(moved);
    arena_free(&arena);
    return rmdir(folder);
}

static int setup(void **state) {
    (void)state;
    unlink(path);
    unlink(moved);
    log_set_program("test");
    return log_open(path, LOG_INFO) ? 0 : -1;
}

static struct str content(const char *of) {
    arena_reset(&arena);
    char *text = arena_alloc(&arena, 8 * 1024 * 1024);
    FILE *f = fopen(of, "rb");
    assert_true(text && f);
    size_t n = fread(text, 1, 8 * 1024 * 1024, f);
    fclose(f);
    return (struct str){text, n};
}

/* Takes the next line off text, parsed. */
static const struct json_value *next_line(struct str *text) {
    const char *end = memchr(text->p, '\n', text->n);
    assert_non_null(end);
    struct str line = {text->p, (size_t)(end - text->p)};
    struct json_value *root;
    assert_int_equal(json_parse(line, 100, &root, &arena), RC_OK);
    text->n -= line.n + 1;
    text->p = end + 1;
    return root;
}

static void an_event_is_one_json_line(void **state) {
    (void)state;
    log_event(LOG_WARN, "db_lost", "code %d: \"%s\"\n\x01\xff 民", 2006, "gone");
    struct str text = content(path);
    const struct json_value *line = next_line(&text);
    assert_int_equal(text.n, 0);
    assert_true(str_is(json_text(json_at(line, "level", NULL)), "warn"));
    assert_true(str_is(json_text(json_at(line, "program", NULL)), "test"));
    assert_true(str_is(json_text(json_at(line, "event", NULL)), "db_lost"));
    assert_true(str_is(json_text(json_at(line, "text", NULL)), "code 2006: \"gone\"\n\x01\uFFFD 民"));
    assert_int_equal(json_text(json_at(line, "time", NULL)).n, 29);
    assert_true(str_is(json_text(json_at(line, "pid", NULL)), arena_printf(&arena, "%d", (int)getpid())));
}

static void low_levels_are_left_out(void **state) {
    (void)state;
    assert_false(log_enabled(LOG_DEBUG));
    assert_true(log_enabled(LOG_ERROR));
    log_event(LOG_DEBUG, "x", "%s", "y");
    log_members(LOG_DEBUG, "x", STR("\"a\":1"));
    assert_int_equal(content(path).n, 0);
}

static void long_texts_are_cut_and_stay_json(void **state) {
    (void)state;
    char *long_text = malloc(30001);
    assert_non_null(long_text);
    memset(long_text, 1, 30000); /* grows sixfold when escaped */
    long_text[30000] = '\0';
    log_event(LOG_ERROR, "long", "%s", long_text);
    for (size_t i = 0; i + 3 <= 30000; i += 3) {
        memcpy(long_text + i, "民", 3); /* the cut falls inside a character */
    }
    log_event(LOG_ERROR, "long", "%s", long_text);
    log_members(LOG_INFO, "long", (struct str){long_text, 30000});
    free(long_text);
    struct str text = content(path);
    assert_int_equal(json_text(json_at(next_line(&text), "text", NULL)).n, 2047);
    assert_true(json_text(json_at(next_line(&text), "text", NULL)).n > 2000);
    assert_true(str_is(json_text(json_at(next_line(&text), "omitted_bytes", NULL)), "30000"));
    assert_int_equal(text.n, 0);
}

static void members_of_the_caller(void **state) {
    (void)state;
    log_members(LOG_INFO, "request", STR("\"status\":200,\"us\":15"));
    log_members(LOG_INFO, "bare", STR(""));
    struct str text = content(path);
    const struct json_value *line = next_line(&text);
    assert_true(str_is(json_text(json_at(line, "status", NULL)), "200"));
    assert_true(str_is(json_text(json_at(line, "event", NULL)), "request"));
    assert_true(str_is(json_text(json_at(next_line(&text), "event", NULL)), "bare"));
}

static size_t size_of(const char *of) {
    struct stat st;
    assert_int_equal(stat(of, &st), 0);
    return (size_t)st.st_size;
}

/* The last of all: there is no way back to single lines. */
static void gathered_lines_keep_their_order(void **state) {
    (void)state;
    log_gather();
    log_members(LOG_INFO, "first", STR(""));
    assert_int_equal(size_of(path), 0);
    log_event(LOG_WARN, "second", "at once");
    log_members(LOG_INFO, "third", STR(""));
    log_flush();
    struct str text = content(path);
    static const char *const order[] = {"first", "second", "third"};
    for (size_t i = 0; i < 3; i++) assert_true(str_is(json_text(json_at(next_line(&text), "event", NULL)), order[i]));
    assert_int_equal(text.n, 0);
    size_t before = size_of(path);
    for (int i = 0; i < 1000; i++) log_members(LOG_INFO, "many", STR("\"status\":200"));
    assert_true(size_of(path) > before); /* full blocks leave by themselves */
    log_members(LOG_INFO, "moved", STR(""));
    assert_int_equal(rename(path, moved), 0);
    assert_true(log_reopen());
    assert_int_equal(size_of(path), 0); /* what was gathered belongs to the old file */
    text = content(moved);
    size_t lines = 0;
    for (; text.n; lines++) next_line(&text);
    assert_int_equal(lines, 3 + 1000 + 1);
}

static void reopening_follows_the_path(void **state) {
    (void)state;
    log_event(LOG_INFO, "one", " ");
    assert_int_equal(rename(path, moved), 0);
    log_event(LOG_INFO, "two", " ");
    assert_true(log_reopen());
    log_event(LOG_INFO, "three", " ");
    struct str text = content(moved);
    next_line(&text);
    assert_true(str_is(json_text(json_at(next_line(&text), "event", NULL)), "two"));
    text = content(path);
    assert_true(str_is(json_text(json_at(next_line(&text), "event", NULL)), "three"));
    assert_int_equal(text.n, 0);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07, 0);
}

static void a_path_that_fails_leaves_the_old_one(void **state) {
    (void)state;
    assert_false(log_open("/nonexistent/folder/log", LOG_DEBUG));
    assert_false(log_enabled(LOG_DEBUG));
    char long_path[5000];
    memset(long_path, 'a', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    assert_false(log_open(long_path, LOG_DEBUG));
    log_event(LOG_INFO, "still", " ");
    assert_true(log_reopen());
    struct str text = content(path);
    assert_true(str_is(json_text(json_at(next_line(&text), "event", NULL)), "still"));
}

static void errno_survives(void **state) {
    (void)state;
    assert_true(log_open("/dev/full", LOG_INFO));
    errno = 77;
    log_event(LOG_INFO, "lost", " ");
    assert_int_equal(errno, 77);
    assert_true(log_open(NULL, LOG_INFO));
    assert_true(log_open("", LOG_ERROR));
    assert_true(log_reopen());
}

enum { THREADS = 4, LINES = 2000 };

static void *write_lines(void *arg) {
    for (int i = 0; i < LINES; i++) {
        log_event(LOG_INFO, "tick", "%s line %d with some length to it", (const char *)arg, i);
    }
    return NULL;
}

static void threads_do_not_mix_lines(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    static char names[THREADS][2] = {"a", "b", "c", "d"};
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, names[i]), 0);
    }
    assert_int_equal(rename(path, moved), 0);
    assert_true(log_reopen());
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    int lines = 0;
    for (int i = 0; i < 2; i++) {
        struct str text = content(i == 0 ? path : moved);
        while (text.n > 0) {
            assert_true(str_is(json_text(json_at(next_line(&text), "event", NULL)), "tick"));
            lines++;
        }
    }
    assert_int_equal(lines, THREADS * LINES);
}

int main(void) {
#define T(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {
        T(an_event_is_one_json_line),        T(low_levels_are_left_out),
        T(long_texts_are_cut_and_stay_json), T(members_of_the_caller),
        T(reopening_follows_the_path),       T(a_path_that_fails_leaves_the_old_one),
        T(threads_do_not_mix_lines),         T(errno_survives),
        T(gathered_lines_keep_their_order),
    };
    return cmocka_run_group_tests_name("log", tests, group_setup, group_teardown);
}
