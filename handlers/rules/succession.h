/* Units end by being merged into one, or split into several, which stand for them: struct unit's heirs. */
#ifndef MINHU_SUCCESSION_H
#define MINHU_SUCCESSION_H

#include "rules/routing.h"

/* Whose a matter of a unit that has ended is now: of several heirs the one that the routing rules, else the place, lead to, else the
 * first; then the nearest above that may act, where it is the heir that is complained of. A unit without heirs is its own. Never
 * NULL on a district that has a top. */
const struct unit *succession_heir(const struct district *d, const struct unit *unit, const struct matter *m);

#endif
