/* The bounds that settings leave to a program: files and ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "acts/startup.h"

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena arena;

static struct settings *settings_of(const char *text) {
    char *path = arena_dup(&arena, STR("/tmp/minhu-startup-XXXXXX")); /* the settings keep it */
    int fd = path ? mkstemp(path) : -1;
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0);
    struct settings *s = settings_load(path, &arena, stdout);
    unlink(path);
    assert_non_null(s);
    return s;
}

#define KEYS "[zheliban]\naccess_key = a\nsecret_key = b\n[zhezhengding]\napp_key = c\napp_secret = d\n"

static bool has(const char *const *list, const char *path) {
    for (size_t i = 0; i < SANDBOX_PATHS_MAX; i++)
        if (list[i] && strcmp(list[i], path) == 0) return true;
    return false;
}

static bool has_port(const struct sandbox *box, uint16_t port) {
    for (size_t i = 0; i < SANDBOX_PORTS_MAX; i++)
        if (box->ports[i] == port) return true;
    return false;
}

static void test_defaults(void **state) {
    (void)state;
    const struct settings *s = settings_of(KEYS);
    const struct sandbox *open = startup_sandbox(s, 0, &arena), *zlb = startup_sandbox(s, NEEDS_ZLB, &arena),
                         *jobs = startup_sandbox(s, NEEDS_ZZD | NEEDS_HEAD_FILE, &arena);
    assert_int_equal(open->ports[0], 0); /* the database's socket, and no host */
    assert_int_equal(zlb->ports[0], 8443);
    assert_int_equal(zlb->ports[1], 0);
    assert_int_equal(jobs->ports[0], 443);
    assert_int_equal(jobs->ports[1], 0);
    assert_true(open->local && !open->names);
    assert_true(zlb->local && zlb->names); /* the gateway is a name */
    assert_true(has(open->writable, "/var/lib/minhu/files"));
    assert_false(has(open->writable, "/var/lib/minhu"));
    assert_true(has(jobs->writable, "/var/lib/minhu")); /* the audit heads */
    assert_true(has(open->readable, "/tmp"));           /* where the configuration is */
}

static void test_places_of_ones_own(void **state) {
    (void)state;
    char secret[] = "/tmp/minhu-secret-XXXXXX", file[60], text[1000];
    assert_non_null(mkdtemp(secret));
    snprintf(file, sizeof file, "%s/key", secret);
    FILE *f = fopen(file, "w");
    assert_true(f && fputs("b\n", f) >= 0 && fclose(f) == 0);
    snprintf(
        text, sizeof text,
        "[minhu]\nlog_file = /var/log/minhu/log\n[database]\nhosts = db1,db2:3307,[fd00::3]:3308,[fd00::4]\ntls_ca = /srv/ca/ca.pem\n"
        "[zheliban]\ngateway = https://gateway.example/path:9/x\naccess_key = a\nsecret_key = file:%s\nconnect_to = [fd00::1]:9443\n"
        "[zhezhengding]\nhost = https://[fd00::2]:7443/\napp_key = c\napp_secret = d\n",
        file);
    const struct sandbox *box = startup_sandbox(settings_of(text), NEEDS_ZLB | NEEDS_ZZD, &arena);
    const uint16_t ports[] = {3306, 3307, 3308, 3306, 9443, 7443, 0};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) assert_int_equal(box->ports[i], ports[i]);
    assert_false(has_port(box, 443));
    assert_true(box->names && !box->local);
    assert_true(has(box->writable, "/var/log/minhu"));
    assert_true(has(box->readable, "/srv/ca"));
    assert_true(has(box->readable, secret));
    unlink(file);
    rmdir(secret);
}

/* Who asks no name server needs no datagrams, and who has no socket of this machine to go to needs none. */
static void test_addresses_only(void **state) {
    (void)state;
    static const struct {
        const char *hosts, *zlb, *connect_to;
        unsigned needs;
        bool names, local;
    } cases[] = {
        {"192.0.2.1", "https://192.0.2.2/x", "", NEEDS_ZLB, false, false},
        {"192.0.2.1:3307,[2001:db8::1]:3308", "https://[2001:db8::2]:9443", "", NEEDS_ZLB, false, false},
        {"192.0.2.1", "https://gateway.example", "192.0.2.2:9443", NEEDS_ZLB, false, false},
        {"192.0.2.1", "https://gateway.example", "[2001:db8::2]", NEEDS_ZLB, false, false},
        {"192.0.2.1", "https://gateway.example", "", 0, false, false},
        {"192.0.2.1", "https://gateway.example", "", NEEDS_ZLB, true, false},
        {"192.0.2.1", "https://192.0.2.2", "gateway.example:9443", NEEDS_ZLB, true, false},
        {"192.0.2.1,db2", "https://192.0.2.2", "", NEEDS_ZLB, true, false},
        {"192.0.2.1.", "https://192.0.2.2", "", NEEDS_ZLB, true, false},
        {"192.0.2.1", "https://192.0.2.2", "", NEEDS_ZLB | NEEDS_MANAGER, false, true},
        {"", "https://192.0.2.2", "", NEEDS_ZLB, false, true},
        {"192.0.2.1,localhost:3307", "https://192.0.2.2", "", NEEDS_ZLB, true, true},
        {"192.0.2.1", "https://gateway.example", "localhost:9443", NEEDS_ZLB, true, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[600];
        snprintf(text, sizeof text,
                 "[database]\nhosts = %s\n[zheliban]\ngateway = %s\nconnect_to = %s\naccess_key = a\nsecret_key = b\n"
                 "[zhezhengding]\napp_key = c\napp_secret = d\n",
                 cases[i].hosts, cases[i].zlb, cases[i].connect_to);
        const struct sandbox *box = startup_sandbox(settings_of(text), cases[i].needs, &arena);
        if (box->names != cases[i].names || box->local != cases[i].local)
            fail_msg("case %zu: names %d, local %d", i, box->names, box->local);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults), cmocka_unit_test(test_places_of_ones_own),
                                       cmocka_unit_test(test_addresses_only)};
    arena_init(&arena, 16 << 20);
    int failed = cmocka_run_group_tests_name("startup", tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
