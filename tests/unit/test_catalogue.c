/* Every statement of the catalogue, prepared on a migrated schema: parameters, columns and their types. Needs a database:
 * MINHU_TEST_DB_SOCKET and MINHU_TEST_DB_NAME; without them there is nothing to test against (exit 77). */
#include "database_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct db *db;

static void every_statement_fits(void **state) {
    (void)state;
    int faults = 0;
    for (int i = 0; i < ST__MAX; i++) {
        struct arena a;
        const char *reason;
        arena_init(&a, 1 << 20);
        if (db_statement_check(db, (enum statement)i, &a, &reason) != RC_OK) {
            print_error("%s: %s\n", db_statement((enum statement)i)->name, reason ? reason : "?");
            faults++;
        }
        arena_free(&a);
    }
    assert_int_equal(faults, 0);
}

int main(void) {
    struct db_config config;
    if (!database_given(&config, 10, 1)) return NO_DATABASE;
    db = db_open(&config);
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_statement_fits)};
    int failed = cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
    db_close(db);
    return failed;
}
