/* The database as the rest of the product sees it: one connection a thread, statements by name, transactions that
 * retry. Nothing outside db/ knows the client library or any SQL.
 *
 * Errors: RC_UNAVAILABLE when the database can't be reached or the connection broke (nothing was written),
 * RC_UNCERTAIN when it broke during COMMIT, RC_CONFLICT for a duplicate key, RC_INTERNAL for what is our fault. */
#ifndef MINHU_DB_H
#define MINHU_DB_H

#include "base/arena.h"
#include "base/rc.h"
#include "rows.h"

#include <stdatomic.h>
#include <stdint.h>

struct db;

struct db_config {
    const char *hosts; /* "host1:3306,host2:3306", or "" for the socket */
    const char *socket;
    const char *user, *password, *database;
    const char *tls_ca; /* "" none: only over the socket or loopback */
    int connect_seconds, io_seconds, lock_wait_seconds, statement_seconds;
    void (*before_wait)(void); /* of the thread, for the server; NULL: nothing */
};

/* Of this process, for /metrics. */
extern _Atomic uint64_t db_retries, db_reconnects, db_errors;

/* Once, before threads. */
bool db_library_init(void);

/* A connection object; connects when first used, and again, with back-off, after a loss. config and its texts must outlive
 * it. NULL only when memory is used up. */
struct db *db_open(const struct db_config *config);
void db_close(struct db *db);
/* Until deadline_us (monotonic; 0: no deadline) every call has to have its answer: what is still waiting then ends with
 * RC_UNAVAILABLE, or RC_UNCERTAIN for COMMIT, and what comes later is refused at once. */
void db_deadline(struct db *db, int64_t deadline_us);
/* To be called by who waits for what another thread asks of the server; calls before_wait. */
void db_waits(const struct db *db);
/* RC_OK when the server answers now. */
enum rc db_ping(struct db *db) MUST_USE;
/* Refuses (RC_INVALID, with the reason) a server that doesn't keep what it acknowledged: flush at commit, binlog sync, … */
enum rc db_check_durable(struct db *db, struct arena *a, const char **reason) MUST_USE;

enum statement {
#define STATEMENT(name, params, row, sql) ST_##name,
#include "statements.def"
#undef STATEMENT
    ST__MAX
};
/* What a connection keeps prepared at most: each statement, and sixteen blocks of what transactions write last. */
enum { DB_PREPARED_MAX = ST__MAX + 16 };

/* One bound value. Build them with the functions below; texts and bytes are borrowed until the call returns. */
struct db_value {
    char type; /* as in statements.def: i whole number, s text, b bytes, t time; 0: NULL */
    int64_t number;
    struct str bytes;
};
static inline struct db_value v_int(int64_t n) { return (struct db_value){.type = 'i', .number = n}; }
static inline struct db_value v_time(int64_t us) { return (struct db_value){.type = 't', .number = us}; }
static inline struct db_value v_text(struct str s) { return (struct db_value){.type = 's', .bytes = s}; }
static inline struct db_value v_z(const char *z) { return v_text(str_of(z)); }
static inline struct db_value v_bytes(struct str s) { return (struct db_value){.type = 'b', .bytes = s}; }
static inline struct db_value v_null(void) { return (struct db_value){0}; }
static inline struct db_value v_id(const uint8_t id[16]) { return v_bytes((struct str){(const char *)id, 16}); }
static inline struct db_value v_hash(const uint8_t hash[32]) { return v_bytes((struct str){(const char *)hash, 32}); }
/* NULL where the value is "none". */
static inline struct db_value v_int_or_null(int64_t n) { return n ? v_int(n) : v_null(); }
static inline struct db_value v_time_or_null(int64_t us) { return us ? v_time(us) : v_null(); }
static inline struct db_value v_text_or_null(struct str s) { return s.p ? v_text(s) : v_null(); }
static inline struct db_value v_bytes_or_null(struct str s) { return s.p ? v_bytes(s) : v_null(); }
static inline struct db_value v_id_or_null(const uint8_t id[16]) {
    static const uint8_t none[16];
    return memcmp(id, none, 16) ? v_id(id) : v_null();
}

/* Runs a statement that returns no rows; *affected (may be NULL) gets the number of matched or inserted rows. */
enum rc db_run(struct db *db, enum statement st, const struct db_value *values, size_t n, int64_t *affected) MUST_USE;
/* In a transaction: a statement that returns no rows, done in its turn before the next call that waits, or with the commit. If it fails,
 * that call says so in its place; so it is for what needs no rc of its own. The values are copied. Outside of one the same as db_run. */
enum rc db_later(struct db *db, enum statement st, const struct db_value *values, size_t n) MUST_USE;
/* Runs a SELECT; rows of the statement's row type, in the arena. */
enum rc db_rows(struct db *db, enum statement st, const struct db_value *values, size_t n, struct arena *a, void *rows,
                size_t *count) MUST_USE;
/* As db_rows for at most one: *row is NULL when there is none. */
enum rc db_row(struct db *db, enum statement st, const struct db_value *values, size_t n, struct arena *a,
               void *row) MUST_USE;

#define DB_VALUES(...) \
    (const struct db_value[]){__VA_ARGS__}, sizeof((struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)

/* Begin, fn, commit. fn may be run several times (deadlock, certification failure: at most 5), so it changes
 * nothing but the database, the arena and what arg points to, and starts from scratch each time. Any rc but RC_OK rolls
 * back. A nested call is a mistake and answers RC_INTERNAL. */
enum rc db_tx(struct db *db, enum rc (*fn)(struct db *db, void *arg), void *arg) MUST_USE;

/* True when the last failure was a wait for a lock that ran out: somebody else is at the same thing. */
bool db_lock_timed_out(const struct db *db);
/* True when st is what failed first in the last transaction. */
bool db_failed_at(const struct db *db, enum statement st);

/* The migrations: see migrate.h. For them only: text with several results isn't allowed on serving connections. */
enum rc db_execute_text(struct db *db, struct str sql, struct arena *a, const char **error) MUST_USE;
/* Rows of text columns, for migrate and status; NULL columns have p == NULL. */
enum rc db_query_text(struct db *db, struct str sql, struct arena *a, struct str ***cells, size_t *rows,
                      size_t *columns) MUST_USE;

/* What a statement is, for tests: its SQL, its parameter types, its row descriptor (NULL: none). */
struct db_statement_info {
    const char *name, *params, *sql;
    const struct db_row_type *row;
};
const struct db_statement_info *db_statement(enum statement st);
/* Prepares it and compares parameter count, column count and column types with the catalogue; the reason on failure. */
enum rc db_statement_check(struct db *db, enum statement st, struct arena *a, const char **reason) MUST_USE;

#endif
