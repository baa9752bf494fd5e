/* minhuctl reorganise: units merge, split and are renamed as one act; what it would do, and what is still to be handed over. */
#include "ctl.h"

#include "acts/reference.h"
#include "acts/reorganise.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "rules/succession.h"

#include <getopt.h>

enum { FILE_MAX = 16 << 20 };

#define SHOWN(s) (int)(s).n, (s).p

struct reorganising {
    struct ctl *c;
    struct str text;
    struct reorganise_result result;
    const char *why;
    bool preview;
};

/* ---- what goes where ---- */

/* Of a unit that is split: which of its open matters goes to which heir, by the rules and places as they are now. */
static enum rc print_split(struct ctl *c, const struct district *d, const struct reorganised_unit *u) {
    struct row_routed_appeal *rows;
    size_t n, to[REORGANISE_HEIRS_MAX + 1] = {0};
    int32_t day, second;
    enum rc rc = db_rows(c->db, ST_open_routed, DB_VALUES(v_int(u->id)), c->arena, &rows, &n);
    time_split_beijing(c->now_us, &day, &second);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        const struct matter m = {category_by_id(d, rows[i].category_id),
                                 place_by_id(d, rows[i].place_id),
                                 unit_by_id(d, rows[i].about_unit_id),
                                 (enum channel)rows[i].channel,
                                 (enum kind)rows[i].kind,
                                 day};
        const struct unit *heir = succession_heir(d, unit_by_id(d, u->id), &m);
        size_t at = 0;
        while (at < u->heir_count && u->heirs[at]->id != heir->id) at++;
        to[at]++;
    }
    for (size_t i = 0; rc == RC_OK && i < u->heir_count; i++)
        printf("  -> %.*s %.*s: share %lld %%, %zu open\n", SHOWN(u->heirs[i]->code), SHOWN(u->heirs[i]->name),
               (long long)u->shares[i], to[i]);
    if (rc == RC_OK && to[u->heir_count])
        printf("  -> a unit above, as it is about one of these: %zu open\n", to[u->heir_count]);
    return rc;
}

static enum rc print_ended(struct ctl *c, const struct district *d, const struct reorganised_unit *u) {
    printf("%.*s %.*s ends: %lld matters, %lld of them open; %lld posts, %lld places, %lld units below\n",
           SHOWN(u->code), SHOWN(u->name), (long long)u->all, (long long)u->open, (long long)u->posts,
           (long long)u->places, (long long)u->units);
    return print_split(c, d, u);
}

static enum rc print_plan(struct ctl *c, const struct reorganise_result *r) {
    const struct reorganisation *p = &r->plan;
    struct reference *reference = reference_open(c->db, c->settings->work_hours);
    enum rc rc = reference ? RC_OK : RC_INTERNAL;
    for (size_t i = 0; i < p->row_count; i++) {
        const struct import_reorganisation *row = p->rows[i].row;
        if (row->act == REORGANISE_NEW) printf("%.*s %.*s is made\n", SHOWN(row->code), SHOWN(row->name));
        if (row->act == REORGANISE_RENAME) printf("%.*s is renamed %.*s\n", SHOWN(row->code), SHOWN(row->name));
    }
    for (size_t i = 0; rc == RC_OK && i < p->unit_count; i++)
        if (p->units[i].heir_count) rc = print_ended(c, reference_district(reference), &p->units[i]);
    if (rc == RC_OK)
        printf(
            "follow: %lld routing rules (%lld needless ones go), %lld keys, %lld groups, %lld interests, %lld days of "
            "calendars, %lld known troubles\n",
            (long long)r->rules, (long long)r->rules_dropped, (long long)r->keys, (long long)r->groups,
            (long long)r->interests, (long long)r->calendars, (long long)r->troubles);
    if (reference) reference_close(reference);
    return rc;
}

/* Told within the transaction, of the data as they are to be; a preview is then rolled back. */
static enum rc reorganise_all(struct db *db, void *arg) {
    (void)db;
    struct reorganising *r = arg;
    struct act act = ctl_act(r->c);
    enum rc rc = reorganise_run(&act, r->text, &r->result);
    r->why = act.en;
    if (rc == RC_OK) rc = print_plan(r->c, &r->result);
    return rc == RC_OK && r->preview ? RC_STALE : rc;
}

static int reorganise(struct ctl *c, const char *path, bool preview) {
    static const char busy[] = "somebody else changes the district just now; nothing was changed, try again";
    struct reorganising *r = ARENA_NEW(c->arena, struct reorganising);
    if (!r) return ctl_fail(EX_OSERR, "no memory");
    const char *why = ctl_read_file(c, path, FILE_MAX, &r->text);
    if (why) return ctl_fail(EX_NOINPUT, "%s: %s", path, why);
    r->c = c;
    r->preview = preview;
    enum rc rc = db_tx(c->db, reorganise_all, r);
    if (rc == RC_STALE && preview) {
        puts("nothing was changed");
        return EX_OK;
    }
    if (rc == RC_INVALID && r->result.problems.n)
        return ctl_tell_problems(path, &r->result.problems, "nothing was changed");
    if (rc != RC_OK) return ctl_fail_rc("reorganise", rc, db_lock_timed_out(c->db) ? busy : r->why);
    printf("reference data version %lld is in use within seconds; minhu-jobs hands the matters over, see --status\n",
           (long long)r->result.version);
    return EX_OK;
}

/* ---- what is left ---- */

static enum rc print_succession(const struct district *d, const struct row_unit_succession *s,
                                const struct row_held *held) {
    const struct unit *old = unit_by_id(d, s->old_id), *heir = unit_by_id(d, s->new_id);
    char at[TIME_TEXT_MAX];
    if (!old || !heir) return RC_INTERNAL;
    printf("%.*s %.*s -> %.*s %.*s, share %lld %%, since %.*s", SHOWN(old->code), SHOWN(old->name), SHOWN(heir->code),
           SHOWN(heir->name), (long long)s->share, (int)time_format_beijing(s->at, 0, at), at);
    if (held->all) printf(": %lld matters are left, %lld of them open\n", (long long)held->all, (long long)held->open);
    else puts(": done");
    return RC_OK;
}

static int status(struct ctl *c) {
    const struct reference *r = reference_open(c->db, c->settings->work_hours);
    struct row_unit_succession *rows;
    size_t n;
    if (!r) return ctl_fail(EX_DATAERR, "the district can't be loaded; the log line above says why");
    enum rc rc = db_rows(c->db, ST_unit_successions, NULL, 0, c->arena, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct row_held *held;
        if (!rows[i].direct) continue;
        rc = db_row(c->db, ST_held_by_unit, DB_VALUES(v_int(rows[i].old_id)), c->arena, &held);
        if (rc == RC_OK) rc = held ? print_succession(reference_district(r), &rows[i], held) : RC_INTERNAL;
    }
    if (rc == RC_OK && !n) puts("no unit has ended");
    return rc == RC_OK ? EX_OK : ctl_fail_rc("reorganise", rc, NULL);
}

int ctl_reorganise(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {{"preview", no_argument, NULL, 'p'}, {"status", no_argument, NULL, 's'}, {0}};
    bool preview = false, asked = false;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o != 'p' && o != 's') return EX_USAGE;
        preview |= o == 'p';
        asked |= o == 's';
    }
    if (argc - optind != !asked || (asked && preview)) return EX_USAGE;
    int code = ctl_need_all(c);
    if (code != EX_OK) return code;
    return asked ? status(c) : reorganise(c, argv[optind], preview);
}
