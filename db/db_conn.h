/* Inside db/ only: the connection and its prepared statements. */
#ifndef MINHU_DB_CONN_H
#define MINHU_DB_CONN_H

#include "db.h"

#include <mysql.h>

/* Of a result; and what a text column may hold that needs no second look. */
enum { COLUMNS_MAX = 128, TEXT_SCRATCH = 1000 };
/* Statements that may be on their way at once: their answers fit the server's buffer, so that neither waits for the other to read. */
enum { SENT_MAX = 32 };
/* Of a statement, or of a block of several. */
enum { PARAMS_MAX = 256 };
/* Of the writes that wait for COMMIT, and how many kinds of such ends are kept prepared. */
enum { HELD_MAX = 6, HELD_TEXTS_MAX = 1 << 18, BLOCKS_MAX = DB_PREPARED_MAX - ST__MAX };

/* Copies of them, in their order: the values of the i-th begin at first[i]. */
struct held {
    enum statement statements[HELD_MAX];
    size_t first[HELD_MAX];
    int count;
    struct db_value values[PARAMS_MAX];
    size_t value_count;
    struct arena texts;
};

/* Writes and COMMIT as one prepared statement. */
struct block {
    enum statement statements[HELD_MAX];
    int count;
    bool begins;   /* … and START TRANSACTION before them */
    uint64_t used; /* when last, in uses; 0: never */
    MYSQL_STMT *prepared;
};

struct db {
    const struct db_config *config;
    MYSQL *mysql; /* NULL: not connected */
    MYSQL_STMT *statements[ST__MAX];
    bool in_tx, broken, connected_before;
    bool by_hand; /* autocommit is off, or its switching off is on its way: what is written waits for a COMMIT */
    enum statement sent[SENT_MAX]; /* whose answers aren't read yet, in their order; ST__MAX: a switch of autocommit */
    int sent_count;
    bool switching; /* … and one of them is such a switch */
    bool retryable; /* the transaction under way failed in a way that a repeat may mend */
    bool lock_timed_out;
    enum statement failed; /* … at which statement first; ST__MAX: none */
    int64_t made_us;       /* monotonic, as all here: when the connection was made */
    int64_t deadline_us;   /* no answer is waited for any longer; 0: no deadline */
    int64_t until_us;      /* … and the present wait ends then */
    char *scratch;         /* TEXT_SCRATCH for each of COLUMNS_MAX columns */
    struct held held;
    struct block blocks[BLOCKS_MAX];
    uint64_t blocks_used;
    bool knows_blocks; /* the server is MariaDB */
    bool begun;        /* by a block, which may have been left in the middle */
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
/* The prepared statement, made on first use; what is on its way is answered then. */
enum rc db_prepare(struct db *db, enum statement st, MYSQL_STMT **out) MUST_USE;
/* A statement of the server's, to be closed by the caller, while nothing is on its way. A server that has no room for another gets
 * back all that this connection keeps. */
enum rc db_make(struct db *db, struct str sql, const char *what, MYSQL_STMT **out) MUST_USE;
void db_forget(struct db *db, enum statement st);
void db_forget_all(struct db *db);
/* What a statement was given, in the library's form: to last until it was sent, as must the values. */
struct params {
    MYSQL_BIND binds[PARAMS_MAX];
    MYSQL_TIME times[PARAMS_MAX];
};
bool db_bind(MYSQL_STMT *m, const struct db_value *values, size_t n, struct params *p) MUST_USE;
/* Sends a statement of a transaction ahead of its answer. */
enum rc db_send(struct db *db, enum statement st, const struct db_value *values, size_t n) MUST_USE;
/* block.c: holds a write back until the transaction ends or waits for something. */
enum rc block_hold(struct db *db, enum statement st, const struct db_value *values, size_t n) MUST_USE;
/* Sends what is held, one after the other. */
enum rc block_release(struct db *db) MUST_USE;
/* What is held, and COMMIT. RC_UNCERTAIN when the connection was lost meanwhile. */
enum rc block_commit(struct db *db) MUST_USE;
void block_drop(struct db *db);
void block_forget(struct block *b);
/* pipeline.c: sends without waiting for the answer, which pipe_answers reads. */
enum rc pipe_send(struct db *db, enum statement st, MYSQL_STMT *m) MUST_USE;
/* Switches autocommit off for a transaction or on for what is outside of one, unless it is so already. */
enum rc pipe_switch(struct db *db, bool by_hand) MUST_USE;
/* Reads all answers that are due; the first failure, those after it being but its consequence. */
enum rc pipe_answers(struct db *db) MUST_USE;
/* Sends m behind what is on its way and reads all answers, its own too; RC_OK when none of them failed: its result can be fetched then. */
enum rc pipe_execute(struct db *db, enum statement st, MYSQL_STMT *m) MUST_USE;

#endif
