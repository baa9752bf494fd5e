/* Whose matter it is, ruled by a unit above those that send it to each other; a precedent from then on. */
#ifndef MINHU_RULING_H
#define MINHU_RULING_H

#include "acts/change.h"
#include "rules/succession.h"

/* Only a dispute is ruled: returned twice, sent sideways as often as may be, or sent sideways and returned. */
enum rc ruling_may(const struct act *act, const struct row_appeal *a);
/* The unit named has it, and can neither return nor transfer it; the resident's clock goes on. */
enum rc ruling_run(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

/* Of a ruling kept, on a Beijing day: whose matter it is and who ruled it, or what became of these; NULL for what the district doesn't know. */
void ruling_now(const struct district *d, const struct row_ruling *r, int32_t day, const struct unit **unit,
                const struct unit **ruler);

#endif
