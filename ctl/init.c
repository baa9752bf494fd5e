/* minhuctl init: the key file, a classifier to begin with, and the first administrator with a one-time invitation. */
#include "train.h"

#include "acts/audit.h"
#include "base/crypto.h"
#include "base/timefmt.h"
#include "base/token.h"
#include "base/utf8.h"
#include "base/uuid.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

enum { INVITATION_HOURS = 24, NAME_MAX_CHARS = 60 };

static int make_keys(struct ctl *c, enum seal_suite suite, bool suite_given) {
    const char *path = c->settings->key_file;
    char why[400];
    if (access(path, F_OK) == 0) {
        printf("key file %s is there already and was kept%s\n", path, suite_given ? "; its suite was not changed" : "");
        return EX_OK;
    }
    if (keyring_create(path, suite, why, sizeof why) != RC_OK) return ctl_fail(EX_CANTCREAT, "%s", why);
    printf("key file %s made: keep a copy apart from the database's backups; without it personal data can't be read\n",
           path);
    return EX_OK;
}

/* Of the seed corpus: enough to guess for a dispatcher, until the district has cases of its own. */
static int make_classifier(struct ctl *c) {
    const char *path = c->settings->classifier_model;
    if (!*path) return EX_OK;
    if (access(path, F_OK) == 0) {
        printf("classifier %s is there already and was kept\n", path);
        return EX_OK;
    }
    char *seed = arena_printf(c->arena, "%s/data/seed-corpus.tsv", c->settings->data_folder);
    if (!seed) return ctl_fail(EX_OSERR, "no memory");
    struct case_files files = {.paths = &seed, .n = 1, .judged = 1};
    printf("classifier %s is made from %s:\n", path, seed);
    return train_make(c, path, &files);
}

struct inviting {
    struct ctl *c;
    struct str name, unit;
    char invitation[TOKEN_TEXT + 1];
    const char *why;
};

static enum rc find_unit(struct act *act, struct inviting *i, int64_t *id) {
    struct row_unit *units;
    size_t n;
    enum rc rc = db_rows(act->db, ST_units, NULL, 0, act->arena, &units, &n);
    *id = 0;
    for (size_t k = 0; rc == RC_OK && k < n; k++)
        if (units[k].active && str_eq(units[k].code, i->unit)) *id = units[k].id;
    if (rc != RC_OK || *id) return rc;
    i->why = n ? "no unit has this code" : "there are no units yet: import the district first";
    return RC_NOT_FOUND;
}

static enum rc insert_person(struct act *act, const struct inviting *i, int64_t unit, uint8_t staff[16]) {
    uint8_t post[16];
    struct str sealed;
    if (!uuid_make(act->now_us, staff) || !uuid_make(act->now_us, post)) return RC_INTERNAL;
    enum rc rc = seal(act->keys, PLACE_STAFF_NAME, staff, i->name, act->arena, &sealed);
    if (rc == RC_OK)
        rc = db_run(act->db, ST_staff_insert,
                    DB_VALUES(v_id(staff), v_null(), v_bytes(sealed), v_null(), v_null(), v_time(act->now_us)), NULL);
    if (rc == RC_OK)
        rc = db_run(
            act->db, ST_post_insert,
            DB_VALUES(v_id(post), v_id(staff), v_int(unit), v_int(ROLE_ADMINISTRATOR), v_int(1), v_time(act->now_us)),
            NULL);
    return rc;
}

static enum rc invite(struct db *db, void *arg) {
    struct inviting *i = arg;
    struct act act = ctl_act(i->c);
    uint8_t staff[16], secret[32], hash[32];
    int64_t unit, until = act.now_us + INVITATION_HOURS * INT64_C(3600) * SECOND_US;
    enum rc rc = find_unit(&act, i, &unit);
    if (rc == RC_OK) rc = insert_person(&act, i, unit, staff);
    if (rc != RC_OK) return rc;
    if (!random_bytes(secret, sizeof secret)) return RC_INTERNAL;
    token_format("mhi_", secret, i->invitation);
    wipe(secret, sizeof secret);
    if (!token_hash(str_of(i->invitation), hash)) return RC_INTERNAL;
    rc = db_run(db, ST_invitation_insert, DB_VALUES(v_hash(hash), v_id(staff), v_time(until)), NULL);
    return rc == RC_OK ? audit_write(&act, AUDIT_INVITATION, staff, "first administrator") : rc;
}

static int make_administrator(struct ctl *c, const char *name, const char *unit) {
    struct inviting i = {.c = c, .name = str_of(name), .unit = str_of(unit)};
    if (!i.name.n || !utf8_is_text(i.name) || utf8_count(i.name) > NAME_MAX_CHARS)
        return ctl_fail(EX_DATAERR, "--admin is a name of 1 to %d characters", NAME_MAX_CHARS);
    int code = ctl_need_all(c);
    if (code != EX_OK) return code;
    enum rc rc = db_tx(c->db, invite, &i);
    if (rc != RC_OK) return ctl_fail_rc("init", rc, i.why);
    printf("administrator of %s made. The invitation works once, within %d hours, and is shown only now:\n\n"
           "  /zzd/v1/sessions/invitation#%s\n\n"
           "Sign in with POST /zzd/v1/sessions/invitation and the body {\"invitation\":\"%s\"}.\n",
           unit, INVITATION_HOURS, i.invitation, i.invitation);
    return EX_OK;
}

int ctl_init(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {{"suite", required_argument, NULL, 's'},
                                          {"admin", required_argument, NULL, 'a'},
                                          {"unit", required_argument, NULL, 'u'},
                                          {0}};
    enum seal_suite suite = SUITE_AES;
    bool suite_given = false;
    const char *admin = NULL, *unit = NULL;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o == 'a') admin = optarg;
        else if (o == 'u') unit = optarg;
        else if (o == 's' && (strcmp(optarg, "aes") == 0 || strcmp(optarg, "sm") == 0)) {
            suite = strcmp(optarg, "sm") == 0 ? SUITE_SM : SUITE_AES;
            suite_given = true;
        } else return EX_USAGE;
    }
    if (optind != argc || !admin != !unit) return EX_USAGE;
    int code = ctl_need_settings(c);
    if (code == EX_OK) code = make_keys(c, suite, suite_given);
    if (code == EX_OK) code = make_classifier(c);
    return code == EX_OK && admin ? make_administrator(c, admin, unit) : code;
}
