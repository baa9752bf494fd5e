/* What is held back or sent ahead of its answer: a failure in the middle leaves nothing behind, whatever of what came after it the
 * server did. Needs MINHU_TEST_DB_SOCKET and MINHU_TEST_DB_NAME (an empty, migrated database); else exit 77. */
#include "base/num.h"
#include "base/timefmt.h"
#include "database_fixture.h"
#include "db/db_conn.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

enum { LOCK_WAIT_SECONDS = 1, MANY = 100 };

static struct db *db, *other; /* the second: whoever else is at the database, in plain text */
static struct arena arena;

static void tell(const char *sql) {
    const char *error;
    if (db_execute_text(other, str_of(sql), &arena, &error) != RC_OK) fail_msg("%s: %s", sql, error ? error : "?");
}

static int64_t ask(const char *sql) {
    struct str **cells;
    size_t rows, columns;
    int64_t n = -1;
    assert_int_equal(db_query_text(other, str_of(sql), &arena, &cells, &rows, &columns), RC_OK);
    assert_true(rows == 1 && num_i64(cells[0][0], 0, INT64_MAX, &n));
    return n;
}

static int64_t rows_there(void) { return ask("SELECT COUNT(*) FROM waiting_order"); }

static int empty(void **state) {
    (void)state;
    arena_reset(&arena);
    tell("DELETE FROM waiting_order");
    tell("DELETE FROM setting");
    tell("DELETE FROM idempotency");
    return 0;
}

static int with_blocks(void **state) {
    if (db_ping(db) != RC_OK) return -1;
    db->knows_blocks = true;
    return empty(state);
}

/* As on a server that has none. */
static int step_by_step(void **state) {
    if (db_ping(db) != RC_OK) return -1;
    db->knows_blocks = false;
    return empty(state);
}

static enum rc put_row(uint8_t n) {
    const uint8_t reporter[16] = {n}, appeal[16] = {n};
    return db_later(db, ST_waiting_order_insert, DB_VALUES(v_id(reporter), v_id(appeal)));
}

static enum rc put_setting(const char *name) { return db_later(db, ST_setting_put, DB_VALUES(v_z(name), v_z("1"))); }

/* ---- all of it, or nothing ---- */

static enum rc put_many(struct db *d, void *arg) {
    struct row_setting *found;
    (void)arg;
    enum rc rc = RC_OK;
    for (uint8_t i = 0; rc == RC_OK && i < MANY; i++) rc = put_row(i);
    if (rc == RC_OK) rc = put_setting("seen");
    if (rc == RC_OK) rc = db_row(d, ST_setting_get, DB_VALUES(v_z("seen")), &arena, &found);
    if (rc == RC_OK && !found) return RC_INTERNAL;
    return rc == RC_OK ? put_row(MANY) : rc;
}

static void all_is_done_and_a_read_between_sees_it(void **state) {
    (void)state;
    assert_int_equal(db_tx(db, put_many, NULL), RC_OK);
    assert_int_equal(rows_there(), MANY + 1);
}

static enum rc put_one_twice(struct db *d, void *arg) {
    (void)d;
    (void)arg;
    enum rc rc = put_row(1);
    if (rc == RC_OK) rc = put_row(2);
    if (rc == RC_OK) rc = put_row(1);
    return rc == RC_OK ? put_row(3) : rc;
}

static void a_failure_in_the_middle_undoes_what_is_before_and_behind(void **state) {
    (void)state;
    assert_int_equal(db_tx(db, put_one_twice, NULL), RC_CONFLICT);
    assert_true(db_failed_at(db, ST_waiting_order_insert));
    assert_int_equal(rows_there(), 0);
    assert_int_equal(db_tx(db, put_many, NULL), RC_OK);
    assert_false(db_failed_at(db, ST_waiting_order_insert));
}

static enum rc put_and_read_behind_a_failure(struct db *d, void *arg) {
    enum rc rc = put_one_twice(d, arg);
    struct row_setting *found;
    db_forget(d, ST_setting_get); /* so that the failure is met when it is prepared */
    return rc == RC_OK ? db_row(d, ST_setting_get, DB_VALUES(v_z("seen")), &arena, &found) : rc;
}

static void a_read_behind_a_failure_tells_of_it(void **state) {
    (void)state;
    assert_int_equal(db_tx(db, put_and_read_behind_a_failure, NULL), RC_CONFLICT);
    assert_true(db_failed_at(db, ST_waiting_order_insert));
    assert_int_equal(rows_there(), 0);
    assert_int_equal(db_tx(db, put_many, NULL), RC_OK); /* the connection is still in step */
}

static enum rc put_more_than_are_held_back(struct db *d, void *arg) {
    const uint8_t *second = arg;
    (void)d;
    enum rc rc = put_row(0);
    if (rc == RC_OK) rc = put_row(*second);
    for (uint8_t i = 2; rc == RC_OK && i < HELD_MAX + 3; i++) rc = put_row(i);
    return rc;
}

static void a_failure_of_what_went_before_the_end_undoes_all(void **state) {
    assert_int_equal(db_tx(db, put_more_than_are_held_back, (uint8_t[]){1}), RC_OK);
    assert_int_equal(rows_there(), HELD_MAX + 3);
    empty(state);
    assert_int_equal(db_tx(db, put_more_than_are_held_back, (uint8_t[]){0}), RC_CONFLICT);
    assert_int_equal(rows_there(), 0);
    assert_int_equal(db_tx(db, put_more_than_are_held_back, (uint8_t[]){1}), RC_OK);
    assert_int_equal(rows_there(), HELD_MAX + 3);
}

static enum rc put_with_a_long_one(struct db *d, void *arg) {
    static char text[300000];
    const uint8_t id[16] = {1}, hash[32] = {1};
    enum rc rc = put_row(1);
    memset(text, 'x', sizeof text);
    if (rc == RC_OK)
        rc = db_later(d, ST_answer_keep,
                      DB_VALUES(v_id(id), v_z("operation"), v_id(id), v_hash(hash), v_int(200),
                                v_bytes((struct str){text, sizeof text}), v_time(SECOND_US)));
    return rc == RC_OK && arg ? put_row(1) : rc == RC_OK ? put_row(2) : rc;
}

static void what_is_too_long_to_be_held_back_is_done_in_its_place(void **state) {
    (void)state;
    assert_int_equal(db_tx(db, put_with_a_long_one, &arena), RC_CONFLICT);
    assert_int_equal(rows_there(), 0);
    assert_int_equal(db_tx(db, put_with_a_long_one, NULL), RC_OK);
    assert_int_equal(rows_there(), 2);
    assert_int_equal(ask("SELECT LENGTH(answer) FROM idempotency"), 300000);
}

static enum rc put_two(struct db *d, void *arg) {
    const uint8_t *first = arg;
    (void)d;
    enum rc rc = put_row(*first);
    return rc == RC_OK ? put_row((uint8_t)(*first + 1)) : rc;
}

static void a_table_that_is_altered_meanwhile_changes_nothing(void **state) {
    (void)state;
    assert_int_equal(db_tx(db, put_two, (uint8_t[]){1}), RC_OK);
    tell("ALTER TABLE waiting_order ADD COLUMN before_it INT NOT NULL DEFAULT 0 FIRST");
    assert_int_equal(db_tx(db, put_two, (uint8_t[]){3}), RC_OK);
    tell("ALTER TABLE waiting_order DROP COLUMN before_it");
    assert_int_equal(db_tx(db, put_two, (uint8_t[]){5}), RC_OK);
    assert_int_equal(rows_there(), 6);
}

/* ---- a deadlock, which ends the transaction while more of it is on its way ---- */

static struct {
    sem_t has_first;
    int attempts;
} dead;

static void *lock_crosswise(void *arg) {
    (void)arg;
    sem_wait(&dead.has_first);
    tell("UPDATE setting SET value='other' WHERE name='first'"); /* waits until the first attempt has lost */
    tell("COMMIT");
    return NULL;
}

static enum rc lose_to_the_other(struct db *d, void *arg) {
    struct timespec moment = {.tv_nsec = 300000000};
    const bool *reads = arg;
    if (++dead.attempts > 1) return RC_INVALID; /* so that what the lost attempt left would be all there is */
    enum rc rc = db_run(d, ST_setting_put, DB_VALUES(v_z("first"), v_z("1")), NULL);
    sem_post(&dead.has_first);
    nanosleep(&moment, NULL);
    if (rc == RC_OK) rc = put_setting("second");
    if (rc == RC_OK) rc = put_row(1);
    if (rc == RC_OK) rc = put_row(2);
    struct row_setting *found;
    return rc == RC_OK && *reads ? db_row(d, ST_setting_get, DB_VALUES(v_z("none")), &arena, &found) : rc;
}

static void lose_with(bool reads) {
    pthread_t thread;
    dead.attempts = 0;
    sem_init(&dead.has_first, 0, 0);
    tell("INSERT INTO setting (name,value) VALUES ('first','0'),('second','0')");
    tell("START TRANSACTION");
    tell(
        "INSERT INTO setting (name,value) SELECT CONCAT('weight ',seq),'0' FROM seq_1_to_200"); /* the lighter one is the victim */
    tell("UPDATE setting SET value='other' WHERE name='second'");
    assert_int_equal(pthread_create(&thread, NULL, lock_crosswise, NULL), 0);
    assert_int_equal(db_tx(db, lose_to_the_other, &reads), RC_INVALID);
    pthread_join(thread, NULL);
    assert_int_equal(dead.attempts, 2);
    assert_int_equal(rows_there(), 0);
    assert_int_equal(ask("SELECT COUNT(*) FROM setting WHERE name IN ('first','second') AND value='other'"), 2);
}

static void what_comes_behind_a_deadlock_is_not_committed_by_itself(void **state) {
    (void)state;
    lose_with(true);
}

static void a_deadlock_at_the_end_undoes_all(void **state) {
    (void)state;
    lose_with(false);
}

static enum rc wait_for_a_lock(struct db *d, void *arg) {
    (void)d;
    (void)arg;
    enum rc rc = put_row(1);
    if (rc == RC_OK) rc = put_setting("held");
    return rc == RC_OK ? put_row(2) : rc;
}

static void a_lock_that_is_not_given_undoes_all(void **state) {
    (void)state;
    tell("INSERT INTO setting (name,value) VALUES ('held','0')");
    tell("START TRANSACTION");
    tell("UPDATE setting SET value='1' WHERE name='held'");
    assert_int_equal(db_tx(db, wait_for_a_lock, NULL), RC_UNAVAILABLE);
    assert_true(db_lock_timed_out(db) && db_failed_at(db, ST_setting_put));
    tell("ROLLBACK");
    assert_int_equal(rows_there(), 0);
}

/* ---- the connection ---- */

static void kill_the_connection(void) {
    char sql[64];
    const char *mine =
        "SELECT IFNULL(MAX(id),0) FROM information_schema.processlist WHERE db=DATABASE() AND id<>CONNECTION_ID()";
    snprintf(sql, sizeof sql, "KILL %lld", (long long)ask(mine));
    tell(sql);
    for (int i = 0; ask(mine); i++) assert_true(i < 100000); /* until the server has closed it */
}

static enum rc die_once(struct db *d, void *arg) {
    int *attempts = arg;
    (void)d;
    enum rc rc = put_row(1);
    if (rc == RC_OK && ++*attempts == 1) kill_the_connection();
    return rc == RC_OK ? put_row(2) : rc;
}

static void a_connection_that_dies_is_made_anew_and_all_of_it_done_once(void **state) {
    int attempts = 0;
    (void)state;
    assert_int_equal(db_tx(db, die_once, &attempts), RC_OK);
    assert_int_equal(attempts, 2);
    assert_int_equal(rows_there(), 2);
}

static enum rc put_it(struct db *d, void *arg) {
    (void)d;
    (void)arg;
    return put_row(7);
}

static void no_transaction_stays_open(void **state) {
    struct row_setting *found;
    (void)state;
    const char *open = "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_mysql_thread_id IN "
                       "(SELECT id FROM information_schema.processlist WHERE db=DATABASE() AND id<>CONNECTION_ID())";
    assert_int_equal(db_tx(db, put_it, NULL), RC_OK);
    assert_int_equal(ask(open), 0);
    assert_int_equal(db_row(db, ST_setting_get, DB_VALUES(v_z("none")), &arena, &found), RC_OK);
    assert_int_equal(ask(open), 0);
    assert_int_equal(db_tx(db, put_it, NULL), RC_CONFLICT);
    assert_int_equal(ask(open), 0);
}

static void a_write_outside_of_a_transaction_is_there_at_once(void **state) {
    (void)state;
    assert_int_equal(db_tx(db, put_it, NULL), RC_OK);
    assert_int_equal(put_setting("alone"), RC_OK);
    assert_int_equal(ask("SELECT COUNT(*) FROM setting WHERE name='alone'"), 1);
    assert_int_equal(put_row(7), RC_CONFLICT);
    assert_int_equal(rows_there(), 1);
}

static void allow_statements(int64_t n) {
    char sql[80];
    snprintf(sql, sizeof sql, "SET GLOBAL max_prepared_stmt_count=%lld", (long long)n);
    tell(sql);
}

static int allow_many_statements(void **state) {
    (void)state;
    allow_statements(100000);
    return 0;
}

/* A server that keeps no more statements gets some back. */
static void no_room(void **state) {
    (void)state;
    struct row_setting *found;
    db_forget_all(db);
    assert_int_equal(db_tx(db, put_two, (uint8_t[]){1}), RC_OK);
    allow_statements(ask("SELECT CAST(variable_value AS INTEGER) FROM information_schema.global_status "
                         "WHERE variable_name='Prepared_stmt_count'"));
    assert_int_equal(db_row(db, ST_setting_get, DB_VALUES(v_z("none")), &arena, &found), RC_OK);
    assert_int_equal(db_tx(db, put_two, (uint8_t[]){3}), RC_OK);
    assert_int_equal(rows_there(), 4);
    allow_statements(0);
    db_forget_all(db);
    assert_int_equal(db_tx(db, put_two, (uint8_t[]){5}), RC_UNAVAILABLE);
    assert_int_equal(rows_there(), 4);
}

int main(void) {
    struct db_config config, patient;
    if (!database_given(&config, 30, LOCK_WAIT_SECONDS) || !database_given(&patient, 30, 30)) return NO_DATABASE;
    arena_init(&arena, 16u << 20);
    db = db_open(&config);
    other = db_open(&patient);
#define BOTH(name) \
    cmocka_unit_test_setup(name, with_blocks), { #name ", step by step", name, step_by_step, NULL, NULL }
    const struct CMUnitTest tests[] = {
        BOTH(all_is_done_and_a_read_between_sees_it),
        BOTH(a_failure_in_the_middle_undoes_what_is_before_and_behind),
        BOTH(a_read_behind_a_failure_tells_of_it),
        BOTH(a_failure_of_what_went_before_the_end_undoes_all),
        BOTH(what_is_too_long_to_be_held_back_is_done_in_its_place),
        BOTH(a_table_that_is_altered_meanwhile_changes_nothing),
        BOTH(what_comes_behind_a_deadlock_is_not_committed_by_itself),
        BOTH(a_deadlock_at_the_end_undoes_all),
        BOTH(a_lock_that_is_not_given_undoes_all),
        BOTH(a_connection_that_dies_is_made_anew_and_all_of_it_done_once),
        BOTH(no_transaction_stays_open),
        BOTH(a_write_outside_of_a_transaction_is_there_at_once),
        {"no room for a statement", no_room, with_blocks, allow_many_statements, NULL},
        {"no room for a statement, step by step", no_room, step_by_step, allow_many_statements, NULL}};
#undef BOTH
    int failed = cmocka_run_group_tests_name("transactions", tests, NULL, NULL);
    db_close(db);
    db_close(other);
    arena_free(&arena);
    return failed;
}
