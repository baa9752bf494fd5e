/* minhuctl check: is this installation ready to serve? */
#include "ctl.h"

#include "acts/classify.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "db/migrate.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum level { OK, WARN, FAIL };
/* Connections of minhu-jobs, one for each of its fifteen jobs and one of its own, and this command's. */
enum { JOBS = 17 };

static const char *const level_names[] = {[OK] = "ok  ", [WARN] = "warn", [FAIL] = "fail"};

static enum level tell(enum level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
static enum level tell(enum level level, const char *format, ...) {
    va_list args;
    va_start(args, format);
    printf("%s ", level_names[level]);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
    return level;
}

static enum level check_keys(struct ctl *c) {
    char why[400];
    if (keyring_load(c->settings->key_file, &c->keys, why, sizeof why) != RC_OK) return tell(FAIL, "key file: %s", why);
    if (!keyring_is_sample(c->keys)) return tell(OK, "key file: %s", c->settings->key_file);
    return tell(c->settings->production ? FAIL : WARN, "key file: %s holds sample keys", c->settings->key_file);
}

static enum level check_durable(struct ctl *c) {
    const char *reason = NULL;
    enum rc rc = db_check_durable(c->db, c->arena, &reason);
    if (rc == RC_OK) return tell(OK, "database: keeps what it acknowledged");
    bool accepted = rc == RC_INVALID && c->settings->accept_weak_durability;
    return tell(accepted ? WARN : FAIL, "database: %s", reason ? reason : "its settings can't be read");
}

/* Every handler thread keeps a connection, and so does each that stands in for one that waits for a host app, each process for its
 * reference data, each entry for its health, and each job. While new processes take over from old ones, an entry has them twice. */
static int64_t connections(const struct ctl *c, int64_t *widest) {
    int64_t wanted = JOBS;
    *widest = 0;
    for (size_t i = 0; i < ENTRY__MAX; i++) {
        const struct entry_settings *e = &c->settings->entries[i];
        int64_t spare = i == ENTRY_OPEN ? 0 : c->settings->host_calls_max;
        int64_t entry = e->processes * (e->threads + spare + 1) + 1;
        wanted += entry;
        if (entry > *widest) *widest = entry;
    }
    return wanted;
}

static bool read_limit(struct ctl *c, struct str query, int64_t *most) {
    struct str **cells;
    size_t rows, columns;
    return db_query_text(c->db, query, c->arena, &cells, &rows, &columns) == RC_OK && rows == 1 &&
           num_i64(cells[0][0], 0, INT64_MAX, most);
}

static enum level check_connections(struct ctl *c) {
    int64_t most, widest, wanted = connections(c, &widest);
    if (!read_limit(c, STR("SELECT @@max_connections"), &most))
        return tell(FAIL, "connections: the database doesn't tell how many it allows");
    if (wanted + widest <= most)
        return tell(OK, "connections: %lld at most, the database allows %lld", (long long)(wanted + widest),
                    (long long)most);
    return tell(
        wanted > most ? FAIL : WARN,
        "connections: workers and jobs keep %lld at most, %lld while an entry changes over; the database allows %lld. Raise its "
        "max_connections, or lower processes, threads or [hosts] calls_max",
        (long long)wanted, (long long)(wanted + widest), (long long)most);
}

/* A server that has no room for another statement makes connections give theirs back and prepare anew: slower, and for one that has
 * none to give, 503. */
static enum level check_prepared(struct ctl *c) {
    int64_t most, widest, kept = connections(c, &widest);
    kept = (kept + widest) * DB_PREPARED_MAX;
    if (!read_limit(c, STR("SELECT @@max_prepared_stmt_count"), &most))
        return tell(FAIL, "statements: the database doesn't tell how many it keeps prepared");
    if (kept <= most)
        return tell(OK, "statements: %lld prepared at most, the database allows %lld", (long long)kept,
                    (long long)most);
    return tell(WARN,
                "statements: the connections may keep %lld prepared, the database allows %lld. Raise its "
                "max_prepared_stmt_count",
                (long long)kept, (long long)most);
}

static enum level check_schema(struct ctl *c) {
    const char *reason = NULL;
    if (schema_is_current(c->db, c->arena, &reason)) return tell(OK, "schema: %04d", SCHEMA_VERSION);
    return tell(FAIL, "schema: %s", reason ? reason : "not known");
}

static enum level check_units(struct ctl *c) {
    struct row_unit *units;
    size_t n;
    if (db_rows(c->db, ST_units, NULL, 0, c->arena, &units, &n) != RC_OK) return tell(FAIL, "district: can't be read");
    return n ? tell(OK, "district: %zu units", n) : tell(FAIL, "district: nothing is imported; run minhuctl import");
}

/* Handed over by minhu-jobs within minutes, as a rule. */
static enum level check_reorganisation(struct ctl *c) {
    struct row_held *left;
    if (db_row(c->db, ST_left_to_succeed, NULL, 0, c->arena, &left) != RC_OK || !left)
        return tell(FAIL, "reorganisation: can't be read");
    if (!left->all) return tell(OK, "reorganisation: nothing lies with a unit that has ended");
    return tell(
        WARN,
        "reorganisation: %lld matters, %lld of them open, still lie with units that have ended; minhu-jobs hands them "
        "over, see minhuctl reorganise --status",
        (long long)left->all, (long long)left->open);
}

static bool has_year(const struct row_number *years, size_t n, int year) {
    for (size_t i = 0; i < n; i++)
        if (years[i].n == year) return true;
    return false;
}

/* A model may know categories of another district, or some that were closed: what it says of them is lost. */
static enum level check_classifier(struct ctl *c) {
    const char *path = c->settings->classifier_model;
    const struct classifier *m;
    struct row_category *rows;
    size_t n, missing = 0;
    struct arena a;
    if (!*path) return tell(OK, "classifier: none; a category is found by its words");
    arena_init(&a, CLASSIFIER_MEMORY);
    const char *why = classify_read(path, &a, &m);
    if (why || db_rows(c->db, ST_categories, NULL, 0, c->arena, &rows, &n) != RC_OK) {
        arena_free(&a);
        return tell(FAIL, "classifier: %s: %s", path, why ? why : "the district's categories can't be read");
    }
    for (size_t k = 0; k < m->categories; k++) {
        size_t i = 0;
        while (i < n && !(rows[i].active && str_is(rows[i].code, m->codes[k]))) i++;
        missing += i == n;
    }
    enum level level = tell(missing ? WARN : OK,
                            "classifier: model %08x, %zu categories, of which the district lacks %zu", (unsigned)m->id,
                            m->categories, missing);
    arena_free(&a);
    return level;
}

/* The notice for a year comes out in November of the one before. */
static enum level check_calendar(struct ctl *c) {
    struct row_number *years;
    size_t n;
    int32_t today, second;
    int year, month, day;
    time_split_beijing(c->now_us, &today, &second);
    date_from_days(today, &year, &month, &day);
    if (db_rows(c->db, ST_calendar_years, NULL, 0, c->arena, &years, &n) != RC_OK)
        return tell(FAIL, "calendar: can't be read");
    if (!has_year(years, n, year))
        return tell(FAIL,
                    "calendar: %d is missing; due times would count its holidays as work. Run minhuctl calendar import",
                    year);
    if (has_year(years, n, year + 1)) return tell(OK, "calendar: %d and %d are known", year, year + 1);
    return tell(WARN, "calendar: %d is known, %d is not; import it when its notice is out, usually in November", year,
                year + 1);
}

static enum level check_folder(const struct ctl *c) {
    const char *folder = c->settings->upload_folder;
    struct statvfs v;
    if (statvfs(folder, &v) != 0) return tell(FAIL, "photos: %s: %s", folder, strerror(errno));
    if (access(folder, W_OK | X_OK) != 0) return tell(FAIL, "photos: %s can't be written by this user", folder);
    unsigned long long free_mb = (unsigned long long)v.f_bavail * v.f_frsize >> 20,
                       all_mb = (unsigned long long)v.f_blocks * v.f_frsize >> 20;
    unsigned long long percent = all_mb ? free_mb * 100 / all_mb : 0;
    enum level level = free_mb < 256 ? FAIL : free_mb < 2048 || percent < 5 ? WARN : OK;
    return tell(level, "photos: %llu MB (%llu %%) free in %s", free_mb, percent, folder);
}

static enum level check_database(struct ctl *c) {
    static enum level (*const checks[])(struct ctl *) = {check_durable,  check_connections, check_prepared,
                                                         check_schema,   check_units,       check_reorganisation,
                                                         check_calendar, check_classifier};
    c->db = db_open(&c->db_config);
    if (!c->db || db_ping(c->db) != RC_OK) return tell(FAIL, "database: %s does not answer", c->settings->db_name);
    enum level worst = tell(OK, "database: %s answers", c->settings->db_name);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        enum level level = checks[i](c);
        if (level > worst) worst = level;
        if (checks[i] == check_schema && level == FAIL) break; /* the rest would only say the same */
    }
    return worst;
}

int ctl_check(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {{0}};
    if (getopt_long(argc, argv, "", longs, NULL) != -1 || optind != argc) return EX_USAGE;
    if (ctl_need_settings(c) != EX_OK) {
        tell(FAIL, "configuration: %s", c->config_path);
        return 1;
    }
    tell(OK, "configuration: %s, production mode %s", c->config_path, c->settings->production ? "on" : "off");
    enum level levels[] = {check_keys(c), check_database(c), check_folder(c)}, worst = OK;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (levels[i] > worst) worst = levels[i];
    return worst == FAIL ? 1 : EX_OK;
}
