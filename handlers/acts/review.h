/* A unit lead's second pair of eyes (四眼): where the unit or the category asks for it, a result that somebody else of the unit gives
 * is only proposed, and its lead resolves the matter with it, or with a better one. */
#ifndef MINHU_REVIEW_H
#define MINHU_REVIEW_H

#include "acts/change.h"

/* Is this change a result that has to be looked at first? Not a lead's own, not where the unit has no lead who could. */
enum rc review_wanted(const struct act *act, const struct row_appeal *a, const struct change *c, bool *wanted) MUST_USE;
/* The result becomes a proposal; an earlier one is forgotten. */
struct change review_proposal(const struct change *c);
/* What follows from any change: a proposal is kept as the event that is about to be written, until the matter leaves the hand of
 * who made it. */
void review_after(struct row_appeal *a, const struct transition *t);

#endif
