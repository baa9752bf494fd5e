/* Statements sent ahead of their answers, so that a transaction waits for the server twice rather than at each of them.
 *
 * The server does them one after the other, whatever became of the one before. In a transaction that began with START TRANSACTION a
 * deadlock would end it, and what came behind would be committed by itself. So autocommit is off while a transaction runs: whatever is
 * done after a failure is rolled back with the rest. That it is off is known before the first write is sent; only a SELECT may go with
 * the switch. COMMIT is sent when all before it has succeeded, and the switch back with the next statement outside a transaction. */
#include "db_conn.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdlib.h>

/* The connector's own execution sends and waits; these are the two halves of it. */
enum rc pipe_send(struct db *db, enum statement st, MYSQL_STMT *m) {
    size_t n;
    enum rc rc = db->sent_count == SENT_MAX || (db->switching && !db_statement(st)->row) ? pipe_answers(db) : RC_OK;
    if (rc != RC_OK) return rc;
    if (!db_may_wait(db)) return RC_UNAVAILABLE;
    unsigned char *request = db->mysql->methods->db_execute_generate_request(m, &n, 0);
    if (!request) return db_error(db, CR_OUT_OF_MEMORY, "no memory for the parameters", db_statement(st)->name);
    int failed = db->mysql->methods->db_command(db->mysql, COM_STMT_EXECUTE, (char *)request, n, 1, m);
    free(request);
    if (failed) return db_error(db, mysql_errno(db->mysql), mysql_error(db->mysql), db_statement(st)->name);
    db->sent[db->sent_count++] = st;
    return RC_OK;
}

enum rc pipe_switch(struct db *db, bool by_hand) {
    static const char *const texts[] = {"SET autocommit=1", "SET autocommit=0"};
    if (db->by_hand == by_hand) return RC_OK;
    enum rc rc = pipe_answers(db);
    if (rc == RC_OK && !db_may_wait(db)) rc = RC_UNAVAILABLE;
    if (rc != RC_OK) return rc;
    if (mysql_send_query(db->mysql, texts[by_hand], strlen(texts[by_hand])))
        return db_error(db, mysql_errno(db->mysql), mysql_error(db->mysql), texts[by_hand]);
    db->by_hand = by_hand;
    db->switching = true;
    db->sent[db->sent_count++] = ST__MAX;
    return RC_OK;
}

/* tell: it is the first failure. A switch that fails leaves nobody knowing, and a statement that the server forgot is prepared anew
 * with all others: both end the connection. */
static enum rc read_answer(struct db *db, enum statement st, bool tell) {
    MYSQL_STMT *m = st == ST__MAX ? NULL : db->statements[st];
    if (m ? !db->mysql->methods->db_read_execute_response(m) : !mysql_read_query_result(db->mysql)) return RC_OK;
    unsigned number = m ? mysql_stmt_errno(m) : mysql_errno(db->mysql);
    if (!tell && number < CR_MIN_ERROR) return RC_UNAVAILABLE;
    enum rc rc = db_error(db, number, m ? mysql_stmt_error(m) : mysql_error(db->mysql),
                          m ? db_statement(st)->name : "autocommit");
    db->failed = st;
    if (m && number != ER_UNKNOWN_STMT_HANDLER && number != ER_NEED_REPREPARE) return rc;
    db->broken = true;
    return RC_UNAVAILABLE;
}

enum rc pipe_answers(struct db *db) {
    enum rc first = RC_OK;
    if (db->sent_count && !db_may_wait(db)) {
        db->broken = true;
        return RC_UNAVAILABLE;
    }
    for (int i = 0; i < db->sent_count && !db->broken; i++) {
        enum rc rc = read_answer(db, db->sent[i], first == RC_OK);
        if (first == RC_OK) first = rc;
    }
    db->sent_count = 0;
    db->switching = false;
    return first;
}

enum rc pipe_execute(struct db *db, enum statement st, MYSQL_STMT *m) {
    enum rc rc = pipe_send(db, st, m);
    if (rc != RC_OK) return rc;
    db->sent_count--;
    rc = pipe_answers(db);
    if (db->broken) return rc;
    if (rc == RC_OK) return read_answer(db, st, true);
    /* Its own answer is read all the same, so that the connection stays in step. */
    if (read_answer(db, st, false) == RC_OK) mysql_stmt_free_result(m);
    return rc;
}
