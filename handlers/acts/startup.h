/* What the worker and the jobs do alike before they work: open the log, load the keys, look at the database. */
#ifndef MINHU_STARTUP_H
#define MINHU_STARTUP_H

#include "acts/settings.h"
#include "base/sandbox.h"
#include "base/seal.h"

/* Opens log and libraries, and loads the keys; production mode refuses the sample keys. 0, or an exit code of sysexits after
 * telling why on standard error. program is kept by pointer. */
int startup(const char *program, const struct settings *s, struct keyring **keys);

/* RC_OK; RC_INVALID, logged: the schema is another build's, or the server may lose what it acknowledged (and the settings
 * don't accept that by name); RC_UNAVAILABLE: it does not answer now. */
enum rc startup_check_database(struct db *db, const struct settings *s) MUST_USE;

/* Whom a program talks to besides the database; jobs write the audit heads and report to the service manager themselves, workers
 * read the classifier's model. */
enum startup_needs { NEEDS_ZLB = 1, NEEDS_ZZD = 2, NEEDS_HEAD_FILE = 4, NEEDS_CLASSIFIER = 8, NEEDS_MANAGER = 16 };

/* The bounds that the settings leave to a process with these needs: its files, and the ports of the database and the hosts. NULL
 * when memory is used up. Texts are the settings' or in the arena. */
const struct sandbox *startup_sandbox(const struct settings *s, unsigned needs, struct arena *a);

#endif
