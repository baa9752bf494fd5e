/* Reading, checking and applying migrations. */
#include "migrate.h"

#include "base/crypto.h"
#include "base/encode.h"
#include "base/num.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static const struct str table_sql = {
    "CREATE TABLE IF NOT EXISTS schema_migration (version INT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL,"
    " checksum CHAR(64) NOT NULL, applied_at DATETIME(6) NOT NULL)"
    " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    sizeof("CREATE TABLE IF NOT EXISTS schema_migration (version INT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL,"
           " checksum CHAR(64) NOT NULL, applied_at DATETIME(6) NOT NULL)"
           " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin") -
        1};

static int by_version(const void *a, const void *b) {
    const struct migration *x = a, *y = b;
    return (x->version > y->version) - (x->version < y->version);
}

static bool read_file(const char *path, struct arena *a, struct str *out) {
    FILE *f = fopen(path, "re");
    if (!f) return false;
    size_t cap = 256 * 1024;
    char *p = arena_alloc(a, cap);
    size_t n = p ? fread(p, 1, cap, f) : 0;
    bool ok = p && !ferror(f) && n < cap;
    fclose(f);
    *out = (struct str){p, n};
    return ok;
}

/* "0001_base.sql": four digits, an underscore, a name. */
static bool version_of(const char *file, int *version) {
    size_t n = strlen(file);
    if (n < 10 || strcmp(file + n - 4, ".sql") != 0 || file[4] != '_') return false;
    *version = 0;
    for (int i = 0; i < 4; i++) {
        if (file[i] < '0' || file[i] > '9') return false;
        *version = *version * 10 + (file[i] - '0');
    }
    return true;
}

static enum rc read_folder(const char *folder, struct arena *a, struct migration *list, size_t *n, const char **error) {
    DIR *dir = opendir(folder);
    if (!dir) {
        *error = arena_printf(a, "cannot open the folder %s", folder);
        return RC_INVALID;
    }
    enum rc rc = RC_OK;
    struct dirent *e;
    while (rc == RC_OK && (e = readdir(dir))) {
        struct migration m = {0};
        if (!version_of(e->d_name, &m.version)) continue;
        char *path = arena_printf(a, "%s/%s", folder, e->d_name);
        m.name = arena_str(a, (struct str){e->d_name, strlen(e->d_name) - 4}).p;
        if (*n == MIGRATIONS_MAX || !path || !m.name || !read_file(path, a, &m.sql) ||
            !sha256(m.sql.p, m.sql.n, m.checksum)) {
            *error = arena_printf(a, "cannot read %s/%s", folder, e->d_name);
            rc = RC_INVALID;
        } else {
            list[(*n)++] = m;
        }
    }
    closedir(dir);
    return rc;
}

static enum rc check_numbers(const struct migration *list, size_t n, struct arena *a, const char **error) {
    for (size_t i = 0; i < n; i++)
        if (list[i].version != (int)i + 1) {
            *error = arena_printf(a, "migration %04zu is missing or there twice", i + 1);
            return RC_INVALID;
        }
    return RC_OK;
}

/* What the database says it has applied. */
static enum rc mark_applied(struct db *db, struct arena *a, struct migration *list, size_t *n) {
    struct str **cells;
    size_t rows, columns;
    enum rc rc = db_query_text(db, STR("SELECT version,name,checksum FROM schema_migration ORDER BY version"), a,
                               &cells, &rows, &columns);
    size_t files = *n;
    for (size_t i = 0; rc == RC_OK && i < rows; i++) {
        int64_t version;
        if (!num_i64(cells[i][0], 1, 9999, &version)) return RC_INTERNAL;
        if ((size_t)version > files) {
            if (*n < MIGRATIONS_MAX)
                list[(*n)++] = (struct migration){
                    .version = (int)version, .name = cells[i][1].p, .status = MIGRATION_UNKNOWN};
            continue;
        }
        char hex[65];
        struct migration *m = &list[version - 1];
        hex_encode(m->checksum, 32, hex);
        m->status = str_is(cells[i][2], hex) ? MIGRATION_APPLIED : MIGRATION_ALTERED;
    }
    return rc;
}

enum rc migrations_read(struct db *db, const char *folder, struct arena *a, struct migration **list, size_t *n,
                        const char **error) {
    *n = 0;
    *error = "no memory";
    *list = arena_array(a, MIGRATIONS_MAX, sizeof **list);
    if (!*list) return RC_INTERNAL;
    enum rc rc = read_folder(folder, a, *list, n, error);
    if (rc != RC_OK) return rc;
    qsort(*list, *n, sizeof **list, by_version);
    rc = check_numbers(*list, *n, a, error);
    if (rc != RC_OK) return rc;
    *error = "the database does not answer";
    const char *sql_error;
    rc = db_execute_text(db, table_sql, a, &sql_error);
    if (sql_error) *error = sql_error;
    return rc == RC_OK ? mark_applied(db, a, *list, n) : rc;
}

/* The next statement of a migration: up to a semicolon at a line's end. Comments are part of it; empty ones are skipped. */
static bool next_statement(struct str *rest, struct str *sql) {
    while (rest->n) {
        const char *end = memmem(rest->p, rest->n, ";\n", 2);
        size_t n = end ? (size_t)(end - rest->p) : rest->n;
        *sql = (struct str){rest->p, n};
        size_t skip = end ? n + 2 : n;
        *rest = (struct str){rest->p + skip, rest->n - skip};
        for (size_t i = 0; i < sql->n; i++)
            if (sql->p[i] > ' ') return true;
    }
    return false;
}

enum rc migration_run(struct db *db, const struct migration *m, struct arena *a, const char **error) {
    struct str rest = m->sql, sql;
    while (next_statement(&rest, &sql)) {
        enum rc rc = db_execute_text(db, sql, a, error);
        if (rc != RC_OK) return rc;
    }
    return RC_OK;
}

enum rc migration_record(struct db *db, const struct migration *m, struct arena *a, const char **error) {
    char hex[65];
    hex_encode(m->checksum, 32, hex);
    char *insert = arena_printf(
        a, "INSERT INTO schema_migration (version,name,checksum,applied_at) VALUES (%d,'%s','%s',UTC_TIMESTAMP(6))",
        m->version, m->name, hex);
    return insert ? db_execute_text(db, str_of(insert), a, error) : RC_INTERNAL;
}

bool schema_is_current(struct db *db, struct arena *a, const char **reason) {
    struct str **cells;
    size_t rows, columns;
    int64_t count = -1, newest = -1;
    enum rc rc = db_query_text(db, STR("SELECT COUNT(*),COALESCE(MAX(version),0) FROM schema_migration"), a, &cells,
                               &rows, &columns);
    if (rc != RC_OK) {
        *reason = rc == RC_UNAVAILABLE ? "the database does not answer"
                                       : "the database has no schema: run minhuctl migrate";
        return false;
    }
    if (rows == 1 && num_i64(cells[0][0], 0, 9999, &count) && num_i64(cells[0][1], 0, 9999, &newest) &&
        count == SCHEMA_VERSION && newest == SCHEMA_VERSION)
        return true;
    *reason = arena_printf(a, "the schema is at %lld, this build needs %d: run minhuctl migrate", (long long)newest,
                           SCHEMA_VERSION);
    return false;
}
