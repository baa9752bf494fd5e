/* The actions that give an appeal another holder, as acts/actions.c names them: may_… are their limits. */
#ifndef MINHU_MOVES_H
#define MINHU_MOVES_H

#include "acts/change.h"
#include "rules/routing.h"

enum rc move_may_transfer(const struct act *act, const struct row_appeal *a);
enum rc move_may_return(const struct act *act, const struct row_appeal *a);
enum rc move_may_escalate(const struct act *act, const struct row_appeal *a);

enum rc move_transfer(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc move_delegate(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc move_hand_lead(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc move_return(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc move_escalate(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc move_step_out(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
/* A new category or place routes again; the resident's clock goes on, a holder that stays keeps its step clock. */
enum rc move_classify(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
/* To the unit that a ruling names, which can't send it on sideways or back; it may have it already. */
enum rc move_ruled(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
/* The matter as routing sees it, today. */
struct matter move_matter(const struct act *act, const struct row_appeal *a);
/* Where the matter's category and place would take it now. */
struct routed move_routed_now(const struct act *act, const struct row_appeal *a);
/* The unit that move_classify would give it to: where a new category or place, or those it has, lead. */
const struct unit *move_classified_to(const struct act *act, const struct row_appeal *a, const struct change *c);

#endif
