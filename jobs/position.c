/* How far a job has come, kept in the database: what it has done already is done for every process and every start. */
#include "job.h"

#include "base/log.h"
#include "base/num.h"

#include <stdio.h>

enum rc job_position(struct job *job, struct db *db, const char *name, int64_t *position) {
    struct row_setting *row;
    enum rc rc = db_row(db, ST_setting_get, DB_VALUES(v_z(name)), &job->arena, &row);
    *position = 0;
    if (rc == RC_OK && row && !num_i64(row->value, 0, INT64_MAX, position)) {
        log_event(LOG_ERROR, job->kind->name, "the setting %s is not a number", name);
        return RC_INTERNAL;
    }
    return rc;
}

enum rc job_set_position(struct db *db, const char *name, int64_t position) {
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)position);
    return db_later(db, ST_setting_put, DB_VALUES(v_z(name), v_z(text)));
}
