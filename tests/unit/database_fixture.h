/* The database that a test is given: MINHU_TEST_DB_SOCKET and MINHU_TEST_DB_NAME, empty and migrated. */
#ifndef MINHU_TEST_DATABASE_FIXTURE_H
#define MINHU_TEST_DATABASE_FIXTURE_H

#include "db/db.h"

#include <stdlib.h>

enum { NO_DATABASE = 77 }; /* exit status of a test that was given none */

/* Its configuration, with so many seconds for an answer and for a lock; false when there is none. The library is ready then. */
static inline bool database_given(struct db_config *config, int io_seconds, int lock_wait_seconds) {
    const char *socket = getenv("MINHU_TEST_DB_SOCKET"), *name = getenv("MINHU_TEST_DB_NAME");
    *config = (struct db_config){.hosts = "",
                                 .socket = socket,
                                 .user = "root",
                                 .password = "",
                                 .database = name,
                                 .tls_ca = "",
                                 .connect_seconds = 2,
                                 .io_seconds = io_seconds,
                                 .lock_wait_seconds = lock_wait_seconds,
                                 .statement_seconds = io_seconds};
    return socket && name && db_library_init();
}

#endif
