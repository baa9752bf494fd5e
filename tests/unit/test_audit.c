/* Tests of the dossier's chain: every member of an event, the appeal's content and all that came before are covered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "acts/audit.h"
#include "base/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static struct keyring *keys, *other_keys;
static const uint8_t none[32], content[32] = {4, 2};

static struct keyring *make_keys(void) {
    char folder[] = "/tmp/minhu-audit-XXXXXX", file[64], error[256];
    struct keyring *kr = NULL;
    if (!mkdtemp(folder)) return NULL;
    snprintf(file, sizeof file, "%s/keys", folder);
    if (keyring_create(file, SUITE_AES, error, sizeof error) != RC_OK ||
        keyring_load(file, &kr, error, sizeof error) != RC_OK)
        fprintf(stderr, "%s\n", error);
    unlink(file);
    rmdir(folder);
    return kr;
}

static int setup(void **state) {
    (void)state;
    if (!crypto_init()) return -1;
    keys = make_keys();
    other_keys = make_keys();
    return keys && other_keys ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    keyring_free(keys);
    keyring_free(other_keys);
    return 0;
}

static struct row_event event(int64_t n) {
    struct row_event e = {
        .n = n, .action = 3, .from_state = 1, .to_state = 2, .version = 2, .actor_kind = 2, .at = 1000};
    e.text = STR("已受理。");
    e.address = STR("192.0.2.1");
    memset(e.appeal_id, 1, 16);
    memset(e.actor_id, 2, 16);
    memset(e.target_id, 3, 16);
    return e;
}

static struct row_event chained(int64_t n, const uint8_t before[32]) {
    struct row_event e = event(n);
    assert_true(random_bytes(e.salt, 16));
    assert_int_equal(audit_chain_event(keys, &e, before, content), RC_OK);
    assert_true(audit_event_holds(keys, &e, before, content));
    return e;
}

static void each_event_covers_those_before(void **state) {
    (void)state;
    struct row_event first = chained(1, none), again = chained(1, none), second = chained(2, first.mac);
    assert_memory_not_equal(first.mac, again.mac, 32); /* another salt */
    assert_false(audit_event_holds(keys, &second, none, content));
    assert_false(audit_event_holds(keys, &second, again.mac, content));
    assert_false(audit_event_holds(other_keys, &first, none, content));
    assert_false(audit_event_holds(keys, &first, none, none));
}

#define CHANGED(change) \
    do { \
        struct row_event e = good; \
        change; \
        assert_false(audit_event_holds(keys, &e, none, content)); \
    } while (0)

static void every_member_is_covered(void **state) {
    (void)state;
    struct row_event good = chained(1, none);
    CHANGED(e.n++);
    CHANGED(e.action++);
    CHANGED(e.from_state++);
    CHANGED(e.to_state++);
    CHANGED(e.version++);
    CHANGED(e.actor_kind++);
    CHANGED(e.actor_unit_id++);
    CHANGED(e.unit_id++);
    CHANGED(e.from_unit_id++);
    CHANGED(e.reason_id++);
    CHANGED(e.detail++);
    CHANGED(e.public = !e.public);
    CHANGED(e.notify++);
    CHANGED(e.at++);
    CHANGED(e.appeal_id[15]++);
    CHANGED(e.actor_id[0]++);
    CHANGED(e.target_id[7]++);
    CHANGED(e.text = STR("已受理"));
    CHANGED(e.address = STR("192.0.2.2"));
    CHANGED(e.numbers = STR("sealed"));
    CHANGED(e.client_id[3]++);
    CHANGED(e.salt[0]++);
    CHANGED(e.commitment[31]++);
    CHANGED(e.mac[0]++);
}

/* Each member by its descriptor, so that a new one is covered too; what is nothing changes nothing. */
static void the_appeals_row_is_covered(void **state) {
    (void)state;
    struct row_appeal a = {.number = STR("20261125-000001"), .state = 2, .resolve_by = 5};
    assert_true(audit_appeal_mac(keys, &a, a.mac));
    assert_true(audit_appeal_holds(keys, &a));
    assert_false(audit_appeal_holds(other_keys, &a));
    for (size_t i = 0; i < row_type_appeal.count; i++) {
        const struct db_column *c = &row_type_appeal.columns[i];
        struct row_appeal changed = a;
        char *at = (char *)&changed + c->offset;
        if (c->type == DB_TEXT) *(struct str *)(void *)at = STR("x");
        else at[0]++;
        if (audit_appeal_holds(keys, &changed)) fail_msg("%s is not covered", c->name);
    }
    a.title = STR("");
    assert_true(audit_appeal_holds(keys, &a));
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_covers_those_before),
        cmocka_unit_test(every_member_is_covered),
        cmocka_unit_test(the_appeals_row_is_covered),
    };
    return cmocka_run_group_tests_name("audit", tests, setup, teardown);
}
