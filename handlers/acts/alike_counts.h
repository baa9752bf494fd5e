/* In how many matters each gram stood, kept: written by the job that follows the matters, read by whoever weighs a text. */
#ifndef MINHU_ALIKE_COUNTS_H
#define MINHU_ALIKE_COUNTS_H

#include "acts/act.h"
#include "rules/alike.h"

/* All zero, and *kept (may be NULL) false, where nobody has counted yet. RC_INTERNAL when what is kept isn't what
 * alike_counts_write wrote. */
enum rc alike_counts_read(struct db *db, struct arena *a, struct alike_counts *counts, bool *kept) MUST_USE;
enum rc alike_counts_write(struct db *db, struct arena *a, const struct alike_counts *counts) MUST_USE;

/* Those that this process weighs by. They are never the newest: the job keeps them when they have grown by an eighth, which
 * moves no weight by more than some hundredths, and a process reads them ALIKE_COUNTS_SECONDS after the last time at the
 * earliest. Stay valid for that long. */
const struct alike_counts *alike_counts_in_use(void);
/* Reads them when others are kept. From one thread of the process only; call every few seconds. What fails is tried again. */
void alike_counts_refresh(struct db *db, int64_t now_us);

enum { ALIKE_COUNTS_SECONDS = 120 };

#endif
