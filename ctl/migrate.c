/* minhuctl migrate: brings the schema up to date, or says what is missing. */
#include "ctl.h"

#include "acts/audit.h"
#include "db/migrate.h"

#include <getopt.h>
#include <unistd.h>

enum { RENEW_VERSION = 5 };

static const char *const status_texts[] = {[MIGRATION_PENDING] = "pending",
                                           [MIGRATION_APPLIED] = "applied",
                                           [MIGRATION_ALTERED] = "ALTERED since it was applied",
                                           [MIGRATION_UNKNOWN] = "UNKNOWN to this version"};

/* Installed, the folder is data_folder/migrations; in a source tree data_folder/db/migrations. */
static const char *default_folder(struct ctl *c) {
    const char *installed = arena_printf(c->arena, "%s/migrations", c->settings->data_folder);
    const char *source = arena_printf(c->arena, "%s/db/migrations", c->settings->data_folder);
    return installed && source && access(installed, R_OK) != 0 && access(source, R_OK) == 0 ? source : installed;
}

static int refuse_bad(const struct migration *list, size_t n) {
    int code = EX_OK;
    for (size_t i = 0; i < n; i++)
        if (list[i].status == MIGRATION_ALTERED || list[i].status == MIGRATION_UNKNOWN)
            code = ctl_fail(EX_DATAERR, "migration %s is %s", list[i].name, status_texts[list[i].status]);
    return code == EX_OK
               ? code
               : ctl_fail(code, "nothing was applied; use the version of Minhu that this database belongs to");
}

struct recording {
    struct ctl *c;
    const struct migration *migration;
    size_t appeals; /* that ctl_renew saw */
    const char *error;
};

/* The record, and with it the audit line that says what it stands for. */
static enum rc record(struct db *db, void *arg) {
    static const uint8_t nothing[16];
    struct recording *r = arg;
    struct act act = ctl_act(r->c);
    enum rc rc = r->appeals ? audit_write(&act, AUDIT_RENEW, nothing, "appeals from before have their MAC") : RC_OK;
    return rc == RC_OK ? migration_record(db, r->migration, r->c->arena, &r->error) : rc;
}

static int apply_one(struct ctl *c, const struct migration *m) {
    struct recording r = {.c = c, .migration = m};
    enum rc rc = migration_run(c->db, m, c->arena, &r.error);
    if (rc == RC_OK && m->version == RENEW_VERSION) {
        int code = ctl_renew(c, &r.appeals);
        if (code != EX_OK) return code;
    }
    if (rc == RC_OK) rc = db_tx(c->db, record, &r);
    if (rc == RC_OK) return EX_OK;
    return ctl_fail(EX_SOFTWARE,
                    "migration %s failed: %s\nMend the cause and run it again: it goes on where it stopped.", m->name,
                    r.error ? r.error : "the database does not answer");
}

static int apply_all(struct ctl *c, const struct migration *list, size_t n, bool dry_run) {
    size_t done = 0;
    for (size_t i = 0; i < n; i++) {
        if (list[i].status != MIGRATION_PENDING) continue;
        int code = dry_run ? EX_OK : apply_one(c, &list[i]);
        if (code != EX_OK) return code;
        printf("%s %s\n", dry_run ? "would apply" : "applied", list[i].name);
        fflush(stdout);
        done++;
    }
    printf("%zu migration%s %s; the schema is at %04zu\n", done, done == 1 ? "" : "s", dry_run ? "to apply" : "applied",
           dry_run ? n - done : n);
    if (!dry_run && n != SCHEMA_VERSION)
        return ctl_fail(EX_CONFIG, "this build is written for schema %04d: it and the folder are of different versions",
                        SCHEMA_VERSION);
    return EX_OK;
}

int ctl_migrate(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {{"dry-run", no_argument, NULL, 'n'},
                                          {"status", no_argument, NULL, 's'},
                                          {"folder", required_argument, NULL, 'f'},
                                          {0}};
    bool dry_run = false, status = false;
    const char *folder = NULL, *error = NULL;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o == 'n') dry_run = true;
        else if (o == 's') status = true;
        else if (o == 'f') folder = optarg;
        else return EX_USAGE;
    }
    if (optind != argc || (dry_run && status)) return EX_USAGE;
    int code = ctl_need_db(c);
    if (code != EX_OK) return code;
    struct migration *list;
    size_t n;
    if (!folder) folder = default_folder(c);
    if (!folder) return ctl_fail(EX_OSERR, "no memory");
    enum rc rc = migrations_read(c->db, folder, c->arena, &list, &n, &error);
    if (rc != RC_OK) return ctl_fail_rc("migrate", rc, error);
    if (n == 0) return ctl_fail(EX_NOINPUT, "%s holds no migrations", folder);
    for (size_t i = 0; status && i < n; i++) printf("%-24s %s\n", list[i].name, status_texts[list[i].status]);
    code = refuse_bad(list, n);
    return code != EX_OK || status ? code : apply_all(c, list, n, dry_run);
}
