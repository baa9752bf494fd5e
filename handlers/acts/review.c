/* Results that wait for the unit's lead. */
#include "acts/review.h"

static bool asked_for(const struct act *act, const struct row_appeal *a) {
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    if (holder && holder->review) return true;
    for (const struct category *c = category_by_id(act->district, a->category_id); c; c = c->parent)
        if (c->review) return true;
    return false;
}

enum rc review_wanted(const struct act *act, const struct row_appeal *a, const struct change *c, bool *wanted) {
    struct row_number *leads;
    bool result = c->action == ACT_RESOLVE || c->action == ACT_PLAN;
    *wanted = false;
    if (!result || act->asker.kind != ACTOR_STAFF || act->asker.role == ROLE_LEAD || !asked_for(act, a)) return RC_OK;
    enum rc rc = db_row(act->db, ST_unit_leads, DB_VALUES(v_int(a->holder_unit_id), v_int(ROLE_LEAD)), act->arena,
                        &leads);
    *wanted = rc == RC_OK && leads && leads->n;
    return rc;
}

struct change review_proposal(const struct change *c) {
    struct change proposal = *c;
    proposal.action = ACT_PROPOSE;
    if (c->action == ACT_PLAN) proposal.detail = OUTCOME_PLANNED; /* the lead names the day */
    return proposal;
}

void review_after(struct row_appeal *a, const struct transition *t) {
    bool in_hand = state_box((enum state)a->state) == BOX_IN_HAND;
    if (t->action == ACT_PROPOSE) a->proposal_n = a->events + 1;
    else if (!in_hand || t->action == ACT_ASSIGN || t->action == ACT_TAKE_BACK || t->action == ACT_RELEASE)
        a->proposal_n = 0;
}
