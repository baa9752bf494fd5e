/* The demands of an appeal (诉求点), each of which its result answers or refuses. Until somebody sets them right they are what the rules
 * find in its text, and nothing is kept of them; then the event is kept that numbered them, or answered them. */
#ifndef MINHU_ACTS_DEMANDS_H
#define MINHU_ACTS_DEMANDS_H

#include "acts/change.h"
#include "rules/demands.h"

/* As they are now; with the answers of the last result, if it gave any, whatever the state is. The texts live as long as the appeal's,
 * or in the arena. event: the event a->demands_n if it is at hand, else NULL, and it is read. */
enum rc demands_of(const struct act *act, const struct row_appeal *a, const struct row_event *event,
                   struct demands *d) MUST_USE;

/* The action NUMBER_DEMANDS: c->text is demands_write of what they are to be. RC_LIMIT_REACHED when they were set right too often,
 * RC_CONFLICT when that is what they are. */
enum rc demands_may_number(const struct act *act, const struct row_appeal *a);
enum rc demands_number(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

/* A result of staff answers each demand, where there are several: c->demands has the outcomes by number. The answers follow the result's
 * text in the event; given none, those of the proposal that waits for the lead hold. RC_INVALID with texts when one is left out or isn't
 * there. */
enum rc demands_answer(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

#endif
