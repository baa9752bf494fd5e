/* The end of a transaction as one statement: the writes that nobody waits for and COMMIT, in a block that the server does from top to
 * bottom and leaves at the first failure, so before COMMIT. What costs most of a short write is not the row but the statement: to be
 * sent, read, begun and answered, and two threads to be woken. MySQL has no blocks outside of procedures: there, and where a write is
 * waited for, they go one after the other (pipeline.c). */
#include "db_conn.h"

#include "base/buf.h"

#include <errmsg.h>
#include <errno.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <sys/socket.h>

enum { BLOCK_SQL_MAX = 32000 };

/* ---- held back ---- */

static bool fits(const struct db *db, size_t n, size_t bytes) {
    const struct held *h = &db->held;
    return h->count < HELD_MAX && h->value_count + n <= PARAMS_MAX && h->texts.used + bytes <= HELD_TEXTS_MAX / 2;
}

static bool copy_value(struct held *h, const struct db_value *v) {
    struct db_value *copy = &h->values[h->value_count++];
    *copy = *v;
    if (v->bytes.p) copy->bytes = arena_str(&h->texts, v->bytes);
    return !v->bytes.p || copy->bytes.p;
}

enum rc block_hold(struct db *db, enum statement st, const struct db_value *values, size_t n) {
    struct held *h = &db->held;
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) bytes += values[i].bytes.n;
    if (!fits(db, n, bytes)) {
        enum rc rc = block_release(db);
        if (rc != RC_OK || !fits(db, n, bytes)) return rc == RC_OK ? db_send(db, st, values, n) : rc;
    }
    h->statements[h->count] = st;
    h->first[h->count++] = h->value_count;
    for (size_t i = 0; i < n; i++)
        if (!copy_value(h, &values[i])) return RC_INTERNAL;
    return RC_OK;
}

void block_drop(struct db *db) {
    db->held.count = 0;
    db->held.value_count = 0;
    arena_reset(&db->held.texts);
}

enum rc block_release(struct db *db) {
    struct held *h = &db->held;
    if (!h->count) return RC_OK;
    enum rc rc = RC_OK;
    for (int i = 0; rc == RC_OK && i < h->count; i++) {
        size_t end = i + 1 < h->count ? h->first[i + 1] : h->value_count;
        rc = db_send(db, h->statements[i], h->values + h->first[i], end - h->first[i]);
    }
    block_drop(db);
    return rc;
}

/* ---- prepared ---- */

/* The handler puts the number of the write that failed before the server's words, of which it may repeat but a part. */
static bool write_sql(struct buf *sql, const struct block *b) {
    buf_add_z(
        sql,
        "BEGIN NOT ATOMIC DECLARE block_step INT DEFAULT 0; DECLARE block_words TEXT; "
        "DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN GET DIAGNOSTICS CONDITION 1 block_words = MESSAGE_TEXT; "
        "SET block_words = CONCAT(block_step, ' ', LEFT(block_words, 100)); RESIGNAL SET MESSAGE_TEXT = block_words; END; ");
    if (b->begins) buf_add_z(sql, "START TRANSACTION; ");
    for (int i = 0; i < b->count; i++) {
        if (i) buf_printf(sql, "SET block_step = %d; ", i);
        buf_printf(sql, "%s; ", db_statement(b->statements[i])->sql);
    }
    return buf_add_z(sql, "COMMIT; END");
}

static bool same(const struct block *b, const struct held *h, bool begins) {
    return b->prepared && b->begins == begins && b->count == h->count &&
           memcmp(b->statements, h->statements, (size_t)h->count * sizeof *h->statements) == 0;
}

void block_forget(struct block *b) {
    if (b->prepared) mysql_stmt_close(b->prepared);
    *b = (struct block){0};
}

static enum rc prepare(struct db *db, struct block *b) {
    char text[BLOCK_SQL_MAX];
    struct buf sql;
    buf_fixed(&sql, text, sizeof text);
    if (!write_sql(&sql, b)) return RC_INTERNAL;
    return db_make(db, buf_str(&sql), "block", &b->prepared);
}

/* The block of what is held; when there are BLOCKS_MAX others, in place of the one that wasn't needed for longest. */
static enum rc find(struct db *db, struct block **out) {
    const struct held *h = &db->held;
    bool begins = !db->by_hand;
    struct block *oldest = &db->blocks[0];
    for (int i = 0; i < BLOCKS_MAX; i++) {
        *out = &db->blocks[i];
        if (same(*out, h, begins)) return RC_OK;
        if ((*out)->used < oldest->used) oldest = *out;
    }
    block_forget(oldest);
    oldest->begins = begins;
    oldest->count = h->count;
    memcpy(oldest->statements, h->statements, sizeof h->statements);
    *out = oldest;
    return prepare(db, oldest);
}

/* ---- done ---- */

/* Nobody knows what became of a COMMIT on a connection that is lost; one that the server has closed before, it never had. */
static bool was_closed(const struct db *db) {
    char byte;
    ssize_t got = recv(mysql_get_socket(db->mysql), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

static enum rc failure(struct db *db, struct block *b) {
    unsigned number = mysql_stmt_errno(b->prepared);
    const char *words = mysql_stmt_error(b->prepared);
    const char *name = "block";
    if (number == ER_UNKNOWN_STMT_HANDLER || number == ER_NEED_REPREPARE) {
        block_forget(b);
        db->retryable = true;
        return RC_UNAVAILABLE;
    }
    if (words[0] >= '0' && words[0] < '0' + b->count && words[1] == ' ') {
        db->failed = b->statements[words[0] - '0'];
        name = db_statement(db->failed)->name;
        words += 2;
    }
    enum rc rc = db_error(db, number, words, name);
    return db->broken ? RC_UNCERTAIN : rc;
}

enum rc block_commit(struct db *db) {
    struct block *b;
    enum rc rc = pipe_answers(db);
    if (rc == RC_OK) rc = find(db, &b);
    if (rc == RC_OK && !db_may_wait(db)) rc = RC_UNAVAILABLE;
    if (rc != RC_OK) return rc;
    if (was_closed(db)) return db_error(db, CR_SERVER_GONE_ERROR, "the server has closed it", "block");
    b->used = ++db->blocks_used;
    db->begun = b->begins;
    struct params p;
    if (!db_bind(b->prepared, db->held.values, db->held.value_count, &p)) return RC_INTERNAL;
    return mysql_stmt_execute(b->prepared) ? failure(db, b) : RC_OK;
}
