/* Leases with fencing: who does a job, and proof within each transaction that he still may.
 *
 * The fence grows each time the lease changes hands. lease_hold locks the lease's row with owner and fence in it: as
 * long as the transaction lasts nobody can take the lease, and once somebody has, the row no longer matches. So safety
 * never depends on clocks; they only decide how soon a dead process is replaced. */
#ifndef MINHU_LEASE_H
#define MINHU_LEASE_H

#include "base/arena.h"
#include "base/rc.h"
#include "db/db.h"

enum { LEASE_SECONDS = 10 };

struct lease {
    const char *name;
    uint8_t owner[16];
    int64_t fence;
    bool held;
    int64_t ends_us; /* monotonic, never later than what the database says */
};

/* Takes a lease that is free or ran out. RC_OK, RC_CONFLICT when another has it, or the database's error. */
enum rc lease_take(struct lease *l, struct db *db, struct arena *a) MUST_USE;
/* Lengthens it when less than seconds of it are left. RC_STALE when another has taken it. */
enum rc lease_keep(struct lease *l, struct db *db, int seconds) MUST_USE;
/* Within a transaction, before anything else: RC_STALE, and held false, when another has taken it. */
enum rc lease_hold(struct lease *l, struct db *db, struct arena *a) MUST_USE;
/* Gives it back, so that another need not wait for its end. */
void lease_free(struct lease *l, struct db *db);

#endif
