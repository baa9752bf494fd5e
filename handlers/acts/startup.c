/* The common start of the long-running programs. */
#include "acts/startup.h"

#include "base/crypto.h"
#include "base/log.h"
#include "db/migrate.h"

#include <sysexits.h>

enum { CHECK_MEMORY = 1 << 20 };

static int load_keys(const char *program, const struct settings *s, struct keyring **keys) {
    char error[400];
    if (keyring_load(s->key_file, keys, error, sizeof error) != RC_OK) {
        fprintf(stderr, "%s: %s\n", program, error);
        return EX_CONFIG;
    }
    if (s->production && keyring_is_sample(*keys)) {
        fprintf(stderr, "%s: %s: production mode refuses the sample keys\n", program, s->key_file);
        return EX_CONFIG;
    }
    return EX_OK;
}

int startup(const char *program, const struct settings *s, struct keyring **keys) {
    log_set_program(program);
    if (!log_open(s->log_file, (enum log_level)s->log_level)) {
        fprintf(stderr, "%s: cannot open the log %s\n", program, s->log_file);
        return EX_CANTCREAT;
    }
    if (!crypto_init() || !db_library_init()) return EX_SOFTWARE;
    return load_keys(program, s, keys);
}

static enum rc check_durable(struct db *db, const struct settings *s, struct arena *a) {
    const char *reason = NULL;
    enum rc rc = db_check_durable(db, a, &reason);
    if (rc != RC_INVALID) return rc;
    log_event(s->accept_weak_durability ? LOG_WARN : LOG_ERROR, "start", "%s", reason ? reason : "");
    return s->accept_weak_durability ? RC_OK : RC_INVALID;
}

enum rc startup_check_database(struct db *db, const struct settings *s) {
    struct arena a;
    const char *reason = NULL;
    arena_init(&a, CHECK_MEMORY);
    enum rc rc = db_ping(db);
    if (rc == RC_OK && !schema_is_current(db, &a, &reason)) {
        log_event(LOG_ERROR, "start", "%s", reason ? reason : "the schema is not this build's");
        rc = RC_INVALID;
    }
    if (rc == RC_OK) rc = check_durable(db, s, &a);
    arena_free(&a);
    return rc;
}
