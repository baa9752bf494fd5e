/* A database connection that writes what is inserted to files for LOAD DATA, instead of to the server: the product's own acts
 * then make a large database without a round trip a row.
 *
 * The linker puts it under db_run, db_row and db_rows (--wrap), so that the acts don't know. The appeal at hand is held in memory, as the
 * acts lock and update it; what else is asked for goes to the server. One thread only. */
#ifndef MINHU_BENCH_ROWS_H
#define MINHU_BENCH_ROWS_H

#include "db/db.h"

/* folder: where TABLE.tsv and TABLE.sql (its LOAD DATA) go. seq: the first for events and audit lines. */
void rows_begin(const char *folder, int64_t seq);
/* What the next act will find when it locks the appeal; kept by pointer. post: who it may be assigned to. */
void rows_at_hand(const struct row_appeal *appeal, const struct row_post *post);
/* The appeal at hand is finished: its row is written. */
void rows_appeal_done(void);
/* Closes all files; returns the next seq. Ends the program when a file could not be written. */
int64_t rows_end(void);

#endif
