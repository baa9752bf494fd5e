/* What the worker and the jobs do alike before they work: open the log, load the keys, look at the database. */
#ifndef MINHU_STARTUP_H
#define MINHU_STARTUP_H

#include "acts/settings.h"
#include "base/seal.h"

/* Opens log and libraries, and loads the keys; production mode refuses the sample keys. 0, or an exit code of sysexits after
 * telling why on standard error. program is kept by pointer. */
int startup(const char *program, const struct settings *s, struct keyring **keys);

/* RC_OK; RC_INVALID, logged: the schema is another build's, or the server may lose what it acknowledged (and the settings
 * don't accept that by name); RC_UNAVAILABLE: it does not answer now. */
enum rc startup_check_database(struct db *db, const struct settings *s) MUST_USE;

#endif
