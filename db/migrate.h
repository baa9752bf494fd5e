/* Forward-only migrations: files NNNN_name.sql of one folder, each applied once, with its checksum remembered. */
#ifndef MINHU_MIGRATE_H
#define MINHU_MIGRATE_H

#include "db.h"

enum { MIGRATIONS_MAX = 200 };

enum migration_status { MIGRATION_PENDING, MIGRATION_APPLIED, MIGRATION_ALTERED, MIGRATION_UNKNOWN };

struct migration {
    int version;
    const char *name; /* "0001_base" */
    struct str sql;   /* empty for MIGRATION_UNKNOWN */
    uint8_t checksum[32];
    enum migration_status status;
};

/* Reads the folder and what the database has applied. RC_OK also when something is altered or unknown: look at the
 * statuses. *error tells what is wrong otherwise (folder unreadable, a gap in the numbers, …). */
enum rc migrations_read(struct db *db, const char *folder, struct arena *a, struct migration **list, size_t *n,
                        const char **error) MUST_USE;
/* Runs one pending migration's statements; run again after a kill it completes (each statement is repeatable). */
enum rc migration_run(struct db *db, const struct migration *m, struct arena *a, const char **error) MUST_USE;
/* Notes that it is applied: from then on workers and jobs may use the schema. */
enum rc migration_record(struct db *db, const struct migration *m, struct arena *a, const char **error) MUST_USE;
/* True when the database has applied exactly the migrations that this build knows; reason else. For workers and jobs. */
bool schema_is_current(struct db *db, struct arena *a, const char **reason);

/* The newest migration that this build's code is written for. */
enum { SCHEMA_VERSION = 45 };

#endif
