/* Whom what comes to a unit is told to. */
#ifndef MINHU_CREW_H
#define MINHU_CREW_H

#include "db/db.h"

/* The dispatchers and leads of a unit; where it has none and somebody must act, everybody who holds a post in it. One who holds two
 * posts is there twice. */
enum rc crew_of(struct db *db, struct arena *a, int64_t unit_id, bool must_act, struct row_colleague **rows,
                size_t *n) MUST_USE;

#endif
