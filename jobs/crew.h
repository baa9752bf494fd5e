/* Whom what comes to a unit is told to. */
#ifndef MINHU_CREW_H
#define MINHU_CREW_H

#include "db/db.h"

/* The dispatchers and leads of a unit, for one who is away his substitute; where none is there, everybody who holds a post in it, if
 * somebody must act, else its dispatchers and leads all the same. One who holds two posts is there twice. */
enum rc crew_of(struct db *db, struct arena *a, int64_t unit_id, bool must_act, struct row_colleague **rows,
                size_t *n) MUST_USE;

#endif
