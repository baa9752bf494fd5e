/* The district's reference data, loaded from the database as one immutable whole, and swapped when it was imported anew. */
#ifndef MINHU_REFERENCE_H
#define MINHU_REFERENCE_H

#include "db/db.h"
#include "rules/district.h"

struct reference; /* holds the district in use and the one before */

/* One a process; loads at once. NULL when the database can't give it (reason logged). work_hours as in the settings. */
struct reference *reference_open(struct db *db, const char *work_hours);
void reference_close(struct reference *r);
/* The district in use. Stays valid for at least REFERENCE_GRACE_SECONDS after a newer one was loaded: longer than any request. */
const struct district *reference_district(const struct reference *r);
/* A rule as its row says, with what this district knows of it. */
struct route_rule reference_rule(const struct district *d, const struct row_route_rule *row);
/* Looks whether a newer one was imported, and loads it. From one thread only; call every few seconds. */
void reference_refresh(struct reference *r, struct db *db, int64_t now_us);

enum { REFERENCE_GRACE_SECONDS = 120 };

#endif
