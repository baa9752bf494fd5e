/* The weight of an appeal: by the rules until staff decide otherwise. */
#ifndef MINHU_WEIGH_H
#define MINHU_WEIGH_H

#include "acts/change.h"

/* Who decided it last; kept in the appeal. */
enum weighed_by { WEIGHED_BY_RULES, WEIGHED_BY_STAFF, WEIGHED_AS_REPEATED };

/* Weighs anew by what the appeal is now, unless staff decided. */
void weigh_by_rules(const struct act *act, struct row_appeal *a);
/* Staff say what it weighs (c->detail); the system that the same was reported before. RC_CONFLICT when that changes nothing. */
enum rc do_weigh(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

#endif
