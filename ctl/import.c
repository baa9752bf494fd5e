/* minhuctl import: the district's TSV files into the database, or every fault of them on standard error. */
#include "ctl.h"

#include "acts/import.h"

#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 << 20 };

struct importing {
    struct ctl *c;
    struct str texts[IMPORT__MAX];
    struct import_result result;
    const char *why;
    bool preview, reclock;
};

static enum rc import_all(struct db *db, void *arg) {
    (void)db;
    struct importing *i = arg;
    struct act act = ctl_act(i->c);
    enum rc rc = import_run(&act, i->texts, &i->result);
    i->why = act.en;
    if (rc == RC_OK && i->reclock) rc = import_note_version(&act, RULES_VERSION, i->result.version - 1);
    return rc == RC_OK && i->preview ? ctl_preview_clocks(i->c, i->reclock) : rc;
}

static int read_files(struct ctl *c, const char *dir, struct str texts[IMPORT__MAX]) {
    struct stat st;
    size_t found = 0;
    if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode)) return ctl_fail(EX_NOINPUT, "%s is no folder", dir);
    for (int i = 0; i < IMPORT__MAX; i++) {
        const char *path = arena_printf(c->arena, "%s/%s", dir, import_file_name((enum import_file)i));
        if (!path) return ctl_fail(EX_OSERR, "no memory");
        if (access(path, F_OK) != 0) continue;
        const char *why = ctl_read_file(c, path, FILE_MAX, &texts[i]);
        if (why) return ctl_fail(EX_NOINPUT, "%s: %s", path, why);
        found++;
    }
    return found ? EX_OK
                 : ctl_fail(EX_NOINPUT, "%s holds none of the files that import reads (units.tsv and so on)", dir);
}

int ctl_tell_problems(const char *path, const struct import_problems *p, const char *done) {
    for (size_t i = 0; i < p->n; i++) {
        const struct import_problem *x = &p->list[i];
        fprintf(stderr, "%s", path);
        if (x->file < IMPORT__MAX) fprintf(stderr, "/%s", import_file_name(x->file));
        fprintf(stderr, ":%lld", (long long)x->line);
        if (x->column) fprintf(stderr, ":%d: %s: %s\n", x->column, x->name, x->reason);
        else fprintf(stderr, ": %s\n", x->reason);
    }
    return ctl_fail(EX_DATAERR, "%zu fault%s; %s", p->n, p->n == 1 ? "" : "s", done);
}

int ctl_import(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {
        {"preview", no_argument, NULL, 'p'}, {"reclock", no_argument, NULL, 'r'}, {0}};
    bool preview = false, reclock = false;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o != 'p' && o != 'r') return EX_USAGE;
        preview |= o == 'p';
        reclock |= o == 'r';
    }
    if (argc - optind != 1) return EX_USAGE;
    const char *dir = argv[optind];
    int code = ctl_need_all(c);
    struct importing *i = ARENA_NEW(c->arena, struct importing);
    if (code != EX_OK) return code;
    if (!i) return ctl_fail(EX_OSERR, "no memory");
    i->c = c;
    i->preview = preview;
    i->reclock = reclock;
    code = read_files(c, dir, i->texts);
    if (code != EX_OK) return code;
    static const char busy[] = "somebody else is importing just now; nothing was changed, try again";
    enum rc rc = db_tx(c->db, import_all, i);
    if (rc == RC_STALE && preview) return EX_OK;
    if (rc == RC_INVALID && i->result.problems.n)
        return ctl_tell_problems(dir, &i->result.problems, "nothing was imported");
    if (rc != RC_OK) return ctl_fail_rc("import", rc, db_lock_timed_out(c->db) ? busy : i->why);
    for (int f = 0; f < IMPORT__MAX; f++) {
        const struct import_counts *n = &i->result.counts[f];
        if (!i->texts[f].p) continue;
        bool rules = f == IMPORT_INTERESTS || f == IMPORT_STOPPERS || f == IMPORT_FORMS || f == IMPORT_FORM_CHOICES ||
                     f == IMPORT_TEMPLATES || f == IMPORT_TAGS || f == IMPORT_ADDRESSES || f == IMPORT_AREAS ||
                     f == IMPORT_CLOCKS || f == IMPORT_URGENT_WORDS || f == IMPORT_GROUPS;
        if (rules)
            printf("%-15s %6zu rows, replacing all there were\n", import_file_name((enum import_file)f), n->rows);
        else if (f == IMPORT_ROUTES)
            printf("%-15s %6zu rows, replacing all rules, %zu of them new\n", import_file_name((enum import_file)f),
                   n->rows, n->fresh);
        else printf("%-15s %6zu rows, %zu of them new\n", import_file_name((enum import_file)f), n->rows, n->fresh);
    }
    if (i->result.disabled)
        printf("%zu people of staff.tsv are disabled and stay so, without posts\n", i->result.disabled);
    printf("reference data version %lld is in use within seconds\n", (long long)i->result.version);
    if (i->reclock) puts("running clocks take these rules");
    return EX_OK;
}
