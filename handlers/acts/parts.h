/* Joint handling (design §3): the lead calls in units, or organisations without an account, each with a part of its own; the matter
 * is resolved only when every part is done or waived with a reason. A part's row is bound to the last event about it by its MAC. */
#ifndef MINHU_PARTS_H
#define MINHU_PARTS_H

#include "acts/change.h"

/* What is asked of whom. Exactly one of unit and organisation. */
struct part_call {
    const struct unit *unit;
    struct str organisation;
    int64_t due_by; /* 0: when the matter is due */
    bool contact;   /* the unit may see the reporter's contact, too */
    bool handing;   /* the holder hands the matter over right after this, and may have a part of it then */
};

/* Calls a group's members in, each with the same text and due time; lead: the matter goes to the leading unit besides, which needs the
 * version in c. c: text, version. */
enum rc parts_call_group(struct act *act, const uint8_t id[16], const struct unit_group *g, const struct change *c,
                         int64_t due_by, bool lead, struct row_appeal **after) MUST_USE;

/* Reads what the asker's unit is to the appeal by its parts into act->joint; costs a round trip only where there are parts. */
enum rc parts_tie(struct act *act, const struct row_appeal *a) MUST_USE;

/* Limits and runs of the actions, for actions.c. RC_LIMIT_REACHED after PARTS_MAX; resolving with parts left is RC_CONFLICT. */
enum rc part_may_call(const struct act *act, const struct row_appeal *a);
enum rc part_may_resolve(const struct act *act, const struct row_appeal *a);
enum rc part_may_end(const struct act *act, const struct row_appeal *a);
enum rc part_call(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc part_answer(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc part_waive(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc part_assign(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
/* The clock's: a part's due time has passed, which is told once of each due time. RC_CONFLICT else. */
enum rc part_late(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

/* PART_LINK and PART_UNLINK: links.h. */
/* The unit called in has ended: its part is its heir's, whatever became of it. RC_CONFLICT else. */
enum rc part_may_succeed(const struct act *act, const struct row_appeal *a);
enum rc part_succeed(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc part_link(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

/* While the matter rests its parts' clocks do, too: what a unit waits for is what the matter waits for, and a part is due no later than
 * the matter. Moves the due time of each part that is open by what the pause took, as resolve_by is moved; a part that is answered or
 * waived in a pause has its time moved then. Before the pause's line closes. */
enum rc parts_stood_still(struct act *act, const struct row_appeal *a) MUST_USE;

/* Waives what is left of a matter that ends without having been resolved, one part at a call: *n is its number, 0 when none is
 * left. The caller writes the event, whose number is the appeal's next. */
enum rc part_waive_next(struct act *act, struct row_appeal *a, int64_t *n) MUST_USE;

#endif
