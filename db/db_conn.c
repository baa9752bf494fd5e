/* One connection: connect with back-off, session settings, error mapping, transactions. */
#include "db_conn.h"

#include "base/log.h"
#include "base/timefmt.h"
#include "connect_memory.h"

#include <errmsg.h>
#include <ma_pvio.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How often a transaction is run before its caller is told that the database is too busy. */
enum { TX_ATTEMPTS = 5, BACKOFF_MAX_MS = 1000 };
/* MYSQL_CLIENT_AUTHENTICATION_PLUGIN, whose header Debian's package can't compile. */
enum { AUTHENTICATION_PLUGIN = 2 };

_Atomic uint64_t db_retries, db_reconnects, db_errors;

/* Ways of signing on that the connector keeps in libraries of their own, if they are installed. Loaded now, as a confined process
 * can't any more. */
static void load_plugins(void) {
    static const char *const names[] = {
        "caching_sha2_password", "sha256_password",   "client_ed25519", "parsec", "dialog",
        "mysql_clear_password",  "auth_gssapi_client"};
    MYSQL *m = mysql_init(NULL);
    for (size_t i = 0; m && i < sizeof names / sizeof *names; i++)
        mysql_client_find_plugin(m, names[i], AUTHENTICATION_PLUGIN);
    if (m) mysql_close(m);
}

bool db_library_init(void) {
    if (mysql_library_init(0, NULL, NULL)) return false;
    load_plugins();
    return true;
}

struct db *db_open(const struct db_config *config) {
    struct db *db = calloc(1, sizeof *db);
    if (!db) return NULL;
    db->scratch = malloc((size_t)COLUMNS_MAX * TEXT_SCRATCH);
    if (!db->scratch) {
        free(db);
        return NULL;
    }
    db->config = config;
    arena_init(&db->held.texts, HELD_TEXTS_MAX);
    return db;
}

void db_forget(struct db *db, enum statement st) {
    if (db->statements[st]) mysql_stmt_close(db->statements[st]);
    db->statements[st] = NULL;
}

void db_forget_all(struct db *db) {
    for (int i = 0; i < ST__MAX; i++) db_forget(db, (enum statement)i);
    for (int i = 0; i < BLOCKS_MAX; i++)
        if (db->blocks[i].prepared) block_forget(&db->blocks[i]);
}

void db_disconnect(struct db *db) {
    if (!db->mysql) return;
    db_forget_all(db);
    block_drop(db);
    mysql_close(db->mysql);
    db->mysql = NULL;
    db->broken = false;
    db->in_tx = false;
    db->by_hand = false;
    db->switching = false;
    db->sent_count = 0;
}

void db_close(struct db *db) {
    if (!db) return;
    db_disconnect(db);
    arena_free(&db->held.texts);
    free(db->scratch);
    free(db);
}

void db_deadline(struct db *db, int64_t deadline_us) { db->deadline_us = deadline_us; }

void db_waits(const struct db *db) {
    if (db->config->before_wait) db->config->before_wait();
}

/* The library looks at these before each wait; its options count in whole seconds and from the next connection on. */
bool db_may_wait(struct db *db) {
    int64_t now = time_mono_us(), ms = db->config->io_seconds * INT64_C(1000);
    if (db->deadline_us && db->deadline_us - now < ms * 1000) ms = (db->deadline_us - now) / 1000;
    if (ms <= 0) return false;
    db_waits(db);
    db->until_us = now + ms * 1000;
    MARIADB_PVIO *io = db->mysql->net.pvio; /* NULL: the library has given the connection up, and will say so */
    if (io) io->timeout[PVIO_READ_TIMEOUT] = io->timeout[PVIO_WRITE_TIMEOUT] = (int)ms;
    return true;
}

/* ---- connecting ---- */

/* When an answer of the server last failed to come in time. A connection made before may be as dead, and is made anew rather than
 * waited for: a network that came back leaves every thread with one. */
static _Atomic int64_t doubted_us;

/* While the database can't be reached, one thread of the process tries at a time, and not before this (monotonic; 0: it can be
 * reached): the others are refused at once, rather than wait for what that one is waiting for. */
static _Atomic int64_t retry_at_us;
static _Atomic int failures;

static bool may_try(int64_t until_us) {
    int64_t at = atomic_load(&retry_at_us);
    return at == 0 || (time_mono_us() >= at && atomic_compare_exchange_strong(&retry_at_us, &at, until_us));
}

static enum rc connect_failed(const char *why) {
    int n = atomic_fetch_add(&failures, 1) + 1;
    int64_t wait_ms = 50 << (n < 6 ? n : 6);
    if (wait_ms > BACKOFF_MAX_MS) wait_ms = BACKOFF_MAX_MS;
    atomic_store(&retry_at_us, time_mono_us() + wait_ms * 1000);
    log_event(LOG_ERROR, "database", "cannot connect (attempt %d): %s", n, why);
    return RC_UNAVAILABLE;
}

/* Seconds for each of the waits while a connection is made: for every host's greeting, as they are tried one after the other,
 * and for the consent of the one that gave it. 0: too little time is left to try. */
static unsigned connect_wait(const struct db *db) {
    int64_t most = db->config->connect_seconds, waits = 2;
    if (!db->deadline_us) return (unsigned)most;
    for (const char *p = db->config->hosts; (p = strchr(p, ',')); p++) waits++;
    int64_t left = db->deadline_us - time_mono_us(), each = (left + SECOND_US / 2) / (waits * SECOND_US);
    if (each <= 0) each = left >= 2 * SECOND_US;
    return (unsigned)(each < most ? each : most);
}

static void set_options(MYSQL *m, const struct db_config *c, unsigned wait) {
    unsigned off = 0;
    my_bool no = 0, yes = 1;
    mysql_options(m, MYSQL_OPT_CONNECT_TIMEOUT, &wait);
    mysql_options(m, MYSQL_OPT_READ_TIMEOUT, &wait);
    mysql_options(m, MYSQL_OPT_WRITE_TIMEOUT, &wait);
    mysql_options(m, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_options(m, MYSQL_OPT_RECONNECT, &no);
    mysql_options(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (*c->tls_ca) {
        mysql_options(m, MYSQL_OPT_SSL_CA, c->tls_ca);
        mysql_options(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    }
}

/* What every session runs under, in one round trip, and its schema. MariaDB and MySQL, and MariaDB before 11.1, name some of it
 * differently. Every list names its index, so that looking into it first (eq_range_index_dive_limit), a quarter of a short list's
 * work, tells nothing. A transaction whose client the network has lost holds its locks no longer than a statement may run; MySQL has
 * no such limit. The connector is not told which schema is chosen: it copies that without asking whether there is memory. */
static bool set_session(struct db *db) {
    char sql[512], limit[100] = "";
    bool maria = mariadb_connection(db->mysql);
    bool older = maria && mysql_get_server_version(db->mysql) < 110101;
    int seconds = db->config->statement_seconds;
    if (seconds > 0 && maria)
        snprintf(limit, sizeof limit, ", max_statement_time=%d, idle_transaction_timeout=%d", seconds, seconds);
    if (seconds > 0 && !maria) snprintf(limit, sizeof limit, ", max_execution_time=%d", seconds * 1000);
    snprintf(
        sql, sizeof sql,
        "SET SESSION time_zone='+00:00', sql_mode='STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
        "NO_ENGINE_SUBSTITUTION', session_track_schema=0, eq_range_index_dive_limit=1, innodb_lock_wait_timeout=%d, "
        "%s='READ-COMMITTED'%s",
        db->config->lock_wait_seconds, older ? "tx_isolation" : "transaction_isolation", limit);
    return db_may_wait(db) && mysql_query(db->mysql, sql) == 0 && db_may_wait(db) &&
           mysql_select_db(db->mysql, db->config->database) == 0;
}

static bool sign_on(const struct db *db, MYSQL *m) {
    const struct db_config *c = db->config;
    char hosts[1100]; /* with a comma always: without one the library takes "host:port" for a name */
    snprintf(hosts, sizeof hosts, "%s,", c->hosts);
    const char *host = *c->hosts ? hosts : "localhost", *socket = *c->hosts ? NULL : c->socket;
    db_waits(db);
    return mysql_real_connect(m, host, c->user, c->password, NULL, 0, socket, CLIENT_FOUND_ROWS) != NULL;
}

static enum rc open_connection(struct db *db, unsigned wait) {
    MYSQL *m = connect_memory_reserve() ? mysql_init(NULL) : NULL;
    if (m) set_options(m, db->config, wait);
    bool open = m && sign_on(db, m);
    connect_memory_release();
    if (!open) {
        enum rc rc = connect_failed(m ? mysql_error(m) : "memory is used up");
        if (m) mysql_close(m);
        return rc;
    }
    db->mysql = m;
    db->knows_blocks = mariadb_connection(m);
    db->made_us = time_mono_us();
    if (!set_session(db)) {
        enum rc rc = connect_failed(mysql_error(m));
        db_disconnect(db);
        return rc;
    }
    if (db->connected_before) db_reconnects++;
    db->connected_before = true;
    atomic_store(&failures, 0);
    atomic_store(&retry_at_us, 0);
    return db_may_wait(db) ? RC_OK : RC_UNAVAILABLE;
}

enum rc db_connect(struct db *db) {
    if ((db->broken || db->made_us < atomic_load(&doubted_us)) && !db->in_tx) db_disconnect(db);
    if (db->mysql) return !db->broken && db_may_wait(db) ? RC_OK : RC_UNAVAILABLE;
    unsigned wait = connect_wait(db);
    if (!wait || !may_try(time_mono_us() + 3 * (int64_t)wait * SECOND_US)) return RC_UNAVAILABLE;
    return open_connection(db, wait);
}

bool db_is_retryable(unsigned number) { return number == ER_LOCK_DEADLOCK || number == ER_CHECKREAD; }

enum rc db_error(struct db *db, unsigned number, const char *text, const char *what) {
    db->lock_timed_out = number == ER_LOCK_WAIT_TIMEOUT;
    if (db_is_retryable(number)) db->retryable = true;
    else if (number != ER_DUP_ENTRY) db_errors++;
    switch (number) {
    case ER_DUP_ENTRY: return RC_CONFLICT;
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_CHECKREAD: return RC_UNAVAILABLE;
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SERVER_LOST_EXTENDED:
    case CR_COMMANDS_OUT_OF_SYNC:
    case CR_CONNECTION_ERROR:
    case CR_OUT_OF_MEMORY: /* what was sent, and what is left to read, nobody knows */
    case 1047:             /* a cluster's node that isn't ready */
    case 1053:             /* server shutdown */
    case 1290:             /* read-only: no longer the writer */
    case 1836:
    case 1927: /* connection was killed */
    case 4031: /* closed for idleness */
        db->broken = true;
        if (time_mono_us() >= db->until_us) atomic_store(&doubted_us, time_mono_us());
        log_event(LOG_WARN, "database", "connection lost at %s: %s", what, text);
        return RC_UNAVAILABLE;
    case 1040: /* too many connections */
    case 1203:
    case 1461: /* max_prepared_stmt_count */
    case 1317: /* query interrupted */
    case 1969: /* max_statement_time exceeded */
    case 3024: /* max_execution_time exceeded */
        log_event(LOG_ERROR, "database", "%s: %u %s", what, number, text);
        return RC_UNAVAILABLE;
    default: log_event(LOG_ERROR, "database", "%s: %u %s", what, number, text); return RC_INTERNAL;
    }
}

bool db_lock_timed_out(const struct db *db) { return db->lock_timed_out; }

bool db_failed_at(const struct db *db, enum statement st) { return db->failed == st; }

enum rc db_ping(struct db *db) {
    enum rc rc = db_connect(db);
    if (rc != RC_OK) return rc;
    if (mysql_ping(db->mysql) == 0) return RC_OK;
    return db_error(db, mysql_errno(db->mysql), mysql_error(db->mysql), "ping");
}

/* ---- transactions ---- */

/* After a loss during COMMIT nobody knows whether it happened: never repeated, told as RC_UNCERTAIN. */
static enum rc commit(struct db *db) {
    if (db->held.count && db->knows_blocks) return block_commit(db);
    enum rc rc = block_release(db);
    if (rc == RC_OK) rc = pipe_answers(db);
    if (rc == RC_OK && !db->by_hand) return RC_OK; /* nothing was asked */
    if (rc == RC_OK && !db_may_wait(db)) rc = RC_UNAVAILABLE;
    if (rc != RC_OK) return rc;
    if (mysql_query(db->mysql, "COMMIT") == 0) return RC_OK;
    unsigned number = mysql_errno(db->mysql);
    rc = db_error(db, number, mysql_error(db->mysql), "COMMIT");
    return db->broken ? RC_UNCERTAIN : rc;
}

/* A transaction that can't be rolled back must not stay open: the next one's end would commit it. What was sent behind a failure is
 * answered first; it may tell that all of it can be tried again. */
static void roll_back(struct db *db) {
    enum rc unread = pipe_answers(db);
    if (unread != RC_OK && db->broken) return;
    if (!db_may_wait(db) || mysql_query(db->mysql, "ROLLBACK")) db->broken = true;
}

static void pause_before_retry(int attempt) {
    struct timespec t = {.tv_nsec = (long)(2 + attempt * 3 + (int)(time_mono_us() % 7)) * 1000000L};
    nanosleep(&t, NULL);
}

static enum rc tx_once(struct db *db, enum rc (*fn)(struct db *db, void *arg), void *arg) {
    enum rc rc = db_connect(db);
    if (rc != RC_OK) return rc;
    db->retryable = false;
    db->lock_timed_out = false;
    db->failed = ST__MAX;
    db->begun = false;
    db->in_tx = true;
    rc = fn(db, arg);
    if (rc == RC_OK) rc = commit(db);
    block_drop(db);
    if (rc != RC_OK && !db->broken && (db->by_hand || db->begun)) roll_back(db);
    db->in_tx = false;
    return rc;
}

enum rc db_tx(struct db *db, enum rc (*fn)(struct db *db, void *arg), void *arg) {
    if (db->in_tx) {
        log_event(LOG_ERROR, "database", "nested transaction");
        return RC_INTERNAL;
    }
    enum rc rc = RC_INTERNAL;
    for (int attempt = 0; attempt < TX_ATTEMPTS; attempt++) {
        if (attempt) pause_before_retry(attempt);
        bool fresh = db->mysql == NULL || db->broken;
        rc = tx_once(db, fn, arg);
        if (rc == RC_OK || rc == RC_UNCERTAIN) return rc;
        if (db->broken && !fresh && attempt == 0 && rc == RC_UNAVAILABLE)
            continue; /* a stale idle connection; nothing was committed */
        if (!db->retryable) return rc;
        db_retries++;
    }
    return rc;
}

/* ---- durability ---- */

static const char *durability_fault(struct str name, struct str value) {
    if (str_is(name, "innodb_flush_log_at_trx_commit") && !str_is(value, "1"))
        return "innodb_flush_log_at_trx_commit is not 1: acknowledged work could be lost";
    if (str_is(name, "innodb_doublewrite") && (str_is(value, "OFF") || str_is(value, "0")))
        return "innodb_doublewrite is off: a crash could tear pages";
    return NULL;
}

enum rc db_check_durable(struct db *db, struct arena *a, const char **reason) {
    struct str **cells;
    size_t rows, columns;
    *reason = NULL;
    enum rc rc = db_query_text(db,
                               STR("SHOW GLOBAL VARIABLES WHERE Variable_name IN "
                                   "('innodb_flush_log_at_trx_commit','innodb_doublewrite','log_bin','sync_binlog')"),
                               a, &cells, &rows, &columns);
    if (rc != RC_OK) return rc;
    bool log_bin = false, sync_binlog = true;
    for (size_t i = 0; i < rows; i++) {
        if (!*reason) *reason = durability_fault(cells[i][0], cells[i][1]);
        if (str_is(cells[i][0], "log_bin")) log_bin = str_is(cells[i][1], "ON");
        if (str_is(cells[i][0], "sync_binlog")) sync_binlog = str_is(cells[i][1], "1");
    }
    if (!*reason && log_bin && !sync_binlog)
        *reason = "the binary log is on and sync_binlog is not 1: acknowledged work could be lost";
    return *reason ? RC_INVALID : RC_OK;
}
