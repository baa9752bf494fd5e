/* Configuration files: values, defaults, and every kind of mistake with its line. */
#include "base/config.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

struct settings {
    int64_t threads;
    bool gateway;
    const char *name, *password, *keys, *log;
    int entry;
};

static const char *const entries[] = {"zlb", "zzd", "open", NULL};
#define AT(member) offsetof(struct settings, member)
static const struct config_key keys[] = {
    {"worker", "threads", C_INT, AT(threads), 1, 64, "8", NULL, false, false, "Handler threads of a process"},
    {"worker", "gateway", C_BOOL, AT(gateway), 0, 0, "off", NULL, true, false, "Answers 200 always"},
    {"worker", "entry", C_ENUM, AT(entry), 0, 0, NULL, entries, false, false, "Which clients are served"},
    {"db", "name", C_TEXT, AT(name), 2, 10, "minhu", NULL, false, false, "The database"},
    {"db", "password", C_TEXT, AT(password), 0, 40, "", NULL, false, true, "Its password"},
    {"worker", "keys", C_PATH, AT(keys), 1, 0, "keys.ini", NULL, false, false, "The key file"},
    {"log", "path", C_PATH, AT(log), 0, 0, "", NULL, true, false, "The log; empty: standard error"},
};
enum { N = sizeof keys / sizeof keys[0] };

static char folder[] = "/tmp/minhu-config-XXXXXX", real_folder[PATH_MAX], file[64];
static struct arena arena;
static char *errors;

static void write_at(const char *name, const char *text, size_t n) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static enum rc load_path(const char *path, struct settings *s) {
    size_t n;
    free(errors);
    FILE *out = open_memstream(&errors, &n);
    assert_non_null(out);
    arena_reset(&arena);
    memset(s, 0, sizeof *s);
    enum rc rc = config_load(path, keys, N, s, &arena, out, NULL);
    fclose(out);
    assert_int_equal(rc == RC_OK, n == 0);
    return rc;
}

static enum rc load_n(const char *text, size_t n, struct settings *s) {
    write_at("minhu.conf", text, n);
    return load_path(file, s);
}

static enum rc load(const char *text, struct settings *s) { return load_n(text, strlen(text), s); }

/* The file must be refused with exactly this one message: "LINE: what", or "what" in part. */
static void refuse(const char *text, const char *message) {
    struct settings s;
    char whole[512];
    assert_int_equal(load(text, &s), RC_INVALID);
    snprintf(whole, sizeof whole, "%s:%s\n", file, message);
    assert_string_equal(errors, whole);
}

static void assert_in_folder(const char *path, const char *name) {
    char expected[PATH_MAX + 32];
    snprintf(expected, sizeof expected, "%s/%s", real_folder, name);
    assert_string_equal(path, expected);
}

static void test_values(void **state) {
    (void)state;
    struct settings s;
    static const char text[] =
        "\xEF\xBB\xBF[worker]\r\nthreads = 64\r\n; no\n\ngateway=on ; yes\nentry : open\nkeys = /etc/k\n"
        "[db]\nname = \xE6\xB0\x91\xE5\x91\xBC\npassword = file\n[log]\npath=var/x.log";
    assert_int_equal(load(text, &s), RC_OK);
    assert_int_equal(s.threads, 64);
    assert_true(s.gateway);
    assert_int_equal(s.entry, 2);
    assert_string_equal(s.name, "\xE6\xB0\x91\xE5\x91\xBC");
    assert_string_equal(s.password, "file");
    assert_string_equal(s.keys, "/etc/k");
    assert_in_folder(s.log, "var/x.log");
}

static void test_defaults(void **state) {
    (void)state;
    struct settings s;
    assert_int_equal(load("[worker]\nentry=zlb\n", &s), RC_OK);
    assert_int_equal(s.threads, 8);
    assert_false(s.gateway);
    assert_int_equal(s.entry, 0);
    assert_string_equal(s.name, "minhu");
    assert_string_equal(s.password, "");
    assert_in_folder(s.keys, "keys.ini");
    assert_string_equal(s.log, "");
}

/* A path without a folder is in the present one, and stays right after a chdir. */
static void test_bare_path(void **state) {
    (void)state;
    struct settings s;
    char was[PATH_MAX];
    assert_int_equal(load("[worker]\nentry=zlb\n", &s), RC_OK);
    assert_non_null(getcwd(was, sizeof was));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(load_path("minhu.conf", &s), RC_OK);
    assert_int_equal(chdir(was), 0);
    assert_in_folder(s.keys, "keys.ini");
}

static void test_wrong_values(void **state) {
    (void)state;
    static const char *const numbers[] = {"0", "65", "-1", "08", "+8", "8.0", "eight", "99999999999999999999", "8 9"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char text[128], message[128];
        snprintf(text, sizeof text, "[worker]\nentry=zlb\nthreads = %s\n", numbers[i]);
        snprintf(message, sizeof message, "3: [worker] threads must be a whole number from 1 to 64, not \"%s\"",
                 numbers[i]);
        refuse(text, message);
    }
    refuse("[worker]\nentry=zlb\nthreads =\n", "3: [worker] threads must be a whole number from 1 to 64, not \"\"");
    refuse("[worker]\nentry=zlb\ngateway = yes", "3: [worker] gateway must be on or off, not \"yes\"");
    refuse("[worker]\nentry=ZLB\n", "2: [worker] entry must be zlb, zzd or open, not \"ZLB\"");
    refuse("[worker]\nentry=zlb\n[db]\nname=a", "4: [db] name is too short (1 bytes; at least 2)");
    refuse("[worker]\nentry=zlb\n[db]\nname=", "4: [db] name must not be empty");
    refuse("[worker]\nentry=zlb\nkeys=", "3: [worker] keys must not be empty");
    refuse("[worker]\nentry=zlb\n[db]\nname=12345678901", "4: [db] name is too long (11 bytes; at most 10)");
    refuse("[worker]\nentry=zlb\n[db]\nname=\xC0\xAFxx", "4: [db] name is not plain text in UTF-8");
    refuse("[worker]\nentry=zlb\n[db]\nname=a\x1B[2J", "4: [db] name is not plain text in UTF-8");
}

static void test_wrong_keys(void **state) {
    (void)state;
    refuse("[worker]\nentry=zlb\n\nthread = 8\n", "4: unknown key thread in [worker]");
    refuse("[worker]\nentry=zlb\nEntry=zlb\n", "3: unknown key Entry in [worker]");
    refuse("[worker]\nentry=zlb\n[log]\nname = x\n", "4: unknown key name in [log]");
    refuse("[worker]\nentry=zlb\n[dbb]\nname = x\n", "3: unknown section [dbb]");
    refuse("[worker]\nentry=zlb\n[empty]", "3: unknown section [empty]");
    refuse("entry=zlb\n[worker]\nentry=zlb", "1: entry stands before the first [section]");
    refuse("[worker]\nentry=zlb\nentry=zlb\n", "3: [worker] entry is given again (first in line 2)");
    refuse("[worker]\nentry=zlb\n[db]\nname=xx\n[worker]\nentry=zzd",
           "6: [worker] entry is given again (first in line 2)");
    refuse("# only\n\n[worker]\nthreads=8\n", "3: [worker] entry is missing");
    refuse("# only\n\n[db]\nname=xx\n", "4: [worker] entry is missing");
    refuse("", "1: [worker] entry is missing");
}

static void test_broken_lines(void **state) {
    (void)state;
    static const char start[] = "[worker]\nentry=zlb\n";
    char text[1024];
    struct settings s;
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"threads 8", "3: the line is neither a [section] nor a name = value"},
        {"threads 8\n[db]", "3: the line is neither a [section] nor a name = value"},
        {"= 8", "3: the line has no name before the ="},
        {"[db", "3: the line has no ] after the section's name"},
        {"[db\nname=x", "3: the line has no ] after the section's name"},
        {"[]\nname=x", "3: the line has no usable section name between [ and ]"},
        {"[db ;x]", "3: the line has no usable section name between [ and ]"},
        {"[db] name=xx", "3: the line has something after the section's ]"},
        {"threads=8\n more", "4: the line starts with white space"},
        {"\tthreads=8", "3: the line starts with white space"},
        {"threads=8\n\vmore", "4: the line starts with white space"},
        {"\f[db]", "3: the line starts with white space"},
        {"\xEF\xBB\xBFthreads=8", "3: the line starts with white space"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(text, sizeof text, "%s%s\n", start, cases[i].line);
        refuse(text, cases[i].message);
    }
    assert_int_equal(load("[worker] # fine\nentry=zlb\n[db]  ; fine, too\n   \n", &s), RC_OK);
    static const char nul[] = "[worker]\nentry=zlb\nthreads=8\0 9\n";
    assert_int_equal(load_n(nul, sizeof nul - 1, &s), RC_INVALID);
    assert_non_null(strstr(errors, ":3: the line has a NUL byte\n"));
}

static void test_long_lines(void **state) {
    (void)state;
    struct settings s;
    char text[2048];
    for (int n = 180; n < 220; n++) {
        int at = snprintf(text, sizeof text, "[worker]\nentry=zlb\n[log]\npath=/");
        memset(text + at, 'x', (size_t)n);
        snprintf(text + at + n, 32, "\n[db]\nname=okay\n");
        enum rc rc = load(text, &s);
        assert_int_equal(rc, n + 6 <= 197 ? RC_OK : RC_INVALID);
        if (rc == RC_OK) {
            assert_int_equal(strlen(s.log), n + 1);
        } else {
            assert_non_null(strstr(errors, ":4: the line is too long"));
        }
        assert_string_equal(s.name, "okay");
    }
}

static void test_all_errors_are_told(void **state) {
    (void)state;
    struct settings s;
    assert_int_equal(load("x=1\n[worker]\nthreads=0\nbad\n[nope]\ny=2\n[db]\nname=x\nname=y\nzzz=1\n", &s), RC_INVALID);
    static const char *const lines[] = {
        ":1:", ":2: [worker] entry is missing", ":3:", ":4:", ":5:", ":8:", ":9:", ":10:"};
    size_t count = 0;
    for (const char *p = errors; *p; p++) {
        count += *p == '\n' ? 1 : 0;
    }
    assert_int_equal(count, sizeof lines / sizeof lines[0]);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_non_null(strstr(errors, lines[i]));
    }
}

static void test_secret_file(void **state) {
    (void)state;
    struct settings s;
    static const char conf[] = "[worker]\nentry=zlb\n[db]\npassword = file:pw\n";
    static const struct {
        const char *content, *password;
    } cases[] = {{"s3cret", "s3cret"},
                 {"s3cret\n", "s3cret"},
                 {"s3cret\r\n", "s3cret"},
                 {"a ; b # c\n", "a ; b # c"},
                 {"two\n\n", "two\n"},
                 {" x ", " x "},
                 {"\n", ""},
                 {"", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_at("pw", cases[i].content, strlen(cases[i].content));
        assert_int_equal(load(conf, &s), RC_OK);
        assert_string_equal(s.password, cases[i].password);
    }
    write_at("pw", "a\0b", 3);
    assert_int_equal(load(conf, &s), RC_INVALID);
    assert_non_null(strstr(errors, ":4: [db] password: file "));
    refuse("[worker]\nentry=zlb\n[db]\npassword = file:/nowhere/pw",
           "4: [db] password: file /nowhere/pw: No such file or directory");
    refuse("[worker]\nentry=zlb\n[db]\npassword = file:/", "4: [db] password: file /: is not a regular file");
    /* Only secrets are read from files, and only the key that asks for it. */
    assert_int_equal(load("[worker]\nentry=zlb\n[db]\nname = file:pw\n", &s), RC_OK);
    assert_string_equal(s.name, "file:pw");
}

static void test_secrets_are_not_told(void **state) {
    (void)state;
    struct settings s;
    write_at("pw", "hunter2hunter2hunter2hunter2hunter2hunter2hunter2", 49);
    assert_int_equal(load("[worker]\nentry=zlb\n[db]\npassword=file:pw\npasswort=hunter2\n", &s), RC_INVALID);
    assert_null(strstr(errors, "hunter2"));
    assert_non_null(strstr(errors, ":4: [db] password is too long (49 bytes; at most 40)"));
    assert_non_null(strstr(errors, ":5: unknown key passwort in [db]"));
}

static void test_unreadable(void **state) {
    (void)state;
    struct settings s;
    assert_int_equal(load_path("/nowhere/minhu.conf", &s), RC_INVALID);
    assert_string_equal(errors, "/nowhere/minhu.conf: No such file or directory\n");
    assert_int_equal(load_path(folder, &s), RC_INVALID);
    char pipe_path[PATH_MAX];
    snprintf(pipe_path, sizeof pipe_path, "%s/pipe", folder);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_int_equal(load_path(pipe_path, &s), RC_INVALID);
    assert_non_null(strstr(errors, "is not a regular file"));
    unlink(pipe_path);
    char *large = calloc(1, 300 * 1024);
    assert_non_null(large);
    assert_int_equal(load_n(large, 300 * 1024, &s), RC_INVALID);
    free(large);
    assert_non_null(strstr(errors, "is too large"));
}

/* Whatever allocation fails, the answer is an error and never a crash. */
static void test_out_of_memory(void **state) {
    (void)state;
    struct settings s;
    write_at("pw", "x", 1);
    write_at("minhu.conf", "[worker]\nentry=zlb\n[db]\npassword=file:pw\n", 41);
    bool done = false;
    for (long n = 0; n < 100 && !done; n++) {
        FILE *out = fopen("/dev/null", "w");
        assert_non_null(out);
        arena_reset(&arena);
        arena.fail_after = n;
        done = config_load(file, keys, N, &s, &arena, out, NULL) == RC_OK;
        arena.fail_after = -1;
        fclose(out);
        assert_true(n > 0 || !done);
    }
    assert_true(done);
}

static void test_sample(void **state) {
    (void)state;
    char *sample, text[8192];
    size_t n, at = 0;
    FILE *out = open_memstream(&sample, &n);
    assert_non_null(out);
    config_print_sample(keys, N, out);
    fclose(out);
    assert_non_null(strstr(sample, "# Handler threads of a process\n# A whole number from 1 to 64.\n#threads = 8\n"));
    assert_non_null(strstr(sample, "# zlb, zzd or open; required.\nentry =\n"));
    assert_non_null(strstr(sample, "file:PATH reads it from a file.\n#password =\n"));
    /* With its defaults brought in and the one required value given, the sample is a valid file. */
    for (size_t i = 0; i < n && at < sizeof text - 8; i++) {
        bool commented = sample[i] == '#' && (i == 0 || sample[i - 1] == '\n') && sample[i + 1] != ' ';
        if (!commented) {
            text[at++] = sample[i];
        }
        if (at >= 8 && memcmp(text + at - 8, "\nentry =", 8) == 0) {
            memcpy(text + at, " zzd", 4);
            at += 4;
        }
    }
    free(sample);
    struct settings s;
    assert_int_equal(load_n(text, at, &s), RC_OK);
    assert_int_equal(s.entry, 1);
    assert_int_equal(s.threads, 8);
}

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 1 << 20);
    if (!mkdtemp(folder) || !realpath(folder, real_folder)) {
        return -1;
    }
    return snprintf(file, sizeof file, "%s/minhu.conf", folder) > 0 ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/pw", folder);
    unlink(path);
    unlink(file);
    arena_free(&arena);
    free(errors);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),      cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_bare_path),   cmocka_unit_test(test_wrong_values),
        cmocka_unit_test(test_wrong_keys),  cmocka_unit_test(test_broken_lines),
        cmocka_unit_test(test_long_lines),  cmocka_unit_test(test_all_errors_are_told),
        cmocka_unit_test(test_secret_file), cmocka_unit_test(test_secrets_are_not_told),
        cmocka_unit_test(test_unreadable),  cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_sample),
    };
    return cmocka_run_group_tests_name("config", tests, set_up, tear_down);
}
