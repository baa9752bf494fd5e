/* Prepared statements: the catalogue, typed binds, and rows fetched by descriptor into the arena. */
#include "db_conn.h"

#include "base/log.h"
#include "base/timefmt.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdio.h>

/* A text column up to this length arrives without a second call; longer ones are fetched by their length. */
enum { ROWS_FIRST = 24 };

static const struct db_statement_info catalogue[] = {
#define NO_ROW NULL
#define R(name) &row_type_##name
#define STATEMENT(name, params, row, sql) {#name, params, sql, row},
#include "statements.def"
#undef STATEMENT
};

const struct db_statement_info *db_statement(enum statement st) { return &catalogue[st]; }

/* ---- time ---- */

static void time_to_mysql(int64_t us, MYSQL_TIME *t) {
    int64_t seconds = us / SECOND_US, fraction = us % SECOND_US;
    if (fraction < 0) {
        fraction += SECOND_US;
        seconds--;
    }
    int64_t days = seconds / DAY_S, rest = seconds % DAY_S;
    if (rest < 0) {
        rest += DAY_S;
        days--;
    }
    int year, month, day;
    date_from_days((int32_t)days, &year, &month, &day);
    *t = (MYSQL_TIME){.year = (unsigned)year,
                      .month = (unsigned)month,
                      .day = (unsigned)day,
                      .hour = (unsigned)(rest / 3600),
                      .minute = (unsigned)(rest / 60 % 60),
                      .second = (unsigned)(rest % 60),
                      .second_part = (unsigned long)fraction,
                      .time_type = MYSQL_TIMESTAMP_DATETIME};
}

static int64_t time_from_mysql(const MYSQL_TIME *t) {
    if (t->year == 0) return 0;
    int64_t days = date_to_days((int)t->year, (int)t->month, (int)t->day);
    int64_t seconds = days * DAY_S + (int64_t)t->hour * 3600 + (int64_t)t->minute * 60 + (int64_t)t->second;
    return seconds * SECOND_US + (int64_t)t->second_part;
}

/* ---- prepare ---- */

enum { TOO_MANY_PREPARED = 1461 };

enum rc db_make(struct db *db, struct str sql, const char *what, MYSQL_STMT **out) {
    MYSQL_STMT *m = mysql_stmt_init(db->mysql);
    if (!m) return RC_INTERNAL;
    int failed = mysql_stmt_prepare(m, sql.p, sql.n);
    if (failed && mysql_stmt_errno(m) == TOO_MANY_PREPARED) {
        log_event(LOG_WARN, "database", "%s: max_prepared_stmt_count is reached; this connection begins anew", what);
        db_forget_all(db);
        failed = !db_may_wait(db) || mysql_stmt_prepare(m, sql.p, sql.n);
    }
    if (failed) {
        enum rc rc = db_error(db, mysql_stmt_errno(m), mysql_stmt_error(m), what);
        mysql_stmt_close(m);
        return rc;
    }
    *out = m;
    return db_may_wait(db) ? RC_OK : RC_UNAVAILABLE;
}

static enum rc statement_error(struct db *db, MYSQL_STMT *m, enum statement st) {
    db->failed = st;
    return db_error(db, mysql_stmt_errno(m), mysql_stmt_error(m), catalogue[st].name);
}

enum rc db_prepare(struct db *db, enum statement st, MYSQL_STMT **out) {
    enum rc rc = db_connect(db);
    if (rc != RC_OK) return rc;
    if (!db->statements[st]) {
        rc = pipe_answers(db); /* whose failure is another statement's */
        if (rc != RC_OK) return rc;
        rc = db_make(db, str_of(catalogue[st].sql), catalogue[st].name, &db->statements[st]);
        if (rc != RC_OK) {
            db->failed = st;
            return rc;
        }
    }
    *out = db->statements[st];
    return RC_OK;
}

/* ---- bind ---- */

static void bind_value(MYSQL_BIND *b, const struct db_value *v, MYSQL_TIME *time) {
    switch (v->type) {
    case 'i':
        b->buffer_type = MYSQL_TYPE_LONGLONG;
        b->buffer = (void *)(uintptr_t)&v->number;
        break;
    case 't':
        time_to_mysql(v->number, time);
        b->buffer_type = MYSQL_TYPE_DATETIME;
        b->buffer = time;
        break;
    case 's':
    case 'b':
        b->buffer_type = v->type == 's' ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
        b->buffer = (void *)(uintptr_t)(v->bytes.p ? v->bytes.p : "");
        b->buffer_length = v->bytes.n;
        break;
    default: b->buffer_type = MYSQL_TYPE_NULL; break;
    }
}

/* A catalogue row names each parameter's type in lower case; a NULL fits all. */
static bool types_fit(enum statement st, const struct db_value *values, size_t n) {
    const char *want = catalogue[st].params;
    bool fit = strlen(want) == n && n <= PARAMS_MAX;
    for (size_t i = 0; fit && i < n; i++) fit = !values[i].type || values[i].type == want[i];
    if (!fit) log_event(LOG_ERROR, "database", "%s: wrong parameters", catalogue[st].name);
    return fit;
}

bool db_bind(MYSQL_STMT *m, const struct db_value *values, size_t n, struct params *p) {
    memset(p->binds, 0, sizeof *p->binds * n);
    for (size_t i = 0; i < n; i++) bind_value(&p->binds[i], &values[i], &p->times[i]);
    return n == 0 || !mysql_stmt_bind_param(m, p->binds);
}

/* In the mode that it needs, prepared and bound. */
static enum rc make_ready(struct db *db, enum statement st, const struct db_value *values, size_t n, struct params *p,
                          MYSQL_STMT **out) {
    enum rc rc = db_prepare(db, st, out);
    if (rc == RC_OK) rc = pipe_switch(db, db->in_tx);
    if (rc == RC_OK && !db_bind(*out, values, n, p)) rc = statement_error(db, *out, st);
    return rc;
}

enum rc db_send(struct db *db, enum statement st, const struct db_value *values, size_t n) {
    struct params p;
    MYSQL_STMT *m;
    enum rc rc = make_ready(db, st, values, n, &p, &m);
    return rc == RC_OK ? pipe_send(db, st, m) : rc;
}

static enum rc execute_once(struct db *db, enum statement st, const struct db_value *values, size_t n,
                            MYSQL_STMT **out) {
    struct params p;
    enum rc rc = block_release(db);
    if (rc == RC_OK) rc = make_ready(db, st, values, n, &p, out);
    if (rc != RC_OK) return rc;
    if (db->sent_count) return pipe_execute(db, st, *out);
    return mysql_stmt_execute(*out) ? statement_error(db, *out, st) : RC_OK;
}

/* Outside a transaction, a connection that was found dead is opened again and the statement repeated, once, when it
 * is a read or never reached the server; a prepared statement that the server forgot is prepared once more, unless it went behind
 * others, which may have failed. */
static enum rc execute(struct db *db, enum statement st, const struct db_value *values, size_t n, MYSQL_STMT **out) {
    if (!types_fit(st, values, n)) return RC_INTERNAL;
    bool fresh = db->mysql == NULL || db->broken, behind = db->sent_count > 0 || db->held.count > 0;
    enum rc rc = execute_once(db, st, values, n, out);
    if (rc == RC_OK) return rc;
    if (!db->broken && !behind && db->mysql && db->statements[st]) {
        unsigned number = mysql_stmt_errno(db->statements[st]);
        if (number == ER_UNKNOWN_STMT_HANDLER || number == ER_NEED_REPREPARE) {
            db_forget(db, st);
            return execute_once(db, st, values, n, out);
        }
    }
    if (db->broken && !fresh && !db->in_tx && catalogue[st].row) return execute_once(db, st, values, n, out);
    return rc;
}

enum rc db_run(struct db *db, enum statement st, const struct db_value *values, size_t n, int64_t *affected) {
    MYSQL_STMT *m;
    enum rc rc = execute(db, st, values, n, &m);
    if (rc == RC_OK && affected) *affected = (int64_t)mysql_stmt_affected_rows(m);
    return rc;
}

enum rc db_later(struct db *db, enum statement st, const struct db_value *values, size_t n) {
    if (!db->in_tx) return db_run(db, st, values, n, NULL);
    return types_fit(st, values, n) ? block_hold(db, st, values, n) : RC_INTERNAL;
}

/* ---- fetch ---- */

struct fetch {
    MYSQL_BIND bind[COLUMNS_MAX];
    union {
        long long number;
        MYSQL_TIME time;
        uint8_t bytes[32];
    } value[COLUMNS_MAX];
    unsigned long length[COLUMNS_MAX];
    my_bool null[COLUMNS_MAX], truncated[COLUMNS_MAX];
};

static void bind_columns(struct db *db, const struct db_row_type *t, struct fetch *f) {
    memset(f->bind, 0, sizeof *f->bind * t->count);
    for (size_t i = 0; i < t->count; i++) {
        MYSQL_BIND *b = &f->bind[i];
        b->length = &f->length[i];
        b->is_null = &f->null[i];
        b->error = &f->truncated[i];
        b->buffer = &f->value[i];
        switch (t->columns[i].type) {
        case DB_INT: b->buffer_type = MYSQL_TYPE_LONGLONG; break;
        case DB_TIME: b->buffer_type = MYSQL_TYPE_DATETIME; break;
        case DB_ID:
        case DB_HASH:
            b->buffer_type = MYSQL_TYPE_BLOB;
            b->buffer_length = t->columns[i].type == DB_ID ? 16 : 32;
            break;
        case DB_TEXT:
            b->buffer_type = MYSQL_TYPE_BLOB;
            b->buffer = db->scratch + i * TEXT_SCRATCH;
            b->buffer_length = TEXT_SCRATCH;
            break;
        }
    }
}

static enum rc store_text(struct db *db, MYSQL_STMT *m, struct fetch *f, size_t i, struct arena *a, struct str *out) {
    size_t n = f->length[i];
    char *p = arena_alloc(a, n + 1);
    if (!p) return RC_INTERNAL;
    if (n <= TEXT_SCRATCH) {
        memcpy(p, db->scratch + i * TEXT_SCRATCH, n);
    } else {
        MYSQL_BIND b = {.buffer_type = MYSQL_TYPE_BLOB,
                        .buffer = p,
                        .buffer_length = n,
                        .length = &f->length[i],
                        .is_null = &f->null[i],
                        .error = &f->truncated[i]};
        if (mysql_stmt_fetch_column(m, &b, (unsigned)i, 0)) return RC_INTERNAL;
    }
    *out = (struct str){p, n};
    return RC_OK;
}

/* A NULL leaves the earlier row's value in the buffer, so it is looked at first. */
static enum rc store_row(struct db *db, MYSQL_STMT *m, const struct db_row_type *t, struct fetch *f, struct arena *a,
                         char *row) {
    for (size_t i = 0; i < t->count; i++) {
        char *at = row + t->columns[i].offset;
        if (f->null[i]) continue;
        switch (t->columns[i].type) {
        case DB_INT: memcpy(at, &f->value[i].number, sizeof(int64_t)); break;
        case DB_TIME: {
            int64_t us = time_from_mysql(&f->value[i].time);
            memcpy(at, &us, sizeof us);
            break;
        }
        case DB_ID: memcpy(at, f->value[i].bytes, 16); break;
        case DB_HASH: memcpy(at, f->value[i].bytes, 32); break;
        case DB_TEXT: {
            struct str text;
            enum rc rc = store_text(db, m, f, i, a, &text);
            if (rc != RC_OK) return rc;
            memcpy(at, &text, sizeof text);
            break;
        }
        }
    }
    return RC_OK;
}

struct row_list {
    char *rows;
    size_t n, cap;
};

static char *next_row(struct row_list *l, const struct db_row_type *t, struct arena *a) {
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : ROWS_FIRST;
        char *grown = arena_array(a, cap, t->size);
        if (!grown) return NULL;
        if (l->n) memcpy(grown, l->rows, l->n * t->size);
        l->rows = grown;
        l->cap = cap;
    }
    return l->rows + l->n++ * t->size;
}

static enum rc fetch_all(struct db *db, MYSQL_STMT *m, enum statement st, struct arena *a, struct row_list *l) {
    const struct db_row_type *t = catalogue[st].row;
    struct fetch f;
    bind_columns(db, t, &f);
    if (mysql_stmt_field_count(m) != t->count) {
        log_event(LOG_ERROR, "database", "%s: %u columns where %zu are described", catalogue[st].name,
                  mysql_stmt_field_count(m), t->count);
        return RC_INTERNAL;
    }
    if (mysql_stmt_bind_result(m, f.bind)) return statement_error(db, m, st);
    for (;;) {
        int got = mysql_stmt_fetch(m);
        if (got == MYSQL_NO_DATA) return RC_OK;
        if (got == 1) return statement_error(db, m, st);
        char *row = next_row(l, t, a);
        enum rc rc = row ? store_row(db, m, t, &f, a, row) : RC_INTERNAL;
        if (rc != RC_OK) return rc;
    }
}

enum rc db_rows(struct db *db, enum statement st, const struct db_value *values, size_t n, struct arena *a, void *rows,
                size_t *count) {
    MYSQL_STMT *m;
    struct row_list l = {0};
    enum rc rc = execute(db, st, values, n, &m);
    if (rc == RC_OK) {
        rc = fetch_all(db, m, st, a, &l);
        if (!db->broken) mysql_stmt_free_result(m); /* reads what is left, so that the connection stays in step */
    }
    *(void **)rows = l.rows;
    *count = rc == RC_OK ? l.n : 0;
    return rc;
}

enum rc db_row(struct db *db, enum statement st, const struct db_value *values, size_t n, struct arena *a, void *row) {
    size_t count;
    enum rc rc = db_rows(db, st, values, n, a, row, &count);
    if (rc == RC_OK && count == 0) *(void **)row = NULL;
    return rc;
}

/* ---- plain text: migrations and status only ---- */

static enum rc connect_for_text(struct db *db) {
    enum rc rc = db_connect(db);
    if (rc == RC_OK) rc = pipe_switch(db, false);
    return rc == RC_OK ? pipe_answers(db) : rc;
}

enum rc db_execute_text(struct db *db, struct str sql, struct arena *a, const char **error) {
    *error = NULL;
    enum rc rc = connect_for_text(db);
    if (rc != RC_OK) return rc;
    if (mysql_real_query(db->mysql, sql.p, sql.n) == 0) {
        MYSQL_RES *res = mysql_store_result(db->mysql);
        if (res) mysql_free_result(res);
        return RC_OK;
    }
    *error = arena_dup(a, str_of(mysql_error(db->mysql)));
    return db_error(db, mysql_errno(db->mysql), mysql_error(db->mysql), "text");
}

static enum rc copy_cells(MYSQL_RES *res, struct arena *a, struct str ***cells, size_t *rows, size_t *columns) {
    *rows = (size_t)mysql_num_rows(res);
    *columns = mysql_num_fields(res);
    struct str **table = arena_array(a, *rows ? *rows : 1, sizeof *table);
    if (!table) return RC_INTERNAL;
    for (size_t i = 0; i < *rows; i++) {
        MYSQL_ROW row = mysql_fetch_row(res);
        unsigned long *lengths = mysql_fetch_lengths(res);
        table[i] = arena_array(a, *columns, sizeof **table);
        if (!table[i] || !row || !lengths) return RC_INTERNAL;
        for (size_t k = 0; k < *columns; k++)
            if (row[k]) table[i][k] = arena_str(a, (struct str){row[k], lengths[k]});
    }
    *cells = table;
    return RC_OK;
}

enum rc db_query_text(struct db *db, struct str sql, struct arena *a, struct str ***cells, size_t *rows,
                      size_t *columns) {
    *rows = *columns = 0;
    enum rc rc = connect_for_text(db);
    if (rc != RC_OK) return rc;
    if (mysql_real_query(db->mysql, sql.p, sql.n))
        return db_error(db, mysql_errno(db->mysql), mysql_error(db->mysql), "text");
    MYSQL_RES *res = mysql_store_result(db->mysql);
    if (!res) return RC_OK;
    rc = copy_cells(res, a, cells, rows, columns);
    mysql_free_result(res);
    return rc;
}

/* ---- for the catalogue's test ---- */

static bool column_fits(enum db_column_type want, const MYSQL_FIELD *f) {
    switch (want) {
    case DB_INT:
        return f->type == MYSQL_TYPE_TINY || f->type == MYSQL_TYPE_SHORT || f->type == MYSQL_TYPE_LONG ||
               f->type == MYSQL_TYPE_LONGLONG || f->type == MYSQL_TYPE_INT24 || f->type == MYSQL_TYPE_NEWDECIMAL;
    case DB_TIME: return f->type == MYSQL_TYPE_DATETIME || f->type == MYSQL_TYPE_DATE;
    case DB_ID: return f->type == MYSQL_TYPE_STRING && f->length == 16;
    case DB_HASH: return f->type == MYSQL_TYPE_STRING && (f->length == 32 || f->length == 64);
    case DB_TEXT:
        return f->type == MYSQL_TYPE_STRING || f->type == MYSQL_TYPE_VAR_STRING || f->type == MYSQL_TYPE_BLOB ||
               f->type == MYSQL_TYPE_MEDIUM_BLOB;
    }
    return false;
}

static const char *check_columns(MYSQL_STMT *m, const struct db_row_type *t, struct arena *a) {
    unsigned columns = mysql_stmt_field_count(m);
    if (!t) return columns ? "returns rows but describes none" : NULL;
    if (columns != t->count) return arena_printf(a, "%u columns where %zu are described", columns, t->count);
    MYSQL_RES *meta = mysql_stmt_result_metadata(m);
    if (!meta) return "no metadata";
    const char *fault = NULL;
    MYSQL_FIELD *fields = mysql_fetch_fields(meta);
    for (unsigned i = 0; i < columns && !fault; i++)
        if (!column_fits(t->columns[i].type, &fields[i]))
            fault = arena_printf(a, "column %u (%s) does not fit %s: type %d, length %lu", i, fields[i].name,
                                 t->columns[i].name, (int)fields[i].type, fields[i].length);
    mysql_free_result(meta);
    return fault;
}

enum rc db_statement_check(struct db *db, enum statement st, struct arena *a, const char **reason) {
    MYSQL_STMT *m;
    *reason = NULL;
    enum rc rc = db_prepare(db, st, &m);
    if (rc != RC_OK) {
        *reason = db->mysql ? arena_dup(a, str_of(mysql_error(db->mysql))) : "no connection";
        return rc;
    }
    size_t want = strlen(catalogue[st].params);
    if (mysql_stmt_param_count(m) != want)
        *reason = arena_printf(a, "%lu parameters where %zu are described", mysql_stmt_param_count(m), want);
    if (!*reason) *reason = check_columns(m, catalogue[st].row, a);
    return *reason ? RC_INVALID : RC_OK;
}
