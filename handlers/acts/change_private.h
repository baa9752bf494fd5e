/* What change.c and the files of single actions share. */
#ifndef MINHU_CHANGE_PRIVATE_H
#define MINHU_CHANGE_PRIVATE_H

#include "acts/change.h"

/* The clocks that run get the due times of a calendar that knows more; what has run out for good stays so. */
enum rc change_reclock(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

/* Closes the open line, the holder's or a pause's, at this instant's second; the next one starts there. The event that this change
 * writes covers it (act->closed_line). ran_out: it ends with the holder's step clock. RC_INTERNAL, or the database's. */
enum rc change_close_line(struct act *act, struct row_appeal *a, int64_t end_us, bool ran_out) MUST_USE;

#endif
