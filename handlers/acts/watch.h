/* What the holder of an accepted matter owes its reporter and the unit that supervises, each until a time: the first call, a word
 * now and then, a reply. The clock reminds of each once. */
#ifndef MINHU_WATCH_H
#define MINHU_WATCH_H

#include "acts/change.h"

/* After a change's own work and effects: sets, moves or ends these times. from: the state before it. */
void watch_after(const struct act *act, struct row_appeal *a, const struct transition *t, int64_t from_state);

/* The clock's own acts: RC_CONFLICT before their time. */
enum rc watch_contact_missed(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc watch_nudge(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

#endif
