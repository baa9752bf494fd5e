/* INSERT and UPDATE statements of the catalogue as lines of files. */
#include "rows.h"

#include "base/timefmt.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { CELLS_MAX = 160, NAMES_MAX = 2000, FILES_MAX = 16, FILE_BUFFER = 1 << 20 };

/* One file, for one table and list of columns. */
struct file {
    char table[40], columns[NAMES_MAX];
    FILE *f;
};

/* A statement taken apart, once. INSERT: width columns, height rows of cells, each a parameter (p NULL) or a literal. */
struct plan {
    bool ready;
    char table[40];
    struct str columns[CELLS_MAX], cells[CELLS_MAX];
    size_t width, height;
    struct file *file;
};

struct text {
    char *p;
    size_t n, cap;
};

/* The appeal at hand: its columns as the insert and later updates leave them. */
struct pending {
    struct str names[CELLS_MAX];
    struct text values[CELLS_MAX];
    size_t n;
    bool updated;
};

static struct {
    const char *folder;
    int64_t seq;
    struct file files[FILES_MAX];
    struct plan plans[ST__MAX];
    struct pending appeal;
    const struct row_appeal *at_hand;
    const struct row_post *post;
} rows;

enum rc __real_db_row(struct db *db, enum statement st, const struct db_value *values, size_t n, struct arena *a,
                      void *row);
enum rc __wrap_db_row(struct db *db, enum statement st, const struct db_value *values, size_t n, struct arena *a,
                      void *row);
enum rc __wrap_db_run(struct db *db, enum statement st, const struct db_value *values, size_t n, int64_t *affected);
enum rc __wrap_db_later(struct db *db, enum statement st, const struct db_value *values, size_t n);
enum rc __real_db_rows(struct db *db, enum statement st, const struct db_value *values, size_t n, struct arena *a,
                       void *row, size_t *count);
enum rc __wrap_db_rows(struct db *db, enum statement st, const struct db_value *values, size_t n, struct arena *a,
                       void *row, size_t *count);

static _Noreturn void stop(const char *what, const char *why) {
    fprintf(stderr, "rows: %s: %s\n", what, why);
    exit(EX_SOFTWARE);
}

/* ---- text ---- */

static void add(struct text *t, const char *p, size_t n) {
    if (t->n + n > t->cap) {
        t->cap = (t->n + n) * 2 + 64;
        t->p = realloc(t->p, t->cap);
        if (!t->p) stop("memory", "used up");
    }
    memcpy(t->p + t->n, p, n);
    t->n += n;
}

/* As LOAD DATA reads it back, byte by byte. */
static void add_escaped(struct text *t, struct str s) {
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], to = c == '\t' ? 't' : c == '\n' ? 'n' : c == '\\' ? '\\' : c == '\0' ? '0' : 0;
        if (!to) continue;
        add(t, s.p + from, i - from);
        add(t, (char[]){'\\', to}, 2);
        from = i + 1;
    }
    add(t, s.p + from, s.n - from);
}

static void add_time(struct text *t, int64_t us) {
    int64_t seconds = us / SECOND_US, rest = seconds % DAY_S;
    int year, month, day;
    char out[64];
    date_from_days((int32_t)(seconds / DAY_S), &year, &month, &day);
    int n = snprintf(out, sizeof out, "%04d-%02d-%02d %02d:%02d:%02d.%06d", year, month, day, (int)(rest / 3600),
                     (int)(rest / 60 % 60), (int)(rest % 60), (int)(us % SECOND_US));
    add(t, out, (size_t)n);
}

static void add_value(struct text *t, const struct db_value *v) {
    char out[32];
    switch (v->type) {
    case 'i': add(t, out, (size_t)snprintf(out, sizeof out, "%lld", (long long)v->number)); break;
    case 't': add_time(t, v->number); break;
    case 's':
    case 'b': add_escaped(t, v->bytes); break;
    default: add(t, "\\N", 2); break;
    }
}

/* ---- statements taken apart ---- */

static size_t until(const char *p, const char *stops) { return strcspn(p, stops); }

/* "INSERT INTO t (a,b) VALUES (?,1),(?,?)…": what is after the rows doesn't matter for rows that are new. */
static void plan_insert(struct plan *plan, const char *sql) {
    const char *p = sql + strlen("INSERT INTO ");
    size_t n = until(p, " ");
    snprintf(plan->table, sizeof plan->table, "%.*s", (int)n, p);
    p += n + 2;
    for (;; p++) {
        n = until(p, ",)");
        plan->columns[plan->width++] = (struct str){p, n};
        p += n;
        if (*p == ')') break;
    }
    p = strstr(p, "VALUES ");
    if (!p) stop(sql, "an INSERT without VALUES");
    size_t cell = 0;
    for (p += strlen("VALUES "); *p == '('; p += p[1] == ',' ? 2 : 1) {
        do {
            p++;
            n = until(p, ",)");
            plan->cells[cell++] = *p == '?' ? (struct str){0} : (struct str){p, n};
            p += n;
        } while (*p == ',');
        plan->height++;
        if (p[1] != ',') break;
    }
    if (cell != plan->width * plan->height) stop(sql, "its rows have another number of cells than it has columns");
}

/* "UPDATE t SET a=?,b=? WHERE …" */
static void plan_update(struct plan *plan, const char *sql) {
    const char *p = strstr(sql, " SET ");
    if (!p) stop(sql, "neither INSERT nor UPDATE");
    for (p += strlen(" SET ");; p++) {
        size_t n = until(p, "=");
        plan->columns[plan->width++] = (struct str){p, n};
        p += n + 2;
        if (*p != ',') break;
    }
}

static struct plan *plan_of(enum statement st) {
    struct plan *plan = &rows.plans[st];
    const char *sql = db_statement(st)->sql;
    if (plan->ready) return plan;
    if (strncmp(sql, "INSERT INTO ", 12) == 0) plan_insert(plan, sql);
    else plan_update(plan, sql);
    plan->ready = true;
    return plan;
}

/* ---- files ---- */

static FILE *create(const char *table, int i, const char *end) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%02d-%s.%s", rows.folder, i, table, end);
    FILE *f = fopen(path, "we");
    if (!f) stop(path, "can't be written");
    setvbuf(f, NULL, _IOFBF, FILE_BUFFER);
    return f;
}

static void close_file(FILE *f, const char *name) {
    if (fflush(f) || ferror(f) || fclose(f)) stop(name, "could not be written");
}

static struct file *file_for(const char *table, const char *columns) {
    int i = 0;
    for (; i < FILES_MAX && rows.files[i].f; i++)
        if (strcmp(rows.files[i].table, table) == 0 && strcmp(rows.files[i].columns, columns) == 0)
            return &rows.files[i];
    if (i == FILES_MAX) stop(table, "too many files");
    struct file *file = &rows.files[i];
    snprintf(file->table, sizeof file->table, "%s", table);
    snprintf(file->columns, sizeof file->columns, "%s", columns);
    file->f = create(table, i, "tsv");
    FILE *sql = create(table, i, "sql");
    fprintf(sql,
            "SET unique_checks=0, foreign_key_checks=0;\n"
            "LOAD DATA INFILE '%s/%02d-%s.tsv' INTO TABLE %s CHARACTER SET binary (%s);\n",
            rows.folder, i, table, table, columns);
    close_file(sql, table);
    return file;
}

static bool is_sequenced(const char *table) {
    return strcmp(table, "appeal_event") == 0 || strcmp(table, "audit_line") == 0;
}

static const char *join(const struct str *columns, size_t n, const char *more) {
    static char out[NAMES_MAX];
    size_t at = 0;
    for (size_t i = 0; i < n && at < sizeof out; i++)
        at += (size_t)snprintf(out + at, sizeof out - at, "%s%.*s", i ? "," : "", (int)columns[i].n, columns[i].p);
    if (at < sizeof out) at += (size_t)snprintf(out + at, sizeof out - at, "%s", more);
    if (at >= sizeof out) stop("columns", "too many");
    return out;
}

static void write_text(struct file *file, const struct text *t) { fwrite(t->p, 1, t->n, file->f); }

static void write_rows(struct plan *plan, const struct db_value *values) {
    static struct text line;
    bool sequenced = is_sequenced(plan->table);
    if (!plan->file) plan->file = file_for(plan->table, join(plan->columns, plan->width, sequenced ? ",seq" : ""));
    for (size_t r = 0; r < plan->height; r++) {
        line.n = 0;
        for (size_t c = 0; c < plan->width; c++) {
            const struct str *cell = &plan->cells[r * plan->width + c];
            if (c) add(&line, "\t", 1);
            if (cell->p) add(&line, cell->p, cell->n);
            else add_value(&line, values++);
        }
        if (sequenced) {
            add(&line, "\t", 1);
            add_value(&line, &(struct db_value){.type = 'i', .number = rows.seq++});
        }
        add(&line, "\n", 1);
        write_text(plan->file, &line);
    }
}

/* ---- the appeal at hand ---- */

static struct text *pending_value(struct str name) {
    struct pending *a = &rows.appeal;
    size_t i = 0;
    while (i < a->n && !str_eq(a->names[i], name)) i++;
    if (i == CELLS_MAX) stop("appeal", "too many columns");
    if (i == a->n) a->names[a->n++] = name;
    a->values[i].n = 0;
    return &a->values[i];
}

static void keep(const struct plan *plan, const struct db_value *values, bool update) {
    rows.appeal.updated = update;
    if (!update) rows.appeal.n = 0;
    for (size_t c = 0; c < plan->width; c++) {
        struct text *t = pending_value(plan->columns[c]);
        if (!update && plan->cells[c].p) add(t, plan->cells[c].p, plan->cells[c].n);
        else add_value(t, values++);
    }
}

void rows_appeal_done(void) {
    static struct file *files[2];
    struct pending *a = &rows.appeal;
    struct file **file = &files[a->updated];
    if (!*file) *file = file_for("appeal", join(a->names, a->n, ""));
    for (size_t i = 0; i < a->n; i++) {
        if (i) fputc('\t', (*file)->f);
        write_text(*file, &a->values[i]);
    }
    fputc('\n', (*file)->f);
}

/* ---- what the acts call ---- */

enum rc __wrap_db_run(struct db *db, enum statement st, const struct db_value *values, size_t n, int64_t *affected) {
    (void)db;
    (void)n;
    if (affected) *affected = 1;
    struct plan *plan = plan_of(st);
    if (st == ST_appeal_insert || st == ST_appeal_update) keep(plan, values, st == ST_appeal_update);
    else if (plan->height) write_rows(plan, values);
    else stop(db_statement(st)->name, "only appeals are updated here");
    return RC_OK;
}

enum rc __wrap_db_later(struct db *db, enum statement st, const struct db_value *values, size_t n) {
    return __wrap_db_run(db, st, values, n, NULL);
}

enum rc __wrap_db_row(struct db *db, enum statement st, const struct db_value *values, size_t n, struct arena *a,
                      void *row) {
    bool post = st == ST_post_in_unit,
         lock = st == ST_appeal_lock || st == ST_appeal_lock_resident || st == ST_appeal_lock_staff;
    if (!post && !lock) return __real_db_row(db, st, values, n, a, row);
    size_t size = post ? sizeof *rows.post : sizeof *rows.at_hand;
    void *copy = arena_alloc(a, size);
    if (copy) memcpy(copy, post ? (const void *)rows.post : (const void *)rows.at_hand, size);
    *(void **)row = copy;
    return copy ? RC_OK : RC_INTERNAL;
}

/* Whoever signs in finds no orders of third parties that would become his: none is there yet. */
enum rc __wrap_db_rows(struct db *db, enum statement st, const struct db_value *values, size_t n, struct arena *a,
                       void *row, size_t *count) {
    if (st != ST_waiting_orders_lock) return __real_db_rows(db, st, values, n, a, row, count);
    *count = 0;
    return RC_OK;
}

/* ---- */

void rows_begin(const char *folder, int64_t seq) {
    rows.folder = folder;
    rows.seq = seq;
}

void rows_at_hand(const struct row_appeal *appeal, const struct row_post *post) {
    rows.at_hand = appeal;
    rows.post = post;
}

int64_t rows_end(void) {
    for (int i = 0; i < FILES_MAX && rows.files[i].f; i++) close_file(rows.files[i].f, rows.files[i].table);
    return rows.seq;
}
