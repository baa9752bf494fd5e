/* What a unit can't grant itself and asks the unit above for (design §2): an extension of resolve_by, once a round, and a
 * suspension for a legal or physical reason. One request at a time; it is granted or refused from above, and lapses when the
 * matter moves or ends, or resolve_by passes first. */
#ifndef MINHU_REQUEST_H
#define MINHU_REQUEST_H

#include "acts/change.h"

/* May it be asked for now? RC_LIMIT_REACHED: so often it was in this round. RC_CONFLICT: another request waits, the time is over,
 * or the clocks stand still already. */
enum rc request_may_extend(const struct act *act, const struct row_appeal *a);
enum rc request_may_suspend(const struct act *act, const struct row_appeal *a);
/* Does such a request wait? RC_CONFLICT else. */
enum rc request_is_extension(const struct act *act, const struct row_appeal *a);
enum rc request_is_suspension(const struct act *act, const struct row_appeal *a);
enum rc request_is_open(const struct act *act, const struct row_appeal *a);

/* Puts it into the list of the unit above. c->detail: how many working days; until which day (days since 1970). */
enum rc request_extension(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc request_suspension(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
/* Grants it; c->detail: less than was asked for, or 0 for all of it. The event tells what was granted, and why. */
enum rc request_extend(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc request_suspend(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
/* The matter has another holder, the request waits on: for the unit above that one. */
enum rc request_hand_on(struct act *act, const struct row_appeal *a) MUST_USE;
/* It waits no more: refused, lapsed. */
enum rc request_end(struct act *act, struct row_appeal *a) MUST_USE;

#endif
