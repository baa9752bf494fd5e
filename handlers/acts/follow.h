/* Duplicates: a matter follows a lead, whose answer becomes its own, and stays its reporter's: his number, clock, rating, right to
 * reopen. Joining ("me too") and the staff's merging are the same. A lead follows none; what follows keeps its holder. */
#ifndef MINHU_FOLLOW_H
#define MINHU_FOLLOW_H

#include "acts/change.h"
#include "acts/submit.h"

enum { FOLLOWERS_COUNTED_MAX = 65535 };

/* Actions of actions.c. MERGE: the lead is c->lead_id, or the one that this follows; RC_INVALID with texts where the asker sees none
 * such, RC_CONFLICT where it can't be followed. UNMERGE; what ends following besides it; JOINED: c->detail follow it. */
enum rc follow_begin(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc follow_leave(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc follow_end(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc follow_count(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
/* The limit of what the system passes on from a lead: only to what follows one (RC_CONFLICT else). Whoever else acts is free. */
enum rc follow_may_pass_on(const struct act *act, const struct row_appeal *a);
/* Progress that the system passes on says whose it is; its detail, which event of the lead, as far as an event has room for it. */
enum rc follow_pass_on(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
int64_t follow_told(int64_t lead_event_n);
/* What FX_FOLLOWS does: back to the box, without an assignee, is where it would go. */
void follow_effects(struct row_appeal *a, int64_t from_state);

/* Within a transaction: a resident reports what the lead reports. s has his name, phone and number; kind, category and place become
 * the lead's, and what he writes, if anything, is his own. *joined is his matter: a new one, or, *created false, the one that follows
 * the lead already. RC_NOT_FOUND for what hints never show, RC_CONFLICT for what has ended or is his own. */
enum rc appeal_join(struct act *act, const uint8_t lead_id[16], struct submission *s, struct row_appeal **joined,
                    bool *created) MUST_USE;

#endif
