/* Inside db/ only: the connection and its prepared statements. */
#ifndef MINHU_DB_CONN_H
#define MINHU_DB_CONN_H

#include "db.h"

#include <mysql.h>

/* Of a result; and what a text column may hold that needs no second look. */
enum { COLUMNS_MAX = 128, TEXT_SCRATCH = 1000 };

struct db {
    const struct db_config *config;
    MYSQL *mysql; /* NULL: not connected */
    MYSQL_STMT *statements[ST__MAX];
    bool in_tx, broken, connected_before;
    bool retryable; /* the transaction under way failed in a way that a repeat may mend */
    bool lock_timed_out;
    int64_t made_us;     /* monotonic, as all here: when the connection was made */
    int64_t deadline_us; /* no answer is waited for any longer; 0: no deadline */
    int64_t until_us;    /* … and the present wait ends then */
    char *scratch;       /* TEXT_SCRATCH for each of COLUMNS_MAX columns */
};

/* Connects when there is no connection; RC_UNAVAILABLE without trying while the back-off lasts or when no time is left. */
enum rc db_connect(struct db *db) MUST_USE;
/* Drops the connection and its statements; the next use connects again. */
void db_disconnect(struct db *db);
/* Before whatever waits for the server: sets how long it may, up to the deadline. False when no time is left. */
bool db_may_wait(struct db *db) MUST_USE;
/* The rc of a client or server error number; marks the connection broken where it is. Logs what is our fault. */
enum rc db_error(struct db *db, unsigned number, const char *text, const char *what);
/* A deadlock or a lost certification: the same transaction may well pass the next time. */
bool db_is_retryable(unsigned number);
/* The prepared statement, made on first use. */
enum rc db_prepare(struct db *db, enum statement st, MYSQL_STMT **out) MUST_USE;
void db_forget(struct db *db, enum statement st);

#endif
