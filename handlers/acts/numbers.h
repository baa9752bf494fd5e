/* Numbers for people, 20261124-000123: unique, taken in blocks, so that no two submissions wait for one row. */
#ifndef MINHU_NUMBERS_H
#define MINHU_NUMBERS_H

#include "db/db.h"

enum { NUMBER_TEXT = 48 };

/* The next number of the Beijing day of now_us. Outside a transaction: a number that isn't used is lost, never given twice. */
enum rc number_take(struct db *db, struct arena *a, int64_t now_us, char out[NUMBER_TEXT]) MUST_USE;

#endif
