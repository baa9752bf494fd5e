/* minhuctl, the operator's program: what its commands share. Settings, database and keys are opened when a command
 * needs them. */
#ifndef MINHU_CTL_H
#define MINHU_CTL_H

#include "acts/act.h"
#include "acts/settings.h"
#include "base/arena.h"
#include "base/seal.h"
#include "db/db.h"

#include <stdio.h>
#include <sysexits.h>

struct ctl {
    const char *config_path;
    struct arena *arena;
    int64_t now_us;
    struct settings *settings; /* these four: NULL or empty before they were needed */
    struct db_config db_config;
    struct db *db;
    struct keyring *keys;
};

/* Each opens what it says, and what that needs, once. 0, or an exit code after telling why on standard error. */
int ctl_need_settings(struct ctl *c);
int ctl_need_db(struct ctl *c);
int ctl_need_keys(struct ctl *c);
/* Settings, keys and database. */
int ctl_need_all(struct ctl *c);

/* An act of the system itself; c must have its database and keys. */
struct act ctl_act(struct ctl *c);
/* "minhuctl: …" on standard error; returns code. */
int ctl_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Tells that what (e.g. "import") ended with rc, with the act's own text where it has one; returns the exit code of rc.
 */
int ctl_fail_rc(const char *what, enum rc rc, const char *text);
/* Reads a file of at most max bytes; NULL and *text set, else why not. Unlike the settings, it may be empty. */
const char *ctl_read_file(struct ctl *c, const char *path, size_t max, struct str *text);
/* A person's name or mobile as lists show it: 张*, 199****0001. */
struct str ctl_mask_name(struct ctl *c, struct str name);
struct str ctl_mask_mobile(struct ctl *c, struct str mobile);
/* The part of migration 0005 that needs the keys, once there are appeals; between its statements and its record. seen: how
 * many appeals there are. Goes on where it stopped. 0, or an exit code after telling why. */
int ctl_renew(struct ctl *c, size_t *seen);
/* path: the folder of an import, the file of a reorganisation. Each problem as FILE:LINE:COLUMN: NAME: REASON on standard error, and how many; EX_DATAERR. done: what was not done. */
struct import_problems;
int ctl_tell_problems(const char *path, const struct import_problems *p, const char *done);
/* Within the transaction of an import: tells which running clocks it would move, by the rules that they began with or those of now;
 * the transaction is to be rolled back: RC_STALE, when all is told. */
enum rc ctl_preview_clocks(struct ctl *c, bool rules);
/* A buffer's JSON and a line feed on standard output; the exit code. */
int ctl_print_json(const struct buf *b);

/* The commands: argv[0] is the command's name; each returns an exit code of sysexits.h. */
int ctl_migrate(struct ctl *c, int argc, char **argv);
int ctl_init(struct ctl *c, int argc, char **argv);
int ctl_import(struct ctl *c, int argc, char **argv);
int ctl_calendar(struct ctl *c, int argc, char **argv);
int ctl_demo(struct ctl *c, int argc, char **argv);
int ctl_key(struct ctl *c, int argc, char **argv);
int ctl_staff(struct ctl *c, int argc, char **argv);
int ctl_check(struct ctl *c, int argc, char **argv);
int ctl_audit(struct ctl *c, int argc, char **argv);
int ctl_route(struct ctl *c, int argc, char **argv);
int ctl_reorganise(struct ctl *c, int argc, char **argv);
int ctl_qr(struct ctl *c, int argc, char **argv);
int ctl_train(struct ctl *c, int argc, char **argv);

#endif
