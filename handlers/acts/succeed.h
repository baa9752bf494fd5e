/* What units that have ended leave to those that stand for them, as acts/actions.c names it. */
#ifndef MINHU_SUCCEED_H
#define MINHU_SUCCEED_H

#include "acts/change.h"

/* Whose the matter is, where the unit that had it, or sent it, has ended: rules/succession.h. */
const struct unit *succeed_to(const struct act *act, const struct row_appeal *a, const struct unit *unit);

/* The matter is the heir's: its line begins, every clock goes on with what was left, whoever works on it and came along keeps it. Of
 * what has ended only the holder is another. RC_CONFLICT when the holder has not ended. */
enum rc succeed_matter(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

#endif
